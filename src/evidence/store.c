/*
 * Store: opening, its identity and version, closing.
 *
 * Cases:
 *  1. No store asked for ("none"): a NULL handle, which keeps nothing and holds nothing.
 *  2. The default place: made with its folders (mode 0700 as XDG asks) when it is to be written;
 *     not there when it is to be read: no run was kept yet, as case 1. A named one must be there.
 *  3. A database of another program, or no database: refused before anything is written.
 *  4. A newer version: refused with both numbers; older: brought up in one transaction, and the
 *     version is read again inside it, since another process may have been first.
 *  5. Read-only file, folder or medium: reading works (a medium without its -wal file is taken as
 *     unchanging), writing says so at once and not after the work.
 *  6. What stands in a file may be hostile: no triggers, no views, no functions of an untrusted
 *     schema, cells checked, sizes bounded (https://sqlite.org/security.html).
 *  7. Several writers: write-ahead log, one waits for the other. The switch to that log is outside
 *     SQLite's own waiting, so it is tried until the time is up.
 */
#include "evidence/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "evidence/store_private.h"

/* ---- the path ---- */

/* Case 2. */
static nonet_status default_path(struct text *path, nonet_error *error) {
  const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  if (data != NULL && data[0] == '/') { /* the XDG specification: relative ones are ignored */
    text_append(path, data);
  } else if (home != NULL && home[0] != '\0') {
    text_printf(path, "%s/.local/share", home);
  } else {
    return error_set(error, NONET_E_CREATE,
                     "no place for the store: neither XDG_DATA_HOME nor HOME is set; name one with "
                     "--store, or none");
  }
  text_append(path, "/nonet/nonet.db");
  return NONET_OK;
}

static nonet_status make_folders(char *path, nonet_error *error) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    bool is_there = mkdir(path, 0700) == 0 || errno == EEXIST;
    int number = errno;
    nonet_status status =
        is_there ? NONET_OK
                 : error_set(error, NONET_E_CREATE,
                             "%s: the store's folder cannot be made: %s; name a store with "
                             "--store, or none",
                             path, strerror(number));
    *slash = '/';
    if (status != NONET_OK) {
      return status;
    }
  }
  return NONET_OK;
}

/* A URI may hold a password: only its scheme is told. */
static nonet_status refuse_server(const char *where, nonet_error *error) {
  int scheme = (int)(strstr(where, "://") - where);
  bool is_postgresql = strncmp(where, "postgresql", (size_t)scheme) == 0 ||
                       strncmp(where, "postgres", (size_t)scheme) == 0;
  return error_set(error, NONET_E_UNAVAILABLE,
                   is_postgresql ? "a store in %.*s is not built yet; name a file, or none"
                                 : "no store behind %.*s://; expected a file, or none",
                   is_postgresql ? 10 : scheme, is_postgresql ? "PostgreSQL" : where);
}

static nonet_status check_place(const char *path, enum store_mode mode, bool is_default,
                                bool *is_there, nonet_error *error) {
  struct stat about;
  *is_there = stat(path, &about) == 0;
  if (*is_there && !S_ISREG(about.st_mode)) {
    return error_set(error, mode == STORE_READ ? NONET_E_DATA : NONET_E_CREATE,
                     "%s: expected a store, found %s", path,
                     S_ISDIR(about.st_mode) ? "a folder" : "something that is no file");
  }
  if (!*is_there && mode == STORE_READ && !is_default) {
    return error_set(error, NONET_E_NO_INPUT,
                     "%s: no store is there; `nonet check` makes it with the first run it keeps",
                     path);
  }
  return NONET_OK;
}

/* ---- the connection ---- */

/* SQLite has names of its own: ":memory:" and "file:…" are files here. */
static nonet_status connect_as(struct store *store, const char *name, int flags,
                               nonet_error *error) {
  int rc = sqlite3_open_v2(name, &store->database,
                           flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (rc == SQLITE_OK || store->database == NULL) {
    return rc == SQLITE_OK ? NONET_OK : error_memory(error, 0, "the store");
  }
  if ((rc & 0xff) == SQLITE_CANTOPEN && (flags & SQLITE_OPEN_CREATE) != 0) {
    int number = sqlite3_system_errno(store->database);
    return error_set(error, NONET_E_CREATE, "%s: the store cannot be made: %s", store->path,
                     number == 0 ? "is there such a folder?" : strerror(number));
  }
  return store_fail(store, rc, "opening", error);
}

static nonet_status connect_plain(struct store *store, enum store_mode mode, nonet_error *error) {
  struct text name = {0};
  bool is_special = store->path[0] == ':' || strncmp(store->path, "file:", 5) == 0;
  text_printf(&name, "%s%s", is_special ? "./" : "", store->path);
  nonet_status status =
      name.failed
          ? error_memory(error, 0, "the store")
          : connect_as(store, name.data,
                       SQLITE_OPEN_READWRITE | (mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0),
                       error);
  text_clear(&name);
  return status;
}

/* Case 5: nothing waits in a log, and none can be made. */
static nonet_status connect_unchanging(struct store *store, nonet_error *error) {
  struct text name = {0};
  text_append(&name, "file:");
  for (const char *c = store->path; *c != '\0'; c++) {
    text_printf(&name, strchr("%?#", *c) != NULL ? "%%%02X" : "%c", (unsigned char)*c);
  }
  text_append(&name, "?immutable=1");
  sqlite3_close_v2(store->database);
  store->database = NULL;
  nonet_status status =
      name.failed ? error_memory(error, 0, "the store")
                  : connect_as(store, name.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
  text_clear(&name);
  return status;
}

static bool has_log(const struct store *store) {
  struct text name = {0};
  struct stat about;
  text_printf(&name, "%s-wal", store->path);
  bool is_there = name.failed || (stat(name.data, &about) == 0 && about.st_size > 0);
  text_clear(&name);
  return is_there;
}

/* Case 6. */
static nonet_status harden(struct store *store, enum store_mode mode, nonet_error *error) {
  sqlite3 *database = store->database;
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, STORE_DOCUMENT_BYTES);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_busy_timeout(database, STORE_WAIT_MS);
  return store_run_sql(store, "opening",
                       mode == STORE_READ
                           ? "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON"
                           : "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; "
                             "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL",
                       error);
}

/* ---- identity and version ---- */

/* Cases 3 and 4. *version 0: an empty database. */
static nonet_status identify(struct store *store, int64_t *version, nonet_error *error) {
  int64_t application = 0, n_tables = 0;
  nonet_status status = store_ask(store, "reading", "PRAGMA application_id", &application, error);
  *version = 0;
  if (status == NONET_OK) {
    status = store_ask(store, "reading", "PRAGMA user_version", version, error);
  }
  if (status == NONET_OK) {
    status = store_ask(store, "reading", "SELECT count(*) FROM sqlite_schema", &n_tables, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  bool is_empty = application == 0 && *version == 0 && n_tables == 0;
  if (!is_empty && application != STORE_APPLICATION_ID) {
    return error_set(error, NONET_E_DATA,
                     "%s: expected a store of nonet, found a database of another program; name "
                     "another file with --store",
                     store->path);
  }
  if (!is_empty && (*version < 1 || *version > STORE_VERSION)) {
    return error_set(error, NONET_E_DATA,
                     "%s: the store has version %lld, this nonet reads up to %d: use the newer "
                     "nonet that wrote it, or name another store; nothing was changed",
                     store->path, (long long)*version, STORE_VERSION);
  }
  return NONET_OK;
}

/* Case 7. */
static nonet_status use_log(struct store *store, nonet_error *error) {
  int rc = SQLITE_BUSY;
  for (int waited_ms = 0; waited_ms < STORE_WAIT_MS && (rc & 0xff) == SQLITE_BUSY;
       waited_ms += 10) {
    rc = sqlite3_exec(store->database, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    if ((rc & 0xff) == SQLITE_BUSY) {
      sqlite3_sleep(10);
    }
  }
  return rc == SQLITE_OK ? NONET_OK : store_fail(store, rc, "opening", error);
}

static nonet_status migrate(struct store *store, nonet_error *error) {
  char mark[96];
  int64_t version = 0;
  nonet_status status = store_run_sql(store, "opening", "BEGIN IMMEDIATE", error);
  if (status != NONET_OK) {
    return status;
  }
  status = identify(store, &version, error);
  bool is_old = version < STORE_VERSION;
  for (; status == NONET_OK && version < STORE_VERSION; version++) {
    status = store_run_sql(store, "preparing", store_migrations[version], error);
  }
  if (status == NONET_OK && is_old) {
    snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%d",
             STORE_APPLICATION_ID, STORE_VERSION);
    status = store_run_sql(store, "preparing", mark, error);
  }
  if (status == NONET_OK) {
    status = store_run_sql(store, "preparing", "COMMIT", error);
  }
  if (status != NONET_OK) {
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  }
  return status;
}

static nonet_status prepare_to_read(struct store *store, nonet_error *error) {
  int64_t version;
  nonet_status status = harden(store, STORE_READ, error);
  if (status == NONET_OK) {
    status = identify(store, &version, error);
  }
  if ((status == NONET_E_IO || status == NONET_E_CREATE) && !has_log(store)) { /* case 5 */
    status = connect_unchanging(store, error);
    if (status == NONET_OK) {
      status = harden(store, STORE_READ, error);
    }
    if (status == NONET_OK) {
      status = identify(store, &version, error);
    }
  }
  if (status == NONET_OK && version == 0) {
    status = error_set(error, NONET_E_NO_INPUT, "%s: the store is empty: no run was kept yet",
                       store->path);
  }
  return status;
}

static nonet_status prepare_to_write(struct store *store, nonet_error *error) {
  int64_t version;
  if (sqlite3_db_readonly(store->database, "main") == 1) { /* case 5 */
    return store_fail(store, SQLITE_READONLY, "opening", error);
  }
  nonet_status status = harden(store, STORE_WRITE, error);
  if (status == NONET_OK) {
    status = identify(store, &version, error);
  }
  if (status == NONET_OK) {
    status = use_log(store, error);
  }
  return status == NONET_OK ? migrate(store, error) : status;
}

static nonet_status store_new(const char *where, struct store **store, nonet_error *error) {
  struct text path = {0};
  struct store *made = memory_zeroed(1, sizeof *made);
  nonet_status status = NONET_OK;
  if (where == NULL) {
    status = default_path(&path, error);
  } else {
    text_append(&path, where);
  }
  if (status == NONET_OK &&
      (made == NULL || path.failed || (made->path = text_take(&path)) == NULL)) {
    status = error_memory(error, sizeof *made, "the store");
  }
  text_clear(&path);
  if (status != NONET_OK) {
    store_close(made);
    made = NULL;
  }
  *store = made;
  return status;
}

nonet_status store_open(const char *where, enum store_mode mode, struct store **store,
                        nonet_error *error) {
  struct store *made = NULL;
  bool is_there = false;
  *store = NULL;
  if (where != NULL && strcmp(where, "none") == 0) { /* case 1 */
    return NONET_OK;
  }
  if (where != NULL && where[0] == '\0') {
    return error_set(error, NONET_E_USAGE, "the store's name is empty: expected a file, or none");
  }
  if (where != NULL && strstr(where, "://") != NULL) {
    return refuse_server(where, error);
  }
  nonet_status status = store_new(where, &made, error);
  if (status == NONET_OK && where == NULL && mode == STORE_WRITE) {
    status = make_folders(made->path, error);
  }
  if (status == NONET_OK) {
    status = check_place(made->path, mode, where == NULL, &is_there, error);
  }
  if (status == NONET_OK && !is_there && mode == STORE_READ) { /* case 2 */
    store_close(made);
    return NONET_OK;
  }
  if (status == NONET_OK) {
    status = connect_plain(made, mode, error);
  }
  if (status == NONET_OK) {
    status = mode == STORE_READ ? prepare_to_read(made, error) : prepare_to_write(made, error);
  }
  if (status == NONET_OK) {
    *store = made;
  } else {
    store_close(made);
  }
  return status;
}

void store_close(struct store *store) {
  if (store != NULL) {
    sqlite3_close_v2(store->database);
    memory_free(store->path);
    memory_free(store);
  }
}

const char *store_path(const struct store *store) {
  return store == NULL ? NULL : store->path;
}
