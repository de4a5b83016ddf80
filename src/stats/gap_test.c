/*
 * Bounds of gaps against R, and each p against the bound that it inverts.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/difference.h"
#include "stats/distribution.h"
#include "stats/gap.h"
#include "stats/near_check.h"

struct counts {
  double k, n;
};

static struct interval wilson(const void *context, size_t group, double tail) {
  const struct counts *counts = context;
  return interval_wilson_z(counts[group].k, counts[group].n, distribution_normal_quantile_sf(tail));
}

static const struct counts three[] = {{48, 120}, {30, 100}, {9, 60}};
static const struct gap_groups groups = {wilson, three, 3, NULL, 0};

/* R 4.2.2: Wilson limits and Newcombe's differences written out, z = qnorm(.975) for the one bound
   and qtukey(.975, 3, Inf)/sqrt(2) for the other; qnorm(.975^(1/3)) for the worst group. */
static void golden(void **state) {
  (void)state;
  struct gap d = gap_interval(GAP_DIFFERENCE, &groups, 0.025, 1);
  NEAR_WITHIN(d.interval.value, 0.25, 1e-14, 1);
  NEAR_WITHIN(d.interval.low, 0.06127362857522076, 1e-8, 1);
  NEAR_WITHIN(d.interval.high, 0.3629778823740958, 1e-12, 1);
  assert_int_equal(d.low_group, 2);
  assert_int_equal(d.high_group, 0);
  struct gap r = gap_interval(GAP_RATIO, &groups, 0.025, 1);
  NEAR_WITHIN(r.interval.value, 0.375, 1e-14, 1);
  NEAR_WITHIN(r.interval.low, 0.1960240665428259, 1e-12, 1);
  NEAR_WITHIN(r.interval.high, 0.8144523880981177, 1e-8, 1);
  struct gap w = gap_interval(GAP_LEAST, &groups, 0.025, 1);
  NEAR_WITHIN(w.interval.value, 0.15, 1e-14, 1);
  NEAR_WITHIN(w.interval.low, 0.08097440580167742, 1e-12, 1);
  NEAR_WITHIN(w.interval.high, 0.2900693577172261, 1e-12, 1);
}

/* R 4.2.2: qtukey(p, K, Inf), which is itself good to some 1e-8. */
static void studentised_range(void **state) {
  (void)state;
  NEAR_WITHIN(distribution_range_quantile(0.95, 5), 3.857655526851635, 1e-7, 1);
  NEAR_WITHIN(distribution_range_quantile(0.95, 20), 5.011688794686765, 1e-7, 1);
  NEAR_WITHIN(distribution_range_quantile(0.975, 20), 5.298566668505902, 1e-7, 1);
  NEAR_WITHIN(distribution_range_quantile(0.975, 2), 3.169822136919392, 1e-7, 1);
}

/* p at a bound is that bound's tail: the test inverted, both sides, every kind. */
static void p_inverts_bounds(void **state) {
  (void)state;
  static const enum gap_kind kinds[] = {GAP_DIFFERENCE, GAP_RATIO, GAP_LEAST, GAP_MOST};
  for (size_t k = 0; k < 4; k++) {
    for (size_t m = 1; m <= 2; m++) {
      for (double tail = 0.001; tail < 0.2; tail *= 4) {
        struct interval at = gap_interval(kinds[k], &groups, tail, m).interval;
        if (at.low > 0) {
          NEAR_WITHIN(gap_p(kinds[k], &groups, at.low, INTERVAL_GREATER, m), tail, 1e-7, 1e-3);
        }
        if (kinds[k] != GAP_RATIO || at.high < 1) {
          NEAR_WITHIN(gap_p(kinds[k], &groups, at.high, INTERVAL_LESS, m), tail, 1e-7, 1e-3);
        }
      }
    }
  }
  assert_true(gap_p(GAP_DIFFERENCE, &groups, 0.9, INTERVAL_LESS, 1) < 1e-12);
  assert_true(gap_p(GAP_DIFFERENCE, &groups, 0.9, INTERVAL_GREATER, 1) > 0.5);
}

/* Shares: every pair looked at by itself with its own interval; p inverts the bounds; of two groups
 * the upper bound is the pair's, in R's ratesci 1.x scoreci(12, 16, 1, 16). */
static void shares(void **state) {
  static const struct gap_share share[] = {{48, 120}, {30, 100}, {9, 60}};
  static const struct gap_share two[] = {{12, 16}, {1, 16}};
  static const struct counts counts[] = {{12, 16}, {1, 16}};
  const struct gap_groups all = {wilson, three, 3, share, 0}, pair = {wilson, counts, 2, two, 0};
  (void)state;
  NEAR_WITHIN(gap_interval(GAP_DIFFERENCE, &pair, 0.025, 1).interval.high, 0.877884, 1e-6, 1);
  NEAR_WITHIN(gap_interval(GAP_DIFFERENCE, &pair, 0.025, 1).interval.value, 0.6875, 1e-14, 1);
  for (double tail = 0.001; tail < 0.2; tail *= 4) {
    const double together = distribution_range_quantile(1 - tail, 3) / sqrt(2);
    double low = 0, high = 0;
    for (size_t a = 0; a < 3; a++) {
      for (size_t b = 0; b < 3; b++) {
        const struct gap_share *x = &share[a], *y = &share[b];
        if (a != b) {
          low = fmax(low, difference_laud_z(x->k, x->n, y->k, y->n, together).low);
          high = fmax(high, difference_laud(x->k, x->n, y->k, y->n, 1 - 2 * tail).high);
        }
      }
    }
    struct interval at = gap_interval(GAP_DIFFERENCE, &all, tail, 1).interval;
    NEAR_WITHIN(at.low, low, 1e-9, 1);
    NEAR_WITHIN(at.high, high, 1e-12, 1);
    NEAR_WITHIN(gap_p(GAP_DIFFERENCE, &all, at.high, INTERVAL_LESS, 1), tail, 1e-9, 1);
    if (at.low > 0) {
      NEAR_WITHIN(gap_p(GAP_DIFFERENCE, &all, at.low, INTERVAL_GREATER, 1), tail, 1e-7, 1e-3);
    }
  }
}

/* Ratios of shares: of two groups the lower bound is the pair's, in R's ratesci 1.1.0 rrci(7, 34,
 * 1, 34) the reciprocal of 129.3294; every pair by itself, of all and with the second group alone;
 * p inverts the bounds. */
static void share_ratios(void **state) {
  static const struct gap_share two[] = {{1, 34}, {7, 34}},
                                share[] = {{48, 120}, {30, 100}, {9, 60}};
  static const struct counts counts[] = {{1, 34}, {7, 34}};
  const struct gap_groups pair = {wilson, counts, 2, two, 0};
  (void)state;
  NEAR_WITHIN(gap_interval(GAP_RATIO, &pair, 0.025, 1).interval.low, 1 / 129.3294, 4e-9, 1);
  NEAR_WITHIN(gap_interval(GAP_RATIO, &pair, 0.025, 1).interval.value, 1.0 / 7, 1e-14, 1);
  for (size_t reference = 0; reference <= 2; reference += 2) {
    const struct gap_groups all = {wilson, three, 3, share, reference};
    for (double tail = 0.001; tail < 0.2; tail *= 4) {
      const double together = reference == 0
                                  ? distribution_range_quantile(1 - tail, 3) / sqrt(2)
                                  : distribution_normal_quantile_sf((1 - sqrt(1 - tail)) / 2);
      double low = 1, high = 1;
      for (size_t a = 0; a < 3; a++) {
        for (size_t b = 0; b < 3; b++) {
          const struct gap_share *x = &share[a], *y = &share[b];
          if (gap_is_pair(&all, a, b)) {
            low = fmin(low, difference_ratio_laud(x->k, x->n, y->k, y->n, 1 - 2 * tail).low);
            high = fmin(high, difference_ratio_laud_z(x->k, x->n, y->k, y->n, together).high);
          }
        }
      }
      struct interval at = gap_interval(GAP_RATIO, &all, tail, 1).interval;
      NEAR_WITHIN(at.low, low, 1e-12, 1);
      NEAR_WITHIN(at.high, high, 1e-9, 1);
      NEAR_WITHIN(gap_p(GAP_RATIO, &all, at.low, INTERVAL_GREATER, 1), tail, 1e-9, 1);
      if (at.high < 1) {
        NEAR_WITHIN(gap_p(GAP_RATIO, &all, at.high, INTERVAL_LESS, 1), tail, 1e-7, 1e-3);
      }
    }
  }
}

/* Nobody chosen: of one group the ratio is 0, of all there is none; a null of 0. */
static void share_ratio_edges(void **state) {
  static const struct gap_share one[] = {{0, 50}, {25, 50}, {9, 30}}, zeros[] = {{0, 50}, {0, 40}},
                                full[] = {{50, 50}, {40, 40}};
  static const struct counts of_one[] = {{0, 50}, {25, 50}, {9, 30}},
                             of_zeros[] = {{0, 50}, {0, 40}}, of_full[] = {{50, 50}, {40, 40}};
  const struct gap_groups zero = {wilson, of_one, 3, one, 0},
                          none = {wilson, of_zeros, 2, zeros, 0},
                          all = {wilson, of_full, 2, full, 0};
  (void)state;
  struct interval r = gap_interval(GAP_RATIO, &zero, 0.025, 1).interval;
  assert_true(r.value == 0 && r.low == 0 && r.high > 0 && r.high < 0.4);
  assert_true(isnan(gap_interval(GAP_RATIO, &none, 0.025, 1).interval.high));
  assert_true(isnan(gap_p(GAP_RATIO, &none, 0.8, INTERVAL_GREATER, 1)));
  r = gap_interval(GAP_RATIO, &all, 0.025, 1).interval;
  assert_true(r.value == 1 && r.low > 0.85 && r.low < 0.95 && r.high == 1);
  assert_true(gap_p(GAP_RATIO, &zero, 0, INTERVAL_GREATER, 1) == 0.5);
  assert_true(gap_p(GAP_RATIO, &all, 0, INTERVAL_GREATER, 1) == 0);
  assert_true(gap_p(GAP_RATIO, &all, -1, INTERVAL_GREATER, 1) == 0);
}

/* Pairs with the second group alone. Wilson limits and Newcombe's differences written out in
   Python's statistics.NormalDist, the simultaneous bound at (1 - .975^(1/2))/2 a side; of two
   groups a reference changes nothing; shares by Laud's pairs; p inverts the bounds. */
static void with_reference(void **state) {
  static const struct gap_share share[] = {{48, 120}, {30, 100}, {9, 60}};
  struct gap_groups against = {wilson, three, 3, NULL, 2};
  (void)state;
  struct gap d = gap_interval(GAP_DIFFERENCE, &against, 0.025, 1);
  NEAR_WITHIN(d.interval.value, 0.15, 1e-14, 1);
  NEAR_WITHIN(d.interval.low, 0, 1e-12, 1);
  NEAR_WITHIN(d.interval.high, 0.26811636841975034, 1e-12, 1);
  assert_int_equal(d.low_group, 2);
  assert_int_equal(d.high_group, 1);
  struct gap r = gap_interval(GAP_RATIO, &against, 0.025, 1);
  NEAR_WITHIN(r.interval.value, 0.5000000000000001, 1e-14, 1);
  NEAR_WITHIN(r.interval.low, 0.2543301470618526, 1e-12, 1);
  NEAR_WITHIN(r.interval.high, 1, 1e-12, 1);
  const struct gap_groups two = {wilson, three, 2, NULL, 0}, first = {wilson, three, 2, NULL, 1};
  NEAR_WITHIN(gap_interval(GAP_DIFFERENCE, &first, 0.025, 1).interval.low,
              gap_interval(GAP_DIFFERENCE, &two, 0.025, 1).interval.low, 1e-8, 1);
  for (int is_shares = 0; is_shares < 2; is_shares++) {
    against.share = is_shares ? share : NULL;
    for (double tail = 0.001; tail < 0.2; tail *= 4) {
      struct interval at = gap_interval(GAP_DIFFERENCE, &against, tail, 2).interval;
      NEAR_WITHIN(gap_p(GAP_DIFFERENCE, &against, at.high, INTERVAL_LESS, 2), tail, 1e-7, 1e-3);
      if (at.low > 0) {
        NEAR_WITHIN(gap_p(GAP_DIFFERENCE, &against, at.low, INTERVAL_GREATER, 2), tail, 1e-7, 1e-3);
      }
      at = gap_interval(GAP_RATIO, &against, tail, 2).interval;
      NEAR_WITHIN(gap_p(GAP_RATIO, &against, at.low, INTERVAL_GREATER, 2), tail, 1e-7, 1e-3);
    }
  }
}

/* Two groups: the simultaneous bound is the two-sided one, the mirror of a minimum a maximum. */
static void two_groups_and_mirror(void **state) {
  (void)state;
  const struct gap_groups two = {wilson, three, 2, NULL, 0};
  struct interval low =
      interval_mover_difference(wilson(three, 0, 0.0125), wilson(three, 1, 0.0125), 0);
  NEAR_WITHIN(gap_interval(GAP_DIFFERENCE, &two, 0.025, 1).interval.low, fmax(0, low.low), 1e-9, 1);
  static const struct counts turned[] = {{72, 120}, {70, 100}, {51, 60}};
  const struct gap_groups mirror = {wilson, turned, 3, NULL, 0};
  struct interval least = gap_interval(GAP_LEAST, &groups, 0.01, 1).interval;
  struct interval most = gap_interval(GAP_MOST, &mirror, 0.01, 1).interval;
  NEAR_WITHIN(most.low, 1 - least.high, 1e-12, 1);
  NEAR_WITHIN(most.high, 1 - least.low, 1e-12, 1);
  struct interval both = gap_interval(GAP_DIFFERENCE, &groups, 0.025, 2).interval;
  struct interval halved = gap_interval(GAP_DIFFERENCE, &groups, 0.0125, 1).interval;
  NEAR_WITHIN(both.low, halved.low, 1e-12, 1);
}

static void edges(void **state) {
  (void)state;
  static const struct counts with_zero[] = {{0, 50}, {5, 50}}, zeros[] = {{0, 50}, {0, 40}},
                             none[] = {{1, 50}, {0, 0}};
  const struct gap_groups zero = {wilson, with_zero, 2, NULL, 0},
                          all_zero = {wilson, zeros, 2, NULL, 0},
                          empty = {wilson, none, 2, NULL, 0}, one = {wilson, three, 1, NULL, 0};
  struct interval r = gap_interval(GAP_RATIO, &zero, 0.025, 1).interval;
  assert_true(r.value == 0 && r.low == 0 && r.high > 0 && r.high <= 1);
  assert_true(isnan(gap_interval(GAP_RATIO, &all_zero, 0.025, 1).interval.value));
  struct interval d = gap_interval(GAP_DIFFERENCE, &all_zero, 0.025, 1).interval;
  assert_true(d.value == 0 && d.low == 0 && d.high > 0.05);
  assert_true(isnan(gap_interval(GAP_DIFFERENCE, &empty, 0.025, 1).interval.low));
  assert_true(isnan(gap_interval(GAP_DIFFERENCE, &one, 0.025, 1).interval.value));
  assert_true(isnan(gap_p(GAP_DIFFERENCE, &one, 0, INTERVAL_LESS, 1)));
  assert_true(isnan(gap_interval(GAP_DIFFERENCE, &groups, 0, 1).interval.value));
  assert_true(gap_interval(GAP_DIFFERENCE, &groups, 1e-17, 1).interval.high > 0.25); /* 4 */
}

/* The largest bound over all pairs of 150 groups, looked at one by one. */
static void many_groups_as_pairs(void **state) {
  (void)state;
  enum { K = 150 };
  static struct counts many[K];
  const struct gap_groups all = {wilson, many, K, NULL, 0};
  const double tails[2] = {distribution_normal_sf(distribution_range_quantile(0.975, K) / sqrt(2)),
                           0.025};
  for (size_t with_zero = 0; with_zero < 2; with_zero++) {
    for (size_t k = 0; k < K; k++) {
      many[k] = (struct counts){(double)(3 + (k * 7919) % 23), (double)(40 + (k * 104729) % 300)};
    }
    many[17].k = with_zero ? 0 : many[17].k;
    double low[2] = {-INFINITY, INFINITY}, high[2] = {-INFINITY, INFINITY};
    for (size_t a = 0; a < K; a++) {
      for (size_t b = 0; b < K; b++) {
        struct interval x[2], y[2], lx[2], ly[2];
        for (int t = 0; t < 2 && a != b; t++) {
          x[t] = wilson(many, a, tails[t]);
          y[t] = wilson(many, b, tails[t]);
          lx[t] = (struct interval){log(x[t].value), log(x[t].low), log(x[t].high)};
          ly[t] = (struct interval){log(y[t].value), log(y[t].low), log(y[t].high)};
        }
        if (a == b) {
          continue;
        }
        low[0] = fmax(low[0], interval_mover_difference(x[0], y[0], 0).low);
        high[0] = fmax(high[0], interval_mover_difference(x[1], y[1], 0).high);
        if (y[0].value > 0) {
          const int is_zero = !(x[0].value > 0);
          high[1] = fmin(high[1], is_zero ? x[0].high / y[0].low
                                          : exp(interval_mover_difference(lx[0], ly[0], 0).high));
          low[1] = fmin(low[1], is_zero ? 0 : exp(interval_mover_difference(lx[1], ly[1], 0).low));
        }
      }
    }
    struct interval d = gap_interval(GAP_DIFFERENCE, &all, 0.025, 1).interval;
    struct interval r = gap_interval(GAP_RATIO, &all, 0.025, 1).interval;
    NEAR_WITHIN(d.low, low[0], 1e-14, 1);
    NEAR_WITHIN(d.high, high[0], 1e-14, 1);
    NEAR_WITHIN(r.low, low[1], 1e-14, 1);
    NEAR_WITHIN(r.high, fmin(1, high[1]), 1e-14, 1);
  }
}

/* What these tests stand on: a NaN equals nothing but NaN, and doubles are compared as such. */
static void assertions_bite(void **state) {
  (void)state;
  assert_true(close_is(NAN, NAN, 0) && close_is(INFINITY, INFINITY, 0) && close_is(1, 1.5, 0.5));
  assert_false(close_is(NAN, 0.2, 1) || close_is(0.2, NAN, 1) || close_is(INFINITY, NAN, 1));
  assert_false(close_is(0.1, 0.1 + 1e-10, 1e-12) || close_is(0.2, -0.2, 0.1));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(golden),
                                     cmocka_unit_test(studentised_range),
                                     cmocka_unit_test(p_inverts_bounds),
                                     cmocka_unit_test(shares),
                                     cmocka_unit_test(share_ratios),
                                     cmocka_unit_test(share_ratio_edges),
                                     cmocka_unit_test(with_reference),
                                     cmocka_unit_test(assertions_bite),
                                     cmocka_unit_test(two_groups_and_mirror),
                                     cmocka_unit_test(edges),
                                     cmocka_unit_test(many_groups_as_pairs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
