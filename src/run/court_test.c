/*
 * The court: margins of a command line are read, and refused with a reason, before any data; which
 * gates a context makes of an input, and why the others are not measured.
 */
#include <math.h>

#include "base/memory.h"
#include "run/court_fixture.h"

/* ---- margins ---- */

static void assert_refused(const char *list, const char *expected) {
  struct court_margins margins;
  nonet_error error = {""};
  assert_int_equal(court_margins_read(list, &margins, &error), NONET_E_USAGE);
  if (strstr(error.message, expected) == NULL) {
    fail_msg("--margin %s: '%s' is not in '%s'", list, expected, error.message);
  }
  court_margins_clear(&margins);
}

static void test_margins(void **state) {
  (void)state;
  struct court_margins margins;
  nonet_error error = {""};
  assert_int_equal(court_margins_read(
                       "correctness.auc=0.005, correctness.rmse=5%,correctness.recall{sex=F}=0.02",
                       &margins, &error),
                   NONET_OK);
  assert_int_equal(margins.n, 3);
  assert_string_equal(margins.item[0].id, "correctness.auc");
  assert_string_equal(margins.item[0].stated, "0.005");
  assert_false(margins.item[0].margin.is_relative);
  assert_true(fabs(margins.item[0].margin.value - 0.005) < 1e-15);
  assert_true(margins.item[1].margin.is_relative);
  assert_true(fabs(margins.item[1].margin.value - 0.05) < 1e-15);
  assert_string_equal(margins.item[2].id, "correctness.recall");
  assert_string_equal(margins.item[2].scope.by_column[0], "sex");
  assert_string_equal(margins.item[2].scope.by_value[0], "F");
  court_margins_clear(&margins);
  assert_int_equal(court_margins_read(NULL, &margins, &error), NONET_OK);
  assert_int_equal(margins.n, 0);
  court_margins_clear(&margins);
}

static void test_refused(void **state) {
  (void)state;
  assert_refused("correctness.auk=0.01", "correctness.auc"); /* near names */
  assert_refused("correctness.auc", "--margin expects ID=VALUE");
  assert_refused("=0.01", "--margin expects ID=VALUE");
  assert_refused("correctness.recall{sex=F}", "--margin expects ID=VALUE");
  assert_refused("correctness.auc=", "a margin is a number from 0 up");
  assert_refused("correctness.auc=small", "found 'small'");
  assert_refused("correctness.auc=-0.01", "found '-0.01'");
  assert_refused("correctness.auc=nan", "found 'nan'");
  assert_refused("correctness.rmse=100%", "below 100%");
  assert_refused("correctness.auc=0.01,,correctness.rmse=0.1", "--margin");
  assert_refused("correctness.mcc=5%", "can be 0 or below");
  assert_refused("correctness.r2=5%", "can be 0 or below");
  assert_refused("correctness.ece=0.01", "cannot be a gate");
  assert_refused("correctness.calibration_slope=0.1", "cannot be a gate");
  assert_refused("correctness.prevalence=0.01", "cannot be a gate");
}

static void test_allocation_failures(void **state) {
  (void)state;
  long n = 0;
  for (bool done = false; !done; n++) {
    struct court_margins margins;
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status =
        court_margins_read("correctness.auc=0.005,correctness.rmse=5%", &margins, &error);
    done = memory_fail_after(-1) <= n;
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
    court_margins_clear(&margins);
  }
  assert_true(n > 5);
}

/* ---- cases ---- */

static const char two_slots[] =
    "version: 1\n"
    "tiers: [correctness, privacy]\n"
    "gates:\n"
    "  - {measure: correctness.auc, slot: s, margin: 0.01, why: first}\n"
    "  - {measure: correctness.accuracy, slot: s, margin: 0.02, why: second}\n"
    "  - {measure: privacy.membership_auc, margin: 0.05, why: third}\n";

static void test_first_that_fits(void **state) {
  (void)state;
  struct made made;
  open_court(&made, two_slots, true, NULL, NULL);
  assert_int_equal(made.court.n, 2);
  assert_string_equal(made.court.cases[0].id, "correctness.auc");
  assert_int_equal(made.court.members[0].absence, ABSENCE_NONE);
  assert_true(made.court.members[0].is_primary);
  assert_int_equal(made.court.members[1].absence, ABSENCE_NOT_BUILT);
  close_court(&made);
  open_court(&made, two_slots, false, NULL, NULL);
  assert_string_equal(made.court.cases[0].id, "correctness.accuracy");
  assert_true(made.court.members[0].margin == 0.02);
  close_court(&made);
}

static void test_margins_replace_and_add(void **state) {
  (void)state;
  struct made made;
  open_court(&made, two_slots, true,
             "correctness.auc=0.2,correctness.recall{g=many}=0.1,correctness.recall{g=few}=0.1",
             NULL);
  assert_int_equal(made.court.n, 4);
  assert_true(made.court.members[0].margin == 0.2);
  assert_string_equal(made.court.cases[0].stated, "0.2");
  assert_true(made.court.members[2].n == 130.0); /* positives: i divisible by 3 in 12 … 399: 130 */
  assert_non_null(made.court.members[3].law.undecided);
  assert_non_null(strstr(made.court.cases[3].reason, "too small to judge"));
  close_court(&made);
}

static void test_skipped_is_not_asked(void **state) {
  (void)state;
  struct made made;
  open_court(&made, two_slots, true, NULL, "correctness.auc");
  assert_string_equal(made.court.cases[0].id, "correctness.accuracy");
  close_court(&made);
  open_court(&made, two_slots, true, NULL, "correctness");
  assert_string_equal(made.court.cases[0].id, "correctness.auc");
  assert_int_equal(made.court.members[0].absence, ABSENCE_NOT_ASKED);
  close_court(&made);
}

static void test_no_such_group_is_an_error(void **state) {
  (void)state;
  struct made made;
  struct court court;
  nonet_error error = {""};
  open_court(&made, two_slots, true, NULL, NULL);
  struct court_margins margins;
  assert_int_equal(court_margins_read("correctness.recall{sex=F}=0.1", &margins, &error), NONET_OK);
  struct court_request request = made.request;
  request.margins = margins.item;
  request.n_margins = margins.n;
  assert_int_equal(court_open(&court, &request, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "'sex' is not among the groups"));
  court_close(&court);
  court_margins_clear(&margins);
  close_court(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_margins),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_allocation_failures),
      cmocka_unit_test(test_first_that_fits),
      cmocka_unit_test(test_margins_replace_and_add),
      cmocka_unit_test(test_skipped_is_not_asked),
      cmocka_unit_test(test_no_such_group_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
