/*
 * Laws of functions of the K×K table n[label][prediction].
 *
 * One stream, plain:
 *   shares k/m (accuracy, recall, precision …)   Wilson (1927) on k of m; F1 and micro Jaccard as a
 * monotone map of such a share balanced accuracy, informedness, markedness  MOVER (Zou & Donner
 * 2008) of Wilson limits l_i, u_i of their shares r_i: θ − c√Σ(r_i − l_i)², θ + c√Σ(u_i − r_i)²
 *   MCC, kappa                                   delta on Fisher's z: atanh θ ± z·se/(1 − θ²)
 *   F_beta, macro and weighted averages          Wilson with n* = θ(1 − θ)/se², se by delta
 * Weights, clusters: u_i = ∂θ/∂n[c_i], linearised over clusters (view.h); shares by Wilson with n*,
 * the rest t(G − 1).
 *
 * A − B on the same rows, plain:
 *   shares with one denominator (accuracy, recall, specificity, fpr, fnr, error rate)  Tango 1998;
 * the exact test below 20 discordant rows all others   θ(A) − θ(B) from the raw table; se by delta
 * from the joint table with e = 4/(K²(K − 1)) added to each of the K²(K − 1) cells with a ≠ b
 * (binary: +1 in each of the four): Σ n'(l,a,b) (gA[l,a] − gB[l,b])², gradients at the margins of
 * n'; K counts the classes that occur here, as label or prediction: a class this group never saw
 * must not enter a macro average
 *
 * The cases:
 *  1. An empty denominator (no positives): missing, with what is not there.
 *  2. The joint table is sparse: what the raising adds to cells that do not occur is summed in
 * closed form, so that 1,000 classes work.
 *  3. Perfect agreement of MCC or kappa (|θ| = 1): the delta se is 0, so there is no interval.
 *  4. With weights the raising is of rows of mean weight, and shares with one denominator are not
 * raised; gates then also need 20 clusters and 10 differing units (law_undecided).
 *  5. In multiclass the micro average of recall, precision and F is the accuracy.
 */
#include "measure/correctness/table_law.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/interval.h"

struct table2_spec table_law_spec(const struct measure *measure,
                                  const struct measure_variant *variant) {
  struct table2_spec spec = {.function = (enum table2_function)measure->function,
                             .average = TABLE2_ONE_CLASS,
                             .positive = 1,
                             .beta = variant->number[0] > 0 ? variant->number[0] : 1};
  if (variant->word != NULL) {
    spec.average = strcmp(variant->word, "macro") == 0      ? TABLE2_MACRO
                   : strcmp(variant->word, "micro") == 0    ? TABLE2_MICRO
                   : strcmp(variant->word, "weighted") == 0 ? TABLE2_WEIGHTED
                                                            : TABLE2_ONE_CLASS;
  }
  if (spec.function == TABLE2_KAPPA && variant->word != NULL) {
    spec.function = strcmp(variant->word, "linear") == 0      ? TABLE2_KAPPA_LINEAR
                    : strcmp(variant->word, "quadratic") == 0 ? TABLE2_KAPPA_QUADRATIC
                                                              : TABLE2_KAPPA;
  }
  return spec;
}

/* ---- what kind of function it is ---- */

static bool is_averaged(const struct table2_spec *spec) {
  return spec->average != TABLE2_ONE_CLASS;
}

static bool is_micro_share(const struct table2_spec *spec) {
  return spec->average == TABLE2_MICRO &&
         (spec->function == TABLE2_PRECISION || spec->function == TABLE2_RECALL ||
          spec->function == TABLE2_F_BETA); /* 5 */
}

/* Does a row of (label, prediction) belong to the denominator, and is it a success? Shares of rows
 * only. */
struct membership {
  bool is_in, is_success;
};

static struct membership member(const struct table2_spec *spec, size_t label, size_t prediction) {
  bool y = label == spec->positive, p = prediction == spec->positive;
  if (is_averaged(spec)) {
    return (struct membership){true, label == prediction};
  }
  switch (spec->function) {
  case TABLE2_ACCURACY:
    return (struct membership){true, label == prediction};
  case TABLE2_ERROR_RATE:
    return (struct membership){true, label != prediction};
  case TABLE2_PRECISION:
    return (struct membership){p, y};
  case TABLE2_RECALL:
    return (struct membership){y, p};
  case TABLE2_SPECIFICITY:
    return (struct membership){!y, !p};
  case TABLE2_NPV:
    return (struct membership){!p, !y};
  case TABLE2_FPR:
    return (struct membership){!y, p};
  case TABLE2_FNR:
    return (struct membership){y, !p};
  case TABLE2_PREVALENCE:
    return (struct membership){true, y};
  case TABLE2_PREDICTED_RATE:
    return (struct membership){true, p};
  case TABLE2_F_BETA:
  case TABLE2_JACCARD:
    return (struct membership){y || p, y && p};
  default:
    return (struct membership){true, false};
  }
}

/* Is the value itself successes/rows of the denominator? (F1 and Jaccard are one map away.) */
static bool is_share(const struct table2_spec *spec) {
  if (is_averaged(spec)) {
    return is_micro_share(spec);
  }
  return spec->function != TABLE2_BALANCED_ACCURACY && spec->function != TABLE2_F_BETA &&
         spec->function < TABLE2_INFORMEDNESS;
}

/* The same rows in the denominator whatever is predicted: paired differences are of proportions. */
static bool is_same_denominator(const struct table2_spec *spec) {
  if (is_averaged(spec)) {
    return is_micro_share(spec);
  }
  return is_share(spec) && spec->function != TABLE2_PRECISION && spec->function != TABLE2_NPV &&
         spec->function != TABLE2_JACCARD;
}

static double f1_of_jaccard(double j) {
  return 2 * j / (1 + j);
}

static double jaccard_of_accuracy(double accuracy) {
  return accuracy / (2 - accuracy);
}

static const char *missing_reason(const struct table2_spec *spec) {
  switch (spec->function) {
  case TABLE2_RECALL:
  case TABLE2_FNR:
    return "no positive rows";
  case TABLE2_SPECIFICITY:
  case TABLE2_FPR:
    return "no negative rows";
  case TABLE2_PRECISION:
    return "no row is predicted positive";
  case TABLE2_NPV:
    return "no row is predicted negative";
  case TABLE2_F_BETA:
  case TABLE2_JACCARD:
    return "no row is positive or predicted positive";
  case TABLE2_MCC:
  case TABLE2_KAPPA:
  case TABLE2_KAPPA_LINEAR:
  case TABLE2_KAPPA_QUADRATIC:
  case TABLE2_INFORMEDNESS:
  case TABLE2_MARKEDNESS:
    return "a margin of the table is empty: some class is never the label or never predicted";
  default:
    return "no rows";
  }
}

/* ---- MOVER of shares ---- */

struct mover {
  size_t n;
  double factor;              /* c: 1/K for a mean, 1 for a sum */
  double *successes, *trials; /* [n] */
};

static void mover_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct mover *mover = law->context;
  double below = 0, above = 0;
  for (size_t i = 0; i < mover->n; i++) {
    struct interval share = interval_wilson(mover->successes[i], mover->trials[i], level);
    below += (share.value - share.low) * (share.value - share.low);
    above += (share.high - share.value) * (share.high - share.value);
  }
  *low = law->value - mover->factor * sqrt(below);
  *high = law->value + mover->factor * sqrt(above);
}

static struct mover *mover_new(struct view *view, size_t n_most) {
  struct mover *mover = view_arena(view, 1, sizeof *mover);
  double *shares = view_arena(view, 2 * n_most, sizeof *shares);
  if (mover == NULL || shares == NULL) {
    return NULL;
  }
  *mover = (struct mover){0, 1, shares, shares + n_most};
  return mover;
}

static void mover_add(struct mover *mover, double successes, double trials) {
  mover->successes[mover->n] = successes;
  mover->trials[mover->n++] = trials;
}

static bool is_mover(const struct table2_spec *spec) {
  return spec->function == TABLE2_BALANCED_ACCURACY || spec->function == TABLE2_INFORMEDNESS ||
         spec->function == TABLE2_MARKEDNESS;
}

static nonet_status mover_law(const struct measure *measure, const struct table2_spec *spec,
                              struct view *view, const double *table, size_t k, double value,
                              struct inference *out, nonet_error *error) {
  struct mover *mover = mover_new(view, k);
  if (mover == NULL) {
    return error_memory(error, k * 16, "the shares of classes");
  }
  for (size_t c = 0; c < k;
       c++) { /* recall of each class; markedness: share right of each predicted class */
    double total = 0;
    for (size_t other = 0; other < k; other++) {
      total += spec->function == TABLE2_MARKEDNESS ? table[other * k + c] : table[c * k + other];
    }
    if (total > 0) {
      mover_add(mover, table[c * k + c], total);
    }
  }
  mover->factor = spec->function == TABLE2_BALANCED_ACCURACY ? 1 / (double)mover->n : 1;
  *out = law_start(measure, INFERENCE_LIMITS, "mover-wilson", false);
  out->value = value;
  out->bounds = mover_bounds;
  out->context = mover;
  return NONET_OK;
}

/* ---- one stream ---- */

static double table_total(const double *table, size_t k) {
  double total = 0;
  for (size_t i = 0; i < k * k; i++) {
    total += table[i];
  }
  return total;
}

/* Rows of the denominator and n_effective, from the rows' own weights; clusters among them decide
 * what an edge value is worth. */
static nonet_status denominator_size(const struct table2_spec *spec, struct view *view, int stream,
                                     nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double n = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < rows->n; i++) {
    if (member(spec, rows->label[i], rows->prediction[stream][i]).is_in) {
      double count = rows->count == NULL ? 1 : (double)rows->count[i];
      double weight = rows->weight == NULL ? 1 : rows->weight[i];
      n += count;
      sum += count * weight;
      squares += count * weight * weight;
    }
  }
  view->n = n;
  view->n_effective = squares > 0 ? sum * sum / squares : 0;
  return NONET_OK;
}

static nonet_status estimate_plain(const struct measure *measure, const struct table2_spec *spec,
                                   struct view *view, const double *table, size_t k, double value,
                                   const double *gradient, struct inference *out,
                                   nonet_error *error) {
  double successes = 0, trials = 0;
  for (size_t l = 0; l < k; l++) {
    for (size_t p = 0; p < k; p++) {
      struct membership in = member(spec, l, p);
      trials += in.is_in ? table[l * k + p] : 0;
      successes += in.is_in && in.is_success ? table[l * k + p] : 0;
    }
  }
  view->n = view->n_effective = is_averaged(spec) ? table_total(table, k) : trials;
  bool is_f1 = spec->function == TABLE2_F_BETA && spec->beta == 1 && !is_averaged(spec);
  bool is_micro_jaccard = spec->function == TABLE2_JACCARD && spec->average == TABLE2_MICRO;
  if (is_share(spec) || is_f1) {
    law_wilson(measure, view, successes, trials, out);
    out->transform = is_f1 ? f1_of_jaccard : NULL;
    out->value = is_f1 ? value : out->value;
    return NONET_OK;
  }
  if (is_micro_jaccard) {
    struct table2_spec accuracy = {.function = TABLE2_ACCURACY};
    law_wilson(measure, view, table2_value(&accuracy, table, k, NULL) * trials, trials, out);
    out->transform = jaccard_of_accuracy;
    out->value = value;
    return NONET_OK;
  }
  if (is_mover(spec)) {
    return mover_law(measure, spec, view, table, k, value, out, error);
  }
  double se = table2_se(table, gradient, k);
  if (spec->function >= TABLE2_MCC) {
    if (!(fabs(value) < 1) || !(se > 0)) { /* 3 */
      law_no_interval(view, measure, value, out, "the delta standard error is 0 at %g", value);
      return NONET_OK;
    }
    *out = law_start(measure, INFERENCE_T, "delta-fisher-z", false);
    out->value = value;
    out->scale = SCALE_FISHER_Z;
    out->se = se / (1 - value * value);
    return NONET_OK;
  }
  law_wilson_effective(measure, view, value, se * se, INFINITY, trials, trials, out);
  if (out->kind == INFERENCE_WILSON) {
    out->method = "delta-wilson";
  }
  return NONET_OK;
}

/* u of each distinct row: gA at its cell, less gB at its cell when there are two. New memory. */
static nonet_status row_influence(struct view *view, size_t k, const double *ga, int stream_a,
                                  const double *gb, double **u, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  *u = memory_new(rows->n, sizeof **u);
  if (*u == NULL) {
    return error_memory(error, rows->n * sizeof **u, "influences of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    (*u)[i] = ga[rows->label[i] * k + rows->prediction[stream_a][i]];
    if (gb != NULL) {
      (*u)[i] -= gb[rows->label[i] * k + rows->prediction[STREAM_B][i]];
    }
  }
  return NONET_OK;
}

static nonet_status estimate_linearised(const struct measure *measure,
                                        const struct table2_spec *spec, struct view *view,
                                        int stream, size_t k, double value, const double *gradient,
                                        struct inference *out, nonet_error *error) {
  double *u = NULL;
  struct view_linear linear;
  size_t n_clusters = 0;
  nonet_status status = row_influence(view, k, gradient, stream, NULL, &u, error);
  if (status != NONET_OK) {
    return status;
  }
  enum inference_scale scale = spec->function >= TABLE2_MCC ? SCALE_FISHER_Z : SCALE_IDENTITY;
  if (spec->function >= TABLE2_INFORMEDNESS || spec->function == TABLE2_BALANCED_ACCURACY) {
    status = law_linear(measure, view, value, u, scale, false, out, error);
    goto done;
  }
  status = denominator_size(spec, view, stream, error);
  if (status == NONET_OK) {
    status = view_linearised(view, u, &linear, error);
  }
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status == NONET_OK) {
    bool at_edge = value <= 0 || value >= 1;
    double n_edge =
        n_clusters > 0 ? fmin(view->n_effective, (double)n_clusters) : view->n_effective;
    double df = !at_edge ? linear.df : n_clusters > 1 ? (double)n_clusters - 1 : INFINITY;
    law_wilson_effective(measure, view, value, linear.variance, df, view->n, n_edge, out);
  }
done:
  memory_free(u);
  return status;
}

nonet_status table_law_estimate(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                int stream, struct inference *out, nonet_error *error) {
  struct table2_spec spec = table_law_spec(measure, variant);
  const double *table;
  size_t k;
  nonet_status status = view_confusion(view, stream, &table, &k, error);
  if (status != NONET_OK) {
    return status;
  }
  double *gradient = memory_new(k * k, sizeof *gradient);
  if (gradient == NULL) {
    return error_memory(error, k * k * sizeof *gradient, "a gradient");
  }
  double value = table_total(table, k) > 0 ? table2_value(&spec, table, k, gradient) : NAN;
  if (isnan(value)) {
    law_missing(view, measure, out, "%s",
                table_total(table, k) > 0 ? missing_reason(&spec) : "no rows"); /* 1 */
  } else if (view->is_plain) {
    status = estimate_plain(measure, &spec, view, table, k, value, gradient, out, error);
  } else {
    status = estimate_linearised(measure, &spec, view, stream, k, value, gradient, out, error);
  }
  memory_free(gradient);
  return status;
}

/* ---- the paired difference ---- */

static nonet_status compare_same_denominator(const struct measure *measure,
                                             const struct table2_spec *spec, struct view *view,
                                             struct inference *out, nonet_error *error) {
  const struct view_joint_cell *cell;
  size_t n_cells;
  nonet_status status = view_joint(view, &cell, &n_cells, error);
  double n = 0, n_a = 0, b = 0, c = 0;
  for (size_t i = 0; status == NONET_OK && i < n_cells; i++) {
    struct membership a = member(spec, cell[i].label, cell[i].a);
    struct membership other = member(spec, cell[i].label, cell[i].b);
    if (a.is_in) {
      n += cell[i].weight;
      n_a += a.is_success ? cell[i].weight : 0;
      b += a.is_success && !other.is_success ? cell[i].weight : 0;
      c += !a.is_success && other.is_success ? cell[i].weight : 0;
    }
  }
  if (status == NONET_OK && n == 0) {
    law_missing(view, measure, out, "%s", missing_reason(spec));
  } else if (status == NONET_OK) {
    law_tango(measure, view, n_a, b, c, n, out);
  }
  return status;
}

/* Two gradients and what the raised table needs. */
struct pair_work {
  size_t k;
  double value[N_STREAMS];
  double *raised[N_STREAMS],
      *gradient[N_STREAMS]; /* [k²] margins of the raised table and the gradients there */
  double raise;             /* e of each discordant cell */
  bool *occurs;             /* [k] */
  size_t n_occur;
};

static void pair_work_clear(struct pair_work *work) {
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(work->raised[s]);
    memory_free(work->gradient[s]);
  }
  memory_free(work->occurs);
}

static nonet_status find_classes(struct view *view, struct pair_work *work, nonet_error *error) {
  for (int s = 0; s < N_STREAMS; s++) {
    const double *table;
    nonet_status status = view_confusion(view, s, &table, &work->k, error);
    if (status != NONET_OK) {
      return status;
    }
    if (work->occurs == NULL &&
        (work->occurs = memory_zeroed(work->k, sizeof *work->occurs)) == NULL) {
      return error_memory(error, work->k, "the classes that occur");
    }
    for (size_t i = 0; i < work->k * work->k; i++) {
      if (table[i] > 0) {
        work->occurs[i / work->k] = work->occurs[i % work->k] = true;
      }
    }
  }
  for (size_t c = 0; c < work->k; c++) {
    work->n_occur += work->occurs[c];
  }
  return NONET_OK;
}

/* The margin over b of the raised cells (l, a, ·) adds e(K − 1) to every cell (l, a): K − 1 values
 * of b differ from a. */
static nonet_status pair_work_init(const struct table2_spec *spec, struct view *view,
                                   double row_weight, struct pair_work *work, nonet_error *error) {
  nonet_status status = find_classes(view, work, error);
  double kk = (double)work->n_occur;
  work->raise = kk > 1 && !is_same_denominator(spec) ? row_weight * 4 / (kk * kk * (kk - 1)) : 0;
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    const double *table;
    status = view_confusion(view, s, &table, &work->k, error);
    if (status != NONET_OK) {
      return status;
    }
    size_t k = work->k;
    work->raised[s] = memory_new(k * k, sizeof(double));
    work->gradient[s] = memory_new(k * k, sizeof(double));
    if (work->raised[s] == NULL || work->gradient[s] == NULL) {
      return error_memory(error, 2 * k * k * sizeof(double),
                          "the gradients of a paired difference");
    }
    for (size_t i = 0; i < k * k; i++) {
      work->raised[s][i] =
          table[i] + (work->occurs[i / k] && work->occurs[i % k] ? work->raise * (kk - 1) : 0);
    }
    work->value[s] = table_total(table, k) > 0 ? table2_value(spec, table, k, NULL) : NAN;
    (void)table2_value(spec, work->raised[s], k, work->gradient[s]);
  }
  return status;
}

/* Σ over all discordant cells of e·x(l,a)·y(l,b) (a ≠ b), for each pair of streams: 2. */
static void raised_products(const struct pair_work *work, double *aa, double *bb, double *ab) {
  size_t k = work->k;
  *aa = *bb = *ab = 0;
  for (size_t l = 0; l < k; l++) {
    if (!work->occurs[l]) {
      continue;
    }
    double sum_a = 0, sum_b = 0, square_a = 0, square_b = 0, same = 0;
    for (size_t p = 0; p < k; p++) {
      double x = work->occurs[p] ? work->gradient[STREAM_A][l * k + p] : 0,
             y = work->occurs[p] ? work->gradient[STREAM_B][l * k + p] : 0;
      sum_a += x;
      sum_b += y;
      square_a += x * x;
      square_b += y * y;
      same += x * y;
    }
    *aa += work->raise * (double)(work->n_occur - 1) * square_a;
    *bb += work->raise * (double)(work->n_occur - 1) * square_b;
    *ab += work->raise * (sum_a * sum_b - same);
  }
}

static nonet_status compare_delta(const struct measure *measure, struct view *view,
                                  const struct pair_work *work, struct inference *out,
                                  nonet_error *error) {
  const struct view_joint_cell *cell;
  size_t n_cells, k = work->k;
  nonet_status status = view_joint(view, &cell, &n_cells, error);
  if (status != NONET_OK) {
    return status;
  }
  double aa, bb, ab;
  raised_products(work, &aa, &bb, &ab);
  for (size_t i = 0; i < n_cells; i++) {
    double x = work->gradient[STREAM_A][cell[i].label * k + cell[i].a],
           y = work->gradient[STREAM_B][cell[i].label * k + cell[i].b];
    aa += cell[i].weight * x * x;
    bb += cell[i].weight * y * y;
    ab += cell[i].weight * x * y;
  }
  *out = law_start(measure, INFERENCE_T, "delta-plus-one", true);
  out->value = work->value[STREAM_A] - work->value[STREAM_B];
  out->se = sqrt(fmax(0, aa + bb - 2 * ab));
  for (int s = 0; s < N_STREAMS; s++) {
    out->pair_value[s] = work->value[s];
  }
  out->pair_variance[STREAM_A] = aa;
  out->pair_variance[STREAM_B] = bb;
  out->pair_covariance = ab;
  return NONET_OK;
}

/* Weights or clusters: linearised at the raised margins, and the variance that the raised rows
 * bring. */
static nonet_status compare_linearised(const struct measure *measure, struct view *view,
                                       const struct pair_work *work, double row_weight,
                                       struct inference *out, nonet_error *error) {
  double *u = NULL;
  nonet_status status = row_influence(view, work->k, work->gradient[STREAM_A], STREAM_A,
                                      work->gradient[STREAM_B], &u, error);
  if (status == NONET_OK) {
    status = law_linear(measure, view, work->value[STREAM_A] - work->value[STREAM_B], u,
                        SCALE_IDENTITY, true, out, error);
  }
  if (status == NONET_OK && out->kind == INFERENCE_T) {
    double aa, bb, ab;
    raised_products(work, &aa, &bb, &ab);
    out->se =
        sqrt(out->se * out->se +
             row_weight * fmax(0, aa + bb - 2 * ab)); /* 4: e rows of weight w̄ each give e·w̄² */
    out->method = work->raise > 0 ? "linearised-plus-one" : "linearised";
    for (int s = 0; s < N_STREAMS; s++) {
      out->pair_value[s] = work->value[s];
    }
  }
  memory_free(u);
  return status;
}

nonet_status table_law_compare(const struct measure *measure, const struct measure_variant *variant,
                               struct view *view, struct inference *out, nonet_error *error) {
  struct table2_spec spec = table_law_spec(measure, variant);
  if (view->is_plain && is_same_denominator(&spec)) {
    return compare_same_denominator(measure, &spec, view, out, error);
  }
  double n, n_effective, row_weight = 1;
  struct pair_work work = {0};
  const double *table;
  size_t k;
  nonet_status status = view_size(view, &n, &n_effective, error);
  if (status == NONET_OK && !view->is_plain && n > 0) {
    status = view_confusion(view, STREAM_A, &table, &k, error);
    row_weight = status == NONET_OK ? table_total(table, k) / n : 1;
  }
  if (status == NONET_OK) {
    status = pair_work_init(&spec, view, row_weight, &work, error);
  }
  if (status == NONET_OK && (isnan(work.value[STREAM_A]) || isnan(work.value[STREAM_B]))) {
    law_missing(view, measure, out, "%s", n > 0 ? missing_reason(&spec) : "no rows");
  } else if (status == NONET_OK) {
    view->n = n;
    view->n_effective = n_effective;
    status = view->is_plain ? compare_delta(measure, view, &work, out, error)
                            : compare_linearised(measure, view, &work, row_weight, out, error);
  }
  pair_work_clear(&work);
  return status;
}
