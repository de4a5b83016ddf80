/* How the budget of a latency probe is spent on launches. */
#ifndef PROCESS_TIMED_PLAN_H
#define PROCESS_TIMED_PLAN_H

#include "probe/answers.h"

#define TIMED_PLAN_FEW 10     /* launches that a ratio needs */
#define TIMED_PLAN_MANY 20    /* launches when a twentieth of the budget holds ENOUGH */
#define TIMED_PLAN_MOST 100   /* launches of a large budget */
#define TIMED_PLAN_ENOUGH 500 /* requests of a model in a launch: a p99 needs 459 */
#define TIMED_PLAN_FAILURES 3 /* launches that may fail before the rest is given up */

struct timed_plan {
  double budget_s;
  double elapsed_s; /* since the first launch began */
  double
      overhead_s; /* of the first launch, what comes on top of its seconds: a process, openings */
  double pair_s;  /* of the first launch: a request of each model; 0 before it ended */
};

/* What the first launch, which took `wall_s`, says of the others: sets overhead_s and pair_s. */
void timed_plan_learn(struct timed_plan *plan, const struct probe_latency *latency, double wall_s);
/* Seconds that launch `number` (from 0) may time, opening apart; NaN: no more launches. *n_all: how
 * many there will be. */
double timed_plan_next(const struct timed_plan *plan, const struct probe_latency *latency,
                       size_t number, size_t *n_all);
/* When a launch of so many seconds is taken for hung. */
double timed_plan_limit_s(double seconds);

#endif
