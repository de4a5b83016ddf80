/*
 * The commands: each is the same road with another end.
 *
 *   measure  intake → estimates
 *   compare  intake with two models → estimates → gates of a context → verdict
 *   merge    states of parts → estimates
 */
#include "run/run.h"

#include "run/evaluate.h"
#include "run/gate.h"
#include "run/note.h"

/* The common end: freed on any failure. */
static nonet_status finish(struct evidence *made, struct intake *intake,
                           const nonet_options *options, const struct note_clock *clock,
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
  struct note_clock clock = note_clock_start();
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
    status = intake_read(options, is_compare, NULL, made, &intake, error);
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
  struct note_clock clock = note_clock_start();
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
