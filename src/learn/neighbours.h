/*
 * The k nearest other rows, exactly.
 *
 * Distance, squared: Σ_j (x_j − y_j)² over the numbers, added in the order of the columns in double
 * precision, plus `category_step` for each category that differs (SMOTE-NC's distance with the
 * right step). Neighbours are ordered by (squared distance, index): ties go to the smaller index. A
 * row is never its own neighbour, its exact copies are. The result is a function of the rows alone,
 * never of n_threads, of what was asked together, or of the machine.
 *
 * Numbers must be finite: what to do about missing values is the caller's to decide (NONET_E_DATA
 * otherwise, naming row and column from 0). Squares beyond 1.8e308 are infinite and tie. At most
 * 2^32 − 2 rows.
 *
 * Threads: an index is read-only once made; several threads may ask it at the same time.
 */
#ifndef LEARN_NEIGHBOURS_H
#define LEARN_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/progress.h"

#define NEIGHBOURS_NONE UINT32_MAX

/* A view of rows; the caller's arrays. */
struct neighbours_rows {
  size_t n_rows;
  size_t n_numbers;         /* may be 0 when there are categories */
  const double *number;     /* [n_rows][n_numbers] */
  size_t n_categories;      /* 0: plain Euclidean */
  const uint32_t *category; /* [n_rows][n_categories] codes, compared for equality alone */
  double category_step;     /* >= 0, added to the squared distance for each code that differs */
  const uint32_t *name;     /* [n_rows] what a row of an index is called, distinct; ties go by it.
                               NULL: its place. For parts of a larger set */
};

struct neighbours;

/* Copies what it needs: 12 bytes per number, 4 per category and row. n_threads 0 or 1: the calling
 * thread. */
nonet_status neighbours_new(const struct neighbours_rows *rows, size_t n_threads,
                            struct neighbours **index, nonet_error *error) NONET_NODISCARD;
void neighbours_free(struct neighbours *index);

struct neighbours_query {
  const struct neighbours_rows
      *rows;            /* whose neighbours; as many columns as the index, same step */
  const uint32_t *self; /* [rows->n_rows] the name of each row in the index (NEIGHBOURS_NONE: it is
                           not there); NULL: none of them is there */
  size_t k;
  const double *within;   /* [rows->n_rows] only neighbours of at most this squared distance, */
  const uint32_t *before; /* and at this very distance only up to this name; NULL: any */
  bool any_will_do;       /* Stop at the first k that are found, whichever: only whether there are k
                             (the last one is not NEIGHBOURS_NONE) is told then */
  size_t n_threads;       /* 0 or 1: the calling thread */
};

/* name_out: [n_rows][k], nearest first, NEIGHBOURS_NONE where there are no more. distance2_out:
 * the same of squared distances (infinity where there are no more); may be NULL. */
nonet_status neighbours_find(const struct neighbours *index, const struct neighbours_query *query,
                             uint32_t *name_out, double *distance2_out, struct progress *progress,
                             nonet_error *error) NONET_NODISCARD;

/* The k nearest other rows of every row of a set: neighbours_new and neighbours_find in one. */
nonet_status neighbours_of_all(const struct neighbours_rows *rows, size_t k, size_t n_threads,
                               uint32_t *name_out, double *distance2_out, struct progress *progress,
                               nonet_error *error) NONET_NODISCARD;

/* The squared distance of two rows, the very number that neighbours_find orders by. */
double neighbours_distance2(const struct neighbours_rows *a, size_t row_a,
                            const struct neighbours_rows *b, size_t row_b);

#endif
