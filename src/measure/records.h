/* Every record of this build, in the order of reports: the one row that a new measure adds. */
#ifndef MEASURE_RECORDS_H
#define MEASURE_RECORDS_H

#include "measure/measure.h"

/* Keep the primary of each task first among its kind; then as a person reads: how often right, how
   right on each class, one number for both, ranking, probabilities, regression, change against the
   baseline. */
#define MEASURE_RECORDS_TABLE(ROW)                                                                 \
  ROW(correctness_accuracy)                                                                        \
  ROW(correctness_error_rate)                                                                      \
  ROW(correctness_balanced_accuracy)                                                               \
  ROW(correctness_precision)                                                                       \
  ROW(correctness_recall)                                                                          \
  ROW(correctness_specificity)                                                                     \
  ROW(correctness_npv)                                                                             \
  ROW(correctness_fpr)                                                                             \
  ROW(correctness_fnr)                                                                             \
  ROW(correctness_prevalence)                                                                      \
  ROW(correctness_f1)                                                                              \
  ROW(correctness_f_beta)                                                                          \
  ROW(correctness_jaccard)                                                                         \
  ROW(correctness_mcc)                                                                             \
  ROW(correctness_kappa)                                                                           \
  ROW(correctness_informedness)                                                                    \
  ROW(correctness_markedness)                                                                      \
  ROW(correctness_top_k_accuracy)                                                                  \
  ROW(correctness_lift_over_dummy)

#define MEASURE_RECORDS_LOSS(ROW)                                                                  \
  ROW(correctness_log_loss)                                                                        \
  ROW(correctness_brier)

#define MEASURE_RECORDS_CHANGE(ROW)                                                                \
  ROW(correctness_flip_rate)                                                                       \
  ROW(correctness_negative_flip_rate)                                                              \
  ROW(correctness_prediction_difference)                                                           \
  ROW(correctness_generalisation_gap)

/* What a model must be asked for beyond its predictions. */
#define MEASURE_RECORDS_EFFICIENCY(ROW)                                                            \
  ROW(efficiency_latency_p99)                                                                      \
  ROW(efficiency_latency_p50)                                                                      \
  ROW(efficiency_latency_p90)                                                                      \
  ROW(efficiency_latency_p999)                                                                     \
  ROW(efficiency_latency_mean)                                                                     \
  ROW(efficiency_artifact_bytes)

#define MEASURE_RECORDS_DEPLOYABILITY(ROW)                                                         \
  ROW(deployability_loads)                                                                         \
  ROW(deployability_determinism)

/* Over the groups of a column; the gate first. */
#define MEASURE_RECORDS_FAIRNESS(ROW)                                                              \
  ROW(fairness_no_group_worse)                                                                     \
  ROW(fairness_worst_group)                                                                        \
  ROW(fairness_demographic_parity_difference)                                                      \
  ROW(fairness_demographic_parity_ratio)                                                           \
  ROW(fairness_equal_opportunity_difference)                                                       \
  ROW(fairness_equalized_odds_difference)                                                          \
  ROW(fairness_fpr_gap)                                                                            \
  ROW(fairness_fnr_gap)                                                                            \
  ROW(fairness_predictive_parity)                                                                  \
  ROW(fairness_fdr_gap)                                                                            \
  ROW(fairness_for_gap)                                                                            \
  ROW(fairness_accuracy_gap)                                                                       \
  ROW(fairness_auc_gap)                                                                            \
  ROW(fairness_residual_gap)                                                                       \
  ROW(fairness_mae_gap)                                                                            \
  ROW(fairness_selection_rate)                                                                     \
  ROW(fairness_generalized_entropy)                                                                \
  ROW(fairness_theil)                                                                              \
  ROW(fairness_between_group)

/* The data themselves: what measures and models have to be learnt and judged by. */
#define MEASURE_RECORDS_DATA(ROW)                                                                  \
  ROW(data_class_counts)                                                                           \
  ROW(data_group_by_class)                                                                         \
  ROW(data_imbalance_ratio)                                                                        \
  ROW(data_evenness)                                                                               \
  ROW(data_effective_number)                                                                       \
  ROW(data_no_information_rate)                                                                    \
  ROW(data_overlap)                                                                                \
  ROW(data_tomek_links)                                                                            \
  ROW(data_separability)                                                                           \
  ROW(data_small_disjuncts)                                                                        \
  ROW(data_label_shift)                                                                            \
  ROW(data_duplicates)                                                                             \
  ROW(data_train_duplicates)                                                                       \
  ROW(data_missingness)                                                                            \
  ROW(data_constant_columns)                                                                       \
  ROW(data_id_columns)                                                                             \
  ROW(data_leaking_columns)                                                                        \
  ROW(data_outliers)                                                                               \
  ROW(data_drift)

/* Ranking, curves, calibration and regression: rows as their files arrive. */
#include "measure/records_score.h"

#define MEASURE_RECORDS(ROW)                                                                       \
  MEASURE_RECORDS_RANK(ROW)                                                                        \
  MEASURE_RECORDS_TABLE(ROW)                                                                       \
  MEASURE_RECORDS_LOSS(ROW)                                                                        \
  MEASURE_RECORDS_CALIBRATE(ROW)                                                                   \
  MEASURE_RECORDS_REGRESSION(ROW)                                                                  \
  MEASURE_RECORDS_CHANGE(ROW)                                                                      \
  MEASURE_RECORDS_CURVE(ROW)                                                                       \
  MEASURE_RECORDS_EFFICIENCY(ROW)                                                                  \
  MEASURE_RECORDS_DEPLOYABILITY(ROW)                                                               \
  MEASURE_RECORDS_FAIRNESS(ROW)                                                                    \
  MEASURE_RECORDS_DATA(ROW)

#define MEASURE_DECLARE(name) extern const struct measure name;
MEASURE_RECORDS(MEASURE_DECLARE)

/* generalisation_gap.c: the primary of correctness whose value on the training rows the gap takes;
 * the probe PROBE_TRAIN computes this one. */
const struct measure *generalisation_gap_primary(enum task task);

#endif
