/* Percentiles by hand and by what others publish; what is too few; the ratio of a pair; notes. The
 * coverage of the intervals stands in latency_coverage_long.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/efficiency/latency.h"
#include "measure/efficiency/latency_simulated.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"
#include "stats/interval.h"

static const struct measure_variant plain = {.suffix = ""};

struct bench {
  struct summary_set *set;
  struct view view;
  struct probe_answers answers;
};

static void bench_open(struct bench *bench) {
  const uint32_t y[] = {0, 1}, p[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {p, p}};
  *bench = (struct bench){0};
  assert_int_equal(fixture_set(&fixture, &bench->set, NULL), NONET_OK);
  assert_int_equal(fixture_view(bench->set, -1, &bench->view, NULL), NONET_OK);
  bench->view.answers = &bench->answers;
}

static void bench_close(struct bench *bench) {
  view_clear(&bench->view);
  probe_answers_clear(&bench->answers);
  summary_free(bench->set);
}

static struct inference estimate(const struct measure *measure, struct bench *bench, int stream) {
  struct inference law;
  bench->view.n_notes = 0;
  assert_int_equal(measure->estimate(measure, &plain, &bench->view, stream, &law, NULL), NONET_OK);
  return law;
}

static struct inference compare(const struct measure *measure, struct bench *bench) {
  struct inference law;
  bench->view.n_notes = 0;
  assert_int_equal(measure->compare(measure, &plain, &bench->view, &law, NULL), NONET_OK);
  return law;
}

/* n requests of 1, 2 … n microseconds to each model, B's `slower` times that, in every launch. */
static void add_launches(struct bench *bench, size_t n_launches, size_t n, double slower) {
  for (size_t i = 0; i < n_launches; i++) {
    struct probe_launch launch = {.n = {n, n}, .n_warm_up = {3, 5}};
    for (int s = 0; s < N_STREAMS; s++) {
      launch.ns[s] = memory_new(n + 1, sizeof(double));
      for (size_t j = 0; j < n; j++) { /* out of order: 7 is prime to the sizes used here */
        launch.ns[s][j] = 1000.0 * (double)(j * 7 % n + 1) * (s == STREAM_B ? slower : 1) *
                          (1 + 0.01 * (double)((i + (size_t)s) % 3));
      }
    }
    assert_int_equal(probe_latency_add(&bench->answers.latency, &launch, NULL), NONET_OK);
  }
  bench->answers.stream[0].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  bench->answers.stream[1].state[PROBE_LATENCY].status = PROBE_ANSWERED;
}

/* golden.md: MLPerf's early stopping (Reddi et al. 2020), confidence .99. */
static void test_fewest_requests(void **state) {
  (void)state;
  assert_int_equal(latency_fewest(.99), 459);
  assert_int_equal(latency_fewest(.9), 44);
  /* with one miss allowed the bound is the largest but one: from 662 and 64 on, not before */
  assert_int_equal(interval_quantile_ranks(662, .99, .98).high, 661);
  assert_int_equal(interval_quantile_ranks(661, .99, .98).high, 661);
  assert_int_equal(interval_quantile_ranks(64, .9, .98).high, 63);
  assert_int_equal(interval_quantile_ranks(63, .9, .98).high, 63);
}

static void test_too_few(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  struct inference law = estimate(&efficiency_latency_p99, &bench, STREAM_A);
  assert_true(isnan(law.value));
  assert_non_null(strstr(law.reason, "not asked"));
  add_launches(&bench, 1, 71, 1);
  law = estimate(&efficiency_latency_p99, &bench, STREAM_A);
  assert_true(isnan(law.value)); /* 1 */
  assert_non_null(strstr(law.reason, "459"));
  assert_non_null(strstr(law.reason, "71"));
  law = estimate(&efficiency_latency_p50, &bench, STREAM_A); /* 2 */
  assert_true(fabs(law.value - 0.036) < 1e-12);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  law = compare(&efficiency_latency_p50, &bench);
  assert_true(isnan(law.value));
  assert_non_null(strstr(law.reason, "10 fresh launches"));
  add_launches(&bench, 9, 71, 1);
  law = compare(&efficiency_latency_p99, &bench); /* 1, in each launch */
  assert_true(isnan(law.value));
  assert_non_null(strstr(law.reason, "459"));
  assert_int_equal(compare(&efficiency_latency_p50, &bench).kind, INFERENCE_T);
  view_clear(&bench.view);
  assert_int_equal(fixture_view(bench.set, -1, &bench.view, NULL), NONET_OK);
  bench.view.answers = NULL; /* columns alone */
  law = estimate(&efficiency_latency_p50, &bench, STREAM_A);
  assert_non_null(strstr(law.reason, "nonet check"));
  bench_close(&bench);
}

/* Of 20 launches one is too short for a p99: it is left out; of 12 three are: null. */
static void test_short_launches(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  add_launches(&bench, 19, 500, 2);
  struct inference all = compare(&efficiency_latency_p99, &bench);
  add_launches(&bench, 1, 40, 3); /* another ratio, which must not count */
  struct inference law = compare(&efficiency_latency_p99, &bench);
  assert_true(law.kind == INFERENCE_T && law.df == 18 && law.value == all.value);
  assert_non_null(
      strstr(bench.view.note[bench.view.n_notes - 1], "1 launches with fewer than 459"));
  assert_true(compare(&efficiency_latency_mean, &bench).df == 19);
  bench_close(&bench);
  bench_open(&bench);
  add_launches(&bench, 9, 500, 2);
  add_launches(&bench, 3, 40, 2);
  law = compare(&efficiency_latency_p99, &bench);
  assert_true(isnan(law.value));
  assert_non_null(strstr(law.reason, "the smallest had 40"));
  bench_close(&bench);
}

/* Type 7 of 1 … n is 1 + (n − 1)p, and order statistics of equal launches need no more than the
 * binomial's ranks of Clopper & Pearson. */
static void test_percentiles_of_one(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  struct probe_launch launch;
  for (size_t i = 0; i < 10; i++) { /* the same 100 times in each launch */
    launch = (struct probe_launch){.n = {100, 0}};
    launch.ns[STREAM_A] = memory_new(100, sizeof(double));
    for (size_t j = 0; j < 100; j++) {
      launch.ns[STREAM_A][j] = 1e6 * (double)(j * 7 % 100 + 1);
    }
    assert_int_equal(probe_latency_add(&bench.answers.latency, &launch, NULL), NONET_OK);
  }
  bench.answers.stream[0].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  bench.answers.latency.launches[0].n_warm_up[0] = 17;
  bench.answers.latency.launches[3].run_queue = 5;
  struct inference law = estimate(&efficiency_latency_p90, &bench, STREAM_A);
  double low, high;
  inference_bounds(&law, .95, &low, &high);
  struct interval_ranks ranks = interval_quantile_ranks(1000, .9, .95);
  assert_true(law.value == 90.1 || fabs(law.value - 90) < .11);
  assert_true(fabs(low - ceil((double)ranks.low / 10)) <
              1e-9); /* each time stands there ten times */
  assert_true(fabs(high - ceil((double)ranks.high / 10)) < 1e-9);
  assert_true(bench.view.n == 1000 && bench.view.n_effective == 1000);
  assert_int_equal(bench.view.n_notes, 2); /* 5 */
  assert_non_null(strstr(bench.view.note[0], "17 requests of warm-up"));
  assert_non_null(strstr(bench.view.note[1], "other tasks waited"));
  /* p-value and bound are one test */
  assert_true(inference_p(&law, high + .5, false) < .025);
  assert_true(inference_p(&law, high - .5, false) > .025);
  bench_close(&bench);
}

/* The ratio by hand: launches' medians are 36·f_A and 72·f_B µs with factors 1, 1.01, 1.02. */
static void test_ratio_of_pair(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  add_launches(&bench, 12, 71, 2);
  struct inference law = compare(&efficiency_latency_p50, &bench);
  double d[12], mean = 0, squares = 0;
  for (size_t i = 0; i < 12; i++) {
    d[i] = log(.5) + log((1 + .01 * (double)(i % 3)) / (1 + .01 * (double)((i + 1) % 3)));
    mean += d[i] / 12;
  }
  for (size_t i = 0; i < 12; i++) {
    squares += (d[i] - mean) * (d[i] - mean);
  }
  double a = law.pair_value[0], b = law.pair_value[1];
  double variance = law.pair_variance[0] / (a * a) + law.pair_variance[1] / (b * b) -
                    2 * law.pair_covariance / (a * b);
  assert_true(fabs(log(a / b) - mean) < 1e-12);
  assert_true(fabs(variance - squares / (12 * 11)) < 1e-15);
  assert_true(law.df == 11 && bench.view.n == 12);
  assert_true(fabs(law.value - (a - b)) < 1e-15 && law.value < 0);
  bench_close(&bench);
}

static void test_mean(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  add_launches(&bench, 12, 71, 2);
  struct inference law = estimate(&efficiency_latency_mean, &bench, STREAM_A);
  assert_true(fabs(law.value - 36e-3 * 1.01) <
              1e-12); /* mean of 1 … 71 is 36, factors' mean 1.01 */
  assert_int_equal(law.kind, INFERENCE_T);
  assert_true(law.df == 11);
  bench.answers.latency.n_failed = 2;
  strcpy(bench.answers.latency.failure, "signal 9");
  (void)estimate(&efficiency_latency_mean, &bench, STREAM_A);
  assert_non_null(strstr(bench.view.note[1], "2 launches did not answer: signal 9"));
  bench_close(&bench);
}

/* A clock that gives the same in every launch is no evidence of anything. */
static void test_launches_alike(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  for (size_t i = 0; i < 10; i++) {
    struct probe_launch launch = {.n = {10, 10}};
    for (int s = 0; s < N_STREAMS; s++) {
      launch.ns[s] = memory_new(10, sizeof(double));
      for (size_t j = 0; j < 10; j++) {
        launch.ns[s][j] = 1000;
      }
    }
    assert_int_equal(probe_latency_add(&bench.answers.latency, &launch, NULL), NONET_OK);
  }
  bench.answers.stream[0].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  bench.answers.stream[1].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  assert_int_equal(compare(&efficiency_latency_p50, &bench).kind, INFERENCE_MISSING); /* 4 */
  assert_int_equal(estimate(&efficiency_latency_mean, &bench, 0).kind, INFERENCE_MISSING);
  bench_close(&bench);
}

static void test_artifact_bytes(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  bench.answers.stream[0].state[PROBE_ARTIFACT].status = PROBE_ANSWERED;
  bench.answers.stream[0].artifact = (struct probe_artifact){.size_bytes = 1200, .n_files = 2};
  struct inference law = estimate(&efficiency_artifact_bytes, &bench, STREAM_A);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 1200);
  assert_int_equal(bench.view.n_notes, 1);
  assert_int_equal(compare(&efficiency_artifact_bytes, &bench).kind, INFERENCE_MISSING);
  bench.answers.stream[1].state[PROBE_ARTIFACT].status = PROBE_ANSWERED;
  bench.answers.stream[1].artifact = (struct probe_artifact){.size_bytes = 1000, .n_files = 1};
  law = compare(&efficiency_artifact_bytes, &bench);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 200 && law.pair_covariance == 0);
  bench_close(&bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fewest_requests), cmocka_unit_test(test_short_launches),
      cmocka_unit_test(test_too_few),         cmocka_unit_test(test_percentiles_of_one),
      cmocka_unit_test(test_ratio_of_pair),   cmocka_unit_test(test_mean),
      cmocka_unit_test(test_launches_alike),  cmocka_unit_test(test_artifact_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
