/*
 * Profiles.
 *
 * Cases:
 *  1. The content of a row is the 64-bit key of its features (table/rowkey.h). Two different rows
 *     among n share one with a chance of n²/2^65: 1e7 rows, 3 in a million.
 *  2. When more contents differ than memory holds, only those whose key begins with a zero bit are
 *     kept, then two, and so on: a sample of contents, each with all of its rows, that depends on
 *     the contents alone. The share of copies among its rows estimates the share among all.
 *  3. A column is constant when no two of its values that are there differ; it is compared only
 *     until two do, and nulls are counted apart.
 *  4. A label is told by its key, as roles have it: 1, 1.0 and "1" are one class.
 *  5. A row without features has no content: there are no copies to count.
 */
#include "measure/data/data_profile.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "table/arrowcol.h"
#include "table/columns.h"
#include "table/rowkey.h"

#define NO_CLASS UINT32_MAX
#define SLICE_ROWS 4096
#define DEFAULT_MEMORY_BYTES ((uint64_t)512 << 20)
#define LEAST_SLOTS 1024

/* count 0: empty. label: the first one met; disagrees when another came. */
struct profile_slot {
  uint64_t key;
  uint32_t count;
  uint32_t label : 31, disagrees : 1;
};

/* ---- copies ---- */

static bool is_kept(const struct profile_copies *copies, uint64_t key) {
  return copies->shift == 0 || key >> (64 - copies->shift) == 0; /* case 2 */
}

static struct profile_slot *slot_of(struct profile_slot *slots, size_t capacity, uint64_t key) {
  size_t at = (size_t)key & (capacity - 1);
  while (slots[at].count != 0 && slots[at].key != key) {
    at = (at + 1) & (capacity - 1);
  }
  return &slots[at];
}

/* Everything that is still kept into a table of this size. */
static nonet_status rehash(struct profile_copies *copies, size_t capacity, nonet_error *error) {
  struct profile_slot *slots = memory_zeroed(capacity, sizeof *slots);
  if (slots == NULL) {
    return error_memory(error, capacity * sizeof *slots, "the contents of rows");
  }
  copies->n_distinct = 0;
  copies->n_seen = 0;
  for (size_t i = 0; i < copies->capacity; i++) {
    const struct profile_slot *from = &copies->slot[i];
    if (from->count != 0 && is_kept(copies, from->key)) {
      *slot_of(slots, capacity, from->key) = *from;
      copies->n_distinct++;
      copies->n_seen += from->count;
    }
  }
  memory_free(copies->slot);
  copies->slot = slots;
  copies->capacity = capacity;
  return NONET_OK;
}

static nonet_status make_room(struct profile_copies *copies, nonet_error *error) {
  if (copies->capacity == 0) {
    return rehash(copies, LEAST_SLOTS, error);
  }
  if (2 * copies->n_distinct < copies->capacity) {
    return NONET_OK;
  }
  if (copies->most == 0 || 2 * copies->capacity <= copies->most) {
    return rehash(copies, 2 * copies->capacity, error);
  }
  copies->shift++;
  return rehash(copies, copies->capacity, error);
}

nonet_status profile_copies_add(struct profile_copies *copies, uint64_t key, uint32_t label,
                                nonet_error *error) {
  nonet_status status = make_room(copies, error);
  if (status != NONET_OK || !is_kept(copies, key)) {
    return status;
  }
  struct profile_slot *slot = slot_of(copies->slot, copies->capacity, key);
  const uint32_t code = label & 0x7fffffffu;
  if (slot->count == 0) {
    *slot = (struct profile_slot){.key = key, .label = code};
    copies->n_distinct++;
  }
  slot->disagrees |= slot->label != code;
  slot->count += slot->count < UINT32_MAX;
  copies->n_seen++;
  return NONET_OK;
}

void profile_copies_finish(struct profile_copies *copies) {
  copies->n_disagree = 0;
  for (size_t i = 0; i < copies->capacity; i++) {
    copies->n_disagree += copies->slot[i].disagrees ? copies->slot[i].count : 0;
  }
}

bool profile_copies_has(const struct profile_copies *copies, uint64_t key) {
  return copies->capacity > 0 && slot_of(copies->slot, copies->capacity, key)->count != 0;
}

void profile_copies_clear(struct profile_copies *copies) {
  memory_free(copies->slot);
  *copies = (struct profile_copies){0};
}

/* ---- reading ---- */

struct watch { /* of a column, case 3 */
  bool has_value;
  uint64_t key;
};

struct reading {
  const struct profile_request *request;
  struct data_profile *profile;
  size_t n_names; /* features, then the label when there is one */
  const char **names;
  const struct arrow_type *types; /* [n_names] borrowed */
  struct arrowcol *columns;       /* [n_names] bound to the batch */
  uint64_t *class_key;            /* [n_classes] */
  struct watch *watch;            /* [n_features] */
  uint64_t *key;                  /* [n_rows of the batch] */
  uint32_t *label;                /* [n_rows of the batch] */
  size_t n_rows, capacity;
};

static bool has_classes(const struct reading *reading) {
  return reading->request->label != NULL && reading->request->n_classes > 0;
}

static uint32_t class_of(const struct reading *reading, int64_t row) {
  const struct arrowcol *column = &reading->columns[reading->request->n_features];
  char buffer[ARROWCOL_TEXT_BYTES];
  if (arrowcol_is_null(column, row)) {
    return NO_CLASS;
  }
  const struct value value = arrowcol_value(column, row, buffer);
  const uint64_t key = value_key(&value);
  for (size_t c = 0; c < reading->request->n_classes; c++) {
    if (reading->class_key[c] == key) {
      return (uint32_t)c;
    }
  }
  return NO_CLASS;
}

/* Keys and classes of some rows of the batch: rows do not wait for each other. */
static nonet_status read_slice(void *context, size_t item, size_t worker, nonet_error *error) {
  struct reading *reading = context;
  const size_t from = item * SLICE_ROWS;
  const size_t to = from + SLICE_ROWS < reading->n_rows ? from + SLICE_ROWS : reading->n_rows;
  (void)worker;
  (void)error;
  for (size_t i = from; i < to; i++) {
    reading->key[i] = 0;
    reading->label[i] = NO_CLASS;
  }
  for (size_t c = 0; c < reading->request->n_features; c++) {
    for (size_t i = from; i < to; i++) {
      reading->key[i] = rowkey_mix(reading->key[i], &reading->columns[c], (int64_t)i);
    }
  }
  for (size_t i = from; i < to && has_classes(reading); i++) {
    reading->label[i] = class_of(reading, (int64_t)i);
  }
  return NONET_OK;
}

/* One column of the batch: columns do not wait for each other either. */
static nonet_status read_column(void *context, size_t item, size_t worker, nonet_error *error) {
  struct reading *reading = context;
  struct profile_column *column = &reading->profile->columns[item];
  const struct arrowcol *from = &reading->columns[item];
  struct watch *watch = &reading->watch[item];
  const bool has_nulls = arrowcol_has_nulls(from, 0, (int64_t)reading->n_rows);
  (void)worker;
  (void)error;
  for (size_t i = 0; i < reading->n_rows && (has_nulls || column->is_constant); i++) {
    if (has_nulls && arrowcol_is_null(from, (int64_t)i)) {
      const size_t n = reading->profile->n_classes;
      column->n_null++;
      column->null_of[reading->label[i] == NO_CLASS ? n : reading->label[i]]++;
    } else if (column->is_constant) {
      const uint64_t key = rowkey_mix(0, from, (int64_t)i);
      column->is_constant = !watch->has_value || watch->key == key;
      *watch = (struct watch){true, key};
    }
  }
  return NONET_OK;
}

static nonet_status bind_batch(struct reading *reading, const struct ArrowArray *batch,
                               nonet_error *error) {
  reading->n_rows = (size_t)batch->length;
  for (size_t c = 0; c < reading->n_names; c++) {
    if (!arrowcol_bind(&reading->columns[c], &reading->types[c], batch->children[c])) {
      return error_set(error, NONET_E_DATA, ARROWCOL_BROKEN, reading->names[c]);
    }
  }
  if (reading->n_rows > reading->capacity) {
    memory_free(reading->key);
    memory_free(reading->label);
    reading->key = memory_new(reading->n_rows, sizeof *reading->key);
    reading->label = memory_new(reading->n_rows, sizeof *reading->label);
    reading->capacity = reading->n_rows;
    if (reading->key == NULL || reading->label == NULL) {
      reading->capacity = 0;
      return error_memory(error, reading->n_rows * sizeof *reading->key, "a batch of rows");
    }
  }
  return NONET_OK;
}

static nonet_status count_rows(struct reading *reading, nonet_error *error) {
  struct data_profile *profile = reading->profile;
  const struct data_profile *other = reading->request->other;
  nonet_status status = NONET_OK;
  profile->n_rows += reading->n_rows;
  for (size_t i = 0; i < reading->n_rows && status == NONET_OK; i++) {
    const uint32_t label = reading->label[i];
    profile->class_rows[label == NO_CLASS ? profile->n_classes : label]++;
    if (reading->request->n_features == 0) { /* case 5 */
      continue;
    }
    if (other != NULL && is_kept(&other->copies, reading->key[i])) {
      profile->n_looked_up++;
      profile->n_found += profile_copies_has(&other->copies, reading->key[i]);
    }
    status = profile_copies_add(&profile->copies, reading->key[i], label, error);
  }
  return status;
}

static nonet_status read_batch(struct reading *reading, const struct ArrowArray *batch,
                               nonet_error *error) {
  const size_t n_threads = reading->request->n_threads;
  nonet_status status = bind_batch(reading, batch, error);
  if (status == NONET_OK) {
    status = parallel_for(n_threads, (reading->n_rows + SLICE_ROWS - 1) / SLICE_ROWS, read_slice,
                          reading, error);
  }
  if (status == NONET_OK) {
    status = parallel_for(n_threads, reading->request->n_features, read_column, reading, error);
  }
  return status == NONET_OK ? count_rows(reading, error) : status;
}

static nonet_status make_columns(struct reading *reading, nonet_error *error) {
  const struct profile_request *request = reading->request;
  struct data_profile *profile = reading->profile;
  bool fits = true;
  profile->n_classes = request->n_classes;
  profile->columns = memory_zeroed(request->n_features + 1, sizeof *profile->columns);
  profile->class_rows = memory_zeroed(request->n_classes + 1, sizeof *profile->class_rows);
  fits = profile->columns != NULL && profile->class_rows != NULL;
  for (size_t c = 0; c < request->n_features && fits; c++) {
    struct profile_column *column = &profile->columns[profile->n_columns++];
    column->name = memory_text(request->features[c]);
    column->null_of = memory_zeroed(request->n_classes + 1, sizeof *column->null_of);
    column->is_constant = true;
    fits = column->name != NULL && column->null_of != NULL;
  }
  return fits ? NONET_OK : error_memory(error, sizeof *profile->columns, "a profile");
}

static nonet_status reading_init(struct reading *reading, nonet_error *error) {
  const struct profile_request *request = reading->request;
  const size_t n = request->n_features + 1;
  const uint64_t memory = request->memory_bytes > 0 ? request->memory_bytes : DEFAULT_MEMORY_BYTES;
  reading->names = memory_zeroed(n, sizeof *reading->names);
  reading->columns = memory_zeroed(n, sizeof *reading->columns);
  reading->watch = memory_zeroed(n, sizeof *reading->watch);
  reading->class_key = memory_zeroed(request->n_classes + 1, sizeof *reading->class_key);
  if (reading->names == NULL || reading->columns == NULL || reading->watch == NULL ||
      reading->class_key == NULL) {
    return error_memory(error, n * sizeof *reading->columns, "a profile");
  }
  memcpy(reading->names, request->features, request->n_features * sizeof *reading->names);
  reading->n_names = request->n_features;
  if (has_classes(reading)) {
    reading->names[reading->n_names++] = request->label;
  }
  for (size_t c = 0; c < request->n_classes; c++) { /* case 4 */
    const char *name = request->classes[c] == NULL ? "" : request->classes[c];
    const struct value value = value_text(name, strlen(name));
    reading->class_key[c] = value_key(&value);
  }
  size_t most = LEAST_SLOTS;
  while (2 * most * sizeof(struct profile_slot) <= memory) {
    most *= 2;
  }
  reading->profile->copies.most = most;
  return make_columns(reading, error);
}

static void reading_clear(struct reading *reading) {
  memory_free(reading->names);
  memory_free(reading->columns);
  memory_free(reading->watch);
  memory_free(reading->class_key);
  memory_free(reading->key);
  memory_free(reading->label);
}

static nonet_status read_all(struct reading *reading, struct table_columns *columns,
                             struct progress *progress, nonet_error *error) {
  nonet_status status = NONET_OK;
  reading->types = table_columns_types(columns);
  while (status == NONET_OK) {
    struct ArrowArray batch;
    status = table_columns_next(columns, &batch, error);
    if (status != NONET_OK || batch.release == NULL) {
      break;
    }
    status = read_batch(reading, &batch, error);
    batch.release(&batch);
    progress_report(progress, "profile", reading->profile->n_rows, 0);
    status = status == NONET_OK ? progress_check(progress, error) : status;
  }
  return status;
}

nonet_status data_profile_read(struct table *table, const struct profile_request *request,
                               struct data_profile *profile, struct progress *progress,
                               nonet_error *error) {
  struct reading reading = {.request = request, .profile = profile};
  struct table_columns *columns = NULL;
  *profile = (struct data_profile){0};
  nonet_status status = reading_init(&reading, error);
  if (status == NONET_OK) {
    status =
        table_columns_look(table, reading.names, reading.n_names, request->what, &columns, error);
  }
  if (status == NONET_OK) {
    status = read_all(&reading, columns, progress, error);
  }
  table_columns_close(columns);
  reading_clear(&reading);
  profile_copies_finish(&profile->copies);
  if (status != NONET_OK) {
    data_profile_clear(profile);
  }
  return status;
}

void data_profile_clear(struct data_profile *profile) {
  for (size_t c = 0; c < profile->n_columns; c++) {
    memory_free(profile->columns[c].name);
    memory_free(profile->columns[c].null_of);
  }
  memory_free(profile->columns);
  memory_free(profile->class_rows);
  profile_copies_clear(&profile->copies);
  *profile = (struct data_profile){0};
}
