/*
 * The neighbourhood of rows: for each row of a frame its nearest others, Tomek links, what hangs
 * together, and how well single columns and nearest rows tell the classes apart.
 * Rows are points as hood_rows.h makes them.
 */
#ifndef MEASURE_DATA_HOOD_H
#define MEASURE_DATA_HOOD_H

#include <stdint.h>

#include "base/progress.h"
#include "table/frame.h"

#define HOOD_K 5               /* Napierala & Stefanowski 2016 */
#define HOOD_NEAR (HOOD_K + 1) /* one more: who comes in when one of them is taken away */
#define HOOD_TREE_ROWS 5000    /* of the minimum spanning tree, whose time grows with the square */

struct data_hood {
  size_t n_rows, n_numbers, n_categories;
  uint32_t *near;    /* [n_rows][HOOD_NEAR] nearest first; NEIGHBOURS_NONE: there are no more */
  uint32_t *partner; /* [n_rows] the other row of its Tomek link; NEIGHBOURS_NONE: in none */
  size_t n_links;
  uint32_t *part_rows; /* [n_rows] rows of its class that hang together with it, itself counted */
  size_t n_tree;       /* the first rows of the frame, which the tree joins */
  bool *is_border;     /* [n_tree] joined to a row of another class */
  double fisher;       /* the largest Fisher ratio of a column of numbers; NaN: there is none */
};

/* `skip`: [frame->n_columns] columns that are no features to compare. Needs frame->label. n_rows
 * stays 0 when nothing can be compared. data_hood_clear by the caller. */
nonet_status data_hood_make(const struct frame *frame, const bool *skip, size_t n_classes,
                            size_t n_threads, struct data_hood *hood, struct progress *progress,
                            nonet_error *error) NONET_NODISCARD;
void data_hood_clear(struct data_hood *hood);

#endif
