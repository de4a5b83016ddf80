/*
 * Inequality of benefits between individuals (Speicher et al. 2018): b = predicted − label + 1, so
 * 0 for one who was wrongly refused, 1 for one treated right, 2 for one wrongly favoured.
 *
 *   generalized entropy, α = 2   GE = (E[b²]/μ² − 1)/2, μ = E[b]
 *     influence ½[(b² − E[b²])/μ² − 2 E[b²](b − μ)/μ³]
 *   Theil, α = 1                 T = E[b ln b]/μ − ln μ, 0 ln 0 = 0, natural logarithm
 *     influence (b ln b − E[b ln b])/μ − E[b ln b](b − μ)/μ² − (b − μ)/μ
 *   between groups               GE of the benefits, each replaced by its group's mean
 *
 * The interval is the delta method on the logarithm, which keeps it positive.
 *
 * The cases:
 *  1. All right, or all wrong in one way: nobody differs, the value is 0 and has no interval.
 *  2. μ = 0 (all are wrongly refused): not defined.
 *  3. Weights, clusters: influences by row, linearised.
 *  4. Between groups: at equality the value is a quadratic form that no normal law fits, and it is
 *     biased upwards; it has no interval, and the gaps are what is proven.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/law.h"
#include "measure/records.h"

enum inequality { INEQUALITY_ENTROPY, INEQUALITY_THEIL };

static double benefit(size_t label, size_t prediction) {
  return (double)prediction - (double)label + 1;
}

static double term(enum inequality which, double b) {
  return which == INEQUALITY_ENTROPY ? b * b : b > 0 ? b * log(b) : 0;
}

/* Means over the table: of the benefit, of its term, and the rows. */
struct benefits {
  double n, mean, mean_term;
};

static struct benefits benefits_of(enum inequality which, const double *table) {
  struct benefits out = {0, 0, 0};
  for (size_t c = 0; c < 4; c++) {
    const double b = benefit(c / 2, c % 2);
    out.n += table[c];
    out.mean += table[c] * b;
    out.mean_term += table[c] * term(which, b);
  }
  out.mean /= out.n;
  out.mean_term /= out.n;
  return out;
}

static double value_of(enum inequality which, const struct benefits *of) {
  return which == INEQUALITY_ENTROPY ? (of->mean_term / (of->mean * of->mean) - 1) / 2
                                     : of->mean_term / of->mean - log(of->mean);
}

static double influence_of(enum inequality which, const struct benefits *of, double b) {
  const double mu = of->mean, rest = term(which, b) - of->mean_term;
  return which == INEQUALITY_ENTROPY
             ? 0.5 * (rest / (mu * mu) - 2 * of->mean_term * (b - mu) / (mu * mu * mu))
             : rest / mu - of->mean_term * (b - mu) / (mu * mu) - (b - mu) / mu;
}

/* Case 3. */
static nonet_status by_rows(const struct measure *measure, enum inequality which,
                            const struct benefits *of, struct view *view, int stream,
                            struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  double *u = status == NONET_OK ? memory_new(rows->n + 1, sizeof *u) : NULL;
  if (status == NONET_OK && u == NULL) {
    status = error_memory(error, rows->n * sizeof *u, "influences of rows");
  }
  if (status == NONET_OK) {
    for (size_t i = 0; i < rows->n; i++) {
      u[i] = influence_of(which, of, benefit(rows->label[i], rows->prediction[stream][i])) / of->n;
    }
    status = law_linear(measure, view, value_of(which, of), u, SCALE_LOG, false, out, error);
  }
  memory_free(u);
  return status;
}

static nonet_status inequality_estimate(const struct measure *measure,
                                        const struct measure_variant *variant, struct view *view,
                                        int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  const enum inequality which = (enum inequality)measure->function;
  const double *table;
  size_t k;
  nonet_status status = view_confusion(view, stream, &table, &k, error);
  if (status != NONET_OK) {
    return status;
  }
  const struct benefits of = benefits_of(which, table);
  if (!(of.n > 0) || !(of.mean > 0)) {
    law_missing(view, measure, out,
                of.n > 0 ? "every row is wrongly predicted negative" : "no rows");
    return NONET_OK; /* 2 */
  }
  if (!view->is_plain) {
    return by_rows(measure, which, &of, view, stream, out, error);
  }
  double squares = 0;
  for (size_t c = 0; c < 4; c++) {
    const double u = influence_of(which, &of, benefit(c / 2, c % 2));
    squares += table[c] * u * u;
  }
  const double value = fmax(0, value_of(which, &of)), se = sqrt(squares) / of.n;
  view->n = view->n_effective = of.n;
  if (!(se > 0) || !(value > 0)) {
    law_no_interval(view, measure, value, out, "all %.0f rows have the same benefit", of.n); /* 1 */
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_T, NULL, false);
  out->value = value;
  out->scale = SCALE_LOG;
  out->se = se / value;
  return NONET_OK;
}

/* Case 4. */
static nonet_status between_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  double n = 0, sum = 0, squares = 0;
  nonet_status status = NONET_OK;
  for (size_t g = 0; view->column != NULL && g < view->column->n_groups && status == NONET_OK;
       g++) {
    const double *table;
    size_t k;
    status = view_confusion(&view->column->group[g], stream, &table, &k, error);
    if (status == NONET_OK) {
      const struct benefits of = benefits_of(INEQUALITY_ENTROPY, table);
      if (of.n > 0) {
        n += of.n;
        sum += of.n * of.mean;
        squares += of.n * of.mean * of.mean;
      }
    }
  }
  if (status == NONET_OK && !(sum > 0)) {
    law_missing(view, measure, out, "every row is wrongly predicted negative, or there are none");
  } else if (status == NONET_OK) {
    law_no_interval(view, measure, fmax(0, (squares * n / (sum * sum) - 1) / 2), out,
                    "near equality no law is known for it; the gaps between groups have bounds");
    view->n = view->n_effective = n;
  }
  return status;
}

#define INEQUALITY_RECORD                                                                          \
  .attribute = ATTRIBUTE_FAIRNESS, .unit = "", .direction = DIRECTION_LOWER,                       \
  .range = {0, INFINITY}, .tasks = FOR_BINARY, .needs = NEEDS_PREDICTION | NEEDS_GROUPS,           \
  .kinds = SUMMARY_COUNT_TABLE, .cost = COST_SCAN

const struct measure fairness_generalized_entropy = {
    INEQUALITY_RECORD,
    .id = "fairness.generalized_entropy",
    .title = "Generalised entropy index",
    .definition = "Inequality of individual benefits, predicted minus label plus 1: half their "
                  "squared coefficient of variation.",
    .formula = "(1 / (2 n)) sum of ((b / mean b)^2 - 1), b = predicted - label + 1",
    .source = "Speicher et al. 2018, alpha = 2; interval: delta on the logarithm",
    .scopes = IN_ALL | IN_GROUP,
    .interval = "delta-log",
    .interval_weighted = "linearised over clusters on the logarithm, t(G - 1)",
    .function = INEQUALITY_ENTROPY,
    .estimate = inequality_estimate,
};

const struct measure fairness_theil = {
    INEQUALITY_RECORD,
    .id = "fairness.theil",
    .title = "Theil index",
    .definition = "Inequality of individual benefits, predicted minus label plus 1, by entropy.",
    .formula = "(1 / n) sum of (b / mean b) ln(b / mean b), b = predicted - label + 1",
    .source = "Speicher et al. 2018, alpha = 1; interval: delta on the logarithm",
    .scopes = IN_ALL | IN_GROUP,
    .interval = "delta-log",
    .interval_weighted = "linearised over clusters on the logarithm, t(G - 1)",
    .function = INEQUALITY_THEIL,
    .estimate = inequality_estimate,
};

const struct measure fairness_between_group = {
    INEQUALITY_RECORD,
    .id = "fairness.between_group",
    .title = "Inequality between groups",
    .definition = "The part of the generalised entropy that lies between the groups: that of the "
                  "benefits when each is replaced by its group's mean.",
    .formula = "(1 / (2 n)) sum over groups of n_g ((mean b_g / mean b)^2 - 1)",
    .source = "Speicher et al. 2018, alpha = 2",
    .scopes = IN_COLUMN,
    .interval = "none",
    .interval_weighted = "none",
    .never_gated = true,
    .estimate = between_estimate,
};
