/* JUnit: which state is a failure, which is skipped, and the case of the verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/report_fixture.h"

static void test_junit(void **state) {
  (void)state;
  char *report = fixture_render(report_fixture, "junit");
  fixture_shows(report, "tests=\"6\" failures=\"2\" errors=\"0\" skipped=\"2\" time=\"1.500\"");
  fixture_shows(report, "<testcase classname=\"nonet.verdict\" name=\"verdict\" time=\"0\">\n      "
                        "<failure type=\"FAIL\"");
  fixture_shows(report, "classname=\"nonet.efficiency\" name=\"efficiency.latency_p99\"");
  fixture_shows(report, "<failure type=\"HARMED\" message=\"efficiency.latency_p99 is HARMED");
  fixture_shows(report, "name=\"correctness.recall (sex=&lt;b&gt;&quot;&amp;&#39;|`@me)\"");
  fixture_shows(report, "<skipped message=\"privacy.mia_auc is NOT_MEASURED");
  memory_free(report);
}

/* The rule for a verdict that is open: a failure, unless the configuration allows it. */
static void test_junit_inconclusive(void **state) {
  (void)state;
  char *report = fixture_render("{\"verdict\":{\"state\":\"INCONCLUSIVE\"}}", "junit");
  fixture_shows(report, "failures=\"1\" errors=\"0\" skipped=\"0\"");
  memory_free(report);
  report = fixture_render(
      "{\"inputs\":{\"config\":{\"allow_inconclusive\":true}},\"verdict\":{\"state\":"
      "\"INCONCLUSIVE\"}}",
      "junit");
  fixture_shows(report, "failures=\"0\" errors=\"0\" skipped=\"1\"");
  memory_free(report);
  report = fixture_render("{\"verdict\":{\"state\":\"NONE\"}}", "junit");
  fixture_shows(report, "failures=\"0\" errors=\"0\" skipped=\"1\"");
  memory_free(report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_junit),
      cmocka_unit_test(test_junit_inconclusive),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
