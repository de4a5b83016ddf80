/* Swapped rows: what a set keeps comes back row by row, and a swap exchanges whole units. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/selftest_fixture.h"
#include "run/swapped.h"
#include "stats/near_check.h"

/* Three equal rows and one of its own: counts are undone. Scores .2 .2 .2 .9: mid-ranks (0 + 3)/2/4
 * and (3 + 4)/2/4. */
static void test_rows_and_ranks(void **state) {
  const uint32_t y[] = {0, 0, 0, 1}, a[] = {0, 0, 0, 1}, b[] = {1, 1, 1, 1};
  const double sa[] = {0.2, 0.2, 0.2, 0.9}, sb[] = {0.6, 0.6, 0.6, 0.5};
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = 4,
                                  .n_classes = 2,
                                  .n_scores = 1,
                                  .label = y,
                                  .prediction = {a, b},
                                  .score = {sa, sb}};
  struct summary_set *set = make_set(&fixture);
  struct swapped_rows rows;
  (void)state;
  assert_int_equal(swapped_rows_read(set, 1, &rows, NULL), NONET_OK);
  assert_int_equal(rows.n, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(rows.label[i], i == 3);
    CLOSE(rows.rank[STREAM_A][i], i == 3 ? 0.875 : 0.375, 0.0);
    CLOSE(rows.rank[STREAM_B][i], i == 3 ? 0.125 : 0.625, 0.0);
  }
  swapped_rows_clear(&rows);
  summary_free(set);
}

/* Every row has its two answers, one way or the other, about half of them turned; a cluster turns
 * as one. */
static void test_units_turn_whole(void **state) {
  struct fixture fixture = binary_rows();
  (void)state;
  for (int clustered = 0; clustered < 2; clustered++) {
    size_t n_turned = 0;
    struct swapped_rows rows;
    struct swapped swapped;
    fixture.cluster = clustered ? cluster : NULL;
    struct summary_set *set = make_set(&fixture);
    assert_int_equal(swapped_rows_read(set, 1, &rows, NULL), NONET_OK);
    assert_int_equal(swapped_init(&swapped, &rows, NULL), NONET_OK);
    swapped_draw(&swapped, 7, 1, false);
    for (size_t i = 0; i < rows.n; i++) {
      const int turned = swapped.score[STREAM_A][i] != rows.score[STREAM_A][i];
      n_turned += (size_t)turned;
      for (int s = 0; s < N_STREAMS; s++) {
        CLOSE(swapped.score[s][i], rows.score[s ^ turned][i], 0.0);
        assert_int_equal(swapped.prediction[s][i], rows.prediction[s ^ turned][i]);
      }
      for (size_t j = 0; clustered && j < i; j++) {
        const int other = swapped.score[STREAM_A][j] != rows.score[STREAM_A][j];
        assert_true(rows.cluster[i] != rows.cluster[j] || turned == other);
      }
    }
    assert_in_range(n_turned, N / 2 - N / 8, N / 2 + N / 8);
    swapped_clear(&swapped);
    swapped_rows_clear(&rows);
    summary_free(set);
  }
}

/* The set of a draw has the same rows, cells and labels as the one it came from. */
static void test_the_set_of_a_draw(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture), *made = NULL;
  struct swapped_rows rows;
  struct swapped swapped;
  (void)state;
  assert_int_equal(swapped_rows_read(set, 1, &rows, NULL), NONET_OK);
  assert_int_equal(swapped_init(&swapped, &rows, NULL), NONET_OK);
  swapped_draw(&swapped, 7, 2, false);
  assert_int_equal(swapped_set(&swapped, SUMMARY_COUNT_TABLE | SUMMARY_MULTISET, &made, NULL),
                   NONET_OK);
  assert_int_equal(made->tally.n_used, N);
  assert_int_equal(multiset_total(made->rows), N);
  size_t n_was, n_is;
  const struct count_entry *was = count_table_entries(set->table, &n_was);
  const struct count_entry *is = count_table_entries(made->table, &n_is);
  uint64_t by_cell[2][2][2] = {{{0}}};
  for (size_t i = 0; i < n_was; i++) {
    by_cell[0][was[i].cell][was[i].label] += was[i].count;
  }
  for (size_t i = 0; i < n_is; i++) {
    by_cell[1][is[i].cell][is[i].label] += is[i].count;
  }
  assert_memory_equal(by_cell[0], by_cell[1], sizeof by_cell[0]);
  summary_free(made);
  swapped_clear(&swapped);
  swapped_rows_clear(&rows);
  summary_free(set);
}

/* Of one model alone the rows are there, and can be kept as they are. */
static void test_one_model(void **state) {
  struct fixture fixture = binary_rows();
  struct swapped_rows rows;
  struct swapped swapped;
  (void)state;
  fixture.prediction[1] = NULL;
  fixture.score[1] = NULL;
  struct summary_set *set = make_set(&fixture);
  assert_int_equal(swapped_rows_read(set, 1, &rows, NULL), NONET_OK);
  assert_int_equal(swapped_init(&swapped, &rows, NULL), NONET_OK);
  swapped_keep(&swapped);
  assert_null(swapped.prediction[STREAM_B]);
  assert_memory_equal(swapped.prediction[STREAM_A], rows.prediction[STREAM_A],
                      rows.n * sizeof(uint32_t));
  assert_memory_equal(swapped.cell, rows.cell, rows.n * sizeof(uint32_t));
  swapped_clear(&swapped);
  swapped_rows_clear(&rows);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_and_ranks),
      cmocka_unit_test(test_units_turn_whole),
      cmocka_unit_test(test_the_set_of_a_draw),
      cmocka_unit_test(test_one_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
