/*
 * Predicting in rounds.
 *
 *   pull arrays of the source until a round is full -> cut the kept rows into the models' fixed
 *   batches -> workers answer batches, each with its own sessions -> copy the columns with roles
 *
 * Cases:
 *  1. Batches are counted over the kept rows from the first one on, across arrays and rounds: a
 * model whose answers hang on its batch gets the same batches for any number of threads, any size
 * of the source's arrays. Rows that do not fill a batch wait for the next round.
 *  2. The last batch is shorter.
 *  3. An array is let go of once its last row is answered, so memory is bounded by a round, beside
 *     the columns that are kept.
 *  4. Both models see the same rows: their batches are the same when their batch sizes are.
 *  5. A sample is of rows by their place: a source that has another number of rows than it was
 * drawn from (a table that others write into) is an error.
 *  6. What numbers of unknown meaning are (logits?) is decided over the first round as a whole,
 * whose size hangs on nothing but the batches. A command tells only then whether it scores or
 * decides, so the schema is made behind the first round.
 *  7. Rows that a model does not answer although they fit it are told apart from rows that do not
 * fit: parallel_for hands on the error of the first bad batch, so that batch is looked at.
 */
#include "probe/predict.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "probe/rowcopy.h"

#define ROUND_BATCHES 32 /* of the larger batch, for any number of threads: case 6 */

static const char *const stream_names[N_STREAMS] = {"candidate", "baseline"};

struct predicting {
  struct table_columns *columns;
  const struct predict_request *request;
  const struct progress *progress;
  size_t n_threads, batch_rows[N_STREAMS];
  size_t unit_rows;                          /* the least common multiple of the batches */
  size_t round_rows;                         /* a multiple of it */
  struct model_session **session[N_STREAMS]; /* [n_threads] */
  struct arrow_type *types;                  /* [n_roles] */
  struct ArrowArray **arrays;                /* that hold rows not answered yet */
  size_t n_arrays, arrays_capacity;
  struct row_span *spans; /* the kept rows that are not answered yet */
  size_t n_spans, spans_capacity, n_waiting;
  size_t n_round;          /* rows that this round answers */
  atomic_size_t first_bad; /* case 7: 2 × its batch, + 1 when its model is to blame */
  uint64_t next_row;       /* of the source */
  uint64_t n_kept;
  bool at_end;
  double *scores[N_STREAMS];   /* [n_round][n_scores] */
  uint32_t *labels[N_STREAMS]; /* [n_round] */
  struct ArrowSchema schema;
  struct ArrowArray *made;
  size_t n_made, made_capacity;
};

void predict_score_name(int stream, size_t k, size_t n_scores, char name[48]) {
  if (n_scores == 1) {
    snprintf(name, 48, "%s's score", stream_names[stream]);
  } else {
    snprintf(name, 48, "%s's score %zu", stream_names[stream], k);
  }
}

const char *predict_label_name(int stream) {
  return stream == STREAM_A ? "candidate's prediction" : "baseline's prediction";
}

/* ---- opening ---- */

/* The distinct columns of roles, then of the models. */
static nonet_status open_columns(struct predicting *p, struct table *table, nonet_error *error) {
  const struct predict_request *request = p->request;
  size_t n = request->n_roles, n_most = n;
  size_t n_columns[N_STREAMS] = {0, 0};
  const char *const *columns[N_STREAMS] = {NULL, NULL};
  for (int s = 0; s < N_STREAMS; s++) {
    if (request->model[s] != NULL) {
      columns[s] = model_columns(request->model[s], &n_columns[s]);
    }
    n_most += n_columns[s];
  }
  const char **names = memory_new(n_most + 1, sizeof *names);
  if (names == NULL) {
    return error_memory(error, n_most * sizeof *names, "the columns of the models");
  }
  if (n > 0) {
    memcpy(names, request->roles, n * sizeof *names);
  }
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t c = 0; c < n_columns[s]; c++) {
      size_t known = 0;
      while (known < n && strcmp(names[known], columns[s][c]) != 0) {
        known++;
      }
      names[n] = columns[s][c];
      n += known == n;
    }
  }
  nonet_status status =
      table_columns_open(table, names, n, "the configuration", &p->columns, error);
  memory_free(names);
  return status;
}

static nonet_status take_types(struct predicting *p, nonet_error *error) {
  const struct ArrowSchema *schema = table_columns_schema(p->columns);
  p->types = memory_zeroed(p->request->n_roles + 1, sizeof *p->types);
  bool fits = p->types != NULL;
  for (size_t i = 0; i < p->request->n_roles && fits; i++) {
    fits = arrow_type_init(&p->types[i], schema->children[i]);
  }
  return fits ? NONET_OK : error_memory(error, sizeof *p->types, "a column's type");
}

static nonet_status open_sessions(struct predicting *p, int s, nonet_error *error) {
  struct model *model = p->request->model[s];
  nonet_status status =
      model_bind(model, table_columns_schema(p->columns), &p->request->target, error);
  p->batch_rows[s] = model_info(model)->batch_rows;
  p->session[s] = memory_zeroed(p->n_threads, sizeof *p->session[s]);
  if (status == NONET_OK && p->session[s] == NULL) {
    status = error_memory(error, p->n_threads * sizeof *p->session[s], "the models' sessions");
  }
  for (size_t t = 0; t < p->n_threads && status == NONET_OK; t++) {
    status = model_session_open(model, &p->session[s][t], error);
  }
  return status == NONET_OK ? status : error_context(error, status, "%s", stream_names[s]);
}

/* ---- the schema of the answer ---- */

static nonet_status add_answer_columns(struct predicting *p, int s, int64_t *at,
                                       nonet_error *error) {
  struct model *model = p->request->model[s];
  const size_t n = model == NULL ? 0 : (model_gives_scores(model) ? model_n_scores(model) : 1);
  for (size_t k = 0; k < n; k++) {
    struct ArrowSchema *child = p->schema.children[(*at)++];
    char name[48];
    predict_score_name(s, k, n, name);
    const bool has_scores = model_gives_scores(model);
    const enum ArrowType type = has_scores ? NANOARROW_TYPE_DOUBLE : NANOARROW_TYPE_STRING;
    if (ArrowSchemaSetType(child, type) != NANOARROW_OK ||
        ArrowSchemaSetName(child, has_scores ? name : predict_label_name(s)) != NANOARROW_OK) {
      return error_memory(error, sizeof *child, "the answers' columns");
    }
  }
  return NONET_OK;
}

static size_t answer_columns(const struct predict_request *request) {
  size_t n = 0;
  for (int s = 0; s < N_STREAMS; s++) {
    if (request->model[s] != NULL) {
      n += model_gives_scores(request->model[s]) ? model_n_scores(request->model[s]) : 1;
    }
  }
  return n;
}

static nonet_status make_schema(struct predicting *p, nonet_error *error) {
  const size_t n_roles = p->request->n_roles;
  int64_t at = (int64_t)n_roles;
  nonet_status status = NONET_OK;
  ArrowSchemaInit(&p->schema);
  if (ArrowSchemaSetTypeStruct(&p->schema, at + (int64_t)answer_columns(p->request)) !=
      NANOARROW_OK) {
    return error_memory(error, sizeof p->schema, "the answers' columns");
  }
  for (size_t i = 0; i < n_roles && status == NONET_OK; i++) {
    status = rowcopy_schema(&p->types[i], p->request->roles[i], p->schema.children[i], error);
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = add_answer_columns(p, s, &at, error);
  }
  return status;
}

/* ---- a round ---- */

static nonet_status add_span(struct predicting *p, const struct ArrowArray *array, int64_t start,
                             int64_t n, nonet_error *error) {
  const uint64_t row = p->next_row + (uint64_t)start + 1;
  void *spans = p->spans;
  if (!memory_grow(&spans, &p->spans_capacity, p->n_spans + 1, sizeof *p->spans)) {
    return error_memory(error, sizeof *p->spans, "a round of rows");
  }
  p->spans = spans;
  p->spans[p->n_spans++] = (struct row_span){array, start, n, row};
  p->n_waiting += (size_t)n;
  return NONET_OK;
}

/* The runs of kept rows of one array. */
static nonet_status add_spans(struct predicting *p, const struct ArrowArray *array,
                              nonet_error *error) {
  const struct sample *sample = p->request->sample;
  nonet_status status = NONET_OK;
  int64_t row = 0;
  while (row < array->length && status == NONET_OK) {
    int64_t end = row;
    while (end < array->length &&
           (sample == NULL || sample_keeps(sample, p->next_row + (uint64_t)end))) {
      end++;
    }
    if (end > row) {
      status = add_span(p, array, row, end - row, error);
    }
    row = end > row ? end : row + 1;
  }
  p->next_row += (uint64_t)array->length;
  return status;
}

static nonet_status pull_array(struct predicting *p, nonet_error *error) {
  struct ArrowArray array = {0};
  void *arrays = p->arrays;
  nonet_status status = table_columns_next(p->columns, &array, error);
  if (status != NONET_OK || array.release == NULL) {
    p->at_end = true;
    return status;
  }
  bool fits = memory_grow(&arrays, &p->arrays_capacity, p->n_arrays + 1, sizeof *p->arrays);
  struct ArrowArray *kept =
      memory_new(1, sizeof *kept); /* spans point to it while the list grows */
  p->arrays = arrays;
  if (!fits || kept == NULL) {
    array.release(&array);
    memory_free(kept);
    return error_memory(error, sizeof *kept, "a round of rows");
  }
  *kept = array;
  p->arrays[p->n_arrays++] = kept;
  return add_spans(p, kept, error);
}

static nonet_status pull_round(struct predicting *p, struct progress *progress,
                               nonet_error *error) {
  nonet_status status = NONET_OK;
  while (status == NONET_OK && !p->at_end && p->n_waiting < p->round_rows) {
    status = progress_check(progress, error);
    if (status == NONET_OK) {
      status = pull_array(p, error);
    }
  }
  p->n_round = p->at_end ? p->n_waiting : p->n_waiting / p->unit_rows * p->unit_rows; /* case 1 */
  return status;
}

static nonet_status make_room(struct predicting *p, nonet_error *error) {
  for (int s = 0; s < N_STREAMS; s++) {
    struct model *model = p->request->model[s];
    if (model == NULL) {
      continue;
    }
    memory_free(p->scores[s]);
    memory_free(p->labels[s]);
    p->scores[s] = memory_new(p->n_round * model_n_scores(model) + 1, sizeof *p->scores[s]);
    p->labels[s] = memory_new(p->n_round + 1, sizeof *p->labels[s]);
    if (p->scores[s] == NULL || p->labels[s] == NULL) {
      return error_memory(error, p->n_round * sizeof(double), "the models' answers");
    }
  }
  return NONET_OK;
}

static size_t n_batches(const struct predicting *p, int s) {
  return p->request->model[s] == NULL ? 0 : (p->n_round + p->batch_rows[s] - 1) / p->batch_rows[s];
}

/* Hands rows [first, first + n) of those that wait to a session. */
static nonet_status feed(const struct predicting *p, struct model_session *session, size_t first,
                         size_t n, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < p->n_spans && n > 0 && status == NONET_OK; i++) {
    const struct row_span *span = &p->spans[i];
    const size_t length = (size_t)span->n;
    if (first >= length) {
      first -= length;
      continue;
    }
    const size_t take = length - first < n ? length - first : n;
    status = model_session_add(session, span->array, span->start + (int64_t)first, (int64_t)take,
                               span->row + first, error);
    first = 0;
    n -= take;
  }
  return status;
}

/* Case 7. */
static void note_bad(struct predicting *p, size_t item, bool is_model) {
  const size_t bad = 2 * item + is_model;
  size_t first = atomic_load(&p->first_bad);
  while (bad < first && !atomic_compare_exchange_weak(&p->first_bad, &first, bad)) {
  }
}

static nonet_status answer_batch(void *context, size_t batch, size_t worker, nonet_error *error) {
  struct predicting *p = context;
  size_t item = batch;
  int s = STREAM_A;
  if (item >= n_batches(p, STREAM_A)) {
    item -= n_batches(p, STREAM_A);
    s = STREAM_B;
  }
  struct model_session *session = p->session[s][worker];
  const size_t first = item * p->batch_rows[s];
  const size_t n = p->n_round - first < p->batch_rows[s] ? p->n_round - first : p->batch_rows[s];
  nonet_status status = progress_check(p->progress, error);
  if (status != NONET_OK) {
    return status;
  }
  status = feed(p, session, first, n, error);
  if (status != NONET_OK) {
    note_bad(p, batch, false);
  } else {
    double *scores = p->scores[s] + first * model_n_scores(p->request->model[s]);
    status = model_session_run(session, scores, p->labels[s] + first, error);
    if (status == NONET_E_DATA) {
      note_bad(p, batch, true);
      return status;
    }
  }
  return status == NONET_OK ? status : error_context(error, status, "%s", stream_names[s]);
}

/* Case 7. */
static void find_broken(const struct predicting *p, nonet_status status,
                        struct predicted *predicted) {
  const size_t bad = atomic_load(&p->first_bad), batch = bad / 2;
  if (status == NONET_E_DATA && bad != SIZE_MAX && bad % 2 == 1) {
    const bool is_candidate = batch < n_batches(p, STREAM_A);
    const int s = is_candidate ? STREAM_A : STREAM_B;
    const size_t first = (batch - (is_candidate ? 0 : n_batches(p, STREAM_A))) * p->batch_rows[s];
    const size_t left = p->n_round - first;
    predicted->broken = s;
    predicted->n_unanswered = left < p->batch_rows[s] ? left : p->batch_rows[s];
  }
}

/* ---- what is kept of a round ---- */

/* The spans of exactly the rows that were answered; *n_cut rows of the last one are left over. */
static size_t spans_of_round(struct predicting *p, int64_t *n_cut) {
  size_t left = p->n_round, i = 0;
  *n_cut = 0;
  while (i < p->n_spans && left > 0) {
    const size_t n = (size_t)p->spans[i].n;
    if (n > left) {
      *n_cut = (int64_t)(n - left);
      p->spans[i].n = (int64_t)left;
    }
    left -= n < left ? n : left;
    i++;
  }
  return i;
}

static nonet_status copy_scores(const struct predicting *p, int s, struct ArrowArray *const *child,
                                size_t *at, nonet_error *error) {
  const struct model *model = p->request->model[s];
  const size_t n_scores = model_n_scores(model);
  for (size_t k = 0; k < n_scores; k++) {
    struct ArrowArray *column = child[(*at)++];
    int code = ArrowArrayStartAppending(column);
    for (size_t i = 0; i < p->n_round && code == NANOARROW_OK; i++) {
      code = ArrowArrayAppendDouble(column, p->scores[s][i * n_scores + k]);
    }
    if (code != NANOARROW_OK) {
      return error_memory(error, p->n_round * sizeof(double), "the models' answers");
    }
  }
  return NONET_OK;
}

static nonet_status copy_labels(const struct predicting *p, int s, struct ArrowArray *column,
                                nonet_error *error) {
  int code = ArrowArrayStartAppending(column);
  for (size_t i = 0; i < p->n_round && code == NANOARROW_OK; i++) {
    code =
        ArrowArrayAppendString(column, ArrowCharView(p->request->target.classes[p->labels[s][i]]));
  }
  return code == NANOARROW_OK ? NONET_OK
                              : error_memory(error, p->n_round * 16, "the models' answers");
}

static nonet_status fill_array(struct predicting *p, struct ArrowArray *array, size_t n_spans,
                               nonet_error *error) {
  size_t at = p->request->n_roles;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < p->request->n_roles && status == NONET_OK; i++) {
    struct ArrowArray column;
    status = rowcopy_column(&p->types[i], i, p->spans, n_spans, &column, error);
    if (status == NONET_OK) {
      array->children[i]->release(array->children[i]);
      ArrowArrayMove(&column, array->children[i]);
    }
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    if (p->request->model[s] != NULL && model_gives_scores(p->request->model[s])) {
      status = copy_scores(p, s, array->children, &at, error);
    } else if (p->request->model[s] != NULL) {
      status = copy_labels(p, s, array->children[at++], error);
    }
  }
  array->length = (int64_t)p->n_round;
  for (size_t i = p->request->n_roles; i < at && status == NONET_OK; i++) {
    if (ArrowArrayFinishBuildingDefault(array->children[i], NULL) != NANOARROW_OK) {
      status = error_memory(error, p->n_round, "the models' answers");
    }
  }
  return status;
}

static nonet_status keep_round(struct predicting *p, size_t n_spans, nonet_error *error) {
  void *made = p->made;
  if (!memory_grow(&made, &p->made_capacity, p->n_made + 1, sizeof *p->made)) {
    return error_memory(error, sizeof *p->made, "the models' answers");
  }
  p->made = made;
  struct ArrowArray *array = &p->made[p->n_made];
  if (ArrowArrayInitFromSchema(array, &p->schema, NULL) != NANOARROW_OK) {
    return error_memory(error, sizeof *array, "the models' answers");
  }
  p->n_made++;
  return fill_array(p, array, n_spans, error);
}

/* Case 3. */
static void let_go(struct predicting *p, size_t n_spans, int64_t n_cut) {
  if (n_cut > 0) {
    n_spans--;
    p->spans[n_spans].start += p->spans[n_spans].n;
    p->spans[n_spans].row += (uint64_t)p->spans[n_spans].n;
    p->spans[n_spans].n = n_cut;
  }
  p->n_spans -= n_spans;
  memmove(p->spans, p->spans + n_spans, p->n_spans * sizeof *p->spans);
  size_t first = 0;
  while (first < p->n_arrays && (p->n_spans == 0 || p->arrays[first] != p->spans[0].array)) {
    p->arrays[first]->release(p->arrays[first]);
    memory_free(p->arrays[first++]);
  }
  p->n_arrays -= first;
  if (p->n_arrays > 0) {
    memmove(p->arrays, p->arrays + first, p->n_arrays * sizeof *p->arrays);
  }
  p->n_waiting -= p->n_round;
  p->n_kept += p->n_round;
}

static nonet_status settle(struct predicting *p, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    if (p->request->model[s] != NULL) {
      status = model_settle(p->request->model[s], p->scores[s], p->n_round, error);
      status = status == NONET_OK ? status : error_context(error, status, "%s", stream_names[s]);
    }
  }
  return status == NONET_OK ? make_schema(p, error) : status;
}

static nonet_status run_round(struct predicting *p, struct progress *progress, nonet_error *error) {
  int64_t n_cut = 0;
  nonet_status status = pull_round(p, progress, error);
  if (status != NONET_OK || p->n_round == 0) {
    return status;
  }
  status = make_room(p, error);
  if (status == NONET_OK) {
    status = parallel_for(p->n_threads, n_batches(p, STREAM_A) + n_batches(p, STREAM_B),
                          answer_batch, p, error);
  }
  if (status == NONET_OK && p->schema.release == NULL) { /* case 6 */
    status = settle(p, error);
  }
  if (status == NONET_OK) {
    const size_t n_spans = spans_of_round(p, &n_cut);
    status = keep_round(p, n_spans, error);
    let_go(p, n_spans, n_cut);
  }
  progress_report(progress, "predict", p->n_kept,
                  p->request->sample == NULL ? 0 : p->request->sample->n_kept);
  return status;
}

/* ---- all of it ---- */

static size_t common_multiple(size_t a, size_t b) {
  size_t x = a, y = b;
  while (y != 0) {
    const size_t rest = x % y;
    x = y;
    y = rest;
  }
  return a / x * b;
}

static nonet_status start(struct predicting *p, struct table *table, nonet_error *error) {
  nonet_status status = open_columns(p, table, error);
  p->unit_rows = 1;
  if (status == NONET_OK) {
    status = take_types(p, error);
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    if (p->request->model[s] != NULL) {
      status = open_sessions(p, s, error);
      p->unit_rows = common_multiple(p->unit_rows, p->batch_rows[s]);
    }
  }
  const size_t *batch = p->batch_rows;
  size_t larger = batch[STREAM_A] > batch[STREAM_B] ? batch[STREAM_A] : batch[STREAM_B];
  larger = larger > 0 ? larger : 4096; /* no model: only columns are kept */
  p->round_rows = (ROUND_BATCHES * larger + p->unit_rows - 1) / p->unit_rows * p->unit_rows;
  return status;
}

static nonet_status hand_over(struct predicting *p, struct predicted *predicted,
                              nonet_error *error) {
  const struct sample *sample = p->request->sample;
  if (sample != NULL && sample->n_rows != p->next_row) { /* case 5 */
    return error_set(error, NONET_E_DATA,
                     "the table had %llu rows when the sample was drawn and has %llu now; judge "
                     "rows that nobody changes meanwhile",
                     (unsigned long long)sample->n_rows, (unsigned long long)p->next_row);
  }
  if (p->schema.release == NULL) { /* no rows at all */
    nonet_status status = make_schema(p, error);
    if (status != NONET_OK) {
      return status;
    }
  }
  if (ArrowBasicArrayStreamInit(&predicted->stream, &p->schema, (int64_t)p->n_made) !=
      NANOARROW_OK) {
    return error_memory(error, p->n_made * sizeof *p->made, "the models' answers");
  }
  for (size_t i = 0; i < p->n_made; i++) {
    ArrowBasicArrayStreamSetArray(&predicted->stream, (int64_t)i, &p->made[i]);
  }
  p->n_made = 0;
  predicted->n_rows = p->next_row;
  predicted->n_kept = p->n_kept;
  return NONET_OK;
}

static void finish(struct predicting *p) {
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t t = 0; p->session[s] != NULL && t < p->n_threads; t++) {
      model_session_close(p->session[s][t]);
    }
    memory_free(p->session[s]);
    memory_free(p->scores[s]);
    memory_free(p->labels[s]);
  }
  for (size_t i = 0; i < p->n_arrays; i++) {
    p->arrays[i]->release(p->arrays[i]);
    memory_free(p->arrays[i]);
  }
  for (size_t i = 0; i < p->n_made; i++) {
    p->made[i].release(&p->made[i]);
  }
  for (size_t i = 0; p->types != NULL && i < p->request->n_roles; i++) {
    arrow_type_clear(&p->types[i]);
  }
  if (p->schema.release != NULL) {
    p->schema.release(&p->schema);
  }
  memory_free(p->types);
  memory_free(p->arrays);
  memory_free(p->spans);
  memory_free(p->made);
  table_columns_close(p->columns);
}

nonet_status predict_table(struct table *table, const struct predict_request *request,
                           struct predicted *predicted, struct progress *progress,
                           nonet_error *error) {
  struct predicting p = {.request = request,
                         .progress = progress,
                         .n_threads = request->n_threads > 0 ? request->n_threads : 1};
  *predicted = (struct predicted){.broken = -1};
  atomic_init(&p.first_bad, SIZE_MAX);
  nonet_status status = start(&p, table, error);
  while (status == NONET_OK && (!p.at_end || p.n_waiting > 0)) {
    status = run_round(&p, progress, error);
  }
  if (status == NONET_OK) {
    status = hand_over(&p, predicted, error);
  }
  find_broken(&p, status, predicted);
  finish(&p);
  return status;
}
