/*
 * Exact-in-any-order sums of doubles with |x| < 2^11 (BOUNDEDSUM_LIMIT), at memory speed.
 *
 * Every term is rounded once, by itself, to a multiple of 2^-92; the rounded terms are added as
 * integers. So the state depends on the multiset of terms alone: any order, split or merge gives
 * the same bytes. The value is within n·2^-93 of the real sum (before its own rounding to double).
 * A term outside the limit, or NaN, marks the sum: its value is then NaN. No overflow below 2^63
 * terms. Structs start with {0}. Thread-compatible: one thread per struct. Round-to-nearest is
 * assumed.
 */
#ifndef STATS_BOUNDEDSUM_H
#define STATS_BOUNDEDSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define BOUNDEDSUM_LIMIT 2048.0
#define BOUNDEDSUM_SAVED_BYTES 32

/* value = (high·2^52 + low)·2^-92, kept canonical: 0 <= low < 2^52. */
struct boundedsum {
  __extension__ __int128 high;
  int64_t low;
  uint64_t outside; /* 1: a term was outside the limit */
};

void boundedsum_add(struct boundedsum *sum, double x);
/* False when this call met a term outside the limit (the sum is marked; the call's other terms may
 * be missing). */
bool boundedsum_add_array(struct boundedsum *sum, const double *x, size_t n);
/* The same for the terms count[i]·x[i], exactly: as if x[i] had been added count[i] times. */
bool boundedsum_add_counted(struct boundedsum *sum, const double *x, const uint64_t *count,
                            size_t n);
void boundedsum_merge(struct boundedsum *into, const struct boundedsum *from);
/* The nearest double; NaN when marked. */
double boundedsum_value(const struct boundedsum *sum);
/* value = hi + lo, to some 106 bits. */
void boundedsum_value_pair(const struct boundedsum *sum, double *hi, double *lo);
/* Little-endian and canonical: equal multisets give equal bytes. load is false when the bytes
 * cannot be a state. */
void boundedsum_save(const struct boundedsum *sum, uint8_t bytes[BOUNDEDSUM_SAVED_BYTES]);
bool boundedsum_load(struct boundedsum *sum, const uint8_t bytes[BOUNDEDSUM_SAVED_BYTES]);

/* n, Σx and Σx², |x| < 2^11; each x² is rounded to double, then added in units of 2^-81. */
struct boundedmoments {
  uint64_t n;
  struct boundedsum sum;
  struct boundedsum square; /* of x²·2^-11 */
};

bool boundedmoments_add_array(struct boundedmoments *moments, const double *x, size_t n);
void boundedmoments_merge(struct boundedmoments *into, const struct boundedmoments *from);
double boundedmoments_mean(const struct boundedmoments *moments); /* NaN for n = 0 */
/* Σ(x - mean)²/(n - 1), the difference taken in double-double and cut at 0; NaN for n < 2. */
double boundedmoments_variance(const struct boundedmoments *moments);
/* The same from n, Σx = s_hi + s_lo and Σx² = q_hi + q_lo. */
double boundedsum_variance(uint64_t n, double s_hi, double s_lo, double q_hi, double q_lo);

#endif
