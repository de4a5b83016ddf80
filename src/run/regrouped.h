/*
 * A user's own rows with their groups exchanged at random: groups that are equal by construction,
 * on real data. What the self-test of requirements on gaps judges.
 */
#ifndef RUN_REGROUPED_H
#define RUN_REGROUPED_H

#include "measure/measure.h"
#include "run/swapped.h"

/* Among which rows groups may change places. */
enum regrouped_within {
  WITHIN_ALL,     /* any */
  WITHIN_CLASS,   /* rows of one label: for gaps between rates of a class */
  WITHIN_CONTROLS /* rows that are alike in the control columns */
};

/* What is known of a gap for its self-test. */
struct regrouped_gap {
  const char *id;
  enum regrouped_within within;
  const struct measure *base; /* what is compared between groups, if a harm can be put into it */
  bool is_ratio;              /* 1 where groups are equal, else 0 */
};
/* NULL: the measure is no gap. */
const struct regrouped_gap *regrouped_gap_of(const struct measure *measure,
                                             const struct measure_variant *variant);

/* Rows that change groups together: those of one cluster and group, else one row. Shared by
 * workers. */
struct regrouped {
  const struct swapped_rows *rows;
  size_t n_units, n_strata;
  size_t *unit;    /* [rows->n] of each row */
  uint32_t *cell;  /* [n_units] its cell, as it is */
  size_t *member;  /* [n_units] units, stratum by stratum */
  size_t *stratum; /* [n_strata + 1] where each begins */
};

/* The rows must be of several cells. */
nonet_status regrouped_init(struct regrouped *regrouped, const struct swapped_rows *rows,
                            enum regrouped_within within, nonet_error *error) NONET_NODISCARD;
void regrouped_clear(struct regrouped *regrouped);
/* The answers as they are, the cells permuted among the units of each stratum. */
nonet_status regrouped_draw(const struct regrouped *regrouped, uint64_t seed, uint64_t repeat,
                            struct swapped *swapped, nonet_error *error) NONET_NODISCARD;

#endif
