/* What the files of the court share. */
#ifndef RUN_COURT_PRIVATE_H
#define RUN_COURT_PRIVATE_H

#include "run/court.h"

/* Fills cases and members of an opened court, but not their laws: a member that cannot be measured
 * has its absence, and its case the reason. */
nonet_status court_list(struct court *court, nonet_error *error) NONET_NODISCARD;

#endif
