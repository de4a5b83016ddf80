/* What stands out: documents written by hand, the sentences they must give, the order, the limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "report/outstanding.h"

/* JSON with ' for ". */
static json_t *document(const char *text) {
  char copy[4096];
  json_t *root = NULL;
  size_t n = strlen(text);
  assert_true(n < sizeof copy);
  for (size_t i = 0; i <= n; i++) {
    copy[i] = text[i] == '\'' ? '"' : text[i];
  }
  assert_int_equal(json_text_parse(copy, n, "test", &root, NULL), NONET_OK);
  return root;
}

static void assert_lines(const char *text, size_t n, const char *const *pieces) {
  json_t *root = document(text), *lines = outstanding_lines(root);
  assert_int_equal(json_array_size(lines), n);
  for (size_t i = 0; i < n; i++) {
    const json_t *row = json_array_get(lines, i);
    char line[1024];
    snprintf(line, sizeof line, "%s: %s", json_string_value(json_object_get(row, "mark")),
             json_string_value(json_object_get(row, "text")));
    if (strstr(line, pieces[i]) == NULL) {
      fail_msg("'%s' is not in '%s'", pieces[i], line);
    }
  }
  json_decref(lines);
  json_decref(root);
}

#define GAP(id, column, value, low, high, notes)                                                   \
  "{'measure':'fairness." id "','attribute':'fairness','role':'candidate','scope':{'kind':"        \
  "'column','column':'" column "'},'value':" value ",'low':" low ",'high':" high                   \
  ",'notes':[" notes "]}"

static void test_proven_and_not(void **state) {
  (void)state;
  static const char *const said[] = {
      "proven: Over sex: fairness.b 0.30, at least 0.20 (from F 0.1 to M 0.4)",
      "open: No gap over race is proven; the fairness.a may still be as large as 0.50",
      "open: Too small to judge: race=X has 3 rows and needs 30"};
  assert_lines("{'estimates':[" GAP("a", "sex", "0.2", "0.1", "0.3", "'from F 0 to M 0.2'") "," GAP(
                   "b", "sex", "0.3", "0.2", "0.4",
                   "'from F 0.1 to M 0.4'") "," GAP("worst_group", "sex", "0.9", "0.8", "0.95",
                                                    "'in F'") "," GAP("a", "race", "0.2", "0",
                                                                      "0.5",
                                                                      "'from P 0 to Q 0.2','too "
                                                                      "small to judge: race=X has "
                                                                      "3 rows and needs 30'") "]}",
               3, said);
}

/* What may be is told of the error rates, though another gap may be larger. */
static void test_open_gap(void **state) {
  (void)state;
  static const char *const said[] = {
      "open: No gap over sex is proven; the fairness.equalized_odds_difference may still be as "
      "large as 0.40"};
  assert_lines(
      "{'estimates':[" GAP("a", "sex", "0.2", "0", "0.3", "'from F 0 to M 0.2'") "," GAP(
          "equalized_odds_difference", "sex", "0.2", "0", "0.4",
          "'from F 0 to M 0.2'") "," GAP("z", "sex", "0.5", "0", "0.9", "'from F 0 to M 0.5'") "]}",
      1, said);
}

/* A ratio is proven where its interval stays below 1; one of equal groups is not. */
static void test_ratio(void **state) {
  (void)state;
  static const char *const said[] = {"proven: Over sex: fairness.parity_ratio 0.40, at most 0.50"};
  assert_lines("{'estimates':[" GAP("parity_ratio", "sex", "0.4", "0.3", "0.5",
                                    "'from F 0.1 to M 0.25'") "]}",
               1, said);
  json_t *equal = document(GAP("parity_ratio", "sex", "0.9", "0.7", "1", "'from F 1 to M 1'"));
  assert_false(outstanding_is_proven(equal));
  json_decref(equal);
}

/* What the two shares are, what the four-fifths rule is about, and the error rates beside it. */
static void test_parity(void **state) {
  (void)state;
#define PARITY                                                                                     \
  GAP("demographic_parity_ratio", "sex", "0.4", "0.3", "0.5", "'from F 0.1 to M 0.25'") ","
#define ODDS(low)                                                                                  \
  GAP("equalized_odds_difference", "sex", "0.2", low, "0.3", "'from F 0.1 to M 0.3'")
  static const char *const said[] = {
      "(share called positive from F 0.1 to M 0.25); the four-fifths rule asks for 0.8 where "
      "positive is a favour; fairness.equalized_odds_difference 0.20, at least 0.10"};
  assert_lines("{'estimates':[" PARITY ODDS("0.1") "]}", 1, said);
  json_t *small = document("{'estimates':[" PARITY ODDS("0.001") "]}");
  json_t *lines = outstanding_lines(small);
  assert_null(strstr(json_string_value(json_object_get(json_array_get(lines, 0), "text")), "odds"));
  json_decref(lines);
  json_decref(small);
}

/* Better than one answer for all, worse, or not known. */
static void test_skill(void **state) {
  (void)state;
  static const struct {
    const char *low, *high, *said;
  } cases[] = {{"0.1", "0.3",
                "proven: More often right than always answering the most common "
                "class: difference 0.00 [0.10, 0.30]"},
               {"-0.3", "-0.1", "proven: Not more often right than"},
               {"-0.1", "0.3", "open: Not proven to be more often right than"}};
  for (size_t i = 0; i < 3; i++) {
    char text[512];
    snprintf(text, sizeof text,
             "{'estimates':[{'measure':'correctness.lift_over_dummy','role':'candidate','scope':{"
             "'kind':'all'},'value':0.0,'low':%s,'high':%s}]}",
             cases[i].low, cases[i].high);
    assert_lines(text, 1, &cases[i].said);
  }
  static const char *const number[] = {
      "proven: Nearer to the truth than always answering the mean: rmse skill 0.50 [0.40, 0.60]"};
  assert_lines("{'estimates':[{'measure':'correctness.rmse_skill','role':'candidate','scope':{"
               "'kind':'all'},'value':0.5,'low':0.4,'high':0.6}]}",
               1, number);
}

static void test_threshold(void **state) {
  (void)state;
  static const char *const every[] = {"error: Every row is called positive at threshold 0.5"};
  const char *const form =
      "{'inputs':{'config':{'threshold':0.5,'score':['s']}},'estimates':[{'measure':'fairness."
      "selection_rate','role':'candidate','scope':{'kind':'all'},'value':%s}]}";
  char text[512];
  snprintf(text, sizeof text, form, "1.0");
  assert_lines(text, 1, every);
  static const char *const none[] = {"error: No row is called positive at threshold 0.5"};
  snprintf(text, sizeof text, form, "0");
  assert_lines(text, 1, none);
  snprintf(text, sizeof text, form, "0.99");
  assert_lines(text, 0, NULL);
}

static void test_findings_worst_first_and_no_more_than_fit(void **state) {
  (void)state;
#define FINDING(severity, title) "{'severity':'" severity "','title':'" title "','evidence':'e'}"
  static const char *const said[] = {"critical: C: e", "error: E: e",    "warning: W1: e",
                                     "warning: W2: e", "warning: W3: e", "warning: W4: e",
                                     "warning: W5: e", "warning: W6: e"};
  assert_lines(
      "{'findings':[" FINDING("info", "I") "," FINDING("warning", "W1") "," FINDING("warning", "W2") "," FINDING(
          "critical",
          "C") "," FINDING("warning",
                           "W3") "," FINDING("err"
                                             "or",
                                             "E") "," FINDING("warning",
                                                              "W4") "," FINDING("warning",
                                                                                "W5") "," FINDING("warning",
                                                                                                  "W6") "," FINDING("warning",
                                                                                                                    "W7") "]}",
      OUTSTANDING_MOST, said);
}

static void test_nothing(void **state) {
  (void)state;
  assert_lines("{}", 0, NULL);
  assert_lines("{'estimates':[{}],'findings':[{}]}", 0, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_proven_and_not),
      cmocka_unit_test(test_ratio),
      cmocka_unit_test(test_parity),
      cmocka_unit_test(test_open_gap),
      cmocka_unit_test(test_skill),
      cmocka_unit_test(test_threshold),
      cmocka_unit_test(test_findings_worst_first_and_no_more_than_fit),
      cmocka_unit_test(test_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
