/* The raw standard error in closed form (accuracy: McNemar's), the raised one by hand, and the
 * false-SAFE rate by simulation. */
#include "stats/table2.h"

#include <string.h>

#include "base/memory.h"
#include "base/philox.h"
#include "stats/distribution.h"
#include "stats/near_check.h"

/* joint[(label·2 + a)·2 + b] */
static const double joint[8] = {60, 5, 3, 8, 4, 6, 2, 20};

static void margins(void **state) {
  (void)state;
  double a[4], b[4];
  table2_paired_margins(joint, 2, a, b);
  assert_true(a[0] == 65 && a[1] == 11 && a[2] == 10 && a[3] == 22);
  assert_true(b[0] == 63 && b[1] == 13 && b[2] == 6 && b[3] == 26);
}

static void accuracy(void **state) {
  (void)state;
  struct table2_spec spec = {.function = TABLE2_ACCURACY, .positive = 1};
  struct table2_difference d;
  assert_int_equal(table2_paired_difference(&spec, joint, 2, &d, NULL), NONET_OK);
  /* right only by A: label 0 (a 0, b 1) 5 and label 1 (a 1, b 0) 2; only by B: 3 and 6 */
  double n = 108, b = 7, c = 9;
  NEAR(d.difference, (b - c) / n);
  NEAR(d.value_a, 87 / n);
  NEAR(d.se_raw, sqrt((b + c) - (b - c) * (b - c) / n) / n);
  NEAR(d.se, sqrt((b + c + 4) - (b - c) * (b - c) / (n + 4)) / (n + 4));
  struct table2_spec same = {.function = TABLE2_ACCURACY};
  double agreed[27] = {0};
  for (size_t i = 0; i < 3; i++) {
    agreed[(i * 3 + i) * 3 + i] = 30;
  }
  assert_int_equal(table2_paired_difference(&same, agreed, 3, &d, NULL), NONET_OK);
  /* K = 3: 18 discordant cells share 4 rows, 12 of the cells with exactly one of both right */
  assert_true(d.difference == 0 && d.se_raw == 0);
  NEAR(d.se, sqrt(12 * 4.0 / 18) / 94);
}

static void contrast(void **state) {
  (void)state;
  struct table2_spec spec = {.function = TABLE2_F_BETA, .positive = 1, .beta = 1};
  struct table2_difference d, plain;
  assert_int_equal(table2_paired_contrast(&spec, joint, 2, 0.95, &d, NULL), NONET_OK);
  assert_int_equal(table2_paired_difference(&spec, joint, 2, &plain, NULL), NONET_OK);
  NEAR(d.value_a, 44.0 / (44 + 10 + 11));
  NEAR(d.difference, plain.value_a - 0.95 * plain.value_b);
  assert_true(d.se > 0 && d.se != plain.se);
  double none[8] = {5, 0, 0, 0, 0, 0, 0, 0};
  struct table2_spec recall = {.function = TABLE2_RECALL, .positive = 1};
  assert_int_equal(table2_paired_difference(&recall, none, 2, &d, NULL), NONET_OK);
  assert_true(isnan(d.difference) && isnan(d.se));
  memory_fail_after(0);
  assert_int_equal(table2_paired_difference(&recall, joint, 2, &d, NULL), NONET_E_MEMORY);
  memory_fail_after(-1);
}

/* On the boundary (A's recall worse by delta, 25 positives of 250, F1): how often p for d <= -delta
   is below .05. The raised table must hold .07; the raw one is known not to (8-12 %). 4,000 tables,
   3 Monte-Carlo SE at .05 = .0103. */
static void false_safe(void **state) {
  (void)state;
  /* shares: label 1: both right, only A, only B, none; label 0 likewise, right = predicted 0 */
  const double positive[4] = {0.60, 0.02, 0.14, 0.24}, negative[4] = {0.90, 0.02, 0.02, 0.06};
  double truth[8] = {0}, raised = 0, raw = 0, runs = 4000;
  struct table2_spec spec = {.function = TABLE2_F_BETA, .positive = 1, .beta = 1};
  struct philox_sequence random = {.seed = 5, .id = 3};
  const size_t of_positive[4] = {7, 6, 5, 4}, of_negative[4] = {0, 1, 2, 3};
  for (int i = 0; i < 4; i++) {
    truth[of_positive[i]] = 0.1 * positive[i];
    truth[of_negative[i]] = 0.9 * negative[i];
  }
  struct table2_difference d;
  assert_int_equal(table2_paired_difference(&spec, truth, 2, &d, NULL), NONET_OK);
  double delta = -d.difference;
  assert_true(delta > 0);
  for (int run = 0; run < runs; run++) {
    double counts[8] = {0};
    for (int row = 0; row < 250; row++) {
      double u = philox_next_uniform(&random);
      size_t cell = 0;
      for (double sum = truth[0]; u >= sum && cell < 7; sum += truth[++cell]) {
      }
      counts[cell]++;
    }
    assert_int_equal(table2_paired_difference(&spec, counts, 2, &d, NULL), NONET_OK);
    raised += distribution_normal_sf((d.difference + delta) / d.se) <= 0.05;
    raw += distribution_normal_sf((d.difference + delta) / d.se_raw) <= 0.05;
  }
  print_message("false SAFE: raised %.3f, raw %.3f\n", raised / runs, raw / runs);
  assert_true(raised / runs <= 0.07);
  assert_true(raw > raised);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(margins), cmocka_unit_test(accuracy),
                                     cmocka_unit_test(contrast), cmocka_unit_test(false_safe)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
