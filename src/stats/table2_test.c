/* scikit-learn's and statsmodels' values, published tables, every gradient against finite
 * differences. */
#include "stats/table2.h"

#include <string.h>

#include "base/memory.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static double value_of(enum table2_function function, enum table2_average average, double beta,
                       const double *counts, size_t n_classes) {
  struct table2_spec spec = {function, average, n_classes > 1 ? 1 : 0, beta};
  return table2_value(&spec, counts, n_classes, NULL);
}

static void published(void **state) {
  (void)state;
  double se, value;
  struct table2_spec kappa = {.function = TABLE2_KAPPA};
  /* Wikipedia's [[20,5],[10,15]] gives .4; golden: [[20,20],[10,50]] */
  NEAR_WITHIN(value_of(TABLE2_KAPPA, 0, 0, (double[]){20, 20, 10, 50}, 2), 0.34783, 1e-5, 1);
  /* SAS PROC FREQ: kappa .4842, ASE .1380 */
  double sas[] = {0, 4, 1, 0, 8, 0, 0, 1, 5};
  assert_int_equal(table2_estimate(&kappa, sas, 3, &value, &se, NULL), NONET_OK);
  NEAR_WITHIN(value, 0.4842, 6e-5, 1);
  NEAR_WITHIN(se, 0.1380, 6e-5, 1);
  /* scikit-learn's documentation: MCC ([1,1,1,-1],[1,-1,1,1]) -1/3; balanced accuracy .625; macro
   * F1 .26667 */
  NEAR(value_of(TABLE2_MCC, 0, 0, (double[]){0, 1, 1, 2}, 2), -1.0 / 3);
  NEAR(value_of(TABLE2_BALANCED_ACCURACY, 0, 0, (double[]){3, 1, 1, 1}, 2), 0.625);
  NEAR(value_of(TABLE2_F_BETA, TABLE2_MACRO, 1, (double[]){2, 0, 0, 1, 0, 1, 0, 2, 0}, 3),
       4.0 / 15);
}

static void golden(void **state) {
  (void)state;
  const double *g = golden_table_values;
  NEAR(value_of(TABLE2_ACCURACY, 0, 0, golden_table, 3), *g++);
  NEAR(value_of(TABLE2_BALANCED_ACCURACY, 0, 0, golden_table, 3), *g++);
  NEAR(value_of(TABLE2_MCC, 0, 0, golden_table, 3), *g++);
  for (int average = TABLE2_MACRO; average <= TABLE2_MICRO; average++) {
    NEAR(value_of(TABLE2_PRECISION, average, 0, golden_table, 3), *g++);
    NEAR(value_of(TABLE2_RECALL, average, 0, golden_table, 3), *g++);
    NEAR(value_of(TABLE2_F_BETA, average, 2, golden_table, 3), *g++);
    NEAR(value_of(TABLE2_JACCARD, average, 0, golden_table, 3), *g++);
  }
  for (int weights = 0; weights < 3; weights++) {
    struct table2_spec spec = {.function = TABLE2_KAPPA + weights};
    double value, se;
    assert_int_equal(table2_estimate(&spec, golden_table, 3, &value, &se, NULL), NONET_OK);
    NEAR(value, golden_kappa[weights][0]);
    NEAR(se, golden_kappa[weights][1]);
  }
}

static void gradients(void **state) {
  (void)state;
  const double tables[2][9] = {{31, 7, 3, 2, 40, 9, 5.5, 1, 18}, {31, 7, 12, 40, 0, 0, 0, 0, 0}};
  for (size_t which = 0; which < 2; which++) {
    size_t k = which == 0 ? 3 : 2;
    for (int function = 0; function < TABLE2_N_FUNCTIONS; function++) {
      for (int average = 0; average <= TABLE2_MICRO; average++) {
        struct table2_spec spec = {(enum table2_function)function, (enum table2_average)average, 1,
                                   0.5};
        double gradient[9], at[9], zero = 0;
        double value = table2_value(&spec, tables[which], k, gradient);
        assert_true(isfinite(value));
        for (size_t c = 0; c < k * k; c++) {
          memcpy(at, tables[which], sizeof at);
          at[c] += 1e-3;
          double up = table2_value(&spec, at, k, NULL);
          at[c] -= 2e-3;
          double down = table2_value(&spec, at, k, NULL);
          NEAR_WITHIN(gradient[c], (up - down) / 2e-3, 1e-7, 1);
          zero += tables[which][c] * gradient[c];
        }
        NEAR_WITHIN(zero, 0, 1e-13, 1);
      }
    }
  }
}

/* Accuracy's and recall's delta standard errors are the binomial ones. */
static void binomial_errors(void **state) {
  (void)state;
  double counts[] = {50, 10, 15, 25}, value, se;
  struct table2_spec spec = {.function = TABLE2_ACCURACY, .positive = 1};
  assert_int_equal(table2_estimate(&spec, counts, 2, &value, &se, NULL), NONET_OK);
  NEAR(se, sqrt(0.75 * 0.25 / 100));
  spec.function = TABLE2_RECALL;
  assert_int_equal(table2_estimate(&spec, counts, 2, &value, &se, NULL), NONET_OK);
  NEAR(se, sqrt(0.625 * 0.375 / 40));
}

static void undefined(void **state) {
  (void)state;
  double empty[4] = {0}, one_label[4] = {0, 0, 2, 5}, gradient[4];
  for (int function = 0; function < TABLE2_N_FUNCTIONS; function++) {
    struct table2_spec spec = {.function = (enum table2_function)function, .positive = 1};
    assert_true(isnan(table2_value(&spec, empty, 2, gradient)) && isnan(gradient[3]));
  }
  assert_true(isnan(value_of(TABLE2_MCC, 0, 0, one_label, 2)) &&
              isnan(value_of(TABLE2_SPECIFICITY, 0, 0, one_label, 2)));
  NEAR(value_of(TABLE2_BALANCED_ACCURACY, 0, 0, one_label, 2), 5.0 / 7);
  struct table2_spec beyond = {.function = TABLE2_RECALL, .positive = 2};
  assert_true(isnan(table2_value(&beyond, one_label, 2, NULL)));
  double value;
  memory_fail_after(0);
  assert_int_equal(table2_estimate(&beyond, one_label, 2, &value, NULL, NULL), NONET_E_MEMORY);
  memory_fail_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(published), cmocka_unit_test(golden),
                                     cmocka_unit_test(gradients), cmocka_unit_test(binomial_errors),
                                     cmocka_unit_test(undefined)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
