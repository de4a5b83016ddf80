/*
 * `models:` of nonet.yaml.
 *
 * Cases:
 *  1. A model is a mapping with exactly one kind (onnx, xgboost, lightgbm, columns, command,
 * open_inference, plugin); none and two are errors that say which there are.
 *  2. candidate: one; candidates: a list with a name each (default: candidate_1 …), no two the
 * same, none "baseline". One of the two keys, not both.
 *  3. columns: {score: a name or a list, prediction: a name}; at least one of them.
 *  4. command: a list of words, or one text split like a shell would: blanks, '…', "…" and a
 * backslash; no variables, no globs, no shell.
 *  5. An option that its kind cannot use is an error.
 *  6. reference: {score: …} names columns as columns: does, of the same model asked elsewhere.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/config_private.h"

enum form { FORM_FILE, FORM_COLUMNS, FORM_COMMAND, FORM_URL };
enum {
  TAKES_OUTPUT = 1,
  TAKES_LAYOUT = 2,
  TAKES_BATCH = 4,
  TAKES_PROVIDER = 8,
  TAKES_TIMEOUT = 16,
  TAKES_REFERENCE = 32
};

static const struct kind {
  const char *name;
  enum form form;
  unsigned takes;
} kinds[] = {
    {"onnx", FORM_FILE,
     TAKES_OUTPUT | TAKES_LAYOUT | TAKES_BATCH | TAKES_PROVIDER | TAKES_TIMEOUT | TAKES_REFERENCE},
    {"xgboost", FORM_FILE, TAKES_BATCH | TAKES_TIMEOUT | TAKES_REFERENCE},
    {"lightgbm", FORM_FILE, TAKES_BATCH | TAKES_TIMEOUT | TAKES_REFERENCE},
    {"columns", FORM_COLUMNS, 0},
    {"command", FORM_COMMAND, TAKES_OUTPUT | TAKES_BATCH | TAKES_TIMEOUT | TAKES_REFERENCE},
    {"open_inference", FORM_URL, TAKES_OUTPUT | TAKES_LAYOUT | TAKES_BATCH | TAKES_TIMEOUT},
    {"plugin", FORM_FILE, TAKES_OUTPUT | TAKES_LAYOUT | TAKES_BATCH}};
#define N_KINDS (sizeof kinds / sizeof *kinds)

struct draft { /* a model while it is read */
  struct config_model model;
  const struct yaml_node *value[N_KINDS]; /* behind each kind's key */
  const struct yaml_node *option[6];      /* where an option stands, for case 5 */
};

/* ---- the parts of one model ----------------------------------------------------------------- */

static nonet_status keep_node(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  (void)reader, (void)error;
  *(const struct yaml_node **)into = node;
  return NONET_OK;
}

static const struct field columns_fields[] = {
    {"score", fields_list, offsetof(struct config_model, score)},
    {"prediction", fields_text, offsetof(struct config_model, prediction)},
    {NULL, NULL, 0}};

/* One word of a command line; *at moves behind it. False: a quote is open. Case 4. */
static bool read_word(const char **at, struct text *word) {
  char quote = '\0';
  text_append(word, "");
  for (; **at != '\0' && (quote != '\0' || strchr(" \t\n", **at) == NULL); (*at)++) {
    if (quote != '\0' && **at == quote) {
      quote = '\0';
    } else if (quote == '\0' && (**at == '"' || **at == '\'')) {
      quote = **at;
    } else {
      *at += **at == '\\' && quote != '\'' && (*at)[1] != '\0';
      text_append_n(word, *at, 1);
    }
  }
  return quote == '\0';
}

static nonet_status split_command(const struct fields_reader *reader, const struct yaml_node *node,
                                  const char *line, struct config_list *argv, nonet_error *error) {
  size_t most = strlen(line) / 2 + 1;
  nonet_status status = NONET_OK;
  argv->item = pool_new(reader->pool, most, sizeof *argv->item);
  argv->n = 0;
  if (argv->item == NULL) {
    return error_memory(error, most, "a command");
  }
  for (const char *at = line; status == NONET_OK;) {
    struct text word = {0};
    at += strspn(at, " \t\n");
    if (*at == '\0') {
      break;
    }
    bool is_closed = read_word(&at, &word);
    const char *kept = word.failed ? NULL : pool_text(reader->pool, word.data, word.length);
    text_clear(&word);
    if (!is_closed) {
      status = fields_fail(reader, node, error, "a quote is not closed in this command");
    } else if (kept == NULL) {
      status = error_memory(error, most, "a command");
    } else {
      argv->item[argv->n++] = kept;
    }
  }
  return status;
}

static nonet_status join_shown(const struct fields_reader *reader, const struct yaml_node *node,
                               const char **shown, nonet_error *error) {
  struct text text = {0};
  text_append(&text, node->kind == YAML_SCALAR ? node->text : "");
  for (size_t i = 0; i < node->n; i++) {
    text_printf(&text, "%s%s", i == 0 ? "" : " ",
                node->item[i]->text == NULL ? "" : node->item[i]->text);
  }
  *shown = text.failed ? NULL : pool_text(reader->pool, text.data, text.length);
  text_clear(&text);
  return *shown == NULL ? error_memory(error, 100, "a command") : NONET_OK;
}

static nonet_status read_command(const struct fields_reader *reader, const struct yaml_node *node,
                                 struct config_model *model, nonet_error *error) {
  nonet_status status = join_shown(reader, node, &model->shown, error);
  if (status == NONET_OK && node->kind == YAML_SEQUENCE && node->n > 0) {
    model->command.item = pool_new(reader->pool, node->n, sizeof *model->command.item);
    model->command.n = node->n;
    if (model->command.item == NULL) {
      return error_memory(error, node->n, "a command");
    }
    for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
      status = fields_expanded(reader, node->item[i], &model->command.item[i], error);
    }
    return status;
  }
  const char *line = NULL;
  if (status == NONET_OK) {
    status = node->kind == YAML_SCALAR
                 ? fields_expanded(reader, node, &line, error)
                 : fields_expected(reader, node, "a command line or a list of its words", error);
  }
  if (status == NONET_OK) {
    status = split_command(reader, node, line, &model->command, error);
  }
  if (status == NONET_OK && model->command.n == 0) {
    status = fields_expected(reader, node, "a command line or a list of its words", error);
  }
  return status;
}

static nonet_status read_value(const struct fields_reader *reader, const struct yaml_node *node,
                               const struct kind *kind, struct config_model *model,
                               nonet_error *error) {
  nonet_status status;
  model->kind = kind->name;
  switch (kind->form) {
  case FORM_COLUMNS: /* case 3 */
    status = fields_read(reader, node, "columns", columns_fields, model, error);
    if (status == NONET_OK && model->score.n == 0 && model->prediction == NULL) {
      status =
          fields_fail(reader, node, error, "expected score or prediction: the model's columns");
    }
    return status;
  case FORM_COMMAND:
    return read_command(reader, node, model, error);
  case FORM_URL:
    status = fields_expanded(reader, node, &model->url, error);
    break;
  default:
    status = fields_path(reader, node, &model->path, error);
  }
  model->shown = status == NONET_OK ? node->text : NULL;
  return status;
}

/* ---- one model ------------------------------------------------------------------------------ */

static nonet_status read_output(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  static const char *const words[] = {"auto", "probability", "logit", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct draft *)into)->model.output = words[index];
  ((struct draft *)into)->option[0] = node;
  return status;
}

static nonet_status read_layout(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  static const char *const words[] = {"auto", "nhwc", "nchw", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct draft *)into)->model.layout = words[index];
  ((struct draft *)into)->option[1] = node;
  return status;
}

static nonet_status read_batch(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  struct draft *draft = into;
  draft->option[2] = node;
  nonet_status status = fields_count(reader, node, &draft->model.batch_rows, error);
  if (status == NONET_OK && draft->model.batch_rows > 1u << 20) {
    status = fields_expected(reader, node, "rows of one call, at most 1,048,576", error);
  }
  return status;
}

static nonet_status read_provider(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  static const char *const words[] = {"cpu", "cuda", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct draft *)into)->model.provider = words[index];
  ((struct draft *)into)->option[3] = node;
  return status;
}

static nonet_status read_timeout(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  ((struct draft *)into)->option[4] = node;
  return fields_seconds(reader, node, &((struct draft *)into)->model.timeout_s, error);
}

static const struct field reference_fields[] = {
    {"score", fields_list, offsetof(struct config_model, reference)}, {NULL, NULL, 0}};

/* Case 6. */
static nonet_status read_reference(const struct fields_reader *reader, const struct yaml_node *node,
                                   void *into, nonet_error *error) {
  struct draft *draft = into;
  draft->option[5] = node;
  nonet_status status =
      fields_read(reader, node, "reference", reference_fields, &draft->model, error);
  return status == NONET_OK && draft->model.reference.n == 0
             ? fields_fail(reader, node, error,
                           "expected score: the column (or one per class) with the predictions of "
                           "the framework that trained the model")
             : status;
}

#define VALUE(i) offsetof(struct draft, value) + (i) * sizeof(struct yaml_node *)
static const struct field model_fields[] = {
    {"onnx", keep_node, VALUE(0)},
    {"xgboost", keep_node, VALUE(1)},
    {"lightgbm", keep_node, VALUE(2)},
    {"columns", keep_node, VALUE(3)},
    {"command", keep_node, VALUE(4)},
    {"open_inference", keep_node, VALUE(5)},
    {"plugin", keep_node, VALUE(6)},
    {"name", fields_text, offsetof(struct draft, model.name)},
    {"output", read_output, 0},
    {"layout", read_layout, 0},
    {"batch_rows", read_batch, 0},
    {"provider", read_provider, 0},
    {"timeout", read_timeout, 0},
    {"reference", read_reference, 0},
    {NULL, NULL, 0}};

/* Case 5. */
static nonet_status check_options(const struct fields_reader *reader, const struct draft *draft,
                                  const struct kind *kind, nonet_error *error) {
  static const struct {
    const char *name;
    unsigned needs;
  } options[] = {{"output", TAKES_OUTPUT},    {"layout", TAKES_LAYOUT},
                 {"batch_rows", TAKES_BATCH}, {"provider", TAKES_PROVIDER},
                 {"timeout", TAKES_TIMEOUT},  {"reference", TAKES_REFERENCE}};
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (draft->option[i] != NULL && (kind->takes & options[i].needs) == 0) {
      return fields_fail(reader, draft->option[i], error, "a model of kind %s has no option %s",
                         kind->name, options[i].name);
    }
  }
  return NONET_OK;
}

/* Case 1. */
static nonet_status read_model(const struct fields_reader *reader, const struct yaml_node *node,
                               struct config_model *model, nonet_error *error) {
  struct draft draft = {0};
  const struct kind *kind = NULL;
  nonet_status status = fields_read(reader, node, "a model", model_fields, &draft, error);
  for (size_t i = 0; i < N_KINDS && status == NONET_OK; i++) {
    if (draft.value[i] == NULL) {
      continue;
    }
    if (kind != NULL) {
      return fields_fail(reader, draft.value[i], error, "a model has one kind; found %s and %s",
                         kind->name, kinds[i].name);
    }
    kind = &kinds[i];
    status = read_value(reader, draft.value[i], kind, &draft.model, error);
  }
  if (status == NONET_OK && kind == NULL) {
    status = fields_fail(reader, node, error,
                         "expected the model's kind: onnx, xgboost, lightgbm, columns, command, "
                         "open_inference or plugin");
  }
  if (status == NONET_OK) {
    status = check_options(reader, &draft, kind, error);
  }
  draft.model.at = (struct config_place){node->line, node->column};
  *model = draft.model;
  return status;
}

/* ---- all models ----------------------------------------------------------------------------- */

static nonet_status read_candidate(const struct fields_reader *reader, const struct yaml_node *node,
                                   void *into, nonet_error *error) {
  struct config *config = into;
  if (config->candidates != NULL) {
    return fields_fail(reader, node, error, "expected candidate or candidates, not both");
  }
  config->candidates = pool_new(reader->pool, 1, sizeof *config->candidates);
  config->n_candidates = 1;
  if (config->candidates == NULL) {
    return error_memory(error, sizeof *config->candidates, "a model");
  }
  nonet_status status = read_model(reader, node, config->candidates, error);
  if (config->candidates->name == NULL) {
    config->candidates->name = "candidate";
  }
  return status;
}

/* Case 2. */
static nonet_status name_candidates(const struct fields_reader *reader,
                                    const struct yaml_node *node, struct config *config,
                                    nonet_error *error) {
  for (size_t i = 0; i < config->n_candidates; i++) {
    struct config_model *model = &config->candidates[i];
    if (model->name == NULL) {
      char name[40];
      int length = snprintf(name, sizeof name, "candidate_%zu", i + 1);
      model->name = pool_text(reader->pool, name, (size_t)length);
      if (model->name == NULL) {
        return error_memory(error, sizeof name, "a model");
      }
    }
    bool is_taken = strcmp(model->name, "baseline") == 0;
    for (size_t k = 0; k < i && !is_taken; k++) {
      is_taken = strcmp(config->candidates[k].name, model->name) == 0;
    }
    if (is_taken) {
      return fields_fail(reader, node->item[i], error, "another model is named '%.60s' already",
                         model->name);
    }
  }
  return NONET_OK;
}

static nonet_status read_candidates(const struct fields_reader *reader,
                                    const struct yaml_node *node, void *into, nonet_error *error) {
  struct config *config = into;
  if (config->candidates != NULL) {
    return fields_fail(reader, node, error, "expected candidate or candidates, not both");
  }
  if (node->kind != YAML_SEQUENCE || node->n == 0) {
    return fields_expected(reader, node, "a list of models", error);
  }
  config->candidates = pool_new(reader->pool, node->n, sizeof *config->candidates);
  config->n_candidates = node->n;
  nonet_status status =
      config->candidates == NULL ? error_memory(error, node->n, "models") : NONET_OK;
  for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
    status = read_model(reader, node->item[i], &config->candidates[i], error);
  }
  return status == NONET_OK ? name_candidates(reader, node, config, error) : status;
}

static nonet_status read_baseline(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  struct config *config = into;
  config->baseline = pool_new(reader->pool, 1, sizeof *config->baseline);
  if (config->baseline == NULL) {
    return error_memory(error, sizeof *config->baseline, "a model");
  }
  nonet_status status = read_model(reader, node, config->baseline, error);
  if (config->baseline->name == NULL) {
    config->baseline->name = "baseline";
  }
  return status;
}

static const struct field models_fields[] = {{"candidate", read_candidate, 0},
                                             {"candidates", read_candidates, 0},
                                             {"baseline", read_baseline, 0},
                                             {NULL, NULL, 0}};

nonet_status config_model_read(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  struct config *config = into;
  nonet_status status = fields_read(reader, node, "models", models_fields, config, error);
  if (status == NONET_OK && config->candidates == NULL) {
    status = fields_fail(reader, node, error, "expected candidate: the model to judge");
  }
  return status;
}
