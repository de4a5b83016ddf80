/*
 * Generalisation gap: the task's primary on the test rows minus the same on the training rows.
 *
 *   gap = θ(test) - c, c = θ(train) taken as a constant
 *
 * so its law is that of θ(test) moved by c: bounds are moved bounds, whatever the kind of law. The
 * paired difference A - B is the paired law of θ moved by c_A - c_B.
 *
 * Cases:
 *  1. The primary is missing on the test rows (one class only): so is the gap, for the same reason.
 *  2. A value without an interval stays one; a level that replicates cannot reach bounds nothing.
 *  3. The training value is of another measure than the primary here: refused as an internal error;
 * plan and measure disagree.
 *  4. The primary of several classes needs probabilities; scores outside [0, 1] are none.
 *  5. Which sign is worse depends on the primary, and both ends may be: it is never a gate, and a
 * requirement gives a range.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "measure/probed.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

const struct measure *generalisation_gap_primary(enum task task) {
  return task == TASK_BINARY       ? &correctness_auc
         : task == TASK_MULTICLASS ? &correctness_log_loss
                                   : &correctness_rmse;
}

struct moved {
  struct inference law;
  double by;
};

static void moved_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct moved *moved = law->context;
  inference_bounds(&moved->law, level, low, high);
  *low = isnan(*low) ? -INFINITY : *low - moved->by; /* 2 */
  *high = isnan(*high) ? INFINITY : *high - moved->by;
}

/* `out` holds the law of the primary. */
static nonet_status move(const struct measure *measure, struct view *view, double by, bool is_pair,
                         struct inference *out, nonet_error *error) {
  struct moved *moved = view_arena(view, 1, sizeof *moved);
  if (moved == NULL) {
    return error_memory(error, sizeof *moved, "a moved law");
  }
  *moved = (struct moved){*out, by};
  double low, high;
  inference_bounds(out, view->options->level, &low, &high);
  *out = law_start(measure, isnan(low) ? INFERENCE_MISSING : INFERENCE_LIMITS, moved->law.method,
                   is_pair);
  out->value = moved->law.value - by;
  out->reason = moved->law.reason; /* 1, 2 */
  out->undecided = moved->law.undecided;
  out->bounds = moved_bounds;
  out->context = moved;
  return NONET_OK;
}

static nonet_status train_value(const struct measure *measure, struct view *view, int stream,
                                const struct measure *primary, double *value, bool *is_there,
                                struct inference *out, nonet_error *error) {
  const struct probe_stream *found = probed_stream(measure, view, stream, out);
  *is_there = found != NULL;
  if (found == NULL) {
    return NONET_OK;
  }
  if (strcmp(found->train.measure, primary->id) != 0) { /* 3 */
    return error_set(error, NONET_E_INTERNAL, "the training rows gave %s, the gap needs %s",
                     found->train.measure, primary->id);
  }
  *value = found->train.value;
  bool is_outside =
      (primary->needs & NEEDS_PROBABILITY) != 0 && view->set->tally.n_outside_unit > 0;
  if (isnan(*value) || is_outside) {
    *is_there = false;
    law_missing(view, measure, out,
                is_outside ? "%s needs probabilities in [0, 1]"
                           : "%s has no value on the training rows",
                primary->id); /* 4 */
  }
  return NONET_OK;
}

static nonet_status gap_estimate(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  const struct measure *primary = generalisation_gap_primary(view->task);
  double train;
  bool is_there;
  nonet_status status = train_value(measure, view, stream, primary, &train, &is_there, out, error);
  if (status != NONET_OK || !is_there) {
    return status;
  }
  status = primary->estimate(primary, &plain, view, stream, out, error);
  if (status == NONET_OK) {
    status = move(measure, view, train, false, out, error);
  }
  if (status == NONET_OK) {
    view_note(view, "%s: %.6g on the training rows, taken as a constant", primary->id, train);
  }
  return status;
}

static nonet_status gap_compare(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                struct inference *out, nonet_error *error) {
  (void)variant;
  const struct measure *primary = generalisation_gap_primary(view->task);
  double train[N_STREAMS] = {0, 0};
  bool is_there = true;
  nonet_status status = NONET_OK;
  for (int s = 0; s < N_STREAMS && status == NONET_OK && is_there; s++) {
    status = train_value(measure, view, s, primary, &train[s], &is_there, out, error);
  }
  if (status != NONET_OK || !is_there) {
    return status;
  }
  status = primary->compare(primary, &plain, view, out, error);
  return status == NONET_OK
             ? move(measure, view, train[STREAM_A] - train[STREAM_B], true, out, error)
             : status;
}

const struct measure correctness_generalisation_gap = {
    .id = "correctness.generalisation_gap",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Generalisation gap",
    .definition = "The task's primary measure of correctness on the test rows minus its value on "
                  "the training rows.",
    .formula = "theta(test) - theta(train); theta: auc (binary), log_loss (multiclass), rmse "
               "(regression)",
    .source = "interval: that of theta on the test rows, the training value a constant",
    .unit = "",
    .direction = DIRECTION_NONE,
    .range = {-INFINITY, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .needs = NEEDS_SCORE,
    .scopes = IN_ALL,
    .kinds = SUMMARY_MOMENTS | SUMMARY_MULTISET,
    .probes = PROBE_BIT(PROBE_TRAIN),
    .cost = COST_SORT,
    .interval = "of the primary",
    .interval_weighted = "of the primary",
    .never_gated = true,
    .estimate = gap_estimate,
    .compare = gap_compare,
};
