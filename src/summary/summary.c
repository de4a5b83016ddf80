/*
 * The summary set: the kinds of one run together (summary.h).
 *
 * Cases: (1) workers of one run have equal roles and no history: their sums are added, nothing is
 * mapped. (2) Parts of one whole: roles are united; the set is built anew with the whole's codes
 * unless its own codes did not change. (3) A part without rows fits anything that was made from the
 * same columns: only its drop counters count. (4) A part that is in the set already is refused by
 * its fingerprint: the content of its summaries, which does not depend on order. Two small parts of
 * labels and predictions alone can have equal counts by chance: when their sources are known and
 * differ they are let in, unless they hold at least TELLING_ROWS rows with numbers in them. (5)
 * Weight, cluster or id given: the multiset of whole rows is always kept.
 */
#include "summary/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "summary/part_union.h"
#include "summary/state_file.h"

#define TELLING_ROWS 100
#define LEAST_BINS_BYTES (UINT64_C(256) << 20)

static uint64_t worker_share(const struct summary_set *set) {
  size_t n = set->n_workers ? set->n_workers : 1;
  return set->memory_bytes ? (set->memory_bytes / n ? set->memory_bytes / n : 1) : 0;
}

static uint64_t bins_limit(const struct summary_set *set) {
  uint64_t share = worker_share(set);
  return share && share < LEAST_BINS_BYTES ? LEAST_BINS_BYTES : share;
}

/* (5) and what the task allows: no terms without a label or scores. */
static unsigned settled_kinds(const struct roles *roles, unsigned kinds, bool is_row_store) {
  if (is_row_store)
    kinds |= SUMMARY_MULTISET;
  bool has_score = roles->has_score[STREAM_A] || roles->has_score[STREAM_B];
  if (!has_score || !roles->has_label ||
      (roles->task != TASK_BINARY && roles->task != TASK_MULTICLASS &&
       roles->task != TASK_REGRESSION))
    kinds &= ~(unsigned)(SUMMARY_MOMENTS | SUMMARY_MICROBINS);
  if (roles->task == TASK_REGRESSION)
    kinds &= ~(unsigned)SUMMARY_MICROBINS;
  if (kinds & SUMMARY_MULTISET)
    kinds &= ~(unsigned)SUMMARY_ROWS_IF_SMALL;
  return kinds;
}

/* Rows that were kept only while there are few go as soon as the whole is known to have more; which
 * worker or part noticed does not matter. */
static void drop_if_large(struct summary_set *set) {
  if (set->kinds & SUMMARY_ROWS_IF_SMALL && set->n_rows > SUMMARY_SMALL_ROWS) {
    multiset_free(set->rows);
    set->rows = NULL;
  }
}

static nonet_status make_kinds(struct summary_set *set, nonet_error *error) {
  nonet_status status = NONET_OK;
  if (set->kinds & SUMMARY_COUNT_TABLE)
    status = count_table_new(&set->roles, &set->table, error);
  if (!status && set->kinds & SUMMARY_MOMENTS)
    status = moments_new(&set->roles, set->quantile, &set->moments, error);
  if (!status && set->kinds & SUMMARY_MICROBINS)
    status = microbins_new(&set->roles, bins_limit(set), &set->bins, error);
  if (!status && set->kinds & (SUMMARY_MULTISET | SUMMARY_ROWS_IF_SMALL))
    status = multiset_new(&set->roles, worker_share(set), set->spill_folder, &set->rows, error);
  return status;
}

nonet_status summary_new(const struct roles *roles, const struct summary_options *options,
                         struct summary_set **out, nonet_error *error) {
  struct summary_set *set = memory_zeroed(1, sizeof *set);
  if (!set)
    return error_memory(error, sizeof *set, "the summaries");
  set->order.segments = &set->order.one;
  set->memory_bytes = options->memory_bytes;
  set->n_workers = options->n_workers;
  set->quantile = options->quantile;
  set->source_hash = options->source_hash;
  set->is_row_store = roles->has_weight || roles->has_cluster || roles->has_id;
  set->kinds = settled_kinds(roles, options->kinds, set->is_row_store);
  nonet_status status = roles_copy(roles, &set->roles, error);
  if (!status && options->spill_folder && !(set->spill_folder = memory_text(options->spill_folder)))
    status = error_memory(error, strlen(options->spill_folder), "the summaries");
  if (!status)
    status = batch_order_init(roles, &set->order, error);
  if (!status)
    status = make_kinds(set, error);
  if (status) {
    summary_free(set);
    return status;
  }
  *out = set;
  return NONET_OK;
}

void summary_free(struct summary_set *set) {
  if (!set)
    return;
  roles_clear(&set->roles);
  count_table_free(set->table);
  moments_free(set->moments);
  microbins_free(set->bins);
  multiset_free(set->rows);
  batch_order_clear(&set->order);
  memory_free(set->parts);
  memory_free(set->spill_folder);
  memory_free(set);
}

nonet_status summary_add(struct summary_set *set, const struct role_batch *batch,
                         nonet_error *error) {
  nonet_status status = NONET_OK;
  if (set->table)
    status = count_table_add(set->table, batch, error);
  if (set->moments || set->bins)
    batch_order_set(&set->order, batch, set->roles.n_scores);
  if (!status && set->moments)
    status = moments_add(set->moments, batch, &set->order, error);
  if (!status && set->bins)
    status = microbins_add(set->bins, batch, &set->order, error);
  if (!status && set->rows)
    status = multiset_add(set->rows, batch, error);
  set->n_rows += batch->n_rows;
  drop_if_large(set);
  return status;
}

/* ---- fingerprints ---- */

static nonet_status hash_block(void *context, const struct state_writer *block,
                               nonet_error *error) {
  uint64_t *hash = context;
  (void)error;
  *hash = hash_mix(*hash, hash_64(block->data, block->size, 1));
  return NONET_OK;
}

static nonet_status content_hash(const struct summary_set *set, uint64_t *hash,
                                 nonet_error *error) {
  struct state_writer writer = {0};
  nonet_status status = NONET_OK;
  if (set->table)
    count_table_save(set->table, &writer);
  if (set->moments)
    moments_save(set->moments, &writer);
  if (set->bins)
    microbins_save(set->bins, &writer);
  if (writer.failed)
    status = error_memory(error, writer.size, "the fingerprint of the rows");
  *hash = hash_64(writer.data ? (const void *)writer.data : "", writer.size, set->n_rows);
  state_writer_clear(&writer);
  if (!status && set->rows)
    status = multiset_save(set->rows, hash_block, hash, error);
  return status;
}

nonet_status summary_part_of(const struct summary_set *set, struct summary_part *part,
                             nonet_error *error) {
  const struct roles *roles = &set->roles;
  bool has_numbers = (set->moments || set->bins || set->rows) &&
                     (roles->has_score[STREAM_A] || roles->has_score[STREAM_B] || roles->has_id);
  *part = (struct summary_part){.source = set->source_hash,
                                .is_telling = has_numbers && set->n_rows >= TELLING_ROWS};
  return content_hash(set, &part->content, error);
}

uint64_t summary_fingerprint(const struct summary_set *set) {
  uint64_t hash = 0;
  return content_hash(set, &hash, NULL) ? 0 : hash;
}

static bool is_same_part(const struct summary_part *x, const struct summary_part *y) {
  if (x->content != y->content)
    return false;
  return x->source == y->source || !x->source || !y->source || x->is_telling;
}

static int compare_parts(const void *left, const void *right) {
  const struct summary_part *x = left, *y = right;
  if (x->content != y->content)
    return x->content < y->content ? -1 : 1;
  return x->source < y->source ? -1 : x->source > y->source;
}

/* A finished set is a part of its own until it is merged. */
static nonet_status need_parts(struct summary_set *set, nonet_error *error) {
  if (set->n_parts || !set->is_finished || !set->n_rows)
    return NONET_OK;
  struct summary_part *part = memory_new(1, sizeof *part);
  if (!part)
    return error_memory(error, sizeof *part, "the parts of a whole");
  nonet_status status = summary_part_of(set, part, error);
  if (status) {
    memory_free(part);
    return status;
  }
  memory_free(set->parts); /* of no parts */
  set->parts = part;
  set->n_parts = 1;
  return NONET_OK;
}

/* (4) */
static nonet_status unite_parts(struct summary_set *set, const struct summary_set *other,
                                nonet_error *error) {
  for (size_t i = 0; i < set->n_parts; i++)
    for (size_t j = 0; j < other->n_parts; j++)
      if (is_same_part(set->parts + i, other->parts + j))
        return error_set(
            error, NONET_E_DATA,
            "the same part twice: these rows were merged already; give each part once");
  size_t n = set->n_parts + other->n_parts;
  if (!other->n_parts)
    return NONET_OK;
  struct summary_part *parts = memory_resize(set->parts, n, sizeof *parts);
  if (!parts)
    return error_memory(error, n * sizeof *parts, "the parts of a whole");
  memcpy(parts + set->n_parts, other->parts, other->n_parts * sizeof *parts);
  qsort(parts, n, sizeof *parts, compare_parts);
  set->parts = parts;
  set->n_parts = n;
  return NONET_OK;
}

/* ---- merging ---- */

static nonet_status merge_kinds(struct summary_set *into, struct summary_set *from,
                                const struct code_map *map, nonet_error *error) {
  nonet_status status = NONET_OK;
  if (into->table)
    status = count_table_merge(into->table, from->table, map, error);
  if (!status && into->moments)
    status = moments_merge(into->moments, from->moments, map, error);
  if (!status && into->bins)
    status = microbins_merge(into->bins, from->bins, map, error);
  if (!status && into->rows && from->rows)
    status = multiset_merge(into->rows, from->rows, map, error);
  if (into->rows && !from->rows) { /* the other part alone was too large to keep rows */
    multiset_free(into->rows);
    into->rows = NULL;
  }
  return status;
}

static void swap_kinds(struct summary_set *x, struct summary_set *y) {
  struct summary_set held = *x;
  x->roles = y->roles, y->roles = held.roles;
  x->kinds = y->kinds, y->kinds = held.kinds;
  x->is_row_store = y->is_row_store, y->is_row_store = held.is_row_store;
  x->is_finished = y->is_finished, y->is_finished = held.is_finished;
  x->table = y->table, y->table = held.table;
  x->moments = y->moments, y->moments = held.moments;
  x->bins = y->bins, y->bins = held.bins;
  x->rows = y->rows, y->rows = held.rows;
  x->quantile = y->quantile, y->quantile = held.quantile;
  x->order = y->order, y->order = held.order;
  if (x->order.segments == &y->order.one)
    x->order.segments = &x->order.one;
  if (y->order.segments == &x->order.one)
    y->order.segments = &y->order.one;
}

/* Gives `set` the codes of the whole and makes it ready to be added to. (2) */
static nonet_status rebuild(struct summary_set *set, const struct roles *whole,
                            const struct code_map *map, nonet_error *error) {
  struct summary_options options = {.kinds = set->kinds,
                                    .memory_bytes = set->memory_bytes,
                                    .n_workers = set->n_workers,
                                    .spill_folder = set->spill_folder,
                                    .quantile = set->quantile};
  struct summary_set *fresh = NULL;
  nonet_status status = summary_new(whole, &options, &fresh, error);
  if (!status)
    status = merge_kinds(fresh, set, map, error);
  if (!status)
    swap_kinds(set, fresh);
  summary_free(fresh);
  return status;
}

static nonet_status same_kinds(const struct summary_set *a, const struct summary_set *b,
                               nonet_error *error) {
  if (a->kinds != b->kinds)
    return error_set(error, NONET_E_DATA,
                     "the parts do not belong together: they keep different summaries (%#x and "
                     "%#x); measure all parts with the same --only",
                     a->kinds, b->kinds);
  if (a->moments && a->roles.task == TASK_REGRESSION && a->quantile != b->quantile)
    return error_set(
        error, NONET_E_DATA,
        "the parts do not belong together: the quantile is %.17g in one and %.17g in the other",
        a->quantile, b->quantile);
  return NONET_OK;
}

static nonet_status merge_parts(struct summary_set *set, struct summary_set *other,
                                nonet_error *error) {
  struct roles whole = {0};
  struct code_map map, map_other;
  nonet_status status =
      part_union_make(&set->roles, &other->roles, &whole, &map, &map_other, error);
  if (status)
    return status;
  status = same_kinds(set, other, error);
  if (!status)
    status = unite_parts(set, other, error);
  if (!status && (set->is_finished || !part_union_is_identity(&map, &set->roles, &whole)))
    status = rebuild(set, &whole, &map, error);
  if (!status)
    status = merge_kinds(set, other, &map_other, error);
  part_union_clear_map(&map);
  part_union_clear_map(&map_other);
  roles_clear(&whole);
  return status;
}

static nonet_status merge_rows(struct summary_set *set, struct summary_set *other,
                               nonet_error *error) {
  nonet_status status = need_parts(set, error);
  if (!status)
    status = need_parts(other, error);
  if (status)
    return status;
  if (set->n_rows && other->n_rows)
    return merge_parts(set, other, error);
  status = part_union_columns(&set->roles, &other->roles, error); /* (3) */
  if (!status)
    status = unite_parts(set, other, error);
  if (!status && other->n_rows)
    swap_kinds(set, other);
  return status;
}

nonet_status summary_merge(struct summary_set *set, struct summary_set *other, nonet_error *error) {
  nonet_status status = merge_rows(set, other, error);
  if (status)
    return status;
  role_tally_add(&set->tally, &other->tally);
  set->n_rows += other->n_rows;
  drop_if_large(set);
  other->tally = (struct role_tally){0};
  other->n_rows = 0;
  other->n_parts = 0;
  return NONET_OK;
}

nonet_status summary_finish(struct summary_set *set, size_t n_threads, struct progress *progress,
                            nonet_error *error) {
  if (set->is_finished)
    return NONET_OK;
  nonet_status status = progress_check(progress, error);
  progress_report(progress, "sort", 0, set->n_rows);
  if (!status && set->table)
    status = count_table_finish(set->table, error);
  if (!status && set->rows)
    status = multiset_finish(set->rows, set->roles.id_column, n_threads, progress, error);
  if (status)
    return status;
  batch_order_clear(&set->order);
  progress_report(progress, "sort", set->n_rows, set->n_rows);
  set->is_finished = true;
  return NONET_OK;
}
