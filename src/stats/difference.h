/*
 * The difference of two independent proportions, p1 - p2 with p1 = k1/n1 and p2 = k2/n2.
 * Rules as in interval.h: two-sided level, one-sided p, bounds are the p inverted, NaN outside the
 * domain.
 */
#ifndef STATS_DIFFERENCE_H
#define STATS_DIFFERENCE_H

#include "stats/interval.h"

/* Newcombe 1998 (II), method 10: hybrid score, the Wilson bounds squared and added. */
struct interval difference_newcombe(double k1, double n1, double k2, double n2, double level);
double difference_newcombe_p(double k1, double n1, double k2, double n2, double null,
                             enum interval_side side);
/* The same with the normal quantile given, for simultaneous bounds (z = q_{K,∞}/√2). */
struct interval difference_newcombe_z(double k1, double n1, double k2, double n2, double z);

/* Miettinen & Nurminen 1985: the score test under the restricted maximum likelihood, variance times
 * N/(N - 1). null in [-1, 1]. */
struct interval difference_miettinen_nurminen(double k1, double n1, double k2, double n2,
                                              double level);
double difference_miettinen_nurminen_p(double k1, double n1, double k2, double n2, double null,
                                       enum interval_side side);

/* Laud 2017: that score with its skewness taken out (Gart & Nam 1990), so that each tail by itself
 * is near its nominal also where sizes are unequal and rates far from 1/2. The bounds never pass
 * the estimate. */
struct interval difference_laud_z(double k1, double n1, double k2, double n2, double z);
struct interval difference_laud(double k1, double n1, double k2, double n2, double level);
double difference_laud_p(double k1, double n1, double k2, double n2, double null,
                         enum interval_side side);
/* Its score at a null in [-1, 1], for arguments inside the domain: falling in the null. */
double difference_laud_score(double k1, double n1, double k2, double n2, double null);

/* The common difference over strata, weights of Mantel & Haenszel (Laud 2017): without the skewness
 * its score at 0 is Cochran, Mantel & Haenszel's. Each group: [n_strata][2], rows chosen and not;
 * strata with one group alone say nothing. value is Mantel-Haenszel's estimate. */
struct interval difference_laud_strata_z(const double *first, const double *second, size_t n_strata,
                                         double z);
double difference_laud_strata_score(const double *first, const double *second, size_t n_strata,
                                    double null);

/* The ratio p1/p2 by the score of Koopman 1984 and Miettinen & Nurminen 1985 with its skewness
 * taken out (Gart & Nam 1988, Laud 2017). null in [0, inf]. k1 = 0: low is 0; k2 = 0: high is inf,
 * as is the value; both 0: from 0 to inf, the value NaN. The bounds never pass the estimate. */
struct interval difference_ratio_laud_z(double k1, double n1, double k2, double n2, double z);
struct interval difference_ratio_laud(double k1, double n1, double k2, double n2, double level);
double difference_ratio_laud_p(double k1, double n1, double k2, double n2, double null,
                               enum interval_side side);
/* Its score, for arguments inside the domain: falling in the null. */
double difference_ratio_laud_score(double k1, double n1, double k2, double n2, double null);

/* The ratio p1/p2 by MOVER on log Wilson limits; NaN value when p2 = 0. */
struct interval difference_ratio_mover(double k1, double n1, double k2, double n2, double level);
/* The same with the normal quantile given. */
struct interval difference_ratio_mover_z(double k1, double n1, double k2, double n2, double z);

#endif
