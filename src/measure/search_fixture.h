/* For tests of searches: rows with features of small whole numbers, as a view with a frame. */
#ifndef SEARCH_FIXTURE_H
#define SEARCH_FIXTURE_H

#include <stdio.h>

#include "base/philox.h"
#include "measure/measure_fixture.h"

#define SEARCH_ROWS 4000
#define SEARCH_FEATURES 8
#define SEARCH_CLASSES 3

struct search_fixture {
  enum task task;
  size_t n, n_features;
  size_t n_classes; /* multiclass: at most SEARCH_CLASSES, the scores class by class */
  uint32_t label[SEARCH_ROWS], prediction[SEARCH_ROWS];
  double score[SEARCH_ROWS * SEARCH_CLASSES], target[SEARCH_ROWS], weight[SEARCH_ROWS];
  uint64_t cluster[SEARCH_ROWS], key[SEARCH_ROWS];
  double feature[SEARCH_FEATURES][SEARCH_ROWS];
  bool has_weight, has_cluster;
  uint64_t seed; /* of the halves */
  size_t n_threads;
  /* made */
  char name[SEARCH_FEATURES][4];
  struct frame_column column[SEARCH_FEATURES];
  struct frame frame;
  struct view_options options;
  struct summary_set *set;
  struct view view;
};

static inline nonet_status search_open(struct search_fixture *made, nonet_error *error) {
  const bool is_number = made->task == TASK_REGRESSION;
  const size_t n_scores = made->task == TASK_MULTICLASS ? made->n_classes : 1;
  const struct fixture fixture = {.task = made->task,
                                  .n = made->n,
                                  .n_classes = is_number       ? 0
                                               : n_scores == 1 ? 2
                                                               : n_scores,
                                  .n_scores = n_scores,
                                  .label = is_number ? NULL : made->label,
                                  .prediction = {is_number ? NULL : made->prediction},
                                  .target = is_number ? made->target : NULL,
                                  .score = {made->score},
                                  .weight = made->has_weight ? made->weight : NULL,
                                  .cluster = made->has_cluster ? made->cluster : NULL};
  for (size_t c = 0; c < made->n_features; c++) {
    snprintf(made->name[c], sizeof made->name[c], "x%zu", c);
    made->column[c] = (struct frame_column){
        .name = made->name[c], .kind = FRAME_NUMBER, .number = made->feature[c]};
  }
  made->frame = (struct frame){.n_source = made->n,
                               .n_rows = made->n,
                               .n_columns = made->n_features,
                               .columns = made->column,
                               .key = made->key,
                               .label = is_number ? NULL : made->label,
                               .target = is_number ? made->target : NULL,
                               .n_scores = n_scores,
                               .score = {made->score},
                               .prediction = {is_number ? NULL : made->prediction},
                               .weight = made->has_weight ? made->weight : NULL,
                               .cluster = made->has_cluster ? made->cluster : NULL};
  made->options = (struct view_options){
      .seed = made->seed, .n_replicates = 100, .n_threads = made->n_threads, .level = 0.95};
  static const bool all[] = {true};
  nonet_status status = fixture_set(&fixture, &made->set, error);
  if (status == NONET_OK) {
    status = view_init(made->set, all, -1, &made->options, &made->view, error);
    made->view.frame = &made->frame;
  }
  return status;
}

static inline void search_close(struct search_fixture *made) {
  view_clear(&made->view);
  summary_free(made->set);
  made->set = NULL;
}

/* Features 0 … n_values − 1, a key for each row. */
static inline void search_draw(struct search_fixture *made, size_t n, size_t n_features,
                               size_t n_values, struct philox_sequence *random) {
  made->n = n;
  made->n_features = n_features;
  for (size_t i = 0; i < n; i++) {
    made->key[i] = i;
    made->cluster[i] = i / 20;
    made->weight[i] = 1;
    for (size_t c = 0; c < n_features; c++) {
      made->feature[c][i] = (double)(size_t)(philox_next_uniform(random) * (double)n_values);
    }
  }
}

#endif
