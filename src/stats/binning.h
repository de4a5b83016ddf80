/*
 * Calibration by bins: 65,536 equal-width micro-bins filled from probabilities, and everything read
 * from bins: ECE in its several definitions, MCE, Hosmer–Lemeshow, reliability points, Murphy's
 * decomposition.
 *
 * p in [0, 1], checked by the caller. Σp is kept exactly in units of 2^-90 (a p is cut there once:
 * below 2^-37 of the micro-bin width of bin 1 and exact for every double ≥ 2^-38 and float32 ≥
 * 2^-67), up to 2^37 rows. Readers take `points`: (n, positives, Σp) in ascending order of p; a
 * point is a micro-bin or a distinct score and is never split. Empty points are fine. Thread-safe:
 * no state.
 */
#ifndef STATS_BINNING_H
#define STATS_BINNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define BINNING_MICRO 65536u
__extension__ typedef unsigned __int128 binning_wide;

struct binning_micro {
  uint64_t n, n_positive;
  binning_wide sum_p; /* Σp · 2^90 */
};

struct binning_point {
  uint64_t n, n_positive;
  double sum_p;
};

/* The micro-bin of p: floor(65,536 p), 1 in the last one. */
static inline uint32_t binning_index(double p) {
  uint32_t index = (uint32_t)(p * BINNING_MICRO);
  return index < BINNING_MICRO ? index : BINNING_MICRO - 1;
}

/* Adds n rows; label 0 or else positive. `bins` has BINNING_MICRO places. One thread per array of
 * bins; merge adds. */
nonet_status binning_add_f32(struct binning_micro *bins, const float *p, const uint8_t *labels,
                             size_t n, nonet_error *error) NONET_NODISCARD;
void binning_add_f64(struct binning_micro *bins, const double *p, const uint8_t *labels, size_t n);
void binning_add_one(struct binning_micro *bins, double p, bool is_positive, uint64_t count);
void binning_merge(struct binning_micro *into, const struct binning_micro *from);
/* Σp rounded once to the nearest double. */
void binning_points(const struct binning_micro *bins, struct binning_point *points);

/* Gathers points into n_groups groups (zeroed inside): equal mass puts a point with `before` rows
   below it into group floor(n_groups · (before + n_i/2) / N); equal width by the mean p of the
   point. Groups may be empty. */
void binning_equal_mass(const struct binning_point *points, size_t n_points, size_t n_groups,
                        struct binning_point *groups);
void binning_equal_width(const struct binning_point *points, size_t n_points, size_t n_groups,
                         struct binning_point *groups);

/* Σ n_b/N |p̄_b − ȳ_b|, and its maximum over non-empty bins. NaN without rows. */
double binning_ece(const struct binning_point *groups, size_t n_groups);
double binning_mce(const struct binning_point *groups, size_t n_groups);
/* Σ n_b/N [(p̄_b − ȳ_b)² − ȳ_b(1 − ȳ_b)/(n_b − 1)]: Kumar, Liang & Ma 2019, may be negative; bins
 * with one row are left out. */
double binning_ece_squared_debiased(const struct binning_point *groups, size_t n_groups);
/* √max(0, that). */
double binning_ece_debiased(const struct binning_point *groups, size_t n_groups);
/* Roelofs 2022: equal-mass ECE with the largest number of bins whose ȳ is monotone, counting up
   from 1 until it first is not, up to n_most; n_bins (may be NULL) gets that number. */
nonet_status binning_ece_sweep(const struct binning_point *points, size_t n_points, size_t n_most,
                               double *ece, size_t *n_bins, nonet_error *error) NONET_NODISCARD;

/* Bootstrap replicates of the debiased squared form over equal-mass bins: each point's positives
   and negatives are redrawn as Poisson counts keyed by (point, label), its mean p stays.
   squared[n_replicates]. */
nonet_status binning_ece_bootstrap(const struct binning_point *points, size_t n_points,
                                   size_t n_groups, uint64_t seed, uint64_t key,
                                   size_t n_replicates, size_t n_threads, double *squared,
                                   nonet_error *error) NONET_NODISCARD;
/* The interval of judgement: squared estimate ± z · SE of the replicates, cut at 0, and the root of
 * both ends. */
void binning_ece_limits(double squared_estimate, double squared_standard_error, double z,
                        double *low, double *high);

struct binning_hosmer_lemeshow {
  double statistic, p_value;
  size_t n_groups; /* non-empty; df = n_groups − 2 */
};
/* Over equal-mass groups; NaN with fewer than 3 groups or an expected count of 0 that was not met
 * exactly. */
struct binning_hosmer_lemeshow binning_hosmer_lemeshow(const struct binning_point *groups,
                                                       size_t n_groups);

struct binning_murphy {
  double reliability, resolution, uncertainty; /* Brier = reliability − resolution + uncertainty
                                                  when points are distinct scores */
};
struct binning_murphy binning_murphy(const struct binning_point *points, size_t n_points);

/* Points of a reliability diagram: mean p, share of positives, rows; empty groups are left out;
 * returns how many. */
size_t binning_reliability(const struct binning_point *groups, size_t n_groups, double *mean_p,
                           double *share_positive, uint64_t *n);

#endif
