/* The report as GitHub-flavoured Markdown, short enough for the comment of a pull request. */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include "report/terminal.h"

nonet_status markdown_render(const json_t *root, const struct terminal_style *style,
                             struct text *text, nonet_error *error) NONET_NODISCARD;

/* Parts that the model card shows too. */
/* The estimates over all rows of one attribute as a table; false: there are none. */
bool markdown_estimates(struct text *text, const json_t *root, const char *attribute);
/* What was skipped as a list, by reason; false: nothing was. */
bool markdown_skipped(struct text *text, const json_t *root);

#endif
