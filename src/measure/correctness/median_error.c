/*
 * Median absolute error.
 *
 * The value is Hyndman & Fan's type 7, at ½ the mean of the two middle values; weighted, the value
 * at half of the weight (the mean of two where it is met exactly), which whole weights and repeated
 * rows share.
 *
 * The cases:
 *  1. Plain rows: order statistics, whose binomial law needs nothing of the errors. A bound whose
 * rank does not exist is 0 or infinite.
 *  2. Weights, clusters: Woodruff 1952: t limits of the share at the median (linearised), carried
 * to the errors.
 *  3. A pair: bootstrap percentile of the difference of the medians.
 *  4. Too few rows for either bound at the level of the run: no interval.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/correctness/regression.h"
#include "measure/records.h"
#include "stats/distribution.h"
#include "stats/interval.h"
#include "stats/sortkey.h"

/* Absolute errors in order; `row` says whose. */
struct errors {
  size_t n;
  double *size;
  uint32_t *row;
};

static nonet_status errors_init(struct view *view, int stream, struct errors *errors,
                                nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n = rows->n;
  uint64_t *keys = memory_new(n + 1, sizeof *keys);
  *errors = (struct errors){n, view_arena(view, n + 1, sizeof *errors->size),
                            view_arena(view, n + 1, sizeof *errors->row)};
  if (keys == NULL || errors->size == NULL || errors->row == NULL) {
    memory_free(keys);
    return error_memory(error, n * 20, "errors in order");
  }
  for (size_t i = 0; i < n; i++) {
    keys[i] = sortkey_f64(fabs(rows->score[stream][i * rows->n_scores] - rows->target[i]));
    errors->row[i] = (uint32_t)i;
  }
  status = sortkey_argsort_u64(keys, errors->row, n, 1, error);
  for (size_t k = 0; k < n; k++) {
    size_t i = errors->row[k];
    errors->size[k] = fabs(rows->score[stream][i * rows->n_scores] - rows->target[i]);
  }
  memory_free(keys);
  return status;
}

/* The error at a share of the weight; weights by row. NaN without weight. */
static double errors_at(const struct errors *errors, const double *weights, double share) {
  double total = 0, below = 0;
  for (size_t i = 0; i < errors->n; i++) {
    total += weights[i];
  }
  double target = share * total, slack = 1e-12 * total;
  for (size_t k = 0; k < errors->n && total > 0; k++) {
    below += weights[errors->row[k]];
    if (below > target + slack) {
      return errors->size[k];
    }
    if (below >= target - slack) { /* met exactly: half-way to the next error with weight */
      for (size_t next = k + 1; next < errors->n; next++) {
        if (weights[errors->row[next]] > 0) {
          return (errors->size[k] + errors->size[next]) / 2;
        }
      }
      return errors->size[k];
    }
  }
  return NAN;
}

/* ---- laws of one stream ---- */

struct order_law {
  const double *sorted; /* every copy */
  size_t n;
};

static void order_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct order_law *order = law->context;
  struct interval interval = interval_quantile(order->sorted, order->n, 0.5, level);
  *low = isnan(interval.low) ? 0 : interval.low; /* 1 */
  *high = isnan(interval.high) ? INFINITY : interval.high;
}

struct woodruff_law {
  struct errors errors;
  const double *weights;
  double se, df;
};

static void woodruff_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct woodruff_law *woodruff = law->context;
  double half = distribution_t_z(level, woodruff->df) * woodruff->se;
  *low = half < 0.5 ? errors_at(&woodruff->errors, woodruff->weights, 0.5 - half) : 0;
  *high = half < 0.5 ? errors_at(&woodruff->errors, woodruff->weights, 0.5 + half) : INFINITY;
}

static nonet_status order_law(struct view *view, const struct row_set *rows,
                              const struct errors *errors, struct inference *out,
                              nonet_error *error) {
  size_t n = (size_t)rows->n_rows, at = 0;
  struct order_law *law = view_arena(view, 1, sizeof *law);
  double *sorted = view_arena(view, n + 1, sizeof *sorted);
  if (law == NULL || sorted == NULL) {
    return error_memory(error, n * sizeof *sorted, "errors in order");
  }
  for (size_t k = 0; k < errors->n; k++) {
    for (uint64_t copy = rows->count == NULL ? 1 : rows->count[errors->row[k]]; copy > 0 && at < n;
         copy--) {
      sorted[at++] = errors->size[k];
    }
  }
  *law = (struct order_law){sorted, at};
  out->bounds = order_bounds;
  out->context = law;
  return NONET_OK;
}

static nonet_status woodruff_law(struct view *view, const struct errors *errors,
                                 const double *weights, double total, double median,
                                 struct inference *out, nonet_error *error) {
  struct woodruff_law *law = view_arena(view, 1, sizeof *law);
  double *kept = view_arena(view, errors->n + 1, sizeof *kept),
         *u = memory_new(errors->n + 1, sizeof *u), at_most = 0;
  struct view_linear linear;
  size_t n_clusters;
  if (law == NULL || kept == NULL || u == NULL) {
    memory_free(u);
    return error_memory(error, errors->n * sizeof *u, "influences of rows");
  }
  for (size_t k = 0; k < errors->n; k++) {
    size_t i = errors->row[k];
    double part = errors->size[k] < median ? 1 : errors->size[k] == median ? 0.5 : 0;
    kept[i] = weights[i];
    u[i] = part;
    at_most += weights[i] * part / total;
  }
  for (size_t i = 0; i < errors->n; i++) {
    u[i] = (u[i] - at_most) / total;
  }
  nonet_status status = view_linearised(view, u, &linear, error);
  status = status == NONET_OK ? view_clusters(view, &n_clusters, error) : status;
  memory_free(u);
  *law = (struct woodruff_law){*errors, kept, sqrt(linear.variance), linear.df};
  out->method = "woodruff";
  out->bounds = woodruff_bounds;
  out->context = law;
  return status;
}

static nonet_status median_estimate(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  const struct row_set *rows;
  struct errors errors;
  double *weights = NULL, total, low, high;
  nonet_status status = view_rows(view, &rows, error);
  status = status == NONET_OK ? regression_weights(rows, &weights, &total, error) : status;
  status = status == NONET_OK ? errors_init(view, stream, &errors, error) : status;
  if (status == NONET_OK && !(total > 0)) {
    law_missing(view, measure, out, rows->n > 0 ? "all weights are 0" : "no rows");
    goto done;
  }
  if (status != NONET_OK) {
    goto done;
  }
  status = view_size(view, &view->n, &view->n_effective, error);
  *out = law_start(measure, INFERENCE_LIMITS, NULL, false);
  out->value = errors_at(&errors, weights, 0.5);
  if (status == NONET_OK) {
    status = view->is_plain ? order_law(view, rows, &errors, out, error)
                            : woodruff_law(view, &errors, weights, total, out->value, out, error);
  }
  if (status == NONET_OK) {
    out->bounds(out, view->options->level, &low, &high);
    if (isnan(low) || isnan(high) || isinf(high)) { /* 4 */
      law_no_interval(view, measure, out->value, out,
                      "%.0f rows are too few for a bound on a median", view->n);
    }
  }
done:
  memory_free(weights);
  return status;
}

/* ---- pair ---- */

struct median_pair {
  struct errors errors[N_STREAMS];
};

static double median_statistic(const void *context, const struct view *view,
                               const double *weights) {
  (void)view;
  const struct median_pair *pair = context;
  return errors_at(&pair->errors[0], weights, 0.5) - errors_at(&pair->errors[1], weights, 0.5);
}

static nonet_status median_compare(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   struct inference *out, nonet_error *error) {
  (void)variant;
  const struct row_set *rows;
  struct median_pair pair;
  const double *replicates;
  size_t n_replicates;
  double *weights = NULL, total;
  bool *differs = NULL;
  nonet_status status = view_rows(view, &rows, error);
  status = status == NONET_OK ? regression_weights(rows, &weights, &total, error) : status;
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = errors_init(view, s, &pair.errors[s], error);
  }
  if (status == NONET_OK && !(total > 0)) {
    law_missing(view, measure, out, rows->n > 0 ? "all weights are 0" : "no rows");
    goto done;
  }
  status = status == NONET_OK ? view_size(view, &view->n, &view->n_effective, error) : status;
  status = status == NONET_OK
               ? view_bootstrap(view, median_statistic, &pair, &replicates, &n_replicates, error)
               : status;
  if (status != NONET_OK) {
    goto done;
  }
  double value = median_statistic(&pair, view, weights);
  law_replicates(measure, view, value, replicates, n_replicates, NAN, true, out); /* 3 */
  if (out->kind == INFERENCE_REPLICATES) {
    out->method = "bootstrap-percentile";
  }
  differs = memory_new(rows->n + 1, sizeof *differs);
  if (differs == NULL) {
    status = error_memory(error, rows->n, "marks of rows");
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    differs[i] = rows->score[0][i * rows->n_scores] != rows->score[1][i * rows->n_scores];
  }
  status = law_undecided(view, differs, &(struct view_linear){0}, out,
                         error); /* one row moves a median by one rank: no share */
done:
  memory_free(weights);
  memory_free(differs);
  return status;
}

const struct measure correctness_median_ae = {
    .id = "correctness.median_ae",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Median absolute error",
    .definition = "Half of the predictions are at most this far from the label; a few wild errors "
                  "do not move it.",
    .formula = "median of |prediction - label| (Hyndman & Fan type 7)",
    .source = "interval: order statistics; weighted: Woodruff 1952; paired difference: bootstrap "
              "percentile",
    .unit = "label",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_REGRESSION,
    .needs = NEEDS_SCORE,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SORT,
    .interval = "order-statistics",
    .interval_weighted = "Woodruff 1952, linearised over clusters, t(G - 1)",
    .estimate = median_estimate,
    .compare = median_compare,
};
