/*
 * Does the model run where it must, and does it say the same thing twice?
 *
 *   loads        1 when it opens, answers one row, a batch, and the sizes a fixed batch allows;
 * else 0 determinism  rows whose answers are the same bytes in every run / rows
 *
 * Cases:
 *  1. A model that does not open has failed everything after it; the runtime's first words are the
 * note.
 *  2. Other bytes with the same decision still count as changed: the largest difference and the
 * changed decisions are notes.
 */
#include "measure/probed.h"
#include "measure/records.h"

enum serving { SERVING_LOADS, SERVING_DETERMINISM };

static double loads_value(const struct probe_loads *loads, size_t *first_bad) {
  *first_bad = 0;
  while (*first_bad < loads->n_steps && loads->step[*first_bad].is_ok) {
    ++*first_bad;
  }
  return *first_bad == loads->n_steps && loads->n_steps > 0;
}

static void loads_notes(struct view *view, const struct probe_loads *loads, size_t first_bad) {
  if (first_bad < loads->n_steps) { /* 1 */
    const struct probe_load_step *step = &loads->step[first_bad];
    if (step->n_rows == 0) {
      view_note(view, "does not open: %s", step->error);
    } else {
      view_note(view, "opens, but does not answer %zu row%s: %s", step->n_rows,
                step->n_rows == 1 ? "" : "s", step->error);
    }
  }
}

static double same_value(const struct probe_determinism *found) {
  return 1 - (double)found->n_rows_changed / (double)found->n_rows;
}

static void same_notes(struct view *view, const struct probe_determinism *found) {
  view_note(view,
            "%zu runs over %s rows: %zu the same again, %zu other batch sizes, %zu at once, %zu in "
            "another order",
            found->n_runs, view_count(view, (double)found->n_rows), found->n_repeats,
            found->n_batch_sizes, found->n_threads, found->n_orders);
  if (found->n_rows_changed > 0) { /* 2 */
    view_note(view, "%zu rows change their bytes, by at most %.3g; %zu change their decision",
              found->n_rows_changed, found->largest_difference, found->n_labels_changed);
  }
}

static double value_of(const struct measure *measure, const struct probe_stream *found) {
  size_t first_bad;
  return measure->function == SERVING_LOADS ? loads_value(&found->loads, &first_bad)
                                            : same_value(&found->determinism);
}

static nonet_status serving_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_stream *found = probed_stream(measure, view, stream, out);
  if (found == NULL) {
    return NONET_OK;
  }
  bool is_loads = measure->function == SERVING_LOADS;
  probed_exact(measure, view, value_of(measure, found),
               is_loads ? (double)found->loads.n_steps : (double)found->determinism.n_rows, out);
  if (is_loads) {
    size_t first_bad;
    (void)loads_value(&found->loads, &first_bad);
    loads_notes(view, &found->loads, first_bad);
  } else {
    same_notes(view, &found->determinism);
  }
  return NONET_OK;
}

static nonet_status serving_compare(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  probed_exact_compare(measure, view, value_of, out);
  return NONET_OK;
}

const struct measure deployability_loads = {
    .id = "deployability.loads",
    .attribute = ATTRIBUTE_DEPLOYABILITY,
    .title = "Loads and answers",
    .definition = "1 when the model opens in its runtime and answers one row, a batch, and every "
                  "batch size it is fixed to; else 0.",
    .formula = "1 if every step succeeds, else 0",
    .source = "the runtime itself, in a process of its own",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_LOADS),
    .primary_of = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .cost = COST_SCAN,
    .interval = "exact",
    .interval_weighted = "exact",
    .function = SERVING_LOADS,
    .estimate = serving_estimate,
    .compare = serving_compare,
};

const struct measure deployability_determinism = {
    .id = "deployability.determinism",
    .attribute = ATTRIBUTE_DEPLOYABILITY,
    .title = "Determinism",
    .definition = "Share of rows whose answer is the same to the byte when asked again, in other "
                  "batch sizes, in another order, and by several threads at once.",
    .formula = "rows with the same bytes in every run / rows",
    .source = "the model's own answers compared",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_DETERMINISM),
    .cost = COST_SCAN,
    .interval = "exact",
    .interval_weighted = "exact",
    .function = SERVING_DETERMINISM,
    .estimate = serving_estimate,
    .compare = serving_compare,
};
