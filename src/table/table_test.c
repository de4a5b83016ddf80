/*
 * Tables end to end: the traps of real files. Expected values are counted by hand from the rows
 * that each test writes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "table/tablekit.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

static const char *const p_only[] = {"p"};

static struct roles_request y_and_p(void) {
  return (struct roles_request){.label = "y", .scores = {p_only}, .n_scores = {1}};
}

static void csv_expect(const char *text, const struct roles_request *request, nonet_status status,
                       const char *a, const char *b) {
  struct tablekit_rows rows;
  const char *path = tablekit_path("case.csv");
  tablekit_write(path, text, 0);
  tablekit_read_path(path, request, &rows);
  tablekit_expect(&rows, status, a, b, NULL);
  tablekit_clear(&rows);
}

static void test_csv(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  const char *path = tablekit_path("plain.csv");
  tablekit_write(
      path,
      "\xef\xbb\xbfy,\"p\",other\r\n1,0.25,a\r\n0,0.5,\"b,\"\"c\"\r\nNA,0.75,d\r\n1,1e-3,e\r\n", 0);
  tablekit_read_path(path, &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.roles.task, TASK_BINARY);
  assert_string_equal(rows.roles.classes[1], "1");
  assert_int_equal(rows.n, 3);
  assert_int_equal(rows.tally.n_rows, 4);
  assert_int_equal(rows.tally.n_label_null, 1);
  const uint32_t labels[] = {1, 0, 1}, predictions[] = {0, 1, 0};
  assert_memory_equal(rows.label, labels, sizeof labels);
  assert_memory_equal(rows.prediction[0], predictions, sizeof predictions);
  assert_true(rows.score[0][0] == 0.25 && rows.score[0][2] == 1e-3);
  assert_false(rows.roles.score_is_float32);
  tablekit_clear(&rows);
}

static void test_csv_delimiters(void **state) {
  (void)state;
  const char delimiters[] = {';', '\t', '|', ','};
  for (size_t d = 0; d < 4; d++) {
    char text[128];
    snprintf(text, sizeof text, "y%cp\n1%c0.5\n0%c0.25\n", delimiters[d], delimiters[d],
             delimiters[d]);
    struct roles_request request = y_and_p();
    csv_expect(text, &request, NONET_OK, NULL, NULL);
  }
}

/* The engine guesses a type from its first 20,480 rows; the first fraction stands behind them. */
static void test_first_fraction_late(void **state) {
  (void)state;
  struct text text = {0};
  text_append(&text, "y,p,g\n");
  for (int i = 1; i <= 30000; i++)
    text_printf(&text, "%d,%d,a\n", i % 2, i % 2);
  text_append(&text, "1,0.4,b\n0,0.6,a\n");
  const char *path = tablekit_path("late.csv");
  tablekit_write(path, text.data, text.length);
  struct roles_request request = y_and_p();
  const char *const groups[] = {"g", "CASE WHEN p < 0.5 THEN 'low' ELSE 'high' END"};
  request.groups = groups;
  request.n_groups = 2;
  struct tablekit_rows rows;
  tablekit_read_path(path, &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.n, 30002);
  assert_true(rows.score[0][30000] == 0.4 && rows.score[0][30001] == 0.6);
  assert_int_equal(rows.roles.n_cells, 3); /* a×high, a×low, b×low */
  assert_int_equal(rows.cell[30000], 2);
  assert_int_equal(rows.cell[30001], 0);
  tablekit_clear(&rows);
  tablekit_copy("SELECT (i % 2)::INTEGER AS y, CASE WHEN i = 30000 THEN 0.4 ELSE (i % 2) END AS p "
                "FROM range(30001) t(i)",
                tablekit_path("late.json"), "JSON");
  request.n_groups = 0;
  tablekit_read_path(tablekit_path("late.json"), &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_true(rows.score[0][30000] == 0.4);
  tablekit_clear(&rows);
  text_clear(&text);
}

static void test_csv_errors(void **state) {
  (void)state;
  struct roles_request request = y_and_p();
  csv_expect("y,p\n1,0.5\n0\n1,0.3\n", &request, NONET_E_DATA, "line 3",
             "Expected Number of Columns: 2");
  csv_expect("y,p\n1,0.5\n0,0.1,7\n1,0.3\n", &request, NONET_E_DATA, "line 3", "Columns");
  csv_expect("y,p\n1,0.5\n0,abc\n", &request, NONET_E_DATA, "line 3", "abc");
  csv_expect("y,p\n1,0.5\n0,NaN\n0,nan\n1,0.1\n", &request, NONET_E_DATA, "data row 2, line 3: NaN",
             "2 such rows");
  csv_expect("y,p\n1,0.5\n0,\n0,N/A\n1,0.1\n", &request, NONET_E_DATA, "data row 2, line 3: null",
             "2 such rows");
  csv_expect("y,p,p\n1,0.5,0\n0,0.25,1\n", &request, NONET_E_DATA, "2 columns named 'p'",
             "--score");
  csv_expect("y,z,z,p\n1,0,0,0.5\n0,0,0,0.25\n", &request, NONET_OK, NULL, NULL);
  csv_expect("Y,prob\n1,0.5\n0,0.25\n", &request, NONET_E_DATA, "no column 'y'",
             "did you mean 'Y'");
  csv_expect("y,p\n", &request, NONET_E_DATA, "no rows", NULL);
  csv_expect("y,p\n1,0.5\n1,0.25\n", &request, NONET_E_DATA, "one class only ('1')", NULL);
  csv_expect("y,p\n1,0.5\n2,0.25\n3,0.1\n", &request, NONET_E_DATA, "3 values: '1', '2', '3'",
             "--task");
  csv_expect("y,p\na,0.5\nb,0.25\nc,0.1\n", &request, NONET_E_DATA, "3 values: 'a', 'b', 'c'",
             "binary");
  csv_expect("y,p\na,0.5\nb,0.25\n", &request, NONET_E_DATA, "--positive", "'a', 'b'");
  request.positive = "a";
  csv_expect("y,p\na,0.5\nb,0.25\n", &request, NONET_OK, NULL, NULL);
  request.positive = "x";
  csv_expect("y,p\na,0.5\nb,0.25\n", &request, NONET_E_DATA, "--positive 'x'", "'a', 'b'");
  request.positive = NULL;
  request.weight = "w";
  csv_expect("y,p,w\n1,0.5,0\n0,0.25,-2\n", &request, NONET_E_DATA, "weight -2 is negative",
             "data row 2, line 3");
  csv_expect("y,p,w\n1,0.5,0\n0,0.25,2\n", &request, NONET_OK, NULL, NULL);
  request.weight = NULL;
  request.id = "i";
  csv_expect("y,p,i\n1,0.5,7\n0,0.25,8\n1,0.1,7\n", &request, NONET_E_DATA, "not unique", "'7'");
  csv_expect("y,p,i\n1,0.5,7\n0,0.25,8\n1,0.1,9\n", &request, NONET_OK, NULL, NULL);
}

static void test_line_ends(void **state) {
  (void)state;
  struct roles_request request = y_and_p();
  csv_expect("t,y,p\n\"a\nb\",1,0.5\n\n\"c\",0,NaN\n", &request, NONET_E_DATA, "data row 2, line 5",
             NULL);
  csv_expect("y,p\r\n1,0.5\r\n0,NaN\r\n", &request, NONET_E_DATA, "line 3", NULL);
  csv_expect("y,p\n1,0.5\n0,0.25", &request, NONET_OK, NULL, NULL);
}

static void test_missing_things(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  tablekit_read_path("/nowhere/at/all.csv", &request, &rows);
  tablekit_expect(&rows, NONET_E_NO_INPUT, "no such file", NULL);
  tablekit_read_path("/tmp", &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "directory", NULL);
  tablekit_read_path(tablekit_path("nothing-*.parquet"), &request, &rows);
  tablekit_expect(&rows, NONET_E_NO_INPUT, "no file matches", NULL);
  FILE *file = fopen(tablekit_path("empty.parquet"), "wb");
  fclose(file);
  tablekit_read_path(tablekit_path("empty.parquet"), &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "0 bytes", NULL);
  tablekit_read(&(struct table_source){.path = tablekit_path("empty.parquet"), .format = "xml"},
                &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "0 bytes", NULL);
  tablekit_read_path("https://example.org/a.parquet", &request, &rows);
  tablekit_expect(&rows, NONET_E_NO_INPUT, "address", NULL);
}

static void test_parquet_cut(void **state) {
  (void)state;
  const char *path = tablekit_path("whole.parquet"), *cut = tablekit_path("cut.parquet");
  tablekit_copy("SELECT i % 2 AS y, random() AS p FROM range(10000) t(i)", path, "PARQUET");
  FILE *file = fopen(path, "rb");
  static char bytes[1 << 20];
  size_t n = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  tablekit_write(cut, bytes, n / 2);
  struct roles_request request = y_and_p();
  struct tablekit_rows rows;
  tablekit_read_path(cut, &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "cut.parquet", NULL);
  tablekit_read_path(path, &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.n, 10000);
  tablekit_clear(&rows);
}

/* One table as Parquet, CSV, JSON, Arrow stream of the caller and SQL: the same rows. */
static void test_formats_agree(void **state) {
  (void)state;
  static const char sql[] = "SELECT (i % 3 = 0)::INTEGER AS y, (i % 1000) / 1024.0::DOUBLE AS p, "
                            "CASE WHEN i % 7 = 0 THEN NULL ELSE "
                            "'g' || (i % 3) END AS g, (i % 5)::SMALLINT AS h, (i * 17)::BIGINT AS "
                            "id, 'c' || (i % 11) AS c, "
                            "(i % 4)::DOUBLE AS w FROM range(5000) t(i)";
  const char *const groups[] = {"g", "h"};
  struct roles_request request = y_and_p();
  request.groups = groups;
  request.n_groups = 2;
  request.weight = "w";
  request.id = "id";
  request.cluster = "c";
  struct tablekit_rows first = {0};
  for (int format = 0; format < 5; format++) {
    struct tablekit_rows rows;
    struct ArrowArrayStream stream = {0};
    struct table_source source = {0};
    static const char *const names[] = {"agree.parquet", "agree.csv", "agree.json"},
                             *const kinds[] = {"PARQUET", "CSV", "JSON"};
    if (format < 3) {
      tablekit_copy(sql, tablekit_path(names[format]), kinds[format]);
      source.path = tablekit_path(names[format]);
    } else if (format == 3) {
      source.query = sql;
    } else {
      tablekit_stream(sql, &stream);
      source.stream = &stream;
    }
    tablekit_read(&source, &request, &rows);
    tablekit_expect(&rows, NONET_OK, NULL);
    assert_int_equal(rows.n, 5000);
    assert_int_equal(rows.roles.n_cells, 20);
    assert_int_equal(rows.roles.groups[0].n_values, 4);
    assert_null(rows.roles.groups[0].values[3]);
    if (format == 0) {
      first = rows;
      continue;
    }
    assert_memory_equal(rows.label, first.label, rows.n * sizeof *rows.label);
    assert_memory_equal(rows.cell, first.cell, rows.n * sizeof *rows.cell);
    assert_memory_equal(rows.prediction[0], first.prediction[0], rows.n * sizeof *rows.label);
    assert_memory_equal(rows.score[0], first.score[0], rows.n * sizeof *rows.score[0]);
    assert_memory_equal(rows.weight, first.weight, rows.n * sizeof *rows.weight);
    assert_memory_equal(rows.id, first.id, rows.n * sizeof *rows.id);
    assert_memory_equal(rows.cluster, first.cluster, rows.n * sizeof *rows.cluster);
    tablekit_clear(&rows);
  }
  /* row 8: g2, h 3 → cell (2, 3) of (g0, g1, g2, null) × (0 … 4) */
  assert_int_equal(first.cell[8], 2 * 5 + 3);
  assert_int_equal(first.cell[7], 3 * 5 + 2);
  tablekit_clear(&first);
}

static void test_task_rules(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  struct {
    const char *sql;
    enum task task;
    const char *negative, *positive;
  } cases[] = {
      {"SELECT (i % 2 = 0) AS y, 0.5 AS p FROM range(10) t(i)", TASK_BINARY, "false", "true"},
      {"SELECT (i % 2) * 2 - 1 AS y, 0.5 AS p FROM range(10) t(i)", TASK_BINARY, "-1", "1"},
      {"SELECT (i % 2)::FLOAT AS y, 0.5 AS p FROM range(10) t(i)", TASK_BINARY, "0", "1"},
      {"SELECT i / 7.0 AS y, 0.5 AS p FROM range(10) t(i)", TASK_REGRESSION, NULL, NULL},
      {"SELECT i::DOUBLE AS y, 0.5 AS p FROM range(10) t(i)", TASK_REGRESSION, NULL, NULL},
      {"SELECT i::DECIMAL(10, 2) AS y, 0.5 AS p FROM range(10) t(i)", TASK_REGRESSION, NULL, NULL},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    tablekit_read(&(struct table_source){.query = cases[c].sql}, &request, &rows);
    tablekit_expect(&rows, NONET_OK, NULL);
    assert_int_equal(rows.roles.task, cases[c].task);
    if (cases[c].negative) {
      assert_string_equal(rows.roles.classes[0], cases[c].negative);
      assert_string_equal(rows.roles.classes[1], cases[c].positive);
    } else {
      assert_non_null(rows.target);
      assert_false(rows.roles.has_prediction[0]);
    }
    tablekit_clear(&rows);
  }
  request.task = TASK_BINARY;
  tablekit_read(&(struct table_source){.query = "SELECT i AS y, 0.5 AS p FROM range(3) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "two values", "'0', '1', '2'", NULL);
  tablekit_read(
      &(struct table_source){.query = "SELECT i % 2 AS y, [0.1, 0.9] AS p FROM range(3) t(i)"},
      &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "list", NULL);
  request.task = TASK_AUTO;
  tablekit_read(&(struct table_source){.query = "SELECT [i] AS y, 0.9 AS p FROM range(3) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "--label: column 'y' is a list", NULL);
  tablekit_read(&(struct table_source){.query = "SELECT i % 2 AS y, 'x' AS p FROM range(3) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "--score: column 'p' is text", NULL);
}

static void test_multiclass(void **state) {
  (void)state;
  struct tablekit_rows rows;
  static const char *const scores[] = {"10", "2", "1"};
  struct roles_request request = {.label = "y", .scores = {scores}, .n_scores = {3}};
  tablekit_read(&(struct table_source){.query = "SELECT [1, 2, 10][i % 3 + 1] AS y, 0.2 AS \"10\", "
                                                "0.4 AS \"2\", 0.4 AS \"1\" FROM range(6) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.roles.task, TASK_MULTICLASS);
  assert_string_equal(rows.roles.classes[2], "10");
  assert_int_equal(rows.prediction[0][0], 0); /* a tie takes the first */
  assert_true(rows.score[0][2] == 0.2);
  const uint32_t labels[] = {0, 1, 2, 0, 1, 2};
  assert_memory_equal(rows.label, labels, sizeof labels);
  tablekit_clear(&rows);
  /* a list of floats follows the sorted labels */
  request.scores[0] = p_only;
  request.n_scores[0] = 1;
  static const char list[] =
      "SELECT ['b', 'a', 'c'][i % 3 + 1] AS y, [0.1, 0.2, 0.7]::FLOAT[] AS p FROM range(9) t(i)";
  tablekit_read(&(struct table_source){.query = list}, &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.roles.n_scores, 3);
  assert_true(rows.roles.score_is_float32);
  assert_int_equal(rows.prediction[0][4], 2);
  assert_true(rows.score[0][3 * 8 + 2] == (double)0.7f);
  assert_int_equal(rows.label[0], 1);
  assert_int_equal(rows.tally.n_sum_off, 0);
  tablekit_clear(&rows);
  tablekit_read(
      &(struct table_source){.query = "SELECT i % 3 AS y, CASE WHEN i = 4 THEN [0.5, 0.5] ELSE "
                                      "[0.5, 0.6, 0.1] END AS p FROM range(9) t(i)"},
      &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "data row 5: a list of 2 numbers where 3", NULL);
  tablekit_clear(&rows);
  /* labels that no score column names */
  static const char *const named[] = {"p_a", "p_b"};
  request.scores[0] = named;
  request.n_scores[0] = 2;
  static const char columns[] =
      "SELECT ['a', 'b'][i % 2 + 1] AS y, 0.5 AS p_a, 0.9 AS p_b FROM range(4) t(i)";
  tablekit_read(&(struct table_source){.query = columns}, &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "'a' is none of the 2 classes", "--classes", NULL);
  tablekit_clear(&rows);
  static const char *const classes[] = {"a", "b"};
  request.classes = classes;
  request.n_classes = 2;
  tablekit_read(&(struct table_source){.query = columns}, &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.tally.n_sum_off, 4);
  assert_int_equal(rows.tally.first_sum_off_row, 1);
  tablekit_clear(&rows);
}

static void test_drop_invalid(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  static const char *const baseline[] = {"q"};
  request.scores[1] = baseline;
  request.n_scores[1] = 1;
  request.drop_invalid = true;
  tablekit_read(
      &(struct table_source){.query = "SELECT CASE WHEN i = 9 THEN NULL ELSE i % 2 END AS y, CASE "
                                      "WHEN i = 3 THEN 'NaN'::DOUBLE WHEN i = 5 THEN NULL "
                                      "ELSE i / 10.0 END AS p, CASE WHEN i = 4 THEN NULL ELSE "
                                      "0.5::FLOAT END AS q FROM range(20) t(i)"},
      &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.n, 16);
  assert_int_equal(rows.tally.n_rows, 20);
  assert_int_equal(rows.tally.n_used, 16);
  assert_int_equal(rows.tally.n_label_null, 1);
  assert_int_equal(rows.tally.n_invalid, 3);
  assert_true(rows.score[0][3] == 0.6);           /* rows 3, 4, 5 are gone */
  assert_int_equal(rows.tally.n_outside_unit, 9); /* 1.1 … 1.9 */
  assert_int_equal(rows.tally.first_outside_row, 12);
  assert_true(rows.tally.first_outside_value == 1.1);
  assert_int_equal(rows.prediction[1][0], 1);
  tablekit_clear(&rows);
}

static void test_threshold_of_float32(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  request.threshold = 0.3; /* 0.3f > 0.3: a plain comparison would differ for doubles just above */
  tablekit_read(
      &(struct table_source){.query = "SELECT i % 2 AS y, 0.3::FLOAT AS p FROM range(4) t(i)"},
      &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_true(rows.roles.threshold[STREAM_A] == (double)0.3f);
  assert_int_equal(rows.prediction[0][0], 1);
  tablekit_clear(&rows);
  request.threshold = 0.1;
  tablekit_read(
      &(struct table_source){.query = "SELECT i % 2 AS y, 0.1::FLOAT AS p FROM range(4) t(i)"},
      &request, &rows);
  assert_int_equal(rows.prediction[0][0], 1);
  tablekit_clear(&rows);
}

static void test_expressions(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  const char *const path = tablekit_path("expr.csv");
  tablekit_write(path, "y,p,age\n1,0.5,20\n0,0.25,30\n1,0.9,40\n", 0);
  static const struct {
    const char *expression;
    nonet_status status;
    const char *piece;
  } cases[] = {
      {"CASE WHEN age < 25 THEN 'young' ELSE 'old' END", NONET_OK, NULL},
      {"age // 10", NONET_OK, NULL},
      {"age > 25 -- older", NONET_OK, NULL},
      {"aeg", NONET_E_DATA, "did you mean 'age'"},
      {"aeg > 25", NONET_E_DATA, "no column 'aeg'"},
      {"(SELECT max(age) FROM nonet_rows)", NONET_E_USAGE, "subquery"},
      {"max(age)", NONET_E_USAGE, "'max' is not allowed"},
      {"sum(age) OVER ()", NONET_E_USAGE, "window"},
      {"read_text('/etc/passwd')", NONET_E_USAGE, "not allowed"},
      {"age) FROM (SELECT 1", NONET_E_USAGE, "refused"},
      {"age; DROP TABLE x", NONET_E_USAGE, "refused"},
      {"age FROM read_csv('/etc/passwd')", NONET_E_USAGE, "refused"},
      {"age;", NONET_E_USAGE, "refused"},
      {"age AS b", NONET_E_USAGE, "AS"},
      {"*", NONET_E_USAGE, "refused"},
      {"age +", NONET_E_USAGE, "syntax"},
      {"random() > 0.5", NONET_E_USAGE, "not allowed"},
      {"getenv('HOME')", NONET_E_USAGE, "not allowed"},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    request.groups = &cases[c].expression;
    request.n_groups = 1;
    tablekit_read_path(path, &request, &rows);
    tablekit_expect(&rows, cases[c].status, cases[c].piece, NULL);
    if (!cases[c].status)
      assert_true(rows.roles.n_cells >= 2);
    tablekit_clear(&rows);
  }
}

static void test_too_many_cells(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  const char *const groups[] = {"g", "i"};
  request.groups = groups;
  request.n_groups = 2;
  tablekit_read(
      &(struct table_source){
          .query = "SELECT i % 2 AS y, 0.5 AS p, i % 3 AS g, 'n' || i AS i FROM range(20000) t(i)"},
      &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "10000 cells", "'i'", NULL);
  tablekit_clear(&rows);
  tablekit_read(&(struct table_source){.query = "SELECT i % 2 AS y, 0.5 AS p, i % 3 AS g, i FROM "
                                                "range(20000) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "like an id", "i:25,45,65", NULL);
  tablekit_clear(&rows);
}

/* 100 values, and null: the quartiles of 0 … 99, at multiples of 10 (a fifth of 74 - 24). */
static void test_ranges(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  const char *const groups[] = {"g", "i"};
  request.groups = groups;
  request.n_groups = 2;
  tablekit_read(&(struct table_source){.query =
                                           "SELECT i % 2 AS y, 0.5 AS p, i % 3 AS g, CASE WHEN "
                                           "i < 2000 THEN i % 100 END AS i FROM range(2010) "
                                           "t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  const struct domain *domain = &rows.roles.groups[1];
  assert_string_equal(domain->rule, "by quartiles, rounded to 10: 20, 50, 70");
  assert_int_equal(domain->n_values, 5);
  assert_string_equal(domain->values[1], "[20, 50)");
  assert_null(domain->values[4]);
  assert_null(rows.roles.groups[0].rule);
  assert_int_equal(rows.roles.n_cells, 15);
  tablekit_clear(&rows);
}

static void test_parts(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  request.is_part = true;
  tablekit_read(&(struct table_source){.query = "SELECT 0 AS y, 0.5 AS p FROM range(4) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_string_equal(rows.roles.classes[1], "1");
  tablekit_clear(&rows);
  request.positive = "yes";
  tablekit_read(&(struct table_source){.query = "SELECT 'yes' AS y, 0.5 AS p FROM range(4) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_null(rows.roles.classes[0]);
  assert_int_equal(rows.label[0], 1);
  tablekit_clear(&rows);
  tablekit_read(&(struct table_source){.query = "SELECT 'yes' AS y, 0.5 AS p FROM range(0) t(i)"},
                &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.n, 0);
  tablekit_clear(&rows);
}

static void test_predictions(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = {.label = "y", .prediction = {"a", "b"}};
  tablekit_read(
      &(struct table_source){.query = "SELECT ['x', 'y'][i % 2 + 1] AS y, ['x', 'y', 'z'][i % 3 + "
                                      "1] AS a, 'y' AS b FROM range(6) t(i)"},
      &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.roles.task, TASK_MULTICLASS);
  assert_int_equal(rows.roles.n_classes, 3);
  assert_int_equal(rows.prediction[0][2], 2);
  assert_int_equal(rows.prediction[1][2], 1);
  tablekit_clear(&rows);
}

static void test_glob(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  tablekit_write(tablekit_path("glob-1.csv"), "y,p\n1,0.5\n0,0.25\n", 0);
  tablekit_write(tablekit_path("glob-2.csv"), "y,p\n0,0.75\n1,NaN\n", 0);
  tablekit_read_path(tablekit_path("glob-*.csv"), &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "data row 4", "glob-2.csv line 3", NULL);
  tablekit_clear(&rows);
  tablekit_write(tablekit_path("glob-2.csv"), "y,p\n0,0.75\n1,1\n", 0);
  tablekit_read_path(tablekit_path("glob-*.csv"), &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.n, 4);
  assert_true(rows.score[0][2] == 0.75);
  tablekit_clear(&rows);
  tablekit_write(tablekit_path("glob-2.csv"), "p,y\n0,0.75\n1,1\n", 0);
  tablekit_read_path(tablekit_path("glob-*.csv"), &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "other columns", NULL);
  tablekit_clear(&rows);
  tablekit_write(tablekit_path("a[1]*.csv"), "y,p\n0,0.75\n1,1\n", 0);
  tablekit_read_path(tablekit_path("a[1]*.csv"), &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  tablekit_clear(&rows);
}

/* Threads and batch sizes change nothing but the order of arrival. */
static void test_threads_and_batches(void **state) {
  (void)state;
  const size_t threads[] = {1, 2, 7}, batches[] = {1000, 65536, 1};
  for (size_t t = 0; t < 3; t++) {
    struct tablekit_rows rows;
    struct roles_request request = y_and_p();
    struct ArrowArrayStream stream;
    tablekit_stream("SELECT i % 2 AS y, CASE WHEN i IN (70001, 70777) THEN 'NaN'::DOUBLE ELSE (i % "
                    "100) / 100.0 END AS p FROM range(100000) t(i)",
                    &stream);
    struct table_source source = {
        .stream = &stream, .n_threads = threads[t], .batch_rows = batches[t]};
    tablekit_read(&source, &request, &rows);
    tablekit_expect(&rows, NONET_E_DATA, "data row 70002: NaN", "2 such rows", NULL);
    tablekit_clear(&rows);
  }
}

static nonet_status stop_at_once(void *context, size_t worker, const struct role_batch *batch,
                                 nonet_error *error) {
  (void)worker;
  (void)batch;
  (void)error;
  atomic_store((atomic_int *)context, 1);
  return NONET_OK;
}

static size_t count_temporary(void) {
  size_t n = 0;
  DIR *entries = opendir(getenv("TMPDIR"));
  struct dirent *entry;
  while (entries && (entry = readdir(entries)) != NULL)
    n += entry->d_name[0] != '.';
  closedir(entries);
  return n;
}

static void test_interrupt(void **state) {
  (void)state;
  char folder[] = "/tmp/nonet-interrupt-XXXXXX";
  assert_non_null(mkdtemp(folder));
  setenv("TMPDIR", folder, 1);
  atomic_int cancel = 0;
  struct progress progress = {.cancel = &cancel};
  nonet_error error = {{0}};
  struct table *table;
  struct roles roles;
  struct role_tally tally;
  struct roles_request request = y_and_p();
  request.threshold = 0.5;
  struct table_source source = {.query = "SELECT i % 2 AS y, 0.5 AS p FROM range(3000000) t(i)",
                                .n_threads = 2,
                                .batch_rows = 10000};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(count_temporary(), 1);
  assert_int_equal(table_resolve(table, &request, &roles, &progress, &error), NONET_OK);
  assert_int_equal(table_pass(table, &roles, stop_at_once, &cancel, &tally, &progress, &error),
                   NONET_E_INTERRUPTED);
  roles_clear(&roles);
  table_close(table);
  assert_int_equal(count_temporary(), 0);
  unsetenv("TMPDIR");
  rmdir(folder);
}

static void *request_soon(void *context) {
  struct timespec pause = {0, 300000000};
  nanosleep(&pause, NULL);
  atomic_store((atomic_int *)context, 1);
  return NULL;
}

/* One answer that would take hours: nothing comes that could be looked at between batches. */
static void test_interrupt_inside_a_query(void **state) {
  (void)state;
  char folder[] = "/tmp/nonet-interrupt-XXXXXX";
  assert_non_null(mkdtemp(folder));
  setenv("TMPDIR", folder, 1);
  atomic_int cancel = 0;
  struct progress progress = {.cancel = &cancel};
  nonet_error error = {{0}};
  struct table *table;
  struct roles roles;
  struct roles_request request = y_and_p();
  request.threshold = 0.5;
  struct table_source source = {
      .query =
          "SELECT y, count(*) / 1e12 AS p FROM (SELECT (a.i * b.i) % 2 AS y FROM range(1000000) "
          "a(i), range(1000000) b(i)) GROUP BY y",
      .n_threads = 2,
      .cancel = &cancel};
  pthread_t asker;
  time_t start = time(NULL);
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(pthread_create(&asker, NULL, request_soon, &cancel), 0);
  assert_int_equal(table_resolve(table, &request, &roles, &progress, &error), NONET_E_INTERRUPTED);
  assert_non_null(strstr(error.message, "stopped on request"));
  assert_true(time(NULL) - start < 30);
  assert_int_equal(pthread_join(asker, NULL), 0);
  table_close(table);
  assert_int_equal(count_temporary(), 0);
  unsetenv("TMPDIR");
  rmdir(folder);
}

static void test_stdin(void **state) {
  (void)state;
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  static const char *const kinds[] = {"CSV", "JSON", "PARQUET"};
  int kept = dup(0);
  for (size_t k = 0; k < 3; k++) {
    tablekit_copy("SELECT i % 2 AS y, i / 16.0 AS p FROM range(10) t(i)", tablekit_path("stdin"),
                  kinds[k]);
    assert_non_null(freopen(tablekit_path("stdin"), "rb", stdin));
    tablekit_read_path("-", &request, &rows);
    tablekit_expect(&rows, NONET_OK, NULL);
    assert_int_equal(rows.n, 10);
    assert_true(rows.score[0][3] == 3 / 16.0);
    tablekit_clear(&rows);
  }
  tablekit_read_path("-", &request, &rows);
  tablekit_expect(&rows, NONET_E_DATA, "stdin is empty", NULL);
  dup2(kept, 0);
  close(kept);
}

static void test_sqlite_driver(void **state) {
  (void)state;
  const char *driver = getenv("NONET_TEST_SQLITE_DRIVER");
  if (!driver || !driver[0])
    skip();
  struct tablekit_rows rows;
  struct roles_request request = y_and_p();
  const char *const groups[] = {"g"};
  request.groups = groups;
  request.n_groups = 1;
  struct table_source source = {
      .driver = driver,
      .uri = ":memory:",
      .query = "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 4999) "
               "SELECT i % 2 AS y, i / 8192.0 AS p, 'g' || (i % 3) AS g FROM c"};
  tablekit_read(&source, &request, &rows);
  tablekit_expect(&rows, NONET_OK, NULL);
  assert_int_equal(rows.n, 5000);
  assert_int_equal(rows.roles.n_cells, 3);
  assert_true(rows.score[0][4999] == 4999 / 8192.0);
  assert_int_equal(rows.label[4999], 1);
  tablekit_clear(&rows);
  source.driver = "no_such_driver";
  tablekit_read(&source, &request, &rows);
  tablekit_expect(&rows, NONET_E_UNAVAILABLE, "pip install adbc-driver-no_such_driver", NULL);
}

static void test_missing_engine(void **state) {
  (void)state;
  const char *set = getenv("NONET_DUCKDB");
  char *kept = set ? memory_text(set) : NULL;
  setenv("NONET_DUCKDB", "/nowhere/libduckdb.so", 1);
  struct roles_request request = y_and_p();
  struct tablekit_rows rows;
  tablekit_read(&(struct table_source){.query = "SELECT 1"}, &request, &rows);
  tablekit_expect(&rows, NONET_E_UNAVAILABLE, "/nowhere/libduckdb.so", NULL);
  if (kept)
    setenv("NONET_DUCKDB", kept, 1);
  else
    unsetenv("NONET_DUCKDB");
  memory_free(kept);
}

/* Every allocation of ours fails once, over the whole road; nothing leaks, every failure is said.
 */
static void test_memory_walk(void **state) {
  (void)state;
  struct roles_request request = y_and_p();
  const char *const groups[] = {"g", "p > 0.5"};
  request.groups = groups;
  request.n_groups = 2;
  const char *path = tablekit_path("walk.csv");
  tablekit_write(path, "y,p,g\n1,0.5,a\n0,0.75,b\n", 0);
  long n_failed = 0;
  for (long k = 0; k < 2000; k++) {
    struct table *table = NULL;
    struct roles roles;
    nonet_error error = {{0}};
    struct table_source source = {.path = path, .n_threads = 1};
    memory_fail_after(k);
    nonet_status status = table_open(&source, &table, &error);
    bool resolved = false;
    if (!status) {
      status = table_resolve(table, &request, &roles, NULL, &error);
      resolved = !status;
    }
    memory_fail_after(-1);
    if (resolved)
      roles_clear(&roles);
    table_close(table);
    if (!status)
      break;
    if (status != NONET_E_MEMORY)
      fail_msg("allocation %ld: status %d: %s", k, (int)status, error.message);
    n_failed++;
  }
  assert_true(n_failed > 50 && n_failed < 2000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_csv),
      cmocka_unit_test(test_csv_delimiters),
      cmocka_unit_test(test_first_fraction_late),
      cmocka_unit_test(test_csv_errors),
      cmocka_unit_test(test_line_ends),
      cmocka_unit_test(test_missing_things),
      cmocka_unit_test(test_parquet_cut),
      cmocka_unit_test(test_formats_agree),
      cmocka_unit_test(test_task_rules),
      cmocka_unit_test(test_multiclass),
      cmocka_unit_test(test_drop_invalid),
      cmocka_unit_test(test_threshold_of_float32),
      cmocka_unit_test(test_expressions),
      cmocka_unit_test(test_too_many_cells),
      cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_predictions),
      cmocka_unit_test(test_glob),
      cmocka_unit_test(test_threads_and_batches),
      cmocka_unit_test(test_interrupt),
      cmocka_unit_test(test_interrupt_inside_a_query),
      cmocka_unit_test(test_stdin),
      cmocka_unit_test(test_sqlite_driver),
      cmocka_unit_test(test_missing_engine),
      cmocka_unit_test(test_memory_walk),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
