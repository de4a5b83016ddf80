/* Top-k accuracy with ties, and the lift over always saying the largest class; agreement with
 * scikit-learn stands in table_law_test.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"
#include "stats/paired.h"

static const struct measure_variant plain = {.suffix = ""};

static struct inference estimate(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view) {
  struct inference law;
  assert_int_equal(measure->estimate(measure, variant, view, STREAM_A, &law, NULL), NONET_OK);
  return law;
}

static void test_top_k_ranks_ties_in_class_order(void **state) {
  (void)state;
  const uint32_t y[] = {0, 1, 2, 3, 1};
  const double p[] = {.25, .25, .25, .25, .25, .25, .25, .25, .25, .25,
                      .25, .25, .25, .25, .25, .25, .4,  .1,  .3,  .2};
  uint32_t a[] = {0, 0, 0, 0, 0};
  struct fixture f = {.task = TASK_MULTICLASS,
                      .n = 5,
                      .n_classes = 4,
                      .n_scores = 4,
                      .label = y,
                      .prediction = {a},
                      .score = {p}};
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  const double wanted[] = {1.0 / 5, 2.0 / 5, 3.0 / 5,
                           NAN}; /* k = 1 is the accuracy of a; k = 4 holds every label */
  for (int k = 1; k <= 4; k++) {
    struct measure_variant variant = {.suffix = "", .number = {k}};
    struct inference law = estimate(&correctness_top_k_accuracy, &variant, &view);
    assert_true(k < 4 ? fabs(law.value - wanted[k - 1]) < 1e-15 : law.kind == INFERENCE_MISSING);
  }
  view_clear(&view);
  summary_free(set);
}

static void test_lift_over_the_largest_class(void **state) {
  (void)state;
  uint32_t y[100], a[100], b[100];
  for (uint32_t i = 0; i < 100; i++) {
    y[i] = i < 70 ? 0 : 1 + i % 2;
    a[i] = i % 10 == 0 ? 2 - y[i] / 2 : y[i];
    b[i] = 0;
  }
  struct fixture f = {
      .task = TASK_MULTICLASS, .n = 100, .n_classes = 3, .label = y, .prediction = {a, b}};
  struct summary_set *set;
  struct view view;
  double low, high, right = 0, both = 0, dummy = 0;
  for (size_t i = 0; i < 100; i++) {
    right += y[i] == a[i], dummy += y[i] == 0, both += y[i] == a[i] && y[i] == 0;
  }
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  struct inference law = estimate(&correctness_lift_over_dummy, &plain, &view), pair;
  inference_bounds(&law, 0.95, &low, &high);
  struct interval newcombe = paired_newcombe(both, right - both, dummy - both, 100, 0.95);
  assert_true(fabs(law.value - newcombe.value) < 1e-15 && low == newcombe.low &&
              high == newcombe.high);
  assert_int_equal(correctness_lift_over_dummy.estimate(&correctness_lift_over_dummy, &plain, &view,
                                                        STREAM_B, &law, NULL),
                   NONET_OK);
  assert_true(law.value == 0); /* the dummy itself */
  assert_int_equal(
      correctness_lift_over_dummy.compare(&correctness_lift_over_dummy, &plain, &view, &pair, NULL),
      NONET_OK);
  assert_true(fabs(pair.value - (right - dummy) / 100) < 1e-15);
  view_clear(&view);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_top_k_ranks_ties_in_class_order),
      cmocka_unit_test(test_lift_over_the_largest_class),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
