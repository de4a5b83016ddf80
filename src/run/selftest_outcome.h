/* One gate or requirement in one repeat of the self-test: what its law says of made-up rows. */
#ifndef RUN_SELFTEST_OUTCOME_H
#define RUN_SELFTEST_OUTCOME_H

#include "run/selftest.h"

enum outcome {
  OUTCOME_UNDECIDED = 1 << 0,
  OUTCOME_IMPROVED = 1 << 1,
  OUTCOME_HARMED_AT_ZERO = 1 << 2,
  OUTCOME_SAFE_WHEN_EQUAL = 1 << 3,
  OUTCOME_INJECTED = 1 << 4,
  OUTCOME_SAFE_AT_MARGIN = 1 << 5,
  OUTCOME_HARMED_AT_MARGIN = 1 << 6,
  OUTCOME_INJECTED_TWICE = 1 << 7,
  OUTCOME_HARMED_AT_TWICE = 1 << 8
};

enum outcome_stage { STAGE_EQUAL, STAGE_MARGIN, STAGE_TWICE };

/* What is known of a gate before the repeats; read-only then, shared by workers. */
struct outcome_subject {
  const struct selftest_gate *gate;
  const struct regrouped_gap *gap; /* of a number over groups; else NULL */
  const struct measure *base;      /* what a harm is put into; NULL: nothing can be */
  const struct harm *harm;         /* NULL: no injector */
  struct harm_scope target;        /* where: the gate's scope; over groups their largest */
  bool *owned;                     /* target's cells of that group, else NULL */
  bool reads_ranks;
  unsigned kinds;             /* summaries */
  struct regrouped regrouped; /* SELFTEST_REGROUPED */
};

nonet_status outcome_open(const struct selftest_gate *gate, const struct selftest_request *request,
                          const struct swapped_rows *rows, struct outcome_subject *subject,
                          nonet_error *error) NONET_NODISCARD;
void outcome_close(struct outcome_subject *subject);

/* Adds the bits of this stage; *value, where a harm can be put in, is what it is put into. */
nonet_status outcome_weigh(const struct outcome_subject *subject,
                           const struct selftest_request *request, const struct summary_set *set,
                           enum outcome_stage stage, unsigned *outcome, double *value,
                           nonet_error *error) NONET_NODISCARD;

/* The harm of a stage in the base's unit, given its value. */
double outcome_size(const struct outcome_subject *subject, double value, enum outcome_stage stage);

#endif
