/*
 * Neighbourhoods of rows small enough to see: two lumps on a line and one row of the other class
 * within; missing values, categories, names. Against scikit-learn, imbalanced-learn and problexity:
 * tests/e2e/test_data.py.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "learn/neighbours.h"
#include "measure/data/data_hood.h"
#include "measure/hood_rows.h"
#include "stats/near_check.h"

#define N 13

/* Class 0: 0 … 6 (rows 0–6); class 1: 100 … 104 (rows 7–11) and one at 3.1 (row 12). */
static double place[N] = {0, 1, 2, 3, 4, 5, 6, 100, 101, 102, 103, 104, 3.1};
static uint32_t label[N] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
static char name[] = "x";

static struct frame make_frame(struct frame_column *column) {
  *column = (struct frame_column){.name = name, .kind = FRAME_NUMBER, .number = place};
  return (struct frame){
      .n_source = N, .n_rows = N, .n_columns = 1, .columns = column, .label = label};
}

static void test_two_lumps(void **state) {
  (void)state;
  struct frame_column column;
  const struct frame frame = make_frame(&column);
  const bool skip[] = {false};
  struct data_hood hood;
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  assert_int_equal(hood.n_rows, N);
  assert_int_equal(hood.near[12 * HOOD_NEAR], 3); /* 3.1 is nearest to 3, and 3 to 3.1: a link */
  assert_int_equal(hood.near[3 * HOOD_NEAR], 12);
  assert_int_equal(hood.n_links, 1);
  assert_int_equal(hood.partner[12], 3);
  assert_int_equal(hood.partner[0], NEIGHBOURS_NONE);
  assert_int_equal(hood.part_rows[0], 7);
  /* the fifth nearest of each of 100 … 104 is 6, of class 0: row 12 stands alone */
  assert_int_equal(hood.part_rows[12], 1);
  assert_int_equal(hood.part_rows[7], 5);
  /* the tree: 3–3.1, 3.1–4, and 6–100 join the classes */
  size_t n_border = 0;
  for (size_t i = 0; i < hood.n_tree; i++) {
    n_border += hood.is_border[i];
  }
  assert_int_equal(n_border, 5);
  assert_true(hood.is_border[3] && hood.is_border[4] && hood.is_border[12]);
  assert_true(hood.is_border[6] && hood.is_border[7]);
  data_hood_clear(&hood);
}

/* By hand: class 0 {0, 2}, class 1 {4, 6}: means 1 and 5, of all 3; between = 2·4 + 2·4 = 16,
 * within = 1 + 1 + 1 + 1 = 4: r = 4, whatever the scale. */
static void test_fisher(void **state) {
  (void)state;
  double number[] = {0, 2, 4, 6};
  uint32_t of[] = {0, 0, 1, 1};
  struct frame_column column = {.name = name, .kind = FRAME_NUMBER, .number = number};
  const struct frame frame = {
      .n_source = 4, .n_rows = 4, .n_columns = 1, .columns = &column, .label = of};
  const bool skip[] = {false};
  struct data_hood hood;
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  CLOSE(hood.fisher, 4.0, 1e-12);
  data_hood_clear(&hood);
}

static void test_nothing_to_compare(void **state) {
  (void)state;
  struct frame_column column;
  struct frame frame = make_frame(&column);
  const bool skip[] = {true}, all[] = {false};
  struct data_hood hood;
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  assert_int_equal(hood.n_rows, 0);
  frame.n_rows = 1;
  assert_int_equal(data_hood_make(&frame, all, 2, 1, &hood, NULL, NULL), NONET_OK);
  assert_int_equal(hood.n_rows, 0);
}

/* One value, or a text nearly every row has for itself: neighbours would be ties. */
static void test_nothing_tells_rows_apart(void **state) {
  (void)state;
  static double number[N];
  static uint32_t code[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11};
  struct frame_column columns[] = {
      {.name = name, .kind = FRAME_NUMBER, .number = number},
      {.name = name, .kind = FRAME_CATEGORY, .code = code, .n_values = 12}};
  const struct frame frame = {
      .n_source = N, .n_rows = N, .n_columns = 2, .columns = columns, .label = label};
  const bool skip[] = {false, false};
  struct data_hood hood;
  number[3] = NAN;
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  assert_int_equal(hood.n_rows, 0);
  data_hood_clear(&hood);
  number[4] = 1; /* two values tell */
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  assert_int_equal(hood.n_rows, N);
  data_hood_clear(&hood);
  number[4] = 0;
  for (uint32_t i = 0; i < N; i++) {
    code[i] = i % 6; /* as does a text that comes back */
  }
  columns[1].n_values = 6;
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  assert_int_equal(hood.n_rows, N);
  data_hood_clear(&hood);
}

static void test_names_of_rows(void **state) {
  (void)state;
  double number[200];
  uint32_t code[200];
  struct frame_column columns[] = {
      {.name = name, .kind = FRAME_NUMBER, .is_whole = true, .number = number},
      {.name = name, .kind = FRAME_CATEGORY, .code = code, .n_values = 200}};
  struct frame frame = {.n_source = 200, .n_rows = 200, .n_columns = 2, .columns = columns};
  nonet_status status;
  for (uint32_t i = 0; i < 200; i++) {
    number[i] = (double)((i * 7) % 200);
    code[i] = i;
  }
  assert_true(hood_rows_is_id(&frame, 0, &status, NULL));
  assert_true(hood_rows_is_id(&frame, 1, &status, NULL));
  columns[1].n_values = 199;
  assert_false(hood_rows_is_id(&frame, 1, &status, NULL));
  number[5] = number[6]; /* one twice */
  assert_false(hood_rows_is_id(&frame, 0, &status, NULL));
  number[5] = NAN; /* missing: no value twice */
  columns[0].n_null = 1;
  assert_true(hood_rows_is_id(&frame, 0, &status, NULL));
  columns[0].is_whole = false;
  assert_false(hood_rows_is_id(&frame, 0, &status, NULL));
  frame.n_rows = 99; /* too few to tell */
  columns[1].n_values = 99;
  assert_false(hood_rows_is_id(&frame, 1, &status, NULL));
}

static void test_memory(void **state) {
  (void)state;
  struct frame_column column;
  const struct frame frame = make_frame(&column);
  const bool skip[] = {false};
  nonet_status status = NONET_E_MEMORY;
  long k = 0;
  for (; status == NONET_E_MEMORY && k < 2000; k++) {
    struct data_hood hood;
    memory_fail_after(k);
    status = data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || hood.near == NULL);
    data_hood_clear(&hood);
  }
  assert_int_equal(status, NONET_OK);
  assert_true(k > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_lumps),          cmocka_unit_test(test_fisher),
      cmocka_unit_test(test_nothing_to_compare), cmocka_unit_test(test_nothing_tells_rows_apart),
      cmocka_unit_test(test_names_of_rows),      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
