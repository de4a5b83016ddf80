/*
 * Resolved roles as bytes. Reading checks what later code relies on: (1) counts that fit into the
 * file; (2) sizes that belong together (two classes in binary, a score per class in multiclass with
 * scores, …); (3) group codes inside their dictionary, cells in order; (4) a task this build knows.
 * (5) The number of controls stands in the high half of that of groups: without controls the bytes
 * are those of earlier versions.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "summary/state_file.h"

static void write_names(char **names, size_t n, struct state_writer *writer) {
  state_write_u64(writer, names ? n : 0);
  state_write_u32(writer, names != NULL);
  for (size_t i = 0; names && i < n; i++)
    state_write_text(writer, names[i]);
}

/* The flags in one word, in this order. */
static uint32_t flags_of(const struct roles *r) {
  const bool flags[] = {r->has_label,
                        r->has_score[0],
                        r->has_score[1],
                        r->has_prediction[0],
                        r->has_prediction[1],
                        r->prediction_given[0],
                        r->prediction_given[1],
                        r->score_is_float32,
                        r->has_weight,
                        r->has_cluster,
                        r->has_id};
  uint32_t word = 0;
  for (size_t i = 0; i < sizeof flags; i++)
    word |= (uint32_t)flags[i] << i;
  return word;
}

static void set_flags(struct roles *r, uint32_t word) {
  bool *flags[] = {&r->has_label,
                   &r->has_score[0],
                   &r->has_score[1],
                   &r->has_prediction[0],
                   &r->has_prediction[1],
                   &r->prediction_given[0],
                   &r->prediction_given[1],
                   &r->score_is_float32,
                   &r->has_weight,
                   &r->has_cluster,
                   &r->has_id};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    *flags[i] = word >> i & 1;
}

void state_roles_write(const struct roles *r, struct state_writer *writer) {
  state_write_u32(writer, (uint32_t)r->task);
  state_write_u32(writer, flags_of(r));
  for (int s = 0; s < N_STREAMS; s++)
    state_write_double(writer, r->threshold[s]);
  state_write_u64(writer, r->n_classes);
  write_names(r->classes, r->n_classes, writer);
  state_write_u64(writer, r->n_scores);
  for (int s = 0; s < N_STREAMS; s++)
    write_names(r->score_columns[s], r->n_scores, writer);
  for (int s = 0; s < N_STREAMS; s++)
    state_write_text(writer, r->prediction_column[s]);
  state_write_text(writer, r->label_column);
  state_write_text(writer, r->weight_column);
  state_write_text(writer, r->cluster_column);
  state_write_text(writer, r->id_column);
  state_write_u64(writer, r->n_groups | (uint64_t)r->n_controls << 32); /* 5 */
  for (size_t g = 0; g < r->n_groups; g++) {
    state_write_text(writer, r->groups[g].column);
    state_write_text(writer, r->groups[g].rule);
    write_names(r->groups[g].values, r->groups[g].n_values, writer);
  }
  state_write_u64(writer, r->n_cells);
  size_t n = r->cell_values ? r->n_cells * r->n_groups : 0;
  state_write_u64(writer, n);
  if (n)
    state_write(writer, r->cell_values, n * sizeof *r->cell_values);
}

struct roles_reader {
  struct state_reader *bytes;
  bool out_of_memory;
};

static bool is_well(const struct roles_reader *r) {
  return !r->bytes->failed && !r->out_of_memory;
}

static char *read_text(struct roles_reader *r) {
  return state_read_text(r->bytes, &r->out_of_memory);
}

/* *names has *n names, or is NULL when there were none; both are set at once so that roles_clear
 * always fits. */
static void read_names(struct roles_reader *r, char ***names, size_t *n) {
  uint64_t count = state_read_count(r->bytes, 4); /* (1) */
  bool there = state_read_u32(r->bytes) != 0;
  *names = NULL;
  *n = 0;
  if (!is_well(r) || !there)
    return;
  *names = memory_zeroed(count + 1, sizeof **names);
  if (!*names) {
    r->out_of_memory = true;
    return;
  }
  *n = count;
  for (uint64_t i = 0; i < count && is_well(r); i++)
    (*names)[i] = read_text(r);
}

static void free_names(char **names, size_t n) {
  for (size_t i = 0; names && i < n; i++)
    memory_free(names[i]);
  memory_free(names);
}

/* Names that must be n or none at all. */
static bool read_exactly(struct roles_reader *r, char ***names, size_t n) {
  size_t found;
  read_names(r, names, &found);
  if (is_well(r) && (!*names || found == n))
    return true;
  free_names(*names, found);
  *names = NULL;
  return false;
}

static bool read_groups(struct roles_reader *r, struct roles *roles) {
  uint64_t both = state_read_u64(r->bytes), n = both & UINT32_MAX; /* 5 */
  if (!is_well(r) || both >> 32 > n || n > state_left(r->bytes) / 16)
    return false;
  roles->n_controls = both >> 32;
  roles->groups = memory_zeroed(n + 1, sizeof *roles->groups);
  if (!roles->groups) {
    r->out_of_memory = true;
    return false;
  }
  roles->n_groups = n;
  for (uint64_t g = 0; g < n && is_well(r); g++) {
    roles->groups[g].column = read_text(r);
    roles->groups[g].rule = read_text(r);
    read_names(r, &roles->groups[g].values, &roles->groups[g].n_values);
    if (is_well(r) && !roles->groups[g].column)
      return false;
  }
  return is_well(r);
}

/* (3) */
static bool cells_are_valid(const struct roles *roles, size_t n_values) {
  size_t width = roles->n_groups;
  if (n_values == 0)
    return roles->n_cells == 1 || width == 0;
  for (size_t c = 0; c < roles->n_cells; c++) {
    const uint32_t *cell = roles->cell_values + c * width, *before = cell - width;
    int order = c ? 0 : -1;
    for (size_t g = 0; g < width; g++) {
      if (cell[g] >= roles->groups[g].n_values)
        return roles->n_cells == 1; /* a part without rows */
      if (order == 0 && before[g] != cell[g])
        order = before[g] < cell[g] ? -1 : 1;
    }
    if (order >= 0)
      return false;
  }
  return true;
}

static bool read_cells(struct roles_reader *r, struct roles *roles) {
  uint64_t n_cells = state_read_u64(r->bytes), n = state_read_count(r->bytes, sizeof(uint32_t));
  if (!is_well(r) || n_cells == 0 || (roles->n_groups == 0 && n_cells != 1) || n_cells > UINT32_MAX)
    return false;
  if (roles->n_groups && n && (n % roles->n_groups || n / roles->n_groups != n_cells))
    return false;
  if (roles->n_groups == 0 && n)
    return false;
  if (n == 0 && n_cells != 1)
    return false;
  roles->n_cells = n_cells;
  /* roles_copy takes n_cells · n_groups values, there or not. */
  size_t width = roles->n_groups;
  roles->cell_values = width ? memory_zeroed(n_cells * width, sizeof *roles->cell_values) : NULL;
  if (width && !roles->cell_values) {
    r->out_of_memory = true;
    return false;
  }
  const uint8_t *data = state_read(r->bytes, n * sizeof(uint32_t));
  if (!data)
    return false;
  if (n)
    memcpy(roles->cell_values, data, n * sizeof(uint32_t));
  return cells_are_valid(roles, n);
}

/* (2), (4) */
static bool sizes_are_valid(const struct roles *r) {
  bool has_score = r->has_score[STREAM_A] || r->has_score[STREAM_B];
  if (!isfinite(r->threshold[STREAM_A]) || !isfinite(r->threshold[STREAM_B]) ||
      (has_score && r->n_scores == 0))
    return false;
  switch (r->task) {
  case TASK_BINARY:
    return r->n_classes == 2 && r->n_scores <= 1;
  case TASK_MULTICLASS:
    return r->n_classes <= UINT32_MAX && (r->n_scores == 0 || r->n_scores == r->n_classes);
  case TASK_REGRESSION:
    return r->n_classes == 0 && r->n_scores <= 1 && !r->has_prediction[0] &&
           !r->has_prediction[1] && !r->prediction_given[0] && !r->prediction_given[1];
  case TASK_AUTO:
    return r->n_classes == 0 && r->n_scores == 0;
  default:
    return false;
  }
}

static bool read_all(struct roles_reader *r, struct roles *roles) {
  roles->task = (enum task)state_read_u32(r->bytes);
  set_flags(roles, state_read_u32(r->bytes));
  for (int s = 0; s < N_STREAMS; s++)
    roles->threshold[s] = state_read_double(r->bytes);
  uint64_t n_classes = state_read_u64(r->bytes);
  if (!read_exactly(r, &roles->classes, n_classes) || (n_classes && !roles->classes))
    return false;
  roles->n_classes = n_classes;
  uint64_t n_scores = state_read_u64(r->bytes);
  for (int s = 0; s < N_STREAMS; s++) {
    if (!read_exactly(r, &roles->score_columns[s], n_scores))
      return false;
    if (roles->score_columns[s])
      roles->n_scores = n_scores;
    else if (n_scores > 1 && n_scores != n_classes)
      return false;
  }
  roles->n_scores = n_scores;
  for (int s = 0; s < N_STREAMS; s++)
    roles->prediction_column[s] = read_text(r);
  roles->label_column = read_text(r);
  roles->weight_column = read_text(r);
  roles->cluster_column = read_text(r);
  roles->id_column = read_text(r);
  return is_well(r) && read_groups(r, roles) && read_cells(r, roles) && sizes_are_valid(roles);
}

nonet_status state_roles_read(struct state_reader *reader, struct roles *roles,
                              nonet_error *error) {
  struct roles_reader r = {.bytes = reader};
  *roles = (struct roles){0};
  if (read_all(&r, roles))
    return NONET_OK;
  if (r.out_of_memory)
    return error_memory(error, reader->size, "the roles of a state file");
  return error_set(error, NONET_E_DATA, "the roles are damaged");
}
