/*
 * The scan: coordinate ascent over columns, each step exact, from many starts.
 *
 * Under the alternative the odds of every row of S are q times the expected ones. With θ = ln q,
 *   F_S(θ) = Σ_{i∈S} w_i [y_i θ − ln(1 − p_i + e^θ p_i)],   F(S) = max_{θ>0} F_S(θ)
 * concave in θ with F_S(0) = 0. It is a sum over the bins of a column, so for a given θ the best
 * set of bins is {v: F_v(θ) > 0} = {v: θ < θ_v}, θ_v the positive root of F_v. Hence the best set
 * is a prefix of the bins in the order of θ_v (additive linear-time subset scanning: Speakman et
 * al. 2016), and a step looks at as many sets as there are bins, not at 2^V.
 *
 * Fewer outcomes than expected is the same scan of 1 − y and 1 − p.
 *
 * Of residuals r, with σ² their mean square, F_S(θ) = Σ_{i∈S} w_i [r_i θ/σ − θ²/2]: normal ones
 * whose mean is θσ and not 0 (Neill 2009). It is a sum over bins as well, with the peak at
 * θ = Σ w r/(σ Σ w) and θ_v twice that; so all else is the same. Smaller ones: the scan of −r.
 *
 * Cases:
 *  1. Expected probabilities are kept 1e-6 from 0 and 1: else one row decides.
 *  2. They stand in at most SUBSETSCAN_LEVELS groups of equal rows, each at its mean: exact when
 *     there are no more different ones, and a second-order error else, in the search alone.
 *  3. At most three columns are restricted: a fourth is not looked at while three are.
 *  4. A column's price keeps out those that buy less than chance does; without rows enough a
 *     prefix is passed over.
 *  5. θ at most 10: odds beyond 22,000 times are those.
 *  6. Residuals that are all 0 depart nowhere.
 *  7. Starts: none restricted, each column first, random ones; ties go to the earlier start.
 */
#include "learn/subsetscan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/philox.h"
#include "stats/mathfn.h"

#define SUBSETSCAN_LEVELS 64
#define LEAST_P 1e-6
#define MOST_THETA 10.0

struct scan {
  const struct subsetscan_request *request;
  size_t n;
  uint32_t *row;   /* [n] of those searched */
  uint8_t *level;  /* [n] */
  double *outcome; /* [n] 0 or 1; of residuals r/σ */
  double *weight;  /* [n] */
  double p[SUBSETSCAN_LEVELS];
  size_t n_levels;
  struct subset *best; /* [n_starts] */
};

/* What a set of rows adds to F. */
struct mass {
  double n, weight, outcomes;
  double at[SUBSETSCAN_LEVELS]; /* weight at each level */
};

static void mass_add(struct mass *into, const struct mass *from) {
  into->n += from->n;
  into->weight += from->weight;
  into->outcomes += from->outcomes;
  for (size_t l = 0; l < SUBSETSCAN_LEVELS; l++) {
    into->at[l] += from->at[l];
  }
}

static bool is_normal(const struct scan *scan) {
  return scan->request->residual != NULL;
}

static double likelihood(const struct scan *scan, const struct mass *mass, double theta) {
  if (is_normal(scan)) {
    return theta * (mass->outcomes - mass->weight * theta / 2);
  }
  const double q = mathfn_exp(theta);
  double sum = mass->outcomes * theta;
  for (size_t l = 0; l < scan->n_levels; l++) {
    if (mass->at[l] > 0) {
      sum -= mass->at[l] * mathfn_log(1.0 + (q - 1.0) * scan->p[l]);
    }
  }
  return sum;
}

static double slope(const struct scan *scan, const struct mass *mass, double theta) {
  const double q = mathfn_exp(theta);
  double sum = mass->outcomes;
  for (size_t l = 0; l < scan->n_levels; l++) {
    sum -= mass->at[l] * q * scan->p[l] / (1.0 + (q - 1.0) * scan->p[l]);
  }
  return sum;
}

/* θ of the maximum, in [0, MOST_THETA]. */
static double peak(const struct scan *scan, const struct mass *mass) {
  double low = 0, high = MOST_THETA;
  if (is_normal(scan)) {
    return mass->outcomes > 0 ? fmin(mass->outcomes / mass->weight, high) : 0;
  }
  if (slope(scan, mass, low) <= 0) {
    return 0;
  }
  if (slope(scan, mass, high) >= 0) {
    return high; /* 5 */
  }
  for (int i = 0; i < 48; i++) {
    const double middle = (low + high) / 2;
    if (slope(scan, mass, middle) > 0) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (low + high) / 2;
}

/* The positive root of F, 0 when there is none. */
static double root_of(const struct scan *scan, const struct mass *mass) {
  double low = peak(scan, mass), high = MOST_THETA;
  if (low <= 0 || likelihood(scan, mass, high) > 0) {
    return low <= 0 ? 0 : high;
  }
  for (int i = 0; i < 48; i++) {
    const double middle = (low + high) / 2;
    if (likelihood(scan, mass, middle) > 0) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (low + high) / 2;
}

/* ---- subsets ---- */

static size_t place_of(const struct subset *subset, uint32_t column) {
  size_t k = 0;
  while (k < subset->n_columns && subset->column[k] != column) {
    k++;
  }
  return k;
}

static void release(struct subset *subset, uint32_t column) {
  const size_t k = place_of(subset, column);
  if (k < subset->n_columns) {
    subset->n_columns--;
    for (size_t i = k; i < subset->n_columns; i++) {
      subset->column[i] = subset->column[i + 1];
      subset->bins[i] = subset->bins[i + 1];
    }
  }
}

static void restrict_to(struct subset *subset, uint32_t column, uint16_t bins) {
  size_t k = subset->n_columns++;
  for (; k > 0 && subset->column[k - 1] > column; k--) {
    subset->column[k] = subset->column[k - 1];
    subset->bins[k] = subset->bins[k - 1];
  }
  subset->column[k] = column;
  subset->bins[k] = bins;
}

bool subsetscan_holds(const struct bins *bins, const struct subset *subset, size_t row) {
  for (size_t k = 0; k < subset->n_columns; k++) {
    if ((subset->bins[k] >> bins->column[subset->column[k]].bin[row] & 1) == 0) {
      return false;
    }
  }
  return true;
}

struct ordered {
  double theta;
  size_t bin;
};

static int compare_ordered(const void *a, const void *b) {
  const struct ordered *x = a, *y = b;
  if (x->theta != y->theta) {
    return x->theta > y->theta ? -1 : 1;
  }
  return (x->bin > y->bin) - (x->bin < y->bin);
}

/* The exact step: the best set of bins of `column`, the others as they are. `must` keeps the
 * column restricted (a start); else all bins compete, free of the price. */
static void step(const struct scan *scan, uint32_t column, bool must, struct subset *subset) {
  const struct bins *bins = scan->request->bins;
  const size_t n_bins = bins->column[column].n_bins;
  struct mass mass[BINS_MOST] = {{0}};
  struct mass sum = {0};
  struct ordered order[BINS_MOST];
  release(subset, column);
  for (size_t i = 0; i < scan->n; i++) {
    if (subsetscan_holds(bins, subset, scan->row[i])) {
      struct mass *into = &mass[bins->column[column].bin[scan->row[i]]];
      into->n += 1;
      into->weight += scan->weight[i];
      into->outcomes += scan->weight[i] * scan->outcome[i];
      into->at[scan->level[i]] += scan->weight[i];
    }
  }
  const double price = SUBSETSCAN_PRICE * (double)subset->n_columns;
  for (size_t v = 0; v < n_bins; v++) {
    order[v] = (struct ordered){root_of(scan, &mass[v]), v};
    mass_add(&sum, &mass[v]);
  }
  subset->ratio = likelihood(scan, &sum, peak(scan, &sum));
  const bool stands = !must && sum.n >= (double)scan->request->least_rows;
  subset->score = stands ? subset->ratio - price : -INFINITY;
  qsort(order, n_bins, sizeof *order, compare_ordered);
  uint16_t chosen = 0, best = 0;
  sum = (struct mass){0};
  for (size_t k = 0; k < n_bins && order[k].theta > 0; k++) {
    mass_add(&sum, &mass[order[k].bin]);
    chosen |= (uint16_t)(1u << order[k].bin);
    const double ratio = likelihood(scan, &sum, peak(scan, &sum));
    if (sum.n >= (double)scan->request->least_rows && /* 4 */
        ratio - price - SUBSETSCAN_PRICE > subset->score) {
      best = chosen;
      subset->ratio = ratio;
      subset->score = ratio - price - SUBSETSCAN_PRICE;
    }
  }
  if (best != 0) {
    restrict_to(subset, column, best);
  }
}

static void climb(const struct scan *scan, struct subset *subset) {
  const struct bins *bins = scan->request->bins;
  double before = -INFINITY;
  do {
    before = subset->score;
    for (uint32_t c = 0; c < bins->n_columns; c++) {
      const bool is_free = place_of(subset, c) == subset->n_columns;
      if (bins->column[c].n_bins > 1 && !(is_free && subset->n_columns == SUBSETSCAN_DEPTH)) {
        step(scan, c, false, subset); /* 3 */
      }
    }
  } while (subset->score > before + 1e-9);
}

/* Case 7: start 0 is free, 1 … n_columns a column each, then random ones. */
static nonet_status run_start(void *context, size_t item, size_t worker, nonet_error *error) {
  struct scan *scan = context;
  const struct bins *bins = scan->request->bins;
  struct subset *subset = &scan->best[item];
  (void)worker, (void)error;
  *subset = (struct subset){.score = -INFINITY};
  if (item > 0 && item <= bins->n_columns) {
    step(scan, (uint32_t)(item - 1), true, subset);
  } else if (item > bins->n_columns) {
    for (uint64_t k = 0; k < SUBSETSCAN_DEPTH; k++) {
      const struct philox_block draw =
          philox_row(scan->request->seed, PHILOX_SCAN, item - bins->n_columns, k);
      const uint32_t c = (uint32_t)(draw.word[0] % bins->n_columns);
      const uint16_t all = (uint16_t)((1u << bins->column[c].n_bins) - 1);
      const uint16_t some = (uint16_t)(draw.word[1] & all);
      release(subset, c);
      if (some != 0 && some != all) {
        restrict_to(subset, c, some);
      }
    }
  }
  climb(scan, subset);
  return NONET_OK;
}

/* ---- rows ---- */

struct valued {
  double p;
  uint32_t row;
};

static int compare_valued(const void *a, const void *b) {
  const struct valued *x = a, *y = b;
  if (x->p != y->p) {
    return x->p < y->p ? -1 : 1;
  }
  return (x->row > y->row) - (x->row < y->row);
}

/* Case 2; `sorted` are the rows by p. */
static void make_levels(struct scan *scan, const struct valued *sorted) {
  size_t n_different = 0, level = 0;
  double weight[SUBSETSCAN_LEVELS] = {0};
  for (size_t i = 0; i < scan->n; i++) {
    n_different += i == 0 || sorted[i].p != sorted[i - 1].p;
  }
  for (size_t i = 0, at = 0; i < scan->n; i++) {
    at += i > 0 && sorted[i].p != sorted[i - 1].p;
    if (n_different <= SUBSETSCAN_LEVELS) {
      level = at;
    } else if (i == 0 || sorted[i].p != sorted[i - 1].p) {
      level = i * SUBSETSCAN_LEVELS / scan->n;
    }
    const double w = scan->weight[sorted[i].row];
    scan->level[sorted[i].row] = (uint8_t)level;
    weight[level] += w;
    scan->p[level] += w * sorted[i].p;
  }
  scan->n_levels = SUBSETSCAN_LEVELS;
  for (size_t l = 0; l < SUBSETSCAN_LEVELS; l++) {
    scan->p[l] = weight[l] > 0 ? scan->p[l] / weight[l] : 0.5;
  }
}

/* Residuals in units of σ; 6. */
static void standardise(struct scan *scan) {
  double square = 0, weight = 0;
  for (size_t i = 0; i < scan->n; i++) {
    square += scan->weight[i] * scan->outcome[i] * scan->outcome[i];
    weight += scan->weight[i];
  }
  for (size_t i = 0; i < scan->n && square > 0; i++) {
    scan->outcome[i] /= sqrt(square / weight);
  }
}

static bool gather(const struct subsetscan_request *request, struct scan *scan) {
  const size_t n_most = request->bins->n_rows;
  struct valued *sorted = memory_new(n_most, sizeof *sorted);
  scan->row = memory_new(n_most, sizeof *scan->row);
  scan->level = memory_new(n_most, 1);
  scan->outcome = memory_new(n_most, sizeof *scan->outcome);
  scan->weight = memory_new(n_most, sizeof *scan->weight);
  const bool fits = sorted != NULL && scan->row != NULL && scan->level != NULL &&
                    scan->outcome != NULL && scan->weight != NULL;
  for (size_t i = 0; i < n_most && fits; i++) {
    if (request->in[i]) {
      const size_t k = scan->n++;
      scan->row[k] = (uint32_t)i;
      scan->weight[k] = request->weight == NULL ? 1.0 : request->weight[i];
      if (is_normal(scan)) {
        scan->outcome[k] = request->is_fewer ? -request->residual[i] : request->residual[i];
        continue;
      }
      const double p = fmin(fmax(request->expected[i], LEAST_P), 1 - LEAST_P); /* 1 */
      scan->outcome[k] = request->outcome[i] != request->is_fewer;
      sorted[k] = (struct valued){request->is_fewer ? 1 - p : p, (uint32_t)k};
    }
  }
  if (fits && is_normal(scan)) {
    memset(scan->level, 0, n_most);
    standardise(scan);
  } else if (fits) {
    qsort(sorted, scan->n, sizeof *sorted, compare_valued);
    make_levels(scan, sorted);
  }
  memory_free(sorted);
  return fits;
}

nonet_status subsetscan_find(const struct subsetscan_request *request, struct subset *found,
                             nonet_error *error) {
  const size_t n_starts =
      1 + request->bins->n_columns + (request->bins->n_columns > 0 ? request->n_restarts : 0);
  struct scan scan = {.request = request};
  nonet_status status = NONET_OK;
  *found = (struct subset){0};
  scan.best = memory_zeroed(n_starts, sizeof *scan.best);
  if (scan.best == NULL || !gather(request, &scan)) {
    status = error_memory(error, request->bins->n_rows * sizeof *scan.row, "a scan of subsets");
  }
  if (status == NONET_OK && scan.n >= request->least_rows) {
    status = parallel_for(request->n_threads, n_starts, run_start, &scan, error);
  }
  for (size_t s = 0; s < n_starts && status == NONET_OK; s++) {
    if (scan.best[s].score > 0 && (!found->is_found || scan.best[s].score > found->score)) {
      *found = scan.best[s];
      found->is_found = true;
    }
  }
  memory_free(scan.row);
  memory_free(scan.level);
  memory_free(scan.outcome);
  memory_free(scan.weight);
  memory_free(scan.best);
  return status;
}

void subsetscan_words(const struct bins *bins, const struct subset *subset, struct text *text) {
  text_append(text, subset->n_columns == 0 ? "all rows" : "");
  for (size_t k = 0; k < subset->n_columns; k++) {
    const struct bins_column *column = &bins->column[subset->column[k]];
    struct text words = {0};
    bins_words(column, subset->bins[k], &words);
    const bool is_either = !words.failed && column->is_cut && strstr(words.data, " or ") != NULL;
    text_printf(text, "%s%s%s%s", k > 0 ? " and " : "", is_either ? "(" : "",
                words.failed ? "" : words.data, is_either ? ")" : "");
    text->failed = text->failed || words.failed;
    text_clear(&words);
  }
}
