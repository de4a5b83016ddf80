/*
 * Runs: sorted distinct records with counts, and their merge.
 *
 * Cases: (1) equal records of several runs become one, counts added; (2) a count above 2^32 − 1
 * becomes several equal entries, since an entry has one word for it; readers add equal neighbours
 * up again. (3) One run alone is the result as it is.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "summary/multiset_private.h"
#include "summary/spill.h"

void row_run_clear(struct row_run *run) {
  if (run->is_mapped)
    spill_unmap(run->words, run->n_words * sizeof *run->words);
  else
    memory_free(run->words);
  memory_free(run->parts);
  *run = (struct row_run){0};
}

/* ---- writing ---- */

nonet_status run_writer_open(struct run_writer *w, uint32_t n_record_words, bool to_file,
                             const char *folder, nonet_error *error) {
  *w = (struct run_writer){.stride = n_record_words + 1};
  w->entry = memory_new(w->stride, sizeof *w->entry);
  if (!w->entry)
    return error_memory(error, w->stride * sizeof *w->entry, "sorted rows");
  nonet_status status = to_file ? spill_open(folder, &w->spill, error) : NONET_OK;
  if (status)
    run_writer_clear(w);
  return status;
}

void run_writer_clear(struct run_writer *w) {
  spill_abandon(w->spill);
  row_run_clear(&w->run);
  memory_free(w->entry);
  *w = (struct run_writer){0};
}

static nonet_status write_entry(struct run_writer *w, uint32_t count, nonet_error *error) {
  w->entry[w->stride - 1] = count;
  nonet_status status = NONET_OK;
  if (w->spill) {
    status = spill_write(w->spill, w->entry, w->stride, error);
  } else {
    void *words = w->run.words;
    if (!memory_grow(&words, &w->run.capacity, w->run.n_words + w->stride, sizeof *w->run.words))
      return error_memory(error, (w->run.n_words + w->stride) * sizeof *w->run.words,
                          "sorted rows");
    w->run.words = words;
    memcpy(w->run.words + w->run.n_words, w->entry, w->stride * sizeof *w->entry);
  }
  w->run.n_words += w->stride;
  w->run.parts[w->run.n_parts - 1].n_entries++;
  return status;
}

static nonet_status flush_entry(struct run_writer *w, nonet_error *error) {
  nonet_status status = NONET_OK;
  while (w->count > 0 && !status) {
    uint32_t count = w->count > UINT32_MAX ? UINT32_MAX : (uint32_t)w->count; /* (2) */
    status = write_entry(w, count, error);
    w->count -= count;
  }
  return status;
}

nonet_status run_writer_begin(struct run_writer *w, uint32_t bucket, nonet_error *error) {
  nonet_status status = flush_entry(w, error);
  if (status)
    return status;
  void *parts = w->run.parts;
  if (!memory_grow(&parts, &w->run.parts_capacity, w->run.n_parts + 1, sizeof *w->run.parts))
    return error_memory(error, (w->run.n_parts + 1) * sizeof *w->run.parts, "sorted rows");
  w->run.parts = parts;
  w->run.parts[w->run.n_parts++] = (struct run_part){.bucket = bucket, .begin = w->run.n_words};
  return NONET_OK;
}

nonet_status run_writer_put(struct run_writer *w, const uint32_t *record, uint64_t count,
                            nonet_error *error) {
  if (w->count > 0 && row_layout_compare(w->entry, record, w->stride - 1) == 0) { /* (1) */
    w->count += count;
    return NONET_OK;
  }
  nonet_status status = flush_entry(w, error);
  memcpy(w->entry, record, (w->stride - 1) * sizeof *record);
  w->count = count;
  return status;
}

nonet_status run_writer_take(struct run_writer *w, struct row_run *run, nonet_error *error) {
  nonet_status status = flush_entry(w, error);
  if (!status && w->spill) {
    size_t size_bytes;
    status = spill_map(w->spill, &w->run.words, &size_bytes, error);
    w->spill = NULL;
    w->run.is_mapped = true;
    if (status)
      w->run.words = NULL;
  }
  if (!status) {
    *run = w->run;
    w->run = (struct row_run){0};
  }
  run_writer_clear(w);
  return status;
}

/* ---- walking ---- */

void row_cursor_next(struct row_cursor *c) {
  if (c->at == c->end) {
    c->record = NULL;
    return;
  }
  c->record = c->at;
  c->count = 0;
  do {
    c->count += c->is_counted ? c->at[c->n_words] : 1;
    c->at += c->stride;
  } while (c->at != c->end && row_layout_compare(c->at, c->record, c->n_words) == 0);
}

void row_cursor_start(struct row_cursor *c, const uint32_t *entries, uint64_t n_entries,
                      uint32_t n_words, bool is_counted) {
  uint32_t stride = n_words + is_counted;
  *c = (struct row_cursor){.at = entries,
                           .n_words = n_words,
                           .stride = stride,
                           .is_counted = is_counted,
                           .cell = c->cell};
  c->end = n_entries ? entries + n_entries * stride : entries;
  if (n_words == 0 && !is_counted) { /* records of nothing: all rows are equal */
    c->record = n_entries ? (const uint32_t *)c : NULL;
    c->count = n_entries;
    return;
  }
  row_cursor_next(c);
}

static bool is_before(const struct row_cursor *x, const struct row_cursor *y) {
  int order = row_layout_compare(x->record, y->record, x->n_words);
  return order < 0 || (order == 0 && x->cell < y->cell);
}

static void sift_down(struct row_heap *heap, size_t i) {
  struct row_cursor *moving = heap->cursor[i];
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= heap->n)
      break;
    if (child + 1 < heap->n && is_before(heap->cursor[child + 1], heap->cursor[child]))
      child++;
    if (!is_before(heap->cursor[child], moving))
      break;
    heap->cursor[i] = heap->cursor[child];
    i = child;
  }
  heap->cursor[i] = moving;
}

void row_heap_build(struct row_heap *heap) {
  size_t n = 0;
  for (size_t i = 0; i < heap->n; i++)
    if (heap->cursor[i]->record)
      heap->cursor[n++] = heap->cursor[i];
  heap->n = n;
  for (size_t i = n / 2; i-- > 0;)
    sift_down(heap, i);
}

void row_heap_advance(struct row_heap *heap) {
  row_cursor_next(heap->cursor[0]);
  if (!heap->cursor[0]->record)
    heap->cursor[0] = heap->cursor[--heap->n];
  if (heap->n)
    sift_down(heap, 0);
}

/* ---- merging ---- */

nonet_status multiset_put_run(struct multiset *rows, struct row_run *run, nonet_error *error) {
  void *runs = rows->runs;
  if (!memory_grow(&runs, &rows->runs_capacity, rows->n_runs + 1, sizeof *rows->runs)) {
    row_run_clear(run);
    return error_memory(error, (rows->n_runs + 1) * sizeof *rows->runs, "sorted rows");
  }
  rows->runs = runs;
  rows->runs[rows->n_runs++] = *run;
  *run = (struct row_run){0};
  return NONET_OK;
}

struct run_heads {
  size_t *part; /* [n_runs] next part of each run */
  struct row_cursor *cursor;
  struct row_cursor **heap;
};

/* The parts of one bucket from all runs, in order, through the writer. */
static nonet_status merge_bucket(struct multiset *rows, struct run_heads *heads, uint32_t bucket,
                                 struct run_writer *writer, nonet_error *error) {
  uint32_t n_words = rows->layout.n_words;
  struct row_heap heap = {.cursor = heads->heap};
  for (size_t r = 0; r < rows->n_runs; r++) {
    struct row_run *run = rows->runs + r;
    size_t p = heads->part[r];
    if (p == run->n_parts || run->parts[p].bucket != bucket)
      continue;
    heads->part[r]++;
    heads->cursor[r].cell = (uint32_t)r;
    row_cursor_start(&heads->cursor[r], run->words + run->parts[p].begin, run->parts[p].n_entries,
                     n_words, true);
    heap.cursor[heap.n++] = &heads->cursor[r];
  }
  row_heap_build(&heap);
  if (!heap.n)
    return NONET_OK;
  nonet_status status = run_writer_begin(writer, bucket, error);
  while (heap.n && !status) {
    status = run_writer_put(writer, heap.cursor[0]->record, heap.cursor[0]->count, error);
    row_heap_advance(&heap);
  }
  return status;
}

nonet_status multiset_merge_runs(struct multiset *rows, bool to_file, struct progress *progress,
                                 nonet_error *error) {
  if (rows->n_runs <= 1)
    return NONET_OK; /* (3) */
  struct run_writer writer = {0};
  struct row_run merged = {0};
  struct run_heads heads = {.part = memory_zeroed(rows->n_runs, sizeof *heads.part),
                            .cursor = memory_zeroed(rows->n_runs, sizeof *heads.cursor),
                            .heap = memory_new(rows->n_runs, sizeof *heads.heap)};
  nonet_status status = NONET_OK;
  if (!heads.part || !heads.cursor || !heads.heap)
    status = error_memory(error, rows->n_runs * sizeof *heads.cursor, "merging runs");
  if (!status)
    status = run_writer_open(&writer, rows->layout.n_words, to_file, rows->spill_folder, error);
  for (size_t b = 0; b < rows->n_buckets && !status; b++) {
    status = merge_bucket(rows, &heads, (uint32_t)b, &writer, error);
    if (!status)
      status = progress_check(progress, error);
  }
  if (!status)
    status = run_writer_take(&writer, &merged, error);
  if (!status) {
    for (size_t r = 0; r < rows->n_runs; r++)
      row_run_clear(rows->runs + r);
    rows->runs[0] = merged;
    rows->n_runs = 1;
  }
  run_writer_clear(&writer);
  memory_free(heads.part);
  memory_free(heads.cursor);
  memory_free(heads.heap);
  return status;
}
