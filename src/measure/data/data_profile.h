/*
 * A profile: what is counted of all rows of a table, whatever their number, in bounded memory: rows
 * and missing values of each column by class, columns that hold one value, rows that are copies of
 * others, rows that stand in another table too.
 *
 * Everything is a whole number, so that the order of rows, batches and threads does not matter.
 */
#ifndef MEASURE_DATA_PROFILE_H
#define MEASURE_DATA_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/progress.h"
#include "table/table.h"

struct profile_column {
  char *name;
  uint64_t n_null;
  uint64_t *null_of; /* [n_classes + 1] of the rows of each class; last: of rows without one */
  bool is_constant;  /* every value that is there is the same; also when none is there */
};

/* Contents of rows with how often each occurs: a hash set of the rows' keys. */
struct profile_copies {
  struct profile_slot *slot;
  size_t capacity, n_distinct, most;
  unsigned
      shift; /* only contents whose key has so many leading zero bits are kept: one in 2^shift */
  uint64_t n_seen;     /* rows of the contents that are kept */
  uint64_t n_disagree; /* rows whose equals have another label */
};

struct data_profile {
  uint64_t n_rows;
  size_t n_columns, n_classes;
  struct profile_column *columns; /* [n_columns] */
  uint64_t *class_rows;           /* [n_classes + 1]; last: no label, or one that is no class */
  struct profile_copies copies;
  uint64_t n_looked_up, n_found; /* rows whose content could be looked up in the other table, and
                                    those that stand there */
};

struct profile_request {
  const char *const *features; /* distinct columns */
  size_t n_features;
  const char *what;           /* begins the messages: "--features" */
  const char *label;          /* NULL: none */
  const char *const *classes; /* [n_classes]; 0: none, as in regression */
  size_t n_classes;
  size_t n_threads;
  uint64_t memory_bytes;            /* what the contents may take; 0: 512 MiB */
  const struct data_profile *other; /* the training rows, read before with the same features */
};

/* data_profile_clear by the caller. */
nonet_status data_profile_read(struct table *table, const struct profile_request *request,
                               struct data_profile *profile, struct progress *progress,
                               nonet_error *error) NONET_NODISCARD;
void data_profile_clear(struct data_profile *profile);

/* For tests and for whoever has keys already: one row of this content, with its class (UINT32_MAX:
 * none). */
nonet_status profile_copies_add(struct profile_copies *copies, uint64_t key, uint32_t label,
                                nonet_error *error) NONET_NODISCARD;
/* Counts n_disagree; once, after the last row. */
void profile_copies_finish(struct profile_copies *copies);
bool profile_copies_has(const struct profile_copies *copies, uint64_t key);
void profile_copies_clear(struct profile_copies *copies);

#endif
