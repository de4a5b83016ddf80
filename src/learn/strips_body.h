/*
 * The one body of all kernels of strips.c, included there once per vector width. Before each
 * include: STRIP_LANES floats per vector, STRIP_SPLAT(x) a vector of x, STRIP_TOGETHER queries
 * whose sums stay in registers, STRIP_TARGET the target attribute or nothing, STRIP_FMA(a, b, c)
 * a·b + c, STRIP_PASS(a, bar) the lanes in which a is not below bar, as bits, and STRIP_(name) the
 * suffixed name. No include guard, on purpose.
 */

typedef float STRIP_(vec) __attribute__((vector_size(4 * STRIP_LANES)));

#define VEC STRIP_(vec)
#define N_VECS (STRIP_ROWS / STRIP_LANES)

/* pass[q] = the rows y of the strip with x_q·y − |y|²/2 not below bar[q]; returns all of them. */
STRIP_TARGET static uint32_t STRIP_(strip)(const float *query, const float *panel,
                                           const float *half, size_t d, const float *bar,
                                           uint32_t *pass) {
  uint32_t any = 0;
  for (size_t first = 0; first < GROUP_ROWS; first += STRIP_TOGETHER) {
    VEC sum[STRIP_TOGETHER][N_VECS];
#pragma GCC unroll 8
    for (size_t q = 0; q < STRIP_TOGETHER; q++) {
#pragma GCC unroll 8
      for (size_t v = 0; v < N_VECS; v++) {
        memcpy(&sum[q][v], half + v * STRIP_LANES, sizeof(VEC));
      }
    }
    for (size_t j = 0; j < d; j++) {
      VEC y[N_VECS];
#pragma GCC unroll 8
      for (size_t v = 0; v < N_VECS; v++) {
        memcpy(&y[v], panel + j * BLOCKS_ROWS + v * STRIP_LANES, sizeof(VEC));
      }
#pragma GCC unroll 8
      for (size_t q = 0; q < STRIP_TOGETHER; q++) {
        VEC x = STRIP_SPLAT(query[j * GROUP_ROWS + first + q]);
#pragma GCC unroll 8
        for (size_t v = 0; v < N_VECS; v++) {
          sum[q][v] = STRIP_FMA(x, y[v], sum[q][v]);
        }
      }
    }
#pragma GCC unroll 8
    for (size_t q = 0; q < STRIP_TOGETHER; q++) {
      uint32_t bits = 0;
#pragma GCC unroll 8
      for (size_t v = 0; v < N_VECS; v++) {
        bits |= (uint32_t)STRIP_PASS(sum[q][v], bar[first + q]) << (v * STRIP_LANES);
      }
      pass[first + q] = bits;
      any |= bits;
    }
  }
  return any;
}

#undef VEC
#undef N_VECS
#undef STRIP_LANES
#undef STRIP_TOGETHER
#undef STRIP_TARGET
#undef STRIP_SPLAT
#undef STRIP_FMA
#undef STRIP_PASS
#undef STRIP_
