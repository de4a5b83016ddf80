/* Helpers of the tests beside. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "table/tablekit.h"

#include <dirent.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

static char folder[64];
static struct engine *engine;

/* Not at exit: by then the thread's own destructors have run, and DuckDB's would find freed state.
 */
int tablekit_teardown(void **state) {
  (void)state;
  engine_close(engine);
  engine = NULL;
  DIR *entries = opendir(folder);
  struct dirent *entry;
  while (entries && (entry = readdir(entries)) != NULL)
    (void)unlinkat(dirfd(entries), entry->d_name, 0);
  if (entries)
    closedir(entries);
  rmdir(folder);
  folder[0] = '\0';
  return 0;
}

const char *tablekit_path(const char *name) {
  static char paths[16][256];
  static unsigned next;
  if (!folder[0]) {
    strcpy(folder, "/tmp/nonet-test-XXXXXX");
    if (!mkdtemp(folder))
      abort();
  }
  char *path = paths[next++ % 16];
  snprintf(path, 256, "%s/%s", folder, name);
  return path;
}

void tablekit_write(const char *path, const void *data, size_t size_bytes) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  size_t size = size_bytes ? size_bytes : strlen(data);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static struct engine *the_engine(void) {
  nonet_error error = {{0}};
  (void)tablekit_path("");
  if (!engine && engine_open(2, 4000000000ULL, NULL, &engine, &error))
    fail_msg("%s", error.message);
  return engine;
}

void tablekit_run(const char *sql) {
  nonet_error error = {{0}};
  if (engine_run(the_engine(), sql, &error))
    fail_msg("%s: %s", sql, error.message);
}

void tablekit_copy(const char *sql, const char *path, const char *format) {
  struct text copy = {0};
  text_printf(&copy, "COPY (%s) TO '%s' (FORMAT %s)", sql, path, format);
  tablekit_run(copy.data);
  text_clear(&copy);
}

void tablekit_stream(const char *sql, struct ArrowArrayStream *stream) {
  struct engine_query query;
  nonet_error error = {{0}};
  if (engine_query_open(the_engine(), sql, &query, &error))
    fail_msg("%s: %s", sql, error.message);
  struct ArrowSchema schema = {0};
  assert_int_equal(query.stream.get_schema(&query.stream, &schema), 0);
  assert_int_equal(ArrowBasicArrayStreamInit(stream, &schema, 0), 0);
  struct ArrowArray *arrays = NULL;
  size_t n = 0, capacity = 0;
  for (;;) {
    struct ArrowArray array = {0};
    assert_int_equal(query.stream.get_next(&query.stream, &array), 0);
    if (!array.release)
      break;
    void *more = arrays;
    assert_true(memory_grow(&more, &capacity, n + 1, sizeof *arrays));
    arrays = more;
    arrays[n++] = array;
  }
  stream->release(stream);
  assert_int_equal(query.stream.get_schema(&query.stream, &schema), 0);
  assert_int_equal(ArrowBasicArrayStreamInit(stream, &schema, (int64_t)n), 0);
  for (size_t i = 0; i < n; i++)
    ArrowBasicArrayStreamSetArray(stream, (int64_t)i, &arrays[i]);
  memory_free(arrays);
  engine_query_close(&query);
}

static void *grown(void *array, size_t n, size_t size_bytes) {
  void *more = memory_resize(array, n, size_bytes);
  assert_non_null(more);
  return more;
}

static nonet_status take_batch(void *context, size_t worker, const struct role_batch *batch,
                               nonet_error *error) {
  (void)worker;
  (void)error;
  struct tablekit_rows *rows = context;
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  size_t at = rows->n, n = rows->n + batch->n_rows, width = rows->roles.n_scores;
#define KEEP(field, per_row)                                                                       \
  if (batch->field) {                                                                              \
    rows->field = grown(rows->field, n * (per_row), sizeof *rows->field);                          \
    memcpy(rows->field + at * (per_row), batch->field,                                             \
           batch->n_rows * (per_row) * sizeof *rows->field);                                       \
  }
  KEEP(label, 1)
  KEEP(cell, 1)
  KEEP(target, 1)
  KEEP(weight, 1)
  KEEP(cluster, 1)
  KEEP(id, 1)
  KEEP(prediction[STREAM_A], 1)
  KEEP(prediction[STREAM_B], 1)
  KEEP(score[STREAM_A], width)
  KEEP(score[STREAM_B], width)
#undef KEEP
  rows->n = n;
  pthread_mutex_unlock(&lock);
  return NONET_OK;
}

void tablekit_read(const struct table_source *source, const struct roles_request *request,
                   struct tablekit_rows *rows) {
  memset(rows, 0, sizeof *rows);
  struct roles_request asked = *request;
  if (asked.threshold == 0)
    asked.threshold = 0.5;
  struct table *table = NULL;
  struct table_source one = *source;
  one.n_threads = one.n_threads ? one.n_threads : 1;
  rows->status = table_open(&one, &table, &rows->error);
  if (!rows->status)
    rows->status = table_resolve(table, &asked, &rows->roles, NULL, &rows->error);
  if (!rows->status)
    rows->status =
        table_pass(table, &rows->roles, take_batch, rows, &rows->tally, NULL, &rows->error);
  table_close(table);
}

void tablekit_read_path(const char *path, const struct roles_request *request,
                        struct tablekit_rows *rows) {
  tablekit_read(&(struct table_source){.path = path}, request, rows);
}

void tablekit_clear(struct tablekit_rows *rows) {
  memory_free(rows->label);
  memory_free(rows->cell);
  memory_free(rows->target);
  memory_free(rows->weight);
  memory_free(rows->cluster);
  memory_free(rows->id);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(rows->prediction[s]);
    memory_free(rows->score[s]);
  }
  roles_clear(&rows->roles);
  memset(rows, 0, sizeof *rows);
}

void tablekit_expect(const struct tablekit_rows *rows, nonet_status status, ...) {
  if (rows->status != status)
    fail_msg("status %d, expected %d: %s", (int)rows->status, (int)status, rows->error.message);
  va_list pieces;
  va_start(pieces, status);
  for (const char *piece; (piece = va_arg(pieces, const char *)) != NULL;)
    if (!strstr(rows->error.message, piece))
      fail_msg("expected '%s' in: %s", piece, rows->error.message);
  va_end(pieces);
}
