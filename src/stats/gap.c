/*
 * Gaps between groups (judgement.md §4 of the design: the plain percentile bootstrap of a maximum
 * covers the truth in none of a hundred samples when all groups are equal).
 *
 *   G = max over ordered pairs of θ_a − θ_b
 *   upper bound   max over pairs of the pair's own bound at `tail`. G >= c means that some pair is
 *                 >= c, and that pair's bound fails with probability `tail` (intersection-union,
 *                 Berger 1982), whatever the others do.
 *   lower bound   max over pairs of bounds that hold together: of K independent normals every
 *                 |x_a − x_b|/√2 stays below q_{K,∞}(1 − tail)/√2 (Tukey); cut at 0.
 *   pair (a, b)   of two shares Laud's skewness-corrected score (difference.h): each tail holds by
 *                 itself, which is what both bounds need. Else MOVER (Zou & Donner 2008) of the two
 *                 groups' limits; of Wilson limits it is Newcombe's 10.
 *   R = min over ordered pairs of θ_a/θ_b: the same on logarithms, the sides exchanged, cut at 1.
 * Of shares it is 1/M, M = max over ordered pairs of θ_a/θ_b, with Laud's score of a ratio. min
 * θ_a: lower bound the least of the groups' own, upper bound the least of simultaneous ones (Šidák
 * 1967: 1 − (1 − tail)^{1/K}); max θ_a is the mirror image.
 *
 * Cases:
 *  1. The largest of m gaps (equalised odds): the upper bound needs nothing, the lower one takes
 *     tail/m.
 *  2. p: the bound whose tail is t meets the null; unadjusted that is the p, simultaneous ones turn
 *     t back: P(range > √2 z(t)), or 1 − (1 − t)^K; times m.
 *  3. A ratio with θ_a = 0 is 0, and its upper bound a's upper limit over b's lower one. All 0: not
 *     defined.
 *  6. K groups have K² pairs; of many groups only those pairs are looked at whose reaches can still
 *     beat the best so far: √(p² + q²) <= p + q, and >= (p + q)/√2. The extreme is the same number.
 *  7. The largest bound of shares: a pair is solved only when its score at the largest so far says
 *     that it lies beyond. More than GAP_MOST_SHARES groups take MOVER, whose many pairs can be
 *     sorted: there the bounds are conservative whichever way.
 *  8. Pairs with one reference group alone: K − 1 of them, either way round. They hold together at
 *     1 − (1 − tail)^{1/(K−1)} of both sides, half of it each (Šidák 1967: for normals however
 *     they are correlated); Dunnett's (1955) constant would need the groups' sizes to be equal.
 *  4. A tail near 0 where 1 − tail is 1 in doubles: the quantile is infinite, so tails stop at
 *     1e-15.
 */
#include "stats/gap.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "stats/difference.h"
#include "stats/distribution.h"

#define LEAST_TAIL 1e-15 /* 4 */
#define MANY_GROUPS 32   /* below, looking at every pair is quicker than sorting */
#define REACH_SLACK 1e-9 /* reaches are rounded: far above what doubles lose, of no cost */

static const struct gap nowhere = {{NAN, NAN, NAN}, 0, 0};

static int is_of_pairs(enum gap_kind kind) {
  return kind == GAP_DIFFERENCE || kind == GAP_RATIO;
}

/* The tail of each comparison with which all of them hold together. */
static double tail_together(enum gap_kind kind, double tail, const struct gap_groups *groups) {
  const size_t n = groups->n;
  double each;
  if (is_of_pairs(kind) && groups->reference != 0) {
    each = -expm1(log1p(-tail) / (double)(n - 1)) / 2; /* 8 */
  } else if (is_of_pairs(kind)) {
    each = distribution_normal_sf(
        distribution_range_quantile(1 - fmax(tail, LEAST_TAIL), (double)n) / sqrt(2));
  } else {
    each = -expm1(log1p(-tail) / (double)n);
  }
  return fmax(each, LEAST_TAIL);
}

/* Case 2: back from the tail of each to that of all. */
static double tail_of_all(enum gap_kind kind, double each, const struct gap_groups *groups) {
  const size_t n = groups->n;
  if (is_of_pairs(kind) && groups->reference != 0) {
    return each >= 0.5 ? 1 : -expm1((double)(n - 1) * log1p(-2 * each));
  }
  if (is_of_pairs(kind)) {
    return distribution_range_sf(sqrt(2) * distribution_normal_quantile_sf(each), (double)n);
  }
  return each >= 1 ? 1 : -expm1((double)n * log1p(-each));
}

static struct interval pair_ratio(struct interval a, struct interval b) {
  if (!(a.value > 0)) {
    return (struct interval){0, 0, b.low > 0 ? a.high / b.low : INFINITY}; /* 3 */
  }
  struct interval log_a = {log(a.value), log(a.low), log(a.high)};
  struct interval log_b = {log(b.value), log(b.low), log(b.high)};
  struct interval x = interval_mover_difference(log_a, log_b, 0);
  return (struct interval){a.value / b.value, exp(x.low), exp(x.high)};
}

/* One number of an ordered pair is x_a + y_b + sign·√(p_a² + q_b²); reach_a + reach_b bounds it,
 * with reaches x + p for a sum and x − p/√2 for a difference (6). */
struct side {
  double reach;
  size_t group;
};

static int compare_sides(const void *a, const void *b) {
  const struct side *x = a, *y = b;
  return (x->reach < y->reach) - (x->reach > y->reach);
}

enum bound { BOUND_LOW, BOUND_HIGH };

/* How far a group can take the maximum of a bound of θ_a − θ_b, as a or as b. */
static double reach_of(struct interval group, enum bound bound, int is_b) {
  const double at = is_b ? -group.value : group.value;
  const double up = is_b ? group.value - group.low : group.high - group.value;
  const double down = is_b ? group.high - group.value : group.value - group.low;
  return bound == BOUND_HIGH ? at + up : at - down / sqrt(2);
}

/* The largest bound over the ordered pairs of different groups, from the farthest reaches on. */
static double largest_bound(const struct interval *group, size_t n, enum bound bound,
                            struct side *sides) {
  struct side *a = sides, *b = sides + n;
  double out = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    a[i] = (struct side){reach_of(group[i], bound, 0), i};
    b[i] = (struct side){reach_of(group[i], bound, 1), i};
  }
  qsort(a, n, sizeof *a, compare_sides);
  qsort(b, n, sizeof *b, compare_sides);
  for (size_t i = 0; i < n && a[i].reach + b[0].reach >= out - REACH_SLACK * fabs(out); i++) {
    for (size_t j = 0; j < n && a[i].reach + b[j].reach >= out - REACH_SLACK * fabs(out); j++) {
      if (a[i].group != b[j].group) {
        struct interval one = interval_mover_difference(group[a[i].group], group[b[j].group], 0);
        out = fmax(out, bound == BOUND_HIGH ? one.high : one.low);
      }
    }
  }
  return out;
}

/* The least and the largest value: a difference that is largest. */
static double largest_difference(const struct interval *group, size_t n) {
  double least = INFINITY, most = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    least = fmin(least, group[i].value);
    most = fmax(most, group[i].value);
  }
  return most - least;
}

/* On logarithms, where the least ratio is the largest difference with its sign changed. Groups with
 * θ = 0 give 0 and, over the others' lower limits, an upper limit (3). */
static int extreme_ratio(const struct interval *group, size_t n, struct interval *out) {
  struct side *sides = memory_new(2 * n, sizeof *sides);
  struct interval *logs = memory_new(n, sizeof *logs);
  double least = INFINITY, most = 0, zero_high = INFINITY, most_low = 0;
  size_t m = 0;
  for (size_t i = 0; sides != NULL && logs != NULL && i < n; i++) {
    least = fmin(least, group[i].value);
    most = fmax(most, group[i].value);
    if (group[i].value > 0) {
      logs[m++] = (struct interval){log(group[i].value), log(group[i].low), log(group[i].high)};
      most_low = fmax(most_low, group[i].low);
    } else {
      zero_high = fmin(zero_high, group[i].high);
    }
  }
  const int is_done = m >= 2;
  if (is_done) {
    const double of_zero = most_low > 0 ? zero_high / most_low : INFINITY;
    out->value = least > 0 ? least / most : 0;
    out->low = least > 0 ? exp(-largest_bound(logs, m, BOUND_HIGH, sides)) : 0;
    out->high = fmin(exp(-largest_bound(logs, m, BOUND_LOW, sides)), of_zero);
  }
  memory_free(sides);
  memory_free(logs);
  return is_done;
}

/* ---- pairs of shares (7) ---- */

static int are_shares(enum gap_kind kind, const struct gap_groups *groups) {
  return is_of_pairs(kind) && groups->share != NULL && groups->n <= GAP_MOST_SHARES;
}

static double share_score(enum gap_kind kind, const struct gap_groups *groups, size_t a, size_t b,
                          double null) {
  const struct gap_share *x = &groups->share[a], *y = &groups->share[b];
  return kind == GAP_RATIO ? difference_ratio_laud_score(x->k, x->n, y->k, y->n, fmax(0, null))
                           : difference_laud_score(x->k, x->n, y->k, y->n, fmax(-1, fmin(1, null)));
}

static struct interval share_pair(enum gap_kind kind, const struct gap_groups *groups, size_t a,
                                  size_t b, double z) {
  const struct gap_share *x = &groups->share[a], *y = &groups->share[b];
  return kind == GAP_RATIO ? difference_ratio_laud_z(x->k, x->n, y->k, y->n, z)
                           : difference_laud_z(x->k, x->n, y->k, y->n, z);
}

/* The largest bound of a difference or ratio that is above `least`, else `least`. */
static double largest_of_shares(enum gap_kind kind, const struct gap_groups *groups,
                                enum bound bound, double tail, double least) {
  const double z = distribution_normal_quantile_sf(tail), beyond = bound == BOUND_HIGH ? -z : z;
  double out = least;
  for (size_t a = 0; a < groups->n; a++) {
    for (size_t b = 0; b < groups->n; b++) {
      if (gap_is_pair(groups, a, b) && share_score(kind, groups, a, b, out) > beyond) {
        struct interval one = share_pair(kind, groups, a, b, z);
        out = fmax(out, bound == BOUND_HIGH ? one.high : one.low);
      }
    }
  }
  return out;
}

/* Of the largest difference or ratio. GREATER: the least p of the pairs; LESS: the largest. */
static double largest_p(enum gap_kind kind, const struct gap_groups *groups, double null,
                        enum interval_side side) {
  double p = side == INTERVAL_GREATER ? 1 : 0;
  for (size_t a = 0; a < groups->n; a++) {
    for (size_t b = 0; b < groups->n; b++) {
      if (gap_is_pair(groups, a, b)) {
        const double z = share_score(kind, groups, a, b, null);
        p = side == INTERVAL_GREATER ? fmin(p, distribution_normal_sf(z))
                                     : fmax(p, distribution_normal_sf(-z));
      }
    }
  }
  return p;
}

/* The upper bound of the largest at `tail`, the lower one at `together`; the least ratio is one
 * over the largest. */
static void bound_by_shares(enum gap_kind kind, const struct gap_groups *groups, double tail,
                            double together, struct interval *own, struct interval *all) {
  if (kind == GAP_RATIO) {
    own->low = 1 / largest_of_shares(kind, groups, BOUND_HIGH, tail, 1 / own->value);
    all->high = 1 / largest_of_shares(kind, groups, BOUND_LOW, together, 1);
  } else {
    own->high = largest_of_shares(kind, groups, BOUND_HIGH, tail, own->value);
    all->low = largest_of_shares(kind, groups, BOUND_LOW, together, 0);
  }
}

static double share_p(enum gap_kind kind, const struct gap_groups *groups, double null,
                      enum interval_side side) {
  if (kind == GAP_DIFFERENCE) {
    return largest_p(kind, groups, null, side);
  }
  double most = 0;
  for (size_t i = 0; i < groups->n; i++) {
    most = fmax(most, groups->share[i].k);
  }
  return most > 0 ? largest_p(kind, groups, null > 0 ? 1 / null : INFINITY,
                              side == INTERVAL_GREATER ? INTERVAL_LESS : INTERVAL_GREATER)
                  : NAN; /* 3 */
}

/* Many groups: the same as `extreme` gives, without looking at every pair. */
static int extreme_difference(const struct interval *group, size_t n, struct interval *out) {
  struct side *sides = memory_new(2 * n, sizeof *sides);
  if (sides == NULL) {
    return 0;
  }
  out->value = largest_difference(group, n);
  out->low = largest_bound(group, n, BOUND_LOW, sides);
  out->high = largest_bound(group, n, BOUND_HIGH, sides);
  memory_free(sides);
  return 1;
}

/* The extreme bounds over groups or ordered pairs, all at the same tail. */
static struct interval extreme(enum gap_kind kind, const struct gap_groups *groups,
                               const struct interval *group) {
  const size_t n = groups->n, reference = groups->reference;
  const int is_max = kind == GAP_DIFFERENCE || kind == GAP_MOST;
  const double start = is_max ? -INFINITY : INFINITY;
  struct interval out = {start, start, start};
  double (*pick)(double, double) = is_max ? fmax : fmin;
  for (size_t a = 0; a < n; a++) {
    const int is_any = reference == 0 || a + 1 == reference;
    const size_t first = is_any ? 0 : reference - 1, end = is_any ? n : reference; /* 8 */
    for (size_t b = is_of_pairs(kind) ? first : 0; b < (is_of_pairs(kind) ? end : 1); b++) {
      if (is_of_pairs(kind) && (a == b || (kind == GAP_RATIO && !(group[b].value > 0)))) {
        continue;
      }
      struct interval one = kind == GAP_DIFFERENCE
                                ? interval_mover_difference(group[a], group[b], 0)
                            : kind == GAP_RATIO ? pair_ratio(group[a], group[b])
                                                : group[a];
      out.value = pick(out.value, one.value);
      out.low = pick(out.low, one.low);
      out.high = pick(out.high, one.high);
    }
  }
  return out;
}

/* Every group at one tail; false when something is not there. */
static int read_groups(const struct gap_groups *groups, double tail, struct interval *group) {
  int complete = groups->n >= 2;
  for (size_t i = 0; i < groups->n && complete; i++) {
    group[i] = groups->family(groups->context, i, tail);
    complete = !isnan(group[i].value) && !isnan(group[i].low) && !isnan(group[i].high);
  }
  return complete;
}

static struct interval at_tail(enum gap_kind kind, const struct gap_groups *groups, double tail) {
  struct interval out = {NAN, NAN, NAN};
  struct interval *group = memory_new(groups->n + 1, sizeof *group);
  if (group != NULL && read_groups(groups, tail, group)) {
    const int is_sorted =
        groups->n > MANY_GROUPS && groups->reference == 0 &&
        (kind == GAP_DIFFERENCE ? extreme_difference(group, groups->n, &out)
                                : kind == GAP_RATIO && extreme_ratio(group, groups->n, &out));
    out = is_sorted ? out : extreme(kind, groups, group);
    if (isinf(out.value)) { /* 3: no ratio at all */
      out = nowhere.interval;
    }
  }
  memory_free(group);
  return out;
}

/* Is the lower bound the one that must hold for all comparisons together? */
static int low_is_together(enum gap_kind kind) {
  return kind == GAP_DIFFERENCE || kind == GAP_MOST;
}

/* The two groups of the widest pair: with the least and the largest value; with a reference it and
 * the group farthest from it. */
static void find_extremes(enum gap_kind kind, const struct gap_groups *groups, double tail,
                          struct gap *out) {
  double least = INFINITY, most = -INFINITY, farthest = -INFINITY;
  const size_t r = groups->reference - 1;
  const double of_reference = groups->reference != 0 && is_of_pairs(kind)
                                  ? groups->family(groups->context, r, tail).value
                                  : NAN;
  for (size_t i = 0; i < groups->n; i++) {
    double value = groups->family(groups->context, i, tail).value;
    if (!isnan(of_reference)) {
      const double away = kind == GAP_RATIO ? -fmin(value, of_reference) / fmax(value, of_reference)
                                            : fabs(value - of_reference);
      if (i != r && away > farthest) {
        farthest = away;
        out->low_group = value < of_reference ? i : r;
        out->high_group = value < of_reference ? r : i;
      }
      continue;
    }
    if (value < least) {
      least = value;
      out->low_group = i;
    }
    if (value > most) {
      most = value;
      out->high_group = i;
    }
  }
}

struct gap gap_interval(enum gap_kind kind, const struct gap_groups *groups, double tail,
                        size_t n_families) {
  if (groups->n < 2 || !(tail > 0 && tail < 1)) {
    return nowhere;
  }
  struct gap out = {{NAN, NAN, NAN}, 0, 0};
  struct interval own = at_tail(kind, groups, fmax(tail, LEAST_TAIL));
  const double together = tail_together(kind, tail / (double)n_families, groups); /* 1 */
  struct interval all = at_tail(kind, groups, together);
  if (isnan(own.value) || isnan(all.value)) {
    return nowhere;
  }
  if (are_shares(kind, groups)) {
    bound_by_shares(kind, groups, fmax(tail, LEAST_TAIL), together, &own, &all);
  }
  out.interval.value = own.value;
  out.interval.low = low_is_together(kind) ? all.low : own.low;
  out.interval.high = low_is_together(kind) ? own.high : all.high;
  if (kind == GAP_DIFFERENCE) {
    out.interval.low = fmax(0, out.interval.low);
  } else if (kind == GAP_RATIO) {
    out.interval.high = fmin(1, out.interval.high);
  }
  find_extremes(kind, groups, tail, &out);
  return out;
}

/* ---- p ---- */

struct gap_problem {
  enum gap_kind kind;
  const struct gap_groups *groups;
};

/* The bounds at one tail as a family of the normal quantile, nothing adjusted. */
static struct interval of_quantile(const void *context, double z) {
  const struct gap_problem *problem = context;
  return at_tail(problem->kind, problem->groups,
                 fmin(0.5, fmax(distribution_normal_sf(z), LEAST_TAIL)));
}

double gap_p(enum gap_kind kind, const struct gap_groups *groups, double null,
             enum interval_side side, size_t n_families) {
  const struct gap_problem problem = {kind, groups};
  if (groups->n < 2 || isnan(null)) {
    return NAN;
  }
  double each = are_shares(kind, groups)
                    ? share_p(kind, groups, null, side)
                    : interval_p_by_inversion(of_quantile, &problem, null, side);
  const int is_together = (side == INTERVAL_GREATER) == low_is_together(kind);
  if (isnan(each) || !is_together) {
    return each; /* the bound of the other side */
  }
  return fmin(1, (double)n_families * tail_of_all(kind, each, groups)); /* 2 */
}
