/*
 * Adjusting a family of p-values, as R's p.adjust. `adjusted` may be the same array as p. p are in
 * [0, 1]; a NaN counts as 1 (a member that could not be tested is still a member). m >= n is the
 * size of the whole family; 0 means n. Ties and order do not matter. Fails with NONET_E_MEMORY
 * only.
 */
#ifndef STATS_MULTIPLE_H
#define STATS_MULTIPLE_H

#include <stddef.h>

#include <nonet/status.h>

/* Holm 1979, step-down; strong control of the family-wise error. */
nonet_status multiple_holm(const double *p, size_t n, size_t m, double *adjusted,
                           nonet_error *error) NONET_NODISCARD;
/* Benjamini & Hochberg 1995, step-up; false discovery rate. */
nonet_status multiple_benjamini_hochberg(const double *p, size_t n, size_t m, double *adjusted,
                                         nonet_error *error) NONET_NODISCARD;
/* min(1, m·p) */
void multiple_bonferroni(const double *p, size_t n, size_t m, double *adjusted);

#endif
