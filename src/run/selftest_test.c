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
#include "stats/near_check.h"

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
    CLOSE(gates[g].most, 0.07 + 3 * sqrt(0.07 * 0.93 / REPEATS), 1e-12);
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
  CLOSE(gate.undecided, 1.0, 0.0);
  again = gate_of(pick, 0.01);
  repeat(set, &again, 1, NULL);
  CLOSE(gate.safe_when_equal, again.safe_when_equal, 0.0);
  summary_free(set);
  memory_free(pick);
}

/* ---- over groups ---- */

static struct selftest_gate over_groups(const struct catalogue_pick *pick, enum selftest_way way,
                                        double margin) {
  struct selftest_gate gate = gate_of(pick, margin);
  gate.way = way;
  gate.columns[0] = 1;
  gate.n_columns = 1;
  return gate;
}

/* value ± z·se about the largest difference seen: what a normal interval of the plug-in would say.
 * With equal groups it is above 0 too often. */
static void take_for_normal(struct inference *law) {
  double low, high;
  inference_bounds(law, 0.5, &low, &high);
  law->se = (high - law->value) / 0.6744897501960817;
  law->kind = INFERENCE_T;
  law->df = INFINITY;
  law->scale = SCALE_IDENTITY;
}

static const char *const gap_ids[] = {"fairness.equal_opportunity_difference",
                                      "fairness.fpr_gap",
                                      "fairness.accuracy_gap",
                                      "fairness.demographic_parity_difference",
                                      "fairness.demographic_parity_ratio",
                                      "fairness.auc_gap"};
enum { N_GAPS = sizeof gap_ids / sizeof gap_ids[0] };
static const double allowed[N_GAPS] = {0.25, 0.25, 0.25, 0.25, 0.6, 0.12};

/* Requirements on gaps: rows of four groups, the truth 0, then exactly what is allowed. One model
 * is enough. */
static void test_gaps_of_equal_groups(void **state) {
  static uint32_t four[N];
  struct fixture fixture = binary_rows();
  struct catalogue_pick *picks[N_GAPS];
  struct selftest_gate gates[N_GAPS];
  (void)state;
  for (size_t i = 0; i < N; i++) {
    four[i] = i % 7 < 3 ? 0 : i % 7 < 5 ? 1 : (uint32_t)(i % 7 - 3);
  }
  fixture.cell = four;
  fixture.n_cells = 4;
  fixture.prediction[1] = NULL;
  fixture.score[1] = NULL;
  struct summary_set *set = make_set(&fixture);
  for (size_t g = 0; g < N_GAPS; g++) {
    picks[g] = pick_of(gap_ids[g], TASK_BINARY);
    gates[g] = over_groups(picks[g], SELFTEST_REGROUPED, allowed[g]);
  }
  struct selftest_result result = repeat(set, gates, N_GAPS, NULL);
  assert_false(result.is_broken);
  assert_true(isnan(result.pass_when_equal)); /* no gate */
  for (size_t g = 0; g < N_GAPS; g++) {
    assert_int_equal(gates[g].state, SELFTEST_HOLDS);
    assert_true(isnan(gates[g].improved));
    assert_true(gates[g].has_injector);
    assert_int_equal(gates[g].n_injected, REPEATS);
    if (g + 1 < N_GAPS) { /* an AUC of 86 rows is never within .12 */
      assert_true(gates[g].safe_when_equal > gates[g].safe_at_margin + 0.2);
      assert_true(gates[g].harmed_at_twice > gates[g].harmed_at_margin + 0.2);
    }
  }
  /* A normal law of the plug-in proves gaps that are not there. */
  result = repeat(set, gates, 2, take_for_normal);
  assert_true(result.is_broken);
  assert_int_equal(gates[1].state, SELFTEST_BROKEN);
  assert_true(gates[1].harmed_at_zero > gates[1].most);
  for (size_t g = 0; g < N_GAPS; g++) {
    memory_free(picks[g]);
  }
  summary_free(set);
}

/* Two groups in clusters of five rows alike: clusters change groups whole. */
static void test_gaps_with_clusters(void **state) {
  static uint64_t alike[N];
  static uint32_t group[N];
  struct fixture fixture = binary_rows();
  struct catalogue_pick *pick = pick_of("fairness.accuracy_gap", TASK_BINARY);
  struct selftest_gate gate = over_groups(pick, SELFTEST_REGROUPED, 0.15);
  (void)state;
  for (size_t i = 0; i < N; i++) {
    alike[i] = i / 5;
    group[i] = i / 5 % 2;
    label[i] = label[i - i % 5];
    prediction[0][i] = prediction[0][i - i % 5];
  }
  fixture.cell = group;
  fixture.score[0] = fixture.score[1] = NULL;
  fixture.n_scores = 0;
  fixture.cluster = alike;
  struct summary_set *set = make_set(&fixture);
  assert_false(repeat(set, &gate, 1, NULL).is_broken);
  assert_int_equal(gate.state, SELFTEST_HOLDS);
  assert_true(gate.n_injected > 0);
  memory_free(pick);
  summary_free(set);
}

/* No group worse: an error of one group is one of the gate. */
static void test_each_group(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *pick = pick_of("fairness.no_group_worse", TASK_BINARY);
  struct selftest_gate gate = over_groups(pick, SELFTEST_EACH, 0.1);
  (void)state;
  assert_false(repeat(set, &gate, 1, NULL).is_broken);
  assert_int_equal(gate.state, SELFTEST_HOLDS);
  assert_true(isnan(gate.improved));
  assert_int_equal(gate.n_injected, REPEATS);
  assert_true(gate.safe_when_equal > 0.3);
  assert_true(gate.harmed_at_twice > gate.harmed_at_margin);
  assert_true(repeat(set, &gate, 1, shrink).is_broken);
  assert_true(gate.harmed_at_zero > 0.15);
  memory_free(pick);
  summary_free(set);
}

/* The difference of two gaps: models change places; there is no injector. */
static void test_a_gate_on_a_gap(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *pick = pick_of("fairness.accuracy_gap", TASK_BINARY);
  struct selftest_gate gate = over_groups(pick, SELFTEST_SWAP, 0.15);
  (void)state;
  assert_false(repeat(set, &gate, 1, NULL).is_broken);
  assert_false(gate.has_injector);
  assert_false(isnan(gate.improved));
  assert_true(gate.safe_when_equal > 0.5);
  assert_int_equal(gate.n_injected, 0);
  memory_free(pick);
  summary_free(set);
}

static void test_memory_failures(void **state) {
  const struct fixture fixture = binary_rows();
  struct summary_set *set = make_set(&fixture);
  struct catalogue_pick *pick = pick_of("correctness.accuracy", TASK_BINARY);
  struct catalogue_pick *gap = pick_of("fairness.equal_opportunity_difference", TASK_BINARY);
  struct selftest_gate gates[2] = {gate_of(pick, 0.05), over_groups(gap, SELFTEST_REGROUPED, 0.1)};
  const struct selftest_request request = {
      .set = set, .alpha = 0.05, .n_family = 1, .n_repeats = 1, .n_threads = 1, .seed = 3};
  struct selftest_result result;
  (void)state;
  for (size_t g = 0; g < 2; g++) {
    nonet_status status = NONET_E_MEMORY;
    for (long k = 0; status != NONET_OK; k++) {
      memory_fail_after(k);
      status = selftest_repeat(&gates[g], 1, &request, &result, NULL);
      memory_fail_after(-1);
      assert_true(status == NONET_OK || status == NONET_E_MEMORY);
    }
  }
  memory_free(gap);
  memory_free(pick);
  summary_free(set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_holds_and_finds_what_is_broken),
      cmocka_unit_test(test_what_cannot_be_harmed),
      cmocka_unit_test(test_scopes_clusters_and_shares),
      cmocka_unit_test(test_open_and_repeatable),
      cmocka_unit_test(test_gaps_of_equal_groups),
      cmocka_unit_test(test_gaps_with_clusters),
      cmocka_unit_test(test_each_group),
      cmocka_unit_test(test_a_gate_on_a_gap),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
