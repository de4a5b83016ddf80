/* Parity and rollback: a conversion that is a little off, one that changes decisions, two models.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

static void test_agreement(void **state) {
  (void)state;
  const uint32_t y[] = {0, 1, 1, 0}, a[] = {0, 1, 1, 0}, b[] = {0, 1, 0, 0};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 4, .n_classes = 2, .label = y, .prediction = {a, b}};
  struct summary_set *set;
  struct view view;
  struct inference law;
  struct probe_answers answers = {0};
  double low, high;
  assert_int_equal(fixture_set(&fixture, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  view.answers = &answers;
  const struct measure *parity = &deployability_parity, *labels = &deployability_label_parity;
  assert_int_equal(parity->estimate(parity, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING);
  for (int s = 0; s < N_STREAMS; s++) {
    answers.stream[s].state[PROBE_PARITY].status = PROBE_ANSWERED;
    answers.stream[s].parity = (struct probe_parity){100, s == 0 ? 90 : 100, 0.25, 0.5};
  }
  view.n_notes = 0;
  assert_int_equal(parity->estimate(parity, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 0.25 && view.n == 100);
  assert_string_equal(
      view.note[1], "10 of 100 rows get another decision than from the framework that trained it");
  assert_int_equal(parity->estimate(parity, &parity->variants[1], &view, STREAM_A, &law, NULL),
                   NONET_OK);
  assert_true(law.value == 0.5);
  assert_int_equal(labels->estimate(labels, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.value == 0.9);
  inference_bounds(&law, 0.95, &low,
                   &high); /* SciPy: binomtest(90, 100).proportion_ci(method="wilson") */
  assert_true(fabs(low - 0.8256343384950865) < 1e-12);
  assert_true(fabs(high - 0.9447708629393249) < 1e-12);
  const struct measure *back = &deployability_rollback_flips, *flips = &correctness_flip_rate;
  struct inference other;
  assert_int_equal(back->estimate(back, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_int_equal(flips->estimate(flips, &plain, &view, STREAM_A, &other, NULL), NONET_OK);
  assert_true(law.value == 0.25 && other.value == 0.25 && law.trials == other.trials);
  view_clear(&view);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agreement),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
