/* The contract of the inputs: kept, broken, not asked of the baseline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

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
      cmocka_unit_test(test_contract),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
