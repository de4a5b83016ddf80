/* The gates as JUnit XML: a test case each, and one for the verdict. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include "report/terminal.h"

nonet_status junit_render(const json_t *root, const struct terminal_style *style, struct text *text,
                          nonet_error *error) NONET_NODISCARD;

#endif
