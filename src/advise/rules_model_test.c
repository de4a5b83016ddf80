/* Rules of the model on small documents: each where it applies, and where it must be silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise_fixture.h"

#define WITH(estimates) "{" INPUTS ",'estimates':[" estimates "]}"

static bool apply_first_finding(const json_t *root, struct advice *advice) {
  rule_finding(json_array_get(json_object_get(root, "findings"), 0), advice);
  return true;
}

static void test_finding(void **state) {
  (void)state;
  assert_says(apply_first_finding, "{'findings':[{'title':'c','evidence':'y'}]}",
              "Look into: c | y | -");
  assert_says(apply_first_finding,
              "{'findings':[{'title':'c','evidence':'y','remedy':'do this.','command':'x -y'}]}",
              "Do this | c | x -y");
  assert_says(apply_first_finding, "{'findings':[{'title':'c','remedy':'\xc3\x84ndern'}]}",
              "\xc3\x84ndern | c | -");
}

/* 1.96² · .25 / .05² = 384.16 positives where ½ lies in the interval, so 385 − 14; for [.60, .90]
   1.96² · .24 / .05² = 368.8 (the sample size formula of any textbook). */
static void test_rare_class(void **state) {
  (void)state;
  assert_says(rule_rare_class, WITH(ESTIMATE("correctness.recall", "0.5", "0.26", "0.74", "14")),
              "Label about 371 more rows that are dead = 1 | 14 such rows leave recall at 0.5 "
              "[0.26, 0.74]");
  assert_says(rule_rare_class, WITH(ESTIMATE("correctness.recall", "0.8", "0.6", "0.9", "30")),
              "about 339 more");
  assert_silent(rule_rare_class,
                WITH(ESTIMATE("correctness.recall", "0.5", "0.46", "0.54", "600")));
  assert_silent(rule_rare_class, WITH(ESTIMATE("correctness.recall", "null", "null", "null", "0")));
}

static void test_imbalance(void **state) {
  (void)state;
  const char *hidden = WITH(ESTIMATE("correctness.accuracy", "0.959", "0.95", "0.96",
                                     "1000") "," ESTIMATE("correctness.balanced_accuracy", "0.515",
                                                          "0.50", "0.53", "1000")),
             *fair =
                 WITH(ESTIMATE("correctness.accuracy", "0.86", "0.85", "0.87", "1000") "," ESTIMATE(
                     "correctness.balanced_accuracy", "0.85", "0.84", "0.86", "1000"));
  assert_says(rule_imbalance, hidden, "accuracy is 0.959 and balanced accuracy 0.515");
  assert_silent(rule_imbalance, fair);
  json_t *root = fixture_json(hidden);
  json_object_set_new(root, "run", json_pack("{s:s}", "command", "check"));
  struct advice advice = {0};
  assert_false(rule_imbalance(root, &advice)); /* a check that judges by other measures */
  json_object_set_new(root, "judgements", json_pack("[{s:s}]", "measure", "correctness.accuracy"));
  assert_true(rule_imbalance(root, &advice));
  text_clear(&advice.title);
  text_clear(&advice.why);
  text_clear(&advice.command);
  json_decref(root);
  assert_silent(rule_imbalance, "{}");
}

#define RANKS(recall_high, auc_low, prevalence)                                                    \
  WITH(ESTIMATE("correctness.recall", "0.03", "0.02", recall_high, "371") "," ESTIMATE(            \
      "correctness.auc", "0.89", auc_low, "0.9",                                                   \
      "8879") "," ESTIMATE("correctness.prevalence", prevalence, "0", "1", "8879"))

static void test_threshold(void **state) {
  (void)state;
  assert_says(rule_threshold, RANKS("0.05", "0.87", "0.0418"), "0.042, the share of positives");
  assert_says(rule_threshold, RANKS("0.05", "0.87", "0.0418"), "--threshold 0.042");
  assert_silent(rule_threshold, RANKS("0.6", "0.87", "0.0418")); /* it finds them */
  assert_silent(rule_threshold, RANKS("0.05", "0.7", "0.0418")); /* it ranks badly */
  assert_silent(rule_threshold, RANKS("0.05", "0.87", "0.6"));   /* positives are common */
}

static void test_one_answer(void **state) {
  (void)state;
  /* probabilities, none of them so large: not a matter of scale */
  assert_says(rule_one_answer,
              WITH(ESTIMATE("fairness.selection_rate", "0", "0", "0.1", "9") "," ESTIMATE(
                  "correctness.prevalence", "0.008", "0", "1",
                  "9") "," ESTIMATE("correctness.brier", "0.008", "0", "1", "9")),
              "Choose the threshold by what a miss and a false alarm cost; 0.008, the share of "
              "positives, is a start | at 0.5 no row is called positive | nonet measure");
  assert_says(rule_one_answer, WITH(ESTIMATE("fairness.selection_rate", "1.0", "0.99", "1", "9")),
              "Give --threshold on the scale of the scores: 0.5 is not | at 0.5 every row");
  assert_says(rule_one_answer, WITH(ESTIMATE("fairness.selection_rate", "0", "0", "0.1", "9")),
              "at 0.5 no row");
  assert_silent(rule_one_answer,
                WITH(ESTIMATE("fairness.selection_rate", "0.99", "0.9", "1", "9")));
}

static void test_calibration(void **state) {
  (void)state;
  assert_says(rule_calibration,
              WITH(ESTIMATE("correctness.calibration_slope", "1.2", "1.1", "1.3", "9")),
              "calibration slope 1.2 [1.1, 1.3], above 1: the probabilities are too timid |");
  assert_says(rule_calibration,
              WITH(ESTIMATE("correctness.calibration_slope", "0.8", "0.7", "0.9", "9") "," ESTIMATE(
                  "correctness.calibration_intercept", "-0.5", "-0.6", "-0.4", "9")),
              "too extreme; calibration intercept -0.5 [-0.6, -0.4], below 0: they are too high");
  assert_silent(
      rule_calibration,
      WITH(ESTIMATE("correctness.calibration_slope", "1.2", "0.9", "1.5", "9") "," ESTIMATE(
          "correctness.calibration_intercept", "0.1", "-0.1", "0.3", "9")));
}

static void test_overfitted(void **state) {
  (void)state;
  assert_says(rule_overfitted,
              WITH(ESTIMATE("correctness.generalisation_gap", "-0.06", "-0.08", "-0.04", "9")),
              "-0.06 [-0.08, -0.04]");
  assert_silent(rule_overfitted,
                WITH(ESTIMATE("correctness.generalisation_gap", "0.06", "0.04", "0.08", "9")));
  const char *loss = "{'inputs':{'config':{'task':'regression'}},'estimates':[" ESTIMATE(
      "correctness.generalisation_gap", "0.06", "0.04", "0.08", "9") "]}";
  assert_says(rule_overfitted, loss, "training rows");
}

#define BROKEN(share)                                                                              \
  "{'run':{'command':'check'},'estimates':[" ESTIMATE(                                             \
      "deployability.schema_contract", share, share, share,                                        \
      "20") "],'findings':[{'id':'deployability.schema_contract','evidence':'a null in `x` is "    \
            "answered'},"                                                                          \
            "{'id':'deployability.schema_contract','evidence':'and so is one in `z`'}]}"

static void test_broken_rows(void **state) {
  (void)state;
  assert_says(rule_broken_rows, BROKEN("0.9"), "of 20 ways to break one, 2 get no error that says");
  assert_says(rule_broken_rows, BROKEN("0.9"), "a null in `x` is answered; and 1 more like it");
  assert_silent(rule_broken_rows, BROKEN("1"));
  assert_silent(rule_broken_rows, "{}");
}

static void test_not_built(void **state) {
  (void)state;
  assert_says(rule_not_built,
              "{'verdict':{'state':'PASS','coverage':{'correctness':'judged','privacy':'not_built',"
              "'security':'not_built'}}}",
              "Look after privacy, security by other means");
  assert_silent(rule_not_built, "{'verdict':{'state':'PASS','coverage':{'correctness':'judged'}}}");
  assert_silent(rule_not_built, "{'verdict':{'state':'NONE','coverage':{'privacy':'not_built'}}}");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finding),     cmocka_unit_test(test_rare_class),
      cmocka_unit_test(test_imbalance),   cmocka_unit_test(test_threshold),
      cmocka_unit_test(test_one_answer),  cmocka_unit_test(test_calibration),
      cmocka_unit_test(test_overfitted),  cmocka_unit_test(test_not_built),
      cmocka_unit_test(test_broken_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
