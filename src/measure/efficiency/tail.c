/*
 * The shape of the times of single requests: how long the tail is, how many come in time, and the
 * whole distribution as a line.
 *
 *   tail_ratio     T = p99/p50 of all requests. (The mean of the launches' own T_l is biased: each
 *                  rests on some 500 requests.) Its se is the larger of two, t(L - 1) on the
 *                  log scale: that of the launches' own log T_l, sd/√L, which misses what makes
 *                  launches differ as wholes, and that of leaving out one launch at a time,
 *                  (L - 1)/L Σ (log T_-l - mean)², which is too small for quantiles of few requests
 *                  (alone they cover .88 and .90 in the worst law of timed_coverage_long.c).
 *                  Pair: the launches' own ratios, whose biases cancel (launches.c).
 *   goodput        k of n requests within the limit: Wilson with n* = q(1 - q)/V requests, V the
 *                  variance over launches as for a percentile (latency.c); t(L - 1). Pair: t over
 *                  the launches' differences.
 *   latency_curve  quantiles at some 40 shares, each with its own order-statistic bounds
 *
 * Cases:
 *  1. tail_ratio needs what a p99 needs: 459 requests; its interval, and a pair, in each launch.
 *  2. goodput needs a limit: the first `efficiency.latency_… <= TIME` in require or in the
 * context's budgets. None: not applicable. All requests in time, or none: V says nothing then, and
 * each launch counts as one request.
 *  3. Fewer than 10 launches: no interval. All launches' differences alike: none either.
 *  4. On a busy machine only what a neighbour cannot have made is claimed: the upper bound of
 * goodput is left at 1, tail_ratio's lower one at 1.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/efficiency/latency.h"
#include "measure/efficiency/launches.h"
#include "measure/probed.h"
#include "measure/records.h"
#include "stats/distribution.h"
#include "stats/interval.h"

#define ALIKE 1e-7 /* shares that differ by less differ by rounding: a request is 5e-6 of them */

/* ---- tail_ratio ---- */

static double log_tail_of(const double *sorted, size_t n) {
  return log(interval_quantile7(sorted, n, 0.99) / interval_quantile7(sorted, n, 0.5));
}

/* log(p99/p50) of launches from … to − 1, whose n sorted times are left in `sorted`. */
static nonet_status log_tail(const struct probe_latency *latency, size_t from, size_t to,
                             int stream, double *sorted, double *out, nonet_error *error) {
  size_t n = 0;
  nonet_status status = launches_sorted_ms(latency, from, to, stream, sorted, &n, error);
  *out = status == NONET_OK ? log_tail_of(sorted, n) : NAN;
  return status;
}

/* Of all n times, sorted, those that are not among the n_own of one launch, sorted too. */
static void without(const double *all, size_t n, const double *own, size_t n_own, double *rest) {
  for (size_t i = 0, k = 0; i < n; i++) {
    if (k < n_own && all[i] == own[k]) {
      k++;
    } else {
      rest[i - k] = all[i];
    }
  }
}

struct spread { /* Welford */
  double n, mean, squares;
};

static void spread_add(struct spread *spread, double value) {
  double off = value - spread->mean;
  spread->mean += off / ++spread->n;
  spread->squares += off * (value - spread->mean);
}

/* scratch: [3 × requests], the first third all times, sorted. */
static nonet_status tail_variance(const struct probe_latency *latency, int stream, double *scratch,
                                  double *variance, nonet_error *error) {
  const size_t n_all = launches_requests(latency, stream);
  double n = (double)latency->n_launches, value = 0, *own = scratch + n_all, *rest = own + n_all;
  struct spread launches = {0}, rests = {0};
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < latency->n_launches && status == NONET_OK; i++) {
    size_t n_own = latency->launches[i].n[stream];
    status = log_tail(latency, i, i + 1, stream, own, &value, error);
    without(scratch, n_all, own, n_own, rest);
    spread_add(&launches, value);
    spread_add(&rests, log_tail_of(rest, n_all - n_own));
  }
  *variance = fmax(launches.squares / (n * (n - 1)), rests.squares * (n - 1) / n);
  return status;
}

/* All but a tenth of the launches have what a p99 needs. */
static bool is_long_enough(const struct probe_latency *latency, int stream) {
  size_t n_short = 0;
  for (size_t i = 0; i < latency->n_launches; i++) {
    n_short += latency->launches[i].n[stream] < latency_fewest(0.99);
  }
  return launches_suffice(latency->n_launches, n_short);
}

static nonet_status tail_law(const struct measure *measure, struct view *view, int stream,
                             double *scratch, struct inference *out, nonet_error *error) {
  const struct probe_latency *latency = &view->answers->latency;
  double tail = 0, variance = 0;
  nonet_status status = log_tail(latency, 0, latency->n_launches, stream, scratch, &tail, error);
  if (status == NONET_OK && is_long_enough(latency, stream)) { /* 1 */
    status = tail_variance(latency, stream, scratch, &variance, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  launches_note(view, latency, stream);
  view->n = (double)launches_requests(latency, stream);
  view->n_effective = (double)latency->n_launches;
  if (!(variance > 1e-24)) { /* 3 */
    law_no_interval(view, measure, exp(tail), out,
                    "no interval: it takes %d launches that differ, with %s requests each",
                    LATENCY_LAUNCHES, view_count(view, (double)latency_fewest(0.99)));
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_T, "blocks", false);
  out->value = exp(tail);
  out->scale = SCALE_LOG;
  out->df = (double)latency->n_launches - 1;
  out->se = sqrt(variance);
  return launches_busy(latency) ? launches_widen(measure, view, out, error) : NONET_OK; /* 4 */
}

static nonet_status tail_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, stream, out) == NULL) {
    return NONET_OK;
  }
  size_t n = launches_requests(&view->answers->latency, stream), fewest = latency_fewest(0.99);
  if (n < fewest) { /* 1 */
    launches_missing(measure, view, fewest, n, out);
    return NONET_OK;
  }
  double *scratch = memory_new(3 * n + 1, sizeof *scratch);
  nonet_status status = scratch == NULL ? error_memory(error, n * sizeof *scratch, "times")
                                        : tail_law(measure, view, stream, scratch, out, error);
  memory_free(scratch);
  return status;
}

static nonet_status tail_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  (void)variant;
  const struct probe_latency *latency = &view->answers->latency;
  if (probed_stream(measure, view, STREAM_A, out) == NULL ||
      probed_stream(measure, view, STREAM_B, out) == NULL) {
    return NONET_OK;
  }
  size_t n = latency->n_launches, n_kept = 0, needs = latency_fewest(0.99), has;
  size_t n_short = launches_short(latency, needs, &has);
  if (!launches_suffice(n, n_short)) { /* 1 */
    law_missing(view, measure, out,
                "needs %d launches with %s requests of each model, the smallest of %zu had %s; "
                "--budget %.0fs gives about so many",
                LATENCY_LAUNCHES, view_count(view, (double)needs), n, view_count(view, (double)has),
                launches_seconds(latency, needs, has));
    return NONET_OK;
  }
  size_t most = launches_requests(latency, STREAM_A) + launches_requests(latency, STREAM_B);
  double *tails = memory_new(2 * n + most, sizeof *tails);
  nonet_status status =
      tails == NULL ? error_memory(error, most * sizeof *tails, "times") : NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    if (launches_is_long(&latency->launches[i], needs)) {
      status = log_tail(latency, i, i + 1, STREAM_A, tails + 2 * n, &tails[n_kept], error);
      if (status == NONET_OK) {
        status = log_tail(latency, i, i + 1, STREAM_B, tails + 2 * n, &tails[n + n_kept], error);
      }
      tails[n_kept] = exp(tails[n_kept]);
      tails[n + n_kept] = exp(tails[n + n_kept]);
      n_kept++;
    }
  }
  if (status == NONET_OK) {
    launches_ratio(measure, view, tails, tails + n, n_kept, false, out);
  }
  if (status == NONET_OK && n_short > 0) {
    launches_note_short(view, n_short, needs);
  }
  memory_free(tails);
  return status;
}

/* ---- goodput ---- */

static bool has_limit(const struct measure *measure, struct view *view, struct inference *out) {
  bool is_there = view->answers->factors.slo_ms > 0;
  if (!is_there) { /* 2 */
    law_missing(view, measure, out,
                "not applicable: no deadline is given; `require: [efficiency.latency_p99 <= 5ms]` "
                "gives one");
  }
  return is_there;
}

static void open_above(const struct inference *law, double level, double *low, double *high) {
  inference_bounds(law->context, level, low, high);
  *high = isnan(*high) ? *high : law->null_high;
}

/* 4. */
static nonet_status leave_open_above(const struct measure *measure, struct view *view,
                                     struct inference *out, nonet_error *error) {
  struct inference *within = view_arena(view, 1, sizeof *within);
  if (within == NULL) {
    return error_memory(error, sizeof *within, "a wider interval");
  }
  *within = *out;
  *out = law_start(measure, INFERENCE_LIMITS, within->method, false);
  out->value = within->value;
  out->bounds = open_above;
  out->context = within;
  return NONET_OK;
}

static nonet_status goodput_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, stream, out) == NULL || !has_limit(measure, view, out)) {
    return NONET_OK;
  }
  const struct probe_latency *latency = &view->answers->latency;
  double limit_ns = view->answers->factors.slo_ms / LAUNCHES_MS_PER_NS, k = 0,
         launches = (double)latency->n_launches, n = (double)launches_requests(latency, stream);
  for (size_t i = 0; i < latency->n_launches; i++) {
    for (size_t j = 0; j < latency->launches[i].n[stream]; j++) {
      k += latency->launches[i].ns[stream][j] <= limit_ns;
    }
  }
  double squares = launches_squares(latency, stream, limit_ns, n);
  view->n = n;
  launches_note(view, latency, stream);
  view_note(view, "within %.4g ms", view->answers->factors.slo_ms);
  if (latency->n_launches < LATENCY_LAUNCHES) { /* 3 */
    law_no_interval(view, measure, k / n, out, "no interval: it takes %d launches, there are %zu",
                    LATENCY_LAUNCHES, latency->n_launches);
    return NONET_OK;
  }
  law_wilson_effective(measure, view, k / n, launches / (launches - 1) * squares / (n * n),
                       launches - 1, n, launches, out);
  view->n_effective = out->kind == INFERENCE_WILSON ? out->trials : n;
  return launches_busy(latency) && out->kind == INFERENCE_WILSON
             ? leave_open_above(measure, view, out, error)
             : NONET_OK;
}

static double share_within(const struct probe_launch *launch, int stream, double limit_ns) {
  double k = 0;
  for (size_t j = 0; j < launch->n[stream]; j++) {
    k += launch->ns[stream][j] <= limit_ns;
  }
  return k / (double)launch->n[stream];
}

static nonet_status goodput_compare(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, STREAM_A, out) == NULL ||
      probed_stream(measure, view, STREAM_B, out) == NULL || !has_limit(measure, view, out)) {
    return NONET_OK;
  }
  const struct probe_latency *latency = &view->answers->latency;
  double limit_ns = view->answers->factors.slo_ms / LAUNCHES_MS_PER_NS;
  size_t n = latency->n_launches;
  double *apart = memory_new(n + 1, sizeof *apart);
  if (apart == NULL) {
    return error_memory(error, n * sizeof *apart, "differences of launches");
  }
  for (size_t i = 0; i < n; i++) {
    apart[i] = share_within(&latency->launches[i], STREAM_A, limit_ns) -
               share_within(&latency->launches[i], STREAM_B, limit_ns);
  }
  struct interval mean = interval_mean(apart, n, 0.5);
  memory_free(apart);
  view->n = view->n_effective = (double)n;
  if (n < LATENCY_LAUNCHES || !(mean.high - mean.low > ALIKE)) { /* 3 */
    law_no_interval(view, measure, mean.value, out,
                    "no interval: it takes %d launches that differ, there are %zu",
                    LATENCY_LAUNCHES, n);
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_T, "blocks", true);
  out->value = mean.value;
  out->df = (double)n - 1;
  out->se = (mean.high - mean.value) / distribution_t_z(0.5, out->df);
  return NONET_OK;
}

/* ---- the whole distribution ---- */

#define CURVE_POINTS 40

/* 2.5 % … 97.5 % in even steps, and what lies in the tail. */
static double share_at(size_t i) {
  static const double tail[] = {0.99, 0.995, 0.999};
  const size_t n_tail = sizeof tail / sizeof *tail, n_even = CURVE_POINTS - n_tail;
  return i < n_even ? 0.02 + 0.96 * (double)i / (double)(n_even - 1) : tail[i - n_even];
}

static nonet_status latency_curve_draw(const struct measure *measure, struct view *view, int stream,
                                       struct measure_curve *out, nonet_error *error) {
  struct inference law;
  double *block = view_arena(view, 4 * CURVE_POINTS, sizeof *block);
  *out = (struct measure_curve){.method = "order, one quantile at a time"};
  if (block == NULL) {
    return error_memory(error, 4 * CURVE_POINTS * sizeof *block, "the points of a curve");
  }
  double *y = block, *x = y + CURVE_POINTS, *low = x + CURVE_POINTS, *high = low + CURVE_POINTS;
  size_t n = 0;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < CURVE_POINTS && status == NONET_OK; i++) {
    view->n_notes = 0;
    status = latency_percentile(measure, view, stream, share_at(i), &law, error);
    if (status == NONET_OK && !isnan(law.value)) {
      y[n] = share_at(i);
      x[n] = law.value;
      inference_bounds(&law, view->options->level, &low[n], &high[n]);
      n++;
    }
  }
  *out = (struct measure_curve){n, y, x, low, high, out->method, n == 0 ? law.reason : NULL, NULL};
  return status;
}

#define TAIL_COMMON                                                                                \
  .attribute = ATTRIBUTE_EFFICIENCY, .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,        \
  .scopes = IN_ALL, .probes = PROBE_BIT(PROBE_LATENCY), .cost = COST_SORT,                         \
  .interval_weighted = "none: requests carry no weight"

const struct measure efficiency_tail_ratio = {
    .id = "efficiency.tail_ratio",
    .title = "Tail ratio",
    .definition = "The 99th percentile of the times of single requests over their median.",
    .formula = "p99 / p50, quantiles of type 7 of all launches together",
    .source = "Dean & Barroso 2013; interval: t over launches",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {1, INFINITY},
    .interval = "blocks",
    .estimate = tail_estimate,
    .compare = tail_compare,
    TAIL_COMMON,
};

const struct measure efficiency_goodput = {
    .id = "efficiency.goodput",
    .title = "Goodput",
    .definition = "Share of the requests of a single row that are answered within the deadline, "
                  "one at a time, with one thread and the model already warm.",
    .formula = "requests within the limit / requests; the limit is that of the first "
               "`efficiency.latency_… <= TIME` in require or in the context's budgets",
    .source = "Reddi et al. 2020; interval: Wilson with effective requests over launches "
              "(Korn & Graubard 1998)",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .interval = "wilson over launches",
    .estimate = goodput_estimate,
    .compare = goodput_compare,
    TAIL_COMMON,
};

const struct measure efficiency_latency_curve = {
    .id = "efficiency.latency_curve",
    .title = "Distribution of latency",
    .definition = "The quantiles of the times of single requests.",
    .formula = "quantiles of type 7 of all launches together",
    .source = "as latency_p99",
    .unit = "ms",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .interval = "order",
    .axis_x = "share of requests answered",
    .axis_y = "ms",
    .never_gated = true,
    .draw = latency_curve_draw,
    TAIL_COMMON,
};
