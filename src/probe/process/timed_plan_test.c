/* The budget holds 10 to 100 launches; what starting them costs is taken off; there is an end. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/process/timed_plan.h"

/* Runs a plan to its end: every launch takes its time and its opening. */
static size_t spend(double budget_s, double open_s, double request_s, double *spent_s) {
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
    if (number == 0) {
      first.n[0] = first.n[1] = (size_t)(seconds / request_s / 2);
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
  /* 1,000 requests to each of two models of .1 ms take .2 s, three openings .6: 60 / .8 */
  assert_int_equal(spend(60, 0.2, 1e-4, &spent_s), 75);
  assert_true(fabs(spent_s - 60) < 1e-6);
  assert_int_equal(spend(60, 0.02, 1e-5, &spent_s), TIMED_PLAN_MOST); /* .08 s each would be 750 */
  assert_true(fabs(spent_s - 60) < 1e-6);
  assert_int_equal(spend(60, 0.05, 1e-3, &spent_s), 29);            /* 2 s of requests: 60 / 2.05 */
  assert_int_equal(spend(60, 0.2, 5e-3, &spent_s), TIMED_PLAN_FEW); /* 3: 10 s of requests */
  assert_true(fabs(spent_s - 60) < 1e-6);
  assert_int_equal(spend(10, 3, 1e-4, &spent_s), TIMED_PLAN_FEW); /* 1: late, but enough */
  assert_true(spent_s > 30 && spent_s < 32);
  assert_true(spend(10, 8, 1e-2, &spent_s) < TIMED_PLAN_FEW); /* 1: too late */
  assert_true(spent_s >= 50 && spent_s < 60);
  /* a launch that failed is made up for */
  struct probe_launch first = {.n = {10, 10}};
  struct probe_latency latency = {.n_launches = 9, .launches = &first, .n_failed = 2};
  struct timed_plan plan = {.budget_s = 60, .elapsed_s = 50};
  size_t n_all;
  assert_true(fabs(timed_plan_next(&plan, &latency, 11, &n_all) - 10) < 1e-9); /* 2 */
  latency.n_launches = 10;
  assert_true(isnan(timed_plan_next(&plan, &latency, 12, &n_all)));
  assert_int_equal(n_all, TIMED_PLAN_FEW);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
