/* Made rows: on the segment that they name, whole where their column is, by the numbers ADASYN asks
 * for. */
#include "remedy/synthetic.h"

#include <math.h>
#include <string.h>

#include "remedy/rebalance_fixture.h"

static void test_segments(void **state) {
  (void)state;
  const bool is_whole[FIXTURE_NUMBERS] = {false, true, false};
  struct fixture f;
  struct rebalance_result result;
  fixture_init(&f, REBALANCE_SMOTE);
  f.input.is_whole = is_whole;
  for (size_t i = 0; i < FIXTURE_ROWS; i++) {
    f.number[i * FIXTURE_NUMBERS + 1] = rint(20 * f.number[i * FIXTURE_NUMBERS + 1]);
  }
  assert_int_equal(rebalance_rows(&f.input, &result, NULL), NONET_OK);
  assert_int_equal(result.n_made, 2 * 150 - 60 - 30);
  for (size_t i = 0; i < result.n_made; i++) {
    const double *made = result.number + i * FIXTURE_NUMBERS;
    const double *x = f.number + result.base[i] * FIXTURE_NUMBERS;
    const double *y = f.number + result.partner[i] * FIXTURE_NUMBERS;
    assert_int_equal(f.label[result.base[i]], result.label[i]);
    assert_int_equal(f.label[result.partner[i]], result.label[i]);
    double step = (made[0] - x[0]) / (y[0] - x[0]);
    assert_true(step >= -1e-12 && step < 1 + 1e-12);
    assert_true(made[1] == rint(made[1]));
    assert_true(fabs(made[1] - (x[1] + step * (y[1] - x[1]))) <= 0.5 + 1e-9);
    assert_true(fabs(made[2] - (x[2] + step * (y[2] - x[2]))) < 1e-12);
  }
  rebalance_clear(&result);
}

/*
 * By hand, k = 2: on the line 0, 1, 2, 3, 4, 10, 11, 12 with the small class at 0, 3, 4:
 *   0: nearest 1, 2, both of the other class: r = 1
 *   3: nearest 2 and 4: r = 1/2     4: nearest 3 and 2: r = 1/2
 * Σr = 2; of 2 rows 1, 1/2 and 1/2 are to be made, and halves go to the even 0.
 */
static void test_adasyn_by_hand(void **state) {
  (void)state;
  const double number[] = {0, 1, 2, 3, 4, 10, 11, 12};
  const uint32_t label[] = {1, 0, 0, 1, 1, 0, 0, 0};
  static const char *const names[] = {"a", "b"};
  const struct rebalance_input input = {.method = REBALANCE_ADASYN,
                                        .rows = {.n_rows = 8, .n_numbers = 1, .number = number},
                                        .label = label,
                                        .n_classes = 2,
                                        .class_name = names,
                                        .k = 2};
  const size_t wanted[] = {1, 0, 0, 0, 0, 0, 0, 0}, wanted_of_8[] = {4, 0, 0, 2, 2, 0, 0, 0};
  size_t n_made[8];
  assert_int_equal(synthetic_adasyn(&input, 1, 2, n_made, NULL), NONET_OK);
  assert_memory_equal(n_made, wanted, sizeof wanted);
  assert_int_equal(synthetic_adasyn(&input, 1, 8, n_made, NULL), NONET_OK);
  assert_memory_equal(n_made, wanted_of_8, sizeof wanted_of_8);
}

/* m = 10 on a line of 22: the small class is five rows at one end and one behind the others. */
static void test_danger_by_hand(void **state) {
  (void)state;
  double number[22];
  uint32_t label[22];
  static const char *const names[] = {"a", "b"};
  bool is_in_danger[22];
  for (size_t i = 0; i < 22; i++) {
    number[i] = i < 5 ? (double)i : 5.25 + (double)(i - 5);
    label[i] = i < 5 || i == 21;
  }
  const struct rebalance_input input = {.method = REBALANCE_BORDERLINE,
                                        .rows = {.n_rows = 22, .n_numbers = 1, .number = number},
                                        .label = label,
                                        .n_classes = 2,
                                        .class_name = names};
  assert_int_equal(synthetic_danger(&input, 1, is_in_danger, NULL), NONET_OK);
  /* 0 … 4: the ten nearest are the other four of the class and six others; 21: ten others, noise */
  for (size_t i = 0; i < 22; i++) {
    assert_int_equal(is_in_danger[i], i < 5);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_segments),
                                     cmocka_unit_test(test_adasyn_by_hand),
                                     cmocka_unit_test(test_danger_by_hand)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
