/* The rows of ranking, calibration and regression measures (records.h puts them in the order of reports). */
#ifndef CORRECTNESS_RECORDS_SCORE_H
#define CORRECTNESS_RECORDS_SCORE_H

#define MEASURE_RECORDS_RANK(ROW) \
  ROW(correctness_auc)             \
  ROW(correctness_auc_ovr)         \
  ROW(correctness_auc_hand_till)
#define MEASURE_RECORDS_CALIBRATE(ROW)
#define MEASURE_RECORDS_REGRESSION(ROW)

#endif
