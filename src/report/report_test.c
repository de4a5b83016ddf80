/*
 * The table of formats, and what all of them share: documents of other versions render, every
 * allocation failure is reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "report/report.h"
#include "report/report_fixture.h"

static void test_names(void **state) {
  (void)state;
  struct text text = {0};
  nonet_error error = {""};
  json_t *root = json_object();
  assert_null(report_find("pdf"));
  assert_string_equal(report_find("html")->option, "html");
  assert_null(report_find("terminal")->option);
  assert_int_equal(report_render(root, "htlm", NULL, &text, &error), NONET_E_USAGE);
  assert_string_equal(error.message, "no report format 'htlm' (did you mean 'html'?)");
  json_decref(root);
}

/* A number that is none, where numbers stand ("provenance" is a word). */
static bool has_no_number(const char *report) {
  static const char *const wrong[] = {">nan",    ">-nan", ">inf",  ">-inf", "\"nan", "\"-nan",
                                      "\"inf\"", " nan",  " -nan", "[nan",  " inf "};
  bool found = false;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    found = found || strstr(report, wrong[i]) != NULL;
  }
  return found;
}

/* Documents of other versions and other tools: every format, never "nan" or "inf". */
static void test_sparse_documents(void **state) {
  (void)state;
  static const char *const documents[] = {
      "{}",
      "[]",
      "{\"judgements\":[{}],\"verdict\":{\"because\":[3]},\"findings\":[{}],\"curves\":[{}]}",
      "{\"judgements\":[{\"measure\":\"correctness.auc\",\"kind\":\"requirement\"}],\"verdict\":{"
      "\"state\":\"LATER\",\"coverage\":{\"correctness\":\"later\",\"privacy\":3}}}",
      "{\"estimates\":[{\"attribute\":\"correctness\",\"scope\":{\"kind\":\"all\"},\"role\":"
      "\"candidate\",\"measure\":\"x\",\"notes\":[null,3]},{\"attribute\":\"correctness\","
      "\"scope\":{"
      "\"kind\":\"group\"},\"role\":\"candidate\",\"measure\":\"y\"},{\"attribute\":\"privacy\","
      "\"measure\":\"z\"}],\"actions\":[{}],\"skipped\":[{"
      "}]}",
      "{\"curves\":[{\"measure\":\"privacy.c\",\"scope\":{\"kind\":\"all\"},\"x\":[1,null],\"y\":[]"
      "}]"
      "}"};
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    for (const struct report_format *format = report_formats; format->name != NULL; format++) {
      char *report = fixture_render(documents[i], format->name);
      char *script = strstr(report, "<script>");
      if (script != NULL) {
        *script = '\0';
      }
      if (has_no_number(report)) {
        fail_msg("document %zu as %s:\n%.3000s", i, format->name, report);
      }
      memory_free(report);
    }
  }
}

static void test_allocation_failures(void **state) {
  (void)state;
  json_t *root = NULL;
  assert_int_equal(json_text_parse(report_fixture, strlen(report_fixture), "test", &root, NULL),
                   NONET_OK);
  for (const struct report_format *format = report_formats; format->name != NULL; format++) {
    nonet_status status = NONET_E_MEMORY;
    for (long k = 0; status == NONET_E_MEMORY; k++) {
      struct text text = {0};
      memory_fail_after(k);
      status = report_render(root, format->name, NULL, &text, NULL);
      memory_fail_after(-1);
      text_clear(&text);
      assert_true(k < 100000);
    }
    assert_int_equal(status, NONET_OK);
  }
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_sparse_documents),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
