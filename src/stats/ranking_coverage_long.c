/*
 * Coverage of the AUC's intervals over 10,000 binormal samples of true AUC .76 and .95: DeLong,
 * logit-DeLong and the percentile of the Poisson bootstrap (500 replicates); and the false-SAFE
 * rate of a paired difference at d = −δ by DeLong, by MOVER and by both. Fails when coverage leaves
 * .92–.97 for logit, or both together call a harm SAFE in more than .07 of the runs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/distribution.h"
#include "stats/ranking.h"
#include "stats/resample.h"
#include "stats/sortkey.h"

enum { N_RUNS = 10000, N_ROWS = 200, N_REPLICATES = 500 };

static double normal(struct philox_sequence *draws) {
  return distribution_normal_quantile(philox_next_uniform(draws));
}

static int single(double shift, size_t n_positives, uint64_t id) {
  double truth = distribution_normal_cdf(shift / sqrt(2.0));
  int covered[3] = {0, 0, 0}, n_run = 0;
  struct philox_sequence draws = {8, id, 0};
  for (int run = 0; run < N_RUNS; run++) {
    float scores[N_ROWS];
    uint8_t labels[N_ROWS];
    uint64_t keys[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++) {
      labels[i] = i < n_positives;
      scores[i] = (float)(normal(&draws) + shift * labels[i]);
      keys[i] = (uint64_t)run << 20 | i;
    }
    struct ranking_auc auc;
    double low, high, replicates[N_REPLICATES];
    struct resample_rows rows = {id, PHILOX_BOOTSTRAP, keys, NULL, false, N_ROWS};
    struct resample_sample sample;
    if (ranking_auc_f32(scores, labels, N_ROWS, 1, &auc, NULL) != NONET_OK ||
        resample_auc_f32(&rows, scores, labels, N_REPLICATES, 1, replicates, NULL) != NONET_OK ||
        resample_sample_init(replicates, N_REPLICATES, 1, 0, &sample, NULL) != NONET_OK) {
      return 1;
    }
    double se = sqrt(auc.variance), z = distribution_normal_z(0.95);
    covered[0] += fabs(auc.auc - truth) <= z * se;
    ranking_logit_limits(auc.auc, se, z, &low, &high);
    covered[1] += low <= truth && truth <= high;
    resample_percentile(&sample, 0.95, &low, &high);
    covered[2] += low <= truth && truth <= high;
    resample_sample_clear(&sample);
    n_run++;
  }
  printf("AUC %.3f, %zu of %d positive: DeLong %.4f  logit %.4f  bootstrap %.4f\n", truth,
         n_positives, N_ROWS, covered[0] / (double)n_run, covered[1] / (double)n_run,
         covered[2] / (double)n_run);
  double logit = covered[1] / (double)n_run;
  return !(logit > 0.92 && logit < 0.97);
}

/* Candidate worse by exactly δ; scores of both share half of their noise. */
static int paired(double shift, double worse, size_t n_positives, uint64_t id) {
  double margin = distribution_normal_cdf(shift / sqrt(2.0)) -
                  distribution_normal_cdf(worse / sqrt(2.0)),
         z = distribution_normal_quantile(0.95);
  int safe[3] = {0, 0, 0};
  struct philox_sequence draws = {9, id, 0};
  for (int run = 0; run < N_RUNS; run++) {
    uint64_t keys[2][N_ROWS], twice[2][N_ROWS];
    uint8_t labels[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++) {
      labels[i] = i < n_positives;
      double shared = normal(&draws) * sqrt(0.5);
      keys[0][i] = sortkey_f64(shared + normal(&draws) * sqrt(0.5) + worse * labels[i]);
      keys[1][i] = sortkey_f64(shared + normal(&draws) * sqrt(0.5) + shift * labels[i]);
    }
    struct ranking_pair pair;
    for (int k = 0; k < 2; k++) {
      if (ranking_placements(keys[k], labels, NULL, N_ROWS, 1, twice[k], NULL) != NONET_OK) {
        return 1;
      }
    }
    ranking_pair(twice[0], twice[1], labels, NULL, N_ROWS, &pair);
    bool delong = (pair.auc[0] - pair.auc[1] + margin) / sqrt(pair.variance_difference) >= z,
         mover = ranking_mover_z(&pair, -margin) >= z;
    safe[0] += delong;
    safe[1] += mover;
    safe[2] += delong && mover;
  }
  printf("harm of exactly %.4f, %zu of %d positive: SAFE by DeLong %.4f  MOVER %.4f  both %.4f\n",
         margin, n_positives, N_ROWS, safe[0] / (double)N_RUNS, safe[1] / (double)N_RUNS,
         safe[2] / (double)N_RUNS);
  return safe[2] / (double)N_RUNS > 0.07; /* judgement: AUC gates <= .07 */
}

int main(void) {
  int n_failed =
      single(1.0, 100, 1) + single(1.0, 30, 2) + single(2.326, 100, 3) + single(2.326, 30, 4);
  n_failed += paired(1.5, 1.3, 100, 5) + paired(1.5, 1.3, 25, 6) + paired(2.5, 2.2, 40, 7);
  return n_failed > 0;
}
