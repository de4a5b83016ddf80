/* The first screen of a judged run: the verdict, why, the forest of gates, the nine, the obstacle.
 */
#ifndef REPORT_TERMINAL_VERDICT_H
#define REPORT_TERMINAL_VERDICT_H

#include "report/page.h"

void terminal_verdict(struct page *page);

#endif
