/* The gap is the primary's law, moved; its primary is the catalogue's; what lacks says why. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/catalogue.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};
static const struct measure *const gap = &correctness_generalisation_gap;

static void test_primary_is_the_catalogues(void **state) {
  (void)state;
  const enum task tasks[] = {TASK_BINARY, TASK_MULTICLASS, TASK_REGRESSION};
  const unsigned bits[] = {FOR_BINARY, FOR_MULTICLASS, FOR_REGRESSION};
  for (size_t t = 0; t < 3; t++) {
    const struct measure *primary = NULL;
    for (size_t i = 0; i < catalogue_n(); i++) {
      const struct measure *m = catalogue_at(i);
      if (m->attribute == ATTRIBUTE_CORRECTNESS && (m->primary_of & bits[t]) != 0) {
        primary = m;
      }
    }
    assert_ptr_equal(primary, generalisation_gap_primary(tasks[t]));
    assert_non_null(primary->compare);
    assert_true((primary->kinds & ~gap->kinds) == 0);
  }
}

static void check_moved(enum task task, struct fixture *fixture) {
  const struct measure *primary = generalisation_gap_primary(task);
  const double train[N_STREAMS] = {0.9, 0.7};
  struct summary_set *set;
  struct view view;
  struct inference of_test, law;
  double low, high, low_test, high_test;
  struct probe_answers answers = {0};
  assert_int_equal(fixture_set(fixture, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  view.answers = &answers;
  assert_int_equal(gap->estimate(gap, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  for (int s = 0; s < N_STREAMS; s++) {
    answers.stream[s].state[PROBE_TRAIN].status = PROBE_ANSWERED;
    answers.stream[s].train.value = train[s];
    strcpy(answers.stream[s].train.measure, primary->id);
  }
  for (int s = 0; s < N_STREAMS; s++) {
    assert_int_equal(primary->estimate(primary, &plain, &view, s, &of_test, NULL), NONET_OK);
    assert_int_equal(gap->estimate(gap, &plain, &view, s, &law, NULL), NONET_OK);
    inference_bounds(&of_test, .95, &low_test, &high_test);
    inference_bounds(&law, .95, &low, &high);
    assert_true(fabs(law.value - (of_test.value - train[s])) < 1e-15);
    assert_true(fabs(low - (low_test - train[s])) < 1e-15);
    assert_true(fabs(high - (high_test - train[s])) < 1e-15);
    double p = inference_p(&of_test, of_test.value - .1, true);
    /* a law of replicates knows its p to one of 1,001 */
    double slack = of_test.kind == INFERENCE_BOOT_T ? 2e-3 : 1e-6;
    assert_true(fabs(inference_p(&law, law.value - .1, true) - p) < slack);
  }
  assert_int_equal(primary->compare(primary, &plain, &view, &of_test, NULL), NONET_OK);
  assert_int_equal(gap->compare(gap, &plain, &view, &law, NULL), NONET_OK);
  assert_true(fabs(law.value - (of_test.value - .2)) < 1e-15);
  strcpy(answers.stream[0].train.measure, "correctness.accuracy"); /* 3 */
  assert_int_equal(gap->estimate(gap, &plain, &view, STREAM_A, &law, NULL), NONET_E_INTERNAL);
  strcpy(answers.stream[0].train.measure, primary->id);
  answers.stream[0].train.value = NAN;
  assert_int_equal(gap->estimate(gap, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_non_null(strstr(law.reason, "no value on the training rows"));
  view_clear(&view);
  summary_free(set);
}

static void test_gap_is_moved(void **state) {
  (void)state;
  enum { N = 40 };
  uint32_t y[N];
  double a[N], b[N], target[N];
  for (size_t i = 0; i < N; i++) {
    y[i] = (uint32_t)(i % 2);
    a[i] = .05 + .9 * (double)((i * 17 + (i % 2) * 11) % N) / N;
    b[i] = .05 + .9 * (double)((i * 13 + (i % 2) * 5) % N) / N;
    target[i] = (double)((i * 7) % N) / N;
  }
  struct fixture binary = {
      .task = TASK_BINARY, .n = N, .n_classes = 2, .n_scores = 1, .label = y, .score = {a, b}};
  check_moved(TASK_BINARY, &binary);
  struct fixture regression = {
      .task = TASK_REGRESSION, .n = N, .n_scores = 1, .target = target, .score = {a, b}};
  check_moved(TASK_REGRESSION, &regression);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_primary_is_the_catalogues),
      cmocka_unit_test(test_gap_is_moved),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
