/* Work read in a file: its value, a lower bound that says so, a file that is not read. */
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
