/*
 * What stands in the way, in a sentence: the verdict's own, else the first of the findings with its
 * evidence and two more by their titles, else rare positives and how loosely recall is known.
 *
 * Cases:
 *  1. Obstacles are findings that are more than information: what is critical, or a model that does
 *     not run; imbalance, which practitioners name as the main obstacle and which explains most
 *     others; the worse first; then what hurts the most critical of the attributes that are judged;
 *     then what is of the data.
 *  2. Two findings with one title are one; evidence of more than EVIDENCE_MOST bytes ends with a
 *     sentence before that.
 */
#include "report/obstacle.h"

#include <math.h>
#include <string.h>

#include "report/page.h"

#define EVIDENCE_MOST 260 /* bytes: three lines of a terminal */
#define RARE_SHARE 0.1    /* a class below a tenth of the rows is called rare */

static const json_t *estimate_of(const json_t *root, const char *measure, const json_t *scope) {
  return page_estimate(root, measure, "candidate", scope);
}

/* The most critical tier of what a finding hurts, by the gates of this run; far behind when none of
 * it is judged. */
static double tier_of(const json_t *root, const json_t *finding) {
  const json_t *gates = json_object_get(root, "judgements"),
               *hurts = json_object_get(finding, "hurts");
  double tier = 1000.0;
  for (size_t g = 0; g < json_array_size(gates); g++) {
    const json_t *gate = json_array_get(gates, g);
    const char *id = page_string(gate, "measure");
    for (size_t h = 0; h < json_array_size(hurts); h++) {
      const char *name = json_string_value(json_array_get(hurts, h));
      if (name != NULL && strncmp(id, name, strlen(name)) == 0 && id[strlen(name)] == '.' &&
          page_number(gate, "tier") < tier) {
        tier = page_number(gate, "tier");
      }
    }
  }
  return tier;
}

/* Case 1: the lower, the earlier. */
static double obstacle_order(const json_t *root, const json_t *finding) {
  static const char *const severities[] = {"critical", "", "error", "warning"};
  const char *severity = page_string(finding, "severity");
  size_t s = 0;
  while (s < 4 && strcmp(severities[s], severity) != 0) {
    s++;
  }
  if (strcmp(page_string(finding, "id"), "deployability.loads") == 0) {
    s = 0;
  } else if (s >= 2 && s < 4 && strcmp(page_string(finding, "id"), "data.class_imbalance") == 0) {
    s = 1;
  }
  const bool is_of_data = strcmp(page_string(finding, "attribute"), "data") == 0;
  return s < 4 ? 10000.0 * (double)s + tier_of(root, finding) + (is_of_data ? 0.0 : 0.5) : INFINITY;
}

/* Borrowed rows in a new array; NULL when memory is short. */
static json_t *obstacles(const json_t *root) {
  const json_t *findings = json_object_get(root, "findings");
  json_t *sorted = json_array();
  for (size_t i = 0; i < json_array_size(findings) && sorted != NULL; i++) {
    json_t *row = json_array_get(findings, i);
    const double order = obstacle_order(root, row);
    size_t at = json_array_size(sorted);
    while (at > 0 && obstacle_order(root, json_array_get(sorted, at - 1)) > order) {
      at--;
    }
    if (isfinite(order) && json_array_insert(sorted, at, row) != 0) {
      json_decref(sorted);
      sorted = NULL;
    }
  }
  return sorted;
}

static bool is_title_new(const json_t *rows, size_t i) {
  bool is_new = true;
  for (size_t k = 0; k < i && is_new; k++) {
    is_new = strcmp(page_string(json_array_get(rows, k), "title"),
                    page_string(json_array_get(rows, i), "title")) != 0;
  }
  return is_new;
}

/* As many of the sentences between "; " as fit, at least one. */
static size_t short_bytes(const char *evidence) {
  const char *cut = strlen(evidence) > EVIDENCE_MOST ? strstr(evidence, "; ") : NULL, *next = cut;
  while (next != NULL && next - evidence <= EVIDENCE_MOST) {
    cut = next;
    next = strstr(cut + 2, "; ");
  }
  return cut == NULL ? strlen(evidence) : (size_t)(cut - evidence);
}

/* The first with its evidence, two more by their titles. */
static void append_obstacles(struct text *text, const json_t *rows) {
  const json_t *first = json_array_get(rows, 0);
  size_t n = 0;
  const char *evidence = page_string(first, "evidence");
  text_printf(text, "%s: ", page_string(first, "title"));
  text_append_n(text, evidence, short_bytes(evidence));
  for (size_t i = 1; i < json_array_size(rows) && n < 2; i++) {
    if (is_title_new(rows, i)) {
      text_printf(text, "%s%s", n++ == 0 ? ". Then: " : "; ",
                  page_string(json_array_get(rows, i), "title"));
    }
  }
}

/* "378 of 9,000 rows are dead = 1 (4.2 %): recall is known to within 0.05" */
static void append_rare(struct text *text, const json_t *root) {
  const json_t *prevalence = estimate_of(root, "correctness.prevalence", NULL),
               *recall = estimate_of(root, "correctness.recall", NULL),
               *config = json_object_get(json_object_get(root, "inputs"), "config");
  double share = page_number(prevalence, "value"), n = page_number(prevalence, "n"),
         half = 0.5 * (page_number(recall, "high") - page_number(recall, "low"));
  char some[32], all[32];
  if (!(share < RARE_SHARE)) {
    return;
  }
  page_count(some, share * n);
  page_count(all, n);
  text_printf(text, "%s of %s rows are %s = %s (%.3g %%)", some, all, page_string(config, "label"),
              page_string(config, "positive"), 100.0 * share);
  if (isfinite(half)) {
    text_printf(text, ": recall is known to within %.2g", half);
  }
}

void obstacle_say(struct text *text, const json_t *root) {
  const char *stated = page_string(json_object_get(root, "verdict"), "obstacle");
  json_t *rows = obstacles(root);
  text->failed |= rows == NULL;
  if (stated[0] != '\0') {
    text_append(text, stated);
  } else if (json_array_size(rows) > 0) {
    append_obstacles(text, rows);
  } else {
    append_rare(text, root);
  }
  json_decref(rows);
}
