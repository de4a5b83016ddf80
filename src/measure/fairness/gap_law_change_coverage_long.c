/*
 * How often a gate on the difference of two gaps errs: argument 1 = samples per cell, seeded.
 *
 * Candidate and baseline share much of their noise. Their gaps of selection differ by exactly δ,
 * the candidate's the wider: SAFE (p of "wider by δ or more" at most .05) is false, and so is
 * HARMED (of "wider by δ or less"). The baseline is fair to all groups, to all but one, or unfair
 * in another pair of groups than the candidate. A cell fails when either rate is above .05 and 3
 * Monte-Carlo standard errors. Beside it the percentile bootstrap of the difference of the two
 * maxima on the first 400 samples, which nonet does not do.
 */
#include "measure/fairness/fairness_simulate.h"

#define ALPHA 0.05
#define DELTA 0.1
#define MOST_GROUPS 10
#define P_SAMPLES                                                                                  \
  10 /* in which the p is held to the bound: it costs as much as a hundred bounds                  \
      */
#define NAIVE_SAMPLES 400
#define NAIVE_REPLICATES 200

enum shape { FAIR, UNFAIR, ELSEWHERE };
static const char *const shape_names[] = {"fair before", "unfair before", "unfair elsewhere"};

struct scene {
  enum shape shape;
  size_t n_groups, n; /* rows of the first group; the last has four times as many */
  bool has_cluster;
  double shared; /* of the rows' noise between the models */
};

/* The rate of a model in a group: .4 but where a group is apart. */
static double rate_of(const struct scene *scene, int model, size_t g) {
  const double wider = model == STREAM_A ? DELTA : 0;
  switch (scene->shape) {
  case UNFAIR:
    return 0.4 + (g == 0 ? 0.1 + wider : 0);
  case ELSEWHERE:
    return 0.4 + (g == (model == STREAM_A ? 0 : scene->n_groups - 1) ? 0.1 + wider : 0);
  default:
    return 0.4 + (g == 0 ? wider : 0);
  }
}

static void draw(const struct scene *scene) {
  uint64_t cluster = 0;
  simulated.n = 0;
  for (size_t g = 0; g < scene->n_groups; g++) {
    const size_t of =
        (size_t)((double)scene->n * (1 + 3 * (double)g / ((double)scene->n_groups - 1)));
    double of_cluster = 0;
    for (size_t r = 0; r < of; r++) {
      if (!scene->has_cluster || r % 4 == 0) {
        of_cluster = simulate_uniform();
        cluster++;
      }
      const size_t i = simulated.n++;
      const double u = simulate_copy(of_cluster);
      simulated.cell[i] = (uint32_t)g;
      simulated.cluster[i] = cluster;
      simulated.label[i] = (uint32_t)(r % 2);
      for (int s = 0; s < N_STREAMS; s++) {
        const double own = simulate_uniform() < scene->shared ? u : simulate_copy(of_cluster);
        simulated.prediction[s][i] = own < rate_of(scene, s, g);
      }
    }
  }
}

/* ---- the naive interval: rows are drawn again, within their groups ---- */

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double naive_change(const struct scene *scene) {
  double chosen[N_STREAMS][MOST_GROUPS] = {{0}}, of[MOST_GROUPS] = {0}, gap[N_STREAMS];
  for (size_t r = 0; r < simulated.n; r++) {
    const size_t i = (size_t)(simulate_uniform() * (double)simulated.n);
    of[simulated.cell[i]]++;
    for (int s = 0; s < N_STREAMS; s++) {
      chosen[s][simulated.cell[i]] += simulated.prediction[s][i];
    }
  }
  for (int s = 0; s < N_STREAMS; s++) {
    double least = 2, most = -1;
    for (size_t g = 0; g < scene->n_groups; g++) {
      least = fmin(least, chosen[s][g] / of[g]);
      most = fmax(most, chosen[s][g] / of[g]);
    }
    gap[s] = most - least;
  }
  return gap[STREAM_A] - gap[STREAM_B];
}

static int naive_is_safe(const struct scene *scene) {
  double change[NAIVE_REPLICATES];
  for (int r = 0; r < NAIVE_REPLICATES; r++) {
    change[r] = naive_change(scene);
  }
  qsort(change, NAIVE_REPLICATES, sizeof *change, ascending);
  return change[(int)(NAIVE_REPLICATES * (1 - ALPHA)) - 1] < DELTA;
}

/* ---- cells ---- */

static void simulate(const struct scene *scene, int runs) {
  static const struct measure_variant plain = {.suffix = ""};
  const struct measure *measure = &fairness_demographic_parity_difference;
  const struct simulate_roles roles = {
      .n_cells = scene->n_groups, .has_cluster = scene->has_cluster, .is_pair = true};
  const int n_naive = runs < 1000 || scene->has_cluster ? 0 : NAIVE_SAMPLES;
  double safe = 0, harmed = 0, width = 0, naive = 0, n_apart = 0;
  for (int run = 0; run < runs; run++) {
    struct simulate_case made;
    struct inference law = inference_none("none");
    double low, high;
    draw(scene);
    if (!simulate_open(&roles, &made) ||
        measure->compare(measure, &plain, &made.view, &law, NULL) != NONET_OK) {
      exit(70);
    }
    inference_bounds(&law, 1 - 2 * ALPHA, &low, &high);
    safe += high < DELTA;
    harmed += low > DELTA;
    n_apart += run < P_SAMPLES && (high < DELTA) != (inference_p(&law, DELTA, false) <= ALPHA);
    width += high - low;
    simulate_close(&made);
    naive += run < n_naive ? naive_is_safe(scene) : 0;
  }
  const int failed = n_apart > 0 || /* a bound that is not its p */
                     simulate_is_above(safe / runs, ALPHA, runs) ||
                     simulate_is_above(harmed / runs, ALPHA, runs);
  simulate_failed += failed;
  printf("K %2zu n %4zu shared %.2f %-8s %-16s  false SAFE %.4f false HARMED %.4f width %.3f%s\n",
         scene->n_groups, scene->n, scene->shared, scene->has_cluster ? "clusters" : "",
         shape_names[scene->shape], safe / runs, harmed / runs, width / runs,
         failed ? "  FAILED" : "");
  if (n_naive > 0) {
    printf("   the percentile bootstrap of the difference: false SAFE %.3f\n", naive / n_naive);
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  static const size_t numbers[] = {2, 5, 10};
  const int runs = argc > 1 ? atoi(argv[1]) : 4000;
  if (runs < 1) {
    return 1;
  }
  for (size_t k = 0; k < 3; k++) {
    for (int shape = FAIR; shape <= ELSEWHERE; shape++) {
      const struct scene small = {(enum shape)shape, numbers[k], 60, false, 0.7},
                         large = {(enum shape)shape, numbers[k], 300, false, 0.7},
                         alike = {(enum shape)shape, numbers[k], 100, false, 0.97},
                         clustered = {(enum shape)shape, numbers[k], 200, true, 0.7};
      simulate(&small, runs);
      simulate(&large, runs);
      simulate(&alike, runs);
      simulate(&clustered, runs);
    }
  }
  return simulate_failed > 0;
}
