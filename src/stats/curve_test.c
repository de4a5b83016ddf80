/* Curves against pROC, scikit-learn and SciPy (tests/golden/stats_b) and small cases by hand. */
#include "stats/curve.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../tests/golden/stats_b/stats_b.h"
#include "stats/sortkey.h"

static void near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("got %.17g, wanted %.17g", got, wanted);
  }
}

static uint64_t split_keys[2][golden_n], joint_keys[golden_n];
static uint8_t joint_labels[golden_n];
static double joint_weights[golden_n];
static uint32_t order[golden_n];

static struct curve_source joint_source(const double *weights) {
  for (size_t i = 0; i < golden_n; i++) {
    joint_keys[i] = sortkey_f64(golden_a[i]);
    order[i] = (uint32_t)i;
  }
  assert_int_equal(sortkey_argsort_u64(joint_keys, order, golden_n, 1, NULL), NONET_OK);
  for (size_t i = 0; i < golden_n; i++) {
    joint_labels[i] = golden_label[order[i]];
    joint_weights[i] = weights != NULL ? weights[order[i]] : 1;
  }
  struct curve_source source = {
      .is_joint = true,
      .rows = {
          {.keys64 = joint_keys, .labels = joint_labels, .weights = joint_weights, .n = golden_n}}};
  curve_totals(&source);
  return source;
}

static struct curve_source split_source(void) {
  struct curve_source source = joint_source(NULL);
  size_t n[2] = {0, 0};
  for (size_t i = 0; i < golden_n; i++) {
    split_keys[joint_labels[i]][n[joint_labels[i]]++] = joint_keys[i];
  }
  source = (struct curve_source){
      .rows = {{.keys64 = split_keys[0], .n = n[0]}, {.keys64 = split_keys[1], .n = n[1]}}};
  curve_totals(&source);
  return source;
}

static void test_golden(void **state) {
  (void)state;
  for (int layout = 0; layout < 2; layout++) {
    struct curve_source s = layout ? joint_source(NULL) : split_source();
    near(curve_auc(&s), GOLDEN_R_AUC_A, 1e-14);
    near(curve_auc_partial(&s, CURVE_SPECIFICITY, 1, 0.8, false), GOLDEN_R_PAUC_SP, 1e-14);
    near(curve_auc_partial(&s, CURVE_SPECIFICITY, 1, 0.8, true), GOLDEN_R_PAUC_SP_MC, 1e-14);
    near(curve_auc_partial(&s, CURVE_SENSITIVITY, 1, 0.7, false), GOLDEN_R_PAUC_SE, 1e-14);
    near(curve_auc_partial(&s, CURVE_SENSITIVITY, 1, 0.7, true), GOLDEN_R_PAUC_SE_MC, 1e-14);
    near(curve_average_precision(&s), GOLDEN_AP, 1e-14);
    near(curve_ks(&s), GOLDEN_KS, 1e-14);
    near(curve_tpr_at_fpr(&s, 0.1), GOLDEN_TPR_AT_FPR_10, 1e-14);
    near(curve_recall_at_precision(&s, 0.6), GOLDEN_RECALL_AT_PRECISION_60, 1e-14);
    near(curve_precision_at_recall(&s, 0.5), GOLDEN_PRECISION_AT_RECALL_50, 1e-14);
    near(curve_best_f1(&s, NULL), GOLDEN_BEST_F1, 1e-14);
  }
  struct curve_source weighted = joint_source(golden_weight);
  near(curve_auc(&weighted), GOLDEN_WEIGHTED_AUC, 1e-13);
  near(curve_average_precision(&weighted), GOLDEN_WEIGHTED_AP, 1e-13);
}

static void test_by_hand(void **state) {
  (void)state;
  /* scikit-learn's example: AP([0,0,1,1], [.1,.4,.35,.8]) = .8333 */
  const uint32_t keys[] = {10, 35, 40, 80};
  const uint8_t labels[] = {0, 1, 0, 1};
  struct curve_source s = {.is_joint = true, .rows = {{.keys32 = keys, .labels = labels, .n = 4}}};
  curve_totals(&s);
  near(curve_average_precision(&s), 5.0 / 6, 1e-15);
  near(curve_gain(&s, 0.25), 0.5, 1e-15);
  near(curve_lift_at(&s, 0.25), 2, 1e-15);
  near(curve_gain(&s, 0.375), 0.5, 1e-15);
  near(curve_gain(&s, 1), 1, 1e-15);
  near(curve_gain(&s, 0), 0, 1e-15);
  uint64_t key = 0;
  near(curve_best_f1(&s, &key), 0.8, 1e-15);
  assert_int_equal(key, 35);
  const uint32_t tied[] = {7, 7, 7, 7};
  s.rows[0].keys32 = tied;
  near(curve_auc(&s), 0.5, 1e-15);
  near(curve_gain(&s, 0.3), 0.3, 1e-15);
  const uint8_t none[] = {0, 0, 0, 0};
  s.rows[0].labels = none;
  curve_totals(&s);
  assert_true(isnan(curve_auc(&s)) && isnan(curve_average_precision(&s)) && isnan(curve_ks(&s)));
}

static void test_points(void **state) {
  (void)state;
  struct curve_source s = split_source();
  double x[CURVE_POINTS_MAX], y[CURVE_POINTS_MAX];
  for (int kind = CURVE_ROC; kind <= CURVE_GAIN; kind++) {
    for (size_t most = 2; most <= 64; most += 31) {
      size_t n = curve_points(&s, (enum curve_kind)kind, most, x, y);
      assert_true(n >= 2 && n <= most);
      assert_true(x[0] == 0 && x[n - 1] == 1);
      for (size_t i = 1; i < n; i++) {
        assert_true(x[i] >= x[i - 1]);
      }
    }
  }
  size_t n = curve_points(&s, CURVE_ROC, CURVE_POINTS_MAX, x, y);
  double area = 0;
  for (size_t i = 1; i < n; i++) {
    area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
  }
  near(area, GOLDEN_R_AUC_A, 1e-13);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_by_hand),
                                     cmocka_unit_test(test_points)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
