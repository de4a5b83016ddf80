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

/* The groups of equal mass that `ece` goes by: Σw, Σw of the positives and Σw p of each. When rows
   are not plain, group_of_row [rows->n], in the view's arena, says where each went; else NULL. */
#define CALIBRATION_GROUPS 15
struct calibration_group {
  double weight, positive, sum_p;
};
nonet_status calibration_groups(struct view *view, int stream,
                                struct calibration_group groups[CALIBRATION_GROUPS],
                                const uint8_t **group_of_row, nonet_error *error) NONET_NODISCARD;

/* Brier = reliability − resolution + uncertainty over distinct p (Murphy 1973): what loss.c's
   variants call; word names the part. Above MEASURE_SMALL_ROWS rows p is taken as its micro-bin's
   mean. */
nonet_status calibration_murphy(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                int stream, struct inference *out,
                                nonet_error *error) NONET_NODISCARD;

#endif
