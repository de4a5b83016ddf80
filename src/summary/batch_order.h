/*
 * The rows of one batch brought together by cell, so that kernels run over arrays and know nothing
 * of cells. With one cell this is the batch itself, uncopied. Threads: one per worker.
 */
#ifndef SUMMARY_BATCH_ORDER_H
#define SUMMARY_BATCH_ORDER_H

#include "table/roles.h"

struct batch_segment {
  uint32_t cell, begin, end; /* rows [begin, end) of the ordered arrays */
};

struct batch_order {
  const uint32_t *row;            /* [n_rows] the batch's row at each place; NULL: the same place */
  struct batch_segment *segments; /* one for each cell that occurs */
  size_t n_segments;
  /* The ordered columns, when a row has one score (binary, regression); NULL when the batch has
   * none. */
  const uint32_t *label;
  const double *target;
  const double *score[N_STREAMS];
  /* private */
  struct batch_segment one;
  uint32_t *start; /* [n_cells] zero between batches */
  uint32_t *row_room, *label_room;
  double *target_room, *score_room[N_STREAMS];
};

nonet_status batch_order_init(const struct roles *roles, struct batch_order *order,
                              nonet_error *error) NONET_NODISCARD;
void batch_order_clear(struct batch_order *order);
/* Valid until the next call; borrows from the batch. */
void batch_order_set(struct batch_order *order, const struct role_batch *batch, size_t n_scores);

#endif
