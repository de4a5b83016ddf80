/*
 * For the simulations of this folder: rows of groups, in clusters and with weights, as a finished
 * set with the groups of its one column; and how often bounds miss.
 *
 * Rows of a cluster are alike by a copy: with probability COPIES a row takes its cluster's uniform
 * number, else its own. Every uniform is uniform, so that a share keeps its rate exactly, and two
 * rows of a cluster have a correlation of COPIES².
 */
#ifndef FAIRNESS_SIMULATE_H
#define FAIRNESS_SIMULATE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/philox.h"
#include "measure/law.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

#define SIMULATE_MOST 60000
#define COPIES 0.45

static struct {
  uint32_t label[SIMULATE_MOST], prediction[N_STREAMS][SIMULATE_MOST], cell[SIMULATE_MOST];
  double score[N_STREAMS][SIMULATE_MOST], weight[SIMULATE_MOST];
  uint64_t cluster[SIMULATE_MOST];
  size_t n;
} simulated;

static struct philox_sequence simulate_random = {.seed = 1, .id = 900};
static int simulate_failed;

static inline double simulate_uniform(void) {
  return philox_next_uniform(&simulate_random);
}

/* The cluster's number or an own one. */
static inline double simulate_copy(double of_cluster) {
  return simulate_uniform() < COPIES ? of_cluster : simulate_uniform();
}

/* From the least for the first group to ten times that for the last, evenly on the log scale. */
static inline size_t simulate_size(size_t least, size_t g, size_t n_groups) {
  return (size_t)round((double)least * pow(10, (double)g / ((double)n_groups - 1)));
}

struct simulate_case {
  struct summary_set *set;
  struct view view;
  struct view_column column;
};

struct simulate_roles {
  size_t n_cells, n_strata;
  bool has_weight, has_cluster, has_score, is_pair;
};

static inline int simulate_open(const struct simulate_roles *roles, struct simulate_case *made) {
  struct fixture fixture = {.task = TASK_BINARY,
                            .n = simulated.n,
                            .n_classes = 2,
                            .n_scores = roles->has_score,
                            .n_cells = roles->n_cells,
                            .n_strata = roles->n_strata,
                            .label = simulated.label,
                            .cell = simulated.cell,
                            .weight = roles->has_weight ? simulated.weight : NULL,
                            .cluster = roles->has_cluster ? simulated.cluster : NULL};
  for (int s = 0; s < (roles->is_pair ? 2 : 1); s++) {
    fixture.prediction[s] = simulated.prediction[s];
    fixture.score[s] = roles->has_score ? simulated.score[s] : NULL;
  }
  *made = (struct simulate_case){0};
  if (fixture_set(&fixture, &made->set, NULL) != NONET_OK ||
      fixture_view(made->set, -1, &made->view, NULL) != NONET_OK ||
      view_column_init(&made->view, 1, &made->column, NULL) != NONET_OK) {
    return 0;
  }
  made->view.column = &made->column;
  return 1;
}

static inline void simulate_close(struct simulate_case *made) {
  view_column_clear(&made->column);
  view_clear(&made->view);
  summary_free(made->set);
}

/* ---- how often ---- */

struct simulate_tally {
  double runs, missing, below, above, width; /* below: the truth lies below the interval */
};

static inline void simulate_count(struct simulate_tally *tally, const struct inference *law,
                                  double truth) {
  double low, high;
  inference_bounds(law, 0.95, &low, &high);
  if (isnan(low) || isnan(high)) {
    tally->missing++;
    return;
  }
  tally->runs++;
  tally->below += truth < low - 1e-12;
  tally->above += truth > high + 1e-12;
  tally->width += high - low;
}

/* A rate may be what is promised, and 3 Monte-Carlo standard errors more. */
static inline int simulate_is_above(double share, double promised, double runs) {
  return share > promised + 3 * sqrt(promised * (1 - promised) / runs);
}

/* Each side is promised .025, or `side` where a known shortfall says so. */
static inline void simulate_report(const char *what, const struct simulate_tally *tally,
                                   double side) {
  const double n = tally->runs;
  const int failed =
      simulate_is_above(tally->below / n, side, n) || simulate_is_above(tally->above / n, side, n);
  simulate_failed += failed;
  printf("%-64s low misses %.4f high misses %.4f width %.4f of %.0f%s%s\n", what, tally->below / n,
         tally->above / n, tally->width / n, n, tally->missing > 0 ? ", some missing" : "",
         failed ? "  FAILED" : "");
  fflush(stdout);
}

#endif
