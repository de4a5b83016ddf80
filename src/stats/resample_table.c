/*
 * Exact multinomial bootstrap of a count table: cell by cell, a binomial of what is left.
 *
 * Binomial(n, p): p > ½ is mirrored. n·p < 10: inversion from 0 by the recurrence of the
 * probabilities. Otherwise BTRS, transformed rejection (Hörmann, "The generation of binomial random
 * variates", 1993): k = ⌊(2a/us + b)u + c⌋ with us = ½ − |u|, taken at once inside the box us ≥
 * 0.07, v ≤ 0.92 − 4.2/b, else tested against the exact ratio of probabilities with Stirling's
 * tail. Uniforms have 32 bits in the rejection and 53 in the inversion. mathfn's logarithms make
 * the choice the same on every machine.
 *
 * Cases: 1 n = 0, p = 0, p = 1; 2 mirrored; 3 the last cell takes the rest; 4 empty cells draw
 * nothing.
 */
#include <math.h>

#include "base/parallel.h"
#include "stats/mathfn.h"
#include "stats/resample.h"

#define INVERSION_MEAN_MAX 10.0
#define BLOCKS_PER_REPLICATE_BITS 24

static uint32_t next_word(struct resample_draws *draws) {
  if (draws->n_left == 0) {
    draws->block = philox_row(draws->seed, draws->stream, draws->key, draws->index++);
    draws->n_left = 4;
  }
  return draws->block.word[4 - draws->n_left--];
}

static double next_uniform(struct resample_draws *draws) {
  return ((double)next_word(draws) + 0.5) * 0x1p-32;
}

static double next_uniform_53(struct resample_draws *draws) {
  uint64_t bits = (uint64_t)next_word(draws) << 32;
  bits |= next_word(draws);
  return (double)(bits >> 12 << 1 | 1) * 0x1p-53;
}

static uint64_t by_inversion(struct resample_draws *draws, uint64_t n, double p) {
  double ratio = p / (1 - p), mass = mathfn_exp((double)n * mathfn_log(1 - p)),
         u = next_uniform_53(draws);
  uint64_t k = 0;
  while (u > mass && k < n) {
    u -= mass;
    k++;
    mass *= ratio * (double)(n - k + 1) / (double)k;
    if (mass == 0) {
      break;
    }
  }
  return k;
}

/* ln k! − Stirling's main part, (k + ½) ln(k + 1) − (k + 1) + ½ ln 2π. */
static double stirling_tail(double k) {
  static const double small[10] = {0.0810614667953272,  0.0413406959554092, 0.0276779256849983,
                                   0.02079067210376509, 0.0166446911898211, 0.0138761288230707,
                                   0.0118967099458917,  0.0104112652619720, 0.00925546218271273,
                                   0.00833056343336287};
  if (k < 10) {
    return small[(int)k];
  }
  double x = 1 / ((k + 1) * (k + 1));
  return (1.0 / 12 - (1.0 / 360 - x / 1260) * x) / (k + 1);
}

static uint64_t by_rejection(struct resample_draws *draws, uint64_t n_rows, double p) {
  double n = (double)n_rows, deviation = sqrt(n * p * (1 - p));
  double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5,
         box = 0.92 - 4.2 / b;
  double ratio = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation, mode = floor((n + 1) * p);
  for (;;) {
    double v = next_uniform(draws), u = next_uniform(draws) - 0.5, us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= box) {
      return (uint64_t)k;
    }
    if (k < 0 || k > n) {
      continue;
    }
    double bound = (mode + 0.5) * mathfn_log((mode + 1) / (ratio * (n - mode + 1))) +
                   (n + 1) * mathfn_log((n - mode + 1) / (n - k + 1)) +
                   (k + 0.5) * mathfn_log(ratio * (n - k + 1) / (k + 1)) + stirling_tail(mode) +
                   stirling_tail(n - mode) - stirling_tail(k) - stirling_tail(n - k);
    if (mathfn_log(v * alpha / (a / (us * us) + b)) <= bound) {
      return (uint64_t)k;
    }
  }
}

uint64_t resample_binomial(struct resample_draws *draws, uint64_t n, double p) {
  if (n == 0 || !(p > 0)) { /* 1 */
    return 0;
  }
  if (p >= 1) {
    return n;
  }
  double small = p <= 0.5 ? p : 1 - p; /* 2 */
  uint64_t k = (double)n * small < INVERSION_MEAN_MAX ? by_inversion(draws, n, small)
                                                      : by_rejection(draws, n, small);
  return p <= 0.5 ? k : n - k;
}

struct table_job {
  uint64_t seed, key;
  const uint64_t *count;
  size_t n_cells, n_replicates, n_block;
  uint64_t n_rows;
  uint64_t *out;
};

static nonet_status table_body(void *context, size_t block, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct table_job *job = context;
  size_t first = block * job->n_block,
         end = first + job->n_block < job->n_replicates ? first + job->n_block : job->n_replicates;
  for (size_t r = first; r < end; r++) {
    struct resample_draws draws = {job->seed, job->key, (uint64_t)r << BLOCKS_PER_REPLICATE_BITS,
                                   {{0}},     0,        PHILOX_TABLE};
    uint64_t rows_left = job->n_rows, drawn_left = job->n_rows;
    for (size_t cell = 0; cell < job->n_cells; cell++) {
      uint64_t count = job->count[cell], drawn; /* 3, 4: count == rows_left gives p = 1 */
      drawn = resample_binomial(&draws, drawn_left,
                                rows_left > 0 ? (double)count / (double)rows_left : 0);
      job->out[r * job->n_cells + cell] = drawn;
      rows_left -= count;
      drawn_left -= drawn;
    }
  }
  return NONET_OK;
}

nonet_status resample_multinomial(uint64_t seed, uint64_t table_key, const uint64_t *count,
                                  size_t n_cells, size_t n_replicates, size_t n_threads,
                                  uint64_t *out, nonet_error *error) {
  struct table_job job = {seed, table_key, count, n_cells, n_replicates, 64, 0, out};
  for (size_t cell = 0; cell < n_cells; cell++) {
    job.n_rows += count[cell];
  }
  return parallel_for(n_threads, (n_replicates + job.n_block - 1) / job.n_block, table_body, &job,
                      error);
}
