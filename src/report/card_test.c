/* The model card: its sections, the extremes of groups, the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/report_fixture.h"

static void test_card(void **state) {
  (void)state;
  char *report = fixture_render(report_fixture, "card");
  fixture_shows(report, "# Model card: new one.onnx\n");
  fixture_shows(report, "## Verdict: FAIL\n");
  fixture_shows(report,
                "| `correctness.recall` | 2 | 0.50 ``sex=<b>\"&'\\|`@me`` | 0.70 `sex=F` |");
  fixture_shows(report, "### privacy: a gate not measured\n");
  fixture_shows(report, "- `privacy.mia_auc`: not built yet\n");
  memory_free(report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_card),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
