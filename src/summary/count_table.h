/*
 * Count table: how many rows have (cell, label, prediction A, prediction B). Unsigned 64-bit integers, so adding in any order is
 * exact. Dense while n_cells · K² (· K with a second stream) stays small, a hash of the occurring tuples above that.
 */
#ifndef SUMMARY_COUNT_TABLE_H
#define SUMMARY_COUNT_TABLE_H

#include "table/roles.h"

struct count_table;

struct count_entry {
  uint32_t cell, label, a, b; /* b is 0 when there is no second stream; a is 0 when there is no prediction */
  uint64_t count;
};

size_t count_table_n_classes(const struct count_table *table);
bool count_table_has_b(const struct count_table *table);

/* After summary_finish: the non-zero entries sorted by (cell, label, a, b). Borrowed. */
const struct count_entry *count_table_entries(const struct count_table *table, size_t *n_entries);

/* Adds the entries of the cells with in_scope[cell] into K × K counts [label][prediction] of one stream (caller zeroes). */
void count_table_confusion(const struct count_table *table, const bool *in_scope, int stream, uint64_t *counts);

#endif
