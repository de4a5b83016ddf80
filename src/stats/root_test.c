/* Roots known in closed form; ends, infinities and missing sign changes. */
#include "stats/root.h"

#include "stats/near_check.h"

static double cubic(const void *context, double x) {
  return x * x * x - *(const double *)context;
}

static double pole(const void *context, double x) {
  return x == *(const double *)context ? INFINITY : -x;
}

static double never(const void *context, double x) {
  (void)context;
  return isnan(x) ? 0 : 1 + x * x;
}

static void roots(void **state) {
  (void)state;
  double two = 2, zero = 0, one = -1;
  NEAR_WITHIN(root_find(cubic, &two, 0, 5, 1e-15), cbrt(2), 1e-15, 1);
  NEAR_WITHIN(root_find(cubic, &zero, -1, 7, 1e-15), 0, 1e-5, 1);
  assert_true(root_find(cubic, &zero, 0, 7, 1e-15) == 0);
  NEAR_WITHIN(root_find(pole, &one, -1, 3, 1e-15), 0, 1e-14, 1);
  assert_true(isnan(root_find(never, NULL, -1, 1, 1e-15)));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(roots)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
