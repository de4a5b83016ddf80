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

#include <cmocka.h>

#include "base/memory.h"
#include "judge/judge_fixture.h"

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
  assert_float_equal(gate.p_safe, 0.0227501319481792, 1e-13);
  assert_int_equal(gate.state, STATE_SAFE);
  assert_int_equal(gate.gain, GAIN_NONE);
  assert_float_equal(gate.level, 0.9, 1e-15);
  assert_float_equal(gate.low, -1.64485362695147 * 0.005, 1e-12);
  assert_float_equal(gate.high, 1.64485362695147 * 0.005, 1e-12);
}

static void test_harm_is_adjusted_over_the_family(void **state) {
  /* (d + δ)/se = −2: alone HARMED, with a second member Holm doubles p to .0455, with a third it is
   * .068: no longer. */
  struct judge_member gates[3] = {fixture_gate(-0.02, 0.005, 0.01, 1000),
                                  fixture_gate(0.0, 0.1, 0.01, 1000),
                                  fixture_gate(0.0, 0.1, 0.01, 1000)};
  (void)state;
  assert_int_equal(judge(gates, 1).verdict, VERDICT_FAIL);
  assert_int_equal(judge(gates, 2).verdict, VERDICT_FAIL);
  assert_float_equal(gates[0].p_harmed_adjusted, 2 * 0.0227501319481792, 1e-12);
  assert_int_equal(judge(gates, 3).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(gates[0].state, STATE_UNDECIDED);
}

/* R: p.adjust(c(.011, .02, .03, .2), "holm", n = 6) = .066 .100 .120 .600: two members of the
 * family were never reached. */
static void test_holm_over_a_family_fixed_beforehand(void **state) {
  const double p[] = {0.011, 0.02, 0.03, 0.2}, adjusted[] = {0.066, 0.1, 0.12, 0.6};
  struct judge_member gates[6];
  struct judge_rules rules = fixture_rules();
  struct judge_candidate candidate;
  (void)state;
  for (int i = 0; i < 6; i++) {
    gates[i] = fixture_gate(i < 4 ? distribution_normal_quantile(p[i]) - 1.0 : 0.0, 1.0, 1.0, 100);
  }
  gates[4].law = inference_none("not reached");
  gates[5].absence = ABSENCE_NOT_ASKED;
  assert_int_equal(judge_family_size(gates, 6), 6);
  assert_int_equal(judge(gates, 6).n_family, 6);
  for (int i = 0; i < 4; i++) {
    assert_float_equal(gates[i].p_harmed_adjusted, adjusted[i], 1e-12);
  }
  rules.n_family = 6;
  assert_int_equal(judge_by(&rules, gates, 4, &candidate).n_family, 6);
  assert_float_equal(gates[0].p_harmed_adjusted, adjusted[0], 1e-12);
}

static void test_what_cannot_decide_blocks(void **state) {
  struct judge_member gate = fixture_gate(0.5, 0.005, 0.01, 1000);
  (void)state;
  gate.law.undecided = "4 rows differ";
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(gate.state, STATE_UNDECIDED);
  assert_float_equal(gate.p_safe, 1.0, 0.0);
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

/* Exact: no sampling error, outside the family; the margin itself is still acceptable. */
static void test_exact(void **state) {
  struct judge_member members[2] = {fixture_gate(-0.01, 0.0, 0.01, 1000),
                                    fixture_gate(-0.02, 0.005, 0.01, 1000)};
  (void)state;
  members[0].law.kind = INFERENCE_EXACT;
  members[0].is_exact = true;
  struct judge_result result = judge(members, 2);
  assert_int_equal(result.n_family, 1);
  assert_int_equal(members[0].state, STATE_SAFE);
  assert_int_equal(members[1].state, STATE_HARMED);
  assert_float_equal(members[0].low, -0.01, 0.0);
  members[0].law.value = -0.0101;
  assert_int_equal(judge(members, 1).verdict, VERDICT_FAIL);
  members[0].kind = JUDGE_REQUIREMENT;
  members[0].range_high = -0.0101;
  assert_int_equal(judge(members, 1).verdict, VERDICT_PASS);
  assert_int_equal(members[0].state, STATE_MET);
  members[0].range_high = -0.02;
  assert_int_equal(judge(members, 1).verdict, VERDICT_FAIL);
  assert_int_equal(members[0].state, STATE_VIOLATED);
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
  assert_float_equal(gate.law.value, -log(1.1), 1e-15);
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_PASS);
  law.pair_value[0] = 110.001;
  gate.law = judge_log_ratio(&law, false);
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_FAIL);
}

/* Φ(−2.5) = .00620966532577613, Φ(−1) = .158655253931457. */
static void test_requirements(void **state) {
  struct judge_member at_least = fixture_requirement(0.9, 0.02, 0.85, INFINITY, 500);
  struct judge_member at_most = fixture_requirement(0.9, 0.02, -INFINITY, 0.85, 500);
  struct judge_member range = fixture_requirement(0.9, 0.02, 0.85, 0.92, 500);
  (void)state;
  assert_int_equal(judge(&at_least, 1).verdict, VERDICT_PASS);
  assert_int_equal(at_least.state, STATE_MET);
  assert_float_equal(at_least.p_safe, 0.00620966532577613, 1e-14);
  assert_float_equal(at_least.value, 0.9, 0.0);
  assert_int_equal(judge(&at_most, 1).verdict, VERDICT_FAIL);
  assert_int_equal(at_most.state, STATE_VIOLATED);
  assert_float_equal(at_most.p_harmed, 0.00620966532577613, 1e-14);
  /* Two one-sided tests: the worse end decides; a harm is doubled. */
  assert_int_equal(judge(&range, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_float_equal(range.p_safe, 0.158655253931457, 1e-13);
  assert_float_equal(range.p_harmed, 1.0, 0.0);
  range.law.value = 0.98; /* 3 se above the range: 2·Φ(−3) */
  assert_int_equal(judge(&range, 1).verdict, VERDICT_FAIL);
  assert_float_equal(range.p_harmed, 2 * 0.00134989803163009, 1e-14);
  assert_int_equal(range.gain, GAIN_NONE);
}

/* No group worse: se .01 a group, δ .02; SAFE by the worst group, HARMED by the worst of three
 * (3·Φ(−2.4) = .0246), and one that is too small keeps it open. */
static void test_groups_are_one_gate(void **state) {
  struct judge_part parts[3] = {{.law = fixture_law(0.01, 0.01), .n = 300},
                                {.law = fixture_law(0.0, 0.01), .n = 200},
                                {.law = fixture_law(0.03, 0.01), .n = 100}};
  struct judge_member gate = fixture_gate(0.0, 0.0, 0.02, 600);
  (void)state;
  gate.law = inference_none("parts");
  gate.parts = parts;
  gate.n_parts = 3;
  struct judge_result result = judge(&gate, 1);
  assert_int_equal(result.verdict, VERDICT_PASS);
  assert_int_equal(result.n_family, 1);
  assert_float_equal(gate.p_safe, 0.0227501319481792, 1e-13);
  assert_int_equal(gate.worst_part, 1);
  assert_float_equal(gate.value, 0.0, 0.0);
  assert_float_equal(gate.low, -0.0164485362695147, 1e-12);
  assert_float_equal(gate.high, 0.01 * distribution_normal_quantile(1 - 0.05 / 3), 1e-12);
  parts[1].law.value = -0.044;
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_FAIL);
  assert_float_equal(gate.p_harmed, 3 * 0.00819753592459613, 1e-13);
  assert_int_equal(parts[1].state, STATE_HARMED);
  assert_int_equal(parts[0].state, STATE_SAFE);
  parts[1].law.value = -0.038; /* 3·Φ(−1.8) = .108 */
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  parts[1].law = inference_none("too small to judge");
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_true(isnan(gate.low) && isnan(gate.n_needed));
  assert_int_equal(parts[1].state, STATE_UNDECIDED);
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
  assert_float_equal(members[0].value, 0.0, 0.0);
  assert_float_equal(members[0].high, 0.0, 0.0);
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
  assert_float_equal(candidates[0].p_pass_adjusted, 2 * 0.00620966532577613, 1e-12);
  assert_float_equal(candidates[1].p_pass, 0.0359303191129258, 1e-12);
  assert_int_equal(candidates[1].verdict, VERDICT_PASS);
  rules.n_candidates = 3;
  result = judge_by(&rules, members, 4, candidates);
  assert_float_equal(candidates[1].p_pass_adjusted, 2 * 0.0359303191129258, 1e-12);
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
  assert_float_equal(gate.level, 1 - 2 * 0.0107783240, 2e-7);
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
  assert_float_equal(ratio.value, log(1.25), 1e-15);
  assert_float_equal(ratio.se, sqrt(0.0525), 1e-15);
  assert_float_equal(judge_log_ratio(&law, false).value, -log(1.25), 1e-15);
  law.pair_value[1] = 0.0;
  assert_int_equal(judge_log_ratio(&law, true).kind, INFERENCE_MISSING);
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
      cmocka_unit_test(test_harm_is_adjusted_over_the_family),
      cmocka_unit_test(test_holm_over_a_family_fixed_beforehand),
      cmocka_unit_test(test_what_cannot_decide_blocks),
      cmocka_unit_test(test_what_is_not_measured),
      cmocka_unit_test(test_exact),
      cmocka_unit_test(test_exact_log_ratio),
      cmocka_unit_test(test_requirements),
      cmocka_unit_test(test_groups_are_one_gate),
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
