/*
 * Rows per second through the model floor, and what it adds to one row.
 *
 *   model_bench MODEL.onnx ROWS.arrow [runs=5] [batch=4096] [FEATURE ...]
 *
 * ROWS.arrow is an Arrow IPC stream of the model's columns, read into memory before the clock; one
 * pass warms up. Prints JSON: the median seconds of a pass over all rows in batches, the median of
 * single-row calls (gathering, the runtime's own work, the score), and the first scores, so that
 * whoever wrote the rows can check them. Binary models. Without arguments it takes a model of
 * tests/golden.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nanoarrow/nanoarrow_ipc.h>

#include "model/model.h"

enum { N_SINGLE = 2000, N_SHOWN = 5 };

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "model_bench: %s: %s\n", what, detail);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
  qsort(values, n, sizeof *values, by_value);
  return values[n / 2];
}

static void read_rows(const char *path, struct ArrowSchema *schema, struct ArrowArray *rows) {
  struct ArrowIpcInputStream input;
  struct ArrowArrayStream stream;
  FILE *file = fopen(path, "rb");
  if (!file || ArrowIpcInputStreamInitFile(&input, file, 1) ||
      ArrowIpcArrayStreamReaderInit(&stream, &input, NULL) || stream.get_schema(&stream, schema) ||
      stream.get_next(&stream, rows) || !rows->release)
    fail(path, "is no Arrow stream with rows");
  stream.release(&stream);
}

static void check(nonet_status status, const nonet_error *error) {
  if (status)
    fail("failed", error->message);
}

int main(int argc, char **argv) {
  size_t n_runs = argc > 3 ? strtoull(argv[3], NULL, 10) : 5;
  static const char *const classes[] = {"0", "1"};
  struct model_target target = {MODEL_BINARY, classes, 2};
  struct model_options options = {.kind = "onnx"};
  struct ArrowSchema schema;
  struct ArrowArray rows;
  struct model *model;
  struct model_session *session;
  nonet_error error;
  options.path = argc > 2 ? argv[1] : "tests/golden/models/columns_int.onnx";
  options.batch_rows = argc > 4 ? strtoull(argv[4], NULL, 10) : 4096;
  options.features = argc > 5 ? (const char *const *)argv + 5 : NULL;
  options.n_features = argc > 5 ? (size_t)argc - 5 : 0;
  read_rows(argc > 2 ? argv[2] : "tests/golden/models/columns_int.arrow", &schema, &rows);
  check(model_open(&options, &model, &error), &error);
  check(model_bind(model, &schema, &target, &error), &error);
  check(model_session_open(model, &session, &error), &error);
  double *scores = calloc((size_t)rows.length, sizeof *scores);
  double *passes = calloc(n_runs + 1, sizeof *passes), single[N_SINGLE];
  for (size_t i = 0; i <= n_runs; i++) {
    double from = now();
    check(model_predict(session, &rows, scores, NULL, &error), &error);
    passes[i] = now() - from;
  }
  double one;
  for (size_t i = 0; i < N_SINGLE; i++) {
    double from = now();
    check(model_session_add(session, &rows, (int64_t)i % rows.length, 1, i + 1, &error), &error);
    check(model_session_run(session, &one, NULL, &error), &error);
    single[i] = now() - from;
  }
  printf(
      "{\"runtime\": \"%s\", \"rows\": %lld, \"seconds\": %.6f, \"single_us\": %.3f, \"scores\": [",
      model_info(model)->runtime, (long long)rows.length, median(passes + 1, n_runs),
      1e6 * median(single, N_SINGLE));
  for (int64_t i = 0; i < N_SHOWN && i < rows.length; i++)
    printf("%s%.17g", i ? ", " : "", scores[i]);
  printf("]}\n");
  model_session_close(session);
  model_close(model);
  rows.release(&rows);
  schema.release(&schema);
  free(scores);
  free(passes);
  return 0;
}
