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
                                .steal = 0.25,
                                .mhz = 2400,
                                .cpu_ns = {5, 6},
                                .energy_uj = {7, NAN}};
  struct probe_launch back;
  char why[PROBE_TEXT_BYTES];
  double overhead_ns;
  json_t *json = message_of_launch(&launch, 25, "no counter");
  assert_int_equal(message_launch(json, both, &back, &overhead_ns, NULL), NONET_OK);
  assert_true(back.n_blocks == 4 && back.n[0] == 3 && back.n[1] == 3 && overhead_ns == 25);
  assert_memory_equal(back.ns[0], a, sizeof a);
  assert_memory_equal(back.ns[1], b, sizeof b);
  assert_true(back.blocks[2].start == 1 && back.blocks[3].start == 2 && back.blocks[3].n == 1);
  assert_true(back.n_warm_up[1] == 8 && back.open_ns[1] == 2e9 && back.run_queue == 3);
  assert_true(back.steal == 0.25 && back.mhz == 2400 && back.cpu_ns[1] == 6);
  assert_true(back.energy_uj[0] == 7 && isnan(back.energy_uj[1]));
  message_no_power(json, why);
  assert_string_equal(why, "no counter");
  probe_launch_clear(&back);
  const bool only[N_STREAMS] = {true, false};
  assert_int_equal(message_launch(json, only, &back, &overhead_ns, NULL), NONET_E_DATA); /* 3 */
  json_decref(json);
}

static void test_starts_and_batches_come_back(void **state) {
  (void)state;
  struct probe_start start = {0, 2e6, 40, 1e7, 2e7, 3e7}, back;
  struct probe_launch machine = {.run_queue = 2, .steal = 0.5}, machine_back;
  size_t n_rows;
  json_t *json = message_of_start(&start, 9e9, 512, &machine);
  assert_int_equal(message_start(json, 8.5e9, &back, &n_rows, &machine_back, NULL), NONET_OK);
  assert_true(back.cold_ns == 5e8 && back.open_ns == 2e6 && back.warm_up == 40);
  assert_true(back.load_bytes == 2e7 && back.peak_bytes == 3e7 && back.bare_bytes == 1e7);
  assert_true(n_rows == 512 && machine_back.run_queue == 2 && machine_back.steal == 0.5);
  /* an answer before the process was made */
  assert_int_equal(message_start(json, 9.5e9, &back, &n_rows, &machine_back, NULL), NONET_E_DATA);
  json_object_set_new(json_object_get(json, "starts"), "peak_bytes", json_string("much"));
  assert_int_equal(message_start(json, 8e9, &back, &n_rows, &machine_back, NULL), NONET_E_DATA);
  json_decref(json);
  struct probe_batches batches = {.n_sizes = {2, 1},
                                  .size = {{1, 2}, {4}},
                                  .rate_per_s = {{{10, 15}}, {{99}}},
                                  .run_queue = 1},
                       batches_back;
  const bool only[N_STREAMS] = {true, false};
  json = message_of_batches(&batches);
  assert_int_equal(message_batches(json, both, &batches_back, NULL), NONET_OK);
  assert_true(batches_back.n_sizes[0] == 2 && batches_back.size[1][0] == 4);
  assert_true(batches_back.rate_per_s[0][0][1] == 15 && batches_back.rate_per_s[1][0][0] == 99);
  assert_int_equal(message_batches(json, only, &batches_back, NULL), NONET_E_DATA); /* 3 */
  json_decref(json);
  batches.rate_per_s[0][0][1] = 0; /* no rate is no rate */
  json = message_of_batches(&batches);
  assert_int_equal(message_batches(json, both, &batches_back, NULL), NONET_E_DATA);
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
    double overhead_ns;
    json_t *json;
    nonet_error error = {""};
    assert_int_equal(json_text_parse(texts[i], strlen(texts[i]), "test", &json, NULL), NONET_OK);
    assert_int_equal(message_launch(json, both, &launch, &overhead_ns, &error), NONET_E_DATA);
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
      cmocka_unit_test(test_starts_and_batches_come_back),
      cmocka_unit_test(test_others_come_back),
      cmocka_unit_test(test_unsound),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
