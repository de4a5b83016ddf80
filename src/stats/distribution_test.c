/* Against 40-digit arithmetic and SciPy (tests/golden/stats_a), R's qtukey, and identities between
 * the functions. */
#include "stats/distribution.h"

#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void normal(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_normal); i++) {
    double x = golden_normal[i][0];
    NEAR_WITHIN(distribution_normal_cdf(x), golden_normal[i][1], 2e-14, 1e-290);
    NEAR_WITHIN(distribution_normal_sf(-x), golden_normal[i][1], 2e-14, 1e-290);
  }
  for (size_t i = 0; i < COUNT_OF(golden_normal_quantile); i++) {
    double p = golden_normal_quantile[i][0];
    NEAR_WITHIN(distribution_normal_quantile(p), golden_normal_quantile[i][1], 1e-14, 0.1);
    NEAR_WITHIN(distribution_normal_quantile_sf(p), -golden_normal_quantile[i][1], 1e-14, 0.1);
  }
  NEAR(distribution_normal_z(0.95), 1.959963984540054);
  assert_true(distribution_normal_quantile(0) == -INFINITY);
  assert_true(distribution_normal_quantile_sf(0) == INFINITY);
  assert_true(isnan(distribution_normal_quantile(1.1)));
  assert_true(isnan(distribution_normal_cdf(NAN)));
}

static void student(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_t); i++) {
    double t = golden_t[i][0], df = golden_t[i][1], p = golden_t[i][2];
    NEAR(distribution_t_sf(t, df), p);
    NEAR(distribution_t_cdf(-t, df), p);
    NEAR_WITHIN(distribution_t_quantile_sf(p, df), t, 1e-11, 1);
  }
  NEAR(distribution_t_z(0.95, INFINITY), distribution_normal_z(0.95));
  assert_true(isnan(distribution_t_sf(1, 0)));
  assert_true(isnan(distribution_t_quantile(0.5, -1)));
}

static void beta_gamma_f(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_beta); i++) {
    const double *g = golden_beta[i];
    NEAR_WITHIN(distribution_beta_cdf(g[0], g[1], g[2]), g[3], 2e-12, 1e-280);
    NEAR_WITHIN(distribution_beta_sf(g[0], g[1], g[2]), g[4], 2e-12, 1e-280);
    if (g[3] > 1e-200 && g[3] < 0.99) {
      NEAR(distribution_beta_quantile(g[3], g[1], g[2]), g[0]);
    }
  }
  for (size_t i = 0; i < COUNT_OF(golden_gamma); i++) {
    const double *g = golden_gamma[i];
    NEAR(distribution_gamma_cdf(g[0], g[1]), g[2]);
    NEAR(distribution_gamma_sf(g[0], g[1]), g[3]);
    NEAR(distribution_chi_square_sf(2 * g[0], 2 * g[1]), g[3]);
    if (g[2] < 0.99) {
      NEAR(distribution_gamma_quantile(g[2], g[1]), g[0]);
      NEAR(distribution_chi_square_quantile(g[2], 2 * g[1]), 2 * g[0]);
    }
  }
  for (size_t i = 0; i < COUNT_OF(golden_f); i++) {
    const double *g = golden_f[i];
    NEAR(distribution_f_sf(g[0], g[1], g[2]), g[3]);
    NEAR(distribution_f_cdf(g[0], g[1], g[2]), 1 - g[3]);
    NEAR(distribution_f_quantile(1 - g[3], g[1], g[2]), g[0]);
  }
  assert_true(isnan(distribution_beta_cdf(-0.1, 1, 1)));
  assert_true(isnan(distribution_gamma_cdf(1, 0)));
}

/* scipy 1.17.1 stats.ncx2.cdf; of one square Φ(√x − √λ) − Φ(−√x − √λ) by itself. */
static void noncentral(void **state) {
  (void)state;
  NEAR(distribution_noncentral_chi_square_cdf(1, 1, 0), 0.6826894921370859);
  NEAR(distribution_noncentral_chi_square_cdf(5, 4, 3), 0.3884149155488383);
  NEAR(distribution_noncentral_chi_square_cdf(100, 4, 80), 0.8151196532039078);
  NEAR_WITHIN(distribution_noncentral_chi_square_cdf(900, 19, 1000), 0.02774623352872497, 1e-10, 0);
  NEAR_WITHIN(distribution_noncentral_chi_square_cdf(25000, 57, 24000), 0.9987178426626655, 1e-10,
              0);
  for (int k = 0; k < 20; k++) {
    const double x = 0.3 * k + 0.1, lambda = 0.9 * k, a = sqrt(x), b = sqrt(lambda);
    NEAR_WITHIN(distribution_noncentral_chi_square_cdf(x, 1, lambda),
                distribution_normal_cdf(a - b) - distribution_normal_cdf(-a - b), 1e-11, 0);
  }
  assert_true(distribution_noncentral_chi_square_cdf(INFINITY, 1, 5) == 1);
  assert_true(isnan(distribution_noncentral_chi_square_cdf(-1, 1, 5)));
  assert_true(isnan(distribution_noncentral_chi_square_cdf(1, 0, 5)));
  assert_true(isnan(distribution_noncentral_chi_square_cdf(1, 1, -5)));
}

static void discrete(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_binomial); i++) {
    const double *g = golden_binomial[i];
    NEAR(distribution_binomial_pmf(g[0], g[1], g[2]), g[3]);
    NEAR(distribution_binomial_cdf(g[0], g[1], g[2]), g[4]);
    NEAR_WITHIN(distribution_binomial_sf(g[0], g[1], g[2]), 1 - g[4], 1e-12, 1);
  }
  assert_true(distribution_binomial_cdf(-1, 4, 0.5) == 0 &&
              distribution_binomial_sf(4, 4, 0.5) == 0);
  assert_true(distribution_binomial_pmf(0, 4, 0) == 1 && distribution_binomial_pmf(4, 4, 1) == 1);
  double sum = 0;
  for (int k = 0; k <= 9; k++) {
    sum += distribution_poisson_pmf(k, 4.5);
    NEAR(distribution_poisson_cdf(k, 4.5), sum);
    NEAR(distribution_poisson_sf(k, 4.5), 1 - sum);
  }
  NEAR(distribution_poisson_pmf(0, 4.5), exp(-4.5));
}

static void special(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_special); i++) {
    NEAR_WITHIN(distribution_log_gamma(golden_special[i][0]), golden_special[i][1], 1e-13, 1);
    NEAR_WITHIN(distribution_digamma(golden_special[i][0]), golden_special[i][2], 1e-13, 1);
  }
  NEAR_WITHIN(distribution_log_choose(10, 3), log(120), 1e-13, 1);
}

static void kolmogorov_and_range(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_kolmogorov); i++) {
    NEAR(distribution_kolmogorov_sf(golden_kolmogorov[i][0]), golden_kolmogorov[i][1]);
    NEAR_WITHIN(distribution_kolmogorov_cdf(golden_kolmogorov[i][0]), 1 - golden_kolmogorov[i][1],
                1e-12, 0.1);
  }
  for (size_t i = 0; i < COUNT_OF(golden_range); i++) {
    const double *g = golden_range[i];
    NEAR_WITHIN(distribution_range_sf(g[0], g[1]), g[2], 1e-12, 1e-200);
    NEAR_WITHIN(distribution_range_cdf(g[0], g[1]), 1 - g[2], 1e-12, 1e-3);
    if (g[2] > 1e-6 && g[2] < 1 - 1e-6) {
      NEAR_WITHIN(distribution_range_quantile(1 - g[2], g[1]), g[0], 1e-9, 1);
    }
  }
  for (double p = 1e-3; p < 1; p += p < 0.9 ? 0.1 : (1 - p) * 0.7) { /* to the last p below 1 */
    for (double k = 2; k < 2e6; k *= 1.7) {
      const double q = distribution_range_quantile(p, k), off = p > 0.5 ? 1 : 0;
      assert_true(q > 0 && q < 80);
      NEAR_WITHIN(off ? distribution_range_sf(q, k) : distribution_range_cdf(q, k), off ? 1 - p : p,
                  1e-10, 0);
    }
  }
  NEAR_WITHIN(distribution_range_quantile(0.95, 3), 3.314493, 2e-7, 1); /* R: qtukey(.95, 3, Inf) */
  NEAR_WITHIN(distribution_range_quantile(0.95, 2), sqrt(2) * distribution_normal_z(0.95), 1e-11,
              1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(normal),
                                     cmocka_unit_test(student),
                                     cmocka_unit_test(beta_gamma_f),
                                     cmocka_unit_test(noncentral),
                                     cmocka_unit_test(discrete),
                                     cmocka_unit_test(special),
                                     cmocka_unit_test(kolmogorov_and_range)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
