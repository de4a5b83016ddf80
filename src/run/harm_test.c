/* Injected harms: over many repeats the candidate's value falls by what was asked for. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/harm.h"
#include "run/selftest_fixture.h"
#include "stats/near_check.h"

/* Over many repeats the harmed law's value falls by δ on average: sizes are what they say. */
static double drop(const struct summary_set *set, const char *id, double size, bool by_rank) {
  struct catalogue_pick *pick = pick_of(id, set->roles.task);
  const struct harm_scope scope = {.in_scope = everywhere, .class_index = -1};
  const struct harm *harm = harm_of(pick->measure, &pick->variant, set->roles.task);
  struct swapped_rows rows;
  struct swapped swapped;
  double sum = 0.0;
  assert_non_null(harm);
  assert_int_equal(swapped_rows_read(set, 1, &rows, NULL), NONET_OK);
  assert_int_equal(swapped_init(&swapped, &rows, NULL), NONET_OK);
  for (uint64_t r = 0; r < 200; r++) {
    double before = NAN;
    for (int harmed = 0; harmed < 2; harmed++) {
      struct summary_set *made = NULL;
      struct inference law;
      struct view view;
      swapped_draw(&swapped, 5, r, by_rank);
      if (harmed) {
        assert_true(harm_inject(harm, &scope, before, size, 5, r, &swapped));
      }
      assert_int_equal(swapped_set(&swapped, pick->measure->kinds | SUMMARY_MULTISET, &made, NULL),
                       NONET_OK);
      assert_int_equal(fixture_view(made, -1, &view, NULL), NONET_OK);
      assert_int_equal(
          pick->measure->estimate(pick->measure, &pick->variant, &view, STREAM_A, &law, NULL),
          NONET_OK);
      sum += harmed ? before - law.value : 0.0;
      before = law.value;
      view_clear(&view);
      summary_free(made);
    }
  }
  swapped_clear(&swapped);
  swapped_rows_clear(&rows);
  memory_free(pick);
  return sum / 200;
}

static void test_harms_have_their_size(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  (void)state;
  CLOSE(drop(set, "correctness.accuracy", 0.03, false), 0.03, 0.002);
  CLOSE(drop(set, "correctness.error_rate", 0.03, false), -0.03, 0.002);
  CLOSE(drop(set, "correctness.recall", 0.05, false), 0.05, 0.003);
  CLOSE(drop(set, "correctness.specificity", 0.05, false), 0.05, 0.003);
  CLOSE(drop(set, "fairness.selection_rate", 0.05, false), 0.05, 0.003);
  CLOSE(drop(set, "correctness.auc", 0.04, true), 0.04, 0.003);
  CLOSE(drop(set, "correctness.log_loss", 0.02, false), -0.02, 1e-9);
  summary_free(set);
}

static void test_regression_and_multiclass(void **state) {
  struct philox_sequence random = {.seed = 9, .id = 2};
  static double p[N_STREAMS][3 * N], target[N];
  (void)state;
  for (size_t i = 0; i < N; i++) {
    target[i] = distribution_normal_quantile(philox_next_uniform(&random));
    label[i] = (uint32_t)(3 * philox_next_uniform(&random));
    for (int s = 0; s < N_STREAMS; s++) {
      score[s][i] = target[i] + distribution_normal_quantile(philox_next_uniform(&random));
      for (uint32_t c = 0; c < 3; c++) {
        p[s][3 * i + c] = c == label[i] ? 0.5 + 0.125 * s : 0.25 - 0.0625 * s;
      }
      prediction[s][i] = (label[i] + (philox_next_uniform(&random) < 0.3)) % 3;
    }
  }
  const struct fixture numbers = {.task = TASK_REGRESSION,
                                  .n = N,
                                  .n_scores = 1,
                                  .target = target,
                                  .score = {score[0], score[1]}};
  const struct fixture classes = {.task = TASK_MULTICLASS,
                                  .n = N,
                                  .n_classes = 3,
                                  .n_scores = 3,
                                  .label = label,
                                  .prediction = {prediction[0], prediction[1]},
                                  .score = {p[0], p[1]}};
  struct summary_set *set = make_set(&numbers);
  CLOSE(drop(set, "correctness.mae", 0.1, false), -0.1, 1e-12);
  summary_free(set);
  set = make_set(&classes);
  CLOSE(drop(set, "correctness.accuracy", 0.03, false), 0.03, 0.003);
  CLOSE(drop(set, "correctness.log_loss", 0.02, false), -0.02, 1e-12);
  summary_free(set);
}

static void test_what_does_not_fit(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *auc = pick_of("correctness.auc", TASK_BINARY);
  struct catalogue_pick *f1 = pick_of("correctness.f1", TASK_BINARY);
  const struct harm_scope scope = {.in_scope = everywhere, .class_index = -1};
  struct swapped_rows rows;
  struct swapped swapped;
  (void)state;
  assert_null(harm_of(f1->measure, &f1->variant, TASK_BINARY));
  assert_null(harm_of(auc->measure, &auc->variant, TASK_MULTICLASS));
  assert_true(harm_reads_ranks(auc->measure));
  assert_false(harm_reads_ranks(f1->measure));
  assert_int_equal(swapped_rows_read(set, 1, &rows, NULL), NONET_OK);
  assert_int_equal(swapped_init(&swapped, &rows, NULL), NONET_OK);
  swapped_draw(&swapped, 1, 1, true);
  const struct harm *harm = harm_of(auc->measure, &auc->variant, TASK_BINARY);
  assert_false(harm_inject(harm, &scope, 0.7, 0.21, 1, 1, &swapped));
  assert_false(harm_inject(harm, &scope, 0.5, 0.01, 1, 1, &swapped));
  assert_true(harm_inject(harm, &scope, 0.7, 0.19, 1, 1, &swapped));
  swapped_clear(&swapped);
  swapped_rows_clear(&rows);
  memory_free(auc);
  memory_free(f1);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_harms_have_their_size),
      cmocka_unit_test(test_regression_and_multiclass),
      cmocka_unit_test(test_what_does_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
