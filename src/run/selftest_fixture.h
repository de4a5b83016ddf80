/* For the tests of the self-test: 600 rows of two models of unequal skill and different scales. */
#ifndef RUN_SELFTEST_FIXTURE_H
#define RUN_SELFTEST_FIXTURE_H

#include <math.h>

#include "base/philox.h"
#include "measure/catalogue.h"
#include "measure/measure_fixture.h"
#include "run/swapped.h"
#include "stats/distribution.h"

#define N 600

static uint32_t label[N], cell[N], prediction[N_STREAMS][N];
static double score[N_STREAMS][N];
static uint64_t cluster[N];
static const bool everywhere[] = {true, true, true, true};

static inline struct fixture binary_rows(void) {
  struct philox_sequence random = {.seed = 8, .id = 1};
  for (size_t i = 0; i < N; i++) {
    const double x = distribution_normal_quantile(philox_next_uniform(&random));
    label[i] = philox_next_uniform(&random) < 1 / (1 + exp(-x));
    cell[i] = i % 2;
    cluster[i] = i / 3;
    for (int s = 0; s < N_STREAMS; s++) {
      const double noise = distribution_normal_quantile(philox_next_uniform(&random));
      score[s][i] = 1 / (1 + exp(-(x + (0.5 + 0.5 * s) * noise) * (1 + s)));
      prediction[s][i] = score[s][i] >= 0.5;
    }
  }
  return (struct fixture){.task = TASK_BINARY,
                          .n = N,
                          .n_classes = 2,
                          .n_scores = 1,
                          .n_cells = 2,
                          .label = label,
                          .cell = cell,
                          .prediction = {prediction[0], prediction[1]},
                          .score = {score[0], score[1]}};
}

static inline struct summary_set *make_set(const struct fixture *fixture) {
  struct summary_set *set;
  nonet_error error;
  if (fixture_set(fixture, &set, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  return set;
}

static inline struct catalogue_pick *pick_of(const char *id, enum task task) {
  struct catalogue_pick *picks = NULL;
  size_t n = 0;
  assert_int_equal(catalogue_select(id, task, &picks, &n, NULL, NULL), NONET_OK);
  assert_true(n >= 1);
  return picks;
}

#endif
