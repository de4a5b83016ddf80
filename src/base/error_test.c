/* Messages: NULL-safe, cut between characters, always UTF-8, with context before, and with a dot
 * under a comma locale. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

static void test_set(void **state) {
  (void)state;
  nonet_error error = {"before"};
  assert_int_equal(error_set(NULL, NONET_E_DATA, "x"), NONET_E_DATA);
  assert_int_equal(error_set(&error, NONET_OK, "x"), NONET_OK);
  assert_string_equal(error.message, "before");
  assert_int_equal(error_set(&error, NONET_E_USAGE, "row %d: %s\n", 7, "bad"), NONET_E_USAGE);
  assert_string_equal(error.message, "row 7: bad");
  error_set(&error, NONET_E_USAGE, "[%s]", error.message);
  assert_string_equal(error.message, "[row 7: bad]");
}

static void test_context(void **state) {
  (void)state;
  nonet_error error = {""};
  assert_int_equal(error_context(&error, NONET_E_IO, "file %d", 1), NONET_E_IO);
  assert_string_equal(error.message, "file 1");
  error_context(&error, NONET_E_IO, "part %s", "a");
  assert_string_equal(error.message, "part a: file 1");
  assert_int_equal(error_context(NULL, NONET_E_IO, "x"), NONET_E_IO);
  assert_int_equal(error_context(&error, NONET_OK, "x"), NONET_OK);
  assert_string_equal(error.message, "part a: file 1");
}

static void test_memory(void **state) {
  (void)state;
  nonet_error error;
  assert_int_equal(error_memory(&error, 4096, "ranks"), NONET_E_MEMORY);
  assert_string_equal(error.message, "out of memory: 4096 bytes for ranks");
}

/* A character of k bytes at every offset around the cut: what is left is UTF-8, and at most k - 1
 * bytes shorter than the room. */
static void test_cut_between_characters(void **state) {
  (void)state;
  static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  for (size_t c = 0; c < 4; c++) {
    for (size_t shift = 0; shift < 4; shift++) {
      struct text text = {0};
      text_repeat(&text, "a", shift);
      text_repeat(&text, characters[c], NONET_ERROR_BYTES);
      nonet_error error = {""};
      error_set(&error, NONET_E_DATA, "%s", text.data);
      size_t length = strlen(error.message);
      assert_true(length < NONET_ERROR_BYTES &&
                  length + strlen(characters[c]) >= NONET_ERROR_BYTES);
      assert_true(text_is_utf8(error.message, length));
      assert_memory_equal(error.message, text.data, length);
      error_context(&error, NONET_E_DATA, "context");
      assert_true(text_is_utf8(error.message, strlen(error.message)));
      assert_memory_equal(error.message, "context: ", 9);
      text_clear(&text);
    }
  }
}

static void test_bytes_that_are_not_utf8(void **state) {
  (void)state;
  nonet_error error;
  error_set(&error, NONET_E_DATA, "%s",
            "a\xFF"
            "b\xC3");
  assert_string_equal(error.message, "a?b?");
}

static void test_comma_locale(void **state) {
  (void)state;
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
    skip();
  }
  nonet_error error;
  error_set(&error, NONET_E_DATA, "%.2f", 0.25);
  setlocale(LC_ALL, "C");
  assert_string_equal(error.message, "0.25");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_set),
      cmocka_unit_test(test_context),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_cut_between_characters),
      cmocka_unit_test(test_bytes_that_are_not_utf8),
      cmocka_unit_test(test_comma_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
