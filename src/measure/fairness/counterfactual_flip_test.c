/* Counterfactual flips: rows alone, rows in clusters, a model without the column. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};
static const struct measure *const flip = &fairness_counterfactual_flip;
enum { N = 100 };

struct bench {
  struct summary_set *set;
  struct view view;
  struct probe_answers answers;
  uint8_t flips[N_STREAMS][2 * N];
  uint32_t clusters[N];
};

static void bench_open(struct bench *bench) {
  static const uint32_t y[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {y, y}};
  memset(bench, 0, sizeof *bench);
  assert_int_equal(fixture_set(&fixture, &bench->set, NULL), NONET_OK);
  assert_int_equal(fixture_view(bench->set, -1, &bench->view, NULL), NONET_OK);
  bench->view.answers = &bench->answers;
  for (int s = 0; s < N_STREAMS; s++) {
    struct probe_stream *stream = &bench->answers.stream[s];
    stream->state[PROBE_COUNTERFACTUAL].status = PROBE_ANSWERED;
    stream->counterfactual =
        (struct probe_counterfactual){.n_rows = N,
                                      .n_columns = 2,
                                      .column = {{"sex", 2, "female", 7}, {"race", 0, "", 0}},
                                      .flips = bench->flips[s]};
  }
  for (size_t i = 0; i < 10;
       i++) { /* sex: 10 rows of the candidate, 4 of them of the baseline too */
    bench->flips[0][i] = 1;
    bench->flips[1][i] = i < 4;
  }
  bench->flips[1][99] = 1;
}

static void bench_close(struct bench *bench) {
  view_clear(&bench->view);
  summary_free(bench->set);
}

static void test_rows(void **state) {
  (void)state;
  struct bench bench;
  struct inference law;
  double low, high;
  bench_open(&bench);
  assert_int_equal(flip->estimate(flip, &plain, &bench.view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.value == 0.1 && bench.view.n == N);
  inference_bounds(&law, 0.95, &low,
                   &high); /* SciPy: binomtest(10, 100).proportion_ci(method="wilson") */
  assert_true(fabs(low - 0.05522913706067508) < 1e-12);
  assert_true(fabs(high - 0.17436566150491345) < 1e-12);
  assert_string_equal(bench.view.note[0],
                      "sex: 2 values tried; sex = female changes most decisions, 7 of 100");
  assert_string_equal(bench.view.note[1],
                      "the model does not read race, or it has one value: no row can flip");
  assert_int_equal(flip->compare(flip, &plain, &bench.view, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_TANGO && law.b == 6 && law.c == 1 && law.n == N);
  bench.view.n_notes = 0;
  struct view_column column = {.name = "race"};
  bench.view.column = &column;
  assert_int_equal(flip->estimate(flip, &plain, &bench.view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 0);
  column.name = "age";
  assert_int_equal(flip->estimate(flip, &plain, &bench.view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING);
  bench.view.column = NULL;
  bench_close(&bench);
}

/* Clusters of ten rows: all ten flips of the candidate in one of them. Σ_g (Σ e)² = (9)² + 9 · 1² =
 * 90, so the variance is 10/9 · 90 / 100² = .01: that of 9 rows where p(1 − p)/n has .0009. */
static void test_clusters(void **state) {
  (void)state;
  struct bench bench;
  struct inference law;
  bench_open(&bench);
  for (uint32_t i = 0; i < N; i++) {
    bench.clusters[i] = i / 10;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    bench.answers.stream[s].counterfactual.clusters = bench.clusters;
  }
  assert_int_equal(flip->estimate(flip, &plain, &bench.view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.value == 0.1 && law.kind == INFERENCE_WILSON);
  assert_true(fabs(law.trials - 0.1 * 0.9 / 0.01) < 1e-9);
  assert_true(law.df == 9);
  assert_int_equal(flip->compare(flip, &plain, &bench.view, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_T && fabs(law.value - 0.05) < 1e-15 && law.df == 9);
  assert_non_null(law.undecided); /* seven rows differ */
  memset(bench.clusters, 0, sizeof bench.clusters);
  assert_int_equal(flip->estimate(flip, &plain, &bench.view, STREAM_A, &law, NULL), NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING && law.value == 0.1);
  bench_close(&bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows),
      cmocka_unit_test(test_clusters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
