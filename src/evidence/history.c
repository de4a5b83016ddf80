/*
 * History: one measure over the runs of one data source, and which changes are more than noise.
 *
 * A change is marked when the interval of the difference excludes 0, not when two intervals fail to
 * overlap (judgement.md §6: two 95 % intervals may overlap while their difference is proven).
 *
 * Cases:
 *  1. The later run measured the earlier candidate (same hash) as its baseline on the same rows
 *     (same hash): its own paired difference is the interval of the change.
 *  2. Else from both intervals, taken as independent: MOVER, which keeps their asymmetry and is the
 *     root of the summed squared standard errors where they are symmetric,
 *       low = d − √((θ₂ − l₂)² + (u₁ − θ₁)²), high = d + √((u₂ − θ₂)² + (θ₁ − l₁)²),
 *     1 before, 2 now (Zou and Donner 2008, Statistics in Medicine 27, 1693–1702). Runs on shared
 *     rows are positively correlated, so this marks too late rather than too early.
 *  3. No interval on one side, or two levels: no change is stated.
 *  4. Exact values have intervals of no width: any change is marked.
 */
#include "evidence/history.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"

static bool is_same(const char *a, const char *b) {
  return a[0] != '\0' && strcmp(a, b) == 0;
}

struct history_change history_change_between(const struct store_point *before,
                                             const struct store_point *now) {
  struct history_change change = {NAN, NAN, NAN, NULL, false};
  bool is_paired = is_same(now->baseline, before->candidate) && is_same(now->data, before->data) &&
                   isfinite(now->change_low) && isfinite(now->change_high);
  if (is_paired) { /* case 1 */
    change =
        (struct history_change){now->change, now->change_low, now->change_high, "paired", false};
  } else if (isfinite(before->low) && isfinite(before->high) && isfinite(now->low) &&
             isfinite(now->high) && before->level == now->level) { /* case 2 */
    double difference = now->value - before->value;
    change = (struct history_change){
        difference, difference - hypot(now->value - now->low, before->high - before->value),
        difference + hypot(now->high - now->value, before->value - before->low), "mover", false};
  }
  change.excludes_0 = change.low > 0.0 || change.high < 0.0;
  return change;
}

/* ---- documents ---- */

static json_t *document(const struct store *store) {
  const char *path = store_path(store);
  return path == NULL ? json_pack("{s:s, s:n}", "schema", "nonet/history/1", "store")
                      : json_pack("{s:s, s:s}", "schema", "nonet/history/1", "store", path);
}

static bool push(json_t *array, json_t *value) {
  return value != NULL && json_array_append_new(array, value) == 0;
}

static json_t *text_or_null(const char *text) {
  return text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *count_json(double n) {
  bool is_whole = isfinite(n) && n == floor(n) && fabs(n) < 9007199254740992.0;
  return is_whole ? json_integer((json_int_t)n) : json_text_real(n);
}

static nonet_status finish(json_t *root, bool is_whole, json_t **made, nonet_error *error) {
  if (!is_whole) {
    json_decref(root);
    return error_memory(error, 0, "the history");
  }
  *made = root;
  return NONET_OK;
}

nonet_status history_runs(struct store *store, json_t **root, nonet_error *error) {
  struct store_runs runs;
  *root = NULL;
  nonet_status status = store_list(store, &runs, error);
  if (status != NONET_OK) {
    return status;
  }
  json_t *made = document(store), *list = json_array();
  bool is_whole = made != NULL && list != NULL;
  for (size_t i = 0; i < runs.n && is_whole; i++) {
    const struct store_run *run = &runs.run[i];
    is_whole = push(
        list,
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:s}", "id", run->id, "started",
                  run->started, "command", run->command, "verdict", run->verdict, "context",
                  text_or_null(run->context), "context_version",
                  run->context_version > 0 ? json_integer(run->context_version) : json_null(),
                  "candidate", text_or_null(run->candidate), "source", text_or_null(run->source),
                  "n_rows", (json_int_t)run->n_rows, "digest", run->digest));
  }
  is_whole = json_object_set_new(made, "runs", list) == 0 && is_whole;
  store_runs_clear(&runs);
  return finish(made, is_whole, root, error);
}

static json_t *change_json(const struct store_point *before, const struct store_point *now) {
  struct history_change change;
  if (before == NULL) {
    return json_null();
  }
  change = history_change_between(before, now);
  return change.method == NULL
             ? json_null()
             : json_pack("{s:o, s:o, s:o, s:s, s:b}", "difference",
                         json_text_real(change.difference), "low", json_text_real(change.low),
                         "high", json_text_real(change.high), "method", change.method, "excludes_0",
                         change.excludes_0);
}

static json_t *point_json(const struct store_point *before, const struct store_point *now) {
  return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "run", now->id,
                   "started", now->started, "verdict", now->verdict, "candidate",
                   text_or_null(now->candidate), "data", text_or_null(now->data), "value",
                   json_text_real(now->value), "low", json_text_real(now->low), "high",
                   json_text_real(now->high), "level", json_text_real(now->level), "n",
                   count_json(now->n), "change", change_json(before, now));
}

nonet_status history_series(struct store *store, const char *measure, json_t **root,
                            nonet_error *error) {
  struct store_series series;
  json_t *points = NULL;
  *root = NULL;
  nonet_status status = store_series(store, measure, &series, error);
  if (status != NONET_OK) {
    return status;
  }
  json_t *made = document(store), *list = json_array();
  bool is_whole = made != NULL && list != NULL &&
                  json_object_set_new(made, "measure", json_string(measure)) == 0;
  for (size_t i = 0; i < series.n && is_whole; i++) {
    const struct store_point *point = &series.point[i];
    const struct store_point *before = i > 0 ? &series.point[i - 1] : NULL;
    if (before == NULL || strcmp(before->source, point->source) != 0) {
      before = NULL;
      points = json_array();
      is_whole = push(
          list, json_pack("{s:o, s:o}", "source", text_or_null(point->source), "points", points));
    }
    is_whole = is_whole && push(points, point_json(before, point));
  }
  is_whole = json_object_set_new(made, "series", list) == 0 && is_whole;
  store_series_clear(&series);
  return finish(made, is_whole, root, error);
}
