/*
 * Drawn curves through views: points against scikit-learn, Wilson bands against statsmodels, the
 * band of roc against its definition written out (tests/golden/measure/make_curves.py); replicated
 * rows against weights; clusters widen a band; one class, no rows, every allocation.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "curves_golden.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

#define MOST 512

struct drawn {
  size_t n_points;
  double x[MOST], y[MOST], low[MOST], high[MOST], n;
  char method[64], reason[64];
};

static nonet_status draw_set(const struct summary_set *set, const struct measure *measure,
                             int stream, struct drawn *drawn, nonet_error *error) {
  struct view view;
  struct measure_curve curve;
  memset(drawn, 0, sizeof *drawn);
  nonet_status status = fixture_view(set, -1, &view, error);
  if (status != NONET_OK) {
    return status;
  }
  status = measure->draw(measure, &view, stream, &curve, error);
  for (size_t i = 0; status == NONET_OK && i < curve.n_points; i++) {
    assert_true(i < MOST);
    drawn->x[i] = curve.x[i];
    drawn->y[i] = curve.y[i];
    drawn->low[i] = curve.low[i];
    drawn->high[i] = curve.high[i];
  }
  if (status == NONET_OK) {
    drawn->n_points = curve.n_points;
    drawn->n = view.n;
    snprintf(drawn->method, sizeof drawn->method, "%s", curve.method ? curve.method : "");
    snprintf(drawn->reason, sizeof drawn->reason, "%s", curve.reason ? curve.reason : "");
  }
  view_clear(&view);
  return status;
}

static struct drawn draw(const struct fixture *fixture, const struct measure *measure, int stream) {
  struct drawn drawn;
  struct summary_set *set;
  nonet_error error = {{0}};
  assert_int_equal(fixture_set(fixture, &set, &error), NONET_OK);
  if (draw_set(set, measure, stream, &drawn, &error) != NONET_OK) {
    fail_msg("%s: %s", measure->id, error.message);
  }
  summary_free(set);
  return drawn;
}

static struct fixture rows_of(const double *a, const double *b) {
  return (struct fixture){.task = TASK_BINARY,
                          .n = curves_n,
                          .n_classes = 2,
                          .n_scores = 1,
                          .label = curves_label,
                          .score = {a, b},
                          .kinds = SUMMARY_MULTISET | SUMMARY_MICROBINS};
}

static void check(const struct drawn *drawn, const char *name, size_t n, const double *x,
                  const double *y, const double *low, const double *high, double tolerance) {
  if (drawn->n_points != n) {
    fail_msg("%s: %zu points, expected %zu", name, drawn->n_points, n);
  }
  for (size_t i = 0; i < n; i++) {
    const double got[4] = {drawn->x[i], drawn->y[i], drawn->low[i], drawn->high[i]},
                 wanted[4] = {x[i], y[i], low != NULL ? low[i] : got[2],
                              high != NULL ? high[i] : got[3]};
    for (int k = 0; k < 4; k++) {
      if (!(fabs(got[k] - wanted[k]) <= tolerance)) {
        fail_msg("%s, point %zu, %s: got %.17g, expected %.17g", name, i,
                 (const char *[]){"x", "y", "low", "high"}[k], got[k], wanted[k]);
      }
    }
    assert_true(got[2] <= got[1] && got[1] <= got[3]);
  }
}

#define N_OF(array) (sizeof(array) / sizeof *(array))
#define CHECK(drawn, golden, tolerance)                                                            \
  check(&(drawn), #golden, N_OF(golden##_x), golden##_x, golden##_y, golden##_low, golden##_high,  \
        tolerance)

static void test_golden(void **state) {
  (void)state;
  struct fixture rows = rows_of(curves_tied, curves_fine);
  struct drawn drawn = draw(&rows, &correctness_roc, STREAM_A);
  CHECK(drawn, tied_roc, 1e-13);
  assert_string_equal(drawn.method, "simultaneous-dkw");
  assert_int_equal(drawn.n, curves_n);
  drawn = draw(&rows, &correctness_roc, STREAM_B);
  CHECK(drawn, fine_roc, 1e-13);
  assert_true(drawn.n_points <= 200);
  drawn = draw(&rows, &correctness_pr, STREAM_A);
  CHECK(drawn, tied_pr, 1e-13);
  assert_string_equal(drawn.method, "wilson");
  drawn = draw(&rows, &correctness_pr, STREAM_B);
  CHECK(drawn, fine_pr, 1e-13);
  drawn = draw(&rows, &correctness_reliability, STREAM_B);
  CHECK(drawn, fine_reliability, 1e-13);
  assert_int_equal(drawn.n, curves_n);
}

static void test_weights(void **state) {
  (void)state;
  struct fixture rows = rows_of(curves_tied, curves_fine);
  rows.weight = curves_weight;
  struct drawn drawn = draw(&rows, &correctness_roc, STREAM_A);
  check(&drawn, "weighted_roc", N_OF(weighted_roc_x), weighted_roc_x, weighted_roc_y, NULL, NULL,
        1e-13);
  drawn = draw(&rows, &correctness_pr, STREAM_A);
  check(&drawn, "weighted_pr", N_OF(weighted_pr_x), weighted_pr_x, weighted_pr_y, NULL, NULL,
        1e-13);
}

/* Rows of weight 1 are plain rows: the same points, and Wilson's limits but for G/(G − 1). */
static void test_weights_of_one(void **state) {
  (void)state;
  static double one[curves_n];
  for (size_t i = 0; i < curves_n; i++) {
    one[i] = 1;
  }
  struct fixture rows = rows_of(curves_fine, NULL);
  rows.weight = one;
  struct drawn drawn = draw(&rows, &correctness_pr, STREAM_A);
  check(&drawn, "pr", N_OF(fine_pr_x), fine_pr_x, fine_pr_y, NULL, NULL, 1e-13);
  for (size_t i = 60; i < drawn.n_points; i++) {
    assert_true(fabs(drawn.low[i] - fine_pr_low[i]) < 0.01);
    assert_true(fabs(drawn.high[i] - fine_pr_high[i]) < 0.01);
  }
  drawn = draw(&rows, &correctness_reliability, STREAM_A);
  check(&drawn, "reliability", 15, fine_reliability_x, fine_reliability_y, NULL, NULL, 1e-13);
  for (size_t i = 0; i < drawn.n_points; i++) {
    assert_true(fabs(drawn.low[i] - fine_reliability_low[i]) < 0.03);
    assert_true(fabs(drawn.high[i] - fine_reliability_high[i]) < 0.03);
  }
}

/* Four copies of every row: as clusters they say no more than the rows they were copied from. */
static void test_clusters(void **state) {
  (void)state;
  enum { COPIES = 4, M = curves_n * COPIES };
  static uint32_t label[M];
  static double score[M], one[curves_n];
  static uint64_t cluster[M];
  for (size_t i = 0; i < M; i++) {
    label[i] = curves_label[i / COPIES];
    score[i] = curves_tied[i / COPIES];
    one[i / COPIES] = 1;
    cluster[i] = i / COPIES + 1;
  }
  struct fixture copies = rows_of(score, NULL), single = rows_of(curves_tied, NULL);
  copies.n = M;
  copies.label = label;
  copies.cluster = cluster;
  single.weight = one;
  static const struct measure *const curves[] = {&correctness_roc, &correctness_pr,
                                                 &correctness_reliability};
  for (size_t c = 0; c < N_OF(curves); c++) {
    struct drawn wide = draw(&copies, curves[c], STREAM_A),
                 wanted = draw(&single, curves[c], STREAM_A);
    assert_int_equal(wide.n_points, wanted.n_points);
    for (size_t i = 0; i < wide.n_points; i++) {
      if (wanted.y[i] > 0 && wanted.y[i] < 1 && wanted.x[i] > 0.1) {
        assert_true(fabs(wide.low[i] - wanted.low[i]) < 0.02);
        assert_true(fabs(wide.high[i] - wanted.high[i]) < 0.02);
      }
    }
  }
}

static void test_empty(void **state) {
  (void)state;
  static const uint32_t positives[3] = {1, 1, 1}, negatives[3] = {0, 0, 0};
  static const double score[3] = {0.25, 0.25, 0.75};
  struct fixture rows = rows_of(score, NULL);
  rows.n = 3;
  rows.label = positives;
  assert_string_equal(draw(&rows, &correctness_roc, STREAM_A).reason, "no negatives");
  rows.label = negatives;
  struct drawn drawn = draw(&rows, &correctness_pr, STREAM_A);
  assert_string_equal(drawn.reason, "no positives");
  assert_int_equal(drawn.n_points, 0);
  drawn = draw(&rows, &correctness_reliability, STREAM_A);
  assert_int_equal(drawn.n_points, 2); /* two scores: two groups that are not empty */
  assert_true(drawn.y[0] == 0 && drawn.x[0] == 0.25 && drawn.x[1] == 0.75);
  rows.n = 0;
  assert_string_equal(draw(&rows, &correctness_roc, STREAM_A).reason, "no rows");
  assert_string_equal(draw(&rows, &correctness_reliability, STREAM_A).reason, "no rows");
}

static void walk(const struct fixture *rows, const struct measure *measure) {
  struct summary_set *set;
  struct drawn drawn;
  bool done = false;
  size_t n_failed = 0;
  assert_int_equal(fixture_set(rows, &set, NULL), NONET_OK);
  for (long k = 0; !done; k++) {
    nonet_error error = {{0}};
    memory_fail_after(k);
    nonet_status status = draw_set(set, measure, STREAM_A, &drawn, &error);
    done = memory_fail_after(-1) <= k;
    /* Fewer threads are no failure. */
    assert_true(status == NONET_OK || (status == NONET_E_MEMORY && !done));
    n_failed += status == NONET_E_MEMORY;
  }
  assert_true(n_failed >= 4);
  summary_free(set);
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  struct fixture rows = rows_of(curves_tied, NULL);
  rows.n = 40;
  for (int weighted = 0; weighted < 2; weighted++) {
    rows.weight = weighted ? curves_weight : NULL;
    walk(&rows, &correctness_roc);
    walk(&rows, &correctness_pr);
    walk(&rows, &correctness_reliability);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),         cmocka_unit_test(test_weights),
      cmocka_unit_test(test_weights_of_one), cmocka_unit_test(test_clusters),
      cmocka_unit_test(test_empty),          cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
