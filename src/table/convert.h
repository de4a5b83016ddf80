/* Arrow columns of one piece of rows into a worker's role arrays. */
#ifndef TABLE_CONVERT_H
#define TABLE_CONVERT_H

#include "table/faults.h"

/* What every worker reads: encoders and where the columns of the scan stand. */
struct converter {
  struct table *table;
  const struct roles *roles;
  struct scan scan;
  size_t *wanted; /* [n_wanted] bindings of the scan */
  size_t n_wanted;
  size_t *position; /* [n_bindings] place in the scan, SIZE_MAX: not read */
  struct category *classes;
  struct category **groups; /* [n_groups] */
  uint32_t *cell_of;        /* mixed radix of group codes → cell; NULL: search */
  uint64_t n_radix;
  uint64_t *cell_radix; /* [n_cells] ascending */
  size_t capacity;      /* rows of a batch */
};

/* A worker's arrays, all of `capacity` rows. */
struct worker {
  uint32_t *label, *prediction[N_STREAMS], *cell, *codes;
  double *target, *score[N_STREAMS], *weight;
  uint64_t *cluster, *id, *radix;
  uint64_t *rows;           /* data rows, from 1 */
  struct arrowcol *columns; /* [n_wanted] of the piece at hand */
  size_t n;                 /* rows filled */
  struct faults faults;
  struct role_tally tally;
};

nonet_status converter_init(struct converter *converter, struct table *table,
                            const struct roles *roles, nonet_error *error) NONET_NODISCARD;
void converter_clear(struct converter *converter);
nonet_status worker_init(struct worker *worker, const struct converter *converter,
                         nonet_error *error) NONET_NODISCARD;
void worker_clear(struct worker *worker);

/* Binds the columns of an array. */
nonet_status convert_bind(const struct converter *converter, struct worker *worker,
                          const struct ArrowArray *array, nonet_error *error) NONET_NODISCARD;
/* Rows start … start + n − 1 of the bound array behind those the worker has; n must fit. `row` is
 * the 1-based data row of the first. */
nonet_status convert_rows(const struct converter *converter, struct worker *worker, int64_t start,
                          int64_t n, uint64_t row, nonet_error *error) NONET_NODISCARD;
void worker_batch(const struct worker *worker, const struct converter *converter,
                  struct role_batch *batch);

#endif
