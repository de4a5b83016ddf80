/*
 * The index of neighbours: rows in the order of their blocks, and as panels for the product.
 *
 * Cases:
 *  1. Numbers are moved to the columns' middle and scaled by a power of two into [−1, 1], so that
 * the product's error is bounded by lengths (neighbours.c). All equal: the scale is 1.
 *  2. A panel's columns stand by their variance, the largest first, ties in their own order; the
 * first HEAD_SHARE are the head, unless those are too few to tell much.
 *  3. Numbers that are not finite are refused, with row and column.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "learn/neighbours_private.h"

#define HEAD_SHARE 0.4
#define HEAD_COLUMNS_LEAST 4

struct spread {
  double variance;
  size_t column;
};

nonet_status neighbours_check(const struct neighbours_rows *rows, nonet_error *error) {
  if (rows->n_rows >= NEIGHBOURS_NONE) {
    return error_set(error, NONET_E_DATA,
                     "expected fewer than %u rows to find neighbours, found "
                     "%zu",
                     NEIGHBOURS_NONE, rows->n_rows);
  }
  for (size_t i = 0; i < rows->n_rows * rows->n_numbers; i++) {
    if (!isfinite(rows->number[i])) {
      return error_set(error, NONET_E_DATA, "row %zu has no finite number in column %zu",
                       i / rows->n_numbers, i % rows->n_numbers);
    }
  }
  return NONET_OK;
}

/* The middle of each column's values, and the power of two that brings all into [−1, 1]. */
static void settle_scale(struct neighbours *index) {
  const struct neighbours_rows *rows = &index->rows;
  double most = 0;
  for (size_t c = 0; c < rows->n_numbers; c++) {
    double low = INFINITY, high = -INFINITY;
    for (size_t b = 0; b < index->blocks.n_blocks; b++) {
      low = fmin(low, index->blocks.low[b * rows->n_numbers + c]);
      high = fmax(high, index->blocks.high[b * rows->n_numbers + c]);
    }
    index->middle[c] = low / 2 + high / 2;
    most = fmax(most, high / 2 - low / 2);
  }
  int exponent = 0;
  (void)frexp(most, &exponent);
  /* one more than it needs: the middle is rounded, too */
  index->scale = most > 0 ? ldexp(1.0, exponent > 1000    ? -1001
                                       : exponent < -1000 ? 1000
                                                          : -exponent - 1)
                          : 1.0;
}

static int compare_spreads(const void *a, const void *b) {
  const struct spread *x = a, *y = b;
  if (x->variance != y->variance) {
    return x->variance > y->variance ? -1 : 1;
  }
  return (x->column > y->column) - (x->column < y->column);
}

/* The order of the panel's columns. */
static nonet_status order_columns(struct neighbours *index, nonet_error *error) {
  const struct neighbours_rows *rows = &index->rows;
  size_t d = rows->n_numbers;
  struct spread *spreads = memory_zeroed(d, sizeof *spreads);
  if (spreads == NULL) {
    return error_memory(error, d * sizeof *spreads, "columns in order");
  }
  for (size_t c = 0; c < d; c++) {
    spreads[c].column = c;
    for (size_t i = 0; i < rows->n_rows; i++) {
      double x = (rows->number[i * d + c] - index->middle[c]) * index->scale;
      spreads[c].variance += x * x;
    }
  }
  qsort(spreads, d, sizeof *spreads, compare_spreads);
  for (size_t c = 0; c < d; c++) {
    index->column[c] = spreads[c].column;
  }
  size_t n_head = (size_t)(HEAD_SHARE * (double)d);
  index->n_head = n_head >= HEAD_COLUMNS_LEAST ? n_head : 0;
  memory_free(spreads);
  return NONET_OK;
}

struct lengths neighbours_lane(const struct neighbours *index, const double *number, float *panel,
                               size_t stride) {
  struct lengths lengths = {0};
  double squares = 0;
  for (size_t c = 0; c < index->rows.n_numbers; c++) {
    size_t column = index->column[c];
    double x = (number[column] - index->middle[column]) * index->scale;
    panel[c * stride] = (float)x;
    squares += x * x;
    lengths.head = c + 1 == index->n_head ? sqrt(squares) : lengths.head;
  }
  lengths.all = sqrt(squares);
  return lengths;
}

static void fill_panels(struct neighbours *index) {
  size_t d = index->rows.n_numbers;
  for (size_t i = 0; i < index->rows.n_rows; i++) {
    size_t block = i / BLOCKS_ROWS;
    float *panel = index->panel + block * d * BLOCKS_ROWS + i % BLOCKS_ROWS;
    struct lengths norm = neighbours_lane(index, index->rows.number + i * d, panel, BLOCKS_ROWS);
    index->half[i] = (float)(norm.all * norm.all * -0.5);
    index->half_head[i] = (float)(norm.head * norm.head * -0.5);
    index->reach[block] = fmax(index->reach[block], norm.all);
  }
}

/* The rows in the order of the blocks. */
static void copy_rows(struct neighbours *index, const struct neighbours_rows *rows, double *number,
                      uint32_t *category) {
  size_t d = rows->n_numbers, c = rows->n_categories;
  for (size_t i = 0; i < rows->n_rows; i++) {
    size_t row = index->blocks.order[i];
    index->name[i] = rows->name != NULL ? rows->name[row] : (uint32_t)row;
    if (index->place != NULL) {
      index->place[row] = (uint32_t)i;
    }
    if (d > 0) {
      memcpy(number + i * d, rows->number + row * d, d * sizeof *number);
    }
    if (c > 0) {
      memcpy(category + i * c, rows->category + row * c, c * sizeof *category);
    }
  }
  index->rows = *rows;
  index->rows.number = number;
  index->rows.category = category;
}

static nonet_status index_fill(struct neighbours *index, const struct neighbours_rows *rows,
                               size_t n_threads, nonet_error *error) {
  size_t d = rows->n_numbers;
  nonet_status status =
      blocks_make(rows->number, rows->n_rows, d, BLOCKS_ROWS, n_threads, &index->blocks, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n_blocks = index->blocks.n_blocks, n_lanes = n_blocks * BLOCKS_ROWS;
  double *number = memory_new(rows->n_rows * d, sizeof *number);
  uint32_t *category = memory_new(rows->n_rows * rows->n_categories, sizeof *category);
  index->rows.number = number;
  index->rows.category = category;
  index->middle = memory_new(d, sizeof *index->middle);
  index->panel = memory_zeroed(n_lanes * d, sizeof *index->panel);
  index->half = memory_zeroed(n_lanes, sizeof *index->half);
  index->half_head = memory_zeroed(n_lanes, sizeof *index->half_head);
  index->column = memory_new(d, sizeof *index->column);
  index->reach = memory_zeroed(n_blocks, sizeof *index->reach);
  index->name = memory_new(rows->n_rows, sizeof *index->name);
  index->place = rows->name == NULL ? memory_new(rows->n_rows, sizeof *index->place) : NULL;
  if (!number || !category || !index->middle || !index->panel || !index->half ||
      !index->half_head || !index->column || !index->reach || !index->name ||
      (rows->name == NULL && !index->place)) {
    return error_memory(error, n_lanes * d * (sizeof(double) + sizeof(float)),
                        "the rows among which neighbours are found");
  }
  copy_rows(index, rows, number, category);
  settle_scale(index);
  status = order_columns(index, error);
  if (status == NONET_OK) {
    fill_panels(index);
  }
  return status;
}

nonet_status neighbours_new(const struct neighbours_rows *rows, size_t n_threads,
                            struct neighbours **made, nonet_error *error) {
  *made = NULL;
  nonet_status status = neighbours_check(rows, error);
  if (status != NONET_OK) {
    return status;
  }
  struct neighbours *index = memory_zeroed(1, sizeof *index);
  if (index == NULL) {
    return error_memory(error, sizeof *index, "an index of neighbours");
  }
  status = index_fill(index, rows, n_threads, error);
  if (status != NONET_OK) {
    neighbours_free(index);
    return status;
  }
  *made = index;
  return NONET_OK;
}

void neighbours_free(struct neighbours *index) {
  if (index == NULL) {
    return;
  }
  memory_free((void *)index->rows.number);
  memory_free((void *)index->rows.category);
  blocks_clear(&index->blocks);
  memory_free(index->middle);
  memory_free(index->panel);
  memory_free(index->half);
  memory_free(index->half_head);
  memory_free(index->column);
  memory_free(index->reach);
  memory_free(index->name);
  memory_free(index->place);
  memory_free(index);
}
