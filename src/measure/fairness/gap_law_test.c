/*
 * Gaps against R, which groups are left out and what that leaves open.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/fairness/fairness_fixture.h"
#include "measure/fairness/gap_law.h"
#include "measure/records.h"
#include "stats/gap_change.h"
#include "stats/near_check.h"

/* Recalls 48/120, 30/100, 9/60, and 40 negatives each. */
static void three_groups(void) {
  static const size_t right[] = {48, 30, 9}, of[] = {120, 100, 60};
  fairness_rows.n = 0;
  for (uint32_t g = 0; g < 3; g++) {
    fairness_add(g, 1, 1, 1, right[g]);
    fairness_add(g, 1, 0, 0, of[g] - right[g]);
    fairness_add(g, 0, 0, 0, 40);
  }
}

/* SciPy 1.17: Laud's score from the likelihood's own root (brentq), at norm.ppf(.975) and
 * studentized_range.ppf(.975, 3, inf)/sqrt(2); the same lines give ratesci's scoreci(12, 16, 1,
 * 16), .385676-.877884. With weights, R 4.2.2: Newcombe's bounds, as in stats/gap_test.c. */
static void opportunity(void **state) {
  (void)state;
  for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
    three_groups();
    struct fairness_case made = fairness_open(3, is_weighted == 1);
    struct inference law = fairness_law(&made, &fairness_equal_opportunity_difference, STREAM_A);
    double low, high;
    inference_bounds(&law, 0.95, &low, &high);
    CLOSE(law.value, 0.25, 1e-14);
    CLOSE(low, is_weighted == 1 ? 0.06127362857522076 : 0.06711346055442857,
          is_weighted == 1 ? 1e-2 : 1e-8);
    CLOSE(high, is_weighted == 1 ? 0.3629778823740958 : 0.3699645660024989,
          is_weighted == 1 ? 1e-2 : 1e-12);
    CLOSE(inference_p(&law, high, false), 0.025, 1e-8);
    CLOSE(inference_p(&law, low, true), 0.025, 1e-8);
    assert_string_equal(made.view.note[0], "from c02 0.15 to c00 0.4");
    CLOSE(made.view.n, 280, 0);
    fairness_close(&made);
  }
}

/* All negatives are right, so that the gap of odds is that of TPR; its lower bound pays for two
 * families. */
static void odds_and_complements(void **state) {
  (void)state;
  three_groups();
  struct fairness_case made = fairness_open(3, false);
  double low[2], high[2];
  struct inference tpr = fairness_law(&made, &fairness_equal_opportunity_difference, STREAM_A);
  struct inference odds = fairness_law(&made, &fairness_equalized_odds_difference, STREAM_A);
  inference_bounds(&tpr, 0.975, &low[0], &high[0]);
  inference_bounds(&odds, 0.95, &low[1], &high[1]);
  CLOSE(odds.value, 0.25, 1e-14);
  CLOSE(low[1], low[0], 1e-9);
  struct inference fdr = fairness_law(&made, &fairness_fdr_gap, STREAM_A);
  CLOSE(fdr.value, 0, 1e-14); /* no false positive anywhere */
  struct inference omitted = fairness_law(&made, &fairness_for_gap, STREAM_A);
  CLOSE(omitted.value, 72.0 / 112 - 51.0 / 91, 1e-14);
  assert_string_equal(made.view.note[0], "from c02 0.56 to c00 0.643");
  fairness_close(&made);
}

static void small_groups(void **state) {
  (void)state;
  three_groups();
  fairness_add(3, 1, 1, 1, 12);
  struct fairness_case made = fairness_open(4, false);
  struct inference law = fairness_law(&made, &fairness_equal_opportunity_difference, STREAM_A);
  CLOSE(law.value, 0.25, 1e-14);
  assert_string_equal(made.view.note[1], "too small to judge: g=c03 has 12 rows and needs 30");
  assert_true(inference_p(&law, 0.9, false) == 1);    /* nothing is proven of all */
  assert_true(inference_p(&law, 0.01, true) < 0.025); /* a gap among the others is */
  fairness_close(&made);
  three_groups();
  fairness_add(3, 0, 0, 0, 60);
  made = fairness_open(4, false);
  law = fairness_law(&made, &fairness_equal_opportunity_difference, STREAM_A);
  assert_string_equal(made.view.note[1], "too small to judge: g=c03: no positive rows");
  fairness_close(&made);
}

static void too_few_groups(void **state) {
  (void)state;
  fairness_rows.n = 0;
  fairness_add(0, 1, 1, 1, 40);
  fairness_add(1, 1, 1, 1, 5);
  struct fairness_case made = fairness_open(2, false);
  struct inference law = fairness_law(&made, &fairness_equal_opportunity_difference, STREAM_A);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  assert_non_null(strstr(law.reason, "a gap needs 2"));
  made.view.column = NULL;
  static const struct measure_variant plain = {.suffix = ""};
  assert_int_equal(fairness_fpr_gap.estimate(&fairness_fpr_gap, &plain, &made.view, 0, &law, NULL),
                   NONET_OK);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  fairness_close(&made);
}

static struct interval wilson_of(const void *context, size_t group, double tail) {
  return interval_wilson(((const double *)context)[group], 100, 1 - 2 * tail);
}

/* At bounds of .95, and far beyond them. */
static void expect_p_inverts(const struct inference *law, double low, double high) {
  CLOSE(inference_p(law, low, true), 0.025, 1e-6);
  CLOSE(inference_p(law, high, false), 0.025, 1e-6);
  assert_true(inference_p(law, -0.99, true) < 1e-6 && inference_p(law, 0.99, false) < 1e-6);
  assert_true(inference_p(law, 0.99, true) >= 0.5 && inference_p(law, -0.99, false) >= 0.5);
}

/* The difference of two gaps, 20 of 100 against none. Of group c00 no row is discordant, of c01 20
 * are right for the baseline alone; with one more in each discordant cell the correlations are
 * (n·both − (both + b + 1)(both + c + 1))/n² over the standard deviations. Ratios: bounds of each
 * at half the tail. */
static void difference_of_gaps(void **state) {
  (void)state;
  fairness_rows.n = 0;
  for (uint32_t g = 0; g < 2; g++) {
    fairness_add(g, 1, 1, 1, 60);
    fairness_add(g, 1, g == 0, 1, 20); /* the candidate loses 20 of group 1 */
    fairness_add(g, 1, 0, 0, 20);
  }
  struct fairness_case made = fairness_open(2, false);
  struct inference of[3];
  double low[3], high[3];
  for (int s = 0; s < 3; s++) {
    of[s] = fairness_law(&made, &fairness_equal_opportunity_difference, s);
    inference_bounds(&of[s], s < 2 ? 0.975 : 0.95, &low[s], &high[s]);
  }
  CLOSE(of[2].value, 0.2, 1e-14);
  assert_string_equal(of[2].method, "gaps-by-pairs");
  static const double right[2][2] = {{80, 60}, {80, 80}};
  const double correlation[] = {(102 * 80.0 - 81 * 81) / (81 * 21.0),
                                (102 * 60.0 - 61 * 81) / sqrt(61 * 41.0 * 81 * 21)};
  const struct gap_change_family family = {{{.family = wilson_of, .context = right[0], .n = 2},
                                            {.family = wilson_of, .context = right[1], .n = 2}},
                                           correlation};
  const struct interval hand = gap_change(GAP_DIFFERENCE, &family, 1, 0.025);
  CLOSE(low[2], hand.low, 1e-12);
  CLOSE(high[2], hand.high, 1e-12);
  assert_true(low[2] > low[0] - high[1] && high[2] < high[0] - low[1]);
  expect_p_inverts(&of[2], low[2], high[2]);
  for (int s = 0; s < 3; s++) {
    of[s] = fairness_law(&made, &fairness_demographic_parity_ratio, s);
    inference_bounds(&of[s], s < 2 ? 0.975 : 0.95, &low[s], &high[s]);
  }
  assert_string_equal(of[2].method, "gaps-bonferroni");
  expect_p_inverts(&of[2], low[2], high[2]);
  CLOSE(low[2], low[0] - high[1], 1e-12);
  CLOSE(high[2], high[0] - low[1], 1e-12);
  fairness_close(&made);
}

/* Each failing allocation is an error, and nothing leaks or is read before it was made. */
static void every_allocation_may_fail(void **state) {
  (void)state;
  static const struct measure *const measures[] = {
      &fairness_equalized_odds_difference, &fairness_demographic_parity_ratio,
      &fairness_differential_fairness, &fairness_worst_group, &fairness_no_group_worse};
  const size_t n_measures = sizeof measures / sizeof measures[0];
  static const struct measure_variant plain = {.suffix = ""};
  three_groups();
  fairness_add(3, 1, 1, 1, 12);
  for (size_t m = 0; m < 2 * n_measures; m++) { /* between all pairs, then against a reference */
    const struct measure *measure = measures[m % n_measures];
    nonet_status status = NONET_E_MEMORY;
    long k = 0;
    for (; status == NONET_E_MEMORY; k++) {
      struct fairness_case made = fairness_open(4, false);
      struct inference law = inference_none("none");
      view_column_clear(&made.column);
      (void)memory_fail_after(k);
      status = view_column_init(&made.view, 1, &made.column, NULL);
      made.column.reference = m / n_measures;
      made.view.column = &made.column;
      if (status == NONET_OK && measure->estimate != NULL) {
        status = measure->estimate(measure, &plain, &made.view, STREAM_B, &law, NULL);
      }
      if (status == NONET_OK && measure->compare != NULL) {
        status = measure->compare(measure, &plain, &made.view, &law, NULL);
      }
      (void)memory_fail_after(-1);
      fairness_close(&made);
    }
    assert_int_equal(status, NONET_OK);
    assert_true(k > 20);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opportunity),        cmocka_unit_test(odds_and_complements),
      cmocka_unit_test(small_groups),       cmocka_unit_test(too_few_groups),
      cmocka_unit_test(difference_of_gaps), cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
