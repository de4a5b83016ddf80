/*
 * A user's own rows with candidate and baseline swapped at random: two models that are equal by
 * construction, on real data. What the gate's self-test judges.
 */
#ifndef RUN_SWAPPED_H
#define RUN_SWAPPED_H

#include "summary/summary.h"

/* The rows of a finished set, one by one; read-only after swapped_rows_read, shared by workers. */
struct swapped_rows {
  struct roles roles; /* own: as the set's, without ids, predictions kept as they are */
  size_t n;
  uint32_t *label, *cell, *prediction[N_STREAMS]; /* absent roles are NULL */
  double *target, *weight, *score[N_STREAMS];
  double *rank[N_STREAMS]; /* binary, regression: within-model mid-ranks in (0, 1) */
  uint64_t *cluster;
};

/* NONET_E_INTERNAL when the set keeps no rows. Of one model alone, stream B is NULL throughout. */
nonet_status swapped_rows_read(const struct summary_set *set, size_t n_threads,
                               struct swapped_rows *rows, nonet_error *error) NONET_NODISCARD;
void swapped_rows_clear(struct swapped_rows *rows);

/* One worker's draw: the answers after the swap. */
struct swapped {
  const struct swapped_rows *rows;
  uint32_t *prediction[N_STREAMS];
  double *score[N_STREAMS]; /* [n][n_scores] */
  uint32_t *cell;           /* [n] of the groups; NULL: one cell */
};

nonet_status swapped_init(struct swapped *swapped, const struct swapped_rows *rows,
                          nonet_error *error) NONET_NODISCARD;
void swapped_clear(struct swapped *swapped);
/* Swaps each unit (cluster, or row where there are none) with probability 1/2. by_rank: scores are
 * the mid-ranks within each model, for measures that only read the order. */
void swapped_draw(struct swapped *swapped, uint64_t seed, uint64_t repeat, bool by_rank);
/* As they are. */
void swapped_keep(struct swapped *swapped);
/* What is kept of them; summary_free by the caller. */
nonet_status swapped_set(const struct swapped *swapped, unsigned kinds, struct summary_set **set,
                         nonet_error *error) NONET_NODISCARD;

#endif
