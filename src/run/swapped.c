/*
 * Rows swapped at random.
 *
 * If which of two answers is called the candidate's is drawn by a coin for every unit, no measure
 * can prefer one side: every paired difference is symmetric about 0, whatever the models are. A
 * unit is what may be exchanged as a whole: a cluster, else a row.
 *
 * Cases:
 *  1. A set keeps distinct rows with counts: each row of the count is one of its own here.
 *  2. Rows of one cell (a combination of groups) are read cell by cell, for a row set has lost it.
 *  3. Two models' scores may have different scales: exchanged raw, their order would be of the
 * scale and not of the model. Measures of order read mid-ranks within each model instead, (rank −
 *     1/2)/n, ties in the middle.
 *  4. Ids are left out: they are unique, and nothing here needs them.
 *  5. Predictions that came from scores are kept as predictions, so that they stay whatever happens
 * to the scores.
 */
#include "run/swapped.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

static nonet_status allocate(struct swapped_rows *rows, const struct row_set *like,
                             nonet_error *error) {
  const size_t n = rows->n + 1, k = rows->roles.n_scores;
  bool fits = true;
#define MAKE(field, wanted, count)                                                                 \
  do {                                                                                             \
    if (wanted) {                                                                                  \
      rows->field = memory_new(count, sizeof *rows->field);                                        \
      fits = fits && rows->field != NULL;                                                          \
    }                                                                                              \
  } while (0)
  MAKE(label, like->label != NULL, n);
  MAKE(target, like->target != NULL, n);
  MAKE(weight, like->weight != NULL, n);
  MAKE(cluster, like->cluster != NULL, n);
  MAKE(cell, rows->roles.n_cells > 1, n);
  for (int s = 0; s < N_STREAMS; s++) {
    MAKE(prediction[s], like->prediction[s] != NULL, n);
    MAKE(score[s], like->score[s] != NULL, n * k);
    MAKE(rank[s], like->score[s] != NULL && k == 1, n);
  }
#undef MAKE
  return fits ? NONET_OK : error_memory(error, n * sizeof(double), "the self-test's rows");
}

/* Appends the rows of one cell, as many times as they count. */
static void append(struct swapped_rows *rows, const struct row_set *set, uint32_t cell) {
  const size_t k = rows->roles.n_scores;
  for (size_t i = 0; i < set->n; i++) {
    const uint64_t count = set->count == NULL ? 1 : set->count[i];
    for (uint64_t c = 0; c < count; c++, rows->n++) { /* 1 */
      const size_t at = rows->n;
      if (rows->label != NULL) {
        rows->label[at] = set->label[i];
      }
      if (rows->target != NULL) {
        rows->target[at] = set->target[i];
      }
      if (rows->weight != NULL) {
        rows->weight[at] = set->weight[i];
      }
      if (rows->cluster != NULL) {
        rows->cluster[at] = set->cluster[i];
      }
      if (rows->cell != NULL) {
        rows->cell[at] = cell;
      }
      for (int s = 0; s < N_STREAMS; s++) {
        if (rows->prediction[s] != NULL) {
          rows->prediction[s][at] = set->prediction[s][i];
        }
        if (rows->score[s] != NULL) {
          memcpy(rows->score[s] + at * k, set->score[s] + i * k, k * sizeof(double));
        }
      }
    }
  }
}

struct ranked {
  double score;
  size_t row;
};

static int by_score(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  return (x->score > y->score) - (x->score < y->score);
}

/* 3 */
static nonet_status make_ranks(struct swapped_rows *rows, int stream, nonet_error *error) {
  const double *score = rows->score[stream];
  struct ranked *order = memory_new(rows->n + 1, sizeof *order);
  if (order == NULL) {
    return error_memory(error, rows->n * sizeof *order, "ranks");
  }
  for (size_t i = 0; i < rows->n; i++) {
    order[i] = (struct ranked){score[i], i};
  }
  qsort(order, rows->n, sizeof *order, by_score);
  for (size_t first = 0, end = 0; first < rows->n; first = end) {
    while (end < rows->n && order[end].score == order[first].score) {
      end++;
    }
    for (size_t i = first; i < end; i++) {
      rows->rank[stream][order[i].row] = 0.5 * (double)(first + end) / (double)rows->n;
    }
  }
  memory_free(order);
  return NONET_OK;
}

static nonet_status copy_roles(const struct roles *from, struct roles *to, nonet_error *error) {
  nonet_status status = roles_copy(from, to, error);
  if (status == NONET_OK) {
    to->has_id = false; /* 4 */
    to->score_is_float32 = false;
    memory_free(to->id_column);
    to->id_column = NULL;
    for (int s = 0; s < N_STREAMS; s++) {
      to->prediction_given[s] = to->has_prediction[s]; /* 5 */
    }
  }
  return status;
}

nonet_status swapped_rows_read(const struct summary_set *set, size_t n_threads,
                               struct swapped_rows *rows, nonet_error *error) {
  *rows = (struct swapped_rows){0};
  if (set->rows == NULL) {
    return error_set(error, NONET_E_INTERNAL, "the self-test expects kept rows; found none");
  }
  nonet_status status = copy_roles(&set->roles, &rows->roles, error);
  bool *in_scope = memory_zeroed(set->roles.n_cells + 1, sizeof *in_scope);
  if (status == NONET_OK && in_scope == NULL) {
    status = error_memory(error, set->roles.n_cells, "the self-test's rows");
  }
  for (size_t c = 0; c < set->roles.n_cells && status == NONET_OK; c++) { /* 2 */
    struct row_set cell = {0};
    in_scope[c] = true;
    status = row_set_read(set->rows, &set->roles, in_scope, false, n_threads, &cell, error);
    in_scope[c] = false;
    if (status == NONET_OK && c == 0) {
      rows->n = (size_t)multiset_total(set->rows);
      status = allocate(rows, &cell, error);
      rows->n = 0;
    }
    if (status == NONET_OK) {
      append(rows, &cell, (uint32_t)c);
    }
    row_set_clear(&cell);
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = rows->rank[s] != NULL ? make_ranks(rows, s, error) : NONET_OK;
  }
  memory_free(in_scope);
  return status;
}

void swapped_rows_clear(struct swapped_rows *rows) {
  memory_free(rows->label);
  memory_free(rows->cell);
  memory_free(rows->target);
  memory_free(rows->weight);
  memory_free(rows->cluster);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(rows->prediction[s]);
    memory_free(rows->score[s]);
    memory_free(rows->rank[s]);
  }
  roles_clear(&rows->roles);
  *rows = (struct swapped_rows){0};
}

nonet_status swapped_init(struct swapped *swapped, const struct swapped_rows *rows,
                          nonet_error *error) {
  bool fits = true;
  *swapped = (struct swapped){.rows = rows};
  for (int s = 0; s < N_STREAMS; s++) {
    if (rows->prediction[s] != NULL) {
      swapped->prediction[s] = memory_new(rows->n + 1, sizeof *swapped->prediction[s]);
      fits = fits && swapped->prediction[s] != NULL;
    }
    if (rows->score[s] != NULL) {
      swapped->score[s] =
          memory_new((rows->n + 1) * rows->roles.n_scores, sizeof *swapped->score[s]);
      fits = fits && swapped->score[s] != NULL;
    }
  }
  if (rows->cell != NULL) {
    swapped->cell = memory_new(rows->n + 1, sizeof *swapped->cell);
    fits = fits && swapped->cell != NULL;
  }
  return fits ? NONET_OK : error_memory(error, rows->n * sizeof(double), "swapped rows");
}

void swapped_clear(struct swapped *swapped) {
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(swapped->prediction[s]);
    memory_free(swapped->score[s]);
  }
  memory_free(swapped->cell);
  *swapped = (struct swapped){0};
}

void swapped_keep(struct swapped *swapped) {
  const struct swapped_rows *rows = swapped->rows;
  const size_t k = rows->roles.n_scores;
  for (int s = 0; s < N_STREAMS && rows->n > 0; s++) {
    if (swapped->prediction[s] != NULL) {
      memcpy(swapped->prediction[s], rows->prediction[s], rows->n * sizeof(uint32_t));
    }
    if (swapped->score[s] != NULL) {
      memcpy(swapped->score[s], rows->score[s], rows->n * k * sizeof(double));
    }
  }
  if (swapped->cell != NULL && rows->n > 0) {
    memcpy(swapped->cell, rows->cell, rows->n * sizeof *swapped->cell);
  }
}

void swapped_draw(struct swapped *swapped, uint64_t seed, uint64_t repeat, bool by_rank) {
  const struct swapped_rows *rows = swapped->rows;
  const size_t k = rows->roles.n_scores;
  swapped_keep(swapped);
  for (size_t i = 0; i < rows->n; i++) {
    const uint64_t unit = rows->cluster != NULL ? rows->cluster[i] : i;
    const int turn = (int)(philox_row(seed, PHILOX_PERMUTE, unit, repeat).word[0] & 1u);
    for (int s = 0; s < N_STREAMS; s++) {
      const int from = s ^ turn;
      if (swapped->prediction[s] != NULL) {
        swapped->prediction[s][i] = rows->prediction[from][i];
      }
      if (swapped->score[s] != NULL && by_rank && rows->rank[from] != NULL) {
        swapped->score[s][i] = rows->rank[from][i];
      } else if (swapped->score[s] != NULL) {
        memcpy(swapped->score[s] + i * k, rows->score[from] + i * k, k * sizeof(double));
      }
    }
  }
}

#define FROM(array) ((array) == NULL ? NULL : (array) + from)

nonet_status swapped_set(const struct swapped *swapped, unsigned kinds, struct summary_set **set,
                         nonet_error *error) {
  const struct swapped_rows *rows = swapped->rows;
  const struct summary_options options = {.kinds = kinds, .n_workers = 1, .quantile = 0.5};
  nonet_status status = summary_new(&rows->roles, &options, set, error);
  for (size_t from = 0; from < rows->n && status == NONET_OK; from += ROLE_BATCH_ROWS) {
    struct role_batch batch = {.label = FROM(rows->label),
                               .target = FROM(rows->target),
                               .cell = FROM(swapped->cell),
                               .weight = FROM(rows->weight),
                               .cluster = FROM(rows->cluster)};
    batch.n_rows = rows->n - from < ROLE_BATCH_ROWS ? rows->n - from : ROLE_BATCH_ROWS;
    for (int s = 0; s < N_STREAMS; s++) {
      batch.prediction[s] = FROM(swapped->prediction[s]);
      batch.score[s] =
          swapped->score[s] == NULL ? NULL : swapped->score[s] + from * rows->roles.n_scores;
    }
    status = summary_add(*set, &batch, error);
  }
  if (status == NONET_OK) {
    (*set)->tally.n_rows = (*set)->tally.n_used = rows->n;
    status = summary_finish(*set, 1, NULL, error);
  }
  return status;
}
