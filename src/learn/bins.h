/*
 * Columns cut into few bins, for searches over conjunctions of conditions.
 *
 * A number: at most BINS_QUANTILES bins at its quantiles, equal values together; a category: its
 * commonest values, the rest in one bin. A missing value is a bin of its own. The cuts hang on the
 * values alone, never on a label or a prediction, and not on the order of the rows.
 *
 * Threads: made by one call, then read-only.
 */
#ifndef LEARN_BINS_H
#define LEARN_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define BINS_QUANTILES 5 /* bins of a number, beside the missing */
#define BINS_VALUES 10   /* values of a category that stand alone */
#define BINS_RARE 0.02   /* a value in fewer of the rows is pooled */
#define BINS_MOST (BINS_VALUES + 2)
#define BINS_NULL UINT32_MAX

/* Exactly one of `number` (NaN: missing) and `code` (BINS_NULL: missing). */
struct bins_source {
  const char *name;
  const double *number;
  const uint32_t *code;
  const char *const *values; /* [n_values] of the codes, bytewise ascending; NULL: the null value */
  size_t n_values;
};

struct bins_column {
  size_t n_bins;          /* 1: constant, of no use to a search */
  size_t n_pooled;        /* values of a category that share a bin; 0: none */
  uint8_t *bin;           /* [n_rows] */
  char *words[BINS_MOST]; /* the condition in words: "age in [25, 40)", "belt = none" */
  char *name;
  bool is_cut;          /* bins are stretches of a number's line; the missing is the last */
  double at[BINS_MOST]; /* is_cut: where bin k ends and k + 1 begins */
  size_t n_cuts;
  char *value[BINS_MOST]; /* not is_cut: the value alone */
};

struct bins {
  size_t n_rows, n_columns;
  struct bins_column *column;
};

nonet_status bins_make(const struct bins_source *sources, size_t n_columns, size_t n_rows,
                       struct bins *bins, nonet_error *error) NONET_NODISCARD;
void bins_clear(struct bins *bins);
/* A set of bins (bit k: bin k) in words: "age < 25 or age >= 60", "belt in {lap, none}", "belt not
 * none". Not all, not none. */
void bins_words(const struct bins_column *column, unsigned set, struct text *text);

#endif
