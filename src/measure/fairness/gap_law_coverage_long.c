/*
 * How often the bounds of gaps hold where rows come in clusters or with weights, within strata, and
 * as a ratio of outcomes: argument 1 = samples per cell, seeded. (Plain shares: stats/
 * gap_coverage_long.c.)
 *
 *   clusters   30 to 300 for each group, of 1 to 9 rows, correlation .2; groups apart, or three
 * rows of each cluster in a random group weights    1 and 4, rates that depend on them: the truth
 * is that of the weighted population strata     five, of other base rates and other shares of the
 * groups; one common difference ε          plain shares
 *
 * 2, 5 and 20 groups, the last ten times the first; rates equal, in steps, or the first group
 * apart. A cell fails when either bound of .025 misses in more than .025 + 3 Monte-Carlo standard
 * errors. Beside it stands the percentile bootstrap of max − min over clusters (rows), which nonet
 * does not do.
 */
#include "measure/fairness/fairness_simulate.h"

#define MOST_GROUPS 20
#define NAIVE_REPLICATES 200
#define NAIVE_SAMPLES 100

enum shape { EQUAL, STEPS, ONE_APART };
static const char *const shape_names[] = {"equal", "steps", "one apart"};
static const size_t numbers[] = {2, 5, 20};

static double rate_of(double rate, double spread, enum shape shape, size_t g, size_t n_groups) {
  switch (shape) {
  case STEPS:
    return rate + spread * (double)g / ((double)n_groups - 1);
  case ONE_APART:
    return rate + (g == 0 ? spread : 0);
  default:
    return rate;
  }
}

static void add_row(size_t g, uint64_t cluster, double weight, bool is_chosen) {
  const size_t i = simulated.n++;
  simulated.cell[i] = (uint32_t)g;
  simulated.cluster[i] = cluster;
  simulated.weight[i] = weight;
  simulated.prediction[0][i] = is_chosen;
  simulated.label[i] = (uint32_t)(i % 2);
}

/* ---- clusters ---- */

static void draw_clusters(size_t n_groups, enum shape shape, bool is_mixed) {
  uint64_t cluster = 0;
  simulated.n = 0;
  for (size_t g = 0; g < n_groups; g++) {
    for (size_t c = 0; c < simulate_size(30, g, n_groups); c++, cluster++) {
      const double of_cluster = simulate_uniform();
      const size_t size = 1 + (size_t)(9 * simulate_uniform());
      for (size_t i = 0; i < size; i++) {
        const bool elsewhere = is_mixed && i < 3;
        const size_t at = elsewhere ? (size_t)((double)n_groups * simulate_uniform()) : g;
        add_row(at, cluster, 1, simulate_copy(of_cluster) < rate_of(0.3, 0.2, shape, at, n_groups));
      }
    }
  }
}

/* ---- weights ---- */

/* A rate r of the weighted population: three of ten rows weigh 4 and have r + .1, the others 1. */
static void draw_weights(size_t n_groups, enum shape shape) {
  simulated.n = 0;
  for (size_t g = 0; g < n_groups; g++) {
    const double rate = rate_of(0.4, 0.2, shape, g, n_groups);
    for (size_t i = 0; i < simulate_size(100, g, n_groups); i++) {
      const bool is_heavy = simulate_uniform() < 0.3;
      add_row(g, simulated.n, is_heavy ? 4 : 1,
              simulate_uniform() < (is_heavy ? rate + 0.1 : rate - 0.1 * 1.2 / 0.7));
    }
  }
}

/* ---- the naive interval ---- */

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* Clusters are drawn with replacement, and their rows with them. */
static double naive_gap(size_t n_groups, const double *times) {
  double chosen[MOST_GROUPS] = {0}, of[MOST_GROUPS] = {0}, least = 2, most = -1;
  for (size_t i = 0; i < simulated.n; i++) {
    const double w = simulated.weight[i] * times[simulated.cluster[i]];
    of[simulated.cell[i]] += w;
    chosen[simulated.cell[i]] += w * simulated.prediction[0][i];
  }
  for (size_t g = 0; g < n_groups; g++) {
    least = fmin(least, chosen[g] / of[g]);
    most = fmax(most, chosen[g] / of[g]);
  }
  return most - least;
}

static void naive(size_t n_groups, double truth, double *covered, double *width) {
  static double times[SIMULATE_MOST];
  const size_t n_clusters = simulated.cluster[simulated.n - 1] + 1;
  double gap[NAIVE_REPLICATES];
  for (int r = 0; r < NAIVE_REPLICATES; r++) {
    memset(times, 0, n_clusters * sizeof *times);
    for (size_t c = 0; c < n_clusters; c++) {
      times[(size_t)(simulate_uniform() * (double)n_clusters)]++;
    }
    gap[r] = naive_gap(n_groups, times);
  }
  qsort(gap, NAIVE_REPLICATES, sizeof *gap, ascending);
  *covered += truth >= gap[4] && truth <= gap[NAIVE_REPLICATES - 5];
  *width += gap[NAIVE_REPLICATES - 5] - gap[4];
}

/* ---- cells ---- */

enum kind { CLUSTERS, MIXED, WEIGHTS };

static void simulate_gap(enum kind kind, size_t n_groups, enum shape shape, int runs) {
  static const char *const names[] = {"clusters", "clusters over groups", "weights"};
  static const struct measure_variant plain = {.suffix = ""};
  const struct measure *measure = &fairness_demographic_parity_difference;
  const struct simulate_roles roles = {
      .n_cells = n_groups, .has_weight = kind == WEIGHTS, .has_cluster = kind != WEIGHTS};
  const double truth = shape == EQUAL ? 0 : 0.2;
  const int n_naive = runs < 1000 || kind == MIXED ? 0 : NAIVE_SAMPLES;
  struct simulate_tally tally = {0};
  double covered = 0, width = 0;
  char what[80];
  for (int run = 0; run < runs; run++) {
    struct simulate_case made;
    struct inference law = inference_none("none");
    if (kind == WEIGHTS) {
      draw_weights(n_groups, shape);
    } else {
      draw_clusters(n_groups, shape, kind == MIXED);
    }
    if (!simulate_open(&roles, &made) ||
        measure->estimate(measure, &plain, &made.view, STREAM_A, &law, NULL) != NONET_OK) {
      exit(70);
    }
    simulate_count(&tally, &law, truth);
    simulate_close(&made);
    if (run < n_naive) {
      naive(n_groups, truth, &covered, &width);
    }
  }
  snprintf(what, sizeof what, "gap, %s, K %zu, %s", names[kind], n_groups, shape_names[shape]);
  simulate_report(what, &tally, 0.025);
  if (n_naive > 0) {
    printf("   the percentile bootstrap of the difference: coverage %.2f width %.4f\n",
           covered / n_naive, width / n_naive);
  }
}

/* ---- strata ---- */

/* Five strata with base rates .15 to .55; the groups' shares of them differ; `apart` is what the
 * first group has more in each. */
static void draw_strata(size_t n_groups, size_t least, double apart) {
  simulated.n = 0;
  for (size_t g = 0; g < n_groups; g++) {
    const size_t n = simulate_size(least, g, n_groups);
    for (size_t i = 0; i < n; i++) {
      const double u = simulate_uniform();
      const size_t s = (size_t)(5 * (g % 2 == 0 ? u * u : u)); /* more of the first ones */
      add_row(g * 5 + s, simulated.n, 1,
              simulate_uniform() < 0.15 + 0.1 * (double)s + (g == 0 ? apart : 0));
    }
  }
}

static void simulate_strata(size_t n_groups, size_t least, double apart, int runs) {
  const struct measure *measure = &fairness_conditional_parity;
  const struct simulate_roles roles = {.n_cells = 5 * n_groups, .n_strata = 5};
  struct simulate_tally tally = {0};
  char what[80];
  for (int run = 0; run < runs; run++) {
    struct simulate_case made;
    struct inference law = inference_none("none");
    draw_strata(n_groups, least, apart);
    if (!simulate_open(&roles, &made) ||
        measure->estimate(measure, &measure->variants[0], &made.view, STREAM_A, &law, NULL) !=
            NONET_OK) {
      exit(70);
    }
    simulate_count(&tally, &law, apart);
    simulate_close(&made);
  }
  snprintf(what, sizeof what, "conditional parity, K %zu, n %zu, difference %.1f", n_groups, least,
           apart);
  simulate_report(what, &tally, 0.025);
}

/* ---- differential fairness ---- */

static void simulate_epsilon(size_t n_groups, size_t least, enum shape shape, int runs) {
  static const struct measure_variant plain = {.suffix = ""};
  const struct measure *measure = &fairness_differential_fairness;
  const struct simulate_roles roles = {.n_cells = n_groups};
  const double truth = shape == EQUAL ? 0 : log(0.5 / 0.3);
  struct simulate_tally tally = {0};
  char what[80];
  for (int run = 0; run < runs; run++) {
    struct simulate_case made;
    struct inference law = inference_none("none");
    simulated.n = 0;
    for (size_t g = 0; g < n_groups; g++) {
      for (size_t i = 0; i < simulate_size(least, g, n_groups); i++) {
        add_row(g, simulated.n, 1, simulate_uniform() < rate_of(0.3, 0.2, shape, g, n_groups));
      }
    }
    if (!simulate_open(&roles, &made) ||
        measure->estimate(measure, &plain, &made.view, STREAM_A, &law, NULL) != NONET_OK) {
      exit(70);
    }
    simulate_count(&tally, &law, truth);
    simulate_close(&made);
  }
  snprintf(what, sizeof what, "differential fairness, K %zu, n %zu, %s", n_groups, least,
           shape_names[shape]);
  simulate_report(what, &tally, 0.025);
}

int main(int argc, char **argv) {
  const int runs = argc > 1 ? atoi(argv[1]) : 10000;
  if (runs < 1) {
    return 1;
  }
  for (size_t k = 0; k < 3; k++) {
    for (int shape = EQUAL; shape <= ONE_APART; shape++) {
      simulate_gap(CLUSTERS, numbers[k], (enum shape)shape, runs);
      simulate_gap(WEIGHTS, numbers[k], (enum shape)shape, runs);
      simulate_epsilon(numbers[k], 40, (enum shape)shape, runs);
      simulate_epsilon(numbers[k], 200, (enum shape)shape, runs);
    }
    simulate_gap(MIXED, numbers[k], EQUAL, runs);
    simulate_gap(MIXED, numbers[k], ONE_APART, runs);
    for (int apart = 0; apart < 2; apart++) {
      simulate_strata(numbers[k], 60, 0.2 * apart, runs);
      simulate_strata(numbers[k], 200, 0.2 * apart, runs);
    }
  }
  return simulate_failed > 0;
}
