/*
 * What the numbers of the data mean: a const table of rules, each from the estimates of a document
 * to one finding with its evidence, what it hurts and the remedy.
 */
#ifndef ADVISE_FINDINGS_DATA_H
#define ADVISE_FINDINGS_DATA_H

#include "evidence/evidence.h"

/* Adds findings to a document that has its estimates; before the verdict and the advice. Rules that
 * find nothing say nothing. */
nonet_status findings_data(struct evidence *evidence, nonet_error *error) NONET_NODISCARD;

/* What acting on a finding of the data is expected to change; NULL: not one of these. */
const char *findings_data_effect(const char *id);

#endif
