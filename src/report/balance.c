/*
 * The plain sentences below the head: how good the answers are, and how fast.
 *
 * Cases:
 *  1. How rare the positives are is said once: by the finding where there is one. With weights the
 *     finding counts rows, so the weighted share is said too.
 *  2. Several classes: how often it is right, and the class of which it finds least; a number: how
 *     far it is off.
 *  3. How fast, where that was measured: what a request takes, a cold start, the memory it wants.
 */
#include "report/balance.h"

#include <math.h>
#include <string.h>

#include "report/page.h"

static const json_t *config_of(const json_t *root) {
  return json_object_get(json_object_get(root, "inputs"), "config");
}

static const json_t *estimate_of(const json_t *root, const char *measure, const json_t *scope) {
  return page_estimate(root, measure, "candidate", scope);
}

static bool is_imbalance_found(const json_t *root) {
  const json_t *findings = json_object_get(root, "findings");
  bool found = false;
  for (size_t i = 0; i < json_array_size(findings) && !found; i++) {
    const json_t *finding = json_array_get(findings, i);
    found = strcmp(page_string(finding, "id"), "data.class_imbalance") == 0 &&
            strcmp(page_string(finding, "severity"), "info") != 0;
  }
  return found;
}

/* The class of which least is found; NULL: no classes. */
static const json_t *worst_class(const json_t *root) {
  const json_t *rows = json_object_get(root, "estimates"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(page_string(row, "measure"), "correctness.recall") == 0 &&
        strcmp(page_string(row, "role"), "candidate") == 0 &&
        strcmp(page_string(json_object_get(row, "scope"), "kind"), "class") == 0 &&
        isfinite(page_number(row, "value")) &&
        (found == NULL || page_number(row, "value") < page_number(found, "value"))) {
      found = row;
    }
  }
  return found;
}

/* Case 2. */
static void append_classes(struct text *text, const json_t *root) {
  const double accuracy = page_number(estimate_of(root, "correctness.accuracy", NULL), "value");
  const json_t *worst = worst_class(root);
  if (isfinite(accuracy) && worst != NULL) {
    text_printf(text, "The candidate is right in %.1f %%; of %s = %s it finds least, %.1f %%.",
                100.0 * accuracy, page_string(config_of(root), "label"),
                page_string(json_object_get(worst, "scope"), "class"),
                100.0 * page_number(worst, "value"));
  }
}

static void append_errors(struct text *text, const json_t *root) {
  const json_t *mae = estimate_of(root, "correctness.mae", NULL);
  const double r2 = page_number(estimate_of(root, "correctness.r2", NULL), "value");
  char off[32];
  if (isfinite(page_number(mae, "value"))) {
    page_value(off, page_number(mae, "value"), page_number(mae, "low"), page_number(mae, "high"),
               2);
    text_printf(text, "The candidate is off by %s on average", off);
    if (isfinite(r2)) {
      text_printf(text, " and explains %.0f %% of the variance of %s", 100.0 * fmax(r2, 0.0),
                  page_string(config_of(root), "label"));
    }
    text_append(text, ".");
  }
}

/* Case 1. */
static void append_share(struct text *text, const json_t *root, double share) {
  const json_t *config = config_of(root);
  const bool is_weighted = page_string(config, "weight")[0] != '\0';
  if (is_weighted || !is_imbalance_found(root)) {
    text_printf(text,
                "%.3g %% of the rows%s are %s = %s: always answering the more common class is "
                "right in %.1f %%.",
                100.0 * share, is_weighted ? ", by their weights," : "",
                page_string(config, "label"), page_string(config, "positive"),
                100.0 * fmax(share, 1.0 - share));
  }
}

/* Case 3. */
static void append_times(struct text *text, const json_t *root) {
  static const char id[] = "efficiency.latency_p99";
  const json_t *ours = page_estimate(root, id, "candidate", NULL),
               *theirs = page_estimate(root, id, "baseline", NULL);
  const char *unit = page_string(json_object_get(json_object_get(root, "measures"), id), "unit");
  const double start = page_number(estimate_of(root, "efficiency.cold_start", NULL), "value"),
               peak = page_number(estimate_of(root, "efficiency.peak_memory", NULL), "value");
  if (!isfinite(page_number(ours, "value"))) {
    return;
  }
  text_printf(text, "%sOf 100 requests 99 are answered within %.3g %s", text->length > 0 ? " " : "",
              page_number(ours, "value"), unit);
  if (isfinite(page_number(theirs, "value"))) {
    text_printf(text, " (baseline %.3g %s)", page_number(theirs, "value"), unit);
  }
  if (isfinite(start) && isfinite(peak)) {
    text_printf(text, "; from a cold start the first takes %.3g ms; %.3g MB at the peak", start,
                peak / 1e6);
  }
  text_append(text, ".");
}

void balance_say(struct text *text, const json_t *root) {
  double share = page_number(estimate_of(root, "correctness.prevalence", NULL), "value"),
         accuracy = page_number(estimate_of(root, "correctness.accuracy", NULL), "value"),
         recall = page_number(estimate_of(root, "correctness.recall", NULL), "value");
  if (!isfinite(share)) {
    append_classes(text, root);
    append_errors(text, root);
  } else {
    append_share(text, root, share);
  }
  if (isfinite(share) && isfinite(accuracy) && isfinite(recall)) {
    text_printf(text, "%sThe candidate is right in %.1f %% and finds %.1f %% of the positives.",
                text->length > 0 ? " " : "", 100.0 * accuracy, 100.0 * recall);
  }
  append_times(text, root);
}
