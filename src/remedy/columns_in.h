/*
 * The columns of a table as the arrays of a rebalancing, in the order of the source, with every
 * reason why a column will not do told by its name.
 */
#ifndef REMEDY_COLUMNS_IN_H
#define REMEDY_COLUMNS_IN_H

#include "base/split.h"
#include "remedy/rebalance.h"
#include "table/frame.h"

#define COLUMNS_IN_CLASSES 100     /* labels with more values are numbers, not classes */
#define COLUMNS_IN_CATEGORIES 1000 /* values of one categorical column */

struct columns_request {
  enum rebalance_method method;
  const char *label;
  const struct split *groups, *features, *categorical; /* features n = 0: all but label, groups */
};

/* A column whose codes stand for values. */
struct coded {
  const char *name; /* the frame's */
  uint32_t *code;   /* [n_rows] in the order of the source */
  size_t n_values;
  char **value;   /* [n_values] as a person reads it */
  double *number; /* [n_values] of a column of numbers; NULL: texts */
};

struct columns_in {
  struct frame frame;
  size_t n_rows;
  struct coded label;
  struct coded *categories; /* [n_categories] */
  size_t n_numbers, n_categories;
  const char **number_name; /* [n_numbers] the frame's */
  double *number;           /* [n_rows][n_numbers] */
  uint32_t *category;       /* [n_rows][n_categories] */
  bool *is_whole;           /* [n_numbers] */
  uint32_t *group;          /* [n_rows]; NULL: no groups */
  size_t n_groups;
};

/* columns_in_clear by the caller, after a failure, too. */
nonet_status columns_in_read(struct table *table, const struct columns_request *request,
                             struct columns_in *columns, struct progress *progress,
                             nonet_error *error) NONET_NODISCARD;
void columns_in_clear(struct columns_in *columns);

#endif
