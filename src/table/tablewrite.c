/*
 * Writing a table again is one statement of the engine:
 *
 *   COPY (SELECT r.*, c.weight FROM source r POSITIONAL JOIN change c WHERE c.copies > 0
 *         UNION ALL the copies UNION ALL SELECT CAST(m.column AS its type) … FROM made m)
 *   TO the temporary file
 *
 * `change` has one row per row of the source and was taken in before, as was `made`; the engine
 * keeps the order of both and of the parts.
 *
 * Cases: 1. Types are the source's own; of a CSV file those that a look at all rows finds, and
 * when CSV is written again the texts as they stand (missing values are written empty). 2. A
 * failing disk is told by the engine in words of its own: NONET_E_IO. 3. A file must not be written
 * over while it is read. 4. Arrow files, streams and other drivers are nothing that the engine
 * reads again.
 */
#include "table/tablewrite.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/memory.h"
#include "table/csvrel.h"
#include "table/sqltext.h"
#include "table/tableparts.h"

struct tablewrite {
  struct atomic_file *file;
  bool is_csv;
  char *path;
};

/* --- the file --- */

static bool ends_in(const char *path, const char *ending) {
  size_t n = strlen(path), m = strlen(ending);
  return n >= m && strcasecmp(path + n - m, ending) == 0;
}

/* 3 */
static bool is_source(const char *path, const struct table *table) {
  struct stat target, file;
  if (stat(path, &target) != 0) {
    return false;
  }
  for (size_t i = 0; i < table->n_files; i++) {
    if (stat(table->files[i], &file) == 0 && file.st_dev == target.st_dev &&
        file.st_ino == target.st_ino) {
      return true;
    }
  }
  return false;
}

nonet_status tablewrite_open(const char *path, const struct table *table, struct tablewrite **made,
                             nonet_error *error) {
  *made = NULL;
  bool is_csv = ends_in(path, ".csv");
  if (!is_csv && !ends_in(path, ".parquet")) {
    return error_set(error, NONET_E_USAGE, "%s: the name of the new table ends in .parquet or .csv",
                     path);
  }
  if (is_source(path, table)) {
    return error_set(error, NONET_E_USAGE,
                     "%s is the table that is read and would be overwritten; choose another name",
                     path);
  }
  struct tablewrite *write = memory_zeroed(1, sizeof *write);
  if (write == NULL) {
    return error_memory(error, sizeof *write, "a file");
  }
  write->is_csv = is_csv;
  write->path = memory_text(path);
  nonet_status status = write->path != NULL ? atomic_file_open(path, &write->file, error)
                                            : error_memory(error, strlen(path), "a path");
  if (status != NONET_OK) {
    tablewrite_abandon(write);
    return status;
  }
  *made = write;
  return NONET_OK;
}

nonet_status tablewrite_commit(struct tablewrite *write, nonet_error *error) {
  nonet_status status = atomic_file_commit(write->file, error);
  write->file = NULL;
  tablewrite_abandon(write);
  return status;
}

void tablewrite_abandon(struct tablewrite *write) {
  if (write != NULL) {
    atomic_file_abandon(write->file);
    memory_free(write->path);
    memory_free(write);
  }
}

/* --- what the engine takes in --- */

/* A stream of one array of columns, to be filled: named child by child. */
struct intake {
  struct ArrowSchema schema;
  struct ArrowArray array;
};

static bool intake_init(struct intake *intake, const enum ArrowType *types, size_t n) {
  ArrowSchemaInit(&intake->schema);
  intake->array.release = NULL;
  bool made = ArrowSchemaSetTypeStruct(&intake->schema, (int64_t)n) == NANOARROW_OK;
  for (size_t i = 0; i < n && made; i++) {
    char name[24];
    (void)snprintf(name, sizeof name, "v%zu", i);
    made = ArrowSchemaSetType(intake->schema.children[i], types[i]) == NANOARROW_OK &&
           ArrowSchemaSetName(intake->schema.children[i], name) == NANOARROW_OK;
  }
  return made && ArrowArrayInitFromSchema(&intake->array, &intake->schema, NULL) == NANOARROW_OK &&
         ArrowArrayStartAppending(&intake->array) == NANOARROW_OK;
}

/* Hands it to the engine as table `name`; takes it over whatever happens. */
static nonet_status intake_send(struct intake *intake, bool is_filled, size_t n_rows,
                                struct engine *engine, const char *name, nonet_error *error) {
  struct ArrowArrayStream stream = {0};
  intake->array.length = (int64_t)n_rows;
  bool made = is_filled && ArrowArrayFinishBuildingDefault(&intake->array, NULL) == NANOARROW_OK &&
              ArrowBasicArrayStreamInit(&stream, &intake->schema, 1) == NANOARROW_OK;
  if (made) {
    ArrowBasicArrayStreamSetArray(&stream, 0, &intake->array);
    return engine_take_in(engine, name, &stream, error);
  }
  if (intake->array.release != NULL) {
    intake->array.release(&intake->array);
  }
  if (intake->schema.release != NULL) {
    intake->schema.release(&intake->schema);
  }
  return error_memory(error, n_rows * sizeof(double), "rows for the engine");
}

static nonet_status send_change(struct engine *engine, const struct tablewrite_change *change,
                                nonet_error *error) {
  const enum ArrowType types[] = {NANOARROW_TYPE_UINT32, NANOARROW_TYPE_DOUBLE};
  struct intake intake;
  size_t n = change->n_rows, n_columns = change->weight != NULL ? 2 : 1;
  bool filled = intake_init(&intake, types, n_columns) &&
                ArrowBufferAppend(ArrowArrayBuffer(intake.array.children[0], 1), change->copies,
                                  (int64_t)(n * sizeof *change->copies)) == NANOARROW_OK;
  if (filled) {
    intake.array.children[0]->length = (int64_t)n;
  }
  if (filled && change->weight != NULL) {
    filled = ArrowBufferAppend(ArrowArrayBuffer(intake.array.children[1], 1), change->weight,
                               (int64_t)(n * sizeof *change->weight)) == NANOARROW_OK;
    intake.array.children[1]->length = (int64_t)n;
  }
  return intake_send(&intake, filled, n, engine, "nonet_change", error);
}

static bool fill_made(struct ArrowArray *array, const struct tablewrite_column *column,
                      size_t n_made) {
  bool filled = true;
  for (size_t i = 0; i < n_made && filled; i++) {
    filled = (column->number != NULL
                  ? ArrowArrayAppendDouble(array, column->number[i * column->stride])
                  : ArrowArrayAppendString(
                        array, ArrowCharView(column->values[column->code[i * column->stride]]))) ==
             NANOARROW_OK;
  }
  return filled;
}

static nonet_status send_made(struct engine *engine, const struct tablewrite_change *change,
                              nonet_error *error) {
  struct intake intake;
  enum ArrowType *types = memory_new(change->n_columns, sizeof *types);
  if (types == NULL) {
    return error_memory(error, change->n_columns * sizeof *types, "columns");
  }
  for (size_t c = 0; c < change->n_columns; c++) {
    types[c] = change->columns[c].number != NULL ? NANOARROW_TYPE_DOUBLE : NANOARROW_TYPE_STRING;
  }
  bool filled = intake_init(&intake, types, change->n_columns);
  for (size_t c = 0; c < change->n_columns && filled; c++) {
    filled = fill_made(intake.array.children[c], &change->columns[c], change->n_made);
  }
  memory_free(types);
  return intake_send(&intake, filled, change->n_made, engine, "nonet_made", error);
}

/* --- the statement --- */

struct types {
  char **type;
  size_t n, n_most;
};

static nonet_status add_type(void *context, const char *type, size_t length, nonet_error *error) {
  struct types *types = context;
  if (types->n < types->n_most) {
    types->type[types->n] = memory_text(type);
    if (types->type[types->n++] == NULL) {
      return error_memory(error, length, "a column's type");
    }
  }
  return NONET_OK;
}

static void types_clear(struct types *types) {
  for (size_t i = 0; types->type != NULL && i < types->n; i++) {
    memory_free(types->type[i]);
  }
  memory_free(types->type);
}

/* 1: the engine's names of the columns' types. */
static nonet_status find_types(struct table *table, struct types *types, nonet_error *error) {
  struct text sql = {0};
  types->n_most = table->n_columns;
  types->type = memory_zeroed(table->n_columns + 1, sizeof *types->type);
  if (types->type == NULL) {
    return error_memory(error, table->n_columns * sizeof *types->type, "the types of columns");
  }
  nonet_status status = NONET_OK;
  if (table->kind == SOURCE_CSV) {
    status = csvrel_find_types(table, error);
    for (size_t i = 0; i < table->n_columns && status == NONET_OK; i++) {
      status = add_type(types, table->csv_types[i], strlen(table->csv_types[i]), error);
    }
    return status;
  }
  text_printf(&sql, "SELECT column_type FROM (DESCRIBE SELECT * FROM %s AS nonet_rows)",
              table->relation);
  status = sql.failed ? error_memory(error, sql.length, "a query")
                      : engine_each_text(table->engine, sql.data, add_type, types, error);
  text_clear(&sql);
  return status != NONET_OK || types->n == table->n_columns
             ? status
             : error_set(error, NONET_E_INTERNAL, "%s: the types of its columns are not told",
                         table->name);
}

/* Column i of the rows as they stand, under its name. */
static void append_own(const struct table *table, size_t i, struct text *sql) {
  if (table->kind == SOURCE_CSV) {
    text_printf(sql, "nonet_rows.c%zu", i);
  } else {
    text_append(sql, "nonet_rows.");
    sqltext_identifier(sql, table->column_names[i]);
  }
  text_append(sql, " AS ");
  sqltext_identifier(sql, table->column_names[i]);
}

static void append_relation(const struct tablewrite *write, const struct table *table,
                            const struct types *types, struct text *sql) {
  if (table->kind == SOURCE_CSV) {
    csvrel_append(table, sql, write->is_csv ? NULL : (const char *const *)types->type);
  } else {
    text_append(sql, table->relation);
  }
  text_append(sql, " AS nonet_rows POSITIONAL JOIN nonet_change");
}

/* Rows that stay, or the copies of those with some. */
static void append_rows(const struct tablewrite *write, const struct table *table,
                        const struct tablewrite_change *change, const struct types *types,
                        bool are_copies, struct text *sql) {
  text_append(sql, are_copies ? "SELECT * EXCLUDE (nonet_copy) FROM (SELECT " : "SELECT ");
  for (size_t i = 0; i < table->n_columns; i++) {
    text_append(sql, i > 0 ? ", " : "");
    append_own(table, i, sql);
  }
  if (change->weight != NULL) {
    text_append(sql, ", nonet_change.v1 AS ");
    sqltext_identifier(sql, change->weight_name);
  }
  if (are_copies) {
    text_append(sql, ", unnest(range(CAST(nonet_change.v0 AS BIGINT) - 1)) AS nonet_copy");
  }
  text_append(sql, " FROM ");
  append_relation(write, table, types, sql);
  text_append(sql, are_copies ? " WHERE nonet_change.v0 > 1)" : " WHERE nonet_change.v0 > 0");
}

static void append_made(const struct tablewrite *write, const struct table *table,
                        const struct tablewrite_change *change, const struct types *types,
                        struct text *sql) {
  bool as_text = table->kind == SOURCE_CSV && write->is_csv;
  text_append(sql, "SELECT ");
  for (size_t i = 0; i < table->n_columns; i++) {
    size_t c = 0;
    while (c < change->n_columns && strcmp(change->columns[c].name, table->column_names[i]) != 0) {
      c++;
    }
    text_append(sql, i > 0 ? ", " : "");
    text_append(sql, as_text ? "CAST(" : "");
    if (c < change->n_columns) {
      text_printf(sql, "CAST(v%zu AS %s)", c, types->type[i]);
    } else {
      text_printf(sql, "CAST(NULL AS %s)", types->type[i]);
    }
    text_append(sql, as_text ? " AS VARCHAR) AS " : " AS ");
    sqltext_identifier(sql, table->column_names[i]);
  }
  text_append(sql, " FROM nonet_made");
}

static bool has_copies(const struct tablewrite_change *change) {
  for (size_t i = 0; i < change->n_rows; i++) {
    if (change->copies[i] > 1) {
      return true;
    }
  }
  return false;
}

static nonet_status run_copy(const struct tablewrite *write, struct table *table,
                             const struct tablewrite_change *change, const struct types *types,
                             nonet_error *error) {
  char handle[ATOMIC_FILE_HANDLE_BYTES];
  struct text sql = {0};
  atomic_file_handle(write->file, handle);
  text_append(&sql, "COPY (");
  append_rows(write, table, change, types, false, &sql);
  if (has_copies(change)) {
    text_append(&sql, " UNION ALL ");
    append_rows(write, table, change, types, true, &sql);
  }
  if (change->n_made > 0) {
    text_append(&sql, " UNION ALL ");
    append_made(write, table, change, types, &sql);
  }
  text_printf(&sql, ") TO '%s' (%s, USE_TMP_FILE false)", handle,
              write->is_csv ? "FORMAT csv, HEADER true" : "FORMAT parquet");
  nonet_status status = sql.failed ? error_memory(error, sql.length, "a statement")
                                   : engine_run(table->engine, sql.data, error);
  text_clear(&sql);
  if (status == NONET_E_DATA && error != NULL && strstr(error->message, "IO Error") != NULL) {
    status = error_context(error, NONET_E_IO, "%s: cannot be written", write->path); /* 2 */
  }
  return status;
}

static nonet_status check_change(const struct table *table, const struct tablewrite_change *change,
                                 nonet_error *error) {
  if (table->kind != SOURCE_CSV && table->kind != SOURCE_ENGINE) { /* 4 */
    return error_set(error, NONET_E_DATA,
                     "%s: a new table is written from CSV, Parquet, JSON or a query of the "
                     "embedded engine; write it as Parquet first",
                     table->name);
  }
  for (size_t i = 0; i < table->n_columns && change->weight != NULL; i++) {
    if (strcasecmp(table->column_names[i], change->weight_name) == 0) {
      return error_set(error, NONET_E_DATA,
                       "%s has a column '%s' already; name the new one with --weight-name",
                       table->name, table->column_names[i]);
    }
  }
  return NONET_OK;
}

nonet_status tablewrite_rows(struct tablewrite *write, struct table *table,
                             const struct tablewrite_change *change, struct progress *progress,
                             nonet_error *error) {
  struct types types = {0};
  progress_report(progress, "writing", 0, 1);
  nonet_status status = check_change(table, change, error);
  if (status == NONET_OK) {
    status = find_types(table, &types, error);
  }
  if (status == NONET_OK) {
    status = send_change(table->engine, change, error);
  }
  if (status == NONET_OK && change->n_made > 0) {
    status = send_made(table->engine, change, error);
  }
  if (status == NONET_OK) {
    status = run_copy(write, table, change, &types, error);
  }
  types_clear(&types);
  progress_report(progress, "writing", 1, 1);
  return status;
}
