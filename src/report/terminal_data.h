/* The data: how well each class of each group is known, and what was found. */
#ifndef REPORT_TERMINAL_DATA_H
#define REPORT_TERMINAL_DATA_H

#include "report/page.h"

/* is_whole: the report of the data alone; else what a report of models says of its data. */
void terminal_data(struct page *page, bool is_whole);

#endif
