/*
 * The judge against its formulas and its promises: states by hand, rows needed by the formula's own
 * simulation, and a seeded smoke of the two error rates with normal laws (the long simulation with
 * real measures belongs to `nonet check`).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"
#include "judge/judge.h"
#include "stats/distribution.h"

static struct judge_gate normal_gate(double d, double se, double margin, double n) {
  struct judge_gate gate = {.law = {.kind = INFERENCE_T,
                                    .method = "normal",
                                    .value = d,
                                    .se = se,
                                    .df = INFINITY,
                                    .null_low = -INFINITY,
                                    .null_high = INFINITY,
                                    .pair_covariance = NAN},
                            .margin = margin,
                            .n = n,
                            .tier = 1,
                            .is_primary = true};
  return gate;
}

static struct judge_result judge(struct judge_gate *gates, size_t n) {
  const struct judge_rules rules = {.alpha = 0.05, .power = 0.8};
  struct judge_result result;
  assert_int_equal(judge_gates(gates, n, &rules, &result, NULL), NONET_OK);
  return result;
}

/* d = 0, se .005, δ .01: z = 2, p_safe = .02275 (table of the normal law). */
static void test_one_gate_is_safe(void **state) {
  struct judge_gate gate = normal_gate(0.0, 0.005, 0.01, 1000);
  (void)state;
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_PASS);
  assert_float_equal(gate.p_safe, 0.022750131948179, 1e-12);
  assert_int_equal(gate.state, STATE_SAFE);
  assert_int_equal(gate.gain, GAIN_NONE);
  assert_float_equal(gate.low, -1.6448536269514722 * 0.005, 1e-12);
}

static void test_harm_is_adjusted_over_the_family(void **state) {
  /* (d + δ)/se = −2: p = .02275; alone HARMED, with a second member Holm doubles it to .0455, with
   * a third .068: no longer. */
  struct judge_gate gates[3] = {normal_gate(-0.02, 0.005, 0.01, 1000),
                                normal_gate(0.0, 0.1, 0.01, 1000),
                                normal_gate(0.0, 0.1, 0.01, 1000)};
  (void)state;
  assert_int_equal(judge(gates, 1).verdict, VERDICT_FAIL);
  assert_int_equal(judge(gates, 2).verdict, VERDICT_FAIL);
  assert_float_equal(gates[0].p_harmed_adjusted, 2 * 0.022750131948179, 1e-12);
  assert_int_equal(judge(gates, 3).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(gates[0].state, STATE_UNDECIDED);
  assert_false(isnan(gates[0].n_fail));
}

static void test_gains(void **state) {
  struct judge_gate gate = normal_gate(0.012, 0.005, 0.01, 1000);
  (void)state;
  judge(&gate, 1);
  assert_int_equal(gate.gain, GAIN_IMPROVED);
  gate = normal_gate(0.03, 0.005, 0.01, 1000);
  judge(&gate, 1);
  assert_int_equal(gate.gain, GAIN_GAINED);
  gate.is_guard = true;
  judge(&gate, 1);
  assert_int_equal(gate.gain, GAIN_NONE);
}

static void test_what_cannot_decide_blocks(void **state) {
  struct judge_gate gate = normal_gate(0.5, 0.005, 0.01, 1000);
  (void)state;
  gate.law.undecided = "4 rows differ";
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(gate.state, STATE_UNDECIDED);
  assert_float_equal(gate.p_safe, 1.0, 0.0);
  gate.is_not_measured = true;
  gate.is_blocking = true;
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  gate.is_blocking = false;
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_PASS);
  assert_int_equal(judge(&gate, 0).verdict, VERDICT_NONE);
}

/* The printed number of rows gives SAFE in 80 % of equal pairs, given today's data: simulate the
 * rest of the rows at d = 0. */
static void test_rows_needed_keep_their_promise(void **state) {
  struct judge_gate gate = normal_gate(0.001, 0.01, 0.01, 500);
  struct philox_sequence random = {.seed = 11, .id = PHILOX_SIMULATE};
  const double z = 1.6448536269514722;
  double sigma = 0.01 * sqrt(500.0);
  int n_safe = 0, n_runs = 20000;
  (void)state;
  struct judge_result result = judge(&gate, 1);
  assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
  assert_float_equal(result.n_needed, gate.n_needed, 0.0);
  for (int run = 0; run < n_runs; run++) {
    double more = gate.n_needed - 500,
           normal = distribution_normal_quantile(philox_next_uniform(&random));
    double d = (500 * 0.001 + more * normal * sigma / sqrt(more)) / gate.n_needed;
    n_safe += (d + 0.01) / (sigma / sqrt(gate.n_needed)) >= z;
  }
  assert_in_range(n_safe, (int)(0.79 * n_runs), (int)(0.81 * n_runs));
  gate = normal_gate(0.0, 0.01, 0.0, 500); /* δ = 0: no number of equal rows will do */
  assert_true(isnan(judge(&gate, 1).n_needed));
}

/* 5 gates, one exactly at its margin and the others far: PASS in at most α; all exactly at their
 * margins: FAIL in at most α. */
static void test_error_promises(void **state) {
  struct philox_sequence random = {.seed = 5, .id = PHILOX_SIMULATE};
  int n_pass = 0, n_fail = 0, n_runs = 4000;
  (void)state;
  for (int run = 0; run < n_runs; run++) {
    struct judge_gate far[5], edge[5];
    for (int i = 0; i < 5; i++) {
      double noise = 0.005 * distribution_normal_quantile(philox_next_uniform(&random));
      far[i] = normal_gate((i == 0 ? -0.01 : 0.05) + noise, 0.005, 0.01, 1000);
      edge[i] = normal_gate(-0.01 + noise, 0.005, 0.01, 1000);
    }
    n_pass += judge(far, 5).verdict == VERDICT_PASS;
    n_fail += judge(edge, 5).verdict == VERDICT_FAIL;
  }
  double most = (0.05 + 3.0 * sqrt(0.05 * 0.95 / n_runs)) * n_runs;
  assert_true(n_pass <= most && n_pass > 0);
  assert_true(n_fail <= most && n_fail > 0);
}

/* log(.5/.4), variance .01/.25 + .01/.16 − 2·.005/.2 by hand. */
static void test_log_ratio(void **state) {
  struct inference law = {.kind = INFERENCE_T,
                          .method = "delong",
                          .pair_value = {0.5, 0.4},
                          .pair_variance = {0.01, 0.01},
                          .pair_covariance = 0.005};
  (void)state;
  struct inference ratio = judge_log_ratio(&law, true);
  assert_float_equal(ratio.value, log(1.25), 1e-15);
  assert_float_equal(ratio.se, sqrt(0.0525), 1e-15);
  assert_float_equal(judge_log_ratio(&law, false).value, -log(1.25), 1e-15);
  law.pair_value[1] = 0.0;
  assert_int_equal(judge_log_ratio(&law, true).kind, INFERENCE_MISSING);
}

static void test_memory_failures(void **state) {
  struct judge_gate gate = normal_gate(0.0, 0.005, 0.01, 1000);
  const struct judge_rules rules = {.alpha = 0.05, .power = 0.8};
  struct judge_result result;
  nonet_status status = NONET_E_MEMORY;
  (void)state;
  for (long k = 0; status != NONET_OK; k++) {
    nonet_error error;
    memory_fail_after(k);
    status = judge_gates(&gate, 1, &rules, &result, &error);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_gate_is_safe),
      cmocka_unit_test(test_harm_is_adjusted_over_the_family),
      cmocka_unit_test(test_gains),
      cmocka_unit_test(test_what_cannot_decide_blocks),
      cmocka_unit_test(test_rows_needed_keep_their_promise),
      cmocka_unit_test(test_error_promises),
      cmocka_unit_test(test_log_ratio),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
