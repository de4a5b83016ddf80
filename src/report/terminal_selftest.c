/*
 * The self-test on a terminal.
 *
 * The verdict first, with its reasons; then a finding for each gate, those that err first: its
 * title and the rates that were counted. Numbers are those of the findings.
 */
#include "report/terminal_selftest.h"

#include <string.h>

static enum page_ink ink_of(const char *severity) {
  return strcmp(severity, "error") == 0     ? INK_RED
         : strcmp(severity, "warning") == 0 ? INK_YELLOW
                                            : INK_GREEN;
}

bool terminal_selftest_is(const json_t *root) {
  return strcmp(page_string(json_object_get(root, "run"), "command"), "selftest") == 0;
}

static void render_verdict(struct page *page) {
  const json_t *verdict = json_object_get(page->root, "verdict"),
               *because = json_object_get(verdict, "because");
  const char *state = page_string(verdict, "state");
  page_ink(page, INK_BOLD);
  page_ink(page, ink_of(strcmp(state, "FAIL") == 0   ? "error"
                        : strcmp(state, "PASS") == 0 ? "info"
                                                     : "warning"));
  text_append(page->text, state);
  page_ink(page, INK_PLAIN);
  page_line(page, "  self-test of the gates of %s", page_string(verdict, "context"));
  for (size_t i = 0; i < json_array_size(because); i++) {
    text_append(page->text, "  ");
    page_wrap(page, json_string_value(json_array_get(because, i)), 2, 2);
  }
}

static void render_findings(struct page *page, const char *severity) {
  const json_t *findings = json_object_get(page->root, "findings");
  for (size_t i = 0; i < json_array_size(findings); i++) {
    const json_t *finding = json_array_get(findings, i);
    if (strcmp(page_string(finding, "severity"), severity) == 0) {
      text_append(page->text, "\n");
      page_ink(page, ink_of(severity));
      page_wrap(page, page_string(finding, "title"), 0, 2);
      page_ink(page, INK_PLAIN);
      text_append(page->text, "  ");
      page_wrap(page, page_string(finding, "evidence"), 2, 2);
    }
  }
}

void terminal_selftest(struct page *page) {
  render_verdict(page);
  render_findings(page, "error");
  render_findings(page, "warning");
  render_findings(page, "info");
}
