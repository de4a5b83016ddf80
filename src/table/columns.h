/*
 * The columns of a table as they stand (no roles), in the order of its rows: what models and probes
 * read. One reader at a time per table, and not while roles of it are in use: a reader binds the
 * table's columns anew and lets go of them when it is closed.
 */
#ifndef TABLE_COLUMNS_H
#define TABLE_COLUMNS_H

#include <nanoarrow/nanoarrow.h>

#include "table/table.h"

struct table_columns;

/* requests: [n] distinct exact names or SQL expressions; `what` begins the messages. NONET_E_DATA
 * with near names when a column is not there. */
nonet_status table_columns_open(struct table *table, const char *const *requests, size_t n,
                                const char *what, struct table_columns **columns,
                                nonet_error *error) NONET_NODISCARD;
struct arrow_type;

/* The same to look only: of a stream in memory too, whose arrays are not moved. No schema. */
nonet_status table_columns_look(struct table *table, const char *const *requests, size_t n,
                                const char *what, struct table_columns **columns,
                                nonet_error *error) NONET_NODISCARD;
/* The types of the n columns; they live as long as the reader. */
const struct arrow_type *table_columns_types(const struct table_columns *columns);
/* A struct of n children under the names asked for; lives as long as the reader. */
const struct ArrowSchema *table_columns_schema(const struct table_columns *columns);
/* The next rows, owned by the caller; array->release is NULL at the end. */
nonet_status table_columns_next(struct table_columns *columns, struct ArrowArray *array,
                                nonet_error *error) NONET_NODISCARD;
void table_columns_close(struct table_columns *columns);

#endif
