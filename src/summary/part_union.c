/*
 * The union of the roles of two parts (part_union.h).
 *
 * Cases: (1) anything that would change what a number means differs (task, columns, threshold, type
 * of the scores …): an error that names it and both values. (2) Binary: classes stand by place,
 * negative first; a part that has seen one class only has NULL for the other. (3) Multiclass with
 * scores: a class per score column, by place, likewise. (4) Multiclass with predictions alone: the
 * sorted union of the names; an order of the caller's (--classes) must be the same in both. (5)
 * Names are numbers when all are: then ascending, otherwise bytewise – but when one part's order
 * shows that its texts are texts ("10" before "9"), bytewise. (6) Group values: the sorted union,
 * null last; cells: the union of combinations, in the order of their values. Class maps are
 * increasing.
 */
#include "summary/part_union.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* ---- (1) ---- */

static nonet_status differ(nonet_error *error, const char *field, const char *a, const char *b) {
  return error_set(error, NONET_E_DATA,
                   "the parts do not belong together: %s is '%s' in one and '%s' in the other; "
                   "measure all parts with the same options",
                   field, a ? a : "(none)", b ? b : "(none)");
}

static bool same_text(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

static nonet_status same_columns(const struct roles *a, const struct roles *b, int s,
                                 nonet_error *error) {
  if (!same_text(a->prediction_column[s], b->prediction_column[s]))
    return differ(error, s ? "the baseline prediction column" : "the prediction column",
                  a->prediction_column[s], b->prediction_column[s]);
  if (!a->score_columns[s] || !b->score_columns[s] || a->n_scores != b->n_scores)
    return NONET_OK;
  for (size_t k = 0; k < a->n_scores; k++)
    if (!same_text(a->score_columns[s][k], b->score_columns[s][k]))
      return differ(error, s ? "a baseline score column" : "a score column", a->score_columns[s][k],
                    b->score_columns[s][k]);
  return NONET_OK;
}

nonet_status part_union_columns(const struct roles *a, const struct roles *b, nonet_error *error) {
  const struct {
    const char *field, *a, *b;
  } texts[] = {{"the label column", a->label_column, b->label_column},
               {"the weight column", a->weight_column, b->weight_column},
               {"the cluster column", a->cluster_column, b->cluster_column},
               {"the id column", a->id_column, b->id_column}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (!same_text(texts[i].a, texts[i].b))
      return differ(error, texts[i].field, texts[i].a, texts[i].b);
  for (int s = 0; s < N_STREAMS; s++) {
    nonet_status status = same_columns(a, b, s, error);
    if (status)
      return status;
  }
  if (a->n_groups != b->n_groups || a->n_controls != b->n_controls)
    return error_set(error, NONET_E_DATA,
                     "the parts do not belong together: %zu group columns and %zu controls in one, "
                     "%zu and %zu in the other",
                     roles_n_sensitive(a), a->n_controls, roles_n_sensitive(b), b->n_controls);
  for (size_t g = 0; g < a->n_groups; g++)
    if (!same_text(a->groups[g].column, b->groups[g].column))
      return differ(error, "a group column", a->groups[g].column, b->groups[g].column);
  for (size_t g = 0; g < a->n_groups; g++)
    if (!same_text(a->groups[g].rule, b->groups[g].rule))
      return differ(error, "the ranges of a group column", a->groups[g].rule, b->groups[g].rule);
  return NONET_OK;
}

static nonet_status same_options(const struct roles *a, const struct roles *b, nonet_error *error) {
  if (a->task != b->task)
    return differ(error, "the task", task_name(a->task), task_name(b->task));
  for (int s = 0; s < N_STREAMS; s++)
    if (a->threshold[s] != b->threshold[s])
      return error_set(error, NONET_E_DATA,
                       "the parts do not belong together: the threshold of the %s is %.17g in one "
                       "and %.17g in the other",
                       s == STREAM_A ? "candidate" : "baseline", a->threshold[s], b->threshold[s]);
  if (a->n_scores != b->n_scores)
    return error_set(
        error, NONET_E_DATA,
        "the parts do not belong together: %zu scores a row in one and %zu in the other",
        a->n_scores, b->n_scores);
  if (a->score_is_float32 != b->score_is_float32)
    return differ(error, "the type of the scores", a->score_is_float32 ? "float" : "double",
                  b->score_is_float32 ? "float" : "double");
  const struct {
    const char *field;
    bool a, b;
  } flags[] = {{"a label", a->has_label, b->has_label},
               {"a weight", a->has_weight, b->has_weight},
               {"a cluster", a->has_cluster, b->has_cluster},
               {"an id", a->has_id, b->has_id},
               {"a score", a->has_score[0], b->has_score[0]},
               {"a baseline score", a->has_score[1], b->has_score[1]},
               {"a prediction", a->has_prediction[0], b->has_prediction[0]},
               {"a baseline prediction", a->has_prediction[1], b->has_prediction[1]},
               {"a prediction column", a->prediction_given[0], b->prediction_given[0]},
               {"a baseline prediction column", a->prediction_given[1], b->prediction_given[1]}};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (flags[i].a != flags[i].b)
      return error_set(error, NONET_E_DATA,
                       "the parts do not belong together: one has %s and the other has none",
                       flags[i].field);
  return NONET_OK;
}

/* ---- (5) order of names ---- */

static bool is_number(const char *name, double *value) {
  char *end;
  if (!name || !*name || strchr(" \t\n\r\f\v", *name))
    return false;
  *value = strtod(name, &end);
  return *end == 0 && !isnan(*value);
}

static int compare_numbers(const char *a, const char *b) {
  double x = 0, y = 0;
  (void)is_number(a, &x);
  (void)is_number(b, &y);
  return x < y ? -1 : x > y ? 1 : strcmp(a, b);
}

typedef int (*name_order)(const char *, const char *);

/* NULLs count as greatest. */
static int compare_names(const char *a, const char *b, name_order order) {
  if (!a || !b)
    return (a == NULL) - (b == NULL);
  return order(a, b);
}

static bool is_ordered(char **names, size_t n, name_order order) {
  for (size_t i = 1; i < n; i++)
    if (compare_names(names[i - 1], names[i], order) >= 0)
      return false;
  return true;
}

static bool are_numbers(char **names, size_t n) {
  double value;
  for (size_t i = 0; i < n; i++)
    if (names[i] && !is_number(names[i], &value))
      return false;
  return true;
}

/* The order both lists are in; NULL when there is none. */
static name_order find_order(char **a, size_t n_a, char **b, size_t n_b) {
  if (are_numbers(a, n_a) && are_numbers(b, n_b) && is_ordered(a, n_a, compare_numbers) &&
      is_ordered(b, n_b, compare_numbers))
    return compare_numbers;
  return is_ordered(a, n_a, strcmp) && is_ordered(b, n_b, strcmp) ? strcmp : NULL;
}

/* Merges two ordered lists; map_x[i] is the place of x[i]. */
static nonet_status unite_names(char **a, size_t n_a, char **b, size_t n_b, name_order order,
                                char ***out, size_t *n_out, uint32_t *map_a, uint32_t *map_b,
                                nonet_error *error) {
  char **names = memory_zeroed(n_a + n_b + 1, sizeof *names);
  size_t n = 0, i = 0, j = 0;
  *out = names;
  if (!names)
    return error_memory(error, (n_a + n_b) * sizeof *names, "names of values");
  while (i < n_a || j < n_b) {
    int side = i == n_a ? 1 : j == n_b ? -1 : compare_names(a[i], b[j], order);
    const char *name = side <= 0 ? a[i] : b[j];
    if (name && !(names[n] = memory_text(name)))
      return error_memory(error, strlen(name), "names of values");
    if (side <= 0)
      map_a[i++] = (uint32_t)n;
    if (side >= 0)
      map_b[j++] = (uint32_t)n;
    *n_out = ++n;
  }
  return NONET_OK;
}

/* ---- classes ---- */

/* (2), (3) */
static nonet_status classes_by_place(const struct roles *a, const struct roles *b,
                                     struct roles *whole, nonet_error *error) {
  for (size_t k = 0; k < a->n_classes; k++) {
    const char *x = a->classes ? a->classes[k] : NULL, *y = b->classes ? b->classes[k] : NULL;
    if (x && y && strcmp(x, y) != 0)
      return differ(error,
                    a->task == TASK_BINARY ? (k ? "the positive class" : "the negative class")
                                           : "a class",
                    x, y);
    if ((x || y) && !(whole->classes[k] = memory_text(x ? x : y)))
      return error_memory(error, strlen(x ? x : y), "class names");
  }
  /* A class that one part calls negative and the other positive would be counted as both. */
  for (size_t k = 0; k < a->n_classes; k++)
    for (size_t m = 0; m < k; m++)
      if (whole->classes[k] && whole->classes[m] &&
          strcmp(whole->classes[k], whole->classes[m]) == 0)
        return error_set(error, NONET_E_DATA,
                         "the parts do not belong together: class '%s' has different places in "
                         "them; give --positive or --classes for all parts",
                         whole->classes[k]);
  return NONET_OK;
}

static nonet_status unite_classes(const struct roles *a, const struct roles *b, struct roles *whole,
                                  struct code_map *map_a, struct code_map *map_b,
                                  nonet_error *error) {
  bool same = a->n_classes == b->n_classes;
  if (!a->classes || !b->classes)
    same = a->n_classes == 0 && b->n_classes == 0;
  for (size_t k = 0; same && k < a->n_classes; k++)
    same = same_text(a->classes[k], b->classes[k]);
  bool by_place = same || !a->classes || !b->classes || a->task == TASK_BINARY || a->n_scores > 0;
  for (size_t k = 0; k < map_a->n_classes; k++)
    map_a->class_code[k] = (uint32_t)k;
  for (size_t k = 0; k < map_b->n_classes; k++)
    map_b->class_code[k] = (uint32_t)k;
  if (by_place && a->n_classes != b->n_classes)
    return error_set(error, NONET_E_DATA,
                     "the parts do not belong together: %zu classes in one and %zu in the other",
                     a->n_classes, b->n_classes);
  if (by_place) {
    whole->n_classes = a->n_classes;
    whole->classes = memory_zeroed(a->n_classes + 1, sizeof *whole->classes);
    if (!whole->classes)
      return error_memory(error, a->n_classes * sizeof *whole->classes, "class names");
    if (!same)
      return classes_by_place(a, b, whole, error);
    for (size_t k = 0; k < a->n_classes; k++)
      if (a->classes[k] && !(whole->classes[k] = memory_text(a->classes[k])))
        return error_memory(error, strlen(a->classes[k]), "class names");
    return NONET_OK;
  }
  name_order order = find_order(a->classes, a->n_classes, b->classes, b->n_classes); /* (4) */
  if (!order)
    return error_set(error, NONET_E_DATA,
                     "the parts do not belong together: their classes are not in the same order; "
                     "give the same --classes for all parts");
  return unite_names(a->classes, a->n_classes, b->classes, b->n_classes, order, &whole->classes,
                     &whole->n_classes, map_a->class_code, map_b->class_code, error);
}

/* ---- (6) groups and cells ---- */

struct value_maps {
  uint32_t **a, **b; /* [n_groups][n_values] */
};

static nonet_status unite_ranges(const struct domain *x, const struct domain *y, struct domain *to,
                                 uint32_t *map_x, uint32_t *map_y, nonet_error *error) {
  const struct domain *longer = x->n_values >= y->n_values ? x : y;
  to->values = memory_zeroed(longer->n_values + 1, sizeof *to->values);
  if (!to->values)
    return error_memory(error, longer->n_values * sizeof *to->values, "group values");
  to->n_values = longer->n_values;
  for (size_t i = 0; i < longer->n_values; i++) {
    if (longer->values[i] && !(to->values[i] = memory_text(longer->values[i])))
      return error_memory(error, strlen(longer->values[i]), "group values");
    if (i < x->n_values)
      map_x[i] = (uint32_t)i;
    if (i < y->n_values)
      map_y[i] = (uint32_t)i;
  }
  return NONET_OK;
}

static nonet_status unite_groups(const struct roles *a, const struct roles *b, struct roles *whole,
                                 struct value_maps *maps, nonet_error *error) {
  size_t n = a->n_groups;
  whole->groups = memory_zeroed(n + 1, sizeof *whole->groups);
  maps->a = memory_zeroed(n + 1, sizeof *maps->a);
  maps->b = memory_zeroed(n + 1, sizeof *maps->b);
  if (!whole->groups || !maps->a || !maps->b)
    return error_memory(error, n * sizeof *whole->groups, "group values");
  whole->n_groups = n;
  whole->n_controls = a->n_controls;
  for (size_t g = 0; g < n; g++) {
    const struct domain *x = a->groups + g, *y = b->groups + g;
    struct domain *to = whole->groups + g;
    maps->a[g] = memory_new(x->n_values, sizeof **maps->a);
    maps->b[g] = memory_new(y->n_values, sizeof **maps->b);
    to->column = memory_text(x->column);
    to->rule = memory_text(x->rule);
    if (!maps->a[g] || !maps->b[g] || (x->column && !to->column) || (x->rule && !to->rule))
      return error_memory(error, x->n_values * sizeof(uint32_t), "group values");
    if (x->rule) { /* the same ranges in the same order; null stands behind them */
      nonet_status status = unite_ranges(x, y, to, maps->a[g], maps->b[g], error);
      if (status)
        return status;
      continue;
    }
    name_order order = find_order(x->values, x->n_values, y->values, y->n_values);
    if (!order)
      return error_set(error, NONET_E_DATA,
                       "the values of group column '%s' are numbers in one part and text in the "
                       "other: cast the column in all parts",
                       x->column ? x->column : "");
    nonet_status status = unite_names(x->values, x->n_values, y->values, y->n_values, order,
                                      &to->values, &to->n_values, maps->a[g], maps->b[g], error);
    if (status)
      return status;
  }
  return NONET_OK;
}

static void map_cells(const struct roles *part, uint32_t *const *maps, uint32_t *out) {
  for (size_t c = 0; c < part->n_cells; c++)
    for (size_t g = 0; g < part->n_groups; g++) {
      uint32_t value = part->cell_values[c * part->n_groups + g];
      out[c * part->n_groups + g] = value < part->groups[g].n_values ? maps[g][value] : UINT32_MAX;
    }
}

static int compare_tuples(const void *left, const void *right, void *width) {
  const uint32_t *x = left, *y = right;
  for (size_t g = 0; g < *(size_t *)width; g++)
    if (x[g] != y[g])
      return x[g] < y[g] ? -1 : 1;
  return 0;
}

static uint32_t find_cell(const struct roles *whole, const uint32_t *tuple) {
  size_t low = 0, high = whole->n_cells, width = whole->n_groups;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare_tuples(whole->cell_values + middle * width, tuple, &width) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return (uint32_t)low;
}

static nonet_status unite_cells(const struct roles *a, const struct roles *b, struct roles *whole,
                                const struct value_maps *maps, struct code_map *map_a,
                                struct code_map *map_b, nonet_error *error) {
  size_t width = a->n_groups, n = a->n_cells + b->n_cells, n_cells = 0;
  whole->n_cells = 1;
  map_a->cell[0] = map_b->cell[0] = 0;
  if (!width)
    return NONET_OK;
  whole->cell_values = memory_new(n * width, sizeof *whole->cell_values);
  uint32_t *tuples = memory_new(n * width, sizeof *tuples), *tuples_b = tuples + a->n_cells * width;
  if (!whole->cell_values || !tuples) {
    memory_free(tuples);
    return error_memory(error, n * width * sizeof *tuples, "cells of groups");
  }
  map_cells(a, maps->a, tuples);
  map_cells(b, maps->b, tuples_b);
  memcpy(whole->cell_values, tuples, n * width * sizeof *tuples);
  qsort_r(whole->cell_values, n, width * sizeof *tuples, compare_tuples, &width);
  for (size_t i = 0; i < n; i++) {
    uint32_t *to = whole->cell_values + n_cells * width, *from = whole->cell_values + i * width;
    if (n_cells && compare_tuples(to - width, from, &width) == 0)
      continue;
    memmove(to, from, width * sizeof *to);
    n_cells++;
  }
  whole->n_cells = n_cells;
  for (size_t c = 0; c < a->n_cells; c++)
    map_a->cell[c] = find_cell(whole, tuples + c * width);
  for (size_t c = 0; c < b->n_cells; c++)
    map_b->cell[c] = find_cell(whole, tuples_b + c * width);
  memory_free(tuples);
  return NONET_OK;
}

/* ---- all together ---- */

static nonet_status make_map(const struct roles *part, struct code_map *map, nonet_error *error) {
  *map = (struct code_map){.n_cells = part->n_cells, .n_classes = part->n_classes};
  map->cell = memory_zeroed(part->n_cells + 1, sizeof *map->cell);
  map->class_code = memory_zeroed(part->n_classes + 1, sizeof *map->class_code);
  return map->cell && map->class_code
             ? NONET_OK
             : error_memory(error, part->n_cells * sizeof *map->cell, "code maps");
}

void part_union_clear_map(struct code_map *map) {
  memory_free(map->cell);
  memory_free(map->class_code);
  *map = (struct code_map){0};
}

static void settle_map(struct code_map *map) {
  map->same_classes = true;
  for (size_t k = 0; map->class_code && k < map->n_classes; k++)
    map->same_classes &= map->class_code[k] == k;
}

bool part_union_is_identity(const struct code_map *map, const struct roles *part,
                            const struct roles *whole) {
  if (part->n_cells != whole->n_cells || part->n_classes != whole->n_classes || !map->same_classes)
    return false;
  for (size_t c = 0; c < map->n_cells; c++)
    if (map->cell[c] != c)
      return false;
  return true;
}

/* The scalars and columns of `part`, without its dictionaries. */
static nonet_status copy_frame(const struct roles *part, struct roles *whole, nonet_error *error) {
  struct roles frame = *part;
  frame.n_classes = frame.n_groups = 0;
  frame.classes = NULL;
  frame.groups = NULL;
  frame.cell_values = NULL;
  frame.n_cells = 1;
  return roles_copy(&frame, whole, error);
}

nonet_status part_union_make(const struct roles *a, const struct roles *b, struct roles *whole,
                             struct code_map *map_a, struct code_map *map_b, nonet_error *error) {
  struct value_maps maps = {0};
  *whole = (struct roles){0};
  *map_a = *map_b = (struct code_map){0};
  nonet_status status = part_union_columns(a, b, error);
  if (!status)
    status = same_options(a, b, error);
  if (!status)
    status = copy_frame(a, whole, error);
  if (!status)
    status = make_map(a, map_a, error);
  if (!status)
    status = make_map(b, map_b, error);
  if (!status)
    status = unite_classes(a, b, whole, map_a, map_b, error);
  if (!status)
    status = unite_groups(a, b, whole, &maps, error);
  if (!status)
    status = unite_cells(a, b, whole, &maps, map_a, map_b, error);
  for (size_t g = 0; g < a->n_groups; g++) {
    if (maps.a)
      memory_free(maps.a[g]);
    if (maps.b)
      memory_free(maps.b[g]);
  }
  memory_free(maps.a);
  memory_free(maps.b);
  settle_map(map_a);
  settle_map(map_b);
  if (status) {
    roles_clear(whole);
    part_union_clear_map(map_a);
    part_union_clear_map(map_b);
  }
  return status;
}
