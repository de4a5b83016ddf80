/* Published values and SciPy's: McNemar, CMH on UCBAdmissions, Hosmer-Lemeshow by hand, exact
 * Kolmogorov-Smirnov. */
#include "stats/tests.h"

#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void mcnemar(void **state) {
  (void)state;
  struct tests_result m = tests_mcnemar(150, 86),
                      e = tests_mcnemar_exact(150, 86); /* R: [[794,150],[86,570]] */
  NEAR(m.statistic, 17.3559322033898);
  NEAR_WITHIN(m.p, 3.099e-5, 1e-3, 1e-5);
  NEAR_WITHIN(e.p, 3.71593613957e-05, 1e-11, 1e-9);
  assert_true(tests_mcnemar(0, 0).p == 1 && tests_mcnemar_exact(0, 0).p == 1 &&
              tests_mcnemar_exact(3, 3).p == 1);
  assert_true(isnan(tests_mcnemar(-1, 2).p));
}

static void mantel_haenszel(void **state) {
  (void)state;
  /* R's UCBAdmissions, departments A-F: admitted men, women, rejected men, women */
  const double admissions[24] = {512, 89,  313, 19,  353, 17, 207, 8,   120, 202, 205, 391,
                                 138, 131, 279, 244, 53,  94, 138, 299, 22,  24,  351, 317};
  struct tests_cmh plain = tests_cochran_mantel_haenszel(admissions, 6, 0);
  NEAR_WITHIN(plain.statistic, 1.52460666, 1e-8, 1);
  NEAR_WITHIN(plain.p, 0.216923697, 1e-8, 1);
  NEAR_WITHIN(plain.common_odds_ratio, 0.904696828259, 1e-11, 1);
  /* mantelhaen.test's default, with the correction: 1.4269, p .2323 */
  NEAR_WITHIN(tests_cochran_mantel_haenszel(admissions, 6, 0.5).statistic, 1.4269, 6e-5, 1);
  NEAR_WITHIN(tests_cochran_mantel_haenszel(admissions, 6, 0.5).p, 0.2323, 6e-5, 1);
  assert_true(isnan(tests_cochran_mantel_haenszel(NULL, 0, 0).statistic));
  /* its conf.int, by Robins, Breslow & Greenland: .771907361759350, 1.060329764436656 */
  struct tests_common ratio = tests_common_log_odds_ratio(admissions, 6);
  NEAR_WITHIN(exp(ratio.estimate - 1.959963984540054 * ratio.se), 0.771907361759350, 1e-12, 1);
  NEAR_WITHIN(exp(ratio.estimate + 1.959963984540054 * ratio.se), 1.060329764436656, 1e-12, 1);
  /* Sato's formula in R 4.2.2 */
  struct tests_common difference = tests_common_risk_difference(admissions, 6);
  NEAR_WITHIN(difference.estimate, -0.0184251961908525, 1e-14, 1);
  NEAR_WITHIN(difference.se, 0.0148253944383109, 1e-14, 1);
  /* strata of one group say nothing; one stratum is the plain difference */
  const double alone[8] = {30, 20, 70, 80, 5, 0, 9, 0};
  NEAR_WITHIN(tests_common_risk_difference(alone, 2).estimate, 0.1, 1e-15, 1);
  assert_true(isnan(tests_common_risk_difference(alone + 4, 1).estimate));
  assert_true(isnan(tests_common_log_odds_ratio(alone + 4, 1).estimate));
}

static void hosmer_lemeshow(void **state) {
  (void)state;
  double n[] = {10, 0, 20, 20, 10}, seen[] = {1, 0, 6, 11, 8}, want[] = {2, 0, 5, 12, 7};
  struct tests_result h = tests_hosmer_lemeshow(n, seen, want, 5);
  NEAR(h.statistic, 1 / 1.6 + 1 / 3.75 + 1 / 4.8 + 1 / 2.1);
  NEAR(h.p, exp(-h.statistic / 2)); /* chi-square on 2 degrees of freedom */
  want[0] = 0;
  assert_true(tests_hosmer_lemeshow(n, seen, want, 5).statistic == INFINITY);
  assert_true(isnan(tests_hosmer_lemeshow(n, seen, seen, 2).p) &&
              isnan(tests_hosmer_lemeshow(n, seen, want, 0).statistic));
}

static void kolmogorov_smirnov(void **state) {
  (void)state;
  struct tests_result ks;
  assert_int_equal(tests_ks_two_sample(golden_ks_1, COUNT_OF(golden_ks_1), golden_ks_2,
                                       COUNT_OF(golden_ks_2), &ks, NULL),
                   NONET_OK);
  NEAR(ks.statistic, golden_ks[0]);
  NEAR(ks.p, golden_ks[1]);
  double p;
  assert_int_equal(tests_ks_two_sample_p(232.0 / 1100, 100, 110, &p, NULL), NONET_OK);
  NEAR(p, 0.015739183865607353); /* SciPy's tests of ks_2samp */
  for (size_t i = 0; i < COUNT_OF(golden_ks_p); i++) {
    const double *g = golden_ks_p[i];
    assert_int_equal(tests_ks_two_sample_p(g[0], (size_t)g[1], (size_t)g[2], &p, NULL), NONET_OK);
    NEAR_WITHIN(p, g[3], 1e-11, 1e-20);
  }
  assert_int_equal(tests_ks_two_sample_p(0.02, 20000, 10000, &p, NULL), NONET_OK);
  NEAR(p, distribution_kolmogorov_sf(sqrt(20000.0 / 3) * 0.02));
  assert_int_equal(tests_ks_two_sample(golden_ks_1, 5, golden_ks_1, 5, &ks, NULL), NONET_OK);
  assert_true(ks.statistic == 0 && ks.p == 1);
  assert_int_equal(tests_ks_two_sample(golden_ks_1, 0, golden_ks_1, 5, &ks, NULL), NONET_OK);
  assert_true(isnan(ks.p));
  memory_fail_after(0);
  assert_int_equal(tests_ks_two_sample_p(0.1, 9, 9, &p, NULL), NONET_E_MEMORY);
  memory_fail_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mcnemar), cmocka_unit_test(mantel_haenszel),
                                     cmocka_unit_test(hosmer_lemeshow),
                                     cmocka_unit_test(kolmogorov_smirnov)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
