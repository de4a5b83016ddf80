/*
 * The rows of a request with something changed: a column gone, added, or of other values, or the
 * rows the other way round. What is not changed is borrowed from the rows.
 */
#ifndef PROCESS_ALTERED_H
#define PROCESS_ALTERED_H

#include "probe/process/driver.h"

struct altered {
  struct driver_rows rows; /* its release functions are not called */
  struct ArrowSchema **schemas, own_schema;
  struct ArrowArray **arrays, own_array;
  struct ArrowArray *own; /* [n_own] of all columns, where each is new */
  size_t n_own;
};

/* altered_clear in the end, also after an error. The first n rows of `rows`. */
nonet_status altered_init(struct altered *altered, const struct driver_rows *rows, size_t n,
                          nonet_error *error) NONET_NODISCARD;
void altered_clear(struct altered *altered);

/* The place of a column; −1: there is none. */
int64_t altered_find(const struct driver_rows *rows, const char *name);
void altered_drop(struct altered *altered, size_t column);
/* What a column may become: each has one value, the same in every row. */
enum altered_value {
  ALTERED_NULL, /* of the column's own type */
  ALTERED_REAL, /* a number */
  ALTERED_INTEGER,
  ALTERED_TEXT
};
/* Column `column` (= the number of columns: one more, called `name`) with a new type and value. */
nonet_status altered_set(struct altered *altered, size_t column, const char *name,
                         enum altered_value what, double number, const char *text,
                         nonet_error *error) NONET_NODISCARD;
/* Column `column` has the value of row `row` in all rows. */
nonet_status altered_repeat(struct altered *altered, const struct driver_rows *rows, size_t column,
                            size_t row, nonet_error *error) NONET_NODISCARD;
/* Without altered_init: all rows, the last first. */
nonet_status altered_reverse(struct altered *altered, const struct driver_rows *rows,
                             nonet_error *error) NONET_NODISCARD;

#endif
