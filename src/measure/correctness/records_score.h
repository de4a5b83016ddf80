/* The rows of ranking, calibration and regression measures (records.h puts them in the order of reports). */
#ifndef CORRECTNESS_RECORDS_SCORE_H
#define CORRECTNESS_RECORDS_SCORE_H

#define MEASURE_RECORDS_RANK(ROW)
#define MEASURE_RECORDS_CALIBRATE(ROW)
#define MEASURE_RECORDS_REGRESSION(ROW)

#endif
