/*
 * For tests: launches timed by a clock with a known law, so that intervals can be held to the true
 * percentile and ratio without any real time passing.
 *
 * A request to B takes exp(sigma·z) ms, one to A `ratio` times that; z is standard normal. On top
 *   bursts    a neighbour makes everything `slowdown` times slower for stretches of requests,
 *             whichever model answers; a share `busy` of all requests
 *   launches  each launch has its own factor exp(offset·z) for each model
 */
#ifndef LATENCY_SIMULATED_H
#define LATENCY_SIMULATED_H

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/philox.h"
#include "probe/answers.h"
#include "stats/distribution.h"

struct simulated_law {
  const char *name;
  double ratio, sigma, offset;
  double busy, stretch, slowdown; /* stretch: requests a burst lasts on average */
  size_t n_launches, n_fours, n_block;
};

static inline double simulated_normal(struct philox_sequence *draw) {
  return distribution_normal_quantile(philox_next_uniform(draw));
}

/* The share of B's requests at or below x ms. */
static inline double simulated_cdf(const struct simulated_law *law, double x) {
  double sd = sqrt(law->sigma * law->sigma + law->offset * law->offset);
  double quiet = distribution_normal_cdf(log(x) / sd);
  return law->busy == 0 ? quiet
                        : (1 - law->busy) * quiet +
                              law->busy * distribution_normal_cdf(log(x / law->slowdown) / sd);
}

static inline double simulated_quantile(const struct simulated_law *law, double share) {
  double low = 1e-6, high = 1e6;
  for (int i = 0; i < 200; i++) {
    double middle = sqrt(low * high);
    *(simulated_cdf(law, middle) < share ? &low : &high) = middle;
  }
  return low;
}

static inline double simulated_mean(const struct simulated_law *law) {
  double variance = law->sigma * law->sigma + law->offset * law->offset;
  return exp(variance / 2) * (1 + law->busy * (law->slowdown - 1));
}

/* One launch: fours of blocks, ABBA or BAAB by a coin. */
static inline struct probe_launch simulated_launch(const struct simulated_law *law,
                                                   struct philox_sequence *draw) {
  struct probe_launch launch = {.n_blocks = 4 * law->n_fours};
  launch.blocks = memory_zeroed(launch.n_blocks, sizeof *launch.blocks);
  double factor[N_STREAMS];
  for (int s = 0; s < N_STREAMS; s++) {
    launch.ns[s] = memory_zeroed(2 * law->n_fours * law->n_block, sizeof(double));
    factor[s] = (s == STREAM_A ? law->ratio : 1) * exp(law->offset * simulated_normal(draw)) * 1e6;
  }
  bool is_busy = philox_next_uniform(draw) < law->busy;
  int first = STREAM_A;
  for (size_t b = 0; b < launch.n_blocks; b++) {
    first = b % 4 == 0 ? (int)(philox_next_u32(draw) & 1) : first;
    int stream = b % 4 == 0 || b % 4 == 3 ? first : 1 - first;
    launch.blocks[b] = (struct probe_block){stream, launch.n[stream], law->n_block};
    for (size_t i = 0; i < law->n_block; i++) {
      /* two states whose stationary share of busy requests is `busy` */
      double leave = 1 / law->stretch, enter = leave * law->busy / (1 - law->busy);
      is_busy = philox_next_uniform(draw) < (is_busy ? 1 - leave : enter);
      launch.ns[stream][launch.n[stream]++] =
          factor[stream] * exp(law->sigma * simulated_normal(draw)) * (is_busy ? law->slowdown : 1);
    }
  }
  return launch;
}

static inline void simulated_answers(const struct simulated_law *law, uint64_t seed, uint64_t run,
                                     struct probe_answers *answers) {
  struct philox_sequence draw = {.seed = seed, .id = run};
  *answers = (struct probe_answers){0};
  for (size_t i = 0; i < law->n_launches; i++) {
    struct probe_launch launch = simulated_launch(law, &draw);
    if (probe_latency_add(&answers->latency, &launch, NULL) != NONET_OK) {
      return;
    }
  }
  answers->stream[STREAM_A].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  answers->stream[STREAM_B].state[PROBE_LATENCY].status = PROBE_ANSWERED;
}

/* Mean and t of any n numbers: what the naive interval over blocks does. */
static inline bool simulated_t_covers(const double *x, size_t n, double truth) {
  double mean = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    mean += x[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  double half =
      distribution_t_z(0.95, (double)n - 1) * sqrt(squares / ((double)n * ((double)n - 1)));
  return fabs(mean - truth) <= half;
}

#endif
