/* Small ONNX models of the tests, written by protobuf-c itself. */
#ifndef ARTIFACT_ONNX_KIT_H
#define ARTIFACT_ONNX_KIT_H

#include <stdlib.h>
#include <string.h>

#include "artifact/artifact.h"
#include "base/memory.h"
#include <onnx.pb-c.h>

/* A tensor of zeros, float32 when `ints` is NULL, else those int64. */
static inline Onnx__TensorProto kit_tensor(const char *name, int64_t *dims, size_t n_dims,
                                           int64_t *ints, size_t n_ints) {
  Onnx__TensorProto tensor = ONNX__TENSOR_PROTO__INIT;
  tensor.name = (char *)name;
  tensor.n_dims = n_dims;
  tensor.dims = dims;
  tensor.has_data_type = 1;
  tensor.data_type =
      ints != NULL ? ONNX__TENSOR_PROTO__DATA_TYPE__INT64 : ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  tensor.n_int64_data = n_ints;
  tensor.int64_data = ints;
  return tensor;
}

static inline Onnx__NodeProto kit_node(const char *type, char **in, size_t n_in, char **out) {
  Onnx__NodeProto node = ONNX__NODE_PROTO__INIT;
  node.op_type = (char *)type;
  node.n_input = n_in;
  node.input = in;
  node.n_output = 1;
  node.output = out;
  return node;
}

/* One float32 input "x" of these sizes (0: open). */
static inline nonet_status kit_read(Onnx__NodeProto **nodes, size_t n_nodes,
                                    Onnx__TensorProto **weights, size_t n_weights,
                                    const int64_t *sizes, size_t n_sizes, const char *folder,
                                    struct artifact *artifact, nonet_error *error) {
  Onnx__TensorShapeProto__Dimension dim[8], *dims[8];
  Onnx__TensorShapeProto shape = ONNX__TENSOR_SHAPE_PROTO__INIT;
  Onnx__TypeProto__Tensor of = ONNX__TYPE_PROTO__TENSOR__INIT;
  Onnx__TypeProto type = ONNX__TYPE_PROTO__INIT;
  Onnx__ValueInfoProto info = ONNX__VALUE_INFO_PROTO__INIT, *infos = &info;
  Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
  Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets = &opset;
  Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
  for (size_t i = 0; i < n_sizes; i++) {
    dims[i] = &dim[i];
    onnx__tensor_shape_proto__dimension__init(&dim[i]);
    if (sizes[i] > 0) {
      dim[i].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
      dim[i].dim_value = sizes[i];
    }
  }
  shape.n_dim = n_sizes;
  shape.dim = dims;
  of.has_elem_type = 1;
  of.elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  of.shape = &shape;
  type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  type.tensor_type = &of;
  info.name = "x";
  info.type = &type;
  graph.n_input = 1;
  graph.input = &infos;
  graph.n_node = n_nodes;
  graph.node = nodes;
  graph.n_initializer = n_weights;
  graph.initializer = weights;
  opset.has_version = 1;
  opset.version = 21;
  model.has_ir_version = 1;
  model.ir_version = 10;
  model.graph = &graph;
  model.n_opset_import = 1;
  model.opset_import = &opsets;
  size_t n_bytes = onnx__model_proto__get_packed_size(&model);
  uint8_t *bytes = memory_new(n_bytes, 1);
  onnx__model_proto__pack(&model, bytes);
  nonet_status status = artifact_parse(ARTIFACT_ONNX, bytes, n_bytes, folder, artifact, error);
  memory_free(bytes);
  return status;
}

#endif
