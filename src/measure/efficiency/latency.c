/*
 * Latency of single requests: percentiles and the mean of a model, and the ratio to the baseline.
 *
 * The times come from L fresh launches; in each, both models answer in blocks ABBA or BAAB.
 *
 *   of one model   percentile: the type 7 quantile of all requests; bounds are order statistics.
 *                  Requests of one launch resemble each other, so n requests count as
 *                    n* = q(1 - q) / V, at most n,  V = L/(L - 1) Σ_l (k_l - n_l k/n)² / n²
 *                  with k_l of the n_l requests of launch l at or below the quantile (Woodruff 1952
 *                  over clusters), and as n*·(t(n - 1)/t(L - 1))² where V rests on few launches
 *                  (Korn & Graubard 1998). Ranks l, u of n* go to ranks l·n/n*, (u - 1)·n/n* + 1.
 *                  mean: t(L - 1) over launch means, on the log scale (times are skewed).
 *   of the pair    the ratio of the launches' own quantiles (means), t over launches (launches.c)
 *
 * Cases:
 *  1. A percentile wants so many requests that with probability .99 one is beyond it: 459 for p99
 * (MLPerf's early stopping without a miss). Fewer: null, with the number. In a pair: in each
 * launch; of many launches a tenth may have fewer (the process waited for a core almost all the
 * time) and is left out, both models of it, and said.
 *  2. Fewer than 10 launches that answered: a value without an interval; a difference must not be
 * taken from them.
 *  3. No upper bound (n* too small for its rank): no interval.
 *  4. All launches alike to the bit: a clock that does not tick gives no interval.
 *  5. Warm-up, load of the machine and failed launches are notes.
 *  6. Noise that hits both models alike (a busy neighbour) cancels within launches; what differs
 * from launch to launch is what t sees. Blocks within one launch would miss it (latency_test.c).
 *  7. On a busy machine the lower bound of a model's own time is open (launches.c).
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/efficiency/latency.h"
#include "measure/efficiency/launches.h"
#include "measure/probed.h"
#include "measure/records.h"
#include "stats/distribution.h"
#include "stats/exactsum.h"
#include "stats/interval.h"
#include "stats/sortkey.h"

#define MISS_CONFIDENCE 0.99

static double share_of(const struct measure *measure) {
  return measure->function / 1000.0;
}

size_t latency_fewest(double share) {
  return interval_quantile_n_needed(share, 2 * MISS_CONFIDENCE - 1); /* 1 */
}

/* ---- one model ---- */

struct order_law {
  const double *sorted; /* ms */
  size_t n, n_launches;
  double share, n_star;
};

static void order_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct order_law *order = law->context;
  double n = (double)order->n, n_star = order->n_star;
  if (n_star < n) {
    double few =
        distribution_t_z(level, n - 1) / distribution_t_z(level, (double)order->n_launches - 1);
    n_star *= few * few;
  }
  size_t counted = (size_t)fmax(1, floor(n_star));
  struct interval_ranks ranks = interval_quantile_ranks(counted, order->share, level);
  double stretch = n / (double)counted;
  size_t l = (size_t)floor((double)ranks.low * stretch);
  size_t u = (size_t)ceil(((double)ranks.high - 1) * stretch) + 1;
  *low = ranks.low >= 1 && l >= 1 ? order->sorted[l - 1] : 0;
  *high = ranks.high <= counted && u <= order->n ? order->sorted[u - 1] : INFINITY;
}

nonet_status latency_percentile(const struct measure *measure, struct view *view, int stream,
                                double share, struct inference *out, nonet_error *error) {
  if (probed_stream(measure, view, stream, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_latency *latency = &view->answers->latency;
  size_t n = launches_requests(latency, stream), fewest = latency_fewest(share);
  if (n < fewest) {
    launches_missing(measure, view, fewest, n, out); /* 1 */
    return NONET_OK;
  }
  double *sorted = view_arena(view, n + 1, sizeof *sorted);
  struct order_law *order = view_arena(view, 1, sizeof *order);
  if (sorted == NULL || order == NULL) {
    return error_memory(error, n * sizeof *sorted, "times in order");
  }
  nonet_status status =
      launches_sorted_ms(latency, 0, latency->n_launches, stream, sorted, &n, error);
  if (status != NONET_OK) {
    return status;
  }
  double value = interval_quantile7(sorted, n, share), launches = (double)latency->n_launches;
  double squares = launches_squares(latency, stream, value / LAUNCHES_MS_PER_NS, (double)n);
  double variance = launches / (launches - 1) * squares / ((double)n * (double)n);
  *order = (struct order_law){sorted, n, latency->n_launches, share,
                              fmin((double)n, share * (1 - share) / variance)};
  *out = law_start(measure, INFERENCE_LIMITS, NULL, false);
  out->value = value;
  out->bounds = order_bounds;
  out->context = order;
  view->n = (double)n;
  view->n_effective = latency->n_launches > 1 ? order->n_star : (double)n;
  launches_note(view, latency, stream);
  double low = 0, high = INFINITY;
  if (latency->n_launches >= LATENCY_LAUNCHES) {
    order_bounds(out, view->options->level, &low, &high);
  }
  if (isinf(high)) { /* 2, 3 */
    law_no_interval(
        view, measure, value, out,
        "no bound: %s requests of %zu launches count as %s independent ones; it "
        "takes %s, and %d launches",
        view_count(view, (double)n), latency->n_launches, view_count(view, view->n_effective),
        view_count(view, (double)interval_quantile_n_needed(share, view->options->level)),
        LATENCY_LAUNCHES);
  }
  return launches_busy(latency) ? launches_widen(measure, view, out, error) : NONET_OK; /* 7 */
}

static nonet_status percentile_estimate(const struct measure *measure,
                                        const struct measure_variant *variant, struct view *view,
                                        int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  return latency_percentile(measure, view, stream, share_of(measure), out, error);
}

/* ---- launches ---- */

/* What one launch says of a stream: its quantile or its mean, in ms. */
static nonet_status launch_value(const struct measure *measure, const struct probe_latency *latency,
                                 size_t launch, int stream, double *scratch, double *value,
                                 nonet_error *error) {
  size_t n;
  nonet_status status = launches_sorted_ms(latency, launch, launch + 1, stream, scratch, &n, error);
  if (status == NONET_OK && measure->function == LATENCY_MEAN) {
    *value = interval_mean(scratch, n, 0.5).value;
  } else if (status == NONET_OK) {
    *value = interval_quantile7(scratch, n, share_of(measure));
  }
  return status;
}

/* [n_launches] values of a stream, in the arena. */
static nonet_status launch_values(const struct measure *measure, struct view *view, int stream,
                                  double **values, nonet_error *error) {
  const struct probe_latency *latency = &view->answers->latency;
  double *scratch = memory_new(launches_requests(latency, stream) + 1, sizeof *scratch);
  *values = view_arena(view, latency->n_launches + 1, sizeof **values);
  nonet_status status = scratch == NULL || *values == NULL
                            ? error_memory(error, latency->n_launches, "values of launches")
                            : NONET_OK;
  for (size_t i = 0; i < latency->n_launches && status == NONET_OK; i++) {
    status = launch_value(measure, latency, i, stream, scratch, &(*values)[i], error);
  }
  memory_free(scratch);
  return status;
}

static nonet_status mean_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, stream, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_latency *latency = &view->answers->latency;
  double *values;
  if (launches_fewest(latency, stream) == 0) {
    law_missing(view, measure, out, "no requests were timed");
    return NONET_OK;
  }
  nonet_status status = launch_values(measure, view, stream, &values, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n = latency->n_launches;
  struct interval mean = interval_mean(values, n, view->options->level);
  view->n = (double)launches_requests(latency, stream);
  view->n_effective = (double)n;
  launches_note(view, latency, stream);
  if (n < LATENCY_LAUNCHES || !(mean.high > mean.low)) { /* 2, 4 */
    law_no_interval(view, measure, mean.value, out,
                    "no interval: it takes %d launches that differ, there are %zu",
                    LATENCY_LAUNCHES, n);
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_T, NULL, false);
  out->value = mean.value;
  out->scale = SCALE_LOG;
  out->df = (double)n - 1;
  out->se = (mean.high - mean.value) / distribution_t_z(view->options->level, out->df) / mean.value;
  return launches_busy(latency) ? launches_widen(measure, view, out, error) : NONET_OK; /* 7 */
}

/* ---- the pair ---- */

/* Values of the launches that are long enough move to the front; how many there are. */
static size_t keep_long(const struct probe_latency *latency, size_t needs,
                        double *const values[N_STREAMS]) {
  size_t n = 0;
  for (size_t i = 0; i < latency->n_launches; i++) {
    if (launches_is_long(&latency->launches[i], needs)) {
      values[STREAM_A][n] = values[STREAM_A][i];
      values[STREAM_B][n++] = values[STREAM_B][i];
    }
  }
  return n;
}

static nonet_status latency_compare(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, STREAM_A, out) == NULL ||
      probed_stream(measure, view, STREAM_B, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_latency *latency = &view->answers->latency;
  size_t n = latency->n_launches, has,
         needs = measure->function == LATENCY_MEAN ? 1 : latency_fewest(share_of(measure));
  size_t n_short = launches_short(latency, needs, &has);
  if (n < LATENCY_LAUNCHES) { /* 2 */
    law_missing(view, measure, out, "needs %d fresh launches of both models, %zu answered",
                LATENCY_LAUNCHES, n);
    return NONET_OK;
  }
  if (!launches_suffice(n, n_short)) { /* 1 */
    law_missing(view, measure, out,
                "needs %s requests of each model in a launch, the smallest had %s; "
                "--budget %.0fs gives about so many",
                view_count(view, (double)needs), view_count(view, (double)has),
                launches_seconds(latency, needs, has));
    return NONET_OK;
  }
  double *values[N_STREAMS];
  nonet_status status = launch_values(measure, view, STREAM_A, &values[STREAM_A], error);
  if (status == NONET_OK) {
    status = launch_values(measure, view, STREAM_B, &values[STREAM_B], error);
  }
  if (status == NONET_OK) {
    n = keep_long(latency, needs, values);
    launches_ratio(measure, view, values[STREAM_A], values[STREAM_B], n, false, out);
  }
  if (status == NONET_OK && n_short > 0) {
    launches_note_short(view, n_short, needs);
  }
  return status;
}

#define LATENCY_SOURCE                                                                             \
  "Hyndman & Fan 1996, type 7; interval: order statistics over launches (Woodruff 1952; Korn & "   \
  "Graubard 1998); fewest requests: Reddi et al. 2020 (MLPerf Inference)"

#define LATENCY_SHORTFALL                                                                          \
  "simulated coverage of 95 % where a neighbour's noise makes the tail in some 60 bursts over 20 " \
  "launches: .93 to .94; the ratio keeps .94"

#define LATENCY_PERCENTILE(name, per_mille, words, first)                                          \
  const struct measure efficiency_latency_##name = {                                               \
      .id = "efficiency.latency_" #name,                                                           \
      .attribute = ATTRIBUTE_EFFICIENCY,                                                           \
      .title = "Latency, " words " percentile",                                                    \
      .definition = "Time in which " first " of requests of a single row are answered, with one "  \
                    "thread and the model already warm.",                                          \
      .formula = "quantile of the times of single requests, all launches together, nothing "       \
                 "subtracted (asking takes less than 1 µs and is stated); difference: exp(mean "   \
                 "log a) - exp(mean log b) over the quantiles of launches",                        \
      .source = LATENCY_SOURCE,                                                                    \
      .unit = "ms",                                                                                \
      .direction = DIRECTION_LOWER,                                                                \
      .range = {0, INFINITY},                                                                      \
      .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,                                       \
      .scopes = IN_ALL,                                                                            \
      .probes = PROBE_BIT(PROBE_LATENCY),                                                          \
      .primary_of = per_mille == 990 ? FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION : 0,           \
      .cost = COST_SORT,                                                                           \
      .interval = "order",                                                                         \
      .interval_weighted = "none: requests carry no weight",                                       \
      .shortfall = LATENCY_SHORTFALL,                                                              \
      .function = per_mille,                                                                       \
      .estimate = percentile_estimate,                                                             \
      .compare = latency_compare,                                                                  \
  };

LATENCY_PERCENTILE(p50, 500, "50th", "half")
LATENCY_PERCENTILE(p90, 900, "90th", "90 %")
LATENCY_PERCENTILE(p99, 990, "99th", "99 %")
LATENCY_PERCENTILE(p999, 999, "999th per mille", "99.9 %")

const struct measure efficiency_latency_mean = {
    .id = "efficiency.latency_mean",
    .attribute = ATTRIBUTE_EFFICIENCY,
    .title = "Mean latency",
    .definition = "Mean time in which a request of a single row is answered, with one thread and "
                  "the model already warm.",
    .formula = "mean over launches of the launch's mean time; difference: exp(mean log a) - "
               "exp(mean log b) over the means of launches",
    .source = "interval: t over launches",
    .unit = "ms",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_LATENCY),
    .cost = COST_SORT,
    .interval = "blocks",
    .interval_weighted = "none: requests carry no weight",
    .shortfall = LATENCY_SHORTFALL,
    .function = LATENCY_MEAN,
    .estimate = mean_estimate,
    .compare = latency_compare,
};
