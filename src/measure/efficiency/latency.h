/* What a time needs before it is given, for the measures and for the plan of launches. */
#ifndef EFFICIENCY_LATENCY_H
#define EFFICIENCY_LATENCY_H

#include <stddef.h>

#include "measure/view.h"

#define LATENCY_MEAN 0         /* measure.function: per mille of a percentile, or this */
#define LATENCY_LAUNCHES 10    /* fresh launches of each model: fewer decide nothing */
#define LATENCY_BUSY_QUEUE 1   /* tasks that wait for a core: said from here */
#define LATENCY_BUSY_STEAL .05 /* share of the time that the host took: said from here */

/* The fewest requests of which one is beyond the percentile with probability .99: 459 at .99. */
size_t latency_fewest(double share);

/* The law of any percentile of a stream's requests. */
nonet_status latency_percentile(const struct measure *measure, struct view *view, int stream,
                                double share, struct inference *out,
                                nonet_error *error) NONET_NODISCARD;

#endif
