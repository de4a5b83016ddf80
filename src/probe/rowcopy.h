/*
 * Columns copied row by row into arrays of their own, in plain types that mean the same to a role:
 * what is kept of a table beside a model's answers.
 */
#ifndef PROBE_ROWCOPY_H
#define PROBE_ROWCOPY_H

#include <nanoarrow/nanoarrow.h>

#include "table/arrowcol.h"

/* A run of rows of one array of the source. */
struct row_span {
  const struct ArrowArray *array;
  int64_t start, n;
  uint64_t row; /* data row of the first, from 1 */
};

/* The type a copied column has, under `name`; NONET_E_DATA when it can have no role (a struct, a
 * map). */
nonet_status rowcopy_schema(const struct arrow_type *type, const char *name,
                            struct ArrowSchema *schema, nonet_error *error) NONET_NODISCARD;
/* Child `child` of the spans' arrays, in their order, as one array of that type. */
nonet_status rowcopy_column(const struct arrow_type *type, size_t child,
                            const struct row_span *spans, size_t n_spans, struct ArrowArray *column,
                            nonet_error *error) NONET_NODISCARD;

#endif
