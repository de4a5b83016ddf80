/* What the helper does with a clock: the three probes of time, each a reply (message.h). */
#ifndef PROCESS_BENCH_H
#define PROCESS_BENCH_H

#include "probe/process/driver.h"

/* One launch of both models: single rows in blocks (timed.h). */
json_t *bench_latency(const struct driver *driver, const json_t *request,
                      const struct driver_rows *rows);
/* One model alone: its first answer, its warm-up, its memory. */
json_t *bench_start(const struct driver *driver, const json_t *request,
                    const struct driver_rows *rows);
/* One launch of both models: batches of 1, 2, 4 … rows. */
json_t *bench_batches(const struct driver *driver, const json_t *request,
                      const struct driver_rows *rows);

#endif
