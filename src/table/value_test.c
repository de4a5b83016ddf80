/*
 * Values: a float has the value that its shortest text reads as, whichever way it was found; keys
 * of equal values are equal. The reference is the C library's own printing and reading.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table/value.h"

static double shortest(float value) {
  char digits[32];
  if (fabsf(value) < 9e15F && value == truncf(value)) {
    return (double)value; /* an integer is itself */
  }
  for (int precision = 1; precision <= 9; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
    if (strtof(digits, NULL) == value) {
      break;
    }
  }
  return strtod(digits, NULL);
}

static void expect_shortest(float value) {
  const struct value found = value_float(value);
  const double expected = shortest(value);
  const double number = found.kind == VALUE_INT ? (double)found.number : found.real;
  if (number != expected) {
    fail_msg("%.9g: %.17g, expected %.17g", (double)value, number, expected);
  }
}

/* Any bits, and numbers as tables have them: tenths, hundredths …, and the floats beside them. */
static void test_floats_are_their_shortest_text(void **state) {
  (void)state;
  uint64_t bits = 1;
  for (int i = 0; i < 200000; i++) {
    float value;
    bits = bits * 6364136223846793005ULL + 1442695040888963407ULL; /* Knuth's MMIX */
    const uint32_t high = (uint32_t)(bits >> 32);
    memcpy(&value, &high, sizeof value);
    if (isfinite(value)) {
      expect_shortest(value);
    }
    const float usual = (float)((double)(high % 2000001) - 1e6) / powf(10.0F, (float)(i % 9));
    expect_shortest(usual);
    expect_shortest(nextafterf(usual, INFINITY));
  }
  expect_shortest(FLT_MIN);
  expect_shortest(FLT_TRUE_MIN);
  expect_shortest(FLT_MAX);
}

static void test_keys(void **state) {
  (void)state;
  const struct value five = value_int(5), text = value_text("5", 1), real = value_double(5.0);
  const struct value tenth = value_float(0.1F), decimal = value_double(0.1);
  assert_true(value_key(&five) == value_key(&text) && value_key(&five) == value_key(&real));
  assert_true(value_key(&tenth) == value_key(&decimal));
  assert_true(tenth.real == decimal.real);
  const struct value other = value_int(6), zero = value_double(-0.0), none = value_int(0);
  assert_true(value_key(&five) != value_key(&other));
  assert_true(value_key(&zero) == value_key(&none));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_floats_are_their_shortest_text),
      cmocka_unit_test(test_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
