/* One callback at a time, seldom, the start and the end always; cancelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/parallel.h"
#include "base/progress.h"

struct seen {
  atomic_int inside;
  atomic_int overlaps;
  uint64_t n_calls, n_done,
      n_total; /* plain: the thread sanitizer sees when two callbacks run at once */
  const char *stage;
};

static void see(void *context, const char *stage, uint64_t n_done, uint64_t n_total) {
  struct seen *seen = context;
  if (atomic_fetch_add(&seen->inside, 1) != 0) {
    atomic_fetch_add(&seen->overlaps, 1);
  }
  seen->n_calls++;
  seen->n_done = n_done;
  seen->n_total = n_total;
  seen->stage = stage;
  atomic_fetch_sub(&seen->inside, 1);
}

static void test_seldom_but_start_and_end(void **state) {
  (void)state;
  struct seen seen = {0};
  struct progress progress = {.callback = see, .context = &seen};
  progress_report(&progress, "rows", 0, 100000);
  assert_int_equal(seen.n_calls, 1);
  for (uint64_t i = 1; i < 100000; i++) {
    progress_report(&progress, "rows", i, 100000);
  }
  assert_true(seen.n_calls < 60); /* a loop of milliseconds; 60 would be six seconds */
  uint64_t before = seen.n_calls;
  progress_report(&progress, "rows", 100000, 100000);
  assert_int_equal(seen.n_calls, before + 1);
  assert_int_equal(seen.n_done, 100000);
  assert_int_equal(seen.n_total, 100000);
  assert_string_equal(seen.stage, "rows");
}

static nonet_status report(void *context, size_t item, size_t worker, nonet_error *error) {
  (void)worker;
  progress_report(context, "items", item % 3 == 0 ? 100 : item % 3 == 1 ? 0 : 50, 100);
  return progress_check(context, error);
}

static void test_threads(void **state) {
  (void)state;
  struct seen seen = {0};
  struct progress progress = {.callback = see, .context = &seen};
  assert_int_equal(parallel_for(4, 3000, report, &progress, NULL), NONET_OK);
  assert_int_equal(atomic_load(&seen.overlaps), 0);
  assert_true(seen.n_calls >= 1000); /* every end of a stage */
}

static void test_cancel(void **state) {
  (void)state;
  atomic_int cancel = 0;
  struct progress progress = {.cancel = &cancel};
  nonet_error error = {""};
  progress_report(NULL, "x", 0, 0);
  progress_report(&progress, "x", 0, 0);
  assert_int_equal(progress_check(NULL, &error), NONET_OK);
  assert_int_equal(progress_check(&progress, &error), NONET_OK);
  atomic_store(&cancel, 1);
  assert_int_equal(progress_check(&progress, &error), NONET_E_INTERRUPTED);
  assert_string_equal(error.message, "stopped on request");
  assert_int_equal(progress_check(&progress, NULL), NONET_E_INTERRUPTED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_seldom_but_start_and_end),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_cancel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
