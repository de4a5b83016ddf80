/*
 * History: the interval of a change against published intervals, when it is paired, when there is
 * none, and the documents.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/history.h"
#include "evidence/store_fixture.h"

static struct store_point point(double value, double low, double high) {
  return (struct store_point){.candidate = "new",
                              .baseline = "old",
                              .data = "rows",
                              .value = value,
                              .low = low,
                              .high = high,
                              .level = 0.95,
                              .change = NAN,
                              .change_low = NAN,
                              .change_high = NAN};
}

/*
 * Newcombe 1998, Statistics in Medicine 17, 873-890, table II: method 10 is MOVER over Wilson
 * limits. Wilson limits of 56/70, 48/80, 9/10, 3/10, 10/10, 0/20 by R 4.2.2, prop.test(k, n,
 * correct = FALSE)$conf.int.
 */
static void test_mover(void **state) {
  (void)state;
  static const struct {
    double value2, low2, high2, value1, low1, high1, low, high;
  } cases[] = {
      {56.0 / 70.0, 0.691834, 0.876953, 48.0 / 80.0, 0.490455, 0.700382, 0.0524, 0.3339},
      {0.9, 0.595850, 0.982124, 0.3, 0.107791, 0.603222, 0.1705, 0.8090},
      {1.0, 0.722467, 1.0, 0.0, 0.0, 0.161125, 0.6791, 1.0000},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct store_point before = point(cases[i].value1, cases[i].low1, cases[i].high1),
                       now = point(cases[i].value2, cases[i].low2, cases[i].high2);
    struct history_change change = history_change_between(&before, &now);
    assert_string_equal(change.method, "mover");
    assert_true(fabs(change.low - cases[i].low) < 6e-5);
    assert_true(fabs(change.high - cases[i].high) < 6e-5);
    assert_true(change.excludes_0);
    change = history_change_between(&now, &before); /* the other way round: mirrored */
    assert_true(fabs(change.low + cases[i].high) < 6e-5);
    assert_true(fabs(change.high + cases[i].low) < 6e-5);
    assert_true(change.excludes_0);
  }
}

/* Two 95 % intervals overlap (.86 to .90 and .89 to .93) and yet the change excludes 0: half-width
   .02·√2 = .0283 < .03. */
static void test_overlap_is_not_the_test(void **state) {
  (void)state;
  struct store_point before = point(0.88, 0.86, 0.90), now = point(0.91, 0.89, 0.93),
                     nearer = point(0.90, 0.88, 0.92);
  assert_true(history_change_between(&before, &now).excludes_0);
  assert_false(history_change_between(&before, &nearer).excludes_0);
}

static void test_paired(void **state) {
  (void)state;
  struct store_point before = point(0.88, 0.80, 0.96), now = point(0.89, 0.81, 0.97);
  before.candidate = "old"; /* what `now` was compared with */
  now.change = 0.01;
  now.change_low = 0.004;
  now.change_high = 0.016;
  struct history_change change = history_change_between(&before, &now);
  assert_string_equal(change.method, "paired");
  assert_true(change.low == 0.004 && change.excludes_0);
  struct store_point other_rows = now, unknown = now;
  other_rows.data = "more rows";
  change = history_change_between(&before, &other_rows);
  assert_string_equal(change.method, "mover");
  assert_false(change.excludes_0);
  unknown.baseline = "";
  before.candidate = ""; /* no hash is no equal hash */
  assert_string_equal(history_change_between(&before, &unknown).method, "mover");
}

static void test_none(void **state) {
  (void)state;
  struct store_point before = point(0.88, NAN, NAN), now = point(0.89, 0.81, 0.97);
  assert_null(history_change_between(&before, &now).method);
  assert_false(history_change_between(&before, &now).excludes_0);
  before = point(0.1, 0.0, 0.2);
  before.level = 0.9;
  assert_null(history_change_between(&before, &now).method);
  before = point(100.0, 100.0, 100.0); /* exact: bytes */
  now = point(101.0, 101.0, 101.0);
  assert_true(history_change_between(&before, &now).excludes_0);
  assert_false(history_change_between(&before, &before).excludes_0);
}

static void test_documents(void **state) {
  const struct fixture_folder *folder = *state;
  struct fixture_run runs[] = {FIXTURE_RUN, FIXTURE_RUN, FIXTURE_RUN};
  struct store *store = fixture_open(folder, STORE_WRITE);
  json_t *root = NULL;
  runs[1].started = "2026-01-03T00:00:00Z";
  runs[1].auc = 0.8;
  runs[2].started = "2026-01-04T00:00:00Z";
  runs[2].source = "other.csv";
  for (int i = 0; i < 3; i++) {
    struct evidence *evidence = fixture_run_make(&runs[i]);
    assert_int_equal(store_put(store, evidence, NULL, NULL), NONET_OK);
    evidence_free(evidence);
  }
  assert_int_equal(history_series(store, "correctness.auc", &root, NULL), NONET_OK);
  const json_t *series = json_object_get(root, "series");
  assert_int_equal(json_array_size(series), 2);
  const json_t *points = json_object_get(json_array_get(series, 0), "points");
  assert_int_equal(json_array_size(points), 2);
  assert_true(json_is_null(json_object_get(json_array_get(points, 0), "change")));
  const json_t *change = json_object_get(json_array_get(points, 1), "change");
  assert_true(fabs(json_real_value(json_object_get(change, "difference")) + 0.1) < 1e-12);
  assert_true(json_is_true(json_object_get(change, "excludes_0")));
  points = json_object_get(json_array_get(series, 1), "points"); /* another source starts anew */
  assert_true(json_is_null(json_object_get(json_array_get(points, 0), "change")));
  json_decref(root);
  assert_int_equal(history_runs(store, &root, NULL), NONET_OK);
  assert_int_equal(json_array_size(json_object_get(root, "runs")), 3);
  json_decref(root);
  store_close(store);
  assert_int_equal(history_runs(NULL, &root, NULL), NONET_OK);
  assert_int_equal(json_array_size(json_object_get(root, "runs")), 0);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mover),
      cmocka_unit_test(test_overlap_is_not_the_test),
      cmocka_unit_test(test_paired),
      cmocka_unit_test(test_none),
      cmocka_unit_test_setup_teardown(test_documents, fixture_folder_make, fixture_folder_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
