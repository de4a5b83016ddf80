/* Whole files or none: modes, links, special targets, what cannot be made, disks that fill, and
 * nothing left behind. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/atomic_file.h"
#include "base/memory.h"

/* Each test runs in an empty folder of its own. */
static char folder[64];

static int set_up(void **state) {
  (void)state;
  (void)strcpy(folder, "/tmp/nonet_atomic_XXXXXX");
  return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int tear_down(void **state) {
  (void)state;
  char command[128];
  (void)snprintf(command, sizeof command, "rm -r %s", folder);
  return chdir("/") != 0 || system(command) != 0;
}

static int n_files(void) {
  int n = 0;
  DIR *here = opendir(".");
  assert_non_null(here);
  while (readdir(here) != NULL) {
    n++;
  }
  closedir(here);
  return n - 2; /* . and .. */
}

static void assert_content(const char *path, const char *expected) {
  char content[256];
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  content[fread(content, 1, sizeof content - 1, file)] = '\0';
  fclose(file);
  assert_string_equal(content, expected);
}

static void store(const char *path, const char *content) {
  nonet_error error = {""};
  if (atomic_file_store(path, content, strlen(content), &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
}

static mode_t mode_of(const char *path) {
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  return status.st_mode & 07777;
}

static void test_new_and_replaced(void **state) {
  (void)state;
  mode_t before = umask(027);
  store("out.json", "one");
  assert_int_equal(mode_of("out.json"), 0640);
  umask(before);
  assert_content("out.json", "one");
  assert_int_equal(chmod("out.json", 0604), 0);
  store("./out.json", "two");
  assert_int_equal(mode_of("out.json"), 0604);
  assert_content("out.json", "two");
  store("empty", "");
  assert_content("empty", "");
  assert_int_equal(n_files(), 2);
}

static void test_not_there_before_commit(void **state) {
  (void)state;
  store("out", "old");
  struct atomic_file *file;
  assert_int_equal(atomic_file_open("out", &file, NULL), NONET_OK);
  assert_int_equal(atomic_file_write(file, "ne", 2, NULL), NONET_OK);
  assert_content("out", "old");
  assert_int_equal(atomic_file_write(file, "w", 1, NULL), NONET_OK);
  assert_int_equal(chdir("/"), 0); /* changes nothing */
  assert_int_equal(atomic_file_commit(file, NULL), NONET_OK);
  assert_int_equal(chdir(folder), 0);
  assert_content("out", "new");
  assert_int_equal(atomic_file_open("out", &file, NULL), NONET_OK);
  assert_int_equal(atomic_file_write(file, "never", 5, NULL), NONET_OK);
  atomic_file_abandon(file);
  atomic_file_abandon(NULL);
  assert_content("out", "new");
  assert_int_equal(n_files(), 1);
}

static void test_links(void **state) {
  (void)state;
  assert_int_equal(mkdir("deep", 0700), 0);
  assert_int_equal(symlink("real", "deep/second"), 0);
  assert_int_equal(symlink("deep/second", "first"), 0);
  struct stat status;
  for (int i = 0; i < 2; i++) { /* dangling, then not */
    store("first", i == 0 ? "a" : "b");
    assert_content("deep/real", i == 0 ? "a" : "b");
    assert_int_equal(lstat("first", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(lstat("deep/second", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
  }
  assert_int_equal(symlink("loop", "loop"), 0);
  assert_int_equal(atomic_file_store("loop", "x", 1, NULL), NONET_E_CREATE);
}

static void assert_cannot_create(const char *path, const char *expected) {
  struct atomic_file *file = NULL;
  nonet_error error = {""};
  assert_int_equal(atomic_file_open(path, &file, &error), NONET_E_CREATE);
  assert_null(file);
  if (strstr(error.message, expected) == NULL) {
    fail_msg("'%s' is not in '%s'", expected, error.message);
  }
  assert_int_equal(atomic_file_open(path, &file, NULL), NONET_E_CREATE);
}

static void test_cannot_be_made(void **state) {
  (void)state;
  char longest[300];
  memset(longest, 'x', 299);
  longest[299] = '\0';
  store("file", "x");
  assert_cannot_create(".", "is a folder");
  assert_cannot_create(folder, "is a folder");
  assert_cannot_create("fresh/", "is a folder");
  assert_cannot_create("missing/out",
                       "missing/out: cannot use the folder missing: No such file or directory");
  assert_cannot_create("file/out", "Not a directory");
  assert_cannot_create("", "0");
  assert_cannot_create(NULL, "0");
  assert_cannot_create(longest, "File name too long");
  longest[255] = '\0'; /* the longest name there is: the temporary one must fit too */
  store(longest, "x");
  assert_content(longest, "x");
  assert_int_equal(n_files(), 2);
  if (geteuid() != 0) {
    assert_int_equal(chmod("file", 0400), 0);
    assert_cannot_create("file", "Permission denied");
    assert_int_equal(chmod(folder, 0500), 0);
    assert_cannot_create("fresh", "Permission denied");
    assert_int_equal(chmod(folder, 0700), 0);
  }
}

static void test_full_disk(void **state) {
  (void)state;
  nonet_error error = {""};
  assert_int_equal(atomic_file_store("/dev/full", "x", 1, &error), NONET_E_IO);
  assert_non_null(strstr(error.message, "/dev/full"));
  assert_non_null(strstr(error.message, "No space left on device"));
  store("/dev/null", "x");

  /* A file that may not grow beyond 4 bytes stands for a disk that fills in the middle. */
  store("out", "old");
  struct rlimit before, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 4;
  void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
  struct atomic_file *file;
  assert_int_equal(atomic_file_open("out", &file, NULL), NONET_OK);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  nonet_status first = atomic_file_write(file, "12", 2, &error);
  nonet_status second = atomic_file_write(file, "3456", 4, &error);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, old_handler);
  assert_int_equal(first, NONET_OK);
  assert_int_equal(second, NONET_E_IO);
  assert_int_equal(atomic_file_commit(file, &error), NONET_E_IO);
  assert_content("out", "old");
  assert_int_equal(n_files(), 1);
}

static void test_fifo_and_descriptors(void **state) {
  (void)state;
  char content[8] = "";
  assert_int_equal(mkfifo("fifo", 0600), 0);
  int reader = open("fifo", O_RDONLY | O_NONBLOCK);
  store("fifo", "pipe");
  assert_int_equal(read(reader, content, sizeof content), 4);
  assert_memory_equal(content, "pipe", 4);
  struct stat status;
  assert_int_equal(stat("fifo", &status), 0);
  assert_true(S_ISFIFO(status.st_mode));

  /* A reader that goes away is an error, not the end of the process. */
  struct atomic_file *file;
  assert_int_equal(atomic_file_open("fifo", &file, NULL), NONET_OK);
  close(reader);
  nonet_error error;
  assert_int_equal(atomic_file_write(file, "x", 1, &error), NONET_E_IO);
  assert_non_null(strstr(error.message, "Broken pipe"));
  atomic_file_abandon(file);

  /* A descriptor on a regular file: appended where it stands, not replaced. */
  int fd = open("log", O_RDWR | O_CREAT, 0600);
  assert_int_equal(write(fd, "begin ", 6), 6);
  char path[32];
  (void)snprintf(path, sizeof path, "/dev/fd/%d", fd);
  store(path, "middle");
  assert_int_equal(write(fd, " end", 4), 4);
  close(fd);
  assert_content("log", "begin middle end");
  assert_cannot_create("/dev/fd/987", "Bad file descriptor");
}

/* Another library writes by the handle's path; an older target stays until the commit. */
static void test_handle(void **state) {
  (void)state;
  struct atomic_file *file;
  char path[ATOMIC_FILE_HANDLE_BYTES];
  store("out", "old");
  assert_int_equal(atomic_file_open("out", &file, NULL), NONET_OK);
  atomic_file_handle(file, path);
  FILE *other = fopen(path, "wb");
  assert_non_null(other);
  assert_int_equal(fwrite("by another", 1, 10, other), 10);
  assert_int_equal(fclose(other), 0);
  assert_content("out", "old");
  assert_int_equal(atomic_file_commit(file, NULL), NONET_OK);
  assert_content("out", "by another");
  assert_int_equal(n_files(), 1);
}

/* A process that is killed leaves nothing, where the file system has files without a name. */
static void test_killed(void **state) {
  (void)state;
  int fd = open(".", O_TMPFILE | O_WRONLY, 0600), ended;
  if (fd < 0) {
    skip();
  }
  close(fd);
  store("out", "old");
  pid_t child = fork();
  if (child == 0) {
    struct atomic_file *file;
    if (atomic_file_open("out", &file, NULL) != NONET_OK ||
        atomic_file_write(file, "new", 3, NULL) != NONET_OK) {
      _exit(1);
    }
    (void)raise(SIGKILL);
  }
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_true(WIFSIGNALED(ended));
  assert_int_equal(n_files(), 1);
  assert_content("out", "old");
}

static void test_allocation_failures(void **state) {
  (void)state;
  store("out", "old");
  long n = 0;
  for (bool done = false; !done; n++) {
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = atomic_file_store("out", "new", 3, &error);
    done = memory_fail_after(-1) <= n;
    assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
    assert_content("out", done ? "new" : "old");
    assert_int_equal(n_files(), 1);
  }
  assert_true(n >= 2);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(test_new_and_replaced),
      IN_FOLDER(test_not_there_before_commit),
      IN_FOLDER(test_links),
      IN_FOLDER(test_cannot_be_made),
      IN_FOLDER(test_full_disk),
      IN_FOLDER(test_fifo_and_descriptors),
      IN_FOLDER(test_handle),
      IN_FOLDER(test_allocation_failures),
  };
  int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
  atomic_file_limit(true); /* and with names from the start */
  n_failed += cmocka_run_group_tests(tests, NULL, NULL);
  atomic_file_limit(false);
  const struct CMUnitTest killed[] = {IN_FOLDER(test_killed)};
  return n_failed + cmocka_run_group_tests(killed, NULL, NULL);
}
