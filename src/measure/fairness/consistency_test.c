/*
 * Consistency against scikit-learn 1.9.1: NearestNeighbors on the same 300 rows, standardised,
 * k + 1 asked and the row itself left out; AIF360's lines count the row itself. The jackknife there
 * deletes each row and asks again.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/records.h"
#include "measure/search_fixture.h"

static struct search_fixture made;
static uint32_t second[SEARCH_ROWS];

/* Knuth's generator, so that the same rows are made elsewhere. */
static double next_uniform(uint32_t *state) {
  *state = 1664525u * *state + 1013904223u;
  return (double)*state / 4294967296.0;
}

static void make_rows(size_t n) {
  uint32_t state = 12345;
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 2};
  made.n = n;
  made.n_features = 3;
  for (size_t i = 0; i < n; i++) {
    for (size_t c = 0; c < 3; c++) {
      made.feature[c][i] = next_uniform(&state);
    }
    const double noise = next_uniform(&state);
    made.prediction[i] = made.feature[0][i] + 0.5 * made.feature[1][i] + 0.5 * noise > 1.0;
    made.score[i] = made.prediction[i];
    made.label[i] = i % 2;
    made.weight[i] = 1;
    made.cluster[i] = i / 20;
    second[i] = made.feature[0][i] > 0.4;
  }
}

static struct inference law_of(const char *suffix, int stream) {
  const struct measure *measure = &fairness_consistency;
  struct measure_variant variant = measure->variants[0];
  struct inference law = inference_none("none");
  assert_true(suffix[0] == '\0' || measure->parse_variant(suffix, &variant));
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  made.frame.prediction[STREAM_B] = second;
  assert_int_equal(stream < N_STREAMS
                       ? measure->estimate(measure, &variant, &made.view, stream, &law, NULL)
                       : measure->compare(measure, &variant, &made.view, &law, NULL),
                   NONET_OK);
  return law;
}

static void assert_near(double found, double expected) {
  assert_true(fabs(found - expected) <= 1e-12);
}

static void test_values(void **state) {
  (void)state;
  static const struct {
    const char *suffix;
    double a, b;
  } golden[] = {{"", 0.7926666666666666, 0.942},
                {"k=4", 0.7966666666666666, 0.945},
                {"k=1", 0.8033333333333333, 0.9666666666666667}};
  for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
    make_rows(300);
    assert_near(law_of(golden[i].suffix, STREAM_A).value, golden[i].a);
    search_close(&made);
    assert_near(law_of(golden[i].suffix, STREAM_B).value, golden[i].b);
    search_close(&made);
  }
  assert_near(1 - 0.8 * (1 - law_of("k=4", STREAM_A).value), 0.8373333333333334); /* AIF360 */
  search_close(&made);
}

static void test_jackknife(void **state) {
  (void)state;
  make_rows(300);
  struct inference law = law_of("", STREAM_A);
  assert_int_equal(law.scale, SCALE_LOGIT);
  assert_near(law.se * law.value * (1 - law.value), 0.026592175779898638);
  assert_true(law.df == 299 && made.view.n == 300);
  search_close(&made);
  law = law_of("", N_STREAMS);
  assert_near(law.value, 0.7926666666666666 - 0.942);
  assert_near(law.se, 0.028377033647781824);
  assert_null(law.undecided);
  search_close(&made);
}

static void test_weights(void **state) {
  (void)state;
  make_rows(300);
  made.has_weight = true;
  for (size_t i = 0; i < made.n; i++) {
    made.weight[i] = 2.5;
  }
  assert_near(law_of("", STREAM_A).value, 0.7926666666666666); /* scale-free */
  search_close(&made);
  for (size_t i = 0; i < made.n; i++) {
    made.weight[i] = i < 150 ? 1 : 0;
  }
  const double first = law_of("", STREAM_A).value;
  search_close(&made);
  for (size_t i = 0; i < made.n; i++) {
    made.weight[i] = i < 150 ? 0 : 1;
  }
  assert_near((first + law_of("", STREAM_A).value) / 2, 0.7926666666666666);
  assert_true(made.view.n_effective == 150);
  search_close(&made);
}

static void test_what_cannot_be(void **state) {
  (void)state;
  struct measure_variant variant;
  make_rows(6);
  struct inference law = law_of("", STREAM_A);
  assert_true(isnan(law.value));
  assert_non_null(strstr(law.reason, "6 rows, and 5 neighbours take 7"));
  search_close(&made);
  make_rows(300);
  made.has_cluster = true;
  law = law_of("", STREAM_A);
  assert_near(law.value, 0.7926666666666666);
  assert_int_equal(law.kind, INFERENCE_MISSING);
  search_close(&made);
  make_rows(300);
  memset(made.prediction, 0, sizeof made.prediction);
  law = law_of("", STREAM_A);
  assert_true(law.value == 1 && law.kind == INFERENCE_MISSING);
  search_close(&made);
  make_rows(300);
  memcpy(second, made.prediction, sizeof second);
  second[7] = 1 - second[7];
  law = law_of("", N_STREAMS);
  assert_non_null(strstr(law.undecided, "differ in 1 rows"));
  search_close(&made);
  const char *const wrong[] = {"k=0", "k=101", "k=", "k=5x", "5", "macro"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(fairness_consistency.parse_variant(wrong[i], &variant));
  }
}

static void test_memory(void **state) {
  (void)state;
  make_rows(60);
  made.n_threads = 1;
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  for (long k = 0;; k++) {
    struct inference law = inference_none("none");
    memory_fail_after(k);
    const nonet_status status = fairness_consistency.estimate(
        &fairness_consistency, fairness_consistency.variants, &made.view, STREAM_A, &law, NULL);
    const long n_made = memory_fail_after(-1);
    if (status == NONET_OK && n_made <= k) {
      assert_true(k > 5);
      break;
    }
    assert_true(status == NONET_E_MEMORY || status == NONET_OK);
  }
  search_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),  cmocka_unit_test(test_jackknife),
      cmocka_unit_test(test_weights), cmocka_unit_test(test_what_cannot_be),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
