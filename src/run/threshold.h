/* Thresholds: chosen on the training rows, each model its own. */
#ifndef RUN_THRESHOLD_H
#define RUN_THRESHOLD_H

#include "run/rows.h"
#include "stats/table2.h"
#include "summary/multiset.h"

/* `threshold: {maximise: ID, on: train}` of a binary task; n_sample as for the test rows (0: all).
 * NONET_E_CONFIG with the line when there is nothing to choose from. A stream without scores keeps
 * NaN. What was chosen goes to the evidence's config. */
nonet_status threshold_choose(const struct rows_request *request, size_t n_sample,
                              double chosen[N_STREAMS], struct evidence *evidence,
                              struct progress *progress, nonet_error *error) NONET_NODISCARD;

/* The score t of these rows at which calling s >= t positive has the largest value; of several the
 * highest. Both NaN when it has no value at any of them. */
nonet_status threshold_best(const struct row_set *rows, int stream, const struct table2_spec *spec,
                            double *threshold, double *value, nonet_error *error) NONET_NODISCARD;

#endif
