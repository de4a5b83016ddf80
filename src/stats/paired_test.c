/* Tango's z against the likelihood maximised numerically, Newcombe's method 10 against its formula
   over statsmodels' Wilson bounds (both in tests/golden/stats_a); bounds invert p; a seeded
   coverage smoke. */
#include "stats/paired.h"

#include "base/philox.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void golden(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_tango); i++) {
    const double *g = golden_tango[i];
    NEAR_WITHIN(paired_tango_z(g[0], g[1], g[2], g[3]), g[4], 1e-12, 1);
  }
  for (size_t i = 0; i < COUNT_OF(golden_newcombe_paired); i++) {
    const double *g = golden_newcombe_paired[i];
    struct interval d = paired_newcombe(g[0], g[1], g[2], g[3], 0.95);
    NEAR_WITHIN(d.low, g[4], 1e-12, 1);
    NEAR_WITHIN(d.high, g[5], 1e-12, 1);
  }
  /* At the null 0 Tango's statistic is McNemar's: [[794,150],[86,570]] has
   * chi-square 17.3559322033898 */
  double z = paired_tango_z(150, 86, 1600, 0);
  NEAR_WITHIN(z * z, 17.3559322033898, 1e-13, 1);
  /* No discordant row: z² = n δ/(1 - δ), hence the bound z²/(n + z²) */
  struct interval none = paired_tango(0, 0, 100, 0.95);
  double square = 1.959963984540054 * 1.959963984540054;
  NEAR_WITHIN(none.high, square / (100 + square), 1e-12, 1);
  NEAR_WITHIN(none.low, -square / (100 + square), 1e-12, 1);
}

static void bounds_invert_p(void **state) {
  (void)state;
  const double rows[][4] = {
      {30, 7, 3, 60}, {0, 0, 9, 30}, {5, 5, 5, 15}, {0, 30, 0, 30}, {1e6, 1200, 1300, 2e6}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const double *g = rows[i];
    struct interval t = paired_tango(g[1], g[2], g[3], 0.9);
    struct interval n = paired_newcombe(g[0], g[1], g[2], g[3], 0.9);
    if (t.low > -1) {
      NEAR_WITHIN(paired_tango_p(g[1], g[2], g[3], t.low, INTERVAL_GREATER), 0.05, 1e-8, 1);
    }
    if (t.high < 1) {
      NEAR_WITHIN(paired_tango_p(g[1], g[2], g[3], t.high, INTERVAL_LESS), 0.05, 1e-8, 1);
    }
    NEAR_WITHIN(paired_newcombe_p(g[0], g[1], g[2], g[3], n.low, INTERVAL_GREATER), 0.05, 1e-8, 1);
    if (n.high > n.value) {
      NEAR_WITHIN(paired_newcombe_p(g[0], g[1], g[2], g[3], n.high, INTERVAL_LESS), 0.05, 1e-8, 1);
    }
  }
  assert_true(isnan(paired_tango_p(3, 3, 5, 0, INTERVAL_LESS)) &&
              isnan(paired_tango(0, 0, 0, 0.95).low));
  assert_true(isnan(paired_newcombe(2, 2, 2, 5, 0.95).low));
  assert_true(paired_tango_p(1, 2, 9, -1.5, INTERVAL_LESS) == 1);
}

/* 3,000 tables of 100 rows, shares .2 and .1; 3 Monte-Carlo SE = .012. */
static void coverage(void **state) {
  (void)state;
  struct philox_sequence random = {.seed = 2, .id = 2};
  double hits_tango = 0, hits_newcombe = 0, runs = 3000;
  for (int run = 0; run < runs; run++) {
    double a = 0, b = 0, c = 0;
    for (int i = 0; i < 100; i++) {
      double u = philox_next_uniform(&random);
      b += u < 0.2;
      c += u >= 0.2 && u < 0.3;
      a += u > 0.5;
    }
    struct interval t = paired_tango(b, c, 100, 0.95), n = paired_newcombe(a, b, c, 100, 0.95);
    hits_tango += t.low <= 0.1 && 0.1 <= t.high;
    hits_newcombe += n.low <= 0.1 && 0.1 <= n.high;
  }
  NEAR_WITHIN(hits_tango / runs, 0.95, 0.015, 1);
  NEAR_WITHIN(hits_newcombe / runs, 0.955, 0.02, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(golden), cmocka_unit_test(bounds_invert_p),
                                     cmocka_unit_test(coverage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
