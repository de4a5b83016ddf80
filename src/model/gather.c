/*
 * Columns to elements.
 *
 * Cases: 1. A float element takes any number; nulls become NaN, which is how runtimes know missing
 * values. 2. An integer element takes integers and booleans, each checked against its range; a null
 * has no integer and is a fault. Floats are not taken: 0.4 as an integer would be 0 without a word.
 * 3. A boolean element takes booleans and the integers 0 and 1. 4. A half is rounded from the float
 * of the value (nearest, ties to even; nanoarrow's own conversion cuts). 5. The common pairs are
 * plain loops with a constant step, so that a matrix of features is filled at memory speed.
 */
#include "model/gather.h"

#include <math.h>
#include <string.h>

struct element_row {
  const char *name;
  size_t bytes;
  int64_t least;
  uint64_t most;
};

static const struct element_row rows[] = {
    [ELEMENT_FLOAT] = {"float32", 4, 0, 0},
    [ELEMENT_DOUBLE] = {"float64", 8, 0, 0},
    [ELEMENT_HALF] = {"float16", 2, 0, 0},
    [ELEMENT_BOOL] = {"bool", 1, 0, 1},
    [ELEMENT_INT8] = {"int8", 1, INT8_MIN, INT8_MAX},
    [ELEMENT_INT16] = {"int16", 2, INT16_MIN, INT16_MAX},
    [ELEMENT_INT32] = {"int32", 4, INT32_MIN, INT32_MAX},
    [ELEMENT_INT64] = {"int64", 8, INT64_MIN, INT64_MAX},
    [ELEMENT_UINT8] = {"uint8", 1, 0, UINT8_MAX},
    [ELEMENT_UINT16] = {"uint16", 2, 0, UINT16_MAX},
    [ELEMENT_UINT32] = {"uint32", 4, 0, UINT32_MAX},
    [ELEMENT_UINT64] = {"uint64", 8, 0, UINT64_MAX},
    [ELEMENT_STRING] = {"string", 0, 0, 0},
    [ELEMENT_NONE] = {"an unknown type", 0, 0, 0},
};

const char *element_name(enum element element) {
  return rows[element].name;
}

size_t element_bytes(enum element element) {
  return rows[element].bytes;
}

bool element_is_float(enum element element) {
  return element <= ELEMENT_HALF;
}

bool element_is_integer(enum element element) {
  return element >= ELEMENT_INT8 && element <= ELEMENT_UINT64;
}

bool gather_fits(enum element element, const struct arrow_type *type) {
  if (element == ELEMENT_STRING)
    return type->kind == ARROWCOL_TEXT;
  if (element_is_float(element))
    return arrow_type_is_number(type);
  return element != ELEMENT_NONE && !type->is_dictionary &&
         (type->kind == ARROWCOL_INT || type->kind == ARROWCOL_BOOL);
}

bool gather_text(const struct arrowcol *column, int64_t row, const char **data, size_t *length) {
  if (!column->type->is_dictionary)
    return !arrowcol_is_null(column, row) && arrowcol_text(column, row, data, length);
  struct arrowcol item;
  int64_t index = arrowcol_index(column, row);
  return index >= 0 && arrowcol_item(column, &item) && !arrowcol_is_null(&item, index) &&
         arrowcol_text(&item, index, data, length);
}

#define GATHER_FLOATS(type)                                                                        \
  do {                                                                                             \
    const type *from = (const type *)column->array->buffers[1] + column->offset + start;           \
    for (size_t k = 0; k < (size_t)n; k++)                                                         \
      out[k * stride] = (float)from[k];                                                            \
  } while (0)

/* Case 5; false when the storage is none of these. */
static bool floats_plain(const struct arrowcol *column, int64_t start, int64_t n, float *out,
                         size_t stride) {
  switch (column->type->storage) {
  case NANOARROW_TYPE_FLOAT:
    if (stride == 1)
      memcpy(out, (const float *)column->array->buffers[1] + column->offset + start,
             (size_t)n * sizeof *out);
    else
      GATHER_FLOATS(float);
    return true;
  case NANOARROW_TYPE_DOUBLE:
    GATHER_FLOATS(double);
    return true;
  case NANOARROW_TYPE_UINT8:
    GATHER_FLOATS(uint8_t);
    return true;
  case NANOARROW_TYPE_INT32:
    GATHER_FLOATS(int32_t);
    return true;
  case NANOARROW_TYPE_INT64:
    GATHER_FLOATS(int64_t);
    return true;
  default:
    return false;
  }
}

static void gather_floats(const struct arrowcol *column, int64_t start, int64_t n, float *out,
                          size_t stride) {
  double piece[256];
  if (column->type->kind == ARROWCOL_DECIMAL ||
      !floats_plain(column, start, n, out, stride)) { /* decimals share storages with no one */
    for (int64_t from = 0; from < n; from += 256) {
      int64_t m = n - from < 256 ? n - from : 256;
      arrowcol_doubles(column, start + from, m, piece, 1);
      for (int64_t k = 0; k < m; k++)
        out[(size_t)(from + k) * stride] = (float)piece[k];
    }
    return;
  }
  if (arrowcol_has_nulls(column, start, n))
    for (int64_t k = 0; k < n; k++)
      if (arrowcol_is_null(column, start + k))
        out[(size_t)k * stride] = NAN;
}

/* Case 4. IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction; 112 = 127 − 15. */
static uint16_t half_of(float value) {
  uint32_t bits, sign, sum;
  memcpy(&bits, &value, sizeof bits);
  sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits >= 0x7f800000) /* infinity, NaN */
    return (uint16_t)(sign | 0x7c00 | (bits > 0x7f800000 ? 0x200 : 0));
  if (bits >= 0x477ff000) /* 65,520 and more round to infinity */
    return (uint16_t)(sign | 0x7c00);
  if (bits < 0x38800000) { /* below 2^-14: 1/2 has its last place where subnormals have theirs */
    float magnitude;
    memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude += 0.5F;
    memcpy(&sum, &magnitude, sizeof sum);
    return (uint16_t)(sign | (sum - 0x3f000000));
  }
  return (uint16_t)(sign | (bits - (112U << 23) + 0xfff + (bits >> 13 & 1)) >> 13);
}

static double double_of_half(uint16_t half) {
  uint32_t magnitude = half & 0x7fff, bits = (magnitude << 13) + (112U << 23);
  float value;
  if (magnitude >= 0x7c00)
    bits += 112U << 23;
  memcpy(&value, &bits, sizeof value);
  if (magnitude < 0x400)
    value = (float)magnitude * 0x1p-24F;
  return half & 0x8000 ? -(double)value : (double)value;
}

static void gather_halves(const struct arrowcol *column, int64_t start, int64_t n, uint16_t *out,
                          size_t stride) {
  for (int64_t k = 0; k < n; k++) {
    float value;
    gather_floats(column, start + k, 1, &value, 1);
    out[(size_t)k * stride] = half_of(value);
  }
}

static void put_integer(enum element element, void *out, size_t at, int64_t value) {
  switch (element_bytes(element)) { /* two's complement: the low bytes are the value */
  case 1:
    ((uint8_t *)out)[at] = (uint8_t)value;
    break;
  case 2:
    ((uint16_t *)out)[at] = (uint16_t)value;
    break;
  case 4:
    ((uint32_t *)out)[at] = (uint32_t)value;
    break;
  default:
    ((uint64_t *)out)[at] = (uint64_t)value;
  }
}

static bool same_storage(enum element element, enum ArrowType storage) {
  return (element == ELEMENT_INT64 && storage == NANOARROW_TYPE_INT64) ||
         (element == ELEMENT_INT32 && storage == NANOARROW_TYPE_INT32) ||
         (element == ELEMENT_UINT8 && storage == NANOARROW_TYPE_UINT8);
}

static bool gather_integers(const struct arrowcol *column, int64_t start, int64_t n,
                            enum element element, void *out, size_t stride, int64_t *fault_row,
                            const char **why) {
  const struct element_row *row = &rows[element];
  if (stride == 1 && same_storage(element, column->type->storage) &&
      !arrowcol_has_nulls(column, start, n)) {
    memcpy(out,
           (const char *)column->array->buffers[1] + (size_t)(column->offset + start) * row->bytes,
           (size_t)n * row->bytes);
    return true;
  }
  for (int64_t k = 0; k < n; k++) {
    int64_t value = 0;
    *fault_row = k;
    *why = "is null, and the input has no null";
    if (arrowcol_is_null(column, start + k))
      return false;
    bool is_wide = false; /* a uint64 beyond int64; its bits are right */
    if (column->type->kind == ARROWCOL_BOOL)
      value = ArrowBitGet(column->array->buffers[1], column->offset + start + k);
    else
      is_wide = !arrowcol_int64(column, start + k, &value);
    *why = "does not fit the input's type";
    bool is_inside = value >= row->least && (value < 0 || (uint64_t)value <= row->most);
    if (is_wide ? element != ELEMENT_UINT64 : !is_inside)
      return false;
    put_integer(element, out, (size_t)k * stride, value);
  }
  return true;
}

bool gather_numbers(const struct arrowcol *column, int64_t start, int64_t n, enum element element,
                    void *out, size_t stride, int64_t *fault_row, const char **why) {
  switch (element) {
  case ELEMENT_FLOAT:
    gather_floats(column, start, n, out, stride);
    return true;
  case ELEMENT_DOUBLE:
    arrowcol_doubles(column, start, n, out, stride);
    return true;
  case ELEMENT_HALF:
    gather_halves(column, start, n, out, stride);
    return true;
  default:
    return gather_integers(column, start, n, element, out, stride, fault_row, why);
  }
}

#define GATHER_DOUBLES(type)                                                                       \
  for (size_t i = 0; i < n; i++)                                                                   \
    out[i] = (double)((const type *)data)[i];                                                      \
  return

void gather_doubles(enum element element, const void *data, size_t n, double *out) {
  switch (element) {
  case ELEMENT_FLOAT:
    GATHER_DOUBLES(float);
  case ELEMENT_DOUBLE:
    GATHER_DOUBLES(double);
  case ELEMENT_HALF:
    for (size_t i = 0; i < n; i++)
      out[i] = double_of_half(((const uint16_t *)data)[i]);
    return;
  case ELEMENT_INT8:
    GATHER_DOUBLES(int8_t);
  case ELEMENT_INT16:
    GATHER_DOUBLES(int16_t);
  case ELEMENT_INT32:
    GATHER_DOUBLES(int32_t);
  case ELEMENT_INT64:
    GATHER_DOUBLES(int64_t);
  case ELEMENT_BOOL:
  case ELEMENT_UINT8:
    GATHER_DOUBLES(uint8_t);
  case ELEMENT_UINT16:
    GATHER_DOUBLES(uint16_t);
  case ELEMENT_UINT32:
    GATHER_DOUBLES(uint32_t);
  case ELEMENT_UINT64:
    GATHER_DOUBLES(uint64_t);
  case ELEMENT_STRING:
  case ELEMENT_NONE:
    break;
  }
}
