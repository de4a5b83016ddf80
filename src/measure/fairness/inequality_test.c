/*
 * Inequality indices and their intervals against R.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/fairness/fairness_fixture.h"
#include "measure/records.h"
#include "stats/near_check.h"

/* b = 0, 1, 2 in shares .1, .7, .2 of 1,000 rows: R 4.2.2, multinomial delta with a numeric
 * gradient. */
static void inequality(void **state) {
  (void)state;
  for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
    fairness_rows.n = 0;
    fairness_add(0, 1, 0, 0, 100);
    fairness_add(0, 1, 1, 1, 300);
    fairness_add(1, 0, 0, 0, 400);
    fairness_add(1, 0, 1, 1, 200);
    struct fairness_case made = fairness_open(2, is_weighted == 1);
    const double slack = is_weighted == 1 ? 1e-3 : 1e-8;
    double low, high;
    struct inference law = fairness_law(&made, &fairness_generalized_entropy, STREAM_A);
    inference_bounds(&law, 0.95, &low, &high);
    CLOSE(law.value, 0.119834710743802, 1e-12);
    CLOSE(low, 0.107426545520653, slack);
    CLOSE(high, 0.133676065161099, slack);
    law = fairness_law(&made, &fairness_theil, STREAM_A);
    inference_bounds(&law, 0.95, &low, &high);
    CLOSE(law.value, 0.156743340399291, 1e-12);
    CLOSE(low, 0.137199476716744, slack);
    CLOSE(high, 0.179071198720758, slack);
    /* means .75 of 400 rows and 4/3 of 600, 1.1 of all */
    law = fairness_law(&made, &fairness_between_group, STREAM_A);
    CLOSE(law.value, ((0.4 * 0.75 * 0.75 + 0.6 * 16 / 9) / 1.21 - 1) / 2, 1e-13);
    assert_int_equal(law.kind, INFERENCE_MISSING);
    fairness_close(&made);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(inequality)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
