/*
 * One law, two questions: the bounds at a level and the p-value at a null. For every kind they are
 * one test inverted: with alpha = (1 - level)/2, low is the null at which p(upper) passes alpha,
 * high the one at which p(lower) does.
 *
 * The cases:
 *  1. MISSING, or a number that is not there: bounds NaN, p = 1.
 *  2. EXACT, and T with se = 0: the value is both bounds; p is 0 where the value lies strictly
 * beyond the null, else 1.
 *  3. T on a scale g: g(value) ± t se, mapped back; a value at the scale's end (logit of 0) has no
 * interval.
 *  4. WILSON, p0 the null carried back through `transform`; the statistic z(p0) = (p - p0)/√(p0(1 -
 * p0)/n) against t(df), which is the interval of Wilson (1927) at the normal level that has the
 * same quantile.
 *  5. TANGO: whole b and c below 20 together go to the exact unconditional test (Tango's order,
 * supremum over the nuisance); fractional ones to the score test.
 *  6. AUC_PAIR: d ± z·√(va + vb - 2 cov), and MOVER (Zou & Donner 2008) of the two logit limits
 * with their correlation; p is the larger.
 *  7. REPLICATES, B sorted: p(upper) at c = (#{r <= c} + 1)/(B + 1), so low = r(k) with k =
 * floor(alpha (B + 1)), and high = r(B + 1 - k). k < 1: B is too small for the level, no bound. BCa
 * (Efron 1987): a share u becomes z = w/(1 + a w) - z0 with w = Φ⁻¹(u) - z0.
 *  8. BOOT_T: p(upper) = (#{t* >= (g(value) - g(null))/se} + 1)/(B + 1), so low = g⁻¹(g(value) -
 * se·t*(B + 1 - k)).
 *  9. LIMITS: p by bisection on the level of the measure's own bounds, or as the measure gives it.
 * 10. Bounds are cut to [null_low, null_high]; never past the value by rounding.
 * 11. Negated: the law of θ answers with its sides exchanged; only value and range are kept turned.
 */
#include "measure/inference.h"

#include <math.h>
#include <stdint.h>

#include "stats/distribution.h"
#include "stats/interval.h"
#include "stats/paired.h"

struct inference inference_none(const char *method) {
  return (struct inference){.kind = INFERENCE_MISSING,
                            .method = method,
                            .value = NAN,
                            .null_low = -INFINITY,
                            .null_high = INFINITY,
                            .df = INFINITY,
                            .pair_value = {NAN, NAN},
                            .pair_variance = {NAN, NAN},
                            .pair_covariance = NAN,
                            .acceleration = NAN};
}

static double scale_to(enum inference_scale scale, double x) {
  switch (scale) {
  case SCALE_LOGIT:
    return x >= 0 && x <= 1 ? log(x) - log1p(-x) : NAN;
  case SCALE_LOG:
    return x >= 0 ? log(x) : NAN;
  case SCALE_FISHER_Z:
    return x >= -1 && x <= 1 ? atanh(x) : NAN;
  case SCALE_IDENTITY:
    break;
  }
  return x;
}

static double scale_from(enum inference_scale scale, double y) {
  switch (scale) {
  case SCALE_LOGIT:
    return 1 / (1 + exp(-y));
  case SCALE_LOG:
    return exp(y);
  case SCALE_FISHER_Z:
    return tanh(y);
  case SCALE_IDENTITY:
    break;
  }
  return y;
}

/* g(null) for a null that may lie outside the scale's domain: then it is beyond every value. */
static double scale_null(enum inference_scale scale, double null) {
  double low = scale == SCALE_FISHER_Z ? -1 : 0;
  if (scale != SCALE_IDENTITY && null <= low) {
    return -INFINITY;
  }
  if ((scale == SCALE_LOGIT || scale == SCALE_FISHER_Z) && null >= 1) {
    return INFINITY;
  }
  return scale_to(scale, null);
}

static double point_p(double value, double null, bool upper) {
  return (upper ? value > null : value < null) ? 0 : 1; /* 2 */
}

/* ---- T ---- */

static void t_bounds(const struct inference *law, double level, double *low, double *high) {
  double center = scale_to(law->scale, law->value);
  if (!isfinite(center) || !(law->df > 0)) {
    return; /* 3 */
  }
  double half = law->se == 0 ? 0 : distribution_t_z(level, law->df) * law->se;
  *low = law->se == 0 ? law->value : scale_from(law->scale, center - half);
  *high = law->se == 0 ? law->value : scale_from(law->scale, center + half);
}

static double t_p(const struct inference *law, double null, bool upper) {
  double center = scale_to(law->scale, law->value);
  if (!isfinite(center) || !(law->df > 0) || !(law->se >= 0)) {
    return 1;
  }
  if (law->se == 0) {
    return point_p(law->value, null, upper);
  }
  double t = (center - scale_null(law->scale, null)) / law->se;
  return upper ? distribution_t_sf(t, law->df) : distribution_t_cdf(t, law->df);
}

/* ---- WILSON ---- */

static bool wilson_is_t(const struct inference *law) {
  return law->df > 0 && isfinite(law->df);
}

static double wilson_map(const struct inference *law, double p) {
  return law->transform == NULL ? p : law->transform(p);
}

static void wilson_bounds(const struct inference *law, double level, double *low, double *high) {
  double z =
      wilson_is_t(law) ? distribution_t_z(level, law->df) : distribution_normal_z(level); /* 4 */
  struct interval interval = interval_wilson_z(law->successes, law->trials, z);
  *low = wilson_map(law, interval.low);
  *high = wilson_map(law, interval.high);
}

/* The proportion that `transform` maps to y: bisection to neighbouring doubles. */
static double wilson_unmap(const struct inference *law, double y) {
  if (law->transform == NULL) {
    return y;
  }
  double low = 0, high = 1;
  if (y <= law->transform(low)) {
    return y < law->transform(low) ? -1 : low;
  }
  if (y >= law->transform(high)) {
    return y > law->transform(high) ? 2 : high;
  }
  for (int i = 0; i < 1100; i++) {
    double middle = low + (high - low) / 2;
    if (middle == low || middle == high) {
      break;
    }
    if (law->transform(middle) < y) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}

static double wilson_p(const struct inference *law, double null, bool upper) {
  double p0 = wilson_unmap(law, null);
  if (p0 < 0 || p0 > 1) {
    return (p0 < 0) == upper ? 0 : 1; /* outside what a proportion can be */
  }
  if (p0 * law->trials == law->successes) {
    return 0.5; /* also at 0 of n and n of n, where the statistic is 0/0 */
  }
  double p =
      interval_wilson_p(law->successes, law->trials, p0, upper ? INTERVAL_GREATER : INTERVAL_LESS);
  if (!wilson_is_t(law) || !(p > 0 && p < 1)) {
    return p;
  }
  return distribution_t_sf(distribution_normal_quantile_sf(p), law->df);
}

/* ---- TANGO ---- */

static bool tango_is_whole(const struct inference *law) {
  return law->n <= 1e9 && law->b == floor(law->b) && law->c == floor(law->c) &&
         law->n == floor(law->n); /* 5 */
}

static void tango_bounds(const struct inference *law, double level, double *low, double *high) {
  struct interval interval =
      tango_is_whole(law)
          ? paired_interval((uint64_t)law->b, (uint64_t)law->c, (uint64_t)law->n, level)
          : paired_tango(law->b, law->c, law->n, level);
  *low = interval.low;
  *high = interval.high;
}

static double tango_p(const struct inference *law, double null, bool upper) {
  if (null < -1 || null > 1) {
    return (null < -1) == upper ? 0 : 1;
  }
  enum interval_side side = upper ? INTERVAL_GREATER : INTERVAL_LESS;
  return tango_is_whole(law)
             ? paired_p((uint64_t)law->b, (uint64_t)law->c, (uint64_t)law->n, null, side)
             : paired_tango_p(law->b, law->c, law->n, null, side);
}

/* ---- AUC_PAIR ---- */

static double auc_pair_variance(const struct inference *law) {
  double variance = law->pair_variance[0] + law->pair_variance[1] - 2 * law->pair_covariance;
  return variance > 0 ? variance : 0;
}

static struct interval auc_pair_plain(const struct inference *law, double level) {
  return interval_normal(law->value, sqrt(auc_pair_variance(law)), level);
}

/* Logit limits at a normal quantile; an AUC of 0 or 1 gives itself (the measure says that such a
 * pair must not decide). */
static struct interval auc_logit_limits(double value, double variance, double z) {
  double center = scale_to(SCALE_LOGIT, value), half = z * sqrt(variance) / (value * (1 - value));
  if (!isfinite(center)) {
    return (struct interval){value, value, value};
  }
  return (struct interval){value, scale_from(SCALE_LOGIT, center - half),
                           scale_from(SCALE_LOGIT, center + half)};
}

static struct interval auc_pair_mover(const void *context, double z) {
  const struct inference *law = context;
  struct interval a = auc_logit_limits(law->pair_value[0], law->pair_variance[0], z);
  struct interval b = auc_logit_limits(law->pair_value[1], law->pair_variance[1], z);
  double product = law->pair_variance[0] * law->pair_variance[1];
  double correlation = product > 0 ? law->pair_covariance / sqrt(product) : 0;
  return interval_mover_difference(a, b, fmin(1, fmax(-1, correlation)));
}

static void auc_pair_bounds(const struct inference *law, double level, double *low, double *high) {
  struct interval plain = auc_pair_plain(law, level);
  struct interval mover = auc_pair_mover(law, distribution_normal_z(level));
  *low = fmin(plain.low, mover.low); /* 6 */
  *high = fmax(plain.high, mover.high);
}

static double auc_pair_p(const struct inference *law, double null, bool upper) {
  enum interval_side side = upper ? INTERVAL_GREATER : INTERVAL_LESS;
  double se = sqrt(auc_pair_variance(law));
  double plain =
      se > 0 ? interval_normal_p(law->value, se, null, side) : point_p(law->value, null, upper);
  return fmax(plain, interval_p_by_inversion(auc_pair_mover, law, null, side));
}

/* ---- REPLICATES and BOOT_T ---- */

/* How many of the sorted values are < x (or <= x). */
static size_t count_below(const double *sorted, size_t n, double x, bool or_equal) {
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (or_equal ? sorted[middle] <= x : sorted[middle] < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* floor(share·(B + 1)), where a share that is a whole number of steps but for rounding counts as
 * whole. */
static size_t replicate_rank(double share, size_t n) {
  return (size_t)floor(share * ((double)n + 1) * (1 + 1e-12) + 1e-9);
}

static bool is_bca(const struct inference *law, double *z0) {
  *z0 = 0;
  if (!isfinite(law->acceleration)) {
    return false;
  }
  double below = (double)count_below(law->replicates, law->n_replicates, law->value, false);
  double up_to = (double)count_below(law->replicates, law->n_replicates, law->value, true);
  double share = (below + up_to) / 2 / (double)law->n_replicates;
  *z0 = distribution_normal_quantile(share);
  return true;
}

/* The share of replicates that BCa leaves beyond the bound of a nominal normal quantile z
 * (negative: the low side). */
static double bca_share(double z0, double a, double z) {
  double w = z0 + z;
  double denominator = 1 - a * w;
  return denominator > 0 ? distribution_normal_cdf(z0 + w / denominator) : NAN;
}

static void replicates_bounds(const struct inference *law, double level, double *low,
                              double *high) {
  double alpha = (1 - level) / 2, share_low = alpha, share_high = alpha, z0;
  if (is_bca(law, &z0)) {
    if (!isfinite(z0)) {
      return; /* the estimate lies outside all replicates */
    }
    double z = distribution_normal_quantile_sf(alpha);
    share_low = bca_share(z0, law->acceleration, -z);
    share_high = bca_share(-z0, -law->acceleration, -z); /* the mirror image */
    if (isnan(share_low) || isnan(share_high)) {
      return;
    }
  }
  size_t n = law->n_replicates;
  size_t k_low = replicate_rank(share_low, n), k_high = replicate_rank(share_high, n);
  if (k_low < 1 || k_high < 1 || k_low > n || k_high > n) {
    return; /* 7 */
  }
  *low = law->replicates[k_low - 1];
  *high = law->replicates[n - k_high];
}

static double replicates_p(const struct inference *law, double null, bool upper) {
  size_t n = law->n_replicates;
  size_t beyond = upper ? count_below(law->replicates, n, null, true)
                        : n - count_below(law->replicates, n, null, false);
  double share = ((double)beyond + 1) / ((double)n + 1), z0;
  if (!is_bca(law, &z0)) {
    return share;
  }
  if (!isfinite(z0)) {
    return 1;
  }
  double a = upper ? law->acceleration : -law->acceleration;
  double shift = upper ? z0 : -z0;
  double w = distribution_normal_quantile(share) - shift;
  double denominator = 1 + a * w;
  return denominator > 0 ? distribution_normal_cdf(w / denominator - shift) : (w < 0 ? 0.5 : 1);
}

static void boot_t_bounds(const struct inference *law, double level, double *low, double *high) {
  double center = scale_to(law->scale, law->value);
  size_t n = law->n_replicates, k = replicate_rank((1 - level) / 2, n);
  if (law->se == 0) {
    *low = *high = law->value;
    return;
  }
  if (!isfinite(center) || k < 1) {
    return;
  }
  *low = scale_from(law->scale, center - law->se * law->replicates[n - k]);
  *high = scale_from(law->scale, center - law->se * law->replicates[k - 1]); /* 8 */
}

static double boot_t_p(const struct inference *law, double null, bool upper) {
  double center = scale_to(law->scale, law->value);
  size_t n = law->n_replicates;
  if (law->se == 0) {
    return point_p(law->value, null, upper);
  }
  if (!isfinite(center)) {
    return 1;
  }
  double t = (center - scale_null(law->scale, null)) / law->se;
  size_t beyond = upper ? n - count_below(law->replicates, n, t, false)
                        : count_below(law->replicates, n, t, true);
  return ((double)beyond + 1) / ((double)n + 1);
}

/* ---- LIMITS ---- */

static struct interval limits_family(const void *context, double z) {
  const struct inference *law = context;
  struct interval interval = {law->value, NAN, NAN};
  double level =
      fmin(1 - 2 * distribution_normal_sf(z), 1 - 0x1p-53); /* so p is never below some 1e-16 */
  if (!(level > 0)) {
    return (struct interval){law->value, law->value, law->value};
  }
  law->bounds(law, level, &interval.low, &interval.high);
  return interval;
}

static double limits_p(const struct inference *law, double null, bool upper) {
  if (upper && null < law->null_low) {
    return 0;
  }
  if (!upper && null > law->null_high) {
    return 0;
  }
  double p = law->p != NULL ? law->p(law, null, upper)
                            : interval_p_by_inversion(limits_family, law, null,
                                                      upper ? INTERVAL_GREATER : INTERVAL_LESS);
  return isnan(p) ? 1 : p; /* 9 */
}

/* ---- together ---- */

static void bounds_of(const struct inference *law, double level, double *low, double *high) {
  switch (law->kind) {
  case INFERENCE_MISSING:
    break;
  case INFERENCE_EXACT:
    *low = *high = law->value;
    break;
  case INFERENCE_T:
    t_bounds(law, level, low, high);
    break;
  case INFERENCE_WILSON:
    wilson_bounds(law, level, low, high);
    break;
  case INFERENCE_TANGO:
    tango_bounds(law, level, low, high);
    break;
  case INFERENCE_AUC_PAIR:
    auc_pair_bounds(law, level, low, high);
    break;
  case INFERENCE_REPLICATES:
    replicates_bounds(law, level, low, high);
    break;
  case INFERENCE_BOOT_T:
    boot_t_bounds(law, level, low, high);
    break;
  case INFERENCE_LIMITS:
    law->bounds(law, level, low, high);
    break;
  }
}

static double p_of(const struct inference *law, double null, bool upper) {
  switch (law->kind) {
  case INFERENCE_MISSING:
    break;
  case INFERENCE_EXACT:
    return point_p(law->value, null, upper);
  case INFERENCE_T:
    return t_p(law, null, upper);
  case INFERENCE_WILSON:
    return wilson_p(law, null, upper);
  case INFERENCE_TANGO:
    return tango_p(law, null, upper);
  case INFERENCE_AUC_PAIR:
    return auc_pair_p(law, null, upper);
  case INFERENCE_REPLICATES:
    return replicates_p(law, null, upper);
  case INFERENCE_BOOT_T:
    return boot_t_p(law, null, upper);
  case INFERENCE_LIMITS:
    return limits_p(law, null, upper);
  }
  return 1;
}

/* The law of θ behind a negated one. */
static struct inference plain_law(const struct inference *law) {
  return law->is_negated ? inference_negated(law) : *law;
}

void inference_bounds(const struct inference *inference, double level, double *low, double *high) {
  *low = *high = NAN;
  if (isnan(inference->value) || !(level > 0 && level < 1)) {
    return; /* 1 */
  }
  struct inference law = plain_law(inference);
  bounds_of(&law, level, low, high);
  if (isnan(*low) || isnan(*high)) {
    *low = *high = NAN;
    return;
  }
  *low = fmax(*low, law.null_low); /* 10 */
  *high = fmin(*high, law.null_high);
  if (inference->is_negated) {
    double turned = -*low; /* 11 */
    *low = -*high;
    *high = turned;
  }
}

double inference_p(const struct inference *inference, double null, bool upper) {
  if (isnan(inference->value) || isnan(null)) {
    return 1; /* 1 */
  }
  struct inference law = plain_law(inference);
  double p = inference->is_negated ? p_of(&law, -null, !upper) : p_of(&law, null, upper);
  return isnan(p) ? 1 : fmin(1, fmax(0, p));
}

struct inference inference_negated(const struct inference *inference) {
  struct inference out = *inference;
  out.value = -inference->value;
  out.null_low = -inference->null_high;
  out.null_high = -inference->null_low;
  out.is_negated = !inference->is_negated;
  return out;
}
