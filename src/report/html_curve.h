/* Curves with their bands: figures that the script draws, tables of points for everybody. */
#ifndef REPORT_HTML_CURVE_H
#define REPORT_HTML_CURVE_H

#include "report/html_parts.h"

bool html_curves_are_there(const json_t *root, const char *attribute);
void html_curves(struct html *html, const char *attribute);
/* The points as JSON inside a <script> that is data, for the charts. */
void html_curve_data(struct html *html);

#endif
