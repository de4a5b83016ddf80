/*
 * Fresh processes that open one model each: how long until it answers, and what it holds.
 *
 *   of one model   the median of n starts; bounds are order statistics (10 starts: the 2nd and 9th)
 *   of the pair    one start of each model is a round: t over the rounds' log ratios (launches.c)
 *
 * Cases:
 *  1. Fewer than 10 starts: a value without an interval; a difference must not be taken from them.
 *  2. Memory is counted in pages: all starts alike is an answer, not a clock that stands still.
 *  3. What is resident includes the helper, its libraries and the rows; what it held before the
 * model was opened is a note, not taken off.
 *  4. Rounds that failed, and a busy machine, are notes.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "measure/efficiency/latency.h"
#include "measure/efficiency/launches.h"
#include "measure/probed.h"
#include "measure/records.h"
#include "stats/interval.h"
#include "stats/sortkey.h"

enum start_value { START_COLD, START_OPEN, START_WARM_UP, START_LOAD_MEMORY, START_PEAK_MEMORY };

static bool is_memory(const struct measure *measure) {
  return measure->function == START_LOAD_MEMORY || measure->function == START_PEAK_MEMORY;
}

static double value_of(const struct measure *measure, const struct probe_start *start) {
  switch ((enum start_value)measure->function) {
  case START_COLD:
    return start->cold_ns * LAUNCHES_MS_PER_NS;
  case START_OPEN:
    return start->open_ns * LAUNCHES_MS_PER_NS;
  case START_WARM_UP:
    return start->warm_up;
  case START_LOAD_MEMORY:
    return start->load_bytes;
  case START_PEAK_MEMORY:
    break;
  }
  return start->peak_bytes;
}

struct start_law {
  const double *sorted;
  size_t n;
};

static void start_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct start_law *starts = law->context;
  struct interval_ranks ranks = interval_quantile_ranks(starts->n, 0.5, level);
  *low = ranks.low >= 1 ? starts->sorted[ranks.low - 1] : law->null_low;
  *high = ranks.high <= starts->n ? starts->sorted[ranks.high - 1] : law->null_high;
}

static void note_starts(const struct measure *measure, struct view *view, int stream) {
  const struct probe_starts *starts = &view->answers->starts;
  if (is_memory(measure)) { /* 3 */
    view_note(view,
              "of the process that opens this model alone; it held %s bytes before; largest batch "
              "%s rows",
              view_count(view, starts->start[stream][0].bare_bytes),
              view_count(view, (double)starts->n_rows));
  } else {
    view_note(view, "%zu fresh process%s, this model alone, one thread", starts->n,
              starts->n == 1 ? "" : "es");
  }
  launches_note_load(view, starts->run_queue, starts->steal); /* 4 */
  if (starts->n_failed > 0) {
    view_note(view, "%zu rounds were given up: %s", starts->n_failed, starts->failure);
  }
}

static nonet_status start_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, stream, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_starts *starts = &view->answers->starts;
  struct start_law *law = view_arena(view, 1, sizeof *law);
  double *sorted = view_arena(view, PROBE_ROUNDS_MOST, sizeof *sorted);
  uint64_t keys[PROBE_ROUNDS_MOST];
  if (law == NULL || sorted == NULL) {
    return error_memory(error, PROBE_ROUNDS_MOST * sizeof *sorted, "starts in order");
  }
  for (size_t i = 0; i < starts->n; i++) {
    keys[i] = sortkey_f64(value_of(measure, &starts->start[stream][i]));
  }
  nonet_status status = sortkey_sort_u64(keys, starts->n, 1, error);
  for (size_t i = 0; i < starts->n; i++) {
    sorted[i] = sortkey_f64_value(keys[i]);
  }
  double value = interval_quantile7(sorted, starts->n, 0.5);
  note_starts(measure, view, stream);
  view->n = view->n_effective = (double)starts->n;
  if (starts->n < LATENCY_LAUNCHES) { /* 1 */
    law_no_interval(view, measure, value, out, "no interval: it takes %d starts, there are %zu",
                    LATENCY_LAUNCHES, starts->n);
    return status;
  }
  *law = (struct start_law){sorted, starts->n};
  *out = law_start(measure, INFERENCE_LIMITS, NULL, false);
  out->value = value;
  out->bounds = start_bounds;
  out->context = law;
  return status;
}

static nonet_status start_compare(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  if (probed_stream(measure, view, STREAM_A, out) == NULL ||
      probed_stream(measure, view, STREAM_B, out) == NULL) {
    return NONET_OK;
  }
  const struct probe_starts *starts = &view->answers->starts;
  double value[N_STREAMS][PROBE_ROUNDS_MOST];
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t i = 0; i < starts->n; i++) {
      value[s][i] = value_of(measure, &starts->start[s][i]);
    }
  }
  launches_ratio(measure, view, value[STREAM_A], value[STREAM_B], starts->n, is_memory(measure),
                 out); /* 2 */
  return NONET_OK;
}

#define START_RECORD(name, which, words, what, in_unit)                                            \
  const struct measure efficiency_##name = {                                                       \
      .id = "efficiency." #name,                                                                   \
      .attribute = ATTRIBUTE_EFFICIENCY,                                                           \
      .title = words,                                                                              \
      .definition = what,                                                                          \
      .formula =                                                                                   \
          "median over fresh processes; difference: exp(mean log a) - exp(mean log b) over "       \
          "rounds of one start each",                                                              \
      .source = "interval: order statistics of the median (Hyndman & Fan 1996); pair: t over "     \
                "rounds",                                                                          \
      .unit = in_unit,                                                                             \
      .direction = DIRECTION_LOWER,                                                                \
      .range = {0, INFINITY},                                                                      \
      .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,                                       \
      .scopes = IN_ALL,                                                                            \
      .probes = PROBE_BIT(PROBE_STARTS),                                                           \
      .cost = COST_SORT,                                                                           \
      .interval = "order",                                                                         \
      .interval_weighted = "none: processes carry no weight",                                      \
      .function = which,                                                                           \
      .estimate = start_estimate,                                                                  \
      .compare = start_compare,                                                                    \
  };

START_RECORD(cold_start, START_COLD, "Cold start",
             "Time from starting a fresh process to the first answer of a single row: the process "
             "itself, reading the rows, opening the model, one request.",
             "ms")
START_RECORD(load_time, START_OPEN, "Load time",
             "Time to open the model and bind it to the table's columns, in a fresh process.", "ms")
START_RECORD(warm_up, START_WARM_UP, "Warm-up",
             "Requests of a single row until the median of ten is not below .95 of that of the ten "
             "before, three times running: the model no longer gets faster.",
             "requests")
START_RECORD(load_memory, START_LOAD_MEMORY, "Memory when loaded",
             "Most memory that was resident in a process that did nothing but open the model.",
             "bytes")
START_RECORD(peak_memory, START_PEAK_MEMORY, "Peak memory",
             "Most memory that was resident in a process that opened the model, answered single "
             "rows until it was warm, and then up to 1,000 rows at once.",
             "bytes")
