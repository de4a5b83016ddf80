/*
 * The counted multiset: rows in, sorted rows out (multiset.h).
 *
 * While rows are added each bucket (cell, label) collects unsorted records in chunks. On finish a
 * bucket is laid out and radix-sorted. Over the memory limit the buckets are sorted, equal rows
 * counted, and the whole becomes a run in a temporary file; finish then merges all runs into one.
 *
 *   (1) One stream of float32 scores, two labels, one cell: rows are parted without a branch into
 * two arrays of keys. This is the path of an exact AUC: 4 bytes a row. (2) Sorting takes as much
 * again as the largest bucket for the layout and once more as scratch: a worker spills at a third
 * of its limit. (3) Parts of one whole: buckets are renumbered and predictions rewritten through
 * the code map. The map is increasing, so what is sorted stays sorted. (4) A record of no words
 * (labels alone): only counts. (5) Ids must be unique over all buckets: they are collected by
 * ranges of a hash, as many passes as the memory limit asks for.
 */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "stats/sortkey.h"
#include "summary/multiset_private.h"

#define FIRST_CHUNK_BYTES 1024u
#define LAST_CHUNK_BYTES (256u * 1024)
#define SHARED_CHUNKS 16 /* fewer are copied before a thread has started */
#define MOST_BUCKETS (1u << 24)

nonet_status multiset_new(const struct roles *roles, uint64_t limit_bytes, const char *spill_folder,
                          struct multiset **out, nonet_error *error) {
  struct multiset *rows = memory_zeroed(1, sizeof *rows);
  if (!rows)
    return error_memory(error, sizeof *rows, "the rows");
  row_layout_init(roles, &rows->layout);
  rows->n_buckets = (size_t)rows->layout.n_cells * rows->layout.n_labels;
  rows->limit_bytes = limit_bytes;
  if (rows->n_buckets > MOST_BUCKETS) {
    nonet_status status = error_set(error, NONET_E_DATA,
                                    "%u classes in %u cells are too many: use fewer group columns",
                                    rows->layout.n_labels, rows->layout.n_cells);
    multiset_free(rows);
    return status;
  }
  bool ok = true;
  if (spill_folder)
    ok = (rows->spill_folder = memory_text(spill_folder)) != NULL;
  if (ok)
    ok = (rows->buckets = memory_zeroed(rows->n_buckets, sizeof *rows->buckets)) != NULL;
  if (ok)
    ok = (rows->start = memory_zeroed(rows->n_buckets, sizeof *rows->start)) != NULL;
  if (ok)
    ok = (rows->bucket_of = memory_new(ROLE_BATCH_ROWS, sizeof *rows->bucket_of)) != NULL;
  if (ok)
    ok = (rows->row = memory_new(ROLE_BATCH_ROWS, sizeof *rows->row)) != NULL;
  if (ok)
    ok = (rows->touched = memory_new(ROLE_BATCH_ROWS, sizeof *rows->touched)) != NULL;
  if (ok)
    ok = (rows->pair = memory_new(2 * (ROLE_BATCH_ROWS + 1), sizeof *rows->pair)) != NULL;
  if (!ok) {
    multiset_free(rows);
    return error_memory(error, ROLE_BATCH_ROWS * sizeof(uint32_t), "the rows");
  }
  *out = rows;
  return NONET_OK;
}

static void free_chunks(struct row_bucket *bucket) {
  for (struct row_chunk *chunk = bucket->first, *next; chunk; chunk = next) {
    next = chunk->next;
    memory_free(chunk);
  }
  bucket->first = bucket->last = NULL;
}

void multiset_free(struct multiset *rows) {
  if (!rows)
    return;
  for (size_t b = 0; rows->buckets && b < rows->n_buckets; b++) {
    free_chunks(rows->buckets + b);
    memory_free(rows->buckets[b].owned);
  }
  for (size_t r = 0; r < rows->n_runs; r++)
    row_run_clear(rows->runs + r);
  memory_free(rows->buckets);
  memory_free(rows->runs);
  memory_free(rows->spill_folder);
  memory_free(rows->start);
  memory_free(rows->bucket_of);
  memory_free(rows->row);
  memory_free(rows->touched);
  memory_free(rows->pair);
  memory_free(rows);
}

/* ---- adding ---- */

static size_t chunk_bytes(const struct multiset *rows, size_t capacity) {
  return sizeof(struct row_chunk) + capacity * rows->layout.n_words * sizeof(uint32_t);
}

/* A chunk with room for a row at least. Chunks double, so that many small buckets stay small. */
static nonet_status need_chunk(struct multiset *rows, struct row_bucket *bucket,
                               struct row_chunk **out, nonet_error *error) {
  struct row_chunk *last = bucket->last;
  if (last && last->n_rows < last->capacity) {
    *out = last;
    return NONET_OK;
  }
  size_t row_bytes = rows->layout.n_words * sizeof(uint32_t), wanted = FIRST_CHUNK_BYTES;
  if (last)
    wanted = 2 * last->capacity * row_bytes;
  if (wanted > LAST_CHUNK_BYTES)
    wanted = LAST_CHUNK_BYTES;
  size_t capacity = row_bytes ? wanted / row_bytes : SIZE_MAX; /* (4) */
  if (capacity == 0)
    capacity = 1;
  struct row_chunk *chunk = memory_new(1, row_bytes ? chunk_bytes(rows, capacity) : sizeof *chunk);
  if (!chunk)
    return error_memory(error, chunk_bytes(rows, capacity), "the rows");
  *chunk = (struct row_chunk){.capacity = capacity};
  if (last)
    last->next = chunk;
  else
    bucket->first = chunk;
  bucket->last = chunk;
  rows->held_bytes += row_bytes ? chunk_bytes(rows, capacity) : sizeof *chunk;
  *out = chunk;
  return NONET_OK;
}

static nonet_status put_records(struct multiset *rows, struct row_bucket *bucket,
                                const uint32_t *records, size_t n, nonet_error *error) {
  size_t n_words = rows->layout.n_words;
  while (n > 0) {
    struct row_chunk *chunk = NULL;
    nonet_status status = need_chunk(rows, bucket, &chunk, error);
    if (status)
      return status;
    size_t m = chunk->capacity - chunk->n_rows < n ? chunk->capacity - chunk->n_rows : n;
    if (n_words)
      memcpy(chunk->words + chunk->n_rows * n_words, records, m * n_words * sizeof *records);
    chunk->n_rows += m;
    if (n_words)
      records += m * n_words;
    n -= m;
  }
  return NONET_OK;
}

/* (1) */
static nonet_status add_pair(struct multiset *rows, const struct role_batch *batch,
                             const double *score, nonet_error *error) {
  uint32_t *negative = rows->pair, *positive = rows->pair + ROLE_BATCH_ROWS + 1;
  size_t n = batch->n_rows, n_positive = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t key = sortkey_f32((float)score[i]);
    negative[i - n_positive] = key; /* one of the two is overwritten by the next row */
    positive[n_positive] = key;
    n_positive += batch->label[i];
  }
  nonet_status status = put_records(rows, rows->buckets, negative, n - n_positive, error);
  return status ? status : put_records(rows, rows->buckets + 1, positive, n_positive, error);
}

/* Rows row[begin … end) of one bucket. */
static nonet_status add_segment(struct multiset *rows, const struct role_batch *batch,
                                struct row_bucket *bucket, const uint32_t *row, size_t n,
                                nonet_error *error) {
  while (n > 0) {
    struct row_chunk *chunk = NULL;
    nonet_status status = need_chunk(rows, bucket, &chunk, error);
    if (status)
      return status;
    size_t m = chunk->capacity - chunk->n_rows < n ? chunk->capacity - chunk->n_rows : n;
    row_layout_encode(&rows->layout, batch, row, 0, m,
                      chunk->words + chunk->n_rows * rows->layout.n_words);
    chunk->n_rows += m;
    row += m;
    n -= m;
  }
  return NONET_OK;
}

static nonet_status add_buckets(struct multiset *rows, const struct role_batch *batch,
                                nonet_error *error) {
  const struct row_layout *l = &rows->layout;
  size_t n = batch->n_rows, n_touched = 0;
  const uint32_t *cell = l->n_cells > 1 ? batch->cell : NULL,
                 *label = l->n_labels > 1 ? batch->label : NULL;
  for (size_t i = 0; i < n; i++) {
    uint32_t b = (cell ? cell[i] * l->n_labels : 0) + (label ? label[i] : 0);
    rows->bucket_of[i] = b;
    if (rows->start[b]++ == 0)
      rows->touched[n_touched++] = b;
  }
  uint32_t next = 0;
  for (size_t t = 0; t < n_touched; t++) {
    uint32_t size = rows->start[rows->touched[t]];
    rows->start[rows->touched[t]] = next;
    next += size;
  }
  for (size_t i = 0; i < n; i++)
    rows->row[rows->start[rows->bucket_of[i]]++] = (uint32_t)i;
  nonet_status status = NONET_OK;
  for (size_t t = 0, begin = 0; t < n_touched; t++) { /* start[b] is now the end of bucket b */
    uint32_t b = rows->touched[t], end = rows->start[b];
    rows->start[b] = 0;
    if (!status)
      status = add_segment(rows, batch, rows->buckets + b, rows->row + begin, end - begin, error);
    begin = end;
  }
  return status;
}

/* ---- sorting ---- */

struct laying {
  struct row_chunk **chunks;
  uint32_t **places; /* where each chunk's rows go */
  size_t row_bytes;
};

static nonet_status lay_chunk(void *context, size_t item, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct laying *laying = context;
  struct row_chunk *chunk = laying->chunks[item];
  memcpy(laying->places[item], chunk->words, chunk->n_rows * laying->row_bytes);
  memory_free(chunk);
  return NONET_OK;
}

/* Copies the rows of a bucket side by side; chunks are freed as they are copied. */
static nonet_status lay_out(struct row_bucket *bucket, size_t n_words, size_t n_threads,
                            uint32_t *records, nonet_error *error) {
  size_t n_chunks = 0;
  for (const struct row_chunk *chunk = bucket->first; chunk; chunk = chunk->next)
    n_chunks++;
  struct laying laying = {.chunks = memory_new(n_chunks, sizeof *laying.chunks),
                          .places = memory_new(n_chunks, sizeof *laying.places),
                          .row_bytes = n_words * sizeof *records};
  nonet_status status = NONET_OK;
  if (!laying.chunks || !laying.places) {
    status = error_memory(error, n_chunks * sizeof *laying.chunks, "sorting rows");
    goto done;
  }
  size_t i = 0;
  for (struct row_chunk *chunk = bucket->first; chunk; chunk = chunk->next) {
    laying.chunks[i] = chunk;
    laying.places[i++] = records;
    records += chunk->n_rows * n_words;
  }
  bucket->first = bucket->last = NULL;
  status =
      parallel_for(n_chunks < SHARED_CHUNKS ? 1 : n_threads, n_chunks, lay_chunk, &laying, error);
done:
  memory_free(laying.chunks);
  memory_free(laying.places);
  return status;
}

/* The rows of a bucket side by side, sorted. *out is NULL for no rows. */
static nonet_status sort_bucket(struct multiset *rows, struct row_bucket *bucket, size_t n_threads,
                                uint32_t **out, uint64_t *n_out, nonet_error *error) {
  size_t n = 0, n_words = rows->layout.n_words;
  *out = NULL;
  for (const struct row_chunk *chunk = bucket->first; chunk; chunk = chunk->next)
    n += chunk->n_rows;
  *n_out = n;
  if (n == 0 || n_words == 0) {
    free_chunks(bucket);
    return NONET_OK;
  }
  uint32_t *records = memory_new(n, n_words * sizeof *records);
  if (!records)
    return error_memory(error, n * n_words * sizeof *records, "sorting rows");
  nonet_status status = lay_out(bucket, n_words, n_threads, records, error);
  if (!status)
    status = n_words == 1 ? sortkey_sort_u32(records, n, n_threads, error)
                          : sortkey_sort_records(records, n, n_words, n_threads, error);
  if (status)
    memory_free(records);
  else
    *out = records;
  return status;
}

/* All unsorted rows become one run. */
static nonet_status chunks_to_run(struct multiset *rows, bool to_file, size_t n_threads,
                                  nonet_error *error) {
  struct run_writer writer;
  struct row_run run = {0};
  bool any = false;
  for (size_t b = 0; b < rows->n_buckets && !any; b++)
    any = rows->buckets[b].first != NULL;
  if (!any)
    return NONET_OK;
  nonet_status status =
      run_writer_open(&writer, rows->layout.n_words, to_file, rows->spill_folder, error);
  if (status)
    return status;
  for (size_t b = 0; b < rows->n_buckets && !status; b++) {
    if (!rows->buckets[b].first)
      continue;
    uint32_t *records;
    uint64_t n;
    status = sort_bucket(rows, rows->buckets + b, n_threads, &records, &n, error);
    if (status)
      break;
    status = run_writer_begin(&writer, (uint32_t)b, error);
    struct row_cursor cursor = {0};
    row_cursor_start(&cursor, records, n, rows->layout.n_words, false);
    for (; cursor.record && !status; row_cursor_next(&cursor))
      status = run_writer_put(&writer, cursor.record, cursor.count, error);
    memory_free(records);
  }
  if (!status)
    status = run_writer_take(&writer, &run, error);
  if (!status)
    status = multiset_put_run(rows, &run, error);
  run_writer_clear(&writer);
  rows->held_bytes = 0;
  return status;
}

nonet_status multiset_add(struct multiset *rows, const struct role_batch *batch,
                          nonet_error *error) {
  const struct row_layout *l = &rows->layout;
  nonet_status status;
  int s = l->score[STREAM_A] != ROW_ABSENT ? STREAM_A : STREAM_B;
  if (l->n_words == 1 && l->n_cells == 1 && l->n_labels == 2 && l->score[s] != ROW_ABSENT)
    status = add_pair(rows, batch, batch->score[s], error);
  else
    status = add_buckets(rows, batch, error);
  if (!status && rows->limit_bytes && rows->held_bytes > rows->limit_bytes / 3)
    status = chunks_to_run(rows, true, 1, error); /* (2) */
  return status;
}

/* ---- merging ---- */

/* (3) */
static void map_predictions(const struct row_layout *l, uint32_t *words, size_t n, uint32_t stride,
                            const struct code_map *map) {
  for (int s = 0; s < N_STREAMS; s++)
    for (size_t i = 0; l->prediction[s] != ROW_ABSENT && i < n; i++) {
      uint32_t *code = words + i * stride + l->prediction[s];
      *code = code_map_class(map, *code);
    }
}

static size_t map_bucket(const struct multiset *from, const struct multiset *into, size_t bucket,
                         const struct code_map *map) {
  uint32_t cell = (uint32_t)(bucket / from->layout.n_labels),
           label = (uint32_t)(bucket % from->layout.n_labels);
  return (size_t)code_map_cell(map, cell) * into->layout.n_labels +
         (from->layout.n_labels > 1 ? code_map_class(map, label) : label);
}

static nonet_status merge_runs_of(struct multiset *into, struct multiset *from,
                                  const struct code_map *map, bool rewrite, nonet_error *error) {
  nonet_status status = NONET_OK;
  uint32_t stride = from->layout.n_words + 1;
  for (size_t r = 0; r < from->n_runs && !status; r++) {
    struct row_run *run = from->runs + r;
    if (rewrite)
      map_predictions(&from->layout, run->words, run->n_words / stride, stride, map);
    for (size_t p = 0; p < run->n_parts; p++)
      run->parts[p].bucket = (uint32_t)map_bucket(from, into, run->parts[p].bucket, map);
    status = multiset_put_run(into, run, error);
  }
  from->n_runs = 0;
  return status;
}

nonet_status multiset_merge(struct multiset *into, struct multiset *from,
                            const struct code_map *map, nonet_error *error) {
  const struct row_layout *l = &from->layout;
  bool rewrite = map && !map->same_classes &&
                 (l->prediction[STREAM_A] != ROW_ABSENT || l->prediction[STREAM_B] != ROW_ABSENT);
  nonet_status status = merge_runs_of(into, from, map, rewrite, error);
  for (size_t b = 0; b < from->n_buckets && !status; b++) {
    struct row_bucket *source = from->buckets + b,
                      *target = into->buckets + map_bucket(from, into, b, map);
    for (struct row_chunk *chunk = source->first; chunk && rewrite; chunk = chunk->next)
      map_predictions(l, chunk->words, chunk->n_rows, l->n_words, map);
    if (source->first) { /* hang the whole list before the target's: its last chunk may still have
                            room */
      source->last->next = target->first;
      if (!target->first)
        target->last = source->last;
      target->first = source->first;
      source->first = source->last = NULL;
    }
    if (source->owned) {
      if (rewrite)
        map_predictions(l, source->owned, source->n_entries, l->n_words, map);
      status = put_records(into, target, source->owned, source->n_entries, error);
    } else if (from->is_finished && !source->is_counted && l->n_words == 0) {
      status = put_records(into, target, NULL, source->n_entries, error);
    }
    memory_free(source->owned);
    *source = (struct row_bucket){0};
  }
  into->held_bytes += from->held_bytes;
  from->held_bytes = 0;
  return status;
}

/* ---- finishing ---- */

static nonet_status finish_in_memory(struct multiset *rows, size_t n_threads,
                                     struct progress *progress, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t b = 0; b < rows->n_buckets && !status; b++) {
    struct row_bucket *bucket = rows->buckets + b;
    status = sort_bucket(rows, bucket, n_threads, &bucket->owned, &bucket->n_entries, error);
    bucket->entries = bucket->owned;
    if (!status)
      status = progress_check(progress, error);
  }
  return status;
}

static nonet_status finish_runs(struct multiset *rows, size_t n_threads, struct progress *progress,
                                nonet_error *error) {
  uint64_t n_words = 0;
  bool to_file = false;
  for (size_t r = 0; r < rows->n_runs; r++) {
    to_file |= rows->runs[r].is_mapped;
    n_words += rows->runs[r].n_words;
  }
  to_file |=
      rows->limit_bytes && rows->n_runs > 1 && n_words * sizeof(uint32_t) > rows->limit_bytes / 3;
  nonet_status status = chunks_to_run(rows, to_file, n_threads, error);
  if (!status)
    status = multiset_merge_runs(rows, to_file, progress, error);
  if (status)
    return status;
  const struct row_run *run = rows->runs;
  for (size_t p = 0; p < run->n_parts; p++) {
    struct row_bucket *bucket = rows->buckets + run->parts[p].bucket;
    bucket->entries = run->words + run->parts[p].begin;
    bucket->n_entries = run->parts[p].n_entries;
    bucket->is_counted = true;
  }
  return NONET_OK;
}

/* (5): ids whose hash falls into range `pass` of n_passes, sorted; adds the rows beyond the first
 * of each id. */
static nonet_status count_repeats(const struct multiset *rows, uint64_t pass, uint64_t n_passes,
                                  size_t n_threads, uint64_t *n_repeats, nonet_error *error) {
  void *ids = NULL;
  size_t n = 0, capacity = 0;
  nonet_status status = NONET_OK;
  for (size_t b = 0; b < rows->n_buckets && !status; b++) {
    const struct row_bucket *bucket = rows->buckets + b;
    struct row_cursor cursor = {0};
    row_cursor_start(&cursor, bucket->entries, bucket->n_entries, rows->layout.n_words,
                     bucket->is_counted);
    for (; cursor.record; row_cursor_next(&cursor)) {
      uint64_t id = row_layout_word64(cursor.record, rows->layout.id);
      if (n_passes > 1 && (hash_mix(0, id) >> 32) * n_passes >> 32 != pass)
        continue;
      *n_repeats += cursor.count - 1;
      if (!memory_grow(&ids, &capacity, n + 1, sizeof(uint64_t))) {
        status = error_memory(error, (n + 1) * sizeof(uint64_t), "checking ids");
        break;
      }
      ((uint64_t *)ids)[n++] = id;
    }
  }
  if (!status && n)
    status = sortkey_sort_u64(ids, n, n_threads, error);
  for (size_t i = 1; i < n && !status; i++)
    *n_repeats += ((uint64_t *)ids)[i] == ((uint64_t *)ids)[i - 1];
  memory_free(ids);
  return status;
}

static nonet_status check_ids(const struct multiset *rows, const char *id_column, size_t n_threads,
                              struct progress *progress, nonet_error *error) {
  uint64_t n_entries = 0, n_repeats = 0, n_passes = 1;
  for (size_t b = 0; b < rows->n_buckets; b++)
    n_entries += rows->buckets[b].n_entries;
  uint64_t size_bytes = n_entries * 4 * sizeof(uint64_t),
           room = rows->limit_bytes > (64u << 20) ? rows->limit_bytes : 64u << 20;
  if (rows->limit_bytes)
    n_passes = size_bytes / room + 1;
  for (uint64_t pass = 0; pass < n_passes; pass++) {
    nonet_status status = count_repeats(rows, pass, n_passes, n_threads, &n_repeats, error);
    if (!status)
      status = progress_check(progress, error);
    if (status)
      return status;
  }
  if (!n_repeats)
    return NONET_OK;
  return error_set(error, NONET_E_DATA,
                   "ids must be unique: %llu rows repeat an id of column '%s' that another row "
                   "has; give a column that "
                   "numbers the rows, or use it as --cluster when several rows belong to one unit",
                   (unsigned long long)n_repeats, id_column ? id_column : "id");
}

nonet_status multiset_finish(struct multiset *rows, const char *id_column, size_t n_threads,
                             struct progress *progress, nonet_error *error) {
  if (rows->is_finished)
    return NONET_OK;
  nonet_status status = rows->n_runs ? finish_runs(rows, n_threads, progress, error)
                                     : finish_in_memory(rows, n_threads, progress, error);
  if (!status && rows->layout.id != ROW_ABSENT)
    status = check_ids(rows, id_column, n_threads, progress, error);
  if (!status)
    rows->is_finished = true;
  return status;
}

uint64_t multiset_total(const struct multiset *rows) {
  uint64_t total = 0;
  size_t n_words = rows->layout.n_words;
  for (size_t b = 0; b < rows->n_buckets; b++) {
    const struct row_bucket *bucket = rows->buckets + b;
    if (!bucket->is_counted)
      total += bucket->n_entries;
    for (uint64_t i = 0; bucket->is_counted && i < bucket->n_entries; i++)
      total += bucket->entries[i * (n_words + 1) + n_words];
  }
  return total;
}
