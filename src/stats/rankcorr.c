/*
 * Rank correlations with exact integers, and Lin's concordance.
 *
 * Spearman is Pearson on mid-ranks; twice the mid-rank is an integer. Its influence has three
 * parts: Pearson's at the row's own ranks, and what the row does to the ranks of all others, E[h(x,
 * X)(S − s̄)] with h = 1[x < X] + ½ 1[x = X], by suffix sums. Kendall's τ-b = Σᵢ sᵢ / √(Σᵢ aᵢ Σᵢ
 * bᵢ): sᵢ = concordant minus discordant partners of row i, aᵢ, bᵢ = partners with another x, y. The
 * sᵢ come from a Fenwick tree over y while x rises; its influence is that of a ratio of
 * U-statistics of degree two.
 *
 * Cases: 1 ties in x, in y, in both; 2 constant x or y: NaN; 3 counts: copies of a row are tied
 * with each other; 4 fewer than 2 rows: NaN.
 */
#include "stats/rankcorr.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/exactsum.h"
#include "stats/sortkey.h"

__extension__ typedef __int128 wide;

struct axis {
  uint64_t *keys;  /* sorted */
  uint32_t *row;   /* [n] rows by rising value */
  uint32_t *code;  /* [n] by row: dense rank from 1 */
  uint64_t *twice; /* [n] by row: 2 · mid-rank */
  uint64_t *tied;  /* [n] by row: copies with the same value, its own included */
  uint32_t n_codes;
};

static uint64_t times(const uint64_t *count, size_t row) {
  return count != NULL ? count[row] : 1;
}

static void axis_clear(struct axis *axis) {
  memory_free(axis->keys);
  memory_free(axis->row);
  memory_free(axis->code);
  memory_free(axis->twice);
  memory_free(axis->tied);
}

static nonet_status axis_init(struct axis *axis, const double *values, const uint64_t *count,
                              size_t n, size_t n_threads, nonet_error *error) {
  *axis = (struct axis){
      .keys = memory_new(n + 1, 8), .row = memory_new(n + 1, 4), .code = memory_new(n + 1, 4)};
  axis->twice = memory_new(n + 1, 8);
  axis->tied = memory_new(n + 1, 8);
  if (axis->keys == NULL || axis->row == NULL || axis->code == NULL || axis->twice == NULL ||
      axis->tied == NULL) {
    return error_memory(error, n * 32, "ranks");
  }
  for (size_t i = 0; i < n; i++) {
    axis->keys[i] = sortkey_f64(values[i]);
    axis->row[i] = (uint32_t)i;
  }
  nonet_status status = sortkey_argsort_u64(axis->keys, axis->row, n, n_threads, error);
  uint64_t before = 0;
  for (size_t first = 0, end; first < n && status == NONET_OK; first = end) {
    uint64_t tied = 0;
    for (end = first; end < n && axis->keys[end] == axis->keys[first]; end++) {
      tied += times(count, axis->row[end]);
    }
    axis->n_codes++;
    for (size_t k = first; k < end; k++) {
      uint32_t row = axis->row[k];
      axis->code[row] = axis->n_codes;
      axis->twice[row] = 2 * before + tied + 1;
      axis->tied[row] = tied;
    }
    before += tied;
  }
  return status;
}

static nonet_status axes_init(struct axis axes[2], const double *x, const double *y,
                              const uint64_t *count, size_t n, size_t n_threads, uint64_t *n_rows,
                              nonet_error *error) {
  memset(axes, 0, 2 * sizeof *axes);
  *n_rows = 0;
  for (size_t i = 0; i < n; i++) {
    *n_rows += times(count, i);
  }
  if (n >= UINT32_MAX || *n_rows >= 1ull << 31) {
    return error_set(error, NONET_E_DATA, "%llu rows to rank, expected fewer than 2^31",
                     (unsigned long long)*n_rows);
  }
  nonet_status status = axis_init(&axes[0], x, count, n, n_threads, error);
  return status == NONET_OK ? axis_init(&axes[1], y, count, n, n_threads, error) : status;
}

/* ---- Spearman ---- */

/* by_row[i] = Σ_{rows above} (other − mean) + ½ Σ_{tied, itself too}, in units of quarter ranks: of
 * the deviations of the other axis. */
static void suffix_sums(const struct axis *axis, const struct axis *other, const uint64_t *count,
                        size_t n, uint64_t n_rows, wide *by_row) {
  wide twice_above = 0;
  for (size_t end = n, first; end > 0; end = first) {
    wide tied = 0;
    for (first = end; first > 0 && axis->keys[first - 1] == axis->keys[end - 1]; first--) {
      uint32_t row = axis->row[first - 1];
      tied += (wide)times(count, row) * ((int64_t)other->twice[row] - (int64_t)n_rows - 1);
    }
    for (size_t k = first; k < end; k++) {
      by_row[axis->row[k]] = twice_above + tied;
    }
    twice_above += 2 * tied;
  }
}

struct spearman {
  double n, cross, square_x, square_y; /* means of products of deviations, of ranks over n */
};

static void spearman_influence(const struct axis axes[2], const uint64_t *count, size_t n,
                               const struct spearman *s, double *influence, wide *sums[4]) {
  uint64_t n_rows = (uint64_t)s->n;
  suffix_sums(&axes[0], &axes[1], count, n, n_rows, sums[0]); /* E[h(x, X)(S − s̄)] */
  suffix_sums(&axes[1], &axes[0], count, n, n_rows, sums[1]);
  suffix_sums(&axes[0], &axes[0], count, n, n_rows, sums[2]);
  suffix_sums(&axes[1], &axes[1], count, n, n_rows, sums[3]);
  /* A deviation in the sums is 2n times that of a rank share, the ½ of h another 2, the mean 1/n.
   */
  double scale = 1 / (4 * s->n * s->n), root = sqrt(s->square_x * s->square_y),
         rho = s->cross / root;
  for (size_t i = 0; i < n; i++) {
    double r = ((double)axes[0].twice[i] - s->n - 1) / (2 * s->n),
           t = ((double)axes[1].twice[i] - s->n - 1) / (2 * s->n);
    /* E[(h − F*)(S − s̄)] = E[h (S − s̄)] − cross, and so on: the second-order means are subtracted
     */
    double d_cross = r * t - s->cross + (double)sums[0][i] * scale - s->cross +
                     (double)sums[1][i] * scale - s->cross;
    double d_x = r * r - s->square_x + 2 * ((double)sums[2][i] * scale - s->square_x);
    double d_y = t * t - s->square_y + 2 * ((double)sums[3][i] * scale - s->square_y);
    influence[i] = (d_cross / root - 0.5 * rho * (d_x / s->square_x + d_y / s->square_y)) / s->n;
  }
}

nonet_status rankcorr_spearman(const double *x, const double *y, const uint64_t *count, size_t n,
                               size_t n_threads, double *rho, double *influence,
                               nonet_error *error) {
  struct axis axes[2];
  uint64_t n_rows;
  wide *memory = NULL, cross = 0, square_x = 0, square_y = 0;
  nonet_status status = axes_init(axes, x, y, count, n, n_threads, &n_rows, error);
  *rho = NAN;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    int64_t r = (int64_t)axes[0].twice[i] - (int64_t)n_rows - 1,
            s = (int64_t)axes[1].twice[i] - (int64_t)n_rows - 1;
    wide c = (wide)times(count, i);
    cross += c * r * s;
    square_x += c * r * r;
    square_y += c * s * s;
  }
  if (status == NONET_OK && square_x > 0 && square_y > 0) { /* 2, 4 */
    *rho = (double)cross / (sqrt((double)square_x) * sqrt((double)square_y));
  }
  if (status == NONET_OK && influence != NULL) {
    memory = memory_new(4 * n + 1, sizeof *memory);
    if (memory == NULL) {
      status = error_memory(error, 4 * n * sizeof *memory, "influence values");
    } else {
      double scale = 4.0 * (double)n_rows * (double)n_rows * (double)n_rows;
      struct spearman s = {(double)n_rows, (double)cross / scale, (double)square_x / scale,
                           (double)square_y / scale};
      wide *sums[4] = {memory, memory + n, memory + 2 * n, memory + 3 * n};
      spearman_influence(axes, count, n, &s, influence, sums);
    }
  }
  memory_free(memory);
  axis_clear(&axes[0]);
  axis_clear(&axes[1]);
  return status;
}

/* ---- Kendall ---- */

static void tree_add(uint64_t *tree, uint32_t n_codes, uint32_t code, uint64_t c) {
  for (; code <= n_codes; code += code & (0u - code)) {
    tree[code] += c;
  }
}

static uint64_t tree_sum(const uint64_t *tree, uint32_t code) {
  uint64_t sum = 0;
  for (; code > 0; code -= code & (0u - code)) {
    sum += tree[code];
  }
  return sum;
}

/* signs[row] += sign · (#{y below} − #{y above}) among rows with smaller x (rising) or larger x
 * (falling). */
static void kendall_sweep(const struct axis axes[2], const uint64_t *count, size_t n,
                          bool is_rising, uint64_t *tree, int64_t *signs) {
  const struct axis *x = &axes[0], *y = &axes[1];
  uint64_t entered = 0;
  memset(tree, 0, ((size_t)y->n_codes + 1) * sizeof *tree);
  for (size_t done = 0, end; done < n; done = end) {
    for (end = done; end < n; end++) {
      uint32_t row = x->row[is_rising ? end : n - 1 - end];
      if (x->code[row] != x->code[x->row[is_rising ? done : n - 1 - done]]) {
        break;
      }
      uint64_t below = tree_sum(tree, y->code[row] - 1),
               above = entered - tree_sum(tree, y->code[row]);
      signs[row] += is_rising ? (int64_t)below - (int64_t)above : (int64_t)above - (int64_t)below;
    }
    for (size_t k = done; k < end; k++) {
      uint32_t row = x->row[is_rising ? k : n - 1 - k];
      tree_add(tree, y->n_codes, y->code[row], times(count, row));
      entered += times(count, row);
    }
  }
}

nonet_status rankcorr_kendall(const double *x, const double *y, const uint64_t *count, size_t n,
                              size_t n_threads, double *tau_b, double *influence,
                              nonet_error *error) {
  struct axis axes[2];
  uint64_t n_rows, *tree = memory_new(n + 2, sizeof *tree);
  int64_t *signs = memory_zeroed(n + 1, sizeof *signs);
  wide sum_s = 0, sum_a = 0, sum_b = 0;
  nonet_status status = axes_init(axes, x, y, count, n, n_threads, &n_rows, error);
  *tau_b = NAN;
  if (status == NONET_OK && (tree == NULL || signs == NULL)) {
    status = error_memory(error, n * 16, "Kendall's tau");
  }
  if (status != NONET_OK) {
    goto done;
  }
  kendall_sweep(axes, count, n, true, tree, signs);
  if (influence != NULL) {
    kendall_sweep(axes, count, n, false, tree, signs);
  }
  for (size_t i = 0; i < n; i++) {
    wide c = (wide)times(count, i);
    sum_s += c * signs[i] * (influence != NULL ? 1 : 2);
    sum_a += c * (wide)(n_rows - axes[0].tied[i]);
    sum_b += c * (wide)(n_rows - axes[1].tied[i]);
  }
  if (sum_a > 0 && sum_b > 0) { /* 2 */
    *tau_b = (double)sum_s / (sqrt((double)sum_a) * sqrt((double)sum_b));
  }
  double rows = (double)n_rows, mean_s = (double)sum_s / rows, mean_a = (double)sum_a / rows,
         mean_b = (double)sum_b / rows;
  for (size_t i = 0; i < n && influence != NULL; i++) {
    double s = (double)signs[i], a = (double)(n_rows - axes[0].tied[i]),
           b = (double)(n_rows - axes[1].tied[i]);
    influence[i] = 2 *
                   ((s - mean_s) / sqrt(mean_a * mean_b) -
                    0.5 * *tau_b * ((a - mean_a) / mean_a + (b - mean_b) / mean_b)) /
                   rows;
  }
done:
  memory_free(tree);
  memory_free(signs);
  axis_clear(&axes[0]);
  axis_clear(&axes[1]);
  return status;
}

/* ---- moments ---- */

void rankcorr_moments(const double *x, const double *y, const uint64_t *count, size_t n,
                      struct rankcorr_moments *moments) {
  struct exactsum sum[3] = {{{0}, 0, 0}, {{0}, 0, 0}, {{0}, 0, 0}};
  uint64_t rows = 0;
  for (size_t i = 0; i < n; i++) {
    exactsum_add_counted(&sum[0], x[i], times(count, i));
    exactsum_add_counted(&sum[1], y[i], times(count, i));
    rows += times(count, i);
  }
  double n_rows = (double)rows;
  *moments = (struct rankcorr_moments){.n = n_rows,
                                       .mean_x = exactsum_value(&sum[0]) / n_rows,
                                       .mean_y = exactsum_value(&sum[1]) / n_rows};
  memset(sum, 0, sizeof sum);
  for (size_t i = 0; i < n; i++) {
    double u = x[i] - moments->mean_x, v = y[i] - moments->mean_y;
    exactsum_add_counted(&sum[0], u * u, times(count, i));
    exactsum_add_counted(&sum[1], v * v, times(count, i));
    exactsum_add_counted(&sum[2], u * v, times(count, i));
  }
  moments->variance_x = exactsum_value(&sum[0]) / n_rows;
  moments->variance_y = exactsum_value(&sum[1]) / n_rows;
  moments->covariance = exactsum_value(&sum[2]) / n_rows;
}

double rankcorr_pearson(const struct rankcorr_moments *m) {
  return m->variance_x > 0 && m->variance_y > 0
             ? m->covariance / (sqrt(m->variance_x) * sqrt(m->variance_y))
             : NAN;
}

double rankcorr_concordance(const struct rankcorr_moments *m) {
  double shift = m->mean_x - m->mean_y, denominator = m->variance_x + m->variance_y + shift * shift;
  return denominator > 0 ? 2 * m->covariance / denominator : NAN;
}

/* With r Pearson's, c Lin's and u = (x̄ − ȳ)/√(s_x s_y): ((1 − r²)c²(1 − c²)/r² + 2c³(1 − c)u²/r −
 * c⁴u⁴/(2r²)) / (n − 2). */
double rankcorr_concordance_se(const struct rankcorr_moments *m) {
  double r = rankcorr_pearson(m), c = rankcorr_concordance(m), shift = m->mean_x - m->mean_y;
  double u2 = shift * shift / sqrt(m->variance_x * m->variance_y);
  if (!(m->n > 2) || isnan(r) || r == 0) {
    return NAN;
  }
  double variance = ((1 - r * r) * c * c * (1 - c * c) / (r * r) +
                     2 * c * c * c * (1 - c) * u2 / r - c * c * c * c * u2 * u2 / (2 * r * r)) /
                    (m->n - 2);
  return sqrt(variance > 0 ? variance : 0);
}

double rankcorr_concordance_z_se(const struct rankcorr_moments *m) {
  double c = rankcorr_concordance(m);
  return rankcorr_concordance_se(m) / (1 - c * c);
}

void rankcorr_fisher_limits(double r, double se_z, double z, double *low, double *high) {
  double centre = atanh(r);
  *low = tanh(centre - z * se_z);
  *high = tanh(centre + z * se_z);
}
