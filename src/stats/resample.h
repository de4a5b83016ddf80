/*
 * The bootstrap: Poisson weights keyed by row, exact multinomial draws of tables, a driver for any
 * statistic, fused kernels for the AUC and the average precision, and the intervals made of
 * replicates.
 *
 * A weight is a function of (seed, stream, row key, count, replicate) alone: philox_row's word
 * replicate % 4 of index replicate / 4, so it does not depend on the place of the row, blocks or
 * threads. Poisson(1) inverts its CDF at 2^-32 resolution (each P(W ≤ k) is within 2^-33).
 * Poisson(c) is a sum of independent Poisson(2^b) over the bits of c, 2^b ≤ 65,536 (larger c:
 * several of those), each at the same resolution with an index of its own; total variation from the
 * exact law is below 1e-6 per part. Thread-safe: the tables are made once per call; no state.
 */
#ifndef STATS_RESAMPLE_H
#define STATS_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#include "base/philox.h"
#include "base/progress.h"

struct resample_rows {
  uint64_t seed;
  enum philox_stream stream; /* PHILOX_BOOTSTRAP, or PHILOX_CLUSTER with keys of clusters */
  const uint64_t *keys;      /* [n] row keys, or the key of the row's cluster */
  const uint64_t *count;     /* [n] copies of the row, NULL: 1 */
  bool is_cluster;           /* weight = count · Poisson(1 of the key) instead of Poisson(count) */
  size_t n;
};

/* out[r · n + i] for r < n_replicates: the weight of row i in replicate replicate_first + r; both
 * multiples of 4. Saturates at 2^32 − 1. */
nonet_status resample_poisson_block(const struct resample_rows *rows, uint64_t replicate_first,
                                    size_t n_replicates, uint32_t *out,
                                    nonet_error *error) NONET_NODISCARD;
/* One weight by the definition: what tests and slow paths use. */
nonet_status resample_poisson_one(uint64_t seed, enum philox_stream stream, uint64_t key,
                                  uint64_t count, uint64_t replicate, uint64_t *weight,
                                  nonet_error *error) NONET_NODISCARD;

/* Writes n_out values; NaN: missing in this replicate. weights[n]; worker < n_threads, for scratch.
 * Must not depend on worker. */
typedef void (*resample_statistic)(void *context, size_t worker, const uint32_t *weights,
                                   double *out);

/* replicates[r · n_out + k] for r < n_replicates (any number). */
nonet_status resample_run(const struct resample_rows *rows, resample_statistic statistic,
                          void *context, size_t n_out, size_t n_replicates, size_t n_threads,
                          struct progress *progress, double *replicates,
                          nonet_error *error) NONET_NODISCARD;

/* May the two that follow take so many rows (Σ count below 2^30, in clusters 2^27)? Else they give
 * NONET_E_DATA. */
bool resample_fits_curve(const struct resample_rows *rows);
/*
 * The AUC of each replicate, with no weight stored. rows ascending by tie group: group[i]
 * non-decreasing (any integers: keys do), label 0 or else positive. auc[r] NaN when a class drew
 * nothing.
 */
nonet_status resample_auc(const struct resample_rows *rows, const uint64_t *group,
                          const uint8_t *labels, size_t n_replicates, size_t n_threads, double *auc,
                          nonet_error *error) NONET_NODISCARD;
/* The same from unsorted scores, keys given: sorts a copy first. */
nonet_status resample_auc_f32(const struct resample_rows *rows, const float *scores,
                              const uint8_t *labels, size_t n_replicates, size_t n_threads,
                              double *auc, nonet_error *error) NONET_NODISCARD;

/* The average precision of each replicate in the same way. rows from the highest score down,
 * closes[i] not 0: the last of its score. The sum runs over the scores in this order. */
nonet_status resample_average_precision(const struct resample_rows *rows, const uint8_t *closes,
                                        const uint8_t *labels, size_t n_replicates,
                                        size_t n_threads, double *value,
                                        nonet_error *error) NONET_NODISCARD;

/*
 * Exact multinomial bootstrap: replicate r draws n = Σ count rows over n_cells cells with
 * probabilities count / n, by conditional binomials in the order of cells; draws from (seed,
 * PHILOX_TABLE, table_key, replicate). out[r · n_cells + cell].
 */
nonet_status resample_multinomial(uint64_t seed, uint64_t table_key, const uint64_t *count,
                                  size_t n_cells, size_t n_replicates, size_t n_threads,
                                  uint64_t *out, nonet_error *error) NONET_NODISCARD;
/* Binomial(n, p) from the draws of `sequence`-like state: inversion below n·p = 10, else BTRS
 * (Hörmann 1993). */
struct resample_draws {
  uint64_t seed, key, index; /* index counts blocks of four words */
  struct philox_block block;
  unsigned n_left;
  enum philox_stream stream;
};
uint64_t resample_binomial(struct resample_draws *draws, uint64_t n, double p);

/* Test hook: 0 portable, 1 at most AVX2, 2 the best there is (default). Not thread-safe. */
void resample_kernel_limit(int most);

/* One statistic's replicates, cleaned. */
struct resample_sample {
  double *sorted; /* ascending, finite */
  size_t n, n_missing;
  double mean, standard_error; /* divisor n − 1 */
};

/* Takes column k of replicates[n_replicates][n_out]. NaN and infinities are missing. clear frees.
 */
nonet_status resample_sample_init(const double *replicates, size_t n_replicates, size_t n_out,
                                  size_t k, struct resample_sample *sample,
                                  nonet_error *error) NONET_NODISCARD;
void resample_sample_clear(struct resample_sample *sample);

/* Limits of a two-sided level; NaN, NaN when more than 1 % of the replicates are missing or fewer
 * than 20 are left. */
void resample_percentile(const struct resample_sample *sample, double level, double *low,
                         double *high);
/* BCa (Efron 1987); acceleration from resample_acceleration. NaN when the estimate lies outside all
 * replicates. */
void resample_bca(const struct resample_sample *sample, double estimate, double acceleration,
                  double level, double *low, double *high);
/* Σφ³ / (6 (Σφ²)^1.5) from influence values (count NULL: 1). For jackknife values pass mean −
 * value. */
double resample_acceleration(const double *influence, const uint64_t *count, size_t n);
/* estimate ± z · bootstrap SE, and the same on the logit scale (NaN unless 0 < estimate < 1). */
void resample_normal(const struct resample_sample *sample, double estimate, double level,
                     double *low, double *high);
void resample_logit(const struct resample_sample *sample, double estimate, double level,
                    double *low, double *high);
/* Bootstrap-t: `sample` holds (θ* − θ)/se*; limits θ − t_{1−α/2} se and θ − t_{α/2} se. */
void resample_studentised(const struct resample_sample *sample, double estimate,
                          double standard_error, double level, double *low, double *high);
/* One-sided Monte-Carlo p-value (k + 1)/(B + 1): k = replicates as far as the observed statistic.
 */
double resample_p_value(size_t n_as_extreme, size_t n_replicates);
/* One-sided p for H0: θ ≤ null by the studentised replicates: share of t* ≥ (estimate − null)/se,
 * with the +1. */
double resample_studentised_p(const struct resample_sample *sample, double estimate,
                              double standard_error, double null);
/* Share-based p of the percentile method for H0: θ ≤ null: (#{θ* ≤ null} + 1)/(B + 1). */
double resample_percentile_p(const struct resample_sample *sample, double null);
/* Clopper–Pearson-free Monte-Carlo check: does the 99 % Wilson interval of k/B contain the
 * threshold? */
bool resample_is_undecided(size_t n_as_extreme, size_t n_replicates, double threshold);
/* Hyndman–Fan type 7 quantile of an ascending array. */
double resample_quantile(const double *sorted, size_t n, double probability);

#endif
