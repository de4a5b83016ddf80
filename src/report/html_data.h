/* The view of the data: for each column and measure the table of groups and classes, a picture of
 * what is known too loosely. */
#ifndef REPORT_HTML_DATA_H
#define REPORT_HTML_DATA_H

#include "report/html_parts.h"

void html_data_tables(struct html *html, size_t most_bytes);

#endif
