/*
 * Ranges of numbers: what is a name and what are edges, where a number lies, what a range is
 * called. Edges found by quartiles are held to NumPy in tests/e2e/test_fairness_ranges.py.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/ranges.h"

static void test_names(void **state) {
  (void)state;
  static const struct {
    const char *item;
    size_t length;
  } cases[] = {{"age", 3},      {"age:25", 3},     {"age:25,45.5, 65", 3},
               {"age:", 4},     {"a:b:1,2", 3},    {"x::INT", 6},
               {":1", 2},       {"age:1,b", 7},    {"x::1", 4},
               {"age:1,,2", 8}, {"age:-1e3,0", 3}, {"s[1:2]", 6}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(ranges_name_length(cases[i].item), cases[i].length);
  }
}

static void expect_range(const struct ranges *ranges, struct value value, uint32_t code) {
  assert_int_equal(ranges_code(ranges, &value), code);
}

static void test_codes(void **state) {
  (void)state;
  struct ranges ranges;
  assert_int_equal(ranges_read("age:25, 45,65.5", &ranges, NULL), NONET_OK);
  assert_int_equal(ranges.n, 3);
  assert_string_equal(ranges.rule, "as stated: 25, 45, 65.5");
  expect_range(&ranges, value_int(24), 0);
  expect_range(&ranges, value_int(25), 1);
  expect_range(&ranges, value_double(44.999), 1);
  expect_range(&ranges, value_text("45.0", 4), 2);
  expect_range(&ranges, value_double(65.5), 3);
  expect_range(&ranges, value_double(INFINITY), 3);
  expect_range(&ranges, value_double(-INFINITY), 0);
  expect_range(&ranges, value_double(NAN), RANGES_NULL);
  expect_range(&ranges, (struct value){.kind = VALUE_NULL}, RANGES_NULL);
  expect_range(&ranges, value_text("old", 3), RANGES_NO_NUMBER);
  expect_range(&ranges, value_bool(true), RANGES_NO_NUMBER);
  static const char *const names[] = {"under 25", "[25, 45)", "[45, 65.5)", "65.5 or more"};
  for (size_t k = 0; k < 4; k++) {
    struct text name = {0};
    ranges_name(&ranges, k, &name);
    assert_string_equal(name.data, names[k]);
    text_clear(&name);
  }
  ranges_clear(&ranges);
}

static void test_refused(void **state) {
  (void)state;
  static const char *const items[] = {"age:45,25", "age:25,25"};
  for (size_t i = 0; i < 2; i++) {
    struct ranges ranges;
    nonet_error error = {0};
    assert_int_equal(ranges_read(items[i], &ranges, &error), NONET_E_USAGE);
    assert_non_null(strstr(error.message, "'age' must ascend"));
    assert_null(ranges.edge);
  }
}

static void test_join(void **state) {
  (void)state;
  static const char *const parts[] = {"7", "sex", "age:25", "45", " 65", "race", "8", "b:1", "2"};
  static const char *const joined[] = {"7", "sex", "age:25,45, 65", "race", "8", "b:1,2"};
  char *item[9];
  size_t n = 9;
  for (size_t i = 0; i < n; i++) {
    item[i] = memory_text(parts[i]);
  }
  assert_int_equal(ranges_join(item, &n, NULL), NONET_OK);
  assert_int_equal(n, 6);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(item[i], joined[i]);
    memory_free(item[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_codes),
                                     cmocka_unit_test(test_refused), cmocka_unit_test(test_join)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
