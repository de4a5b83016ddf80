/*
 * The helper process (helper.h): one request, one reply, then it ends; whatever a model does to
 * this process, the run that asked goes on.
 *
 * Cases:
 *  1. It dies with its parent: an orphan that times models would disturb every later run.
 *  2. The three descriptors do not reach the children that a model may start.
 *  3. A parent that is gone while the reply is written: the write fails, SIGPIPE or not.
 *  4. The load of the machine is looked at before and after: the tasks that want a core besides
 * this one, and the share of time that the host kept for others. Where /proc is not there: 0.
 */
#include "probe/process/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <nanoarrow/nanoarrow_ipc.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "probe/process/asked.h"
#include "probe/process/breach.h"
#include "probe/process/counterfactual.h"
#include "probe/process/message.h"
#include "probe/process/parity.h"
#include "probe/process/timed.h"

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

/* ---- the machine ---- */

struct machine_load {
  double waiting, steal, total;
};

static struct machine_load machine_look(void) { /* 4 */
  struct machine_load load = {0, 0, 0};
  FILE *file = fopen("/proc/loadavg", "r");
  double running = 0, field[8] = {0};
  if (file != NULL) {
    if (fscanf(file, "%*s %*s %*s %lf", &running) == 1) {
      load.waiting = fmax(0, running - (double)sysconf(_SC_NPROCESSORS_ONLN));
    }
    fclose(file);
  }
  file = fopen("/proc/stat", "r");
  if (file != NULL) {
    if (fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
               &field[3], &field[4], &field[5], &field[6], &field[7]) == 8) {
      for (size_t i = 0; i < 8; i++) {
        load.total += field[i];
      }
      load.steal = field[7];
    }
    fclose(file);
  }
  return load;
}

static void note_load(const struct machine_load *before, struct probe_launch *launch) {
  struct machine_load after = machine_look();
  double ticks = after.total - before->total;
  launch->run_queue = fmax(before->waiting, after.waiting);
  launch->steal = ticks > 0 ? fmin(1, fmax(0, (after.steal - before->steal) / ticks)) : 0;
}

/* ---- latency ---- */

struct bench {
  const struct driver *driver;
  const struct driver_rows *rows;
  void *model[N_STREAMS], *session[N_STREAMS];
  double *scores; /* of one row */
  uint32_t label;
};

static double steady_ns(void *context) {
  struct timespec now;
  (void)context;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static nonet_status bench_request(void *context, int stream, size_t row, nonet_error *error) {
  struct bench *bench = context;
  return bench->driver->answer(bench->session[stream], bench->rows, row, 1, bench->scores,
                               &bench->label, error);
}

static nonet_status bench_open(struct bench *bench, const json_t *request, int first,
                               double open_ns[N_STREAMS], int *stream, nonet_error *error) {
  const json_t *models = json_object_get(request, "models");
  size_t most = 1;
  nonet_status status = NONET_OK;
  for (int k = 0; k < N_STREAMS && status == NONET_OK; k++) {
    *stream = k == 0 ? first : 1 - first;
    const json_t *spec = json_array_get(models, (size_t)*stream);
    if (!json_is_object(spec)) {
      continue;
    }
    double start = steady_ns(NULL);
    status = bench->driver->open(request, spec, 0, bench->rows, &bench->model[*stream], error);
    if (status == NONET_OK) {
      status = bench->driver->session_open(bench->model[*stream], &bench->session[*stream], error);
    }
    open_ns[*stream] = steady_ns(NULL) - start;
    if (status == NONET_OK) {
      size_t n = bench->driver->n_scores(bench->model[*stream]);
      most = n > most ? n : most;
    }
  }
  bench->scores = memory_zeroed(most, sizeof *bench->scores);
  return status == NONET_OK && bench->scores == NULL
             ? error_memory(error, most * sizeof *bench->scores, "one answer")
             : status;
}

static void bench_close(struct bench *bench) {
  for (int s = 0; s < N_STREAMS; s++) {
    if (bench->session[s] != NULL) {
      bench->driver->session_close(bench->session[s]);
    }
    if (bench->model[s] != NULL) {
      bench->driver->close(bench->model[s]);
    }
  }
  memory_free(bench->scores);
}

static json_t *run_latency(const struct driver *driver, const json_t *request,
                           const struct driver_rows *rows) {
  struct bench bench = {.driver = driver, .rows = rows};
  struct probe_launch launch = {0};
  nonet_error error = {{0}};
  uint64_t number = (uint64_t)json_integer_value(json_object_get(request, "launch"));
  double open_ns[N_STREAMS] = {0, 0};
  int stream = -1;
  nonet_status status =
      bench_open(&bench, request, (int)(number % N_STREAMS), open_ns, &stream, &error);
  struct machine_load before = machine_look();
  if (status == NONET_OK) {
    struct timed timed = {.request = bench_request,
                          .now_ns = steady_ns,
                          .context = &bench,
                          .has = {bench.session[STREAM_A] != NULL, bench.session[STREAM_B] != NULL},
                          .n_rows = rows->n,
                          .seconds = json_number_value(json_object_get(request, "seconds")),
                          .seed = (uint64_t)json_integer_value(json_object_get(request, "seed")),
                          .launch = number};
    stream = -1;
    status = timed_run(&timed, &launch, &error);
  }
  json_t *reply;
  if (status == NONET_OK) {
    note_load(&before, &launch);
    memcpy(launch.open_ns, open_ns, sizeof open_ns);
    reply = message_of_launch(&launch, timed_clock_ns(steady_ns, NULL));
  } else {
    reply = message_of_error(&error, stream);
  }
  probe_launch_clear(&launch);
  bench_close(&bench);
  return reply;
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

static json_t *answer_request(const struct driver *driver, const json_t *request,
                              const struct driver_rows *rows) {
  static json_t *(*const questions[N_PROBES])(const struct driver *, const json_t *,
                                              const struct driver_rows *) = {
      [PROBE_LOADS] = run_loads,       [PROBE_DETERMINISM] = run_determinism,
      [PROBE_LATENCY] = run_latency,   [PROBE_PARITY] = run_parity,
      [PROBE_CONTRACT] = run_contract, [PROBE_COUNTERFACTUAL] = run_counterfactual,
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
