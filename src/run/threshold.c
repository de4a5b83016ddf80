/*
 * Choosing a threshold: the score of a training row at which a measure of decisions is largest.
 *
 * Rows are walked from the highest score down; behind each group of equal scores the table of
 * labels against decisions is known and with it the measure's value. n log n for the sort, the rest
 * linear.
 *
 * Cases: 1. Each model gets its own: scores of two models have nothing in common. 2. Where the
 * value is undefined (precision of nobody) the threshold does not stand for election. 3. Of equal
 * values the highest threshold: the fewest rows called positive. 4. Rows with weights count by
 * them.
 * 5. On the test rows the threshold is a constant: what is judged are these two artefacts as they
 * stand (judgement of fixed models), and the training rows' value is not an estimate of it.
 */
#include "run/threshold.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/correctness/table_law.h"
#include "measure/records.h"
#include "measure/view.h"

struct scored {
  double score, weight;
  uint32_t label;
};

static int compare_scored(const void *a, const void *b) {
  const struct scored *x = a, *y = b;
  return x->score > y->score ? -1 : x->score < y->score;
}

nonet_status threshold_best(const struct row_set *rows, int stream, const struct table2_spec *spec,
                            double *threshold, double *value, nonet_error *error) {
  struct scored *sorted = memory_new(rows->n + 1, sizeof *sorted);
  double table[4] = {0, 0, 0, 0}; /* [label * 2 + decision] */
  *threshold = *value = NAN;
  if (sorted == NULL) {
    return error_memory(error, rows->n * sizeof *sorted, "a threshold");
  }
  for (size_t i = 0; i < rows->n; i++) {
    const double weight = (rows->count != NULL ? (double)rows->count[i] : 1.0) *
                          (rows->weight != NULL ? rows->weight[i] : 1.0); /* case 4 */
    sorted[i] = (struct scored){rows->score[stream][i * rows->n_scores], weight, rows->label[i]};
    table[rows->label[i] * 2] += weight;
  }
  if (rows->n > 1) {
    qsort(sorted, rows->n, sizeof *sorted, compare_scored);
  }
  for (size_t i = 0; i < rows->n;) {
    const double score = sorted[i].score;
    for (; i < rows->n && sorted[i].score == score; i++) {
      table[sorted[i].label * 2] -= sorted[i].weight;
      table[sorted[i].label * 2 + 1] += sorted[i].weight;
    }
    const double here = table2_value(spec, table, 2, NULL);
    if (here > *value || (isnan(*value) && !isnan(here))) { /* cases 2 and 3 */
      *value = here;
      *threshold = score;
    }
  }
  memory_free(sorted);
  return NONET_OK;
}

static nonet_status choose_of_rows(const struct rows_request *request, const struct intake *intake,
                                   const struct table2_spec *spec, double chosen[N_STREAMS],
                                   json_t *said, nonet_error *error) {
  static const char *const names[N_STREAMS] = {"candidate", "baseline"};
  const struct roles *roles = &intake->set->roles;
  const struct view_options options = {.level = 0.95,
                                       .n_threads = intake_threads(request->options)};
  const struct row_set *rows = NULL;
  struct view view = {0};
  nonet_status status = view_init(intake->set, NULL, -1, &options, &view, error);
  if (status == NONET_OK) {
    status = view_rows(&view, &rows, error);
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) { /* case 1 */
    double value = NAN;
    if (!roles->has_score[s] || roles->prediction_given[s]) {
      continue;
    }
    status = threshold_best(rows, s, spec, &chosen[s], &value, error);
    if (status == NONET_OK && isnan(chosen[s])) {
      status = config_fail(request->config, request->config->threshold.at, error,
                           "%s has no value on the training rows of the %s at any threshold",
                           request->config->threshold.maximise, names[s]);
    }
    if (status == NONET_OK) {
      json_object_set_new(said, names[s],
                          json_pack("{s:f, s:f}", "threshold", chosen[s], "value", value));
    }
  }
  view_clear(&view);
  return status;
}

static nonet_status read_training(const struct rows_request *request, size_t n_sample,
                                  const struct table2_spec *spec, double chosen[N_STREAMS],
                                  struct evidence *evidence, struct progress *progress,
                                  nonet_error *error) {
  const struct config *config = request->config;
  struct rows_request training = *request;
  struct rows rows = {0};
  struct intake intake = {0};
  struct evidence *scratch = NULL; /* nothing of this pass is kept but the thresholds */
  json_t *said =
      json_pack("{s:s, s:s}", "maximise", config->threshold.maximise, "on", config->train->shown);
  training.only = generalisation_gap_primary(TASK_BINARY)->id; /* reads rows with their scores */
  nonet_status status = said == NULL ? error_memory(error, 100, "a threshold")
                                     : evidence_new("measure", &scratch, error);
  if (status == NONET_OK) {
    status = rows_open(&training, config->train, &rows, progress, error);
  }
  if (status == NONET_OK) {
    status = rows_read(&training, &rows, n_sample, scratch, &intake, progress, error);
  }
  if (status == NONET_OK && !contender_is_broken(&request->contender[STREAM_A])) {
    json_object_set_new(said, "rows", json_integer((json_int_t)intake.set->tally.n_used));
    status = choose_of_rows(request, &intake, spec, chosen, said, error);
  }
  if (status == NONET_OK) {
    evidence_set_config(evidence, "threshold_chosen", said);
    said = NULL;
  }
  json_decref(said);
  intake_clear(&intake);
  rows_close(&rows);
  evidence_free(scratch);
  return status == NONET_OK || status == NONET_E_CONFIG
             ? status
             : error_context(error, status, "the training rows");
}

nonet_status threshold_choose(const struct rows_request *request, size_t n_sample,
                              double chosen[N_STREAMS], struct evidence *evidence,
                              struct progress *progress, nonet_error *error) {
  const struct config *config = request->config;
  const struct config_place at = config->threshold.at;
  struct catalogue_pick *picks = NULL;
  struct table2_spec spec;
  size_t n = 0;
  chosen[STREAM_A] = chosen[STREAM_B] = NAN;
  if (config->train == NULL) {
    return config_fail(config, at, error,
                       "a threshold that is chosen needs the training rows: name them under data: "
                       "train:");
  }
  nonet_status status =
      catalogue_select(config->threshold.maximise, TASK_BINARY, &picks, &n, NULL, error);
  if (status == NONET_OK && (n != 1 || picks[0].measure->estimate != table_law_estimate)) {
    status = config_fail(config, at, error,
                         "expected a measure of the table of labels against decisions, such as f1, "
                         "mcc or balanced_accuracy; found %s",
                         config->threshold.maximise);
  }
  if (status == NONET_OK) {
    spec = table_law_spec(picks[0].measure, &picks[0].variant);
    status = read_training(request, n_sample, &spec, chosen, evidence, progress, error);
  }
  memory_free(picks);
  return status;
}
