/* Markdown: the verdict, the forest as a table, names that are markup, what is folded away.
 * Expected values are written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/report_fixture.h"

static void test_markdown(void **state) {
  (void)state;
  char *report = fixture_render(report_fixture, "markdown");
  assert_int_equal(strncmp(report, "### nonet: FAIL\n\nreal-time v2", 29), 0);
  fixture_shows(report, "- &lt;b&gt;\"&amp;'\\|\\`@\u2060me\n"); /* a reason that is markup */
  fixture_shows(report,
                "| 3 | `efficiency.latency_p99` | `‹       ┊                ` | -100.0 % of 10 % "
                "| **HARMED** |");
  fixture_shows(report, "``correctness.recall (sex=<b>\"&'\\|`@me)``");
  fixture_shows(report, "**Nine:** correctness undecided · efficiency worse · privacy a gate not "
                        "measured · Judged: 2 of 9 (not built yet: privacy, security");
  fixture_shows(report, "```sh\nnonet check '<x>'\n```\n");
  fixture_shows(report, "| `correctness.auc` | 0.912 [0.900, 0.925] | 0.900 [0.890, 0.910] | – | "
                        "9,000 |");
  fixture_shows(report, "- `privacy.mia_auc`: not built yet\n");
  assert_true(strstr(report, "HARMED") < strstr(report, "UNDECIDED"));
  memory_free(report);
}

/* Case 4: folded, and once for each title. */
static void test_findings(void **state) {
  (void)state;
  char *report = fixture_render(
      "{\"findings\":[{\"severity\":\"warning\",\"title\":\"broken\",\"evidence\":\"a\"},"
      "{\"severity\":\"info\",\"title\":\"other\",\"evidence\":\"b\"},"
      "{\"severity\":\"warning\",\"title\":\"broken\",\"evidence\":\"c\"}]}",
      "markdown");
  fixture_shows(report,
                "<details><summary>3 findings</summary>\n\n"
                "- warning, broken: a; and 1 more like it\n- info, other: b\n\n</details>\n");
  memory_free(report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_findings),
      cmocka_unit_test(test_markdown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
