/*
 * The groups of a gate, each by itself, and the worst of them.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/fairness/fairness_fixture.h"
#include "measure/fairness/group_primary.h"
#include "measure/records.h"
#include "stats/near_check.h"

/* Group 1 loses, the others do not: the worst group is it, and its part is Tango's law turned. */
static void no_group_worse(void **state) {
  (void)state;
  fairness_rows.n = 0;
  for (uint32_t g = 0; g < 3; g++) {
    fairness_add(g, 1, 1, 1, 100);
    fairness_add(g, 1, g != 1, 1, 40);
    fairness_add(g, 1, 1, 0, 20);
    fairness_add(g, 0, 0, 0, 100);
  }
  fairness_add(3, 1, 1, 1, 10);
  struct fairness_case made = fairness_open(4, false);
  struct inference worst = fairness_law(&made, &fairness_no_group_worse, N_STREAMS);
  assert_ptr_equal(group_primary(&made.view), &correctness_balanced_accuracy); /* no scores */
  CLOSE(worst.value, (20.0 - 40.0) / 160 / 2, 1e-12);
  assert_string_equal(made.view.note[0], "in c01");
  assert_non_null(strstr(made.view.note[1], "g=c03 has 10 rows and needs 30"));
  struct inference laws[4];
  double rows[4];
  assert_int_equal(fairness_no_group_worse.compare_groups(&fairness_no_group_worse, &made.view,
                                                          laws, rows, NULL),
                   NONET_OK);
  assert_true(laws[0].undecided == NULL && laws[3].undecided != NULL);
  CLOSE(laws[0].value, 20.0 / 160 / 2, 1e-12);
  assert_true(inference_p(&laws[1], -0.02, false) < 0.05);
  fairness_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_group_worse)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
