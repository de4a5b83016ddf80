/*
 * Functions of second moments: rmse, r2, rmse_skill, and Lin's concordance.
 *
 *   a = mean (x − y)²,  v = mean (y − ȳ)²,  D = v_x + v_y + (x̄ − ȳ)²
 *   rmse = √a    r2 = 1 − a/v    rmse_skill = 1 − √(a/v)    concordance = 2 c_xy / D
 * The law is the influence of a row (Hampel 1974) with weights and clusters as in view_linearised:
 * on the logarithm for one rmse, on Fisher's z for one concordance, else on the value. Up to
 * MEASURE_SMALL_ROWS plain rows rmse, r2 and rmse_skill take bootstrap-t with the same influence
 * (Hall 1988): squares have heavy tails, and a normal interval then covers .75 to .80.
 *
 * The cases:
 *  1. A constant label: v = 0, so r2 and rmse_skill do not exist. The label and the prediction
 * constant and equal: no concordance.
 *  2. All errors 0: rmse 0, without an interval.
 *  3. More rows than that, or none kept: rmse from the exact sums of e² and e⁴.
 *  4. A pair shares the label, hence v: the influence of the difference is the difference of the
 * influences.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/correctness/regression.h"
#include "measure/records.h"

enum square_function { SQUARE_RMSE, SQUARE_R2, SQUARE_SKILL, SQUARE_CONCORDANCE };

struct square_moments {
  double weight, mean_x, mean_y, square_error, variance_x, variance_y, covariance;
};

static struct square_moments square_moments(const double *x, const double *y, const double *w,
                                            size_t n) {
  struct square_moments m = {0};
  for (size_t i = 0; i < n; i++) {
    m.weight += w[i];
    m.mean_x += w[i] * x[i];
    m.mean_y += w[i] * y[i];
  }
  m.mean_x /= m.weight;
  m.mean_y /= m.weight;
  for (size_t i = 0; i < n; i++) {
    double dx = x[i] - m.mean_x, dy = y[i] - m.mean_y, e = x[i] - y[i];
    m.square_error += w[i] * (e * e);
    m.variance_x += w[i] * (dx * dx);
    m.variance_y += w[i] * (dy * dy);
    m.covariance += w[i] * (dx * dy);
  }
  m.square_error /= m.weight;
  m.variance_x /= m.weight;
  m.variance_y /= m.weight;
  m.covariance /= m.weight;
  return m;
}

static double concordance_base(const struct square_moments *m) {
  return m->variance_x + m->variance_y + (m->mean_x - m->mean_y) * (m->mean_x - m->mean_y);
}

static double square_value(enum square_function function, const struct square_moments *m) {
  double ratio = m->variance_y > 0 ? m->square_error / m->variance_y : NAN,
         base = concordance_base(m);
  switch (function) {
  case SQUARE_RMSE:
    return sqrt(m->square_error);
  case SQUARE_R2:
    return 1 - ratio;
  case SQUARE_SKILL:
    return 1 - sqrt(ratio);
  case SQUARE_CONCORDANCE:
    return base > 0 ? 2 * m->covariance / base : NAN;
  }
  return NAN;
}

/* Of one row, times the total weight. */
static double square_influence(enum square_function function, const struct square_moments *m,
                               double x, double y) {
  double dx = x - m->mean_x, dy = y - m->mean_y, e = x - y;
  double of_square = e * e - m->square_error, of_variance = dy * dy - m->variance_y,
         ratio = m->square_error / m->variance_y;
  switch (function) {
  case SQUARE_RMSE:
    return of_square / (2 * sqrt(m->square_error));
  case SQUARE_R2:
    return (ratio * of_variance - of_square) / m->variance_y;
  case SQUARE_SKILL:
    return (ratio * of_variance - of_square) / (2 * m->variance_y * sqrt(ratio));
  case SQUARE_CONCORDANCE: {
    double base = concordance_base(m), value = 2 * m->covariance / base;
    double of_base =
        dx * dx + dy * dy - m->variance_x - m->variance_y + 2 * (m->mean_x - m->mean_y) * (dx - dy);
    return (2 * (dx * dy - m->covariance) - value * of_base) / base;
  }
  }
  return NAN;
}

/* ---- bootstrap-t ---- */

struct square_boot {
  enum square_function function;
  size_t n;
  const double *y, *x[N_STREAMS]; /* x[1] NULL: one stream */
  bool is_log;
  double value; /* on the scale */
};

static double square_boot_t(const void *context, const struct view *view, const double *weights) {
  (void)view;
  const struct square_boot *boot = context;
  bool is_pair = boot->x[1] != NULL;
  struct square_moments m[N_STREAMS] = {square_moments(boot->x[0], boot->y, weights, boot->n)};
  double value = square_value(boot->function, &m[0]), squares = 0, n = m[0].weight,
         slope = boot->is_log ? 1 / value : 1;
  if (is_pair) {
    m[1] = square_moments(boot->x[1], boot->y, weights, boot->n);
    value -= square_value(boot->function, &m[1]);
  }
  for (size_t i = 0; i < boot->n; i++) {
    if (weights[i] != 0) {
      double u = square_influence(boot->function, &m[0], boot->x[0][i], boot->y[i]);
      u -= is_pair ? square_influence(boot->function, &m[1], boot->x[1][i], boot->y[i]) : 0;
      squares += weights[i] * u * u;
    }
  }
  double se = slope * sqrt(squares / n / (n - 1));
  return n > 1 && se > 0 ? ((boot->is_log ? log(value) : value) - boot->value) / se : NAN;
}

static nonet_status square_boot_law(const struct measure *measure, struct view *view, int a, int b,
                                    struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  if (out->kind != INFERENCE_T || !view->is_plain || view->n > MEASURE_SMALL_ROWS ||
      measure->function == SQUARE_CONCORDANCE) {
    return NONET_OK;
  }
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  struct square_boot boot = {.function = (enum square_function)measure->function,
                             .n = rows->n,
                             .y = rows->target,
                             .x = {rows->score[a], b >= 0 ? rows->score[b] : NULL},
                             .is_log = out->scale == SCALE_LOG};
  boot.value = boot.is_log ? log(out->value) : out->value;
  const double *replicates;
  size_t n_replicates;
  status = view_bootstrap(view, square_boot_t, &boot, &replicates, &n_replicates, error);
  if (status != NONET_OK) {
    return status;
  }
  if (law_lacks_replicates(measure, view, out->value, n_replicates, out)) {
    return NONET_OK;
  }
  out->kind = INFERENCE_BOOT_T;
  out->method = "bootstrap-t";
  out->replicates = replicates;
  out->n_replicates = n_replicates;
  return NONET_OK;
}

/* ---- from rows ---- */

/* Value and influence of one stream; false in *exists when there is none, and then `out` says why.
 */
static nonet_status square_stream(const struct measure *measure, struct view *view, int stream,
                                  double *value, double **influence, bool *exists,
                                  struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  double *weights = NULL, total;
  enum square_function function = (enum square_function)measure->function;
  nonet_status status = view_rows(view, &rows, error);
  *exists = false;
  if (status == NONET_OK) {
    status = regression_weights(rows, &weights, &total, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  if (!(total > 0)) {
    law_missing(view, measure, out, rows->n > 0 ? "all weights are 0" : "no rows");
    goto done;
  }
  struct square_moments m = square_moments(rows->score[stream], rows->target, weights, rows->n);
  *value = square_value(function, &m);
  if (isnan(*value)) { /* 1 */
    law_missing(view, measure, out,
                function == SQUARE_CONCORDANCE ? "label and prediction are the same constant"
                                               : "the label is constant");
    goto done;
  }
  *influence = memory_new(rows->n, sizeof **influence);
  if (*influence == NULL) {
    status = error_memory(error, rows->n * sizeof **influence, "influences of rows");
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    double u = square_influence(function, &m, rows->score[stream][i], rows->target[i]) / total;
    (*influence)[i] = isfinite(u) ? u : 0; /* 2 */
  }
  *exists = true;
done:
  memory_free(weights);
  return status;
}

static enum inference_scale square_scale(const struct measure *measure) {
  return measure->function == SQUARE_RMSE          ? SCALE_LOG
         : measure->function == SQUARE_CONCORDANCE ? SCALE_FISHER_Z
                                                   : SCALE_IDENTITY;
}

/* ---- rmse from sums (3) ---- */

static bool by_sums(const struct measure *measure, struct view *view) {
  if (measure->function != SQUARE_RMSE || !view->is_plain || view->set->moments == NULL) {
    return false;
  }
  double n = (double)moments_sums(view->set->moments, view->in_scope, MOMENT_SQUARE, STREAM_A).n;
  return !view_has_rows(view) || n > MEASURE_SMALL_ROWS;
}

static nonet_status rmse_by_sums(const struct measure *measure, struct view *view, int stream,
                                 struct inference *out, nonet_error *error) {
  nonet_status status = law_mean(measure, view, MOMENT_SQUARE, stream, out, error);
  double square = out->value;
  out->value = sqrt(square);
  if (status == NONET_OK && out->kind == INFERENCE_T) {
    out->method = measure->interval;
    out->scale = SCALE_LOG;
    out->se /= 2 * square;
    out->df = INFINITY;
  }
  return status;
}

static nonet_status rmse_pair_by_sums(const struct measure *measure, struct view *view,
                                      struct inference *out, nonet_error *error) {
  nonet_status status = law_mean_pair(measure, view, MOMENT_SQUARE, out, error);
  if (status != NONET_OK || isnan(out->pair_value[0])) {
    return status;
  }
  double root[N_STREAMS], covariance = out->pair_covariance, variance = 0;
  for (int s = 0; s < N_STREAMS; s++) {
    root[s] = sqrt(out->pair_value[s]);
    out->pair_value[s] = root[s];
    out->pair_variance[s] /= 4 * root[s] * root[s];
    variance += out->pair_variance[s];
  }
  out->pair_covariance = covariance / (4 * root[0] * root[1]);
  out->value = root[0] - root[1];
  variance -= 2 * out->pair_covariance;
  if (out->kind == INFERENCE_T && variance > 0) {
    out->method = "delta";
    out->se = sqrt(variance);
    out->df = INFINITY;
  } else {
    law_no_interval(view, measure, root[0] - root[1], out,
                    "the estimate of its standard error is 0 or not defined");
  }
  return NONET_OK;
}

/* ---- the records' functions ---- */

static nonet_status square_estimate(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  double value, *influence = NULL;
  bool exists;
  if (by_sums(measure, view)) {
    return rmse_by_sums(measure, view, stream, out, error);
  }
  nonet_status status =
      square_stream(measure, view, stream, &value, &influence, &exists, out, error);
  if (status == NONET_OK && exists) {
    status = law_linear(measure, view, value, influence, square_scale(measure), false, out, error);
    if (status == NONET_OK) {
      status = square_boot_law(measure, view, stream, -1, out, error);
    }
  }
  memory_free(influence);
  return status;
}

static nonet_status square_compare(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   struct inference *out, nonet_error *error) {
  (void)variant;
  double value[N_STREAMS], *influence[N_STREAMS] = {NULL, NULL}, *difference = NULL;
  bool exists = true;
  if (by_sums(measure, view)) {
    return rmse_pair_by_sums(measure, view, out, error);
  }
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK && exists; s++) {
    status = square_stream(measure, view, s, &value[s], &influence[s], &exists, out, error);
  }
  if (status != NONET_OK || !exists) {
    goto done;
  }
  difference = memory_new(rows->n, sizeof *difference);
  if (difference == NULL) {
    status = error_memory(error, rows->n * sizeof *difference, "influences of rows");
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    difference[i] = influence[0][i] - influence[1][i]; /* 4 */
  }
  status =
      law_linear(measure, view, value[0] - value[1], difference, SCALE_IDENTITY, true, out, error);
  if (status == NONET_OK) {
    out->method = view->is_plain ? "influence" : out->method;
    status = square_boot_law(measure, view, STREAM_A, STREAM_B, out, error);
  }
  if (status == NONET_OK && out->kind != INFERENCE_MISSING) {
    status = regression_pair_parts(view, value, influence, out, error);
  }
done:
  memory_free(influence[0]);
  memory_free(influence[1]);
  memory_free(difference);
  return status;
}

#define SQUARE_RECORD                                                                              \
  .attribute = ATTRIBUTE_CORRECTNESS, .tasks = FOR_REGRESSION, .needs = NEEDS_SCORE,               \
  .scopes = IN_ALL | IN_GROUP,                                                                     \
  .interval_weighted = "influence, linearised over clusters, t(G - 1)",                            \
  .estimate = square_estimate, .compare = square_compare

#define SQUARE_SHORTFALL                                                                           \
  "simulated coverage of 95 %, n 300: normal errors .949; errors of t(3) .83, errors in "          \
  "proportion "                                                                                    \
  "to log-normal labels .65-.69 (prefer mae for gates); 40 clusters of 10: .935"

const struct measure correctness_rmse = {
    SQUARE_RECORD,
    .id = "correctness.rmse",
    .title = "Root mean squared error",
    .definition =
        "Square root of the mean squared error, in the unit of the label; large errors count most.",
    .formula = "sqrt((1/n) sum of (prediction - label)^2)",
    .source = "interval: delta on the logarithm, bootstrap-t (Hall 1988) up to 20,000 rows",
    .unit = "label",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .kinds = SUMMARY_MOMENTS,
    .kinds_small = SUMMARY_MULTISET,
    .primary_of = FOR_REGRESSION,
    .cost = COST_BOOTSTRAP,
    .interval = "delta-log",
    .shortfall = SQUARE_SHORTFALL,
    .function = SQUARE_RMSE,
};

const struct measure correctness_r2 = {
    SQUARE_RECORD,
    .id = "correctness.r2",
    .title = "R squared",
    .definition = "Share of the label's variance that the predictions explain; below 0 they are "
                  "worse than the label's mean.",
    .formula = "1 - sum of (label - prediction)^2 / sum of (label - mean label)^2",
    .source = "interval: influence, bootstrap-t (Hall 1988) up to 20,000 rows",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {-INFINITY, 1},
    .kinds = SUMMARY_MULTISET,
    .cost = COST_BOOTSTRAP,
    .interval = "influence",
    .shortfall = SQUARE_SHORTFALL,
    .function = SQUARE_R2,
};

const struct measure correctness_rmse_skill = {
    SQUARE_RECORD,
    .id = "correctness.rmse_skill",
    .title = "RMSE skill",
    .definition = "How much smaller the root mean squared error is than that of always predicting "
                  "the label's mean: 1 is perfect, 0 no better.",
    .formula = "1 - RMSE / sqrt((1/n) sum of (label - mean label)^2)",
    .source = "Murphy 1988; interval: influence, bootstrap-t (Hall 1988) up to 20,000 rows",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {-INFINITY, 1},
    .kinds = SUMMARY_MULTISET,
    .cost = COST_BOOTSTRAP,
    .interval = "influence",
    .shortfall = SQUARE_SHORTFALL,
    .function = SQUARE_SKILL,
};

const struct measure correctness_concordance = {
    SQUARE_RECORD,
    .id = "correctness.concordance",
    .title = "Concordance correlation",
    .definition = "Lin's concordance: correlation of prediction and label that also counts a shift "
                  "or another spread as disagreement.",
    .formula = "2 cov(x, y) / (var x + var y + (mean x - mean y)^2), variances with divisor n",
    .source = "Lin 1989; interval: influence on Fisher's z",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {-1, 1},
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "influence-fisher-z",
    .function = SQUARE_CONCORDANCE,
    .shortfall = "simulated coverage of 95 %: normal errors .947 at n 300, .927 at n 50; n 300: "
                 "errors of t(3) .83, errors in proportion to log-normal labels .70",
};
