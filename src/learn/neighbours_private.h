/* What the index of neighbours (neighbours_index.c) and the search (neighbours.c) share. */
#ifndef LEARN_NEIGHBOURS_PRIVATE_H
#define LEARN_NEIGHBOURS_PRIVATE_H

#include "learn/blocks.h"
#include "learn/neighbours.h"

struct neighbours {
  struct neighbours_rows rows; /* in the order of the blocks; arrays owned */
  struct blocks blocks;
  double *middle;   /* [n_numbers] */
  size_t *column;   /* [n_numbers] the panel's columns, those that spread most first */
  size_t n_head;    /* 0: too few columns to ask some of them first */
  double scale;     /* a power of two */
  float *panel;     /* [n_blocks][n_numbers][BLOCKS_ROWS], moved and scaled */
  float *half;      /* [n_blocks][BLOCKS_ROWS] −|y|²/2 */
  float *half_head; /* the same of the head */
  double *reach;    /* [n_blocks] the largest |y| */
  uint32_t *name;   /* [n_rows] in the order of the blocks */
  uint32_t *place;  /* [n_rows] of the row of each name; NULL: rows have names of their own */
};

/* |x| over all columns and over the head. */
struct lengths {
  double all, head;
};

nonet_status neighbours_check(const struct neighbours_rows *rows,
                              nonet_error *error) NONET_NODISCARD;
/* Writes a row, moved and scaled, into a panel of `stride` columns. */
struct lengths neighbours_lane(const struct neighbours *index, const double *number, float *panel,
                               size_t stride);

#endif
