/*
 * Rows a second, by the size of the batch and at the best one.
 *
 *   curve       for each size: the geometric mean over launches, t(L - 1) on the log scale
 *   throughput  at the size that is best in that mean, and its interval there. Choosing by the same
 *               launches flatters a little, and costs no coverage of the best size's true rate
 *               (timed_coverage_long.c, where ten sizes lie within 3 %). Choosing for each launch
 * by the others was tried: its launches are no longer independent, and t over them covers the ratio
 * in 80 %. of the pair each model at its own best size: t over the launches' log ratios
 *
 * Cases:
 *  1. Fewer than 10 launches: values without an interval.
 *  2. A model of a fixed batch has one size.
 *  3. Sizes end at 512 rows, at the rows there are, or where the model refuses: it is said.
 *  5. Two threads against one: the candidate twice in each launch, so the machine cancels; on a
 * busy one the second thread has no core of its own, and that is said.
 *  4. On a busy machine a rate's upper bound is not claimed: what a neighbour took is not known.
 */
#include <math.h>

#include "base/error.h"
#include "measure/efficiency/latency.h"
#include "measure/efficiency/launches.h"
#include "measure/probed.h"
#include "measure/records.h"

static size_t best_of(const struct probe_batches *batches, int stream) {
  size_t best = 0;
  double most = -INFINITY;
  for (size_t k = 0; k < batches->n_sizes[stream]; k++) {
    double sum = 0;
    for (size_t l = 0; l < batches->n_launches; l++) {
      sum += log(batches->rate_per_s[stream][l][k]);
    }
    best = sum > most ? k : best;
    most = fmax(sum, most);
  }
  return best;
}

static void best_rates(const struct probe_batches *batches, int stream,
                       double rate[PROBE_ROUNDS_MOST]) {
  size_t best = best_of(batches, stream);
  for (size_t i = 0; i < batches->n_launches; i++) {
    rate[i] = batches->rate_per_s[stream][i][best];
  }
}

static void note_batches(struct view *view, int stream) {
  const struct probe_batches *batches = &view->answers->batches;
  size_t n = batches->n_sizes[stream], best = best_of(batches, stream);
  view_note(view, "best with %zu rows a call; %zu sizes up to %zu were tried, one thread",
            batches->size[stream][best], n, batches->size[stream][n - 1]); /* 3 */
  launches_note_load(view, batches->run_queue, batches->steal);            /* 4 */
  if (batches->n_failed > 0) {
    view_note(view, "%zu launches did not answer: %s", batches->n_failed, batches->failure);
  }
}

static nonet_status throughput_estimate(const struct measure *measure,
                                        const struct measure_variant *variant, struct view *view,
                                        int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  if (probed_stream(measure, view, stream, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_batches *batches = &view->answers->batches;
  double rate[PROBE_ROUNDS_MOST];
  best_rates(batches, stream, rate);
  launches_geometric(measure, view, rate, batches->n_launches, out);
  note_batches(view, stream);
  return NONET_OK;
}

static nonet_status throughput_compare(const struct measure *measure,
                                       const struct measure_variant *variant, struct view *view,
                                       struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  if (probed_stream(measure, view, STREAM_A, out) == NULL ||
      probed_stream(measure, view, STREAM_B, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_batches *batches = &view->answers->batches;
  double rate[N_STREAMS][PROBE_ROUNDS_MOST];
  for (int s = 0; s < N_STREAMS; s++) {
    best_rates(batches, s, rate[s]);
  }
  launches_ratio(measure, view, rate[STREAM_A], rate[STREAM_B], batches->n_launches, false, out);
  return NONET_OK;
}

static nonet_status curve_draw(const struct measure *measure, struct view *view, int stream,
                               struct measure_curve *out, nonet_error *error) {
  struct inference missing, law;
  *out = (struct measure_curve){.method = "t over launches, one size at a time"};
  if (probed_stream(measure, view, stream, &missing) == NULL) {
    out->reason = missing.reason;
    return NONET_OK;
  }
  const struct probe_batches *batches = &view->answers->batches;
  size_t n = batches->n_sizes[stream];
  double *block = view_arena(view, 4 * PROBE_BATCH_SIZES, sizeof *block);
  if (block == NULL) {
    return error_memory(error, 4 * PROBE_BATCH_SIZES * sizeof *block, "the points of a curve");
  }
  double *x = block, *y = x + n, *low = y + n, *high = low + n;
  for (size_t k = 0; k < n; k++) {
    double rate[PROBE_ROUNDS_MOST];
    for (size_t i = 0; i < batches->n_launches; i++) {
      rate[i] = batches->rate_per_s[stream][i][k];
    }
    launches_geometric(measure, view, rate, batches->n_launches, &law);
    x[k] = (double)batches->size[stream][k];
    y[k] = law.value;
    inference_bounds(&law, view->options->level, &low[k], &high[k]); /* 1: NaN */
  }
  view->n_notes = 0;
  note_batches(view, stream);
  *out = (struct measure_curve){n, x, y, low, high, out->method, NULL, NULL};
  return NONET_OK;
}

/* 5. */
static nonet_status thread_draw(const struct measure *measure, struct view *view, int stream,
                                struct measure_curve *out, nonet_error *error) {
  struct inference missing, law;
  *out = (struct measure_curve){.method = "t over launches, one size at a time"};
  if (probed_stream(measure, view, stream, &missing) == NULL) {
    out->reason = missing.reason;
    return NONET_OK;
  }
  const struct probe_batches *threads = &view->answers->threads;
  size_t n_one = threads->n_sizes[STREAM_A], n_two = threads->n_sizes[STREAM_B];
  size_t n = n_one < n_two ? n_one : n_two;
  double *block = view_arena(view, 4 * PROBE_BATCH_SIZES, sizeof *block);
  if (block == NULL) {
    return error_memory(error, 4 * PROBE_BATCH_SIZES * sizeof *block, "the points of a curve");
  }
  double *x = block, *y = x + n, *low = y + n, *high = low + n;
  for (size_t k = 0; k < n; k++) {
    double gain[PROBE_ROUNDS_MOST];
    for (size_t i = 0; i < threads->n_launches; i++) {
      gain[i] = threads->rate_per_s[STREAM_B][i][k] / threads->rate_per_s[STREAM_A][i][k];
    }
    launches_geometric(measure, view, gain, threads->n_launches, &law);
    x[k] = (double)threads->size[STREAM_A][k];
    y[k] = law.value;
    inference_bounds(&law, view->options->level, &low[k], &high[k]);
  }
  view->n_notes = 0;
  view_note(view, "%zu launches with both; two threads wait for work as the runtime has them wait",
            threads->n_launches);
  launches_note_load(view, threads->run_queue, threads->steal);
  *out = (struct measure_curve){n, x, y, low, high, out->method, NULL, NULL};
  return NONET_OK;
}

const struct measure efficiency_throughput = {
    .id = "efficiency.throughput",
    .attribute = ATTRIBUTE_EFFICIENCY,
    .title = "Throughput",
    .definition = "Rows answered in a second at the best size of batch among 1, 2, 4 … 512, with "
                  "one thread and the model already warm.",
    .formula = "largest over sizes of exp(mean log rate over launches); difference: "
               "exp(mean log a) - exp(mean log b), each at its own size",
    .source = "interval: t over launches at that size",
    .unit = "rows/s",
    .direction = DIRECTION_HIGHER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_BATCHES),
    .cost = COST_SCAN,
    .interval = "blocks",
    .interval_weighted = "none: launches carry no weight",
    .estimate = throughput_estimate,
    .compare = throughput_compare,
};

const struct measure efficiency_batch_curve = {
    .id = "efficiency.batch_curve",
    .attribute = ATTRIBUTE_EFFICIENCY,
    .title = "Throughput by size of batch",
    .definition = "Rows answered in a second with 1, 2, 4 … 512 rows in a call.",
    .formula = "exp(mean log rate) over launches, size by size",
    .source = "interval: t over launches",
    .unit = "rows/s",
    .direction = DIRECTION_HIGHER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_BATCHES),
    .cost = COST_SCAN,
    .interval = "blocks",
    .interval_weighted = "none: launches carry no weight",
    .axis_x = "rows in a call",
    .axis_y = "rows a second",
    .never_gated = true,
    .draw = curve_draw,
};

const struct measure efficiency_thread_curve = {
    .id = "efficiency.thread_curve",
    .attribute = ATTRIBUTE_EFFICIENCY,
    .title = "Two threads inside the model against one",
    .definition =
        "Rows answered in a second with two threads inside the model over those with one, "
        "with 1, 2, 4 … 512 rows in a call; of the candidate.",
    .formula = "exp(mean log(rate with two / rate with one)) over launches, size by size",
    .source = "interval: t over launches",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_THREADS),
    .cost = COST_SCAN,
    .interval = "blocks",
    .interval_weighted = "none: launches carry no weight",
    .axis_x = "rows in a call",
    .axis_y = "rate with two threads over rate with one",
    .never_gated = true,
    .draw = thread_draw,
};
