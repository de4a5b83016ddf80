/*
 * Conditional parity against R on UCBAdmissions, and what cannot be compared.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/fairness/fairness_fixture.h"
#include "measure/records.h"
#include "stats/near_check.h"

/* R's UCBAdmissions, departments A-F: admitted and rejected, men (c00), then women (c01). The
 * baseline admits everybody of the first three departments. */
static struct fairness_case admissions(bool is_weighted) {
  static const size_t rows[2][6][2] = {
      {{512, 313}, {353, 207}, {120, 205}, {138, 279}, {53, 138}, {22, 351}},
      {{89, 19}, {17, 8}, {202, 391}, {131, 244}, {94, 299}, {24, 317}}};
  fairness_rows.n = 0;
  for (uint32_t g = 0; g < 2; g++) {
    for (uint32_t s = 0; s < 6; s++) {
      fairness_add(g * 6 + s, 1, 1, s < 3, rows[g][s][0]);
      fairness_add(g * 6 + s, 0, 0, s < 3, rows[g][s][1]);
    }
  }
  return fairness_open_strata(2, 6, is_weighted);
}

/* R 4.2.2: Mantel-Haenszel's difference -.0184251961908525; mantelhaen.test(correct = FALSE):
 * 1.5246, p .2169, common odds ratio .904696828258623, interval .771907361759350 to
 * 1.060329764436656. Crude: 1198/2691 - 557/1835 = .1416. SciPy 1.17: the score over strata from
 * each likelihood's own root (brentq) at norm.ppf(.975), and at norm.isf(.125) for the two ordered
 * pairs; ratesci's numbers for it are in stats/difference_test.c. */
static void published_numbers(void **state) {
  (void)state;
  struct fairness_case made = admissions(false);
  struct inference law = fairness_law(&made, &fairness_conditional_parity, STREAM_A);
  const double x = 0.0184251961908525;
  double low, high;
  assert_int_equal(law.kind, INFERENCE_LIMITS); /* NaN would equal anything */
  inference_bounds(&law, 0.95, &low, &high);
  CLOSE(law.value, x, 1e-13);
  CLOSE(high, 0.04751380502245103, 1e-13);
  CLOSE(low, 0, 0);
  CLOSE(inference_p(&law, high, false), 0.025, 1e-12);
  inference_bounds(&law, 0.5, &low, &high);
  CLOSE(low, 0.001269431699570056, 1e-13);
  CLOSE(inference_p(&law, low, true), 0.25, 1e-12);
  assert_string_equal(made.view.note[0],
                      "c01 more than c00; Mantel-Haenszel chi-square 1.525, p 0.217, common odds "
                      "ratio 1.105, 6 strata");
  struct inference crude = fairness_law(&made, &fairness_demographic_parity_difference, STREAM_A);
  CLOSE(crude.value, 1198.0 / 2691 - 557.0 / 1835, 1e-14);
  static const struct measure_variant ratio = {.suffix = "odds_ratio", .word = "odds_ratio"};
  law = fairness_law_of(&made, &fairness_conditional_parity, &ratio, STREAM_A);
  inference_bounds(&law, 0.95, &low, &high);
  CLOSE(law.value, 1 / 0.904696828258623, 1e-12);
  CLOSE(high, 1 / 0.771907361759350, 1e-12);
  CLOSE(low, 1, 0);
  fairness_close(&made);
}

/* The baseline decides by the department alone: every stratum is all or nothing, so that no
 * variance is known, and nothing is claimed. */
static void no_choice_within_strata(void **state) {
  (void)state;
  struct fairness_case made = admissions(false);
  struct inference law = fairness_law(&made, &fairness_conditional_parity, STREAM_B);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  assert_non_null(strstr(law.reason, "no two groups can be compared"));
  fairness_close(&made);
}

static void what_leaves_it_open(void **state) {
  (void)state;
  struct fairness_case made = admissions(true);
  struct inference law = fairness_law(&made, &fairness_conditional_parity, STREAM_A);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  assert_string_equal(law.reason, "not yet with weights or clusters");
  fairness_close(&made);
  fairness_rows.n = 0; /* groups 0 and 1 share stratum 0; 2 is alone in 1; 3 has 5 rows */
  for (uint32_t g = 0; g < 2; g++) {
    fairness_add(g * 2, 1, 1, 0, g == 0 ? 60 : 30);
    fairness_add(g * 2, 0, 0, 0, g == 0 ? 40 : 70);
  }
  fairness_add(5, 1, 1, 0, 50);
  fairness_add(5, 1, 0, 0, 50);
  fairness_add(6, 1, 1, 0, 5);
  made = fairness_open_strata(4, 2, false);
  law = fairness_law(&made, &fairness_conditional_parity, STREAM_A);
  CLOSE(law.value, 0.3, 1e-14);
  assert_true(inference_p(&law, 0.9, false) == 1); /* nothing is proven of all */
  assert_true(inference_p(&law, 0.05, true) < 0.025);
  assert_string_equal(made.view.note[0],
                      "no comparison of c00 and c02: 0 rows in common strata, or no choice there");
  assert_string_equal(made.view.note[3], "too small to judge: g=c03 has 5 rows and needs 30");
  fairness_close(&made);
}

/* Each failing allocation is an error, and nothing leaks or is read before it was made. */
static void every_allocation_may_fail(void **state) {
  (void)state;
  static const struct measure_variant plain = {.suffix = ""};
  nonet_status status = NONET_E_MEMORY;
  long k = 0;
  for (; status == NONET_E_MEMORY; k++) {
    struct fairness_case made = admissions(false);
    struct inference law = inference_none("none");
    made.view.column = &made.column;
    (void)memory_fail_after(k);
    status = fairness_conditional_parity.estimate(&fairness_conditional_parity, &plain, &made.view,
                                                  STREAM_A, &law, NULL);
    (void)memory_fail_after(-1);
    fairness_close(&made);
  }
  assert_int_equal(status, NONET_OK);
  assert_true(k > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_numbers), cmocka_unit_test(no_choice_within_strata),
      cmocka_unit_test(what_leaves_it_open), cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
