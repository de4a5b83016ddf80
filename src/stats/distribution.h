/*
 * Distribution functions behind one C header; most are Boost.Math (distribution_boost.cc), the rest
 * is in distribution.c.
 *
 * Pure and thread-safe, no allocation, errno untouched. An argument outside the stated domain, or
 * NaN, gives NaN. `cdf` is P(X <= x), `sf` is P(X > x) computed without subtraction from 1, so both
 * tails keep their relative accuracy. `quantile(p)` inverts cdf for p in [0, 1], `quantile_sf(q)`
 * inverts sf. Degrees of freedom and shapes are real numbers > 0.
 */
#ifndef STATS_DISTRIBUTION_H
#define STATS_DISTRIBUTION_H

#ifdef __cplusplus
extern "C" {
#endif

double distribution_normal_cdf(double x);
double distribution_normal_sf(double x);
double distribution_normal_quantile(double p);
double distribution_normal_quantile_sf(double q);
/* z of a two-sided level in (0, 1): 1.959964 for 0.95. */
double distribution_normal_z(double level);

/* Student's t; df may be infinite (normal). */
double distribution_t_cdf(double t, double df);
double distribution_t_sf(double t, double df);
double distribution_t_quantile(double p, double df);
double distribution_t_quantile_sf(double q, double df);
/* The two-sided t multiplier of a level in (0, 1). */
double distribution_t_z(double level, double df);

double distribution_chi_square_cdf(double x, double df);
double distribution_chi_square_sf(double x, double df);
double distribution_chi_square_quantile(double p, double df);
/* Of df squared normals of variance 1 whose squared means add up to `noncentrality`. */
double distribution_noncentral_chi_square_cdf(double x, double df, double noncentrality);

/* Beta(a, b): the regularised incomplete beta function; x in [0, 1]. */
double distribution_beta_cdf(double x, double a, double b);
double distribution_beta_sf(double x, double a, double b);
double distribution_beta_quantile(double p, double a, double b);
double distribution_beta_quantile_sf(double q, double a, double b);

/* Gamma with scale 1. */
double distribution_gamma_cdf(double x, double shape);
double distribution_gamma_sf(double x, double shape);
double distribution_gamma_quantile(double p, double shape);

double distribution_f_cdf(double x, double df_numerator, double df_denominator);
double distribution_f_sf(double x, double df_numerator, double df_denominator);
double distribution_f_quantile(double p, double df_numerator, double df_denominator);

/* Binomial(n, p): 0 <= n, 0 <= p <= 1; k is cut to whole numbers; k < 0 and k > n are fine (0 or
 * 1). sf is P(X > k). */
double distribution_binomial_pmf(double k, double n, double p);
double distribution_binomial_cdf(double k, double n, double p);
double distribution_binomial_sf(double k, double n, double p);

/* Poisson(mean), mean >= 0; sf is P(X > k). */
double distribution_poisson_pmf(double k, double mean);
double distribution_poisson_cdf(double k, double mean);
double distribution_poisson_sf(double k, double mean);

double distribution_log_gamma(double x);            /* x > 0 */
double distribution_digamma(double x);              /* x > 0 */
double distribution_log_choose(double n, double k); /* ln C(n, k), 0 <= k <= n */

/* The limit law of sqrt(n)·D: P(K > x); 1 for x <= 0. */
double distribution_kolmogorov_sf(double x);
double distribution_kolmogorov_cdf(double x);

/* The range of k >= 2 independent standard normals (studentised range with infinite df, q_{k,∞}).
 */
double distribution_range_cdf(double q, double k);
double distribution_range_sf(double q, double k);
double distribution_range_quantile(double p, double k);

#ifdef __cplusplus
}
#endif
#endif
