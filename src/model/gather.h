/* Columns of a table as the elements a runtime takes: floats, integers, halves, booleans. */
#ifndef MODEL_GATHER_H
#define MODEL_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/arrowcol.h"

enum element {
  ELEMENT_FLOAT,
  ELEMENT_DOUBLE,
  ELEMENT_HALF,
  ELEMENT_BOOL,
  ELEMENT_INT8,
  ELEMENT_INT16,
  ELEMENT_INT32,
  ELEMENT_INT64,
  ELEMENT_UINT8,
  ELEMENT_UINT16,
  ELEMENT_UINT32,
  ELEMENT_UINT64,
  ELEMENT_STRING,
  ELEMENT_NONE /* a type we cannot feed or read */
};

const char *element_name(enum element element); /* "float32" … */
size_t element_bytes(enum element element);     /* 0 for strings */
bool element_is_float(enum element element);
bool element_is_integer(enum element element); /* booleans are not */

/* Whether a column (of a list: its items) of this type can be read as such elements. */
bool gather_fits(enum element element, const struct arrow_type *type);

/* Rows start … start + n − 1 as elements to out[0], out[stride] … Nulls become NaN where the
   element has one. False: *fault_row (from start) cannot be; *why says what is wrong with it. */
bool gather_numbers(const struct arrowcol *column, int64_t start, int64_t n, enum element element,
                    void *out, size_t stride, int64_t *fault_row, const char **why);
/* A row's text through dictionaries; false when null or broken. */
bool gather_text(const struct arrowcol *column, int64_t row, const char **data, size_t *length);
/* n elements as doubles; not for strings. */
void gather_doubles(enum element element, const void *data, size_t n, double *out);

#endif
