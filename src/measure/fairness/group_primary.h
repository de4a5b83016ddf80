/* Which measure of correctness the groups are judged by. */
#ifndef FAIRNESS_GROUP_PRIMARY_H
#define FAIRNESS_GROUP_PRIMARY_H

#include "measure/measure.h"

/* The task's primary; balanced accuracy where it needs scores or probabilities that are not there.
 */
const struct measure *group_primary(const struct view *view);

#endif
