/* What the files of regression measures share. */
#ifndef CORRECTNESS_REGRESSION_H
#define CORRECTNESS_REGRESSION_H

#include "measure/law.h"

/* count · weight of each distinct row, and their sum; memory_free by the caller. NONET_E_MEMORY. */
nonet_status regression_weights(const struct row_set *rows, double **weights, double *total,
                                nonet_error *error) NONET_NODISCARD;
/* Fills pair_value, pair_variance and pair_covariance from the influences of both streams
 * ([rows->n], divided by the total weight). */
nonet_status regression_pair_parts(struct view *view, const double value[N_STREAMS],
                                   double *const influence[N_STREAMS], struct inference *out,
                                   nonet_error *error) NONET_NODISCARD;

#endif
