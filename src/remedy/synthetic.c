/*
 * Making rows between a row and one of its k nearest of the same class.
 *
 *   made = row + u · (neighbour − row), u in [0, 1)
 *
 * SMOTE draws the row among all of the class and the neighbour among its k; Borderline-SMOTE draws
 * it among those in danger; ADASYN makes round(r_i / Σr · wanted) from row i, where r_i is the
 * share of other classes among its k nearest of all rows (halves to the even number).
 *
 * Categories (SMOTE-NC): two rows are farther apart by the median of the class's standard
 * deviations (of the numbers, divided by n) for each category that differs; a made row gets the
 * commonest among the k neighbours of its base, of equally common ones the one of the nearest.
 *
 * Cases: 1. A class of at most k rows has no k neighbours: told, with the largest k that would do.
 * 2. No row is in danger, no neighbour of another class: nothing says where rows are needed. 3. A
 * column of whole numbers stays one: halves to the even number. 4. A class that has enough is
 * left alone. 5. Names of neighbours are places in the whole table.
 */
#include "remedy/synthetic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "learn/part.h"

/* The rows of a class and the k nearest of each within it. */
struct family {
  uint32_t code;
  size_t k;
  struct part part;
  uint32_t *near; /* [n_rows][k] places in the table */
};

static size_t k_of(const struct rebalance_input *input) {
  return input->k > 0 ? input->k : rebalance_info(input->method)->k;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The squared step of a category that differs. */
static nonet_status category_step(const struct neighbours_rows *rows, double *step,
                                  nonet_error *error) {
  size_t d = rows->n_numbers, n = rows->n_rows;
  double *deviation = memory_new(d, sizeof *deviation);
  if (deviation == NULL) {
    return error_memory(error, d * sizeof *deviation, "deviations");
  }
  for (size_t c = 0; c < d; c++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
      sum += rows->number[i * d + c];
    }
    for (size_t i = 0; i < n; i++) {
      double x = rows->number[i * d + c] - sum / (double)n;
      squares += x * x;
    }
    deviation[c] = sqrt(squares / (double)n);
  }
  qsort(deviation, d, sizeof *deviation, compare_doubles);
  double median = d == 0 ? 1 : (deviation[(d - 1) / 2] + deviation[d / 2]) / 2;
  *step = median * median;
  memory_free(deviation);
  return NONET_OK;
}

/* 1 */
static nonet_status check_k(const struct rebalance_input *input, uint32_t code, size_t n, size_t k,
                            nonet_error *error) {
  if (n > k) {
    return NONET_OK;
  }
  const char *name = input->class_name[code];
  const char *method = rebalance_info(input->method)->name;
  if (n < 2) {
    return error_set(error, NONET_E_DATA,
                     "%s needs neighbours within a class, and class '%s' has 1 row; use "
                     "random-over or class-weights, or find more rows of it",
                     method, name);
  }
  return error_set(error, NONET_E_DATA,
                   "%s with k = %zu needs at least %zu rows of a class, and '%s' has %zu; choose "
                   "--k %zu or less, use random-over or class-weights, or find more rows of it",
                   method, k, k + 1, name, n, n - 1);
}

static void family_clear(struct family *family) {
  part_clear(&family->part);
  memory_free(family->near);
}

static nonet_status family_init(struct family *family, const struct rebalance_input *input,
                                uint32_t code, nonet_error *error) {
  struct neighbours *index = NULL;
  *family = (struct family){.code = code, .k = k_of(input)};
  nonet_status status =
      part_of_class(&input->rows, input->label, code, false, &family->part, error);
  struct neighbours_rows *rows = &family->part.rows;
  if (status == NONET_OK) {
    status = check_k(input, code, rows->n_rows, family->k, error);
  }
  if (status == NONET_OK && rows->n_categories > 0) {
    status = category_step(rows, &rows->category_step, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  family->near = memory_new(rows->n_rows * family->k, sizeof *family->near);
  if (family->near == NULL) {
    return error_memory(error, rows->n_rows * family->k * sizeof *family->near, "neighbours");
  }
  struct neighbours_query query = {
      .rows = rows, .self = family->part.name, .k = family->k, .n_threads = input->n_threads};
  status = neighbours_new(rows, input->n_threads, &index, error);
  if (status == NONET_OK) {
    status = neighbours_find(index, &query, family->near, NULL, input->progress, error);
  }
  neighbours_free(index);
  return status;
}

/* --- one row --- */

static uint32_t commonest(const struct rebalance_input *input, const uint32_t *near, size_t k,
                          size_t column) {
  size_t c = input->rows.n_categories, most = 0;
  uint32_t best = 0;
  for (size_t i = 0; i < k; i++) {
    uint32_t code = input->rows.category[near[i] * c + column];
    size_t count = 0;
    for (size_t j = 0; j < k; j++) {
      count += input->rows.category[near[j] * c + column] == code;
    }
    if (count > most) {
      most = count;
      best = code;
    }
  }
  return best;
}

static void make_row(const struct rebalance_input *input, const struct family *family, size_t base,
                     size_t which, double step, struct rebalance_result *result) {
  const uint32_t *near = family->near + base * family->k;
  size_t d = input->rows.n_numbers, c = input->rows.n_categories, at = result->n_made++;
  uint32_t row = family->part.name[base], partner = near[which];
  result->label[at] = family->code;
  result->base[at] = row;
  result->partner[at] = partner;
  for (size_t i = 0; i < d; i++) {
    double x = input->rows.number[row * d + i], y = input->rows.number[partner * d + i];
    double made = x + step * (y - x);
    result->number[at * d + i] = input->is_whole != NULL && input->is_whole[i] ? rint(made) : made;
  }
  for (size_t i = 0; i < c; i++) {
    result->category[at * c + i] = commonest(input, near, family->k, i);
  }
}

static nonet_status reserve(const struct rebalance_input *input, size_t n_more,
                            struct rebalance_result *result, nonet_error *error) {
  size_t n = result->n_made + n_more, d = input->rows.n_numbers, c = input->rows.n_categories;
  struct rebalance_result more = *result;
  bool fits = true;
#define RESERVE(field, each)                                                                       \
  if (fits) {                                                                                      \
    more.field = memory_resize(result->field, n * (each), sizeof *result->field);                  \
    fits = more.field != NULL;                                                                     \
    result->field = fits ? more.field : result->field;                                             \
  }
  RESERVE(number, d)
  RESERVE(category, c)
  RESERVE(label, 1)
  RESERVE(base, 1)
  RESERVE(partner, 1)
#undef RESERVE
  return fits
             ? NONET_OK
             : error_memory(error, n * (d * sizeof(double) + c * 4 + 12), "the rows that are made");
}

/* Rows of a class from bases drawn among `bases` (NULL: all). */
static nonet_status make_drawn(const struct rebalance_input *input, const struct family *family,
                               const uint32_t *bases, size_t n_bases, size_t n,
                               struct rebalance_result *result, nonet_error *error) {
  nonet_status status = reserve(input, n, result, error);
  for (size_t j = 0; j < n && status == NONET_OK; j++) {
    struct classes_draw draw = classes_draw(input->seed, family->code, j);
    size_t pick = classes_pick(draw, n_bases * family->k);
    size_t base = bases != NULL ? bases[pick / family->k] : pick / family->k;
    make_row(input, family, base, pick % family->k, draw.step, result);
  }
  return status;
}

/* --- who is near rows of other classes --- */

/* Of each row of the class, how many of its k nearest of all rows are of another. */
static nonet_status count_others(const struct rebalance_input *input, uint32_t code, size_t k,
                                 size_t *others, nonet_error *error) {
  struct part part = {0};
  struct neighbours *index = NULL;
  uint32_t *near = NULL;
  nonet_status status = part_of_class(&input->rows, input->label, code, false, &part, error);
  if (status == NONET_OK) {
    near = memory_new(part.rows.n_rows * k, sizeof *near);
    status = near != NULL ? neighbours_new(&input->rows, input->n_threads, &index, error)
                          : error_memory(error, part.rows.n_rows * k * sizeof *near, "neighbours");
  }
  struct neighbours_query query = {
      .rows = &part.rows, .self = part.name, .k = k, .n_threads = input->n_threads};
  if (status == NONET_OK) {
    status = neighbours_find(index, &query, near, NULL, input->progress, error);
  }
  for (size_t i = 0; status == NONET_OK && i < part.rows.n_rows; i++) {
    others[part.name[i]] = 0;
    for (size_t j = 0; j < k; j++) {
      uint32_t row = near[i * k + j];
      others[part.name[i]] += row != NEIGHBOURS_NONE && input->label[row] != code;
    }
  }
  part_clear(&part);
  neighbours_free(index);
  memory_free(near);
  return status;
}

nonet_status synthetic_danger(const struct rebalance_input *input, uint32_t code,
                              bool *is_in_danger, nonet_error *error) {
  size_t n = input->rows.n_rows, m = SYNTHETIC_DANGER_ROWS;
  if (n <= m) {
    return error_set(error, NONET_E_DATA,
                     "borderline-smote looks at the %zu nearest rows of each and there are %zu "
                     "rows; use smote",
                     m, n);
  }
  size_t *others = memory_new(n, sizeof *others);
  if (others == NULL) {
    return error_memory(error, n * sizeof *others, "neighbours");
  }
  nonet_status status = count_others(input, code, m, others, error);
  for (size_t i = 0; i < n; i++) {
    is_in_danger[i] =
        status == NONET_OK && input->label[i] == code && 2 * others[i] >= m && others[i] < m;
  }
  memory_free(others);
  return status;
}

nonet_status synthetic_adasyn(const struct rebalance_input *input, uint32_t code, size_t wanted,
                              size_t *n_made, nonet_error *error) {
  size_t n = input->rows.n_rows, k = k_of(input);
  double sum = 0;
  nonet_status status = count_others(input, code, k, n_made, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    n_made[i] = input->label[i] == code ? n_made[i] : 0;
    sum += (double)n_made[i] / (double)k;
  }
  if (status == NONET_OK && sum == 0) { /* 2 */
    return error_set(error, NONET_E_DATA,
                     "adasyn makes rows where a class meets others, and no row of '%s' has one of "
                     "another class among its %zu nearest; use smote",
                     input->class_name[code], k);
  }
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    n_made[i] = (size_t)rint((double)n_made[i] / (double)k / sum * (double)wanted);
  }
  return status;
}

/* --- a class --- */

static nonet_status make_in_danger(const struct rebalance_input *input, const struct family *family,
                                   size_t n, struct rebalance_result *result, nonet_error *error) {
  size_t n_rows = family->part.rows.n_rows, n_bases = 0;
  bool *is_in_danger = memory_new(input->rows.n_rows, sizeof *is_in_danger);
  uint32_t *bases = memory_new(n_rows, sizeof *bases);
  nonet_status status = NONET_OK;
  if (is_in_danger == NULL || bases == NULL) {
    status = error_memory(error, input->rows.n_rows, "rows in danger");
    goto done;
  }
  status = synthetic_danger(input, family->code, is_in_danger, error);
  for (size_t i = 0; status == NONET_OK && i < n_rows; i++) {
    if (is_in_danger[family->part.name[i]]) {
      bases[n_bases++] = (uint32_t)i;
    }
  }
  if (status == NONET_OK && n_bases == 0) { /* 2 */
    status = error_set(error, NONET_E_DATA,
                       "borderline-smote makes rows at the border of a class, and no row of '%s' "
                       "has half of its %d nearest, and not all, in other classes; use smote",
                       input->class_name[family->code], SYNTHETIC_DANGER_ROWS);
  }
  if (status == NONET_OK) {
    status = make_drawn(input, family, bases, n_bases, n, result, error);
  }
done:
  memory_free(is_in_danger);
  memory_free(bases);
  return status;
}

static nonet_status make_adaptive(const struct rebalance_input *input, const struct family *family,
                                  size_t wanted, struct rebalance_result *result,
                                  nonet_error *error) {
  size_t *n_made = memory_new(input->rows.n_rows, sizeof *n_made), total = 0;
  if (n_made == NULL) {
    return error_memory(error, input->rows.n_rows * sizeof *n_made, "rows to make");
  }
  nonet_status status = synthetic_adasyn(input, family->code, wanted, n_made, error);
  for (size_t i = 0; i < family->part.rows.n_rows && status == NONET_OK; i++) {
    total += n_made[family->part.name[i]];
  }
  if (status == NONET_OK) {
    status = reserve(input, total, result, error);
  }
  for (size_t i = 0, j = 0; i < family->part.rows.n_rows && status == NONET_OK; i++) {
    for (size_t m = 0; m < n_made[family->part.name[i]]; m++, j++) {
      struct classes_draw draw = classes_draw(input->seed, family->code, j);
      make_row(input, family, i, classes_pick(draw, family->k), draw.step, result);
    }
  }
  memory_free(n_made);
  return status;
}

nonet_status synthetic_make(const struct rebalance_input *input, const struct classes *classes,
                            struct rebalance_result *result, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < classes->n && status == NONET_OK; c++) {
    size_t n = classes->wanted[c] - classes->count[c];
    struct family family = {0};
    if (n == 0) { /* 4 */
      continue;
    }
    status = family_init(&family, input, (uint32_t)c, error);
    if (status == NONET_OK && input->method == REBALANCE_BORDERLINE) {
      status = make_in_danger(input, &family, n, result, error);
    } else if (status == NONET_OK && input->method == REBALANCE_ADASYN) {
      status = make_adaptive(input, &family, n, result, error);
    } else if (status == NONET_OK) {
      status = make_drawn(input, &family, NULL, family.part.rows.n_rows, n, result, error);
    }
    family_clear(&family);
  }
  return status;
}
