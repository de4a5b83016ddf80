/*
 * Words: the reading order of gates, names and numbers of gates, what becomes of the nine, and the
 * sentences, on the document of report_fixture.h. Expected values are written by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "report/page.h"
#include "report/report_fixture.h"
#include "report/words.h"

static json_t *parsed(const char *json) {
  json_t *root = NULL;
  nonet_error error = {""};
  if (json_text_parse(json, strlen(json), "test", &root, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return root;
}

static void assert_said(struct text *text, const char *expected) {
  assert_false(text->failed);
  assert_string_equal(text->data == NULL ? "" : text->data, expected);
  text_clear(text);
}

static void test_gates(void **state) {
  (void)state;
  static const char *const expected[][3] = {
      {"efficiency.latency_p99", "-100.0 % of 10 %", "HARMED"},
      {"correctness.recall (sex=<b>\"&'|`@me)", "-0.010 of 0.02", "UNDECIDED n=12,345"},
      {"privacy.mia_auc", "margin 0.01", "NOT_MEASURED"},
      {"correctness.auc >= 0.85", "0.912 [0.900, 0.925]", "MET"},
      {"correctness.auc", "+0.0123 of 0.01", "SAFE, IMPROVED"}};
  json_t *root = parsed(report_fixture), *gates = words_gates(root);
  assert_int_equal(json_array_size(gates), 5);
  for (size_t i = 0; i < 5; i++) {
    const json_t *gate = json_array_get(gates, i);
    struct text text = {0};
    words_gate_name(&text, gate);
    assert_said(&text, expected[i][0]);
    words_gate_number(&text, root, gate);
    assert_said(&text, expected[i][1]);
    words_gate_state(&text, gate);
    assert_said(&text, expected[i][2]);
  }
  json_decref(gates);
  json_decref(root);
}

/* Cases 3, 10: an exact gate without a margin, and units that were written without a blank. */
static void test_exact_numbers(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"{\"difference\":0,\"low\":0,\"high\":0,\"margin\":0,\"margin_stated\":\"0\"}", "equal"},
      {"{\"difference\":-1,\"low\":-1,\"high\":-1,\"margin\":0,\"margin_stated\":\"0\"}", "-1.000"},
      {"{\"difference\":-55597,\"low\":-55597,\"high\":-55597,\"margin\":1e6,"
       "\"margin_stated\":\"1MB\"}",
       "-55,597 of 1 MB"},
      {"{\"difference\":0.5,\"low\":0,\"high\":1,\"margin\":0,\"margin_stated\":\"0\"}",
       "+0.50 of 0"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *gate = parsed(cases[i][0]);
    struct text text = {0};
    words_gate_number(&text, gate, gate);
    assert_said(&text, cases[i][1]);
    json_decref(gate);
  }
}

static void test_sentence(void **state) {
  (void)state;
  json_t *root = parsed(report_fixture), *gates = words_gates(root);
  struct text text = {0};
  words_gate_sentence(&text, root, json_array_get(gates, 0));
  assert_said(
      &text,
      "efficiency.latency_p99 is HARMED (proven worse than its margin): difference (+ is better) "
      "-100.0 % of 10 %, interval -101.4 % to -97.4 %; p for HARMED, all gates "
      "counted = 0.004; p for SAFE = 1");
  words_gate_sentence(&text, root, json_array_get(gates, 2));
  assert_said(&text, "privacy.mia_auc is NOT_MEASURED (could not be measured); not built yet");
  json_decref(gates);
  json_decref(root);
}

/* Requirements as older documents and other writers tell them. */
static void test_requirement_names(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"{\"measure\":\"a.b\",\"kind\":\"requirement\",\"op\":\"<=\",\"threshold\":0.5}",
       "a.b <= 0.5"},
      {"{\"measure\":\"a.b\",\"kind\":\"requirement\",\"op\":\"in\",\"threshold\":0.8,\"threshold_"
       "high\":1.25}",
       "a.b in 0.8..1.25"},
      {"{\"measure\":\"a.b\",\"kind\":\"requirement\",\"margin_stated\":\">= 5ms\"}", "a.b >= 5ms"},
      {"{\"measure\":\"a.b\",\"kind\":\"requirement\",\"scope\":{\"kind\":\"class\",\"class\":"
       "\"3\"}"
       ",\"margin_stated\":\"a.b{class=3} >= 1\"}",
       "a.b{class=3} >= 1"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *gate = parsed(cases[i][0]);
    struct text text = {0};
    words_gate_name(&text, gate);
    assert_said(&text, cases[i][1]);
    json_decref(gate);
  }
}

static void test_nine(void **state) {
  (void)state;
  static const struct {
    const char *attribute, *words;
    enum words_tone tone;
  } expected[] = {
      {"correctness", "undecided", TONE_OPEN},       {"efficiency", "worse", TONE_BAD},
      {"privacy", "a gate not measured", TONE_OPEN}, {"security", "not built yet", TONE_NONE},
      {"fairness", "not asked for", TONE_NONE},      {"robustness", "not measured", TONE_NONE}};
  json_t *root = parsed(report_fixture);
  struct text text = {0};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    enum words_tone tone = TONE_GOOD;
    assert_string_equal(words_attribute(root, expected[i].attribute, &tone), expected[i].words);
    assert_int_equal(tone, expected[i].tone);
  }
  words_coverage(&text, root);
  assert_said(&text, "Judged: 2 of 9 (not built yet: privacy, security; not asked for: fairness)");
  json_decref(root);
}

/* An attribute is as good as its worst gate, and a gain alone does not make it better. */
static void test_worst_gate(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"[\"SAFE\",\"SAFE\"]", "proven better"},
      {"[\"SAFE\",\"UNDECIDED\"]", "undecided"},
      {"[\"HARMED\",\"SAFE\"]", "worse"},
      {"[\"EXCUSED\",\"SAFE\"]", "excused"},
      {"[\"NOT_MEASURED\",\"SAFE\"]", "a gate not measured"},
      {"[\"A_STATE_OF_LATER\",\"SAFE\"]", "a gate not measured"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *states = parsed(cases[i][0]),
           *root = json_pack("{s:[{s:s,s:O,s:s},{s:s,s:O}]}", "judgements", "measure", "privacy.a",
                             "state", json_array_get(states, 0), "gain", "IMPROVED", "measure",
                             "privacy.b", "state", json_array_get(states, 1));
    enum words_tone tone;
    assert_string_equal(words_attribute(root, "privacy", &tone), cases[i][1]);
    json_decref(root);
    json_decref(states);
  }
}

static void test_sentences(void **state) {
  (void)state;
  json_t *root = parsed(report_fixture);
  struct text text = {0};
  words_headline(&text, root);
  assert_said(&text, "real-time v2 · candidate new one.onnx vs baseline old.onnx · 9,000 rows of "
                     "9,012 · alpha 0.05, one-sided");
  words_command(&text, root, "correctness.auc");
  assert_said(&text, "nonet check 'it'\\''s.yaml' --only 'correctness.auc'");
  words_decide(&text, root);
  assert_said(&text, "");
  words_tightest(&text, root);
  assert_said(&text, "");
  json_decref(root);
}

static void test_open_and_passed(void **state) {
  (void)state;
  json_t *root = parsed("{\"inputs\":{\"data\":[{\"rows_used\":900}]},\"verdict\":{\"state\":"
                        "\"INCONCLUSIVE\",\"n_needed\":1000}}");
  struct text text = {0};
  words_decide(&text, root);
  assert_said(&text, "About 1,000 rows in all would decide it, 100 more than now: PASS in 4 of 5 "
                     "cases if the models are equal.");
  json_decref(root);
  root = parsed("{\"verdict\":{\"state\":\"PASS\"},\"judgements\":[{\"measure\":\"a.b\",\"state\":"
                "\"SAFE\",\"margin\":0.01,\"low\":-0.005},{\"measure\":\"a.c\",\"state\":\"SAFE\","
                "\"margin\":0.02,\"low\":-0.015}]}");
  words_tightest(&text, root);
  assert_said(&text, "Tightest gate: a.c, whose interval ends 0.25 margins above the line");
  json_decref(root);
}

/* Log ratios in per cent of the baseline: twice as much is 100 % more, whichever way is better. */
static void test_percent(void **state) {
  (void)state;
  static const struct {
    const char *direction;
    double d, percent;
  } cases[] = {{"lower", -0.69314718055994531, -100.0},
               {"lower", 0.69314718055994531, 50.0},
               {"higher", 0.69314718055994531, 100.0},
               {"higher", -0.69314718055994531, -50.0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *root = json_pack("{s:{s:{s:s}}}", "measures", "a.b", "direction", cases[i].direction),
           *gate = json_pack("{s:s,s:s,s:f}", "measure", "a.b", "scale", "log_ratio", "difference",
                             cases[i].d);
    bool is_percent = false;
    const double shown = words_shown(root, gate, "difference", &is_percent);
    assert_true(fabs(shown - cases[i].percent) < 1e-9);
    assert_true(is_percent);
    json_decref(gate);
    json_decref(root);
  }
}

static void test_partial_and_launches(void **state) {
  (void)state;
  json_t *root =
      parsed("{\"verdict\":{\"state\":\"PASS\",\"coverage_mode\":\"partial\",\"coverage\":"
             "{\"correctness\":\"judged\",\"privacy\":\"not_built\"}}}");
  struct text text = {0};
  words_state(&text, root);
  assert_said(&text, "PASS on 1 of 9");
  json_decref(root);
  root = parsed("{\"verdict\":{\"state\":\"INCONCLUSIVE\",\"n_launches_needed\":39}}");
  words_decide(&text, root);
  assert_said(&text, "About 39 launches of each model would decide the timing.");
  json_decref(root);
}

/* A code is told as the sentence of the skipped measure, else in words. */
static void test_reason(void **state) {
  (void)state;
  json_t *root = parsed("{\"skipped\":[{\"measure\":\"a.b\",\"reason\":\"the file is gone\"}]}"),
         *gate = parsed("{\"measure\":\"a.b\",\"state\":\"NOT_MEASURED\",\"reason\":\"failed\"}"),
         *other =
             parsed("{\"measure\":\"a.c\",\"state\":\"NOT_MEASURED\",\"reason\":\"not_built\"}");
  assert_string_equal(words_reason(root, gate), "the file is gone");
  assert_string_equal(words_reason(root, other), "not built yet");
  json_decref(other);
  json_decref(gate);
  json_decref(root);
}

static void test_scopes(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"{\"kind\":\"all\"}", ""},
      {"{\"kind\":\"group\",\"by\":{\"sex\":\"F\",\"race\":null}}", "sex=F, race=null"},
      {"{\"kind\":\"group\",\"by\":{\"sex\":\"F\"},\"class\":\"3\"}", "sex=F, class 3"},
      {"{\"kind\":\"column\",\"column\":\"sex\"}", "over sex"},
      {"{\"kind\":\"corruption\",\"name\":\"noise\",\"severity\":3}", "name=noise, severity=3"},
      {"{\"kind\":\"pair\"}", "pair"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *scope = parsed(cases[i][0]);
    struct text text = {0};
    words_scope(&text, scope);
    assert_said(&text, cases[i][1]);
    json_decref(scope);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gates),     cmocka_unit_test(test_exact_numbers),
      cmocka_unit_test(test_sentence),  cmocka_unit_test(test_requirement_names),
      cmocka_unit_test(test_nine),      cmocka_unit_test(test_worst_gate),
      cmocka_unit_test(test_sentences), cmocka_unit_test(test_open_and_passed),
      cmocka_unit_test(test_percent),   cmocka_unit_test(test_partial_and_launches),
      cmocka_unit_test(test_reason),    cmocka_unit_test(test_scopes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
