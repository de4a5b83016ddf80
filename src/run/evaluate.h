/* Evaluate: measures × scopes × roles to estimates. */
#ifndef RUN_EVALUATE_H
#define RUN_EVALUATE_H

#include "base/progress.h"
#include "run/intake.h"

/* Adds estimates, curves, the measures' descriptions and what was skipped, and why, to the
   evidence. NONET_E_DATA when a measure that --only names needs what the data do not have. */
nonet_status evaluate_measures(const nonet_options *options, const struct intake *intake,
                               struct evidence *evidence, nonet_error *error) NONET_NODISCARD;

/* Why a measure cannot be had from what was taken in: NULL when it can; else a sentence. `buffer`
 * is where it is written. */
const char *evaluate_obstacle(const struct measure *measure, const struct intake *intake,
                              char *buffer, size_t size_bytes);

#endif
