/* Neighbours against every pair sorted, for any kernel and number of threads. */
#include "learn/neighbours.h"
#include "learn/strips.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "learn/learn_fixture.h"

#define K 6

/* The k nearest of all rows are those of the definition, to the last bit of their distances. */
static void check_all(const struct fixture *f, const struct fixture_pair *wanted,
                      size_t n_threads) {
  size_t n = f->rows.n_rows, stride = n;
  uint32_t *name = malloc(n * K * sizeof *name);
  double *distance2 = malloc(n * K * sizeof *distance2);
  assert_int_equal(neighbours_of_all(&f->rows, K, n_threads, name, distance2, NULL, NULL),
                   NONET_OK);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < K; k++) {
      bool is_there = k + 1 < n;
      assert_int_equal(name[i * K + k], is_there ? wanted[i * stride + k].row : NEIGHBOURS_NONE);
      assert_true(distance2[i * K + k] == (is_there ? wanted[i * stride + k].distance2 : INFINITY));
    }
  }
  free(name);
  free(distance2);
}

static void test_all_pairs(void **state) {
  (void)state;
  for (size_t c = 0; c < N_FIXTURE_CASES; c++) {
    struct fixture f = fixture_case(c, 2);
    size_t n = f.rows.n_rows;
    struct fixture_pair *wanted = malloc(n * n * sizeof *wanted);
    for (size_t i = 0; i < n; i++) {
      fixture_sorted(&f, i, wanted + i * n);
    }
    for (int kernel = 0; kernel <= 2; kernel++) {
      strips_limit(kernel);
      check_all(&f, wanted, 1);
    }
    check_all(&f, wanted, 3);
    free(wanted);
    fixture_clear(&f);
  }
}

/* Other rows than those of the index, names, limits and the early end. */
static void test_queries(void **state) {
  (void)state;
  struct fixture f = fixture_make(800, 3, 0, 6, 0, 1, 2);
  size_t n = f.rows.n_rows;
  uint32_t name[800], before[800], found[800 * 3];
  double within[800], distance2[800 * 3];
  struct neighbours_rows half = f.rows; /* the second half, named by its places in the whole */
  half.n_rows = 400;
  half.number += 400 * 3;
  for (size_t i = 0; i < n; i++) {
    name[i] = (uint32_t)i;
    within[i] = (double)(i % 7);
    before[i] = (uint32_t)(400 + i % 300);
  }
  half.name = name + 400;
  struct neighbours *index = NULL;
  assert_int_equal(neighbours_new(&half, 2, &index, NULL), NONET_OK);
  for (int limits = 0; limits < 3; limits++) {
    struct neighbours_query query = {.rows = &f.rows,
                                     .self = name,
                                     .k = 3,
                                     .n_threads = 2,
                                     .within = limits > 0 ? within : NULL,
                                     .before = limits > 0 ? before : NULL,
                                     .any_will_do = limits > 1};
    assert_int_equal(neighbours_find(index, &query, found, distance2, NULL, NULL), NONET_OK);
    for (size_t i = 0; i < n; i++) {
      struct fixture_pair pairs[800];
      fixture_sorted(&f, i, pairs);
      uint32_t wanted[3] = {NEIGHBOURS_NONE, NEIGHBOURS_NONE, NEIGHBOURS_NONE};
      for (size_t p = 0, at = 0; p + 1 < n && at < 3; p++) {
        bool counts = limits == 0 || pairs[p].distance2 < within[i] ||
                      (pairs[p].distance2 == within[i] && pairs[p].row <= before[i]);
        if (pairs[p].row >= 400 && counts) {
          wanted[at++] = pairs[p].row;
        }
      }
      if (limits < 2) {
        assert_memory_equal(found + i * 3, wanted, sizeof wanted);
      } else {
        assert_int_equal(found[i * 3 + 2] == NEIGHBOURS_NONE, wanted[2] == NEIGHBOURS_NONE);
      }
    }
  }
  neighbours_free(index);
  fixture_clear(&f);
}

static void test_bad_rows(void **state) {
  (void)state;
  double number[] = {1, 2, 3, NAN, 5, 6};
  struct neighbours_rows rows = {.n_rows = 3, .n_numbers = 2, .number = number};
  struct neighbours *index = NULL;
  nonet_error error;
  assert_int_equal(neighbours_new(&rows, 1, &index, &error), NONET_E_DATA);
  assert_string_equal(error.message, "row 1 has no finite number in column 1");
  assert_null(index);
}

static void test_stop(void **state) {
  (void)state;
  struct fixture f = fixture_make(300, 4, 0, 0, 0, 1, 2);
  atomic_int cancel = 1;
  struct progress progress = {.cancel = &cancel};
  uint32_t found[300];
  assert_int_equal(neighbours_of_all(&f.rows, 1, 2, found, NULL, &progress, NULL),
                   NONET_E_INTERRUPTED);
  fixture_clear(&f);
}

static void test_memory(void **state) {
  (void)state;
  struct fixture f = fixture_make(300, 4, 2, 0, 0, 1, 2);
  uint32_t found[300];
  nonet_status status = NONET_E_MEMORY;
  for (long k = 0; k < 200 && status != NONET_OK; k++) {
    memory_fail_after(k);
    status = neighbours_of_all(&f.rows, 1, 2, found, NULL, NULL, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
  assert_int_equal(status, NONET_OK);
  fixture_clear(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_pairs), cmocka_unit_test(test_queries),
      cmocka_unit_test(test_bad_rows),  cmocka_unit_test(test_stop),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
