/* The energy counters of the processor packages, where the machine lets them be read (Linux
 * powercap). */
#ifndef PROCESS_POWER_H
#define PROCESS_POWER_H

#include <stddef.h>

#define POWER_ZONES 16
#define POWER_ROOT "/sys/class/powercap"

struct power {
  size_t n_zones;
  int fd[POWER_ZONES];       /* of energy_uj */
  double range[POWER_ZONES]; /* where the counter starts again, in microjoules */
  double last[POWER_ZONES];  /* what it said */
  double sum_uj;             /* since power_open, all zones */
};

/* Opens the counters under `root`. "" when there are any; else why there are none. */
void power_open(struct power *power, const char *root, char why[208]);
/* Microjoules since power_open; NaN when a counter cannot be read, or there is none. */
double power_read(struct power *power);
void power_close(struct power *power);

#endif
