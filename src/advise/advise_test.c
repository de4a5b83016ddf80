/*
 * Advice: the order of actions, never more than ADVISE_MOST, each whole, nothing on a document that
 * says nothing, any JSON in the place of any part, and every allocation failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise.h"
#include "advise/advise_fixture.h"
#include "base/memory.h"

/* Nearly everything is wrong at once: nine rules apply. */
static const char *const ailing =
    "{'run':{'command':'compare'}," INPUTS ",'actions':[],"
    "'verdict':{'state':'INCONCLUSIVE','n_needed':5000,'coverage':{'privacy':'not_built'}},"
    "'findings':[{'severity':'error','title':'a leak','evidence':'x'}],"
    "'judgements':[{'measure':'correctness.auc','state':'UNDECIDED','scope':{'kind':'all'},"
    "'reason':'12 clusters, fewer than 20'}],"
    "'estimates':[" ESTIMATE("deployability.determinism", "0.9", "null", "null", "9") "," ESTIMATE(
        "correctness.recall", "0.1", "0.02", "0.4",
        "14") "," ESTIMATE("correctness.accuracy", "0.96", "0.95", "0.97",
                           "1000") "," ESTIMATE("correctness.balanced_accuracy", "0.51", "0.5",
                                                "0.52",
                                                "1000") "," ESTIMATE("correctness.auc", "0.9",
                                                                     "0.88", "0.92",
                                                                     "1000") "," ESTIMATE("correctn"
                                                                                          "ess."
                                                                                          "prevalen"
                                                                                          "ce",
                                                                                          "0.04",
                                                                                          "0.03",
                                                                                          "0.05",
                                                                                          "1000") "," ESTIMATE("correctness.calibration_slope",
                                                                                                               "2",
                                                                                                               "1.5",
                                                                                                               "2.5",
                                                                                                               "1000") "]}";

static json_t *actions_of(const char *document, json_t **root) {
  struct evidence evidence = {.root = fixture_json(document)};
  nonet_error error = {""};
  if (advise_actions(&evidence, &error) != NONET_OK || evidence.failed) {
    fail_msg("%s", error.message);
  }
  *root = evidence.root;
  return json_object_get(evidence.root, "actions");
}

static void test_order_and_number(void **state) {
  (void)state;
  static const char *const begins[ADVISE_MOST] = {"Make the candidate's answers repeat",
                                                  "Collect rows of more clusters",
                                                  "Label about 4,000",
                                                  "Look into: a leak",
                                                  "Train again with weights for the classes",
                                                  "Choose the threshold by",
                                                  "Label about 355 more rows that are"};
  json_t *root;
  const json_t *actions = actions_of(ailing, &root);
  assert_int_equal(json_array_size(actions), ADVISE_MOST);
  for (size_t i = 0; i < ADVISE_MOST; i++) {
    const json_t *action = json_array_get(actions, i);
    const char *title = json_string_value(json_object_get(action, "title"));
    if (strncmp(title, begins[i], strlen(begins[i])) != 0) {
      fail_msg("action %zu: expected \"%s\", found \"%s\"", i + 1, begins[i], title);
    }
    assert_int_equal(json_integer_value(json_object_get(action, "rank")), i + 1);
    assert_true(json_string_length(json_object_get(action, "why")) > 0);
    assert_true(json_string_length(json_object_get(action, "expected")) > 0);
  }
  json_decref(root);
}

/* Findings with one remedy are one action; without a remedy each is looked into by itself. */
static void test_alike(void **state) {
  (void)state;
#define LIKE(title, remedy)                                                                        \
  "{'severity':'warning','title':'" title "','evidence':'e','remedy':'" remedy "'}"
  json_t *root;
  const json_t *actions =
      actions_of("{'actions':[],'findings':[" LIKE("one", "look") "," LIKE("two", "look") "," LIKE(
                     "three", "") "," LIKE("four", "") "]}",
                 &root);
  assert_int_equal(json_array_size(actions), 3);
  const json_t *first = json_array_get(actions, 0);
  assert_string_equal(json_string_value(json_object_get(first, "title")), "Look");
  assert_string_equal(json_string_value(json_object_get(first, "why")), "one; and 1 more like it");
  json_decref(root);
}

static void test_nothing_to_say(void **state) {
  (void)state;
  json_t *root;
  assert_int_equal(json_array_size(actions_of("{'actions':[]}", &root)), 0);
  json_decref(root);
  assert_int_equal(
      json_array_size(actions_of("{'actions':[],'verdict':{'state':'PASS','coverage':{}}}", &root)),
      0);
  json_decref(root);
}

/* Each part of the document in turn replaced by what it should not be. */
static void test_any_document(void **state) {
  (void)state;
  static const char *const parts[] = {"run",        "inputs",    "verdict", "findings",
                                      "judgements", "estimates", "skipped"};
  static const char *const values[] = {"null",
                                       "7",
                                       "'x'",
                                       "[]",
                                       "{}",
                                       "[null,3,{}]",
                                       "{'config':3,'data':[1],'models':{},'state':9}",
                                       "[{'state':'HARMED'},{'state':'NOT_MEASURED'}]"};
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
      struct evidence evidence = {.root = fixture_json(ailing)};
      char value[128];
      snprintf(value, sizeof value, "[%s]", values[v]);
      json_t *list = fixture_json(value);
      json_object_set(evidence.root, parts[p], json_array_get(list, 0));
      assert_int_equal(advise_actions(&evidence, NULL), NONET_OK);
      assert_false(evidence.failed);
      json_decref(list);
      json_decref(evidence.root);
    }
  }
}

static void test_memory(void **state) {
  (void)state;
  int n_failed = 0;
  for (long n = 0;; n++) {
    struct evidence evidence = {.root = fixture_json(ailing)};
    memory_fail_after(n);
    nonet_status status = advise_actions(&evidence, NULL);
    long n_made = memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
    n_failed += status != NONET_OK;
    json_decref(evidence.root);
    if (n_made <= n) {
      break;
    }
  }
  assert_true(n_failed > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order_and_number), cmocka_unit_test(test_alike),
      cmocka_unit_test(test_nothing_to_say), cmocka_unit_test(test_any_document),
      cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
