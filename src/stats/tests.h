/*
 * Classical tests on counts and samples. p is two-sided unless said; NaN where the test does not
 * exist. Pure and thread-safe.
 */
#ifndef STATS_TESTS_H
#define STATS_TESTS_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

struct tests_result {
  double statistic, p;
};

/* McNemar 1947 without continuity correction: (b - c)²/(b + c) on one degree of freedom; b + c = 0
 * gives statistic 0, p 1. */
struct tests_result tests_mcnemar(double b, double c);
/* Exact: twice the smaller binomial tail, at most 1; statistic is min(b, c). */
struct tests_result tests_mcnemar_exact(uint64_t b, uint64_t c);

/* Cochran-Mantel-Haenszel on K strata of 2x2 tables, n[4·s + {0,1,2,3}] = a, b, c, d (row by row);
   correction: 1/2 as R's default or 0. Strata with fewer than 2 rows are left out. */
struct tests_cmh {
  double statistic, p, common_odds_ratio;
};
struct tests_cmh tests_cochran_mantel_haenszel(const double *tables, size_t n_strata,
                                               double correction);

/* The same strata with columns as the two groups (a of a + c against b of b + d): Mantel-Haenszel's
   common risk difference with the variance of Sato 1989, and the logarithm of the common odds ratio
   with that of Robins, Breslow & Greenland 1986. Both hold for few large strata and for many small
   ones. No stratum with both groups: NaN. */
struct tests_common {
  double estimate, se;
};
struct tests_common tests_common_risk_difference(const double *tables, size_t n_strata);
struct tests_common tests_common_log_odds_ratio(const double *tables, size_t n_strata);

/* Hosmer & Lemeshow 1980 from bins: n, observed and expected positives; df = bins used - 2. Empty
   bins are left out; an expected count of 0 or n with a different observed one gives inf. */
struct tests_result tests_hosmer_lemeshow(const double *n, const double *observed,
                                          const double *expected, size_t n_bins);

/* Two-sample Kolmogorov-Smirnov on ascending arrays: D = sup |F1 - F2|, two-sided p as SciPy's
   ks_2samp: exact path counting up to 10,000 values in the larger sample, else the limit law. Fails
   with NONET_E_MEMORY. */
nonet_status tests_ks_two_sample(const double *sorted_1, size_t n_1, const double *sorted_2,
                                 size_t n_2, struct tests_result *result,
                                 nonet_error *error) NONET_NODISCARD;
/* The p alone, from h = D·lcm(n1, n2) (a whole number) or the limit law. */
nonet_status tests_ks_two_sample_p(double d, size_t n_1, size_t n_2, double *p,
                                   nonet_error *error) NONET_NODISCARD;

#endif
