/*
 * Answers of a model (answered.h).
 *
 * Cases: 1. a runtime that gives labels alone leaves scores of 0: its label decides.  2. NaN is no
 * larger than any score, so that a row of NaN falls to the label.
 */
#include "probe/process/answered.h"

#include "base/error.h"
#include "base/memory.h"

void answered_clear(struct answered *answered) {
  memory_free(answered->scores);
  memory_free(answered->labels);
  *answered = (struct answered){0};
}

nonet_status answered_init(const struct driver *driver, const void *model, size_t n_rows,
                           struct answered *answered, nonet_error *error) {
  answered->n_scores = driver->n_scores(model);
  answered->scores = memory_zeroed(n_rows * answered->n_scores, sizeof(double));
  answered->labels = memory_zeroed(n_rows, sizeof(uint32_t));
  return answered->scores == NULL || answered->labels == NULL
             ? error_memory(error, n_rows * answered->n_scores * sizeof(double), "answers")
             : NONET_OK;
}

nonet_status answered_all(const struct driver *driver, void *model, const struct driver_rows *rows,
                          size_t piece, struct answered *answered, nonet_error *error) {
  void *session = NULL;
  nonet_status status = answered_init(driver, model, rows->n, answered, error);
  if (status == NONET_OK) {
    status = driver->session_open(model, &session, error);
  }
  piece = piece == 0 ? rows->n : piece;
  for (size_t at = 0; at < rows->n && status == NONET_OK;) {
    size_t n = rows->n - at < piece ? rows->n - at : piece;
    status = driver->answer(session, rows, at, n, answered->scores + at * answered->n_scores,
                            answered->labels + at, error);
    at += n;
  }
  if (session != NULL) {
    driver->session_close(session);
  }
  return status;
}

nonet_status answered_afresh(const struct driver *driver, const json_t *request, const json_t *spec,
                             const struct driver_rows *rows, struct answered *answered,
                             nonet_error *error) {
  void *model = NULL;
  nonet_status status = driver->open(request, spec, 0, rows, &model, error);
  if (status == NONET_OK) {
    status = answered_all(driver, model, rows, 0, answered, error);
  }
  if (model != NULL) {
    driver->close(model);
  }
  return status;
}

uint32_t answered_decision(const struct answered *answered, size_t row, double threshold) {
  const double *score = answered->scores + row * answered->n_scores;
  uint32_t best = 0;
  if (answered->n_scores == 1 && score[0] >= threshold) {
    return 1;
  }
  for (uint32_t c = 1; c < answered->n_scores; c++) {
    best = score[c] > score[best] ? c : best;
  }
  return best != 0 ? best : answered->labels[row]; /* 1 */
}
