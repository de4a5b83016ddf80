/*
 * Rows that are made: SMOTE (Chawla, Bowyer, Hall & Kegelmeyer 2002) and SMOTE-NC of the same
 * paper, Borderline-SMOTE 1 (Han, Wang & Mao 2005), ADASYN (He, Bai, Garcia & Li 2008).
 */
#ifndef REMEDY_SYNTHETIC_H
#define REMEDY_SYNTHETIC_H

#include "remedy/classes.h"

#define SYNTHETIC_DANGER_ROWS 10 /* Borderline-SMOTE's m: neighbours among all rows */

/* Makes classes->wanted − count rows of each class, for ADASYN near that; fills what is made in
 * `result`. */
nonet_status synthetic_make(const struct rebalance_input *input, const struct classes *classes,
                            struct rebalance_result *result, nonet_error *error) NONET_NODISCARD;

/* For tests: of Borderline-SMOTE, which rows of class `code` are in danger: at least half, and not
 * all, of their m nearest are of other classes. is_in_danger: [n_rows]. */
nonet_status synthetic_danger(const struct rebalance_input *input, uint32_t code,
                              bool *is_in_danger, nonet_error *error) NONET_NODISCARD;
/* For tests: how many rows ADASYN makes from each row of class `code`, when about `wanted` are to
 * be made; n_made: [n_rows]. */
nonet_status synthetic_adasyn(const struct rebalance_input *input, uint32_t code, size_t wanted,
                              size_t *n_made, nonet_error *error) NONET_NODISCARD;

#endif
