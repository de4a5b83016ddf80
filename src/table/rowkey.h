/*
 * The key of a row's content, mixed value by value: the same row has the same key in every file's
 * format, wherever it stands.
 */
#ifndef TABLE_ROWKEY_H
#define TABLE_ROWKEY_H

#include "table/arrowcol.h"

/* Starts from a seed; the order of the columns counts. */
uint64_t rowkey_mix(uint64_t key, const struct arrowcol *column, int64_t row);

#endif
