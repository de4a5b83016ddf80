/*
 * For tests: rows of groups as a finished summary set, with the groups of its one column "g"
 * (values c00, c01 …).
 */
#ifndef FAIRNESS_FIXTURE_H
#define FAIRNESS_FIXTURE_H

#include "measure/measure_fixture.h"

#define FAIRNESS_MOST 5000

struct fairness_rows {
  uint32_t label[FAIRNESS_MOST], a[FAIRNESS_MOST], b[FAIRNESS_MOST], cell[FAIRNESS_MOST];
  double weight[FAIRNESS_MOST];
  size_t n;
};
static struct fairness_rows fairness_rows;

/* `times` rows of group g with this label and these predictions. */
static inline void fairness_add(uint32_t g, uint32_t y, uint32_t of_a, uint32_t of_b,
                                size_t times) {
  struct fairness_rows *rows = &fairness_rows;
  for (size_t i = 0; i < times; i++, rows->n++) {
    rows->label[rows->n] = y;
    rows->a[rows->n] = of_a;
    rows->b[rows->n] = of_b;
    rows->cell[rows->n] = g;
    rows->weight[rows->n] = 1;
  }
}

struct fairness_case {
  struct summary_set *set;
  struct view view;
  struct view_column column;
};

/* n_strata > 0: what fairness_add took for a group is group · n_strata + stratum. */
static inline struct fairness_case fairness_open_strata(size_t n_groups, size_t n_strata,
                                                        bool is_weighted) {
  struct fairness_case made = {0};
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = fairness_rows.n,
                                  .n_classes = 2,
                                  .n_cells = n_groups * (n_strata > 0 ? n_strata : 1),
                                  .n_strata = n_strata,
                                  .label = fairness_rows.label,
                                  .prediction = {fairness_rows.a, fairness_rows.b},
                                  .cell = fairness_rows.cell,
                                  .weight = is_weighted ? fairness_rows.weight : NULL};
  assert_int_equal(fixture_set(&fixture, &made.set, NULL), NONET_OK);
  assert_int_equal(fixture_view(made.set, -1, &made.view, NULL), NONET_OK);
  assert_int_equal(view_column_init(&made.view, 1, &made.column, NULL), NONET_OK);
  return made;
}

static inline struct fairness_case fairness_open(size_t n_groups, bool is_weighted) {
  return fairness_open_strata(n_groups, 0, is_weighted);
}

static inline void fairness_close(struct fairness_case *made) {
  view_column_clear(&made->column);
  view_clear(&made->view);
  summary_free(made->set);
}

/* stream N_STREAMS: the paired difference. */
static inline struct inference fairness_law_of(struct fairness_case *made,
                                               const struct measure *measure,
                                               const struct measure_variant *variant, int stream) {
  struct inference law = inference_none("none");
  made->view.column = &made->column;
  made->view.n_notes = 0;
  assert_int_equal(stream < N_STREAMS
                       ? measure->estimate(measure, variant, &made->view, stream, &law, NULL)
                       : measure->compare(measure, variant, &made->view, &law, NULL),
                   NONET_OK);
  return law;
}

static inline struct inference fairness_law(struct fairness_case *made,
                                            const struct measure *measure, int stream) {
  static const struct measure_variant plain = {.suffix = ""};
  return fairness_law_of(made, measure, &plain, stream);
}

#endif
