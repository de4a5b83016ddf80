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
  ROW(efficiency_artifact_bytes)                                                                   \
  ROW(efficiency_parameters)                                                                       \
  ROW(efficiency_flops)                                                                            \
  ROW(efficiency_memory_traffic)                                                                   \
  MEASURE_RECORDS_TIMED(ROW)

/* efficiency/tail.c, starts.c, batches.c, operators.c, cost.c */
#define MEASURE_RECORDS_TIMED(ROW)                                                                 \
  ROW(efficiency_tail_ratio)                                                                       \
  ROW(efficiency_goodput)                                                                          \
  ROW(efficiency_latency_curve)                                                                    \
  ROW(efficiency_throughput)                                                                       \
  ROW(efficiency_batch_curve)                                                                      \
  ROW(efficiency_thread_curve)                                                                     \
  ROW(efficiency_operator_share)                                                                   \
  ROW(efficiency_operator_time)                                                                    \
  ROW(efficiency_cold_start)                                                                       \
  ROW(efficiency_load_time)                                                                        \
  ROW(efficiency_warm_up)                                                                          \
  ROW(efficiency_load_memory)                                                                      \
  ROW(efficiency_peak_memory)                                                                      \
  ROW(efficiency_cpu_seconds_per_1k)                                                               \
  ROW(efficiency_energy_per_1k)                                                                    \
  ROW(efficiency_co2_per_1k)                                                                       \
  ROW(efficiency_cost_per_1k)                                                                      \
  ROW(efficiency_quality_per_ms)

#define MEASURE_RECORDS_DEPLOYABILITY(ROW)                                                         \
  ROW(deployability_loads)                                                                         \
  ROW(deployability_determinism)                                                                   \
  ROW(deployability_schema_contract)                                                               \
  ROW(deployability_parity)                                                                        \
  ROW(deployability_label_parity)                                                                  \
  ROW(deployability_rollback_flips)                                                                \
  MEASURE_RECORDS_GRAPH(ROW)

/* Read in the model's file. */
#define MEASURE_RECORDS_GRAPH(ROW)                                                                 \
  ROW(deployability_opset_range)                                                                   \
  ROW(deployability_custom_ops)                                                                    \
  ROW(deployability_external_data)                                                                 \
  ROW(deployability_dynamic_batch)                                                                 \
  ROW(deployability_op_coverage)                                                                   \
  ROW(deployability_quantisation_readiness)                                                        \
  ROW(deployability_provenance)

/* Over the groups of a column; the gate first. */
#define MEASURE_RECORDS_FAIRNESS(ROW)                                                              \
  ROW(fairness_no_group_worse)                                                                     \
  ROW(fairness_worst_group)                                                                        \
  ROW(fairness_demographic_parity_difference)                                                      \
  ROW(fairness_demographic_parity_ratio)                                                           \
  ROW(fairness_conditional_parity)                                                                 \
  ROW(fairness_equal_opportunity_difference)                                                       \
  ROW(fairness_equalized_odds_difference)                                                          \
  ROW(fairness_fpr_gap)                                                                            \
  ROW(fairness_fnr_gap)                                                                            \
  ROW(fairness_predictive_parity)                                                                  \
  ROW(fairness_fdr_gap)                                                                            \
  ROW(fairness_for_gap)                                                                            \
  ROW(fairness_accuracy_gap)                                                                       \
  ROW(fairness_differential_fairness)                                                              \
  ROW(fairness_score_gap)                                                                          \
  ROW(fairness_calibration_gap)                                                                    \
  ROW(fairness_auc_gap)                                                                            \
  ROW(fairness_residual_gap)                                                                       \
  ROW(fairness_mae_gap)                                                                            \
  ROW(fairness_selection_rate)                                                                     \
  ROW(fairness_generalized_entropy)                                                                \
  ROW(fairness_theil)                                                                              \
  ROW(fairness_between_group)                                                                      \
  ROW(fairness_consistency)                                                                        \
  ROW(fairness_counterfactual_flip)                                                                \
  ROW(fairness_bias_scan)

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

/* What searches over the features tell of correctness. */
#define MEASURE_RECORDS_SEARCH(ROW)                                                                \
  ROW(correctness_worst_slice)                                                                     \
  ROW(correctness_label_noise)

#define MEASURE_RECORDS(ROW)                                                                       \
  MEASURE_RECORDS_RANK(ROW)                                                                        \
  MEASURE_RECORDS_TABLE(ROW)                                                                       \
  MEASURE_RECORDS_LOSS(ROW)                                                                        \
  MEASURE_RECORDS_CALIBRATE(ROW)                                                                   \
  MEASURE_RECORDS_REGRESSION(ROW)                                                                  \
  MEASURE_RECORDS_CHANGE(ROW)                                                                      \
  MEASURE_RECORDS_CURVE(ROW)                                                                       \
  MEASURE_RECORDS_SEARCH(ROW)                                                                      \
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
