/*
 * Numbers of curves through views: scikit-learn's average precision of its own documentation, every
 * number against its definition written out over all thresholds, replicated rows against weights,
 * intervals against a bootstrap with another generator, score groups against rows.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

#define ASSERT_NEAR(got, wanted, tolerance)                                                        \
  do {                                                                                             \
    double got_ = (got), wanted_ = (wanted);                                                       \
    if (!(fabs(got_ - wanted_) <= (tolerance))) {                                                  \
      fail_msg("line %d: %s is %.17g, expected %.17g", __LINE__, #got, got_, wanted_);             \
    }                                                                                              \
  } while (0)

#define N 300

struct law {
  struct inference inference;
  double low, high, n;
  bool is_grouped; /* the method speaks of groups */
};

static struct law law_with(const struct fixture *fixture, const struct measure *measure,
                           const char *suffix, int stream, size_t b) {
  struct summary_set *set;
  struct view view;
  nonet_error error = {{0}};
  struct law law = {0};
  struct view_options options = fixture_options;
  struct measure_variant variant = {.suffix = ""};
  if (suffix != NULL) {
    assert_true(measure->parse_variant(suffix, &variant));
  }
  assert_int_equal(fixture_set(fixture, &set, &error), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, &error), NONET_OK);
  options.n_replicates = b;
  view.options = &options;
  nonet_status status =
      stream < 0 ? measure->compare(measure, &variant, &view, &law.inference, &error)
                 : measure->estimate(measure, &variant, &view, stream, &law.inference, &error);
  if (status != NONET_OK) {
    fail_msg("%s: %s", measure->id, error.message);
  }
  inference_bounds(&law.inference, 0.95, &law.low, &law.high);
  law.n = view.n;
  law.is_grouped = strstr(law.inference.method, "groups") != NULL;
  law.inference.undecided = law.inference.undecided != NULL ? "undecided" : NULL;
  law.inference.reason = law.inference.reason != NULL ? "reason" : NULL;
  law.inference.method = NULL;
  view_clear(&view);
  summary_free(set);
  return law;
}

static struct law law_of(const struct fixture *fixture, const struct measure *measure,
                         const char *suffix, int stream) {
  return law_with(fixture, measure, suffix, stream, 1000);
}

static uint32_t y[N];
static double a[N], b[N], w[N];

static double uniform(uint64_t key, uint32_t k) {
  struct philox_block block = philox_row(11, PHILOX_SAMPLE, key, k);
  return ((double)block.word[0] + 0.5) / 4294967296.0;
}

static int setup(void **state) {
  (void)state;
  for (size_t i = 0; i < N; i++) {
    y[i] = uniform(i, 0) < 0.35;
    a[i] = floor(40 * (0.6 * uniform(i, 1) + 0.4 * y[i] * uniform(i, 2))) / 40;
    b[i] = 0.7 * uniform(i, 3) + 0.3 * a[i];
    w[i] = 1 + floor(3 * uniform(i, 4));
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

/* ---- the definitions, over all thresholds ---- */

static void at_threshold(const double *score, const double *weight, double t, double *tp,
                         double *fp) {
  *tp = *fp = 0;
  for (size_t i = 0; i < N; i++) {
    if (score[i] >= t) {
      *(y[i] == 1 ? tp : fp) += weight == NULL ? 1 : weight[i];
    }
  }
}

static int falling(const void *left, const void *right) {
  double x = *(const double *)left, z = *(const double *)right;
  return (x < z) - (x > z);
}

struct naive {
  double ap, r_at_p, p_at_r, tpr_at_fpr, f1, gain, partial;
};

static struct naive naive(const double *score, const double *weight) {
  double t[N], p, n, tp0 = 0, fp0 = 0, tp, fp;
  struct naive out = {.gain = NAN};
  at_threshold(score, weight, -INFINITY, &p, &n);
  memcpy(t, score, sizeof t);
  qsort(t, N, sizeof *t, falling);
  for (size_t k = 0; k < N; k++) {
    if (k > 0 && t[k] == t[k - 1]) {
      continue;
    }
    at_threshold(score, weight, t[k], &tp, &fp);
    double precision = tp / (tp + fp), recall = tp / p;
    out.ap += (tp - tp0) / p * precision;
    out.r_at_p = precision >= 0.6 && recall > out.r_at_p ? recall : out.r_at_p;
    out.p_at_r = recall >= 0.5 && precision > out.p_at_r ? precision : out.p_at_r;
    out.tpr_at_fpr = fp / n <= 0.1 && recall > out.tpr_at_fpr ? recall : out.tpr_at_fpr;
    out.f1 = fmax(out.f1, 2 / (1 / precision + 1 / recall));
    double cut = 0.2 * (p + n);
    if (isnan(out.gain) && tp + fp >= cut) {
      out.gain = (tp0 + (tp - tp0) * (cut - tp0 - fp0) / (tp - tp0 + fp - fp0)) / p;
    }
    if (fp > fp0 && fp0 / n < 0.1) { /* trapezoid, cut at FPR 0.1 */
      double end = fmin(fp / n, 0.1), share = (end - fp0 / n) / (fp / n - fp0 / n);
      out.partial += (end - fp0 / n) * (tp0 + tp0 + share * (tp - tp0)) / (2 * p);
    }
    tp0 = tp;
    fp0 = fp;
  }
  return out;
}

static void check_values(const struct fixture *fixture, const double *score, const double *weight,
                         int stream) {
  struct naive wanted = naive(score, weight);
  ASSERT_NEAR(law_of(fixture, &correctness_average_precision, NULL, stream).inference.value,
              wanted.ap, 1e-13);
  ASSERT_NEAR(law_of(fixture, &correctness_recall_at_precision, "0.6", stream).inference.value,
              wanted.r_at_p, 1e-14);
  ASSERT_NEAR(law_of(fixture, &correctness_precision_at_recall, "0.5", stream).inference.value,
              wanted.p_at_r, 1e-14);
  ASSERT_NEAR(law_of(fixture, &correctness_tpr_at_fpr, "0.1", stream).inference.value,
              wanted.tpr_at_fpr, 1e-14);
  ASSERT_NEAR(law_of(fixture, &correctness_f1_best, NULL, stream).inference.value, wanted.f1,
              1e-14);
  ASSERT_NEAR(law_of(fixture, &correctness_gain, "0.2", stream).inference.value, wanted.gain,
              1e-13);
  ASSERT_NEAR(law_of(fixture, &correctness_lift_at, "0.2", stream).inference.value,
              wanted.gain / 0.2, 1e-12);
  ASSERT_NEAR(law_of(fixture, &correctness_auc_partial, "0.1", stream).inference.value,
              wanted.partial, 1e-14);
  ASSERT_NEAR(law_of(fixture, &correctness_auc_partial, "0.1;mcclish", stream).inference.value,
              0.5 * (1 + (wanted.partial - 0.005) / 0.095), 1e-13);
}

static void test_definitions(void **state) {
  (void)state;
  struct fixture plain = binary(), weighted = binary();
  weighted.weight = w;
  for (int s = 0; s < 2; s++) {
    check_values(&plain, s == 0 ? a : b, NULL, s);
    check_values(&weighted, s == 0 ? a : b, w, s);
  }
}

static void test_scikit_learn_example(void **state) {
  (void)state;
  uint32_t label[] = {0, 0, 1, 1};
  double score[] = {0.1, 0.4, 0.35, 0.8};
  struct fixture fixture = {.task = TASK_BINARY,
                            .n = 4,
                            .n_classes = 2,
                            .n_scores = 1,
                            .label = label,
                            .score = {score},
                            .kinds = SUMMARY_MULTISET};
  struct law law = law_of(&fixture, &correctness_average_precision, NULL, 0);
  ASSERT_NEAR(law.inference.value, 5.0 / 6, 1e-15);            /* average_precision_score: 0.83 */
  assert_true(isnan(law.low) && law.inference.reason != NULL); /* fewer than 50 positives */
}

/* A row bootstrap with another generator and n draws of rows: the spread must agree within
 * Monte-Carlo error. */
static void test_bootstrap_spread(void **state) {
  (void)state;
  struct fixture fixture = binary();
  struct law law = law_of(&fixture, &correctness_average_precision, NULL, 0);
  struct law difference = law_of(&fixture, &correctness_average_precision, NULL, -1);
  uint64_t seed = 88172645463325252ULL;
  double sum = 0, squares = 0, sum_d = 0, squares_d = 0, weight[N];
  const int n_replicates = 1500;
  for (int r = 0; r < n_replicates; r++) {
    memset(weight, 0, sizeof weight);
    for (int i = 0; i < N; i++) {
      seed ^= seed << 13;
      seed ^= seed >> 7;
      seed ^= seed << 17;
      weight[(seed >> 20) % N]++;
    }
    double tp0[2] = {0, 0}, ap[2] = {0, 0};
    for (int s = 0; s < 2; s++) { /* thresholds from the highest: by counting, N is small */
      const double *score = s == 0 ? a : b;
      double t[N], tp, fp, p = 0;
      memcpy(t, score, sizeof t);
      qsort(t, N, sizeof *t, falling);
      for (size_t i = 0; i < N; i++) {
        p += y[i] == 1 ? weight[i] : 0;
      }
      for (size_t k = 0; k < N; k++) {
        if ((k == 0 || t[k] != t[k - 1]) && r < 500) {
          at_threshold(score, weight, t[k], &tp, &fp);
          ap[s] += tp + fp > 0 ? (tp - tp0[s]) / p * tp / (tp + fp) : 0;
          tp0[s] = tp;
        }
      }
    }
    if (r < 500) {
      sum += ap[0];
      squares += ap[0] * ap[0];
      sum_d += ap[0] - ap[1];
      squares_d += (ap[0] - ap[1]) * (ap[0] - ap[1]);
    }
  }
  double se = sqrt((squares - sum * sum / 500) / 499),
         se_d = sqrt((squares_d - sum_d * sum_d / 500) / 499);
  ASSERT_NEAR(law.inference.se * law.inference.value * (1 - law.inference.value) / se, 1, 0.15);
  ASSERT_NEAR(difference.inference.se / se_d, 1, 0.15);
  ASSERT_NEAR(difference.inference.value, naive(a, NULL).ap - naive(b, NULL).ap, 1e-13);
  assert_true(law.low < law.inference.value && law.inference.value < law.high && law.low > 0 &&
              law.high < 1);
  assert_null(difference.inference.undecided);
}

static void test_intervals_hold_the_value(void **state) {
  (void)state;
  struct fixture fixture = binary();
  static const struct {
    const struct measure *measure;
    const char *suffix;
  } all[] = {{&correctness_auc_partial, "0.1"},
             {&correctness_tpr_at_fpr, "0.1"},
             {&correctness_precision_at_recall, "0.5"},
             {&correctness_f1_best, NULL},
             {&correctness_lift_at, "0.1"},
             {&correctness_gain, "0.1"}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    struct law law = law_of(&fixture, all[k].measure, all[k].suffix, 0);
    assert_true(law.low < law.inference.value && law.inference.value < law.high);
    struct law pair = law_of(&fixture, all[k].measure, all[k].suffix, -1);
    assert_true(pair.low < pair.inference.value && pair.inference.value < pair.high);
    ASSERT_NEAR(pair.n, N, 0);
  }
  fixture.score[1] = a; /* against itself: nothing differs */
  struct law same = law_of(&fixture, &correctness_gain, "0.1", -1);
  ASSERT_NEAR(same.inference.value, 0, 0);
  assert_non_null(same.inference.undecided);
}

/* 200,000 rows are drawn one by one, 200,001 in groups of scores: limits agree but for Monte-Carlo
 * error. */
static void test_score_groups(void **state) {
  (void)state;
  const size_t n = 200001;
  uint32_t *label = malloc(n * sizeof *label);
  double *score = malloc(n * sizeof *score);
  for (size_t i = 0; i < n; i++) {
    label[i] = uniform(i, 20) < 0.002;
    score[i] = exp(-12 * uniform(i, 21) +
                   7 * label[i] * uniform(i, 22)); /* not a probability, and most of it near 0 */
  }
  struct fixture fixture = {.task = TASK_BINARY,
                            .n = n,
                            .n_classes = 2,
                            .n_scores = 1,
                            .label = label,
                            .score = {score},
                            .kinds = SUMMARY_MULTISET};
  static const struct measure *const all[] = {&correctness_average_precision, &correctness_f1_best,
                                              &correctness_gain};
  for (size_t k = 0; k < 3; k++) {
    const char *suffix = k == 2 ? "0.1" : NULL;
    fixture.n = n;
    struct law groups = law_with(&fixture, all[k], suffix, 0, 400);
    fixture.n = n - 1;
    struct law rows = law_with(&fixture, all[k], suffix, 0, 400);
    assert_true(groups.is_grouped && !rows.is_grouped);
    double width = rows.high - rows.low;
    ASSERT_NEAR(groups.inference.value, rows.inference.value, 1e-4);
    ASSERT_NEAR((groups.high - groups.low) / width, 1, 0.25);
    ASSERT_NEAR((groups.low - rows.low) / width, 0, 0.15);
    ASSERT_NEAR((groups.high - rows.high) / width, 0, 0.15);
  }
  free(label);
  free(score);
}

static void test_what_is_missing(void **state) {
  (void)state;
  static uint32_t none[N];
  struct fixture fixture = binary();
  fixture.label = none;
  for (int stream = -1; stream < 1; stream++) {
    struct law law = law_of(&fixture, &correctness_f1_best, NULL, stream);
    assert_true(isnan(law.inference.value) && law.inference.reason != NULL);
  }
  fixture.weight = w;
  struct law law = law_of(&fixture, &correctness_gain, "0.1", 0);
  assert_true(isnan(law.inference.value) && law.inference.reason != NULL);
  fixture = binary();
  static double turned[N];
  for (size_t i = 0; i < N; i++) {
    turned[i] = -a[i];
  }
  fixture.score[0] = turned;
  law = law_of(&fixture, &correctness_auc_partial, "0.1;mcclish",
               0); /* as pROC: not corrected below the diagonal */
  assert_true(isnan(law.inference.value) && law.inference.reason != NULL);
}

static void test_parsing(void **state) {
  (void)state;
  struct measure_variant variant;
  assert_true(correctness_auc_partial.parse_variant("0.05;mcclish", &variant) &&
              variant.number[0] == 0.05);
  assert_string_equal(variant.word, "mcclish");
  static const char *const wrong[] = {"",     "0",   "1",    "1.5",       "-0.1",
                                      "0.1x", "nan", "0.1;", "0.1;other", "0.1;mcclish;"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(correctness_auc_partial.parse_variant(wrong[i], &variant));
    assert_false(correctness_gain.parse_variant(wrong[i], &variant));
  }
  assert_false(correctness_gain.parse_variant("0.1;mcclish", &variant));
}

/* Each allocation fails once: the error is of memory, never a number short of replicates. */
static void test_allocation_failures(void **state) {
  (void)state;
  const struct measure *of[] = {&correctness_average_precision, &correctness_f1_best};
  struct view_options options = fixture_options;
  const struct measure_variant plain = {.suffix = ""};
  options.n_replicates = 40;
  for (size_t shape = 0; shape < 8; shape++) { /* measure, one or a pair, weights */
    struct fixture fixture = binary();
    struct inference law;
    nonet_error error;
    nonet_status status = NONET_E_MEMORY;
    const struct measure *measure = of[shape & 1];
    fixture.weight = shape & 4 ? w : NULL;
    for (long k = 0; status == NONET_E_MEMORY && k < 300; k++) {
      struct summary_set *set;
      struct view view;
      assert_int_equal(fixture_set(&fixture, &set, &error), NONET_OK);
      assert_int_equal(fixture_view(set, -1, &view, &error), NONET_OK);
      view.options = &options;
      memory_fail_after(k);
      status = shape & 2 ? measure->compare(measure, &plain, &view, &law, &error)
                         : measure->estimate(measure, &plain, &view, STREAM_A, &law, &error);
      memory_fail_after(-1);
      view_clear(&view);
      summary_free(set);
    }
    assert_int_equal(status, NONET_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scikit_learn_example),
      cmocka_unit_test(test_definitions),
      cmocka_unit_test(test_bootstrap_spread),
      cmocka_unit_test(test_intervals_hold_the_value),
      cmocka_unit_test(test_score_groups),
      cmocka_unit_test(test_what_is_missing),
      cmocka_unit_test(test_parsing),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}
