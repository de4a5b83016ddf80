/*
 * Edited nearest neighbours (Wilson 1972) in the strict form: a row stays when all of its k nearest
 * other rows are of its own class.
 */
#ifndef LEARN_EDITED_H
#define LEARN_EDITED_H

#include "learn/neighbours.h"

/* label: [rows->n_rows] codes below n_classes. is_edited: [n_classes] the classes whose rows may
 * go. k >= 1 and at most n_rows − 1. stays: [rows->n_rows], filled for every row. */
nonet_status edited_rows(const struct neighbours_rows *rows, const uint32_t *label,
                         size_t n_classes, const bool *is_edited, size_t k, size_t n_threads,
                         bool *stays, struct progress *progress,
                         nonet_error *error) NONET_NODISCARD;

#endif
