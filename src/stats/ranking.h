/*
 * The area under the ROC curve as a Mann–Whitney statistic with ties, its DeLong variance and
 * covariance, weighted and cluster-robust versions by influence values, logit limits, and the MOVER
 * limits of a paired difference.
 *
 * Counts are exact integers of 128 bits while each class has fewer than 2^31 rows; above that long
 * double. Nothing here depends on n_threads or, for unweighted functions, on the order of rows.
 * Weighted functions sum with stats/exactsum.h. Scores are keys of stats/sortkey.h. With an empty
 * class the AUC and all that follows is NaN; a variance needs two rows of each class, else NaN.
 * Thread-safe: no state.
 */
#ifndef STATS_RANKING_H
#define STATS_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

__extension__ typedef unsigned __int128 ranking_wide;

/* One class: ascending keys; one of keys32, keys64 is given. count NULL: each key once. */
struct ranking_class {
  const uint32_t *keys32;
  const uint64_t *keys64;
  const uint64_t *count;
  size_t n; /* keys */
};

struct ranking_auc {
  uint64_t n_negatives, n_positives;
  ranking_wide twice_u; /* 2 · (pairs won) + (pairs tied) */
  double auc;
  double variance; /* DeLong */
};

/* From sorted classes, both 32 or both 64 bit. */
nonet_status ranking_auc_sorted(const struct ranking_class *negatives,
                                const struct ranking_class *positives, size_t n_threads,
                                struct ranking_auc *result, nonet_error *error) NONET_NODISCARD;
/* From unsorted scores; label 0 negative, anything else positive. NaN among the scores is
 * NONET_E_DATA. */
nonet_status ranking_auc_f32(const float *scores, const uint8_t *labels, size_t n, size_t n_threads,
                             struct ranking_auc *result, nonet_error *error) NONET_NODISCARD;
nonet_status ranking_auc_f64(const double *scores, const uint8_t *labels, size_t n,
                             size_t n_threads, struct ranking_auc *result,
                             nonet_error *error) NONET_NODISCARD;

/*
 * Placements by row, for two streams on the same rows: twice[i] = 2 · (rows of the other class that
 * row i beats) + (ties); beating is a higher score for a positive and a lower one for a negative,
 * so AUC = Σ_pos count · twice / (2 m n) = Σ_neg count · twice / (2 m n). keys: 64-bit keys
 * (sortkey_f64) in row order; count NULL: 1 each; n < 2^32.
 */
nonet_status ranking_placements(const uint64_t *keys, const uint8_t *labels, const uint64_t *count,
                                size_t n, size_t n_threads, uint64_t *twice,
                                nonet_error *error) NONET_NODISCARD;

/* Each class against all others: result[c] is what ranking_auc_f64 finds with the rows of class c
 * as positives, for one sort in all. keys as above; class_of[i] < n_classes; n < 2^32. */
nonet_status ranking_each_class(const uint64_t *keys, const uint32_t *class_of, size_t n,
                                size_t n_classes, size_t n_threads, struct ranking_auc *result,
                                nonet_error *error) NONET_NODISCARD;

struct ranking_pair {
  uint64_t n_negatives, n_positives;
  double auc[2];
  double variance[2], covariance; /* DeLong */
  double
      variance_difference; /* of auc[0] − auc[1]; exactly 0 when the placements agree everywhere */
};

/* From the placements of both streams on the same rows. */
void ranking_pair(const uint64_t *twice_a, const uint64_t *twice_b, const uint8_t *labels,
                  const uint64_t *count, size_t n, struct ranking_pair *pair);

/*
 * Weighted AUC: Σ w⁺ᵢ w⁻ⱼ (1[s⁺ᵢ > s⁻ⱼ] + ½ 1[=]) / (W⁺ W⁻). influence[i] is the derivative to the
 * weight of row i times that weight: wᵢ (Vᵢ − AUC) / W of its class, for ONE of its `count` copies;
 * Σ count · influence = 0. weights NULL: 1 each. influence may be NULL. Rows in order of their
 * content: rounding of cumulated weights within a tie follows the given order.
 */
nonet_status ranking_weighted(const uint64_t *keys, const uint8_t *labels, const double *weights,
                              const uint64_t *count, size_t n, size_t n_threads, double *auc,
                              double *influence, nonet_error *error) NONET_NODISCARD;

struct ranking_covariance {
  double variance_a, variance_b, covariance, variance_difference;
  uint64_t n_units;     /* rows, or clusters */
  uint64_t n_moved;     /* units whose influence on the difference is not 0 */
  double largest_share; /* the largest share of one unit in Σ(difference)², 0 when all are 0 */
};

/* Covariance of two estimators from their influence values (b may be NULL): Σ over units × G/(G −
   1). cluster NULL: every copy of every row is its own unit; else the rows of one cluster are
   summed first, a row `count` times. */
nonet_status ranking_influence_covariance(const double *a, const double *b, const uint64_t *count,
                                          const uint64_t *cluster, size_t n,
                                          struct ranking_covariance *result,
                                          nonet_error *error) NONET_NODISCARD;

/* Limits expit(logit(A) ± z·se/(A(1 − A))); NaN when A is 0 or 1 or se is NaN. */
void ranking_logit_limits(double auc, double standard_error, double z, double *low, double *high);
/* The null value whose logit test statistic equals… inverted: (logit A − logit null) · A(1 − A)/se.
 */
double ranking_logit_z(double auc, double standard_error, double null);

/* MOVER (Zou & Donner 2008) limits of a − b from the limits of both and their correlation. */
void ranking_mover_limits(double a, double low_a, double high_a, double b, double low_b,
                          double high_b, double correlation, double *low, double *high);
/* The MOVER limits of AUC a − AUC b with logit limits at multiplier z. */
void ranking_mover_difference(const struct ranking_pair *pair, double z, double *low, double *high);
/* That interval inverted at a null difference: the signed z at which a limit touches `null`,
   positive when a − b > null, at most ±40. P(H0: d <= null) = 1 − Φ(z). NaN when the logit limits
   do not exist. */
double ranking_mover_z(const struct ranking_pair *pair, double null);

#endif
