/*
 * Two shares of rows for multiclass: the true class among the k best scored, and how far accuracy
 * is above always saying the largest class.
 *
 * The cases:
 *  1. Equal scores rank in class order, as the prediction does: the true class is among the k best
 * when fewer than k classes have a larger score, or an equal one and an earlier place.
 *  2. k >= K is always 1: missing, with both numbers.
 *  3. The largest class is found on the same rows (weighted sums; ties: the first); its choice is
 * not in the interval.
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/paired.h"

/* ---- top_k_accuracy ---- */

static const struct measure_variant k_variants[] = {
    {.suffix = "2", .tasks = FOR_MULTICLASS, .number = {2}},
    {.suffix = "5", .tasks = FOR_MULTICLASS, .number = {5}},
    {.suffix = NULL}};

static bool parse_k(const char *suffix, struct measure_variant *variant) {
  char *end;
  if (!(*suffix >= '1' && *suffix <= '9')) {
    return false;
  }
  long k = strtol(suffix, &end, 10);
  *variant = (struct measure_variant){.suffix = suffix, .number = {(double)k}};
  return *end == '\0' && k < 1000000;
}

static bool is_among(const double *score, size_t n_scores, size_t label, size_t k) {
  size_t before = 0;
  for (size_t c = 0; c < n_scores; c++) {
    before += score[c] > score[label] || (score[c] == score[label] && c < label); /* 1 */
  }
  return before < k;
}

static nonet_status topk_hits(struct view *view, const struct measure_variant *variant, int stream,
                              double **hit, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  *hit = memory_new(rows->n, sizeof **hit);
  if (*hit == NULL) {
    return error_memory(error, rows->n * sizeof **hit, "hits of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    (*hit)[i] = is_among(rows->score[stream] + i * rows->n_scores, rows->n_scores, rows->label[i],
                         (size_t)variant->number[0]);
  }
  return NONET_OK;
}

static bool is_trivial(const struct measure *measure, const struct measure_variant *variant,
                       struct view *view, struct inference *out) {
  if (variant->number[0] < (double)view->n_classes) {
    return false;
  }
  law_missing(view, measure, out, "the %g best of %zu classes always hold the label",
              variant->number[0], view->n_classes); /* 2 */
  return true;
}

static nonet_status topk_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  if (is_trivial(measure, variant, view, out)) {
    return NONET_OK;
  }
  double *hit = NULL;
  nonet_status status = topk_hits(view, variant, stream, &hit, error);
  if (status == NONET_OK) {
    status = law_share_rows(measure, view, hit, out, error);
  }
  memory_free(hit);
  return status;
}

static nonet_status topk_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  if (is_trivial(measure, variant, view, out)) {
    return NONET_OK;
  }
  double *hit[N_STREAMS] = {NULL, NULL};
  nonet_status status = topk_hits(view, variant, STREAM_A, &hit[STREAM_A], error);
  if (status == NONET_OK) {
    status = topk_hits(view, variant, STREAM_B, &hit[STREAM_B], error);
  }
  if (status == NONET_OK) {
    status = law_share_pair_rows(measure, view, hit[STREAM_A], hit[STREAM_B], out, error);
  }
  memory_free(hit[STREAM_A]);
  memory_free(hit[STREAM_B]);
  return status;
}

const struct measure correctness_top_k_accuracy = {
    .id = "correctness.top_k_accuracy",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Top-k accuracy",
    .definition = "Share of rows whose true class is among the k classes with the largest scores; "
                  "equal scores rank in class order.",
    .formula = "#{rank of the label's score <= k} / n; @2, @5, any @k",
    .source = "interval: Wilson 1927; paired difference: Tango 1998",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_MULTICLASS,
    .needs = NEEDS_SCORE,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SCAN,
    .interval = "wilson",
    .interval_weighted =
        "linearised over clusters; Wilson with n_effective / deff (Korn & Graubard 1998)",
    .variants = k_variants,
    .parse_variant = parse_k,
    .estimate = topk_estimate,
    .compare = topk_compare,
};

/* ---- lift_over_dummy ---- */

struct lift {
  double both, only_model, only_dummy, n;
};

static void lift_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct lift *lift = law->context;
  struct interval interval =
      paired_newcombe(lift->both, lift->only_model, lift->only_dummy, lift->n, level);
  *low = interval.low;
  *high = interval.high;
}

/* Counts of rows right by model and dummy; the dummy says the class with the most (weighted) rows.
 */
static size_t lift_count(const double *table, size_t k, struct lift *lift) {
  size_t majority = 0;
  double most = -1;
  for (size_t l = 0; l < k; l++) {
    double total = 0;
    for (size_t p = 0; p < k; p++) {
      total += table[l * k + p];
    }
    if (total > most) { /* 3 */
      most = total;
      majority = l;
    }
    lift->n += total;
    lift->only_model += table[l * k + l];
  }
  lift->both = table[majority * k + majority];
  lift->only_model -= lift->both;
  lift->only_dummy = most - lift->both;
  return majority;
}

static nonet_status lift_linearised(const struct measure *measure, struct view *view, int stream,
                                    size_t majority, struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *x = memory_new(rows->n, sizeof *x);
  if (x == NULL) {
    return error_memory(error, rows->n * sizeof *x, "differences of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    x[i] = (double)(rows->label[i] == rows->prediction[stream][i]) -
           (double)(rows->label[i] == majority);
  }
  status = law_mean_rows(measure, view, x, false, out, error);
  memory_free(x);
  return status;
}

static nonet_status lift_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  const double *table;
  size_t k;
  struct lift *lift = view_arena(view, 1, sizeof *lift);
  nonet_status status = lift == NULL ? error_memory(error, sizeof *lift, "counts")
                                     : view_confusion(view, stream, &table, &k, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t majority = lift_count(table, k, lift);
  if (lift->n == 0) {
    law_missing(view, measure, out, "no rows");
    return NONET_OK;
  }
  if (!view->is_plain) {
    return lift_linearised(measure, view, stream, majority, out, error);
  }
  *out = law_start(measure, INFERENCE_LIMITS, "newcombe-paired", false);
  out->value = (lift->only_model - lift->only_dummy) / lift->n;
  out->bounds = lift_bounds;
  out->context = lift;
  view->n = view->n_effective = lift->n;
  return NONET_OK;
}

/* The dummy is the same for both models, so the difference of lifts is the difference of
 * accuracies. */
static nonet_status lift_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  nonet_status status =
      correctness_accuracy.compare(&correctness_accuracy, variant, view, out, error);
  struct inference range = law_start(measure, out->kind, out->method, true);
  out->null_low = range.null_low;
  out->null_high = range.null_high;
  out->pair_value[0] = out->pair_value[1] =
      NAN; /* those are accuracies: no ratio of lifts can be formed of them */
  return status;
}

const struct measure correctness_lift_over_dummy = {
    .id = "correctness.lift_over_dummy",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Lift over the dummy",
    .definition =
        "Accuracy minus the accuracy of always predicting the largest class of these rows.",
    .formula = "accuracy - max over classes c of n[c][.] / n",
    .source = "interval: Newcombe 1998, paired score method 10; the choice of the largest class is "
              "taken as given",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {-1, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_PREDICTION,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SCAN,
    .interval = "newcombe-paired",
    .interval_weighted = "linearised over clusters, t(G - 1)",
    .estimate = lift_estimate,
    .compare = lift_compare,
};
