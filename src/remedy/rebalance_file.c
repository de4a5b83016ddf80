/*
 * The road of a rebalancing: options, table, output opened, columns, rows, the new table, report.
 *
 * Cases: 1. The output is opened before anything is read, so that a path that cannot be made costs
 * no time; on any failure its temporary file goes. 2. Options that a method has no use for are
 * told, not ignored. 3. The report is made before the file is put in place: when memory ends, there
 * is neither.
 */
#include "remedy/rebalance_file.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "table/tablewrite.h"

struct road {
  const nonet_options *options;
  enum rebalance_method method;
  struct split groups, features, categorical;
  struct progress progress;
  struct table *table;
  struct tablewrite *write;
  struct columns_in columns;
  struct rebalance_result result;
  struct tablewrite_column *made; /* what made rows have */
  struct rebalance_count *counts;
};

/* 2 */
static nonet_status check_options(struct road *road, nonet_error *error) {
  const nonet_options *options = road->options;
  if (options->output == NULL || options->method == NULL || options->label == NULL) {
    return error_set(error, NONET_E_USAGE,
                     "expected -o OUT, --label COL and --method NAME; %s is "
                     "missing",
                     options->output == NULL   ? "-o"
                     : options->method == NULL ? "--method"
                                               : "--label");
  }
  nonet_status status = rebalance_find(options->method, &road->method, error);
  const struct rebalance_info *info = rebalance_info(road->method);
  if (status != NONET_OK) {
    return status;
  }
  const struct {
    bool is_given, is_used;
    const char *option, *why;
  } uses[] = {
      {options->ratio != 0, info->takes_ratio, "ratio", "does not even classes out"},
      {options->k != 0, info->k != 0, "k", "has no number of neighbours to choose"},
      {options->categorical != NULL, road->method == REBALANCE_SMOTE_NC, "categorical",
       "takes no categories (smote-nc does)"},
      {options->features != NULL, info->needs_features, "features", "looks at the label alone"},
      {options->group != NULL, road->method == REBALANCE_GROUP_WEIGHTS, "group",
       "looks at no groups (group-weights does)"},
      {options->weight_name != NULL, info->adds_weight, "weight-name", "adds no weights"},
  };
  for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
    if (uses[i].is_given && !uses[i].is_used) {
      return error_set(error, NONET_E_USAGE, "--%s has no meaning here: %s %s", uses[i].option,
                       info->name, uses[i].why);
    }
  }
  if (!(options->ratio >= 0 && options->ratio <= 1)) {
    return error_set(error, NONET_E_USAGE,
                     "--ratio is the smaller classes' rows over the largest's, above 0 and at most "
                     "1; found %g",
                     options->ratio);
  }
  if (road->method == REBALANCE_GROUP_WEIGHTS && options->group == NULL) {
    return error_set(error, NONET_E_USAGE, "group-weights needs --group COL");
  }
  if (road->method == REBALANCE_SMOTE_NC && options->categorical == NULL) {
    return error_set(error, NONET_E_USAGE,
                     "smote-nc needs --categorical COL[,COL...]; with numbers alone use smote");
  }
  return NONET_OK;
}

static nonet_status open_both(struct road *road, nonet_error *error) {
  const nonet_options *options = road->options;
  const struct table_source source = {.path = options->file,
                                      .query = options->query,
                                      .format = options->format,
                                      .driver = options->driver,
                                      .uri = options->uri,
                                      .stream = options->stream,
                                      .n_threads = options->threads,
                                      .memory_bytes = options->memory_bytes,
                                      .cancel = (const atomic_int *)options->cancel,
                                      .batch_rows = options->batch_rows};
  nonet_status status = split_list(options->group, "--group", &road->groups, error);
  if (status == NONET_OK) {
    status = split_list(options->features, "--features", &road->features, error);
  }
  if (status == NONET_OK) {
    status = split_list(options->categorical, "--categorical", &road->categorical, error);
  }
  if (status == NONET_OK) {
    status = table_open(&source, &road->table, error);
  }
  if (status == NONET_OK) { /* 1 */
    status = tablewrite_open(options->output, road->table, &road->write, error);
  }
  return status;
}

static nonet_status find_rows(struct road *road, nonet_error *error) {
  const nonet_options *options = road->options;
  struct columns_in *columns = &road->columns;
  const struct columns_request request = {.method = road->method,
                                          .label = options->label,
                                          .groups = &road->groups,
                                          .features = &road->features,
                                          .categorical = &road->categorical};
  nonet_status status = columns_in_read(road->table, &request, columns, &road->progress, error);
  if (status != NONET_OK) {
    return status;
  }
  const struct rebalance_input input = {.method = road->method,
                                        .rows = {.n_rows = columns->n_rows,
                                                 .n_numbers = columns->n_numbers,
                                                 .number = columns->number,
                                                 .n_categories = columns->n_categories,
                                                 .category = columns->category},
                                        .is_whole = columns->is_whole,
                                        .label = columns->label.code,
                                        .n_classes = columns->label.n_values,
                                        .class_name = (const char *const *)columns->label.value,
                                        .group = columns->group,
                                        .n_groups = columns->n_groups,
                                        .ratio = options->ratio,
                                        .k = options->k,
                                        .seed = options->seed,
                                        .n_threads = options->threads != 0 ? options->threads
                                                                           : parallel_cores(),
                                        .progress = &road->progress};
  status = rebalance_rows(&input, &road->result, error);
  memory_free(columns->number); /* what is written has the made rows and the source */
  columns->number = NULL;
  return status;
}

/* --- writing --- */

/* A coded column of made rows: numbers as they were, texts by their codes. */
static nonet_status made_coded(const struct coded *coded, const uint32_t *code, size_t stride,
                               size_t n_made, struct tablewrite_column *column,
                               nonet_error *error) {
  *column = (struct tablewrite_column){.name = coded->name,
                                       .code = code,
                                       .stride = stride,
                                       .values = (const char *const *)coded->value};
  if (coded->number == NULL) {
    return NONET_OK;
  }
  double *number = memory_new(n_made, sizeof *number);
  if (number == NULL) {
    return error_memory(error, n_made * sizeof *number, "the rows that are made");
  }
  for (size_t i = 0; i < n_made; i++) {
    number[i] = coded->number[code[i * stride]];
  }
  column->number = number;
  column->stride = 1;
  return NONET_OK;
}

/* The label, the categories, the numbers. */
static nonet_status make_columns(struct road *road, size_t *n_columns, nonet_error *error) {
  const struct columns_in *columns = &road->columns;
  const struct rebalance_result *result = &road->result;
  size_t d = columns->n_numbers, c = columns->n_categories;
  road->made = memory_zeroed(1 + c + d, sizeof *road->made);
  if (road->made == NULL) {
    return error_memory(error, (1 + c + d) * sizeof *road->made, "columns");
  }
  nonet_status status =
      made_coded(&columns->label, result->label, 1, result->n_made, &road->made[0], error);
  for (size_t i = 0; i < c && status == NONET_OK; i++) {
    status = made_coded(&columns->categories[i], result->category + i, c, result->n_made,
                        &road->made[1 + i], error);
  }
  for (size_t i = 0; i < d && status == NONET_OK; i++) {
    road->made[1 + c + i] = (struct tablewrite_column){
        .name = columns->number_name[i], .number = result->number + i, .stride = d};
  }
  *n_columns = 1 + c + d;
  return status;
}

static nonet_status write_rows(struct road *road, nonet_error *error) {
  const struct rebalance_result *result = &road->result;
  size_t n_columns = 0;
  nonet_status status = result->n_made > 0 ? make_columns(road, &n_columns, error) : NONET_OK;
  const char *weight_name = road->options->weight_name;
  const struct tablewrite_change change = {.n_rows = road->columns.n_rows,
                                           .copies = result->copies,
                                           .weight = result->weight,
                                           .weight_name = weight_name ? weight_name : "weight",
                                           .n_made = result->n_made,
                                           .columns = road->made,
                                           .n_columns = n_columns};
  if (status == NONET_OK) {
    status = tablewrite_rows(road->write, road->table, &change, &road->progress, error);
  }
  return status;
}

/* --- telling --- */

static void count_rows(const struct road *road, struct rebalance_count *counts) {
  const struct rebalance_result *result = &road->result;
  const struct coded *label = &road->columns.label;
  for (size_t c = 0; c < label->n_values; c++) {
    counts[c] = (struct rebalance_count){.name = label->value[c],
                                         .weight = result->weight != NULL ? 0 : NAN};
  }
  for (size_t i = 0; i < road->columns.n_rows; i++) {
    struct rebalance_count *count = &counts[label->code[i]];
    count->before++;
    count->removed += result->copies[i] == 0;
    count->copied += result->copies[i] > 1 ? result->copies[i] - 1 : 0;
    count->weight += result->weight != NULL ? result->weight[i] : 0;
  }
  for (size_t i = 0; i < result->n_made; i++) {
    counts[result->label[i]].made++;
  }
}

static nonet_status tell(struct road *road, char **text, char **json, nonet_error *error) {
  const nonet_options *options = road->options;
  const struct rebalance_info *info = rebalance_info(road->method);
  size_t n_classes = road->columns.label.n_values;
  road->counts = memory_new(n_classes, sizeof *road->counts);
  if (road->counts == NULL) {
    return error_memory(error, n_classes * sizeof *road->counts, "counts");
  }
  struct rebalance_summary summary = {
      .info = info,
      .source = table_name(road->table),
      .sha256 = table_sha256(road->table),
      .output = options->output,
      .label = options->label,
      .weight_name = !info->adds_weight             ? NULL
                     : options->weight_name != NULL ? options->weight_name
                                                    : "weight",
      .ratio = options->ratio > 0 ? options->ratio : 1,
      .k = options->k ? options->k : info->k,
      .seed = options->seed,
      .columns = &road->columns,
      .classes = road->counts,
      .n_classes = n_classes,
      .all = {.name = "all", .weight = info->adds_weight ? 0 : NAN}};
  count_rows(road, road->counts);
  for (size_t c = 0; c < n_classes; c++) {
    struct rebalance_count *count = &road->counts[c];
    count->after = count->before + count->made + count->copied - count->removed;
    summary.all.before += count->before;
    summary.all.after += count->after;
    summary.all.made += count->made;
    summary.all.copied += count->copied;
    summary.all.removed += count->removed;
    summary.all.weight += count->weight;
  }
  *text = rebalance_told_text(&summary);
  *json = rebalance_told_json(&summary);
  return *text != NULL && *json != NULL ? NONET_OK : error_memory(error, 4096, "the report");
}

static void road_clear(struct road *road) {
  size_t n_coded = 1 + road->columns.n_categories;
  for (size_t i = 0; road->made != NULL && i < n_coded; i++) {
    if (road->made[i].code != NULL) {
      memory_free((void *)road->made[i].number);
    }
  }
  memory_free(road->made);
  memory_free(road->counts);
  tablewrite_abandon(road->write);
  rebalance_clear(&road->result);
  columns_in_clear(&road->columns);
  table_close(road->table);
  split_clear(&road->groups);
  split_clear(&road->features);
  split_clear(&road->categorical);
}

nonet_status rebalance_file(const nonet_options *options, char **text, char **json,
                            nonet_error *error) {
  struct road road = {.options = options,
                      .progress = {.callback = options->progress,
                                   .context = options->progress_context,
                                   .cancel = (const atomic_int *)options->cancel}};
  *text = *json = NULL;
  nonet_status status = check_options(&road, error);
  if (status == NONET_OK) {
    status = open_both(&road, error);
  }
  if (status == NONET_OK) {
    status = find_rows(&road, error);
  }
  if (status == NONET_OK) {
    status = write_rows(&road, error);
  }
  if (status == NONET_OK) { /* 3 */
    status = tell(&road, text, json, error);
  }
  if (status == NONET_OK) {
    status = tablewrite_commit(road.write, error);
    road.write = NULL;
  }
  road_clear(&road);
  if (status != NONET_OK) {
    memory_free(*text);
    memory_free(*json);
    *text = *json = NULL;
  }
  return status;
}
