/* Confident learning against cleanlab 2.9.0 (tests/golden/learn/make_confident.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "confident_golden.h"
#include "learn/confident.h"

struct golden {
  const uint32_t *label, *issues;
  const double *p, *threshold;
  const uint64_t *joint;
  size_t n, n_issues, n_classes;
};

#define GOLDEN(name, k)                                                                            \
  {name##_label,                                                                                   \
   name##_issues,                                                                                  \
   name##_p,                                                                                       \
   name##_threshold,                                                                               \
   name##_joint,                                                                                   \
   sizeof name##_label / sizeof *name##_label,                                                     \
   sizeof name##_issues / sizeof *name##_issues,                                                   \
   k},
static const struct golden goldens[] = {CONFIDENT_SETS(GOLDEN)};

static void test_cleanlab(void **state) {
  (void)state;
  for (size_t s = 0; s < sizeof goldens / sizeof *goldens; s++) {
    const struct golden *golden = &goldens[s];
    const size_t k = golden->n_classes;
    struct confident found;
    assert_int_equal(confident_find(golden->label, golden->p, golden->n, k, &found, NULL),
                     NONET_OK);
    assert_int_equal(found.n_issues, golden->n_issues);
    for (size_t c = 0; c < k; c++) {
      assert_true(fabs(found.threshold[c] - golden->threshold[c]) < 1e-14);
    }
    for (size_t c = 0; c < k * k; c++) {
      assert_int_equal(found.joint[c], golden->joint[c]);
    }
    for (size_t i = 0, at = 0; i < golden->n; i++) {
      const int is_issue = at < golden->n_issues && golden->issues[at] == i;
      assert_int_equal(found.suggested[i] != CONFIDENT_NONE, is_issue);
      at += (size_t)is_issue;
    }
    confident_clear(&found);
  }
}

static void test_memory(void **state) {
  struct confident found;
  (void)state;
  for (long k = 0;; k++) {
    memory_fail_after(k);
    const nonet_status status = confident_find(goldens[0].label, goldens[0].p, goldens[0].n,
                                               goldens[0].n_classes, &found, NULL);
    memory_fail_after(-1);
    if (status == NONET_OK) {
      confident_clear(&found);
      assert_true(k >= 5);
      break;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cleanlab),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
