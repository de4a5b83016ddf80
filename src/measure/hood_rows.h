/*
 * Rows of a frame as points that can be near each other: numbers standardised over the frame (mean
 * 0, standard deviation 1; a missing one is the mean), a category that differs adds 1 to the
 * squared distance, a missing one is a category.
 */
#ifndef MEASURE_HOOD_ROWS_H
#define MEASURE_HOOD_ROWS_H

#include "learn/neighbours.h"
#include "table/frame.h"

/* `skip`: [frame->n_columns] columns that are no features to compare. hood_rows_clear by the
 * caller, also after an error. */
nonet_status hood_rows_make(const struct frame *frame, const bool *skip,
                            struct neighbours_rows *rows, nonet_error *error) NONET_NODISCARD;
void hood_rows_clear(struct neighbours_rows *rows);

/* Does a column look like a name of rows: whole numbers or texts, none twice? */
bool hood_rows_is_id(const struct frame *frame, size_t column, nonet_status *status,
                     nonet_error *error);

#endif
