/*
 * Rows of a check: a table of the configuration, its shared sample, every contender's answers to
 * it, and the summaries of both: what `measure` has of columns, made from models.
 */
#ifndef RUN_ROWS_H
#define RUN_ROWS_H

#include "probe/predict.h"
#include "run/contender.h"
#include "run/intake.h"

struct rows_request {
  const nonet_options *options; /* the run: threads, memory, seed, level, only … */
  const struct config *config;
  struct contender *contender;          /* [N_STREAMS] */
  const char *only;                     /* what is measured of them; NULL: all */
  double threshold, baseline_threshold; /* NaN: the baseline's is the same */
};

struct rows {
  struct table *table;
  struct sample sample;
  enum task task;
  char **classes; /* [n_classes] owned */
  size_t n_classes;
  uint64_t n_rows;  /* of the source */
  char content[65]; /* SHA-256 that tells these rows from others: of the files, of the sample drawn
                     */
};

/* Is the source there, with columns? Nothing is read of its rows. */
nonet_status rows_look(const struct rows_request *request, const struct config_source *source,
                       nonet_error *error) NONET_NODISCARD;
/* Opens the table, settles the task and the classes, and looks whether every model's columns are
 * there; no row is predicted. `source` is the configuration's test or train. */
nonet_status rows_open(const struct rows_request *request, const struct config_source *source,
                       struct rows *rows, struct progress *progress,
                       nonet_error *error) NONET_NODISCARD;
/* Draws the sample (n_sample 0: all rows), asks the models, reads the answers. */
nonet_status rows_read(const struct rows_request *request, struct rows *rows, size_t n_sample,
                       struct evidence *evidence, struct intake *intake, struct progress *progress,
                       nonet_error *error) NONET_NODISCARD;
void rows_close(struct rows *rows);
/* What the models are asked for; borrows from `rows`. */
struct model_target rows_target(const struct rows *rows);

#endif
