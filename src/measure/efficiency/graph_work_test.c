/* Work read in a file: its value, a lower bound that says so, a file that is not read. */
#include "measure/artifact_fixture.h"

static void test_work(void **state) {
  (void)state;
  struct scene scene;
  scene_init(&scene);
  struct probe_artifact *a = &scene.answers.stream[0].artifact,
                        *b = &scene.answers.stream[1].artifact;
  a->n_parameters = 100;
  a->flops = 1000;
  a->traffic_bytes = 4000;
  b->flops = 1500;
  struct inference law = estimate(&scene, &efficiency_parameters);
  assert_true(law.kind == INFERENCE_EXACT && law.value == 100);
  assert_true(estimate(&scene, &efficiency_memory_traffic).value == 4000);
  law = compare(&scene, &efficiency_flops);
  assert_true(law.value == -500 && law.pair_value[STREAM_A] == 1000 && law.pair_variance[0] == 0);
  assert_int_equal(scene.view.n_notes, 0);
  b->is_bound = true;
  strcpy(b->not_counted, "Loop");
  assert_true(compare(&scene, &efficiency_flops).value == -500);
  assert_string_equal(scene.view.note[0], "a lower bound of the baseline: not counted are Loop");
  (void)compare(&scene, &efficiency_parameters);
  assert_int_equal(scene.view.n_notes, 0);
  a->is_read = false;
  strcpy(a->unread, "files of kind 'plugin' are not read");
  law = estimate(&scene, &efficiency_flops);
  assert_true(law.kind == INFERENCE_MISSING && isnan(law.value));
  scene_clear(&scene);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_work)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
