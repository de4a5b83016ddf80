/*
 * Agreement of two numbers: Pearson, Spearman, Kendall's τ-b, Lin's concordance.
 *
 * x, y have n elements, finite; count NULL: each row once, else rows with their multiplicity. Ranks
 * and pair counts are exact integers (128 bits; Σ count < 2^31), so the order of rows and n_threads
 * change nothing. A constant x or y gives NaN. influence (may be NULL) gets the first-order
 * influence of ONE copy of each row on the estimate, divided by the number of rows: estimate ≈
 * truth + Σ count · influence, variance ≈ Σ count · influence² · N/(N − 1). Thread-safe: no state.
 */
#ifndef STATS_RANKCORR_H
#define STATS_RANKCORR_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

nonet_status rankcorr_spearman(const double *x, const double *y, const uint64_t *count, size_t n,
                               size_t n_threads, double *rho, double *influence,
                               nonet_error *error) NONET_NODISCARD;
nonet_status rankcorr_kendall(const double *x, const double *y, const uint64_t *count, size_t n,
                              size_t n_threads, double *tau_b, double *influence,
                              nonet_error *error) NONET_NODISCARD;

/* First and second central moments with divisor n. */
struct rankcorr_moments {
  double n;
  double mean_x, mean_y, variance_x, variance_y, covariance;
};

/* Two passes over exact sums; order-independent. */
void rankcorr_moments(const double *x, const double *y, const uint64_t *count, size_t n,
                      struct rankcorr_moments *moments);
double rankcorr_pearson(const struct rankcorr_moments *moments);
/* Lin 1989: 2 s_xy / (s_x² + s_y² + (x̄ − ȳ)²), divisor n. */
double rankcorr_concordance(const struct rankcorr_moments *moments);
/* Standard error of the concordance (Lin 1989 with the correction of 2000), and of its Fisher z;
 * NaN for n < 3. */
double rankcorr_concordance_se(const struct rankcorr_moments *moments);
double rankcorr_concordance_z_se(const struct rankcorr_moments *moments);
/* tanh(atanh(r) ± z · se_z). */
void rankcorr_fisher_limits(double r, double se_z, double z, double *low, double *high);

#endif
