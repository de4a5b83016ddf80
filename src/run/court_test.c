/*
 * Gates: --context and --margin are read, and refused with a reason, before any data.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/gate.h"

static nonet_status make(const char *margin, const char *context, struct gate_plan *plan,
                         nonet_error *error) {
  const nonet_options options = {
      .struct_size = sizeof options, .margin = margin, .context = context};
  return gate_plan_make(&options, plan, error);
}

static void assert_refused(const char *margin, const char *expected) {
  struct gate_plan plan;
  nonet_error error = {""};
  assert_int_equal(make(margin, NULL, &plan, &error), NONET_E_USAGE);
  if (strstr(error.message, expected) == NULL) {
    fail_msg("--margin %s: '%s' is not in '%s'", margin, expected, error.message);
  }
  gate_plan_clear(&plan);
}

static void test_margins(void **state) {
  (void)state;
  struct gate_plan plan;
  nonet_error error = {""};
  if (make("correctness.auc=0.005, correctness.rmse=5%,correctness.mcc=0.02", NULL, &plan,
           &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  assert_string_equal(plan.context->name, "general");
  assert_int_equal(plan.n_margins, 3);
  assert_string_equal(plan.margins[0].id, "correctness.auc");
  assert_string_equal(plan.margins[0].stated, "0.005");
  assert_false(plan.margins[0].margin.is_relative);
  assert_true(fabs(plan.margins[0].margin.value - 0.005) < 1e-15);
  assert_string_equal(plan.margins[1].id, "correctness.rmse");
  assert_string_equal(plan.margins[1].stated, "5%");
  assert_true(plan.margins[1].margin.is_relative);
  assert_true(fabs(plan.margins[1].margin.value - 0.05) < 1e-15);
  gate_plan_clear(&plan);
  assert_int_equal(plan.n_margins, 0);
}

static void test_no_margins(void **state) {
  (void)state;
  struct gate_plan plan;
  assert_int_equal(make(NULL, NULL, &plan, NULL), NONET_OK);
  assert_int_equal(plan.n_margins, 0);
  gate_plan_clear(&plan);
}

static void test_refused(void **state) {
  (void)state;
  assert_refused("correctness.auk=0.01", "correctness.auc"); /* near names */
  assert_refused("correctness.auc", "--margin expects ID=VALUE");
  assert_refused("=0.01", "--margin expects ID=VALUE");
  assert_refused("correctness.auc=", "a margin is a number from 0 up");
  assert_refused("correctness.auc=small", "found 'small'");
  assert_refused("correctness.auc=-0.01", "found '-0.01'");
  assert_refused("correctness.auc=nan", "found 'nan'");
  assert_refused("correctness.rmse=100%", "below 100%");
  assert_refused("correctness.auc=0.01,,correctness.rmse=0.1", "--margin");
  assert_refused("correctness=0.01", "needs one measure's id");
  assert_refused("correctness.mcc=5%", "can be 0 or below");
  assert_refused("correctness.r2=5%", "can be 0 or below");
  assert_refused("correctness.ece=0.01", "cannot be a gate");
  assert_refused("correctness.calibration_slope=0.1", "cannot be a gate");
  assert_refused("correctness.prevalence=0.01", "cannot be a gate");
}

static void test_contexts(void **state) {
  (void)state;
  struct gate_plan plan;
  nonet_error error = {""};
  nonet_status status = make(NULL, "generall", &plan, &error);
  assert_int_not_equal(status, NONET_OK);
  assert_non_null(strstr(error.message, "general"));
  gate_plan_clear(&plan);
}

static void test_allocation_failures(void **state) {
  (void)state;
  long n = 0;
  for (bool done = false; !done; n++) {
    struct gate_plan plan;
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = make("correctness.auc=0.005,correctness.rmse=5%", NULL, &plan, &error);
    done = memory_fail_after(-1) <= n;
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
    gate_plan_clear(&plan);
  }
  assert_true(n > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_margins),
      cmocka_unit_test(test_no_margins),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_contexts),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
