/*
 * Flips: #{rows that are counted} / n (flips.h).
 *
 * Cases: 1. plain rows: the joint table of label and both decisions, in whole counts.  2. Weights,
 * clusters: the same share of weight, linearised over the rows.
 */
#include "measure/flips.h"

#include "base/error.h"
#include "base/memory.h"

bool flips_any(size_t label, size_t a, size_t b) {
  (void)label;
  return a != b;
}

/* 2 */
static nonet_status share_of_rows(const struct measure *measure, struct view *view,
                                  flips_rule *is_counted, struct inference *out,
                                  nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *x = memory_new(rows->n, sizeof *x);
  if (x == NULL) {
    return error_memory(error, rows->n * sizeof *x, "flips of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    x[i] = is_counted(rows->label[i], rows->prediction[STREAM_A][i], rows->prediction[STREAM_B][i]);
  }
  status = law_share_rows(measure, view, x, out, error);
  memory_free(x);
  return status;
}

nonet_status flips_share(const struct measure *measure, struct view *view, flips_rule *is_counted,
                         struct inference *out, nonet_error *error) {
  if (!view->is_plain) {
    return share_of_rows(measure, view, is_counted, out, error);
  }
  const struct view_joint_cell *cell;
  size_t n_cells;
  double counted = 0, n = 0;
  nonet_status status = view_joint(view, &cell, &n_cells, error); /* 1 */
  for (size_t i = 0; status == NONET_OK && i < n_cells; i++) {
    n += cell[i].weight;
    counted += is_counted(cell[i].label, cell[i].a, cell[i].b) ? cell[i].weight : 0;
  }
  if (status == NONET_OK) {
    law_wilson(measure, view, counted, n, out);
  }
  return status;
}
