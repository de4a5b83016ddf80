/*
 * The data in a terminal: a table of groups and classes for each sensitive column, in each cell how
 * many rows there are and how well a share in them can be known; and the slices that were found.
 *
 * Cases:
 *  1. Of more classes or groups than fit the first ones, with the number left out.
 *  2. A slice's name is a condition and may be long: it has a line of its own where it must.
 */
#include "report/terminal_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/cells.h"
#include "report/words.h"

#define NAME_COLUMNS 24
#define CELL_COLUMNS 18
#define GROUPS_MOST 24

static size_t n_that_fit(const struct page *page) {
  return (page->style.columns - NAME_COLUMNS) / CELL_COLUMNS;
}

static void render_cell(struct page *page, const json_t *cell) {
  char count[32], half[32], shown[80];
  if (cell == NULL) {
    page_cell(page, "none", -CELL_COLUMNS);
    return;
  }
  page_count(count, page_number(cell, "n"));
  page_value(half, cells_half(cell), NAN, NAN, 2);
  snprintf(shown, sizeof shown, "%s ±%s", count, isfinite(cells_half(cell)) ? half : "?");
  page_cell(page, shown, -CELL_COLUMNS);
}

/* The classes of a table in a line: their names, or the cells of a group. */
static size_t render_line(struct page *page, const json_t *cells, const json_t *first,
                          const json_t *group) {
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(cells); i++) {
    const json_t *cell = json_array_get(cells, i);
    if (!cells_are_of_table(cell, first) || !cells_is_first(cells, i, CELLS_CLASS) ||
        n++ >= n_that_fit(page)) {
      continue;
    }
    if (group == NULL) {
      struct text name = {0};
      text_printf(&name, "class %s", cells_class(cell));
      page_cell(page, name.data == NULL ? "" : name.data, -CELL_COLUMNS);
      page_part_done(page, &name);
    } else {
      render_cell(page, cells_at(cells, group, cells_class(cell)));
    }
  }
  text_append(page->text, "\n");
  return n;
}

static void render_table(struct page *page, const json_t *cells, size_t from) {
  const json_t *first = json_array_get(cells, from);
  size_t n_groups = 0, n_classes;
  page_heading(page, "Rows by group and class, and how well a share of them can be known");
  page_cell(page, "", NAME_COLUMNS);
  n_classes = render_line(page, cells, first, NULL);
  for (size_t i = from; i < json_array_size(cells); i++) {
    const json_t *cell = json_array_get(cells, i);
    if (!cells_are_of_table(cell, first) || !cells_is_first(cells, i, CELLS_GROUP) ||
        n_groups++ >= GROUPS_MOST) { /* case 1 */
      continue;
    }
    struct text name = {0};
    json_t *group = cells_group(cell);
    words_scope(&name, group);
    page_cell(page, name.data == NULL ? "" : name.data, NAME_COLUMNS);
    page_part_done(page, &name);
    json_decref(group);
    render_line(page, cells, first, cell);
  }
  if (n_groups > GROUPS_MOST || n_classes > n_that_fit(page)) {
    page_line(page, "… of %zu groups and %zu classes; all are in the JSON", n_groups, n_classes);
  }
}

void terminal_data(struct page *page) {
  json_t *cells = cells_of(page->root);
  page->text->failed = page->text->failed || cells == NULL;
  for (size_t t = 0; t < json_array_size(cells); t++) {
    if (cells_is_first(cells, t, CELLS_TABLE)) {
      render_table(page, cells, t);
    }
  }
  json_decref(cells);
}

void terminal_slices(struct page *page) {
  const json_t *rows = json_object_get(page->root, "estimates");
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    struct text line = {0};
    char count[32];
    if (strcmp(page_string(json_object_get(row, "scope"), "kind"), "slice") != 0 ||
        strcmp(page_string(row, "role"), "candidate") != 0) {
      continue;
    }
    if (n++ == 0) {
      page_heading(page, "Slices found");
    }
    text_append(page->text, "  ");
    page_interval(page, row, CELL_COLUMNS + 8);
    page_count(count, page_number(row, "n"));
    text_printf(&line, " %s, n %s, ", page_string(row, "measure"), count);
    words_scope(&line, json_object_get(row, "scope"));
    page_wrap(page, line.data == NULL ? "" : line.data, CELL_COLUMNS + 10, 4); /* case 2 */
    page_part_done(page, &line);
  }
}
