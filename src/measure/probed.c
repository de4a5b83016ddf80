/*
 * Measures of what probes found.
 *
 * Cases:
 *  1. No answers at all: `measure` and `compare` read columns, and columns have no model.
 *  2. A measure reads one probe; several bits mean that it needs each of them.
 *  3. Exact numbers have no sampling error: a paired difference of them decides at once, and its
 * parts have variance 0.
 */
#include "measure/probed.h"

#include <stdio.h>

static const char *obstacle_of(const struct probe_state *state, enum probe_id id, char *buffer,
                               size_t size_bytes) {
  switch (state->status) {
  case PROBE_ANSWERED:
    return NULL;
  case PROBE_NOT_ASKED:
    (void)snprintf(buffer, size_bytes, "not asked: the probe '%s' was not run", probe_name(id));
    break;
  case PROBE_NOT_APPLICABLE:
    (void)snprintf(buffer, size_bytes, "not applicable: %s", state->reason);
    break;
  case PROBE_FAILED:
    (void)snprintf(buffer, size_bytes, "failed: %s", state->reason);
    break;
  }
  return buffer;
}

static const char *stream_obstacle(const struct measure *measure,
                                   const struct probe_answers *answers, int stream, char *buffer,
                                   size_t size_bytes) {
  const char *obstacle = NULL;
  for (int id = 0; id < N_PROBES && obstacle == NULL; id++) { /* 2 */
    if ((measure->probes & PROBE_BIT(id)) != 0) {
      obstacle =
          obstacle_of(&answers->stream[stream].state[id], (enum probe_id)id, buffer, size_bytes);
    }
  }
  return obstacle;
}

const char *probed_obstacle(const struct measure *measure, const struct probe_answers *answers,
                            int stream, char *buffer, size_t size_bytes) {
  if (measure->probes == 0) {
    return NULL;
  }
  if (answers == NULL) { /* 1 */
    (void)snprintf(buffer, size_bytes,
                   "not applicable: needs a model, and columns of predictions have none; "
                   "'nonet check' measures it");
    return buffer;
  }
  return stream_obstacle(measure, answers, stream, buffer, size_bytes);
}

const struct probe_stream *probed_stream(const struct measure *measure, struct view *view,
                                         int stream, struct inference *out) {
  char buffer[VIEW_NOTE_BYTES];
  const char *obstacle =
      view->answers == NULL
          ? probed_obstacle(measure, NULL, stream, buffer, sizeof buffer)
          : stream_obstacle(measure, view->answers, stream, buffer, sizeof buffer);
  if (obstacle != NULL) {
    law_missing(view, measure, out, "%s", obstacle);
    return NULL;
  }
  return &view->answers->stream[stream];
}

const struct probe_artifact *probed_artifact(const struct measure *measure, struct view *view,
                                             int stream, struct inference *out) {
  const struct probe_stream *found = probed_stream(measure, view, stream, out);
  if (found != NULL && !found->artifact.is_read) {
    law_missing(view, measure, out, "not applicable: %s", found->artifact.unread);
    return NULL;
  }
  return found == NULL ? NULL : &found->artifact;
}

void probed_exact(const struct measure *measure, struct view *view, double value, double n,
                  struct inference *out) {
  *out = law_start(measure, INFERENCE_EXACT, "exact", false);
  out->value = value;
  view->n = view->n_effective = n;
}

void probed_exact_pair(const struct measure *measure, struct view *view, double a, double b,
                       double n, struct inference *out) {
  *out = law_start(measure, INFERENCE_EXACT, "exact", true);
  out->value = a - b;
  out->pair_value[STREAM_A] = a;
  out->pair_value[STREAM_B] = b;
  out->pair_variance[STREAM_A] = out->pair_variance[STREAM_B] = out->pair_covariance = 0; /* 3 */
  view->n = view->n_effective = n;
}

void probed_exact_compare(const struct measure *measure, struct view *view, probed_value *value,
                          struct inference *out) {
  const struct probe_stream *a = probed_stream(measure, view, STREAM_A, out);
  const struct probe_stream *b = a == NULL ? NULL : probed_stream(measure, view, STREAM_B, out);
  if (b != NULL) {
    probed_exact_pair(measure, view, value(measure, a), value(measure, b), 2, out);
  }
}
