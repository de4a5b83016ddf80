/* Margins are read as written, and refused where they mean nothing. */
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "measure/catalogue.h"
#include "policy/margin.h"
#include "stats/near_check.h"

static void test_margins(void **state) {
  static const char *const wrong[] = {"",    "x",   "-0.1", "0.1x",   "100%",
                                      "nan", "inf", "%",    "5ms ms", "5kg"};
  struct margin margin;
  (void)state;
  assert_int_equal(margin_parse("0.01", &margin, NULL), NONET_OK);
  assert_false(margin.is_relative);
  CLOSE(margin_delta(margin, true), 0.01, 0.0);
  assert_int_equal(margin_parse("5%", &margin, NULL), NONET_OK);
  assert_true(margin.is_relative);
  CLOSE(margin_delta(margin, true), -log(0.95), 1e-15); /* candidate at .95 of the baseline */
  CLOSE(margin_delta(margin, false), log(1.05), 1e-15); /* error at 1.05 of the baseline */
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    nonet_error error = {""};
    assert_int_equal(margin_parse(wrong[i], &margin, &error), NONET_E_USAGE);
    assert_non_null(strstr(error.message, "margin"));
  }
}

static const struct measure *measure_of(const char *id) {
  for (size_t i = 0; i < catalogue_n(); i++) {
    if (strcmp(catalogue_at(i)->id, id) == 0) {
      return catalogue_at(i);
    }
  }
  fail_msg("no measure %s", id);
  return NULL;
}

static void test_allowed(void **state) {
  static const struct {
    const char *id, *margin;
    nonet_status status;
  } cases[] = {
      {"correctness.auc", "0.01", NONET_OK},     {"correctness.auc", "5%", NONET_OK},
      {"correctness.mcc", "0.01", NONET_OK},     {"correctness.mcc", "5%", NONET_E_USAGE},
      {"correctness.r2", "5%", NONET_E_USAGE},   {"correctness.bias", "0.1", NONET_E_USAGE},
      {"correctness.ece", "0.1", NONET_E_USAGE}, {"correctness.flip_rate", "0.1", NONET_E_USAGE}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct margin margin;
    nonet_error error = {""};
    assert_int_equal(margin_parse(cases[i].margin, &margin, NULL), NONET_OK);
    nonet_status status = margin_allowed(measure_of(cases[i].id), margin, &error);
    if (status != cases[i].status) {
      fail_msg("%s %s: status %d, expected %d", cases[i].id, cases[i].margin, status,
               cases[i].status);
    }
  }
  assert_int_equal(margin_allowed(NULL, (struct margin){0.05, true, NULL}, NULL), NONET_OK);
}

/* In the measure's unit: latency is in ms, files are in bytes. */
static void test_units(void **state) {
  static const struct {
    const char *id, *margin;
    double value; /* NaN: refused */
  } cases[] = {{"efficiency.latency_p99", "0.2ms", 0.2},
               {"efficiency.latency_p99", "150 us", 0.15},
               {"efficiency.latency_p99", "1s", 1000},
               {"efficiency.latency_p99", "0", 0},
               {"efficiency.latency_p99", "0.2", 0.2},
               {"efficiency.latency_p99", "1MB", NAN},
               {"efficiency.artifact_bytes", "1MB", 1e6},
               {"efficiency.artifact_bytes", "2KiB", 2048},
               {"efficiency.peak_memory", "1GiB", 1073741824},
               {"efficiency.cpu_seconds_per_1k", "5ms", 0.005},
               {"correctness.auc", "5ms", NAN},
               {"correctness.auc", "0.01", 0.01},
               {"efficiency.latency_p99", "10%", 0.1}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct margin margin;
    nonet_error error = {""};
    assert_int_equal(margin_parse(cases[i].margin, &margin, &error), NONET_OK);
    nonet_status status = margin_settle(cases[i].id, measure_of(cases[i].id), &margin, &error);
    if ((status == NONET_OK) == isnan(cases[i].value) ||
        (status == NONET_OK && fabs(margin.value / cases[i].value - 1) > 1e-14)) {
      fail_msg("%s %s: status %d, value %.17g", cases[i].id, cases[i].margin, status, margin.value);
    }
    assert_true(status == NONET_OK || strstr(error.message, cases[i].id) != NULL);
  }
  struct margin margin; /* a measure still to come: seconds and bytes by its id */
  assert_int_equal(margin_parse("3min", &margin, NULL), NONET_OK);
  assert_int_equal(margin_settle("scalability.overload_recovery", NULL, &margin, NULL), NONET_OK);
  CLOSE(margin.value, 180, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_margins), cmocka_unit_test(test_allowed),
                                     cmocka_unit_test(test_units)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
