/*
 * Asking the models what their predictions of the test rows do not tell (answers.h), each in
 * processes of its own: whatever a model does there, the run goes on.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "base/progress.h"
#include "model/model.h"
#include "probe/answers.h"
#include "table/table.h"

struct probe_columns {
  const char *const *name;
  size_t n;
};

/* A model that does not run here, and so is not asked. */
struct probe_broken {
  const char *why;               /* in its own words; NULL: it runs */
  size_t n_rows;                 /* that it did not answer; 0: it does not open */
  const struct model_info *info; /* of its file */
};

struct probe_request {
  unsigned probes;                /* PROBE_BIT, or-ed; PROBE_TRAIN is the run's, not done here */
  struct model *model[N_STREAMS]; /* bound; NULL: none, or its answers stand in columns */
  const struct model_options *options[N_STREAMS]; /* what each was opened with: the helper opens it
                                                     again */
  struct probe_broken broken[N_STREAMS];
  struct table *table; /* the test table, roles not in use */
  struct model_target target;
  double threshold[N_STREAMS];               /* of a binary decision */
  struct probe_columns reference[N_STREAMS]; /* of the table: reference predictions; n 0: none */
  struct probe_columns changed;              /* the protected columns that a model reads */
  const char *cluster; /* of the table: rows that belong together; NULL: none */
  double budget_s;     /* for latency, both models together; 0: 60 */
  uint64_t seed;
};

/* Runs what was asked and is not answered yet (latency: once). A probe that fails is a reason in
 * *answers; the status is about the run itself: NONET_E_INTERRUPTED, NONET_E_MEMORY. */
nonet_status probe_run(const struct probe_request *request, struct probe_answers *answers,
                       struct progress *progress, nonet_error *error) NONET_NODISCARD;
/* About how long one will take, for a plan. */
double probe_cost_seconds(const struct probe_request *request, enum probe_id id);

#endif
