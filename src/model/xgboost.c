/*
 * Models of XGBoost, by its own library.
 *
 * Cases: 1. The columns are the features the model names; a model without names takes those listed
 * under features:, as many as it has. A list of features beside a model with names is not asked.
 * 2. Missing values are NaN; a null is one. 3. The objective says what the numbers are: binary:*
 * P(positive) (logitraw a logit), multi:softprob one probability a class in the order of the
 * encoded labels, multi:softmax is asked for its margins (softmax gives softprob's numbers), reg:*,
 * count: and survival: values. rank: is an error; an objective unknown to us is left open
 * (model_scores.c).
 * 4. One booster a session, one thread each unless more are asked for: prediction keeps caches
 * inside the booster. 5. Trees predict in place; gblinear only from its own matrix. 6. A
 * categorical feature ("c") takes its codes as numbers, as it was trained with; texts are an error,
 * since only the trainer knows the codes.
 * 7. A library older than the one that wrote the model is refused: 1.7 loads a model of 3.2 without
 * a word and leaves its base score out.
 */
#include "model/xgboost_api.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "model/gather.h"
#include "model/model_parts.h"

struct xgboost_model {
  const struct xgboost_api *api;
  size_t *columns; /* [n_features] places among the model's columns */
  uint64_t n_features;
  uint64_t n_classes; /* of multi:*, else 0 */
  char objective[64];
  bool is_linear;
  enum model_link link;
};

struct xgboost_session {
  BoosterHandle booster;
  float *values; /* [capacity × n_features] */
};

static nonet_status failed(const struct xgboost_api *api, nonet_status as, const char *what,
                           nonet_error *error) {
  const char *reason = api->XGBGetLastError();
  const char *line = strstr(reason, "] "); /* "[time] file:line: what is wrong" */
  line = line ? line + 2 : reason;
  return error_set(error, as, "%s: %.*s", what, (int)strcspn(line, "\n"), line);
}

/* ---- open -------------------------------------------------------------------------------------
 */

static nonet_status load(const struct xgboost_api *api, const char *path, size_t n_threads,
                         BoosterHandle *booster, nonet_error *error) {
  char what[300], threads[24];
  *booster = NULL;
  snprintf(what, sizeof what, "%.200s is not a model that XGBoost can load", path);
  snprintf(threads, sizeof threads, "%zu", n_threads);
  if (api->XGBoosterCreate(NULL, 0, booster) || api->XGBoosterLoadModel(*booster, path) ||
      api->XGBoosterSetParam(*booster, "nthread", threads)) {
    nonet_status status = failed(api, NONET_E_DATA, what, error);
    if (*booster)
      api->XGBoosterFree(*booster);
    *booster = NULL;
    return status;
  }
  return NONET_OK;
}

/* Case 7. "version" is the last key of the file: ":[3,2,0] in JSON, [#L, eight bytes of length,
   then i and a byte each in UBJSON. *major −1: not told. */
static void read_version(const char *path, int *major, int *minor) {
  char tail[64] = "", *at = NULL;
  FILE *file = fopen(path, "rb");
  size_t n = 0;
  *major = *minor = -1;
  if (file && fseeko(file, -(off_t)sizeof tail, SEEK_END) == 0)
    n = fread(tail, 1, sizeof tail, file);
  if (file)
    fclose(file);
  for (size_t i = 0; i + 7 < n && !at; i++)
    if (memcmp(tail + i, "version", 7) == 0)
      at = tail + i + 7;
  size_t left = at ? n - (size_t)(at - tail) : 0;
  if (left >= 17 && memcmp(at, "[#L", 3) == 0 && at[11] == 'i' && at[13] == 'i') {
    *major = at[12];
    *minor = at[14];
  } else if (left > 3 && left < sizeof tail && memcmp(at, "\":[", 3) == 0) {
    tail[sizeof tail - 1] = '\0'; /* the closing brace */
    if (sscanf(at + 3, "%d,%d", major, minor) != 2)
      *major = *minor = -1;
  }
}

static nonet_status check_version(const struct xgboost_api *api, const char *path,
                                  nonet_error *error) {
  int major, minor, ours[3];
  read_version(path, &major, &minor);
  api->XGBoostVersion(&ours[0], &ours[1], &ours[2]);
  if (major < ours[0] || (major == ours[0] && minor <= ours[1]))
    return NONET_OK;
  return error_set(error, NONET_E_UNAVAILABLE,
                   "the model was written by XGBoost %d.%d and the library found is %s (%s), which "
                   "would misread it; get a newer one: python3 -m pip install --no-deps --target "
                   "~/.local/share/nonet/xgboost xgboost-cpu",
                   major, minor, api->runtime, api->path);
}

static const char *config_text(const json_t *config, const char *a, const char *b, const char *c) {
  const json_t *at = json_object_get(json_object_get(json_object_get(config, "learner"), a), b);
  const char *text = json_string_value(c ? json_object_get(at, c) : at);
  return text ? text : "";
}

static nonet_status read_config(struct model *model, BoosterHandle booster, nonet_error *error) {
  struct xgboost_model *own = model->self;
  uint64_t length;
  const char *text;
  json_t *config;
  if (own->api->XGBoosterSaveJsonConfig(booster, &length, &text))
    return failed(own->api, NONET_E_DATA, "the model's configuration", error);
  nonet_status status =
      json_text_parse(text, (size_t)length, "the model's configuration", &config, error);
  if (status)
    return status;
  snprintf(own->objective, sizeof own->objective, "%s",
           config_text(config, "objective", "name", NULL));
  const char *kind = config_text(config, "gradient_booster", "name", NULL);
  own->is_linear = strcmp(kind, "gblinear") == 0;
  const char *count = config_text(config, "learner_model_param", "num_class", NULL);
  own->n_classes = strtoull(count, NULL, 10);
  status = model_fact(model, "objective", own->objective, error);
  if (!status)
    status = model_fact(model, "booster", kind, error);
  json_decref(config);
  return status;
}

/* Case 3. */
static nonet_status read_objective(struct model *model, nonet_error *error) {
  struct xgboost_model *own = model->self;
  static const struct {
    const char *start;
    enum model_link link;
  } rows[] = {{"binary:logitraw", MODEL_LINK_LOGIT},
              {"binary:hinge", MODEL_LINK_PROBABILITY},
              {"binary:logistic", MODEL_LINK_PROBABILITY},
              {"reg:logistic", MODEL_LINK_PROBABILITY},
              {"multi:softprob", MODEL_LINK_PROBABILITY},
              {"multi:softmax", MODEL_LINK_LOGIT},
              {"reg:", MODEL_LINK_NONE},
              {"count:", MODEL_LINK_NONE},
              {"survival:", MODEL_LINK_NONE}};
  own->link = MODEL_LINK_OPEN;
  if (strncmp(own->objective, "rank:", 5) == 0)
    return error_set(error, NONET_E_DATA,
                     "the model's objective is %s; ranking is not judged yet. binary:, multi: and "
                     "reg: are",
                     own->objective);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strncmp(own->objective, rows[i].start, strlen(rows[i].start)) == 0) {
      own->link = rows[i].link;
      break;
    }
  return NONET_OK;
}

static nonet_status want_features(struct model *model, BoosterHandle booster,
                                  const struct model_options *options, nonet_error *error) {
  struct xgboost_model *own = model->self;
  uint64_t n_names = 0;
  const char **names = NULL;
  if (own->api->XGBoosterGetNumFeature(booster, &own->n_features) ||
      own->api->XGBoosterGetStrFeatureInfo(booster, "feature_name", &n_names, &names))
    return failed(own->api, NONET_E_DATA, "the model's features", error);
  bool is_named = n_names > 0;
  const char *const *wanted = is_named ? (const char *const *)names : options->features;
  if (!is_named && options->n_features != own->n_features)
    return error_set(error, NONET_E_CONFIG,
                     "the model has %llu features and does not name them, and %zu are listed; list "
                     "them under features: in the order it was trained with",
                     (unsigned long long)own->n_features, options->n_features);
  own->columns = model_keep(model, (size_t)own->n_features, sizeof *own->columns);
  struct model_tensor *inputs = model_keep(model, (size_t)own->n_features, sizeof *inputs);
  if (!own->columns || !inputs)
    return error_memory(error, (size_t)own->n_features * sizeof *inputs, "the model's features");
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < own->n_features && !status; i++) {
    status = model_want(model, wanted[i], wanted[i], &own->columns[i], error);
    if (!status)
      inputs[i] = (struct model_tensor){model->columns[own->columns[i]], "float32", "[N, 1]"};
  }
  model->info.inputs = inputs;
  model->info.n_inputs = status ? 0 : (size_t)own->n_features;
  return status;
}

static nonet_status describe_output(struct model *model, nonet_error *error) {
  const struct xgboost_model *own = model->self;
  char shape[32] = "[N]";
  struct model_tensor *output = model_keep(model, 1, sizeof *output);
  if (own->n_classes > 1)
    snprintf(shape, sizeof shape, "[N, %llu]", (unsigned long long)own->n_classes);
  if (output)
    *output = (struct model_tensor){own->objective, "float32", model_keep_text(model, shape)};
  if (!output || !output->shape)
    return error_memory(error, sizeof *output, "the model's output");
  model->info.outputs = output;
  model->info.n_outputs = 1;
  return NONET_OK;
}

static nonet_status xgboost_open(struct model *model, const struct model_options *options,
                                 nonet_error *error) {
  if (!options->path)
    return error_set(error, NONET_E_CONFIG, "an xgboost model needs the path of its file");
  nonet_status status = model_file(model, options->path, error);
  struct xgboost_model *own = model_keep(model, 1, sizeof *own);
  if (!status && !own)
    status = error_memory(error, sizeof *own, "a model");
  if (!status)
    status = xgboost_api_open(&own->api, error);
  if (status)
    return status;
  model->self = own;
  model->info.runtime = own->api->runtime;
  BoosterHandle booster = NULL;
  status = check_version(own->api, options->path, error);
  if (!status) {
    status = load(own->api, options->path, 1, &booster, error);
    if (status && options->is_refused)
      *options->is_refused = true;
  }
  if (!status)
    status = read_config(model, booster, error);
  if (!status)
    status = read_objective(model, error);
  if (!status)
    status = want_features(model, booster, options, error);
  if (!status)
    status = describe_output(model, error);
  if (booster)
    own->api->XGBoosterFree(booster);
  return status;
}

/* ---- bind ---------------------------------------------------------------------------------------
 */

static nonet_status check_types(const struct model *model, nonet_error *error) {
  for (size_t c = 0; c < model->n_columns; c++) {
    char name[64];
    if (gather_fits(ELEMENT_FLOAT, &model->types[c]))
      continue;
    arrow_type_name(&model->types[c], name, sizeof name);
    return error_set(error, NONET_E_DATA,
                     "the model's feature '%s' takes numbers; the table's column is %s; encode it "
                     "in the query as it was for training",
                     model->columns[c], name);
  }
  return NONET_OK;
}

static nonet_status xgboost_bind(struct model *model, nonet_error *error) {
  const struct xgboost_model *own = model->self;
  nonet_status status = check_types(model, error);
  if (status)
    return status;
  bool is_value = own->link == MODEL_LINK_NONE;
  if (own->link != MODEL_LINK_OPEN && strcmp(own->objective, "reg:logistic") != 0 &&
      is_value != (model->task == MODEL_REGRESSION))
    return error_set(error, NONET_E_DATA, "the model's objective is %s, and the task is %s",
                     own->objective,
                     model->task == MODEL_REGRESSION ? "regression" : "classification");
  if (model->task != MODEL_REGRESSION && own->link != MODEL_LINK_OPEN)
    atomic_store(&model->link, (int)own->link);
  size_t width = own->n_classes > 1 ? (size_t)own->n_classes : 1;
  return model_set_width(model, width, NULL, own->objective, error);
}

/* ---- sessions
 * ------------------------------------------------------------------------------------- */

static void xgboost_session_close(struct model_session *session) {
  struct xgboost_session *own = session->self;
  if (own->booster)
    ((struct xgboost_model *)session->model->self)->api->XGBoosterFree(own->booster);
  memory_free(own->values);
  memory_free(own);
}

static nonet_status xgboost_session_open(struct model_session *session, nonet_error *error) {
  const struct xgboost_model *xgboost = session->model->self;
  struct xgboost_session *own = memory_zeroed(1, sizeof *own);
  session->self = own;
  if (own)
    own->values = memory_new(session->capacity * (size_t)xgboost->n_features, sizeof(float));
  if (!own || !own->values)
    return error_memory(error, session->capacity * (size_t)xgboost->n_features * sizeof(float),
                        "a session");
  return load(xgboost->api, session->model->info.path, session->model->threads, &own->booster,
              error);
}

static nonet_status xgboost_add(struct model_session *session, int64_t start, int64_t n,
                                nonet_error *error) {
  const struct xgboost_model *xgboost = session->model->self;
  struct xgboost_session *own = session->self;
  size_t width = (size_t)xgboost->n_features;
  for (size_t c = 0; c < width; c++) {
    int64_t fault = 0;
    const char *why = "";
    if (!gather_numbers(&session->columns[xgboost->columns[c]], start, n, ELEMENT_FLOAT,
                        own->values + session->n_rows * width + c, width, &fault, &why))
      return model_bad_value(session, xgboost->columns[c], fault, why, error);
  }
  return NONET_OK;
}

/* Case 5. */
static int predict(const struct xgboost_model *xgboost, BoosterHandle booster, const char *values,
                   const char *config, const uint64_t **shape, uint64_t *n_dims,
                   const float **result) {
  const struct xgboost_api *api = xgboost->api;
  DMatrixHandle matrix = NULL;
  if (!xgboost->is_linear)
    return api->XGBoosterPredictFromDense(booster, values, config, NULL, shape, n_dims, result);
  int bad = api->XGDMatrixCreateFromDense(values, "{\"missing\": NaN, \"nthread\": 1}", &matrix);
  if (!bad)
    bad = api->XGBoosterPredictFromDMatrix(booster, matrix, config, shape, n_dims, result);
  if (matrix)
    api->XGDMatrixFree(matrix);
  return bad;
}

static nonet_status xgboost_run(struct model_session *session, double *raw, uint32_t *labels,
                                nonet_error *error) {
  (void)labels;
  const struct model *model = session->model;
  const struct xgboost_model *xgboost = model->self;
  struct xgboost_session *own = session->self;
  char values[160], config[160];
  const uint64_t *shape;
  uint64_t n_dims, n = 1;
  const float *result;
  bool is_margin = strcmp(xgboost->objective, "multi:softmax") == 0;
  snprintf(values, sizeof values,
           "{\"data\": [%llu, true], \"shape\": [%zu, %llu], \"typestr\": \"<f4\", \"version\": 3}",
           (unsigned long long)(uintptr_t)own->values, session->n_rows,
           (unsigned long long)xgboost->n_features);
  snprintf(config, sizeof config,
           "{\"type\": %d, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, "
           "\"strict_shape\": false, \"missing\": NaN, \"cache_id\": 0}",
           is_margin);
  if (predict(xgboost, own->booster, values, config, &shape, &n_dims, &result))
    return failed(xgboost->api, NONET_E_DATA, "the model failed", error);
  for (uint64_t d = 0; d < n_dims; d++)
    n *= shape[d];
  if (n != session->n_rows * model->width)
    return error_set(error, NONET_E_DATA,
                     "the model answered %zu rows with %llu numbers; expected %zu", session->n_rows,
                     (unsigned long long)n, session->n_rows * model->width);
  gather_doubles(ELEMENT_FLOAT, result, (size_t)n, raw);
  return NONET_OK;
}

const struct model_driver xgboost_driver = {
    .open = xgboost_open,
    .bind = xgboost_bind,
    .session_open = xgboost_session_open,
    .session_close = xgboost_session_close,
    .add = xgboost_add,
    .run = xgboost_run,
};
