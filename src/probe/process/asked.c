/*
 * Loading and determinism (asked.h).
 *
 *   loads        open · 1 row · the model's fixed batch, and one row more than it · all rows
 *   determinism  the first run: all rows as the model likes them. Then
 *                  the same again            DETERMINISM_REPEATS times
 *                  other batches             1, 7 and 32 rows in a call (a fixed batch stays)
 *                  the other way round       all rows, the last first
 *                  at once                   one session for each of n_threads, all rows
 *
 * Cases:
 *  1. A step that fails ends the steps after it: a model that does not open answers nothing.
 *  2. A row counts once as changed, in however many runs it differs; −0 and 0, and NaN of other
 * bits, are other bytes.
 *  3. A fixed batch leaves no other batch sizes to try.
 *  4. Threads start together, but how they meet is the machine's: what is found is a fact, what is
 * not found is no proof.
 *  5. A runtime that gives labels alone: the labels' bytes are what is compared.
 */
#include "probe/process/asked.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "probe/process/altered.h"
#include "probe/process/answered.h"

#define DETERMINISM_REPEATS 2

/* ---- loads ---- */

static bool step_is_ok(struct probe_loads *loads, size_t n_rows, nonet_status status,
                       const nonet_error *error) {
  struct probe_load_step *step = &loads->step[loads->n_steps++];
  step->n_rows = n_rows;
  step->is_ok = status == NONET_OK;
  probe_text(step->error, status == NONET_OK ? "" : error->message);
  return step->is_ok;
}

/* Sizes to try after the opening, each once, ascending. */
static size_t sizes_of(size_t fixed, size_t n_rows, size_t sizes[4]) {
  const size_t wanted[] = {1, fixed, fixed > 0 ? fixed + 1 : 0, n_rows};
  size_t n = 0;
  for (size_t i = 0; i < 4; i++) {
    if (wanted[i] > 0 && wanted[i] <= n_rows && (n == 0 || wanted[i] > sizes[n - 1])) {
      sizes[n++] = wanted[i];
    }
  }
  return n;
}

void asked_loads(const struct driver *driver, const json_t *request, const json_t *spec,
                 const struct driver_rows *rows, struct probe_loads *loads) {
  void *model = NULL, *session = NULL;
  nonet_error error = {{0}};
  size_t sizes[4], n_sizes = 0;
  struct answered answers = {0};
  *loads = (struct probe_loads){0};
  nonet_status status = driver->open(request, spec, 0, rows, &model, &error);
  if (status == NONET_OK) {
    status = answered_init(driver, model, rows->n, &answers, &error);
  }
  if (status == NONET_OK) {
    status = driver->session_open(model, &session, &error);
  }
  if (step_is_ok(loads, 0, status, &error)) {
    n_sizes = sizes_of(driver->fixed_batch(model), rows->n, sizes);
  }
  for (size_t i = 0; i < n_sizes; i++) {
    status = driver->answer(session, rows, 0, sizes[i], answers.scores, answers.labels, &error);
    if (!step_is_ok(loads, sizes[i], status, &error)) {
      break; /* 1 */
    }
  }
  if (session != NULL) {
    driver->session_close(session);
  }
  if (model != NULL) {
    driver->close(model);
  }
  answered_clear(&answers);
}

/* ---- determinism ---- */

struct trial {
  const struct driver *driver;
  void *model;
  const struct driver_rows *rows;
  double threshold;
  struct answered first;
  uint8_t *changed; /* [rows] what was counted of a row already */
  struct probe_determinism *found;
};

static double largest_apart(const double *a, const double *b, size_t k, double largest) {
  for (size_t c = 0; c < k; c++) {
    double apart = fabs(a[c] - b[c]);
    largest = apart > largest ? apart : largest;
  }
  return largest;
}

/* is_reversed: row i of the first run is row n − 1 − i of the other. */
static void compare_answers(struct trial *trial, const struct answered *other, bool is_reversed) {
  enum { CHANGED_BYTES = 1, CHANGED_LABEL = 2 };
  const struct answered *first = &trial->first;
  struct probe_determinism *found = trial->found;
  size_t k = first->n_scores;
  for (size_t i = 0; i < trial->rows->n; i++) {
    size_t at = is_reversed ? trial->rows->n - 1 - i : i;
    const double *a = first->scores + i * k, *b = other->scores + at * k;
    unsigned what = first->labels[i] != other->labels[at] || memcmp(a, b, k * sizeof *a) != 0
                        ? CHANGED_BYTES
                        : 0;
    if (answered_decision(first, i, trial->threshold) !=
        answered_decision(other, at, trial->threshold)) {
      what |= CHANGED_LABEL;
    }
    unsigned fresh = what & ~(unsigned)trial->changed[i]; /* 2 */
    found->n_rows_changed += (fresh & CHANGED_BYTES) != 0;
    found->n_labels_changed += (fresh & CHANGED_LABEL) != 0;
    trial->changed[i] |= (uint8_t)fresh;
    found->largest_difference = largest_apart(a, b, k, found->largest_difference);
  }
  found->n_runs++;
}

static nonet_status run_again(struct trial *trial, size_t piece, nonet_error *error) {
  struct answered other = {0};
  nonet_status status =
      answered_all(trial->driver, trial->model, trial->rows, piece, &other, error);
  if (status == NONET_OK) {
    compare_answers(trial, &other, false);
  }
  answered_clear(&other);
  return status;
}

/* The rows the other way round. */
static nonet_status run_reversed(struct trial *trial, nonet_error *error) {
  struct altered altered = {0};
  struct answered other = {0};
  nonet_status status = altered_reverse(&altered, trial->rows, error);
  if (status == NONET_OK) {
    status = answered_all(trial->driver, trial->model, &altered.rows, 0, &other, error);
  }
  if (status == NONET_OK) {
    compare_answers(trial, &other, true);
    trial->found->n_orders++;
  }
  answered_clear(&other);
  altered_clear(&altered);
  return status;
}

struct crowd {
  const struct trial *trial;
  struct answered *answers; /* [n_threads] */
};

static nonet_status crowd_body(void *context, size_t item, size_t worker, nonet_error *error) {
  const struct crowd *crowd = context;
  (void)worker;
  return answered_all(crowd->trial->driver, crowd->trial->model, crowd->trial->rows, 0,
                      &crowd->answers[item], error);
}

static nonet_status run_crowd(struct trial *trial, size_t n_threads, nonet_error *error) {
  struct answered *answers = memory_zeroed(n_threads, sizeof *answers);
  struct crowd crowd = {trial, answers};
  nonet_status status = answers == NULL
                            ? error_memory(error, n_threads * sizeof *answers, "sessions at once")
                            : parallel_for(n_threads, n_threads, crowd_body, &crowd, error); /* 4 */
  for (size_t i = 0; answers != NULL && i < n_threads; i++) {
    if (status == NONET_OK) {
      compare_answers(trial, &answers[i], false);
    }
    answered_clear(&answers[i]);
  }
  trial->found->n_threads = n_threads;
  memory_free(answers);
  return status;
}

/* All runs after the first. */
static nonet_status run_others(struct trial *trial, size_t n_threads, nonet_error *error) {
  static const size_t pieces[] = {1, 7, 32};
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < DETERMINISM_REPEATS && status == NONET_OK; i++) {
    status = run_again(trial, 0, error);
  }
  bool is_free = trial->driver->fixed_batch(trial->model) == 0; /* 3 */
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces && status == NONET_OK && is_free; i++) {
    if (pieces[i] < trial->rows->n) {
      trial->found->n_batch_sizes++;
      status = run_again(trial, pieces[i], error);
    }
  }
  if (status == NONET_OK) {
    status = run_reversed(trial, error);
  }
  return status == NONET_OK && n_threads > 1 ? run_crowd(trial, n_threads, error) : status;
}

nonet_status asked_determinism(const struct driver *driver, const json_t *request,
                               const json_t *spec, const struct driver_rows *rows, size_t n_threads,
                               double threshold, struct probe_determinism *found,
                               nonet_error *error) {
  struct trial trial = {.driver = driver, .rows = rows, .threshold = threshold, .found = found};
  trial.changed = memory_zeroed(rows->n, 1);
  *found = (struct probe_determinism){.n_rows = rows->n, .n_repeats = DETERMINISM_REPEATS};
  nonet_status status = trial.changed == NULL
                            ? error_memory(error, rows->n, "changed rows")
                            : driver->open(request, spec, 0, rows, &trial.model, error);
  if (status == NONET_OK) {
    status = answered_all(driver, trial.model, rows, 0, &trial.first, error);
  }
  if (status == NONET_OK) {
    status = run_others(&trial, n_threads, error);
  }
  if (trial.model != NULL) {
    driver->close(trial.model);
  }
  answered_clear(&trial.first);
  memory_free(trial.changed);
  return status;
}
