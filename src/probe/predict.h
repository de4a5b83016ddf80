/*
 * Predict: the rows of a table once through every model, kept as a table in memory: the columns
 * with roles beside what each model said. The rest of a run reads only this.
 */
#ifndef PROBE_PREDICT_H
#define PROBE_PREDICT_H

#include "base/progress.h"
#include "model/model.h"
#include "probe/sample.h"
#include "table/roles.h"

struct predict_request {
  const char *const *roles; /* [n_roles] distinct columns (or expressions) to keep */
  size_t n_roles;
  struct model *model[N_STREAMS]; /* bound to nothing yet; NULL: its answers stand in columns */
  struct model_target target;     /* task, and classes in class order */
  const struct sample *sample;    /* NULL: all rows */
  size_t n_threads;
};

struct predicted {
  struct ArrowArrayStream stream; /* of the rows kept, in their order; the caller's */
  uint64_t n_rows;                /* rows of the source */
  uint64_t n_kept;
  int broken;          /* on NONET_E_DATA: the stream whose model did not answer rows that fit it,
                          and the message is its own words; -1: something else is wrong */
  size_t n_unanswered; /* and how many rows those were */
};

/* The names of the columns that hold the answers of one model: "candidate's score" (with " 0" ...
 * per class when there are several) or "candidate's prediction": such as tables do not use
 * themselves. */
void predict_score_name(int stream, size_t k, size_t n_scores, char name[48]);
const char *predict_label_name(int stream);

/* Opens sessions, checks that every model fits the table before a row is read, and asks. What goes
 * wrong in a model names it. */
nonet_status predict_table(struct table *table, const struct predict_request *request,
                           struct predicted *predicted, struct progress *progress,
                           nonet_error *error) NONET_NODISCARD;

#endif
