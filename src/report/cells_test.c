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

static void test_tables(void **state) {
  (void)state;
  json_t *root = document(), *cells = cells_of(root);
  assert_int_equal(json_array_size(cells), 4);
  const bool tables[] = {true, true, false, false}, groups[] = {true, true, true, false},
             classes[] = {true, true, true, false};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(cells_is_first(cells, i, CELLS_TABLE), tables[i]);
    assert_int_equal(cells_is_first(cells, i, CELLS_GROUP), groups[i]);
    assert_int_equal(cells_is_first(cells, i, CELLS_CLASS), classes[i]);
  }
  const json_t *female = json_array_get(cells, 0), *male = json_array_get(cells, 2);
  assert_ptr_equal(cells_at(cells, female, "1"), json_array_get(cells, 3));
  assert_null(cells_at(cells, male, "0"));
  assert_true(cells_half(male) == 0.3);
  assert_false(cells_are_of_table(female, json_array_get(cells, 1)));
  json_decref(cells);
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
