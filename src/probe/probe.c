/*
 * Running the probes (probe.h): cheap ones first.
 *
 *   artifact     the files are read, not run: no process
 *   loads        a process for each model
 *   determinism, parity, counterfactual   a process for each model
 *   contract     a process for each model and way of breaking it
 *   latency      10 to 100 launches, both models in each (timed_plan.c)
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
 *  7. The budget is for all that is timed: starts, batches, threads and profiles take their shares
 * first (rounds.c, ask_profile), and latency what is left, seven tenths of it at least.
 *  8. A model that is broken (probe.h) did not load; its file is read, all else failed. A candidate
 * that is broken: no time is spent on its baseline beyond loading it.
 */
#include "probe/probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "probe/artifact_facts.h"
#include "probe/probe_private.h"
#include "probe/process/breach.h"
#include "probe/process/counterfactual.h"
#include "probe/process/launch.h"
#include "probe/process/message.h"
#include "probe/process/model_spec.h"
#include "probe/process/parity.h"
#include "probe/process/profile.h"
#include "probe/process/rows_file.h"
#include "probe/process/timed_plan.h"

#define REQUEST_ROWS 1000
#define FLIP_ROWS 5000 /* a Wilson interval of at most ± .014 */
#define ASKED_LIMIT_S 300.0
#define LOADS_LIMIT_S 120.0
#define STARTS_SHARE 0.15 /* of the budget, at most */
#define BATCHES_SHARE 0.1
#define THREADS_SHARE 0.05
#define PROFILE_SHARE 0.01 /* of each model, and at most a second */
#define LATENCY_SHARE 0.7  /* at least */
#define SESSIONS_AT_ONCE 4 /* whatever --threads says: what is found must not depend on it */

bool probe_is_over(nonet_status status) { /* 5 */
  return status == NONET_E_INTERRUPTED || status == NONET_E_MEMORY;
}

static bool is_asked(const struct probe_request *request, enum probe_id id) {
  return (request->probes & PROBE_BIT(id)) != 0;
}

static bool has_model(const struct asking *asking, int stream) {
  return asking->spec[stream] != NULL;
}

/* ---- artifact ---- */

static void probe_artifact(const struct model_info *info, struct probe_answers *answers,
                           int stream) {
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

json_t *probe_request_json(const struct asking *asking, enum probe_id id,
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
      json_object_set_new(json, "threshold",
                          json_real(request->threshold[has[STREAM_A] ? STREAM_A : STREAM_B])) !=
          0) {
    json_decref(json);
    return NULL;
  }
  return json;
}

nonet_status probe_send(const struct asking *asking, json_t *json, double limit_s, json_t **reply,
                        double *spawned_ns, int *stream, nonet_error *error) {
  const struct launch launch = {.helper = asking->helper,
                                .rows_fd = asking->rows_fd,
                                .request = json,
                                .limit_s = limit_s,
                                .progress = asking->progress,
                                .spawned_ns = spawned_ns};
  *stream = -1;
  *reply = NULL;
  if (json == NULL) {
    return error_memory(error, 1, "a request");
  }
  nonet_status status = launch_run(&launch, reply, error);
  const char *said = status == NONET_OK ? message_error(*reply, stream) : NULL;
  return said != NULL ? error_set(error, NONET_E_DATA, "%s", said) : status;
}

/* ---- what is asked of one model ---- */

/* How long a process may take: what the model's own option says, but for a program, which has its
 * own clock (command.c). */
static double limit_of(const struct asking *asking, enum probe_id id, int stream) {
  const struct model_options *options = asking->request->options[stream];
  bool is_program = options->kind != NULL && strcmp(options->kind, "command") == 0;
  return options->timeout_s > 0 && !is_program ? options->timeout_s
         : id == PROBE_LOADS                   ? LOADS_LIMIT_S
                                               : ASKED_LIMIT_S;
}

static json_t *words_json(const char *const *words, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n && list != NULL; i++) {
    if (json_array_append_new(list, json_string(words[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

/* The request, with the columns that some questions are about. */
static json_t *one_json(const struct asking *asking, enum probe_id id, int stream) {
  const bool has[N_STREAMS] = {stream == STREAM_A, stream == STREAM_B};
  const struct probe_request *request = asking->request;
  const struct probe_columns *reference = &request->reference[stream];
  size_t n = 0;
  const char *const *columns = model_columns(request->model[stream], &n);
  json_t *json = probe_request_json(asking, id, has);
  int bad = json == NULL || json_object_set_new(json, "columns", words_json(columns, n)) != 0;
  if (!bad && id == PROBE_PARITY) {
    bad = json_object_set_new(json, "reference", words_json(reference->name, reference->n)) != 0;
  }
  if (!bad && id == PROBE_COUNTERFACTUAL) {
    bad = json_object_set_new(json, "protected",
                              words_json(request->changed.name, request->changed.n)) != 0 ||
          (request->cluster != NULL &&
           json_object_set_new(json, "cluster", json_string(request->cluster)) != 0);
  }
  if (bad) {
    json_decref(json);
    return NULL;
  }
  return json;
}

static nonet_status take_reply(const json_t *reply, enum probe_id id, struct probe_stream *found,
                               nonet_error *error) {
  switch (id) {
  case PROBE_LOADS:
    return message_loads(reply, &found->loads, error);
  case PROBE_DETERMINISM:
    return message_determinism(reply, &found->determinism, error);
  case PROBE_PARITY:
    return parity_take(reply, &found->parity, error);
  default:
    return counterfactual_take(reply, &found->counterfactual, error);
  }
}

static nonet_status ask_one(const struct asking *asking, enum probe_id id, int stream,
                            nonet_error *error) {
  struct probe_stream *found = &asking->answers->stream[stream];
  json_t *json = one_json(asking, id, stream), *reply = NULL;
  int whose;
  nonet_error why = {{0}};
  nonet_status status =
      probe_send(asking, json, limit_of(asking, id, stream), &reply, NULL, &whose, &why);
  if (status == NONET_OK) {
    status = take_reply(reply, id, found, &why);
  }
  if (status == NONET_OK) {
    found->state[id].status = PROBE_ANSWERED;
  } else if (probe_is_over(status)) {
    *error = why;
  } else if (id == PROBE_LOADS && status == NONET_E_DATA) { /* a crash is an answer: it does not */
    found->loads = (struct probe_loads){.is_dead = whose == -1, .n_steps = 1};
    probe_text(found->loads.step[0].error, why.message);
    found->state[id].status = PROBE_ANSWERED;
  } else {
    probe_fail(asking->answers, id, stream, PROBE_FAILED, "%s", why.message);
  }
  json_decref(json);
  json_decref(reply);
  return probe_is_over(status) ? status : NONET_OK;
}

/* One way of breaking the contract. A process that dies or hangs over it broke it; a model that
 * does not answer the rows as they are has no contract to keep. */
static nonet_status ask_breach(const struct asking *asking, enum probe_breach breach, int stream,
                               nonet_error *error) {
  struct probe_contract *contract = &asking->answers->stream[stream].contract;
  json_t *json = one_json(asking, PROBE_CONTRACT, stream), *reply = NULL;
  int whose = -1;
  nonet_error why = {{0}};
  if (json != NULL && json_object_set_new(json, "breach", json_integer(breach)) != 0) {
    json_decref(json);
    json = NULL;
  }
  nonet_status status = probe_send(asking, json, limit_of(asking, PROBE_CONTRACT, stream), &reply,
                                   NULL, &whose, &why);
  if (status == NONET_OK) {
    status = breach_take(reply, breach, contract, &why);
  }
  if (probe_is_over(status)) {
    *error = why;
  } else if (status == NONET_E_DATA && whose == -1) {
    char text[2 * NONET_ERROR_BYTES];
    contract->n_asked[breach]++;
    (void)snprintf(text, sizeof text, "%s: %s", probe_breach_name(breach), why.message);
    if (contract->n_texts < PROBE_BREACH_TEXTS) {
      probe_text(contract->text[contract->n_texts++], text);
    }
  } else if (status != NONET_OK) {
    probe_fail(asking->answers, PROBE_CONTRACT, stream, PROBE_FAILED, "%s", why.message);
  }
  json_decref(json);
  json_decref(reply);
  return probe_is_over(status) ? status : NONET_OK;
}

static nonet_status ask_contract(const struct asking *asking, int stream, nonet_error *error) {
  struct probe_state *state = &asking->answers->stream[stream].state[PROBE_CONTRACT];
  nonet_status status = NONET_OK;
  for (int b = 0; b < N_BREACHES && status == NONET_OK && state->status == PROBE_NOT_ASKED; b++) {
    status = ask_breach(asking, (enum probe_breach)b, stream, error);
  }
  if (status == NONET_OK && state->status == PROBE_NOT_ASKED) {
    state->status = PROBE_ANSWERED;
  }
  return status;
}

/* ---- profile ---- */

/* The folder is ours, so that nothing stays of it whatever becomes of the helper. */
static nonet_status ask_profile(const struct asking *asking, int stream, double seconds,
                                nonet_error *error) {
  struct probe_stream *found = &asking->answers->stream[stream];
  char folder[PROFILE_PATH_BYTES];
  json_t *json = one_json(asking, PROBE_PROFILE, stream), *reply = NULL;
  int whose;
  nonet_error why = {{0}};
  nonet_status status = profile_folder_open(folder, &why);
  const bool has_folder = status == NONET_OK;
  if (json != NULL && has_folder &&
      (json_object_set_new(json, "profile", json_string(folder)) != 0 ||
       json_object_set_new(json, "seconds", json_real(seconds)) != 0)) {
    json_decref(json);
    json = NULL;
  }
  if (has_folder) {
    status = probe_send(asking, json, limit_of(asking, PROBE_PROFILE, stream), &reply, NULL, &whose,
                        &why);
    profile_folder_close(folder);
  }
  if (status == NONET_OK) {
    status = profile_take(reply, &found->profile, &why);
  }
  if (status == NONET_OK) {
    found->state[PROBE_PROFILE].status = PROBE_ANSWERED;
  } else if (probe_is_over(status)) {
    *error = why;
  } else {
    probe_fail(asking->answers, PROBE_PROFILE, stream, PROBE_FAILED, "%s", why.message);
  }
  json_decref(json);
  json_decref(reply);
  return probe_is_over(status) ? status : NONET_OK;
}

/* ---- latency ---- */

double probe_now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static nonet_status launch_once(const struct asking *asking, size_t number, double seconds,
                                const bool has[N_STREAMS], int *whose, nonet_error *error) {
  struct probe_latency *latency = &asking->answers->latency;
  struct probe_launch launch = {0};
  json_t *json = probe_request_json(asking, PROBE_LATENCY, has), *reply = NULL;
  double overhead_ns = 0;
  if (json != NULL && (json_object_set_new(json, "launch", json_integer((json_int_t)number)) != 0 ||
                       json_object_set_new(json, "seconds", json_real(seconds)) != 0)) {
    json_decref(json);
    json = NULL;
  }
  nonet_status status =
      probe_send(asking, json, timed_plan_limit_s(seconds), &reply, NULL, whose, error);
  if (status == NONET_OK) {
    status = message_launch(reply, has, &launch, &overhead_ns, error);
  }
  if (status == NONET_OK) {
    latency->overhead_ns = fmax(latency->overhead_ns, overhead_ns);
    message_no_power(reply, latency->no_power);
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

static nonet_status probe_latency(const struct asking *asking, double budget_s,
                                  nonet_error *error) {
  struct probe_latency *latency = &asking->answers->latency;
  bool has[N_STREAMS] = {has_model(asking, STREAM_A), has_model(asking, STREAM_B)};
  struct timed_plan plan = {.budget_s = budget_s};
  double start_s = probe_now_s();
  nonet_status status = NONET_OK;
  bool goes_on = true;
  latency->n_rows = asking->n_rows;
  for (int s = 0; s < N_STREAMS; s++) {
    latency->is_elsewhere[s] =
        has[s] && strcmp(model_info(asking->request->model[s])->kind, "command") == 0;
  }
  for (size_t number = 0; goes_on && status == NONET_OK; number++) {
    size_t n_all;
    plan.elapsed_s = probe_now_s() - start_s;
    double seconds = timed_plan_next(&plan, latency, number, &n_all);
    nonet_error why = {{0}};
    int whose;
    if (isnan(seconds)) {
      break; /* done, or 4 */
    }
    progress_report(asking->progress, "latency", number, n_all);
    nonet_status once = launch_once(asking, number, seconds, has, &whose, &why);
    if (latency->n_launches == 1 && plan.pair_s == 0) {
      timed_plan_learn(&plan, latency, probe_now_s() - start_s - plan.elapsed_s);
    }
    if (probe_is_over(once)) {
      *error = why;
      status = once;
    } else if (once != NONET_OK) {
      goes_on = after_failure(asking, has, whose, &why);
    }
  }
  latency->seconds = probe_now_s() - start_s;
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

static void add_distinct(const char **names, size_t *n, const char *const *more, size_t n_more) {
  for (size_t i = 0; i < n_more; i++) {
    size_t at = 0;
    while (at < *n && strcmp(names[at], more[i]) != 0) {
      at++;
    }
    names[at] = more[i];
    *n += at == *n;
  }
}

/* The columns that any of the models reads, and those of references, each once. */
static nonet_status open_rows(struct asking *asking, size_t n_rows, nonet_error *error) {
  const struct probe_request *request = asking->request;
  const char **names = NULL;
  size_t n = 0, most = 0;
  for (int s = 0; s < N_STREAMS; s++) {
    size_t k = 0;
    (void)(has_model(asking, s) ? model_columns(request->model[s], &k) : NULL);
    most += k + request->reference[s].n;
  }
  names = memory_new(most + 2, sizeof *names);
  if (names == NULL) {
    return error_memory(error, most * sizeof *names, "columns of models");
  }
  for (int s = 0; s < N_STREAMS; s++) {
    size_t k = 0;
    const char *const *own = has_model(asking, s) ? model_columns(request->model[s], &k) : NULL;
    add_distinct(names, &n, own, k);
    if (has_model(asking, s)) {
      add_distinct(names, &n, request->reference[s].name, request->reference[s].n);
    }
  }
  if (request->cluster != NULL && is_asked(request, PROBE_COUNTERFACTUAL)) {
    add_distinct(names, &n, &request->cluster, 1);
  }
  nonet_status status = rows_file(request->table, names, n, n_rows, request->seed, &asking->rows_fd,
                                  &asking->n_rows, asking->progress, error);
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
  return status == NONET_OK ? open_rows(asking, REQUEST_ROWS, error) : status;
}

static bool is_of_kind(const struct model *model, const char *kind) {
  return strcmp(model_info(model)->kind, kind) == 0;
}

/* What has nothing to ask about is not applicable. */
static bool has_question(const struct asking *asking, enum probe_id id, int stream) {
  const struct probe_request *request = asking->request;
  struct probe_stream *found = &asking->answers->stream[stream];
  if (!is_asked(request, id) || !has_model(asking, stream) ||
      found->state[id].status != PROBE_NOT_ASKED) {
    return false;
  }
  if (id == PROBE_PARITY && request->reference[stream].n == 0) {
    probe_fail(asking->answers, id, stream, PROBE_NOT_APPLICABLE,
               "no reference predictions are named (the model's reference:)");
  } else if (id == PROBE_PROFILE && !is_of_kind(request->model[stream], "onnx")) {
    probe_fail(asking->answers, id, stream, PROBE_NOT_APPLICABLE,
               "the runtime of a model of kind '%s' keeps no profile of its operators",
               model_info(request->model[stream])->kind);
  } else if (id == PROBE_THREADS && stream == STREAM_B) {
    probe_fail(asking->answers, id, stream, PROBE_NOT_APPLICABLE,
               "the candidate alone is asked with two threads");
  } else if (id == PROBE_THREADS && is_of_kind(request->model[stream], "command")) {
    probe_fail(asking->answers, id, stream, PROBE_NOT_APPLICABLE,
               "a program of its own minds its own threads");
  } else if (id == PROBE_THREADS && parallel_cores() < PROBE_TWO_THREADS) {
    probe_fail(asking->answers, id, stream, PROBE_NOT_APPLICABLE,
               "there is one core, and two threads would share it");
  } else if (id == PROBE_COUNTERFACTUAL && request->changed.n == 0) {
    probe_fail(asking->answers, id, stream, PROBE_NOT_APPLICABLE,
               "no column is protected, and no model reads a group's column");
  } else {
    return true;
  }
  return false;
}

/* Over more rows than the others: the flips have an interval. */
static nonet_status ask_counterfactual(struct asking *asking, nonet_error *error) {
  bool has[N_STREAMS];
  nonet_error why = {{0}};
  nonet_status status = NONET_OK;
  for (int s = 0; s < N_STREAMS; s++) {
    has[s] = has_question(asking, PROBE_COUNTERFACTUAL, s);
  }
  if (!has[STREAM_A] && !has[STREAM_B]) {
    return NONET_OK;
  }
  (void)close(asking->rows_fd);
  asking->rows_fd = -1;
  status = open_rows(asking, FLIP_ROWS, &why);
  for (int s = 0; s < N_STREAMS && !probe_is_over(status); s++) {
    if (has[s] && status == NONET_OK) {
      progress_report(asking->progress, probe_name(PROBE_COUNTERFACTUAL), (uint64_t)s, N_STREAMS);
      status = ask_one(asking, PROBE_COUNTERFACTUAL, s, &why);
    } else if (has[s]) {
      probe_fail(asking->answers, PROBE_COUNTERFACTUAL, s, PROBE_FAILED, "%s", why.message);
    }
  }
  if (probe_is_over(status)) {
    *error = why;
  }
  return probe_is_over(status) ? status : NONET_OK;
}

/* 7. */
static nonet_status ask_timed(struct asking *asking, nonet_error *error) {
  double budget_s = asking->request->budget_s > 0 ? asking->request->budget_s : 60;
  double start_s = probe_now_s();
  nonet_status status = NONET_OK;
  if (is_asked(asking->request, PROBE_STARTS)) {
    status = probe_starts(asking, budget_s * STARTS_SHARE, error);
  }
  if (status == NONET_OK && is_asked(asking->request, PROBE_BATCHES)) {
    status = probe_batches(asking, budget_s * BATCHES_SHARE, error);
  }
  if (status == NONET_OK && has_question(asking, PROBE_THREADS, STREAM_A)) {
    status = probe_threads(asking, budget_s * THREADS_SHARE, error);
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    if (has_question(asking, PROBE_PROFILE, s)) {
      progress_report(asking->progress, probe_name(PROBE_PROFILE), (uint64_t)s, N_STREAMS);
      status = ask_profile(asking, s, fmin(budget_s * PROFILE_SHARE, 1), error);
    }
  }
  if (status == NONET_OK && is_asked(asking->request, PROBE_LATENCY)) {
    double left_s = budget_s - (probe_now_s() - start_s);
    status = probe_latency(asking, fmax(left_s, budget_s * LATENCY_SHARE), error);
  }
  return status;
}

static nonet_status ask_all(struct asking *asking, nonet_error *error) {
  static const enum probe_id of_one[] = {PROBE_LOADS, PROBE_DETERMINISM, PROBE_PARITY,
                                         PROBE_CONTRACT};
  nonet_error why = {{0}};
  nonet_status status = open_asking(asking, &why);
  if (status != NONET_OK) {
    for (int s = 0; s < N_STREAMS; s++) {
      fail_all(asking->request, asking->answers, s, PROBE_FAILED, why.message);
    }
    *error = why;
    return probe_is_over(status) ? status : NONET_OK;
  }
  for (size_t k = 0; k < sizeof of_one / sizeof *of_one; k++) {
    for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
      if (has_question(asking, of_one[k], s)) {
        progress_report(asking->progress, probe_name(of_one[k]), (uint64_t)s, N_STREAMS);
        status = of_one[k] == PROBE_CONTRACT ? ask_contract(asking, s, error)
                                             : ask_one(asking, of_one[k], s, error);
      }
    }
  }
  if (status == NONET_OK) {
    status = ask_timed(asking, error);
  }
  return status == NONET_OK ? ask_counterfactual(asking, error) : status;
}

/* 8. */
static void tell_broken(const struct probe_request *request, struct probe_answers *answers,
                        int stream) {
  const struct probe_broken *broken = &request->broken[stream];
  struct probe_stream *found = &answers->stream[stream];
  struct probe_loads *loads = &found->loads;
  if (found->state[PROBE_LOADS].status != PROBE_ANSWERED) {
    loads->n_steps = 0;
  }
  size_t n = 0;
  while (n < loads->n_steps && loads->step[n].is_ok) {
    n++;
  }
  if (n == loads->n_steps) {
    n = n < PROBE_LOAD_STEPS ? n : PROBE_LOAD_STEPS - 1;
    loads->step[n] = (struct probe_load_step){.n_rows = broken->n_rows};
    probe_text(loads->step[n].error, broken->why);
    loads->n_steps = n + 1;
  }
  found->state[PROBE_LOADS] = (struct probe_state){.status = PROBE_ANSWERED};
  if (is_asked(request, PROBE_ARTIFACT)) {
    probe_artifact(broken->info, answers, stream);
  }
  fail_all(request, answers, stream, PROBE_FAILED, broken->why);
}

nonet_status probe_run(const struct probe_request *request, struct probe_answers *answers,
                       struct progress *progress, nonet_error *error) {
  struct probe_request left = *request; /* to be done in processes */
  struct asking asking = {
      .request = &left, .answers = answers, .progress = progress, .rows_fd = -1};
  nonet_error unsaid;
  nonet_status status = NONET_OK;
  for (int s = 0; s < N_STREAMS; s++) {
    if (request->broken[s].why != NULL) {
      tell_broken(request, answers, s);
    } else if (request->model[s] == NULL) {
      fail_all(request, answers, s, PROBE_NOT_APPLICABLE,
               "its predictions are given, there is no model to ask"); /* 1 */
    } else if (is_asked(request, PROBE_ARTIFACT)) {
      probe_artifact(model_info(request->model[s]), answers, s);
    }
  }
  if (request->broken[STREAM_A].why != NULL) {
    left.probes &= PROBE_BIT(PROBE_LOADS);
  }
  const unsigned by_process = PROBE_BIT(PROBE_LOADS) | PROBE_BIT(PROBE_DETERMINISM) |
                              PROBE_BIT(PROBE_LATENCY) | PROBE_BIT(PROBE_STARTS) |
                              PROBE_BIT(PROBE_BATCHES) | PROBE_BIT(PROBE_PARITY) |
                              PROBE_BIT(PROBE_CONTRACT) | PROBE_BIT(PROBE_COUNTERFACTUAL) |
                              PROBE_BIT(PROBE_PROFILE) | PROBE_BIT(PROBE_THREADS);
  if ((left.probes & by_process) != 0 &&
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
  double budget_s = n_models == 0 ? 0 : request->budget_s > 0 ? request->budget_s : 60;
  switch (id) {
  case PROBE_LATENCY:
    return budget_s; /* together with those of starts, batches, threads and profiles, 7 */
  case PROBE_STARTS:
    return fmin(budget_s * STARTS_SHARE, PROBE_ROUNDS * n_models * 0.2);
  case PROBE_BATCHES:
    return budget_s * BATCHES_SHARE;
  case PROBE_THREADS:
    return request->model[STREAM_A] != NULL ? budget_s * THREADS_SHARE : 0;
  case PROBE_PROFILE:
    return n_models * (1 + fmin(budget_s * PROFILE_SHARE, 1));
  case PROBE_LOADS:
    return 1 * n_models; /* a process and an opening */
  case PROBE_DETERMINISM:
    return 2 * n_models; /* that, and 1,000 rows six times, once singly */
  case PROBE_PARITY:
    return 1 *
           (double)((request->reference[STREAM_A].n > 0) + (request->reference[STREAM_B].n > 0));
  case PROBE_CONTRACT:
    return 3 * n_models; /* six processes, each with an opening for every column */
  case PROBE_COUNTERFACTUAL:
    return request->changed.n > 0 ? 2 * n_models : 0;
  default:
    return 0;
  }
}
