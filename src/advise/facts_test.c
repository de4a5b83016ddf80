/* Facts: what is looked up, and command lines that a shell reads back as the same words (quoting
 * rules of POSIX sh, section 2.2). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise_fixture.h"
#include "advise/facts.h"

static void assert_command(const char *document, const char *command, const char *more,
                           const char *expected) {
  json_t *root = fixture_json(document);
  struct text text = {0};
  facts_command(root, command, more, &text);
  assert_string_equal(text.data, expected);
  text_clear(&text);
  json_decref(root);
}

static void test_commands(void **state) {
  (void)state;
  assert_command("{'run':{'command':'check'}," INPUTS "}", "compare", "--only efficiency",
                 "nonet check --only efficiency");
  assert_command("{" INPUTS "}", "compare", "",
                 "nonet compare 'my rows.csv' --label dead --score p --baseline-score q --cluster "
                 "case_id");
  assert_command("{" INPUTS "}", "measure", "--threshold 0.1",
                 "nonet measure 'my rows.csv' --label dead --score p --cluster case_id --threshold "
                 "0.1");
  assert_command("{'inputs':{'config':{'label':'a b','score':['x, y','z']},'data':[{'role':'test',"
                 "'source':'select 1 as y from t'}]}}",
                 "measure", "",
                 "nonet measure --query 'select 1 as y from t' --label 'a b' --score '\"x, y\",z'");
  static const char grouped[] = "{'inputs':{'config':{'label':'y','score':['p'],'groups':['a','b'],"
                                "'invalid':'drop'},'data':[{'role':'test','source':'r.csv'}]}}";
  assert_command(grouped, "measure", "--threshold 0.1",
                 "nonet measure r.csv --label y --score p --group a,b --invalid drop --threshold "
                 "0.1"); /* 6 */
  assert_command(grouped, "measure", "--only efficiency",
                 "nonet measure r.csv --label y --score p --invalid drop --only efficiency");
  assert_command("{'inputs':{'data':[{'role':'test','source':'-'}]}}", "measure", "",
                 "nonet measure FILE");
  assert_command("{}", "measure", "", "nonet measure FILE");
}

static void test_quote(void **state) {
  (void)state;
  json_t *root = json_pack("{s:{s:{s:s}, s:[{s:s, s:s}]}}", "inputs", "config", "label", "y'n",
                           "data", "role", "test", "source", "$(rm x).csv");
  struct text text = {0};
  facts_command(root, "measure", "", &text);
  /* the list rule of the command line quotes an apostrophe as well */
  assert_string_equal(text.data, "nonet measure '$(rm x).csv' --label '\"y'\\''n\"'");
  text_clear(&text);
  json_decref(root);
}

static void test_looking_up(void **state) {
  (void)state;
  json_t *root = fixture_json(
      "{" INPUTS ",'estimates':[{'measure':'m','role':'candidate','scope':{'kind':'group'},'value':"
      "1}," ESTIMATE(
          "m", "2", "1", "3",
          "9") "],'judgements':["
               "{'measure':'b','state':'SAFE','tier':1},{'measure':'b','state':'HARMED','tier':3},"
               "{'measure':'c','state':'HARMED','tier':2,'scope':{'kind':'group','by':{'sex':'F'}}}"
               "]}");
  struct text id = {0};
  assert_true(facts_rows(root) == 1000.0); /* the test rows, not the training rows before them */
  assert_true(facts_number(facts_estimate(root, "m", "candidate"), "value") == 2.0);
  assert_null(facts_estimate(root, "m", "baseline"));
  assert_true(isnan(facts_number(NULL, "value")));
  const json_t *worst = facts_judgement(root, "HARMED", "");
  assert_string_equal(facts_text(worst, "measure"), "c");
  assert_string_equal(facts_text(facts_judgement(root, "HARMED", "b"), "measure"), "b");
  facts_id(worst, &id);
  assert_string_equal(id.data, "c{sex=F}");
  text_clear(&id);
  facts_positive(root, &id);
  assert_string_equal(id.data, "dead = 1");
  text_clear(&id);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_commands), cmocka_unit_test(test_quote),
                                     cmocka_unit_test(test_looking_up)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
