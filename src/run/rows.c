/*
 * Rows of a check.
 *
 * Cases:
 *  1. Task and classes come from the configuration, else from the label alone, and the models must
 * fit them: a model with one number per class means multiclass.
 *  2. An integer label with more than two values and one score: nothing tells regression from
 * classes, so the configuration must.
 *  3. The classes of the whole table hold for the sample: a rare one that was not drawn stays a
 * class.
 *  4. The answers stand in columns of the stream; from there on everything is as `measure` does it.
 *  5. What the table says of options (--positive) is said of the keys of nonet.yaml (positive:).
 *  6. Features are kept beside the answers when a measure reads them: those of the configuration,
 *     else what the candidate reads. Lists (images) have no use there and would weigh much.
 *  7. What tells these rows from others, so that looks can be counted: the hash of the files; with
 * a sample, or where there is no file, also what the keys of the rows add up to.
 *  8. A model that does not answer rows that fit it is broken (contender.h), and the rows are read
 * again without it; a broken candidate leaves nothing to ask a baseline for.
 */
#include "run/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

/* ---- names ---- */

/* Names as a comma list that base/split.h reads back. */
static void add_name(struct text *list, const char *name) {
  text_append(list, list->length > 0 ? ",\"" : "\"");
  for (const char *c = name; *c != '\0'; c++) {
    text_append_n(list, c, 1);
    if (*c == '"') {
      text_append(list, "\"");
    }
  }
  text_append(list, "\"");
}

struct names {
  const char **item;
  size_t n;
};

static void add_distinct(struct names *names, const char *name) {
  size_t i = 0;
  while (name != NULL && i < names->n && strcmp(names->item[i], name) != 0) {
    i++;
  }
  if (name != NULL && i == names->n) {
    names->item[names->n++] = name;
  }
}

static void add_list(struct names *names, const struct config_list *list) {
  for (size_t i = 0; i < list->n; i++) {
    add_distinct(names, list->item[i]);
  }
}

/* The columns with roles, of the answers in columns too. */
static nonet_status role_names(const struct rows_request *request, struct names *names,
                               nonet_error *error) {
  const struct config *config = request->config;
  size_t n_most = 6 + config->groups.n + config->controls.n;
  for (int s = 0; s < N_STREAMS; s++) {
    n_most += request->contender[s].config != NULL ? request->contender[s].config->score.n + 1 : 0;
  }
  names->n = 0;
  names->item = memory_new(n_most, sizeof *names->item);
  if (names->item == NULL) {
    return error_memory(error, n_most * sizeof *names->item, "the columns' names");
  }
  add_distinct(names, config->label);
  add_list(names, &config->groups);
  add_list(names, &config->controls);
  add_distinct(names, config->weight);
  add_distinct(names, config->cluster);
  add_distinct(names, config->id);
  add_distinct(names, config->query_id);
  add_distinct(names, config->time);
  for (int s = 0; s < N_STREAMS; s++) {
    const struct contender *contender = &request->contender[s];
    if (contender->config != NULL && contender->model == NULL) {
      add_list(names, &contender->config->score);
      add_distinct(names, contender->config->prediction);
    }
  }
  return NONET_OK;
}

/* ---- messages ---- */

/* Case 5: "say --positive VALUE" to "say positive: VALUE"; what only a command line can do goes. */
static nonet_status in_keys(nonet_status status, nonet_error *error) {
  struct text text = {0};
  if (status == NONET_OK || error == NULL) {
    return status;
  }
  char *drop = strstr(error->message, "; --invalid drop");
  if (drop != NULL) {
    *drop = '\0';
  }
  for (const char *c = error->message; *c != '\0';) {
    if (strncmp(c, "--", 2) != 0 || c[2] < 'a' || c[2] > 'z') {
      text_append_n(&text, c++, 1);
      continue;
    }
    for (c += 2; (*c >= 'a' && *c <= 'z') || *c == '-'; c++) {
      text_append_n(&text, *c == '-' ? "_" : c, 1);
    }
    text_append(&text, *c == ':' ? "" : ":");
  }
  if (text.data != NULL && !text.failed) {
    snprintf(error->message, sizeof error->message, "%s", text.data);
  }
  text_clear(&text);
  return status;
}

/* ---- the table ---- */

static size_t scores_of(const struct contender *contender) {
  return contender->config == NULL ? 0 : contender->config->score.n;
}

static nonet_status take_classes(const struct roles *roles, struct rows *rows, nonet_error *error) {
  rows->task = roles->task;
  rows->classes = memory_zeroed(roles->n_classes + 1, sizeof *rows->classes);
  if (rows->classes == NULL) {
    return error_memory(error, roles->n_classes * sizeof *rows->classes, "the classes");
  }
  for (size_t i = 0; i < roles->n_classes; i++, rows->n_classes++) {
    rows->classes[i] = memory_text(roles->classes[i]);
    if (rows->classes[i] == NULL) {
      return error_memory(error, 64, "the classes");
    }
  }
  return NONET_OK;
}

/* Case 1. */
static nonet_status settle_task(const struct rows_request *request, struct rows *rows,
                                struct progress *progress, nonet_error *error) {
  const struct config *config = request->config;
  struct roles roles = {0};
  struct roles_request label = {.task = config->task,
                                .label = config->label,
                                .positive = config->positive,
                                .classes = config->classes.item,
                                .n_classes = config->classes.n,
                                .threshold = request->threshold};
  if (label.task == TASK_AUTO && (scores_of(&request->contender[STREAM_A]) > 1)) {
    label.task = TASK_MULTICLASS;
  }
  nonet_status status = in_keys(table_resolve(rows->table, &label, &roles, progress, error), error);
  if (status == NONET_OK) {
    status = take_classes(&roles, rows, error);
  }
  roles_clear(&roles);
  return status == NONET_OK
             ? status
             : error_context(error, status, "%s:%u", config->path, config->label_at.line);
}

static nonet_status find_reference(const struct config *config, const struct config_model *model,
                                   const char *wanted, const char *const *names, size_t n,
                                   nonet_error *error) {
  struct text near = {0};
  for (size_t i = 0; i < n; i++) {
    if (strcmp(names[i], wanted) == 0) {
      return NONET_OK;
    }
  }
  text_suggestion(&near, wanted, names, n);
  nonet_status status =
      config_fail(config, model->at, error, "reference: the table has no column '%s'%s", wanted,
                  near.data != NULL ? near.data : "");
  text_clear(&near);
  return status;
}

static nonet_status fit_names(const struct rows_request *request, const struct rows *rows,
                              nonet_error *error) {
  const size_t n = table_n_columns(rows->table);
  const char **names = memory_new(n + 1, sizeof *names);
  nonet_status status =
      names == NULL ? error_memory(error, n * sizeof *names, "the columns' names") : NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    names[i] = table_column(rows->table, i).name;
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    const struct contender *contender = &request->contender[s];
    if (contender->model != NULL) {
      status = model_fit_names(contender->model, names, n, error);
      status = status == NONET_OK ? status
                                  : error_context(error, status, "%s and %s",
                                                  contender->config->name, table_name(rows->table));
    }
    for (size_t i = 0;
         contender->config != NULL && i < contender->config->reference.n && status == NONET_OK;
         i++) {
      status = find_reference(request->config, contender->config,
                              contender->config->reference.item[i], names, n, error);
    }
  }
  memory_free(names);
  return status;
}

static nonet_status open_table(const struct rows_request *request,
                               const struct config_source *source, struct table **table,
                               nonet_error *error) {
  const struct table_source from = {.path = source->path,
                                    .query = source->query,
                                    .format = source->format,
                                    .driver = source->driver,
                                    .uri = source->uri,
                                    .n_threads = intake_threads(request->options),
                                    .memory_bytes = request->options->memory_bytes,
                                    .cancel = (const atomic_int *)request->options->cancel,
                                    .batch_rows = request->options->batch_rows};
  nonet_status status = table_open(&from, table, error);
  return status == NONET_OK
             ? status
             : error_context(error, status, "%s:%u", request->config->path, source->at.line);
}

nonet_status rows_look(const struct rows_request *request, const struct config_source *source,
                       nonet_error *error) {
  struct table *table = NULL;
  nonet_status status = open_table(request, source, &table, error);
  table_close(table);
  return status;
}

nonet_status rows_open(const struct rows_request *request, const struct config_source *source,
                       struct rows *rows, struct progress *progress, nonet_error *error) {
  *rows = (struct rows){0};
  nonet_status status = open_table(request, source, &rows->table, error);
  if (status == NONET_OK) {
    status = settle_task(request, rows, progress, error);
  }
  return status == NONET_OK ? fit_names(request, rows, error) : status;
}

void rows_close(struct rows *rows) {
  for (size_t i = 0; i < rows->n_classes; i++) {
    memory_free(rows->classes[i]);
  }
  memory_free(rows->classes);
  sample_clear(&rows->sample);
  table_close(rows->table);
  *rows = (struct rows){0};
}

/* ---- the rows ---- */

/* Case 7. */
static void note_content(struct rows *rows) {
  const char *sha256 = table_sha256(rows->table);
  char parts[160];
  if (sha256 != NULL && rows->sample.keep == NULL) {
    snprintf(rows->content, sizeof rows->content, "%s", sha256);
    return;
  }
  int length =
      snprintf(parts, sizeof parts, "%s\n%llu\n%llu\n", sha256 != NULL ? sha256 : "",
               (unsigned long long)rows->sample.n_kept, (unsigned long long)rows->sample.content);
  hash_sha256_hex(parts, (size_t)length, rows->content);
}

static nonet_status draw_sample(const struct rows_request *request, struct rows *rows,
                                const struct names *roles, size_t n_sample,
                                struct progress *progress, nonet_error *error) {
  const struct config *config = request->config;
  size_t n_columns[N_STREAMS] = {0, 0};
  const char *const *columns[N_STREAMS] = {NULL, NULL};
  if (n_sample == 0 && table_sha256(rows->table) != NULL) {
    return NONET_OK;
  }
  struct names all = {0};
  for (int s = 0; s < N_STREAMS; s++) {
    if (request->contender[s].model != NULL) {
      columns[s] = model_columns(request->contender[s].model, &n_columns[s]);
    }
  }
  all.item = memory_new(roles->n + n_columns[STREAM_A] + n_columns[STREAM_B] + 1, sizeof *all.item);
  if (all.item == NULL) {
    return error_memory(error, roles->n * sizeof *all.item, "a sample");
  }
  for (size_t i = 0; i < roles->n; i++) {
    add_distinct(&all, roles->item[i]);
  }
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t i = 0; i < n_columns[s]; i++) {
      add_distinct(&all, columns[s][i]);
    }
  }
  const struct sample_request wanted = {.n_rows = n_sample == 0 ? SAMPLE_ALL : n_sample,
                                        .seed = config->sample.seed,
                                        .columns = all.item,
                                        .n_columns = all.n,
                                        .id = config->id,
                                        .strata = config->sample.stratify.item,
                                        .n_strata = config->sample.stratify.n};
  nonet_status status = sample_draw(rows->table, &wanted, &rows->sample, progress, error);
  memory_free(all.item);
  return status;
}

static enum model_task model_task_of(enum task task) {
  return task == TASK_BINARY       ? MODEL_BINARY
         : task == TASK_MULTICLASS ? MODEL_MULTICLASS
                                   : MODEL_REGRESSION;
}

struct model_target rows_target(const struct rows *rows) {
  return (struct model_target){model_task_of(rows->task), (const char *const *)rows->classes,
                               rows->n_classes};
}

static bool is_list(const struct table *table, const char *name) {
  for (size_t i = 0; i < table_n_columns(table); i++) {
    const struct table_column column = table_column(table, i);
    if (strcmp(column.name, name) == 0) {
      return strncmp(column.type, "list", 4) == 0;
    }
  }
  return false;
}

/* Case 6. */
static nonet_status feature_names(const struct rows_request *request, const struct rows *rows,
                                  struct names *names, nonet_error *error) {
  const struct config_list *listed = &request->config->features;
  const struct model *model = request->contender[STREAM_A].model;
  size_t n = listed->n;
  bool is_read;
  const char *const *columns = listed->item;
  nonet_status status = intake_reads_features(request->only, rows->task, &is_read, error);
  if (status != NONET_OK || !is_read) {
    return status;
  }
  if (n == 0 && model != NULL) {
    columns = model_columns(model, &n);
  }
  names->item = memory_new(n + 1, sizeof *names->item);
  if (names->item == NULL) {
    return error_memory(error, n * sizeof *names->item, "the features' names");
  }
  for (size_t i = 0; i < n; i++) {
    if (!is_list(rows->table, columns[i])) {
      add_distinct(names, columns[i]);
    }
  }
  return NONET_OK;
}

static struct model *model_to_ask(const struct rows_request *request, int stream) {
  return contender_is_broken(&request->contender[STREAM_A]) ? NULL
                                                            : request->contender[stream].model;
}

static nonet_status ask_models(const struct rows_request *request, struct rows *rows,
                               const struct names *roles, const struct names *features,
                               struct predicted *predicted, struct progress *progress,
                               nonet_error *error) {
  struct names kept = {memory_new(roles->n + features->n + 1, sizeof *kept.item), 0};
  if (kept.item == NULL) {
    return error_memory(error, roles->n * sizeof *kept.item, "the columns' names");
  }
  for (size_t i = 0; i < roles->n; i++) {
    add_distinct(&kept, roles->item[i]);
  }
  for (size_t i = 0; i < features->n; i++) {
    add_distinct(&kept, features->item[i]);
  }
  const struct predict_request wanted = {
      .roles = kept.item,
      .n_roles = kept.n,
      .model = {model_to_ask(request, STREAM_A), model_to_ask(request, STREAM_B)},
      .target = rows_target(rows),
      .sample = rows->sample.keep == NULL ? NULL : &rows->sample,
      .n_threads = intake_threads(request->options)};
  nonet_status status = predict_table(rows->table, &wanted, predicted, progress, error);
  memory_free(kept.item);
  return status;
}

/* Case 8. */
static nonet_status ask_those_that_answer(const struct rows_request *request, struct rows *rows,
                                          const struct names *roles, const struct names *features,
                                          struct predicted *predicted, struct progress *progress,
                                          nonet_error *error) {
  nonet_error unsaid, *why = error != NULL ? error : &unsaid;
  nonet_status status;
  int broken;
  do {
    status = ask_models(request, rows, roles, features, predicted, progress, why);
    broken = status == NONET_E_DATA ? predicted->broken : -1;
    if (broken >= 0) {
      contender_break(&request->contender[broken], predicted->n_unanswered, why->message);
    }
  } while (broken >= 0);
  return status;
}

/* The options of `measure` for the stream of answers; lists[] keep what they point to. */
enum {
  LIST_SCORE_A,
  LIST_SCORE_B,
  LIST_GROUP,
  LIST_CONTROL,
  LIST_REFERENCE,
  LIST_CLASSES,
  LIST_FEATURES,
  N_LISTS
};

static void name_answers(const struct contender *contender, int stream, struct text *list,
                         const char **scores, const char **prediction) {
  char name[48];
  if (contender->config == NULL) {
    return;
  }
  if (contender->model == NULL) {
    for (size_t i = 0; i < contender->config->score.n; i++) {
      add_name(list, contender->config->score.item[i]);
    }
    *prediction = contender->config->prediction;
  } else if (model_gives_scores(contender->model)) {
    const size_t n = model_n_scores(contender->model);
    for (size_t k = 0; k < n; k++) {
      predict_score_name(stream, k, n, name);
      add_name(list, name);
    }
  } else {
    *prediction = predict_label_name(stream);
  }
  *scores = list->data;
}

static void fill_options(const struct rows_request *request, const struct rows *rows,
                         const struct names *features, struct text lists[N_LISTS],
                         nonet_options *options) {
  const struct config *config = request->config;
  for (size_t i = 0; i < config->group_items.n; i++) {
    add_name(&lists[LIST_GROUP], config->group_items.item[i]);
  }
  for (size_t i = 0; i < config->control_items.n; i++) {
    add_name(&lists[LIST_CONTROL], config->control_items.item[i]);
  }
  for (size_t i = 0; i < config->reference.n; i++) {
    add_name(&lists[LIST_REFERENCE], config->reference.item[i]);
  }
  for (size_t i = 0; i < rows->n_classes; i++) {
    add_name(&lists[LIST_CLASSES], rows->classes[i]);
  }
  for (size_t i = 0; i < features->n; i++) {
    add_name(&lists[LIST_FEATURES], features->item[i]);
  }
  *options = *request->options;
  options->file = options->query = options->format = options->driver = options->uri = NULL;
  options->state = NULL;
  options->task = task_name(rows->task);
  options->label = config->label;
  options->positive = rows->task == TASK_BINARY ? rows->classes[1] : NULL;
  options->classes = lists[LIST_CLASSES].data;
  options->threshold = request->threshold;
  options->baseline_threshold = request->baseline_threshold;
  options->group = lists[LIST_GROUP].data;
  options->control = lists[LIST_CONTROL].data;
  if (lists[LIST_REFERENCE].data != NULL) {
    options->reference = lists[LIST_REFERENCE].data;
  }
  options->features = lists[LIST_FEATURES].data;
  options->weight = config->weight;
  options->cluster = config->cluster;
  options->id = config->id;
  options->query_id = config->query_id;
  options->time = config->time;
  options->only = request->only;
  options->score = options->prediction = NULL;
  options->baseline_score = options->baseline_prediction = NULL;
  if (contender_is_broken(&request->contender[STREAM_A])) {
    return;
  }
  name_answers(&request->contender[STREAM_A], STREAM_A, &lists[LIST_SCORE_A], &options->score,
               &options->prediction);
  name_answers(&request->contender[STREAM_B], STREAM_B, &lists[LIST_SCORE_B],
               &options->baseline_score, &options->baseline_prediction);
}

static bool has_answers(const struct contender *contender) {
  return contender->config != NULL && !contender_is_broken(contender);
}

/* Case 4. */
static nonet_status read_answers(const struct rows_request *request, struct rows *rows,
                                 const struct names *features, struct predicted *predicted,
                                 struct evidence *evidence, struct intake *intake,
                                 nonet_error *error) {
  struct text lists[N_LISTS] = {{0}};
  nonet_options options;
  bool failed = false;
  fill_options(request, rows, features, lists, &options);
  options.stream = &predicted->stream;
  for (size_t i = 0; i < N_LISTS; i++) {
    failed = failed || lists[i].failed;
  }
  struct text shown = {0};
  text_append(&shown, rows->sample.keep == NULL ? "" : "the sample of ");
  text_append(&shown, table_name(rows->table));
  const struct intake_origin origin = {table_name(rows->table), shown.data,
                                       table_sha256(rows->table), predicted->n_rows};
  nonet_status status =
      failed || shown.failed ? error_memory(error, 256, "the columns' names")
      : contender_is_broken(&request->contender[STREAM_A])
          ? in_keys(intake_unanswered(&options, &origin, evidence, intake, error), error)
          : in_keys(intake_read(&options, has_answers(&request->contender[STREAM_B]), &origin,
                                evidence, intake, error),
                    error);
  text_clear(&shown);
  for (size_t i = 0; i < N_LISTS; i++) {
    text_clear(&lists[i]);
  }
  return status;
}

nonet_status rows_read(const struct rows_request *request, struct rows *rows, size_t n_sample,
                       struct evidence *evidence, struct intake *intake, struct progress *progress,
                       nonet_error *error) {
  struct names roles = {0}, features = {0};
  struct predicted predicted = {0};
  *intake = (struct intake){0};
  nonet_status status = role_names(request, &roles, error);
  if (status == NONET_OK) {
    status = feature_names(request, rows, &features, error);
  }
  if (status == NONET_OK) {
    status = draw_sample(request, rows, &roles, n_sample, progress, error);
  }
  if (status == NONET_OK) {
    note_content(rows);
  }
  if (status == NONET_OK) {
    status = ask_those_that_answer(request, rows, &roles, &features, &predicted, progress, error);
  }
  if (status == NONET_OK) {
    rows->n_rows = predicted.n_rows;
    status = rows->n_rows > 0 ? NONET_OK
                              : error_set(error, NONET_E_DATA, "%s has no rows to judge",
                                          table_name(rows->table));
  }
  if (status == NONET_OK) {
    status = read_answers(request, rows, &features, &predicted, evidence, intake, error);
  }
  if (predicted.stream.release != NULL) {
    predicted.stream.release(&predicted.stream);
  }
  memory_free(roles.item);
  memory_free(features.item);
  return status;
}
