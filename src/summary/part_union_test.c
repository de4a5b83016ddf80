/* Unions of dictionaries by hand: binary places, sorted classes, numbers and texts, null groups,
 * and each field that may not differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "summary/part_union.h"

static void assert_text(const char *found, const char *wanted) {
  if (wanted)
    assert_string_equal(found, wanted);
  else
    assert_null(found);
}

static void test_binary_places(void **state) {
  (void)state;
  char *seen_no[] = {"no", NULL}, *seen_yes[] = {NULL, "yes"}, *other[] = {NULL, "yep"},
       *turned[] = {NULL, "no"};
  struct roles a = {.task = TASK_BINARY,
                    .n_classes = 2,
                    .classes = seen_no,
                    .n_cells = 1,
                    .n_scores = 1},
               b = a, whole;
  struct code_map map_a, map_b;
  nonet_error error;
  b.classes = seen_yes;
  assert_int_equal(part_union_make(&a, &b, &whole, &map_a, &map_b, &error), NONET_OK);
  assert_text(whole.classes[0], "no");
  assert_text(whole.classes[1], "yes");
  assert_true(part_union_is_identity(&map_a, &a, &whole));
  roles_clear(&whole);
  part_union_clear_map(&map_a);
  part_union_clear_map(&map_b);
  a.classes = other;
  assert_int_equal(part_union_make(&a, &b, &whole, &map_a, &map_b, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "positive class"));
  a.classes = seen_no;
  b.classes = turned;
  assert_int_equal(part_union_make(&a, &b, &whole, &map_a, &map_b, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "--positive"));
}

static void check_classes(char **x, size_t n_x, char **y, size_t n_y, const char *const *wanted,
                          size_t n) {
  struct roles a = {.task = TASK_MULTICLASS, .n_classes = n_x, .classes = x, .n_cells = 1}, b = a,
               whole;
  struct code_map map_a, map_b;
  b.classes = y;
  b.n_classes = n_y;
  assert_int_equal(part_union_make(&a, &b, &whole, &map_a, &map_b, NULL),
                   wanted ? NONET_OK : NONET_E_DATA);
  if (!wanted)
    return;
  assert_int_equal(whole.n_classes, n);
  for (size_t k = 0; k < n; k++)
    assert_text(whole.classes[k], wanted[k]);
  for (size_t k = 0; k < n_x; k++)
    assert_text(whole.classes[map_a.class_code[k]], x[k]);
  for (size_t k = 0; k < n_y; k++)
    assert_text(whole.classes[map_b.class_code[k]], y[k]);
  roles_clear(&whole);
  part_union_clear_map(&map_a);
  part_union_clear_map(&map_b);
}

static void test_classes(void **state) {
  (void)state;
  check_classes((char *[]){"a", "c"}, 2, (char *[]){"b", "c", "d"}, 3,
                (const char *[]){"a", "b", "c", "d"}, 4);
  check_classes((char *[]){"2", "10"}, 2, (char *[]){"-1", "9"}, 2,
                (const char *[]){"-1", "2", "9", "10"}, 4);
  check_classes((char *[]){"10", "2"}, 2, (char *[]){"9"}, 1, (const char *[]){"10", "2", "9"},
                3); /* texts that look like numbers */
  check_classes((char *[]){"false"}, 1, (char *[]){"true"}, 1, (const char *[]){"false", "true"},
                2);
  check_classes((char *[]){"low", "high"}, 2, (char *[]){"low", "high"}, 2,
                (const char *[]){"low", "high"}, 2); /* --classes, the same */
  check_classes((char *[]){"low", "high"}, 2, (char *[]){"high", "low"}, 2, NULL, 0);
}

static void test_cells(void **state) {
  (void)state;
  char *sex_a[] = {"F", NULL}, *sex_b[] = {"M"}, *age[] = {"9", "10"};
  struct domain groups_a[] = {{.column = "sex", .n_values = 2, .values = sex_a},
                              {.column = "age", .n_values = 1, .values = age + 1}},
                groups_b[] = {{.column = "sex", .n_values = 1, .values = sex_b},
                              {.column = "age", .n_values = 2, .values = age}};
  uint32_t cells_a[] = {0, 0, 1, 0}, cells_b[] = {0, 0, 0, 1};
  struct roles a = {.task = TASK_REGRESSION,
                    .n_groups = 2,
                    .groups = groups_a,
                    .n_cells = 2,
                    .cell_values = cells_a},
               b = a, whole;
  b.groups = groups_b;
  b.cell_values = cells_b;
  struct code_map map_a, map_b;
  assert_int_equal(part_union_make(&a, &b, &whole, &map_a, &map_b, NULL), NONET_OK);
  assert_int_equal(whole.n_cells, 4); /* (F,10) (M,9) (M,10) (null,10) */
  assert_text(whole.groups[0].values[2], NULL);
  assert_text(whole.groups[1].values[0], "9");
  assert_memory_equal(whole.cell_values, ((uint32_t[]){0, 1, 1, 0, 1, 1, 2, 1}), 32);
  assert_memory_equal(map_a.cell, ((uint32_t[]){0, 3}), 8);
  assert_memory_equal(map_b.cell, ((uint32_t[]){1, 2}), 8);
  roles_clear(&whole);
  part_union_clear_map(&map_a);
  part_union_clear_map(&map_b);
}

static void refuse(const struct roles *a, const struct roles *b, const char *word) {
  struct roles whole;
  struct code_map map_a, map_b;
  nonet_error error = {0};
  assert_int_equal(part_union_make(a, b, &whole, &map_a, &map_b, &error), NONET_E_DATA);
  if (!strstr(error.message, word))
    fail_msg("'%s' does not name '%s'", error.message, word);
}

static void test_fields_that_differ(void **state) {
  (void)state;
  char *columns[] = {"p"}, *others[] = {"q"};
  struct domain sex = {.column = "sex"}, race = {.column = "race"};
  const struct roles a = {.task = TASK_REGRESSION,
                          .n_cells = 1,
                          .n_scores = 1,
                          .threshold = {0.5, 0.5},
                          .label_column = "y",
                          .has_label = true,
                          .has_score = {true, false},
                          .score_columns = {columns, NULL}};
  struct roles b;
  b = a, b.task = TASK_BINARY, refuse(&a, &b, "task");
  b = a, b.threshold[0] = 0.25, refuse(&a, &b, "threshold");
  b = a, b.label_column = "z", refuse(&a, &b, "label column");
  b = a, b.score_columns[0] = others, refuse(&a, &b, "score column");
  b = a, b.score_is_float32 = true, refuse(&a, &b, "type of the scores");
  b = a, b.weight_column = "w", b.has_weight = true, refuse(&a, &b, "weight");
  b = a, b.id_column = "i", refuse(&a, &b, "id column");
  b = a, b.has_score[1] = true, refuse(&a, &b, "baseline score");
  b = a, b.n_groups = 1, b.groups = &sex, refuse(&a, &b, "group columns");
  struct roles c = b;
  c.groups = &race;
  refuse(&b, &c, "group column");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_binary_places),
                                     cmocka_unit_test(test_classes), cmocka_unit_test(test_cells),
                                     cmocka_unit_test(test_fields_that_differ)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
