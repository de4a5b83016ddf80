/* Estimates by measure, role and scope: order of columns, types of values, doubles, none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "report/lookup.h"

#define ROW(measure, role, scope)                                                                  \
  "{\"measure\":\"" measure "\",\"role\":\"" role "\",\"scope\":" scope "}"

static const char rows_text[] = "[" ROW("a", "candidate", "{\"kind\":\"all\"}") "," ROW(
    "a", "candidate",
    "{\"kind\":\"group\",\"by\":{\"x\":\"1\",\"y\":null}"
    "}") "," ROW("a", "baseline",
                 "{\"kind\":"
                 "\"all\"}") "," ROW("a", "candidate",
                                     "{\"kind\":"
                                     "\"all\"}") "]";

static json_t *parsed(const char *text) {
  json_t *value = NULL;
  assert_int_equal(json_text_parse(text, strlen(text), "test", &value, NULL), NONET_OK);
  return value;
}

static const json_t *find(struct lookup *lookup, const char *measure, const char *role,
                          const char *scope) {
  json_t *wanted = parsed(scope);
  const json_t *found = lookup_find(lookup, measure, role, wanted);
  json_decref(wanted);
  return found;
}

static void test_finds(void **state) {
  (void)state;
  static const char all[] = "{\"kind\":\"all\"}";
  json_t *rows = parsed(rows_text);
  struct lookup lookup;
  assert_true(lookup_open(&lookup, rows));
  assert_ptr_equal(find(&lookup, "a", "candidate", all), json_array_get(rows, 0)); /* case 2 */
  assert_ptr_equal(find(&lookup, "a", "baseline", all), json_array_get(rows, 2));
  assert_ptr_equal(
      find(&lookup, "a", "candidate", "{\"by\":{\"y\":null,\"x\":\"1\"},\"kind\":\"group\"}"),
      json_array_get(rows, 1)); /* case 1 */
  assert_null(find(&lookup, "a", "candidate", "{\"kind\":\"group\",\"by\":{\"x\":1,\"y\":null}}"));
  assert_null(find(&lookup, "a", "difference", all));
  assert_null(find(&lookup, "b", "candidate", all));
  assert_null(lookup_find(&lookup, "a", "candidate", NULL));
  assert_false(lookup.failed);
  lookup_close(&lookup);
  json_decref(rows);
}

static void test_no_rows(void **state) {
  (void)state;
  struct lookup lookup;
  assert_true(lookup_open(&lookup, NULL));
  assert_null(find(&lookup, "a", "candidate", "{\"kind\":\"all\"}"));
  lookup_close(&lookup);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finds),
      cmocka_unit_test(test_no_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
