/* Against the superaccumulator within the stated bound; permutations, splits and merges give equal
 * bytes; the edges of the domain. */
#include "stats/boundedsum.h"

#include <string.h>

#include "base/philox.h"
#include "stats/exactsum.h"
#include "stats/near_check.h"

#define N 10007

static void values(double *x, size_t n, uint64_t id) {
  struct philox_sequence random = {.seed = 11, .id = id};
  for (size_t i = 0; i < n; i++) {
    double size = ldexp(philox_next_uniform(&random), 11 - (int)(philox_next_u32(&random) % 120));
    x[i] = philox_next_u32(&random) % 2 ? size : -size;
  }
}

static void within_the_bound(void **state) {
  (void)state;
  static double x[N];
  for (uint64_t id = 0; id < 20; id++) {
    struct boundedsum sum = {0};
    struct exactsum exact = {0};
    size_t n = id == 0 ? 1 : N - (size_t)id;
    double hi, lo, rest;
    values(x, n, id);
    assert_true(boundedsum_add_array(&sum, x, n));
    exactsum_add_array(&exact, x, n);
    boundedsum_value_pair(&sum, &hi, &lo);
    assert_true(hi == boundedsum_value(&sum));
    exactsum_add(&exact, -hi);
    exactsum_add(&exact, -lo);
    rest = exactsum_value(&exact);
    assert_true(fabs(rest) <= (double)n * 0x1p-93 + fabs(lo) * 0x1p-53);
  }
}

static void any_order_any_split(void **state) {
  (void)state;
  static double x[N];
  uint8_t first[BOUNDEDSUM_SAVED_BYTES], bytes[BOUNDEDSUM_SAVED_BYTES];
  struct boundedsum whole = {0}, merged = {0}, backwards = {0}, loaded;
  values(x, N, 1);
  assert_true(boundedsum_add_array(&whole, x, N));
  boundedsum_save(&whole, first);
  for (size_t i = N; i-- > 0;) {
    boundedsum_add(&backwards, x[i]);
  }
  for (size_t start = 0, step = 1; start < N; start += step, step = step * 3 % 1013) {
    struct boundedsum part = {0};
    assert_true(boundedsum_add_array(&part, x + start, step < N - start ? step : N - start));
    boundedsum_merge(&merged, &part);
  }
  boundedsum_save(&merged, bytes);
  assert_memory_equal(first, bytes, sizeof bytes);
  boundedsum_save(&backwards, bytes);
  assert_memory_equal(first, bytes, sizeof bytes);
  assert_true(boundedsum_load(&loaded, first));
  assert_true(boundedsum_value(&loaded) == boundedsum_value(&whole));
  first[23] = 0xff;
  assert_false(boundedsum_load(&loaded, first));
  /* Sums that no 2^63 terms have: -2^127, -2^114 and 2^114 on high, with low = 0. */
  for (int top = 0; top < 3; top++) {
    uint8_t saved[BOUNDEDSUM_SAVED_BYTES] = {0};
    saved[15] = (const uint8_t[]){0x80, 0xff, 0}[top];
    saved[14] = (const uint8_t[]){0, 0xfc, 4}[top];
    assert_int_equal(boundedsum_load(&loaded, saved), top == 1);
    saved[14] = (const uint8_t[]){0, 0xfb, 3}[top];
    assert_int_equal(boundedsum_load(&loaded, saved), top == 2);
  }
}

static void edges(void **state) {
  (void)state;
  struct boundedsum sum = {0};
  assert_true(boundedsum_value(&sum) == 0);
  double most = nextafter(2048, 0);
  for (int i = 0; i < 100000; i++) {
    boundedsum_add(&sum, i % 2 ? -most : most);
  }
  assert_true(boundedsum_value(&sum) == 0 && sum.high == 0 && sum.low == 0);
  boundedsum_add(&sum, 0x1p-41); /* both halves of the first digit's step */
  boundedsum_add(&sum, -0x1p-41);
  boundedsum_add(&sum, 3 * 0x1p-41);
  assert_true(boundedsum_value(&sum) == 3 * 0x1p-41);
  const double outside[] = {2048, -2048, INFINITY, -INFINITY, NAN};
  for (size_t i = 0; i < COUNT_OF(outside); i++) {
    struct boundedsum marked = {0}, other = {0};
    assert_false(boundedsum_add_array(&marked, &outside[i], 1));
    boundedsum_add(&other, 1);
    boundedsum_merge(&other, &marked);
    assert_true(isnan(boundedsum_value(&other)));
  }
}

static void counted(void **state) {
  (void)state;
  static double x[200];
  uint64_t count[200];
  struct boundedsum slow = {0}, fast = {0}, huge = {0};
  values(x, 200, 3);
  for (size_t i = 0; i < 200; i++) {
    count[i] = i * 7 % 31;
    for (size_t k = 0; k < count[i]; k++) {
      boundedsum_add(&slow, x[i]);
    }
  }
  assert_true(boundedsum_add_counted(&fast, x, count, 200));
  assert_memory_equal(&slow, &fast, sizeof slow);
  double half = 0.5;
  uint64_t many = (uint64_t)1 << 63;
  assert_true(boundedsum_add_counted(&huge, &half, &many, 1));
  assert_true(boundedsum_value(&huge) == 0x1p62);
}

static void moments(void **state) {
  (void)state;
  static double x[N];
  struct boundedmoments bounded = {0}, merged = {0};
  struct exactmoments exact = {0};
  values(x, N, 8);
  assert_true(boundedmoments_add_array(&bounded, x, N));
  exactmoments_add_array(&exact, x, N);
  NEAR(boundedmoments_mean(&bounded), exactmoments_mean(&exact));
  NEAR(boundedmoments_variance(&bounded), exactmoments_variance(&exact));
  boundedmoments_merge(&merged, &bounded);
  assert_memory_equal(&merged, &bounded, sizeof merged);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(within_the_bound),
                                     cmocka_unit_test(any_order_any_split), cmocka_unit_test(edges),
                                     cmocka_unit_test(counted), cmocka_unit_test(moments)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
