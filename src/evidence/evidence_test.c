/*
 * Evidence: the order of rows, the digest against Python's hashlib, what the digest leaves out,
 * null for what is not a number, and a walk over every allocation failure, jansson's included (the
 * test hands jansson this library's memory; the library never does).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "evidence/evidence_fixture.h"

static const size_t in_order[FIXTURE_ESTIMATES] = {0, 1, 2, 3, 4, 5, 6, 7},
                    shuffled[FIXTURE_ESTIMATES] = {6, 4, 2, 0, 7, 5, 3, 1};

static struct evidence *make(const size_t *order, size_t n) {
  struct evidence *evidence = NULL;
  nonet_error error = {""};
  if (fixture_make(order, n, &evidence, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  assert_true(evidence->is_finished);
  return evidence;
}

static const char *digest(const struct evidence *evidence) {
  return json_string_value(json_object_get(evidence->root, "digest"));
}

static void assert_json(const json_t *value, const char *expected) {
  struct text text = {0};
  json_text_write(&text, value, JSON_TEXT_CANONICAL);
  assert_false(text.failed);
  assert_string_equal(text.data, expected);
  text_clear(&text);
}

static void test_order(void **state) {
  (void)state;
  static const char *const expected[FIXTURE_ESTIMATES][3] = {
      {"correctness.accuracy", "candidate", "{\"class\":\"3\",\"kind\":\"class\"}"},
      {"correctness.auc", "candidate", "{\"kind\":\"all\"}"},
      {"correctness.auc", "candidate", "{\"by\":{\"race\":\"White\"},\"kind\":\"group\"}"},
      {"correctness.auc", "candidate", "{\"by\":{\"sex\":\"Female\"},\"kind\":\"group\"}"},
      {"correctness.auc", "candidate", "{\"by\":{\"sex\":null},\"kind\":\"group\"}"},
      {"correctness.auc", "candidate",
       "{\"by\":{\"race\":\"Black, other\",\"sex\":\"Female\"},\"kind\":\"group\"}"},
      {"correctness.auc", "baseline", "{\"kind\":\"all\"}"},
      {"efficiency.latency_p99", "candidate", "{\"kind\":\"all\"}"}};
  struct evidence *evidence = make(shuffled, FIXTURE_ESTIMATES);
  const json_t *estimates = json_object_get(evidence->root, "estimates");
  assert_int_equal(json_array_size(estimates), FIXTURE_ESTIMATES);
  for (size_t i = 0; i < FIXTURE_ESTIMATES; i++) {
    const json_t *row = json_array_get(estimates, i);
    assert_string_equal(json_string_value(json_object_get(row, "measure")), expected[i][0]);
    assert_string_equal(json_string_value(json_object_get(row, "role")), expected[i][1]);
    assert_json(json_object_get(row, "scope"), expected[i][2]);
  }
  evidence_free(evidence);
}

/* Groups by their columns first, then by values: (a, b) before (a, c), whatever the values of a. */
static void test_order_of_crossed_groups(void **state) {
  (void)state;
  static const char *const ab[] = {"a", "b"}, *const ac[] = {"a", "c"}, *const low[] = {"1", "1"},
                           *const high[] = {"2", "1"};
  static const struct evidence_scope scopes[] = {
      {.kind = SCOPE_GROUP, .n_by = 2, .by_column = ac, .by_value = low},
      {.kind = SCOPE_GROUP, .n_by = 2, .by_column = ab, .by_value = high},
      {.kind = SCOPE_GROUP, .n_by = 2, .by_column = ab, .by_value = low},
      {.kind = SCOPE_COLUMN, .column = "a"},
      {.kind = SCOPE_GROUP, .n_by = 2, .by_column = ab, .by_value = low, .class_name = "x"}};
  static const char *const expected[] = {
      "{\"by\":{\"a\":\"1\",\"b\":\"1\"},\"class\":\"x\",\"kind\":\"group\"}",
      "{\"by\":{\"a\":\"1\",\"b\":\"1\"},\"kind\":\"group\"}",
      "{\"by\":{\"a\":\"2\",\"b\":\"1\"},\"kind\":\"group\"}",
      "{\"by\":{\"a\":\"1\",\"c\":\"1\"},\"kind\":\"group\"}",
      "{\"column\":\"a\",\"kind\":\"column\"}"};
  struct evidence *evidence;
  assert_int_equal(evidence_new("measure", &evidence, NULL), NONET_OK);
  for (size_t i = 0; i < 5; i++) {
    const struct evidence_estimate row = {"correctness.auc",
                                          "correctness",
                                          ROLE_CANDIDATE,
                                          scopes[i],
                                          0.5,
                                          0.5,
                                          0.5,
                                          0.95,
                                          "exact",
                                          1,
                                          1,
                                          0,
                                          NULL};
    evidence_add_estimate(evidence, &row);
  }
  assert_int_equal(evidence_finish(evidence, NULL), NONET_OK);
  for (size_t i = 0; i < 5; i++) {
    assert_json(
        json_object_get(json_array_get(json_object_get(evidence->root, "estimates"), i), "scope"),
        expected[i]);
  }
  evidence_free(evidence);
}

static void test_digest(void **state) {
  (void)state;
  struct evidence *first = make(in_order, FIXTURE_ESTIMATES),
                  *second = make(shuffled, FIXTURE_ESTIMATES), *untimed = make(shuffled + 1, 7);
  struct evidence *other = make(in_order, 1), *empty = NULL;
  assert_string_equal(digest(first), digest(second));
  assert_string_equal(digest(first), digest(untimed)); /* without the timed row */
  assert_string_not_equal(digest(first), digest(other));
  /* The run id is of the whole document: it tells what the digest does not. */
  assert_string_not_equal(
      json_string_value(json_object_get(json_object_get(first->root, "run"), "id")),
      json_string_value(json_object_get(json_object_get(untimed->root, "run"), "id")));
  /* hashlib.sha256(b'"estimates":[]"curves":[]"judgements":[]"findings":[]').hexdigest() */
  assert_int_equal(evidence_new("measure", &empty, NULL), NONET_OK);
  assert_int_equal(evidence_finish(empty, NULL), NONET_OK);
  assert_string_equal(digest(empty),
                      "d2cc56fcce61a4e229c05916b744bb789d3d298cd3e2c8d9be29213bde8928e8");
  /* The same over json.dumps(row, sort_keys=True, separators=(",", ":")) of one estimate, curve,
   * judgement and finding. */
  assert_string_equal(digest(other),
                      "df85202b9d886286cbda08ea5f8bc18cd0ebede9f6c5a583a0e0538f0bff82dc");
  evidence_free(first);
  evidence_free(second);
  evidence_free(untimed);
  evidence_free(other);
  evidence_free(empty);
}

/* An exact count of efficiency is no clock's: it stays in. */
static void test_exact_efficiency_repeats(void **state) {
  (void)state;
  char with[65], without[65];
  struct evidence *evidence;
  struct evidence_estimate row = {"efficiency.size_bytes",
                                  "efficiency",
                                  ROLE_CANDIDATE,
                                  {.kind = SCOPE_ALL},
                                  8,
                                  8,
                                  8,
                                  0.95,
                                  "exact",
                                  1,
                                  1,
                                  0,
                                  NULL};
  assert_int_equal(evidence_new("measure", &evidence, NULL), NONET_OK);
  assert_int_equal(evidence_digest(evidence->root, without, NULL), NONET_OK);
  evidence_add_estimate(evidence, &row);
  assert_int_equal(evidence_digest(evidence->root, with, NULL), NONET_OK);
  assert_string_not_equal(with, without);
  row.method = "t";
  json_array_clear(json_object_get(evidence->root, "estimates"));
  evidence_add_estimate(evidence, &row);
  assert_int_equal(evidence_digest(evidence->root, with, NULL), NONET_OK);
  assert_string_equal(with, without);
  evidence_free(evidence);
}

/* A command names the file that was read: the same rows elsewhere have the same digest. */
static void test_commands_are_not_in_the_digest(void **state) {
  (void)state;
  struct evidence *here = NULL, *there = NULL;
  char first[65], second[65], other[65];
  struct evidence_finding finding = {.id = "data.a",
                                     .attribute = "data",
                                     .severity = "info",
                                     .title = "t",
                                     .text = "e",
                                     .command = "nonet data here.csv"};
  assert_int_equal(evidence_new("data", &here, NULL), NONET_OK);
  assert_int_equal(evidence_new("data", &there, NULL), NONET_OK);
  evidence_add_finding(here, &finding);
  finding.command = "nonet data there.csv";
  evidence_add_finding(there, &finding);
  assert_int_equal(evidence_digest(here->root, first, NULL), NONET_OK);
  assert_int_equal(evidence_digest(there->root, second, NULL), NONET_OK);
  assert_string_equal(first, second);
  const json_t *kept = json_array_get(json_object_get(there->root, "findings"), 0);
  assert_string_equal(json_string_value(json_object_get(kept, "command")), "nonet data there.csv");
  finding.title = "another";
  evidence_add_finding(there, &finding);
  assert_int_equal(evidence_digest(there->root, other, NULL), NONET_OK);
  assert_string_not_equal(first, other);
  evidence_free(here);
  evidence_free(there);
}

static void test_numbers(void **state) {
  (void)state;
  static const size_t null_group[] = {2, 1};
  struct evidence *evidence = make(null_group, 2);
  const json_t *estimates = json_object_get(evidence->root, "estimates");
  assert_json(json_array_get(estimates, 0),
              "{\"attribute\":\"correctness\",\"high\":null,\"level\":0.95,\"low\":null,"
              "\"measure\":\"correctness.auc\",\"method\":\"delong\",\"n\":3,"
              "\"n_effective\":3,\"notes\":[\"no positives "
              "here\"],\"role\":\"candidate\",\"scope\":{\"by\":{\"sex\":null},\"kind\":\"group\"},"
              "\"value\":null}");
  assert_json(json_object_get(json_array_get(estimates, 1), "n_effective"), "812.5");
  assert_json(json_object_get(evidence->root, "curves"),
              "[{\"high\":[],\"level\":0.95,\"low\":[],\"measure\":\"correctness.roc\","
              "\"method\":null,\"n\":10,\"notes\":[],\"role\":\"candidate\","
              "\"scope\":{\"kind\":\"all\"},\"x\":[0.0,0.5,1.0],"
              "\"y\":[0.0,0.75,1.0]}]");
  const json_t *gate = json_array_get(json_object_get(evidence->root, "judgements"), 0);
  assert_true(json_is_null(json_object_get(gate, "n_needed")));
  assert_true(json_is_null(json_object_get(gate, "threshold")));
  assert_json(json_object_get(gate, "primary"), "true");
  assert_string_equal(
      json_string_value(json_object_get(
          json_object_get(json_object_get(evidence->root, "measures"), "correctness.auc"),
          "title")),
      "Area under the ROC curve");
  assert_json(
      json_object_get(json_array_get(json_object_get(evidence->root, "actions"), 1), "rank"), "2");
  evidence_free(evidence);
}

static void *walk_malloc(size_t size_bytes) {
  return memory_new(size_bytes, 1);
}

static void test_allocation_failures(void **state) {
  (void)state;
  json_malloc_t old_malloc;
  json_free_t old_free;
  json_get_alloc_funcs(&old_malloc, &old_free);
  json_set_alloc_funcs(walk_malloc, memory_free);
  long n = 0;
  for (bool done = false; !done; n++) {
    struct evidence *evidence = NULL;
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = fixture_make(shuffled, FIXTURE_ESTIMATES, &evidence, &error);
    long n_made = memory_fail_after(-1);
    done = n_made <= n;
    if (done) {
      assert_int_equal(status, NONET_OK);
    } else {
      assert_int_equal(status, NONET_E_MEMORY);
      assert_true(strlen(error.message) > 0);
    }
    evidence_free(evidence);
  }
  json_set_alloc_funcs(old_malloc, old_free);
  assert_true(n > 300);
}

/* A slice in words, and what helps. */
static void test_slice(void **state) {
  const struct evidence_estimate estimate = {
      .measure = "correctness.worst_slice",
      .attribute = "correctness",
      .role = ROLE_CANDIDATE,
      .scope = {.kind = SCOPE_SLICE, .where = "age < 25 and belt = none"},
      .value = 0.3,
      .low = 0.2,
      .high = 0.4,
      .level = 0.95,
      .method = "wilson",
      .n = 80,
      .n_effective = 80};
  const struct evidence_finding finding = {.id = "correctness.worst_slice",
                                           .attribute = "correctness",
                                           .severity = "warning",
                                           .title = "t",
                                           .text = "e",
                                           .remedy = "look"};
  struct evidence *evidence = NULL;
  (void)state;
  assert_int_equal(evidence_new("measure", &evidence, NULL), NONET_OK);
  evidence_add_estimate(evidence, &estimate);
  evidence_add_finding(evidence, &finding);
  assert_int_equal(evidence_finish(evidence, NULL), NONET_OK);
  assert_json(
      json_object_get(json_array_get(json_object_get(evidence->root, "estimates"), 0), "scope"),
      "{\"kind\":\"slice\",\"where\":\"age < 25 and belt = none\"}");
  assert_string_equal(
      json_string_value(json_object_get(
          json_array_get(json_object_get(evidence->root, "findings"), 0), "remedy")),
      "look");
  evidence_free(evidence);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_slice),
      cmocka_unit_test(test_order_of_crossed_groups),
      cmocka_unit_test(test_digest),
      cmocka_unit_test(test_exact_efficiency_repeats),
      cmocka_unit_test(test_commands_are_not_in_the_digest),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
