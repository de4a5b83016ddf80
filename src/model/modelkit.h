/* For the tests of this folder: the models of tests/golden/models with their rows and expected
 * answers. */
#ifndef MODEL_MODELKIT_H
#define MODEL_MODELKIT_H

#include <nanoarrow/nanoarrow.h>

#include "model/model.h"

#define MODELKIT_BATCHES 8

struct modelkit_rows {
  struct ArrowSchema schema;
  struct ArrowArray batches[MODELKIT_BATCHES];
  size_t n_batches, n;
};

const char *
modelkit_path(const char *name); /* of a file beside the models; kept until the next call */
void modelkit_read(const char *name, struct modelkit_rows *rows);
void modelkit_clear(struct modelkit_rows *rows);
/* Row r of a number column, of a text column. */
double modelkit_number(const struct modelkit_rows *rows, const char *column, size_t r);
void modelkit_text(const struct modelkit_rows *rows, const char *column, size_t r, char text[64]);

struct modelkit_answer {
  double *scores;   /* [n × n_scores] */
  uint32_t *labels; /* [n] */
  size_t n_scores;
  bool gives_scores, gives_labels;
  nonet_status status; /* of the first step that failed */
  nonet_error error;
  char notes[1024]; /* one a line */
};

/* Opens, binds, answers all rows and settles. */
void modelkit_answer(const struct model_options *options, const struct model_target *target,
                     const struct modelkit_rows *rows, struct modelkit_answer *answer);
void modelkit_answer_clear(struct modelkit_answer *answer);
/* Fails the test unless the status is so and the message has the pieces (NULL ends them). */
void modelkit_expect(const struct modelkit_answer *answer, nonet_status status, ...);
/* Fails the test unless the scores are e0, e1 … within `slack`, and the labels `label`, if there.
 */
void modelkit_compare(const struct modelkit_answer *answer, const struct model_target *target,
                      const struct modelkit_rows *rows, double slack);

/* ---- boosters ---- */

struct modelkit_case { /* a model with its rows and expected answers */
  const char *file, *rows;
  struct model_target target;
  const char *const *features;
  size_t n_features;
};
struct modelkit_misfit { /* a model that cannot answer these rows, and what is said of it */
  const char *file, *rows;
  struct model_target target;
  nonet_status status;
  const char *piece, *other;
};

/* Of a file beside the models; the path is kept until the next call. */
struct model_options modelkit_options(const char *kind, const char *file);
/* Missing values among the rows; whatever the batches and threads, trees give the same bits. */
void modelkit_golden(const char *kind, const struct modelkit_case *cases, size_t n);
void modelkit_misfits(const char *kind, const struct modelkit_misfit *misfits, size_t n);
/* Walks the allocations of opening and answering. */
void modelkit_short_memory(const char *kind, const struct modelkit_case *one);

#endif
