/* Flips, negative flips and moves on a table small enough to count by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

static struct inference estimate(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view) {
  struct inference law;
  assert_int_equal(measure->estimate(measure, variant, view, STREAM_A, &law, NULL), NONET_OK);
  return law;
}

static void test_changes_by_hand(void **state) {
  (void)state;
  const uint32_t y[] = {0, 0, 1, 1, 1, 0, 1, 0}, a[] = {0, 1, 1, 0, 0, 0, 1, 1},
                 b[] = {0, 0, 1, 1, 0, 1, 0, 1};
  const double p[] = {.1, .6, .7, .2, .3, .4, .9, .8}, q[] = {.1, .2, .8, .7, .3, .5, .4, .8};
  struct fixture f = {.task = TASK_BINARY,
                      .n = 8,
                      .n_classes = 2,
                      .n_scores = 1,
                      .label = y,
                      .prediction = {a, b},
                      .score = {p, q}};
  double weights[] = {1, 2, 1, 1, 1, 1, 1, 0};
  for (int weighted = 0; weighted < 2; weighted++) {
    struct summary_set *set;
    struct view view;
    f.weight = weighted ? weights : NULL;
    assert_int_equal(fixture_set(&f, &set, NULL), NONET_OK);
    assert_int_equal(fixture_view(set, -1, &view, NULL), NONET_OK);
    /* rows 1, 3, 5, 6 change; of them 1 and 3 were right before and are not now */
    struct inference law = estimate(&correctness_flip_rate, &plain, &view);
    assert_true(fabs(law.value - (weighted ? 5.0 / 8 : 4.0 / 8)) < 1e-15);
    law = estimate(&correctness_negative_flip_rate, &plain, &view);
    assert_true(fabs(law.value - (weighted ? 3.0 / 8 : 2.0 / 8)) < 1e-15);
    law = estimate(&correctness_prediction_difference, &plain, &view);
    double wanted = weighted ? (2 * .4 + .1 + .5 + .1 + .5) / 8 : (.4 + .1 + .5 + .1 + .5) / 8;
    assert_true(fabs(law.value - wanted) < 1e-15 && view.n == 8);
    view_clear(&view);
    summary_free(set);
  }
  assert_null(correctness_flip_rate.compare);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_changes_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
