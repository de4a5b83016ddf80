/*
 * How often "no group worse" errs where rows come in clusters or with weights: argument 1 = samples
 * per cell, seeded.
 *
 *   false SAFE    the first group loses exactly δ, every other one gains as much: the gate is SAFE
 *                 when each group's p of "worse than δ" is at most .05
 *   false HARMED  every group loses exactly δ, the most that is allowed: HARMED when K times the
 *                 least p of "not worse than δ" is at most .05
 *
 * Balanced accuracy (predictions alone) and AUC (scores), 2, 5 and 20 groups, the last four times
 * the first; the models share much of their noise, rows of a cluster have a correlation of .2 in
 * it. A cell fails when either rate is above .07, what gates of tables and AUC are held to
 * (judgement.md §9 of the design), less 3 Monte-Carlo standard errors in a short run.
 */
#include "measure/fairness/fairness_simulate.h"
#include "stats/distribution.h"

#define ALPHA 0.05
#define HELD_TO 0.07
#define MOST_GROUPS 20

enum kind { PLAIN, CLUSTERS, WEIGHTS };

struct scene {
  enum kind kind;
  size_t n_groups, least; /* clusters, or rows, of the first group */
  bool is_auc;
};

static double normal(void) {
  return distribution_normal_quantile(simulate_uniform());
}

static double margin_of(const struct scene *scene) {
  return scene->is_auc ? 0.05 : 0.1;
}

static size_t size_of(const struct scene *scene, size_t g) {
  return (size_t)((double)scene->least * (1 + 3 * (double)g / ((double)scene->n_groups - 1)));
}

/* The candidate's AUC is .8 + gain, the baseline's .8; binormal, noise in three parts. */
static void score_row(size_t i, double of_cluster, double gain) {
  const double shared = sqrt(0.2) * of_cluster + sqrt(0.4) * normal();
  for (int s = 0; s < N_STREAMS; s++) {
    const double shift = sqrt(2) * distribution_normal_quantile(0.8 + (s == STREAM_A ? gain : 0));
    const double x = shift * simulated.label[i] + shared + sqrt(0.4) * normal();
    simulated.score[s][i] = 1 / (1 + exp(-x));
    simulated.prediction[s][i] = simulated.score[s][i] >= 0.5;
  }
}

/* Right with probability .8 + gain, the baseline with .8, in both classes; heavy rows more often,
 * so that the weighted population has these shares. */
static void predict_row(size_t i, double of_cluster, double gain) {
  const bool has_weights = simulated.weight[i] > 0.5 && simulated.weight[i] < 8;
  const double shift = !has_weights ? 0 : simulated.weight[i] > 2 ? 0.05 : -0.05 * 1.2 / 0.7;
  const double u = simulate_copy(of_cluster);
  for (int s = 0; s < N_STREAMS; s++) {
    const double own = simulate_uniform() < 0.6 ? u : simulate_copy(of_cluster);
    const bool is_right = own < 0.8 + shift + (s == STREAM_A ? gain : 0);
    simulated.prediction[s][i] = is_right ? simulated.label[i] : 1 - simulated.label[i];
  }
}

static void add_rows(const struct scene *scene, size_t g, uint64_t cluster, double gain) {
  const size_t n = scene->kind == CLUSTERS ? 1 + (size_t)(9 * simulate_uniform()) : 1;
  const double of_cluster = simulate_uniform();
  for (size_t r = 0; r < n; r++) {
    const size_t i = simulated.n++;
    simulated.cell[i] = (uint32_t)g;
    simulated.cluster[i] = cluster;
    simulated.label[i] = simulate_uniform() < 0.4;
    simulated.weight[i] = scene->kind != WEIGHTS ? 8 : simulate_uniform() < 0.3 ? 4 : 1;
    if (scene->is_auc) {
      score_row(i, distribution_normal_quantile(of_cluster), gain);
    } else {
      predict_row(i, of_cluster, gain);
    }
  }
}

static void draw(const struct scene *scene, bool all_lose) {
  const double margin = margin_of(scene);
  uint64_t cluster = 0;
  simulated.n = 0;
  for (size_t g = 0; g < scene->n_groups; g++) {
    for (size_t c = 0; c < size_of(scene, g); c++) {
      add_rows(scene, g, cluster++, g == 0 || all_lose ? -margin : margin);
    }
  }
}

struct rates {
  double safe, harmed, undecided;
};

static bool decides(const struct inference *law) {
  return law->kind != INFERENCE_MISSING && law->undecided == NULL;
}

/* As the judge takes the parts of a gate. */
static void weigh(const struct inference *laws, size_t n, double margin, struct rates *rates) {
  double p_safe = 0, p_harmed = 1;
  bool is_open = false;
  for (size_t k = 0; k < n; k++) {
    is_open = is_open || !decides(&laws[k]);
    p_safe = fmax(p_safe, decides(&laws[k]) ? inference_p(&laws[k], -margin, true) : 1);
    p_harmed =
        fmin(p_harmed, decides(&laws[k]) ? (double)n * inference_p(&laws[k], -margin, false) : 1);
  }
  rates->safe += p_safe <= ALPHA;
  rates->harmed += p_harmed <= ALPHA;
  rates->undecided += is_open;
}

static struct rates run_cell(const struct scene *scene, bool all_lose, int runs) {
  const struct measure *measure = &fairness_no_group_worse;
  const struct simulate_roles roles = {.n_cells = scene->n_groups,
                                       .has_weight = scene->kind == WEIGHTS,
                                       .has_cluster = scene->kind == CLUSTERS,
                                       .has_score = scene->is_auc,
                                       .is_pair = true};
  struct rates rates = {0};
  for (int run = 0; run < runs; run++) {
    struct simulate_case made;
    struct inference laws[MOST_GROUPS];
    double n[MOST_GROUPS];
    draw(scene, all_lose);
    if (!simulate_open(&roles, &made) ||
        measure->compare_groups(measure, &made.view, laws, n, NULL) != NONET_OK) {
      exit(70);
    }
    weigh(laws, scene->n_groups, margin_of(scene), &rates);
    simulate_close(&made);
  }
  return rates;
}

static void simulate(const struct scene *scene, int runs) {
  static const char *const kinds[] = {"plain", "clusters", "weights"};
  const struct rates one = run_cell(scene, false, runs), all = run_cell(scene, true, runs);
  const int failed = simulate_is_above(one.safe / runs, HELD_TO, runs) ||
                     simulate_is_above(all.harmed / runs, HELD_TO, runs);
  simulate_failed += failed;
  printf("%-17s %-8s K %2zu least %4zu  false SAFE %.4f false HARMED %.4f undecided %.3f%s\n",
         scene->is_auc ? "AUC" : "balanced accuracy", kinds[scene->kind], scene->n_groups,
         scene->least, one.safe / runs, all.harmed / runs, one.undecided / runs,
         failed ? "  FAILED" : "");
  fflush(stdout);
}

int main(int argc, char **argv) {
  static const size_t numbers[] = {2, 5, 20};
  const int runs = argc > 1 ? atoi(argv[1]) : 4000;
  if (runs < 1) {
    return 1;
  }
  for (size_t k = 0; k < 3; k++) {
    for (int kind = PLAIN; kind <= WEIGHTS; kind++) {
      for (int is_auc = 0; is_auc < 2; is_auc++) {
        const size_t least = kind == CLUSTERS ? 40 : 200;
        const struct scene few = {(enum kind)kind, numbers[k], least, is_auc == 1};
        const struct scene many = {(enum kind)kind, numbers[k], 3 * least, is_auc == 1};
        simulate(&few, runs);
        if (k == 0) {
          simulate(&many, runs);
        }
      }
    }
  }
  return simulate_failed > 0;
}
