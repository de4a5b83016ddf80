/* The rows of ranking, calibration and regression measures (records.h puts them in the order of
 * reports). */
#ifndef RECORDS_SCORE_H
#define RECORDS_SCORE_H

#define MEASURE_RECORDS_RANK(ROW)                                                                  \
  ROW(correctness_auc)                                                                             \
  ROW(correctness_auc_ovr)                                                                         \
  ROW(correctness_auc_hand_till)                                                                   \
  ROW(correctness_auc_partial)                                                                     \
  ROW(correctness_average_precision)                                                               \
  ROW(correctness_recall_at_precision)                                                             \
  ROW(correctness_precision_at_recall)                                                             \
  ROW(correctness_tpr_at_fpr)                                                                      \
  ROW(correctness_f1_best)                                                                         \
  ROW(correctness_lift_at)                                                                         \
  ROW(correctness_gain)
#define MEASURE_RECORDS_CALIBRATE(ROW)                                                             \
  ROW(correctness_ece)                                                                             \
  ROW(correctness_ece_sweep)                                                                       \
  ROW(correctness_mce)                                                                             \
  ROW(correctness_calibration_slope)                                                               \
  ROW(correctness_calibration_intercept)                                                           \
  ROW(correctness_spiegelhalter_z)                                                                 \
  ROW(correctness_hosmer_lemeshow)
#define MEASURE_RECORDS_REGRESSION(ROW)                                                            \
  ROW(correctness_rmse)                                                                            \
  ROW(correctness_mae)                                                                             \
  ROW(correctness_bias)                                                                            \
  ROW(correctness_r2)                                                                              \
  ROW(correctness_rmse_skill)                                                                      \
  ROW(correctness_mape)                                                                            \
  ROW(correctness_smape)                                                                           \
  ROW(correctness_pinball)                                                                         \
  ROW(correctness_median_ae)                                                                       \
  ROW(correctness_spearman)                                                                        \
  ROW(correctness_kendall)                                                                         \
  ROW(correctness_concordance)
#define MEASURE_RECORDS_CURVE(ROW)                                                                 \
  ROW(correctness_roc)                                                                             \
  ROW(correctness_pr)                                                                              \
  ROW(correctness_reliability)

#endif
