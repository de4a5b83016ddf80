/*
 * Means of an error per row: mae, bias, mape, smape, pinball.
 *
 * The cases:
 *  1. mape: rows with label 0 have no percentage; left out, with a note of how many. A share, not
 * percent.
 *  2. pinball at another quantile than the run's own is summed from the rows; the plain id takes
 * the run's.
 *  3. Paired with weights or clusters: the two means, their variances and covariance are
 * linearised, so that relative margins work.
 */
#include "measure/correctness/regression.h"

#include <math.h>
#include <stdlib.h>

#include "base/c_locale.h"
#include "base/error.h"
#include "base/memory.h"
#include "measure/records.h"

nonet_status regression_weights(const struct row_set *rows, double **weights, double *total,
                                nonet_error *error) {
  *total = 0;
  *weights = memory_new(rows->n + 1, sizeof **weights);
  if (*weights == NULL) {
    return error_memory(error, rows->n * sizeof **weights, "weights of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    double count = rows->count == NULL ? 1 : (double)rows->count[i];
    (*weights)[i] = rows->weight == NULL ? count : count * rows->weight[i];
    *total += (*weights)[i];
  }
  return NONET_OK;
}

nonet_status regression_pair_parts(struct view *view, const double value[N_STREAMS],
                                   double *const influence[N_STREAMS], struct inference *out,
                                   nonet_error *error) {
  struct view_linear one[N_STREAMS], both;
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = view_linearised(view, influence[s], &one[s], error);
  }
  if (status != NONET_OK) {
    return status;
  }
  double *difference = memory_new(rows->n + 1, sizeof *difference);
  if (difference == NULL) {
    return error_memory(error, rows->n * sizeof *difference, "influences of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    difference[i] = influence[0][i] - influence[1][i];
  }
  status = view_linearised(view, difference, &both, error);
  memory_free(difference);
  if (status == NONET_OK && one[0].n_units >= 2 && one[1].n_units >= 2) {
    double of_both = both.n_units >= 2 ? both.variance : 0; /* equal everywhere */
    for (int s = 0; s < N_STREAMS; s++) {
      out->pair_value[s] = value[s];
      out->pair_variance[s] = one[s].variance;
    }
    out->pair_covariance = (one[0].variance + one[1].variance - of_both) / 2;
  }
  return status;
}

/* ---- means ---- */

static bool is_own_quantile(const struct measure *measure, const struct measure_variant *variant,
                            const struct view *view) {
  return measure->function != MOMENT_PINBALL || variant->number[0] == 0 ||
         variant->number[0] == view->options->quantile;
}

/* The term of each row: NaN where it is infinite; both streams: the difference. */
static nonet_status error_terms(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                int stream, double **x, nonet_error *error) {
  const struct row_set *rows;
  double quantile =
      is_own_quantile(measure, variant, view) ? view->options->quantile : variant->number[0];
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  *x = memory_new(rows->n + 1, sizeof **x);
  if (*x == NULL) {
    return error_memory(error, rows->n * sizeof **x, "errors of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    double term =
        moment_row_term(TASK_REGRESSION, (enum moment_term)measure->function, rows->target[i],
                        rows->score[stream] + i * rows->n_scores, rows->n_scores, quantile);
    (*x)[i] = isfinite(term) ? term : NAN;
  }
  return NONET_OK;
}

static nonet_status error_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  if (is_own_quantile(measure, variant, view)) {
    return law_mean(measure, view, (enum moment_term)measure->function, stream, out, error);
  }
  double *x = NULL;
  nonet_status status = error_terms(measure, variant, view, stream, &x, error); /* 2 */
  if (status == NONET_OK) {
    status = law_mean_rows(measure, view, x, false, out, error);
  }
  memory_free(x);
  return status;
}

/* x becomes (x − mean)/Σw over the rows with a value, 0 elsewhere; returns the mean. */
static double to_influence(const double *weights, double *x, size_t n) {
  double sum = 0, total = 0;
  for (size_t i = 0; i < n; i++) {
    sum += isnan(x[i]) ? 0 : weights[i] * x[i];
    total += isnan(x[i]) ? 0 : weights[i];
  }
  for (size_t i = 0; i < n; i++) {
    x[i] = isnan(x[i]) ? 0 : (x[i] - sum / total) / total;
  }
  return sum / total;
}

static nonet_status error_compare(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  struct inference *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  if (is_own_quantile(measure, variant, view)) {
    status = law_mean_pair(measure, view, (enum moment_term)measure->function, out, error);
    if (status != NONET_OK || out->kind != INFERENCE_T || !isnan(out->pair_value[0])) {
      return status;
    }
  }
  double *x[N_STREAMS] = {NULL, NULL}, *d = NULL, *weights = NULL, value[N_STREAMS], total;
  const struct row_set *rows;
  status = view_rows(view, &rows, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = error_terms(measure, variant, view, s, &x[s], error);
  }
  if (status == NONET_OK) {
    status = regression_weights(rows, &weights, &total, error);
  }
  if (status == NONET_OK && !is_own_quantile(measure, variant, view)) {
    d = memory_new(rows->n + 1, sizeof *d);
    status = d == NULL ? error_memory(error, rows->n * sizeof *d, "differences of rows") : NONET_OK;
    for (size_t i = 0; d != NULL && i < rows->n; i++) {
      d[i] = x[0][i] - x[1][i];
    }
    if (status == NONET_OK) {
      status = law_mean_rows(measure, view, d, true, out, error);
    }
  }
  if (status == NONET_OK && out->kind == INFERENCE_T) { /* 3 */
    for (int s = 0; s < N_STREAMS; s++) {
      value[s] = to_influence(weights, x[s], rows->n);
    }
    status = regression_pair_parts(view, value, x, out, error);
  }
  memory_free(d);
  memory_free(weights);
  memory_free(x[0]);
  memory_free(x[1]);
  return status;
}

/* "0.9": a quantile in (0, 1). */
static bool parse_quantile(const char *suffix, struct measure_variant *variant) {
  char *stop;
  if (!(*suffix == '0' || *suffix == '.')) {
    return false;
  }
  void *previous = c_locale_enter();
  double quantile = strtod(suffix, &stop);
  c_locale_leave(previous);
  *variant = (struct measure_variant){.suffix = suffix, .number = {quantile}};
  return *stop == '\0' && quantile > 0 && quantile < 1;
}

#define ERROR_SHORTFALL                                                                            \
  "simulated coverage of 95 %, n 300: normal errors .947, errors of t(3) .936, errors in "         \
  "proportion to log-normal labels .913"

#define ERROR_RECORD                                                                               \
  .attribute = ATTRIBUTE_CORRECTNESS, .tasks = FOR_REGRESSION, .needs = NEEDS_SCORE,               \
  .scopes = IN_ALL | IN_GROUP, .kinds = SUMMARY_MOMENTS, .cost = COST_SCAN, .interval = "mean",    \
  .interval_weighted = "linearised over clusters, t(G - 1)", .estimate = error_estimate,           \
  .compare = error_compare

const struct measure correctness_mae = {
    ERROR_RECORD,
    .id = "correctness.mae",
    .title = "Mean absolute error",
    .definition = "Mean of the distances between prediction and label, in the unit of the label.",
    .formula = "(1/n) sum of |prediction - label|",
    .source = "interval: t(n - 1)",
    .unit = "label",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .function = MOMENT_ABS,
    .shortfall = ERROR_SHORTFALL,
};

const struct measure correctness_bias = {
    ERROR_RECORD,
    .id = "correctness.bias",
    .title = "Bias",
    .definition = "Mean of prediction minus label: above 0 the model predicts too much.",
    .formula = "(1/n) sum of (prediction - label)",
    .source = "interval: t(n - 1)",
    .unit = "label",
    .direction = DIRECTION_NONE,
    .range = {-INFINITY, INFINITY},
    .function = MOMENT_ERROR,
    .shortfall =
        "simulated coverage of 95 %, n 300: errors in proportion to log-normal labels .933",
};

const struct measure correctness_mape = {
    ERROR_RECORD,
    .id = "correctness.mape",
    .title = "Mean absolute percentage error",
    .definition = "Mean of the error's size as a share of the label's size; rows with label 0 are "
                  "left out and counted in a note.",
    .formula = "(1/n) sum of |prediction - label| / |label|",
    .source = "interval: t(n - 1)",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .function = MOMENT_APE,
    .shortfall = "simulated coverage of 95 %: .85-.92 where some labels come near 0 and rule the "
                 "mean (n 50 to 400), .948 where errors are in proportion to the label",
};

const struct measure correctness_smape = {
    ERROR_RECORD,
    .id = "correctness.smape",
    .title = "Symmetric mean absolute percentage error",
    .definition = "Mean of the error's size as a share of the mean size of label and prediction; 0 "
                  "where both are 0.",
    .formula = "(1/n) sum of 2 |prediction - label| / (|label| + |prediction|)",
    .source = "Makridakis 1993; interval: t(n - 1)",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, 2},
    .function = MOMENT_SAPE,
    .shortfall = "simulated coverage of 95 %: .924-.937 where some labels come near 0 (n 50 to "
                 "400), .951 where errors are in proportion to the label",
};

static const struct measure_variant pinball_variants[] = {{.suffix = "", .tasks = FOR_REGRESSION},
                                                          {.suffix = NULL}};

const struct measure correctness_pinball = {
    .attribute = ATTRIBUTE_CORRECTNESS,
    .id = "correctness.pinball",
    .title = "Pinball loss",
    .definition = "Mean loss of a predicted quantile q: an error below the label costs q, one "
                  "above it 1 - q; at q = 0.5 half the mean absolute error.",
    .formula =
        "(1/n) sum of max(q (label - prediction), (q - 1)(label - prediction)); @0.9 and any @q",
    .source = "Koenker & Bassett 1978; interval: t(n - 1)",
    .unit = "label",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_REGRESSION,
    .needs = NEEDS_SCORE,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_MOMENTS | SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "mean",
    .interval_weighted = "linearised over clusters, t(G - 1)",
    .function = MOMENT_PINBALL,
    .shortfall = ERROR_SHORTFALL,
    .variants = pinball_variants,
    .parse_variant = parse_quantile,
    .estimate = error_estimate,
    .compare = error_compare,
};
