/*
 * Columns as they stand: what models and probes read, in the order of the source.
 *
 * Cases:
 *  1. A request is a column's exact name, or one SQL expression, bound as roles are (plan.c); asked
 *     for twice it is still one child each time it is named.
 *  2. CSV has no types: they are found by a look at all rows, never at a sample.
 *  3. Arrow files and other drivers hand out whole rows: the wanted children are moved out of each
 *     array and the rest is released.
 *  4. A caller's stream is kept for other readers and cannot be moved from: refused to models,
 *     lent to those who only look.
 *  5. A type that has no name of its own here (times, intervals, UUIDs ...) is read as text.
 */
#include "table/columns.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/tableparts.h"

struct table_columns {
  struct table *table;
  struct scan scan;
  struct ArrowSchema schema;
  size_t n;
};

static struct ArrowArrayStream *source_of(struct table_columns *columns) {
  return columns->table->kind == SOURCE_IPC ? &columns->scan.stream : &columns->scan.query.stream;
}

/* The schema of the answer: the children picked, under the names asked for. */
static nonet_status take_schema(struct table_columns *columns, const char *const *requests,
                                nonet_error *error) {
  struct ArrowSchema from = {0};
  struct ArrowArrayStream *source = source_of(columns);
  if (source->get_schema(source, &from))
    return error_set(error, NONET_E_DATA, "%s: the columns cannot be read", columns->table->name);
  ArrowSchemaInit(&columns->schema);
  bool fits = ArrowSchemaSetTypeStruct(&columns->schema, (int64_t)columns->n) == NANOARROW_OK;
  for (size_t i = 0; i < columns->n && fits; i++) {
    struct ArrowSchema *child = columns->schema.children[i];
    child->release = NULL;
    fits = ArrowSchemaDeepCopy(from.children[columns->scan.child[i]], child) == NANOARROW_OK &&
           ArrowSchemaSetName(child, requests[i]) == NANOARROW_OK;
  }
  from.release(&from);
  return fits ? NONET_OK : error_memory(error, columns->n * sizeof from, "the columns");
}

nonet_status table_columns_look(struct table *table, const char *const *requests, size_t n,
                                const char *what, struct table_columns **made, nonet_error *error) {
  *made = NULL;
  struct table_columns *columns = memory_zeroed(1, sizeof *columns);
  size_t *bindings = memory_zeroed(n + 1, sizeof *bindings);
  nonet_status status = columns && bindings
                            ? NONET_OK
                            : error_memory(error, sizeof *columns, "the columns of a table");
  if (columns) {
    columns->table = table;
    columns->n = n;
  }
  if (!status)
    status = plan_bind_columns(table, requests, n, what, bindings, error);
  if (!status)
    status = plan_settle_types(table, error); /* case 5 */
  if (!status)
    status = scan_open(&columns->scan, table, bindings, n, SCAN_ROWS, NO_BINDING, 0, error);
  memory_free(bindings);
  if (status)
    table_columns_close(columns);
  else
    *made = columns;
  return status;
}

nonet_status table_columns_open(struct table *table, const char *const *requests, size_t n,
                                const char *what, struct table_columns **made, nonet_error *error) {
  *made = NULL;
  if (table->kind == SOURCE_STREAM) /* case 4 */
    return error_set(error, NONET_E_USAGE,
                     "a stream in memory holds predictions only; models read a file or a query");
  nonet_status status = table_columns_look(table, requests, n, what, made, error);
  if (!status)
    status = take_schema(*made, requests, error);
  if (status) {
    table_columns_close(*made);
    *made = NULL;
  }
  return status;
}

const struct arrow_type *table_columns_types(const struct table_columns *columns) {
  return columns->scan.types;
}

const struct ArrowSchema *table_columns_schema(const struct table_columns *columns) {
  return &columns->schema;
}

/* Case 3: children that the answer needs change hands; a child named twice is moved once, and its
 * twin is refused by the schema of the caller, who asks for distinct names. */
static nonet_status pick(const struct table_columns *columns, struct ArrowArray *whole,
                         struct ArrowArray *array, nonet_error *error) {
  bool fits = ArrowArrayInitFromType(array, NANOARROW_TYPE_STRUCT) == NANOARROW_OK &&
              ArrowArrayAllocateChildren(array, (int64_t)columns->n) == NANOARROW_OK;
  for (size_t i = 0; i < columns->n && fits; i++) {
    struct ArrowArray *child = whole->children[columns->scan.child[i]];
    fits = child->release != NULL;
    if (fits)
      ArrowArrayMove(child, array->children[i]);
  }
  if (fits)
    array->length = whole->length;
  else if (array->release)
    array->release(array);
  whole->release(whole);
  return fits ? NONET_OK : error_memory(error, columns->n * sizeof *array, "a batch of columns");
}

static void release_nothing(struct ArrowArray *array) {
  array->release = NULL;
}

/* Case 4: the stream keeps its arrays; the children are seen and not taken. */
static nonet_status lend(const struct table_columns *columns, const struct ArrowArray *whole,
                         struct ArrowArray *array, nonet_error *error) {
  if (ArrowArrayInitFromType(array, NANOARROW_TYPE_STRUCT) != NANOARROW_OK ||
      ArrowArrayAllocateChildren(array, (int64_t)columns->n) != NANOARROW_OK) {
    if (array->release)
      array->release(array);
    return error_memory(error, columns->n * sizeof *array, "a batch of columns");
  }
  for (size_t i = 0; i < columns->n; i++) {
    *array->children[i] = *whole->children[columns->scan.child[i]];
    array->children[i]->release = release_nothing;
  }
  array->length = whole->length;
  return NONET_OK;
}

nonet_status table_columns_next(struct table_columns *columns, struct ArrowArray *array,
                                nonet_error *error) {
  struct ArrowArray whole = {0};
  bool owned = true;
  array->release = NULL;
  nonet_status status = scan_next(&columns->scan, &whole, &owned, error);
  if (status || !whole.release)
    return status;
  if (whole.offset != 0) {
    if (owned)
      whole.release(&whole);
    return error_set(error, NONET_E_DATA, "%s: a batch with an offset cannot be read by models",
                     columns->table->name);
  }
  return owned ? pick(columns, &whole, array, error) : lend(columns, &whole, array, error);
}

void table_columns_close(struct table_columns *columns) {
  if (!columns)
    return;
  scan_close(&columns->scan);
  if (columns->schema.release)
    columns->schema.release(&columns->schema);
  plan_clear(&columns->table->plan);
  memory_free(columns);
}
