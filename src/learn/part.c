/* Copies of some rows, close together in memory. */
#include "learn/part.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

nonet_status part_take(const struct neighbours_rows *rows, const uint32_t *which, size_t n,
                       struct part *part, nonet_error *error) {
  size_t d = rows->n_numbers, c = rows->n_categories;
  double *number = memory_new(n * d, sizeof *number);
  uint32_t *category = memory_new(n * c, sizeof *category);
  part->name = memory_new(n, sizeof *part->name);
  part->rows = *rows;
  part->rows.n_rows = n;
  part->rows.number = number;
  part->rows.category = category;
  part->rows.name = part->name;
  if (number == NULL || category == NULL || part->name == NULL) {
    return error_memory(error, n * (d * sizeof *number + c * sizeof *category), "a part of rows");
  }
  for (size_t i = 0; i < n; i++) {
    size_t row = which[i];
    part->name[i] = which[i];
    if (d > 0) {
      memcpy(number + i * d, rows->number + row * d, d * sizeof *number);
    }
    if (c > 0) {
      memcpy(category + i * c, rows->category + row * c, c * sizeof *category);
    }
  }
  return NONET_OK;
}

nonet_status part_of_class(const struct neighbours_rows *rows, const uint32_t *label, uint32_t code,
                           bool others, struct part *part, nonet_error *error) {
  size_t n = 0;
  uint32_t *which = memory_new(rows->n_rows, sizeof *which);
  if (which == NULL) {
    return error_memory(error, rows->n_rows * sizeof *which, "a class's rows");
  }
  for (size_t i = 0; i < rows->n_rows; i++) {
    if ((label[i] == code) != others) {
      which[n++] = (uint32_t)i;
    }
  }
  nonet_status status = part_take(rows, which, n, part, error);
  memory_free(which);
  return status;
}

void part_clear(struct part *part) {
  memory_free((void *)part->rows.number);
  memory_free((void *)part->rows.category);
  memory_free(part->name);
  memset(part, 0, sizeof *part);
}
