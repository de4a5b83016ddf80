/* The members of a family: p-values, Holm and states by hand. Φ(−2) = .0227501319481792, Φ(−2.5) =
 * .00620966532577613 and so on are R's pnorm; Holm is R's p.adjust. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static void test_harm_is_adjusted_over_the_family(void **state) {
  /* (d + δ)/se = −2: alone HARMED, with a second member Holm doubles p to .0455, with a third it is
   * .068: no longer. */
  struct judge_member gates[3] = {fixture_gate(-0.02, 0.005, 0.01, 1000),
                                  fixture_gate(0.0, 0.1, 0.01, 1000),
                                  fixture_gate(0.0, 0.1, 0.01, 1000)};
  (void)state;
  assert_int_equal(judge(gates, 1).verdict, VERDICT_FAIL);
  assert_int_equal(judge(gates, 2).verdict, VERDICT_FAIL);
  CLOSE(gates[0].p_harmed_adjusted, 2 * 0.0227501319481792, 1e-12);
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
    CLOSE(gates[i].p_harmed_adjusted, adjusted[i], 1e-12);
  }
  rules.n_family = 6;
  assert_int_equal(judge_by(&rules, gates, 4, &candidate).n_family, 6);
  CLOSE(gates[0].p_harmed_adjusted, adjusted[0], 1e-12);
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
  CLOSE(members[0].low, -0.01, 0.0);
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

/* Φ(−2.5) = .00620966532577613, Φ(−1) = .158655253931457. */
static void test_requirements(void **state) {
  struct judge_member at_least = fixture_requirement(0.9, 0.02, 0.85, INFINITY, 500);
  struct judge_member at_most = fixture_requirement(0.9, 0.02, -INFINITY, 0.85, 500);
  struct judge_member range = fixture_requirement(0.9, 0.02, 0.85, 0.92, 500);
  (void)state;
  assert_int_equal(judge(&at_least, 1).verdict, VERDICT_PASS);
  assert_int_equal(at_least.state, STATE_MET);
  CLOSE(at_least.p_safe, 0.00620966532577613, 1e-14);
  CLOSE(at_least.value, 0.9, 0.0);
  assert_int_equal(judge(&at_most, 1).verdict, VERDICT_FAIL);
  assert_int_equal(at_most.state, STATE_VIOLATED);
  CLOSE(at_most.p_harmed, 0.00620966532577613, 1e-14);
  /* Two one-sided tests: the worse end decides; a harm is doubled. */
  assert_int_equal(judge(&range, 1).verdict, VERDICT_INCONCLUSIVE);
  CLOSE(range.p_safe, 0.158655253931457, 1e-13);
  CLOSE(range.p_harmed, 1.0, 0.0);
  range.law.value = 0.98; /* 3 se above the range: 2·Φ(−3) */
  assert_int_equal(judge(&range, 1).verdict, VERDICT_FAIL);
  CLOSE(range.p_harmed, 2 * 0.00134989803163009, 1e-14);
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
  CLOSE(gate.p_safe, 0.0227501319481792, 1e-13);
  assert_int_equal(gate.worst_part, 1);
  CLOSE(gate.value, 0.0, 0.0);
  CLOSE(gate.low, -0.0164485362695147, 1e-12);
  CLOSE(gate.high, 0.01 * distribution_normal_quantile(1 - 0.05 / 3), 1e-12);
  parts[1].law.value = -0.044;
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_FAIL);
  CLOSE(gate.p_harmed, 3 * 0.00819753592459613, 1e-13);
  assert_int_equal(parts[1].state, STATE_HARMED);
  assert_int_equal(parts[0].state, STATE_SAFE);
  parts[1].law.value = -0.038; /* 3·Φ(−1.8) = .108 */
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  parts[1].law = inference_none("too small to judge");
  assert_int_equal(judge(&gate, 1).verdict, VERDICT_INCONCLUSIVE);
  assert_true(isnan(gate.low) && isnan(gate.n_needed));
  assert_int_equal(parts[1].state, STATE_UNDECIDED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_harm_is_adjusted_over_the_family),
      cmocka_unit_test(test_holm_over_a_family_fixed_beforehand),
      cmocka_unit_test(test_exact),
      cmocka_unit_test(test_requirements),
      cmocka_unit_test(test_groups_are_one_gate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
