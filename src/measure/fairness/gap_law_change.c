/*
 * The difference of two models' gaps, candidate less baseline.
 *
 * Up to GAP_CHANGE_MOST groups it is judged pair by pair (stats/gap_change.h), with the correlation
 * of the two models' numbers in each group, which is what makes it narrow: both were asked the same
 * rows.
 *
 * The cases:
 *  1. Shares: the correlation is that of the table of right and wrong with one more in each
 *     discordant cell, for where hardly any row is discordant the raw one is 1, and nothing seems
 *     uncertain (judgement.md §1 of the design). A loss of precision of 1/n that costs nothing.
 *  2. A group where the paired difference must not decide: that is so of the gaps too.
 *  3. Ratios, more groups, groups judged for one model only, or numbers whose covariance nobody
 *     gives: [low_A(α/2) − high_B(α/2), high_A(α/2) − low_B(α/2)], by Bonferroni over the two. It
 *     holds whatever their dependence, and is wide for it.
 */
#include <math.h>

#include "base/error.h"
#include "measure/fairness/gap_law.h"
#include "stats/gap_change.h"

struct change_context {
  enum gap_kind kind;
  struct gap_change_family family[2];
  size_t n_families;
};

/* Case 3. */
static void bonferroni_bounds(const struct inference *law, double level, double *low,
                              double *high) {
  const struct inference *of = law->context;
  double bound[N_STREAMS][2];
  for (int s = 0; s < N_STREAMS; s++) {
    inference_bounds(&of[s], fmin(1 - (1 - level) / 2, 1 - 0x1p-53), &bound[s][0], &bound[s][1]);
  }
  *low = bound[0][0] - bound[1][1];
  *high = bound[0][1] - bound[1][0];
}

static void change_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct change_context *change = law->context;
  const struct interval at =
      gap_change(change->kind, change->family, change->n_families, (1 - level) / 2);
  *low = at.low;
  *high = at.high;
}

/* Of a group's two numbers; NaN when it is not known (1). */
static double correlation_of(const struct inference *law) {
  double covariance = law->pair_covariance;
  double variance[N_STREAMS] = {law->pair_variance[0], law->pair_variance[1]};
  if (law->kind == INFERENCE_TANGO) {
    const double n = law->n + 2, both = law->pair_value[0] * law->n - law->b;
    const double p[N_STREAMS] = {(both + law->b + 1) / n, (both + law->c + 1) / n};
    covariance = both / n - p[0] * p[1];
    variance[0] = p[0] * (1 - p[0]);
    variance[1] = p[1] * (1 - p[1]);
  }
  const double both = sqrt(variance[0] * variance[1]);
  return both > 0 ? fmax(-1, fmin(1, covariance / both)) : isnan(both) ? NAN : 0;
}

/* The correlations of the groups of one family; *is_known: all of them are. */
static nonet_status read_correlations(struct view *view, const struct measure_variant *variant,
                                      const struct gap_law_parts *parts, size_t f,
                                      const double **correlation, const char **undecided,
                                      bool *is_known, nonet_error *error) {
  const struct measure *base = parts->base[f];
  const size_t n = parts->groups[f].n;
  double *made = view_arena(view, n + 1, sizeof *made);
  nonet_status status = made == NULL ? error_memory(error, n * sizeof *made, "two gaps") : NONET_OK;
  *is_known = base->compare != NULL;
  for (size_t k = 0; k < n && *is_known && status == NONET_OK; k++) {
    struct view own, *group = NULL;
    struct inference law = inference_none("none");
    status = gap_law_open(view, parts->place[f][k], variant, &own, &group, error);
    if (status == NONET_OK) {
      group->n_notes = 0;
      status = base->compare(base, gap_law_base_variant(base, variant), group, &law, error);
    }
    made[k] = status == NONET_OK ? correlation_of(&law) : NAN;
    *is_known = !isnan(made[k]);
    if (law.undecided != NULL && law.kind != INFERENCE_TANGO && *undecided == NULL) { /* 2 */
      *undecided = view_sentence(view, "%s: %s", gap_law_group_name(view, parts->place[f][k]),
                                 law.undecided);
    }
    gap_law_close(variant, &own);
  }
  *correlation = made;
  return status;
}

/* The same groups for both models? */
static bool are_alike(const struct gap_law_parts *a, const struct gap_law_parts *b) {
  bool alike = a != NULL && b != NULL && a->kind == b->kind && a->n_families == b->n_families;
  for (size_t f = 0; alike && f < a->n_families; f++) {
    alike = a->groups[f].n == b->groups[f].n && a->groups[f].n == a->groups[0].n;
    for (size_t k = 0; alike && k < a->groups[f].n; k++) {
      alike = a->place[f][k] == b->place[f][k];
    }
  }
  return alike && a->kind != GAP_RATIO && a->groups[0].n <= GAP_CHANGE_MOST;
}

/* *change stays NULL where case 3 holds. */
static nonet_status read_change(struct view *view, const struct measure_variant *variant,
                                const struct inference *of, struct change_context **change,
                                const char **undecided, nonet_error *error) {
  const struct gap_law_parts *a = gap_law_parts(&of[0]), *b = gap_law_parts(&of[1]);
  *change = NULL;
  if (!are_alike(a, b)) {
    return NONET_OK;
  }
  struct change_context *made = view_arena(view, 1, sizeof *made);
  nonet_status status = made == NULL ? error_memory(error, sizeof *made, "two gaps") : NONET_OK;
  bool is_known = status == NONET_OK;
  for (size_t f = 0; is_known && f < a->n_families; f++) {
    made->kind = a->kind;
    made->n_families = a->n_families;
    made->family[f].of[0] = a->groups[f];
    made->family[f].of[1] = b->groups[f];
    status = read_correlations(view, variant, a, f, &made->family[f].correlation, undecided,
                               &is_known, error);
    is_known = is_known && status == NONET_OK;
  }
  *change = is_known ? made : NULL;
  *undecided = is_known ? *undecided : NULL;
  return status;
}

nonet_status gap_law_compare(const struct measure *measure, const struct measure_variant *variant,
                             struct view *view, struct inference *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  struct inference *of = view_arena(view, N_STREAMS, sizeof *of);
  struct change_context *change = NULL;
  const char *undecided = NULL;
  if (of == NULL) {
    return error_memory(error, N_STREAMS * sizeof *of, "two gaps");
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = measure->estimate(measure, variant, view, s, &of[s], error);
    if (status == NONET_OK && of[s].kind == INFERENCE_MISSING) {
      *out = of[s];
      return NONET_OK;
    }
  }
  if (status == NONET_OK) {
    status = read_change(view, variant, of, &change, &undecided, error);
  }
  if (status == NONET_OK) {
    *out = law_start(measure, INFERENCE_LIMITS,
                     change != NULL ? "gaps-by-pairs" : "gaps-bonferroni", true);
    out->value = of[0].value - of[1].value;
    out->bounds = change != NULL ? change_bounds : bonferroni_bounds;
    out->context = change != NULL ? (const void *)change : (const void *)of;
    out->undecided = of[0].reason != NULL   ? of[0].reason
                     : of[1].reason != NULL ? of[1].reason
                                            : undecided;
  }
  return status;
}
