/*
 * The terminal report.
 *
 * measure, merge, data: what was read; how rare the positive class is, in a plain sentence; what
 * stands out; the first three things to do; which class of which group is known, where one is rare;
 * every measure over all rows with its interval as a small bar, by attribute, primary first; groups
 * side by side; classes side by side; what else there is to do; what was skipped, by reason; notes
 * at the foot. compare: the verdict first (terminal_verdict.c), what to do, then the same tables
 * with both models, then what was found of the data.
 *
 * Cases: 1. a width under 60 is taken as 60  2. tables with a baseline show candidate, baseline and
 * difference  3. more than 24 groups: the first 24 and the number left out, which are in the
 * JSON  4. a row never grows beyond the width: bars go first, then intervals, which the JSON has; a
 * number is never cut.  5. A measure without a number for any role is no row of a table: it stands
 * among what was not measured, by its reason.
 */
#include "report/terminal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "report/balance.h"
#include "report/lookup.h"
#include "report/outstanding.h"
#include "report/page.h"
#include "report/terminal_data.h"
#include "report/terminal_gaps.h"
#include "report/terminal_selftest.h"
#include "report/terminal_slices.h"
#include "report/terminal_verdict.h"
#include "report/words.h"

#define CELL_COLUMNS 20
#define GROUPS_MOST 24
#define ACTIONS_FIRST 3 /* of a first screen */

static const json_t *config_of(const struct page *page) {
  return json_object_get(json_object_get(page->root, "inputs"), "config");
}

static const char *short_id(const char *id) {
  const char *dot = strchr(id, '.');
  return dot == NULL ? id : dot + 1;
}

static bool has_role(const struct page *page, const char *role) {
  const json_t *estimates = json_object_get(page->overall, "estimates");
  for (size_t i = 0; i < json_array_size(estimates); i++) {
    if (strcmp(page_string(json_array_get(estimates, i), "role"), role) == 0) {
      return true;
    }
  }
  return false;
}

static size_t group_columns(const struct page *page) {
  return page->style.columns < 90 ? 20 : 24;
}

static bool is_of_data(const struct page *page) {
  return strcmp(page_string(json_object_get(page->root, "run"), "command"), "data") == 0;
}

static void say_option(struct text *said, const json_t *config, const char *key) {
  if (page_string(config, key)[0] != '\0') {
    text_printf(said, " · %s: %s", key, page_string(config, key));
  }
}

static void render_source(struct page *page) {
  const json_t *data = json_array_get(
                   json_object_get(json_object_get(page->root, "inputs"), "data"), 0),
               *config = config_of(page);
  const json_t *left_out = json_object_get(data, "left_out");
  const char *command = page_string(json_object_get(page->root, "run"), "command");
  char rows[32], used[32];
  struct text said = {0};
  page_ink(page, INK_BOLD);
  text_printf(page->text, "nonet %s", command);
  page_ink(page, INK_PLAIN);
  page_count(rows, page_number(data, "rows"));
  page_count(used, page_number(data, "rows_used"));
  text_printf(&said, "  %s · %s%s%s rows", page_string(data, "source"), page_string(config, "task"),
              page_string(config, "task")[0] == '\0' ? "" : " · ", used);
  if (page_number(data, "rows") > page_number(data, "rows_used")) {
    text_printf(&said, " of %s", rows);
    if (json_is_object(left_out)) {
      char label[32], invalid[32];
      page_count(label, page_number(left_out, "label_null"));
      page_count(invalid, page_number(left_out, "invalid"));
      text_printf(&said, " (left out: %s without a label, %s invalid)", label, invalid);
    }
  } else if (isfinite(page_number(data, "rows"))) {
    text_append(&said, " (all)");
  }
  if (page_string(config, "positive")[0] != '\0') {
    text_printf(&said, " · positive: %s = %s", page_string(config, "label"),
                page_string(config, "positive"));
  }
  say_option(&said, config, "weight");
  say_option(&said, config, "cluster");
  text_append(page->text, "  ");
  page_wrap(page, said.data == NULL ? "" : said.data + strspn(said.data, " "),
            8 + text_columns(command), 2);
  page_part_done(page, &said);
}

static void render_balance(struct page *page) {
  struct text said = {0};
  balance_say(&said, page->overall);
  if (said.length > 0) {
    page_wrap(page, said.data, 0, 0);
  }
  page_part_done(page, &said);
}

/* Of a run that nobody judged, where the verdict would stand. */
static void render_outstanding(struct page *page) {
  json_t *lines = outstanding_lines(page->overall);
  page->text->failed = page->text->failed || lines == NULL;
  if (json_array_size(lines) > 0 || is_of_data(page)) {
    page_heading(page, "What stands out");
  }
  if (json_array_size(lines) == 0 && is_of_data(page)) {
    page_line(page, "  Nothing that was looked for. What was not looked for stands below.");
  }
  for (size_t i = 0; i < json_array_size(lines); i++) {
    page_severity(page, page_string(json_array_get(lines, i), "mark"));
    page_wrap(page, page_string(json_array_get(lines, i), "text"), 11, 11);
  }
  json_decref(lines);
}

/* The range a measure's bar is drawn on: its smallest and largest bound over roles, widened to a
 * round range when it is a share. */
static void bar_range(const struct page *page, const char *measure, const json_t *scope,
                      double *from, double *to) {
  static const char *const roles[] = {"candidate", "baseline"};
  *from = INFINITY;
  *to = -INFINITY;
  for (size_t r = 0; r < 2; r++) {
    const json_t *row = page_estimate(page->overall, measure, roles[r], scope);
    const char *const keys[] = {"value", "low", "high"};
    for (size_t k = 0; k < 3; k++) {
      double x = page_number(row, keys[k]);
      *from = isfinite(x) ? fmin(*from, x) : *from;
      *to = isfinite(x) ? fmax(*to, x) : *to;
    }
  }
  if (*from >= 0.0 && *to <= 1.0) {
    *from = 0.0;
    *to = 1.0;
  } else if (*from >= -1.0 && *to <= 1.0) {
    *from = -1.0;
    *to = 1.0;
  } else {
    double half = fmax(fabs(*from), fabs(*to));
    *from = *from < 0.0 ? -half : 0.0;
    *to = half;
  }
}

/* The columns of the table over all rows, for a width: their sum, the blanks between them and the
 * marks of notes stay within it. */
struct layout {
  bool has_baseline;
  size_t name, cell[3], bar, count, marks;
};

static struct layout lay_out(const struct page *page, bool has_baseline) {
  const size_t columns = page->style.columns;
  struct layout made = {.has_baseline = has_baseline,
                        .name = columns < 80 ? 19 : (has_baseline ? 23 : 25),
                        .marks = columns < 80   ? 7
                                 : has_baseline ? 11
                                                : 9};
  if (has_baseline) {
    size_t room = columns - made.name - made.marks - 3;
    made.cell[2] = room >= 66 ? 24 : room >= 44 ? 23 : room / 3;
    made.cell[0] = (room - made.cell[2]) / 2;
    made.cell[0] = made.cell[1] = made.cell[0] > 25 ? 25 : made.cell[0];
  } else {
    made.cell[0] = columns < 80 ? 24 : 28;
    made.count = columns < 80 ? 9 : 11;
    size_t taken = made.name + 1 + made.cell[0] + made.count + made.marks + 1;
    made.bar = columns > taken + 10 ? columns - taken : 0;
    made.bar = made.bar > 21 ? 21 : made.bar;
  }
  return made;
}

static void end_row(struct page *page) {
  while (page->text->length > 0 && page->text->data[page->text->length - 1] == ' ') {
    page->text->data[--page->text->length] = '\0';
  }
  text_append(page->text, "\n");
}

/* Units that a number means nothing without. */
static bool is_physical(const char *unit) {
  static const char *const units[] = {"ms", "s", "bytes", "rows/s", "J", "g"};
  bool found = false;
  for (size_t i = 0; i < sizeof units / sizeof *units && !found; i++) {
    found = strcmp(unit, units[i]) == 0;
  }
  return found;
}

static void render_measure_row(struct page *page, const char *id, bool is_primary,
                               const struct layout *layout) {
  static const char *const roles[] = {"candidate", "baseline", "difference"};
  const json_t *row = page_estimate(page->overall, id, "candidate", NULL);
  char name[128], count[32], marks[32], noted[40];
  double from, to;
  const json_t *measure = json_object_get(json_object_get(page->root, "measures"), id);
  const char *unit = page_string(measure, "unit");
  const bool is_said = is_physical(unit) && strstr(id, unit) == NULL;
  snprintf(name, sizeof name, "%s%s%s%s", is_primary ? "★ " : "  ", short_id(id),
           is_said ? ", " : "", is_said ? unit : "");
  page_cell(page, name, (int)layout->name);
  for (size_t r = 0; r < (layout->has_baseline ? 3 : 1); r++) {
    text_append(page->text, " ");
    page_interval(page, page_estimate(page->overall, id, roles[r], NULL), layout->cell[r]);
  }
  if (layout->bar > 0) {
    bar_range(page, id, NULL, &from, &to);
    text_append(page->text, " ");
    page_bar(page, page_number(row, "value"), page_number(row, "low"), page_number(row, "high"),
             from, to, NAN, layout->bar);
  }
  if (layout->count > 0) {
    page_count(count, page_number(row, "n"));
    page_cell(page, count, -(int)layout->count);
  }
  page_note_marks(page, row, 0, marks);
  if (marks[0] != '\0') {
    snprintf(noted, sizeof noted, " (%s)", marks);
    page_cell(page, noted, (int)layout->marks);
  }
  end_row(page);
}

/* Does a row belong to the table over all rows, under this attribute. */
static bool is_listed(const struct page *page, const json_t *row, const char *attribute) {
  return page_is_all(json_object_get(row, "scope")) &&
         strcmp(page_string(row, "role"), "candidate") == 0 &&
         strcmp(page_string(row, "attribute"), attribute) == 0 &&
         !words_is_blank(page->overall, row); /* 5 */
}

static bool has_listed(const struct page *page, const char *attribute) {
  const json_t *estimates = json_object_get(page->overall, "estimates");
  bool found = false;
  for (size_t i = 0; i < json_array_size(estimates) && !found; i++) {
    found = is_listed(page, json_array_get(estimates, i), attribute);
  }
  return found;
}

/* The name of an attribute; beside the first what its columns are. */
static void render_attribute_head(struct page *page, const char *attribute, bool is_first,
                                  const struct layout *layout) {
  page_ink(page, INK_DIM);
  text_append(page->text, "  ");
  page_cell(page, attribute, (int)layout->name - 2);
  if (is_first) {
    text_append(page->text, " ");
    page_cell(page, layout->has_baseline ? "candidate" : "value", (int)layout->cell[0]);
  }
  if (is_first && layout->has_baseline) {
    text_append(page->text, " ");
    page_cell(page, "baseline", (int)layout->cell[1]);
    text_append(page->text, " difference");
  } else if (is_first) {
    page_cell(page, layout->bar > 0 ? " on its range" : "",
              (int)(layout->bar > 0 ? layout->bar + 1 : 0));
    page_cell(page, "n", -(int)layout->count);
  }
  page_ink(page, INK_PLAIN);
  end_row(page);
}

static void render_attribute(struct page *page, const char *attribute,
                             const struct layout *layout) {
  const json_t *estimates = json_object_get(page->overall, "estimates");
  for (int pass = 0; pass < 2; pass++) { /* the primary first */
    for (size_t i = 0; i < json_array_size(estimates); i++) {
      const json_t *row = json_array_get(estimates, i);
      const char *id = page_string(row, "measure");
      if (is_listed(page, row, attribute) &&
          (strcmp(id, words_primary(page->root)) == 0) == (pass == 0)) {
        render_measure_row(page, id, pass == 0, layout);
      }
    }
  }
}

static void render_measures(struct page *page) {
  const json_t *estimates = json_object_get(page->overall, "estimates");
  const struct layout layout = lay_out(page, has_role(page, "baseline"));
  size_t n = 0;
  for (size_t a = 0; a < WORDS_ATTRIBUTES; a++) {
    if (!has_listed(page, words_attributes[a])) {
      continue;
    }
    if (n++ == 0) {
      char level[32];
      struct text title = {0};
      page_plain(level, 100.0 * page_number(json_array_get(estimates, 0), "level"));
      text_printf(&title, "All rows, %s %% intervals", level);
      page_heading(page, title.data == NULL ? "" : title.data);
      page_part_done(page, &title);
    }
    render_attribute_head(page, words_attributes[a], n == 1, &layout);
    render_attribute(page, words_attributes[a], &layout);
  }
}

/* Measures that stand beside each other for every group or class: the first of these that are
 * there. */
static const char *const beside[] = {
    "correctness.auc",      "correctness.rmse",   "correctness.prevalence", "correctness.recall",
    "correctness.mae",      "correctness.bias",   "correctness.precision",  "correctness.accuracy",
    "correctness.log_loss", "correctness.auc_ovr"};
enum { BESIDE = sizeof beside / sizeof beside[0], BESIDE_MOST = 5 };

static bool is_of_kind(const json_t *scope, const char *kind) {
  return strcmp(page_string(scope, "kind"), kind) == 0 &&
         (strcmp(kind, "group") != 0 || json_object_get(scope, "class") == NULL);
}

static size_t beside_position(const json_t *row) {
  size_t i = 0;
  while (i < BESIDE && strcmp(page_string(row, "measure"), beside[i]) != 0) {
    i++;
  }
  return i;
}

/* The rows of these measures over scopes of a kind, borrowed rows in a new array; NULL when memory
 * is short. */
static json_t *rows_beside(const struct page *page, const char *kind) {
  const json_t *estimates = json_object_get(page->root, "estimates");
  json_t *rows = json_array();
  for (size_t i = 0; i < json_array_size(estimates) && rows != NULL; i++) {
    json_t *row = json_array_get(estimates, i);
    if (is_of_kind(json_object_get(row, "scope"), kind) && beside_position(row) < BESIDE &&
        json_array_append(rows, row) != 0) {
      json_decref(rows);
      rows = NULL;
    }
  }
  return rows;
}

static size_t side_by_side(const struct page *page, const json_t *rows,
                           const char *chosen[BESIDE_MOST]) {
  const size_t most = (page->style.columns - group_columns(page) - 9) / (CELL_COLUMNS + 2);
  bool is_there[BESIDE + 1] = {false};
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    is_there[beside_position(json_array_get(rows, i))] = true;
  }
  for (size_t w = 0; w < BESIDE && n < most && n < BESIDE_MOST; w++) {
    if (is_there[w]) {
      chosen[n++] = beside[w];
    }
  }
  return n;
}

static void render_scopes_head(struct page *page, const char *title, const char *const *chosen,
                               size_t n) {
  page_heading(page, title);
  page_ink(page, INK_DIM);
  page_cell(page, "", (int)group_columns(page));
  page_cell(page, "n", -9);
  for (size_t m = 0; m < n; m++) {
    text_append(page->text, "  ");
    page_cell(page, short_id(chosen[m]),
              m + 1 < n ? CELL_COLUMNS : (int)strlen(short_id(chosen[m])));
  }
  page_ink(page, INK_PLAIN);
  end_row(page);
}

static void render_scope(struct page *page, const json_t *row, struct lookup *lookup,
                         const char *const *chosen, size_t n) {
  const json_t *scope = json_object_get(row, "scope");
  char count[32];
  struct text name = {0};
  words_scope(&name, scope);
  page_cell(page, name.data == NULL ? "" : name.data, (int)group_columns(page));
  page_part_done(page, &name);
  page_count(count, page_number(row, "n"));
  page_cell(page, count, -9);
  for (size_t m = 0; m < n; m++) {
    text_append(page->text, "  ");
    page_interval(page, lookup_find(lookup, chosen[m], "candidate", scope), CELL_COLUMNS);
  }
  end_row(page);
}

static void render_scopes(struct page *page, const char *kind, const char *title) {
  const char *chosen[BESIDE_MOST];
  struct lookup lookup;
  json_t *rows = rows_beside(page, kind);
  const size_t n = side_by_side(page, rows, chosen);
  size_t n_shown = 0, n_left = 0;
  lookup_open(&lookup, rows);
  if (n > 0) {
    render_scopes_head(page, title, chosen, n);
  }
  for (size_t i = 0; i < json_array_size(rows) && n > 0; i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(page_string(row, "measure"), chosen[0]) != 0 ||
        strcmp(page_string(row, "role"), "candidate") != 0) {
      continue;
    }
    if (n_shown == GROUPS_MOST) { /* case 3 */
      n_left++;
    } else {
      render_scope(page, row, &lookup, chosen, n);
      n_shown++;
    }
  }
  if (n_left > 0) {
    page_line(page, "… and %zu more, in the JSON", n_left);
  }
  page->text->failed = page->text->failed || rows == NULL || lookup.failed;
  lookup_close(&lookup);
  json_decref(rows);
}

static void render_skipped(struct page *page) {
  json_t *by_reason = words_skipped(page->overall);
  const char *reason;
  json_t *names;
  if (json_object_size(by_reason) > 0) {
    page_heading(page, "Not measured");
  }
  json_object_foreach(by_reason, reason, names) {
    struct text line = {0};
    for (size_t i = 0; i < json_array_size(names); i++) {
      text_printf(&line, "%s%s", i == 0 ? "" : ", ",
                  short_id(json_string_value(json_array_get(names, i))));
    }
    text_printf(&line, ": %s", reason);
    text_append(page->text, "  ");
    page_wrap(page, line.data == NULL ? "" : line.data, 2, 2);
    page_part_done(page, &line);
  }
  json_decref(by_reason);
}

static void render_notes(struct page *page) {
  if (json_array_size(page->notes) > 0) {
    page_heading(page, "Notes");
  }
  for (size_t i = 0; i < json_array_size(page->notes); i++) {
    text_printf(page->text, " %2zu. ", i + 1);
    page_wrap(page, json_string_value(json_array_get(page->notes, i)), 5, 5);
  }
}

static void render_labelled(struct page *page, const char *label, const char *said) {
  if (said[0] != '\0') {
    page_ink(page, INK_DIM);
    text_printf(page->text, "    %s: ", label);
    page_ink(page, INK_PLAIN);
    page_wrap(page, said, 6 + strlen(label), 6);
  }
}

/* What to do stands out; why, and what for, beneath it. */
static void render_actions(struct page *page, size_t from, size_t to, const char *title) {
  const json_t *actions = json_object_get(page->root, "actions");
  if (json_array_size(actions) > from) {
    page_heading(page, title);
  }
  for (size_t i = from; i < json_array_size(actions) && i < to; i++) {
    const json_t *row = json_array_get(actions, i);
    text_printf(page->text, " %zu. ", i + 1);
    page_ink(page, INK_BOLD);
    page_wrap(page, page_string(row, "title"), 4, 4);
    page_ink(page, INK_PLAIN);
    render_labelled(page, "why", page_string(row, "why"));
    render_labelled(page, "expected", page_string(row, "expected"));
    if (page_string(row, "command")[0] != '\0') {
      page_line(page, "    %s", page_string(row, "command"));
    }
  }
}

static void render_foot(struct page *page) {
  const json_t *run = json_object_get(page->root, "run");
  char seed[32];
  struct text said = {0};
  page_plain(seed, page_number(run, "seed"));
  text_printf(&said,
              "run %s · digest %.12s · seed %s · every number with its method and n: --json FILE",
              page_string(run, "id"), page_string(page->root, "digest"), seed);
  text_append(page->text, "\n");
  page_ink(page, INK_DIM);
  page_wrap(page, said.data == NULL ? "" : said.data, 0, 0);
  page_ink(page, INK_PLAIN);
  page_part_done(page, &said);
}

static void render_tables(struct page *page) {
  render_measures(page);
  render_scopes(page, "class", "By class");
  render_scopes(page, "group", "By group");
  terminal_gaps(page);
  terminal_slices(page);
}

static void render_judged(struct page *page) {
  terminal_verdict(page);
  render_actions(page, 0, ACTIONS_FIRST, "What to do");
  text_append(page->text, "\n");
  render_source(page);
  render_balance(page);
  render_tables(page);
  if (terminal_data_is_rare(page->root)) {
    terminal_data_picture(page);
  }
  terminal_data_findings(page, false);
  render_actions(page, ACTIONS_FIRST, SIZE_MAX, "What else to do");
}

static void render_numbers(struct page *page) {
  render_source(page);
  render_balance(page);
  render_outstanding(page);
  render_actions(page, 0, ACTIONS_FIRST, "What to do");
  if (is_of_data(page) || terminal_data_is_rare(page->root)) {
    terminal_data_picture(page);
  }
  if (is_of_data(page)) {
    terminal_data_findings(page, true);
  } else {
    render_tables(page);
  }
  render_actions(page, ACTIONS_FIRST, SIZE_MAX, "What else to do");
}

nonet_status terminal_render(const json_t *root, const struct terminal_style *style,
                             struct text *text, nonet_error *error) {
  json_t *cleaned = page_cleaned(root), *overall = page_overall(cleaned);
  struct page page = {
      .root = cleaned, .overall = overall, .style = *style, .text = text, .notes = json_array()};
  const size_t from = text->length;
  page.style.columns =
      style->columns == 0 ? 100 : (style->columns < 60 ? 60 : style->columns); /* case 1 */
  if (overall != NULL && page.notes != NULL) {
    if (terminal_selftest_is(cleaned)) {
      terminal_selftest(&page);
      text_append(text, "\n");
      render_source(&page);
    } else if (words_is_judged(cleaned)) {
      render_judged(&page);
    } else {
      render_numbers(&page);
    }
    render_skipped(&page);
    render_notes(&page);
    render_foot(&page);
    if (page.style.ascii) {
      page_to_ascii(text, from);
    }
  }
  bool failed = text->failed || overall == NULL || page.notes == NULL;
  json_decref(page.notes);
  json_decref(overall);
  json_decref(cleaned);
  return failed ? error_memory(error, text->length, "the report") : NONET_OK;
}
