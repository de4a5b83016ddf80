/* Against the sum over all tables on a fine grid of the nuisance (tests/golden/stats_a); size by
 * the multinomial law itself. */
#include <stdio.h>
#include <time.h>

#include "stats/distribution.h"
#include "stats/near_check.h"
#include "stats/paired.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void all_tables(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(golden_exact); i++) {
    const double *g = golden_exact[i];
    double p =
        paired_exact_p((uint64_t)g[0], (uint64_t)g[1], (uint64_t)g[2], g[3], INTERVAL_GREATER);
    NEAR_WITHIN(p, fmin(1, g[4]), 3e-6, 1); /* the fixture's grid ends at 1e-7 of the share */
    NEAR_WITHIN(
        paired_exact_p((uint64_t)g[1], (uint64_t)g[0], (uint64_t)g[2], -g[3], INTERVAL_LESS), p,
        1e-13, 1);
  }
}

/* Zero discordant rows: at δ = .005 the p is (1 - δ)^n when no other table is as extreme: SAFE from
 * 598 rows, not from 597. */
static void no_discordant_rows(void **state) {
  (void)state;
  assert_true(paired_exact_p(0, 0, 40, -0.005, INTERVAL_GREATER) > 0.5);
  assert_true(paired_exact_p(0, 0, 597, -0.005, INTERVAL_GREATER) > 0.05);
  assert_true(paired_exact_p(0, 0, 620, -0.005, INTERVAL_GREATER) <= 0.05);
  assert_true(paired_exact_p(0, 0, 597, -0.005, INTERVAL_GREATER) >= pow(0.995, 597));
}

/* The share of samples with p <= alpha, on the boundary of the null, summed over all tables of n
 * rows: never above alpha. */
static void size_is_held(void **state) {
  (void)state;
  enum { N_ROWS = 24 };
  const double delta = -0.08;
  static double p[N_ROWS + 1][N_ROWS + 1];
  for (uint64_t b = 0; b <= N_ROWS; b++) {
    for (uint64_t c = 0; b + c <= N_ROWS; c++) {
      p[b][c] = paired_exact_p(b, c, N_ROWS, delta, INTERVAL_GREATER);
    }
  }
  for (double q = 0.08; q < 0.5; q += 0.02) {
    double size = 0, yes = q + delta, share = q + yes;
    for (int m = 0; m <= N_ROWS; m++) {
      for (int b = 0; b <= m; b++) {
        size += p[b][m - b] > 0.05 ? 0
                                   : distribution_binomial_pmf(m, N_ROWS, share) *
                                         distribution_binomial_pmf(b, m, yes / share);
      }
    }
    assert_true(size <= 0.05 + 1e-9);
  }
}

/* What is kept of earlier questions answers only those: the same bits the first time, the second
 * time, and after thousands of others. */
static void kept_answers(void **state) {
  (void)state;
  struct interval first[40][4];
  for (int round = 0; round < 3; round++) {
    for (uint64_t n = 10; n < 50; n++) {
      for (uint64_t b = 0; b < 4; b++) {
        const struct interval d = paired_exact(b, 2, n, 0.9), e = paired_exact(b, 2, n, 0.95);
        first[n - 10][b] = round == 0 ? d : first[n - 10][b];
        assert_true(d.value == ((double)b - 2) / (double)n && e.low < d.low && e.high > d.high);
        assert_true(d.low == first[n - 10][b].low && d.high == first[n - 10][b].high);
      }
    }
  }
}

static double seconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Beyond an expected NEAR rows the normal tail stands in: at a million rows the answer is that of n
 * = 4,000 with the same nδ. */
static void many_rows(void **state) {
  (void)state;
  double start = seconds();
  for (uint64_t b = 0; b < 19; b += 6) {
    double small = paired_exact_p(b, 18 - b, 4000, -10.0 / 4000, INTERVAL_GREATER);
    double large = paired_exact_p(b, 18 - b, 1000000, -10.0 / 1000000, INTERVAL_GREATER);
    NEAR_WITHIN(large, small, 3e-3, 1);
    /* and its supremum is never below the score test's tail there */
    assert_true(large >=
                distribution_normal_sf(paired_tango_z((double)b, 18.0 - (double)b, 1e6, -1e-5)) -
                    1e-12);
  }
  print_message("8 exact p-values at n = 4,000 and 10^6: %.3f s\n", seconds() - start);
}

static void bounds_invert_p(void **state) {
  (void)state;
  const uint64_t rows[][3] = {{0, 0, 50}, {3, 1, 30}, {2, 9, 400}, {0, 5, 5}, {5, 6, 100000}};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const uint64_t *g = rows[i];
    struct interval d = paired_exact(g[0], g[1], g[2], 0.9);
    double step = 1e-3 * (d.high - d.low);
    assert_true(d.low <= d.value && d.value <= d.high);
    if (d.low > -1) {
      assert_true(paired_exact_p(g[0], g[1], g[2], d.low, INTERVAL_GREATER) <= 0.05);
      assert_true(paired_exact_p(g[0], g[1], g[2], d.low + step, INTERVAL_GREATER) > 0.05);
    }
    if (d.high < 1) {
      assert_true(paired_exact_p(g[0], g[1], g[2], d.high, INTERVAL_LESS) <= 0.05);
      assert_true(paired_exact_p(g[0], g[1], g[2], d.high - step, INTERVAL_LESS) > 0.05);
    }
  }
  assert_true(isnan(paired_exact_p(3, 3, 5, 0, INTERVAL_LESS)) &&
              isnan(paired_exact(0, 0, 0, 0.9).low));
  NEAR(paired_p(30, 20, 400, -0.01, INTERVAL_GREATER),
       paired_tango_p(30, 20, 400, -0.01, INTERVAL_GREATER));
  NEAR(paired_p(3, 2, 400, -0.01, INTERVAL_GREATER),
       paired_exact_p(3, 2, 400, -0.01, INTERVAL_GREATER));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_tables),   cmocka_unit_test(no_discordant_rows),
      cmocka_unit_test(size_is_held), cmocka_unit_test(kept_answers),
      cmocka_unit_test(many_rows),    cmocka_unit_test(bounds_invert_p)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
