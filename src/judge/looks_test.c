/*
 * Looks against gsDesign's recursive integration (the Python port gsdesign 0.1.5, h1 and hupdate
 * with r = 60, spending 2 − 2Φ(z₁₋α/₂/√t), roots by SciPy's brentq). At α = .025 and five equal
 * looks these are the published boundaries 4.8769 3.3569 2.6803 2.2898 2.0310 (Lan & DeMets's
 * program; Reboussin, DeMets, Kim & Lan 2000).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "judge/looks.h"
#include "stats/distribution.h"
#include "stats/near_check.h"

#define N(array) (sizeof(array) / sizeof(array)[0])

static const double equal[] = {0.2, 0.4, 0.6, 0.8, 1.0};

static void test_published_boundaries(void **state) {
  const double z[] = {4.8769, 3.3569, 2.6803, 2.2898, 2.0310};
  double level[N(equal)];
  (void)state;
  assert_int_equal(looks_nominal(0.025, equal, N(equal), level, NULL), NONET_OK);
  for (size_t k = 0; k < N(equal); k++) {
    CLOSE(distribution_normal_quantile_sf(level[k]), z[k], 1.5e-4);
  }
}

static void expect_levels(double alpha, const double *t, size_t n, const double *expected) {
  double level[8];
  assert_int_equal(looks_nominal(alpha, t, n, level, NULL), NONET_OK);
  for (size_t k = 0; k < n; k++) {
    CLOSE(level[k] / expected[k], 1.0, 1e-4);
  }
}

static void test_gsdesign(void **state) {
  const double uneven[] = {0.3, 0.35, 0.9, 1.0}, half[] = {0.5, 1.0};
  const double of_equal[] = {1.17264468e-05, 1.93765711e-03, 1.07783240e-02, 2.48916347e-02,
                             4.09554572e-02};
  const double of_uneven[] = {0.00034572, 0.00081755, 0.0385143, 0.03952091};
  const double of_half[] = {0.00026972, 0.00990757};
  (void)state;
  expect_levels(0.05, equal, 5, of_equal);
  expect_levels(0.05, uneven, 4, of_uneven);
  expect_levels(0.01, half, 2, of_half);
}

static void test_overall_inverts_the_boundary(void **state) {
  const double alphas[] = {1e-6, 0.001, 0.01, 0.04, 0.05, 0.2};
  struct looks looks;
  (void)state;
  for (size_t n = 1; n <= 5; n++) {
    assert_int_equal(looks_init(&looks, equal, n, NULL), NONET_OK);
    assert_int_equal(looks.n, n);
    for (size_t i = 0; i < N(alphas); i++) {
      double level = looks_level(&looks, alphas[i]);
      double exact[5];
      assert_int_equal(looks_nominal(alphas[i], equal, n, exact, NULL), NONET_OK);
      CLOSE(level / exact[n - 1], 1.0, 1e-4);
      CLOSE(looks_overall(&looks, level) / alphas[i], 1.0, 1e-4);
    }
    CLOSE(looks_overall(&looks, 0.9), 1.0, 0.0);
    CLOSE(looks_overall(&looks, 0.0), 0.0, 0.0);
    assert_true(looks_overall(&looks, 0.01) < looks_overall(&looks, 0.011));
  }
  CLOSE(looks_overall(NULL, 0.03), 0.03, 0.0);
  CLOSE(looks_level(NULL, 0.05), 0.05, 0.0);
}

/* One look with all the information is the plain test; one long before has next to nothing; one
 * that adds nothing gets nothing. */
static void test_edges(void **state) {
  const double whole[] = {1.0}, early[] = {1e-4}, again[] = {0.5, 0.5, 1.0};
  const double bad[] = {0.5, 0.4}, beyond[] = {1.1};
  struct looks looks;
  double level[3], two[2];
  (void)state;
  assert_int_equal(looks_init(&looks, whole, 1, NULL), NONET_OK);
  CLOSE(looks_overall(&looks, 0.03), 0.03, 1e-9);
  assert_int_equal(looks_init(&looks, early, 1, NULL), NONET_OK);
  CLOSE(looks_level(&looks, 0.05), 0.0, 1e-300);
  CLOSE(looks_overall(&looks, 1e-9), 1.0, 0.0);
  assert_int_equal(looks_nominal(0.01, again, 3, level, NULL), NONET_OK);
  assert_int_equal(looks_nominal(0.01, again + 1, 2, two, NULL), NONET_OK);
  CLOSE(level[1], 0.0, 0.0);
  CLOSE(level[2], two[1], 1e-12);
  assert_int_equal(looks_nominal(0.01, bad, 2, level, NULL), NONET_E_INTERNAL);
  assert_int_equal(looks_init(&looks, beyond, 1, NULL), NONET_E_INTERNAL);
  assert_int_equal(looks_init(&looks, whole, 0, NULL), NONET_E_INTERNAL);
}

static void test_memory_failures(void **state) {
  nonet_status status = NONET_E_MEMORY;
  double level[5];
  (void)state;
  for (long k = 0; status != NONET_OK; k++) {
    memory_fail_after(k);
    status = looks_nominal(0.05, equal, 5, level, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_published_boundaries),
      cmocka_unit_test(test_gsdesign),
      cmocka_unit_test(test_overall_inverts_the_boundary),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
