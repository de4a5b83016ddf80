/*
 * Strips: the kernels of the nearest neighbours, one body (strips_body.h) for each width of vector.
 *
 * They differ in rounding alone (a fused product rounds once), which the bar of neighbours.c allows
 * for: what is found is the same with each.
 */
#include "learn/strips.h"

#include <stdatomic.h>
#include <string.h>

#include "learn/blocks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define STRIPS_HAS_X86 1
#else
#define STRIPS_HAS_X86 0
#endif

#define STRIP_LANES 4
#define STRIP_TOGETHER 1
#define STRIP_TARGET
#define STRIP_SPLAT(x) ((VEC){0} + (x))
#define STRIP_FMA(a, b, c) ((c) + (a) * (b))
#define STRIP_PASS(a, bar) strip_pass_portable(&(a), bar)
#define STRIP_(name) name##_portable
static uint32_t strip_pass_portable(const void *sums, float bar) {
  float sum[4];
  memcpy(sum, sums, sizeof sum);
  return (uint32_t)!(sum[0] < bar) | (uint32_t)!(sum[1] < bar) << 1 |
         (uint32_t)!(sum[2] < bar) << 2 | (uint32_t)!(sum[3] < bar) << 3;
}
#include "learn/strips_body.h"

#if STRIPS_HAS_X86
#define STRIP_LANES 8
#define STRIP_TOGETHER 2
#define STRIP_TARGET __attribute__((target("avx2,fma")))
#define STRIP_SPLAT(x) ((VEC)_mm256_set1_ps(x))
#define STRIP_FMA(a, b, c) ((VEC)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define STRIP_PASS(a, bar)                                                                         \
  _mm256_movemask_ps(_mm256_cmp_ps((__m256)(a), _mm256_set1_ps(bar), _CMP_NLT_UQ))
#define STRIP_(name) name##_avx2
#include "learn/strips_body.h"

#define STRIP_LANES 16
#define STRIP_TOGETHER 8
#define STRIP_TARGET __attribute__((target("avx512f")))
#define STRIP_SPLAT(x) ((VEC)_mm512_set1_ps(x))
#define STRIP_FMA(a, b, c) ((VEC)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define STRIP_PASS(a, bar) _mm512_cmp_ps_mask((__m512)(a), _mm512_set1_ps(bar), _CMP_NLT_UQ)
#define STRIP_(name) name##_avx512
#include "learn/strips_body.h"
#endif

static atomic_int kernel_most = 2;

void strips_limit(int most) {
  kernel_most = most;
}

strips_kernel strips_pick(void) {
#if STRIPS_HAS_X86
  if (kernel_most >= 2 && __builtin_cpu_supports("avx512f")) {
    return strip_avx512;
  }
  if (kernel_most >= 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return strip_avx2;
  }
#endif
  return strip_portable;
}
