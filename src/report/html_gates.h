/* The forest of gates on the page. */
#ifndef REPORT_HTML_GATES_H
#define REPORT_HTML_GATES_H

#include "report/html_parts.h"

/* The section #gates; nothing when there are none. */
void html_gates(struct html *html);

#endif
