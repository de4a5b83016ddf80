/*
 * Poisson bootstrap weights as a function of (seed, stream, row key, count, replicate), and what is
 * driven by them.
 *
 * Each replicate weights every row by an independent Poisson(1), which differs from the multinomial
 * bootstrap only in that the total is itself random; statistics that are ratios do not see the
 * difference (Hanley & MacGibbon 2006; Chamandy et al. 2012). The weight inverts the CDF: W = #{k :
 * u ≥ ⌊2³² P(W ≤ k)⌉}, u a Philox word. A distinct row with count c draws Poisson(c) as independent
 * parts Poisson(2^b), one for each bit of c, b ≤ 16; what is above is drawn as several
 * Poisson(65,536). Each part has an index of its own (the high word of Philox's index), part 0
 * being the draw of a row with count 1.
 *
 * Cases: 1 count 0 has weight 0; 2 a count of 1 is the fast way; 3 counts beyond 2^16; 4 tie groups
 * in the AUC: positives win half of the negatives of their own group; 5 a class that drew nothing:
 * NaN, a missing replicate; 6 a number of replicates that does not fill the last block; 7 a weight
 * that does not fit 32 bits saturates; 8 clusters: one draw per cluster key, times the count.
 */
#include "stats/resample.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "stats/sortkey.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define POISSON_BITS 17 /* parts Poisson(2^0) … Poisson(2^16) */
#define POISSON_COUNTED_BITS                                                                       \
  4 /* up to Poisson(8) thresholds are counted, above they are searched */
#define POISSON_COMMON                                                                             \
  6 /* thresholds that every lane is compared with: P(W > 6) is 1 in 12,000 for Poisson(1) */
#define GUIDE_BITS 8 /* where a search begins is looked up by the high bits of the word */
#define GUIDE_SHIFT (32 - GUIDE_BITS)
#define TILE_ROWS 16               /* weights of one replicate that are written together: a line */
#define TILE_REPLICATES 32         /* at most: 4 words of 8 lanes */
#define TILE_COUNT_MOST (1u << 31) /* below, no weight leaves 32 bits */
#define MATRIX_BYTES (32u << 20)   /* weights that one worker of resample_run holds */

struct poisson_table {
  uint32_t first; /* weight before the first threshold */
  size_t n;
  uint32_t *reached; /* ascending: the weight is first + #{k : u >= reached[k]} */
  int32_t *biased;   /* the same with the sign bit flipped, first == 0; padded to POISSON_COMMON */
  uint16_t guide[1 << GUIDE_BITS]; /* #{k : u >= reached[k]} of the smallest u with these bits */
};

struct poisson_tables {
  struct poisson_table of_bit[POISSON_BITS];
  uint32_t *memory;
};

struct curve_job {
  const struct poisson_tables *tables;
  const struct resample_rows *rows;
  const uint64_t *group; /* the AUC's */
  const uint8_t *closes; /* the average precision's */
  const uint8_t *labels;
  size_t n_replicates, n_block;
  void (*block)(const struct curve_job *job, uint64_t replicate_first, double *values);
  double *values;
};

static uint32_t poisson_parts(uint64_t count) {
  uint64_t whole = count >> (POISSON_BITS - 1);
  return (uint32_t)(POISSON_BITS - 1 + whole);
}

static bool poisson_has_part(uint64_t count, uint32_t part) {
  return part >= POISSON_BITS - 1 || (count >> part & 1) != 0;
}

/* Mostly none or one threshold lies between the guide's and the word's: counted without a branch.
 * reached[n] is padding. */
static inline uint32_t poisson_invert(const struct poisson_table *table, uint32_t u) {
  size_t w = table->guide[u >> GUIDE_SHIFT];
  w += (size_t)((w < table->n) & (u >= table->reached[w]));
  while (w < table->n && u >= table->reached[w]) {
    w++;
  }
  return table->first + (uint32_t)w;
}

/* Weights whose probability matters: within 9 standard deviations and a few, which leaves less than
 * 2^-33 outside. */
static void poisson_range(double mean, uint32_t *low, uint32_t *high) {
  double reach = 9 * sqrt(mean) + 12;
  *low = mean > reach ? (uint32_t)(mean - reach) : 0;
  *high = (uint32_t)(mean + reach);
}

/* The CDF from probabilities relative to the mode, by recurrence: no exp, the same bits everywhere.
 */
static void poisson_fill(struct poisson_table *table, double mean, double *mass) {
  uint32_t low, high, mode = (uint32_t)mean;
  poisson_range(mean, &low, &high);
  mass[mode - low] = 1;
  for (uint32_t k = mode; k < high; k++) {
    mass[k + 1 - low] = mass[k - low] * mean / (k + 1.0);
  }
  for (uint32_t k = mode; k > low; k--) {
    mass[k - 1 - low] = mass[k - low] * k / mean;
  }
  double total = 0, below = 0;
  for (uint32_t k = low; k <= high; k++) {
    total += mass[k - low];
  }
  table->first = low;
  table->n = 0;
  for (uint32_t k = low; k <= high; k++) {
    below += mass[k - low];
    double reached = floor(below / total * 0x1p32 + 0.5);
    if (reached >= 0x1p32) {
      break;
    }
    table->reached[table->n++] = (uint32_t)reached;
  }
  table->reached[table->n] = UINT32_MAX;
  for (uint32_t g = 0; g < 1u << GUIDE_BITS; g++) {
    table->guide[g] = (uint16_t)sortkey_upper_u32(table->reached, table->n, g << GUIDE_SHIFT);
  }
}

static void poisson_tables_clear(struct poisson_tables *tables) {
  memory_free(tables->memory);
}

static nonet_status poisson_tables_init(struct poisson_tables *tables, uint64_t largest_count,
                                        nonet_error *error) {
  size_t n_words = 0, n_bits = 1;
  while (n_bits < POISSON_BITS && largest_count >> n_bits != 0) {
    n_bits++;
  }
  uint32_t low, high, widest = 0;
  for (size_t bit = 0; bit < n_bits; bit++) {
    poisson_range((double)(1u << bit), &low, &high);
    widest = high - low + 1 > widest ? high - low + 1 : widest;
    n_words += 2 * (high - low + 1 + POISSON_COMMON);
  }
  double *mass = memory_new(widest, sizeof *mass);
  tables->memory = memory_new(n_words, sizeof *tables->memory);
  if (mass == NULL || tables->memory == NULL) {
    memory_free(mass);
    poisson_tables_clear(tables);
    *tables = (struct poisson_tables){.memory = NULL};
    return error_memory(error, n_words * 4, "Poisson tables");
  }
  uint32_t *next = tables->memory;
  for (size_t bit = 0; bit < n_bits; bit++) {
    struct poisson_table *table = &tables->of_bit[bit];
    poisson_range((double)(1u << bit), &low, &high);
    size_t room = high - low + 1 + POISSON_COMMON;
    table->reached = next;
    table->biased = (int32_t *)(next + room);
    next += 2 * room;
    poisson_fill(table, (double)(1u << bit), mass);
    for (size_t k = 0; k < table->n; k++) {
      table->biased[k] = (int32_t)(table->reached[k] ^ 0x80000000u);
    }
  }
  memory_free(mass);
  return NONET_OK;
}

#define BODY_TARGET
#define BODY_BYTES 16
#define BODY(name) name##_portable
#if defined(__x86_64__)
#define BODY_MUL32(a, b) ((BODY(u64))_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#define BODY_ANY(v) (_mm_movemask_epi8((__m128i)(v)) != 0)
#else
#define BODY_MUL32(a, b) (((a) & 0xFFFFFFFFu) * ((b) & 0xFFFFFFFFu))
#define BODY_ANY(v) ((((BODY(u64))(v))[0] | ((BODY(u64))(v))[1]) != 0)
#endif
#include "stats/resample_body.h"

#if defined(__x86_64__)
#define BODY_TARGET __attribute__((target("avx2")))
#define BODY_BYTES 32
#define BODY(name) name##_avx2
#define BODY_MUL32(a, b) ((BODY(u64))_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#define BODY_ANY(v) (!_mm256_testz_si256((__m256i)(v), (__m256i)(v)))
#include "stats/resample_body.h"

#define BODY_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define BODY_BYTES 64
#define BODY(name) name##_avx512
#define BODY_MUL32(a, b) ((BODY(u64))_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#define BODY_ANY(v) (_mm512_test_epi32_mask((__m512i)(v), (__m512i)(v)) != 0)
#include "stats/resample_body.h"
#endif

static int kernel_most = 2;

void resample_kernel_limit(int most) {
  kernel_most = most;
}

struct kernel {
  size_t n_block;
  void (*auc_block)(const struct curve_job *job, uint64_t replicate_first, double *auc);
  void (*precision_block)(const struct curve_job *job, uint64_t replicate_first, double *value);
  size_t (*single_rows)(const struct poisson_tables *tables, const struct resample_rows *rows,
                        uint64_t index, uint32_t *out);
  void (*tile)(const struct poisson_tables *tables, const struct resample_rows *rows, size_t row,
               size_t n_rows, uint64_t replicate_first, uint32_t tile[][TILE_ROWS]);
};

static struct kernel kernel_choose(void) {
#if defined(__x86_64__)
  if (kernel_most >= 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return (struct kernel){32, auc_block_avx512, precision_block_avx512, single_rows_avx512,
                           tile_avx512};
  }
  if (kernel_most >= 1 && __builtin_cpu_supports("avx2")) {
    return (struct kernel){16, auc_block_avx2, precision_block_avx2, single_rows_avx2, tile_avx2};
  }
#endif
  return (struct kernel){8, auc_block_portable, precision_block_portable, single_rows_portable,
                         tile_portable};
}

static uint64_t largest_count(const struct resample_rows *rows) {
  uint64_t largest = 1;
  for (size_t i = 0; i < rows->n && rows->count != NULL && !rows->is_cluster; i++) {
    largest = rows->count[i] > largest ? rows->count[i] : largest;
  }
  return largest;
}

/* ---- weights ---- */

/* Weights of the four replicates of an index. */
static void poisson_weights(const struct poisson_tables *tables, uint64_t seed,
                            enum philox_stream stream, uint64_t key, uint64_t count, uint64_t index,
                            uint64_t weight[4]) {
  memset(weight, 0, 4 * sizeof *weight);
  for (uint32_t part = 0; part < poisson_parts(count); part++) {
    if (poisson_has_part(count, part)) { /* 1, 3 */
      struct philox_block block = philox_row(seed, stream, key, (uint64_t)part << 32 | index);
      unsigned bit = part < POISSON_BITS - 1 ? part : POISSON_BITS - 1;
      for (size_t word = 0; word < 4; word++) {
        weight[word] += poisson_invert(&tables->of_bit[bit], block.word[word]);
      }
    }
  }
}

static void row_draws(const struct poisson_tables *tables, const struct resample_rows *rows,
                      size_t i, uint64_t index, uint64_t weight[4]) {
  uint64_t count = rows->count != NULL ? rows->count[i] : 1;
  poisson_weights(tables, rows->seed, rows->stream, rows->keys[i], rows->is_cluster ? 1 : count,
                  index, weight);
  for (size_t word = 0; word < 4 && rows->is_cluster; word++) { /* 8 */
    weight[word] *= count;
  }
}

nonet_status resample_poisson_one(uint64_t seed, enum philox_stream stream, uint64_t key,
                                  uint64_t count, uint64_t replicate, uint64_t *weight,
                                  nonet_error *error) {
  struct poisson_tables tables = {.memory = NULL};
  nonet_status status = poisson_tables_init(&tables, count, error);
  if (status == NONET_OK) {
    uint64_t four[4];
    poisson_weights(&tables, seed, stream, key, count, replicate / 4, four);
    *weight = four[replicate % 4];
    poisson_tables_clear(&tables);
  }
  return status;
}

static uint32_t saturated(uint64_t weight) {
  return weight < UINT32_MAX ? (uint32_t)weight : UINT32_MAX; /* 7 */
}

/* Rows with counts, each in n_block replicates at once; by tiles, since a row's replicates lie far
 * apart. */
static void fill_tiles(const struct kernel *kernel, const struct poisson_tables *tables,
                       const struct resample_rows *rows, uint64_t replicate_first,
                       size_t n_replicates, uint32_t *out) {
  uint32_t tile[TILE_REPLICATES][TILE_ROWS];
  for (size_t i = 0; i < rows->n; i += TILE_ROWS) {
    size_t n_rows = rows->n - i < TILE_ROWS ? rows->n - i : TILE_ROWS;
    for (size_t r = 0; r < n_replicates; r += kernel->n_block) {
      kernel->tile(tables, rows, i, n_rows, replicate_first + r, tile);
      for (size_t k = 0; k < kernel->n_block && r + k < n_replicates; k++) {
        memcpy(out + (r + k) * rows->n + i, tile[k], n_rows * sizeof **tile);
      }
    }
  }
}

static void fill_block(const struct kernel *kernel, const struct poisson_tables *tables,
                       const struct resample_rows *rows, uint64_t replicate_first,
                       size_t n_replicates, uint32_t *out) {
  bool is_counted = rows->count != NULL && !rows->is_cluster;
  if (is_counted && 2 * n_replicates >= kernel->n_block && largest_count(rows) < TILE_COUNT_MOST) {
    fill_tiles(kernel, tables, rows, replicate_first, n_replicates, out);
    return;
  }
  for (size_t r = 0; r < n_replicates; r += 4) {
    uint32_t *four = out + r * rows->n;
    uint64_t index = (replicate_first + r) / 4, weight[4];
    size_t done = kernel->single_rows(tables, rows, index, four);
    for (size_t i = 0; i < rows->n; i++) {
      uint64_t count = rows->count != NULL ? rows->count[i] : 1;
      if (i < done && count == 1) { /* 2 */
        continue;
      }
      if (i >= done || !rows->is_cluster) {
        row_draws(tables, rows, i, index, weight);
      }
      for (size_t word = 0; word < 4; word++) {
        uint32_t *place = &four[word * rows->n + i];
        *place = saturated(i < done && rows->is_cluster ? count * *place : weight[word]);
      }
    }
  }
}

nonet_status resample_poisson_block(const struct resample_rows *rows, uint64_t replicate_first,
                                    size_t n_replicates, uint32_t *out, nonet_error *error) {
  struct poisson_tables tables = {.memory = NULL};
  nonet_status status = poisson_tables_init(&tables, largest_count(rows), error);
  if (status == NONET_OK) {
    struct kernel kernel = kernel_choose();
    fill_block(&kernel, &tables, rows, replicate_first, n_replicates, out);
    poisson_tables_clear(&tables);
  }
  return status;
}

/* ---- any statistic ---- */

struct run_job {
  const struct resample_rows *rows;
  const struct poisson_tables *tables;
  struct kernel kernel;
  resample_statistic statistic;
  void *context;
  size_t n_out, n_replicates, n_block;
  uint32_t *weights; /* [n_workers][n_block][n] */
  double *replicates;
  struct progress *progress;
};

static nonet_status run_body(void *context, size_t block, size_t worker, nonet_error *error) {
  const struct run_job *job = context;
  nonet_status status = progress_check(job->progress, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n = job->rows->n, first = block * job->n_block;
  uint32_t *weights = job->weights + worker * job->n_block * n;
  size_t n_here =
      job->n_replicates - first < job->n_block ? job->n_replicates - first : job->n_block;
  fill_block(&job->kernel, job->tables, job->rows, first, (n_here + 3) & ~(size_t)3, weights);
  for (size_t r = 0; r < n_here; r++) {
    job->statistic(job->context, worker, weights + r * n,
                   job->replicates + (first + r) * job->n_out);
  }
  return NONET_OK;
}

nonet_status resample_run(const struct resample_rows *rows, resample_statistic statistic,
                          void *context, size_t n_out, size_t n_replicates, size_t n_threads,
                          struct progress *progress, double *replicates, nonet_error *error) {
  struct poisson_tables tables = {.memory = NULL};
  size_t n_block = rows->n > 0 ? MATRIX_BYTES / 4 / rows->n & ~(size_t)3 : TILE_REPLICATES;
  n_block = n_block < 4 || rows->count == NULL ? 4 /* drawn by fours: those stay in a near cache */
            : n_block > TILE_REPLICATES        ? TILE_REPLICATES
                                               : n_block;
  size_t n_blocks = (n_replicates + n_block - 1) / n_block,
         n_workers = n_threads > 1 ? n_threads : 1;
  uint32_t *weights = memory_new(n_workers * n_block + 1, (rows->n + 1) * sizeof *weights);
  nonet_status status =
      weights != NULL ? poisson_tables_init(&tables, largest_count(rows), error)
                      : error_memory(error, n_workers * n_block * rows->n * 4, "bootstrap weights");
  if (status == NONET_OK) {
    struct run_job job = {rows,         &tables, kernel_choose(), statistic,  context, n_out,
                          n_replicates, n_block, weights,         replicates, progress};
    status = parallel_for(n_workers, n_blocks, run_body, &job, error);
    poisson_tables_clear(&tables);
  }
  memory_free(weights);
  return status;
}

/* ---- the AUC and the average precision ---- */

static nonet_status curve_body(void *context, size_t block, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct curve_job *job = context;
  double values[TILE_REPLICATES];
  size_t first = block * job->n_block;
  job->block(job, first, values);
  size_t n_here =
      job->n_replicates - first < job->n_block ? job->n_replicates - first : job->n_block; /* 6 */
  memcpy(job->values + first, values, n_here * sizeof *values);
  return NONET_OK;
}

/* Sums of weights stay below 2^32, twice those of the AUC too; a cluster's weight is at most 13. */
bool resample_fits_curve(const struct resample_rows *rows) {
  const uint64_t most = rows->is_cluster ? 1ull << 27 : 1ull << 30;
  uint64_t total = 0;
  for (size_t i = 0; i < rows->n && total < most; i++) {
    total += rows->count != NULL ? rows->count[i] : 1;
  }
  return total < most;
}

static nonet_status curve_run(struct curve_job *job, size_t n_threads, nonet_error *error) {
  const struct resample_rows *rows = job->rows;
  struct poisson_tables tables = {.memory = NULL};
  if (!resample_fits_curve(rows)) {
    return error_set(error, NONET_E_DATA,
                     "too many rows to bootstrap a curve, expected fewer than 2^30 (in clusters "
                     "2^27)");
  }
  nonet_status status = poisson_tables_init(&tables, largest_count(rows), error);
  if (status == NONET_OK) {
    job->tables = &tables;
    status = parallel_for(n_threads, (job->n_replicates + job->n_block - 1) / job->n_block,
                          curve_body, job, error);
    poisson_tables_clear(&tables);
  }
  return status;
}

nonet_status resample_auc(const struct resample_rows *rows, const uint64_t *group,
                          const uint8_t *labels, size_t n_replicates, size_t n_threads, double *auc,
                          nonet_error *error) {
  const struct kernel kernel = kernel_choose();
  struct curve_job job = {.rows = rows,
                          .group = group,
                          .labels = labels,
                          .n_replicates = n_replicates,
                          .n_block = kernel.n_block,
                          .block = kernel.auc_block,
                          .values = auc};
  return curve_run(&job, n_threads, error);
}

nonet_status resample_average_precision(const struct resample_rows *rows, const uint8_t *closes,
                                        const uint8_t *labels, size_t n_replicates,
                                        size_t n_threads, double *value, nonet_error *error) {
  const struct kernel kernel = kernel_choose();
  struct curve_job job = {.rows = rows,
                          .closes = closes,
                          .labels = labels,
                          .n_replicates = n_replicates,
                          .n_block = kernel.n_block,
                          .block = kernel.precision_block,
                          .values = value};
  return curve_run(&job, n_threads, error);
}

nonet_status resample_auc_f32(const struct resample_rows *rows, const float *scores,
                              const uint8_t *labels, size_t n_replicates, size_t n_threads,
                              double *auc, nonet_error *error) {
  size_t n = rows->n;
  nonet_status status = NONET_OK;
  uint32_t *sort = memory_new(2 * n + 1, sizeof *sort);
  uint64_t *copy = memory_new(3 * n + 1, sizeof *copy);
  uint8_t *label = memory_new(n + 1, 1);
  if (sort == NULL || copy == NULL || label == NULL) {
    status = error_memory(error, n * 33, "sorting rows for the bootstrap");
    goto done;
  }
  uint32_t *order = sort + n;
  uint64_t *group = copy, *keys = copy + n, *count = copy + 2 * n;
  for (size_t i = 0; i < n; i++) {
    sort[i] = sortkey_f32(scores[i]);
    order[i] = (uint32_t)i;
  }
  status = sortkey_argsort_u32(sort, order, n, n_threads, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    group[i] = sort[i];
    keys[i] = rows->keys[order[i]];
    label[i] = labels[order[i]];
    count[i] = rows->count != NULL ? rows->count[order[i]] : 1;
  }
  if (status == NONET_OK) {
    struct resample_rows sorted = *rows;
    sorted.keys = keys;
    sorted.count = rows->count != NULL ? count : NULL;
    status = resample_auc(&sorted, group, label, n_replicates, n_threads, auc, error);
  }
done:
  memory_free(sort);
  memory_free(copy);
  memory_free(label);
  return status;
}
