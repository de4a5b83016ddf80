/* What a graph asks for: values, the words a person acts on, and what a booster has none of. */
#include "measure/artifact_fixture.h"

static void test_values(void **state) {
  (void)state;
  struct scene scene;
  scene_init(&scene);
  struct probe_artifact *a = &scene.answers.stream[0].artifact;
  a->opset = 21;
  a->opset_ml = 3;
  a->ir_version = 10;
  a->first_minor = 18;
  a->runtime_minor = 32;
  a->n_nodes = 8;
  a->n_known = 6;
  a->n_custom = 2;
  strcpy(a->custom, "com.acme:Fancy");
  a->n_external = 2;
  a->n_external_bad = 1;
  a->external_bytes = 30;
  strcpy(a->external, "w.bin is missing (20 bytes expected)");
  a->batch = 16;
  a->flops = 200;
  a->quantisable_flops = 150;
  a->has_producer = a->has_version = true;
  assert_true(estimate(&scene, &deployability_opset_range).value == 21);
  assert_string_equal(scene.view.note[0],
                      "opset 21, ai.onnx.ml 3, IR 10: needs ONNX Runtime 1.18 or newer");
  assert_true(estimate(&scene, &deployability_custom_ops).value == 2);
  assert_string_equal(scene.view.note[0],
                      "needs a library of custom operators wherever it runs: com.acme:Fancy");
  assert_true(estimate(&scene, &deployability_external_data).value == 1);
  assert_string_equal(scene.view.note[0],
                      "2 files of external data, 30 bytes; w.bin is missing (20 bytes expected)");
  assert_true(estimate(&scene, &deployability_dynamic_batch).value == 0);
  assert_string_equal(scene.view.note[0],
                      "an input is fixed to 16 rows a call; export it with an open first axis");
  assert_true(estimate(&scene, &deployability_op_coverage).value == 0.75);
  assert_true(estimate(&scene, &deployability_quantisation_readiness).value == 0.75);
  assert_true(estimate(&scene, &deployability_provenance).value == 0.5);
  assert_string_equal(scene.view.note[0], "not stated: licence metadata of its own");
  assert_true(compare(&scene, &deployability_opset_range).value == 21);
  assert_true(compare(&scene, &deployability_dynamic_batch).value == -1);
  a->first_minor = 0;
  (void)estimate(&scene, &deployability_opset_range);
  assert_non_null(strstr(scene.view.note[0], "newer than every release"));
  scene_clear(&scene);
}

static void test_not_applicable(void **state) {
  (void)state;
  struct scene scene;
  scene_init(&scene);
  struct probe_artifact *a = &scene.answers.stream[0].artifact;
  assert_int_equal(estimate(&scene, &deployability_quantisation_readiness).kind, INFERENCE_MISSING);
  assert_int_equal(estimate(&scene, &deployability_op_coverage).kind, INFERENCE_MISSING);
  a->is_graph = false;
  assert_int_equal(estimate(&scene, &deployability_opset_range).kind, INFERENCE_MISSING);
  assert_int_equal(estimate(&scene, &deployability_provenance).kind, INFERENCE_EXACT);
  a->is_read = false;
  assert_int_equal(estimate(&scene, &deployability_provenance).kind, INFERENCE_MISSING);
  scene_clear(&scene);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                     cmocka_unit_test(test_not_applicable)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
