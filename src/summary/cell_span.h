/* The cells of a scope lie between the first and the last that is in it: a scope of one group looks
 * at its own cells and not at all of them. */
#ifndef SUMMARY_CELL_SPAN_H
#define SUMMARY_CELL_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct cell_span {
  size_t first, end; /* equal: no cell is in scope */
};

struct cell_span cell_span_of(const bool *in_scope, size_t n_cells);

#endif
