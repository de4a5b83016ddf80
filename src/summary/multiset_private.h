/* Inside of the multiset, shared by multiset.c, row_run.c, row_set.c, score_keys.c and
 * multiset_state.c alone. */
#ifndef SUMMARY_MULTISET_PRIVATE_H
#define SUMMARY_MULTISET_PRIVATE_H

#include "summary/multiset.h"
#include "summary/row_layout.h"

/* Unsorted rows of a bucket: a list of blocks, so that growing never copies. */
struct row_chunk {
  struct row_chunk *next;
  size_t n_rows, capacity; /* in rows */
  uint32_t words[];
};

struct row_bucket {
  struct row_chunk *first, *last;
  /* After finish: sorted, either rows as they are (is_counted false, duplicates side by side) or
   * distinct rows with one more word, the count. */
  const uint32_t *entries;
  uint64_t n_entries;
  bool is_counted;
  uint32_t *owned; /* what entries point to when it is this bucket's own memory */
};

/* The entries of one bucket in a run. */
struct run_part {
  uint32_t bucket;
  uint64_t begin, n_entries; /* begin in words */
};

/* Sorted distinct rows with counts, bucket after bucket: memory or a mapped temporary file. */
struct row_run {
  uint32_t *words;
  size_t n_words, capacity; /* in words */
  bool is_mapped;
  struct run_part *parts;
  size_t n_parts, parts_capacity;
};

struct multiset {
  struct row_layout layout;
  size_t n_buckets;
  struct row_bucket *buckets;
  struct row_run *runs;
  size_t n_runs, runs_capacity;
  uint64_t limit_bytes, held_bytes;
  char *spill_folder;
  bool is_finished;
  /* one batch at work */
  uint32_t *bucket_of, *start, *row, *touched, *pair;
};

/* Where a merge of runs goes: memory, or a temporary file. */
struct run_writer {
  struct spill *spill; /* NULL: into run.words */
  struct row_run run;
  uint32_t stride; /* words of an entry, the count included */
  uint32_t *entry; /* the entry being counted, or none when count is 0 */
  uint64_t count;
};

nonet_status run_writer_open(struct run_writer *writer, uint32_t n_record_words, bool to_file,
                             const char *folder, nonet_error *error) NONET_NODISCARD;
nonet_status run_writer_begin(struct run_writer *writer, uint32_t bucket,
                              nonet_error *error) NONET_NODISCARD;
/* Records must come in order; equal neighbours become one entry. */
nonet_status run_writer_put(struct run_writer *writer, const uint32_t *record, uint64_t count,
                            nonet_error *error) NONET_NODISCARD;
/* Closes the writer and gives the run. */
nonet_status run_writer_take(struct run_writer *writer, struct row_run *run,
                             nonet_error *error) NONET_NODISCARD;
void run_writer_clear(struct run_writer *writer);
void row_run_clear(struct row_run *run);
nonet_status multiset_put_run(struct multiset *rows, struct row_run *run,
                              nonet_error *error) NONET_NODISCARD; /* takes it over */
/* Puts the entries of all runs into one run, in a file when `to_file`. */
nonet_status multiset_merge_runs(struct multiset *rows, bool to_file, struct progress *progress,
                                 nonet_error *error) NONET_NODISCARD;

/* Walks distinct records of one finished bucket with their counts, or of several merged. */
struct row_cursor {
  const uint32_t *at, *end;
  uint32_t n_words, stride;
  bool is_counted;
  uint32_t cell;
  const uint32_t *record; /* the present one; NULL: past the end */
  uint64_t count;
};

void row_cursor_start(struct row_cursor *cursor, const uint32_t *entries, uint64_t n_entries,
                      uint32_t n_words, bool is_counted);
void row_cursor_next(struct row_cursor *cursor);

/* A heap of cursors, the smallest record on top. */
struct row_heap {
  struct row_cursor **cursor; /* [n], caller's */
  size_t n;
};

void row_heap_build(struct row_heap *heap);
void row_heap_advance(struct row_heap *heap); /* moves the top cursor on */

#endif
