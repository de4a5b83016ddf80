/*
 * The self-test on rows made here: it holds where the laws are right, finds a standard error made
 * 60 % too small. Rates are bounded, not copied: 300
 * repeats of a true .05 show at most .05 + 3·.0126 = .088.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/selftest.h"
#include "run/selftest_fixture.h"

#define REPEATS 300

static struct selftest_gate gate_of(const struct catalogue_pick *pick, double margin) {
  return (struct selftest_gate){.measure = pick->measure,
                                .variant = &pick->variant,
                                .scope = {.in_scope = everywhere, .class_index = -1},
                                .margin = margin};
}

static struct selftest_result repeat(const struct summary_set *set, struct selftest_gate *gates,
                                     size_t n, void (*distort)(struct inference *)) {
  const struct selftest_request request = {.set = set,
                                           .alpha = 0.05,
                                           .n_family = n,
                                           .n_repeats = REPEATS,
                                           .n_threads = 2,
                                           .seed = 3,
                                           .distort = distort};
  struct selftest_result result;
  nonet_error error;
  if (selftest_repeat(gates, n, &request, &result, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return result;
}

/* A standard error 60 % too small, whatever the law's kind. */
static void shrink(struct inference *law) {
  law->se *= 0.4;
  for (int s = 0; s < N_STREAMS; s++) {
    law->pair_variance[s] *= 0.16;
  }
  law->pair_covariance *= 0.16;
  law->b /= 0.16;
  law->c /= 0.16;
  law->n /= 0.16;
}

static const char *const ids[] = {"correctness.auc", "correctness.accuracy", "correctness.recall"};

static void test_holds_and_finds_what_is_broken(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *picks[3];
  struct selftest_gate gates[3];
  (void)state;
  for (size_t g = 0; g < 3; g++) {
    picks[g] = pick_of(ids[g], TASK_BINARY);
    gates[g] = gate_of(picks[g], 0.06);
  }
  struct selftest_result result = repeat(set, gates, 3, NULL);
  assert_int_equal(result.n_rows, N);
  assert_false(result.is_broken);
  for (size_t g = 0; g < 3; g++) {
    assert_int_equal(gates[g].state, SELFTEST_HOLDS);
    assert_float_equal(gates[g].most, 0.07 + 3 * sqrt(0.07 * 0.93 / REPEATS), 1e-12);
    assert_int_equal(gates[g].n_injected, REPEATS);
    assert_true(gates[g].improved > 0.0 && gates[g].harmed_at_zero > 0.0);
    assert_true(gates[g].safe_when_equal > 0.5);
    assert_true(gates[g].harmed_at_twice > 0.3);
  }
  assert_true(result.pass_when_equal > 0.3 && result.pass_when_equal <= gates[0].safe_when_equal);
  /* Φ(−.4·1.645) = .255 instead of .05 */
  result = repeat(set, gates, 3, shrink);
  assert_true(result.is_broken);
  for (size_t g = 0; g < 3; g++) {
    assert_int_equal(gates[g].state, SELFTEST_BROKEN);
    assert_true(gates[g].improved > 0.15);
    memory_free(picks[g]);
  }
  summary_free(set);
}

/* A harm beyond what there is does not fit; a measure without an injector is tested at equality. */
static void test_what_cannot_be_harmed(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *auc = pick_of("correctness.auc", TASK_BINARY);
  struct catalogue_pick *f1 = pick_of("correctness.f1", TASK_BINARY);
  struct selftest_gate gates[2] = {gate_of(auc, 0.6), gate_of(f1, 0.06)};
  (void)state;
  assert_null(harm_of(f1->measure, &f1->variant, TASK_BINARY));
  repeat(set, gates, 2, NULL);
  for (size_t g = 0; g < 2; g++) {
    assert_int_equal(gates[g].n_injected, 0);
    assert_true(isnan(gates[g].safe_at_margin) && isnan(gates[g].harmed_at_twice));
    assert_int_equal(gates[g].state, SELFTEST_HOLDS);
  }
  memory_free(auc);
  memory_free(f1);
  summary_free(set);
}

static void expect_half_way(const struct selftest_gate *gate) {
  assert_int_equal(gate->n_injected, REPEATS);
  assert_true(gate->safe_at_margin > 0.0 && gate->safe_at_margin < 0.088);
  assert_true(gate->harmed_at_twice > gate->harmed_at_margin);
}

/* Clusters are swapped whole, a group is harmed alone, a relative margin as a share of the value.
 */
static void test_scopes_clusters_and_shares(void **state) {
  static const bool first[] = {true, false};
  struct fixture fixture = binary_rows();
  struct catalogue_pick *pick = pick_of("correctness.accuracy", TASK_BINARY);
  struct selftest_gate group = gate_of(pick, 0.08), share = gate_of(pick, -log1p(-0.1));
  (void)state;
  struct summary_set *set = make_set(&fixture);
  share.is_relative = true;
  assert_false(repeat(set, &share, 1, NULL).is_broken);
  expect_half_way(&share);
  summary_free(set);
  fixture.cluster = cluster;
  set = make_set(&fixture);
  group.scope.in_scope = first;
  assert_false(repeat(set, &group, 1, NULL).is_broken);
  expect_half_way(&group);
  memory_free(pick);
  summary_free(set);
}

/* Few differing rows: no law may decide, and nothing is said. */
static void test_open_and_repeatable(void **state) {
  struct fixture fixture = binary_rows();
  struct catalogue_pick *pick = pick_of("correctness.log_loss", TASK_BINARY);
  struct selftest_gate gate = gate_of(pick, 0.01), again;
  (void)state;
  memcpy(score[1], score[0], sizeof score[0]);
  score[1][0] = 0.5;
  struct summary_set *set = make_set(&fixture);
  repeat(set, &gate, 1, NULL);
  assert_int_equal(gate.state, SELFTEST_OPEN);
  assert_float_equal(gate.undecided, 1.0, 0.0);
  again = gate_of(pick, 0.01);
  repeat(set, &again, 1, NULL);
  assert_float_equal(gate.safe_when_equal, again.safe_when_equal, 0.0);
  summary_free(set);
  memory_free(pick);
}

static void test_memory_failures(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *pick = pick_of("correctness.accuracy", TASK_BINARY);
  struct selftest_gate gate = gate_of(pick, 0.05);
  const struct selftest_request request = {
      .set = set, .alpha = 0.05, .n_family = 1, .n_repeats = 1, .n_threads = 1, .seed = 3};
  struct selftest_result result;
  nonet_status status = NONET_E_MEMORY;
  (void)state;
  for (long k = 0; status != NONET_OK; k++) {
    memory_fail_after(k);
    status = selftest_repeat(&gate, 1, &request, &result, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
  memory_free(pick);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_holds_and_finds_what_is_broken),
      cmocka_unit_test(test_what_cannot_be_harmed),
      cmocka_unit_test(test_scopes_clusters_and_shares),
      cmocka_unit_test(test_open_and_repeatable),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
