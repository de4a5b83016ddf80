/*
 * Shapes through a graph, in its order.
 *
 * Cases:
 *  1. The file says the shape of a value (value_info): that is taken, with open axes as 1.
 *  2. Otherwise a rule of the operator; an operator without a rule leaves its outputs unknown, and
 * so whatever needs them.
 *  3. Reshape, Unsqueeze and Squeeze read integers: of a small initialiser or Constant, or of Shape
 * where every axis is known. Anything longer is unknown.
 *  4. Sizes below 0 and products beyond 2^53 are unknown: files come from strangers.
 *  5. Arithmetic on sizes stays below 2^40 an axis, so that sums and products of a few fit.
 *
 * Source: the operators' definitions at onnx.ai/onnx/operators.
 */
#include "artifact/onnx_shape.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

#define AXIS_MOST ((int64_t)1 << 40)

static const struct onnx_shape unknown = {.rank = -1, .n_ints = -1};

/* ---- the table ---- */

static struct onnx_shape_slot *slot_of(const struct onnx_shapes *shapes, const char *name) {
  size_t mask = shapes->n_slots - 1, at = (size_t)hash_64(name, strlen(name), 0) & mask;
  while (shapes->slots[at].name != NULL && strcmp(shapes->slots[at].name, name) != 0) {
    at = (at + 1) & mask;
  }
  return &shapes->slots[at];
}

const struct onnx_shape *onnx_shape_of(const struct onnx_shapes *shapes, const char *name) {
  if (name == NULL || *name == '\0') {
    return &unknown;
  }
  const struct onnx_shape_slot *slot = slot_of(shapes, name);
  return slot->name == NULL ? &unknown : &slot->shape;
}

static void put(struct onnx_shapes *shapes, const char *name, const struct onnx_shape *shape) {
  if (name != NULL && *name != '\0') {
    struct onnx_shape_slot *slot = slot_of(shapes, name);
    slot->name = name;
    slot->shape = *shape;
  }
}

const struct onnx_shape *onnx_shape_input(const struct onnx_shapes *shapes,
                                          const Onnx__NodeProto *node, size_t i) {
  return i < node->n_input ? onnx_shape_of(shapes, node->input[i]) : &unknown;
}

double onnx_shape_elements(const struct onnx_shape *shape) {
  double n = 1;
  for (int i = 0; i < shape->rank; i++) {
    n *= (double)shape->dim[i];
  }
  return shape->rank < 0 || !(n < 0x1p53) ? NAN : n; /* 4 */
}

const Onnx__AttributeProto *onnx_shape_attribute(const Onnx__NodeProto *node, const char *name) {
  for (size_t i = 0; i < node->n_attribute; i++) {
    if (node->attribute[i]->name != NULL && strcmp(node->attribute[i]->name, name) == 0) {
      return node->attribute[i];
    }
  }
  return NULL;
}

int64_t onnx_shape_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise) {
  const Onnx__AttributeProto *attribute = onnx_shape_attribute(node, name);
  int64_t value = attribute == NULL ? otherwise : attribute->i;
  return value > -AXIS_MOST && value < AXIS_MOST ? value : otherwise;
}

/* ---- what the file says ---- */

static struct onnx_shape of_tensor(const Onnx__TensorProto *tensor) {
  struct onnx_shape shape = unknown;
  shape.is_weight = true;
  bool is_known = tensor->n_dims <= ONNX_SHAPE_RANK;
  for (size_t i = 0; i < tensor->n_dims && is_known; i++) {
    shape.dim[i] = tensor->dims[i];
    is_known = tensor->dims[i] >= 0 && tensor->dims[i] < AXIS_MOST;
  }
  shape.rank = is_known ? (int)tensor->n_dims : -1;
  double n = onnx_shape_elements(&shape);
  if (tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || !(n <= ONNX_SHAPE_RANK)) {
    return shape;
  }
  size_t n_ints = (size_t)n;
  if (tensor->n_int64_data == n_ints) {
    memcpy(shape.ints, tensor->int64_data, n_ints * sizeof *shape.ints);
    shape.n_ints = (int)n_ints;
  } else if (tensor->has_raw_data && tensor->raw_data.len == n_ints * sizeof *shape.ints) {
    memcpy(shape.ints, tensor->raw_data.data, tensor->raw_data.len);
    shape.n_ints = (int)n_ints;
  }
  return shape;
}

/* Case 1; *is_open_elsewhere when an axis behind the first is open. */
static struct onnx_shape of_info(const Onnx__ValueInfoProto *info, bool *is_open_elsewhere) {
  struct onnx_shape shape = unknown;
  const Onnx__TypeProto *type = info->type;
  if (type == NULL || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
      type->tensor_type->shape == NULL || type->tensor_type->shape->n_dim > ONNX_SHAPE_RANK) {
    return shape;
  }
  const Onnx__TensorShapeProto *said = type->tensor_type->shape;
  shape.rank = (int)said->n_dim;
  for (size_t i = 0; i < said->n_dim; i++) {
    const Onnx__TensorShapeProto__Dimension *dim = said->dim[i];
    bool is_open = dim->value_case != ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE ||
                   dim->dim_value < 1 || dim->dim_value >= AXIS_MOST;
    shape.dim[i] = is_open ? 1 : dim->dim_value;
    *is_open_elsewhere = *is_open_elsewhere || (is_open && i > 0);
  }
  return shape;
}

static void put_infos(struct onnx_shapes *shapes, Onnx__ValueInfoProto **infos, size_t n) {
  for (size_t i = 0; i < n; i++) {
    bool is_open = false;
    struct onnx_shape shape = of_info(infos[i], &is_open);
    if (shape.rank >= 0 && !is_open) { /* an open axis is better found by a rule */
      put(shapes, infos[i]->name, &shape);
    }
  }
}

nonet_status onnx_shape_init(struct onnx_shapes *shapes, const Onnx__GraphProto *graph,
                             nonet_error *error) {
  size_t n = graph->n_input + graph->n_output + graph->n_initializer + graph->n_value_info + 8;
  *shapes = (struct onnx_shapes){.n_rows = 1, .n_slots = 16};
  for (size_t i = 0; i < graph->n_node; i++) {
    n += graph->node[i]->n_output;
  }
  while (shapes->n_slots < 2 * n) {
    shapes->n_slots *= 2;
  }
  shapes->slots = memory_zeroed(shapes->n_slots, sizeof *shapes->slots);
  if (shapes->slots == NULL) {
    return error_memory(error, shapes->n_slots * sizeof *shapes->slots, "shapes of a graph");
  }
  put_infos(shapes, graph->value_info, graph->n_value_info);
  put_infos(shapes, graph->output, graph->n_output);
  for (size_t i = 0; i < graph->n_input; i++) {
    struct onnx_shape shape = of_info(graph->input[i], &shapes->is_open);
    put(shapes, graph->input[i]->name, &shape);
  }
  for (size_t i = 0; i < graph->n_initializer; i++) {
    struct onnx_shape shape = of_tensor(graph->initializer[i]);
    put(shapes, graph->initializer[i]->name, &shape);
  }
  for (size_t i = 0; i < graph->n_input; i++) {
    const struct onnx_shape *shape = onnx_shape_of(shapes, graph->input[i]->name);
    if (!shape->is_weight && shape->rank > 0 && shape->dim[0] > shapes->n_rows) {
      shapes->n_rows = shape->dim[0];
    }
  }
  return NONET_OK;
}

void onnx_shape_clear(struct onnx_shapes *shapes) {
  memory_free(shapes->slots);
  *shapes = (struct onnx_shapes){0};
}

/* ---- rules: case 2 ---- */

static bool axis_of(int64_t axis, int rank, int *place) {
  *place = (int)(axis < 0 ? axis + rank : axis);
  return axis >= -rank && axis < rank;
}

static struct onnx_shape broadcast(const struct onnx_shape *a, const struct onnx_shape *b) {
  struct onnx_shape out = unknown;
  if (a->rank < 0 || b->rank < 0) {
    return out;
  }
  out.rank = a->rank > b->rank ? a->rank : b->rank;
  for (int i = 0; i < out.rank; i++) {
    int ia = i - out.rank + a->rank, ib = i - out.rank + b->rank;
    int64_t x = ia < 0 ? 1 : a->dim[ia], y = ib < 0 ? 1 : b->dim[ib];
    if (x != y && x != 1 && y != 1) {
      return unknown;
    }
    out.dim[i] = x == 1 ? y : x;
  }
  return out;
}

static struct onnx_shape rule_broadcast(const struct onnx_shapes *shapes,
                                        const Onnx__NodeProto *node) {
  struct onnx_shape out = *onnx_shape_input(shapes, node, 0);
  for (size_t i = 1; i < node->n_input; i++) {
    out = broadcast(&out, onnx_shape_input(shapes, node, i));
  }
  return out;
}

static struct onnx_shape rule_same(const struct onnx_shapes *shapes, const Onnx__NodeProto *node) {
  return *onnx_shape_input(shapes, node, 0);
}

static struct onnx_shape rule_matmul(const struct onnx_shapes *shapes,
                                     const Onnx__NodeProto *node) {
  struct onnx_shape a = *onnx_shape_input(shapes, node, 0), b = *onnx_shape_input(shapes, node, 1);
  if (a.rank < 1 || b.rank < 1 || a.rank + b.rank < 4) {
    return unknown; /* products with vectors are not traced */
  }
  int64_t m = a.dim[a.rank - 1 - (a.rank > 1)], n = b.dim[b.rank - 1];
  a.dim[a.rank - 1] = a.dim[a.rank - 2 < 0 ? 0 : a.rank - 2] = 1;
  b.dim[b.rank - 1] = b.dim[b.rank - 2 < 0 ? 0 : b.rank - 2] = 1;
  struct onnx_shape out = broadcast(&a, &b);
  if (out.rank >= 2 && a.rank >= 2 && b.rank >= 2) {
    out.dim[out.rank - 2] = m;
    out.dim[out.rank - 1] = n;
    return out;
  }
  return unknown;
}

static struct onnx_shape rule_gemm(const struct onnx_shapes *shapes, const Onnx__NodeProto *node) {
  const struct onnx_shape *a = onnx_shape_input(shapes, node, 0),
                          *b = onnx_shape_input(shapes, node, 1);
  struct onnx_shape out = unknown;
  if (a->rank == 2 && b->rank == 2) {
    out.rank = 2;
    out.dim[0] = a->dim[onnx_shape_int(node, "transA", 0) != 0];
    out.dim[1] = b->dim[onnx_shape_int(node, "transB", 0) == 0];
  }
  return out;
}

static int64_t list_item(const Onnx__AttributeProto *list, size_t i, int64_t otherwise) {
  bool is_there = list != NULL && i < list->n_ints;
  return is_there && list->ints[i] >= 0 && list->ints[i] < AXIS_MOST ? list->ints[i] : otherwise;
}

/* Size of one axis after a window went over it. */
static int64_t window_axis(const Onnx__NodeProto *node, int64_t size, int64_t kernel, size_t i,
                           size_t n_axes) {
  const Onnx__AttributeProto *pads = onnx_shape_attribute(node, "pads"),
                             *automatic = onnx_shape_attribute(node, "auto_pad");
  int64_t stride = list_item(onnx_shape_attribute(node, "strides"), i, 1);
  int64_t dilation = list_item(onnx_shape_attribute(node, "dilations"), i, 1);
  if (stride < 1 || kernel < 1 || kernel >= 1 << 20 || dilation >= 1 << 20) {
    return -1;
  }
  if (automatic != NULL && automatic->s.len >= 4 && memcmp(automatic->s.data, "SAME", 4) == 0) {
    return (size + stride - 1) / stride;
  }
  int64_t room =
      size + list_item(pads, i, 0) + list_item(pads, i + n_axes, 0) - (dilation * (kernel - 1) + 1);
  room += onnx_shape_int(node, "ceil_mode", 0) != 0 ? stride - 1 : 0;
  return room < 0 ? -1 : room / stride + 1;
}

static struct onnx_shape rule_window(const struct onnx_shapes *shapes,
                                     const Onnx__NodeProto *node) {
  const bool is_conv = strcmp(node->op_type, "Conv") == 0;
  struct onnx_shape out = *onnx_shape_input(shapes, node, 0);
  const struct onnx_shape *weights = onnx_shape_input(shapes, node, 1);
  const Onnx__AttributeProto *kernel = onnx_shape_attribute(node, "kernel_shape");
  if (out.rank < 3 || (is_conv && weights->rank != out.rank)) {
    return unknown;
  }
  size_t n_axes = (size_t)out.rank - 2;
  for (size_t i = 0; i < n_axes; i++) {
    int64_t k = is_conv ? weights->dim[i + 2] : list_item(kernel, i, 0);
    out.dim[i + 2] = window_axis(node, out.dim[i + 2], k, i, n_axes);
    if (out.dim[i + 2] < 0) {
      return unknown;
    }
  }
  out.dim[1] = is_conv ? weights->dim[0] : out.dim[1];
  return out;
}

static struct onnx_shape rule_global(const struct onnx_shapes *shapes,
                                     const Onnx__NodeProto *node) {
  struct onnx_shape out = *onnx_shape_input(shapes, node, 0);
  for (int i = 2; i < out.rank; i++) {
    out.dim[i] = 1;
  }
  return out;
}

static struct onnx_shape rule_flatten(const struct onnx_shapes *shapes,
                                      const Onnx__NodeProto *node) {
  const struct onnx_shape *in = onnx_shape_input(shapes, node, 0);
  int64_t axis = onnx_shape_int(node, "axis", 1);
  struct onnx_shape out = {.rank = 2, .dim = {1, 1}, .n_ints = -1};
  axis = axis < 0 ? axis + in->rank : axis;
  if (in->rank < 0 || isnan(onnx_shape_elements(in)) || axis < 0 || axis > in->rank) {
    return unknown;
  }
  for (int i = 0; i < in->rank; i++) {
    out.dim[i >= axis] *= in->dim[i];
  }
  return out;
}

static struct onnx_shape rule_reshape(const struct onnx_shapes *shapes,
                                      const Onnx__NodeProto *node) { /* 3 */
  const struct onnx_shape *in = onnx_shape_input(shapes, node, 0),
                          *wanted = onnx_shape_input(shapes, node, 1);
  struct onnx_shape out = unknown;
  double n = onnx_shape_elements(in), product = 1;
  int free_axis = -1;
  if (isnan(n) || wanted->n_ints < 0) {
    return unknown;
  }
  for (int i = 0; i < wanted->n_ints; i++) {
    int64_t size = wanted->ints[i];
    size = size == 0 && i < in->rank ? in->dim[i] : size;
    if (size < -1 || size >= AXIS_MOST || (size == -1 && free_axis >= 0)) {
      return unknown;
    }
    free_axis = size == -1 ? i : free_axis;
    product *= size == -1 ? 1 : (double)size;
    out.dim[i] = size;
  }
  if (free_axis >= 0) {
    out.dim[free_axis] = product > 0 ? (int64_t)(n / product) : 0;
  }
  out.rank = wanted->n_ints;
  return out;
}

static struct onnx_shape rule_transpose(const struct onnx_shapes *shapes,
                                        const Onnx__NodeProto *node) {
  const struct onnx_shape *in = onnx_shape_input(shapes, node, 0);
  const Onnx__AttributeProto *order = onnx_shape_attribute(node, "perm");
  struct onnx_shape out = *in;
  out.n_ints = -1;
  for (int i = 0; i < in->rank; i++) {
    int64_t from = order == NULL ? in->rank - 1 - i : list_item(order, (size_t)i, -1);
    if (from < 0 || from >= in->rank) {
      return unknown;
    }
    out.dim[i] = in->dim[from];
  }
  return out;
}

static struct onnx_shape rule_concat(const struct onnx_shapes *shapes,
                                     const Onnx__NodeProto *node) {
  struct onnx_shape out = *onnx_shape_input(shapes, node, 0);
  const bool is_ml = strcmp(node->op_type, "FeatureVectorizer") == 0;
  int axis;
  out.n_ints = -1;
  if (out.rank < 1 || !axis_of(onnx_shape_int(node, "axis", is_ml ? 1 : 0), out.rank, &axis)) {
    return unknown;
  }
  for (size_t i = 1; i < node->n_input; i++) {
    const struct onnx_shape *in = onnx_shape_input(shapes, node, i);
    if (in->rank != out.rank || out.dim[axis] + in->dim[axis] >= AXIS_MOST) {
      return unknown;
    }
    out.dim[axis] += in->dim[axis];
  }
  return out;
}

/* The axes of Squeeze, Unsqueeze and reductions: an attribute, or the second input. */
static int axes_of(const struct onnx_shapes *shapes, const Onnx__NodeProto *node,
                   int64_t axes[ONNX_SHAPE_RANK]) {
  const Onnx__AttributeProto *list = onnx_shape_attribute(node, "axes");
  const struct onnx_shape *given = onnx_shape_input(shapes, node, 1);
  if (list != NULL && list->n_ints <= ONNX_SHAPE_RANK) {
    if (list->n_ints > 0) {
      memcpy(axes, list->ints, list->n_ints * sizeof *axes);
    }
    return (int)list->n_ints;
  }
  if (given->n_ints > 0) {
    memcpy(axes, given->ints, (size_t)given->n_ints * sizeof *axes);
    return given->n_ints;
  }
  return list != NULL || (node->n_input > 1 && given->n_ints < 0) ? -1 : 0;
}

static struct onnx_shape rule_unsqueeze(const struct onnx_shapes *shapes,
                                        const Onnx__NodeProto *node) {
  const struct onnx_shape *in = onnx_shape_input(shapes, node, 0);
  struct onnx_shape out = unknown;
  int64_t axes[ONNX_SHAPE_RANK];
  int n = axes_of(shapes, node, axes), place;
  bool is_new[ONNX_SHAPE_RANK] = {false};
  if (in->rank < 0 || n < 0 || in->rank + n > ONNX_SHAPE_RANK) {
    return unknown;
  }
  out.rank = in->rank + n;
  for (int i = 0; i < n; i++) {
    if (!axis_of(axes[i], out.rank, &place) || is_new[place]) {
      return unknown;
    }
    is_new[place] = true;
  }
  for (int i = 0, from = 0; i < out.rank; i++) {
    out.dim[i] = is_new[i] ? 1 : in->dim[from++];
  }
  return out;
}

/* Squeeze, reductions, ArgMax: axes go, or become 1. */
static struct onnx_shape rule_reduce(const struct onnx_shapes *shapes,
                                     const Onnx__NodeProto *node) {
  const struct onnx_shape *in = onnx_shape_input(shapes, node, 0);
  const bool is_squeeze = strcmp(node->op_type, "Squeeze") == 0,
             is_arg = strncmp(node->op_type, "Arg", 3) == 0;
  bool keeps = !is_squeeze && onnx_shape_int(node, "keepdims", 1) != 0;
  int64_t axes[ONNX_SHAPE_RANK] = {onnx_shape_int(node, "axis", 0)};
  int n = is_arg ? 1 : axes_of(shapes, node, axes), place;
  bool goes[ONNX_SHAPE_RANK] = {false};
  struct onnx_shape out = {.rank = 0, .n_ints = -1};
  if (in->rank < 0 || n < 0) {
    return unknown;
  }
  for (int i = 0; i < in->rank; i++) {
    goes[i] = n == 0 && (!is_squeeze || in->dim[i] == 1);
  }
  for (int i = 0; i < n; i++) {
    if (!axis_of(axes[i], in->rank, &place)) {
      return unknown;
    }
    goes[place] = true;
  }
  for (int i = 0; i < in->rank; i++) {
    if (!goes[i] || keeps) {
      out.dim[out.rank++] = goes[i] ? 1 : in->dim[i];
    }
  }
  return out;
}

static struct onnx_shape rule_gather(const struct onnx_shapes *shapes,
                                     const Onnx__NodeProto *node) {
  const struct onnx_shape *data = onnx_shape_input(shapes, node, 0),
                          *at = onnx_shape_input(shapes, node, 1);
  struct onnx_shape out = unknown;
  int axis;
  if (data->rank < 1 || at->rank < 0 || data->rank - 1 + at->rank > ONNX_SHAPE_RANK ||
      !axis_of(onnx_shape_int(node, "axis", 0), data->rank, &axis)) {
    return unknown;
  }
  out.rank = 0;
  for (int i = 0; i < data->rank; i++) {
    if (i != axis) {
      out.dim[out.rank++] = data->dim[i];
    }
    for (int k = 0; i == axis && k < at->rank; k++) {
      out.dim[out.rank++] = at->dim[k];
    }
  }
  return out;
}

static struct onnx_shape rule_constant(const struct onnx_shapes *shapes,
                                       const Onnx__NodeProto *node) {
  (void)shapes;
  const Onnx__AttributeProto *value = onnx_shape_attribute(node, "value");
  return value != NULL && value->t != NULL ? of_tensor(value->t) : unknown;
}

static struct onnx_shape rule_shape(const struct onnx_shapes *shapes, const Onnx__NodeProto *node) {
  const struct onnx_shape *in = onnx_shape_input(shapes, node, 0);
  struct onnx_shape out = {.rank = 1, .dim = {in->rank}, .n_ints = in->rank};
  if (in->rank < 0 || onnx_shape_attribute(node, "start") != NULL ||
      onnx_shape_attribute(node, "end") != NULL) {
    return unknown;
  }
  memcpy(out.ints, in->dim, sizeof out.ints);
  return out;
}

struct rule {
  struct onnx_shape (*infer)(const struct onnx_shapes *shapes, const Onnx__NodeProto *node);
  const char *types; /* each between spaces */
};

static const struct rule rules[] = {
    {rule_same,
     " Relu LeakyRelu Sigmoid Tanh Softmax LogSoftmax Elu Selu Celu Gelu Erf Softplus Softsign "
     "HardSigmoid HardSwish Hardmax Mish Swish ThresholdedRelu Abs Neg Sign Exp Log Sqrt "
     "Reciprocal "
     "Floor Ceil Round Not Sin Cos Tan Identity Cast CastLike Dropout Clip BatchNormalization "
     "InstanceNormalization LayerNormalization GroupNormalization RMSNormalization LRN IsNaN IsInf "
     "QuantizeLinear DequantizeLinear CumSum Scaler Imputer Binarizer Normalizer LabelEncoder "},
    {rule_broadcast, " Add Sub Mul Div Pow Min Max Sum Mean Mod And Or Xor Equal Greater Less "
                     "GreaterOrEqual LessOrEqual PRelu Where "},
    {rule_matmul, " MatMul MatMulInteger "},
    {rule_gemm, " Gemm "},
    {rule_window, " Conv MaxPool AveragePool LpPool "},
    {rule_global, " GlobalAveragePool GlobalMaxPool GlobalLpPool "},
    {rule_flatten, " Flatten "},
    {rule_reshape, " Reshape "},
    {rule_transpose, " Transpose "},
    {rule_concat, " Concat FeatureVectorizer "},
    {rule_unsqueeze, " Unsqueeze "},
    {rule_reduce, " Squeeze ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 "
                  "ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax ArgMin "},
    {rule_gather, " Gather "},
    {rule_constant, " Constant "},
    {rule_shape, " Shape "},
};

static bool is_listed(const char *types, const char *type) {
  size_t n = strlen(type);
  for (const char *at = strstr(types, type); n > 0 && at != NULL; at = strstr(at + 1, type)) {
    if (at > types && at[-1] == ' ' && at[n] == ' ') {
      return true;
    }
  }
  return false;
}

void onnx_shape_infer(struct onnx_shapes *shapes, const Onnx__NodeProto *node) {
  if (node->op_type == NULL || node->n_output == 0 ||
      onnx_shape_of(shapes, node->output[0])->rank >= 0) {
    return; /* 1 */
  }
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (is_listed(rules[i].types, node->op_type)) {
      struct onnx_shape shape = rules[i].infer(shapes, node);
      shape.is_weight = rules[i].infer == rule_constant;
      put(shapes, node->output[0], &shape);
      return;
    }
  }
}
