/* History: the kept runs, and one measure over them with the changes that noise does not explain.
 */
#ifndef EVIDENCE_HISTORY_H
#define EVIDENCE_HISTORY_H

#include "evidence/store.h"

/* The document "nonet/history/1" (docs/schema/history-1.json): "runs", latest last; the caller's to
 * json_decref. */
nonet_status history_runs(struct store *store, json_t **root, nonet_error *error) NONET_NODISCARD;
/* The same with "measure" and "series": one per data source, each point with the change since the
 * one before. NONET_E_DATA when no run has the measure. */
nonet_status history_series(struct store *store, const char *measure, json_t **root,
                            nonet_error *error) NONET_NODISCARD;

struct history_change {
  double difference, low, high; /* NaN: cannot be had */
  const char *method;           /* "paired", "mover"; NULL: cannot be had */
  bool excludes_0;
};

/* From `before` to `now`, two points of one source. */
struct history_change history_change_between(const struct store_point *before,
                                             const struct store_point *now);

#endif
