/*
 * Steps of a score's curve: all rows of one score enter together, the highest first, with tp and fp
 * entered so far; the numbers that are functions of the steps, and their bootstrap replicates.
 */
#ifndef MEASURE_CORRECTNESS_RANK_STEPS_H
#define MEASURE_CORRECTNESS_RANK_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#include "measure/view.h"
#include "stats/resample.h"

enum rank_function {
  RANK_AUC_PARTIAL,
  RANK_AVERAGE_PRECISION,
  RANK_RECALL_AT_PRECISION,
  RANK_PRECISION_AT_RECALL,
  RANK_TPR_AT_FPR,
  RANK_F1_BEST,
  RANK_LIFT_AT,
  RANK_GAIN
};

struct rank_spec {
  enum rank_function function;
  double number;
  bool is_corrected;
};

/* Rows (or cells) from the highest score down. */
struct rank_order {
  uint32_t *row;     /* NULL: in their own order */
  uint8_t *positive; /* [n] */
  uint8_t *closes;   /* [n] the last of its score */
  size_t n;
};

struct rank_steps {
  double *tp, *fp; /* [n] cumulated; room for one of each row */
  size_t n;
};

/* NONET_E_INTERNAL: rows without labels or scores. rank_order_clear by the caller. */
nonet_status rank_order_rows(const struct row_set *rows, int stream, size_t n_threads,
                             struct rank_order *order, nonet_error *error) NONET_NODISCARD;
void rank_order_clear(struct rank_order *order);

/* The room of n rows; both NULL in want of memory. */
struct rank_steps rank_steps_new(size_t n);
void rank_steps_free(struct rank_steps *steps);
/* weights by row, not by place. */
void rank_steps_fill(const struct rank_order *order, const double *weights,
                     struct rank_steps *steps);
/* NaN without positives or negatives. */
double rank_steps_value(const struct rank_steps *steps, struct rank_spec spec);

/* What is drawn: rows in the order of order[0]; with a second order, of places among them, the
 * numbers are differences. */
struct rank_draw {
  const struct rank_spec *spec;
  size_t n_specs;
  struct rank_order order[N_STREAMS];
  bool is_pair;
  const double *weight; /* [n] of the rows in that order; NULL: 1 */
};

/* out[r · n_specs + k]; NaN: missing in this replicate. */
nonet_status rank_steps_draw(const struct rank_draw *draw, const struct resample_rows *rows,
                             size_t n_replicates, size_t n_threads, double *out,
                             nonet_error *error) NONET_NODISCARD;
/* The same of rows in any order, with orders that name them. */
nonet_status rank_steps_draw_rows(const struct rank_draw *draw, const struct resample_rows *rows,
                                  size_t n_replicates, size_t n_threads, double *out,
                                  nonet_error *error) NONET_NODISCARD;

#endif
