/*
 * How often the interval of consistency holds: argument 1 = samples per cell, seeded.
 *
 * Two features, uniform; who is chosen depends on the first and on noise. Consistency of n rows
 * depends on n, for their neighbours come nearer: the truth of a cell is the mean over its samples,
 * known to a tenth of a standard error at 100 samples and better beyond. A side of .025 may miss in
 * .025 + 3 Monte-Carlo standard errors. The jackknife's variance is biased upwards if at all (Efron
 * & Stein 1981), so that misses are rarer than nominal.
 */
#include "measure/fairness/fairness_simulate.h"
#include "measure/search_fixture.h"

#define MOST_RUNS 20000

static struct search_fixture made;
static struct inference laws[MOST_RUNS];

static void draw(size_t n, double noise) {
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 1};
  made.n = n;
  made.n_features = 2;
  for (size_t i = 0; i < n; i++) {
    made.feature[0][i] = simulate_uniform();
    made.feature[1][i] = simulate_uniform();
    made.prediction[i] = made.feature[0][i] + noise * (simulate_uniform() - 0.5) > 0.5;
    made.score[i] = made.prediction[i];
    made.label[i] = (uint32_t)(i % 2);
    made.weight[i] = 1;
    made.cluster[i] = i;
  }
}

static void simulate(size_t n, double noise, int runs) {
  const struct measure *measure = &fairness_consistency;
  struct simulate_tally tally = {0};
  double mean = 0;
  char what[80];
  for (int run = 0; run < runs; run++) {
    draw(n, noise);
    laws[run] = inference_none("none");
    if (search_open(&made, NULL) != NONET_OK ||
        measure->estimate(measure, &measure->variants[0], &made.view, STREAM_A, &laws[run], NULL) !=
            NONET_OK) {
      exit(70);
    }
    mean += laws[run].value / runs;
    search_close(&made);
  }
  for (int run = 0; run < runs; run++) {
    simulate_count(&tally, &laws[run], mean);
  }
  snprintf(what, sizeof what, "consistency, %zu rows, noise %.1f, truth %.3f", n, noise, mean);
  simulate_report(what, &tally, 0.025);
}

int main(int argc, char **argv) {
  const int runs = argc > 1 ? atoi(argv[1]) : 4000;
  if (runs < 1 || runs > MOST_RUNS) {
    return 1;
  }
  for (size_t n = 100; n <= 400; n *= 2) {
    simulate(n, 0.2, runs);
    simulate(n, 1.5, runs);
  }
  return simulate_failed > 0;
}
