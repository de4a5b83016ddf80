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

#endif
