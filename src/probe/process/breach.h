/* In the helper: rows that break the contract of a model's inputs, one column and one way at a
 * time. */
#ifndef PROCESS_BREACH_H
#define PROCESS_BREACH_H

#include "probe/answers.h"
#include "probe/process/driver.h"

/* One way, over the request's "columns" (those the model reads). NONET_E_DATA: the model does not
 * answer the rows as they are. */
nonet_status breach_ask(const struct driver *driver, const json_t *request, const json_t *spec,
                        const struct driver_rows *rows, enum probe_breach breach,
                        struct probe_contract *found, nonet_error *error) NONET_NODISCARD;

/* To the parent; there what one way found is added to the others. */
json_t *breach_json(enum probe_breach breach, const struct probe_contract *found);
nonet_status breach_take(const json_t *reply, enum probe_breach breach, struct probe_contract *all,
                         nonet_error *error) NONET_NODISCARD;

#endif
