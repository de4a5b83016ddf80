/*
 * The groups of a column: a view of each value that occurs in a scope.
 *
 * Cases: 1. null is a value like others  2. a value without rows in the scope is no group  3. the
 * order is that of the values' codes, which is theirs by content, whatever was read first.
 */
#include "base/error.h"
#include "base/memory.h"
#include "measure/view.h"

void view_column_clear(struct view_column *column) {
  for (size_t k = 0; k < column->n_groups; k++) {
    view_clear(&column->group[k]);
  }
  memory_free(column->group);
  memory_free((void *)column->value);
  *column = (struct view_column){0};
}

/* The cells of the scope where column g has this code; false: none (case 2). */
static bool cells_of(const struct view *whole, size_t g, size_t code, bool *in_scope) {
  const struct roles *roles = &whole->set->roles;
  bool any = false;
  for (size_t c = 0; c < roles->n_cells; c++) {
    in_scope[c] = whole->in_scope[c] && roles->cell_values[c * roles->n_groups + g] == code;
    any = any || in_scope[c];
  }
  return any;
}

nonet_status view_column_init(const struct view *whole, size_t g, struct view_column *column,
                              nonet_error *error) {
  const struct roles *roles = &whole->set->roles;
  const size_t n_values = roles->groups[g].n_values;
  nonet_status status = NONET_OK;
  *column = (struct view_column){.name = roles->groups[g].column};
  bool *in_scope = memory_new(roles->n_cells + 1, sizeof *in_scope);
  column->value = memory_zeroed(n_values + 1, sizeof *column->value);
  column->group = memory_zeroed(n_values + 1, sizeof *column->group);
  if (in_scope == NULL || column->value == NULL || column->group == NULL) {
    status = error_memory(error, n_values * sizeof *column->group, "the groups of a column");
  }
  for (size_t code = 0; code < n_values && status == NONET_OK; code++) {
    if (cells_of(whole, g, code, in_scope)) {
      status = view_init(whole->set, in_scope, whole->class_index, whole->options,
                         &column->group[column->n_groups], error);
      column->group[column->n_groups].answers = whole->answers;
      column->value[column->n_groups] = roles->groups[g].values[code];
      column->n_groups += status == NONET_OK;
    }
  }
  memory_free(in_scope);
  if (status != NONET_OK) {
    view_column_clear(column);
  }
  return status;
}
