/* What the helper says comes back as it was; what is not sound is refused, whatever it is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "probe/process/message.h"

static const bool both[N_STREAMS] = {true, true};

static void test_launch_comes_back(void **state) {
  (void)state;
  struct probe_block blocks[] = {{0, 0, 2}, {1, 0, 1}, {1, 1, 2}, {0, 2, 1}};
  double a[] = {100, 200.5, 300}, b[] = {1, 2, 3};
  struct probe_launch launch = {.n_blocks = 4,
                                .blocks = blocks,
                                .n = {3, 3},
                                .ns = {a, b},
                                .n_warm_up = {7, 8},
                                .open_ns = {1e9, 2e9},
                                .run_queue = 3,
                                .steal = 0.25};
  struct probe_launch back;
  double clock_ns;
  json_t *json = message_of_launch(&launch, 25);
  assert_int_equal(message_launch(json, both, &back, &clock_ns, NULL), NONET_OK);
  assert_true(back.n_blocks == 4 && back.n[0] == 3 && back.n[1] == 3 && clock_ns == 25);
  assert_memory_equal(back.ns[0], a, sizeof a);
  assert_memory_equal(back.ns[1], b, sizeof b);
  assert_true(back.blocks[2].start == 1 && back.blocks[3].start == 2 && back.blocks[3].n == 1);
  assert_true(back.n_warm_up[1] == 8 && back.open_ns[1] == 2e9 && back.run_queue == 3);
  assert_true(back.steal == 0.25);
  probe_launch_clear(&back);
  const bool only[N_STREAMS] = {true, false};
  assert_int_equal(message_launch(json, only, &back, &clock_ns, NULL), NONET_E_DATA); /* 3 */
  json_decref(json);
}

static void test_others_come_back(void **state) {
  (void)state;
  struct probe_loads loads = {.n_steps = 2, .step = {{0, true, ""}, {1, false, "no"}}}, loads_back;
  json_t *json = message_of_loads(&loads);
  assert_int_equal(message_loads(json, &loads_back, NULL), NONET_OK);
  assert_true(loads_back.n_steps == 2 && loads_back.step[0].is_ok && !loads_back.step[1].is_ok);
  assert_string_equal(loads_back.step[1].error, "no");
  json_decref(json);
  struct probe_determinism found = {100, 8, 2, 3, 3, 1, 5, 1, 0.5}, found_back;
  json = message_of_determinism(&found);
  assert_int_equal(message_determinism(json, &found_back, NULL), NONET_OK);
  assert_memory_equal(&found, &found_back, sizeof found);
  json_decref(json);
  found.largest_difference = NAN; /* one run had NaN where another had not */
  json = message_of_determinism(&found);
  assert_int_equal(message_determinism(json, &found_back, NULL), NONET_OK);
  assert_true(isinf(found_back.largest_difference));
  json_decref(json);
}

/* Every text that a broken helper might send. */
static void test_unsound(void **state) {
  (void)state;
  static const char *const texts[] = {
      "{}",
      "[]",
      "{\"latency\": 3}",
      "{\"latency\": {\"ns\": [[1], [2]], \"blocks\": [[0, 1]], \"warm_up\": [0, 0]}}",
      "{\"latency\": {\"ns\": [[1], [-2]], \"blocks\": [[0, 1], [1, 1]]}}",
      "{\"latency\": {\"ns\": [[1], [\"x\"]], \"blocks\": [[0, 1], [1, 1]]}}",
      "{\"latency\": {\"ns\": [[1], [2]], \"blocks\": [[0, 1], [7, 1]]}}",
      "{\"latency\": {\"ns\": [[1], [2]], \"blocks\": [[0, 1000000], [1, 1]]}}",
      "{\"latency\": {\"ns\": [[1], [2]], \"blocks\": [[0, 1], [1, 1]]}}",
      "{\"loads\": []}",
      "{\"loads\": [{\"rows\": 0, \"ok\": 1, \"error\": \"\"}]}",
      "{\"loads\": [{\"rows\": -1, \"ok\": true, \"error\": \"\"}]}",
      "{\"loads\": [{},{},{},{},{},{},{},{},{}]}",
      "{\"determinism\": {\"rows\": 1}}",
      "{\"determinism\": {\"rows\": 1, \"runs\": 1, \"repeats\": 1, \"batch_sizes\": 1, "
      "\"threads\": 1, \"rows_changed\": 2, \"labels_changed\": 0, \"largest_difference\": 0}}",
      "{\"determinism\": {\"rows\": 0, \"runs\": 1, \"repeats\": 1, \"batch_sizes\": 1, "
      "\"threads\": 1, \"rows_changed\": 0, \"labels_changed\": 0, \"largest_difference\": 0}}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct probe_launch launch;
    struct probe_loads loads;
    struct probe_determinism found;
    double clock_ns;
    json_t *json;
    nonet_error error = {""};
    assert_int_equal(json_text_parse(texts[i], strlen(texts[i]), "test", &json, NULL), NONET_OK);
    assert_int_equal(message_launch(json, both, &launch, &clock_ns, &error), NONET_E_DATA);
    assert_null(launch.blocks);
    assert_non_null(strstr(error.message, "the helper's answer"));
    assert_int_equal(message_loads(json, &loads, &error), NONET_E_DATA);
    assert_int_equal(message_determinism(json, &found, &error), NONET_E_DATA);
    json_decref(json);
  }
}

static void test_errors(void **state) {
  (void)state;
  const nonet_error error = {"the model is not there"};
  int stream;
  json_t *json = message_of_error(&error, STREAM_B);
  assert_string_equal(message_error(json, &stream), "the model is not there");
  assert_int_equal(stream, STREAM_B);
  json_decref(json);
  json = json_pack("{s:s, s:i}", "error", "x", "stream", 9);
  assert_non_null(message_error(json, &stream));
  assert_int_equal(stream, -1);
  json_decref(json);
  json = json_object();
  assert_null(message_error(json, &stream));
  json_decref(json);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_launch_comes_back),
      cmocka_unit_test(test_others_come_back),
      cmocka_unit_test(test_unsound),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
