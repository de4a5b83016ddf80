/* Any bytes as a store: a database file ("F" and its bytes), or the cells of its tables ("R", then
 * rows that end in 0x1e of cells that end in 0x1f; first the table, then what the cells hold: i, r,
 * t, b or n and the text of it, z and the size of a blob of zeros), in tables without types, as
 * another program may have made them. What is read must be whole or an error, and can be shown. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "evidence/history.h"
#include "report/past.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
  const char *name, *columns;
  int n;
} tables[] = {{"runs",
               "place, id, started, command, context, context_version, verdict, digest, n_bytes, "
               "document",
               10},
              {"models", "run, position, role, kind, path, sha256", 6},
              {"data", "run, position, role, source, sha256, rows_used", 6},
              {"estimates", "run, measure, scope, role, value, low, high, level, n", 9},
              {"questions", "id, candidate, baseline, context, context_version, source, n_max", 7},
              {"looks", "question, number, data, n_rows, run, verdict, n_repeats", 7}};
#define N_TABLES (sizeof tables / sizeof *tables)

static void must(int rc) {
  if (rc != SQLITE_OK)
    abort();
}

static void bind(sqlite3_stmt *statement, int at, const uint8_t *cell, size_t n) {
  char number[40];
  snprintf(number, sizeof number, "%.*s", (int)(n > 0 && n < 40 ? n - 1 : 0),
           n > 0 ? (const char *)cell + 1 : "");
  switch (n > 0 ? cell[0] : 'n') {
  case 'i':
    must(sqlite3_bind_int64(statement, at, strtoll(number, NULL, 10)));
    break;
  case 'r':
    must(sqlite3_bind_double(statement, at, strtod(number, NULL)));
    break;
  case 't':
    must(sqlite3_bind_text(statement, at, (const char *)cell + 1, (int)n - 1, SQLITE_TRANSIENT));
    break;
  case 'b':
    must(sqlite3_bind_blob(statement, at, cell + 1, (int)n - 1, SQLITE_TRANSIENT));
    break;
  case 'z':
    must(sqlite3_bind_zeroblob(statement, at, (int)(strtoul(number, NULL, 10) % (1u << 24))));
    break;
  default:
    must(sqlite3_bind_null(statement, at));
  }
}

static size_t until(const uint8_t *data, size_t size, uint8_t end) {
  const uint8_t *found = size > 0 ? memchr(data, end, size) : NULL;
  return found == NULL ? size : (size_t)(found - data);
}

static void insert(sqlite3 *database, const uint8_t *row, size_t size) {
  size_t name = until(row, size, 0x1f), which = 0;
  char sql[256] = "", marks[64] = "";
  sqlite3_stmt *statement = NULL;
  while (which < N_TABLES &&
         (strlen(tables[which].name) != name || memcmp(tables[which].name, row, name) != 0))
    which++;
  if (which == N_TABLES)
    return;
  for (int k = 0; k < tables[which].n; k++)
    strcat(marks, k == 0 ? "?" : ", ?");
  snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (%s)", tables[which].name, marks);
  must(sqlite3_prepare_v2(database, sql, -1, &statement, NULL));
  for (int k = 0; k < tables[which].n && name < size; k++) {
    row += name + 1;
    size -= name + 1;
    name = until(row, size, 0x1f);
    bind(statement, k + 1, row, name);
  }
  if (sqlite3_step(statement) != SQLITE_DONE)
    abort();
  sqlite3_finalize(statement);
}

static void make_rows(const char *path, const uint8_t *data, size_t size) {
  sqlite3 *database = NULL;
  must(sqlite3_open(path, &database));
  must(sqlite3_exec(database,
                    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                    "PRAGMA application_id=1852796532; PRAGMA user_version=1",
                    NULL, NULL, NULL));
  for (size_t i = 0; i < N_TABLES; i++) {
    char sql[256];
    snprintf(sql, sizeof sql, "CREATE TABLE %s (%s)", tables[i].name, tables[i].columns);
    must(sqlite3_exec(database, sql, NULL, NULL, NULL));
  }
  while (size > 0) {
    size_t row = until(data, size, 0x1e);
    insert(database, data, row);
    row += row < size;
    data += row;
    size -= row;
  }
  sqlite3_close(database);
}

static void make_file(const char *path, const uint8_t *data, size_t size) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(data, 1, size, file) != size)
    abort();
  fclose(file);
}

/* An error of the data or of memory, and with words. */
static bool is_right(nonet_status status, const nonet_error *error) {
  if (status == NONET_OK)
    return true;
  if ((status != NONET_E_DATA && status != NONET_E_MEMORY && status != NONET_E_USAGE &&
       status != NONET_E_NO_INPUT && status != NONET_E_IO) ||
      error->message[0] == '\0') {
    fprintf(stderr, "status %d: %s\n", status, error->message);
    abort();
  }
  return false;
}

static void show(json_t *root) {
  const struct terminal_style style = {.columns = 80, .ascii = true};
  struct text text = {0};
  nonet_error error = {""};
  if (past_render(root, &style, &text, &error) != NONET_OK)
    abort();
  for (size_t i = 0; i < text.length; i++)
    if (text.data[i] != '\n' && (text.data[i] < 0x20 || text.data[i] > 0x7e))
      abort();
  text_clear(&text);
  json_decref(root);
}

static void read_all(struct store *store) {
  const struct store_question question = {"c1", "b1", "real-time", 1, "rows.parquet", "d1", 1000};
  nonet_error error = {""};
  json_t *root = NULL;
  struct store_runs runs;
  struct store_look look;
  if (is_right(history_runs(store, &root, &error), &error))
    show(root);
  if (is_right(history_series(store, "correctness.auc", &root, &error), &error))
    show(root);
  if (is_right(store_look_find(store, &question, &look, &error), &error))
    store_look_clear(&look);
  if (!is_right(store_list(store, &runs, &error), &error))
    return;
  for (size_t i = 0; i < runs.n && i < 4; i++) {
    struct evidence *evidence = NULL;
    if (is_right(store_get(store, runs.run[i].id, &evidence, &error), &error) &&
        !json_is_object(evidence->root))
      abort();
    evidence_free(evidence);
  }
  store_runs_clear(&runs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
  snprintf(path, sizeof path, "%s/nonet-fuzz-store-%d.db",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
  if (size == 0)
    return 0;
  unlink(path);
  if (data[0] == 'R')
    make_rows(path, data + 1, size - 1);
  else
    make_file(path, data + 1, size - 1);
  for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
    struct store *store = NULL;
    nonet_error error = {""};
    nonet_status status = store_open(path, (enum store_mode)mode, &store, &error);
    if (is_right(status, &error))
      read_all(store);
    store_close(store);
  }
  for (size_t i = 0; i < 4; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", path, beside[i]);
    unlink(name);
  }
  return 0;
}
