/*
 * nonet.yaml to a struct config.
 *
 * Cases:
 *  1. `nonet: 1` is needed and is the only version.
 *  2. models and data are needed; everything else has a default.
 *  3. The context is read first, since margins and requirements may be about its gates; a name, a
 * path, or a mapping that extends one; not given: general.
 *  4. margins: ids with a scope and @variant as in requirements; one that cannot be a gate is
 * refused.
 *  5. threshold: a number; {maximise: f1, on: train}, never on the rows it is judged on; or
 * {cost: {fp, fn}}: with calibrated scores the cheapest threshold is fp/(fp + fn) (Elkan 2001, eq.
 * 2 with correct decisions free).
 *  6. measures: skip and only hold ids and attributes that the catalogue knows.
 *  7. store: none, a URI, or a path relative to the file.
 */
#include "policy/config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "policy/config_private.h"
#include "policy/context_private.h"

/* ---- keys -------------------------------------------------------------------------------------
 */

/* Case 1. */
static nonet_status read_version(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  (void)into;
  if (node->kind != YAML_SCALAR || strcmp(node->text, "1") != 0) {
    return fields_expected(reader, node, "nonet: 1, the version of this file's form", error);
  }
  return NONET_OK;
}

static nonet_status read_task(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  static const char *const words[] = {"binary",  "multiclass", "regression",
                                      "ranking", "multilabel", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct config *)into)->task = (enum task)(TASK_BINARY + (int)index); /* words: in its order */
  return status;
}

static nonet_status read_later(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  (void)reader, (void)node, (void)into, (void)error; /* the context: read before all others */
  return NONET_OK;
}

static nonet_status read_require(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  struct config *config = into;
  return context_requirements(reader, node, &config->require, &config->n_require, error);
}

/* Case 4. */
static nonet_status read_margin(const struct fields_reader *reader, const struct yaml_node *key,
                                const struct yaml_node *node, struct config_margin *margin,
                                nonet_error *error) {
  const struct measure *record = NULL;
  margin->at = (struct config_place){key->line, key->column};
  nonet_status status = fields_at(
      reader, key,
      requirement_measure(key->text, reader->pool, &margin->id, &margin->scope, &record, error),
      error);
  margin->is_built = record != NULL;
  if (status == NONET_OK) {
    status = fields_text(reader, node, &margin->stated, error);
  }
  if (status == NONET_OK) {
    status = fields_at(reader, node, margin_parse(margin->stated, &margin->margin, error), error);
  }
  if (status == NONET_OK) {
    status = fields_at(reader, node, margin_allowed(record, margin->margin, error), error);
  }
  if (status == NONET_OK) {
    status =
        fields_at(reader, node, margin_settle(margin->id, record, &margin->margin, error), error);
  }
  return status;
}

static nonet_status read_margins(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  struct config *config = into;
  if (node->kind != YAML_MAPPING) {
    return fields_expected(reader, node, "a mapping such as {correctness.auc: 0.005}", error);
  }
  config->margins = pool_new(reader->pool, node->n, sizeof *config->margins);
  config->n_margins = node->n;
  nonet_status status =
      config->margins == NULL ? error_memory(error, node->n, "margins") : NONET_OK;
  for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
    struct config_margin *margin = &config->margins[i];
    status = read_margin(reader, node->key[i], node->item[i], margin, error);
    for (size_t k = 0; k < i && status == NONET_OK; k++) {
      if (strcmp(config->margins[k].id, margin->id) == 0 &&
          requirement_scope_equal(&config->margins[k].scope, &margin->scope)) {
        status = fields_fail(reader, node->key[i], error, "%s has its margin already, in line %u",
                             margin->id, config->margins[k].at.line);
      }
    }
  }
  return status;
}

/* ---- threshold: case 5 ------------------------------------------------------------------------
 */

struct threshold_draft {
  const char *maximise;
  const struct yaml_node *maximise_at, *on, *cost;
};

static nonet_status keep_node(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  (void)reader, (void)error;
  *(const struct yaml_node **)into = node;
  return NONET_OK;
}

static const struct field threshold_fields[] = {
    {"maximise", keep_node, offsetof(struct threshold_draft, maximise_at)},
    {"on", keep_node, offsetof(struct threshold_draft, on)},
    {"cost", keep_node, offsetof(struct threshold_draft, cost)},
    {NULL, NULL, 0}};

static const struct field cost_fields[] = {
    {"fp", fields_real, offsetof(struct config_threshold, fp)},
    {"fn", fields_real, offsetof(struct config_threshold, fn)},
    {NULL, NULL, 0}};

static nonet_status read_maximise(const struct fields_reader *reader,
                                  const struct threshold_draft *draft,
                                  struct config_threshold *threshold, nonet_error *error) {
  const char *id = NULL;
  struct catalogue_pick *picks = NULL;
  size_t n_picks = 0;
  struct text full = {0};
  nonet_status status = fields_text(reader, draft->maximise_at, &id, error);
  if (status == NONET_OK) {
    status = fields_at(reader, draft->maximise_at,
                       catalogue_select(id, TASK_BINARY, &picks, &n_picks, NULL, error), error);
  }
  if (status == NONET_OK && (n_picks != 1 || picks[0].measure->direction != DIRECTION_HIGHER ||
                             (picks[0].measure->needs & NEEDS_PREDICTION) == 0)) {
    status = fields_expected(reader, draft->maximise_at,
                             "one measure of decisions where more is better, such as f1", error);
  }
  if (status == NONET_OK) {
    catalogue_full_id(&picks[0], &full);
    threshold->maximise = full.failed ? NULL : pool_text(reader->pool, full.data, full.length);
    status = threshold->maximise == NULL ? error_memory(error, 100, "a threshold") : NONET_OK;
  }
  if (status == NONET_OK && (draft->on == NULL || draft->on->kind != YAML_SCALAR ||
                             strcmp(draft->on->text, "train") != 0)) {
    status = fields_fail(reader, draft->on == NULL ? draft->maximise_at : draft->on, error,
                         "expected on: train; a threshold chosen on the rows it is judged on looks "
                         "better than it is");
  }
  text_clear(&full);
  memory_free(picks);
  return status;
}

static nonet_status read_threshold(const struct fields_reader *reader, const struct yaml_node *node,
                                   void *into, nonet_error *error) {
  struct config_threshold *threshold = &((struct config *)into)->threshold;
  struct threshold_draft draft = {0};
  threshold->at = (struct config_place){node->line, node->column};
  if (node->kind == YAML_SCALAR) {
    threshold->kind = THRESHOLD_NUMBER;
    return fields_real(reader, node, &threshold->value, error);
  }
  nonet_status status = fields_read(reader, node, "threshold", threshold_fields, &draft, error);
  if (status == NONET_OK && (draft.maximise_at == NULL) == (draft.cost == NULL)) {
    return fields_fail(reader, node, error,
                       "expected a number, {maximise: f1, on: train} or {cost: {fp: 1, fn: 5}}");
  }
  if (status == NONET_OK && draft.maximise_at != NULL) {
    threshold->kind = THRESHOLD_MAXIMISE;
    return read_maximise(reader, &draft, threshold, error);
  }
  if (status == NONET_OK) {
    threshold->kind = THRESHOLD_COST;
    status = fields_read(reader, draft.cost, "cost", cost_fields, threshold, error);
  }
  if (status == NONET_OK && !(threshold->fp > 0 && threshold->fn > 0)) {
    return fields_fail(reader, draft.cost, error, "expected fp and fn, both above 0");
  }
  threshold->value = threshold->fp / (threshold->fp + threshold->fn);
  return status;
}

/* ---- the rest ----------------------------------------------------------------------------------
 */

/* Case 6: a comma list, each entry known to the catalogue. */
static nonet_status read_measures_list(const struct fields_reader *reader,
                                       const struct yaml_node *node, void *into,
                                       nonet_error *error) {
  struct config_list list;
  struct text joined = {0};
  if (node->kind == YAML_SEQUENCE && node->n == 0) {
    return NONET_OK;
  }
  nonet_status status = fields_list(reader, node, &list, error);
  for (size_t i = 0; status == NONET_OK && i < list.n; i++) {
    struct catalogue_pick *picks = NULL;
    size_t n_picks = 0;
    const struct yaml_node *entry = node->kind == YAML_SEQUENCE ? node->item[i] : node;
    status = fields_at(reader, entry,
                       catalogue_select(list.item[i], TASK_BINARY, &picks, &n_picks, NULL, error),
                       error);
    memory_free(picks);
    text_printf(&joined, "%s%s", i == 0 ? "" : ",", list.item[i]);
  }
  if (status == NONET_OK) {
    *(const char **)into =
        joined.failed ? NULL : pool_text(reader->pool, joined.data, joined.length);
    status = *(const char **)into == NULL ? error_memory(error, 100, "measures") : NONET_OK;
  }
  text_clear(&joined);
  return status;
}

static const struct field measures_fields[] = {
    {"skip", read_measures_list, offsetof(struct config, skip)},
    {"only", read_measures_list, offsetof(struct config, only)},
    {NULL, NULL, 0}};

static nonet_status read_measures(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  return fields_read(reader, node, "measures", measures_fields, into, error);
}

static nonet_status read_coverage(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  static const char *const words[] = {"full", "partial", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct config *)into)->is_partial = index == 1;
  return status;
}

/* Case 7. */
static nonet_status read_store(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  struct config *config = into;
  if (node->kind == YAML_SCALAR && strcmp(node->text, "none") == 0) {
    config->store = config->store_shown = "none";
    return NONET_OK;
  }
  config->store_shown = node->text;
  return fields_path(reader, node, &config->store, error);
}

static const struct field config_fields[] = {
    {"nonet", read_version, 0},
    {"task", read_task, 0},
    {"context", read_later, 0},
    {"models", config_model_read, 0},
    {"data", config_data_read, 0},
    {"columns", config_data_columns, 0},
    {"require", read_require, 0},
    {"margins", read_margins, 0},
    {"threshold", read_threshold, 0},
    {"measures", read_measures, 0},
    {"coverage", read_coverage, 0},
    {"budget", fields_seconds, offsetof(struct config, budget_s)},
    {"retrain", fields_expanded, offsetof(struct config, retrain)},
    {"store", read_store, 0},
    {NULL, NULL, 0}};

/* Case 2. */
static nonet_status check_whole(const struct fields_reader *reader, const struct yaml_node *root,
                                nonet_error *error) {
  static const struct {
    const char *key, *what;
  } needed[] = {{"nonet", "nonet: 1, the version of this file's form"},
                {"models", "models: with the candidate, and the baseline it is compared with"},
                {"data", "data: with the test rows and the label"}};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    if (yaml_get(root, needed[i].key) == NULL) {
      return fields_fail(reader, root, error, "expected %s", needed[i].what);
    }
  }
  return NONET_OK;
}

static nonet_status read_tree(const struct fields_reader *reader, const struct yaml_node *root,
                              struct config *config, nonet_error *error) {
  const struct yaml_node *context = yaml_get(root, "context");
  nonet_status status = context == NULL ? context_find("general", &config->context, error)
                                        : context_of_node(reader, context, &config->context, error);
  config->is_partial = config->context.is_partial;
  if (status == NONET_OK) {
    status = fields_read(reader, root, "nonet.yaml", config_fields, config, error);
  }
  return status == NONET_OK ? check_whole(reader, root, error) : status;
}

nonet_status config_parse(const char *data, size_t size_bytes, const char *source,
                          struct config *config, nonet_error *error) {
  struct yaml_node *root = NULL;
  const char *slash = strrchr(source, '/');
  *config = (struct config){.budget_s = 60, .threshold = {.value = 0.5}, .sample = {.seed = 1}};
  config->path = pool_text(&config->pool, source, strlen(source));
  config->folder =
      pool_text(&config->pool, source, slash == NULL ? 0 : (size_t)(slash - source) + 1);
  nonet_status status = config->path == NULL || config->folder == NULL
                            ? error_memory(error, strlen(source), "a configuration")
                            : NONET_OK;
  if (status == NONET_OK) {
    status = yaml_parse(data, size_bytes, config->path, &config->pool, &root, error);
  }
  if (status == NONET_OK) {
    const struct fields_reader reader = {config->path, config->folder, &config->pool};
    status = read_tree(&reader, root, config, error);
  }
  if (status == NONET_OK) {
    status = config_json_make(root, config, error);
  }
  if (status != NONET_OK) {
    config_clear(config);
  }
  return status;
}

nonet_status config_read(const char *path, struct config *config, nonet_error *error) {
  struct pool pool = {0};
  const char *data = NULL;
  size_t size_bytes = 0;
  *config = (struct config){0};
  nonet_status status = yaml_load(path, &pool, &data, &size_bytes, error);
  if (status == NONET_OK) {
    status = config_parse(data, size_bytes, path, config, error);
  }
  pool_clear(&pool);
  return status;
}

nonet_status config_set_context(struct config *config, const char *name, nonet_error *error) {
  struct context other;
  bool is_of_file = config->is_partial != config->context.is_partial;
  nonet_status status = context_find(name, &other, error);
  if (status != NONET_OK) {
    return status;
  }
  context_clear(&config->context);
  config->context = other;
  config->is_partial = is_of_file ? config->is_partial : other.is_partial;
  return config_json_context(config, error);
}

void config_clear(struct config *config) {
  context_clear(&config->context);
  json_decref(config->resolved);
  pool_clear(&config->pool);
  *config = (struct config){0};
}

nonet_status config_fail(const struct config *config, struct config_place at, nonet_error *error,
                         const char *format, ...) {
  char message[700];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return error_set(error, NONET_E_CONFIG, "%s:%u:%u: %s", config->path, at.line, at.column,
                   message);
}
