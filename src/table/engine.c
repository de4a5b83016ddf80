/*
 * ADBC connections.
 *
 * Cases: 1. The embedded engine's library is looked for in $NONET_DUCKDB, beside this library or
 * program, in ../lib/nonet, in the place the build was told (NONET_DUCKDB_DEFAULT), then wherever
 * the system's loader looks; when it is nowhere, the message has the line that gets it. 2. The
 * library stays loaded once it was (RTLD_NODELETE): it has threads of its own. 3. Settings go in
 * before the database opens and are locked with it, so no query of a user can lift them. 4. The
 * temporary folder is private and removed at close, on every path. 5. A driver of another kind runs
 * the user's own SQL and nothing of ours. 6. A cancel is asked for again and again: one that
 * comes between two queries is forgotten by the engine when the next begins.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "table/engine.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arrow-adbc/adbc.h>
#include <arrow-adbc/adbc_driver_manager.h>

#include "base/error.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/text.h"

#define ENGINE_MEMORY_MOST 2000000000ULL
#define ENGINE_MEMORY_LEAST 64000000ULL
#define CANCEL_EVERY_NS 20000000L

struct engine {
  struct AdbcDatabase database;
  struct AdbcConnection connection;
  char temporary[PATH_MAX]; /* "" when there is none */
  bool is_embedded;
  const atomic_int *cancel;
  pthread_t stopper; /* 6 */
  bool has_stopper, is_closing;
  pthread_mutex_t lock; /* guards is_closing */
  pthread_cond_t closing;
};

/* Which status an engine's words mean. */
static nonet_status status_of(const char *message) {
  if (strstr(message, "Out of Memory"))
    return NONET_E_MEMORY;
  if (strstr(message, "No files found") || strstr(message, "No such file"))
    return NONET_E_NO_INPUT;
  return NONET_E_DATA;
}

nonet_status engine_explain(const char *message, nonet_error *error) {
  if (strstr(message, "INTERRUPT Error"))
    return error_set(error, NONET_E_INTERRUPTED, "stopped on request");
  static const char csv[] = "CSV Error on Line: ";
  const char *at = strstr(message, csv);
  if (!at) {
    size_t length = strcspn(message, "\n");
    return error_set(error, status_of(message), "%.*s", (int)(length < 600 ? length : 600),
                     message);
  }
  unsigned long long line = strtoull(at + sizeof csv - 1, NULL, 10);
  const char *original = strstr(at, "Original Line: "), *reason = original;
  int shown = 0;
  if (original) {
    original += strlen("Original Line: ");
    shown = (int)strcspn(original, "\n");
    reason = strchr(original, '\n');
    reason = reason ? reason + 1 : "";
  } else {
    reason = strchr(at, '\n');
    reason = reason ? reason + 1 : "";
    original = "";
  }
  return error_set(error, NONET_E_DATA, "line %llu: %.*s (the line is: %.*s)", line,
                   (int)strcspn(reason, "\n"), reason, shown < 200 ? shown : 200, original);
}

/* Takes an ADBC error over. */
static nonet_status take_error(struct AdbcError *adbc, nonet_error *error) {
  nonet_status status =
      engine_explain(adbc->message ? adbc->message : "the driver gave no reason", error);
  if (adbc->release)
    adbc->release(adbc);
  return status;
}

static bool file_exists(const char *path) {
  return access(path, R_OK) == 0;
}

static void folder_of(const char *path, char folder[PATH_MAX]) {
  snprintf(folder, PATH_MAX, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash)
    *slash = '\0';
  else
    snprintf(folder, PATH_MAX, ".");
}

/* Looks for `name` beside the library or program, and in ../lib/nonet of either. */
static bool find_beside(const char *name, char found[PATH_MAX]) {
  char folders[2][PATH_MAX] = {"", ""};
  Dl_info info;
  if (dladdr((void *)(intptr_t)&engine_open, &info) && info.dli_fname)
    folder_of(info.dli_fname, folders[0]);
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) {
    program[length] = '\0';
    folder_of(program, folders[1]);
  }
  static const char *const below[] = {"", "/nonet", "/../lib/nonet"};
  for (size_t f = 0; f < 2; f++)
    for (size_t b = 0; folders[f][0] && b < 3; b++)
      if (snprintf(found, PATH_MAX, "%s%s/%s", folders[f], below[b], name) < PATH_MAX &&
          file_exists(found))
        return true;
  return false;
}

static bool try_library(const char *path) {
  return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) != NULL;
}

static nonet_status find_duckdb(char found[PATH_MAX], nonet_error *error) {
  const char *asked = getenv("NONET_DUCKDB");
  if (asked && asked[0]) {
    snprintf(found, PATH_MAX, "%s", asked);
    if (try_library(found))
      return NONET_OK;
    const char *reason = dlerror();
    return error_set(error, NONET_E_UNAVAILABLE,
                     "NONET_DUCKDB names %s, which cannot be loaded: %s", asked,
                     reason ? reason : "no reason given");
  }
  if (find_beside("libduckdb.so", found) && try_library(found))
    return NONET_OK;
#ifdef NONET_DUCKDB_DEFAULT
  snprintf(found, PATH_MAX, "%s", NONET_DUCKDB_DEFAULT);
  if (found[0] && try_library(found))
    return NONET_OK;
#endif
  snprintf(found, PATH_MAX, "libduckdb.so");
  if (try_library(found))
    return NONET_OK;
  return error_set(error, NONET_E_UNAVAILABLE,
                   "the embedded engine, libduckdb.so, is not found; get it with\n"
                   "  npm pack @duckdb/node-bindings-linux-%s@1.5.5-r.5 && tar xzf "
                   "duckdb-node-bindings-*.tgz && export NONET_DUCKDB=$PWD/package/libduckdb.so",
                   strcmp(machine_architecture(), "aarch64") == 0 ? "arm64" : "x64");
}

static nonet_status make_temporary(struct engine *engine, nonet_error *error) {
  const char *base = getenv("TMPDIR");
  if (!base || !base[0])
    base = "/tmp";
  int length = snprintf(engine->temporary, sizeof engine->temporary, "%s/nonet-XXXXXX", base);
  if (length < 0 || length >= (int)sizeof engine->temporary || !mkdtemp(engine->temporary)) {
    engine->temporary[0] = '\0';
    return error_set(error, NONET_E_CREATE, "cannot make a temporary folder in %s: %s", base,
                     strerror(errno));
  }
  return NONET_OK;
}

static void remove_temporary(const char *folder) {
  DIR *entries = opendir(folder);
  struct dirent *entry;
  while (entries && (entry = readdir(entries)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      (void)unlinkat(dirfd(entries), entry->d_name, 0);
  if (entries)
    closedir(entries);
  (void)rmdir(folder);
}

/* 6 */
static void *stop_queries(void *context) {
  struct engine *engine = context;
  pthread_mutex_lock(&engine->lock);
  while (!engine->is_closing) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += CANCEL_EVERY_NS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_cond_timedwait(&engine->closing, &engine->lock, &until) == ETIMEDOUT &&
        atomic_load(engine->cancel)) {
      struct AdbcError adbc = {0};
      if (AdbcConnectionCancel(&engine->connection, &adbc) && adbc.release)
        adbc.release(&adbc);
    }
  }
  pthread_mutex_unlock(&engine->lock);
  return NULL;
}

/* Signals are for the caller's threads. Without the thread a query only ends by itself. */
static void start_stopper(struct engine *engine, const atomic_int *cancel) {
  sigset_t all, before;
  if (!cancel)
    return;
  engine->cancel = cancel;
  pthread_mutex_init(&engine->lock, NULL);
  pthread_cond_init(&engine->closing, NULL);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  engine->has_stopper = pthread_create(&engine->stopper, NULL, stop_queries, engine) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void end_stopper(struct engine *engine) {
  if (engine->has_stopper) {
    pthread_mutex_lock(&engine->lock);
    engine->is_closing = true;
    pthread_cond_signal(&engine->closing);
    pthread_mutex_unlock(&engine->lock);
    (void)pthread_join(engine->stopper, NULL);
  }
  if (engine->cancel) {
    pthread_mutex_destroy(&engine->lock);
    pthread_cond_destroy(&engine->closing);
  }
}

struct engine_option {
  const char *key, *value;
};

/* Opens database and connection with the options, in order. */
static nonet_status open_with(struct engine *engine, const struct engine_option *options,
                              size_t n_options, nonet_error *error) {
  struct AdbcError adbc = {0};
  if (AdbcDatabaseNew(&engine->database, &adbc))
    return take_error(&adbc, error);
  for (size_t i = 0; i < n_options; i++)
    if (AdbcDatabaseSetOption(&engine->database, options[i].key, options[i].value, &adbc))
      return take_error(&adbc, error);
  if (AdbcDriverManagerDatabaseSetLoadFlags(&engine->database, ADBC_LOAD_FLAG_DEFAULT, &adbc) ||
      AdbcDatabaseInit(&engine->database, &adbc) || AdbcConnectionNew(&engine->connection, &adbc) ||
      AdbcConnectionInit(&engine->connection, &engine->database, &adbc))
    return take_error(&adbc, error);
  return NONET_OK;
}

nonet_status engine_open(size_t n_threads, uint64_t memory_bytes, const atomic_int *cancel,
                         struct engine **made, nonet_error *error) {
  *made = NULL;
  char library[PATH_MAX], threads[32], limit[32];
  nonet_status status = find_duckdb(library, error);
  if (status)
    return status;
  struct engine *engine = memory_zeroed(1, sizeof *engine);
  if (!engine)
    return error_memory(error, sizeof *engine, "the engine");
  engine->is_embedded = true;
  status = make_temporary(engine, error);
  if (status)
    goto done;
  uint64_t bytes = (memory_bytes ? memory_bytes : machine_memory_bytes() / 2) / 4;
  bytes = bytes > ENGINE_MEMORY_MOST ? ENGINE_MEMORY_MOST : bytes;
  bytes = bytes < ENGINE_MEMORY_LEAST ? ENGINE_MEMORY_LEAST : bytes;
  snprintf(threads, sizeof threads, "%zu", n_threads ? n_threads : parallel_cores());
  snprintf(limit, sizeof limit, "%lluB", (unsigned long long)bytes);
  const struct engine_option options[] = {
      {"driver", library},
      {"entrypoint", "duckdb_adbc_init"},
      {"path", ":memory:"},
      {"threads", threads},
      {"memory_limit", limit},
      {"temp_directory", engine->temporary},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"preserve_insertion_order", "true"},
      {"lock_configuration", "true"},
  };
  status = open_with(engine, options, sizeof options / sizeof *options, error);
  if (status)
    status =
        error_context(error, NONET_E_UNAVAILABLE, "the embedded engine %s does not start", library);
done:
  if (status) {
    engine_close(engine);
    return status;
  }
  start_stopper(engine, cancel);
  *made = engine;
  return NONET_OK;
}

/* The library of a driver: a path as it is; a short name with "adbc_driver_" before it where that
 * library is found. */
static void find_driver(const char *driver, char found[PATH_MAX]) {
  snprintf(found, PATH_MAX, "%s", driver);
  if (strchr(driver, '/'))
    return;
  const char *bare = strncmp(driver, "adbc_driver_", 12) == 0 ? driver + 12 : driver;
  char library[256];
  snprintf(library, sizeof library, "libadbc_driver_%s.so", bare);
  const char *folder = getenv("NONET_DRIVERS");
  if (folder && snprintf(found, PATH_MAX, "%s/%s", folder, library) < PATH_MAX &&
      file_exists(found))
    return;
  if (find_beside(library, found))
    return;
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle)
    dlclose(handle);
  snprintf(found, PATH_MAX, "%s", handle ? library : driver);
}

nonet_status engine_open_driver(const char *driver, const char *uri, const atomic_int *cancel,
                                struct engine **made, nonet_error *error) {
  *made = NULL;
  struct engine *engine = memory_zeroed(1, sizeof *engine);
  if (!engine)
    return error_memory(error, sizeof *engine, "the driver");
  char library[PATH_MAX];
  find_driver(driver, library);
  const struct engine_option options[] = {{"driver", library}, {"uri", uri}};
  nonet_status status = open_with(engine, options, uri ? 2 : 1, error);
  if (status) {
    const char *bare = strncmp(driver, "adbc_driver_", 12) == 0 ? driver + 12 : driver;
    struct nonet_error reason = {{0}};
    if (error)
      reason = *error;
    bool by_path = strchr(driver, '/') != NULL;
    status = error_set(
        error, NONET_E_UNAVAILABLE, "cannot connect through the ADBC driver '%s': %.600s%s%s%s",
        driver, reason.message, by_path ? "" : "\nif it is not installed: pip install adbc-driver-",
        by_path ? "" : bare, by_path ? "" : ", and set NONET_DRIVERS to the folder of its library");
    engine_close(engine);
    return status;
  }
  start_stopper(engine, cancel);
  *made = engine;
  return NONET_OK;
}

void engine_close(struct engine *engine) {
  if (!engine)
    return;
  end_stopper(engine);
  struct AdbcError adbc = {0};
  if (engine->connection.private_data && AdbcConnectionRelease(&engine->connection, &adbc) &&
      adbc.release)
    adbc.release(&adbc);
  adbc = (struct AdbcError){0};
  if (engine->database.private_data && AdbcDatabaseRelease(&engine->database, &adbc) &&
      adbc.release)
    adbc.release(&adbc);
  if (engine->temporary[0])
    remove_temporary(engine->temporary);
  memory_free(engine);
}

bool engine_is_embedded(const struct engine *engine) {
  return engine->is_embedded;
}

void engine_query_close(struct engine_query *query) {
  if (query->stream.release)
    query->stream.release(&query->stream);
  if (query->statement) {
    struct AdbcError adbc = {0};
    if (AdbcStatementRelease(query->statement, &adbc) && adbc.release)
      adbc.release(&adbc);
    memory_free(query->statement);
  }
  memset(query, 0, sizeof *query);
}

nonet_status engine_query_open(struct engine *engine, const char *sql, struct engine_query *query,
                               nonet_error *error) {
  memset(query, 0, sizeof *query);
  struct AdbcStatement *statement = memory_zeroed(1, sizeof *statement);
  if (!statement)
    return error_memory(error, sizeof *statement, "a statement");
  query->statement = statement;
  struct AdbcError adbc = {0};
  int64_t n_rows;
  if (AdbcStatementNew(&engine->connection, statement, &adbc) ||
      AdbcStatementSetSqlQuery(statement, sql, &adbc) ||
      AdbcStatementExecuteQuery(statement, &query->stream, &n_rows, &adbc)) {
    nonet_status status = take_error(&adbc, error);
    engine_query_close(query);
    return status;
  }
  return NONET_OK;
}

nonet_status engine_run(struct engine *engine, const char *sql, nonet_error *error) {
  struct engine_query query;
  nonet_status status = engine_query_open(engine, sql, &query, error);
  while (!status) {
    struct ArrowArray array = {0};
    if (query.stream.get_next(&query.stream, &array)) {
      const char *message = query.stream.get_last_error(&query.stream);
      status = engine_explain(message ? message : "no reason given", error);
    }
    bool more = array.release != NULL;
    if (more)
      array.release(&array);
    if (!more)
      break;
  }
  engine_query_close(&query);
  return status;
}

nonet_status engine_take_in(struct engine *engine, const char *name,
                            struct ArrowArrayStream *stream, nonet_error *error) {
  struct AdbcStatement statement = {0};
  struct AdbcError adbc = {0};
  int64_t n_rows;
  nonet_status status = NONET_OK;
  if (AdbcStatementNew(&engine->connection, &statement, &adbc) ||
      AdbcStatementSetOption(&statement, ADBC_INGEST_OPTION_TARGET_TABLE, name, &adbc) ||
      AdbcStatementBindStream(&statement, stream, &adbc) ||
      AdbcStatementExecuteQuery(&statement, NULL, &n_rows, &adbc))
    status = take_error(&adbc, error);
  if (statement.private_data && AdbcStatementRelease(&statement, &adbc) && adbc.release)
    adbc.release(&adbc);
  if (stream->release)
    stream->release(stream);
  return status;
}

/* One row of text to `each`, as a terminated copy. */
static nonet_status hand_text(const struct ArrowArrayView *view, int64_t row, engine_row each,
                              void *context, nonet_error *error) {
  struct ArrowStringView text = {"", 0};
  if (!ArrowArrayViewIsNull(view, row))
    text = ArrowArrayViewGetStringUnsafe(view, row);
  char *copy = memory_new((size_t)text.size_bytes + 1, 1);
  if (!copy)
    return error_memory(error, (size_t)text.size_bytes, "a text of the engine");
  memcpy(copy, text.data, (size_t)text.size_bytes);
  copy[text.size_bytes] = '\0';
  nonet_status status = each(context, copy, (size_t)text.size_bytes, error);
  memory_free(copy);
  return status;
}

nonet_status engine_each_text(struct engine *engine, const char *sql, engine_row each,
                              void *context, nonet_error *error) {
  struct engine_query query;
  nonet_status status = engine_query_open(engine, sql, &query, error);
  if (status)
    return status;
  struct ArrowSchema schema = {0};
  struct ArrowArrayView view = {0};
  ArrowArrayViewInitFromType(&view, NANOARROW_TYPE_UNINITIALIZED);
  if (query.stream.get_schema(&query.stream, &schema) || schema.n_children != 1 ||
      ArrowArrayViewInitFromSchema(&view, &schema, NULL) ||
      view.children[0]->storage_type != NANOARROW_TYPE_STRING) {
    status =
        error_set(error, NONET_E_INTERNAL, "the engine did not answer with one column of text");
    goto done;
  }
  while (!status) {
    struct ArrowArray array = {0};
    if (query.stream.get_next(&query.stream, &array)) {
      const char *message = query.stream.get_last_error(&query.stream);
      status = engine_explain(message ? message : "no reason given", error);
      break;
    }
    if (!array.release)
      break;
    if (ArrowArrayViewSetArray(&view, &array, NULL))
      status = error_set(error, NONET_E_INTERNAL, "the engine's answer is broken");
    for (int64_t i = 0; i < array.length && !status; i++)
      status = hand_text(view.children[0], i, each, context, error);
    array.release(&array);
  }
done:
  ArrowArrayViewReset(&view);
  if (schema.release)
    schema.release(&schema);
  engine_query_close(&query);
  return status;
}
