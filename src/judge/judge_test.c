/*
 * The verdict: states and p-values by hand (tables of the normal law; Holm as R's p.adjust), what
 * blocks and what does not, several candidates, and a seeded smoke of the two error rates with
 * normal laws (judge_size_long.c has the long one with real measures).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "judge/judge_fixture.h"
#include "stats/near_check.h"

static struct judge_result judge_by(const struct judge_rules *rules, struct judge_member *members,
                                    size_t n, struct judge_candidate *candidates) {
  struct judge_result result;
  assert_int_equal(judge_members(members, n, rules, candidates, &result, NULL), NONET_OK);
  return result;
}

static struct judge_result judge(struct judge_member *members, size_t n) {
  const struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  return judge_by(&rules, members, n, &candidate);
}

/* d = 0, se .005, δ .01: z = 2, p_safe = 1 − Φ(2) = .0227501319481792. */
static void test_one_gate_is_safe(void **state) {
  struct judge_member gate = fixture_gate(0.0, 0.005, 0.01, 1000);
  (void)state;
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_PASS);
  CLOSE(gate.p_safe, 0.0227501319481792, 1e-13);
  assert_int_equal(gate.state, STATE_SAFE);
  assert_int_equal(gate.gain, GAIN_NONE);
  CLOSE(gate.level, 0.9, 1e-15);
  CLOSE(gate.low, -1.64485362695147 * 0.005, 1e-12);
  CLOSE(gate.high, 1.64485362695147 * 0.005, 1e-12);
}

static void test_what_cannot_decide_blocks(void **state) {
  struct judge_member gate = fixture_gate(0.5, 0.005, 0.01, 1000);
  (void)state;
  gate.law.undecided = "4 rows differ";
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(gate.state, STATE_UNDECIDED);
  CLOSE(gate.p_safe, 1.0, 0.0);
  assert_true(isnan(gate.n_needed));
  gate.law = inference_none("missing");
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(judge(&gate, 0).verdict, VERDICT_NONE);
}

/* Beside a gate that is SAFE: what is not measured blocks, unless it is not applicable or coverage
 * is partial; a requirement blocks always. */
static void test_what_is_not_measured(void **state) {
  struct judge_member members[2] = {fixture_gate(0.0, 0.001, 0.01, 1000),
                                    fixture_gate(0.0, 0.001, 0.01, 1000)};
  struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  (void)state;
  for (int absence = ABSENCE_NOT_APPLICABLE; absence <= ABSENCE_FAILED; absence++) {
    bool is_applicable = absence != ABSENCE_NOT_APPLICABLE;
    members[1].absence = (enum judge_absence)absence;
    rules.is_partial = false;
    struct judge_result result = judge_by(&rules, members, 2, &candidate);
    assert_int_equal(result.verdict, is_applicable ? VERDICT_INCONCLUSIVE : VERDICT_PASS);
    assert_int_equal(result.n_family, is_applicable ? 2 : 1);
    assert_int_equal(members[1].state, STATE_NOT_MEASURED);
    assert_true(isnan(members[1].value) && isnan(candidate.n_needed[UNIT_ROWS]));
    rules.is_partial = true;
    assert_int_equal(judge_by(&rules, members, 2, &candidate).verdict, VERDICT_PASS);
    assert_int_equal(judge_by(&rules, &members[1], 1, &candidate).verdict, VERDICT_NONE);
    members[1].kind = JUDGE_REQUIREMENT;
    members[1].range_low = 0.5;
    assert_int_equal(judge_by(&rules, members, 2, &candidate).verdict, VERDICT_INCONCLUSIVE);
    assert_true(isnan(candidate.p_pass));
    members[1].kind = JUDGE_GATE;
  }
}

/* 100 bytes to 110 against 10 %: exactly at the margin, whatever the logarithms round to. */
static void test_exact_log_ratio(void **state) {
  struct inference law = inference_none("exact");
  struct judge_member gate = fixture_gate(0.0, 0.0, log1p(0.1), 1);
  (void)state;
  law.kind = INFERENCE_EXACT;
  law.value = 10.0;
  law.pair_value[0] = 110.0;
  law.pair_value[1] = 100.0;
  gate.law = judge_log_ratio(&law, false);
  assert_int_equal(gate.law.kind, INFERENCE_EXACT);
  CLOSE(gate.law.value, -log(1.1), 1e-15);
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_PASS);
  law.pair_value[0] = 110.001;
  gate.law = judge_log_ratio(&law, false);
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_FAIL);
}

static void test_identical_models_are_equal(void **state) {
  const bool is_identical[] = {true};
  struct judge_part part = {.law = inference_none("too small"), .n = 3};
  struct judge_member members[3] = {fixture_gate(NAN, NAN, 0.0, 40),
                                    fixture_gate(0.0, 0.0, 0.01, 3),
                                    fixture_requirement(0.6, 0.01, 0.85, INFINITY, 500)};
  struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  (void)state;
  members[1].parts = &part;
  members[1].n_parts = 1;
  rules.is_identical = is_identical;
  assert_int_equal(judge_by(&rules, members, 2, &candidate).verdict, VERDICT_PASS);
  CLOSE(members[0].value, 0.0, 0.0);
  CLOSE(members[0].high, 0.0, 0.0);
  assert_int_equal(members[0].gain, GAIN_NONE);
  /* requirements are about the model alone */
  assert_int_equal(judge_by(&rules, members, 3, &candidate).verdict, VERDICT_FAIL);
  assert_int_equal(members[2].state, STATE_VIOLATED);
}

/* p_pass: Φ(−2.5) and, the larger of two gates, Φ(−1.8) = .0359; Holm: .0124 and .0359; with a
 * third candidate at Φ(−1.8) both of these double: .0719. R: p.adjust(…, "holm"). */
static void test_several_candidates(void **state) {
  struct judge_member members[4] = {
      fixture_gate(0.015, 0.01, 0.01, 500), fixture_gate(0.008, 0.01, 0.01, 500),
      fixture_gate(0.05, 0.01, 0.01, 500), fixture_gate(0.008, 0.01, 0.01, 500)};
  struct judge_rules rules = fixture_rules();
  struct judge_candidate candidates[3];
  (void)state;
  rules.n_candidates = 2;
  members[1].candidate = members[2].candidate = 1;
  members[3].candidate = 2;
  struct judge_result result = judge_by(&rules, members, 3, candidates);
  assert_int_equal(result.n_family, 3);
  CLOSE(candidates[0].p_pass_adjusted, 2 * 0.00620966532577613, 1e-12);
  CLOSE(candidates[1].p_pass, 0.0359303191129258, 1e-12);
  assert_int_equal(candidates[1].verdict, VERDICT_PASS);
  rules.n_candidates = 3;
  result = judge_by(&rules, members, 4, candidates);
  CLOSE(candidates[1].p_pass_adjusted, 2 * 0.0359303191129258, 1e-12);
  assert_int_equal(candidates[0].verdict, VERDICT_PASS);
  assert_int_equal(candidates[2].verdict, VERDICT_INCONCLUSIVE);
  assert_false(isnan(candidates[2].n_needed[UNIT_ROWS]));
  assert_int_equal(result.verdict, VERDICT_PASS);
  for (int i = 0; i < 4; i++) {
    members[i].law.value = -0.1;
  }
  assert_int_equal(judge_by(&rules, members, 4, candidates).verdict, VERDICT_FAIL);
}

static void test_later_looks(void **state) {
  const double t[] = {0.2, 0.4, 0.6};
  struct judge_member gate = fixture_gate(0.0, 0.005, 0.01, 1000);
  struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  struct looks looks;
  (void)state;
  rules.is_late = true;
  assert_int_equal(judge_by(&rules, &gate, 1, &candidate).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(gate.state, STATE_SAFE);
  /* The third of five looks has .0107783 (gsDesign): z = 2 no longer does, z = 2.4 does. */
  rules.is_late = false;
  rules.looks = &looks;
  assert_int_equal(looks_init(&looks, t, 3, NULL), NONET_OK);
  assert_int_equal(judge_by(&rules, &gate, 1, &candidate).verdict, VERDICT_INCONCLUSIVE);
  CLOSE(gate.level, 1 - 2 * 0.0107783240, 2e-7);
  gate.law.value = 0.002;
  assert_int_equal(judge_by(&rules, &gate, 1, &candidate).verdict, VERDICT_PASS);
  assert_true(gate.p_safe > 0.00819753592459613 && gate.p_safe <= 0.05);
}

/* 5 gates, one exactly at its margin and the others far: PASS in at most α; all exactly at their
 * margins: FAIL in at most α. */
static void test_error_promises(void **state) {
  struct philox_sequence random = {.seed = 5, .id = PHILOX_SIMULATE};
  int n_pass = 0, n_fail = 0, n_runs = 4000;
  (void)state;
  for (int run = 0; run < n_runs; run++) {
    struct judge_member far[5], edge[5];
    for (int i = 0; i < 5; i++) {
      double noise = 0.005 * fixture_normal(&random);
      far[i] = fixture_gate((i == 0 ? -0.01 : 0.05) + noise, 0.005, 0.01, 1000);
      edge[i] = fixture_gate(-0.01 + noise, 0.005, 0.01, 1000);
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
  CLOSE(ratio.value, log(1.25), 1e-15);
  CLOSE(ratio.se, sqrt(0.0525), 1e-15);
  CLOSE(judge_log_ratio(&law, false).value, -log(1.25), 1e-15);
  law.pair_value[1] = 0.0;
  assert_int_equal(judge_log_ratio(&law, true).kind, INFERENCE_MISSING);
  assert_non_null(strstr(judge_log_ratio(&law, true).reason, "above 0"));
  law = inference_none("test");
  law.reason = "20 requests were timed";
  assert_string_equal(judge_log_ratio(&law, true).reason, "20 requests were timed");
}

static void test_names(void **state) {
  (void)state;
  assert_string_equal(judge_state_name(STATE_NOT_MEASURED), "NOT_MEASURED");
  assert_string_equal(judge_state_name(STATE_VIOLATED), "VIOLATED");
  assert_string_equal(judge_absence_name(ABSENCE_FAILED), "failed");
  assert_string_equal(judge_kind_name(JUDGE_REQUIREMENT), "requirement");
  assert_string_equal(judge_gain_name(GAIN_GAINED), "GAINED");
  assert_null(judge_gain_name(GAIN_NONE));
  assert_string_equal(judge_verdict_name(VERDICT_NONE), "NONE");
}

static void test_memory_failures(void **state) {
  struct judge_member gate = fixture_gate(0.0, 0.005, 0.01, 1000);
  const struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  struct judge_result result;
  nonet_status status = NONET_E_MEMORY;
  (void)state;
  for (long k = 0; status != NONET_OK; k++) {
    nonet_error error;
    memory_fail_after(k);
    status = judge_members(&gate, 1, &rules, &candidate, &result, &error);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_gate_is_safe),
      cmocka_unit_test(test_what_cannot_decide_blocks),
      cmocka_unit_test(test_what_is_not_measured),
      cmocka_unit_test(test_exact_log_ratio),
      cmocka_unit_test(test_identical_models_are_equal),
      cmocka_unit_test(test_several_candidates),
      cmocka_unit_test(test_later_looks),
      cmocka_unit_test(test_error_promises),
      cmocka_unit_test(test_log_ratio),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
