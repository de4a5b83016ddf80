/* Comma lists: what splits, what does not, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/split.h"

static void check(const char *list, size_t n, const char *const *items) {
  struct split split;
  assert_int_equal(split_list(list, "--group", &split, NULL), NONET_OK);
  assert_int_equal(split.n, n);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(split.item[i], items[i]);
  }
  split_clear(&split);
}

static void test_splits(void **state) {
  (void)state;
  check(NULL, 0, NULL);
  check("a", 1, (const char *const[]){"a"});
  check(" a , b c ", 2, (const char *const[]){"a", "b c"});
  check("coalesce(a, b),c", 2, (const char *const[]){"coalesce(a, b)", "c"});
  check("\"a, b\",\"say \"\"x\"\"\"", 2, (const char *const[]){"a, b", "say \"x\""});
  check("\"a\" || \"b\"", 1, (const char *const[]){"\"a\" || \"b\""});
  check("replace(x, ',', '.'),'a,b'", 2, (const char *const[]){"replace(x, ',', '.')", "'a,b'"});
}

static void test_refuses(void **state) {
  static const char *const wrong[] = {"", ",", "a,", ",a", "a,,b", "f(a", "\"a"};
  struct split split;
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_int_equal(split_list(wrong[i], "--group", &split, NULL), NONET_E_USAGE);
    assert_int_equal(split.n, 0);
  }
}

static void test_memory_failures(void **state) {
  nonet_status status = NONET_E_MEMORY;
  (void)state;
  for (long k = 0; status != NONET_OK; k++) {
    struct split split;
    memory_fail_after(k);
    status = split_list("a,b,\"c\"", "--group", &split, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
    split_clear(&split);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_splits), cmocka_unit_test(test_refuses),
                                     cmocka_unit_test(test_memory_failures)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
