/*
 * CSV files as SQL.
 *
 * The engine never guesses what we read: names and delimiter come from our reading of the header,
 * types from the roles. Columns are called c0, c1 … inside, so that doubled names and names that
 * differ by case cannot be mixed up. Only expressions need types that nobody named; they get what
 * the engine finds when it looks at all rows (sample_size=-1), never at a sample.
 */
#include "table/csvrel.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/sqltext.h"

static const char nulls[] = "nullstr=['', 'NA', 'N/A', 'null']";

static void append_files(const struct table *table, struct text *sql) {
  text_append(sql, "read_csv([");
  for (size_t i = 0; i < table->n_files; i++) {
    text_append(sql, i ? ", " : "");
    sqltext_path(sql, table->files[i]);
  }
  text_append(sql, "], delim=");
  const char delimiter[2] = {table->head.delimiter, '\0'};
  sqltext_literal(sql, delimiter);
  text_printf(sql,
              ", quote='\"', escape='\"', header=true, %s, strict_mode=true, null_padding=false, "
              "hive_partitioning=false",
              nulls);
}

void csvrel_append(const struct table *table, struct text *sql, const char *const *types) {
  append_files(table, sql);
  text_append(sql, ", auto_detect=false, columns={");
  for (size_t i = 0; i < table->n_columns; i++)
    text_printf(sql, "%s'c%zu': '%s'", i ? ", " : "", i, types && types[i] ? types[i] : "VARCHAR");
  text_append(sql, "})");
}

/* Compressed files are read by the engine: their first lines, put together again. */
static nonet_status add_line(void *context, const char *line, size_t length, nonet_error *error) {
  struct text *lines = context;
  text_append_n(lines, line, length);
  text_append(lines, "\n");
  return lines->failed ? error_memory(error, length, "the header of a CSV file") : NONET_OK;
}

static bool is_compressed(const char *path) {
  size_t n = strlen(path);
  return (n > 3 && strcmp(path + n - 3, ".gz") == 0) ||
         (n > 4 && strcmp(path + n - 4, ".zst") == 0);
}

static nonet_status read_head(struct table *table, const char *path, const char *name,
                              struct csvhead *head, nonet_error *error) {
  if (!is_compressed(path))
    return csvhead_read(path, name, head, error);
  struct text sql = {0}, lines = {0};
  text_append(&sql, "SELECT l FROM read_csv(");
  sqltext_path(&sql, path);
  text_append(&sql, ", columns={'l': 'VARCHAR'}, delim='\x1f', quote='', escape='', header=false, "
                    "auto_detect=false, "
                    "strict_mode=false) LIMIT 3");
  nonet_status status = sql.failed
                            ? error_memory(error, 256, "a query")
                            : engine_each_text(table->engine, sql.data, add_line, &lines, error);
  bool complete = false;
  if (!status)
    status = csvhead_parse(lines.data ? lines.data : "", lines.length, true, name, head, &complete,
                           error);
  text_clear(&sql);
  text_clear(&lines);
  return status;
}

static nonet_status name_columns(struct table *table, nonet_error *error) {
  size_t n = table->head.n_names;
  table->column_names = memory_zeroed(n + 1, sizeof *table->column_names);
  table->column_types = memory_zeroed(n + 1, sizeof *table->column_types);
  if (!table->column_names || !table->column_types)
    return error_memory(error, n * 8, "the columns");
  table->n_columns = n;
  for (size_t i = 0; i < n; i++) {
    table->column_names[i] = memory_text(table->head.names[i]);
    table->column_types[i] =
        memory_text("text"); /* what a role makes of it is settled when it is read */
    if (!table->column_names[i] || !table->column_types[i])
      return error_memory(error, 64, "the columns");
  }
  return NONET_OK;
}

nonet_status csvrel_open(struct table *table, nonet_error *error) {
  table->kind = SOURCE_CSV;
  nonet_status status =
      read_head(table, table->files[0], table->n_files > 1 ? table->files[0] : table->name,
                &table->head, error);
  for (size_t i = 1; i < table->n_files && !status; i++) {
    struct csvhead other;
    status = read_head(table, table->files[i], table->files[i], &other, error);
    if (!status && !csvhead_equal(&table->head, &other))
      status = error_set(error, NONET_E_DATA,
                         "%s has other columns than %s; files read together need one header",
                         table->files[i], table->files[0]);
    csvhead_clear(&other);
  }
  return status ? status : name_columns(table, error);
}

struct types {
  struct table *table;
  size_t n;
};

static nonet_status add_type(void *context, const char *type, size_t length, nonet_error *error) {
  struct types *types = context;
  if (types->n < types->table->n_columns) {
    char *copy = memory_text(type);
    if (!copy)
      return error_memory(error, length, "a column's type");
    types->table->csv_types[types->n++] = copy;
  }
  return NONET_OK;
}

nonet_status csvrel_find_types(struct table *table, nonet_error *error) {
  if (table->csv_types)
    return NONET_OK;
  table->csv_types = memory_zeroed(table->n_columns + 1, sizeof *table->csv_types);
  if (!table->csv_types)
    return error_memory(error, table->n_columns * 8, "the types of columns");
  struct text sql = {0};
  text_append(&sql, "SELECT column_type FROM (DESCRIBE SELECT * FROM ");
  append_files(table, &sql);
  text_append(&sql, ", sample_size=-1, names=[");
  for (size_t i = 0; i < table->n_columns; i++)
    text_printf(&sql, "%s'c%zu'", i ? ", " : "", i);
  text_append(&sql, "]))");
  struct types types = {table, 0};
  nonet_status status = sql.failed
                            ? error_memory(error, 256, "a query")
                            : engine_each_text(table->engine, sql.data, add_type, &types, error);
  if (!status && types.n != table->n_columns)
    status = error_set(error, NONET_E_DATA, "the types of the columns of %s cannot be found",
                       table->name);
  text_clear(&sql);
  return status;
}

void csvrel_line(const struct table *table, uint64_t row, struct text *text) {
  for (size_t i = 0; i < table->n_files; i++) {
    uint64_t n_rows, line = is_compressed(table->files[i])
                                ? 0
                                : csvhead_line_of_row(table->files[i], &table->head, row, &n_rows);
    if (line == 0 && is_compressed(table->files[i]))
      return;
    if (line) {
      if (table->n_files > 1)
        text_printf(text, ", %s line %llu", table->files[i], (unsigned long long)line);
      else
        text_printf(text, ", line %llu", (unsigned long long)line);
      return;
    }
    row -= n_rows < row ? n_rows : row - 1;
  }
}
