/*
 * How rows are divided among classes: by hand, in groups, and where a class has no rows. Against
 * pandas and statsmodels: tests/e2e/test_data.py.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"
#include "stats/near_check.h"

/* Cell 0: 6 rows of class 0, 2 of class 1; cell 1: 4 of class 0. */
static uint32_t label[] = {0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0};
static uint32_t cell[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1};

struct seen {
  size_t n;
  double value[2], rows[2];
  struct view *view;
};

static nonet_status see(void *context, int class_index, const char *column,
                        const struct inference *law, nonet_error *error) {
  struct seen *seen = context;
  (void)error;
  assert_null(column);
  assert_int_equal(class_index, seen->n);
  seen->value[seen->n] = law->value;
  seen->rows[seen->n++] = seen->view->n;
  return NONET_OK;
}

static struct summary_set *make_set(void) {
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = 12,
                                  .n_classes = 2,
                                  .n_cells = 2,
                                  .label = label,
                                  .cell = cell,
                                  .prediction = {label}};
  struct summary_set *set;
  assert_int_equal(fixture_set(&fixture, &set, NULL), NONET_OK);
  return set;
}

static const struct view_options options = {.n_threads = 1, .level = 0.95};

static struct seen each_of(const struct measure *measure, const struct summary_set *set,
                           const bool *in_scope) {
  struct view view;
  struct seen seen = {.view = &view};
  const struct measure_variant plain = {.suffix = ""};
  assert_int_equal(view_init(set, in_scope, -1, &options, &view, NULL), NONET_OK);
  assert_int_equal(measure->each(measure, &plain, &view, see, &seen, NULL), NONET_OK);
  view_clear(&view);
  return seen;
}

static double value_of(const struct measure *measure, const struct summary_set *set,
                       const bool *in_scope, double *low, double *high) {
  struct view view;
  struct inference law;
  const struct measure_variant plain = {.suffix = ""};
  assert_int_equal(view_init(set, in_scope, -1, &options, &view, NULL), NONET_OK);
  assert_int_equal(measure->estimate(measure, &plain, &view, 0, &law, NULL), NONET_OK);
  inference_bounds(&law, 0.95, low, high);
  const double value = law.value;
  view_clear(&view);
  return value;
}

static void test_classes(void **state) {
  (void)state;
  const bool all[] = {true, true}, second[] = {false, true};
  struct summary_set *set = make_set();
  struct seen seen = each_of(&data_class_counts, set, all);
  assert_int_equal(seen.n, 2);
  CLOSE(seen.value[0], 10, 0);
  CLOSE(seen.value[1], 2, 0);
  /* Cui et al. 2019: E_1 = 1, E_2 = 1 + β */
  CLOSE(each_of(&data_effective_number, set, all).value[1], 1.999, 1e-12);
  /* 1.96/(2·sqrt(10 + 3.8415)) and, without rows, all that can be */
  seen = each_of(&data_group_by_class, set, all);
  CLOSE(seen.value[0], 1.959963984540054 / (2 * sqrt(10 + 3.841458820694124)), 1e-12);
  seen = each_of(&data_group_by_class, set, second);
  CLOSE(seen.value[1], 0.5, 0);
  CLOSE(seen.rows[1], 0, 0);
  summary_free(set);
}

/* 100, 40 and 10 rows: three pairs, so that the lower limit has z of 1 − 0.025/3, 2.39398 by
 * scipy.stats.norm.ppf; at equality it is 1. */
static void test_three_classes(void **state) {
  static uint32_t of[150];
  const struct fixture fixture = {
      .task = TASK_MULTICLASS, .n = 150, .n_classes = 3, .label = of, .prediction = {of}};
  const bool all[] = {true};
  struct summary_set *set;
  double low, high;
  (void)state;
  for (uint32_t i = 0; i < 150; i++) {
    of[i] = i < 100 ? 0 : i < 140 ? 1 : 2;
  }
  assert_int_equal(fixture_set(&fixture, &set, NULL), NONET_OK);
  CLOSE(value_of(&data_imbalance_ratio, set, all, &low, &high), 10, 1e-14);
  CLOSE(low, 10 * exp(-2.3939797998185104 * sqrt(0.11)), 1e-9);
  CLOSE(high, 10 * exp(1.959963984540054 * sqrt(0.11)), 1e-9);
  summary_free(set);
  for (uint32_t i = 0; i < 150; i++) {
    of[i] = i % 3;
  }
  assert_int_equal(fixture_set(&fixture, &set, NULL), NONET_OK);
  CLOSE(value_of(&data_imbalance_ratio, set, all, &low, &high), 1, 0);
  CLOSE(low, 1, 0);
  summary_free(set);
}

static void test_whole(void **state) {
  (void)state;
  const bool all[] = {true, true}, second[] = {false, true};
  double low, high;
  struct summary_set *set = make_set();
  CLOSE(value_of(&data_imbalance_ratio, set, all, &low, &high), 5, 1e-15);
  CLOSE(log(high) - log(5.0), 1.959963984540054 * sqrt(0.1 + 0.5), 1e-9);
  assert_true(isnan(value_of(&data_imbalance_ratio, set, second, &low, &high)));
  CLOSE(value_of(&data_no_information_rate, set, all, &low, &high), 10.0 / 12, 1e-15);
  /* −(5/6 log2 5/6 + 1/6 log2 1/6) */
  CLOSE(value_of(&data_evenness, set, all, &low, &high), 0.6500224216483541, 1e-12);
  assert_true(low < 0.65 && high > 0.65);
  CLOSE(value_of(&data_evenness, set, second, &low, &high), 0, 0);
  assert_true(isnan(low));
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes),
                                     cmocka_unit_test(test_three_classes),
                                     cmocka_unit_test(test_whole)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
