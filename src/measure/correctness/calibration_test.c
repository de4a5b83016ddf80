/* Calibration fits where the maximum has a closed form; Spiegelhalter's z and Murphy's split by
 * hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/opened_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

static struct inference estimate(const struct measure *measure, struct opened *opened) {
  struct inference law;
  assert_int_equal(measure->estimate(measure, &plain, &opened->view, STREAM_A, &law, NULL),
                   NONET_OK);
  return law;
}

static void near(const char *what, double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("%s: %.17g, expected %.17g", what, got, wanted);
  }
}

static struct fixture binary(size_t n, const uint32_t *y, const double *p) {
  return (struct fixture){.task = TASK_BINARY,
                          .n = n,
                          .n_classes = 2,
                          .n_scores = 1,
                          .label = y,
                          .prediction = {y},
                          .score = {p}};
}

static double logit(double p) {
  return log(p / (1 - p));
}

/* Two scores: the fit goes through both shares. 3 of 10 at .2, 6 of 10 at .8. */
static void two_levels(uint32_t *y, double *p) {
  for (size_t i = 0; i < 20; i++) {
    p[i] = i < 10 ? 0.2 : 0.8;
    y[i] = i < 10 ? i < 3 : i < 16;
  }
}

static void test_slope_of_two_levels(void **state) {
  (void)state;
  uint32_t y[20];
  double p[20], weight[20], apart = logit(0.8) - logit(0.2);
  uint64_t cluster[20];
  two_levels(y, p);
  for (size_t i = 0; i < 20; i++) {
    weight[i] = 2.5;
    cluster[i] = 9 + i;
  }
  struct fixture f = binary(20, y, p);
  struct opened opened;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_calibration_slope, &opened);
  near("slope", law.value, (logit(0.6) - logit(0.3)) / apart, 1e-10);
  near("se", law.se, sqrt(1 / 3.0 + 1 / 7.0 + 1 / 6.0 + 1 / 4.0) / apart, 1e-9);
  assert_true(isinf(law.df) && opened.view.n == 20);
  close_rows(&opened);
  /* The sandwich of a saturated fit is the inverse information, times G/(G − 1). */
  for (int by_cluster = 0; by_cluster < 2; by_cluster++) {
    f.weight = by_cluster ? NULL : weight;
    f.cluster = by_cluster ? cluster : NULL;
    open_rows(&f, &opened);
    struct inference robust = estimate(&correctness_calibration_slope, &opened);
    near("slope", robust.value, law.value, 1e-9);
    near("robust se", robust.se, law.se * sqrt(20 / 19.0), 1e-8);
    assert_true(robust.df == 19);
    close_rows(&opened);
  }
}

static void test_intercept_of_one_level(void **state) {
  (void)state;
  const uint32_t y[] = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0};
  double p[10];
  for (size_t i = 0; i < 10; i++) {
    p[i] = 0.2;
  }
  struct fixture f = binary(10, y, p);
  struct opened opened;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_calibration_intercept, &opened);
  near("intercept", law.value, logit(0.3) - logit(0.2), 1e-10);
  near("se", law.se, sqrt(1 / 3.0 + 1 / 7.0), 1e-9);
  close_rows(&opened);
}

static void test_no_logit_and_no_maximum(void **state) {
  (void)state;
  const uint32_t y[] = {0, 0, 1, 1}, one[] = {1, 1, 1, 1};
  const double edge[] = {0, 0.2, 0.7, 1}, split[] = {0.1, 0.2, 0.7, 0.8};
  struct fixture f = binary(4, y, edge);
  struct opened opened;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_calibration_slope, &opened);
  assert_true(isnan(law.value) &&
              strstr(law.reason, "2 rows have a score of exactly 0 or 1") != NULL);
  close_rows(&opened);
  f.score[0] = split;
  open_rows(&f, &opened);
  law = estimate(&correctness_calibration_slope, &opened);
  assert_true(isnan(law.value) && law.kind == INFERENCE_MISSING);
  close_rows(&opened);
  f.label = one;
  open_rows(&f, &opened);
  law = estimate(&correctness_calibration_intercept, &opened);
  assert_true(isnan(law.value) && law.kind == INFERENCE_MISSING);
  close_rows(&opened);
}

static void test_spiegelhalter(void **state) {
  (void)state;
  const uint32_t y[] = {0, 1, 1};
  const double p[] = {0.2, 0.7, 0.9}, half[] = {0.5, 0.5, 1}, weight[] = {3, 3, 3};
  const uint64_t cluster[] = {1, 1, 2};
  struct fixture f = binary(3, y, p);
  struct opened opened;
  for (int weighted = 0; weighted < 2; weighted++) {
    f.weight = weighted ? weight : NULL;
    open_rows(&f, &opened);
    struct inference law = estimate(&correctness_spiegelhalter_z, &opened);
    near("z", law.value, (-0.12 - 0.12 - 0.08) / sqrt(0.0576 + 0.0336 + 0.0576), 1e-12);
    assert_true(law.kind == INFERENCE_MISSING &&
                strstr(law.reason, "p = 0.407") != NULL); /* 2 Φ(−0.82956) */
    close_rows(&opened);
  }
  f.cluster = cluster;
  open_rows(&f, &opened);
  assert_true(isnan(estimate(&correctness_spiegelhalter_z, &opened).value));
  close_rows(&opened);
  f = binary(3, y, half);
  open_rows(&f, &opened);
  assert_true(isnan(estimate(&correctness_spiegelhalter_z, &opened).value));
  close_rows(&opened);
}

/* Shares .3 at .2 and .6 at .8, half of the rows each: reliability (.1² + .2²)/2, resolution .15²,
 * uncertainty .45 · .55. */
static void test_murphy(void **state) {
  (void)state;
  static const char *const words[] = {"reliability", "resolution", "uncertainty"};
  const double wanted[] = {0.025, 0.0225, 0.2475};
  uint32_t y[20];
  double p[20], low, high;
  two_levels(y, p);
  struct fixture f = binary(20, y, p);
  struct opened opened;
  open_rows(&f, &opened);
  for (size_t k = 0; k < 3; k++) {
    const struct measure_variant *variant = correctness_brier.variants;
    while (variant->suffix != NULL && strcmp(variant->suffix, words[k]) != 0) {
      variant++;
    }
    assert_non_null(variant->suffix);
    struct inference law;
    assert_int_equal(
        correctness_brier.estimate(&correctness_brier, variant, &opened.view, STREAM_A, &law, NULL),
        NONET_OK);
    near(words[k], law.value, wanted[k], 1e-12);
    inference_bounds(&law, 0.95, &low, &high);
    assert_true(low <= law.value && law.value <= high && low >= 0);
  }
  near("brier", estimate(&correctness_brier, &opened).value, 0.025 - 0.0225 + 0.2475, 1e-12);
  close_rows(&opened);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slope_of_two_levels),
      cmocka_unit_test(test_intercept_of_one_level),
      cmocka_unit_test(test_no_logit_and_no_maximum),
      cmocka_unit_test(test_spiegelhalter),
      cmocka_unit_test(test_murphy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
