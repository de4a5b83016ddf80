/* Profiles that were made up: sums by hand, bodies of loops, files that are none; what goes to the
 * parent comes back, and what is not sound is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "probe/process/launch.h"
#include "probe/process/profile.h"

#define NODE(name, type, ts, dur)                                                                  \
  "{\"cat\" : \"Node\",\"dur\" :" #dur ",\"ts\" :" #ts ",\"ph\" : \"X\",\"name\" :\"" name         \
  "_kernel_time\",\"args\" : {\"op_name\" : \"" type "\"}},\n"
#define RUN(dur)                                                                                   \
  "{\"cat\" : \"Session\",\"dur\" :" #dur ",\"ts\" :0,\"name\" :\"model_run\",\"args\" : {}}"

static int file_of(const char *text) {
  nonet_error error = {{0}};
  int fd = launch_file(&error);
  assert_true(fd >= 0);
  assert_int_equal(launch_write(fd, text, strlen(text), &error), NONET_OK);
  return fd;
}

static nonet_status sum(const char *text, size_t n_requests, struct probe_profile *found,
                        nonet_error *error) {
  static const double ns[] = {30000, 40000, 5000, 1, 1};
  int fd = file_of(text);
  *found = (struct probe_profile){.plain_ns = 1, .n_rows = 1};
  nonet_status status = profile_sum(fd, ns, n_requests, found, error);
  close(fd);
  return status;
}

/* The first run is left out. Gemm 10 + 14 µs in two, Add 2 + 2, Relu 0 + 1 in two calls. */
static void test_sums(void **state) {
  (void)state;
  static const char text[] =
      "[\n{\"cat\" : \"Session\",\"dur\" :900,\"ts\" :4,\"name\" :\"model_loading_uri\",\"args\" : "
      "{}},\n" NODE("fc1", "Gemm", 1, 999) RUN(1000) ",\n" NODE("fc1", "Gemm", 2000, 10)
          NODE("", "Add", 2010, 2) NODE("relu", "Relu", 2012, 0)
              RUN(20) ",\n" NODE("fc1", "Gemm", 3000, 14) NODE("", "Add", 3014, 2)
                  NODE("relu", "Relu", 3016, 1) RUN(26) "\n]\n";
  struct probe_profile found;
  nonet_error error = {{0}};
  assert_int_equal(sum(text, 2, &found, &error), NONET_OK);
  assert_int_equal(found.n_types, 3);
  assert_string_equal(found.type[0].name, "Gemm");
  assert_true(found.type[0].ns == 12000 && found.type[0].calls == 1);
  assert_true(found.type[1].ns == 2000 && found.type[2].ns == 500);
  assert_true(found.n_requests == 2 && found.n_left_out == 0 && found.request_ns == 35000);
  assert_true(found.inside_ns == 14500 && found.session_ns == 23000 && found.calls == 3);
  assert_string_equal(found.node.name, "fc1");
  assert_string_equal(found.node_type, "Gemm");
  assert_int_equal(sum(text, 4, &found, &error), NONET_E_DATA); /* 1 */
  assert_non_null(strstr(error.message, "3 runs; expected 4"));
}

/* 2: a Loop of 50 µs with a body of 20 + 21 in it, and one operator before it. */
static void test_bodies(void **state) {
  (void)state;
  static const char text[] = NODE("first", "Mul", 100, 5) NODE("body", "MatMul", 110, 20)
      NODE("body", "MatMul", 131, 21) NODE("loop", "Loop", 106, 50) RUN(60) "\n";
  struct probe_profile found;
  assert_int_equal(sum(text, 1, &found, NULL), NONET_OK);
  assert_int_equal(found.n_types, 3);
  assert_string_equal(found.type[0].name, "MatMul");
  assert_true(found.type[0].ns == 41000 && found.type[0].calls == 2);
  assert_string_equal(found.type[1].name, "Loop");
  assert_true(found.type[1].ns == 9000 && found.type[2].ns == 5000);
  assert_true(found.inside_ns == 55000);
}

/* 7: of runs of 10, 21 and 10 µs the second was interrupted. */
static void test_interrupted(void **state) {
  (void)state;
  static const char text[] = NODE("a", "A", 1, 8) RUN(10) ",\n" NODE("a", "A", 20, 19)
      RUN(21) ",\n" NODE("a", "A", 50, 6) RUN(10) "\n";
  struct probe_profile found;
  assert_int_equal(sum(text, 3, &found, NULL), NONET_OK);
  assert_true(found.n_requests == 2 && found.n_left_out == 1);
  assert_true(found.request_ns == 17500 && found.session_ns == 10000 && found.inside_ns == 7000);
}

/* 5: 15 types of 1 … 15 µs: the eleven longest, and 4 + 3 + 2 + 1 as other. */
static void test_rest(void **state) {
  (void)state;
  char text[4096];
  int length = 0;
  for (int i = 1; i <= 15; i++) {
    length += snprintf(text + length, sizeof text - (size_t)length,
                       "{\"cat\":\"Node\",\"name\":\"n_kernel_time\",\"ts\":%d,\"dur\":%d,\"args\":"
                       "{\"op_name\":\"T%d\"}},\n",
                       100 * i, i, i);
  }
  (void)snprintf(text + length, sizeof text - (size_t)length, "%s", RUN(300) "\n");
  struct probe_profile found;
  assert_int_equal(sum(text, 1, &found, NULL), NONET_OK);
  assert_true(found.n_types == PROBE_OPERATORS && found.n_types_all == 15);
  assert_string_equal(found.type[0].name, "T15");
  assert_string_equal(found.type[10].name, "T5");
  assert_string_equal(found.type[11].name, "other");
  assert_true(found.type[11].ns == 10000 && found.type[11].calls == 4);
}

static void test_no_profile(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      "[\n]\n",
      RUN(5) "\n", /* no operators */
      "{\"cat\":\"Node\",\"name\":\"a_kernel_time\",\"dur\":1,\"args\":{\"op_name\":\"A\"}},\n" RUN(
          5),
      "{\"cat\":\"Node\",\"name\":\"a_kernel_time\",\"ts\":1,\"dur\":1,\"args\":{}},\n" RUN(5),
      NODE("a", "A", 1, -3) RUN(5),
      NODE("a", "A", 1, 3) "{\"name\":\"model_run\"}\n",
      "{\"cat\":\"Node\", broken\n" RUN(5),
  };
  struct probe_profile found;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    nonet_error error = {{0}};
    if (sum(bad[i], 1, &found, &error) != NONET_E_DATA || error.message[0] == '\0') {
      fail_msg("profile %zu was taken", i);
    }
  }
}

static void test_comes_back(void **state) {
  (void)state;
  struct probe_profile found, back;
  assert_int_equal(sum(NODE("a", "A", 1, 3) NODE("b", "B", 5, 4) RUN(9) "\n", 1, &found, NULL),
                   NONET_OK);
  json_t *json = profile_json(&found);
  assert_int_equal(profile_take(json, &back, NULL), NONET_OK);
  assert_memory_equal(&back, &found, sizeof back);
  static const char *const keys[] = {"requests",  "left_out", "rows",      "request_ns",
                                     "plain_ns",  "types",    "types_all", "node",
                                     "node_type", "calls",    "inside_ns", "session_ns"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_t *worse = json_deep_copy(json);
    assert_int_equal(json_object_del(json_object_get(worse, "profile"), keys[i]), 0);
    if (profile_take(worse, &back, NULL) != NONET_E_DATA) {
      fail_msg("taken without '%s'", keys[i]);
    }
    json_decref(worse);
  }
  json_decref(json);
}

static void test_allocation_failures(void **state) {
  (void)state;
  struct probe_profile found;
  const double ns = 1;
  int fd = file_of(NODE("a", "A", 1, 3) NODE("b", "B", 5, 4) RUN(9) "\n");
  nonet_status status = NONET_E_MEMORY;
  for (long k = 0; status == NONET_E_MEMORY && k < 100; k++) {
    found = (struct probe_profile){0};
    memory_fail_after(k);
    status = profile_sum(fd, &ns, 1, &found, NULL);
    memory_fail_after(-1);
  }
  assert_int_equal(status, NONET_OK);
  close(fd);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sums),
      cmocka_unit_test(test_bodies),
      cmocka_unit_test(test_interrupted),
      cmocka_unit_test(test_rest),
      cmocka_unit_test(test_no_profile),
      cmocka_unit_test(test_comes_back),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
