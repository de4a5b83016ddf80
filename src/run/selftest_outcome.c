/*
 * What a law says of made-up rows.
 *
 * The law is taken from them as the court takes it, and held against two values: that of equal
 * models (groups), and what is allowed. Beyond the one on the wrong side nothing may be proven more
 * often than alpha when they are equal, nor short of the other when a harm of exactly what is
 * allowed is in.
 *   gate           equal 0, allowed −δ, larger is better
 *   each group     every group's law; SAFE when all are, HARMED by the least p times their number
 *   gap <= c       equal 0, allowed c, smaller is better; ratio >= c: equal 1, larger is better
 *
 * Cases:
 *  1. A law that must not decide rejects nothing.
 *  2. δ of a relative margin is a log ratio: the harm is value·(1 − e^−δ), or value·(e^δ − 1) where
 *     lower is better.
 *  3. Over groups the harm is put into the largest alone: one group served worse by δ, or a gap of
 *     exactly c from all the others, whose expected value is that of all rows.
 *  4. A gate on the difference of two gaps: models change places, and no harm of a known size is
 *     known for it.
 *  5. Bootstraps have 199 replicates here: 200·alpha is whole, so their size is that of more.
 */
#include "run/selftest_outcome.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "judge/judge.h"
#include "measure/fairness/group_primary.h"

#define REPLICATES 199 /* 5 */

static const struct measure_variant plain = {.suffix = ""};

static struct view_options options_of(const struct selftest_request *request) {
  return (struct view_options){.seed = request->seed,
                               .n_replicates = REPLICATES,
                               .n_threads = 1,
                               .level = 0.95,
                               .quantile = 0.5,
                               .min_group = request->min_group};
}

/* ---- what is known beforehand ---- */

static unsigned kinds_of(const struct measure *measure) {
  return measure->kinds == SUMMARY_COUNT_TABLE ? measure->kinds : measure->kinds | SUMMARY_MULTISET;
}

/* Case 3. */
static nonet_status find_target(struct outcome_subject *subject, struct view *view,
                                nonet_error *error) {
  const size_t n_cells = view->set->roles.n_cells;
  struct view_column column = {0};
  double most = -1;
  nonet_status status = view_column_init(view, subject->gate->columns[0], &column, error);
  subject->owned = memory_zeroed(n_cells + 1, sizeof *subject->owned);
  if (status == NONET_OK && subject->owned == NULL) {
    status = error_memory(error, n_cells, "the self-test's scope");
  }
  for (size_t k = 0; k < column.n_groups && status == NONET_OK; k++) {
    double n, n_effective;
    status = view_size(&column.group[k], &n, &n_effective, error);
    if (status == NONET_OK && n > most) {
      most = n;
      memcpy(subject->owned, column.group[k].in_scope, n_cells * sizeof *subject->owned);
    }
  }
  subject->target = (struct harm_scope){subject->owned, -1};
  view_column_clear(&column);
  return status;
}

nonet_status outcome_open(const struct selftest_gate *gate, const struct selftest_request *request,
                          const struct swapped_rows *rows, struct outcome_subject *subject,
                          nonet_error *error) {
  const struct view_options options = options_of(request);
  struct view view;
  *subject = (struct outcome_subject){
      .gate = gate, .base = gate->measure, .target = gate->scope, .kinds = kinds_of(gate->measure)};
  nonet_status status = view_init(request->set, gate->scope.in_scope, gate->scope.class_index,
                                  &options, &view, error);
  if (status != NONET_OK) {
    return status;
  }
  if (gate->n_columns > 0) {
    subject->gap = regrouped_gap_of(gate->measure, gate->variant);
    subject->base = gate->way == SELFTEST_EACH ? group_primary(&view)
                    : subject->gap != NULL     ? subject->gap->base
                                               : NULL;
    status = find_target(subject, &view, error);
  }
  subject->reads_ranks =
      gate->way != SELFTEST_REGROUPED && subject->base != NULL && harm_reads_ranks(subject->base);
  if (subject->base != NULL && (gate->way != SELFTEST_SWAP || gate->n_columns == 0)) { /* 4 */
    subject->harm = harm_of(subject->base, gate->way == SELFTEST_EACH ? &plain : gate->variant,
                            rows->roles.task);
  }
  if (status == NONET_OK && gate->way == SELFTEST_REGROUPED) {
    status = regrouped_init(&subject->regrouped, rows, subject->gap->within, error);
  }
  view_clear(&view);
  return status;
}

void outcome_close(struct outcome_subject *subject) {
  regrouped_clear(&subject->regrouped);
  memory_free(subject->owned);
  *subject = (struct outcome_subject){0};
}

/* ---- laws against values ---- */

struct question {
  double equal, allowed;
  bool larger_is_better;
};

static struct question question_of(const struct outcome_subject *subject) {
  const bool is_ratio = subject->gap != NULL && subject->gap->is_ratio;
  return subject->gate->way == SELFTEST_REGROUPED
             ? (struct question){is_ratio ? 1.0 : 0.0, subject->gate->margin, is_ratio}
             : (struct question){0.0, -subject->gate->margin, true};
}

/* Several laws as one gate: the p of "all are on the good side", or of "one is not". */
static double p_of(const struct inference *laws, size_t n, double null, bool upper, bool is_all) {
  double p = is_all ? 0.0 : 1.0;
  for (size_t k = 0; k < n; k++) {
    const bool decides = laws[k].kind != INFERENCE_MISSING && laws[k].undecided == NULL; /* 1 */
    const double one = decides ? inference_p(&laws[k], null, upper) : 1.0;
    p = is_all ? fmax(p, one) : fmin(p, (double)n * one);
  }
  return n > 0 ? p : 1.0;
}

static bool decides_all(const struct inference *laws, size_t n) {
  bool decides = n > 0;
  for (size_t k = 0; k < n; k++) {
    decides = decides && laws[k].kind != INFERENCE_MISSING && laws[k].undecided == NULL;
  }
  return decides;
}

static unsigned outcome_of(const struct outcome_subject *subject,
                           const struct selftest_request *request, const struct inference *laws,
                           size_t n, enum outcome_stage stage) {
  const struct question question = question_of(subject);
  const double alpha = request->alpha;
  const bool better = question.larger_is_better;
  unsigned outcome = 0;
  switch (stage) {
  case STAGE_EQUAL:
    outcome |= decides_all(laws, n) ? 0 : OUTCOME_UNDECIDED;
    outcome |=
        subject->gate->way == SELFTEST_SWAP && p_of(laws, n, question.equal, better, true) <= alpha
            ? OUTCOME_IMPROVED
            : 0;
    outcome |= p_of(laws, n, question.equal, !better, false) <= alpha ? OUTCOME_HARMED_AT_ZERO : 0;
    outcome |= p_of(laws, n, question.allowed, better, true) <= alpha ? OUTCOME_SAFE_WHEN_EQUAL : 0;
    break;
  case STAGE_MARGIN:
    outcome |= OUTCOME_INJECTED;
    outcome |= p_of(laws, n, question.allowed, better, true) <= alpha ? OUTCOME_SAFE_AT_MARGIN : 0;
    outcome |=
        p_of(laws, n, question.allowed, !better, false) <= alpha ? OUTCOME_HARMED_AT_MARGIN : 0;
    break;
  case STAGE_TWICE:
    outcome |= OUTCOME_INJECTED_TWICE;
    outcome |= p_of(laws, n, question.allowed, !better, false) <= alpha / (double)request->n_family
                   ? OUTCOME_HARMED_AT_TWICE
                   : 0;
    break;
  }
  return outcome;
}

/* ---- laws of a set ---- */

/* Every group of one column; *value of the group that is harmed (3). */
static nonet_status laws_of_groups(const struct outcome_subject *subject, struct view *view,
                                   struct inference *laws, size_t *n, double *value,
                                   nonet_error *error) {
  const struct selftest_gate *gate = subject->gate;
  const bool is_higher = group_primary(view)->direction == DIRECTION_HIGHER;
  double *rows = view_arena(view, view->column->n_groups + 1, sizeof *rows);
  nonet_status status = rows == NULL
                            ? error_memory(error, view->column->n_groups * sizeof *rows, "groups")
                            : gate->measure->compare_groups(gate->measure, view, laws, rows, error);
  for (size_t k = 0; k < view->column->n_groups && status == NONET_OK; k++) {
    bool is_target = true;
    for (size_t c = 0; c < view->set->roles.n_cells; c++) {
      is_target = is_target && view->column->group[k].in_scope[c] == subject->target.in_scope[c];
    }
    *value = is_target ? laws[k].pair_value[STREAM_A] : *value;
    laws[k] = gate->is_relative ? judge_log_ratio(&laws[k], is_higher) : laws[k];
  }
  *n += status == NONET_OK ? view->column->n_groups : 0;
  return status;
}

/* Into laws[*n …]; there is room. */
static nonet_status add_laws(const struct outcome_subject *subject, struct view *view,
                             struct inference *laws, size_t *n, double *value, nonet_error *error) {
  const struct selftest_gate *gate = subject->gate;
  const bool is_higher = gate->measure->direction == DIRECTION_HIGHER;
  struct inference *law = &laws[*n];
  nonet_status status = NONET_OK;
  if (gate->way == SELFTEST_EACH) {
    return laws_of_groups(subject, view, law, n, value, error);
  }
  if (gate->way == SELFTEST_REGROUPED && subject->harm != NULL) {
    status = subject->base->estimate(subject->base, gate->variant, view, STREAM_A, law, error);
    *value = law->value;
  }
  *law = inference_none(gate->measure->interval);
  if (status == NONET_OK && gate->way == SELFTEST_REGROUPED) {
    status = gate->measure->estimate(gate->measure, gate->variant, view, STREAM_A, law, error);
  } else if (status == NONET_OK) {
    status = gate->measure->compare(gate->measure, gate->variant, view, law, error);
    *value = law->pair_value[STREAM_A];
    *law = gate->is_relative ? judge_log_ratio(law, is_higher)
           : is_higher       ? *law
                             : inference_negated(law);
  }
  (*n)++;
  return status;
}

static nonet_status weigh_view(const struct outcome_subject *subject,
                               const struct selftest_request *request, struct view *view,
                               enum outcome_stage stage, unsigned *outcome, double *value,
                               nonet_error *error) {
  const struct selftest_gate *gate = subject->gate;
  const size_t n_columns = gate->n_columns > 0 ? gate->n_columns : 1;
  struct view_column *columns = view_arena(view, n_columns, sizeof *columns);
  struct inference *laws =
      view_arena(view, n_columns * (view->set->roles.n_cells + 1), sizeof *laws);
  size_t n = 0;
  nonet_status status = columns == NULL || laws == NULL
                            ? error_memory(error, sizeof *laws, "the self-test's laws")
                            : NONET_OK;
  for (size_t c = 0; c < n_columns && status == NONET_OK; c++) {
    if (gate->n_columns > 0) {
      status = view_column_init(view, gate->columns[c], &columns[c], error);
      view->column = &columns[c];
    }
    if (status == NONET_OK) {
      status = add_laws(subject, view, laws, &n, value, error);
    }
  }
  for (size_t k = 0; k < n && request->distort != NULL && status == NONET_OK; k++) {
    request->distort(&laws[k]);
  }
  if (status == NONET_OK) {
    *outcome |= outcome_of(subject, request, laws, n, stage);
  }
  for (size_t c = 0; c < gate->n_columns && columns != NULL; c++) {
    view_column_clear(&columns[c]);
  }
  return status;
}

nonet_status outcome_weigh(const struct outcome_subject *subject,
                           const struct selftest_request *request, const struct summary_set *set,
                           enum outcome_stage stage, unsigned *outcome, double *value,
                           nonet_error *error) {
  const struct view_options options = options_of(request);
  const struct selftest_gate *gate = subject->gate;
  struct view view;
  nonet_status status =
      view_init(set, gate->scope.in_scope, gate->scope.class_index, &options, &view, error);
  if (status == NONET_OK) {
    status = weigh_view(subject, request, &view, stage, outcome, value, error);
    view_clear(&view);
  }
  return status;
}

/* 2 */
double outcome_size(const struct outcome_subject *subject, double value, enum outcome_stage stage) {
  const struct selftest_gate *gate = subject->gate;
  const double times = stage == STAGE_TWICE ? 2.0 : 1.0, delta = times * gate->margin;
  if (subject->gap != NULL && subject->gap->is_ratio && gate->way == SELFTEST_REGROUPED) {
    return value * (1.0 - pow(gate->margin, times));
  }
  if (!gate->is_relative) {
    return delta;
  }
  return subject->base->direction == DIRECTION_HIGHER ? -value * expm1(-delta)
                                                      : value * expm1(delta);
}
