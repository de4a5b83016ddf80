/*
 * What measuring costs: requests that do nothing, under the loop that times models, on the clock of
 * this machine. The time that is written down for one, and all that the loop takes for it, must
 * stay below a microsecond. A long test: it asserts a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "probe/process/timed.h"

#define MOST_NS 1000.0
#define LAUNCHES 11

static double now_ns(void *context) {
  struct timespec now;
  (void)context;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static nonet_status nothing(void *context, int stream, size_t row, nonet_error *error) {
  (void)stream;
  (void)row;
  (void)error;
  ++*(size_t *)context;
  return NONET_OK;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *x, size_t n) {
  qsort(x, n, sizeof *x, compare);
  return x[n / 2];
}

static void test_overhead(void **state) {
  (void)state;
  double written[LAUNCHES], all[LAUNCHES];
  for (uint64_t i = 0; i < LAUNCHES; i++) {
    size_t n_asked = 0;
    const struct timed timed = {.request = nothing,
                                .now_ns = now_ns,
                                .context = &n_asked,
                                .has = {true, true},
                                .n_rows = 1000,
                                .seconds = 1,
                                .seed = 1,
                                .launch = i};
    struct probe_launch launch = {0};
    double start = now_ns(NULL);
    assert_int_equal(timed_run(&timed, &launch, NULL), NONET_OK);
    all[i] = (now_ns(NULL) - start) / (double)n_asked;
    assert_true(launch.n[STREAM_A] > 10000);
    written[i] = median(launch.ns[STREAM_A], launch.n[STREAM_A]);
    probe_launch_clear(&launch);
  }
  const double in_time = median(written, LAUNCHES), in_loop = median(all, LAUNCHES);
  printf("# %.0f ns are written down for a request of no work, the loop takes %.0f; stated: %.0f\n",
         in_time, in_loop, timed_overhead_ns(now_ns, NULL));
  assert_true(in_time < MOST_NS && in_loop < MOST_NS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_overhead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
