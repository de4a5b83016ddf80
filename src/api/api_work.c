/*
 * The work: options of the caller in, an evidence handle out.
 *
 * Cases:
 *  1. struct_size tells how much of the options the caller's version has: what is missing gets its
 *     default, so that a program built against an older header goes on working. Zero, or more than
 *     we know, is a usage error.
 *  2. The stream is taken over whatever happens: one that no floor moved away is released here.
 *  3. On failure *evidence is NULL and nothing is kept.
 */
#include "api/api.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include <nanoarrow/nanoarrow.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "run/check.h"
#include "run/run.h"

#define API_THREADS 1024

/* ---- cancelling ---- */

nonet_cancel *nonet_cancel_new(void) {
  nonet_cancel *cancel = memory_zeroed(1, sizeof *cancel);
  if (cancel != NULL) {
    atomic_init(&cancel->requested, 0);
  }
  return cancel;
}

void nonet_cancel_request(nonet_cancel *cancel) {
  if (cancel != NULL) {
    atomic_store(&cancel->requested, 1);
  }
}

void nonet_cancel_free(nonet_cancel *cancel) {
  memory_free(cancel);
}

/* ---- options ---- */

void nonet_options_init(nonet_options *options) {
  *options = (nonet_options){.struct_size = sizeof *options,
                             .threshold = 0.5,
                             .baseline_threshold = NAN,
                             .intersections = 1,
                             .level = 0.95,
                             .replicates = 1000,
                             .seed = 1};
}

/* Case 1. */
nonet_status api_read_options(const nonet_options *given, nonet_options *options,
                              nonet_error *error) {
  nonet_options_init(options);
  if (given == NULL) {
    return NONET_OK;
  }
  if (given->struct_size < sizeof given->struct_size || given->struct_size > sizeof *options) {
    return error_set(error, NONET_E_USAGE,
                     "options have struct_size %zu, expected %zu: call nonet_options_init first, "
                     "and use the header of nonet %s",
                     given->struct_size, sizeof *options, nonet_version());
  }
  memcpy(options, given, given->struct_size);
  options->struct_size = sizeof *options;
  if (options->threads > API_THREADS) { /* each has a summary of its own */
    return error_set(error, NONET_E_USAGE, "--threads is at most %d; found %zu", API_THREADS,
                     (size_t)options->threads);
  }
  return NONET_OK;
}

/* ---- work ---- */

enum work { WORK_MEASURE, WORK_COMPARE, WORK_DATA, WORK_MERGE, WORK_CHECK, WORK_SELFTEST };

static nonet_status work(enum work kind, const char *const *states, size_t n_states,
                         const nonet_options *given, nonet_evidence **evidence,
                         nonet_error *error) {
  nonet_options options;
  nonet_evidence *made = NULL;
  *evidence = NULL;
  nonet_status status = api_read_options(given, &options, error);
  if (status != NONET_OK) {
    return status;
  }
  made = memory_zeroed(1, sizeof *made);
  if (made == NULL) {
    status = error_memory(error, sizeof *made, "the evidence");
  } else if (kind == WORK_MERGE) {
    status = run_merge(states, n_states, &options, &made->document, error);
  } else if (kind == WORK_CHECK) {
    status = run_check(&options, &made->document, error);
  } else if (kind == WORK_SELFTEST) {
    status = run_selftest(&options, &made->document, error);
  } else if (kind == WORK_DATA) {
    status = run_data(&options, &made->document, error);
  } else if (kind == WORK_COMPARE) {
    status = run_compare(&options, &made->document, error);
  } else {
    status = run_measure(&options, &made->document, error);
  }
  if (options.stream != NULL && options.stream->release != NULL) { /* case 2 */
    options.stream->release(options.stream);
  }
  if (status != NONET_OK) {
    nonet_evidence_free(made);
    made = NULL;
  }
  *evidence = made;
  return status;
}

nonet_status nonet_measure(const nonet_options *options, nonet_evidence **evidence,
                           nonet_error *error) {
  return work(WORK_MEASURE, NULL, 0, options, evidence, error);
}

nonet_status nonet_compare(const nonet_options *options, nonet_evidence **evidence,
                           nonet_error *error) {
  return work(WORK_COMPARE, NULL, 0, options, evidence, error);
}

nonet_status nonet_data(const nonet_options *options, nonet_evidence **evidence,
                        nonet_error *error) {
  return work(WORK_DATA, NULL, 0, options, evidence, error);
}

nonet_status nonet_merge(const char *const *states, size_t n_states, const nonet_options *options,
                         nonet_evidence **evidence, nonet_error *error) {
  return work(WORK_MERGE, states, n_states, options, evidence, error);
}

nonet_status nonet_check(const nonet_options *options, nonet_evidence **evidence,
                         nonet_error *error) {
  return work(WORK_CHECK, NULL, 0, options, evidence, error);
}

nonet_status nonet_selftest(const nonet_options *options, nonet_evidence **evidence,
                            nonet_error *error) {
  return work(WORK_SELFTEST, NULL, 0, options, evidence, error);
}
