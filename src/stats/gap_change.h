/*
 * The difference of the gaps of two models between the same K groups, each group with two estimates
 * that are correlated: is the candidate's gap wider than the baseline's? Pure and thread-safe.
 */
#ifndef STATS_GAP_CHANGE_H
#define STATS_GAP_CHANGE_H

#include "stats/gap.h"

#define GAP_CHANGE_MOST 20 /* groups */

/* One family of groups (equalised odds has two), under both models. */
struct gap_change_family {
  struct gap_groups of[2];   /* the same groups in the same order */
  const double *correlation; /* [n] of a group's two estimates */
};

/* The first model's gap less the second's, each the largest over all families (GAP_LEAST: the
 * least). Either bound fails with probability `tail` at most. GAP_RATIO, more than GAP_CHANGE_MOST
 * groups, fewer than two, an estimate that is NaN: NaN everywhere. */
struct interval gap_change(enum gap_kind kind, const struct gap_change_family *families,
                           size_t n_families, double tail);

#endif
