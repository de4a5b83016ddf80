/*
 * Rules of the place where a model will live: how to ask it, and what that place needs.
 *
 * Formulas:
 *  1. A row in a call of n costs 1/rate(n) s, a call n/rate(n) s; the lower end of the rate's
 * interval makes the call the longest that is credible. A batch is worth naming when the interval
 * of its rate lies above that of single rows, and a row costs at most two thirds.
 *  2. The deadline is the strictest requirement on a latency; a batch must stay within it. Without
 *     one, the time of a call is said and left to the reader.
 *  3. Two threads inside the model, by the size of the call: slower where the interval of the gain
 *     lies below 1 and faster nowhere, on a machine where no task waited for a core (else it was
 * the neighbour who had the second); worth their core where it lies above TWO_WORTH. Both times at
 * the size where that is clearest: the upper end furthest below 1, the lower end highest.
 *  4. Where a latency is judged and no requirement names a deadline, slower than fast enough and
 *     faster than needed look alike.
 */
#include <math.h>
#include <string.h>

#include "advise/facts.h"
#include "advise/rules.h"

#define WORTH (2.0 / 3.0)
#define TWO_WORTH 1.2

/* Formula 2, in ms; NaN: there is none. */
static double deadline_ms(const json_t *root) {
  const json_t *rows = json_object_get(root, "judgements");
  double least = NAN;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strncmp(facts_text(row, "measure"), "efficiency.latency_", 19) == 0 &&
        strcmp(facts_text(row, "kind"), "requirement") == 0) {
      least = fmin(least, facts_number(row, "threshold"));
    }
  }
  return least;
}

static const json_t *candidate_curve(const json_t *root, const char *measure) {
  const json_t *rows = json_object_get(root, "curves");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "measure"), measure) == 0 &&
        strcmp(facts_text(row, "role"), "candidate") == 0) {
      return row;
    }
  }
  return NULL;
}

static double point(const json_t *curve, const char *key, size_t i) {
  const json_t *value = json_array_get(json_object_get(curve, key), i);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

bool rule_batch(const json_t *root, struct advice *advice) {
  const json_t *curve = candidate_curve(root, "efficiency.batch_curve");
  const size_t n = json_array_size(json_object_get(curve, "x"));
  const double deadline = deadline_ms(root), single = point(curve, "y", 0);
  size_t best = 0;
  for (size_t i = 1; i < n; i++) { /* 1 */
    const bool is_in_time =
        isnan(deadline) || 1e3 * point(curve, "x", i) / point(curve, "low", i) <= deadline;
    if (is_in_time && point(curve, "low", i) > point(curve, "high", 0) &&
        single <= WORTH * point(curve, "y", i) && point(curve, "y", i) > point(curve, "y", best)) {
      best = i;
    }
  }
  if (best == 0) {
    return false;
  }
  const double rows = point(curve, "x", best), rate = point(curve, "y", best);
  text_printf(&advice->title, "Ask %.0f rows in a call where rows may wait for each other", rows);
  text_printf(&advice->why, "a row costs %.2g %% of what it costs alone, and a call takes %.3g ms",
              100.0 * single / rate, 1e3 * rows / rate);
  if (!isnan(deadline)) {
    text_printf(&advice->why, ", within the deadline of %.3g ms", deadline);
  }
  return true;
}

/* Formula 4. */
bool rule_deadline(const json_t *root, struct advice *advice) {
  const json_t *p99 = facts_estimate(root, "efficiency.latency_p99", "candidate"),
               *goodput = facts_estimate(root, "efficiency.goodput", "candidate"), *gate = NULL,
               *rows = json_object_get(root, "judgements");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "measure"), "efficiency.latency_p99") == 0) {
      gate = row;
    }
  }
  if (gate == NULL || !facts_is_check(root) || !isnan(deadline_ms(root)) ||
      !isfinite(facts_number(p99, "value")) || isfinite(facts_number(goodput, "value"))) {
    return false;
  }
  text_append(&advice->title, "Write the deadline into nonet.yaml: require: "
                              "[efficiency.latency_p99 <= 5ms], with your own number");
  text_printf(
      &advice->why,
      "p99 is %.3g ms and is judged against the baseline alone: nobody has said what is fast "
      "enough",
      facts_number(p99, "value"));
  return true;
}

/* Formula 3. */
bool rule_threads(const json_t *root, struct advice *advice) {
  const json_t *curve = candidate_curve(root, "efficiency.thread_curve");
  const size_t n = json_array_size(json_object_get(curve, "x"));
  const json_t *machine = json_object_get(json_object_get(root, "inputs"), "machine");
  const bool is_busy = facts_number(json_object_get(machine, "load"), "run_queue") >= 1;
  size_t slowest = n, best = n;
  for (size_t i = 0; i < n; i++) {
    const double low = point(curve, "low", i), high = point(curve, "high", i);
    if (high < 1 && !is_busy && (slowest == n || high < point(curve, "high", slowest))) {
      slowest = i;
    }
    if (low > TWO_WORTH && (best == n || low > point(curve, "low", best))) {
      best = i;
    }
  }
  const size_t at = best < n ? best : slowest;
  if (at == n) {
    return false;
  }
  const double rows = point(curve, "x", at);
  if (best < n) {
    text_printf(&advice->title, "Give the model two threads where calls have about %.0f rows",
                rows);
  } else {
    text_append(&advice->title, "Leave one thread inside the model (intra-op 1): two are slower");
  }
  text_printf(&advice->why,
              "with %.0f row%s in a call, two threads answer %.3g times as many rows a "
              "second as one (%.3g to %.3g)",
              rows, rows == 1 ? "" : "s", point(curve, "y", at), point(curve, "low", at),
              point(curve, "high", at));
  if (best < n && slowest < n) {
    text_printf(&advice->why, "; with %.0f, only %.3g times", point(curve, "x", slowest),
                point(curve, "y", slowest));
  }
  return true;
}

bool rule_newer_runtime(const json_t *root, struct advice *advice) {
  const json_t *rows = json_object_get(root, "findings");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "id"), "deployability.opset_range") == 0) {
      text_append(&advice->title, "Bring the runtime up to the model, or export the model to an "
                                  "older opset");
      text_append(&advice->why, facts_text(row, "evidence"));
      return true;
    }
  }
  return false;
}
