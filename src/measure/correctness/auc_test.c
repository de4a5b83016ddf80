/*
 * The AUC family through views: Hanley & McNeil's CT ratings and the aSAH values of pROC
 * (golden.md's sources), scikit-learn's averages over classes, brute force over all pairs of rows,
 * replicated rows against weights, clusters of one row, class views, and what must not decide.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

#define N 400
#define K 3

/* tolerance 0: equal */
#define ASSERT_NEAR(got, wanted, tolerance)                                                        \
  do {                                                                                             \
    double got_ = (got), wanted_ = (wanted);                                                       \
    if (!(fabs(got_ - wanted_) <= (tolerance))) {                                                  \
      fail_msg("line %d: %s is %.17g, expected %.17g", __LINE__, #got, got_, wanted_);             \
    }                                                                                              \
  } while (0)

struct law {
  struct inference inference;
  double low, high, n, n_effective;
  size_t n_notes;
};

/* stream STREAM_A, STREAM_B, or −1: the pair. `word` NULL: the plain variant. Strings and
   replicates of the law die with the view: only numbers are kept, and whether a sentence was there.
 */
static struct law law_of(const struct fixture *fixture, const struct measure *measure,
                         const char *word, int class_index, int stream) {
  struct summary_set *set;
  struct view view;
  nonet_error error = {{0}};
  struct law law = {0};
  struct measure_variant variant = {.suffix = word != NULL ? word : "", .word = word};
  assert_int_equal(fixture_set(fixture, &set, &error), NONET_OK);
  assert_int_equal(fixture_view(set, class_index, &view, &error), NONET_OK);
  nonet_status status =
      stream < 0 ? measure->compare(measure, &variant, &view, &law.inference, &error)
                 : measure->estimate(measure, &variant, &view, stream, &law.inference, &error);
  if (status != NONET_OK) {
    fail_msg("%s: %s", measure->id, error.message);
  }
  inference_bounds(&law.inference, 0.95, &law.low, &law.high);
  law.n = view.n;
  law.n_effective = view.n_effective;
  law.n_notes = view.n_notes;
  law.inference.undecided = law.inference.undecided != NULL ? "undecided" : NULL;
  law.inference.reason = law.inference.reason != NULL ? "reason" : NULL;
  view_clear(&view);
  summary_free(set);
  return law;
}

/* ---- data ---- */

static uint32_t y[N], classes[N];
static double a[N], b[N], w[N], probabilities[N * K], others[N * K];
static uint64_t cluster[N];

static double uniform(uint64_t key, uint32_t k) {
  struct philox_block block = philox_row(7, PHILOX_SAMPLE, key, k);
  return ((double)block.word[0] + 0.5) / 4294967296.0;
}

static int setup(void **state) {
  (void)state;
  for (size_t i = 0; i < N; i++) {
    y[i] = uniform(i, 0) < 0.3;
    a[i] = floor(20 * (0.7 * uniform(i, 1) + 0.3 * y[i] * uniform(i, 2))) / 20; /* ties */
    b[i] = 0.8 * uniform(i, 3) + 0.2 * a[i];
    w[i] = 1 + floor(3 * uniform(i, 4));
    cluster[i] = i / 5;
    classes[i] = (uint32_t)(3 * uniform(i, 5));
    for (uint32_t c = 0; c < K; c++) {
      probabilities[i * K + c] = floor(50 * (uniform(i, 6 + c) + 0.6 * (classes[i] == c))) / 100;
      others[i * K + c] = uniform(i, 9 + c) + 0.3 * (classes[i] == c);
    }
  }
  return 0;
}

static struct fixture binary(void) {
  return (struct fixture){.task = TASK_BINARY,
                          .n = N,
                          .n_classes = 2,
                          .n_scores = 1,
                          .label = y,
                          .score = {a, b},
                          .kinds = SUMMARY_MULTISET};
}

static struct fixture multi(void) {
  return (struct fixture){.task = TASK_MULTICLASS,
                          .n = N,
                          .n_classes = K,
                          .n_scores = K,
                          .label = classes,
                          .score = {probabilities, others},
                          .kinds = SUMMARY_MULTISET};
}

/* ---- brute force ---- */

struct brute {
  double auc[2], variance[2], covariance;
};

static double won(double positive, double negative) {
  return positive > negative ? 1 : positive == negative ? 0.5 : 0;
}

/* DeLong 1988 as printed: all pairs. */
static struct brute brute_pair(const uint32_t *label, const double *const score[2], size_t n) {
  struct brute out = {{0}, {0}, 0};
  double *v = calloc(2 * n, sizeof *v), m[2] = {0, 0};
  for (size_t i = 0; i < n; i++) {
    m[label[i]]++;
  }
  for (int s = 0; s < 2; s++) {
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < n; j++) {
        if (label[i] != label[j]) {
          v[(size_t)s * n + i] +=
              (label[i] == 1 ? won(score[s][i], score[s][j]) : won(score[s][j], score[s][i])) /
              m[label[j]];
        }
      }
      out.auc[s] += label[i] == 1 ? v[(size_t)s * n + i] / m[1] : 0;
    }
  }
  for (size_t i = 0; i < n; i++) {
    double d = m[label[i]] * (m[label[i]] - 1), e[2] = {v[i] - out.auc[0], v[n + i] - out.auc[1]};
    out.variance[0] += e[0] * e[0] / d;
    out.variance[1] += e[1] * e[1] / d;
    out.covariance += e[0] * e[1] / d;
  }
  free(v);
  return out;
}

/* ---- tests ---- */

static void test_hanley_mcneil(void **state) {
  (void)state;
  static const int counts[2][5] = {{33, 6, 6, 11, 2}, {3, 2, 2, 11, 33}};
  uint32_t label[109];
  double score[109];
  size_t n = 0;
  for (uint32_t c = 0; c < 2; c++) {
    for (int r = 0; r < 5; r++) {
      for (int i = 0; i < counts[c][r]; i++) {
        label[n] = c;
        score[n++] = r + 1;
      }
    }
  }
  assert_int_equal(n, 109);
  struct fixture fixture = {.task = TASK_BINARY,
                            .n = n,
                            .n_classes = 2,
                            .n_scores = 1,
                            .label = label,
                            .score = {score, score},
                            .kinds = SUMMARY_MULTISET};
  struct law law = law_of(&fixture, &correctness_auc, NULL, -1, STREAM_A);
  ASSERT_NEAR(law.inference.value, 0.893171061528, 1e-12);
  ASSERT_NEAR(law.inference.se, 0.0307244083794, 1e-13);
  ASSERT_NEAR(law.n, 109, 0);
  assert_string_equal(law.inference.method, "delong");
  struct law pair = law_of(&fixture, &correctness_auc, NULL, -1, -1); /* a curve against itself */
  ASSERT_NEAR(pair.inference.value, 0, 0);
  ASSERT_NEAR(inference_p(&pair.inference, 0, true), 1, 0);
  ASSERT_NEAR(inference_p(&pair.inference, 0, false), 1, 0);
  assert_true(pair.low <= 0 &&
              pair.high >= 0); /* MOVER keeps a width: no discordant row is no proof */
  ASSERT_NEAR(pair.inference.pair_covariance, pair.inference.pair_variance[0], 0);
}

static void test_brute_force(void **state) {
  (void)state;
  struct fixture fixture = binary();
  const double *const scores[2] = {a, b};
  struct brute brute = brute_pair(y, scores, N);
  struct law pair = law_of(&fixture, &correctness_auc, NULL, -1, -1);
  for (int s = 0; s < 2; s++) {
    struct law law = law_of(&fixture, &correctness_auc, NULL, -1, s);
    ASSERT_NEAR(law.inference.value, brute.auc[s], 1e-14);
    ASSERT_NEAR(law.inference.se, sqrt(brute.variance[s]), 1e-14);
    ASSERT_NEAR(law.low, brute.auc[s] - 1.959963984540054 * sqrt(brute.variance[s]), 1e-12);
    ASSERT_NEAR(pair.inference.pair_value[s], brute.auc[s], 1e-14);
    ASSERT_NEAR(pair.inference.pair_variance[s], brute.variance[s], 1e-15);
  }
  ASSERT_NEAR(pair.inference.value, brute.auc[0] - brute.auc[1], 1e-14);
  ASSERT_NEAR(pair.inference.pair_covariance, brute.covariance, 1e-15);
  double se = sqrt(brute.variance[0] + brute.variance[1] - 2 * brute.covariance);
  assert_true(pair.low <= brute.auc[0] - brute.auc[1] - 1.95996 * se); /* the wider of two */
  assert_true(pair.high >= brute.auc[0] - brute.auc[1] + 1.95996 * se);
  assert_null(pair.inference.undecided);
}

static void test_order_of_rows(void **state) {
  (void)state;
  uint32_t label[N];
  double score[N];
  for (size_t i = 0; i < N; i++) {
    label[i] = y[N - 1 - i];
    score[i] = a[N - 1 - i];
  }
  struct fixture fixture = binary(), turned = binary();
  turned.label = label;
  turned.score[0] = score;
  struct law one = law_of(&fixture, &correctness_auc, NULL, -1, 0),
             two = law_of(&turned, &correctness_auc, NULL, -1, 0);
  assert_memory_equal(&one.inference.value, &two.inference.value, sizeof(double));
  assert_memory_equal(&one.inference.se, &two.inference.se, sizeof(double));
}

/* Values: weights are replicated rows. Laws: with all weights 1 the linearised variance is DeLong's
 * but for m/(m − 1). */
static void test_weights(void **state) {
  (void)state;
  static uint32_t label[3 * N];
  static double sa[3 * N], sb[3 * N], ones[N];
  size_t n = 0;
  for (size_t i = 0; i < N; i++) {
    ones[i] = 1;
    for (int copy = 0; copy < (int)w[i]; copy++) {
      label[n] = y[i];
      sa[n] = a[i];
      sb[n++] = b[i];
    }
  }
  struct fixture plain = binary(), weighted = binary(), replicated = binary(), by_one = binary();
  weighted.weight = w;
  by_one.weight = ones;
  replicated.n = n;
  replicated.label = label;
  replicated.score[0] = sa;
  replicated.score[1] = sb;
  for (int stream = -1; stream < 2; stream++) {
    struct law heavy = law_of(&weighted, &correctness_auc, NULL, -1, stream);
    struct law copies = law_of(&replicated, &correctness_auc, NULL, -1, stream);
    ASSERT_NEAR(heavy.inference.value, copies.inference.value, 1e-14);
    assert_true(heavy.high - heavy.low > copies.high - copies.low); /* copies are not information */
    struct law one = law_of(&by_one, &correctness_auc, NULL, -1, stream),
               delong = law_of(&plain, &correctness_auc, NULL, -1, stream);
    ASSERT_NEAR(one.inference.value, delong.inference.value, 1e-14);
    assert_string_equal(one.inference.method, "linearised");
    double se = stream >= 0
                    ? delong.inference.se
                    : sqrt(delong.inference.pair_variance[0] + delong.inference.pair_variance[1] -
                           2 * delong.inference.pair_covariance);
    ASSERT_NEAR(one.inference.se / se, 1, 5e-3);
    ASSERT_NEAR(one.n_effective, N, 1e-9);
  }
  struct law scaled, heavy = law_of(&weighted, &correctness_auc, NULL, -1, 0);
  static double large[N];
  for (size_t i = 0; i < N; i++) {
    large[i] = 1024 * w[i];
  }
  weighted.weight = large;
  scaled = law_of(&weighted, &correctness_auc, NULL, -1, 0);
  ASSERT_NEAR(scaled.inference.value, heavy.inference.value, 1e-15);
  ASSERT_NEAR(scaled.inference.se, heavy.inference.se, 1e-15);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < N; i++) {
    sum += w[i];
    squares += w[i] * w[i];
  }
  ASSERT_NEAR(heavy.n_effective, sum * sum / squares, 1e-9);
}

/* The linearised variance with clusters, written out: placements by all pairs, sums by cluster of
 * five. */
static void test_clusters(void **state) {
  (void)state;
  struct fixture clustered = binary();
  clustered.cluster = cluster;
  const double *const scores[2] = {a, b};
  double m[2] = {0, 0}, total[2][N / 5] = {{0}}, auc[2] = {0, 0};
  static double v[2][N];
  for (size_t i = 0; i < N; i++) {
    m[y[i]]++;
  }
  for (int s = 0; s < 2; s++) {
    for (size_t i = 0; i < N; i++) {
      v[s][i] = 0;
      for (size_t j = 0; j < N; j++) {
        v[s][i] += y[i] == y[j] ? 0
                                : (y[i] == 1 ? won(scores[s][i], scores[s][j])
                                             : won(scores[s][j], scores[s][i])) /
                                      m[y[j]];
      }
      auc[s] += y[i] == 1 ? v[s][i] / m[1] : 0;
    }
    for (size_t i = 0; i < N; i++) {
      total[s][cluster[i]] += (v[s][i] - auc[s]) / m[y[i]];
    }
  }
  double g = N / 5.0, variance[3] = {0, 0, 0};
  for (size_t c = 0; c < N / 5; c++) {
    variance[0] += g / (g - 1) * total[0][c] * total[0][c];
    variance[1] += g / (g - 1) * total[1][c] * total[1][c];
    variance[2] += g / (g - 1) * (total[0][c] - total[1][c]) * (total[0][c] - total[1][c]);
  }
  struct law pair = law_of(&clustered, &correctness_auc, NULL, -1, -1);
  for (int s = 0; s < 2; s++) {
    struct law law = law_of(&clustered, &correctness_auc, NULL, -1, s);
    ASSERT_NEAR(law.inference.value, auc[s], 1e-13);
    ASSERT_NEAR(law.inference.se, sqrt(variance[s]), 1e-12);
    ASSERT_NEAR(law.inference.df, g - 1, 0);
    ASSERT_NEAR(pair.inference.pair_variance[s], variance[s], 1e-14);
  }
  ASSERT_NEAR(pair.inference.se, sqrt(variance[2]), 1e-12);
  ASSERT_NEAR(pair.inference.pair_covariance, (variance[0] + variance[1] - variance[2]) / 2, 1e-14);
  assert_null(pair.inference.undecided);
  static uint64_t few[N];
  for (size_t i = 0; i < N; i++) {
    few[i] = i % 12;
  }
  clustered.cluster = few;
  pair = law_of(&clustered, &correctness_auc, NULL, -1, -1);
  assert_non_null(pair.inference.undecided);
  assert_true(pair.n_notes > 0);
}

static double brute_auc(const double *score, size_t stride, const uint32_t *label,
                        uint32_t positive, int negative) {
  double sum = 0, pairs = 0;
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < N; j++) {
      if (label[i] == positive &&
          (negative < 0 ? label[j] != positive : label[j] == (uint32_t)negative)) {
        sum += won(score[i * stride], score[j * stride]);
        pairs++;
      }
    }
  }
  return sum / pairs;
}

static void test_classes(void **state) {
  (void)state;
  struct fixture fixture = multi();
  double macro = 0, weighted = 0, m = 0;
  for (uint32_t c = 0; c < K; c++) {
    double n = 0, auc = brute_auc(probabilities + c, K, classes, c, -1);
    static uint32_t is_class[N];
    static double score[2][N];
    for (size_t i = 0; i < N; i++) {
      is_class[i] = classes[i] == c;
      n += is_class[i];
      score[0][i] = probabilities[i * K + c];
      score[1][i] = others[i * K + c];
    }
    macro += auc / K;
    weighted += auc * n / N;
    for (uint32_t d = 0; d < K; d++) {
      m += d == c ? 0 : brute_auc(probabilities + c, K, classes, c, (int)d) / (K * (K - 1));
    }
    const double *const scores[2] = {score[0], score[1]};
    struct brute brute = brute_pair(is_class, scores, N);
    struct law one = law_of(&fixture, &correctness_auc_ovr, NULL, (int)c, 0);
    ASSERT_NEAR(one.inference.value, auc, 1e-14);
    ASSERT_NEAR(one.inference.se, sqrt(brute.variance[0]), 1e-14);
    struct law pair = law_of(&fixture, &correctness_auc_ovr, NULL, (int)c, -1);
    ASSERT_NEAR(pair.inference.pair_covariance, brute.covariance, 1e-14);
  }
  ASSERT_NEAR(law_of(&fixture, &correctness_auc_ovr, "macro", -1, 0).inference.value, macro, 1e-13);
  ASSERT_NEAR(law_of(&fixture, &correctness_auc_ovr, "weighted", -1, 0).inference.value, weighted,
              1e-13);
  ASSERT_NEAR(law_of(&fixture, &correctness_auc_hand_till, NULL, -1, 0).inference.value, m, 1e-13);
}

/* The standard errors of the averages against a jackknife over rows. */
static void check_jackknife(const struct measure *measure, const char *word, int stream,
                            double tolerance) {
  struct fixture fixture = multi();
  struct law all = law_of(&fixture, measure, word, -1, stream);
  static uint32_t label[N];
  static double first[N * K], second[N * K];
  double sum = 0, squares = 0;
  const size_t n = 120; /* a jackknife of part of the rows is enough to see a wrong term */
  for (size_t left = 0; left < n; left++) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
      if (i != left) {
        label[k] = classes[i];
        memcpy(first + k * K, probabilities + i * K, K * sizeof *first);
        memcpy(second + k++ * K, others + i * K, K * sizeof *second);
      }
    }
    fixture.n = k;
    fixture.label = label;
    fixture.score[0] = first;
    fixture.score[1] = second;
    double value = law_of(&fixture, measure, word, -1, stream).inference.value;
    sum += value;
    squares += value * value;
  }
  fixture = multi();
  fixture.n = n;
  struct law part = law_of(&fixture, measure, word, -1, stream);
  double jackknife = sqrt((squares - sum * sum / (double)n) * ((double)n - 1) / (double)n);
  ASSERT_NEAR(part.inference.se / jackknife, 1, tolerance);
  assert_true(all.inference.se < part.inference.se);
}

static void test_averages_have_the_jackknife_error(void **state) {
  (void)state;
  check_jackknife(&correctness_auc_ovr, "macro", 0, 0.03);
  check_jackknife(&correctness_auc_ovr, "weighted", 0, 0.03);
  check_jackknife(&correctness_auc_hand_till, NULL, 0, 0.03);
  check_jackknife(&correctness_auc_ovr, "weighted", -1, 0.03);
}

static void test_what_has_no_law(void **state) {
  (void)state;
  uint32_t label[6] = {0, 0, 0, 1, 1, 1}, none[6] = {0, 0, 0, 0, 0, 0};
  double good[6] = {.1, .2, .3, .6, .7, .8}, bad[6] = {.1, .65, .3, .6, .7, .2};
  struct fixture fixture = {.task = TASK_BINARY,
                            .n = 6,
                            .n_classes = 2,
                            .n_scores = 1,
                            .label = label,
                            .score = {good, bad},
                            .kinds = SUMMARY_MULTISET};
  struct law perfect = law_of(&fixture, &correctness_auc, NULL, -1, 0);
  ASSERT_NEAR(perfect.inference.value, 1, 0);
  assert_true(isnan(perfect.low) && perfect.inference.reason != NULL);
  struct law pair = law_of(&fixture, &correctness_auc, NULL, -1, -1);
  assert_non_null(pair.inference.undecided);
  fixture.label = none;
  struct law empty = law_of(&fixture, &correctness_auc, NULL, -1, 0);
  assert_true(isnan(empty.inference.value) && empty.inference.reason != NULL && empty.n == 0);
  empty = law_of(&fixture, &correctness_auc, NULL, -1, -1);
  assert_true(isnan(empty.inference.value) && empty.inference.reason != NULL);
  double weight[6] = {1, 1, 1, 0, 0, 0};
  fixture.label = label;
  fixture.weight = weight;
  empty = law_of(&fixture, &correctness_auc, NULL, -1, 0);
  assert_true(isnan(empty.inference.value) && empty.inference.reason != NULL);
  fixture.n = 0;
  empty = law_of(&fixture, &correctness_auc, NULL, -1, 0);
  assert_true(isnan(empty.inference.value) && empty.inference.reason != NULL);
  struct fixture one_class = multi();
  static uint32_t zero[N];
  one_class.label = zero;
  empty = law_of(&one_class, &correctness_auc_hand_till, NULL, -1, 0);
  assert_true(isnan(empty.inference.value) && empty.inference.reason != NULL);
  one_class.n_classes = 3;
  static uint32_t two[N];
  for (size_t i = 0; i < N; i++) {
    two[i] = classes[i] == 0;
  }
  one_class.label = two;
  struct law left = law_of(&one_class, &correctness_auc_ovr, "macro", -1, 0);
  assert_true(isfinite(left.inference.value) && left.n_notes == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hanley_mcneil),
      cmocka_unit_test(test_brute_force),
      cmocka_unit_test(test_order_of_rows),
      cmocka_unit_test(test_weights),
      cmocka_unit_test(test_clusters),
      cmocka_unit_test(test_classes),
      cmocka_unit_test(test_averages_have_the_jackknife_error),
      cmocka_unit_test(test_what_has_no_law),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}
