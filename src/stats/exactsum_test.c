/* Sums whose exact value is known; permutations, splits and merges give equal bytes; specials;
 * moments. */
#include "stats/exactsum.h"

#include <float.h>
#include <string.h>

#include "base/philox.h"
#include "stats/near_check.h"

#define N 3001

static void wild_values(double *x, size_t n, uint64_t id) {
  struct philox_sequence random = {.seed = 3, .id = id};
  for (size_t i = 0; i < n; i++) {
    int exponent = (int)(philox_next_u32(&random) % 2040) - 1070;
    x[i] = ldexp(2 * philox_next_uniform(&random) - 1, exponent);
  }
}

static void shuffle(double *x, size_t n, uint64_t id) {
  struct philox_sequence random = {.seed = 4, .id = id};
  for (size_t i = n; i > 1; i--) {
    size_t j = philox_next_u32(&random) % i;
    double swap = x[i - 1];
    x[i - 1] = x[j];
    x[j] = swap;
  }
}

static double sum_of(const double *x, size_t n) {
  struct exactsum sum = {0};
  exactsum_add_array(&sum, x, n);
  return exactsum_value(&sum);
}

static void known_sums(void **state) {
  (void)state;
  assert_true(sum_of((double[]){1e308, 1e308, -1e308, -1e308, 5e-324}, 5) == 5e-324);
  assert_true(sum_of((double[]){1, 1e100, 1, -1e100}, 4) == 2);
  assert_true(sum_of((double[]){0.1, 0.2, 0.3}, 3) == 0.6); /* math.fsum([.1, .2, .3]) */
  assert_true(sum_of((double[]){1, 0x1p-53, 0x1p-106}, 3) == 1 + 0x1p-52); /* just above the tie */
  assert_true(sum_of((double[]){1, 0x1p-53}, 2) == 1); /* the tie goes to even */
  assert_true(sum_of((double[]){1 + 0x1p-52, 0x1p-53}, 2) == 1 + 0x1p-51);
  assert_true(sum_of((double[]){-1, -0x1p-53, -0x1p-1074}, 3) == -(1 + 0x1p-52));
  assert_true(sum_of((double[]){DBL_MAX, DBL_MAX}, 2) == INFINITY);
  assert_true(sum_of((double[]){DBL_MAX, 0x1p969}, 2) == DBL_MAX);
  assert_true(sum_of((double[]){-DBL_MAX, -0x1p970}, 2) == -INFINITY);
  assert_true(sum_of((double[]){DBL_MIN, -5e-324}, 2) == DBL_MIN - 5e-324);
  assert_true(sum_of(NULL, 0) == 0);
}

static void specials(void **state) {
  (void)state;
  assert_true(sum_of((double[]){1, INFINITY}, 2) == INFINITY);
  assert_true(sum_of((double[]){-INFINITY, 1}, 2) == -INFINITY);
  assert_true(isnan(sum_of((double[]){INFINITY, -INFINITY}, 2)));
  assert_true(isnan(sum_of((double[]){1, NAN}, 2)));
}

static void any_order_any_split(void **state) {
  (void)state;
  static double x[N];
  uint8_t first[EXACTSUM_SAVED_BYTES], bytes[EXACTSUM_SAVED_BYTES];
  wild_values(x, N, 1);
  for (uint64_t round = 0; round < 25; round++) {
    struct exactsum whole = {0}, parts[7] = {{{0}, 0, 0}}, merged = {0};
    shuffle(x, N, round);
    exactsum_add_array(&whole, x, N);
    exactsum_save(&whole, round == 0 ? first : bytes);
    for (size_t i = 0; i < N; i++) {
      exactsum_add(&parts[(i * i + round) % 7], x[i]);
    }
    for (size_t k = 0; k < 7; k++) {
      exactsum_merge(&merged, &parts[(k * 3 + round) % 7]);
    }
    if (round > 0) {
      assert_memory_equal(first, bytes, sizeof bytes);
    }
    exactsum_save(&merged, bytes);
    assert_memory_equal(first, bytes, sizeof bytes);
    assert_true(exactsum_value(&merged) == exactsum_value(&whole));
  }
  struct exactsum loaded;
  assert_true(exactsum_load(&loaded, first));
  exactsum_save(&loaded, bytes);
  assert_memory_equal(first, bytes, sizeof bytes);
  first[EXACTSUM_SAVED_BYTES - 8] = 9;
  assert_false(exactsum_load(&loaded, first));
}

static void cancels_to_nothing(void **state) {
  (void)state;
  static double x[2 * N];
  struct exactsum sum = {0};
  wild_values(x, N, 5);
  for (size_t i = 0; i < N; i++) {
    x[N + i] = -x[i];
  }
  shuffle(x, 2 * N, 9);
  exactsum_add_array(&sum, x, 2 * N);
  uint8_t bytes[EXACTSUM_SAVED_BYTES], zero[EXACTSUM_SAVED_BYTES] = {0};
  exactsum_save(&sum, bytes);
  assert_memory_equal(bytes, zero, sizeof zero);
}

static void counted(void **state) {
  (void)state;
  static double x[100];
  wild_values(x, 100, 6);
  struct exactsum slow = {0}, fast = {0};
  for (size_t i = 0; i < 100; i++) {
    for (size_t k = 0; k < i; k++) {
      exactsum_add(&slow, x[i]);
    }
    exactsum_add_counted(&fast, x[i], i);
  }
  uint8_t a[EXACTSUM_SAVED_BYTES], b[EXACTSUM_SAVED_BYTES];
  exactsum_save(&slow, a);
  exactsum_save(&fast, b);
  assert_memory_equal(a, b, sizeof a);
  struct exactsum huge = {0};
  exactsum_add_counted(&huge, DBL_MAX, UINT64_MAX);
  assert_true(exactsum_value(&huge) == INFINITY);
  exactsum_add_counted(&huge, -DBL_MAX, UINT64_MAX);
  assert_true(exactsum_value(&huge) == 0);
}

static void pairs_and_moments(void **state) {
  (void)state;
  struct exactsum sum = {0};
  double hi, lo;
  exactsum_add_array(&sum, (double[]){1, 0x1p-70}, 2);
  exactsum_value_pair(&sum, &hi, &lo);
  assert_true(hi == 1 && lo == 0x1p-70);
  /* NIST StRD NumAcc3: mean 1000000.2, standard deviation 0.1; x² is rounded, which leaves some
   * 1e-3 of the variance. */
  static double x[1001];
  struct exactmoments moments = {0}, empty = {0};
  for (int i = 0; i < 1001; i++) {
    x[i] = i == 0 ? 1000000.2 : i % 2 ? 1000000.1 : 1000000.3;
  }
  exactmoments_add_array(&moments, x, 1001);
  NEAR(exactmoments_mean(&moments), 1000000.2);
  NEAR_WITHIN(sqrt(exactmoments_variance(&moments)), 0.1, 2e-3, 0.1);
  /* NIST StRD NumAcc1: 10000001, 10000003, 10000002: sd 1 */
  struct exactmoments whole = {0};
  exactmoments_add_array(&whole, (double[]){10000001, 10000003, 10000002}, 3);
  assert_true(exactmoments_variance(&whole) == 1 && exactmoments_mean(&whole) == 10000002);
  assert_true(isnan(exactmoments_mean(&empty)) && isnan(exactmoments_variance(&empty)));
  exactmoments_merge(&empty, &whole);
  assert_true(empty.n == 3 && exactmoments_variance(&empty) == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(known_sums),
                                     cmocka_unit_test(specials),
                                     cmocka_unit_test(any_order_any_split),
                                     cmocka_unit_test(cancels_to_nothing),
                                     cmocka_unit_test(counted),
                                     cmocka_unit_test(pairs_and_moments)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
