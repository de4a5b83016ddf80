/*
 * Status and error message: how every nonet function tells that it failed.
 *
 * A status is also the exit code of the command line (sysexits). A function that can fail returns a
 * status and takes an optional, caller-owned nonet_error as its last argument: NULL is allowed,
 * nothing is allocated, and the message is written only when the status is not NONET_OK.
 */
#ifndef NONET_STATUS_H
#define NONET_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#define NONET_ERROR_BYTES 1024

#if defined(__GNUC__)
#define NONET_NODISCARD __attribute__((warn_unused_result))
#define NONET_PRINTF(format_at, first_at)                                                          \
  __attribute__((__format__(__printf__, format_at, first_at)))
#else
#define NONET_NODISCARD
#define NONET_PRINTF(format_at, first_at)
#endif

#if defined(__GNUC__)
#define NONET_EXPORT __attribute__((visibility("default")))
#else
#define NONET_EXPORT
#endif

typedef enum nonet_status {
  NONET_OK = 0,             /* done */
  NONET_E_USAGE = 64,       /* an argument that cannot be: unknown name, contradiction */
  NONET_E_DATA = 65,        /* the data are not what was asked for: column, type, value, row */
  NONET_E_NO_INPUT = 66,    /* no such file */
  NONET_E_UNAVAILABLE = 69, /* a runtime, driver or service is not there */
  NONET_E_INTERNAL = 70,    /* our fault: please report */
  NONET_E_MEMORY = 71,      /* out of memory */
  NONET_E_CREATE = 73,      /* an output cannot be made */
  NONET_E_IO = 74,          /* an output could not be written, an input not read */
  NONET_E_CONFIG = 78,      /* nonet.yaml or a context file is wrong */
  NONET_E_INTERRUPTED = 130 /* stopped on request */
} nonet_status;

typedef struct nonet_error {
  char message[NONET_ERROR_BYTES]; /* UTF-8, always terminated, no trailing newline */
} nonet_error;

#ifdef __cplusplus
}
#endif
#endif
