/* Golden values (statsmodels, SciPy, NumPy, published tables); bounds are their own test inverted;
 * a seeded coverage smoke. */
#include "stats/interval.h"

#include <stdlib.h>

#include "base/philox.h"
#include "stats/distribution.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void published(void **state) {
  (void)state;
  /* Newcombe 1998 (I) and R's binom.test / prop.test */
  struct interval w = interval_wilson(81, 263, 0.95), zero = interval_wilson(0, 20, 0.95);
  NEAR_WITHIN(w.low, 0.255288519878, 1e-11, 1);
  NEAR_WITHIN(w.high, 0.366209576983, 1e-11, 1);
  assert_true(zero.low == 0);
  NEAR_WITHIN(zero.high, 0.161125158053, 1e-11, 1);
  struct interval cp = interval_clopper_pearson(81, 263, 0.95);
  NEAR_WITHIN(cp.low, 0.252736745585, 1e-11, 1);
  NEAR_WITHIN(cp.high, 0.367621922601, 1e-11, 1);
  NEAR_WITHIN(interval_clopper_pearson(0, 20, 0.95).high, 0.168433470983, 1e-11, 1);
  cp = interval_clopper_pearson(1, 29, 0.95);
  NEAR(cp.low, 0.000872646883580);
  NEAR_WITHIN(cp.high, 0.177644295489, 1e-11, 1);
  /* Brown, Cai & DasGupta 2001, table 5: Jeffreys 95 %, n = 7, x = 1 and 2: .016-.501, .065-.648 */
  NEAR_WITHIN(interval_jeffreys(1, 7, 0.95).low, 0.016, 6e-4, 1);
  NEAR_WITHIN(interval_jeffreys(1, 7, 0.95).high, 0.501, 6e-4, 1);
  NEAR_WITHIN(interval_jeffreys(2, 7, 0.95).low, 0.065, 6e-4, 1);
  NEAR_WITHIN(interval_jeffreys(2, 7, 0.95).high, 0.648, 6e-4, 1);
}

static void proportions(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_proportion); i++) {
    const double *g = golden_proportion[i];
    struct interval w = interval_wilson(g[0], g[1], g[2]);
    struct interval cp = interval_clopper_pearson(g[0], g[1], g[2]);
    NEAR_WITHIN(w.low, g[3], 1e-12, 1);
    NEAR_WITHIN(w.high, g[4], 1e-12, 1);
    NEAR_WITHIN(cp.low, g[5], 1e-12, 1);
    NEAR_WITHIN(cp.high, g[6], 1e-12, 1);
    double tail = (1 - g[2]) / 2;
    if (g[0] > 0) {
      NEAR_WITHIN(interval_wilson_p(g[0], g[1], w.low, INTERVAL_GREATER), tail, 1e-9, 1);
      NEAR_WITHIN(interval_clopper_pearson_p(g[0], g[1], cp.low, INTERVAL_GREATER), tail, 1e-9, 1);
    }
    if (g[0] < g[1]) {
      struct interval j = interval_jeffreys(g[0], g[1], g[2]);
      NEAR_WITHIN(interval_wilson_p(g[0], g[1], w.high, INTERVAL_LESS), tail, 1e-9, 1);
      NEAR_WITHIN(interval_clopper_pearson_p(g[0], g[1], cp.high, INTERVAL_LESS), tail, 1e-9, 1);
      NEAR_WITHIN(interval_jeffreys_p(g[0], g[1], j.high, INTERVAL_LESS), tail, 1e-9, 1);
    }
  }
  /* 1, 3, 4 of interval.c */
  assert_true(interval_wilson_p(0, 9, 0, INTERVAL_GREATER) == 1 &&
              interval_wilson_p(3, 9, 0, INTERVAL_GREATER) == 0);
  assert_true(interval_wilson_p(9, 9, 1, INTERVAL_LESS) == 1 &&
              interval_wilson_p(3, 9, 1.5, INTERVAL_LESS) == 0);
  assert_true(interval_wilson_p(3, 9, -0.5, INTERVAL_GREATER) == 0 &&
              interval_wilson_p(3, 9, -0.5, INTERVAL_LESS) == 1);
  assert_true(isnan(interval_wilson(0, 0, 0.95).value) && isnan(interval_wilson(4, 3, 0.95).low));
  assert_true(isnan(interval_wilson(1, 3, 1).low) &&
              isnan(interval_clopper_pearson(NAN, 3, 0.9).low));
  assert_true(isnan(interval_wilson_p(1, 3, NAN, INTERVAL_LESS)));
}

static void means(void **state) {
  (void)state;
  size_t n = COUNT_OF(golden_x);
  struct interval one = interval_mean(golden_x, n, 0.9);
  struct interval two = interval_mean_paired(golden_x, golden_y, n, 0.95);
  NEAR(one.value, golden_means[0]);
  NEAR(one.low, golden_means[1]);
  NEAR(one.high, golden_means[2]);
  NEAR(interval_mean_p(golden_x, n, 2.5, INTERVAL_LESS), golden_means[3]);
  NEAR_WITHIN(two.value, golden_means[4], 1e-12, 1);
  NEAR_WITHIN(two.low, golden_means[5], 1e-12, 1);
  NEAR_WITHIN(two.high, golden_means[6], 1e-12, 1);
  NEAR(interval_mean_paired_p(golden_x, golden_y, n, 0, INTERVAL_GREATER), golden_means[7]);
  assert_true(isnan(interval_mean(golden_x, 1, 0.95).low) &&
              !isnan(interval_mean(golden_x, 1, 0.95).value));
  assert_true(isnan(interval_mean(NULL, 0, 0.95).value));
}

static void standard_errors(void **state) {
  (void)state;
  const double z = 1.959963984540054;
  struct interval t = interval_t(1, 2, 9, 0.95), f = interval_fisher_z(0.6, 0.1, 0.95);
  struct interval l = interval_logit(0.9, 0.03, 0.95),
                  r = interval_log_ratio(2, 0.2, INFINITY, 0.95);
  NEAR_WITHIN(t.high, 1 + 2 * 2.262157162798205, 1e-12, 1); /* SciPy: t.ppf(.975, 9) */
  NEAR(f.low, tanh(atanh(0.6) - z * 0.1 / 0.64));
  NEAR(l.high, 1 / (1 + exp(-(log(9) + z * 0.03 / 0.09))));
  NEAR(r.low, 2 * exp(-z * 0.2));
  NEAR_WITHIN(interval_t_p(1, 2, 9, t.low, INTERVAL_GREATER), 0.025, 1e-12, 1);
  NEAR_WITHIN(interval_fisher_z_p(0.6, 0.1, f.high, INTERVAL_LESS), 0.025, 1e-12, 1);
  NEAR_WITHIN(interval_logit_p(0.9, 0.03, l.low, INTERVAL_GREATER), 0.025, 1e-12, 1);
  NEAR_WITHIN(interval_log_ratio_p(2, 0.2, INFINITY, r.high, INTERVAL_LESS), 0.025, 1e-12, 1);
  assert_true(interval_normal(3, 0, 0.95).low == 3 &&
              interval_normal_p(3, 0, 3, INTERVAL_GREATER) == 1);
  assert_true(interval_normal_p(3, 0, 2, INTERVAL_GREATER) == 0 &&
              interval_normal_p(3, 0, 2, INTERVAL_LESS) == 1);
  assert_true(interval_fisher_z(1, 0, 0.95).high == 1 && interval_logit(0, 0.1, 0.95).low == 0);
  assert_true(interval_fisher_z_p(0.5, 0.1, -1, INTERVAL_GREATER) == 0);
  assert_true(isnan(interval_normal(1, -1, 0.95).low) &&
              isnan(interval_logit(1.2, 0.1, 0.95).value));
  assert_true(isnan(interval_log_ratio(-1, 0.1, 5, 0.95).value));
}

static struct interval family(const void *context, double z) {
  const double *se = context;
  return (struct interval){1, 1 - z * se[0], 1 + z * se[1]};
}

static void mover_and_inversion(void **state) {
  (void)state;
  struct interval a = {5, 4, 7}, b = {2, 1.5, 3};
  struct interval d = interval_mover_difference(a, b, 0);
  NEAR(d.low, 3 - sqrt(2));
  NEAR(d.high, 3 + sqrt(4.25));
  NEAR(interval_mover_difference(a, b, 0.5).low, 3 - 1);
  struct interval q = interval_mover_ratio(a, b);
  /* Donner & Zou's formula in its first form, where it is defined */
  NEAR(q.low, (10 - sqrt(100 - 4 * 6 * 3.0 * 1)) / (3.0 * 1));
  NEAR(q.high, (10 + sqrt(100 - 7 * 3 * 1.5 * 2.5)) / (1.5 * 2.5));
  assert_true(interval_mover_ratio(a, (struct interval){2, 0, 3}).high == INFINITY);
  assert_true(isnan(interval_mover_ratio(a, (struct interval){0, -1, 3}).value));
  double se[2] = {0.5, 2};
  NEAR(interval_p_by_inversion(family, se, 0, INTERVAL_GREATER), distribution_normal_sf(2));
  NEAR(interval_p_by_inversion(family, se, 5, INTERVAL_LESS), distribution_normal_sf(2));
  NEAR(interval_p_by_inversion(family, se, 5, INTERVAL_GREATER), distribution_normal_sf(-2));
  NEAR(interval_p_by_inversion(family, se, 1, INTERVAL_GREATER), 0.5);
  NEAR_WITHIN(interval_p_by_inversion(family, se, -99, INTERVAL_GREATER), 0, 1e-290, 1);
}

static void quantiles(void **state) {
  (void)state;
  double x[COUNT_OF(golden_x)];
  size_t n = COUNT_OF(golden_x);
  for (size_t i = 0; i < n; i++) { /* insertion */
    size_t j = i;
    for (; j > 0 && x[j - 1] > golden_x[i]; j--) {
      x[j] = x[j - 1];
    }
    x[j] = golden_x[i];
  }
  for (size_t i = 0; i < COUNT_OF(golden_quantile7); i++) {
    NEAR_WITHIN(interval_quantile7(x, n, golden_quantile7[i][0]), golden_quantile7[i][1], 1e-14, 1);
  }
  assert_true(isnan(interval_quantile7(x, 0, 0.5)) && interval_quantile7(x, 1, 0.3) == x[0]);
  /* MLPerf's early stopping at confidence .99: 459 and 44 samples with no miss, 662 and 64 with one
   */
  assert_int_equal(interval_quantile_ranks(459, 0.99, 0.98).high, 459);
  assert_int_equal(interval_quantile_ranks(458, 0.99, 0.98).high, 459); /* n + 1: none */
  assert_int_equal(interval_quantile_ranks(44, 0.9, 0.98).high, 44);
  assert_int_equal(interval_quantile_ranks(43, 0.9, 0.98).high, 44);
  assert_int_equal(interval_quantile_ranks(662, 0.99, 0.98).high, 661);
  assert_int_equal(interval_quantile_ranks(661, 0.99, 0.98).high, 661);
  assert_int_equal(interval_quantile_ranks(64, 0.9, 0.98).high, 63);
  assert_int_equal(interval_quantile_n_needed(0.99, 0.98), 459);
  assert_int_equal(interval_quantile_n_needed(0.9, 0.98), 44);
  /* Conover: the median of 16, 95 %: ranks 4 and 13 */
  assert_int_equal(interval_quantile_ranks(16, 0.5, 0.95).low, 4);
  assert_int_equal(interval_quantile_ranks(16, 0.5, 0.95).high, 13);
  struct interval q = interval_quantile(x, n, 0.5, 0.95);
  assert_true(interval_quantile_p(x, n, 0.5, nextafter(q.low, -9), INTERVAL_GREATER) <= 0.025);
  assert_true(interval_quantile_p(x, n, 0.5, q.low, INTERVAL_GREATER) > 0.025);
  assert_true(interval_quantile_p(x, n, 0.5, nextafter(q.high, 99), INTERVAL_LESS) <= 0.025);
  assert_true(interval_quantile_p(x, n, 0.5, q.high, INTERVAL_LESS) > 0.025);
  assert_true(isnan(interval_quantile(x, n, 0.999, 0.95).high) &&
              isnan(interval_quantile_p(x, 0, 0.5, 1, INTERVAL_LESS)));
}

/* Coverage by the binomial law itself (no noise), averaged over p: Wilson near nominal,
 * Clopper-Pearson never below. */
static void proportion_coverage(void **state) {
  (void)state;
  for (double n = 20; n <= 60; n += 40) {
    double wilson_sum = 0, n_p = 0;
    for (double p = 0.05; p < 0.96; p += 0.01, n_p++) {
      double exact = 0, wilson = 0;
      for (double k = 0; k <= n; k++) {
        struct interval w = interval_wilson(k, n, 0.95), cp = interval_clopper_pearson(k, n, 0.95);
        double mass = distribution_binomial_pmf(k, n, p);
        wilson += w.low <= p && p <= w.high ? mass : 0;
        exact += cp.low <= p && p <= cp.high ? mass : 0;
      }
      assert_true(exact >= 0.95 - 1e-12);
      assert_true(wilson > 0.91);
      wilson_sum += wilson;
    }
    NEAR_WITHIN(wilson_sum / n_p, 0.95, 0.008, 1);
  }
}

static int double_compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* 2,000 samples of 30: t on normal rows, order statistics on exponential rows; 3 Monte-Carlo SE =
 * .0146. */
static void mean_and_quantile_coverage(void **state) {
  (void)state;
  struct philox_sequence random = {.seed = 1, .id = 6};
  double hits_mean = 0, hits_median = 0, runs = 2000, x[30];
  for (int run = 0; run < runs; run++) {
    for (size_t i = 0; i < 30; i++) {
      x[i] = distribution_normal_quantile(philox_next_uniform(&random));
    }
    struct interval m = interval_mean(x, 30, 0.95);
    hits_mean += m.low <= 0 && 0 <= m.high;
    for (size_t i = 0; i < 30; i++) {
      x[i] = -log(philox_next_uniform(&random));
    }
    qsort(x, 30, sizeof *x, double_compare);
    struct interval q = interval_quantile(x, 30, 0.5, 0.95);
    hits_median += q.low <= log(2) && log(2) <= q.high;
  }
  NEAR_WITHIN(hits_mean / runs, 0.95, 0.0146, 1);
  assert_true(hits_median / runs >= 0.95 - 0.0146);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(published),
                                     cmocka_unit_test(proportions),
                                     cmocka_unit_test(means),
                                     cmocka_unit_test(standard_errors),
                                     cmocka_unit_test(mover_and_inversion),
                                     cmocka_unit_test(quantiles),
                                     cmocka_unit_test(proportion_coverage),
                                     cmocka_unit_test(mean_and_quantile_coverage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
