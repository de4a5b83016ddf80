/*
 * Groups exchanged at random.
 *
 * If the groups of rows are permuted, what a model answers does not depend on the group: every gap
 * is 0 by construction, whatever the model is, and what is seen of one is chance. Rates of a class
 * (true and false positive rates, the AUC) are permuted within the class, so that every group keeps
 * its share of it (judgement.md §7 of the design).
 *
 * Cases:
 *  1. Numbers that do not look at one class alone (selection, accuracy, predictive values, means)
 *     are permuted among all rows: within classes groups of other base rates would stay unequal in
 *     them, and the gap would not be 0.
 *  2. Conditional parity compares within strata of the control columns, and so are its groups
 *     permuted.
 *  3. Rows of one cluster and one group move together; a cluster with rows in several groups is as
 *     many units. If any unit has rows of several classes, classes cannot be kept: all units are
 *     then one stratum, which is just as equal.
 *  4. Whole cells change places, all group columns at once: a group of one column is a set of
 * cells.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "run/regrouped.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "measure/fairness/conditional.h"
#include "measure/records.h"

static const struct regrouped_gap gaps[] = {
    {"fairness.equal_opportunity_difference", WITHIN_CLASS, &correctness_recall, false},
    {"fairness.equalized_odds_difference", WITHIN_CLASS, &correctness_recall, false},
    {"fairness.fpr_gap", WITHIN_CLASS, &correctness_fpr, false},
    {"fairness.fnr_gap", WITHIN_CLASS, &correctness_fnr, false},
    {"fairness.auc_gap", WITHIN_CLASS, &correctness_auc, false},
    {"fairness.demographic_parity_difference", WITHIN_ALL, &fairness_selection_rate, false},
    {"fairness.demographic_parity_ratio", WITHIN_ALL, &fairness_selection_rate, true},
    {"fairness.accuracy_gap", WITHIN_ALL, &correctness_accuracy, false},
    {"fairness.mae_gap", WITHIN_ALL, &correctness_mae, false},
    {"fairness.predictive_parity", WITHIN_ALL, NULL, false},
    {"fairness.fdr_gap", WITHIN_ALL, NULL, false},
    {"fairness.for_gap", WITHIN_ALL, NULL, false},
    {"fairness.residual_gap", WITHIN_ALL, NULL, false},
    {"fairness.score_gap", WITHIN_ALL, NULL, false},
    {"fairness.calibration_gap", WITHIN_ALL, NULL, false},
    {"fairness.differential_fairness", WITHIN_ALL, NULL, false},
    {"fairness.conditional_parity", WITHIN_CONTROLS, NULL, false},
};

const struct regrouped_gap *regrouped_gap_of(const struct measure *measure,
                                             const struct measure_variant *variant) {
  const bool is_odds_ratio = variant->word != NULL && strcmp(variant->word, "odds_ratio") == 0;
  for (size_t i = 0; i < sizeof gaps / sizeof gaps[0] && !is_odds_ratio; i++) {
    if (strcmp(gaps[i].id, measure->id) == 0) {
      return &gaps[i];
    }
  }
  return NULL;
}

/* ---- units ---- */

static int by_cluster_and_cell(const void *a, const void *b, void *context) {
  const struct swapped_rows *rows = context;
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  if (rows->cluster[x] != rows->cluster[y]) {
    return rows->cluster[x] < rows->cluster[y] ? -1 : 1;
  }
  if (rows->cell[x] != rows->cell[y]) {
    return rows->cell[x] < rows->cell[y] ? -1 : 1;
  }
  return (x > y) - (x < y);
}

/* Case 3; first[u]: the first row of each unit. */
static void number_units(struct regrouped *regrouped, size_t *order, size_t *first) {
  const struct swapped_rows *rows = regrouped->rows;
  for (size_t i = 0; i < rows->n; i++) {
    order[i] = i;
  }
  if (rows->cluster != NULL && rows->n > 1) {
    qsort_r(order, rows->n, sizeof *order, by_cluster_and_cell, (void *)(uintptr_t)rows);
  }
  for (size_t i = 0; i < rows->n; i++) {
    const size_t row = order[i], before = i > 0 ? order[i - 1] : row;
    if (i == 0 || rows->cluster == NULL || rows->cluster[row] != rows->cluster[before] ||
        rows->cell[row] != rows->cell[before]) {
      first[regrouped->n_units] = row;
      regrouped->cell[regrouped->n_units++] = rows->cell[row];
    }
    regrouped->unit[row] = regrouped->n_units - 1;
  }
}

static bool is_pure(const struct regrouped *regrouped, const size_t *first) {
  const uint32_t *label = regrouped->rows->label;
  bool is = label != NULL;
  for (size_t i = 0; i < regrouped->rows->n && is; i++) {
    is = label[i] == label[first[regrouped->unit[i]]];
  }
  return is;
}

/* The stratum of each unit in of[]; their number, 0: no memory. */
static size_t number_strata(const struct regrouped *regrouped, enum regrouped_within within,
                            const size_t *first, size_t *of) {
  const struct roles *roles = &regrouped->rows->roles;
  size_t n = 1, *by_cell = NULL;
  if (within == WITHIN_CLASS && is_pure(regrouped, first)) {
    for (size_t u = 0; u < regrouped->n_units; u++) {
      of[u] = regrouped->rows->label[first[u]];
      n = of[u] + 1 > n ? of[u] + 1 : n;
    }
  } else if (within == WITHIN_CONTROLS && roles->n_controls > 0) { /* 2 */
    by_cell = memory_new(roles->n_cells, sizeof *by_cell);
    n = by_cell == NULL ? 0 : conditional_strata(roles, by_cell);
    for (size_t u = 0; u < regrouped->n_units && n > 0; u++) {
      of[u] = by_cell[regrouped->cell[u]];
    }
  }
  memory_free(by_cell);
  return n;
}

/* Counting sort. */
static void sort_members(struct regrouped *regrouped, const size_t *of) {
  size_t *begin = regrouped->stratum;
  for (size_t u = 0; u < regrouped->n_units; u++) {
    begin[of[u] + 1]++;
  }
  for (size_t s = 0; s < regrouped->n_strata; s++) {
    begin[s + 1] += begin[s];
  }
  for (size_t u = regrouped->n_units; u-- > 0;) { /* from the end: begins move back */
    regrouped->member[--begin[of[u] + 1]] = u;
  }
  memmove(begin, begin + 1, regrouped->n_strata * sizeof *begin);
  begin[regrouped->n_strata] = regrouped->n_units;
}

nonet_status regrouped_init(struct regrouped *regrouped, const struct swapped_rows *rows,
                            enum regrouped_within within, nonet_error *error) {
  const size_t n = rows->n + 1;
  size_t *scratch = memory_zeroed(2 * n, sizeof *scratch), *first = memory_new(n, sizeof *first);
  nonet_status status = NONET_OK;
  *regrouped = (struct regrouped){.rows = rows,
                                  .unit = memory_new(n, sizeof *regrouped->unit),
                                  .cell = memory_new(n, sizeof *regrouped->cell),
                                  .member = memory_new(n, sizeof *regrouped->member)};
  if (scratch == NULL || first == NULL || regrouped->unit == NULL || regrouped->cell == NULL ||
      regrouped->member == NULL) {
    status = error_memory(error, n * sizeof *scratch, "the self-test's groups");
    goto done;
  }
  number_units(regrouped, scratch + n, first);
  regrouped->n_strata = number_strata(regrouped, within, first, scratch);
  regrouped->stratum = memory_zeroed(regrouped->n_strata + 2, sizeof *regrouped->stratum);
  if (regrouped->n_strata == 0 || regrouped->stratum == NULL) {
    status = error_memory(error, n * sizeof *scratch, "the self-test's groups");
    goto done;
  }
  sort_members(regrouped, scratch);
done:
  memory_free(scratch);
  memory_free(first);
  return status;
}

void regrouped_clear(struct regrouped *regrouped) {
  memory_free(regrouped->unit);
  memory_free(regrouped->cell);
  memory_free(regrouped->member);
  memory_free(regrouped->stratum);
  *regrouped = (struct regrouped){0};
}

/* ---- a draw ---- */

nonet_status regrouped_draw(const struct regrouped *regrouped, uint64_t seed, uint64_t repeat,
                            struct swapped *swapped, nonet_error *error) {
  const size_t *begin = regrouped->stratum, *member = regrouped->member;
  uint32_t *cell = memory_new(regrouped->n_units + 1, sizeof *cell);
  if (cell == NULL) {
    return error_memory(error, regrouped->n_units * sizeof *cell, "exchanged groups");
  }
  for (size_t s = 0; s < regrouped->n_strata; s++) {
    struct philox_sequence draws = {.seed = seed ^ (repeat << 20), .id = UINT64_MAX - s};
    for (size_t i = begin[s]; i < begin[s + 1]; i++) { /* Fisher & Yates, inside out */
      const double u = philox_next_uniform(&draws);
      const size_t j = begin[s] + (size_t)(u * (double)(i - begin[s] + 1));
      cell[member[i]] = cell[member[j]];
      cell[member[j]] = regrouped->cell[member[i]];
    }
  }
  swapped_keep(swapped);
  for (size_t i = 0; i < regrouped->rows->n; i++) {
    swapped->cell[i] = cell[regrouped->unit[i]];
  }
  memory_free(cell);
  return NONET_OK;
}
