/* Requirements as people write them. Bounds are worked out by hand. */
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "policy/requirement.h"
#include "stats/near_check.h"

static void test_bounds(void **state) {
  static const struct {
    const char *text, *measure;
    enum requirement_op op;
    double low, high;
  } cases[] = {
      {"correctness.auc >= 0.85", "correctness.auc", REQUIREMENT_AT_LEAST, 0.85, INFINITY},
      {"correctness.auc>=85%", "correctness.auc", REQUIREMENT_AT_LEAST, 0.85, INFINITY},
      {"correctness.log_loss <= 0.3", "correctness.log_loss", REQUIREMENT_AT_MOST, -INFINITY, 0.3},
      {"correctness.f1@macro >= .5", "correctness.f1@macro", REQUIREMENT_AT_LEAST, 0.5, INFINITY},
      {"correctness.calibration_slope in 0.8..1.25", "correctness.calibration_slope",
       REQUIREMENT_IN, 0.8, 1.25},
      {"correctness.calibration_intercept in -1..1", "correctness.calibration_intercept",
       REQUIREMENT_IN, -1, 1},
      {"correctness.rmse <= 12", "correctness.rmse", REQUIREMENT_AT_MOST, -INFINITY, 12},
      {"efficiency.latency_p99 <= 5ms", "efficiency.latency_p99", REQUIREMENT_AT_MOST, -INFINITY,
       5},
      {"efficiency.latency_p99 <= 0.005 s", "efficiency.latency_p99", REQUIREMENT_AT_MOST,
       -INFINITY, 5},
      {"efficiency.artifact_bytes <= 2 MB", "efficiency.artifact_bytes", REQUIREMENT_AT_MOST,
       -INFINITY, 2e6},
      {"efficiency.artifact_bytes <= 1KiB", "efficiency.artifact_bytes", REQUIREMENT_AT_MOST,
       -INFINITY, 1024},
      {"efficiency.cold_start <= 200ms", "efficiency.cold_start", REQUIREMENT_AT_MOST, -INFINITY,
       200},
      {"fairness.demographic_parity_ratio{sex} >= 0.8", "fairness.demographic_parity_ratio",
       REQUIREMENT_AT_LEAST, 0.8, INFINITY},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pool pool = {0};
    struct requirement requirement;
    nonet_error error = {""};
    if (requirement_parse(cases[i].text, &pool, &requirement, &error) != NONET_OK) {
      fail_msg("%s: %s", cases[i].text, error.message);
    }
    assert_string_equal(requirement.measure, cases[i].measure);
    assert_string_equal(requirement.text, cases[i].text);
    assert_int_equal(requirement.op, cases[i].op);
    bool is_close =
        (requirement.low == cases[i].low || fabs(requirement.low - cases[i].low) < 1e-12) &&
        (requirement.high == cases[i].high || fabs(requirement.high - cases[i].high) < 1e-9);
    if (!is_close) {
      fail_msg("%s: %g..%g", cases[i].text, requirement.low, requirement.high);
    }
    pool_clear(&pool);
  }
}

static void test_scopes(void **state) {
  struct pool pool = {0};
  struct requirement r, other;
  struct text text = {0};
  (void)state;
  assert_int_equal(
      requirement_parse("correctness.recall{race=\"Black, \"\"other\"\"\", sex = Female } >= 0.5",
                        &pool, &r, NULL),
      NONET_OK);
  assert_int_equal(r.scope.n_by, 2);
  assert_string_equal(r.scope.by_column[0], "race");
  assert_string_equal(r.scope.by_value[0], "Black, \"other\"");
  assert_string_equal(r.scope.by_value[1], "Female");
  assert_null(r.scope.class_name);
  requirement_scope_text(&r.scope, &text);
  assert_string_equal(text.data, "{race=\"Black, \"\"other\"\"\", sex=Female}");
  text_clear(&text);
  assert_int_equal(
      requirement_parse("correctness.recall{sex=Female,race='Black, \"other\"'} >= 0.5", &pool,
                        &other, NULL),
      NONET_OK);
  assert_true(requirement_scope_equal(&r.scope, &other.scope));
  assert_int_equal(
      requirement_parse("correctness.recall{sex=null, class=3} >= 0.5", &pool, &r, NULL), NONET_OK);
  assert_null(r.scope.by_value[0]);
  assert_string_equal(r.scope.class_name, "3");
  assert_false(requirement_scope_equal(&r.scope, &other.scope));
  requirement_scope_text(&r.scope, &text);
  assert_string_equal(text.data, "{sex=null, class=3}");
  text_clear(&text);
  assert_int_equal(
      requirement_parse("correctness.recall{\"class\"=\"null\"} >= 0.5", &pool, &r, NULL),
      NONET_OK);
  assert_string_equal(r.scope.by_column[0], "class");
  assert_string_equal(r.scope.by_value[0], "null");
  requirement_scope_text(&r.scope, &text);
  assert_string_equal(text.data, "{\"class\"=\"null\"}");
  text_clear(&text);
  assert_int_equal(requirement_parse("fairness.accuracy_gap{age band} <= 5%", &pool, &r, NULL),
                   NONET_OK);
  assert_string_equal(r.scope.column, "age band");
  assert_true(r.is_built);
  pool_clear(&pool);
}

static void test_refused(void **state) {
  static const struct {
    const char *text, *says;
  } cases[] = {
      {"", "full id"},
      {"auc >= 0.8", "full id"},
      {"correctness >= 0.8", "full id"},
      {"correctness.auk >= 0.8", "auc"},
      {"correctness.auc", ">="},
      {"correctness.auc > 0.8", ">="},
      {"correctness.auc = 0.8", ">="},
      {"correctness.auc >=", "a number"},
      {"correctness.auc >= high", "a number"},
      {"correctness.auc >= 0.8 0.9", "a number"},
      {"correctness.auc >= nan", "a number"},
      {"correctness.auc >= 0x1", "a number"},
      {"correctness.auc >= 85", "between 0 and 1"},
      {"correctness.auc >= 5ms", "no unit or %"},
      {"correctness.rmse <= 5ms", "no unit"},
      {"correctness.auc in 0.9..0.8", "smaller to the larger"},
      {"correctness.auc in 0.9", "0.8..1.25"},
      {"efficiency.latency_p99 <= 5", "such as 5ms"},
      {"efficiency.latency_p99 <= 5MB", "such as 5ms"},
      {"efficiency.artifact_bytes <= 5", "such as 20MB"},
      {"efficiency.peak_memory <= 5", "such as 20MB"},
      {"correctness.recall{ >= 0.5", "scope"},
      {"correctness.recall{} >= 0.5", "scope"},
      {"correctness.recall{sex=} >= 0.5", "scope"},
      {"correctness.recall{sex=\"F >= 0.5", "quote"},
      {"correctness.recall{sex=F,sex=M} >= 0.5", "twice"},
      {"correctness.recall{class=1,class=2} >= 0.5", "one class"},
      {"correctness.recall{sex=F} 0.5", ">="},
      {"correctness.recall{sex", "scope"},
      {"correctness.recall{sex=F", "scope"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pool pool = {0};
    struct requirement requirement;
    nonet_error error = {""};
    nonet_status status = requirement_parse(cases[i].text, &pool, &requirement, &error);
    if (status != NONET_E_USAGE || strstr(error.message, cases[i].says) == NULL) {
      fail_msg("'%s': status %d, '%s'; expected to say '%s'", cases[i].text, status, error.message,
               cases[i].says);
    }
    pool_clear(&pool);
  }
}

static void test_seconds(void **state) {
  static const struct {
    const char *text;
    double seconds;
  } good[] = {{"60s", 60}, {"200ms", 0.2}, {"5 min", 300}, {"2h", 7200}, {"1.5s", 1.5}, {"0s", 0}};
  static const char *const wrong[] = {"", "60", "s", "-1s", "5MB", "1s2", "1 s s"};
  double seconds = 0;
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_int_equal(requirement_seconds(good[i].text, &seconds, NULL), NONET_OK);
    CLOSE(seconds, good[i].seconds, 1e-12);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(requirement_seconds(wrong[i], &seconds, NULL), NONET_E_USAGE);
  }
}

static void test_memory(void **state) {
  (void)state;
  bool is_done = false;
  for (long n = 0; !is_done; n++) {
    struct pool pool = {0};
    struct requirement requirement;
    nonet_error error;
    memory_fail_after(n);
    nonet_status status = requirement_parse("correctness.recall@macro{sex=F, class=1} >= 0.5",
                                            &pool, &requirement, &error);
    is_done = memory_fail_after(-1) <= n;
    assert_int_equal(status, is_done ? NONET_OK : NONET_E_MEMORY);
    pool_clear(&pool);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bounds), cmocka_unit_test(test_scopes),
                                     cmocka_unit_test(test_refused), cmocka_unit_test(test_seconds),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
