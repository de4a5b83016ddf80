/*
 * Groups × classes as a picture.
 *
 * A cell holds how many rows are of this group and class, how well a share in it can be known, and
 * that as a bar around one half: long bars are what these rows cannot tell. All bars stand on 0 …
 * 1, so that they can be compared by eye, over tables too.
 *
 * Cases:
 *  1. A cell without an estimate is empty: no row of this group and class.
 *  2. A page that has grown beyond its limit lists no more groups.
 */
#include "report/html_data.h"

#include <math.h>
#include <stdio.h>

#include "report/cells.h"
#include "report/page.h"
#include "report/words.h"

/* "dead = 1"; "class 1" of a document that does not say what its label is called. */
static void class_name(struct html *html, const char *name) {
  const char *label =
      page_string(json_object_get(json_object_get(html->root, "inputs"), "config"), "label");
  html_text(html, label[0] == '\0' ? "class" : label);
  html_raw(html, label[0] == '\0' ? " " : " = ");
  html_text(html, name);
}

static void render_cell(struct html *html, const json_t *cell, const char *name) {
  html_raw(html, "<td class=num data-label=\"");
  class_name(html, name);
  html_raw(html, "\">");
  if (cell != NULL) { /* case 1 */
    const double half = cells_half(cell);
    const struct html_bar bar = {0.5, 0.5 - half, 0.5 + half, "candidate"};
    html_count(html, page_number(cell, "n"));
    html_raw(html, words_is_exact(cell) ? " rows, ±" : " rows, ");
    if (words_is_exact(cell)) {
      char shown[32];
      snprintf(shown, sizeof shown, "%.3f", page_number(cell, "value"));
      html_data(html, page_number(cell, "value"), shown);
    } else {
      html_interval(html, cell);
    }
    if (isfinite(half)) {
      html_bars(html, &bar, 1, 0.0, 1.0, NAN, NAN);
    }
  }
  html_raw(html, "</td>");
}

/* The first of its cells. */
static const json_t *any_cell(const json_t *group) {
  return json_object_iter_value(json_object_iter((json_t *)group));
}

static void render_group(struct html *html, const json_t *table, const json_t *group) {
  struct text name = {0};
  json_t *scope = cells_group(any_cell(group)), *value;
  const char *class;
  words_scope(&name, scope);
  html_raw(html, "<tr><th scope=row><bdi>");
  html_take(html, &name);
  html_raw(html, "</bdi></th>");
  json_object_foreach(json_object_get(table, "classes"), class, value) {
    render_cell(html, json_object_get(group, class), class);
  }
  html_raw(html, "</tr>\n");
  html->text->failed = html->text->failed || scope == NULL;
  json_decref(scope);
}

/* ", over sex and race" */
static void over_columns(struct html *html, const json_t *cell) {
  json_t *by = json_object_get(json_object_get(cell, "scope"), "by"), *value;
  const char *column, *before = ", over ";
  json_object_foreach(by, column, value) {
    html_raw(html, "%s<bdi>", before);
    html_text(html, column);
    html_raw(html, "</bdi>");
    before = " and ";
  }
}

static void open_table(struct html *html, const json_t *table) {
  const json_t *first = json_object_get(table, "first");
  const char *class;
  json_t *value;
  html_raw(html, "<h3>");
  html_text(html, html_title(html, page_string(first, "measure")));
  over_columns(html, first);
  html_raw(html, "</h3><p class=note>Where a bar is long, these rows cannot tell.</p>\n<table "
                 "class=\"estimates cells\"><caption class=hidden>Groups and classes</caption>"
                 "<thead><tr><th scope=col>Group</th>");
  json_object_foreach(json_object_get(table, "classes"), class, value) {
    html_raw(html, "<th scope=col class=num>");
    class_name(html, class);
    html_raw(html, "</th>");
  }
  html_raw(html, "</tr></thead><tbody>\n");
}

void html_data_tables(struct html *html, size_t most_bytes) {
  json_t *tables = cells_tables(html->root), *group;
  html->text->failed = html->text->failed || tables == NULL;
  for (size_t t = 0; t < json_array_size(tables); t++) {
    const json_t *table = json_array_get(tables, t);
    const char *key;
    open_table(html, table);
    json_object_foreach(json_object_get(table, "groups"), key, group) {
      if (html->text->length < most_bytes) { /* case 2 */
        render_group(html, table, group);
      }
    }
    html_raw(html, "</tbody></table>\n");
  }
  json_decref(tables);
}
