/* Rows whose decision differs between the two models: what several attributes ask of the pair. */
#ifndef MEASURE_FLIPS_H
#define MEASURE_FLIPS_H

#include "measure/law.h"

/* Is a row with this label and these two decisions counted? */
typedef bool flips_rule(size_t label, size_t a, size_t b);
flips_rule flips_any; /* a ≠ b */

/* The share of the scope's rows that are counted: Wilson; over clusters and weights the effective
 * one. */
nonet_status flips_share(const struct measure *measure, struct view *view, flips_rule *is_counted,
                         struct inference *out, nonet_error *error) NONET_NODISCARD;

#endif
