/*
 * Messages for statuses.
 *
 * The cases:
 *  1. error NULL: only the status is handed back; NONET_OK writes nothing.
 *  2. An argument may be the old message itself ("%s", error->message): format into a buffer of our
 * own first.
 *  3. A message that is too long is cut where a UTF-8 character ends.
 *  4. Bytes that are not UTF-8 (a file name, a cell of a broken file) become '?', so that the
 * message always is.
 *  5. No trailing newline, whatever the format said.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/utf8.h"

static void error_format(char buffer[NONET_ERROR_BYTES], const char *format, va_list arguments) {
  void *previous = c_locale_enter();
  if (vsnprintf(buffer, NONET_ERROR_BYTES, format, arguments) < 0) {
    (void)snprintf(buffer, NONET_ERROR_BYTES, "%s", format);
  }
  c_locale_leave(previous);
}

/* Makes `buffer`, which vsnprintf may have cut anywhere, fit to be a message. */
static void error_tidy(char buffer[NONET_ERROR_BYTES]) {
  size_t length = strlen(buffer);
  size_t at = 0;
  while (at < length) {
    uint32_t code;
    size_t used = utf8_decode(buffer + at, length - at, &code);
    if (used > 0) {
      at += used;
    } else if (length + 1 == NONET_ERROR_BYTES && utf8_is_cut(buffer + at, length - at)) {
      length = at; /* 3 */
    } else {
      buffer[at++] = '?'; /* 4 */
    }
  }
  while (length > 0 && (buffer[length - 1] == '\n' || buffer[length - 1] == '\r')) {
    length--; /* 5 */
  }
  buffer[length] = '\0';
}

nonet_status error_set(nonet_error *error, nonet_status status, const char *format, ...) {
  if (error == NULL || status == NONET_OK) {
    return status; /* 1 */
  }
  char buffer[NONET_ERROR_BYTES]; /* 2 */
  va_list arguments;
  va_start(arguments, format);
  error_format(buffer, format, arguments);
  va_end(arguments);
  error_tidy(buffer);
  memcpy(error->message, buffer, strlen(buffer) + 1);
  return status;
}

nonet_status error_context(nonet_error *error, nonet_status status, const char *format, ...) {
  if (error == NULL || status == NONET_OK) {
    return status; /* 1 */
  }
  char buffer[NONET_ERROR_BYTES]; /* 2 */
  va_list arguments;
  va_start(arguments, format);
  error_format(buffer, format, arguments);
  va_end(arguments);
  error_tidy(buffer);

  char whole[2 * NONET_ERROR_BYTES + 2];
  const char *colon = error->message[0] != '\0' ? ": " : "";
  (void)snprintf(whole, sizeof whole, "%s%s%s", buffer, colon, error->message);
  memcpy(buffer, whole, sizeof buffer);
  buffer[sizeof buffer - 1] = '\0';
  error_tidy(buffer);
  memcpy(error->message, buffer, strlen(buffer) + 1);
  return status;
}

nonet_status error_memory(nonet_error *error, size_t size_bytes, const char *what) {
  return error_set(error, NONET_E_MEMORY, "out of memory: %zu bytes for %s", size_bytes, what);
}
