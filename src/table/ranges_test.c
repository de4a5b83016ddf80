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
#include "table/tablekit.h"

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

/* One call after `*k` allocations; true when none was left to fail. */
#define WALK(k, status, call)                                                                      \
  (memory_fail_after(k), (status) = (call), memory_fail_after(-1) <= (k))

static void test_read_without_memory(void **state) {
  (void)state;
  nonet_status status;
  bool done = false;
  long k = 0;
  for (; !done; k++) {
    struct ranges ranges;
    done = WALK(k, status, ranges_read("age:25,45,65", &ranges, NULL));
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
    ranges_clear(&ranges);
  }
  assert_true(k > 2);
}

static void test_join_without_memory(void **state) {
  (void)state;
  static const char *const parts[] = {"age:25", "45", "65", "sex", "b:1", "2"};
  nonet_status status;
  bool done = false;
  long k = 0;
  for (; !done; k++) {
    char *item[6];
    size_t n = 6;
    for (size_t i = 0; i < n; i++) {
      item[i] = memory_text(parts[i]);
    }
    done = WALK(k, status, ranges_join(item, &n, NULL));
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
    assert_true(done ? n == 3 : n < 6);
    for (size_t i = 0; i < n; i++) {
      memory_free(item[i]);
    }
  }
  assert_true(k > 3);
}

/* Four columns of numbers, of which three become ranges, one with a missing value and one of two
 * values; opened, resolved and closed with every `step`-th allocation of our own failing once. Of
 * the ages 0 to 49 the quartiles are 12, 24 and 37. */
static void walk_table(const struct table_source *source, const char *sql, long step) {
  static const char *const groups[] = {"age", "gain:10,20", "few", "half"};
  static const char *const scores[] = {"p"};
  const struct roles_request request = {.label = "y",
                                        .scores = {scores, NULL},
                                        .n_scores = {1, 0},
                                        .groups = groups,
                                        .n_groups = 4,
                                        .threshold = 0.5};
  nonet_status status = NONET_E_MEMORY;
  long k = 0;
  for (bool done = false; !done; k += step) {
    struct ArrowArrayStream stream;
    struct table_source here = *source;
    struct table *table = NULL;
    struct roles roles = {0};
    nonet_error error = {{0}};
    if (sql != NULL) {
      tablekit_stream(sql, &stream);
      here.stream = &stream;
    }
    memory_fail_after(k);
    status = table_open(&here, &table, &error);
    if (status == NONET_OK) {
      status = table_resolve(table, &request, &roles, NULL, &error);
    }
    done = memory_fail_after(-1) <= k;
    assert_true(status == NONET_OK || (!done && status == NONET_E_MEMORY));
    assert_int_equal(error.message[0] == 0, status == NONET_OK);
    if (status == NONET_OK) { /* labels of a narrow range are taken in another way once */
      assert_string_equal(roles.groups[0].rule, "by quartiles, rounded to 5: 10, 25, 35");
      assert_string_equal(roles.groups[1].rule, "as stated: 10, 20");
      assert_null(roles.groups[2].rule);
      assert_string_equal(roles.groups[2].values[1], "1");
      assert_non_null(roles.groups[3].rule);
      assert_int_equal(roles.groups[3].n_values, 5); /* four ranges and null */
    }
    roles_clear(&roles);
    table_close(table);
  }
  assert_true(k > 50);
}

#define ROWS                                                                                       \
  "select i % 2 as y, (i % 10) / 10.0 as p, i % 50 as age, i % 31 as gain, i % 2 as few, "         \
  "case when i % 7 = 0 then null else i % 43 + 0.5 end as half from range(400) t(i)"

static void test_find_without_memory(void **state) {
  (void)state;
  const struct table_source stream = {.n_threads = 1};
  walk_table(&stream, ROWS, 1);
}

static void test_find_in_a_file_without_memory(void **state) {
  (void)state;
  const struct table_source file = {.path = tablekit_path("rows.csv"), .n_threads = 1};
  tablekit_copy(ROWS, file.path, "csv");
  walk_table(&file, NULL, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_codes),
                                     cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_join),
                                     cmocka_unit_test(test_read_without_memory),
                                     cmocka_unit_test(test_join_without_memory),
                                     cmocka_unit_test(test_find_without_memory),
                                     cmocka_unit_test(test_find_in_a_file_without_memory)};
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
