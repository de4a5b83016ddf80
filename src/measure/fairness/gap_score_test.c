/*
 * Gaps of mean scores and of calibration against R, differential fairness against its formula.
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

/* 60 rows with scores .9 .6 .2 .3 and labels 1 1 0 0 in turn, 40 with .5 .4 .1 .2 and 1 0 0 0. */
static struct fairness_case two_scores(bool is_weighted) {
  static const double score[2][4] = {{.9, .6, .2, .3}, {.5, .4, .1, .2}};
  static const uint32_t label[2][4] = {{1, 1, 0, 0}, {1, 0, 0, 0}};
  static double scores[100], weights[100];
  static uint32_t labels[100], cells[100];
  for (size_t i = 0; i < 100; i++) {
    cells[i] = i >= 60;
    scores[i] = score[cells[i]][i % 4];
    labels[i] = label[cells[i]][i % 4];
    weights[i] = 2;
  }
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = 100,
                                  .n_classes = 2,
                                  .n_scores = 1,
                                  .n_cells = 2,
                                  .label = labels,
                                  .score = {scores},
                                  .cell = cells,
                                  .weight = is_weighted ? weights : NULL};
  struct fairness_case made = {0};
  assert_int_equal(fixture_set(&fixture, &made.set, NULL), NONET_OK);
  assert_int_equal(fixture_view(made.set, -1, &made.view, NULL), NONET_OK);
  assert_int_equal(view_column_init(&made.view, 1, &made.column, NULL), NONET_OK);
  return made;
}

/* R 4.2.2: mean +- qt(1 - t, n - 1) sd/sqrt(n) of each group, MOVER of the two; above at t = .025,
 * below at pnorm(-qtukey(.975, 2, Inf)/sqrt(2)). Equal weights change nothing but how the degrees
 * of freedom count. */
static void score_and_calibration(void **state) {
  (void)state;
  for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
    struct fairness_case made = two_scores(is_weighted == 1);
    const double near_enough = is_weighted == 1 ? 2e-3 : 1e-9;
    struct inference law = fairness_law(&made, &fairness_score_gap, STREAM_A);
    double low, high;
    inference_bounds(&law, 0.95, &low, &high);
    assert_int_equal(law.kind, INFERENCE_LIMITS); /* NaN would equal anything */
    CLOSE(law.value, 0.2, 1e-14);
    CLOSE(high, 0.2878204004030233, near_enough);
    CLOSE(low, 0.09896192680722384, near_enough);
    assert_string_equal(made.view.note[0], "from c01 0.3 to c00 0.5");
    law = fairness_law(&made, &fairness_calibration_gap, STREAM_A);
    assert_int_equal(law.kind, INFERENCE_LIMITS);
    inference_bounds(&law, 0.95, &low, &high);
    CLOSE(law.value, 0.05, 1e-14);
    CLOSE(high, 0.1799675857198358, near_enough);
    CLOSE(low, 0, 0);
    fairness_close(&made);
  }
}

/* Chosen 48 of 120, 30 of 100, 9 of 60, and for the second outcome the other way round. In R: p <-
 * (c(48, 30, 9) + .5)/(c(120, 100, 60) + 1); log(max(p)/min(p)) is .9453553179135125. */
static void differential(void **state) {
  (void)state;
  static const size_t chosen[] = {48, 30, 9}, of[] = {120, 100, 60};
  for (uint32_t outcome = 0; outcome < 2; outcome++) {
    fairness_rows.n = 0;
    for (uint32_t g = 0; g < 3; g++) {
      fairness_add(g, 1, outcome, 0, of[g] - chosen[g]);
      fairness_add(g, 0, 1 - outcome, 0, chosen[g]);
    }
    fairness_add(3, 1, 1, 0, 10); /* too small: left out of the number, and leaves it open */
    struct fairness_case made = fairness_open(4, false);
    struct inference law = fairness_law(&made, &fairness_differential_fairness, STREAM_A);
    struct inference ratio = fairness_law(&made, &fairness_demographic_parity_ratio, STREAM_A);
    double low[2], high[2];
    inference_bounds(&law, 0.95, &low[0], &high[0]);
    inference_bounds(&ratio, 0.95, &low[1], &high[1]);
    CLOSE(law.value, 0.9453553179135125, 1e-14);
    if (outcome == 0) { /* selection has the smaller ratio: its bound, and one that pays for two */
      CLOSE(high[0], -log(low[1]), 1e-12);
      inference_bounds(&ratio, 0.975, &low[1], &high[1]);
      CLOSE(low[0], -log(high[1]), 1e-12);
    }
    CLOSE(inference_p(&law, low[0], true), 0.025, 1e-6);
    assert_true(inference_p(&law, 5, false) == 1);
    fairness_close(&made);
  }
}

/* Nobody of one group is chosen: the number is there, an upper bound is not. */
static void nobody_chosen(void **state) {
  (void)state;
  fairness_rows.n = 0;
  fairness_add(0, 1, 1, 0, 20);
  fairness_add(0, 1, 0, 0, 20);
  fairness_add(1, 1, 0, 0, 40);
  struct fairness_case made = fairness_open(2, false);
  struct inference law = fairness_law(&made, &fairness_differential_fairness, STREAM_A);
  double low, high;
  inference_bounds(&law, 0.95, &low, &high);
  CLOSE(law.value, log(20.5 / 0.5), 1e-14);
  assert_true(isinf(high) && low > 0);
  fairness_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(score_and_calibration),
                                     cmocka_unit_test(differential),
                                     cmocka_unit_test(nobody_chosen)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
