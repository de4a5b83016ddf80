/*
 * Intervals for one number.
 *
 * Wilson (z² = quantile²): the nulls p with |k - np| = z √(n p (1 - p)). The upper root is
 *   U = (k + z²/2 + z √(k (n - k)/n + z²/4)) / (n + z²), the lower one L = (k²/n) / ((n + z²) U),
 * which loses nothing near 0. Clopper-Pearson: beta quantiles, L = B(α/2; k, n - k + 1), U = B(1 -
 * α/2; k + 1, n - k). MOVER ratio: L = l1(2a - l1) / (ab + √(a²b² - l1(2a - l1) u2(2b - u2))), the
 * conjugate form of Donner & Zou's bound, finite also where u2 >= 2b; U likewise with l2 > 0.
 *
 * 1. Nulls outside a parameter's range are certain: p is 0 or 1. 2. A null at the estimate of an
 * error-free number (se 0) is not rejected by either side. 3. k = 0 and k = n: the bound on that
 * side is the end of the range, its p is 1. 4. NaN in, NaN out.
 */
#include "stats/interval.h"

#include <math.h>
#include <stdbool.h>

#include "stats/distribution.h"
#include "stats/exactsum.h"
#include "stats/root.h"

static const struct interval nowhere = {NAN, NAN, NAN};

static bool is_level(double level) {
  return level > 0 && level < 1;
}

static bool is_count(double k, double n) {
  return n > 0 && n < INFINITY && k >= 0 && k <= n;
}

/* 1: a null at or beyond the ends of [least, most]; NaN when it is inside */
static double p_outside(double null, double least, double most, enum interval_side side) {
  if (isnan(null)) {
    return NAN;
  }
  if (null < least) {
    return side == INTERVAL_GREATER ? 0 : 1;
  }
  return null > most ? (side == INTERVAL_GREATER ? 1 : 0) : NAN;
}

static double p_of_z(double z, double df, enum interval_side side) {
  return distribution_t_sf(side == INTERVAL_GREATER ? z : -z, df);
}

/* ---- proportions ---- */

struct interval interval_wilson_z(double k, double n, double z) {
  if (!is_count(k, n) || !(z >= 0)) {
    return nowhere;
  }
  double square = z * z;
  double spread = z * sqrt(k * ((n - k) / n) + square / 4);
  double upper = (k + square / 2 + spread) / (n + square);
  double upper_of_rest = ((n - k) + square / 2 + spread) / (n + square);
  double lower = k > 0 ? k * (k / n) / ((n + square) * upper) : 0; /* 3 */
  upper = k < n ? 1 - (n - k) * ((n - k) / n) / ((n + square) * upper_of_rest) : 1;
  return (struct interval){k / n, lower, upper};
}

struct interval interval_wilson(double k, double n, double level) {
  return is_level(level) ? interval_wilson_z(k, n, distribution_normal_z(level)) : nowhere;
}

double interval_wilson_p(double k, double n, double null, enum interval_side side) {
  if (!is_count(k, n) || isnan(null)) {
    return NAN;
  }
  double certain = p_outside(null, 0, 1, side);
  if (!isnan(certain)) {
    return certain;
  }
  double difference = k - n * null;
  if (null == 0 || null == 1) { /* 3 */
    bool rejects = side == INTERVAL_GREATER ? difference > 0 : difference < 0;
    return rejects ? 0 : 1;
  }
  return p_of_z(difference / sqrt(n * null * (1 - null)), INFINITY, side);
}

struct interval interval_clopper_pearson(double k, double n, double level) {
  if (!is_count(k, n) || !is_level(level)) {
    return nowhere;
  }
  double tail = (1 - level) / 2;
  return (struct interval){k / n, k > 0 ? distribution_beta_quantile(tail, k, n - k + 1) : 0,
                           k < n ? distribution_beta_quantile_sf(tail, k + 1, n - k) : 1};
}

double interval_clopper_pearson_p(double k, double n, double null, enum interval_side side) {
  if (!is_count(k, n) || isnan(null)) {
    return NAN;
  }
  double certain = p_outside(null, 0, 1, side);
  if (!isnan(certain)) {
    return certain;
  }
  if (side == INTERVAL_GREATER) {
    return k > 0 ? distribution_beta_cdf(null, k, n - k + 1) : 1;
  }
  return k < n ? distribution_beta_sf(null, k + 1, n - k) : 1;
}

struct interval interval_jeffreys(double k, double n, double level) {
  if (!is_count(k, n) || !is_level(level)) {
    return nowhere;
  }
  double tail = (1 - level) / 2, a = k + 0.5, b = n - k + 0.5;
  return (struct interval){k / n, k > 0 ? distribution_beta_quantile(tail, a, b) : 0,
                           k < n ? distribution_beta_quantile_sf(tail, a, b) : 1};
}

double interval_jeffreys_p(double k, double n, double null, enum interval_side side) {
  if (!is_count(k, n) || isnan(null)) {
    return NAN;
  }
  double certain = p_outside(null, 0, 1, side);
  if (!isnan(certain)) {
    return certain;
  }
  if (side == INTERVAL_GREATER) {
    return k > 0 ? distribution_beta_cdf(null, k + 0.5, n - k + 0.5) : 1;
  }
  return k < n ? distribution_beta_sf(null, k + 0.5, n - k + 0.5) : 1;
}

/* ---- an estimate with its standard error ---- */

struct interval interval_t(double value, double se, double df, double level) {
  if (!is_level(level) || !(se >= 0) || !(df > 0) || isnan(value)) {
    return (struct interval){value, NAN, NAN};
  }
  double half = se > 0 ? distribution_t_z(level, df) * se : 0;
  return (struct interval){value, value - half, value + half};
}

double interval_t_p(double value, double se, double df, double null, enum interval_side side) {
  if (isnan(value) || isnan(null) || !(se >= 0) || !(df > 0)) {
    return NAN;
  }
  if (se == 0) { /* 2 */
    bool rejects = side == INTERVAL_GREATER ? value > null : value < null;
    return rejects ? 0 : 1;
  }
  return p_of_z((value - null) / se, df, side);
}

struct interval interval_normal(double value, double se, double level) {
  return interval_t(value, se, INFINITY, level);
}

double interval_normal_p(double value, double se, double null, enum interval_side side) {
  return interval_t_p(value, se, INFINITY, null, side);
}

struct interval interval_fisher_z(double value, double se, double level) {
  if (!(fabs(value) <= 1)) {
    return nowhere;
  }
  if (fabs(value) == 1) {
    return interval_t(value, 0, INFINITY, level);
  }
  struct interval z = interval_normal(atanh(value), se / (1 - value * value), level);
  return (struct interval){value, tanh(z.low), tanh(z.high)};
}

double interval_fisher_z_p(double value, double se, double null, enum interval_side side) {
  if (!(fabs(value) <= 1)) {
    return NAN;
  }
  double certain = p_outside(null, -1, 1, side);
  if (!isnan(certain) || isnan(null)) {
    return certain;
  }
  if (fabs(value) == 1 || fabs(null) == 1) {
    return interval_t_p(value, 0, INFINITY, null, side);
  }
  return interval_normal_p(atanh(value), se / (1 - value * value), atanh(null), side);
}

static double logit(double p) {
  return log(p) - log1p(-p);
}

static double unlogit(double x) {
  return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

struct interval interval_logit(double value, double se, double level) {
  if (!(value >= 0 && value <= 1)) {
    return nowhere;
  }
  if (value == 0 || value == 1) {
    return interval_t(value, 0, INFINITY, level);
  }
  struct interval x = interval_normal(logit(value), se / (value * (1 - value)), level);
  return (struct interval){value, unlogit(x.low), unlogit(x.high)};
}

double interval_logit_p(double value, double se, double null, enum interval_side side) {
  if (!(value >= 0 && value <= 1)) {
    return NAN;
  }
  double certain = p_outside(null, 0, 1, side);
  if (!isnan(certain) || isnan(null)) {
    return certain;
  }
  if (value == 0 || value == 1 || null == 0 || null == 1) {
    return interval_t_p(value, 0, INFINITY, null, side);
  }
  return interval_normal_p(logit(value), se / (value * (1 - value)), logit(null), side);
}

struct interval interval_log_ratio(double value, double se_log, double df, double level) {
  if (!(value > 0)) {
    return nowhere;
  }
  struct interval x = interval_t(log(value), se_log, df, level);
  return (struct interval){value, exp(x.low), exp(x.high)};
}

double interval_log_ratio_p(double value, double se_log, double df, double null,
                            enum interval_side side) {
  if (!(value > 0) || isnan(null)) {
    return NAN;
  }
  if (null <= 0) {
    return side == INTERVAL_GREATER ? 0 : 1;
  }
  return interval_t_p(log(value), se_log, df, log(null), side);
}

/* ---- means ---- */

static void mean_and_se(const double *a, const double *b, size_t n, double *mean, double *se) {
  struct exactmoments moments = {0};
  double difference[256];
  if (b == NULL) {
    exactmoments_add_array(&moments, a, n);
  } else {
    for (size_t i = 0; i < n;) {
      size_t take = n - i < 256 ? n - i : 256;
      for (size_t j = 0; j < take; j++) {
        difference[j] = a[i + j] - b[i + j];
      }
      exactmoments_add_array(&moments, difference, take);
      i += take;
    }
  }
  *mean = exactmoments_mean(&moments);
  *se = sqrt(exactmoments_variance(&moments) / (double)n);
}

struct interval interval_mean(const double *x, size_t n, double level) {
  return interval_mean_paired(x, NULL, n, level);
}

double interval_mean_p(const double *x, size_t n, double null, enum interval_side side) {
  return interval_mean_paired_p(x, NULL, n, null, side);
}

struct interval interval_mean_paired(const double *a, const double *b, size_t n, double level) {
  double mean, se;
  mean_and_se(a, b, n, &mean, &se);
  return interval_t(mean, se, (double)n - 1, level);
}

double interval_mean_paired_p(const double *a, const double *b, size_t n, double null,
                              enum interval_side side) {
  double mean, se;
  mean_and_se(a, b, n, &mean, &se);
  return interval_t_p(mean, se, (double)n - 1, null, side);
}

/* ---- MOVER ---- */

struct interval interval_mover_difference(struct interval a, struct interval b,
                                          double correlation) {
  double a_down = a.value - a.low, a_up = a.high - a.value;
  double b_down = b.value - b.low, b_up = b.high - b.value;
  double down = a_down * a_down - 2 * correlation * a_down * b_up + b_up * b_up;
  double up = a_up * a_up - 2 * correlation * a_up * b_down + b_down * b_down;
  double value = a.value - b.value;
  /* Written so that a NaN stays one: fmax would hide it. */
  return (struct interval){value, value - sqrt(down < 0 ? 0 : down), value + sqrt(up < 0 ? 0 : up)};
}

struct interval interval_mover_ratio(struct interval a, struct interval b) {
  if (!(b.value > 0)) {
    return nowhere;
  }
  double product = a.value * b.value;
  double a_low = a.low * (2 * a.value - a.low), b_high = b.high * (2 * b.value - b.high);
  double a_high = a.high * (2 * a.value - a.high), b_low = b.low * (2 * b.value - b.low);
  double under_low = product * product - a_low * b_high;
  double under_high = product * product - a_high * b_low;
  double bottom = product + sqrt(under_low < 0 ? 0 : under_low);
  double low = bottom > 0 ? a_low / bottom : a_low == 0 ? 0 : NAN;
  double high = b.low > 0 ? (product + sqrt(under_high < 0 ? 0 : under_high)) / b_low : INFINITY;
  return (struct interval){a.value / b.value, low, high};
}

struct inversion {
  interval_family family;
  const void *context;
  double null;
  bool low;
};

static double inversion_gap(const void *context, double z) {
  const struct inversion *problem = context;
  struct interval at = problem->family(problem->context, z);
  return problem->low ? at.low - problem->null : problem->null - at.high;
}

double interval_p_by_inversion(interval_family family, const void *context, double null,
                               enum interval_side side) {
  const double z_most = 37;
  struct interval at = family(context, 1);
  if (isnan(at.value) || isnan(null)) {
    return NAN;
  }
  bool above = at.value > null; /* the null lies below the estimate: the lower bound meets it */
  struct inversion problem = {family, context, null, above};
  double z = 0;
  if (at.value != null) {
    double far_gap = inversion_gap(&problem, z_most);
    z = isnan(far_gap) ? NAN
        : far_gap > 0  ? z_most
                       : root_find(inversion_gap, &problem, 0, z_most, 1e-13);
  }
  return p_of_z(above ? z : -z, INFINITY, side);
}

/* ---- quantiles ---- */

double interval_quantile7(const double *sorted, size_t n, double p) {
  if (n == 0 || !(p >= 0 && p <= 1)) {
    return NAN;
  }
  double place = (double)(n - 1) * p;
  size_t below = (size_t)place;
  double share = place - (double)below;
  if (share == 0 || below + 1 >= n || sorted[below] == sorted[below + 1]) {
    return sorted[below < n ? below : n - 1]; /* also where the neighbours are infinite */
  }
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

struct interval_ranks interval_quantile_ranks(size_t n, double p, double level) {
  struct interval_ranks ranks = {0, n + 1};
  if (!(p >= 0 && p <= 1) || !is_level(level)) {
    return ranks;
  }
  double tail = (1 - level) / 2, count = (double)n;
  size_t good = 0, bad = n + 1; /* the largest rank l with P(Bin <= l - 1) <= tail */
  while (bad - good > 1) {
    size_t middle = good + (bad - good) / 2;
    bool holds = distribution_binomial_cdf((double)middle - 1, count, p) <= tail;
    *(holds ? &good : &bad) = middle;
  }
  ranks.low = good;
  bad = 0;
  good = n + 1; /* the smallest rank u with P(Bin >= u) <= tail */
  while (good - bad > 1) {
    size_t middle = bad + (good - bad) / 2;
    bool holds = distribution_binomial_sf((double)middle - 1, count, p) <= tail;
    *(holds ? &good : &bad) = middle;
  }
  ranks.high = good;
  return ranks;
}

struct interval interval_quantile(const double *sorted, size_t n, double p, double level) {
  struct interval_ranks ranks = interval_quantile_ranks(n, p, level);
  return (struct interval){interval_quantile7(sorted, n, p),
                           ranks.low >= 1 ? sorted[ranks.low - 1] : NAN,
                           ranks.high <= n ? sorted[ranks.high - 1] : NAN};
}

/* How many sorted values are < limit, or <= limit. */
static size_t count_below(const double *sorted, size_t n, double limit, bool or_equal) {
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    bool is_below = or_equal ? sorted[middle] <= limit : sorted[middle] < limit;
    if (is_below) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

double interval_quantile_p(const double *sorted, size_t n, double p, double null,
                           enum interval_side side) {
  if (n == 0 || !(p >= 0 && p <= 1) || isnan(null)) {
    return NAN;
  }
  if (side == INTERVAL_GREATER) {
    return distribution_binomial_cdf((double)count_below(sorted, n, null, true), (double)n, p);
  }
  return distribution_binomial_sf((double)count_below(sorted, n, null, false) - 1, (double)n, p);
}

size_t interval_quantile_n_needed(double p, double level) {
  if (!(p > 0 && p < 1) || !is_level(level)) {
    return 0;
  }
  double tail = (1 - level) / 2, extreme = p > 0.5 ? p : 1 - p;
  double n = ceil(log(tail) / log(extreme)); /* extreme^n <= tail; its rounding is settled below */
  while (n > 1 && pow(extreme, n - 1) <= tail) {
    n--;
  }
  while (pow(extreme, n) > tail) {
    n++;
  }
  return (size_t)n;
}
