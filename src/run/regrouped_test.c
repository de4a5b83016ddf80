/* Exchanged groups: every stratum keeps its groups, units move whole, and the gap of what is made
 * is 0 on average. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/regrouped.h"
#include "run/selftest_fixture.h"
#include "stats/near_check.h"

struct scene {
  struct summary_set *set;
  struct swapped_rows rows;
  struct swapped swapped;
  struct regrouped regrouped;
};

static void open_scene(const struct fixture *fixture, enum regrouped_within within,
                       struct scene *scene) {
  *scene = (struct scene){.set = make_set(fixture)};
  assert_int_equal(swapped_rows_read(scene->set, 1, &scene->rows, NULL), NONET_OK);
  assert_int_equal(swapped_init(&scene->swapped, &scene->rows, NULL), NONET_OK);
  assert_int_equal(regrouped_init(&scene->regrouped, &scene->rows, within, NULL), NONET_OK);
}

static void close_scene(struct scene *scene) {
  regrouped_clear(&scene->regrouped);
  swapped_clear(&scene->swapped);
  swapped_rows_clear(&scene->rows);
  summary_free(scene->set);
}

/* Rows by cell and label, of what is given and of what was drawn. */
static void count(const struct swapped_rows *rows, const uint32_t *cells, size_t by[4][2]) {
  memset(by, 0, 4 * sizeof *by);
  for (size_t i = 0; i < rows->n; i++) {
    by[cells[i]][rows->label[i]]++;
  }
}

static void test_a_class_keeps_its_groups(void **state) {
  const struct fixture fixture = binary_rows();
  struct scene scene;
  open_scene(&fixture, WITHIN_CLASS, &scene);
  size_t was[4][2], is[4][2], n_moved = 0;
  (void)state;
  assert_int_equal(scene.regrouped.n_units, N);
  assert_int_equal(scene.regrouped.n_strata, 2);
  count(&scene.rows, scene.rows.cell, was);
  for (uint64_t r = 0; r < 5; r++) {
    assert_int_equal(regrouped_draw(&scene.regrouped, 3, r, &scene.swapped, NULL), NONET_OK);
    count(&scene.rows, scene.swapped.cell, is);
    assert_memory_equal(was, is, 2 * sizeof *was);
    for (size_t i = 0; i < N; i++) {
      n_moved += scene.swapped.cell[i] != scene.rows.cell[i];
      assert_int_equal(scene.swapped.prediction[0][i], scene.rows.prediction[0][i]);
    }
  }
  assert_in_range(n_moved, 5 * N * 2 / 5, 5 * N * 3 / 5); /* half of them, of two equal groups */
  close_scene(&scene);
}

/* Clusters of 6 rows of one group: they keep together, and so many move to the other group. */
static void test_clusters_move_whole(void **state) {
  static uint64_t six[N];
  static uint32_t group[N];
  struct fixture fixture = binary_rows();
  size_t n_moved = 0;
  (void)state;
  for (size_t i = 0; i < N; i++) {
    six[i] = i / 6;
    group[i] = i / 6 % 2;
  }
  fixture.cluster = six;
  fixture.cell = group;
  struct scene scene;
  open_scene(&fixture, WITHIN_CLASS, &scene);
  assert_int_equal(scene.regrouped.n_units, N / 6);
  assert_int_equal(scene.regrouped.n_strata, 1); /* their classes are mixed */
  assert_int_equal(regrouped_draw(&scene.regrouped, 3, 1, &scene.swapped, NULL), NONET_OK);
  for (size_t i = 0; i < N; i++) {
    n_moved += scene.swapped.cell[i] != scene.rows.cell[i];
    for (size_t j = 0; j < i; j++) {
      assert_true(scene.rows.cluster[i] != scene.rows.cluster[j] ||
                  scene.swapped.cell[i] == scene.swapped.cell[j]);
    }
  }
  assert_in_range(n_moved, N / 4, 3 * N / 4);
  close_scene(&scene);
}

/* Cells are group · 2 + stratum: a row never leaves its stratum of the control column. */
static void test_controls_stay(void **state) {
  static uint32_t cells[N];
  struct fixture fixture = binary_rows();
  size_t n_moved = 0;
  (void)state;
  for (size_t i = 0; i < N; i++) {
    cells[i] = (uint32_t)(i % 4);
  }
  fixture.cell = cells;
  fixture.n_cells = 4;
  fixture.n_strata = 2;
  struct scene scene;
  open_scene(&fixture, WITHIN_CONTROLS, &scene);
  assert_int_equal(scene.regrouped.n_strata, 2);
  assert_int_equal(regrouped_draw(&scene.regrouped, 3, 1, &scene.swapped, NULL), NONET_OK);
  for (size_t i = 0; i < N; i++) {
    assert_int_equal(scene.swapped.cell[i] % 2, scene.rows.cell[i] % 2);
    n_moved += scene.swapped.cell[i] != scene.rows.cell[i];
  }
  assert_in_range(n_moved, N / 4, 3 * N / 4);
  close_scene(&scene);
}

/* A model that is right in one group and wrong in the other: the signed difference of the groups'
 * accuracies, 1 as it is, is 0 on average over 400 draws, to 4 standard errors of
 * 2·√(1/4/(N − 1))/√400, and varies as a permutation's: 4·(1/4)/(N − 1), to 4 of √(2/400). */
static void test_the_gap_vanishes(void **state) {
  struct fixture fixture = binary_rows();
  double sum = 0.0, squares = 0.0;
  (void)state;
  for (size_t i = 0; i < N; i++) {
    prediction[0][i] = cell[i] == 0 ? label[i] : 1 - label[i];
  }
  fixture.score[0] = fixture.score[1] = NULL;
  fixture.n_scores = 0;
  struct scene scene;
  open_scene(&fixture, WITHIN_ALL, &scene);
  for (uint64_t r = 0; r < 400; r++) {
    double right[2] = {0.0, 0.0}, of[2] = {0.0, 0.0};
    assert_int_equal(regrouped_draw(&scene.regrouped, 9, r, &scene.swapped, NULL), NONET_OK);
    for (size_t i = 0; i < N; i++) {
      of[scene.swapped.cell[i]]++;
      right[scene.swapped.cell[i]] += scene.swapped.prediction[0][i] == scene.rows.label[i];
    }
    const double gap = right[0] / of[0] - right[1] / of[1];
    sum += gap;
    squares += gap * gap;
  }
  assert_true(fabs(sum / 400) < 4 * 2 * sqrt(0.25 / (N - 1)) / 20);
  CLOSE(squares / 400 * (N - 1), 1, 4 * sqrt(2.0 / 400));
  close_scene(&scene);
}

/* Every gap of the table exists, and what is no gap is not in it. */
static void test_what_is_a_gap(void **state) {
  struct catalogue_pick *gap = pick_of("fairness.equalized_odds_difference", TASK_BINARY);
  struct catalogue_pick *worst = pick_of("fairness.worst_group", TASK_BINARY);
  (void)state;
  assert_int_equal(regrouped_gap_of(gap->measure, &gap->variant)->within, WITHIN_CLASS);
  assert_null(regrouped_gap_of(worst->measure, &worst->variant));
  memory_free(gap);
  memory_free(worst);
}

/* Rows of clusters, groups and controls, with each allocation failing once. */
static void test_without_memory(void **state) {
  static const enum regrouped_within withins[] = {WITHIN_ALL, WITHIN_CLASS, WITHIN_CONTROLS};
  static uint32_t cells[N];
  static uint64_t pairs[N];
  struct fixture fixture = binary_rows();
  (void)state;
  for (size_t i = 0; i < N; i++) {
    cells[i] = (uint32_t)(i % 4);
    pairs[i] = i / 2;
  }
  fixture.cell = cells;
  fixture.cluster = pairs;
  fixture.n_cells = 4;
  fixture.n_strata = 2;
  struct scene scene;
  open_scene(&fixture, WITHIN_ALL, &scene);
  for (size_t w = 0; w < 3; w++) {
    long k = 0;
    for (bool done = false; !done; k++) {
      struct regrouped regrouped;
      nonet_error error = {{0}};
      memory_fail_after(k);
      nonet_status status = regrouped_init(&regrouped, &scene.rows, withins[w], &error);
      if (status == NONET_OK) {
        status = regrouped_draw(&regrouped, 3, 1, &scene.swapped, &error);
      }
      done = memory_fail_after(-1) <= k;
      assert_int_equal(status, done ? NONET_OK : NONET_E_MEMORY);
      assert_int_equal(error.message[0] != 0, !done);
      regrouped_clear(&regrouped);
    }
    assert_true(k > 7);
  }
  close_scene(&scene);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_class_keeps_its_groups),
                                     cmocka_unit_test(test_clusters_move_whole),
                                     cmocka_unit_test(test_controls_stay),
                                     cmocka_unit_test(test_the_gap_vanishes),
                                     cmocka_unit_test(test_what_is_a_gap),
                                     cmocka_unit_test(test_without_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
