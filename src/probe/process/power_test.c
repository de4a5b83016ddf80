/* Counters in a tree of files that looks like /sys/class/powercap. */
#include "probe/process/power.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "probe/process/load.h"

static char root[256];

static void put(const char *path, const char *text) {
  char whole[600];
  (void)snprintf(whole, sizeof whole, "%s%s", root, path);
  for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash != NULL;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(whole, 0700);
    *slash = '/';
  }
  FILE *file = fopen(whole, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static int setup(void **state) {
  (void)state;
  const char *folder = getenv("TMPDIR");
  (void)snprintf(root, sizeof root, "%s/power-XXXXXX", folder != NULL ? folder : "/tmp");
  return mkdtemp(root) == NULL;
}

static int teardown(void **state) {
  (void)state;
  char command[300];
  (void)snprintf(command, sizeof command, "rm -r '%s'", root);
  return system(command);
}

static void test_packages_are_summed(void **state) {
  (void)state;
  struct power power;
  char why[208];
  put("/intel-rapl:0/name", "package-0\n");
  put("/intel-rapl:0/energy_uj", "1000\n");
  put("/intel-rapl:0/max_energy_range_uj", "262143328850\n");
  put("/intel-rapl:1/name", "package-1\n");
  put("/intel-rapl:1/energy_uj", "900\n");
  put("/intel-rapl:1/max_energy_range_uj", "1000\n");
  put("/intel-rapl:0:0/name", "core\n"); /* inside package-0: not counted again */
  put("/intel-rapl:0:0/energy_uj", "500\n");
  power_open(&power, root, why);
  assert_string_equal(why, "");
  assert_int_equal(power.n_zones, 2);
  assert_true(power_read(&power) == 0);
  put("/intel-rapl:0/energy_uj", "4000\n");
  put("/intel-rapl:0:0/energy_uj", "3500\n");
  assert_true(power_read(&power) == 3000);
  put("/intel-rapl:1/energy_uj", "150\n"); /* 3: 900 … 1000, and on to 150 */
  assert_true(power_read(&power) == 3250);
  put("/intel-rapl:0/energy_uj", "gone\n"); /* 4 */
  assert_true(isnan(power_read(&power)));
  power_close(&power);
}

static void test_no_counters(void **state) {
  (void)state;
  struct power power;
  char why[208], nowhere[300];
  (void)snprintf(nowhere, sizeof nowhere, "%s/nowhere", root);
  power_open(&power, nowhere, why);
  assert_non_null(strstr(why, "is not there"));
  assert_true(isnan(power_read(&power)));
  put("/other/dtpm/name", "dtpm\n");
  (void)snprintf(nowhere, sizeof nowhere, "%s/other", root);
  power_open(&power, nowhere, why);
  assert_non_null(strstr(why, "no zone of a processor package"));
  put("/silent/intel-rapl:0/name", "package-0\n"); /* 2: there, and out of reach */
  (void)snprintf(nowhere, sizeof nowhere, "%s/silent", root);
  power_open(&power, nowhere, why);
  assert_non_null(strstr(why, "energy_uj cannot be read"));
  power_close(&power);
}

static void test_load_of_the_machine(void **state) {
  (void)state;
  char text[64];
  struct load none = load_look(root), before, after;
  double queue, steal, mhz;
  assert_true(none.waiting == 0 && none.total == 0 && none.mhz == 0);
  (void)snprintf(text, sizeof text, "0.5 0.5 0.5 %ld/300 4711\n",
                 sysconf(_SC_NPROCESSORS_ONLN) + 3);
  put("/proc/loadavg", text);
  put("/proc/stat", "cpu  100 0 50 800 0 0 0 50 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
  put("/proc/cpuinfo",
      "processor\t: 0\ncpu MHz\t\t: 2000.5\nprocessor\t: 1\ncpu MHz\t\t: 3000.5\n");
  before = load_look(root);
  assert_true(before.waiting == 3 && before.total == 1000 && before.steal == 50);
  assert_true(before.mhz == 2500.5);
  put("/proc/loadavg", "0.5 0.5 0.5 1/300 4711\n");
  put("/proc/stat", "cpu  150 0 50 820 0 0 0 80 7 7\n");
  put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1200000\n"); /* it knows better */
  after = load_look(root);
  load_between(&before, &after, &queue, &steal, &mhz);
  assert_true(queue == 3 && steal == 0.3 && mhz == 1200);
  load_between(&after, &after, &queue, &steal, &mhz);
  assert_true(queue == 0 && steal == 0); /* 2 */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_packages_are_summed),
      cmocka_unit_test(test_no_counters),
      cmocka_unit_test(test_load_of_the_machine),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
