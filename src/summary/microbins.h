/*
 * Micro-bins: p in [0, 1] of one binary stream cut into 65,536 equal-width bins, each with the
 * rows, the positives and the exact Σp (128-bit fixed point). Everything calibration needs at a
 * size that does not grow with the data. For multiclass the stream is the top-label confidence and
 * "positive" means that the top label is right.
 */
#ifndef SUMMARY_MICROBINS_H
#define SUMMARY_MICROBINS_H

#include "summary/batch_order.h"
#include "summary/code_map.h"
#include "summary/state_bytes.h"
#include "table/roles.h"

#define MICROBINS 65536u

struct microbins;

struct microbin {
  uint64_t n, n_positive;
  double sum_p;
};

/* Adds up the cells of the scope; `bins` has MICROBINS places, zeroed by the caller. Sums of Σp are
 * correctly rounded once. */
void microbins_read(const struct microbins *bins, const bool *in_scope, int stream,
                    struct microbin *out);

/* For the summary set. limit_bytes: what this worker's bins may take (0: no limit); beyond it
 * NONET_E_MEMORY says what to do. */
nonet_status microbins_new(const struct roles *roles, uint64_t limit_bytes, struct microbins **bins,
                           nonet_error *error) NONET_NODISCARD;
void microbins_free(struct microbins *bins);
nonet_status microbins_add(struct microbins *bins, const struct role_batch *batch,
                           const struct batch_order *order, nonet_error *error) NONET_NODISCARD;
nonet_status microbins_merge(struct microbins *into, struct microbins *from,
                             const struct code_map *map, nonet_error *error) NONET_NODISCARD;
void microbins_save(const struct microbins *bins, struct state_writer *writer);
nonet_status microbins_load(struct state_reader *reader, const struct roles *roles,
                            struct microbins **bins, nonet_error *error) NONET_NODISCARD;

#endif
