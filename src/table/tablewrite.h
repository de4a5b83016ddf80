/*
 * A table written again: its rows in their order, some of them gone, copied or weighed, then rows
 * that were made. Columns keep names, order and types; nothing of a row that stays is touched.
 *
 * Parquet or CSV by the ending of the name. Rows stream from the source to the file through the
 * embedded engine. The file is there whole or not at all (base/atomic_file.h).
 */
#ifndef TABLE_TABLEWRITE_H
#define TABLE_TABLEWRITE_H

#include "base/progress.h"
#include "table/table.h"

struct tablewrite;

/* What a made row has in a column; columns that are not named are null in it. */
struct tablewrite_column {
  const char *name;     /* of the table, exact */
  const double *number; /* [n_made · stride]: value i is number[i · stride]; or */
  const uint32_t *code; /* the same of places in `values` */
  size_t stride;
  const char *const *values;
};

struct tablewrite_change {
  size_t n_rows;          /* of the source */
  const uint32_t *copies; /* [n_rows] 0: gone; 1: stays; more: with copies, behind all that stay */
  const double *weight;   /* [n_rows] a new column; NULL: none */
  const char *weight_name;
  size_t n_made;
  const struct tablewrite_column *columns;
  size_t n_columns;
};

/* Before any work. NONET_E_USAGE: neither .parquet nor .csv, or `path` is a file of the table;
 * NONET_E_CREATE: it cannot be made. */
nonet_status tablewrite_open(const char *path, const struct table *table, struct tablewrite **write,
                             nonet_error *error) NONET_NODISCARD;
/* Once. NONET_E_DATA: a source that the engine cannot read again, or a weight's name that is taken.
 */
nonet_status tablewrite_rows(struct tablewrite *write, struct table *table,
                             const struct tablewrite_change *change, struct progress *progress,
                             nonet_error *error) NONET_NODISCARD;
/* Syncs, puts the file in its place and frees. */
nonet_status tablewrite_commit(struct tablewrite *write, nonet_error *error) NONET_NODISCARD;
/* Gives up; NULL is fine. */
void tablewrite_abandon(struct tablewrite *write);

#endif
