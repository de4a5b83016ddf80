/*
 * Page: widths in columns, digits, bars cell by cell, notes told once, text that may not move a
 * cursor. Expected values are written by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/page.h"

static struct page page;
static struct text text;

static int start(void **state) {
  (void)state;
  text = (struct text){0};
  page = (struct page){.text = &text, .style = {.columns = 60}, .notes = json_array()};
  return 0;
}

static int end(void **state) {
  (void)state;
  text_clear(&text);
  json_decref(page.notes);
  return 0;
}

static void assert_written(const char *expected) {
  assert_false(text.failed);
  assert_string_equal(text.data == NULL ? "" : text.data, expected);
  text_clear(&text);
}

static void test_cells(void **state) {
  (void)state;
  page_cell(&page, "abc", 5);
  assert_written("abc  ");
  page_cell(&page, "abc", -5);
  assert_written("  abc");
  page_cell(&page, "abcdef", 4);
  assert_written("abc…");
  page_cell(&page, "\u00e9\u00e9\u00e9", 3);
  assert_written("\u00e9\u00e9\u00e9");
  page_cell(&page, "日本語", 6);
  assert_written("日本語");
  page_cell(&page, "日本語", 4); /* a wide character that would be halved stays out */
  assert_written("日…");
  page_cell(&page, "abc", 0);
  assert_written("");
  page.style.ascii = true;
  page_cell(&page, "abcdef", 4);
  assert_written("abc~");
}

static void test_wrap(void **state) {
  (void)state;
  page.style.columns = 20;
  page_wrap(&page, "one two three four five six", 0, 2);
  assert_written("one two three four\n  five six\n");
  page_wrap(&page, "one two three four five six", 10, 4);
  assert_written("one two\n    three four five\n    six\n");
  page_wrap(&page, "averyveryverylongwordindeed no", 2, 2);
  assert_written("averyveryverylongwordindeed\n  no\n");
  page_wrap(&page, "", 0, 0);
  assert_written("\n");
}

static void assert_value(double value, double low, double high, int digits, const char *expected) {
  char out[32];
  page_value(out, value, low, high, digits);
  assert_string_equal(out, expected);
}

static void test_values(void **state) {
  (void)state;
  assert_value(0.87654321, 0.86, 0.89, 2, "0.877");
  assert_value(0.87654321, 0.86, 0.89, 1, "0.88");
  assert_value(0.5, 0.49985, 0.50015, 2, "0.50000");
  assert_value(1234.567, 1200, 1270, 2, "1,235");
  assert_value(0.9, 0.0, 1.0, 2, "0.90");
  assert_value(-0.001, -0.5, 0.5, 2, "0.00");
  assert_value(1e-8, -0.5, 0.5, 2, "0.00");
  assert_value(0.5, 0.5, 0.5, 2, "0.5000"); /* exact: four digits */
  assert_value(12.3456, NAN, NAN, 2, "12.35");
  assert_value(0.00012345, NAN, NAN, 2, "0.000123");
  assert_value(0.0000001, NAN, NAN, 2, "1e-07");
  assert_value(0.0, NAN, NAN, 2, "0");
  assert_value(9999.0, 9999.0, 9999.0, 2, "9,999");
  assert_value(-55597.0, -55597.0, -55597.0, 2, "-55,597");
  assert_value(1234567.0, NAN, NAN, 2, "1,234,567");
  assert_value(123456.78, 123456.53, 123457.03, 2, "123,456.78");
  assert_value(2.5e12, 2e12, 3e12, 2, "2.5e+12");
  assert_value(NAN, 0.1, 0.2, 2, "–");
  assert_value(INFINITY, 0.1, INFINITY, 2, "–");
  assert_value(0.5, 0.1, INFINITY, 2, "0.5000");
}

static void test_counts(void **state) {
  (void)state;
  char out[32];
  page_count(out, 48842);
  assert_string_equal(out, "48,842");
  page_count(out, 812.5);
  assert_string_equal(out, "813");
  page_count(out, NAN);
  assert_string_equal(out, "–");
  page_count(out, -1);
  assert_string_equal(out, "–");
  page_plain(out, 3);
  assert_string_equal(out, "3");
  page_plain(out, 0.05);
  assert_string_equal(out, "0.05");
  page_plain(out, NAN);
  assert_string_equal(out, "–");
}

static void assert_bar(double value, double low, double high, double mark, const char *expected) {
  page_bar(&page, value, low, high, 0.0, 10.0, mark, 11);
  assert_written(expected);
}

static void test_bars(void **state) {
  (void)state;
  page.style.ascii = true;
  assert_bar(5, 2, 8, NAN, "  |--o--|  ");
  assert_bar(0, 0, 10, NAN, "o---------|");
  assert_bar(5, 5, 5, NAN, "     o     ");
  assert_bar(5, NAN, NAN, NAN, "     o     ");
  assert_bar(5, NAN, 8, NAN, "     o--|  ");
  assert_bar(5, -4, 8, NAN, "<----o--|  ");
  assert_bar(5, 2, 14, NAN, "  |--o---->");
  assert_bar(5, -4, 14, NAN, "<----o---->");
  assert_bar(-5, -9, -2, NAN, "<          ");
  assert_bar(15, 12, 19, NAN, "          >");
  assert_bar(1e300, 1e299, 1e301, NAN, "          >");
  assert_bar(-1e300, -1e301, 3, NAN, "<--|       ");
  assert_bar(NAN, 2, 8, NAN, "           ");
  assert_bar(8, 6, 10, 3, "   :  |-o-|");
  assert_bar(5, 2, 8, 3, "  |--o--|  ");
  page_bar(&page, 5, 2, 8, 1.0, 1.0, NAN, 3);
  assert_written("   ");
  page_bar(&page, 5, 2, 8, 0.0, 10.0, NAN, 0);
  assert_written("");
  page.style.ascii = false;
  assert_bar(5, 2, 8, 0, "┊ ├──●──┤  ");
  assert_bar(5, -4, 14, NAN, "‹────●────›");
}

static void test_notes(void **state) {
  (void)state;
  char marks[32];
  json_t *row = json_pack("{s:[s,s,s]}", "notes", "few rows", "ties", "few rows");
  assert_int_equal(page_note(&page, "ties"), 1);
  page_note_marks(&page, row, 0, marks);
  assert_string_equal(marks, "1,2");
  assert_int_equal(json_array_size(page.notes), 2);
  json_t *none = json_pack("{s:[]}", "notes");
  page_note_marks(&page, none, 0, marks);
  assert_string_equal(marks, "");
  json_decref(row);
  json_decref(none);
}

static void test_cleaned(void **state) {
  (void)state;
  json_t *dirty = json_pack("{s:[s,i,n,b], s:s}", "a\nb", "\033[31mred\r\ttab", 3, 1, "c",
                            "c\xc2\x9b"
                            "2J\x7f \u00e9");
  json_t *clean = page_cleaned(dirty);
  json_t *expected = json_pack("{s:[s,i,n,b], s:s}", "a b", "\uFFFD[31mred\uFFFD tab", 3, 1, "c",
                               "c\uFFFD"
                               "2J\uFFFD \u00e9");
  assert_true(json_equal(clean, expected));
  json_decref(dirty);
  json_decref(clean);
  json_decref(expected);
}

static void test_ascii(void **state) {
  (void)state;
  text_append(&text, "kept · ");
  size_t from = text.length;
  text_append(&text, "a · b … – ★ ≥ 日e\u0301\u00fc\n");
  page_to_ascii(&text, from);
  assert_written("kept · a | b ~ - * >= ??e?\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_cells, start, end),
      cmocka_unit_test_setup_teardown(test_wrap, start, end),
      cmocka_unit_test_setup_teardown(test_values, start, end),
      cmocka_unit_test_setup_teardown(test_counts, start, end),
      cmocka_unit_test_setup_teardown(test_bars, start, end),
      cmocka_unit_test_setup_teardown(test_notes, start, end),
      cmocka_unit_test_setup_teardown(test_cleaned, start, end),
      cmocka_unit_test_setup_teardown(test_ascii, start, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
