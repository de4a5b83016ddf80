/* Numbers over the groups of a column: the gaps, and between which groups they lie. */
#ifndef REPORT_TERMINAL_GAPS_H
#define REPORT_TERMINAL_GAPS_H

#include "report/page.h"

void terminal_gaps(struct page *page);

#endif
