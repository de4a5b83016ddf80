/*
 * The one body of the Poisson kernels, included by resample.c once per instruction set with
 *   BODY(name)  the name with its suffix     BODY_TARGET  the function attribute
 *   BODY_BYTES  vector size                  BODY_MUL32(a, b)  products of the low halves of 64-bit
 * lanes   BODY_ANY(v)  any lane not 0. All inclusions agree bit by bit: integers, and doubles whose
 * every operation is rounded alone, each lane by itself.
 *
 * A Philox counter occupies one 64-bit lane per word; only the low half of a lane is meaningful
 * while the rounds run (the multiply reads only that), which saves all shuffles. "pack" then joins
 * two words into the two halves of a lane.
 */
typedef uint64_t BODY(u64) __attribute__((vector_size(BODY_BYTES)));
typedef int32_t BODY(i32) __attribute__((vector_size(BODY_BYTES)));
typedef uint32_t BODY(u32) __attribute__((vector_size(BODY_BYTES)));
typedef double BODY(f64) __attribute__((vector_size(BODY_BYTES)));
#define U64 BODY(u64)
#define I32 BODY(i32)
#define U32 BODY(u32)
#define F64 BODY(f64)
#define LANES (BODY_BYTES / 8)

/* Words 0 … 3 of LANES counters (c0, c1, c2, c3), dirty in the upper halves of words 1 and 3 only
 * as far as `pack` expects. */
BODY_TARGET static inline __attribute__((always_inline)) void BODY(rounds)(U64 c[4],
                                                                           uint64_t seed) {
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  const U64 m0 = (U64){0} + 0xD2511F53u, m1 = (U64){0} + 0xCD9E8D57u;
  for (int round = 0; round < 10; round++) {
    U64 p0 = BODY_MUL32(m0, c[0]), p1 = BODY_MUL32(m1, c[2]);
    c[0] = (p1 >> 32) ^ c[1] ^ (uint64_t)k0;
    c[2] = (p0 >> 32) ^ c[3] ^ (uint64_t)k1;
    c[1] = p1;
    c[3] = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

BODY_TARGET static inline __attribute__((always_inline)) U64 BODY(pack)(U64 low, U64 high) {
  return (low & 0xFFFFFFFFu) | (high << 32);
}

/* Poisson(lambda) by counting the thresholds that a word has reached; words and thresholds carry
   the bias that makes signed compares unsigned. Most lanes are done after `n_common` thresholds. */
BODY_TARGET static inline __attribute__((always_inline)) U32
BODY(invert)(U64 packed, const struct poisson_table *table) {
  I32 u = (I32)packed ^ INT32_MIN, w = {0};
#pragma GCC unroll 6
  for (size_t k = 0; k < POISSON_COMMON; k++) {
    w -= u >= table->biased[k];
  }
  for (size_t k = POISSON_COMMON; k < table->n; k++) {
    I32 reached = u >= table->biased[k];
    if (!BODY_ANY(reached)) {
      break;
    }
    w -= reached;
  }
  return (U32)w;
}

BODY_TARGET static inline __attribute__((always_inline)) void
BODY(words)(uint64_t seed, uint32_t tag, uint64_t key, U64 index, U64 *packed_01, U64 *packed_23) {
  U64 c[4] = {(U64){0} + key, (U64){0} + (key >> 32), (U64){0} + (uint64_t)tag, index};
  BODY(rounds)(c, seed);
  *packed_01 = BODY(pack)(c[0], c[1]);
  *packed_23 = BODY(pack)(c[2], c[3]);
}

/* One part Poisson(2^bit) of a row's weight by table search, lane by lane: for means too large to
 * count thresholds. */
BODY_TARGET static U32 BODY(search)(U64 packed, const struct poisson_table *table) {
  U32 words = (U32)packed;
  for (size_t lane = 0; lane < 2 * LANES; lane++) {
    words[lane] = poisson_invert(table, words[lane]);
  }
  return words;
}

/* The parts of a count above 1. */
BODY_TARGET static void BODY(draw_counted)(const struct poisson_tables *tables,
                                           const struct resample_rows *rows, size_t row, U64 index,
                                           U32 *w01, U32 *w23) {
  uint64_t count = rows->count[row];
  U32 sum01 = {0}, sum23 = {0};
  for (uint32_t part = 0; part < poisson_parts(count); part++) {
    if (!poisson_has_part(count, part)) {
      continue;
    }
    unsigned bit = part < POISSON_BITS - 1 ? part : POISSON_BITS - 1;
    const struct poisson_table *table = &tables->of_bit[bit];
    U64 p01, p23;
    BODY(words)(rows->seed, (uint32_t)rows->stream << 24 ^ part, rows->keys[row], index, &p01,
                &p23);
    bool few = bit < POISSON_COUNTED_BITS;
    sum01 += few ? BODY(invert)(p01, table) : BODY(search)(p01, table);
    sum23 += few ? BODY(invert)(p23, table) : BODY(search)(p23, table);
  }
  *w01 = sum01;
  *w23 = sum23;
}

/* Weights of one row in 4·LANES replicates: halves of w01 are words 0 and 1 of each counter, of w23
 * words 2 and 3. */
BODY_TARGET static inline __attribute__((always_inline)) void
BODY(draw)(const struct poisson_tables *tables, const struct resample_rows *rows, size_t row,
           U64 index, U32 *w01, U32 *w23) {
  uint64_t count = rows->count != NULL ? rows->count[row] : 1;
  if (count != 1 && !rows->is_cluster) {
    BODY(draw_counted)(tables, rows, row, index, w01, w23);
    return;
  }
  U64 p01, p23;
  BODY(words)(rows->seed, (uint32_t)rows->stream << 24, rows->keys[row], index, &p01, &p23);
  *w01 = BODY(invert)(p01, &tables->of_bit[0]);
  *w23 = BODY(invert)(p23, &tables->of_bit[0]);
  if (count != 1) {
    *w01 *= (uint32_t)count;
    *w23 *= (uint32_t)count;
  }
}

BODY_TARGET static inline __attribute__((always_inline)) U64
BODY(indices)(uint64_t replicate_first) {
  U64 index;
  for (size_t lane = 0; lane < LANES; lane++) {
    index[lane] = replicate_first / 4 + lane;
  }
  return index;
}

struct BODY(auc_state) {
  U32 twice_negatives[2], positives[2]; /* words 01, words 23 */
  U64 won[4];                           /* Σ w⁺ (2 W⁻below + W⁻tied), by word */
};

BODY_TARGET static inline __attribute__((always_inline)) void
BODY(auc_win)(struct BODY(auc_state) * state, int half, U32 positives, U32 beaten) {
  U64 p = (U64)positives, b = (U64)beaten;
  state->won[2 * half] += BODY_MUL32(p, b);
  state->won[2 * half + 1] += BODY_MUL32(p >> 32, b >> 32);
  state->positives[half] += positives;
}

/* AUC of replicates replicate_first … + 4·LANES − 1 into auc[4·LANES]. */
BODY_TARGET static void BODY(auc_block)(const struct curve_job *job, uint64_t replicate_first,
                                        double *auc) {
  const struct resample_rows *rows = job->rows;
  struct BODY(auc_state) state = {{{0}}, {{0}}, {{0}}};
  const U64 index = BODY(indices)(replicate_first);
  size_t n = rows->n;
  for (size_t i = 0; i < n;) {
    U32 w[2];
    if (i + 1 == n || job->group[i + 1] != job->group[i]) {
      BODY(draw)(job->tables, rows, i, index, &w[0], &w[1]);
      for (int half = 0; half < 2; half++) {
        if (job->labels[i] != 0) {
          BODY(auc_win)(&state, half, w[half], state.twice_negatives[half]);
        } else {
          state.twice_negatives[half] += w[half] + w[half];
        }
      }
      i++;
      continue;
    }
    U32 tied[2][2] = {{{0}, {0}}, {{0}, {0}}};
    uint64_t group = job->group[i];
    for (; i < n && job->group[i] == group; i++) {
      BODY(draw)(job->tables, rows, i, index, &w[0], &w[1]);
      tied[job->labels[i] != 0][0] += w[0];
      tied[job->labels[i] != 0][1] += w[1];
    }
    for (int half = 0; half < 2; half++) {
      BODY(auc_win)(&state, half, tied[1][half], state.twice_negatives[half] + tied[0][half]);
      state.twice_negatives[half] += tied[0][half] + tied[0][half];
    }
  }
  for (size_t r = 0; r < 4 * LANES; r++) {
    size_t lane = r / 4, word = r % 4;
    double positives = state.positives[word / 2][2 * lane + word % 2],
           twice = state.twice_negatives[word / 2][2 * lane + word % 2];
    auc[r] = positives > 0 && twice > 0 ? (double)state.won[word][lane] / (positives * twice)
                                        : (double)NAN;
  }
}

/* Rows of count 1, eight (LANES) at a time, in the four replicates of one index: out[word · n +
 * row]. Returns rows done. */
BODY_TARGET static size_t BODY(single_rows)(const struct poisson_tables *tables,
                                            const struct resample_rows *rows, uint64_t index,
                                            uint32_t *out) {
  const struct poisson_table *table = &tables->of_bit[0];
  size_t i = 0;
  for (; i + LANES <= rows->n; i += LANES) {
    U64 keys;
    memcpy(&keys, rows->keys + i, sizeof keys);
    U64 c[4] = {keys, keys >> 32, (U64){0} + ((uint64_t)rows->stream << 24), (U64){0} + index};
    BODY(rounds)(c, rows->seed);
    U32 w[2] = {BODY(invert)(BODY(pack)(c[0], c[1]), table),
                BODY(invert)(BODY(pack)(c[2], c[3]), table)};
    for (size_t word = 0; word < 4; word++) {
      U64 weight = (U64)w[word / 2] >> (word % 2 * 32);
      uint32_t *place = out + word * rows->n + i;
#pragma GCC unroll 8
      for (size_t lane = 0; lane < LANES; lane++) {
        place[lane] = (uint32_t)weight[lane];
      }
    }
  }
  return i;
}

/* Whole numbers below 2^32, one a lane, as doubles: the bits of 2^52 + k are those of 2^52 and k.
 */
BODY_TARGET static inline __attribute__((always_inline)) F64 BODY(real)(U64 whole) {
  return (F64)(whole | 0x4330000000000000u) - 0x1p52;
}

struct BODY(precision_state) {
  U32 entered[2], positives[2]; /* words 01, words 23 */
  F64 sum[4];                   /* Σ w⁺ · precision, by word */
};

/* All rows of a score have entered, `won` positives among them. */
BODY_TARGET static inline __attribute__((always_inline)) void
BODY(precision_close)(struct BODY(precision_state) * state, const U32 won[2]) {
  for (int half = 0; half < 2; half++) {
    state->positives[half] += won[half];
    const U32 entered = state->entered[half];
    const U64 w = (U64)won[half], p = (U64)state->positives[half],
              all = (U64)(entered - (U32)(entered == 0)); /* 0 of 0: a term of 0 */
    state->sum[2 * half] +=
        BODY(real)(w & 0xFFFFFFFFu) * (BODY(real)(p & 0xFFFFFFFFu) / BODY(real)(all & 0xFFFFFFFFu));
    state->sum[2 * half + 1] += BODY(real)(w >> 32) * (BODY(real)(p >> 32) / BODY(real)(all >> 32));
  }
}

/* Average precision of replicates replicate_first … + 4·LANES − 1 into value[4·LANES]. */
BODY_TARGET static void BODY(precision_block)(const struct curve_job *job, uint64_t replicate_first,
                                              double *value) {
  const struct resample_rows *rows = job->rows;
  struct BODY(precision_state) state = {{{0}}, {{0}}, {{0}}};
  const U64 index = BODY(indices)(replicate_first);
  U32 won[2] = {{0}, {0}};
  bool has_positive = false;
  for (size_t i = 0; i < rows->n; i++) {
    U32 w[2];
    BODY(draw)(job->tables, rows, i, index, &w[0], &w[1]);
    state.entered[0] += w[0];
    state.entered[1] += w[1];
    if (job->labels[i] != 0) {
      won[0] += w[0];
      won[1] += w[1];
      has_positive = true;
    }
    if (job->closes[i] != 0 && has_positive) {
      BODY(precision_close)(&state, won);
      won[0] = won[1] = (U32){0};
      has_positive = false;
    }
  }
  for (size_t r = 0; r < 4 * LANES; r++) {
    size_t lane = r / 4, word = r % 4;
    const uint32_t positives = state.positives[word / 2][2 * lane + word % 2],
                   entered = state.entered[word / 2][2 * lane + word % 2];
    value[r] = positives > 0 && entered > positives ? state.sum[word][lane] / (double)positives
                                                    : (double)NAN;
  }
}

/* Weights of n_rows rows in 4·LANES replicates: tile[replicate][row]. */
BODY_TARGET static void BODY(tile)(const struct poisson_tables *tables,
                                   const struct resample_rows *rows, size_t row, size_t n_rows,
                                   uint64_t replicate_first, uint32_t tile[][TILE_ROWS]) {
  const U64 index = BODY(indices)(replicate_first);
  for (size_t i = 0; i < n_rows; i++) {
    U32 w[2];
    BODY(draw)(tables, rows, row + i, index, &w[0], &w[1]);
    for (size_t r = 0; r < 4 * LANES; r++) {
      tile[r][i] = w[r % 4 / 2][r / 4 * 2 + r % 2];
    }
  }
}

#undef U64
#undef I32
#undef U32
#undef F64
#undef LANES
#undef BODY
#undef BODY_TARGET
#undef BODY_BYTES
#undef BODY_MUL32
#undef BODY_ANY
