/* statsmodels' GLM: two covariates, cluster sandwich, weights, offset; separation; bad rows;
 * failing allocation. */
#include "stats/logistic.h"

#include <string.h>

#include "base/memory.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

#define N COUNT_OF(golden_logistic_x)

static void check_fit(const struct logistic_data *data, const double *golden, int robust) {
  struct logistic_fit fit;
  assert_int_equal(logistic_fit(data, &fit, NULL), NONET_OK);
  assert_true(fit.converged && !fit.separated);
  size_t size = fit.n_coefficients;
  for (size_t j = 0; j < size; j++) {
    NEAR_WITHIN(fit.coefficient[j], golden[j], 1e-12, 0.1);
    for (size_t k = 0; k < size; k++) {
      double got = robust ? fit.robust[j][k] : fit.covariance[j][k];
      NEAR_WITHIN(got, golden[size + j * size + k], 1e-12, 0.1);
    }
  }
}

static void golden(void **state) {
  (void)state;
  uint32_t cluster[N];
  for (size_t i = 0; i < N; i++) {
    cluster[i] = (uint32_t)golden_logistic_cluster[i];
  }
  struct logistic_data two = {.n = N,
                              .n_covariates = 2,
                              .x = {golden_logistic_x, golden_logistic_z},
                              .positives = golden_logistic_y};
  struct logistic_fit fit;
  check_fit(&two, golden_logistic_two, 0);
  assert_int_equal(logistic_fit(&two, &fit, NULL), NONET_OK);
  NEAR_WITHIN(fit.log_likelihood, golden_logistic_two[12], 1e-12, 1);
  struct logistic_data one = {.n = N,
                              .n_covariates = 1,
                              .x = {golden_logistic_x},
                              .positives = golden_logistic_y,
                              .cluster = cluster,
                              .n_clusters = 15};
  check_fit(&one, golden_logistic_robust, 1);
  double positives[N];
  for (size_t i = 0; i < N; i++) {
    positives[i] = golden_logistic_y[i] * golden_logistic_w[i];
  }
  struct logistic_data weighted = {.n = N,
                                   .n_covariates = 1,
                                   .x = {golden_logistic_x},
                                   .positives = positives,
                                   .trials = golden_logistic_w};
  check_fit(&weighted, golden_logistic_weighted, 0);
  struct logistic_data offset = {
      .n = N, .offset = golden_logistic_x, .positives = golden_logistic_y};
  check_fit(&offset, golden_logistic_offset, 0);
}

static void no_maximum(void **state) {
  (void)state;
  double x[] = {1, 2, 3, 4, 5, 6}, z[] = {3, 1, 2, 5, 4, 6}, split[] = {0, 0, 0, 1, 1, 1},
         ones[] = {1, 1, 1, 1, 1, 1};
  double mixed[] = {0, 1, 0, 1, 0, 1}, tied[] = {1, 2, 3, 3, 4, 5}, flat[] = {2, 2, 2, 2, 2, 2};
  struct logistic_fit fit;
  struct logistic_data data = {.n = 6, .n_covariates = 1, .x = {x, z}, .positives = split};
  assert_int_equal(logistic_fit(&data, &fit, NULL), NONET_OK);
  assert_true(fit.separated && !fit.converged && isnan(fit.covariance[0][0]));
  data.x[0] = tied; /* quasi-complete */
  assert_int_equal(logistic_fit(&data, &fit, NULL), NONET_OK);
  assert_true(fit.separated && !fit.converged);
  data.n_covariates = 2;
  data.x[0] = x;
  assert_int_equal(logistic_fit(&data, &fit, NULL), NONET_OK);
  assert_true(!fit.converged);
  data.n_covariates = 1;
  data.positives = ones;
  assert_int_equal(logistic_fit(&data, &fit, NULL), NONET_OK);
  assert_true(fit.separated);
  data.positives = mixed;
  data.x[0] = flat;
  assert_int_equal(logistic_fit(&data, &fit, NULL), NONET_OK);
  assert_true(!fit.converged && !fit.separated);
}

static void bad_rows(void **state) {
  (void)state;
  double x[] = {1, INFINITY, 3}, good[] = {1, 2, 3}, y[] = {0, 1, 0}, many[] = {0, 2, 0};
  struct logistic_fit fit;
  nonet_error error;
  struct logistic_data data = {.n = 3, .n_covariates = 1, .x = {x}, .positives = y};
  assert_int_equal(logistic_fit(&data, &fit, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "row 2"));
  data.x[0] = good;
  data.positives = many;
  assert_int_equal(logistic_fit(&data, &fit, &error), NONET_E_DATA);
  data.positives = y;
  memory_fail_after(0);
  assert_int_equal(logistic_fit(&data, &fit, &error), NONET_E_MEMORY);
  memory_fail_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(golden), cmocka_unit_test(no_maximum),
                                     cmocka_unit_test(bad_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
