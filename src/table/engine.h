/*
 * The embedded engine (DuckDB) and any other ADBC driver, behind one connection: SQL in, an Arrow
 * stream out. A connection is used by one thread at a time.
 *
 * A request to stop reaches a running query: while an engine is open, a thread of its own looks at
 * *cancel (NULL: never) and then cancels what the connection does, until the engine is closed. The
 * query ends with NONET_E_INTERRUPTED, if its driver can cancel.
 */
#ifndef TABLE_ENGINE_H
#define TABLE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nanoarrow/nanoarrow.h>

#include <nonet/status.h>

struct engine;

/* DuckDB with nonet's settings: threads, memory_limit = min(a quarter of memory_bytes, 2 GB), a
 * private temporary folder. */
nonet_status engine_open(size_t n_threads, uint64_t memory_bytes, const atomic_int *cancel,
                         struct engine **engine, nonet_error *error) NONET_NODISCARD;
/* Another driver by name ("sqlite", "adbc_driver_sqlite") or by the path of its library. */
nonet_status engine_open_driver(const char *driver, const char *uri, const atomic_int *cancel,
                                struct engine **engine, nonet_error *error) NONET_NODISCARD;
void engine_close(struct engine *engine);
bool engine_is_embedded(const struct engine *engine);

/* A running query. The stream is the caller's to read; release both with engine_query_close, before
 * the engine. */
struct engine_query {
  struct ArrowArrayStream stream;
  void *statement;
};
nonet_status engine_query_open(struct engine *engine, const char *sql, struct engine_query *query,
                               nonet_error *error) NONET_NODISCARD;
void engine_query_close(struct engine_query *query);

/* Runs SQL that gives one column of text; the rows, each terminated, are handed to `each`. */
typedef nonet_status (*engine_row)(void *context, const char *text, size_t length,
                                   nonet_error *error);
nonet_status engine_each_text(struct engine *engine, const char *sql, engine_row each,
                              void *context, nonet_error *error) NONET_NODISCARD;
/* Runs a statement and throws its result away. */
nonet_status engine_run(struct engine *engine, const char *sql, nonet_error *error) NONET_NODISCARD;

/* Makes a table of the embedded engine out of a stream, in its order; takes the stream over. The
 * table lives as long as the engine. */
nonet_status engine_take_in(struct engine *engine, const char *name,
                            struct ArrowArrayStream *stream, nonet_error *error) NONET_NODISCARD;

/* Puts a message of the engine into words: the first lines, and the line of a CSV file where it
 * names one. */
nonet_status engine_explain(const char *message, nonet_error *error);

#endif
