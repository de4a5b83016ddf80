/*
 * A counting sort of the rows of a batch by cell that costs O(rows), not O(cells): only the cells
 * that occur are visited. Segments stand in the order in which cells first occur; everything that
 * is kept of them is a sum, so that order does not matter.
 */
#include "summary/batch_order.h"

#include "base/error.h"
#include "base/memory.h"

nonet_status batch_order_init(const struct roles *roles, struct batch_order *order,
                              nonet_error *error) {
  *order = (struct batch_order){.segments = &order->one};
  if (roles->n_cells <= 1)
    return NONET_OK;
  size_t n = ROLE_BATCH_ROWS;
  order->segments = memory_new(n, sizeof *order->segments);
  order->start = memory_zeroed(roles->n_cells, sizeof *order->start);
  order->row_room = memory_new(n, sizeof *order->row_room);
  bool ok = order->segments && order->start && order->row_room;
  if (ok && roles->n_scores == 1) {
    order->label_room = memory_new(n, sizeof *order->label_room);
    order->target_room = memory_new(n, sizeof *order->target_room);
    ok = order->label_room && order->target_room;
    for (int s = 0; s < N_STREAMS && ok; s++)
      if (roles->has_score[s])
        ok = (order->score_room[s] = memory_new(n, sizeof **order->score_room)) != NULL;
  }
  if (ok)
    return NONET_OK;
  batch_order_clear(order);
  return error_memory(error, n * sizeof(double), "rows by cell");
}

void batch_order_clear(struct batch_order *order) {
  if (order->segments != &order->one)
    memory_free(order->segments);
  memory_free(order->start);
  memory_free(order->row_room);
  memory_free(order->label_room);
  memory_free(order->target_room);
  for (int s = 0; s < N_STREAMS; s++)
    memory_free(order->score_room[s]);
  *order = (struct batch_order){0};
}

static void find_segments(struct batch_order *order, const struct role_batch *batch) {
  const uint32_t *cell = batch->cell;
  uint32_t *start = order->start;
  size_t n = batch->n_rows, n_segments = 0;
  for (size_t i = 0; i < n; i++)
    if (start[cell[i]]++ == 0)
      order->segments[n_segments++].cell = cell[i];
  uint32_t next = 0;
  for (size_t s = 0; s < n_segments; s++) {
    struct batch_segment *segment = order->segments + s;
    segment->begin = next;
    next += start[segment->cell];
    segment->end = next;
    start[segment->cell] = segment->begin;
  }
  for (size_t i = 0; i < n; i++)
    order->row_room[start[cell[i]]++] = (uint32_t)i;
  for (size_t s = 0; s < n_segments; s++)
    start[order->segments[s].cell] = 0;
  order->n_segments = n_segments;
  order->row = order->row_room;
}

void batch_order_set(struct batch_order *order, const struct role_batch *batch, size_t n_scores) {
  order->label = batch->label;
  order->target = batch->target;
  for (int s = 0; s < N_STREAMS; s++)
    order->score[s] = batch->score[s];
  order->row = NULL;
  if (!order->start || !batch->cell) {
    order->segments[0] = (struct batch_segment){.begin = 0, .end = (uint32_t)batch->n_rows};
    order->n_segments = batch->n_rows ? 1 : 0;
    return;
  }
  find_segments(order, batch);
  if (n_scores != 1)
    return;
  const uint32_t *row = order->row_room;
  size_t n = batch->n_rows;
  if (batch->label) {
    for (size_t i = 0; i < n; i++)
      order->label_room[i] = batch->label[row[i]];
    order->label = order->label_room;
  }
  if (batch->target) {
    for (size_t i = 0; i < n; i++)
      order->target_room[i] = batch->target[row[i]];
    order->target = order->target_room;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    if (!batch->score[s])
      continue;
    for (size_t i = 0; i < n; i++)
      order->score_room[s][i] = batch->score[s][row[i]];
    order->score[s] = order->score_room[s];
  }
}
