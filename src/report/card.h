/* A model card in plain Markdown: what the model is, on what it was measured, how good, its limits.
 */
#ifndef REPORT_CARD_H
#define REPORT_CARD_H

#include "report/terminal.h"

nonet_status card_render(const json_t *root, const struct terminal_style *style, struct text *text,
                         nonet_error *error) NONET_NODISCARD;

#endif
