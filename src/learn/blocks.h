/*
 * Rows put into an order in which near ones stand together, cut into blocks of a fixed size with
 * their bounding boxes: what a search looks at together, and may leave out together.
 */
#ifndef LEARN_BLOCKS_H
#define LEARN_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define BLOCKS_ROWS 128 /* no block is larger, and none straddles a multiple of it */

struct blocks {
  size_t n_rows, n_numbers;
  size_t block_rows; /* a divisor of BLOCKS_ROWS; the last block may have fewer rows */
  size_t n_blocks;
  uint32_t *order; /* [n_rows] the row at each place */
  double *low;     /* [n_blocks][n_numbers] */
  double *high;
};

/* number: [n_rows][n_numbers], finite, fewer than 2^32 rows. The order is a function of the
 * numbers alone. blocks_clear by the caller. */
nonet_status blocks_make(const double *number, size_t n_rows, size_t n_numbers, size_t block_rows,
                         size_t n_threads, struct blocks *blocks,
                         nonet_error *error) NONET_NODISCARD;
void blocks_clear(struct blocks *blocks);

/* The squared distance of two boxes: no two rows in them are nearer, whatever rounding did. */
double blocks_gap2(const double *low_a, const double *high_a, const double *low_b,
                   const double *high_b, size_t n_numbers);
/* False only if no row of block a is at most at the squared distance `most` from one of block b. */
bool blocks_within(const struct blocks *a, size_t block_a, const struct blocks *b, size_t block_b,
                   double most);

#endif
