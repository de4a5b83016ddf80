/* What the files of probe.h share. */
#ifndef PROBE_PROBE_PRIVATE_H
#define PROBE_PROBE_PRIVATE_H

#include <jansson.h>

#include "probe/probe.h"

#define PROBE_ROUNDS 10 /* of starts and of batches; twice as many where there is time */

struct asking {
  const struct probe_request *request;
  struct probe_answers *answers;
  struct progress *progress;
  char helper[4096];
  int rows_fd;
  size_t n_rows;
  json_t *spec[N_STREAMS]; /* NULL: not to be asked */
};

double probe_now_s(void); /* the steady clock */
/* A status that ends the run: stopped, or no memory. */
bool probe_is_over(nonet_status status);
/* The request to ask these models; NULL when memory is short. */
json_t *probe_request_json(const struct asking *asking, enum probe_id id,
                           const bool has[N_STREAMS]);
/* Sends it (NULL: an error) to a fresh process. An error that the model gave is NONET_E_DATA, and
 * *stream whose it is. */
nonet_status probe_send(const struct asking *asking, json_t *json, double limit_s, json_t **reply,
                        double *spawned_ns, int *stream, nonet_error *error) NONET_NODISCARD;

/* rounds.c: each for about `seconds`. */
nonet_status probe_starts(const struct asking *asking, double seconds,
                          nonet_error *error) NONET_NODISCARD;
nonet_status probe_batches(const struct asking *asking, double seconds,
                           nonet_error *error) NONET_NODISCARD;
nonet_status probe_threads(const struct asking *asking, double seconds,
                           nonet_error *error) NONET_NODISCARD;

#endif
