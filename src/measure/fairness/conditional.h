/* Strata of the control columns, as conditional parity has them. */
#ifndef FAIRNESS_CONDITIONAL_H
#define FAIRNESS_CONDITIONAL_H

#include "table/roles.h"

/* stratum[cell], in the order of the controls' values, and how many there are; 0: no memory. */
size_t conditional_strata(const struct roles *roles, size_t *stratum);

#endif
