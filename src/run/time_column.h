/* The column of --time: does its order tell earlier rows from later ones. */
#ifndef RUN_TIME_COLUMN_H
#define RUN_TIME_COLUMN_H

#include <nonet/status.h>

#include "table/frame.h"

/* The features of a frame: those named and, where it is not among them, the time. memory_free. */
const char **time_column_features(char *const *features, size_t n_features, const char *time,
                                  size_t *n);

/* NONET_E_DATA when the frame holds the column in no form that has an order of time. */
nonet_status time_column_check(const struct frame *frame, const char *name,
                               nonet_error *error) NONET_NODISCARD;

#endif
