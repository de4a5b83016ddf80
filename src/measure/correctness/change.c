/*
 * What changes when the candidate replaces the baseline, on the same rows. These measures are about
 * the pair: `stream` does not matter, and they have no paired difference of their own.
 *
 *   flip_rate               #{a ≠ b} / n
 *   negative_flip_rate      #{b right, a wrong} / n: what a user sees get worse (Yan et al. 2021)
 *   prediction_difference   mean |a − b| of the scores; multiclass: half the sum over classes, the
 * total variation distance
 *
 * The cases:
 *  1. No rows: missing.
 *  2. Weights, clusters: the same shares of weight; Wilson with the effective number of rows.
 *  3. All rows move by the same amount (0 when the models are equal): a mean without an interval;
 * the shares keep Wilson's.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/flips.h"
#include "measure/law.h"
#include "measure/records.h"

enum change { CHANGE_ANY, CHANGE_WORSE };

static bool is_worse(size_t label, size_t a, size_t b) {
  return b == label && a != label;
}

static nonet_status flips_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)stream;
  return flips_share(measure, view, measure->function == CHANGE_ANY ? flips_any : is_worse, out,
                     error);
}

static nonet_status moves_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)stream;
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *x = memory_zeroed(rows->n, sizeof *x);
  if (x == NULL) {
    return error_memory(error, rows->n * sizeof *x, "differences of rows");
  }
  size_t k = rows->n_scores;
  for (size_t i = 0; i < rows->n; i++) {
    for (size_t c = 0; c < k; c++) {
      x[i] += fabs(rows->score[STREAM_A][i * k + c] - rows->score[STREAM_B][i * k + c]) *
              (k > 1 ? 0.5 : 1);
    }
  }
  status = law_mean_rows(measure, view, x, false, out, error);
  memory_free(x);
  return status;
}

const struct measure correctness_flip_rate = {
    .id = "correctness.flip_rate",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Flip rate",
    .definition =
        "Share of rows whose predicted class changes when the candidate replaces the baseline.",
    .formula = "#{candidate's class != baseline's class} / n",
    .source = "Yan et al. 2021 (positive-congruent training); interval: Wilson 1927",
    FLIPS_COMMON,
    .shortfall = "simulated coverage of 95 %: n 200 at a rate of 7 %: .942",
    .function = CHANGE_ANY,
    .estimate = flips_estimate,
};

const struct measure correctness_negative_flip_rate = {
    .id = "correctness.negative_flip_rate",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Negative flip rate",
    .definition = "Share of rows that the baseline got right and the candidate gets wrong.",
    .formula = "#{baseline right and candidate wrong} / n",
    .source = "Yan et al. 2021 (positive-congruent training); interval: Wilson 1927",
    FLIPS_COMMON,
    .function = CHANGE_WORSE,
    .estimate = flips_estimate,
};

const struct measure correctness_prediction_difference = {
    .id = "correctness.prediction_difference",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Prediction difference",
    .definition = "Mean absolute difference between the candidate's and the baseline's score; "
                  "multiclass: half of it summed over the classes.",
    .formula = "(1/n) sum of |a - b|; multiclass: (1/n) sum over rows of (1/2) sum over classes c "
               "of |a[c] - b[c]|",
    .source = "total variation distance; interval: t(n - 1)",
    .unit = "score",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .needs = NEEDS_SCORE | NEEDS_BASELINE,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "mean",
    .interval_weighted = "linearised over clusters, t(G - 1)",
    .estimate = moves_estimate,
};
