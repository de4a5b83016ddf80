/*
 * Tomek links (Tomek 1976): two rows of different classes, each the other's nearest neighbour.
 */
#ifndef LEARN_TOMEK_H
#define LEARN_TOMEK_H

#include "learn/neighbours.h"

/* label: [rows->n_rows] codes below n_classes. partner: [rows->n_rows] the other row of a row's
 * link, NEIGHBOURS_NONE where it is in none; *n_links pairs. */
nonet_status tomek_links(const struct neighbours_rows *rows, const uint32_t *label,
                         size_t n_classes, size_t n_threads, uint32_t *partner, size_t *n_links,
                         struct progress *progress, nonet_error *error) NONET_NODISCARD;

#endif
