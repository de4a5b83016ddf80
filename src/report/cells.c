/*
 * Groups × classes: which estimates make a table, its rows and its columns.
 *
 * Cases:
 *  1. A cell is an estimate of `data` whose scope has both `by` and `class`; a table holds those of
 *     one measure over the same column, or set of columns.
 *  2. Rows and columns stand in the order in which the evidence first has them.
 *  3. Of two cells of one group and class the first counts.
 */
#include "report/cells.h"

#include <string.h>

#include "base/json_text.h"
#include "report/page.h"
#include "report/words.h"

static const json_t *by_of(const json_t *cell) {
  return json_object_get(json_object_get(cell, "scope"), "by");
}

static const char *cells_class(const json_t *cell) {
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

/* Case 1: the same measure over the same columns. */
static bool is_of_table(const json_t *cell, const json_t *other) {
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

/* The table of a cell, from its first cell on; borrowed, NULL when memory is short. */
static json_t *table_of(json_t *tables, json_t *cell) {
  json_t *table = NULL;
  for (size_t i = 0; i < json_array_size(tables) && table == NULL; i++) {
    json_t *made = json_array_get(tables, i);
    table = is_of_table(json_object_get(made, "first"), cell) ? made : NULL;
  }
  if (table == NULL) {
    table = json_pack("{s:O, s:{}, s:{}}", "first", cell, "classes", "groups");
    table = json_array_append_new(tables, table) == 0 ? table : NULL;
  }
  return table;
}

/* The group of this key in a table, from its first cell on; borrowed, NULL when memory is short. */
static json_t *group_of(json_t *table, const char *key) {
  json_t *groups = json_object_get(table, "groups"), *group = json_object_get(groups, key);
  if (group == NULL) {
    group = json_object();
    group = json_object_set_new(groups, key, group) == 0 ? group : NULL;
  }
  return group;
}

/* Case 3. */
static bool add_cell(json_t *tables, json_t *cell) {
  json_t *table = table_of(tables, cell), *group = NULL;
  const char *name = cells_class(cell);
  struct text key = {0};
  json_text_write(&key, by_of(cell), JSON_TEXT_CANONICAL);
  if (table != NULL && !key.failed) {
    group = group_of(table, key.data);
  }
  text_clear(&key);
  return group != NULL &&
         json_object_set_new(json_object_get(table, "classes"), name, json_true()) == 0 &&
         (json_object_get(group, name) != NULL || json_object_set(group, name, cell) == 0);
}

json_t *cells_tables(const json_t *root) {
  const json_t *rows = json_object_get(root, "estimates");
  json_t *tables = json_array();
  for (size_t i = 0; i < json_array_size(rows) && tables != NULL; i++) {
    json_t *row = json_array_get(rows, i);
    if (is_cell(row) && !add_cell(tables, row)) {
      json_decref(tables);
      tables = NULL;
    }
  }
  return tables;
}
