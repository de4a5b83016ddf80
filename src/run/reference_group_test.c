/* Which group of a list is the reference of which column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "run/reference_group.h"

/* Columns of groups, and a control at the end, which has no reference. */
static char *sex[] = {"Female", "Male", NULL}, *race[] = {"Black, other", "White", "\"x\"", "x"},
            *odd[] = {"a", "null", NULL}, *area[] = {"n", "s"};
static struct domain domains[] = {{.column = "sex", .values = sex, .n_values = 3},
                                  {.column = "sex=race", .values = race, .n_values = 4},
                                  {.column = "odd", .values = odd, .n_values = 3},
                                  {.column = "area", .values = area, .n_values = 2}};
static struct roles roles = {.groups = domains, .n_groups = 4, .n_controls = 1};
static nonet_error error;

static void expect(const char *list, uint32_t of_sex, uint32_t of_race, uint32_t of_odd) {
  assert_int_equal(reference_group_set(list, false, &roles, &error), NONET_OK);
  assert_int_equal(domains[0].reference, of_sex);
  assert_int_equal(domains[1].reference, of_race);
  assert_int_equal(domains[2].reference, of_odd);
  assert_int_equal(domains[3].reference, 0);
}

static void test_groups(void **state) {
  (void)state;
  expect("sex=Male", 2, 0, 0);
  expect(NULL, 0, 0, 0);
  expect(" odd = a ,sex= Female", 1, 0, 1);
  expect("\"sex=race=Black, other\"", 0, 1, 0); /* the longest column that fits */
  expect("sex=race=\"Black, other\"", 0, 1, 0);
  expect("sex=null,odd=null", 3, 0, 2); /* a value of that name comes before the missing one */
  expect("sex=race=x", 0, 4, 0);
  assert_int_equal(reference_group_set("sex=race=\"x\"", false, &roles, NULL), NONET_OK);
  assert_int_equal(domains[1].reference, 3); /* the quotes are of the value */
}

static void refuse(const char *list, nonet_status status, const char *words) {
  assert_int_equal(reference_group_set(list, false, &roles, &error), status);
  if (strstr(error.message, words) == NULL) {
    fail_msg("%s: '%s' does not say '%s'", list, error.message, words);
  }
}

static void test_mistakes(void **state) {
  (void)state;
  refuse("Male", NONET_E_USAGE, "such as sex=Male; found 'Male'");
  refuse("sx=Male", NONET_E_USAGE, "did you mean 'sex'");
  refuse("area=n", NONET_E_USAGE, "no group column");
  refuse("sex=Male,sex=Female", NONET_E_USAGE, "given twice");
  refuse("sex=Mael", NONET_E_DATA, "did you mean 'Male'");
  refuse("sex=", NONET_E_DATA, "it has 'Female', 'Male', 'null'");
}

/* Other parts may have the group; what is mistyped in the column is told all the same. */
static void test_a_part(void **state) {
  (void)state;
  assert_int_equal(reference_group_set("sex=Other,odd=a", true, &roles, &error), NONET_OK);
  assert_int_equal(domains[0].reference, 0);
  assert_int_equal(domains[2].reference, 1);
  assert_int_equal(reference_group_set("sx=Other", true, &roles, &error), NONET_E_USAGE);
}

/* What goes wrong beside a lack of memory is told without near names, or as that lack. */
static void walk(const char *list, nonet_status expected) {
  long k = 0;
  for (bool done = false; !done; k++) {
    memory_fail_after(k);
    nonet_status status = reference_group_set(list, false, &roles, &error);
    done = memory_fail_after(-1) <= k;
    assert_true(status == expected || (!done && status == NONET_E_MEMORY));
  }
  assert_true(k > 2);
}

static void test_without_memory(void **state) {
  (void)state;
  walk("sex=Male,odd=a", NONET_OK);
  walk("sex=Mael", NONET_E_DATA);
  walk("sex=", NONET_E_DATA);
  walk("sx=Male", NONET_E_USAGE);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_groups), cmocka_unit_test(test_mistakes),
                                     cmocka_unit_test(test_a_part),
                                     cmocka_unit_test(test_without_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
