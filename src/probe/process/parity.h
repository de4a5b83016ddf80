/* In the helper: a model's answers beside reference predictions that stand in columns of the rows.
 */
#ifndef PROCESS_PARITY_H
#define PROCESS_PARITY_H

#include "probe/answers.h"
#include "probe/process/driver.h"

/* The request's "reference": the columns, one or one per class. Rows without a reference are left
 * out. NONET_E_DATA: no row has one, a column is not of numbers, the model does not answer. */
nonet_status parity_ask(const struct driver *driver, const json_t *request, const json_t *spec,
                        const struct driver_rows *rows, double threshold,
                        struct probe_parity *found, nonet_error *error) NONET_NODISCARD;

/* To the parent, and there. */
json_t *parity_json(const struct probe_parity *found);
nonet_status parity_take(const json_t *reply, struct probe_parity *found,
                         nonet_error *error) NONET_NODISCARD;

#endif
