/* Reasons are fit for a document whatever a runtime said; launches change hands; clearing twice is
 * fine; a failed allocation leaks nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "probe/answers.h"

static void test_reasons_are_text(void **state) {
  (void)state;
  char to[PROBE_TEXT_BYTES], from[1000];
  probe_text(to, "two\nlines\r\n");
  assert_string_equal(to, "two lines");
  probe_text(to, "caf\xe9 \xc3\xa9");
  assert_string_equal(to, "caf? \xc3\xa9");
  probe_text(to, "");
  assert_string_equal(to, "");
  for (size_t shift = 0; shift < 3; shift++) { /* a three-byte character over the end */
    memset(from, 'x', sizeof from);
    from[sizeof from - 1] = '\0';
    memcpy(from + PROBE_TEXT_BYTES - 1 - shift, "\xe2\x82\xac", 3);
    probe_text(to, from);
    assert_true(text_is_utf8(to, strlen(to)));
    assert_true(strlen(to) < PROBE_TEXT_BYTES && strlen(to) > PROBE_TEXT_BYTES - 10);
    assert_string_equal(to + strlen(to) - 4, "x…");
  }
  memset(from, 'x', sizeof from - 1);
  memcpy(from + PROBE_TEXT_BYTES - 30, " a word", 7); /* the next one is cut, and so left out */
  from[PROBE_TEXT_BYTES - 23] = ' ';
  probe_text(to, from);
  assert_string_equal(to + PROBE_TEXT_BYTES - 30, " a word…");
}

static void test_states(void **state) {
  (void)state;
  struct probe_answers answers = {0};
  assert_int_equal(answers.stream[STREAM_B].state[PROBE_LOADS].status, PROBE_NOT_ASKED);
  probe_fail(&answers, PROBE_LOADS, STREAM_B, PROBE_FAILED, "the helper died (signal %d)", 11);
  assert_int_equal(answers.stream[STREAM_B].state[PROBE_LOADS].status, PROBE_FAILED);
  assert_string_equal(answers.stream[STREAM_B].state[PROBE_LOADS].reason,
                      "the helper died (signal 11)");
  assert_int_equal(answers.stream[STREAM_A].state[PROBE_LOADS].status, PROBE_NOT_ASKED);
  for (int i = 0; i < N_PROBES; i++) {
    assert_true(strlen(probe_name((enum probe_id)i)) > 0);
  }
  probe_answers_clear(&answers);
  probe_answers_clear(&answers);
}

static struct probe_launch launch_of(size_t n) {
  struct probe_launch launch = {.n_blocks = 1, .n = {n, 0}};
  launch.blocks = memory_zeroed(1, sizeof *launch.blocks);
  launch.ns[STREAM_A] = memory_zeroed(n, sizeof(double));
  assert_non_null(launch.blocks);
  assert_non_null(launch.ns[STREAM_A]);
  return launch;
}

static void test_launches_change_hands(void **state) {
  (void)state;
  struct probe_answers answers = {0};
  for (size_t i = 1; i <= 20; i++) {
    struct probe_launch launch = launch_of(i);
    assert_int_equal(probe_latency_add(&answers.latency, &launch, NULL), NONET_OK);
    assert_null(launch.blocks);
  }
  assert_int_equal(answers.latency.n_launches, 20);
  assert_int_equal(answers.latency.launches[19].n[STREAM_A], 20);
  struct probe_launch launch = launch_of(3);
  memory_fail_after(0);
  assert_int_equal(probe_latency_add(&answers.latency, &launch, NULL), NONET_E_MEMORY); /* 3 */
  memory_fail_after(-1);
  assert_null(launch.blocks);
  assert_int_equal(answers.latency.n_launches, 20);
  probe_answers_clear(&answers);
  assert_null(answers.latency.launches);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reasons_are_text),
      cmocka_unit_test(test_states),
      cmocka_unit_test(test_launches_change_hands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
