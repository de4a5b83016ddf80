/* In the helper: the rows again with a protected column set to its other values, all else equal. */
#ifndef PROCESS_COUNTERFACTUAL_H
#define PROCESS_COUNTERFACTUAL_H

#include "probe/answers.h"
#include "probe/process/driver.h"

/* The request's "protected": columns; its "columns": those the model reads; its "cluster": the
 * column of rows that belong together, if any. The caller frees found->flips and found->clusters
 * (memory_free), also after an error. NONET_E_DATA: the model does not answer. */
nonet_status counterfactual_ask(const struct driver *driver, const json_t *request,
                                const json_t *spec, const struct driver_rows *rows,
                                double threshold, struct probe_counterfactual *found,
                                nonet_error *error) NONET_NODISCARD;

/* To the parent, and there (both as above). */
json_t *counterfactual_json(const struct probe_counterfactual *found);
nonet_status counterfactual_take(const json_t *reply, struct probe_counterfactual *found,
                                 nonet_error *error) NONET_NODISCARD;

#endif
