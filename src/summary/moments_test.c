/* Sums against the plain definitions: values worked by hand, and long double sums over random rows
 * of every task. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary/summary_kit.h"

static void near(double found, long double wanted, double most) {
  if (!(fabsl((long double)found - wanted) <= most * (1 + fabsl(wanted)))) {
    print_error("found %.17g, wanted %.17Lg\n", found, wanted);
    fail();
  }
}

/* scikit-learn's brier_score_loss example: y 0 1 1 0, p .1 .9 .8 .3: mean 0.0375 (golden.md).
 * log-loss by hand. */
static void test_known(void **state) {
  (void)state;
  struct roles roles = {.task = TASK_BINARY,
                        .n_classes = 2,
                        .n_cells = 1,
                        .n_scores = 1,
                        .has_score = {true, false},
                        .has_label = true};
  struct moments *m;
  struct batch_order order;
  const double p[] = {.1, .9, .8, .3, 0, 1.5};
  const uint32_t y[] = {0, 1, 1, 0, 1, 0};
  struct role_batch batch = {.n_rows = 4, .label = y, .score = {p, NULL}};
  assert_int_equal(moments_new(&roles, 0.5, &m, NULL), NONET_OK);
  assert_int_equal(batch_order_init(&roles, &order, NULL), NONET_OK);
  batch_order_set(&order, &batch, 1);
  assert_int_equal(moments_add(m, &batch, &order, NULL), NONET_OK);
  const bool all[] = {true};
  struct moment_sums s = moments_sums(m, all, MOMENT_BRIER, 0);
  near(s.sum / 4, 0.0375L, 1e-15);
  assert_int_equal(s.n, 4);
  near(moments_sums(m, all, MOMENT_LOG_LOSS, 0).sum,
       -(logl(.9L) + logl(.9L) + logl(.8L) + logl(.7L)), 1e-15);
  /* p = 0 of the true class is counted; a score outside [0, 1] is in no sum. */
  batch = (struct role_batch){.n_rows = 2, .label = y + 4, .score = {p + 4, NULL}};
  batch_order_set(&order, &batch, 1);
  assert_int_equal(moments_add(m, &batch, &order, NULL), NONET_OK);
  s = moments_sums(m, all, MOMENT_LOG_LOSS, 0);
  assert_int_equal(s.n, 4);
  assert_int_equal(s.n_infinite, 1);
  near(s.sum, -(logl(.9L) + logl(.9L) + logl(.8L) + logl(.7L)), 1e-15);
  s = moments_sums(m, all, MOMENT_BRIER, 0);
  assert_int_equal(s.n, 5);
  near(s.sum, 1.15L, 1e-15);
  moments_free(m);
  batch_order_clear(&order);
}

/* MAPE and pinball by hand; e = prediction − label. MAPE([3, −.5, 2, 7], [2.5, 0, 2, 8]) = 0.3273
 * (golden.md, scikit-learn). */
static void test_known_regression(void **state) {
  (void)state;
  const double y[] = {3, -.5, 2, 7, 0}, x[] = {2.5, 0, 2, 8, 1};
  struct roles roles = {.task = TASK_REGRESSION,
                        .n_cells = 1,
                        .n_scores = 1,
                        .has_score = {true, false},
                        .has_label = true};
  struct moments *m;
  struct batch_order order;
  struct role_batch batch = {.n_rows = 5, .target = y, .score = {x, NULL}};
  const bool all[] = {true};
  assert_int_equal(moments_new(&roles, 0.9, &m, NULL), NONET_OK);
  assert_int_equal(batch_order_init(&roles, &order, NULL), NONET_OK);
  batch_order_set(&order, &batch, 1);
  assert_int_equal(moments_add(m, &batch, &order, NULL), NONET_OK);
  struct moment_sums s = moments_sums(m, all, MOMENT_APE, 0);
  assert_int_equal(s.n, 4);
  assert_int_equal(s.n_infinite, 1);
  near(s.sum / 4, 0.32738095238095244L, 1e-15);
  near(moments_sums(m, all, MOMENT_ERROR, 0).sum, 2.0L, 1e-15);
  near(moments_sums(m, all, MOMENT_SQUARE, 0).sum, 2.5L, 1e-15);
  near(moments_sums(m, all, MOMENT_PINBALL, 0).sum, .9L * .5 + .1L * .5 + .1L + .1L, 1e-15);
  near(moments_sums(m, all, MOMENT_SAPE, 0).sum, 2 * .5L / 5.5 + 2 + 2 / 15.0L + 2, 1e-15);
  near(moments_sums(m, all, MOMENT_CROSS, 0).sum, 7.5L + 0 + 4 + 56, 1e-15);
  moments_free(m);
  batch_order_clear(&order);
}

/* Every term of every task, by cell, against long double sums of the row function and against the
 * row's own definition. */
static void check_random(struct kit_shape shape) {
  struct kit kit;
  kit_init(&kit, shape);
  size_t n = shape.n, *order = kit_order(n, 0);
  struct summary_set *set = kit_set(&kit, order, n, 999, 3, 0);
  bool *scope = calloc(set->roles.n_cells, 1);
  for (size_t c = 0; c < set->roles.n_cells; c += 2)
    scope[c] = true;
  for (enum moment_term t = 0; t < N_MOMENT_TERMS; t++) {
    if (!moments_has(set->moments, t))
      continue;
    long double sum[2] = {0}, square[2] = {0}, cross = 0;
    uint64_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
      size_t c = 0;
      for (; set->roles.n_groups && c < set->roles.n_cells; c++) {
        bool same = true;
        for (size_t g = 0; g < set->roles.n_groups; g++) {
          const char *value =
              set->roles.groups[g].values[set->roles.cell_values[c * set->roles.n_groups + g]];
          int wanted = kit.group[g][i];
          same &= wanted < 0 ? !value : value && strcmp(value, kit_values[g][wanted]) == 0;
        }
        if (same)
          break;
      }
      if (!scope[c])
        continue;
      double x[2] = {0};
      double y = kit.target ? kit.target[i] : kit.label[i];
      for (int s = 0; s < 1 + shape.two_streams; s++) {
        x[s] =
            moment_row_term(shape.task, t, y, kit.score[s] + i * kit.n_scores, kit.n_scores, 0.5);
        if (!isfinite(x[s]))
          continue;
        sum[s] += x[s];
        square[s] += (long double)x[s] * x[s];
      }
      if (isfinite(x[0]) && isfinite(x[1]))
        cross += (long double)x[0] * x[1];
      n_rows += isfinite(x[0]);
    }
    for (int s = 0; s < 1 + shape.two_streams; s++) {
      struct moment_sums found = moments_sums(set->moments, scope, t, s);
      near(found.sum, sum[s], 1e-13);
      if (s == 0)
        assert_int_equal(found.n, n_rows);
      if (t == MOMENT_SPIEGEL_NUM || t == MOMENT_SPIEGEL_DEN ||
          (t == MOMENT_P && !shape.two_streams))
        continue;
      near(found.sum_squares, square[s], 1e-13);
      if (shape.two_streams)
        near(found.sum_cross, cross, 1e-13);
    }
  }
  free(scope);
  free(order);
  summary_free(set);
  kit_clear(&kit);
}

static void test_random(void **state) {
  (void)state;
  check_random((struct kit_shape){.task = TASK_BINARY,
                                  .n = 5000,
                                  .n_classes = 2,
                                  .n_groups = 2,
                                  .two_streams = true,
                                  .n_levels = 50});
  check_random((struct kit_shape){.task = TASK_BINARY, .n = 7001, .n_classes = 2});
  check_random((struct kit_shape){.task = TASK_MULTICLASS,
                                  .n = 4000,
                                  .n_classes = 4,
                                  .n_groups = 1,
                                  .two_streams = true,
                                  .n_levels = 6});
  check_random((struct kit_shape){
      .task = TASK_REGRESSION, .n = 4000, .n_groups = 2, .two_streams = true, .n_levels = 50});
}

/* The row function's multiclass log-loss and Brier score by hand. */
static void test_row_terms(void **state) {
  (void)state;
  const double p[] = {.2, .5, .3};
  near(moment_row_term(TASK_MULTICLASS, MOMENT_LOG_LOSS, 2, p, 3, 0), -logl(.3L), 1e-15);
  near(moment_row_term(TASK_MULTICLASS, MOMENT_BRIER, 2, p, 3, 0), .04L + .25 + .49, 1e-15);
  assert_true(isinf(moment_row_term(TASK_BINARY, MOMENT_LOG_LOSS, 1, (double[]){0}, 1, 0)));
  assert_true(isnan(moment_row_term(TASK_BINARY, MOMENT_BRIER, 1, (double[]){1.5}, 1, 0)));
  assert_true(isnan(moment_row_term(TASK_MULTICLASS, MOMENT_P, 1, p, 3, 0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known), cmocka_unit_test(test_known_regression),
      cmocka_unit_test(test_random), cmocka_unit_test(test_row_terms)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
