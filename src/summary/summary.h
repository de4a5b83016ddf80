/*
 * The summary set: everything that is kept of the rows. It is the only thing measures read.
 *
 * Two ways, settled by the roles before the first row:
 *   plain     (no weight, no cluster, no id) – integers and exact sums: count table, moments,
 * micro-bins, and, when a rank or bootstrap measure asks for it, the counted multiset of scores.
 *   row store (weight, cluster or id given)  – the multiset carries whole rows, sorted by content;
 * every measure is computed from it by linearisation over clusters, or by the cluster bootstrap.
 * The other kinds are still filled where cheap. All kinds: init, add, merge, save, load. The same
 * rows give the same bytes for any order, batches, threads and parts.
 *
 * Threads: one set per worker while adding; after summary_finish it is read-only and may be shared.
 */
#ifndef SUMMARY_SUMMARY_H
#define SUMMARY_SUMMARY_H

#include "base/progress.h"
#include "base/text.h"
#include "summary/batch_order.h"
#include "summary/count_table.h"
#include "summary/microbins.h"
#include "summary/moments.h"
#include "summary/multiset.h"
#include "table/roles.h"

enum summary_kind {
  SUMMARY_COUNT_TABLE = 1 << 0,
  SUMMARY_MOMENTS = 1 << 1,
  SUMMARY_MICROBINS = 1 << 2,
  SUMMARY_MULTISET = 1 << 3,
  SUMMARY_ROWS_IF_SMALL = 1 << 4 /* the multiset, as long as the whole has at most
                                    SUMMARY_SMALL_ROWS rows; dropped beyond */
};

#define SUMMARY_SMALL_ROWS 20000u /* measure.h: MEASURE_SMALL_ROWS */

struct summary_options {
  unsigned
      kinds; /* enum summary_kind, or-ed; with weight, cluster or id the multiset is always kept */
  uint64_t memory_bytes; /* what the multisets of ALL workers together may hold before they spill;
                            0: no limit */
  size_t n_workers;
  const char *spill_folder; /* NULL: TMPDIR or /tmp; files are private and unlinked at once */
  double quantile;          /* pinball's */
  uint64_t source_hash;     /* of what the rows came from (the file's SHA-256, say): helps to tell a
                               part merged twice; 0: not known */
};

/* A part that went into a set, so that it is not merged twice. */
struct summary_part {
  uint64_t content;    /* of the rows, whatever their order */
  uint64_t source;     /* summary_options.source_hash */
  uint64_t is_telling; /* 1: two parts that differ would not have the same content by chance (100
                          rows with numbers in them) */
};

struct summary_set {
  struct roles roles; /* own copy */
  unsigned kinds;
  bool is_row_store;
  bool is_finished;
  struct count_table *table;
  struct moments *moments;
  struct microbins *bins;
  struct multiset *rows;
  struct role_tally tally; /* filled in by the caller; merge adds */
  uint64_t n_rows;         /* rows added */
  double quantile;
  /* private */
  struct summary_part *parts; /* of a merged or loaded set; sorted */
  size_t n_parts;
  uint64_t source_hash, memory_bytes;
  size_t n_workers;
  char *spill_folder;
  struct batch_order order;
};

nonet_status summary_new(const struct roles *roles, const struct summary_options *options,
                         struct summary_set **set, nonet_error *error) NONET_NODISCARD;
void summary_free(struct summary_set *set);
nonet_status summary_add(struct summary_set *set, const struct role_batch *batch,
                         nonet_error *error) NONET_NODISCARD;
/* Moves everything of `other` into `set`; `other` is left empty. Roles must be equal (same run), or
   be parts of one whole: then classes and group values are united and codes mapped; anything else
   that differs is NONET_E_DATA naming the field, and so is a part merged twice (its fingerprint of
   rows is known). */
nonet_status summary_merge(struct summary_set *set, struct summary_set *other,
                           nonet_error *error) NONET_NODISCARD;
/* Sorts the multiset; checks that ids are unique. Must be called once before measures read. */
nonet_status summary_finish(struct summary_set *set, size_t n_threads, struct progress *progress,
                            nonet_error *error) NONET_NODISCARD;

/* The state file of `--state` (finished sets): magic, version, byte order, `catalogue_hash`, roles,
   dictionaries, drop counters, fingerprint, kinds by cell, checksum. Written atomically. A damaged,
   truncated or foreign file is NONET_E_DATA with what was found where. */
nonet_status summary_save(const struct summary_set *set, const char *path, uint64_t catalogue_hash,
                          nonet_error *error) NONET_NODISCARD;
nonet_status summary_load(const char *path, uint64_t catalogue_hash,
                          const struct summary_options *options, struct summary_set **set,
                          nonet_error *error) NONET_NODISCARD;
/* The same from bytes in memory: what the fuzzer drives. */
nonet_status summary_parse(const void *data, size_t size_bytes, const char *source,
                           uint64_t catalogue_hash, const struct summary_options *options,
                           struct summary_set **set, nonet_error *error) NONET_NODISCARD;

/* 64-bit fingerprint of what is kept of the rows of a finished set: the same for any order,
 * batches, workers and parts. 0 when memory is short. */
uint64_t summary_fingerprint(const struct summary_set *set);

#endif
