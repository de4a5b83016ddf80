/*
 * The machine.
 *
 * Cases: 1. cgroup v2 (memory.max), with "max" for no limit  2. cgroup v1 (limit_in_bytes, a huge
 * number for no limit)  3. neither: physical memory.
 */
#include "base/machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t read_limit(const char *path) {
  FILE *file = fopen(path, "r");
  unsigned long long value = 0;
  if (file != NULL) {
    if (fscanf(file, "%llu", &value) != 1) { /* "max" */
      value = 0;
    }
    fclose(file);
  }
  return value;
}

uint64_t machine_memory_bytes(void) {
  static const char *const limits[] = {"/sys/fs/cgroup/memory.max",
                                       "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
  long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  uint64_t bytes =
      pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes : (uint64_t)4 << 30;
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    uint64_t limit = read_limit(limits[i]);
    bytes = limit > 0 && limit < bytes ? limit : bytes;
  }
  return bytes;
}

const char *machine_architecture(void) {
#if defined(__x86_64__)
  return "x86_64";
#elif defined(__aarch64__)
  return "aarch64";
#else
  return "other";
#endif
}

void machine_processor(char name[128]) {
  FILE *file = fopen("/proc/cpuinfo", "r");
  char line[256];
  name[0] = '\0';
  while (file != NULL && name[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
    char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
      snprintf(name, 128, "%.127s", colon + 2);
      name[strcspn(name, "\n")] = '\0';
    }
  }
  if (file != NULL) {
    fclose(file);
  }
}
