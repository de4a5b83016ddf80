/* Weights are left out, what the graph needs stays, and damage is an error. */
#include <cmocka.h>

#include "artifact/onnx_kit.h"
#include "artifact/onnx_skim.h"

static void test_weights_are_left_out(void **state) {
  (void)state;
  static uint8_t payload[100000];
  int64_t dims[] = {25000};
  Onnx__TensorProto tensor = kit_tensor("w", dims, 1, NULL, 0), *tensors = &tensor;
  Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
  Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT, *slim_model;
  struct text slim = {0};
  nonet_error error;
  tensor.has_raw_data = 1;
  tensor.raw_data.data = payload;
  tensor.raw_data.len = sizeof payload;
  tensor.doc_string = "for people";
  graph.n_initializer = 1;
  graph.initializer = &tensors;
  model.graph = &graph;
  size_t n = onnx__model_proto__get_packed_size(&model);
  uint8_t *bytes = memory_new(n, 1);
  onnx__model_proto__pack(&model, bytes);
  assert_int_equal(onnx_skim(bytes, n, &slim, &error), NONET_OK);
  assert_true(slim.length < 100);
  slim_model = onnx__model_proto__unpack(NULL, slim.length, (const uint8_t *)slim.data);
  assert_non_null(slim_model);
  const Onnx__TensorProto *found = slim_model->graph->initializer[0];
  assert_string_equal(found->name, "w");
  assert_int_equal(found->dims[0], 25000);
  assert_false(found->has_raw_data);
  assert_string_equal(found->doc_string, "100000");
  onnx__model_proto__free_unpacked(slim_model, NULL);
  /* cut at every place near the start, and one byte before the end */
  for (size_t cut = 1; cut < n; cut = cut < 60 ? cut + 1 : cut == n - 1 ? n : n - 1) {
    slim.length = 0;
    if (cut != 1) { /* one byte is a tag without its length */
      assert_int_equal(onnx_skim(bytes, cut, &slim, &error), NONET_E_DATA);
      assert_non_null(strstr(error.message, "at byte"));
    }
  }
  memory_free(bytes);
  text_clear(&slim);
}

/* Graphs in graphs, three messages each: 20 fit into 64, 30 do not. */
static void test_depth(void **state) {
  (void)state;
  Onnx__GraphProto graph[31];
  Onnx__NodeProto node[31], *nodes[31];
  Onnx__AttributeProto attribute[31], *attributes[31];
  Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
  for (int i = 0; i < 31; i++) {
    onnx__graph_proto__init(&graph[i]);
    onnx__node_proto__init(&node[i]);
    onnx__attribute_proto__init(&attribute[i]);
    nodes[i] = &node[i];
    attributes[i] = &attribute[i];
    if (i > 0) {
      attribute[i].g = &graph[i - 1];
      node[i].n_attribute = 1;
      node[i].attribute = &attributes[i];
      graph[i].n_node = 1;
      graph[i].node = &nodes[i];
    }
  }
  for (int depth = 20; depth <= 30; depth += 10) {
    struct text slim = {0};
    nonet_error error;
    model.graph = &graph[depth];
    size_t n = onnx__model_proto__get_packed_size(&model);
    uint8_t *bytes = memory_new(n, 1);
    onnx__model_proto__pack(&model, bytes);
    assert_int_equal(onnx_skim(bytes, n, &slim, &error), depth == 20 ? NONET_OK : NONET_E_DATA);
    if (depth == 30) {
      assert_non_null(strstr(error.message, "more than 64 messages"));
    }
    memory_free(bytes);
    text_clear(&slim);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weights_are_left_out),
      cmocka_unit_test(test_depth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
