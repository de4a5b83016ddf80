/* What a graph asks for: values, the words a person acts on, and what a booster has none of. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "measure/measure_fixture.h"
#include "measure/records.h"

static const struct measure_variant plain = {.suffix = ""};

struct scene {
  struct summary_set *set;
  struct view view;
  struct probe_answers answers;
};

static void scene_init(struct scene *scene) {
  static const uint32_t y[] = {0, 1}, p[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {p, p}};
  *scene = (struct scene){0};
  assert_int_equal(fixture_set(&fixture, &scene->set, NULL), NONET_OK);
  assert_int_equal(fixture_view(scene->set, -1, &scene->view, NULL), NONET_OK);
  scene->view.answers = &scene->answers;
  for (int s = 0; s < N_STREAMS; s++) {
    scene->answers.stream[s].state[PROBE_ARTIFACT].status = PROBE_ANSWERED;
    scene->answers.stream[s].artifact = (struct probe_artifact){.is_read = true, .is_graph = true};
  }
}

static void scene_clear(struct scene *scene) {
  view_clear(&scene->view);
  summary_free(scene->set);
}

static struct inference estimate(struct scene *scene, const struct measure *measure) {
  struct inference law;
  scene->view.n_notes = 0;
  assert_int_equal(measure->estimate(measure, &plain, &scene->view, STREAM_A, &law, NULL),
                   NONET_OK);
  return law;
}

static struct inference compare(struct scene *scene, const struct measure *measure) {
  struct inference law;
  scene->view.n_notes = 0;
  assert_int_equal(measure->compare(measure, &plain, &scene->view, &law, NULL), NONET_OK);
  return law;
}

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
