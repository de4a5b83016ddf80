/*
 * The confident joint of given and likely labels, and the rows whose label is in doubt: confident
 * learning (Northcutt, Jiang & Chuang 2021), as cleanlab defines it (compute_confident_joint
 * without calibration; find_label_issues with filter_by "confident_learning").
 *
 * Probabilities must be out of sample: of a model that has not learned from these labels. Pure.
 */
#ifndef LEARN_CONFIDENT_H
#define LEARN_CONFIDENT_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define CONFIDENT_NONE UINT32_MAX

struct confident {
  size_t n_classes, n_issues;
  double *threshold;   /* [n_classes] mean probability of k among rows labelled k; 2: no such row */
  uint64_t *joint;     /* [n_classes][n_classes] given × likely */
  uint32_t *suggested; /* [n] the likely class of a row in doubt; CONFIDENT_NONE: not in doubt */
};

/* probability is [n][n_classes]. */
nonet_status confident_find(const uint32_t *label, const double *probability, size_t n,
                            size_t n_classes, struct confident *confident,
                            nonet_error *error) NONET_NODISCARD;
void confident_clear(struct confident *confident);

#endif
