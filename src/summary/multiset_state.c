/*
 * The multiset in the state file: blocks of sorted distinct records with counts.
 *
 * A block is {bucket, entries, words of an entry} and then the entries column by column (all first
 * words, all second words, …, counts), which packs far better than row by row. Blocks are cut by
 * entries alone, so equal rows give equal bytes however they came. Loading checks all that later
 * code relies on: (1) the block's size, before anything is allocated; (2) buckets and records in
 * order; (3) counts not zero; (4) values that rows can have.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "summary/multiset_private.h"

#define BLOCK_WORDS (256u * 1024)

static uint32_t block_entries(const struct row_layout *l) {
  uint32_t n = BLOCK_WORDS / (l->n_words + 1);
  return n ? n : 1;
}

struct blocks {
  uint32_t *entries; /* [block_entries][stride] */
  uint32_t n, most, stride;
  struct state_writer writer;
  multiset_sink sink;
  void *context;
};

static nonet_status put_block(struct blocks *b, uint32_t bucket, nonet_error *error) {
  if (b->n == 0)
    return NONET_OK;
  b->writer.size = 0;
  state_write_u32(&b->writer, bucket);
  state_write_u32(&b->writer, b->n);
  state_write_u32(&b->writer, b->stride);
  uint8_t *room = state_write_room(&b->writer, (size_t)b->n * b->stride * sizeof(uint32_t));
  if (!room)
    return error_memory(error, (size_t)b->n * b->stride * sizeof(uint32_t), "saving rows");
  for (uint32_t w = 0; w < b->stride; w++)
    for (uint32_t i = 0; i < b->n; i++, room += sizeof(uint32_t))
      memcpy(room, b->entries + (size_t)i * b->stride + w, sizeof(uint32_t));
  b->n = 0;
  return b->sink(b->context, &b->writer, error);
}

static nonet_status put_entry(struct blocks *b, uint32_t bucket, const struct row_cursor *cursor,
                              nonet_error *error) {
  nonet_status status = NONET_OK;
  for (uint64_t left = cursor->count; left > 0 && !status;) {
    uint32_t count = left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
    uint32_t *entry = b->entries + (size_t)b->n++ * b->stride;
    if (b->stride > 1)
      memcpy(entry, cursor->record, (b->stride - 1) * sizeof *entry);
    entry[b->stride - 1] = count;
    left -= count;
    if (b->n == b->most)
      status = put_block(b, bucket, error);
  }
  return status;
}

nonet_status multiset_save(const struct multiset *rows, multiset_sink sink, void *context,
                           nonet_error *error) {
  struct blocks b = {.most = block_entries(&rows->layout),
                     .stride = rows->layout.n_words + 1,
                     .sink = sink,
                     .context = context};
  b.entries = memory_new((size_t)b.most * b.stride, sizeof *b.entries);
  nonet_status status =
      b.entries ? NONET_OK
                : error_memory(error, (size_t)b.most * b.stride * sizeof *b.entries, "saving rows");
  for (size_t i = 0; i < rows->n_buckets && !status; i++) {
    const struct row_bucket *bucket = rows->buckets + i;
    struct row_cursor cursor = {0};
    row_cursor_start(&cursor, bucket->entries, bucket->n_entries, rows->layout.n_words,
                     bucket->is_counted);
    for (; cursor.record && !status; row_cursor_next(&cursor))
      status = put_entry(&b, (uint32_t)i, &cursor, error);
    if (!status)
      status = put_block(&b, (uint32_t)i, error);
  }
  memory_free(b.entries);
  state_writer_clear(&b.writer);
  return status;
}

/* ---- loading ---- */

static nonet_status damaged(nonet_error *error) {
  return error_set(error, NONET_E_DATA, "the rows are damaged");
}

static nonet_status need_part(struct multiset *rows, uint32_t bucket, struct run_part **out,
                              nonet_error *error) {
  if (rows->n_runs == 0) {
    struct row_run run = {0};
    nonet_status status = multiset_put_run(rows, &run, error);
    if (status)
      return status;
  }
  struct row_run *run = rows->runs;
  struct run_part *last = run->n_parts ? run->parts + run->n_parts - 1 : NULL;
  if (last && bucket < last->bucket)
    return damaged(error); /* (2) */
  if (!last || bucket != last->bucket) {
    void *parts = run->parts;
    if (!memory_grow(&parts, &run->parts_capacity, run->n_parts + 1, sizeof *run->parts))
      return error_memory(error, (run->n_parts + 1) * sizeof *run->parts, "loading rows");
    run->parts = parts;
    last = run->parts + run->n_parts++;
    *last = (struct run_part){.bucket = bucket, .begin = run->n_words};
  }
  *out = last;
  return NONET_OK;
}

static bool entry_is_valid(const struct row_layout *l, const uint32_t *entry,
                           const uint32_t *before) {
  if (entry[l->n_words] == 0)
    return false; /* (3) */
  if (before && row_layout_compare(before, entry, l->n_words) > 0)
    return false;                       /* (2) */
  return row_layout_is_valid(l, entry); /* (4) */
}

nonet_status multiset_load_block(struct multiset *rows, struct state_reader *reader,
                                 nonet_error *error) {
  const struct row_layout *l = &rows->layout;
  uint32_t bucket = state_read_u32(reader), n = state_read_u32(reader),
           stride = state_read_u32(reader);
  if (reader->failed || bucket >= rows->n_buckets || n == 0 || n > block_entries(l) ||
      stride != l->n_words + 1)
    return damaged(error); /* (1) */
  const uint8_t *data = state_read(reader, (size_t)n * stride * sizeof(uint32_t));
  if (!data || state_left(reader))
    return damaged(error);
  struct run_part *part = NULL;
  nonet_status status = need_part(rows, bucket, &part, error);
  if (status)
    return status;
  struct row_run *run = rows->runs;
  void *words = run->words;
  size_t n_words = (size_t)n * stride;
  if (!memory_grow(&words, &run->capacity, run->n_words + n_words, sizeof *run->words))
    return error_memory(error, (run->n_words + n_words) * sizeof *run->words, "loading rows");
  run->words = words;
  uint32_t *entry = run->words + run->n_words;
  const uint32_t *before = part->n_entries ? entry - stride : NULL;
  for (uint32_t w = 0; w < stride; w++)
    for (uint32_t i = 0; i < n; i++, data += sizeof(uint32_t))
      memcpy(entry + (size_t)i * stride + w, data, sizeof(uint32_t));
  run->n_words += n_words;
  part->n_entries += n;
  for (uint32_t i = 0; i < n; i++, before = entry, entry += stride)
    if (!entry_is_valid(l, entry, before))
      return damaged(error);
  return NONET_OK;
}
