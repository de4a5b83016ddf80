/*
 * Typed access to Arrow columns.
 *
 * Cases: 1. Offsets and lengths of slices. 2. A validity buffer may be missing. 3. Dictionaries: an
 * index out of bounds is a null.
 * 4. Views (utf8 of 16 bytes): inline up to 12 bytes, else buffer and offset, both checked. 5.
 * Decimals are read as the nearest double of their decimal digits. 6. Dates and timestamps are
 * written as SQL writes them. 7. Fixed-size lists have no offsets.
 */
#include "table/arrowcol.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/memory.h"

static enum arrowcol_kind kind_of(enum ArrowType type) {
  switch (type) {
  case NANOARROW_TYPE_BOOL:
    return ARROWCOL_BOOL;
  case NANOARROW_TYPE_INT8:
  case NANOARROW_TYPE_UINT8:
  case NANOARROW_TYPE_INT16:
  case NANOARROW_TYPE_UINT16:
  case NANOARROW_TYPE_INT32:
  case NANOARROW_TYPE_UINT32:
  case NANOARROW_TYPE_INT64:
  case NANOARROW_TYPE_UINT64:
    return ARROWCOL_INT;
  case NANOARROW_TYPE_HALF_FLOAT:
    return ARROWCOL_FLOAT16;
  case NANOARROW_TYPE_FLOAT:
    return ARROWCOL_FLOAT32;
  case NANOARROW_TYPE_DOUBLE:
    return ARROWCOL_FLOAT64;
  case NANOARROW_TYPE_DECIMAL32:
  case NANOARROW_TYPE_DECIMAL64:
  case NANOARROW_TYPE_DECIMAL128:
  case NANOARROW_TYPE_DECIMAL256:
    return ARROWCOL_DECIMAL;
  case NANOARROW_TYPE_STRING:
  case NANOARROW_TYPE_LARGE_STRING:
  case NANOARROW_TYPE_STRING_VIEW:
  case NANOARROW_TYPE_BINARY:
  case NANOARROW_TYPE_LARGE_BINARY:
  case NANOARROW_TYPE_BINARY_VIEW:
    return ARROWCOL_TEXT;
  case NANOARROW_TYPE_DATE32:
  case NANOARROW_TYPE_DATE64:
  case NANOARROW_TYPE_TIMESTAMP:
    return ARROWCOL_DATE;
  case NANOARROW_TYPE_LIST:
  case NANOARROW_TYPE_LARGE_LIST:
  case NANOARROW_TYPE_FIXED_SIZE_LIST:
    return ARROWCOL_LIST;
  case NANOARROW_TYPE_NA:
    return ARROWCOL_NULL;
  default:
    return ARROWCOL_OTHER;
  }
}

static bool add_item(struct arrow_type *type, const struct ArrowSchema *schema) {
  type->item = memory_zeroed(1, sizeof *type->item);
  return type->item && arrow_type_init(type->item, schema);
}

bool arrow_type_init(struct arrow_type *type, const struct ArrowSchema *schema) {
  memset(type, 0, sizeof *type);
  type->kind = ARROWCOL_OTHER;
  struct ArrowSchemaView view = {0}; /* only the fields of the type are written */
  if (ArrowSchemaViewInit(&view, schema, NULL) != NANOARROW_OK)
    return true;
  type->logical = view.type;
  type->storage = view.storage_type;
  type->unit = view.time_unit;
  type->has_zone = view.type == NANOARROW_TYPE_TIMESTAMP && view.timezone && view.timezone[0];
  type->scale = view.decimal_scale;
  type->kind = kind_of(view.type);
  if (type->kind == ARROWCOL_DECIMAL)
    type->width_bytes = view.decimal_bitwidth / 8;
  if (view.type == NANOARROW_TYPE_FIXED_SIZE_LIST)
    type->width_bytes = view.fixed_size;
  if (type->kind == ARROWCOL_LIST)
    return schema->n_children == 1 && add_item(type, schema->children[0]);
  if (view.type == NANOARROW_TYPE_DICTIONARY) {
    type->is_dictionary = true;
    if (!schema->dictionary || !add_item(type, schema->dictionary))
      return !schema->dictionary;
    bool plain = !type->item->is_dictionary && type->item->kind != ARROWCOL_LIST;
    type->kind = plain ? type->item->kind : ARROWCOL_OTHER;
  }
  return true;
}

bool arrow_type_copy(struct arrow_type *to, const struct arrow_type *from) {
  *to = *from;
  to->item = NULL;
  if (!from->item)
    return true;
  to->item = memory_zeroed(1, sizeof *to->item);
  return to->item && arrow_type_copy(to->item, from->item);
}

void arrow_type_clear(struct arrow_type *type) {
  if (type->item) {
    arrow_type_clear(type->item);
    memory_free(type->item);
    type->item = NULL;
  }
}

bool arrow_type_is_bytes(const struct arrow_type *type) {
  const enum ArrowType logical =
      type->is_dictionary && type->item ? type->item->logical : type->logical;
  return logical == NANOARROW_TYPE_BINARY || logical == NANOARROW_TYPE_LARGE_BINARY ||
         logical == NANOARROW_TYPE_BINARY_VIEW;
}

bool arrow_type_is_number(const struct arrow_type *type) {
  return !type->is_dictionary &&
         (type->kind == ARROWCOL_INT || type->kind == ARROWCOL_FLOAT16 ||
          type->kind == ARROWCOL_FLOAT32 || type->kind == ARROWCOL_FLOAT64 ||
          type->kind == ARROWCOL_DECIMAL || type->kind == ARROWCOL_BOOL ||
          type->kind == ARROWCOL_NULL);
}

void arrow_type_name(const struct arrow_type *type, char *name, size_t size_bytes) {
  if (type->kind == ARROWCOL_LIST) {
    char item[64];
    arrow_type_name(type->item, item, sizeof item);
    snprintf(name, size_bytes, "list of %s", item);
    return;
  }
  if (type->is_dictionary && type->item) {
    arrow_type_name(type->item, name, size_bytes);
    return;
  }
  const char *word = "other";
  switch (type->kind) {
  case ARROWCOL_FLOAT16:
    word = "half";
    break;
  case ARROWCOL_FLOAT32:
    word = "float";
    break;
  case ARROWCOL_FLOAT64:
    word = "double";
    break;
  case ARROWCOL_TEXT:
    word = arrow_type_is_bytes(type) ? "binary" : "text";
    break;
  case ARROWCOL_DECIMAL:
    word = "decimal";
    break;
  case ARROWCOL_DATE:
    word = type->logical == NANOARROW_TYPE_TIMESTAMP ? "timestamp" : "date";
    break;
  case ARROWCOL_NULL:
    word = "null";
    break;
  case ARROWCOL_BOOL:
    word = "bool";
    break;
  case ARROWCOL_INT:
  case ARROWCOL_OTHER:
  case ARROWCOL_LIST:
    if (type->logical != NANOARROW_TYPE_UNINITIALIZED)
      word = ArrowTypeString(type->logical);
    break;
  }
  snprintf(name, size_bytes, "%s", word ? word : "other");
}

/* How many buffers the storage must have at least. */
static int64_t buffers_wanted(enum ArrowType storage) {
  switch (storage) {
  case NANOARROW_TYPE_NA:
    return 0;
  case NANOARROW_TYPE_FIXED_SIZE_LIST:
    return 1;
  case NANOARROW_TYPE_STRING:
  case NANOARROW_TYPE_LARGE_STRING:
  case NANOARROW_TYPE_BINARY:
  case NANOARROW_TYPE_LARGE_BINARY:
  case NANOARROW_TYPE_STRING_VIEW:
  case NANOARROW_TYPE_BINARY_VIEW:
    return 3;
  default:
    return 2;
  }
}

/* What the address of the storage's second buffer must be a multiple of. */
static size_t alignment_wanted(enum ArrowType storage) {
  switch (storage) {
  case NANOARROW_TYPE_INT16:
  case NANOARROW_TYPE_UINT16:
  case NANOARROW_TYPE_HALF_FLOAT:
    return 2;
  case NANOARROW_TYPE_INT32:
  case NANOARROW_TYPE_UINT32:
  case NANOARROW_TYPE_FLOAT:
  case NANOARROW_TYPE_STRING:
  case NANOARROW_TYPE_BINARY:
  case NANOARROW_TYPE_LIST:
    return 4;
  case NANOARROW_TYPE_INT64:
  case NANOARROW_TYPE_UINT64:
  case NANOARROW_TYPE_DOUBLE:
  case NANOARROW_TYPE_LARGE_STRING:
  case NANOARROW_TYPE_LARGE_BINARY:
  case NANOARROW_TYPE_LARGE_LIST:
  case NANOARROW_TYPE_STRING_VIEW:
  case NANOARROW_TYPE_BINARY_VIEW:
    return 8;
  default:
    return 1; /* bits and bytes; decimals are read byte by byte */
  }
}

/* A view's last buffer has the 64-bit sizes of the others. */
static bool is_aligned(const struct ArrowArray *array, enum ArrowType storage) {
  size_t size = alignment_wanted(storage);
  bool is_view = storage == NANOARROW_TYPE_STRING_VIEW || storage == NANOARROW_TYPE_BINARY_VIEW;
  return (uintptr_t)array->buffers[1] % size == 0 &&
         (!is_view || (uintptr_t)array->buffers[array->n_buffers - 1] % 8 == 0);
}

bool arrowcol_bind(struct arrowcol *column, const struct arrow_type *type,
                   const struct ArrowArray *array) {
  memset(column, 0, sizeof *column);
  column->type = type;
  column->array = array;
  column->offset = array->offset;
  column->length = array->length;
  if (array->length < 0 || array->offset < 0)
    return false;
  int64_t wanted = buffers_wanted(type->storage);
  if (array->n_buffers < wanted || (wanted > 0 && !array->buffers))
    return false;
  if (wanted > 0 && array->null_count != 0)
    column->validity = array->buffers[0];
  bool has_data = wanted < 2 || ((array->buffers[1] != NULL || array->length == 0) &&
                                 is_aligned(array, type->storage));
  if (type->kind == ARROWCOL_LIST) {
    if (array->n_children != 1)
      return false;
    column->item = array->children[0];
  }
  if (type->is_dictionary) {
    if (!array->dictionary)
      return false;
    column->item = array->dictionary;
  }
  return has_data;
}

bool arrowcol_item(const struct arrowcol *column, struct arrowcol *item) {
  return column->item && column->type->item &&
         arrowcol_bind(item, column->type->item, column->item);
}

bool arrowcol_is_null(const struct arrowcol *column, int64_t row) {
  if (column->type->kind == ARROWCOL_NULL)
    return true;
  int64_t i = column->offset + row;
  return column->validity && !((column->validity[i >> 3] >> (i & 7)) & 1);
}

bool arrowcol_has_nulls(const struct arrowcol *column, int64_t start, int64_t n) {
  if (column->type->kind == ARROWCOL_NULL)
    return n > 0;
  if (!column->validity)
    return false;
  return ArrowBitCountSet(column->validity, column->offset + start, n) != n;
}

bool arrowcol_int64(const struct arrowcol *column, int64_t row, int64_t *value) {
  const void *data = column->array->buffers[1];
  int64_t i = column->offset + row;
  switch (column->type->storage) {
  case NANOARROW_TYPE_INT8:
    *value = ((const int8_t *)data)[i];
    return true;
  case NANOARROW_TYPE_UINT8:
    *value = ((const uint8_t *)data)[i];
    return true;
  case NANOARROW_TYPE_INT16:
    *value = ((const int16_t *)data)[i];
    return true;
  case NANOARROW_TYPE_UINT16:
    *value = ((const uint16_t *)data)[i];
    return true;
  case NANOARROW_TYPE_INT32:
    *value = ((const int32_t *)data)[i];
    return true;
  case NANOARROW_TYPE_UINT32:
    *value = ((const uint32_t *)data)[i];
    return true;
  case NANOARROW_TYPE_INT64:
    *value = ((const int64_t *)data)[i];
    return true;
  case NANOARROW_TYPE_UINT64:
    *value = (int64_t)((const uint64_t *)data)[i];
    return ((const uint64_t *)data)[i] <= (uint64_t)INT64_MAX;
  default:
    return false;
  }
}

int64_t arrowcol_index(const struct arrowcol *column, int64_t row) {
  int64_t index;
  if (arrowcol_is_null(column, row) || !arrowcol_int64(column, row, &index) || index < 0 ||
      !column->item || index >= column->item->length)
    return -1;
  return index;
}

static bool text_view(const struct arrowcol *column, int64_t i, const char **data, size_t *length) {
  const union ArrowBinaryView *view = (const union ArrowBinaryView *)column->array->buffers[1] + i;
  if (view->inlined.size < 0)
    return false;
  *length = (size_t)view->inlined.size;
  if (view->inlined.size <= NANOARROW_BINARY_VIEW_INLINE_SIZE) {
    *data = (const char *)view->inlined.data;
    return true;
  }
  int64_t n_data = column->array->n_buffers - 3;
  const int64_t *sizes = column->array->buffers[column->array->n_buffers - 1];
  int64_t b = view->ref.buffer_index, at = view->ref.offset;
  if (b < 0 || b >= n_data || !sizes || at < 0 || at + (int64_t)*length > sizes[b])
    return false;
  *data = (const char *)column->array->buffers[2 + b] + at;
  return true;
}

bool arrowcol_text(const struct arrowcol *column, int64_t row, const char **data, size_t *length) {
  int64_t i = column->offset + row, from, to;
  switch (column->type->storage) {
  case NANOARROW_TYPE_STRING:
  case NANOARROW_TYPE_BINARY:
    from = ((const int32_t *)column->array->buffers[1])[i];
    to = ((const int32_t *)column->array->buffers[1])[i + 1];
    break;
  case NANOARROW_TYPE_LARGE_STRING:
  case NANOARROW_TYPE_LARGE_BINARY:
    from = ((const int64_t *)column->array->buffers[1])[i];
    to = ((const int64_t *)column->array->buffers[1])[i + 1];
    break;
  case NANOARROW_TYPE_STRING_VIEW:
  case NANOARROW_TYPE_BINARY_VIEW:
    return text_view(column, i, data, length);
  default:
    return false;
  }
  if (from < 0 || to < from || (to > from && !column->array->buffers[2]))
    return false;
  *data = to > from ? (const char *)column->array->buffers[2] + from : "";
  *length = (size_t)(to - from);
  return true;
}

bool arrowcol_list_bounds(const struct arrowcol *column, int64_t row, int64_t *first, int64_t *n) {
  if (arrowcol_is_null(column, row))
    return false;
  int64_t i = column->offset + row;
  switch (column->type->storage) {
  case NANOARROW_TYPE_FIXED_SIZE_LIST:
    *n = column->type->width_bytes;
    *first = i * *n;
    break;
  case NANOARROW_TYPE_LIST:
    *first = ((const int32_t *)column->array->buffers[1])[i];
    *n = ((const int32_t *)column->array->buffers[1])[i + 1] - *first;
    break;
  case NANOARROW_TYPE_LARGE_LIST:
    *first = ((const int64_t *)column->array->buffers[1])[i];
    *n = ((const int64_t *)column->array->buffers[1])[i + 1] - *first;
    break;
  default:
    return false;
  }
  return *first >= 0 && *n >= 0 && *first + *n <= column->item->length;
}

/* Exact digits of a decimal, then the nearest double. */
static double decimal_double(const struct arrowcol *column, int64_t i) {
  int32_t width = column->type->width_bytes;
  const uint8_t *bytes = (const uint8_t *)column->array->buffers[1] + i * width;
  if (column->type->scale >= 0 && column->type->scale <= 22 && width <= 16) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t low = 0, high = 0;
    int32_t narrow = 0;
    if (width == 4) {
      memcpy(&narrow, bytes, 4);
      low = narrow;
    } else {
      memcpy(&low, bytes, 8);
    }
    if (width == 16)
      memcpy(&high, bytes + 8, 8);
    bool fits = width < 16 || high == low >> 63;
    if (fits && low > -(1LL << 53) && low < (1LL << 53))
      return (double)low / power[column->type->scale]; /* both exact: correctly rounded */
  }
  struct ArrowDecimal decimal;
  ArrowDecimalInit(&decimal, width * 8, 76, column->type->scale);
  ArrowDecimalSetBytes(&decimal, bytes);
  struct ArrowBuffer digits;
  ArrowBufferInit(&digits);
  double value = NAN;
  if (ArrowDecimalAppendDigitsToBuffer(&decimal, &digits) == NANOARROW_OK) {
    char text[128];
    snprintf(text, sizeof text, "%.*se%d", (int)digits.size_bytes, (const char *)digits.data,
             -(int)column->type->scale);
    void *locale = c_locale_enter();
    value = strtod(text, NULL);
    c_locale_leave(locale);
  }
  ArrowBufferReset(&digits);
  return value;
}

static double half_double(uint16_t bits) {
  return (double)ArrowHalfFloatToFloat(bits);
}

#define COPY_NUMBERS(type)                                                                         \
  do {                                                                                             \
    const type *from = (const type *)column->array->buffers[1] + column->offset + start;           \
    for (int64_t k = 0; k < n; k++)                                                                \
      out[(size_t)k * stride] = (double)from[k];                                                   \
  } while (0)

/* Values of all rows, nulls included (whatever stands there). */
static void doubles_raw(const struct arrowcol *column, int64_t start, int64_t n, double *out,
                        size_t stride) {
  switch (column->type->storage) {
  case NANOARROW_TYPE_FLOAT:
    COPY_NUMBERS(float);
    return;
  case NANOARROW_TYPE_DOUBLE:
    COPY_NUMBERS(double);
    return;
  case NANOARROW_TYPE_INT8:
    COPY_NUMBERS(int8_t);
    return;
  case NANOARROW_TYPE_UINT8:
    COPY_NUMBERS(uint8_t);
    return;
  case NANOARROW_TYPE_INT16:
    COPY_NUMBERS(int16_t);
    return;
  case NANOARROW_TYPE_UINT16:
    COPY_NUMBERS(uint16_t);
    return;
  case NANOARROW_TYPE_INT32:
    COPY_NUMBERS(int32_t);
    return;
  case NANOARROW_TYPE_UINT32:
    COPY_NUMBERS(uint32_t);
    return;
  case NANOARROW_TYPE_INT64:
    COPY_NUMBERS(int64_t);
    return;
  case NANOARROW_TYPE_UINT64:
    COPY_NUMBERS(uint64_t);
    return;
  default:
    break;
  }
  for (int64_t k = 0; k < n; k++) {
    double *to = out + (size_t)k * stride;
    int64_t i = column->offset + start + k;
    if (column->type->kind == ARROWCOL_BOOL)
      *to = ArrowBitGet(column->array->buffers[1], i);
    else if (column->type->kind == ARROWCOL_FLOAT16)
      *to = half_double(((const uint16_t *)column->array->buffers[1])[i]);
    else if (column->type->kind == ARROWCOL_DECIMAL)
      *to = arrowcol_is_null(column, start + k) ? NAN : decimal_double(column, i);
    else
      *to = NAN;
  }
}

/* Exponent bits all set mean NaN or infinity; looked at in the source, where float32 is half as
 * wide. Integers always are finite. */
static bool all_finite(const struct arrowcol *column, int64_t start, int64_t n, const double *out,
                       size_t stride) {
  if (column->type->kind == ARROWCOL_INT || column->type->kind == ARROWCOL_BOOL)
    return true;
  if (column->type->storage == NANOARROW_TYPE_FLOAT) {
    const float *from = (const float *)column->array->buffers[1] + column->offset + start;
    uint32_t bad = 0;
    for (int64_t k = 0; k < n; k++) {
      uint32_t bits;
      memcpy(&bits, from + k, sizeof bits);
      bad |= ((bits & 0x7f800000U) + 0x00800000U) & 0x80000000U;
    }
    return bad == 0;
  }
  uint64_t bad = 0;
  for (int64_t k = 0; k < n; k++) {
    uint64_t bits;
    memcpy(&bits, out + (size_t)k * stride, sizeof bits);
    bad |= ((bits & 0x7ff0000000000000ULL) + 0x0010000000000000ULL) & 0x8000000000000000ULL;
  }
  return bad == 0;
}

bool arrowcol_doubles(const struct arrowcol *column, int64_t start, int64_t n, double *out,
                      size_t stride) {
  doubles_raw(column, start, n, out, stride);
  if (arrowcol_has_nulls(column, start, n)) {
    for (int64_t k = 0; k < n; k++)
      if (arrowcol_is_null(column, start + k))
        out[(size_t)k * stride] = NAN;
    return false;
  }
  return all_finite(column, start, n, out, stride);
}

/* Civil date of days since 1970-01-01 (Hinnant's algorithm). */
static void civil(int64_t days, int64_t *year, int *month, int *day) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t of_era = days - era * 146097;
  int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
  int64_t mp = (5 * of_year + 2) / 153;
  *day = (int)(of_year - (153 * mp + 2) / 5 + 1);
  *month = (int)(mp < 10 ? mp + 3 : mp - 9);
  *year = y + era * 400 + (*month <= 2);
}

static int64_t floor_divide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

static struct value date_value(const struct arrowcol *column, int64_t row,
                               char buffer[ARROWCOL_TEXT_BYTES]) {
  static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
  int64_t i = column->offset + row, days, month_year;
  int month, day, written;
  if (column->type->logical == NANOARROW_TYPE_DATE32) {
    days = ((const int32_t *)column->array->buffers[1])[i];
    civil(days, &month_year, &month, &day);
    written = snprintf(buffer, ARROWCOL_TEXT_BYTES, "%04lld-%02d-%02d", (long long)month_year,
                       month, day);
    return value_text(buffer, (size_t)written);
  }
  int64_t ticks = ((const int64_t *)column->array->buffers[1])[i];
  bool is_date = column->type->logical == NANOARROW_TYPE_DATE64;
  int64_t rate = is_date ? 1000 : per_second[column->type->unit];
  int64_t seconds = floor_divide(ticks, rate), part = ticks - seconds * rate;
  days = floor_divide(seconds, 86400);
  int64_t of_day = seconds - days * 86400;
  civil(days, &month_year, &month, &day);
  written =
      snprintf(buffer, ARROWCOL_TEXT_BYTES, "%04lld-%02d-%02d", (long long)month_year, month, day);
  if (!is_date) {
    written += snprintf(buffer + written, ARROWCOL_TEXT_BYTES - (size_t)written, " %02d:%02d:%02d",
                        (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60));
    if (part) {
      int digits = rate == 1000 ? 3 : rate == 1000000 ? 6 : 9;
      written += snprintf(buffer + written, ARROWCOL_TEXT_BYTES - (size_t)written, ".%0*lld",
                          digits, (long long)part);
      while (buffer[written - 1] == '0')
        buffer[--written] = '\0';
    }
    if (column->type->has_zone)
      written += snprintf(buffer + written, ARROWCOL_TEXT_BYTES - (size_t)written, "+00");
  }
  return value_text(buffer, (size_t)written);
}

struct value arrowcol_value(const struct arrowcol *column, int64_t row,
                            char buffer[ARROWCOL_TEXT_BYTES]) {
  const struct value null = {.kind = VALUE_NULL};
  if (arrowcol_is_null(column, row))
    return null;
  if (column->type->is_dictionary) {
    struct arrowcol item;
    int64_t index = arrowcol_index(column, row);
    return index < 0 || !arrowcol_item(column, &item) ? null : arrowcol_value(&item, index, buffer);
  }
  double number;
  int64_t integer;
  const char *text;
  size_t length;
  switch (column->type->kind) {
  case ARROWCOL_BOOL:
    return value_bool(ArrowBitGet(column->array->buffers[1], column->offset + row));
  case ARROWCOL_INT:
    if (arrowcol_int64(column, row, &integer))
      return value_int(integer);
    return value_text(
        buffer, (size_t)snprintf(buffer, ARROWCOL_TEXT_BYTES, "%llu", (unsigned long long)integer));
  case ARROWCOL_FLOAT32:
    return value_float(((const float *)column->array->buffers[1])[column->offset + row]);
  case ARROWCOL_FLOAT16:
  case ARROWCOL_FLOAT64:
  case ARROWCOL_DECIMAL:
    doubles_raw(column, row, 1, &number, 1);
    return value_double(number);
  case ARROWCOL_TEXT:
    return arrowcol_text(column, row, &text, &length) ? value_text(text, length) : null;
  case ARROWCOL_DATE:
    return date_value(column, row, buffer);
  case ARROWCOL_LIST:
  case ARROWCOL_NULL:
  case ARROWCOL_OTHER:
    break;
  }
  return null;
}
