/* SARIF: kinds, levels, rules and places of what did not pass and of findings.
 * tests/e2e/test_reports.py holds it to the standard's schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "report/report_fixture.h"

static const json_t *result_of(const json_t *sarif, const char *rule) {
  const json_t *results =
      json_object_get(json_array_get(json_object_get(sarif, "runs"), 0), "results");
  for (size_t i = 0; i < json_array_size(results); i++) {
    const json_t *result = json_array_get(results, i);
    if (strcmp(json_string_value(json_object_get(result, "ruleId")), rule) == 0) {
      return result;
    }
  }
  fail_msg("no result of %s", rule);
  return NULL;
}

static void test_sarif(void **state) {
  (void)state;
  static const char *const expected[][3] = {{"efficiency.latency_p99", "fail", "error"},
                                            {"correctness.recall", "open", NULL},
                                            {"privacy.mia_auc", "open", NULL},
                                            {"data.leak", "fail", "warning"}};
  char *report = fixture_render(report_fixture, "sarif");
  json_t *sarif = NULL;
  assert_int_equal(json_text_parse(report, strlen(report), "sarif", &sarif, NULL), NONET_OK);
  const json_t *run = json_array_get(json_object_get(sarif, "runs"), 0);
  assert_int_equal(json_array_size(json_object_get(run, "results")), 4);
  for (size_t i = 0; i < 4; i++) {
    const json_t *result = result_of(sarif, expected[i][0]);
    assert_string_equal(json_string_value(json_object_get(result, "kind")), expected[i][1]);
    const char *level = json_string_value(json_object_get(result, "level"));
    assert_int_equal(level == NULL, expected[i][2] == NULL);
    if (level != NULL) {
      assert_string_equal(level, expected[i][2]);
    }
  }
  fixture_shows(report, "\"uri\": \"it%27s.yaml\"");
  json_decref(sarif);
  memory_free(report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sarif),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
