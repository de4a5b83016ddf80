/*
 * Unsigned keys whose order is the order of floats, and radix sorts of keys, records and keys with
 * an index.
 *
 * Shapes: every array has n elements; scratch memory of the size of the input comes from
 * base/memory.h inside (NONET_E_MEMORY). The result is a function of the input alone, never of
 * n_threads. Thread-safe: no state. n = 0 is fine.
 */
#ifndef STATS_SORTKEY_H
#define STATS_SORTKEY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <nonet/status.h>

/* Order-preserving: a < b exactly when key(a) < key(b); −0 and +0 share a key. NaN has no place in
 * the order: refuse it before. */
static inline uint32_t sortkey_f32(float value) {
  uint32_t bits;
  value += 0.0f; /* −0 becomes +0 */
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
}

static inline uint64_t sortkey_f64(double value) {
  uint64_t bits;
  value += 0.0;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((uint64_t)((int64_t)bits >> 63) | 0x8000000000000000u);
}

static inline float sortkey_f32_value(uint32_t key) {
  uint32_t bits = key ^ ((key >> 31) != 0 ? 0x80000000u : 0xFFFFFFFFu);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline double sortkey_f64_value(uint64_t key) {
  uint64_t bits = key ^ ((key >> 63) != 0 ? 0x8000000000000000u : 0xFFFFFFFFFFFFFFFFu);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Ascending, in place. */
nonet_status sortkey_sort_u32(uint32_t *keys, size_t n, size_t n_threads,
                              nonet_error *error) NONET_NODISCARD;
nonet_status sortkey_sort_u64(uint64_t *keys, size_t n, size_t n_threads,
                              nonet_error *error) NONET_NODISCARD;
/* The same with the caller's scratch of n keys; no allocation but the histograms (n_threads · 8
 * KiB). */
nonet_status sortkey_sort_u32_with(uint32_t *keys, uint32_t *scratch, size_t n, size_t n_threads,
                                   nonet_error *error) NONET_NODISCARD;

/* Sorts keys and carries index along (any payload); stable. The caller fills index, usually with 0
 * … n − 1. */
nonet_status sortkey_argsort_u32(uint32_t *keys, uint32_t *index, size_t n, size_t n_threads,
                                 nonet_error *error) NONET_NODISCARD;
nonet_status sortkey_argsort_u64(uint64_t *keys, uint32_t *index, size_t n, size_t n_threads,
                                 nonet_error *error) NONET_NODISCARD;
nonet_status sortkey_argsort_u64_u64(uint64_t *keys, uint64_t *index, size_t n, size_t n_threads,
                                     nonet_error *error) NONET_NODISCARD;

/* n records of n_words words each, lexicographically by word 0, 1, …; digits that are the same in
 * all records are skipped. */
nonet_status sortkey_sort_records(uint32_t *records, size_t n, size_t n_words, size_t n_threads,
                                  nonet_error *error) NONET_NODISCARD;

/* Merges two ascending arrays into out (n_a + n_b, no overlap). */
void sortkey_merge_u32(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b, uint32_t *out);
void sortkey_merge_u64(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, uint64_t *out);
/* First position in ascending keys whose key is >= (lower) or > (upper) the wanted one. */
size_t sortkey_lower_u32(const uint32_t *keys, size_t n, uint32_t wanted);
size_t sortkey_upper_u32(const uint32_t *keys, size_t n, uint32_t wanted);
size_t sortkey_lower_u64(const uint64_t *keys, size_t n, uint64_t wanted);
size_t sortkey_upper_u64(const uint64_t *keys, size_t n, uint64_t wanted);

#endif
