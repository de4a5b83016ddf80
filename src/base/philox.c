/*
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011.
 *
 * Ten rounds on a counter (c0, c1, c2, c3) under a key (k0, k1); with M0 c0 = (hi0, lo0) and M1 c2
 * = (hi1, lo1), a round is
 *
 *   (c0, c1, c2, c3) <- (hi1 ^ c1 ^ k0, lo1, hi0 ^ c3 ^ k1, lo0)
 *
 * and before every round but the first the key takes a Weyl step (k0 + W0, k1 + W1).
 */
#include "base/philox.h"

#include <assert.h>

#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u /* the golden ratio */
#define PHILOX_W1 0xBB67AE85u /* sqrt(3) - 1 */
#define PHILOX_ROUNDS 10

struct philox_block philox_4x32_10(const uint32_t counter[4], const uint32_t key[2]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    uint64_t product0 = (uint64_t)PHILOX_M0 * c0;
    uint64_t product1 = (uint64_t)PHILOX_M1 * c2;
    c0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)product1;
    c2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)product0;
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  return (struct philox_block){{c0, c1, c2, c3}};
}

struct philox_block philox_row(uint64_t seed, enum philox_stream stream, uint64_t row_key,
                               uint64_t index) {
  assert(index >> 56 == 0);
  const uint32_t counter[4] = {(uint32_t)row_key, (uint32_t)(row_key >> 32),
                               (uint32_t)stream << 24 ^ (uint32_t)(index >> 32), (uint32_t)index};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  return philox_4x32_10(counter, key);
}

uint32_t philox_next_u32(struct philox_sequence *sequence) {
  uint64_t position = sequence->position++;
  struct philox_block block =
      philox_row(sequence->seed, PHILOX_SIMULATE, sequence->id, position / 4);
  return block.word[position % 4];
}

double philox_next_uniform(struct philox_sequence *sequence) {
  uint64_t bits = (uint64_t)philox_next_u32(sequence) << 32;
  bits |= philox_next_u32(sequence);
  /* bits >> 12 is k < 2^52, and (2 k + 1) 2^-53 is exact: 53 bits, odd, so neither 0 nor 1. */
  return (double)(bits >> 12 << 1 | 1) * 0x1p-53;
}
