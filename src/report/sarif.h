/* What failed, is open or was found, as SARIF 2.1.0 for code hosts. */
#ifndef REPORT_SARIF_H
#define REPORT_SARIF_H

#include "report/terminal.h"

nonet_status sarif_render(const json_t *root, const struct terminal_style *style, struct text *text,
                          nonet_error *error) NONET_NODISCARD;

#endif
