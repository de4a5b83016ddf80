/*
 * Groups × classes: which estimates make a table, its rows and its columns.
 *
 * Cases:
 *  1. A cell is an estimate of `data` whose scope has both `by` and `class`; a table holds those of
 *     one measure over the same column, or set of columns.
 *  2. Rows and columns stand in the order in which the evidence first has them.
 */
#include "report/cells.h"

#include <string.h>

#include "report/page.h"
#include "report/words.h"

static const json_t *by_of(const json_t *cell) {
  return json_object_get(json_object_get(cell, "scope"), "by");
}

const char *cells_class(const json_t *cell) {
  return page_string(json_object_get(cell, "scope"), "class");
}

json_t *cells_group(const json_t *cell) {
  return json_pack("{s:s, s:O}", "kind", "group", "by", by_of(cell));
}

double cells_half(const json_t *cell) {
  return words_is_exact(cell) ? page_number(cell, "value")
                              : 0.5 * (page_number(cell, "high") - page_number(cell, "low"));
}

/* Case 1. */
static bool is_cell(const json_t *row) {
  return strcmp(page_string(row, "attribute"), "data") == 0 &&
         strcmp(page_string(row, "role"), "candidate") == 0 && json_is_object(by_of(row)) &&
         cells_class(row)[0] != '\0';
}

json_t *cells_of(const json_t *root) {
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

bool cells_are_of_table(const json_t *cell, const json_t *other) {
  const json_t *a = by_of(cell), *b = by_of(other);
  const char *key;
  json_t *value;
  bool is_same = strcmp(page_string(cell, "measure"), page_string(other, "measure")) == 0 &&
                 json_object_size(a) == json_object_size(b);
  json_object_foreach((json_t *)a, key, value) {
    is_same = is_same && json_object_get(b, key) != NULL;
  }
  return is_same;
}

bool cells_is_first(const json_t *cells, size_t i, enum cells_likeness likeness) {
  const json_t *cell = json_array_get(cells, i);
  bool found = false;
  for (size_t k = 0; k < i && !found; k++) {
    const json_t *earlier = json_array_get(cells, k);
    found = cells_are_of_table(earlier, cell) &&
            (likeness == CELLS_TABLE ||
             (likeness == CELLS_GROUP ? json_equal(by_of(earlier), by_of(cell))
                                      : strcmp(cells_class(earlier), cells_class(cell)) == 0));
  }
  return !found;
}

const json_t *cells_at(const json_t *cells, const json_t *group, const char *name) {
  const json_t *found = NULL;
  for (size_t i = 0; i < json_array_size(cells) && found == NULL; i++) {
    const json_t *cell = json_array_get(cells, i);
    if (cells_are_of_table(cell, group) && json_equal(by_of(cell), by_of(group)) &&
        strcmp(cells_class(cell), name) == 0) {
      found = cell;
    }
  }
  return found;
}
