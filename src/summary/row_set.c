/*
 * The rows of a scope as plain arrays (multiset.h): for every label the buckets of the cells in
 * scope are merged by record, equal rows become one with a count.
 *
 * Cases: (1) with keys, rows of different cells stay apart even when their records are equal, since
 * their group values, hence their keys, differ; without keys they fall together. (2) Derived
 * predictions: binary score >= threshold; multiclass the first greatest score. (3) The row key is a
 * hash of values, never of codes: parts with other dictionaries agree. It is the id's when there is
 * one, else it covers the cell's group values, the label's class name, scores, the names of given
 * predictions, target, weight and cluster. (4) No rows in scope: n = 0, arrays are there. (5) A
 * cell or label that does not occur costs nothing but its bucket's look.
 *
 * Two walks: the first counts, so that arrays have their size; labels are independent and are
 * shared out to threads.
 */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "summary/cell_span.h"
#include "summary/multiset_private.h"

struct reading {
  const struct multiset *rows;
  const struct roles *roles;
  const bool *in_scope;
  struct cell_span span;
  bool with_keys;
  struct row_set *set;
  uint64_t *cell_key;  /* [n_cells] hash of the group values */
  uint64_t *class_key; /* [n_labels] hash of the class name */
  size_t *begin;     /* [n_labels + 1] first distinct row of each label, after the counting walk */
  uint64_t *n_rows;  /* [n_labels] */
  bool *has_repeats; /* [n_labels] a count above 1 */
  bool is_filling;
};

/* ---- keys (3) ---- */

static uint64_t text_key(const char *text, uint64_t seed) {
  return text ? hash_64(text, strlen(text), seed) : hash_mix(seed, 0x6E756C6C);
}

static nonet_status make_prefixes(struct reading *r, nonet_error *error) {
  const struct roles *roles = r->roles;
  const struct row_layout *l = &r->rows->layout;
  r->cell_key = memory_zeroed(l->n_cells, sizeof *r->cell_key);
  r->class_key = memory_zeroed(l->n_labels, sizeof *r->class_key);
  if (!r->cell_key || !r->class_key)
    return error_memory(error, l->n_cells * sizeof(uint64_t), "row keys");
  for (size_t c = r->span.first; c < r->span.end; c++)
    for (size_t g = 0; g < roles->n_groups && roles->cell_values; g++) {
      uint32_t value = roles->cell_values[c * roles->n_groups + g];
      const char *name = value < roles->groups[g].n_values ? roles->groups[g].values[value] : NULL;
      r->cell_key[c] = hash_mix(r->cell_key[c], text_key(name, g + 1));
    }
  for (size_t k = 0; k < roles->n_classes; k++)
    r->class_key[k] = text_key(roles->classes[k], 0);
  return NONET_OK;
}

static uint64_t double_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static uint64_t row_key(const struct reading *r, const uint32_t *record, uint32_t cell,
                        uint32_t label) {
  const struct row_layout *l = &r->rows->layout;
  if (l->id != ROW_ABSENT) {
    uint64_t id = row_layout_word64(record, l->id);
    return hash_64(&id, sizeof id, 0);
  }
  uint64_t words[32];
  uint64_t key = hash_mix(r->cell_key[cell], r->class_key[label]);
  size_t n = 0;
  for (int s = 0; s < N_STREAMS; s++)
    for (size_t k = 0; l->score[s] != ROW_ABSENT && k < l->n_scores; k++) {
      words[n++] = double_bits(row_layout_score(l, record, s, k));
      if (n == 32)
        key = hash_64(words, sizeof words, key), n = 0;
    }
  key = hash_64(words, n * sizeof *words, key);
  n = 0;
  for (int s = 0; s < N_STREAMS; s++)
    if (l->prediction[s] != ROW_ABSENT)
      words[n++] = r->class_key[record[l->prediction[s]]];
  if (l->target != ROW_ABSENT)
    words[n++] = double_bits(row_layout_double(record, l->target));
  if (l->weight != ROW_ABSENT)
    words[n++] = double_bits(row_layout_double(record, l->weight));
  if (l->cluster != ROW_ABSENT)
    words[n++] = row_layout_word64(record, l->cluster);
  return n ? hash_64(words, n * sizeof *words, key) : key;
}

/* ---- one distinct row ---- */

/* (2) */
static uint32_t derived_prediction(const struct roles *roles, int stream, const double *score,
                                   size_t n_scores) {
  if (roles->task == TASK_BINARY)
    return score[0] >= roles->threshold[stream];
  uint32_t top = 0;
  for (size_t k = 1; k < n_scores; k++)
    if (score[k] > score[top])
      top = (uint32_t)k;
  return top;
}

static void put_row(const struct reading *r, size_t i, const struct row_cursor *top, uint32_t label,
                    uint64_t count) {
  const struct row_layout *l = &r->rows->layout;
  struct row_set *set = r->set;
  const uint32_t *record = top->record;
  if (set->count)
    set->count[i] = count;
  if (set->label)
    set->label[i] = label;
  for (int s = 0; s < N_STREAMS; s++) {
    double *score = set->score[s] ? set->score[s] + i * set->n_scores : NULL;
    for (size_t k = 0; score && k < set->n_scores; k++)
      score[k] = row_layout_score(l, record, s, k);
    if (!set->prediction[s])
      continue;
    set->prediction[s][i] = l->prediction[s] != ROW_ABSENT
                                ? record[l->prediction[s]]
                                : derived_prediction(r->roles, s, score, set->n_scores);
  }
  if (set->target)
    set->target[i] = row_layout_double(record, l->target);
  if (set->weight)
    set->weight[i] = row_layout_double(record, l->weight);
  if (set->cluster)
    set->cluster[i] = row_layout_word64(record, l->cluster);
  if (set->key)
    set->key[i] = row_key(r, record, top->cell, label);
  if (set->cell)
    set->cell[i] = top->cell;
}

/* ---- walking a label ---- */

struct walk {
  struct row_cursor *cursors;
  struct row_cursor **heap;
};

static nonet_status walk_open(const struct reading *r, uint32_t label, struct walk *w,
                              struct row_heap *heap, nonet_error *error) {
  const struct row_layout *l = &r->rows->layout;
  size_t n = 0, at = 0;
  for (size_t c = r->span.first; c < r->span.end; c++)
    n += r->in_scope[c] && r->rows->buckets[c * l->n_labels + label].n_entries;
  w->cursors = memory_zeroed(n, sizeof *w->cursors);
  w->heap = memory_new(n, sizeof *w->heap);
  if (!w->cursors || !w->heap)
    return error_memory(error, n * sizeof *w->cursors, "reading rows");
  for (size_t c = r->span.first; c < r->span.end; c++) {
    const struct row_bucket *bucket = &r->rows->buckets[c * l->n_labels + label];
    if (!r->in_scope[c] || !bucket->n_entries)
      continue;
    w->cursors[at].cell = (uint32_t)c;
    row_cursor_start(&w->cursors[at], bucket->entries, bucket->n_entries, l->n_words,
                     bucket->is_counted);
    w->heap[at] = &w->cursors[at];
    at++;
  }
  *heap = (struct row_heap){.cursor = w->heap, .n = n};
  row_heap_build(heap);
  return NONET_OK;
}

/* The count of the row on top of the heap; (1) without keys equal rows of the other cells are taken
 * too. `row` keeps the first. */
static uint64_t take_row(const struct reading *r, struct row_heap *heap, struct row_cursor *row) {
  *row = *heap->cursor[0];
  uint64_t count = row->count;
  row_heap_advance(heap);
  while (!r->with_keys && heap->n &&
         row_layout_compare(heap->cursor[0]->record, row->record, row->n_words) == 0) {
    count += heap->cursor[0]->count;
    row_heap_advance(heap);
  }
  return count;
}

static nonet_status walk_label(void *context, size_t label, size_t worker, nonet_error *error) {
  struct reading *r = context;
  struct walk w = {0};
  struct row_heap heap = {0};
  struct row_cursor row;
  (void)worker;
  nonet_status status = walk_open(r, (uint32_t)label, &w, &heap, error);
  size_t i = r->is_filling ? r->begin[label] : 0;
  while (!status && heap.n) {
    uint64_t count = take_row(r, &heap, &row);
    if (r->is_filling) {
      put_row(r, i, &row, (uint32_t)label, count);
    } else {
      r->n_rows[label] += count;
      r->has_repeats[label] |= count > 1;
    }
    i++;
  }
  if (!r->is_filling)
    r->begin[label + 1] = i;
  memory_free(w.cursors);
  memory_free(w.heap);
  return status;
}

/* ---- the arrays ---- */

static bool make(void *array, bool wanted, size_t n, size_t size_bytes) {
  if (!wanted)
    return true;
  void *block = memory_new(n, size_bytes);
  memcpy(array, &block, sizeof block);
  return block != NULL;
}

static nonet_status make_arrays(struct reading *r, bool has_repeats, nonet_error *error) {
  const struct row_layout *l = &r->rows->layout;
  struct row_set *set = r->set;
  size_t n = set->n;
  bool ok = make(&set->count, has_repeats, n, sizeof *set->count) &&
            make(&set->label, r->roles->task != TASK_REGRESSION && r->roles->n_classes > 0, n,
                 sizeof *set->label) &&
            make(&set->target, l->target != ROW_ABSENT, n, sizeof *set->target) &&
            make(&set->weight, l->weight != ROW_ABSENT, n, sizeof *set->weight) &&
            make(&set->cluster, l->cluster != ROW_ABSENT, n, sizeof *set->cluster) &&
            make(&set->cell, r->with_keys && l->n_cells > 1, n, sizeof *set->cell) &&
            make(&set->key, r->with_keys, n, sizeof *set->key);
  for (int s = 0; s < N_STREAMS && ok; s++) {
    bool has_score = l->score[s] != ROW_ABSENT;
    bool has_prediction =
        r->roles->task != TASK_REGRESSION &&
        (l->prediction[s] != ROW_ABSENT || (has_score && r->roles->n_classes > 0));
    ok = (!has_score || n <= SIZE_MAX / l->n_scores) &&
         make(&set->score[s], has_score, n * l->n_scores, sizeof *set->score[s]) &&
         make(&set->prediction[s], has_prediction, n, sizeof *set->prediction[s]);
  }
  return ok ? NONET_OK : error_memory(error, n * sizeof(double), "the rows of a scope");
}

nonet_status row_set_read(const struct multiset *rows, const struct roles *roles,
                          const bool *in_scope, bool with_keys, size_t n_threads,
                          struct row_set *set, nonet_error *error) {
  size_t n_labels = rows->layout.n_labels;
  *set = (struct row_set){.n_scores = rows->layout.n_scores};
  struct reading r = {.rows = rows,
                      .roles = roles,
                      .in_scope = in_scope,
                      .span = cell_span_of(in_scope, rows->layout.n_cells),
                      .with_keys = with_keys,
                      .set = set};
  bool has_repeats = false;
  nonet_status status = make_prefixes(&r, error);
  r.begin = memory_zeroed(n_labels + 1, sizeof *r.begin);
  r.n_rows = memory_zeroed(n_labels, sizeof *r.n_rows);
  r.has_repeats = memory_zeroed(n_labels, sizeof *r.has_repeats);
  if (!status && (!r.begin || !r.n_rows || !r.has_repeats))
    status = error_memory(error, n_labels * sizeof(size_t), "reading rows");
  if (!status)
    status = parallel_for(n_threads, n_labels, walk_label, &r, error);
  if (!status) {
    for (size_t k = 0; k < n_labels; k++) {
      r.begin[k + 1] += r.begin[k];
      set->n_rows += r.n_rows[k];
      has_repeats |= r.has_repeats[k];
    }
    set->n = r.begin[n_labels];
    status = make_arrays(&r, has_repeats, error);
  }
  r.is_filling = true;
  if (!status)
    status = parallel_for(n_threads, n_labels, walk_label, &r, error);
  memory_free(r.cell_key);
  memory_free(r.class_key);
  memory_free(r.begin);
  memory_free(r.n_rows);
  memory_free(r.has_repeats);
  if (status)
    row_set_clear(set);
  return status;
}

void row_set_clear(struct row_set *set) {
  memory_free(set->count);
  memory_free(set->label);
  memory_free(set->target);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(set->score[s]);
    memory_free(set->prediction[s]);
  }
  memory_free(set->weight);
  memory_free(set->cluster);
  memory_free(set->cell);
  memory_free(set->key);
  *set = (struct row_set){0};
}
