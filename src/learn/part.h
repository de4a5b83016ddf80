/* Some rows of a set as rows of their own, copied together; they keep the set's places as names. */
#ifndef LEARN_PART_H
#define LEARN_PART_H

#include "learn/neighbours.h"

struct part {
  struct neighbours_rows rows; /* the arrays are the part's */
  uint32_t *name;              /* rows.name: [n_rows] places in the set, ascending if `which` is */
};

/* which: [n] rows of the set. part_clear by the caller, after a failure, too. */
nonet_status part_take(const struct neighbours_rows *rows, const uint32_t *which, size_t n,
                       struct part *part, nonet_error *error) NONET_NODISCARD;
/* The rows whose label is `code` (or, when `others`, is not). */
nonet_status part_of_class(const struct neighbours_rows *rows, const uint32_t *label, uint32_t code,
                           bool others, struct part *part, nonet_error *error) NONET_NODISCARD;
void part_clear(struct part *part);

#endif
