/*
 * The view of fairness.
 *
 * First what decides: the gates and requirements of the attribute with their states, or that there
 * is none. Then, column by column, the groups side by side (rates with their intervals, drawn as
 * dots by the script from this table), the gaps with the two groups they lie between, and which
 * groups are too small to judge with what they need.
 *
 * Cases:
 *  1. The rates are those behind the gaps, as far as they were measured by group: chosen, found,
 *     wrongly chosen, right when chosen; else accuracy, AUC, errors. RATES_MOST of them fit.
 *  2. Groups of the column alone; intersections stand in the folds below.
 *  3. The first note of a gap says between which groups it lies; of a gap that is null, why it is.
 *  4. A page that has grown beyond its limit lists no more groups.
 */
#include "report/html_fairness.h"

#include <string.h>

#include "report/html_row.h"
#include "report/outstanding.h"
#include "report/page.h"
#include "report/words.h"

#define RATES_MOST 4
#define GROUPS_MOST 100

static const char *const rates[] = {
    "fairness.selection_rate", "correctness.recall", "correctness.fpr",  "correctness.precision",
    "correctness.accuracy",    "correctness.auc",    "correctness.mae",  "correctness.bias",
    "correctness.rmse",        "correctness.r2",     "correctness.brier"};

bool html_fairness_has(const json_t *row) {
  return strcmp(page_string(row, "attribute"), "fairness") == 0 &&
         strcmp(page_string(json_object_get(row, "scope"), "kind"), "column") == 0;
}

static bool is_over(const json_t *row, const char *column) {
  return strcmp(page_string(json_object_get(row, "scope"), "column"), column) == 0;
}

/* ---- what decides ---- */

static void render_chip(struct html *html, const json_t *gate) {
  struct text state = {0};
  words_gate_state(&state, gate);
  html_raw(html, "<span class=\"chip %s\">", html_tone(words_tone(page_string(gate, "state"))));
  html_take(html, &state);
  html_raw(html, "</span>");
}

static void render_deciders(struct html *html) {
  json_t *gates = words_gates(html->root);
  size_t n = 0;
  html->text->failed = html->text->failed || gates == NULL;
  for (size_t i = 0; i < json_array_size(gates); i++) {
    const json_t *gate = json_array_get(gates, i);
    struct text name = {0};
    if (strncmp(page_string(gate, "measure"), "fairness.", 9) != 0) {
      continue;
    }
    html_raw(html, n++ == 0 ? "<h3>What decides</h3><ul class=findings>\n<li>" : "<li>");
    render_chip(html, gate);
    html_raw(html, " <code>");
    words_gate_name(&name, gate);
    html_take(html, &name);
    html_raw(html, "</code> ");
    html_text(html, words_state_meaning(page_string(gate, "state")));
    html_raw(html, "</li>\n");
  }
  if (n > 0) {
    html_raw(html, "</ul>\n");
  } else {
    html_raw(html, "<p class=lead>Nothing here decides: no gate and no requirement speaks of "
                   "fairness.</p>\n");
  }
  json_decref(gates);
}

/* ---- the groups of a column ---- */

/* Case 2: the name of its group, else NULL; "null" for a missing value. */
static const char *group_of(const json_t *row, const char *column) {
  const json_t *scope = json_object_get(row, "scope"), *by = json_object_get(scope, "by"),
               *value = json_object_get(by, column);
  if (strcmp(page_string(scope, "kind"), "group") != 0 || json_object_size(by) != 1 ||
      value == NULL || json_object_get(scope, "class") != NULL ||
      strcmp(page_string(row, "role"), "candidate") != 0) {
    return NULL;
  }
  return json_is_string(value) ? json_string_value(value) : "null";
}

static bool is_rate_there(const json_t *root, const char *measure, const char *column) {
  const json_t *rows = json_object_get(root, "estimates");
  bool found = false;
  for (size_t i = 0; i < json_array_size(rows) && !found; i++) {
    const json_t *row = json_array_get(rows, i);
    found = strcmp(page_string(row, "measure"), measure) == 0 && group_of(row, column) != NULL;
  }
  return found;
}

/* Case 1. */
static size_t choose_rates(const json_t *root, const char *column, const char *chosen[RATES_MOST]) {
  size_t n = 0;
  for (size_t r = 0; r < sizeof rates / sizeof *rates && n < RATES_MOST; r++) {
    if (is_rate_there(root, rates[r], column)) {
      chosen[n++] = rates[r];
    }
  }
  return n;
}

static void open_rates(struct html *html, const char *column, const char *const *chosen, size_t n) {
  html_raw(html, "<figure class=chart data-chart=rates data-title=\"Rates by ");
  html_text(html, column);
  html_raw(html,
           "\"></figure>\n<table class=\"estimates rates\"><caption class=hidden>Rates of the "
           "candidate by group</caption><thead><tr><th scope=col>Group</th>"
           "<th scope=col class=num>Rows</th>");
  for (size_t r = 0; r < n; r++) {
    html_raw(html, "<th scope=col class=num>");
    html_text(html, html_title(html, chosen[r]));
    html_raw(html, "</th>");
  }
  html_raw(html, "</tr></thead><tbody>\n");
}

/* The rows of a group: those of the rate that counts all of them is the largest n. */
static double rows_of(struct html *html, const json_t *scope, const char *const *chosen, size_t n) {
  double most = -1.0;
  for (size_t r = 0; r < n; r++) {
    const double count = page_number(html_estimate(html, chosen[r], "candidate", scope), "n");
    most = count > most ? count : most;
  }
  return most;
}

static void render_group(struct html *html, const json_t *row, const char *group,
                         const char *const *chosen, size_t n) {
  const json_t *scope = json_object_get(row, "scope");
  html_raw(html, "<tr><th scope=row><bdi>");
  html_text(html, group);
  html_raw(html, "</bdi></th><td class=num data-label=Rows>");
  html_count(html, rows_of(html, scope, chosen, n));
  html_raw(html, "</td>");
  for (size_t r = 0; r < n; r++) {
    html_raw(html, "<td class=num data-rate data-label=\"");
    html_text(html, html_title(html, chosen[r]));
    html_raw(html, "\">");
    html_interval(html, html_estimate(html, chosen[r], "candidate", scope));
    html_raw(html, "</td>");
  }
  html_raw(html, "</tr>\n");
}

static void render_rates(struct html *html, const char *column, size_t most_bytes) {
  const json_t *rows = json_object_get(html->root, "estimates");
  const char *chosen[RATES_MOST];
  const size_t n = choose_rates(html->root, column, chosen);
  size_t n_groups = 0, n_left = 0;
  for (size_t i = 0; i < json_array_size(rows) && n > 0; i++) {
    const json_t *row = json_array_get(rows, i);
    const char *group = group_of(row, column);
    if (group == NULL || strcmp(page_string(row, "measure"), chosen[0]) != 0) {
      continue;
    }
    if (n_groups == 0) {
      open_rates(html, column, chosen, n);
    }
    if (n_groups++ < GROUPS_MOST && html->text->length < most_bytes) { /* case 4 */
      render_group(html, row, group, chosen, n);
    } else {
      n_left++;
    }
  }
  html_raw(html, n_groups > 0 ? "</tbody></table>\n" : "");
  if (n_left > 0) {
    html_raw(html, "<p class=note>%zu more groups are in the JSON: the page is kept small.</p>\n",
             n_left);
  }
}

/* ---- the gaps of a column ---- */

static const json_t *gate_of(const json_t *root, const json_t *row) {
  const json_t *gates = json_object_get(root, "judgements"), *found = NULL;
  for (size_t i = 0; i < json_array_size(gates) && found == NULL; i++) {
    const json_t *gate = json_array_get(gates, i);
    if (strcmp(page_string(gate, "measure"), page_string(row, "measure")) == 0 &&
        json_equal(json_object_get(gate, "scope"), json_object_get(row, "scope"))) {
      found = gate;
    }
  }
  return found;
}

static void render_gap(struct html *html, const json_t *row) {
  const struct html_trio trio = html_row_trio(html, row);
  const char *note = json_string_value(json_array_get(json_object_get(row, "notes"), 0));
  const json_t *gate = gate_of(html->root, row);
  html_raw(html, "<tr>");
  html_row(html, &trio);
  html_raw(html, "<td class=between data-label=Between>");
  html_text(html, note == NULL ? "" : note); /* case 3 */
  if (gate != NULL) {
    html_raw(html, " ");
    render_chip(html, gate);
  }
  html_raw(html, "</td></tr>\n");
}

static void render_gaps(struct html *html, const char *column) {
  const json_t *rows = json_object_get(html->overall, "estimates");
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (html_fairness_has(row) && is_over(row, column) &&
        strcmp(page_string(row, "role"), "candidate") == 0) {
      if (n++ == 0) {
        html_row_open(html, "Gap", "Gaps between the groups", "Between");
      }
      render_gap(html, row);
    }
  }
  html_raw(html, n > 0 ? "</tbody></table>\n" : "");
}

static void render_too_small(struct html *html, const char *column) {
  json_t *notes = outstanding_too_small(html->overall, column);
  html->text->failed = html->text->failed || notes == NULL;
  for (size_t i = 0; i < json_array_size(notes); i++) {
    html_raw(html, "<p class=small-groups><span class=\"chip open\">?</span> ");
    html_text(html, json_string_value(json_array_get(notes, i)));
    html_raw(html, "</p>\n");
  }
  json_decref(notes);
}

void html_fairness(struct html *html, size_t most_bytes) {
  json_t *columns = outstanding_columns(html->overall);
  html->text->failed = html->text->failed || columns == NULL;
  if (words_is_judged(html->root)) {
    render_deciders(html);
  }
  for (size_t i = 0; i < json_array_size(columns); i++) {
    const char *column = json_string_value(json_array_get(columns, i));
    html_raw(html, "<h3>Over <bdi>");
    html_text(html, column);
    html_raw(html, "</bdi></h3>\n");
    render_too_small(html, column);
    render_rates(html, column, most_bytes);
    render_gaps(html, column);
  }
  json_decref(columns);
}
