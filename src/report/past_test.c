/*
 * The past in a terminal: what stands on the page for documents written by hand, within its width,
 * in ASCII, and with no control characters of a hostile document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "report/past.h"

static const char *const runs =
    "{\"schema\":\"nonet/history/1\",\"store\":\"nonet.db\",\"runs\":["
    "{\"id\":\"7f3a00112233\",\"started\":\"2026-01-02T03:04:05Z\",\"command\":\"check\","
    "\"verdict\":\"PASS\",\"context\":\"real-time\",\"context_version\":2,"
    "\"candidate\":\"models/boost.onnx\",\"source\":\"rows.parquet\",\"n_rows\":8879,"
    "\"digest\":\"d\"},"
    "{\"id\":\"aaaa00112233\",\"started\":\"2026-01-03T03:04:05Z\",\"command\":\"check\","
    "\"verdict\":\"INCONCLUSIVE\",\"context\":null,\"context_version\":null,"
    "\"candidate\":\"\\u001b[31mmodels/a-very-long-name-that-no-column-of-a-terminal-has-room-for-"
    "in-its-life.onnx\",\"source\":null,\"n_rows\":10,\"digest\":\"d\"}]}";

static const char *const series =
    "{\"schema\":\"nonet/history/1\",\"store\":null,\"measure\":\"correctness.auc\",\"series\":["
    "{\"source\":\"rows.parquet\",\"points\":["
    "{\"run\":\"7f3a00112233\",\"started\":\"2026-01-02T03:04:05Z\",\"value\":0.88,\"low\":0.86,"
    "\"high\":0.90,\"change\":null},"
    "{\"run\":\"aaaa00112233\",\"started\":\"2026-01-03T03:04:05Z\",\"value\":0.91,\"low\":0.89,"
    "\"high\":0.93,\"change\":{\"difference\":0.03,\"low\":0.0017,\"high\":0.0583,\"method\":"
    "\"mover\",\"excludes_0\":true}},"
    "{\"run\":\"bbbb00112233\",\"started\":\"2026-01-04T03:04:05Z\",\"value\":0.90,\"low\":0.88,"
    "\"high\":0.92,\"change\":{\"difference\":-0.01,\"low\":-0.038,\"high\":0.018,\"method\":"
    "\"mover\",\"excludes_0\":false}},"
    "{\"run\":\"cccc00112233\",\"started\":\"2026-01-05T03:04:05Z\",\"value\":null,\"low\":null,"
    "\"high\":null,\"change\":null}]}]}";

static char *render(const char *json, size_t columns, bool ascii) {
  const struct terminal_style style = {.columns = columns, .ascii = ascii};
  struct text text = {0};
  nonet_error error = {""};
  json_t *root = json_loads(json, 0, NULL);
  assert_non_null(root);
  if (past_render(root, &style, &text, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  json_decref(root);
  return text_take(&text);
}

/* The line that holds `piece`, in a buffer of its own. */
static const char *line_with(const char *page, const char *piece) {
  static char line[512];
  const char *at = strstr(page, piece);
  if (at == NULL) {
    fail_msg("\"%s\" is not on the page:\n%s", piece, page);
  }
  while (at > page && at[-1] != '\n') {
    at--;
  }
  snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
  return line;
}

static void assert_has(const char *line, const char *piece) {
  if (strstr(line, piece) == NULL) {
    fail_msg("\"%s\" is missing in: %s", piece, line);
  }
}

static void test_runs(void **state) {
  (void)state;
  char *page = render(runs, 110, false);
  const char *line = line_with(page, "7f3a0011");
  assert_has(line, "2026-01-02 03:04");
  assert_has(line, "PASS");
  assert_has(line, "real-time v2");
  assert_has(line, "8,879");
  assert_has(line, "models/boost.onnx");
  line = line_with(page, "aaaa0011");
  assert_has(line, "INCONCLUSIVE");
  assert_has(line, "check"); /* no context: what was run */
  assert_null(strchr(page, '\033'));
  memory_free(page);
}

static void test_marks(void **state) {
  (void)state;
  char *page = render(series, 110, false);
  assert_has(line_with(page, "aaaa0011"), "▲ +0.030 [0.002, 0.058]");
  assert_null(strstr(line_with(page, "bbbb0011"), "▼"));
  assert_null(strstr(line_with(page, "7f3a0011"), "▲"));
  assert_has(line_with(page, "7f3a0011"), "0.880 [0.860, 0.900]");
  assert_has(line_with(page, "cccc0011"), "–");
  assert_has(page, "excludes 0");
  memory_free(page);
}

/* The points stand on one scale, .86 to .93: .88, .91, .90 at 2/7, 5/7 and 4/7 of the width. */
static void test_one_scale(void **state) {
  (void)state;
  char *page = render(series, 60 + 83, true); /* 60 columns of bar */
  static const struct {
    const char *run;
    double part;
  } expected[] = {{"7f3a0011", 2.0 / 7.0}, {"aaaa0011", 5.0 / 7.0}, {"bbbb0011", 4.0 / 7.0}};
  for (int i = 0; i < 3; i++) {
    const char *line = line_with(page, expected[i].run);
    double at = (double)(strchr(line, 'o') - line) - 51.0;
    if (at < expected[i].part * 59.0 - 1.0 || at > expected[i].part * 59.0 + 1.0) {
      fail_msg("the point is at %g of 59: %s", at, line);
    }
  }
  memory_free(page);
}

static void test_width_and_ascii(void **state) {
  (void)state;
  static const size_t widths[] = {1, 60, 79, 80, 91, 92, 100, 200};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    for (int which = 0; which < 2; which++) {
      char *page = render(which == 0 ? runs : series, widths[i], true);
      size_t most = widths[i] < 60 ? 60 : widths[i];
      for (const char *line = page; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strcspn(line, "\n") > most) {
          fail_msg("wider than %zu: %.*s", most, (int)strcspn(line, "\n"), line);
        }
      }
      for (const char *c = page; *c != '\0'; c++) {
        assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
      }
      memory_free(page);
    }
  }
}

static void test_nothing_there(void **state) {
  (void)state;
  static const char *const documents[] = {"{}", "{\"runs\":[]}", "{\"runs\":[null,3]}",
                                          "{\"series\":[{}],\"measure\":7}",
                                          "{\"series\":[{\"points\":[{\"value\":1,\"low\":1,"
                                          "\"high\":1,\"change\":{\"excludes_0\":true}}"
                                          "]}]}"};
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    char *page = render(documents[i], 100, false);
    assert_true(strlen(page) > 0);
    memory_free(page);
  }
  char *page = render("{\"runs\":[]}", 100, false);
  assert_has(page, "No run is kept");
  memory_free(page);
}

static void test_memory(void **state) {
  (void)state;
  const struct terminal_style style = {.columns = 100};
  json_t *root = json_loads(series, 0, NULL);
  int n_failed = 0;
  for (long n = 0;; n++) {
    struct text text = {0};
    memory_fail_after(n);
    nonet_status status = past_render(root, &style, &text, NULL);
    long n_made = memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
    n_failed += status != NONET_OK;
    text_clear(&text);
    if (n_made <= n) {
      break;
    }
  }
  assert_true(n_failed > 3);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_runs),          cmocka_unit_test(test_marks),
      cmocka_unit_test(test_one_scale),     cmocka_unit_test(test_width_and_ascii),
      cmocka_unit_test(test_nothing_there), cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
