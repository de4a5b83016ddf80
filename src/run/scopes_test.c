/*
 * Scopes: which there are, in which order, and which cells each of them has. Cells by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "run/scopes.h"

/* sex: F, M; race: A, B and the null group. Four of the six combinations occur. */
static char *sex_values[] = {(char *)"F", (char *)"M"};
static char *race_values[] = {(char *)"A", (char *)"B", NULL};
static struct domain groups[] = {{.column = (char *)"sex", .values = sex_values},
                                 {.column = (char *)"race", .values = race_values}};
static uint32_t cells[] = {0, 0, 0, 2, 1, 0, 1, 1};
static char *classes[] = {(char *)"x", (char *)"y"};
static const struct roles two_columns = {.task = TASK_MULTICLASS,
                                         .n_classes = 2,
                                         .classes = classes,
                                         .n_groups = 2,
                                         .groups = groups,
                                         .n_cells = 4,
                                         .cell_values = cells};

/* "group sex=F race=null class=x: 0100", a line each. */
static char *describe(const struct roles *roles, size_t depth, bool with_classes) {
  static const char *const kinds[] = {"all", "group", "class", "column"};
  struct scopes scopes;
  struct text text = {0};
  nonet_error error = {""};
  if (scopes_list(roles, depth, with_classes, &scopes, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  for (size_t i = 0; i < scopes.n; i++) {
    const struct evidence_scope *scope = &scopes.scope[i].as_written;
    text_append(&text, kinds[scope->kind]);
    for (size_t b = 0; b < scope->n_by; b++) {
      text_printf(&text, " %s=%s", scope->by_column[b],
                  scope->by_value[b] == NULL ? "null" : scope->by_value[b]);
    }
    if (scope->class_name != NULL) {
      text_printf(&text, " class=%s/%d", scope->class_name, scopes.scope[i].class_index);
    }
    if (scope->kind == SCOPE_COLUMN) {
      text_printf(&text, " %s/%x/%zu", scope->column, scopes.scope[i].columns, scope->n_columns);
    }
    text_append(&text, ": ");
    for (size_t c = 0; c < roles->n_cells; c++) {
      text_append(&text, scopes.scope[i].in_scope[c] ? "1" : "0");
    }
    text_append(&text, "\n");
  }
  scopes_clear(&scopes);
  assert_null(scopes.scope);
  return text_take(&text);
}

/* Every column, all rows, whatever the depth. */
#define COLUMNS "column sex/1/0: 1111\ncolumn race/2/0: 1111\n"

static void assert_scopes(const struct roles *roles, size_t depth, bool with_classes,
                          const char *expected) {
  char *found = describe(roles, depth, with_classes);
  assert_string_equal(found, expected);
  memory_free(found);
}

static void test_no_groups(void **state) {
  (void)state;
  const struct roles none = {.task = TASK_BINARY, .n_classes = 2, .classes = classes, .n_cells = 1};
  assert_scopes(&none, 1, false, "all: 1\n");
  assert_scopes(&none, 3, true, "all: 1\nclass class=x/0: 1\nclass class=y/1: 1\n");
}

static void test_groups(void **state) {
  (void)state;
  assert_scopes(&two_columns, 0, false, "all: 1111\n" COLUMNS);
  assert_scopes(&two_columns, 1, false,
                "all: 1111\ngroup sex=F: 1100\ngroup sex=M: 0011\ngroup race=A: 1010\n"
                "group race=null: 0100\ngroup race=B: 0001\n" COLUMNS);
}

/* Only combinations that occur; a depth beyond the columns is all of them. */
static void test_crossed(void **state) {
  (void)state;
  const char *expected =
      "all: 1111\ngroup sex=F: 1100\ngroup sex=M: 0011\ngroup race=A: 1010\n"
      "group race=null: 0100\ngroup race=B: 0001\ngroup sex=F race=A: 1000\n"
      "group sex=F race=null: 0100\ngroup sex=M race=A: 0010\ngroup sex=M race=B: 0001\n" COLUMNS
      "column race*sex/3/2: 1111\n";
  assert_scopes(&two_columns, 2, false, expected);
  assert_scopes(&two_columns, 99, false, expected);
}

static void test_classes(void **state) {
  (void)state;
  struct roles one = two_columns;
  static uint32_t one_cells[] = {0, 1};
  one.n_groups = 1;
  one.n_cells = 2;
  one.cell_values = one_cells;
  assert_scopes(&one, 1, true,
                "all: 11\nclass class=x/0: 11\nclass class=y/1: 11\n"
                "group sex=F: 10\ngroup sex=F class=x/0: 10\ngroup sex=F class=y/1: 10\n"
                "group sex=M: 01\ngroup sex=M class=x/0: 01\ngroup sex=M class=y/1: 01\n"
                "column sex/1/0: 11\n");
}

static void test_too_many_columns(void **state) {
  (void)state;
  struct roles many = two_columns;
  struct scopes scopes;
  nonet_error error;
  many.n_groups = 17;
  assert_int_equal(scopes_list(&many, 1, false, &scopes, &error), NONET_E_USAGE);
  assert_string_equal(error.message, "--group takes at most 16 columns; found 17");
  assert_int_equal(scopes.n, 0);
}

static void test_allocation_failures(void **state) {
  (void)state;
  long n = 0;
  for (bool done = false; !done; n++) {
    struct scopes scopes;
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = scopes_list(&two_columns, 2, true, &scopes, &error);
    done = memory_fail_after(-1) <= n;
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
    assert_int_equal(scopes.n, done ? 33 : 0);
    scopes_clear(&scopes);
  }
  assert_true(n > 30);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_groups),        cmocka_unit_test(test_groups),
      cmocka_unit_test(test_crossed),          cmocka_unit_test(test_classes),
      cmocka_unit_test(test_too_many_columns), cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
