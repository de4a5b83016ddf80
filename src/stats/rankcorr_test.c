/* Rank correlations against SciPy; influence values against the jackknife; Lin's concordance
 * against its definition. */
#include "stats/rankcorr.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tests/golden/stats_b/stats_b.h"

static void near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("got %.17g, wanted %.17g", got, wanted);
  }
}

typedef nonet_status (*correlation)(const double *, const double *, const uint64_t *, size_t,
                                    size_t, double *, double *, nonet_error *);

static void test_golden(void **state) {
  (void)state;
  double value;
  assert_int_equal(rankcorr_spearman(golden_a, golden_b, NULL, golden_n, 2, &value, NULL, NULL),
                   NONET_OK);
  near(value, GOLDEN_SPEARMAN, 1e-14);
  assert_int_equal(rankcorr_kendall(golden_a, golden_b, NULL, golden_n, 1, &value, NULL, NULL),
                   NONET_OK);
  near(value, GOLDEN_KENDALL, 1e-14);
  const double x[] = {12, 2, 1, 12, 2}, y[] = {1, 4, 7, 1, 0}; /* SciPy's documentation */
  assert_int_equal(rankcorr_kendall(x, y, NULL, 5, 1, &value, NULL, NULL), NONET_OK);
  near(value, -0.47140452079103173, 1e-15);
  struct rankcorr_moments moments;
  rankcorr_moments(golden_a, golden_b, NULL, golden_n, &moments);
  near(rankcorr_pearson(&moments), GOLDEN_PEARSON, 1e-14);
}

static void test_constant(void **state) {
  (void)state;
  const double x[] = {1, 1, 1}, y[] = {1, 2, 3};
  double value;
  assert_int_equal(rankcorr_spearman(x, y, NULL, 3, 1, &value, NULL, NULL), NONET_OK);
  assert_true(isnan(value));
  assert_int_equal(rankcorr_kendall(y, x, NULL, 3, 1, &value, NULL, NULL), NONET_OK);
  assert_true(isnan(value));
}

/* Sum zero, variance as the jackknife's, counts as copies. */
static void test_influence(void **state) {
  (void)state;
  const correlation functions[] = {rankcorr_spearman, rankcorr_kendall};
  for (int f = 0; f < 2; f++) {
    double all, influence[golden_n], sum = 0, squares = 0, jack = 0;
    assert_int_equal(functions[f](golden_a, golden_b, NULL, golden_n, 1, &all, influence, NULL),
                     NONET_OK);
    for (size_t i = 0; i < golden_n; i++) {
      double x[golden_n], y[golden_n], without;
      size_t k = 0;
      for (size_t j = 0; j < golden_n; j++) {
        if (j != i) {
          x[k] = golden_a[j];
          y[k++] = golden_b[j];
        }
      }
      assert_int_equal(functions[f](x, y, NULL, k, 1, &without, NULL, NULL), NONET_OK);
      jack += (all - without) * (all - without);
      near((all - without) * (golden_n - 1), influence[i] * golden_n,
           0.08); /* equal to first order: O(1/n) of values of order 1 */
      sum += influence[i];
      squares += influence[i] * influence[i];
    }
    near(sum, 0, 1e-13);
    near(squares / (jack * (golden_n - 1) / golden_n), 1, 0.03);
    uint64_t two[golden_n];
    double doubled, x[2 * golden_n], y[2 * golden_n], copies;
    for (size_t i = 0; i < golden_n; i++) {
      two[i] = 2;
      x[i] = x[i + golden_n] = golden_a[i];
      y[i] = y[i + golden_n] = golden_b[i];
    }
    assert_int_equal(functions[f](golden_a, golden_b, two, golden_n, 1, &doubled, influence, NULL),
                     NONET_OK);
    assert_int_equal(functions[f](x, y, NULL, 2 * golden_n, 1, &copies, NULL, NULL), NONET_OK);
    near(doubled, copies, 0);
    near(doubled, all, 1e-2);
  }
}

static void test_concordance(void **state) {
  (void)state;
  /* By hand: x = 1…4, y = x + 1: s² = 1.25 both, covariance 1.25, shift 1: 2.5 / 3.5 */
  const double x[] = {1, 2, 3, 4}, y[] = {2, 3, 4, 5};
  struct rankcorr_moments m;
  rankcorr_moments(x, y, NULL, 4, &m);
  near(rankcorr_concordance(&m), 5.0 / 7, 1e-15);
  /* r = 1, c = 5/7, u² = 0.8: (2c³(1 − c)·0.8 − c⁴·0.64/2) / 2 */
  double c = 5.0 / 7, variance = (2 * c * c * c * (1 - c) * 0.8 - c * c * c * c * 0.32) / 2;
  near(rankcorr_concordance_se(&m), sqrt(variance), 1e-14);
  near(rankcorr_concordance_z_se(&m), sqrt(variance) / (1 - c * c), 1e-14);
  double low, high;
  rankcorr_fisher_limits(0.5, 0.1, 1.96, &low, &high);
  near(low, tanh(atanh(0.5) - 0.196), 1e-15);
  near(high, tanh(atanh(0.5) + 0.196), 1e-15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_constant),
                                     cmocka_unit_test(test_influence),
                                     cmocka_unit_test(test_concordance)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
