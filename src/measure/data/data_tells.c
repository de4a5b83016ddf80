/*
 * What one column tells of a label.
 *
 *   number and classes   |2·AUC − 1| of the column as a score (Somers' D), of the class it tells
 *                        best where there are several; DeLong's interval of the AUC on logits
 *   category and classes Cramér's V without its bias (Bergsma 2013):
 *                          φ² = max(0, χ²/n − (r−1)(k−1)/(n−1)),  V = sqrt(φ²/min(k'−1, r'−1)),
 *                          r' = r − (r−1)²/(n−1), k' likewise; its limits by inversion of χ² (5)
 *   number and number    |Spearman's ρ|; Fisher's z with 1.06/sqrt(n − 3) (Fieller et al. 1957)
 *
 * Cases:
 *  1. A missing value of a number does not count as a row; of a category it is a value: that it is
 *     missing may tell most of all.
 *  2. AUC 1 (or V, ρ): the usual standard error is 0. The lower bound is then Wilson's of m out of
 *     m, m the rows of the smaller class (all rows).
 *  3. Fewer than two classes or values with rows, or fewer than 4 rows: nothing.
 *  4. Of several classes the best is taken: a little too much, which Bonferroni's level makes up
 * for nowhere near the thresholds that findings use.
 *  5. χ² of n rows is about noncentral with df and λ = n φ², so that those λ are within the limits
 *     for which neither so large nor so small a χ² has a probability below (1 − level)/2 (Smithson
 *     2003, chapter 4). Far from independence it spreads m = σ²/(4 φ²) times as much, σ² the delta
 *     method's variance of φ² in a multinomial table: df + (χ² − df)/m is then noncentral with λ/m;
 *     m below 1 counts as 1. Of a χ² below df the upper limit is that of df.
 */
#include "measure/data/data_tells.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/interval.h"
#include "stats/rankcorr.h"
#include "stats/ranking.h"
#include "stats/sortkey.h"

#define LEAST_ROWS 4
#define FIELLER 1.06

/* The rows that count (case 1): keys of values and labels side by side. */
static size_t pair_up(const struct frame_column *column, const uint32_t *label, size_t n,
                      uint64_t *key, uint32_t *of) {
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    if (label[i] != TELLS_NO_CLASS && isfinite(column->number[i])) {
      key[k] = sortkey_f64(column->number[i]);
      of[k++] = label[i];
    }
  }
  return k;
}

/* The class that the column tells best; of two, the second. */
static struct tells best_of(const struct ranking_auc *each, size_t n_classes) {
  struct tells tells = {.kind = TELLS_NOTHING};
  for (size_t c = n_classes == 2 ? 1 : 0; c < n_classes; c++) {
    const double auc = each[c].auc < 0.5 ? 1 - each[c].auc : each[c].auc;
    const uint64_t with = each[c].n_positives, without = each[c].n_negatives;
    if (isfinite(auc) && (tells.kind == TELLS_NOTHING || auc > tells.auc)) {
      tells = (struct tells){.kind = TELLS_AUC,
                             .value = 2 * auc - 1,
                             .n = (double)(with + without),
                             .auc = auc,
                             .se = sqrt(each[c].variance),
                             .least = (double)(with < without ? with : without)};
    }
  }
  return tells;
}

static nonet_status tell_by_number(const struct frame_column *column, const uint32_t *label,
                                   size_t n, size_t n_classes, size_t n_threads,
                                   struct tells *tells, nonet_error *error) {
  uint64_t *key = memory_new(n + 1, sizeof *key);
  uint32_t *of = memory_new(n + 1, sizeof *of);
  struct ranking_auc *each = memory_new(n_classes + 1, sizeof *each);
  nonet_status status = key != NULL && of != NULL && each != NULL
                            ? NONET_OK
                            : error_memory(error, n * sizeof *key + n_classes * sizeof *each,
                                           "a column and its label");
  if (status == NONET_OK) {
    const size_t k = pair_up(column, label, n, key, of);
    if (k >= LEAST_ROWS) {
      status = ranking_each_class(key, of, k, n_classes, n_threads, each, error);
      *tells = status == NONET_OK ? best_of(each, n_classes) : *tells;
    }
  }
  memory_free(key);
  memory_free(of);
  memory_free(each);
  return status;
}

/* Case 5: m of the table of counts. */
static double spread_of(const double *count, size_t r, size_t k, const double *row,
                        const double *column, double n, double *by_column, double chi2) {
  double variance = 0;
  for (size_t j = 0; j < k; j++) {
    by_column[j] = 0;
    for (size_t i = 0; i < r && column[j] > 0; i++) {
      const double q = count[i * k + j];
      by_column[j] += row[i] > 0 ? q * q / (row[i] * column[j] * column[j]) : 0;
    }
  }
  for (size_t i = 0; i < r; i++) {
    double by_row = 0;
    for (size_t j = 0; j < k && row[i] > 0; j++) {
      const double q = count[i * k + j];
      by_row += column[j] > 0 ? q * q / (row[i] * row[i] * column[j]) : 0;
    }
    for (size_t j = 0; j < k; j++) {
      const double q = count[i * k + j];
      const double slope = q > 0 ? n * (2 * q / (row[i] * column[j]) - by_row - by_column[j]) : 0;
      variance += q / n * slope * slope;
    }
  }
  return chi2 > 0 ? fmax(1, variance * n / (4 * chi2)) : 1;
}

/* χ² of the table of counts; *n_rows, *n_columns those that occur. */
static double chi_square(const double *count, size_t r, size_t k, double *row, double *column,
                         double n, double *n_rows, double *n_columns) {
  double sum = 0;
  *n_rows = *n_columns = 0;
  for (size_t i = 0; i < r; i++) {
    *n_rows += row[i] > 0;
  }
  for (size_t j = 0; j < k; j++) {
    *n_columns += column[j] > 0;
  }
  for (size_t i = 0; i < r; i++) {
    for (size_t j = 0; j < k; j++) {
      if (row[i] > 0 && column[j] > 0) {
        const double expected = row[i] * column[j] / n, step = count[i * k + j] - expected;
        sum += step * step / expected;
      }
    }
  }
  return sum;
}

static void say_v(double chi2, double spread, double n, double r, double k, struct tells *tells) {
  if (r < 2 || k < 2 || n < LEAST_ROWS) { /* 3 */
    return;
  }
  const double phi2 = fmax(0, chi2 / n - (r - 1) * (k - 1) / (n - 1));
  const double r1 = r - (r - 1) * (r - 1) / (n - 1), k1 = k - (k - 1) * (k - 1) / (n - 1);
  const double least = fmin(r1, k1) - 1;
  *tells = (struct tells){.kind = TELLS_V,
                          .value = least > 0 ? fmin(1, sqrt(phi2 / least)) : 0,
                          .n = n,
                          .least = least,
                          .chi2 = chi2,
                          .df = (r - 1) * (k - 1),
                          .spread = spread};
}

static nonet_status tell_by_category(const struct frame_column *column, const uint32_t *label,
                                     size_t n, size_t n_classes, struct tells *tells,
                                     nonet_error *error) {
  const size_t r = column->n_values + 1; /* the last: missing */
  double *count = memory_zeroed(r * n_classes + r + 2 * n_classes, sizeof *count), all = 0;
  if (count == NULL) {
    return error_memory(error, r * n_classes * sizeof *count, "a column and its label");
  }
  double *row = count + r * n_classes, *of = row + r, n_rows, n_columns;
  for (size_t i = 0; i < n; i++) {
    if (label[i] != TELLS_NO_CLASS) {
      const size_t value = column->code[i] == FRAME_NULL ? r - 1 : column->code[i];
      count[value * n_classes + label[i]] += 1;
      row[value] += 1;
      of[label[i]] += 1;
      all += 1;
    }
  }
  const double chi2 = chi_square(count, r, n_classes, row, of, all, &n_rows, &n_columns);
  const double spread = spread_of(count, r, n_classes, row, of, all, of + n_classes, chi2);
  say_v(chi2, spread, all, n_rows, n_columns, tells);
  memory_free(count);
  return NONET_OK;
}

nonet_status data_tells_class(const struct frame_column *column, const uint32_t *label, size_t n,
                              size_t n_classes, size_t n_threads, struct tells *tells,
                              nonet_error *error) {
  *tells = (struct tells){.kind = TELLS_NOTHING};
  return column->kind == FRAME_NUMBER
             ? tell_by_number(column, label, n, n_classes, n_threads, tells, error)
             : tell_by_category(column, label, n, n_classes, tells, error);
}

nonet_status data_tells_number(const struct frame_column *column, const double *target, size_t n,
                               size_t n_threads, struct tells *tells, nonet_error *error) {
  *tells = (struct tells){.kind = TELLS_NOTHING};
  double *x = memory_new(n + 1, sizeof *x), *y = memory_new(n + 1, sizeof *y), rho = NAN;
  nonet_status status = x != NULL && y != NULL
                            ? NONET_OK
                            : error_memory(error, n * sizeof *x, "a column and its label");
  size_t k = 0;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    if (isfinite(column->number[i])) {
      x[k] = column->number[i];
      y[k++] = target[i];
    }
  }
  if (status == NONET_OK && k >= LEAST_ROWS) {
    status = rankcorr_spearman(x, y, NULL, k, n_threads, &rho, NULL, error);
  }
  if (status == NONET_OK && isfinite(rho)) {
    *tells = (struct tells){.kind = TELLS_RANK,
                            .value = fabs(rho),
                            .n = (double)k,
                            .se = FIELLER / sqrt((double)k - 3)};
  }
  memory_free(x);
  memory_free(y);
  return status;
}

/* The λ for which a χ² of at most x has the probability p; 0: none has so little. */
static double noncentrality_of(double x, double df, double p) {
  double low = 0, high = x + 1;
  while (distribution_noncentral_chi_square_cdf(x, df, high) > p) {
    low = high;
    high *= 2;
  }
  for (int step = 0; step < 60; step++) {
    const double middle = low + (high - low) / 2;
    if (distribution_noncentral_chi_square_cdf(x, df, middle) > p) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/* Case 5. */
static void v_limits(const struct tells *tells, double level, double *low, double *high) {
  const double tail = (1 - level) / 2, df = tells->df, whole = tells->n * tells->least;
  const double x = fmax(0, df + (tells->chi2 - df) / tells->spread);
  const double least = tells->spread * noncentrality_of(x, df, 1 - tail);
  const double most = tells->spread * noncentrality_of(fmax(x, df), df, tail);
  *low = whole > 0 ? fmin(tells->value, sqrt(least / whole)) : 0;
  *high = whole > 0 ? fmin(1, fmax(tells->value, sqrt(most / whole))) : 1;
}

void data_tells_limits(const struct tells *tells, double level, double *low, double *high) {
  const double z = distribution_normal_z(level);
  if (tells->value >= 1) { /* 2 */
    const double m = tells->kind == TELLS_AUC ? tells->least : tells->n;
    *low = interval_wilson(m, m, level).low;
    *low = tells->kind == TELLS_AUC ? fmax(0, 2 * *low - 1) : *low;
    *high = 1;
  } else if (tells->kind == TELLS_AUC) {
    ranking_logit_limits(tells->auc, tells->se, z, low, high);
    *low = fmax(0, 2 * *low - 1);
    *high = fmax(0, 2 * *high - 1);
  } else if (tells->kind == TELLS_V) {
    v_limits(tells, level, low, high);
  } else {
    rankcorr_fisher_limits(tells->value, tells->se, z, low, high);
    *low = fmax(0, *low);
  }
}

const char *data_tells_method(const struct tells *tells) {
  return tells->kind == TELLS_AUC ? "delong" : tells->kind == TELLS_V ? "chi-square" : "fisher-z";
}
