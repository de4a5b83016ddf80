/*
 * Work for one row: floating-point operations, and bytes moved, of the main graph.
 *
 *   MatMul, Gemm     2·M·K·N, Gemm with C + M·N
 *   Conv             2·outputs·(channels / groups)·kernel, with a bias + outputs
 *   elementwise      1 an output element, whatever the function; BatchNormalization, Scaler 2,
 *                    Softmax 3, LayerNormalization and its kin 8
 *   pooling          kernel an output element; reductions 1 an input element
 *   tree ensembles   a comparison a level, mean depth of a tree's leaves, and an addition a tree
 *   linear models    2·coefficients + 1 an output
 *   moving data      0 (Reshape, Transpose, Gather, Cast …)
 *   bytes            weights that are read once, and every other operand and result once
 *
 * The convention is that a multiplication and an addition are two operations.
 *
 * Cases:
 *  1. An operator without a rule (If, Loop, a custom one), or one whose shapes are not known, is
 * not counted: its type is named, and the sum is a lower bound.
 *  2. A graph whose inputs fix their first axis to N answers N rows at once: the sum is divided by
 * N. An open axis behind the first counts as 1: a lower bound again.
 *  3. Trees: the nodes of a tree stand together and are numbered from 0 in the exporters' files;
 * anything else, and a cycle, is not counted (1).
 *  4. Quantisable is what the runtime's quantiser replaces: MatMul, Gemm, Conv and their integer
 * forms.
 *
 * Source: the operators' definitions at onnx.ai/onnx/operators; ONNX Runtime, "Quantize ONNX
 * models", list of quantised operators.
 */
#include "artifact/onnx_cost.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "artifact/onnx_shape.h"
#include "artifact/trees.h"
#include "base/memory.h"

struct costing {
  struct onnx_shapes shapes;
  struct artifact *artifact;
  double flops, quantisable, bytes;
};

static void not_counted(struct costing *costing, const char *type) { /* 1 */
  struct artifact_cost *cost = &costing->artifact->cost;
  size_t n = strlen(cost->why), n_type = strlen(type);
  cost->is_bound = true;
  for (const char *at = strstr(cost->why, type); at != NULL; at = strstr(at + 1, type)) {
    if (at[n_type] == ',' || at[n_type] == '\0') {
      return;
    }
  }
  if (n + n_type + 3 < sizeof cost->why) {
    (void)snprintf(cost->why + n, sizeof cost->why - n, "%s%s", n == 0 ? "" : ", ", type);
  }
}

static double elements(const struct costing *costing, const Onnx__NodeProto *node, size_t input) {
  return onnx_shape_elements(onnx_shape_input(&costing->shapes, node, input));
}

static double results(const struct costing *costing, const Onnx__NodeProto *node) {
  return node->n_output == 0
             ? NAN
             : onnx_shape_elements(onnx_shape_of(&costing->shapes, node->output[0]));
}

/* ---- products ---- */

static double cost_matmul(struct costing *costing, const Onnx__NodeProto *node) {
  const struct onnx_shape *a = onnx_shape_input(&costing->shapes, node, 0);
  return a->rank < 1 ? NAN : 2 * results(costing, node) * (double)a->dim[a->rank - 1];
}

static double cost_gemm(struct costing *costing, const Onnx__NodeProto *node) {
  const struct onnx_shape *a = onnx_shape_input(&costing->shapes, node, 0);
  double n = results(costing, node);
  const bool has_bias = node->n_input > 2 && node->input[2] != NULL && *node->input[2] != '\0';
  return a->rank != 2
             ? NAN
             : 2 * n * (double)a->dim[onnx_shape_int(node, "transA", 0) == 0] + (has_bias ? n : 0);
}

static double cost_conv(struct costing *costing, const Onnx__NodeProto *node) {
  const struct onnx_shape *weights = onnx_shape_input(&costing->shapes, node, 1);
  double n = results(costing, node), all = onnx_shape_elements(weights);
  const bool has_bias = node->n_input > 2 && node->input[2] != NULL && *node->input[2] != '\0';
  return weights->rank < 3 || weights->dim[0] < 1
             ? NAN
             : 2 * n * all / (double)weights->dim[0] + (has_bias ? n : 0);
}

/* ---- element by element ---- */

static double cost_one(struct costing *costing, const Onnx__NodeProto *node) {
  return results(costing, node);
}

static double cost_variadic(struct costing *costing, const Onnx__NodeProto *node) {
  return results(costing, node) * (node->n_input > 1 ? (double)node->n_input - 1 : 0);
}

static double cost_two(struct costing *costing, const Onnx__NodeProto *node) {
  return 2 * results(costing, node);
}

static double cost_three(struct costing *costing, const Onnx__NodeProto *node) {
  return 3 * results(costing, node);
}

static double cost_eight(struct costing *costing, const Onnx__NodeProto *node) {
  return 8 * results(costing, node);
}

static double cost_nothing(struct costing *costing, const Onnx__NodeProto *node) {
  (void)costing;
  (void)node;
  return 0;
}

static double cost_input(struct costing *costing, const Onnx__NodeProto *node) {
  return elements(costing, node, 0);
}

static double cost_pool(struct costing *costing, const Onnx__NodeProto *node) {
  const Onnx__AttributeProto *kernel = onnx_shape_attribute(node, "kernel_shape");
  double n = results(costing, node);
  for (size_t i = 0; kernel != NULL && i < kernel->n_ints; i++) {
    n *= (double)kernel->ints[i];
  }
  return kernel == NULL ? NAN : n;
}

/* ---- models of their own ---- */

static double rows_of(const struct costing *costing, const Onnx__NodeProto *node) {
  const struct onnx_shape *in = onnx_shape_input(&costing->shapes, node, 0);
  return in->rank == 2 ? (double)in->dim[0] : (double)costing->shapes.n_rows;
}

static double cost_linear(struct costing *costing, const Onnx__NodeProto *node) {
  const Onnx__AttributeProto *coefficients = onnx_shape_attribute(node, "coefficients"),
                             *intercepts = onnx_shape_attribute(node, "intercepts");
  return coefficients == NULL
             ? NAN
             : rows_of(costing, node) * (2 * (double)coefficients->n_floats +
                                         (intercepts == NULL ? 0 : (double)intercepts->n_floats));
}

static const int64_t *ints_of(const Onnx__NodeProto *node, const char *name, size_t n) {
  const Onnx__AttributeProto *list = onnx_shape_attribute(node, name);
  return list != NULL && list->n_ints == n ? list->ints : NULL;
}

/* Children of every node, -1 at leaves, which the file may give any: case 3. */
static bool children_of(const Onnx__NodeProto *node, const Onnx__AttributeProto *modes,
                        int64_t *children[2]) {
  static const char *const names[] = {"nodes_truenodeids", "nodes_falsenodeids"};
  const size_t n = modes->n_strings;
  for (int side = 0; side < 2; side++) {
    const int64_t *from = ints_of(node, names[side], n);
    children[side] = memory_new(n, sizeof **children);
    if (from == NULL || children[side] == NULL) {
      return false;
    }
    for (size_t i = 0; i < n; i++) {
      const ProtobufCBinaryData *mode = &modes->strings[i];
      const bool is_leaf = mode->len == 4 && memcmp(mode->data, "LEAF", 4) == 0;
      children[side][i] = is_leaf ? -1 : from[i];
    }
  }
  return true;
}

static bool add_trees(const int64_t *tree, const int64_t *id, int64_t *const children[2], size_t n,
                      struct artifact_trees *trees) {
  for (size_t start = 0, end; start < n; start = end) {
    for (end = start; end < n && tree[end] == tree[start]; end++) {
      if (id[end] != (int64_t)(end - start)) {
        return false;
      }
    }
    if (!trees_add(children[0] + start, children[1] + start, end - start, trees)) {
      return false;
    }
  }
  return true;
}

static double cost_trees(struct costing *costing, const Onnx__NodeProto *node) {
  const Onnx__AttributeProto *modes = onnx_shape_attribute(node, "nodes_modes");
  const size_t n = modes == NULL ? 0 : modes->n_strings;
  const int64_t *tree = ints_of(node, "nodes_treeids", n), *id = ints_of(node, "nodes_nodeids", n);
  struct artifact_trees found = {0}, *trees = &costing->artifact->trees;
  int64_t *children[2] = {NULL, NULL};
  double flops = NAN;
  if (n > 0 && tree != NULL && id != NULL && children_of(node, modes, children) &&
      add_trees(tree, id, children, n, &found)) {
    flops = rows_of(costing, node) * (found.path + (double)found.n_trees);
    trees->n_trees += found.n_trees;
    trees->n_leaves += found.n_leaves;
    trees->n_nodes += found.n_nodes;
    trees->path += found.path;
    trees->depth = found.depth > trees->depth ? found.depth : trees->depth;
  }
  memory_free(children[0]);
  memory_free(children[1]);
  return flops;
}

/* ---- the table ---- */

struct rule {
  double (*flops)(struct costing *costing, const Onnx__NodeProto *node);
  bool is_quantisable; /* 4 */
  const char *types;   /* each between spaces */
};

static const struct rule rules[] = {
    {cost_matmul, true, " MatMul MatMulInteger QLinearMatMul "},
    {cost_gemm, true, " Gemm "},
    {cost_conv, true, " Conv ConvInteger QLinearConv "},
    {cost_one, false,
     " Relu LeakyRelu Sigmoid Tanh Elu Selu Celu Gelu Erf Softplus Softsign HardSigmoid HardSwish "
     "Mish Swish ThresholdedRelu Abs Neg Sign Exp Log Sqrt Reciprocal Floor Ceil Round Sin Cos Tan "
     "Clip Add Sub Mul Div Pow Mod PRelu Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor "
     "Not Where CumSum Imputer Binarizer "},
    {cost_variadic, false, " Min Max Sum Mean "},
    {cost_two, false, " BatchNormalization Scaler QuantizeLinear DequantizeLinear "},
    {cost_three, false, " Softmax LogSoftmax Normalizer "},
    {cost_eight, false,
     " LayerNormalization InstanceNormalization GroupNormalization RMSNormalization "},
    {cost_pool, false, " MaxPool AveragePool LpPool "},
    {cost_input, false,
     " GlobalAveragePool GlobalMaxPool GlobalLpPool ReduceSum ReduceMean ReduceMax ReduceMin "
     "ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax ArgMin "},
    {cost_linear, false, " LinearRegressor LinearClassifier "},
    {cost_trees, false, " TreeEnsembleRegressor TreeEnsembleClassifier "},
    {cost_nothing, false,
     " Reshape Transpose Flatten Squeeze Unsqueeze Concat Split Slice Gather GatherND "
     "GatherElements Identity Cast CastLike Constant ConstantOfShape Shape Size Expand Tile Pad "
     "Dropout ZipMap ArrayFeatureExtractor FeatureVectorizer LabelEncoder OneHotEncoder OneHot "
     "DictVectorizer CastMap CategoryMapper EyeLike Range "},
};

static const struct rule *rule_of(const Onnx__NodeProto *node) {
  const char *type = node->op_type, *domain = node->domain == NULL ? "" : node->domain;
  size_t n = type == NULL ? 0 : strlen(type);
  bool is_known = *domain == '\0' || strncmp(domain, "ai.onnx", 7) == 0;
  for (size_t i = 0; i < sizeof rules / sizeof *rules && n > 0 && is_known; i++) {
    for (const char *at = strstr(rules[i].types, type); at != NULL; at = strstr(at + 1, type)) {
      if (at > rules[i].types && at[-1] == ' ' && at[n] == ' ') {
        return &rules[i];
      }
    }
  }
  return NULL;
}

/* Four bytes an element: the type of values between nodes is not traced. */
static void add_bytes(struct costing *costing, const Onnx__NodeProto *node) {
  double n_elements = results(costing, node);
  for (size_t i = 0; i < node->n_input; i++) {
    const struct onnx_shape *in = onnx_shape_input(&costing->shapes, node, i);
    n_elements += in->is_weight || in->rank < 0 ? 0 : onnx_shape_elements(in);
  }
  costing->bytes += isnan(n_elements) ? 0 : 4 * n_elements;
}

static void add_node(struct costing *costing, const Onnx__NodeProto *node) {
  const struct rule *rule = rule_of(node);
  onnx_shape_infer(&costing->shapes, node);
  double flops = rule == NULL ? NAN : rule->flops(costing, node);
  if (!(flops >= 0) || !isfinite(flops)) {
    not_counted(costing, node->op_type == NULL || *node->op_type == '\0' ? "?" : node->op_type);
    return;
  }
  costing->flops += flops;
  costing->quantisable += rule->is_quantisable ? flops : 0;
  if (rule->flops != cost_nothing) {
    add_bytes(costing, node);
  }
}

nonet_status onnx_cost(const Onnx__GraphProto *graph, struct artifact *artifact,
                       nonet_error *error) {
  struct costing costing = {.artifact = artifact};
  struct artifact_cost *cost = &artifact->cost;
  nonet_status status = onnx_shape_init(&costing.shapes, graph, error);
  if (status != NONET_OK) {
    return status;
  }
  for (size_t i = 0; i < graph->n_node; i++) {
    add_node(&costing, graph->node[i]);
  }
  const double n_rows = (double)costing.shapes.n_rows; /* 2 */
  cost->flops = costing.flops / n_rows;
  cost->quantisable_flops = costing.quantisable / n_rows;
  cost->traffic_bytes = costing.bytes / n_rows;
  for (size_t i = 0; i < artifact->n_weights; i++) {
    cost->traffic_bytes += (double)artifact->weights[i].n_bytes;
  }
  if (costing.shapes.is_open) {
    not_counted(&costing, "axes that are open behind the first");
  }
  onnx_shape_clear(&costing.shapes);
  return NONET_OK;
}
