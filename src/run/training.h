/* The training rows: what is a constant from then on. */
#ifndef RUN_TRAINING_H
#define RUN_TRAINING_H

#include "probe/answers.h"
#include "run/rows.h"

/* Reads data.train (n_sample rows of it; 0: all), when it is given and wanted, with every
 * contender's answers: the task's primary of correctness goes to the answers (PROBE_TRAIN); the
 * rows are noted in the evidence. What is not there is a reason in the answers; what is there and
 * wrong is an error. */
nonet_status training_read(const struct rows_request *request, bool is_wanted, size_t n_sample,
                           struct probe_answers *answers, struct evidence *evidence,
                           struct progress *progress, nonet_error *error) NONET_NODISCARD;

#endif
