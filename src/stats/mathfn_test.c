/* Against 40-digit arithmetic (tests/golden/stats_a); the bodies against each other bit by bit; the
 * special values. */
#include "stats/mathfn.h"

#include <float.h>
#include <string.h>

#include "base/philox.h"
#include "stats/near_check.h"

#include "../../tests/golden/stats_a/fixtures.h"

#define N 4099 /* odd: the last vector is part filled */

typedef void (*array_function)(const double *x, double *out, size_t n);

/* Steps of the last place of want; subnormals count in steps of 2^-1074. */
static double ulps(double got, double want) {
  int exponent;
  (void)frexp(want, &exponent);
  return got == want ? 0 : fabs(got - want) / ldexp(1, (exponent < -1021 ? -1021 : exponent) - 53);
}

static void near_ulps(double (*f)(double), const double (*golden)[2], size_t n, double most) {
  for (size_t i = 0; i < n; i++) {
    /* want is rounded: it adds half a step of its own */
    double off = ulps(f(golden[i][0]), golden[i][1]);
    if (off > most + 0.5) {
      print_error("at %.17g: off by %.2f ulp\n", golden[i][0], off);
    }
    assert_true(off <= most + 0.5);
  }
}

static void against_forty_digits(void **state) {
  (void)state;
  near_ulps(mathfn_log, golden_log, COUNT_OF(golden_log), 0.9);
  near_ulps(mathfn_exp, golden_exp, COUNT_OF(golden_exp), 0.9);
  near_ulps(mathfn_logit, golden_logit, COUNT_OF(golden_logit), 4.5);
}

static double uniform_bits(struct philox_sequence *random) {
  uint64_t bits = (uint64_t)philox_next_u32(random) << 32 | philox_next_u32(random);
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static void bodies_agree(void **state) {
  (void)state;
  static double x[N], portable[N], other[N];
  const array_function functions[] = {mathfn_log_array, mathfn_exp_array, mathfn_logit_array,
                                      mathfn_sigmoid_array};
  struct philox_sequence random = {.seed = 7, .id = 1};
  for (int round = 0; round < 12; round++) {
    for (size_t i = 0; i < N; i++) {
      double u = philox_next_uniform(&random);
      x[i] = round % 4 == 0   ? u
             : round % 4 == 1 ? 1500 * u - 750
             : round % 4 == 2 ? uniform_bits(&random)
                              : 0.5 + (u - 0.5) / 4;
    }
    for (size_t f = 0; f < COUNT_OF(functions); f++) {
      mathfn_kernel_limit(0);
      assert_string_equal(mathfn_kernel_name(), "portable");
      functions[f](x, portable, N);
      for (int most = 1; most <= 2; most++) {
        mathfn_kernel_limit(most);
        functions[f](x, other, N);
        assert_memory_equal(portable, other, sizeof portable);
      }
    }
    for (size_t i = 0; i < N; i++) { /* the scalar is the array's */
      double one = mathfn_sigmoid(x[i]);
      assert_memory_equal(&one, &portable[i], sizeof one);
    }
  }
}

/* 1 / (1 + e^-x) in long double: 11 bits to spare on x86-64; elsewhere the bound is loose. */
static void sigmoid_bound(void **state) {
  (void)state;
  for (double x = -60; x < 60; x += 0.0137) {
    double want = (double)(x < 0 ? expl((long double)x) / (1 + expl((long double)x))
                                 : 1 / (1 + expl(-(long double)x)));
    assert_true(ulps(mathfn_sigmoid(x), want) <= 3);
  }
}

static void specials(void **state) {
  (void)state;
  assert_true(mathfn_log(0) == -INFINITY && mathfn_log(-0.0) == -INFINITY);
  assert_true(mathfn_log(INFINITY) == INFINITY && mathfn_log(1) == 0);
  assert_true(isnan(mathfn_log(-1)) && isnan(mathfn_log(NAN)) && isnan(mathfn_log(-INFINITY)));
  NEAR(mathfn_log(0x1p-1074), -744.4400719213812);
  NEAR(mathfn_log(DBL_MIN), -708.3964185322641);
  NEAR(mathfn_log(DBL_MAX), 709.782712893384);
  assert_true(mathfn_exp(0) == 1 && mathfn_exp(-INFINITY) == 0 && mathfn_exp(INFINITY) == INFINITY);
  assert_true(mathfn_exp(709.79) == INFINITY && mathfn_exp(-746) == 0 && isnan(mathfn_exp(NAN)));
  assert_true(mathfn_exp(-744.5) == 0x1p-1074);
  assert_true(mathfn_logit(0) == -INFINITY && mathfn_logit(1) == INFINITY &&
              mathfn_logit(0.5) == 0);
  assert_true(isnan(mathfn_logit(1.5)) && isnan(mathfn_logit(-0.5)) && isnan(mathfn_logit(NAN)));
  assert_true(mathfn_sigmoid(0) == 0.5 && mathfn_sigmoid(INFINITY) == 1 &&
              mathfn_sigmoid(-INFINITY) == 0);
  assert_true(isnan(mathfn_sigmoid(NAN)));
  double x[3] = {1, 2, 3};
  mathfn_log_array(x, x, 0);
  assert_true(x[0] == 1);
  mathfn_log_array(x, x, 3); /* in place */
  assert_true(x[0] == 0 && x[2] == mathfn_log(3));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(against_forty_digits),
                                     cmocka_unit_test(bodies_agree),
                                     cmocka_unit_test(sigmoid_bound), cmocka_unit_test(specials)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
