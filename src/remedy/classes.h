/* Sizes of classes, how many rows each is to have, and draws: what all methods share. */
#ifndef REMEDY_CLASSES_H
#define REMEDY_CLASSES_H

#include "remedy/rebalance.h"

struct classes {
  size_t n;
  size_t *count;     /* [n] */
  size_t *wanted;    /* [n] rows after the drawing or making */
  uint32_t smallest; /* of equal ones that whose first row comes first */
  uint32_t largest;
};

/* Counts alone; `wanted` is `count`. classes_clear by the caller, after a failure, too. */
nonet_status classes_init(struct classes *classes, const struct rebalance_input *input,
                          nonet_error *error) NONET_NODISCARD;
void classes_clear(struct classes *classes);
/* Every class but the largest up to ratio · the largest, or every one but the smallest down to the
 * smallest / ratio, cut to whole rows. NONET_E_USAGE when the ratio asks for the opposite. */
nonet_status classes_raise(struct classes *classes, const struct rebalance_input *input,
                           nonet_error *error) NONET_NODISCARD;
nonet_status classes_lower(struct classes *classes, const struct rebalance_input *input,
                           nonet_error *error) NONET_NODISCARD;

/* The draws of the index-th row that is made for a class: one of n, and a step in [0, 1). */
struct classes_draw {
  uint64_t wide;
  double step;
};
struct classes_draw classes_draw(uint64_t seed, uint64_t key, uint64_t index);
size_t classes_pick(struct classes_draw draw, size_t n);

#endif
