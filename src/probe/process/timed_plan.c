/*
 * Spending the budget (timed_plan.h).
 *
 *   The interval is t over launches, and what differs between launches is only averaged by more of
 *   them: so there are as many as the budget holds, from 10 to 100, of which each
 *     has TIMED_PLAN_ENOUGH requests of each model, so that its p99 stands on ten of them,
 *     times at least OVERHEADS times what starting it costs, so that a quarter is spent on starts,
 *     and at least SHORT_S, so that a busy machine lets it run.
 *   The first launch times a twentieth of the budget; it shows the rate of requests and that cost.
 *   What is left of the budget is shared equally among the launches that are left.
 *
 * The model of latency_busy_long slowed by a fifth, with a neighbour on each core, 6 s of timing in
 * all: see there for what 10, 20 and 40 launches find.
 *
 * Cases:
 *  1. Opening, or a busy machine, eats the share: a launch still times LEAST_S. Beyond the budget
 * launches go on until there are 10, and end at twice the budget and GRACE_S whatever there is.
 *  2. A launch that failed is made up for by one more, within the budget.
 *  3. Requests are so slow that not even 10 launches have enough: 10.
 */
#include "probe/process/timed_plan.h"

#include <math.h>

#define FIRST_SHARE 0.05
#define OVERHEADS 3
#define LEAST_S 0.05
#define SHORT_S 0.2 /* several turns at a core that is shared */
#define GRACE_S 30.0
#define OPEN_LIMIT_S 60.0

static size_t launches_of(const struct timed_plan *plan, const struct probe_latency *latency) {
  size_t fewest = SIZE_MAX;
  if (latency->n_launches == 0) {
    return TIMED_PLAN_FEW;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    size_t n = latency->launches[0].n[s];
    fewest = n > 0 && n < fewest ? n : fewest;
  }
  double first_s = fmax(FIRST_SHARE * plan->budget_s, LEAST_S);
  double enough_s = first_s * TIMED_PLAN_ENOUGH / (double)fewest;
  double least_s = fmax(fmax(enough_s, OVERHEADS * plan->overhead_s), SHORT_S);
  double n = floor(plan->budget_s / (least_s + plan->overhead_s));
  return (size_t)fmin(fmax(n, TIMED_PLAN_FEW), TIMED_PLAN_MOST); /* 3 */
}

double timed_plan_next(const struct timed_plan *plan, const struct probe_latency *latency,
                       size_t number, size_t *n_all) {
  *n_all = launches_of(plan, latency);
  size_t n_left = *n_all > latency->n_launches ? *n_all - latency->n_launches : 0;
  double left_s = plan->budget_s - plan->elapsed_s;
  double end_s =
      latency->n_launches >= TIMED_PLAN_FEW ? plan->budget_s : 2 * plan->budget_s + GRACE_S;
  if (n_left == 0 || (number > 0 && plan->elapsed_s >= end_s)) {
    return NAN; /* 1 */
  }
  if (latency->n_launches == 0) {
    return fmax(FIRST_SHARE * plan->budget_s, LEAST_S);
  }
  return fmax(left_s / (double)n_left - plan->overhead_s, LEAST_S); /* 2 */
}

double timed_plan_limit_s(double seconds) {
  return OPEN_LIMIT_S + 4 * seconds;
}
