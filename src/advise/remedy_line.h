/* The line for a shell that begins the remedy of a finding of the data; nothing is appended where
 * the document does not know enough for a line that would run. */
#ifndef ADVISE_REMEDY_LINE_H
#define ADVISE_REMEDY_LINE_H

#include <jansson.h>

#include "base/text.h"

#define REMEDY_TELLS_ALL 0.9 /* AUC 0.95 by one column: rarely so in nature, often in a leak */

/* The rows to learn from with a column of weights with which every class counts the same. */
void remedy_line_weigh(const json_t *root, struct text *text);
/* The same look with a label that is a number to predict. */
void remedy_line_regression(const json_t *root, struct text *text);
/* These rows to learn from without the Tomek links between classes. */
void remedy_line_clean(const json_t *root, struct text *text);
/* The same look at the data without the columns of that defect. */
void remedy_line_without_leaks(const json_t *root, struct text *text);
void remedy_line_without_id(const json_t *root, struct text *text);
void remedy_line_without_constant(const json_t *root, struct text *text);

#endif
