/* Messages for statuses: one call fills the caller's error and hands the status back. NULL errors
 * are fine everywhere. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

#include <nonet/status.h>

/* Writes the message (cut at NONET_ERROR_BYTES on a UTF-8 boundary) and returns `status`. */
nonet_status error_set(nonet_error *error, nonet_status status, const char *format, ...)
    NONET_PRINTF(3, 4);

/* Puts "context: " before a message that a lower floor wrote, and returns `status`. */
nonet_status error_context(nonet_error *error, nonet_status status, const char *format, ...)
    NONET_PRINTF(3, 4);

/* "out of memory: N bytes for WHAT", NONET_E_MEMORY. */
nonet_status error_memory(nonet_error *error, size_t size_bytes, const char *what);

#endif
