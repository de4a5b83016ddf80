/*
 * The self-test's repeats.
 *
 * In each repeat the rows are swapped once; every gate's law is taken from them as a comparison
 * takes it, and held against 0 and −δ; then, for each gate with an injector, the same swap with a
 * harm of δ, and of 2δ. Of 1,000 repeats a true rate of alpha shows up to alpha + 3·√(alpha(1 −
 * alpha)/1,000) = 1.4 alpha; what lies above what a gate promises is called broken. (Equal models
 * alone are toothless: a standard error 60 % too small leaves false FAIL at a margin below .002,
 * but makes IMPROVED .25.)
 *
 * Cases:
 *  1. A law that must not decide rejects nothing; where that is so in most repeats, nothing can be
 *     said of the gate.
 *  2. δ of a relative margin is a log ratio: the harm is value·(1 − e^−δ), or value·(e^δ − 1) where
 *     lower is better.
 *  3. A harm that does not fit, or a margin of 0: the repeat counts for the other rates alone.
 *  4. Bootstraps have 199 replicates here: 200·alpha is whole, so their size is that of more.
 *  5. The result depends on rows, seed and repeats, not on threads.
 *  6. Gates of tables, rates and AUC may err 1.4 alpha (.07) where they decide at all: what their
 *     tests promise for finite samples.
 */
#include "run/selftest.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "judge/judge.h"

#define REPLICATES 199 /* 4 */

enum outcome {
  UNDECIDED = 1 << 0,
  IMPROVED = 1 << 1,
  HARMED_AT_ZERO = 1 << 2,
  SAFE_WHEN_EQUAL = 1 << 3,
  INJECTED = 1 << 4,
  SAFE_AT_MARGIN = 1 << 5,
  HARMED_AT_MARGIN = 1 << 6,
  INJECTED_TWICE = 1 << 7,
  HARMED_AT_TWICE = 1 << 8
};

struct job {
  const struct selftest_request *request;
  const struct selftest_gate *gates;
  size_t n_gates;
  const struct swapped_rows *rows;
  struct swapped *scratch; /* [n_threads] */
  unsigned *outcome;       /* [n_repeats][n_gates] */
  _Atomic uint64_t n_done;
};

const char *selftest_state_name(enum selftest_state state) {
  static const char *const names[] = {"HOLDS", "BROKEN", "OPEN"};
  return names[state];
}

/* ---- one law ---- */

enum stage { STAGE_EQUAL, STAGE_MARGIN, STAGE_TWICE };

static bool rejects(const struct inference *law, double null, bool upper, double alpha) {
  return law->kind != INFERENCE_MISSING && law->undecided == NULL &&
         inference_p(law, null, upper) <= alpha; /* 1 */
}

static unsigned outcome_of(const struct job *job, const struct selftest_gate *gate,
                           const struct inference *law, enum stage stage) {
  const double alpha = job->request->alpha;
  unsigned outcome = 0;
  switch (stage) {
  case STAGE_EQUAL:
    outcome |= law->kind == INFERENCE_MISSING || law->undecided != NULL ? UNDECIDED : 0;
    outcome |= rejects(law, 0.0, true, alpha) ? IMPROVED : 0;
    outcome |= rejects(law, 0.0, false, alpha) ? HARMED_AT_ZERO : 0;
    outcome |= rejects(law, -gate->margin, true, alpha) ? SAFE_WHEN_EQUAL : 0;
    break;
  case STAGE_MARGIN:
    outcome |= INJECTED;
    outcome |= rejects(law, -gate->margin, true, alpha) ? SAFE_AT_MARGIN : 0;
    outcome |= rejects(law, -gate->margin, false, alpha) ? HARMED_AT_MARGIN : 0;
    break;
  case STAGE_TWICE:
    outcome |= INJECTED_TWICE;
    outcome |= rejects(law, -gate->margin, false, alpha / (double)job->request->n_family)
                   ? HARMED_AT_TWICE
                   : 0;
    break;
  }
  return outcome;
}

/* The gate's law from a set, as court and judge have it; *value is the candidate's. */
static nonet_status weigh(const struct job *job, const struct selftest_gate *gate,
                          const struct summary_set *set, enum stage stage, unsigned *outcome,
                          double *value, nonet_error *error) {
  const struct view_options options = {.seed = job->request->seed,
                                       .n_replicates = REPLICATES,
                                       .n_threads = 1,
                                       .level = 0.95,
                                       .quantile = 0.5};
  const bool is_higher = gate->measure->direction == DIRECTION_HIGHER;
  struct inference law = inference_none(gate->measure->interval);
  struct view view;
  nonet_status status =
      view_init(set, gate->scope.in_scope, gate->scope.class_index, &options, &view, error);
  if (status != NONET_OK) {
    return status;
  }
  status = gate->measure->compare(gate->measure, gate->variant, &view, &law, error);
  *value = law.pair_value[STREAM_A];
  if (status == NONET_OK) {
    law = gate->is_relative ? judge_log_ratio(&law, is_higher)
          : is_higher       ? law
                            : inference_negated(&law);
    if (job->request->distort != NULL) {
      job->request->distort(&law);
    }
    *outcome |= outcome_of(job, gate, &law, stage);
  }
  view_clear(&view);
  return status;
}

/* ---- one repeat ---- */

static unsigned kinds_of(const struct measure *measure) {
  return measure->kinds == SUMMARY_COUNT_TABLE ? measure->kinds : measure->kinds | SUMMARY_MULTISET;
}

/* All gates that read scores as they are, or all that read ranks, from one swap. */
static nonet_status equal_models(const struct job *job, struct swapped *swapped, size_t repeat,
                                 bool by_rank, unsigned *outcome, double *value,
                                 nonet_error *error) {
  struct summary_set *set = NULL;
  unsigned kinds = 0;
  for (size_t g = 0; g < job->n_gates; g++) {
    const struct measure *measure = job->gates[g].measure;
    kinds |= harm_reads_ranks(measure) == by_rank ? kinds_of(measure) : 0;
  }
  if (kinds == 0) {
    return NONET_OK;
  }
  swapped_draw(swapped, job->request->seed, repeat, by_rank);
  nonet_status status = swapped_set(swapped, kinds, &set, error);
  for (size_t g = 0; g < job->n_gates && status == NONET_OK; g++) {
    const struct selftest_gate *gate = &job->gates[g];
    if (harm_reads_ranks(gate->measure) == by_rank) {
      status = weigh(job, gate, set, STAGE_EQUAL, &outcome[g], &value[g], error);
    }
  }
  summary_free(set);
  return status;
}

/* 2 */
static double size_of(const struct selftest_gate *gate, double value, double times) {
  const double delta = times * gate->margin;
  if (!gate->is_relative) {
    return delta;
  }
  return gate->measure->direction == DIRECTION_HIGHER ? -value * expm1(-delta)
                                                      : value * expm1(delta);
}

static nonet_status harmed_model(const struct job *job, struct swapped *swapped, size_t repeat,
                                 const struct selftest_gate *gate, enum stage stage, double value,
                                 unsigned *outcome, nonet_error *error) {
  const struct harm *harm = harm_of(gate->measure, gate->variant, swapped->rows->roles.task);
  const double size = size_of(gate, value, stage == STAGE_TWICE ? 2.0 : 1.0);
  struct summary_set *set = NULL;
  nonet_status status = NONET_OK;
  double ignored;
  if (harm == NULL || !(gate->margin > 0.0)) {
    return NONET_OK; /* 3 */
  }
  swapped_draw(swapped, job->request->seed, repeat, harm_reads_ranks(gate->measure));
  if (harm_inject(harm, &gate->scope, value, size, job->request->seed, repeat, swapped)) {
    status = swapped_set(swapped, kinds_of(gate->measure), &set, error);
    if (status == NONET_OK) {
      status = weigh(job, gate, set, stage, outcome, &ignored, error);
    }
  }
  summary_free(set);
  return status;
}

static nonet_status one_repeat(void *context, size_t repeat, size_t worker, nonet_error *error) {
  struct job *job = context;
  struct swapped *swapped = &job->scratch[worker];
  unsigned *outcome = &job->outcome[repeat * job->n_gates];
  double *value = memory_zeroed(job->n_gates + 1, sizeof *value);
  nonet_status status = value == NULL
                            ? error_memory(error, job->n_gates * sizeof *value, "the self-test")
                            : progress_check(job->request->progress, error);
  for (int by_rank = 0; by_rank < 2 && status == NONET_OK; by_rank++) {
    status = equal_models(job, swapped, repeat, by_rank != 0, outcome, value, error);
  }
  for (size_t g = 0; g < job->n_gates && status == NONET_OK; g++) {
    for (int stage = STAGE_MARGIN; stage <= STAGE_TWICE && status == NONET_OK; stage++) {
      status = harmed_model(job, swapped, repeat, &job->gates[g], (enum stage)stage, value[g],
                            &outcome[g], error);
    }
  }
  memory_free(value);
  progress_report(job->request->progress, "self-test", ++job->n_done, job->request->n_repeats);
  return status;
}

/* ---- rates ---- */

/* The share of `bit` among the repeats that have `among`; NaN without any. */
static double rate(const struct job *job, size_t gate, unsigned bit, unsigned among, size_t *n) {
  size_t hits = 0;
  *n = 0;
  for (size_t r = 0; r < job->request->n_repeats; r++) {
    const unsigned outcome = job->outcome[r * job->n_gates + gate];
    *n += (outcome & among) == among;
    hits += (outcome & among) == among && (outcome & bit) != 0;
  }
  return *n > 0 ? (double)hits / (double)*n : NAN;
}

/* 6 */
static double promise_of(const struct measure *measure, double alpha) {
  const bool is_asymptotic = measure->kinds == SUMMARY_COUNT_TABLE || harm_reads_ranks(measure);
  return is_asymptotic ? 1.4 * alpha : alpha;
}

static double most_of(double promised, size_t n) {
  return promised + 3.0 * sqrt(promised * (1.0 - promised) / (double)n);
}

static bool is_above(double share, size_t n, double promised) {
  return n > 0 && share > most_of(promised, n);
}

static void settle(const struct job *job, size_t g, struct selftest_gate *gate) {
  const double promised = promise_of(gate->measure, job->request->alpha);
  size_t n, n_injected, n_twice;
  gate->undecided = rate(job, g, UNDECIDED, 0, &n);
  gate->improved = rate(job, g, IMPROVED, 0, &n);
  gate->harmed_at_zero = rate(job, g, HARMED_AT_ZERO, 0, &n);
  gate->safe_when_equal = rate(job, g, SAFE_WHEN_EQUAL, 0, &n);
  gate->safe_at_margin = rate(job, g, SAFE_AT_MARGIN, INJECTED, &n_injected);
  gate->harmed_at_margin = rate(job, g, HARMED_AT_MARGIN, INJECTED, &n_injected);
  gate->harmed_at_twice = rate(job, g, HARMED_AT_TWICE, INJECTED_TWICE, &n_twice);
  gate->n_injected = n_injected;
  gate->promised = promised;
  gate->most = most_of(promised, n);
  const bool is_broken = is_above(gate->improved, n, promised) ||
                         is_above(gate->harmed_at_zero, n, promised) ||
                         is_above(gate->safe_at_margin, n_injected, promised) ||
                         is_above(gate->harmed_at_margin, n_injected, promised);
  gate->state = is_broken               ? SELFTEST_BROKEN
                : gate->undecided > 0.5 ? SELFTEST_OPEN
                                        : SELFTEST_HOLDS;
}

static double joint_pass(const struct job *job) {
  size_t n_pass = 0;
  for (size_t r = 0; r < job->request->n_repeats; r++) {
    bool passes = true;
    for (size_t g = 0; g < job->n_gates && passes; g++) {
      passes = (job->outcome[r * job->n_gates + g] & SAFE_WHEN_EQUAL) != 0;
    }
    n_pass += passes;
  }
  return (double)n_pass / (double)job->request->n_repeats;
}

static nonet_status run_repeats(struct job *job, size_t n_threads, nonet_error *error) {
  const size_t n_repeats = job->request->n_repeats;
  nonet_status status = NONET_OK;
  job->scratch = memory_zeroed(n_threads, sizeof *job->scratch);
  job->outcome = memory_zeroed(n_repeats * job->n_gates + 1, sizeof *job->outcome);
  if (job->scratch == NULL || job->outcome == NULL) {
    return error_memory(error, n_repeats * job->n_gates * sizeof *job->outcome, "the self-test");
  }
  for (size_t t = 0; t < n_threads && status == NONET_OK; t++) {
    status = swapped_init(&job->scratch[t], job->rows, error);
  }
  progress_report(job->request->progress, "self-test", 0, n_repeats);
  return status == NONET_OK ? parallel_for(n_threads, n_repeats, one_repeat, job, error) : status;
}

nonet_status selftest_repeat(struct selftest_gate *gates, size_t n_gates,
                             const struct selftest_request *request, struct selftest_result *result,
                             nonet_error *error) {
  const size_t n_threads = request->n_threads > 0 ? request->n_threads : 1;
  struct swapped_rows rows;
  struct job job = {.request = request, .gates = gates, .n_gates = n_gates, .rows = &rows};
  nonet_status status = swapped_rows_read(request->set, n_threads, &rows, error);
  if (status == NONET_OK) {
    status = run_repeats(&job, n_threads, error);
  }
  if (status == NONET_OK) {
    *result = (struct selftest_result){.n_rows = rows.n, .pass_when_equal = joint_pass(&job)};
    for (size_t g = 0; g < n_gates; g++) {
      settle(&job, g, &gates[g]);
      result->is_broken = result->is_broken || gates[g].state == SELFTEST_BROKEN;
    }
  }
  for (size_t t = 0; t < n_threads && job.scratch != NULL; t++) {
    swapped_clear(&job.scratch[t]);
  }
  memory_free(job.scratch);
  memory_free(job.outcome);
  swapped_rows_clear(&rows);
  return status;
}
