/* Counts against a plain count of the rows: small, dense and hashed tables, with and without cells
 * and a second stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"
#include "summary/summary_kit.h"

static void fill(struct roles *roles, size_t n_cells, size_t k, bool has_b) {
  *roles = (struct roles){
      .task = TASK_MULTICLASS, .n_classes = k, .n_cells = n_cells, .has_label = true};
  roles->has_prediction[STREAM_A] = true;
  roles->has_prediction[STREAM_B] = has_b;
}

static int compare(const void *x, const void *y) {
  return memcmp(x, y, 16);
}

/* Tuples as big-endian bytes, sorted: runs are the entries. */
static void check(size_t n_cells, uint32_t k, bool has_b, size_t n) {
  struct roles roles;
  struct count_table *table, *other;
  struct philox_sequence random = {.seed = n_cells * k};
  uint32_t *columns[4];
  uint8_t (*tuples)[16] = calloc(n, 16);
  fill(&roles, n_cells, k, has_b);
  assert_int_equal(count_table_new(&roles, &table, NULL), NONET_OK);
  assert_int_equal(count_table_new(&roles, &other, NULL), NONET_OK);
  for (int c = 0; c < 4; c++) {
    columns[c] = calloc(n, sizeof(uint32_t));
    for (size_t i = 0; i < n; i++) {
      uint32_t most = c == 0 ? (uint32_t)n_cells : k;
      uint32_t value = c == 3 && !has_b ? 0
                                        : philox_next_u32(&random) %
                                              (philox_next_u32(&random) % 2 && most > 3 ? 3 : most);
      columns[c][i] = value;
      for (int byte = 0; byte < 4; byte++)
        tuples[i][4 * c + byte] = (uint8_t)(value >> (24 - 8 * byte));
    }
  }
  for (size_t i = 0; i < n; i += 777) {
    struct role_batch batch = {.n_rows = n - i < 777 ? n - i : 777,
                               .label = columns[1] + i,
                               .cell = n_cells > 1 ? columns[0] + i : NULL};
    batch.prediction[0] = columns[2] + i;
    batch.prediction[1] = has_b ? columns[3] + i : NULL;
    assert_int_equal(count_table_add(i % 2 ? table : other, &batch, NULL), NONET_OK);
  }
  assert_int_equal(count_table_merge(table, other, NULL, NULL), NONET_OK);
  assert_int_equal(count_table_finish(table, NULL), NONET_OK);
  qsort(tuples, n, 16, compare);
  size_t n_entries, at = 0;
  const struct count_entry *entries = count_table_entries(table, &n_entries);
  for (size_t e = 0; e < n_entries; e++) {
    uint32_t wanted[4] = {entries[e].cell, entries[e].label, entries[e].a, entries[e].b};
    for (uint64_t c = 0; c < entries[e].count; c++, at++)
      for (int w = 0; w < 4; w++) {
        const uint8_t *b = &tuples[at][4 * w];
        assert_int_equal((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3],
                         wanted[w]);
      }
  }
  assert_int_equal(at, n);
  count_table_free(table);
  count_table_free(other);
  free(tuples);
  for (int c = 0; c < 4; c++)
    free(columns[c]);
}

static void test_counts(void **state) {
  (void)state;
  check(1, 2, false, 5000);
  check(1, 2, true, 5001);
  check(7, 2, false, 5003);
  check(7, 3, true, 20000);
  check(1, 1000, false, 20000); /* dense, no sub-histograms */
  check(3, 900, true, 20000);   /* hashed */
  check(1, 5000, false, 20000);
}

static void test_confusion_of_a_scope(void **state) {
  (void)state;
  struct roles roles;
  struct count_table *table;
  fill(&roles, 2, 2, true);
  assert_int_equal(count_table_new(&roles, &table, NULL), NONET_OK);
  const uint32_t cell[] = {0, 0, 1, 1, 1}, label[] = {0, 1, 1, 1, 0}, a[] = {0, 1, 0, 1, 1},
                 b[] = {1, 1, 1, 0, 0};
  struct role_batch batch = {.n_rows = 5, .label = label, .cell = cell, .prediction = {a, b}};
  assert_int_equal(count_table_add(table, &batch, NULL), NONET_OK);
  assert_int_equal(count_table_finish(table, NULL), NONET_OK);
  uint64_t all[4] = {0}, second[4] = {0};
  count_table_confusion(table, (const bool[]){true, true}, STREAM_A, all);
  count_table_confusion(table, (const bool[]){false, true}, STREAM_B, second);
  size_t n_all, n_first, n_none;
  const struct count_entry *entry =
      count_table_entries_in(table, (const bool[]){true, true}, &n_all);
  assert_ptr_equal(entry, count_table_entries(table, &n_first));
  assert_int_equal(n_all, n_first);
  entry = count_table_entries_in(table, (const bool[]){true, false}, &n_first);
  assert_int_equal(n_first, 2);
  assert_true(entry[0].cell == 0 && entry[1].cell == 0);
  (void)count_table_entries_in(table, (const bool[]){false, false}, &n_none);
  assert_int_equal(n_none, 0);
  assert_memory_equal(all, ((uint64_t[]){1, 1, 1, 2}), sizeof all);
  assert_memory_equal(second, ((uint64_t[]){1, 0, 1, 1}), sizeof second);
  assert_true(count_table_has_b(table));
  assert_int_equal(count_table_n_classes(table), 2);
  count_table_free(table);
}

static void test_too_many_classes(void **state) {
  (void)state;
  struct roles roles;
  struct count_table *table;
  nonet_error error = {0};
  fill(&roles, 100, 1u << 22, true);
  assert_int_equal(count_table_new(&roles, &table, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "too many"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts),
                                     cmocka_unit_test(test_confusion_of_a_scope),
                                     cmocka_unit_test(test_too_many_classes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
