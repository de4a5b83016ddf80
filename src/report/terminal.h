/* The terminal report: evidence as a person reads it in a shell. Reads the document alone. */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include <stdbool.h>

#include <jansson.h>

#include "base/text.h"

struct terminal_style {
  size_t columns; /* width to fit, at least 60; 0: 100 */
  bool color;     /* ANSI colours */
  bool ascii;     /* nothing beyond ASCII */
};

nonet_status terminal_render(const json_t *root, const struct terminal_style *style,
                             struct text *text, nonet_error *error) NONET_NODISCARD;

#endif
