/*
 * Probes in rounds (probe_private.h): fresh processes, candidate and baseline in each round.
 *
 *   starts   a round starts one process for each model, who is first alternating. 10 rounds, 20
 *            when the first 10 took less than a third of the time
 *   batches  a round is one process with both models; the time is shared equally among 10
 *   threads  as batches, with the candidate twice: one thread inside it, and two
 *
 * Cases:
 *  1. Ten rounds do not fit: they end when the time is over; the measures say how many they need.
 *  2. A round in which any process fails is not kept, so that rounds stay pairs. The first failure
 * of a model that never answered is its reason; three failed rounds end the probe.
 *  3. The baseline fails in the first round: the candidate goes on alone.
 *  5. Threads: the second model is the candidate itself; a candidate that answers with one thread
 * only has no answer, and the baseline is not asked.
 *  4. In later launches fewer sizes of batch are answered: those that all launches have are kept.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe_private.h"
#include "probe/process/message.h"
#include "probe/process/timed_plan.h"

#define WARM_UP_SHARE 0.05 /* of the probe's time, for the warm-up of one start */
#define START_LIMIT_S 300.0

struct round {
  enum probe_id id;
  bool has[N_STREAMS];
  size_t number; /* tries so far */
  size_t *n_kept, *n_failed;
  struct probe_batches *batches; /* of batches and threads */
  char *failure;
  double seconds, end_s;
};

static struct round round_first(const struct asking *asking, enum probe_id id, double seconds,
                                size_t *n_kept, size_t *n_failed, char *failure) {
  return (struct round){.id = id,
                        .has = {asking->spec[STREAM_A] != NULL, asking->spec[STREAM_B] != NULL},
                        .n_kept = n_kept,
                        .n_failed = n_failed,
                        .failure = failure,
                        .seconds = seconds,
                        .end_s = probe_now_s() + seconds};
}

/* 2, 3. True: go on. */
static bool round_failed(const struct asking *asking, struct round *round, int whose,
                         const char *why) {
  if (whose == STREAM_B && *round->n_kept == 0 && round->has[STREAM_A] && round->has[STREAM_B]) {
    round->has[STREAM_B] = false;
    probe_fail(asking->answers, round->id, STREAM_B, PROBE_FAILED, "%s", why);
    return true;
  }
  if ((*round->n_failed)++ == 0) {
    probe_text(round->failure, why);
  }
  return *round->n_kept > 0 && *round->n_failed < TIMED_PLAN_FAILURES;
}

static void round_settle(const struct asking *asking, const struct round *round) {
  for (int s = 0; s < N_STREAMS; s++) {
    if (round->has[s] && *round->n_kept > 0) {
      asking->answers->stream[s].state[round->id].status = PROBE_ANSWERED;
    } else if (round->has[s]) {
      probe_fail(asking->answers, round->id, s, PROBE_FAILED, "%s", round->failure);
    }
  }
}

/* A request with its number and its seconds; NULL when memory is short. */
static json_t *numbered(const struct asking *asking, const struct round *round,
                        const bool has[N_STREAMS], double seconds) {
  json_t *json = probe_request_json(asking, round->id, has);
  if (json != NULL &&
      (json_object_set_new(json, "launch", json_integer((json_int_t)round->number)) != 0 ||
       json_object_set_new(json, "seconds", json_real(seconds)) != 0)) {
    json_decref(json);
    json = NULL;
  }
  return json;
}

/* One more round of `once`, until it says that there are enough or time is over. */
static nonet_status run_rounds(const struct asking *asking, struct round *round, size_t n_rounds,
                               nonet_status (*once)(const struct asking *, struct round *,
                                                    int *whose, nonet_error *),
                               nonet_error *error) {
  bool goes_on = round->has[STREAM_A];
  while (goes_on && *round->n_kept < n_rounds &&
         (round->number == 0 || probe_now_s() < round->end_s)) { /* 1 */
    nonet_error why = {{0}};
    int whose = -1;
    progress_report(asking->progress, probe_name(round->id), *round->n_kept, n_rounds);
    nonet_status status = once(asking, round, &whose, &why);
    round->number++;
    if (probe_is_over(status)) {
      *error = why;
      return status;
    }
    if (status != NONET_OK) {
      goes_on = round_failed(asking, round, whose, why.message);
    }
  }
  return NONET_OK;
}

/* ---- starts ---- */

static nonet_status start_one(const struct asking *asking, const struct round *round, int stream,
                              struct probe_start *start, nonet_error *error) {
  const bool has[N_STREAMS] = {stream == STREAM_A, stream == STREAM_B};
  struct probe_starts *starts = &asking->answers->starts;
  struct probe_launch machine = {0};
  double spawned_ns = 0;
  int whose;
  json_t *json = numbered(asking, round, has, WARM_UP_SHARE * round->seconds), *reply = NULL;
  nonet_status status = probe_send(asking, json, START_LIMIT_S, &reply, &spawned_ns, &whose, error);
  if (status == NONET_OK) {
    status = message_start(reply, spawned_ns, start, &starts->n_rows, &machine, error);
  }
  starts->run_queue = fmax(starts->run_queue, machine.run_queue);
  starts->steal = fmax(starts->steal, machine.steal);
  json_decref(json);
  json_decref(reply);
  return status;
}

static nonet_status start_round(const struct asking *asking, struct round *round, int *whose,
                                nonet_error *error) {
  struct probe_starts *starts = &asking->answers->starts;
  nonet_status status = NONET_OK;
  for (int k = 0; k < N_STREAMS && status == NONET_OK; k++) {
    int s = (int)((round->number + (size_t)k) % N_STREAMS);
    if (round->has[s]) {
      *whose = s;
      status = start_one(asking, round, s, &starts->start[s][starts->n], error);
    }
  }
  starts->n += status == NONET_OK;
  return status;
}

nonet_status probe_starts(const struct asking *asking, double seconds, nonet_error *error) {
  struct probe_starts *starts = &asking->answers->starts;
  struct round round =
      round_first(asking, PROBE_STARTS, seconds, &starts->n, &starts->n_failed, starts->failure);
  nonet_status status = run_rounds(asking, &round, PROBE_ROUNDS, start_round, error);
  bool has_time = round.end_s - probe_now_s() > 2 * seconds / 3;
  if (status == NONET_OK && starts->n == PROBE_ROUNDS && has_time) {
    status = run_rounds(asking, &round, PROBE_ROUNDS_MOST, start_round, error);
  }
  round_settle(asking, &round);
  return status;
}

/* ---- batches ---- */

static void keep_batches(struct probe_batches *all, const struct probe_batches *one) {
  for (int s = 0; s < N_STREAMS; s++) {
    size_t n = one->n_sizes[s];
    if (all->n_launches == 0) {
      memcpy(all->size[s], one->size[s], sizeof all->size[s]);
      all->n_sizes[s] = n;
    }
    all->n_sizes[s] = n < all->n_sizes[s] ? n : all->n_sizes[s]; /* 4 */
    memcpy(all->rate_per_s[s][all->n_launches], one->rate_per_s[s][0],
           sizeof all->rate_per_s[s][0]);
  }
  all->run_queue = fmax(all->run_queue, one->run_queue);
  all->steal = fmax(all->steal, one->steal);
  all->n_launches++;
}

static nonet_status batches_round(const struct asking *asking, struct round *round, int *whose,
                                  nonet_error *error) {
  double seconds = round->seconds / PROBE_ROUNDS;
  struct probe_batches *one = memory_zeroed(1, sizeof *one);
  json_t *json = numbered(asking, round, round->has, seconds), *reply = NULL;
  nonet_status status = one == NULL
                            ? error_memory(error, sizeof *one, "rates of batches")
                            : probe_send(asking, json, START_LIMIT_S, &reply, NULL, whose, error);
  if (status == NONET_OK) {
    status = message_batches(reply, round->has, one, error);
  }
  if (status == NONET_OK) {
    keep_batches(round->batches, one);
  }
  memory_free(one);
  json_decref(json);
  json_decref(reply);
  return status;
}

static nonet_status batches_rounds(const struct asking *asking, enum probe_id id,
                                   struct probe_batches *batches, double seconds,
                                   struct round *round, nonet_error *error) {
  *round =
      round_first(asking, id, seconds, &batches->n_launches, &batches->n_failed, batches->failure);
  round->batches = batches;
  round->end_s += 2 * seconds; /* opening comes on top */
  return run_rounds(asking, round, PROBE_ROUNDS, batches_round, error);
}

nonet_status probe_batches(const struct asking *asking, double seconds, nonet_error *error) {
  struct round round;
  nonet_status status =
      batches_rounds(asking, PROBE_BATCHES, &asking->answers->batches, seconds, &round, error);
  round_settle(asking, &round);
  return status;
}

/* 5. */
nonet_status probe_threads(const struct asking *asking, double seconds, nonet_error *error) {
  struct asking twice = *asking;
  struct round round;
  twice.spec[STREAM_B] = json_copy(asking->spec[STREAM_A]);
  if (twice.spec[STREAM_B] == NULL ||
      json_object_set_new(twice.spec[STREAM_B], "threads", json_integer(PROBE_TWO_THREADS)) != 0) {
    json_decref(twice.spec[STREAM_B]);
    return error_memory(error, 1, "a model's options");
  }
  nonet_status status =
      batches_rounds(&twice, PROBE_THREADS, &asking->answers->threads, seconds, &round, error);
  if (round.has[STREAM_B] && *round.n_kept > 0) {
    asking->answers->stream[STREAM_A].state[PROBE_THREADS].status = PROBE_ANSWERED;
  } else {
    const char *of_two = asking->answers->stream[STREAM_B].state[PROBE_THREADS].reason;
    probe_fail(asking->answers, PROBE_THREADS, STREAM_A, PROBE_FAILED, "%s",
               round.has[STREAM_B] ? round.failure : of_two);
  }
  probe_fail(asking->answers, PROBE_THREADS, STREAM_B, PROBE_NOT_APPLICABLE,
             "the candidate alone is asked with two threads");
  json_decref(twice.spec[STREAM_B]);
  return status;
}
