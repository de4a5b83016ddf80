/* Rows whose decision differs between the two models: what several attributes ask of the pair. */
#ifndef MEASURE_FLIPS_H
#define MEASURE_FLIPS_H

#include "measure/law.h"

/* Is a row with this label and these two decisions counted? */
typedef bool flips_rule(size_t label, size_t a, size_t b);
flips_rule flips_any; /* a ≠ b */

/* What the records of such shares have in common. */
#define FLIPS_COMMON                                                                               \
  .unit = "", .direction = DIRECTION_LOWER, .range = {0, 1}, .tasks = FOR_BINARY | FOR_MULTICLASS, \
  .needs = NEEDS_PREDICTION | NEEDS_BASELINE, .scopes = IN_ALL | IN_GROUP,                         \
  .kinds = SUMMARY_COUNT_TABLE, .cost = COST_SCAN, .interval = "wilson",                           \
  .interval_weighted =                                                                             \
      "linearised over clusters; Wilson with n_effective / deff (Korn & Graubard 1998)"

/* The share of the scope's rows that are counted: Wilson; over clusters and weights the effective
 * one. */
nonet_status flips_share(const struct measure *measure, struct view *view, flips_rule *is_counted,
                         struct inference *out, nonet_error *error) NONET_NODISCARD;

#endif
