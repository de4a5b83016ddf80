/* The report as one page of HTML that opens offline: numbers and tables as text, charts on top of
 * them. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/terminal.h"

nonet_status html_render(const json_t *root, const struct terminal_style *style, struct text *text,
                         nonet_error *error) NONET_NODISCARD;

#endif
