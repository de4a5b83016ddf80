/*
 * The shared sample: how many, which shares, and that neither the order of the rows nor the format
 * of the file changes which rows are drawn.
 */
#include "probe/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/tablekit.h"

static const char *const all[] = {"id", "y", "g"};
static const char *const strata[] = {"y", "g"};

/* 1,000 rows: y = 1 in one of ten, g = 'b' in one of four; ordered as `order` says. */
static const char *write_rows(const char *name, const char *format, const char *order) {
  char sql[400];
  snprintf(sql, sizeof sql,
           "SELECT i AS id, CASE WHEN i %% 10 = 0 THEN 1 ELSE 0 END AS y, "
           "CASE WHEN i %% 4 = 3 THEN 'b' ELSE 'a' END AS g FROM range(1000) t(i) ORDER BY %s",
           order);
  const char *path = tablekit_path(name);
  tablekit_copy(sql, path, format);
  return path;
}

static int compare_ids(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Draws, and reads back the ids of the rows that are kept, sorted; how many of them have y = 1. */
static void draw(const char *path, const struct sample_request *request, double *ids, size_t *n,
                 size_t *n_positive) {
  static const char *const names[] = {"id", "y"};
  const struct table_source source = {.path = path, .n_threads = 1};
  struct table *table = NULL;
  struct table_columns *columns = NULL;
  struct sample sample;
  struct ArrowArray array;
  nonet_error error = {""};
  uint64_t row = 0;
  *n = *n_positive = 0;
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(sample_draw(table, request, &sample, NULL, &error), NONET_OK);
  assert_int_equal(sample.n_rows, 1000);
  assert_int_equal(table_columns_open(table, names, 2, "test", &columns, &error), NONET_OK);
  while (table_columns_next(columns, &array, &error) == NONET_OK && array.release != NULL) {
    struct arrow_type type[2];
    struct arrowcol column[2];
    for (int c = 0; c < 2; c++) {
      assert_true(arrow_type_init(&type[c], table_columns_schema(columns)->children[c]));
      assert_true(arrowcol_bind(&column[c], &type[c], array.children[c]));
    }
    for (int64_t r = 0; r < array.length; r++, row++) {
      double y;
      (void)arrowcol_doubles(&column[1], r, 1, &y, 1);
      if (sample_keeps(&sample, row)) {
        (void)arrowcol_doubles(&column[0], r, 1, &ids[(*n)++], 1);
        *n_positive += y == 1.0;
      }
    }
    arrow_type_clear(&type[0]);
    arrow_type_clear(&type[1]);
    array.release(&array);
  }
  assert_int_equal(*n, sample.n_kept);
  qsort(ids, *n, sizeof *ids, compare_ids);
  table_columns_close(columns);
  sample_clear(&sample);
  table_close(table);
}

static void test_order_and_format_do_not_matter(void **state) {
  (void)state;
  static double first[1000], other[1000];
  size_t n_first, n_other, n_positive;
  const struct sample_request request = {.n_rows = 137, .seed = 1, .columns = all, .n_columns = 3};
  draw(write_rows("s1.parquet", "PARQUET", "i"), &request, first, &n_first, &n_positive);
  assert_int_equal(n_first, 137);
  draw(write_rows("s2.parquet", "PARQUET", "hash(i)"), &request, other, &n_other, &n_positive);
  assert_int_equal(n_other, n_first);
  assert_memory_equal(first, other, n_first * sizeof *first);
  draw(write_rows("s3.csv", "CSV", "i DESC"), &request, other, &n_other, &n_positive);
  assert_int_equal(n_other, n_first);
  assert_memory_equal(first, other, n_first * sizeof *first);
}

static void test_seed_and_id(void **state) {
  (void)state;
  static double first[1000], other[1000];
  size_t n_first, n_other, n_positive;
  struct sample_request request = {
      .n_rows = 100, .seed = 1, .columns = all, .n_columns = 3, .id = "id"};
  const char *path = write_rows("s4.parquet", "PARQUET", "i");
  draw(path, &request, first, &n_first, &n_positive);
  request.seed = 2;
  draw(path, &request, other, &n_other, &n_positive);
  assert_int_equal(n_other, n_first);
  assert_memory_not_equal(first, other, n_first * sizeof *first);
}

/* Multiples of ten (y = 1) are even and so never 3 mod 4 (g = 'b'): the strata have 100, 250 and
 * 650 rows, and 100 drawn in proportion are 10, 25 and 65. */
static void test_strata_keep_their_shares(void **state) {
  (void)state;
  static double ids[1000];
  size_t n, n_positive, n_b = 0;
  const struct sample_request request = {
      .n_rows = 100, .seed = 1, .columns = all, .n_columns = 3, .strata = strata, .n_strata = 2};
  draw(write_rows("s5.parquet", "PARQUET", "i"), &request, ids, &n, &n_positive);
  for (size_t i = 0; i < n; i++) {
    n_b += (int)ids[i] % 4 == 3;
  }
  assert_int_equal(n, 100);
  assert_int_equal(n_positive, 10);
  assert_int_equal(n_b, 25);
}

static void test_small_table_is_whole(void **state) {
  (void)state;
  const struct table_source source = {.path = write_rows("s6.parquet", "PARQUET", "i"),
                                      .n_threads = 1};
  const struct sample_request request = {.n_rows = 1000, .seed = 1, .columns = all, .n_columns = 3};
  struct table *table = NULL;
  struct sample sample;
  nonet_error error = {""};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(sample_draw(table, &request, &sample, NULL, &error), NONET_OK);
  assert_null(sample.keep);
  assert_int_equal(sample.n_kept, 1000);
  assert_true(sample_keeps(&sample, 999));
  table_close(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order_and_format_do_not_matter),
      cmocka_unit_test(test_seed_and_id),
      cmocka_unit_test(test_strata_keep_their_shares),
      cmocka_unit_test(test_small_table_is_whole),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
