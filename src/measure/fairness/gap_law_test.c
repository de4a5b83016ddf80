#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/fairness/gap_law.h"
#include "measure/fairness/group_primary.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

#define MOST 4000

static uint32_t label[MOST], a[MOST], b[MOST], cell[MOST];
static double weight[MOST];
static size_t n;

static void add(uint32_t g, uint32_t y, uint32_t of_a, uint32_t of_b, size_t times) {
  for (size_t i = 0; i < times; i++) {
    label[n] = y;
    a[n] = of_a;
    b[n] = of_b;
    cell[n] = g;
    weight[n] = 1;
    n++;
  }
}

struct case_view {
  struct summary_set *set;
  struct view view;
  struct view_column column;
};

static struct case_view open_case(size_t n_groups, bool is_weighted) {
  struct case_view made = {0};
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = n,
                                  .n_classes = 2,
                                  .n_cells = n_groups,
                                  .label = label,
                                  .prediction = {a, b},
                                  .cell = cell,
                                  .weight = is_weighted ? weight : NULL};
  assert_int_equal(fixture_set(&fixture, &made.set, NULL), NONET_OK);
  assert_int_equal(fixture_view(made.set, -1, &made.view, NULL), NONET_OK);
  assert_int_equal(view_column_init(&made.view, 0, &made.column, NULL), NONET_OK);
  return made;
}

static void close_case(struct case_view *made) {
  view_column_clear(&made->column);
  view_clear(&made->view);
  summary_free(made->set);
}

static struct inference law_of(struct case_view *made, const struct measure *measure, int stream) {
  static const struct measure_variant plain = {.suffix = ""};
  struct inference law = inference_none("none");
  made->view.column = &made->column;
  made->view.n_notes = 0;
  assert_int_equal(stream < N_STREAMS
                       ? measure->estimate(measure, &plain, &made->view, stream, &law, NULL)
                       : measure->compare(measure, &plain, &made->view, &law, NULL),
                   NONET_OK);
  return law;
}

/* Recalls 48/120, 30/100, 9/60, and 40 negatives each. */
static void three_groups(void) {
  static const size_t right[] = {48, 30, 9}, of[] = {120, 100, 60};
  n = 0;
  for (uint32_t g = 0; g < 3; g++) {
    add(g, 1, 1, 1, right[g]);
    add(g, 1, 0, 0, of[g] - right[g]);
    add(g, 0, 0, 0, 40);
  }
}

/* R 4.2.2, as in stats/gap_test.c: Newcombe's bounds at qnorm(.975) and qtukey(.975, 3,
 * Inf)/sqrt(2). */
static void opportunity(void **state) {
  (void)state;
  for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
    three_groups();
    struct case_view made = open_case(3, is_weighted == 1);
    struct inference law = law_of(&made, &fairness_equal_opportunity_difference, STREAM_A);
    double low, high;
    inference_bounds(&law, 0.95, &low, &high);
    assert_float_equal(law.value, 0.25, 1e-14);
    assert_float_equal(low, 0.06127362857522076, is_weighted == 1 ? 1e-2 : 1e-8);
    assert_float_equal(high, 0.3629778823740958, is_weighted == 1 ? 1e-2 : 1e-12);
    assert_float_equal(inference_p(&law, high, false), 0.025, 1e-8);
    assert_float_equal(inference_p(&law, low, true), 0.025, 1e-8);
    assert_string_equal(made.view.note[0], "from c02 0.15 to c00 0.4");
    assert_float_equal(made.view.n, 280, 0);
    close_case(&made);
  }
}

/* All negatives are right, so that the gap of odds is that of TPR; its lower bound pays for two
 * families. */
static void odds_and_complements(void **state) {
  (void)state;
  three_groups();
  struct case_view made = open_case(3, false);
  double low[2], high[2];
  struct inference tpr = law_of(&made, &fairness_equal_opportunity_difference, STREAM_A);
  struct inference odds = law_of(&made, &fairness_equalized_odds_difference, STREAM_A);
  inference_bounds(&tpr, 0.975, &low[0], &high[0]);
  inference_bounds(&odds, 0.95, &low[1], &high[1]);
  assert_float_equal(odds.value, 0.25, 1e-14);
  assert_float_equal(low[1], low[0], 1e-9);
  struct inference fdr = law_of(&made, &fairness_fdr_gap, STREAM_A);
  assert_float_equal(fdr.value, 0, 1e-14); /* no false positive anywhere */
  struct inference omitted = law_of(&made, &fairness_for_gap, STREAM_A);
  assert_float_equal(omitted.value, 72.0 / 112 - 51.0 / 91, 1e-14);
  assert_string_equal(made.view.note[0], "from c02 0.56 to c00 0.643");
  close_case(&made);
}

static void small_groups(void **state) {
  (void)state;
  three_groups();
  add(3, 1, 1, 1, 12);
  struct case_view made = open_case(4, false);
  struct inference law = law_of(&made, &fairness_equal_opportunity_difference, STREAM_A);
  assert_float_equal(law.value, 0.25, 1e-14);
  assert_string_equal(made.view.note[1], "too small to judge: g=c03 has 12 rows and needs 30");
  assert_true(inference_p(&law, 0.9, false) == 1);    /* nothing is proven of all */
  assert_true(inference_p(&law, 0.01, true) < 0.025); /* a gap among the others is */
  close_case(&made);
  three_groups();
  add(3, 0, 0, 0, 60);
  made = open_case(4, false);
  law = law_of(&made, &fairness_equal_opportunity_difference, STREAM_A);
  assert_string_equal(made.view.note[1], "too small to judge: g=c03: no positive rows");
  close_case(&made);
}

static void too_few_groups(void **state) {
  (void)state;
  n = 0;
  add(0, 1, 1, 1, 40);
  add(1, 1, 1, 1, 5);
  struct case_view made = open_case(2, false);
  struct inference law = law_of(&made, &fairness_equal_opportunity_difference, STREAM_A);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  assert_non_null(strstr(law.reason, "a gap needs 2"));
  made.view.column = NULL;
  static const struct measure_variant plain = {.suffix = ""};
  assert_int_equal(fairness_fpr_gap.estimate(&fairness_fpr_gap, &plain, &made.view, 0, &law, NULL),
                   NONET_OK);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  close_case(&made);
}

/* The difference of two gaps: bounds of each at half the tail. */
static void difference_of_gaps(void **state) {
  (void)state;
  n = 0;
  for (uint32_t g = 0; g < 2; g++) {
    add(g, 1, 1, 1, 60);
    add(g, 1, g == 0, 1, 20); /* the candidate loses 20 of group 1 */
    add(g, 1, 0, 0, 20);
  }
  struct case_view made = open_case(2, false);
  struct inference of[3];
  double low[3], high[3];
  for (int s = 0; s < 3; s++) {
    of[s] = law_of(&made, &fairness_equal_opportunity_difference, s);
    inference_bounds(&of[s], s < 2 ? 0.975 : 0.95, &low[s], &high[s]);
  }
  assert_float_equal(of[2].value, 0.2, 1e-14);
  assert_float_equal(low[2], low[0] - high[1], 1e-12);
  assert_float_equal(high[2], high[0] - low[1], 1e-12);
  close_case(&made);
}

/* Group 1 loses, the others do not: the worst group is it, and its part is Tango's law turned. */
static void no_group_worse(void **state) {
  (void)state;
  n = 0;
  for (uint32_t g = 0; g < 3; g++) {
    add(g, 1, 1, 1, 100);
    add(g, 1, g != 1, 1, 40);
    add(g, 1, 1, 0, 20);
    add(g, 0, 0, 0, 100);
  }
  add(3, 1, 1, 1, 10);
  struct case_view made = open_case(4, false);
  struct inference worst = law_of(&made, &fairness_no_group_worse, N_STREAMS);
  assert_ptr_equal(group_primary(&made.view), &correctness_balanced_accuracy); /* no scores */
  assert_float_equal(worst.value, (20.0 - 40.0) / 160 / 2, 1e-12);
  assert_string_equal(made.view.note[0], "in c01");
  assert_non_null(strstr(made.view.note[1], "g=c03 has 10 rows and needs 30"));
  struct inference laws[4];
  double rows[4];
  assert_int_equal(fairness_no_group_worse.compare_groups(&fairness_no_group_worse, &made.view,
                                                          laws, rows, NULL),
                   NONET_OK);
  assert_true(laws[0].undecided == NULL && laws[3].undecided != NULL);
  assert_float_equal(laws[0].value, 20.0 / 160 / 2, 1e-12);
  assert_true(inference_p(&laws[1], -0.02, false) < 0.05);
  close_case(&made);
}

/* b = 0, 1, 2 in shares .1, .7, .2 of 1,000 rows: R 4.2.2, multinomial delta with a numeric
 * gradient. */
static void inequality(void **state) {
  (void)state;
  for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
    n = 0;
    add(0, 1, 0, 0, 100);
    add(0, 1, 1, 1, 300);
    add(1, 0, 0, 0, 400);
    add(1, 0, 1, 1, 200);
    struct case_view made = open_case(2, is_weighted == 1);
    const double slack = is_weighted == 1 ? 1e-3 : 1e-8;
    double low, high;
    struct inference law = law_of(&made, &fairness_generalized_entropy, STREAM_A);
    inference_bounds(&law, 0.95, &low, &high);
    assert_float_equal(law.value, 0.119834710743802, 1e-12);
    assert_float_equal(low, 0.107426545520653, slack);
    assert_float_equal(high, 0.133676065161099, slack);
    law = law_of(&made, &fairness_theil, STREAM_A);
    inference_bounds(&law, 0.95, &low, &high);
    assert_float_equal(law.value, 0.156743340399291, 1e-12);
    assert_float_equal(low, 0.137199476716744, slack);
    assert_float_equal(high, 0.179071198720758, slack);
    /* means .75 of 400 rows and 4/3 of 600, 1.1 of all */
    law = law_of(&made, &fairness_between_group, STREAM_A);
    assert_float_equal(law.value, ((0.4 * 0.75 * 0.75 + 0.6 * 16 / 9) / 1.21 - 1) / 2, 1e-13);
    assert_int_equal(law.kind, INFERENCE_MISSING);
    close_case(&made);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opportunity),        cmocka_unit_test(odds_and_complements),
      cmocka_unit_test(small_groups),       cmocka_unit_test(too_few_groups),
      cmocka_unit_test(difference_of_gaps), cmocka_unit_test(no_group_worse),
      cmocka_unit_test(inequality)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
