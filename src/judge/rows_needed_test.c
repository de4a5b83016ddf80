/*
 * Rows needed: against R's uniroot on the formula of judgement, and against a direct simulation of
 * the rows to come.
 *
 *   z <- qnorm(.95)
 *   f <- function(N, n, d, de, s) pnorm((n*(d+de) + (N-n)*de - z*s*sqrt(N))/(s*sqrt(N-n)))
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge/judge_fixture.h"
#include "stats/near_check.h"

static struct judge_candidate judge(struct judge_member *members, size_t n) {
  const struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  struct judge_result result;
  assert_int_equal(judge_members(members, n, &rules, &candidate, &result, NULL), NONET_OK);
  return candidate;
}

/* R: f = .8 at 2797.27 for n = 500, d = .001, δ = .01, se = .01; with a second gate (d = −.002, se
 * = .004) the two chances of failing sum to .2 at 2797.30; at a true .012 from a threshold and se
 * .01 the requirement is met with .8 at 1951.449. */
static void test_formula(void **state) {
  struct judge_member gates[2] = {fixture_gate(0.001, 0.01, 0.01, 500),
                                  fixture_gate(-0.002, 0.004, 0.01, 500)};
  struct judge_member requirement = fixture_requirement(0.862, 0.01, 0.85, INFINITY, 500);
  (void)state;
  struct judge_candidate candidate = judge(gates, 2);
  CLOSE(gates[0].n_needed, 2798.0, 0.0);
  CLOSE(candidate.n_needed[UNIT_ROWS], 2798.0, 0.0);
  assert_true(isnan(candidate.n_needed[UNIT_LAUNCHES]));
  assert_true(isnan(gates[1].n_needed));
  judge(&requirement, 1);
  CLOSE(requirement.n_needed, 1952.0, 0.0);
}

/* R: ceiling(.01^2*500*(qnorm(1-.05/2)+qnorm(.8))^2/.005^2) = 15698. */
static void test_rows_that_prove_the_harm(void **state) {
  struct judge_member gates[2] = {fixture_gate(-0.015, 0.01, 0.01, 500),
                                  fixture_gate(0.0, 0.001, 0.01, 500)};
  (void)state;
  judge(gates, 2);
  CLOSE(gates[0].n_fail, 15698.0, 0.0);
  assert_true(isnan(gates[1].n_fail));
}

static void test_where_no_number_would_do(void **state) {
  struct judge_member gate = fixture_gate(0.0, 0.01, 0.0, 500);
  struct judge_member requirement = fixture_requirement(0.84, 0.01, 0.85, INFINITY, 500);
  (void)state;
  assert_true(isnan(judge(&gate, 1).n_needed[UNIT_ROWS])); /* δ = 0 */
  assert_true(isnan(gate.n_needed));
  assert_true(isnan(judge(&requirement, 1).n_needed[UNIT_ROWS])); /* on the wrong side */
  assert_false(isnan(requirement.n_fail));
  gate = fixture_gate(0.0, 0.01, 1e-9, 500); /* beyond what anyone collects */
  assert_true(isnan(judge(&gate, 1).n_needed[UNIT_ROWS]));
}

/* Recall rests on 100 positives of 2,000 rows: needed in positives, converted to rows. Launches
 * that are decided are not asked for. */
static void test_units(void **state) {
  struct judge_member members[2] = {fixture_gate(0.0, 0.02, 0.02, 100),
                                    fixture_gate(0.0, 0.01, 0.1, 20)};
  struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  struct judge_result result;
  (void)state;
  members[1].unit = UNIT_LAUNCHES;
  rules.n_today[UNIT_ROWS] = 2000;
  assert_int_equal(judge_members(members, 2, &rules, &candidate, &result, NULL), NONET_OK);
  assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
  assert_true(fabs(candidate.n_needed[UNIT_ROWS] / 2000 - members[0].n_needed / 100) < 0.01);
  assert_true(isnan(candidate.n_needed[UNIT_LAUNCHES]));
  members[1].law = fixture_law(0.0, 0.1);
  assert_int_equal(judge_members(members, 2, &rules, &candidate, &result, NULL), NONET_OK);
  CLOSE(candidate.n_needed[UNIT_LAUNCHES] / 20, candidate.n_needed[UNIT_ROWS] / 2000, 0.05);
}

/* R: pnorm(.01*sqrt(N)/s - z) of both gates sum to 1.8 at 3091.3: nothing of today's estimates. */
static void test_n_max(void **state) {
  struct judge_member gates[2] = {fixture_gate(0.001, 0.01, 0.01, 500),
                                  fixture_gate(-0.2, 0.004, 0.01, 500)};
  const struct judge_rules rules = fixture_rules();
  (void)state;
  CLOSE(judge_n_max(gates, 2, &rules), 3092.0, 0.0);
  gates[0].margin = 0.0;
  assert_true(isnan(judge_n_max(gates, 2, &rules)));
}

/* R: δ/se that give joint power .8 for 1, 3, 5, 8, 15 gates: 2.486 3.146 3.396 3.605 3.861; gates
 * at power .8 each: .32768 for 5, .0352 for 15. */
static void test_plan_power(void **state) {
  const size_t n_gates[] = {1, 3, 5, 8, 15};
  const double ratio[] = {2.48647486, 3.14593957, 3.39553970, 3.60481761, 3.86121641};
  const struct judge_rules rules = fixture_rules();
  struct judge_planned planned[15];
  double p, least;
  (void)state;
  for (size_t k = 0; k < 5; k++) {
    for (size_t i = 0; i < 15; i++) {
      planned[i] = (struct judge_planned){.margin = ratio[k] * 0.01, .se = 0.01};
    }
    judge_plan_power(planned, n_gates[k], &rules, &p, &least);
    CLOSE(least, 0.8, 1e-7);
    assert_true(p >= least - 1e-12);
    CLOSE(planned[0].ratio, ratio[k], 1e-9);
  }
  for (size_t i = 0; i < 15; i++) {
    planned[i].margin = 0.0248647486052443;
  }
  judge_plan_power(planned, 5, &rules, &p, &least);
  CLOSE(p, 0.32768, 1e-6);
  judge_plan_power(planned, 15, &rules, &p, &least);
  CLOSE(p, 0.0351843720888320, 1e-6);
  CLOSE(least, 0.0, 0.0);
}

/* The printed number of rows gives SAFE in 80 % of equal pairs, given today's data: simulate the
 * rest of the rows at d = 0. */
static void test_rows_needed_keep_their_promise(void **state) {
  struct judge_member gate = fixture_gate(0.001, 0.01, 0.01, 500);
  struct philox_sequence random = {.seed = 11, .id = PHILOX_SIMULATE};
  const double z = 1.6448536269514722, sigma = 0.01 * sqrt(500.0);
  int n_safe = 0, n_runs = 20000;
  (void)state;
  const struct judge_candidate candidate = judge(&gate, 1);
  CLOSE(candidate.n_needed[UNIT_ROWS], gate.n_needed, 0.0);
  for (int run = 0; run < n_runs; run++) {
    double more = gate.n_needed - 500, normal = fixture_normal(&random);
    double d = (500 * 0.001 + more * normal * sigma / sqrt(more)) / gate.n_needed;
    n_safe += (d + 0.01) / (sigma / sqrt(gate.n_needed)) >= z;
  }
  assert_in_range(n_safe, (int)(0.79 * n_runs), (int)(0.81 * n_runs));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formula),
      cmocka_unit_test(test_rows_that_prove_the_harm),
      cmocka_unit_test(test_where_no_number_would_do),
      cmocka_unit_test(test_units),
      cmocka_unit_test(test_n_max),
      cmocka_unit_test(test_plan_power),
      cmocka_unit_test(test_rows_needed_keep_their_promise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
