/* What every document says of its run. */
#ifndef RUN_NOTE_H
#define RUN_NOTE_H

#include <time.h>

#include <nonet/nonet.h>

#include "evidence/evidence.h"

struct note_clock {
  struct timespec wall, steady;
};

struct note_clock note_clock_start(void);
/* Fills `run`, `tool`, the machine, and the level and replicates of the configuration. */
void note_run(struct evidence *evidence, const nonet_options *options,
              const struct note_clock *clock);

/* How busy the machine was while models were timed: the worst of any launch; nothing when none was.
 */
struct probe_answers;
void note_load(struct evidence *evidence, const struct probe_answers *answers);

#endif
