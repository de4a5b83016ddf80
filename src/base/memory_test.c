/* Alignment, zeroes, overflow, contents kept through every path of a resize, and the failing mode.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static const size_t sizes[] = {0, 1, 15, 16, 63, 64, 65, 127, 128, 1000, 4096, 131072, 3 << 20};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void assert_aligned(const void *block, size_t size_bytes) {
  assert_int_equal((uintptr_t)block % (size_bytes >= 64 ? 64 : 16), 0);
}

static void fill(unsigned char *block, size_t size_bytes) {
  for (size_t i = 0; i < size_bytes; i++) {
    block[i] = (unsigned char)(i * 31 + 7);
  }
}

static void assert_filled(const unsigned char *block, size_t size_bytes) {
  for (size_t i = 0; i < size_bytes; i++) {
    assert_int_equal(block[i], (unsigned char)(i * 31 + 7));
  }
}

static void test_new_and_zeroed(void **state) {
  (void)state;
  for (size_t i = 0; i < N_SIZES; i++) {
    unsigned char *block = memory_new(sizes[i], 1);
    unsigned char *zeroed = memory_zeroed(1, sizes[i]);
    assert_non_null(block);
    assert_non_null(zeroed);
    assert_aligned(block, sizes[i]);
    assert_aligned(zeroed, sizes[i]);
    fill(block, sizes[i]);
    for (size_t j = 0; j < sizes[i]; j++) {
      assert_int_equal(zeroed[j], 0);
    }
    memory_free(block);
    memory_free(zeroed);
  }
  memory_free(NULL);
}

static void test_resize_every_pair(void **state) {
  (void)state;
  for (size_t i = 0; i < N_SIZES; i++) {
    for (size_t j = 0; j < N_SIZES; j++) {
      unsigned char *block = memory_new(sizes[i], 1);
      assert_non_null(block);
      fill(block, sizes[i]);
      unsigned char *resized = memory_resize(block, sizes[j], 1);
      assert_non_null(resized);
      assert_aligned(resized, sizes[j]);
      assert_filled(resized, sizes[i] < sizes[j] ? sizes[i] : sizes[j]);
      fill(resized, sizes[j]);
      memory_free(resized);
    }
  }
}

static void test_resize_failure_leaves_the_block(void **state) {
  (void)state;
  unsigned char *block = memory_new(100, 1);
  assert_non_null(block);
  fill(block, 100);
  assert_null(memory_resize(block, SIZE_MAX / 2, 3));
  assert_null(memory_resize(block, PTRDIFF_MAX, 1));
  memory_fail_after(0);
  assert_null(memory_resize(block, 200, 1));
  assert_int_equal(memory_fail_after(-1), 1);
  assert_filled(block, 100);
  memory_free(block);
  unsigned char *fresh = memory_resize(NULL, 10, 10);
  assert_non_null(fresh);
  memory_free(fresh);
}

static void test_overflow(void **state) {
  (void)state;
  assert_null(memory_new(SIZE_MAX, 2));
  assert_null(memory_zeroed(SIZE_MAX / 8 + 1, 8));
  assert_null(memory_new(SIZE_MAX, 1));
  assert_null(memory_new((size_t)PTRDIFF_MAX, 1));
  assert_null(memory_zeroed(1, SIZE_MAX - 16));
}

static void test_text(void **state) {
  (void)state;
  assert_null(memory_text(NULL));
  char *copy = memory_text("nine");
  assert_string_equal(copy, "nine");
  memory_free(copy);
}

static void test_grow(void **state) {
  (void)state;
  void *array = NULL;
  size_t capacity = 0;
  long n_made = 0;
  memory_fail_after(LONG_MAX);
  for (size_t n = 1; n <= 1000; n++) {
    assert_true(memory_grow(&array, &capacity, n, sizeof(int)));
    assert_true(capacity >= n);
    ((int *)array)[n - 1] = (int)n;
  }
  n_made = memory_fail_after(-1);
  assert_true(n_made <= 10); /* it doubles */
  for (int n = 1; n <= 1000; n++) {
    assert_int_equal(((int *)array)[n - 1], n);
  }
  void *before = array;
  assert_false(memory_grow(&array, &capacity, SIZE_MAX, sizeof(int)));
  assert_ptr_equal(array, before);
  assert_true(capacity >= 1000);
  memory_free(array);
}

static void test_failing_mode(void **state) {
  (void)state;
  for (long n = 0; n < 3; n++) {
    memory_fail_after(n);
    for (long i = 0; i < 5; i++) {
      void *block = memory_new(8, 8);
      assert_int_equal(block == NULL, i == n); /* once */
      memory_free(block);
    }
    assert_int_equal(memory_fail_after(-1), 5);
  }
  void *block = memory_new(1, 1);
  assert_non_null(block);
  memory_free(block);
  assert_int_equal(memory_fail_after(-1), 0); /* off: not counted */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_new_and_zeroed),
      cmocka_unit_test(test_resize_every_pair),
      cmocka_unit_test(test_resize_failure_leaves_the_block),
      cmocka_unit_test(test_overflow),
      cmocka_unit_test(test_text),
      cmocka_unit_test(test_grow),
      cmocka_unit_test(test_failing_mode),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
