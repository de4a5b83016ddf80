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

#define POINTS_MOST 512

static void test_points(void **state) {
  (void)state;
  struct curve_source s = split_source();
  double fp[POINTS_MOST], tp[POINTS_MOST], all_fp[POINTS_MOST], all_tp[POINTS_MOST];
  uint64_t key[POINTS_MOST];
  size_t n_all = curve_points(&s, POINTS_MOST, all_fp, all_tp, key);
  double area = 0;
  for (size_t i = 1; i < n_all; i++) {
    area += (all_fp[i] - all_fp[i - 1]) * (all_tp[i] + all_tp[i - 1]) / 2;
    assert_true(i == 1 || key[i] < key[i - 1]);
  }
  near(area / (s.n_positives * s.n_negatives), GOLDEN_R_AUC_A, 1e-13);
  assert_int_equal(curve_points(&s, n_all, fp, tp, NULL), n_all); /* they just fit */
  for (size_t most = 3; most < n_all; most++) {
    size_t n = curve_points(&s, most, fp, tp, NULL), from = 0;
    assert_true(n >= 2 && n <= most);
    assert_true(fp[0] == 0 && tp[0] == 0);
    assert_true(fp[n - 1] == s.n_negatives && tp[n - 1] == s.n_positives);
    for (size_t i = 0; i < n; i++, from++) { /* a part of all, in their order */
      while (from < n_all && (all_fp[from] != fp[i] || all_tp[from] != tp[i])) {
        from++;
      }
      assert_true(from < n_all);
    }
  }
}

static void test_near(void **state) {
  (void)state;
  struct curve_source s = split_source();
  double fp[POINTS_MOST], tp[POINTS_MOST], least[POINTS_MOST], most[POINTS_MOST];
  size_t n = curve_points(&s, POINTS_MOST, fp, tp, NULL);
  for (double reach = 0; reach < 400; reach = 3 * reach + 0.5) {
    curve_near(&s, fp, n, reach, least, most);
    for (size_t i = 0; i < n; i++) {
      double low = s.n_positives, high = 0;
      for (size_t k = 0; k < n; k++) {
        low = fp[k] >= fp[i] - reach ? fmin(low, tp[k]) : low;
        high = fp[k] <= fp[i] + reach ? fmax(high, tp[k]) : high;
      }
      near(least[i], low, 0);
      near(most[i], high, 0);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_by_hand),
                                     cmocka_unit_test(test_points), cmocka_unit_test(test_near)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
