/*
 * The one body of all kernels of mathfn.c, included there once per vector width. Before each
 * include: MATHFN_LANES   doubles per vector MATHFN_TARGET  the target attribute, or nothing
 *   MATHFN_(name)  the suffixed name
 * No include guard, on purpose. A shared inline function would not do: a compiler splits vectors
 * that its target lacks before it inlines.
 */

typedef double MATHFN_(vec) __attribute__((vector_size(8 * MATHFN_LANES)));
typedef int64_t MATHFN_(mask) __attribute__((vector_size(8 * MATHFN_LANES)));
typedef uint64_t MATHFN_(bits) __attribute__((vector_size(8 * MATHFN_LANES)));

#define VEC MATHFN_(vec)
#define MASK MATHFN_(mask)
#define BITS MATHFN_(bits)
#define INLINE static inline __attribute__((always_inline)) MATHFN_TARGET

INLINE VEC MATHFN_(splat)(double value) {
  VEC zero = {0};
  return zero + value;
}

INLINE VEC MATHFN_(select)(MASK mask, VEC yes, VEC no) {
  return (VEC)((mask & (MASK)yes) | (~mask & (MASK)no));
}

/* log((1 + s)/(1 - s)) = 2s + s·R, R from z = s² */
INLINE VEC MATHFN_(log_tail)(VEC z) {
  VEC w = z * z;
  VEC even = w * (LG2 + w * (LG4 + w * LG6));
  VEC odd = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
  return even + odd;
}

INLINE VEC MATHFN_(log_vec)(VEC x) {
  MASK tiny = x < DBL_MIN;
  VEC scaled = MATHFN_(select)(tiny, x * 0x1p54, x);
  VEC shift =
      MATHFN_(select)(tiny, MATHFN_(splat)(0x1p52 + 1023 + 54), MATHFN_(splat)(0x1p52 + 1023));
  BITS bits = (BITS)scaled;
  BITS biased = (bits + (ONE_BITS - ROOT_HALF_BITS)) >> 52;
  VEC k = (VEC)(biased | (uint64_t)MAGIC_52_BITS) - shift;
  VEC m = (VEC)(bits - (biased << 52) + (uint64_t)ONE_BITS);
  VEC f = m - 1.0;
  VEC s = f / (2.0 + f);
  VEC half_square = 0.5 * f * f;
  VEC r = MATHFN_(log_tail)(s * s);
  VEC value = k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f);
  value = MATHFN_(select)(x < INFINITY, value, x);
  VEC low = MATHFN_(select)(x == 0.0, MATHFN_(splat)(-INFINITY), MATHFN_(splat)(NAN));
  return MATHFN_(select)(x > 0.0, value, low);
}

INLINE VEC MATHFN_(exp_vec)(VEC x) {
  VEC inside = MATHFN_(select)(x < EXP_MOST, x, MATHFN_(splat)(EXP_MOST));
  inside = MATHFN_(select)(inside > EXP_LEAST, inside, MATHFN_(splat)(EXP_LEAST));
  VEC k = (inside * INVERSE_LN2 + ROUNDER) - ROUNDER;
  VEC high = inside - k * LN2_HIGH;
  VEC low = k * LN2_LOW;
  VEC r = high - low;
  VEC t = r * r;
  VEC c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  VEC y = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
  VEC first = (k * 0.5 + ROUNDER);
  VEC second = (k - (first - ROUNDER)) + ROUNDER;
  VEC scale_1 = (VEC)(((BITS)first << 52) + (uint64_t)ONE_BITS);
  VEC scale_2 = (VEC)(((BITS)second << 52) + (uint64_t)ONE_BITS);
  return MATHFN_(select)(x == x, y * scale_1 * scale_2, MATHFN_(splat)(NAN));
}

INLINE VEC MATHFN_(logit_vec)(VEC p) {
  VEC s = 2.0 * p - 1.0;
  VEC middle = 2.0 * s + s * MATHFN_(log_tail)(s * s);
  VEC outer = MATHFN_(log_vec)(p) - MATHFN_(log_vec)(1.0 - p);
  MASK near = (s < LOGIT_NEAR) & (s > -LOGIT_NEAR);
  return MATHFN_(select)(near, middle, outer);
}

INLINE VEC MATHFN_(sigmoid_vec)(VEC x) {
  MASK below = x < 0.0;
  VEC e = MATHFN_(exp_vec)(MATHFN_(select)(below, x, -x));
  return MATHFN_(select)(below, e, MATHFN_(splat)(1.0)) / (1.0 + e);
}

#define ARRAY(name)                                                                                \
  MATHFN_TARGET static void MATHFN_(name##_array)(const double *x, double *out, size_t n) {        \
    size_t i = 0;                                                                                  \
    VEC v;                                                                                         \
    for (; i + MATHFN_LANES <= n; i += MATHFN_LANES) {                                             \
      memcpy(&v, x + i, sizeof v);                                                                 \
      v = MATHFN_(name##_vec)(v);                                                                  \
      memcpy(out + i, &v, sizeof v);                                                               \
    }                                                                                              \
    if (i < n) {                                                                                   \
      v = MATHFN_(splat)(0.5);                                                                     \
      memcpy(&v, x + i, (n - i) * sizeof(double));                                                 \
      v = MATHFN_(name##_vec)(v);                                                                  \
      memcpy(out + i, &v, (n - i) * sizeof(double));                                               \
    }                                                                                              \
  }

ARRAY(log)
ARRAY(exp)
ARRAY(logit)
ARRAY(sigmoid)

#undef ARRAY
#undef INLINE
#undef BITS
#undef MASK
#undef VEC
