/*
 * Harms of a known size, put into the candidate's answers after a swap: the true difference is then
 * minus that size, on real data.
 */
#ifndef RUN_HARM_H
#define RUN_HARM_H

#include "measure/measure.h"
#include "run/swapped.h"

/* Where and how a measure can be harmed; NULL: there is no injector for it. */
struct harm;
const struct harm *harm_of(const struct measure *measure, const struct measure_variant *variant,
                           enum task task);
/* Does the measure read only the order of scores? Then swaps are of mid-ranks. */
bool harm_reads_ranks(const struct measure *measure);

struct harm_scope {
  const bool *in_scope; /* [n_cells] */
  int class_index;      /* −1: none */
};

/* Worsens stream A by `size` >= 0 in the measure's unit, given its value now. False when no harm of
 * that size fits (a rate cannot fall below 0). */
bool harm_inject(const struct harm *harm, const struct harm_scope *scope, double value, double size,
                 uint64_t seed, uint64_t repeat, struct swapped *swapped) NONET_NODISCARD;

#endif
