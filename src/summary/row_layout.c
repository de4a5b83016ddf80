/*
 * Records of rows (row_layout.h): 64-bit values as two words, the high one first; scores, targets
 * and weights by their order-preserving keys (stats/sortkey.h, where −0 is +0); clusters, ids and
 * class codes as they are.
 */
#include "summary/row_layout.h"

#include <math.h>

#include "stats/sortkey.h"

void row_layout_init(const struct roles *roles, struct row_layout *l) {
  uint32_t at = 0;
  *l = (struct row_layout){.score_words = roles->score_is_float32 ? 1 : 2,
                           .n_scores = (uint32_t)roles->n_scores,
                           .n_labels = roles->n_classes ? (uint32_t)roles->n_classes : 1,
                           .n_cells = roles->n_cells ? (uint32_t)roles->n_cells : 1};
  uint32_t *optional[] = {&l->target, &l->weight, &l->cluster, &l->id};
  bool there[] = {roles->task == TASK_REGRESSION && roles->has_label, roles->has_weight,
                  roles->has_cluster, roles->has_id};
  for (int s = 0; s < N_STREAMS; s++) {
    l->score[s] = roles->has_score[s] && l->n_scores ? at : ROW_ABSENT;
    if (l->score[s] != ROW_ABSENT)
      at += l->n_scores * l->score_words;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    l->prediction[s] = roles->prediction_given[s] ? at : ROW_ABSENT;
    at += l->prediction[s] != ROW_ABSENT;
  }
  for (int i = 0; i < 4; i++) {
    *optional[i] = there[i] ? at : ROW_ABSENT;
    at += there[i] ? 2 : 0;
  }
  l->n_words = at;
}

static inline void put_64(uint32_t *out, uint64_t value) {
  out[0] = (uint32_t)(value >> 32);
  out[1] = (uint32_t)value;
}

#define ROW_AT(j) (row ? row[j] : first + (j))

static void encode_scores(const struct row_layout *l, const double *score, const uint32_t *row,
                          size_t first, size_t n, uint32_t *out) {
  size_t k = l->n_scores, stride = l->n_words;
  for (size_t c = 0; c < k; c++) {
    if (l->score_words == 1)
      for (size_t j = 0; j < n; j++)
        out[j * stride + c] = sortkey_f32((float)score[ROW_AT(j) * k + c]);
    else
      for (size_t j = 0; j < n; j++)
        put_64(out + j * stride + 2 * c, sortkey_f64(score[ROW_AT(j) * k + c]));
  }
}

void row_layout_encode(const struct row_layout *l, const struct role_batch *batch,
                       const uint32_t *row, size_t first, size_t n, uint32_t *out) {
  size_t stride = l->n_words;
  for (int s = 0; s < N_STREAMS; s++)
    if (l->score[s] != ROW_ABSENT)
      encode_scores(l, batch->score[s], row, first, n, out + l->score[s]);
  for (int s = 0; s < N_STREAMS; s++)
    for (size_t j = 0; l->prediction[s] != ROW_ABSENT && j < n; j++)
      out[j * stride + l->prediction[s]] = batch->prediction[s][ROW_AT(j)];
  for (size_t j = 0; l->target != ROW_ABSENT && j < n; j++)
    put_64(out + j * stride + l->target, sortkey_f64(batch->target[ROW_AT(j)]));
  for (size_t j = 0; l->weight != ROW_ABSENT && j < n; j++)
    put_64(out + j * stride + l->weight, sortkey_f64(batch->weight[ROW_AT(j)]));
  for (size_t j = 0; l->cluster != ROW_ABSENT && j < n; j++)
    put_64(out + j * stride + l->cluster, batch->cluster[ROW_AT(j)]);
  for (size_t j = 0; l->id != ROW_ABSENT && j < n; j++)
    put_64(out + j * stride + l->id, batch->id[ROW_AT(j)]);
}

uint64_t row_layout_word64(const uint32_t *record, uint32_t at) {
  return (uint64_t)record[at] << 32 | record[at + 1];
}

double row_layout_double(const uint32_t *record, uint32_t at) {
  return sortkey_f64_value(row_layout_word64(record, at));
}

double row_layout_score(const struct row_layout *l, const uint32_t *record, int stream, size_t k) {
  if (l->score_words == 1)
    return (double)sortkey_f32_value(record[l->score[stream] + k]);
  return row_layout_double(record, l->score[stream] + 2 * (uint32_t)k);
}

bool row_layout_is_valid(const struct row_layout *l, const uint32_t *record) {
  for (int s = 0; s < N_STREAMS; s++) {
    for (uint32_t k = 0; l->score[s] != ROW_ABSENT && k < l->n_scores; k++)
      if (!isfinite(row_layout_score(l, record, s, k)))
        return false;
    if (l->prediction[s] != ROW_ABSENT && record[l->prediction[s]] >= l->n_labels)
      return false;
  }
  if (l->target != ROW_ABSENT && !isfinite(row_layout_double(record, l->target)))
    return false;
  if (l->weight == ROW_ABSENT)
    return true;
  double weight = row_layout_double(record, l->weight);
  return isfinite(weight) && weight >= 0;
}
