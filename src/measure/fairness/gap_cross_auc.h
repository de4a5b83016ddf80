/* Gaps of AUCs between a group and its background. */
#ifndef FAIRNESS_GAP_CROSS_AUC_H
#define FAIRNESS_GAP_CROSS_AUC_H

#include "measure/law.h"

/* The gap over the groups of view->column; is_of_positives: BNSP, the group's positives against the
 * background's negatives; else BPSN. Binary. */
nonet_status gap_cross_auc(const struct measure *measure, bool is_of_positives, struct view *view,
                           int stream, struct inference *out, nonet_error *error) NONET_NODISCARD;

#endif
