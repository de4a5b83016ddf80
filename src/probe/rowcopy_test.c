/*
 * Columns copied row by row: every type that a role may have, against the values written in the SQL
 * that makes them.
 */
#include "probe/rowcopy.h"

#include <stdio.h>
#include <string.h>

#include "table/columns.h"
#include "table/tablekit.h"

/* Copies rows 1 and 2 (of 0 … 2) of the one column `c`. */
static void copy(const char *value_sql, struct ArrowSchema *schema, struct ArrowArray *column) {
  static const char *const names[] = {"c"};
  char sql[400];
  snprintf(sql, sizeof sql, "SELECT c FROM (VALUES %s) t(c)", value_sql);
  const char *path = tablekit_path("copy.parquet");
  tablekit_copy(sql, path, "PARQUET");
  const struct table_source source = {.path = path, .n_threads = 1};
  struct table *table = NULL;
  struct table_columns *columns = NULL;
  struct ArrowArray array;
  struct arrow_type type;
  nonet_error error = {""};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(table_columns_open(table, names, 1, "test", &columns, &error), NONET_OK);
  assert_int_equal(table_columns_next(columns, &array, &error), NONET_OK);
  assert_int_equal(array.length, 3);
  assert_true(arrow_type_init(&type, table_columns_schema(columns)->children[0]));
  ArrowSchemaInit(schema);
  assert_int_equal(rowcopy_schema(&type, "c", schema, &error), NONET_OK);
  const struct row_span spans[] = {{&array, 1, 1, 2}, {&array, 2, 1, 3}};
  assert_int_equal(rowcopy_column(&type, 0, spans, 2, column, &error), NONET_OK);
  assert_int_equal(column->length, 2);
  arrow_type_clear(&type);
  array.release(&array);
  table_columns_close(columns);
  table_close(table);
}

static void expect(const char *value_sql, const char *format, const char *first,
                   const char *second) {
  struct ArrowSchema schema;
  struct ArrowArray column;
  struct arrow_type type;
  struct arrowcol seen;
  const char *expected[] = {first, second};
  copy(value_sql, &schema, &column);
  assert_string_equal(schema.format, format);
  assert_true(arrow_type_init(&type, &schema));
  assert_true(arrowcol_bind(&seen, &type, &column));
  for (int64_t r = 0; r < 2; r++) {
    char buffer[ARROWCOL_TEXT_BYTES], name[VALUE_NAME_BYTES];
    const char *data = NULL;
    size_t length = 0;
    if (expected[r] == NULL) {
      assert_true(arrowcol_is_null(&seen, r));
      continue;
    }
    assert_false(arrowcol_is_null(&seen, r));
    struct value value = arrowcol_value(&seen, r, buffer);
    value_name(&value, name, &data, &length);
    assert_int_equal(length, strlen(expected[r]));
    assert_memory_equal(data, expected[r], length);
  }
  arrow_type_clear(&type);
  column.release(&column);
  schema.release(&schema);
}

static void test_types(void **state) {
  (void)state;
  expect("(true), (false), (NULL)", "b", "false", NULL);
  expect("(1::TINYINT), (-7), (NULL)", "l", "-7", NULL);
  expect("(1::UBIGINT), (18446744073709551615::UBIGINT), (3)", "L", "18446744073709551615", "3");
  expect("(0.5::FLOAT), (0.1), (2)", "f", "0.1", "2");
  expect("(0.5::DOUBLE), (0.1), (NULL)", "g", "0.1", NULL);
  expect("(1.25::DECIMAL(9,2)), (-3.50), (NULL)", "g", "-3.5", NULL);
  expect("('a'), ('a text that is longer than a view holds'), (NULL)", "u",
         "a text that is longer than a view holds", NULL);
  expect("(DATE '2001-02-03'), (DATE '2002-12-31'), (NULL)", "u", "2002-12-31", NULL);
}

static void test_lists(void **state) {
  (void)state;
  struct ArrowSchema schema;
  struct ArrowArray column;
  copy("([1::FLOAT]), ([0.5, 2]), (NULL)", &schema, &column);
  assert_string_equal(schema.format, "+l");
  const int32_t *offsets = column.buffers[1];
  const double *values = column.children[0]->buffers[1];
  assert_int_equal(offsets[1] - offsets[0], 2);
  assert_true(values[0] == 0.5 && values[1] == 2.0);
  assert_int_equal(column.null_count, 1);
  column.release(&column);
  schema.release(&schema);
}

static void test_no_role(void **state) {
  (void)state;
  struct arrow_type type = {.kind = ARROWCOL_OTHER};
  struct ArrowSchema schema;
  nonet_error error = {""};
  ArrowSchemaInit(&schema);
  assert_int_equal(rowcopy_schema(&type, "place", &schema, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "'place'"));
  if (schema.release != NULL) {
    schema.release(&schema);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_lists),
      cmocka_unit_test(test_no_role),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
