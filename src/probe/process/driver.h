/*
 * What the helper needs of a model: a few functions. driver_model.c puts src/model behind them; the
 * tests put models there that sleep, crash, hang or change their mind.
 *
 * Threads: a session belongs to one thread; the model itself may be shared by sessions.
 */
#ifndef PROCESS_DRIVER_H
#define PROCESS_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <nonet/status.h>

#include "table/arrowcol.h"

/* The rows of all requests, and what the model is to answer. */
struct driver_rows {
  struct ArrowSchema schema; /* a struct */
  struct ArrowArray array;
  size_t n;
};

struct driver {
  /* `spec`: the model's part of the request (message.h). batch_rows 0: the model's own choice. rows
   * NULL: it is loaded and not bound, and can only be closed. */
  nonet_status (*open)(const json_t *request, const json_t *spec, size_t batch_rows,
                       const struct driver_rows *rows, void **model, nonet_error *error);
  void (*close)(void *model);
  /* Ends the profile that the request's "profile" began: a file in that folder, whole from here on.
   */
  nonet_status (*profile_end)(void *model, nonet_error *error);
  /* Doubles a row has in scores. */
  size_t (*n_scores)(const void *model);
  /* Rows that the model insists on in a call; 0: any number. */
  size_t (*fixed_batch)(const void *model);
  nonet_status (*session_open)(void *model, void **session, nonet_error *error);
  void (*session_close)(void *session);
  /* Rows start … start + n − 1. scores [n × n_scores] and labels [n] are zeroed by the caller; what
   * the model does not give stays. */
  nonet_status (*answer)(void *session, const struct driver_rows *rows, size_t start, size_t n,
                         double *scores, uint32_t *labels, nonet_error *error);
};

#endif
