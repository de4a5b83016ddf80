/* AUC and DeLong: Hanley & McNeil's table, pROC and scikit-learn (tests/golden/stats_b), brute
 * force, threads and permutations. */
#include "stats/ranking.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../tests/golden/stats_b/stats_b.h"
#include "base/memory.h"
#include "base/philox.h"
#include "stats/distribution.h"
#include "stats/mathfn.h"
#include "stats/sortkey.h"

static void near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("got %.17g, wanted %.17g", got, wanted);
  }
}

static void test_hanley_mcneil(void **state) {
  (void)state;
  const uint64_t normals[] = {33, 6, 6, 11, 2}, abnormals[] = {3, 2, 2, 11, 33};
  const uint32_t keys[] = {1, 2, 3, 4, 5};
  struct ranking_class negatives = {.keys32 = keys, .count = normals, .n = 5},
                       positives = {.keys32 = keys, .count = abnormals, .n = 5};
  struct ranking_auc auc;
  assert_int_equal(ranking_auc_sorted(&negatives, &positives, 1, &auc, NULL), NONET_OK);
  near(auc.auc, 0.893171061528, 1e-12); /* Hanley & McNeil 1982 */
  near(sqrt(auc.variance), 0.0307244083794, 1e-13);
}

static void golden_keys(uint64_t *a, uint64_t *b) {
  for (size_t i = 0; i < golden_n; i++) {
    a[i] = sortkey_f64(golden_a[i]);
    b[i] = sortkey_f64(golden_b[i]);
  }
}

static void test_proc(void **state) {
  (void)state;
  uint64_t a[golden_n], b[golden_n], twice_a[golden_n], twice_b[golden_n];
  golden_keys(a, b);
  struct ranking_auc auc;
  assert_int_equal(ranking_auc_f64(golden_a, golden_label, golden_n, 2, &auc, NULL), NONET_OK);
  near(auc.auc, GOLDEN_R_AUC_A, 1e-14);
  near(auc.variance, GOLDEN_R_VAR_A, 1e-15);
  near(auc.auc - distribution_normal_z(0.95) * sqrt(auc.variance), GOLDEN_R_LOW_A, 1e-13);
  assert_int_equal(ranking_placements(a, golden_label, NULL, golden_n, 1, twice_a, NULL), NONET_OK);
  assert_int_equal(ranking_placements(b, golden_label, NULL, golden_n, 1, twice_b, NULL), NONET_OK);
  struct ranking_pair pair;
  ranking_pair(twice_a, twice_b, golden_label, NULL, golden_n, &pair);
  near(pair.auc[1], GOLDEN_R_AUC_B, 1e-14);
  near(pair.variance[1], GOLDEN_R_VAR_B, 1e-15);
  near(pair.covariance, GOLDEN_R_COV_AB, 1e-15);
  near((pair.auc[0] - pair.auc[1]) / sqrt(pair.variance_difference), GOLDEN_R_Z, 1e-11);
  ranking_pair(twice_a, twice_a, golden_label, NULL, golden_n, &pair);
  assert_true(pair.variance_difference == 0 && pair.auc[0] == pair.auc[1]);
}

static void test_brute_force_and_threads(void **state) {
  (void)state;
  enum { n = 500 };
  struct philox_sequence draws = {3, 0, 0};
  float scores[n];
  uint8_t labels[n];
  for (size_t i = 0; i < n; i++) {
    scores[i] = (float)(philox_next_u32(&draws) % 97) / 7;
    labels[i] = philox_next_u32(&draws) % 3 == 0;
  }
  uint64_t twice = 0, m = 0;
  for (size_t i = 0; i < n; i++) {
    m += labels[i];
    for (size_t j = 0; j < n; j++) {
      if (labels[i] && !labels[j]) {
        twice += scores[i] > scores[j] ? 2 : scores[i] == scores[j];
      }
    }
  }
  struct ranking_auc auc;
  assert_int_equal(ranking_auc_f32(scores, labels, n, 1, &auc, NULL), NONET_OK);
  assert_true((uint64_t)auc.twice_u == twice && auc.n_positives == m);
  enum { big = 400000 };
  float *large = malloc(big * sizeof *large), *turned = malloc(big * sizeof *turned);
  uint8_t *label = malloc(big), *turned_label = malloc(big);
  for (size_t i = 0; i < big; i++) {
    label[i] = philox_next_u32(&draws) % 4 == 0;
    large[i] = (float)(philox_next_u32(&draws) % 100003) + 20000.0f * label[i];
    turned[(i * 7 + 11) % big] = large[i];
    turned_label[(i * 7 + 11) % big] = label[i];
  }
  struct ranking_auc one, other;
  memset(&one, 0, sizeof one);
  memset(&other, 0, sizeof other);
  assert_int_equal(ranking_auc_f32(large, label, big, 1, &one, NULL), NONET_OK);
  for (size_t t = 2; t <= 7; t += 5) {
    assert_int_equal(ranking_auc_f32(large, label, big, t, &other, NULL), NONET_OK);
    assert_memory_equal(&one, &other, sizeof one);
    assert_int_equal(ranking_auc_f32(turned, turned_label, big, t, &other, NULL), NONET_OK);
    assert_memory_equal(&one, &other, sizeof one);
  }
  assert_true(one.variance > 1e-7 && one.variance < 1e-5); /* an overflow would collapse it */
  free(large), free(turned), free(label), free(turned_label);
}

static void test_edges(void **state) {
  (void)state;
  const float scores[] = {0.5f, 0.25f, NAN};
  const uint8_t ones[] = {1, 1, 1}, mixed[] = {0, 1, 1};
  struct ranking_auc auc;
  nonet_error error;
  assert_int_equal(ranking_auc_f32(scores, ones, 2, 1, &auc, NULL), NONET_OK);
  assert_true(isnan(auc.auc) && isnan(auc.variance));
  assert_int_equal(ranking_auc_f32(scores, ones, 0, 1, &auc, NULL), NONET_OK);
  assert_true(isnan(auc.auc));
  assert_int_equal(ranking_auc_f32(scores, mixed, 2, 1, &auc, NULL), NONET_OK);
  assert_true(auc.auc == 0 && isnan(auc.variance));
  assert_int_equal(ranking_auc_f32(scores, mixed, 3, 1, &auc, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "row 2"));
}

static void test_weighted(void **state) {
  (void)state;
  uint64_t a[golden_n], b[golden_n], twice[golden_n], cluster[golden_n];
  double auc, influence[golden_n];
  golden_keys(a, b);
  assert_int_equal(
      ranking_weighted(a, golden_label, golden_weight, NULL, golden_n, 1, &auc, influence, NULL),
      NONET_OK);
  near(auc, GOLDEN_WEIGHTED_AUC, 1e-13);
  assert_int_equal(
      ranking_weighted(a, golden_label, NULL, NULL, golden_n, 1, &auc, influence, NULL), NONET_OK);
  near(auc, GOLDEN_R_AUC_A, 1e-13);
  /* DeLong has m/(m − 1) by class where the influence form has n/(n − 1) */
  uint64_t m = 0;
  double parts[2] = {0, 0};
  for (size_t i = 0; i < golden_n; i++) {
    m += golden_label[i];
    parts[golden_label[i]] += influence[i] * influence[i];
    cluster[i] = i;
  }
  double n = golden_n - (double)m;
  near(parts[0] * n / (n - 1) + parts[1] * (double)m / ((double)m - 1), GOLDEN_R_VAR_A, 1e-15);
  struct ranking_covariance rows, clusters;
  assert_int_equal(ranking_influence_covariance(influence, NULL, NULL, NULL, golden_n, &rows, NULL),
                   NONET_OK);
  assert_int_equal(
      ranking_influence_covariance(influence, NULL, NULL, cluster, golden_n, &clusters, NULL),
      NONET_OK);
  assert_memory_equal(&rows, &clusters, sizeof rows);
  /* every row twice in one cluster: the same variance as once, but for G/(G − 1) which is the same
   * G */
  uint64_t two[golden_n];
  for (size_t i = 0; i < golden_n; i++) {
    two[i] = 2;
  }
  assert_int_equal(ranking_weighted(a, golden_label, NULL, two, golden_n, 1, &auc, influence, NULL),
                   NONET_OK);
  assert_int_equal(
      ranking_influence_covariance(influence, NULL, two, cluster, golden_n, &clusters, NULL),
      NONET_OK);
  near(clusters.variance_a, rows.variance_a, 1e-15);
  assert_int_equal(ranking_placements(a, golden_label, two, golden_n, 1, twice, NULL), NONET_OK);
}

static void test_limits(void **state) {
  (void)state;
  double low, high;
  ranking_logit_limits(0.9, 0.02, 1.959963984540054, &low, &high);
  /* log(9) ± 1.95996·0.02/0.09, by hand */
  near(mathfn_logit(low), 2.1972245773362196 - 0.4355475521200120, 1e-12);
  near(mathfn_logit(high), 2.1972245773362196 + 0.4355475521200120, 1e-12);
  ranking_logit_limits(1, 0.0, 1.96, &low, &high);
  assert_true(isnan(low) && isnan(high));
  /* Zou & Donner 2008: symmetric limits give the usual interval */
  ranking_mover_limits(0.8, 0.7, 0.9, 0.6, 0.4, 0.8, 0.0, &low, &high);
  near(low, 0.2 - sqrt(0.05), 1e-15);
  near(high, 0.2 + sqrt(0.05), 1e-15);
  struct ranking_pair pair = {50, 60, {0.85, 0.8}, {0.0012, 0.0016}, 0.0009, 0.001};
  double z = ranking_mover_z(&pair, -0.02);
  ranking_mover_difference(&pair, z, &low, &high);
  near(low, -0.02, 1e-12);
  z = ranking_mover_z(&pair, 0.11);
  assert_true(z < 0);
  ranking_mover_difference(&pair, -z, &low, &high);
  near(high, 0.11, 1e-12);
  near(ranking_logit_z(0.9, 0.02, 0.85), (log(9.0) - log(0.85 / 0.15)) * 0.09 / 0.02, 1e-12);
}

/* Binormal scores, true AUC Φ(1/√2): coverage of DeLong and logit at 95 %. */
static void test_coverage(void **state) {
  (void)state;
  enum { n = 200, runs = 2000 };
  double truth = distribution_normal_cdf(1 / sqrt(2.0)), scores[n];
  uint8_t labels[n];
  int covered[2] = {0, 0};
  struct philox_sequence draws = {5, 0, 0};
  for (int run = 0; run < runs; run++) {
    for (size_t i = 0; i < n; i++) {
      labels[i] = i % 2;
      scores[i] = distribution_normal_quantile(philox_next_uniform(&draws)) + labels[i];
    }
    struct ranking_auc auc;
    assert_int_equal(ranking_auc_f64(scores, labels, n, 1, &auc, NULL), NONET_OK);
    double se = sqrt(auc.variance), low, high;
    covered[0] += fabs(auc.auc - truth) <= 1.959964 * se;
    ranking_logit_limits(auc.auc, se, 1.959964, &low, &high);
    covered[1] += low <= truth && truth <= high;
  }
  for (int k = 0; k < 2; k++) { /* three Monte-Carlo standard errors are .015; DeLong is known to
                                   fall a little short */
    near(covered[k] / (double)runs, 0.95, 0.02);
  }
}

/* Each class against the rest, one sort in all: the very numbers of a sort for each. Ties, a class
 * without rows, of one row, of all rows. */
static void test_each_class(void **state) {
  (void)state;
  enum { n = 600, most = 40 };
  struct philox_sequence draws = {9, 0, 0};
  const size_t shapes[][2] = {{2, 600}, {7, 5}, {most, 30}, {3, 1}, {1, 9}}; /* classes, values */
  for (size_t shape = 0; shape < sizeof shapes / sizeof *shapes; shape++) {
    size_t n_classes = shapes[shape][0];
    double scores[n];
    uint64_t keys[n];
    uint32_t class_of[n];
    uint8_t labels[n];
    struct ranking_auc each[most + 2], one;
    for (size_t i = 0; i < n; i++) {
      class_of[i] = (uint32_t)(philox_next_uniform(&draws) * (double)n_classes);
      scores[i] = floor(philox_next_uniform(&draws) * (double)shapes[shape][1]) - 2;
      keys[i] = sortkey_f64(scores[i]);
    }
    class_of[n / 2] = (uint32_t)n_classes; /* one row; the class behind it has none */
    assert_int_equal(ranking_each_class(keys, class_of, n, n_classes + 2, 2, each, NULL), NONET_OK);
    for (size_t c = 0; c < n_classes + 2; c++) {
      for (size_t i = 0; i < n; i++) {
        labels[i] = class_of[i] == c;
      }
      assert_int_equal(ranking_auc_f64(scores, labels, n, 1, &one, NULL), NONET_OK);
      assert_int_equal(each[c].n_positives, one.n_positives);
      assert_int_equal(each[c].n_negatives, one.n_negatives);
      assert_true(each[c].twice_u == one.twice_u);
      assert_true(each[c].auc == one.auc || (isnan(each[c].auc) && isnan(one.auc)));
      assert_true(each[c].variance == one.variance ||
                  (isnan(each[c].variance) && isnan(one.variance)));
    }
  }
  struct ranking_auc none[2];
  const uint64_t no_key = 0;
  const uint32_t no_class = 0;
  assert_int_equal(ranking_each_class(&no_key, &no_class, 0, 2, 1, none, NULL), NONET_OK);
  assert_true(isnan(none[0].auc) && isnan(none[1].auc));
}

static void test_each_class_without_memory(void **state) {
  (void)state;
  const uint64_t keys[] = {3, 1, 2, 2, 5, 4};
  const uint32_t class_of[] = {0, 1, 2, 0, 1, 2};
  long k = 0;
  for (bool done = false; !done; k++) {
    struct ranking_auc each[3];
    memory_fail_after(k);
    nonet_status status = ranking_each_class(keys, class_of, 6, 3, 1, each, NULL);
    done = memory_fail_after(-1) <= k;
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
  }
  assert_true(k > 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_hanley_mcneil),
                                     cmocka_unit_test(test_proc),
                                     cmocka_unit_test(test_brute_force_and_threads),
                                     cmocka_unit_test(test_edges),
                                     cmocka_unit_test(test_each_class),
                                     cmocka_unit_test(test_each_class_without_memory),
                                     cmocka_unit_test(test_weighted),
                                     cmocka_unit_test(test_limits),
                                     cmocka_unit_test(test_coverage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
