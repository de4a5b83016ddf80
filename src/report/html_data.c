/*
 * Groups × classes.
 *
 * A cell holds how many rows are of this group and class, and the interval of its number as a bar:
 * long bars are what these rows cannot tell. All bars of a table stand on one range, so that the
 * widths can be compared by eye.
 *
 * Cases:
 *  1. A table per measure and column (or set of columns): estimates of `data` whose scope has both
 *     `by` and `class`.
 *  2. A cell without an estimate is empty: no row of this group and class.
 *  3. A share is drawn on 0 … 1, anything else on the range of the table.
 *  4. A page that has grown beyond its limit lists no more groups.
 */
#include "report/html_data.h"

#include <math.h>
#include <string.h>

#include "report/page.h"
#include "report/words.h"

static bool is_cell(const json_t *row) {
  const json_t *scope = json_object_get(row, "scope");
  return strcmp(page_string(row, "attribute"), "data") == 0 &&
         strcmp(page_string(row, "role"), "candidate") == 0 &&
         json_object_get(scope, "by") != NULL && json_is_string(json_object_get(scope, "class"));
}

/* Are two objects keyed by the same columns? */
static bool are_keys_equal(const json_t *a, const json_t *b) {
  const char *key;
  json_t *value;
  bool is_equal = json_object_size(a) == json_object_size(b);
  json_object_foreach((json_t *)a, key, value) {
    is_equal = is_equal && json_object_get(b, key) != NULL;
  }
  return is_equal;
}

static const json_t *by_of(const json_t *row) {
  return json_object_get(json_object_get(row, "scope"), "by");
}

static const char *class_of(const json_t *row) {
  return page_string(json_object_get(row, "scope"), "class");
}

/* Case 1. */
static bool is_of_table(const json_t *row, const json_t *first) {
  return is_cell(row) && strcmp(page_string(row, "measure"), page_string(first, "measure")) == 0 &&
         are_keys_equal(by_of(row), by_of(first));
}

/* What the first cell of a table, of a row or of a column is: no earlier one is like it. */
enum likeness { LIKE_TABLE, LIKE_GROUP, LIKE_CLASS };

static bool is_first(const json_t *rows, size_t i, enum likeness likeness) {
  const json_t *row = json_array_get(rows, i);
  bool found = false;
  for (size_t k = 0; k < i && !found; k++) {
    const json_t *earlier = json_array_get(rows, k);
    found = is_of_table(earlier, row) &&
            (likeness == LIKE_TABLE ||
             (likeness == LIKE_GROUP ? json_equal(by_of(earlier), by_of(row))
                                     : strcmp(class_of(earlier), class_of(row)) == 0));
  }
  return !found;
}

/* Case 3. */
static void range_of(const json_t *rows, const json_t *first, double range[2]) {
  range[0] = 0.0;
  range[1] = 1.0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_of_table(row, first)) {
      range[0] = fmin(range[0], page_number(row, "low"));
      range[1] = fmax(range[1], page_number(row, "high"));
    }
  }
}

static const json_t *cell_of(const json_t *rows, const json_t *group, const char *name) {
  const json_t *found = NULL;
  for (size_t i = 0; i < json_array_size(rows) && found == NULL; i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_of_table(row, group) && json_equal(by_of(row), by_of(group)) &&
        strcmp(class_of(row), name) == 0) {
      found = row;
    }
  }
  return found;
}

static void render_cell(struct html *html, const json_t *cell, const char *name,
                        const double range[2]) {
  html_raw(html, "<td class=num data-label=\"class ");
  html_text(html, name);
  html_raw(html, "\">");
  if (cell != NULL) { /* case 2 */
    const struct html_bar bar = {page_number(cell, "value"), page_number(cell, "low"),
                                 page_number(cell, "high"), "candidate"};
    html_count(html, page_number(cell, "n"));
    html_raw(html, " rows: ");
    html_interval(html, cell);
    html_bars(html, &bar, 1, range[0], range[1], NAN, NAN);
  }
  html_raw(html, "</td>");
}

static void render_group(struct html *html, const json_t *rows, const json_t *group,
                         const double range[2]) {
  struct text name = {0};
  json_t *scope = json_pack("{s:s, s:O}", "kind", "group", "by", by_of(group));
  words_scope(&name, scope);
  html_raw(html, "<tr><th scope=row><bdi>");
  html_take(html, &name);
  html_raw(html, "</bdi></th>");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_of_table(row, group) && is_first(rows, i, LIKE_CLASS)) {
      render_cell(html, cell_of(rows, group, class_of(row)), class_of(row), range);
    }
  }
  html_raw(html, "</tr>\n");
  html->text->failed = html->text->failed || scope == NULL;
  json_decref(scope);
}

static void render_table(struct html *html, const json_t *rows, const json_t *first,
                         size_t most_bytes) {
  double range[2];
  range_of(rows, first, range);
  html_raw(html, "<h3>");
  html_text(html, html_title(html, page_string(first, "measure")));
  html_raw(html, "</h3><p class=note>The bars are intervals on one range: where they are long, "
                 "these rows cannot tell.</p>\n<table class=\"estimates cells\"><caption "
                 "class=hidden>Groups and classes</caption><thead><tr><th scope=col>Group</th>");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_of_table(row, first) && is_first(rows, i, LIKE_CLASS)) {
      html_raw(html, "<th scope=col class=num>class ");
      html_text(html, class_of(row));
      html_raw(html, "</th>");
    }
  }
  html_raw(html, "</tr></thead><tbody>\n");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_of_table(row, first) && is_first(rows, i, LIKE_GROUP) &&
        html->text->length < most_bytes) { /* case 4 */
      render_group(html, rows, row, range);
    }
  }
  html_raw(html, "</tbody></table>\n");
}

/* The cells alone, so that looking through them does not take the square of all estimates. */
static json_t *cells_of(const json_t *root) {
  const json_t *rows = json_object_get(root, "estimates");
  json_t *cells = json_array();
  for (size_t i = 0; i < json_array_size(rows) && cells != NULL; i++) {
    json_t *row = json_array_get(rows, i);
    if (is_cell(row) && json_array_append(cells, row) != 0) {
      json_decref(cells);
      cells = NULL;
    }
  }
  return cells;
}

void html_data_tables(struct html *html, size_t most_bytes) {
  json_t *cells = cells_of(html->root);
  html->text->failed = html->text->failed || cells == NULL;
  for (size_t i = 0; i < json_array_size(cells); i++) {
    if (is_first(cells, i, LIKE_TABLE)) {
      render_table(html, cells, json_array_get(cells, i), most_bytes);
    }
  }
  json_decref(cells);
}
