/*
 * Searching the worst slice by cross tables.
 *
 * For each set of one, two or three columns one pass over the rows fills a table of its cells, and
 * every cell is a slice: n rows, W = Σw, L = Σwl, Q = Σw². With m = L/W, the same of the rest by
 * subtraction, and σ² the variance of the loss over all rows searched:
 *   z = (m_in − m_out) / (σ √(Q_in/W_in² + Q_out/W_out²))
 * (Chung et al. 2019, Slice Finder, order slices by an effect size; a pooled σ lets slices in which
 * all rows have the same loss count.) Of the N_d slices of depth d with enough rows the largest z
 * is about √(2 ln N_d) by chance alone, so depths compete by z²/2 − ln N_d: a further condition
 * must be worth more than the slices it lets one look at.
 *
 * Cases:
 *  1. Ties go to fewer conditions, then to the earlier columns, then to the earlier bins.
 *  2. Fewer than least_rows inside or outside: not a slice. More than half of the rows: neither,
 *     then it is the rest that is better. Weight 0 inside or outside: neither.
 *  3. All losses equal: nothing is worse.
 *  4. More than SLICES_COLUMNS columns: those in the best slices of depths 1 and 2 go to depth 3
 *     (ties: the earlier); 20,000 rows and 40 columns are 9,880 tables of some 125 cells.
 *  5. Columns of one bin are passed over.
 */
#include "learn/slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

struct cell {
  double n, weight, loss, square;
};

struct search {
  size_t n, n_columns, least_rows;
  uint32_t *column; /* [n_columns] of the bins */
  uint8_t **bin;    /* [n_columns][n] of the rows searched */
  struct cell *row; /* [n] what a row adds to its cells */
  struct cell total;
  double variance;
  const struct bins *bins;
  bool is_deep;        /* this pass: depth 3; else 1 and 2 */
  struct found *found; /* [n_columns²] of each pair of columns */
};

/* The best of one pair of columns, by depth. */
struct found {
  struct slice best[SLICES_DEPTH];
  double n_slices[SLICES_DEPTH];
};

static double standardised(const struct search *search, const struct cell *in) {
  const struct cell *all = &search->total;
  const struct cell out = {all->n - in->n, all->weight - in->weight, all->loss - in->loss,
                           all->square - in->square};
  const double least = (double)search->least_rows;
  if (in->n < least || out.n < least || in->n > out.n || !(in->weight > 0) || !(out.weight > 0)) {
    return NAN; /* 2 */
  }
  const double spread =
      in->square / (in->weight * in->weight) + out.square / (out.weight * out.weight);
  return (in->loss / in->weight - out.loss / out.weight) / sqrt(search->variance * spread);
}

static size_t bins_of(const struct search *search, size_t column) {
  return search->bins->column[search->column[column]].n_bins;
}

/* Case 1: cells come in the order of columns and bins, so the first of equals stays. */
static void read_cells(const struct search *search, const struct cell *cells, const size_t *column,
                       size_t depth, struct found *found) {
  size_t size[SLICES_DEPTH] = {1, 1, 1}, n_cells = 1;
  for (size_t d = 0; d < depth; d++) {
    size[d] = bins_of(search, column[d]);
    n_cells *= size[d];
  }
  struct slice *best = &found->best[depth - 1];
  for (size_t i = 0; i < n_cells; i++) {
    const double z = standardised(search, &cells[i]);
    found->n_slices[depth - 1] += !isnan(z);
    if (z > best->z) {
      size_t rest = i;
      *best = (struct slice){.n_terms = depth, .z = z};
      for (size_t d = depth; d-- > 0; rest /= size[d]) {
        best->column[d] = search->column[column[d]];
        best->bin[d] = (uint8_t)(rest % size[d]);
      }
    }
  }
}

static void add(struct cell *into, const struct cell *from) {
  into->n += from->n;
  into->weight += from->weight;
  into->loss += from->loss;
  into->square += from->square;
}

/* The tables of columns i <= j: i = j is depth 1. `pair` is a row's cell in the table of both. */
static void shallow_tables(const struct search *search, size_t i, size_t j, struct found *found) {
  struct cell cells[BINS_MOST * BINS_MOST] = {{0}};
  const size_t column[SLICES_DEPTH] = {i, j, 0};
  const size_t width = bins_of(search, j);
  for (size_t r = 0; r < search->n; r++) {
    const size_t first = i == j ? 0 : search->bin[i][r] * width;
    add(&cells[first + search->bin[j][r]], &search->row[r]);
  }
  read_cells(search, cells, column, i == j ? 1 : 2, found);
}

static nonet_status deep_tables(const struct search *search, size_t i, size_t j,
                                struct found *found, nonet_error *error) {
  const size_t most = BINS_MOST * BINS_MOST * BINS_MOST;
  uint8_t *pair = memory_new(search->n, 1);
  struct cell *cells = memory_new(most, sizeof *cells);
  nonet_status status = NONET_OK;
  if (pair == NULL || cells == NULL) {
    status = error_memory(error, most * sizeof *cells, "tables of slices");
  }
  for (size_t r = 0; r < search->n && status == NONET_OK; r++) {
    pair[r] = (uint8_t)(search->bin[i][r] * bins_of(search, j) + search->bin[j][r]);
  }
  for (size_t k = j + 1; k < search->n_columns && status == NONET_OK; k++) {
    const size_t column[SLICES_DEPTH] = {i, j, k};
    const size_t width = bins_of(search, k);
    memset(cells, 0, bins_of(search, i) * bins_of(search, j) * width * sizeof *cells);
    for (size_t r = 0; r < search->n; r++) {
      add(&cells[pair[r] * width + search->bin[k][r]], &search->row[r]);
    }
    read_cells(search, cells, column, 3, found);
  }
  memory_free(pair);
  memory_free(cells);
  return status;
}

static nonet_status search_pair(void *context, size_t item, size_t worker, nonet_error *error) {
  struct search *search = context;
  const size_t i = item / search->n_columns, j = item % search->n_columns;
  (void)worker;
  if (j < i || (search->is_deep && i == j)) {
    return NONET_OK;
  }
  if (search->is_deep) {
    return deep_tables(search, i, j, &search->found[item], error);
  }
  shallow_tables(search, i, j, &search->found[item]);
  return NONET_OK;
}

/* One pass over pairs of columns; its bests are gathered in the order of the pairs. */
static nonet_status run_pass(struct search *search, size_t n_threads, struct found *all,
                             nonet_error *error) {
  const size_t n_items = search->n_columns * search->n_columns;
  memset(search->found, 0, n_items * sizeof *search->found);
  nonet_status status = parallel_for(n_threads, n_items, search_pair, search, error);
  for (size_t item = 0; item < n_items && status == NONET_OK; item++) {
    for (size_t d = 0; d < SLICES_DEPTH; d++) {
      const struct found *found = &search->found[item];
      all->n_slices[d] += found->n_slices[d];
      if (found->best[d].z > all->best[d].z) {
        all->best[d] = found->best[d];
      }
    }
  }
  return status;
}

struct ranked {
  double z;
  size_t column;
};

static int compare_ranked(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  if (x->z != y->z) {
    return x->z > y->z ? -1 : 1;
  }
  return (x->column > y->column) - (x->column < y->column);
}

static int compare_columns(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  return (x->column > y->column) - (x->column < y->column);
}

/* Case 4: the shallow pass stands in search->found. */
static nonet_status keep_best_columns(struct search *search, nonet_error *error) {
  const size_t n = search->n_columns;
  if (n <= SLICES_COLUMNS) {
    return NONET_OK;
  }
  struct ranked *ranked = memory_zeroed(n, sizeof *ranked);
  if (ranked == NULL) {
    return error_memory(error, n * sizeof *ranked, "columns by their slices");
  }
  for (size_t i = 0; i < n; i++) {
    ranked[i].column = i;
    for (size_t j = 0; j < n; j++) {
      const struct found *found = &search->found[i <= j ? i * n + j : j * n + i];
      ranked[i].z = fmax(ranked[i].z, fmax(found->best[0].z, found->best[1].z));
    }
  }
  qsort(ranked, n, sizeof *ranked, compare_ranked);
  qsort(ranked, SLICES_COLUMNS, sizeof *ranked, compare_columns);
  for (size_t i = 0; i < SLICES_COLUMNS; i++) {
    uint8_t *kept = search->bin[ranked[i].column];
    search->bin[ranked[i].column] = search->bin[i];
    search->bin[i] = kept;
    search->column[i] = search->column[ranked[i].column];
  }
  search->n_columns = SLICES_COLUMNS;
  memory_free(ranked);
  return NONET_OK;
}

static bool gather_rows(const struct slices_request *request, struct search *search) {
  const struct bins *bins = request->bins;
  for (size_t i = 0; i < bins->n_rows; i++) {
    if (request->in[i]) {
      const double w = request->weight == NULL ? 1.0 : request->weight[i];
      search->row[search->n++] = (struct cell){1.0, w, w * request->loss[i], w * w};
      add(&search->total, &search->row[search->n - 1]);
    }
  }
  const double mean = search->total.loss / search->total.weight;
  for (size_t i = 0; i < bins->n_rows; i++) {
    if (request->in[i]) {
      const double w = request->weight == NULL ? 1.0 : request->weight[i];
      const double off = request->loss[i] - mean;
      search->variance += w * off * off / search->total.weight;
    }
  }
  bool fits = true;
  for (size_t c = 0; c < bins->n_columns && fits; c++) {
    uint8_t *bin = bins->column[c].n_bins > 1 ? memory_new(search->n, 1) : NULL; /* 5 */
    fits = bin != NULL || bins->column[c].n_bins <= 1;
    if (bin != NULL) {
      for (size_t i = 0, r = 0; i < bins->n_rows; i++) {
        if (request->in[i]) {
          bin[r++] = bins->column[c].bin[i];
        }
      }
      search->column[search->n_columns] = (uint32_t)c;
      search->bin[search->n_columns++] = bin;
    }
  }
  return fits;
}

static struct slice best_of(const struct found *all) {
  struct slice worst = {0};
  for (size_t d = 0; d < SLICES_DEPTH; d++) {
    struct slice slice = all->best[d];
    if (slice.n_terms > 0) {
      slice.score = slice.z * slice.z / 2 - log(all->n_slices[d]);
      worst = worst.n_terms == 0 || slice.score > worst.score ? slice : worst;
    }
  }
  return worst;
}

nonet_status slices_worst(const struct slices_request *request, struct slice *worst,
                          nonet_error *error) {
  const struct bins *bins = request->bins;
  const size_t n_columns = bins->n_columns;
  struct search search = {.bins = bins, .least_rows = request->least_rows};
  struct found all = {0};
  *worst = (struct slice){0};
  search.column = memory_zeroed(n_columns, sizeof *search.column);
  search.bin = memory_zeroed(n_columns, sizeof *search.bin);
  search.row = memory_new(bins->n_rows, sizeof *search.row);
  search.found = memory_new(n_columns * n_columns, sizeof *search.found);
  nonet_status status = NONET_OK;
  if (search.column == NULL || search.bin == NULL || search.row == NULL || search.found == NULL ||
      !gather_rows(request, &search)) {
    status = error_memory(error, bins->n_rows * sizeof *search.row, "a search of slices");
  }
  const size_t n_held = search.n_columns;
  if (status == NONET_OK && search.variance > 0) { /* 3 */
    status = run_pass(&search, request->n_threads, &all, error);
    if (status == NONET_OK) {
      status = keep_best_columns(&search, error);
    }
    search.is_deep = true;
    if (status == NONET_OK) {
      status = run_pass(&search, request->n_threads, &all, error);
    }
    *worst = status == NONET_OK ? best_of(&all) : *worst;
  }
  for (size_t c = 0; c < n_held; c++) {
    memory_free(search.bin[c]);
  }
  memory_free(search.bin);
  memory_free(search.column);
  memory_free(search.row);
  memory_free(search.found);
  return status;
}

bool slices_holds(const struct bins *bins, const struct slice *slice, size_t row) {
  for (size_t d = 0; d < slice->n_terms; d++) {
    if (bins->column[slice->column[d]].bin[row] != slice->bin[d]) {
      return false;
    }
  }
  return true;
}

void slices_words(const struct bins *bins, const struct slice *slice, struct text *text) {
  for (size_t d = 0; d < slice->n_terms; d++) {
    text_printf(text, "%s%s", d > 0 ? " and " : "",
                bins->column[slice->column[d]].words[slice->bin[d]]);
  }
}
