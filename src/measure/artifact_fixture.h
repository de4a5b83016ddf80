/* For the tests of measures that read what a model's file says: two graphs that were read, of two
 * models over two rows; what they say is the test's to fill in. */
#ifndef MEASURE_ARTIFACT_FIXTURE_H
#define MEASURE_ARTIFACT_FIXTURE_H

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

#endif
