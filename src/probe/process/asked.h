/* What the helper asks a model without a clock: does it load, and does it answer alike. */
#ifndef PROCESS_ASKED_H
#define PROCESS_ASKED_H

#include "probe/answers.h"
#include "probe/process/driver.h"

/* Opens and answers one row, all rows, and the sizes of a fixed batch. What fails is in *loads,
 * never a status. */
void asked_loads(const struct driver *driver, const json_t *request, const json_t *spec,
                 const struct driver_rows *rows, struct probe_loads *loads);

/* The rows again: repeats, other batch sizes, n_threads sessions at once. A model that does not
 * answer is an error. `threshold`: what makes one score a decision; NaN: none (regression). */
nonet_status asked_determinism(const struct driver *driver, const json_t *request,
                               const json_t *spec, const struct driver_rows *rows, size_t n_threads,
                               double threshold, struct probe_determinism *found,
                               nonet_error *error) NONET_NODISCARD;

#endif
