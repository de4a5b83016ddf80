/* The shared laws at their edges: empty, constant, p = 0 and 1 under weights, the parts of a paired
 * difference, and when a pair must not decide. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/law.h"
#include "measure/measure_fixture.h"

#define N 120

static const struct measure share = {
    .id = "correctness.share", .interval = "test", .range = {0, 1}};
static const struct measure loss = {
    .id = "correctness.loss", .interval = "test", .range = {0, INFINITY}};

static double target[N], score[N], weight[N];
static uint64_t cluster[N];

struct opened {
  struct summary_set *set;
  struct view view;
  const struct row_set *rows;
};

static void open_rows(size_t n, bool weighted, size_t n_clusters, struct opened *opened) {
  for (size_t i = 0; i < n; i++) {
    target[i] = (double)i;
    score[i] = (double)(n - i);
    weight[i] = 1 + (double)(i % 2);
    cluster[i] = n_clusters > 0 ? i % n_clusters : 0;
  }
  struct fixture f = {.task = TASK_REGRESSION,
                      .n = n,
                      .n_scores = 1,
                      .target = target,
                      .score = {score, score},
                      .weight = weighted ? weight : NULL,
                      .cluster = n_clusters > 0 ? cluster : NULL};
  assert_int_equal(fixture_set(&f, &opened->set, NULL), NONET_OK);
  assert_int_equal(fixture_view(opened->set, -1, &opened->view, NULL), NONET_OK);
  assert_int_equal(view_rows(&opened->view, &opened->rows, NULL), NONET_OK);
  assert_int_equal(opened->rows->n, n);
}

static void close_rows(struct opened *opened) {
  view_clear(&opened->view);
  summary_free(opened->set);
}

static void test_mean_of_rows(void **state) {
  (void)state;
  struct opened opened;
  struct inference law;
  double x[N], low, high;
  open_rows(5, false, 0, &opened);
  const double values[] = {2, 4, 4, 5, NAN};
  for (size_t i = 0; i < 5; i++) {
    x[i] = values[(size_t)opened.rows->target[i]];
  }
  assert_int_equal(law_mean_rows(&loss, &opened.view, x, false, &law, NULL), NONET_OK);
  inference_bounds(&law, 0.95, &low,
                   &high); /* R: t.test(c(2, 4, 4, 5))$conf.int is 1.747690 to 5.752310 */
  assert_true(fabs(law.value - 3.75) < 1e-15 && law.df == 3 && opened.view.n == 4);
  assert_true(fabs(low - (3.75 - 3.182446305284263 * sqrt(19.0 / 12) / 2)) < 1e-12);
  assert_true(fabs(high - (3.75 + 3.182446305284263 * sqrt(19.0 / 12) / 2)) < 1e-12);
  for (size_t i = 0; i < 5; i++) {
    x[i] = i == 2 ? 7 : NAN;
  }
  assert_int_equal(law_mean_rows(&loss, &opened.view, x, false, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING && law.value == 7 && opened.view.n == 1);
  x[2] = NAN;
  assert_int_equal(law_mean_rows(&loss, &opened.view, x, false, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value) && opened.view.n == 0);
  for (size_t i = 0; i < 5; i++) {
    x[i] = 0.1;
  }
  assert_int_equal(law_mean_rows(&loss, &opened.view, x, false, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING &&
              fabs(law.value - 0.1) < 1e-16); /* all the same: no interval */
  close_rows(&opened);
}

static void test_shares_at_their_edges(void **state) {
  (void)state;
  struct opened opened;
  struct inference law;
  double x[N], low, high;
  for (int value = 0; value < 2; value++) {
    for (int kind = 0; kind < 3; kind++) {
      open_rows(60, kind > 0, kind > 1 ? 30 : 0, &opened);
      for (size_t i = 0; i < 60; i++) {
        x[i] = value;
      }
      assert_int_equal(law_share_rows(&share, &opened.view, x, &law, NULL), NONET_OK);
      assert_true(law.kind == INFERENCE_WILSON && law.value == value);
      /* rows; (Σw)²/Σw² = 90²/150 = 54; clusters */
      assert_true(fabs(law.trials - (kind == 0 ? 60 : kind == 1 ? 54 : 30)) < 1e-9);
      inference_bounds(&law, 0.95, &low, &high);
      assert_true(value == 0 ? fabs(low) < 1e-15 && high > 0.05 : high > 1 - 1e-15 && low < 0.95);
      close_rows(&opened);
    }
  }
  open_rows(60, true, 30, &opened);
  law_wilson_effective(&share, &opened.view, 0.5, 0.25 / 400, 29, 60, 30,
                       &law); /* more precise than 60 rows can be */
  assert_true(law.trials == 60 && law.df == 29);
  law_wilson_effective(&share, &opened.view, 0.5, 0.25 / 20, 29, 60, 30, &law);
  assert_true(fabs(law.trials - 20) < 1e-12);
  law_wilson_effective(&share, &opened.view, 0.5, NAN, NAN, 60, 30, &law);
  assert_true(law.kind == INFERENCE_MISSING && law.value == 0.5);
  close_rows(&opened);
}

static void test_parts_of_a_pair(void **state) {
  (void)state;
  struct opened opened;
  struct inference law;
  open_rows(10, false, 0, &opened);
  law_tango(&share, &opened.view, 70, 12, 7, 100,
            &law); /* both 58, only A 12, only B 7, neither 23 */
  assert_true(fabs(law.value - 0.05) < 1e-16 && law.pair_value[0] == 0.7 &&
              fabs(law.pair_value[1] - 0.65) < 1e-16);
  assert_true(fabs(law.pair_covariance - (0.58 - 0.7 * 0.65) / 100) < 1e-16);
  double variance = law.pair_variance[0] + law.pair_variance[1] - 2 * law.pair_covariance;
  assert_true(fabs(variance - (0.19 - 0.05 * 0.05) / 100) < 1e-16); /* (b + c)/n − d², over n */
  assert_true(law.null_low == -1 && law.null_high == 1);
  close_rows(&opened);
}

static const char *undecided_with(size_t n, size_t n_clusters, size_t n_differ, double heavy,
                                  const struct measure *measure) {
  struct opened opened;
  struct inference law;
  double x[N];
  open_rows(n, false, n_clusters, &opened);
  for (size_t i = 0; i < n; i++) {
    size_t row = (size_t)opened.rows->target[i];
    x[i] = row < n_differ ? (row % 2 ? 1 : -0.8) + 0.001 * (double)row : 0;
    x[i] = row == 0 && heavy > 0 ? heavy : x[i];
  }
  assert_int_equal(law_mean_rows(measure, &opened.view, x, true, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_T); /* the interval is kept */
  const char *kept = law.undecided == NULL             ? NULL
                     : strstr(law.undecided, "differ") ? "differ"
                     : strstr(law.undecided, "one of") ? "one of"
                                                       : "clusters";
  close_rows(&opened);
  return kept;
}

static void test_when_a_pair_must_not_decide(void **state) {
  (void)state;
  assert_null(undecided_with(100, 0, 40, 0, &share));
  assert_string_equal(undecided_with(100, 0, 9, 0, &share), "differ");
  assert_string_equal(undecided_with(100, 0, 40, 5, &share), "one of");
  assert_string_equal(undecided_with(100, 19, 100, 0, &share), "clusters");
  assert_null(undecided_with(100, 50, 100, 0, &share));
  assert_string_equal(undecided_with(100, 50, 100, 30, &share), "one of");
  assert_string_equal(undecided_with(100, 25, 100, 2.5, &loss),
                      "one of"); /* no upper limit: 10 % is the most */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mean_of_rows),
      cmocka_unit_test(test_shares_at_their_edges),
      cmocka_unit_test(test_parts_of_a_pair),
      cmocka_unit_test(test_when_a_pair_must_not_decide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
