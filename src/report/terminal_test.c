/*
 * The terminal report of a document written by hand: the lines a person looks for, the width in
 * every style, nothing that is not ASCII when asked, never "nan".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "report/terminal.h"

#define ROW(measure, role, scope, value, low, high, method, n, notes)                              \
  "{\"measure\":\"" measure "\",\"attribute\":\"correctness\",\"role\":\"" role                    \
  "\",\"scope\":" scope ",\"value\":" value ",\"low\":" low ",\"high\":" high                      \
  ",\"level\":0.95,\"method\":\"" method "\",\"n\":" n ",\"n_effective\":" n ",\"notes\":" notes   \
  "}"
#define ALL "{\"kind\":\"all\"}"
#define BY(value) "{\"kind\":\"group\",\"by\":{\"sex\":" value "}}"
#define HEAD(command)                                                                              \
  "{\"run\":{\"id\":\"0123456789ab\",\"seed\":1,\"command\":\"" command                            \
  "\"},\"digest\":\"fedcba9876543210\",\"inputs\":{\"config\":{\"task\":\"binary\","               \
  "\"label\":\"dead\",\"positive\":\"1\"},\"data\":[{\"source\":\"crash.parquet\",\"rows\":9012,"  \
  "\"rows_used\":9000,\"left_out\":{\"label_null\":12,\"invalid\":0}}]},"
#define CANDIDATE                                                                                                        \
  ROW("correctness.accuracy", "candidate", ALL, "0.96", "0.955", "0.965", "wilson", "9000", "[]")                        \
  "," ROW("correctness.auc", "candidate", ALL, "0.9", "0.88", "0.92", "delong", "9000", "[\"ties in scores\"]") "," ROW( \
      "correctness.auc", "candidate", BY("\"Female\""), "0.875", "0.85", "0.9", "delong", "4000",                        \
      "[]") "," ROW("correctness.auc", "candidate", BY("null"), "null", "null", "null", "delong",                        \
                    "2",                                                                                                 \
                    "[\"no positives\"]") "," ROW("correctness.log_loss", "candidate", ALL,                              \
                                                  "null", "null", "null", "t", "9000",                                   \
                                                  "[\"a true class was given p = 0\",\"ties in "                         \
                                                  "scores\"]") "," ROW("correctness.prevalence",                         \
                                                                       "candidate", ALL, "0.042",                        \
                                                                       "0.038", "0.046", "wilson",                       \
                                                                       "9000",                                           \
                                                                       "[]") "," ROW("correctness"                       \
                                                                                     ".recall",                          \
                                                                                     "candidate",                        \
                                                                                     ALL, "0.25",                        \
                                                                                     "0.2", "0.3",                       \
                                                                                     "wilson",                           \
                                                                                     "378", "[]")
#define TAIL                                                                                       \
  "\"actions\":[],\"skipped\":[{\"measure\":\"correctness.ece\",\"reason\":\"not applicable: "     \
  "needs probabilities\"},{\"measure\":\"correctness.brier\",\"reason\":\"not applicable: needs "  \
  "probabilities\"}],\"verdict\":{\"state\":\"NONE\",\"because\":[]},\"judgements\":[]}"
#define GATE(measure, difference, low, high, state, extra)                                         \
  "{\"measure\":\"" measure "\",\"difference\":" difference ",\"low\":" low ",\"high\":" high      \
  ",\"margin\":0.01,\"margin_stated\":\"0.01\",\"scale\":\"difference\",\"tier\":1,"               \
  "\"state\":\"" state "\"" extra "}"

static const char measured[] = HEAD("measure") "\"estimates\":[" CANDIDATE "]," TAIL;
static const char compared[] = HEAD("compare") "\"estimates\":[" CANDIDATE "," ROW(
    "correctness.auc", "baseline", ALL, "0.89", "0.87", "0.91", "delong", "9000",
    "[]") "," ROW("correctness.auc", "difference", ALL, "0.01", "0.006", "0.014", "delong", "9000",
                  "[]") "],\"actions\":[{\"title\":\"Label "
                        "more\",\"why\":\"undecided\",\"expected\":\"PASS\","
                        "\"command\":\"nonet compare more.parquet\"}],\"skipped\":[],"
                        "\"judgements\":[" GATE("correctness.auc", "0.01", "0.006", "0.014", "SAFE", ",\"gain\":\"IMPROVED\"") "," GATE(
                            "correctness.log_loss", "-0.004", "-0.012", "0.004",
                            "UNDECIDED", ",\"n_needed\":12345") "," GATE("correctness.recall",
                                                                         "-0.05", "-0.08", "-0.02",
                                                                         "HARMED",
                                                                         ",\"reason\":\"few "
                                                                         "positives\"") "],"
                                                                                        "\"verdict"
                                                                                        "\":{"
                                                                                        "\"state\":"
                                                                                        "\"FAIL\","
                                                                                        "\"context"
                                                                                        "\":"
                                                                                        "\"general"
                                                                                        "\","
                                                                                        "\"context_"
                                                                                        "version\":"
                                                                                        "1,"
                                                                                        "\"alpha\":"
                                                                                        "0.05,"
                                                                                        "\"because"
                                                                                        "\":["
                                                                                        "\"correctn"
                                                                                        "ess."
                                                                                        "recall is "
                                                                                        "worse "
                                                                                        "than its "
                                                                                        "margin\"],"
                                                                                        "\"coverage"
                                                                                        "\":{"
                                                                                        "\"correctn"
                                                                                        "ess\":"
                                                                                        "\"judged\""
                                                                                        ",\"privacy"
                                                                                        "\":\"not_"
                                                                                        "built\"}}"
                                                                                        "}";

static char *render(const char *json, size_t columns, bool ascii, bool color) {
  const struct terminal_style style = {.columns = columns, .ascii = ascii, .color = color};
  json_t *root;
  struct text text = {0};
  nonet_error error = {""};
  if (json_text_parse(json, strlen(json), "test", &root, &error) != NONET_OK ||
      terminal_render(root, &style, &text, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  json_decref(root);
  char *taken = text_take(&text);
  assert_non_null(taken);
  return taken;
}

static void assert_shows(const char *report, const char *line) {
  if (strstr(report, line) == NULL) {
    fail_msg("'%s' is not in\n%s", line, report);
  }
}

/* How often `what` stands in `report`. */
static size_t times(const char *report, const char *what) {
  size_t n = 0;
  for (const char *at = strstr(report, what); at != NULL; at = strstr(at + 1, what)) {
    n++;
  }
  return n;
}

static void test_measure(void **state) {
  (void)state;
  char *report = render(measured, 0, false, false);
  assert_shows(report, "nonet measure  crash.parquet · binary · 9,000 rows of 9,012 (left out: 12 "
                       "without a label, 0");
  assert_shows(report, "4.2 % of the rows are dead = 1: always answering the more common class is "
                       "right in 95.8 %.");
  assert_shows(report, "All rows, 95 % intervals\n");
  assert_shows(report, "★ auc                     0.900 [0.880, 0.920]        ");
  assert_shows(report, "9,000 (1)\n");
  assert_shows(report, "  accuracy                0.9600 [0.9550, 0.9650]     ");
  assert_shows(report, "\nBy group\n");
  assert_shows(report, "sex=Female                  4,000  0.875 [0.850, 0.900]");
  assert_shows(report, "sex=null                        2  –\n");
  assert_shows(report, "\nNot measured\n  ece, brier: not applicable: needs probabilities\n"
                       "  log_loss: a true class was given p = 0\n"); /* case 5 */
  assert_null(strstr(report, "  log_loss  "));
  assert_shows(report, "  1. ties in scores\n");
  assert_shows(report, "run 0123456789ab · digest fedcba987654 · seed 1");
  assert_int_equal(times(report, "ties in scores"), 1);
  assert_true(strstr(report, "★ auc") < strstr(report, "  accuracy"));
  assert_null(strstr(report, "\033"));
  memory_free(report);
}

static void test_compare(void **state) {
  (void)state;
  static const char start[] = "FAIL  general v1 | candidate vs baseline | 9,000 rows of 9,012 | "
                              "alpha 0.05, one-sided\n  correctness.recall is worse than its "
                              "margin\n\ntier gate ";
  char *report = render(compared, 120, true, false);
  assert_int_equal(strncmp(report, start, strlen(start)), 0);
  assert_shows(report, "tier gate                    -2m  -1m   0   +1m  +2m      + better, of "
                       "margin  state\n");
  /* -3 … +3 margins on 31 cells: -1 in cell 10, 0 in 15. */
  assert_shows(report, " 1  correctness.auc                :       |-o-|          +0.0100 of 0.01 "
                       "     SAFE, IMPROVED\n");
  assert_shows(report, " 1  correctness.recall   <----|    :                      -0.050 of 0.01 "
                       "      HARMED (1)\n");
  assert_shows(report, "-0.0040 of 0.01      UNDECIDED n=12,345\n");
  assert_shows(report, "Nine: correctness worse | Judged: 1 of 9 (not built yet: privacy)\n");
  assert_shows(report,
               "Obstacle: 378 of 9,000 rows are dead = 1 (4.2 %): recall is known to within "
               "0.05");
  assert_true(strstr(report, "HARMED") < strstr(report, "UNDECIDED")); /* what fails first */
  assert_shows(report, "* auc ");
  assert_shows(report, "0.900 [0.880, 0.920] ");
  assert_shows(report, "0.890 [0.870, 0.910] ");
  assert_shows(report, "0.0100 [0.0060, 0.0140]");
  assert_shows(report, "What to do\n 1. Label more\n    why: undecided\n    expected: PASS\n"
                       "    nonet compare more.parquet\n");
  assert_shows(report, "  1. few positives\n");
  memory_free(report);
}

/* Case 4: no line of any section is longer than asked; ASCII means ASCII; "nan" and "inf" never. */
static void test_widths(void **state) {
  (void)state;
  static const char *const documents[] = {measured, compared};
  for (size_t d = 0; d < 2; d++) {
    for (size_t columns = 60; columns <= 160; columns++) {
      for (int ascii = 0; ascii < 2; ascii++) {
        char *report = render(documents[d], columns, ascii == 1, false);
        assert_null(strstr(report, "nan"));
        assert_null(strstr(report, "inf"));
        for (char *line = report, *stop; *line != '\0'; line = stop + 1) {
          stop = strchr(line, '\n');
          assert_non_null(stop);
          *stop = '\0';
          if (text_columns(line) > columns) {
            fail_msg("document %zu, %zu columns: %zu in '%s'", d, columns, text_columns(line),
                     line);
          }
          for (const char *at = line; ascii == 1 && *at != '\0'; at++) {
            assert_in_range((unsigned char)*at, 0x20, 0x7e);
          }
        }
        memory_free(report);
      }
    }
  }
}

static void test_narrow_keeps_numbers_whole(void **state) {
  (void)state;
  char *report = render(compared, 60, false, false);
  assert_shows(report, "★ auc               0.900");
  assert_shows(report, "SAFE, IMPROVED\n");
  memory_free(report);
  report = render(measured, 20, false, false); /* case 1 */
  assert_shows(report, "0.900 [0.880, 0.920]");
  memory_free(report);
}

static void test_color(void **state) {
  (void)state;
  char *report = render(compared, 100, false, true);
  assert_shows(report, "\033[1m\033[31mFAIL\033[0m");
  assert_shows(report, "\033[32mSAFE, IMPROVED\033[0m\n");
  memory_free(report);
}

/* Documents of other versions and other tools: parts missing, values of the wrong kind, names that
   would move the cursor. */
static void test_sparse_documents(void **state) {
  (void)state;
  static const char *const documents[] = {
      "{}", "[]", "{\"judgements\":[{}],\"verdict\":{\"because\":[3]}}",
      "{\"inputs\":{\"data\":[{\"rows\":3,\"rows_used\":2}]},\"run\":{\"command\":\"measure\"}}",
      "{\"estimates\":[{\"scope\":{\"kind\":\"all\"},\"role\":\"candidate\",\"measure\":\"x\","
      "\"notes\":[null,3]}],\"actions\":[{}],\"skipped\":[{}]}"};
  for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
    char *report = render(documents[i], 80, true, false);
    assert_null(strstr(report, "nan"));
    memory_free(report);
  }
  char *report =
      render("{\"inputs\":{\"data\":[{\"source\":\"a\\u001b[2Jb\\nPASS\"}]}}", 80, false, false);
  assert_null(strstr(report, "\033"));
  assert_shows(report, "a\uFFFD[2Jb PASS");
  memory_free(report);
}

static void test_many_groups(void **state) {
  (void)state;
  json_t *root, *rows;
  nonet_error error;
  struct text text = {0};
  assert_int_equal(json_text_parse(measured, strlen(measured), "test", &root, &error), NONET_OK);
  rows = json_object_get(root, "estimates");
  for (int i = 0; i < 30; i++) {
    json_t *row = json_deep_copy(json_array_get(rows, 2));
    char name[64];
    snprintf(name, sizeof name, "a group with a long name, number %d", i);
    json_object_set_new(json_object_get(json_object_get(row, "scope"), "by"), "sex",
                        json_string(name));
    json_array_append_new(rows, row);
  }
  json_text_write(&text, root, JSON_TEXT_COMPACT);
  char *report = render(text.data, 60, true, false);
  assert_shows(report, "~ and 8 more, in the JSON\n"); /* 32 groups, 24 shown */
  assert_int_equal(times(report, "sex=a group with a ~"), 22);
  memory_free(report);
  text_clear(&text);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_measure),     cmocka_unit_test(test_compare),
      cmocka_unit_test(test_widths),      cmocka_unit_test(test_narrow_keeps_numbers_whole),
      cmocka_unit_test(test_color),       cmocka_unit_test(test_sparse_documents),
      cmocka_unit_test(test_many_groups),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
