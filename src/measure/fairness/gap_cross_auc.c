/*
 * Cross-group AUC gaps (Borkan et al. 2019): the rows of a group against those of all other groups,
 * its background.
 *
 *   BPSN_g   AUC of the background's positives against the group's negatives: low when the group's
 *            negatives are ranked above others' positives, as if the group itself were a sign
 *   BNSP_g   AUC of the group's positives against the background's negatives
 *   gap      max over pairs of groups of the difference of their numbers
 *
 * Each number has a logit interval from the influence of rows (DeLong's variance; linearised over
 * clusters). Backgrounds overlap, so the numbers of two groups depend on each other, and nothing is
 * taken from how:
 *   pair (a, b)   high_a(t/2) − low_b(t/2)                          (Bonferroni over the two)
 *   upper bound   the largest of the pairs' own at `tail`           (judgement.md §4 of the design)
 *   lower bound   the largest of low_a − high_b, all 2K limits at tail/(2K); shown cut at 0
 *
 * The cases:
 *  1. A group that is too small, or lacks the side that is compared: named; the gap is of the
 * others and decides nothing.
 *  2. Fewer than two groups: missing.
 *  3. A reference group: pairs with it alone; it cannot be judged: missing.
 */
#include "measure/fairness/gap_cross_auc.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/fairness/gap_law.h"
#include "measure/records.h"
#include "stats/gap.h"
#include "stats/ranking.h"
#include "stats/sortkey.h"

struct cross {
  struct gap_groups groups; /* over an array of laws */
};

/* ---- bounds ---- */

static void cross_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct cross *cross = law->context;
  const struct gap_groups *groups = &cross->groups;
  const double tail = (1 - level) / 2;
  *low = -INFINITY; /* p at 0 needs what lies below; inference_bounds cuts */
  *high = -INFINITY;
  for (size_t a = 0; a < groups->n; a++) {
    const struct interval own_a = groups->family(groups->context, a, tail / 2);
    const struct interval all_a =
        groups->family(groups->context, a, tail / (2 * (double)groups->n));
    for (size_t b = 0; b < groups->n; b++) {
      if (gap_is_pair(groups, a, b)) {
        *high = fmax(*high, own_a.high - groups->family(groups->context, b, tail / 2).low);
        *low =
            fmax(*low, all_a.low -
                           groups->family(groups->context, b, tail / (2 * (double)groups->n)).high);
      }
    }
  }
}

/* ---- the number of one group ---- */

/* Rows that are compared, gathered; u is their influence. */
struct compared {
  uint64_t *keys, *count;
  uint8_t *labels;
  double *weight, *u;
  size_t *row;
  size_t n;
};

static void compared_clear(struct compared *compared) {
  memory_free(compared->keys);
  memory_free(compared->count);
  memory_free(compared->labels);
  memory_free(compared->weight);
  memory_free(compared->u);
  memory_free(compared->row);
}

static nonet_status compared_init(struct compared *compared, size_t n, nonet_error *error) {
  *compared = (struct compared){.keys = memory_new(n, sizeof *compared->keys),
                                .count = memory_new(n, sizeof *compared->count),
                                .labels = memory_new(n, sizeof *compared->labels),
                                .weight = memory_new(n, sizeof *compared->weight),
                                .u = memory_new(n, sizeof *compared->u),
                                .row = memory_new(n, sizeof *compared->row)};
  return compared->keys == NULL || compared->count == NULL || compared->labels == NULL ||
                 compared->weight == NULL || compared->u == NULL || compared->row == NULL
             ? error_memory(error, n * 41, "rows of a group and its background")
             : NONET_OK;
}

/* The group's rows with label `of_group`, the background's with the other. */
static void gather(const struct row_set *rows, const bool *in_group, uint32_t of_group, int stream,
                   struct compared *compared, double n_side[2]) {
  compared->n = 0;
  n_side[0] = n_side[1] = 0;
  for (size_t i = 0; i < rows->n; i++) {
    const uint32_t label = rows->label[i] == 1;
    if ((label == of_group) != in_group[rows->cell == NULL ? 0 : rows->cell[i]]) {
      continue;
    }
    const size_t at = compared->n++;
    compared->keys[at] = sortkey_f64(rows->score[stream][i * rows->n_scores]);
    compared->labels[at] = (uint8_t)label;
    compared->count[at] = rows->count == NULL ? 1 : rows->count[i];
    compared->weight[at] = rows->weight == NULL ? 1 : rows->weight[i];
    compared->row[at] = i;
    n_side[label] += (double)compared->count[at] * (compared->weight[at] > 0);
  }
}

/* The law of group k, or *out MISSING. */
static nonet_status law_of_group(const struct measure *measure, struct view *view,
                                 const struct row_set *rows, size_t k, uint32_t of_group,
                                 int stream, struct compared *compared, double *influence,
                                 struct inference *out, nonet_error *error) {
  double value = NAN, n_side[2];
  gather(rows, view->column->group[k].in_scope, of_group, stream, compared, n_side);
  if (!(n_side[0] > 0) || !(n_side[1] > 0)) { /* 1 */
    const bool lacks_own = !(n_side[of_group] > 0);
    law_missing(view, measure, out, "no %s%s",
                lacks_own == (of_group == 1) ? "positives" : "negatives",
                lacks_own ? "" : " outside the group");
    return NONET_OK;
  }
  nonet_status status = ranking_weighted(
      compared->keys, compared->labels, rows->weight == NULL ? NULL : compared->weight,
      compared->count, compared->n, view->options->n_threads, &value, compared->u, error);
  for (size_t i = 0; i < rows->n; i++) {
    influence[i] = 0;
  }
  for (size_t i = 0; status == NONET_OK && i < compared->n; i++) {
    if (compared->weight[i] > 0) {
      influence[compared->row[i]] = compared->u[i] / compared->weight[i];
    }
  }
  if (status == NONET_OK && value > 0 && value < 1) {
    status = law_linear(measure, view, value, influence, SCALE_LOGIT, false, out, error);
  } else if (status == NONET_OK) {
    law_missing(view, measure, out, "its rows are parted without error: no interval");
  }
  return status;
}

/* ---- the gap ---- */

static nonet_status read_groups(const struct measure *measure, struct view *view, int stream,
                                uint32_t of_group, struct cross *cross, size_t *place,
                                const char **first, double *n, nonet_error *error) {
  const struct view_column *column = view->column;
  const struct row_set *rows = NULL;
  struct compared compared = {0};
  struct inference *laws = view_arena(view, column->n_groups + 1, sizeof *laws);
  const char **why = view_arena(view, column->n_groups + 1, sizeof *why);
  double *influence = NULL;
  size_t n_out = 0;
  nonet_status status = laws == NULL || why == NULL ? error_memory(error, 64, "the laws of groups")
                                                    : view_rows(view, &rows, error);
  if (status == NONET_OK) {
    status = compared_init(&compared, rows->n, error);
  }
  if (status == NONET_OK && (influence = memory_new(rows->n, sizeof *influence)) == NULL) {
    status = error_memory(error, rows->n * sizeof *influence, "influences of rows");
  }
  cross->groups = (struct gap_groups){.family = gap_law_family, .context = laws};
  for (size_t k = 0; k < column->n_groups && status == NONET_OK; k++) {
    const char *reason = NULL;
    struct inference *law = &laws[cross->groups.n];
    status =
        law_of_group(measure, view, rows, k, of_group, stream, &compared, influence, law, error);
    if (status == NONET_OK) {
      status = gap_law_too_small(view, k, law, &reason, error);
    }
    if (status == NONET_OK && reason != NULL) {
      why[n_out++] = reason;
    } else if (status == NONET_OK) {
      cross->groups.reference =
          k + 1 == column->reference ? cross->groups.n + 1 : cross->groups.reference;
      place[cross->groups.n++] = k;
      double n_group = 0, n_effective = 0;
      status = view_size(&column->group[k], &n_group, &n_effective, error);
      *n += n_group;
    }
  }
  *first = status == NONET_OK && n_out > 0 ? gap_law_left_out(why, n_out, view) : NULL;
  compared_clear(&compared);
  memory_free(influence);
  return status;
}

nonet_status gap_cross_auc(const struct measure *measure, bool is_of_positives, struct view *view,
                           int stream, struct inference *out, nonet_error *error) {
  struct cross *cross = view_arena(view, 1, sizeof *cross);
  size_t *place =
      view->column == NULL ? NULL : view_arena(view, view->column->n_groups + 1, sizeof *place);
  const char *first = NULL;
  double n = 0;
  if (view->column == NULL) {
    law_missing(view, measure, out, "it is a number over the groups of a column");
    return NONET_OK;
  }
  nonet_status status =
      cross == NULL || place == NULL
          ? error_memory(error, 64, "the groups of a column")
          : read_groups(measure, view, stream, is_of_positives, cross, place, &first, &n, error);
  if (status != NONET_OK) {
    return status;
  }
  const struct gap_groups *groups = &cross->groups;
  const bool lacks_reference = view->column->reference_title != NULL && groups->reference == 0;
  if (groups->n < 2 || lacks_reference) { /* 2, 3 */
    law_missing(view, measure, out, "%s%s%s%s",
                lacks_reference ? "the reference group cannot be judged: "
                                : "fewer than two groups can be judged",
                lacks_reference ? view->column->reference_title : "", first == NULL ? "" : "; ",
                first == NULL ? "" : first);
    return NONET_OK;
  }
  const struct gap widest = gap_interval(GAP_DIFFERENCE, groups, 0.25, 1);
  const struct inference *laws = groups->context;
  view->n_notes = 0; /* what a group's law had to say */
  view_note(view, "from %s %.3g to %s %.3g", view->column->value[place[widest.low_group]],
            laws[widest.low_group].value, view->column->value[place[widest.high_group]],
            laws[widest.high_group].value);
  if (first != NULL) {
    view_note(view, "%s", first);
  }
  if (view->column->rule != NULL) {
    view_note(view, "%s", view->column->rule);
  }
  *out = law_start(measure, INFERENCE_LIMITS,
                   groups->reference != 0 ? "gap-bonferroni-reference" : "gap-bonferroni", false);
  out->value = laws[widest.high_group].value - laws[widest.low_group].value;
  out->bounds = cross_bounds;
  out->context = cross;
  out->undecided = first; /* 1 */
  view->n = view->n_effective = n;
  return NONET_OK;
}
