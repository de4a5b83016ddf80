/*
 * Sorted keys of one score, negatives and positives apart (multiset.h).
 *
 * Cases: (1) one cell in scope, records of that one score, uncounted: the sorted bucket is the
 * answer and is borrowed. (2) Otherwise the keys are laid side by side, counted records repeated,
 * and radix-sorted unless they come from one bucket and are the record's first words, when they are
 * in order already. (3) Multiclass: positive is the label k, all other labels are negatives. (4)
 * The memory is the keys alone: 4 or 8 bytes a row, and as much for the sort.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/sortkey.h"
#include "summary/cell_span.h"
#include "summary/multiset_private.h"

struct gathering {
  const struct multiset *rows;
  const bool *in_scope;
  size_t first, end; /* the buckets of the cells from the first in scope to the last */
  uint32_t at;       /* the key's first word in a record */
  bool is_binary;
  size_t k;
};

static bool is_side(const struct gathering *g, size_t label, int side) {
  return (g->is_binary ? label == 1 : label == g->k) == (side == 1);
}

/* Rows of one side, and how many buckets they come from. */
static uint64_t count_side(const struct gathering *g, int side, size_t *n_buckets,
                           const struct row_bucket **only) {
  const struct row_layout *l = &g->rows->layout;
  uint64_t n = 0;
  *n_buckets = 0;
  *only = NULL;
  for (size_t b = g->first; b < g->end; b++) {
    const struct row_bucket *bucket = g->rows->buckets + b;
    if (!bucket->n_entries || !g->in_scope[b / l->n_labels] || !is_side(g, b % l->n_labels, side))
      continue;
    ++*n_buckets;
    *only = bucket;
    if (!bucket->is_counted)
      n += bucket->n_entries;
    for (uint64_t i = 0; bucket->is_counted && i < bucket->n_entries; i++)
      n += bucket->entries[i * (l->n_words + 1) + l->n_words];
  }
  return n;
}

static void copy_bucket(const struct gathering *g, const struct row_bucket *bucket,
                        uint32_t **keys32, uint64_t **keys64) {
  uint32_t n_words = g->rows->layout.n_words;
  size_t stride = n_words + bucket->is_counted;
  for (uint64_t i = 0; i < bucket->n_entries; i++) {
    const uint32_t *record = bucket->entries + i * stride;
    uint32_t count = bucket->is_counted ? record[n_words] : 1;
    if (*keys32)
      while (count--)
        *(*keys32)++ = record[g->at];
    else
      for (uint64_t key = row_layout_word64(record, g->at); count--;)
        *(*keys64)++ = key;
  }
}

static nonet_status gather_side(const struct gathering *g, int side, size_t n_threads,
                                struct score_keys *keys, nonet_error *error) {
  const struct row_layout *l = &g->rows->layout;
  size_t n_buckets;
  const struct row_bucket *only;
  uint64_t n = count_side(g, side, &n_buckets, &only);
  keys->n[side] = n;
  if (keys->is_32)
    keys->keys32[side] = memory_new(n, sizeof(uint32_t));
  else
    keys->keys64[side] = memory_new(n, sizeof(uint64_t));
  if (!keys->keys32[side] && !keys->keys64[side])
    return error_memory(error, n * sizeof(uint64_t), "sorted scores");
  uint32_t *at32 = keys->keys32[side];
  uint64_t *at64 = keys->keys64[side];
  for (size_t b = g->first; b < g->end; b++) {
    const struct row_bucket *bucket = g->rows->buckets + b;
    if (bucket->n_entries && g->in_scope[b / l->n_labels] && is_side(g, b % l->n_labels, side))
      copy_bucket(g, bucket, &at32, &at64);
  }
  if (n_buckets <= 1 && g->at == 0)
    return NONET_OK; /* (2) */
  return keys->is_32 ? sortkey_sort_u32(keys->keys32[side], n, n_threads, error)
                     : sortkey_sort_u64(keys->keys64[side], n, n_threads, error);
}

/* (1) */
static bool borrow(const struct gathering *g, struct score_keys *keys) {
  if (!keys->is_32 || g->rows->layout.n_words != 1)
    return false;
  for (int side = 0; side < 2; side++) {
    size_t n_buckets;
    const struct row_bucket *only;
    (void)count_side(g, side, &n_buckets, &only);
    if (n_buckets > 1 || (only && only->is_counted))
      return false;
    keys->n[side] = only ? only->n_entries : 0;
    keys->keys32[side] = only ? only->owned : NULL;
    if (only && !only->owned)
      return false;
  }
  keys->is_borrowed = true;
  return true;
}

nonet_status score_keys_read(const struct multiset *rows, const struct roles *roles,
                             const bool *in_scope, int stream, size_t k, size_t n_threads,
                             struct score_keys *keys, nonet_error *error) {
  const struct row_layout *l = &rows->layout;
  *keys = (struct score_keys){.is_32 = l->score_words == 1};
  if (l->score[stream] == ROW_ABSENT || k >= l->n_scores)
    return error_set(error, NONET_E_INTERNAL, "no score %zu in stream %d", k, stream);
  const struct cell_span span = cell_span_of(in_scope, l->n_cells);
  struct gathering g = {.rows = rows,
                        .in_scope = in_scope,
                        .first = span.first * l->n_labels,
                        .end = span.end * l->n_labels,
                        .k = k,
                        .at = l->score[stream] + (uint32_t)k * l->score_words,
                        .is_binary = roles->task == TASK_BINARY};
  if (borrow(&g, keys))
    return NONET_OK;
  memset(keys->keys32, 0, sizeof keys->keys32);
  nonet_status status = NONET_OK;
  for (int side = 0; side < 2 && !status; side++)
    status = gather_side(&g, side, n_threads, keys, error);
  if (status)
    score_keys_clear(keys);
  return status;
}

void score_keys_clear(struct score_keys *keys) {
  for (int side = 0; side < 2 && !keys->is_borrowed; side++) {
    memory_free(keys->keys32[side]);
    memory_free(keys->keys64[side]);
  }
  *keys = (struct score_keys){0};
}
