/*
 * Laws that many measures share: each fills a struct inference from a view. One stream (estimate)
 * or the paired difference A − B (compare).
 *
 * Every function sets view->n and view->n_effective, adds the notes that judgement.md §1 asks for,
 * and gives INFERENCE_MISSING with a reason where the number or its interval does not exist. `out`
 * is overwritten whole; null_low and null_high are the measure's range (its difference's for
 * pairs).
 */
#ifndef MEASURE_LAW_H
#define MEASURE_LAW_H

#include "measure/view.h"

/* No value (NaN), n = 0. The reason is copied. */
void law_missing(struct view *view, const struct measure *measure, struct inference *out,
                 const char *format, ...) NONET_PRINTF(4, 5);
/* There is a value but no interval. */
void law_no_interval(struct view *view, const struct measure *measure, double value,
                     struct inference *out, const char *format, ...) NONET_PRINTF(5, 6);

/* Fills kind, method and range for a law of a pair (range [−w, w], w the width of the measure's
 * range) or of one stream. */
struct inference law_start(const struct measure *measure, enum inference_kind kind,
                           const char *method, bool is_pair);

/* The mean of a moment term over the scope; t(n − 1) on plain rows, weighted mean with t(G − 1)
 * over clusters otherwise. */
nonet_status law_mean(const struct measure *measure, struct view *view, enum moment_term term,
                      int stream, struct inference *out, nonet_error *error) NONET_NODISCARD;
nonet_status law_mean_pair(const struct measure *measure, struct view *view, enum moment_term term,
                           struct inference *out, nonet_error *error) NONET_NODISCARD;
/* The same for a value per distinct row ([rows->n]; NaN: the row is outside the denominator).
 * is_pair: values are differences A − B. */
nonet_status law_mean_rows(const struct measure *measure, struct view *view, const double *x,
                           bool is_pair, struct inference *out, nonet_error *error) NONET_NODISCARD;
/* The mean by bootstrap-t on plain rows (judgement.md §8), for the rows whose x is not NaN. */
nonet_status law_mean_boot_t(const struct measure *measure, struct view *view, const double *x,
                             bool is_pair, struct inference *out,
                             nonet_error *error) NONET_NODISCARD;

/* Any smooth statistic with its influence per distinct row (as view_linearised): T on `scale` with
   the delta rule, normal (df infinite) on plain rows, t(G − 1) otherwise. Paired: the undecided
   rules of judgement.md §1 are applied. method NULL: the record's. */
nonet_status law_linear(const struct measure *measure, struct view *view, double value,
                        const double *influence, enum inference_scale scale, bool is_pair,
                        struct inference *out, nonet_error *error) NONET_NODISCARD;

/* A proportion: Wilson on whole counts. */
void law_wilson(const struct measure *measure, struct view *view, double successes, double trials,
                struct inference *out);
/* A share with a variance of its own (weights, clusters, ratios): Wilson with trials = p(1 −
   p)/variance, at most n_most; t(df). At p = 0 or 1, where the variance is 0, trials = n_edge. */
void law_wilson_effective(const struct measure *measure, struct view *view, double share,
                          double variance, double df, double n_most, double n_edge,
                          struct inference *out);

/* Paired proportions of n rows, b with A alone right, c with B alone; n_a with A right: Tango, and
 * the exact test below 20. */
void law_tango(const struct measure *measure, struct view *view, double n_a, double b, double c,
               double n, struct inference *out);
/* The share of rows with x = 1, x in {0, 1, NaN = outside the denominator}, [rows->n]: Wilson; with
 * weights or clusters the effective one. */
nonet_status law_share_rows(const struct measure *measure, struct view *view, const double *x,
                            struct inference *out, nonet_error *error) NONET_NODISCARD;
/* The paired difference of two shares with one denominator: Tango; with weights or clusters the
 * linearised mean of a − b. */
nonet_status law_share_pair_rows(const struct measure *measure, struct view *view, const double *a,
                                 const double *b, struct inference *out,
                                 nonet_error *error) NONET_NODISCARD;
/* The rules of judgement.md §1 for a smooth paired law: sets out->undecided when fewer than
   VIEW_FEW_UNITS units differ, one holds too much, or there are fewer than VIEW_FEW_CLUSTERS
   clusters. differs is [rows->n]. */
nonet_status law_undecided(struct view *view, const bool *differs, const struct view_linear *linear,
                           struct inference *out, nonet_error *error) NONET_NODISCARD;

/* From replicates of view_bootstrap…: percentile (acceleration NaN) or BCa; MISSING when more than
 * 1 % are missing. */
/* Too few replicates for an interval? Then *out is the value without one, and why. */
bool law_lacks_replicates(const struct measure *measure, struct view *view, double value,
                          size_t n_replicates, struct inference *out);
void law_replicates(const struct measure *measure, struct view *view, double value,
                    const double *replicates, size_t n_replicates, double acceleration,
                    bool is_pair, struct inference *out);
/* value ± z·(standard deviation of the replicates) on a scale; MISSING likewise. Replicates are of
 * the value itself. */
void law_replicates_se(const struct measure *measure, struct view *view, double value,
                       const double *replicates, size_t n_replicates, enum inference_scale scale,
                       bool is_pair, struct inference *out);

#endif
