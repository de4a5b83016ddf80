/*
 * Scopes from the cells that occur.
 *
 * A set of group columns (at most `depth` of them) and one value of each is a scope when a cell has
 * these values. Cells are sorted by their values, so walking them gives the values in order; a
 * combination is new when its first cell says so.
 *
 * Cases: 1. no groups: the one scope `all`  2. a null value is a group  3. column sets in the order
 * of their columns, smaller sets first.  4. One number over the groups of a column is there at any
 * depth; over crossed columns from the depth that crosses them. 5. Control columns make no scopes.
 * 6. Crossed columns are named in the order of their names, however they were written.
 */
#include "run/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static void scope_clear(struct scope *scope) {
  memory_free((void *)scope->as_written.by_column);
  memory_free((void *)scope->as_written.columns);
  memory_free(scope->name);
  memory_free((void *)scope->as_written.by_value);
  memory_free(scope->in_scope);
}

void scopes_clear(struct scopes *scopes) {
  for (size_t i = 0; i < scopes->n; i++) {
    scope_clear(&scopes->scope[i]);
  }
  memory_free(scopes->scope);
  *scopes = (struct scopes){0};
}

/* A scope over the columns in `set` (a bit each) with the values of `cell`; set 0 is all rows. */
static nonet_status add_scope(const struct roles *roles, struct scopes *scopes, size_t *capacity,
                              unsigned set, size_t cell, int class_index, nonet_error *error) {
  struct scope made = {.class_index = class_index};
  const uint32_t *wanted = roles->cell_values + cell * roles->n_groups;
  const char **columns = memory_new(roles->n_groups + 1, sizeof(char *)),
             **values = memory_new(roles->n_groups + 1, sizeof(char *));
  size_t n_by = 0;
  made.as_written.by_column = columns;
  made.as_written.by_value = values;
  made.in_scope = memory_zeroed(roles->n_cells, sizeof(bool));
  if (columns == NULL || values == NULL || made.in_scope == NULL ||
      !memory_grow((void **)&scopes->scope, capacity, scopes->n + 1, sizeof(struct scope))) {
    scope_clear(&made);
    return error_memory(error, roles->n_cells, "the scopes");
  }
  for (size_t g = 0; g < roles->n_groups; g++) {
    if (set >> g & 1u) {
      columns[n_by] = roles->groups[g].column;
      values[n_by++] = roles->groups[g].values[wanted[g]];
    }
  }
  for (size_t c = 0; c < roles->n_cells; c++) {
    bool fits = true;
    for (size_t g = 0; g < roles->n_groups; g++) {
      fits = fits && (!(set >> g & 1u) || roles->cell_values[c * roles->n_groups + g] == wanted[g]);
    }
    made.in_scope[c] = fits;
  }
  made.as_written.kind = set != 0 ? SCOPE_GROUP : (class_index >= 0 ? SCOPE_CLASS : SCOPE_ALL);
  made.as_written.n_by = n_by;
  made.as_written.class_name = class_index >= 0 ? roles->classes[class_index] : NULL;
  scopes->scope[scopes->n++] = made;
  return NONET_OK;
}

static nonet_status add_with_classes(const struct roles *roles, struct scopes *scopes,
                                     size_t *capacity, unsigned set, size_t cell, bool with_classes,
                                     nonet_error *error) {
  nonet_status status = add_scope(roles, scopes, capacity, set, cell, -1, error);
  for (size_t k = 0; with_classes && k < roles->n_classes && status == NONET_OK; k++) {
    status = add_scope(roles, scopes, capacity, set, cell, (int)k, error);
  }
  return status;
}

/* True when no earlier cell has the same values in the columns of `set`. */
static bool is_first(const struct roles *roles, unsigned set, size_t cell) {
  for (size_t c = 0; c < cell; c++) {
    bool same = true;
    for (size_t g = 0; g < roles->n_groups && same; g++) {
      same = !(set >> g & 1u) || roles->cell_values[c * roles->n_groups + g] ==
                                     roles->cell_values[cell * roles->n_groups + g];
    }
    if (same) {
      return false;
    }
  }
  return true;
}

static size_t count_bits(unsigned set) {
  size_t n = 0;
  for (; set != 0; set &= set - 1) {
    n++;
  }
  return n;
}

/* One number over the groups of these columns: the last scope, which is of all rows, becomes that.
 */
static nonet_status to_columns(const struct roles *roles, unsigned set, struct scope *made,
                               nonet_error *error) {
  struct text name = {0};
  const char **columns = memory_zeroed(roles->n_groups, sizeof *columns);
  size_t n = 0;
  for (size_t g = 0; columns != NULL && g < roles->n_groups; g++) {
    if (set >> g & 1u) {
      size_t at = n++;
      for (; at > 0 && strcmp(columns[at - 1], roles->groups[g].column) > 0; at--) { /* 6 */
        columns[at] = columns[at - 1];
      }
      columns[at] = roles->groups[g].column;
    }
  }
  for (size_t i = 0; i < n; i++) {
    text_printf(&name, "%s%s", i == 0 ? "" : "*", columns[i]);
  }
  made->columns = set;
  made->name = text_take(&name);
  made->as_written.kind = SCOPE_COLUMN;
  made->as_written.column = made->name;
  made->as_written.columns = columns;
  made->as_written.n_columns = n > 1 ? n : 0;
  return columns == NULL || made->name == NULL
             ? error_memory(error, roles->n_groups * sizeof *columns, "the scopes")
             : NONET_OK;
}

nonet_status scopes_list(const struct roles *roles, size_t depth, bool with_classes,
                         struct scopes *scopes, nonet_error *error) {
  const size_t n_groups = roles_n_sensitive(roles);
  size_t capacity = 0, most = depth < n_groups ? depth : n_groups;
  *scopes = (struct scopes){0};
  if (n_groups > 16) {
    return error_set(error, NONET_E_USAGE, "--group takes at most 16 columns; found %zu", n_groups);
  }
  nonet_status status = add_with_classes(roles, scopes, &capacity, 0, 0, with_classes, error);
  for (size_t n_columns = 1; n_columns <= most; n_columns++) { /* case 3 */
    for (unsigned set = 1; set < 1u << n_groups; set++) {
      for (size_t cell = 0;
           count_bits(set) == n_columns && cell < roles->n_cells && status == NONET_OK; cell++) {
        if (is_first(roles, set, cell)) {
          status = add_with_classes(roles, scopes, &capacity, set, cell, with_classes, error);
        }
      }
    }
  }
  most = most > 0 || n_groups == 0 ? most : 1; /* 4 */
  for (size_t n_columns = 1; n_columns <= most; n_columns++) {
    for (unsigned set = 1; set < 1u << n_groups && status == NONET_OK; set++) {
      if (count_bits(set) == n_columns) {
        status = add_scope(roles, scopes, &capacity, 0, 0, -1, error);
      }
      if (status == NONET_OK && count_bits(set) == n_columns) {
        status = to_columns(roles, set, &scopes->scope[scopes->n - 1], error);
      }
    }
  }
  if (status != NONET_OK) {
    scopes_clear(scopes);
  }
  return status;
}
