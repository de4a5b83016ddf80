/*
 * What the measures of time share: the requests of launches, and laws over launches.
 *
 *   geometric  exp(mean of log x over L launches), t(L - 1) on the log scale
 *   ratio      d_l = log a_l - log b_l; exp(mean d), t(L - 1). The record is the difference a - b
 * of the geometric means, with variances and covariance such that the log ratio made of them is
 * exactly mean d with its se. busy       a neighbour can only add to a time. Where a quarter of the
 * launches found tasks waiting for a core, or the host at work, the lower bound of a model's own
 * time is not claimed: it is widened to the measure's least value. The ratio of two models in the
 *              same launches is left as it is: what hits both cancels (latency_coverage_long.c has
 *              the cases; timed_coverage_long.c: the quiet machine's p99 is covered in 0 % of runs
 *              without this, in all with it, and the ratio in 93 to 94 % either way).
 *
 * Cases:
 *  1. All launches alike: a clock that does not tick gives no interval; what is counted in bytes
 * (`is_counted`) is known exactly, with a standard error of 0.
 *  2. Values of 0 have no logarithm: no interval, and it is said.
 *  3. Warm-up, load of the machine, its frequency and failed launches are notes.
 */
#include "measure/efficiency/launches.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/efficiency/latency.h"
#include "stats/distribution.h"
#include "stats/exactsum.h"
#include "stats/interval.h"
#include "stats/sortkey.h"

#define SHORT_SHARE 0.1 /* of the launches */
#define BUSY_SHARE 0.25 /* of the launches */
#define ALIKE 1e-24     /* squared distance of logarithms that is rounding and no more */

size_t launches_requests(const struct probe_latency *latency, int stream) {
  size_t n = 0;
  for (size_t i = 0; i < latency->n_launches; i++) {
    n += latency->launches[i].n[stream];
  }
  return n;
}

double launches_squares(const struct probe_latency *latency, int stream, double limit_ns,
                        double n) {
  double k = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++) {
    double total = 0;
    for (size_t i = 0; i < latency->n_launches; i++) {
      const struct probe_launch *launch = &latency->launches[i];
      double below = 0;
      for (size_t j = 0; j < launch->n[stream]; j++) {
        below += launch->ns[stream][j] <= limit_ns;
      }
      double rest = below - (double)launch->n[stream] * k / n;
      total += pass == 0 ? below : rest * rest;
    }
    *(pass == 0 ? &k : &squares) = total;
  }
  return squares;
}

static size_t fewer_of(const struct probe_launch *launch) {
  size_t a = launch->n[STREAM_A], b = launch->n[STREAM_B];
  return a < b ? a : b;
}

bool launches_is_long(const struct probe_launch *launch, size_t needs) {
  return fewer_of(launch) >= needs;
}

size_t launches_short(const struct probe_latency *latency, size_t needs, size_t *fewest) {
  size_t n_short = 0;
  *fewest = SIZE_MAX;
  for (size_t i = 0; i < latency->n_launches; i++) {
    size_t n = fewer_of(&latency->launches[i]);
    n_short += n < needs;
    *fewest = n < *fewest ? n : *fewest;
  }
  return n_short;
}

bool launches_suffice(size_t n, size_t n_short) {
  return (double)n_short <= SHORT_SHARE * (double)n && n - n_short >= LATENCY_LAUNCHES;
}

void launches_note_short(struct view *view, size_t n_short, size_t needs) {
  view_note(view, "%zu launches with fewer than %s requests of a model are left out", n_short,
            view_count(view, (double)needs));
}

double launches_seconds(const struct probe_latency *latency, size_t needs, size_t has) {
  return ceil(latency->seconds * (double)needs / fmax(1, (double)has));
}

void launches_missing(const struct measure *measure, struct view *view, size_t needs, size_t has,
                      struct inference *out) {
  law_missing(view, measure, out,
              "needs %s requests, %s were timed; --budget %.0fs gives about so many",
              view_count(view, (double)needs), view_count(view, (double)has),
              launches_seconds(&view->answers->latency, needs, has));
}

nonet_status launches_sorted_ms(const struct probe_latency *latency, size_t from, size_t to,
                                int stream, double *out, size_t *n, nonet_error *error) {
  size_t at = 0;
  for (size_t i = from; i < to; i++) {
    at += latency->launches[i].n[stream];
  }
  *n = at;
  uint64_t *keys = memory_new(at + 1, sizeof *keys);
  if (keys == NULL) {
    return error_memory(error, at * sizeof *keys, "times in order");
  }
  at = 0;
  for (size_t i = from; i < to; i++) {
    const struct probe_launch *launch = &latency->launches[i];
    for (size_t j = 0; j < launch->n[stream]; j++) {
      keys[at++] = sortkey_f64(launch->ns[stream][j]);
    }
  }
  nonet_status status = sortkey_sort_u64(keys, at, 1, error);
  for (size_t j = 0; j < at; j++) {
    out[j] = sortkey_f64_value(keys[j]) * LAUNCHES_MS_PER_NS;
  }
  memory_free(keys);
  return status;
}

size_t launches_fewest(const struct probe_latency *latency, int stream) {
  size_t fewest = SIZE_MAX;
  for (size_t i = 0; i < latency->n_launches; i++) {
    fewest = latency->launches[i].n[stream] < fewest ? latency->launches[i].n[stream] : fewest;
  }
  return latency->n_launches == 0 ? 0 : fewest;
}

/* ---- circumstances ---- */

static bool is_busy(double run_queue, double steal) {
  return run_queue >= LATENCY_BUSY_QUEUE || steal >= LATENCY_BUSY_STEAL;
}

bool launches_busy(const struct probe_latency *latency) {
  double n = 0;
  for (size_t i = 0; i < latency->n_launches; i++) {
    n += is_busy(latency->launches[i].run_queue, latency->launches[i].steal);
  }
  return n > 0 && n >= BUSY_SHARE * (double)latency->n_launches;
}

void launches_note_load(struct view *view, double run_queue, double steal) {
  if (is_busy(run_queue, steal)) {
    view_note(view, "the machine was busy: %s", /* how much stands in its load */
              steal < LATENCY_BUSY_STEAL       ? "other tasks waited for a core"
              : run_queue < LATENCY_BUSY_QUEUE ? "its host took some of the time"
                                               : "other tasks waited for a core, and its host "
                                                 "took some of the time");
  }
}

void launches_note(struct view *view, const struct probe_latency *latency, int stream) {
  double warm_up = 0, queue = 0, steal = 0, mhz = INFINITY;
  char cores[64] = "";
  for (size_t i = 0; i < latency->n_launches; i++) {
    const struct probe_launch *launch = &latency->launches[i];
    warm_up += (double)launch->n_warm_up[stream];
    queue = fmax(queue, launch->run_queue);
    steal = fmax(steal, launch->steal);
    mhz = launch->mhz > 0 ? fmin(mhz, launch->mhz) : mhz;
  }
  if (isfinite(mhz)) {
    (void)snprintf(cores, sizeof cores, "; the cores ran at %.0f MHz or more", mhz);
  }
  view_note(view,
            "one row a request, one thread; %zu launches, %s requests of warm-up left out; "
            "asking itself takes %.0f ns of every time%s",
            latency->n_launches, view_count(view, warm_up), latency->overhead_ns, cores);
  launches_note_load(view, queue, steal); /* 3 */
  if (latency->n_failed > 0) {
    view_note(view, "%zu launches did not answer: %s", latency->n_failed, latency->failure);
  }
}

static void widened_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct inference *within = law->context;
  inference_bounds(within, level, low, high);
  *low = isnan(*low) ? *low : within->null_low;
}

nonet_status launches_widen(const struct measure *measure, struct view *view, struct inference *out,
                            nonet_error *error) {
  struct inference *within = view_arena(view, 1, sizeof *within);
  if (within == NULL) {
    return error_memory(error, sizeof *within, "a wider interval");
  }
  if (out->kind == INFERENCE_MISSING) {
    return NONET_OK;
  }
  *within = *out;
  *out = law_start(measure, INFERENCE_LIMITS, within->method, false);
  out->value = within->value;
  out->bounds = widened_bounds;
  out->context = within;
  view_note(view, "so how fast it is on a quiet machine is not claimed: the lower bound is left "
                  "open");
  return NONET_OK;
}

/* ---- laws over launches ---- */

static bool all_positive(const double *x, size_t n) {
  bool is_positive = true;
  for (size_t i = 0; i < n; i++) {
    is_positive = is_positive && x[i] > 0;
  }
  return is_positive;
}

static double mean_log(const double *x, size_t n) {
  double mean = 0;
  for (size_t i = 0; i < n; i++) {
    mean += log(x[i]) / (double)n;
  }
  return mean;
}

/* Variance of the mean of n logarithms; covariance of two such means. */
static double mean_product(const double *a, double mean_a, const double *b, double mean_b,
                           size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (log(a[i]) - mean_a) * (log(b[i]) - mean_b);
  }
  return sum / ((double)n * ((double)n - 1));
}

void launches_geometric(const struct measure *measure, struct view *view, const double *x, size_t n,
                        struct inference *out) {
  if (!all_positive(x, n)) { /* 2 */
    law_missing(view, measure, out, "a launch measured 0: its logarithm does not exist");
    return;
  }
  double mean = mean_log(x, n), variance = mean_product(x, mean, x, mean, n);
  view->n = view->n_effective = (double)n;
  if (n < LATENCY_LAUNCHES || !(variance > ALIKE)) { /* 1 */
    law_no_interval(view, measure, exp(mean), out,
                    "no interval: it takes %d launches that differ, there are %zu",
                    LATENCY_LAUNCHES, n);
    return;
  }
  *out = law_start(measure, INFERENCE_T, "blocks", false);
  out->value = exp(mean);
  out->scale = SCALE_LOG;
  out->df = (double)n - 1;
  out->se = sqrt(variance);
}

/* The largest square of a log ratio's distance from their mean. */
static double spread_of_ratio(const double *a, const double *b, double mean, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++) {
    double off = log(a[i] / b[i]) - mean;
    most = fmax(most, off * off);
  }
  return most;
}

void launches_ratio(const struct measure *measure, struct view *view, const double *x_a,
                    const double *x_b, size_t n, bool is_counted, struct inference *out) {
  if (n < LATENCY_LAUNCHES) {
    law_missing(view, measure, out, "needs %d fresh launches of both models, %zu answered",
                LATENCY_LAUNCHES, n);
    return;
  }
  if (!all_positive(x_a, n) || !all_positive(x_b, n)) { /* 2 */
    law_missing(view, measure, out, "a launch measured 0: its logarithm does not exist");
    return;
  }
  double mean_a = mean_log(x_a, n), mean_b = mean_log(x_b, n);
  double a = exp(mean_a), b = exp(mean_b);
  double var_a = a * a * mean_product(x_a, mean_a, x_a, mean_a, n);
  double var_b = b * b * mean_product(x_b, mean_b, x_b, mean_b, n);
  double covariance = a * b * mean_product(x_a, mean_a, x_b, mean_b, n);
  double variance = var_a + var_b - 2 * covariance;
  bool is_alike = spread_of_ratio(x_a, x_b, mean_a - mean_b, n) < ALIKE;
  if (is_alike && !is_counted) { /* 1 */
    law_no_interval(view, measure, a - b, out, "no interval: all %zu launches are alike", n);
    return;
  }
  *out = law_start(measure, INFERENCE_T, "blocks", true);
  out->value = a - b;
  out->se = is_alike ? 0 : sqrt(fmax(0, variance));
  out->df = (double)n - 1;
  out->pair_value[STREAM_A] = a;
  out->pair_value[STREAM_B] = b;
  out->pair_variance[STREAM_A] = is_alike ? 0 : var_a;
  out->pair_variance[STREAM_B] = is_alike ? 0 : var_b;
  out->pair_covariance = is_alike ? 0 : covariance;
  view->n = view->n_effective = (double)n;
  view_note(view, "of the launches' own values: the ratio is %.4f, t over %zu launches", a / b, n);
}
