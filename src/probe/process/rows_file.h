/* The rows that probes ask for: some of a table's, in a private file the helper reads. */
#ifndef PROCESS_ROWS_FILE_H
#define PROCESS_ROWS_FILE_H

#include "base/progress.h"
#include "table/columns.h"

/* Of the columns, the n_most rows with the smallest keys (sample.h; all when there are fewer), in
 * the table's order, as one batch of an Arrow IPC stream. *fd is the caller's to close. Two passes
 * over the table. NONET_E_DATA: the table has no rows. */
nonet_status rows_file(struct table *table, const char *const *columns, size_t n_columns,
                       size_t n_most, uint64_t seed, int *fd, size_t *n_rows,
                       struct progress *progress, nonet_error *error) NONET_NODISCARD;

#endif
