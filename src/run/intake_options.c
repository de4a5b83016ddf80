/*
 * Options: what a command line asks of one source of rows.
 *
 * Cases:
 *  1. A list is split at commas outside quotes and brackets; edges of ranges behind a group column
 *     (age:25,45) stay with it (table/ranges.h).
 *  2. What an option lacks or contradicts is told before a file is opened.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "run/intake_private.h"
#include "table/ranges.h"

void intake_lists_clear(struct intake_lists *lists) {
  split_clear(&lists->score[STREAM_A]);
  split_clear(&lists->score[STREAM_B]);
  split_clear(&lists->classes);
  split_clear(&lists->group);
  split_clear(&lists->control);
  split_clear(&lists->features);
}

nonet_status intake_lists_fill(const nonet_options *options, struct intake_lists *lists,
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

nonet_status intake_options_check(const nonet_options *options, enum intake_kind kind,
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

nonet_status intake_options_request(const nonet_options *options, const struct intake_lists *lists,
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
