/*
 * Means of a loss per row: log loss and Brier score.
 *
 * The cases:
 *  1. p = 0 for the true class of any row: the log loss is infinite; missing, with how many rows.
 * Nothing is clipped.
 *  2. Log loss is skewed: t alone calls a harm safe in 9 % at n = 200. Up to MEASURE_SMALL_ROWS
 * rows of the scope, where the rows are kept, it is bootstrap-t; above, skewness / (6 √n) of the t
 * interval's error is below what 1,000 replicates can show, and t(n − 1) is used.
 *  3. The Brier score of several classes is the sum over classes (range 0 … 2), as in Brier 1950;
 * of two classes it is (p − y)² of the positive.
 *  4. Weights, clusters: weighted mean, linearised over clusters, t(G − 1).
 *  5. Murphy's parts of the binary Brier score are by bins (ece.c), and have no paired form.
 */
#include <math.h>

#include "measure/correctness/calibration.h"
#include "measure/law.h"
#include "measure/records.h"

#include "base/error.h"
#include "base/memory.h"

/* The losses of the rows: stream `b` < 0: of stream a alone, else the difference. Infinite ones
 * were excluded by law_mean before. */
static nonet_status loss_rows(struct view *view, enum moment_term term, int a, int b, double **x,
                              nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  *x = memory_new(rows->n, sizeof **x);
  if (*x == NULL) {
    return error_memory(error, rows->n * sizeof **x, "losses of rows");
  }
  size_t k = rows->n_scores;
  for (size_t i = 0; i < rows->n; i++) {
    double y = (double)rows->label[i];
    (*x)[i] = moment_row_term(view->task, term, y, rows->score[a] + i * k, k, 0);
    if (b >= 0) {
      (*x)[i] -= moment_row_term(view->task, term, y, rows->score[b] + i * k, k, 0);
    }
  }
  return NONET_OK;
}

static nonet_status loss_boot_t(const struct measure *measure, struct view *view, int a, int b,
                                struct inference *out, nonet_error *error) {
  if (out->kind != INFERENCE_T || !view->is_plain || measure->function != MOMENT_LOG_LOSS ||
      view->n > MEASURE_SMALL_ROWS || !view_has_rows(view)) {
    return NONET_OK;
  }
  struct inference by_t = *out;
  double *x = NULL;
  nonet_status status =
      loss_rows(view, (enum moment_term)measure->function, a, b, &x, error); /* 2 */
  if (status == NONET_OK) {
    status = law_mean_boot_t(measure, view, x, b >= 0, out, error);
  }
  if (status == NONET_OK && !isnan(out->value)) {
    out->value = by_t.value; /* the exact sums' */
    for (int s = 0; s < N_STREAMS; s++) {
      out->pair_value[s] = by_t.pair_value[s];
      out->pair_variance[s] = by_t.pair_variance[s];
    }
    out->pair_covariance = by_t.pair_covariance;
  }
  memory_free(x);
  return status;
}

static nonet_status loss_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  if (variant->word != NULL && view->task != TASK_BINARY) {
    law_missing(view, measure, out,
                "the split into reliability, resolution and uncertainty is for two classes");
    return NONET_OK;
  }
  if (variant->word != NULL) {
    return calibration_murphy(measure, variant, view, stream, out, error); /* 5 */
  }
  nonet_status status =
      law_mean(measure, view, (enum moment_term)measure->function, stream, out, error);
  return status != NONET_OK ? status : loss_boot_t(measure, view, stream, -1, out, error);
}

static nonet_status loss_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  if (variant->word != NULL) {
    law_missing(view, measure, out, "the parts of the Brier score have no paired form"); /* 5 */
    return NONET_OK;
  }
  nonet_status status =
      law_mean_pair(measure, view, (enum moment_term)measure->function, out, error);
  return status != NONET_OK ? status : loss_boot_t(measure, view, STREAM_A, STREAM_B, out, error);
}

const struct measure correctness_log_loss = {
    .id = "correctness.log_loss",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Log loss",
    .definition = "Mean negative natural logarithm of the probability given to the true class; "
                  "infinite, so null, when any row gives it 0.",
    .formula = "-(1/n) sum of ln p[true class]",
    .source = "Good 1952; interval: bootstrap-t (Hall 1988) up to 20,000 rows, then t(n - 1)",
    .unit = "nat",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_PROBABILITY,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_MOMENTS,
    .kinds_small = SUMMARY_MULTISET,
    .primary_of = FOR_MULTICLASS,
    .cost = COST_BOOTSTRAP,
    .interval = "bootstrap-t",
    .interval_weighted = "linearised over clusters, t(G - 1)",
    .shortfall =
        "simulated coverage of 95 %: n 200: .947; 40 clusters of 10: .935-.941, and a paired "
        "difference of clusters seldom decides",
    .function = MOMENT_LOG_LOSS,
    .estimate = loss_estimate,
    .compare = loss_compare,
};

/* Shown only when named. */
static const struct measure_variant brier_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS},
    {.suffix = "reliability", .word = "reliability"},
    {.suffix = "resolution", .word = "resolution"},
    {.suffix = "uncertainty", .word = "uncertainty"},
    {.suffix = NULL}};

const struct measure correctness_brier = {
    .id = "correctness.brier",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Brier score",
    .definition = "Mean squared distance of the probabilities from what happened; multiclass: "
                  "summed over the classes.",
    .formula = "(1/n) sum of (p - y)^2; multiclass: (1/n) sum over rows and classes c of (p[c] - "
               "[y = c])^2; @reliability: sum of n_k/n (p_k - y_k)^2 over distinct p; "
               "@resolution: sum of n_k/n (y_k - y)^2; @uncertainty: y (1 - y)",
    .source = "Brier 1950; Murphy 1973; interval: t(n - 1)",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, 2},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_PROBABILITY,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_MOMENTS | SUMMARY_MICROBINS,
    .kinds_small = SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "mean",
    .interval_weighted = "linearised over clusters, t(G - 1)",
    .shortfall =
        "simulated coverage of 95 %: n 200: .941; n 1,000 with 4 % positives: .943; 40 clusters of "
        "10: .941, false safe .059",
    .function = MOMENT_BRIER,
    .variants = brier_variants,
    .estimate = loss_estimate,
    .compare = loss_compare,
};
