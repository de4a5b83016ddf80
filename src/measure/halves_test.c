/* Halves: clusters stay whole, groups join the features, means and variances by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "measure/halves.h"
#include "measure/search_fixture.h"

static struct philox_sequence random_state = {.seed = 1, .id = 870};
static struct search_fixture made;

static void open_rows(size_t n, bool has_cluster) {
  made = (struct search_fixture){
      .task = TASK_BINARY, .seed = 1, .n_threads = 1, .has_cluster = has_cluster};
  search_draw(&made, n, 2, 3, &random_state);
  for (size_t i = 0; i < n; i++) {
    made.label[i] = made.prediction[i] = i % 2;
  }
}

static void test_split(void **state) {
  struct halves halves;
  (void)state;
  open_rows(2000, true);
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  assert_int_equal(halves_make(&made.view, &halves, NULL), NONET_OK);
  assert_null(halves.reason);
  assert_int_equal(halves.n_first + halves.n_second, 2000);
  assert_true(halves.n_first > 600 && halves.n_first < 1400);
  assert_int_equal(halves.n_units, 100);
  for (size_t i = 0; i < 2000; i++) {
    assert_int_equal(halves.first[i], halves.first[i - i % 20]); /* clusters of 20 */
    assert_int_equal(halves.first[i], !halves.second[i]);
    assert_int_equal(halves.unit[i], i / 20);
  }
  halves_clear(&halves);
  search_close(&made);
}

/* x = 1, 2, 3 against 5, 9 with weights: by hand. */
static void test_mean(void **state) {
  static double x[100];
  static bool in[100], out[100];
  struct halves halves;
  struct halves_mean mean;
  (void)state;
  open_rows(100, false);
  made.has_weight = true;
  for (size_t i = 0; i < 3; i++) {
    x[i] = (double)i + 1;
    in[i] = true;
  }
  made.weight[2] = 2;
  x[3] = 5, x[4] = 9, out[3] = out[4] = true;
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  assert_int_equal(halves_make(&made.view, &halves, NULL), NONET_OK);
  assert_int_equal(halves_mean(&halves, x, in, NULL, &mean, NULL), NONET_OK);
  assert_true(fabs(mean.value - 9.0 / 4) < 1e-15);
  assert_true(mean.n == 3 && mean.df == 2 && fabs(mean.n_effective - 16.0 / 6) < 1e-15);
  /* influences w(x − 9/4)/4: −5/16, −1/16, 6/16; 3/2 Σ squares */
  assert_true(fabs(mean.variance - 1.5 * (25 + 1 + 36) / 256.0) < 1e-15);
  assert_int_equal(halves_mean(&halves, x, in, out, &mean, NULL), NONET_OK);
  assert_true(fabs(mean.value - (9.0 / 4 - 7)) < 1e-15);
  assert_true(mean.df == 1);
  /* the rest: (5 − 7)/2 = −1 and 1; the fewer units, 2, make the factor 2/1 */
  assert_true(fabs(mean.variance - 2 * (62 / 256.0 + 2)) < 1e-14);
  memset(in, 0, sizeof in);
  in[0] = true;
  assert_int_equal(halves_mean(&halves, x, in, NULL, &mean, NULL), NONET_OK);
  assert_true(mean.df == 0 && isnan(mean.variance));
  halves_clear(&halves);
  search_close(&made);
}

static void test_keep(void **state) {
  struct text text = {0}, none = {0};
  (void)state;
  open_rows(100, false);
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  text_repeat(&text, "ab", 500);
  const char *kept = halves_keep(&made.view, &text);
  assert_int_equal(strlen(kept), 1000);
  assert_string_equal(halves_keep(&made.view, &none), "");
  search_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_split),
      cmocka_unit_test(test_mean),
      cmocka_unit_test(test_keep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
