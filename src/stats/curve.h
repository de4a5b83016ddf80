/*
 * Curves over all thresholds and the numbers read off them: the steps of ROC and precision–recall;
 * partial AUC, average precision, gain and friends.
 *
 * A source is rows in ascending order of score. Two layouts: split (negatives and positives apart,
 * each ascending) or joint (one ascending array with labels). Rows of equal score enter together:
 * no statistic depends on their order. Counts or weights: give at most one of the arrays; none
 * means 1 each. With weights the "number of rows" is their sum, added in the given order. Every
 * function reads the source once from the highest score down, allocates nothing and is thread-safe;
 * NaN when a class is empty (weight 0) or the value does not exist.
 */
#ifndef STATS_CURVE_H
#define STATS_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

struct curve_rows {
  const uint32_t *keys32; /* ascending; one of the two */
  const uint64_t *keys64;
  const uint8_t *labels; /* joint layout: 0 negative, else positive; NULL in the split layout */
  const uint32_t *count32;
  const uint64_t *count64;
  const double *weights;
  size_t n;
};

struct curve_source {
  bool is_joint;
  struct curve_rows rows[2]; /* split: [0] negatives, [1] positives; joint: [0] alone */
  double n_negatives,
      n_positives; /* totals: curve_totals fills them; must be called after counts change */
};

/* Fills the totals. Counts are exact below 2^53. */
void curve_totals(struct curve_source *source);

/* Trapezoids, ties as diagonal steps. */
double curve_auc(const struct curve_source *source);

enum curve_axis { CURVE_SPECIFICITY, CURVE_SENSITIVITY };
/* Area over from ≤ axis ≤ to (any order), as pROC. corrected: McClish's ½(1 + (A − min)/(max −
   min)), NaN when the area is below the diagonal's as in pROC. */
double curve_auc_partial(const struct curve_source *source, enum curve_axis axis, double from,
                         double to, bool corrected);
/* Step-wise: Σ (R_k − R_{k−1}) P_k, ties together. */
double curve_average_precision(const struct curve_source *source);
/* Largest recall over thresholds with precision ≥ the wanted one (0 when there is none). */
double curve_recall_at_precision(const struct curve_source *source, double precision);
/* Largest precision over thresholds with recall ≥ the wanted one. */
double curve_precision_at_recall(const struct curve_source *source, double recall);
/* Largest TPR over thresholds with FPR ≤ the wanted one; no interpolation. */
double curve_tpr_at_fpr(const struct curve_source *source, double fpr);
/* Largest F1 over thresholds "score ≥ t"; threshold_key (may be NULL) is the key of the highest
 * such t, widened to 64 bits. */
double curve_best_f1(const struct curve_source *source, uint64_t *threshold_key);
/* Share of the positives within the top `share` of rows, 0 ≤ share ≤ 1; a tie at the cut counts in
 * proportion. */
double curve_gain(const struct curve_source *source, double share);
/* gain / share, share > 0. */
double curve_lift_at(const struct curve_source *source, double share);
/* max |TPR − FPR|: the two-sample Kolmogorov–Smirnov distance. */
double curve_ks(const struct curve_source *source);

/*
 * Steps for a drawing: how much of each class has entered, from (0, 0) to all of it, in order of
 * falling threshold; key (may be NULL) is the step's score, 0 for the first. At most n_most (3 …
 * any); returns how many, 0 with an empty class. All steps when they fit, else those at which the
 * way along the ROC curve, ½(TPR + FPR), crosses the next multiple of 1/(n_most − 2), and the last.
 */
size_t curve_points(const struct curve_source *source, size_t n_most, double *fp, double *tp,
                    uint64_t *key);
/*
 * How low and how high the ROC curve runs near each of some points, fp ascending: the least tp of
 * the steps with at least fp − reach negatives, the most of those with at most fp + reach. The
 * start (0, 0) is a step.
 */
void curve_near(const struct curve_source *source, const double *fp, size_t n_points, double reach,
                double *tp_least, double *tp_most);

#endif
