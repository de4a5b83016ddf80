/*
 * A frame: rows of a table in memory, their features as plain arrays and, where there are roles,
 * what each row is to nonet. Neighbours, slices and the data's own measures read it.
 *
 * It holds at most so many rows, those with the smallest keys (of their content), in the order of
 * their keys: whatever is computed of a frame in its own order does not depend on the order of the
 * source's rows, on batches, threads or the file's format. Equal rows are exchangeable.
 *
 * Threads: filled by one call, then read-only.
 */
#ifndef TABLE_FRAME_H
#define TABLE_FRAME_H

#include "base/progress.h"
#include "table/roles.h"
#include "table/table.h"

enum frame_kind { FRAME_NUMBER, FRAME_CATEGORY };

#define FRAME_NULL UINT32_MAX
#define FRAME_ROWS 20000 /* the rows that a run keeps by default */

struct frame_column {
  char *name;
  enum frame_kind kind;
  bool is_whole;   /* NUMBER: every value that is there is a whole number; booleans are 0 and 1 */
  double *number;  /* [n_rows] NUMBER; NaN: null (or NaN) */
  uint32_t *code;  /* [n_rows] CATEGORY (texts, dates); FRAME_NULL: null */
  char **values;   /* [n_values] CATEGORY: names, bytewise ascending, those that occur */
  size_t n_values; /* CATEGORY */
  size_t n_null;
  bool is_beside; /* read with the features, but none of them */
};

/* A feature that has no plain form here: lists, structs. */
struct frame_left_out {
  char *name;
  char type[48];
};

struct frame {
  uint64_t n_source; /* rows of the source, used or not */
  size_t n_rows;
  size_t n_columns;
  struct frame_column *columns; /* the features, in the order asked for, then those beside */
  size_t n_left_out;
  struct frame_left_out *left_out;
  uint64_t *key; /* [n_rows] ascending */
  uint64_t *row; /* [n_rows] 1-based data row: for people alone, it hangs on the source's order */

  /* of the roles, each [n_rows] and NULL where the role is not there: as in struct role_batch */
  uint32_t *label;
  double *target;
  size_t n_scores;
  double *score[N_STREAMS]; /* [n_rows][n_scores] */
  uint32_t *prediction[N_STREAMS];
  uint32_t *cell;
  double *weight;
  uint64_t *cluster;
};

struct frame_request {
  const char *const *features; /* distinct columns (or expressions) */
  size_t n_features;
  size_t n_beside;           /* the last of the features: columns that are only read with them */
  const char *what;          /* begins the messages: "--features" */
  const char *const *extras; /* columns that count for the key beside the features: label, groups */
  size_t n_extras;
  const char *label;         /* rows where it is null are not taken; NULL: none */
  const char *id;            /* makes the key alone; NULL: none */
  uint64_t n_rows;           /* at most; 0: all */
  uint64_t seed;             /* of the keys */
  const struct roles *roles; /* resolved of the same table; rows that a pass leaves out are not in
                                the frame. NULL: features alone */
};

/* NONET_E_DATA with near names when a column is not there. frame_clear by the caller. */
nonet_status frame_read(struct table *table, const struct frame_request *request,
                        struct frame *frame, struct progress *progress,
                        nonet_error *error) NONET_NODISCARD;
void frame_clear(struct frame *frame);
/* NULL: no such feature. */
const struct frame_column *frame_find(const struct frame *frame, const char *name);

#endif
