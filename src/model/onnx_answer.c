/*
 * Answers of ONNX Runtime as doubles and class indices.
 *
 * Cases: 1. Tensors: n rows of `width` elements, however many dimensions of 1 stand between;
 * another count is an error with both numbers. 2. Maps: one a row; the keys of the first row are
 * held against those the model was opened with, the others must be as many (a ZipMap has one set of
 * classes; std::map keeps its order). 3. Labels: integers and booleans by their value, texts by
 * name; a class that is none of the run's is an error with its row.
 */
#include "model/onnx_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

nonet_status onnx_answer_tensor(const struct onnx_api *api, const OrtValue *value,
                                enum element *element, const void **data, size_t *n,
                                nonet_error *error) {
  OrtTensorTypeAndShapeInfo *shape = NULL;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  void *bytes = NULL;
  *n = 0;
  *data = NULL;
  OrtStatus *failed = api->GetValueType(value, &kind);
  if (!failed && kind != ONNX_TYPE_TENSOR)
    return error_set(error, NONET_E_DATA, "the model answered with something that is no tensor");
  if (!failed)
    failed = api->GetTensorTypeAndShape(value, &shape);
  if (!failed)
    failed = api->GetTensorElementType(shape, &type);
  if (!failed)
    failed = api->GetTensorShapeElementCount(shape, n);
  *element = onnx_describe_element(type);
  if (!failed && *element != ELEMENT_STRING)
    failed = api->GetTensorMutableData((OrtValue *)value, &bytes);
  *data = bytes;
  if (shape)
    api->ReleaseTensorTypeAndShapeInfo(shape);
  return onnx_api_check(api, failed, NONET_E_DATA, "the model's answer", error);
}

static nonet_status wrong_count(const struct onnx_output *output, size_t found, size_t n,
                                size_t width, nonet_error *error) {
  return error_set(error, NONET_E_DATA,
                   "the model answered %zu rows with %zu values in '%s'; expected %zu", n, found,
                   output->name, n * width);
}

nonet_status onnx_answer_texts(const struct onnx_api *api, const OrtValue *value, size_t n,
                               char **bytes, size_t **offsets, nonet_error *error) {
  size_t size = 0;
  *bytes = NULL;
  *offsets = NULL;
  OrtStatus *failed = api->GetStringTensorDataLength(value, &size);
  nonet_status status = onnx_api_check(api, failed, NONET_E_DATA, "the model's texts", error);
  if (status)
    return status;
  *bytes = memory_zeroed(size + 1, 1);
  *offsets = memory_zeroed(n + 1, sizeof **offsets);
  if (!*bytes || !*offsets)
    status = error_memory(error, size + n * sizeof **offsets, "the model's texts");
  else
    status = onnx_api_check(api, api->GetStringTensorContent(value, *bytes, size, *offsets, n),
                            NONET_E_DATA, "the model's texts", error);
  if (status) {
    memory_free(*bytes);
    memory_free(*offsets);
    *bytes = NULL;
    *offsets = NULL;
    return status;
  }
  (*offsets)[n] = size;
  return NONET_OK;
}

/* ---- maps ----------------------------------------------------------------------------------- */

/* Keys and values of one row's map, released by release_map. */
static OrtStatus *open_map(const struct onnx_api *api, const OrtValue *sequence, size_t i,
                           OrtValue *parts[3]) {
  OrtStatus *failed = api->GetValue(sequence, (int)i, api->allocator, &parts[0]);
  for (int k = 0; k < 2 && !failed; k++)
    failed = api->GetValue(parts[0], k, api->allocator, &parts[k + 1]);
  return failed;
}

static void release_map(const struct onnx_api *api, OrtValue *parts[3]) {
  for (int k = 0; k < 3; k++)
    if (parts[k])
      api->ReleaseValue(parts[k]);
}

/* The keys of a map as texts that live with the model. */
static nonet_status keep_keys(struct model *model, struct onnx_output *output,
                              const OrtValue *keys_value, nonet_error *error) {
  const struct onnx_api *api = ((struct onnx_model *)model->self)->api;
  enum element element;
  const void *data;
  size_t n, *offsets = NULL;
  char *bytes = NULL, name[512];
  nonet_status status = onnx_answer_tensor(api, keys_value, &element, &data, &n, error);
  if (!status && element == ELEMENT_STRING)
    status = onnx_answer_texts(api, keys_value, n, &bytes, &offsets, error);
  const char **keys = model_keep(model, n, sizeof *keys);
  if (!status && !keys)
    status = error_memory(error, n * sizeof *keys, "the model's classes");
  for (size_t i = 0; i < n && !status; i++) {
    if (bytes)
      snprintf(name, sizeof name, "%.*s", (int)(offsets[i + 1] - offsets[i]), bytes + offsets[i]);
    else
      snprintf(name, sizeof name, "%" PRId64, ((const int64_t *)data)[i]);
    keys[i] = model_keep_text(model, name);
    if (!keys[i])
      status = error_memory(error, sizeof name, "the model's classes");
  }
  memory_free(bytes);
  memory_free(offsets);
  if (!status) {
    output->keys = keys;
    output->width = n;
    model->info.classes = keys;
    model->info.n_classes = n;
  }
  return status;
}

static nonet_status see_map(struct model *model, struct onnx_output *output, const OrtValue *value,
                            nonet_error *error) {
  const struct onnx_api *api = ((struct onnx_model *)model->self)->api;
  OrtValue *parts[3] = {0};
  OrtStatus *failed = open_map(api, value, 0, parts);
  nonet_status status = onnx_api_check(api, failed, NONET_E_DATA, "the model's maps", error);
  if (!status && output->key != ELEMENT_INT64 && output->key != ELEMENT_STRING)
    status = error_set(error, NONET_E_DATA, "the maps of '%s' have keys of type %s", output->name,
                       element_name(output->key));
  if (!status)
    status = keep_keys(model, output, parts[1], error);
  release_map(api, parts);
  return status;
}

nonet_status onnx_answer_widths(struct model *model, OrtValue *const *values, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  size_t rows = onnx->fixed_rows ? onnx->fixed_rows : 1;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < onnx->n_outputs && !status; i++) {
    struct onnx_output *output = &onnx->outputs[i];
    enum element element;
    const void *data;
    size_t n;
    if (output->shape == ONNX_MAPS) {
      status = see_map(model, output, values[i], error);
    } else if (output->shape == ONNX_TENSOR && !output->width) {
      status = onnx_answer_tensor(onnx->api, values[i], &element, &data, &n, error);
      output->width = !status && n % rows == 0 ? n / rows : 0;
    }
  }
  return status;
}

static nonet_status map_scores(const struct model *model, const struct onnx_output *output,
                               const OrtValue *sequence, size_t n, double *raw,
                               nonet_error *error) {
  const struct onnx_api *api = ((struct onnx_model *)model->self)->api;
  size_t count = 0;
  nonet_status status =
      onnx_api_check(api, api->GetValueCount(sequence, &count), NONET_E_DATA, output->name, error);
  if (!status && count != n)
    status = wrong_count(output, count, n, 1, error);
  for (size_t i = 0; i < n && !status; i++) {
    OrtValue *parts[3] = {0};
    enum element element;
    const void *data;
    size_t found;
    status =
        onnx_api_check(api, open_map(api, sequence, i, parts), NONET_E_DATA, output->name, error);
    if (!status)
      status = onnx_answer_tensor(api, parts[2], &element, &data, &found, error);
    if (!status && found != model->width)
      status = wrong_count(output, found, 1, model->width, error);
    if (!status)
      gather_doubles(element, data, found, raw + i * model->width);
    release_map(api, parts);
  }
  return status;
}

nonet_status onnx_answer_scores(const struct model *model, const OrtValue *value, size_t n,
                                double *raw, nonet_error *error) {
  const struct onnx_model *onnx = model->self;
  const struct onnx_output *output = onnx->chosen[ONNX_SCORES];
  enum element element;
  const void *data;
  size_t found;
  if (output->shape == ONNX_MAPS)
    return map_scores(model, output, value, n, raw, error);
  nonet_status status = onnx_answer_tensor(onnx->api, value, &element, &data, &found, error);
  if (status)
    return status;
  size_t rows = onnx->fixed_rows ? onnx->fixed_rows : n;
  if (found != rows * model->width || !data)
    return wrong_count(output, found, rows, model->width, error);
  gather_doubles(element, data, n * model->width, raw);
  return NONET_OK;
}

/* ---- labels --------------------------------------------------------------------------------- */

static int64_t integer_at(enum element element, const void *data, size_t i) {
  switch (element) {
  case ELEMENT_INT64:
  case ELEMENT_UINT64:
    return ((const int64_t *)data)[i];
  case ELEMENT_INT32:
    return ((const int32_t *)data)[i];
  case ELEMENT_UINT32:
    return ((const uint32_t *)data)[i];
  case ELEMENT_INT16:
    return ((const int16_t *)data)[i];
  case ELEMENT_UINT16:
    return ((const uint16_t *)data)[i];
  case ELEMENT_INT8:
    return ((const int8_t *)data)[i];
  default:
    return ((const uint8_t *)data)[i];
  }
}

nonet_status onnx_answer_labels(const struct model *model, const OrtValue *value,
                                const uint64_t *rows, size_t n, uint32_t *labels,
                                nonet_error *error) {
  const struct onnx_model *onnx = model->self;
  const struct onnx_output *output = onnx->chosen[ONNX_LABELS];
  enum element element;
  const void *data;
  size_t found, *offsets = NULL;
  char *bytes = NULL, name[32];
  nonet_status status = onnx_answer_tensor(onnx->api, value, &element, &data, &found, error);
  size_t expected = onnx->fixed_rows ? onnx->fixed_rows : n;
  if (!status && found != expected)
    status = wrong_count(output, found, expected, 1, error);
  if (!status && element == ELEMENT_STRING)
    status = onnx_answer_texts(onnx->api, value, found, &bytes, &offsets, error);
  for (size_t i = 0; i < n && !status; i++) {
    const char *text = bytes ? bytes + offsets[i] : name;
    size_t length = bytes ? offsets[i + 1] - offsets[i] : 0;
    int64_t number = bytes ? 0 : integer_at(element, data, i);
    int64_t place = bytes ? class_map_text(&model->classes, text, length)
                          : class_map_int(&model->classes, number);
    if (place >= 0) {
      labels[i] = (uint32_t)place;
      continue;
    }
    if (!bytes)
      length = (size_t)snprintf(name, sizeof name, "%" PRId64, number);
    status = error_set(error, NONET_E_DATA,
                       "row %" PRIu64 ": the model answered the class '%.*s', which is none of the "
                       "label's; name all classes the model knows",
                       rows[i], (int)(length < 100 ? length : 100), text);
  }
  memory_free(bytes);
  memory_free(offsets);
  return status;
}
