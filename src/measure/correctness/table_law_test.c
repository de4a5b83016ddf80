/*
 * Values and intervals of all measures of this folder's table, loss and change families against
 * scikit-learn, statsmodels, SciPy and linearisation written out in NumPy
 * (tests/golden/measure/make_table.py), the published examples of golden.md's sources, and
 * properties: order of rows, replicated rows against weights, clusters of one row, class views
 * against binary problems.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/catalogue.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"
#include "table_golden.h"

#define N_BINARY (sizeof binary_y / sizeof *binary_y)
#define N_MULTI (sizeof multi_y / sizeof *multi_y)

static const struct fixture binary = {.task = TASK_BINARY,
                                      .n = N_BINARY,
                                      .n_classes = 2,
                                      .n_scores = 1,
                                      .label = binary_y,
                                      .prediction = {binary_a, binary_b},
                                      .score = {binary_pa, binary_pb}};
static const struct fixture multi = {.task = TASK_MULTICLASS,
                                     .n = N_MULTI,
                                     .n_classes = 4,
                                     .n_scores = 4,
                                     .label = multi_y,
                                     .prediction = {multi_a, multi_b},
                                     .score = {multi_pa, multi_pb}};

static bool is_near(double a, double b, double tolerance) {
  return (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance * fmax(1, fabs(b));
}

/* One id, as a person names it. */
static struct inference measured(struct view *view, enum task task, const char *id, bool is_pair) {
  struct catalogue_pick *picks;
  size_t n = 0;
  nonet_error error = {{0}};
  struct inference out = inference_none("none");
  if (catalogue_select(id, task, &picks, &n, NULL, &error) != NONET_OK || n == 0) {
    fail_msg("%s: %s", id, error.message);
  }
  size_t pick =
      0; /* "f1" in multiclass picks the averages too: the class itself is the plain one */
  const struct measure *measure = picks[pick].measure;
  view->n_notes = 0;
  nonet_status status =
      is_pair ? measure->compare(measure, &picks[pick].variant, view, &out, &error)
              : measure->estimate(measure, &picks[pick].variant, view, STREAM_A, &out, &error);
  memory_free(picks);
  if (status != NONET_OK) {
    fail_msg("%s: %s", id, error.message);
  }
  return out;
}

static void check_table(const struct fixture *fixture, int class_index,
                        const struct golden_value *golden, size_t n, bool is_pair,
                        double tolerance) {
  struct summary_set *set;
  struct view view;
  nonet_error error = {{0}};
  assert_int_equal(fixture_set(fixture, &set, &error), NONET_OK);
  assert_int_equal(fixture_view(set, class_index, &view, &error), NONET_OK);
  for (size_t i = 0; i < n; i++) {
    struct inference law = measured(&view, fixture->task, golden[i].id, is_pair);
    double low, high;
    inference_bounds(&law, 0.95, &low, &high);
    if (!is_near(law.value, golden[i].value, 1e-12) ||
        (!isnan(golden[i].low) &&
         (!is_near(low, golden[i].low, tolerance) || !is_near(high, golden[i].high, tolerance)))) {
      fail_msg("%s (%s): got %.17g [%.17g, %.17g], expected %.17g [%.17g, %.17g]", golden[i].id,
               law.method, law.value, low, high, golden[i].value, golden[i].low, golden[i].high);
    }
  }
  view_clear(&view);
  summary_free(set);
}

#define CHECK(fixture, class_index, table, is_pair, tolerance)                                     \
  check_table(fixture, class_index, table, sizeof table / sizeof *table, is_pair, tolerance)

static void test_binary_agrees_with_outside(void **state) {
  (void)state;
  CHECK(&binary, -1, binary_single, false,
        1e-11); /* the MCC's gradient in the fixture is by differences */
}

static void test_binary_pairs_agree(void **state) {
  (void)state;
  CHECK(&binary, -1, binary_pair, true, 1e-9); /* gradients by differences, Tango by bisection */
}

static void test_multiclass_agrees(void **state) {
  (void)state;
  CHECK(&multi, -1, multi_single, false, 1e-10);
  CHECK(&multi, -1, multi_pair, true, 1e-9);
}

static void test_class_view_is_a_binary_problem(void **state) {
  (void)state;
  CHECK(&multi, 2, multi_class_2, false, 1e-12);
}

static void test_weights_and_clusters_agree(void **state) {
  (void)state;
  struct fixture weighted = binary, clustered = binary, both = binary;
  weighted.weight = both.weight = binary_w;
  clustered.cluster = both.cluster = binary_cluster;
  CHECK(&weighted, -1, binary_weighted, false, 1e-8);
  CHECK(&clustered, -1, binary_clustered, false, 1e-8);
  CHECK(&both, -1, binary_both, false, 1e-8);
  CHECK(&weighted, -1, binary_weighted_pair, true, 1e-8);
  CHECK(&clustered, -1, binary_clustered_pair, true, 1e-8);
  CHECK(&both, -1, binary_both_pair, true, 1e-8);
}

/* ---- by hand and from papers ---- */

static double value_of(const struct fixture *fixture, const char *id) {
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(fixture, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  double value = measured(&view, fixture->task, id, false).value;
  view_clear(&view);
  summary_free(set);
  return value;
}

static void test_published_values(void **state) {
  (void)state;
  uint32_t y[] = {0, 1, 0, 0, 1, 0}, a[] = {0, 1, 0, 0, 0, 1};
  struct fixture f = {.task = TASK_BINARY, .n = 6, .n_classes = 2, .label = y, .prediction = {a}};
  assert_true(is_near(value_of(&f, "correctness.balanced_accuracy"), 0.625,
                      1e-15)); /* scikit-learn's documentation */
  uint32_t y2[] = {1, 1, 1, 0}, a2[] = {1, 0, 1, 1};
  f.n = 4, f.label = y2, f.prediction[0] = a2;
  assert_true(is_near(value_of(&f, "mcc"), -1.0 / 3, 1e-15)); /* scikit-learn's documentation */
  uint32_t y3[] = {0, 1, 2, 0, 1, 2}, a3[] = {0, 2, 1, 0, 0, 1};
  struct fixture m = {
      .task = TASK_MULTICLASS, .n = 6, .n_classes = 3, .label = y3, .prediction = {a3}};
  assert_true(is_near(value_of(&m, "f1@macro"), 0.26666666666666666, 1e-15));
  double p[] = {.1, .9, .8, .3};
  uint32_t y4[] = {0, 1, 1, 0}, a4[] = {0, 1, 1, 0};
  struct fixture b = {.task = TASK_BINARY,
                      .n = 4,
                      .n_classes = 2,
                      .n_scores = 1,
                      .label = y4,
                      .prediction = {a4},
                      .score = {p}};
  assert_true(is_near(value_of(&b, "brier"), 0.0375, 1e-15));
}

/* A table as rows. */
static size_t rows_of_table(const unsigned *table, size_t k, uint32_t *y, uint32_t *a) {
  size_t n = 0;
  for (size_t i = 0; i < k * k; i++) {
    for (unsigned c = 0; c < table[i]; c++) {
      y[n] = (uint32_t)(i / k);
      a[n++] = (uint32_t)(i % k);
    }
  }
  return n;
}

static void test_kappa_of_sas(void **state) {
  (void)state;
  static uint32_t y[100], a[100];
  const unsigned sas[] = {0, 4, 1, 0, 8, 0, 0, 1, 5},
                 plain[] = {20, 20, 10, 50}; /* kappa .4842, ASE .1380; kappa .34783 */
  struct fixture f = {.task = TASK_MULTICLASS, .n_classes = 3, .label = y, .prediction = {a}};
  f.n = rows_of_table(sas, 3, y, a);
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  struct inference law = measured(&view, f.task, "kappa", false);
  assert_true(is_near(law.value, 0.4842, 5e-5));
  assert_true(is_near(law.se * (1 - law.value * law.value), 0.1380, 5e-5));
  view_clear(&view);
  summary_free(set);
  f.n = rows_of_table(plain, 2, y, a);
  f.task = TASK_BINARY;
  f.n_classes = 2;
  assert_true(is_near(value_of(&f, "kappa"), 0.34783, 5e-6));
}

static void test_wilson_81_of_263(void **state) {
  (void)state;
  static uint32_t y[263], a[263];
  const unsigned table[] = {0, 182, 0, 81}; /* all predicted positive: precision 81/263 */
  struct fixture f = {.task = TASK_BINARY, .n_classes = 2, .label = y, .prediction = {a}};
  f.n = rows_of_table(table, 2, y, a);
  const struct golden_value golden[] = {
      {"precision", 81.0 / 263, .255288519878, .366209576983}}; /* Newcombe 1998 */
  CHECK(&f, -1, golden, false, 1e-11);
}

static void test_compas_rates(void **state) {
  (void)state;
  static uint32_t y[3696], a[3696];
  const unsigned table[] = {990, 805, 532, 1369}; /* ProPublica 2016, Black defendants */
  struct fixture f = {.task = TASK_BINARY, .n_classes = 2, .label = y, .prediction = {a}};
  f.n = rows_of_table(table, 2, y, a);
  assert_true(is_near(value_of(&f, "fpr"), 0.4485, 5e-5));
  assert_true(is_near(value_of(&f, "fnr"), 0.2799, 5e-5));
}

/* ---- what is not there ---- */

static void test_empty_denominators_say_so(void **state) {
  (void)state;
  uint32_t y[] = {0, 0, 0}, a[] = {0, 0, 0};
  struct fixture f = {
      .task = TASK_BINARY, .n = 3, .n_classes = 2, .label = y, .prediction = {a, a}};
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  const char *const ids[] = {"recall",  "fnr", "precision", "f1",        "f_beta@2",
                             "jaccard", "mcc", "kappa",     "markedness"};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    struct inference law = measured(&view, TASK_BINARY, ids[i], false);
    if (law.kind != INFERENCE_MISSING || !isnan(law.value) || law.reason == NULL || view.n != 0) {
      fail_msg("%s: kind %d, value %g, n %g", ids[i], law.kind, law.value, view.n);
    }
    assert_true(inference_p(&law, 0, true) == 1);
  }
  struct inference pair = measured(&view, TASK_BINARY, "recall", true);
  assert_true(pair.kind == INFERENCE_MISSING && pair.reason != NULL);
  assert_true(measured(&view, TASK_BINARY, "accuracy", false).value == 1);
  view_clear(&view);
  summary_free(set);
}

#define ADDRESS(name) &name,
static const struct measure *const families[] = {
    MEASURE_RECORDS_TABLE(ADDRESS) MEASURE_RECORDS_LOSS(ADDRESS) MEASURE_RECORDS_CHANGE(ADDRESS)};

static bool is_of_families(const struct measure *measure) {
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    if (families[i] == measure) {
      return true;
    }
  }
  return false;
}

static void test_no_rows_at_all(void **state) {
  (void)state;
  struct fixture f = binary;
  f.n = 0;
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  struct catalogue_pick *picks;
  size_t n;
  assert_int_equal(catalogue_select(NULL, TASK_BINARY, &picks, &n, NULL, NULL), NONET_OK);
  for (size_t i = 0; i < n; i++) {
    struct inference law;
    if (!is_of_families(picks[i].measure)) {
      continue;
    }
    assert_int_equal(picks[i].measure->estimate(picks[i].measure, &picks[i].variant, &view,
                                                STREAM_A, &law, NULL),
                     NONET_OK);
    if (law.kind != INFERENCE_MISSING || law.reason == NULL) {
      fail_msg("%s of no rows: kind %d", picks[i].measure->id, law.kind);
    }
    if (picks[i].measure->compare != NULL) {
      assert_int_equal(
          picks[i].measure->compare(picks[i].measure, &picks[i].variant, &view, &law, NULL),
          NONET_OK);
      assert_true(law.kind == INFERENCE_MISSING);
    }
  }
  memory_free(picks);
  view_clear(&view);
  summary_free(set);
}

/* ---- properties ---- */

/* All default measures of these families on a fixture: the number of them, and value and bounds of
 * each. */
static size_t all_of(const struct fixture *fixture, bool is_pair, double out[64][3]) {
  struct summary_set *set;
  struct view view;
  nonet_error error = {{0}};
  struct catalogue_pick *picks;
  size_t n, kept = 0;
  assert_int_equal(fixture_set(fixture, &set, &error), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, &error), NONET_OK);
  assert_int_equal(catalogue_select(NULL, fixture->task, &picks, &n, NULL, &error), NONET_OK);
  for (size_t i = 0; i < n && kept < 64; i++) {
    if (!is_of_families(picks[i].measure) || (is_pair && picks[i].measure->compare == NULL) ||
        (catalogue_scopes(&picks[i], fixture->task) & IN_ALL) == 0) {
      continue;
    }
    struct inference law;
    nonet_status status = is_pair ? picks[i].measure->compare(picks[i].measure, &picks[i].variant,
                                                              &view, &law, &error)
                                  : picks[i].measure->estimate(picks[i].measure, &picks[i].variant,
                                                               &view, STREAM_A, &law, &error);
    if (status != NONET_OK) {
      fail_msg("%s: %s", picks[i].measure->id, error.message);
    }
    out[kept][0] = law.value;
    inference_bounds(&law, 0.95, &out[kept][1], &out[kept][2]);
    if (!isnan(out[kept][1]) &&
        !(out[kept][1] <= law.value + 1e-12 && law.value <= out[kept][2] + 1e-12) &&
        law.kind != INFERENCE_REPLICATES && law.kind != INFERENCE_BOOT_T) {
      fail_msg("%s: value %g outside [%g, %g]", picks[i].measure->id, law.value, out[kept][1],
               out[kept][2]);
    }
    kept++;
  }
  memory_free(picks);
  view_clear(&view);
  summary_free(set);
  return kept;
}

static void test_order_of_rows_changes_nothing(void **state) {
  (void)state;
  static uint32_t y[N_BINARY], a[N_BINARY], b[N_BINARY];
  static double pa[N_BINARY], pb[N_BINARY], w[N_BINARY];
  static uint64_t g[N_BINARY];
  for (size_t i = 0; i < N_BINARY; i++) {
    size_t j = (i * 77 + 13) % N_BINARY; /* 77 and 240 share no factor */
    y[i] = binary_y[j], a[i] = binary_a[j], b[i] = binary_b[j];
    pa[i] = binary_pa[j], pb[i] = binary_pb[j], w[i] = binary_w[j], g[i] = binary_cluster[j];
  }
  for (int kind = 0; kind < 3; kind++) {
    for (int is_pair = 0; is_pair < 2; is_pair++) {
      struct fixture f = binary, turned = {.task = TASK_BINARY,
                                           .n = N_BINARY,
                                           .n_classes = 2,
                                           .n_scores = 1,
                                           .label = y,
                                           .prediction = {a, b},
                                           .score = {pa, pb}};
      f.weight = kind > 0 ? binary_w : NULL, turned.weight = kind > 0 ? w : NULL;
      f.cluster = kind > 1 ? binary_cluster : NULL, turned.cluster = kind > 1 ? g : NULL;
      static double left[64][3], right[64][3];
      size_t n = all_of(&f, is_pair, left);
      assert_int_equal(all_of(&turned, is_pair, right), n);
      assert_memory_equal(left, right, n * sizeof *left); /* the same bits */
    }
  }
}

static void test_integer_weights_are_replicated_rows(void **state) {
  (void)state;
  static uint32_t y[4 * N_BINARY], a[4 * N_BINARY], b[4 * N_BINARY];
  static double pa[4 * N_BINARY], pb[4 * N_BINARY], w[N_BINARY];
  size_t n = 0;
  for (size_t i = 0; i < N_BINARY; i++) {
    w[i] = (double)(1 + i % 3);
    for (size_t c = 0; c <= i % 3; c++, n++) {
      y[n] = binary_y[i], a[n] = binary_a[i], b[n] = binary_b[i], pa[n] = binary_pa[i],
      pb[n] = binary_pb[i];
    }
  }
  struct fixture weighted = binary, replicated = {.task = TASK_BINARY,
                                                  .n = n,
                                                  .n_classes = 2,
                                                  .n_scores = 1,
                                                  .label = y,
                                                  .prediction = {a, b},
                                                  .score = {pa, pb}};
  weighted.weight = w;
  const char *const ids[] = {"accuracy",
                             "recall",
                             "precision",
                             "specificity",
                             "npv",
                             "f1",
                             "f_beta@2",
                             "jaccard",
                             "mcc",
                             "kappa",
                             "informedness",
                             "markedness",
                             "balanced_accuracy",
                             "log_loss",
                             "brier",
                             "flip_rate",
                             "negative_flip_rate",
                             "prediction_difference",
                             "lift_over_dummy"};
  struct summary_set *set[2];
  struct view view[2];
  assert_int_equal(fixture_set(&weighted, &set[0], NULL), NONET_OK);
  assert_int_equal(fixture_set(&replicated, &set[1], NULL), NONET_OK);
  for (int s = 0; s < 2; s++) {
    assert_int_equal(fixture_view(set[s], -1, &view[s], NULL), NONET_OK);
  }
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    double left = measured(&view[0], TASK_BINARY, ids[i], false).value,
           right = measured(&view[1], TASK_BINARY, ids[i], false).value;
    if (!is_near(left, right, 1e-13)) {
      fail_msg("%s: %.17g with weights, %.17g with rows replicated", ids[i], left, right);
    }
  }
  for (int s = 0; s < 2; s++) {
    view_clear(&view[s]);
    summary_free(set[s]);
  }
}

/* Clusters of one row: the robust variance of rows; for shares that is p(1 − p)/(n − 1). */
static void test_clusters_of_one_row(void **state) {
  (void)state;
  static uint64_t own[N_BINARY];
  static double ones[N_BINARY];
  for (size_t i = 0; i < N_BINARY; i++) {
    own[i] = i * 1000003;
    ones[i] = 2.5; /* constant weights change nothing either */
  }
  struct fixture clustered = binary, weighted = binary;
  clustered.cluster = own;
  weighted.weight = ones;
  static double by_cluster[64][3], by_weight[64][3], plain[64][3];
  for (int is_pair = 0; is_pair < 2; is_pair++) {
    size_t n = all_of(&clustered, is_pair, by_cluster);
    assert_int_equal(all_of(&weighted, is_pair, by_weight), n);
    assert_int_equal(all_of(&binary, is_pair, plain), n);
    for (size_t i = 0; i < n; i++) {
      assert_true(is_near(by_cluster[i][0], plain[i][0], 1e-12));
      for (int j = 0; j < 3; j++) {
        if (!is_near(by_cluster[i][j], by_weight[i][j], 1e-10)) {
          fail_msg("measure %zu, %d: %.17g by clusters of one row, %.17g by equal weights", i, j,
                   by_cluster[i][j], by_weight[i][j]);
        }
        /* n = 240: t against z, n − 1 against n, delta against MOVER or Wilson */
        assert_true(isnan(plain[i][j]) || fabs(by_cluster[i][j] - plain[i][j]) < 0.03);
      }
    }
  }
}

static void test_few_clusters_do_not_decide(void **state) {
  (void)state;
  static uint64_t few[N_BINARY];
  for (size_t i = 0; i < N_BINARY; i++) {
    few[i] = i % 12;
  }
  struct fixture f = binary;
  f.cluster = few;
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  struct inference law = measured(&view, TASK_BINARY, "accuracy", true);
  assert_non_null(law.undecided);
  assert_int_equal(view.n_notes, 1);
  law = measured(&view, TASK_BINARY, "f1", true);
  assert_non_null(law.undecided);
  view_clear(&view);
  summary_free(set);
}

static void test_equal_models_are_not_decided(void **state) {
  (void)state;
  struct fixture f = binary;
  f.prediction[1] = binary_a;
  f.score[1] = binary_pa;
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  struct inference law = measured(&view, TASK_BINARY, "brier", true);
  assert_true(law.value == 0 && law.undecided != NULL);
  law = measured(&view, TASK_BINARY, "accuracy", true);
  /* 0 of 240 discordant: SAFE at .005 must not follow (some 600 rows are needed), at .05 it does */
  assert_true(inference_p(&law, -0.005, true) > 0.05);
  assert_true(inference_p(&law, -0.05, true) < 0.05);
  law = measured(&view, TASK_BINARY, "f1", true);
  assert_true(law.value == 0 && law.se > 0);
  view_clear(&view);
  summary_free(set);
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  struct fixture f = binary;
  f.n = 60;
  f.weight = binary_w;
  f.cluster = binary_cluster;
  const char *const ids[] = {
      "accuracy", "f1", "mcc", "log_loss", "flip_rate", "prediction_difference", "lift_over_dummy"};
  for (int plain = 0; plain < 2; plain++) {
    struct summary_set *set;
    f.weight = plain ? NULL : binary_w;
    f.cluster = plain ? NULL : binary_cluster;
    assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
      struct catalogue_pick *picks;
      size_t n;
      assert_int_equal(catalogue_select(ids[i], TASK_BINARY, &picks, &n, NULL, NULL), NONET_OK);
      bool is_done = false;
      for (long k = 0; k < 1000 && !is_done; k++) {
        struct view view = {0};
        struct view_options few = {
            .seed = 1, .n_replicates = 40, .n_threads = 1, .level = 0.95, .quantile = 0.5};
        bool scope[] = {true};
        struct inference law;
        (void)memory_fail_after(k);
        nonet_status status = view_init(set, scope, -1, &few, &view, NULL);
        bool made = status == NONET_OK;
        status = made ? picks[0].measure->estimate(picks[0].measure, &picks[0].variant, &view,
                                                   STREAM_A, &law, NULL)
                      : status;
        if (status == NONET_OK && picks[0].measure->compare != NULL) {
          status =
              picks[0].measure->compare(picks[0].measure, &picks[0].variant, &view, &law, NULL);
        }
        is_done =
            memory_fail_after(-1) <= k; /* as many allocations as there are were let through */
        if (made) {
          view_clear(&view);
        }
        assert_true(status == NONET_OK || status == NONET_E_MEMORY);
        assert_true(!is_done || status == NONET_OK);
      }
      assert_true(is_done);
      memory_free(picks);
    }
    summary_free(set);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_binary_agrees_with_outside),
      cmocka_unit_test(test_binary_pairs_agree),
      cmocka_unit_test(test_multiclass_agrees),
      cmocka_unit_test(test_class_view_is_a_binary_problem),
      cmocka_unit_test(test_weights_and_clusters_agree),
      cmocka_unit_test(test_published_values),
      cmocka_unit_test(test_kappa_of_sas),
      cmocka_unit_test(test_wilson_81_of_263),
      cmocka_unit_test(test_compas_rates),
      cmocka_unit_test(test_empty_denominators_say_so),
      cmocka_unit_test(test_no_rows_at_all),
      cmocka_unit_test(test_order_of_rows_changes_nothing),
      cmocka_unit_test(test_integer_weights_are_replicated_rows),
      cmocka_unit_test(test_clusters_of_one_row),
      cmocka_unit_test(test_few_clusters_do_not_decide),
      cmocka_unit_test(test_equal_models_are_not_decided),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
