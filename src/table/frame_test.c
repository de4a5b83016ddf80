/*
 * Frames: the same rows and values from every format and order, roles beside features. Expected
 * values are written by hand, or follow from all rows being kept.
 */
#include "table/frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "table/tablekit.h"

static const char *const features[] = {"n", "city", "ok", "when", "list"};
static const char *const extras[] = {"y"};

static nonet_status read_path(const char *path, const struct frame_request *request,
                              struct frame *frame, nonet_error *error) {
  struct table *table = NULL;
  const struct table_source source = {.path = path, .n_threads = 2, .batch_rows = 100};
  nonet_status status = table_open(&source, &table, error);
  if (status == NONET_OK) {
    status = frame_read(table, request, frame, NULL, error);
  }
  table_close(table);
  return status;
}

static void write_formats(const char *sql) {
  char shuffled[2048];
  snprintf(shuffled, sizeof shuffled, "SELECT * FROM (%s) ORDER BY hash(n)", sql);
  tablekit_copy(sql, tablekit_path("f.parquet"), "PARQUET");
  tablekit_copy(sql, tablekit_path("f.csv"), "CSV, HEADER");
  tablekit_copy(shuffled, tablekit_path("g.parquet"), "PARQUET");
}

#define ROWS                                                                                       \
  "SELECT i / 4 AS n, CASE WHEN i % 5 = 0 THEN NULL ELSE 'c' || (i % 7) END AS city, "             \
  "i % 2 = 0 AS ok, DATE '2001-01-01' + (i % 3)::INT AS \"when\", i % 2 AS y FROM range(1000) "    \
  "t(i)"

static void expect_equal(const struct frame *a, const struct frame *b) {
  assert_int_equal(a->n_rows, b->n_rows);
  assert_int_equal(a->n_columns, b->n_columns);
  assert_memory_equal(a->key, b->key, a->n_rows * sizeof *a->key);
  for (size_t c = 0; c < a->n_columns; c++) {
    const struct frame_column *x = &a->columns[c], *y = &b->columns[c];
    assert_string_equal(x->name, y->name);
    assert_int_equal(x->n_null, y->n_null);
    if (x->kind == FRAME_NUMBER && y->kind == FRAME_NUMBER) {
      assert_memory_equal(x->number, y->number, a->n_rows * sizeof(double));
      continue;
    }
    assert_int_equal(x->kind, y->kind);
    assert_int_equal(x->n_values, y->n_values);
    assert_memory_equal(x->code, y->code, a->n_rows * sizeof(uint32_t));
    for (size_t v = 0; v < x->n_values; v++) {
      assert_string_equal(x->values[v], y->values[v]);
    }
  }
}

/* All rows, then the 100 with the smallest keys: whatever the order and the format. */
static void test_order_and_format(void **state) {
  (void)state;
  write_formats(ROWS);
  for (uint64_t n_rows = 0; n_rows <= 100; n_rows += 100) {
    const struct frame_request request = {.features = features,
                                          .n_features = 4,
                                          .what = "--features",
                                          .extras = extras,
                                          .n_extras = 1,
                                          .n_rows = n_rows,
                                          .seed = 1};
    struct frame a, b, c;
    nonet_error error = {""};
    assert_int_equal(read_path(tablekit_path("f.parquet"), &request, &a, &error), NONET_OK);
    assert_int_equal(read_path(tablekit_path("g.parquet"), &request, &b, &error), NONET_OK);
    assert_int_equal(read_path(tablekit_path("f.csv"), &request, &c, &error), NONET_OK);
    assert_int_equal(a.n_source, 1000);
    assert_int_equal(a.n_rows, n_rows == 0 ? 1000 : 100);
    for (size_t i = 1; i < a.n_rows; i++) {
      assert_true(a.key[i - 1] <= a.key[i]);
    }
    expect_equal(&a, &b);
    expect_equal(&a, &c);
    frame_clear(&a);
    frame_clear(&b);
    frame_clear(&c);
  }
}

/* The smallest of all keys are those that a small frame keeps. */
static void test_smallest(void **state) {
  (void)state;
  write_formats(ROWS);
  struct frame_request request = {
      .features = features, .n_features = 1, .what = "--features", .seed = 7, .id = "n"};
  struct frame all, few;
  nonet_error error = {""};
  assert_int_equal(read_path(tablekit_path("f.parquet"), &request, &all, &error), NONET_OK);
  request.n_rows = 37;
  assert_int_equal(read_path(tablekit_path("f.parquet"), &request, &few, &error), NONET_OK);
  assert_int_equal(few.n_rows, 37);
  assert_memory_equal(few.key, all.key, 37 * sizeof(uint64_t));
  frame_clear(&all);
  frame_clear(&few);
}

static void test_values(void **state) {
  (void)state;
  tablekit_copy("SELECT * FROM (VALUES (1, 'b', true, [1.0, 2.0]), (2, NULL, false, [3.0, 4.0]), "
                "(NULL, 'a', NULL, NULL)) t(n, city, ok, list)",
                tablekit_path("v.parquet"), "PARQUET");
  static const char *const names[] = {"n", "list", "city", "ok"};
  const struct frame_request request = {.features = names, .n_features = 4, .what = "--features"};
  struct frame frame;
  nonet_error error = {""};
  assert_int_equal(read_path(tablekit_path("v.parquet"), &request, &frame, &error), NONET_OK);
  assert_int_equal(frame.n_columns, 3);
  assert_int_equal(frame.n_left_out, 1);
  assert_string_equal(frame.left_out[0].name, "list");
  assert_null(frame_find(&frame, "list"));
  const struct frame_column *n = frame_find(&frame, "n"), *city = frame_find(&frame, "city"),
                            *ok = frame_find(&frame, "ok");
  assert_int_equal(n->n_null, 1);
  assert_int_equal(city->n_values, 2);
  assert_string_equal(city->values[0], "a");
  assert_true(n->is_whole);
  for (size_t i = 0; i < 3; i++) {
    const bool is_first = frame.row[i] == 1, is_second = frame.row[i] == 2;
    assert_true(is_first ? n->number[i] == 1 : is_second ? n->number[i] == 2 : isnan(n->number[i]));
    assert_true(is_first    ? ok->number[i] == 1
                : is_second ? ok->number[i] == 0
                            : isnan(ok->number[i]));
    assert_int_equal(city->code[i], is_first ? 1 : is_second ? FRAME_NULL : 0);
  }
  frame_clear(&frame);
}

/* Roles follow their rows; rows without a label are not taken, rows left out leave. */
static void test_roles(void **state) {
  (void)state;
  tablekit_copy("SELECT i AS n, CASE WHEN i % 10 = 9 THEN NULL ELSE i % 3 = 0 END AS y, "
                "CASE WHEN i % 10 = 8 THEN NULL ELSE i / 1000.0 END AS p, "
                "'g' || (i % 4) AS g FROM range(1000) t(i)",
                tablekit_path("r.parquet"), "PARQUET");
  struct table *table = NULL;
  nonet_error error = {""};
  const char *scores[] = {"p"}, *groups[] = {"g"};
  const struct roles_request wanted = {.label = "y",
                                       .scores = {scores},
                                       .n_scores = {1},
                                       .groups = groups,
                                       .n_groups = 1,
                                       .threshold = 0.5,
                                       .drop_invalid = true};
  const struct table_source source = {
      .path = tablekit_path("r.parquet"), .n_threads = 2, .batch_rows = 64};
  struct roles roles = {0};
  struct frame frame;
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(table_resolve(table, &wanted, &roles, NULL, &error), NONET_OK);
  const struct frame_request request = {.features = features,
                                        .n_features = 1,
                                        .what = "--features",
                                        .label = "y",
                                        .n_rows = 450,
                                        .roles = &roles};
  assert_int_equal(frame_read(table, &request, &frame, NULL, &error), NONET_OK);
  assert_in_range(frame.n_rows, 350, 449); /* a ninth of those with a label has no score */
  for (size_t i = 0; i < frame.n_rows; i++) {
    const uint32_t n = (uint32_t)frame.columns[0].number[i];
    assert_true(n % 10 < 8);
    assert_int_equal(frame.row[i], n + 1);
    assert_int_equal(frame.label[i], n % 3 == 0);
    assert_true(frame.score[STREAM_A][i] == n / 1000.0);
    assert_int_equal(frame.prediction[STREAM_A][i], n >= 500);
    assert_int_equal(frame.cell[i], n % 4);
  }
  frame_clear(&frame);
  /* The table's roles are as they were. */
  assert_int_equal(frame_read(table, &request, &frame, NULL, &error), NONET_OK);
  frame_clear(&frame);
  roles_clear(&roles);
  table_close(table);
}

static void test_missing_column(void **state) {
  (void)state;
  write_formats(ROWS);
  static const char *const names[] = {"citi"};
  const struct frame_request request = {.features = names, .n_features = 1, .what = "--features"};
  struct frame frame;
  nonet_error error = {""};
  assert_int_equal(read_path(tablekit_path("f.parquet"), &request, &frame, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "citi"));
  assert_non_null(strstr(error.message, "city"));
}

/* Every allocation may fail. */
static void test_short_memory(void **state) {
  (void)state;
  tablekit_copy("SELECT i AS n, 'c' || i AS city FROM range(20) t(i)", tablekit_path("m.parquet"),
                "PARQUET");
  const struct frame_request request = {
      .features = features, .n_features = 2, .what = "--features", .n_rows = 5};
  struct table *table = NULL;
  nonet_error error = {""};
  nonet_status status = NONET_E_MEMORY;
  const struct table_source source = {.path = tablekit_path("m.parquet"), .n_threads = 1};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  for (long k = 0; status == NONET_E_MEMORY && k < 2000; k++) {
    struct frame frame;
    memory_fail_after(k);
    status = frame_read(table, &request, &frame, NULL, &error);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
    if (status == NONET_OK) {
      assert_int_equal(frame.n_rows, 5);
      frame_clear(&frame);
    }
  }
  assert_int_equal(status, NONET_OK);
  table_close(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order_and_format), cmocka_unit_test(test_smallest),
      cmocka_unit_test(test_values),           cmocka_unit_test(test_roles),
      cmocka_unit_test(test_missing_column),   cmocka_unit_test(test_short_memory),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
