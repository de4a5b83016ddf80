/*
 * Rows of the wanted columns, as Arrow arrays in the order of the source.
 *
 * Only what the roles need is read: for the embedded engine the projection (and DISTINCT) is SQL;
 * for the others the columns are picked out of whole arrays. A scan can be opened as often as
 * wished; another driver runs its query again.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/csvrel.h"
#include "table/sqltext.h"
#include "table/tableparts.h"

/* One column of the projection. */
static void append_item(const struct table *table, const struct binding *binding,
                        struct text *sql) {
  bool is_csv = table->kind == SOURCE_CSV, plain = binding->column != SIZE_MAX;
  bool as_double = is_csv && plain && binding->use == USE_NUMBER && table->plan.in_expression &&
                   table->plan.in_expression[binding->column];
  text_append(sql, binding->cast_text || as_double ? "CAST(" : "");
  if (!plain)
    text_printf(sql, "(%s\n)", binding->request);
  else if (is_csv)
    text_printf(sql, "nonet_rows.c%zu", binding->column);
  else
    sqltext_identifier(sql, table->column_names[binding->column]);
  text_append(sql, binding->cast_text ? " AS VARCHAR)" : as_double ? " AS DOUBLE)" : "");
}

/* The CSV relation with the columns that the wanted bindings need, and names for expressions. */
static nonet_status append_csv(struct table *table, const size_t *wanted, size_t n_wanted,
                               size_t not_null, struct text *sql, nonet_error *error) {
  const bool *in_expression = table->plan.in_expression;
  nonet_status status = in_expression ? csvrel_find_types(table, error) : NONET_OK;
  if (status)
    return status;
  const char **types = memory_zeroed(table->n_columns + 1, sizeof *types);
  bool *needed = memory_zeroed(table->n_columns + 1, sizeof *needed);
  if (!types || !needed) {
    memory_free(types);
    memory_free(needed);
    return error_memory(error, table->n_columns * 8, "a query");
  }
  for (size_t w = 0; w < n_wanted + (not_null != NO_BINDING); w++) {
    const struct binding *binding = &table->plan.bindings[w < n_wanted ? wanted[w] : not_null];
    if (binding->column == SIZE_MAX)
      continue;
    needed[binding->column] = true;
    if (binding->use == USE_NUMBER)
      types[binding->column] = "DOUBLE";
  }
  for (size_t i = 0; in_expression && i < table->n_columns; i++)
    if (in_expression[i])
      types[i] = table->csv_types[i];
  text_append(sql, "(SELECT 1 AS nonet_one");
  for (size_t i = 0; i < table->n_columns; i++) {
    if (needed[i])
      text_printf(sql, ", c%zu", i);
    if (in_expression && in_expression[i]) {
      text_printf(sql, ", c%zu AS ", i);
      sqltext_identifier(sql, table->column_names[i]);
    }
  }
  text_append(sql, " FROM ");
  csvrel_append(table, sql, types);
  text_append(sql, ") AS nonet_rows");
  memory_free(types);
  memory_free(needed);
  return NONET_OK;
}

static nonet_status write_sql(struct table *table, const size_t *wanted, size_t n_wanted,
                              enum scan_mode mode, size_t not_null, uint64_t limit,
                              struct text *sql, nonet_error *error) {
  text_append(sql, mode == SCAN_DISTINCT ? "SELECT DISTINCT " : "SELECT ");
  for (size_t w = 0; w < n_wanted; w++) {
    text_append(sql, w ? ", " : "");
    append_item(table, &table->plan.bindings[wanted[w]], sql);
    text_printf(sql, " AS nonet_%zu", w);
  }
  text_append(sql, n_wanted ? " FROM " : "1 AS nonet_none FROM ");
  if (limit)
    text_append(sql, "(SELECT * FROM ");
  nonet_status status = NONET_OK;
  if (table->kind == SOURCE_CSV)
    status = append_csv(table, wanted, n_wanted, not_null, sql, error);
  else
    text_printf(sql, "%s AS nonet_rows", table->relation);
  if (limit)
    text_printf(sql, " LIMIT %llu) AS nonet_rows", (unsigned long long)limit);
  if (not_null != NO_BINDING) {
    text_append(sql, " WHERE ");
    append_item(table, &table->plan.bindings[not_null], sql);
    text_append(sql, " IS NOT NULL");
  }
  if (mode == SCAN_TYPES)
    text_append(sql, " LIMIT 0");
  if (!status && sql->failed)
    status = error_memory(error, sql->length, "a query");
  return status;
}

nonet_status scan_sql(struct table *table, size_t binding, struct text *sql, nonet_error *error) {
  return write_sql(table, &binding, 1, SCAN_ROWS, NO_BINDING, 0, sql, error);
}

static nonet_status stream_error(const struct scan *scan, struct ArrowArrayStream *stream,
                                 nonet_error *error) {
  const char *message = stream->get_last_error(stream);
  nonet_status status = engine_explain(message ? message : "the rows cannot be read", error);
  return error_context(error, status, "%s", scan->table->name);
}

/* Types from the schema of the running stream; engines answer in the order asked, the others by
 * column. */
static nonet_status take_types(struct scan *scan, struct ArrowArrayStream *stream, bool by_column,
                               const size_t *wanted, nonet_error *error) {
  struct ArrowSchema schema = {0};
  if (stream->get_schema(stream, &schema))
    return stream_error(scan, stream, error);
  nonet_status status = NONET_OK;
  for (size_t w = 0; w < scan->n_wanted && !status; w++) {
    const struct binding *binding = &scan->table->plan.bindings[wanted[w]];
    scan->child[w] = by_column ? binding->column : w;
    if (scan->child[w] >= (size_t)schema.n_children)
      status = error_set(error, NONET_E_DATA, "%s: the columns changed while reading",
                         scan->table->name);
    else if (!arrow_type_init(&scan->types[w], schema.children[scan->child[w]]))
      status = error_memory(error, sizeof *scan->types, "a column's type");
  }
  schema.release(&schema);
  return status;
}

static nonet_status next_file(struct scan *scan, nonet_error *error) {
  struct table *table = scan->table;
  if (scan->stream.release)
    scan->stream.release(&scan->stream);
  nonet_status status = ipcfile_open(table->files[scan->next_file], table->files[scan->next_file],
                                     &scan->stream, error);
  scan->next_file++;
  struct ArrowSchema schema = {0};
  if (!status && scan->stream.get_schema(&scan->stream, &schema))
    return stream_error(scan, &scan->stream, error);
  if (status)
    return status;
  if (scan->next_file == 1) {
    schema.release(&schema);
    return NONET_OK;
  }
  bool same = (size_t)schema.n_children == table->n_columns;
  for (size_t i = 0; i < table->n_columns && same; i++) {
    struct arrow_type type;
    char name[128] = "";
    if (arrow_type_init(&type, schema.children[i]))
      arrow_type_name(&type, name, sizeof name);
    arrow_type_clear(&type);
    same = strcmp(schema.children[i]->name ? schema.children[i]->name : "",
                  table->column_names[i]) == 0 &&
           strcmp(name, table->column_types[i]) == 0 && type.storage == table->types[i].storage;
  }
  schema.release(&schema);
  return same ? NONET_OK
              : error_set(error, NONET_E_DATA,
                          "%s has other columns than %s; files read together need the same",
                          table->files[scan->next_file - 1], table->files[0]);
}

nonet_status scan_open(struct scan *scan, struct table *table, const size_t *wanted,
                       size_t n_wanted, enum scan_mode mode, size_t not_null, uint64_t limit,
                       nonet_error *error) {
  memset(scan, 0, sizeof *scan);
  scan->table = table;
  scan->child = memory_zeroed(n_wanted + 1, sizeof *scan->child);
  scan->types = memory_zeroed(n_wanted + 1, sizeof *scan->types);
  if (!scan->child || !scan->types)
    return error_memory(error, n_wanted * sizeof *scan->types, "a scan");
  scan->n_wanted = n_wanted;
  if (table->kind == SOURCE_STREAM) {
    for (size_t w = 0; w < n_wanted; w++) {
      scan->child[w] = table->plan.bindings[wanted[w]].column;
      if (!arrow_type_copy(&scan->types[w], &table->types[scan->child[w]]))
        return error_memory(error, sizeof *scan->types, "a column's type");
    }
    return NONET_OK;
  }
  if (table->kind == SOURCE_IPC) {
    nonet_status status = next_file(scan, error);
    return status ? status : take_types(scan, &scan->stream, true, wanted, error);
  }
  bool is_driver = table->kind == SOURCE_DRIVER;
  struct text sql = {0};
  nonet_status status =
      is_driver ? NONET_OK : write_sql(table, wanted, n_wanted, mode, not_null, limit, &sql, error);
  if (!status) {
    status =
        engine_query_open(table->engine, is_driver ? table->query : sql.data, &scan->query, error);
    if (status)
      status = error_context(error, status, "%s", table->name);
  }
  text_clear(&sql);
  return status ? status : take_types(scan, &scan->query.stream, is_driver, wanted, error);
}

nonet_status scan_next(struct scan *scan, struct ArrowArray *array, bool *owned,
                       nonet_error *error) {
  memset(array, 0, sizeof *array);
  struct table *table = scan->table;
  *owned = table->kind != SOURCE_STREAM;
  if (table->kind == SOURCE_STREAM) {
    if (scan->next_batch < table->n_batches)
      *array = table->batches[scan->next_batch++];
    return NONET_OK;
  }
  struct ArrowArrayStream *stream = table->kind == SOURCE_IPC ? &scan->stream : &scan->query.stream;
  for (;;) {
    if (stream->get_next(stream, array))
      return stream_error(scan, stream, error);
    if (array->release || table->kind != SOURCE_IPC || scan->next_file >= table->n_files)
      return NONET_OK;
    nonet_status status = next_file(scan, error);
    if (status)
      return status;
  }
}

void scan_close(struct scan *scan) {
  for (size_t w = 0; w < scan->n_wanted; w++)
    arrow_type_clear(&scan->types[w]);
  memory_free(scan->types);
  memory_free(scan->child);
  engine_query_close(&scan->query);
  if (scan->stream.release)
    scan->stream.release(&scan->stream);
  memset(scan, 0, sizeof *scan);
}
