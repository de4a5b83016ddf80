/*
 * The formats of a report, in one table: each renders the evidence document alone, so a kept run
 * can be shown again at any time. The command line makes an option --NAME FILE of every row that
 * has one.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <jansson.h>

#include "base/text.h"
#include "report/terminal.h"

typedef nonet_status (*report_function)(const json_t *root, const struct terminal_style *style,
                                        struct text *text, nonet_error *error);

struct report_format {
  const char *name;       /* "html" */
  const char *option;     /* the option that takes its file, without the dashes; NULL: none */
  const char *media_type; /* "text/html; charset=utf-8" */
  const char *summary;    /* one line for the help */
  report_function render; /* appends to `text`; only the terminal reads `style` */
};

/* Ends with a NULL name; the order of the help. */
extern const struct report_format report_formats[];

/* NULL when there is none of that name. */
const struct report_format *report_find(const char *name);

/* Renders by name; NONET_E_USAGE with near names when there is none. `style` NULL: plain. */
nonet_status report_render(const json_t *root, const char *name, const struct terminal_style *style,
                           struct text *text, nonet_error *error) NONET_NODISCARD;

#endif
