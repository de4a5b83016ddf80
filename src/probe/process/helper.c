/*
 * The helper process (helper.h): one request, one reply, then it ends; whatever a model does to
 * this process, the run that asked goes on.
 *
 * Cases:
 *  1. It dies with its parent: an orphan that times models would disturb every later run.
 *  2. The three descriptors do not reach the children that a model may start.
 *  3. A parent that is gone while the reply is written: the write fails, SIGPIPE or not.
 */
#include "probe/process/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <nanoarrow/nanoarrow_ipc.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "probe/process/asked.h"
#include "probe/process/bench.h"
#include "probe/process/message.h"

#define REQUEST_MOST (16u << 20)

/* ---- in and out ---- */

static nonet_status read_request(json_t **request, nonet_error *error) {
  struct text text = {0};
  char piece[65536];
  ssize_t n = 1;
  *request = NULL;
  while (n != 0 && text.length < REQUEST_MOST) {
    n = read(HELPER_REQUEST, piece, sizeof piece);
    if (n < 0 && errno != EINTR) {
      text_clear(&text);
      return error_set(error, NONET_E_IO, "the request cannot be read: %s", strerror(errno));
    }
    text_append_n(&text, piece, n > 0 ? (size_t)n : 0);
  }
  nonet_status status = text.failed ? error_memory(error, text.length, "the request")
                                    : json_text_parse(text.data == NULL ? "" : text.data,
                                                      text.length, "the request", request, error);
  text_clear(&text);
  return status;
}

static nonet_status read_rows(struct driver_rows *rows, nonet_error *error) {
  struct ArrowIpcInputStream input = {0};
  struct ArrowArrayStream stream = {0};
  FILE *file = fdopen(HELPER_ROWS, "rb");
  *rows = (struct driver_rows){0};
  if (file == NULL || ArrowIpcInputStreamInitFile(&input, file, 1) != NANOARROW_OK) {
    return error_set(error, NONET_E_IO, "the rows cannot be opened");
  }
  if (ArrowIpcArrayStreamReaderInit(&stream, &input, NULL) != NANOARROW_OK) {
    input.release(&input);
    return error_memory(error, sizeof stream, "the rows");
  }
  int code = stream.get_schema(&stream, &rows->schema);
  if (code == 0) {
    code = stream.get_next(&stream, &rows->array);
  }
  nonet_status status = NONET_OK;
  if (code != 0 || rows->array.release == NULL || rows->array.length < 1) {
    status = error_set(error, NONET_E_DATA, "the rows of the requests cannot be read");
  } else {
    rows->n = (size_t)rows->array.length;
  }
  stream.release(&stream);
  return status;
}

static void rows_clear(struct driver_rows *rows) {
  if (rows->array.release != NULL) {
    rows->array.release(&rows->array);
  }
  if (rows->schema.release != NULL) {
    rows->schema.release(&rows->schema);
  }
}

static int write_reply(json_t *reply) {
  struct text text = {0};
  size_t at = 0;
  if (reply == NULL) {
    return 1;
  }
  json_text_write(&text, reply, JSON_TEXT_COMPACT);
  json_decref(reply);
  while (!text.failed && at < text.length) {
    ssize_t n = write(HELPER_REPLY, text.data + at, text.length - at); /* 3 */
    if (n < 0 && errno != EINTR) {
      break;
    }
    at += n > 0 ? (size_t)n : 0;
  }
  int code = text.failed || at < text.length;
  text_clear(&text);
  return code;
}

/* ---- together ---- */

static const json_t *only_model(const json_t *request, int *stream) {
  const json_t *models = json_object_get(request, "models");
  *stream = json_is_object(json_array_get(models, STREAM_A)) ? STREAM_A : STREAM_B;
  return json_array_get(models, (size_t)*stream);
}

static json_t *run_determinism(const struct driver *driver, const json_t *request,
                               const struct driver_rows *rows) {
  struct probe_determinism found;
  nonet_error error = {{0}};
  int stream;
  const json_t *spec = only_model(request, &stream);
  const json_t *threshold = json_object_get(request, "threshold");
  nonet_status status = asked_determinism(
      driver, request, spec, rows, (size_t)json_integer_value(json_object_get(request, "threads")),
      json_is_number(threshold) ? json_number_value(threshold) : NAN, &found, &error);
  return status == NONET_OK ? message_of_determinism(&found) : message_of_error(&error, stream);
}

static json_t *answer_request(const struct driver *driver, const json_t *request,
                              const struct driver_rows *rows) {
  const char *what = json_string_value(json_object_get(request, "what"));
  nonet_error error = {{0}};
  if (what != NULL && strcmp(what, probe_name(PROBE_LATENCY)) == 0) {
    return bench_latency(driver, request, rows);
  }
  if (what != NULL && strcmp(what, probe_name(PROBE_STARTS)) == 0) {
    return bench_start(driver, request, rows);
  }
  if (what != NULL && strcmp(what, probe_name(PROBE_BATCHES)) == 0) {
    return bench_batches(driver, request, rows);
  }
  if (what != NULL && strcmp(what, probe_name(PROBE_DETERMINISM)) == 0) {
    return run_determinism(driver, request, rows);
  }
  if (what != NULL && strcmp(what, probe_name(PROBE_LOADS)) == 0) {
    int stream;
    struct probe_loads loads;
    asked_loads(driver, request, only_model(request, &stream), rows, &loads);
    return message_of_loads(&loads);
  }
  (void)error_set(&error, NONET_E_INTERNAL, "nothing can be done about '%.40s'",
                  what == NULL ? "" : what);
  return message_of_error(&error, -1);
}

int helper_main(const struct driver *driver) {
  struct driver_rows rows = {0};
  json_t *request = NULL;
  nonet_error error = {{0}};
#ifdef __linux__
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* 1 */
#endif
  for (int fd = HELPER_REQUEST; fd <= HELPER_REPLY; fd++) {
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) { /* 2 */
      return NONET_E_USAGE;                    /* started by hand */
    }
  }
  nonet_status status = read_request(&request, &error);
  if (status == NONET_OK) {
    status = read_rows(&rows, &error);
  }
  int code = write_reply(status == NONET_OK ? answer_request(driver, request, &rows)
                                            : message_of_error(&error, -1));
  rows_clear(&rows);
  json_decref(request);
  return code;
}
