/*
 * A table: any source of rows (path, glob, stdin, SQL, an ADBC driver, an Arrow stream of the
 * caller) as role batches.
 *
 * open    finds the source and its columns; nothing is read yet but the schema.
 * resolve checks every role against the columns (near names in the message), runs the domain scan
 * and fixes the task. pass    hands out all rows once, in parallel, as role batches; which worker
 * gets which batch is not fixed.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "base/progress.h"
#include "table/roles.h"

struct ArrowArrayStream; /* the Arrow C data interface */

struct table_source {
  const char *path;   /* a file, a glob, "-" for stdin; or NULL */
  const char *query;  /* SQL instead of a path */
  const char *name;   /* in messages; NULL: the path, "stdin", "query", "the stream" */
  const char *format; /* csv, parquet, json, arrow; NULL: by the name's ending (stdin: by its first
                         bytes) */
  const char *driver, *uri;        /* another ADBC driver than the embedded one; NULL: embedded */
  struct ArrowArrayStream *stream; /* an in-memory table of the caller; taken over */
  size_t n_threads;                /* 0: all cores */
  uint64_t memory_bytes;           /* --memory; 0: half of what the cgroup or the machine has */
  const atomic_int *cancel; /* non-zero: a running query of the source is stopped; NULL: never */
  size_t batch_rows;        /* rows gathered per work item; 0: default. Never changes a result */
};

struct table_column {
  const char *name;
  const char *type; /* as a person reads it: "float", "int64", "text", "list of float" … */
};

struct table;

nonet_status table_open(const struct table_source *source, struct table **table,
                        nonet_error *error) NONET_NODISCARD;
void table_close(struct table *table);

size_t table_n_columns(const struct table *table);
struct table_column table_column(const struct table *table, size_t i);
const char *
table_name(const struct table *table); /* for messages and evidence: the path, "stdin", "query" */
/* SHA-256 of the source's files, hex (several files: of the list of their hashes); NULL when the
 * source is no file. */
const char *table_sha256(const struct table *table);

/* Fills `roles` (roles_clear by the caller). */
nonet_status table_resolve(struct table *table, const struct roles_request *request,
                           struct roles *roles, struct progress *progress,
                           nonet_error *error) NONET_NODISCARD;

/* Called for every batch; worker in [0, n_workers). */
typedef nonet_status (*table_body)(void *context, size_t worker, const struct role_batch *batch,
                                   nonet_error *error);

/* n_workers = table_n_workers(). On an invalid value the status names the smallest offending row.
 */
size_t table_n_workers(const struct table *table);
nonet_status table_pass(struct table *table, const struct roles *roles, table_body body,
                        void *context, struct role_tally *tally, struct progress *progress,
                        nonet_error *error) NONET_NODISCARD;

#endif
