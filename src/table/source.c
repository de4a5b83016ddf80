/*
 * Finding the source and its columns.
 *
 * Cases: 1. "-" is stdin: copied to an unlinked temporary file that is read by its descriptor,
 * since every source is read twice.
 * 2. A path that exists is that file, whatever characters it has; else one with wild cards is a
 * glob, in the order of names. 3. The format comes from --format, the name's ending, the first
 * bytes, in that order. 4. A directory, an empty file, a URL. 5. Files of one glob must have one
 * header.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/csvrel.h"
#include "table/sqltext.h"
#include "table/tableparts.h"

enum format { FORMAT_UNKNOWN, FORMAT_CSV, FORMAT_PARQUET, FORMAT_JSON, FORMAT_ARROW };

struct format_name {
  const char *name;
  enum format format;
};

static const struct format_name format_names[] = {{"csv", FORMAT_CSV},
                                                  {"parquet", FORMAT_PARQUET},
                                                  {"json", FORMAT_JSON},
                                                  {"arrow", FORMAT_ARROW}};

static const struct format_name endings[] = {
    {".csv", FORMAT_CSV},     {".tsv", FORMAT_CSV},      {".csv.gz", FORMAT_CSV},
    {".tsv.gz", FORMAT_CSV},  {".csv.zst", FORMAT_CSV},  {".parquet", FORMAT_PARQUET},
    {".pq", FORMAT_PARQUET},  {".json", FORMAT_JSON},    {".jsonl", FORMAT_JSON},
    {".ndjson", FORMAT_JSON}, {".json.gz", FORMAT_JSON}, {".jsonl.gz", FORMAT_JSON},
    {".arrow", FORMAT_ARROW}, {".arrows", FORMAT_ARROW}, {".feather", FORMAT_ARROW},
    {".ipc", FORMAT_ARROW}};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static enum format format_of_name(const char *path) {
  size_t length = strlen(path);
  for (size_t i = 0; i < LENGTH(endings); i++) {
    size_t n = strlen(endings[i].name);
    if (length > n && strcasecmp(path + length - n, endings[i].name) == 0)
      return endings[i].format;
  }
  return FORMAT_UNKNOWN;
}

/* By the first bytes: Parquet and Arrow have magics; JSON begins with a bracket; other text is CSV.
 */
static enum format format_of_bytes(const char *path) {
  char head[512];
  FILE *file = fopen(path, "rb");
  size_t n = file ? fread(head, 1, sizeof head, file) : 0;
  if (file)
    fclose(file);
  if (n >= 4 && memcmp(head, "PAR1", 4) == 0)
    return FORMAT_PARQUET;
  if ((n >= 6 && memcmp(head, "ARROW1", 6) == 0) ||
      (n >= 4 && memcmp(head, "\xff\xff\xff\xff", 4) == 0))
    return FORMAT_ARROW;
  size_t i = 0;
  while (i < n && strchr(" \t\r\n", head[i]) && head[i])
    i++;
  if (i < n && (head[i] == '{' || head[i] == '['))
    return FORMAT_JSON;
  return n > 0 && !memchr(head, '\0', n) ? FORMAT_CSV : FORMAT_UNKNOWN;
}

static nonet_status add_file(struct table *table, const char *path, nonet_error *error) {
  void *files = table->files;
  bool fits = memory_grow(&files, &table->files_capacity, table->n_files + 1, sizeof *table->files);
  table->files = files;
  char *copy = fits ? memory_text(path) : NULL;
  if (!copy)
    return error_memory(error, strlen(path), "a list of files");
  table->files[table->n_files++] = copy;
  return NONET_OK;
}

struct adding {
  struct table *table;
};

static nonet_status add_found(void *context, const char *path, size_t length, nonet_error *error) {
  (void)length;
  return add_file(((struct adding *)context)->table, path, error);
}

static nonet_status check_file(const char *path, nonet_error *error) {
  struct stat facts;
  if (stat(path, &facts))
    return error_set(error, NONET_E_NO_INPUT, "no such file: %s (%s)", path, strerror(errno));
  if (S_ISDIR(facts.st_mode))
    return error_set(error, NONET_E_DATA,
                     "%s is a directory; name a file in it, or a glob such as '%s/*.parquet'", path,
                     path);
  if (S_ISREG(facts.st_mode) && facts.st_size == 0)
    return error_set(error, NONET_E_DATA, "%s is empty (0 bytes)", path);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return error_set(error, NONET_E_IO, "cannot read %s: %s", path, strerror(errno));
  close(descriptor);
  return NONET_OK;
}

static nonet_status find_files(struct table *table, const char *path, nonet_error *error) {
  struct stat facts;
  if (strstr(path, "://"))
    return error_set(
        error, NONET_E_NO_INPUT,
        "%s is an address; nonet reads local files (fetch it first), stdin (-) or a driver's "
        "query (--driver, --uri)",
        path);
  nonet_status status = NONET_OK;
  if (stat(path, &facts) == 0 || !strpbrk(path, "*?[")) {
    status = check_file(path, error);
    return status ? status : add_file(table, path, error);
  }
  struct text sql = {0};
  text_append(&sql, "SELECT file FROM glob(");
  sqltext_literal(&sql, path);
  text_append(&sql, ") ORDER BY file");
  struct adding adding = {table};
  status = sql.failed ? error_memory(error, sql.length, "a query")
                      : engine_each_text(table->engine, sql.data, add_found, &adding, error);
  text_clear(&sql);
  if (!status && table->n_files == 0)
    status = error_set(error, NONET_E_NO_INPUT, "no file matches '%s'", path);
  for (size_t i = 0; i < table->n_files && !status; i++)
    status = check_file(table->files[i], error);
  return status;
}

/* Case 1. */
static nonet_status spool_stdin(struct table *table, nonet_error *error) {
  const char *base = getenv("TMPDIR");
  char path[4096];
  int length =
      snprintf(path, sizeof path, "%s/nonet-stdin-XXXXXX", base && base[0] ? base : "/tmp");
  table->spool_fd = length > 0 && length < (int)sizeof path ? mkstemp(path) : -1;
  if (table->spool_fd < 0)
    return error_set(error, NONET_E_CREATE, "cannot make a temporary file for stdin: %s",
                     strerror(errno));
  unlink(path);
  static char block[1 << 16];
  size_t total = 0, n;
  while ((n = fread(block, 1, sizeof block, stdin)) > 0) {
    for (size_t done = 0; done < n;) {
      ssize_t wrote = write(table->spool_fd, block + done, n - done);
      if (wrote < 0 && errno != EINTR)
        return error_set(error, NONET_E_IO, "cannot keep stdin in a temporary file: %s",
                         strerror(errno));
      done += wrote > 0 ? (size_t)wrote : 0;
    }
    total += n;
  }
  if (ferror(stdin))
    return error_set(error, NONET_E_IO, "cannot read stdin: %s", strerror(errno));
  if (total == 0)
    return error_set(error, NONET_E_DATA, "stdin is empty (0 bytes)");
  snprintf(path, sizeof path, "/proc/self/fd/%d", table->spool_fd);
  return add_file(table, path, error);
}

nonet_status source_set_columns(struct table *table, const struct ArrowSchema *schema,
                                nonet_error *error) {
  size_t n = schema->n_children > 0 ? (size_t)schema->n_children : 0;
  table->column_names = memory_zeroed(n + 1, sizeof *table->column_names);
  table->column_types = memory_zeroed(n + 1, sizeof *table->column_types);
  table->types = memory_zeroed(n + 1, sizeof *table->types);
  if (!table->column_names || !table->column_types || !table->types)
    return error_memory(error, n * 8, "the columns");
  table->n_columns = n;
  for (size_t i = 0; i < n; i++) {
    char type[128];
    const char *name = schema->children[i]->name;
    if (!arrow_type_init(&table->types[i], schema->children[i]))
      return error_memory(error, sizeof(struct arrow_type), "a column's type");
    arrow_type_name(&table->types[i], type, sizeof type);
    table->column_names[i] = memory_text(name ? name : "");
    table->column_types[i] = memory_text(type);
    if (!table->column_names[i] || !table->column_types[i])
      return error_memory(error, 64, "the columns");
  }
  return NONET_OK;
}

/* The schema of a stream becomes the table's columns. */
static nonet_status columns_of_stream(struct table *table, struct ArrowArrayStream *stream,
                                      nonet_error *error) {
  struct ArrowSchema schema = {0};
  if (stream->get_schema(stream, &schema)) {
    const char *message = stream->get_last_error(stream);
    return error_set(error, NONET_E_DATA, "%s: %.600s", table->name,
                     message ? message : "the schema cannot be read");
  }
  nonet_status status = NONET_OK;
  if (!schema.format || strcmp(schema.format, "+s") != 0)
    status =
        error_set(error, NONET_E_DATA, "%s: expected a table (a struct of columns)", table->name);
  else
    status = source_set_columns(table, &schema, error);
  schema.release(&schema);
  return status;
}

static nonet_status columns_of_relation(struct table *table, nonet_error *error) {
  struct text sql = {0};
  text_printf(&sql, "SELECT * FROM %s LIMIT 0", table->relation);
  struct engine_query query = {0};
  nonet_status status = sql.failed ? error_memory(error, sql.length, "a query")
                                   : engine_query_open(table->engine, sql.data, &query, error);
  if (status)
    status = error_context(error, status, "%s", table->name);
  else
    status = columns_of_stream(table, &query.stream, error);
  engine_query_close(&query);
  text_clear(&sql);
  return status;
}

static nonet_status open_relation(struct table *table, enum format format, nonet_error *error) {
  struct text sql = {0};
  text_append(&sql, format == FORMAT_PARQUET ? "read_parquet([" : "read_json_auto([");
  for (size_t i = 0; i < table->n_files; i++) {
    text_append(&sql, i ? ", " : "");
    sqltext_path(&sql, table->files[i]);
  }
  text_append(&sql, format == FORMAT_PARQUET
                        ? "], hive_partitioning=false)"
                        : "], sample_size=-1, maximum_sample_files=2147483647)");
  table->kind = SOURCE_ENGINE;
  table->relation = text_take(&sql);
  if (!table->relation)
    return error_memory(error, 256, "a query");
  return columns_of_relation(table, error);
}

static nonet_status open_query(struct table *table, const char *query, nonet_error *error) {
  struct text sql = {0};
  size_t length = strlen(query);
  while (length > 0 && strchr("; \t\r\n", query[length - 1]))
    length--;
  text_append(&sql, "(");
  text_append_n(&sql, query, length);
  text_append(&sql, "\n)");
  table->kind = SOURCE_ENGINE;
  table->relation = text_take(&sql);
  if (!table->relation)
    return error_memory(error, length, "a query");
  return columns_of_relation(table, error);
}

static nonet_status open_driver(struct table *table, const struct table_source *source,
                                nonet_error *error) {
  table->kind = SOURCE_DRIVER;
  table->query = memory_text(source->query);
  if (!table->query)
    return error_memory(error, strlen(source->query), "a query");
  nonet_status status =
      engine_open_driver(source->driver, source->uri, source->cancel, &table->engine, error);
  if (status)
    return status;
  struct engine_query query = {0};
  status = engine_query_open(table->engine, table->query, &query, error);
  if (!status)
    status = columns_of_stream(table, &query.stream, error);
  engine_query_close(&query);
  return status;
}

/* Keeps one batch, after nanoarrow has looked at its lengths and buffers. */
static nonet_status keep_batch(struct table *table, const struct ArrowSchema *schema,
                               struct ArrowArray *array, nonet_error *error) {
  struct ArrowError reason = {{0}};
  struct ArrowArrayView view;
  ArrowArrayViewInitFromType(&view, NANOARROW_TYPE_UNINITIALIZED);
  nonet_status status = NONET_OK;
  if (ArrowArrayViewInitFromSchema(&view, schema, &reason) ||
      ArrowArrayViewSetArray(&view, array, &reason))
    status = error_set(error, NONET_E_DATA, "batch %zu of the stream is broken: %.500s",
                       table->n_batches + 1, reason.message);
  ArrowArrayViewReset(&view);
  void *batches = table->batches;
  if (!status && !memory_grow(&batches, &table->batches_capacity, table->n_batches + 1,
                              sizeof *table->batches))
    status = error_memory(error, sizeof *array, "a batch");
  table->batches = batches;
  if (!status)
    table->batches[table->n_batches++] = *array;
  else
    array->release(array);
  return status;
}

static nonet_status open_stream(struct table *table, struct ArrowArrayStream *stream,
                                nonet_error *error) {
  table->kind = SOURCE_STREAM;
  nonet_status status = columns_of_stream(table, stream, error);
  struct ArrowSchema schema = {0};
  if (!status && stream->get_schema(stream, &schema))
    status = error_set(error, NONET_E_DATA, "the stream's schema cannot be read twice");
  while (!status) {
    struct ArrowArray array = {0};
    if (stream->get_next(stream, &array)) {
      const char *message = stream->get_last_error(stream);
      status = error_set(error, NONET_E_DATA, "the stream failed: %.600s",
                         message ? message : "no reason given");
      break;
    }
    if (!array.release)
      break;
    status = keep_batch(table, &schema, &array, error);
  }
  if (schema.release)
    schema.release(&schema);
  return status;
}

static nonet_status open_ipc(struct table *table, nonet_error *error) {
  table->kind = SOURCE_IPC;
  struct ArrowArrayStream stream = {0};
  nonet_status status = ipcfile_open(table->files[0], table->name, &stream, error);
  if (!status)
    status = columns_of_stream(table, &stream, error);
  if (stream.release)
    stream.release(&stream);
  return status;
}

static nonet_status settle_format(const struct table *table, const char *asked, enum format *format,
                                  nonet_error *error) {
  *format = FORMAT_UNKNOWN;
  for (size_t i = 0; asked && i < LENGTH(format_names); i++)
    if (strcasecmp(asked, format_names[i].name) == 0)
      *format = format_names[i].format;
  if (asked && *format == FORMAT_UNKNOWN)
    return error_set(error, NONET_E_USAGE, "unknown format '%s': one of csv, parquet, json, arrow",
                     asked);
  if (*format == FORMAT_UNKNOWN && table->spool_fd < 0)
    *format = format_of_name(table->files[0]);
  if (*format == FORMAT_UNKNOWN)
    *format = format_of_bytes(table->files[0]);
  if (*format == FORMAT_UNKNOWN)
    return error_set(
        error, NONET_E_DATA,
        "%s: neither its name nor its first bytes tell its format; say it with --format "
        "csv, parquet, json or arrow",
        table->name);
  return NONET_OK;
}

nonet_status source_open(struct table *table, const struct table_source *source,
                         nonet_error *error) {
  if (source->stream)
    return open_stream(table, source->stream, error);
  if (source->driver) {
    if (!source->query)
      return error_set(error, NONET_E_USAGE, "--driver needs --query with the SQL to run");
    return open_driver(table, source, error);
  }
  if (!source->path == !source->query)
    return error_set(error, NONET_E_USAGE, "expected either a file or --query");
  nonet_status status =
      engine_open(table->n_threads, source->memory_bytes, source->cancel, &table->engine, error);
  if (status)
    return status;
  if (source->query)
    return open_query(table, source->query, error);
  bool is_stdin = strcmp(source->path, "-") == 0;
  status = is_stdin ? spool_stdin(table, error) : find_files(table, source->path, error);
  enum format format = FORMAT_UNKNOWN;
  if (!status)
    status = settle_format(table, source->format, &format, error);
  if (status)
    return status;
  if (format == FORMAT_CSV)
    return csvrel_open(table, error);
  return format == FORMAT_ARROW ? open_ipc(table, error) : open_relation(table, format, error);
}
