/*
 * Inputs, outputs and metadata of a loaded ONNX model, as the runtime tells them.
 *
 * Cases: 1. Tensors of the element types of gather.h. 2. Sequences of maps from int64 or string to
 * float or double (ZipMap). 3. Any other output is described and never chosen; any other input is
 * an error, since it cannot be fed. 4. A dimension is a number, a name ("batch"), or nothing: the
 * latter two are shown by name or N, and kept as −1.
 */
#include "model/onnx_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static const struct {
  ONNXTensorElementDataType type;
  enum element element;
} elements[] = {
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ELEMENT_FLOAT},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, ELEMENT_DOUBLE},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, ELEMENT_HALF},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, ELEMENT_BOOL},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, ELEMENT_INT8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, ELEMENT_INT16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, ELEMENT_INT32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, ELEMENT_INT64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, ELEMENT_UINT8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, ELEMENT_UINT16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, ELEMENT_UINT32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, ELEMENT_UINT64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, ELEMENT_STRING},
};
#define N_ELEMENTS (sizeof elements / sizeof *elements)

enum element onnx_describe_element(ONNXTensorElementDataType type) {
  for (size_t i = 0; i < N_ELEMENTS; i++)
    if (elements[i].type == type)
      return elements[i].element;
  return ELEMENT_NONE;
}

ONNXTensorElementDataType onnx_describe_type(enum element element) {
  for (size_t i = 0; i < N_ELEMENTS; i++)
    if (elements[i].element == element)
      return elements[i].type;
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

/* What a type says of itself, in the shape of an output. */
struct described {
  struct onnx_output tensor;
  struct text type, shape;
};

static nonet_status describe_tensor(const struct onnx_api *api, const OrtTypeInfo *info,
                                    struct described *to, nonet_error *error) {
  const OrtTensorTypeAndShapeInfo *tensor = NULL;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  const char *names[ONNX_DIMS] = {0};
  size_t n = 0;
  OrtStatus *failed = api->CastTypeInfoToTensorInfo(info, &tensor);
  if (!failed && tensor)
    failed = api->GetTensorElementType(tensor, &type);
  if (!failed && tensor)
    failed = api->GetDimensionsCount(tensor, &n);
  to->tensor.shape = tensor && n <= ONNX_DIMS ? ONNX_TENSOR : ONNX_OTHER;
  to->tensor.element = onnx_describe_element(type);
  if (!failed && to->tensor.shape == ONNX_TENSOR) {
    to->tensor.n_dims = n;
    failed = api->GetDimensions(tensor, to->tensor.dims, n);
    if (!failed)
      failed = api->GetSymbolicDimensions(tensor, names, n);
  }
  if (failed)
    return onnx_api_check(api, failed, NONET_E_DATA, "the model's types", error);
  text_append(&to->type, element_name(to->tensor.element));
  text_append(&to->shape, "[");
  for (size_t d = 0; d < to->tensor.n_dims; d++) {
    if (to->tensor.dims[d] >= 0)
      text_printf(&to->shape, "%s%" PRId64, d ? ", " : "", to->tensor.dims[d]);
    else
      text_printf(&to->shape, "%s%s", d ? ", " : "", names[d] && names[d][0] ? names[d] : "N");
  }
  text_append(&to->shape, "]");
  return NONET_OK;
}

/* Case 2. */
static OrtStatus *describe_maps(const struct onnx_api *api, const OrtTypeInfo *info,
                                struct described *to) {
  const OrtSequenceTypeInfo *sequence = NULL;
  const OrtMapTypeInfo *map = NULL;
  const OrtTensorTypeAndShapeInfo *value = NULL;
  OrtTypeInfo *item = NULL, *values = NULL;
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  ONNXTensorElementDataType key = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED, type = key;
  OrtStatus *failed = api->CastTypeInfoToSequenceTypeInfo(info, &sequence);
  if (!failed && sequence)
    failed = api->GetSequenceElementType(sequence, &item);
  if (!failed && item)
    failed = api->GetOnnxTypeFromTypeInfo(item, &kind);
  if (!failed && kind == ONNX_TYPE_MAP)
    failed = api->CastTypeInfoToMapTypeInfo(item, &map);
  if (!failed && map)
    failed = api->GetMapKeyType(map, &key);
  if (!failed && map)
    failed = api->GetMapValueType(map, &values);
  if (!failed && values)
    failed = api->CastTypeInfoToTensorInfo(values, &value);
  if (!failed && value)
    failed = api->GetTensorElementType(value, &type);
  to->tensor.shape = value ? ONNX_MAPS : ONNX_OTHER;
  to->tensor.key = onnx_describe_element(key);
  to->tensor.element = onnx_describe_element(type);
  if (value)
    text_printf(&to->type, "sequence of map(%s, %s)", element_name(to->tensor.key),
                element_name(to->tensor.element));
  else
    text_append(&to->type, "sequence");
  if (values)
    api->ReleaseTypeInfo(values);
  if (item)
    api->ReleaseTypeInfo(item);
  return failed;
}

static nonet_status describe_type(const struct onnx_api *api, const OrtTypeInfo *info,
                                  struct described *to, nonet_error *error) {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  OrtStatus *failed = api->GetOnnxTypeFromTypeInfo(info, &kind);
  if (!failed && kind == ONNX_TYPE_TENSOR)
    return describe_tensor(api, info, to, error);
  to->tensor.shape = ONNX_OTHER;
  to->tensor.element = ELEMENT_NONE;
  if (!failed && kind == ONNX_TYPE_SEQUENCE)
    failed = describe_maps(api, info, to);
  else
    text_append(&to->type, "no tensor");
  return onnx_api_check(api, failed, NONET_E_DATA, "the model's types", error);
}

static OrtStatus *get_name(const struct onnx_api *api, const OrtSession *session, bool is_input,
                           size_t i, char **name) {
  return is_input ? api->SessionGetInputName(session, i, api->allocator, name)
                  : api->SessionGetOutputName(session, i, api->allocator, name);
}

static OrtStatus *get_type(const struct onnx_api *api, const OrtSession *session, bool is_input,
                           size_t i, OrtTypeInfo **info) {
  return is_input ? api->SessionGetInputTypeInfo(session, i, info)
                  : api->SessionGetOutputTypeInfo(session, i, info);
}

/* One input or output into *output and *shown. */
static nonet_status describe_one(struct model *model, bool is_input, size_t i,
                                 struct onnx_output *output, struct model_tensor *shown,
                                 nonet_error *error) {
  struct onnx_model *onnx = model->self;
  const struct onnx_api *api = onnx->api;
  char *name = NULL;
  OrtTypeInfo *info = NULL;
  struct described described = {0};
  OrtStatus *failed = get_name(api, onnx->session, is_input, i, &name);
  if (!failed)
    failed = get_type(api, onnx->session, is_input, i, &info);
  nonet_status status = onnx_api_check(api, failed, NONET_E_DATA, "the model's inputs", error);
  if (!status)
    status = describe_type(api, info, &described, error);
  if (!status) {
    *output = described.tensor;
    output->name = model_keep_text(model, name);
    shown->name = output->name;
    shown->type = model_keep_text(model, described.type.data ? described.type.data : "");
    shown->shape = model_keep_text(model, described.shape.data ? described.shape.data : "");
    if (!shown->name || !shown->type || !shown->shape)
      status = error_memory(error, 64, "the model's description");
  }
  text_clear(&described.type);
  text_clear(&described.shape);
  if (info)
    api->ReleaseTypeInfo(info);
  if (name)
    onnx_api_drop(api, api->AllocatorFree(api->allocator, name));
  return status;
}

static nonet_status describe_inputs(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  struct model_tensor *shown = model_keep(model, onnx->n_inputs, sizeof *shown);
  onnx->inputs = model_keep(model, onnx->n_inputs, sizeof *onnx->inputs);
  onnx->input_names = model_keep(model, onnx->n_inputs, sizeof *onnx->input_names);
  if (!shown || !onnx->inputs || !onnx->input_names)
    return error_memory(error, onnx->n_inputs * sizeof *shown, "the model's inputs");
  for (size_t i = 0; i < onnx->n_inputs; i++) {
    struct onnx_output tensor;
    struct onnx_input *input = &onnx->inputs[i];
    nonet_status status = describe_one(model, true, i, &tensor, &shown[i], error);
    if (status)
      return status;
    if (tensor.shape != ONNX_TENSOR || tensor.element == ELEMENT_NONE || tensor.n_dims == 0)
      return error_set(error, NONET_E_DATA, /* case 3 */
                       "the model's input '%s' is %s%s; nonet feeds tensors of one row each",
                       tensor.name, shown[i].type, shown[i].shape);
    input->name = onnx->input_names[i] = tensor.name;
    input->element = tensor.element;
    input->n_dims = tensor.n_dims;
    memcpy(input->dims, tensor.dims, sizeof input->dims);
  }
  model->info.inputs = shown;
  model->info.n_inputs = onnx->n_inputs;
  return NONET_OK;
}

static nonet_status describe_outputs(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  struct model_tensor *shown = model_keep(model, onnx->n_outputs, sizeof *shown);
  onnx->outputs = model_keep(model, onnx->n_outputs, sizeof *onnx->outputs);
  if (!shown || !onnx->outputs)
    return error_memory(error, onnx->n_outputs * sizeof *shown, "the model's outputs");
  for (size_t i = 0; i < onnx->n_outputs; i++) {
    struct onnx_output *output = &onnx->outputs[i];
    nonet_status status = describe_one(model, false, i, output, &shown[i], error);
    if (status)
      return status;
    size_t width = output->shape == ONNX_TENSOR && output->n_dims > 0 ? 1 : 0;
    for (size_t d = 1; d < output->n_dims; d++)
      width = output->dims[d] > 0 ? width * (size_t)output->dims[d] : 0;
    output->width = width;
  }
  model->info.outputs = shown;
  model->info.n_outputs = onnx->n_outputs;
  return NONET_OK;
}

static nonet_status describe_metadata(struct model *model, nonet_error *error) {
  const struct onnx_model *onnx = model->self;
  const struct onnx_api *api = onnx->api;
  OrtModelMetadata *metadata = NULL;
  char **keys = NULL;
  int64_t n_keys = 0;
  nonet_status status = NONET_OK;
  OrtStatus *failed = api->SessionGetModelMetadata(onnx->session, &metadata);
  if (!failed)
    failed = api->ModelMetadataGetCustomMetadataMapKeys(metadata, api->allocator, &keys, &n_keys);
  for (int64_t i = 0; i < n_keys && !failed; i++) {
    char *value = NULL;
    failed = api->ModelMetadataLookupCustomMetadataMap(metadata, api->allocator, keys[i], &value);
    if (!failed && value && !status)
      status = model_fact(model, keys[i], value, error);
    if (value)
      onnx_api_drop(api, api->AllocatorFree(api->allocator, value));
  }
  for (int64_t i = 0; i < n_keys && keys; i++)
    onnx_api_drop(api, api->AllocatorFree(api->allocator, keys[i]));
  if (keys)
    onnx_api_drop(api, api->AllocatorFree(api->allocator, (void *)keys));
  if (metadata)
    api->ReleaseModelMetadata(metadata);
  nonet_status told = onnx_api_check(api, failed, NONET_E_DATA, "the model's metadata", error);
  return status ? status : told;
}

nonet_status onnx_describe(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  OrtStatus *failed = onnx->api->SessionGetInputCount(onnx->session, &onnx->n_inputs);
  if (!failed)
    failed = onnx->api->SessionGetOutputCount(onnx->session, &onnx->n_outputs);
  nonet_status status = onnx_api_check(onnx->api, failed, NONET_E_DATA, "the model", error);
  if (!status)
    status = describe_inputs(model, error);
  if (!status)
    status = describe_outputs(model, error);
  if (!status)
    status = describe_metadata(model, error);
  return status;
}
