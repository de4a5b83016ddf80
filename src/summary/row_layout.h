/*
 * What a record of the multiset holds, in 32-bit words whose unsigned order, word by word, is the
 * order of the values. All words of a record come after the bucket (cell, label), which is not
 * stored.
 */
#ifndef SUMMARY_ROW_LAYOUT_H
#define SUMMARY_ROW_LAYOUT_H

#include "table/roles.h"

#define ROW_ABSENT UINT32_MAX

struct row_layout {
  uint32_t n_words;
  uint32_t score_words;       /* words of one score: 1 when all are float32, else 2 */
  uint32_t n_scores;          /* per stream */
  uint32_t n_labels, n_cells; /* at least 1 each; bucket = cell · n_labels + label */
  uint32_t score[N_STREAMS], prediction[N_STREAMS], target, weight, cluster,
      id; /* first word, or ROW_ABSENT */
};

void row_layout_init(const struct roles *roles, struct row_layout *layout);

/* Writes rows row[0 … n − 1] of the batch (row NULL: first + 0 … n − 1) as records to
 * out[n][n_words]. */
void row_layout_encode(const struct row_layout *layout, const struct role_batch *batch,
                       const uint32_t *row, size_t first, size_t n, uint32_t *out);

double row_layout_score(const struct row_layout *layout, const uint32_t *record, int stream,
                        size_t k);
uint64_t row_layout_word64(const uint32_t *record, uint32_t at); /* cluster, id */
double row_layout_double(const uint32_t *record, uint32_t at);   /* target, weight */
/* False when a record cannot have come from rows: NaN, infinite, a negative weight, a class that is
 * not there. */
bool row_layout_is_valid(const struct row_layout *layout, const uint32_t *record);

static inline int row_layout_compare(const uint32_t *x, const uint32_t *y, uint32_t n_words) {
  for (uint32_t w = 0; w < n_words; w++)
    if (x[w] != y[w])
      return x[w] < y[w] ? -1 : 1;
  return 0;
}

#endif
