/*
 * Do searches keep their word? Argument 1 = runs of each cell, seeded.
 *
 * Without anything to find, runs with a finding (a false discovery) are at most .05 + 3 Monte-Carlo
 * standard errors, though findings are proven at .025; with something planted, how often it is
 * found on the first half, and there the mean of what the second half measures must be the truth
 * within 3 of its standard errors, and its 95 % interval must hold it in at least .95 − 3
 * Monte-Carlo standard errors. Errors of .1 and .3 (plain, weighted, in clusters of 20 with a
 * common part), also of three classes; exponential absolute errors of mean 1 and 2. For the bias
 * scan odds times 3 and 1, of three classes those of class 1; residuals normal about .5 and 0.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/records.h"
#include "measure/search_fixture.h"

#define ROWS 2000
#define FEATURES 6
#define VALUES 4

static struct philox_sequence random_state = {.seed = 1, .id = 830};
static struct search_fixture made;
static int n_failed;

static double uniform(void) {
  return philox_next_uniform(&random_state);
}

struct cell {
  const char *name;
  const struct measure *measure;
  enum task task;
  bool is_planted, has_weight, has_cluster;
  bool is_by_cluster; /* features are the clusters' own */
};

static bool is_bad(const struct cell *cell, size_t i) {
  return cell->is_planted && made.feature[0][i] == 1 &&
         (cell->measure == &fairness_bias_scan || made.feature[1][i] == 0);
}

static double normal(void) {
  return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* Odds of class 1 times q; the other two in proportion. */
static void draw_outcome(const struct cell *cell, size_t i, double q, double shift) {
  const double p = 0.1 + 0.5 * uniform(), u = uniform(), of_1 = q * p / (1 - p + q * p) + shift;
  if (cell->task == TASK_REGRESSION) {
    made.score[i] = 4 * p;
    made.target[i] = 4 * p + normal() + (q > 1 ? 0.5 : 0) + 5 * shift;
  } else if (cell->task == TASK_MULTICLASS) {
    double *score = made.score + 3 * i;
    score[0] = 0.6 * (1 - p);
    score[1] = p;
    score[2] = 0.4 * (1 - p);
    made.label[i] = u < of_1 ? 1 : u < of_1 + 0.6 * (1 - of_1) ? 0 : 2;
    made.prediction[i] = p >= 0.375 ? 1 : 0;
  } else {
    made.score[i] = p;
    made.prediction[i] = p >= 0.5;
    made.label[i] = u < of_1;
  }
}

static void draw_decision(const struct cell *cell, size_t i, double rate) {
  if (cell->task == TASK_MULTICLASS) {
    made.label[i] = (uint32_t)(3 * uniform());
    made.prediction[i] = uniform() < rate ? (made.label[i] + 1) % 3 : made.label[i];
    for (size_t c = 0; c < 3; c++) {
      made.score[3 * i + c] = made.prediction[i] == c ? 0.8 : 0.1;
    }
  } else {
    made.label[i] = uniform() < 0.5;
    made.prediction[i] = made.label[i] ^ (uniform() < rate);
    made.score[i] = made.prediction[i] ? 0.9 : 0.1;
  }
}

static void draw_rows(const struct cell *cell) {
  double common = 0;
  for (size_t i = 0; i < made.n; i++) {
    const bool is_new = i == 0 || made.cluster[i] != made.cluster[i - 1];
    common = is_new ? (uniform() < 0.5 ? -0.08 : 0.08) : common;
    for (size_t c = 0; c < made.n_features && cell->is_by_cluster && !is_new; c++) {
      made.feature[c][i] = made.feature[c][i - 1];
    }
    const double shift = cell->has_cluster ? common : 0;
    const bool bad = is_bad(cell, i);
    made.weight[i] = cell->has_weight ? floor(1 + 3 * uniform()) : 1;
    if (cell->measure == &fairness_bias_scan) {
      draw_outcome(cell, i, bad ? 3 : 1, shift);
    } else if (cell->task == TASK_REGRESSION) {
      made.target[i] = 0;
      made.score[i] = -log(uniform()) * (bad ? 2 : 1);
    } else {
      draw_decision(cell, i, (bad ? 0.3 : 0.1) + shift);
    }
  }
}

/* What the rows of the planted slice have on average; of the scan: of this run's own rows. */
static double truth_of(const struct cell *cell) {
  double sum = 0, n = 0;
  if (cell->measure == &fairness_bias_scan && cell->task == TASK_REGRESSION) {
    return 0.5;
  }
  if (cell->measure != &fairness_bias_scan) {
    return cell->task == TASK_REGRESSION ? 2 : 0.3;
  }
  for (int k = 0; k < 1000; k++) {
    const double p = 0.1 + 0.5 * (k + 0.5) / 1000;
    sum += 3 * p / (1 + 2 * p) - p;
    n++;
  }
  return sum / n;
}

struct tally {
  double n, found, discovered, covered, sum, square;
};

static void run_once(const struct cell *cell, struct tally *tally) {
  const char *planted = cell->measure != &fairness_bias_scan ? "x0 = 1 and x1 = 0"
                        : cell->task == TASK_MULTICLASS      ? "x0 = 1 (class c01)"
                                                             : "x0 = 1";
  struct measure_stories stories = {0};
  search_draw(&made, ROWS, FEATURES, VALUES, &random_state);
  made.task = cell->task;
  made.n_classes = 3;
  made.has_weight = cell->has_weight;
  made.has_cluster = cell->has_cluster;
  made.seed++;
  made.n_threads = 1;
  draw_rows(cell);
  bool any = false;
  if (search_open(&made, NULL) != NONET_OK ||
      cell->measure->tell(cell->measure, &made.view, &stories, NULL) != NONET_OK) {
    printf("%s: the search failed\n", cell->name);
    exit(1);
  }
  for (size_t k = 0; k < stories.n; k++) {
    const struct measure_story *story = &stories.story[k];
    any = any || story->severity != NULL;
    if (strcmp(story->where, planted) == 0) {
      double low, high;
      inference_bounds(&story->law, 0.95, &low, &high);
      tally->found++;
      tally->sum += story->law.value;
      tally->square += story->law.value * story->law.value;
      tally->covered += low <= truth_of(cell) && truth_of(cell) <= high;
    }
  }
  tally->n++;
  tally->discovered += any;
  search_close(&made);
}

static void run_cell(const struct cell *cell, int n_runs) {
  struct tally tally = {0};
  for (int run = 0; run < n_runs; run++) {
    run_once(cell, &tally);
  }
  if (!cell->is_planted) {
    const double most = 0.05 + 3 * sqrt(0.05 * 0.95 / tally.n);
    const bool fails = tally.discovered > most * tally.n;
    printf("%-34s nothing there: false discoveries %.3f (at most %.3f)%s\n", cell->name,
           tally.discovered / tally.n, most, fails ? "  FAILED" : "");
    n_failed += fails;
    return;
  }
  const double mean = tally.sum / tally.found;
  const double se = sqrt((tally.square / tally.found - mean * mean) / (tally.found - 1));
  const double off = (mean - truth_of(cell)) / se, covered = tally.covered / tally.found;
  const bool fails = tally.found < 0.5 * tally.n || !(fabs(off) <= 3) ||
                     covered < 0.95 - 3 * sqrt(0.05 * 0.95 / tally.found);
  printf("%-34s planted: found %.3f, proven %.3f, mean %.4f of %.4f (%+.1f se), covered %.3f%s\n",
         cell->name, tally.found / tally.n, tally.discovered / tally.n, mean, truth_of(cell), off,
         covered, fails ? "  FAILED" : "");
  n_failed += fails;
}

int main(int argc, char **argv) {
  const int n_runs = argc > 1 ? atoi(argv[1]) : 100;
  const struct cell cells[] = {
      {"slice, plain", &correctness_worst_slice, TASK_BINARY, true, false, false, false},
      {"slice, plain", &correctness_worst_slice, TASK_BINARY, false, false, false, false},
      {"slice, weighted", &correctness_worst_slice, TASK_BINARY, true, true, false, false},
      {"slice, weighted", &correctness_worst_slice, TASK_BINARY, false, true, false, false},
      {"slice, clusters", &correctness_worst_slice, TASK_BINARY, true, false, true, false},
      {"slice, clusters", &correctness_worst_slice, TASK_BINARY, false, false, true, false},
      {"slice, features of clusters", &correctness_worst_slice, TASK_BINARY, false, false, true,
       true},
      {"slice, regression", &correctness_worst_slice, TASK_REGRESSION, true, false, false, false},
      {"slice, regression", &correctness_worst_slice, TASK_REGRESSION, false, false, false, false},
      {"slice, three classes", &correctness_worst_slice, TASK_MULTICLASS, true, false, false,
       false},
      {"slice, three classes", &correctness_worst_slice, TASK_MULTICLASS, false, false, false,
       false},
      {"scan, plain", &fairness_bias_scan, TASK_BINARY, true, false, false, false},
      {"scan, plain", &fairness_bias_scan, TASK_BINARY, false, false, false, false},
      {"scan, weighted", &fairness_bias_scan, TASK_BINARY, false, true, false, false},
      {"scan, clusters", &fairness_bias_scan, TASK_BINARY, false, false, true, false},
      {"scan, three classes", &fairness_bias_scan, TASK_MULTICLASS, true, false, false, false},
      {"scan, three classes", &fairness_bias_scan, TASK_MULTICLASS, false, false, false, false},
      {"scan, regression", &fairness_bias_scan, TASK_REGRESSION, true, false, false, false},
      {"scan, regression", &fairness_bias_scan, TASK_REGRESSION, false, false, false, false},
      {"scan, regression, clusters", &fairness_bias_scan, TASK_REGRESSION, false, false, true,
       false},
  };
  for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
    run_cell(&cells[c], n_runs);
  }
  return n_failed > 0;
}
