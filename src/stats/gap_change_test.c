/*
 * The difference of two gaps: by hand for two groups, over all pairs of pairs with the formula
 * written out, and what must be symmetric.
 */
#include <stdbool.h>

#include "base/philox.h"
#include "stats/distribution.h"
#include "stats/gap_change.h"
#include "stats/near_check.h"

static const struct gap_share candidate[] = {{48, 120}, {30, 100}, {9, 60}},
                              baseline[] = {{50, 120}, {35, 100}, {14, 60}};
static const double correlation[] = {0.5, 0.2, 0.7}, none[] = {0, 0, 0};

static struct interval wilson(const void *context, size_t group, double tail) {
  const struct gap_share *share = context;
  return interval_wilson_z(share[group].k, share[group].n, distribution_normal_quantile_sf(tail));
}

static struct gap_change_family family_of(const struct gap_share *a, const struct gap_share *b,
                                          size_t n, const double *of) {
  return (struct gap_change_family){{{wilson, a, n, NULL, 0}, {wilson, b, n, NULL, 0}}, of};
}

/* One group fixed at 0 for certain: the gap is the other's share, and the difference of the gaps is
 * MOVER of two correlated shares, at tail/2 for the two ordered pairs. */
static struct interval one_certain(const void *context, size_t group, double tail) {
  return group == 0 ? wilson(context, 0, tail) : (struct interval){0, 0, 0};
}

static void two_groups(void **state) {
  (void)state;
  struct gap_change_family family = family_of(candidate, baseline, 2, correlation);
  family.of[0].family = family.of[1].family = one_certain;
  struct interval at = gap_change(GAP_DIFFERENCE, &family, 1, 0.05);
  struct interval hand = interval_mover_difference(wilson(candidate, 0, 0.025),
                                                   wilson(baseline, 0, 0.025), correlation[0]);
  NEAR(at.value, 48.0 / 120 - 50.0 / 120);
  NEAR(at.low, hand.low);
  NEAR(at.high, hand.high);
}

/* The upper bound of x_1i − x_2j with coefficients of each group's two estimates. */
static double by_coefficients(const size_t i[2], const size_t j[2], double tail) {
  double value = 0, squares = 0;
  for (size_t g = 0; g < 3; g++) {
    const double c[2] = {(double)(i[0] == g) - (double)(i[1] == g),
                         (double)(j[1] == g) - (double)(j[0] == g)};
    const struct interval at[2] = {wilson(candidate, g, tail), wilson(baseline, g, tail)};
    double reach[2];
    for (int m = 0; m < 2; m++) {
      value += c[m] * at[m].value;
      reach[m] = c[m] * (c[m] > 0 ? at[m].high - at[m].value : at[m].value - at[m].low);
      squares += reach[m] * reach[m];
    }
    squares += 2 * correlation[g] * reach[0] * reach[1];
  }
  return value + sqrt(squares);
}

static void all_pairs_of_pairs(void **state) {
  (void)state;
  const struct gap_change_family family = family_of(candidate, baseline, 3, correlation);
  for (double tail = 0.001; tail < 0.2; tail *= 5) {
    double outer = -INFINITY;
    for (size_t i = 0; i < 9; i++) {
      double inner = INFINITY;
      for (size_t j = 0; j < 9; j++) {
        if (i / 3 != i % 3 && j / 3 != j % 3) {
          inner = fmin(
              inner, by_coefficients((size_t[]){i / 3, i % 3}, (size_t[]){j / 3, j % 3}, tail / 6));
        }
      }
      outer = i / 3 != i % 3 ? fmax(outer, inner) : outer;
    }
    struct interval at = gap_change(GAP_DIFFERENCE, &family, 1, tail);
    NEAR(at.high, outer);
    assert_true(at.low < at.value && at.value < at.high);
  }
}

/* The models change places: the mirror image. The least of shares: that of the largest of what is
 * left to 1. */
static void symmetries(void **state) {
  (void)state;
  static const struct gap_share rest[2][3] = {{{72, 120}, {70, 100}, {51, 60}},
                                              {{70, 120}, {65, 100}, {46, 60}}};
  const struct gap_change_family there = family_of(candidate, baseline, 3, correlation),
                                 back = family_of(baseline, candidate, 3, correlation),
                                 turned = family_of(rest[0], rest[1], 3, correlation);
  static const enum gap_kind kinds[] = {GAP_DIFFERENCE, GAP_LEAST, GAP_MOST};
  for (size_t k = 0; k < COUNT_OF(kinds); k++) {
    const struct interval x = gap_change(kinds[k], &there, 1, 0.025),
                          y = gap_change(kinds[k], &back, 1, 0.025);
    NEAR_WITHIN(x.value, -y.value, 1e-14, 1);
    NEAR_WITHIN(x.low, -y.high, 1e-14, 1);
    NEAR_WITHIN(x.high, -y.low, 1e-14, 1);
  }
  const struct interval least = gap_change(GAP_LEAST, &there, 1, 0.025),
                        most = gap_change(GAP_MOST, &turned, 1, 0.025);
  NEAR_WITHIN(least.low, -most.high, 1e-12, 1);
  NEAR_WITHIN(least.high, -most.low, 1e-12, 1);
  /* one model against itself: what is left is how unlike its limits are on the two sides */
  static const double same[] = {1, 1, 1};
  const struct gap_change_family self = family_of(candidate, candidate, 3, same),
                                 strangers = family_of(candidate, candidate, 3, none);
  CLOSE(gap_change(GAP_DIFFERENCE, &self, 1, 0.025).value, 0, 0);
  assert_true(gap_change(GAP_DIFFERENCE, &self, 1, 0.025).high <
              0.4 * gap_change(GAP_DIFFERENCE, &strangers, 1, 0.025).high);
  /* two families: more to pay, and the wider gap counts */
  const struct gap_change_family both[] = {there, family_of(rest[0], rest[1], 3, none)};
  const struct interval one = gap_change(GAP_DIFFERENCE, &there, 1, 0.025),
                        two = gap_change(GAP_DIFFERENCE, both, 2, 0.025);
  assert_true(two.low <= one.low && two.high >= one.high);
}

static void edges(void **state) {
  (void)state;
  static const struct gap_share empty[] = {{1, 50}, {0, 0}};
  const struct gap_change_family one = family_of(candidate, baseline, 1, none),
                                 nan = family_of(empty, baseline, 2, none),
                                 two = family_of(candidate, baseline, 2, none);
  assert_true(isnan(gap_change(GAP_DIFFERENCE, &one, 1, 0.025).value));
  assert_true(isnan(gap_change(GAP_DIFFERENCE, &nan, 1, 0.025).high));
  assert_true(isnan(gap_change(GAP_RATIO, &two, 1, 0.025).high));
  assert_true(isnan(gap_change(GAP_DIFFERENCE, &two, 1, 0.5).high));
  assert_false(isnan(gap_change(GAP_DIFFERENCE, &two, 1, 0.49).high));
  assert_false(isnan(gap_change(GAP_DIFFERENCE, &two, 1, 0x1p-54).high));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(two_groups),
                                     cmocka_unit_test(all_pairs_of_pairs),
                                     cmocka_unit_test(symmetries), cmocka_unit_test(edges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
