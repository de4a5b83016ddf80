/*
 * Gaps of scores, and the ratio of outcomes whichever way round.
 *
 *   score gap         max over groups of mean(score) − min          the mean's t(n − 1) limits
 *   calibration gap   the same of mean(p − y), calibration in the large: by how much a group's
 * scores promise more than comes true. Equal scores then mean equal chances on average (the first
 * condition of Kleinberg, Mullainathan & Raghavan 2017, taken over all scores at once; within bins
 * it would be biased upwards as the ECE is) differential      ε = max over outcomes and pairs of
 * groups of |ln P(ŷ | a) − ln P(ŷ | b)| fairness          (Foulds et al. 2020), P smoothed: (count
 * + 1/2)/(rows + 1), which is their Dirichlet prior with a concentration of 1 over two outcomes, as
 * in AIF360
 *
 * The cases:
 *  1. The bounds of ε are those of the smallest ratios of selection and of refusal (stats/gap.h) of
 * the unsmoothed shares, −ln of them; the simultaneous side pays for two outcomes. A group of which
 * nobody is chosen has no upper bound.
 *  2. Weights: the smoothing uses the effective number of rows.
 *  3. Regression: the score is the prediction; calibration is residual_gap there.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/fairness/gap_law.h"
#include "measure/records.h"

/* ---- means in a group ---- */

enum { SCORE_MEAN, SCORE_EXCESS };

/* The mean of the score, or of what it promises beyond the label. */
static nonet_status mean_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  (void)variant;
  nonet_status status = view_rows(view, &rows, error);
  double *x = status == NONET_OK ? memory_new(rows->n + 1, sizeof *x) : NULL;
  if (status == NONET_OK && x == NULL) {
    status = error_memory(error, rows->n * sizeof *x, "scores of rows");
  }
  if (status == NONET_OK) {
    for (size_t i = 0; i < rows->n; i++) {
      x[i] = rows->score[stream][i * rows->n_scores];
      x[i] -= measure->function == SCORE_EXCESS ? (double)rows->label[i] : 0;
    }
    status = law_mean_rows(measure, view, x, false, out, error);
  }
  memory_free(x);
  return status;
}

static nonet_status refusal_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  nonet_status status =
      fairness_selection_rate.estimate(&fairness_selection_rate, variant, view, stream, out, error);
  if (status == NONET_OK && out->kind == INFERENCE_WILSON) {
    out->value = 1 - out->value; /* Wilson's limits of the complement are the complement's */
    out->successes = out->trials - out->successes;
  }
  (void)measure;
  return status;
}

const struct measure gap_score_mean = {.id = "mean score",
                                       .interval = "t",
                                       .range = {-INFINITY, INFINITY},
                                       .function = SCORE_MEAN,
                                       .estimate = mean_estimate};
const struct measure gap_score_excess = {.id = "mean score - label",
                                         .interval = "t",
                                         .range = {-1, 1},
                                         .function = SCORE_EXCESS,
                                         .estimate = mean_estimate};
const struct measure gap_score_refusal = {
    .id = "refusal rate", .interval = "wilson", .range = {0, 1}, .estimate = refusal_estimate};

/* ---- differential fairness ---- */

/* The law of −ln of a smallest ratio. */
static void epsilon_bounds(const struct inference *law, double level, double *low, double *high) {
  double of_low, of_high;
  inference_bounds(law->context, level, &of_low, &of_high);
  *low = -log(of_high);
  *high = -log(of_low);
}

static double epsilon_p(const struct inference *law, double null, bool upper) {
  return inference_p(law->context, exp(-null), !upper);
}

/* Chosen rows of a group, and all; smoothed (2). */
static nonet_status smoothed_share(struct view *group, int stream, double share[2],
                                   nonet_error *error) {
  const double *table;
  size_t k;
  double n, n_effective;
  nonet_status status = view_confusion(group, stream, &table, &k, error);
  if (status == NONET_OK) {
    status = view_size(group, &n, &n_effective, error);
  }
  if (status == NONET_OK) {
    const double of_all = table[0] + table[1] + table[2] + table[3];
    const double chosen = (table[1] + table[3]) / of_all * n_effective;
    share[1] = (chosen + 0.5) / (n_effective + 1);
    share[0] = 1 - share[1];
  }
  return status;
}

/* ε over the groups that the ratios were judged over. */
static nonet_status epsilon_value(struct view *view, int stream, double *epsilon,
                                  nonet_error *error) {
  double least[2] = {INFINITY, INFINITY}, most[2] = {0, 0}, reference[2] = {NAN, NAN};
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < view->column->n_groups && status == NONET_OK; k++) {
    static const struct measure_variant plain = {.suffix = ""};
    struct view *group = &view->column->group[k];
    struct inference law = inference_none("none");
    const char *why = NULL;
    double share[2];
    status = fairness_selection_rate.estimate(&fairness_selection_rate, &plain, group, stream, &law,
                                              error);
    if (status == NONET_OK) {
      status = gap_law_too_small(view, k, &law, &why, error);
    }
    if (status == NONET_OK && why == NULL) {
      status = smoothed_share(group, stream, share, error);
      for (int y = 0; y < 2 && status == NONET_OK; y++) {
        least[y] = fmin(least[y], share[y]);
        most[y] = fmax(most[y], share[y]);
        reference[y] = k + 1 == view->column->reference ? share[y] : reference[y];
      }
    }
  }
  *epsilon = 0;
  for (int y = 0; y < 2; y++) {
    *epsilon = fmax(*epsilon, view->column->reference == 0
                                  ? log(most[y] / least[y])
                                  : log(fmax(most[y] / reference[y], reference[y] / least[y])));
  }
  return status;
}

static nonet_status epsilon_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  struct inference *ratio = view_arena(view, 1, sizeof *ratio);
  if (ratio == NULL) {
    return error_memory(error, sizeof *ratio, "a ratio");
  }
  nonet_status status = gap_law_estimate(measure, variant, view, stream, ratio, error);
  *out = *ratio;
  if (status != NONET_OK || ratio->kind == INFERENCE_MISSING) {
    return status;
  }
  ratio->null_low = 0;
  ratio->null_high = 1;
  out->bounds = epsilon_bounds;
  out->p = epsilon_p;
  out->context = ratio;
  return epsilon_value(view, stream, &out->value, error);
}

/* ---- records ---- */

#define GAP_OF_GROUPS                                                                              \
  .attribute = ATTRIBUTE_FAIRNESS, .direction = DIRECTION_LOWER, .scopes = IN_COLUMN,              \
  .interval_weighted = "the same of each group's linearised limits; groups taken as independent",  \
  .compare = gap_law_compare,                                                                      \
  .shortfall =                                                                                     \
      "the upper bound is conservative with many groups, the difference of two gaps "              \
      "pays for every pair and, with more than 20 groups, is Bonferroni's over both models"

const struct measure fairness_differential_fairness = {
    GAP_OF_GROUPS,
    .id = "fairness.differential_fairness",
    .title = "Differential fairness",
    .definition = "The logarithm of the largest ratio between two groups' shares of a decision, "
                  "positive or negative; 0 is equal, the four-fifths rule is broken above 0.223.",
    .formula = "max over outcomes and pairs of |ln P(y | a) - ln P(y | b)|, "
               "P = (count + 1/2)/(rows + 1)",
    .source = "Foulds et al. 2020; bounds: those of demographic_parity_ratio for either decision, "
              "of the shares as they are",
    .unit = "",
    .range = {0, INFINITY},
    .tasks = FOR_BINARY,
    .needs = NEEDS_PREDICTION | NEEDS_GROUPS,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SCAN,
    .interval = "ratio-pairs",
    .function = GAP_DIFFERENTIAL,
    .estimate = epsilon_estimate,
};

const struct measure fairness_score_gap = {
    GAP_OF_GROUPS,
    .id = "fairness.score_gap",
    .title = "Score gap",
    .definition = "Largest difference between two groups' mean scores.",
    .formula = "max over groups of mean(score) - min over groups of the same",
    .source =
        "Kleinberg, Mullainathan & Raghavan 2017; limits of means by t(n - 1), pairs by MOVER",
    .unit = "",
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_REGRESSION,
    .needs = NEEDS_PROBABILITY | NEEDS_GROUPS,
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SORT,
    .interval = "gap-pairs",
    .function = GAP_SCORE,
    .estimate = gap_law_estimate,
};

const struct measure fairness_calibration_gap = {
    GAP_OF_GROUPS,
    .id = "fairness.calibration_gap",
    .title = "Calibration gap",
    .definition = "Largest difference between two groups in calibration in the large: by how much "
                  "the mean score is above the share of positives.",
    .formula = "max over groups of mean(p - y) - min over groups of the same",
    .source = "Kleinberg, Mullainathan & Raghavan 2017 (calibration within groups, over all scores "
              "at once); limits of means by t(n - 1), pairs by MOVER",
    .unit = "",
    .range = {0, 2},
    .tasks = FOR_BINARY,
    .needs = NEEDS_PROBABILITY | NEEDS_GROUPS,
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SORT,
    .interval = "gap-pairs",
    .function = GAP_CALIBRATION,
    .estimate = gap_law_estimate,
};
