/* Names of tasks; copying and freeing of resolved roles; sums of tallies. */
#include "table/roles.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static const char *const names[] = {"auto",       "binary",  "multiclass",
                                    "regression", "ranking", "multilabel"};

const char *task_name(enum task task) {
  return names[task];
}

bool task_from_name(const char *name, enum task *task) {
  for (int t = TASK_BINARY; t <= TASK_MULTILABEL; t++)
    if (strcmp(name, names[t]) == 0) {
      *task = (enum task)t;
      return true;
    }
  return false;
}

static void free_names(char **list, size_t n) {
  for (size_t i = 0; list && i < n; i++)
    memory_free(list[i]);
  memory_free(list);
}

void roles_clear(struct roles *roles) {
  free_names(roles->classes, roles->n_classes);
  for (size_t g = 0; roles->groups && g < roles->n_groups; g++) {
    free_names(roles->groups[g].values, roles->groups[g].n_values);
    memory_free(roles->groups[g].column);
    memory_free(roles->groups[g].rule);
  }
  memory_free(roles->groups);
  memory_free(roles->cell_values);
  memory_free(roles->label_column);
  memory_free(roles->weight_column);
  memory_free(roles->cluster_column);
  memory_free(roles->id_column);
  for (int s = 0; s < N_STREAMS; s++) {
    free_names(roles->score_columns[s], roles->n_scores);
    memory_free(roles->prediction_column[s]);
  }
  memset(roles, 0, sizeof *roles);
}

/* A copy of a list whose names may be NULL; NULL stays NULL. */
static bool copy_names(char **from, size_t n, char ***to) {
  if (!from)
    return true;
  *to = memory_zeroed(n + 1, sizeof **to);
  if (!*to)
    return false;
  for (size_t i = 0; i < n; i++)
    if (from[i] && !((*to)[i] = memory_text(from[i])))
      return false;
  return true;
}

static bool copy_text(const char *from, char **to) {
  *to = memory_text(from);
  return !from || *to;
}

static bool copy_groups(const struct roles *from, struct roles *to) {
  if (!from->groups)
    return true;
  to->groups = memory_zeroed(from->n_groups + 1, sizeof *to->groups);
  if (!to->groups)
    return false;
  to->n_groups = from->n_groups;
  to->n_controls = from->n_controls;
  for (size_t g = 0; g < from->n_groups; g++) {
    to->groups[g].n_values = from->groups[g].n_values;
    to->groups[g].reference = from->groups[g].reference;
    if (!copy_names(from->groups[g].values, from->groups[g].n_values, &to->groups[g].values) ||
        !copy_text(from->groups[g].column, &to->groups[g].column) ||
        !copy_text(from->groups[g].rule, &to->groups[g].rule))
      return false;
  }
  size_t n = from->n_cells * from->n_groups;
  to->cell_values = memory_zeroed(n + 1, sizeof *to->cell_values);
  if (to->cell_values && from->cell_values)
    memcpy(to->cell_values, from->cell_values, n * sizeof *to->cell_values);
  return to->cell_values != NULL;
}

size_t roles_n_sensitive(const struct roles *roles) {
  return roles->n_groups - roles->n_controls;
}

nonet_status roles_copy(const struct roles *from, struct roles *to, nonet_error *error) {
  *to = *from;
  to->classes = NULL;
  to->groups = NULL;
  to->n_groups = 0;
  to->cell_values = NULL;
  to->label_column = to->weight_column = to->cluster_column = to->id_column = NULL;
  for (int s = 0; s < N_STREAMS; s++) {
    to->score_columns[s] = NULL;
    to->prediction_column[s] = NULL;
  }
  bool made = copy_names(from->classes, from->n_classes, &to->classes) && copy_groups(from, to) &&
              copy_text(from->label_column, &to->label_column) &&
              copy_text(from->weight_column, &to->weight_column) &&
              copy_text(from->cluster_column, &to->cluster_column) &&
              copy_text(from->id_column, &to->id_column);
  for (int s = 0; s < N_STREAMS && made; s++)
    made = copy_names(from->score_columns[s], from->n_scores, &to->score_columns[s]) &&
           copy_text(from->prediction_column[s], &to->prediction_column[s]);
  if (made)
    return NONET_OK;
  roles_clear(to);
  return error_memory(error, sizeof *to, "a copy of the roles");
}

/* The smaller row, 0 being none. */
static bool is_earlier(uint64_t row, uint64_t than) {
  return row && (!than || row < than);
}

void role_tally_add(struct role_tally *into, const struct role_tally *other) {
  into->n_rows += other->n_rows;
  into->n_used += other->n_used;
  into->n_label_null += other->n_label_null;
  into->n_invalid += other->n_invalid;
  into->n_outside_unit += other->n_outside_unit;
  into->n_sum_off += other->n_sum_off;
  if (is_earlier(other->first_outside_row, into->first_outside_row)) {
    into->first_outside_row = other->first_outside_row;
    into->first_outside_value = other->first_outside_value;
  }
  if (is_earlier(other->first_sum_off_row, into->first_sum_off_row))
    into->first_sum_off_row = other->first_sum_off_row;
}
