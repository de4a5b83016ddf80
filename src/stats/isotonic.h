/*
 * Isotonic regression by pooling adjacent violators: the non-decreasing fitted[] that minimises Σ
 * weight·(y - fitted)². weight may be NULL (all 1); weights are >= 0, zero-weight points take the
 * value of their block. fitted may be y itself. O(n). Fails with NONET_E_MEMORY only.
 */
#ifndef STATS_ISOTONIC_H
#define STATS_ISOTONIC_H

#include <stddef.h>

#include <nonet/status.h>

nonet_status isotonic_fit(const double *y, const double *weight, size_t n, double *fitted,
                          nonet_error *error) NONET_NODISCARD;

#endif
