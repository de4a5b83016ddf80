/* Groups × classes and the slices that were found, in a terminal. */
#ifndef REPORT_TERMINAL_DATA_H
#define REPORT_TERMINAL_DATA_H

#include "report/page.h"

void terminal_data(struct page *page);
void terminal_slices(struct page *page);

#endif
