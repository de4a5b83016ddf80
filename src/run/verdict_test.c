/*
 * The verdict in words and numbers: laws are put in by hand, so that each state, sentence and rule
 * of looks has its case.
 */
#include <math.h>

#include "run/court_fixture.h"
#include "run/verdict.h"

static const char context[] =
    "version: 3\n"
    "tiers: [correctness, efficiency]\n"
    "gates:\n"
    "  - {measure: correctness.auc, margin: 0.01, why: the order counts}\n"
    "  - {measure: correctness.log_loss, margin: 5%, why: surprise}\n"
    "coverage: partial\n";

/* A normal law of an oriented difference. */
static struct inference law_of(double value, double se) {
  struct inference law = inference_none("test");
  law.kind = INFERENCE_T;
  law.value = value;
  law.se = se;
  law.df = INFINITY;
  return law;
}

struct reached {
  struct made made;
  struct evidence *evidence;
  struct verdict_outcome outcome;
};

static void set_gate(struct reached *reached, size_t i, double value, double se) {
  struct judge_member *member = &reached->made.court.members[i];
  member->law = law_of(value, se);
  member->n = 400;
  reached->made.court.cases[i].reason[0] = '\0';
}

static void begin(struct reached *reached, const char *yaml) {
  open_court(&reached->made, yaml, true, NULL, NULL);
  assert_int_equal(evidence_new("compare", &reached->evidence, NULL), NONET_OK);
}

static void reach(struct reached *reached) {
  nonet_error error = {""};
  assert_int_equal(
      verdict_reach(&reached->made.court, reached->evidence, &reached->outcome, &error), NONET_OK);
}

static void end(struct reached *reached) {
  evidence_free(reached->evidence);
  close_court(&reached->made);
}

static const json_t *verdict(const struct reached *reached) {
  return json_object_get(reached->evidence->root, "verdict");
}

static void assert_because(const struct reached *reached, const char *expected) {
  const json_t *because = json_object_get(verdict(reached), "because");
  char all[2000] = "";
  for (size_t i = 0; i < json_array_size(because); i++) {
    const char *sentence = json_string_value(json_array_get(because, i));
    if (strstr(sentence, expected) != NULL) {
      return;
    }
    snprintf(all + strlen(all), sizeof all - strlen(all), "\n  %s", sentence);
  }
  fail_msg("'%s' is not in:%s", expected, all);
}

static void assert_text(const json_t *row, const char *key, const char *expected) {
  assert_string_equal(json_string_value(json_object_get(row, key)), expected);
}

static const json_t *judgement(const struct reached *reached, size_t i) {
  return json_array_get(json_object_get(reached->evidence->root, "judgements"), i);
}

static void test_pass(void **state) {
  (void)state;
  struct reached reached;
  begin(&reached, context);
  set_gate(&reached, 0, 0.03, 0.002);
  set_gate(&reached, 1, 0.0, 0.01);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_PASS);
  assert_text(verdict(&reached), "state", "PASS");
  assert_text(verdict(&reached), "coverage_mode", "partial");
  assert_int_equal(json_integer_value(json_object_get(verdict(&reached), "context_version")), 3);
  assert_because(&reached,
                 "No gated measure is worse than its margin (2 of 2 proven at alpha 0.05)");
  assert_because(&reached, "Proven better: correctness.auc by +0.0300 (+0.0267");
  assert_because(&reached, "Judged on 400 rows");
  assert_because(&reached, "No store is kept");
  assert_text(judgement(&reached, 0), "why", "the order counts");
  assert_text(judgement(&reached, 0), "margin_stated", "0.01");
  assert_text(judgement(&reached, 1), "scale", "log_ratio");
  assert_text(json_object_get(verdict(&reached), "coverage"), "correctness", "judged");
  assert_text(json_object_get(verdict(&reached), "coverage"), "privacy", "not_built");
  end(&reached);
}

/* Lower is better: an oriented log ratio of −ln 2 is a loss twice the baseline's, +100 %. */
static void test_fail_in_per_cent(void **state) {
  (void)state;
  struct reached reached;
  begin(&reached, context);
  set_gate(&reached, 0, 0.05, 0.002);
  set_gate(&reached, 1, -log(2.0), 0.01);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_FAIL);
  assert_because(&reached, "correctness.log_loss is worse than its margin 5%: -100.0 % (-103");
  assert_because(&reached,
                 "correctness.auc, +0.05, excuses nothing: its tier 1 is not above tier 1");
  end(&reached);
}

static void test_inconclusive(void **state) {
  (void)state;
  struct reached reached;
  begin(&reached, context);
  set_gate(&reached, 0, 0.0, 0.02);
  set_gate(&reached, 1, 0.0, 0.001);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_INCONCLUSIVE);
  assert_because(&reached, "Nothing proven worse; 1 of 2 gates undecided");
  assert_because(&reached, "Open: correctness.auc, margin 0.01: +0.000 (-0.033 to +0.033); about ");
  assert_true(json_integer_value(json_object_get(verdict(&reached), "n_needed")) > 400);
  assert_text(judgement(&reached, 0), "state", "UNDECIDED");
  end(&reached);
}

static void test_nothing_to_judge(void **state) {
  (void)state;
  struct reached reached;
  begin(&reached, "version: 1\ntiers: [privacy]\ngates:\n"
                  "  - {measure: privacy.membership_auc, margin: 0.01, why: people}\n"
                  "coverage: partial\n");
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_NONE);
  assert_because(&reached, "Nothing was judged");
  assert_text(judgement(&reached, 0), "reason", "not_built");
  end(&reached);
}

static void test_full_coverage_blocks(void **state) {
  (void)state;
  struct reached reached;
  begin(&reached, "version: 1\ntiers: [correctness, privacy]\ngates:\n"
                  "  - {measure: correctness.auc, margin: 0.01, why: order}\n"
                  "  - {measure: privacy.membership_auc, margin: 0.01, why: people}\n");
  set_gate(&reached, 0, 0.0, 0.001);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_INCONCLUSIVE);
  assert_because(&reached, "privacy.membership_auc was not measured and blocks PASS: not built");
  end(&reached);
}

static void test_identical_models(void **state) {
  (void)state;
  struct reached reached;
  begin(&reached, context);
  reached.made.request.is_identical = true;
  set_gate(&reached, 0, -0.5, 0.001); /* whatever was measured */
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_PASS);
  assert_text(judgement(&reached, 0), "method", "identical");
  end(&reached);
}

/* looks: 1: the second look at grown data is INCONCLUSIVE at best; the same rows are the same look.
 */
static void test_looks_one(void **state) {
  (void)state;
  struct reached reached;
  struct store_look look = {.number = 2, .n_max = NAN, .n_candidates = 3};
  begin(&reached, context);
  reached.made.request.has_store = true;
  reached.made.request.look = &look;
  set_gate(&reached, 0, 0.0, 0.001);
  set_gate(&reached, 1, 0.0, 0.001);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_INCONCLUSIVE);
  assert_because(&reached, "This is look 2 at the question");
  assert_because(&reached, "3 candidates were judged on these data");
  assert_true(json_is_true(json_object_get(verdict(&reached), "late")));
  end(&reached);
  look = (struct store_look){.number = 1, .is_repeat = true, .n_max = NAN, .n_candidates = 1};
  begin(&reached, context);
  reached.made.request.has_store = true;
  reached.made.request.look = &look;
  set_gate(&reached, 0, 0.0, 0.001);
  set_gate(&reached, 1, 0.0, 0.001);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_PASS);
  assert_because(&reached, "the same look");
  end(&reached);
}

/* looks: grow: at half of n_max a look has less than alpha: 2 − 2Φ(1.96/√.5) = .0056 at alpha .05
 * (Lan & DeMets 1983, O'Brien-Fleming's type). */
static void test_looks_grow(void **state) {
  (void)state;
  struct reached reached;
  struct store_look look = {.number = 1, .n_max = 800, .n_candidates = 1};
  char yaml[600];
  nonet_error error = {""};
  snprintf(yaml, sizeof yaml, "%slooks: grow\n", context);
  begin(&reached, yaml);
  reached.made.request.has_store = true;
  reached.made.request.look = &look;
  struct judge_rules rules;
  struct looks looks;
  assert_int_equal(verdict_rules(&reached.made.court, &rules, &looks, &error), NONET_OK);
  assert_ptr_equal(rules.looks, &looks);
  assert_false(rules.is_late);
  assert_true(fabs(looks_level(&looks, 0.05) - 0.00557) < 2e-4);
  struct store_look_past past = {.number = 1, .n_rows = 400};
  look = (struct store_look){.number = 2, .n_max = 800, .past = &past, .n_past = 1};
  set_gate(&reached, 0, 0.0, 0.001);
  set_gate(&reached, 1, 0.0, 0.001);
  reach(&reached);
  assert_int_equal(reached.outcome.verdict, VERDICT_INCONCLUSIVE);
  assert_because(&reached, "add nothing to the looks before (alpha is spent at 800 rows)");
  end(&reached);
}

static void test_explain_shows_no_difference(void **state) {
  (void)state;
  struct reached reached;
  struct text text = {0};
  begin(&reached, context);
  set_gate(&reached, 0, 0.123456, 0.005);
  set_gate(&reached, 1, 0.0, 0.001);
  assert_int_equal(verdict_explain(&reached.made.court, &text, NULL), NONET_OK);
  assert_non_null(strstr(text.data, "margin/se 2.00"));
  assert_non_null(strstr(text.data, "P(PASS | equal models)"));
  assert_null(strstr(text.data, "0.1234"));
  text_clear(&text);
  end(&reached);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pass),
      cmocka_unit_test(test_fail_in_per_cent),
      cmocka_unit_test(test_inconclusive),
      cmocka_unit_test(test_nothing_to_judge),
      cmocka_unit_test(test_full_coverage_blocks),
      cmocka_unit_test(test_identical_models),
      cmocka_unit_test(test_looks_one),
      cmocka_unit_test(test_looks_grow),
      cmocka_unit_test(test_explain_shows_no_difference),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
