/* What the store's files share: the handle, and SQLite's steps with this house's errors. */
#ifndef EVIDENCE_STORE_PRIVATE_H
#define EVIDENCE_STORE_PRIVATE_H

#include <sqlite3.h>

#include "evidence/store.h"

struct store {
  sqlite3 *database;
  char *path;
};

#define STORE_APPLICATION_ID 0x6e6f6e74 /* "nont": bytes 68 to 71 of the file */
#define STORE_DOCUMENT_BYTES (256 << 20)

/* Migration k brings a file from version k to k + 1; [STORE_VERSION]. */
extern const char *const store_migrations[];

/* What SQLite said as a status and a message; `doing` is "reading", "keeping a run in" … */
nonet_status store_fail(struct store *store, int rc, const char *doing, nonet_error *error);

/* A prepared statement and the first failure of anything done with it. */
struct store_query {
  struct store *store;
  sqlite3_stmt *statement;
  int rc; /* SQLITE_OK while all is well */
  const char *doing;
};

void store_query_init(struct store_query *query, struct store *store, const char *doing,
                      const char *sql);
/* Parameters count from 1. The text is copied; NULL binds null, as does a number that is not
 * finite. */
void store_bind_text(struct store_query *query, int at, const char *text);
void store_bind_whole(struct store_query *query, int at, int64_t value);
void store_bind_real(struct store_query *query, int at, double value);
void store_bind_blob(struct store_query *query, int at, const void *data, size_t size_bytes);
/* True: there is a row. False: no further one, or a failure that `rc` remembers. */
bool store_next(struct store_query *query);
/* A statement that gives no row; ready to be bound again. */
void store_do(struct store_query *query);
/* Finalizes; the status of all that was done. */
nonet_status store_query_end(struct store_query *query, nonet_error *error) NONET_NODISCARD;

/* A copy of a column (memory_free); NULL from the database gives "". Sets rc when it is no UTF-8
   (SQLITE_CORRUPT) or memory is short; then NULL. */
char *store_column_text(struct store_query *query, int at);
/* null: NaN. */
double store_column_real(struct store_query *query, int at);

/* One statement without parameters or rows. */
nonet_status store_run_sql(struct store *store, const char *doing, const char *sql,
                           nonet_error *error) NONET_NODISCARD;
/* The one whole number that a statement gives. */
nonet_status store_ask(struct store *store, const char *doing, const char *sql, int64_t *answer,
                       nonet_error *error) NONET_NODISCARD;

/* Inside store_put's transaction. */
nonet_status store_look_write(struct store *store, const struct store_look_put *look,
                              const char *run, const char *verdict,
                              nonet_error *error) NONET_NODISCARD;

#endif
