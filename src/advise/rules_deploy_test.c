/* Rules of the place on small documents: each where it applies, and where it must be silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advise/advise_fixture.h"

#define CURVE                                                                                      \
  "'curves':[{'measure':'efficiency.batch_curve','role':'candidate','x':[1,8,64],"                 \
  "'y':[1000,4000,8000],'low':[900,3600,7000],'high':[1100,4400,9000]}]"
#define REQUIRED(threshold)                                                                        \
  ",'judgements':[{'measure':'efficiency.latency_p99','kind':'requirement','threshold':" threshold \
  "}]"

/* 64 rows at 8,000 a second take 8 ms, at 7,000 (the slowest credible) 9.14 ms; 8 at 3,600: 2.2. */
static void test_batch(void **state) {
  (void)state;
  assert_says(rule_batch, "{" CURVE "}",
              "Ask 64 rows in a call where rows may wait for each other | a row costs 12 % of what "
              "it costs alone, and a call takes 8 ms |");
  assert_says(rule_batch, "{" CURVE REQUIRED("10") "}", "8 ms, within the deadline of 10 ms");
  assert_says(rule_batch, "{" CURVE REQUIRED("9") "}", "Ask 8 rows");
  assert_silent(rule_batch, "{" CURVE REQUIRED("2") "}");
  assert_silent(rule_batch, "{'curves':[{'measure':'efficiency.batch_curve','role':'candidate',"
                            "'x':[1,8],'y':[1000,4000],'low':[500,1050],'high':[1100,9000]}]}");
  assert_silent(rule_batch, "{'curves':[{'measure':'efficiency.batch_curve','role':'candidate',"
                            "'x':[1,8],'y':[1000,1400],'low':[990,1300],'high':[1010,1500]}]}");
  assert_silent(rule_batch, "{'curves':[{'measure':'efficiency.batch_curve','role':'candidate',"
                            "'x':[1,8],'y':[1000,4000],'low':[null,null],'high':[null,null]}]}");
  assert_silent(rule_batch, "{}");
}

#define JUDGED(more)                                                                               \
  "{'run':{'command':'check'},'judgements':[{'measure':'efficiency.latency_p99','kind':"           \
  "'non_inferiority'}" more                                                                        \
  "],'estimates':[" ESTIMATE("efficiency.latency_p99", "3", "2", "4", "9") "]}"

static void test_deadline(void **state) {
  (void)state;
  assert_says(rule_deadline, JUDGED(""), "[efficiency.latency_p99 <= 5ms]");
  assert_says(rule_deadline, JUDGED(""), "p99 is 3 ms");
  assert_silent(rule_deadline, JUDGED(",{'measure':'efficiency.latency_p99','kind':'requirement',"
                                      "'threshold':5}"));
  assert_silent(rule_deadline, "{'run':{'command':'check'}}");
}

#define GAINS(y, low, high) "{" GAIN_CURVE(y, low, high) "}"
#define GAIN_CURVE(y, low, high)                                                                   \
  "'curves':[{'measure':'efficiency.thread_curve','role':'candidate','x':[1,8,64],'y':" y          \
  ",'low':" low ",'high':" high "}]"

static void test_threads(void **state) {
  (void)state;
  assert_says(rule_threads, GAINS("[0.5,0.8,1]", "[0.4,0.7,0.9]", "[0.6,0.9,1.1]"),
              "Leave one thread inside the model (intra-op 1): two are slower | with 1 row in a "
              "call, two threads answer 0.5 times as many rows a second as one (0.4 to 0.6) |");
  assert_says(
      rule_threads, GAINS("[0.5,1.1,1.6]", "[0.4,0.9,1.5]", "[0.6,1.2,1.7]"),
      "Give the model two threads where calls have about 64 rows | with 64 rows in a call, "
      "two threads answer 1.6 times as many rows a second as one (1.5 to 1.7); with 1, only "
      "0.5 times");
  assert_silent(rule_threads, "{'inputs':{'machine':{'load':{'run_queue':1}}}," GAIN_CURVE(
                                  "[0.5,0.8,1]", "[0.4,0.7,0.9]", "[0.6,0.9,1.1]") "}");
  /* open at every size, a gain that is not worth a core, and no interval */
  assert_silent(rule_threads, GAINS("[1,1,1]", "[0.9,0.9,0.9]", "[1.1,1.1,1.1]"));
  assert_silent(rule_threads, GAINS("[1.1,1.1,1.1]", "[1.05,1.05,1.15]", "[1.2,1.2,1.25]"));
  assert_silent(rule_threads, GAINS("[2,2,2]", "[null,null,null]", "[null,null,null]"));
  assert_silent(rule_threads, "{}");
}

static void test_newer_runtime(void **state) {
  (void)state;
  assert_says(rule_newer_runtime,
              "{'findings':[{'id':'deployability.opset_range','evidence':'needs 1.20'}]}",
              "older opset | needs 1.20");
  assert_silent(rule_newer_runtime, "{'findings':[{'id':'deployability.loads'}]}");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_batch),
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_newer_runtime),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
