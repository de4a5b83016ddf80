/*
 * One interface over the runtimes: the table of kinds, the checks that all kinds share, the buffers
 * of a session.
 *
 * Cases: 1. A kind that is known and not built, or unknown (near names). 2. Columns are found by
 * name in a schema with any others around them. 3. An array whose shape is not the schema's is an
 * error, not a crash. 4. A run forgets its rows also when it fails. 5. Rows come in any pieces; the
 * runtime is called with the session's whole buffer, so that results depend on batch_rows alone.
 */
#include "model/model.h"

#include <string.h>

#include <nanoarrow/nanoarrow.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/lightgbm_api.h"
#include "model/model_parts.h"
#include "model/onnx_api.h"
#include "model/xgboost_api.h"

/* ---- kinds -------------------------------------------------------------------------------- */

static const struct model_kind kinds[] = {
    {"onnx", "an ONNX file, by ONNX Runtime", NULL},
    {"xgboost", "an XGBoost model (.json, .ubj), by XGBoost", NULL},
    {"columns", "predictions that are already in the table",
     "its predictions are read from the table; there is no model to open"},
    {"command", "a program of yours: Arrow in on stdin, predictions out on stdout", NULL},
    {"lightgbm", "a LightGBM model (the text of save_model), by LightGBM", NULL},
    {"open_inference", "a server that speaks the Open Inference Protocol",
     "it is not built yet; write a command that asks the server"},
    {"plugin", "a shared object of yours", "it is not built yet; write a command"},
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static const struct model_driver *const drivers[N_KINDS] = {
    [0] = &onnx_driver, [1] = &xgboost_driver, [3] = &command_driver, [4] = &lightgbm_driver};

const struct model_kind *model_kinds(size_t *n_kinds) {
  *n_kinds = N_KINDS;
  return kinds;
}

static nonet_status find_driver(const char *kind, const struct model_driver **driver,
                                nonet_error *error) {
  const char *names[N_KINDS];
  for (size_t i = 0; i < N_KINDS; i++) {
    names[i] = kinds[i].name;
    if (!kind || strcmp(kind, kinds[i].name) != 0)
      continue;
    if (kinds[i].missing)
      return error_set(error, NONET_E_CONFIG, "a model of kind %s: %s", kind, kinds[i].missing);
    *driver = drivers[i];
    return NONET_OK;
  }
  struct text near = {0};
  text_suggestion(&near, kind ? kind : "", names, N_KINDS);
  nonet_status status = error_set(error, NONET_E_CONFIG, "'%s' is no kind of model%s",
                                  kind ? kind : "", near.data ? near.data : "");
  text_clear(&near);
  return status;
}

static bool word_of(const char *word, const char *const *words, size_t n, size_t *index) {
  for (*index = 0; *index < n; ++*index)
    if (strcmp(word, words[*index]) == 0)
      return true;
  return false;
}

bool model_output_of(const char *word, enum model_output *output) {
  static const char *const words[] = {"auto", "probability", "logit"};
  size_t index;
  bool is_known = word_of(word, words, 3, &index);
  *output = is_known ? (enum model_output)index : MODEL_OUTPUT_AUTO;
  return is_known;
}

bool model_layout_of(const char *word, enum model_layout *layout) {
  static const char *const words[] = {"auto", "nhwc", "nchw"};
  size_t index;
  bool is_known = word_of(word, words, 3, &index);
  *layout = is_known ? (enum model_layout)index : MODEL_LAYOUT_AUTO;
  return is_known;
}

/* ---- open and close ----------------------------------------------------------------------- */

nonet_status model_open(const struct model_options *options, struct model **made,
                        nonet_error *error) {
  const struct model_driver *driver = NULL;
  *made = NULL;
  nonet_status status = find_driver(options->kind, &driver, error);
  if (status)
    return status;
  struct model *model = memory_zeroed(1, sizeof *model);
  if (!model)
    return error_memory(error, sizeof *model, "a model");
  model->driver = driver;
  model->output = options->output;
  model->layout = options->layout;
  model->threads = options->threads ? options->threads : 1;
  model->info.kind = options->kind;
  pthread_mutex_init(&model->lock, NULL);
  model->info.batch_rows = options->batch_rows ? options->batch_rows : MODEL_BATCH_ROWS;
  model->info.kind = model_keep_text(model, options->kind);
  status = model->info.kind ? driver->open(model, options, error)
                            : error_memory(error, sizeof *model, "a model");
  if (status) {
    model_close(model);
    return status;
  }
  *made = model;
  return NONET_OK;
}

static void unbind(struct model *model) {
  for (size_t i = 0; i < model->n_types; i++) {
    arrow_type_clear(&model->types[i]);
    if (model->schemas[i].release)
      model->schemas[i].release(&model->schemas[i]);
  }
  model->n_types = 0;
  memory_free(model->types);
  memory_free(model->schemas);
  memory_free(model->child);
  model->types = NULL;
  model->schemas = NULL;
  model->child = NULL;
  class_map_clear(&model->classes);
  model->is_bound = model->gives_scores = model->gives_labels = false;
  atomic_store(&model->is_decided, false);
}

void model_close(struct model *model) {
  if (!model)
    return;
  if (model->driver->close && model->self)
    model->driver->close(model);
  unbind(model);
  for (size_t i = 0; i < model->n_kept; i++)
    memory_free(model->kept[i]);
  memory_free(model->kept);
  memory_free((void *)model->info.facts);
  memory_free((void *)model->info.notes);
  memory_free(model->wants);
  memory_free(model->columns);
  pthread_mutex_destroy(&model->lock);
  memory_free(model);
}

nonet_status model_profile_end(struct model *model, nonet_error *error) {
  if (!model->driver->profile_end)
    return error_set(error, NONET_E_CONFIG, "the runtime of a model of kind %s keeps no profile",
                     model->info.kind);
  return model->driver->profile_end(model, error);
}

const struct model_info *model_info(const struct model *model) {
  return &model->info;
}

const char *const *model_columns(const struct model *model, size_t *n_columns) {
  *n_columns = model->n_columns;
  return model->columns;
}

size_t model_n_scores(const struct model *model) {
  return model->task == MODEL_MULTICLASS ? model->classes.n : 1;
}

bool model_gives_scores(const struct model *model) {
  return model->gives_scores;
}

bool model_gives_labels(const struct model *model) {
  return model->gives_labels;
}

/* ---- the fit ------------------------------------------------------------------------------ */

nonet_status model_fit_names(const struct model *model, const char *const *names, size_t n_names,
                             nonet_error *error) {
  for (size_t c = 0; c < model->n_columns; c++) {
    size_t i = 0;
    const struct model_want *want = &model->wants[c];
    while (i < n_names && strcmp(names[i], want->column) != 0)
      i++;
    if (i < n_names)
      continue;
    struct text near = {0};
    text_suggestion(&near, want->column, names, n_names);
    bool is_same = strcmp(want->column, want->input) == 0;
    nonet_status status =
        error_set(error, NONET_E_DATA,
                  "the model's input '%s' wants the column '%s', which the table "
                  "does not have%s%s",
                  want->input, want->column, near.data ? near.data : "",
                  is_same ? "; rename it in the query, or list the columns under features:" : "");
    text_clear(&near);
    return status;
  }
  return NONET_OK;
}

static nonet_status bind_columns(struct model *model, const struct ArrowSchema *table,
                                 nonet_error *error) {
  size_t n_names = (size_t)table->n_children;
  const char **names = memory_new(n_names, sizeof *names);
  model->child = memory_new(model->n_columns, sizeof *model->child);
  model->types = memory_zeroed(model->n_columns, sizeof *model->types);
  model->schemas = memory_zeroed(model->n_columns, sizeof *model->schemas);
  nonet_status status = NONET_OK;
  if (!names || !model->child || !model->types || !model->schemas) {
    status = error_memory(error, n_names * sizeof *names, "the columns of the model");
    goto done;
  }
  for (size_t i = 0; i < n_names; i++)
    names[i] = table->children[i]->name ? table->children[i]->name : "";
  status = model_fit_names(model, names, n_names, error);
  for (size_t c = 0; c < model->n_columns && !status; c++) {
    size_t i = 0;
    while (strcmp(names[i], model->columns[c]) != 0)
      i++;
    model->child[c] = i;
    if (ArrowSchemaDeepCopy(table->children[i], &model->schemas[c]) ||
        !arrow_type_init(&model->types[c], table->children[i]))
      status = error_memory(error, 256, "the columns of the model");
    model->n_types = c + 1;
  }
done:
  memory_free(names);
  return status;
}

nonet_status model_bind(struct model *model, const struct ArrowSchema *table,
                        const struct model_target *target, nonet_error *error) {
  bool is_wrong = target->task == MODEL_BINARY       ? target->n_classes != 2
                  : target->task == MODEL_MULTICLASS ? target->n_classes < 2
                                                     : target->n_classes != 0;
  if (is_wrong)
    return error_set(error, NONET_E_INTERNAL, "a model was bound to %zu classes",
                     target->n_classes);
  unbind(model);
  model->task = target->task;
  model->width = 1;
  model->class_of = NULL;
  nonet_status status = class_map_init(&model->classes, target->classes, target->n_classes, error);
  if (!status)
    status = bind_columns(model, table, error);
  enum model_link told = model->task == MODEL_REGRESSION             ? MODEL_LINK_NONE
                         : model->output == MODEL_OUTPUT_PROBABILITY ? MODEL_LINK_PROBABILITY
                         : model->output == MODEL_OUTPUT_LOGIT       ? MODEL_LINK_LOGIT
                                                                     : MODEL_LINK_OPEN;
  atomic_store(&model->link, (int)told);
  if (!status)
    status = model->driver->bind(model, error);
  model->is_bound = status == NONET_OK;
  return status;
}

/* ---- sessions ----------------------------------------------------------------------------- */

nonet_status model_session_open(struct model *model, struct model_session **made,
                                nonet_error *error) {
  *made = NULL;
  if (!model->is_bound)
    return error_set(error, NONET_E_INTERNAL, "a session of a model that is not bound");
  struct model_session *session = memory_zeroed(1, sizeof *session);
  if (!session)
    return error_memory(error, sizeof *session, "a session");
  session->model = model;
  session->capacity = model->info.batch_rows;
  session->columns = memory_zeroed(model->n_columns, sizeof *session->columns);
  session->rows = memory_new(session->capacity, sizeof *session->rows);
  session->raw = memory_new(session->capacity * model->width, sizeof *session->raw);
  nonet_status status = session->columns && session->rows && session->raw
                            ? model->driver->session_open(session, error)
                            : error_memory(error, session->capacity * 16, "a session");
  if (status) {
    model_session_close(session);
    return status;
  }
  *made = session;
  return NONET_OK;
}

void model_session_close(struct model_session *session) {
  if (!session)
    return;
  if (session->model->driver->session_close && session->self)
    session->model->driver->session_close(session);
  memory_free(session->columns);
  memory_free(session->rows);
  memory_free(session->raw);
  memory_free(session);
}

size_t model_session_room(const struct model_session *session) {
  return session->capacity - session->n_rows;
}

nonet_status model_bad_value(const struct model_session *session, size_t column, int64_t at,
                             const char *why, nonet_error *error) {
  const struct model_want *want = &session->model->wants[column];
  return error_set(error, NONET_E_DATA, "row %llu: column '%s' %s (the model's input '%s')",
                   (unsigned long long)session->rows[session->n_rows + (size_t)at], want->column,
                   why, want->input);
}

static nonet_status bind_arrays(struct model_session *session, const struct ArrowArray *array,
                                int64_t start, int64_t n, nonet_error *error) {
  const struct model *model = session->model;
  for (size_t c = 0; c < model->n_columns; c++) {
    struct arrowcol *column = &session->columns[c];
    size_t child = model->child[c];
    if (child >= (size_t)array->n_children ||
        !arrowcol_bind(column, &model->types[c], array->children[child]) ||
        column->length < array->offset + start + n)
      return error_set(error, NONET_E_DATA, "column '%s' is not what the table's schema says",
                       model->columns[c]);
    column->offset += array->offset;
    column->length -= array->offset;
  }
  return NONET_OK;
}

nonet_status model_session_add(struct model_session *session, const struct ArrowArray *array,
                               int64_t start, int64_t n, uint64_t row, nonet_error *error) {
  if (n < 0 || start < 0 || (size_t)n > model_session_room(session))
    return error_set(error, NONET_E_INTERNAL, "%lld rows for a session with room for %zu",
                     (long long)n, model_session_room(session));
  nonet_status status = bind_arrays(session, array, start, n, error);
  for (size_t k = 0; k < (size_t)n && !status; k++)
    session->rows[session->n_rows + k] = row + k;
  if (!status)
    status = session->model->driver->add(session, start, n, error);
  if (!status)
    session->n_rows += (size_t)n;
  return status;
}

nonet_status model_session_run(struct model_session *session, double *scores, uint32_t *labels,
                               nonet_error *error) {
  struct model *model = session->model;
  size_t n = session->n_rows;
  nonet_status status = n ? model->driver->run(session, session->raw, labels, error) : NONET_OK;
  if (!status && scores && model->gives_scores && n)
    status = model_finish(model, session->raw, session->rows, n, scores, error);
  session->n_rows = 0;
  return status;
}

nonet_status model_predict(struct model_session *session, const struct ArrowArray *array,
                           double *scores, uint32_t *labels, nonet_error *error) {
  size_t n_scores = model_n_scores(session->model);
  nonet_status status = NONET_OK;
  session->n_rows = 0;
  for (int64_t from = 0; from < array->length && !status;) {
    int64_t left = array->length - from, room = (int64_t)session->capacity;
    int64_t n = left < room ? left : room;
    status = model_session_add(session, array, from, n, (uint64_t)from + 1, error);
    if (!status)
      status = model_session_run(session, scores ? scores + (size_t)from * n_scores : NULL,
                                 labels ? labels + from : NULL, error);
    from += n;
  }
  session->n_rows = 0;
  return status;
}

/* ---- runtimes ----------------------------------------------------------------------------- */

static void add_runtime(struct text *lines, const char *name, nonet_status status,
                        const char *runtime, const char *path, const nonet_error *reason) {
  if (status)
    text_printf(lines, "%s: not available; %s\n", name, reason->message);
  else
    text_printf(lines, "%s (%s)\n", runtime, path);
}

void model_runtimes(struct text *lines) {
  const struct onnx_api *onnx;
  const struct xgboost_api *xgboost;
  const struct lightgbm_api *lightgbm;
  nonet_error reason = {""};
  nonet_status status = onnx_api_open(&onnx, &reason);
  add_runtime(lines, "onnxruntime", status, onnx ? onnx->runtime : "", onnx ? onnx->path : "",
              &reason);
  status = xgboost_api_open(&xgboost, &reason);
  add_runtime(lines, "xgboost", status, xgboost ? xgboost->runtime : "",
              xgboost ? xgboost->path : "", &reason);
  status = lightgbm_api_open(&lightgbm, &reason);
  add_runtime(lines, "lightgbm", status, lightgbm ? lightgbm->runtime : "",
              lightgbm ? lightgbm->path : "", &reason);
}
