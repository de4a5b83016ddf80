/*
 * Timing one launch (timed.h).
 *
 *   warm-up   each model is asked in tens until the median of a ten is not below .95 times that of
 *             the ten before, three times running: it has stopped getting faster. At most a fifth
 * of the launch's time, or 1,000 requests. blocks    fours, ABBA or BAAB by a coin of (seed,
 * launch, four): a drift over a four cancels, and no model is always first. A block is so long that
 * a launch has some eight fours, and no longer than TIMED_MOST asks for. settling  the first
 * requests of a block find the caches full of the other model: up to 3 are asked and not kept (a
 * tenth of the block at most), counted with the warm-up.
 *
 * Cases:
 *  1. One model alone: the same blocks, all its own.
 *  2. A request longer than the launch's time: one four of blocks of one request is made whatever
 * it takes; the parent's limit is what bounds it.
 *  3. Only whole fours are kept, so that both models have the same number of requests.
 *  4. A request that fails ends the launch with the model's own words.
 */
#include "probe/process/timed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

#define WARM_TEN 10
#define WARM_SHARE 0.2
#define WARM_MOST 1000
#define WARM_STEADY 3
#define WARM_FALL 0.95
#define FOURS 8
#define SETTLE_MOST 3

struct timing {
  const struct timed *timed;
  struct probe_launch *launch;
  size_t row[N_STREAMS];
  size_t capacity[N_STREAMS], n_block;
  double start_ns;
};

static int compare_double(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_of(double *x, size_t n) {
  qsort(x, n, sizeof *x, compare_double);
  return n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static nonet_status ask(struct timing *timing, int stream, double *ns, nonet_error *error) {
  const struct timed *timed = timing->timed;
  size_t row = timing->row[stream]++ % timed->n_rows;
  double start = timed->now_ns(timed->context);
  nonet_status status = timed->request(timed->context, stream, row, error);
  *ns = timed->now_ns(timed->context) - start;
  return status;
}

static nonet_status ask_nothing(void *context, int stream, size_t row, nonet_error *error) {
  (void)context;
  (void)stream;
  (void)row;
  (void)error;
  return NONET_OK;
}

double timed_overhead_ns(double (*now_ns)(void *), void *context) {
  enum { REQUESTS = 1001 };
  const struct timed timed = {
      .request = ask_nothing, .now_ns = now_ns, .context = context, .n_rows = 1};
  struct timing timing = {.timed = &timed};
  double ns[REQUESTS];
  for (size_t i = 0; i < REQUESTS; i++) {
    (void)ask(&timing, STREAM_A, &ns[i], NULL);
  }
  return median_of(ns, REQUESTS);
}

static double elapsed_s(const struct timing *timing) {
  return 1e-9 * (timing->timed->now_ns(timing->timed->context) - timing->start_ns);
}

/* Until steady; *typical_ns is the median of the last ten, *n the requests. True: it is steady. */
static nonet_status warm_up(struct timing *timing, int stream, double until_s, double *typical_ns,
                            size_t *n_asked, bool *is_steady, nonet_error *error) {
  double before = INFINITY;
  size_t n_steady = 0, n = 0;
  nonet_status status = NONET_OK;
  while (status == NONET_OK && n_steady < WARM_STEADY && n < WARM_MOST) {
    double ns[WARM_TEN];
    size_t k = 0;
    while (k < WARM_TEN && status == NONET_OK && (k == 0 || elapsed_s(timing) < until_s)) {
      status = ask(timing, stream, &ns[k++], error);
    }
    n += k;
    *typical_ns = median_of(ns, k);
    n_steady = *typical_ns >= WARM_FALL * before ? n_steady + 1 : 0;
    before = *typical_ns;
    if (elapsed_s(timing) >= until_s) {
      break; /* 2 */
    }
  }
  *n_asked = n;
  *is_steady = n_steady >= WARM_STEADY;
  return status;
}

nonet_status timed_warm_up(const struct timed *timed, int stream, size_t *n, bool *is_steady,
                           nonet_error *error) {
  struct timing timing = {.timed = timed};
  double typical_ns;
  timing.start_ns = timed->now_ns(timed->context);
  return warm_up(&timing, stream, timed->seconds, &typical_ns, n, is_steady, error);
}

static size_t settle_of(size_t n_block) {
  return n_block / 10 < SETTLE_MOST ? n_block / 10 : SETTLE_MOST;
}

struct use {
  double cpu_ns, energy_uj;
};

static struct use used_of(const struct timed *timed) {
  struct use use = {0, NAN};
  if (timed->used != NULL) {
    timed->used(timed->context, &use.cpu_ns, &use.energy_uj);
  }
  return use;
}

static nonet_status run_block(struct timing *timing, int stream, nonet_error *error) {
  struct probe_launch *launch = timing->launch;
  size_t settle = settle_of(timing->n_block), n = timing->n_block - settle;
  void *ns = launch->ns[stream], *blocks = launch->blocks;
  size_t capacity = launch->n_blocks; /* blocks grow by one: a launch has a few dozen */
  if (!memory_grow(&ns, &timing->capacity[stream], launch->n[stream] + n, sizeof(double)) ||
      (blocks = memory_resize(blocks, capacity + 1, sizeof *launch->blocks)) == NULL) {
    launch->ns[stream] = ns;
    return error_memory(error, n * sizeof(double), "times of requests");
  }
  launch->ns[stream] = ns;
  launch->blocks = blocks;
  nonet_status status = NONET_OK;
  double left_out;
  for (size_t i = 0; i < settle && status == NONET_OK; i++) {
    status = ask(timing, stream, &left_out, error);
  }
  launch->n_warm_up[stream] += settle;
  double *times = launch->ns[stream] + launch->n[stream];
  struct use before = used_of(timing->timed);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    status = ask(timing, stream, &times[i], error);
  }
  struct use after = used_of(timing->timed);
  launch->cpu_ns[stream] += after.cpu_ns - before.cpu_ns;
  launch->energy_uj[stream] += after.energy_uj - before.energy_uj;
  if (status == NONET_OK) {
    launch->blocks[launch->n_blocks++] = (struct probe_block){stream, launch->n[stream], n};
    launch->n[stream] += n;
  }
  return status;
}

static nonet_status run_four(struct timing *timing, uint64_t four, nonet_error *error) {
  const struct timed *timed = timing->timed;
  uint32_t coin = philox_row(timed->seed, PHILOX_PERMUTE, timed->launch, four).word[0] & 1;
  int first = coin != 0 ? STREAM_B : STREAM_A;
  nonet_status status = NONET_OK;
  for (int k = 0; k < 4 && status == NONET_OK; k++) {
    int stream = k == 0 || k == 3 ? first : 1 - first;
    stream = timed->has[stream] ? stream : 1 - stream; /* 1 */
    status = run_block(timing, stream, error);
  }
  return status;
}

nonet_status timed_run(const struct timed *timed, struct probe_launch *launch, nonet_error *error) {
  struct timing timing = {.timed = timed, .launch = launch};
  double typical_ns[N_STREAMS] = {0, 0};
  nonet_status status = NONET_OK;
  bool is_steady;
  timing.start_ns = timed->now_ns(timed->context);
  size_t n_models = (size_t)timed->has[STREAM_A] + (size_t)timed->has[STREAM_B];
  int first = (int)(timed->launch % N_STREAMS); /* who is asked first alternates */
  timing.row[STREAM_A] = timing.row[STREAM_B] =
      (size_t)(philox_row(timed->seed, PHILOX_SAMPLE, timed->launch, 0).word[0] % timed->n_rows);
  for (int k = 0; k < N_STREAMS && status == NONET_OK; k++) {
    int stream = k == 0 ? first : 1 - first;
    double until_s = WARM_SHARE * timed->seconds * (k + 1) / (double)n_models;
    if (timed->has[stream]) {
      status = warm_up(&timing, stream, until_s, &typical_ns[stream], &launch->n_warm_up[stream],
                       &is_steady, error);
    }
  }
  double left_ns = 1e9 * (timed->seconds - elapsed_s(&timing));
  double round_ns = 2 * (typical_ns[STREAM_A] + typical_ns[STREAM_B]) * (n_models == 1 ? 2 : 1);
  double n_block = fmin(floor(left_ns / FOURS / fmax(round_ns, 1)), TIMED_MOST / (2.0 * FOURS));
  timing.n_block = n_block < 1 ? 1 : (size_t)n_block; /* 2 */
  size_t kept = timing.n_block - settle_of(timing.n_block);
  for (uint64_t four = 0; status == NONET_OK; four++) {
    size_t per_four = n_models == 1 ? 4 * kept : 2 * kept;
    bool is_full = (four + 1) * per_four > TIMED_MOST;
    double expected_s = 1e-9 * round_ns * (double)timing.n_block;
    if (four > 0 && (is_full || elapsed_s(&timing) + expected_s > timed->seconds)) {
      break; /* 3 */
    }
    status = run_four(&timing, four, error);
  }
  if (status != NONET_OK) {
    probe_launch_clear(launch);
  }
  return status;
}
