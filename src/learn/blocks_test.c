/* Blocks hold every row once, their boxes hold their rows, and no gap is larger than a distance. */
#include "learn/blocks.h"

#include "base/memory.h"
#include "learn/learn_fixture.h"

static void check_blocks(const struct fixture *f, const struct blocks *blocks) {
  size_t n = f->rows.n_rows, d = f->rows.n_numbers;
  bool *seen = calloc(n + 1, sizeof *seen);
  for (size_t i = 0; i < n; i++) {
    size_t row = blocks->order[i], block = i / blocks->block_rows;
    assert_false(seen[row]);
    seen[row] = true;
    for (size_t c = 0; c < d; c++) {
      assert_true(blocks->low[block * d + c] <= f->number[row * d + c]);
      assert_true(blocks->high[block * d + c] >= f->number[row * d + c]);
    }
  }
  free(seen);
}

static void check_gaps(const struct fixture *f, const struct blocks *blocks) {
  for (size_t i = 0; i < f->rows.n_rows; i += 37) {
    for (size_t j = 0; j < f->rows.n_rows; j++) {
      double distance2 =
          neighbours_distance2(&f->rows, blocks->order[i], &f->rows, blocks->order[j]);
      assert_true(
          blocks_within(blocks, i / blocks->block_rows, blocks, j / blocks->block_rows, distance2));
    }
  }
}

static void test_cases(void **state) {
  (void)state;
  for (size_t c = 0; c < N_FIXTURE_CASES; c++) {
    struct fixture f = fixture_case(c, 2);
    for (size_t size = 8; size <= BLOCKS_ROWS; size *= 16) {
      struct blocks blocks, again;
      assert_int_equal(
          blocks_make(f.number, f.rows.n_rows, f.rows.n_numbers, size, 1, &blocks, NULL), NONET_OK);
      check_blocks(&f, &blocks);
      check_gaps(&f, &blocks);
      assert_int_equal(
          blocks_make(f.number, f.rows.n_rows, f.rows.n_numbers, size, 3, &again, NULL), NONET_OK);
      check_blocks(&f, &again);
      blocks_clear(&blocks);
      blocks_clear(&again);
    }
    fixture_clear(&f);
  }
}

/* Two far heaps of 128 rows are two blocks, and the gap is what lies between them. */
static void test_heaps(void **state) {
  (void)state;
  double number[2 * BLOCKS_ROWS];
  for (size_t i = 0; i < 2 * BLOCKS_ROWS; i++) {
    number[i] = (i % 2 == 0 ? 0.0 : 100.0) + (double)(i / 2) / BLOCKS_ROWS;
  }
  struct blocks blocks;
  assert_int_equal(blocks_make(number, 2 * BLOCKS_ROWS, 1, BLOCKS_ROWS, 1, &blocks, NULL),
                   NONET_OK);
  assert_int_equal(blocks.n_blocks, 2);
  double between = 100.0 - 127.0 / 128;
  assert_true(blocks_within(&blocks, 0, &blocks, 1, between * between));
  assert_false(blocks_within(&blocks, 0, &blocks, 1, between * between * 0.999));
  blocks_clear(&blocks);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_heaps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
