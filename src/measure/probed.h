/*
 * Measures that read what probes found instead of rows: whether it is there, and laws without
 * sampling error.
 */
#ifndef MEASURE_PROBED_H
#define MEASURE_PROBED_H

#include "measure/law.h"

/* What the measure's probe found of a stream; NULL when it was not asked or did not answer: then
 * *out is missing and says why. */
const struct probe_stream *probed_stream(const struct measure *measure, struct view *view,
                                         int stream, struct inference *out);
/* Why a measure cannot be computed from these answers (NULL: none at all), in the words of
 * `skipped`: "not applicable: …", "not asked: …", "failed: …"; NULL when it can. Whether a measure
 * is there is asked of the candidate; what the baseline lacks is said by its own estimate. */
const char *probed_obstacle(const struct measure *measure, const struct probe_answers *answers,
                            int stream, char *buffer, size_t size_bytes);

/* What the model's file says, of a measure whose probe is PROBE_ARTIFACT; NULL when it was not
 * read: then *out is missing and says why. */
const struct probe_artifact *probed_artifact(const struct measure *measure, struct view *view,
                                             int stream, struct inference *out);

/* A number without sampling error, resting on n things. */
void probed_exact(const struct measure *measure, struct view *view, double value, double n,
                  struct inference *out);
/* The difference a − b of two such, with its parts for margins in per cent. */
void probed_exact_pair(const struct measure *measure, struct view *view, double a, double b,
                       double n, struct inference *out);

/* What a measure is of a stream that answered. */
typedef double probed_value(const struct measure *measure, const struct probe_stream *found);
/* That pair of both streams; what one of them lacks is said in *out. */
void probed_exact_compare(const struct measure *measure, struct view *view, probed_value *value,
                          struct inference *out);

#endif
