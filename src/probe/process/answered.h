/* What a model answered to rows: scores, labels, and the decision they come to. */
#ifndef PROCESS_ANSWERED_H
#define PROCESS_ANSWERED_H

#include "probe/process/driver.h"

struct answered {
  double *scores;   /* [rows][n_scores] */
  uint32_t *labels; /* [rows] */
  size_t n_scores;
};

/* Zeroed, for n_rows rows of the model. answered_clear also after an error. */
nonet_status answered_init(const struct driver *driver, const void *model, size_t n_rows,
                           struct answered *answered, nonet_error *error) NONET_NODISCARD;
void answered_clear(struct answered *answered);
/* All rows by a session of its own, `piece` rows a call (0: all at once). */
nonet_status answered_all(const struct driver *driver, void *model, const struct driver_rows *rows,
                          size_t piece, struct answered *answered,
                          nonet_error *error) NONET_NODISCARD;
/* The same by a model that is opened for it, and closed again: for rows whose types are others. */
nonet_status answered_afresh(const struct driver *driver, const json_t *request, const json_t *spec,
                             const struct driver_rows *rows, struct answered *answered,
                             nonet_error *error) NONET_NODISCARD;
/* The class a row falls into: the largest score, the first among equals; one score by the
 * threshold; else the model's own label. */
uint32_t answered_decision(const struct answered *answered, size_t row, double threshold);

#endif
