/*
 * What keeping a row costs: nanoseconds a row of each summary by itself. `add` is one thread's
 * processor time, the best of 5 runs over batches of 16,384 rows; `finish` is wall time with 2
 * threads. Build on demand: meson compile -C build summary_bench; run: summary_bench [million rows]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/philox.h"
#include "summary/summary.h"

#define N_BATCHES 64

static double now(clockid_t clock) {
  struct timespec t;
  (void)clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

struct rows {
  uint32_t *label, *a, *b, *cell;
  double *p, *q;
};

static void run(const char *title, const struct roles *roles, unsigned kinds,
                const struct rows *rows, uint64_t n_rows) {
  struct summary_options options = {.kinds = kinds, .n_workers = 1, .quantile = 0.5};
  double best_add = 1e300, best_finish = 1e300;
  uint64_t n_batches = n_rows / ROLE_BATCH_ROWS;
  for (int repeat = 0; repeat < 5; repeat++) {
    struct summary_set *set = NULL;
    if (summary_new(roles, &options, &set, NULL))
      exit(1);
    double start = now(CLOCK_THREAD_CPUTIME_ID);
    for (uint64_t i = 0; i < n_batches; i++) {
      size_t at = i % N_BATCHES * ROLE_BATCH_ROWS;
      struct role_batch batch = {.n_rows = ROLE_BATCH_ROWS,
                                 .label = rows->label + at,
                                 .cell = roles->n_cells > 1 ? rows->cell + at : NULL};
      batch.score[0] = rows->p + at;
      batch.prediction[0] = rows->a + at;
      if (roles->has_score[1]) {
        batch.score[1] = rows->q + at;
        batch.prediction[1] = rows->b + at;
      }
      if (summary_add(set, &batch, NULL))
        exit(1);
    }
    double middle = now(CLOCK_THREAD_CPUTIME_ID), start_finish = now(CLOCK_MONOTONIC);
    if (summary_finish(set, 2, NULL, NULL))
      exit(1);
    double end = now(CLOCK_MONOTONIC);
    if (middle - start < best_add)
      best_add = middle - start;
    if (end - start_finish < best_finish)
      best_finish = end - start_finish;
    summary_free(set);
  }
  double n = (double)(n_batches * ROLE_BATCH_ROWS);
  printf("%-52s %8.2f %8.2f\n", title, best_add / n, best_finish / n);
}

int main(int argc, char **argv) {
  uint64_t n_rows = (argc > 1 ? strtoull(argv[1], NULL, 10) : 8) * 1000000;
  size_t n = (size_t)N_BATCHES * ROLE_BATCH_ROWS;
  struct rows rows = {malloc(4 * n), malloc(4 * n), malloc(4 * n),
                      malloc(4 * n), malloc(8 * n), malloc(8 * n)};
  struct philox_sequence random = {.seed = 1};
  for (size_t i = 0; i < n; i++) {
    rows.p[i] = (double)(float)philox_next_uniform(&random);
    rows.q[i] = (double)(float)philox_next_uniform(&random);
    rows.label[i] = philox_next_uniform(&random) < rows.p[i];
    rows.a[i] = rows.p[i] >= 0.5;
    rows.b[i] = rows.q[i] >= 0.5;
    rows.cell[i] = philox_next_u32(&random) % 50;
  }
  char *classes[] = {"0", "1"};
  struct roles plain = {.task = TASK_BINARY,
                        .n_classes = 2,
                        .classes = classes,
                        .n_cells = 1,
                        .n_scores = 1,
                        .score_is_float32 = true,
                        .threshold = 0.5,
                        .has_label = true,
                        .has_score = {true, false},
                        .has_prediction = {true, false}};
  struct roles cells = plain, both = plain;
  cells.n_cells = 50;
  both.has_score[1] = both.has_prediction[1] = true;
  printf("%-52s %8s %8s\n", "ns a row", "add", "finish");
  run("count table", &plain, SUMMARY_COUNT_TABLE, &rows, n_rows);
  run("count table, two streams", &both, SUMMARY_COUNT_TABLE, &rows, n_rows);
  run("count table, 50 cells", &cells, SUMMARY_COUNT_TABLE, &rows, n_rows);
  run("moments", &plain, SUMMARY_MOMENTS, &rows, n_rows);
  run("micro-bins", &plain, SUMMARY_MICROBINS, &rows, n_rows);
  run("table + moments + micro-bins", &plain, 7, &rows, n_rows);
  run("table + moments + micro-bins, 50 cells", &cells, 7, &rows, n_rows);
  run("moments, 50 cells", &cells, SUMMARY_MOMENTS, &rows, n_rows);
  run("micro-bins, 50 cells", &cells, SUMMARY_MICROBINS, &rows, n_rows);
  run("multiset of float32 scores", &plain, SUMMARY_MULTISET, &rows, n_rows);
  run("multiset of float32 scores, 50 cells", &cells, SUMMARY_MULTISET, &rows, n_rows);
  run("multiset of float32 scores, two streams", &both, SUMMARY_MULTISET, &rows, n_rows);
  return 0;
}
