/* Bins: the cases of bins.c, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"
#include "learn/bins.h"

static void one_number(const double *x, size_t n, struct bins *bins) {
  const struct bins_source source = {.name = "x", .number = x};
  assert_int_equal(bins_make(&source, 1, n, bins, NULL), NONET_OK);
}

static void assert_words(const struct bins_column *column, unsigned set, const char *words) {
  struct text text = {0};
  bins_words(column, set, &text);
  assert_string_equal(text.data, words);
  text_clear(&text);
}

static void test_quantiles(void **state) {
  double x[100];
  struct bins bins;
  (void)state;
  for (size_t i = 0; i < 100; i++) {
    x[i] = (double)((i * 37) % 100);
  }
  one_number(x, 100, &bins);
  assert_int_equal(bins.column[0].n_bins, 5);
  for (size_t i = 0; i < 100; i++) {
    assert_int_equal(bins.column[0].bin[i], (int)(x[i] / 20));
  }
  assert_string_equal(bins.column[0].words[0], "x < 20");
  assert_string_equal(bins.column[0].words[2], "x in [40, 60)");
  assert_string_equal(bins.column[0].words[4], "x >= 80");
  assert_words(&bins.column[0], 1 | 2 | 16, "x < 40 or x >= 80");
  assert_words(&bins.column[0], 2 | 4, "x in [20, 60)");
  bins_clear(&bins);
}

static void test_ties_and_missing(void **state) {
  double x[100];
  struct bins bins;
  (void)state;
  for (size_t i = 0; i < 100; i++) { /* 70 zeros, 20 different, 10 missing */
    x[i] = i < 70 ? 0 : i < 90 ? (double)i : NAN;
  }
  one_number(x, 100, &bins);
  assert_string_equal(bins.column[0].words[0], "x < 70"); /* 1: the heap of zeros alone */
  for (size_t i = 0; i < 70; i++) {
    assert_int_equal(bins.column[0].bin[i], 0);
  }
  assert_string_equal(bins.column[0].words[bins.column[0].n_bins - 1], "x is missing");
  const unsigned missing = 1u << (bins.column[0].n_bins - 1);
  assert_words(&bins.column[0], missing | 1, "x < 70 or x is missing");
  assert_words(&bins.column[0], missing - 1, "x is there");
  assert_int_equal(bins.column[0].bin[95], (int)bins.column[0].n_bins - 1);
  bins_clear(&bins);
}

static void test_few_values(void **state) {
  const double few[] = {3, -0.0, 1, 0, 3, 1}, all_missing[] = {NAN, NAN}, same[] = {2, 2, 2};
  struct bins bins;
  (void)state;
  one_number(few, 6, &bins);
  assert_int_equal(bins.column[0].n_bins, 3);
  assert_string_equal(bins.column[0].words[0], "x = 0");
  assert_int_equal(bins.column[0].bin[1], bins.column[0].bin[3]);
  assert_string_equal(bins.column[0].words[2], "x = 3");
  bins_clear(&bins);
  one_number(all_missing, 2, &bins);
  assert_int_equal(bins.column[0].n_bins, 1);
  bins_clear(&bins);
  one_number(same, 3, &bins);
  assert_int_equal(bins.column[0].n_bins, 1);
  bins_clear(&bins);
}

#define MANY 10000

static void test_many_values(void **state) {
  static uint32_t code[2 * MANY];
  static char text[MANY][8];
  static const char *values[MANY];
  struct bins bins;
  (void)state;
  for (size_t v = 0; v < MANY; v++) {
    snprintf(text[v], sizeof text[v], "v%05zu", v);
    values[v] = text[v];
    code[v] = (uint32_t)v;
    code[MANY + v] = v < 100 ? BINS_NULL : (uint32_t)(v % 2 ? 7 : 9);
  }
  const struct bins_source source = {.name = "t", .code = code, .values = values, .n_values = MANY};
  assert_int_equal(bins_make(&source, 1, 2 * MANY, &bins, NULL), NONET_OK);
  assert_int_equal(bins.column[0].n_bins, 4);
  assert_int_equal(bins.column[0].n_pooled, MANY - 2);
  assert_string_equal(bins.column[0].words[0], "t = v00007");
  assert_string_equal(bins.column[0].words[1], "t = v00009");
  assert_string_equal(bins.column[0].words[2], "t = one of 9998 rarer values");
  assert_string_equal(bins.column[0].words[3], "t is missing");
  assert_words(&bins.column[0], 1 | 2, "t in {v00007, v00009}");
  assert_words(&bins.column[0], 1 | 2 | 8, "t not one of 9998 rarer values");
  assert_words(&bins.column[0], 8, "t = missing");
  assert_int_equal(bins.column[0].bin[MANY], 3);
  assert_int_equal(bins.column[0].bin[8], 2);
  bins_clear(&bins);
}

static void test_null_value_and_one_left(void **state) {
  const char *values[] = {"a", "b", NULL};
  uint32_t code[200];
  struct bins bins;
  (void)state;
  for (size_t i = 0; i < 200; i++) {
    code[i] = i == 0 ? 1 : i < 50 ? 2 : 0;
  }
  const struct bins_source source = {.name = "g", .code = code, .values = values, .n_values = 3};
  assert_int_equal(bins_make(&source, 1, 200, &bins, NULL), NONET_OK);
  assert_int_equal(bins.column[0].n_bins, 3);
  assert_string_equal(bins.column[0].words[1], "g = b"); /* 3 */
  assert_string_equal(bins.column[0].words[2], "g is missing");
  assert_int_equal(bins.column[0].n_pooled, 0);
  bins_clear(&bins);
}

static void test_memory(void **state) {
  const double x[] = {1, 2, 3, NAN};
  const struct bins_source source = {.name = "x", .number = x};
  struct bins bins;
  (void)state;
  for (long k = 0;; k++) {
    memory_fail_after(k);
    const nonet_status status = bins_make(&source, 1, 4, &bins, NULL);
    memory_fail_after(-1);
    if (status == NONET_OK) {
      bins_clear(&bins);
      assert_true(k > 4);
      break;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_quantiles),
      cmocka_unit_test(test_ties_and_missing),
      cmocka_unit_test(test_few_values),
      cmocka_unit_test(test_many_values),
      cmocka_unit_test(test_null_value_and_one_left),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
