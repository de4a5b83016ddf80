/* The verdict: the court's members before the judge, the answer in words and numbers. */
#ifndef RUN_VERDICT_H
#define RUN_VERDICT_H

#include "run/court.h"

struct verdict_outcome {
  enum judge_verdict verdict;
  double n_max; /* rows at which alpha is spent, by this look; NaN: none would do */
};

/* The rules for this look; `looks` is filled when alpha is spent over several (rules->looks points
 * to it), `now` may be NULL where members are none of this court's. */
nonet_status verdict_rules(const struct court *court, struct judge_rules *rules,
                           struct looks *looks, nonet_error *error) NONET_NODISCARD;
/* Judges; writes judgements and the verdict. */
nonet_status verdict_reach(struct court *court, struct evidence *evidence,
                           struct verdict_outcome *outcome, nonet_error *error) NONET_NODISCARD;
/* For --explain-plan: each gate's margin over its standard error, and the chance that an equal
 * candidate passes; the differences themselves are not looked at. */
nonet_status verdict_explain(const struct court *court, struct text *text,
                             nonet_error *error) NONET_NODISCARD;

#endif
