/* Calibration by bins against published values, the kernels of stats/binning, and sums by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "measure/opened_fixture.h"
#include "measure/records.h"
#include "stats/binning.h"
#include "sweep_golden.h"

#define MOST 30000

static const struct measure_variant plain = {.suffix = ""};

static struct inference estimate(const struct measure *measure, const char *suffix,
                                 struct opened *opened) {
  struct inference law;
  struct measure_variant variant = plain;
  if (suffix != NULL) {
    assert_true(measure->parse_variant(suffix, &variant));
  }
  assert_int_equal(measure->estimate(measure, &variant, &opened->view, STREAM_A, &law, NULL),
                   NONET_OK);
  return law;
}

#define KINDS (SUMMARY_COUNT_TABLE | SUMMARY_MOMENTS | SUMMARY_MICROBINS | SUMMARY_MULTISET)

static struct fixture binary(size_t n, const uint32_t *y, const double *p) {
  return (struct fixture){.task = TASK_BINARY,
                          .n = n,
                          .n_classes = 2,
                          .n_scores = 1,
                          .label = y,
                          .prediction = {y},
                          .score = {p},
                          .kinds = KINDS};
}

static void near(const char *what, double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("%s: %.17g, expected %.17g", what, got, wanted);
  }
}

static void test_golden(void **state) {
  (void)state;
  const double p[] = {0.25, 0.25, 0.55, 0.75, 0.75};
  const uint32_t y[] = {0, 0, 1, 1, 1};
  const double weight[] = {2, 2, 2, 2, 2};
  struct fixture f = binary(5, y, p);
  for (int weighted = 0; weighted < 2; weighted++) {
    struct opened opened;
    f.weight = weighted ? weight : NULL;
    open_rows(&f, &opened);
    near("ece", estimate(&correctness_ece, "bins=2;width=equal", &opened).value, 0.2900, 1e-12);
    near("mce", estimate(&correctness_mce, "width=equal;bins=2", &opened).value, 0.95 / 3, 1e-12);
    close_rows(&opened);
  }
  struct measure_variant variant;
  const char *const bad[] = {"bins=0", "bins=2;width=odd", "width=equal", "bins=2x",
                             "bin=3",  "bins=70000"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(correctness_ece.parse_variant(bad[i], &variant));
  }
}

static uint32_t y[MOST];
static double p[MOST];

static void draw(size_t n, uint64_t id, double shift) {
  struct philox_sequence draws = {.seed = 5, .id = id, .position = 0};
  for (size_t i = 0; i < n; i++) {
    p[i] = 0.02 + 0.9 * philox_next_uniform(&draws);
    y[i] = philox_next_uniform(&draws) < p[i] + shift;
  }
}

/* Distinct p sorted by insertion into the kernels' points: another road to the same numbers. */
static int by_p(const void *left, const void *right) {
  double l = p[*(const uint32_t *)left], r = p[*(const uint32_t *)right];
  return (l > r) - (l < r);
}

static struct binning_point points[MOST];

static void exact_points(size_t n) {
  static uint32_t order[MOST];
  for (size_t i = 0; i < n; i++) {
    order[i] = (uint32_t)i;
  }
  qsort(order, n, sizeof *order, by_p);
  for (size_t i = 0; i < n; i++) {
    points[i] = (struct binning_point){1, y[order[i]], p[order[i]]};
  }
}

/* The implementation that came with the paper (tests/golden/measure/make_sweep.py). */
static void test_sweep_as_published(void **state) {
  (void)state;
  static const struct {
    const double *p;
    const uint32_t *y;
    double ece;
    size_t n_groups;
  } rows[] = {{sweep_steep_p, sweep_steep_y, sweep_steep_ece, sweep_steep_groups},
              {sweep_flat_p, sweep_flat_y, sweep_flat_ece, sweep_flat_groups}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct fixture f = binary(sweep_n, rows[i].y, rows[i].p);
    struct opened opened;
    char groups[64];
    open_rows(&f, &opened);
    near("sweep", estimate(&correctness_ece_sweep, NULL, &opened).value, rows[i].ece, 1e-14);
    snprintf(groups, sizeof groups, "%zu groups of equal mass", rows[i].n_groups);
    assert_string_equal(opened.view.note[0], groups);
    close_rows(&opened);
  }
}

static void test_against_the_kernels(void **state) {
  (void)state;
  size_t n = 2000, n_bins;
  draw(n, 1, 0.06);
  exact_points(n);
  struct fixture f = binary(n, y, p);
  struct opened opened;
  struct binning_point groups[20];
  double low, high, sweep;
  open_rows(&f, &opened);
  binning_equal_width(points, n, 10, groups);
  near("ece equal", estimate(&correctness_ece, "bins=10;width=equal", &opened).value,
       binning_ece(groups, 10), 1e-12);
  near("mce equal", estimate(&correctness_mce, "bins=10;width=equal", &opened).value,
       binning_mce(groups, 10), 1e-12);
  binning_equal_mass(points, n, 10, groups);
  near("ece mass", estimate(&correctness_ece, "bins=10;width=mass", &opened).value,
       binning_ece(groups, 10), 1e-12);
  struct binning_hosmer_lemeshow wanted = binning_hosmer_lemeshow(groups, 10);
  struct inference law = estimate(&correctness_hosmer_lemeshow, NULL, &opened);
  near("hosmer", law.value, wanted.statistic, 1e-9);
  assert_true(law.kind == INFERENCE_MISSING && strstr(law.reason, "8 degrees of freedom") != NULL);
  assert_int_equal(binning_ece_sweep(points, n, 1000, &sweep, &n_bins, NULL), NONET_OK);
  near("sweep", estimate(&correctness_ece_sweep, NULL, &opened).value, sweep, 1e-12);

  static struct binning_micro micro[BINNING_MICRO];
  static struct binning_point micro_points[BINNING_MICRO];
  for (size_t i = 0; i < n; i++) {
    binning_add_one(micro, p[i], y[i] == 1, 1);
  }
  binning_points(micro, micro_points);
  binning_equal_mass(micro_points, BINNING_MICRO, 15, groups);
  law = estimate(&correctness_ece, NULL, &opened);
  near("debiased", law.value, binning_ece_debiased(groups, 15), 1e-12);
  assert_int_equal(law.kind, INFERENCE_LIMITS);
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(low < 0.06 && 0.06 < high && low > 0.02 && high < 0.1);
  static double squared[1000];
  double mean = 0, spread = 0; /* the kernel's own bootstrap has another stream: the standard errors
                                  agree within its noise */
  assert_int_equal(
      binning_ece_bootstrap(micro_points, BINNING_MICRO, 15, 3, 9, 1000, 1, squared, NULL),
      NONET_OK);
  for (size_t r = 0; r < 1000; r++) {
    mean += squared[r] / 1000;
  }
  for (size_t r = 0; r < 1000; r++) {
    spread += (squared[r] - mean) * (squared[r] - mean) / 999;
  }
  double l, h;
  binning_ece_limits(law.value * law.value, sqrt(spread), 1.959963984540054, &l, &h);
  near("low", low, l, 0.004);
  near("high", high, h, 0.004);
  close_rows(&opened);
}

static void test_calibrated_is_zero_below(void **state) {
  (void)state;
  draw(3000, 2, 0);
  struct fixture f = binary(3000, y, p);
  struct opened opened;
  double low, high;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_ece, NULL, &opened);
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(low == 0 && high < 0.05);
  assert_true(correctness_ece.never_gated && correctness_hosmer_lemeshow.never_gated);
  close_rows(&opened);
}

/* A set larger than MEASURE_SMALL_ROWS reads micro-bins; every row twice as a cluster of two gives
 * wider limits and the same L1 value. */
static void test_bins_and_clusters(void **state) {
  (void)state;
  static uint64_t cluster[MOST];
  double low[2], high[2];
  draw(MOST, 3, 0.03);
  struct fixture f = binary(MOST, y, p);
  struct opened opened;
  open_rows(&f, &opened);
  exact_points(MOST);
  struct binning_point groups[10];
  binning_equal_mass(points, MOST, 10, groups);
  struct inference law = estimate(&correctness_ece, "bins=10;width=mass", &opened);
  near("on micro-bins", law.value, binning_ece(groups, 10), 1e-3);
  inference_bounds(&law, 0.95, &low[0], &high[0]);
  assert_true(low[0] < law.value && law.value < high[0]);
  close_rows(&opened);
  draw(1000, 4, 0.1);
  for (size_t i = 0; i < 1000; i++) {
    p[1000 + i] = p[i], y[1000 + i] = y[i];
    cluster[i] = cluster[1000 + i] = 77 + i;
  }
  double value[2];
  for (int by_cluster = 0; by_cluster < 2; by_cluster++) {
    f = binary(2000, y, p);
    f.cluster = by_cluster ? cluster : NULL;
    open_rows(&f, &opened);
    law = estimate(&correctness_ece, "bins=5;width=equal", &opened);
    value[by_cluster] = law.value;
    inference_bounds(&law, 0.95, &low[by_cluster], &high[by_cluster]);
    close_rows(&opened);
  }
  near("value", value[0], value[1], 1e-12);
  near("width", (high[1] - low[1]) / (high[0] - low[0]), sqrt(2), 0.12);
  assert_true(isnan(estimate(&correctness_hosmer_lemeshow, NULL,
                             (f.cluster = cluster, open_rows(&f, &opened), &opened))
                        .value));
  close_rows(&opened);
}

/* Twenty rows at each of .1, .2 … .9, all on edges of ten equal bins: counted once or row by row
 * (as clusters), they fall into the same groups. */
static void test_edges(void **state) {
  (void)state;
  static uint64_t own[180];
  double value[2];
  for (size_t i = 0; i < 180; i++) {
    p[i] = (double)(1 + i / 20) / 10;
    y[i] = i % 20 < 3 * (i / 20) / 2;
    own[i] = i;
  }
  for (int by_cluster = 0; by_cluster < 2; by_cluster++) {
    struct fixture f = binary(180, y, p);
    struct opened opened;
    f.cluster = by_cluster ? own : NULL;
    open_rows(&f, &opened);
    value[by_cluster] = estimate(&correctness_ece, "bins=10;width=equal", &opened).value;
    close_rows(&opened);
  }
  near("on edges", value[0], value[1], 1e-12);
}

static void test_top_label(void **state) {
  (void)state;
  const uint32_t labels[] = {0, 1, 2, 0};
  const double score[] = {0.6, 0.3, 0.1, 0.2, 0.7, 0.1, 0.5, 0.2, 0.3, 0.3, 0.6, 0.1};
  struct fixture f = {.task = TASK_MULTICLASS,
                      .n = 4,
                      .n_classes = 3,
                      .n_scores = 3,
                      .label = labels,
                      .prediction = {labels},
                      .score = {score},
                      .kinds = KINDS};
  struct opened opened;
  open_rows(&f, &opened);
  /* confidence .6 right, .7 right, .5 wrong, .6 wrong; one bin: mean .6, share .5 */
  near("one bin", estimate(&correctness_ece, "bins=1;width=equal", &opened).value, 0.1, 1e-12);
  close_rows(&opened);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),
      cmocka_unit_test(test_sweep_as_published),
      cmocka_unit_test(test_against_the_kernels),
      cmocka_unit_test(test_calibrated_is_zero_below),
      cmocka_unit_test(test_bins_and_clusters),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_top_label),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
