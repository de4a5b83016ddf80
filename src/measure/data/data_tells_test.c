/*
 * What a column tells: nothing, everything, and values by hand. Against scikit-learn and SciPy:
 * tests/e2e/test_data.py.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/data/data_tells.h"
#include "stats/near_check.h"

static uint32_t label[] = {0, 0, 0, 0, 1, 1, 1, 1};

static struct tells of_numbers(double *number, size_t n_classes) {
  const struct frame_column column = {.kind = FRAME_NUMBER, .number = number};
  struct tells tells;
  assert_int_equal(data_tells_class(&column, label, 8, n_classes, 1, &tells, NULL), NONET_OK);
  return tells;
}

static struct tells of_codes(uint32_t *code, size_t n_values) {
  const struct frame_column column = {.kind = FRAME_CATEGORY, .code = code, .n_values = n_values};
  struct tells tells;
  assert_int_equal(data_tells_class(&column, label, 8, 2, 1, &tells, NULL), NONET_OK);
  return tells;
}

/* 14 of 16 pairs are in order: AUC 0.875; upside down the same. Wilson: scipy.stats.binomtest(4,
 * 4).proportion_ci(method="wilson") = 0.5101092; 2·that − 1. */
static void test_numbers(void **state) {
  (void)state;
  double up[] = {1, 2, 3, 6, 4, 5, 7, 8}, down[] = {8, 7, 6, 3, 5, 4, 2, 1};
  double all[] = {1, 2, 3, 4, 5, 6, 7, 8}, low, high;
  struct tells tells = of_numbers(up, 2);
  assert_int_equal(tells.kind, TELLS_AUC);
  CLOSE(tells.value, 0.75, 1e-15);
  data_tells_limits(&tells, 0.95, &low, &high);
  assert_true(low < 0.75 && high > 0.75 && high <= 1);
  CLOSE(of_numbers(down, 2).value, 0.75, 1e-15);
  tells = of_numbers(all, 2);
  CLOSE(tells.value, 1.0, 0.0);
  data_tells_limits(&tells, 0.95, &low, &high);
  CLOSE(low, 2 * 0.5101092 - 1, 1e-6);
  CLOSE(high, 1.0, 0.0);
}

static void test_missing_numbers(void **state) {
  (void)state;
  double some[] = {1, NAN, 3, NAN, 4, NAN, 7, INFINITY},
         none[] = {NAN, NAN, NAN, NAN, NAN, NAN, 1, 2};
  struct tells tells = of_numbers(some, 2);
  CLOSE(tells.n, 4, 0);
  CLOSE(tells.value, 1.0, 0.0);
  assert_int_equal(of_numbers(none, 2).kind, TELLS_NOTHING);
}

/* Bergsma 2013 by hand: two values that agree have χ² = n = 8: φ² = 1 − 1/7, r' = k' = 2 − 1/7: V
 * = 1. Independent: φ² = max(0, 0 − 1/7) = 0. */
static void test_categories(void **state) {
  (void)state;
  uint32_t same[] = {0, 0, 0, 0, 1, 1, 1, 1}, apart[] = {0, 1, 0, 1, 0, 1, 0, 1};
  uint32_t null[] = {0, 0, 0, 0, FRAME_NULL, FRAME_NULL, FRAME_NULL, FRAME_NULL};
  uint32_t one[] = {0, 0, 0, 0, 0, 0, 0, 0};
  CLOSE(of_codes(same, 2).value, 1.0, 1e-12);
  CLOSE(of_codes(apart, 2).value, 0.0, 0.0);
  CLOSE(of_codes(null, 1).value, 1.0, 1e-12); /* that it is missing tells all */
  assert_int_equal(of_codes(one, 1).kind, TELLS_NOTHING);
}

/* `table`: [r][k] rows of each value and class. */
static void v_of(const uint32_t *table, size_t r, size_t k, double value, double low, double high) {
  static uint32_t code[400], of[400];
  const struct frame_column column = {.kind = FRAME_CATEGORY, .code = code, .n_values = r};
  struct tells tells;
  double found_low, found_high;
  size_t n = 0;
  for (size_t cell = 0; cell < r * k; cell++) {
    for (uint32_t i = 0; i < table[cell]; i++) {
      code[n] = (uint32_t)(cell / k);
      of[n++] = (uint32_t)(cell % k);
    }
  }
  assert_int_equal(data_tells_class(&column, of, n, k, 1, &tells, NULL), NONET_OK);
  data_tells_limits(&tells, 0.95, &found_low, &found_high);
  CLOSE(tells.value, value, 1e-12);
  CLOSE(found_low, low, 1e-9);
  CLOSE(found_high, high, 1e-9);
}

/* scipy 1.17.1: chi2_contingency without correction, the λ by brentq on ncx2.cdf; in the third χ²
 * spreads 2.168 times as much as the noncentral one (delta method, NumPy); the last tells less than
 * nothing. */
static void test_limits_of_v(void **state) {
  (void)state;
  v_of((const uint32_t[]){30, 20, 10, 40}, 2, 2, 0.3976974544878587, 0.21333206081584244,
       0.6073197453621377);
  v_of((const uint32_t[]){2, 40, 38, 40, 40, 40}, 3, 2, 0.35813708259385346, 0.22434318268680206,
       0.5051107616012067);
  v_of((const uint32_t[]){85, 5, 5, 5}, 2, 2, 0.43513492577373963, 0.16963401106038084,
       0.7497886876312314);
  v_of((const uint32_t[]){10, 10, 10, 11}, 2, 2, 0, 0, 0.46805608270319354);
}

/* ρ = 1 − 6·Σd²/(n(n² − 1)) = 1 − 6·2/504 with two neighbours swapped. */
static void test_ranks(void **state) {
  (void)state;
  double number[] = {1, 2, 3, 4, 5, 6, 8, 7}, target[] = {8, 7, 6, 5, 4, 3, 2, 1};
  const struct frame_column column = {.kind = FRAME_NUMBER, .number = number};
  struct tells tells;
  assert_int_equal(data_tells_number(&column, target, 8, 1, &tells, NULL), NONET_OK);
  assert_int_equal(tells.kind, TELLS_RANK);
  CLOSE(tells.value, 1 - 12.0 / 504, 1e-12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers),    cmocka_unit_test(test_missing_numbers),
      cmocka_unit_test(test_categories), cmocka_unit_test(test_limits_of_v),
      cmocka_unit_test(test_ranks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
