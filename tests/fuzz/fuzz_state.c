/*
 * Any bytes as a state file. Checksums would stop every mutation at the door, so they are made
 * right first: what is fuzzed is what stands behind them. A set that loads must also save, merge
 * with a copy of itself or refuse it, and be read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "summary/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER_BYTES 24 /* magic, byte order, version, catalogue hash */

/* Walks sections as far as they go and writes their checksums; the catalogue hash becomes 0. */
static void mend(uint8_t *data, size_t size) {
  if (size < HEADER_BYTES)
    return;
  memset(data + 16, 0, 8);
  uint64_t chain = hash_mix(1, 0);
  for (size_t at = HEADER_BYTES; size - at >= 32;) {
    uint64_t head[3], hash;
    memcpy(head, data + at, sizeof head);
    if (head[2] > size - at - 32)
      return;
    int is_end = memcmp(data + at, "END.", 4) == 0;
    if (is_end && head[2] == 8)
      memcpy(data + at + 24, &chain, 8);
    hash = hash_64(data + at + 24, head[2], head[0]);
    memcpy(data + at + 24 + head[2], &hash, 8);
    chain = hash_mix(hash_mix(chain, hash), head[0]);
    at += 32 + head[2];
  }
}

static void read_all(const struct summary_set *set) {
  static struct microbin bins[MICROBINS];
  bool *scope = malloc(set->roles.n_cells + 1);
  struct row_set rows;
  memset(scope, 1, set->roles.n_cells + 1);
  for (int s = 0; s < N_STREAMS; s++) {
    for (enum moment_term t = 0; t < N_MOMENT_TERMS; t++)
      if (moments_has(set->moments, t))
        (void)moments_sums(set->moments, scope, t, s);
    if (set->bins)
      microbins_read(set->bins, scope, s, bins);
    struct score_keys keys;
    if (set->rows && set->roles.has_score[s] && set->n_rows < 100000 &&
        score_keys_read(set->rows, &set->roles, scope, s, 0, 1, &keys, NULL) == NONET_OK)
      score_keys_clear(&keys);
  }
  if (set->rows && row_set_read(set->rows, &set->roles, scope, true, 1, &rows, NULL) == NONET_OK)
    row_set_clear(&rows);
  free(scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct summary_options options = {.n_workers = 1};
  struct summary_set *set = NULL, *copy = NULL;
  uint8_t *own = malloc(size + 1);
  if (size)
    memcpy(own, data, size);
  mend(own, size);
  if (summary_parse(own, size, "fuzz", 0, &options, &set, NULL) == NONET_OK) {
    read_all(set);
    if (summary_parse(own, size, "fuzz", 0, &options, &copy, NULL) == NONET_OK) {
      copy->n_parts = 0; /* else it is always refused as merged already */
      copy->n_rows += 1;
      nonet_status status = summary_merge(set, copy, NULL);
      if (status == NONET_OK)
        status = summary_finish(set, 1, NULL, NULL);
      if (status == NONET_OK)
        read_all(set);
    }
  }
  summary_free(set);
  summary_free(copy);
  free(own);
  return 0;
}
