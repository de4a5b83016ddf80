/*
 * Estimates and paired differences of functions of the table of label against prediction
 * (stats/table2.h): the two functions that the records of table_law_records.c share.
 * record->function is the table2_function, the variant's word its average ("macro", "micro",
 * "weighted"; else the positive class), number[0] its beta.
 */
#ifndef CORRECTNESS_TABLE_LAW_H
#define CORRECTNESS_TABLE_LAW_H

#include "measure/law.h"
#include "stats/table2.h"

/* What the record and its variant say of the table. */
struct table2_spec table_law_spec(const struct measure *measure,
                                  const struct measure_variant *variant);
nonet_status table_law_estimate(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                int stream, struct inference *out, nonet_error *error);
nonet_status table_law_compare(const struct measure *measure, const struct measure_variant *variant,
                               struct view *view, struct inference *out, nonet_error *error);

#endif
