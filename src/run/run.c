/*
 * The commands: each is the same road with another end.
 *
 *   measure  intake → estimates
 *   compare  intake with two models → estimates → gates of a context → verdict
 *   merge    states of parts → estimates
 *   data     intake without a model → estimates of the data → findings
 *   selftest intake with two models → the gates of a context → swaps of the rows → verdict
 */
#include "run/run.h"

#include "advise/advise.h"
#include "advise/findings_data.h"
#include "run/check.h"
#include "run/evaluate.h"
#include "run/note.h"
#include "run/selftest_court.h"
#include "run/verdict.h"

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

/* The context and the margins of a command line; everything wrong in them is told before any row is
 * read. */
struct standards {
  struct context context;
  struct court_margins margins;
};

static nonet_status standards_read(const nonet_options *options, struct standards *standards,
                                   nonet_error *error) {
  nonet_status status = context_find(options->context, &standards->context, error);
  if (status == NONET_OK) {
    status = court_margins_read(options->margin, &standards->margins, error);
  }
  return status;
}

static void standards_clear(struct standards *standards) {
  court_margins_clear(&standards->margins);
  context_clear(&standards->context);
}

/* Columns have no models to probe and no store to count looks in. */
static struct court_request request_of(const nonet_options *options,
                                       const struct standards *standards,
                                       const struct intake *intake) {
  return (struct court_request){.options = options,
                                .context = &standards->context,
                                .margins = standards->margins.item,
                                .n_margins = standards->margins.n,
                                .only = NULL,
                                .is_partial = standards->context.is_partial,
                                .intake = intake,
                                .has_baseline = true};
}

static nonet_status judge(const nonet_options *options, const struct standards *standards,
                          const struct intake *intake, struct evidence *evidence,
                          nonet_error *error) {
  const struct court_request request = request_of(options, standards, intake);
  struct verdict_outcome outcome;
  struct court court;
  nonet_status status = court_open(&court, &request, error);
  if (status == NONET_OK) {
    status = verdict_reach(&court, evidence, &outcome, error);
  }
  court_close(&court);
  return status == NONET_OK ? advise_actions(evidence, error) : status;
}

static nonet_status measure_or_compare(const nonet_options *options, bool is_compare,
                                       struct evidence **evidence, nonet_error *error) {
  struct note_clock clock = note_clock_start();
  struct evidence *made = NULL;
  struct intake intake = {0};
  struct standards standards = {0};
  *evidence = NULL;
  nonet_status status = is_compare ? standards_read(options, &standards, error) : NONET_OK;
  if (status == NONET_OK) {
    status = evidence_new(is_compare ? "compare" : "measure", &made, error);
  }
  if (status == NONET_OK) {
    status = intake_read(options, is_compare, NULL, made, &intake, error);
  }
  if (status == NONET_OK) {
    status = evaluate_measures(options, &intake, made, error);
  }
  if (status == NONET_OK) {
    status = findings_data(made, error);
  }
  if (status == NONET_OK) {
    status =
        is_compare ? judge(options, &standards, &intake, made, error) : advise_actions(made, error);
  }
  standards_clear(&standards);
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

/* All that is known of the data, unless --only says less. */
nonet_status run_data(const nonet_options *given, struct evidence **evidence, nonet_error *error) {
  struct note_clock clock = note_clock_start();
  struct evidence *made = NULL;
  struct intake intake = {0};
  nonet_options options = *given;
  *evidence = NULL;
  options.only = given->only != NULL ? given->only : "data";
  nonet_status status = evidence_new("data", &made, error);
  if (status == NONET_OK) {
    status = intake_data(&options, made, &intake, error);
  }
  if (status == NONET_OK) {
    status = evaluate_measures(&options, &intake, made, error);
  }
  if (status == NONET_OK) {
    status = findings_data(made, error);
  }
  if (status == NONET_OK) {
    status = advise_actions(made, error);
  }
  return finish(made, &intake, &options, &clock, status, evidence, error);
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
  if (status == NONET_OK) {
    status = findings_data(made, error);
  }
  if (status == NONET_OK) {
    status = advise_actions(made, error);
  }
  return finish(made, &intake, options, &clock, status, evidence, error);
}

static nonet_status test_gates(const nonet_options *options, const struct standards *standards,
                               const struct intake *intake, struct evidence *evidence,
                               nonet_error *error) {
  const struct court_request request = request_of(options, standards, intake);
  struct progress progress = {.callback = options->progress,
                              .context = options->progress_context,
                              .cancel = (const atomic_int *)options->cancel};
  struct court court;
  nonet_status status = court_open(&court, &request, error);
  if (status == NONET_OK) {
    status = selftest_court(&court, &progress, evidence, error);
  }
  court_close(&court);
  return status;
}

nonet_status run_selftest(const nonet_options *options, struct evidence **evidence,
                          nonet_error *error) {
  struct note_clock clock = note_clock_start();
  struct evidence *made = NULL;
  struct intake intake = {0};
  struct standards standards = {0};
  *evidence = NULL;
  if (options->file == NULL && options->query == NULL && options->stream == NULL) {
    return run_check_selftest(options, evidence, error);
  }
  nonet_status status = standards_read(options, &standards, error);
  if (status == NONET_OK) {
    status = evidence_new("selftest", &made, error);
  }
  if (status == NONET_OK) {
    status = intake_read(options, true, NULL, made, &intake, error);
  }
  if (status == NONET_OK) {
    status = test_gates(options, &standards, &intake, made, error);
  }
  standards_clear(&standards);
  return finish(made, &intake, options, &clock, status, evidence, error);
}
