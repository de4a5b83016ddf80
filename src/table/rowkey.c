/*
 * Keys of rows.
 *
 * Cases: 1. A null is a value. 2. A fraction counts by its bits (a float by those of the double
 * that its shortest text reads as), a list (an image, an embedding) by its numbers, anything else
 * as a category does: the same value has the same key in every file's format.
 */
#include "table/rowkey.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"

static uint64_t mix_value(uint64_t key, const struct value *value) {
  uint64_t bits;
  if (value->kind == VALUE_NULL) { /* case 1 */
    return hash_mix(key, UINT64_MAX);
  }
  if (value->kind != VALUE_FLOAT) {
    return hash_mix(key, value_key(value));
  }
  memcpy(&bits, &value->real, sizeof bits); /* case 2 */
  return hash_mix(key, isnan(value->real) ? 1 : bits);
}

/* Case 2. */
static uint64_t mix_list(uint64_t key, const struct arrowcol *column, int64_t row) {
  struct arrowcol item;
  int64_t first = 0, n = 0;
  if (!arrowcol_item(column, &item) || !arrowcol_list_bounds(column, row, &first, &n)) {
    return hash_mix(key, UINT64_MAX);
  }
  for (int64_t i = first; i < first + n; i++) {
    double number;
    uint64_t bits;
    (void)arrowcol_doubles(&item, i, 1, &number, 1);
    memcpy(&bits, &number, sizeof bits);
    key = hash_mix(key, bits);
  }
  return hash_mix(key, (uint64_t)n);
}

uint64_t rowkey_mix(uint64_t key, const struct arrowcol *column, int64_t row) {
  char buffer[ARROWCOL_TEXT_BYTES];
  if (column->type->kind == ARROWCOL_LIST) {
    return mix_list(key, column, row);
  }
  struct value value = arrowcol_is_null(column, row) ? (struct value){.kind = VALUE_NULL}
                                                     : arrowcol_value(column, row, buffer);
  return mix_value(key, &value);
}
