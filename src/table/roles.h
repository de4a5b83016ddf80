/*
 * Roles: what a column means to nonet, and the typed batches that every summary reads.
 *
 * The table floor settles task, classes, positive class and the values of the group columns BEFORE
 * the first row is handed out (one scan over label and groups: the domain scan), so codes are
 * canonical from the start: classes in class order (numbers ascending, strings bytewise, false <
 * true; or --classes), cells in the sorted order of their group values with null last. Nothing
 * above this floor sees a column name's type, a string, or a file.
 *
 * Threads: a struct roles is immutable once resolved. A batch belongs to the worker that filled it.
 */
#ifndef TABLE_ROLES_H
#define TABLE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

enum task {
  TASK_AUTO,
  TASK_BINARY,     /* label 0 = negative, 1 = positive */
  TASK_MULTICLASS, /* label 0 … n_classes − 1 */
  TASK_REGRESSION, /* target is a number */
  TASK_RANKING,
  TASK_MULTILABEL
};

const char *task_name(enum task task); /* "binary" … */
bool task_from_name(const char *name, enum task *task);

enum {
  STREAM_A = 0,
  STREAM_B = 1,
  N_STREAMS = 2
}; /* candidate (or clean, full, now) and baseline */

/* What the caller asked for; NULL or 0 = not given. Strings are borrowed. Column entries may be SQL
 * expressions (contract.md). */
struct roles_request {
  enum task task;
  const char *label;
  const char *const *scores[N_STREAMS]; /* --score, --baseline-score */
  size_t n_scores[N_STREAMS];
  const char *prediction[N_STREAMS]; /* --prediction, --baseline-prediction */
  const char *positive;
  const char *const *classes;
  size_t n_classes;
  double threshold;                 /* default 0.5 */
  const double *baseline_threshold; /* of the second stream; NULL: the same */
  const char *const *groups;
  size_t n_groups;
  const char *const *controls;
  size_t n_controls;
  const char *weight, *cluster, *id, *query_id, *time;
  bool drop_invalid; /* --invalid drop */
  bool is_part;      /* --state: one class or no rows is fine */
};

/* One group (or control) column's values. */
struct domain {
  char *column; /* the name asked for */
  size_t n_values;
  char **values; /* sorted; NULL is the null value and stands last */
  char *rule;    /* how a column of numbers became ranges (ranges.h); NULL: its values are groups */
  uint32_t reference; /* 1 + the value that gaps are taken against; 0: all pairs. Not of the rows:
                         whoever measures sets it */
};

/* The resolved meaning of the columns. Everything a merge must compare stands here. */
struct roles {
  enum task task;
  size_t n_classes; /* 2 for binary, 0 for regression */
  char **classes;   /* names in class order; binary: [negative, positive]; an unseen class of a part
                       may be NULL */
  double threshold[N_STREAMS]; /* already rounded to the type of the stream's score column */
  size_t n_scores; /* per stream: 1 for binary and regression, n_classes for multiclass, 0 when only
                      predictions are there */
  bool has_label;
  bool has_score[N_STREAMS];
  bool has_prediction[N_STREAMS]; /* given, or derived from scores; false for regression */
  bool prediction_given[N_STREAMS];
  bool score_is_float32; /* every score of every stream was float32 (so 32 bits hold it exactly) */
  bool has_weight, has_cluster, has_id;
  size_t n_groups;   /* group columns and, behind them, control columns */
  size_t n_controls; /* the last of them: they make cells finer, and are no groups */
  struct domain *groups;
  size_t n_cells;        /* combinations that occur, at least 1 (1 without groups) */
  uint32_t *cell_values; /* [n_cells][n_groups] index into groups[g].values; cells sorted
                            lexicographically */
  char *label_column, *weight_column, *cluster_column, *id_column;
  char **score_columns[N_STREAMS]; /* [n_scores] as named by the caller */
  char *prediction_column[N_STREAMS];
};

/* How many of the columns are groups, the controls left out. */
size_t roles_n_sensitive(const struct roles *roles);

nonet_status roles_copy(const struct roles *from, struct roles *to,
                        nonet_error *error) NONET_NODISCARD;
void roles_clear(struct roles *roles);

#define ROLE_BATCH_ROWS                                                                            \
  16384 /* rows a batch holds at most: all its arrays stay in the second-level cache */

/* At most ROLE_BATCH_ROWS rows, valid until the worker asks for the next one. Absent roles are
 * NULL. */
struct role_batch {
  size_t n_rows;
  const uint64_t *row;   /* [n_rows] data row, from 1, ascending; NULL: not asked for (frame.c) */
  const uint32_t *label; /* [n_rows] class code; NULL for regression */
  const double *target;  /* [n_rows] finite; regression only */
  const double *score[N_STREAMS];        /* [n_rows][n_scores], row-major, finite */
  const uint32_t *prediction[N_STREAMS]; /* [n_rows] class code */
  const uint32_t *cell;                  /* [n_rows]; NULL when n_cells is 1 */
  const double *weight;                  /* [n_rows] >= 0, finite */
  const uint64_t
      *cluster; /* [n_rows] key of the cluster value (a bijection of integers, a hash of text) */
  const uint64_t *id; /* [n_rows] key of the id value, likewise */
};

/* What was left out and what was seen, added over workers; all integers, so order does not matter.
 */
struct role_tally {
  uint64_t n_rows;            /* rows of the source */
  uint64_t n_used;            /* rows handed out */
  uint64_t n_label_null;      /* left out: no label */
  uint64_t n_invalid;         /* left out by --invalid drop */
  uint64_t n_outside_unit;    /* handed out with a score outside [0, 1] (binary and multiclass) */
  uint64_t first_outside_row; /* 1-based data row of the first such score; 0 = none */
  double first_outside_value; /* its value */
  uint64_t n_sum_off;         /* multiclass rows whose scores do not sum to 1 within 1e-3 */
  uint64_t first_sum_off_row;
};

void role_tally_add(struct role_tally *into, const struct role_tally *other);

#endif
