/* Intake: from options to one finished summary set. */
#ifndef RUN_INTAKE_H
#define RUN_INTAKE_H

#include <nonet/nonet.h>

#include "evidence/evidence.h"
#include "measure/catalogue.h"
#include "measure/data/data_facts.h"
#include "summary/summary.h"
#include "table/frame.h"

/* What of the rows one command keeps. */
struct intake {
  struct summary_set *set; /* finished */
  struct catalogue_pick *picks;
  size_t n_picks;
  struct frame *frame;      /* of the features; NULL: none were named, or no measure reads them */
  struct data_facts *facts; /* of all rows; there whenever the frame is */
  const struct probe_answers *answers; /* borrowed; NULL: columns alone, there is no model to ask */
  const char *no_answers[N_STREAMS]; /* borrowed; why a model of the run has no predictions here */
};

/* Where rows came from that reach a run as a stream in memory: predictions made by this run. */
struct intake_origin {
  const char *source; /* as a person named it */
  const char *shown;  /* in messages about the rows */
  const char *sha256; /* NULL: no file */
  uint64_t n_rows;    /* of the source, before a sample was drawn */
};

/* Opens the source, resolves roles, picks the measures of --only that the task allows, reads every
   row once. Fills run timings, data and config of `evidence`; names that are known but not built go
   to its `skipped`. `origin` (NULL: the source is the data) is what the evidence says of them; the
   models are then the caller's to note. */
nonet_status intake_read(const nonet_options *options, bool needs_baseline,
                         const struct intake_origin *origin, struct evidence *evidence,
                         struct intake *intake, nonet_error *error) NONET_NODISCARD;
/* The same of rows that the candidate does not answer: there are no predictions, of a baseline
 * neither. */
nonet_status intake_unanswered(const nonet_options *options, const struct intake_origin *origin,
                               struct evidence *evidence, struct intake *intake,
                               nonet_error *error) NONET_NODISCARD;
/* Of data alone: no model, every column is a feature unless --features names them, training rows
 * beside them, and perhaps no label. */
nonet_status intake_data(const nonet_options *options, struct evidence *evidence,
                         struct intake *intake, nonet_error *error) NONET_NODISCARD;
/* The same from state files. */
nonet_status intake_merge(const char *const *states, size_t n_states, const nonet_options *options,
                          struct evidence *evidence, struct intake *intake,
                          nonet_error *error) NONET_NODISCARD;
/* Would any of these measures read features? */
nonet_status intake_reads_features(const char *only, enum task task, bool *reads,
                                   nonet_error *error) NONET_NODISCARD;
void intake_clear(struct intake *intake);

/* Threads of a run: the option, else the cores. */
size_t intake_threads(const nonet_options *options);

#endif
