/*
 * Models on a clock, in the helper (bench.h).
 *
 *   latency  timed.h, both models; processor time and energy are read around blocks
 *   start    open · one row: the first answer · single rows until steady · all rows at once; most
 *            resident so far (VmHWM) after each. The clock is the machine's, so the parent knows
 *            when it all began
 *   batches  each size is answered once untimed, then timed for a share of the launch's time by
 *            both models, AB and then BA: rows over seconds of both turns
 *
 * Cases:
 *  1. The load of the machine is looked at before and after (load.h).
 *  2. VmHWM and not getrusage's: the latter is the parent's own peak when that was larger (it
 *     survives exec).  Where /proc is not there: getrusage's.
 *  3. A model of a fixed batch has one size; one that refuses a larger batch ends its sizes there;
 *     one that answers no size at all is an error.
 *  4. A batch longer than its share of the time is timed once.
 */
#include "probe/process/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/process/load.h"
#include "probe/process/message.h"
#include "probe/process/power.h"
#include "probe/process/timed.h"

/* ---- both models ---- */

struct bench {
  const struct driver *driver;
  const struct driver_rows *rows;
  void *model[N_STREAMS], *session[N_STREAMS];
  double open_ns[N_STREAMS];
  size_t most_rows; /* in one answer */
  double *scores;   /* [most_rows × the more scores of the two] */
  uint32_t *labels;
  struct power power;
};

static double clock_now(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static double steady_ns(void *context) {
  (void)context;
  return clock_now(CLOCK_MONOTONIC);
}

static nonet_status answer(struct bench *bench, int stream, size_t start, size_t n,
                           nonet_error *error) {
  return bench->driver->answer(bench->session[stream], bench->rows, start, n, bench->scores,
                               bench->labels, error);
}

static nonet_status bench_request(void *context, int stream, size_t row, nonet_error *error) {
  return answer(context, stream, row, 1, error);
}

static void bench_used(void *context, double *cpu_ns, double *energy_uj) {
  struct bench *bench = context;
  *cpu_ns = clock_now(CLOCK_PROCESS_CPUTIME_ID);
  *energy_uj = power_read(&bench->power);
}

static nonet_status open_one(struct bench *bench, const json_t *request, const json_t *spec,
                             int stream, nonet_error *error) {
  double start = steady_ns(NULL);
  size_t batch_rows = bench->most_rows > 1 ? bench->most_rows : 0;
  nonet_status status =
      bench->driver->open(request, spec, batch_rows, bench->rows, &bench->model[stream], error);
  if (status == NONET_OK) {
    status = bench->driver->session_open(bench->model[stream], &bench->session[stream], error);
  }
  bench->open_ns[stream] = steady_ns(NULL) - start;
  return status;
}

/* The models of the request, `first` before the other; *stream is whose error it is. */
static nonet_status bench_open(struct bench *bench, const json_t *request, int first, int *stream,
                               nonet_error *error) {
  const json_t *models = json_object_get(request, "models");
  size_t most = 1;
  nonet_status status = NONET_OK;
  for (int k = 0; k < N_STREAMS && status == NONET_OK; k++) {
    *stream = k == 0 ? first : 1 - first;
    const json_t *spec = json_array_get(models, (size_t)*stream);
    if (json_is_object(spec)) {
      status = open_one(bench, request, spec, *stream, error);
    }
    if (status == NONET_OK && bench->session[*stream] != NULL) {
      size_t n = bench->driver->n_scores(bench->model[*stream]);
      most = n > most ? n : most;
    }
  }
  bench->scores = memory_zeroed(most * bench->most_rows, sizeof *bench->scores);
  bench->labels = memory_zeroed(bench->most_rows, sizeof *bench->labels);
  return status == NONET_OK && (bench->scores == NULL || bench->labels == NULL)
             ? error_memory(error, most * bench->most_rows * sizeof *bench->scores, "answers")
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
  memory_free(bench->labels);
}

static uint64_t whole(const json_t *request, const char *key) {
  return (uint64_t)json_integer_value(json_object_get(request, key));
}

static struct timed timed_of(struct bench *bench, const json_t *request) {
  return (struct timed){.request = bench_request,
                        .now_ns = steady_ns,
                        .used = bench_used,
                        .context = bench,
                        .has = {bench->session[STREAM_A] != NULL, bench->session[STREAM_B] != NULL},
                        .n_rows = bench->rows->n,
                        .seconds = json_number_value(json_object_get(request, "seconds")),
                        .seed = whole(request, "seed"),
                        .launch = whole(request, "launch")};
}

/* ---- latency ---- */

json_t *bench_latency(const struct driver *driver, const json_t *request,
                      const struct driver_rows *rows) {
  struct bench bench = {.driver = driver, .rows = rows, .most_rows = 1};
  struct probe_launch launch = {0};
  nonet_error error = {{0}};
  char no_power[PROBE_TEXT_BYTES];
  int stream = -1;
  power_open(&bench.power, POWER_ROOT, no_power);
  nonet_status status =
      bench_open(&bench, request, (int)(whole(request, "launch") % N_STREAMS), &stream, &error);
  struct load before = load_look("");
  if (status == NONET_OK) {
    struct timed timed = timed_of(&bench, request);
    stream = -1;
    status = timed_run(&timed, &launch, &error);
  }
  json_t *reply;
  if (status == NONET_OK) {
    struct load after = load_look(""); /* 1 */
    load_between(&before, &after, &launch.run_queue, &launch.steal, &launch.mhz);
    memcpy(launch.open_ns, bench.open_ns, sizeof launch.open_ns);
    reply = message_of_launch(&launch, timed_overhead_ns(steady_ns, NULL), no_power);
  } else {
    reply = message_of_error(&error, stream);
  }
  probe_launch_clear(&launch);
  power_close(&bench.power);
  bench_close(&bench);
  return reply;
}

/* ---- start ---- */

/* 2. Most bytes resident so far. */
static double resident_bytes(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  double kib = NAN;
  while (file != NULL && isnan(kib) && fgets(line, sizeof line, file) != NULL) {
    (void)sscanf(line, "VmHWM: %lf", &kib);
  }
  if (file != NULL) {
    fclose(file);
  }
  if (isnan(kib)) {
    struct rusage usage;
    kib = getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_maxrss : 0;
  }
  return 1024 * kib;
}

/* All rows at once, or the largest batch a fixed model takes. */
static nonet_status answer_most(struct bench *bench, int stream, size_t *n_rows,
                                nonet_error *error) {
  size_t fixed = bench->driver->fixed_batch(bench->model[stream]);
  *n_rows = fixed > 0 && fixed < bench->most_rows ? fixed : bench->most_rows;
  return answer(bench, stream, 0, *n_rows, error);
}

json_t *bench_start(const struct driver *driver, const json_t *request,
                    const struct driver_rows *rows) {
  struct bench bench = {.driver = driver, .rows = rows, .most_rows = rows->n};
  struct probe_start start = {.bare_bytes = resident_bytes()};
  struct probe_launch machine = {0};
  nonet_error error = {{0}};
  double answered_ns = 0;
  size_t n_rows = 0, n_warm_up = 0;
  bool is_steady;
  int stream = -1,
      only = json_is_object(json_array_get(json_object_get(request, "models"), STREAM_A))
                 ? STREAM_A
                 : STREAM_B;
  struct load before = load_look("");
  nonet_status status = bench_open(&bench, request, 1 - only, &stream, &error);
  start.open_ns = bench.open_ns[only];
  start.load_bytes = resident_bytes();
  if (status == NONET_OK) {
    size_t first = driver->fixed_batch(bench.model[only]) > 1 ? 0 : whole(request, "launch");
    status = answer(&bench, only, first % rows->n, 1, &error);
    answered_ns = steady_ns(NULL);
  }
  if (status == NONET_OK) {
    const struct timed timed = timed_of(&bench, request);
    status = timed_warm_up(&timed, only, &n_warm_up, &is_steady, &error);
  }
  if (status == NONET_OK) {
    status = answer_most(&bench, only, &n_rows, &error);
  }
  start.warm_up = (double)n_warm_up;
  start.peak_bytes = resident_bytes();
  struct load after = load_look("");
  load_between(&before, &after, &machine.run_queue, &machine.steal, &machine.mhz);
  bench_close(&bench);
  return status == NONET_OK ? message_of_start(&start, answered_ns, n_rows, &machine)
                            : message_of_error(&error, only);
}

/* ---- batches ---- */

/* 3. The sizes that a model answers, once each: that is their warm-up too. */
static nonet_status settle_sizes(struct bench *bench, int stream, struct probe_batches *batches,
                                 nonet_error *error) {
  size_t fixed = bench->driver->fixed_batch(bench->model[stream]), n = 0;
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < PROBE_BATCH_SIZES && status == NONET_OK; k++) {
    size_t size = fixed > 0 ? fixed : (size_t)1 << k;
    if (size > bench->most_rows || (fixed > 0 && k > 0)) {
      break;
    }
    status = answer(bench, stream, 0, size, error);
    if (status == NONET_OK) {
      batches->size[stream][n++] = size;
    }
  }
  batches->n_sizes[stream] = n;
  return n > 0 ? NONET_OK
         : status != NONET_OK
             ? status
             : error_set(error, NONET_E_DATA, "a batch of %zu rows is more than there are", fixed);
}

/* One turn of a model with one size, at least `share_ns` long or one batch (4). */
static nonet_status run_turn(struct bench *bench, int stream, size_t size, double share_ns,
                             size_t *at, double *rows, double *ns, nonet_error *error) {
  double start = steady_ns(NULL);
  nonet_status status = NONET_OK;
  do {
    *at = *at + size > bench->rows->n ? 0 : *at;
    status = answer(bench, stream, *at, size, error);
    *at += size;
    *rows += (double)size;
  } while (status == NONET_OK && steady_ns(NULL) - start < share_ns);
  *ns += steady_ns(NULL) - start;
  return status;
}

static nonet_status time_sizes(struct bench *bench, const bool has[N_STREAMS], double seconds,
                               uint64_t number, struct probe_batches *batches, int *whose,
                               nonet_error *error) {
  size_t n_turns = 2 * (batches->n_sizes[STREAM_A] + batches->n_sizes[STREAM_B]), at = 0;
  double share_ns = 1e9 * seconds / (double)n_turns;
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < PROBE_BATCH_SIZES && status == NONET_OK; k++) {
    double rows[N_STREAMS] = {0, 0}, ns[N_STREAMS] = {0, 0};
    int first = (int)((number + k) % N_STREAMS);
    for (int turn = 0; turn < 4 && status == NONET_OK; turn++) { /* AB, BA */
      int s = turn == 0 || turn == 3 ? first : 1 - first;
      *whose = s;
      if (has[s] && k < batches->n_sizes[s]) {
        status = run_turn(bench, s, batches->size[s][k], share_ns, &at, &rows[s], &ns[s], error);
      }
    }
    for (int s = 0; s < N_STREAMS; s++) {
      batches->rate_per_s[s][0][k] = ns[s] > 0 ? 1e9 * rows[s] / ns[s] : 0;
    }
  }
  return status;
}

json_t *bench_batches(const struct driver *driver, const json_t *request,
                      const struct driver_rows *rows) {
  const size_t most = (size_t)1 << (PROBE_BATCH_SIZES - 1);
  struct bench bench = {
      .driver = driver, .rows = rows, .most_rows = rows->n < most ? rows->n : most};
  struct probe_batches *batches = memory_zeroed(1, sizeof *batches);
  nonet_error error = {{0}};
  uint64_t number = whole(request, "launch");
  int stream = -1;
  double mhz;
  nonet_status status =
      batches == NULL ? error_memory(&error, sizeof *batches, "rates")
                      : bench_open(&bench, request, (int)(number % N_STREAMS), &stream, &error);
  const bool has[N_STREAMS] = {bench.session[STREAM_A] != NULL, bench.session[STREAM_B] != NULL};
  struct load before = load_look("");
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    stream = s;
    status = has[s] ? settle_sizes(&bench, s, batches, &error) : NONET_OK;
  }
  if (status == NONET_OK) {
    status = time_sizes(&bench, has, json_number_value(json_object_get(request, "seconds")), number,
                        batches, &stream, &error);
  }
  json_t *reply = NULL;
  if (status == NONET_OK) {
    struct load after = load_look("");
    load_between(&before, &after, &batches->run_queue, &batches->steal, &mhz);
    reply = message_of_batches(batches);
  } else {
    reply = message_of_error(&error, stream);
  }
  bench_close(&bench);
  memory_free(batches);
  return reply;
}
