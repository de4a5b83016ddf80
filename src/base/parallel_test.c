/* Every item once, the smallest failing item whatever the timing, what happens without memory for
 * threads, and cgroup files. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { N_ITEMS = 1000, MOST_THREADS = 9 };

struct run {
  size_t n_threads;
  unsigned char done[N_ITEMS];
  unsigned long per_worker[MOST_THREADS];
  size_t fails_from, fails_every; /* every 0: never */
};

static nonet_status body(void *context, size_t item, size_t worker, nonet_error *error) {
  struct run *run = context;
  if (worker >= (run->n_threads < 1 ? 1 : run->n_threads)) {
    return error_set(error, NONET_E_INTERNAL, "worker %zu", worker);
  }
  run->done[item]++;
  run->per_worker[worker]++;
  if (run->fails_every == 0 || item < run->fails_from ||
      (item - run->fails_from) % run->fails_every != 0) {
    return NONET_OK;
  }
  if (item == run->fails_from && run->n_threads > 1) {
    for (int i = 0; i < 200; i++) {
      (void)sched_yield();
    }
  }
  return error_set(error, item == run->fails_from ? NONET_E_DATA : NONET_E_IO, "item %zu", item);
}

static void test_every_item_once(void **state) {
  (void)state;
  for (size_t n_threads = 0; n_threads < MOST_THREADS; n_threads++) {
    struct run run = {.n_threads = n_threads};
    assert_int_equal(parallel_for(n_threads, N_ITEMS, body, &run, NULL), NONET_OK);
    unsigned long n_done = 0;
    for (size_t i = 0; i < N_ITEMS; i++) {
      assert_int_equal(run.done[i], 1);
    }
    for (size_t i = 0; i < MOST_THREADS; i++) {
      n_done += run.per_worker[i];
    }
    assert_int_equal(n_done, N_ITEMS);
  }
  assert_int_equal(parallel_for(4, 0, body, NULL, NULL), NONET_OK);
}

static void test_smallest_failing_item(void **state) {
  (void)state;
  for (int repeat = 0; repeat < 100; repeat++) {
    size_t n_threads = (size_t)repeat % MOST_THREADS;
    struct run run = {.n_threads = n_threads,
                      .fails_from = (size_t)repeat * 7,
                      .fails_every = 1 + (size_t)repeat % 3};
    nonet_error error = {"untouched"};
    char expected[32];
    (void)snprintf(expected, sizeof expected, "item %zu", run.fails_from);
    assert_int_equal(parallel_for(n_threads, N_ITEMS, body, &run, &error), NONET_E_DATA);
    assert_string_equal(error.message, expected);
    for (size_t i = 0; i <= run.fails_from; i++) {
      assert_int_equal(run.done[i], 1);
    }
  }
  struct run run = {.n_threads = 3, .fails_from = 5, .fails_every = 1};
  assert_int_equal(parallel_for(3, N_ITEMS, body, &run, NULL), NONET_E_DATA);
}

static void test_allocation_failures(void **state) {
  (void)state;
  for (long n = 0; n < 2; n++) {
    struct run run = {.n_threads = 4};
    memory_fail_after(n);
    assert_int_equal(parallel_for(4, N_ITEMS, body, &run, NULL), NONET_OK);
    assert_int_equal(memory_fail_after(-1), 1);
    if (n == 0) {
      assert_int_equal(run.per_worker[0], N_ITEMS); /* the caller alone */
    }
  }
}

static void test_cores(void **state) {
  (void)state;
  assert_true(parallel_cores() >= 1);
  assert_true(parallel_cores() <= (size_t)sysconf(_SC_NPROCESSORS_CONF));
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (CPU_ISSET(i, &before)) {
      CPU_SET(i, &one);
      break;
    }
  }
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  assert_int_equal(parallel_cores(), 1);
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
  memory_fail_after(0);
  assert_true(parallel_cores() >= 1);
  memory_fail_after(-1);
}

static char folder[] = "/tmp/nonet_parallel_XXXXXX";

static void put(const char *name, const char *content) {
  char path[128];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(content, file);
  fclose(file);
}

static size_t quota(const char *list) {
  char path[128];
  put("list", list);
  (void)snprintf(path, sizeof path, "%s/list", folder);
  return parallel_quota(path, folder);
}

static void test_quota(void **state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  static const char *const folders[] = {"a", "a/b", "cpu,cpuacct", "cpu,cpuacct/x", "cpu"};
  for (size_t i = 0; i < 5; i++) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  assert_int_equal(parallel_quota("/nonexistent", folder), 0);
  assert_int_equal(quota("0::/a/b\n"), 0); /* no files */
  put("a/b/cpu.max", "max 100000\n");
  assert_int_equal(quota("0::/a/b\n"), 0);
  put("a/cpu.max", "350000 100000\n");
  assert_int_equal(quota("0::/a/b\n"), 4); /* of the parent, rounded up */
  put("a/b/cpu.max", "200000 100000\n");
  assert_int_equal(quota("0::/a/b\n"), 2); /* the smaller */
  assert_int_equal(quota("0::/gone/deeper\n"), 0);
  put("cpu.max", "700000 100000\n");
  assert_int_equal(quota("0::/gone/deeper\n"), 7); /* a container sees only the mount */
  assert_int_equal(quota("0::/\n"), 7);
  put("cpu,cpuacct/x/cpu.cfs_quota_us", "-1\n");
  put("cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
  assert_int_equal(quota("9:memory:/x\n4:cpu,cpuacct:/x\n"), 0);
  put("cpu,cpuacct/x/cpu.cfs_quota_us", "50000\n");
  assert_int_equal(quota("9:memory:/x\n4:cpu,cpuacct:/x\n"), 1);
  put("cpu/cpu.cfs_quota_us", "300000\n");
  put("cpu/cpu.cfs_period_us", "100000\n");
  assert_int_equal(quota("1:cpu:/docker/gone\n0::/gone\n"), 3);
  assert_int_equal(quota("1:cpuset:/docker/gone\nnonsense\n"), 0);
  char command[128];
  (void)snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_item_once),
      cmocka_unit_test(test_smallest_failing_item),
      cmocka_unit_test(test_allocation_failures),
      cmocka_unit_test(test_cores),
      cmocka_unit_test(test_quota),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
