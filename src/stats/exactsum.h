/*
 * Exact sums of any doubles, in any order: a superaccumulator (R. Neal, "Fast exact summation using
 * small and large superaccumulators", 2015, the small one). The sum of the terms is held without
 * any rounding, so any order, split or merge gives the same state; only exactsum_value rounds,
 * once, to the nearest double (ties to even).
 *
 * Structs start with {0}. One thread per struct. Up to 2^62 terms. +inf, -inf and NaN are
 * remembered: the value is then what IEEE addition gives in any order (inf, -inf, or NaN). A sum of
 * nothing, or of negative zeros, is +0. A sum beyond the largest double is ±inf, but terms that
 * bring it back still count. For terms below 2^11 in size boundedsum.h is some five times faster.
 */
#ifndef STATS_EXACTSUM_H
#define STATS_EXACTSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/boundedsum.h"

#define EXACTSUM_CHUNKS 67
#define EXACTSUM_SAVED_BYTES (4 * (EXACTSUM_CHUNKS - 1) + 8 + 8)

struct exactsum {
  int64_t chunk[EXACTSUM_CHUNKS]; /* Σ chunk[i]·2^(32 i - 1075), overlapping while n_pending > 0 */
  uint32_t n_pending;             /* additions since the chunks were last carried */
  uint32_t special;               /* bits: 1 NaN, 2 +inf, 4 -inf */
};

void exactsum_add(struct exactsum *sum, double x);
void exactsum_add_array(struct exactsum *sum, const double *x, size_t n);
/* As if x had been added `count` times. */
void exactsum_add_counted(struct exactsum *sum, double x, uint64_t count);
/* `from` is carried (its value does not change). */
void exactsum_merge(struct exactsum *into, const struct exactsum *from);
double exactsum_value(const struct exactsum *sum);
/* value = hi + lo, hi the nearest double, lo the nearest double to the rest (0 when not finite). */
void exactsum_value_pair(const struct exactsum *sum, double *hi, double *lo);
/* Little-endian and canonical: equal multisets of terms give equal bytes. load is false when the
 * bytes cannot be a state. */
void exactsum_save(const struct exactsum *sum, uint8_t bytes[EXACTSUM_SAVED_BYTES]);
bool exactsum_load(struct exactsum *sum, const uint8_t bytes[EXACTSUM_SAVED_BYTES]);

/* n, Σx and Σx² of any doubles; each x² is rounded to double before it is added. */
struct exactmoments {
  uint64_t n;
  struct exactsum sum;
  struct exactsum square;
};

void exactmoments_add_array(struct exactmoments *moments, const double *x, size_t n);
void exactmoments_merge(struct exactmoments *into, const struct exactmoments *from);
double exactmoments_mean(const struct exactmoments *moments);     /* NaN for n = 0 */
double exactmoments_variance(const struct exactmoments *moments); /* as boundedmoments_variance */

#endif
