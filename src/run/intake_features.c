/*
 * Features: which columns they are, the frame of them, and the facts of the data.
 *
 * Cases:
 *  1. They are kept of at most FRAME_ROWS rows (table/frame.h), and only when a measure that was
 *     picked reads them.
 *  2. With the frame come the facts: counts of all rows, and the neighbourhood of the frame's.
 *  3. Of data alone: every column is a feature but the label, what names, groups into clusters or
 *     weighs rows, and what training rows beside it do not have, which a model cannot have learnt.
 *  4. A feature named twice is told, and so is the label among the features of data alone: it would
 *     be its own leak.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/hood_rows.h"
#include "measure/measure.h"
#include "run/intake_private.h"
#include "run/time_column.h"

/* ---- which columns ---- */

/* Case 4. */
nonet_status intake_features_check(const struct intake_job *job, nonet_error *error) {
  const struct split *features = &job->lists.features;
  const char *label = job->kind == INTAKE_DATA ? job->options->label : NULL;
  for (size_t i = 0; i < features->n; i++) {
    if (label != NULL && strcmp(features->item[i], label) == 0) {
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

static bool may_be_feature(const nonet_options *options, const char *name) {
  const char *others[] = {options->label, options->weight, options->cluster, options->id};
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
    if (others[k] != NULL && strcmp(others[k], name) == 0) {
      return false;
    }
  }
  return true;
}

/* Case 3. `train`: NULL, there are no training rows. */
static nonet_status name_columns(struct intake_job *job, const struct table *train,
                                 nonet_error *error) {
  struct split *features = &job->lists.features;
  const size_t n = table_n_columns(job->table);
  json_t *only_here = json_array();
  features->item = memory_zeroed(n + 1, sizeof *features->item);
  bool fits = features->item != NULL;
  for (size_t i = 0; i < n && fits; i++) {
    const char *name = table_column(job->table, i).name;
    if (!may_be_feature(job->options, name)) {
      continue;
    }
    if (has_column(train, name)) {
      features->item[features->n] = memory_text(name);
      fits = features->item[features->n++] != NULL;
    } else {
      fits = json_array_append_new(only_here, json_string(name)) == 0;
    }
  }
  const bool is_strange = json_array_size(only_here) > 0 && features->n == 0;
  if (json_array_size(only_here) > 0) {
    evidence_set_config(job->evidence, "only_in_test", json_incref(only_here));
  }
  json_decref(only_here);
  if (fits && is_strange) {
    return error_set(
        error, NONET_E_DATA,
        "--train: %s has no feature of %s; expected the rows that a model learnt from, "
        "with the same columns",
        table_name(train), table_name(job->table));
  }
  return fits ? NONET_OK : error_memory(error, n * sizeof(char *), "the columns' names");
}

static nonet_status open_train(const nonet_options *options, struct table **train,
                               nonet_error *error) {
  const struct table_source source = {.path = options->train,
                                      .n_threads = intake_threads(options),
                                      .memory_bytes = intake_memory(options),
                                      .cancel = (const atomic_int *)options->cancel,
                                      .batch_rows = options->batch_rows};
  return table_open(&source, train, error);
}

nonet_status intake_features_name(struct intake_job *job, nonet_error *error) {
  struct table *train = NULL;
  nonet_status status = NONET_OK;
  if (job->lists.features.n > 0) {
    return status;
  }
  if (job->options->train != NULL) {
    status = open_train(job->options, &train, error);
  }
  if (status == NONET_OK) {
    status = name_columns(job, train, error);
  }
  table_close(train);
  return status;
}

/* ---- the frame ---- */

static bool picks_read(const struct catalogue_pick *picks, size_t n) {
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
  *reads = status == NONET_OK && picks_read(picks, n);
  memory_free(picks);
  return status;
}

/* The columns that tell a row from others beside its features, so that equal keys of rows are equal
 * rows; their number. extras[label, 2 predictions, weight, cluster, groups, scores]. */
static size_t fill_extras(const struct intake_job *job, const char **extras) {
  const nonet_options *options = job->options;
  const char *singles[] = {options->label, options->prediction, options->baseline_prediction,
                           options->weight, options->cluster};
  size_t n = 0;
  for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
    if (singles[i] != NULL) {
      extras[n++] = singles[i];
    }
  }
  for (size_t g = 0; g < roles_n_sensitive(&job->roles); g++) {
    extras[n++] = job->roles.groups[g].column;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t i = 0; i < job->lists.score[s].n; i++) {
      extras[n++] = job->lists.score[s].item[i];
    }
  }
  return n;
}

/* Case 1. */
static nonet_status read_frame(struct intake_job *job, nonet_error *error) {
  const nonet_options *options = job->options;
  const struct intake_lists *lists = &job->lists;
  size_t n_features;
  const char **features =
      time_column_features(lists->features.item, lists->features.n, options->time, &n_features);
  const char **extras = memory_new(5 + roles_n_sensitive(&job->roles) + lists->score[STREAM_A].n +
                                       lists->score[STREAM_B].n,
                                   sizeof *extras);
  struct frame *frame = memory_zeroed(1, sizeof *frame);
  nonet_status status = NONET_OK;
  job->intake->frame = frame;
  if (extras == NULL || features == NULL || frame == NULL) {
    status = error_memory(error, sizeof *frame, "the features");
    goto done;
  }
  const struct frame_request request = {.features = features,
                                        .n_features = n_features,
                                        .n_beside = n_features - lists->features.n,
                                        .what = "--features",
                                        .extras = extras,
                                        .n_extras = fill_extras(job, extras),
                                        .label = options->label,
                                        .id = options->id,
                                        .n_rows = FRAME_ROWS,
                                        .seed = options->seed,
                                        .roles = job->roles.has_label ? &job->roles : NULL};
  status = frame_read(job->table, &request, frame, &job->progress, error);
done:
  memory_free(extras);
  memory_free(features);
  return status;
}

/* ---- the facts ---- */

/* The rows that a model learnt from: counted like those it is judged by. */
static nonet_status read_train(struct intake_job *job, struct profile_request *request,
                               nonet_error *error) {
  struct data_facts *facts = job->intake->facts;
  struct table *table = NULL;
  nonet_status status = open_train(job->options, &table, error);
  if (status == NONET_OK) {
    request->what = "--train";
    status = data_profile_read(table, request, &facts->train, &job->progress, error);
    request->what = "--features";
  }
  if (status == NONET_OK) {
    facts->has_train = true;
    request->other = &facts->train;
    const char *sha256 = table_sha256(table);
    facts->train_source = memory_text(table_name(table));
    facts->train_sha256 = memory_text(sha256);
    if (facts->train_source == NULL || (sha256 != NULL && facts->train_sha256 == NULL)) {
      status = error_memory(error, strlen(table_name(table)), "the training rows' name");
    }
  }
  table_close(table);
  return status;
}

/* What looks like a name of rows, and the time, tell nothing of how near two rows are. */
static nonet_status read_hood(struct intake_job *job, nonet_error *error) {
  const struct frame *frame = job->intake->frame;
  const char *time = job->options->time;
  bool *skip = memory_zeroed(frame->n_columns + 1, sizeof *skip);
  nonet_status status =
      skip != NULL ? NONET_OK : error_memory(error, frame->n_columns, "the features to compare");
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK; c++) {
    skip[c] = hood_rows_is_id(frame, c, &status, error) ||
              (time != NULL && strcmp(time, frame->columns[c].name) == 0);
  }
  if (status == NONET_OK && frame->label != NULL) {
    status = data_hood_make(frame, skip, job->roles.n_classes, intake_threads(job->options),
                            &job->intake->facts->hood, &job->progress, error);
  }
  memory_free(skip);
  return status;
}

/* Case 2. */
static nonet_status read_facts(struct intake_job *job, nonet_error *error) {
  const nonet_options *options = job->options;
  const struct roles *roles = &job->roles;
  struct intake *intake = job->intake;
  struct profile_request request = {.features = (const char *const *)job->lists.features.item,
                                    .n_features = job->lists.features.n,
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
    status = read_train(job, &request, error);
  }
  if (status == NONET_OK) {
    status =
        data_profile_read(job->table, &request, &intake->facts->profile, &job->progress, error);
  }
  if (status == NONET_OK && !roles->has_label) {
    intake->set->tally.n_rows = intake->set->tally.n_used = intake->facts->profile.n_rows;
  }
  return status == NONET_OK ? read_hood(job, error) : status;
}

nonet_status intake_features_read(struct intake_job *job, nonet_error *error) {
  const struct intake *intake = job->intake;
  if (job->lists.features.n == 0 || !picks_read(intake->picks, intake->n_picks)) {
    return NONET_OK;
  }
  nonet_status status = read_frame(job, error);
  return status == NONET_OK ? read_facts(job, error) : status;
}
