/*
 * The table of formats. To add one: a file with a render function, a row here, a row in the command
 * line's options.
 *
 * Cases: 1. The evidence itself is one of the formats.  2. A text that a renderer left unfinished
 * (memory ended) is reported as that, by every format the same way.
 */
#include "report/report.h"

#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "report/card.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/sarif.h"

/* Case 1. */
static nonet_status json_render(const json_t *root, const struct terminal_style *style,
                                struct text *text, nonet_error *error) {
  (void)style;
  (void)error;
  json_text_write(text, root, JSON_TEXT_INDENTED);
  if (text->length > 0 && text->data[text->length - 1] != '\n') {
    text_append(text, "\n");
  }
  return NONET_OK;
}

const struct report_format report_formats[] = {
    {"terminal", NULL, "text/plain; charset=utf-8", "what a run prints", terminal_render},
    {"json", "json", "application/json", "the evidence: every number with its method and n",
     json_render},
    {"html", "html", "text/html; charset=utf-8", "one page that opens offline", html_render},
    {"junit", "junit", "application/xml", "a test case per gate, for CI", junit_render},
    {"sarif", "sarif", "application/sarif+json", "a result per open or failed gate, for code hosts",
     sarif_render},
    {"markdown", "markdown", "text/markdown; charset=utf-8", "the comment of a pull request",
     markdown_render},
    {"card", "card", "text/markdown; charset=utf-8", "a model card", card_render},
    {NULL, NULL, NULL, NULL, NULL}};

#define N_FORMATS (sizeof report_formats / sizeof report_formats[0] - 1)

const struct report_format *report_find(const char *name) {
  for (size_t i = 0; i < N_FORMATS; i++) {
    if (strcmp(report_formats[i].name, name) == 0) {
      return &report_formats[i];
    }
  }
  return NULL;
}

nonet_status report_render(const json_t *root, const char *name, const struct terminal_style *style,
                           struct text *text, nonet_error *error) {
  static const struct terminal_style plain = {0};
  const struct report_format *format = report_find(name);
  if (format == NULL) {
    const char *names[N_FORMATS];
    struct text near = {0};
    for (size_t i = 0; i < N_FORMATS; i++) {
      names[i] = report_formats[i].name;
    }
    text_suggestion(&near, name, names, N_FORMATS);
    error_set(error, NONET_E_USAGE, "no report format '%.60s'%s", name,
              near.data == NULL ? "" : near.data);
    text_clear(&near);
    return NONET_E_USAGE;
  }
  nonet_status status = format->render(root, style == NULL ? &plain : style, text, error);
  if (status == NONET_OK && text->failed) { /* case 2 */
    status = error_memory(error, text->length, "the report");
  }
  return status;
}
