/*
 * Which columns of the table feed which input of an ONNX model.
 *
 * Cases:
 * 1. An input of one element a row ([N], [N, 1]; scikit-learn exports one per column) reads the
 *    column of its own name, whatever the list of features says.
 * 2. The one wider input takes the features that are no input's own name: as many as it is wide, in
 *    their order (a matrix); or a single one, a list column (an image, an embedding). Without a
 * list of features: the names in the model's own metadata ("feature_names", a JSON list or a comma
 *    list); without those, the list column of the input's own name. The order of a matrix is never
 *    guessed from the table.
 * 3. Two or more wider inputs: each reads the list column of its own name.
 * 4. The first dimension is the batch; a number there is the model's own batch size, and all inputs
 *    must agree on it. Another dimension without a number: of [N, ?] it is the number of features,
 * or the size of a fixed-size list column; anything else is an error.
 * 5. Types: gather_fits. Lists must hold what the input takes; a fixed-size list's size is checked
 *    before any row, a list's with each row.
 * 6. Images: a list's values are in the order that `layout` says, by default the model's own. When
 *    that differs from the model's (its channels, 1, 3 or 4, stand second or last) rows are turned.
 */
#include "model/onnx_parts.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "base/split.h"
#include "base/text.h"

/* ---- open: columns ------------------------------------------------------------------------- */

static bool is_single(const struct onnx_input *input) {
  for (size_t d = 1; d < input->n_dims; d++)
    if (input->dims[d] != 1)
      return false;
  return true;
}

static nonet_status want_columns(struct model *model, struct onnx_input *input,
                                 const char *const *names, size_t n, nonet_error *error) {
  input->columns = model_keep(model, n, sizeof *input->columns);
  if (!input->columns)
    return error_memory(error, n * sizeof *input->columns, "the model's columns");
  input->n_columns = n;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < n && !status; i++)
    status = model_want(model, names[i], input->name, &input->columns[i], error);
  return status;
}

static nonet_status want_own(struct model *model, struct onnx_input *input, enum onnx_feed feed,
                             nonet_error *error) {
  input->feed = feed;
  return want_columns(model, input, &input->name, 1, error);
}

static bool is_input_name(const struct onnx_model *onnx, const char *name) {
  for (size_t i = 0; i < onnx->n_inputs; i++)
    if (is_single(&onnx->inputs[i]) && strcmp(onnx->inputs[i].name, name) == 0)
      return true;
  return false;
}

/* The features that are no input's own name, for the wider input (case 2). */
static nonet_status want_features(struct model *model, struct onnx_input *input,
                                  const char *const *features, size_t n_features,
                                  nonet_error *error) {
  const char **left = memory_new(n_features, sizeof *left);
  size_t n = 0, wide = input->dims[1] > 0 && input->n_dims == 2 ? (size_t)input->dims[1] : 0;
  if (!left)
    return error_memory(error, n_features * sizeof *left, "the features");
  for (size_t i = 0; i < n_features; i++)
    if (!is_input_name(model->self, features[i]))
      left[n++] = features[i];
  nonet_status status;
  if (n == 1) {
    input->feed = ONNX_FEED_LIST;
    status = want_columns(model, input, left, 1, error);
  } else if (input->n_dims == 2 && (n == wide || (n > 1 && !wide))) {
    input->feed = ONNX_FEED_MATRIX;
    input->dims[1] = (int64_t)n;
    status = want_columns(model, input, left, n, error);
  } else if (n == 0) {
    status = want_own(model, input, ONNX_FEED_LIST, error);
  } else {
    status =
        error_set(error, NONET_E_DATA,
                  "the model's input '%s' has the shape %s and %zu features are listed; list "
                  "as many as it takes, in the order it was trained with, or one list column",
                  input->name,
                  model->info.inputs[input - ((struct onnx_model *)model->self)->inputs].shape, n);
  }
  memory_free(left);
  return status;
}

/* Names from the model's metadata; an empty split where there are none. */
static nonet_status metadata_features(const struct model *model, struct split *names,
                                      nonet_error *error) {
  const char *text = NULL;
  json_t *list = NULL;
  *names = (struct split){0};
  for (size_t i = 0; i < model->info.n_facts; i++)
    if (strcmp(model->info.facts[i].key, "feature_names") == 0)
      text = model->info.facts[i].value;
  if (!text || text[0] != '[')
    return text ? split_list(text, "the model's feature_names", names, error) : NONET_OK;
  nonet_status status =
      json_text_parse(text, strlen(text), "the model's feature_names", &list, error);
  if (status)
    return status;
  names->item = memory_zeroed(json_array_size(list), sizeof *names->item);
  for (size_t i = 0; names->item && i < json_array_size(list); i++) {
    const char *name = json_string_value(json_array_get(list, i));
    names->item[names->n] = memory_text(name ? name : "");
    names->n += names->item[names->n] != NULL;
  }
  if (!names->item || names->n != json_array_size(list)) {
    split_clear(names);
    status = error_memory(error, 64, "the model's feature_names");
  }
  json_decref(list);
  return status;
}

static nonet_status check_batch(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  for (size_t i = 0; i < onnx->n_inputs; i++) {
    int64_t rows = onnx->inputs[i].dims[0];
    if (rows < 0)
      continue;
    if (rows == 0 || (onnx->fixed_rows && onnx->fixed_rows != (size_t)rows))
      return error_set(error, NONET_E_DATA,
                       "the model's inputs have different batch sizes in their shapes ('%s': %lld)",
                       onnx->inputs[i].name, (long long)rows);
    onnx->fixed_rows = (size_t)rows;
  }
  if (!onnx->fixed_rows)
    return NONET_OK;
  size_t pieces = model->info.batch_rows / onnx->fixed_rows;
  model->info.batch_rows = onnx->fixed_rows * (pieces ? pieces : 1);
  return model_note(model, error,
                    "the model's own batch size is %zu; the last batch is filled up with its last "
                    "row and cut",
                    onnx->fixed_rows);
}

nonet_status onnx_inputs_plan(struct model *model, const char *const *features, size_t n_features,
                              nonet_error *error) {
  struct onnx_model *onnx = model->self;
  size_t n_wide = 0;
  struct split named = {0};
  nonet_status status = check_batch(model, error);
  if (!status && !features) {
    status = metadata_features(model, &named, error);
    features = (const char *const *)named.item;
    n_features = named.n;
  }
  for (size_t i = 0; i < onnx->n_inputs; i++)
    n_wide += !is_single(&onnx->inputs[i]);
  for (size_t i = 0; i < onnx->n_inputs && !status; i++) {
    struct onnx_input *input = &onnx->inputs[i];
    if (is_single(input) && (onnx->n_inputs > 1 || n_features != 1)) /* case 1 */
      status = want_own(model, input, ONNX_FEED_COLUMN, error);
    else if (is_single(input)) {
      input->feed = ONNX_FEED_COLUMN;
      status = want_columns(model, input, features, 1, error);
    } else if (n_wide > 1) /* case 3 */
      status = want_own(model, input, ONNX_FEED_LIST, error);
    else
      status = want_features(model, input, features, n_features, error);
  }
  split_clear(&named);
  return status;
}

/* ---- bind: types and sizes ------------------------------------------------------------------- */

/* Case 4: the elements of a row, with at most one size taken from the list column. */
static nonet_status size_input(struct model *model, struct onnx_input *input, nonet_error *error) {
  const struct arrow_type *type = &model->types[input->columns[0]];
  bool is_fixed = input->feed == ONNX_FEED_LIST && type->kind == ARROWCOL_LIST &&
                  type->storage == NANOARROW_TYPE_FIXED_SIZE_LIST;
  size_t width = 1, n_open = 0, open = 0;
  for (size_t d = 1; d < input->n_dims; d++) {
    if (input->dims[d] > 0)
      width *= (size_t)input->dims[d];
    else
      n_open++, open = d;
  }
  if (n_open == 1 && is_fixed && (size_t)type->width_bytes % width == 0) {
    input->dims[open] = (int64_t)((size_t)type->width_bytes / width);
    width = (size_t)type->width_bytes;
    n_open = 0;
  }
  if (n_open)
    return error_set(error, NONET_E_DATA,
                     "the model's input '%s' leaves its size open; list its features, or give it a "
                     "fixed-size list column (in SQL: column::FLOAT[784])",
                     input->name);
  input->width = width;
  if (is_fixed && (size_t)type->width_bytes != width)
    return error_set(
        error, NONET_E_DATA,
        "the model's input '%s' takes %zu values a row; the lists of column '%s' have %d",
        input->name, width, model->columns[input->columns[0]], type->width_bytes);
  return NONET_OK;
}

static nonet_status check_types(const struct model *model, const struct onnx_input *input,
                                nonet_error *error) {
  for (size_t i = 0; i < input->n_columns; i++) {
    const struct arrow_type *type = &model->types[input->columns[i]];
    bool is_list = type->kind == ARROWCOL_LIST;
    bool fits = input->feed == ONNX_FEED_LIST ? is_list && !type->item->is_dictionary &&
                                                    gather_fits(input->element, type->item)
                                              : gather_fits(input->element, type);
    char name[64];
    if (fits && !(is_list && input->element == ELEMENT_STRING))
      continue;
    arrow_type_name(type, name, sizeof name);
    return error_set(
        error, NONET_E_DATA, "the model's input '%s' takes %s%s; the table's column '%s' is %s%s",
        input->name, input->feed == ONNX_FEED_LIST ? "lists of " : "", element_name(input->element),
        model->columns[input->columns[i]], name,
        input->feed == ONNX_FEED_LIST && !is_list
            ? "; list the model's columns under features: in the order it was trained with"
            : "; cast it in the query, or name another column");
  }
  return NONET_OK;
}

static bool is_channels(int64_t size) {
  return size == 1 || size == 3 || size == 4;
}

/* Case 6. */
static nonet_status plan_turn(const struct model *model, struct onnx_input *input,
                              nonet_error *error) {
  input->channels = input->pixels = 0;
  if (model->layout == MODEL_LAYOUT_AUTO || input->feed != ONNX_FEED_LIST || input->n_dims != 4)
    return NONET_OK;
  bool is_nchw = is_channels(input->dims[1]), is_nhwc = is_channels(input->dims[3]);
  if (is_nchw == is_nhwc)
    return error_set(error, NONET_E_DATA,
                     "the model's input '%s' does not show where its channels stand, so a layout "
                     "cannot be kept; leave layout: auto and write the lists in the model's order",
                     input->name);
  if (is_nchw == (model->layout == MODEL_LAYOUT_NCHW))
    return NONET_OK;
  input->is_turned_to_nchw = is_nchw;
  input->channels = (size_t)input->dims[is_nchw ? 1 : 3];
  input->pixels = input->width / input->channels;
  return NONET_OK;
}

nonet_status onnx_inputs_check(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < onnx->n_inputs && !status; i++) {
    status = check_types(model, &onnx->inputs[i], error);
    if (!status)
      status = size_input(model, &onnx->inputs[i], error);
    if (!status)
      status = plan_turn(model, &onnx->inputs[i], error);
  }
  return status;
}
