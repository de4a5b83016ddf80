/*
 * Reading evidence back: every refusal with the words a person needs (line and column, schema,
 * path, digest), the round trip, and documents that have gained fields.
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

static const size_t in_order[FIXTURE_ESTIMATES] = {0, 1, 2, 3, 4, 5, 6, 7};

static struct evidence *make(void) {
  struct evidence *evidence = NULL;
  assert_int_equal(fixture_make(in_order, FIXTURE_ESTIMATES, &evidence, NULL), NONET_OK);
  return evidence;
}

static void assert_text_refused(const char *data, const char *expected) {
  struct evidence *evidence = (struct evidence *)&evidence;
  nonet_error error = {""};
  assert_int_equal(evidence_parse(data, strlen(data), "old.json", &evidence, &error), NONET_E_DATA);
  assert_null(evidence);
  if (strncmp(error.message, "old.json: ", 10) != 0 || strstr(error.message, expected) == NULL) {
    fail_msg("'%s' is not in '%s'", expected, error.message);
  }
  assert_int_equal(evidence_parse(data, strlen(data), "old.json", &evidence, NULL), NONET_E_DATA);
}

static void assert_tree_refused(const json_t *root, const char *expected) {
  struct text text = {0};
  json_text_write(&text, root, JSON_TEXT_INDENTED);
  assert_false(text.failed);
  assert_text_refused(text.data, expected);
  text_clear(&text);
}

/* The document with one value put at list[0].key (or key of the top when list is NULL); value NULL
 * takes the key away. */
static void assert_changed_refused(const char *list, const char *key, json_t *value,
                                   const char *expected) {
  struct evidence *evidence = make();
  json_t *at = evidence->root;
  if (list != NULL) {
    at = json_object_get(at, list);
    at = json_is_array(at) ? json_array_get(at, 0) : at;
  }
  if (value == NULL) {
    assert_int_equal(json_object_del(at, key), 0);
  } else {
    assert_int_equal(json_object_set_new(at, key, value), 0);
  }
  assert_tree_refused(evidence->root, expected);
  evidence_free(evidence);
}

static void test_not_json(void **state) {
  (void)state;
  assert_text_refused("", "empty");
  assert_text_refused("{\"schema\":\n  nonet}", "line 2, column");
  assert_text_refused("{\"schema\":\"nonet/evidence/1\"", "line 1");
}

static void test_other_documents(void **state) {
  (void)state;
  assert_text_refused("{}", "expected \"schema\": \"nonet/evidence/1\", found none");
  assert_text_refused("[]", "found none");
  assert_text_refused("{\"schema\":3}", "found none");
  assert_text_refused("{\"schema\":\"nonet/evidence/2\"}", "found \"nonet/evidence/2\"");
  assert_text_refused("{\"schema\":\"nonet/evidence/1\"}", "tool must be an object, found nothing");
}

static void test_missing_parts(void **state) {
  (void)state;
  static const char *const top[] = {"tool",      "digest",  "run",        "inputs",   "measures",
                                    "estimates", "curves",  "judgements", "findings", "actions",
                                    "verdict",   "skipped", "timings"};
  for (size_t i = 0; i < sizeof top / sizeof top[0]; i++) {
    char expected[64];
    snprintf(expected, sizeof expected, "%s must be ", top[i]);
    assert_changed_refused(NULL, top[i], NULL, expected);
    assert_changed_refused(NULL, top[i], json_null(), expected);
  }
  assert_changed_refused("estimates", "value", json_string("0.9"),
                         "estimates[0].value must be a number or null, found a string");
  assert_changed_refused("estimates", "notes", NULL,
                         "estimates[0].notes must be an array, found nothing");
  assert_changed_refused("estimates", "scope", json_array(),
                         "estimates[0].scope must be an object, found an array");
  assert_changed_refused("curves", "x", json_true(), "curves[0].x must be an array, found true");
  assert_changed_refused("judgements", "tier", json_real(1.5),
                         "judgements[0].tier must be an integer, found a number");
  assert_changed_refused("judgements", "p_safe", NULL,
                         "judgements[0].p_safe must be a number or null, found nothing");
  assert_changed_refused("findings", "severity", json_integer(3),
                         "findings[0].severity must be a string, found an integer");
  assert_changed_refused("actions", "command", json_false(),
                         "actions[0].command must be null or a string, found false");
  assert_changed_refused("skipped", "reason", json_null(),
                         "skipped[0].reason must be a string, found null");
  assert_changed_refused("verdict", "because", json_object(),
                         "verdict.because must be an array, found an object");
}

static void test_rows_that_are_no_objects(void **state) {
  (void)state;
  static const char *const lists[] = {"estimates", "curves",  "judgements",
                                      "findings",  "actions", "skipped"};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    struct evidence *evidence = make();
    json_t *list = json_object_get(evidence->root, lists[i]);
    char expected[64];
    snprintf(expected, sizeof expected, "%s[%zu] must be an object, found an integer", lists[i],
             json_array_size(list));
    json_array_append_new(list, json_integer(7));
    assert_tree_refused(evidence->root, expected);
    evidence_free(evidence);
  }
}

static void test_edited_numbers(void **state) {
  (void)state;
  assert_changed_refused("estimates", "value", json_real(0.99),
                         "the file was changed after the run");
  assert_changed_refused("judgements", "state", json_string("HARMED"),
                         "the file was changed after the run");
  assert_changed_refused("findings", "severity", json_string("info"),
                         "the file was changed after the run");
  assert_changed_refused(NULL, "digest", json_string("00"), "the digest says 00");
}

/* `changed` is compared with what was read back. */
static void assert_round_trip(const json_t *root) {
  static const enum json_text_style styles[] = {JSON_TEXT_COMPACT, JSON_TEXT_CANONICAL,
                                                JSON_TEXT_INDENTED};
  for (size_t i = 0; i < 3; i++) {
    struct text text = {0};
    struct evidence *back = NULL;
    nonet_error error = {""};
    json_text_write(&text, root, styles[i]);
    if (evidence_parse(text.data, text.length, "old.json", &back, &error) != NONET_OK) {
      fail_msg("%s", error.message);
    }
    assert_true(json_equal(back->root, root));
    assert_true(back->is_finished);
    evidence_free(back);
    text_clear(&text);
  }
}

static void test_round_trip(void **state) {
  (void)state;
  struct evidence *evidence = make();
  assert_round_trip(evidence->root);
  /* Case 4: new fields outside of what the digest covers. */
  json_object_set_new(evidence->root, "signature", json_string("of a later version"));
  json_object_set_new(json_object_get(evidence->root, "run"), "host", json_null());
  assert_round_trip(evidence->root);
  evidence_free(evidence);
}

/* Our own allocations only: jansson 2.14 loses a character without a word when its reading buffer
 * cannot grow. */
static void test_allocation_failures(void **state) {
  (void)state;
  static const size_t one[] = {0};
  struct evidence *evidence = NULL;
  struct text text = {0};
  assert_int_equal(fixture_make(one, 1, &evidence, NULL), NONET_OK);
  json_text_write(&text, evidence->root, JSON_TEXT_COMPACT);
  evidence_free(evidence);
  long n = 0;
  for (bool done = false; !done; n++) {
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = evidence_parse(text.data, text.length, "walk", &evidence, &error);
    long n_made = memory_fail_after(-1);
    done = n_made <= n;
    if (done) {
      assert_int_equal(status, NONET_OK);
    } else if (status != NONET_OK) {
      assert_int_equal(status, NONET_E_MEMORY);
      assert_null(evidence);
      assert_true(strlen(error.message) > 0);
    }
    evidence_free(evidence);
    evidence = NULL;
  }
  text_clear(&text);
  assert_true(n > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_not_json),
      cmocka_unit_test(test_other_documents),
      cmocka_unit_test(test_missing_parts),
      cmocka_unit_test(test_rows_that_are_no_objects),
      cmocka_unit_test(test_edited_numbers),
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
