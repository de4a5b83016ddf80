/*
 * Raw numbers of a model to the scores of a run: which column is which class, and what the numbers
 * are.
 *
 * Cases: 1. Regression: one number, taken as it is. 2. Binary with one number: P(positive) or its
 * logit. 3. Binary with two, multiclass with K: a column per class, in the model's own order where
 * it names its classes, else in the run's (numbers ascending, texts bytewise: the order in which
 * trainers encode labels).
 * 4. What the numbers are is told (options, a runtime that knows its objective) or found:
 *    a. several numbers a row: the first rows answered decide. All in [0, 1] and every row summing
 *       to 1 (within 1e-3): probabilities. One outside: logits, turned by the softmax. Neither:
 *       an error that asks for `output:`. One row practically settles it, so that every batch
 *       decides alike.
 *    b. one number a row: a logit may well lie in [0, 1], so a batch proves nothing. Runs hand out
 *       raw numbers until model_settle has seen the whole first sample: one outside [0, 1] makes
 *       all of them logits (sigmoid).
 *    Either is noted. What contradicts the decision later is an error, never another decision.
 * 5. Probabilities beyond [0, 1] by no more than 1e-5 are rounding (sums of float32 leaves) and are
 *    put back on the border. 6. NaN stays NaN: the floors above count and name such rows.
 */
#include "model/model_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "stats/mathfn.h"

#define SCORES_SLACK 1e-5
#define SCORES_SUM_SLACK 1e-3

static bool is_probability(double x) {
  return !(x < -SCORES_SLACK || x > 1 + SCORES_SLACK);
}

static double clamped(double x) {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* ---- classes ------------------------------------------------------------------------------ */

static nonet_status other_classes(const struct model *model, const char *const *names, size_t n,
                                  const char *which, nonet_error *error) {
  struct text text = {0};
  text_append(&text, "the model's classes are ");
  class_map_list(&text, names, n);
  text_append(&text, " and the label's are ");
  class_map_list(&text, (const char *const *)model->classes.names, model->classes.n);
  nonet_status status = error_set(
      error, NONET_E_DATA, "%s; %s. Name the classes the model was trained on, in its spelling",
      text.data ? text.data : "the model's classes are not the label's", which);
  text_clear(&text);
  return status;
}

nonet_status model_check_classes(struct model *model, const char *const *names, size_t n,
                                 nonet_error *error) {
  char which[160] = "";
  for (size_t i = 0; i < n; i++)
    if (class_map_text(&model->classes, names[i], strlen(names[i])) < 0)
      snprintf(which, sizeof which, "'%.100s' is none of the label's", names[i]);
  if (!which[0] && n != model->classes.n)
    snprintf(which, sizeof which, "%zu are not %zu", n, model->classes.n);
  if (which[0])
    return other_classes(model, names, n, which, error);
  bool as_places = n > 0 && model->classes.by_position;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < model->classes.n; k++)
      as_places &= strcmp(names[i], model->classes.names[k]) != 0;
  if (as_places)
    return model_note(model, error,
                      "the model numbers its classes: 0 is taken as '%s', and so on in order",
                      model->classes.names[0]);
  return NONET_OK;
}

static nonet_status order_classes(struct model *model, const char *const *names,
                                  nonet_error *error) {
  bool *is_taken = memory_zeroed(model->width, sizeof *is_taken);
  model->class_of = model_keep(model, model->width, sizeof *model->class_of);
  if (!model->class_of || !is_taken) {
    memory_free(is_taken);
    return error_memory(error, model->width * sizeof *model->class_of, "the classes");
  }
  nonet_status status = names ? model_check_classes(model, names, model->width, error) : NONET_OK;
  for (size_t i = 0; i < model->width && !status; i++) {
    int64_t place =
        names ? class_map_text(&model->classes, names[i], strlen(names[i])) : (int64_t)i;
    if (is_taken[place])
      status = other_classes(model, names, model->width, "two of them are the same class", error);
    is_taken[place] = true;
    model->class_of[i] = (size_t)place;
  }
  memory_free(is_taken);
  return status;
}

nonet_status model_set_width(struct model *model, size_t width, const char *const *names,
                             const char *output, nonet_error *error) {
  size_t wanted = model->task == MODEL_REGRESSION ? 1 : model->classes.n;
  bool is_one = width == 1 && model->task != MODEL_MULTICLASS;
  if (!is_one && width != wanted)
    return error_set(error, NONET_E_DATA,
                     "the model's output '%s' has %zu numbers a row; %s wants %s%zu", output, width,
                     model->task == MODEL_REGRESSION ? "regression"
                     : model->task == MODEL_BINARY   ? "a binary task"
                                                     : "this task",
                     model->task == MODEL_BINARY ? "1 or " : "", wanted);
  model->width = width;
  model->class_of = NULL;
  model->gives_scores = true;
  return is_one ? NONET_OK : order_classes(model, names, error);
}

/* ---- the link ----------------------------------------------------------------------------- */

/* Case 4a. */
static nonet_status decide(struct model *model, const double *raw, size_t n, nonet_error *error) {
  bool is_outside = false, sums_to_one = true;
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (size_t k = 0; k < model->width; k++) {
      sum += raw[i * model->width + k];
      is_outside |= !is_probability(raw[i * model->width + k]);
    }
    sums_to_one &= !(fabs(sum - 1) > SCORES_SUM_SLACK);
  }
  if (!is_outside && !sums_to_one)
    return error_set(error, NONET_E_DATA,
                     "the model's %zu numbers a row lie in [0, 1] and do not sum to 1: neither "
                     "probabilities of one class each nor plainly logits; say which with output: "
                     "probability or output: logit",
                     model->width);
  int open = MODEL_LINK_OPEN;
  int link = is_outside ? MODEL_LINK_LOGIT : MODEL_LINK_PROBABILITY;
  model->is_decided = true;
  if (!atomic_compare_exchange_strong(&model->link, &open, link) || !is_outside)
    return NONET_OK;
  return model_note(model, error,
                    "the model's outputs lie outside [0, 1]: taken as logits, softmax applied");
}

static nonet_status contradiction(const struct model *model, uint64_t row, double value,
                                  nonet_error *error) {
  return error_set(error, NONET_E_DATA,
                   "row %llu: the model answered %g, which is no probability%s; say output: logit "
                   "or output: probability",
                   (unsigned long long)row, value,
                   model->is_decided ? ", though the first rows answered lay in [0, 1]" : "");
}

static nonet_status from_probabilities(const struct model *model, const double *raw,
                                       const uint64_t *rows, size_t n, double *scores,
                                       nonet_error *error) {
  size_t width = model->width;
  for (size_t i = 0; i < n * width; i++)
    if (!is_probability(raw[i]))
      return contradiction(model, rows ? rows[i / width] : i / width + 1, raw[i], error);
  if (!model->class_of) {
    for (size_t i = 0; i < n; i++)
      scores[i] = clamped(raw[i]);
  } else if (model->task == MODEL_BINARY) {
    size_t positive = model->class_of[0] == 1 ? 0 : 1;
    for (size_t i = 0; i < n; i++)
      scores[i] = clamped(raw[i * 2 + positive]);
  } else {
    for (size_t i = 0; i < n; i++)
      for (size_t k = 0; k < width; k++)
        scores[i * width + model->class_of[k]] = clamped(raw[i * width + k]);
  }
  return NONET_OK;
}

static void softmax(const struct model *model, const double *raw, double *scores) {
  double most = raw[0], sum = 0;
  for (size_t k = 1; k < model->width; k++)
    most = raw[k] > most ? raw[k] : most;
  for (size_t k = 0; k < model->width; k++) {
    scores[model->class_of[k]] = mathfn_exp(raw[k] - most);
    sum += scores[model->class_of[k]];
  }
  for (size_t k = 0; k < model->width; k++)
    scores[k] /= sum;
}

static void from_logits(const struct model *model, const double *raw, size_t n, double *scores) {
  if (!model->class_of) {
    mathfn_sigmoid_array(raw, scores, n);
  } else if (model->task == MODEL_BINARY) {
    size_t positive = model->class_of[0] == 1 ? 0 : 1;
    for (size_t i = 0; i < n; i++)
      scores[i] = mathfn_sigmoid(raw[i * 2 + positive] - raw[i * 2 + 1 - positive]);
  } else {
    for (size_t i = 0; i < n; i++)
      softmax(model, raw + i * model->width, scores + i * model->width);
  }
}

nonet_status model_finish(struct model *model, const double *raw, const uint64_t *rows, size_t n,
                          double *scores, nonet_error *error) {
  if (model->width > 1 && atomic_load(&model->link) == MODEL_LINK_OPEN && n > 0) {
    nonet_status status = decide(model, raw, n, error);
    if (status)
      return status;
  }
  switch ((enum model_link)atomic_load(&model->link)) {
  case MODEL_LINK_PROBABILITY:
    return from_probabilities(model, raw, rows, n, scores, error);
  case MODEL_LINK_LOGIT:
    from_logits(model, raw, n, scores);
    return NONET_OK;
  case MODEL_LINK_NONE:
  case MODEL_LINK_OPEN:
    break;
  }
  if (n > 0)
    memmove(scores, raw, n * model->width * sizeof *scores);
  return NONET_OK;
}

/* Case 4b. */
nonet_status model_settle(struct model *model, double *scores, size_t n_rows, nonet_error *error) {
  if (!model->gives_scores || model->width != 1 || n_rows == 0 ||
      atomic_load(&model->link) != MODEL_LINK_OPEN)
    return NONET_OK;
  double least = INFINITY, most = -INFINITY;
  for (size_t i = 0; i < n_rows; i++) {
    least = scores[i] < least ? scores[i] : least;
    most = scores[i] > most ? scores[i] : most;
  }
  bool is_outside = !is_probability(least) || !is_probability(most);
  if (least > most) /* nothing but NaN */
    return NONET_OK;
  atomic_store(&model->link, is_outside ? MODEL_LINK_LOGIT : MODEL_LINK_PROBABILITY);
  model->is_decided = true;
  nonet_status status =
      model_note(model, error, "the model's output lies in [%g, %g] over %zu rows: taken as %s",
                 least, most, n_rows, is_outside ? "logits, sigmoid applied" : "P(positive)");
  return status ? status : model_finish(model, scores, NULL, n_rows, scores, error);
}
