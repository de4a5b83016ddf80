/*
 * What parent and helper say to each other: JSON both ways, and the rows as one Arrow IPC stream.
 *
 *   request  {what, models: [spec|null, spec|null], task, classes, threshold, seed, launch,
 * seconds, threads} reply    {"loads": …} | {"determinism": …} | {"latency": …} | {"starts": …} |
 * {"batches": …} | {"error": …,
 * "stream": 0|1|-1}
 *
 * The parent takes nothing on trust: the child may have been overwritten by the model it hosts.
 */
#ifndef PROCESS_MESSAGE_H
#define PROCESS_MESSAGE_H

#include <jansson.h>

#include "probe/answers.h"

/* NULL when memory is short. */
json_t *message_of_loads(const struct probe_loads *loads);
json_t *message_of_determinism(const struct probe_determinism *found);
json_t *message_of_launch(const struct probe_launch *launch, double overhead_ns,
                          const char *no_power);
/* answered_ns: the first answer on the steady clock, which all processes of a machine share;
 * `machine`: its load. */
json_t *message_of_start(const struct probe_start *start, double answered_ns, size_t n_rows,
                         const struct probe_launch *machine);
json_t *message_of_batches(const struct probe_batches *batches); /* launch 0 of it */
json_t *message_of_error(const nonet_error *error, int stream);

/* NONET_E_DATA "the helper's answer …" when it is not what it should be. */
nonet_status message_loads(const json_t *reply, struct probe_loads *loads,
                           nonet_error *error) NONET_NODISCARD;
nonet_status message_determinism(const json_t *reply, struct probe_determinism *found,
                                 nonet_error *error) NONET_NODISCARD;
/* `has`: the models that were asked. */
nonet_status message_launch(const json_t *reply, const bool has[N_STREAMS],
                            struct probe_launch *launch, double *overhead_ns,
                            nonet_error *error) NONET_NODISCARD;
/* Why there is no energy; "" when there is. */
void message_no_power(const json_t *reply, char to[PROBE_TEXT_BYTES]);
/* spawned_ns: when the process was made. */
nonet_status message_start(const json_t *reply, double spawned_ns, struct probe_start *start,
                           size_t *n_rows, struct probe_launch *machine,
                           nonet_error *error) NONET_NODISCARD;
nonet_status message_batches(const json_t *reply, const bool has[N_STREAMS],
                             struct probe_batches *one, nonet_error *error) NONET_NODISCARD;
/* The error that a reply carries and whose it is (−1: nobody's); NULL: none. */
const char *message_error(const json_t *reply, int *stream);

#endif
