/*
 * The section of an attribute.
 *
 * Cases:
 *  1. What holds for all rows, and gaps, slices and the like, stand in one table; groups and
 * classes are folded per measure, worst first, so that fifty groups of nine attributes stay
 * readable.
 *  2. Worst is lowest where higher is better, highest where lower is better; a measure without
 * direction is sorted by value. null comes last.
 *  3. The extremes of many groups are partly chance; the summary says how many there are.
 *  4. A page that has grown beyond its limit lists no more groups and says where they are.
 *  5. Gaps over a sensitive column stand with its groups (html_fairness.c).
 *  6. Findings of one title and remedy are one, with what was seen as a list.
 */
#include "report/html_attribute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/html_curve.h"
#include "report/html_data.h"
#include "report/html_fairness.h"
#include "report/html_row.h"
#include "report/outstanding.h"
#include "report/page.h"
#include "report/words.h"

static bool is_of(const json_t *row, const char *attribute) {
  return strcmp(page_string(row, "attribute"), attribute) == 0;
}

static bool is_candidate(const json_t *row) {
  return strcmp(page_string(row, "role"), "candidate") == 0;
}

/* Groups and classes are folded, and so are the columns of data (case 1). */
static bool is_folded(const json_t *row) {
  const char *kind = page_string(json_object_get(row, "scope"), "kind");
  return strcmp(kind, "group") == 0 || strcmp(kind, "class") == 0 ||
         (strcmp(kind, "column") == 0 && is_of(row, "data"));
}

bool html_attribute_is_there(const json_t *root, const char *attribute) {
  static const char *const lists[] = {"estimates", "findings"};
  for (size_t l = 0; l < 2; l++) {
    const json_t *rows = json_object_get(root, lists[l]);
    for (size_t i = 0; i < json_array_size(rows); i++) {
      if (is_of(json_array_get(rows, i), attribute)) {
        return true;
      }
    }
  }
  return html_curves_are_there(root, attribute);
}

/* Case 5; and a row for every column is for a fold. */
static bool is_in_table(const json_t *root, const json_t *row, const char *attribute) {
  return is_of(row, attribute) && is_candidate(row) && !is_folded(row) && !html_fairness_has(row) &&
         !words_is_blank(root, row);
}

static void render_overall(struct html *html, const char *attribute) {
  const json_t *rows = json_object_get(html->overall, "estimates");
  const char *primary = words_primary(html->overall);
  size_t n = 0;
  for (int pass = 0; pass < 2; pass++) { /* the primary first */
    for (size_t i = 0; i < json_array_size(rows); i++) {
      const json_t *row = json_array_get(rows, i);
      if (!is_in_table(html->overall, row, attribute) ||
          (strcmp(page_string(row, "measure"), primary) == 0) != (pass == 0)) {
        continue;
      }
      if (n++ == 0) {
        html_row_open(html, "Measure", "Estimates with their intervals", NULL);
      }
      const struct html_trio trio = html_row_trio(html, row);
      html_raw(html, "<tr>");
      html_row(html, &trio);
      html_raw(html, "</tr>\n");
    }
  }
  html_raw(html, n > 0 ? "</tbody></table>\n" : "");
}

/* ---- groups ---- */

struct ranked {
  const json_t *row;
  double order; /* small is worse; NaN last */
  size_t place; /* keeps equal ones in the evidence's order */
};

static int compare_ranked(const void *first, const void *second) {
  const struct ranked *a = first, *b = second;
  if (isnan(a->order) != isnan(b->order)) {
    return isnan(a->order) ? 1 : -1;
  }
  if (a->order < b->order || a->order > b->order) {
    return a->order < b->order ? -1 : 1;
  }
  return a->place < b->place ? -1 : a->place > b->place;
}

/* The end of the block of rows with the measure of row `from` and its kind of scope. */
static size_t block_end(const json_t *rows, size_t from) {
  const json_t *first = json_array_get(rows, from);
  const char *kind = page_string(json_object_get(first, "scope"), "kind");
  size_t end = from + 1;
  for (; end < json_array_size(rows); end++) {
    const json_t *row = json_array_get(rows, end);
    if (strcmp(page_string(row, "measure"), page_string(first, "measure")) != 0 ||
        !is_candidate(row) ||
        strcmp(page_string(json_object_get(row, "scope"), "kind"), kind) != 0) {
      break;
    }
  }
  return end;
}

static void append_scope(struct html *html, const json_t *row) {
  struct text scope = {0};
  words_scope(&scope, json_object_get(row, "scope"));
  html_raw(html, "<bdi>");
  html_take(html, &scope);
  html_raw(html, "</bdi>");
}

static const char *kind_words(const char *kind, size_t n) {
  if (strcmp(kind, "group") == 0) {
    return n == 1 ? "group" : "groups";
  }
  if (strcmp(kind, "column") == 0) {
    return n == 1 ? "column" : "columns";
  }
  return n == 1 ? "class" : "classes";
}

/* "Recall · 50 groups, from 0.41 (sex=Female) to 0.93 (…)": case 3. */
static void render_summary(struct html *html, const struct ranked *ranked, size_t n) {
  const json_t *first = ranked[0].row;
  const char *id = page_string(first, "measure"),
             *kind = page_string(json_object_get(first, "scope"), "kind");
  size_t n_known = 0;
  while (n_known < n && !isnan(ranked[n_known].order)) {
    n_known++;
  }
  html_raw(html, "<summary><span class=title>");
  html_text(html, html_title(html, id));
  html_unit(html, id);
  html_raw(html, "</span> <code>");
  html_text(html, id);
  html_raw(html, "</code> <span class=spread>%zu %s", n, kind_words(kind, n));
  for (size_t e = 0; e < 2 && n_known > 1; e++) {
    const json_t *row = ranked[e == 0 ? 0 : n_known - 1].row;
    html_raw(html, e == 0 ? ", from " : " to ");
    html_number(html, page_number(row, "value"), page_number(row, "low"), page_number(row, "high"));
    html_raw(html, " (");
    append_scope(html, row);
    html_raw(html, ")");
  }
  html_raw(html, "</span></summary>");
}

static void render_group_rows(struct html *html, const struct ranked *ranked, size_t n,
                              size_t most_bytes) {
  double range[2] = {INFINITY, -INFINITY};
  size_t shown = 0;
  for (size_t i = 0; i < n; i++) {
    const struct html_trio trio = html_row_trio(html, ranked[i].row);
    html_row_widen(range, trio.candidate);
    html_row_widen(range, trio.baseline);
  }
  for (; shown < n && html->text->length < most_bytes; shown++) {
    const struct html_trio trio = html_row_trio(html, ranked[shown].row);
    html_raw(html, "<tr><th scope=row>");
    append_scope(html, ranked[shown].row);
    html_raw(html, "</th>");
    html_row_bar(html, &trio, range);
    html_row_cells(html, &trio);
    html_raw(html, "</tr>\n");
  }
  html_raw(html, "</tbody></table>");
  if (shown < n) { /* case 4 */
    html_raw(html, "<p class=note>%zu more are in the JSON: the page is kept small.</p>",
             n - shown);
  }
}

static void render_block(struct html *html, size_t from, size_t end, size_t most_bytes) {
  const json_t *rows = json_object_get(html->root, "estimates");
  const char *id = page_string(json_array_get(rows, from), "measure");
  const char *direction =
      page_string(json_object_get(json_object_get(html->root, "measures"), id), "direction");
  const double sign = strcmp(direction, "lower") == 0 ? -1.0 : 1.0; /* case 2 */
  struct ranked *ranked = memory_new(end - from, sizeof *ranked);
  if (ranked == NULL) {
    html->text->failed = true;
    return;
  }
  for (size_t i = from; i < end; i++) {
    const json_t *row = json_array_get(rows, i);
    ranked[i - from] = (struct ranked){row, sign * page_number(row, "value"), i};
  }
  qsort(ranked, end - from, sizeof *ranked, compare_ranked);
  const bool is_column =
      strcmp(page_string(json_object_get(ranked[0].row, "scope"), "kind"), "column") == 0;
  html_raw(html, "<details class=by>");
  render_summary(html, ranked, end - from);
  html_raw(html, "<figure class=chart data-chart=groups data-title=\"");
  html_text(html, html_title(html, id));
  html_raw(html, "\"></figure>");
  html_row_open(html, is_column ? "Column" : "Group", "Estimates one by one, the worst first",
                NULL);
  render_group_rows(html, ranked, end - from, most_bytes);
  html_raw(html, "</details>\n");
  memory_free(ranked);
}

static void render_groups(struct html *html, const char *attribute, size_t most_bytes) {
  const json_t *rows = json_object_get(html->root, "estimates");
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows);) {
    const json_t *row = json_array_get(rows, i);
    if (!is_of(row, attribute) || !is_candidate(row) || !is_folded(row)) {
      i++;
      continue;
    }
    if (n++ == 0) {
      html_raw(html,
               "<h3>By %s</h3><p class=note>The worst first. The extremes of many are partly "
               "chance: read the intervals.</p>\n",
               strcmp(attribute, "data") == 0 ? "column, group and class" : "group and class");
    }
    size_t end = block_end(rows, i);
    render_block(html, i, end, most_bytes);
    i = end;
  }
}

static void render_hurts(struct html *html, const json_t *hurts) {
  for (size_t h = 0; h < json_array_size(hurts); h++) {
    const char *name = json_string_value(json_array_get(hurts, h));
    html_raw(html, h == 0 ? " <span class=spread>Hurts " : ", ");
    html_text(html, name == NULL ? "" : name);
  }
  html_raw(html, json_array_size(hurts) > 0 ? ".</span>" : "");
}

static bool is_alike(const json_t *row, const json_t *other, const char *attribute) {
  static const char *const keys[] = {"severity", "title", "remedy", "command"};
  bool is_same = is_of(other, attribute);
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    is_same = is_same && strcmp(page_string(row, keys[k]), page_string(other, keys[k])) == 0;
  }
  return is_same;
}

/* Case 6: what was found of this kind, from row `from` on. */
static void render_evidence(struct html *html, const json_t *rows, size_t from,
                            const char *attribute) {
  const json_t *row = json_array_get(rows, from);
  size_t n = 0;
  for (size_t i = from; i < json_array_size(rows); i++) {
    n += is_alike(row, json_array_get(rows, i), attribute);
  }
  if (n == 1) {
    html_raw(html, ": ");
    html_text(html, page_string(row, "evidence"));
    render_hurts(html, json_object_get(row, "hurts"));
    return;
  }
  html_raw(html, ", %zu times.", n);
  render_hurts(html, json_object_get(row, "hurts"));
  html_raw(html, "<ul>");
  for (size_t i = from; i < json_array_size(rows); i++) {
    if (is_alike(row, json_array_get(rows, i), attribute)) {
      html_raw(html, "<li>");
      html_text(html, page_string(json_array_get(rows, i), "evidence"));
      html_raw(html, "</li>");
    }
  }
  html_raw(html, "</ul>");
}

static void render_finding(struct html *html, const json_t *rows, size_t from,
                           const char *attribute) {
  const json_t *row = json_array_get(rows, from);
  const char *severity = page_string(row, "severity");
  html_raw(html, "<li><span class=\"chip %s\">",
           strcmp(severity, "info") == 0 ? "none"
                                         : (strcmp(severity, "warning") == 0 ? "open" : "bad"));
  html_text(html, severity);
  html_raw(html, "</span> <b>");
  html_text(html, page_string(row, "title"));
  html_raw(html, "</b>");
  render_evidence(html, rows, from, attribute);
  if (page_string(row, "remedy")[0] != '\0') {
    html_raw(html, "<p class=note>What helps: ");
    html_text(html, page_string(row, "remedy"));
    html_raw(html, "</p>");
  }
  if (page_string(row, "command")[0] != '\0') {
    html_command(html, page_string(row, "command"));
  }
  html_raw(html, "</li>\n");
}

static bool is_said(const json_t *rows, size_t i, const char *attribute) {
  bool found = false;
  for (size_t k = 0; k < i && !found; k++) {
    found = is_alike(json_array_get(rows, i), json_array_get(rows, k), attribute);
  }
  return found;
}

static void render_findings(struct html *html, const char *attribute) {
  json_t *rows = outstanding_findings(html->root);
  size_t n = 0;
  html->text->failed = html->text->failed || rows == NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    if (is_of(json_array_get(rows, i), attribute) && !is_said(rows, i, attribute)) {
      html_raw(html, n++ == 0 ? "<h3>Findings</h3><ul class=findings>\n" : "");
      render_finding(html, rows, i, attribute);
    }
  }
  html_raw(html, n > 0 ? "</ul>" : "");
  json_decref(rows);
}

void html_attribute(struct html *html, const char *attribute, size_t most_bytes) {
  enum words_tone tone;
  const char *words = words_attribute(html->root, attribute, &tone);
  html_raw(html,
           "<section id=%s aria-labelledby=%s-title><h2 id=%s-title>%c%s <span class=\"chip "
           "%s\">%s</span></h2>\n",
           attribute, attribute, attribute, attribute[0] - 'a' + 'A', attribute + 1,
           html_tone(tone), strcmp(attribute, "data") == 0 ? "what was found" : words);
  render_findings(html, attribute);
  if (strcmp(attribute, "fairness") == 0) {
    html_fairness(html, most_bytes);
  } else if (strcmp(attribute, "data") == 0) {
    html_data_tables(html, most_bytes);
  }
  render_overall(html, attribute);
  html_curves(html, attribute);
  render_groups(html, attribute, most_bytes);
  html_raw(html, "</section>\n");
}
