/* Arrow IPC: the file and the stream format, cut files, and types that only Arrow has. Values are
 * those the SQL makes. */
#include "table/tablekit.h"

#include <stdio.h>
#include <string.h>

#include <nanoarrow/nanoarrow_ipc.h>

static const char *const p_only[] = {"p"};
static const char sql[] =
    "SELECT (i % 2 = 1) AS y, (i / 8192.0)::FLOAT AS p, 'g' || (i % 3) AS g FROM range(5000) t(i)";

static void write_ipc(const char *text, const char *path, int as_file) {
  struct ArrowArrayStream stream;
  tablekit_stream(text, &stream);
  FILE *file = fopen(path, "wb");
  struct ArrowIpcOutputStream output;
  struct ArrowIpcWriter writer;
  struct ArrowError error;
  assert_int_equal(ArrowIpcOutputStreamInitFile(&output, file, 1), NANOARROW_OK);
  assert_int_equal(ArrowIpcWriterInit(&writer, &output), NANOARROW_OK);
  if (as_file)
    assert_int_equal(ArrowIpcWriterStartFile(&writer, &error), NANOARROW_OK);
  assert_int_equal(ArrowIpcWriterWriteArrayStream(&writer, &stream, &error), NANOARROW_OK);
  if (as_file)
    assert_int_equal(ArrowIpcWriterFinalizeFile(&writer, &error), NANOARROW_OK);
  ArrowIpcWriterReset(&writer);
  stream.release(&stream);
}

static struct roles_request request(void) {
  static const char *const groups[] = {"g"};
  return (struct roles_request){
      .label = "y", .scores = {p_only}, .n_scores = {1}, .groups = groups, .n_groups = 1};
}

static void test_both_formats(void **state) {
  (void)state;
  struct roles_request asked = request();
  for (int as_file = 0; as_file < 2; as_file++) {
    struct tablekit_rows rows;
    write_ipc(sql, tablekit_path("a.arrow"), as_file);
    tablekit_read_path(tablekit_path("a.arrow"), &asked, &rows);
    tablekit_expect(&rows, NONET_OK, NULL);
    assert_int_equal(rows.n, 5000);
    assert_string_equal(rows.roles.classes[1], "true");
    assert_true(rows.roles.score_is_float32);
    assert_int_equal(rows.cell[4], 1);
    assert_int_equal(rows.label[4999], 1);
    assert_true(rows.score[0][4999] == 4999 / 8192.0);
    tablekit_clear(&rows);
  }
}

static void test_cut(void **state) {
  (void)state;
  static char bytes[1 << 20];
  struct roles_request asked = request();
  for (int as_file = 0; as_file < 2; as_file++) {
    struct tablekit_rows rows;
    write_ipc(sql, tablekit_path("whole.arrow"), as_file);
    FILE *file = fopen(tablekit_path("whole.arrow"), "rb");
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t part = 1; part < 16; part++) {
      tablekit_write(tablekit_path("cut.arrow"), bytes, n * part / 16);
      tablekit_read_path(tablekit_path("cut.arrow"), &asked, &rows);
      tablekit_expect(&rows, NONET_E_DATA, "cut.arrow", NULL);
      tablekit_clear(&rows);
    }
  }
}

static void test_expression_refused(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request asked = request();
  static const char *const groups[] = {"p > 0.5"};
  asked.groups = groups;
  write_ipc(sql, tablekit_path("b.arrow"), 1);
  tablekit_read_path(tablekit_path("b.arrow"), &asked, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "embedded engine only", NULL);
}

/* Dictionaries, decimals, dates, timestamps and small integers as labels and groups of a caller's
 * stream. */
static void test_types(void **state) {
  (void)state;
  static const struct {
    const char *group, *first, *last;
  } cases[] = {
      {"(['lo', 'hi'][i % 2 + 1])::ENUM('lo', 'hi')", "hi", "lo"},
      {"((i % 2) + 0.50)::DECIMAL(6, 2)", "0.5", "1.5"},
      {"((i % 2) + 0.50)::DECIMAL(38, 2)", "0.5", "1.5"},
      {"(i % 2 * 10 + 9)::UTINYINT", "9", "19"},
      {"(i % 2 * -10)::TINYINT", "-10", "0"},
      {"DATE '2024-02-29' + (i % 2)::INTEGER", "2024-02-29", "2024-03-01"},
      {"TIMESTAMP '1969-12-31 23:59:59.25' + INTERVAL (i % 2) SECOND", "1969-12-31 23:59:59.25",
       "1970-01-01 00:00:00.25"},
      {"(i % 2 = 0)", "false", "true"},
      {"(i % 2 / 10.0)::FLOAT", "0", "0.1"},
      {"18446744073709551614::UBIGINT + (i % 2)::UBIGINT", "18446744073709551614",
       "18446744073709551615"},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    struct tablekit_rows rows;
    struct ArrowArrayStream stream;
    char text[256];
    struct roles_request asked = request();
    snprintf(text, sizeof text, "SELECT i %% 2 AS y, 0.5 AS p, %s AS g FROM range(5000) t(i)",
             cases[c].group);
    for (int by_engine = 0; by_engine < 2; by_engine++) {
      struct table_source source = {.query = by_engine ? text : NULL,
                                    .stream = by_engine ? NULL : &stream};
      if (!by_engine)
        tablekit_stream(text, &stream);
      tablekit_read(&source, &asked, &rows);
      tablekit_expect(&rows, NONET_OK, NULL);
      assert_int_equal(rows.roles.n_cells, 2);
      assert_string_equal(rows.roles.groups[0].values[0], cases[c].first);
      assert_string_equal(rows.roles.groups[0].values[1], cases[c].last);
      tablekit_clear(&rows);
    }
  }
}

static void test_views_and_fixed_lists(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request asked = {.label = "y", .scores = {p_only}, .n_scores = {1}};
  struct ArrowArrayStream stream;
  tablekit_stream("SELECT i % 2 AS y, [0.25, 0.75]::DOUBLE[2] AS p FROM range(3000) t(i)", &stream);
  tablekit_read(&(struct table_source){.stream = &stream}, &asked, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.roles.task, TASK_MULTICLASS);
  assert_int_equal(rows.prediction[0][2999], 1);
  assert_true(rows.score[0][2 * 2999] == 0.25);
  tablekit_clear(&rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_both_formats),          cmocka_unit_test(test_cut),
      cmocka_unit_test(test_expression_refused),    cmocka_unit_test(test_types),
      cmocka_unit_test(test_views_and_fixed_lists),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
