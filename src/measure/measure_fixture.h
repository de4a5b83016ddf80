/*
 * For tests: arrays of a caller as a finished summary set, without a table. Group values, when
 * there are any, are one column "g" with as many values as cells.
 */
#ifndef MEASURE_FIXTURE_H
#define MEASURE_FIXTURE_H

#include <string.h>

#include "base/memory.h"
#include "measure/view.h"

/* NULL: the role is absent. Scores are [n][n_scores]. */
struct fixture {
  enum task task;
  size_t n, n_classes, n_scores, n_cells;
  const uint32_t *label, *prediction[N_STREAMS], *cell;
  const double *target, *score[N_STREAMS], *weight;
  const uint64_t *cluster;
  unsigned kinds; /* 0: the tables, moments and rows */
};

static inline nonet_status fixture_roles(const struct fixture *fixture, struct roles *roles) {
  char name[4] = {'c', 0, 0, 0};
  *roles = (struct roles){.task = fixture->task,
                          .n_classes = fixture->n_classes,
                          .threshold = {0.5, 0.5},
                          .n_scores = fixture->n_scores,
                          .has_label = true,
                          .has_weight = fixture->weight != NULL,
                          .has_cluster = fixture->cluster != NULL,
                          .n_cells = fixture->n_cells > 0 ? fixture->n_cells : 1};
  roles->label_column = memory_text("y");
  roles->weight_column = memory_text(fixture->weight != NULL ? "w" : NULL);
  roles->cluster_column = memory_text(fixture->cluster != NULL ? "k" : NULL);
  roles->classes = memory_zeroed(fixture->n_classes + 1, sizeof *roles->classes);
  for (size_t c = 0; c < fixture->n_classes; c++) {
    name[1] = (char)('0' + c / 10);
    name[2] = (char)('0' + c % 10);
    roles->classes[c] = memory_text(name);
  }
  for (int s = 0; s < N_STREAMS; s++) {
    roles->has_score[s] = fixture->score[s] != NULL;
    roles->has_prediction[s] = fixture->prediction[s] != NULL;
    roles->prediction_given[s] = roles->has_prediction[s];
    roles->prediction_column[s] =
        memory_text(roles->has_prediction[s] ? (s == 0 ? "a" : "b") : NULL);
    if (roles->has_score[s]) {
      roles->score_columns[s] = memory_zeroed(fixture->n_scores + 1, sizeof **roles->score_columns);
      for (size_t k = 0; k < fixture->n_scores; k++) {
        name[1] = (char)('a' + k % 26);
        name[2] = (char)(s == 0 ? 'a' : 'b');
        roles->score_columns[s][k] = memory_text(name);
      }
    }
  }
  if (roles->n_cells > 1) {
    roles->n_groups = 1;
    roles->groups = memory_zeroed(1, sizeof *roles->groups);
    roles->groups->column = memory_text("g");
    roles->groups->n_values = roles->n_cells;
    roles->groups->values = memory_zeroed(roles->n_cells, sizeof *roles->groups->values);
    roles->cell_values = memory_zeroed(roles->n_cells, sizeof *roles->cell_values);
    for (size_t c = 0; c < roles->n_cells; c++) {
      name[1] = (char)('0' + c / 10);
      name[2] = (char)('0' + c % 10);
      roles->groups->values[c] = memory_text(name);
      roles->cell_values[c] = (uint32_t)c;
    }
  }
  return NONET_OK;
}

/* A finished set; summary_free by the caller. */
static inline nonet_status fixture_set(const struct fixture *fixture, struct summary_set **set,
                                       nonet_error *error) {
  struct roles roles;
  struct summary_options options = {
      .kinds = fixture->kinds != 0 ? fixture->kinds
                                   : SUMMARY_COUNT_TABLE | SUMMARY_MOMENTS | SUMMARY_MULTISET,
      .n_workers = 1,
      .quantile = 0.5};
  nonet_status status = fixture_roles(fixture, &roles);
  *set = NULL;
  if (status == NONET_OK) {
    status = summary_new(&roles, &options, set, error);
  }
  for (size_t from = 0; from < fixture->n && status == NONET_OK; from += ROLE_BATCH_ROWS) {
    size_t n = fixture->n - from < ROLE_BATCH_ROWS ? fixture->n - from : ROLE_BATCH_ROWS;
    struct role_batch batch = {.n_rows = n,
                               .label = fixture->label != NULL ? fixture->label + from : NULL,
                               .target = fixture->target != NULL ? fixture->target + from : NULL,
                               .cell = fixture->cell != NULL ? fixture->cell + from : NULL,
                               .weight = fixture->weight != NULL ? fixture->weight + from : NULL,
                               .cluster =
                                   fixture->cluster != NULL ? fixture->cluster + from : NULL};
    for (int s = 0; s < N_STREAMS; s++) {
      batch.score[s] =
          fixture->score[s] != NULL ? fixture->score[s] + from * fixture->n_scores : NULL;
      batch.prediction[s] = fixture->prediction[s] != NULL ? fixture->prediction[s] + from : NULL;
    }
    status = summary_add(*set, &batch, error);
  }
  if (status == NONET_OK) {
    status = summary_finish(*set, 1, NULL, error);
  }
  roles_clear(&roles);
  return status;
}

static const struct view_options fixture_options = {
    .seed = 1, .n_replicates = 1000, .n_threads = 2, .level = 0.95, .quantile = 0.5};

/* A view of all cells (or one class); view_clear by the caller. */
static inline nonet_status fixture_view(const struct summary_set *set, int class_index,
                                        struct view *view, nonet_error *error) {
  bool in_scope[256];
  memset(in_scope, true, sizeof in_scope);
  return view_init(set, in_scope, class_index, &fixture_options, view, error);
}

#endif
