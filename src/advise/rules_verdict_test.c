/* Rules of the verdict on small documents: each where it applies, and where it must be silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise_fixture.h"

#define MODELS(candidate, baseline)                                                                \
  "{'inputs':{'models':[{'role':'candidate'," candidate "},{'role':'baseline'," baseline "}]}}"

static void test_equal_models(void **state) {
  (void)state;
  assert_says(rule_equal_models,
              MODELS("'kind':'onnx','sha256':'abc'", "'kind':'onnx','sha256':'abc'"), "abc");
  assert_silent(rule_equal_models,
                MODELS("'kind':'onnx','sha256':'abc'", "'kind':'onnx','sha256':'abd'"));
  assert_silent(rule_equal_models, MODELS("'kind':'onnx'", "'kind':'onnx'"));
  /* columns of one table share its hash */
  assert_silent(rule_equal_models, MODELS("'kind':'columns','path':'p','sha256':'d'",
                                          "'kind':'columns','path':'q','sha256':'d'"));
  assert_says(rule_equal_models,
              MODELS("'kind':'columns','path':'p'", "'kind':'columns','path':'p'"), "the column p");
  assert_silent(rule_equal_models, "{}");
}

static void test_determinism(void **state) {
  (void)state;
  assert_says(rule_determinism,
              "{'run':{'command':'check'},'estimates':[" ESTIMATE(
                  "deployability.determinism", "0.75", "null", "null", "100") "]}",
              "25 % of the rows");
  assert_silent(rule_determinism, "{'estimates':[" ESTIMATE("deployability.determinism", "1",
                                                            "null", "null", "100") "]}");
  assert_silent(rule_determinism, "{}");
}

#define NOT_RUNNING(who)                                                                           \
  "{'run':{'command':'check'},'verdict':{'state':'FAIL'},'findings':[{'id':'deployability.loads'," \
  "'title':'The " who " does not run here','evidence':'exit code 3'}],'judgements':[{'measure':"   \
  "'deployability.loads','state':'HARMED','scope':{'kind':'all'}},{'measure':'correctness.auc',"   \
  "'state':'NOT_MEASURED','reason':'failed','scope':{'kind':'all'}}]}"

/* One story, told once: what failed for want of answers says nothing more. */
static void test_not_running(void **state) {
  (void)state;
  assert_says(rule_not_running, NOT_RUNNING("candidate"),
              "Make the candidate run: nothing else is known of it | exit code 3 | nonet check "
              "--only deployability.loads");
  assert_says(rule_not_running, NOT_RUNNING("baseline"), "Make the baseline run, or name another");
  assert_silent(rule_harmed, NOT_RUNNING("candidate"));
  assert_silent(rule_not_measured, NOT_RUNNING("candidate"));
  assert_silent(rule_not_running, "{'findings':[{'id':'data.overlap'}]}");
}

#define FAILS(row) "{'verdict':{'state':'FAIL'},'run':{'command':'check'},'judgements':[" row "]}"
#define SLOW(state, scale)                                                                         \
  "{'measure':'efficiency.latency_p99','kind':'non_inferiority','scope':{'kind':'all'},"           \
  "'state':'" state "','scale':'" scale "','difference':-0.6931471805599453,"                      \
  "'low':-1.0986122886681098,'high':-0.4054651081081644,'margin_stated':'10%','tier':2}"
#define HARM                                                                                       \
  "{'measure':'correctness.auc','scope':{'kind':'all'},'state':'HARMED','scale':'difference',"     \
  "'difference':-0.05,'low':-0.06,'high':-0.04,'margin_stated':'0.01','why':'a death','tier':1}"

#define BYTES                                                                                      \
  "{'measure':'efficiency.artifact_bytes','scope':{'kind':'all'},'state':'HARMED',"                \
  "'scale':'log_ratio','difference':-3.1,'low':-3.1,'high':-3.1,'margin_stated':'50%','tier':1}"

static void test_larger(void **state) {
  (void)state;
  static const char document[] =
      "{'verdict':{'state':'FAIL'},'run':{'command':'check'},'judgements':[" BYTES
      "],'estimates':[" ESTIMATE("efficiency.artifact_bytes", "58078", "58078", "58078", "1") "]}";
  assert_silent(rule_larger, document); /* the baseline's size is not there */
  assert_says(rule_larger,
              "{'verdict':{'state':'FAIL'},'run':{'command':'check'},'judgements':[" BYTES
              "],'estimates':[{'measure':'efficiency.artifact_bytes','role':'candidate','scope':"
              "{'kind':'all'},'value':58078},{'measure':'efficiency.artifact_bytes','role':"
              "'baseline','scope':{'kind':'all'},'value':2481}]}",
              "the candidate has 58,078 bytes, the baseline 2,481, allowed 50% more");
  assert_silent(rule_harmed, document);
}

static void test_fail(void **state) {
  (void)state;
  /* ln 2, ln 3, ln 1.5: twice, three times, one and a half times the baseline's time */
  assert_says(rule_slower, FAILS(SLOW("HARMED", "log_ratio")),
              "100 % longer than the baseline's (50 to 200 %), allowed 10%");
  assert_says(rule_slower, FAILS(SLOW("VIOLATED", "value")), "nonet check --only efficiency");
  assert_silent(rule_slower, FAILS(SLOW("SAFE", "log_ratio")));
  assert_silent(rule_harmed, FAILS(SLOW("HARMED", "log_ratio"))); /* one rule says it */
  assert_silent(rule_violated, FAILS(SLOW("VIOLATED", "value")));
  assert_says(rule_harmed, FAILS(HARM), "find what correctness.auc loses");
  assert_says(rule_harmed, FAILS(SLOW("HARMED", "log_ratio") "," HARM),
              "margin 0.01: -0.05 (-0.06 to -0.04); a death");
  assert_silent(rule_harmed, "{'verdict':{'state':'PASS'},'judgements':[" HARM "]}");
  assert_says(rule_violated,
              FAILS("{'measure':'correctness.auc','scope':{'kind':'all'},'state':'VIOLATED',"
                    "'scale':'value','difference':0.8,'low':0.79,'high':0.81,"
                    "'margin_stated':'correctness.auc >= 0.85','tier':1}"),
              "correctness.auc >= 0.85 | correctness.auc is 0.8 (0.79 to 0.81)");
}

#define OPEN(verdict, row)                                                                         \
  "{'run':{'command':'compare'}," INPUTS ",'verdict':{'state':'INCONCLUSIVE'" verdict "},"         \
  "'estimates':[" ESTIMATE("correctness.prevalence", "0.05", "0.04", "0.06",                       \
                           "1000") "],"                                                            \
                                   "'judgements':[{'measure':'correctness.auc','state':'"          \
                                   "UNDECIDED','scope':{'kind':'all'},"                            \
                                   "'look':2,'tier':1" row "}]}"

static void test_inconclusive(void **state) {
  (void)state;
  const char *noise = OPEN(",'n_needed':2900", ",'reason':null"),
             *clusters = OPEN(",'n_needed':null", ",'reason':'12 clusters, fewer than 20'"),
             *law = OPEN(",'n_needed':null", ",'reason':'3 rows differ, fewer than 10'"),
             *late = OPEN(",'n_needed':2900,'late':true", ",'reason':'12 clusters'");
  assert_says(rule_label_more, noise,
              "Label about 1,900 more rows, drawn as these were (about 95 of them dead = 1)");
  assert_says(rule_label_more, noise, "nonet compare 'my rows.csv' --label dead");
  assert_silent(rule_clusters_few, noise);
  assert_silent(rule_undecided, noise);
  assert_silent(rule_look_used, noise);
  assert_says(rule_clusters_few, clusters, "more clusters (case_id)");
  assert_silent(rule_label_more, clusters);
  assert_silent(rule_undecided, clusters);
  assert_says(rule_undecided, law,
              "decide correctness.auc | it must not be decided on these: 3 rows");
  assert_silent(rule_clusters_few, law);
  /* alpha is spent: more of the same helps nobody */
  assert_says(rule_look_used, late, "look 2");
  assert_silent(rule_label_more, late);
  assert_silent(rule_clusters_few, late);
  assert_silent(rule_undecided, late);
  assert_says(rule_launch_more, OPEN(",'n_launches_needed':40", ""), "about 40 launches");
  assert_silent(rule_launch_more, noise);
}

#define MISSING(reason, kind)                                                                      \
  "{'run':{'command':'check'},'verdict':{'state':'INCONCLUSIVE'},'judgements':[{'measure':'a.b',"  \
  "'kind':'" kind "','state':'NOT_MEASURED','reason':'" reason "','scope':{'kind':'all'}}],"       \
  "'skipped':[{'measure':'a.b','reason':'failed: it fell over'}]}"

static void test_not_measured(void **state) {
  (void)state;
  assert_says(rule_not_measured, MISSING("failed", "non_inferiority"),
              "why a.b could not be measured | failed: it fell over | nonet check --only a.b");
  assert_says(rule_not_measured, MISSING("not_asked", "non_inferiority"), "Measure a.b as well");
  assert_says(
      rule_not_measured,
      "{'run':{'command':'check'}," INPUTS ",'verdict':{'state':'INCONCLUSIVE'},"
      "'judgements':[{'measure':'a.b','kind':'non_inferiority','state':'NOT_MEASURED',"
      "'reason':'failed'}],'skipped':[{'measure':'a.b','reason':'failed: needs 662 requests, "
      "9 were timed; --budget 1200s gives about so many'}]}",
      "more time, --budget 1200s: a.b had too few requests | failed: needs 662 requests, 9 "
      "were timed; --budget 1200s gives about so many | nonet check --budget 1200s");
  assert_silent(rule_not_measured, MISSING("not_applicable", "non_inferiority"));
  assert_silent(rule_not_measured, MISSING("not_built", "non_inferiority"));
  assert_says(rule_not_measured, MISSING("not_applicable", "requirement"), "never met");
  assert_says(rule_not_measured, MISSING("not_built", "requirement"), "never met");
  assert_silent(rule_not_measured, "{}");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equal_models), cmocka_unit_test(test_determinism),
      cmocka_unit_test(test_larger),       cmocka_unit_test(test_fail),
      cmocka_unit_test(test_inconclusive), cmocka_unit_test(test_not_measured),
      cmocka_unit_test(test_not_running),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
