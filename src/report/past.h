/* The past in a terminal: a history document as a table of runs, or as a chart of one measure. */
#ifndef REPORT_PAST_H
#define REPORT_PAST_H

#include "report/terminal.h"

/* `root`: a nonet/history/1 document. */
nonet_status past_render(const json_t *root, const struct terminal_style *style, struct text *text,
                         nonet_error *error) NONET_NODISCARD;

#endif
