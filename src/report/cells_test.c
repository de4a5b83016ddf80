/* Groups × classes: two tables from shuffled cells, a missing cell, what is no cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "report/cells.h"

#define CELL(column, group, class_, half)                                                          \
  "{\"measure\":\"data.m\",\"attribute\":\"data\",\"role\":\"candidate\",\"method\":\"exact\","    \
  "\"value\":" half ",\"scope\":{\"kind\":\"group\",\"by\":{\"" column "\":\"" group               \
  "\"},\"class\":\"" class_ "\"}}"

static json_t *document(void) {
  static const char text[] =
      "{\"estimates\":[" CELL("sex", "F", "0", "0.1") "," CELL("race", "P", "0", "0.2") "," CELL(
          "sex", "M", "1", "0.3") "," CELL("sex", "F", "1",
                                           "0.4") ",{\"measure\":\"data.m\",\"attribute\":\"data\","
                                                  "\"role\":\"candidate\",\"scope\":{\"kind\":"
                                                  "\"class\",\"class\":\"0\"}},{\"measure\":\"data."
                                                  "m\",\"attribute\":\"data\",\"role\":"
                                                  "\"candidate\",\"scope\":{\"kind\":\"group\","
                                                  "\"by\":{\"sex\":\"F\"}}}]}";
  json_t *root = NULL;
  assert_int_equal(json_text_parse(text, strlen(text), "test", &root, NULL), NONET_OK);
  return root;
}

static void assert_keys(json_t *object, const char *const *keys, size_t n) {
  void *at = json_object_iter(object);
  assert_int_equal(json_object_size(object), n);
  for (size_t i = 0; i < n; i++, at = json_object_iter_next(object, at)) {
    assert_string_equal(json_object_iter_key(at), keys[i]);
  }
}

static void test_tables(void **state) {
  (void)state;
  static const char *const classes[] = {"0", "1"},
                           *const by_sex[] = {"{\"sex\":\"F\"}", "{\"sex\":\"M\"}"},
                           *const by_race[] = {"{\"race\":\"P\"}"};
  json_t *root = document(), *rows = json_object_get(root, "estimates"),
         *tables = cells_tables(root);
  assert_int_equal(json_array_size(tables), 2);
  const json_t *sex = json_array_get(tables, 0), *race = json_array_get(tables, 1);
  assert_ptr_equal(json_object_get(sex, "first"), json_array_get(rows, 0));
  assert_keys(json_object_get(sex, "classes"), classes, 2);
  assert_keys(json_object_get(race, "classes"), classes, 1);
  json_t *groups = json_object_get(sex, "groups");
  assert_keys(groups, by_sex, 2);
  assert_keys(json_object_get(race, "groups"), by_race, 1);
  const json_t *female = json_object_get(groups, by_sex[0]),
               *male = json_object_get(groups, by_sex[1]);
  assert_ptr_equal(json_object_get(female, "0"), json_array_get(rows, 0));
  assert_ptr_equal(json_object_get(female, "1"), json_array_get(rows, 3));
  assert_null(json_object_get(male, "0"));
  assert_true(cells_half(json_object_get(male, "1")) == 0.3);
  json_decref(tables);
  json_decref(root);
}

/* An estimate with an interval is known as well as its interval is wide. */
static void test_half_of_an_interval(void **state) {
  (void)state;
  json_t *cell =
      json_pack("{s:s, s:f, s:f, s:f}", "method", "wilson", "value", 0.5, "low", 0.25, "high", 1.0);
  assert_true(cells_half(cell) == 0.375);
  json_decref(cell);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tables),
      cmocka_unit_test(test_half_of_an_interval),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
