/*
 * Laws of gaps between the groups of a column (stats/gap.h).
 *
 *   every group k has the law of a measure of correctness in its own rows (recall: Wilson)
 *   difference   max over pairs of θ_a − θ_b       (parity, opportunity, rates, accuracy, AUC, MAE)
 *   ratio        min over pairs of θ_a/θ_b         (four-fifths rule)
 *   odds         the larger of the gap of TPR and the gap of FPR (contract.md §4 of the design)
 *   worst        the value of the group that is served worst
 * Bounds of pairs: of plain shares Laud's score of their difference or ratio, else MOVER of the two
 * groups' limits (stats/gap.h).
 *
 * The cases:
 *  1. A group with fewer than min_group rows, or where the number or its interval does not exist
 * (no positives), or of fewer than 20 clusters: named in a note with what it would need. The gap is
 *     then of the other groups, and nothing is proven of all: no p clears it, while a gap that is
 *     proven among the others stays proven.
 *  2. Fewer than two groups are left: missing, with the reason.
 *  3. The difference of two models' gaps is in gap_change_law.c.
 *  4. Groups are taken as independent. Rows of one cluster in several groups are said in a note:
 *     what they share makes the interval wider than it need be.
 *  5. The worst group of a loss is the one with the largest.
 *  8. @class=3: the same of one class against the rest, a view of it in each group.
 *  7. A reference group: pairs with it alone. Where it cannot be judged there is no gap.
 *  6. Which measure is the primary depends on the task, and on whether there are scores: without
 *     them it is balanced accuracy.
 */
#include "measure/fairness/gap_law.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "measure/fairness/group_primary.h"
#include "measure/records.h"
#include "stats/gap.h"

struct recipe {
  enum gap_kind kind;
  const struct measure *base[2]; /* the second NULL but for odds */
  bool is_complement;            /* of 1 − base: the same gap, the groups change places */
};

static const struct recipe recipes[GAP_N_FUNCTIONS] = {
    [GAP_SELECTION_DIFFERENCE] = {GAP_DIFFERENCE, {&fairness_selection_rate, NULL}},
    [GAP_SELECTION_RATIO] = {GAP_RATIO, {&fairness_selection_rate, NULL}},
    [GAP_TPR] = {GAP_DIFFERENCE, {&correctness_recall, NULL}},
    [GAP_ODDS] = {GAP_DIFFERENCE, {&correctness_recall, &correctness_fpr}},
    [GAP_FPR] = {GAP_DIFFERENCE, {&correctness_fpr, NULL}},
    [GAP_FNR] = {GAP_DIFFERENCE, {&correctness_fnr, NULL}},
    [GAP_PPV] = {GAP_DIFFERENCE, {&correctness_precision, NULL}},
    [GAP_FDR] = {GAP_DIFFERENCE, {&correctness_precision, NULL}, true},
    [GAP_FOR] = {GAP_DIFFERENCE, {&correctness_npv, NULL}, true},
    [GAP_ACCURACY] = {GAP_DIFFERENCE, {&correctness_accuracy, NULL}},
    [GAP_AUC] = {GAP_DIFFERENCE, {&correctness_auc, NULL}},
    [GAP_BIAS] = {GAP_DIFFERENCE, {&correctness_bias, NULL}},
    [GAP_MAE] = {GAP_DIFFERENCE, {&correctness_mae, NULL}},
    [GAP_WORST] = {GAP_LEAST, {NULL, NULL}},
    [GAP_SCORE] = {GAP_DIFFERENCE, {&gap_score_mean, NULL}},
    [GAP_CALIBRATION] = {GAP_DIFFERENCE, {&gap_score_excess, NULL}},
    [GAP_DIFFERENTIAL] = {GAP_RATIO, {&fairness_selection_rate, &gap_score_refusal}},
};

/* ---- groups ---- */

const char *gap_law_group_name(struct view *view, size_t k) {
  return view_sentence(view, "%s", view->column->title[k]);
}

nonet_status gap_law_too_small(struct view *view, size_t k, const struct inference *law,
                               const char **why, nonet_error *error) {
  struct view *group = &view->column->group[k];
  const size_t asked = view->options->min_group > 0 ? view->options->min_group : VIEW_MIN_GROUP;
  const char *name = gap_law_group_name(view, k);
  double n = 0, n_effective = 0, low = NAN, high = NAN;
  size_t n_clusters = 0;
  nonet_status status = view_size(group, &n, &n_effective, error);
  if (status == NONET_OK) {
    status = view_clusters(group, &n_clusters, error);
  }
  inference_bounds(law, 0.95, &low, &high);
  *why = NULL;
  if (status == NONET_OK && n < (double)asked) {
    *why = view_sentence(view, "%s has %.0f rows and needs %zu", name, n, asked);
  } else if (group->set->roles.has_cluster && n_clusters < VIEW_FEW_CLUSTERS) {
    *why = view_sentence(view, "%s has %zu clusters and needs %d", name, n_clusters,
                         VIEW_FEW_CLUSTERS);
  } else if (law->undecided != NULL) {
    *why = view_sentence(view, "%s: %s", name, law->undecided);
  } else if (law->kind == INFERENCE_MISSING || isnan(low) || isnan(high)) {
    *why = view_sentence(view, "%s: %s", name,
                         law->reason != NULL ? law->reason : "no interval can be given");
  }
  return status;
}

struct interval gap_law_family(const void *context, size_t group, double tail) {
  const struct inference *laws = context;
  struct interval out = {laws[group].value, laws[group].value, laws[group].value};
  if (tail < 0.5) {
    inference_bounds(&laws[group], 1 - 2 * tail, &out.low, &out.high);
  }
  return out;
}

/* ---- the law ---- */

static void gap_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct gap_law_parts *gap = law->context;
  const bool is_max = gap->kind == GAP_DIFFERENCE || gap->kind == GAP_MOST;
  *low = *high = is_max ? -INFINITY : INFINITY;
  for (size_t f = 0; f < gap->n_families; f++) {
    struct interval at =
        gap_interval(gap->kind, &gap->groups[f], (1 - level) / 2, gap->n_families).interval;
    *low = isnan(at.low) ? NAN : is_max ? fmax(*low, at.low) : fmin(*low, at.low);
    *high = isnan(at.high) ? NAN : is_max ? fmax(*high, at.high) : fmin(*high, at.high);
  }
}

const struct gap_law_parts *gap_law_parts(const struct inference *law) {
  return law->kind == INFERENCE_LIMITS && law->bounds == gap_bounds ? law->context : NULL;
}

/* Groups that could not be judged leave the gap open on the side where they may lie. */
static double gap_law_p(const struct inference *law, double null, bool upper) {
  const struct gap_law_parts *gap = law->context;
  const bool is_max = gap->kind == GAP_DIFFERENCE || gap->kind == GAP_MOST;
  const enum interval_side side = upper ? INTERVAL_GREATER : INTERVAL_LESS;
  const bool is_any = upper == is_max; /* one gap beyond the null is enough */
  double p = is_any ? 1 : 0;
  if (gap->is_open && !is_any) {
    return 1; /* 1 */
  }
  for (size_t f = 0; f < gap->n_families; f++) {
    double one = gap_p(gap->kind, &gap->groups[f], null, side, gap->n_families);
    p = isnan(one) ? 1 : is_any ? fmin(p, one) : fmax(p, one);
  }
  return p;
}

/* The value, and in a note between which groups it lies: a gap without its groups helps nobody. */
static double gap_value(struct view *view, const struct gap_law_parts *gap, bool is_complement) {
  const bool is_max = gap->kind == GAP_DIFFERENCE || gap->kind == GAP_MOST;
  double value = is_max ? -INFINITY : INFINITY;
  struct gap widest = {{NAN, NAN, NAN}, 0, 0};
  size_t family = 0;
  for (size_t f = 0; f < gap->n_families; f++) {
    struct gap one = gap_interval(gap->kind, &gap->groups[f], 0.25, 1);
    if (isnan(one.interval.value)) {
      return NAN;
    }
    if (is_max ? one.interval.value > value : one.interval.value < value) {
      value = one.interval.value;
      widest = one;
      family = f;
    }
  }
  const struct inference *laws = gap->groups[family].context;
  const size_t *place = gap->place[family];
  const size_t low = is_complement ? widest.high_group : widest.low_group;
  const size_t high = is_complement ? widest.low_group : widest.high_group;
  const double from = is_complement ? 1 - laws[low].value : laws[low].value;
  const double to = is_complement ? 1 - laws[high].value : laws[high].value;
  if (gap->kind == GAP_LEAST || gap->kind == GAP_MOST) {
    view_note(view, "in %s", view->column->value[place[gap->kind == GAP_LEAST ? low : high]]);
  } else if (low == high) {
    view_note(view, "%.3g in every group", from);
  } else {
    view_note(view, "from %s %.3g to %s %.3g", view->column->value[place[low]], from,
              view->column->value[place[high]], to);
  }
  return value;
}

const char *gap_law_left_out(const char *const *why, size_t n, struct view *view) {
  char text[VIEW_NOTE_BYTES - 40] = "too small to judge: ";
  size_t shown = 0;
  for (; shown < n; shown++) {
    const size_t length = strlen(text);
    if (length + strlen(why[shown]) + 3 >= sizeof text) {
      break;
    }
    snprintf(text + length, sizeof text - length, "%s%s", shown == 0 ? "" : "; ", why[shown]);
  }
  return shown == n
             ? view_sentence(view, "%s", text)
             : view_sentence(view, "%s%s%zu more", text, shown == 0 ? "" : "; and ", n - shown);
}

const struct measure_variant *gap_law_base_variant(const struct measure *base,
                                                   const struct measure_variant *variant) {
  static const struct measure_variant plain = {.suffix = ""};
  for (const struct measure_variant *v = base->variants; v != NULL && v->suffix != NULL; v++) {
    if (strcmp(v->suffix, variant->suffix) == 0) {
      return v;
    }
  }
  return &plain;
}

/* ---- one class against the rest (8) ---- */

#define CLASS_PREFIX "class="

static bool is_of_class(const struct measure_variant *variant) {
  return strncmp(variant->suffix, CLASS_PREFIX, strlen(CLASS_PREFIX)) == 0;
}

bool gap_law_parse_class(const char *suffix, struct measure_variant *variant) {
  variant->suffix = suffix;
  return is_of_class(variant) && suffix[strlen(CLASS_PREFIX)] != '\0';
}

static nonet_status no_class(const struct roles *roles, const char *name, nonet_error *error) {
  struct text near = {0};
  text_suggestion(&near, name, (const char *const *)roles->classes, roles->n_classes);
  nonet_status status = error_set(error, NONET_E_DATA, "@class=%s: no such class among the %zu%s",
                                  name, roles->n_classes, near.data == NULL ? "" : near.data);
  text_clear(&near);
  return status;
}

nonet_status gap_law_open(struct view *view, size_t k, const struct measure_variant *variant,
                          struct view *own, struct view **group, nonet_error *error) {
  struct view *whole = &view->column->group[k];
  const struct roles *roles = &view->set->roles;
  *own = (struct view){0};
  *group = whole;
  if (!is_of_class(variant)) {
    return NONET_OK;
  }
  if (roles->task != TASK_MULTICLASS) {
    return error_set(error, NONET_E_USAGE, "@%s is of multiclass, and the task is %s; leave it out",
                     variant->suffix, task_name(roles->task));
  }
  const char *name = variant->suffix + strlen(CLASS_PREFIX);
  size_t c = 0;
  while (c < roles->n_classes &&
         (roles->classes[c] == NULL || strcmp(roles->classes[c], name) != 0)) {
    c++;
  }
  if (c == roles->n_classes) {
    return no_class(roles, name, error);
  }
  *group = own;
  return view_init(view->set, whole->in_scope, (int)c, view->options, own, error);
}

void gap_law_close(const struct measure_variant *variant, struct view *own) {
  if (is_of_class(variant)) {
    view_clear(own);
  }
}

/* Every group a plain share? Then the counts, in the view's arena; else NULL. */
static nonet_status read_shares(struct view *view, const struct inference *laws, size_t n,
                                const struct gap_share **share, nonet_error *error) {
  bool are_shares = view->is_plain;
  for (size_t k = 0; k < n && are_shares; k++) {
    are_shares = laws[k].kind == INFERENCE_WILSON && laws[k].transform == NULL;
  }
  *share = NULL;
  if (are_shares) {
    struct gap_share *made = view_arena(view, n + 1, sizeof *made);
    for (size_t k = 0; k < n && made != NULL; k++) {
      made[k] = (struct gap_share){laws[k].successes, laws[k].trials};
    }
    *share = made;
  }
  return are_shares && *share == NULL ? error_memory(error, n * sizeof **share, "shares of groups")
                                      : NONET_OK;
}

/* The groups of one base measure that can be judged; *first is why the first other one cannot. */
static nonet_status read_family(struct view *view, const struct measure *base,
                                const struct measure_variant *variant, int stream,
                                struct gap_law_parts *gap, double *n, const char **first,
                                nonet_error *error) {
  const struct view_column *column = view->column;
  struct inference *laws = view_arena(view, column->n_groups + 1, sizeof *laws);
  const char **why = view_arena(view, column->n_groups + 1, sizeof *why);
  size_t *place = view_arena(view, column->n_groups + 1, sizeof *place);
  size_t n_kept = 0, n_out = 0;
  nonet_status status =
      laws == NULL || why == NULL || place == NULL
          ? error_memory(error, column->n_groups * sizeof *laws, "the laws of groups")
          : NONET_OK;
  for (size_t k = 0; k < column->n_groups && status == NONET_OK; k++) {
    struct view own, *group = NULL;
    const char *reason = NULL;
    status = gap_law_open(view, k, variant, &own, &group, error);
    if (status == NONET_OK) {
      group->n_notes = 0;
      status = base->estimate(base, gap_law_base_variant(base, variant), group, stream,
                              &laws[n_kept], error);
    }
    if (status == NONET_OK) {
      status = gap_law_too_small(view, k, &laws[n_kept], &reason, error);
    }
    const double n_rows = group == NULL ? 0 : group->n;
    gap_law_close(variant, &own);
    if (status == NONET_OK && reason != NULL) {
      why[n_out++] = reason;
    } else if (status == NONET_OK) {
      *n += n_rows;
      place[n_kept++] = k;
    }
  }
  if (status == NONET_OK && n_out > 0 && *first == NULL) {
    *first = gap_law_left_out(why, n_out, view);
    gap->is_open = true;
  }
  gap->place[gap->n_families] = place;
  gap->base[gap->n_families] = base;
  struct gap_groups *groups = &gap->groups[gap->n_families++];
  *groups = (struct gap_groups){gap_law_family, laws, n_kept, NULL, 0};
  for (size_t i = 0; i < n_kept; i++) {
    groups->reference = place[i] + 1 == column->reference ? i + 1 : groups->reference;
  }
  gap->has_no_reference |= column->reference_title != NULL && groups->reference == 0;
  return status == NONET_OK ? read_shares(view, laws, n_kept, &groups->share, error) : status;
}

static const char *method_of(const struct gap_law_parts *gap) {
  const bool has_reference = gap->groups[0].reference != 0;
  return gap->kind == GAP_DIFFERENCE ? (has_reference ? "gap-reference" : "gap-pairs")
         : gap->kind == GAP_RATIO    ? (has_reference ? "ratio-reference" : "ratio-pairs")
                                     : "worst-group";
}

static nonet_status gap_law(const struct measure *measure, const struct measure_variant *variant,
                            struct view *view, int stream, struct inference *out,
                            nonet_error *error) {
  const struct recipe *recipe = &recipes[measure->function];
  struct gap_law_parts *gap = view_arena(view, 1, sizeof *gap);
  double n = 0;
  const char *first = NULL;
  nonet_status status = gap == NULL ? error_memory(error, sizeof *gap, "a gap") : NONET_OK;
  if (status != NONET_OK) {
    return status;
  }
  gap->kind = recipe->kind;
  for (size_t f = 0; f < 2 && status == NONET_OK; f++) {
    const struct measure *base =
        measure->function == GAP_WORST && f == 0 ? group_primary(view) : recipe->base[f];
    if (base != NULL) {
      if (measure->function == GAP_WORST && base->direction == DIRECTION_LOWER) {
        gap->kind = GAP_MOST; /* 5 */
      }
      status = read_family(view, base, variant, stream, gap, &n, &first, error);
    }
  }
  if (status != NONET_OK) {
    return status;
  }
  const size_t n_groups = gap->groups[0].n;
  if (gap->has_no_reference && (gap->kind == GAP_DIFFERENCE || gap->kind == GAP_RATIO)) { /* 7 */
    law_missing(view, measure, out, "the reference group %s cannot be judged: %s",
                view->column->reference_title, first == NULL ? "it has no rows here" : first);
    return NONET_OK;
  }
  double value = gap_value(view, gap, recipe->is_complement);
  if (isnan(value)) {
    law_missing(view, measure, out, "%s has %zu group%s that can be judged and a gap needs 2%s%s",
                view->column->name, n_groups, n_groups == 1 ? "" : "s", first == NULL ? "" : "; ",
                first == NULL ? "" : first); /* 2 */
    return NONET_OK;
  }
  if (first != NULL) {
    view_note(view, "%s", first);
  }
  if (view->set->roles.has_cluster) {
    view_note(view,
              "groups are taken as independent, also where a cluster has rows in several"); /* 4 */
  }
  if (view->column->rule != NULL) {
    view_note(view, "%s", view->column->rule);
  }
  *out = law_start(measure, INFERENCE_LIMITS, method_of(gap), false);
  out->value = value;
  out->bounds = gap_bounds;
  out->p = gap_law_p;
  out->context = gap;
  out->reason = first;
  view->n = view->n_effective = n;
  return NONET_OK;
}

nonet_status gap_law_estimate(const struct measure *measure, const struct measure_variant *variant,
                              struct view *view, int stream, struct inference *out,
                              nonet_error *error) {
  if (view->column == NULL) {
    law_missing(view, measure, out, "it is a number over the groups of a column");
    return NONET_OK;
  }
  return gap_law(measure, variant, view, stream, out, error);
}
