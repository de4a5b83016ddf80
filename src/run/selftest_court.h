/* The self-test of a court's gates, as evidence. */
#ifndef RUN_SELFTEST_COURT_H
#define RUN_SELFTEST_COURT_H

#include "base/progress.h"
#include "run/court.h"

/* Repeats swaps of the court's rows; one finding for each gate, and the verdict: FAIL when a gate
 * errs more often than it promises, INCONCLUSIVE when none can be tested on these rows, NONE
 * without gates. */
nonet_status selftest_court(const struct court *court, struct progress *progress,
                            struct evidence *evidence, nonet_error *error) NONET_NODISCARD;

#endif
