/*
 * Spending the budget (timed_plan.h).
 *
 *   the first launch times a twentieth of the budget; it shows how long opening takes and how many
 *   requests fit. 20 launches when each model had TIMED_PLAN_ENOUGH in it, else 10; the rest of the
 *   budget is shared equally among what is left, opening taken off.
 *
 * Cases:
 *  1. Opening, or a busy machine, eats the share: a launch still times LEAST_S. Beyond the budget
 * launches go on until there are 10, and end at twice the budget and GRACE_S whatever there is.
 *  2. A launch that failed is made up for by one more, within the budget.
 */
#include "probe/process/timed_plan.h"

#include <math.h>

#define LEAST_S 0.05
#define GRACE_S 30.0
#define OPEN_LIMIT_S 60.0

static size_t launches_of(const struct probe_latency *latency) {
  size_t fewest = SIZE_MAX;
  if (latency->n_launches == 0) {
    return TIMED_PLAN_MANY;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    size_t n = latency->launches[0].n[s];
    fewest = n > 0 && n < fewest ? n : fewest;
  }
  return fewest >= TIMED_PLAN_ENOUGH ? TIMED_PLAN_MANY : TIMED_PLAN_FEW;
}

double timed_plan_next(const struct timed_plan *plan, const struct probe_latency *latency,
                       size_t number, size_t *n_all) {
  *n_all = launches_of(latency);
  size_t n_left = *n_all > latency->n_launches ? *n_all - latency->n_launches : 0;
  double left_s = plan->budget_s - plan->elapsed_s, open_s = 0;
  double end_s =
      latency->n_launches >= TIMED_PLAN_FEW ? plan->budget_s : 2 * plan->budget_s + GRACE_S;
  if (n_left == 0 || (number > 0 && plan->elapsed_s >= end_s)) {
    return NAN; /* 1 */
  }
  if (latency->n_launches > 0) {
    open_s =
        1e-9 * (latency->launches[0].open_ns[STREAM_A] + latency->launches[0].open_ns[STREAM_B]);
  }
  double seconds = left_s / (double)n_left - open_s; /* 2 */
  return fmax(seconds, LEAST_S);
}

double timed_plan_limit_s(double seconds) {
  return OPEN_LIMIT_S + 4 * seconds;
}
