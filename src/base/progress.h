/* Progress and cancellation, as callbacks of the caller: the library never prints and never catches
 * signals. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

#include <nonet/status.h>

/* Called from one thread at a time, at most some ten times a second. n_total 0: not known. */
typedef void (*progress_callback)(void *context, const char *stage, uint64_t n_done,
                                  uint64_t n_total);

struct progress {
  progress_callback callback; /* NULL: silent */
  void *context;
  const atomic_int *cancel; /* non-zero: stop; NULL: never */
  _Atomic uint64_t last_ns; /* private: when the callback was last called */
  atomic_flag calling;      /* private: a thread is in the callback; zeroed is clear */
};

/* From any thread. Calls back when the last time is 100 ms ago, and always for the start (n_done 0)
   and the end (n_done == n_total) of a stage; while another thread is in the callback, only the end
   waits. NULL progress is fine. */
void progress_report(struct progress *progress, const char *stage, uint64_t n_done,
                     uint64_t n_total);
/* NONET_E_INTERRUPTED with "stopped on request" once *cancel is set. NULL progress is fine. */
nonet_status progress_check(const struct progress *progress, nonet_error *error) NONET_NODISCARD;

#endif
