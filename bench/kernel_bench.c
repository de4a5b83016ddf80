/*
 * The kernels of src/stats by themselves: milliseconds (median of 5), the bytes they must move at
 * least, and what those would take at this machine's measured memory bandwidth. Build on demand:
 * meson compile -C build kernel_bench; run: kernel_bench [threads].
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/parallel.h"
#include "stats/binning.h"
#include "stats/ranking.h"
#include "stats/resample.h"
#include "stats/sortkey.h"

enum { N_LARGE = 10000000, N_SMALL = 100000, N_REPLICATES = 1000, N_RUNS = 5, N_GROUPS = 50 };

static size_t n_threads;
static float *scores;
static uint8_t *labels;
static uint32_t *keys, *scratch;
static uint64_t *row_keys, *draws;
static double *replicates;
static struct binning_micro *bins;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void fill_keys(void) {
  for (size_t i = 0; i < N_LARGE; i++) {
    keys[i] = sortkey_f32(scores[i]);
  }
}

static nonet_status run_sort(void) {
  return sortkey_sort_u32_with(keys, scratch, N_LARGE, n_threads, NULL);
}

static nonet_status run_auc(void) {
  struct ranking_auc auc;
  return ranking_auc_f32(scores, labels, N_LARGE, n_threads, &auc, NULL);
}

static nonet_status run_auc_bootstrap(void) {
  struct resample_rows rows = {1, PHILOX_BOOTSTRAP, row_keys, NULL, false, N_SMALL};
  return resample_auc_f32(&rows, scores, labels, N_REPLICATES, n_threads, replicates, NULL);
}

static nonet_status run_table(void) {
  uint64_t count[4 * N_GROUPS];
  for (size_t i = 0; i < 4 * N_GROUPS; i++) {
    count[i] = 500 + 1000 * (i % 10);
  }
  return resample_multinomial(1, 1, count, 4 * N_GROUPS, N_REPLICATES, n_threads, draws, NULL);
}

static nonet_status run_bins(void) {
  return binning_add_f32(bins, scores, labels, N_LARGE, NULL);
}

static const struct job {
  const char *name;
  void (*prepare)(void);
  nonet_status (*run)(void);
  double bytes; /* read and written at least once per pass */
} jobs[] = {
    {"sort 1e7 u32 keys of f32", fill_keys, run_sort, 3.0 * 2 * 4 * N_LARGE},
    {"AUC and DeLong 1e7 f32, unsorted", NULL, run_auc, (5.0 + 4 + 3 * 2 * 4 + 4) * N_LARGE},
    {"AUC bootstrap 1e5 x 1000, with sort", NULL, run_auc_bootstrap, 17.0 * N_SMALL},
    {"table bootstrap 50 x 4 cells x 1000", NULL, run_table, 8.0 * 4 * N_GROUPS *N_REPLICATES},
    {"micro-bins 1e7 f32 (one thread)", NULL, run_bins, 5.0 * N_LARGE},
};

/* Bytes a millisecond of a plain copy, read and write counted. */
static double bandwidth(void) {
  double best = 0;
  for (int run = 0; run < N_RUNS; run++) {
    double start = now_ms();
    memcpy(scratch, keys, 4.0 * N_LARGE);
    double rate = 2 * 4.0 * N_LARGE / (now_ms() - start);
    best = rate > best ? rate : best;
  }
  return best;
}

int main(int argc, char **argv) {
  n_threads = argc > 1 ? (size_t)atoi(argv[1]) : parallel_cores();
  scores = malloc(N_LARGE * sizeof *scores);
  labels = malloc(N_LARGE);
  keys = malloc(N_LARGE * sizeof *keys);
  scratch = malloc(N_LARGE * sizeof *scratch);
  row_keys = malloc(N_SMALL * sizeof *row_keys);
  draws = malloc(sizeof *draws * 4 * N_GROUPS * N_REPLICATES);
  replicates = malloc(N_REPLICATES * sizeof *replicates);
  bins = calloc(BINNING_MICRO, sizeof *bins);
  if (scores == NULL || labels == NULL || keys == NULL || scratch == NULL || row_keys == NULL ||
      draws == NULL || replicates == NULL || bins == NULL) {
    fputs("out of memory\n", stderr);
    return 71;
  }
  struct philox_sequence sequence = {1, 0, 0};
  for (size_t i = 0; i < N_LARGE; i++) {
    uint32_t u = philox_next_u32(&sequence);
    scores[i] = (float)(u >> 8) * 0x1p-24f;
    labels[i] = (u & 255) * 0.5 / 255 + scores[i] * 0.5 > 0.5;
  }
  for (size_t i = 0; i < N_SMALL; i++) {
    row_keys[i] = (i + 1) * 0x9E3779B97F4A7C15ull;
  }
  fill_keys();
  memset(scratch, 0, 4.0 * N_LARGE);
  double rate = bandwidth();
  printf("%zu threads, copy %.1f GB/s\n%-38s %10s %10s\n", n_threads, rate / 1e6, "", "ms",
         "bound ms");
  for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++) {
    double ms[N_RUNS];
    for (int run = 0; run < N_RUNS; run++) {
      if (jobs[j].prepare != NULL) {
        jobs[j].prepare();
      }
      double start = now_ms();
      if (jobs[j].run() != NONET_OK) {
        fprintf(stderr, "%s failed\n", jobs[j].name);
        return 70;
      }
      ms[run] = now_ms() - start;
    }
    qsort(ms, N_RUNS, sizeof *ms, compare_doubles);
    printf("%-38s %10.1f %10.2f\n", jobs[j].name, ms[N_RUNS / 2], jobs[j].bytes / rate);
  }
  free(scores), free(labels), free(keys), free(scratch), free(row_keys), free(draws),
      free(replicates), free(bins);
  return 0;
}
