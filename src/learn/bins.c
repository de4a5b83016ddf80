/*
 * Cutting columns into bins.
 *
 * A number's cuts c_1 < c_2 < … are its values at the ranks floor(n·k/5), k = 1 … 4; bin k holds
 * [c_k, c_{k+1}). A category's values that at least 2 % of the rows have stand alone, at most ten,
 * the commonest first (ties: bytewise).
 *
 * Cases:
 *  1. A cut that the value below it ties with does not split the tie: equal values share a bin. A
 *     cut at the least value moves to the next larger one, so that a heap of zeros is a bin.
 *  2. At most five different numbers: a bin each, named by its value.
 *  3. One value left over is named by itself, not pooled.
 *  4. All missing, or all equal: one bin.
 *  5. -0 and 0 are equal; infinities are values like others.
 */
#include "learn/bins.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static int compare_numbers(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Words of a bin; false when memory is short. */
static bool name_bin(struct bins_column *column, size_t bin, struct text *text) {
  column->words[bin] = text_take(text);
  return column->words[bin] != NULL;
}

static bool name_missing(struct bins_column *column, const char *name) {
  struct text text = {0};
  text_printf(&text, "%s is missing", name);
  return name_bin(column, column->n_bins++, &text);
}

/* ---- numbers ---- */

struct cuts {
  size_t n;
  double at[BINS_QUANTILES]; /* the least value of bins 1 … n; of bin 0 when is_each */
  bool is_each;              /* case 2: at[k] is the value of bin k */
};

static size_t next_larger(const double *sorted, size_t n, size_t from) {
  size_t i = from;
  while (i < n && sorted[i] == sorted[from]) {
    i++;
  }
  return i;
}

static struct cuts find_cuts(const double *sorted, size_t n) {
  struct cuts cuts = {.is_each = true};
  size_t i = 0;
  for (; i < n && cuts.n < BINS_QUANTILES; i = next_larger(sorted, n, i)) {
    cuts.at[cuts.n++] = sorted[i];
  }
  if (i == n) {
    return cuts; /* 2 */
  }
  cuts = (struct cuts){0};
  for (size_t k = 1; k < BINS_QUANTILES; k++) {
    size_t rank = n * k / BINS_QUANTILES;
    if (sorted[rank] == sorted[0]) {
      rank = next_larger(sorted, n, 0); /* 1 */
    }
    if (cuts.n == 0 || sorted[rank] > cuts.at[cuts.n - 1]) {
      cuts.at[cuts.n++] = sorted[rank];
    }
  }
  return cuts;
}

static bool name_number(struct bins_column *column, const char *name, const struct cuts *cuts) {
  const size_t n_bins = cuts->is_each ? cuts->n : cuts->n + 1;
  bool fits = true;
  for (size_t k = 0; k < n_bins && fits; k++) {
    struct text text = {0};
    if (cuts->is_each) {
      text_printf(&text, "%s = %.6g", name, cuts->at[k] + 0.0);
    } else if (k == 0) {
      text_printf(&text, "%s < %.6g", name, cuts->at[0]);
    } else if (k == cuts->n) {
      text_printf(&text, "%s >= %.6g", name, cuts->at[k - 1]);
    } else {
      text_printf(&text, "%s in [%.6g, %.6g)", name, cuts->at[k - 1], cuts->at[k]);
    }
    fits = name_bin(column, k, &text);
  }
  column->n_bins = n_bins;
  return fits;
}

static bool cut_number(const struct bins_source *source, size_t n_rows, double *sorted,
                       struct bins_column *column) {
  size_t n = 0;
  for (size_t i = 0; i < n_rows; i++) {
    if (!isnan(source->number[i])) {
      sorted[n++] = source->number[i];
    }
  }
  qsort(sorted, n, sizeof *sorted, compare_numbers);
  const struct cuts cuts = find_cuts(sorted, n);
  bool fits = name_number(column, source->name, &cuts);
  for (size_t i = 0; i < n_rows; i++) {
    size_t below = 0;
    for (size_t k = 0; k < cuts.n; k++) {
      below += source->number[i] >= cuts.at[k];
    }
    column->bin[i] = (uint8_t)(isnan(source->number[i]) ? column->n_bins
                               : cuts.is_each           ? below - 1
                                                        : below);
  }
  return fits && (n == n_rows || name_missing(column, source->name));
}

/* ---- categories ---- */

struct counted {
  size_t n;
  uint32_t code;
};

static int compare_counted(const void *a, const void *b) {
  const struct counted *x = a, *y = b;
  if (x->n != y->n) {
    return x->n > y->n ? -1 : 1;
  }
  return (x->code > y->code) - (x->code < y->code);
}

static bool is_null(const struct bins_source *source, uint32_t code) {
  return code == BINS_NULL || source->values[code] == NULL;
}

static bool name_value(struct bins_column *column, const struct bins_source *source,
                       uint32_t code) {
  struct text text = {0};
  text_printf(&text, "%s = %s", source->name, source->values[code]);
  return name_bin(column, column->n_bins++, &text);
}

/* Bins of the values in counts[0 … n_seen), the commonest first. bin_of is [n_values]. */
static bool bin_values(const struct bins_source *source, const struct counted *counts,
                       size_t n_seen, size_t n_rows, uint8_t *bin_of, struct bins_column *column) {
  bool fits = true;
  size_t k = 0;
  for (; k < n_seen && k < BINS_VALUES && (double)counts[k].n >= BINS_RARE * (double)n_rows; k++) {
    bin_of[counts[k].code] = (uint8_t)column->n_bins;
    fits = fits && name_value(column, source, counts[k].code);
  }
  if (n_seen - k == 1) {
    bin_of[counts[k].code] = (uint8_t)column->n_bins; /* 3 */
    fits = fits && name_value(column, source, counts[k].code);
  } else if (n_seen > k) {
    struct text text = {0};
    column->n_pooled = n_seen - k;
    for (size_t rest = k; rest < n_seen; rest++) {
      bin_of[counts[rest].code] = (uint8_t)column->n_bins;
    }
    text_printf(&text, "%s = one of %zu rarer values", source->name, column->n_pooled);
    fits = fits && name_bin(column, column->n_bins++, &text);
  }
  return fits;
}

static bool cut_category(const struct bins_source *source, size_t n_rows,
                         struct bins_column *column) {
  struct counted *counts = memory_zeroed(source->n_values, sizeof *counts);
  uint8_t *bin_of = memory_zeroed(source->n_values, 1);
  bool fits = counts != NULL && bin_of != NULL;
  size_t n_null = 0, n_seen = 0;
  for (size_t v = 0; v < source->n_values && fits; v++) {
    counts[v].code = (uint32_t)v;
  }
  for (size_t i = 0; i < n_rows && fits; i++) {
    if (is_null(source, source->code[i])) {
      n_null++;
    } else {
      counts[source->code[i]].n++;
    }
  }
  if (fits) {
    qsort(counts, source->n_values, sizeof *counts, compare_counted);
    while (n_seen < source->n_values && counts[n_seen].n > 0) {
      n_seen++;
    }
    fits = bin_values(source, counts, n_seen, n_rows, bin_of, column);
  }
  for (size_t i = 0; i < n_rows && fits; i++) {
    const uint32_t code = source->code[i];
    column->bin[i] = is_null(source, code) ? (uint8_t)column->n_bins : bin_of[code];
  }
  memory_free(counts);
  memory_free(bin_of);
  return fits && (n_null == 0 || name_missing(column, source->name));
}

nonet_status bins_make(const struct bins_source *sources, size_t n_columns, size_t n_rows,
                       struct bins *bins, nonet_error *error) {
  double *sorted = memory_new(n_rows, sizeof *sorted);
  *bins = (struct bins){.n_rows = n_rows};
  bins->column = memory_zeroed(n_columns, sizeof *bins->column);
  bool fits = sorted != NULL && bins->column != NULL;
  bins->n_columns = bins->column != NULL ? n_columns : 0;
  for (size_t c = 0; c < n_columns && fits; c++) {
    struct bins_column *column = &bins->column[c];
    column->bin = memory_new(n_rows, 1);
    fits = column->bin != NULL && (sources[c].number != NULL
                                       ? cut_number(&sources[c], n_rows, sorted, column)
                                       : cut_category(&sources[c], n_rows, column));
  }
  memory_free(sorted);
  if (!fits) {
    bins_clear(bins);
    return error_memory(error, n_rows * n_columns, "features in bins");
  }
  return NONET_OK;
}

void bins_clear(struct bins *bins) {
  for (size_t c = 0; c < bins->n_columns; c++) {
    memory_free(bins->column[c].bin);
    for (size_t k = 0; k < BINS_MOST; k++) {
      memory_free(bins->column[c].words[k]);
    }
  }
  memory_free(bins->column);
  *bins = (struct bins){0};
}
