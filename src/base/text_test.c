/*
 * Text: appends and their failures, numbers that read back, columns, UTF-8, near names. Distances
 * are held against a search over all edits that shares no code with the program; UTF-8 against the
 * table of RFC 3629 walked byte by byte.
 */
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"
#include "base/text.h"
#include "base/utf8.h"

static void write_all(struct text *text) {
  text_append(text, "one");
  text_append_n(text, " two!", 4);
  text_printf(text, " %d-%s", 3, "four");
  text_repeat(text, "=", 70);
  text_grouped(text, 48842);
}

static void test_append(void **state) {
  (void)state;
  struct text text = {0};
  write_all(&text);
  assert_false(text.failed);
  assert_int_equal(text.length, strlen(text.data));
  char *taken = text_take(&text);
  assert_memory_equal(taken, "one two 3-four====", 18);
  assert_string_equal(taken + 84, "48,842");
  memory_free(taken);
  assert_null(text.data);
  taken = text_take(&text);
  assert_string_equal(taken, "");
  memory_free(taken);
  text_repeat(&text, "ab", SIZE_MAX);
  assert_true(text.failed);
  assert_null(text_take(&text));
}

static void test_allocation_failures(void **state) {
  (void)state;
  long n_made = 1;
  for (long n = 0; n < n_made; n++) {
    struct text text = {0};
    memory_fail_after(n);
    write_all(&text);
    char *taken = text_take(&text);
    long made = memory_fail_after(-1);
    assert_true((taken == NULL) == (made > n));
    memory_free(taken);
    n_made = made > n_made ? made : n_made;
    if (taken != NULL) {
      break;
    }
    n_made = n + 2;
  }
  assert_true(n_made >= 3);
}

static void assert_number(double value, const char *expected) {
  struct text text = {0};
  text_number(&text, value);
  assert_string_equal(text.data, expected);
  text_clear(&text);
}

/* The expected texts are Python's repr, but for its ".0". */
static void test_numbers(void **state) {
  (void)state;
  assert_number(0.1, "0.1");
  assert_number(1e-300, "1e-300");
  assert_number(1e-5, "1e-05");
  assert_number(3, "3");
  assert_number(0, "0");
  assert_number(-0.0, "-0");
  assert_number(0.1 + 0.2, "0.30000000000000004");
  assert_number(1.0 / 3, "0.3333333333333333");
  assert_number(DBL_MAX, "1.7976931348623157e+308");
  assert_number(DBL_MIN, "2.2250738585072014e-308");
  assert_number(DBL_TRUE_MIN, "5e-324");
  assert_number(123456789012345678.0, "1.2345678901234568e+17");
  assert_number(NAN, "null");
  assert_number(-INFINITY, "null");
}

static void test_numbers_read_back(void **state) {
  (void)state;
  struct philox_sequence sequence = {.seed = 5};
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = (uint64_t)philox_next_u32(&sequence) << 32;
    bits |= philox_next_u32(&sequence);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) {
      continue;
    }
    struct text text = {0};
    text_number(&text, value);
    assert_true(strtod(text.data, NULL) == value);
    text_clear(&text);
  }
}

static void test_numbers_in_a_comma_locale(void **state) {
  (void)state;
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
    skip();
  }
  assert_true(strtod("0,5", NULL) == 0.5); /* the locale is what we think it is */
  assert_number(0.1, "0.1");
  assert_number(1.0 / 3, "0.3333333333333333");
  struct text text = {0};
  text_printf(&text, "%.3f", 0.5);
  assert_string_equal(text.data, "0.500");
  text_clear(&text);
  assert_true(strtod("0,5", NULL) == 0.5); /* and it stays the host's */
  setlocale(LC_ALL, "C");
}

static void test_grouped(void **state) {
  (void)state;
  static const struct {
    unsigned long long value;
    const char *expected;
  } cases[] = {{0, "0"},
               {999, "999"},
               {1000, "1,000"},
               {1234567, "1,234,567"},
               {ULLONG_MAX, "18,446,744,073,709,551,615"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text text = {0};
    text_grouped(&text, cases[i].value);
    assert_string_equal(text.data, cases[i].expected);
    text_clear(&text);
  }
}

/* Widths as the Unicode Character Database gives them (Mn, Me, Cf: 0; East_Asian_Width W, F: 2). */
static void test_columns(void **state) {
  (void)state;
  assert_int_equal(text_columns(""), 0);
  assert_int_equal(text_columns("abc"), 3);
  assert_int_equal(text_columns("caf\u00e9"), 4);
  assert_int_equal(text_columns("cafe\u0301"), 4);
  assert_int_equal(text_columns("\u65e5\u672c\u8a9e"), 6);
  assert_int_equal(text_columns("\uff21"), 2); /* fullwidth A */
  assert_int_equal(text_columns("\uff71"), 1); /* halfwidth katakana */
  assert_int_equal(text_columns("\ud55c\uad6d"), 4);
  assert_int_equal(text_columns("\u1112\u1161\u11ab"), 2); /* the same syllable in parts */
  assert_int_equal(text_columns("\U0001f600"), 2);
  assert_int_equal(text_columns("\U00020000"), 2);
  assert_int_equal(text_columns("a\u200db"), 2); /* a joiner */
  assert_int_equal(text_columns("\u00ad"), 1);
  assert_int_equal(text_columns("\u2014\u20ac\u03b1"), 3);
  assert_int_equal(text_columns("a\tb\x1b"), 2);
  assert_int_equal(text_columns("\u1249"), 1); /* unassigned, beside Ethiopic */
  assert_int_equal(text_columns("a\xff"
                                "b"),
                   3);
}

/* Every sequence of up to four bytes from the edges of RFC 3629's ranges, against its grammar
 * written out. */
static bool utf8_by_grammar(const unsigned char *b, size_t n) {
  for (size_t i = 0; i < n;) {
    size_t left = n - i;
    const unsigned char *c = b + i;
#define TAIL(k) (left > (k) && c[k] >= 0x80 && c[k] <= 0xBF)
#define SECOND(low, high) (left > 1 && c[1] >= (low) && c[1] <= (high))
    if (c[0] <= 0x7F) {
      i += 1;
    } else if (c[0] >= 0xC2 && c[0] <= 0xDF && TAIL(1)) {
      i += 2;
    } else if ((c[0] == 0xE0 && SECOND(0xA0, 0xBF) && TAIL(2)) ||
               (c[0] >= 0xE1 && c[0] <= 0xEC && TAIL(1) && TAIL(2)) ||
               (c[0] == 0xED && SECOND(0x80, 0x9F) && TAIL(2)) ||
               ((c[0] == 0xEE || c[0] == 0xEF) && TAIL(1) && TAIL(2))) {
      i += 3;
    } else if ((c[0] == 0xF0 && SECOND(0x90, 0xBF) && TAIL(2) && TAIL(3)) ||
               (c[0] >= 0xF1 && c[0] <= 0xF3 && TAIL(1) && TAIL(2) && TAIL(3)) ||
               (c[0] == 0xF4 && SECOND(0x80, 0x8F) && TAIL(2) && TAIL(3))) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

static void test_utf8(void **state) {
  (void)state;
  static const unsigned char edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                        0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  enum { N = sizeof edges };
  for (size_t i = 0; i < (size_t)N * N * N * N; i++) {
    unsigned char b[4] = {edges[i % N], edges[i / N % N], edges[i / N / N % N],
                          edges[i / N / N / N]};
    for (size_t n = 1; n <= 4; n++) {
      if (text_is_utf8((const char *)b, n) != utf8_by_grammar(b, n)) {
        fail_msg("%02x %02x %02x %02x, %zu bytes", b[0], b[1], b[2], b[3], n);
      }
    }
  }
  assert_true(text_is_utf8("", 0));
}

static size_t near_one(const char *wanted, const char *name) {
  size_t near;
  return text_nearest(wanted, &name, 1, 1, &near);
}

static void test_nearest(void **state) {
  (void)state;
  static const char *const names[] = {"Scores", "score", "age", "scroe", "sex", "SCORE"};
  size_t near[6];
  assert_int_equal(text_nearest("score", names, 6, 6, near), 4);
  assert_int_equal(near[0], 1);
  assert_int_equal(near[1], 5); /* case ignored; ties keep their order */
  assert_int_equal(near[2], 0);
  assert_int_equal(near[3], 3); /* a swap counts one */
  assert_int_equal(text_nearest("score", names, 6, 2, near), 2);
  assert_int_equal(near[1], 5);
  assert_int_equal(text_nearest("score", names, 6, 0, near), 0);
  assert_int_equal(text_nearest("zebra", names, 6, 6, near), 0);
  assert_int_equal(near_one("y", "Y"), 1);
  assert_int_equal(near_one("y", "x"), 0);
  assert_int_equal(near_one("sx", "sex"), 1);
  assert_int_equal(near_one("gr\u00f6\u00dfe", "GR\u00d6\u00dfE"), 1);
  assert_int_equal(near_one("\u0432\u043e\u0437\u0440\u0430\u0441\u0442",
                            "\u0412\u041e\u0417\u0420\u0410\u0421\u0422"),
                   1);
  /* CA to ABC: 2 (a swap around an insertion) where the restricted distance says 3; padded to 6
   * letters the limit is 2. */
  assert_int_equal(near_one("CAxyzw", "ABCxyzw"), 1);
}

/* Is `to` within n edits of `from`? Tries every insertion, deletion, replacement (letters a, b, c)
 * and swap of neighbours. */
static bool within(const char *from, const char *to, int n) {
  if (strcmp(from, to) == 0) {
    return true;
  }
  size_t length = strlen(from);
  char next[16];
  for (size_t i = 0; n > 0 && i <= length; i++) {
    for (char letter = 'a'; letter <= 'c'; letter++) {
      memcpy(next, from, i);
      next[i] = letter;
      strcpy(next + i + 1, from + i);
      if (within(next, to, n - 1)) {
        return true;
      }
      strcpy(next, from);
      next[i] = i < length ? letter : '\0';
      if (within(next, to, n - 1)) {
        return true;
      }
    }
    if (i < length) {
      memcpy(next, from, i);
      strcpy(next + i, from + i + 1);
      if (within(next, to, n - 1)) {
        return true;
      }
    }
    if (i + 1 < length) {
      strcpy(next, from);
      next[i] = from[i + 1];
      next[i + 1] = from[i];
      if (within(next, to, n - 1)) {
        return true;
      }
    }
  }
  return false;
}

/* Six letters allow two edits. */
static void test_nearest_by_search(void **state) {
  (void)state;
  struct philox_sequence sequence = {.seed = 3};
  for (int i = 0; i < 400; i++) {
    char wanted[7] = "", name[9] = "";
    for (size_t j = 0; j < 6; j++) {
      wanted[j] = (char)('a' + philox_next_u32(&sequence) % 3);
    }
    size_t length = 5 + philox_next_u32(&sequence) % 3;
    for (size_t j = 0; j < length; j++) {
      name[j] = (char)('a' + philox_next_u32(&sequence) % 3);
    }
    if ((near_one(wanted, name) == 1) != within(wanted, name, 2)) {
      fail_msg("%s %s", wanted, name);
    }
  }
}

static void test_long_names(void **state) {
  (void)state;
  char longest[129], longer[130];
  memset(longest, 'a', 128);
  longest[128] = '\0';
  memset(longer, 'a', 129);
  longer[129] = '\0';
  assert_int_equal(near_one(longest, longest), 1);
  assert_int_equal(near_one(longest, longer), 0);
  assert_int_equal(near_one(longer, longer), 0);
  longest[64] = 'b';
  assert_int_equal(near_one("x", longest), 0);
}

static void assert_suggestion(const char *wanted, const char *expected) {
  static const char *const names[] = {"score", "scores", "label", "lable", "labels", "tabel"};
  struct text text = {0};
  text_suggestion(&text, wanted, names, 6);
  assert_string_equal(text.data, expected);
  text_clear(&text);
}

static void test_suggestion(void **state) {
  (void)state;
  assert_suggestion("Scor", " (did you mean 'score'?)");
  assert_suggestion("scoers", " (did you mean 'scores' or 'score'?)");
  assert_suggestion("zzz", "");
  assert_suggestion("labell", " (did you mean 'label', 'labels' or 'lable'?)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_append),
      cmocka_unit_test(test_allocation_failures),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_numbers_read_back),
      cmocka_unit_test(test_numbers_in_a_comma_locale),
      cmocka_unit_test(test_grouped),
      cmocka_unit_test(test_columns),
      cmocka_unit_test(test_utf8),
      cmocka_unit_test(test_nearest),
      cmocka_unit_test(test_nearest_by_search),
      cmocka_unit_test(test_long_names),
      cmocka_unit_test(test_suggestion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
