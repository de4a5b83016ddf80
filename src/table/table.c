/* Opening and closing of tables; their names, columns and hashes. The rest: source.c, resolve.c,
 * rowpass.c. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/text.h"
#include "table/tableparts.h"

#define BATCH_ROWS_DEFAULT 65536

static const char *name_of(const struct table_source *source) {
  if (source->name)
    return source->name;
  if (source->stream)
    return "the stream";
  if (source->path)
    return strcmp(source->path, "-") == 0 ? "stdin" : source->path;
  return "query";
}

nonet_status table_open(const struct table_source *source, struct table **made,
                        nonet_error *error) {
  *made = NULL;
  struct table *table = memory_zeroed(1, sizeof *table);
  nonet_status status = NONET_OK;
  if (table) {
    table->spool_fd = -1;
    table->n_threads = source->n_threads ? source->n_threads : parallel_cores();
    table->batch_rows = source->batch_rows ? source->batch_rows : BATCH_ROWS_DEFAULT;
    table->name = memory_text(name_of(source));
  }
  if (!table || !table->name)
    status = error_memory(error, sizeof *table, "a table");
  if (!status)
    status = source_open(table, source, error);
  if (source->stream && source->stream->release)
    source->stream->release(source->stream);
  if (status)
    table_close(table);
  else
    *made = table;
  return status;
}

static void free_texts(char **list, size_t n) {
  for (size_t i = 0; list && i < n; i++)
    memory_free(list[i]);
  memory_free(list);
}

void table_close(struct table *table) {
  if (!table)
    return;
  plan_clear(&table->plan);
  for (size_t b = 0; b < table->n_batches; b++)
    table->batches[b].release(&table->batches[b]);
  memory_free(table->batches);
  for (size_t i = 0; table->types && i < table->n_columns; i++)
    arrow_type_clear(&table->types[i]);
  memory_free(table->types);
  free_texts(table->column_names, table->n_columns);
  free_texts(table->column_types, table->n_columns);
  free_texts(table->csv_types, table->n_columns);
  free_texts(table->files, table->n_files);
  csvhead_clear(&table->head);
  memory_free(table->relation);
  memory_free(table->query);
  engine_close(table->engine);
  if (table->spool_fd >= 0)
    close(table->spool_fd);
  memory_free(table->name);
  memory_free(table);
}

size_t table_n_columns(const struct table *table) {
  return table->n_columns;
}

struct table_column table_column(const struct table *table, size_t i) {
  return (struct table_column){table->column_names[i], table->column_types[i]};
}

const char *table_name(const struct table *table) {
  return table->name;
}

size_t table_n_workers(const struct table *table) {
  return table->n_threads;
}

/* Computed when first asked for: it reads the files once more. */
const char *table_sha256(const struct table *table) {
  struct table *known = (struct table *)table;
  if (table->n_files == 0)
    return NULL;
  if (table->sha256[0])
    return table->sha256;
  struct text list = {0};
  char hex[HASH_HEX_BYTES];
  bool read = true;
  for (size_t i = 0; i < table->n_files && read; i++) {
    read = hash_file_sha256_hex(table->files[i], hex, NULL) == NONET_OK;
    text_printf(&list, "%s\n", hex);
  }
  if (read && table->n_files > 1 && !list.failed)
    hash_sha256_hex(list.data, list.length, hex);
  read = read && !list.failed;
  text_clear(&list);
  if (read)
    snprintf(known->sha256, sizeof known->sha256, "%s", hex);
  return read ? table->sha256 : NULL;
}
