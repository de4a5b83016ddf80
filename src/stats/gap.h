/*
 * Gaps between K independent groups, of which each has an estimate with an interval of its own: the
 * largest difference, the smallest ratio, the worst group.
 *
 * `tail` is one-sided: both bounds hold with probability 1 - tail, one at a time. Pure and
 * thread-safe. The _p functions are the bounds inverted. Fewer than two groups, or an estimate that
 * is NaN: NaN everywhere.
 */
#ifndef STATS_GAP_H
#define STATS_GAP_H

#include <stddef.h>

#include "stats/interval.h"

/* The interval of one group whose either bound fails with probability `tail`; both widen as the
 * tail shrinks. */
typedef struct interval (*gap_family)(const void *context, size_t group, double tail);

enum gap_kind {
  GAP_DIFFERENCE, /* max over ordered pairs of θ_a − θ_b */
  GAP_RATIO,      /* min over ordered pairs of θ_a/θ_b, for θ >= 0 */
  GAP_LEAST,      /* min over groups of θ_a */
  GAP_MOST        /* max over groups of θ_a */
};

/* A group that is a plain share: `k` of `n` rows. */
struct gap_share {
  double k, n;
};

#define GAP_MOST_SHARES 32 /* groups of which the pairs are compared by their counts */

struct gap_groups {
  gap_family family;
  const void *context;
  size_t n;
  const struct gap_share *share; /* [n] NULL: the groups are no shares. With them the bounds of
                                    differences and ratios are Laud's, up to GAP_MOST_SHARES
                                    groups */
  size_t reference;              /* 1 + the group that every pair is with; 0: all pairs */
};

/* Is (a, b) one of the pairs? */
static inline int gap_is_pair(const struct gap_groups *groups, size_t a, size_t b) {
  return a != b &&
         (groups->reference == 0 || a + 1 == groups->reference || b + 1 == groups->reference);
}

struct gap {
  struct interval interval;
  size_t low_group, high_group; /* with the least and the largest value; the first of equals */
};

/* n_families: of how many such gaps the largest is asked; the simultaneous bound is then
 * Bonferroni's. 1: this one alone. */
struct gap gap_interval(enum gap_kind kind, const struct gap_groups *groups, double tail,
                        size_t n_families);
double gap_p(enum gap_kind kind, const struct gap_groups *groups, double null,
             enum interval_side side, size_t n_families);

#endif
