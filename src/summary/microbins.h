/*
 * Micro-bins: p in [0, 1] of one binary stream cut into 65,536 equal-width bins, each with the rows, the positives and the exact Σp
 * (128-bit fixed point). Everything calibration needs at a size that does not grow with the data.
 * For multiclass the stream is the top-label confidence and "positive" means that the top label is right.
 */
#ifndef SUMMARY_MICROBINS_H
#define SUMMARY_MICROBINS_H

#include "table/roles.h"

#define MICROBINS 65536u

struct microbins;

struct microbin {
  uint64_t n, n_positive;
  double sum_p;
};

/* Adds up the cells of the scope; `bins` has MICROBINS places, zeroed by the caller. Sums of Σp are correctly rounded once. */
void microbins_read(const struct microbins *bins, const bool *in_scope, int stream, struct microbin *out);

#endif
