/* What stands in the way of a decision, the same in every format. */
#ifndef REPORT_OBSTACLE_H
#define REPORT_OBSTACLE_H

#include <jansson.h>

#include "base/text.h"

/* The verdict's own sentence, else the findings, imbalance first but for what is critical, else
 * rare positives and how loosely recall is known; nothing when nothing stands in the way. */
void obstacle_say(struct text *text, const json_t *root);

#endif
