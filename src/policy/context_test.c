/* Presets are whole, files are read over one another, and every mistake has its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "policy/context.h"
#include "stats/near_check.h"

static nonet_status parse(const char *text, struct context *context, nonet_error *error) {
  error->message[0] = '\0';
  return context_parse(text, strlen(text), "c.yaml", "", context, error);
}

static void test_presets(void **state) {
  size_t n = 0;
  (void)state;
  for (; context_preset(n) != NULL; n++) {
    struct context context;
    nonet_error error = {""};
    if (context_find(context_preset(n), &context, &error) != NONET_OK) {
      fail_msg("%s: %s", context_preset(n), error.message);
    }
    assert_string_equal(context.name, context_preset(n));
    assert_true(strlen(context.title) > 10);
    assert_true(context.is_partial);
    assert_true(context.n_references > 0);
    assert_true(context.n_gates >= 5);
    for (size_t i = 0; i < context.n_gates; i++) {
      const struct context_gate *gate = &context.gates[i];
      assert_true(strlen(gate->why) > 20);
      assert_true(gate->is_guard || (gate->tier >= 1 && gate->tier <= context.n_tiers));
      assert_true(gate->limit == NULL || (gate->tier > 1 && !gate->is_guard));
    }
    context_clear(&context);
  }
  assert_int_equal(n, 8);
}

static int tier_of(const struct context *context, enum measure_attribute attribute) {
  return context->is_guard[attribute] ? 0 : context->tier[attribute];
}

/* What contract.md and judgement.md promise of the presets. */
static void test_promises(void **state) {
  struct context context;
  (void)state;
  assert_int_equal(context_find(NULL, &context, NULL), NONET_OK);
  assert_string_equal(context.name, "general");
  assert_string_equal(context.gates[0].measure, "correctness.auc");
  CLOSE(context.gates[0].delta.value, 0.01, 0);
  CLOSE(context.alpha, 0.05, 0);
  assert_true(tier_of(&context, ATTRIBUTE_DEPLOYABILITY) == 0 &&
              tier_of(&context, ATTRIBUTE_SCALABILITY) == 0);
  context_clear(&context);
  assert_int_equal(context_find("real-time", &context, NULL), NONET_OK);
  assert_int_equal(tier_of(&context, ATTRIBUTE_EFFICIENCY), 1);
  assert_int_equal(tier_of(&context, ATTRIBUTE_CORRECTNESS), 2);
  assert_string_equal(context.gates[0].measure, "efficiency.latency_p99");
  assert_true(context.gates[0].delta.is_relative);
  CLOSE(context.gates[0].delta.value, 0.1, 1e-15);
  assert_true((context.gates[0].primary_of & 1u << TASK_BINARY) != 0);
  context_clear(&context);
  assert_int_equal(context_find("safety-critical", &context, NULL), NONET_OK);
  assert_int_equal(tier_of(&context, ATTRIBUTE_CORRECTNESS), 1);
  assert_int_equal(tier_of(&context, ATTRIBUTE_ROBUSTNESS), 2);
  context_clear(&context);
  assert_int_equal(context_find("regulated-decision", &context, NULL), NONET_OK);
  assert_int_equal(tier_of(&context, ATTRIBUTE_FAIRNESS), 1);
  assert_false(context.allows_tradeoffs);
  context_clear(&context);
}

static void test_names(void **state) {
  struct context context;
  nonet_error error;
  (void)state;
  assert_int_equal(context_find("generl", &context, &error), NONET_E_USAGE);
  assert_non_null(strstr(error.message, "did you mean 'general'"));
  assert_int_equal(context_find("./none.yaml", &context, &error), NONET_E_NO_INPUT);
  assert_non_null(context_preset_yaml("edge"));
  assert_null(context_preset_yaml("edg"));
}

#define GATE(rest) "gates:\n  - measure: correctness.auc\n    why: as good as it was\n" rest

static void test_defaults(void **state) {
  struct context context;
  nonet_error error;
  (void)state;
  assert_int_equal(parse("tiers: [efficiency, [privacy, correctness]]\n" GATE("    margin: 1%\n"),
                         &context, &error),
                   NONET_OK);
  assert_string_equal(context.name, "c");
  assert_int_equal(context.tier[ATTRIBUTE_EFFICIENCY], 1);
  assert_int_equal(context.tier[ATTRIBUTE_PRIVACY], 2);
  assert_int_equal(context.tier[ATTRIBUTE_CORRECTNESS], 2);
  assert_int_equal(context.tier[ATTRIBUTE_FAIRNESS], 3);
  assert_int_equal(context.n_tiers, 3);
  assert_true(context.is_guard[ATTRIBUTE_SCALABILITY] && context.is_guard[ATTRIBUTE_DEPLOYABILITY]);
  assert_false(context.is_partial);
  assert_int_equal(context.min_group, 30);
  assert_int_equal(context.gates[0].task, 1u << TASK_BINARY);
  assert_int_equal(context.gates[0].slot, 1);
  context_clear(&context);
}

static const struct context_gate *gate_of(const struct context *context, const char *measure) {
  for (size_t i = 0; i < context->n_gates; i++) {
    if (strcmp(context->gates[i].measure, measure) == 0) {
      return &context->gates[i];
    }
  }
  return NULL;
}

static void test_extends(void **state) {
  struct context base, context;
  nonet_error error;
  (void)state;
  assert_int_equal(context_find("real-time", &base, NULL), NONET_OK);
  assert_int_equal(parse("extends: real-time\nguard: [deployability]\nalpha: 0.01\ngates:\n"
                         "  - measure: correctness.auc\n    margin: 0.002\n    limit: none\n"
                         "  - measure: robustness.corruption_drop\n    margin: none\n"
                         "  - measure: correctness.recall\n    scope: {sex: Female, class: null}\n"
                         "    margin: 0.02\n    why: they were missed before\n",
                         &context, &error),
                   NONET_E_CONFIG); /* class: null */
  assert_non_null(strstr(error.message, "c.yaml:11:33"));
  assert_int_equal(parse("extends: real-time\nguard: [deployability]\nalpha: 0.01\ngates:\n"
                         "  - measure: correctness.auc\n    margin: 0.002\n    limit: none\n"
                         "  - measure: robustness.corruption_drop\n    margin: none\n"
                         "  - measure: correctness.recall\n    scope: {sex: Female}\n"
                         "    margin: 0.02\n    why: they were missed before\n",
                         &context, &error),
                   NONET_OK);
  assert_string_equal(context.extends, "real-time");
  CLOSE(context.alpha, 0.01, 0);
  assert_int_equal(context.n_gates, base.n_gates); /* one out, one in */
  assert_string_equal(gate_of(&context, "correctness.auc")->margin, "0.002");
  assert_null(gate_of(&context, "correctness.auc")->limit);
  assert_string_equal(gate_of(&context, "correctness.auc")->why,
                      gate_of(&base, "correctness.auc")->why);
  assert_null(gate_of(&context, "robustness.corruption_drop"));
  assert_string_equal(gate_of(&context, "correctness.recall")->scope.by_value[0], "Female");
  assert_int_equal(gate_of(&context, "correctness.recall")->primary_of, 0);
  assert_true(base.is_guard[ATTRIBUTE_SCALABILITY]);
  assert_false(context.is_guard[ATTRIBUTE_SCALABILITY]); /* the list replaces */
  assert_int_equal(context.tier[ATTRIBUTE_SCALABILITY], base.n_tiers + 1);
  assert_int_equal(context.n_references, base.n_references);
  context_clear(&context);
  context_clear(&base);
}

/* What is shown is a file that reads back as the same context. */
static void test_yaml(void **state) {
  (void)state;
  for (size_t i = 0; context_preset(i) != NULL; i++) {
    struct context context, back;
    struct text text = {0}, difference = {0};
    nonet_error error = {""};
    assert_int_equal(context_find(context_preset(i), &context, NULL), NONET_OK);
    context_yaml(&context, &text);
    if (parse(text.data, &back, &error) != NONET_OK) {
      fail_msg("%s: %s\n%s", context.name, error.message, text.data);
    }
    if (context_diff(&context, &back, &difference)) {
      fail_msg("%s: %s", context.name, difference.data);
    }
    assert_int_equal(context.n_gates, back.n_gates);
    for (size_t g = 0; g < context.n_gates; g++) {
      assert_string_equal(context.gates[g].why, back.gates[g].why);
      assert_int_equal(context.gates[g].slot, back.gates[g].slot);
    }
    json_t *json = context_json(&context);
    assert_int_equal(json_array_size(json_object_get(json, "gates")), context.n_gates);
    json_decref(json);
    text_clear(&text);
    text_clear(&difference);
    context_clear(&context);
    context_clear(&back);
  }
}

static void test_diff(void **state) {
  struct context a, b;
  struct text text = {0};
  nonet_error error;
  (void)state;
  assert_int_equal(context_find("general", &a, NULL), NONET_OK);
  assert_int_equal(parse("extends: general\nalpha: 0.1\ntiers: [fairness, correctness]\n"
                         "budgets: [correctness.auc >= 0.8]\n"
                         "gates: [{measure: correctness.auc, margin: 0.02}]\n",
                         &b, &error),
                   NONET_OK);
  assert_true(context_diff(&a, &b, &text));
  assert_non_null(strstr(text.data, "alpha: 0.05 -> 0.1\n"));
  assert_non_null(strstr(text.data, "fairness: tier 2 -> tier 1\n"));
  assert_non_null(strstr(text.data, "gate correctness.auc [binary]\n  margin: 0.01 -> 0.02\n"));
  assert_non_null(strstr(text.data, "budget correctness.auc >= 0.8: no -> yes\n"));
  text_clear(&text);
  context_clear(&a);
  context_clear(&b);
}

static void test_refused(void **state) {
  static const struct {
    const char *text, *place, *says;
  } cases[] = {
      {"- x\n", "c.yaml:1:1", "a mapping"},
      {"tier: [correctness]\n", "c.yaml:1:1", "'tiers'"},
      {"extends: generl\n", "c.yaml:1:10", "'general'"},
      {"extends: none.yaml\n", "c.yaml:1:10", "none.yaml"},
      {"alpha: 0\n", "c.yaml:1:8", "above 0"},
      {"alpha: 0.5\n", "c.yaml:1:8", "below 0.5"},
      {"alpha: five\n", "c.yaml:1:8", "a number"},
      {"power: 1\n", "c.yaml:1:8", "below 1"},
      {"version: 0\n", "c.yaml:1:10", "from 1 up"},
      {"min_group: 3.5\n", "c.yaml:1:12", "whole number"},
      {"tradeoffs: alow\n", "c.yaml:1:12", "'allow'"},
      {"looks: 2\n", "c.yaml:1:8", "1 or grow"},
      {"coverage: some\n", "c.yaml:1:11", "full or partial"},
      {"tiers: correctness\n", "c.yaml:1:8", "a list"},
      {"tiers: [correctnes]\n", "c.yaml:1:9", "'correctness'"},
      {"tiers: [data]\n", "c.yaml:1:9", "expected"},
      {"tiers: [privacy, [privacy]]\n", "c.yaml:1:19", "its place already"},
      {"tiers: [privacy]\nguard: privacy\n", "c.yaml:2:8", "its place already"},
      {"gates: {}\n", "c.yaml:1:8", "a list of gates"},
      {"gates: [x]\n", "c.yaml:1:9", "a gate as a mapping"},
      {"gates: [{why: x}]\n", "c.yaml:1:9", "measure"},
      {"gates: [{mesure: correctness.auc}]\n", "c.yaml:1:10", "'measure'"},
      {"gates: [{measure: correctness.auk}]\n", "c.yaml:1:19", "auc"},
      {"gates: [{measure: correctness.auc, why: x}]\n", "c.yaml:1:9", "margin"},
      {"gates: [{measure: correctness.auc, margin: 1%}]\n", "c.yaml:1:9", "why"},
      {"gates: [{measure: correctness.auc, why: x, margin: -1}]\n", "c.yaml:1:52", "margin"},
      {"gates: [{measure: correctness.mcc, why: x, margin: 5%}]\n", "c.yaml:1:9", "absolute"},
      {"gates: [{measure: correctness.ece, why: x, margin: 5%}]\n", "c.yaml:1:9",
       "cannot be a gate"},
      {"gates: [{measure: data.overlap, why: x, margin: 5%}]\n", "c.yaml:1:9", "none of the nine"},
      {"gates: [{measure: correctness.auc, task: regression, why: x, margin: 1%}]\n", "c.yaml:1:9",
       "other tasks"},
      {"gates: [{measure: correctness.auc, margin: none}]\n", "c.yaml:1:9", "nothing to take out"},
      {GATE("    margin: 1%\n  - {measure: correctness.auc, why: x, margin: 2%}\n"), "c.yaml:5:5",
       "already, in line 2"},
      {"tiers: [privacy]\n" GATE("    margin: 2%\n    limit: 1%\n"), "c.yaml:3:5", "above it"},
      {"tiers: [privacy]\n" GATE("    margin: 2%\n    limit: 0.1\n"), "c.yaml:3:5", "form"},
      {"tiers: [correctness]\n" GATE("    margin: 1%\n    limit: 2%\n"), "c.yaml:3:5", "tier 1"},
      {"guard: correctness\n" GATE("    margin: 1%\n    limit: 2%\n"), "c.yaml:3:5", "guard"},
      {"gates: [{measure: correctness.recall{sex=F}, scope: {a: b}, margin: 1%, why: x}]\n",
       "c.yaml:1:", ""},
      {"gates:\n  - measure: correctness.recall{sex=F}\n    scope: {a: b}\n", "c.yaml:3:12",
       "already"},
      {"references: {}\n", "c.yaml:1:13", "a list of texts"},
      {"budgets: [correctness.auc > 1]\n", "c.yaml:1:11", ">="},
      {"title: ${HOME}\n", "c.yaml:1:8", "${"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct context context;
    nonet_error error;
    nonet_status status = parse(cases[i].text, &context, &error);
    if (status != NONET_E_CONFIG ||
        strncmp(error.message, cases[i].place, strlen(cases[i].place)) != 0 ||
        strstr(error.message, cases[i].says) == NULL) {
      fail_msg("%s: status %d, '%s'; expected %s … %s", cases[i].text, status, error.message,
               cases[i].place, cases[i].says);
    }
    context_clear(&context);
  }
}

/* Five gates with sampling error for a task, not six; alternatives and exact ones do not count. */
static void test_number(void **state) {
  static const char *const ids[] = {"f1", "recall", "precision", "accuracy", "specificity", "npv"};
  struct text text = {0};
  struct context context;
  nonet_error error;
  (void)state;
  text_append(&text, "gates:\n  - {measure: deployability.loads, why: exact}\n");
  for (size_t i = 0; i < 5; i++) {
    text_printf(&text, "  - {measure: correctness.%s, task: binary, margin: 0.01, why: x%s}\n",
                ids[i], i == 0 ? ", slot: s" : "");
  }
  text_append(&text,
              "  - {measure: correctness.npv, task: binary, margin: 0.01, why: x, slot: s}\n");
  assert_int_equal(parse(text.data, &context, &error), NONET_OK);
  context_clear(&context);
  text_append(&text, "  - {measure: correctness.fpr, task: binary, margin: 0.01, why: x}\n");
  assert_int_equal(parse(text.data, &context, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "c.yaml:9:5: correctness.fpr: the 6th gate"));
  text_clear(&text);
}

static void write_file(const char *folder, const char *name, const char *text) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void test_files(void **state) {
  char folder[] = "/tmp/context_test_XXXXXX", path[200];
  struct context context;
  nonet_error error;
  (void)state;
  assert_non_null(mkdtemp(folder));
  write_file(folder, "a.yaml", "extends: b.yaml\nalpha: 0.02\n");
  write_file(folder, "b.yaml", "extends: general\nalpha: 0.01\npower: 0.9\n");
  write_file(folder, "round.yaml", "extends: round.yaml\n");
  write_file(folder, "bad.yaml", "extends: worse.yaml\n");
  write_file(folder, "worse.yaml", "power: 0.8\nalpha: 2\n");
  snprintf(path, sizeof path, "%s/a.yaml", folder);
  assert_int_equal(context_find(path, &context, &error), NONET_OK);
  assert_string_equal(context.name, "a");
  CLOSE(context.alpha, 0.02, 0);
  CLOSE(context.power, 0.9, 0);
  assert_string_equal(context.gates[0].measure, "correctness.auc");
  context_clear(&context);
  snprintf(path, sizeof path, "%s/round.yaml", folder);
  assert_int_equal(context_find(path, &context, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "circle"));
  snprintf(path, sizeof path, "%s/bad.yaml", folder);
  assert_int_equal(context_find(path, &context, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "worse.yaml:2:8")); /* the file the mistake is in */
  static const char *const names[] = {"a", "b", "round", "bad", "worse"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "%s/%s.yaml", folder, names[i]);
    unlink(path);
  }
  rmdir(folder);
}

static void test_memory(void **state) {
  static const char text[] = "extends: real-time\nbudgets: [correctness.auc >= 0.8]\n"
                             "gates: [{measure: correctness.auc, margin: 0.02}]\n";
  (void)state;
  bool is_done = false;
  for (long n = 0; !is_done; n += n < 100 ? 1 : 17) { /* thousands of nodes: every one at first */
    struct context context;
    nonet_error error;
    memory_fail_after(n);
    nonet_status status = context_parse(text, strlen(text), "c.yaml", "", &context, &error);
    is_done = memory_fail_after(-1) <= n;
    assert_int_equal(status, is_done ? NONET_OK : NONET_E_MEMORY);
    context_clear(&context);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_presets), cmocka_unit_test(test_promises),
      cmocka_unit_test(test_names),   cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_extends), cmocka_unit_test(test_yaml),
      cmocka_unit_test(test_diff),    cmocka_unit_test(test_refused),
      cmocka_unit_test(test_number),  cmocka_unit_test(test_files),
      cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
