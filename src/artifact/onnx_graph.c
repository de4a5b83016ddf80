/*
 * The facts of an ONNX file: skimmed (onnx_skim.c), unpacked by protobuf-c, walked once.
 *
 * Cases:
 *  1. protobuf-c spends up to a hundred bytes on a nested message of two: what it may take is
 * bounded by what it reads.
 *  2. Graphs stand in attributes (If, Loop, Scan) and nodes in functions of the model: all are
 * counted, wherever they stand; training graphs are not, no runtime of ours runs them.
 *  3. An input that an initialiser fills is no input (IR before 4 asked for both).
 *  4. "ai.onnx" is another name of the default domain.
 *  5. Bytes of a tensor: its payload where it has one; external: its length, else elements × width.
 * Sizes that overflow 64 bits, and negative ones, are damage.
 *  6. External data that leave the folder are not looked at.
 */
#include "artifact/onnx_graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <protobuf-c/protobuf-c.h>

#include "artifact/onnx_cost.h"
#include "artifact/onnx_skim.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include <onnx.pb-c.h>

#define BUDGET_LEAST_BYTES ((size_t)64 << 20)
#define BUDGET_PER_BYTE 64

/* ---- names ---- */

struct type_name {
  const char *name;
  unsigned bits; /* of an element; 0: of no fixed width */
};

static const struct type_name types[] = {
    {"undefined", 0},      {"float32", 32},     {"uint8", 8},          {"int8", 8},
    {"uint16", 16},        {"int16", 16},       {"int32", 32},         {"int64", 64},
    {"string", 0},         {"bool", 8},         {"float16", 16},       {"float64", 64},
    {"uint32", 32},        {"uint64", 64},      {"complex64", 64},     {"complex128", 128},
    {"bfloat16", 16},      {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},        {"int4", 4},           {"float4e2m1", 4},
    {"float8e8m0", 8},     {"uint2", 2},        {"int2", 2},
};
#define N_TYPES (sizeof types / sizeof *types)

static const struct type_name *type_of(int data_type) {
  static const struct type_name other = {"other", 0};
  return data_type >= 0 && (size_t)data_type < N_TYPES ? &types[data_type] : &other;
}

const char *onnx_graph_type(int data_type) {
  return type_of(data_type)->name;
}

static const char *domain_of(const char *domain) { /* 4 */
  return domain == NULL || strcmp(domain, "ai.onnx") == 0 ? "" : domain;
}

static bool is_official(const char *domain) {
  static const char *const official[] = {"", "ai.onnx.ml", "ai.onnx.training",
                                         "ai.onnx.preview.training", "com.microsoft"};
  for (size_t i = 0; i < sizeof official / sizeof *official; i++) {
    if (strcmp(domain, official[i]) == 0) {
      return true;
    }
  }
  return strncmp(domain, "com.microsoft.", 14) == 0 || strncmp(domain, "com.ms.internal.", 16) == 0;
}

/* ---- the walk ---- */

struct walk {
  struct artifact *artifact;
  struct artifact_op *ops; /* one a node, until they are counted */
  size_t n_ops, ops_capacity;
  struct artifact_weights weights[N_TYPES + 1];
  struct artifact_file *files;
  size_t n_files, files_capacity;
  nonet_error *error;
};

static nonet_status short_of_memory(const struct walk *walk) {
  return error_memory(walk->error, sizeof(struct artifact_op), "a model's graph");
}

/* Elements of a tensor: case 5. */
static bool elements_of(const Onnx__TensorProto *tensor, uint64_t *n) {
  *n = 1;
  for (size_t i = 0; i < tensor->n_dims; i++) {
    if (tensor->dims[i] < 0 || __builtin_mul_overflow(*n, (uint64_t)tensor->dims[i], n)) {
      return false;
    }
  }
  return *n < (uint64_t)1 << 56;
}

static const char *external_value(const Onnx__TensorProto *tensor, const char *key) {
  for (size_t i = 0; i < tensor->n_external_data; i++) {
    const Onnx__StringStringEntryProto *entry = tensor->external_data[i];
    if (entry->key != NULL && entry->value != NULL && strcmp(entry->key, key) == 0) {
      return entry->value;
    }
  }
  return NULL;
}

/* A whole number; false: there is one and it cannot be read. */
static bool external_number(const Onnx__TensorProto *tensor, const char *key, uint64_t otherwise,
                            uint64_t *number) {
  const char *value = external_value(tensor, key);
  char *end;
  *number = otherwise;
  if (value == NULL) {
    return true;
  }
  errno = 0;
  *number = strtoull(value, &end, 10);
  return *value >= '0' && *value <= '9' && *end == '\0' && errno == 0 &&
         *number < (uint64_t)1 << 62;
}

static nonet_status add_external(struct walk *walk, const Onnx__TensorProto *tensor,
                                 uint64_t *n_bytes) {
  const char *location = external_value(tensor, "location");
  uint64_t offset, length;
  const char *name = tensor->name == NULL ? "" : tensor->name;
  if (location == NULL || !external_number(tensor, "offset", 0, &offset) ||
      !external_number(tensor, "length", *n_bytes, &length)) {
    return error_set(walk->error, NONET_E_DATA,
                     "the tensor '%.80s' is said to lie in another file, and location, offset or "
                     "length is missing or no number",
                     name);
  }
  *n_bytes = length;
  size_t i = 0;
  while (i < walk->n_files && strcmp(walk->files[i].location, location) != 0) {
    i++;
  }
  if (i == walk->n_files) {
    if (!memory_grow((void **)&walk->files, &walk->files_capacity, i + 1, sizeof *walk->files)) {
      return short_of_memory(walk);
    }
    walk->files[i] =
        (struct artifact_file){.location = artifact_keep_text(walk->artifact, location)};
    if (walk->files[i].location == NULL) {
      return short_of_memory(walk);
    }
    walk->n_files++;
  }
  struct artifact_file *file = &walk->files[i];
  file->n_tensors++;
  file->needs_bytes = offset + length > file->needs_bytes ? offset + length : file->needs_bytes;
  return NONET_OK;
}

static nonet_status add_weight(struct walk *walk, const Onnx__TensorProto *tensor) {
  const struct type_name *type = type_of(tensor->data_type);
  uint64_t n;
  if (!elements_of(tensor, &n)) {
    return error_set(walk->error, NONET_E_DATA,
                     "the tensor '%.80s' has a size that is negative or beyond counting",
                     tensor->name == NULL ? "" : tensor->name);
  }
  uint64_t n_bytes = (n * type->bits + 7) / 8;
  nonet_status status = NONET_OK;
  if (tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) {
    status = add_external(walk, tensor, &n_bytes);
  } else if (type->bits == 0) {
    n_bytes = tensor->doc_string == NULL ? 0 : strtoull(tensor->doc_string, NULL, 10);
  }
  size_t row = tensor->data_type >= 0 && (size_t)tensor->data_type < N_TYPES
                   ? (size_t)tensor->data_type
                   : N_TYPES;
  struct artifact_weights *weights = &walk->weights[row];
  weights->type = type->name;
  weights->n_tensors++;
  weights->n_elements += n;
  weights->n_bytes += n_bytes;
  walk->artifact->n_parameters += n;
  return status;
}

static nonet_status walk_graph(struct walk *walk, const Onnx__GraphProto *graph);

static nonet_status walk_attribute(struct walk *walk, const Onnx__AttributeProto *attribute,
                                   bool is_ml) {
  nonet_status status = NONET_OK;
  if (is_ml) {
    walk->artifact->n_parameters += attribute->n_floats;
  }
  if (attribute->g != NULL) {
    status = walk_graph(walk, attribute->g);
  }
  for (size_t i = 0; i < attribute->n_graphs && status == NONET_OK; i++) {
    status = walk_graph(walk, attribute->graphs[i]);
  }
  return status;
}

static nonet_status walk_nodes(struct walk *walk, Onnx__NodeProto **nodes, size_t n) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    const Onnx__NodeProto *node = nodes[i];
    if (!memory_grow((void **)&walk->ops, &walk->ops_capacity, walk->n_ops + 1,
                     sizeof *walk->ops)) {
      return short_of_memory(walk);
    }
    const char *domain = domain_of(node->domain);
    walk->ops[walk->n_ops++] = (struct artifact_op){
        .domain = domain, .type = node->op_type == NULL ? "" : node->op_type, .n = 1};
    const bool is_ml = strcmp(domain, "ai.onnx.ml") == 0;
    for (size_t k = 0; k < node->n_attribute && status == NONET_OK; k++) {
      status = walk_attribute(walk, node->attribute[k], is_ml);
    }
  }
  return status;
}

static nonet_status walk_graph(struct walk *walk, const Onnx__GraphProto *graph) { /* 2 */
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < graph->n_initializer && status == NONET_OK; i++) {
    status = add_weight(walk, graph->initializer[i]);
  }
  for (size_t i = 0; i < graph->n_sparse_initializer && status == NONET_OK; i++) {
    const Onnx__SparseTensorProto *sparse = graph->sparse_initializer[i];
    if (sparse->values != NULL) {
      status = add_weight(walk, sparse->values);
    }
  }
  return status == NONET_OK ? walk_nodes(walk, graph->node, graph->n_node) : status;
}

/* ---- what the walk found, into the artifact ---- */

static int by_name(const void *a, const void *b) {
  const struct artifact_op *x = a, *y = b;
  int order = strcmp(x->domain, y->domain);
  return order != 0 ? order : strcmp(x->type, y->type);
}

static bool is_function(const Onnx__ModelProto *model, const struct artifact_op *op) {
  for (size_t i = 0; i < model->n_functions; i++) {
    const Onnx__FunctionProto *function = model->functions[i];
    if (function->name != NULL && strcmp(function->name, op->type) == 0 &&
        strcmp(domain_of(function->domain), op->domain) == 0) {
      return true;
    }
  }
  return false;
}

static nonet_status settle_ops(struct walk *walk, const Onnx__ModelProto *model) {
  struct artifact *artifact = walk->artifact;
  size_t n = 0;
  artifact->n_nodes = walk->n_ops;
  if (walk->n_ops > 0) {
    qsort(walk->ops, walk->n_ops, sizeof *walk->ops, by_name);
  }
  for (size_t i = 0; i < walk->n_ops; i++) {
    if (n > 0 && by_name(&walk->ops[n - 1], &walk->ops[i]) == 0) {
      walk->ops[n - 1].n++;
    } else {
      walk->ops[n++] = walk->ops[i];
    }
  }
  struct artifact_op *kept = artifact_keep(artifact, n + 1, sizeof *kept);
  for (size_t i = 0; i < n && kept != NULL; i++) {
    kept[i] = walk->ops[i];
    kept[i].is_custom = !is_official(kept[i].domain) && !is_function(model, &kept[i]);
    kept[i].domain = artifact_keep_text(artifact, kept[i].domain);
    kept[i].type = artifact_keep_text(artifact, kept[i].type);
    if (kept[i].domain == NULL || kept[i].type == NULL) {
      return short_of_memory(walk);
    }
  }
  artifact->ops = kept;
  artifact->n_ops = kept == NULL ? 0 : n;
  return kept == NULL ? short_of_memory(walk) : NONET_OK;
}

static nonet_status settle_weights(struct walk *walk) {
  struct artifact *artifact = walk->artifact;
  struct artifact_weights *kept = artifact_keep(artifact, N_TYPES + 1, sizeof *kept);
  if (kept == NULL) {
    return short_of_memory(walk);
  }
  artifact->weights = kept;
  for (size_t i = 0; i <= N_TYPES; i++) {
    if (walk->weights[i].n_tensors > 0) {
      kept[artifact->n_weights++] = walk->weights[i];
    }
  }
  return NONET_OK;
}

/* "a/../b" stays, "../b" and "/b" leave. */
static bool leaves_folder(const char *location) {
  long depth = 0;
  if (*location == '/' || strchr(location, '\\') != NULL) {
    return true;
  }
  for (const char *at = location; *at != '\0'; at += *at == '/') {
    size_t n = strcspn(at, "/");
    if (n == 2 && at[0] == '.' && at[1] == '.') {
      depth--;
    } else if (n > 0 && !(n == 1 && at[0] == '.')) {
      depth++;
    }
    if (depth < 0) {
      return true;
    }
    at += n;
  }
  return depth == 0;
}

static nonet_status settle_files(struct walk *walk, const char *folder) {
  struct artifact *artifact = walk->artifact;
  artifact->files = artifact_keep(artifact, walk->n_files + 1, sizeof *artifact->files);
  if (artifact->files == NULL) {
    return short_of_memory(walk);
  }
  for (size_t i = 0; i < walk->n_files; i++) {
    struct artifact_file file = walk->files[i];
    struct text path = {0};
    struct stat facts;
    text_printf(&path, "%s/%s", folder == NULL ? "" : folder, file.location);
    if (path.failed) {
      text_clear(&path);
      return short_of_memory(walk);
    }
    if (leaves_folder(file.location)) { /* 6 */
      file.state = ARTIFACT_FILE_OUTSIDE;
    } else if (folder == NULL || stat(path.data, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      file.state = ARTIFACT_FILE_MISSING;
    } else {
      file.size_bytes = (uint64_t)facts.st_size;
      file.state = file.size_bytes < file.needs_bytes ? ARTIFACT_FILE_SHORT : ARTIFACT_FILE_PRESENT;
    }
    text_clear(&path);
    artifact->files[artifact->n_files++] = file;
  }
  return NONET_OK;
}

/* ---- inputs and outputs ---- */

static void shape_text(const Onnx__TensorShapeProto *shape, struct text *text) {
  text_append(text, "[");
  for (size_t i = 0; i < shape->n_dim; i++) {
    const Onnx__TensorShapeProto__Dimension *dim = shape->dim[i];
    text_append(text, i == 0 ? "" : ", ");
    if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE) {
      text_printf(text, "%lld", (long long)dim->dim_value);
    } else {
      bool is_named = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM &&
                      dim->dim_param != NULL && *dim->dim_param != '\0';
      text_append(text, is_named ? dim->dim_param : "?");
    }
  }
  text_append(text, "]");
}

static nonet_status read_port(struct walk *walk, const Onnx__ValueInfoProto *info,
                              struct artifact_port *port) {
  struct text text = {0};
  const Onnx__TypeProto *type = info->type;
  *port = (struct artifact_port){.type = "other"};
  if (type != NULL && type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE) {
    const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    port->type = onnx_graph_type(type->tensor_type->elem_type);
    if (shape != NULL) {
      shape_text(shape, &text);
    }
    if (shape != NULL && shape->n_dim > 0 &&
        shape->dim[0]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE) {
      port->batch = shape->dim[0]->dim_value;
    }
  }
  port->name = artifact_keep_text(walk->artifact, info->name == NULL ? "" : info->name);
  port->shape =
      text.failed ? NULL : artifact_keep_text(walk->artifact, text.data == NULL ? "" : text.data);
  text_clear(&text);
  return port->name == NULL || port->shape == NULL ? short_of_memory(walk) : NONET_OK;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names that initialisers fill, sorted: case 3. */
static const char **filled_names(const Onnx__GraphProto *graph, size_t *n) {
  const char **names = memory_new(graph->n_initializer + 1, sizeof *names);
  *n = 0;
  for (size_t i = 0; i < graph->n_initializer && names != NULL; i++) {
    if (graph->initializer[i]->name != NULL) {
      names[(*n)++] = graph->initializer[i]->name;
    }
  }
  if (names != NULL) {
    qsort(names, *n, sizeof *names, by_text);
  }
  return names;
}

static bool is_filled(const char **filled, size_t n_filled, const char *name) {
  return name != NULL && bsearch(&name, filled, n_filled, sizeof *filled, by_text) != NULL;
}

static nonet_status read_ports(struct walk *walk, const Onnx__GraphProto *graph, bool is_input) {
  struct artifact *artifact = walk->artifact;
  size_t n = is_input ? graph->n_input : graph->n_output, n_kept = 0, n_filled;
  const char **filled = filled_names(graph, &n_filled);
  struct artifact_port *ports = artifact_keep(artifact, n + 1, sizeof *ports);
  nonet_status status = ports == NULL || filled == NULL ? short_of_memory(walk) : NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    const Onnx__ValueInfoProto *info = is_input ? graph->input[i] : graph->output[i];
    if (!is_input || !is_filled(filled, n_filled, info->name)) {
      status = read_port(walk, info, &ports[n_kept]);
      n_kept += status == NONET_OK;
    }
  }
  memory_free(filled);
  *(is_input ? &artifact->inputs : &artifact->outputs) = ports;
  *(is_input ? &artifact->n_inputs : &artifact->n_outputs) = n_kept;
  return status;
}

/* ---- what it says of itself ---- */

static bool is_licence(const char *key) {
  return strcasecmp(key, "license") == 0 || strcasecmp(key, "licence") == 0 ||
         strcasecmp(key, "model_license") == 0 || strcasecmp(key, "model_licence") == 0;
}

static nonet_status read_header(struct walk *walk, const Onnx__ModelProto *model) {
  struct artifact *artifact = walk->artifact;
  struct artifact_opset *opsets =
      artifact_keep(artifact, model->n_opset_import + 1, sizeof *opsets);
  struct artifact_fact *facts = artifact_keep(artifact, model->n_metadata_props + 1, sizeof *facts);
  bool is_kept = opsets != NULL && facts != NULL;
  artifact->ir_version = model->ir_version;
  artifact->n_functions = model->n_functions;
  artifact->opsets = opsets;
  artifact->facts = facts;
  for (size_t i = 0; i < model->n_opset_import && is_kept; i++) {
    const Onnx__OperatorSetIdProto *from = model->opset_import[i];
    opsets[i] = (struct artifact_opset){artifact_keep_text(artifact, domain_of(from->domain)),
                                        from->version};
    is_kept = opsets[i].domain != NULL;
    artifact->n_opsets += is_kept;
  }
  for (size_t i = 0; i < model->n_metadata_props && is_kept; i++) {
    const Onnx__StringStringEntryProto *from = model->metadata_props[i];
    facts[i] = (struct artifact_fact){artifact_keep_text(artifact, from->key ? from->key : ""),
                                      artifact_keep_text(artifact, from->value ? from->value : "")};
    is_kept = facts[i].key != NULL && facts[i].value != NULL;
    artifact->n_facts += is_kept;
    artifact->licence = is_kept && is_licence(facts[i].key) ? facts[i].value : artifact->licence;
  }
  const char *producer = model->producer_name, *version = model->producer_version;
  artifact->producer = artifact_keep_text(artifact, producer == NULL ? "" : producer);
  artifact->producer_version = artifact_keep_text(artifact, version == NULL ? "" : version);
  is_kept = is_kept && artifact->producer != NULL && artifact->producer_version != NULL;
  return is_kept ? NONET_OK : short_of_memory(walk);
}

/* ---- together ---- */

struct budget {
  size_t left_bytes;
  bool is_spent;
};

static void *budget_alloc(void *data, size_t size_bytes) { /* 1 */
  struct budget *budget = data;
  if (size_bytes > budget->left_bytes) {
    budget->is_spent = true;
    return NULL;
  }
  budget->left_bytes -= size_bytes;
  return memory_new(1, size_bytes);
}

static void budget_free(void *data, void *block) {
  (void)data;
  memory_free(block);
}

static nonet_status read_model(struct walk *walk, const Onnx__ModelProto *model,
                               const char *folder) {
  nonet_status status = read_header(walk, model);
  if (status == NONET_OK && model->graph == NULL) {
    status = error_set(walk->error, NONET_E_DATA, "no ONNX model: there is no graph in it");
  }
  if (status == NONET_OK) {
    status = walk_graph(walk, model->graph);
  }
  for (size_t i = 0; i < model->n_functions && status == NONET_OK; i++) {
    status = walk_nodes(walk, model->functions[i]->node, model->functions[i]->n_node);
  }
  status = status == NONET_OK ? read_ports(walk, model->graph, true) : status;
  status = status == NONET_OK ? read_ports(walk, model->graph, false) : status;
  status = status == NONET_OK ? settle_ops(walk, model) : status;
  status = status == NONET_OK ? settle_weights(walk) : status;
  status = status == NONET_OK ? settle_files(walk, folder) : status;
  return status == NONET_OK ? onnx_cost(model->graph, walk->artifact, walk->error) : status;
}

nonet_status onnx_graph_read(const void *data, size_t size_bytes, const char *folder,
                             struct artifact *artifact, nonet_error *error) {
  struct text slim = {0};
  struct walk walk = {.artifact = artifact, .error = error};
  Onnx__ModelProto *model = NULL;
  nonet_status status = onnx_skim(data, size_bytes, &slim, error);
  struct budget budget = {.left_bytes = BUDGET_LEAST_BYTES + BUDGET_PER_BYTE * slim.length};
  ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
  if (status == NONET_OK) {
    model = onnx__model_proto__unpack(&allocator, slim.length,
                                      (const uint8_t *)(slim.data == NULL ? "" : slim.data));
    status = model != NULL ? NONET_OK
             : budget.is_spent
                 ? error_set(error, NONET_E_DATA, "its graph unpacks to more than %zu MB: not read",
                             (BUDGET_LEAST_BYTES + BUDGET_PER_BYTE * slim.length) >> 20)
                 : error_set(error, NONET_E_DATA,
                             "no whole ONNX model: its fields do not fit onnx.proto");
  }
  text_clear(&slim);
  if (status == NONET_OK) {
    status = read_model(&walk, model, folder);
  }
  if (model != NULL) {
    onnx__model_proto__free_unpacked(model, &allocator);
  }
  memory_free(walk.ops);
  memory_free(walk.files);
  return status;
}
