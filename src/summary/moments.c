/*
 * Exact moments: sums of per-row terms that do not depend on the order of rows.
 *
 * Rows come ordered by cell (batch_order.h). Per segment each term is written to an array, then
 * summed: bounded terms (all those of classification: |t| < 2^11) in fixed point
 * (stats/boundedsum.h), those of regression in a superaccumulator (stats/exactsum.h). A product
 * t_A·t_B is rounded once per row.
 *
 * Cases: (1) p = 0 of the true class: −log p is infinite; the row is counted in n_infinite and left
 * out of that sum, nothing is clipped. (2) A score outside [0, 1]: the row is in no sum of that
 * stream (measures are skipped by the tally). (3) y = 0 in |e|/|y|: counted, left out. (4) ŷ = y =
 * 0 in the symmetric percentage: 0. (5) With two streams the cross sums take the rows that count in
 * both. (6) Cells that never occur take no memory. (7) a Brier term of 2^11 or more (thousands of
 * scores that do not sum to 1) is a row of case (2). The row function moment_row_term and the
 * arrays use the same operations in the same order, hence give the same bits.
 */
#include "summary/moments.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/mathfn.h"
#include "summary/cell_span.h"

#define N_CLASS_TERMS (MOMENT_P + 1)
#define N_REGRESSION_TERMS (N_MOMENT_TERMS - MOMENT_ERROR)
#define BLOCK_ROWS                                                                                 \
  2048 /* arrays of a block: a few times 16 KiB, in the first-level cache or near it */

/* Bounded moments of one cell. */
struct class_sums {
  struct boundedsum sum[N_CLASS_TERMS], square[N_CLASS_TERMS];
};

struct regression_sums {
  struct exactsum sum[N_REGRESSION_TERMS], square[N_REGRESSION_TERMS];
};

struct stream_counts {
  uint64_t n, n_infinite, n_finite;
};

struct moment_cell {
  struct stream_counts count[N_STREAMS];
  struct class_sums *bounded[N_STREAMS];
  struct boundedsum *bounded_cross; /* [N_CLASS_TERMS] */
  struct regression_sums *exact[N_STREAMS];
  struct exactsum *exact_cross; /* [N_REGRESSION_TERMS] */
};

struct block {
  double term[N_STREAMS][N_MOMENT_TERMS][BLOCK_ROWS];
  bool is_out[N_STREAMS][BLOCK_ROWS];      /* (2) */
  bool is_infinite[N_STREAMS][BLOCK_ROWS]; /* (1), (3) */
  size_t n_out[N_STREAMS], n_infinite[N_STREAMS];
  double work[BLOCK_ROWS];
};

struct moments {
  enum task task;
  bool has_stream[N_STREAMS];
  size_t n_cells, n_scores;
  double quantile;
  struct moment_cell **cells; /* [n_cells], NULL until the cell occurs, (6) */
  struct block *block;
};

static bool is_regression(const struct moments *m) {
  return m->task == TASK_REGRESSION;
}

static bool has_both(const struct moments *m) {
  return m->has_stream[STREAM_A] && m->has_stream[STREAM_B];
}

/* The term whose value is 1/0 when a row has none: the one that n_infinite counts. */
static enum moment_term infinite_term(const struct moments *m) {
  return is_regression(m) ? MOMENT_APE : MOMENT_LOG_LOSS;
}

static bool is_term_kept(const struct moments *m, enum moment_term term) {
  if (is_regression(m))
    return term >= MOMENT_ERROR && term < N_MOMENT_TERMS;
  return term <= (m->task == TASK_BINARY ? MOMENT_P : MOMENT_BRIER);
}

/* Squares and cross sums are kept where a mean or a paired difference needs them. */
static bool has_square(const struct moments *m, enum moment_term term) {
  if (term == MOMENT_P)
    return has_both(m);
  return term != MOMENT_SPIEGEL_NUM && term != MOMENT_SPIEGEL_DEN;
}

bool moments_has(const struct moments *moments, enum moment_term term) {
  return moments && is_term_kept(moments, term);
}

nonet_status moments_new(const struct roles *roles, double quantile, struct moments **out,
                         nonet_error *error) {
  struct moments *m = memory_zeroed(1, sizeof *m);
  if (!m)
    return error_memory(error, sizeof *m, "the moments");
  m->task = roles->task;
  m->n_cells = roles->n_cells ? roles->n_cells : 1;
  m->n_scores = roles->n_scores;
  m->quantile = quantile;
  for (int s = 0; s < N_STREAMS; s++)
    m->has_stream[s] = roles->has_score[s] && roles->n_scores > 0;
  m->cells = memory_zeroed(m->n_cells, sizeof *m->cells);
  m->block = memory_new(1, sizeof *m->block);
  if (!m->cells || !m->block) {
    moments_free(m);
    return error_memory(error, sizeof *m->block, "the moments");
  }
  *out = m;
  return NONET_OK;
}

static void cell_free(struct moment_cell *cell) {
  if (!cell)
    return;
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(cell->bounded[s]);
    memory_free(cell->exact[s]);
  }
  memory_free(cell->bounded_cross);
  memory_free(cell->exact_cross);
  memory_free(cell);
}

void moments_free(struct moments *moments) {
  if (!moments)
    return;
  for (size_t c = 0; moments->cells && c < moments->n_cells; c++)
    cell_free(moments->cells[c]);
  memory_free(moments->cells);
  memory_free(moments->block);
  memory_free(moments);
}

static nonet_status need_cell(struct moments *m, size_t index, struct moment_cell **out,
                              nonet_error *error) {
  if ((*out = m->cells[index]))
    return NONET_OK;
  struct moment_cell *cell = memory_zeroed(1, sizeof *cell);
  bool ok = cell != NULL;
  for (int s = 0; s < N_STREAMS && ok; s++) {
    if (!m->has_stream[s])
      continue;
    if (is_regression(m))
      ok = (cell->exact[s] = memory_zeroed(1, sizeof **cell->exact)) != NULL;
    else
      ok = (cell->bounded[s] = memory_zeroed(1, sizeof **cell->bounded)) != NULL;
  }
  if (ok && has_both(m)) {
    if (is_regression(m))
      ok = (cell->exact_cross = memory_zeroed(N_REGRESSION_TERMS, sizeof *cell->exact_cross)) !=
           NULL;
    else
      ok =
          (cell->bounded_cross = memory_zeroed(N_CLASS_TERMS, sizeof *cell->bounded_cross)) != NULL;
  }
  if (!ok) {
    cell_free(cell);
    return error_memory(error, sizeof(struct regression_sums), "the moments");
  }
  *out = m->cells[index] = cell;
  return NONET_OK;
}

/* ---- the terms: one definition each ---- */

static inline double spiegel_num(double y, double p) {
  return (y - p) * (1.0 - 2.0 * p);
}

static inline double spiegel_den(double p) {
  double slope = 1.0 - 2.0 * p;
  return slope * slope * p * (1.0 - p);
}

static inline double brier_binary(double y, double p) {
  return (p - y) * (p - y);
}

static inline double true_class_p(double y, double p) {
  return y != 0 ? p : 1.0 - p;
}

static double brier_multiclass(const double *score, size_t n_scores, size_t label) {
  double sum = 0;
  for (size_t k = 0; k < n_scores; k++) {
    double gap = score[k] - (k == label ? 1.0 : 0.0);
    sum += gap * gap;
  }
  return sum;
}

static inline double sape(double y, double prediction) {
  double size = fabs(y) + fabs(prediction);
  return size > 0 ? 2.0 * fabs(prediction - y) / size : 0.0; /* (4) */
}

static inline double pinball(double y, double prediction, double quantile) {
  double gap = y - prediction;
  return gap >= 0 ? quantile * gap : (quantile - 1.0) * gap;
}

static bool is_unit(const double *score, size_t n) {
  bool inside = true;
  for (size_t k = 0; k < n; k++)
    inside &= score[k] >= 0 && score[k] <= 1;
  return inside;
}

static double class_row_term(enum task task, enum moment_term term, double y, const double *score,
                             size_t n_scores) {
  if (!is_unit(score, n_scores))
    return NAN;
  bool is_binary = task == TASK_BINARY;
  switch (term) {
  case MOMENT_LOG_LOSS:
    return -mathfn_log(is_binary ? true_class_p(y, score[0]) : score[(size_t)y]);
  case MOMENT_BRIER:
    return is_binary ? brier_binary(y, score[0]) : brier_multiclass(score, n_scores, (size_t)y);
  case MOMENT_SPIEGEL_NUM:
    return is_binary ? spiegel_num(y, score[0]) : NAN;
  case MOMENT_SPIEGEL_DEN:
    return is_binary ? spiegel_den(score[0]) : NAN;
  case MOMENT_P:
    return is_binary ? score[0] : NAN;
  default:
    return NAN;
  }
}

double moment_row_term(enum task task, enum moment_term term, double y, const double *score,
                       size_t n_scores, double quantile) {
  if (task == TASK_BINARY || task == TASK_MULTICLASS)
    return n_scores ? class_row_term(task, term, y, score, n_scores) : NAN;
  if (task != TASK_REGRESSION)
    return NAN;
  double prediction = score[0], e = prediction - y;
  switch (term) {
  case MOMENT_ERROR:
    return e;
  case MOMENT_ABS:
    return fabs(e);
  case MOMENT_SQUARE:
    return e * e;
  case MOMENT_APE:
    return y != 0 ? fabs(e) / fabs(y) : (double)INFINITY;
  case MOMENT_SAPE:
    return sape(y, prediction);
  case MOMENT_PINBALL:
    return pinball(y, prediction, quantile);
  case MOMENT_PREDICTION:
    return prediction;
  case MOMENT_LABEL:
    return y;
  case MOMENT_CROSS:
    return y * prediction;
  default:
    return NAN;
  }
}

/* ---- a block of rows ---- */

static void fill_binary(struct block *b, int s, const uint32_t *label, const double *p, size_t n) {
  double (*t)[BLOCK_ROWS] = b->term[s];
  size_t n_out = 0;
  for (size_t i = 0; i < n; i++) {
    double y = (double)(int32_t)label[i], x = p[i];
    b->work[i] = true_class_p(y, x);
    t[MOMENT_BRIER][i] = brier_binary(y, x);
    t[MOMENT_SPIEGEL_NUM][i] = spiegel_num(y, x);
    t[MOMENT_SPIEGEL_DEN][i] = spiegel_den(x);
    t[MOMENT_P][i] = x;
  }
  for (size_t i = 0; i < n; i++)
    n_out += !(p[i] >= 0 && p[i] <= 1);
  b->n_out[s] = n_out;
  if (n_out)
    for (size_t i = 0; i < n; i++)
      b->is_out[s][i] = !(p[i] >= 0 && p[i] <= 1);
}

static void fill_multiclass(struct block *b, int s, const struct role_batch *batch,
                            const uint32_t *row, size_t begin, size_t n, size_t n_scores) {
  size_t n_out = 0;
  for (size_t i = 0; i < n; i++) {
    size_t r = row ? row[begin + i] : begin + i;
    const double *score = batch->score[s] + r * n_scores;
    double brier = brier_multiclass(score, n_scores, batch->label[r]);
    b->work[i] = score[batch->label[r]];
    b->term[s][MOMENT_BRIER][i] = brier;
    b->is_out[s][i] = !is_unit(score, n_scores) || brier >= BOUNDEDSUM_LIMIT; /* (7) */
    n_out += b->is_out[s][i];
  }
  b->n_out[s] = n_out;
}

/* −log p of the true class; infinite rows are found by p = 0. */
static void fill_log_loss(struct block *b, int s, size_t n) {
  double *t = b->term[s][MOMENT_LOG_LOSS];
  size_t n_zero = 0;
  for (size_t i = 0; i < n; i++)
    n_zero += b->work[i] == 0;
  mathfn_log_array(b->work, t, n);
  for (size_t i = 0; i < n; i++)
    t[i] = -t[i];
  b->n_infinite[s] = n_zero;
  if (n_zero)
    for (size_t i = 0; i < n; i++)
      b->is_infinite[s][i] = b->work[i] == 0;
}

static void fill_regression(struct block *b, int s, const double *target, const double *prediction,
                            size_t n, double quantile) {
  double (*t)[BLOCK_ROWS] = b->term[s];
  size_t n_infinite = 0;
  for (size_t i = 0; i < n; i++) {
    double y = target[i], x = prediction[i], e = x - y;
    t[MOMENT_ERROR][i] = e;
    t[MOMENT_ABS][i] = fabs(e);
    t[MOMENT_SQUARE][i] = e * e;
    t[MOMENT_APE][i] = fabs(e) / fabs(y);
    t[MOMENT_SAPE][i] = sape(y, x);
    t[MOMENT_PINBALL][i] = pinball(y, x, quantile);
    t[MOMENT_PREDICTION][i] = x;
    t[MOMENT_LABEL][i] = y;
    t[MOMENT_CROSS][i] = y * x;
    b->is_infinite[s][i] = y == 0; /* (3) */
    n_infinite += y == 0;
  }
  b->n_infinite[s] = n_infinite;
  b->n_out[s] = 0;
}

/* The terms of one stream that count, without gaps: the term's own array when none is left out,
 * else packed into `work`. */
static const double *counted_terms(struct block *b, int s, const double *t, bool finite_only,
                                   size_t n, size_t *n_counted) {
  bool use_out = b->n_out[s] > 0, use_infinite = finite_only && b->n_infinite[s] > 0;
  *n_counted = n;
  if (!use_out && !use_infinite)
    return t;
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    b->work[m] = t[i];
    m += !(use_out && b->is_out[s][i]) && !(use_infinite && b->is_infinite[s][i]);
  }
  *n_counted = m;
  return b->work;
}

/* t_A·t_B of the rows that count in both streams, into `work`. (5) */
static size_t cross_terms(struct block *b, enum moment_term term, bool finite_only, size_t n) {
  const double *x = b->term[STREAM_A][term], *y = b->term[STREAM_B][term];
  size_t m = 0;
  bool plain = true;
  for (int s = 0; s < N_STREAMS; s++)
    plain &= !b->n_out[s] && !(finite_only && b->n_infinite[s]);
  if (plain) {
    for (size_t i = 0; i < n; i++)
      b->work[i] = x[i] * y[i];
    return n;
  }
  for (size_t i = 0; i < n; i++) {
    bool counts = true;
    for (int s = 0; s < N_STREAMS; s++)
      counts &= !(b->n_out[s] && b->is_out[s][i]) &&
                !(finite_only && b->n_infinite[s] && b->is_infinite[s][i]);
    if (counts)
      b->work[m++] = x[i] * y[i];
  }
  return m;
}

#define SQUARE_SCALE                                                                               \
  (1.0 /                                                                                           \
   BOUNDEDSUM_LIMIT) /* a power of two: products t² stay below the limit, the scaling is exact */

static void scaled_squares(const double *t, double *out, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = t[i] * t[i] * SQUARE_SCALE;
}

/* What is out or infinite in one stream is never added, so the sums cannot be marked: the results
 * of the adds are known. */
static void add_class_stream(const struct moments *m, struct moment_cell *cell, int s, size_t n) {
  struct block *b = m->block;
  struct stream_counts *count = &cell->count[s];
  for (enum moment_term t = 0; t < N_CLASS_TERMS; t++) {
    if (!is_term_kept(m, t))
      continue;
    size_t counted;
    bool finite_only = t == MOMENT_LOG_LOSS;
    const double *terms = counted_terms(b, s, b->term[s][t], finite_only, n, &counted);
    (void)boundedsum_add_array(&cell->bounded[s]->sum[t], terms, counted);
    if (finite_only)
      count->n_finite += counted;
    else if (t == MOMENT_BRIER)
      count->n += counted;
    if (!has_square(m, t))
      continue;
    scaled_squares(terms, b->work, counted);
    (void)boundedsum_add_array(&cell->bounded[s]->square[t], b->work, counted);
  }
  count->n_infinite = count->n - count->n_finite;
}

static void add_class_cross(const struct moments *m, struct moment_cell *cell, size_t n) {
  struct block *b = m->block;
  for (enum moment_term t = 0; t < N_CLASS_TERMS; t++) {
    if (!is_term_kept(m, t) || !has_square(m, t))
      continue;
    size_t counted = cross_terms(b, t, t == MOMENT_LOG_LOSS, n);
    for (size_t i = 0; i < counted; i++)
      b->work[i] *= SQUARE_SCALE;
    (void)boundedsum_add_array(&cell->bounded_cross[t], b->work, counted);
  }
}

static void add_regression_stream(const struct moments *m, struct moment_cell *cell, int s,
                                  size_t n) {
  struct block *b = m->block;
  struct stream_counts *count = &cell->count[s];
  for (enum moment_term t = MOMENT_ERROR; t < N_MOMENT_TERMS; t++) {
    size_t counted;
    const double *terms = counted_terms(b, s, b->term[s][t], t == MOMENT_APE, n, &counted);
    exactsum_add_array(&cell->exact[s]->sum[t - MOMENT_ERROR], terms, counted);
    if (t == MOMENT_APE)
      count->n_finite += counted;
    for (size_t i = 0; i < counted; i++)
      b->work[i] = terms[i] * terms[i];
    exactsum_add_array(&cell->exact[s]->square[t - MOMENT_ERROR], b->work, counted);
  }
  count->n += n;
  count->n_infinite = count->n - count->n_finite;
}

static void add_regression_cross(const struct moments *m, struct moment_cell *cell, size_t n) {
  for (enum moment_term t = MOMENT_ERROR; t < N_MOMENT_TERMS; t++) {
    size_t counted = cross_terms(m->block, t, t == MOMENT_APE, n);
    exactsum_add_array(&cell->exact_cross[t - MOMENT_ERROR], m->block->work, counted);
  }
}

static void add_block(struct moments *m, struct moment_cell *cell, const struct role_batch *batch,
                      const struct batch_order *order, size_t begin, size_t n) {
  for (int s = 0; s < N_STREAMS; s++) {
    if (!m->has_stream[s])
      continue;
    if (is_regression(m)) {
      fill_regression(m->block, s, order->target + begin, order->score[s] + begin, n, m->quantile);
      add_regression_stream(m, cell, s, n);
      continue;
    }
    if (m->task == TASK_BINARY)
      fill_binary(m->block, s, order->label + begin, order->score[s] + begin, n);
    else
      fill_multiclass(m->block, s, batch, order->row, begin, n, m->n_scores);
    fill_log_loss(m->block, s, n);
    add_class_stream(m, cell, s, n);
  }
  if (!has_both(m))
    return;
  if (is_regression(m))
    add_regression_cross(m, cell, n);
  else
    add_class_cross(m, cell, n);
}

nonet_status moments_add(struct moments *moments, const struct role_batch *batch,
                         const struct batch_order *order, nonet_error *error) {
  if (!moments->has_stream[STREAM_A] && !moments->has_stream[STREAM_B])
    return NONET_OK;
  for (size_t i = 0; i < order->n_segments; i++) {
    const struct batch_segment *segment = order->segments + i;
    struct moment_cell *cell;
    nonet_status status = need_cell(moments, segment->cell, &cell, error);
    if (status)
      return status;
    for (size_t begin = segment->begin; begin < segment->end; begin += BLOCK_ROWS) {
      size_t left = segment->end - begin;
      add_block(moments, cell, batch, order, begin, left < BLOCK_ROWS ? left : BLOCK_ROWS);
    }
  }
  return NONET_OK;
}

/* ---- merging and reading ---- */

static void cell_merge(struct moment_cell *into, struct moment_cell *from) {
  for (int s = 0; s < N_STREAMS; s++) {
    into->count[s].n += from->count[s].n;
    into->count[s].n_infinite += from->count[s].n_infinite;
    into->count[s].n_finite += from->count[s].n_finite;
    for (size_t t = 0; into->bounded[s] && t < N_CLASS_TERMS; t++) {
      boundedsum_merge(&into->bounded[s]->sum[t], &from->bounded[s]->sum[t]);
      boundedsum_merge(&into->bounded[s]->square[t], &from->bounded[s]->square[t]);
    }
    for (size_t t = 0; into->exact[s] && t < N_REGRESSION_TERMS; t++) {
      exactsum_merge(&into->exact[s]->sum[t], &from->exact[s]->sum[t]);
      exactsum_merge(&into->exact[s]->square[t], &from->exact[s]->square[t]);
    }
  }
  for (size_t t = 0; into->bounded_cross && t < N_CLASS_TERMS; t++)
    boundedsum_merge(&into->bounded_cross[t], &from->bounded_cross[t]);
  for (size_t t = 0; into->exact_cross && t < N_REGRESSION_TERMS; t++)
    exactsum_merge(&into->exact_cross[t], &from->exact_cross[t]);
}

nonet_status moments_merge(struct moments *into, struct moments *from, const struct code_map *map,
                           nonet_error *error) {
  for (size_t c = 0; c < from->n_cells; c++) {
    if (!from->cells[c])
      continue;
    struct moment_cell *cell;
    nonet_status status = need_cell(into, code_map_cell(map, (uint32_t)c), &cell, error);
    if (status)
      return status;
    cell_merge(cell, from->cells[c]);
  }
  return NONET_OK;
}

static struct moment_sums read_class(const struct moments *m, const bool *in_scope,
                                     enum moment_term term, int s) {
  struct moment_sums out = {0};
  struct boundedsum sum = {0}, square = {0}, cross = {0};
  const struct cell_span span = cell_span_of(in_scope, m->n_cells);
  for (size_t c = span.first; c < span.end; c++) {
    const struct moment_cell *cell = m->cells[c];
    if (!in_scope[c] || !cell)
      continue;
    out.n += term == MOMENT_LOG_LOSS ? cell->count[s].n_finite : cell->count[s].n;
    out.n_infinite += term == MOMENT_LOG_LOSS ? cell->count[s].n_infinite : 0;
    boundedsum_merge(&sum, &cell->bounded[s]->sum[term]);
    boundedsum_merge(&square, &cell->bounded[s]->square[term]);
    if (cell->bounded_cross)
      boundedsum_merge(&cross, &cell->bounded_cross[term]);
  }
  out.sum = boundedsum_value(&sum);
  out.sum_squares = boundedsum_value(&square) * BOUNDEDSUM_LIMIT;
  out.sum_cross = boundedsum_value(&cross) * BOUNDEDSUM_LIMIT;
  return out;
}

static struct moment_sums read_regression(const struct moments *m, const bool *in_scope,
                                          enum moment_term term, int s) {
  struct moment_sums out = {0};
  struct exactsum sum = {0}, square = {0}, cross = {0};
  size_t t = (size_t)term - MOMENT_ERROR;
  const struct cell_span span = cell_span_of(in_scope, m->n_cells);
  for (size_t c = span.first; c < span.end; c++) {
    const struct moment_cell *cell = m->cells[c];
    if (!in_scope[c] || !cell)
      continue;
    out.n += term == infinite_term(m) ? cell->count[s].n_finite : cell->count[s].n;
    out.n_infinite += term == infinite_term(m) ? cell->count[s].n_infinite : 0;
    exactsum_merge(&sum, &cell->exact[s]->sum[t]);
    exactsum_merge(&square, &cell->exact[s]->square[t]);
    if (cell->exact_cross)
      exactsum_merge(&cross, &cell->exact_cross[t]);
  }
  out.sum = exactsum_value(&sum);
  out.sum_squares = exactsum_value(&square);
  out.sum_cross = exactsum_value(&cross);
  return out;
}

struct moment_sums moments_sums(const struct moments *moments, const bool *in_scope,
                                enum moment_term term, int stream) {
  if (!moments_has(moments, term) || !moments->has_stream[stream])
    return (struct moment_sums){0};
  return is_regression(moments) ? read_regression(moments, in_scope, term, stream)
                                : read_class(moments, in_scope, term, stream);
}

/* ---- state ---- */

static void save_bounded(const struct boundedsum *sum, size_t n, struct state_writer *writer) {
  for (size_t i = 0; i < n; i++) {
    uint8_t *room = state_write_room(writer, BOUNDEDSUM_SAVED_BYTES);
    if (room)
      boundedsum_save(sum + i, room);
  }
}

static void save_exact(const struct exactsum *sum, size_t n, struct state_writer *writer) {
  for (size_t i = 0; i < n; i++) {
    uint8_t *room = state_write_room(writer, EXACTSUM_SAVED_BYTES);
    if (room)
      exactsum_save(sum + i, room);
  }
}

/* A sum that no number of rows can have could overflow when parts are added: it is damage. */
#define MOST_ROWS 0x1p48
#define MOST_TOP ((int64_t)1 << 48)

static bool load_bounded(struct boundedsum *sum, size_t n, struct state_reader *reader) {
  for (size_t i = 0; i < n; i++) {
    const uint8_t *data = state_read(reader, BOUNDEDSUM_SAVED_BYTES);
    if (!data || !boundedsum_load(sum + i, data) ||
        !(fabs(boundedsum_value(sum + i)) <= BOUNDEDSUM_LIMIT * MOST_ROWS))
      return false;
  }
  return true;
}

static bool load_exact(struct exactsum *sum, size_t n, struct state_reader *reader) {
  for (size_t i = 0; i < n; i++) {
    const uint8_t *data = state_read(reader, EXACTSUM_SAVED_BYTES);
    if (!data || !exactsum_load(sum + i, data) || sum[i].chunk[EXACTSUM_CHUNKS - 1] > MOST_TOP ||
        sum[i].chunk[EXACTSUM_CHUNKS - 1] < -MOST_TOP)
      return false;
  }
  return true;
}

static void cell_save(const struct moment_cell *cell, struct state_writer *writer) {
  for (int s = 0; s < N_STREAMS; s++) {
    state_write(writer, &cell->count[s], sizeof cell->count[s]);
    if (cell->bounded[s])
      save_bounded(cell->bounded[s]->sum, N_CLASS_TERMS, writer);
    if (cell->bounded[s])
      save_bounded(cell->bounded[s]->square, N_CLASS_TERMS, writer);
    if (cell->exact[s])
      save_exact(cell->exact[s]->sum, N_REGRESSION_TERMS, writer);
    if (cell->exact[s])
      save_exact(cell->exact[s]->square, N_REGRESSION_TERMS, writer);
  }
  if (cell->bounded_cross)
    save_bounded(cell->bounded_cross, N_CLASS_TERMS, writer);
  if (cell->exact_cross)
    save_exact(cell->exact_cross, N_REGRESSION_TERMS, writer);
}

static bool cell_load(struct moment_cell *cell, struct state_reader *reader) {
  bool ok = true;
  for (int s = 0; s < N_STREAMS && ok; s++) {
    const uint8_t *data = state_read(reader, sizeof cell->count[s]);
    if (!data)
      return false;
    memcpy(&cell->count[s], data, sizeof cell->count[s]);
    const struct stream_counts *count = &cell->count[s];
    if ((double)count->n > MOST_ROWS || count->n_finite > count->n ||
        count->n_infinite != count->n - count->n_finite)
      return false;
    if (cell->bounded[s])
      ok = load_bounded(cell->bounded[s]->sum, N_CLASS_TERMS, reader) &&
           load_bounded(cell->bounded[s]->square, N_CLASS_TERMS, reader);
    if (cell->exact[s])
      ok = load_exact(cell->exact[s]->sum, N_REGRESSION_TERMS, reader) &&
           load_exact(cell->exact[s]->square, N_REGRESSION_TERMS, reader);
  }
  if (ok && cell->bounded_cross)
    ok = load_bounded(cell->bounded_cross, N_CLASS_TERMS, reader);
  if (ok && cell->exact_cross)
    ok = load_exact(cell->exact_cross, N_REGRESSION_TERMS, reader);
  return ok;
}

void moments_save(const struct moments *moments, struct state_writer *writer) {
  uint64_t n = 0;
  for (size_t c = 0; c < moments->n_cells; c++)
    n += moments->cells[c] != NULL;
  state_write_u64(writer, n);
  for (size_t c = 0; c < moments->n_cells; c++) {
    if (!moments->cells[c])
      continue;
    state_write_u64(writer, c);
    cell_save(moments->cells[c], writer);
  }
}

nonet_status moments_load(struct state_reader *reader, const struct roles *roles, double quantile,
                          struct moments **out, nonet_error *error) {
  struct moments *m = NULL;
  nonet_status status = moments_new(roles, quantile, &m, error);
  if (status)
    return status;
  uint64_t n =
      state_read_count(reader, sizeof(uint64_t) + N_STREAMS * sizeof(struct stream_counts));
  bool ok = !reader->failed;
  for (uint64_t i = 0, next = 0; i < n && ok && !status; i++) {
    uint64_t index = state_read_u64(reader);
    ok = !reader->failed && index >= next && index < m->n_cells;
    next = index + 1;
    struct moment_cell *cell = NULL;
    if (ok)
      status = need_cell(m, index, &cell, error);
    if (ok && !status)
      ok = cell_load(cell, reader);
  }
  if (!status && !ok)
    status = error_set(error, NONET_E_DATA, "the moments are damaged");
  if (status) {
    moments_free(m);
    return status;
  }
  *out = m;
  return NONET_OK;
}
