/*
 * The laws that measures share.
 *
 *   mean            m = Σ c w x / Σ c w;  plain: s²/n with t(n − 1);  else u = (x − m)/Σ c w,
 * linearised over clusters, t(G − 1) bootstrap-t     t*_r = (m_r − m)/se_r with se_r² = Σ w_r (x −
 * m_r)²/(N_r (N_r − 1)), N_r the resampled number of rows (Hall 1988) effective Wilson  n* = p(1 −
 * p)/Var(p): Korn & Graubard 1998's n/deff with Wilson's score instead of their exact bounds, t(df)
 *
 * The cases:
 *  1. No rows in the denominator: value NaN, n = 0, and the reason.
 *  2. One row, or all values equal: a value, but no interval.
 *  3. p = 0 or 1 under weights: the variance is 0 and says nothing; the trials are then n_effective
 * of the denominator.
 *  4. A design effect below 1 is not believed beyond the number of rows: n* is at most the rows of
 * the denominator.
 *  5. Variances from Σx² by subtraction: below 1e-13 of Σx² they are rounding, and taken as 0.
 *  6. A paired law that rests on few units, or on one, is reported but must not decide.
 */
#include "measure/law.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/exactsum.h"

#define ROUNDING_SHARE 1e-13

struct inference law_start(const struct measure *measure, enum inference_kind kind,
                           const char *method, bool is_pair) {
  struct inference law = inference_none(method != NULL ? method : measure->interval);
  double width = measure->range[1] - measure->range[0];
  law.kind = kind;
  law.null_low = is_pair ? -width : measure->range[0];
  law.null_high = is_pair ? width : measure->range[1];
  return law;
}

void law_missing(struct view *view, const struct measure *measure, struct inference *out,
                 const char *format, ...) {
  char text[VIEW_NOTE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  *out = law_start(measure, INFERENCE_MISSING, NULL, false);
  out->reason = view_sentence(view, "%s", text);
  view->n = view->n_effective = 0;
}

void law_no_interval(struct view *view, const struct measure *measure, double value,
                     struct inference *out, const char *format, ...) {
  char text[VIEW_NOTE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  *out = law_start(measure, INFERENCE_MISSING, NULL, false);
  out->value = value;
  out->reason = view_sentence(view, "%s", text);
}

/* ---- means ---- */

/* value and se are known: T, or no interval. */
static void mean_finish(const struct measure *measure, struct view *view, double value,
                        double variance, double df, bool is_pair, struct inference *out) {
  if (!(variance > 0) || !(df > 0)) {
    law_no_interval(view, measure, value, out,
                    df > 0 ? "all %.0f rows have the same value"
                           : "%.0f row is too few for an interval",
                    view->n); /* 2 */
    return;
  }
  *out = law_start(measure, INFERENCE_T, view->is_plain ? "mean" : "linearised", is_pair);
  out->value = value;
  out->se = sqrt(variance);
  out->df = df;
}

static double centred(double squares, double sum, double n, double scale) {
  double rest = squares - sum * (sum / n);
  return rest > ROUNDING_SHARE * scale ? rest : 0; /* 5 */
}

static bool moments_fit(const struct view *view, enum moment_term term) {
  return view->is_plain && view->class_index < 0 && view->set->moments != NULL &&
         moments_has(view->set->moments, term);
}

/* The term of every distinct row of one stream, in the arena of the view; NaN where a row is
 * outside its denominator. */
static nonet_status row_terms(struct view *view, enum moment_term term, int stream, double **x,
                              nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  *x = view_arena(view, rows->n, sizeof **x);
  if (*x == NULL) {
    return error_memory(error, rows->n * sizeof **x, "terms of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    double y = rows->label != NULL ? (double)rows->label[i] : rows->target[i];
    (*x)[i] = moment_row_term(view->task, term, y, rows->score[stream] + i * rows->n_scores,
                              rows->n_scores, view->options->quantile);
  }
  return NONET_OK;
}

/* Rows with an infinite term: the loss of a true class with p = 0 has no mean; |e|/|y| at y = 0
 * leaves the row out. */
static bool infinite_is_fatal(enum moment_term term) {
  return term == MOMENT_LOG_LOSS;
}

static void say_infinite(struct view *view, const struct measure *measure, enum moment_term term,
                         double n_infinite, struct inference *out) {
  if (infinite_is_fatal(term)) {
    law_missing(view, measure, out,
                "%.0f row%s probability 0 to the true class, so the log loss is infinite",
                n_infinite, n_infinite == 1 ? " gives" : "s give");
  } else {
    view_note(view, "%.0f row%s left out: the label is 0", n_infinite, n_infinite == 1 ? "" : "s");
  }
}

/* Infinite terms become NaN; true when that ends the measure. */
static bool drop_infinite(const struct measure *measure, struct view *view, enum moment_term term,
                          double *x, struct inference *out) {
  const struct row_set *rows = NULL;
  if (view_rows(view, &rows, NULL) != NONET_OK) {
    return false;
  }
  double n_infinite = 0;
  for (size_t i = 0; i < rows->n; i++) {
    if (isinf(x[i])) {
      n_infinite += rows->count == NULL ? 1 : (double)rows->count[i];
      x[i] = NAN;
    }
  }
  if (n_infinite > 0) {
    say_infinite(view, measure, term, n_infinite, out);
  }
  return n_infinite > 0 && infinite_is_fatal(term);
}

nonet_status law_mean(const struct measure *measure, struct view *view, enum moment_term term,
                      int stream, struct inference *out, nonet_error *error) {
  if (!moments_fit(view, term)) {
    double *x;
    nonet_status status = row_terms(view, term, stream, &x, error);
    if (status != NONET_OK || drop_infinite(measure, view, term, x, out)) {
      return status;
    }
    return law_mean_rows(measure, view, x, false, out, error);
  }
  struct moment_sums sums = moments_sums(view->set->moments, view->in_scope, term, stream);
  double n = (double)sums.n;
  if (sums.n_infinite > 0) {
    say_infinite(view, measure, term, (double)sums.n_infinite, out);
    if (infinite_is_fatal(term)) {
      return NONET_OK;
    }
  }
  if (n == 0) {
    law_missing(view, measure, out, "no rows");
    return NONET_OK;
  }
  view->n = view->n_effective = n;
  double squares = n > 1 ? centred(sums.sum_squares, sums.sum, n, sums.sum_squares) : 0;
  mean_finish(measure, view, sums.sum / n, squares / (n - 1) / n, n - 1, false, out);
  return NONET_OK;
}

/* Σ c w x, Σ c w, rows and n_effective of the rows with a value. */
struct row_mean {
  double n, n_effective, weight, mean;
};

static struct row_mean row_mean(const struct row_set *rows, const double *x) {
  struct exactsum sum = {0}, weights = {0};
  struct row_mean out = {0};
  double squares = 0;
  for (size_t i = 0; i < rows->n; i++) {
    if (isnan(x[i])) {
      continue;
    }
    double w = rows->weight == NULL ? 1 : rows->weight[i];
    uint64_t count = rows->count == NULL ? 1 : rows->count[i];
    exactsum_add_counted(&sum, w * x[i], count);
    exactsum_add_counted(&weights, w, count);
    squares += (double)count * w * w;
    out.n += (double)count;
  }
  out.weight = exactsum_value(&weights);
  out.mean = out.weight > 0 ? exactsum_value(&sum) / out.weight : NAN;
  out.n_effective = squares > 0 ? out.weight * out.weight / squares : 0;
  return out;
}

/* (x − m)/Σ c w, 0 outside the denominator, in new memory. */
static double *mean_influence(const struct row_set *rows, const double *x,
                              const struct row_mean *mean) {
  double *u = memory_new(rows->n, sizeof *u);
  for (size_t i = 0; u != NULL && i < rows->n; i++) {
    u[i] = isnan(x[i]) ? 0 : (x[i] - mean->mean) / mean->weight;
  }
  return u;
}

static nonet_status mark_nonzero(struct view *view, const struct row_set *rows, const double *x,
                                 const struct view_linear *linear, struct inference *out,
                                 nonet_error *error) {
  bool *differs = memory_new(rows->n, sizeof *differs);
  if (differs == NULL) {
    return error_memory(error, rows->n, "marks of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    differs[i] = !isnan(x[i]) && x[i] != 0;
  }
  nonet_status status = law_undecided(view, differs, linear, out, error);
  memory_free(differs);
  return status;
}

nonet_status law_mean_rows(const struct measure *measure, struct view *view, const double *x,
                           bool is_pair, struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  struct row_mean mean = row_mean(rows, x);
  if (!(mean.weight > 0)) {
    law_missing(view, measure, out, mean.n > 0 ? "all weights are 0" : "no rows"); /* 1 */
    return NONET_OK;
  }
  view->n = mean.n;
  view->n_effective = mean.n_effective;
  double *u = mean_influence(rows, x, &mean);
  if (u == NULL) {
    return error_memory(error, rows->n * sizeof *u, "influences of rows");
  }
  struct view_linear linear;
  size_t n_clusters;
  status = view_linearised(view, u, &linear, error);
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status == NONET_OK) {
    if (view->is_plain && mean.n > 1) { /* rows that sit on the mean count too */
      double squares =
          linear.n_units > 1 ? linear.variance * (linear.n_units - 1) / linear.n_units : 0;
      linear.variance = squares * mean.n / (mean.n - 1);
      linear.df = mean.n - 1;
    }
    mean_finish(measure, view, mean.mean, linear.variance, linear.df, is_pair, out);
    if (is_pair) {
      status = mark_nonzero(view, rows, x, &linear, out, error);
    }
  }
  memory_free(u);
  return status;
}

static nonet_status undecided_by_terms(struct view *view, const double *a, const double *b,
                                       struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *d = memory_new(rows->n, sizeof *d), *u = NULL;
  if (d == NULL) {
    return error_memory(error, rows->n * sizeof *d, "differences of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    d[i] = a[i] - b[i];
  }
  struct row_mean mean = row_mean(rows, d);
  struct view_linear linear;
  u = mean_influence(rows, d, &mean);
  status = u == NULL ? error_memory(error, rows->n * sizeof *u, "influences of rows")
                     : view_linearised(view, u, &linear, error);
  if (status == NONET_OK) {
    status = mark_nonzero(view, rows, d, &linear, out, error);
  }
  memory_free(d);
  memory_free(u);
  return status;
}

/* The two means and their covariance, for relative margins. */
static void pair_parts(struct inference *out, const struct moment_sums sums[N_STREAMS]) {
  double n = (double)sums[0].n;
  for (int s = 0; s < N_STREAMS; s++) {
    out->pair_value[s] = sums[s].sum / n;
    out->pair_variance[s] =
        centred(sums[s].sum_squares, sums[s].sum, n, sums[s].sum_squares) / (n - 1) / n;
  }
  out->pair_covariance = (sums[0].sum_cross - sums[0].sum * (sums[1].sum / n)) / (n - 1) / n;
}

nonet_status law_mean_pair(const struct measure *measure, struct view *view, enum moment_term term,
                           struct inference *out, nonet_error *error) {
  double *x[N_STREAMS] = {NULL, NULL};
  nonet_status status = NONET_OK;
  bool by_moments = moments_fit(view, term);
  for (int s = 0; s < N_STREAMS && (!by_moments || view_has_rows(view)); s++) {
    status = row_terms(view, term, s, &x[s], error);
    if (status != NONET_OK || drop_infinite(measure, view, term, x[s], out)) {
      return status;
    }
  }
  if (!by_moments) {
    const struct row_set *rows;
    status = view_rows(view, &rows, error);
    double *d = status == NONET_OK ? view_arena(view, rows->n, sizeof *d) : NULL;
    if (d == NULL) {
      return status != NONET_OK ? status
                                : error_memory(error, rows->n * sizeof *d, "differences of rows");
    }
    for (size_t i = 0; i < rows->n; i++) {
      d[i] = x[0][i] - x[1][i];
    }
    return law_mean_rows(measure, view, d, true, out, error);
  }
  struct moment_sums sums[N_STREAMS];
  for (int s = 0; s < N_STREAMS; s++) {
    sums[s] = moments_sums(view->set->moments, view->in_scope, term, s);
    if (sums[s].n_infinite > 0) {
      say_infinite(view, measure, term, (double)sums[s].n_infinite, out);
      if (infinite_is_fatal(term)) {
        return NONET_OK;
      }
    }
  }
  double n = (double)sums[0].n;
  if (n == 0) {
    law_missing(view, measure, out, "no rows");
    return NONET_OK;
  }
  view->n = view->n_effective = n;
  double squares = sums[0].sum_squares + sums[1].sum_squares - 2 * sums[0].sum_cross;
  double rest = n > 1 ? centred(squares, sums[0].sum - sums[1].sum, n,
                                sums[0].sum_squares + sums[1].sum_squares)
                      : 0;
  mean_finish(measure, view, (sums[0].sum - sums[1].sum) / n, rest / (n - 1) / n, n - 1, true, out);
  if (n > 1) {
    pair_parts(out, sums);
  }
  return x[0] == NULL ? NONET_OK : undecided_by_terms(view, x[0], x[1], out, error); /* 6 */
}

/* ---- bootstrap-t ---- */

struct boot_t_context {
  const double *x;
  size_t n;
  double mean;
};

static double boot_t_statistic(const void *context, const struct view *view,
                               const double *weights) {
  (void)view;
  const struct boot_t_context *boot = context;
  double n = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < boot->n; i++) {
    if (weights[i] != 0 && !isnan(boot->x[i])) {
      n += weights[i];
      sum += weights[i] * (boot->x[i] - boot->mean);
    }
  }
  double shift = sum / n;
  for (size_t i = 0; i < boot->n; i++) {
    if (weights[i] != 0 && !isnan(boot->x[i])) {
      double d = boot->x[i] - boot->mean - shift;
      squares += weights[i] * d * d;
    }
  }
  return n > 1 && squares > 0 ? shift / sqrt(squares / n / (n - 1)) : NAN;
}

nonet_status law_mean_boot_t(const struct measure *measure, struct view *view, const double *x,
                             bool is_pair, struct inference *out, nonet_error *error) {
  nonet_status status = law_mean_rows(measure, view, x, is_pair, out, error);
  if (status != NONET_OK || out->kind != INFERENCE_T || !view->is_plain) {
    return status;
  }
  const struct row_set *rows;
  status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  struct boot_t_context context = {x, rows->n, out->value};
  const double *replicates;
  size_t n_replicates;
  status = view_bootstrap(view, boot_t_statistic, &context, &replicates, &n_replicates, error);
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

/* ---- any smooth statistic ---- */

static double scale_slope(enum inference_scale scale, double value) {
  switch (scale) {
  case SCALE_LOGIT:
    return 1 / (value * (1 - value));
  case SCALE_LOG:
    return 1 / value;
  case SCALE_FISHER_Z:
    return 1 / (1 - value * value);
  case SCALE_IDENTITY:
    break;
  }
  return 1;
}

/* The largest share of Σ(x − x̄)² that one unit may hold: 10 % of rows. Among few clusters ordinary
   data exceed that (40 normal totals: 15 % on average), while 20 clusters are to decide: there it
   is the share that the largest of G normal totals passes once in twenty samples. Not for measures
   without an upper limit: with 40 clusters that let a log loss be called safe in 10 % at its margin
   (measure_coverage_long.c). */
static double largest_share_allowed(bool by_cluster, bool is_bounded, double n_units) {
  if (!by_cluster || !is_bounded || n_units < 2) {
    return VIEW_LARGEST_SHARE;
  }
  double z = distribution_normal_quantile_sf(0.025 / n_units);
  return fmax(VIEW_LARGEST_SHARE, z * z / n_units);
}

/* Does this row answer differently in the two streams? */
static bool row_differs(const struct row_set *rows, size_t i) {
  if (rows->score[STREAM_A] != NULL && rows->score[STREAM_B] != NULL) {
    for (size_t k = 0; k < rows->n_scores; k++) {
      if (rows->score[STREAM_A][i * rows->n_scores + k] !=
          rows->score[STREAM_B][i * rows->n_scores + k]) {
        return true;
      }
    }
    return false;
  }
  return rows->prediction[STREAM_A] != NULL && rows->prediction[STREAM_B] != NULL &&
         rows->prediction[STREAM_A][i] != rows->prediction[STREAM_B][i];
}

nonet_status law_undecided(struct view *view, const bool *differs, const struct view_linear *linear,
                           struct inference *out, nonet_error *error) {
  double n_units;
  size_t n_clusters;
  nonet_status status = view_marked_units(view, differs, &n_units, error);
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  bool by_cluster = view->set->roles.has_cluster;
  const char *unit = by_cluster ? "clusters" : "rows";
  if (by_cluster && n_clusters < VIEW_FEW_CLUSTERS) {
    out->undecided =
        view_sentence(view, "%zu clusters, fewer than %d", n_clusters, VIEW_FEW_CLUSTERS);
  } else if (n_units < VIEW_FEW_UNITS) {
    out->undecided =
        view_sentence(view, "%.0f %s differ, fewer than %d", n_units, unit, VIEW_FEW_UNITS);
  } else if (linear->largest_share >
             largest_share_allowed(by_cluster, isfinite(out->null_high), linear->n_units)) {
    out->undecided = view_sentence(view, "one of the %s holds %.0f %% of the variance", unit,
                                   100 * linear->largest_share);
  }
  return NONET_OK;
}

nonet_status law_linear(const struct measure *measure, struct view *view, double value,
                        const double *influence, enum inference_scale scale, bool is_pair,
                        struct inference *out, nonet_error *error) {
  struct view_linear linear;
  const struct row_set *rows;
  size_t n_clusters;
  nonet_status status = view_rows(view, &rows, error);
  if (status == NONET_OK) {
    status = view_linearised(view, influence, &linear, error);
  }
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status == NONET_OK) {
    status = view_size(view, &view->n, &view->n_effective, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  double se = sqrt(linear.variance) * scale_slope(scale, value);
  if (isnan(value)) {
    law_missing(view, measure, out, "not defined on these rows");
    return NONET_OK;
  }
  if (!(se > 0) || !isfinite(se)) {
    law_no_interval(view, measure, value, out,
                    "the estimate of its standard error is 0 or not defined"); /* 2 */
  } else {
    *out = law_start(measure, INFERENCE_T, view->is_plain ? NULL : "linearised", is_pair);
    out->value = value;
    out->scale = scale;
    out->se = se;
    out->df = view->is_plain ? INFINITY : linear.df;
  }
  if (is_pair) {
    bool *differs = memory_new(rows->n, sizeof *differs);
    if (differs == NULL) {
      return error_memory(error, rows->n, "marks of rows");
    }
    for (size_t i = 0; i < rows->n; i++) {
      differs[i] = row_differs(rows, i);
    }
    status = law_undecided(view, differs, &linear, out, error);
    memory_free(differs);
  }
  return status;
}

/* ---- shares ---- */

void law_wilson(const struct measure *measure, struct view *view, double successes, double trials,
                struct inference *out) {
  if (!(trials > 0)) {
    law_missing(view, measure, out, "no rows");
    return;
  }
  *out = law_start(measure, INFERENCE_WILSON, "wilson", false);
  out->value = successes / trials;
  out->successes = successes;
  out->trials = trials;
  view->n = view->n_effective = trials;
}

void law_wilson_effective(const struct measure *measure, struct view *view, double share,
                          double variance, double df, double n_most, double n_edge,
                          struct inference *out) {
  bool at_edge = share <= 0 || share >= 1;
  double trials = at_edge ? n_edge : fmin(n_most, share * (1 - share) / variance); /* 3, 4 */
  if (isnan(share)) {
    law_missing(view, measure, out, "no rows");
    return;
  }
  if (!(trials > 0) || !isfinite(trials) || !(df > 0)) {
    law_no_interval(view, measure, share, out, "too few rows or clusters for its standard error");
    return;
  }
  *out = law_start(measure, INFERENCE_WILSON, "wilson-effective", false);
  out->value = share;
  out->successes = fmin(1, fmax(0, share)) * trials;
  out->trials = trials;
  out->df = df;
}

void law_tango(const struct measure *measure, struct view *view, double n_a, double b, double c,
               double n, struct inference *out) {
  if (!(n > 0)) {
    law_missing(view, measure, out, "no rows");
    return;
  }
  *out = law_start(measure, INFERENCE_TANGO, b + c < 20 ? "exact-unconditional" : "tango", true);
  out->value = (b - c) / n;
  out->b = b;
  out->c = c;
  out->n = n;
  double both = n_a - b, n_b = both + c;
  double p[N_STREAMS] = {n_a / n, n_b / n};
  for (int s = 0; s < N_STREAMS; s++) {
    out->pair_value[s] = p[s];
    out->pair_variance[s] = p[s] * (1 - p[s]) / n;
  }
  out->pair_covariance = (both / n - p[0] * p[1]) / n;
  view->n = view->n_effective = n;
}

nonet_status law_share_rows(const struct measure *measure, struct view *view, const double *x,
                            struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  struct row_mean mean = row_mean(rows, x);
  if (!(mean.weight > 0)) {
    law_missing(view, measure, out, "no rows");
    return NONET_OK;
  }
  if (view->is_plain) {
    law_wilson(measure, view, round(mean.mean * mean.n), mean.n, out);
    return NONET_OK;
  }
  view->n = mean.n;
  view->n_effective = mean.n_effective;
  size_t n_clusters;
  struct view_linear linear = {NAN, NAN, 0, 0};
  double *u = mean_influence(rows, x, &mean);
  status = u == NULL ? error_memory(error, rows->n * sizeof *u, "influences of rows")
                     : view_linearised(view, u, &linear, error);
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status == NONET_OK) {
    bool at_edge = mean.mean <= 0 || mean.mean >= 1;
    double df = !at_edge ? linear.df : n_clusters > 1 ? (double)n_clusters - 1 : INFINITY;
    double n_edge = n_clusters > 0 ? fmin(mean.n_effective, (double)n_clusters) : mean.n_effective;
    law_wilson_effective(measure, view, mean.mean, linear.variance, df, mean.n, n_edge, out);
  }
  memory_free(u);
  return status;
}

nonet_status law_share_pair_rows(const struct measure *measure, struct view *view, const double *a,
                                 const double *b, struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *d = memory_new(rows->n, sizeof *d);
  if (d == NULL) {
    return error_memory(error, rows->n * sizeof *d, "differences of rows");
  }
  double n = 0, n_a = 0, only_a = 0, only_b = 0;
  for (size_t i = 0; i < rows->n; i++) {
    d[i] = a[i] - b[i];
    double count = rows->count == NULL ? 1 : (double)rows->count[i];
    if (!isnan(d[i])) {
      n += count;
      n_a += count * a[i];
      only_a += d[i] > 0 ? count : 0;
      only_b += d[i] < 0 ? count : 0;
    }
  }
  if (view->is_plain) {
    law_tango(measure, view, n_a, only_a, only_b, n, out);
  } else {
    status = law_mean_rows(measure, view, d, true, out, error);
  }
  memory_free(d);
  return status;
}

/* ---- replicates ---- */

bool law_lacks_replicates(const struct measure *measure, struct view *view, double value,
                          size_t n_replicates, struct inference *out) {
  double asked = (double)view->options->n_replicates;
  double missing = asked - (double)n_replicates;
  if (view->is_small) {
    law_no_interval(view, measure, value, out, "too small to judge: fewer than %d rows",
                    VIEW_MIN_GROUP);
    return true;
  }
  if (missing > VIEW_MOST_MISSING * asked) {
    law_no_interval(view, measure, value, out, "%.0f of %.0f bootstrap replicates are undefined",
                    missing, asked);
    return true;
  }
  return false;
}

void law_replicates(const struct measure *measure, struct view *view, double value,
                    const double *replicates, size_t n_replicates, double acceleration,
                    bool is_pair, struct inference *out) {
  if (isnan(value)) {
    law_missing(view, measure, out, "not defined on these rows");
  } else if (!law_lacks_replicates(measure, view, value, n_replicates, out)) {
    *out = law_start(measure, INFERENCE_REPLICATES, NULL, is_pair);
    out->value = value;
    out->replicates = replicates;
    out->n_replicates = n_replicates;
    out->acceleration = acceleration;
  }
}

void law_replicates_se(const struct measure *measure, struct view *view, double value,
                       const double *replicates, size_t n_replicates, enum inference_scale scale,
                       bool is_pair, struct inference *out) {
  if (isnan(value)) {
    law_missing(view, measure, out, "not defined on these rows");
    return;
  }
  if (law_lacks_replicates(measure, view, value, n_replicates, out)) {
    return;
  }
  double mean = 0, squares = 0, n = (double)n_replicates;
  for (size_t i = 0; i < n_replicates; i++) {
    mean += replicates[i] / n;
  }
  for (size_t i = 0; i < n_replicates; i++) {
    squares += (replicates[i] - mean) * (replicates[i] - mean);
  }
  double se = sqrt(squares / (n - 1)) * scale_slope(scale, value);
  if (!(se > 0) || !isfinite(se)) {
    law_no_interval(view, measure, value, out, "all bootstrap replicates are the same"); /* 2 */
    return;
  }
  *out = law_start(measure, INFERENCE_T, NULL, is_pair);
  out->value = value;
  out->scale = scale;
  out->se = se;
}
