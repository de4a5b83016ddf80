/*
 * One scope, and what its measures share.
 *
 * The cases:
 *  1. Plain scopes read the count table; where the set keeps none, and with weights or clusters,
 * tables are summed from the rows in their canonical order, so that the sums repeat.
 *  2. A class view maps labels and predictions to 0 and 1 while it reads; what is kept in the cache
 * is already of the class.
 *  3. A scope without rows: empty tables, n = 0; nothing fails.
 *  4. Everything is made at the first call and borrowed from then on; view_clear frees it.
 */
#include "measure/view.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "measure/view_cache.h"

size_t view_n_threads(const struct view *view) {
  return view->options->n_threads > 0 ? view->options->n_threads : 1;
}

nonet_status view_init(const struct summary_set *set, const bool *in_scope, int class_index,
                       const struct view_options *options, struct view *view, nonet_error *error) {
  *view =
      (struct view){.set = set, .options = options, .class_index = class_index, .n_effective = 0};
  view->is_plain = !set->roles.has_weight && !set->roles.has_cluster;
  view->task = class_index >= 0 ? TASK_BINARY : set->roles.task;
  view->n_classes = class_index >= 0 ? 2 : set->roles.n_classes;
  if (class_index >= 0 && (size_t)class_index >= set->roles.n_classes) {
    return error_set(error, NONET_E_INTERNAL, "class %d asked of %zu classes", class_index,
                     set->roles.n_classes);
  }
  size_t n_cells = set->roles.n_cells;
  view->in_scope = memory_new(n_cells, sizeof(bool));
  view->cache = memory_zeroed(1, sizeof *view->cache);
  if (view->in_scope == NULL || view->cache == NULL) {
    view_clear(view);
    return error_memory(error, n_cells + sizeof *view->cache, "a view");
  }
  if (in_scope != NULL) {
    memcpy(view->in_scope, in_scope, n_cells * sizeof(bool));
  } else {
    memset(view->in_scope, true, n_cells * sizeof(bool));
  }
  return NONET_OK;
}

void view_clear(struct view *view) {
  struct view_cache *cache = view->cache;
  if (cache != NULL) {
    while (cache->keys != NULL) {
      struct view_keyset *next = cache->keys->next;
      score_keys_clear(&cache->keys->keys);
      memory_free(cache->keys);
      cache->keys = next;
    }
    if (cache->has_rows) {
      row_set_clear(&cache->rows);
    }
    while (cache->arena != NULL) {
      struct view_block *next = cache->arena->next;
      memory_free(cache->arena->data);
      memory_free(cache->arena);
      cache->arena = next;
    }
  }
  memory_free(cache);
  memory_free(view->in_scope);
  view->cache = NULL;
  view->in_scope = NULL;
}

void view_note(struct view *view, const char *format, ...) {
  if (view->n_notes >= VIEW_NOTES) {
    return;
  }
  va_list arguments;
  va_start(arguments, format);
  char *note = view->note[view->n_notes];
  (void)vsnprintf(note, VIEW_NOTE_BYTES, format, arguments);
  va_end(arguments);
  for (size_t i = 0; i < view->n_notes; i++) {
    if (strcmp(view->note[i], note) == 0) {
      return;
    }
  }
  view->n_notes++;
}

void view_note_sample(struct view *view, size_t n_rows) {
  struct text words = {0};
  if (n_rows < view->frame->n_source) {
    text_grouped(&words, n_rows);
    text_append(&words, " of ");
    text_grouped(&words, view->frame->n_source);
    view_note(view, "%s rows, chosen by their content", words.failed ? "some" : words.data);
  }
  text_clear(&words);
}

void *view_arena(struct view *view, size_t n, size_t size_bytes) {
  struct view_block *block = memory_new(1, sizeof *block);
  void *data = memory_zeroed(n, size_bytes);
  if (block == NULL || data == NULL) {
    memory_free(block);
    memory_free(data);
    return NULL;
  }
  *block = (struct view_block){view->cache->arena, data};
  view->cache->arena = block;
  return data;
}

const char *view_sentence(struct view *view, const char *format, ...) {
  char text[VIEW_NOTE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  char *copy = view_arena(view, strlen(text) + 1, 1);
  if (copy == NULL) {
    return "not enough memory for the reason";
  }
  memcpy(copy, text, strlen(text) + 1);
  return copy;
}

const char *view_count(struct view *view, double n) {
  struct text text = {0};
  text_grouped(&text, (unsigned long long)fmax(0, n));
  const char *copy = view_sentence(view, "%s", text.data == NULL ? "?" : text.data);
  text_clear(&text);
  return copy;
}

bool view_has_rows(const struct view *view) {
  return view->set->rows != NULL;
}

/* The class a code stands for in this view. */
static uint32_t view_code(const struct view *view, uint32_t code) {
  return view->class_index < 0 ? code : code == (uint32_t)view->class_index; /* 2 */
}

static double row_weight(const struct row_set *rows, size_t i) {
  double count = rows->count == NULL ? 1 : (double)rows->count[i];
  return rows->weight == NULL ? count : count * rows->weight[i];
}

static bool view_reads_table(const struct view *view) {
  return view->is_plain && view->set->table != NULL;
}

static nonet_status confusion_from_rows(struct view *view, int stream, double *out,
                                        nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  if (rows->label == NULL || rows->prediction[stream] == NULL) {
    return error_set(error, NONET_E_INTERNAL,
                     "a confusion table was asked of rows without labels or predictions");
  }
  for (size_t i = 0; i < rows->n; i++) {
    out[rows->label[i] * view->n_classes + rows->prediction[stream][i]] += row_weight(rows, i);
  }
  return NONET_OK;
}

nonet_status view_confusion(struct view *view, int stream, const double **confusion, size_t *k,
                            nonet_error *error) {
  *k = view->n_classes;
  if (view->cache->confusion[stream] == NULL) {
    double *out = view_arena(view, *k * *k, sizeof *out);
    if (out == NULL) {
      return error_memory(error, *k * *k * sizeof *out, "a confusion table");
    }
    if (view_reads_table(view)) {
      size_t n;
      const struct count_entry *entry =
          count_table_entries_in(view->set->table, view->in_scope, &n);
      for (size_t i = 0; i < n; i++) {
        if (view->in_scope[entry[i].cell]) {
          uint32_t prediction = view_code(view, stream == STREAM_A ? entry[i].a : entry[i].b);
          out[view_code(view, entry[i].label) * *k + prediction] += (double)entry[i].count;
        }
      }
    } else {
      nonet_status status = confusion_from_rows(view, stream, out, error); /* 1 */
      if (status != NONET_OK) {
        return status;
      }
    }
    view->cache->confusion[stream] = out;
  }
  *confusion = view->cache->confusion[stream];
  return NONET_OK;
}

static int joint_order(const void *left, const void *right) {
  const struct view_joint_cell *x = left, *y = right;
  if (x->label != y->label) {
    return x->label < y->label ? -1 : 1;
  }
  if (x->a != y->a) {
    return x->a < y->a ? -1 : 1;
  }
  return (x->b > y->b) - (x->b < y->b);
}

/* A hash would be faster; cells that occur are few, and this is linear but for the sort of its
 * blocks. */
struct joint_gather {
  struct view_joint_cell *cells;
  size_t n, capacity, merge_at;
};

static void joint_merge(struct joint_gather *gather) {
  size_t n = 0;
  if (gather->n > 1) {
    qsort(gather->cells, gather->n, sizeof *gather->cells, joint_order);
  }
  for (size_t i = 0; i < gather->n; i++) {
    if (n > 0 && joint_order(&gather->cells[n - 1], &gather->cells[i]) == 0) {
      gather->cells[n - 1].weight += gather->cells[i].weight;
    } else {
      gather->cells[n++] = gather->cells[i];
    }
  }
  gather->n = n;
  gather->merge_at = n * 2 > 4096 ? n * 2 : 4096;
}

static nonet_status joint_add(struct joint_gather *gather, struct view_joint_cell cell,
                              nonet_error *error) {
  if (gather->n > 0 && joint_order(&gather->cells[gather->n - 1], &cell) == 0) {
    gather->cells[gather->n - 1].weight += cell.weight;
    return NONET_OK;
  }
  if (gather->n >= gather->merge_at) {
    joint_merge(gather);
  }
  if (!memory_grow((void **)&gather->cells, &gather->capacity, gather->n + 1, sizeof cell)) {
    return error_memory(error, (gather->n + 1) * sizeof cell, "a joint table");
  }
  gather->cells[gather->n++] = cell;
  return NONET_OK;
}

static nonet_status joint_from_table(struct view *view, struct joint_gather *gather,
                                     nonet_error *error) {
  size_t n;
  const struct count_entry *entry = count_table_entries_in(view->set->table, view->in_scope, &n);
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    if (view->in_scope[entry[i].cell]) {
      struct view_joint_cell cell = {view_code(view, entry[i].label), view_code(view, entry[i].a),
                                     view_code(view, entry[i].b), (double)entry[i].count};
      status = joint_add(gather, cell, error);
    }
  }
  return status;
}

/* Weighted sums must not depend on where blocks were merged: every cell is summed in the order of
   the rows. With few classes that is a dense array; with many, cells are gathered with weight 0
   first. */
static nonet_status joint_from_rows(struct view *view, struct joint_gather *gather,
                                    nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  if (rows->label == NULL || rows->prediction[STREAM_A] == NULL ||
      rows->prediction[STREAM_B] == NULL) {
    return error_set(error, NONET_E_INTERNAL,
                     "a joint table was asked of rows without labels or predictions");
  }
  for (size_t i = 0; i < rows->n && status == NONET_OK; i++) {
    struct view_joint_cell cell = {rows->label[i], rows->prediction[STREAM_A][i],
                                   rows->prediction[STREAM_B][i], 0};
    status = joint_add(gather, cell, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  joint_merge(gather);
  for (size_t i = 0; i < rows->n; i++) {
    struct view_joint_cell cell = {rows->label[i], rows->prediction[STREAM_A][i],
                                   rows->prediction[STREAM_B][i], 0};
    struct view_joint_cell *found =
        bsearch(&cell, gather->cells, gather->n, sizeof cell, joint_order);
    found->weight += row_weight(rows, i);
  }
  return NONET_OK;
}

nonet_status view_joint(struct view *view, const struct view_joint_cell **cells, size_t *n_cells,
                        nonet_error *error) {
  nonet_status status = NONET_OK;
  if (view->cache->joint == NULL) {
    struct joint_gather gather = {.merge_at = 4096};
    status = view_reads_table(view) && count_table_has_b(view->set->table)
                 ? joint_from_table(view, &gather, error)
                 : joint_from_rows(view, &gather, error);
    struct view_joint_cell *kept = NULL;
    if (status == NONET_OK) {
      joint_merge(&gather);
      kept = view_arena(view, gather.n, sizeof *kept);
      status =
          kept == NULL ? error_memory(error, gather.n * sizeof *kept, "a joint table") : NONET_OK;
    }
    if (status == NONET_OK) {
      if (gather.n > 0) {
        memcpy(kept, gather.cells, gather.n * sizeof *kept);
      }
      view->cache->joint = kept;
      view->cache->n_joint = gather.n;
    }
    memory_free(gather.cells);
  }
  *cells = view->cache->joint;
  *n_cells = view->cache->n_joint;
  return status;
}

/* Rows without reading any: the count table or a moment knows. */
static bool size_from_summaries(struct view *view) {
  if (!view->is_plain) {
    return false;
  }
  double n = 0;
  if (view->set->table != NULL) {
    size_t n_entries;
    const struct count_entry *entry =
        count_table_entries_in(view->set->table, view->in_scope, &n_entries);
    for (size_t i = 0; i < n_entries; i++) {
      n += view->in_scope[entry[i].cell] ? (double)entry[i].count : 0;
    }
  } else if (view->set->moments != NULL && moments_has(view->set->moments, MOMENT_ERROR)) {
    n = (double)moments_sums(view->set->moments, view->in_scope, MOMENT_ERROR, STREAM_A).n;
  } else {
    return false;
  }
  view->cache->n = view->cache->n_effective = n;
  return true;
}

nonet_status view_size(struct view *view, double *n, double *n_effective, nonet_error *error) {
  struct view_cache *cache = view->cache;
  if (!cache->has_size && !size_from_summaries(view)) {
    const struct row_set *rows;
    nonet_status status = view_rows(view, &rows, error);
    if (status != NONET_OK) {
      return status;
    }
    double sum = 0, squares = 0;
    for (size_t i = 0; i < rows->n; i++) {
      double count = rows->count == NULL ? 1 : (double)rows->count[i];
      double weight = rows->weight == NULL ? 1 : rows->weight[i];
      sum += count * weight;
      squares += count * weight * weight;
    }
    cache->n = (double)rows->n_rows;
    cache->n_effective = squares > 0 ? sum * sum / squares : 0;
  }
  cache->has_size = true;
  *n = cache->n;
  *n_effective = cache->n_effective;
  return NONET_OK;
}
