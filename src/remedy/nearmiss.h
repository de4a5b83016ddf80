/* NearMiss 1, 2 and 3 (Zhang & Mani 2003): which rows of the larger classes stay. */
#ifndef REMEDY_NEARMISS_H
#define REMEDY_NEARMISS_H

#include "remedy/classes.h"

/* Sets copies (all 1 at the start) of rows that go to 0. */
nonet_status nearmiss_keep(const struct rebalance_input *input, const struct classes *classes,
                           uint32_t *copies, nonet_error *error) NONET_NODISCARD;

#endif
