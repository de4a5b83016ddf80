/*
 * The load of the machine (load.h).
 *
 *   queue      the runnable tasks of /proc/loadavg beyond the number of cores
 *   steal      the eighth number of /proc/stat's first line, over the sum of the eight
 *   frequency  the mean of scaling_cur_freq over the cores; where that is not there, of "cpu MHz"
 *              in /proc/cpuinfo
 *
 * Cases:
 *  1. Not Linux, or files that a container hides: zeros, which mean "not told".
 *  2. Ticks that do not grow between two looks (a hundredth of a second each): no steal is known.
 *  3. Cores that are off have no frequency: the mean is over those that have one.
 */
#include "probe/process/load.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define CORES_MOST 4096

static FILE *open_at(const char *root, const char *path) {
  char whole[4096];
  (void)snprintf(whole, sizeof whole, "%s%s", root, path);
  return fopen(whole, "r");
}

static void look_at_queue(const char *root, struct load *load) {
  FILE *file = open_at(root, "/proc/loadavg");
  double running = 0;
  if (file != NULL) {
    if (fscanf(file, "%*s %*s %*s %lf", &running) == 1) {
      load->waiting = fmax(0, running - (double)sysconf(_SC_NPROCESSORS_ONLN));
    }
    fclose(file);
  }
}

static void look_at_ticks(const char *root, struct load *load) {
  FILE *file = open_at(root, "/proc/stat");
  double field[8] = {0};
  if (file != NULL) {
    if (fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
               &field[3], &field[4], &field[5], &field[6], &field[7]) == 8) {
      for (int i = 0; i < 8; i++) {
        load->total += field[i];
      }
      load->steal = field[7];
    }
    fclose(file);
  }
}

static double scaling_mhz(const char *root) {
  double sum = 0, n = 0;
  for (int core = 0; core < CORES_MOST; core++) { /* 3 */
    char path[128];
    double khz;
    (void)snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq",
                   core);
    FILE *file = open_at(root, path);
    if (file == NULL && core >= sysconf(_SC_NPROCESSORS_CONF)) {
      break;
    }
    if (file != NULL) {
      if (fscanf(file, "%lf", &khz) == 1 && khz > 0) {
        sum += khz / 1000;
        n++;
      }
      fclose(file);
    }
  }
  return n > 0 ? sum / n : 0;
}

static double cpuinfo_mhz(const char *root) {
  FILE *file = open_at(root, "/proc/cpuinfo");
  char line[8192];
  double sum = 0, n = 0, mhz;
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "cpu MHz : %lf", &mhz) == 1 && mhz > 0) {
      sum += mhz;
      n++;
    }
  }
  if (file != NULL) {
    fclose(file);
  }
  return n > 0 ? sum / n : 0;
}

struct load load_look(const char *root) {
  struct load load = {0, 0, 0, 0};
  look_at_queue(root, &load);
  look_at_ticks(root, &load);
  load.mhz = scaling_mhz(root);
  load.mhz = load.mhz > 0 ? load.mhz : cpuinfo_mhz(root);
  return load;
}

void load_between(const struct load *before, const struct load *after, double *run_queue,
                  double *steal, double *mhz) {
  double ticks = after->total - before->total;
  *run_queue = fmax(before->waiting, after->waiting);
  *steal = ticks > 0 ? fmin(1, fmax(0, (after->steal - before->steal) / ticks)) : 0; /* 2 */
  *mhz = fmin(before->mhz, after->mhz);
}
