/*
 * A work-sharing loop. Items are handed out as threads come free; the result must not depend on
 * which worker did which item: either each item writes to its own place, or workers add to their
 * own mergeable state.
 */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdatomic.h>
#include <stddef.h>

#include <nonet/status.h>

/* worker is in [0, n_threads). Return a status; the error is the worker's own. */
typedef nonet_status (*parallel_body)(void *context, size_t item, size_t worker,
                                      nonet_error *error);

/* Runs body for items 0 … n_items − 1. When several items fail, the status and message of the
   smallest failing item are returned, so the message does not depend on timing: items below a
   failing one still run, items above it may not. n_threads 0 or 1, or one item: runs in the calling
   thread. If threads cannot be started, the rest runs in the calling thread. */
nonet_status parallel_for(size_t n_threads, size_t n_items, parallel_body body, void *context,
                          nonet_error *error) NONET_NODISCARD;

/* Cores this process may use (affinity and cgroup quota), at least 1. */
size_t parallel_cores(void);

/* The part of parallel_cores that reads cgroups, with its files as arguments for tests: `list` as
   /proc/self/cgroup, `mount` as /sys/fs/cgroup. The smallest CPU quota of the process's group and
   its parents (v1 and v2), rounded up; 0 when there is none. */
size_t parallel_quota(const char *list, const char *mount);

#endif
