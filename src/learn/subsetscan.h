/*
 * Bias scan: the subset of rows whose outcomes depart most from what was expected of them, by the
 * Bernoulli likelihood ratio (Zhang & Neill 2016, "Identifying significant predictive bias in
 * classifiers"), or whose residuals depart most from 0, by the expectation-based Gaussian one
 * (Neill 2009, "Expectation-based scan statistics for monitoring spatial time series data"). A
 * subset is a conjunction over columns, each with any set of its bins.
 *
 * Pure, no state; the same for any number of threads. Rows in a canonical order.
 */
#ifndef LEARN_SUBSETSCAN_H
#define LEARN_SUBSETSCAN_H

#include <stdbool.h>

#include "base/text.h"
#include "learn/bins.h"

#define SUBSETSCAN_DEPTH 3
#define SUBSETSCAN_PRICE 2.0 /* of a column, in units of the log-likelihood ratio */

struct subsetscan_request {
  const struct bins *bins;
  const bool *in;         /* [n_rows] the rows that are searched */
  const bool *outcome;    /* [n_rows] */
  const double *expected; /* [n_rows] probabilities in [0, 1] */
  const double *residual; /* [n_rows] finite where in: number − expected, in place of both */
  const double *weight;   /* [n_rows] >= 0; NULL: 1 */
  bool is_fewer;          /* look for fewer outcomes than expected; else for more */
  size_t least_rows;
  size_t n_restarts;
  uint64_t seed;
  size_t n_threads;
};

struct subset {
  bool is_found;                     /* some rows depart in this direction */
  size_t n_columns;                  /* 0: all rows */
  uint32_t column[SUBSETSCAN_DEPTH]; /* ascending */
  uint16_t bins[SUBSETSCAN_DEPTH];   /* bit k: bin k is in */
  double ratio; /* log-likelihood ratio, log max_q P(y | q)/P(y | 1); of residuals,
                   max over θ > 0 of Σ [r θ/σ − θ²/2], σ² = mean r² */
  double score; /* ratio less the price of the columns */
};

nonet_status subsetscan_find(const struct subsetscan_request *request, struct subset *found,
                             nonet_error *error) NONET_NODISCARD;
bool subsetscan_holds(const struct bins *bins, const struct subset *subset, size_t row);
/* "race in {A, B} and (age < 25 or age >= 60)"; "all rows" */
void subsetscan_words(const struct bins *bins, const struct subset *subset, struct text *text);

#endif
