/* Rows for the tests of this folder, and neighbours by definition: every pair, one sort. */
#ifndef LEARN_LEARN_FIXTURE_H
#define LEARN_LEARN_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "learn/neighbours.h"

struct fixture {
  struct neighbours_rows rows;
  double *number;
  uint32_t *category, *label;
};

/* levels 0: continuous; else whole numbers below it, with many ties and copies. Value = offset +
 * scale·draw. */
static inline struct fixture fixture_make(size_t n, size_t d, size_t c, uint32_t levels,
                                          double offset, double scale, uint32_t n_classes) {
  struct philox_sequence draws = {7, n * 31 + d, 0};
  struct fixture f = {.number = malloc((n * d + 1) * sizeof(double)),
                      .category = malloc((n * c + 1) * sizeof(uint32_t)),
                      .label = malloc((n + 1) * sizeof(uint32_t))};
  for (size_t i = 0; i < n * d; i++) {
    double draw = levels > 0 ? (double)(philox_next_u32(&draws) % levels)
                             : philox_next_uniform(&draws) + philox_next_uniform(&draws);
    f.number[i] = offset + scale * draw;
  }
  for (size_t i = 0; i < n * c; i++) {
    f.category[i] = philox_next_u32(&draws) % 4;
  }
  for (size_t i = 0; i < n; i++) {
    uint32_t draw = philox_next_u32(&draws);
    f.label[i] = draw % 5 == 0 ? draw / 5 % n_classes : 0;
  }
  f.rows = (struct neighbours_rows){.n_rows = n,
                                    .n_numbers = d,
                                    .number = f.number,
                                    .n_categories = c,
                                    .category = f.category,
                                    .category_step = 0.25};
  return f;
}

static inline void fixture_clear(struct fixture *f) {
  free(f->number);
  free(f->category);
  free(f->label);
}

struct fixture_pair {
  double distance2;
  uint32_t row;
};

static inline int fixture_compare(const void *a, const void *b) {
  const struct fixture_pair *x = a, *y = b;
  if (x->distance2 != y->distance2) {
    return x->distance2 < y->distance2 ? -1 : 1;
  }
  return (x->row > y->row) - (x->row < y->row);
}

/* All other rows of `row`, nearest first, into pairs [n − 1]. */
static inline void fixture_sorted(const struct fixture *f, size_t row, struct fixture_pair *pairs) {
  size_t n = 0;
  for (size_t i = 0; i < f->rows.n_rows; i++) {
    double sum = 0;
    for (size_t c = 0; c < f->rows.n_numbers; c++) {
      double x = f->number[row * f->rows.n_numbers + c] - f->number[i * f->rows.n_numbers + c];
      sum += x * x;
    }
    for (size_t c = 0; c < f->rows.n_categories; c++) {
      size_t k = f->rows.n_categories;
      sum += f->category[row * k + c] != f->category[i * k + c] ? f->rows.category_step : 0;
    }
    if (i != row) {
      pairs[n++] = (struct fixture_pair){sum, (uint32_t)i};
    }
  }
  qsort(pairs, n, sizeof *pairs, fixture_compare);
}

/* The sets that all searches are tried on. */
static const struct {
  size_t n, d, c;
  uint32_t levels;
  double offset, scale;
} fixture_cases[] = {
    {1, 3, 0, 0, 0, 1},       {2, 1, 0, 0, 0, 1},        {700, 20, 0, 0, 0, 1},
    {1500, 3, 0, 4, 0, 1},    {900, 2, 0, 0, 1e9, 1e-3}, {500, 7, 0, 0, 0, 1e-200},
    {500, 5, 0, 0, 0, 1e150}, {300, 4, 0, 0, 0, 1e300},  {600, 4, 3, 5, 0, 1},
    {400, 0, 3, 0, 0, 1},     {300, 2, 0, 1, 5, 0},      {1025, 40, 0, 0, -3, 100},
};
#define N_FIXTURE_CASES (sizeof fixture_cases / sizeof *fixture_cases)

static inline struct fixture fixture_case(size_t i, uint32_t n_classes) {
  return fixture_make(fixture_cases[i].n, fixture_cases[i].d, fixture_cases[i].c,
                      fixture_cases[i].levels, fixture_cases[i].offset, fixture_cases[i].scale,
                      n_classes);
}

#endif
