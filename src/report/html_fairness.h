/* The view of fairness: what decides, and for each sensitive column the rates of its groups, the
 * gaps between them, the groups too small to judge. */
#ifndef REPORT_HTML_FAIRNESS_H
#define REPORT_HTML_FAIRNESS_H

#include "report/html_parts.h"

/* Does the view show this estimate: a gap over a sensitive column. */
bool html_fairness_has(const json_t *row);
void html_fairness(struct html *html, size_t most_bytes);

#endif
