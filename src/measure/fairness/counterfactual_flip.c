/*
 * Would another value of a protected column, all else equal, change the decision?
 *
 *   flips(row, column) = 1 when the decision under any of the column's other values differs from
 *                        the decision as it is (probe/process/counterfactual.c says which are
 * tried) in a column's scope  Σ flips(row, column) / n over all rows        rows that flip in any
 * of the protected columns, one at a time / n
 *
 * The simplest form of counterfactual fairness (Kusner et al. 2017, who ask what would have been
 * had the person been another): nothing that the column causes changes with it, so that 0 does not
 * mean that the model is fair, and a model without the column has 0 by construction.
 *
 * Cases:
 *  1. The model does not read the column: 0, exact.
 *  2. Rows that belong together (cluster): the share's variance is that of the clusters' sums, and
 * Wilson's interval has the effective number of rows. Weights are not used: the rows asked stand
 * for themselves.
 *  3. Pairs: the same rows under both models; Tango, with clusters the linearised difference.
 *  4. A group column that is not protected: nothing was asked about it.
 *  5. Over clusters, fewer than VIEW_FEW_UNITS rows that differ, or VIEW_FEW_CLUSTERS clusters,
 * decide nothing.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/probed.h"
#include "measure/records.h"

/* The place of the scope's column; n_columns: all of them; −1: not among them. */
static int64_t place_of(const struct view *view, const struct probe_counterfactual *found) {
  if (view->column == NULL) {
    return (int64_t)found->n_columns;
  }
  for (size_t c = 0; c < found->n_columns; c++) {
    if (strcmp(found->column[c].name, view->column->name) == 0) {
      return (int64_t)c;
    }
  }
  return -1;
}

static bool is_flip(const struct probe_counterfactual *found, size_t place, size_t row) {
  bool flips = false;
  for (size_t c = 0; c < found->n_columns; c++) {
    flips = flips || ((c == place || place == found->n_columns) &&
                      found->flips[c * found->n_rows + row] != 0);
  }
  return flips;
}

static bool is_read(const struct probe_counterfactual *found, size_t place) {
  bool reads = false;
  for (size_t c = 0; c < found->n_columns; c++) {
    reads = reads || ((c == place || place == found->n_columns) && found->column[c].n_values > 1);
  }
  return reads;
}

static void say_columns(struct view *view, const struct probe_counterfactual *found, size_t place) {
  for (size_t c = 0; c < found->n_columns; c++) {
    const struct probe_flip_column *column = &found->column[c];
    if (c != place && place != found->n_columns) {
      continue;
    }
    if (column->n_values == 0) { /* 1 */
      view_note(view, "the model does not read %s, or it has one value: no row can flip",
                column->name);
    } else {
      view_note(view, "%s: %zu values tried; %s = %s changes most decisions, %s of %s",
                column->name, column->n_values, column->name, column->worst_value,
                view_count(view, (double)column->n_worst), view_count(view, (double)found->n_rows));
    }
  }
}

/* 2. The variance of the mean of x [n] over clusters numbered below n; NaN with fewer than two. */
static double cluster_variance(const double *x, const uint32_t *clusters, size_t n, double mean,
                               double *sums, double *n_clusters) {
  double total = 0;
  *n_clusters = 0;
  memset(sums, 0, n * sizeof *sums);
  for (size_t i = 0; i < n; i++) {
    sums[clusters[i]] += x[i] - mean;
    *n_clusters = fmax(*n_clusters, clusters[i] + 1.0);
  }
  for (size_t g = 0; g < (size_t)*n_clusters; g++) {
    total += sums[g] * sums[g];
  }
  return *n_clusters < 2 ? NAN : *n_clusters / (*n_clusters - 1) * total / ((double)n * (double)n);
}

static nonet_status over_clusters(const struct measure *measure, struct view *view, const double *x,
                                  const struct probe_counterfactual *found, double mean,
                                  bool is_pair, struct inference *out, nonet_error *error) {
  double n_clusters, n = (double)found->n_rows;
  double *sums = memory_new(found->n_rows, sizeof *sums);
  if (sums == NULL) {
    return error_memory(error, found->n_rows * sizeof *sums, "sums of clusters");
  }
  double variance = cluster_variance(x, found->clusters, found->n_rows, mean, sums, &n_clusters);
  memory_free(sums);
  if (isnan(variance)) {
    law_no_interval(view, measure, mean, out, "all rows are of one cluster");
  } else if (is_pair) {
    *out = law_start(measure, INFERENCE_T, "cluster-linearised", true);
    out->value = mean;
    out->se = sqrt(variance);
    out->df = n_clusters - 1;
    double n_differ = 0;
    for (size_t i = 0; i < found->n_rows; i++) {
      n_differ += x[i] != 0;
    }
    if (n_differ < VIEW_FEW_UNITS) { /* 5 */
      out->undecided =
          view_sentence(view, "%.0f rows flip under one model alone; %d would be enough", n_differ,
                        (int)VIEW_FEW_UNITS);
    } else if (n_clusters < VIEW_FEW_CLUSTERS) {
      out->undecided = view_sentence(view, "%.0f clusters; %d would be enough", n_clusters,
                                     (int)VIEW_FEW_CLUSTERS);
    }
  } else {
    law_wilson_effective(measure, view, mean, variance, n_clusters - 1, n, n_clusters, out);
  }
  view->n = view->n_effective = n;
  return NONET_OK;
}

static nonet_status flip_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  const struct probe_stream *answers = probed_stream(measure, view, stream, out);
  if (answers == NULL) {
    return NONET_OK;
  }
  const struct probe_counterfactual *found = &answers->counterfactual;
  int64_t place = place_of(view, found);
  if (place < 0) { /* 4 */
    law_missing(view, measure, out, "%s is not a protected column", view->column->name);
    return NONET_OK;
  }
  say_columns(view, found, (size_t)place);
  if (!is_read(found, (size_t)place)) {
    probed_exact(measure, view, 0, (double)found->n_rows, out);
    return NONET_OK;
  }
  double flips = 0;
  double *x = memory_new(found->n_rows, sizeof *x);
  if (x == NULL) {
    return error_memory(error, found->n_rows * sizeof *x, "flips of rows");
  }
  for (size_t i = 0; i < found->n_rows; i++) {
    x[i] = is_flip(found, (size_t)place, i);
    flips += x[i];
  }
  nonet_status status = NONET_OK;
  if (found->clusters != NULL) {
    status =
        over_clusters(measure, view, x, found, flips / (double)found->n_rows, false, out, error);
  } else {
    law_wilson(measure, view, flips, (double)found->n_rows, out);
  }
  memory_free(x);
  return status;
}

static nonet_status flip_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  (void)variant;
  const struct probe_stream *answers_a = probed_stream(measure, view, STREAM_A, out);
  const struct probe_stream *answers_b =
      answers_a == NULL ? NULL : probed_stream(measure, view, STREAM_B, out);
  if (answers_b == NULL) {
    return NONET_OK;
  }
  const struct probe_counterfactual *a = &answers_a->counterfactual,
                                    *b = &answers_b->counterfactual;
  int64_t place = place_of(view, a);
  if (place < 0 || a->n_rows != b->n_rows || a->n_columns != b->n_columns) {
    law_missing(view, measure, out, "the two models were not asked about the same columns");
    return NONET_OK;
  }
  if (!is_read(a, (size_t)place) && !is_read(b, (size_t)place)) {
    probed_exact_pair(measure, view, 0, 0, (double)a->n_rows, out);
    return NONET_OK;
  }
  double n_a = 0, only_a = 0, only_b = 0;
  double *x = memory_new(a->n_rows, sizeof *x);
  if (x == NULL) {
    return error_memory(error, a->n_rows * sizeof *x, "flips of rows");
  }
  for (size_t i = 0; i < a->n_rows; i++) {
    bool flips_a = is_flip(a, (size_t)place, i), flips_b = is_flip(b, (size_t)place, i);
    n_a += flips_a;
    only_a += flips_a && !flips_b;
    only_b += flips_b && !flips_a;
    x[i] = (double)flips_a - (double)flips_b;
  }
  nonet_status status = NONET_OK;
  if (a->clusters != NULL) { /* 3 */
    status =
        over_clusters(measure, view, x, a, (only_a - only_b) / (double)a->n_rows, true, out, error);
  } else {
    law_tango(measure, view, n_a, only_a, only_b, (double)a->n_rows, out);
  }
  memory_free(x);
  return status;
}

const struct measure fairness_counterfactual_flip = {
    .id = "fairness.counterfactual_flip",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Counterfactual flips",
    .definition = "Share of rows whose decision changes when a protected column is set to another "
                  "of its values, all else equal.",
    .formula = "#{decision under another value != decision} / n",
    .source =
        "Kusner et al. 2017, in its simplest form: what the column causes is not changed with "
        "it; interval: Wilson 1927",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .scopes = IN_ALL | IN_COLUMN,
    .probes = PROBE_BIT(PROBE_COUNTERFACTUAL),
    .cost = COST_SCAN,
    .interval = "wilson",
    .interval_weighted = "over clusters: Wilson with the effective number of rows; weights are not "
                         "used",
    .estimate = flip_estimate,
    .compare = flip_compare,
};
