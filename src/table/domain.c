/*
 * The domain scan.
 *
 * Sources with SQL hand out the distinct combinations; the others hand out rows, of which each
 * worker collects its own sets, merged afterwards by name, so that the order of rows and the number
 * of workers leave no trace.
 *
 * Cases: 1. Integers of a narrow range (classes, mostly): a bit per value seen, without looking
 * anything up. 2. Rows without a label bring no group value. 3. More cells than the limit: an error
 * that names the column with most values, unless a column of numbers can become ranges. 4. Too many
 * labels: the set stops growing and says so; the caller knows what that means for the task. 5.
 * Columns with ranges have all of them as values, in their order, met or not.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "table/domain.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"

#define SLICE_ROWS 65536
#define MEMO_SLOTS 256

/* The last index of a number seen, by its low bits. */
struct memo {
  struct {
    uint64_t key;
    uint32_t index;
    bool is_set;
  } slot[MEMO_SLOTS];
};

struct tuples {
  uint32_t *items; /* [n][width] */
  size_t n, capacity, width;
  uint32_t *slots;
  size_t n_slots;
  size_t last; /* the tuple met last */
};

/* Integers low … low + last that were all met. */
struct int_run {
  int64_t low;
  uint32_t last;
  bool is_known;
};

struct collector {
  struct valueset labels, classes;
  struct int_run label_run, class_run;
  struct valueset *groups;
  struct memo *memos; /* [n_groups] */
  size_t n_groups;
  struct tuples tuples;
  uint32_t *row; /* [n_groups] */
  bool too_many_labels, too_many_cells;
};

static void collector_clear(struct collector *collector) {
  valueset_clear(&collector->labels);
  valueset_clear(&collector->classes);
  for (size_t g = 0; collector->groups && g < collector->n_groups; g++)
    valueset_clear(&collector->groups[g]);
  memory_free(collector->groups);
  memory_free(collector->memos);
  memory_free(collector->tuples.items);
  memory_free(collector->tuples.slots);
  memory_free(collector->row);
  memset(collector, 0, sizeof *collector);
}

static bool collector_init(struct collector *collector, size_t n_groups) {
  memset(collector, 0, sizeof *collector);
  collector->n_groups = n_groups;
  collector->tuples.width = n_groups;
  collector->tuples.last = SIZE_MAX;
  collector->groups = memory_zeroed(n_groups + 1, sizeof *collector->groups);
  collector->memos = memory_zeroed(n_groups + 1, sizeof *collector->memos);
  collector->row = memory_zeroed(n_groups + 1, sizeof *collector->row);
  if (collector->groups && collector->memos && collector->row)
    return true;
  collector_clear(collector);
  return false;
}

static size_t tuple_slot(const struct tuples *tuples, const uint32_t *tuple) {
  size_t bytes = tuples->width * sizeof *tuple;
  size_t at = (size_t)hash_64(tuple, bytes, 3) & (tuples->n_slots - 1);
  while (tuples->slots[at] &&
         memcmp(tuples->items + (tuples->slots[at] - 1) * tuples->width, tuple, bytes) != 0)
    at = (at + 1) & (tuples->n_slots - 1);
  return at;
}

static bool tuples_grow(struct tuples *tuples) {
  size_t n_slots = tuples->n_slots ? tuples->n_slots * 2 : 64;
  uint32_t *slots = memory_zeroed(n_slots, sizeof *slots);
  if (!slots)
    return false;
  memory_free(tuples->slots);
  tuples->slots = slots;
  tuples->n_slots = n_slots;
  for (size_t i = 0; i < tuples->n; i++)
    slots[tuple_slot(tuples, tuples->items + i * tuples->width)] = (uint32_t)i + 1;
  return true;
}

static bool tuples_add(struct tuples *tuples, const uint32_t *tuple) {
  size_t bytes = tuples->width * sizeof *tuple;
  if (tuples->last != SIZE_MAX &&
      memcmp(tuples->items + tuples->last * tuples->width, tuple, bytes) == 0)
    return true;
  if ((tuples->n + 1) * 2 > tuples->n_slots && !tuples_grow(tuples))
    return false;
  size_t slot = tuple_slot(tuples, tuple);
  if (!tuples->slots[slot]) {
    void *items = tuples->items;
    bool fits = memory_grow(&items, &tuples->capacity, (tuples->n + 1) * tuples->width,
                            sizeof *tuples->items);
    tuples->items = items;
    if (!fits)
      return false;
    memcpy(tuples->items + tuples->n * tuples->width, tuple, bytes);
    tuples->slots[slot] = (uint32_t)++tuples->n;
  }
  tuples->last = tuples->slots[slot] - 1;
  return true;
}

static nonet_status short_memory(nonet_error *error) {
  return error_memory(error, 1 << 16, "the values of labels and groups");
}

/* The values of a slice that are all inside a run of integers that was seen whole. a | b is at
 * least max(a, b), so mostly the bits of all distances tell; else each is compared. */
static bool inside_run(const struct int_run *run, const int64_t *from, int64_t n) {
  uint64_t all = 0, low = (uint64_t)run->low, over = 0;
  for (int64_t k = 0; k < n; k++)
    all |= (uint64_t)from[k] - low;
  if (all <= run->last || all > UINT32_MAX)
    return all <= run->last;
  for (int64_t k = 0; k < n; k++)
    over |= (uint64_t)run->last - ((uint64_t)from[k] - low); /* negative: outside */
  return over >> 63 == 0;
}

/* The bits as a run, when they are one. */
static void note_run(struct int_run *run, uint64_t base, uint64_t bits) {
  unsigned low = (unsigned)__builtin_ctzll(bits);
  uint64_t shifted = bits >> low;
  if (shifted & (shifted + 1))
    return;
  run->is_known = true;
  run->low = (int64_t)(base + low);
  run->last = (uint32_t)__builtin_popcountll(shifted) - 1;
}

/* Case 1: true when all n rows were taken. */
static bool collect_narrow(struct valueset *set, struct int_run *run, const struct arrowcol *column,
                           int64_t start, int64_t n) {
  if (column->type->kind != ARROWCOL_INT || column->type->is_dictionary || n == 0 ||
      arrowcol_has_nulls(column, start, n))
    return false;
  uint64_t bits = 0, wide = 0;
  int64_t first;
  if (!arrowcol_int64(column, start, &first))
    return false;
  uint64_t base = (uint64_t)first - 32;
  if (column->type->storage == NANOARROW_TYPE_INT64) {
    const int64_t *from = (const int64_t *)column->array->buffers[1] + column->offset + start;
    if (run->is_known && inside_run(run, from, n))
      return true;
    for (int64_t k = 0; k < n; k++) {
      uint64_t distance = (uint64_t)from[k] - base;
      wide |= distance;
      bits |= 1ULL << (distance & 63);
    }
  } else {
    for (int64_t k = 0; k < n; k++) {
      int64_t value;
      if (!arrowcol_int64(column, start + k, &value))
        return false;
      uint64_t distance = (uint64_t)value - base;
      wide |= distance;
      bits |= 1ULL << (distance & 63);
    }
  }
  if (wide > 63)
    return false;
  for (unsigned b = 0; b < 64; b++) {
    uint32_t index;
    struct value value = value_int((int64_t)(base + b));
    if ((bits >> b & 1) && !valueset_add(set, &value, &index))
      return false;
  }
  note_run(run, base, bits);
  return true;
}

static nonet_status collect_labels(struct collector *collector, struct valueset *set,
                                   const struct arrowcol *column, int64_t start, int64_t n,
                                   nonet_error *error) {
  struct int_run *run = set == &collector->labels ? &collector->label_run : &collector->class_run;
  if (collect_narrow(set, run, column, start, n))
    return NONET_OK;
  char buffer[ARROWCOL_TEXT_BYTES];
  for (int64_t k = 0; k < n && set->n <= DOMAIN_CLASSES_MOST; k++) {
    struct value value = arrowcol_value(column, start + k, buffer);
    uint32_t index;
    if (value.kind == VALUE_FLOAT && value.real != value.real)
      continue; /* NaN: the pass names its row */
    if (!valueset_add(set, &value, &index))
      return short_memory(error);
  }
  collector->too_many_labels |= set->n > DOMAIN_CLASSES_MOST;
  return NONET_OK;
}

/* Case 5. */
static nonet_status add_range(struct collector *collector, const struct table *table,
                              const struct domain_wanted *wanted, size_t g,
                              const struct value *value, nonet_error *error) {
  const uint32_t code = ranges_code(&wanted->ranges[g], value);
  collector->groups[g].saw_null |= code == RANGES_NULL;
  collector->row[g] = code == RANGES_NULL ? VALUESET_NULL : code;
  if (code != RANGES_NO_NUMBER)
    return NONET_OK;
  return error_set(error, NONET_E_DATA,
                   "--group: column '%s' has edges, which part numbers; found '%.*s'",
                   table->plan.bindings[wanted->groups[g]].request,
                   value->kind == VALUE_TEXT ? (int)(value->length < 60 ? value->length : 60) : 7,
                   value->kind == VALUE_TEXT ? value->text : "boolean");
}

static bool is_ranged(const struct domain_wanted *wanted, size_t g) {
  return wanted->ranges != NULL && wanted->ranges[g].n > 0;
}

static bool name_ranges(struct collector *collector, const struct domain_wanted *wanted) {
  bool made = true;
  for (size_t g = 0; g < wanted->n_groups && made; g++)
    for (size_t k = 0; is_ranged(wanted, g) && k <= wanted->ranges[g].n && made; k++) {
      struct text name = {0};
      uint32_t index;
      ranges_name(&wanted->ranges[g], k, &name);
      made =
          !name.failed && valueset_add_name(&collector->groups[g], name.data, name.length, &index);
      collector->groups[g].is_ordered = true;
      text_clear(&name);
    }
  return made;
}

static bool add_group_value(struct collector *collector, size_t g, const struct value *value,
                            uint32_t *index) {
  if (value->kind != VALUE_INT || collector->groups[g].n == 0)
    return valueset_add(&collector->groups[g], value, index);
  size_t slot = (size_t)value->number & (MEMO_SLOTS - 1);
  struct memo *memo = &collector->memos[g];
  if (memo->slot[slot].is_set && memo->slot[slot].key == (uint64_t)value->number) {
    *index = memo->slot[slot].index;
    return true;
  }
  if (!valueset_add(&collector->groups[g], value, index))
    return false;
  memo->slot[slot].key = (uint64_t)value->number;
  memo->slot[slot].index = *index;
  memo->slot[slot].is_set = true;
  return true;
}

nonet_status domain_too_many(const struct table *table, const struct domain_wanted *wanted,
                             const struct domain_found *found, nonet_error *error) {
  const struct valueset *groups = found->groups;
  size_t most = 0;
  for (size_t g = 1; g < wanted->n_groups; g++)
    if (groups[g].n > groups[most].n)
      most = g;
  return error_set(
      error, NONET_E_DATA,
      "the group and control columns make more than %d cells; '%s' has the most values (%zu or "
      "more): bin it, or leave it out",
      DOMAIN_CELLS_MOST, table->plan.bindings[wanted->groups[most]].request, groups[most].n);
}

static nonet_status collect_groups(const struct table *table, const struct domain_wanted *wanted,
                                   struct collector *collector, const struct arrowcol *columns,
                                   const struct arrowcol *not_null, int64_t start, int64_t n,
                                   nonet_error *error) {
  char buffer[ARROWCOL_TEXT_BYTES];
  for (int64_t k = 0; k < n && !collector->too_many_cells; k++) {
    if (not_null && arrowcol_is_null(not_null, start + k))
      continue;
    for (size_t g = 0; g < wanted->n_groups; g++) {
      struct value value = arrowcol_value(&columns[g], start + k, buffer);
      if (is_ranged(wanted, g)) {
        nonet_status status = add_range(collector, table, wanted, g, &value, error);
        if (status)
          return status;
      } else if (!add_group_value(collector, g, &value, &collector->row[g])) {
        return short_memory(error);
      }
    }
    if (!tuples_add(&collector->tuples, collector->row))
      return short_memory(error);
    collector->too_many_cells = collector->tuples.n > DOMAIN_CELLS_MOST;
  }
  return NONET_OK;
}

/* Where the columns of a scan stand: label, predictions, groups, then the column of not_null. */
struct layout {
  size_t *all;
  size_t n, label, prediction[N_STREAMS], groups, not_null;
};

static size_t layout_add(struct layout *layout, size_t binding) {
  if (binding == NO_BINDING)
    return SIZE_MAX;
  layout->all[layout->n] = binding;
  return layout->n++;
}

static bool layout_init(struct layout *layout, const struct domain_wanted *wanted) {
  memset(layout, 0, sizeof *layout);
  layout->all = memory_new(wanted->n_groups + N_STREAMS + 2, sizeof *layout->all);
  if (!layout->all)
    return false;
  layout->label = layout_add(layout, wanted->label);
  for (int s = 0; s < N_STREAMS; s++)
    layout->prediction[s] = layout_add(layout, wanted->prediction[s]);
  layout->groups = layout->n;
  for (size_t g = 0; g < wanted->n_groups; g++)
    layout_add(layout, wanted->groups[g]);
  layout->not_null = SIZE_MAX;
  return true;
}

struct collecting {
  struct table *table;
  const struct domain_wanted *wanted;
  const struct layout *layout;
  struct scan *scan;
  struct collector *collectors;
  struct progress *progress;
  const struct ArrowArray *const *arrays; /* of a caller's stream: [items] and where each begins */
  const int64_t *starts;
};

static nonet_status bind_column(const struct collecting *collecting, const struct ArrowArray *array,
                                size_t k, struct arrowcol *column, nonet_error *error) {
  size_t child = collecting->scan->child[k];
  if (child >= (size_t)array->n_children ||
      !arrowcol_bind(column, &collecting->scan->types[k], array->children[child]) ||
      column->length < array->length + array->offset)
    return error_set(error, NONET_E_DATA, "%s: " ARROWCOL_BROKEN, collecting->table->name,
                     collecting->table->plan.bindings[collecting->layout->all[k]].request);
  column->offset += array->offset;
  return NONET_OK;
}

static void mark_untyped(const struct collecting *collecting, size_t k, struct valueset *set) {
  const struct binding *binding = &collecting->table->plan.bindings[collecting->layout->all[k]];
  set->is_untyped |= collecting->table->kind == SOURCE_CSV && binding->column != SIZE_MAX;
}

static nonet_status collect_slice(struct collecting *collecting, struct collector *collector,
                                  const struct ArrowArray *array, int64_t start, int64_t n,
                                  nonet_error *error) {
  const struct domain_wanted *wanted = collecting->wanted;
  const struct layout *layout = collecting->layout;
  struct arrowcol label, column;
  nonet_status status = NONET_OK;
  if (layout->label != SIZE_MAX) {
    status = bind_column(collecting, array, layout->label, &label, error);
    mark_untyped(collecting, layout->label, &collector->labels);
    if (!status)
      status = collect_labels(collector, &collector->labels, &label, start, n, error);
  }
  for (int s = 0; s < N_STREAMS && !status; s++) {
    if (layout->prediction[s] == SIZE_MAX)
      continue;
    status = bind_column(collecting, array, layout->prediction[s], &column, error);
    mark_untyped(collecting, layout->prediction[s], &collector->classes);
    if (!status)
      status = collect_labels(collector, &collector->classes, &column, start, n, error);
  }
  if (status || wanted->n_groups == 0)
    return status;
  struct arrowcol *groups = memory_new(wanted->n_groups, sizeof *groups);
  if (!groups)
    return short_memory(error);
  for (size_t g = 0; g < wanted->n_groups && !status; g++) {
    status = bind_column(collecting, array, layout->groups + g, &groups[g], error);
    mark_untyped(collecting, layout->groups + g, &collector->groups[g]);
  }
  bool skip_null = layout->label != SIZE_MAX && wanted->not_null == wanted->label;
  struct arrowcol other;
  const struct arrowcol *not_null = skip_null ? &label : NULL;
  if (!status && !skip_null && layout->not_null != SIZE_MAX) {
    status = bind_column(collecting, array, layout->not_null, &other, error);
    not_null = &other;
  }
  if (!status)
    status =
        collect_groups(collecting->table, wanted, collector, groups, not_null, start, n, error);
  memory_free(groups);
  return status;
}

static nonet_status collect_item(void *context, size_t item, size_t worker, nonet_error *error) {
  struct collecting *collecting = context;
  nonet_status status = progress_check(collecting->progress, error);
  if (status)
    return status;
  const struct ArrowArray *array = collecting->arrays[item];
  int64_t start = collecting->starts[item], n = array->length - start;
  return collect_slice(collecting, &collecting->collectors[worker], array, start,
                       n < SLICE_ROWS ? n : SLICE_ROWS, error);
}

/* A caller's batches, sliced and shared among the workers. */
static nonet_status collect_stream(struct collecting *collecting, size_t n_workers,
                                   nonet_error *error) {
  struct table *table = collecting->table;
  size_t n_items = 0;
  for (size_t b = 0; b < table->n_batches; b++)
    n_items += ((size_t)table->batches[b].length + SLICE_ROWS - 1) / SLICE_ROWS;
  const struct ArrowArray **arrays = memory_new(n_items + 1, sizeof *arrays);
  int64_t *starts = memory_new(n_items + 1, sizeof *starts);
  nonet_status status = arrays && starts ? NONET_OK : short_memory(error);
  size_t item = 0;
  for (size_t b = 0; b < table->n_batches && !status; b++)
    for (int64_t start = 0; start < table->batches[b].length; start += SLICE_ROWS) {
      arrays[item] = &table->batches[b];
      starts[item++] = start;
    }
  collecting->arrays = arrays;
  collecting->starts = starts;
  if (!status && collecting->wanted->limit && n_items > 2)
    n_items = 2;
  if (!status)
    status = parallel_for(n_workers, n_items, collect_item, collecting, error);
  memory_free(arrays);
  memory_free(starts);
  return status;
}

static nonet_status collect_scan(struct collecting *collecting, nonet_error *error) {
  for (uint64_t n_rows = 0;;) {
    nonet_status status = progress_check(collecting->progress, error);
    struct ArrowArray array = {0};
    bool owned;
    if (!status)
      status = scan_next(collecting->scan, &array, &owned, error);
    if (status || !array.release)
      return status;
    status = collect_slice(collecting, &collecting->collectors[0], &array, 0, array.length, error);
    n_rows += (uint64_t)array.length;
    array.release(&array);
    if (status)
      return status;
    progress_report(collecting->progress, "values", n_rows, 0);
    if ((collecting->wanted->limit && n_rows >= collecting->wanted->limit) ||
        collecting->collectors[0].too_many_cells)
      return NONET_OK;
  }
}

/* Adds the names of one set to another; map[i] is the index in `into`. */
static bool merge_set(struct valueset *into, const struct valueset *from, uint32_t *map) {
  valueset_merge_flags(into, from);
  uint32_t index;
  for (size_t i = 0; i < from->n; i++)
    if (!valueset_add_name(into, from->names[i], strlen(from->names[i]), map ? &map[i] : &index))
      return false;
  return true;
}

static size_t largest_set(const struct valueset *sets, size_t n) {
  size_t most = 0;
  for (size_t g = 0; g < n; g++)
    most = sets[g].n > most ? sets[g].n : most;
  return most;
}

/* Translates every tuple by the maps, one row of `stride` per group. */
static bool merge_tuples(struct tuples *into, const struct tuples *from, const uint32_t *maps,
                         size_t stride, uint32_t *row) {
  for (size_t i = 0; i < from->n; i++) {
    for (size_t g = 0; g < from->width; g++) {
      uint32_t index = from->items[i * from->width + g];
      row[g] = index == VALUESET_NULL ? index : maps[g * stride + index];
    }
    if (!tuples_add(into, row))
      return false;
  }
  return true;
}

static bool merge_collector(struct collector *into, const struct collector *from) {
  into->too_many_labels |= from->too_many_labels;
  into->too_many_cells |= from->too_many_cells;
  if (!merge_set(&into->labels, &from->labels, NULL) ||
      !merge_set(&into->classes, &from->classes, NULL))
    return false;
  if (into->n_groups == 0)
    return true;
  size_t stride = largest_set(from->groups, from->n_groups) + 1;
  uint32_t *maps = memory_new(stride * into->n_groups, sizeof *maps);
  bool made = maps != NULL;
  for (size_t g = 0; g < into->n_groups && made; g++)
    made = merge_set(&into->groups[g], &from->groups[g], maps + g * stride);
  made = made && merge_tuples(&into->tuples, &from->tuples, maps, stride, into->row);
  memory_free(maps);
  return made;
}

/* Lexicographic; the null value has the largest index. */
static int compare_tuples(const void *a, const void *b, void *context) {
  const uint32_t *x = a, *y = b;
  size_t width = *(const size_t *)context;
  for (size_t g = 0; g < width; g++)
    if (x[g] != y[g])
      return x[g] < y[g] ? -1 : 1;
  return 0;
}

static nonet_status finish(struct collector *collector, struct domain_found *found,
                           nonet_error *error) {
  if (!merge_set(&collector->classes, &collector->labels, NULL))
    return short_memory(error);
  if (!valueset_finish(&collector->labels, NULL) || !valueset_finish(&collector->classes, NULL))
    return short_memory(error);
  if (collector->n_groups) {
    size_t stride = largest_set(collector->groups, collector->n_groups) + 1;
    uint32_t *maps = memory_new(stride * collector->n_groups, sizeof *maps);
    struct tuples tuples = {.width = collector->n_groups, .last = SIZE_MAX};
    bool made = maps != NULL;
    for (size_t g = 0; g < collector->n_groups && made; g++)
      made = valueset_finish(&collector->groups[g], maps + g * stride);
    made = made && merge_tuples(&tuples, &collector->tuples, maps, stride, collector->row);
    memory_free(maps);
    memory_free(tuples.slots);
    found->cells = tuples.items;
    found->n_cells = tuples.n;
    if (!made)
      return short_memory(error);
    found->too_many_cells = collector->too_many_cells || found->n_cells > DOMAIN_CELLS_MOST;
    size_t width = collector->n_groups;
    if (found->n_cells > 1)
      qsort_r(found->cells, found->n_cells, width * sizeof *found->cells, compare_tuples, &width);
  }
  found->too_many_labels = collector->too_many_labels;
  found->labels = collector->labels;
  found->classes = collector->classes;
  found->groups = collector->groups;
  found->n_groups = collector->n_groups;
  collector->labels = collector->classes = (struct valueset){0};
  collector->groups = NULL;
  return NONET_OK;
}

void domain_clear(struct domain_found *found) {
  valueset_clear(&found->labels);
  valueset_clear(&found->classes);
  for (size_t g = 0; found->groups && g < found->n_groups; g++)
    valueset_clear(&found->groups[g]);
  memory_free(found->groups);
  memory_free(found->cells);
  memset(found, 0, sizeof *found);
}

nonet_status domain_find(struct table *table, const struct domain_wanted *wanted,
                         struct domain_found *found, struct progress *progress,
                         nonet_error *error) {
  memset(found, 0, sizeof *found);
  bool is_stream = table->kind == SOURCE_STREAM;
  size_t n_workers = is_stream ? table->n_threads : 1, n_made = 0;
  struct layout layout = {0};
  struct scan scan = {.table = table};
  struct collector *collectors = memory_zeroed(n_workers, sizeof *collectors);
  nonet_status status = collectors && layout_init(&layout, wanted) ? NONET_OK : short_memory(error);
  while (!status && n_made < n_workers)
    if (collector_init(&collectors[n_made], wanted->n_groups)) {
      n_made++;
      if (!name_ranges(&collectors[n_made - 1], wanted))
        status = short_memory(error);
    } else {
      status = short_memory(error);
    }
  size_t not_null = wanted->not_null;
  if (!status && not_null != NO_BINDING && wanted->label != not_null &&
      table->kind != SOURCE_ENGINE && table->kind != SOURCE_CSV)
    layout.not_null = layout_add(&layout, not_null);
  if (!status)
    status = scan_open(&scan, table, layout.all, layout.n, SCAN_DISTINCT, not_null, wanted->limit,
                       error);
  struct collecting collecting = {.table = table,
                                  .wanted = wanted,
                                  .layout = &layout,
                                  .scan = &scan,
                                  .collectors = collectors,
                                  .progress = progress};
  if (!status)
    status = is_stream ? collect_stream(&collecting, n_workers, error)
                       : collect_scan(&collecting, error);
  for (size_t w = 1; w < n_made && !status; w++)
    if (!merge_collector(&collectors[0], &collectors[w]))
      status = short_memory(error);
  if (!status)
    status = finish(&collectors[0], found, error);
  if (status)
    domain_clear(found);
  scan_close(&scan);
  for (size_t w = 0; w < n_made; w++)
    collector_clear(&collectors[w]);
  memory_free(collectors);
  memory_free(layout.all);
  return status;
}
