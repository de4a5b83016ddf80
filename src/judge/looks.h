/*
 * Looks: judging again on grown data without inflating alpha. Alpha is spent by the function of
 * O'Brien & Fleming's type (Lan & DeMets 1983), α*(t) = 2 − 2Φ(z₁₋α/₂/√t), at information times t =
 * rows now / rows at which all is spent; what one look may use (its nominal level) follows by
 * recursive integration over the looks before.
 *
 * A look turns a p-value of today into an overall one: the least alpha whose boundary it crosses.
 * Overall p-values are held against alpha, α split, and Holm as if there were one look.
 */
#ifndef JUDGE_LOOKS_H
#define JUDGE_LOOKS_H

#include <stddef.h>

#include <nonet/status.h>

#define LOOKS_MOST 64
#define LOOKS_LEAST_STEP 1e-5 /* less information than this adds nothing: such a look gets 0 */
#define LOOKS_NODES 71        /* overall levels Φ(−7), Φ(−6.9) … Φ(0) */

struct looks {
  size_t n;                      /* this look's number, from 1 */
  double nominal_z[LOOKS_NODES]; /* private: the boundary at those levels, ascending, as Φ⁻¹ */
};

/* α*(t); t in [0, 1]. */
double looks_spent(double alpha, double t);

/* The nominal levels of n looks at times 0 < t[0] <= … <= t[n − 1] <= 1. */
nonet_status looks_nominal(double alpha, const double *t, size_t n, double *level,
                           nonet_error *error) NONET_NODISCARD;

/* The n-th look at these times. NONET_E_INTERNAL when there are none or more than LOOKS_MOST, or
 * they do not ascend in (0, 1]. A few tenths of a second at most. */
nonet_status looks_init(struct looks *looks, const double *t, size_t n,
                        nonet_error *error) NONET_NODISCARD;

/* The nominal level of this look when `alpha` is spent over all of them. looks NULL: alpha. */
double looks_level(const struct looks *looks, double alpha);
/* The overall p-value of one at this look. looks NULL: p. */
double looks_overall(const struct looks *looks, double p);

#endif
