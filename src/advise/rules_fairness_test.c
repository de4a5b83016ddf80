/* Rules of fairness: where each applies, what it says, where it is silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise_fixture.h"

#define OVER(column) "'scope':{'kind':'column','column':'" column "'}"
#define JUDGED(state, more)                                                                        \
  "{'inputs':{'config':{'label':'y','groups':['sex']},'data':[{'role':'train','source':"           \
  "'d/train.parquet'},{'role':'test','source':'t.csv','rows_used':1000}]},'estimates':["           \
  "{'measure':'fairness.demographic_parity_ratio','role':'candidate'," OVER(                       \
      "sex") ",'notes':['from F 0.1 to M 0.2']},{'measure':'fairness.selection_rate','role':"      \
             "'candidate','n':90,'scope':{'kind':'group','by':{'sex':'F'}}},{'measure':"           \
             "'fairness.selection_rate','role':'candidate','n':910,'scope':{'kind':'group','by':{" \
             "'sex':'M'}}}],'judgements':[{'measure':'fairness.demographic_parity_ratio'," OVER(   \
                 "sex") ",'state':'" state                                                         \
                        "','kind':'requirement','difference':0.5,'low':0.4,'high':0.6,"            \
                        "'margin_stated':'>= 0.8'" more "}]}"

static void test_gap_violated(void **state) {
  (void)state;
  assert_says(rule_gap_violated, JUDGED("VIOLATED", ""),
              "fairness.demographic_parity_ratio{sex} is 0.5 [0.4, 0.6] (from F 0.1 to M 0.2), and "
              "the requirement is >= 0.8 | nonet rebalance d/train.parquet -o balanced.parquet "
              "--label y --method group-weights --group sex");
  assert_says(rule_gap_violated, JUDGED("VIOLATED", ""), "legally delicate");
  assert_silent(rule_gap_violated, JUDGED("MET", ""));
  assert_silent(rule_violated, JUDGED("VIOLATED", "")); /* it has been said */
  assert_silent(rule_gap_violated, "{}");
}

static void test_gap_undecided(void **state) {
  (void)state;
  assert_says(rule_gap_undecided, JUDGED("UNDECIDED", ",'n_needed':5000"),
              "Label about 4,000 more rows, above all of sex=F: the smallest group decides | "
              "fairness.demographic_parity_ratio{sex} is 0.5 [0.4, 0.6], which neither meets nor "
              "misses >= 0.8 | -");
  assert_says(rule_gap_undecided, JUDGED("UNDECIDED", ",'n_needed':null,'reason':'why'"),
              "Label more rows, above all");
  assert_silent(rule_gap_undecided, JUDGED("MET", ""));
}

#define HARM(state)                                                                                \
  "{'inputs':{'config':{'label':'y','groups':['sex']},'data':[]},'judgements':[{'measure':"        \
  "'fairness.no_group_worse','scope':{'kind':'all'},'state':'" state                               \
  "','difference':-0.1,'low':-0.2,'high':-0.05,'margin_stated':'0.02','reason':'in sex=F'}]}"

static void test_group_worse(void **state) {
  (void)state;
  assert_says(rule_group_worse, HARM("HARMED"),
              "one group is served worse by more than 0.02: -0.1 [-0.2, -0.05]; in sex=F | -");
  assert_silent(rule_group_worse, HARM("SAFE"));
  assert_silent(rule_harmed, HARM("HARMED"));
}

#define NOTED(note)                                                                                \
  "{'estimates':[{'measure':'fairness.fpr_gap','role':'candidate'," OVER("race") ",'notes':['from" \
                                                                                 " A 0 to B "      \
                                                                                 "1','" note "']}" \
                                                                                 "]}"

static void test_too_small(void **state) {
  (void)state;
  assert_says(rule_too_small,
              NOTED("too small to judge: race=X Y has 18 rows and needs 30; race=Z has 1 rows and "
                    "needs 30"),
              "Collect at least 12 more rows of race=X Y | too small");
  assert_silent(rule_too_small, NOTED("too small to judge: race=X: no row is predicted negative"));
  assert_silent(rule_too_small, NOTED("another note"));
}

#define PARITY(low, more)                                                                          \
  "{'estimates':[{'measure':'fairness.demographic_parity_difference','role':'candidate'," OVER(    \
      "sex") ",'value':0.2,'low':" low ",'high':0.3,'notes':['from F 0.1 to M 0.3']}]" more "}"

static void test_gap_proven(void **state) {
  (void)state;
  assert_says(
      rule_gap_proven, PARITY("0.1", ""),
      "fairness.demographic_parity_ratio{sex} >= 0.8, the four-fifths rule, where positive is a "
      "favour | groups are not called positive equally often, and that is proven: the difference "
      "is 0.2 [0.1, 0.3] (from F 0.1 to M 0.3) | -");
  assert_silent(rule_gap_proven, PARITY("0", ""));
  assert_silent(rule_gap_proven,
                PARITY("0.1", ",'judgements':[{'measure':'fairness.fpr_gap'," OVER("sex") "}]"));
}

#define RARE(share, high, train)                                                                   \
  "{'inputs':{'config':{'label':'dead','positive':'1'},'data':[{'role':'" train                    \
  "','source':'t.parquet'}]},'estimates':[" ESTIMATE(                                              \
      "correctness.prevalence", share, "0", "1", "900") "," ESTIMATE("correctness.recall", "0.2",  \
                                                                     "0.1", high, "90") "]}"

static void test_rebalance(void **state) {
  (void)state;
  assert_says(
      rule_rebalance, RARE("0.04", "0.3", "train"),
      "4 % of the rows are dead = 1 and recall is 0.2 [0.1, 0.3] | nonet rebalance t.parquet "
      "-o balanced.parquet --label dead --method class-weights");
  assert_silent(rule_rebalance, RARE("0.4", "0.3", "train"));
  assert_silent(rule_rebalance, RARE("0.04", "0.6", "train"));
  assert_silent(rule_rebalance, RARE("0.04", "0.3", "test")); /* no training rows are known */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gap_violated), cmocka_unit_test(test_gap_undecided),
      cmocka_unit_test(test_group_worse),  cmocka_unit_test(test_too_small),
      cmocka_unit_test(test_gap_proven),   cmocka_unit_test(test_rebalance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
