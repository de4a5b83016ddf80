/* The best of several candidates by hand. R: ptukey(sqrt(2)*c(2.5, 1.5), 3, Inf, lower.tail =
 * FALSE) = .0332418 .2909050: with three candidates a pair needs z = 2.344, not 1.645. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "judge/candidates.h"
#include "judge/judge_fixture.h"
#include "stats/near_check.h"

#define K 3

/* Two tiers: members 0–2 the first primary of candidates 0–2, members 3–5 the second's. */
static struct judge_member members[2 * K];
static struct candidates_pair pairs[2 * K];

/* Differences to the baseline; every pair law has se .01, every margin is .01. */
static void set_up(const double *first, const double *second) {
  const size_t a[] = {0, 0, 1}, b[] = {1, 2, 2};
  for (size_t i = 0; i < 2 * K; i++) {
    members[i] = fixture_gate(i < K ? first[i] : second[i - K], 0.01, 0.01, 500);
    members[i].value = members[i].law.value;
    members[i].candidate = i % K;
    members[i].tier = i < K ? 1 : 2;
    const size_t shift = i < K ? 0 : K;
    const size_t ma = a[i % K] + shift, mb = b[i % K] + shift;
    const double *d = i < K ? first : second;
    pairs[i] = (struct candidates_pair){ma, mb, fixture_law(d[a[i % K]] - d[b[i % K]], 0.01)};
  }
}

static void expect(bool in0, bool in1, bool in2, bool out0, bool out1, bool out2) {
  bool best[K] = {in0, in1, in2};
  assert_int_equal(candidates_best(members, 2 * K, pairs, 2 * K, 0.05, best, K, NULL), NONET_OK);
  assert_int_equal(best[0], out0);
  assert_int_equal(best[1], out1);
  assert_int_equal(best[2], out2);
}

static void test_tier_by_tier(void **state) {
  const double flat[] = {0, 0, 0};
  /* candidate 2 is .035 behind: 2.5 se beyond δ; candidate 1 .025: 1.5 se, not proven */
  const double first[] = {0.035, 0.01, 0.0}, second[] = {0.0, 0.05, 0.09};
  (void)state;
  set_up(first, flat);
  expect(true, true, true, true, true, false);
  set_up(first, second); /* the second tier chooses among those left: 0 is .05 behind 1 */
  expect(true, true, true, false, true, false);
  set_up(flat, flat);
  expect(true, true, true, true, true, true);
  set_up(first, flat); /* who did not pass does not lead, and two need z = 1.96 */
  expect(false, true, true, false, true, true);
  expect(false, false, false, false, false, false);
}

static void test_not_by_guards_nor_by_what_cannot_decide(void **state) {
  const double flat[] = {0, 0, 0}, first[] = {0.1, 0.0, 0.0};
  (void)state;
  set_up(first, flat);
  members[1].is_guard = members[2].is_guard = members[0].is_guard = true;
  expect(true, true, true, true, true, true);
  set_up(first, flat);
  pairs[0].law.undecided = pairs[1].law.undecided = "few rows differ";
  expect(true, true, true, true, true, true);
}

/* Two primaries in one tier, each candidate far behind on one of them: a tie. */
static void test_a_tier_that_drops_all_drops_none(void **state) {
  const double first[] = {0.1, 0.0, 0.0}, second[] = {0.0, 0.1, 0.1};
  (void)state;
  set_up(first, second);
  for (size_t i = 0; i < 2 * K; i++) {
    members[i].tier = 1;
  }
  expect(true, true, false, true, true, false);
}

/* Three candidates: the winner's bound at .05/3. */
static void test_winner_bounds(void **state) {
  struct judge_member winner = fixture_gate(0.02, 0.01, 0.01, 500);
  double low, high;
  (void)state;
  winner.level = 0.9;
  candidates_bounds(&winner, 3, &low, &high);
  CLOSE(low, 0.02 - 0.01 * 2.12804523418498, 1e-9); /* qnorm(1 − .05/3) */
  CLOSE(high, 0.02 + 0.01 * 2.12804523418498, 1e-9);
}

static void test_memory_failure(void **state) {
  bool best[K] = {true, true, true};
  const double flat[] = {0, 0, 0};
  (void)state;
  set_up(flat, flat);
  memory_fail_after(0);
  nonet_status status = candidates_best(members, 2 * K, pairs, 2 * K, 0.05, best, K, NULL);
  memory_fail_after(-1);
  assert_int_equal(status, NONET_E_MEMORY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tier_by_tier),
      cmocka_unit_test(test_not_by_guards_nor_by_what_cannot_decide),
      cmocka_unit_test(test_a_tier_that_drops_all_drops_none),
      cmocka_unit_test(test_winner_bounds),
      cmocka_unit_test(test_memory_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
