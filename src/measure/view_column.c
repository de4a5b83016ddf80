/*
 * The groups of a column, or of several crossed: a view of each combination of values that occurs
 * in a scope.
 *
 * Cases: 1. null is a value like others  2. a combination without rows in the scope is no group
 * 3. the order is that of the values' codes, column by column, which is theirs by content, whatever
 * was read first.  4. The cells of a scope are sorted by their codes once, so that a group is a
 * run.  6. Columns cross in the order of their names, however they were written: sex*race is
 * race*sex.  5. Crossed columns have a reference group when each of them has one.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "measure/view.h"

void view_column_clear(struct view_column *column) {
  for (size_t k = 0; k < column->n_groups; k++) {
    view_clear(&column->group[k]);
    memory_free(column->value[k]);
    memory_free(column->title[k]);
  }
  memory_free(column->name);
  memory_free(column->rule);
  memory_free(column->reference_title);
  memory_free(column->group);
  memory_free(column->value);
  memory_free(column->title);
  *column = (struct view_column){0};
}

struct crossing {
  const struct roles *roles;
  size_t column[VIEW_COLUMNS_MOST]; /* [n] of the roles, in the order of their names (6) */
  size_t n;
};

static struct crossing crossing_of(const struct roles *roles, unsigned columns) {
  struct crossing crossing = {.roles = roles};
  for (size_t g = 0; g < roles->n_groups && g < VIEW_COLUMNS_MOST; g++) {
    if ((columns >> g & 1u) == 0) {
      continue;
    }
    size_t at = crossing.n++;
    for (; at > 0 &&
           strcmp(roles->groups[crossing.column[at - 1]].column, roles->groups[g].column) > 0;
         at--) {
      crossing.column[at] = crossing.column[at - 1];
    }
    crossing.column[at] = g;
  }
  return crossing;
}

static const uint32_t *codes_of(const struct crossing *crossing, size_t cell) {
  return crossing->roles->cell_values + cell * crossing->roles->n_groups;
}

/* By the codes in the crossed columns: 0 when two cells are of one group. */
static int compare_codes(const struct crossing *crossing, size_t a, size_t b) {
  const uint32_t *x = codes_of(crossing, a), *y = codes_of(crossing, b);
  for (size_t i = 0; i < crossing->n; i++) {
    const size_t g = crossing->column[i];
    if (x[g] != y[g]) {
      return x[g] < y[g] ? -1 : 1;
    }
  }
  return 0;
}

static int compare_cells(const void *a, const void *b, void *context) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  const int order = compare_codes(context, x, y);
  return order != 0 ? order : (x > y) - (x < y);
}

/* "sex*race"; of a cell "Female, Black" or, titled, "sex=Female, race=Black". */
static char *write_name(const struct crossing *crossing, bool is_value, bool is_title,
                        size_t cell) {
  struct text text = {0};
  for (size_t i = 0; i < crossing->n; i++) {
    const size_t g = crossing->column[i];
    const struct domain *domain = &crossing->roles->groups[g];
    text_append(&text, text.length == 0 ? "" : is_value ? ", " : "*");
    text_append(&text, is_value && !is_title ? "" : domain->column);
    if (is_value) {
      const char *value = domain->values[codes_of(crossing, cell)[g]];
      text_printf(&text, "%s%s", is_title ? "=" : "", value == NULL ? "null" : value); /* 1 */
    }
  }
  return text_take(&text);
}

/* How columns of numbers became groups, "; " between them; NULL: none is crossed. */
static nonet_status write_rules(const struct crossing *crossing, char **rules, nonet_error *error) {
  struct text text = {0};
  for (size_t i = 0; i < crossing->n; i++) {
    const struct domain *domain = &crossing->roles->groups[crossing->column[i]];
    if (domain->rule != NULL) {
      text_printf(&text, "%s%s %s", text.length == 0 ? "" : "; ", domain->column, domain->rule);
    }
  }
  *rules = text.length == 0 ? NULL : text_take(&text);
  return text.failed ? error_memory(error, 64, "the rules of groups") : NONET_OK;
}

/* Case 5. */
static bool is_reference(const struct crossing *crossing, size_t cell) {
  for (size_t i = 0; i < crossing->n; i++) {
    const size_t g = crossing->column[i];
    if (crossing->roles->groups[g].reference != codes_of(crossing, cell)[g] + 1) {
      return false;
    }
  }
  return true;
}

static nonet_status name_reference(const struct crossing *crossing, struct view_column *column,
                                   nonet_error *error) {
  struct text text = {0};
  for (size_t i = 0; i < crossing->n; i++) {
    const size_t g = crossing->column[i];
    const struct domain *domain = &crossing->roles->groups[g];
    if (domain->reference == 0) {
      text_clear(&text);
      return NONET_OK;
    }
    const char *value = domain->values[domain->reference - 1];
    text_printf(&text, "%s%s=%s", text.length == 0 ? "" : ", ", domain->column,
                value == NULL ? "null" : value);
  }
  column->reference_title = text_take(&text);
  return column->reference_title == NULL ? error_memory(error, 64, "the name of a group")
                                         : NONET_OK;
}

/* One more group, of the cells from[0 … n). */
static nonet_status add_group(const struct view *whole, const struct crossing *crossing,
                              const size_t *from, size_t n, bool *in_scope,
                              struct view_column *column, nonet_error *error) {
  const size_t k = column->n_groups;
  for (size_t i = 0; i < n; i++) {
    in_scope[from[i]] = true;
  }
  nonet_status status =
      view_init(whole->set, in_scope, whole->class_index, whole->options, &column->group[k], error);
  for (size_t i = 0; i < n; i++) {
    in_scope[from[i]] = false;
  }
  if (status != NONET_OK) {
    return status;
  }
  column->n_groups++;
  if (column->reference_title != NULL && is_reference(crossing, from[0])) {
    column->reference = k + 1;
  }
  column->group[k].answers = whole->answers;
  column->value[k] = write_name(crossing, true, false, from[0]);
  column->title[k] = write_name(crossing, true, true, from[0]);
  return column->value[k] == NULL || column->title[k] == NULL
             ? error_memory(error, 64, "the name of a group")
             : NONET_OK;
}

nonet_status view_column_init(const struct view *whole, unsigned columns,
                              struct view_column *column, nonet_error *error) {
  const struct roles *roles = &whole->set->roles;
  struct crossing crossing = crossing_of(roles, columns);
  size_t n = 0;
  nonet_status status = NONET_OK;
  *column = (struct view_column){.name = write_name(&crossing, false, false, 0)};
  bool *in_scope = memory_zeroed(roles->n_cells + 1, sizeof *in_scope);
  size_t *cells = memory_new(roles->n_cells + 1, sizeof *cells);
  column->value = memory_zeroed(roles->n_cells + 1, sizeof *column->value);
  column->title = memory_zeroed(roles->n_cells + 1, sizeof *column->title);
  column->group = memory_zeroed(roles->n_cells + 1, sizeof *column->group);
  if (column->name == NULL || in_scope == NULL || cells == NULL || column->value == NULL ||
      column->title == NULL || column->group == NULL) {
    status = error_memory(error, roles->n_cells * sizeof *column->group, "the groups of a column");
  }
  for (size_t c = 0; c < roles->n_cells && status == NONET_OK; c++) {
    if (whole->in_scope[c]) { /* 2 */
      cells[n++] = c;
    }
  }
  if (status == NONET_OK) {
    status = write_rules(&crossing, &column->rule, error);
  }
  if (status == NONET_OK) {
    status = name_reference(&crossing, column, error);
  }
  if (status == NONET_OK && n > 1) {
    qsort_r(cells, n, sizeof *cells, compare_cells, &crossing); /* 3, 4 */
  }
  for (size_t i = 0, end = 0; i < n && status == NONET_OK; i = end) {
    for (end = i + 1; end < n && compare_codes(&crossing, cells[i], cells[end]) == 0;) {
      end++;
    }
    status = add_group(whole, &crossing, cells + i, end - i, in_scope, column, error);
  }
  memory_free(cells);
  memory_free(in_scope);
  if (status != NONET_OK) {
    view_column_clear(column);
  }
  return status;
}
