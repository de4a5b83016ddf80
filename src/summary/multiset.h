/*
 * The counted multiset: rows as fixed-width records of 32-bit words whose unsigned order is the
 * order of their values, kept by (cell, label) bucket and sorted by content. What a record holds
 * follows from the roles: scores of A, scores of B   (1 word each when every score is float32, else
 * 2; n_scores of them per stream) prediction A, B            (only when given as columns) target
 * (regression: 2 words) weight, cluster, id        (2 words each, when given) Equal rows are
 * exchangeable; they stand beside each other after the sort, so counts are run lengths. Over the
 * memory limit, sorted runs go to unlinked temporary files, compacted to (record, count), and are
 * merged on finish into one file that is mapped read-only.
 */
#ifndef SUMMARY_MULTISET_H
#define SUMMARY_MULTISET_H

#include "base/progress.h"
#include "summary/code_map.h"
#include "summary/state_bytes.h"
#include "table/roles.h"

struct multiset;

/* After summary_finish. A row set: the rows of one scope, sorted by (label, record) whatever cells
   they come from, distinct rows once. Arrays belong to the row set; absent roles are NULL. */
struct row_set {
  size_t n;                        /* distinct rows */
  uint64_t n_rows;                 /* Σ count */
  uint64_t *count;                 /* [n] NULL: every count is 1 */
  uint32_t *label;                 /* [n] class code; NULL for regression */
  double *target;                  /* [n] regression */
  double *score[N_STREAMS];        /* [n][n_scores] */
  uint32_t *prediction[N_STREAMS]; /* [n], given or derived from the scores as the table does */
  double *weight;                  /* [n] */
  uint64_t *cluster;               /* [n] */
  uint64_t *key;  /* [n] the row key of random draws: of the id, else of all role values of the row
                     (its cell's group VALUES included, never codes) */
  uint32_t *cell; /* [n] NULL when there is one cell, and without keys */
  size_t n_scores;
};

/* `with_keys` false leaves `key` NULL (it costs a hash a row). */
nonet_status row_set_read(const struct multiset *rows, const struct roles *roles,
                          const bool *in_scope, bool with_keys, size_t n_threads,
                          struct row_set *set, nonet_error *error) NONET_NODISCARD;
void row_set_clear(struct row_set *set);

/* The fast way for rank measures of one binary stream without weights: the order-preserving keys
   (stats/sortkey.h) of score `k` of `stream`, sorted, negatives and positives apart. For float32
   scores `keys32` is filled, else `keys64`. Multiclass: positive = (label == k). */
struct score_keys {
  bool is_32;
  uint32_t *keys32[2]; /* [0] negatives, [1] positives; sorted, duplicates kept */
  uint64_t *keys64[2];
  uint64_t n[2];
  bool is_borrowed; /* private: keys point into the multiset */
};

nonet_status score_keys_read(const struct multiset *rows, const struct roles *roles,
                             const bool *in_scope, int stream, size_t k, size_t n_threads,
                             struct score_keys *keys, nonet_error *error) NONET_NODISCARD;
void score_keys_clear(struct score_keys *keys);

/* Rows held; after finish. */
uint64_t multiset_total(const struct multiset *rows);

/* For the summary set. limit_bytes: what this worker may take, sorting included, before it spills
 * (0: no limit). */
nonet_status multiset_new(const struct roles *roles, uint64_t limit_bytes, const char *spill_folder,
                          struct multiset **rows, nonet_error *error) NONET_NODISCARD;
void multiset_free(struct multiset *rows);
nonet_status multiset_add(struct multiset *rows, const struct role_batch *batch,
                          nonet_error *error) NONET_NODISCARD;
/* Takes the rows over, `from` is left empty; `into` must not be finished, `from` may be. */
nonet_status multiset_merge(struct multiset *into, struct multiset *from,
                            const struct code_map *map, nonet_error *error) NONET_NODISCARD;
/* `id_column` names the column in the message when ids repeat (NONET_E_DATA). */
nonet_status multiset_finish(struct multiset *rows, const char *id_column, size_t n_threads,
                             struct progress *progress, nonet_error *error) NONET_NODISCARD;
/* Finished sets, in blocks of some 1 MiB: each call of `sink` gets one block, ready to be stored.
 */
typedef nonet_status (*multiset_sink)(void *context, const struct state_writer *block,
                                      nonet_error *error);
nonet_status multiset_save(const struct multiset *rows, multiset_sink sink, void *context,
                           nonet_error *error) NONET_NODISCARD;
/* The blocks in their order; multiset_finish after the last. */
nonet_status multiset_load_block(struct multiset *rows, struct state_reader *reader,
                                 nonet_error *error) NONET_NODISCARD;

#endif
