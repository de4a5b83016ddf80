/*
 * From the first cell in scope to the last, by the two searches of the C library, which look at
 * many cells at once.
 *
 * Cases: 1. nothing in scope, or no cells: an empty span.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include <string.h>

#include "summary/cell_span.h"

struct cell_span cell_span_of(const bool *in_scope, size_t n_cells) {
  const bool *first = n_cells == 0 ? NULL : memchr(in_scope, true, n_cells);
  if (first == NULL) {
    return (struct cell_span){0, 0}; /* 1 */
  }
  const bool *last = memrchr(in_scope, true, n_cells);
  return (struct cell_span){(size_t)(first - in_scope), (size_t)(last - in_scope) + 1};
}
