/*
 * The methods of `nonet rebalance` over arrays in memory, without reading or writing a table.
 *
 * usage: rebalance_bench                           a table of its own: 1e5 normal rows of 20, 2 %
 *        rebalance_bench METHOD X N D Y OUT        seconds, over X (N·D doubles) and Y (N words)
 *                                                  of files; copies of each row to OUT (N words)
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/philox.h"
#include "remedy/rebalance.h"

static const char *const names[] = {"0", "1"};

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *read_file(const char *path, size_t size_bytes) {
  void *data = memory_new(size_bytes, 1);
  FILE *file = fopen(path, "rb");
  if (data == NULL || file == NULL || fread(data, 1, size_bytes, file) != size_bytes) {
    (void)fprintf(stderr, "cannot read %zu bytes of %s\n", size_bytes, path);
    exit(1);
  }
  (void)fclose(file);
  return data;
}

/* One method; returns its seconds and leaves the rows it made and removed. */
static double run(struct rebalance_input *input, const char *method, const char *out,
                  size_t *n_made, size_t *n_removed) {
  struct rebalance_result result;
  nonet_error error = {""};
  if (rebalance_find(method, &input->method, &error) != NONET_OK) {
    (void)fprintf(stderr, "%s\n", error.message);
    exit(1);
  }
  double start = seconds_now();
  nonet_status status = rebalance_rows(input, &result, &error);
  double seconds = seconds_now() - start;
  if (status != NONET_OK) {
    (void)fprintf(stderr, "%s\n", error.message);
    exit(1);
  }
  *n_made = result.n_made;
  *n_removed = 0;
  for (size_t i = 0; i < input->rows.n_rows; i++) {
    *n_removed += result.copies[i] == 0;
  }
  FILE *file = out != NULL ? fopen(out, "wb") : NULL;
  if (file != NULL) {
    (void)fwrite(result.copies, sizeof *result.copies, input->rows.n_rows, file);
    (void)fclose(file);
  }
  rebalance_clear(&result);
  return seconds;
}

static void own_table(struct rebalance_input *input) {
  static const char *const methods[] = {"smote", "tomek", "enn", "nearmiss-1", "smote-tomek"};
  size_t n = 100000, d = 20, n_made, n_removed;
  struct philox_sequence draws = {1, 1, 0};
  double *number = memory_new(n * d, sizeof *number);
  uint32_t *label = memory_new(n, sizeof *label);
  if (number == NULL || label == NULL) {
    exit(1);
  }
  for (size_t i = 0; i < n; i++) {
    label[i] = philox_next_uniform(&draws) < 0.02;
    for (size_t c = 0; c < d; c++) { /* Box and Muller */
      double radius = sqrt(-2 * log(philox_next_uniform(&draws)));
      number[i * d + c] = radius * cos(2 * M_PI * philox_next_uniform(&draws)) + 0.5 * label[i];
    }
  }
  input->rows = (struct neighbours_rows){.n_rows = n, .n_numbers = d, .number = number};
  input->label = label;
  printf("| method | seconds | made | removed |\n|---|---|---|---|\n");
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    double seconds = run(input, methods[m], NULL, &n_made, &n_removed);
    printf("| %s | %.3f | %zu | %zu |\n", methods[m], seconds, n_made, n_removed);
  }
  memory_free(number);
  memory_free(label);
}

int main(int n_words, char **words) {
  struct rebalance_input input = {
      .n_classes = 2, .class_name = names, .seed = 1, .n_threads = parallel_cores()};
  size_t n_made, n_removed;
  if (n_words != 7) {
    own_table(&input);
    return 0;
  }
  size_t n = strtoull(words[3], NULL, 10), d = strtoull(words[4], NULL, 10);
  input.rows = (struct neighbours_rows){
      .n_rows = n, .n_numbers = d, .number = read_file(words[2], n * d * sizeof(double))};
  input.label = read_file(words[5], n * sizeof(uint32_t));
  printf("%.6f", run(&input, words[1], words[6], &n_made, &n_removed));
  printf(" %zu %zu\n", n_made, n_removed);
  return 0;
}
