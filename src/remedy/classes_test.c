/* Sizes of classes, ratios and draws. */
#include "remedy/classes.h"

#include <math.h>
#include <string.h>

#include "remedy/rebalance_fixture.h"

static const char *const names[] = {"a", "b", "c"};

/* 1: equal sizes are settled by the first row. */
static void test_ends(void **state) {
  (void)state;
  const uint32_t label[] = {2, 1, 1, 0, 2, 0, 1, 2};
  struct rebalance_input input = {
      .rows = {.n_rows = 8}, .label = label, .n_classes = 3, .class_name = names};
  struct classes classes;
  assert_int_equal(classes_init(&classes, &input, NULL), NONET_OK);
  assert_int_equal(classes.smallest, 0);
  assert_int_equal(classes.largest, 2);
  assert_int_equal(classes_raise(&classes, &input, NULL), NONET_OK);
  assert_int_equal(classes.wanted[0] + classes.wanted[1] + classes.wanted[2], 9);
  assert_int_equal(classes_lower(&classes, &input, NULL), NONET_OK);
  assert_int_equal(classes.wanted[0] + classes.wanted[1] + classes.wanted[2], 6);
  classes_clear(&classes);
}

/* 2: 30 of 150 is 0.2 */
static void test_ratio(void **state) {
  (void)state;
  struct fixture f;
  struct classes classes;
  nonet_error error;
  fixture_init(&f, REBALANCE_RANDOM_OVER);
  f.input.ratio = 0.19;
  assert_int_equal(classes_init(&classes, &f.input, NULL), NONET_OK);
  assert_int_equal(classes_raise(&classes, &f.input, &error), NONET_E_USAGE);
  assert_non_null(strstr(error.message, "0.2 of the largest"));
  assert_int_equal(classes_lower(&classes, &f.input, NULL), NONET_E_USAGE);
  f.input.ratio = 0.2;
  assert_int_equal(classes_raise(&classes, &f.input, NULL), NONET_OK);
  classes_clear(&classes);
}

/* Every value is picked about as often: 20,000 draws of 7, five standard deviations. */
static void test_draws(void **state) {
  (void)state;
  size_t count[7] = {0};
  double sum = 0;
  for (uint64_t i = 0; i < 20000; i++) {
    struct classes_draw draw = classes_draw(1, 3, i);
    count[classes_pick(draw, 7)]++;
    assert_true(draw.step >= 0 && draw.step < 1);
    sum += draw.step;
  }
  for (size_t i = 0; i < 7; i++) {
    assert_true(fabs((double)count[i] - 20000.0 / 7) < 5 * sqrt(20000.0 * 6 / 49));
  }
  assert_true(fabs(sum / 20000 - 0.5) < 5 / sqrt(12.0 * 20000));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ends), cmocka_unit_test(test_ratio),
                                     cmocka_unit_test(test_draws)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
