/* Rows of the page's tables of estimates, and the table's head. */
#ifndef REPORT_HTML_ROW_H
#define REPORT_HTML_ROW_H

#include "report/html_parts.h"

/* An estimate with its twins of the other roles; NULL where there is none. */
struct html_trio {
  const json_t *candidate, *baseline, *difference;
};

struct html_trio html_row_trio(struct html *html, const json_t *candidate);

/* Opens a table up to its body; `last` names a column at the end, NULL for none. */
void html_row_open(struct html *html, const char *first, const char *caption, const char *last);

/* Name, bar and numbers, without the <tr> around them. */
void html_row(struct html *html, const struct html_trio *trio);

/* Its parts: what the name opens to, the bar on a range, the numbers with their n. */
void html_row_name(struct html *html, const struct html_trio *trio);
void html_row_widen(double range[2], const json_t *estimate);
void html_row_bar(struct html *html, const struct html_trio *trio, const double range[2]);
void html_row_cells(struct html *html, const struct html_trio *trio);

#endif
