/*
 * How often the bounds of cross-group AUC gaps hold: argument 1 = samples per cell, seeded.
 *
 * score: d·label + s_g + noise, N(0, 1) in two parts: of the row and, in clusters of 1 to 7 rows,
 * of the cluster (correlation .3); half of the rows positive.
 *
 * s_g: 0 for all; 0 to .6 in steps; .6 for the first group alone.
 *
 * truth: BPSN_g = Σ_{h≠g} n_h·Φ((d + s_h − s_g)/√2) / Σ_{h≠g} n_h, BNSP_g with s_g − s_h; the
 * largest less the least, or the largest distance from the first group's as a reference.
 *
 * 2, 5 and 10 groups, the last ten times the first; AUC .8 (d = 1.2) and .96 (d = 2.5). A cell
 * fails when either bound of .025 misses in more than .025 + 3 Monte-Carlo standard errors.
 */
#include "measure/fairness/fairness_simulate.h"
#include "stats/distribution.h"

#define MOST_GROUPS 10
#define APART 0.6

enum shape { EQUAL, STEPS, ONE_APART };
static const char *const shape_names[] = {"equal", "steps", "one apart"};

struct scene {
  size_t n_groups, least; /* rows, or clusters, of the first group */
  double distance;        /* d */
  bool has_cluster;
};

static double normal(void) {
  return distribution_normal_quantile(simulate_uniform());
}

static double shift_of(const struct scene *scene, enum shape shape, size_t g) {
  switch (shape) {
  case STEPS:
    return APART * (double)g / ((double)scene->n_groups - 1);
  case ONE_APART:
    return g == 0 ? APART : 0;
  default:
    return 0;
  }
}

static void draw(const struct scene *scene, enum shape shape) {
  uint64_t cluster = 0;
  simulated.n = 0;
  for (size_t g = 0; g < scene->n_groups; g++) {
    for (size_t c = 0; c < simulate_size(scene->least, g, scene->n_groups); c++, cluster++) {
      const size_t size = scene->has_cluster ? 1 + (size_t)(7 * simulate_uniform()) : 1;
      const double of_cluster = normal();
      for (size_t r = 0; r < size; r++) {
        const size_t i = simulated.n++;
        const double noise =
            scene->has_cluster ? sqrt(0.3) * of_cluster + sqrt(0.7) * normal() : of_cluster;
        simulated.cell[i] = (uint32_t)g;
        simulated.cluster[i] = cluster;
        simulated.label[i] = simulate_uniform() < 0.5;
        simulated.score[STREAM_A][i] =
            scene->distance * simulated.label[i] + shift_of(scene, shape, g) + noise;
      }
    }
  }
}

/* A group's number; `sign` 1: its negatives against the background's positives, −1: the other way.
 */
static double number_of(const struct scene *scene, enum shape shape, size_t g, double sign) {
  double sum = 0, of = 0;
  for (size_t h = 0; h < scene->n_groups; h++) {
    if (h != g) {
      const double n = (double)simulate_size(scene->least, h, scene->n_groups);
      const double apart = shift_of(scene, shape, h) - shift_of(scene, shape, g);
      sum += n * distribution_normal_cdf((scene->distance + sign * apart) / sqrt(2));
      of += n;
    }
  }
  return sum / of;
}

static double truth_of(const struct scene *scene, enum shape shape, double sign,
                       bool has_reference) {
  const double first = number_of(scene, shape, 0, sign);
  double least = first, most = first;
  for (size_t g = 1; g < scene->n_groups; g++) {
    least = fmin(least, number_of(scene, shape, g, sign));
    most = fmax(most, number_of(scene, shape, g, sign));
  }
  return has_reference ? fmax(most - first, first - least) : most - least;
}

static void simulate(const struct scene *scene, enum shape shape, int runs) {
  static const struct measure_variant variants[] = {{.suffix = "bpsn", .word = "bpsn"},
                                                    {.suffix = "bnsp", .word = "bnsp"}};
  const struct measure *measure = &fairness_auc_gap;
  const struct simulate_roles roles = {
      .n_cells = scene->n_groups, .has_cluster = scene->has_cluster, .has_score = true};
  const int n_asked = scene->n_groups == 2 ? 1 : 2; /* of two groups a reference changes nothing */
  struct simulate_tally tally[2][2] = {{{0}}};
  char what[80];
  for (int run = 0; run < runs; run++) {
    struct simulate_case made;
    draw(scene, shape);
    if (!simulate_open(&roles, &made)) {
      exit(70);
    }
    for (int v = 0; v < 2; v++) {
      for (int has_reference = 0; has_reference < n_asked; has_reference++) {
        struct inference law = inference_none("none");
        made.column.reference = (size_t)has_reference; /* the first group */
        made.view.n_notes = 0;
        if (measure->estimate(measure, &variants[v], &made.view, STREAM_A, &law, NULL) !=
            NONET_OK) {
          exit(70);
        }
        simulate_count(&tally[v][has_reference], &law,
                       truth_of(scene, shape, v == 0 ? 1 : -1, has_reference));
      }
    }
    simulate_close(&made);
  }
  for (int v = 0; v < 2; v++) {
    for (int has_reference = 0; has_reference < n_asked; has_reference++) {
      snprintf(what, sizeof what, "%s%s, K %zu, least %zu%s, d %.1f, %s", variants[v].suffix,
               has_reference ? " reference" : "", scene->n_groups, scene->least,
               scene->has_cluster ? " clusters" : "", scene->distance, shape_names[shape]);
      simulate_report(what, &tally[v][has_reference], 0.025);
    }
  }
}

int main(int argc, char **argv) {
  static const size_t numbers[] = {2, 5, MOST_GROUPS};
  const int runs = argc > 1 ? atoi(argv[1]) : 2000;
  if (runs < 1) {
    return 1;
  }
  for (size_t k = 0; k < 3; k++) {
    for (int shape = EQUAL; shape <= ONE_APART; shape++) {
      const struct scene small = {numbers[k], 60, 1.2, false},
                         large = {numbers[k], 200, 1.2, false},
                         sharp = {numbers[k], 200, 2.5, false},
                         clustered = {numbers[k], 30, 1.2, true};
      simulate(&small, (enum shape)shape, runs);
      simulate(&large, (enum shape)shape, runs);
      simulate(&sharp, (enum shape)shape, runs);
      simulate(&clustered, (enum shape)shape, runs);
    }
  }
  return simulate_failed > 0;
}
