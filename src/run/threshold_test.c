/*
 * Thresholds against the definition: the measure's value at every threshold, by counting.
 */
#include "run/threshold.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/philox.h"

static const struct table2_spec f1 = {.function = TABLE2_F_BETA, .positive = 1, .beta = 1};
static const struct table2_spec precision = {.function = TABLE2_PRECISION, .positive = 1};

/* scikit-learn's example of precision_recall_curve: F1 is 2/3, .8, 1/2, 2/3 from the highest down.
 */
static void test_by_hand(void **state) {
  (void)state;
  uint32_t label[] = {0, 0, 1, 1};
  double score[] = {0.1, 0.4, 0.35, 0.8}, threshold, value;
  const struct row_set rows = {.n = 4, .label = label, .score = {score}, .n_scores = 1};
  assert_int_equal(threshold_best(&rows, STREAM_A, &f1, &threshold, &value, NULL), NONET_OK);
  assert_true(threshold == 0.35);
  assert_true(fabs(value - 0.8) < 1e-15);
  /* Precision is 1 at the highest score; of equal values the highest threshold. */
  assert_int_equal(threshold_best(&rows, STREAM_A, &precision, &threshold, &value, NULL), NONET_OK);
  assert_true(threshold == 0.8 && value == 1);
}

static double value_at(const struct row_set *rows, double t, const struct table2_spec *spec) {
  double table[4] = {0, 0, 0, 0};
  for (size_t i = 0; i < rows->n; i++) {
    table[rows->label[i] * 2 + (rows->score[STREAM_B][i] >= t)] +=
        (double)rows->count[i] * rows->weight[i];
  }
  return table2_value(spec, table, 2, NULL);
}

static void test_by_counting(void **state) {
  (void)state;
  static const enum table2_function functions[] = {TABLE2_F_BETA, TABLE2_MCC, TABLE2_ACCURACY,
                                                   TABLE2_BALANCED_ACCURACY, TABLE2_INFORMEDNESS};
  enum { N = 60 };
  uint32_t label[N];
  uint64_t count[N];
  double score[N], weight[N];
  for (uint32_t run = 0; run < 40; run++) {
    for (uint32_t i = 0; i < N; i++) {
      const struct philox_block u = philox_row(1, PHILOX_SIMULATE, run, i);
      label[i] = u.word[0] % 4 == 0;
      score[i] = (double)(u.word[1] % 12) / 8 + label[i] * 0.3; /* ties */
      count[i] = 1 + u.word[2] % 3;
      weight[i] = (double)(u.word[3] % 5) / 4;
    }
    const struct row_set rows = {.n = N,
                                 .label = label,
                                 .count = count,
                                 .weight = weight,
                                 .score = {NULL, score},
                                 .n_scores = 1};
    for (size_t f = 0; f < sizeof functions / sizeof functions[0]; f++) {
      const struct table2_spec spec = {.function = functions[f], .positive = 1, .beta = 1};
      double threshold, value;
      assert_int_equal(threshold_best(&rows, STREAM_B, &spec, &threshold, &value, NULL), NONET_OK);
      assert_true(fabs(value_at(&rows, threshold, &spec) - value) < 1e-12);
      for (size_t i = 0; i < N; i++) {
        const double there = value_at(&rows, score[i], &spec); /* MCC: none where all are chosen */
        assert_true(isnan(there) ? spec.function == TABLE2_MCC : there <= value + 1e-12);
      }
    }
  }
}

static void test_no_value(void **state) {
  (void)state;
  uint32_t label[] = {0, 0};
  double score[] = {0.1, 0.4}, threshold, value;
  const struct table2_spec recall = {.function = TABLE2_RECALL, .positive = 1};
  struct row_set rows = {.n = 2, .label = label, .score = {score}, .n_scores = 1};
  assert_int_equal(threshold_best(&rows, STREAM_A, &recall, &threshold, &value, NULL), NONET_OK);
  assert_true(isnan(threshold) && isnan(value));
  rows.n = 0;
  assert_int_equal(threshold_best(&rows, STREAM_A, &f1, &threshold, &value, NULL), NONET_OK);
  assert_true(isnan(threshold) && isnan(value));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand),
                                     cmocka_unit_test(test_by_counting),
                                     cmocka_unit_test(test_no_value)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
