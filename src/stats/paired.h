/*
 * The difference of two proportions measured on the same n rows: d = (b - c)/n, where b rows
 * succeed only with A and c only with B (so d = p_A - p_B). Rules as in interval.h. b, c >= 0, b +
 * c <= n; the score methods take fractional counts, the exact test whole.
 *
 * SAFE for "A not worse than B by more than delta" is p(null = -delta, GREATER) <= alpha; HARMED is
 * p(null = -delta, LESS).
 */
#ifndef STATS_PAIRED_H
#define STATS_PAIRED_H

#include <stdint.h>

#include "stats/interval.h"

/* Tango 1998: the score test with the nuisance at its restricted maximum likelihood. null in [-1,
 * 1]. */
struct interval paired_tango(double b, double c, double n, double level);
double paired_tango_p(double b, double c, double n, double null, enum interval_side side);
/* Tango's z at a null difference: positive when d is above it. ±INFINITY where the variance is 0.
 */
double paired_tango_z(double b, double c, double n, double null);

/* Newcombe 1998 (III), method 10: score, with the correlation of the 2x2 table corrected for
   continuity. a = rows where both succeed; n - a - b - c where neither does. */
struct interval paired_newcombe(double a, double b, double c, double n, double level);
double paired_newcombe_p(double a, double b, double c, double n, double null,
                         enum interval_side side);

/* The exact unconditional test: tables ordered by Tango's z at the null, p the supremum over the
   nuisance on the boundary p_A - p_B = null. Meant for b + c < 20, any n up to 1e9; how it stays
   fast is in paired_exact.c. */
double paired_exact_p(uint64_t b, uint64_t c, uint64_t n, double null, enum interval_side side);
struct interval paired_exact(uint64_t b, uint64_t c, uint64_t n, double level);

#define PAIRED_EXACT_BELOW 20
/* What gates use: the exact test below 20 discordant rows, Tango's score from there on. */
double paired_p(uint64_t b, uint64_t c, uint64_t n, double null, enum interval_side side);
struct interval paired_interval(uint64_t b, uint64_t c, uint64_t n, double level);

#endif
