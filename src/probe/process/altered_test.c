/* Rows with something changed, on two columns of five rows: numbers and texts. */
#include "probe/process/altered.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { N = 5 };

static void make_rows(struct driver_rows *rows) {
  static const char *const words[N] = {"a", "b", "c", "d", "e"};
  memset(rows, 0, sizeof *rows);
  ArrowSchemaInit(&rows->schema);
  assert_int_equal(ArrowSchemaSetTypeStruct(&rows->schema, 2), 0);
  assert_int_equal(ArrowSchemaSetType(rows->schema.children[0], NANOARROW_TYPE_DOUBLE), 0);
  assert_int_equal(ArrowSchemaSetName(rows->schema.children[0], "x"), 0);
  assert_int_equal(ArrowSchemaSetType(rows->schema.children[1], NANOARROW_TYPE_STRING), 0);
  assert_int_equal(ArrowSchemaSetName(rows->schema.children[1], "word"), 0);
  assert_int_equal(ArrowArrayInitFromSchema(&rows->array, &rows->schema, NULL), 0);
  assert_int_equal(ArrowArrayStartAppending(&rows->array), 0);
  for (size_t i = 0; i < N; i++) {
    assert_int_equal(ArrowArrayAppendDouble(rows->array.children[0], (double)i), 0);
    assert_int_equal(ArrowArrayAppendString(rows->array.children[1], ArrowCharView(words[i])), 0);
    assert_int_equal(ArrowArrayFinishElement(&rows->array), 0);
  }
  assert_int_equal(ArrowArrayFinishBuildingDefault(&rows->array, NULL), 0);
  rows->n = N;
}

static void free_rows(struct driver_rows *rows) {
  rows->array.release(&rows->array);
  rows->schema.release(&rows->schema);
}

static struct value value_at(const struct driver_rows *rows, size_t column, int64_t row,
                             char buffer[ARROWCOL_TEXT_BYTES]) {
  struct arrow_type type;
  struct arrowcol bound;
  assert_true(arrow_type_init(&type, rows->schema.children[column]));
  assert_true(arrowcol_bind(&bound, &type, rows->array.children[column]));
  struct value value = arrowcol_value(&bound, row, buffer);
  arrow_type_clear(&type);
  return value;
}

static void test_columns(void **state) {
  struct driver_rows rows;
  struct altered altered;
  char buffer[ARROWCOL_TEXT_BYTES];
  (void)state;
  make_rows(&rows);
  assert_int_equal(altered_find(&rows, "word"), 1);
  assert_int_equal(altered_find(&rows, "words"), -1);
  assert_int_equal(altered_init(&altered, &rows, 3, NULL), NONET_OK);
  assert_int_equal(altered.rows.n, 3);
  assert_int_equal(altered_set(&altered, 2, "more", ALTERED_INTEGER, 7, "", NULL), NONET_OK);
  assert_int_equal(altered.rows.schema.n_children, 3);
  assert_int_equal(value_at(&altered.rows, 2, 2, buffer).number, 7);
  altered_drop(&altered, 0);
  assert_int_equal(altered.rows.array.n_children, 2);
  assert_string_equal(altered.rows.schema.children[0]->name, "word");
  altered_clear(&altered);
  assert_int_equal(rows.schema.n_children, 2); /* what was borrowed is as it was */
  free_rows(&rows);
}

static void test_values(void **state) {
  static const struct {
    size_t column;
    enum altered_value what;
    const char *format; /* of the column then */
    enum value_kind kind;
  } cases[] = {{0, ALTERED_NULL, "g", VALUE_NULL},
               {1, ALTERED_NULL, "u", VALUE_NULL},
               {0, ALTERED_TEXT, "u", VALUE_TEXT},
               {1, ALTERED_REAL, "g", VALUE_FLOAT},
               {0, ALTERED_INTEGER, "g", VALUE_FLOAT}};
  struct driver_rows rows;
  char buffer[ARROWCOL_TEXT_BYTES];
  (void)state;
  make_rows(&rows);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct altered altered;
    assert_int_equal(altered_init(&altered, &rows, N, NULL), NONET_OK);
    assert_int_equal(altered_set(&altered, cases[i].column, "c", cases[i].what, 1.5, "t", NULL),
                     NONET_OK);
    assert_string_equal(altered.rows.schema.children[cases[i].column]->format, cases[i].format);
    assert_int_equal(value_at(&altered.rows, cases[i].column, N - 1, buffer).kind, cases[i].kind);
    altered_clear(&altered);
  }
  free_rows(&rows);
}

static void test_rows(void **state) {
  struct driver_rows rows;
  struct altered altered;
  char buffer[ARROWCOL_TEXT_BYTES];
  (void)state;
  make_rows(&rows);
  assert_int_equal(altered_reverse(&altered, &rows, NULL), NONET_OK);
  assert_int_equal(value_at(&altered.rows, 0, 0, buffer).number, 4);
  assert_memory_equal(value_at(&altered.rows, 1, 3, buffer).text, "b", 1);
  altered_clear(&altered);
  assert_int_equal(altered_init(&altered, &rows, N, NULL), NONET_OK);
  assert_int_equal(altered_repeat(&altered, &rows, 1, 2, NULL), NONET_OK);
  for (int64_t i = 0; i < N; i++) {
    assert_memory_equal(value_at(&altered.rows, 1, i, buffer).text, "c", 1);
    assert_int_equal(value_at(&altered.rows, 0, i, buffer).number, i);
  }
  altered_clear(&altered);
  free_rows(&rows);
}

static void test_short_memory(void **state) {
  struct driver_rows rows;
  (void)state;
  make_rows(&rows);
  for (long k = 0; k < 20; k++) {
    struct altered altered = {0};
    memory_fail_after(k);
    nonet_status status = altered_reverse(&altered, &rows, NULL);
    long made = memory_fail_after(-1);
    altered_clear(&altered);
    if (made <= k) {
      assert_int_equal(status, NONET_OK);
      assert_true(k >= 3);
      free_rows(&rows);
      return;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
  fail_msg("more than 20 allocations");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_columns),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_rows),
      cmocka_unit_test(test_short_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
