/* Published values, statsmodels, and the restricted likelihood maximised numerically
 * (tests/golden/stats_a); bounds against the p they invert; a seeded coverage smoke. */
#include "stats/difference.h"

#include "base/philox.h"
#include "stats/distribution.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void values(void **state) {
  (void)state;
  /* Newcombe 1998 (II), example (a): 56/70 - 48/80 */
  struct interval d = difference_newcombe(56, 70, 48, 80, 0.95);
  NEAR_WITHIN(d.value, 0.2, 1e-12, 1);
  NEAR_WITHIN(d.low, 0.0524314724, 1e-9, 1);
  NEAR_WITHIN(d.high, 0.3338726540, 1e-9, 1);
  for (size_t i = 0; i < COUNT_OF(golden_two); i++) {
    const double *g = golden_two[i];
    d = difference_newcombe(g[0], g[1], g[2], g[3], 0.95);
    NEAR_WITHIN(d.low, g[6], 1e-12, 1);
    NEAR_WITHIN(d.high, g[7], 1e-12, 1);
    NEAR_WITHIN(difference_miettinen_nurminen_p(g[0], g[1], g[2], g[3], g[4], INTERVAL_GREATER),
                g[5], 1e-11, 0.1);
  }
  /* Miettinen & Nurminen 1985, as SAS PROC FREQ prints for 56/70 - 48/80: .0528-.3382 */
  struct interval m = difference_miettinen_nurminen(56, 70, 48, 80, 0.95);
  NEAR_WITHIN(m.low, 0.0528, 6e-5, 1);
  NEAR_WITHIN(m.high, 0.3382, 6e-5, 1);
}

static void bounds_invert_p(void **state) {
  (void)state;
  const double rows[][4] = {
      {56, 70, 48, 80}, {0, 12, 5, 15}, {0, 10, 0, 10}, {10, 10, 0, 10}, {7.5, 20.25, 3.25, 11}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const double *g = rows[i];
    for (int method = 0; method < 2; method++) {
      struct interval d = method ? difference_newcombe(g[0], g[1], g[2], g[3], 0.9)
                                 : difference_miettinen_nurminen(g[0], g[1], g[2], g[3], 0.9);
      double (*p)(double, double, double, double, double, enum interval_side) =
          method ? difference_newcombe_p : difference_miettinen_nurminen_p;
      assert_true(d.low <= d.value && d.value <= d.high);
      if (d.low > -1) {
        NEAR_WITHIN(p(g[0], g[1], g[2], g[3], d.low, INTERVAL_GREATER), 0.05, 1e-8, 1);
      }
      if (d.high < 1) {
        NEAR_WITHIN(p(g[0], g[1], g[2], g[3], d.high, INTERVAL_LESS), 0.05, 1e-8, 1);
      }
    }
  }
  assert_true(isnan(difference_miettinen_nurminen(1, 0, 1, 2, 0.95).low));
  assert_true(isnan(difference_newcombe(3, 2, 1, 2, 0.95).low));
  assert_true(difference_miettinen_nurminen_p(1, 2, 1, 2, -2, INTERVAL_GREATER) == 0);
}

/* The examples of R's ratesci 1.x, scoreci() and its p-values, which print six and seven digits. */
static void laud(void **state) {
  static const double rows[][6] = {{12, 16, 1, 16, 0.385676, 0.877884},
                                   {19, 29, 22, 30, -0.311899, 0.160079},
                                   {5, 56, 0, 29, -0.018618, 0.186718}};
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const double *g = rows[i];
    struct interval d = difference_laud(g[0], g[1], g[2], g[3], 0.95);
    NEAR_WITHIN(d.low, g[4], 1e-6, 1);
    NEAR_WITHIN(d.high, g[5], 1e-6, 1);
    NEAR_WITHIN(difference_laud_p(g[0], g[1], g[2], g[3], d.low, INTERVAL_GREATER), 0.025, 1e-9, 1);
    NEAR_WITHIN(difference_laud_p(g[0], g[1], g[2], g[3], d.high, INTERVAL_LESS), 0.025, 1e-9, 1);
    struct interval turned = difference_laud(g[2], g[3], g[0], g[1], 0.95);
    NEAR_WITHIN(turned.low, -d.high, 1e-12, 1);
    NEAR_WITHIN(turned.high, -d.low, 1e-12, 1);
  }
  NEAR_WITHIN(difference_laud_p(12, 16, 1, 16, 0, INTERVAL_GREATER), 4.870546e-05, 1e-6, 1e-9);
  NEAR_WITHIN(difference_laud_p(19, 29, 22, 30, 0, INTERVAL_LESS), 0.2589278, 1e-7, 1);
  NEAR_WITHIN(difference_laud_p(5, 56, 0, 29, 0, INTERVAL_GREATER), 0.04099865, 1e-8, 1);
  /* nobody, everybody, one against all: bounds inside [-1, 1] about the estimate */
  static const double edges[][4] = {
      {0, 50, 0, 40}, {50, 50, 40, 40}, {50, 50, 0, 40}, {1, 1, 0, 1}};
  for (size_t i = 0; i < COUNT_OF(edges); i++) {
    const double *g = edges[i];
    for (double level = 0.05; level < 1; level += 0.09) {
      struct interval d = difference_laud(g[0], g[1], g[2], g[3], level);
      assert_true(-1 <= d.low && d.low <= d.value && d.value <= d.high && d.high <= 1);
    }
  }
  assert_true(difference_laud(0, 50, 0, 40, 0.95).high > 0.05);
  assert_true(isnan(difference_laud(1, 0, 1, 2, 0.95).low));
}

/* Hartung & Knapp's 13 trials, as ratesci 1.x prints them: scoreci(stratified = TRUE), .245523 to
 * .37033; a single stratum is the pair's own interval. */
static void laud_strata(void **state) {
  static const double k1[] = {15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21},
                      k2[] = {9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19},
                      n1[] = {16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38},
                      n2[] = {16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38};
  double first[14][2] = {{0}}, second[14][2] = {{0}};
  (void)state;
  for (size_t s = 0; s < COUNT_OF(k1); s++) {
    first[s][0] = k1[s];
    first[s][1] = n1[s] - k1[s];
    second[s][0] = k2[s];
    second[s][1] = n2[s] - k2[s];
  }
  const double z = distribution_normal_z(0.95);
  struct interval all = difference_laud_strata_z(first[0], second[0], 13, z);
  NEAR_WITHIN(all.low, 0.245523, 1e-6, 1);
  NEAR_WITHIN(all.high, 0.37033, 1e-6, 1);
  NEAR_WITHIN(difference_laud_strata_score(first[0], second[0], 13, 0), 9.199783, 1e-6, 1);
  NEAR_WITHIN(difference_laud_strata_score(first[0], second[0], 13, all.high), -z, 1e-10, 1);
  struct interval one = difference_laud_strata_z(first[1], second[1], 1, z),
                  pair = difference_laud(12, 16, 1, 16, 0.95);
  NEAR(one.low, pair.low);
  NEAR(one.high, pair.high);
  first[13][0] = 5; /* a stratum with one group alone */
  NEAR(difference_laud_strata_z(first[0], second[0], 14, z).low, all.low);
  assert_true(isnan(difference_laud_strata_z(first[13], second[13], 1, z).value));
}

static void ratio(void **state) {
  (void)state;
  /* Zou & Donner 2008 put Wilson's limits on the log scale: the same by hand */
  struct interval a = interval_wilson(30, 100, 0.95), b = interval_wilson(20, 80, 0.95);
  struct interval r = difference_ratio_mover(30, 100, 20, 80, 0.95);
  double down = sqrt(pow(log(0.3 / a.low), 2) + pow(log(b.high / 0.25), 2));
  NEAR(r.value, 1.2);
  NEAR(r.low, 1.2 * exp(-down));
  assert_true(difference_ratio_mover(0, 10, 5, 10, 0.95).low == 0);
  assert_true(isnan(difference_ratio_mover(3, 10, 0, 10, 0.95).value));
}

/* Golden: make.py, and R's ratesci 1.1.0, rrci(), rows SCAS, which prints four digits. */
static void laud_ratio(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_ratio); i++) {
    const double *g = golden_ratio[i];
    NEAR_WITHIN(difference_ratio_laud_score(g[0], g[1], g[2], g[3], g[4]), g[5], 1e-11, 1);
    NEAR_WITHIN(difference_ratio_laud_score(g[2], g[3], g[0], g[1], 1 / g[4]), -g[5], 1e-11, 1);
  }
  struct interval r = difference_ratio_laud(7, 34, 1, 34, 0.95);
  NEAR_WITHIN(r.value, 7, 1e-14, 1);
  NEAR_WITHIN(r.low, 1.2383, 5.1e-5, 1);
  NEAR_WITHIN(r.high, 129.3294, 5.1e-5, 1);
  r = difference_ratio_laud(5, 56, 0, 29, 0.95);
  NEAR_WITHIN(r.low, 0.7696, 5.1e-5, 1);
  assert_true(r.value == INFINITY && r.high == INFINITY);
  static const double rows[][4] = {
      {56, 70, 48, 80}, {0, 12, 5, 15}, {7.5, 20.25, 3.25, 11}, {1e5, 1e6, 90, 1000}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const double *g = rows[i];
    for (double level = 0.5; level < 0.99; level += 0.12) {
      const double tail = (1 - level) / 2;
      struct interval at = difference_ratio_laud(g[0], g[1], g[2], g[3], level);
      struct interval turned = difference_ratio_laud(g[2], g[3], g[0], g[1], level);
      assert_true(at.low <= at.value && at.value < at.high);
      NEAR(turned.low, 1 / at.high);
      NEAR(turned.high, 1 / at.low);
      NEAR_WITHIN(difference_ratio_laud_p(g[0], g[1], g[2], g[3], at.high, INTERVAL_LESS), tail,
                  1e-10, 1);
      if (at.low > 0) {
        NEAR_WITHIN(difference_ratio_laud_p(g[0], g[1], g[2], g[3], at.low, INTERVAL_GREATER), tail,
                    1e-10, 1);
      }
    }
  }
}

/* Nobody, everybody, one row, and nulls at the ends: what the case says, and never past the value.
 */
static void laud_ratio_edges(void **state) {
  static const double edges[][4] = {{0, 50, 0, 40}, {50, 50, 40, 40}, {50, 50, 0, 40},
                                    {0, 1, 1, 1},   {1, 1, 1, 1},     {1, 50, 1, 2},
                                    {1, 1, 0, 1},   {2, 2, 1, 100},   {3, 1e6, 1e6, 1e6}};
  (void)state;
  for (size_t i = 0; i < COUNT_OF(edges); i++) {
    const double *g = edges[i];
    for (double level = 0.05; level < 1; level += 0.0949) {
      struct interval r = difference_ratio_laud(g[0], g[1], g[2], g[3], level);
      assert_true(0 <= r.low && r.low <= r.high);
      assert_true(isnan(r.value) == (g[0] == 0 && g[2] == 0));
      assert_true(isnan(r.value) || (r.low <= r.value && r.value <= r.high));
      assert_true((r.low == 0) == (g[0] == 0) || level > 0.9);
      assert_true((r.high == INFINITY) == (g[2] == 0) || level > 0.9);
    }
  }
  /* a corrected z of one chosen row stops at the square root of 7 */
  assert_true(difference_ratio_laud_z(1, 50, 9, 40, 2.6).low > 0);
  assert_true(difference_ratio_laud_z(1, 50, 9, 40, 2.7).low == 0);
  assert_true(difference_ratio_laud_p(9, 40, 1, 50, 0, INTERVAL_GREATER) == 0);
  assert_true(difference_ratio_laud_p(0, 40, 1, 50, 0, INTERVAL_GREATER) == 0.5);
  assert_true(difference_ratio_laud_p(9, 40, 1, 50, INFINITY, INTERVAL_LESS) == 0);
  assert_true(difference_ratio_laud_p(9, 40, 0, 50, INFINITY, INTERVAL_LESS) == 0.5);
  assert_true(difference_ratio_laud_p(9, 40, 1, 50, -1, INTERVAL_LESS) == 1);
  assert_true(isnan(difference_ratio_laud(1, 0, 1, 2, 0.95).low));
  assert_true(isnan(difference_ratio_laud(3, 2, 1, 2, 0.95).value));
  assert_true(isnan(difference_ratio_laud_p(1, 2, 1, 2, NAN, INTERVAL_LESS)));
}

/* 3,000 tables of .3 of 40 against .15 of 60; 3 Monte-Carlo SE = .012. */
static void coverage(void **state) {
  (void)state;
  struct philox_sequence random = {.seed = 2, .id = 1};
  double hits[4] = {0, 0, 0, 0}, runs = 3000;
  for (int run = 0; run < runs; run++) {
    double k1 = 0, k2 = 0;
    for (int i = 0; i < 40; i++) {
      k1 += philox_next_uniform(&random) < 0.3;
    }
    for (int i = 0; i < 60; i++) {
      k2 += philox_next_uniform(&random) < 0.15;
    }
    struct interval d[4] = {difference_newcombe(k1, 40, k2, 60, 0.95),
                            difference_miettinen_nurminen(k1, 40, k2, 60, 0.95),
                            difference_ratio_mover(k1, 40, k2, 60, 0.95),
                            difference_ratio_laud(k1, 40, k2, 60, 0.95)};
    for (int m = 0; m < 4; m++) {
      double truth = m < 2 ? 0.15 : 2;
      hits[m] += d[m].low <= truth && truth <= d[m].high;
    }
  }
  for (int m = 0; m < 4; m++) {
    NEAR_WITHIN(hits[m] / runs, 0.955, 0.02, 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(values),
                                     cmocka_unit_test(bounds_invert_p),
                                     cmocka_unit_test(laud),
                                     cmocka_unit_test(laud_strata),
                                     cmocka_unit_test(ratio),
                                     cmocka_unit_test(laud_ratio),
                                     cmocka_unit_test(laud_ratio_edges),
                                     cmocka_unit_test(coverage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
