/* What stands out in a run, in sentences that stand by themselves: for the first screen of a report
 * of numbers that nobody judged. */
#ifndef REPORT_OUTSTANDING_H
#define REPORT_OUTSTANDING_H

#include <jansson.h>

#define OUTSTANDING_MOST 8

/* At most OUTSTANDING_MOST sentences, what matters most first, each {"mark", "text"} with a mark of
 * "critical", "error", "warning", "proven" or "open": a new array; NULL when memory is short. */
json_t *outstanding_lines(const json_t *root);

/* The findings, worst first, those of equal severity as the evidence has them: borrowed rows in a
 * new array; NULL when memory is short. */
json_t *outstanding_findings(const json_t *root);

/* The sensitive columns: those that estimates speak of as a whole, as new strings in their order;
 * NULL when memory is short. */
json_t *outstanding_columns(const json_t *root);

/* Is 0 (of a gap) or 1 (of a ratio) outside the interval: a difference between groups is proven. */
int outstanding_is_proven(const json_t *estimate);

/* The notes "too small to judge: …" over one column, each once: new; NULL when memory is short. */
json_t *outstanding_too_small(const json_t *root, const char *column);

#endif
