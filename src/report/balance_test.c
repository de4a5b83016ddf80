/* The plain sentences: two classes, several, a number, times; silence where nothing was measured.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "report/balance.h"
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
  balance_say(&text, root);
  assert_false(text.failed);
  assert_string_equal(text.data == NULL ? "" : text.data, expected);
  text_clear(&text);
  json_decref(root);
}

#define ROW(measure, role, scope, value)                                                           \
  "{\"measure\":\"" measure "\",\"role\":\"" role "\",\"scope\":{" scope "},\"value\":" value "}"
#define ALL "\"kind\":\"all\""
#define IN(config, rows) "{\"inputs\":{\"config\":{" config "}},\"estimates\":[" rows "]}"

/* Case 1: the share is told by the finding, if there is one, but for weights. */
static void test_two_classes(void **state) {
  (void)state;
#define RARE                                                                                       \
  ROW("correctness.prevalence", "candidate", ALL, "0.04")                                          \
  "," ROW("correctness.accuracy", "candidate", ALL, "0.96") "," ROW("correctness.recall",          \
                                                                    "candidate", ALL, "0.25")
  static const char good[] = "The candidate is right in 96.0 % and finds 25.0 % of the positives.";
  char document[1024], expected[512];
  snprintf(
      expected, sizeof expected,
      "4 %% of the rows are y = 1: always answering the more common class is right in 96.0 %%. "
      "%s",
      good);
  assert_said(IN("\"label\":\"y\",\"positive\":\"1\"", RARE), expected);
  snprintf(document, sizeof document,
           "%.*s,\"findings\":[{\"id\":\"data.class_imbalance\","
           "\"severity\":\"warning\"}]}",
           (int)strlen(IN("\"label\":\"y\",\"positive\":\"1\"", RARE)) - 1,
           IN("\"label\":\"y\",\"positive\":\"1\"", RARE));
  assert_said(document, good);
}

/* Case 2. */
static void test_classes_and_numbers(void **state) {
  (void)state;
  assert_said(IN("\"label\":\"y\"",
                 ROW("correctness.accuracy", "candidate", ALL, "0.9") "," ROW(
                     "correctness.recall", "candidate", "\"kind\":\"class\",\"class\":\"a\"",
                     "0.8") "," ROW("correctness.recall", "candidate",
                                    "\"kind\":\"class\",\"class\":\"b\"", "0.7")),
              "The candidate is right in 90.0 %; of y = b it finds least, 70.0 %.");
  assert_said(IN("\"label\":\"y\"", ROW("correctness.mae", "candidate", ALL, "47.5") "," ROW(
                                        "correctness.r2", "candidate", ALL, "0.35")),
              "The candidate is off by 47.50 on average and explains 35 % of the variance of y.");
  assert_said("{}", "");
}

/* Case 3: in the unit of the document. */
static void test_times(void **state) {
  (void)state;
  assert_said(
      "{\"measures\":{\"efficiency.latency_p99\":{\"unit\":\"ms\"}},\"estimates\":[" ROW(
          "efficiency.latency_p99", "candidate", ALL,
          "2.5") "," ROW("efficiency.latency_p99", "baseline", ALL,
                         "2") "," ROW("efficiency.cold_start", "candidate", ALL,
                                      "30") "," ROW("efficiency.peak_memory", "candidate", ALL,
                                                    "33000000") "]}",
      "Of 100 requests 99 are answered within 2.5 ms (baseline 2 ms); from a cold start the "
      "first takes 30 ms; 33 MB at the peak.");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_classes),
                                     cmocka_unit_test(test_classes_and_numbers),
                                     cmocka_unit_test(test_times)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
