/* A helper that answers, and the ways in which one does not: each is a message in bounded time, and
 * no process is left behind. */
#include "probe/process/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe/process/message.h"
#include "probe/process/rows_file.h"
#include "table/tablekit.h"

static int rows_fd = -1;

static int setup_rows(void **state) {
  static const char *const names[] = {"x", "word", "image"};
  const char *path = tablekit_path("rows.parquet");
  struct table *table = NULL;
  size_t n_rows = 0;
  nonet_error error = {""};
  (void)state;
  tablekit_copy("SELECT i AS id, i / 7.0 AS x, 'w' || i AS word, [i, i + 1] AS image FROM "
                "range(5000) t(i)",
                path, "parquet");
  const struct table_source source = {.path = path, .n_threads = 1};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  nonet_status status = rows_file(table, names, 3, 100, 1, &rows_fd, &n_rows, NULL, &error);
  if (status != NONET_OK) {
    fail_msg("%s", error.message);
  }
  assert_int_equal(n_rows, 100);
  table_close(table);
  return 0;
}

static int teardown_rows(void **state) {
  (void)close(rows_fd);
  return tablekit_teardown(state);
}

static nonet_status ask(const char *what, const char *word, double limit_s,
                        const struct progress *progress, json_t **reply, nonet_error *error) {
  char helper[4096];
  json_t *request = json_pack("{s:s, s:s, s:[], s:f, s:i, s:i, s:i, s:f, s:[{s:s}, n]}", "what",
                              what, "task", "binary", "classes", "threshold", 0.5, "seed", 1,
                              "launch", 0, "threads", 3, "seconds", 0.05, "models", "path", word);
  assert_non_null(request);
  assert_int_equal(launch_helper(helper, error), NONET_OK);
  const struct launch launch = {.helper = helper,
                                .rows_fd = rows_fd,
                                .request = request,
                                .limit_s = limit_s,
                                .progress = progress};
  nonet_status status = launch_run(&launch, reply, error);
  json_decref(request);
  assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* nobody is left */
  return status;
}

static void test_answers(void **state) {
  (void)state;
  json_t *reply;
  nonet_error error = {""};
  struct probe_loads loads;
  struct probe_determinism found;
  struct probe_launch launch;
  double overhead_ns;
  const bool has[N_STREAMS] = {true, false};
  assert_int_equal(ask("loads", "plain", 60, NULL, &reply, &error), NONET_OK);
  assert_int_equal(message_loads(reply, &loads, &error), NONET_OK);
  assert_int_equal(loads.n_steps, 3); /* opens, one row, all rows */
  assert_int_equal(loads.step[2].n_rows, 100);
  assert_true(loads.step[0].is_ok && loads.step[1].is_ok && loads.step[2].is_ok);
  json_decref(reply);
  assert_int_equal(ask("determinism", "plain", 60, NULL, &reply, &error), NONET_OK);
  assert_int_equal(message_determinism(reply, &found, &error), NONET_OK);
  assert_int_equal(found.n_rows, 100);
  assert_int_equal(found.n_runs, 2 + 3 + 1 + 3);
  assert_int_equal(found.n_orders, 1);
  assert_int_equal(found.n_rows_changed, 0);
  json_decref(reply);
  assert_int_equal(ask("latency", "plain", 60, NULL, &reply, &error), NONET_OK);
  assert_int_equal(message_launch(reply, has, &launch, &overhead_ns, &error), NONET_OK);
  assert_true(launch.n[STREAM_A] > 0 && launch.n_blocks >= 4 && launch.n[STREAM_B] == 0);
  assert_true(launch.n_warm_up[STREAM_A] >= 1);
  probe_launch_clear(&launch);
  json_decref(reply);
}

static void expect(const char *what, const char *word, double limit_s, nonet_status status,
                   const char *piece) {
  json_t *reply = NULL;
  nonet_error error = {""};
  assert_int_equal(ask(what, word, limit_s, NULL, &reply, &error), status);
  if (strstr(error.message, piece) == NULL) {
    fail_msg("%s: '%s' does not say '%s'", word, error.message, piece);
  }
  assert_null(reply);
}

static void test_ends_badly(void **state) {
  (void)state;
  expect("loads", "crash", 60, NONET_E_DATA, "signal 9");
  expect("latency", "crash", 60, NONET_E_DATA, "signal 9");
  expect("determinism", "hang", 0.3, NONET_E_DATA, "within 0.3 s");
  expect("loads", "last words", 60, NONET_E_DATA, "exit code 3");
  expect("loads", "last words", 60, NONET_E_DATA, "terminate called after throwing");
  expect("loads", "garbage", 60, NONET_E_DATA, "without an answer (exit code 0)");
}

static void test_refusal_is_an_answer(void **state) {
  (void)state;
  json_t *reply;
  nonet_error error = {""};
  struct probe_loads loads;
  int stream;
  assert_int_equal(ask("loads", "refuse", 60, NULL, &reply, &error), NONET_OK);
  assert_int_equal(message_loads(reply, &loads, &error), NONET_OK);
  assert_int_equal(loads.n_steps, 1);
  assert_string_equal(loads.step[0].error, "no operator 'Foo' in opset 99");
  json_decref(reply);
  assert_int_equal(ask("latency", "refuse", 60, NULL, &reply, &error), NONET_OK);
  assert_string_equal(message_error(reply, &stream), "no operator 'Foo' in opset 99");
  assert_int_equal(stream, STREAM_A);
  json_decref(reply);
  assert_int_equal(ask("horoscope", "plain", 60, NULL, &reply, &error), NONET_OK);
  assert_non_null(message_error(reply, &stream));
  json_decref(reply);
  assert_int_equal(ask("loads", "fixed", 60, NULL, &reply, &error), NONET_OK);
  assert_int_equal(message_loads(reply, &loads, &error), NONET_OK);
  assert_int_equal(loads.n_steps, 4); /* opens, 1, 4; not 5 */
  assert_true(loads.step[2].is_ok && loads.step[2].n_rows == 4 && !loads.step[3].is_ok);
  json_decref(reply);
}

/* What a model leaves running keeps neither the run waiting nor itself alive. */
static void test_children_go_too(void **state) {
  (void)state;
  json_t *reply;
  nonet_error error = {""};
  assert_int_equal(ask("loads", "children", 60, NULL, &reply, &error), NONET_OK);
  json_decref(reply);
}

static void test_stops_on_request(void **state) {
  (void)state;
  atomic_int cancel = 1;
  const struct progress progress = {.cancel = &cancel};
  json_t *reply;
  nonet_error error = {""};
  assert_int_equal(ask("loads", "hang", 60, &progress, &reply, &error), NONET_E_INTERRUPTED);
}

static void test_helper_is_missing(void **state) {
  (void)state;
  char *kept = strdup(getenv("NONET_PROBE")), path[4096];
  nonet_error error = {""};
  assert_int_equal(setenv("NONET_PROBE", "/no/such/helper", 1), 0);
  assert_int_equal(launch_helper(path, &error), NONET_E_UNAVAILABLE);
  assert_non_null(strstr(error.message, "/no/such/helper"));
  assert_int_equal(setenv("NONET_PROBE", kept, 1), 0);
  free(kept);
  json_t *request = json_object(), *reply;
  const struct launch launch = {
      .helper = "/no/such/helper", .rows_fd = rows_fd, .request = request, .limit_s = 5};
  assert_int_equal(launch_run(&launch, &reply, &error), NONET_E_UNAVAILABLE);
  json_decref(request);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_ends_badly),
      cmocka_unit_test(test_refusal_is_an_answer),
      cmocka_unit_test(test_children_go_too),
      cmocka_unit_test(test_stops_on_request),
      cmocka_unit_test(test_helper_is_missing),
  };
  return cmocka_run_group_tests(tests, setup_rows, teardown_rows);
}
