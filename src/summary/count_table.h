/*
 * Count table: how many rows have (cell, label, prediction A, prediction B). Unsigned 64-bit
 * integers, so adding in any order is exact. Dense while n_cells · K² (· K with a second stream)
 * stays small, a hash of the occurring tuples above that.
 */
#ifndef SUMMARY_COUNT_TABLE_H
#define SUMMARY_COUNT_TABLE_H

#include "summary/code_map.h"
#include "summary/state_bytes.h"
#include "table/roles.h"

struct count_table;

struct count_entry {
  uint32_t cell, label, a,
      b; /* b is 0 when there is no second stream; a is 0 when there is no prediction */
  uint64_t count;
};

size_t count_table_n_classes(const struct count_table *table);
bool count_table_has_b(const struct count_table *table);

/* After summary_finish: the non-zero entries sorted by (cell, label, a, b). Borrowed. */
const struct count_entry *count_table_entries(const struct count_table *table, size_t *n_entries);
/* Those from the first cell in scope to the last, with what lies between them. */
const struct count_entry *count_table_entries_in(const struct count_table *table,
                                                 const bool *in_scope, size_t *n_entries);

/* Adds the entries of the cells with in_scope[cell] into K × K counts [label][prediction] of one
 * stream (caller zeroes). */
void count_table_confusion(const struct count_table *table, const bool *in_scope, int stream,
                           uint64_t *counts);

/* Rows counted; after finish. */
uint64_t count_table_total(const struct count_table *table);

/* For the summary set. One worker's table while rows are added. */
nonet_status count_table_new(const struct roles *roles, struct count_table **table,
                             nonet_error *error) NONET_NODISCARD;
void count_table_free(struct count_table *table);
nonet_status count_table_add(struct count_table *table, const struct role_batch *batch,
                             nonet_error *error) NONET_NODISCARD;
/* `from` may be finished, `into` not; `map` NULL: the codes mean the same. */
nonet_status count_table_merge(struct count_table *into, struct count_table *from,
                               const struct code_map *map, nonet_error *error) NONET_NODISCARD;
nonet_status count_table_finish(struct count_table *table, nonet_error *error) NONET_NODISCARD;
/* Finished tables; the bytes are the same for the same rows. */
void count_table_save(const struct count_table *table, struct state_writer *writer);
nonet_status count_table_load(struct state_reader *reader, const struct roles *roles,
                              struct count_table **table, nonet_error *error) NONET_NODISCARD;

#endif
