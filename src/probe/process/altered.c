/*
 * Rows with something changed (altered.h): a shallow copy of the table whose list of columns is its
 * own, so that one column can be another.
 *
 * Cases: 1. The rows may be fewer than the table's: its columns are longer, which Arrow allows.
 * 2. A null, an integer or a real in a column of whole numbers stays a column of whole numbers
 * where it can: a model that is fixed to integers is asked about the value, not about the type.
 * 3. Dropping a column shifts the later ones; nothing is freed, since it was borrowed.
 */
#include "probe/process/altered.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/rowcopy.h"

nonet_status altered_init(struct altered *altered, const struct driver_rows *rows, size_t n,
                          nonet_error *error) {
  size_t n_columns = (size_t)rows->schema.n_children;
  *altered = (struct altered){.rows = *rows};
  altered->schemas = memory_zeroed(n_columns + 1, sizeof(void *)); /* one more may come */
  altered->arrays = memory_zeroed(n_columns + 1, sizeof(void *));
  if (altered->schemas == NULL || altered->arrays == NULL) {
    return error_memory(error, n_columns * sizeof(void *), "altered rows");
  }
  for (size_t c = 0; c < n_columns; c++) {
    altered->schemas[c] = rows->schema.children[c];
    altered->arrays[c] = rows->array.children[c];
  }
  altered->rows.schema.children = altered->schemas;
  altered->rows.array.children = altered->arrays;
  altered->rows.n = n < rows->n ? n : rows->n; /* 1 */
  altered->rows.array.length = (int64_t)altered->rows.n;
  return NONET_OK;
}

void altered_clear(struct altered *altered) {
  if (altered->own_schema.release != NULL) {
    altered->own_schema.release(&altered->own_schema);
  }
  if (altered->own_array.release != NULL) {
    altered->own_array.release(&altered->own_array);
  }
  for (size_t c = 0; c < altered->n_own; c++) {
    if (altered->own[c].release != NULL) {
      altered->own[c].release(&altered->own[c]);
    }
  }
  memory_free(altered->own);
  memory_free(altered->schemas);
  memory_free(altered->arrays);
  *altered = (struct altered){0};
}

int64_t altered_find(const struct driver_rows *rows, const char *name) {
  for (int64_t c = 0; c < rows->schema.n_children; c++) {
    if (strcmp(rows->schema.children[c]->name, name) == 0) {
      return c;
    }
  }
  return -1;
}

void altered_drop(struct altered *altered, size_t column) { /* 3 */
  size_t left = (size_t)altered->rows.schema.n_children - column - 1;
  memmove(altered->schemas + column, altered->schemas + column + 1, left * sizeof(void *));
  memmove(altered->arrays + column, altered->arrays + column + 1, left * sizeof(void *));
  altered->rows.schema.n_children--;
  altered->rows.array.n_children--;
}

static void put(struct altered *altered, size_t column) {
  if ((int64_t)column == altered->rows.schema.n_children) {
    altered->rows.schema.n_children++;
    altered->rows.array.n_children++;
  }
  altered->schemas[column] = &altered->own_schema;
  altered->arrays[column] = &altered->own_array;
}

/* 2 */
static enum ArrowType type_of(const struct altered *altered, size_t column,
                              enum altered_value what) {
  struct ArrowSchemaView view;
  if (what == ALTERED_TEXT) {
    return NANOARROW_TYPE_STRING;
  }
  if ((int64_t)column < altered->rows.schema.n_children &&
      ArrowSchemaViewInit(&view, altered->schemas[column], NULL) == NANOARROW_OK) {
    bool is_whole = view.type == NANOARROW_TYPE_INT64 || view.type == NANOARROW_TYPE_UINT64;
    bool is_real = view.type == NANOARROW_TYPE_FLOAT || view.type == NANOARROW_TYPE_DOUBLE;
    if (what == ALTERED_NULL || (is_whole && what == ALTERED_INTEGER) || is_real) {
      return view.type;
    }
  }
  return what == ALTERED_INTEGER ? NANOARROW_TYPE_INT64 : NANOARROW_TYPE_DOUBLE;
}

static int append(struct ArrowArray *array, enum altered_value what, enum ArrowType type,
                  double number, const char *text) {
  switch (what) {
  case ALTERED_NULL:
    return ArrowArrayAppendNull(array, 1);
  case ALTERED_TEXT:
    return ArrowArrayAppendString(array, ArrowCharView(text));
  default:
    return type == NANOARROW_TYPE_INT64 || type == NANOARROW_TYPE_UINT64
               ? ArrowArrayAppendInt(array, (int64_t)number)
               : ArrowArrayAppendDouble(array, number);
  }
}

nonet_status altered_set(struct altered *altered, size_t column, const char *name,
                         enum altered_value what, double number, const char *text,
                         nonet_error *error) {
  enum ArrowType type = type_of(altered, column, what);
  ArrowSchemaInit(&altered->own_schema);
  int code = type == NANOARROW_TYPE_LIST
                 ? ArrowSchemaDeepCopy(altered->schemas[column], &altered->own_schema)
                 : ArrowSchemaSetType(&altered->own_schema, type);
  if (code == NANOARROW_OK) {
    code = ArrowSchemaSetName(&altered->own_schema, name);
  }
  if (code == NANOARROW_OK) {
    code = ArrowArrayInitFromSchema(&altered->own_array, &altered->own_schema, NULL);
  }
  if (code == NANOARROW_OK) {
    code = ArrowArrayStartAppending(&altered->own_array);
  }
  for (size_t i = 0; i < altered->rows.n && code == NANOARROW_OK; i++) {
    code = append(&altered->own_array, what, type, number, text);
  }
  if (code == NANOARROW_OK) {
    code = ArrowArrayFinishBuildingDefault(&altered->own_array, NULL);
  }
  if (code != NANOARROW_OK) {
    return error_memory(error, altered->rows.n * sizeof(double), "an altered column");
  }
  put(altered, column);
  return NONET_OK;
}

/* Column `column` of all rows, in an order of their own, as a new array. */
static nonet_status copy_column(const struct driver_rows *rows, size_t column,
                                const struct row_span *spans, size_t n, struct ArrowArray *array,
                                nonet_error *error) {
  struct arrow_type type;
  if (!arrow_type_init(&type, rows->schema.children[column])) {
    return error_memory(error, sizeof type, "an altered column");
  }
  nonet_status status = rowcopy_column(&type, column, spans, n, array, error);
  arrow_type_clear(&type);
  return status;
}

nonet_status altered_repeat(struct altered *altered, const struct driver_rows *rows, size_t column,
                            size_t row, nonet_error *error) {
  struct row_span *spans = memory_new(altered->rows.n + 1, sizeof *spans);
  if (spans == NULL) {
    return error_memory(error, altered->rows.n * sizeof *spans, "an altered column");
  }
  for (size_t i = 0; i < altered->rows.n; i++) {
    spans[i] = (struct row_span){&rows->array, (int64_t)row, 1, i + 1};
  }
  nonet_status status =
      copy_column(rows, column, spans, altered->rows.n, &altered->own_array, error);
  if (status == NONET_OK) {
    altered->arrays[column] = &altered->own_array; /* its type is what it was: rows_file.c */
  }
  memory_free(spans);
  return status;
}

nonet_status altered_reverse(struct altered *altered, const struct driver_rows *rows,
                             nonet_error *error) {
  size_t n_columns = (size_t)rows->schema.n_children;
  nonet_status status = altered_init(altered, rows, rows->n, error);
  struct row_span *spans = memory_new(rows->n + 1, sizeof *spans);
  altered->own = memory_zeroed(n_columns + 1, sizeof *altered->own);
  if (status == NONET_OK && (spans == NULL || altered->own == NULL)) {
    status = error_memory(error, rows->n * sizeof *spans, "altered rows");
  }
  for (size_t i = 0; i < rows->n && status == NONET_OK; i++) {
    spans[i] = (struct row_span){&rows->array, (int64_t)(rows->n - 1 - i), 1, i + 1};
  }
  for (size_t c = 0; c < n_columns && status == NONET_OK; c++) {
    status = copy_column(rows, c, spans, rows->n, &altered->own[c], error);
    altered->n_own = c + 1;
    altered->arrays[c] = &altered->own[c];
  }
  memory_free(spans);
  return status;
}
