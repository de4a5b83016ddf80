/*
 * One launch's timing: single-row requests to one or two models, in blocks ABBA or BAAB.
 */
#ifndef PROCESS_TIMED_H
#define PROCESS_TIMED_H

#include "probe/answers.h"

struct timed {
  /* One request to a model: row number `row` of the requests' rows. */
  nonet_status (*request)(void *context, int stream, size_t row, nonet_error *error);
  double (*now_ns)(void *context); /* a steady clock */
  /* What this process has used so far: processor time, and energy (NaN: no counter). NULL: not
   * wanted. Read before and after a block, never inside one. */
  void (*used)(void *context, double *cpu_ns, double *energy_uj);
  void *context;
  bool has[N_STREAMS];
  size_t n_rows;
  double seconds; /* for warm-up and blocks */
  uint64_t seed;
  uint64_t launch; /* which of the run's launches: another order of blocks, other first rows */
};

#define TIMED_MOST 60000 /* requests of one model that a launch keeps */

/* Fills blocks, ns, n_warm_up, cpu_ns and energy_uj of *launch (probe_launch_clear by the caller,
 * also on an error: then it is empty). */
nonet_status timed_run(const struct timed *timed, struct probe_launch *launch,
                       nonet_error *error) NONET_NODISCARD;
/* Single-row requests to one stream until it no longer gets faster, at most for `seconds`: how many
 * they were. *is_steady: it did not end for another reason. */
nonet_status timed_warm_up(const struct timed *timed, int stream, size_t *n, bool *is_steady,
                           nonet_error *error) NONET_NODISCARD;
/* What asking takes when the request does nothing: the median of 1,001. It is in every time. */
double timed_overhead_ns(double (*now_ns)(void *), void *context);

#endif
