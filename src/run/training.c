/*
 * The training rows.
 *
 * Cases: 1. No data.train: the probe is not applicable, and says what would make it so. 2. Training
 * rows that do not fit (a column is missing, answers stand in columns that are not there): the
 * probe fails with that reason, and the run goes on.
 * 3. A primary that does not exist on these rows (one class): failed, with the measure's own words.
 * 4. A model that is broken, or breaks over these rows: failed, with its own words; a broken
 * candidate leaves nothing to compare.
 */
#include "run/training.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "measure/records.h"
#include "measure/view.h"

static void answer_all(struct probe_answers *answers, const struct rows_request *request,
                       enum probe_status status, const char *reason) {
  for (int s = 0; s < N_STREAMS; s++) {
    if (request->contender[s].config != NULL) {
      probe_fail(answers, PROBE_TRAIN, s, status, "%s", reason);
    }
  }
}

/* Case 3. */
static nonet_status take_primary(const struct measure *primary, struct view *view, int stream,
                                 struct probe_answers *answers, nonet_error *error) {
  static const struct measure_variant plain = {.suffix = ""};
  struct inference law = inference_none(primary->interval);
  struct probe_train *train = &answers->stream[stream].train;
  nonet_status status = primary->estimate(primary, &plain, view, stream, &law, error);
  if (status != NONET_OK) {
    return status;
  }
  if (!isfinite(law.value)) {
    probe_fail(answers, PROBE_TRAIN, stream, PROBE_FAILED, "on the training rows: %s",
               law.reason != NULL ? law.reason : "the primary has no value");
    return NONET_OK;
  }
  snprintf(train->measure, sizeof train->measure, "%s", primary->id);
  train->value = law.value;
  train->n_rows = view->n;
  answers->stream[stream].state[PROBE_TRAIN].status = PROBE_ANSWERED;
  return NONET_OK;
}

static nonet_status take_primaries(const struct rows_request *request, const struct intake *intake,
                                   const struct measure *primary, struct probe_answers *answers,
                                   nonet_error *error) {
  const struct view_options options = {.seed = request->options->seed,
                                       .n_replicates = request->options->replicates,
                                       .n_threads = intake_threads(request->options),
                                       .level = request->options->level,
                                       .quantile = 0.5};
  struct view view = {0};
  nonet_status status = view_init(intake->set, NULL, -1, &options, &view, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    const bool has_scores = intake->set->roles.has_score[s];
    if (contender_is_broken(&request->contender[s])) {
      continue; /* case 4 */
    }
    if (request->contender[s].config != NULL && has_scores) {
      status = take_primary(primary, &view, s, answers, error);
    } else if (request->contender[s].config != NULL) {
      probe_fail(answers, PROBE_TRAIN, s, PROBE_NOT_APPLICABLE, "the model gives decisions only");
    }
  }
  view_clear(&view);
  return status;
}

static nonet_status read_rows(const struct rows_request *request, size_t n_sample,
                              struct probe_answers *answers, struct evidence *evidence,
                              struct progress *progress, nonet_error *error) {
  const struct config *config = request->config;
  struct rows_request training = *request;
  struct rows rows = {0};
  struct intake intake = {0};
  struct evidence *scratch = NULL; /* of this pass nothing is kept but a line about the rows */
  nonet_status status = evidence_new("measure", &scratch, error);
  if (status == NONET_OK) {
    status = rows_open(&training, config->train, &rows, progress, error);
  }
  if (status == NONET_OK) {
    const struct measure *primary = generalisation_gap_primary(rows.task);
    training.only = primary->id;
    status = rows_read(&training, &rows, n_sample, scratch, &intake, progress, error);
    if (status == NONET_OK) {
      evidence_add_data(evidence, "train", table_name(rows.table), rows.n_rows,
                        intake.set->tally.n_used, table_sha256(rows.table), json_object());
      if (!contender_is_broken(&request->contender[STREAM_A])) {
        status = take_primaries(&training, &intake, primary, answers, error);
      }
    }
  }
  intake_clear(&intake);
  rows_close(&rows);
  evidence_free(scratch);
  return status == NONET_OK ? status : error_context(error, status, "the training rows");
}

nonet_status training_read(const struct rows_request *request, bool is_wanted, size_t n_sample,
                           struct probe_answers *answers, struct evidence *evidence,
                           struct progress *progress, nonet_error *error) {
  if (request->config->train == NULL) { /* case 1 */
    answer_all(answers, request, PROBE_NOT_APPLICABLE,
               "there are no training rows: name them under data: train:");
    return NONET_OK;
  }
  if (!is_wanted) {
    return NONET_OK;
  }
  nonet_status status = contender_is_broken(&request->contender[STREAM_A])
                            ? NONET_OK
                            : read_rows(request, n_sample, answers, evidence, progress, error);
  if (status == NONET_E_DATA) { /* case 2 */
    answer_all(answers, request, PROBE_FAILED, error->message);
    status = NONET_OK;
  }
  for (int s = 0; s < N_STREAMS; s++) { /* case 4 */
    if (contender_is_broken(&request->contender[s])) {
      probe_fail(answers, PROBE_TRAIN, s, PROBE_FAILED, "%s", request->contender[s].broken);
    }
  }
  return status;
}
