/* Every method: numbers of rows, the same for any threads, memory that ends at any allocation.
 * Which rows are kept and where made ones lie is compared with imbalanced-learn in
 * tests/e2e/test_rebalance.py. */
#include "remedy/rebalance.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "remedy/rebalance_fixture.h"

static void count_after(const struct fixture *f, const struct rebalance_result *result,
                        size_t count[3]) {
  memset(count, 0, 3 * sizeof *count);
  for (size_t i = 0; i < FIXTURE_ROWS; i++) {
    count[f->label[i]] += result->copies[i];
  }
  for (size_t i = 0; i < result->n_made; i++) {
    count[result->label[i]]++;
  }
}

/* Rows of the classes are 150, 60 and 30. */
static void test_counts(void **state) {
  (void)state;
  static const struct {
    enum rebalance_method method;
    double ratio;
    size_t wanted[3];
  } cases[] = {
      {REBALANCE_RANDOM_OVER, 0, {150, 150, 150}}, {REBALANCE_RANDOM_OVER, 0.3, {150, 60, 45}},
      {REBALANCE_RANDOM_UNDER, 0, {30, 30, 30}},   {REBALANCE_RANDOM_UNDER, 0.7, {42, 42, 30}},
      {REBALANCE_SMOTE, 0.5, {150, 75, 75}},       {REBALANCE_SMOTE_NC, 0, {150, 150, 150}},
      {REBALANCE_BORDERLINE, 0, {150, 150, 150}},  {REBALANCE_NEARMISS_1, 0, {30, 30, 30}},
      {REBALANCE_NEARMISS_2, 0.5, {60, 60, 30}},   {REBALANCE_CLASS_WEIGHTS, 0, {150, 60, 30}},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    struct fixture f;
    struct rebalance_result result;
    size_t count[3];
    fixture_init(&f, cases[c].method);
    f.input.ratio = cases[c].ratio;
    assert_int_equal(rebalance_rows(&f.input, &result, NULL), NONET_OK);
    count_after(&f, &result, count);
    assert_memory_equal(count, cases[c].wanted, sizeof count);
    rebalance_clear(&result);
  }
}

static void test_any_threads(void **state) {
  (void)state;
  for (int m = 0; m < N_REBALANCE_METHODS; m++) {
    struct fixture f;
    struct rebalance_result one, many;
    fixture_init(&f, (enum rebalance_method)m);
    assert_int_equal(rebalance_rows(&f.input, &one, NULL), NONET_OK);
    f.input.n_threads = 3;
    assert_int_equal(rebalance_rows(&f.input, &many, NULL), NONET_OK);
    assert_memory_equal(one.copies, many.copies, FIXTURE_ROWS * sizeof *one.copies);
    assert_int_equal(one.n_made, many.n_made);
    if (one.n_made > 0) {
      assert_memory_equal(one.number, many.number,
                          one.n_made * FIXTURE_NUMBERS * sizeof *one.number);
    }
    rebalance_clear(&one);
    rebalance_clear(&many);
  }
}

/* 3: each class, each cell, counts the same; all add up to n. */
static void test_weights(void **state) {
  (void)state;
  struct fixture f;
  struct rebalance_result result;
  double sum[3] = {0}, cell[2][3] = {{0}}, in_group[2] = {0};
  fixture_init(&f, REBALANCE_CLASS_WEIGHTS);
  assert_int_equal(rebalance_rows(&f.input, &result, NULL), NONET_OK);
  for (size_t i = 0; i < FIXTURE_ROWS; i++) {
    sum[f.label[i]] += result.weight[i];
  }
  for (size_t c = 0; c < 3; c++) {
    assert_true(fabs(sum[c] - FIXTURE_ROWS / 3.0) < 1e-9);
  }
  rebalance_clear(&result);
  fixture_init(&f, REBALANCE_GROUP_WEIGHTS);
  assert_int_equal(rebalance_rows(&f.input, &result, NULL), NONET_OK);
  memset(sum, 0, sizeof sum);
  for (size_t i = 0; i < FIXTURE_ROWS; i++) {
    cell[f.group[i]][f.label[i]] += result.weight[i];
    in_group[f.group[i]] += result.weight[i];
    sum[f.label[i]] += result.weight[i];
  }
  for (size_t g = 0; g < 2; g++) {
    for (size_t c = 0; c < 3; c++) { /* independent */
      assert_true(fabs(cell[g][c] - in_group[g] * sum[c] / FIXTURE_ROWS) < 1e-9);
    }
  }
  rebalance_clear(&result);
}

static void test_names(void **state) {
  (void)state;
  enum rebalance_method method;
  nonet_error error;
  for (int m = 0; m < N_REBALANCE_METHODS; m++) {
    assert_int_equal(rebalance_find(rebalance_info((enum rebalance_method)m)->name, &method, NULL),
                     NONET_OK);
    assert_int_equal(method, m);
  }
  assert_int_equal(rebalance_find("tomeck", &method, &error), NONET_E_USAGE);
  assert_non_null(strstr(error.message, "'tomek'"));
}

static void test_memory(void **state) {
  (void)state;
  for (int m = 0; m < N_REBALANCE_METHODS; m++) {
    struct fixture f;
    nonet_status status = NONET_E_MEMORY;
    fixture_init(&f, (enum rebalance_method)m);
    for (long k = 0; k < 2000 && status != NONET_OK; k++) {
      struct rebalance_result result;
      memory_fail_after(k);
      status = rebalance_rows(&f.input, &result, NULL);
      memory_fail_after(-1);
      assert_true(status == NONET_OK || status == NONET_E_MEMORY);
      rebalance_clear(&result);
    }
    assert_int_equal(status, NONET_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts),  cmocka_unit_test(test_any_threads),
      cmocka_unit_test(test_weights), cmocka_unit_test(test_names),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
