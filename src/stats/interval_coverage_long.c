/*
 * Coverage of every interval method by simulation: 10,000 samples per cell, two-sided 95 %, seeded.
 * Prints a table (the share of samples whose interval holds the truth, and on which side the others
 * miss) and fails when a cell falls below the floor that its method is known to hold: the floors
 * are nominal less 3 Monte-Carlo standard errors (.0065), lower only where a known shortfall stands
 * beside the cell.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/philox.h"
#include "stats/difference.h"
#include "stats/distribution.h"
#include "stats/interval.h"
#include "stats/paired.h"
#include "stats/table2.h"

#define RUNS 10000
#define LEVEL 0.95
#define FULL (LEVEL - 0.0065)

struct tally {
  double inside, truth_below, truth_above, undefined;
};

static struct philox_sequence random_state = {.seed = 1, .id = 100};
static int n_failed;

static double uniform(void) {
  return philox_next_uniform(&random_state);
}

static double normal(void) {
  return distribution_normal_quantile(uniform());
}

static double binomial(int n, double p) {
  int k = 0;
  for (int i = 0; i < n; i++) {
    k += uniform() < p;
  }
  return k;
}

static void count(struct tally *tally, struct interval interval, double truth) {
  if (isnan(interval.low) || isnan(interval.high)) {
    tally->undefined++;
  } else if (truth < interval.low) {
    tally->truth_below++;
  } else if (truth > interval.high) {
    tally->truth_above++;
  } else {
    tally->inside++;
  }
}

static void report(const char *method, const char *cell, const struct tally *tally, double floor) {
  double n = RUNS - tally->undefined, coverage = tally->inside / n;
  bool good = coverage >= floor;
  n_failed += !good;
  printf("%-30s %-34s %7.4f %9.4f %9.4f %9.4f %8.4f%s\n", method, cell, coverage,
         tally->truth_below / n, tally->truth_above / n, tally->undefined / RUNS, floor,
         good ? "" : "  BELOW");
}

static void one_proportion(int n, double p, double wilson_floor, double jeffreys_floor) {
  struct tally wilson = {0}, exact = {0}, jeffreys = {0};
  char cell[64];
  for (int run = 0; run < RUNS; run++) {
    double k = binomial(n, p);
    count(&wilson, interval_wilson(k, n, LEVEL), p);
    count(&exact, interval_clopper_pearson(k, n, LEVEL), p);
    count(&jeffreys, interval_jeffreys(k, n, LEVEL), p);
  }
  snprintf(cell, sizeof cell, "n %d p %g", n, p);
  report("wilson", cell, &wilson, wilson_floor);
  report("clopper_pearson", cell, &exact, FULL);
  report("jeffreys", cell, &jeffreys, jeffreys_floor);
}

static void two_proportions(int n1, double p1, int n2, double p2, double floor) {
  struct tally newcombe = {0}, miettinen = {0}, ratio = {0}, laud = {0};
  char cell[64];
  for (int run = 0; run < RUNS; run++) {
    double k1 = binomial(n1, p1), k2 = binomial(n2, p2);
    count(&newcombe, difference_newcombe(k1, n1, k2, n2, LEVEL), p1 - p2);
    count(&miettinen, difference_miettinen_nurminen(k1, n1, k2, n2, LEVEL), p1 - p2);
    count(&ratio, difference_ratio_mover(k1, n1, k2, n2, LEVEL), p1 / p2);
    count(&laud, difference_ratio_laud(k1, n1, k2, n2, LEVEL), p1 / p2);
  }
  snprintf(cell, sizeof cell, "%g of %d, %g of %d", p1, n1, p2, n2);
  report("difference_newcombe", cell, &newcombe, floor);
  report("difference_miettinen_nurminen", cell, &miettinen, floor);
  report("difference_ratio_mover", cell, &ratio, floor);
  report("difference_ratio_laud", cell, &laud, floor);
}

/* The exact interval covers d when neither one-sided p at d is below .025; p depends on (b, c)
 * alone, so it is kept. */
static struct interval exact_membership(uint64_t b, uint64_t c, uint64_t n, double d) {
  static double low[64][64], high[64][64];
  static uint64_t for_n;
  static double for_d;
  if (for_n != n || for_d != d) {
    for (int i = 0; i < 64 * 64; i++) {
      low[i / 64][i % 64] = high[i / 64][i % 64] = NAN;
    }
    for_n = n;
    for_d = d;
  }
  if (b > 63 || c > 63) {
    return paired_tango((double)b, (double)c, (double)n, LEVEL);
  }
  if (isnan(low[b][c])) {
    low[b][c] = paired_exact_p(b, c, n, d, INTERVAL_GREATER) > 0.025 ? -1 : INFINITY;
    high[b][c] = paired_exact_p(b, c, n, d, INTERVAL_LESS) > 0.025 ? 1 : -INFINITY;
  }
  return (struct interval){d, low[b][c], high[b][c]};
}

static void paired_proportions(int n, double p_a, double p_b, double p_c, double floor) {
  struct tally tango = {0}, newcombe = {0}, exact = {0};
  double d = p_b - p_c;
  char cell[64];
  for (int run = 0; run < RUNS; run++) {
    double a = 0, b = 0, c = 0;
    for (int i = 0; i < n; i++) {
      double u = uniform();
      b += u < p_b;
      c += u >= p_b && u < p_b + p_c;
      a += u >= p_b + p_c && u < p_a + p_b + p_c;
    }
    count(&tango, paired_tango(b, c, n, LEVEL), d);
    count(&newcombe, paired_newcombe(a, b, c, n, LEVEL), d);
    count(&exact, exact_membership((uint64_t)b, (uint64_t)c, (uint64_t)n, d), d);
  }
  snprintf(cell, sizeof cell, "n %d a %g b %g c %g", n, p_a, p_b, p_c);
  report("paired_tango", cell, &tango, floor);
  report("paired_newcombe", cell, &newcombe, floor);
  report("paired_exact", cell, &exact, FULL);
}

static int double_compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* kind 0: normal rows; 1: exponential rows, whose skewness 2 costs the t interval some coverage */
static void mean_and_quantile(size_t n, int kind, double mean_floor) {
  struct tally mean = {0}, paired = {0}, median = {0}, tail = {0};
  static double x[1000], y[1000];
  char cell[64];
  for (int run = 0; run < RUNS; run++) {
    for (size_t i = 0; i < n; i++) {
      double u = kind == 0 ? normal() : -log(uniform());
      x[i] = u;
      y[i] = 0.5 * u + normal();
    }
    count(&mean, interval_mean(x, n, LEVEL), kind);
    count(&paired, interval_mean_paired(x, y, n, LEVEL), 0.5 * kind);
    qsort(x, n, sizeof *x, double_compare);
    count(&median, interval_quantile(x, n, 0.5, LEVEL), kind == 0 ? 0 : log(2));
    count(&tail, interval_quantile(x, n, 0.9, LEVEL),
          kind == 0 ? distribution_normal_quantile(0.9) : log(10));
  }
  snprintf(cell, sizeof cell, "n %zu %s", n, kind == 0 ? "normal" : "exponential");
  report("mean (t)", cell, &mean, mean_floor);
  report("mean_paired (t)", cell, &paired, mean_floor);
  report("quantile .5 (order)", cell, &median, FULL);
  if (tail.undefined < RUNS) {
    report("quantile .9 (order)", cell, &tail, FULL);
  }
}

/* Intervals on a transformed scale, fed by the delta method on a 2x2 table. Cells are shares: TN,
 * FP, FN, TP. */
static void table_functions(int n, const double share[4], double floor) {
  static const enum table2_function functions[] = {TABLE2_MCC, TABLE2_KAPPA, TABLE2_RECALL};
  static const char *const names[] = {"fisher_z of mcc", "fisher_z of kappa", "logit of recall"};
  for (size_t f = 0; f < 3; f++) {
    struct table2_spec spec = {.function = functions[f], .positive = 1};
    struct tally tally = {0};
    char cell[64];
    double truth = table2_value(&spec, share, 2, NULL);
    for (int run = 0; run < RUNS; run++) {
      double counts[4] = {0}, value, se;
      for (int i = 0; i < n; i++) {
        double u = uniform();
        counts[u < share[0] ? 0 : u < share[0] + share[1] ? 1 : u < 1 - share[3] ? 2 : 3]++;
      }
      if (table2_estimate(&spec, counts, 2, &value, &se, NULL) != NONET_OK) {
        continue;
      }
      count(&tally, f < 2 ? interval_fisher_z(value, se, LEVEL) : interval_logit(value, se, LEVEL),
            truth);
    }
    snprintf(cell, sizeof cell, "n %d, %g/%g/%g/%g", n, share[0], share[1], share[2], share[3]);
    report(names[f], cell, &tally, floor);
  }
}

/* The difference of F1, balanced accuracy, mcc and kappa between two models on the same rows, +1 in
 * the discordant cells. */
static void paired_table(int n, double prevalence, double only_a, double only_b, double floor) {
  static const enum table2_function functions[] = {TABLE2_F_BETA, TABLE2_BALANCED_ACCURACY,
                                                   TABLE2_MCC, TABLE2_KAPPA};
  static const char *const names[] = {"paired F1 +1", "paired balanced accuracy +1",
                                      "paired mcc +1", "paired kappa +1"};
  /* within positives: both right .6; within negatives: both right .85 */
  const double truth[8] = {(1 - prevalence) * 0.85,
                           (1 - prevalence) * 0.04,
                           (1 - prevalence) * 0.04,
                           (1 - prevalence) * 0.07,
                           prevalence * (0.4 - only_a - only_b),
                           prevalence * only_b,
                           prevalence * only_a,
                           prevalence * 0.6};
  struct tally tally[4] = {{0}};
  struct table2_difference d;
  char cell[64];
  double value[4];
  for (int f = 0; f < 4; f++) {
    struct table2_spec spec = {.function = functions[f], .positive = 1, .beta = 1};
    value[f] = table2_paired_difference(&spec, truth, 2, &d, NULL) == NONET_OK ? d.difference : NAN;
  }
  for (int run = 0; run < RUNS; run++) {
    double counts[8] = {0};
    for (int i = 0; i < n; i++) {
      double u = uniform(), sum = truth[0];
      size_t c = 0;
      while (u >= sum && c < 7) {
        sum += truth[++c];
      }
      counts[c]++;
    }
    for (int f = 0; f < 4; f++) {
      struct table2_spec spec = {.function = functions[f], .positive = 1, .beta = 1};
      if (table2_paired_difference(&spec, counts, 2, &d, NULL) == NONET_OK) {
        count(&tally[f], interval_normal(d.difference, d.se, LEVEL), value[f]);
      }
    }
  }
  snprintf(cell, sizeof cell, "n %d prev %g onlyA %g onlyB %g", n, prevalence, only_a, only_b);
  for (int f = 0; f < 4; f++) {
    report(names[f], cell, &tally[f], floor);
  }
}

/* Three classes: rows on whose label the two models agree but for a share that falls on either
   side; the four pseudo-rows are spread over the 18 discordant cells. */
static void paired_three_classes(int n, double share_a, double share_b, double floor) {
  static const enum table2_function functions[] = {TABLE2_F_BETA, TABLE2_MCC, TABLE2_KAPPA};
  static const char *const names[] = {"paired macro F1, 3 classes", "paired mcc, 3 classes",
                                      "paired kappa, 3 classes"};
  static const double prevalence[3] = {0.6, 0.3, 0.1};
  double truth[27] = {0}, value[3];
  struct table2_difference d;
  struct tally tally[3] = {{0}};
  char cell[64];
  for (size_t label = 0; label < 3; label++) {
    size_t other = (label + 1) % 3, third = (label + 2) % 3;
    truth[(label * 3 + label) * 3 + label] = prevalence[label] * (0.9 - share_a - share_b);
    truth[(label * 3 + label) * 3 + other] = prevalence[label] * share_a;
    truth[(label * 3 + other) * 3 + label] = prevalence[label] * share_b;
    truth[(label * 3 + other) * 3 + other] = prevalence[label] * 0.06;
    truth[(label * 3 + third) * 3 + other] = prevalence[label] * 0.04;
  }
  for (int f = 0; f < 3; f++) {
    struct table2_spec spec = {functions[f], TABLE2_MACRO, 1, 1};
    value[f] = table2_paired_difference(&spec, truth, 3, &d, NULL) == NONET_OK ? d.difference : NAN;
  }
  for (int run = 0; run < RUNS; run++) {
    double counts[27] = {0};
    for (int i = 0; i < n; i++) {
      double u = uniform(), sum = truth[0];
      size_t c = 0;
      while (u >= sum && c < 26) {
        sum += truth[++c];
      }
      counts[c]++;
    }
    for (int f = 0; f < 3; f++) {
      struct table2_spec spec = {functions[f], TABLE2_MACRO, 1, 1};
      if (table2_paired_difference(&spec, counts, 3, &d, NULL) == NONET_OK) {
        count(&tally[f], interval_normal(d.difference, d.se, LEVEL), value[f]);
      }
    }
  }
  snprintf(cell, sizeof cell, "n %d onlyA %g onlyB %g", n, share_a, share_b);
  for (int f = 0; f < 3; f++) {
    report(names[f], cell, &tally[f], floor);
  }
}

int main(void) {
  printf("%-30s %-34s %7s %9s %9s %9s %8s\n", "method", "cell", "covers", "below", "above",
         "undefined", "floor");
  /* Wilson and Jeffreys oscillate with n and p around nominal: floors from Brown, Cai & DasGupta
   * 2001, figures 5 and 11. */
  one_proportion(20, 0.5, 0.93, 0.93);
  one_proportion(30, 0.1, 0.93, 0.93);
  one_proportion(50, 0.02, 0.90, 0.90);
  one_proportion(200, 0.3, FULL - 0.01, FULL - 0.01);
  one_proportion(1000, 0.05, FULL - 0.01, FULL - 0.01);
  two_proportions(30, 0.5, 30, 0.3, FULL - 0.01);
  two_proportions(50, 0.9, 100, 0.8, FULL - 0.01);
  two_proportions(200, 0.05, 300, 0.05, FULL - 0.01);
  paired_proportions(30, 0.4, 0.2, 0.1, FULL - 0.015);
  paired_proportions(100, 0.8, 0.05, 0.05, FULL - 0.015);
  paired_proportions(500, 0.9, 0.02, 0.01, FULL - 0.015);
  paired_proportions(2000, 0.9, 0.004, 0.002, FULL - 0.015);
  mean_and_quantile(10, 0, FULL);
  mean_and_quantile(100, 0, FULL);
  mean_and_quantile(30, 1, 0.91);
  mean_and_quantile(300, 1, FULL - 0.005);
  table_functions(200, (double[]){0.55, 0.15, 0.1, 0.2}, FULL - 0.01);
  table_functions(1000, (double[]){0.85, 0.05, 0.04, 0.06}, FULL - 0.01);
  paired_table(250, 0.1, 0.06, 0.06, FULL - 0.01);
  paired_table(250, 0.1, 0.02, 0.14, FULL - 0.01);
  paired_table(2000, 0.1, 0.05, 0.08, FULL - 0.01);
  paired_three_classes(150, 0.02, 0.02, FULL - 0.01);
  paired_three_classes(150, 0.02, 0.10, FULL - 0.01);
  paired_three_classes(1000, 0.03, 0.06, FULL - 0.01);
  printf("%d cells below their floor\n", n_failed);
  return n_failed == 0 ? 0 : 1;
}
