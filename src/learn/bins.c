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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static int compare_numbers(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Words of a bin, which are taken from `text`; false when memory is short. */
static bool name_bin(struct bins_column *column, size_t bin, struct text *text) {
  column->words[bin] = text_take(text);
  return column->words[bin] != NULL;
}

static bool name_value(struct bins_column *column, const char *value) {
  const size_t bin = column->n_bins++;
  struct text text = {0};
  text_printf(&text, "%s = %s", column->name, value);
  column->value[bin] = memory_text(value);
  return name_bin(column, bin, &text) && column->value[bin] != NULL;
}

static bool name_missing(struct bins_column *column) {
  const size_t bin = column->n_bins++;
  struct text text = {0};
  text_printf(&text, "%s is missing", column->name);
  column->value[bin] = memory_text("missing");
  return name_bin(column, bin, &text) && column->value[bin] != NULL;
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

/* "< 25", ">= 60", "in [25, 40)": bins from … to of the line. */
static void stretch_words(const struct bins_column *column, size_t from, size_t to,
                          struct text *text) {
  if (from == 0) {
    text_printf(text, "%s < %.6g", column->name, column->at[to]);
  } else if (to == column->n_cuts) {
    text_printf(text, "%s >= %.6g", column->name, column->at[from - 1]);
  } else {
    text_printf(text, "%s in [%.6g, %.6g)", column->name, column->at[from - 1], column->at[to]);
  }
}

static bool name_number(struct bins_column *column, const struct cuts *cuts) {
  bool fits = true;
  column->is_cut = !cuts->is_each;
  if (!column->is_cut) {
    for (size_t k = 0; k < cuts->n && fits; k++) {
      char value[32];
      snprintf(value, sizeof value, "%.6g", cuts->at[k] + 0.0);
      fits = name_value(column, value);
    }
    return fits;
  }
  column->n_cuts = cuts->n;
  memcpy(column->at, cuts->at, cuts->n * sizeof *cuts->at);
  for (size_t k = 0; k <= cuts->n && fits; k++) {
    struct text text = {0};
    stretch_words(column, k, k, &text);
    fits = name_bin(column, column->n_bins++, &text);
  }
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
  bool fits = name_number(column, &cuts);
  for (size_t i = 0; i < n_rows; i++) {
    size_t below = 0;
    for (size_t k = 0; k < cuts.n; k++) {
      below += source->number[i] >= cuts.at[k];
    }
    column->bin[i] = (uint8_t)(isnan(source->number[i]) ? column->n_bins
                               : cuts.is_each           ? below - 1
                                                        : below);
  }
  return fits && (n == n_rows || name_missing(column));
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

/* Bins of the values in counts[0 … n_seen), the commonest first. bin_of is [n_values]. */
static bool bin_values(const struct bins_source *source, const struct counted *counts,
                       size_t n_seen, size_t n_rows, uint8_t *bin_of, struct bins_column *column) {
  bool fits = true;
  size_t k = 0;
  for (; k < n_seen && k < BINS_VALUES && (double)counts[k].n >= BINS_RARE * (double)n_rows; k++) {
    bin_of[counts[k].code] = (uint8_t)column->n_bins;
    fits = fits && name_value(column, source->values[counts[k].code]);
  }
  if (n_seen - k == 1) {
    bin_of[counts[k].code] = (uint8_t)column->n_bins; /* 3 */
    fits = fits && name_value(column, source->values[counts[k].code]);
  } else if (n_seen > k) {
    char value[48];
    column->n_pooled = n_seen - k;
    for (size_t rest = k; rest < n_seen; rest++) {
      bin_of[counts[rest].code] = (uint8_t)column->n_bins;
    }
    snprintf(value, sizeof value, "one of %zu rarer values", column->n_pooled);
    fits = fits && name_value(column, value);
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
  return fits && (n_null == 0 || name_missing(column));
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
    column->name = memory_text(sources[c].name);
    fits = column->bin != NULL && column->name != NULL &&
           (sources[c].number != NULL ? cut_number(&sources[c], n_rows, sorted, column)
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
    memory_free(bins->column[c].name);
    for (size_t k = 0; k < BINS_MOST; k++) {
      memory_free(bins->column[c].value[k]);
      memory_free(bins->column[c].words[k]);
    }
  }
  memory_free(bins->column);
  *bins = (struct bins){0};
}

static void line_words(const struct bins_column *column, unsigned set, struct text *text) {
  const size_t n_line = column->n_cuts + 1;
  size_t n_said = 0;
  for (size_t from = 0; from < n_line; from++) {
    size_t to = from;
    if ((set >> from & 1) == 0) {
      continue;
    }
    while (to + 1 < n_line && (set >> (to + 1) & 1) != 0) {
      to++;
    }
    text_append(text, n_said++ > 0 ? " or " : "");
    if (from == 0 && to + 1 == n_line) {
      text_printf(text, "%s is there", column->name);
    } else {
      stretch_words(column, from, to, text);
    }
    from = to;
  }
  if (column->n_bins > n_line && (set >> n_line & 1) != 0) {
    text_printf(text, "%s%s", n_said > 0 ? " or " : "", column->words[n_line]);
  }
}

void bins_words(const struct bins_column *column, unsigned set, struct text *text) {
  size_t n_in = 0, n_said = 0;
  for (size_t k = 0; k < column->n_bins; k++) {
    n_in += set >> k & 1;
  }
  const bool is_short = 2 * n_in <= column->n_bins;
  const size_t n_named = is_short ? n_in : column->n_bins - n_in;
  if (column->is_cut) {
    line_words(column, set, text);
    return;
  }
  text_printf(text, "%s %s%s", column->name, is_short ? (n_named == 1 ? "= " : "in ") : "not ",
              n_named == 1 ? ""
              : is_short   ? "{"
                           : "in {");
  for (size_t k = 0; k < column->n_bins; k++) {
    if (((set >> k & 1) != 0) == is_short) {
      text_printf(text, "%s%s", n_said++ > 0 ? ", " : "", column->value[k]);
    }
  }
  text_append(text, n_named == 1 ? "" : "}");
}
