/*
 * The work-sharing loop.
 *
 *  1. Items are handed out in rising order from one counter. So when item f fails, every item below
 * f has been handed out already and still runs; a worker stops when what it was handed lies above
 * the smallest failing item so far. The smallest failing item of all is therefore always run and
 * always the one reported, whatever the timing.
 *  2. The calling thread is worker 0. Threads that cannot be started are done without: those that
 * did start, at least the caller, take all items.
 *  3. Each worker fills its own error; it is copied to the caller's under a lock, for the smallest
 * item only.
 *  4. Cores: the affinity mask, and the CPU quota of the cgroup and of every parent of it, v2
 * (cpu.max) and v1 (cpu.cfs_quota_us over cpu.cfs_period_us). Inside a container the group's path
 * is often not visible below the mount: a file that is not there says nothing and the walk goes on
 * to its parents. 1.5 cores count as 2.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/parallel.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

#include "base/memory.h"

#define PARALLEL_PATH_BYTES 4096
#define PARALLEL_MOST_CPUS (1 << 16)

struct parallel_loop {
  size_t n_items;
  parallel_body body;
  void *context;
  atomic_size_t next;
  atomic_size_t failed; /* the smallest failing item, SIZE_MAX while there is none */
  pthread_mutex_t lock; /* for status and error */
  nonet_status status;
  nonet_error error;
};

struct parallel_worker {
  struct parallel_loop *loop;
  size_t number;
  pthread_t thread;
};

static void parallel_fail(struct parallel_loop *loop, size_t item, nonet_status status,
                          const nonet_error *error) {
  (void)pthread_mutex_lock(&loop->lock);
  if (item < atomic_load(&loop->failed)) { /* 3 */
    atomic_store(&loop->failed, item);
    loop->status = status;
    loop->error = *error;
  }
  (void)pthread_mutex_unlock(&loop->lock);
}

static void parallel_work(struct parallel_loop *loop, size_t worker) {
  for (;;) {
    size_t item = atomic_fetch_add(&loop->next, 1);
    if (item >= loop->n_items || item > atomic_load(&loop->failed)) {
      return; /* 1 */
    }
    nonet_error error;
    error.message[0] = '\0';
    nonet_status status = loop->body(loop->context, item, worker, &error);
    if (status != NONET_OK) {
      parallel_fail(loop, item, status, &error);
    }
  }
}

static void *parallel_thread(void *argument) {
  struct parallel_worker *worker = argument;
  parallel_work(worker->loop, worker->number);
  return NULL;
}

/* Starts workers 1 … n_threads − 1, as many as the system gives (2); returns how many. */
static size_t parallel_start(struct parallel_loop *loop, struct parallel_worker *workers,
                             size_t n_threads) {
  size_t n_started = 0;
  while (n_started + 1 < n_threads) {
    struct parallel_worker *worker = &workers[n_started];
    *worker = (struct parallel_worker){.loop = loop, .number = n_started + 1};
    if (pthread_create(&worker->thread, NULL, parallel_thread, worker) != 0) {
      break;
    }
    n_started++;
  }
  return n_started;
}

nonet_status parallel_for(size_t n_threads, size_t n_items, parallel_body body, void *context,
                          nonet_error *error) {
  struct parallel_loop loop = {.n_items = n_items,
                               .body = body,
                               .context = context,
                               .next = 0,
                               .failed = SIZE_MAX,
                               .lock = PTHREAD_MUTEX_INITIALIZER,
                               .status = NONET_OK};
  n_threads = n_threads < n_items ? n_threads : n_items;
  struct parallel_worker *workers = NULL;
  size_t n_started = 0;
  if (n_threads > 1) {
    workers = memory_new(n_threads - 1, sizeof *workers);
    n_started = workers != NULL ? parallel_start(&loop, workers, n_threads) : 0;
  }
  parallel_work(&loop, 0);
  for (size_t i = 0; i < n_started; i++) {
    (void)pthread_join(workers[i].thread, NULL);
  }
  memory_free(workers);
  (void)pthread_mutex_destroy(&loop.lock);
  if (loop.status != NONET_OK && error != NULL) {
    *error = loop.error;
  }
  return loop.status;
}

static bool parallel_read(const char *path, char *buffer, size_t size_bytes) {
  FILE *file = fopen(path, "re");
  if (file == NULL) {
    return false;
  }
  size_t length = fread(buffer, 1, size_bytes - 1, file);
  buffer[length] = '\0';
  (void)fclose(file);
  return length > 0;
}

/* Whole cores for a quota in microseconds per period; 0 when there is none. */
static size_t parallel_whole(long long quota, long long period) {
  if (quota <= 0 || period <= 0) {
    return 0;
  }
  return (size_t)(quota / period + (quota % period != 0));
}

/* The quota that the files of one folder set. */
static size_t parallel_folder_quota(const char *folder, bool v2) {
  char path[PARALLEL_PATH_BYTES + 32], value[64];
  long long quota = 0, period = 0;
  if (v2) {
    (void)snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!parallel_read(path, value, sizeof value) ||
        sscanf(value, "%lld %lld", &quota, &period) != 2) {
      return 0; /* "max 100000" */
    }
    return parallel_whole(quota, period);
  }
  (void)snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
  quota = parallel_read(path, value, sizeof value) ? strtoll(value, NULL, 10) : 0; /* −1: none */
  (void)snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
  period = parallel_read(path, value, sizeof value) ? strtoll(value, NULL, 10) : 0;
  return parallel_whole(quota, period);
}

static size_t parallel_smaller(size_t a, size_t b) {
  if (a == 0 || b == 0) {
    return a + b;
  }
  return a < b ? a : b;
}

/* The smallest quota from mount/group up to the mount itself (4). */
static size_t parallel_group_quota(const char *mount, const char *group, bool v2) {
  char folder[PARALLEL_PATH_BYTES];
  int written = snprintf(folder, sizeof folder, "%s%s", mount, group);
  if (written < 0 || (size_t)written >= sizeof folder) {
    return 0;
  }
  size_t n_cores = 0;
  size_t length = (size_t)written;
  for (;;) {
    n_cores = parallel_smaller(n_cores, parallel_folder_quota(folder, v2));
    if (length <= strlen(mount)) {
      return n_cores;
    }
    while (length > strlen(mount) && folder[--length] != '/') {
    }
    folder[length] = '\0';
  }
}

static bool parallel_names_cpu(char *controllers) {
  char *rest = NULL;
  for (char *name = strtok_r(controllers, ",", &rest); name != NULL;
       name = strtok_r(NULL, ",", &rest)) {
    if (strcmp(name, "cpu") == 0) {
      return true;
    }
  }
  return false;
}

/* One line "number:controllers:group"; no controllers means v2. */
static size_t parallel_line_quota(char *line, const char *mount) {
  line[strcspn(line, "\n")] = '\0';
  char *controllers = strchr(line, ':');
  char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
  if (group == NULL) {
    return 0;
  }
  *group++ = '\0';
  controllers++;
  if (*controllers == '\0') {
    return parallel_group_quota(mount, group, true);
  }
  char folder[PARALLEL_PATH_BYTES];
  (void)snprintf(folder, sizeof folder, "%s/%s", mount, controllers); /* often "cpu,cpuacct" */
  size_t n_cores = 0;
  if (parallel_names_cpu(controllers)) {
    n_cores = parallel_group_quota(folder, group, false);
    (void)snprintf(folder, sizeof folder, "%s/cpu", mount);
    n_cores = parallel_smaller(n_cores, parallel_group_quota(folder, group, false));
  }
  return n_cores;
}

size_t parallel_quota(const char *list, const char *mount) {
  FILE *file = fopen(list, "re");
  if (file == NULL) {
    return 0;
  }
  size_t n_cores = 0;
  char line[PARALLEL_PATH_BYTES];
  while (fgets(line, sizeof line, file) != NULL) {
    n_cores = parallel_smaller(n_cores, parallel_line_quota(line, mount));
  }
  (void)fclose(file);
  return n_cores;
}

/* Cores that the affinity mask leaves; 0 when it cannot be read. */
static size_t parallel_affinity(void) {
#if defined(__linux__)
  for (size_t n_cpus = 1024; n_cpus <= PARALLEL_MOST_CPUS;
       n_cpus *= 2) { /* EINVAL: mask too small */
    size_t size_bytes = CPU_ALLOC_SIZE(n_cpus);
    cpu_set_t *set = memory_zeroed(1, size_bytes);
    if (set == NULL) {
      return 0;
    }
    int count = sched_getaffinity(0, size_bytes, set) == 0 ? CPU_COUNT_S(size_bytes, set) : 0;
    memory_free(set);
    if (count > 0) {
      return (size_t)count;
    }
  }
#endif
  return 0;
}

size_t parallel_cores(void) {
  size_t n_cores = parallel_affinity();
  if (n_cores == 0) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    n_cores = online > 0 ? (size_t)online : 1;
  }
  return parallel_smaller(n_cores, parallel_quota("/proc/self/cgroup", "/sys/fs/cgroup"));
}
