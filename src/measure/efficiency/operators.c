/*
 * Where the time of a request goes, by the runtime's own profile (probe/process/profile.h).
 *
 *   share   time inside operators / time of a request
 *   bars    the types of operators by time, then "runtime, between operators" (its run less its
 *           operators) and "around the runtime" (the request less its run: the row's values in, the
 *           answer out); together they are the request
 *
 * Cases:
 *  1. One launch, taken apart from the timed ones: keeping a profile costs time of its own, and so
 *     there is no interval. The requests have as many rows as it takes to make that cost small; how
 *     many they are, and how long one takes without the profile, is said.
 *  2. The runtime counts whole microseconds, cut: each call may take up to one more than it shows.
 *     How many calls there are is said; nothing is added.
 *  3. A difference of clocks below 0 is 0.
 */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "measure/law.h"
#include "measure/probed.h"
#include "measure/records.h"

#define OPERATORS_BARS (PROBE_OPERATORS + 2)
#define OPERATORS_TOLD 3
#define US_PER_NS 1e-3

/* "5,090", or "25.8" where parts of one tell. */
static const char *microseconds(struct view *view, double ns) {
  const double us = US_PER_NS * ns;
  return us >= 999.5 ? view_count(view, round(us)) : view_sentence(view, "%.3g", us);
}

static nonet_status share_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_stream *answers = probed_stream(measure, view, stream, out);
  if (answers == NULL) {
    return NONET_OK;
  }
  const struct probe_profile *found = &answers->profile;
  char told[3 * PROBE_TEXT_BYTES];
  int length = 0;
  for (size_t i = 0; i < found->n_types && i < OPERATORS_TOLD; i++) {
    length +=
        snprintf(told + length, sizeof told - (size_t)length, "%s%.40s %s µs", i == 0 ? "" : ", ",
                 found->type[i].name, microseconds(view, found->type[i].ns));
  }
  law_no_interval(view, measure, fmin(found->inside_ns / found->request_ns, 1), out,
                  "no interval: one launch of %s requests, with the profile on",
                  view_count(view, (double)found->n_requests));
  view_note(view, "a request of %s row%s takes %s µs, %s without the profile; of these: %s",
            view_count(view, (double)found->n_rows), found->n_rows == 1 ? "" : "s",
            microseconds(view, found->request_ns), microseconds(view, found->plain_ns), told);
  view_note(view,
            "%.3g calls of operators a request, each cut to whole microseconds; the costliest is "
            "the %.40s '%.60s'",
            found->calls, found->node_type, found->node.name); /* 2 */
  view->n = view->n_effective = (double)found->n_requests;
  return NONET_OK;
}

static nonet_status time_draw(const struct measure *measure, struct view *view, int stream,
                              struct measure_curve *out, nonet_error *error) {
  struct inference missing;
  *out = (struct measure_curve){.method = "the runtime's own profile, one launch"};
  const struct probe_stream *answers = probed_stream(measure, view, stream, &missing);
  if (answers == NULL) {
    out->reason = missing.reason;
    return NONET_OK;
  }
  const struct probe_profile *found = &answers->profile;
  double *x = view_arena(view, 2 * OPERATORS_BARS, sizeof *x);
  const char **labels = view_arena(view, OPERATORS_BARS, sizeof *labels);
  if (x == NULL || labels == NULL) {
    return error_memory(error, OPERATORS_BARS * (2 * sizeof *x + sizeof *labels), "bars");
  }
  double *y = x + OPERATORS_BARS;
  size_t n = 0;
  for (; n < found->n_types; n++) {
    labels[n] = found->type[n].name; /* the answers outlive the view */
    y[n] = US_PER_NS * found->type[n].ns;
  }
  labels[n] = "runtime, between operators";
  y[n++] = US_PER_NS * fmax(found->session_ns - found->inside_ns, 0); /* 3 */
  labels[n] = "around the runtime";
  y[n++] = US_PER_NS * fmax(found->request_ns - found->session_ns, 0);
  for (size_t i = 0; i < n; i++) {
    x[i] = (double)(i + 1);
  }
  view_note(view,
            "%s requests of %s row%s, one thread; with the profile on a request takes %s µs, "
            "without %s",
            view_count(view, (double)found->n_requests), view_count(view, (double)found->n_rows),
            found->n_rows == 1 ? "" : "s", microseconds(view, found->request_ns),
            microseconds(view, found->plain_ns));
  if (found->n_left_out > 0) {
    view_note(view, "%zu requests that were interrupted are left out", found->n_left_out);
  }
  if (found->n_types_all > found->n_types) {
    view_note(view, "other: %zu types of operators", found->n_types_all - found->n_types + 1);
  }
  view->n = view->n_effective = (double)found->n_requests;
  *out = (struct measure_curve){
      .n_points = n, .x = x, .y = y, .method = out->method, .labels = labels};
  return NONET_OK;
}

#define OPERATORS_COMMON                                                                           \
  .attribute = ATTRIBUTE_EFFICIENCY, .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,        \
  .scopes = IN_ALL, .probes = PROBE_BIT(PROBE_PROFILE), .cost = COST_SCAN,                         \
  .source = "the runtime's own profile (ONNX Runtime), in a launch of its own",                    \
  .direction = DIRECTION_NONE, .never_gated = true, .interval = "none",                            \
  .interval_weighted = "none: requests carry no weight"

const struct measure efficiency_operator_share = {
    .id = "efficiency.operator_share",
    .title = "Time inside operators",
    .definition = "Share of a request that is spent inside the model's operators; the rest is the "
                  "runtime between them, and feeding it. Requests have the fewest rows with which "
                  "keeping the profile costs at most a quarter.",
    .formula = "Σ time of operators / Σ time of requests, with the runtime's profile on",
    .unit = "",
    .range = {0, 1},
    .estimate = share_estimate,
    OPERATORS_COMMON,
};

const struct measure efficiency_operator_time = {
    .id = "efficiency.operator_time",
    .title = "Where the time goes",
    .definition = "What each type of operator takes of a request (rows as in operator_share), what "
                  "the runtime takes between them, and what is left around it.",
    .formula = "Σ time of the type's operators / requests, less what runs inside them; then run − "
               "Σ operators, request − run",
    .unit = "us",
    .range = {0, INFINITY},
    .axis_x = "place by time",
    .axis_y = "microseconds of a request",
    .draw = time_draw,
    OPERATORS_COMMON,
};
