/*
 * Running the probes (probe.h): cheap ones first.
 *
 *   artifact     the files are read, not run: no process
 *   loads        a process for each model
 *   determinism  a process for each model
 *   latency      10 or 20 launches, both models in each. The first launch tells which: 20 when a
 *                twentieth of the budget holds enough requests for a p99 of each model in a launch,
 *                else 10.
 *
 * Cases:
 *  1. A model that is not there, or whose answers are columns: not applicable, nothing is started.
 *  2. A launch whose baseline does not open: the candidate goes on alone, and the baseline has a
 * reason. The candidate does not open: nothing is timed.
 *  3. The first launch fails, or LAUNCH_FAILURES do: the machine or the model will not do better.
 *  4. Opening takes long: launches end some time after the budget (timed_plan.c); fewer than 10
 * decide nothing, and the measure says so.
 *  5. Stopped on request, or out of memory: the status of the run.
 *  6. The helper is not installed: every probe that needs it says so.
 */
#include "probe/probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/artifact_facts.h"
#include "probe/process/launch.h"
#include "probe/process/message.h"
#include "probe/process/model_spec.h"
#include "probe/process/rows_file.h"
#include "probe/process/timed_plan.h"

#define REQUEST_ROWS 1000
#define ASKED_LIMIT_S 300.0
#define SESSIONS_AT_ONCE 4 /* whatever --threads says: what is found must not depend on it */

/* What several probes share. */
struct asking {
  const struct probe_request *request;
  struct probe_answers *answers;
  struct progress *progress;
  char helper[4096];
  int rows_fd;
  size_t n_rows;
  json_t *spec[N_STREAMS]; /* NULL: not to be asked */
};

static bool is_run_over(nonet_status status) { /* 5 */
  return status == NONET_E_INTERRUPTED || status == NONET_E_MEMORY;
}

static bool is_asked(const struct probe_request *request, enum probe_id id) {
  return (request->probes & PROBE_BIT(id)) != 0;
}

static bool has_model(const struct asking *asking, int stream) {
  return asking->spec[stream] != NULL;
}

/* ---- artifact ---- */

static void probe_artifact(const struct probe_request *request, struct probe_answers *answers,
                           int stream) {
  const struct model_info *info = model_info(request->model[stream]);
  struct probe_artifact *artifact = &answers->stream[stream].artifact;
  if (info->size_bytes == 0) {
    probe_fail(answers, PROBE_ARTIFACT, stream, PROBE_NOT_APPLICABLE,
               "a model of kind '%s' has no file of its own", info->kind);
    return;
  }
  artifact_facts(info, artifact);
  answers->stream[stream].state[PROBE_ARTIFACT].status = PROBE_ANSWERED;
}

/* ---- requests ---- */

static json_t *request_json(const struct asking *asking, enum probe_id id,
                            const bool has[N_STREAMS]) {
  static const char *const tasks[] = {[MODEL_BINARY] = "binary",
                                      [MODEL_MULTICLASS] = "multiclass",
                                      [MODEL_REGRESSION] = "regression"};
  const struct probe_request *request = asking->request;
  json_t *classes = json_array();
  for (size_t i = 0; i < request->target.n_classes; i++) {
    if (json_array_append_new(classes, json_string(request->target.classes[i])) != 0) {
      json_decref(classes);
      return NULL;
    }
  }
  json_t *json = json_pack("{s:s, s:s, s:o, s:I, s:I, s:[O?, O?]}", "what", probe_name(id), "task",
                           tasks[request->target.task], "classes", classes, "seed",
                           (json_int_t)request->seed, "threads", (json_int_t)SESSIONS_AT_ONCE,
                           "models", has[STREAM_A] ? asking->spec[STREAM_A] : NULL,
                           has[STREAM_B] ? asking->spec[STREAM_B] : NULL);
  if (json != NULL && request->target.task == MODEL_BINARY &&
      json_object_set_new(json, "threshold", json_real(request->threshold)) != 0) {
    json_decref(json);
    return NULL;
  }
  return json;
}

static nonet_status send_request(const struct asking *asking, json_t *json, double limit_s,
                                 json_t **reply, int *stream, nonet_error *error) {
  const struct launch launch = {.helper = asking->helper,
                                .rows_fd = asking->rows_fd,
                                .request = json,
                                .limit_s = limit_s,
                                .progress = asking->progress};
  *stream = -1;
  *reply = NULL;
  if (json == NULL) {
    return error_memory(error, 1, "a request");
  }
  nonet_status status = launch_run(&launch, reply, error);
  const char *said = status == NONET_OK ? message_error(*reply, stream) : NULL;
  return said != NULL ? error_set(error, NONET_E_DATA, "%s", said) : status;
}

/* ---- loads, determinism ---- */

static nonet_status ask_one(const struct asking *asking, enum probe_id id, int stream,
                            nonet_error *error) {
  const bool has[N_STREAMS] = {stream == STREAM_A, stream == STREAM_B};
  struct probe_stream *found = &asking->answers->stream[stream];
  json_t *json = request_json(asking, id, has), *reply = NULL;
  int whose;
  nonet_error why = {{0}};
  nonet_status status = send_request(asking, json, ASKED_LIMIT_S, &reply, &whose, &why);
  if (status == NONET_OK) {
    status = id == PROBE_LOADS ? message_loads(reply, &found->loads, &why)
                               : message_determinism(reply, &found->determinism, &why);
  }
  if (status == NONET_OK) {
    found->state[id].status = PROBE_ANSWERED;
  } else if (is_run_over(status)) {
    *error = why;
  } else if (id == PROBE_LOADS && status == NONET_E_DATA) { /* a crash is an answer: it does not */
    found->loads = (struct probe_loads){.n_steps = 1};
    probe_text(found->loads.step[0].error, why.message);
    found->state[id].status = PROBE_ANSWERED;
  } else {
    probe_fail(asking->answers, id, stream, PROBE_FAILED, "%s", why.message);
  }
  json_decref(json);
  json_decref(reply);
  return is_run_over(status) ? status : NONET_OK;
}

/* ---- latency ---- */

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static nonet_status launch_once(const struct asking *asking, size_t number, double seconds,
                                const bool has[N_STREAMS], int *whose, nonet_error *error) {
  struct probe_latency *latency = &asking->answers->latency;
  struct probe_launch launch = {0};
  json_t *json = request_json(asking, PROBE_LATENCY, has), *reply = NULL;
  double clock_ns = 0;
  if (json != NULL && (json_object_set_new(json, "launch", json_integer((json_int_t)number)) != 0 ||
                       json_object_set_new(json, "seconds", json_real(seconds)) != 0)) {
    json_decref(json);
    json = NULL;
  }
  nonet_status status =
      send_request(asking, json, timed_plan_limit_s(seconds), &reply, whose, error);
  if (status == NONET_OK) {
    status = message_launch(reply, has, &launch, &clock_ns, error);
  }
  if (status == NONET_OK) {
    latency->clock_ns = fmax(latency->clock_ns, clock_ns);
    status = probe_latency_add(latency, &launch, error);
  }
  probe_launch_clear(&launch);
  json_decref(json);
  json_decref(reply);
  return status;
}

/* 2, 3. True: go on. */
static bool after_failure(const struct asking *asking, bool has[N_STREAMS], int whose,
                          const nonet_error *why) {
  struct probe_latency *latency = &asking->answers->latency;
  if (whose == STREAM_B && latency->n_launches == 0 && has[STREAM_A] && has[STREAM_B]) {
    has[STREAM_B] = false;
    probe_fail(asking->answers, PROBE_LATENCY, STREAM_B, PROBE_FAILED, "%s", why->message);
    return true;
  }
  if (latency->n_failed++ == 0) {
    probe_text(latency->failure, why->message);
  }
  return latency->n_launches > 0 && latency->n_failed < TIMED_PLAN_FAILURES;
}

static void settle_latency(const struct asking *asking, const bool has[N_STREAMS]) {
  const struct probe_latency *latency = &asking->answers->latency;
  for (int s = 0; s < N_STREAMS; s++) {
    if (has[s] && latency->n_launches > 0) {
      asking->answers->stream[s].state[PROBE_LATENCY].status = PROBE_ANSWERED;
    } else if (has[s]) {
      probe_fail(asking->answers, PROBE_LATENCY, s, PROBE_FAILED, "%s", latency->failure);
    }
  }
}

static nonet_status probe_latency(const struct asking *asking, nonet_error *error) {
  struct probe_latency *latency = &asking->answers->latency;
  bool has[N_STREAMS] = {has_model(asking, STREAM_A), has_model(asking, STREAM_B)};
  double budget_s = asking->request->budget_s > 0 ? asking->request->budget_s : 60;
  double start_s = now_s();
  nonet_status status = NONET_OK;
  bool goes_on = true;
  latency->n_rows = asking->n_rows;
  for (size_t number = 0; goes_on && status == NONET_OK; number++) {
    const struct timed_plan plan = {.budget_s = budget_s, .elapsed_s = now_s() - start_s};
    size_t n_all;
    double seconds = timed_plan_next(&plan, latency, number, &n_all);
    nonet_error why = {{0}};
    int whose;
    if (isnan(seconds)) {
      break; /* done, or 4 */
    }
    progress_report(asking->progress, "latency", number, n_all);
    nonet_status once = launch_once(asking, number, seconds, has, &whose, &why);
    if (is_run_over(once)) {
      *error = why;
      status = once;
    } else if (once != NONET_OK) {
      goes_on = after_failure(asking, has, whose, &why);
    }
  }
  latency->seconds = now_s() - start_s;
  settle_latency(asking, has);
  return status;
}

/* ---- together ---- */

static void fail_all(const struct probe_request *request, struct probe_answers *answers, int stream,
                     enum probe_status status, const char *reason) {
  for (int id = 0; id < N_PROBES; id++) {
    if (id != PROBE_TRAIN && is_asked(request, (enum probe_id)id) &&
        answers->stream[stream].state[id].status == PROBE_NOT_ASKED) {
      probe_fail(answers, (enum probe_id)id, stream, status, "%s", reason);
    }
  }
}

/* The columns that any of the models reads, each once. */
static nonet_status open_rows(struct asking *asking, nonet_error *error) {
  const struct probe_request *request = asking->request;
  const char **names = NULL;
  size_t n = 0, most = 0;
  for (int s = 0; s < N_STREAMS; s++) {
    size_t k = 0;
    (void)(has_model(asking, s) ? model_columns(request->model[s], &k) : NULL);
    most += k;
  }
  names = memory_new(most + 1, sizeof *names);
  if (names == NULL) {
    return error_memory(error, most * sizeof *names, "columns of models");
  }
  for (int s = 0; s < N_STREAMS; s++) {
    size_t k = 0;
    const char *const *own = has_model(asking, s) ? model_columns(request->model[s], &k) : NULL;
    for (size_t i = 0; i < k; i++) {
      size_t at = 0;
      while (at < n && strcmp(names[at], own[i]) != 0) {
        at++;
      }
      names[at] = own[i];
      n += at == n;
    }
  }
  nonet_status status = rows_file(request->table, names, n, REQUEST_ROWS, request->seed,
                                  &asking->rows_fd, &asking->n_rows, asking->progress, error);
  memory_free(names);
  return status;
}

static nonet_status open_asking(struct asking *asking, nonet_error *error) {
  nonet_status status = launch_helper(asking->helper, error); /* 6 */
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    if (asking->request->model[s] != NULL && asking->request->options[s] == NULL) {
      return error_set(error, NONET_E_INTERNAL, "the model's options are not known to the probes");
    }
    if (asking->request->model[s] != NULL) {
      asking->spec[s] = model_spec(asking->request->options[s]);
      status = asking->spec[s] == NULL ? error_memory(error, 1, "a model's options") : NONET_OK;
    }
  }
  return status == NONET_OK ? open_rows(asking, error) : status;
}

static nonet_status ask_all(struct asking *asking, nonet_error *error) {
  static const enum probe_id of_one[] = {PROBE_LOADS, PROBE_DETERMINISM};
  nonet_error why = {{0}};
  nonet_status status = open_asking(asking, &why);
  if (status != NONET_OK) {
    for (int s = 0; s < N_STREAMS; s++) {
      fail_all(asking->request, asking->answers, s, PROBE_FAILED, why.message);
    }
    *error = why;
    return is_run_over(status) ? status : NONET_OK;
  }
  for (size_t k = 0; k < sizeof of_one / sizeof *of_one; k++) {
    for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
      if (is_asked(asking->request, of_one[k]) && has_model(asking, s)) {
        progress_report(asking->progress, probe_name(of_one[k]), (uint64_t)s, N_STREAMS);
        status = ask_one(asking, of_one[k], s, error);
      }
    }
  }
  if (status == NONET_OK && is_asked(asking->request, PROBE_LATENCY)) {
    status = probe_latency(asking, error);
  }
  return status;
}

nonet_status probe_run(const struct probe_request *request, struct probe_answers *answers,
                       struct progress *progress, nonet_error *error) {
  struct asking asking = {
      .request = request, .answers = answers, .progress = progress, .rows_fd = -1};
  nonet_error unsaid;
  nonet_status status = NONET_OK;
  for (int s = 0; s < N_STREAMS; s++) {
    if (request->model[s] == NULL) {
      fail_all(request, answers, s, PROBE_NOT_APPLICABLE,
               "its predictions are given, there is no model to ask"); /* 1 */
    } else if (is_asked(request, PROBE_ARTIFACT)) {
      probe_artifact(request, answers, s);
    }
  }
  const unsigned by_process =
      PROBE_BIT(PROBE_LOADS) | PROBE_BIT(PROBE_DETERMINISM) | PROBE_BIT(PROBE_LATENCY);
  if ((request->probes & by_process) != 0 &&
      (request->model[STREAM_A] != NULL || request->model[STREAM_B] != NULL)) {
    status = ask_all(&asking, error != NULL ? error : &unsaid);
  }
  for (int s = 0; s < N_STREAMS; s++) {
    json_decref(asking.spec[s]);
  }
  if (asking.rows_fd >= 0) {
    (void)close(asking.rows_fd);
  }
  return status;
}

double probe_cost_seconds(const struct probe_request *request, enum probe_id id) {
  double n_models =
      (double)((request->model[STREAM_A] != NULL) + (request->model[STREAM_B] != NULL));
  switch (id) {
  case PROBE_LATENCY:
    return n_models == 0 ? 0 : request->budget_s > 0 ? request->budget_s : 60;
  case PROBE_LOADS:
    return 1 * n_models; /* a process and an opening */
  case PROBE_DETERMINISM:
    return 2 * n_models; /* that, and 1,000 rows six times, once singly */
  default:
    return 0;
  }
}
