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
 *  1. Where a law must not decide in most repeats, nothing can be said of the gate.
 *  2. A harm that does not fit, or a margin of 0: the repeat counts for the other rates alone.
 *  3. Models change places once for all gates; for a requirement on a gap groups do, among the rows
 *     that its measure compares (regrouped.h).
 *  4. The result depends on rows, seed and repeats, not on threads.
 *  5. Gates of tables, rates and AUC may err 1.4 alpha (.07) where they decide at all: what their
 *     tests promise for finite samples.
 */
#include "run/selftest.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "run/selftest_outcome.h"

struct job {
  const struct selftest_request *request;
  const struct outcome_subject *subjects; /* [n_gates] */
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

/* ---- one repeat ---- */

/* All gates that read scores as they are, or all that read ranks, from one swap. */
static nonet_status equal_models(const struct job *job, struct swapped *swapped, size_t repeat,
                                 bool by_rank, unsigned *outcome, double *value,
                                 nonet_error *error) {
  struct summary_set *set = NULL;
  unsigned kinds = 0;
  for (size_t g = 0; g < job->n_gates; g++) {
    const struct outcome_subject *subject = &job->subjects[g];
    const bool is_one = subject->gate->way != SELFTEST_REGROUPED && subject->reads_ranks == by_rank;
    kinds |= is_one ? subject->kinds : 0;
  }
  if (kinds == 0) {
    return NONET_OK;
  }
  swapped_draw(swapped, job->request->seed, repeat, by_rank);
  nonet_status status = swapped_set(swapped, kinds, &set, error);
  for (size_t g = 0; g < job->n_gates && status == NONET_OK; g++) {
    const struct outcome_subject *subject = &job->subjects[g];
    if (subject->gate->way != SELFTEST_REGROUPED && subject->reads_ranks == by_rank) {
      status =
          outcome_weigh(subject, job->request, set, STAGE_EQUAL, &outcome[g], &value[g], error);
    }
  }
  summary_free(set);
  return status;
}

/* The rows of one gate: models or groups have changed places; then a harm. */
static nonet_status one_stage(const struct job *job, struct swapped *swapped, size_t repeat,
                              const struct outcome_subject *subject, enum outcome_stage stage,
                              double *value, unsigned *outcome, nonet_error *error) {
  const uint64_t seed = job->request->seed;
  struct summary_set *set = NULL;
  nonet_status status = NONET_OK;
  double ignored = NAN;
  if (stage != STAGE_EQUAL && (subject->harm == NULL || !(subject->gate->margin > 0.0))) {
    return NONET_OK; /* 2 */
  }
  if (subject->gate->way == SELFTEST_REGROUPED) {
    status = regrouped_draw(&subject->regrouped, seed, repeat, swapped, error);
  } else {
    swapped_draw(swapped, seed, repeat, subject->reads_ranks);
  }
  if (status == NONET_OK &&
      (stage == STAGE_EQUAL ||
       harm_inject(subject->harm, &subject->target, *value, outcome_size(subject, *value, stage),
                   seed, repeat, swapped))) {
    status = swapped_set(swapped, subject->kinds, &set, error);
    if (status == NONET_OK) {
      status = outcome_weigh(subject, job->request, set, stage, outcome,
                             stage == STAGE_EQUAL ? value : &ignored, error);
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
    const struct outcome_subject *subject = &job->subjects[g];
    int stage = subject->gate->way == SELFTEST_REGROUPED ? STAGE_EQUAL : STAGE_MARGIN;
    for (; stage <= STAGE_TWICE && status == NONET_OK; stage++) {
      status = one_stage(job, swapped, repeat, subject, (enum outcome_stage)stage, &value[g],
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

/* 5 */
static double promise_of(const struct outcome_subject *subject, double alpha) {
  const bool is_asymptotic = subject->kinds == SUMMARY_COUNT_TABLE ||
                             (subject->base != NULL && harm_reads_ranks(subject->base));
  return is_asymptotic ? 1.4 * alpha : alpha;
}

static double most_of(double promised, size_t n) {
  return promised + 3.0 * sqrt(promised * (1.0 - promised) / (double)n);
}

static bool is_above(double share, size_t n, double promised) {
  return n > 0 && share > most_of(promised, n);
}

static void settle(const struct job *job, size_t g, struct selftest_gate *gate) {
  const double promised = promise_of(&job->subjects[g], job->request->alpha);
  size_t n, n_injected, n_twice;
  gate->undecided = rate(job, g, OUTCOME_UNDECIDED, 0, &n);
  gate->improved = gate->way == SELFTEST_SWAP ? rate(job, g, OUTCOME_IMPROVED, 0, &n) : NAN;
  gate->harmed_at_zero = rate(job, g, OUTCOME_HARMED_AT_ZERO, 0, &n);
  gate->safe_when_equal = rate(job, g, OUTCOME_SAFE_WHEN_EQUAL, 0, &n);
  gate->safe_at_margin = rate(job, g, OUTCOME_SAFE_AT_MARGIN, OUTCOME_INJECTED, &n_injected);
  gate->harmed_at_margin = rate(job, g, OUTCOME_HARMED_AT_MARGIN, OUTCOME_INJECTED, &n_injected);
  gate->harmed_at_twice = rate(job, g, OUTCOME_HARMED_AT_TWICE, OUTCOME_INJECTED_TWICE, &n_twice);
  gate->n_injected = n_injected;
  gate->has_injector = job->subjects[g].harm != NULL;
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
  size_t n_pass = 0, n_swapped = 0;
  for (size_t g = 0; g < job->n_gates; g++) {
    n_swapped += job->subjects[g].gate->way != SELFTEST_REGROUPED;
  }
  for (size_t r = 0; r < job->request->n_repeats; r++) {
    bool passes = true;
    for (size_t g = 0; g < job->n_gates && passes; g++) {
      passes = job->subjects[g].gate->way == SELFTEST_REGROUPED ||
               (job->outcome[r * job->n_gates + g] & OUTCOME_SAFE_WHEN_EQUAL) != 0;
    }
    n_pass += passes;
  }
  return n_swapped > 0 ? (double)n_pass / (double)job->request->n_repeats : NAN;
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
  struct outcome_subject *subjects = memory_zeroed(n_gates + 1, sizeof *subjects);
  struct job job = {.request = request, .subjects = subjects, .n_gates = n_gates, .rows = &rows};
  nonet_status status = swapped_rows_read(request->set, n_threads, &rows, error);
  if (status == NONET_OK && subjects == NULL) {
    status = error_memory(error, n_gates * sizeof *subjects, "the self-test");
  }
  for (size_t g = 0; g < n_gates && status == NONET_OK; g++) {
    status = outcome_open(&gates[g], request, &rows, &subjects[g], error);
  }
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
  for (size_t g = 0; g < n_gates && subjects != NULL; g++) {
    outcome_close(&subjects[g]);
  }
  memory_free(subjects);
  memory_free(job.scratch);
  memory_free(job.outcome);
  swapped_rows_clear(&rows);
  return status;
}
