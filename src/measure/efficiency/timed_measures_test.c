/* Measures of starts, batches, tails and costs, on times that were made up; the expected values are
 * worked by hand or come from the formulas' sources, never from nonet. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "measure/efficiency/latency.h"
#include "measure/efficiency/launches.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

struct bench {
  struct summary_set *set;
  struct view view;
  struct probe_answers answers;
};

static void answered(struct bench *bench, enum probe_id id) {
  for (int s = 0; s < N_STREAMS; s++) {
    bench->answers.stream[s].state[id].status = PROBE_ANSWERED;
  }
}

static void bench_open(struct bench *bench) {
  static const uint32_t y[] = {0, 1, 0, 1}, p[] = {0, 1, 0, 1};
  static const double score[] = {0.1, 0.9, 0.6, 0.4};
  struct fixture fixture = {.task = TASK_BINARY,
                            .n = 4,
                            .n_classes = 2,
                            .n_scores = 1,
                            .label = y,
                            .prediction = {p, p},
                            .score = {score, score},
                            .kinds = SUMMARY_MOMENTS | SUMMARY_MULTISET};
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
  nonet_error error = {""};
  if (measure->estimate(measure, &plain, &bench->view, stream, &law, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return law;
}

static struct inference compare(const struct measure *measure, struct bench *bench) {
  struct inference law;
  bench->view.n_notes = 0;
  assert_int_equal(measure->compare(measure, &plain, &bench->view, &law, NULL), NONET_OK);
  return law;
}

static void near(double a, double b) {
  if (!(fabs(a - b) <= 1e-12 * fmax(1, fabs(b)))) {
    fail_msg("%.17g is not %.17g", a, b);
  }
}

static bool says(const struct bench *bench, const char *words) {
  bool is_said = false;
  for (size_t i = 0; i < bench->view.n_notes; i++) {
    is_said = is_said || strstr(bench->view.note[i], words) != NULL;
  }
  return is_said;
}

/* A launch of n requests to each model: 1, 2 … n µs times `factor`, B twice that. */
static void add_launch(struct bench *bench, size_t n, double factor) {
  struct probe_launch launch = {.n = {n, n}};
  for (int s = 0; s < N_STREAMS; s++) {
    launch.ns[s] = memory_new(n, sizeof(double));
    for (size_t j = 0; j < n; j++) {
      launch.ns[s][j] = 1000.0 * (double)(j * 7 % n + 1) * factor * (s == STREAM_B ? 2 : 1);
    }
    launch.cpu_ns[s] = 1e6 * factor * (s == STREAM_B ? 3 : 1);
    launch.energy_uj[s] = 5e5 * factor * (s == STREAM_B ? 2 : 1);
  }
  assert_int_equal(probe_latency_add(&bench->answers.latency, &launch, NULL), NONET_OK);
  answered(bench, PROBE_LATENCY);
}

/* ---- starts ---- */

static void test_starts(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  assert_non_null(strstr(estimate(&efficiency_cold_start, &bench, 0).reason, "not asked"));
  struct probe_starts *starts = &bench.answers.starts;
  answered(&bench, PROBE_STARTS);
  for (size_t i = 0; i < 10; i++) { /* 10, 9 … 1 ms against twice that */
    starts->start[0][i] = (struct probe_start){1e6 * (double)(10 - i), 5e5, 30, 100, 200, 300};
    starts->start[1][i] = (struct probe_start){2e6 * (double)(10 - i), 5e5, 60, 100, 400, 300};
  }
  starts->n = 9;
  struct inference law = estimate(&efficiency_cold_start, &bench, 0);
  assert_int_equal(law.kind, INFERENCE_MISSING); /* 1 */
  near(law.value, 6);
  assert_int_equal(compare(&efficiency_cold_start, &bench).kind, INFERENCE_MISSING);
  starts->n = 10;
  law = estimate(&efficiency_cold_start, &bench, 0);
  double low, high;
  near(law.value, 5.5); /* type 7 of 1 … 10 */
  inference_bounds(&law, 0.95, &low, &high);
  /* Binomial(10, 1/2): P(at most 1) = 11/1024 < .025 < 56/1024: the 2nd and 9th (Conover 1999) */
  assert_true(low == 2 && high == 9);
  law = compare(&efficiency_cold_start, &bench); /* every ratio is 1/2: a clock that stands still */
  assert_int_equal(law.kind, INFERENCE_MISSING);
  law = compare(&efficiency_load_memory, &bench); /* 2: bytes are counted */
  assert_int_equal(law.kind, INFERENCE_T);
  assert_true(law.se == 0 && law.pair_value[0] == exp(log(200)) && law.df == 9);
  law = estimate(&efficiency_peak_memory, &bench, 1);
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(law.value == 300 && low == 300 && high == 300);
  assert_true(says(&bench, "it held 100 bytes before"));
  near(estimate(&efficiency_warm_up, &bench, 1).value, 60);
  near(estimate(&efficiency_load_time, &bench, 1).value, 0.5);
  starts->run_queue = 4;
  starts->start[0][3].cold_ns *= 1.1;
  law = compare(&efficiency_cold_start, &bench);
  near(log(law.pair_value[0] / law.pair_value[1]), log(0.5) + log(1.1) / 10);
  (void)estimate(&efficiency_cold_start, &bench, 0);
  assert_true(says(&bench, "other tasks waited"));
  bench_close(&bench);
}

/* ---- batches ---- */

static void test_batches(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  struct probe_batches *batches = &bench.answers.batches;
  answered(&bench, PROBE_BATCHES);
  batches->n_launches = 10;
  for (int s = 0; s < N_STREAMS; s++) {
    batches->n_sizes[s] = 3;
    for (size_t k = 0; k < 3; k++) {
      batches->size[s][k] = (size_t)1 << k;
    }
    for (size_t i = 0; i < 10; i++) { /* size 2 is best; launch 0 was lucky with size 4 */
      double wobble = i % 2 == 0 ? 1.1 : 1 / 1.1;
      batches->rate_per_s[s][i][0] = 100;
      batches->rate_per_s[s][i][1] = 400 * wobble * (s == STREAM_B ? 0.5 : 1);
      batches->rate_per_s[s][i][2] = i == 0 ? 900 : 300;
    }
  }
  struct inference law = estimate(&efficiency_throughput, &bench, 0);
  near(law.value, 400); /* 335 with size 4, for all its 900 */
  assert_int_equal(law.kind, INFERENCE_T);
  near(law.se, log(1.1) * sqrt(10.0 / 9) / sqrt(10));
  assert_true(says(&bench, "best with 2 rows a call"));
  /* B: 200 with size 2, more with size 4 */
  law = estimate(&efficiency_throughput, &bench, 1);
  near(law.value, exp(log(900) / 10 + 0.9 * log(300)));
  struct measure_curve curve;
  assert_int_equal(
      efficiency_batch_curve.draw(&efficiency_batch_curve, &bench.view, 0, &curve, NULL), NONET_OK);
  assert_int_equal(curve.n_points, 3);
  assert_true(curve.x[2] == 4);
  near(curve.y[1], 400);
  assert_true(curve.low[1] < 400 && curve.high[1] > 400);
  assert_true(isnan(curve.low[0])); /* 100 in each: nothing is known of its spread */
  batches->n_launches = 9;
  assert_int_equal(estimate(&efficiency_throughput, &bench, 0).kind, INFERENCE_MISSING); /* 1 */
  assert_int_equal(compare(&efficiency_throughput, &bench).kind, INFERENCE_MISSING);
  bench.answers.stream[1].state[PROBE_BATCHES].status = PROBE_FAILED;
  assert_int_equal(
      efficiency_batch_curve.draw(&efficiency_batch_curve, &bench.view, 1, &curve, NULL), NONET_OK);
  assert_non_null(curve.reason);
  bench_close(&bench);
}

/* ---- tails ---- */

static void test_tail_ratio(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  add_launch(&bench, 100, 1);
  assert_non_null(strstr(estimate(&efficiency_tail_ratio, &bench, 0).reason, "459")); /* 1 */
  for (size_t i = 0; i < 11; i++) {
    add_launch(&bench, 601, 1 + 0.1 * (double)(i % 2));
  }
  (void)compare(&efficiency_tail_ratio, &bench);
  assert_true(says(&bench, "1 launches with fewer than 459")); /* of twelve */
  add_launch(&bench, 100, 1);
  assert_non_null(strstr(compare(&efficiency_tail_ratio, &bench).reason, "of 13 had 100"));
  bench_close(&bench);
  bench_open(&bench);
  for (size_t i = 0; i < 10; i++) {
    add_launch(&bench, 601, 1);
  }
  /* type 7 of 1 … 601, each ten times: the median is 301, p99 595 */
  near(estimate(&efficiency_tail_ratio, &bench, 0).value, 595.0 / 301);
  assert_int_equal(estimate(&efficiency_tail_ratio, &bench, 0).kind, INFERENCE_MISSING); /* 3 */
  /* one launch whose slowest seven are ten times as slow: p99 is the 595th, so its T is ten-fold */
  struct probe_launch *slow = &bench.answers.latency.launches[4];
  for (size_t j = 0; j < slow->n[0]; j++) {
    slow->ns[0][j] *= slow->ns[0][j] >= 595000 ? 10 : 1;
  }
  struct inference law = estimate(&efficiency_tail_ratio, &bench, 0);
  assert_true(law.kind == INFERENCE_T && law.df == 9);
  near(law.se, log(10) / 10); /* nine of 0 and one of log 10: sd = log 10/√10 */
  law = compare(&efficiency_tail_ratio, &bench);
  near(law.pair_value[0] / law.pair_value[1], exp(log(10) / 10));
  bench_close(&bench);
}

static void test_goodput(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  for (size_t i = 0; i < 10; i++) {
    add_launch(&bench, 100, 1); /* A: 1 … 100 µs, B: 2 … 200 µs */
  }
  assert_non_null(strstr(estimate(&efficiency_goodput, &bench, 0).reason, "no deadline")); /* 2 */
  bench.answers.factors.slo_ms = 0.08;
  struct inference law = estimate(&efficiency_goodput, &bench, 0);
  near(law.value, 0.8);
  near(estimate(&efficiency_goodput, &bench, 1).value, 0.4);
  /* launches alike: V = 0, so all 1,000 count; Wilson by statsmodels proportion_confint(800, 1000)
   */
  assert_int_equal(law.kind, INFERENCE_WILSON);
  near(law.trials, 1000);
  assert_true(law.df == 9);
  law = compare(&efficiency_goodput, &bench);
  assert_int_equal(law.kind, INFERENCE_MISSING); /* 3 */
  near(compare(&efficiency_goodput, &bench).value, 0.4);
  bench.answers.latency.launches[2].ns[1][0] = 1e9; /* row 0 is 2 µs: out of time now */
  law = compare(&efficiency_goodput, &bench);
  near(law.value, 0.401);
  near(law.se, 0.001); /* of nine .4 and one .41 */
  bench.answers.factors.slo_ms = 5;
  law = estimate(&efficiency_goodput, &bench, 0); /* all in time: ten launches, no more */
  double low, high;
  assert_true(law.value == 1 && law.trials == 10);
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(low < 0.75 && high == 1);
  bench_close(&bench);
}

static void test_latency_curve(void **state) {
  (void)state;
  struct bench bench;
  struct measure_curve curve;
  bench_open(&bench);
  for (size_t i = 0; i < 10; i++) {
    add_launch(&bench, 601, 1);
  }
  assert_int_equal(
      efficiency_latency_curve.draw(&efficiency_latency_curve, &bench.view, 0, &curve, NULL),
      NONET_OK);
  assert_true(curve.n_points >= 38); /* 6,010 requests: 99.9 % needs 4,603 */
  for (size_t i = 0; i < curve.n_points; i++) {
    assert_true(i == 0 || (curve.x[i] > curve.x[i - 1] && curve.y[i] >= curve.y[i - 1]));
    assert_true(!(curve.low[i] > curve.y[i]) && !(curve.high[i] < curve.y[i]));
    assert_true(fabs(curve.y[i] - 0.001 * (1 + 600 * curve.x[i])) < 0.0011);
  }
  bench_close(&bench);
}

/* ---- a busy machine ---- */

static void test_busy_machine(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  bench.answers.factors.slo_ms = 0.08;
  for (size_t i = 0; i < 12; i++) {
    add_launch(&bench, 601, 1 + 0.1 * (double)(i % 3));
  }
  double low, high, quiet_high;
  struct inference law = estimate(&efficiency_latency_p99, &bench, 0);
  inference_bounds(&law, 0.9, &low, &quiet_high);
  assert_true(low > 0);
  for (size_t i = 0; i < 2; i++) { /* two of twelve: said, and no more */
    bench.answers.latency.launches[i].run_queue = 3;
  }
  law = estimate(&efficiency_latency_p99, &bench, 0);
  inference_bounds(&law, 0.9, &low, &high);
  assert_true(low > 0 && says(&bench, "other tasks waited"));
  bench.answers.latency.launches[5].steal = 0.3; /* a quarter */
  law = estimate(&efficiency_latency_p99, &bench, 0);
  inference_bounds(&law, 0.9, &low, &high);
  assert_true(low == 0 && high == quiet_high);
  /* so no limit is broken by a neighbour, and one that holds still holds */
  assert_true(inference_p(&law, high / 1000, true) > 0.4);
  assert_true(inference_p(&law, high * 1.001, false) <= 0.05);
  law = estimate(&efficiency_latency_mean, &bench, 0);
  inference_bounds(&law, 0.9, &low, &high);
  assert_true(low == 0 && high > law.value);
  law = estimate(&efficiency_goodput, &bench, 0);
  inference_bounds(&law, 0.9, &low, &high);
  assert_true(high == 1 && low < law.value);
  assert_int_equal(compare(&efficiency_latency_p50, &bench).kind, INFERENCE_MISSING); /* alike */
  bench_close(&bench);
}

/* ---- costs ---- */

static void test_costs(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  for (size_t i = 0; i < 10; i++) {
    add_launch(&bench, 100, i % 2 == 0 ? 2 : 0.5); /* the geometric mean of factors is 1 */
  }
  struct inference law = estimate(&efficiency_cpu_seconds_per_1k, &bench, 0);
  near(law.value, 0.01);                                          /* 1 ms in 100 requests */
  near(estimate(&efficiency_energy_per_1k, &bench, 1).value, 10); /* 1 J in 100 requests */
  assert_true(says(&bench, "whole processor package"));
  assert_non_null(
      strstr(estimate(&efficiency_co2_per_1k, &bench, 0).reason, "co2_g_per_kwh")); /* 3 */
  assert_non_null(strstr(estimate(&efficiency_cost_per_1k, &bench, 0).reason, "cost_per_cpu_hour"));
  bench.answers.factors.co2_g_per_kwh = 360;
  bench.answers.factors.cost_per_cpu_hour = 7.2;
  near(estimate(&efficiency_co2_per_1k, &bench, 1).value, 10 * 360 / 3.6e6);
  near(estimate(&efficiency_cost_per_1k, &bench, 0).value, 0.01 * 7.2 / 3600);
  strcpy(bench.answers.latency.no_power, "no counters here");
  law = estimate(&efficiency_energy_per_1k, &bench, 0);
  assert_true(isnan(law.value));
  assert_non_null(strstr(law.reason, "no counters here")); /* 2 */
  assert_true(isnan(compare(&efficiency_co2_per_1k, &bench).value));
  bench.answers.latency.is_elsewhere[1] = true;
  assert_non_null(strstr(estimate(&efficiency_cpu_seconds_per_1k, &bench, 1).reason, "program"));
  assert_true(isnan(compare(&efficiency_cost_per_1k, &bench).value)); /* 1 */
  bench.answers.latency.is_elsewhere[1] = false;
  bench.answers.latency.launches[0].cpu_ns[1] *= 4; /* one ratio apart from the others */
  law = compare(&efficiency_cpu_seconds_per_1k, &bench);
  near(law.pair_value[0] / law.pair_value[1], exp(-log(3) - log(4) / 10));
  bench_close(&bench);
}

static void test_quality_per_ms(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  for (size_t i = 0; i < 10; i++) {
    add_launch(&bench, 100, 1 + 0.01 * (double)i);
  }
  /* AUC of scores .1 .6 (no) and .9 .4 (yes): 3 of 4 pairs; mean 50.5 µs · 1.045 */
  struct inference law = estimate(&efficiency_quality_per_ms, &bench, 0);
  near(law.value, 0.75 / (0.0505 * 1.045));
  bench_close(&bench);
}

/* ---- operators, threads ---- */

static void test_operators(void **state) {
  (void)state;
  struct bench bench;
  bench_open(&bench);
  assert_non_null(strstr(estimate(&efficiency_operator_share, &bench, 0).reason, "not asked"));
  answered(&bench, PROBE_PROFILE);
  struct probe_profile *found = &bench.answers.stream[STREAM_A].profile;
  *found = (struct probe_profile){.n_requests = 40,
                                  .n_rows = 8,
                                  .request_ns = 20000,
                                  .plain_ns = 17000,
                                  .session_ns = 15000,
                                  .inside_ns = 12000,
                                  .calls = 3,
                                  .n_types = 2,
                                  .n_types_all = 2,
                                  .type = {{"Gemm", 2, 9000}, {"Relu", 1, 3000}},
                                  .node = {"fc1", 1, 6000},
                                  .node_type = "Gemm"};
  struct inference law = estimate(&efficiency_operator_share, &bench, 0);
  near(law.value, 0.6);
  assert_int_equal(law.kind, INFERENCE_MISSING); /* 1 */
  assert_true(
      says(&bench, "8 rows takes 20 µs, 17 without the profile; of these: Gemm 9 µs, Relu"));
  assert_true(says(&bench, "the Gemm 'fc1'"));
  struct measure_curve curve;
  bench.view.n_notes = 0;
  assert_int_equal(
      efficiency_operator_time.draw(&efficiency_operator_time, &bench.view, 0, &curve, NULL),
      NONET_OK);
  assert_int_equal(curve.n_points, 4);
  assert_string_equal(curve.labels[0], "Gemm");
  assert_string_equal(curve.labels[2], "runtime, between operators");
  near(curve.y[0] + curve.y[1], 12);
  near(curve.y[2], 3);
  near(curve.y[3], 5); /* together the request: 20 µs */
  assert_null(curve.low);
  bench_close(&bench);
}

/* Two threads twice as fast in one launch of ten, else alike: 2^(1/10). */
static void test_threads(void **state) {
  (void)state;
  struct bench bench;
  struct measure_curve curve;
  bench_open(&bench);
  answered(&bench, PROBE_THREADS);
  struct probe_batches *threads = &bench.answers.threads;
  threads->n_launches = 10;
  for (int s = 0; s < N_STREAMS; s++) {
    threads->n_sizes[s] = 2 + (size_t)s; /* one more size with two: it has no pair */
    for (size_t k = 0; k < 3; k++) {
      threads->size[s][k] = (size_t)1 << k;
      for (size_t i = 0; i < 10; i++) {
        threads->rate_per_s[s][i][k] = 1000 * (s == STREAM_B && k == 1 && i == 4 ? 2 : 1);
      }
    }
  }
  assert_int_equal(
      efficiency_thread_curve.draw(&efficiency_thread_curve, &bench.view, 0, &curve, NULL),
      NONET_OK);
  assert_int_equal(curve.n_points, 2);
  near(curve.y[0], 1);
  near(curve.y[1], pow(2, 0.1));
  assert_true(curve.low[1] < curve.y[1] && curve.y[1] < curve.high[1]);
  assert_null(curve.labels);
  bench_close(&bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_starts),        cmocka_unit_test(test_batches),
      cmocka_unit_test(test_tail_ratio),    cmocka_unit_test(test_goodput),
      cmocka_unit_test(test_latency_curve), cmocka_unit_test(test_busy_machine),
      cmocka_unit_test(test_costs),         cmocka_unit_test(test_quality_per_ms),
      cmocka_unit_test(test_operators),     cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
