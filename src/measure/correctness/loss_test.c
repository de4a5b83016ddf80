/* Log loss and Brier score: which law, what a probability of 0 does, bootstrap-t on skewed losses,
 * both paths (exact sums and rows) alike. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

struct opened {
  struct summary_set *set;
  struct view view;
};

static void open_rows(const struct fixture *fixture, struct opened *opened) {
  nonet_error error = {{0}};
  assert_int_equal(fixture_set(fixture, &opened->set, &error), NONET_OK);
  assert_int_equal(fixture_view(opened->set, -1, &opened->view, &error), NONET_OK);
}

static void close_rows(struct opened *opened) {
  view_clear(&opened->view);
  summary_free(opened->set);
}

static struct inference estimate(const struct measure *measure, struct opened *opened) {
  struct inference law;
  assert_int_equal(measure->estimate(measure, &plain, &opened->view, STREAM_A, &law, NULL),
                   NONET_OK);
  return law;
}

static struct inference compare(const struct measure *measure, struct opened *opened) {
  struct inference law;
  assert_int_equal(measure->compare(measure, &plain, &opened->view, &law, NULL), NONET_OK);
  return law;
}

static void test_zero_probability_is_not_clipped(void **state) {
  (void)state;
  const uint32_t y[] = {1, 0, 1, 1, 0};
  const double p[] = {0.9, 0.2, 0.0, 0.7, 1.0}, q[] = {0.9, 0.2, 0.4, 0.7, 0.1};
  struct fixture f = {.task = TASK_BINARY,
                      .n = 5,
                      .n_classes = 2,
                      .n_scores = 1,
                      .label = y,
                      .prediction = {y, y},
                      .score = {p, q}};
  struct opened opened;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_log_loss, &opened);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value));
  assert_non_null(strstr(law.reason, "2 rows give probability 0"));
  law = compare(&correctness_log_loss, &opened);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value));
  law = estimate(&correctness_brier, &opened);
  assert_true(fabs(law.value - (0.01 + 0.04 + 1 + 0.09 + 1) / 5) < 1e-15);
  close_rows(&opened);
  uint64_t cluster[] = {1, 2, 3, 4, 5}; /* and by rows */
  f.cluster = cluster;
  open_rows(&f, &opened);
  law = estimate(&correctness_log_loss, &opened);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value));
  close_rows(&opened);
}

static uint32_t y[30000], a[30000];
static double pa[30000], pb[30000];

static void draw(size_t n, uint64_t id) {
  struct philox_sequence draws = {.seed = 11, .id = id, .position = 0};
  for (size_t i = 0; i < n; i++) {
    double u = philox_next_uniform(&draws);
    pa[i] = 0.05 + 0.9 * u * u;
    y[i] = philox_next_uniform(&draws) < pa[i];
    pb[i] = 0.8 * pa[i] + 0.2 * philox_next_uniform(&draws);
    a[i] = pa[i] >= 0.5;
  }
}

static struct fixture drawn(size_t n) {
  return (struct fixture){.task = TASK_BINARY,
                          .n = n,
                          .n_classes = 2,
                          .n_scores = 1,
                          .label = y,
                          .prediction = {a, a},
                          .score = {pa, pb}};
}

static void test_bootstrap_t_for_small_tables_only(void **state) {
  (void)state;
  const size_t sizes[] = {300, 20000, 20001};
  for (size_t i = 0; i < 3; i++) {
    draw(sizes[i], i);
    struct fixture f = drawn(sizes[i]);
    struct opened opened;
    open_rows(&f, &opened);
    double low, high;
    struct inference law = estimate(&correctness_log_loss, &opened), pair;
    assert_int_equal(law.kind, i < 2 ? INFERENCE_BOOT_T : INFERENCE_T);
    assert_string_equal(law.method, i < 2 ? "bootstrap-t" : "mean");
    inference_bounds(&law, 0.95, &low, &high);
    assert_true(low < law.value && law.value < high);
    assert_true(fabs((high - low) / (2 * 1.96 * law.se) - 1) <
                0.25); /* of the size of a normal interval */
    if (i == 0) {
      assert_true(high - law.value > law.value - low); /* losses are skewed to the right */
    }
    pair = compare(&correctness_log_loss, &opened);
    assert_int_equal(pair.kind, i < 2 ? INFERENCE_BOOT_T : INFERENCE_T);
    if (pair.undecided != NULL && i > 0) { /* 300 rows: one may hold over a tenth of the variance */
      fail_msg("n = %zu: %s", sizes[i], pair.undecided);
    }
    assert_true(isfinite(pair.pair_covariance) &&
                fabs(pair.pair_value[0] - pair.pair_value[1] - pair.value) < 1e-12);
    double of_parts = pair.pair_variance[0] + pair.pair_variance[1] - 2 * pair.pair_covariance;
    assert_true(fabs(of_parts / (pair.se * pair.se) - 1) < 1e-6);
    pair = compare(&correctness_brier, &opened);
    assert_int_equal(pair.kind, INFERENCE_T);
    assert_true(pair.df == (double)sizes[i] - 1);
    close_rows(&opened);
  }
}

/* Weighted by 1: the path over rows, with the same value, and t(n − 1) but for rows that sit on the
 * mean. */
static void test_sums_and_rows_agree(void **state) {
  (void)state;
  static double ones[500];
  draw(500, 9);
  for (size_t i = 0; i < 500; i++) {
    ones[i] = 1;
  }
  struct fixture f = drawn(500), weighted = drawn(500);
  weighted.weight = ones;
  struct opened by_sums, by_rows;
  open_rows(&f, &by_sums);
  open_rows(&weighted, &by_rows);
  struct inference left = estimate(&correctness_brier, &by_sums),
                   right = estimate(&correctness_brier, &by_rows);
  assert_true(fabs(left.value - right.value) < 1e-15 && fabs(left.se / right.se - 1) < 1e-10 &&
              left.df == right.df);
  left = compare(&correctness_log_loss, &by_sums), right = compare(&correctness_log_loss, &by_rows);
  assert_true(fabs(left.value - right.value) < 1e-13 && fabs(left.se / right.se - 1) < 1e-9);
  assert_int_equal(right.kind, INFERENCE_T);
  close_rows(&by_sums);
  close_rows(&by_rows);
}

static void test_one_heavy_row_does_not_decide(void **state) {
  (void)state;
  draw(200, 4);
  pb[0] = y[0] == 1 ? 1e-12 : 1 - 1e-12;
  struct fixture f = drawn(200);
  struct opened opened;
  open_rows(&f, &opened);
  struct inference pair = compare(&correctness_log_loss, &opened);
  assert_non_null(pair.undecided);
  assert_non_null(strstr(pair.undecided, "one of the rows"));
  close_rows(&opened);
}

static void test_multiclass_brier_is_the_sum(void **state) {
  (void)state;
  const uint32_t labels[] = {0, 2};
  const double p[] = {0.5, 0.3, 0.2, 0.1, 0.1, 0.8};
  struct fixture f = {.task = TASK_MULTICLASS,
                      .n = 2,
                      .n_classes = 3,
                      .n_scores = 3,
                      .label = labels,
                      .prediction = {labels},
                      .score = {p}};
  struct opened opened;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_brier, &opened);
  assert_true(fabs(law.value - (0.25 + 0.09 + 0.04 + 0.01 + 0.01 + 0.04) / 2) < 1e-15);
  law = estimate(&correctness_log_loss, &opened);
  assert_true(fabs(law.value + (log(0.5) + log(0.8)) / 2) < 1e-15);
  close_rows(&opened);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_zero_probability_is_not_clipped),
      cmocka_unit_test(test_bootstrap_t_for_small_tables_only),
      cmocka_unit_test(test_sums_and_rows_agree),
      cmocka_unit_test(test_one_heavy_row_does_not_decide),
      cmocka_unit_test(test_multiclass_brier_is_the_sum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
