/*
 * Rows of a frame as points.
 *
 * Cases:
 *  1. A number that is missing stands at the mean, 0 once standardised; a column of one value is 0
 *     for all. Infinite numbers count as missing.
 *  2. A column of whole numbers or texts, none of them twice, names rows: it tells nothing of how
 *     near two of them are. Among few rows that may be chance.
 */
#include "measure/hood_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

#define LEAST_ID_ROWS 100 /* 2 */

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

bool hood_rows_is_id(const struct frame *frame, size_t c, nonet_status *status,
                     nonet_error *error) {
  const struct frame_column *column = &frame->columns[c];
  const size_t n = frame->n_rows - column->n_null;
  *status = NONET_OK;
  if (n < LEAST_ID_ROWS) {
    return false;
  }
  if (column->kind == FRAME_CATEGORY) {
    return column->n_values == n;
  }
  if (!column->is_whole) {
    return false;
  }
  double *sorted = memory_new(n, sizeof *sorted);
  if (sorted == NULL) {
    *status = error_memory(error, n * sizeof *sorted, "the values of a column");
    return false;
  }
  size_t k = 0;
  for (size_t i = 0; i < frame->n_rows; i++) {
    if (!isnan(column->number[i]) && k < n) {
      sorted[k++] = column->number[i];
    }
  }
  qsort(sorted, k, sizeof *sorted, compare_double);
  bool differ = true;
  for (size_t i = 1; i < k && differ; i++) {
    differ = sorted[i] != sorted[i - 1];
  }
  memory_free(sorted);
  return differ;
}

/* Case 1. */
static void standardise(const struct frame *frame, const struct frame_column *column,
                        double *number, size_t stride) {
  double mean = 0, square = 0;
  size_t n = 0;
  for (size_t i = 0; i < frame->n_rows; i++) {
    if (isfinite(column->number[i])) {
      n++;
      const double step = column->number[i] - mean;
      mean += step / (double)n;
      square += step * (column->number[i] - mean);
    }
  }
  const double deviation = n > 0 ? sqrt(square / (double)n) : 0;
  for (size_t i = 0; i < frame->n_rows; i++) {
    const bool counts = isfinite(column->number[i]) && deviation > 0 && isfinite(deviation);
    number[i * stride] = counts ? (column->number[i] - mean) / deviation : 0;
  }
}

nonet_status hood_rows_make(const struct frame *frame, const bool *skip,
                            struct neighbours_rows *rows, nonet_error *error) {
  size_t n_numbers = 0, n_categories = 0, number_at = 0, category_at = 0;
  for (size_t c = 0; c < frame->n_columns; c++) {
    n_numbers += !skip[c] && frame->columns[c].kind == FRAME_NUMBER;
    n_categories += !skip[c] && frame->columns[c].kind == FRAME_CATEGORY;
  }
  double *number = memory_new(frame->n_rows * n_numbers + 1, sizeof *number);
  uint32_t *category = memory_new(frame->n_rows * n_categories + 1, sizeof *category);
  *rows = (struct neighbours_rows){.n_rows = frame->n_rows,
                                   .n_numbers = n_numbers,
                                   .number = number,
                                   .n_categories = n_categories,
                                   .category = category,
                                   .category_step = 1};
  if (number == NULL || category == NULL) {
    return error_memory(error, frame->n_rows * sizeof *number, "the neighbourhood of rows");
  }
  for (size_t c = 0; c < frame->n_columns; c++) {
    const struct frame_column *column = &frame->columns[c];
    if (skip[c]) {
      continue;
    }
    if (column->kind == FRAME_NUMBER) {
      standardise(frame, column, number + number_at++, n_numbers);
    } else {
      for (size_t i = 0; i < frame->n_rows; i++) {
        category[i * n_categories + category_at] = column->code[i];
      }
      category_at++;
    }
  }
  return NONET_OK;
}

void hood_rows_clear(struct neighbours_rows *rows) {
  memory_free((void *)rows->number);
  memory_free((void *)rows->category);
  *rows = (struct neighbours_rows){0};
}
