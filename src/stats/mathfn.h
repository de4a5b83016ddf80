/*
 * Our own log, exp, logit and sigmoid: the same bits on every machine, vector width and array
 * position, because the C library picks its variants at run time and rows feed a digest.
 *
 * No fused multiply-add, no tables, the same operations in the portable, AVX2 and AVX-512 bodies;
 * the fastest one that this processor has is chosen at run time. Round-to-nearest is assumed. Pure
 * and thread-safe; arrays need no alignment and may be the same (out == x), but must not overlap
 * otherwise. Measured bounds (mathfn_test.c) stand in mathfn.c.
 */
#ifndef STATS_MATHFN_H
#define STATS_MATHFN_H

#include <stddef.h>

/* Natural logarithm, within 1 ulp; log(±0) = -inf, log(x < 0) = NaN, log(inf) = inf; subnormals are
 * fine. */
double mathfn_log(double x);
/* e^x, within 1 ulp; overflow gives inf, results below 2^-1074 give 0; subnormal results within 1
 * subnormal step. */
double mathfn_exp(double x);
/* log(p) - log(1 - p), within 4.3 ulp: -inf at 0, inf at 1, NaN outside [0, 1]; no cancellation at
 * 1/2. */
double mathfn_logit(double p);
/* 1 / (1 + e^-x), within 2.3 ulp, by e^-|x| so that neither side overflows. */
double mathfn_sigmoid(double x);

void mathfn_log_array(const double *x, double *out, size_t n);
void mathfn_exp_array(const double *x, double *out, size_t n);
void mathfn_logit_array(const double *p, double *out, size_t n);
void mathfn_sigmoid_array(const double *x, double *out, size_t n);

/* Which body the arrays use, for tests and the evidence: "portable", "avx2", "avx512". */
const char *mathfn_kernel_name(void);
/* Test hook: 0 portable, 1 at most AVX2, 2 the best there is (default). Not thread-safe. */
void mathfn_kernel_limit(int most);

#endif
