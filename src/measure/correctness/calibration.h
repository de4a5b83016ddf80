/* What the files of calibration measures share. */
#ifndef CORRECTNESS_CALIBRATION_H
#define CORRECTNESS_CALIBRATION_H

#include "measure/law.h"

/* The probability p of a row and whether it came true: binary, of the positive class; multiclass,
   the largest probability and whether its class (the first of equal ones) is the label. */
struct calibration_row {
  double p;
  bool is_positive;
};
struct calibration_row calibration_row(const struct view *view, const struct row_set *rows,
                                       int stream, size_t i);

/* Brier = reliability − resolution + uncertainty over distinct p (Murphy 1973): what loss.c's
   variants call; word names the part. Above MEASURE_SMALL_ROWS rows p is taken as its micro-bin's
   mean. */
nonet_status calibration_murphy(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                int stream, struct inference *out,
                                nonet_error *error) NONET_NODISCARD;

#endif
