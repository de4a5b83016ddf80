/*
 * Exact moments: order-independent sums of per-row terms, by cell, for one or two streams.
 *
 * Per cell and stream s: Σt, Σt² of each term t; with two streams also Σ(t_A t_B). A product is
 * rounded once per row, to a double, so it does not depend on order. Terms by task: classification
 * with probabilities: MOMENT_LOG_LOSS (−log p of the true class), MOMENT_BRIER ((p−y)², multiclass:
 * the sum over classes of squared differences), binary also MOMENT_SPIEGEL_NUM ((y−p)(1−2p)),
 * MOMENT_SPIEGEL_DEN ((1−2p)²p(1−p)), MOMENT_P (p), and rows with p = 0 of the true class are
 * counted, not added (n_infinite). The two SPIEGEL terms have no squares and no cross sums (0), P
 * has them with two streams only. A row with a score outside [0, 1] in a stream is in no sum of
 * that stream. regression, e = prediction − label: MOMENT_ERROR e, MOMENT_ABS |e|, MOMENT_SQUARE
 * e², MOMENT_APE |e|/|y| (rows with y = 0 counted, not added), MOMENT_SAPE 2|e|/(|y|+|ŷ|) (0 when
 * both are 0), MOMENT_PINBALL; and the joint power sums Σŷ, Σŷ², Σy, Σy², Σyŷ.
 */
#ifndef SUMMARY_MOMENTS_H
#define SUMMARY_MOMENTS_H

#include "stats/exactsum.h"
#include "summary/batch_order.h"
#include "summary/code_map.h"
#include "summary/state_bytes.h"
#include "table/roles.h"

enum moment_term {
  MOMENT_LOG_LOSS,
  MOMENT_BRIER,
  MOMENT_SPIEGEL_NUM,
  MOMENT_SPIEGEL_DEN,
  MOMENT_P,
  MOMENT_ERROR,
  MOMENT_ABS,
  MOMENT_SQUARE,
  MOMENT_APE,
  MOMENT_SAPE,
  MOMENT_PINBALL,
  MOMENT_PREDICTION, /* ŷ */
  MOMENT_LABEL,      /* y: the same in both streams */
  MOMENT_CROSS,      /* y·ŷ */
  N_MOMENT_TERMS
};

struct moments;

/* Sums over the cells with in_scope[cell], correctly rounded once. */
struct moment_sums {
  uint64_t n;          /* rows added (for APE: with y ≠ 0; for LOG_LOSS: with p > 0) */
  uint64_t n_infinite; /* rows whose term is not finite (p = 0 of the true class; y = 0 in APE):
                          counted only */
  double sum, sum_squares;
  double sum_cross; /* Σ t_A t_B; 0 without a second stream */
};

bool moments_has(const struct moments *moments, enum moment_term term);
struct moment_sums moments_sums(const struct moments *moments, const bool *in_scope,
                                enum moment_term term, int stream);

/* The term of one row, the one definition everything uses (moments, row store, bootstrap): y is 0/1
   for binary, the class code for multiclass, the target for regression; score points at the row's
   n_scores values. +inf where the term is infinite, NaN where undefined. */
double moment_row_term(enum task task, enum moment_term term, double y, const double *score,
                       size_t n_scores, double quantile);

/* For the summary set. */
nonet_status moments_new(const struct roles *roles, double quantile, struct moments **moments,
                         nonet_error *error) NONET_NODISCARD;
void moments_free(struct moments *moments);
nonet_status moments_add(struct moments *moments, const struct role_batch *batch,
                         const struct batch_order *order, nonet_error *error) NONET_NODISCARD;
nonet_status moments_merge(struct moments *into, struct moments *from, const struct code_map *map,
                           nonet_error *error) NONET_NODISCARD;
void moments_save(const struct moments *moments, struct state_writer *writer);
nonet_status moments_load(struct state_reader *reader, const struct roles *roles, double quantile,
                          struct moments **moments, nonet_error *error) NONET_NODISCARD;

#endif
