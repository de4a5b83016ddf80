/*
 * Rank agreement of prediction and label: Spearman's rho and Kendall's tau-b, with their
 * influences.
 *
 * Without weights the kernels of stats/rankcorr.h (whole numbers). With weights, W = Σw, h(a, b) =
 * 1[a < b] + ½ 1[a = b]: R_i = Σ w_j h(x_j, x_i)/W (S likewise for y), rho = Pearson of R and S;
 * what row i does to the ranks of all others is Σ w_j h(x_i, x_j)(S_j − s̄)/W tau-b = N/√(AB) with N
 * = Σ w_i s_i, s_i = Σ w_j sign(x_i − x_j) sign(y_i − y_j), and A, B the weights of pairs untied in
 * x, y Whole weights give what rows repeated would.
 *
 * The cases:
 *  1. A constant label or prediction: not defined.
 *  2. Ties: mid-ranks; copies of a row are tied with each other.
 *  3. |value| = 1: no interval (Fisher's z is infinite).
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/correctness/regression.h"
#include "measure/records.h"
#include "stats/rankcorr.h"
#include "stats/sortkey.h"

enum agreement_function { AGREEMENT_SPEARMAN, AGREEMENT_KENDALL };

/* One variable in order. */
struct ranked {
  uint32_t *row;  /* [n] rows by rising value */
  uint32_t *code; /* [n] by row: dense rank from 0 */
  double *rank;   /* [n] by row: weighted mid-rank in [0, 1] */
  double *tied;   /* [n] by row: weight of the rows with the same value, as a share */
};

static void ranked_clear(struct ranked *axis) {
  memory_free(axis->row);
  memory_free(axis->code);
  memory_free(axis->rank);
  memory_free(axis->tied);
}

/* Σ over the rows with a larger value of share · t, plus half of those with the same one, for each
 * row. */
static void ranked_above(const struct ranked *axis, const double *share, const double *t, size_t n,
                         double *out) {
  double above = 0;
  for (size_t end = n, first; end > 0; end = first) {
    double here = 0;
    for (first = end;
         first > 0 && axis->code[axis->row[first - 1]] == axis->code[axis->row[end - 1]]; first--) {
      size_t i = axis->row[first - 1];
      here += share[i] * t[i];
    }
    for (size_t k = first; k < end; k++) {
      out[axis->row[k]] = above + here / 2;
    }
    above += here;
  }
}

static nonet_status ranked_init(const double *x, const double *share, size_t n, struct ranked *axis,
                                nonet_error *error) {
  uint64_t *keys = memory_new(n + 1, sizeof *keys);
  *axis =
      (struct ranked){memory_new(n + 1, sizeof *axis->row), memory_new(n + 1, sizeof *axis->code),
                      memory_new(n + 1, sizeof *axis->rank), memory_new(n + 1, sizeof *axis->tied)};
  if (keys == NULL || axis->row == NULL || axis->code == NULL || axis->rank == NULL ||
      axis->tied == NULL) {
    memory_free(keys);
    return error_memory(error, n * 32, "ranks");
  }
  for (size_t i = 0; i < n; i++) {
    keys[i] = sortkey_f64(x[i] + 0.0);
    axis->row[i] = (uint32_t)i;
  }
  nonet_status status = sortkey_argsort_u64(keys, axis->row, n, 1, error);
  double below = 0;
  uint32_t code = 0;
  for (size_t first = 0, end; first < n && status == NONET_OK; first = end, code++) {
    double here = 0;
    for (end = first; end < n && keys[end] == keys[first]; end++) {
      here += share[axis->row[end]];
    }
    for (size_t k = first; k < end; k++) {
      axis->code[axis->row[k]] = code;
      axis->rank[axis->row[k]] = below + here / 2; /* 2 */
      axis->tied[axis->row[k]] = here;
    }
    below += here;
  }
  memory_free(keys);
  return status;
}

static double dot(const double *share, const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += share[i] * a[i] * b[i];
  }
  return sum;
}

/* Centred mid-ranks have mean 0: Σ share · rank = ½ always. room: [4n]. */
static double spearman_weighted(struct ranked axes[2], const double *share, size_t n, double *room,
                                double *influence) {
  for (size_t k = 0; k < 2; k++) {
    for (size_t i = 0; i < n; i++) {
      axes[k].rank[i] -= 0.5;
    }
  }
  const double *r = axes[0].rank, *s = axes[1].rank;
  double covariance = dot(share, r, s, n), of_r = dot(share, r, r, n), of_s = dot(share, s, s, n);
  double root = sqrt(of_r * of_s), rho = covariance / root, mean = 0;
  if (!(of_r > 1e-14) || !(of_s > 1e-14)) {
    return NAN; /* 1 */
  }
  double *s_by_x = room, *r_by_y = room + n, *r_by_x = room + 2 * n, *s_by_y = room + 3 * n;
  ranked_above(&axes[0], share, s, n, s_by_x);
  ranked_above(&axes[1], share, r, n, r_by_y);
  ranked_above(&axes[0], share, r, n, r_by_x);
  ranked_above(&axes[1], share, s, n, s_by_y);
  for (size_t i = 0; i < n; i++) {
    double of_covariance = r[i] * s[i] + s_by_x[i] + r_by_y[i];
    influence[i] =
        of_covariance / root -
        rho / 2 * ((r[i] * r[i] + 2 * r_by_x[i]) / of_r + (s[i] * s[i] + 2 * s_by_y[i]) / of_s);
    mean += share[i] * influence[i];
  }
  for (size_t i = 0; i < n; i++) {
    influence[i] -= mean;
  }
  return rho;
}

/* ---- Kendall: a Fenwick tree of shares over the codes of y ---- */

static void tree_add(double *tree, size_t n, size_t code, double share) {
  for (size_t k = code + 1; k <= n; k += k & (~k + 1)) {
    tree[k] += share;
  }
}

static double tree_below(const double *tree, size_t code) {
  double sum = 0;
  for (size_t k = code; k > 0; k -= k & (~k + 1)) {
    sum += tree[k];
  }
  return sum;
}

/* out_i += turn · (share with smaller y − share with larger y) among the rows met before in the
 * order of x; step is +1 or −1. */
static void kendall_sweep(const struct ranked axes[2], const double *share, size_t n, bool is_up,
                          double *tree, double *out) {
  double total = 0;
  memset(tree, 0, (n + 1) * sizeof *tree);
  for (size_t done = 0, end; done < n; done = end) {
    for (end = done; end < n; end++) { /* the rows of one x */
      size_t i = axes[0].row[is_up ? end : n - 1 - end],
             first = axes[0].row[is_up ? done : n - 1 - done];
      if (axes[0].code[i] != axes[0].code[first]) {
        break;
      }
      double smaller = tree_below(tree, axes[1].code[i]),
             larger = total - tree_below(tree, axes[1].code[i] + 1);
      out[i] += is_up ? smaller - larger : larger - smaller;
    }
    for (size_t k = done; k < end; k++) {
      size_t i = axes[0].row[is_up ? k : n - 1 - k];
      tree_add(tree, n, axes[1].code[i], share[i]);
      total += share[i];
    }
  }
}

/* room: [2n + 1]. */
static double kendall_weighted(const struct ranked axes[2], const double *share, size_t n,
                               double *room, double *influence) {
  double *s = room, *tree = room + n, pairs = 0, in_x = 0, in_y = 0;
  memset(s, 0, n * sizeof *s);
  kendall_sweep(axes, share, n, true, tree, s);
  kendall_sweep(axes, share, n, false, tree, s);
  for (size_t i = 0; i < n; i++) {
    pairs += share[i] * s[i];
    in_x += share[i] * (1 - axes[0].tied[i]);
    in_y += share[i] * (1 - axes[1].tied[i]);
  }
  if (!(in_x > 1e-14) || !(in_y > 1e-14)) {
    return NAN; /* 1 */
  }
  double root = sqrt(in_x * in_y), tau = pairs / root;
  for (size_t i = 0; i < n; i++) {
    double of_x = 1 - axes[0].tied[i], of_y = 1 - axes[1].tied[i];
    influence[i] = 2 * (s[i] - pairs) / root - tau * ((of_x - in_x) / in_x + (of_y - in_y) / in_y);
  }
  return tau;
}

static nonet_status agreement_weighted(const struct measure *measure, const struct row_set *rows,
                                       int stream, double *value, double *influence,
                                       nonet_error *error) {
  struct ranked axes[2] = {{0}};
  double *share = NULL, total, *room = memory_new(4 * rows->n + 2, sizeof *room);
  nonet_status status = regression_weights(rows, &share, &total, error);
  if (status == NONET_OK && room == NULL) {
    status = error_memory(error, 4 * rows->n * sizeof *room, "ranks");
  }
  *value = NAN;
  if (status != NONET_OK || !(total > 0)) {
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    share[i] /= total;
  }
  status = ranked_init(rows->score[stream], share, rows->n, &axes[0], error);
  if (status == NONET_OK) {
    status = ranked_init(rows->target, share, rows->n, &axes[1], error);
  }
  if (status == NONET_OK) {
    *value = measure->function == AGREEMENT_SPEARMAN
                 ? spearman_weighted(axes, share, rows->n, room, influence)
                 : kendall_weighted(axes, share, rows->n, room, influence);
    for (size_t i = 0; i < rows->n; i++) {
      influence[i] = isnan(*value) ? 0 : influence[i] / total;
    }
  }
done:
  ranked_clear(&axes[0]);
  ranked_clear(&axes[1]);
  memory_free(share);
  memory_free(room);
  return status;
}

/* ---- laws ---- */

static nonet_status agreement_stream(const struct measure *measure, struct view *view, int stream,
                                     double *value, double **influence, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  *influence = memory_zeroed(rows->n + 1, sizeof **influence);
  if (*influence == NULL) {
    return error_memory(error, rows->n * sizeof **influence, "influences of rows");
  }
  if (rows->weight != NULL) {
    return agreement_weighted(measure, rows, stream, value, *influence, error);
  }
  size_t n_threads = view->options->n_threads;
  return measure->function == AGREEMENT_SPEARMAN
             ? rankcorr_spearman(rows->score[stream], rows->target, rows->count, rows->n, n_threads,
                                 value, *influence, error)
             : rankcorr_kendall(rows->score[stream], rows->target, rows->count, rows->n, n_threads,
                                value, *influence, error);
}

static nonet_status agreement_estimate(const struct measure *measure,
                                       const struct measure_variant *variant, struct view *view,
                                       int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  double value, *influence = NULL;
  nonet_status status = agreement_stream(measure, view, stream, &value, &influence, error);
  if (status == NONET_OK && isnan(value)) {
    law_missing(view, measure, out, "the label or the prediction is constant");
  } else if (status == NONET_OK) {
    status = law_linear(measure, view, value, influence, SCALE_FISHER_Z, false, out, error);
  }
  memory_free(influence);
  return status;
}

static nonet_status agreement_compare(const struct measure *measure,
                                      const struct measure_variant *variant, struct view *view,
                                      struct inference *out, nonet_error *error) {
  (void)variant;
  double value[N_STREAMS] = {NAN, NAN}, *influence[N_STREAMS] = {NULL, NULL}, *difference = NULL;
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = agreement_stream(measure, view, s, &value[s], &influence[s], error);
  }
  if (status == NONET_OK && (isnan(value[0]) || isnan(value[1]))) {
    law_missing(view, measure, out, "the label or a prediction is constant");
    goto done;
  }
  difference = status == NONET_OK ? memory_new(rows->n + 1, sizeof *difference) : NULL;
  if (difference == NULL) {
    status = status != NONET_OK
                 ? status
                 : error_memory(error, rows->n * sizeof *difference, "influences of rows");
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    difference[i] = influence[0][i] - influence[1][i];
  }
  status =
      law_linear(measure, view, value[0] - value[1], difference, SCALE_IDENTITY, true, out, error);
  if (status == NONET_OK && out->kind == INFERENCE_T) {
    out->method = view->is_plain ? "influence" : out->method;
    status = regression_pair_parts(view, value, influence, out, error);
  }
done:
  memory_free(influence[0]);
  memory_free(influence[1]);
  memory_free(difference);
  return status;
}

#define AGREEMENT_RECORD                                                                           \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .direction = DIRECTION_HIGHER, .range = {-1, 1}, \
  .tasks = FOR_REGRESSION, .needs = NEEDS_SCORE, .scopes = IN_ALL | IN_GROUP,                      \
  .kinds = SUMMARY_MULTISET, .cost = COST_SORT, .interval = "influence-fisher-z",                  \
  .interval_weighted = "influence, linearised over clusters, t(G - 1)",                            \
  .estimate = agreement_estimate, .compare = agreement_compare

const struct measure correctness_spearman = {
    AGREEMENT_RECORD,
    .id = "correctness.spearman",
    .title = "Spearman's rank correlation",
    .definition = "Correlation of the ranks of prediction and label: how well the order is right, "
                  "whatever the scale.",
    .formula = "Pearson correlation of mid-ranks",
    .source = "Spearman 1904; interval: influence on Fisher's z",
    .function = AGREEMENT_SPEARMAN,
    .shortfall = "simulated coverage of 95 %, n 300: errors of t(3) .939",
};

const struct measure correctness_kendall = {
    AGREEMENT_RECORD,
    .id = "correctness.kendall",
    .title = "Kendall's tau-b",
    .definition =
        "Share of pairs in the right order minus the share in the wrong one, corrected for ties.",
    .formula =
        "(concordant - discordant) / sqrt(pairs untied in label * pairs untied in prediction)",
    .source = "Kendall 1945; interval: influence on Fisher's z",
    .function = AGREEMENT_KENDALL,
};
