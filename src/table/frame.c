/*
 * Reading a frame.
 *
 *   key(row) = the seed, then every feature and extra of the row, or the id alone (rowkey.h)
 *
 * One scan over features and extras keeps the rows with the smallest keys (bottom-k sampling, Cohen
 * & Kaplan 2007); one pass over the roles fills in what those rows are.
 *
 * Cases:
 *  1. A row is copied only while its key may still be among the smallest: of N rows about
 *     k (1 + ln(N/k)) ever are. The rows that waited are cut back to k whenever there are 2k.
 *  2. Which of several equal keys are kept hangs on the order of the source: their rows are equal.
 *  3. A number that is null is NaN; a NaN stays one. A text column of nulls has no values.
 *  4. A row that the pass leaves out (--invalid drop) leaves the frame too. Rows without a label
 *     are never taken, so that the frame has k of those that can be used.
 *  5. The table's bindings belong to its roles: the scan has bindings of its own for its time.
 *  6. The engine writes types without a name here (times, intervals) as text: categories.
 */
#include "table/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/rowkey.h"
#include "table/tableparts.h"
#include "table/valueset.h"

/* A feature while it is read. */
struct gathering {
  struct valueset set; /* CATEGORY, in the order met */
  size_t source;       /* of the columns scanned */
};

struct kept {
  uint64_t key, row;
  size_t slot; /* of its values */
};

struct reading {
  struct table *table;
  const struct frame_request *request;
  struct frame *frame;
  struct scan scan;
  const char **names; /* [n_names] features, extras, label, id: what is scanned */
  size_t n_names, label, id;
  struct arrowcol *columns; /* [n_names] bound to the array at hand */
  struct gathering *gathering;
  struct kept *kept; /* [n_kept] in any order; their slots are 0 … n_kept − 1 */
  size_t n_kept, capacity;
  uint64_t limit; /* case 1: keys above it are not taken */
};

/* ---- columns ---- */

static size_t name_column(struct reading *reading, const char *name) {
  size_t i = 0;
  while (i < reading->n_names && strcmp(reading->names[i], name) != 0) {
    i++;
  }
  reading->n_names += i == reading->n_names;
  reading->names[i] = name;
  return i;
}

static nonet_status name_columns(struct reading *reading, nonet_error *error) {
  const struct frame_request *request = reading->request;
  const size_t n_most = request->n_features + request->n_extras + 2;
  reading->names = memory_new(n_most, sizeof *reading->names);
  reading->columns = memory_zeroed(n_most, sizeof *reading->columns);
  reading->label = reading->id = SIZE_MAX;
  if (reading->names == NULL || reading->columns == NULL) {
    return error_memory(error, n_most * sizeof *reading->columns, "the features");
  }
  for (size_t i = 0; i < request->n_features; i++) {
    name_column(reading, request->features[i]);
  }
  for (size_t i = 0; i < request->n_extras; i++) {
    name_column(reading, request->extras[i]);
  }
  if (request->label != NULL) {
    reading->label = name_column(reading, request->label);
  }
  if (request->id != NULL) {
    reading->id = name_column(reading, request->id);
  }
  return NONET_OK;
}

static nonet_status open_scan(struct reading *reading, nonet_error *error) {
  size_t *bindings = memory_new(reading->n_names + 1, sizeof *bindings);
  nonet_status status = bindings != NULL
                            ? NONET_OK
                            : error_memory(error, reading->n_names * sizeof *bindings, "a frame");
  if (status == NONET_OK) {
    status = plan_bind_columns(reading->table, reading->names, reading->n_names,
                               reading->request->what, bindings, error);
  }
  if (status == NONET_OK) {
    status = plan_settle_types(reading->table, error);
  }
  if (status == NONET_OK) {
    status = scan_open(&reading->scan, reading->table, bindings, reading->n_names, SCAN_ROWS,
                       NO_BINDING, 0, error);
  }
  memory_free(bindings);
  return status;
}

/* Bytes that nobody has called a text are no category: they need not be UTF-8. */
static bool is_plain(const struct arrow_type *type) {
  return type->kind != ARROWCOL_LIST && type->kind != ARROWCOL_OTHER && !arrow_type_is_bytes(type);
}

/* The features with a plain form become columns, the others are named. */
static nonet_status make_columns(struct reading *reading, nonet_error *error) {
  const struct frame_request *request = reading->request;
  struct frame *frame = reading->frame;
  const size_t n = request->n_features;
  frame->columns = memory_zeroed(n + 1, sizeof *frame->columns);
  frame->left_out = memory_zeroed(n + 1, sizeof *frame->left_out);
  reading->gathering = memory_zeroed(n + 1, sizeof *reading->gathering);
  if (frame->columns == NULL || frame->left_out == NULL || reading->gathering == NULL) {
    return error_memory(error, n * sizeof *frame->columns, "the features");
  }
  for (size_t i = 0; i < n; i++) {
    const struct arrow_type *type = &reading->scan.types[i];
    char *name = memory_text(request->features[i]);
    if (name == NULL) {
      return error_memory(error, strlen(request->features[i]), "a feature's name");
    }
    if (!is_plain(type)) {
      struct frame_left_out *out = &frame->left_out[frame->n_left_out++];
      out->name = name;
      arrow_type_name(type, out->type, sizeof out->type);
      continue;
    }
    const bool is_category = type->kind == ARROWCOL_TEXT || type->kind == ARROWCOL_DATE;
    reading->gathering[frame->n_columns].source = i;
    frame->columns[frame->n_columns++] =
        (struct frame_column){.name = name,
                              .kind = is_category ? FRAME_CATEGORY : FRAME_NUMBER,
                              .is_whole = true,
                              .is_beside = i + request->n_beside >= n};
  }
  return NONET_OK;
}

/* ---- rows ---- */

static bool grow_columns(struct reading *reading, size_t n_rows) {
  void *kept = reading->kept;
  size_t capacity = reading->capacity;
  bool fits = memory_grow(&kept, &capacity, n_rows, sizeof *reading->kept);
  reading->kept = kept;
  for (size_t c = 0; c < reading->frame->n_columns && fits; c++) {
    struct frame_column *column = &reading->frame->columns[c];
    if (column->kind == FRAME_NUMBER) {
      double *number = memory_resize(column->number, capacity, sizeof *number);
      fits = number != NULL;
      column->number = fits ? number : column->number;
    } else {
      uint32_t *code = memory_resize(column->code, capacity, sizeof *code);
      fits = code != NULL;
      column->code = fits ? code : column->code;
    }
  }
  reading->capacity = fits ? capacity : reading->capacity;
  return fits;
}

static int compare_kept(const void *a, const void *b) {
  const struct kept *x = a, *y = b;
  if (x->key != y->key) {
    return x->key < y->key ? -1 : 1;
  }
  return x->row < y->row ? -1 : x->row > y->row; /* case 2 */
}

/* Values into the order of `kept`, whose slots are numbered anew. */
static nonet_status reorder(struct reading *reading, size_t n, nonet_error *error) {
  void *moved = memory_new(n + 1, sizeof(double));
  if (moved == NULL) {
    return error_memory(error, n * sizeof(double), "a frame");
  }
  for (size_t c = 0; c < reading->frame->n_columns; c++) {
    struct frame_column *column = &reading->frame->columns[c];
    for (size_t i = 0; i < n; i++) {
      if (column->kind == FRAME_NUMBER) {
        ((double *)moved)[i] = column->number[reading->kept[i].slot];
      } else {
        ((uint32_t *)moved)[i] = column->code[reading->kept[i].slot];
      }
    }
    if (column->kind == FRAME_NUMBER) {
      memcpy(column->number, moved, n * sizeof *column->number);
    } else {
      memcpy(column->code, moved, n * sizeof *column->code);
    }
  }
  for (size_t i = 0; i < n; i++) {
    reading->kept[i].slot = i;
  }
  memory_free(moved);
  return NONET_OK;
}

/* The n_most rows with the smallest keys, sorted. */
static nonet_status cut_back(struct reading *reading, nonet_error *error) {
  const uint64_t most = reading->request->n_rows;
  if (reading->n_kept > 1) {
    qsort(reading->kept, reading->n_kept, sizeof *reading->kept, compare_kept);
  }
  if (most != 0 && reading->n_kept >= most) {
    reading->n_kept = (size_t)most;
    reading->limit = reading->kept[most - 1].key;
  }
  return reorder(reading, reading->n_kept, error);
}

static nonet_status take_value(struct frame_column *column, struct gathering *gathering,
                               const struct arrowcol *from, int64_t row, size_t slot,
                               nonet_error *error) {
  char buffer[ARROWCOL_TEXT_BYTES];
  const bool is_null = arrowcol_is_null(from, row);
  if (column->kind == FRAME_CATEGORY) {
    const struct value value =
        is_null ? (struct value){.kind = VALUE_NULL} : arrowcol_value(from, row, buffer);
    return valueset_add(&gathering->set, &value, &column->code[slot])
               ? NONET_OK
               : error_memory(error, value.length, "the values of a column");
  }
  if (is_null) {
    column->number[slot] = NAN;
  } else if (from->type->kind == ARROWCOL_BOOL) {
    column->number[slot] = arrowcol_value(from, row, buffer).number != 0 ? 1 : 0;
  } else {
    (void)arrowcol_doubles(from, row, 1, &column->number[slot], 1);
  }
  return NONET_OK;
}

static uint64_t key_of(const struct reading *reading, int64_t row) {
  uint64_t key = reading->request->seed;
  if (reading->id != SIZE_MAX) {
    return rowkey_mix(key, &reading->columns[reading->id], row);
  }
  for (size_t c = 0; c < reading->n_names; c++) {
    key = rowkey_mix(key, &reading->columns[c], row);
  }
  return key;
}

static nonet_status take_row(struct reading *reading, int64_t row, uint64_t source_row,
                             nonet_error *error) {
  nonet_status status = NONET_OK;
  if (reading->label != SIZE_MAX &&
      arrowcol_is_null(&reading->columns[reading->label], row)) { /* case 4 */
    return NONET_OK;
  }
  const uint64_t key = key_of(reading, row);
  if (key > reading->limit) { /* case 1 */
    return NONET_OK;
  }
  if (reading->n_kept == reading->capacity && !grow_columns(reading, reading->n_kept + 1)) {
    return error_memory(error, reading->n_kept * sizeof *reading->kept, "a frame");
  }
  const size_t slot = reading->n_kept++;
  reading->kept[slot] = (struct kept){key, source_row, slot};
  for (size_t c = 0; c < reading->frame->n_columns && status == NONET_OK; c++) {
    status = take_value(&reading->frame->columns[c], &reading->gathering[c],
                        &reading->columns[reading->gathering[c].source], row, slot, error);
  }
  if (status == NONET_OK && reading->request->n_rows != 0 &&
      reading->n_kept >= 2 * reading->request->n_rows) {
    status = cut_back(reading, error);
  }
  return status;
}

static nonet_status take_array(struct reading *reading, const struct ArrowArray *array,
                               nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < reading->n_names && status == NONET_OK; c++) {
    if (!arrowcol_bind(&reading->columns[c], &reading->scan.types[c],
                       array->children[reading->scan.child[c]])) {
      status = error_set(error, NONET_E_DATA, ARROWCOL_BROKEN, reading->names[c]);
    }
  }
  for (int64_t r = 0; r < array->length && status == NONET_OK; r++) {
    status = take_row(reading, array->offset + r, ++reading->frame->n_source, error);
  }
  return status;
}

static nonet_status scan_rows(struct reading *reading, struct progress *progress,
                              nonet_error *error) {
  nonet_status status = NONET_OK;
  bool at_end = false;
  reading->limit = UINT64_MAX;
  while (status == NONET_OK && !at_end) {
    struct ArrowArray array;
    bool is_owned = false;
    progress_report(progress, "features", reading->frame->n_source, 0);
    status = progress_check(progress, error);
    if (status == NONET_OK) {
      status = scan_next(&reading->scan, &array, &is_owned, error);
    }
    at_end = status == NONET_OK && array.release == NULL;
    if (status == NONET_OK && !at_end) {
      status = take_array(reading, &array, error);
      if (is_owned) {
        array.release(&array);
      }
    }
  }
  if (status == NONET_OK) {
    status = cut_back(reading, error);
  }
  return status == NONET_OK ? progress_check(progress, error) : status;
}

/* ---- the end of the columns ---- */

static int compare_codes(const void *a, const void *b) {
  const char *const *x = *(const char *const *const *)a, *const *y = *(const char *const *const *)b;
  return strcmp(*x, *y);
}

/* Codes by the names that occur, bytewise. */
static nonet_status settle_category(struct frame_column *column, struct valueset *set, size_t n,
                                    nonet_error *error) {
  uint32_t *code_of = memory_zeroed(set->n + 1, sizeof *code_of);
  char ***order = memory_new(set->n + 1, sizeof *order);
  column->values = memory_zeroed(set->n + 1, sizeof *column->values);
  nonet_status status = code_of != NULL && order != NULL && column->values != NULL
                            ? NONET_OK
                            : error_memory(error, set->n * sizeof *order, "the values of a column");
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    if (column->code[i] != VALUESET_NULL) {
      code_of[column->code[i]] = 1;
    }
  }
  for (size_t v = 0; v < set->n && status == NONET_OK; v++) {
    if (code_of[v] != 0) {
      order[column->n_values++] = &set->names[v];
    }
  }
  if (status == NONET_OK && column->n_values > 1) {
    qsort(order, column->n_values, sizeof *order, compare_codes);
  }
  for (size_t v = 0; v < column->n_values && status == NONET_OK; v++) {
    code_of[order[v] - set->names] = (uint32_t)v;
    column->values[v] = *order[v];
    *order[v] = NULL;
  }
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    const bool is_null = column->code[i] == VALUESET_NULL;
    column->n_null += is_null;
    column->code[i] = is_null ? FRAME_NULL : code_of[column->code[i]];
  }
  memory_free(code_of);
  memory_free(order);
  return status;
}

static void settle_number(struct frame_column *column, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const double x = column->number[i];
    column->n_null += isnan(x);
    column->is_whole = column->is_whole && (isnan(x) || x == floor(x));
  }
}

static nonet_status settle_columns(struct reading *reading, nonet_error *error) {
  struct frame *frame = reading->frame;
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK; c++) {
    struct frame_column *column = &frame->columns[c];
    if (column->kind == FRAME_NUMBER) {
      settle_number(column, frame->n_rows);
    } else {
      status = settle_category(column, &reading->gathering[c].set, frame->n_rows, error);
    }
  }
  return status;
}

static void reading_clear(struct reading *reading) {
  for (size_t c = 0; reading->gathering != NULL && c < reading->frame->n_columns; c++) {
    valueset_clear(&reading->gathering[c].set); /* names that were taken over are NULL */
  }
  memory_free(reading->gathering);
  memory_free(reading->names);
  memory_free(reading->columns);
  memory_free(reading->kept);
}

/* Case 5. */
static nonet_status read_features(struct reading *reading, struct progress *progress,
                                  nonet_error *error) {
  struct table *table = reading->table;
  const struct plan outer = table->plan;
  table->plan = (struct plan){0};
  nonet_status status = name_columns(reading, error);
  if (status == NONET_OK) {
    status = open_scan(reading, error);
  }
  if (status == NONET_OK) {
    status = make_columns(reading, error);
  }
  if (status == NONET_OK) {
    status = scan_rows(reading, progress, error);
  }
  scan_close(&reading->scan);
  plan_clear(&table->plan);
  table->plan = outer;
  return status;
}

static nonet_status keep_rows(struct reading *reading, nonet_error *error) {
  struct frame *frame = reading->frame;
  frame->n_rows = reading->n_kept;
  frame->key = memory_new(frame->n_rows + 1, sizeof *frame->key);
  frame->row = memory_new(frame->n_rows + 1, sizeof *frame->row);
  if (frame->key == NULL || frame->row == NULL) {
    return error_memory(error, frame->n_rows * sizeof *frame->key, "a frame");
  }
  for (size_t i = 0; i < frame->n_rows; i++) {
    frame->key[i] = reading->kept[i].key;
    frame->row[i] = reading->kept[i].row;
  }
  return NONET_OK;
}

/* ---- roles ---- */

struct placing {
  struct frame *frame;
  size_t *by_row; /* [n_rows] the frame's rows in the order of the source */
  bool *is_used;  /* [n_rows] */
};

struct row_place {
  uint64_t row;
  size_t at;
};

static int compare_place(const void *a, const void *b) {
  const struct row_place *x = a, *y = b;
  return x->row < y->row ? -1 : x->row > y->row;
}

static nonet_status placing_init(struct placing *placing, nonet_error *error) {
  const size_t n = placing->frame->n_rows;
  struct row_place *places = memory_new(n + 1, sizeof *places);
  placing->by_row = memory_new(n + 1, sizeof *placing->by_row);
  placing->is_used = memory_zeroed(n + 1, sizeof *placing->is_used);
  nonet_status status = places != NULL && placing->by_row != NULL && placing->is_used != NULL
                            ? NONET_OK
                            : error_memory(error, n * sizeof *places, "a frame");
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    places[i] = (struct row_place){placing->frame->row[i], i};
  }
  if (n > 1 && status == NONET_OK) {
    qsort(places, n, sizeof *places, compare_place);
  }
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    placing->by_row[i] = places[i].at;
  }
  memory_free(places);
  return status;
}

static size_t first_at_least(const struct placing *placing, uint64_t row) {
  size_t low = 0, high = placing->frame->n_rows;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (placing->frame->row[placing->by_row[middle]] < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static void copy_roles(struct frame *frame, size_t to, const struct role_batch *batch,
                       size_t from) {
#define COPY(field)                                                                                \
  if (frame->field != NULL)                                                                        \
  frame->field[to] = batch->field[from]
  COPY(label);
  COPY(target);
  COPY(cell);
  COPY(weight);
  COPY(cluster);
  COPY(prediction[STREAM_A]);
  COPY(prediction[STREAM_B]);
#undef COPY
  for (int s = 0; s < N_STREAMS; s++) {
    if (frame->score[s] != NULL) {
      memcpy(frame->score[s] + to * frame->n_scores, batch->score[s] + from * frame->n_scores,
             frame->n_scores * sizeof(double));
    }
  }
}

/* Workers have different rows, so they write to different places. */
static nonet_status place_batch(void *context, size_t worker, const struct role_batch *batch,
                                nonet_error *error) {
  (void)worker;
  (void)error;
  const struct placing *placing = context;
  struct frame *frame = placing->frame;
  size_t at = batch->n_rows > 0 ? first_at_least(placing, batch->row[0]) : 0;
  for (size_t k = 0; k < batch->n_rows && at < frame->n_rows; k++) {
    while (at < frame->n_rows && frame->row[placing->by_row[at]] < batch->row[k]) {
      at++;
    }
    if (at < frame->n_rows && frame->row[placing->by_row[at]] == batch->row[k]) {
      copy_roles(frame, placing->by_row[at], batch, k);
      placing->is_used[placing->by_row[at]] = true;
    }
  }
  return NONET_OK;
}

static nonet_status make_roles(struct frame *frame, const struct roles *roles, nonet_error *error) {
  const size_t n = frame->n_rows + 1;
  bool fits = true;
#define MAKE(field, wanted, each)                                                                  \
  if (fits && (wanted)) {                                                                          \
    frame->field = memory_zeroed(n * (each), sizeof *frame->field);                                \
    fits = frame->field != NULL;                                                                   \
  }
  frame->n_scores = roles->n_scores;
  MAKE(label, roles->has_label && roles->task != TASK_REGRESSION, 1)
  MAKE(target, roles->has_label && roles->task == TASK_REGRESSION, 1)
  MAKE(cell, roles->n_cells > 1, 1)
  MAKE(weight, roles->has_weight, 1)
  MAKE(cluster, roles->has_cluster, 1)
  for (int s = 0; s < N_STREAMS; s++) {
    MAKE(score[s], roles->has_score[s], roles->n_scores)
    MAKE(prediction[s], roles->has_prediction[s], 1)
  }
#undef MAKE
  return fits ? NONET_OK : error_memory(error, n * sizeof(double), "a frame");
}

/* Case 4. */
static void drop_unused(struct frame *frame, const bool *is_used) {
  const struct role_batch own = {
      .label = frame->label,
      .target = frame->target,
      .score = {frame->score[STREAM_A], frame->score[STREAM_B]},
      .prediction = {frame->prediction[STREAM_A], frame->prediction[STREAM_B]},
      .cell = frame->cell,
      .weight = frame->weight,
      .cluster = frame->cluster};
  size_t n = 0;
  for (size_t i = 0; i < frame->n_rows; i++) {
    if (!is_used[i]) {
      continue;
    }
    if (n != i) {
      frame->key[n] = frame->key[i];
      frame->row[n] = frame->row[i];
      for (size_t c = 0; c < frame->n_columns; c++) {
        struct frame_column *column = &frame->columns[c];
        if (column->kind == FRAME_NUMBER) {
          column->number[n] = column->number[i];
        } else {
          column->code[n] = column->code[i];
        }
      }
      copy_roles(frame, n, &own, i);
    }
    n++;
  }
  frame->n_rows = n;
}

static nonet_status read_roles(struct table *table, const struct roles *roles, struct frame *frame,
                               struct progress *progress, nonet_error *error) {
  struct placing placing = {.frame = frame};
  struct role_tally tally;
  nonet_status status = make_roles(frame, roles, error);
  if (status == NONET_OK) {
    status = placing_init(&placing, error);
  }
  if (status == NONET_OK) {
    table->hands_rows = true;
    status = table_pass(table, roles, place_batch, &placing, &tally, progress, error);
    table->hands_rows = false;
  }
  if (status == NONET_OK) {
    drop_unused(frame, placing.is_used);
  }
  memory_free(placing.by_row);
  memory_free(placing.is_used);
  return status;
}

/* ---- the frame ---- */

nonet_status frame_read(struct table *table, const struct frame_request *request,
                        struct frame *frame, struct progress *progress, nonet_error *error) {
  struct reading reading = {.table = table, .request = request, .frame = frame};
  *frame = (struct frame){0};
  nonet_status status = read_features(&reading, progress, error);
  if (status == NONET_OK) {
    status = keep_rows(&reading, error);
  }
  if (status == NONET_OK && request->roles != NULL) {
    status = read_roles(table, request->roles, frame, progress, error);
  }
  if (status == NONET_OK) {
    status = settle_columns(&reading, error);
  }
  reading_clear(&reading);
  if (status != NONET_OK) {
    frame_clear(frame);
  }
  return status;
}

void frame_clear(struct frame *frame) {
  for (size_t c = 0; c < frame->n_columns; c++) {
    struct frame_column *column = &frame->columns[c];
    for (size_t v = 0; column->values != NULL && v < column->n_values; v++) {
      memory_free(column->values[v]);
    }
    memory_free(column->values);
    memory_free(column->number);
    memory_free(column->code);
    memory_free(column->name);
  }
  for (size_t i = 0; i < frame->n_left_out; i++) {
    memory_free(frame->left_out[i].name);
  }
  memory_free(frame->columns);
  memory_free(frame->left_out);
  memory_free(frame->key);
  memory_free(frame->row);
  memory_free(frame->label);
  memory_free(frame->target);
  memory_free(frame->cell);
  memory_free(frame->weight);
  memory_free(frame->cluster);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(frame->score[s]);
    memory_free(frame->prediction[s]);
  }
  *frame = (struct frame){0};
}

const struct frame_column *frame_find(const struct frame *frame, const char *name) {
  for (size_t c = 0; c < frame->n_columns; c++) {
    if (strcmp(frame->columns[c].name, name) == 0) {
      return &frame->columns[c];
    }
  }
  return NULL;
}
