/*
 * Does the model say what the framework said that trained it, and what changes on the way back?
 *
 *   parity           max |a − r| over the rows with a reference; @relative: max |a − r| / |r|, r ≠
 * 0 label_parity     rows with the reference's decision / rows with a reference rollback_flips
 * #{candidate ≠ baseline} / n: what users see change when the baseline comes back
 *
 * Cases:
 *  1. Parity is a fact of the rows asked: exact, and of these rows alone. Its share of labels has
 * an interval, since the rows stand for others.
 *  2. A conversion that changes a decision is named by its count.
 *  3. Rolling back flips the rows that rolling out did: one probe, one number, read by two
 * attributes (correctness.flip_rate).
 */
#include <math.h>

#include "measure/flips.h"
#include "measure/probed.h"
#include "measure/records.h"

enum agreement { AGREEMENT_DISTANCE, AGREEMENT_LABELS };

static const struct measure_variant distances[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION},
    {.suffix = "relative", .tasks = 0, .number = {1, 0}},
    {.suffix = NULL}};

static double distance(const struct measure_variant *variant, const struct probe_parity *found) {
  return variant->number[0] > 0 ? found->largest_relative : found->largest_absolute;
}

static nonet_status parity_estimate(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    int stream, struct inference *out, nonet_error *error) {
  (void)error;
  const struct probe_stream *answers = probed_stream(measure, view, stream, out);
  if (answers == NULL) {
    return NONET_OK;
  }
  const struct probe_parity *found = &answers->parity;
  if (measure->function == AGREEMENT_LABELS) {
    law_wilson(measure, view, (double)found->n_same_labels, (double)found->n_rows, out);
  } else {
    probed_exact(measure, view, distance(variant, found), (double)found->n_rows, out); /* 1 */
    view_note(view, "over %zu rows with a reference: at most %.3g apart, %.3g of the reference",
              found->n_rows, found->largest_absolute, found->largest_relative);
  }
  if (found->n_same_labels < found->n_rows) { /* 2 */
    view_note(view, "%zu of %zu rows get another decision than from the framework that trained it",
              found->n_rows - found->n_same_labels, found->n_rows);
  }
  return NONET_OK;
}

static nonet_status parity_compare(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   struct inference *out, nonet_error *error) {
  (void)error;
  const struct probe_stream *a = probed_stream(measure, view, STREAM_A, out);
  const struct probe_stream *b = a == NULL ? NULL : probed_stream(measure, view, STREAM_B, out);
  if (b != NULL) {
    probed_exact_pair(measure, view, distance(variant, &a->parity), distance(variant, &b->parity),
                      2, out);
  }
  return NONET_OK;
}

static nonet_status rollback_estimate(const struct measure *measure,
                                      const struct measure_variant *variant, struct view *view,
                                      int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)stream;
  return flips_share(measure, view, flips_any, out, error); /* 3 */
}

const struct measure deployability_parity = {
    .id = "deployability.parity",
    .attribute = ATTRIBUTE_DEPLOYABILITY,
    .title = "Parity with the training framework",
    .definition = "Largest absolute difference between the model's scores and the reference "
                  "predictions of the framework that trained it.",
    .formula = "max |score - reference|; @relative: max |score - reference| / |reference|",
    .source = "the reference predictions that reference: names in nonet.yaml",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_PARITY),
    .cost = COST_SCAN,
    .interval = "exact",
    .interval_weighted = "exact",
    .function = AGREEMENT_DISTANCE,
    .variants = distances,
    .estimate = parity_estimate,
    .compare = parity_compare,
};

const struct measure deployability_label_parity = {
    .id = "deployability.label_parity",
    .attribute = ATTRIBUTE_DEPLOYABILITY,
    .title = "Decisions as in the training framework",
    .definition = "Share of rows whose decision is that of the reference predictions of the "
                  "framework that trained the model.",
    .formula = "#{decision = reference's decision} / rows with a reference",
    .source = "the reference predictions that reference: names in nonet.yaml; interval: Wilson "
              "1927",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_PARITY),
    .cost = COST_SCAN,
    .interval = "wilson",
    .interval_weighted = "wilson; the rows asked are taken one by one",
    .function = AGREEMENT_LABELS,
    .estimate = parity_estimate,
};

const struct measure deployability_rollback_flips = {
    .id = "deployability.rollback_flips",
    .attribute = ATTRIBUTE_DEPLOYABILITY,
    .title = "Flips on rollback",
    .definition = "Share of rows whose predicted class changes when the baseline comes back in "
                  "the candidate's place.",
    .formula = "#{candidate's class != baseline's class} / n",
    .source = "the same rows as correctness.flip_rate; interval: Wilson 1927",
    FLIPS_COMMON,
    .estimate = rollback_estimate,
};
