/*
 * Progress and cancellation.
 *
 *  1. Any thread may report. Who swaps last_ns first may call back; the others return at once.
 *  2. The callback runs in one thread at a time (`calling`); a report that finds it taken is
 * dropped, but the end of a stage waits its turn, since no later report would make up for it.
 *  3. The clock is monotonic: setting the machine's time changes nothing.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/progress.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/error.h"

#define PROGRESS_EVERY_NS 100000000u

static uint64_t progress_now_ns(void) {
  struct timespec now = {0};
  (void)clock_gettime(CLOCK_MONOTONIC, &now); /* 3 */
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Is it this report's turn? (1) */
static bool progress_is_due(struct progress *progress, uint64_t n_done, uint64_t n_total) {
  uint64_t now_ns = progress_now_ns();
  if (n_done == 0 || n_done == n_total) {
    atomic_store(&progress->last_ns, now_ns);
    return true;
  }
  uint64_t last_ns = atomic_load(&progress->last_ns);
  if (last_ns != 0 && (now_ns < last_ns || now_ns - last_ns < PROGRESS_EVERY_NS)) {
    return false;
  }
  return atomic_compare_exchange_strong(&progress->last_ns, &last_ns, now_ns);
}

void progress_report(struct progress *progress, const char *stage, uint64_t n_done,
                     uint64_t n_total) {
  if (progress == NULL || progress->callback == NULL ||
      !progress_is_due(progress, n_done, n_total)) {
    return;
  }
  bool is_end = n_done == n_total;
  while (atomic_flag_test_and_set(&progress->calling)) { /* 2 */
    if (!is_end) {
      return;
    }
    (void)sched_yield();
  }
  progress->callback(progress->context, stage, n_done, n_total);
  atomic_flag_clear(&progress->calling);
}

nonet_status progress_check(const struct progress *progress, nonet_error *error) {
  if (progress != NULL && progress->cancel != NULL && atomic_load(progress->cancel) != 0) {
    return error_set(error, NONET_E_INTERRUPTED, "stopped on request");
  }
  return NONET_OK;
}
