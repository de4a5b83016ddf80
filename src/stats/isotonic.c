/*
 * Pool adjacent violators: a stack of blocks with rising means; a new point joins the last block
 * while that one's mean is not below.
 *
 * 1. n = 0 does nothing. 2. A block of weight 0 has no mean of its own: it joins its neighbour to
 * the left; at the very left it takes the value of the first block with weight; if there is none,
 * the last y. 3. NaN spreads.
 *
 * R. E. Barlow, D. J. Bartholomew, J. M. Bremner, H. D. Brunk, Statistical Inference under Order
 * Restrictions, 1972.
 */
#include "stats/isotonic.h"

#include "base/error.h"
#include "base/memory.h"

struct block {
  double mean, weight;
  size_t end; /* one past its last point */
};

static struct block block_join(struct block a, struct block b) {
  double weight = a.weight + b.weight;
  double mean = a.mean;
  if (a.weight == 0) {
    mean = b.mean; /* 2 */
  } else if (b.weight > 0) {
    mean = (a.mean * a.weight + b.mean * b.weight) / weight;
  }
  return (struct block){mean, weight, b.end};
}

nonet_status isotonic_fit(const double *y, const double *weight, size_t n, double *fitted,
                          nonet_error *error) {
  if (n == 0) {
    return NONET_OK; /* 1 */
  }
  struct block *blocks = memory_new(n, sizeof *blocks);
  if (blocks == NULL) {
    return error_memory(error, n * sizeof *blocks, "isotonic regression");
  }
  size_t n_blocks = 0;
  for (size_t i = 0; i < n; i++) {
    struct block last = {y[i], weight == NULL ? 1 : weight[i], i + 1};
    while (n_blocks > 0 && (blocks[n_blocks - 1].mean >= last.mean || last.weight == 0 ||
                            blocks[n_blocks - 1].weight == 0)) {
      last = block_join(blocks[--n_blocks], last);
    }
    blocks[n_blocks++] = last;
  }
  for (size_t b = 0, i = 0; b < n_blocks; b++) {
    for (; i < blocks[b].end; i++) {
      fitted[i] = blocks[b].mean;
    }
  }
  memory_free(blocks);
  return NONET_OK;
}
