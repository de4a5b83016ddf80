/*
 * Columns as they stand: the same values in the order asked for from every kind of file. Expected
 * values are written by hand into the files.
 */
#include "table/columns.h"

#include <string.h>

#include "base/text.h"
#include "table/tablekit.h"

/* All rows of the wanted columns as "a|b;a|b;", values by their names. */
static nonet_status read_all(const char *path, const char *const *names, size_t n,
                             struct text *rows, nonet_error *error) {
  struct table *table = NULL;
  struct table_columns *columns = NULL;
  const struct table_source source = {.path = path, .n_threads = 2};
  nonet_status status = table_open(&source, &table, error);
  if (!status)
    status = table_columns_open(table, names, n, "models", &columns, error);
  while (!status) {
    struct ArrowArray array;
    status = table_columns_next(columns, &array, error);
    if (status || !array.release)
      break;
    for (int64_t r = 0; r < array.length; r++)
      for (size_t c = 0; c < n; c++) {
        struct arrow_type type;
        struct arrowcol column;
        char buffer[ARROWCOL_TEXT_BYTES], name[VALUE_NAME_BYTES];
        const char *data = "null";
        size_t length = 4;
        assert_true(arrow_type_init(&type, table_columns_schema(columns)->children[c]));
        assert_true(arrowcol_bind(&column, &type, array.children[c]));
        if (!arrowcol_is_null(&column, r)) {
          struct value value = arrowcol_value(&column, r, buffer);
          value_name(&value, name, &data, &length);
        }
        text_append_n(rows, data, length);
        text_append(rows, c + 1 < n ? "|" : ";");
        arrow_type_clear(&type);
      }
    array.release(&array);
  }
  table_columns_close(columns);
  table_close(table);
  return status;
}

static void expect(const char *path, const char *const *names, size_t n, const char *expected) {
  struct text rows = {0};
  nonet_error error = {""};
  nonet_status status = read_all(path, names, n, &rows, &error);
  assert_string_equal(error.message, "");
  assert_int_equal(status, NONET_OK);
  assert_string_equal(rows.data, expected);
  text_clear(&rows);
}

static void test_every_format(void **state) {
  (void)state;
  static const char *const names[] = {"city, name", "n", "share"};
  const char *sql = "SELECT 7 AS other, 'a' AS \"city, name\", 0.5::DOUBLE AS share, 3 AS n "
                    "UNION ALL SELECT 8, NULL, 1.25, 4";
  tablekit_copy(sql, tablekit_path("c.parquet"), "PARQUET");
  tablekit_copy(sql, tablekit_path("c.json"), "JSON");
  tablekit_write(tablekit_path("c.csv"), "other,\"city, name\",share,n\n7,a,0.5,3\n8,NA,1.25,4\n",
                 0);
  expect(tablekit_path("c.parquet"), names, 3, "a|3|0.5;null|4|1.25;");
  expect(tablekit_path("c.json"), names, 3, "a|3|0.5;null|4|1.25;");
  expect(tablekit_path("c.csv"), names, 3, "a|3|0.5;null|4|1.25;");
}

/* The engine guesses a CSV type from its first rows; here the fraction comes behind them. */
static void test_first_fraction_late(void **state) {
  (void)state;
  struct text text = {0}, rows = {0};
  nonet_error error = {""};
  static const char *const names[] = {"p"};
  text_append(&text, "p\n");
  for (int i = 0; i < 30000; i++)
    text_append(&text, "1\n");
  text_append(&text, "0.4\n");
  tablekit_write(tablekit_path("late.csv"), text.data, text.length);
  assert_int_equal(read_all(tablekit_path("late.csv"), names, 1, &rows, &error), NONET_OK);
  assert_string_equal(rows.data + rows.length - 6, "1;0.4;");
  text_clear(&text);
  text_clear(&rows);
}

static void test_expression_and_errors(void **state) {
  (void)state;
  struct text rows = {0};
  nonet_error error = {""};
  static const char *const sum[] = {"n + 1", "n"}, *const typo[] = {"shar"};
  tablekit_copy("SELECT 3 AS n, 0.5 AS share", tablekit_path("e.parquet"), "PARQUET");
  expect(tablekit_path("e.parquet"), sum, 2, "4|3;");
  assert_int_equal(read_all(tablekit_path("e.parquet"), typo, 1, &rows, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "models: "));
  assert_non_null(strstr(error.message, "did you mean 'share'"));
  text_clear(&rows);
}

static void test_stream_is_refused(void **state) {
  (void)state;
  struct ArrowArrayStream stream;
  struct table *table = NULL;
  struct table_columns *columns = NULL;
  nonet_error error = {""};
  static const char *const names[] = {"n"};
  tablekit_stream("SELECT 3 AS n", &stream);
  const struct table_source source = {.stream = &stream};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(table_columns_open(table, names, 1, "models", &columns, &error), NONET_E_USAGE);
  assert_null(columns);
  table_close(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_format),
      cmocka_unit_test(test_first_fraction_late),
      cmocka_unit_test(test_expression_and_errors),
      cmocka_unit_test(test_stream_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
