/*
 * A view: one scope of one finished summary set, and what several measures share there, made once when first asked for: confusion
 * counts, sorted keys, ROC placements, micro-bins, rows, bootstrap replicates.
 *
 * is_plain (no weight, no cluster): the closed forms on integers hold. Otherwise measures work on rows(): values from weighted sums, variance by
 * linearisation over clusters (view_linearised), bootstrap with weights by cluster.
 *
 * Threads: a view is used by one thread; inside, kernels may use view->n_threads.
 */
#ifndef MEASURE_VIEW_H
#define MEASURE_VIEW_H

#include "measure/measure.h"
#include "summary/summary.h"

struct view_options {
  uint64_t seed;
  size_t n_replicates;  /* 1,000 */
  size_t n_threads;
  double level;         /* 0.95, two-sided */
  double quantile;      /* pinball's */
};

#define VIEW_NOTES 4
#define VIEW_NOTE_BYTES 240

struct view {
  const struct summary_set *set;
  const struct view_options *options;
  bool *in_scope;       /* [n_cells] */
  int class_index;      /* −1: all; else one class against the rest (multiclass) */
  bool is_plain;
  enum task task;
  size_t n_classes;
  char note[VIEW_NOTES][VIEW_NOTE_BYTES]; /* what the last estimate or compare wants said; the caller clears n_notes before each call */
  size_t n_notes;
  double n;             /* rows the last estimate rests on (its denominator: positives for recall) */
  double n_effective;   /* (Σw)²/Σw², equal to n without weights */
  struct view_cache *cache;
};

nonet_status view_init(const struct summary_set *set, const bool *in_scope, int class_index, const struct view_options *options,
                       struct view *view, nonet_error *error) NONET_NODISCARD;
void view_clear(struct view *view);
void view_note(struct view *view, const char *format, ...) NONET_PRINTF(2, 3);
/* Zeroed memory that lives as long as the view; NULL when short. */
void *view_arena(struct view *view, size_t n, size_t size_bytes) NONET_NODISCARD;

/* Confusion [label][prediction] of a stream as weighted sums (counts when plain); K·K. For a class view: 2 × 2, one against the rest. */
nonet_status view_confusion(struct view *view, int stream, const double **confusion, size_t *k, nonet_error *error) NONET_NODISCARD;
/* Joint [label][a][b], K·K·K, likewise. */
nonet_status view_joint(struct view *view, const double **joint, size_t *k, nonet_error *error) NONET_NODISCARD;
/* Distinct rows of the scope in canonical order, with keys. */
nonet_status view_rows(struct view *view, const struct row_set **rows, nonet_error *error) NONET_NODISCARD;
/* Micro-bins of a stream (plain rows only). */
nonet_status view_bins(struct view *view, int stream, const struct microbin **bins, nonet_error *error) NONET_NODISCARD;
/* Sorted keys of score k of a stream (plain rows only); shared by AUC, DeLong, AP, curves. */
nonet_status view_keys(struct view *view, int stream, size_t k, const struct score_keys **keys, nonet_error *error) NONET_NODISCARD;

/* Variance of Σ_i w_i·u_i by linearisation: `influence` is [rows->n], already divided by the estimator's total weight (so that
   θ̂ − θ ≈ Σ w_i u_i); sums over clusters (rows when there are none), G/(G − 1), df = G − 1. Adds the notes of judgement.md §1 for few clusters
   and fills n_effective. */
nonet_status view_linearised(struct view *view, const double *influence, double *variance, double *df, nonet_error *error) NONET_NODISCARD;

/* The shared bootstrap of the scope: one unstratified Poisson weight stream for all measures and both streams (by cluster when there are
   clusters). Registers a statistic; replicates are made for all registered statistics together at the first view_replicates call.
   `weights` is [rows->n] (Poisson count × sampling weight); return NaN where the statistic is undefined. */
typedef double (*view_statistic)(void *context, struct view *view, const double *weights);
nonet_status view_bootstrap(struct view *view, view_statistic statistic, void *context, const double **sorted_replicates, size_t *n_replicates,
                            nonet_error *error) NONET_NODISCARD;

#endif
