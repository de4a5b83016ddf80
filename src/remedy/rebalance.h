/*
 * Balancing the classes of rows that are arrays already: rows taken out, copied, made, or weighed.
 *
 * Definitions are those of imbalanced-learn 0.14 (README.md says where ours is another). Draws are
 * a function of the seed and of a row's place, never of threads. Rows are in the order of the
 * source throughout.
 *
 * Group policy: arrays of the input are the caller's; a result is cleared with rebalance_clear,
 * after a failure, too. What cannot be done on these rows is NONET_E_DATA and says what to do.
 */
#ifndef REMEDY_REBALANCE_H
#define REMEDY_REBALANCE_H

#include <stdbool.h>

#include "learn/neighbours.h"

enum rebalance_method {
  REBALANCE_RANDOM_OVER,
  REBALANCE_RANDOM_UNDER,
  REBALANCE_SMOTE,
  REBALANCE_SMOTE_NC,
  REBALANCE_BORDERLINE,
  REBALANCE_ADASYN,
  REBALANCE_TOMEK,
  REBALANCE_ENN,
  REBALANCE_NEARMISS_1,
  REBALANCE_NEARMISS_2,
  REBALANCE_NEARMISS_3,
  REBALANCE_SMOTE_TOMEK,
  REBALANCE_SMOTE_ENN,
  REBALANCE_CLASS_WEIGHTS,
  REBALANCE_GROUP_WEIGHTS,
  N_REBALANCE_METHODS
};

struct rebalance_info {
  const char *name;    /* "smote-tomek" */
  const char *does;    /* one line */
  size_t k;            /* the default; 0: no neighbours are looked for */
  bool needs_features; /* distances */
  bool takes_ratio;    /* how far the classes are evened out can be said */
  bool takes_seed;     /* rows are drawn */
  bool adds_weight;
};

const struct rebalance_info *rebalance_info(enum rebalance_method method);
/* NONET_E_USAGE with near names. */
nonet_status rebalance_find(const char *name, enum rebalance_method *method,
                            nonet_error *error) NONET_NODISCARD;

struct rebalance_input {
  enum rebalance_method method;
  struct neighbours_rows rows;   /* n_rows always; numbers and codes where distances are needed */
  const bool *is_whole;          /* [n_numbers] made values are rounded; NULL: none */
  const uint32_t *label;         /* [n_rows] codes below n_classes, each of which occurs */
  size_t n_classes;              /* 2 and more */
  const char *const *class_name; /* [n_classes] for messages */
  const uint32_t *group;         /* [n_rows] codes below n_groups: REBALANCE_GROUP_WEIGHTS alone */
  size_t n_groups;
  double ratio; /* the smaller classes' rows over the largest's that is wanted; 0: 1 */
  size_t k;     /* neighbours; 0: the method's default */
  uint64_t seed;
  size_t n_threads;
  struct progress *progress;
};

struct rebalance_result {
  uint32_t *copies; /* [n_rows] 0: gone; 1: stays; more: with copies */
  double *weight;   /* [n_rows]; NULL: no weights */
  size_t n_made;
  double *number;     /* [n_made][n_numbers] */
  uint32_t *category; /* [n_made][n_categories] */
  uint32_t *label;    /* [n_made] */
  uint32_t *base;     /* [n_made] the row each was made from */
  uint32_t *partner;  /* [n_made] and its neighbour */
};

nonet_status rebalance_rows(const struct rebalance_input *input, struct rebalance_result *result,
                            nonet_error *error) NONET_NODISCARD;
void rebalance_clear(struct rebalance_result *result);

#endif
