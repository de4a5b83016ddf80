/* Against statsmodels' multipletests (equal to R's p.adjust), R's documented behaviour for NA-free
 * input, and a failing allocation. */
#include "stats/multiple.h"

#include "base/memory.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

#define N COUNT_OF(golden_p)

static void golden(void **state) {
  (void)state;
  double holm[N], bh[N], bonferroni[N];
  assert_int_equal(multiple_holm(golden_p, N, 0, holm, NULL), NONET_OK);
  assert_int_equal(multiple_benjamini_hochberg(golden_p, N, 0, bh, NULL), NONET_OK);
  multiple_bonferroni(golden_p, N, 0, bonferroni);
  for (size_t i = 0; i < N; i++) {
    NEAR(holm[i], golden_holm[i]);
    NEAR(bh[i], golden_bh[i]);
    NEAR(bonferroni[i], fmin(1, golden_p[i] * N));
  }
}

static void families(void **state) {
  (void)state;
  double p[4] = {0.01, NAN, 0.02, 0.04}, out[4];
  assert_int_equal(multiple_holm(p, 4, 0, out, NULL),
                   NONET_OK); /* by hand: 4·.01, 3·.02, 2·.04, 1 */
  NEAR(out[0], 0.04);
  NEAR(out[2], 0.06);
  NEAR(out[3], 0.08);
  assert_true(out[1] == 1);
  assert_int_equal(multiple_holm(p, 1, 10, p, NULL),
                   NONET_OK); /* in place, one of a family of ten */
  NEAR(p[0], 0.1);
  assert_int_equal(multiple_benjamini_hochberg(NULL, 0, 0, NULL, NULL), NONET_OK);
}

static void short_memory(void **state) {
  (void)state;
  double p[2] = {0.1, 0.2}, out[2];
  nonet_error error;
  memory_fail_after(0);
  assert_int_equal(multiple_holm(p, 2, 0, out, &error), NONET_E_MEMORY);
  memory_fail_after(0);
  assert_int_equal(multiple_benjamini_hochberg(p, 2, 0, out, &error), NONET_E_MEMORY);
  memory_fail_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(golden), cmocka_unit_test(families),
                                     cmocka_unit_test(short_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
