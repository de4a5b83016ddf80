/*
 * Reading what a rebalancing needs.
 *
 * Cases:
 *  1. A frame is in the order of its keys; its row numbers put everything back into the order of
 *     the source, which definitions with ties (NearMiss, neighbours) hang on.
 *  2. Missing values: a distance to them means nothing, and a value that stands for them would be
 *     ours and not the owner's. Label, groups, features: told with the first row.
 *  3. A text or date is no number: it is a category where the method takes some and the caller
 *     named it, else it is told.
 *  4. An id would make every distance: a column with a different value in each row that is text, or
 *     whole numbers packed as densely as ids are.
 *  5. Lists and structs have no distance. 6. Several group columns: each combination is a group.
 *  7. Fewer than two classes, or so many that the label must be a number.
 *  8. Whole numbers beyond 2^53 fall together as doubles: as names of classes, groups or categories
 *     they are told; as distances they are near enough.
 */
#include "remedy/columns_in.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define ID_ROWS 20 /* fewer rows may differ by chance */
#define MOST_WHOLE 9007199254740992.0

struct reader {
  const struct columns_request *request;
  struct columns_in *columns;
  struct progress *progress;
  const char **names; /* label, groups, features */
  size_t n_names, n_groups;
  size_t *place; /* [n_rows] frame's row to the place in the source */
};

static bool is_listed(const char *name, const struct split *list) {
  for (size_t i = 0; i < list->n; i++) {
    if (strcmp(list->item[i], name) == 0) {
      return true;
    }
  }
  return false;
}

/* --- which columns --- */

static nonet_status check_column(const struct table *table, const char *name, const char *option,
                                 nonet_error *error) {
  struct text near = {0};
  size_t n = table_n_columns(table);
  const char **names = memory_new(n, sizeof *names);
  if (names == NULL) {
    return error_memory(error, n * sizeof *names, "names of columns");
  }
  nonet_status status = NONET_E_DATA;
  for (size_t i = 0; i < n; i++) {
    names[i] = table_column(table, i).name;
    status = strcmp(names[i], name) == 0 ? NONET_OK : status;
  }
  if (status != NONET_OK) {
    text_suggestion(&near, name, names, n);
    (void)error_set(error, status, "--%s: %s has no column '%s'%s", option, table_name(table), name,
                    near.data != NULL ? near.data : "");
  }
  text_clear(&near);
  memory_free(names);
  return status;
}

static nonet_status add_names(struct reader *reader, const struct table *table,
                              const struct split *list, const char *option, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < list->n && status == NONET_OK; i++) {
    for (size_t j = 0; j < reader->n_names && status == NONET_OK; j++) {
      if (strcmp(reader->names[j], list->item[i]) == 0) {
        status =
            error_set(error, NONET_E_USAGE, "--%s names '%s', which is %s; name each column once",
                      option, list->item[i], j == 0 ? "the label" : "named before");
      }
    }
    if (status == NONET_OK) {
      status = check_column(table, list->item[i], option, error);
    }
    reader->names[reader->n_names++] = list->item[i];
  }
  return status;
}

/* A category is a feature, and stands among them when they are named. */
static nonet_status check_categorical(const struct reader *reader, const struct table *table,
                                      const char *name, nonet_error *error) {
  nonet_status status = check_column(table, name, "categorical", error);
  for (size_t i = 1 + reader->n_groups; i < reader->n_names && status == NONET_OK; i++) {
    if (strcmp(reader->names[i], name) == 0) {
      return NONET_OK;
    }
  }
  if (status == NONET_OK) {
    status = error_set(error, NONET_E_USAGE, "--categorical names '%s', which is %s", name,
                       strcmp(name, reader->request->label) == 0
                           ? "the label"
                           : "not among --features; name it in both");
  }
  return status;
}

static nonet_status choose_columns(struct reader *reader, const struct table *table,
                                   nonet_error *error) {
  const struct columns_request *request = reader->request;
  bool wants_features = rebalance_info(request->method)->needs_features;
  size_t n = table_n_columns(table);
  size_t n_most = 1 + request->groups->n + request->features->n + n;
  reader->names = memory_new(n_most, sizeof *reader->names);
  if (reader->names == NULL) {
    return error_memory(error, n_most * sizeof *reader->names, "names of columns");
  }
  nonet_status status = check_column(table, request->label, "label", error);
  reader->names[reader->n_names++] = request->label;
  if (status == NONET_OK) {
    status = add_names(reader, table, request->groups, "group", error);
  }
  reader->n_groups = request->groups->n;
  if (status == NONET_OK && wants_features) {
    status = add_names(reader, table, request->features, "features", error);
  }
  for (size_t i = 0; i < n && wants_features && request->features->n == 0; i++) {
    const char *name = table_column(table, i).name;
    if (strcmp(name, request->label) != 0 && !is_listed(name, request->groups)) {
      reader->names[reader->n_names++] = name;
    }
  }
  for (size_t i = 0; i < request->categorical->n && status == NONET_OK; i++) {
    status = check_categorical(reader, table, request->categorical->item[i], error);
  }
  return status;
}

static nonet_status read_frame(struct reader *reader, struct table *table, nonet_error *error) {
  struct frame *frame = &reader->columns->frame;
  struct frame_request request = {
      .features = reader->names, .n_features = reader->n_names, .what = "the columns"};
  nonet_status status = frame_read(table, &request, frame, reader->progress, error);
  if (status == NONET_OK && frame->n_left_out > 0) { /* 5 */
    status = error_set(error, NONET_E_DATA,
                       "column '%s' is a %s, which has no distance; leave it out with --features",
                       frame->left_out[0].name, frame->left_out[0].type);
  }
  if (status != NONET_OK) {
    return status;
  }
  reader->columns->n_rows = frame->n_rows;
  reader->place = memory_new(frame->n_rows, sizeof *reader->place);
  if (reader->place == NULL) {
    return error_memory(error, frame->n_rows * sizeof *reader->place, "rows in their order");
  }
  for (size_t i = 0; i < frame->n_rows; i++) { /* 1 */
    reader->place[i] = (size_t)frame->row[i] - 1;
  }
  return NONET_OK;
}

/* --- values --- */

/* 2 */
static nonet_status check_missing(const struct reader *reader, const struct frame_column *column,
                                  const char *what, const char *advice, nonet_error *error) {
  size_t first = SIZE_MAX;
  if (column->n_null == 0) {
    return NONET_OK;
  }
  for (size_t i = 0; i < reader->columns->n_rows; i++) {
    bool is_null =
        column->kind == FRAME_NUMBER ? isnan(column->number[i]) : column->code[i] == FRAME_NULL;
    first = is_null && reader->place[i] < first ? reader->place[i] : first;
  }
  return error_set(error, NONET_E_DATA, "%s '%s' is missing in %zu row%s, first in row %zu; %s",
                   what, column->name, column->n_null, column->n_null == 1 ? "" : "s", first + 1,
                   advice);
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The distinct values of a column of numbers, ascending; NULL when memory is short. */
static double *distinct(const double *number, size_t n, size_t *n_values) {
  double *values = memory_new(n, sizeof *values);
  *n_values = 0;
  if (values == NULL) {
    return NULL;
  }
  if (n > 0) {
    memcpy(values, number, n * sizeof *values);
    qsort(values, n, sizeof *values, compare_doubles);
  }
  for (size_t i = 0; i < n; i++) {
    if (*n_values == 0 || values[i] != values[*n_values - 1]) {
      values[(*n_values)++] = values[i];
    }
  }
  return values;
}

static size_t value_at(const double *values, size_t n, double wanted) {
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (values[middle] < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static void coded_clear(struct coded *coded) {
  for (size_t i = 0; coded->value != NULL && i < coded->n_values; i++) {
    memory_free(coded->value[i]);
  }
  memory_free(coded->value);
  memory_free(coded->number);
  memory_free(coded->code);
}

static nonet_status name_values(struct coded *coded, char *const *texts, nonet_error *error) {
  coded->value = memory_zeroed(coded->n_values, sizeof *coded->value);
  for (size_t v = 0; coded->value != NULL && v < coded->n_values; v++) {
    struct text text = {0};
    if (texts != NULL) {
      text_append(&text, texts[v]);
    } else {
      text_number(&text, coded->number[v]);
    }
    coded->value[v] = text_take(&text);
    if (coded->value[v] == NULL) {
      return error_memory(error, 64, "a column's values");
    }
  }
  return coded->value != NULL ? NONET_OK : error_memory(error, coded->n_values * 8, "values");
}

/* A column as codes. `most` is the largest number of values; what there are too many of is told. */
static nonet_status code_column(const struct reader *reader, const struct frame_column *column,
                                struct coded *coded, size_t most, const char *too_many,
                                nonet_error *error) {
  size_t n = reader->columns->n_rows;
  bool is_number = column->kind == FRAME_NUMBER;
  coded->name = column->name;
  coded->code = memory_new(n, sizeof *coded->code);
  if (is_number) {
    coded->number = distinct(column->number, n, &coded->n_values);
  } else {
    coded->n_values = column->n_values;
  }
  if (coded->code == NULL || (is_number && coded->number == NULL)) {
    return error_memory(error, n * sizeof *coded->code, "a column's codes");
  }
  if (coded->n_values > most) {
    size_t n_values = coded->n_values;
    coded->n_values = 0;
    return error_set(error, NONET_E_DATA, "column '%s' has %zu different values in %zu rows; %s",
                     column->name, n_values, n, too_many);
  }
  if (is_number && coded->n_values > 0 && column->is_whole && /* 8 */
      fmax(-coded->number[0], coded->number[coded->n_values - 1]) > MOST_WHOLE) {
    coded->n_values = 0;
    return error_set(
        error, NONET_E_DATA,
        "column '%s' holds whole numbers beyond 2^53, which cannot be told apart here; "
        "make texts of them with --query, such as \"SELECT * REPLACE (%s::VARCHAR AS "
        "%s) FROM ...\"",
        column->name, column->name, column->name);
  }
  for (size_t i = 0; i < n; i++) {
    coded->code[reader->place[i]] =
        is_number ? (uint32_t)value_at(coded->number, coded->n_values, column->number[i])
                  : column->code[i];
  }
  return name_values(coded, is_number ? NULL : column->values, error);
}

/* --- label and groups --- */

static nonet_status take_label(const struct reader *reader, nonet_error *error) {
  const struct frame_column *column = &reader->columns->frame.columns[0];
  struct coded *label = &reader->columns->label;
  if (reader->columns->n_rows == 0) {
    return error_set(error, NONET_E_DATA, "there are no rows to balance");
  }
  nonet_status status =
      check_missing(reader, column, "the label", "leave these rows out with --query", error);
  if (status == NONET_OK) {
    status = code_column(reader, column, label, COLUMNS_IN_CLASSES,
                         "a label with so many is a number to predict, and there are no classes to "
                         "balance",
                         error);
  }
  if (status == NONET_OK && label->n_values < 2) { /* 7 */
    status = error_set(error, NONET_E_DATA,
                       "all labels are %s = '%s' (%zu row%s): with one class there is nothing to "
                       "balance",
                       column->name, label->value[0], reader->columns->n_rows,
                       reader->columns->n_rows == 1 ? "" : "s");
  }
  return status;
}

static nonet_status take_groups(const struct reader *reader, nonet_error *error) {
  struct columns_in *columns = reader->columns;
  nonet_status status = NONET_OK;
  columns->group = memory_zeroed(columns->n_rows, sizeof *columns->group);
  columns->n_groups = 1;
  if (columns->group == NULL) {
    return error_memory(error, columns->n_rows * sizeof *columns->group, "groups");
  }
  for (size_t g = 0; g < reader->n_groups && status == NONET_OK; g++) { /* 6 */
    const struct frame_column *column = &columns->frame.columns[1 + g];
    struct coded coded = {0};
    status = check_missing(reader, column, "the group",
                           "give the missing a name of their own with --query", error);
    if (status == NONET_OK) {
      status =
          code_column(reader, column, &coded, COLUMNS_IN_CATEGORIES,
                      "groups with so few rows have no weight worth having; bin it first", error);
    }
    if (status == NONET_OK && columns->n_groups * coded.n_values > UINT32_MAX / 2) {
      status = error_set(error, NONET_E_DATA, "--group makes too many combinations; name fewer");
    }
    for (size_t i = 0; i < columns->n_rows && status == NONET_OK; i++) {
      columns->group[i] = columns->group[i] * (uint32_t)coded.n_values + coded.code[i];
    }
    columns->n_groups *= coded.n_values;
    coded_clear(&coded);
  }
  return status;
}

/* --- features --- */

/* 4 */
static nonet_status check_id(const struct reader *reader, const struct frame_column *column,
                             nonet_error *error) {
  size_t n = reader->columns->n_rows, n_values = column->n_values;
  bool is_dense = column->kind == FRAME_CATEGORY;
  if (n < ID_ROWS || (column->kind == FRAME_NUMBER && !column->is_whole)) {
    return NONET_OK;
  }
  if (column->kind == FRAME_NUMBER) {
    double *values = distinct(column->number, n, &n_values);
    if (values == NULL) {
      return error_memory(error, n * sizeof *values, "a column's values");
    }
    is_dense = n_values == n && values[n - 1] - values[0] < 2.0 * (double)n;
    memory_free(values);
  }
  if (n_values < n || !is_dense) {
    return NONET_OK;
  }
  return error_set(error, NONET_E_DATA,
                   "column '%s' has a different value in each of the %zu rows, as an id has; leave "
                   "it out: --features with the columns that describe a row",
                   column->name, n);
}

static nonet_status check_feature(const struct reader *reader, const struct frame_column *column,
                                  bool is_categorical, nonet_error *error) {
  const char *method = rebalance_info(reader->request->method)->name;
  nonet_status status = check_id(reader, column, error);
  if (status == NONET_OK && column->kind == FRAME_CATEGORY && !is_categorical) { /* 3 */
    bool is_smote =
        reader->request->method == REBALANCE_SMOTE || reader->request->method == REBALANCE_SMOTE_NC;
    return error_set(error, NONET_E_DATA,
                     "column '%s' holds texts or dates (%zu different), and %s needs numbers; "
                     "%sleave it out with --features, or use random-over or class-weights",
                     column->name, column->n_values, method,
                     is_smote ? "name it in --categorical with --method smote-nc, " : "");
  }
  if (status == NONET_OK) {
    status = check_missing(reader, column, "column",
                           "neighbours need every value: fill them in, leave the column out with "
                           "--features or the rows with --query, or use random-over or "
                           "class-weights",
                           error);
  }
  for (size_t i = 0; i < reader->columns->n_rows && status == NONET_OK; i++) {
    if (column->kind == FRAME_NUMBER && isinf(column->number[i])) {
      status = error_set(error, NONET_E_DATA,
                         "column '%s' is infinite in row %zu; neighbours need finite numbers",
                         column->name, reader->place[i] + 1);
    }
  }
  return status;
}

static nonet_status reserve(const struct reader *reader, size_t n_features, nonet_error *error) {
  struct columns_in *columns = reader->columns;
  columns->number_name = memory_new(n_features, sizeof *columns->number_name);
  columns->is_whole = memory_new(n_features, sizeof *columns->is_whole);
  columns->categories = memory_zeroed(n_features, sizeof *columns->categories);
  bool fits = columns->number_name && columns->is_whole && columns->categories;
  return fits ? NONET_OK : error_memory(error, n_features * sizeof *columns->categories, "columns");
}

static nonet_status sort_features(const struct reader *reader, const struct frame_column *features,
                                  size_t n_features, nonet_error *error) {
  struct columns_in *columns = reader->columns;
  nonet_status status = reserve(reader, n_features, error);
  for (size_t f = 0; f < n_features && status == NONET_OK; f++) {
    const struct frame_column *column = &features[f];
    bool is_categorical = is_listed(column->name, reader->request->categorical);
    status = progress_check(reader->progress, error);
    if (status == NONET_OK) {
      status = check_feature(reader, column, is_categorical, error);
    }
    if (status == NONET_OK && is_categorical) {
      status = code_column(
          reader, column, &columns->categories[columns->n_categories++], COLUMNS_IN_CATEGORIES,
          "too many for a category: leave it out with --features, or put rare ones "
          "together with --query",
          error);
    } else if (status == NONET_OK) {
      columns->is_whole[columns->n_numbers] = column->is_whole;
      columns->number_name[columns->n_numbers++] = column->name;
    }
  }
  if (status == NONET_OK && columns->n_numbers == 0) {
    status = error_set(error, NONET_E_DATA,
                       "no column of numbers is left for distances; name some in --features");
  }
  return status;
}

static nonet_status take_features(const struct reader *reader, nonet_error *error) {
  struct columns_in *columns = reader->columns;
  const struct frame_column *features = columns->frame.columns + 1 + reader->n_groups;
  size_t n_features = columns->frame.n_columns - 1 - reader->n_groups, n = columns->n_rows;
  nonet_status status = sort_features(reader, features, n_features, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t d = columns->n_numbers, c = columns->n_categories;
  columns->number = memory_new(n * d, sizeof *columns->number);
  columns->category = memory_new(n * c, sizeof *columns->category);
  if (columns->number == NULL || columns->category == NULL) {
    return error_memory(error, n * d * sizeof *columns->number, "the features");
  }
  for (size_t k = 0; k < d && status == NONET_OK; k++) {
    struct frame_column *all = columns->frame.columns;
    struct frame_column *column =
        all + (frame_find(&columns->frame, columns->number_name[k]) - all);
    for (size_t i = 0; i < n; i++) {
      columns->number[reader->place[i] * d + k] = column->number[i];
    }
    memory_free(column->number); /* the matrix has it: not both of 2e6 rows */
    column->number = NULL;
    status = progress_check(reader->progress, error);
  }
  for (size_t k = 0; k < c && status == NONET_OK; k++) {
    for (size_t i = 0; i < n; i++) {
      columns->category[i * c + k] = columns->categories[k].code[i];
    }
  }
  return status;
}

nonet_status columns_in_read(struct table *table, const struct columns_request *request,
                             struct columns_in *columns, struct progress *progress,
                             nonet_error *error) {
  struct reader reader = {.request = request, .columns = columns, .progress = progress};
  *columns = (struct columns_in){0};
  nonet_status status = choose_columns(&reader, table, error);
  if (status == NONET_OK) {
    status = read_frame(&reader, table, error);
  }
  if (status == NONET_OK) {
    status = take_label(&reader, error);
  }
  if (status == NONET_OK && reader.n_groups > 0) {
    status = take_groups(&reader, error);
  }
  if (status == NONET_OK && rebalance_info(request->method)->needs_features) {
    status = take_features(&reader, error);
  }
  memory_free(reader.names);
  memory_free(reader.place);
  return status;
}

void columns_in_clear(struct columns_in *columns) {
  for (size_t i = 0; columns->categories != NULL && i < columns->n_categories; i++) {
    coded_clear(&columns->categories[i]);
  }
  coded_clear(&columns->label);
  memory_free(columns->categories);
  memory_free(columns->number_name);
  memory_free(columns->number);
  memory_free(columns->category);
  memory_free(columns->is_whole);
  memory_free(columns->group);
  frame_clear(&columns->frame);
  memset(columns, 0, sizeof *columns);
}
