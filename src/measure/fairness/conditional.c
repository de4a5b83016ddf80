/*
 * Conditional parity: who is chosen among rows that are alike in the control columns.
 *
 *   in stratum s of the controls, groups 1 and 2 have n1, n2 rows, of which a, b are chosen
 *   δ = Σ (a n2 − b n1)/n / Σ n1 n2/n    Mantel-Haenszel's common risk difference; its bounds are
 *                                        Laud's score over strata, which at 0 is the test of case 5
 *                                        but for the skewness
 *   ψ = Σ a d/n / Σ b c/n (@odds_ratio)  the common odds ratio; Robins, Breslow & Greenland
 *
 * The number is the maximum over pairs of groups of |δ|, or of ψ the larger way round. Upper bound:
 * the largest of the pairs' own. Lower bound: the largest of bounds that hold for all K(K − 1)
 * ordered pairs together (Bonferroni: pairs share their groups), cut at 0 (ψ: at 1). (Sato's normal
 * bounds of δ miss .034 on the upper side at 60 and 600 rows in five strata.)
 *
 * The cases:
 *  1. A group too small to judge is named, and nothing is proven of all (gap_law.c).
 *  2. Two groups that share too few rows of common strata, or of which nobody or everybody is
 * chosen there: no number; that too leaves the gap open.
 *  3. Weights and clusters: no variance is known here for them; missing, and said so.
 *  4. A stratum with one group says nothing. A null control is a stratum.
 *  5. Cochran, Mantel & Haenszel's test of the pair with the largest number, uncorrected, in a
 * note.
 *  6. A reference group: pairs with it alone, 2(K − 1) ordered ones.
 *  7. More pairs than memory should be asked for: missing, with what to do.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "measure/fairness/conditional.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/fairness/gap_law.h"
#include "measure/records.h"
#include "stats/difference.h"
#include "stats/distribution.h"
#include "stats/tests.h"

#define MOST_NUMBERS 4000000u /* groups times strata */
#define MOST_PAIRS 1000000u   /* of groups; 56 MB */

struct pair {
  struct tests_common common; /* the estimate >= 0; of odds ratios on the scale of logarithms */
  const double *group[2];     /* [n_strata][2] of each, chosen and not: the one with more first */
};

struct conditional {
  const struct pair *pair; /* [n_pairs] */
  size_t n_pairs, n_strata;
  double n_ordered; /* K(K − 1) */
  bool is_ratio;
  bool is_open;
};

/* ---- the law ---- */

/* The largest bound of |δ| above `least`: a pair is solved only when its score there says that it
 * lies beyond, as in stats/gap.c. */
static double largest_difference(const struct conditional *of, bool upwards, double z,
                                 double least) {
  double out = least;
  for (size_t i = 0; i < 2 * of->n_pairs; i++) {
    const struct pair *pair = &of->pair[i / 2];
    const double *x = pair->group[i % 2], *y = pair->group[1 - i % 2];
    if (out < 1 && difference_laud_strata_score(x, y, of->n_strata, out) > (upwards ? -z : z)) {
      const struct interval at = difference_laud_strata_z(x, y, of->n_strata, z);
      out = fmax(out, upwards ? at.high : at.low);
    }
  }
  return out;
}

static double from_scale(const struct conditional *of, double x) {
  return of->is_ratio ? exp(x) : x;
}

static void conditional_bounds(const struct inference *law, double level, double *low,
                               double *high) {
  const struct conditional *of = law->context;
  const double tail = (1 - level) / 2;
  const double own = distribution_normal_quantile_sf(tail);
  const double all = distribution_normal_quantile_sf(tail / of->n_ordered);
  double least = 0, most = 0;
  for (size_t i = 0; i < of->n_pairs; i++) {
    const struct tests_common *one = &of->pair[i].common;
    least = fmax(least, of->is_ratio ? one->estimate - all * one->se : 0);
    most = fmax(most, of->is_ratio ? one->estimate + own * one->se : one->estimate);
  }
  *low = of->is_ratio ? exp(least) : largest_difference(of, false, all, 0);
  *high = of->is_ratio ? exp(most) : largest_difference(of, true, own, most);
}

static double conditional_p(const struct inference *law, double null, bool upper) {
  const struct conditional *of = law->context;
  const double at = of->is_ratio ? log(null) : null;
  double p = upper ? 1 : 0;
  if (of->is_open && !upper) {
    return 1; /* 1, 2 */
  }
  for (size_t i = 0; i < 2 * of->n_pairs; i++) {
    const struct pair *pair = &of->pair[i / 2];
    const double sign = i % 2 == 0 ? 1 : -1;
    const double z = of->is_ratio
                         ? (sign * pair->common.estimate - at) / pair->common.se
                         : difference_laud_strata_score(pair->group[i % 2], pair->group[1 - i % 2],
                                                        of->n_strata, fmax(-1, fmin(1, at)));
    p = upper ? fmin(p, of->n_ordered * distribution_normal_sf(z))
              : fmax(p, distribution_normal_sf(-z));
  }
  return p;
}

/* ---- strata ---- */

static int compare_controls(const void *a, const void *b, void *context) {
  const struct roles *roles = context;
  const uint32_t *x = roles->cell_values + *(const size_t *)a * roles->n_groups;
  const uint32_t *y = roles->cell_values + *(const size_t *)b * roles->n_groups;
  for (size_t g = roles_n_sensitive(roles); g < roles->n_groups; g++) {
    if (x[g] != y[g]) {
      return x[g] < y[g] ? -1 : 1;
    }
  }
  return 0;
}

size_t conditional_strata(const struct roles *roles, size_t *stratum) {
  size_t *cells = memory_new(roles->n_cells, sizeof *cells), n = 0;
  for (size_t c = 0; cells != NULL && c < roles->n_cells; c++) {
    cells[c] = c;
  }
  if (cells != NULL && roles->n_cells > 1) {
    qsort_r(cells, roles->n_cells, sizeof *cells, compare_controls, (void *)(uintptr_t)roles);
  }
  for (size_t i = 0; cells != NULL && i < roles->n_cells; i++) {
    n += i == 0 || compare_controls(&cells[i - 1], &cells[i], (void *)(uintptr_t)roles) != 0;
    stratum[cells[i]] = n - 1;
  }
  memory_free(cells);
  return n;
}

/* Rows of the groups by stratum: chosen and not, [n_groups][n_strata][2]. */
struct strata {
  size_t n_groups, n_strata;
  const size_t *place; /* [n_groups] where in the column each group stands */
  double *rows;        /* in the view's arena: the law reads them */
};

static double *at_stratum(const struct strata *strata, size_t group, size_t stratum) {
  return strata->rows + (group * strata->n_strata + stratum) * 2;
}

static void count_strata(const struct view *view, int stream, const size_t *stratum,
                         size_t *group_of, struct strata *strata) {
  const struct roles *roles = &view->set->roles;
  size_t n;
  const struct count_entry *entries = count_table_entries(view->set->table, &n);
  for (size_t c = 0; c < roles->n_cells; c++) {
    group_of[c] = SIZE_MAX;
  }
  for (size_t k = 0; k < strata->n_groups; k++) {
    for (size_t c = 0; c < roles->n_cells; c++) {
      if (view->column->group[strata->place[k]].in_scope[c]) {
        group_of[c] = k;
      }
    }
  }
  for (size_t i = 0; i < n; i++) {
    const uint32_t cell = entries[i].cell;
    const bool is_chosen = (stream == STREAM_A ? entries[i].a : entries[i].b) == 1;
    if (group_of[cell] != SIZE_MAX) {
      at_stratum(strata, group_of[cell], stratum[cell])[is_chosen ? 0 : 1] +=
          (double)entries[i].count;
    }
  }
}

/* ---- pairs ---- */

/* The tables of two groups as stats/tests.h has them; the rows of the smaller in common strata. */
static double pair_tables(const struct strata *strata, size_t first, size_t second,
                          double *tables) {
  double shared[2] = {0, 0};
  for (size_t s = 0; s < strata->n_strata; s++) {
    const double *x = at_stratum(strata, first, s), *y = at_stratum(strata, second, s);
    const double table[4] = {x[0], y[0], x[1], y[1]};
    memcpy(tables + 4 * s, table, sizeof table);
    if (x[0] + x[1] > 0 && y[0] + y[1] > 0) {
      shared[0] += x[0] + x[1];
      shared[1] += y[0] + y[1];
    }
  }
  return fmin(shared[0], shared[1]);
}

static void note_widest(struct view *view, const struct strata *strata, const size_t widest[2],
                        double *tables) {
  (void)pair_tables(strata, widest[0], widest[1], tables);
  const struct tests_cmh test = tests_cochran_mantel_haenszel(tables, strata->n_strata, 0);
  view_note(view,
            "%s more than %s; Mantel-Haenszel chi-square %.4g, p %.3g, common odds ratio %.4g, %zu "
            "strata",
            view->column->value[strata->place[widest[0]]],
            view->column->value[strata->place[widest[1]]], test.statistic, test.p,
            test.common_odds_ratio, strata->n_strata);
}

/* The difference of two groups; false, with a note: they cannot be compared (2). `tables`: room for
 * all strata. */
static bool read_pair(struct view *view, const struct strata *strata, size_t a, size_t b,
                      bool is_ratio, double *tables, struct pair *pair) {
  const size_t least = view->options->min_group;
  const double shared = pair_tables(strata, a, b, tables);
  const struct tests_common one = is_ratio ? tests_common_log_odds_ratio(tables, strata->n_strata)
                                           : tests_common_risk_difference(tables, strata->n_strata);
  if (shared < (double)(least > 0 ? least : VIEW_MIN_GROUP) || !(one.se > 0) ||
      !isfinite(one.estimate)) {
    view_note(view, "no comparison of %s and %s: %.0f rows in common strata, or no choice there",
              view->column->value[strata->place[a]], view->column->value[strata->place[b]], shared);
    return false;
  }
  const size_t more = one.estimate >= 0 ? a : b, less = a + b - more;
  *pair = (struct pair){{fabs(one.estimate), one.se},
                        {at_stratum(strata, more, 0), at_stratum(strata, less, 0)}};
  return true;
}

static size_t n_pairs_of(const struct view *view, size_t n_groups) {
  const size_t n_others = n_groups - (n_groups > 0);
  return view->column->reference == 0 ? n_groups * n_others / 2 : n_others; /* 6 */
}

/* Every pair of groups; widest: the one chosen more often, the other. */
static nonet_status read_pairs(struct view *view, const struct strata *strata,
                               struct conditional *of, size_t widest[2], nonet_error *error) {
  const size_t k = strata->n_groups, reference = view->column->reference;
  struct pair *pairs = view_arena(view, n_pairs_of(view, k) + 1, sizeof *pairs);
  double *tables = memory_new(4 * strata->n_strata, sizeof *tables), most = -1;
  if (pairs == NULL || tables == NULL) {
    memory_free(tables);
    return error_memory(error, n_pairs_of(view, k) * sizeof *pairs, "the pairs of groups");
  }
  for (size_t a = 0; a < k; a++) {
    for (size_t b = a + 1; b < k; b++) {
      if (reference != 0 && strata->place[a] + 1 != reference &&
          strata->place[b] + 1 != reference) { /* 6 */
        continue;
      }
      struct pair *pair = &pairs[of->n_pairs];
      if (!read_pair(view, strata, a, b, of->is_ratio, tables, pair)) {
        of->is_open = true;
        continue;
      }
      of->n_pairs++;
      if (pair->common.estimate > most) {
        most = pair->common.estimate;
        widest[0] = pair->group[0] == at_stratum(strata, a, 0) ? a : b;
        widest[1] = a + b - widest[0];
      }
    }
  }
  of->pair = pairs;
  of->n_strata = strata->n_strata;
  of->n_ordered = 2 * (double)n_pairs_of(view, k);
  if (of->n_pairs > 0) {
    note_widest(view, strata, widest, tables); /* 5 */
  }
  memory_free(tables);
  return NONET_OK;
}

/* ---- the record ---- */

/* Case 1: the groups that can be judged; *first names the others. */
static nonet_status pick_groups(struct view *view, int stream, size_t *place, size_t *n_groups,
                                double *n, const char **first, nonet_error *error) {
  static const struct measure_variant plain = {.suffix = ""};
  const struct measure *rate = &fairness_selection_rate;
  const char **why = view_arena(view, view->column->n_groups + 1, sizeof *why);
  size_t n_out = 0;
  nonet_status status = why == NULL ? error_memory(error, 1, "the groups of a column") : NONET_OK;
  for (size_t k = 0; k < view->column->n_groups && status == NONET_OK; k++) {
    struct inference law = inference_none("none");
    const char *reason = NULL;
    status = rate->estimate(rate, &plain, &view->column->group[k], stream, &law, error);
    if (status == NONET_OK) {
      status = gap_law_too_small(view, k, &law, &reason, error);
    }
    if (status == NONET_OK && reason != NULL) {
      why[n_out++] = reason;
    } else if (status == NONET_OK) {
      *n += view->column->group[k].n;
      place[(*n_groups)++] = k;
    }
  }
  *first = status == NONET_OK && n_out > 0 ? gap_law_left_out(why, n_out, view) : NULL;
  return status;
}

static void finish(const struct measure *measure, struct view *view, struct conditional *of,
                   const char *first, double n, struct inference *out) {
  if (of->n_pairs == 0) {
    law_missing(view, measure, out, "no two groups can be compared within strata%s%s",
                first == NULL ? "" : "; ", first == NULL ? "" : first);
    return;
  }
  if (first != NULL) {
    view_note(view, "%s", first);
  }
  *out = law_start(measure, INFERENCE_LIMITS, "mantel-haenszel", false);
  double most = 0;
  for (size_t i = 0; i < of->n_pairs; i++) {
    most = fmax(most, of->pair[i].common.estimate);
  }
  out->value = from_scale(of, most);
  out->bounds = conditional_bounds;
  out->p = conditional_p;
  out->context = of;
  out->reason = first != NULL ? first : of->is_open ? "not all groups can be compared" : NULL;
  view->n = view->n_effective = n;
}

static nonet_status conditional_estimate(const struct measure *measure,
                                         const struct measure_variant *variant, struct view *view,
                                         int stream, struct inference *out, nonet_error *error) {
  if (view->column == NULL || !view->is_plain) { /* 3 */
    law_missing(view, measure, out,
                view->column == NULL ? "it is a number over the groups of a column"
                                     : "not yet with weights or clusters");
    return NONET_OK;
  }
  const size_t n_cells = view->set->roles.n_cells;
  struct conditional *of = view_arena(view, 1, sizeof *of);
  size_t *place = view_arena(view, view->column->n_groups + 1, sizeof *place);
  size_t *stratum = memory_new(2 * n_cells, sizeof *stratum), widest[2] = {0, 0};
  struct strata strata = {.place = place};
  double n = 0;
  const char *first = NULL;
  nonet_status status = of == NULL || place == NULL || stratum == NULL
                            ? error_memory(error, n_cells * sizeof *stratum, "the strata")
                            : pick_groups(view, stream, place, &strata.n_groups, &n, &first, error);
  if (status != NONET_OK) {
    goto done;
  }
  strata.n_strata = conditional_strata(&view->set->roles, stratum);
  if (strata.n_strata > 0 && strata.n_groups > MOST_NUMBERS / strata.n_strata) {
    law_missing(view, measure, out, "%zu groups in %zu strata are too many", strata.n_groups,
                strata.n_strata);
    goto done;
  }
  if (n_pairs_of(view, strata.n_groups) > MOST_PAIRS) { /* 7 */
    law_missing(view, measure, out,
                "%zu groups make more than %u pairs: name a reference group, or join groups",
                strata.n_groups, MOST_PAIRS);
    goto done;
  }
  strata.rows = view_arena(view, strata.n_groups * strata.n_strata * 2 + 1, sizeof *strata.rows);
  if (strata.n_strata == 0 || strata.rows == NULL) {
    status = error_memory(error, n_cells * sizeof *stratum, "the strata");
    goto done;
  }
  if (view->column->reference_title != NULL && view->column->reference == 0) { /* 6 */
    law_missing(view, measure, out, "the reference group %s has no rows here",
                view->column->reference_title);
    goto done;
  }
  of->is_ratio = variant->word != NULL;
  of->is_open = first != NULL;
  count_strata(view, stream, stratum, stratum + n_cells, &strata);
  if (strata.n_groups >= 2) {
    status = read_pairs(view, &strata, of, widest, error);
  }
  if (status == NONET_OK) {
    finish(measure, view, of, first, n, out);
  }
done:
  memory_free(stratum);
  return status;
}

static const struct measure_variant conditional_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY},
    {.suffix = "odds_ratio", .tasks = 0, .word = "odds_ratio"},
    {.suffix = NULL}};

const struct measure fairness_conditional_parity = {
    .id = "fairness.conditional_parity",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Conditional parity difference",
    .definition =
        "Largest difference between two groups' shares of rows predicted positive among "
        "rows that are alike in the control columns; @odds_ratio: the largest common odds "
        "ratio.",
    .formula = "max over pairs of |sum (a n2 - b n1)/n / sum n1 n2/n| over strata",
    .source = "Kamiran, Zliobaite & Calders 2013; Mantel & Haenszel 1959; bounds: "
              "skewness-corrected score over strata, Laud 2017; odds ratio: Robins, Breslow & "
              "Greenland 1986; pairs unadjusted above, Bonferroni below",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY,
    .needs = NEEDS_PREDICTION | NEEDS_GROUPS | NEEDS_CONTROLS,
    .scopes = IN_COLUMN,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SCAN,
    .interval = "mantel-haenszel",
    .interval_weighted = "none yet",
    .shortfall = "the bounds are conservative with many groups, the difference of two gaps "
                 "(Bonferroni over both models) always",
    .variants = conditional_variants,
    .estimate = conditional_estimate,
    .compare = gap_law_compare,
};
