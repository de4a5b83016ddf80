/* A model that loads, one that does not, one that answers otherwise the second time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

static void test_serving(void **state) {
  (void)state;
  const uint32_t y[] = {0, 1}, p[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {p, p}};
  struct summary_set *set;
  struct view view;
  struct inference law;
  struct probe_answers answers = {0};
  assert_int_equal(fixture_set(&fixture, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  view.answers = &answers;
  for (int s = 0; s < N_STREAMS; s++) {
    answers.stream[s].state[PROBE_LOADS].status = PROBE_ANSWERED;
    answers.stream[s].loads = (struct probe_loads){
        .n_steps = 3, .step = {{.is_ok = true}, {1, .is_ok = true}, {256, .is_ok = true}}};
  }
  const struct measure *loads = &deployability_loads, *same = &deployability_determinism;
  assert_int_equal(loads->estimate(loads, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 1 && view.n == 3);
  assert_int_equal(view.n_notes, 0);
  answers.stream[0].loads.step[2].is_ok = false;
  strcpy(answers.stream[0].loads.step[2].error, "Got invalid dimensions");
  assert_int_equal(loads->estimate(loads, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 0);
  assert_string_equal(view.note[0], "opens, but does not answer 256 rows: Got invalid dimensions");
  assert_int_equal(loads->compare(loads, &plain, &view, &law, NULL), NONET_OK);
  assert_true(law.value == -1);

  assert_int_equal(same->estimate(same, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value));
  for (int s = 0; s < N_STREAMS; s++) {
    answers.stream[s].state[PROBE_DETERMINISM].status = PROBE_ANSWERED;
    answers.stream[s].determinism = (struct probe_determinism){.n_rows = 200, .n_runs = 5};
  }
  answers.stream[0].determinism.n_rows_changed = 50;
  answers.stream[0].determinism.n_labels_changed = 2;
  answers.stream[0].determinism.largest_difference = 0.25;
  view.n_notes = 0;
  assert_int_equal(same->estimate(same, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.value == 0.75 && view.n == 200);
  assert_string_equal(view.note[1],
                      "50 rows change their bytes, by at most 0.25; 2 change their decision");
  assert_int_equal(same->compare(same, &plain, &view, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_EXACT && law.value == -0.25);
  view_clear(&view);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_serving),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
