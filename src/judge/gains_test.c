/* Gains and trade-offs by hand: what counts as a gain, what it may excuse, and what it may not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "judge/judge_fixture.h"
#include "stats/near_check.h"

static struct judge_rules rules;
static struct judge_candidate candidate;

static int reset(void **state) {
  (void)state;
  rules = fixture_rules();
  rules.allows_tradeoffs = true;
  return 0;
}

static struct judge_result judge(struct judge_member *members, size_t n) {
  struct judge_result result;
  assert_int_equal(judge_members(members, n, &rules, &candidate, &result, NULL), NONET_OK);
  return result;
}

static struct judge_member gate(int tier, double d, double limit) {
  struct judge_member member = fixture_gate(d, 0.005, 0.01, 1000);
  member.tier = tier;
  member.limit = limit;
  return member;
}

static void test_improved_and_gained(void **state) {
  struct judge_member one = gate(1, 0.012, NAN); /* z = 2.4 above 0, .4 above δ */
  (void)state;
  judge(&one, 1);
  assert_int_equal(one.gain, GAIN_IMPROVED);
  CLOSE(one.p_gain, 0.00819753592459613, 1e-13);
  /* proves d > δ: ceil(1000·.005²·(z.95 + z.8)²/.002²) */
  CLOSE(one.n_gain, ceil(1000 * 6.25 * 2.48647486052428 * 2.48647486052428), 0.0);
  one = gate(1, 0.03, NAN);
  judge(&one, 1);
  assert_int_equal(one.gain, GAIN_GAINED);
  one.gamma = 0.025;
  judge(&one, 1);
  assert_int_equal(one.gain, GAIN_IMPROVED);
  one.is_guard = true;
  judge(&one, 1);
  assert_int_equal(one.gain, GAIN_NONE);
  assert_true(isnan(one.p_gain));
}

/* Two primaries: Holm doubles Φ(−1.8) = .0359 to .0719; a part-wise gain needs every part. */
static void test_one_family_of_gains(void **state) {
  struct judge_part parts[2] = {{.law = fixture_law(0.03, 0.005), .n = 50},
                                {.law = fixture_law(0.009, 0.005), .n = 50}};
  struct judge_member two[2] = {gate(1, 0.009, NAN), gate(2, 0.0, NAN)};
  (void)state;
  judge(two, 1);
  assert_int_equal(two[0].gain, GAIN_IMPROVED);
  judge(two, 2);
  assert_int_equal(two[0].gain, GAIN_NONE);
  CLOSE(two[0].p_gain, 2 * 0.0359303191129258, 1e-12);
  two[1].is_primary = false;
  judge(two, 2);
  assert_int_equal(two[0].gain, GAIN_IMPROVED);
  two[0].parts = parts;
  two[0].n_parts = 2;
  judge(two, 1);
  CLOSE(two[0].p_gain, 0.0359303191129258, 1e-12);
  assert_int_equal(two[0].gain, GAIN_IMPROVED);
}

static void test_exact_gain(void **state) {
  struct judge_member two[2] = {gate(1, 0.01, NAN), gate(2, 0.009, NAN)};
  (void)state;
  two[0].law.kind = INFERENCE_EXACT;
  two[0].is_exact = true;
  judge(two, 2);
  assert_int_equal(two[0].gain, GAIN_IMPROVED); /* not beyond γ = δ */
  assert_int_equal(two[1].gain, GAIN_IMPROVED); /* alone in its family */
}

/* Tier 2 at −.012: not SAFE at δ = .01, SAFE at L = .03; the gain of tier 1 excuses it. */
static void test_a_gain_excuses_downwards(void **state) {
  struct judge_member two[2] = {gate(1, 0.03, NAN), gate(2, -0.012, 0.03)};
  (void)state;
  struct judge_result result = judge(two, 2);
  assert_int_equal(result.verdict, VERDICT_PASS);
  CLOSE(result.alpha_gains, 0.01, 1e-15);
  assert_int_equal(two[1].state, STATE_EXCUSED);
  assert_int_equal(two[1].excused_by, 0);
  CLOSE(two[1].alpha_used, 0.04, 1e-15);
  CLOSE(two[1].level, 0.92, 1e-15);
  CLOSE(two[0].alpha_used, 0.05, 1e-15);
  /* The least alpha: the larger of p_limit and the two gains' Holm p over .2. */
  assert_true(candidate.p_pass <= 0.05);
  CLOSE(candidate.p_pass, fmax(two[1].p_limit, two[0].p_gained / 0.2), 1e-12);
  /* never upwards, never sideways */
  two[0].tier = 3;
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  two[0].tier = 2;
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  two[0].tier = 1;
  /* a guard neither excuses nor is excused */
  two[0].is_guard = true;
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  two[0].is_guard = false;
  two[1].is_guard = true;
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  two[1].is_guard = false;
  /* nor a gate of tier 1 */
  two[0].tier = 0;
  two[1].tier = 1;
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  two[0].tier = 1;
  two[1].tier = 2;
  rules.allows_tradeoffs = false;
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  CLOSE(two[1].alpha_used, 0.05, 0.0);
}

/* Harm within the limit: excused by a gain; without one it is FAIL with the n that would prove the
 * gain; beyond the limit nothing helps. */
static void test_harm(void **state) {
  struct judge_member two[2] = {gate(1, 0.03, NAN), gate(2, -0.03, 0.05)};
  (void)state;
  assert_int_equal(judge(two, 2).verdict, VERDICT_PASS);
  assert_int_equal(two[1].state, STATE_EXCUSED);
  assert_true(two[1].p_harmed_adjusted <= 0.05);
  two[0].law.value = 0.015; /* z = 1 beyond γ: not proven */
  assert_int_equal(judge(two, 2).verdict, VERDICT_FAIL);
  assert_int_equal(two[1].state, STATE_HARMED);
  assert_int_equal(two[1].n_gain_of, 0);
  /* family of two gains at .01: 1000·(z.995 + z.8)²·.005²/.005² */
  double z = 2.57582930354890 + 0.841621233572914;
  CLOSE(two[1].n_gain, ceil(1000 * z * z), 0.0);
  two[0].law.value = 0.005; /* no gain in sight */
  judge(two, 2);
  assert_true(isnan(two[1].n_gain));
  assert_int_equal(two[1].n_gain_of, JUDGE_NOBODY);
  two[0].law.value = 0.03;
  two[1].law.value = -0.08;
  assert_int_equal(judge(two, 2).verdict, VERDICT_FAIL);
}

/* α is split because the context has a limit, used or not: p = .045 is no longer SAFE at .04. */
static void test_alpha_is_split_beforehand(void **state) {
  struct judge_member two[2] = {gate(1, 0.0, NAN), gate(2, 0.0, 0.03)};
  (void)state;
  two[1].law.value = 0.005 * 1.69539771027214 - 0.01; /* Φ(−1.6954) = .045 */
  assert_int_equal(judge(two, 2).verdict, VERDICT_INCONCLUSIVE);
  CLOSE(candidate.p_pass, 0.045 / 0.8, 1e-10);
  two[1].limit = NAN;
  assert_int_equal(judge(two, 2).verdict, VERDICT_PASS);
  CLOSE(candidate.p_pass, 0.045, 1e-10);
}

/* One gain, one gate; two gains can be dealt out so that each gate has one above it, the harmed
 * first. */
static void test_one_gain_one_gate(void **state) {
  struct judge_member m[4] = {gate(1, 0.04, NAN), gate(2, -0.012, 0.03), gate(3, -0.012, 0.03),
                              gate(2, 0.04, NAN)};
  (void)state;
  assert_int_equal(judge(m, 3).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(m[1].state, STATE_EXCUSED);
  assert_int_equal(m[2].state, STATE_UNDECIDED);
  CLOSE(candidate.p_pass, m[1].p_safe / 0.8, 1e-12);
  assert_int_equal(judge(m, 4).verdict, VERDICT_PASS);
  assert_int_equal(m[1].excused_by, 0);
  assert_int_equal(m[2].excused_by, 3);
  m[2].law.value = -0.03; /* HARMED, within a wider limit: it comes first, and there is one gain */
  m[2].limit = 0.05;
  assert_int_equal(judge(m, 3).verdict, VERDICT_INCONCLUSIVE);
  assert_int_equal(m[2].state, STATE_EXCUSED);
  assert_int_equal(m[1].state, STATE_UNDECIDED);
}

/* Another candidate's gain buys nothing. */
static void test_gains_stay_with_their_candidate(void **state) {
  struct judge_member m[3] = {gate(1, 0.0, NAN), gate(2, -0.012, 0.03), gate(1, 0.04, NAN)};
  struct judge_candidate candidates[2];
  struct judge_result result;
  (void)state;
  m[2].candidate = 1;
  rules.n_candidates = 2;
  assert_int_equal(judge_members(m, 3, &rules, candidates, &result, NULL), NONET_OK);
  assert_int_equal(m[2].gain, GAIN_GAINED);
  assert_int_equal(m[1].state, STATE_UNDECIDED);
}

static void test_memory_failures(void **state) {
  struct judge_member two[2] = {gate(1, 0.03, NAN), gate(2, -0.012, 0.03)};
  struct judge_result result;
  nonet_status status = NONET_E_MEMORY;
  (void)state;
  for (long k = 0; status != NONET_OK; k++) {
    memory_fail_after(k);
    status = judge_members(two, 2, &rules, &candidate, &result, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
  assert_int_equal(result.verdict, VERDICT_PASS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_improved_and_gained, reset),
      cmocka_unit_test_setup(test_one_family_of_gains, reset),
      cmocka_unit_test_setup(test_exact_gain, reset),
      cmocka_unit_test_setup(test_a_gain_excuses_downwards, reset),
      cmocka_unit_test_setup(test_harm, reset),
      cmocka_unit_test_setup(test_alpha_is_split_beforehand, reset),
      cmocka_unit_test_setup(test_one_gain_one_gate, reset),
      cmocka_unit_test_setup(test_gains_stay_with_their_candidate, reset),
      cmocka_unit_test_setup(test_memory_failures, reset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
