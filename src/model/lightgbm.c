/*
 * Models of LightGBM, by its own library.
 *
 * Cases: 1. The columns are the features the model names. LightGBM writes "hours_per_week" for
 * "hours per week": a list of features whose names come to the model's that way is taken instead. A
 * model without names (Column_0, Column_1 …) takes those listed under features:, as many as it has.
 * 2. Missing values are NaN; a null is one.
 * 3. The objective says what the numbers are: binary and cross_entropy P(positive), multiclass one
 * probability a class in the order of the encoded labels, regression and its kin values.
 * multiclassova's do not add up to 1, cross_entropy_lambda's are no probabilities, rankings are not
 * judged: errors. A custom objective gives the sum of the leaves: left open (model_scores.c).
 * 4. One booster a session, one thread each unless more are asked for.
 * 5. Categories: a model trained on a pandas frame holds the categories of its columns of that
 * type, and a value is looked up among them as LightGBM's Python package does; one that is not
 * among them, and a null, are missing. When there are more or fewer lists than categorical features
 * (an ordered category is trained as a number), nothing tells whose they are: an error. Without
 * lists, codes are numbers, as it was trained with.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/gather.h"
#include "model/lightgbm_api.h"
#include "model/lightgbm_file.h"
#include "model/model_parts.h"

struct category {
  const char *text; /* NULL: a number */
  size_t length;
  double number, code;
};

struct lightgbm_feature {
  size_t column;               /* place among the model's columns */
  struct category *categories; /* [n_categories] sorted; NULL: a number */
  size_t n_categories;
};

struct lightgbm_model {
  const struct lightgbm_api *api;
  struct lightgbm_feature *features; /* [n_features] */
  size_t n_features;
  size_t n_classes;
  char objective[64];
  enum model_link link;
};

struct lightgbm_session {
  LightgbmBooster booster;
  double *values; /* [capacity × n_features] */
};

static nonet_status failed(const struct lightgbm_api *api, const char *what, nonet_error *error) {
  const char *reason = api->LGBM_GetLastError();
  return error_set(error, NONET_E_DATA, "%s: %.*s", what, (int)strcspn(reason, "\n"), reason);
}

/* ---- open ------------------------------------------------------------------------------------ */

static nonet_status load(const struct lightgbm_api *api, const char *path, LightgbmBooster *booster,
                         nonet_error *error) {
  char what[300];
  int n_iterations;
  *booster = NULL;
  lightgbm_api_quiet(api);
  snprintf(what, sizeof what, "%.200s is not a model that LightGBM can load", path);
  return api->LGBM_BoosterCreateFromModelfile(path, &n_iterations, booster)
             ? failed(api, what, error)
             : NONET_OK;
}

/* Case 3. */
static nonet_status read_objective(struct model *model, const struct lightgbm_file *file,
                                   nonet_error *error) {
  struct lightgbm_model *own = model->self;
  static const struct {
    const char *name;
    enum model_link link;
    const char *refused;
  } rows[] = {
      {"binary", MODEL_LINK_PROBABILITY, NULL},
      {"cross_entropy", MODEL_LINK_PROBABILITY, NULL},
      {"multiclass", MODEL_LINK_PROBABILITY, NULL},
      {"multiclassova", 0, "its numbers do not add up to 1; train with objective=multiclass"},
      {"cross_entropy_lambda", 0, "its numbers are no probabilities; train with cross_entropy"},
      {"lambdarank", 0, "ranking is not judged yet"},
      {"rank_xendcg", 0, "ranking is not judged yet"},
      {"regression", MODEL_LINK_NONE, NULL},
      {"regression_l1", MODEL_LINK_NONE, NULL},
      {"huber", MODEL_LINK_NONE, NULL},
      {"fair", MODEL_LINK_NONE, NULL},
      {"poisson", MODEL_LINK_NONE, NULL},
      {"quantile", MODEL_LINK_NONE, NULL},
      {"mape", MODEL_LINK_NONE, NULL},
      {"gamma", MODEL_LINK_NONE, NULL},
      {"tweedie", MODEL_LINK_NONE, NULL},
  };
  const char *text = file->objective.data ? file->objective.data : "";
  snprintf(own->objective, sizeof own->objective, "%.*s", (int)strcspn(text, " \r"), text);
  own->link = MODEL_LINK_OPEN;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(own->objective, rows[i].name) == 0) {
      if (rows[i].refused)
        return error_set(error, NONET_E_DATA, "the model's objective is %s: %s", own->objective,
                         rows[i].refused);
      own->link = rows[i].link;
    }
  nonet_status status = model_fact(model, "objective", text[0] ? own->objective : "custom", error);
  return status ? status
                : model_fact(model, "format", file->version.data ? file->version.data : "", error);
}

/* Case 1: "hours per week" of the list for "hours_per_week" of the model. */
static bool is_same_name(const char *listed, const char *name, size_t length) {
  size_t i = 0;
  for (; i < length && listed[i]; i++)
    if (listed[i] != name[i] && !(listed[i] == ' ' && name[i] == '_'))
      return false;
  return i == length && !listed[i];
}

static bool is_unnamed(const struct text *names, size_t n_features) {
  for (size_t i = 0; i < n_features; i++) {
    const char *word;
    size_t length;
    char expected[32];
    int n = snprintf(expected, sizeof expected, "Column_%zu", i);
    if (!lightgbm_file_word(names, i, &word, &length) || length != (size_t)n ||
        memcmp(word, expected, length) != 0)
      return false;
  }
  return true;
}

static bool is_listed(const struct text *names, const struct model_options *options,
                      size_t n_features) {
  const char *word;
  size_t length;
  if (options->n_features != n_features)
    return false;
  for (size_t i = 0; i < n_features; i++)
    if (!lightgbm_file_word(names, i, &word, &length) ||
        !is_same_name(options->features[i], word, length))
      return false;
  return true;
}

static nonet_status want_feature(struct model *model, const char *name, size_t length, size_t i,
                                 struct model_tensor *input, nonet_error *error) {
  struct lightgbm_model *own = model->self;
  struct text text = {0};
  text_append_n(&text, name, length);
  nonet_status status =
      text.failed ? error_memory(error, length, "the model's features")
                  : model_want(model, text.data, text.data, &own->features[i].column, error);
  if (!status)
    *input = (struct model_tensor){model->columns[own->features[i].column], "float64", "[N, 1]"};
  text_clear(&text);
  return status;
}

static nonet_status want_features(struct model *model, const struct lightgbm_file *file,
                                  const struct model_options *options, nonet_error *error) {
  struct lightgbm_model *own = model->self;
  bool is_nameless = is_unnamed(&file->names, own->n_features);
  bool is_by_list = is_nameless || is_listed(&file->names, options, own->n_features);
  if (is_nameless && options->n_features != own->n_features)
    return error_set(error, NONET_E_CONFIG,
                     "the model has %zu features and does not name them, and %zu are listed; list "
                     "them under features: in the order it was trained with",
                     own->n_features, options->n_features);
  own->features = model_keep(model, own->n_features, sizeof *own->features);
  struct model_tensor *inputs = model_keep(model, own->n_features, sizeof *inputs);
  if (!own->features || !inputs)
    return error_memory(error, own->n_features * sizeof *inputs, "the model's features");
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < own->n_features && !status; i++) {
    const char *word = is_by_list ? options->features[i] : NULL;
    size_t length = is_by_list ? strlen(word) : 0;
    if (!is_by_list && !lightgbm_file_word(&file->names, i, &word, &length))
      status = error_set(error, NONET_E_DATA, "the model has %zu features and names %zu",
                         own->n_features, i);
    else
      status = want_feature(model, word, length, i, &inputs[i], error);
  }
  model->info.inputs = inputs;
  model->info.n_inputs = status ? 0 : own->n_features;
  return status;
}

/* ---- categories: case 5 ------------------------------------------------------------------------
 */

static int category_order(const void *a, const void *b) {
  const struct category *x = a, *y = b;
  if (!x->text || !y->text)
    return (x->number > y->number) - (x->number < y->number);
  size_t shorter = x->length < y->length ? x->length : y->length;
  int order = memcmp(x->text, y->text, shorter);
  return order ? order : (x->length > y->length) - (x->length < y->length);
}

static nonet_status keep_categories(struct model *model, struct lightgbm_feature *feature,
                                    const json_t *list, nonet_error *error) {
  size_t n = json_array_size(list), n_texts = 0;
  feature->categories = model_keep(model, n + 1, sizeof *feature->categories);
  if (!feature->categories)
    return error_memory(error, n * sizeof *feature->categories, "categories");
  for (size_t i = 0; i < n; i++) {
    const json_t *value = json_array_get(list, i);
    struct category *category = &feature->categories[i];
    *category = (struct category){.code = (double)i,
                                  .number = json_is_true(value) ? 1 : json_number_value(value)};
    if (json_is_string(value)) {
      n_texts++;
      category->text = model_keep_text(model, json_string_value(value));
      if (!category->text)
        return error_memory(error, json_string_length(value), "categories");
      category->length = strlen(category->text);
    }
  }
  if (n_texts != 0 && n_texts != n)
    return error_set(error, NONET_E_DATA,
                     "the model's feature '%s' has texts and numbers as "
                     "categories; make them one type and train again",
                     model->columns[feature->column]);
  feature->n_categories = n;
  qsort(feature->categories, n, sizeof *feature->categories, category_order);
  return NONET_OK;
}

static nonet_status read_categories(struct model *model, const struct lightgbm_file *file,
                                    nonet_error *error) {
  struct lightgbm_model *own = model->self;
  size_t n_lists = json_array_size(file->categories), n_categorical = 0, length;
  const char *info;
  nonet_status status = NONET_OK;
  if (n_lists == 0)
    return NONET_OK;
  for (size_t i = 0; i < own->n_features && !status; i++) {
    if (!lightgbm_file_word(&file->infos, i, &info, &length) ||
        !lightgbm_file_is_category(info, length))
      continue;
    if (n_categorical < n_lists)
      status = keep_categories(model, &own->features[i],
                               json_array_get(file->categories, n_categorical), error);
    n_categorical++;
  }
  if (!status && n_categorical != n_lists)
    status = error_set(error, NONET_E_DATA,
                       "the model holds the categories of %zu columns and has %zu categorical "
                       "features, so nothing tells whose they are; train with unordered categories "
                       "that all occur, or export it to onnx",
                       n_lists, n_categorical);
  return status;
}

static double code_of(const struct lightgbm_feature *feature, const struct category *wanted) {
  const struct category *found =
      bsearch(wanted, feature->categories, feature->n_categories, sizeof *wanted, category_order);
  return found ? found->code : NAN;
}

static bool wants_text(const struct lightgbm_feature *feature) {
  return feature->n_categories > 0 && feature->categories[0].text;
}

/* ---- open, whole -------------------------------------------------------------------------------
 */

static nonet_status describe_output(struct model *model, nonet_error *error) {
  const struct lightgbm_model *own = model->self;
  char shape[32] = "[N]";
  struct model_tensor *output = model_keep(model, 1, sizeof *output);
  if (own->n_classes > 1)
    snprintf(shape, sizeof shape, "[N, %zu]", own->n_classes);
  if (output)
    *output = (struct model_tensor){own->objective[0] ? own->objective : "raw", "float64",
                                    model_keep_text(model, shape)};
  if (!output || !output->shape)
    return error_memory(error, sizeof *output, "the model's output");
  model->info.outputs = output;
  model->info.n_outputs = 1;
  return NONET_OK;
}

static nonet_status read_sizes(struct lightgbm_model *own, LightgbmBooster booster,
                               nonet_error *error) {
  int n_features = 0, n_classes = 0;
  if (own->api->LGBM_BoosterGetNumFeature(booster, &n_features) ||
      own->api->LGBM_BoosterGetNumClasses(booster, &n_classes))
    return failed(own->api, "the model's features", error);
  if (n_features < 1 || n_classes < 1)
    return error_set(error, NONET_E_DATA, "the model has %d features and %d classes", n_features,
                     n_classes);
  own->n_features = (size_t)n_features;
  own->n_classes = (size_t)n_classes;
  return NONET_OK;
}

static nonet_status lightgbm_open(struct model *model, const struct model_options *options,
                                  nonet_error *error) {
  if (!options->path)
    return error_set(error, NONET_E_CONFIG, "a lightgbm model needs the path of its file");
  nonet_status status = model_file(model, options->path, error);
  struct lightgbm_file file = {0};
  LightgbmBooster booster = NULL;
  struct lightgbm_model *own = model_keep(model, 1, sizeof *own);
  if (!status && !own)
    status = error_memory(error, sizeof *own, "a model");
  if (!status)
    status = lightgbm_api_open(&own->api, error);
  if (status)
    return status;
  model->self = own;
  model->info.runtime = own->api->runtime;
  status = lightgbm_file_read(options->path, &file, error);
  if (!status)
    status = read_objective(model, &file, error);
  if (!status) {
    status = load(own->api, options->path, &booster, error);
    if (status && options->is_refused)
      *options->is_refused = true;
  }
  if (!status)
    status = read_sizes(own, booster, error);
  if (!status)
    status = want_features(model, &file, options, error);
  if (!status)
    status = read_categories(model, &file, error);
  if (!status)
    status = describe_output(model, error);
  if (booster)
    own->api->LGBM_BoosterFree(booster);
  lightgbm_file_clear(&file);
  return status;
}

/* ---- bind --------------------------------------------------------------------------------------
 */

static nonet_status check_types(const struct model *model, nonet_error *error) {
  const struct lightgbm_model *own = model->self;
  for (size_t i = 0; i < own->n_features; i++) {
    const struct lightgbm_feature *feature = &own->features[i];
    const struct arrow_type *type = &model->types[feature->column];
    char name[64];
    if (gather_fits(wants_text(feature) ? ELEMENT_STRING : ELEMENT_DOUBLE, type))
      continue;
    arrow_type_name(type, name, sizeof name);
    return error_set(error, NONET_E_DATA,
                     "the model's feature '%s' takes %s; the table's column is %s; encode it in "
                     "the query as it was for training",
                     model->columns[feature->column],
                     wants_text(feature) ? "categories that are texts" : "numbers", name);
  }
  return NONET_OK;
}

static nonet_status lightgbm_bind(struct model *model, nonet_error *error) {
  const struct lightgbm_model *own = model->self;
  nonet_status status = check_types(model, error);
  if (status)
    return status;
  bool is_value = own->link == MODEL_LINK_NONE;
  if (own->link != MODEL_LINK_OPEN && is_value != (model->task == MODEL_REGRESSION))
    return error_set(error, NONET_E_DATA, "the model's objective is %s, and the task is %s",
                     own->objective,
                     model->task == MODEL_REGRESSION ? "regression" : "classification");
  if (model->task != MODEL_REGRESSION && own->link != MODEL_LINK_OPEN)
    atomic_store(&model->link, (int)own->link);
  return model_set_width(model, own->n_classes, NULL, own->objective, error);
}

/* ---- sessions ----------------------------------------------------------------------------------
 */

static void lightgbm_session_close(struct model_session *session) {
  struct lightgbm_session *own = session->self;
  if (own->booster)
    ((struct lightgbm_model *)session->model->self)->api->LGBM_BoosterFree(own->booster);
  memory_free(own->values);
  memory_free(own);
}

static nonet_status lightgbm_session_open(struct model_session *session, nonet_error *error) {
  const struct lightgbm_model *lightgbm = session->model->self;
  struct lightgbm_session *own = memory_zeroed(1, sizeof *own);
  session->self = own;
  if (session->capacity > INT_MAX / 2)
    return error_set(error, NONET_E_CONFIG, "batch_rows: %zu is more than LightGBM takes",
                     session->capacity);
  if (own)
    own->values = memory_new(session->capacity * lightgbm->n_features, sizeof(double));
  if (!own || !own->values)
    return error_memory(error, session->capacity * lightgbm->n_features * sizeof(double),
                        "a session");
  return load(lightgbm->api, session->model->info.path, &own->booster, error);
}

/* Case 5: values to codes, in place where they are numbers. */
static void add_categories(const struct lightgbm_feature *feature, const struct arrowcol *column,
                           int64_t start, int64_t n, double *out, size_t stride) {
  for (int64_t r = 0; r < n; r++) {
    double *value = &out[(size_t)r * stride];
    struct category wanted = {.number = *value};
    if (!wants_text(feature))
      *value = isnan(*value) ? NAN : code_of(feature, &wanted);
    else
      *value = gather_text(column, start + r, &wanted.text, &wanted.length)
                   ? code_of(feature, &wanted)
                   : NAN;
  }
}

static nonet_status lightgbm_add(struct model_session *session, int64_t start, int64_t n,
                                 nonet_error *error) {
  const struct lightgbm_model *lightgbm = session->model->self;
  struct lightgbm_session *own = session->self;
  size_t width = lightgbm->n_features;
  for (size_t i = 0; i < width; i++) {
    const struct lightgbm_feature *feature = &lightgbm->features[i];
    const struct arrowcol *column = &session->columns[feature->column];
    double *out = own->values + session->n_rows * width + i;
    int64_t fault = 0;
    const char *why = "";
    if (!wants_text(feature) &&
        !gather_numbers(column, start, n, ELEMENT_DOUBLE, out, width, &fault, &why))
      return model_bad_value(session, feature->column, fault, why, error);
    if (feature->categories)
      add_categories(feature, column, start, n, out, width);
  }
  return NONET_OK;
}

static nonet_status lightgbm_run(struct model_session *session, double *raw, uint32_t *labels,
                                 nonet_error *error) {
  (void)labels;
  const struct lightgbm_model *lightgbm = session->model->self;
  const struct lightgbm_session *own = session->self;
  int64_t n = 0, expected = (int64_t)(session->n_rows * session->model->width);
  char parameters[64];
  snprintf(parameters, sizeof parameters, "num_threads=%zu verbosity=-1", session->model->threads);
  lightgbm_api_quiet(lightgbm->api);
  if (lightgbm->api->LGBM_BoosterPredictForMat(
          own->booster, own->values, LIGHTGBM_FLOAT64, (int32_t)session->n_rows,
          (int32_t)lightgbm->n_features, 1, LIGHTGBM_PREDICT_NORMAL, 0, -1, parameters, &n, raw))
    return failed(lightgbm->api, "the model failed", error);
  return n == expected ? NONET_OK
                       : error_set(error, NONET_E_DATA,
                                   "the model answered %zu rows with %lld numbers; expected %lld",
                                   session->n_rows, (long long)n, (long long)expected);
}

const struct model_driver lightgbm_driver = {
    .open = lightgbm_open,
    .bind = lightgbm_bind,
    .session_open = lightgbm_session_open,
    .session_close = lightgbm_session_close,
    .add = lightgbm_add,
    .run = lightgbm_run,
};
