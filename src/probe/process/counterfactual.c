/*
 * Counterfactual flips (counterfactual.h): the simplest form of Kusner et al. 2017. A protected
 * column is set to another of its values and nothing else: what the column causes in other columns
 * stays as it was, so that a model which reads the consequences alone flips no row.
 *
 *   a row flips in a column when its decision under any of the values tried differs from its
 *   decision as it is
 *
 * Cases:
 *  1. A column that the model does not read: no row can flip, nothing is asked.
 *  2. Values tried: those found in the rows, at most COUNTERFACTUAL_VALUES, the most frequent first
 * (then the first in the rows' order). Numbers with more: the values at 10, 30, 50, 70 and 90 % of
 * the sorted rows.
 *  3. A null is no value to set; a row with a null is asked like the others.
 *  4. One value alone: nothing to change it to.
 *  5. More than COUNTERFACTUAL_DISTINCT different values: those met first are counted.
 */
#include "probe/process/counterfactual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/process/altered.h"
#include "probe/process/answered.h"

#define COUNTERFACTUAL_VALUES 10
#define COUNTERFACTUAL_DISTINCT 256

struct changing {
  const struct driver *driver;
  const struct driver_rows *rows;
  void *model;
  double threshold;
  struct answered plain;
  struct probe_counterfactual *found;
};

/* ---- which values: 2 ---- */

struct distinct {
  char name[PROBE_TEXT_BYTES];
  size_t row, n; /* where it is met first, and how often */
};

struct ranked {
  double number;
  size_t row;
};

static int by_frequency(const void *a, const void *b) {
  const struct distinct *x = a, *y = b;
  return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : (x->row > y->row) - (x->row < y->row);
}

static int by_number(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  return x->number != y->number ? (x->number > y->number) - (x->number < y->number)
                                : (x->row > y->row) - (x->row < y->row);
}

static void name_of(const struct arrowcol *column, size_t row, char text[PROBE_TEXT_BYTES]) {
  char buffer[ARROWCOL_TEXT_BYTES], number[VALUE_NAME_BYTES], whole[PROBE_TEXT_BYTES];
  const char *name;
  size_t length;
  struct value value = arrowcol_value(column, (int64_t)row, buffer);
  value_name(&value, number, &name, &length);
  (void)snprintf(whole, sizeof whole, "%.*s", (int)(length < 200 ? length : 200), name);
  probe_text(text, whole);
}

/* *n_distinct may be over COUNTERFACTUAL_VALUES; sorted by frequency. */
static void count_values(const struct arrowcol *column, size_t n_rows, struct distinct *distinct,
                         size_t *n_distinct) {
  *n_distinct = 0;
  for (size_t i = 0; i < n_rows; i++) {
    char name[PROBE_TEXT_BYTES];
    size_t k = 0;
    if (arrowcol_is_null(column, (int64_t)i)) { /* 3 */
      continue;
    }
    name_of(column, i, name);
    while (k < *n_distinct && strcmp(distinct[k].name, name) != 0) {
      k++;
    }
    if (k == *n_distinct && k < COUNTERFACTUAL_DISTINCT) { /* 5 */
      distinct[k] = (struct distinct){.row = i};
      memcpy(distinct[k].name, name, sizeof name);
      ++*n_distinct;
    }
    if (k < *n_distinct) {
      distinct[k].n++;
    }
  }
  qsort(distinct, *n_distinct, sizeof *distinct, by_frequency);
}

static nonet_status take_quantiles(const struct arrowcol *column, size_t n_rows,
                                   struct distinct *distinct, size_t *n, nonet_error *error) {
  static const double shares[] = {0.1, 0.3, 0.5, 0.7, 0.9};
  double *numbers = memory_new(n_rows + 1, sizeof *numbers);
  struct ranked *ranked = memory_new(n_rows + 1, sizeof *ranked);
  size_t n_ranked = 0;
  nonet_status status = numbers == NULL || ranked == NULL
                            ? error_memory(error, n_rows * sizeof *ranked, "a column's quantiles")
                            : NONET_OK;
  if (status == NONET_OK) {
    (void)arrowcol_doubles(column, 0, (int64_t)n_rows, numbers, 1);
    for (size_t i = 0; i < n_rows; i++) {
      if (numbers[i] == numbers[i]) {
        ranked[n_ranked++] = (struct ranked){numbers[i], i};
      }
    }
    qsort(ranked, n_ranked, sizeof *ranked, by_number);
    *n = 0;
    for (size_t q = 0; q < sizeof shares / sizeof *shares && n_ranked > 0; q++) {
      struct distinct *value = &distinct[(*n)++];
      value->row = ranked[(size_t)(shares[q] * (double)(n_ranked - 1))].row;
      name_of(column, value->row, value->name);
    }
  }
  memory_free(numbers);
  memory_free(ranked);
  return status;
}

static nonet_status choose(const struct driver_rows *rows, size_t at, struct distinct *distinct,
                           size_t *n, nonet_error *error) {
  struct arrow_type type;
  struct arrowcol column;
  if (!arrow_type_init(&type, rows->schema.children[at])) {
    return error_memory(error, sizeof type, "a protected column");
  }
  nonet_status status =
      arrowcol_bind(&column, &type, rows->array.children[at])
          ? NONET_OK
          : error_set(error, NONET_E_DATA, ARROWCOL_BROKEN, rows->schema.children[at]->name);
  if (status == NONET_OK) {
    count_values(&column, rows->n, distinct, n);
    if (*n > COUNTERFACTUAL_VALUES && arrow_type_is_number(&type)) {
      status = take_quantiles(&column, rows->n, distinct, n, error);
    }
    *n = *n > COUNTERFACTUAL_VALUES ? COUNTERFACTUAL_VALUES : *n;
  }
  arrow_type_clear(&type);
  return status;
}

/* ---- asking ---- */

static nonet_status try_value(const struct changing *own, size_t at, const struct distinct *value,
                              struct probe_flip_column *column, uint8_t *flips,
                              nonet_error *error) {
  struct altered altered = {0};
  struct answered answered = {0};
  size_t n_flips = 0;
  nonet_status status = altered_init(&altered, own->rows, own->rows->n, error);
  if (status == NONET_OK) {
    status = altered_repeat(&altered, own->rows, at, value->row, error);
  }
  if (status == NONET_OK) {
    status = answered_all(own->driver, own->model, &altered.rows, 0, &answered, error);
  }
  for (size_t i = 0; i < own->rows->n && status == NONET_OK; i++) {
    bool is_flip = answered_decision(&answered, i, own->threshold) !=
                   answered_decision(&own->plain, i, own->threshold);
    n_flips += is_flip;
    flips[i] |= is_flip;
  }
  if (status == NONET_OK && (column->n_values++ == 0 || n_flips > column->n_worst)) {
    column->n_worst = n_flips;
    memcpy(column->worst_value, value->name, sizeof column->worst_value);
  }
  answered_clear(&answered);
  altered_clear(&altered);
  return status;
}

static bool is_read(const json_t *request, const char *name) { /* 1 */
  const json_t *columns = json_object_get(request, "columns");
  for (size_t i = 0; i < json_array_size(columns); i++) {
    const char *column = json_string_value(json_array_get(columns, i));
    if (column != NULL && strcmp(column, name) == 0) {
      return true;
    }
  }
  return false;
}

static nonet_status try_columns(const struct changing *own, const json_t *request,
                                nonet_error *error) {
  struct probe_counterfactual *found = own->found;
  const json_t *names = json_object_get(request, "protected");
  struct distinct *distinct = memory_new(COUNTERFACTUAL_DISTINCT, sizeof *distinct);
  nonet_status status =
      distinct == NULL ? error_memory(error, sizeof *distinct, "values of a column") : NONET_OK;
  for (size_t c = 0; c < found->n_columns && status == NONET_OK; c++) {
    const char *name = json_string_value(json_array_get(names, c));
    int64_t at = name == NULL ? -1 : altered_find(own->rows, name);
    size_t n = 0;
    probe_text(found->column[c].name, name == NULL ? "" : name);
    if (at < 0 || !is_read(request, name)) {
      continue;
    }
    status = choose(own->rows, (size_t)at, distinct, &n, error);
    for (size_t k = 0; k < n && n > 1 && status == NONET_OK; k++) { /* 4 */
      status = try_value(own, (size_t)at, &distinct[k], &found->column[c],
                         found->flips + c * found->n_rows, error);
    }
  }
  memory_free(distinct);
  return status;
}

/* Rows that belong together, numbered in the order in which they are met. */
struct keyed {
  uint64_t key;
  size_t row;
};

static int by_key(const void *a, const void *b) {
  const struct keyed *x = a, *y = b;
  return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                          : (x->row > y->row) - (x->row < y->row);
}

static nonet_status number_clusters(const struct driver_rows *rows, size_t at, uint32_t *clusters,
                                    nonet_error *error) {
  struct arrow_type type;
  struct arrowcol column;
  uint32_t number = 0;
  struct keyed *keyed = memory_new(rows->n + 1, sizeof *keyed);
  if (keyed == NULL || !arrow_type_init(&type, rows->schema.children[at])) {
    memory_free(keyed);
    return error_memory(error, rows->n * sizeof *keyed, "clusters of rows");
  }
  nonet_status status =
      arrowcol_bind(&column, &type, rows->array.children[at])
          ? NONET_OK
          : error_set(error, NONET_E_DATA, ARROWCOL_BROKEN, rows->schema.children[at]->name);
  for (size_t i = 0; i < rows->n && status == NONET_OK; i++) {
    char buffer[ARROWCOL_TEXT_BYTES];
    struct value value = arrowcol_value(&column, (int64_t)i, buffer);
    keyed[i] = (struct keyed){value_key(&value), i};
  }
  if (status == NONET_OK) {
    qsort(keyed, rows->n, sizeof *keyed, by_key);
  }
  for (size_t i = 0; i < rows->n && status == NONET_OK; i++) {
    number += i > 0 && keyed[i].key != keyed[i - 1].key;
    clusters[keyed[i].row] = number;
  }
  arrow_type_clear(&type);
  memory_free(keyed);
  return status;
}

static nonet_status find_clusters(const struct driver_rows *rows, const json_t *request,
                                  struct probe_counterfactual *found, nonet_error *error) {
  const char *name = json_string_value(json_object_get(request, "cluster"));
  int64_t at = name == NULL ? -1 : altered_find(rows, name);
  if (at < 0) {
    return NONET_OK;
  }
  found->clusters = memory_zeroed(rows->n, sizeof *found->clusters);
  return found->clusters == NULL
             ? error_memory(error, rows->n * sizeof *found->clusters, "clusters of rows")
             : number_clusters(rows, (size_t)at, found->clusters, error);
}

nonet_status counterfactual_ask(const struct driver *driver, const json_t *request,
                                const json_t *spec, const struct driver_rows *rows,
                                double threshold, struct probe_counterfactual *found,
                                nonet_error *error) {
  struct changing own = {.driver = driver, .rows = rows, .threshold = threshold, .found = found};
  size_t n = json_array_size(json_object_get(request, "protected"));
  *found = (struct probe_counterfactual){
      .n_rows = rows->n, .n_columns = n < PROBE_FLIP_COLUMNS ? n : PROBE_FLIP_COLUMNS};
  found->flips = memory_zeroed(found->n_columns * rows->n + 1, 1);
  nonet_status status = found->flips == NULL
                            ? error_memory(error, found->n_columns * rows->n, "flips of rows")
                            : driver->open(request, spec, 0, rows, &own.model, error);
  if (status == NONET_OK) {
    status = answered_all(driver, own.model, rows, 0, &own.plain, error);
  }
  if (status == NONET_OK) {
    status = try_columns(&own, request, error);
  }
  if (status == NONET_OK) {
    status = find_clusters(rows, request, found, error);
  }
  if (own.model != NULL) {
    driver->close(own.model);
  }
  answered_clear(&own.plain);
  return status;
}

/* ---- to the parent ---- */

static json_t *places_of(const uint8_t *flips, size_t n_rows) {
  json_t *places = json_array();
  for (size_t i = 0; i < n_rows && places != NULL; i++) {
    if (flips[i] != 0 && json_array_append_new(places, json_integer((json_int_t)i)) != 0) {
      json_decref(places);
      return NULL;
    }
  }
  return places;
}

json_t *counterfactual_json(const struct probe_counterfactual *found) {
  json_t *columns = json_array();
  for (size_t c = 0; c < found->n_columns; c++) {
    const struct probe_flip_column *column = &found->column[c];
    json_t *row = json_pack("{s:s, s:I, s:s, s:I, s:o}", "name", column->name, "values",
                            (json_int_t)column->n_values, "worst", column->worst_value, "n_worst",
                            (json_int_t)column->n_worst, "flips",
                            places_of(found->flips + c * found->n_rows, found->n_rows));
    if (json_array_append_new(columns, row) != 0) {
      json_decref(columns);
      return NULL;
    }
  }
  json_t *clusters = found->clusters == NULL ? NULL : json_array();
  for (size_t i = 0; i < found->n_rows && clusters != NULL; i++) {
    if (json_array_append_new(clusters, json_integer(found->clusters[i])) != 0) {
      json_decref(clusters);
      json_decref(columns);
      return NULL;
    }
  }
  return json_pack("{s:{s:I, s:o, s:o*}}", "counterfactual", "rows", (json_int_t)found->n_rows,
                   "columns", columns, "clusters", clusters);
}

static bool read_column(const json_t *row, size_t n_rows, struct probe_flip_column *column,
                        uint8_t *flips) {
  const char *name = json_string_value(json_object_get(row, "name"));
  const char *worst = json_string_value(json_object_get(row, "worst"));
  json_int_t values = json_integer_value(json_object_get(row, "values"));
  json_int_t n_worst = json_integer_value(json_object_get(row, "n_worst"));
  const json_t *places = json_object_get(row, "flips");
  if (name == NULL || worst == NULL || values < 0 || n_worst < 0 || (size_t)n_worst > n_rows ||
      !json_is_array(places)) {
    return false;
  }
  probe_text(column->name, name);
  probe_text(column->worst_value, worst);
  column->n_values = (size_t)values;
  column->n_worst = (size_t)n_worst;
  for (size_t i = 0; i < json_array_size(places); i++) {
    json_int_t at = json_integer_value(json_array_get(places, i));
    if (at < 0 || (size_t)at >= n_rows) {
      return false;
    }
    flips[at] = 1;
  }
  return true;
}

static nonet_status read_clusters(const json_t *list, struct probe_counterfactual *found,
                                  nonet_error *error) {
  if (!json_is_array(list)) {
    return NONET_OK;
  }
  found->clusters = memory_zeroed(found->n_rows, sizeof *found->clusters);
  if (found->clusters == NULL) {
    return error_memory(error, found->n_rows * sizeof *found->clusters, "clusters of rows");
  }
  for (size_t i = 0; i < found->n_rows; i++) {
    json_int_t number = json_integer_value(json_array_get(list, i)); /* one that is not there: 0 */
    if (number < 0 || (size_t)number >= found->n_rows) {
      return error_set(error, NONET_E_DATA, "the helper's answer has no sound 'clusters'");
    }
    found->clusters[i] = (uint32_t)number;
  }
  return NONET_OK;
}

nonet_status counterfactual_take(const json_t *reply, struct probe_counterfactual *found,
                                 nonet_error *error) {
  const json_t *row = json_object_get(reply, "counterfactual");
  const json_t *columns = json_object_get(row, "columns");
  json_int_t n = json_integer_value(json_object_get(row, "rows"));
  *found = (struct probe_counterfactual){.n_columns = json_array_size(columns)};
  if (n < 1 || n > 1 << 24 || found->n_columns > PROBE_FLIP_COLUMNS) {
    found->n_columns = 0;
    return error_set(error, NONET_E_DATA, "the helper's answer has no sound 'counterfactual'");
  }
  found->n_rows = (size_t)n;
  found->flips = memory_zeroed(found->n_columns * found->n_rows + 1, 1);
  if (found->flips == NULL) {
    return error_memory(error, found->n_columns * found->n_rows, "flips of rows");
  }
  for (size_t c = 0; c < found->n_columns; c++) {
    if (!read_column(json_array_get(columns, c), found->n_rows, &found->column[c],
                     found->flips + c * found->n_rows)) {
      return error_set(error, NONET_E_DATA, "the helper's answer has no sound 'counterfactual'");
    }
  }
  return read_clusters(json_object_get(row, "clusters"), found, error);
}
