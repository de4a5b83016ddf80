/*
 * A view: one scope of one finished summary set, and what several measures share there, made once
 * when first asked for: confusion counts, sorted keys, ROC placements, micro-bins, rows, bootstrap
 * replicates.
 *
 * is_plain (no weight, no cluster): the closed forms on integers hold. Otherwise measures work on
 * rows(): values from weighted sums, variance by linearisation over clusters (view_linearised),
 * bootstrap with weights by cluster.
 *
 * A class view (class_index >= 0) is a binary problem: task is TASK_BINARY, n_classes 2, and
 * confusion, rows, keys and bins are of that class against the rest (label 1 = the class, one score
 * = its column).
 *
 * Threads: a view is used by one thread; inside, kernels use options->n_threads.
 */
#ifndef MEASURE_VIEW_H
#define MEASURE_VIEW_H

#include "measure/measure.h"
#include "probe/answers.h"
#include "summary/summary.h"
#include "table/frame.h"

struct view_options {
  uint64_t seed;
  size_t n_replicates; /* 1,000 */
  size_t n_threads;
  double level;     /* 0.95, two-sided */
  double quantile;  /* pinball's */
  size_t min_group; /* rows below which a group is too small to judge; 0: VIEW_MIN_GROUP */
};

#define VIEW_NOTES 4
#define VIEW_NOTE_BYTES 240
#define VIEW_FEW_CLUSTERS 20   /* fewer: no decision (judgement.md §1) */
#define VIEW_SOME_CLUSTERS 50  /* fewer: a note */
#define VIEW_FEW_UNITS 10      /* fewer rows or clusters with a non-zero difference: no decision */
#define VIEW_LARGEST_SHARE 0.1 /* one unit holds more of Σ(x − x̄)²: no decision */
#define VIEW_MIN_GROUP 30
#define VIEW_MOST_MISSING 0.01 /* more missing replicates: no interval */

struct view;
struct data_facts;

#define VIEW_COLUMNS_MOST 16 /* group columns that can be crossed: a bit each */

/* The rows of a scope by the values of one group column, or by the combinations of several, in the
 * order of the values: what measures of IN_COLUMN read. Made by view_column_init, handed to a view
 * in `column`. */
struct view_column {
  char *name; /* "sex"; crossed: "sex*race" */
  char *rule; /* "age by quartiles, rounded to 5: 35, 55, 70"; NULL: no column of ranges is in it */
  size_t n_groups;
  char **value;          /* [n_groups] "Female, Black"; null is a group too, "null" */
  char **title;          /* [n_groups] "sex=Female, race=Black" */
  struct view *group;    /* [n_groups] a view of each */
  size_t reference;      /* 1 + the group that gaps are taken against; 0: all pairs */
  char *reference_title; /* its title; NULL: all pairs. It may have no rows in the scope: 0 then */
};

struct view {
  const struct summary_set *set;
  const struct view_options *options;
  const struct probe_answers *answers; /* of the models; NULL: none, as with columns alone. Set by
                                          the caller after view_init */
  const struct frame *frame; /* of the rows' features; NULL: none were named. Set likewise; of the
                                whole table, not of the scope */
  const struct data_facts *facts; /* of the data beyond the summaries (data/data_facts.h); NULL: no
                                     features were named. Set likewise; of the whole table */
  bool *in_scope;                 /* [n_cells] */
  struct view_column *column;     /* the scope of a column: its groups, borrowed; else NULL */
  bool is_small;   /* a group of fewer rows than can be judged: nothing is drawn again from them */
  int class_index; /* −1: all; else one class against the rest (multiclass) */
  bool is_plain;
  enum task task;
  size_t n_classes;
  char note[VIEW_NOTES][VIEW_NOTE_BYTES]; /* what the last estimate or compare wants said; the
                                             caller clears n_notes before each call */
  size_t n_notes;
  double n;           /* rows the last estimate rests on (its denominator: positives for recall) */
  double n_effective; /* (Σw)²/Σw², equal to n without weights */
  struct view_cache *cache;
  void *rank_curve; /* rank_curve.c: its replicates of large scopes, in the arena */
};

/* in_scope NULL: all cells. */
nonet_status view_init(const struct summary_set *set, const bool *in_scope, int class_index,
                       const struct view_options *options, struct view *view,
                       nonet_error *error) NONET_NODISCARD;
void view_clear(struct view *view);
/* The groups of `whole` by the group columns of the roles in `columns`, a bit each; those without
 * rows in its scope are not there. The options must outlive them. */
nonet_status view_column_init(const struct view *whole, unsigned columns,
                              struct view_column *column, nonet_error *error) NONET_NODISCARD;
void view_column_clear(struct view_column *column);
/* The same note twice is kept once; beyond VIEW_NOTES they are dropped. */
void view_note(struct view *view, const char *format, ...) NONET_PRINTF(2, 3);
/* "20,000 of 48,842 rows, chosen by their content", when the frame is a part of the rows. */
void view_note_sample(struct view *view, size_t n_rows);
/* Zeroed memory that lives as long as the view; NULL when short. */
void *view_arena(struct view *view, size_t n, size_t size_bytes) NONET_NODISCARD;
/* A formatted sentence in the arena, for `reason` and `undecided`; a fixed text when memory is
 * short, never NULL. */
const char *view_sentence(struct view *view, const char *format, ...) NONET_PRINTF(2, 3);
/* "1,069", for a sentence; in the arena as well. */
const char *view_count(struct view *view, double n);

/* Confusion [label][prediction] of a stream as weighted sums (counts when plain); K·K. For a class
 * view: 2 × 2, one against the rest. */
nonet_status view_confusion(struct view *view, int stream, const double **confusion, size_t *k,
                            nonet_error *error) NONET_NODISCARD;

/* The joint table of label and both predictions, sparse: the non-zero cells sorted by (label, a,
 * b); weighted sums when not plain. */
struct view_joint_cell {
  uint32_t label, a, b;
  double weight;
};
nonet_status view_joint(struct view *view, const struct view_joint_cell **cells, size_t *n_cells,
                        nonet_error *error) NONET_NODISCARD;

/* Rows of the scope (Σ count; both streams have the same) and their n_effective. */
nonet_status view_size(struct view *view, double *n, double *n_effective,
                       nonet_error *error) NONET_NODISCARD;
/* Distinct rows of the scope in canonical order, with keys. NONET_E_INTERNAL when the set does not
 * keep them. */
nonet_status view_rows(struct view *view, const struct row_set **rows,
                       nonet_error *error) NONET_NODISCARD;
bool view_has_rows(const struct view *view);
/* Micro-bins of a stream (plain rows only). A class view makes them from its rows. */
nonet_status view_bins(struct view *view, int stream, const struct microbin **bins,
                       nonet_error *error) NONET_NODISCARD;
/* Sorted keys of score k of a stream (plain rows only); shared by AUC, DeLong, AP, curves. A class
 * view ignores k. */
nonet_status view_keys(struct view *view, int stream, size_t k, const struct score_keys **keys,
                       nonet_error *error) NONET_NODISCARD;

/* Variance of Σ_i w_i·u_i by linearisation: `influence` is [rows->n], already divided by the
   estimator's total weight (so that θ̂ − θ ≈ Σ w_i u_i, and Σ w_i u_i = 0). A unit is a cluster, or
   a row when there are no clusters; units whose rows all have u = 0 (outside the measure's
   denominator, or equal in both streams) do not count. variance = G/(G − 1)·Σ_g (T_g − T̄)² over
   these G units, df = G − 1. G < 2: variance and df are NaN. */
struct view_linear {
  double variance, df;
  double n_units;       /* G */
  double largest_share; /* the largest (T_g − T̄)² as a share of their sum; 0 when the sum is 0 */
};
nonet_status view_linearised(struct view *view, const double *influence, struct view_linear *linear,
                             nonet_error *error) NONET_NODISCARD;
/* Units (clusters, or rows when there are none) with a marked row; mark is [rows->n]. */
nonet_status view_marked_units(struct view *view, const bool *mark, double *n_units,
                               nonet_error *error) NONET_NODISCARD;
/* Clusters in the scope (0 when there are no clusters), and the notes of judgement.md §1: "fewer
 * than 20 clusters …", "20–50 …". */
nonet_status view_clusters(struct view *view, size_t *n_clusters,
                           nonet_error *error) NONET_NODISCARD;

/*
 * The shared bootstrap of the scope: one unstratified Poisson weight stream for all measures and
 * both streams (by cluster when there are clusters). `weights` is [rows->n] (Poisson count ×
 * sampling weight); a statistic returns NaN where it is undefined. It is called from several
 * threads at once: the context is read-only, scratch is the statistic's own. Replicates come back
 * sorted, the missing ones left out: n_replicates of options->n_replicates; none of a view that
 * is_small. When more than
 * VIEW_MOST_MISSING are missing, the measure gives INFERENCE_MISSING (law_replicates does).
 */
struct resample_rows;
typedef double (*view_statistic)(const void *context, const struct view *view,
                                 const double *weights);
nonet_status view_bootstrap(struct view *view, view_statistic statistic, const void *context,
                            const double **sorted_replicates, size_t *n_replicates,
                            nonet_error *error) NONET_NODISCARD;
/* Several numbers of one pass over the weights (a family on one curve): output k of each replicate
   in out[k]. The columns are sorted one by one and kept under (statistic, tag), so a second call
   with the same two is free. replicates[k] and n_replicates[k] for k < n_outputs. */
typedef void (*view_statistics)(const void *context, const struct view *view, const double *weights,
                                double *out);
nonet_status view_bootstrap_many(struct view *view, view_statistics statistics, const void *context,
                                 size_t tag, size_t n_outputs, const double *const **replicates,
                                 const size_t **n_replicates, nonet_error *error) NONET_NODISCARD;
/* The same by a kernel of the caller's own, for rows that come without the sampling weight:
 * raw[r · n_outputs + k] of replicate r, NaN where it is undefined; kept under (draw, tag). */
typedef nonet_status (*view_draw)(const void *context, const struct resample_rows *rows,
                                  size_t n_replicates, size_t n_threads, double *raw,
                                  nonet_error *error);
nonet_status view_bootstrap_drawn(struct view *view, view_draw draw, const void *context,
                                  size_t tag, size_t n_outputs, const double *const **replicates,
                                  const size_t **n_replicates, nonet_error *error) NONET_NODISCARD;
/* The same on micro-bins, for one stream of binary plain data with more than VIEW_MOST_ROWS
   distinct rows: the statistic reads the resampled negatives and positives of each bin that has
   rows, in ascending order. The method's name must say "on micro-bins". */
#define VIEW_MOST_ROWS 200000
typedef void (*view_bin_statistics)(const void *context, const uint32_t *negatives,
                                    const uint32_t *positives, double *out);
nonet_status view_bootstrap_bins(struct view *view, int stream, view_bin_statistics statistics,
                                 const void *context, size_t tag, size_t n_outputs,
                                 const double *const **replicates, const size_t **n_replicates,
                                 nonet_error *error) NONET_NODISCARD;

#endif
