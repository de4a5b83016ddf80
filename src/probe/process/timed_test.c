/* On a clock of our own: blocks are ABBA or BAAB, warm-up ends when times stop falling, both models
 * get the same number of requests, and the time is kept. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "probe/process/timed.h"

struct bench {
  double now, cost[N_STREAMS]; /* ns; cost of a warm request */
  double cold;                 /* how many times longer the first request is; halves with each */
  size_t asked[N_STREAMS], fails_at;
  size_t last_row[N_STREAMS];
};

static double now_ns(void *context) {
  struct bench *bench = context;
  bench->now += 20; /* a reading costs */
  return bench->now;
}

static nonet_status request(void *context, int stream, size_t row, nonet_error *error) {
  struct bench *bench = context;
  size_t n = bench->asked[stream]++;
  bench->now += bench->cost[stream] * (1 + bench->cold * exp2(-(double)n));
  bench->last_row[stream] = row;
  return bench->fails_at > 0 && n + 1 == bench->fails_at
             ? error_set(error, NONET_E_DATA, "row %zu: no", row)
             : NONET_OK;
}

static struct timed timed_of(struct bench *bench, bool a, bool b, double seconds, uint64_t launch) {
  return (struct timed){.request = request,
                        .now_ns = now_ns,
                        .context = bench,
                        .has = {a, b},
                        .n_rows = 100,
                        .seconds = seconds,
                        .seed = 1,
                        .launch = launch};
}

static void test_blocks(void **state) {
  (void)state;
  size_t n_abba = 0, n_fours = 0;
  for (uint64_t number = 0; number < 20; number++) {
    struct bench bench = {.cost = {10000, 20000}};
    struct timed timed = timed_of(&bench, true, true, 0.2, number);
    struct probe_launch launch = {0};
    assert_int_equal(timed_run(&timed, &launch, NULL), NONET_OK);
    assert_true(launch.n_blocks % 4 == 0 && launch.n_blocks >= 4 * 6);
    size_t at[N_STREAMS] = {0, 0};
    for (size_t b = 0; b < launch.n_blocks; b++) {
      const struct probe_block *block = &launch.blocks[b];
      const struct probe_block *four = &launch.blocks[b - b % 4];
      bool is_outer = b % 4 == 0 || b % 4 == 3;
      assert_int_equal(block->stream, is_outer ? four->stream : 1 - four->stream);
      assert_int_equal(block->start, at[block->stream]);
      at[block->stream] += block->n;
      n_abba += b % 4 == 0 && block->stream == STREAM_A;
      n_fours += b % 4 == 0;
    }
    assert_true(at[0] == launch.n[0] && at[1] == launch.n[1] && at[0] == at[1]);
    for (size_t i = 0; i < at[0]; i++) { /* the clock's own cost is in it, nothing is taken off */
      assert_true(launch.ns[0][i] == 10020 && launch.ns[1][i] == 20020);
    }
    assert_true(bench.asked[0] == launch.n[0] + launch.n_warm_up[0]);
    assert_true(bench.asked[1] == launch.n[1] + launch.n_warm_up[1]);
    assert_true(bench.now <= 0.2e9 && bench.now > 0.15e9);
    probe_launch_clear(&launch);
  }
  /* a fair coin: within four standard deviations */
  assert_true(fabs((double)n_abba - (double)n_fours / 2) < 4 * sqrt((double)n_fours) / 2);
}

static void test_warm_up_is_left_out(void **state) {
  (void)state;
  struct bench bench = {.cost = {10000, 10000}, .cold = 1e3};
  struct timed timed = timed_of(&bench, true, true, 1, 0);
  struct probe_launch launch = {0};
  assert_int_equal(timed_run(&timed, &launch, NULL), NONET_OK);
  for (int s = 0; s < N_STREAMS; s++) {
    assert_true(launch.n_warm_up[s] >= 40);
    assert_true(launch.ns[s][0] < 10100);
  }
  probe_launch_clear(&launch);
}

static void test_one_model(void **state) {
  (void)state;
  struct bench bench = {.cost = {10000, 10000}};
  struct timed timed = timed_of(&bench, true, false, 0.1, 3);
  struct probe_launch launch = {0};
  assert_int_equal(timed_run(&timed, &launch, NULL), NONET_OK);
  assert_true(launch.n[0] > 1000 && launch.n[1] == 0 && bench.asked[1] == 0);
  assert_true(bench.now <= 0.1e9);
  probe_launch_clear(&launch);
}

static void test_limits(void **state) {
  (void)state;
  struct bench fast = {.cost = {100, 100}};
  struct timed timed = timed_of(&fast, true, true, 2, 0);
  struct probe_launch launch = {0};
  assert_int_equal(timed_run(&timed, &launch, NULL), NONET_OK);
  assert_true(launch.n[0] <= TIMED_MOST && launch.n[0] > TIMED_MOST / 2);
  probe_launch_clear(&launch);
  struct bench slow = {.cost = {1e9, 1e9}}; /* 2: a second each, for a launch of a tenth */
  timed = timed_of(&slow, true, true, 0.1, 0);
  assert_int_equal(timed_run(&timed, &launch, NULL), NONET_OK);
  assert_true(launch.n[0] == 2 && launch.n[1] == 2 && launch.n_warm_up[0] == 1);
  probe_launch_clear(&launch);
  struct bench bad = {.cost = {10000, 10000}, .fails_at = 500}; /* 4 */
  nonet_error error = {""};
  timed = timed_of(&bad, true, true, 0.2, 0);
  assert_int_equal(timed_run(&timed, &launch, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "no"));
  assert_null(launch.ns[0]);
}

static void test_clock(void **state) {
  (void)state;
  struct bench bench = {0};
  assert_true(timed_overhead_ns(now_ns, &bench) == 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_blocks),    cmocka_unit_test(test_warm_up_is_left_out),
      cmocka_unit_test(test_one_model), cmocka_unit_test(test_limits),
      cmocka_unit_test(test_clock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
