/*
 * Coverage of every interval of latency on a simulated clock (latency_simulated.h): 95 % intervals
 * over R runs; the rate must not lie below .95 by more than three Monte-Carlo standard errors, nor
 * may the ratio's be conservative by more.
 *
 * usage: latency_coverage_long RUNS
 *
 * "few bursts" (some 60 bursts in all, which make up the tail) is held to .93 for one model, as the
 * records say of themselves.
 *
 * The last column is what t over blocks, as if they were independent, would cover of the ratio of
 * medians: where launches differ it fails, which is why launches are what is counted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "measure/efficiency/latency.h"
#include "measure/efficiency/latency_simulated.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"
#include "stats/interval.h"

static const struct simulated_law laws[] = {
    {"independent", 1.1, .3, 0, 0, 1, 1, 12, 2, 125},
    {"ten launches", 1, .5, 0, 0, 1, 1, 10, 2, 120},
    {"bursts", 1.1, .2, 0, .05, 20, 3, 20, 3, 250},
    {"few bursts", 1.1, .2, 0, .05, 20, 3, 20, 3, 100},
    {"launches differ", .9, .2, .05, 0, 1, 1, 20, 2, 125},
    {"both", 1, .2, .05, .05, 20, 3, 20, 3, 250},
    {"hundred", 1, .2, .05, .05, 20, 3, 100, 2,
     250}, /* as many as timed_plan.c makes of a budget */
};

static const struct measure *const measures[] = {&efficiency_latency_p50, &efficiency_latency_p90,
                                                 &efficiency_latency_p99, &efficiency_latency_mean};
#define N_MEASURES (sizeof measures / sizeof *measures)

struct tally {
  size_t one[N_MEASURES], n_one[N_MEASURES], pair[N_MEASURES], n_pair[N_MEASURES], naive;
};

/* The log ratio as judge_log_ratio makes it. */
static bool ratio_covers(const struct inference *law, double truth) {
  double a = law->pair_value[0], b = law->pair_value[1];
  double se = sqrt(law->pair_variance[0] / (a * a) + law->pair_variance[1] / (b * b) -
                   2 * law->pair_covariance / (a * b));
  return fabs(log(a / b) - log(truth)) <= distribution_t_z(0.95, law->df) * se;
}

static bool naive_covers(const struct probe_latency *latency, double truth) {
  static double ratio[4096], sorted[N_STREAMS][4096];
  size_t n = 0;
  for (size_t i = 0; i < latency->n_launches; i++) {
    const struct probe_launch *launch = &latency->launches[i];
    for (size_t b = 0; b + 1 < launch->n_blocks; b += 2) { /* each half of a four has one of each */
      double median[N_STREAMS];
      for (size_t k = b; k < b + 2; k++) {
        const struct probe_block *block = &launch->blocks[k];
        double *x = sorted[block->stream];
        memcpy(x, launch->ns[block->stream] + block->start, block->n * sizeof *x);
        for (size_t j = 1; j < block->n; j++) { /* insertion: blocks are short */
          double value = x[j];
          size_t at = j;
          for (; at > 0 && x[at - 1] > value; at--) {
            x[at] = x[at - 1];
          }
          x[at] = value;
        }
        median[block->stream] = interval_quantile7(x, block->n, 0.5);
      }
      ratio[n++] = log(median[STREAM_A] / median[STREAM_B]);
    }
  }
  return simulated_t_covers(ratio, n, log(truth));
}

static bool one_run(const struct simulated_law *law, struct view *view, const double *truth,
                    struct tally *tally) {
  static const struct measure_variant plain = {.suffix = ""};
  for (size_t m = 0; m < N_MEASURES; m++) {
    struct inference one, pair;
    double low, high;
    if (measures[m]->estimate(measures[m], &plain, view, STREAM_B, &one, NULL) != NONET_OK ||
        measures[m]->compare(measures[m], &plain, view, &pair, NULL) != NONET_OK) {
      return false;
    }
    inference_bounds(&one, 0.95, &low, &high);
    tally->n_one[m] += one.kind != INFERENCE_MISSING;
    tally->one[m] += one.kind != INFERENCE_MISSING && low <= truth[m] && truth[m] <= high;
    tally->n_pair[m] += pair.kind != INFERENCE_MISSING;
    tally->pair[m] += pair.kind != INFERENCE_MISSING && ratio_covers(&pair, law->ratio);
  }
  tally->naive += naive_covers(&view->answers->latency, law->ratio);
  return true;
}

/* Rates of one law, printed; false when one is off. */
static bool report(const struct simulated_law *law, const struct tally *tally, double n_runs) {
  double slack = 3 * sqrt(.95 * .05 / n_runs);
  double nominal = strcmp(law->name, "few bursts") == 0 ? .93 : .95;
  bool holds = true;
  printf("%-16s", law->name);
  for (size_t m = 0; m < N_MEASURES; m++) {
    double one = (double)tally->one[m] / (double)tally->n_one[m];
    double pair = (double)tally->pair[m] / (double)tally->n_pair[m];
    bool good = one >= nominal - slack && fabs(pair - .95) <= slack + .005 &&
                (double)tally->n_pair[m] == n_runs;
    printf("  %s %.3f (%.2f) ratio %.3f%s", strchr(measures[m]->id, '_') + 1, one,
           (double)tally->n_one[m] / n_runs, pair, good ? "" : " *");
    holds = holds && good;
  }
  printf("  blocks %.3f\n", (double)tally->naive / n_runs);
  return holds && (law->offset == 0 || (double)tally->naive / n_runs < .9);
}

int main(int argc, char **argv) {
  size_t n_runs = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 1000;
  const uint32_t y[] = {0, 1}, p[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {p, p}};
  struct summary_set *set;
  bool holds = fixture_set(&fixture, &set, NULL) == NONET_OK;
  for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
    double truth[N_MEASURES];
    struct tally tally = {0};
    for (size_t m = 0; m < N_MEASURES; m++) {
      truth[m] = measures[m]->function == LATENCY_MEAN
                     ? simulated_mean(&laws[k])
                     : simulated_quantile(&laws[k], measures[m]->function / 1000.0);
    }
    bool all_ran = true;
    for (size_t run = 0; run < n_runs && all_ran; run++) {
      struct probe_answers answers;
      struct view view;
      simulated_answers(&laws[k], 1000 + k, run, &answers);
      all_ran = fixture_view(set, -1, &view, NULL) == NONET_OK;
      view.answers = &answers;
      all_ran = all_ran && one_run(&laws[k], &view, truth, &tally);
      view_clear(&view);
      probe_answers_clear(&answers);
    }
    holds = all_ran && report(&laws[k], &tally, (double)n_runs) && holds;
  }
  summary_free(set);
  printf("%s\n", holds ? "holds" : "does not hold");
  return holds ? 0 : 1;
}
