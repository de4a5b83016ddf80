/*
 * Which output of an ONNX model is what. The rules, in order:
 *
 * 1. A score can be: a tensor of floats, or a sequence of maps to floats (ZipMap). A label can be:
 * a tensor of integers, texts or booleans with one value a row. Other outputs are not looked at.
 * 2. Regression: the one score output of one number a row; without any, an integer tensor of one
 *    number a row.
 * 3. Classification: of the score outputs, those whose width fits: binary 1 or 2, multiclass K.
 *    One: it is taken. Several: the one whose name has "prob" in it (probabilities,
 * output_probability); else an error that lists them. None, though there are some: an error with
 * the width found.
 * 4. Labels: of the label outputs, the one whose name has "label" or "class" in it, else the only
 *    one; several without such a name: none. A model may give labels alone, or scores alone.
 * 5. A width that the shape leaves open, and the keys of maps, are what a row of zeros was answered
 *    with when the model was opened.
 */
#include "model/onnx_parts.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static bool is_score(const struct onnx_output *output) {
  return output->shape == ONNX_MAPS ||
         (output->shape == ONNX_TENSOR && element_is_float(output->element));
}

static bool is_label(const struct onnx_output *output) {
  return output->shape == ONNX_TENSOR && output->width == 1 &&
         (output->element == ELEMENT_STRING || output->element == ELEMENT_BOOL ||
          element_is_integer(output->element));
}

static bool is_number(const struct onnx_output *output) {
  return output->shape == ONNX_TENSOR && output->width == 1 && element_is_integer(output->element);
}

/* Does the name have the word in it, whatever its case? Words are lower-case ASCII. */
static bool has_word(const char *name, const char *word) {
  for (; *name; name++) {
    size_t i = 0;
    while (word[i] && (name[i] | 0x20) == word[i])
      i++;
    if (!word[i])
      return true;
  }
  return false;
}

static bool fits(const struct model *model, const struct onnx_output *output) {
  switch (model->task) {
  case MODEL_REGRESSION:
    return output->width == 1;
  case MODEL_BINARY:
    return output->width == 1 || output->width == 2;
  case MODEL_MULTICLASS:
    break;
  }
  return output->width == model->classes.n;
}

static nonet_status several(const struct onnx_model *onnx, const struct model *model,
                            nonet_error *error) {
  struct text text = {0};
  for (size_t i = 0; i < onnx->n_outputs; i++)
    if (is_score(&onnx->outputs[i]) && fits(model, &onnx->outputs[i]))
      text_printf(&text, "%s'%s'", text.length ? ", " : "", onnx->outputs[i].name);
  nonet_status status =
      error_set(error, NONET_E_DATA,
                "several outputs of the model could be its scores (%s) and none is called "
                "probabilities; export the model with one",
                text.data ? text.data : "");
  text_clear(&text);
  return status;
}

/* Rules 2 and 3. */
static nonet_status choose_scores(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  const struct onnx_output *fitting = NULL, *named = NULL, *misfit = NULL;
  size_t n_fitting = 0, n_named = 0;
  for (size_t i = 0; i < onnx->n_outputs; i++) {
    const struct onnx_output *output = &onnx->outputs[i];
    if (!is_score(output))
      continue;
    if (!fits(model, output)) {
      misfit = misfit ? misfit : output;
      continue;
    }
    n_fitting++;
    fitting = fitting ? fitting : output;
    if (has_word(output->name, "prob")) {
      n_named++;
      named = named ? named : output;
    }
  }
  if (n_fitting > 1 && n_named != 1)
    return several(onnx, model, error);
  onnx->chosen[ONNX_SCORES] = n_fitting > 1 ? named : fitting;
  for (size_t i = 0; i < onnx->n_outputs && !fitting && !misfit && model->task == MODEL_REGRESSION;
       i++)
    if (is_number(&onnx->outputs[i]))
      fitting = onnx->chosen[ONNX_SCORES] = &onnx->outputs[i];
  if (fitting || !misfit)
    return NONET_OK;
  if (misfit->width == 0)
    return error_set(error, NONET_E_DATA,
                     "the model's output '%s' leaves its width open, and a row of zeros is not "
                     "answered: %s",
                     misfit->name, onnx->why_no_zeros);
  return model_set_width(model, misfit->width, NULL, misfit->name, error);
}

/* Rule 4. */
static void choose_labels(struct model *model) {
  struct onnx_model *onnx = model->self;
  const struct onnx_output *first = NULL, *named = NULL;
  size_t n = 0;
  for (size_t i = 0; i < onnx->n_outputs; i++) {
    const struct onnx_output *output = &onnx->outputs[i];
    if (!is_label(output))
      continue;
    n++;
    first = first ? first : output;
    if (!named && (has_word(output->name, "label") || has_word(output->name, "class")))
      named = output;
  }
  onnx->chosen[ONNX_LABELS] = named ? named : n == 1 ? first : NULL;
}

static nonet_status none_found(const struct model *model, nonet_error *error) {
  return error_set(error, NONET_E_DATA, "no output of the model is %s: it gives '%s', %s %s",
                   model->task == MODEL_REGRESSION ? "one number a row" : "scores or labels",
                   model->info.n_outputs ? model->info.outputs[0].name : "nothing",
                   model->info.n_outputs ? model->info.outputs[0].type : "",
                   model->info.n_outputs ? model->info.outputs[0].shape : "");
}

nonet_status onnx_outputs_choose(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  onnx->chosen[ONNX_SCORES] = onnx->chosen[ONNX_LABELS] = NULL;
  onnx->n_chosen = 0;
  nonet_status status = choose_scores(model, error);
  if (status)
    return status;
  if (model->task != MODEL_REGRESSION)
    choose_labels(model);
  const struct onnx_output *scores = onnx->chosen[ONNX_SCORES], *labels = onnx->chosen[ONNX_LABELS];
  for (size_t i = 0; i < 2; i++)
    if (onnx->chosen[i]) {
      onnx->place_of[i] = onnx->n_chosen;
      onnx->chosen_names[onnx->n_chosen++] = onnx->chosen[i]->name;
    }
  if (!scores && !labels)
    return none_found(model, error);
  if (scores)
    status = model_set_width(model, scores->width, scores->keys, scores->name, error);
  if (!status && labels && labels->element != ELEMENT_STRING && !(scores && scores->keys) &&
      model->classes.by_position)
    status = model_note(model, error,
                        "the model's labels are numbers: 0 is taken as '%s', and so on in order",
                        model->classes.names[0]);
  model->gives_labels = labels != NULL;
  return status;
}
