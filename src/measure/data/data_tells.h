/*
 * How much a column by itself tells of a label: from 0, nothing, to 1, everything.
 */
#ifndef MEASURE_DATA_TELLS_H
#define MEASURE_DATA_TELLS_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#include "table/frame.h"

enum tells_kind { TELLS_NOTHING, TELLS_AUC, TELLS_V, TELLS_RANK };

struct tells {
  enum tells_kind kind; /* TELLS_NOTHING: cannot be said, fewer than two classes or values */
  double value;
  double n;                /* rows with both */
  double auc;              /* AUC: from 0.5 on */
  double se;               /* AUC: DeLong's; rank: of Fisher's z */
  double least;            /* AUC: rows of the smaller side; V: what φ² is divided by */
  double chi2, df, spread; /* V: of the table; its spread beside the noncentral χ²'s */
};

#define TELLS_NO_CLASS UINT32_MAX /* a label: the row does not count */

nonet_status data_tells_class(const struct frame_column *column, const uint32_t *label, size_t n,
                              size_t n_classes, size_t n_threads, struct tells *tells,
                              nonet_error *error) NONET_NODISCARD;
/* Of a number: only for columns of numbers. */
nonet_status data_tells_number(const struct frame_column *column, const double *target, size_t n,
                               size_t n_threads, struct tells *tells,
                               nonet_error *error) NONET_NODISCARD;
void data_tells_limits(const struct tells *tells, double level, double *low, double *high);
const char *data_tells_method(const struct tells *tells);

#endif
