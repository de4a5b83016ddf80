/*
 * The worst slice: of all conjunctions of at most three conditions (column in bin, the columns
 * different), the one whose rows have the largest loss beside the others, by its standardised
 * difference. All are counted, none is guessed away.
 *
 * Pure, no state; the result hangs neither on threads nor, but for the last bits of sums, on the
 * order of rows: hand them in a canonical order.
 */
#ifndef LEARN_SLICES_H
#define LEARN_SLICES_H

#include <stdbool.h>

#include "base/text.h"
#include "learn/bins.h"

#define SLICES_DEPTH 3
#define SLICES_COLUMNS 40 /* columns that go to depth 3: those of the best slices of depth 2 */

struct slices_request {
  const struct bins *bins;
  const bool *in;       /* [n_rows] the rows that are searched */
  const double *loss;   /* [n_rows] finite where in */
  const double *weight; /* [n_rows] >= 0; NULL: 1 */
  size_t least_rows;    /* in a slice; at most half of the rows are in one */
  size_t n_threads;
};

struct slice {
  size_t n_terms; /* 0: nothing is worse than the rest */
  uint32_t column[SLICES_DEPTH];
  uint8_t bin[SLICES_DEPTH];
  double z;     /* (m_in − m_out)/(σ √(1/n_in + 1/n_out)) */
  double score; /* z²/2 − ln(slices of that depth) */
};

nonet_status slices_worst(const struct slices_request *request, struct slice *worst,
                          nonet_error *error) NONET_NODISCARD;
bool slices_holds(const struct bins *bins, const struct slice *slice, size_t row);
/* "age < 25 and belt = none" */
void slices_words(const struct bins *bins, const struct slice *slice, struct text *text);

#endif
