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
#include "probe/process/breach.h"
#include "probe/process/counterfactual.h"
#include "probe/process/message.h"
#include "probe/process/parity.h"
#include "probe/process/profile.h"

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

static double threshold_of(const json_t *request) {
  const json_t *threshold = json_object_get(request, "threshold");
  return json_is_number(threshold) ? json_number_value(threshold) : NAN;
}

static json_t *run_loads(const struct driver *driver, const json_t *request,
                         const struct driver_rows *rows) {
  int stream;
  struct probe_loads loads;
  asked_loads(driver, request, only_model(request, &stream), rows, &loads);
  return message_of_loads(&loads);
}

static json_t *run_determinism(const struct driver *driver, const json_t *request,
                               const struct driver_rows *rows) {
  struct probe_determinism found;
  nonet_error error = {{0}};
  int stream;
  const json_t *spec = only_model(request, &stream);
  nonet_status status = asked_determinism(
      driver, request, spec, rows, (size_t)json_integer_value(json_object_get(request, "threads")),
      threshold_of(request), &found, &error);
  return status == NONET_OK ? message_of_determinism(&found) : message_of_error(&error, stream);
}

static json_t *run_parity(const struct driver *driver, const json_t *request,
                          const struct driver_rows *rows) {
  struct probe_parity found;
  nonet_error error = {{0}};
  int stream;
  const json_t *spec = only_model(request, &stream);
  nonet_status status =
      parity_ask(driver, request, spec, rows, threshold_of(request), &found, &error);
  return status == NONET_OK ? parity_json(&found) : message_of_error(&error, stream);
}

static json_t *run_contract(const struct driver *driver, const json_t *request,
                            const struct driver_rows *rows) {
  struct probe_contract found;
  nonet_error error = {{0}};
  int stream;
  const json_t *spec = only_model(request, &stream);
  json_int_t number = json_integer_value(json_object_get(request, "breach"));
  enum probe_breach breach =
      number >= 0 && number < N_BREACHES ? (enum probe_breach)number : BREACH_MISSING;
  nonet_status status = breach_ask(driver, request, spec, rows, breach, &found, &error);
  return status == NONET_OK ? breach_json(breach, &found) : message_of_error(&error, stream);
}

static json_t *run_counterfactual(const struct driver *driver, const json_t *request,
                                  const struct driver_rows *rows) {
  struct probe_counterfactual found;
  nonet_error error = {{0}};
  int stream;
  const json_t *spec = only_model(request, &stream);
  nonet_status status =
      counterfactual_ask(driver, request, spec, rows, threshold_of(request), &found, &error);
  json_t *reply =
      status == NONET_OK ? counterfactual_json(&found) : message_of_error(&error, stream);
  memory_free(found.flips);
  memory_free(found.clusters);
  return reply;
}

static json_t *run_profile(const struct driver *driver, const json_t *request,
                           const struct driver_rows *rows) {
  struct probe_profile found;
  nonet_error error = {{0}};
  int stream;
  const json_t *spec = only_model(request, &stream);
  nonet_status status = profile_ask(driver, request, spec, rows, &found, &error);
  return status == NONET_OK ? profile_json(&found) : message_of_error(&error, stream);
}

static json_t *answer_request(const struct driver *driver, const json_t *request,
                              const struct driver_rows *rows) {
  static json_t *(*const questions[N_PROBES])(const struct driver *, const json_t *,
                                              const struct driver_rows *) = {
      [PROBE_LOADS] = run_loads,       [PROBE_DETERMINISM] = run_determinism,
      [PROBE_LATENCY] = bench_latency, [PROBE_STARTS] = bench_start,
      [PROBE_BATCHES] = bench_batches, [PROBE_PARITY] = run_parity,
      [PROBE_CONTRACT] = run_contract, [PROBE_COUNTERFACTUAL] = run_counterfactual,
      [PROBE_PROFILE] = run_profile,   [PROBE_THREADS] = bench_batches,
  };
  const char *what = json_string_value(json_object_get(request, "what"));
  nonet_error error = {{0}};
  for (int id = 0; id < N_PROBES; id++) {
    if (what != NULL && questions[id] != NULL && strcmp(what, probe_name((enum probe_id)id)) == 0) {
      return questions[id](driver, request, rows);
    }
  }
  (void)error_set(&error, NONET_E_INTERNAL, "nothing can be done about '%.40s'",
                  what == NULL ? "" : what);
  return message_of_error(&error, -1);
}

/* Whether it can be loaded without harm, before any row is known; what is wrong with it, the parent
 * finds itself. */
static json_t *run_opening(const struct driver *driver, const json_t *request) {
  nonet_error error = {{0}};
  int stream;
  void *model = NULL;
  if (driver->open(request, only_model(request, &stream), 0, NULL, &model, &error) != NONET_OK) {
    return message_of_error(&error, stream);
  }
  driver->close(model);
  return json_pack("{s:b}", "opening", 1);
}

static bool is_opening(const json_t *request) {
  const char *what = json_string_value(json_object_get(request, "what"));
  return what != NULL && strcmp(what, "opening") == 0;
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
  if (status == NONET_OK && !is_opening(request)) {
    status = read_rows(&rows, &error);
  }
  int code = write_reply(status != NONET_OK    ? message_of_error(&error, -1)
                         : is_opening(request) ? run_opening(driver, request)
                                               : answer_request(driver, request, &rows));
  rows_clear(&rows);
  json_decref(request);
  return code;
}
