/* Keys against comparison, sorts against qsort, any number of threads. */
#include "stats/sortkey.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"

static void test_keys(void **state) {
  (void)state;
  const double rising[] = {-INFINITY, -1e300, -1.5, -1e-310, 0, 1e-310, 0.5, 1, 1e300, INFINITY};
  for (size_t i = 0; i < 10; i++) {
    assert_true(sortkey_f64_value(sortkey_f64(rising[i])) == rising[i]);
    assert_true(sortkey_f32_value(sortkey_f32((float)rising[i])) == (float)rising[i]);
    assert_true(i == 0 || sortkey_f64(rising[i - 1]) < sortkey_f64(rising[i]));
    assert_true(i == 0 || sortkey_f32((float)rising[i - 1]) <= sortkey_f32((float)rising[i]));
  }
  assert_true(sortkey_f64(-0.0) == sortkey_f64(0.0));
  assert_true(sortkey_f32(-0.0f) == sortkey_f32(0.0f));
}

static int compare_u64(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static const size_t sizes[] = {0, 1, 2, 48, 49, 1000, 70000, 270001};
static const size_t threads[] = {1, 2, 7};

static void test_sorts(void **state) {
  (void)state;
  for (size_t s = 0; s < 8; s++) {
    size_t n = sizes[s];
    struct philox_sequence draws = {1, s, 0};
    uint64_t *wanted = malloc(8 * n + 8), *keys = malloc(8 * n + 8), *source = malloc(8 * n + 8);
    uint32_t *narrow = malloc(4 * n + 8), *index = malloc(4 * n + 8);
    for (size_t i = 0; i < n; i++) {
      source[i] = (uint64_t)philox_next_u32(&draws) << 32 |
                  (philox_next_u32(&draws) & (s % 2 == 0 ? 0xFF00FFFFu : 3u));
      source[i] &= s % 3 == 0 ? 0x1FFFFFFFFFu : UINT64_MAX;
    }
    for (size_t t = 0; t < 3; t++) {
      memcpy(wanted, source, 8 * n);
      qsort(wanted, n, 8, compare_u64);
      memcpy(keys, source, 8 * n);
      assert_int_equal(sortkey_sort_u64(keys, n, threads[t], NULL), NONET_OK);
      assert_true(n == 0 || memcmp(keys, wanted, 8 * n) == 0);
      memcpy(keys, source, 8 * n);
      for (size_t i = 0; i < n; i++) {
        index[i] = (uint32_t)i;
      }
      assert_int_equal(sortkey_argsort_u64(keys, index, n, threads[t], NULL), NONET_OK);
      for (size_t i = 0; i < n; i++) {
        assert_true(keys[i] == wanted[i] && source[index[i]] == keys[i]);
        assert_true(i == 0 || keys[i - 1] < keys[i] || index[i - 1] < index[i]); /* stable */
      }
      for (size_t i = 0; i < n; i++) {
        narrow[i] = (uint32_t)(source[i] >> 8);
        wanted[i] = narrow[i];
        index[i] = (uint32_t)i;
      }
      qsort(wanted, n, 8, compare_u64);
      assert_int_equal(sortkey_argsort_u32(narrow, index, n, threads[t], NULL), NONET_OK);
      for (size_t i = 0; i < n; i++) {
        assert_true(narrow[i] == wanted[i] && narrow[i] == (uint32_t)(source[index[i]] >> 8));
      }
      for (size_t i = 0; i < n; i++) {
        narrow[i] = (uint32_t)(source[i] >> 8);
      }
      assert_int_equal(sortkey_sort_u32(narrow, n, threads[t], NULL), NONET_OK);
      for (size_t i = 0; i < n; i++) {
        assert_int_equal(narrow[i], wanted[i]);
      }
    }
    free(wanted), free(keys), free(source), free(narrow), free(index);
  }
}

static size_t n_words_compared;
static int compare_records(const void *a, const void *b) {
  const uint32_t *x = a, *y = b;
  for (size_t w = 0; w < n_words_compared; w++) {
    if (x[w] != y[w]) {
      return x[w] < y[w] ? -1 : 1;
    }
  }
  return 0;
}

static void test_records(void **state) {
  (void)state;
  for (size_t n_words = 1; n_words <= 9; n_words++) {
    size_t n = 140000 / n_words + n_words;
    uint32_t *records = malloc(4 * n * n_words), *wanted = malloc(4 * n * n_words);
    struct philox_sequence draws = {2, n_words, 0};
    for (size_t i = 0; i < n * n_words; i++) {
      records[i] = philox_next_u32(&draws) & (i % n_words == 0   ? 0x70u
                                              : i % n_words == 1 ? 0u
                                                                 : 0xF00Fu);
    }
    memcpy(wanted, records, 4 * n * n_words);
    n_words_compared = n_words;
    qsort(wanted, n, 4 * n_words, compare_records);
    assert_int_equal(sortkey_sort_records(records, n, n_words, n_words % 3 + 1, NULL), NONET_OK);
    assert_memory_equal(records, wanted, 4 * n * n_words);
    free(records), free(wanted);
  }
}

static void test_merge_and_search(void **state) {
  (void)state;
  const uint32_t a[] = {1, 3, 3, 9}, b[] = {0, 3, 10};
  uint32_t out[7];
  const uint32_t wanted[] = {0, 1, 3, 3, 3, 9, 10};
  sortkey_merge_u32(a, 4, b, 3, out);
  assert_memory_equal(out, wanted, sizeof wanted);
  assert_int_equal(sortkey_lower_u32(out, 7, 3), 2);
  assert_int_equal(sortkey_upper_u32(out, 7, 3), 5);
  assert_int_equal(sortkey_upper_u32(out, 7, 10), 7);
}

static void test_memory(void **state) {
  (void)state;
  uint32_t *keys = calloc(1000, 4);
  for (uint32_t i = 0; i < 1000; i++) {
    keys[i] = 1000 - i;
  }
  nonet_status status = NONET_E_MEMORY;
  long k = 0;
  for (; k < 20 && status != NONET_OK; k++) {
    memory_fail_after(k);
    nonet_error error;
    status = sortkey_sort_u32(keys, 1000, 1, &error);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
  memory_fail_after(-1);
  assert_true(k > 2 && k < 20);
  free(keys);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys), cmocka_unit_test(test_sorts), cmocka_unit_test(test_records),
      cmocka_unit_test(test_merge_and_search), cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
