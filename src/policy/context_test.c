/* Presets are whole and margins are read as written. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/context.h"

static void test_margins(void **state) {
  static const char *const wrong[] = {"", "x", "-0.1", "0.1x", "100%", "nan", "inf", "5 %", "%"};
  struct margin margin;
  (void)state;
  assert_int_equal(margin_parse("0.01", &margin, NULL), NONET_OK);
  assert_false(margin.is_relative);
  assert_float_equal(margin_delta(margin, true), 0.01, 0.0);
  assert_int_equal(margin_parse("5%", &margin, NULL), NONET_OK);
  assert_true(margin.is_relative);
  assert_float_equal(margin_delta(margin, true), -log(0.95),
                     1e-15); /* candidate at .95 of the baseline */
  assert_float_equal(margin_delta(margin, false), log(1.05),
                     1e-15); /* error at 1.05 of the baseline */
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    nonet_error error = {""};
    assert_int_equal(margin_parse(wrong[i], &margin, &error), NONET_E_USAGE);
    assert_non_null(strstr(error.message, "margin"));
  }
}

static void test_presets(void **state) {
  const struct context *context;
  nonet_error error;
  (void)state;
  assert_int_equal(context_find(NULL, &context, NULL), NONET_OK);
  assert_string_equal(context->name, "general");
  for (size_t i = 0; i < context->n_gates; i++) {
    struct margin margin;
    assert_int_equal(margin_parse(context->gates[i].margin, &margin, NULL), NONET_OK);
    assert_true(strlen(context->gates[i].why) > 20);
  }
  assert_int_equal(context_find("generl", &context, &error), NONET_E_USAGE);
  assert_non_null(strstr(error.message, "general"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_margins),
                                     cmocka_unit_test(test_presets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
