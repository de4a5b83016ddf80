/*
 * A run is kept whole or not at all: every allocation failure (ours, jansson's and SQLite's), a
 * disk that fills at every size, a process that is killed while it writes, a file that may only be
 * read.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/memory.h"
#include "evidence/history.h"
#include "evidence/store_fixture.h"

/* ---- SQLite's memory through ours, so that one counter fails all ---- */

static void *sqlite_new(int size_bytes) {
  size_t *block = memory_new((size_t)size_bytes + 16, 1);
  if (block == NULL) {
    return NULL;
  }
  block[0] = (size_t)size_bytes;
  return (char *)block + 16;
}

static void sqlite_free(void *block) {
  memory_free(block == NULL ? NULL : (char *)block - 16);
}

static int sqlite_size(void *block) {
  return block == NULL ? 0 : (int)*(size_t *)((char *)block - 16);
}

static void *sqlite_resize(void *block, int size_bytes) {
  void *made = sqlite_new(size_bytes);
  if (made != NULL && block != NULL) {
    int kept = sqlite_size(block) < size_bytes ? sqlite_size(block) : size_bytes;
    memcpy(made, block, (size_t)kept);
    sqlite_free(block);
  }
  return made;
}

static int sqlite_round(int size_bytes) {
  return (size_bytes + 7) & ~7;
}

static int sqlite_start(void *unused) {
  (void)unused;
  return SQLITE_OK;
}

static void sqlite_stop(void *unused) {
  (void)unused;
}

/* ---- what is walked ---- */

static struct evidence *kept;

static nonet_status work(const char *path, nonet_error *error) {
  const struct store_question question = {"c1", "b1", "real-time", 1, "rows.parquet", "d1", 1000};
  const struct store_look_put put = {&question, 1, 4000.0};
  struct store *store = NULL;
  struct store_look look = {0};
  struct evidence *back = NULL;
  nonet_status status = store_open(path, STORE_WRITE, &store, error);
  if (status == NONET_OK) {
    status = store_put(store, kept, &put, error);
  }
  if (status == NONET_OK) {
    status = store_look_find(store, &question, &look, error);
  }
  if (status == NONET_OK) {
    store_look_clear(&look);
    status = store_get(store, fixture_id(kept), &back, error);
  }
  evidence_free(back);
  store_close(store);
  return status;
}

static nonet_status show(const char *path, nonet_error *error) {
  struct store *store = NULL;
  json_t *runs = NULL, *series = NULL;
  nonet_status status = store_open(path, STORE_READ, &store, error);
  if (status == NONET_OK) {
    status = history_runs(store, &runs, error);
  }
  if (status == NONET_OK) {
    status = history_series(store, "correctness.auc", &series, error);
  }
  json_decref(runs);
  json_decref(series);
  store_close(store);
  return status;
}

/* The run is there with all of its rows, or nothing of it is. */
static void assert_whole(const struct fixture_folder *folder) {
  struct store *store = NULL;
  struct store_runs runs;
  struct evidence *back = NULL;
  nonet_status status = store_open(folder->store, STORE_READ, &store, NULL);
  if (status == NONET_E_NO_INPUT) {
    return;
  }
  assert_int_equal(status, NONET_OK);
  assert_int_equal(store_list(store, &runs, NULL), NONET_OK);
  for (size_t i = 0; i < runs.n; i++) {
    assert_int_equal(store_get(store, runs.run[i].id, &back, NULL), NONET_OK);
    evidence_free(back);
  }
  int64_t n_estimates = -1, n_models = -1, n_data = -1;
  assert_int_equal(store_ask(store, "", "SELECT count(*) FROM estimates", &n_estimates, NULL), 0);
  assert_int_equal(store_ask(store, "", "SELECT count(*) FROM models", &n_models, NULL), 0);
  assert_int_equal(store_ask(store, "", "SELECT count(*) FROM data", &n_data, NULL), 0);
  assert_int_equal(n_estimates, 2 * (int64_t)runs.n);
  assert_int_equal(n_models, 2 * (int64_t)runs.n);
  assert_int_equal(n_data, 2 * (int64_t)runs.n);
  store_runs_clear(&runs);
  store_close(store);
}

/* Every allocation of `step` fails once; returns how many runs failed. */
static int walk(const struct fixture_folder *folder, bool is_fresh,
                nonet_status (*step)(const char *path, nonet_error *error)) {
  static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
  int n_failed = 0;
  for (long n = 0;; n++) {
    nonet_error error = {""};
    for (size_t k = 0; k < 4 && is_fresh; k++) {
      char path[128];
      snprintf(path, sizeof path, "%s%s", folder->store, beside[k]);
      unlink(path);
    }
    memory_fail_after(n);
    nonet_status status = step(folder->store, &error);
    long n_made = memory_fail_after(-1);
    if (status != NONET_OK && status != NONET_E_MEMORY) {
      fail_msg("allocation %ld: status %d: %s", n, status, error.message);
    }
    n_failed += status != NONET_OK;
    assert_whole(folder);
    if (n_made <= n) {
      return n_failed;
    }
  }
}

static void *jansson_new(size_t size_bytes) {
  return memory_new(size_bytes, 1);
}

/* jansson's own memory in what is shown alone: its parser takes a short buffer for bad JSON. */
static void test_memory(void **state) {
  const struct fixture_folder *folder = *state;
  json_malloc_t old_malloc;
  json_free_t old_free;
  assert_true(walk(folder, true, work) > 300); /* it reached SQLite, not our few blocks alone */
  json_get_alloc_funcs(&old_malloc, &old_free);
  json_set_alloc_funcs(jansson_new, memory_free);
  int n_failed = walk(folder, false, show);
  json_set_alloc_funcs(old_malloc, old_free);
  assert_true(n_failed > 100);
}

/* A file may grow up to the limit: every size at which the disk could be full. */
static void test_full_disk(void **state) {
  const struct fixture_folder *folder = *state;
  struct rlimit before, limit;
  int n_full = 0;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_IGN);
  for (rlim_t most = 0; most < 200000; most += 4096) {
    nonet_error error = {""};
    limit = (struct rlimit){most, before.rlim_max};
    unlink(folder->store);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    nonet_status status = work(folder->store, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    if (status != NONET_OK) {
      n_full++;
      if (status != NONET_E_IO) {
        fail_msg("%llu bytes: status %d: %s", (unsigned long long)most, status, error.message);
      }
    }
    assert_whole(folder);
  }
  assert_true(n_full > 10 && n_full < 49);
}

/* What was kept before the disk was full is still there. */
static void test_full_disk_keeps_the_past(void **state) {
  const struct fixture_folder *folder = *state;
  struct rlimit before, limit;
  struct store *store = fixture_open(folder, STORE_WRITE);
  struct fixture_run run = FIXTURE_RUN;
  nonet_error error = {""};
  assert_int_equal(store_put(store, kept, NULL, &error), NONET_OK);
  store_close(store);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = (struct rlimit){20000, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  store = fixture_open(folder, STORE_WRITE);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  nonet_status status = NONET_OK;
  for (int i = 0; i < 50 && status == NONET_OK; i++) {
    char name[16];
    snprintf(name, sizeof name, "m%d", i);
    run.candidate = name;
    struct evidence *evidence = fixture_run_make(&run);
    status = store_put(store, evidence, NULL, &error);
    evidence_free(evidence);
  }
  store_close(store);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(status, NONET_E_IO);
  assert_whole(folder);
  store = fixture_open(folder, STORE_READ);
  struct evidence *back = NULL;
  assert_int_equal(store_get(store, fixture_id(kept), &back, &error), NONET_OK);
  evidence_free(back);
  store_close(store);
}

static void test_killed(void **state) {
  const struct fixture_folder *folder = *state;
  store_close(fixture_open(folder, STORE_WRITE));
  for (int attempt = 0; attempt < 12; attempt++) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      struct store *store = fixture_open(folder, STORE_WRITE);
      for (int i = 0; i < 100000; i++) {
        char name[32];
        struct fixture_run run = FIXTURE_RUN;
        snprintf(name, sizeof name, "m%d-%d", attempt, i);
        run.candidate = name;
        struct evidence *evidence = fixture_run_make(&run);
        if (store_put(store, evidence, NULL, NULL) != NONET_OK) {
          _exit(1);
        }
        evidence_free(evidence);
      }
      _exit(2);
    }
    const struct timespec pause = {0, 10000000L + attempt * 3700000L};
    int status = 0;
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_whole(folder);
  }
}

/* As a user without rights to the file; root has them all. */
static void test_read_only(void **state) {
  const struct fixture_folder *folder = *state;
  struct store *store = fixture_open(folder, STORE_WRITE);
  nonet_error error = {""};
  assert_int_equal(store_put(store, kept, NULL, &error), NONET_OK);
  store_close(store);
  assert_int_equal(chmod(folder->store, 0444), 0);
  assert_int_equal(chmod(folder->path, 0555), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct evidence *back = NULL;
    if (geteuid() == 0 && setuid(65534) != 0) {
      _exit(0); /* a root without rights */
    }
    if (store_open(folder->store, STORE_WRITE, &store, &error) != NONET_E_CREATE) {
      _exit(1);
    }
    if (store_open(folder->store, STORE_READ, &store, &error) != NONET_OK ||
        store_get(store, fixture_id(kept), &back, &error) != NONET_OK) {
      fprintf(stderr, "%s\n", error.message);
      _exit(2);
    }
    evidence_free(back);
    store_close(store);
    _exit(0);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(chmod(folder->path, 0755), 0);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

#define IN_FOLDER(test)                                                                            \
  cmocka_unit_test_setup_teardown(test, fixture_folder_make, fixture_folder_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(test_memory), IN_FOLDER(test_full_disk), IN_FOLDER(test_full_disk_keeps_the_past),
      IN_FOLDER(test_killed), IN_FOLDER(test_read_only),
  };
  static const sqlite3_mem_methods methods = {sqlite_new,  sqlite_free,  sqlite_resize,
                                              sqlite_size, sqlite_round, sqlite_start,
                                              sqlite_stop, NULL};
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
      sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) {
    return 1;
  }
  kept = fixture_run_make(&FIXTURE_RUN);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  evidence_free(kept);
  return failed;
}
