/* Errors of regression against scikit-learn, hand sums and the jackknife; weights against copies of
 * rows. */
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

#define MOST 30000

static const struct measure_variant plain = {.suffix = ""};

static struct fixture fixture_of(size_t n, const double *y, const double *a, const double *b) {
  return (struct fixture){
      .task = TASK_REGRESSION, .n = n, .n_scores = 1, .target = y, .score = {a, b}};
}

static double value_of(const struct measure *measure, const struct measure_variant *variant,
                       const struct fixture *fixture) {
  struct opened opened;
  struct inference law;
  open_rows(fixture, &opened);
  assert_int_equal(measure->estimate(measure, variant, &opened.view, STREAM_A, &law, NULL),
                   NONET_OK);
  close_rows(&opened);
  return law.value;
}

static void near(const char *what, double got, double wanted, double relative) {
  if (!(fabs(got - wanted) <= relative * fmax(1e-300, fabs(wanted)))) {
    fail_msg("%s: %.17g, expected %.17g", what, got, wanted);
  }
}

/* scikit-learn's documentation has these rows; MAPE and the rest of them also by hand. */
static const double few_y[] = {3, -0.5, 2, 7}, few_p[] = {2.5, 0, 2, 8};

static void test_values(void **state) {
  (void)state;
  struct fixture f = fixture_of(4, few_y, few_p, NULL);
  near("rmse", value_of(&correctness_rmse, &plain, &f), sqrt(0.375), 1e-15);
  near("mae", value_of(&correctness_mae, &plain, &f), 0.5, 1e-15);
  near("bias", value_of(&correctness_bias, &plain, &f), 0.25, 1e-15);
  near("r2", value_of(&correctness_r2, &plain, &f), 0.9486081370449679, 1e-14);
  near("rmse_skill", value_of(&correctness_rmse_skill, &plain, &f),
       1 - sqrt(1 - 0.9486081370449679), 1e-13);
  near("mape", value_of(&correctness_mape, &plain, &f), (0.5 / 3 + 1 + 1 / 7.0) / 4,
       1e-14); /* scikit-learn prints 0.3273... */
  near("smape", value_of(&correctness_smape, &plain, &f), (1 / 5.5 + 2 + 2 / 15.0) / 4, 1e-15);
  near("pinball", value_of(&correctness_pinball, &plain, &f), 0.25, 1e-15);
  struct measure_variant ninth;
  assert_true(correctness_pinball.parse_variant("0.9", &ninth));
  near("pinball@0.9", value_of(&correctness_pinball, &ninth, &f), 0.15, 1e-14);
  assert_false(correctness_pinball.parse_variant("1.5", &ninth));
  assert_false(correctness_pinball.parse_variant("0.9x", &ninth));
}

/* The examples of R's Metrics 0.1.4 (smape) and of pmdarima 2.0 (smape, in per cent), with the
 * values their documentation prints. */
static void test_smape_as_published(void **state) {
  (void)state;
  static const double metrics_y[] = {1.1, 1.9, 3.0, 4.4, 5.0, 5.6},
                      metrics_p[] = {0.9, 1.8, 2.5, 4.5, 5.0, 6.2},
                      arima_y[] = {0.07533, 0.07533, 0.07533, 0.07533,
                                   0.07533, 0.07533, 0.0672,  0.0672},
                      arima_p[] = {0.102, 0.107, 0.047, 0.1, 0.032, 0.047, 0.108, 0.089};
  struct fixture metrics = fixture_of(6, metrics_y, metrics_p, NULL),
                 arima = fixture_of(8, arima_y, arima_p, NULL);
  near("Metrics", value_of(&correctness_smape, &plain, &metrics), 0.09333984, 1e-7);
  near("pmdarima", value_of(&correctness_smape, &plain, &arima), 0.4260306631890196, 1e-14);
}

static void test_mape_leaves_out_zero_labels(void **state) {
  (void)state;
  const double y[] = {0, 2, 4}, p[] = {1, 3, 4};
  struct fixture f = fixture_of(3, y, p, NULL);
  struct opened opened;
  struct inference law;
  open_rows(&f, &opened);
  assert_int_equal(
      correctness_mape.estimate(&correctness_mape, &plain, &opened.view, STREAM_A, &law, NULL),
      NONET_OK);
  near("mape", law.value, 0.25, 1e-15);
  assert_true(opened.view.n == 2 && opened.view.n_notes == 1);
  assert_non_null(strstr(opened.view.note[0], "1 row left out"));
  close_rows(&opened);
}

static void test_undefined(void **state) {
  (void)state;
  const double y[] = {2, 2, 2, 2}, p[] = {1, 3, 4, 2};
  struct fixture f = fixture_of(4, y, p, p);
  struct opened opened;
  struct inference law;
  open_rows(&f, &opened);
  assert_int_equal(
      correctness_r2.estimate(&correctness_r2, &plain, &opened.view, STREAM_A, &law, NULL),
      NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value) &&
              strstr(law.reason, "label is constant") != NULL);
  assert_int_equal(correctness_r2.compare(&correctness_r2, &plain, &opened.view, &law, NULL),
                   NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING);
  close_rows(&opened);
  f.score[0] = y; /* no errors at all */
  open_rows(&f, &opened);
  assert_int_equal(
      correctness_rmse.estimate(&correctness_rmse, &plain, &opened.view, STREAM_A, &law, NULL),
      NONET_OK);
  assert_true(law.kind == INFERENCE_MISSING && law.value == 0);
  close_rows(&opened);
}

static double y[MOST], a[MOST], b[MOST], w[MOST];
static double y2[3 * MOST], a2[3 * MOST], b2[3 * MOST];

static double normal_of(struct philox_sequence *draws) {
  double u = philox_next_uniform(draws), v = philox_next_uniform(draws);
  return sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * v);
}

static void draw(size_t n, uint64_t id) {
  struct philox_sequence draws = {.seed = 21, .id = id, .position = 0};
  for (size_t i = 0; i < n; i++) {
    y[i] = 10 + 3 * normal_of(&draws);
    a[i] = y[i] + 0.4 + normal_of(&draws);
    b[i] = 0.9 * y[i] + 1 + 1.3 * normal_of(&draws);
    w[i] = 1 + floor(3 * philox_next_uniform(&draws));
  }
}

static const struct measure *const smooth[] = {&correctness_rmse, &correctness_r2,
                                               &correctness_rmse_skill, &correctness_concordance};

/* The formulas as a textbook has them, without row `out` (n: none). */
static double brute(const struct measure *measure, const double *x, size_t n, size_t out) {
  double m = 0, mx = 0, my = 0, sse = 0, sst = 0, sxx = 0, sxy = 0;
  for (size_t i = 0; i < n; i++) {
    m += i != out;
    mx += i != out ? x[i] : 0;
    my += i != out ? y[i] : 0;
  }
  for (size_t i = 0; i < n; i++) {
    if (i != out) {
      sse += pow(x[i] - y[i], 2);
      sst += pow(y[i] - my / m, 2);
      sxx += pow(x[i] - mx / m, 2);
      sxy += (x[i] - mx / m) * (y[i] - my / m);
    }
  }
  return measure == &correctness_rmse         ? sqrt(sse / m)
         : measure == &correctness_r2         ? 1 - sse / sst
         : measure == &correctness_rmse_skill ? 1 - sqrt(sse / sst)
                                              : 2 * sxy / (sxx + sst + m * pow(mx / m - my / m, 2));
}

static double jackknife_se(const struct measure *measure, size_t n, bool is_pair) {
  double mean = 0, squares = 0, value[400];
  for (size_t i = 0; i < n; i++) {
    value[i] = brute(measure, a, n, i) - (is_pair ? brute(measure, b, n, i) : 0);
    mean += value[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    squares += (value[i] - mean) * (value[i] - mean);
  }
  return sqrt(squares * ((double)n - 1) / (double)n);
}

static double se_of(const struct inference *law) {
  return law->se * (law->scale == SCALE_LOG        ? law->value
                    : law->scale == SCALE_FISHER_Z ? 1 - law->value * law->value
                                                   : 1);
}

static void test_against_the_jackknife(void **state) {
  (void)state;
  draw(400, 1);
  struct fixture f = fixture_of(400, y, a, b);
  struct opened opened;
  open_rows(&f, &opened);
  for (size_t k = 0; k < sizeof smooth / sizeof *smooth; k++) {
    struct inference one, pair;
    double low, high;
    assert_int_equal(smooth[k]->estimate(smooth[k], &plain, &opened.view, STREAM_A, &one, NULL),
                     NONET_OK);
    assert_int_equal(smooth[k]->compare(smooth[k], &plain, &opened.view, &pair, NULL), NONET_OK);
    near(smooth[k]->id, one.value, brute(smooth[k], a, 400, 400), 1e-12);
    near(smooth[k]->id, pair.value, brute(smooth[k], a, 400, 400) - brute(smooth[k], b, 400, 400),
         1e-11);
    near(smooth[k]->id, se_of(&one), jackknife_se(smooth[k], 400, false), 0.02);
    near(smooth[k]->id, pair.se, jackknife_se(smooth[k], 400, true), 0.02);
    bool by_boot = smooth[k] != &correctness_concordance;
    assert_int_equal(one.kind, by_boot ? INFERENCE_BOOT_T : INFERENCE_T);
    assert_int_equal(pair.kind, by_boot ? INFERENCE_BOOT_T : INFERENCE_T);
    assert_null(pair.undecided);
    near("parts", pair.pair_variance[0] + pair.pair_variance[1] - 2 * pair.pair_covariance,
         pair.se * pair.se, 1e-9);
    near("parts", pair.pair_value[0] - pair.pair_value[1], pair.value, 1e-12);
    near("parts", sqrt(pair.pair_variance[0]), se_of(&one), 1e-9);
    inference_bounds(&one, 0.95, &low, &high);
    near("width", high - low, 2 * 1.96 * se_of(&one),
         0.2); /* errors are normal here: near the normal interval */
    assert_true(low < one.value && one.value < high);
  }
  close_rows(&opened);
}

static void test_sums_and_rows_agree(void **state) {
  (void)state;
  draw(MOST, 2);
  struct fixture f = fixture_of(MOST, y, a, b), sums = f, weighted = f;
  sums.kinds = SUMMARY_MOMENTS;
  static double ones[MOST];
  for (size_t i = 0; i < MOST; i++) {
    ones[i] = 0.5;
  }
  weighted.weight = ones;
  struct opened by_sums, by_rows;
  struct inference left, right;
  open_rows(&sums, &by_sums);
  open_rows(&weighted, &by_rows);
  const struct measure *both[] = {&correctness_rmse, &correctness_mae};
  for (size_t k = 0; k < 2; k++) {
    assert_int_equal(both[k]->estimate(both[k], &plain, &by_sums.view, STREAM_B, &left, NULL),
                     NONET_OK);
    assert_int_equal(both[k]->estimate(both[k], &plain, &by_rows.view, STREAM_B, &right, NULL),
                     NONET_OK);
    assert_true(left.kind == INFERENCE_T && right.kind == INFERENCE_T && left.scale == right.scale);
    near("value", left.value, right.value, 1e-12);
    near("se", left.se, right.se, 1e-8);
    assert_int_equal(both[k]->compare(both[k], &plain, &by_sums.view, &left, NULL), NONET_OK);
    assert_int_equal(both[k]->compare(both[k], &plain, &by_rows.view, &right, NULL), NONET_OK);
    near("difference", left.value, right.value, 1e-10);
    near("se of difference", left.se, right.se, 1e-8);
    for (int s = 0; s < N_STREAMS; s++) {
      near("pair value", left.pair_value[s], right.pair_value[s], 1e-11);
      near("pair variance", left.pair_variance[s], right.pair_variance[s], 1e-8);
    }
    near("pair covariance", left.pair_covariance, right.pair_covariance, 1e-6);
  }
  close_rows(&by_sums);
  close_rows(&by_rows);
}

/* Integer weights give the values of rows repeated; clusters of a row's copies give the copies' law
 * without them. */
static void test_weights_are_copies(void **state) {
  (void)state;
  size_t n = 300, m = 0;
  static uint64_t cluster[3 * MOST];
  draw(n, 3);
  for (size_t i = 0; i < n; i++) {
    for (int copy = 0; copy < (int)w[i]; copy++) {
      y2[m] = y[i], a2[m] = a[i], b2[m] = b[i], cluster[m] = 1000 + i;
      m++;
    }
  }
  struct fixture weighted = fixture_of(n, y, a, b), copied = fixture_of(m, y2, a2, b2),
                 clustered = copied;
  weighted.weight = w;
  clustered.cluster = cluster;
  const struct measure *const all[] = {
      &correctness_rmse,        &correctness_r2,    &correctness_rmse_skill,
      &correctness_concordance, &correctness_mae,   &correctness_bias,
      &correctness_mape,        &correctness_smape, &correctness_pinball};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    near(all[k]->id, value_of(all[k], &plain, &weighted), value_of(all[k], &plain, &copied), 1e-12);
    struct opened left, right;
    struct inference by_weight, by_cluster;
    open_rows(&weighted, &left);
    open_rows(&clustered, &right);
    assert_int_equal(all[k]->estimate(all[k], &plain, &left.view, STREAM_A, &by_weight, NULL),
                     NONET_OK);
    assert_int_equal(all[k]->estimate(all[k], &plain, &right.view, STREAM_A, &by_cluster, NULL),
                     NONET_OK);
    near(all[k]->id, by_weight.se, by_cluster.se,
         1e-9); /* a row of weight 3 is a cluster of 3 equal rows */
    assert_true(by_weight.df == by_cluster.df);
    assert_int_equal(all[k]->compare(all[k], &plain, &left.view, &by_weight, NULL), NONET_OK);
    assert_int_equal(all[k]->compare(all[k], &plain, &right.view, &by_cluster, NULL), NONET_OK);
    near(all[k]->id, by_weight.value, by_cluster.value, 1e-10);
    near(all[k]->id, by_weight.se, by_cluster.se, 1e-9);
    assert_true(isfinite(by_weight.pair_covariance));
    close_rows(&left);
    close_rows(&right);
  }
}

static void test_one_row_does_not_decide(void **state) {
  (void)state;
  draw(200, 4);
  a[7] = 500;
  struct fixture f = fixture_of(200, y, a, b);
  struct opened opened;
  struct inference pair;
  open_rows(&f, &opened);
  assert_int_equal(correctness_rmse.compare(&correctness_rmse, &plain, &opened.view, &pair, NULL),
                   NONET_OK);
  assert_non_null(pair.undecided);
  close_rows(&opened);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_smape_as_published),
      cmocka_unit_test(test_mape_leaves_out_zero_labels),
      cmocka_unit_test(test_undefined),
      cmocka_unit_test(test_against_the_jackknife),
      cmocka_unit_test(test_sums_and_rows_agree),
      cmocka_unit_test(test_weights_are_copies),
      cmocka_unit_test(test_one_row_does_not_decide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
