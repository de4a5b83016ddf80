/*
 * Calibration by fits and sums: slope, intercept, Spiegelhalter's z.
 *
 *   slope       b of logit P(y = 1) = a + b logit p, fitted together (Cox 1958)
 *   intercept   a of logit P(y = 1) = a + logit p: calibration in the large
 *   z           Σ(y − p)(1 − 2p) / √Σ(1 − 2p)² p(1 − p)
 * The law of a coefficient is Wald with the inverse information; with weights or clusters the
 * sandwich, by each row's influence I⁻¹ x (y − μ) (Binder 1983).
 *
 * The cases:
 *  1. A score of exactly 0 or 1 has no logit: no slope and no intercept, with how many rows.
 *  2. One class only, or scores that split the classes: the fit has no maximum.
 *  3. z is a test statistic: no interval; its p is in the reason. Weighted: Σw(…)/√Σw²(…), rows
 * independent; with clusters it has no such law.
 *  4. All p in {0, ½, 1}: z's variance is 0.
 */
#include "measure/correctness/calibration.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/records.h"
#include "stats/distribution.h"
#include "stats/exactsum.h"
#include "stats/logistic.h"

enum calibration_function { CALIBRATION_SLOPE, CALIBRATION_INTERCEPT };

struct fit_rows {
  double *logit, *positives, *trials, *influence; /* [n] */
  double n_at_edge;                               /* rows with p 0 or 1 */
};

static void fit_rows_clear(struct fit_rows *fit) {
  memory_free(fit->logit);
  memory_free(fit->positives);
  memory_free(fit->trials);
  memory_free(fit->influence);
}

static nonet_status fit_rows_init(const struct view *view, const struct row_set *rows, int stream,
                                  struct fit_rows *fit, nonet_error *error) {
  size_t n = rows->n;
  *fit = (struct fit_rows){memory_new(n + 1, sizeof(double)), memory_new(n + 1, sizeof(double)),
                           memory_new(n + 1, sizeof(double)), memory_new(n + 1, sizeof(double)), 0};
  if (fit->logit == NULL || fit->positives == NULL || fit->trials == NULL ||
      fit->influence == NULL) {
    return error_memory(error, n * 4 * sizeof(double), "rows of a logistic fit");
  }
  for (size_t i = 0; i < n; i++) {
    struct calibration_row row = calibration_row(view, rows, stream, i);
    double count = rows->count == NULL ? 1 : (double)rows->count[i];
    fit->n_at_edge += row.p <= 0 || row.p >= 1 ? count : 0;
    fit->logit[i] = log(row.p) - log1p(-row.p);
    fit->trials[i] = rows->weight == NULL ? count : count * rows->weight[i];
    fit->positives[i] = row.is_positive ? fit->trials[i] : 0;
  }
  return NONET_OK;
}

/* Influence of one copy of each row on coefficient k. */
static void fit_influence(const struct fit_rows *rows, const struct logistic_fit *fit,
                          bool is_slope, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double x = rows->logit[i],
           eta = is_slope ? fit->coefficient[0] + fit->coefficient[1] * x : fit->coefficient[0] + x;
    double residual = (rows->positives[i] > 0 ? 1 : 0) - 1 / (1 + exp(-eta));
    double direction =
        is_slope ? fit->covariance[1][0] + fit->covariance[1][1] * x : fit->covariance[0][0];
    rows->influence[i] = rows->trials[i] > 0 ? direction * residual : 0;
  }
}

static nonet_status fit_law(const struct measure *measure, struct view *view,
                            const struct row_set *rows, struct fit_rows *data,
                            struct inference *out, nonet_error *error) {
  bool is_slope = measure->function == CALIBRATION_SLOPE;
  struct logistic_data input = {.n = rows->n,
                                .n_covariates = is_slope ? 1 : 0,
                                .x = {is_slope ? data->logit : NULL, NULL},
                                .offset = is_slope ? NULL : data->logit,
                                .positives = data->positives,
                                .trials = data->trials};
  struct logistic_fit fit;
  nonet_status status = logistic_fit(&input, &fit, error);
  if (status != NONET_OK) {
    return status;
  }
  if (fit.separated || !fit.converged) { /* 2 */
    law_missing(
        view, measure, out,
        fit.separated
            ? "one class only, or the scores split the classes: the logistic fit has no maximum"
            : "the logistic fit did not converge");
    return NONET_OK;
  }
  size_t k = is_slope ? 1 : 0;
  if (!view->is_plain) {
    fit_influence(data, &fit, is_slope, rows->n);
    return law_linear(measure, view, fit.coefficient[k], data->influence, SCALE_IDENTITY, false,
                      out, error);
  }
  *out = law_start(measure, INFERENCE_T, NULL, false);
  out->value = fit.coefficient[k];
  out->se = sqrt(fit.covariance[k][k]);
  return view_size(view, &view->n, &view->n_effective, error);
}

static nonet_status fit_estimate(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  const struct row_set *rows;
  struct fit_rows data = {0};
  nonet_status status = view_rows(view, &rows, error);
  if (status == NONET_OK && rows->n == 0) {
    law_missing(view, measure, out, "no rows");
    return NONET_OK;
  }
  if (status == NONET_OK) {
    status = fit_rows_init(view, rows, stream, &data, error);
  }
  if (status == NONET_OK && data.n_at_edge > 0) { /* 1 */
    law_missing(view, measure, out, "%.0f row%s a score of exactly 0 or 1, which has no logit",
                data.n_at_edge, data.n_at_edge == 1 ? " has" : "s have");
  } else if (status == NONET_OK) {
    status = fit_law(measure, view, rows, &data, out, error);
  }
  fit_rows_clear(&data);
  return status;
}

/* ---- Spiegelhalter ---- */

static nonet_status spiegel_sums(struct view *view, int stream, double *numerator, double *variance,
                                 nonet_error *error) {
  if (view->is_plain && view->class_index < 0 &&
      moments_has(view->set->moments, MOMENT_SPIEGEL_NUM)) {
    struct moment_sums sums =
        moments_sums(view->set->moments, view->in_scope, MOMENT_SPIEGEL_NUM, stream);
    *numerator = sums.sum;
    *variance = moments_sums(view->set->moments, view->in_scope, MOMENT_SPIEGEL_DEN, stream).sum;
    view->n = view->n_effective = (double)sums.n;
    return NONET_OK;
  }
  const struct row_set *rows;
  struct exactsum sum = {0}, squares = {0};
  nonet_status status = view_rows(view, &rows, error);
  for (size_t i = 0; status == NONET_OK && i < rows->n; i++) {
    struct calibration_row row = calibration_row(view, rows, stream, i);
    double w = rows->weight == NULL ? 1 : rows->weight[i], turn = 1 - 2 * row.p;
    uint64_t count = rows->count == NULL ? 1 : rows->count[i];
    exactsum_add_counted(&sum, w * (((row.is_positive ? 1 : 0) - row.p) * turn), count);
    exactsum_add_counted(&squares, w * w * (turn * turn * row.p * (1 - row.p)), count);
  }
  if (status == NONET_OK) {
    *numerator = exactsum_value(&sum);
    *variance = exactsum_value(&squares);
    status = view_size(view, &view->n, &view->n_effective, error);
  }
  return status;
}

static nonet_status spiegel_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  double numerator, variance;
  if (view->set->roles.has_cluster) {
    law_missing(view, measure, out, "with clusters its law is not normal with variance 1"); /* 3 */
    return NONET_OK;
  }
  nonet_status status = spiegel_sums(view, stream, &numerator, &variance, error);
  if (status != NONET_OK) {
    return status;
  }
  if (!(variance > 0)) {
    law_missing(view, measure, out, view->n > 0 ? "every score is 0, 1/2 or 1" : "no rows"); /* 4 */
    return NONET_OK;
  }
  double z = numerator / sqrt(variance);
  law_no_interval(
      view, measure, z, out,
      "a test statistic has no interval; standard normal where calibrated: two-sided p = %.3g",
      2 * distribution_normal_sf(fabs(z)));
  return NONET_OK;
}

#define CALIBRATION_RECORD                                                                         \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .tasks = FOR_BINARY | FOR_MULTICLASS,            \
  .needs = NEEDS_PROBABILITY, .direction = DIRECTION_NONE, .range = {-INFINITY, INFINITY},         \
  .scopes = IN_ALL | IN_GROUP

const struct measure correctness_calibration_slope = {
    CALIBRATION_RECORD,
    .id = "correctness.calibration_slope",
    .title = "Calibration slope",
    .definition = "Slope of the label's log-odds on the score's: 1 is right, below 1 the scores "
                  "are too extreme; multiclass: of the top label.",
    .formula = "b of logit P(y = 1) = a + b logit p",
    .source = "Cox 1958; interval: Wald",
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "wald",
    .interval_weighted = "sandwich over clusters, t(G - 1)",
    .function = CALIBRATION_SLOPE,
    .shortfall = "simulated coverage of 95 %: n 200 and 1,000: .950-.956; 40 clusters of 10: .942",
    .estimate = fit_estimate,
};

const struct measure correctness_calibration_intercept = {
    CALIBRATION_RECORD,
    .id = "correctness.calibration_intercept",
    .title = "Calibration intercept",
    .definition = "Calibration in the large: shift of the label's log-odds against the score's "
                  "with the slope fixed at 1; 0 is right; multiclass: of the top label.",
    .formula = "a of logit P(y = 1) = a + logit p",
    .source = "Cox 1958; interval: Wald",
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "wald",
    .interval_weighted = "sandwich over clusters, t(G - 1)",
    .function = CALIBRATION_INTERCEPT,
    .shortfall = "simulated coverage of 95 %: .951 for calibrated scores; .926 (n 200) and .918 (n "
                 "1,000) for scores whose slope is 0.6, where Wald's variance is too small",
    .estimate = fit_estimate,
};

const struct measure correctness_spiegelhalter_z = {
    CALIBRATION_RECORD,
    .id = "correctness.spiegelhalter_z",
    .title = "Spiegelhalter's z",
    .definition = "Test statistic of calibration from the Brier score: standard normal where the "
                  "scores are right; multiclass: of the top label.",
    .formula = "sum of (y - p)(1 - 2p) / sqrt(sum of (1 - 2p)^2 p (1 - p))",
    .source = "Spiegelhalter 1986",
    .kinds = SUMMARY_MOMENTS | SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "none",
    .interval_weighted = "none",
    .never_gated = true,
    .estimate = spiegel_estimate,
};
