/*
 * Intake: the one pass over the rows.
 *
 * Cases:
 *  1. Each worker adds to its own summary set; sets are merged at the end. All kinds are
 * order-free, so it does not matter who had which rows.
 *  2. The kinds kept are the union of what the picked measures read: `--only correctness.accuracy`
 * keeps no scores.
 *  3. A state is written before anything is measured: a part may have one class or no rows.
 *  4. Memory: half of --memory (default: half of the machine's or cgroup's) goes to the multisets,
 * which spill beyond it.
 *  5. Features are kept of at most FRAME_ROWS rows (table/frame.h), and only when a measure that
 *     was picked reads them. States do not carry them.
 *  6. With the frame come the facts: counts of all rows, and the neighbourhood of the frame's.
 *  7. Of data alone: every column is a feature but the label, what names, groups into clusters or
 *     weighs rows, and what training rows beside it do not have, which a model cannot have learnt.
 *  8. A feature named twice is told, and so is the label among the features of data alone: it would
 *     be its own leak.
 *  9. Cancelled or failed: everything is freed, no file is left.
 */
#include "run/intake.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/split.h"
#include "measure/hood_rows.h"
#include "measure/measure.h"
#include "run/reference_group.h"
#include "run/time_column.h"
#include "table/ranges.h"
#include "table/table.h"

/* The lists of an options struct, split; borrowed by the roles request. */
struct lists {
  struct split score[N_STREAMS], classes, group, control, features;
};

enum intake_kind { INTAKE_MEASURE, INTAKE_COMPARE, INTAKE_UNANSWERED, INTAKE_DATA };

struct pass {
  struct summary_set **sets;
};

size_t intake_threads(const nonet_options *options) {
  return options->threads > 0 ? options->threads : parallel_cores();
}

static uint64_t intake_memory(const nonet_options *options) {
  return options->memory_bytes > 0 ? options->memory_bytes : machine_memory_bytes() / 2;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void lists_clear(struct lists *lists) {
  split_clear(&lists->score[STREAM_A]);
  split_clear(&lists->score[STREAM_B]);
  split_clear(&lists->classes);
  split_clear(&lists->group);
  split_clear(&lists->control);
  split_clear(&lists->features);
}

static nonet_status lists_fill(const nonet_options *options, struct lists *lists,
                               nonet_error *error) {
  const struct {
    const char *list, *what;
    struct split *split;
  } wanted[] = {{options->score, "--score", &lists->score[STREAM_A]},
                {options->baseline_score, "--baseline-score", &lists->score[STREAM_B]},
                {options->classes, "--classes", &lists->classes},
                {options->group, "--group", &lists->group},
                {options->control, "--control", &lists->control},
                {options->features, "--features", &lists->features}};
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0] && status == NONET_OK; i++) {
    status = split_list(wanted[i].list, wanted[i].what, wanted[i].split, error);
  }
  if (status == NONET_OK) {
    status = ranges_join(lists->group.item, &lists->group.n, error);
  }
  return status == NONET_OK ? ranges_join(lists->control.item, &lists->control.n, error) : status;
}

static nonet_status check_options(const nonet_options *options, enum intake_kind kind,
                                  nonet_error *error) {
  int n_sources = (options->file != NULL) + (options->query != NULL) + (options->stream != NULL);
  bool has_a = options->score != NULL || options->prediction != NULL;
  bool has_b = options->baseline_score != NULL || options->baseline_prediction != NULL;
  if (n_sources != 1 &&
      !(options->query != NULL && options->file == NULL && options->stream == NULL)) {
    return error_set(error, NONET_E_USAGE,
                     "expected one source of rows (FILE, --query or a stream), found %d",
                     n_sources);
  }
  if (kind == INTAKE_DATA && options->label == NULL && options->group != NULL) {
    return error_set(error, NONET_E_USAGE,
                     "--group needs --label: which class of which group is known too badly");
  }
  if (kind != INTAKE_DATA && options->label == NULL) {
    return error_set(error, NONET_E_USAGE,
                     "--label is missing: the column that holds what was true; e.g. --label y");
  }
  if ((kind == INTAKE_MEASURE || kind == INTAKE_COMPARE) && !has_a) {
    return error_set(error, NONET_E_USAGE,
                     "--score or --prediction is missing: the column that holds what the model "
                     "said; e.g. --score p");
  }
  if (kind == INTAKE_COMPARE && !has_b) {
    return error_set(error, NONET_E_USAGE,
                     "--baseline-score or --baseline-prediction is missing: the column of the "
                     "model in use, to compare with");
  }
  if (!(options->level > 0.0 && options->level < 1.0)) {
    return error_set(error, NONET_E_USAGE,
                     "--level must lie between 0 and 1, such as 0.95; found %g", options->level);
  }
  if (options->intersections < 1 || options->intersections > 8) {
    return error_set(error, NONET_E_USAGE, "--intersections must be from 1 to 8; found %d",
                     options->intersections);
  }
  if (options->invalid != NULL && strcmp(options->invalid, "fail") != 0 &&
      strcmp(options->invalid, "drop") != 0) {
    return error_set(error, NONET_E_USAGE, "--invalid is 'fail' or 'drop'; found '%.40s'",
                     options->invalid);
  }
  return NONET_OK;
}

static nonet_status make_request(const nonet_options *options, const struct lists *lists,
                                 struct roles_request *request, nonet_error *error) {
  *request = (struct roles_request){
      .label = options->label,
      .prediction = {options->prediction, options->baseline_prediction},
      .positive = options->positive,
      .classes = (const char *const *)lists->classes.item,
      .n_classes = lists->classes.n,
      .threshold = options->threshold,
      .baseline_threshold =
          isnan(options->baseline_threshold) ? NULL : &options->baseline_threshold,
      .groups = (const char *const *)lists->group.item,
      .n_groups = lists->group.n,
      .controls = (const char *const *)lists->control.item,
      .n_controls = lists->control.n,
      .weight = options->weight,
      .cluster = options->cluster,
      .id = options->id,
      .query_id = options->query_id,
      .time = options->time,
      .drop_invalid = options->invalid != NULL && strcmp(options->invalid, "drop") == 0,
      .is_part = options->state != NULL};
  for (int stream = 0; stream < N_STREAMS; stream++) {
    request->scores[stream] = (const char *const *)lists->score[stream].item;
    request->n_scores[stream] = lists->score[stream].n;
  }
  if (options->task != NULL && !task_from_name(options->task, &request->task)) {
    return error_set(error, NONET_E_USAGE,
                     "--task is binary, multiclass or regression; found '%.40s'", options->task);
  }
  if (request->task == TASK_RANKING || request->task == TASK_MULTILABEL) {
    return error_set(
        error, NONET_E_USAGE,
        "--task %s is not built yet; this build measures binary, multiclass and regression",
        options->task);
  }
  return NONET_OK;
}

static nonet_status add_batch(void *context, size_t worker, const struct role_batch *batch,
                              nonet_error *error) {
  struct pass *pass = context;
  return summary_add(pass->sets[worker], batch, error);
}

static void free_sets(struct summary_set **sets, size_t n) {
  for (size_t i = 0; sets != NULL && i < n; i++) {
    summary_free(sets[i]);
  }
  memory_free(sets);
}

/* Case 2. */
static unsigned kinds_of(const struct catalogue_pick *picks, size_t n_picks, bool is_judged) {
  unsigned kinds = SUMMARY_COUNT_TABLE;
  for (size_t i = 0; i < n_picks; i++) {
    kinds |= picks[i].measure->kinds;
    kinds |= (picks[i].measure->kinds_small & SUMMARY_MULTISET) != 0 ? SUMMARY_ROWS_IF_SMALL : 0u;
  }
  return is_judged ? kinds | SUMMARY_MULTISET
                   : kinds; /* whether a mean may decide is seen in its rows */
}

static nonet_status read_rows(const nonet_options *options, struct table *table,
                              const struct roles *roles, unsigned kinds, struct progress *progress,
                              struct summary_set **set, nonet_error *error) {
  const size_t n_workers = table_n_workers(table);
  /* Two parts of labels and decisions alone can hold equal counts: the file tells them apart. */
  const char *source = options->state != NULL ? table_sha256(table) : NULL;
  const struct summary_options summary = {
      .kinds = kinds,
      .memory_bytes = intake_memory(options) / 2,
      .n_workers = n_workers,
      .quantile = 0.5,
      .source_hash = source == NULL ? 0 : hash_64(source, strlen(source), 0)};
  struct pass pass = {memory_zeroed(n_workers, sizeof(struct summary_set *))};
  struct role_tally tally = {0};
  nonet_status status = NONET_OK;
  if (pass.sets == NULL) {
    status = error_memory(error, n_workers * sizeof(struct summary_set *), "the workers");
    goto done;
  }
  for (size_t i = 0; i < n_workers && status == NONET_OK; i++) {
    status = summary_new(roles, &summary, &pass.sets[i], error);
  }
  if (status == NONET_OK && roles->has_label) { /* without one the profile counts the rows */
    status = table_pass(table, roles, add_batch, &pass, &tally, progress, error);
  }
  for (size_t i = 1; i < n_workers && status == NONET_OK; i++) { /* case 1 */
    status = summary_merge(pass.sets[0], pass.sets[i], error);
  }
  if (status == NONET_OK) {
    pass.sets[0]->tally = tally;
    status = summary_finish(pass.sets[0], intake_threads(options), progress, error);
  }
  if (status == NONET_OK) {
    *set = pass.sets[0];
    pass.sets[0] = NULL;
  }
done:
  free_sets(pass.sets, n_workers);
  return status;
}

static bool reads_features(const struct catalogue_pick *picks, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if ((picks[i].measure->needs & NEEDS_FEATURES) != 0) {
      return true;
    }
  }
  return false;
}

nonet_status intake_reads_features(const char *only, enum task task, bool *reads,
                                   nonet_error *error) {
  struct catalogue_pick *picks = NULL;
  size_t n = 0;
  nonet_status status = catalogue_select(only, task, &picks, &n, NULL, error);
  *reads = status == NONET_OK && reads_features(picks, n);
  memory_free(picks);
  return status;
}

/* Case 5. The key is of all that is known of a row, so that equal keys are equal rows. */
static nonet_status read_features(const nonet_options *options, const struct lists *lists,
                                  struct table *table, const struct roles *roles,
                                  struct intake *intake, struct progress *progress,
                                  nonet_error *error) {
  const struct split *parts[] = {&lists->score[STREAM_A], &lists->score[STREAM_B]};
  const char *singles[] = {options->label, options->prediction, options->baseline_prediction,
                           options->weight, options->cluster};
  const size_t n_singles = sizeof singles / sizeof singles[0];
  const size_t n_most =
      roles_n_sensitive(roles) + lists->score[STREAM_A].n + lists->score[STREAM_B].n + n_singles;
  if (lists->features.n == 0 || !reads_features(intake->picks, intake->n_picks)) {
    return NONET_OK;
  }
  size_t n = 0, n_features;
  const char **extras = memory_new(n_most, sizeof *extras);
  const char **features =
      time_column_features(lists->features.item, lists->features.n, options->time, &n_features);
  intake->frame = memory_zeroed(1, sizeof *intake->frame);
  if (extras == NULL || features == NULL || intake->frame == NULL) {
    memory_free(extras);
    memory_free(features);
    return error_memory(error, sizeof *intake->frame, "the features");
  }
  for (size_t i = 0; i < n_singles; i++) {
    if (singles[i] != NULL) {
      extras[n++] = singles[i];
    }
  }
  for (size_t g = 0; g < roles_n_sensitive(roles); g++) {
    extras[n++] = roles->groups[g].column;
  }
  for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
    for (size_t i = 0; i < parts[p]->n; i++) {
      extras[n++] = parts[p]->item[i];
    }
  }
  const struct frame_request request = {.features = features,
                                        .n_features = n_features,
                                        .n_beside = n_features - lists->features.n,
                                        .what = "--features",
                                        .extras = extras,
                                        .n_extras = n,
                                        .label = options->label,
                                        .id = options->id,
                                        .n_rows = FRAME_ROWS,
                                        .seed = options->seed,
                                        .roles = roles->has_label ? roles : NULL};
  nonet_status status = frame_read(table, &request, intake->frame, progress, error);
  memory_free(extras);
  memory_free(features);
  return status;
}

/* Case 8. */
static nonet_status check_features(const nonet_options *options, enum intake_kind kind,
                                   const struct split *features, nonet_error *error) {
  for (size_t i = 0; i < features->n; i++) {
    if (kind == INTAKE_DATA && options->label != NULL &&
        strcmp(features->item[i], options->label) == 0) {
      return error_set(error, NONET_E_USAGE,
                       "--features: '%s' is the label, which always tells itself; name the columns "
                       "that a model may see",
                       features->item[i]);
    }
    for (size_t k = 0; k < i; k++) {
      if (strcmp(features->item[i], features->item[k]) == 0) {
        return error_set(error, NONET_E_USAGE, "--features: '%s' is given twice",
                         features->item[i]);
      }
    }
  }
  return NONET_OK;
}

/* Does the table have a column of this name; of no table nothing is asked. */
static bool has_column(const struct table *table, const char *name) {
  bool found = table == NULL;
  for (size_t i = 0; table != NULL && i < table_n_columns(table) && !found; i++) {
    found = strcmp(table_column(table, i).name, name) == 0;
  }
  return found;
}

/* Case 7. */
static nonet_status name_columns(const nonet_options *options, const struct table *table,
                                 const struct table *train, struct lists *lists,
                                 struct evidence *evidence, nonet_error *error) {
  const char *others[] = {options->label, options->weight, options->cluster, options->id};
  const size_t n = table_n_columns(table);
  json_t *only_here = json_array();
  lists->features.item = memory_zeroed(n + 1, sizeof *lists->features.item);
  bool fits = lists->features.item != NULL;
  for (size_t i = 0; i < n && fits; i++) {
    const char *name = table_column(table, i).name;
    bool is_feature = true;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
      is_feature = is_feature && (others[k] == NULL || strcmp(others[k], name) != 0);
    }
    if (is_feature && !has_column(train, name)) {
      fits = json_array_append_new(only_here, json_string(name)) == 0;
    } else if (is_feature) {
      lists->features.item[lists->features.n] = memory_text(name);
      fits = lists->features.item[lists->features.n++] != NULL;
    }
  }
  const bool is_strange = json_array_size(only_here) > 0 && lists->features.n == 0;
  if (json_array_size(only_here) > 0) {
    evidence_set_config(evidence, "only_in_test", json_incref(only_here));
  }
  json_decref(only_here);
  if (fits && is_strange) {
    return error_set(
        error, NONET_E_DATA,
        "--train: %s has no feature of %s; expected the rows that a model learnt from, "
        "with the same columns",
        table_name(train), table_name(table));
  }
  return fits ? NONET_OK : error_memory(error, n * sizeof(char *), "the columns' names");
}

static struct table_source train_source(const nonet_options *options) {
  return (struct table_source){.path = options->train,
                               .n_threads = intake_threads(options),
                               .memory_bytes = intake_memory(options),
                               .cancel = (const atomic_int *)options->cancel,
                               .batch_rows = options->batch_rows};
}

static nonet_status name_features(const nonet_options *options, const struct table *table,
                                  struct lists *lists, struct evidence *evidence,
                                  nonet_error *error) {
  struct table *train = NULL;
  nonet_status status = NONET_OK;
  if (lists->features.n > 0) {
    return status;
  }
  if (options->train != NULL) {
    const struct table_source source = train_source(options);
    status = table_open(&source, &train, error);
  }
  if (status == NONET_OK) {
    status = name_columns(options, table, train, lists, evidence, error);
  }
  table_close(train);
  return status;
}

static nonet_status roles_of_no_label(struct roles *roles, nonet_error *error) {
  memset(roles, 0, sizeof *roles);
  roles->task = TASK_REGRESSION;
  roles->n_cells = 1;
  roles->cell_values = memory_zeroed(1, sizeof *roles->cell_values);
  return roles->cell_values != NULL ? NONET_OK
                                    : error_memory(error, sizeof *roles, "the roles of columns");
}

/* The rows that a model learnt from: counted like those it is judged by. */
static nonet_status read_train(const nonet_options *options, struct profile_request *request,
                               struct intake *intake, struct progress *progress,
                               nonet_error *error) {
  struct table *table = NULL;
  const struct table_source source = {.path = options->train,
                                      .n_threads = intake_threads(options),
                                      .memory_bytes = intake_memory(options),
                                      .cancel = (const atomic_int *)options->cancel,
                                      .batch_rows = options->batch_rows};
  struct data_profile *train = &intake->facts->train;
  nonet_status status = table_open(&source, &table, error);
  if (status == NONET_OK) {
    request->what = "--train";
    status = data_profile_read(table, request, train, progress, error);
  }
  if (status == NONET_OK) {
    intake->facts->has_train = true;
    request->other = train;
    const char *sha256 = table_sha256(table);
    intake->facts->train_source = memory_text(table_name(table));
    intake->facts->train_sha256 = memory_text(sha256);
    if (intake->facts->train_source == NULL ||
        (sha256 != NULL && intake->facts->train_sha256 == NULL)) {
      status = error_memory(error, strlen(table_name(table)), "the training rows' name");
    }
  }
  table_close(table);
  return status;
}

/* What looks like a name of rows, and the time, tell nothing of how near two rows are. */
static nonet_status read_hood(const nonet_options *options, const struct roles *roles,
                              struct intake *intake, struct progress *progress,
                              nonet_error *error) {
  const struct frame *frame = intake->frame;
  bool *skip = memory_zeroed(frame->n_columns + 1, sizeof *skip);
  nonet_status status =
      skip != NULL ? NONET_OK : error_memory(error, frame->n_columns, "the features to compare");
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK; c++) {
    skip[c] = hood_rows_is_id(frame, c, &status, error) ||
              (options->time != NULL && strcmp(options->time, frame->columns[c].name) == 0);
  }
  if (status == NONET_OK && frame->label != NULL) {
    status = data_hood_make(frame, skip, roles->n_classes, intake_threads(options),
                            &intake->facts->hood, progress, error);
  }
  memory_free(skip);
  return status;
}

/* Case 6. */
static nonet_status read_facts(const nonet_options *options, const struct lists *lists,
                               struct table *table, const struct roles *roles,
                               struct intake *intake, struct progress *progress,
                               nonet_error *error) {
  struct profile_request request = {.features = (const char *const *)lists->features.item,
                                    .n_features = lists->features.n,
                                    .what = "--features",
                                    .label = roles->n_classes > 0 ? options->label : NULL,
                                    .classes = (const char *const *)roles->classes,
                                    .n_classes = roles->n_classes,
                                    .n_threads = intake_threads(options),
                                    .memory_bytes = intake_memory(options) / 8};
  intake->facts = memory_zeroed(1, sizeof *intake->facts);
  if (intake->facts == NULL) {
    return error_memory(error, sizeof *intake->facts, "the facts of the data");
  }
  intake->facts->time = options->time;
  nonet_status status =
      options->time != NULL ? time_column_check(intake->frame, options->time, error) : NONET_OK;
  if (status == NONET_OK && options->train != NULL) {
    status = read_train(options, &request, intake, progress, error);
  }
  if (status == NONET_OK) {
    request.what = "--features";
    status = data_profile_read(table, &request, &intake->facts->profile, progress, error);
  }
  if (status == NONET_OK && !roles->has_label) {
    intake->set->tally.n_rows = intake->set->tally.n_used = intake->facts->profile.n_rows;
  }
  return status == NONET_OK ? read_hood(options, roles, intake, progress, error) : status;
}

static nonet_status check_sums(const struct role_tally *tally, nonet_error *error) {
  if (tally->n_sum_off == 0) {
    return NONET_OK;
  }
  return error_set(error, NONET_E_DATA,
                   "--score: the scores of a row must sum to 1 within 0.001; %llu rows do not, the "
                   "first is data row %llu; give probabilities, one "
                   "column per class, or --prediction alone",
                   (unsigned long long)tally->n_sum_off,
                   (unsigned long long)tally->first_sum_off_row);
}

static void note_data(struct evidence *evidence, const struct summary_set *set,
                      const struct intake_origin *origin) {
  const struct role_tally *tally = &set->tally;
  json_t *left_out = json_pack("{s:I, s:I}", "label_null", (json_int_t)tally->n_label_null,
                               "invalid", (json_int_t)tally->n_invalid);
  if (origin->n_rows > tally->n_rows) {
    evidence->failed |=
        json_object_set_new(left_out, "not_sampled",
                            json_integer((json_int_t)(origin->n_rows - tally->n_rows))) != 0;
  }
  evidence_add_data(evidence, "test", origin->source,
                    origin->n_rows > 0 ? origin->n_rows : tally->n_rows, tally->n_used,
                    origin->sha256, left_out);
}

static json_t *names_json(char **names, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) {
    if (json_array_append_new(list, names[i] == NULL ? json_null() : json_string(names[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *text_json(const char *text) {
  return text == NULL ? json_null() : json_string(text);
}

/* By which rules columns of numbers became groups. */
static void note_ranges(struct evidence *evidence, const struct roles *roles) {
  json_t *ranges = json_object();
  for (size_t g = 0; g < roles->n_groups; g++) {
    if (roles->groups[g].rule != NULL &&
        json_object_set_new(ranges, roles->groups[g].column, json_string(roles->groups[g].rule)) !=
            0) {
      evidence->failed = true;
    }
  }
  if (json_object_size(ranges) > 0) {
    evidence_set_config(evidence, "ranges", ranges);
  } else {
    json_decref(ranges);
  }
}

static void note_references(struct evidence *evidence, const struct roles *roles) {
  json_t *references = json_object();
  for (size_t g = 0; g < roles->n_groups; g++) {
    const struct domain *domain = &roles->groups[g];
    if (domain->reference > 0) {
      const char *value = domain->values[domain->reference - 1];
      evidence->failed |= json_object_set_new(references, domain->column, text_json(value)) != 0;
    }
  }
  if (json_object_size(references) > 0) {
    evidence_set_config(evidence, "reference", references);
  } else {
    json_decref(references);
  }
}

/* The configuration as resolved: what a reader needs to make the run again. */
static void note_roles(struct evidence *evidence, const struct roles *roles) {
  static const char *const score_keys[N_STREAMS] = {"score", "baseline_score"};
  static const char *const prediction_keys[N_STREAMS] = {"prediction", "baseline_prediction"};
  if (roles->has_label) {
    evidence_set_config(evidence, "task", json_string(task_name(roles->task)));
  }
  evidence_set_config(evidence, "label", text_json(roles->label_column));
  for (int stream = 0; stream < N_STREAMS; stream++) {
    if (roles->has_score[stream] && roles->score_columns[stream] != NULL) {
      size_t n = roles->score_columns[stream][0] != NULL && roles->n_scores > 1 &&
                         roles->score_columns[stream][1] == NULL
                     ? 1
                     : roles->n_scores;
      evidence_set_config(evidence, score_keys[stream],
                          names_json(roles->score_columns[stream], n));
    }
    if (roles->prediction_given[stream]) {
      evidence_set_config(evidence, prediction_keys[stream],
                          text_json(roles->prediction_column[stream]));
    }
  }
  if (roles->n_classes > 0) {
    evidence_set_config(evidence, "classes", names_json(roles->classes, roles->n_classes));
  }
  if (roles->task == TASK_BINARY) {
    evidence_set_config(evidence, "positive", text_json(roles->classes[1]));
    evidence_set_config(evidence, "threshold", json_real(roles->threshold[STREAM_A]));
    if (roles->has_score[STREAM_B]) {
      evidence_set_config(evidence, "baseline_threshold", json_real(roles->threshold[STREAM_B]));
    }
  }
  json_t *groups = json_array();
  json_t *controls = json_array();
  for (size_t g = 0; g < roles->n_groups; g++) {
    json_array_append_new(g < roles_n_sensitive(roles) ? groups : controls,
                          json_string(roles->groups[g].column));
  }
  evidence_set_config(evidence, "groups", groups);
  note_ranges(evidence, roles);
  note_references(evidence, roles);
  if (roles->n_controls > 0) {
    evidence_set_config(evidence, "controls", controls);
  } else {
    json_decref(controls);
  }
  if (roles->has_weight) {
    evidence_set_config(evidence, "weight", text_json(roles->weight_column));
  }
  if (roles->has_cluster) {
    evidence_set_config(evidence, "cluster", text_json(roles->cluster_column));
  }
  if (roles->has_id) {
    evidence_set_config(evidence, "id", text_json(roles->id_column));
  }
}

static void note_models(struct evidence *evidence, const struct roles *roles) {
  static const char *const names[N_STREAMS] = {"candidate", "baseline"};
  for (int stream = 0; stream < N_STREAMS; stream++) {
    if (roles->has_score[stream] || roles->has_prediction[stream]) {
      const char *column = roles->has_score[stream] && roles->score_columns[stream] != NULL
                               ? roles->score_columns[stream][0]
                               : roles->prediction_column[stream];
      evidence_add_model(evidence, names[stream], "columns",
                         json_pack("{s:o}", "path", text_json(column)));
    }
  }
}

/* Does another task have it? `name` may carry a variant. */
static bool is_built(const char *name) {
  const size_t length = strcspn(name, "@");
  for (size_t i = 0; i < catalogue_n(); i++) {
    const char *id = catalogue_at(i)->id;
    if (strncmp(id, name, length) == 0 && id[length] == '\0') {
      return true;
    }
  }
  return false;
}

static nonet_status pick_measures(const nonet_options *options, enum task task,
                                  struct evidence *evidence, struct intake *intake,
                                  nonet_error *error) {
  struct text absent = {0};
  struct split names = {0};
  char other_task[80];
  snprintf(other_task, sizeof other_task, "not applicable: the task is %s", task_name(task));
  nonet_status status =
      catalogue_select(options->only, task, &intake->picks, &intake->n_picks, &absent, error);
  if (status == NONET_OK && absent.length > 0) {
    status = split_list(absent.data, "--only", &names, error);
  }
  for (size_t i = 0; i < names.n && status == NONET_OK; i++) {
    evidence_add_skipped(evidence, names.item[i],
                         is_built(names.item[i])
                             ? other_task
                             : "not built: this measure is planned and not in this version");
  }
  split_clear(&names);
  text_clear(&absent);
  return status;
}

/* The columns with missing values, which no distance can be made of; NULL when memory is short. */
static json_t *missing_json(const struct data_profile *profile) {
  json_t *names = json_array();
  for (size_t i = 0; i < profile->n_columns && names != NULL; i++) {
    if (profile->columns[i].n_null > 0 &&
        json_array_append_new(names, json_string(profile->columns[i].name)) != 0) {
      json_decref(names);
      names = NULL;
    }
  }
  return names;
}

static nonet_status read_source(const nonet_options *options, enum intake_kind kind,
                                const struct intake_origin *origin, struct evidence *evidence,
                                struct intake *intake, nonet_error *error) {
  struct progress progress = {.callback = options->progress,
                              .context = options->progress_context,
                              .cancel = (const atomic_int *)options->cancel};
  struct lists lists = {0};
  struct roles roles = {0};
  struct roles_request request;
  struct table *table = NULL;
  const struct table_source source = {.name = origin != NULL ? origin->shown : NULL,
                                      .path = options->file,
                                      .query = options->query,
                                      .format = options->format,
                                      .driver = options->driver,
                                      .uri = options->uri,
                                      .stream = options->stream,
                                      .n_threads = intake_threads(options),
                                      .memory_bytes = intake_memory(options),
                                      .cancel = (const atomic_int *)options->cancel,
                                      .batch_rows = options->batch_rows};
  double start = seconds_now();
  nonet_status status = check_options(options, kind, error);
  *intake = (struct intake){0};
  if (status == NONET_OK) {
    status = lists_fill(options, &lists, error);
  }
  if (status == NONET_OK) {
    status = check_features(options, kind, &lists.features, error);
  }
  if (status == NONET_OK) {
    status = make_request(options, &lists, &request, error);
  }
  if (status == NONET_OK) { /* a name mistyped in --only is told before the file is opened */
    status =
        catalogue_select(options->only, TASK_AUTO, &intake->picks, &intake->n_picks, NULL, error);
    memory_free(intake->picks);
    *intake = (struct intake){0};
  }
  if (status == NONET_OK) {
    status = table_open(&source, &table, error);
  }
  if (status == NONET_OK && kind == INTAKE_DATA) {
    status = name_features(options, table, &lists, evidence, error);
  }
  if (status == NONET_OK) {
    status = options->label == NULL ? roles_of_no_label(&roles, error)
                                    : table_resolve(table, &request, &roles, &progress, error);
  }
  if (status == NONET_OK) {
    status = pick_measures(options, roles.task, evidence, intake, error);
  }
  if (status == NONET_OK) {
    status = read_rows(options, table, &roles,
                       kinds_of(intake->picks, intake->n_picks, kind == INTAKE_COMPARE), &progress,
                       &intake->set, error);
  }
  if (status == NONET_OK) {
    status = check_sums(&intake->set->tally, error);
  }
  if (status == NONET_OK) {
    status =
        reference_group_set(options->reference, options->state != NULL, &intake->set->roles, error);
  }
  if (status == NONET_OK) {
    status = read_features(options, &lists, table, &roles, intake, &progress, error);
  }
  if (status == NONET_OK && intake->frame != NULL) {
    status = read_facts(options, &lists, table, &roles, intake, &progress, error);
  }
  if (status == NONET_OK && options->state != NULL) { /* case 3 */
    status = summary_save(intake->set, options->state, catalogue_hash(), error);
  }
  if (status == NONET_OK) {
    const struct intake_origin here = {table_name(table), table_name(table), table_sha256(table),
                                       0};
    note_roles(evidence, &intake->set->roles);
    if (options->time != NULL) {
      evidence_set_config(evidence, "time", json_string(options->time));
    }
    if (lists.features.n > 0) {
      evidence_set_config(evidence, "features", names_json(lists.features.item, lists.features.n));
    }
    if (origin == NULL && kind != INTAKE_DATA) {
      note_models(evidence, &roles);
    }
    note_data(evidence, intake->set, origin != NULL ? origin : &here);
    if (intake->facts != NULL && intake->facts->has_train) {
      const struct data_facts *facts = intake->facts;
      evidence_set_config(evidence, "missing_in_train", missing_json(&facts->train));
      evidence_add_data(evidence, "train", facts->train_source, facts->train.n_rows,
                        facts->train.n_rows, facts->train_sha256, json_object());
    }
    evidence_add_timing(evidence, "read", seconds_now() - start);
  } else {
    intake_clear(intake);
  }
  table_close(table);
  roles_clear(&roles);
  lists_clear(&lists);
  return status;
}

nonet_status intake_read(const nonet_options *options, bool needs_baseline,
                         const struct intake_origin *origin, struct evidence *evidence,
                         struct intake *intake, nonet_error *error) {
  return read_source(options, needs_baseline ? INTAKE_COMPARE : INTAKE_MEASURE, origin, evidence,
                     intake, error);
}

nonet_status intake_unanswered(const nonet_options *options, const struct intake_origin *origin,
                               struct evidence *evidence, struct intake *intake,
                               nonet_error *error) {
  return read_source(options, INTAKE_UNANSWERED, origin, evidence, intake, error);
}

nonet_status intake_data(const nonet_options *options, struct evidence *evidence,
                         struct intake *intake, nonet_error *error) {
  return read_source(options, INTAKE_DATA, NULL, evidence, intake, error);
}

nonet_status intake_merge(const char *const *states, size_t n_states, const nonet_options *options,
                          struct evidence *evidence, struct intake *intake, nonet_error *error) {
  struct progress progress = {.callback = options->progress,
                              .context = options->progress_context,
                              .cancel = (const atomic_int *)options->cancel};
  const struct summary_options summary = {
      .memory_bytes = intake_memory(options) / 2, .n_workers = 1, .quantile = 0.5};
  double start = seconds_now();
  nonet_status status =
      n_states > 0 ? NONET_OK : error_set(error, NONET_E_USAGE, "expected at least one state file");
  *intake = (struct intake){0};
  for (size_t i = 0; i < n_states && status == NONET_OK; i++) {
    struct summary_set *part = NULL;
    status = progress_check(&progress, error);
    if (status == NONET_OK) {
      status =
          summary_load(states[i], catalogue_hash(), &summary, i == 0 ? &intake->set : &part, error);
    }
    if (status == NONET_OK && i > 0) {
      status = summary_merge(intake->set, part, error);
      status = status == NONET_OK ? status : error_context(error, status, "%s", states[i]);
    }
    summary_free(part);
  }
  if (status == NONET_OK) {
    status = summary_finish(intake->set, intake_threads(options), &progress, error);
  }
  if (status == NONET_OK) {
    status = pick_measures(options, intake->set->roles.task, evidence, intake, error);
  }
  if (status == NONET_OK) {
    status = reference_group_set(options->reference, false, &intake->set->roles, error);
  }
  if (status == NONET_OK) {
    note_roles(evidence, &intake->set->roles);
    note_models(evidence, &intake->set->roles);
    const char *name = n_states == 1 ? states[0] : "merged parts";
    const struct intake_origin parts = {name, name, NULL, 0};
    note_data(evidence, intake->set, &parts);
    evidence_add_timing(evidence, "read", seconds_now() - start);
  } else {
    intake_clear(intake);
  }
  return status;
}

void intake_clear(struct intake *intake) {
  if (intake->facts != NULL) {
    data_facts_clear(intake->facts);
    memory_free(intake->facts);
  }
  if (intake->frame != NULL) {
    frame_clear(intake->frame);
    memory_free(intake->frame);
  }
  summary_free(intake->set);
  memory_free(intake->picks);
  *intake = (struct intake){0};
}
