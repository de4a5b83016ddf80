/* The self-test on a terminal: its verdict, and each gate with what was counted. */
#ifndef REPORT_TERMINAL_SELFTEST_H
#define REPORT_TERMINAL_SELFTEST_H

#include "report/page.h"

bool terminal_selftest_is(const json_t *root);
void terminal_selftest(struct page *page);

#endif
