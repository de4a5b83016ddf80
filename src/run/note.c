/*
 * What every document says of its run: when, how long, with what seed and threads, on which
 * machine, by which version.
 */
#include "run/note.h"

#include <math.h>
#include <string.h>

#include "base/json_text.h"
#include "base/machine.h"
#include "probe/answers.h"
#include "run/intake.h"

struct note_clock note_clock_start(void) {
  struct note_clock clock;
  clock_gettime(CLOCK_REALTIME, &clock.wall);
  clock_gettime(CLOCK_MONOTONIC, &clock.steady);
  return clock;
}

static double clock_seconds(const struct note_clock *clock) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - clock->steady.tv_sec) +
         1e-9 * (double)(now.tv_nsec - clock->steady.tv_nsec);
}

void note_run(struct evidence *evidence, const nonet_options *options,
              const struct note_clock *clock) {
  char processor[128], started[32];
  struct tm utc;
  gmtime_r(&clock->wall.tv_sec, &utc);
  strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
  machine_processor(processor);
  evidence_set_run(evidence, "started", json_string(started));
  evidence_set_run(evidence, "seconds", json_real(clock_seconds(clock)));
  evidence_set_run(evidence, "seed", json_integer((json_int_t)options->seed));
  evidence_set_run(evidence, "threads", json_integer((json_int_t)intake_threads(options)));
  evidence_set_config(evidence, "level", json_real(options->level));
  evidence_set_config(evidence, "replicates", json_integer((json_int_t)options->replicates));
  if (options->invalid != NULL && strcmp(options->invalid, "drop") == 0) {
    evidence_set_config(evidence, "invalid", json_string("drop"));
  }
  evidence_set_machine(evidence, "architecture", json_string(machine_architecture()));
  evidence_set_machine(evidence, "processor", json_string(processor));
  evidence_set_machine(evidence, "memory_bytes", json_integer((json_int_t)machine_memory_bytes()));
  json_t *tool = json_object_get(evidence->root, "tool");
  evidence->failed |= json_object_set_new(tool, "version", json_string(nonet_version())) != 0;
  evidence->failed |= json_object_set_new(tool, "commit", json_string(nonet_commit())) != 0;
}

void note_load(struct evidence *evidence, const struct probe_answers *answers) {
  const struct probe_latency *latency = &answers->latency;
  double queue = fmax(fmax(answers->starts.run_queue, answers->batches.run_queue),
                      answers->threads.run_queue),
         steal = fmax(fmax(answers->starts.steal, answers->batches.steal), answers->threads.steal),
         mhz = INFINITY;
  if (latency->n_launches == 0 && answers->starts.n == 0 && answers->batches.n_launches == 0 &&
      answers->threads.n_launches == 0) {
    return;
  }
  for (size_t i = 0; i < latency->n_launches; i++) {
    queue = fmax(queue, latency->launches[i].run_queue);
    steal = fmax(steal, latency->launches[i].steal);
    mhz = latency->launches[i].mhz > 0 ? fmin(mhz, latency->launches[i].mhz) : mhz;
  }
  json_t *load = json_pack("{s:f, s:f, s:o, s:i, s:o}", "run_queue", queue, "steal", steal,
                           "mhz_lowest", json_text_real(mhz), "threads_in_model", 1, "asking_ns",
                           json_text_real(latency->n_launches > 0 ? latency->overhead_ns : NAN));
  evidence_set_machine(evidence, "load", load);
}
