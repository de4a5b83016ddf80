/*
 * A launch: one fresh helper process, one request, one reply. Whatever becomes of the process is a
 * message of the parent, never its end.
 */
#ifndef PROCESS_LAUNCH_H
#define PROCESS_LAUNCH_H

#include <jansson.h>

#include "base/progress.h"

struct launch {
  const char *helper;    /* its path: launch_helper */
  int rows_fd;           /* an open file with the rows, read from its start: launch_file */
  const json_t *request; /* message.h */
  double limit_s;        /* then it is killed, with the processes it started */
  const struct progress *progress; /* for cancel; NULL: never */
  double *spawned_ns; /* out: the steady clock just before the process was made; NULL: not wanted */
};

/* NONET_OK: *reply is the helper's (json_decref). NONET_E_DATA: it crashed, hung, or said nothing
 * sound: the message says which. NONET_E_UNAVAILABLE: it cannot be started. NONET_E_INTERRUPTED. */
nonet_status launch_run(const struct launch *launch, json_t **reply,
                        nonet_error *error) NONET_NODISCARD;

/* Where nonet-probe is: $NONET_PROBE, beside the library or the program, in the build tree, in
 * libexec. */
nonet_status launch_helper(char path[4096], nonet_error *error) NONET_NODISCARD;
/* A private file that is gone when it is closed, close-on-exec; −1 with an error. */
int launch_file(nonet_error *error);
nonet_status launch_write(int fd, const void *data, size_t size_bytes,
                          nonet_error *error) NONET_NODISCARD;

#endif
