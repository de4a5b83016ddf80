/* Edited rows against their definition: the k nearest of each row, every pair looked at. */
#include "learn/edited.h"

#include "base/memory.h"
#include "learn/learn_fixture.h"

static bool stays_by_definition(const struct fixture *f, size_t row, size_t k,
                                struct fixture_pair *pairs) {
  fixture_sorted(f, row, pairs);
  for (size_t i = 0; i < k; i++) {
    if (f->label[pairs[i].row] != f->label[row]) {
      return false;
    }
  }
  return true;
}

static void test_definition(void **state) {
  (void)state;
  const bool is_edited[3] = {true, false, true};
  for (size_t c = 2; c < N_FIXTURE_CASES; c++) {
    struct fixture f = fixture_case(c, 3);
    size_t n = f.rows.n_rows;
    struct fixture_pair *pairs = malloc(n * sizeof *pairs);
    bool *stays = malloc(n * sizeof *stays);
    for (size_t k = 1; k <= 5; k += 2) {
      assert_int_equal(edited_rows(&f.rows, f.label, 3, is_edited, k, 2, stays, NULL, NULL),
                       NONET_OK);
      for (size_t i = 0; i < n; i++) {
        bool wanted = !is_edited[f.label[i]] || stays_by_definition(&f, i, k, pairs);
        assert_int_equal(stays[i], wanted);
      }
    }
    free(pairs);
    free(stays);
    fixture_clear(&f);
  }
}

/* 2, 3 */
static void test_few(void **state) {
  (void)state;
  const bool both[2] = {true, true};
  double number[] = {0, 1, 2, 10, 11};
  struct neighbours_rows rows = {.n_rows = 5, .n_numbers = 1, .number = number};
  const uint32_t one_class[] = {0, 0, 0, 0, 0}, two_classes[] = {0, 0, 0, 1, 1};
  bool stays[5];
  assert_int_equal(edited_rows(&rows, one_class, 1, both, 2, 1, stays, NULL, NULL), NONET_OK);
  for (size_t i = 0; i < 5; i++) {
    assert_true(stays[i]);
  }
  assert_int_equal(edited_rows(&rows, two_classes, 2, both, 2, 1, stays, NULL, NULL), NONET_OK);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(stays[i], i < 3);
  }
}

static void test_memory(void **state) {
  (void)state;
  struct fixture f = fixture_make(200, 3, 0, 0, 0, 1, 2);
  const bool both[2] = {true, true};
  bool stays[200];
  nonet_status status = NONET_E_MEMORY;
  for (long k = 0; k < 300 && status != NONET_OK; k++) {
    memory_fail_after(k);
    status = edited_rows(&f.rows, f.label, 2, both, 3, 1, stays, NULL, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
  assert_int_equal(status, NONET_OK);
  fixture_clear(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_definition), cmocka_unit_test(test_few),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
