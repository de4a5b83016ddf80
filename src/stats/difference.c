/*
 * Two independent proportions.
 *
 * Newcombe: low = d - √((p1 - l1)² + (u2 - p2)²), high = d + √((u1 - p1)² + (p2 - l2)²), l and u
 * Wilson's. Miettinen-Nurminen: z(δ) = (p1 - p2 - δ)/√V, V = (p̃1(1 - p̃1)/n1 + p̃2(1 - p̃2)/n2)·N/(N -
 * 1), with p̃ the maximum likelihood under p1 - p2 = δ: a root of a cubic in p̃1 (Farrington &
 * Manning 1990, appendix), polished by Newton steps because the cosine form loses half the digits
 * near a double root.
 *
 * Laud: z solves z + γ(z² - 1)/6 = the score, γ = μ3/V^{3/2} its skewness, μ3 = p̃1(1 - p̃1)(1 -
 * 2p̃1)/n1² - p̃2(1 - p̃2)(1 - 2p̃2)/n2². Over 40 and 400 rows and rates
 * of .02 to .98 the exact tails of .025 are at most .034 where Newcombe's are .057 and
 * Miettinen-Nurminen's .045; on average .023, .024, .024.
 *
 * The ratio (Koopman 1984; Miettinen & Nurminen 1985; its skewness Gart & Nam 1988, Laud 2017): the
 * score p1 - θp2, V = (p̃1(1 - p̃1)/n1 + θ²p̃2(1 - p̃2)/n2)·N/(N - 1), p̃1 = θp̃2, μ3 = p̃1(1 - p̃1)(1 -
 * 2p̃1)/n1² - θ³p̃2(1 - p̃2)(1 - 2p̃2)/n2², and p̃2 the smaller root of Nθp² - ((n1 + k2)θ + n2 + k1)p +
 * k1 + k2. Over 40 and 400 rows and rates of .02 to .98 the exact tails of .025 are at most .039
 * where MOVER's and Miettinen-Nurminen's are .048; of 200 and 2,000 rows .030 and .049.
 *
 * 1. δ = ±1 has no variance: z is ±inf, or 0 where the data are exactly there; nor has θ = 0.
 * 2. Counts may be fractional. 3. n = 0: NaN. 4. Beyond what the skewness can turn back the root is
 * taken as 0. 5. A ratio above 1 is asked the other way round: its bounds are then one another's
 * reciprocals to the last bit, and a ratio of inf is one of 0. 6. k1 = 0 never speaks for a ratio
 * above anything, nor k2 = 0 for one below: the low bound is 0, the high one inf. A corrected z
 * stops short of √(1 + 6k1) and √(1 + 6k2): beyond them, too. 7. All 0: any ratio; no value. 8. The
 * corrected z is not monotone in θ where it is below .71 (in groups of a row or two).
 */
#include "stats/difference.h"

#include <math.h>
#include <stdbool.h>

#include "stats/distribution.h"
#include "stats/root.h"

static const struct interval nowhere = {NAN, NAN, NAN};
static const double PI = 3.14159265358979323846;

struct two {
  double k1, n1, k2, n2;
};

static bool two_valid(struct two t) {
  return t.n1 > 0 && t.n2 > 0 && t.n1 < INFINITY && t.n2 < INFINITY && t.k1 >= 0 && t.k1 <= t.n1 &&
         t.k2 >= 0 && t.k2 <= t.n2;
}

struct interval difference_newcombe_z(double k1, double n1, double k2, double n2, double z) {
  return interval_mover_difference(interval_wilson_z(k1, n1, z), interval_wilson_z(k2, n2, z), 0);
}

struct interval difference_newcombe(double k1, double n1, double k2, double n2, double level) {
  return difference_newcombe_z(k1, n1, k2, n2, distribution_normal_z(level));
}

static struct interval newcombe_family(const void *context, double z) {
  const struct two *t = context;
  return difference_newcombe_z(t->k1, t->n1, t->k2, t->n2, z);
}

double difference_newcombe_p(double k1, double n1, double k2, double n2, double null,
                             enum interval_side side) {
  struct two t = {k1, n1, k2, n2};
  return two_valid(t) ? interval_p_by_inversion(newcombe_family, &t, null, side) : NAN;
}

/* p̃1 given p̃1 - p̃2 = delta */
static double restricted_p1(struct two t, double delta) {
  double p1 = t.k1 / t.n1, p2 = t.k2 / t.n2, theta = t.n2 / t.n1;
  double a = 1 + theta;
  double b = -(1 + theta + p1 + theta * p2 + delta * (theta + 2));
  double c = delta * delta + delta * (2 * p1 + theta + 1) + p1 + theta * p2;
  double d = -p1 * delta * (1 + delta);
  double third = b / (3 * a);
  double v = third * third * third - b * c / (6 * a * a) + d / (2 * a);
  double u = copysign(sqrt(fmax(0, third * third - c / (3 * a))), v);
  double cosine = u == 0 ? 0 : fmax(-1, fmin(1, v / (u * u * u)));
  double x = 2 * u * cos((PI + acos(cosine)) / 3) - third;
  double least = fmax(0, delta), most = fmin(1, 1 + delta);
  for (int i = 0; i < 3; i++) {
    double value = ((a * x + b) * x + c) * x + d, slope = (3 * a * x + 2 * b) * x + c;
    double next = x - value / slope;
    if (!(fabs(value) < fabs(slope) * 1e-3)) {
      break; /* a double root, or not near one: the closed form stands */
    }
    x = next;
  }
  return fmax(least, fmin(most, x));
}

/* Laud's score from a difference, its variance and its third moment. */
static double straightened(double difference, double variance, double third) {
  double score = difference / sqrt(variance);
  double sixth = third / (6 * variance * sqrt(variance));
  double root = sqrt(fmax(0, 1 + 4 * sixth * (sixth + score))); /* 4 */
  return 2 * (score + sixth) / (1 + root);
}

static double at_no_variance(double difference) { /* 1 */
  return difference > 0 ? INFINITY : difference < 0 ? -INFINITY : 0;
}

/* `skew`: Laud's score instead. */
static double score_z(struct two t, double delta, bool skew) {
  double total = t.n1 + t.n2;
  double p1 = restricted_p1(t, delta), p2 = p1 - delta;
  double v1 = p1 * (1 - p1) / t.n1, v2 = p2 * (1 - p2) / t.n2;
  double difference = t.k1 / t.n1 - t.k2 / t.n2 - delta;
  if (!(v1 + v2 > 0)) {
    return at_no_variance(difference);
  }
  double variance = (v1 + v2) * total / (total - 1);
  double third = v1 * (1 - 2 * p1) / t.n1 - v2 * (1 - 2 * p2) / t.n2;
  return skew ? straightened(difference, variance, third) : difference / sqrt(variance);
}

static double miettinen_z(struct two t, double delta) {
  return score_z(t, delta, false);
}

double difference_miettinen_nurminen_p(double k1, double n1, double k2, double n2, double null,
                                       enum interval_side side) {
  struct two t = {k1, n1, k2, n2};
  if (!two_valid(t) || isnan(null) || !(n1 + n2 > 1)) {
    return NAN;
  }
  if (null < -1 || null > 1) {
    return (null < -1) == (side == INTERVAL_GREATER) ? 0 : 1;
  }
  double z = miettinen_z(t, null);
  return distribution_normal_sf(side == INTERVAL_GREATER ? z : -z);
}

struct score_problem {
  struct two t;
  double z;
  bool skew;
};

static double score_excess(const void *context, double delta) {
  const struct score_problem *problem = context;
  return score_z(problem->t, delta, problem->skew) - problem->z;
}

struct interval difference_miettinen_nurminen(double k1, double n1, double k2, double n2,
                                              double level) {
  struct two t = {k1, n1, k2, n2};
  double z = distribution_normal_z(level);
  if (!two_valid(t) || isnan(z) || !(n1 + n2 > 1)) {
    return nowhere;
  }
  double value = k1 / n1 - k2 / n2;
  struct score_problem low = {t, z, false}, high = {t, -z, false};
  return (struct interval){value, value > -1 ? root_find(score_excess, &low, -1, value, 1e-15) : -1,
                           value < 1 ? root_find(score_excess, &high, value, 1, 1e-15) : 1};
}

double difference_laud_score(double k1, double n1, double k2, double n2, double null) {
  return score_z((struct two){k1, n1, k2, n2}, null, true);
}

double difference_laud_p(double k1, double n1, double k2, double n2, double null,
                         enum interval_side side) {
  struct two t = {k1, n1, k2, n2};
  if (!two_valid(t) || isnan(null) || !(n1 + n2 > 1)) {
    return NAN;
  }
  if (null < -1 || null > 1) {
    return (null < -1) == (side == INTERVAL_GREATER) ? 0 : 1;
  }
  double z = score_z(t, null, true);
  return distribution_normal_sf(side == INTERVAL_GREATER ? z : -z);
}

struct interval difference_laud_z(double k1, double n1, double k2, double n2, double z) {
  struct two t = {k1, n1, k2, n2};
  if (!two_valid(t) || !(z > 0) || !(n1 + n2 > 1)) {
    return nowhere;
  }
  double value = k1 / n1 - k2 / n2, at = score_z(t, value, true);
  struct score_problem low = {t, z, true}, high = {t, -z, true};
  return (struct interval){
      value, value > -1 && at < z ? root_find(score_excess, &low, -1, value, 1e-15) : value,
      value < 1 && at > -z ? root_find(score_excess, &high, value, 1, 1e-15) : value};
}

struct interval difference_laud(double k1, double n1, double k2, double n2, double level) {
  return difference_laud_z(k1, n1, k2, n2, distribution_normal_z(level));
}

/* ---- strata ---- */

/* False: one group alone is in the stratum. */
static bool two_of_stratum(const double *first, const double *second, size_t s, struct two *t) {
  const double *x = first + 2 * s, *y = second + 2 * s;
  *t = (struct two){x[0], x[0] + x[1], y[0], y[0] + y[1]};
  return t->n1 > 0 && t->n2 > 0;
}

double difference_laud_strata_score(const double *first, const double *second, size_t n_strata,
                                    double null) {
  double difference = 0, variance = 0, third = 0;
  for (size_t s = 0; s < n_strata; s++) {
    struct two t;
    if (two_of_stratum(first, second, s, &t)) {
      double total = t.n1 + t.n2, w = t.n1 * t.n2 / total;
      double p1 = restricted_p1(t, null), p2 = p1 - null;
      double v1 = p1 * (1 - p1) / t.n1, v2 = p2 * (1 - p2) / t.n2;
      difference += w * (t.k1 / t.n1 - t.k2 / t.n2 - null);
      variance += w * w * (v1 + v2) * total / (total - 1);
      third += w * w * w * (v1 * (1 - 2 * p1) / t.n1 - v2 * (1 - 2 * p2) / t.n2);
    }
  }
  return variance > 0 ? straightened(difference, variance, third) : at_no_variance(difference);
}

struct strata_problem {
  const double *first, *second;
  size_t n_strata;
  double z;
};

static double strata_excess(const void *context, double null) {
  const struct strata_problem *problem = context;
  return difference_laud_strata_score(problem->first, problem->second, problem->n_strata, null) -
         problem->z;
}

struct interval difference_laud_strata_z(const double *first, const double *second, size_t n_strata,
                                         double z) {
  double sum = 0, weight = 0;
  for (size_t s = 0; s < n_strata; s++) {
    struct two t;
    if (two_of_stratum(first, second, s, &t)) {
      double w = t.n1 * t.n2 / (t.n1 + t.n2);
      sum += w * (t.k1 / t.n1 - t.k2 / t.n2);
      weight += w;
    }
  }
  if (!(weight > 0) || !(z > 0)) {
    return nowhere;
  }
  double value = sum / weight, at = difference_laud_strata_score(first, second, n_strata, value);
  struct strata_problem low = {first, second, n_strata, z}, high = {first, second, n_strata, -z};
  return (struct interval){
      value, value > -1 && at < z ? root_find(strata_excess, &low, -1, value, 1e-15) : value,
      value < 1 && at > -z ? root_find(strata_excess, &high, value, 1, 1e-15) : value};
}

/* ---- the ratio ---- */

#define LEAST_RATIO 1e-100 /* a variance of it still has a power of 3/2 in doubles */
#define FARTHEST 100       /* bounds below exp(-FARTHEST) are 0; doubled it is above LEAST_RATIO */

static struct two two_turned(struct two t) {
  return (struct two){t.k2, t.n2, t.k1, t.n1};
}

/* p̃2 given p̃1 = ratio·p̃2; the discriminant as a sum, so that nothing cancels. */
static double restricted_p2(struct two t, double ratio) {
  double first = (t.n1 + t.k2) * ratio, second = t.n2 + t.k1;
  double square = (first - second) * (first - second) + 4 * ratio * (t.n1 - t.k1) * (t.n2 - t.k2);
  return fmin(1, 2 * (t.k1 + t.k2) / (first + second + sqrt(square)));
}

/* At a ratio of at most 1 (5). */
static double ratio_z_to_1(struct two t, double ratio) {
  ratio = ratio < LEAST_RATIO ? 0 : ratio;
  double total = t.n1 + t.n2, p2 = restricted_p2(t, ratio), p1 = ratio * p2;
  double v1 = p1 * (1 - p1) / t.n1, v2 = ratio * ratio * p2 * (1 - p2) / t.n2;
  double difference = t.k1 / t.n1 - ratio * (t.k2 / t.n2);
  if (!(v1 + v2 > 0)) {
    return at_no_variance(difference);
  }
  double third = v1 * (1 - 2 * p1) / t.n1 - ratio * v2 * (1 - 2 * p2) / t.n2;
  return straightened(difference, (v1 + v2) * total / (total - 1), third);
}

static double ratio_z(struct two t, double ratio) {
  double z = ratio > 1 ? -ratio_z_to_1(two_turned(t), 1 / ratio) : ratio_z_to_1(t, ratio);
  z = t.k1 > 0 ? z : fmin(z, 0); /* 6 */
  return t.k2 > 0 ? z : fmax(z, 0);
}

static double log_ratio_excess(const void *context, double x) {
  const struct score_problem *problem = context;
  return ratio_z(problem->t, exp(x)) - problem->z;
}

/* The low bound. On the logarithm, from the estimate outwards. */
static double ratio_low(struct two t, double z) {
  const struct score_problem problem = {t, z, true};
  if (!(t.k1 > 0)) {
    return 0; /* 6 */
  }
  double high = log(t.k1 / t.n1 / (fmax(t.k2, 0.5) / t.n2)), step = 1;
  if (t.k2 > 0 && log_ratio_excess(&problem, high) >= 0) {
    return t.k1 / t.n1 / (t.k2 / t.n2);
  }
  while (log_ratio_excess(&problem, high) >= 0 && high < FARTHEST) { /* k2 = 0: no estimate */
    high += 1;
  }
  double low = high - step;
  while (log_ratio_excess(&problem, low) < 0) {
    if (low < -FARTHEST) {
      return 0;
    }
    step *= 2;
    low -= step;
  }
  return exp(root_find(log_ratio_excess, &problem, low, high, 1e-15));
}

double difference_ratio_laud_score(double k1, double n1, double k2, double n2, double null) {
  return ratio_z((struct two){k1, n1, k2, n2}, null);
}

double difference_ratio_laud_p(double k1, double n1, double k2, double n2, double null,
                               enum interval_side side) {
  struct two t = {k1, n1, k2, n2};
  if (!two_valid(t) || isnan(null) || !(n1 + n2 > 1)) {
    return NAN;
  }
  if (null < 0) {
    return side == INTERVAL_GREATER ? 0 : 1;
  }
  double z = ratio_z(t, null);
  return distribution_normal_sf(side == INTERVAL_GREATER ? z : -z);
}

struct interval difference_ratio_laud_z(double k1, double n1, double k2, double n2, double z) {
  struct two t = {k1, n1, k2, n2};
  if (!two_valid(t) || !(z > 0) || !(n1 + n2 > 1)) {
    return nowhere;
  }
  return (struct interval){k1 / n1 / (k2 / n2), ratio_low(t, z), 1 / ratio_low(two_turned(t), z)};
}

struct interval difference_ratio_laud(double k1, double n1, double k2, double n2, double level) {
  return difference_ratio_laud_z(k1, n1, k2, n2, distribution_normal_z(level));
}

struct interval difference_ratio_mover_z(double k1, double n1, double k2, double n2, double z) {
  struct interval a = interval_wilson_z(k1, n1, z), b = interval_wilson_z(k2, n2, z);
  if (isnan(a.value) || isnan(b.value) || b.value == 0) {
    return nowhere;
  }
  struct interval log_a = {log(a.value), log(a.low), log(a.high)};
  struct interval log_b = {log(b.value), log(b.low), log(b.high)};
  if (a.value == 0) { /* the ratio is 0; upwards the limits themselves are combined */
    return (struct interval){0, 0, a.high / b.low};
  }
  struct interval x = interval_mover_difference(log_a, log_b, 0);
  return (struct interval){a.value / b.value, exp(x.low), exp(x.high)};
}

struct interval difference_ratio_mover(double k1, double n1, double k2, double n2, double level) {
  return difference_ratio_mover_z(k1, n1, k2, n2, distribution_normal_z(level));
}
