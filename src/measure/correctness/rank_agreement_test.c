/* Rank correlations and the median error: published values, pairs counted by hand, weights against
 * copies of rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "measure/opened_fixture.h"
#include "measure/records.h"

#define MOST 1200

static const struct measure_variant plain = {.suffix = ""};

static struct inference estimate(const struct measure *measure, struct opened *opened) {
  struct inference law;
  assert_int_equal(measure->estimate(measure, &plain, &opened->view, STREAM_A, &law, NULL),
                   NONET_OK);
  return law;
}

static void near(const char *what, double got, double wanted, double relative) {
  if (!(fabs(got - wanted) <= relative * fabs(wanted))) {
    fail_msg("%s: %.17g, expected %.17g", what, got, wanted);
  }
}

static struct fixture fixture_of(size_t n, const double *y, const double *a, const double *b) {
  return (struct fixture){
      .task = TASK_REGRESSION, .n = n, .n_scores = 1, .target = y, .score = {a, b}};
}

/* SciPy's own test of kendalltau. */
static void test_published(void **state) {
  (void)state;
  const double x[] = {12, 2, 1, 12, 2}, y[] = {1, 4, 7, 1, 0}, weight[] = {2, 2, 2, 2, 2};
  struct fixture f = fixture_of(5, y, x, NULL);
  struct opened opened;
  for (int weighted = 0; weighted < 2; weighted++) {
    f.weight = weighted ? weight : NULL;
    open_rows(&f, &opened);
    near("kendall", estimate(&correctness_kendall, &opened).value, -0.47140452079103173, 1e-14);
    /* mid-ranks 4.5 2.5 1 4.5 2.5 and 2.5 4 5 2.5 1 */
    near("spearman", estimate(&correctness_spearman, &opened).value, -5 / sqrt(9.0 * 9.5), 1e-14);
    close_rows(&opened);
  }
  const double constant[] = {3, 3, 3, 3, 3};
  f = fixture_of(5, constant, x, NULL);
  for (int weighted = 0; weighted < 2; weighted++) {
    f.weight = weighted ? weight : NULL;
    open_rows(&f, &opened);
    assert_true(isnan(estimate(&correctness_kendall, &opened).value) &&
                isnan(estimate(&correctness_spearman, &opened).value));
    close_rows(&opened);
  }
}

static double y[MOST], a[MOST], b[MOST], w[MOST], y2[3 * MOST], a2[3 * MOST], b2[3 * MOST];
static uint64_t cluster[3 * MOST];

static void draw(size_t n) {
  struct philox_sequence draws = {.seed = 8, .id = 1, .position = 0};
  for (size_t i = 0; i < n; i++) {
    y[i] = floor(20 * philox_next_uniform(&draws)); /* ties */
    a[i] = floor(y[i] + 8 * philox_next_uniform(&draws));
    b[i] = y[i] + 20 * philox_next_uniform(&draws);
    w[i] = 1 + floor(3 * philox_next_uniform(&draws));
  }
}

static size_t copy_rows(size_t n) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    for (int copy = 0; copy < (int)w[i]; copy++, m++) {
      y2[m] = y[i], a2[m] = a[i], b2[m] = b[i], cluster[m] = 50 + i;
    }
  }
  return m;
}

/* The weighted path and the kernels share no code: value and standard error agree between weights
 * and clusters of copies. */
static void test_weights_are_copies(void **state) {
  (void)state;
  const struct measure *const both[] = {&correctness_spearman, &correctness_kendall};
  draw(300);
  size_t m = copy_rows(300);
  struct fixture weighted = fixture_of(300, y, a, b), copied = fixture_of(m, y2, a2, b2);
  struct opened left, right;
  weighted.weight = w;
  copied.cluster = cluster;
  open_rows(&weighted, &left);
  open_rows(&copied, &right);
  for (size_t k = 0; k < 2; k++) {
    struct inference l = estimate(both[k], &left), r = estimate(both[k], &right);
    near(both[k]->id, l.value, r.value, 1e-12);
    near(both[k]->id, l.se, r.se, 1e-6);
    assert_true(l.df == r.df && l.scale == SCALE_FISHER_Z);
    assert_int_equal(both[k]->compare(both[k], &plain, &left.view, &l, NULL), NONET_OK);
    assert_int_equal(both[k]->compare(both[k], &plain, &right.view, &r, NULL), NONET_OK);
    near(both[k]->id, l.value, r.value, 1e-11);
    near(both[k]->id, l.se, r.se, 1e-6);
    near("parts", l.pair_variance[0] + l.pair_variance[1] - 2 * l.pair_covariance, l.se * l.se,
         1e-9);
  }
  near("median", estimate(&correctness_median_ae, &left).value,
       estimate(&correctness_median_ae, &right).value, 1e-15);
  close_rows(&left);
  close_rows(&right);
}

static int ascending(const void *left, const void *right) {
  double l = *(const double *)left, r = *(const double *)right;
  return (l > r) - (l < r);
}

static void test_median_error(void **state) {
  (void)state;
  double low, high, errors[MOST];
  for (size_t i = 0; i < 20; i++) {
    y[i] = 0;
    a[i] = i % 2 ? (double)i + 1 : -(double)i - 1; /* errors 1 … 20 */
  }
  struct fixture f = fixture_of(20, y, a, NULL);
  struct opened opened;
  open_rows(&f, &opened);
  struct inference law = estimate(&correctness_median_ae, &opened);
  assert_true(law.value == 10.5);
  inference_bounds(&law, 0.95, &low, &high); /* P(Bin(20, ½) <= 5) = .0207: ranks 6 and 15 */
  assert_true(low == 6 && high == 15);
  close_rows(&opened);
  f.n = 4;
  open_rows(&f, &opened);
  law = estimate(&correctness_median_ae, &opened);
  assert_true(law.value == 2.5 && law.kind == INFERENCE_MISSING);
  close_rows(&opened);
  draw(MOST);
  f = fixture_of(MOST, y, b, a);
  open_rows(&f, &opened);
  for (size_t i = 0; i < MOST; i++) {
    errors[i] = fabs(b[i] - y[i]);
    y2[i] = fabs(a[i] - y[i]);
  }
  qsort(errors, MOST, sizeof *errors, ascending);
  qsort(y2, MOST, sizeof *y2, ascending);
  double median = (errors[MOST / 2 - 1] + errors[MOST / 2]) / 2,
         other = (y2[MOST / 2 - 1] + y2[MOST / 2]) / 2;
  law = estimate(&correctness_median_ae, &opened);
  near("median", law.value, median, 1e-15);
  assert_int_equal(
      correctness_median_ae.compare(&correctness_median_ae, &plain, &opened.view, &law, NULL),
      NONET_OK);
  near("difference", law.value, median - other, 1e-13);
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(law.undecided == NULL && low < law.value && law.value < high && low > 0);
  close_rows(&opened);
  static double ones[MOST]; /* Woodruff's limits are near the order statistics */
  struct {
    double low, high;
  } order, woodruff;
  for (size_t i = 0; i < MOST; i++) {
    ones[i] = 1;
  }
  for (int weighted = 0; weighted < 2; weighted++) {
    f.weight = weighted ? ones : NULL;
    open_rows(&f, &opened);
    law = estimate(&correctness_median_ae, &opened);
    inference_bounds(&law, 0.95, weighted ? &woodruff.low : &order.low,
                     weighted ? &woodruff.high : &order.high);
    close_rows(&opened);
  }
  near("low", woodruff.low, order.low, 0.02);
  near("high", woodruff.high, order.high, 0.02);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_published),
                                     cmocka_unit_test(test_weights_are_copies),
                                     cmocka_unit_test(test_median_error)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
