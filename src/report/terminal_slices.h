/* The slices that were found, in a terminal. */
#ifndef REPORT_TERMINAL_SLICES_H
#define REPORT_TERMINAL_SLICES_H

#include "report/page.h"

void terminal_slices(struct page *page);

#endif
