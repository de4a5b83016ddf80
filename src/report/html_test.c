/* The page: escaped text, numbers with all digits, the script whole and last.
 * tests/e2e/test_reports.py compares every number, tests/browser looks at it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/report_asset.h"
#include "report/report_fixture.h"

static void test_html(void **state) {
  (void)state;
  char *report = fixture_render(report_fixture, "html");
  char *script = strstr(report, "<script>");
  assert_non_null(script);
  assert_int_equal(
      strncmp(script + strlen("<script>"), report_asset_script, report_asset_script_bytes), 0);
  assert_int_equal(strncmp(script + strlen("<script>") + report_asset_script_bytes, "</script>", 9),
                   0);
  *script = '\0'; /* what follows is ours */
  fixture_shows(report, "<title>FAIL · new one.onnx · nonet</title>");
  fixture_shows(report, report_asset_script_sha256);
  fixture_shows(report, "<p class=because>latency is worse</p>");
  fixture_shows(report, "<li>&lt;b&gt;&quot;&amp;&#39;|`@me</li>");
  fixture_shows(report, "<data value=\"0.9123456\">0.912</data>");
  fixture_shows(report, "<data value=\"-0.6931471805599453\">-100.0 %</data>");
  fixture_shows(report, "<span class=null role=img aria-label=\"no number\">–</span>");
  fixture_shows(report, "3 groups, from <data value=\"0.5\">0.50</data> (<bdi>sex=&lt;b&gt;");
  fixture_shows(report, "nonet check &#39;&lt;x&gt;&#39;");
  fixture_shows(report, "\"x\":[0.0,1.0]");
  assert_null(strstr(report, "<b>\"&"));
  memory_free(report);
}

/* Named points are a table with bars from 0 to the longest, and nothing for the script. */
static void test_bars(void **state) {
  (void)state;
  char *report = fixture_render(
      "{\"measures\":{\"efficiency.operator_time\":{\"title\":\"Where the time "
      "goes\",\"unit\":\"us\"}},\"curves\":[{\"measure\":\"efficiency.operator_time\",\"role\":"
      "\"candidate\",\"scope\":{\"kind\":\"all\"},\"labels\":[\"Gemm\",\"<i>\"],\"x\":[1,2],\"y\":["
      "8.5,2.125],\"low\":[],\"high\":[]}]}",
      "html");
  fixture_shows(report, "<h3>Where the time goes</h3>");
  fixture_shows(report, "<th scope=row>Gemm</th><td class=num><data value=\"8.5\">");
  fixture_shows(report, "<th scope=row>&lt;i&gt;</th>");
  fixture_shows(report, "x1=\"2.00%\" x2=\"26.00%\"");
  fixture_shows(report, "<script type=\"application/json\" id=curves>[]</script>");
  memory_free(report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bars),
      cmocka_unit_test(test_html),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
