/*
 * JSON out and in: the three styles, escapes as RFC 8259 asks, reals that stay reals, positions in
 * errors, and a walk over every allocation failure, jansson's included (the test hands jansson this
 * library's memory; the library never does).
 */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"

static json_t *parse(const char *data) {
  json_t *value;
  nonet_error error = {""};
  if (json_text_parse(data, strlen(data), "test", &value, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return value;
}

static void assert_rewritten(const char *data, enum json_text_style style, const char *expected) {
  json_t *value = parse(data);
  struct text text = {0};
  json_text_write(&text, value, style);
  assert_false(text.failed);
  assert_string_equal(text.data, expected);
  text_clear(&text);
  json_decref(value);
}

static void test_styles(void **state) {
  (void)state;
  const char *data =
      "{\"b\": [1, 2.5, null], \"a\": {\"z\": [], \"Z\": {}, \"\u00e9\": [\"x\", 1]}, \"B\": true}";
  assert_rewritten(
      data, JSON_TEXT_COMPACT,
      "{\"b\":[1,2.5,null],\"a\":{\"z\":[],\"Z\":{},\"\u00e9\":[\"x\",1]},\"B\":true}");
  assert_rewritten(
      data, JSON_TEXT_CANONICAL,
      "{\"B\":true,\"a\":{\"Z\":{},\"z\":[],\"\u00e9\":[\"x\",1]},\"b\":[1,2.5,null]}");
  assert_rewritten(
      data, JSON_TEXT_INDENTED,
      "{\n  \"b\": [1, 2.5, null],\n  \"a\": {\n    \"z\": [],\n    \"Z\": {},\n    \"\u00e9\": [\n"
      "      \"x\",\n      1\n    ]\n  },\n  \"B\": true\n}");
  assert_rewritten("[[0,1],[0.5,1]]", JSON_TEXT_INDENTED, "[\n  [0, 1],\n  [0.5, 1]\n]");
  assert_rewritten(" false ", JSON_TEXT_INDENTED, "false");
}

static void test_numbers(void **state) {
  (void)state;
  assert_rewritten("[1.0,1,-0.0,1e-05,1E+20,5e-324,9223372036854775807,-9223372036854775808]",
                   JSON_TEXT_COMPACT,
                   "[1.0,1,-0.0,1e-05,1e+20,5e-324,9223372036854775807,-9223372036854775808]");
  json_t *real = json_text_real(2);
  json_t *none = json_text_real(NAN);
  assert_true(json_is_real(real));
  assert_true(json_is_null(none));
  json_decref(real);
  json_decref(none);
}

static void test_strings(void **state) {
  (void)state;
  json_t *value = json_stringn("\"\\\b\t\n\v\f\r\x01\x1f/\x7f\0\u20ac", 16);
  assert_non_null(value);
  struct text text = {0};
  json_text_write(&text, value, JSON_TEXT_COMPACT);
  assert_string_equal(text.data,
                      "\"\\\"\\\\\\b\\t\\n\\u000b\\f\\r\\u0001\\u001f/\x7f\\u0000\u20ac\"");
  text_clear(&text);
  json_decref(value);
}

static void assert_refused(const char *data, const char *expected) {
  json_t *value = NULL;
  nonet_error error;
  assert_int_equal(json_text_parse(data, strlen(data), "run.json", &value, &error), NONET_E_DATA);
  assert_null(value);
  if (strstr(error.message, expected) == NULL) {
    fail_msg("%s: '%s' is not in '%s'", data, expected, error.message);
  }
  assert_int_equal(json_text_parse(data, strlen(data), "run.json", &value, NULL), NONET_E_DATA);
}

static void test_errors(void **state) {
  (void)state;
  assert_refused("", "run.json: empty");
  assert_refused("{\n  \"a\": 1,\n  b\n}", "run.json: line 3, column 3");
  assert_refused("{\"a\":1,\"a\":2}", "duplicate");
  assert_refused("[1] 2", "end of file expected");
  assert_refused("[NaN]", "line 1");
  assert_refused("[1e999]", "overflow");
  assert_refused("\"a\\u0000\"", "is not allowed");
  assert_refused("[\"\xff\"]", "byte 0xff");
  assert_refused("[1,", "expected");
}

static void test_depth(void **state) {
  (void)state;
  json_t *value = json_null();
  for (int i = 0; i < 3000; i++) {
    json_t *outer = json_array();
    json_array_append_new(outer, value);
    value = outer;
  }
  struct text text = {0};
  json_text_write(&text, value, JSON_TEXT_INDENTED);
  assert_true(text.failed);
  text_clear(&text);
  json_decref(value);
}

static void test_comma_locale(void **state) {
  (void)state;
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
    skip();
  }
  assert_rewritten("[0.5,1.25e10]", JSON_TEXT_COMPACT, "[0.5,12500000000.0]");
  setlocale(LC_ALL, "C");
}

static void *walk_malloc(size_t size_bytes) {
  return memory_new(size_bytes, 1);
}

static void test_allocation_failures(void **state) {
  (void)state;
  const char *data = "{\"b\":[1,2.5,\"text\"],\"a\":{\"z\":[],\"y\":{\"x\":true}}}";
  const char *sorted = "{\"a\":{\"y\":{\"x\":true},\"z\":[]},\"b\":[1,2.5,\"text\"]}";
  json_malloc_t old_malloc;
  json_free_t old_free;
  json_get_alloc_funcs(&old_malloc, &old_free);
  json_set_alloc_funcs(walk_malloc, memory_free);
  long n = 0;
  for (bool done = false; !done; n++) {
    json_t *value = NULL;
    struct text text = {0};
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = json_text_parse(data, strlen(data), "walk", &value, &error);
    if (status == NONET_OK) {
      json_text_write(&text, value, JSON_TEXT_CANONICAL);
    }
    char *taken = text_take(&text);
    long n_made = memory_fail_after(-1);
    done = n_made <= n;
    if (done) {
      assert_string_equal(taken, sorted);
    } else if (status == NONET_OK) {
      assert_null(taken);
    } else {
      assert_null(value);
      assert_true(strlen(error.message) > 0);
    }
    memory_free(taken);
    json_decref(value);
  }
  json_set_alloc_funcs(old_malloc, old_free);
  assert_true(n > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_styles),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_strings),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_depth),
      cmocka_unit_test(test_comma_locale),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
