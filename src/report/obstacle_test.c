/* What stands in the way: the order of findings, one sentence for each title, rare positives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "report/obstacle.h"
#include "report/report_fixture.h"

static json_t *parsed(const char *document) {
  json_t *root;
  nonet_error error;
  if (json_text_parse(document, strlen(document), "test", &root, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return root;
}

static void assert_said(const char *document, const char *expected) {
  json_t *root = parsed(document);
  struct text text = {0};
  obstacle_say(&text, root);
  assert_false(text.failed);
  assert_string_equal(text.data == NULL ? "" : text.data, expected);
  text_clear(&text);
  json_decref(root);
}

#define FOUND(id, severity, title, hurts)                                                          \
  "{\"id\":\"" id "\",\"attribute\":\"" #hurts "\",\"severity\":\"" severity                       \
  "\",\"title\":\"" title "\",\"evidence\":\"e\",\"hurts\":[\"" #hurts "\"]}"
#define GATES                                                                                      \
  "\"judgements\":[{\"measure\":\"fairness.a\",\"tier\":1},{\"measure\":\"deployability.b\","      \
  "\"tier\":6}]"

/* Case 1: critical, a model that does not run, imbalance, errors, then by the tier of what is hurt.
 */
static void test_order(void **state) {
  (void)state;
  assert_said("{" GATES ",\"findings\":[" FOUND("x.y", "warning", "late", deployability) "," FOUND(
                  "x.z", "warning", "first", fairness) "," FOUND("x.u", "info", "never", data) "]}",
              "first: e. Then: late");
  assert_said("{\"findings\":[" FOUND("x.y", "error", "an error", data) "," FOUND(
                  "data.class_imbalance", "warning", "imbalance", data) "]}",
              "imbalance: e. Then: an error");
  assert_said("{\"findings\":[" FOUND("data.class_imbalance", "warning", "imbalance",
                                      data) "," FOUND("deployability.loads", "error",
                                                      "it does not run", deployability) "]}",
              "it does not run: e. Then: imbalance");
  assert_said("{\"findings\":[" FOUND("data.class_imbalance", "info", "imbalance", data) "]}", "");
}

/* Case 2: eight of one title are one, and long evidence ends with a sentence. */
static void test_short(void **state) {
  (void)state;
  assert_said("{\"findings\":[" FOUND("a.b", "warning", "one", data) "," FOUND(
                  "a.b", "warning", "one", data) "," FOUND("a.c", "warning", "two", data) "]}",
              "one: e. Then: two");
  char document[1024], word[301];
  memset(word, 'w', 300);
  word[300] = '\0';
  snprintf(document, sizeof document,
           "{\"findings\":[{\"severity\":\"warning\",\"title\":\"t\",\"evidence\":\"kept; %s\"}]}",
           word);
  assert_said(document, "t: kept");
  snprintf(
      document, sizeof document,
      "{\"findings\":[{\"severity\":\"warning\",\"title\":\"t\",\"evidence\":\"kept; %s; gone\"}]}",
      word);
  assert_said(document, "t: kept");
  snprintf(document, sizeof document,
           "{\"findings\":[{\"severity\":\"warning\",\"title\":\"t\",\"evidence\":\"%s; gone\"}]}",
           word);
  char expected[400];
  snprintf(expected, sizeof expected, "t: %s", word); /* the first stays, however long */
  assert_said(document, expected);
}

static void test_stated(void **state) {
  (void)state;
  assert_said(report_fixture, "A leak: column <b>\"&'|`@me");
  assert_said("{\"verdict\":{\"obstacle\":\"stated\"},\"findings\":[" FOUND("a.b", "critical",
                                                                            "found", data) "]}",
              "stated");
}

static void test_rare(void **state) {
  (void)state;
  assert_said(
      "{\"inputs\":{\"config\":{\"label\":\"dead\",\"positive\":\"1\"}},\"estimates\":[{"
      "\"measure\":\"correctness.prevalence\",\"role\":\"candidate\",\"scope\":{\"kind\":"
      "\"all\"},\"value\":0.042,\"n\":9000},{\"measure\":\"correctness.recall\",\"role\":"
      "\"candidate\",\"scope\":{\"kind\":\"all\"},\"value\":0.25,\"low\":0.2,\"high\":0.3}]}",
      "378 of 9,000 rows are dead = 1 (4.2 %): recall is known to within 0.05");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_short),
                                     cmocka_unit_test(test_stated), cmocka_unit_test(test_rare)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
