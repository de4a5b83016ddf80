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

static void test_contract(void **state) {
  (void)state;
  const uint32_t y[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {y, y}};
  struct summary_set *set;
  struct view view;
  struct inference law;
  struct probe_answers answers = {0};
  const struct measure *contract = &deployability_schema_contract;
  assert_int_equal(fixture_set(&fixture, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  view.answers = &answers;
  answers.stream[0].state[PROBE_CONTRACT].status = PROBE_ANSWERED;
  answers.stream[0].contract = (struct probe_contract){.n_asked = {2, 1, 2, 0, 2, 1},
                                                       .n_kept = {2, 1, 0, 0, 2, 1},
                                                       .n_columns = 2,
                                                       .n_columns_all = 3};
  assert_int_equal(contract->estimate(contract, &plain, &view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 0.75 && view.n == 8);
  assert_string_equal(view.note[0], "2 of the 3 columns it reads were tried");
  assert_string_equal(view.note[1], "null: 0 of 2 answered as the contract wants");
  assert_int_equal(view.n_notes, 2);
  assert_int_equal(contract->compare(contract, &plain, &view, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING); /* the baseline was not asked */
  view_clear(&view);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agreement),
      cmocka_unit_test(test_contract),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
