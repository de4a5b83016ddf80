/*
 * For every kind of law: p-values and bounds are each other's inversion (property), negation turns
 * both, missing laws decide nothing; and values from outside: Wilson's and Clopper-Pearson's
 * published limits, the pROC package's DeLong test on the aSAH data, Tango through paired_test.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "measure/inference.h"
#include "stats/distribution.h"
#include "stats/interval.h"

#define N_LAWS 24
#define B 999

static double sorted[B], studentised[B];

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double f1_of_jaccard(double j) {
  return 2 * j / (1 + j);
}

/* A MOVER of two shares, as balanced accuracy has it. */
static void two_shares(const struct inference *law, double level, double *low, double *high) {
  struct interval a = interval_wilson(40, 50, level), b = interval_wilson(120, 150, level);
  *low = law->value - 0.5 * hypot(a.value - a.low, b.value - b.low);
  *high = law->value + 0.5 * hypot(a.high - a.value, b.high - b.value);
}

static struct inference base(enum inference_kind kind, double value) {
  struct inference law = inference_none("test");
  law.kind = kind;
  law.value = value;
  return law;
}

static size_t make_laws(struct inference laws[N_LAWS]) {
  size_t n = 0;
  const double dfs[] = {INFINITY, 3, 40};
  for (int i = 0; i < 3; i++) {
    laws[n] = base(INFERENCE_T, 0.3);
    laws[n].se = 0.11, laws[n++].df = dfs[i];
  }
  const enum inference_scale scales[] = {SCALE_LOGIT, SCALE_LOG, SCALE_FISHER_Z};
  for (int i = 0; i < 3; i++) {
    laws[n] = base(INFERENCE_T, 0.7);
    laws[n].scale = scales[i], laws[n].se = 0.4, laws[n++].df = i == 1 ? 12 : INFINITY;
  }
  const double counts[][2] = {{81, 263}, {0, 20}, {20, 20}, {3.7, 11.2}};
  for (int i = 0; i < 4; i++) {
    laws[n] = base(INFERENCE_WILSON, counts[i][0] / counts[i][1]);
    laws[n].successes = counts[i][0], laws[n].trials = counts[i][1],
    laws[n].df = i == 3 ? 7 : INFINITY;
    laws[n].null_low = 0, laws[n++].null_high = 1;
  }
  laws[n] = base(INFERENCE_WILSON, f1_of_jaccard(0.4));
  laws[n].successes = 40, laws[n].trials = 100, laws[n++].transform = f1_of_jaccard;
  const double pairs[][3] = {{3, 1, 60}, {30, 14, 500}, {7.5, 20.25, 300}, {0, 0, 240}};
  for (int i = 0; i < 4; i++) {
    laws[n] = base(INFERENCE_TANGO, (pairs[i][0] - pairs[i][1]) / pairs[i][2]);
    laws[n].b = pairs[i][0], laws[n].c = pairs[i][1], laws[n].n = pairs[i][2];
    laws[n].null_low = -1, laws[n++].null_high = 1;
  }
  laws[n] = base(INFERENCE_AUC_PAIR, 0.9 - 0.87);
  laws[n].pair_value[0] = 0.9, laws[n].pair_value[1] = 0.87;
  laws[n].pair_variance[0] = 4e-4, laws[n].pair_variance[1] = 6e-4,
  laws[n++].pair_covariance = 2e-4;
  laws[n] = base(INFERENCE_REPLICATES, 0.1);
  laws[n].replicates = sorted, laws[n++].n_replicates = B;
  laws[n] = laws[n - 1];
  laws[n++].acceleration = 0.06;
  laws[n] = laws[n - 1];
  laws[n].value = 0.3, laws[n++].acceleration = -0.03;
  laws[n] = base(INFERENCE_BOOT_T, 0.5);
  laws[n].se = 0.07, laws[n].replicates = studentised, laws[n++].n_replicates = B;
  laws[n] = laws[n - 1];
  laws[n++].scale = SCALE_LOG;
  laws[n] = base(INFERENCE_LIMITS, 0.8);
  laws[n].null_low = 0, laws[n].null_high = 1, laws[n++].bounds = two_shares;
  return n;
}

static int make_replicates(void **state) {
  (void)state;
  struct philox_sequence draws = {.seed = 7, .id = 1, .position = 0};
  for (size_t i = 0; i < B; i++) {
    double z = distribution_normal_quantile(philox_next_uniform(&draws));
    sorted[i] = exp(0.5 * z) - 1;
    studentised[i] = distribution_t_quantile(philox_next_uniform(&draws), 5) - 0.2;
  }
  qsort(sorted, B, sizeof *sorted, ascending);
  qsort(studentised, B, sizeof *studentised, ascending);
  return 0;
}

static bool is_stepped(const struct inference *law) {
  return law->kind == INFERENCE_REPLICATES || law->kind == INFERENCE_BOOT_T ||
         (law->kind == INFERENCE_TANGO &&
          law->b + law->c < 20); /* the exact test: p jumps where tables enter the tail */
}

/* Just inside the interval p > alpha, just outside p <= alpha, for both sides. */
static void check_side(size_t i, const struct inference *law, double level, double bound,
                       bool upper) {
  double alpha = (1 - level) / 2, step = is_stepped(law) ? 1e-9 : 1e-7;
  step *= fmax(1, fabs(bound)) * (law->kind == INFERENCE_TANGO ? 100 : 1);
  double out = inference_p(law, upper ? bound - step : bound + step, upper);
  double in = inference_p(law, upper ? bound + step : bound - step, upper);
  double slack = is_stepped(law) ? 1e-12 : 1e-4 * alpha;
  if (!(out <= alpha + slack) || !(in >= alpha - slack)) {
    fail_msg("law %zu, level %g, %s bound %.10g: p outside %.10g, inside %.10g, alpha %g", i, level,
             upper ? "low" : "high", bound, out, in, alpha);
  }
  if (!is_stepped(law) && !(fabs(inference_p(law, bound, upper) - alpha) < 1e-6)) {
    fail_msg("law %zu, level %g: p at its %s bound is %.10g, not %g", i, level,
             upper ? "low" : "high", inference_p(law, bound, upper), alpha);
  }
}

static void test_bounds_and_p_invert_each_other(void **state) {
  (void)state;
  struct inference laws[N_LAWS];
  size_t n = make_laws(laws);
  const double levels[] = {0.5, 0.8, 0.9, 0.95, 0.99};
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < sizeof levels / sizeof *levels; j++) {
      for (int negated = 0; negated < 2; negated++) {
        struct inference law = negated ? inference_negated(&laws[i]) : laws[i];
        double low, high;
        inference_bounds(&law, levels[j], &low, &high);
        if (isnan(low) && law.kind == INFERENCE_REPLICATES && levels[j] > 0.95) {
          continue; /* 999 replicates are too few for BCa there */
        }
        if (isnan(low)) {
          fail_msg("law %zu has no bounds at %g", i, levels[j]);
        }
        if (low > law.null_low) {
          check_side(i, &law, levels[j], low, true);
        }
        if (high < law.null_high) {
          check_side(i, &law, levels[j], high, false);
        }
      }
    }
  }
}

static void test_p_is_monotone_in_the_null(void **state) {
  (void)state;
  struct inference laws[N_LAWS];
  size_t n = make_laws(laws);
  for (size_t i = 0; i < n; i++) {
    double last_up = -1, last_down = 2;
    for (int j = 0; j <= 400; j++) {
      double null = -1.5 + j * 0.01;
      double up = inference_p(&laws[i], null, true), down = inference_p(&laws[i], null, false);
      if (!(up >= last_up - 1e-9) || !(down <= last_down + 1e-9) || up < 0 || up > 1 || down < 0 ||
          down > 1) {
        fail_msg("law %zu at %g: p %.12g after %.12g, and %.12g after %.12g", i, null, up, last_up,
                 down, last_down);
      }
      last_up = up, last_down = down;
    }
  }
}

static void test_bounds_widen_with_the_level(void **state) {
  (void)state;
  struct inference laws[N_LAWS];
  size_t n = make_laws(laws);
  for (size_t i = 0; i < n; i++) {
    double last_low = INFINITY, last_high = -INFINITY;
    for (double level = 0.05; level < 0.99; level += 0.01) {
      double low, high;
      inference_bounds(&laws[i], level, &low, &high);
      if (isnan(low) && is_stepped(&laws[i])) {
        continue; /* more replicates would be needed */
      }
      if (!(low <= last_low + 1e-12 && high >= last_high - 1e-12)) {
        fail_msg("law %zu at %g: [%.12g, %.12g] after [%.12g, %.12g]", i, level, low, high,
                 last_low, last_high);
      }
      last_low = low, last_high = high;
    }
  }
}

static void test_negation_turns_everything(void **state) {
  (void)state;
  struct inference laws[N_LAWS];
  size_t n = make_laws(laws);
  for (size_t i = 0; i < n; i++) {
    struct inference turned = inference_negated(&laws[i]), back = inference_negated(&turned);
    double low, high, turned_low, turned_high;
    inference_bounds(&laws[i], 0.9, &low, &high);
    inference_bounds(&turned, 0.9, &turned_low, &turned_high);
    assert_true(turned_low == -high && turned_high == -low && turned.value == -laws[i].value);
    assert_true(inference_p(&laws[i], 0.2, true) == inference_p(&turned, -0.2, false));
    assert_true(back.value == laws[i].value && back.is_negated == laws[i].is_negated &&
                back.null_low == laws[i].null_low);
  }
}

static bool is_near(double a, double b, double tolerance) {
  return fabs(a - b) <= tolerance;
}

static void test_published_limits(void **state) {
  (void)state;
  struct inference laws[N_LAWS];
  (void)make_laws(laws);
  double low, high;
  inference_bounds(&laws[6], 0.95, &low, &high); /* Newcombe 1998: 81/263 */
  assert_true(is_near(low, .255288519878, 1e-11) && is_near(high, .366209576983, 1e-11));
  inference_bounds(&laws[7], 0.95, &low, &high); /* 0/20 */
  assert_true(is_near(low, 0, 1e-15) && is_near(high, .161125158053, 1e-11));
}

/* pROC's roc.test of ndka against s100b (aSAH): Z −1.39077002573558, p .164295175223054, by the
 * plain part of AUC_PAIR. */
static void test_auc_pair_of_asah(void **state) {
  (void)state;
  struct inference law = base(INFERENCE_AUC_PAIR, 0.611957994579946 - 0.731368563685637);
  law.pair_value[0] = 0.611957994579946, law.pair_value[1] = 0.731368563685637;
  law.pair_variance[0] = 0.0031908105493913, law.pair_variance[1] = 0.00266868245717244;
  law.pair_covariance = -0.000756164938056579;
  double p = inference_p(&law, 0, false);
  assert_true(p >= 0.164295175223054 / 2 - 1e-12); /* the larger of the two */
  struct inference plain = base(INFERENCE_T, law.value);
  plain.se = sqrt(law.pair_variance[0] + law.pair_variance[1] - 2 * law.pair_covariance);
  assert_true(is_near(2 * inference_p(&plain, 0, false), 0.164295175223054, 1e-12));
  double low, high, plain_low, plain_high;
  inference_bounds(&law, 0.95, &low, &high);
  inference_bounds(&plain, 0.95, &plain_low, &plain_high);
  assert_true(low <= plain_low && high >= plain_high);
  assert_true(high - low < 1.2 * (plain_high - plain_low));
}

/* p of k of B is (k + 1)/(B + 1), bounds are order statistics. */
static void test_replicates_by_counting(void **state) {
  (void)state;
  struct inference law = base(INFERENCE_REPLICATES, sorted[B / 2]);
  law.replicates = sorted, law.n_replicates = B;
  double low, high;
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(low == sorted[24] &&
              high == sorted[B - 25]); /* .025 of 1,000 = 25th from either end */
  assert_true(is_near(inference_p(&law, sorted[0] - 1, true), 1.0 / (B + 1), 1e-15));
  assert_true(is_near(inference_p(&law, sorted[49], true), 51.0 / (B + 1), 1e-15));
  law.n_replicates = 30; /* too few for 95 % */
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(isnan(low) && isnan(high));
}

static void test_missing_and_exact(void **state) {
  (void)state;
  struct inference none = inference_none("x"), exact = base(INFERENCE_EXACT, 2),
                   point = base(INFERENCE_T, 2);
  double low, high;
  inference_bounds(&none, 0.95, &low, &high);
  assert_true(isnan(low) && isnan(high) && inference_p(&none, 0, true) == 1 &&
              inference_p(&none, 0, false) == 1);
  inference_bounds(&exact, 0.95, &low, &high);
  assert_true(low == 2 && high == 2 && inference_p(&exact, 1.9, true) == 0 &&
              inference_p(&exact, 2, true) == 1);
  inference_bounds(&point, 0.95, &low, &high); /* se = 0 */
  assert_true(low == 2 && high == 2 && inference_p(&point, 3, false) == 0 &&
              inference_p(&point, 1, false) == 1);
  struct inference edge = base(INFERENCE_T, 1);
  edge.scale = SCALE_LOGIT, edge.se = 0.3;
  inference_bounds(&edge, 0.95, &low, &high);
  assert_true(isnan(low) && inference_p(&edge, 0.5, true) == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bounds_and_p_invert_each_other),
      cmocka_unit_test(test_p_is_monotone_in_the_null),
      cmocka_unit_test(test_bounds_widen_with_the_level),
      cmocka_unit_test(test_negation_turns_everything),
      cmocka_unit_test(test_published_limits),
      cmocka_unit_test(test_auc_pair_of_asah),
      cmocka_unit_test(test_replicates_by_counting),
      cmocka_unit_test(test_missing_and_exact),
  };
  return cmocka_run_group_tests(tests, make_replicates, NULL);
}
