/* The version is three numbers with dots between, the commit a short hash or "unknown". */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <nonet/nonet.h>

static void test_version(void **state) {
  (void)state;
  unsigned major, minor, patch;
  char rest;
  assert_int_equal(sscanf(nonet_version(), "%u.%u.%u%c", &major, &minor, &patch, &rest), 3);
}

static void test_commit(void **state) {
  (void)state;
  const char *commit = nonet_commit();
  size_t n_hex = strspn(commit, "0123456789abcdef");
  bool is_hash = n_hex >= 7 && (commit[n_hex] == '\0' || strcmp(commit + n_hex, "-dirty") == 0);
  assert_true(is_hash || strcmp(commit, "unknown") == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_version), cmocka_unit_test(test_commit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
