/* Published ECE values, Brier's decomposition against scikit-learn, exact sums of micro-bins. */
#include "stats/binning.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../tests/golden/stats_b/stats_b.h"
#include "base/philox.h"

static void near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("got %.17g, wanted %.17g", got, wanted);
  }
}

static void test_published(void **state) {
  (void)state;
  /* p = [.25, .25, .55, .75, .75], y = [0, 0, 1, 1, 1]: ECE .29, MCE .3167 (torchmetrics'
   * documentation) */
  const struct binning_point points[] = {{2, 0, 0.5}, {1, 1, 0.55}, {2, 2, 1.5}};
  struct binning_point groups[3];
  binning_equal_width(points, 3, 2, groups);
  near(binning_ece(groups, 2), 0.29, 1e-15);
  near(binning_mce(groups, 2), 0.95 / 3, 1e-15);
  /* Kumar's form by hand: shares 0 and 1 have no variance, so Σ n/N gap² */
  near(binning_ece_squared_debiased(groups, 2), 0.4 * 0.0625 + 0.6 * (0.95 / 3) * (0.95 / 3),
       1e-15);
  double mean_p[3], share[3];
  uint64_t n[3];
  assert_int_equal(binning_reliability(groups, 2, mean_p, share, n), 2);
  near(mean_p[1], 2.05 / 3, 1e-15);
  assert_int_equal(n[1], 3);
}

static void test_murphy(void **state) {
  (void)state;
  struct binning_point points[golden_n];
  for (size_t i = 0; i < golden_n;
       i++) { /* one point a distinct score: gather by search, the data are few */
    points[i] = (struct binning_point){0, 0, 0};
    for (size_t j = 0; j < golden_n; j++) {
      if (golden_p[j] == golden_p[i] && (points[i].n > 0 || j >= i)) {
        if (j < i) {
          break;
        }
        points[i].n++;
        points[i].n_positive += golden_label[j];
        points[i].sum_p += golden_p[j];
      }
    }
    for (size_t j = 0; j < i; j++) {
      if (golden_p[j] == golden_p[i]) {
        points[i] = (struct binning_point){0, 0, 0};
      }
    }
  }
  struct binning_murphy murphy = binning_murphy(points, golden_n);
  near(murphy.reliability - murphy.resolution + murphy.uncertainty, GOLDEN_BRIER, 1e-14);
  assert_true(murphy.reliability >= 0 && murphy.resolution >= 0);
}

static void test_micro(void **state) {
  (void)state;
  enum { n = 200000 };
  struct binning_micro *fast = calloc(BINNING_MICRO, sizeof *fast),
                       *slow = calloc(BINNING_MICRO, sizeof *slow);
  struct binning_point *points = malloc(BINNING_MICRO * sizeof *points);
  float *p = malloc(n * sizeof *p);
  uint8_t *labels = malloc(n);
  struct philox_sequence draws = {7, 0, 0};
  for (size_t i = 0; i < n; i++) {
    double u = philox_next_uniform(&draws);
    p[i] = (float)(i % 5 == 0 ? u * u * u * u * u * u : i % 1000 == 1 ? i % 2000 == 1 : u);
    labels[i] = philox_next_u32(&draws) & 1;
    binning_add_one(slow, (double)p[n - 1 - i < i ? i : i], labels[i] != 0, 1);
  }
  assert_int_equal(binning_add_f32(fast, p, labels, n, NULL), NONET_OK);
  assert_memory_equal(fast, slow, BINNING_MICRO * sizeof *fast);
  struct binning_micro *halves = calloc(BINNING_MICRO, sizeof *halves),
                       *rest = calloc(BINNING_MICRO, sizeof *rest);
  assert_int_equal(binning_add_f32(halves, p, labels, 1000, NULL), NONET_OK);
  assert_int_equal(binning_add_f32(rest, p + 1000, labels + 1000, n - 1000, NULL), NONET_OK);
  binning_merge(halves, rest);
  assert_memory_equal(fast, halves, BINNING_MICRO * sizeof *fast);
  binning_points(fast, points);
  long double sum = 0, kept = 0;
  for (size_t i = 0; i < n; i++) {
    sum += p[i];
  }
  for (size_t b = 0; b < BINNING_MICRO; b++) {
    kept += points[b].sum_p;
  }
  near((double)(kept / sum), 1, 1e-14);
  size_t n_bins = 0;
  double ece, *one = malloc(200 * sizeof *one), *two = malloc(200 * sizeof *two);
  assert_int_equal(binning_ece_sweep(points, BINNING_MICRO, 100, &ece, &n_bins, NULL), NONET_OK);
  assert_true(n_bins >= 1 && ece > 0);
  assert_int_equal(binning_ece_bootstrap(points, BINNING_MICRO, 15, 1, 9, 50, 1, one, NULL),
                   NONET_OK);
  assert_int_equal(binning_ece_bootstrap(points, BINNING_MICRO, 15, 1, 9, 50, 7, two, NULL),
                   NONET_OK);
  assert_memory_equal(one, two, 50 * sizeof *one);
  free(fast), free(slow), free(points), free(p), free(labels), free(halves), free(rest), free(one),
      free(two);
}

static void test_hosmer_lemeshow(void **state) {
  (void)state;
  /* (12 − 10)²/(10·.9) + (50 − 50)² + (85 − 90)²/(90·.1); df 1: p by the normal law of √χ² */
  const struct binning_point groups[] = {{100, 12, 10}, {100, 50, 50}, {100, 85, 90}};
  struct binning_hosmer_lemeshow h = binning_hosmer_lemeshow(groups, 3);
  near(h.statistic, 4.0 / 9 + 25.0 / 9, 1e-14);
  near(h.p_value, erfc(sqrt(29.0 / 9 / 2)), 1e-14);
  assert_true(isnan(binning_hosmer_lemeshow(groups, 2).p_value));
  struct binning_point equal[3];
  const struct binning_point ones[] = {{1, 0, .1}, {1, 0, .2}, {1, 1, .3},
                                       {1, 0, .4}, {1, 1, .5}, {1, 1, .6}};
  binning_equal_mass(ones, 6, 3, equal);
  for (int g = 0; g < 3; g++) {
    assert_int_equal(equal[g].n, 2);
  }
  double low, high;
  binning_ece_limits(0.0004, 0.0001, 2, &low, &high);
  near(low, sqrt(0.0002), 1e-15);
  near(high, sqrt(0.0006), 1e-15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_published),
                                     cmocka_unit_test(test_murphy), cmocka_unit_test(test_micro),
                                     cmocka_unit_test(test_hosmer_lemeshow)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
