/*
 * How often the intervals of shares of neighbours hold: argument 1 = samples per cell, seeded.
 *
 * Two normals that overlap, in 2 and 5 features. The shares of n rows depend on n, for neighbours
 * come nearer: the truth of a cell is the mean over its samples. A side of .025 may miss in .025 +
 * 3 Monte-Carlo standard errors. The jackknife's variance is biased upwards (Efron & Stein 1981):
 * two to five times here, so misses are rarer than nominal.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure/data/data_facts.h"
#include "measure/records.h"
#include "measure/search_fixture.h"

#define MOST_RUNS 20000
#define N_SHARES 10 /* four of each class, n3, links */

static struct search_fixture made;
static struct data_facts facts;
static struct inference laws[N_SHARES][MOST_RUNS], of_class[2];
static struct philox_sequence random_state = {.seed = 1, .id = 870};
static int n_failed;

static double uniform(void) {
  return philox_next_uniform(&random_state);
}

static double normal(void) {
  return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static void draw(size_t n, size_t n_features, double rate, double apart) {
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 1};
  made.n = n;
  made.n_features = n_features;
  for (size_t i = 0; i < n; i++) {
    made.label[i] = uniform() < rate;
    made.prediction[i] = 0;
    made.score[i] = 0;
    made.weight[i] = 1;
    made.cluster[i] = i;
    for (size_t c = 0; c < n_features; c++) {
      made.feature[c][i] = normal() + (c == 0 && made.label[i] ? apart : 0);
    }
  }
}

static nonet_status keep(void *context, int class_index, const char *column,
                         const struct inference *law, nonet_error *error) {
  (void)context, (void)column, (void)error;
  of_class[class_index] = *law;
  return NONET_OK;
}

static void ask(int run) {
  const bool skip[SEARCH_FEATURES] = {false};
  bool fails = search_open(&made, NULL) != NONET_OK ||
               data_hood_make(&made.frame, skip, 2, 1, &facts.hood, NULL, NULL) != NONET_OK;
  made.view.facts = &facts;
  for (int kind = 0; kind < 4 && !fails; kind++) {
    fails = data_overlap.each(&data_overlap, &data_overlap.variants[kind], &made.view, keep, NULL,
                              NULL) != NONET_OK;
    laws[kind][run] = of_class[0];
    laws[4 + kind][run] = of_class[1];
  }
  fails = fails ||
          data_separability.estimate(&data_separability, data_separability.variants, &made.view,
                                     STREAM_A, &laws[8][run], NULL) != NONET_OK ||
          data_tomek_links.estimate(&data_tomek_links, NULL, &made.view, STREAM_A, &laws[9][run],
                                    NULL) != NONET_OK;
  if (fails) {
    exit(70);
  }
  data_hood_clear(&facts.hood);
  search_close(&made);
}

/* How often the truth lies below and above the interval: .025 each is promised. */
static void report(const char *what, const struct inference *law, double truth, int runs) {
  double below = 0, above = 0, width = 0;
  for (int run = 0; run < runs; run++) {
    double low, high;
    inference_bounds(&law[run], 0.95, &low, &high);
    below += !(truth >= low - 1e-12) / (double)runs; /* a missing bound fails, too */
    above += !(truth <= high + 1e-12) / (double)runs;
    width += (high - low) / runs;
  }
  const bool fails = fmax(below, above) > 0.025 + 3 * sqrt(0.025 * 0.975 / runs);
  printf("%-60s low misses %.4f high misses %.4f width %.4f%s\n", what, below, above, width,
         fails ? "  FAILED" : "");
  n_failed += fails;
}

static void simulate(size_t n, size_t n_features, double rate, double apart, int runs) {
  static const char *const names[N_SHARES] = {
      "safe",      "borderline",   "rare", "outlier",    "safe of 1", "borderline of 1",
      "rare of 1", "outlier of 1", "n3",   "tomek_links"};
  for (int run = 0; run < runs; run++) {
    draw(n, n_features, rate, apart);
    ask(run);
  }
  for (int share = 0; share < N_SHARES; share++) {
    double mean = 0;
    char what[100];
    for (int run = 0; run < runs; run++) {
      mean += laws[share][run].value / runs;
    }
    snprintf(what, sizeof what, "%zu rows of %zu, 1 is %.1f: %s, truth %.3f", n, n_features, rate,
             names[share], mean);
    report(what, laws[share], mean, runs);
  }
}

int main(int argc, char **argv) {
  const int runs = argc > 1 ? atoi(argv[1]) : 1000;
  if (runs < 1 || runs > MOST_RUNS) {
    return 1;
  }
  simulate(300, 2, 0.5, 1, runs);
  simulate(300, 5, 0.2, 1.5, runs);
  simulate(1000, 2, 0.1, 2, runs);
  return n_failed > 0;
}
