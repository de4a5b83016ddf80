/*
 * Every format on the same documents: what a reader looks for is there, what data say never becomes
 * markup, documents of other versions render, every allocation failure is reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "report/report.h"
#include "report/report_asset.h"
#include "report/report_fixture.h"

static char *render(const char *json, const char *format) {
  json_t *root = NULL;
  struct text text = {0};
  nonet_error error = {""};
  if (json_text_parse(json, strlen(json), "test", &root, &error) != NONET_OK ||
      report_render(root, format, NULL, &text, &error) != NONET_OK) {
    fail_msg("%s: %s", format, error.message);
  }
  json_decref(root);
  char *taken = text_take(&text);
  assert_non_null(taken);
  return taken;
}

static void assert_shows(const char *report, const char *piece) {
  if (strstr(report, piece) == NULL) {
    fail_msg("'%s' is not in\n%.6000s", piece, report);
  }
}

static void test_names(void **state) {
  (void)state;
  struct text text = {0};
  nonet_error error = {""};
  json_t *root = json_object();
  assert_null(report_find("pdf"));
  assert_string_equal(report_find("html")->option, "html");
  assert_null(report_find("terminal")->option);
  assert_int_equal(report_render(root, "htlm", NULL, &text, &error), NONET_E_USAGE);
  assert_string_equal(error.message, "no report format 'htlm' (did you mean 'html'?)");
  json_decref(root);
}

static void test_markdown(void **state) {
  (void)state;
  char *report = render(report_fixture, "markdown");
  assert_int_equal(strncmp(report, "### nonet: FAIL\n\nreal-time v2", 29), 0);
  assert_shows(report, "- &lt;b&gt;\"&amp;'\\|\\`@\u2060me\n"); /* a reason that is markup */
  assert_shows(report,
               "| 3 | `efficiency.latency_p99` | `‹       ┊                ` | -50.00 % of 10% "
               "| **HARMED** |");
  assert_shows(report, "``correctness.recall (sex=<b>\"&'\\|`@me)``");
  assert_shows(report, "**Nine:** correctness undecided · efficiency worse · privacy a gate not "
                       "measured · Judged: 2 of 9 (not built yet: privacy, security");
  assert_shows(report, "```sh\nnonet check '<x>'\n```\n");
  assert_shows(report, "| `correctness.auc` | 0.912 [0.900, 0.925] | 0.900 [0.890, 0.910] | – | "
                       "9,000 |");
  assert_shows(report, "- `privacy.mia_auc`: not built yet\n");
  assert_true(strstr(report, "HARMED") < strstr(report, "UNDECIDED"));
  memory_free(report);
}

static void test_junit(void **state) {
  (void)state;
  char *report = render(report_fixture, "junit");
  assert_shows(report, "tests=\"6\" failures=\"2\" errors=\"0\" skipped=\"2\" time=\"1.500\"");
  assert_shows(report, "<testcase classname=\"nonet.verdict\" name=\"verdict\" time=\"0\">\n      "
                       "<failure type=\"FAIL\"");
  assert_shows(report, "classname=\"nonet.efficiency\" name=\"efficiency.latency_p99\"");
  assert_shows(report, "<failure type=\"HARMED\" message=\"efficiency.latency_p99 is HARMED");
  assert_shows(report, "name=\"correctness.recall (sex=&lt;b&gt;&quot;&amp;&#39;|`@me)\"");
  assert_shows(report, "<skipped message=\"privacy.mia_auc is NOT_MEASURED");
  memory_free(report);
}

/* The rule for a verdict that is open: a failure, unless the configuration allows it. */
static void test_junit_inconclusive(void **state) {
  (void)state;
  char *report = render("{\"verdict\":{\"state\":\"INCONCLUSIVE\"}}", "junit");
  assert_shows(report, "failures=\"1\" errors=\"0\" skipped=\"0\"");
  memory_free(report);
  report = render("{\"inputs\":{\"config\":{\"allow_inconclusive\":true}},\"verdict\":{\"state\":"
                  "\"INCONCLUSIVE\"}}",
                  "junit");
  assert_shows(report, "failures=\"0\" errors=\"0\" skipped=\"1\"");
  memory_free(report);
  report = render("{\"verdict\":{\"state\":\"NONE\"}}", "junit");
  assert_shows(report, "failures=\"0\" errors=\"0\" skipped=\"1\"");
  memory_free(report);
}

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
  char *report = render(report_fixture, "sarif");
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
  assert_shows(report, "\"uri\": \"it%27s.yaml\"");
  json_decref(sarif);
  memory_free(report);
}

static void test_card(void **state) {
  (void)state;
  char *report = render(report_fixture, "card");
  assert_shows(report, "# Model card: new one.onnx\n");
  assert_shows(report, "## Verdict: FAIL\n");
  assert_shows(report, "| `correctness.recall` | 2 | 0.50 ``sex=<b>\"&'\\|`@me`` | 0.70 `sex=F` |");
  assert_shows(report, "### privacy: a gate not measured\n");
  assert_shows(report, "- `privacy.mia_auc`: not built yet\n");
  memory_free(report);
}

static void test_html(void **state) {
  (void)state;
  char *report = render(report_fixture, "html");
  char *script = strstr(report, "<script>");
  assert_non_null(script);
  assert_int_equal(
      strncmp(script + strlen("<script>"), report_asset_script, report_asset_script_bytes), 0);
  assert_int_equal(strncmp(script + strlen("<script>") + report_asset_script_bytes, "</script>", 9),
                   0);
  *script = '\0'; /* what follows is ours */
  assert_shows(report, "<title>FAIL · new one.onnx · nonet</title>");
  assert_shows(report, report_asset_script_sha256);
  assert_shows(report, "<p class=because>latency is worse</p>");
  assert_shows(report, "<li>&lt;b&gt;&quot;&amp;&#39;|`@me</li>");
  assert_shows(report, "<data value=\"0.9123456\">0.912</data>");
  assert_shows(report, "<data value=\"-0.6931471805599453\">-50.00 %</data>");
  assert_shows(report, "<span class=null role=img aria-label=\"no number\">–</span>");
  assert_shows(report, "3 groups, from <data value=\"0.5\">0.50</data> (<bdi>sex=&lt;b&gt;");
  assert_shows(report, "nonet check &#39;&lt;x&gt;&#39;");
  assert_shows(report, "\"x\":[0.0,1.0]");
  assert_null(strstr(report, "<b>\"&"));
  memory_free(report);
}

/* A number that is none, where numbers stand ("provenance" is a word). */
static bool has_no_number(const char *report) {
  static const char *const wrong[] = {">nan",    ">-nan", ">inf",  ">-inf", "\"nan", "\"-nan",
                                      "\"inf\"", " nan",  " -nan", "[nan",  " inf "};
  bool found = false;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    found = found || strstr(report, wrong[i]) != NULL;
  }
  return found;
}

/* Documents of other versions and other tools: every format, never "nan" or "inf". */
static void test_sparse_documents(void **state) {
  (void)state;
  static const char *const documents[] = {
      "{}",
      "[]",
      "{\"judgements\":[{}],\"verdict\":{\"because\":[3]},\"findings\":[{}],\"curves\":[{}]}",
      "{\"judgements\":[{\"measure\":\"correctness.auc\",\"kind\":\"requirement\"}],\"verdict\":{"
      "\"state\":\"LATER\",\"coverage\":{\"correctness\":\"later\",\"privacy\":3}}}",
      "{\"estimates\":[{\"attribute\":\"correctness\",\"scope\":{\"kind\":\"all\"},\"role\":"
      "\"candidate\",\"measure\":\"x\",\"notes\":[null,3]},{\"attribute\":\"correctness\","
      "\"scope\":{"
      "\"kind\":\"group\"},\"role\":\"candidate\",\"measure\":\"y\"},{\"attribute\":\"privacy\","
      "\"measure\":\"z\"}],\"actions\":[{}],\"skipped\":[{"
      "}]}",
      "{\"curves\":[{\"measure\":\"privacy.c\",\"scope\":{\"kind\":\"all\"},\"x\":[1,null],\"y\":[]"
      "}]"
      "}"};
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    for (const struct report_format *format = report_formats; format->name != NULL; format++) {
      char *report = render(documents[i], format->name);
      char *script = strstr(report, "<script>");
      if (script != NULL) {
        *script = '\0';
      }
      if (has_no_number(report)) {
        fail_msg("document %zu as %s:\n%.3000s", i, format->name, report);
      }
      memory_free(report);
    }
  }
}

static void test_allocation_failures(void **state) {
  (void)state;
  json_t *root = NULL;
  assert_int_equal(json_text_parse(report_fixture, strlen(report_fixture), "test", &root, NULL),
                   NONET_OK);
  for (const struct report_format *format = report_formats; format->name != NULL; format++) {
    nonet_status status = NONET_E_MEMORY;
    for (long k = 0; status == NONET_E_MEMORY; k++) {
      struct text text = {0};
      memory_fail_after(k);
      status = report_render(root, format->name, NULL, &text, NULL);
      memory_fail_after(-1);
      text_clear(&text);
      assert_true(k < 100000);
    }
    assert_int_equal(status, NONET_OK);
  }
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_markdown),
      cmocka_unit_test(test_junit),
      cmocka_unit_test(test_junit_inconclusive),
      cmocka_unit_test(test_sarif),
      cmocka_unit_test(test_card),
      cmocka_unit_test(test_html),
      cmocka_unit_test(test_sparse_documents),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
