/*
 * Escapes: what each markup forbids stays text. Expected values follow XML 1.0 §2.2 and §2.4, the
 * HTML standard's script data states, and the GFM specification's backslash escapes and code spans.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/markup.h"

static void expect(void (*append)(struct text *, const char *), const char *given,
                   const char *expected) {
  struct text text = {0};
  append(&text, given);
  assert_false(text.failed);
  assert_string_equal(text.data == NULL ? "" : text.data, expected);
  text_clear(&text);
}

static void test_xml(void **state) {
  (void)state;
  expect(markup_xml, "", "");
  expect(markup_xml, "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
  expect(markup_xml, "tab\tline\n", "tab\tline\n");
  expect(markup_xml, "a\x01\x1b\x7f", "a\uFFFD\uFFFD\uFFFD");
  expect(markup_xml, "\xef\xbf\xbe\xef\xbf\xbf", "\uFFFD\uFFFD");
  expect(markup_xml, "é\u202e\u2066z\u2069", "é\uFFFD\uFFFDz\uFFFD");
  expect(markup_xml, "\u2028\u200f", "\u2028\u200f");
}

static void test_script_json(void **state) {
  (void)state;
  expect(markup_script_json, "[\"</script><!--\"]", "[\"\\u003c/script>\\u003c!--\"]");
  expect(markup_script_json, "\u2028x\u2029", "\\u2028x\\u2029");
  expect(markup_script_json, "plain \u2027", "plain \u2027");
}

static void test_md(void **state) {
  (void)state;
  expect(markup_md, "a_b *c* [d](e) `f` | ~g~ \\",
         "a\\_b \\*c\\* \\[d\\](e) \\`f\\` \\| \\~g\\~ \\\\");
  expect(markup_md, "<i>&", "&lt;i&gt;&amp;");
  expect(markup_md, "# one", "\\# one");
  expect(markup_md, "- one - two", "\\- one - two");
  expect(markup_md, "12. one 3.5", "12\\. one 3.5");
  expect(markup_md, "3.5 one", "3.5 one");
  expect(markup_md, "3) one (2)", "3\\) one (2)");
  expect(markup_md, "two\nlines", "two lines");
  expect(markup_md, "@me f1@macro x@", "@\u2060me f1@macro x@");
  expect(markup_md, "\u202e", "\uFFFD");
}

static void test_md_code(void **state) {
  (void)state;
  expect(markup_md_code, "a_b", "`a_b`");
  expect(markup_md_code, "a`b", "``a`b``");
  expect(markup_md_code, "``", "``` `` ```");
  expect(markup_md_code, "a|b\n", "`a\\|b `");
}

static void test_md_command(void **state) {
  (void)state;
  expect(markup_md_command, "nonet check", "```sh\nnonet check\n```\n");
  expect(markup_md_command, "a ``` b\nc\x1b", "````sh\na ``` b\nc \n````\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_xml),     cmocka_unit_test(test_script_json), cmocka_unit_test(test_md),
      cmocka_unit_test(test_md_code), cmocka_unit_test(test_md_command),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
