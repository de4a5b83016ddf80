/* The data: how well each class of each group is known, and what was found. */
#ifndef REPORT_TERMINAL_DATA_H
#define REPORT_TERMINAL_DATA_H

#include "report/page.h"

/* Was found that a class, or a class in a group, is too rare: the picture is worth its lines. */
bool terminal_data_is_rare(const json_t *root);
/* Groups and classes: rows, and how well recall can be known; nothing without classes. */
void terminal_data_picture(struct page *page);
/* What was found of the data with its remedies under a heading of its own, the worst first:
   information alone, or all that is more. */
void terminal_data_findings(struct page *page, bool is_info);

#endif
