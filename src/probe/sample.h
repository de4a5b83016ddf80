/*
 * The shared sample of a run: which rows of a table every measure sees.
 */
#ifndef PROBE_SAMPLE_H
#define PROBE_SAMPLE_H

#include "base/progress.h"
#include "table/columns.h"

struct sample_request {
  uint64_t n_rows; /* wanted */
  uint64_t seed;
  const char *const
      *columns; /* all that the run reads: what a row's key is made of without an id */
  size_t n_columns;
  const char *id;            /* NULL: none */
  const char *const *strata; /* columns whose shares are kept */
  size_t n_strata;
};

struct sample {
  uint8_t *keep; /* a bit per row of the source, in its order; NULL: every row */
  uint64_t n_rows, n_kept;
  uint64_t content; /* of the keys of the rows kept, whatever their order */
};

#define SAMPLE_ALL UINT64_MAX /* n_rows: every row, for the sake of their content */

/* One pass over the columns. A table with at most n_rows rows is kept whole (keep is NULL). */
nonet_status sample_draw(struct table *table, const struct sample_request *request,
                         struct sample *sample, struct progress *progress,
                         nonet_error *error) NONET_NODISCARD;
bool sample_keeps(const struct sample *sample, uint64_t row);
void sample_clear(struct sample *sample);

#endif
