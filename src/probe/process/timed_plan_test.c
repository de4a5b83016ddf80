/* The budget holds 10 to 100 launches; what starting them costs is taken off; there is an end. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/process/timed.h"
#include "probe/process/timed_plan.h"

#define LEAST 0.05 /* seconds of a launch that has no share left */

/* Runs a plan to its end: every launch takes its opening and its time, or less when it is full. */
static size_t spend(double budget_s, double open_s, double pair_s, double *spent_s) {
  struct probe_launch first = {0};
  struct probe_latency latency = {.launches = &first};
  struct timed_plan plan = {.budget_s = budget_s};
  size_t n_all, number = 0;
  for (;; number++) {
    double seconds = timed_plan_next(&plan, &latency, number, &n_all);
    if (isnan(seconds)) {
      break;
    }
    assert_true(seconds > 0 && timed_plan_limit_s(seconds) > seconds);
    seconds = fmin(seconds, TIMED_MOST * pair_s);
    if (number == 0) {
      first.n[0] = first.n[1] = (size_t)(seconds / pair_s);
      plan.pair_s = pair_s;
      plan.overhead_s = open_s;
    }
    plan.elapsed_s += seconds + open_s;
    latency.n_launches++;
  }
  *spent_s = plan.elapsed_s;
  return number;
}

static void test_plan(void **state) {
  (void)state;
  double spent_s;
  /* full after 60,000 pairs of 20 µs: 1.2 s; 60 / (1.2 + .2) */
  assert_int_equal(spend(60, 0.2, 2e-5, &spent_s), 42);
  assert_true(spent_s <= 60 && spent_s > 55);
  assert_int_equal(spend(60, 0.6, 2e-5, &spent_s), 25); /* three openings of .6: 60 / (1.8 + .6) */
  assert_int_equal(spend(60, 0.2, 2e-4, &spent_s), TIMED_PLAN_MANY); /* 3 s each would be 18 */
  assert_true(fabs(spent_s - 60) < 1e-6);
  assert_int_equal(spend(600, 0.2, 2e-4, &spent_s), TIMED_PLAN_MOST); /* 600 / 3.2 = 187 */
  assert_int_equal(spend(150, 0.2, 2e-4, &spent_s), 46);              /* 150 / 3.2 */
  assert_int_equal(spend(60, 0.2, 1e-2, &spent_s), 11);               /* 500 take 5 s: 60 / 5.2 */
  assert_true(fabs(spent_s - 60) < 1e-6);
  assert_int_equal(spend(60, 0.2, 1e-1, &spent_s), TIMED_PLAN_FEW);
  assert_true(fabs(spent_s - 60) < 1e-6);
  assert_int_equal(spend(10, 3, 2e-3, &spent_s), TIMED_PLAN_FEW); /* 1: late, but enough */
  assert_true(spent_s > 30 && spent_s < 32);
  assert_true(spend(10, 8, 2e-2, &spent_s) < TIMED_PLAN_FEW); /* 1: too late */
  assert_true(spent_s >= 50 && spent_s < 60);
  /* a launch that failed is made up for */
  struct probe_launch first = {.n = {10, 10}};
  struct probe_latency latency = {.n_launches = 9, .launches = &first, .n_failed = 2};
  struct timed_plan plan = {.budget_s = 60, .elapsed_s = 50, .pair_s = 1, .overhead_s = 10};
  size_t n_all;
  assert_true(fabs(timed_plan_next(&plan, &latency, 11, &n_all) - LEAST) < 1e-9);
  plan.overhead_s = 0;
  plan.pair_s = 0.001;
  plan.elapsed_s = 0; /* 60 s in launches of 3: 20, eleven are left */
  assert_true(fabs(timed_plan_next(&plan, &latency, 11, &n_all) - 60.0 / 11) < 1e-9); /* 2 */
  assert_int_equal(n_all, 20);
  latency.n_launches = 10;
  plan.elapsed_s = 60;
  assert_true(isnan(timed_plan_next(&plan, &latency, 12, &n_all)));
}

/* Two of 1 ms and two of 3: a pair takes 4 ms; with a warm-up of 3 and 1 the rest of 50 ms, 36, is
 * overhead. */
static void test_learn(void **state) {
  (void)state;
  double a[] = {1e6, 1e6}, b[] = {3e6, 3e6};
  struct probe_launch first = {.n = {2, 2}, .ns = {a, b}, .n_warm_up = {3, 1}};
  struct probe_latency latency = {.n_launches = 1, .launches = &first};
  struct timed_plan plan = {.budget_s = 60};
  timed_plan_learn(&plan, &latency, 0.05);
  assert_true(fabs(plan.pair_s - 0.004) < 1e-12 && fabs(plan.overhead_s - 0.036) < 1e-12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plan),
      cmocka_unit_test(test_learn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
