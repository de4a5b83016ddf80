/*
 * Views: tables of plain and weighted scopes against counting by hand, class views, the linearised
 * variance against its definition, the shared bootstrap against the binomial law of an accuracy and
 * published intervals, the same replicates for any number of threads, failing allocations.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "measure/law.h"
#include "measure/measure_fixture.h"
#include "stats/distribution.h"

#define N 400

static uint32_t y[N], a[N], b[N], cell[N];
static double pa[3 * N], pb[3 * N], w[N];
static uint64_t g[N];

static int make_rows(void **state) {
  (void)state;
  struct philox_sequence draws = {.seed = 3, .id = 2, .position = 0};
  for (size_t i = 0; i < N; i++) {
    y[i] = philox_next_u32(&draws) % 3;
    a[i] = philox_next_u32(&draws) % 2 ? y[i] : philox_next_u32(&draws) % 3;
    b[i] = philox_next_u32(&draws) % 2 ? a[i] : philox_next_u32(&draws) % 3;
    cell[i] = philox_next_u32(&draws) % 4;
    g[i] = 1000 + philox_next_u32(&draws) % 30;
    w[i] = philox_next_uniform(&draws) * 3;
    for (size_t k = 0; k < 3; k++) {
      pa[3 * i + k] = philox_next_uniform(&draws);
      pb[3 * i + k] = philox_next_uniform(&draws);
    }
  }
  return 0;
}

static struct fixture rows_of(bool weighted, bool clustered) {
  return (struct fixture){.task = TASK_MULTICLASS,
                          .n = N,
                          .n_classes = 3,
                          .n_scores = 3,
                          .n_cells = 4,
                          .label = y,
                          .prediction = {a, b},
                          .score = {pa, pb},
                          .cell = cell,
                          .weight = weighted ? w : NULL,
                          .cluster = clustered ? g : NULL};
}

static const struct view_options options = {
    .seed = 5, .n_replicates = 400, .n_threads = 2, .level = 0.95, .quantile = 0.5};

static void test_tables_of_a_scope(void **state) {
  (void)state;
  const bool scope[] = {true, false, true, false};
  for (int weighted = 0; weighted < 2; weighted++) {
    for (int class_index = -1; class_index < 3; class_index++) {
      struct fixture f = rows_of(weighted, false);
      struct summary_set *set;
      struct view view;
      assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
      assert_int_equal(view_init(set, scope, class_index, &options, &view, NULL), NONET_OK);
      size_t k_wanted = class_index < 0 ? 3 : 2;
      double table[2][9] = {{0}}, joint[27] = {0}, total = 0, n_rows = 0, squares = 0;
      for (size_t i = 0; i < N; i++) {
        if (scope[cell[i]]) {
          double weight = weighted ? w[i] : 1;
          uint32_t l = y[i], p = a[i], q = b[i];
          if (class_index >= 0) {
            l = l == (uint32_t)class_index, p = p == (uint32_t)class_index,
            q = q == (uint32_t)class_index;
          }
          table[0][l * k_wanted + p] += weight;
          table[1][l * k_wanted + q] += weight;
          joint[(l * k_wanted + p) * k_wanted + q] += weight;
          total += weight, squares += weight * weight, n_rows++;
        }
      }
      for (int s = 0; s < 2; s++) {
        const double *confusion;
        size_t k;
        assert_int_equal(view_confusion(&view, s, &confusion, &k, NULL), NONET_OK);
        assert_int_equal(k, k_wanted);
        for (size_t c = 0; c < k * k; c++) {
          assert_true(fabs(confusion[c] - table[s][c]) < 1e-10);
        }
      }
      const struct view_joint_cell *cells;
      size_t n_cells;
      assert_int_equal(view_joint(&view, &cells, &n_cells, NULL), NONET_OK);
      double seen = 0;
      for (size_t c = 0; c < n_cells; c++) {
        assert_true(fabs(cells[c].weight -
                         joint[(cells[c].label * k_wanted + cells[c].a) * k_wanted + cells[c].b]) <
                    1e-10);
        seen += cells[c].weight;
      }
      assert_true(fabs(seen - total) < 1e-9);
      double n, n_effective;
      assert_int_equal(view_size(&view, &n, &n_effective, NULL), NONET_OK);
      assert_true(n == n_rows && fabs(n_effective - total * total / squares) < 1e-9);
      view_clear(&view);
      summary_free(set);
    }
  }
}

static void test_rows_of_a_class(void **state) {
  (void)state;
  struct fixture f = rows_of(false, false);
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, 1, &view, NULL), NONET_OK);
  const struct row_set *rows;
  assert_int_equal(view_rows(&view, &rows, NULL), NONET_OK);
  assert_int_equal(view.task, TASK_BINARY);
  assert_int_equal(rows->n_scores, 1);
  assert_int_equal(rows->n_rows, N);
  double sum = 0, wanted = 0, positives = 0, positives_wanted = 0;
  for (size_t i = 0; i < rows->n; i++) {
    sum += rows->score[STREAM_A][i];
    positives += rows->label[i];
    assert_true(rows->label[i] <= 1 && rows->prediction[STREAM_A][i] <= 1);
  }
  for (size_t i = 0; i < N; i++) {
    wanted += pa[3 * i + 1];
    positives_wanted += y[i] == 1;
  }
  assert_true(fabs(sum - wanted) < 1e-9 && positives == positives_wanted);
  const struct score_keys *keys, *again;
  assert_int_equal(view_keys(&view, STREAM_A, 0, &keys, NULL), NONET_OK);
  assert_int_equal(keys->n[1], (uint64_t)positives_wanted);
  assert_int_equal(view_keys(&view, STREAM_A, 7, &again, NULL), NONET_OK);
  assert_ptr_equal(keys, again);
  const struct microbin *bins;
  assert_int_equal(view_bins(&view, STREAM_A, &bins, NULL), NONET_OK);
  uint64_t in_bins = 0;
  for (size_t i = 0; i < MICROBINS; i++) {
    in_bins += bins[i].n;
  }
  assert_int_equal(in_bins, N);
  view_clear(&view);
  summary_free(set);
}

/* The mean of p[0] over rows with y = 0: the definition with a map of clusters by brute force. */
static void test_linearised_variance_by_its_definition(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    struct fixture f = rows_of(kind != 1, kind != 0);
    struct summary_set *set;
    struct view view;
    assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
    assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
    double sum = 0, weights = 0, totals[N] = {0};
    bool active[N] = {false};
    for (size_t i = 0; i < N; i++) {
      double weight = kind != 1 ? w[i] : 1;
      sum += y[i] == 0 ? weight * pa[3 * i] : 0;
      weights += y[i] == 0 ? weight : 0;
    }
    for (size_t i = 0; i < N; i++) {
      if (y[i] == 0) {
        size_t unit = kind == 0 ? i : g[i] - 1000;
        totals[unit] += (kind != 1 ? w[i] : 1) * (pa[3 * i] - sum / weights) / weights;
        active[unit] = true;
      }
    }
    double units = 0, mean = 0, squares = 0;
    for (size_t i = 0; i < N; i++) {
      units += active[i];
      mean += totals[i];
    }
    for (size_t i = 0; i < N; i++) {
      squares += active[i] ? (totals[i] - mean / units) * (totals[i] - mean / units) : 0;
    }
    const struct row_set *rows;
    struct view_linear linear;
    assert_int_equal(view_rows(&view, &rows, NULL), NONET_OK);
    double *u = memory_zeroed(rows->n, sizeof *u);
    for (size_t i = 0; i < rows->n; i++) {
      u[i] = rows->label[i] == 0 ? (rows->score[STREAM_A][3 * i] - sum / weights) / weights : 0;
    }
    assert_int_equal(view_linearised(&view, u, &linear, NULL), NONET_OK);
    double wanted = units / (units - 1) * squares;
    if (!(fabs(linear.variance - wanted) < 1e-12 * wanted) || linear.df != units - 1) {
      fail_msg("kind %d: variance %.17g, expected %.17g; df %g, expected %g", kind, linear.variance,
               wanted, linear.df, units - 1);
    }
    memory_free(u);
    view_clear(&view);
    summary_free(set);
  }
}

/* ---- the bootstrap ---- */

static double accuracy_of(const void *context, const struct view *view, const double *weights) {
  (void)view;
  const struct row_set *rows = context;
  double right = 0, total = 0;
  for (size_t i = 0; i < rows->n; i++) {
    right += rows->label[i] == rows->prediction[STREAM_A][i] ? weights[i] : 0;
    total += weights[i];
  }
  return total > 0 ? right / total : NAN;
}

static void both_of(const void *context, const struct view *view, const double *weights,
                    double *out) {
  out[0] = accuracy_of(context, view, weights);
  out[1] = 1 - out[0];
}

static void test_replicates_of_an_accuracy(void **state) {
  (void)state;
  static double kept[2][400];
  double by_threads[2][3];
  for (int t = 0; t < 2; t++) {
    struct fixture f = rows_of(false, false);
    struct view_options threaded = options;
    threaded.n_threads = t == 0 ? 1 : 3;
    struct summary_set *set;
    struct view view;
    bool scope[] = {true, true, true, true};
    assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
    assert_int_equal(view_init(set, scope, -1, &threaded, &view, NULL), NONET_OK);
    const struct row_set *rows;
    const double *replicates;
    size_t n;
    assert_int_equal(view_rows(&view, &rows, NULL), NONET_OK);
    assert_int_equal(view_bootstrap(&view, accuracy_of, rows, &replicates, &n, NULL), NONET_OK);
    assert_int_equal(n, 400);
    memcpy(kept[t], replicates, sizeof kept[t]);
    const double *const *columns;
    const size_t *counts;
    assert_int_equal(view_bootstrap_many(&view, both_of, rows, 0, 2, &columns, &counts, NULL),
                     NONET_OK);
    assert_memory_equal(columns[0], replicates,
                        sizeof kept[t]); /* one stream of weights for all statistics */
    assert_true(columns[1][0] == 1 - replicates[399]);
    const double *const *again;
    assert_int_equal(view_bootstrap_many(&view, both_of, rows, 0, 2, &again, &counts, NULL),
                     NONET_OK);
    assert_ptr_equal(columns, again);
    double p = accuracy_of(rows, &view, (double[N]){0}), mean = 0, squares = 0, k = 0;
    assert_true(isnan(p));
    for (size_t i = 0; i < N; i++) {
      k += y[i] == a[i];
    }
    for (size_t i = 0; i < n; i++) {
      mean += replicates[i] / 400;
    }
    for (size_t i = 0; i < n; i++) {
      squares += (replicates[i] - mean) * (replicates[i] - mean) / 399;
    }
    by_threads[t][0] = mean;
    /* the law of k/n under resampling is Binomial(n, k/n)/n: 400 replicates know its mean to se/20
     * and its sd to 3.5 % */
    double se = sqrt(k / N * (1 - k / N) / N);
    assert_true(fabs(mean - k / N) < 4 * se / 20 && fabs(sqrt(squares) / se - 1) < 0.15);
    view_clear(&view);
    summary_free(set);
  }
  assert_memory_equal(kept[0], kept[1], sizeof kept[0]);
  assert_true(by_threads[0][0] == by_threads[1][0]);
}

static double mean_target(const void *context, const struct view *view, const double *weights) {
  (void)view;
  const struct row_set *rows = context;
  double sum = 0, total = 0;
  for (size_t i = 0; i < rows->n; i++) {
    sum += weights[i] * rows->target[i];
    total += weights[i];
  }
  return total > 0 ? sum / total : NAN;
}

static const struct measure mean_record = {
    .id = "correctness.test", .interval = "bootstrap", .range = {-INFINITY, INFINITY}};

/* Published: percentile 28.86 to 84.21, BCa 32.31 to 91.43 (golden values of R's boot); 4,000
 * replicates know them to about 1.5. */
static void test_published_bootstrap_of_a_mean(void **state) {
  (void)state;
  const double x[] = {10, 12, 12.5, 12.5, 13.9, 15, 21, 22, 23, 34, 50, 81, 89, 121, 134, 213};
  struct fixture f = {.task = TASK_REGRESSION, .n = 16, .n_scores = 1, .target = x, .score = {x}};
  struct view_options many = options;
  many.n_replicates = 4000;
  struct summary_set *set;
  struct view view;
  bool scope[] = {true};
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(view_init(set, scope, -1, &many, &view, NULL), NONET_OK);
  const struct row_set *rows;
  const double *replicates;
  size_t n;
  assert_int_equal(view_rows(&view, &rows, NULL), NONET_OK);
  assert_int_equal(rows->n, 15); /* 12.5 stands twice */
  assert_int_equal(view_bootstrap(&view, mean_target, rows, &replicates, &n, NULL), NONET_OK);
  double mean = 0, cubes = 0, squares = 0, low, high;
  for (size_t i = 0; i < 16; i++) {
    mean += x[i] / 16;
  }
  for (size_t i = 0; i < 16; i++) {
    squares += (x[i] - mean) * (x[i] - mean);
    cubes += (x[i] - mean) * (x[i] - mean) * (x[i] - mean);
  }
  struct inference law;
  law_replicates(&mean_record, &view, mean, replicates, n, NAN, false, &law);
  inference_bounds(&law, 0.95, &low, &high);
  if (!(fabs(low - 28.86) < 1.5 && fabs(high - 84.21) < 2.5)) {
    fail_msg("percentile %g to %g", low, high);
  }
  law_replicates(&mean_record, &view, mean, replicates, n, cubes / (6 * pow(squares, 1.5)), false,
                 &law);
  inference_bounds(&law, 0.95, &low, &high);
  if (!(fabs(low - 32.31) < 1.5 && fabs(high - 91.43) < 4)) {
    fail_msg("BCa %g to %g", low, high);
  }
  law_replicates_se(&mean_record, &view, mean, replicates, n, SCALE_IDENTITY, false, &law);
  assert_true(fabs(law.se / (sqrt(squares / 16) / 4) - 1) < 0.1);
  law_replicates(&mean_record, &view, mean, replicates, n - 41, NAN, false,
                 &law); /* over 1 % missing */
  assert_true(law.kind == INFERENCE_MISSING && law.value == mean && law.reason != NULL);
  view_clear(&view);
  summary_free(set);
}

static void test_clusters_move_together(void **state) {
  (void)state;
  static uint64_t one[N];
  for (size_t i = 0; i < N; i++) {
    one[i] = 9; /* a single cluster: every replicate is the whole sample, or nothing */
  }
  struct fixture f = rows_of(false, false);
  f.cluster = one;
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  const struct row_set *rows;
  const double *replicates;
  size_t n;
  assert_int_equal(view_rows(&view, &rows, NULL), NONET_OK);
  assert_int_equal(view_bootstrap(&view, accuracy_of, rows, &replicates, &n, NULL), NONET_OK);
  assert_true(n > 550 && n < 710); /* 1 - 1/e of 1,000 are not empty */
  assert_true(replicates[0] == replicates[n - 1]);
  view_clear(&view);
  summary_free(set);
}

/* The share of positives, and the mean place of a row among the bins. */
static void bin_means(const void *context, const uint32_t *negatives, const uint32_t *positives,
                      double *out) {
  double n = 0, p = 0, place = 0;
  for (size_t i = 0; i < *(const size_t *)context; i++) {
    n += negatives[i] + positives[i];
    p += positives[i];
    place += (double)i * (negatives[i] + positives[i]);
  }
  out[0] = p / n;
  out[1] = place / n;
}

static void test_bootstrap_of_bins(void **state) {
  (void)state;
  struct fixture f = rows_of(false, false);
  struct summary_set *set;
  struct view view;
  const struct microbin *bins;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, 0, &view, NULL), NONET_OK);
  assert_int_equal(view_bins(&view, STREAM_A, &bins, NULL), NONET_OK);
  size_t n_bins = 0;
  double k = 0, place = 0, squares = 0;
  for (size_t i = 0; i < MICROBINS; i++) {
    place += (double)(n_bins * bins[i].n) / N;
    squares += (double)(n_bins * n_bins * bins[i].n) / N;
    n_bins += bins[i].n > 0;
  }
  const double *const *columns;
  const size_t *n;
  assert_int_equal(
      view_bootstrap_bins(&view, STREAM_A, bin_means, &n_bins, 0, 2, &columns, &n, NULL), NONET_OK);
  double mean[2] = {0, 0};
  for (size_t i = 0; i < N; i++) {
    k += y[i] == 0;
  }
  assert_int_equal(n[0], 1000);
  for (size_t i = 0; i < n[0]; i++) {
    mean[0] += columns[0][i] / (double)n[0];
    mean[1] += columns[1][i] / (double)n[0];
  }
  assert_true(fabs(mean[0] - k / N) < 4 * sqrt(k / N * (1 - k / N) / N / 1000));
  assert_true(n_bins > 10);
  assert_true(fabs(mean[1] - place) < 4 * sqrt((squares - place * place) / N / 1000));
  view_clear(&view);
  summary_free(set);
}

static void test_notes_are_kept_once(void **state) {
  (void)state;
  struct fixture f = rows_of(false, false);
  struct summary_set *set;
  struct view view;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
  for (int i = 0; i < 12; i++) {
    view_note(&view, "note %d", i / 2);
  }
  assert_int_equal(view.n_notes, VIEW_NOTES);
  assert_string_equal(view.note[1], "note 1");
  view_clear(&view);
  view_clear(&view); /* twice is fine */
  summary_free(set);
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  struct fixture f = rows_of(true, true);
  struct summary_set *set;
  assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
  for (long k = 0; k < 400; k++) {
    struct view view = {0};
    struct view_options few = options;
    few.n_replicates = 8;
    few.n_threads = 1;
    bool scope[] = {true, true, true, true};
    const struct view_joint_cell *cells;
    const double *const *columns;
    const size_t *counts;
    const struct row_set *rows;
    size_t n, clusters;
    (void)memory_fail_after(k);
    nonet_status status = view_init(set, scope, -1, &few, &view, NULL);
    bool made = status == NONET_OK;
    status = status != NONET_OK ? status : view_rows(&view, &rows, NULL);
    status = status != NONET_OK ? status : view_joint(&view, &cells, &n, NULL);
    status = status != NONET_OK ? status : view_clusters(&view, &clusters, NULL);
    status = status != NONET_OK
                 ? status
                 : view_bootstrap_many(&view, both_of, rows, 1, 2, &columns, &counts, NULL);
    (void)memory_fail_after(-1);
    if (made) {
      view_clear(&view);
    }
    if (status == NONET_OK) {
      assert_true(k > 10);
      summary_free(set);
      return;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
  fail_msg("never came to an end");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tables_of_a_scope),
      cmocka_unit_test(test_rows_of_a_class),
      cmocka_unit_test(test_linearised_variance_by_its_definition),
      cmocka_unit_test(test_replicates_of_an_accuracy),
      cmocka_unit_test(test_published_bootstrap_of_a_mean),
      cmocka_unit_test(test_clusters_move_together),
      cmocka_unit_test(test_bootstrap_of_bins),
      cmocka_unit_test(test_notes_are_kept_once),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, make_rows, NULL);
}
