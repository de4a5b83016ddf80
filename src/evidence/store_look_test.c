/*
 * Looks: the numbers of judgement.md §6 by hand: first, repeated, grown, renamed, another model,
 * another context, two runs that ask at once; N_max frozen; candidates counted.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/store_fixture.h"

static const struct store_question asked = {.candidate = "c1",
                                            .baseline = "b1",
                                            .context = "real-time",
                                            .context_version = 1,
                                            .source = "rows.parquet",
                                            .data = "d1",
                                            .n_rows = 1000};

static struct store_look find(struct store *store, struct store_question question) {
  struct store_look look;
  nonet_error error = {""};
  if (store_look_find(store, &question, &look, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return look;
}

/* A run of its own (by its start) that asks `question`. */
static nonet_status judge(struct store *store, struct store_question question, int number,
                          double n_max, const char *started, nonet_error *error) {
  struct fixture_run run = FIXTURE_RUN;
  run.started = started;
  run.candidate = question.candidate;
  run.data = question.data;
  struct evidence *evidence = fixture_run_make(&run);
  const struct store_look_put look = {&question, number, n_max};
  nonet_status status = store_put(store, evidence, &look, error);
  evidence_free(evidence);
  return status;
}

static void must_judge(struct store *store, struct store_question question, int number,
                       double n_max, const char *started) {
  nonet_error error = {""};
  if (judge(store, question, number, n_max, started, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
}

static void test_first_repeat_grown(void **state) {
  struct store *store = fixture_open(*state, STORE_WRITE);
  struct store_question grown = asked;
  grown.data = "d2";
  grown.n_rows = 1500;
  struct store_look look = find(store, asked);
  assert_int_equal(look.number, 1);
  assert_false(look.is_repeat);
  assert_true(isnan(look.n_max));
  assert_int_equal(look.n_past, 0);
  assert_int_equal(look.n_candidates, 1);
  store_look_clear(&look);
  must_judge(store, asked, 1, 4000.0, "2026-01-01T00:00:00Z");

  look = find(store, asked); /* these very rows */
  assert_int_equal(look.number, 1);
  assert_true(look.is_repeat);
  assert_int_equal(look.n_repeats, 1);
  assert_int_equal(look.n_runs, 1);
  assert_true(look.n_max == 4000.0);
  assert_int_equal(look.n_past, 0);
  store_look_clear(&look);
  must_judge(store, asked, 1, 9999.0, "2026-01-02T00:00:00Z");

  look = find(store, grown);
  assert_int_equal(look.number, 2);
  assert_false(look.is_repeat);
  assert_true(look.n_max == 4000.0); /* frozen */
  assert_int_equal(look.n_runs, 2);  /* on these rows or others */
  assert_int_equal(look.n_past, 1);
  assert_int_equal(look.past[0].number, 1);
  assert_int_equal(look.past[0].n_rows, 1000);
  assert_string_equal(look.past[0].verdict, "PASS");
  store_look_clear(&look);
  must_judge(store, grown, 2, 1.0, "2026-01-03T00:00:00Z");

  look = find(store, asked); /* the first rows keep their number, and their past */
  assert_int_equal(look.number, 1);
  assert_int_equal(look.n_repeats, 2);
  assert_int_equal(look.n_runs, 3);
  assert_int_equal(look.n_past, 0);
  assert_true(look.n_max == 4000.0);
  store_look_clear(&look);
  store_close(store);
}

static void test_what_is_another_question(void **state) {
  struct store *store = fixture_open(*state, STORE_WRITE);
  must_judge(store, asked, 1, NAN, "2026-01-01T00:00:00Z");
  for (int which = 0; which < 5; which++) {
    struct store_question other = asked;
    other.data = which == 4 ? "d9" : asked.data;
    other.candidate = which == 0 ? "c2" : asked.candidate;
    other.baseline = which == 1 ? "" : asked.baseline;
    other.context = which == 2 ? "edge" : asked.context;
    other.context_version = which == 3 ? 2 : asked.context_version;
    other.source = which == 4 ? "new.parquet" : asked.source;
    struct store_look look = find(store, other);
    assert_int_equal(look.number, 1);
    assert_false(look.is_repeat);
    assert_int_equal(look.n_past, 0);
    store_look_clear(&look);
  }
  store_close(store);
}

static void test_renamed(void **state) {
  struct store *store = fixture_open(*state, STORE_WRITE);
  struct store_question renamed = asked;
  must_judge(store, asked, 1, NAN, "2026-01-01T00:00:00Z");
  renamed.source = "copy.parquet";
  struct store_look look = find(store, renamed);
  assert_true(look.is_repeat);
  assert_int_equal(look.number, 1);
  store_look_clear(&look);
  store_close(store);
}

static void test_candidates(void **state) {
  struct store *store = fixture_open(*state, STORE_WRITE);
  struct store_question second = asked, elsewhere = asked, copied = asked;
  second.candidate = "c2";
  second.data = "d2"; /* grown: the same source */
  copied.candidate = "c3";
  copied.source = "copy.parquet"; /* the same rows */
  elsewhere.candidate = "c4";
  elsewhere.source = "other.parquet";
  elsewhere.data = "d4";
  must_judge(store, asked, 1, NAN, "2026-01-01T00:00:00Z");
  must_judge(store, second, 1, NAN, "2026-01-02T00:00:00Z");
  must_judge(store, copied, 1, NAN, "2026-01-03T00:00:00Z");
  must_judge(store, elsewhere, 1, NAN, "2026-01-04T00:00:00Z");
  struct store_look look = find(store, asked);
  assert_int_equal(look.n_candidates, 3); /* c1, c2, c3 */
  store_look_clear(&look);
  struct store_question fresh = elsewhere;
  fresh.candidate = "c5";
  look = find(store, fresh);
  assert_int_equal(look.n_candidates, 2); /* c4 and this one */
  store_look_clear(&look);
  store_close(store);
}

static void test_two_at_once(void **state) {
  const struct fixture_folder *folder = *state;
  struct store *store = fixture_open(folder, STORE_WRITE);
  struct store_question mine = asked, theirs = asked;
  nonet_error error = {""};
  theirs.data = "d2";
  must_judge(store, theirs, 1, NAN, "2026-01-01T00:00:00Z");
  assert_int_equal(judge(store, mine, 1, NAN, "2026-01-02T00:00:00Z", &error), NONET_E_UNAVAILABLE);
  assert_non_null(strstr(error.message, "would be look 2"));
  /* nothing of the refused run is there */
  assert_int_equal(fixture_count(folder, "SELECT count(*) FROM runs"), 1);
  assert_int_equal(fixture_count(folder, "SELECT count(*) FROM looks"), 1);
  assert_int_equal(fixture_count(folder, "SELECT count(DISTINCT run) FROM estimates"), 1);
  must_judge(store, mine, 2, NAN, "2026-01-02T00:00:00Z");
  store_close(store);
}

static void test_no_store(void **state) {
  (void)state;
  struct store_look look = find(NULL, asked);
  assert_int_equal(look.number, 1);
  assert_int_equal(look.n_candidates, 0);
  store_look_clear(&look);
}

#define IN_FOLDER(test)                                                                            \
  cmocka_unit_test_setup_teardown(test, fixture_folder_make, fixture_folder_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(test_first_repeat_grown),
      IN_FOLDER(test_what_is_another_question),
      IN_FOLDER(test_renamed),
      IN_FOLDER(test_candidates),
      IN_FOLDER(test_two_at_once),
      cmocka_unit_test(test_no_store),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
