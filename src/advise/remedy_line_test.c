/* Command lines of remedies: what a shell and then DuckDB read back, and where no line can be made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise_fixture.h"
#include "advise/remedy_line.h"

#define DATA(command, source)                                                                      \
  "'run':{'command':'" command "'},'inputs':{'config':{'label':'y','groups':['sex'],'features':["  \
  "'a','b','c','d']},'data':[{'role':'test','source':'" source "'}]}"

/* More features than a line names. */
#define WIDE                                                                                       \
  "'run':{'command':'data'},'inputs':{'config':{'label':'y','groups':['sex'],'weight':'w',"        \
  "'cluster':'case','positive':'sick','invalid':'drop','features':['it is','k, l','c1','c2','c3'," \
  "'c4','c5','c6','c7','c8','c9','c10','c11','c12','c13']},'data':[{'role':'test','source':"       \
  "'r.csv'}]}"

#define EXCLUDED(name)                                                                             \
  "nonet data --query 'select * exclude (\"" name "\") from '\\''r.csv'\\''' --label y "           \
  "--group sex --weight w --cluster case --positive sick --invalid drop"

#define COLUMN(measure, column, value, low)                                                        \
  "{'measure':'" measure "','role':'candidate','scope':{'kind':'column','column':'" column         \
  "'},'value':" value ",'low':" low ",'notes':[]}"

static void assert_line(void (*line)(const json_t *, struct text *), const char *document,
                        const char *expected) {
  json_t *root = fixture_json(document);
  struct text text = {0};
  line(root, &text);
  assert_false(text.failed);
  assert_string_equal(text.data == NULL ? "" : text.data, expected);
  text_clear(&text);
  json_decref(root);
}

/* Case 1: the table of nonet data; the training rows of a run; never its test rows. */
static void test_weigh(void **state) {
  (void)state;
  assert_line(remedy_line_weigh, "{" DATA("data", "my rows.csv") "}",
              "nonet rebalance 'my rows.csv' -o balanced.parquet --label y --method class-weights");
  assert_line(remedy_line_weigh, "{" DATA("measure", "rows.csv") "}", "");
  assert_line(remedy_line_weigh, "{'run':{'command':'measure'}," INPUTS "}",
              "nonet rebalance t.csv -o balanced.parquet --label dead --method class-weights");
  assert_line(remedy_line_weigh, "{" DATA("data", "part-*.csv") "}", "");
  assert_line(remedy_line_weigh, "{" DATA("data", "select * from x.csv") "}", "");
}

/* Case 2: a is a number; b has gaps, c tells the label, d is a text. */
static void test_clean(void **state) {
  (void)state;
  assert_line(
      remedy_line_clean,
      "{" DATA("data", "r.csv") ",'estimates':[" COLUMN(
          "data.outliers", "a", "0.1",
          "0") "," COLUMN("data.outliers", "b", "0",
                          "0") "," COLUMN("data.outliers", "c", "null",
                                          "null") "," COLUMN("data.missingness", "b", "0.2",
                                                             "0.1") "," COLUMN("data.leaking_"
                                                                               "columns",
                                                                               "c", "1",
                                                                               "0.95") "]}",
      "nonet rebalance r.csv -o balanced.parquet --label y --method tomek --features a");
  assert_line(remedy_line_clean, "{" DATA("data", "r.csv") "}", "");
}

/* Case 2: of training rows that the run has counted, columns with gaps are left out; of others
   nothing is known, and there is no line. */
static void test_clean_train(void **state) {
  (void)state;
#define TRAIN(more)                                                                                \
  "{'run':{'command':'data'},'inputs':{'config':{'label':'y','features':['a','b']" more "},"       \
  "'data':[{'role':'test','source':'r.csv'},{'role':'train','source':'t.csv'}]},'estimates':"      \
  "[" COLUMN("data.outliers", "a", "0.1", "0") "," COLUMN("data.outliers", "b", "0", "0") "]}"
  assert_line(remedy_line_clean, TRAIN(",'missing_in_train':['b']"),
              "nonet rebalance t.csv -o balanced.parquet --label y --method tomek --features a");
  assert_line(remedy_line_clean, TRAIN(",'missing_in_train':[]"),
              "nonet rebalance t.csv -o balanced.parquet --label y --method tomek --features a,b");
  assert_line(remedy_line_clean, TRAIN(""), "");
}

/* Case 3: quotes of SQL inside quotes of a shell; few features by name; none left. */
static void test_without(void **state) {
  (void)state;
#define LEAK(column) ",'estimates':[" COLUMN("data.leaking_columns", column, "1", "0.95") "]}"
  assert_line(remedy_line_without_leaks, "{" WIDE LEAK("it is"), EXCLUDED("it is"));
  assert_line(remedy_line_without_leaks, "{" DATA("data", "r.csv") LEAK("b"),
              "nonet data r.csv --label y --group sex --features a,c,d");
  assert_line(remedy_line_without_leaks, "{" DATA("data", "r.csv") "}", "");
  assert_line(remedy_line_without_leaks,
              "{'run':{'command':'data'},'inputs':{'config':{'label':'y','features':['b']},'data':"
              "[{'role':'test','source':'r.csv'}]}" LEAK("b"),
              "");
}

/* Case 4. */
static void test_one(void **state) {
  (void)state;
#define COUNTED(measure, n)                                                                        \
  ",'estimates':[{'measure':'" measure "','role':'candidate','scope':{'kind':'all'},'value':" n    \
  ",'notes':['k, l']}]}"
  assert_line(remedy_line_without_id, "{" WIDE COUNTED("data.id_columns", "1"), EXCLUDED("k, l"));
  assert_line(remedy_line_without_constant, "{" WIDE COUNTED("data.constant_columns", "2"), "");
}

/* The same look at a label that is a number; the weights beside a column of that name. */
static void test_regression(void **state) {
  (void)state;
  assert_line(remedy_line_regression, "{" DATA("data", "r.csv") "}",
              "nonet data r.csv --label y --group sex --task regression");
  assert_line(remedy_line_regression, "{" DATA("measure", "r.csv") "}", "");
  assert_line(remedy_line_weigh,
              "{'run':{'command':'data'},'inputs':{'config':{'label':'y','features':['weight']},"
              "'data':[{'role':'test','source':'r.csv'}]}}",
              "nonet rebalance r.csv -o balanced.parquet --label y --method class-weights "
              "--weight-name balance");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weigh),       cmocka_unit_test(test_clean),
      cmocka_unit_test(test_clean_train), cmocka_unit_test(test_without),
      cmocka_unit_test(test_one),         cmocka_unit_test(test_regression)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
