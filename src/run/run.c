/*
 * The commands: each is the same road with another end.
 *
 *   measure  intake → estimates
 *   compare  intake with two models → estimates → gates of a context → verdict
 *   merge    states of parts → estimates
 */
#include "run/run.h"

#include <time.h>

#include "base/machine.h"
#include "run/evaluate.h"
#include "run/gate.h"

struct clock {
  struct timespec wall, steady;
};

static struct clock clock_start(void) {
  struct clock clock;
  clock_gettime(CLOCK_REALTIME, &clock.wall);
  clock_gettime(CLOCK_MONOTONIC, &clock.steady);
  return clock;
}

static double clock_seconds(const struct clock *clock) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - clock->steady.tv_sec) +
         1e-9 * (double)(now.tv_nsec - clock->steady.tv_nsec);
}

static void note_run(struct evidence *evidence, const nonet_options *options,
                     const struct clock *clock) {
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
  evidence_set_machine(evidence, "architecture", json_string(machine_architecture()));
  evidence_set_machine(evidence, "processor", json_string(processor));
  evidence_set_machine(evidence, "memory_bytes", json_integer((json_int_t)machine_memory_bytes()));
  json_t *tool = json_object_get(evidence->root, "tool");
  evidence->failed |= json_object_set_new(tool, "version", json_string(nonet_version())) != 0;
  evidence->failed |= json_object_set_new(tool, "commit", json_string(nonet_commit())) != 0;
}

/* The common end: freed on any failure. */
static nonet_status finish(struct evidence *made, struct intake *intake,
                           const nonet_options *options, const struct clock *clock,
                           nonet_status status, struct evidence **evidence, nonet_error *error) {
  if (status == NONET_OK) {
    note_run(made, options, clock);
    status = evidence_finish(made, error);
  }
  intake_clear(intake);
  if (status == NONET_OK) {
    *evidence = made;
  } else {
    evidence_free(made);
  }
  return status;
}

static nonet_status measure_or_compare(const nonet_options *options, bool is_compare,
                                       struct evidence **evidence, nonet_error *error) {
  struct clock clock = clock_start();
  struct evidence *made = NULL;
  struct intake intake = {0};
  struct gate_plan plan = {0};
  *evidence = NULL;
  nonet_status status = is_compare ? gate_plan_make(options, &plan, error)
                                   : NONET_OK; /* a wrong margin is told before any row is read */
  if (status == NONET_OK) {
    status = evidence_new(is_compare ? "compare" : "measure", &made, error);
  }
  if (status == NONET_OK) {
    status = intake_read(options, is_compare, made, &intake, error);
  }
  if (status == NONET_OK) {
    status = evaluate_measures(options, &intake, made, error);
  }
  if (status == NONET_OK && is_compare) {
    status = gate_judge(options, &plan, &intake, made, error);
  }
  gate_plan_clear(&plan);
  return finish(made, &intake, options, &clock, status, evidence, error);
}

nonet_status run_measure(const nonet_options *options, struct evidence **evidence,
                         nonet_error *error) {
  return measure_or_compare(options, false, evidence, error);
}

nonet_status run_compare(const nonet_options *options, struct evidence **evidence,
                         nonet_error *error) {
  return measure_or_compare(options, true, evidence, error);
}

nonet_status run_merge(const char *const *states, size_t n_states, const nonet_options *options,
                       struct evidence **evidence, nonet_error *error) {
  struct clock clock = clock_start();
  struct evidence *made = NULL;
  struct intake intake = {0};
  *evidence = NULL;
  nonet_status status = evidence_new("merge", &made, error);
  if (status == NONET_OK) {
    status = intake_merge(states, n_states, options, made, &intake, error);
  }
  if (status == NONET_OK) {
    status = evaluate_measures(options, &intake, made, error);
  }
  return finish(made, &intake, options, &clock, status, evidence, error);
}
