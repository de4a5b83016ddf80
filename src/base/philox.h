/*
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): random words as a pure function of (key,
 * counter), so that a draw depends on what a row is and never on where it stands or which thread
 * asks.
 */
#ifndef BASE_PHILOX_H
#define BASE_PHILOX_H

#include <stdint.h>

struct philox_block {
  uint32_t word[4];
};

struct philox_block philox_4x32_10(const uint32_t counter[4], const uint32_t key[2]);

/* The convention of the whole library, in 32-bit words:
     key     = (seed low, seed high)
     counter = (row key low, row key high, (stream << 24) ^ index high, index low)
   An index below 2^56 keeps streams apart. Streams are named in one place so that no two uses share
   draws. */
enum philox_stream {
  PHILOX_BOOTSTRAP = 1, /* weights of the row bootstrap: index = replicate / 4 */
  PHILOX_TABLE = 2,     /* multinomial bootstrap of a count table */
  PHILOX_CLUSTER = 3,   /* weights of the cluster bootstrap */
  PHILOX_PERMUTE = 4,   /* permutations and swaps */
  PHILOX_SAMPLE = 5,    /* which rows a sample keeps */
  PHILOX_SIMULATE = 6,  /* simulations in tests and selftest */
  PHILOX_REBALANCE = 9, /* rows that are drawn, and made, to balance classes */
  PHILOX_HALVES = 10,   /* which half of the rows a row is in, for searches */
  PHILOX_SCAN = 11      /* where a scan of subsets starts */
};

struct philox_block philox_row(uint64_t seed, enum philox_stream stream, uint64_t row_key,
                               uint64_t index);

/* A plain sequential generator on top, for simulations, the same numbers everywhere: the number at
   `position` (from 0) is word position % 4 of philox_row(seed, PHILOX_SIMULATE, id, position / 4).
   Set `position` to jump. */
struct philox_sequence {
  uint64_t seed;
  uint64_t id;
  uint64_t position;
};

uint32_t philox_next_u32(struct philox_sequence *sequence);
/* Uniform on the 2^52 odd multiples of 2^-53: never 0 or 1, mean exactly 1/2. Takes two numbers,
 * the high word first. */
double philox_next_uniform(struct philox_sequence *sequence);

#endif
