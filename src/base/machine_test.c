/* The machine says something plausible about itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/machine.h"

static void test_memory(void **state) {
  (void)state;
  assert_true(machine_memory_bytes() >= (uint64_t)16 << 20);
  assert_true(machine_memory_bytes() < (uint64_t)1 << 50);
}

static void test_names(void **state) {
  char name[128];
  (void)state;
  machine_processor(name);
  assert_true(strlen(name) < sizeof name);
  assert_null(strchr(name, '\n'));
  assert_true(strlen(machine_architecture()) > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory), cmocka_unit_test(test_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
