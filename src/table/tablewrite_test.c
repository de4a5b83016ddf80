/* Tables written again: rows that go, copies, weights, made rows; and targets that cannot be. */
#include "table/tablewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "table/tablekit.h"

static struct table *open_table(const char *path) {
  struct table_source source = {.path = path, .n_threads = 2};
  struct table *table = NULL;
  nonet_error error = {""};
  if (table_open(&source, &table, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return table;
}

/* Writes `source` to `out` and checks that it has these rows, as CSV text. */
static void expect_written(const char *source, const char *out,
                           const struct tablewrite_change *change, const char *wanted) {
  struct table *table = open_table(source);
  struct tablewrite *write = NULL;
  nonet_error error = {""};
  nonet_status status = tablewrite_open(out, table, &write, &error);
  if (status == NONET_OK) {
    status = tablewrite_rows(write, table, change, NULL, &error);
  }
  if (status == NONET_OK) {
    status = tablewrite_commit(write, &error);
  }
  if (status != NONET_OK) {
    fail_msg("%s", error.message);
  }
  table_close(table);
  char sql[1024], found[4096] = "";
  char *shown = strdup(tablekit_path("shown.csv"));
  (void)snprintf(sql, sizeof sql, "SELECT * FROM '%s'", out);
  tablekit_copy(sql, shown, "csv");
  FILE *file = fopen(shown, "r");
  assert_non_null(file);
  size_t n = fread(found, 1, sizeof found - 1, file);
  found[n] = '\0';
  (void)fclose(file);
  free(shown);
  assert_string_equal(found, wanted);
}

static void test_rows(void **state) {
  (void)state;
  char *source = strdup(tablekit_path("in.parquet")), *out = strdup(tablekit_path("out.parquet"));
  tablekit_copy("SELECT * FROM (VALUES (1::TINYINT, 'a', 0.5::FLOAT), (2, 'b,', NULL), (3, NULL, "
                "1.5)) t(\"i \"\"x\", s, f)",
                source, "parquet");
  const uint32_t some[] = {0, 3, 1}, all[] = {1, 1, 1}, none[] = {0, 0, 0};
  struct tablewrite_change change = {.n_rows = 3, .copies = some};
  expect_written(source, out, &change,
                 "\"i \"\"x\",s,f\n2,\"b,\",\n3,,1.5\n2,\"b,\",\n2,\"b,\",\n");
  const double weight[] = {0.25, 1, 2};
  change =
      (struct tablewrite_change){.n_rows = 3, .copies = all, .weight = weight, .weight_name = "w"};
  expect_written(source, out, &change,
                 "\"i \"\"x\",s,f,w\n1,a,0.5,0.25\n2,\"b,\",,1.0\n3,,1.5,2.0\n");
  change = (struct tablewrite_change){.n_rows = 3, .copies = none};
  expect_written(source, out, &change, "\"i \"\"x\",s,f\n");
  const double made[] = {7, 0.125, 8, 0.75}; /* rows of two numbers */
  const uint32_t code[] = {1, 0};
  const char *const values[] = {"x", "y"};
  const struct tablewrite_column columns[] = {{.name = "f", .number = made + 1, .stride = 2},
                                              {.name = "i \"x", .number = made, .stride = 2}};
  change = (struct tablewrite_change){
      .n_rows = 3, .copies = some, .n_made = 2, .columns = columns, .n_columns = 2};
  expect_written(source, out, &change,
                 "\"i \"\"x\",s,f\n2,\"b,\",\n3,,1.5\n2,\"b,\",\n2,\"b,\",\n7,,0.125\n8,,0.75\n");
  const struct tablewrite_column texts[] = {
      {.name = "s", .code = code, .stride = 1, .values = values}};
  change.columns = texts;
  change.n_columns = 1;
  change.copies = none;
  expect_written(source, out, &change, "\"i \"\"x\",s,f\n,y,\n,x,\n");
  free(source);
  free(out);
}

/* A CSV file is written as its texts stand, or with types that fit all rows. */
static void test_csv(void **state) {
  (void)state;
  char *source = strdup(tablekit_path("in.csv")), *out = strdup(tablekit_path("out.csv"));
  char *typed = strdup(tablekit_path("typed.parquet"));
  tablekit_write(source, "a,b\n1,1.50\n2,2.50\n3,\n", 0);
  const uint32_t copies[] = {1, 0, 1};
  const double made[] = {4};
  const struct tablewrite_column column = {.name = "a", .number = made, .stride = 1};
  struct tablewrite_change change = {
      .n_rows = 3, .copies = copies, .n_made = 1, .columns = &column, .n_columns = 1};
  expect_written(source, typed, &change, "a,b\n1,1.5\n3,\n4,\n");
  struct table *table = open_table(source);
  struct tablewrite *write = NULL;
  assert_int_equal(tablewrite_open(out, table, &write, NULL), NONET_OK);
  assert_int_equal(tablewrite_rows(write, table, &change, NULL, NULL), NONET_OK);
  assert_int_equal(tablewrite_commit(write, NULL), NONET_OK);
  table_close(table);
  char found[64] = "";
  FILE *file = fopen(out, "r");
  assert_non_null(file);
  (void)!fread(found, 1, sizeof found - 1, file);
  (void)fclose(file);
  assert_string_equal(found, "a,b\n1,1.50\n3,\n4,\n");
  free(source);
  free(out);
  free(typed);
}

static void test_targets(void **state) {
  (void)state;
  char *source = strdup(tablekit_path("t.parquet")), *out = strdup(tablekit_path("gone.parquet"));
  tablekit_copy("SELECT 1 AS a, 2 AS weight", source, "parquet");
  struct table *table = open_table(source);
  struct tablewrite *write = NULL;
  assert_int_equal(tablewrite_open("t.txt", table, &write, NULL), NONET_E_USAGE);
  assert_int_equal(tablewrite_open(source, table, &write, NULL), NONET_E_USAGE);
  assert_int_equal(tablewrite_open("/nowhere/t.csv", table, &write, NULL), NONET_E_CREATE);
  assert_null(write);
  const uint32_t copies[] = {1};
  const double weight[] = {1};
  const struct tablewrite_change change = {
      .n_rows = 1, .copies = copies, .weight = weight, .weight_name = "Weight"};
  assert_int_equal(tablewrite_open(out, table, &write, NULL), NONET_OK);
  assert_int_equal(tablewrite_rows(write, table, &change, NULL, NULL), NONET_E_DATA);
  tablewrite_abandon(write);
  assert_int_equal(access(out, F_OK), -1);
  table_close(table);
  free(source);
  free(out);
}

/* Every allocation fails once, each time of a table opened anew (a write that failed leaves its
 * rows in the table's engine): no file is there, until all of them succeed. */
static void test_memory(void **state) {
  (void)state;
  char *source = strdup(tablekit_path("m.parquet")), *out = strdup(tablekit_path("whole.parquet"));
  tablekit_copy("SELECT 1 AS a, 'x' AS s", source, "parquet");
  const uint32_t copies[] = {2}, code[] = {0};
  const double made[] = {4};
  const char *const values[] = {"y"};
  const struct tablewrite_column columns[] = {
      {.name = "a", .number = made, .stride = 1},
      {.name = "s", .code = code, .stride = 1, .values = values}};
  const struct tablewrite_change change = {
      .n_rows = 1, .copies = copies, .n_made = 1, .columns = columns, .n_columns = 2};
  nonet_status status = NONET_E_MEMORY;
  long k = 0;
  for (; status == NONET_E_MEMORY && k < 2000; k++) {
    struct tablewrite *write = NULL;
    nonet_error error = {""};
    struct table *table = open_table(source);
    memory_fail_after(k);
    status = tablewrite_open(out, table, &write, &error);
    if (status == NONET_OK) {
      status = tablewrite_rows(write, table, &change, NULL, &error);
      if (status == NONET_OK) {
        status = tablewrite_commit(write, &error);
      } else {
        tablewrite_abandon(write);
      }
    }
    memory_fail_after(-1);
    table_close(table);
    if (status != NONET_OK && status != NONET_E_MEMORY) {
      fail_msg("allocation %ld: status %d: %s", k, (int)status, error.message);
    }
    assert_int_equal(access(out, F_OK), status == NONET_OK ? 0 : -1);
  }
  assert_int_equal(status, NONET_OK);
  assert_true(k > 5);
  free(source);
  free(out);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_csv),
                                     cmocka_unit_test(test_targets), cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
