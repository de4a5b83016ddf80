/* How loaded the machine is: what waits for a core, what the host keeps, how fast the cores run. */
#ifndef PROCESS_LOAD_H
#define PROCESS_LOAD_H

struct load {
  double waiting;      /* tasks that want a core and have none */
  double steal, total; /* ticks of all cores so far: those the host kept, and all */
  double mhz;          /* mean over the cores; 0: not told */
};

/* `root` stands before /proc and /sys: "" but in tests. What is not there is 0. */
struct load load_look(const char *root);
/* Over a stretch: the longer queue, the share of ticks the host kept, the lower frequency. */
void load_between(const struct load *before, const struct load *after, double *run_queue,
                  double *steal, double *mhz);

#endif
