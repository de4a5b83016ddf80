/* Columns to elements: halves against IEEE 754 (values of the standard and of NumPy's float16),
 * ranges, nulls, strides. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nanoarrow/nanoarrow.h>

#include "model/gather.h"

struct column {
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct arrow_type type;
  struct arrowcol bound;
};

static void column_open(struct column *column, enum ArrowType type) {
  assert_int_equal(ArrowSchemaInitFromType(&column->schema, type), 0);
  assert_int_equal(ArrowArrayInitFromSchema(&column->array, &column->schema, NULL), 0);
  assert_int_equal(ArrowArrayStartAppending(&column->array), 0);
}

static void column_bind(struct column *column) {
  assert_int_equal(ArrowArrayFinishBuildingDefault(&column->array, NULL), 0);
  assert_true(arrow_type_init(&column->type, &column->schema));
  assert_true(arrowcol_bind(&column->bound, &column->type, &column->array));
}

static void column_close(struct column *column) {
  arrow_type_clear(&column->type);
  column->schema.release(&column->schema);
  column->array.release(&column->array);
}

static uint16_t half_of(double value) {
  struct column column;
  uint16_t half = 0;
  int64_t fault;
  const char *why;
  column_open(&column, NANOARROW_TYPE_DOUBLE);
  assert_int_equal(ArrowArrayAppendDouble(&column.array, value), 0);
  column_bind(&column);
  assert_true(gather_numbers(&column.bound, 0, 1, ELEMENT_HALF, &half, 1, &fault, &why));
  column_close(&column);
  return half;
}

static void test_halves(void **state) {
  (void)state;
  static const struct {
    double value;
    uint16_t half;
  } known[] = {{0, 0},
               {-0.0, 0x8000},
               {1, 0x3c00},
               {-2, 0xc000},
               {65504, 0x7bff},
               {65519, 0x7bff},
               {65520, 0x7c00},
               {1e30, 0x7c00},
               {1 + 0x1p-11, 0x3c00},
               {1 + 0x3p-11, 0x3c02},
               {0x1p-14, 0x0400},
               {0x1p-24, 0x0001},
               {0x1p-25, 0x0000},
               {0x3p-25, 0x0002},
               {0x1.ff8p-15, 0x03ff},
               {1.0 / 3, 0x3555},
               {INFINITY, 0x7c00},
               {-INFINITY, 0xfc00}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    assert_int_equal(half_of(known[i].value), known[i].half);
  assert_true((half_of(NAN) & 0x7fff) > 0x7c00);
  for (uint32_t h = 0; h < 0x10000; h++) { /* every half there and back */
    uint16_t half = (uint16_t)h;
    double value;
    gather_doubles(ELEMENT_HALF, &half, 1, &value);
    if ((h & 0x7fff) > 0x7c00)
      assert_true(isnan(value));
    else if (h % 37 == 0 || (h & 0x7fff) < 0x410)
      assert_int_equal(half_of(value), h);
  }
}

static void test_ranges(void **state) {
  (void)state;
  static const struct {
    enum element element;
    int64_t least, most; /* fit; one beyond does not */
  } rows[] = {{ELEMENT_INT8, -128, 127},
              {ELEMENT_UINT8, 0, 255},
              {ELEMENT_INT16, -32768, 32767},
              {ELEMENT_UINT16, 0, 65535},
              {ELEMENT_INT32, INT32_MIN, INT32_MAX},
              {ELEMENT_UINT32, 0, UINT32_MAX},
              {ELEMENT_BOOL, 0, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct column column;
    uint64_t out[4] = {0};
    int64_t fault = -1;
    const char *why = NULL;
    column_open(&column, NANOARROW_TYPE_INT64);
    for (int k = 0; k < 4; k++)
      assert_int_equal(ArrowArrayAppendInt(&column.array, k == 0   ? rows[i].least
                                                          : k == 1 ? rows[i].most
                                                          : k == 2 ? rows[i].most + 1
                                                                   : rows[i].least - 1),
                       0);
    column_bind(&column);
    assert_true(gather_numbers(&column.bound, 0, 2, rows[i].element, out, 1, &fault, &why));
    double back[2];
    gather_doubles(rows[i].element, out, 2, back);
    assert_true(back[0] == (double)rows[i].least && back[1] == (double)rows[i].most);
    assert_false(gather_numbers(&column.bound, 1, 2, rows[i].element, out, 1, &fault, &why));
    assert_int_equal(fault, 1);
    assert_non_null(strstr(why, "does not fit"));
    assert_false(gather_numbers(&column.bound, 3, 1, rows[i].element, out, 1, &fault, &why));
    column_close(&column);
  }
}

/* The one integer that int64 does not hold, the one element that does. */
static void test_wide(void **state) {
  (void)state;
  struct column column;
  uint64_t out = 0;
  int64_t fault;
  const char *why;
  column_open(&column, NANOARROW_TYPE_UINT64);
  assert_int_equal(ArrowArrayAppendUInt(&column.array, UINT64_MAX), 0);
  column_bind(&column);
  assert_true(gather_numbers(&column.bound, 0, 1, ELEMENT_UINT64, &out, 1, &fault, &why));
  assert_true(out == UINT64_MAX);
  assert_false(gather_numbers(&column.bound, 0, 1, ELEMENT_INT64, &out, 1, &fault, &why));
  column_close(&column);
}

static void test_nulls_and_strides(void **state) {
  (void)state;
  static const enum ArrowType types[] = {
      NANOARROW_TYPE_FLOAT, NANOARROW_TYPE_DOUBLE, NANOARROW_TYPE_UINT8,  NANOARROW_TYPE_INT16,
      NANOARROW_TYPE_INT32, NANOARROW_TYPE_INT64,  NANOARROW_TYPE_UINT64, NANOARROW_TYPE_BOOL};
  for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
    struct column column;
    float out[600 * 2];
    int64_t fault = -1;
    const char *why = NULL;
    bool is_float = t < 2, is_bool = types[t] == NANOARROW_TYPE_BOOL;
    column_open(&column, types[t]);
    for (int k = 0; k < 600; k++)
      assert_int_equal(k == 300   ? ArrowArrayAppendNull(&column.array, 1)
                       : is_float ? ArrowArrayAppendDouble(&column.array, k % 100)
                                  : ArrowArrayAppendInt(&column.array, is_bool ? k % 2 : k % 100),
                       0);
    column_bind(&column);
    for (int k = 0; k < 1200; k++)
      out[k] = -1;
    assert_true(gather_numbers(&column.bound, 1, 599, ELEMENT_FLOAT, out, 2, &fault, &why));
    for (int k = 1; k < 600; k++) {
      float value = out[(k - 1) * 2];
      assert_true(k == 300 ? isnan(value) : value == (float)(is_bool ? k % 2 : k % 100));
      assert_true(out[(k - 1) * 2 + 1] == -1);
    }
    if (!is_float) {
      int64_t integers[600];
      assert_false(gather_numbers(&column.bound, 0, 600, ELEMENT_INT64, integers, 1, &fault, &why));
      assert_int_equal(fault, 300);
      assert_non_null(strstr(why, "is null"));
    }
    assert_int_equal(gather_fits(ELEMENT_INT64, &column.type), !is_float);
    assert_true(gather_fits(ELEMENT_FLOAT, &column.type));
    assert_false(gather_fits(ELEMENT_STRING, &column.type));
    column_close(&column);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_halves),
      cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_wide),
      cmocka_unit_test(test_nulls_and_strides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
