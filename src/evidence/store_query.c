/*
 * SQLite's statements with this house's errors.
 *
 * A query remembers the first thing that failed; what follows does nothing, and store_query_end
 * tells. So callers bind and step in a row and look once.
 *
 * What SQLite says becomes: memory (71); the disk or the system (74); somebody else holds the file
 * (74, try again); it may not be written (73); anything about what stands in the file (65), which
 * a person may have edited or a disk damaged; our own misuse (70).
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "evidence/store_private.h"

nonet_status store_fail(struct store *store, int rc, const char *doing, nonet_error *error) {
  const char *path = store->path, *said = sqlite3_errstr(rc);
  int number = store->database == NULL ? 0 : sqlite3_system_errno(store->database);
  const char *system = number == 0 ? "" : strerror(number);
  if (store->database != NULL && sqlite3_extended_errcode(store->database) == rc) {
    said = sqlite3_errmsg(store->database);
  }
  if (rc == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM) {
    return error_memory(error, 0, "the store");
  }
  switch (rc & 0xff) {
  case SQLITE_FULL:
    return error_set(error, NONET_E_IO,
                     "%s: the disk is full while %s the store; what it held is whole: make room "
                     "and run again",
                     path, doing);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return error_set(error, NONET_E_IO,
                     "%s: another process has held the store for %d s while this one was %s it; "
                     "run again when it is done",
                     path, STORE_WAIT_MS / 1000, doing);
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return error_set(error, NONET_E_CREATE,
                     "%s: the store may not be written into; name another with --store, or none",
                     path);
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_NOLFS:
    return error_set(error, NONET_E_IO, "%s: %s the store failed: %s%s%s", path, doing, said,
                     system[0] == '\0' ? "" : ": ", system);
  case SQLITE_MISUSE:
  case SQLITE_RANGE:
  case SQLITE_INTERNAL:
    return error_set(error, NONET_E_INTERNAL, "%s: %s the store: %s; please report this", path,
                     doing, said);
  case SQLITE_NOTADB:
    return error_set(error, NONET_E_DATA,
                     "%s: expected a store of nonet, found a file that is no SQLite database, or a "
                     "damaged one; name another with --store",
                     path);
  default:
    return error_set(error, NONET_E_DATA,
                     "%s: the store is damaged, or was changed by another program (%s); keep a "
                     "copy, `sqlite3 FILE .recover` may save rows, and name another with --store",
                     path, said);
  }
}

void store_query_init(struct store_query *query, struct store *store, const char *doing,
                      const char *sql) {
  *query = (struct store_query){.store = store, .doing = doing};
  query->rc = sqlite3_prepare_v2(store->database, sql, -1, &query->statement, NULL);
}

void store_bind_text(struct store_query *query, int at, const char *text) {
  if (query->rc == SQLITE_OK) {
    query->rc = sqlite3_bind_text(query->statement, at, text, -1, SQLITE_TRANSIENT);
  }
}

void store_bind_whole(struct store_query *query, int at, int64_t value) {
  if (query->rc == SQLITE_OK) {
    query->rc = sqlite3_bind_int64(query->statement, at, value);
  }
}

void store_bind_real(struct store_query *query, int at, double value) {
  if (query->rc == SQLITE_OK) {
    query->rc = isfinite(value) ? sqlite3_bind_double(query->statement, at, value)
                                : sqlite3_bind_null(query->statement, at);
  }
}

void store_bind_blob(struct store_query *query, int at, const void *data, size_t size_bytes) {
  if (query->rc == SQLITE_OK) {
    query->rc = sqlite3_bind_blob64(query->statement, at, data, size_bytes, SQLITE_STATIC);
  }
}

bool store_next(struct store_query *query) {
  if (query->rc != SQLITE_OK) {
    return false;
  }
  int rc = sqlite3_step(query->statement);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    query->rc = rc;
  }
  return rc == SQLITE_ROW;
}

void store_do(struct store_query *query) {
  while (store_next(query)) {
  }
  if (query->rc == SQLITE_OK) {
    query->rc = sqlite3_reset(query->statement);
  }
}

nonet_status store_query_end(struct store_query *query, nonet_error *error) {
  nonet_status status =
      query->rc == SQLITE_OK ? NONET_OK : store_fail(query->store, query->rc, query->doing, error);
  sqlite3_finalize(query->statement);
  query->statement = NULL;
  return status;
}

char *store_column_text(struct store_query *query, int at) {
  if (query->rc != SQLITE_OK) {
    return NULL;
  }
  bool is_null = sqlite3_column_type(query->statement, at) == SQLITE_NULL;
  const char *text = is_null ? "" : (const char *)sqlite3_column_text(query->statement, at);
  char *copy = NULL;
  if (text == NULL) {
    query->rc = SQLITE_NOMEM;
  } else if (!text_is_utf8(text, strlen(text))) {
    query->rc = SQLITE_CORRUPT;
  } else {
    copy = memory_text(text);
    query->rc = copy == NULL ? SQLITE_NOMEM : SQLITE_OK;
  }
  return copy;
}

double store_column_real(struct store_query *query, int at) {
  return query->rc != SQLITE_OK || sqlite3_column_type(query->statement, at) == SQLITE_NULL
             ? NAN
             : sqlite3_column_double(query->statement, at);
}

nonet_status store_run_sql(struct store *store, const char *doing, const char *sql,
                           nonet_error *error) {
  int rc = sqlite3_exec(store->database, sql, NULL, NULL, NULL);
  return rc == SQLITE_OK ? NONET_OK : store_fail(store, rc, doing, error);
}

nonet_status store_ask(struct store *store, const char *doing, const char *sql, int64_t *answer,
                       nonet_error *error) {
  struct store_query query;
  *answer = 0;
  store_query_init(&query, store, doing, sql);
  if (store_next(&query)) {
    *answer = sqlite3_column_int64(query.statement, 0);
  }
  return store_query_end(&query, error);
}
