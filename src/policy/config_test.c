/* nonet.yaml: every key read, every mistake in its place, no secret in what is kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "policy/config.h"
#include "stats/near_check.h"

static nonet_status parse_as(const char *text, const char *source, struct config *config,
                             nonet_error *error) {
  error->message[0] = '\0';
  return config_parse(text, strlen(text), source, config, error);
}

static void parse_good(const char *text, struct config *config) {
  nonet_error error;
  if (parse_as(text, "dir/n.yaml", config, &error) != NONET_OK) {
    fail_msg("%s\n%s", error.message, text);
  }
}

#define HEAD "nonet: 1\n"
#define MODELS "models: {candidate: {onnx: m.onnx}}\n"
#define DATA "data: {test: t.parquet, label: y}\n"

/* contract.md §2, as it stands there. */
static const char contract[] =
    "nonet: 1\n"
    "task: binary                      # default: from the label and the model's outputs, and "
    "said\n"
    "context: regulated-decision       # a preset's name, a path, or an inline mapping\n"
    "models:\n"
    "  candidate: {onnx: models/candidate.onnx}          # or xgboost:, lightgbm:, columns:\n"
    "  baseline:  {columns: {score: old_score}}          # optional\n"
    "data:\n"
    "  test:  data/test.parquet                          # a path, a glob, or {query:, driver:, "
    "uri:}\n"
    "  train: data/train.parquet                         # optional\n"
    "  pool:  data/unlabelled.parquet                    # optional: labels to choose from\n"
    "  label: income\n"
    "  positive: \">50K\"\n"
    "  features: [age, education, hours]\n"
    "  groups: [sex, race]\n"
    "  weight: fnlwgt\n"
    "  cluster: household\n"
    "  id: row\n"
    "  sample: {rows: 20000, seed: 1, stratify: [income, sex]}    # default: all rows\n"
    "columns:\n"
    "  age:   {immutable: true}\n"
    "  hours: {min: 1, max: 99, integer: true}\n"
    "  sex:   {protected: true}\n"
    "require:\n"
    "  - correctness.auc >= 0.85\n"
    "  - correctness.recall{sex=Female} >= 0.5            # quote values: {race=\"Black, other\"}\n"
    "  - correctness.recall{race=\"Black, other\"} >= 0.5\n"
    "  - efficiency.latency_p99 <= 5ms\n"
    "margins: {correctness.auc: 0.005, efficiency.latency_p99: 10%}\n"
    "threshold: 0.5                                      # or {maximise: f1, on: train}\n"
    "measures: {skip: [security.poisoning_signature], only: []}\n"
    "coverage: full\n"
    "budget: 60s                                         # for timing probes; default 60s\n"
    "retrain: python train.py --data {train} --out {model}\n"
    "store: nonet.db                                     # or none\n";

static void test_contract(void **state) {
  struct config config;
  (void)state;
  parse_good(contract, &config);
  assert_string_equal(config.folder, "dir/");
  assert_int_equal(config.task, TASK_BINARY);
  assert_string_equal(config.context.name, "regulated-decision");
  assert_int_equal(config.n_candidates, 1);
  assert_string_equal(config.candidates->kind, "onnx");
  assert_string_equal(config.candidates->name, "candidate");
  assert_string_equal(config.candidates->path, "dir/models/candidate.onnx");
  assert_string_equal(config.candidates->shown, "models/candidate.onnx");
  assert_int_equal(config.candidates->at.line, 5);
  assert_string_equal(config.baseline->score.item[0], "old_score");
  assert_string_equal(config.test.path, "dir/data/test.parquet");
  assert_string_equal(config.train->path, "dir/data/train.parquet");
  assert_string_equal(config.pool_rows->path, "dir/data/unlabelled.parquet");
  assert_string_equal(config.positive, ">50K");
  assert_int_equal(config.features.n, 3);
  assert_string_equal(config.groups.item[1], "race");
  assert_int_equal(config.sample.rows, 20000);
  assert_string_equal(config.sample.stratify.item[1], "sex");
  assert_int_equal(config.n_columns, 3);
  assert_true(config.columns[0].immutable && !config.columns[0].integer);
  assert_true(config.columns[1].integer && config.columns[1].min == 1 &&
              config.columns[1].max == 99);
  assert_true(isinf(config.columns[2].max) && config.columns[2].is_protected);
  assert_int_equal(config.n_require, 4);
  assert_string_equal(config.require[1].scope.by_value[0], "Female");
  assert_int_equal(config.require[1].line, 25);
  assert_string_equal(config.require[2].scope.by_value[0], "Black, other");
  CLOSE(config.require[3].high, 5, 1e-12); /* ms, the measure's unit */
  assert_int_equal(config.n_margins, 2);
  assert_string_equal(config.margins[1].stated, "10%");
  assert_true(config.margins[1].margin.is_relative);
  CLOSE(config.threshold.value, 0.5, 0);
  assert_string_equal(config.skip, "security.poisoning_signature");
  assert_null(config.only);
  assert_false(config.is_partial);
  CLOSE(config.budget_s, 60, 0);
  assert_string_equal(config.retrain, "python train.py --data {train} --out {model}");
  assert_string_equal(config.store, "dir/nonet.db");
  config_clear(&config);
}

static void test_defaults(void **state) {
  struct config config;
  (void)state;
  parse_good(HEAD MODELS DATA, &config);
  assert_int_equal(config.task, TASK_AUTO);
  assert_string_equal(config.context.name, "general");
  assert_true(config.is_partial); /* the context's */
  assert_null(config.baseline);
  assert_int_equal(config.sample.rows, 0);
  CLOSE(config.budget_s, 60, 0);
  assert_null(config.store);
  json_t *json = config_json(&config);
  CLOSE(json_real_value(json_object_get(json, "threshold")), 0.5, 0);
  assert_string_equal(json_string_value(json_object_get(json_object_get(json, "context"), "name")),
                      "general");
  assert_int_equal(config_set_context(&config, "real-time", NULL), NONET_OK);
  assert_string_equal(config.context.name, "real-time");
  assert_string_equal(
      json_string_value(json_object_get(json_object_get(config_json(&config), "context"), "name")),
      "real-time");
  assert_int_equal(config_set_context(&config, "real-tim", NULL), NONET_E_USAGE);
  assert_string_equal(config.context.name, "real-time");
  config_clear(&config);
}

static void test_models(void **state) {
  struct config config;
  (void)state;
  parse_good(HEAD DATA
             "models:\n"
             "  candidates:\n"
             "    - {command: \"python 'my loop.py' --a=\\\"b c\\\" d\\\\ e\", timeout: 5s}\n"
             "    - {command: [./run, \"two words\"], name: own}\n"
             "    - {xgboost: /abs/m.json, batch_rows: 100}\n"
             "    - {open_inference: \"http://127.0.0.1:1/v2/models/m\", output: logit}\n"
             "  baseline: {onnx: m.onnx, layout: nchw, provider: cuda}\n",
             &config);
  assert_int_equal(config.n_candidates, 4);
  const struct config_list *command = &config.candidates[0].command;
  static const char *const words[] = {"python", "my loop.py", "--a=b c", "d e"};
  assert_int_equal(command->n, 4);
  for (size_t i = 0; i < command->n; i++) {
    assert_string_equal(command->item[i], words[i]);
  }
  assert_string_equal(config.candidates[0].name, "candidate_1");
  CLOSE(config.candidates[0].timeout_s, 5, 0);
  assert_string_equal(config.candidates[1].name, "own");
  assert_string_equal(config.candidates[1].command.item[1], "two words");
  assert_string_equal(config.candidates[2].path, "/abs/m.json");
  assert_int_equal(config.candidates[2].batch_rows, 100);
  assert_string_equal(config.candidates[3].output, "logit");
  assert_string_equal(config.baseline->layout, "nchw");
  assert_string_equal(config.baseline->provider, "cuda");
  config_clear(&config);
}

static void test_threshold(void **state) {
  struct config config;
  (void)state;
  parse_good(HEAD MODELS DATA "threshold: {cost: {fp: 1, fn: 5}}\n", &config);
  assert_int_equal(config.threshold.kind, THRESHOLD_COST);
  CLOSE(config.threshold.value, 1.0 / 6.0, 1e-15); /* Elkan 2001 */
  config_clear(&config);
  parse_good(HEAD MODELS DATA "threshold: {maximise: f1, on: train}\n", &config);
  assert_int_equal(config.threshold.kind, THRESHOLD_MAXIMISE);
  assert_string_equal(config.threshold.maximise, "correctness.f1");
  config_clear(&config);
}

static void test_inline_context(void **state) {
  struct config config;
  (void)state;
  parse_good(HEAD MODELS DATA "context:\n  extends: real-time\n  coverage: full\n"
                              "  gates:\n    - {measure: correctness.auc, margin: 0.002}\n",
             &config);
  assert_string_equal(config.context.name, "real-time (changed)");
  assert_false(config.is_partial);
  config_clear(&config);
}

/* The value of a variable is used, and stands nowhere in what is kept or said. */
static void test_secrets(void **state) {
  struct config config;
  struct text text = {0};
  nonet_error error;
  (void)state;
  setenv("NONET_TEST_SECRET", "hunter2", 1);
  unsetenv("NONET_TEST_ABSENT");
  parse_good(
      HEAD MODELS
      "data:\n"
      "  test: {query: select 1, driver: x, uri: \"postgresql://u:${NONET_TEST_SECRET}@h/d\"}\n"
      "  train: \"${NONET_TEST_ABSENT:-t}.csv\"\n"
      "  pool: {query: select 2, driver: x, uri: \"postgresql://u:plain@h/d\"}\n"
      "  label: y\n"
      "store: \"${NONET_TEST_SECRET}/$${x}\"\n"
      "retrain: \"${NONET_TEST_ABSENT:-}go\"\n",
      &config);
  assert_string_equal(config.test.uri, "postgresql://u:hunter2@h/d");
  assert_string_equal(config.train->path, "dir/t.csv");
  assert_string_equal(config.store, "dir/hunter2/${x}");
  assert_string_equal(config.store_shown, "${NONET_TEST_SECRET}/$${x}");
  assert_string_equal(config.retrain, "go");
  json_text_write(&text, config_json(&config), JSON_TEXT_COMPACT);
  assert_null(strstr(text.data, "hunter2"));
  assert_null(strstr(text.data, "u:plain"));
  assert_non_null(strstr(text.data, "postgresql://u:***@h/d"));
  assert_non_null(strstr(text.data, "postgresql://u:${NONET_TEST_SECRET}@h/d"));
  text_clear(&text);
  config_clear(&config);
  assert_int_equal(parse_as(HEAD MODELS "data: {test: \"${NONET_TEST_ABSENT}\", label: y}\n",
                            "n.yaml", &config, &error),
                   NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "n.yaml:3:14: the environment variable NONET_TEST_ABSENT"));
  unsetenv("NONET_TEST_SECRET");
}

static void test_refused(void **state) {
  static const struct {
    const char *text, *place, *says;
  } cases[] = {
      {"", "n.yaml:1:1", "is empty"},
      {"- nonet: 1\n", "n.yaml:1:1", "a mapping of keys and values; found a list"},
      {MODELS DATA, "n.yaml:1:1", "expected nonet: 1"},
      {"nonet: 2\n" MODELS DATA, "n.yaml:1:8", "expected nonet: 1"},
      {HEAD DATA, "n.yaml:1:1", "expected models:"},
      {HEAD MODELS, "n.yaml:1:1", "expected data:"},
      {HEAD MODELS DATA "model: x\n", "n.yaml:4:1", "did you mean 'models'"},
      {HEAD MODELS DATA "nonet: 1\n", "n.yaml:4:1", "stands twice"},
      {HEAD MODELS DATA "task: binray\n", "n.yaml:4:7", "did you mean 'binary'"},
      {HEAD MODELS DATA "context: real-tme\n", "n.yaml:4:10", "did you mean 'real-time'"},
      {HEAD MODELS DATA "context: {extends: edge, tier: []}\n", "n.yaml:4:26", "'tiers'"},
      {HEAD MODELS DATA "context: [a]\n", "n.yaml:4:10", "a text; found a list"},
      {HEAD DATA "models: [a]\n", "n.yaml:3:9", "models as a mapping"},
      {HEAD DATA "models: {}\n", "n.yaml:3:9", "expected candidate"},
      {HEAD DATA "models: {candidat: {onnx: x}}\n", "n.yaml:3:10", "'candidate'"},
      {HEAD DATA "models: {candidate: x.onnx}\n", "n.yaml:3:21", "a model as a mapping"},
      {HEAD DATA "models: {candidate: {name: x}}\n", "n.yaml:3:21", "the model's kind: onnx"},
      {HEAD DATA "models: {candidate: {onx: x}}\n", "n.yaml:3:22", "did you mean 'onnx'"},
      {HEAD DATA "models: {candidate: {onnx: x, xgboost: y}}\n", "n.yaml:3:40",
       "one kind; found onnx and xgboost"},
      {HEAD DATA "models: {candidate: {onnx: [x]}}\n", "n.yaml:3:28", "a text; found a list"},
      {HEAD DATA "models: {candidate: {onnx: }}\n", "n.yaml:3:22", "a text; found nothing"},
      {HEAD DATA "models: {candidate: {xgboost: x, layout: nhwc}}\n", "n.yaml:3:42",
       "kind xgboost has no option layout"},
      {HEAD DATA "models: {candidate: {columns: {score: p}, reference: {score: r}}}\n",
       "n.yaml:3:", "kind columns has no option reference"},
      {HEAD DATA "models: {candidate: {onnx: x, reference: {}}}\n", "n.yaml:3:", "expected score"},
      {HEAD DATA "models: {candidate: {onnx: x, layout: nhw}}\n", "n.yaml:3:39", "'nhwc'"},
      {HEAD DATA "models: {candidate: {onnx: x, batch_rows: 0}}\n", "n.yaml:3:43", "from 1 up"},
      {HEAD DATA "models: {candidate: {columns: {}}}\n", "n.yaml:3:31", "score or prediction"},
      {HEAD DATA "models: {candidate: {columns: {scores: x}}}\n", "n.yaml:3:32", "'score'"},
      {HEAD DATA "models: {candidate: {command: \"a 'b\"}}\n", "n.yaml:3:31", "quote"},
      {HEAD DATA "models: {candidate: {command: []}}\n", "n.yaml:3:31", "a command line"},
      {HEAD DATA "models: {candidate: {command: a, timeout: 5}}\n", "n.yaml:3:43", "its unit"},
      {HEAD DATA "models: {candidate: {onnx: x}, candidates: [{onnx: y}]}\n", "n.yaml:3:44",
       "not both"},
      {HEAD DATA "models: {candidates: []}\n", "n.yaml:3:22", "a list of models"},
      {HEAD DATA "models: {candidates: [{onnx: x, name: a}, {onnx: y, name: a}]}\n", "n.yaml:3:43",
       "named 'a' already"},
      {HEAD MODELS "data: {label: y}\n", "n.yaml:3:7", "expected test"},
      {HEAD MODELS "data: {test: t}\n", "n.yaml:3:7", "expected label"},
      {HEAD MODELS "data: {test: t, labl: y}\n", "n.yaml:3:17", "'label'"},
      {HEAD MODELS "data: {test: {}, label: y}\n", "n.yaml:3:14", "a path or a query"},
      {HEAD MODELS "data: {test: {path: a, query: b}, label: y}\n", "n.yaml:3:14", "one of them"},
      {HEAD MODELS "data: {test: {query: a, uri: b}, label: y}\n", "n.yaml:3:14",
       "driver is missing"},
      {HEAD MODELS "data: {test: {path: a, format: xls}, label: y}\n", "n.yaml:3:32",
       "csv, parquet"},
      {HEAD MODELS "data: {test: t, label: y, features: [x, y]}\n", "n.yaml:3:37", "is the label"},
      {HEAD MODELS "data: {test: t, label: y, groups: [x, x]}\n", "n.yaml:3:39", "twice"},
      {HEAD MODELS "data: {test: t, label: y, weight: y}\n", "n.yaml:3:35", "the weight too"},
      {HEAD MODELS "data: {test: t, label: y, sample: {seed: 3}}\n", "n.yaml:3:35",
       "expected rows"},
      {HEAD MODELS "data: {test: t, label: y, sample: {rows: -3}}\n", "n.yaml:3:42",
       "whole number"},
      {HEAD MODELS DATA "columns: {a: {min: 2, max: 1}}\n", "n.yaml:4:14", "min is above max"},
      {HEAD MODELS DATA "columns: {a: {immutable: yes}}\n", "n.yaml:4:26", "false or true"},
      {HEAD MODELS DATA "columns: {a: {monotone: up}}\n", "n.yaml:4:25",
       "increasing or decreasing"},
      {HEAD MODELS DATA "columns: {a: {min: 1, categories: [b]}}\n", "n.yaml:4:14", "not both"},
      {HEAD MODELS DATA "require:\n  - correctness.auk >= 0.8\n", "n.yaml:5:5", "auc"},
      {HEAD MODELS DATA "require:\n  - correctness.auc >= 85\n", "n.yaml:5:5", "between 0 and 1"},
      {HEAD MODELS DATA "require:\n  - {a: b}\n", "n.yaml:5:5", "a requirement such as"},
      {HEAD MODELS DATA "margins: [a]\n", "n.yaml:4:10", "a mapping such as"},
      {HEAD MODELS DATA "margins: {correctness.auk: 1}\n", "n.yaml:4:11", "auc"},
      {HEAD MODELS DATA "margins: {correctness.auc: big}\n", "n.yaml:4:28", "a margin is"},
      {HEAD MODELS DATA "margins: {correctness.mcc: 5%}\n", "n.yaml:4:28", "absolute"},
      {HEAD MODELS DATA "threshold: {maximise: f1}\n", "n.yaml:4:23", "on: train"},
      {HEAD MODELS DATA "threshold: {maximise: f1, on: test}\n", "n.yaml:4:31", "on: train"},
      {HEAD MODELS DATA "threshold: {maximise: auc, on: train}\n", "n.yaml:4:23", "decisions"},
      {HEAD MODELS DATA "threshold: {cost: {fp: 1}}\n", "n.yaml:4:19", "both above 0"},
      {HEAD MODELS DATA "threshold: {}\n", "n.yaml:4:12", "expected a number"},
      {HEAD MODELS DATA "measures: {only: [correctness.auk]}\n", "n.yaml:4:19", "auc"},
      {HEAD MODELS DATA "coverage: all\n", "n.yaml:4:11", "full or partial"},
      {HEAD MODELS DATA "budget: 60\n", "n.yaml:4:9", "its unit"},
      {HEAD MODELS DATA "budget: 0s\n", "n.yaml:4:9", "above 0"},
      {HEAD MODELS DATA "store: [x]\n", "n.yaml:4:8", "a text"},
      {HEAD MODELS DATA "store: ${}\n", "n.yaml:4:8", "${NAME}"},
      {HEAD MODELS DATA "store: ${A B}\n", "n.yaml:4:8", "${NAME}"},
      {HEAD MODELS DATA "store: ${A\n", "n.yaml:4:8", "${NAME}"},
      {HEAD MODELS "data: {test: t, label: \"${HOME}\"}\n", "n.yaml:3:24", "only"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct config config;
    nonet_error error;
    nonet_status status = parse_as(cases[i].text, "n.yaml", &config, &error);
    if (status != NONET_E_CONFIG ||
        strncmp(error.message, cases[i].place, strlen(cases[i].place)) != 0 ||
        strstr(error.message, cases[i].says) == NULL) {
      fail_msg("%s: status %d, '%s'; expected %s … %s", cases[i].text, status, error.message,
               cases[i].place, cases[i].says);
    }
    config_clear(&config);
  }
}

static void test_no_file(void **state) {
  struct config config;
  nonet_error error;
  (void)state;
  assert_int_equal(config_read("/nonexistent/nonet.yaml", &config, &error), NONET_E_NO_INPUT);
  assert_non_null(strstr(error.message, "/nonexistent/nonet.yaml"));
  config_clear(&config);
}

static void test_memory(void **state) {
  (void)state;
  bool is_done = false;
  for (long n = 0; !is_done; n++) {
    struct config config;
    nonet_error error;
    memory_fail_after(n);
    nonet_status status = parse_as(contract, "dir/n.yaml", &config, &error);
    is_done = memory_fail_after(-1) <= n;
    assert_int_equal(status, is_done ? NONET_OK : NONET_E_MEMORY);
    config_clear(&config);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contract),       cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_models),         cmocka_unit_test(test_threshold),
      cmocka_unit_test(test_inline_context), cmocka_unit_test(test_secrets),
      cmocka_unit_test(test_refused),        cmocka_unit_test(test_no_file),
      cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
