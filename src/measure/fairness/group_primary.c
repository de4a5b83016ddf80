/*
 * No group worse: every group of a column has the paired difference of the task's primary in its
 * own rows, and no average over groups can hide one that pays for the others (judgement.md §4 of
 * the design).
 *
 * As a gate the groups are its parts: SAFE when each is SAFE at alpha (intersection-union), HARMED
 * with Bonferroni inside. As a number, over the groups that can be judged:
 *   w = min over groups of d_k, d_k oriented: positive is better
 *   lower bound the least of the groups' own, upper bound the least of simultaneous ones
 *
 * The cases:
 *  1. A group too small to judge (gap_law_too_small) leaves the gate undecided, and is named.
 *  2. One group alone is judged like any other.
 *  3. A margin in per cent is tested on each group's log ratio (the court does that).
 */
#include "measure/fairness/group_primary.h"

#include <math.h>

#include "base/error.h"
#include "measure/fairness/gap_law.h"
#include "measure/records.h"
#include "stats/gap.h"

const struct measure *group_primary(const struct view *view) {
  const struct roles *roles = &view->set->roles;
  const struct measure *primary = generalisation_gap_primary(view->task);
  const bool has_scores = roles->has_score[STREAM_A] &&
                          (!roles->has_prediction[STREAM_B] || roles->has_score[STREAM_B]);
  const bool has_probabilities =
      (primary->needs & NEEDS_PROBABILITY) == 0 || view->set->tally.n_outside_unit == 0;
  return view->task == TASK_REGRESSION || (has_scores && has_probabilities)
             ? primary
             : &correctness_balanced_accuracy;
}

static nonet_status groups_differences(const struct measure *measure, struct view *view,
                                       struct inference *laws, double *n, nonet_error *error) {
  static const struct measure_variant plain = {.suffix = ""};
  const struct measure *primary = group_primary(view);
  (void)measure;
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < view->column->n_groups && status == NONET_OK; k++) {
    struct view *group = &view->column->group[k];
    struct inference law = inference_none(primary->interval);
    group->n_notes = 0;
    status = primary->compare(primary, &plain, group, &law, error);
    if (status == NONET_OK) {
      laws[k] = primary->direction == DIRECTION_HIGHER ? law : inference_negated(&law);
      status = gap_law_too_small(view, k, &laws[k], &laws[k].undecided, error);
      n[k] = group->n;
    }
  }
  return status;
}

static void worst_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct gap_groups *groups = law->context;
  struct interval at = gap_interval(GAP_LEAST, groups, (1 - level) / 2, 1).interval;
  *low = at.low;
  *high = at.high;
}

static nonet_status worst_compare(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  struct inference *out, nonet_error *error) {
  (void)variant;
  const size_t n_groups = view->column == NULL ? 0 : view->column->n_groups;
  struct gap_groups *groups = view_arena(view, 1, sizeof *groups);
  struct inference *laws = view_arena(view, n_groups + 1, sizeof *laws);
  double *n = view_arena(view, n_groups + 1, sizeof *n), total = 0;
  size_t *place = view_arena(view, n_groups + 1, sizeof *place);
  if (groups == NULL || laws == NULL || n == NULL || place == NULL) {
    return error_memory(error, n_groups * sizeof *laws, "the laws of groups");
  }
  nonet_status status =
      n_groups == 0 ? NONET_OK : groups_differences(measure, view, laws, n, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n_kept = 0, worst = 0;
  const char *first = NULL; /* 1 */
  for (size_t k = 0; k < n_groups; k++) {
    if (laws[k].undecided == NULL) {
      place[n_kept] = k;
      laws[n_kept] = laws[k];
      worst = laws[n_kept].value < laws[worst].value ? n_kept : worst;
      total += n[k];
      n_kept++;
    } else {
      first = first == NULL ? laws[k].undecided : first;
    }
  }
  if (n_kept == 0) {
    law_missing(view, measure, out, "no group can be judged%s%s", first == NULL ? "" : ": ",
                first == NULL ? "" : first);
    return NONET_OK;
  }
  view_note(view, "in %s",
            view->column->value[place[worst]] == NULL ? "null" : view->column->value[place[worst]]);
  if (first != NULL) {
    view_note(view, "%zu of %zu groups cannot be judged: %s", n_groups - n_kept, n_groups, first);
  }
  if (n_kept == 1) { /* 2 */
    *out = laws[0];
    out->method = "worst-group";
  } else {
    *groups = (struct gap_groups){gap_law_family, laws, n_kept, NULL, 0};
    *out = law_start(measure, INFERENCE_LIMITS, "worst-group", false);
    out->value = laws[worst].value;
    out->bounds = worst_bounds;
    out->context = groups;
  }
  view->n = view->n_effective = total;
  return NONET_OK;
}

const struct measure fairness_no_group_worse = {
    .id = "fairness.no_group_worse",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "No group worse",
    .definition = "The least of the groups' own differences between candidate and baseline in the "
                  "task's primary measure of correctness, oriented so that positive is better.",
    .formula = "min over groups of d(group); as a gate each group is judged by itself",
    .source = "judged as an intersection-union test, Berger 1982; upper bound Sidak 1967",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {-INFINITY, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .needs = NEEDS_BASELINE | NEEDS_GROUPS,
    .scopes = IN_COLUMN,
    .kinds = SUMMARY_COUNT_TABLE | SUMMARY_MULTISET,
    .primary_of = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .cost = COST_SORT,
    .interval = "worst-group",
    .interval_weighted = "the same of linearised laws",
    .shortfall =
        "alpha .05, simulated: false SAFE of balanced accuracy .05 plain, .06 with weights "
        "(200 rows a group), .06 to .07 with 40 clusters; of the AUC .045 to .057",
    .compare = worst_compare,
    .compare_groups = groups_differences,
};
