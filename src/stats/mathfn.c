/*
 * log, exp, logit and sigmoid that are the same bits everywhere.
 *
 * log: x = 2^k·m with m in [√½, √2), f = m - 1, s = f/(2 + f):
 *   log(x) = k·ln2 + f - (f²/2 - s·(f²/2 + R(s²))), R a minimax polynomial of degree 7; ln2 in two
 * parts, so k·ln2_high is exact. exp: k = round(x/ln2), r = x - k·ln2, e^x = 2^k·(1 + (r·c/(2 - c)
 * - low + high)), c = r - r²·P(r²). Both are the reductions and coefficients of FDLIBM 5.3 (Sun
 * Microsystems 1993), without its branches. logit: with s = 2p - 1, exactly 2s + s·R(s²) while |s|
 * < 0.17 (the same series, no cancellation), else log(p) - log(1 - p).
 *
 * Largest error seen (10^7 random points against 64-bit mantissas, mathfn_test.c in small):
 * log 0.83 ulp, exp 0.88 ulp, logit 4.3 ulp, sigmoid 2.3 ulp.
 *
 * 1. Subnormal x are scaled by 2^54 first. 2. 0, negatives, infinities and NaN are set by selection
 * at the end; NaN results are one NaN, whatever came in. 3. exp is clamped to [-746, 710] and
 * scaled in two steps, so that subnormal results round once.
 * 4. Nothing may be fused: compiled with -ffp-contract=off.
 */
#include "stats/mathfn.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#define ONE_BITS 0x3ff0000000000000
#define ROOT_HALF_BITS 0x3fe6a09e667f3bcd
#define MAGIC_52_BITS 0x4330000000000000
#define ROUNDER 0x1.8p52

#define LN2_HIGH 6.93147180369123816490e-01 /* 32 bits and zeros */
#define LN2_LOW 1.90821492927058770002e-10
#define INVERSE_LN2 1.44269504088896338700e+00

#define LG1 6.666666666666735130e-01
#define LG2 3.999999999940941908e-01
#define LG3 2.857142874366239149e-01
#define LG4 2.222219843214978396e-01
#define LG5 1.818357216161805012e-01
#define LG6 1.531383769920937332e-01
#define LG7 1.479819860511658591e-01

#define P1 1.66666666666666019037e-01
#define P2 -2.77777777770155933842e-03
#define P3 6.61375632143793436117e-05
#define P4 -1.65339022054652515390e-06
#define P5 4.13813679705723846039e-08

#define EXP_MOST 710.0
#define EXP_LEAST -746.0
#define LOGIT_NEAR 0.17

#if defined(__x86_64__)
#define MATHFN_HAS_X86 1
#else
#define MATHFN_HAS_X86 0
#endif

#define MATHFN_LANES 2
#define MATHFN_TARGET
#define MATHFN_(name) name##_portable
#include "stats/mathfn_body.h"
#undef MATHFN_LANES
#undef MATHFN_TARGET
#undef MATHFN_

#if MATHFN_HAS_X86
#define MATHFN_LANES 4
#define MATHFN_TARGET __attribute__((target("avx2")))
#define MATHFN_(name) name##_avx2
#include "stats/mathfn_body.h"
#undef MATHFN_LANES
#undef MATHFN_TARGET
#undef MATHFN_

#define MATHFN_LANES 8
#define MATHFN_TARGET __attribute__((target("avx512f,avx512dq")))
#define MATHFN_(name) name##_avx512
#include "stats/mathfn_body.h"
#undef MATHFN_LANES
#undef MATHFN_TARGET
#undef MATHFN_
#endif

typedef void (*array_function)(const double *x, double *out, size_t n);

struct kernel {
  const char *name;
  array_function log, exp, logit, sigmoid;
};

static const struct kernel kernels[] = {
    {"portable", log_array_portable, exp_array_portable, logit_array_portable,
     sigmoid_array_portable},
#if MATHFN_HAS_X86
    {"avx2", log_array_avx2, exp_array_avx2, logit_array_avx2, sigmoid_array_avx2},
    {"avx512", log_array_avx512, exp_array_avx512, logit_array_avx512, sigmoid_array_avx512},
#endif
};

static atomic_int kernel_most = 2;

static const struct kernel *kernel_pick(void) {
  const struct kernel *kernel = &kernels[0];
#if MATHFN_HAS_X86
  int most = atomic_load_explicit(&kernel_most, memory_order_relaxed);
  if (most >= 1 && __builtin_cpu_supports("avx2")) {
    kernel = &kernels[1];
  }
  if (most >= 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    kernel = &kernels[2];
  }
#endif
  return kernel;
}

const char *mathfn_kernel_name(void) {
  return kernel_pick()->name;
}

void mathfn_kernel_limit(int most) {
  atomic_store(&kernel_most, most);
}

void mathfn_log_array(const double *x, double *out, size_t n) {
  kernel_pick()->log(x, out, n);
}

void mathfn_exp_array(const double *x, double *out, size_t n) {
  kernel_pick()->exp(x, out, n);
}

void mathfn_logit_array(const double *p, double *out, size_t n) {
  kernel_pick()->logit(p, out, n);
}

void mathfn_sigmoid_array(const double *x, double *out, size_t n) {
  kernel_pick()->sigmoid(x, out, n);
}

double mathfn_log(double x) {
  log_array_portable(&x, &x, 1);
  return x;
}

double mathfn_exp(double x) {
  exp_array_portable(&x, &x, 1);
  return x;
}

double mathfn_logit(double p) {
  logit_array_portable(&p, &p, 1);
  return p;
}

double mathfn_sigmoid(double x) {
  sigmoid_array_portable(&x, &x, 1);
  return x;
}
