/*
 * Confidence intervals for one number, and the tests that they invert.
 *
 * `level` is the two-sided level in (0, 1), 0.95 say: both tails get (1 - level)/2. Every
 * interval_x(…, level) has an interval_x_p(…, null, side), a one-sided p at any null value; the
 * bounds are exactly that test inverted: low is the null where p(GREATER) = (1 - level)/2, high
 * where p(LESS) is. Pure, thread-safe, no allocation. Arguments outside their domain, NaN, or an n
 * of 0 give NaN everywhere. Counts are doubles so that effective sizes of weighted samples fit.
 */
#ifndef STATS_INTERVAL_H
#define STATS_INTERVAL_H

#include <stddef.h>

struct interval {
  double value, low, high;
};

/* What the p is against. */
enum interval_side {
  INTERVAL_GREATER, /* H0: theta <= null, small when theta is above */
  INTERVAL_LESS     /* H0: theta >= null, small when theta is below */
};

/* ---- a proportion k/n, 0 <= k <= n ---- */
/* Wilson 1927, the score test inverted; k and n need not be whole. */
struct interval interval_wilson(double k, double n, double level);
/* The same with the normal quantile given, for simultaneous bounds. */
struct interval interval_wilson_z(double k, double n, double z);
double interval_wilson_p(double k, double n, double null, enum interval_side side);
/* Clopper & Pearson 1934, exact; p is the binomial tail at the null (beta function, so k may be
 * fractional: Korn & Graubard 1998). */
struct interval interval_clopper_pearson(double k, double n, double level);
double interval_clopper_pearson_p(double k, double n, double null, enum interval_side side);
/* Jeffreys: quantiles of Beta(k + 1/2, n - k + 1/2); low is 0 at k = 0, high is 1 at k = n (Brown,
 * Cai & DasGupta 2001). */
struct interval interval_jeffreys(double k, double n, double level);
double interval_jeffreys_p(double k, double n, double null, enum interval_side side);

/* ---- an estimate with its standard error (se >= 0; se = 0 gives the value itself) ---- */
/* value ± z·se */
struct interval interval_normal(double value, double se, double level);
double interval_normal_p(double value, double se, double null, enum interval_side side);
/* value ± t(df)·se; the mean of n rows has df = n - 1, of G clusters G - 1 */
struct interval interval_t(double value, double se, double df, double level);
double interval_t_p(double value, double se, double df, double null, enum interval_side side);
/* On atanh(value), for values in (-1, 1) such as mcc, kappa and correlations: se is of the value
   itself, carried over by the delta method (divided by 1 - value²). |value| = 1 gives the value
   itself. */
struct interval interval_fisher_z(double value, double se, double level);
double interval_fisher_z_p(double value, double se, double null, enum interval_side side);
/* On logit(value), for values in (0, 1); se of the value itself. 0 and 1 give themselves. */
struct interval interval_logit(double value, double se, double level);
double interval_logit_p(double value, double se, double null, enum interval_side side);
/* On log(value), for ratios > 0; se_log is of the logarithm. df = INFINITY gives the normal
 * quantile. */
struct interval interval_log_ratio(double value, double se_log, double df, double level);
double interval_log_ratio_p(double value, double se_log, double df, double null,
                            enum interval_side side);

/* ---- means of plain arrays (sums by exactsum: order never matters) ---- */
/* Mean ± t(n - 1)·s/√n; NaN bounds for n < 2. */
struct interval interval_mean(const double *x, size_t n, double level);
double interval_mean_p(const double *x, size_t n, double null, enum interval_side side);
/* Mean of a[i] - b[i]. */
struct interval interval_mean_paired(const double *a, const double *b, size_t n, double level);
double interval_mean_paired_p(const double *a, const double *b, size_t n, double null,
                              enum interval_side side);

/* ---- MOVER (Zou & Donner 2008; Donner & Zou 2012): two intervals of one level into one ---- */
/* a - b; `correlation` is that of the two estimates, 0 when they are independent. */
struct interval interval_mover_difference(struct interval a, struct interval b, double correlation);
/* a / b, for b with low > 0 (else high is inf, or NaN where nothing can be said). */
struct interval interval_mover_ratio(struct interval a, struct interval b);
/* The p of any interval family: the normal tail of the z at which the bound meets the null; a null
   on the other side of the estimate gives p > 1/2. `family` returns the interval at a normal
   quantile z > 0; bounds must widen with z. z is cut at 37. */
typedef struct interval (*interval_family)(const void *context, double z);
double interval_p_by_inversion(interval_family family, const void *context, double null,
                               enum interval_side side);

/* ---- quantiles, on sorted values ---- */
/* Hyndman & Fan type 7 (R's and NumPy's default); p in [0, 1]; NaN for n = 0. sorted must be
 * ascending. */
double interval_quantile7(const double *sorted, size_t n, double p);
/* Order-statistic bounds: low = x[l], high = x[u] with the binomial saying P(X(l) <= q) and P(X(u)
   >= q) each >= 1 - (1 - level)/2. 1-based ranks; 0 for l or n + 1 for u means: n is too small for
   that bound. */
struct interval_ranks {
  size_t low, high;
};
struct interval_ranks interval_quantile_ranks(size_t n, double p, double level);
/* The interval itself: value by type 7, bounds NaN where a rank does not exist. */
struct interval interval_quantile(const double *sorted, size_t n, double p, double level);
/* p from the binomial sign test at the null; ties with the null count against rejection. */
double interval_quantile_p(const double *sorted, size_t n, double p, double null,
                           enum interval_side side);
/* The smallest n for which both bounds exist. */
size_t interval_quantile_n_needed(double p, double level);

#endif
