/* Where a runtime is looked for, and what is said when it is nowhere or not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/runtime_library.h"

static const struct runtime_library nowhere = {"nosuchruntime", "NONET_NOSUCHRUNTIME",
                                               "libnosuchruntime.so.1", "lib/lib*.so*",
                                               "nosuchruntime==1.0"};

static void test_nowhere(void **state) {
  (void)state;
  void *handle;
  char path[256];
  nonet_error error;
  unsetenv("NONET_NOSUCHRUNTIME");
  setenv("XDG_DATA_HOME", "/nonexistent", 1);
  assert_int_equal(runtime_library_open(&nowhere, &handle, path, sizeof path, &error),
                   NONET_E_UNAVAILABLE);
  assert_non_null(strstr(error.message, "pip install --no-deps --target "
                                        "~/.local/share/nonet/nosuchruntime nosuchruntime==1.0"));
}

/* A file that is named, or found, and is no library is told with its path. */
static void test_no_library(void **state) {
  (void)state;
  void *handle;
  char path[256], folder[] = "/tmp/nonet-runtime-XXXXXX", name[128];
  nonet_error error;
  setenv("NONET_NOSUCHRUNTIME", "/etc/passwd", 1);
  assert_int_equal(runtime_library_open(&nowhere, &handle, path, sizeof path, &error),
                   NONET_E_UNAVAILABLE);
  assert_non_null(strstr(error.message, "NONET_NOSUCHRUNTIME names /etc/passwd"));
  unsetenv("NONET_NOSUCHRUNTIME");
  assert_non_null(mkdtemp(folder));
  setenv("XDG_DATA_HOME", folder, 1);
  static const char *const below[] = {"/nonet", "/nonet/nosuchruntime", "/nonet/nosuchruntime/lib"};
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s%s", folder, below[i]);
    assert_int_equal(mkdir(name, 0700), 0);
  }
  snprintf(name, sizeof name, "%s/nonet/nosuchruntime/lib/libx.so.1", folder);
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  fputs("no library", file);
  fclose(file);
  assert_int_equal(runtime_library_open(&nowhere, &handle, path, sizeof path, &error),
                   NONET_E_UNAVAILABLE);
  assert_non_null(strstr(error.message, name));
  unlink(name);
  for (int i = 2; i >= 0; i--) {
    snprintf(name, sizeof name, "%s%s", folder, below[i]);
    rmdir(name);
  }
  rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nowhere),
      cmocka_unit_test(test_no_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
