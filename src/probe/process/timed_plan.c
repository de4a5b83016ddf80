/*
 * Spending the budget (timed_plan.h).
 *
 *   10 launches, or 20 when a twentieth of the budget, starting taken off, holds TIMED_PLAN_ENOUGH
 *   requests of each model and half as many again for warm-up and bad luck; more, up to 100, as
 * long as each has LONG_S and ENOUGH requests, or ends full (TIMED_MOST), and starting them takes
 * at most a quarter. What is left of the budget is shared equally among the launches that are left.
 *
 * Why not more and shorter ones, though t over launches likes many: a p99 of few requests jumps
 * where a neighbour takes the core nearly once in a hundred requests. Simulated with that share at
 * .5 % (log sd .4 between launches), 200,000 requests find a model slowed by a fifth against a
 * margin of 10 % in .78 of the runs as 10 launches, .55 as 20, .38 as 40, .28 as 80; 40,000
 * requests in .54, .26, .24, .10. At .2 % all find it, but 80 short ones.
 *
 * Cases:
 *  1. Opening, or a busy machine, eats the share: a launch still times LEAST_S. Beyond the budget
 * launches go on until there are 10, and end at twice the budget and GRACE_S whatever there is.
 *  2. A launch that failed is made up for by one more, within the budget.
 *  3. Fast models fill their launches before their share is over: there are more launches for that.
 */
#include "probe/process/timed_plan.h"

#include <math.h>

#include "probe/process/timed.h"

#define FIRST_SHARE 0.05
#define LONG_S 3.0
#define OVERHEADS 3
#define ENOUGH_SLACK 1.5
#define LEAST_S 0.05
#define GRACE_S 30.0
#define OPEN_LIMIT_S 60.0

static size_t fewest_of(const struct probe_launch *launch) {
  size_t fewest = SIZE_MAX;
  for (int s = 0; s < N_STREAMS; s++) {
    fewest = launch->n[s] > 0 && launch->n[s] < fewest ? launch->n[s] : fewest;
  }
  return fewest;
}

void timed_plan_learn(struct timed_plan *plan, const struct probe_latency *latency, double wall_s) {
  const struct probe_launch *first = &latency->launches[0];
  double warm_up_s = 0;
  plan->pair_s = 0;
  for (int s = 0; s < N_STREAMS; s++) {
    double ns = 0;
    for (size_t i = 0; i < first->n[s]; i++) {
      ns += first->ns[s][i];
    }
    double mean_s = first->n[s] > 0 ? 1e-9 * ns / (double)first->n[s] : 0;
    plan->pair_s += mean_s;
    warm_up_s += mean_s * (double)first->n_warm_up[s];
  }
  double timed_s = plan->pair_s * (double)fewest_of(first);
  plan->overhead_s = fmax(wall_s - warm_up_s - timed_s, 0);
}

static size_t launches_of(const struct timed_plan *plan, const struct probe_latency *latency) {
  if (latency->n_launches == 0) {
    return TIMED_PLAN_FEW;
  }
  double long_s = fmax(LONG_S, TIMED_PLAN_ENOUGH * plan->pair_s);
  double full_s = fmin(long_s, TIMED_MOST * plan->pair_s); /* 3 */
  double least_s = fmax(full_s, OVERHEADS * plan->overhead_s);
  double n = floor(plan->budget_s / (least_s + plan->overhead_s));
  double share_s = plan->budget_s / TIMED_PLAN_MANY - plan->overhead_s;
  bool is_enough = share_s >= ENOUGH_SLACK * TIMED_PLAN_ENOUGH * plan->pair_s;
  return (size_t)fmin(fmax(n, is_enough ? TIMED_PLAN_MANY : TIMED_PLAN_FEW), TIMED_PLAN_MOST);
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
