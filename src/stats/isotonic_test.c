/* scikit-learn's IsotonicRegression, its documentation's example, zero weights, a failing
 * allocation. */
#include "stats/isotonic.h"

#include "base/memory.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

static void golden(void **state) {
  (void)state;
  double small[] = {3, 7, 5, 9, 8, 7, 10}, want[] = {3, 6, 6, 8, 8, 8, 10};
  assert_int_equal(isotonic_fit(small, NULL, 7, small, NULL), NONET_OK); /* in place */
  for (size_t i = 0; i < 7; i++) {
    NEAR(small[i], want[i]);
  }
  double fitted[COUNT_OF(golden_isotonic_y)];
  assert_int_equal(
      isotonic_fit(golden_isotonic_y, golden_isotonic_w, COUNT_OF(fitted), fitted, NULL), NONET_OK);
  for (size_t i = 0; i < COUNT_OF(fitted); i++) {
    NEAR_WITHIN(fitted[i], golden_isotonic_fit[i], 1e-12, 1);
  }
}

static void edges(void **state) {
  (void)state;
  double y[] = {9, 1, 2, 7, 0}, weight[] = {0, 1, 1, 0, 3}, fitted[5];
  assert_int_equal(isotonic_fit(NULL, NULL, 0, NULL, NULL), NONET_OK);
  assert_int_equal(isotonic_fit(y, weight, 5, fitted, NULL), NONET_OK);
  for (size_t i = 0; i < 5; i++) {
    NEAR(fitted[i], 0.6); /* (1 + 2 + 3·0)/5: all one block */
  }
  assert_int_equal(isotonic_fit(y, weight, 3, fitted, NULL), NONET_OK);
  assert_true(fitted[0] == 1 && fitted[1] == 1 && fitted[2] == 2);
  memory_fail_after(0);
  assert_int_equal(isotonic_fit(y, NULL, 5, fitted, NULL), NONET_E_MEMORY);
  memory_fail_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(golden), cmocka_unit_test(edges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
