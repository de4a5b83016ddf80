/*
 * Confident learning.
 *
 *   t_k   = the mean of p_ik over the rows labelled k
 *   row i is counted at (its label, k) for the k with p_ik >= t_k − 1e-6; when there are several,
 *   for the most probable class of all; when there is none, nowhere
 *   a row is in doubt when it is counted off the diagonal and its most probable class is not its
 *   label, the label's probability raised by 1e-6
 *
 * Cases:
 *  1. A class that no row is labelled with has a threshold of 2: no row is counted there.
 *  2. The diagonal is at least 1 (cleanlab: a correct example of each class).
 *  3. Equal probabilities: the first class.
 *  4. Thresholds are at least 1e-6.
 */
#include "learn/confident.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/exactsum.h"

#define SLACK 1e-6
#define UNSEEN 2.0

static nonet_status find_thresholds(const uint32_t *label, const double *probability, size_t n,
                                    struct confident *confident, nonet_error *error) {
  const size_t k = confident->n_classes;
  struct exactsum *sums = memory_zeroed(k, sizeof *sums);
  uint64_t *counts = memory_zeroed(k, sizeof *counts);
  nonet_status status = NONET_OK;
  if (sums == NULL || counts == NULL) {
    status = error_memory(error, k * sizeof *sums, "thresholds of classes");
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    exactsum_add(&sums[label[i]], probability[i * k + label[i]]);
    counts[label[i]]++;
  }
  for (size_t c = 0; c < k; c++) {
    const double mean = counts[c] == 0 ? UNSEEN : exactsum_value(&sums[c]) / (double)counts[c];
    confident->threshold[c] = fmax(mean, SLACK); /* 1, 4 */
  }
done:
  memory_free(sums);
  memory_free(counts);
  return status;
}

static size_t most_probable(const double *p, size_t n_classes, size_t label, double raised) {
  size_t best = 0;
  double highest = -INFINITY;
  for (size_t c = 0; c < n_classes; c++) {
    const double at = p[c] + (c == label ? raised : 0.0);
    if (at > highest) { /* 3 */
      highest = at;
      best = c;
    }
  }
  return best;
}

static uint32_t likely_class(const struct confident *confident, const double *p, size_t label) {
  size_t n_sure = 0, first = 0;
  for (size_t c = confident->n_classes; c-- > 0;) {
    if (p[c] >= confident->threshold[c] - SLACK) {
      n_sure++;
      first = c;
    }
  }
  if (n_sure == 0) {
    return CONFIDENT_NONE;
  }
  return (uint32_t)(n_sure == 1 ? first : most_probable(p, confident->n_classes, label, 0.0));
}

nonet_status confident_find(const uint32_t *label, const double *probability, size_t n,
                            size_t n_classes, struct confident *confident, nonet_error *error) {
  *confident = (struct confident){.n_classes = n_classes};
  confident->threshold = memory_new(n_classes, sizeof *confident->threshold);
  confident->joint = memory_zeroed(n_classes * n_classes, sizeof *confident->joint);
  confident->suggested = memory_new(n, sizeof *confident->suggested);
  nonet_status status = NONET_OK;
  if (confident->threshold == NULL || confident->joint == NULL || confident->suggested == NULL) {
    status = error_memory(error, n * sizeof *confident->suggested, "a confident joint");
  } else {
    status = find_thresholds(label, probability, n, confident, error);
  }
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    const double *p = probability + i * n_classes;
    const uint32_t likely = likely_class(confident, p, label[i]);
    confident->suggested[i] = CONFIDENT_NONE;
    if (likely != CONFIDENT_NONE) {
      confident->joint[label[i] * n_classes + likely]++;
      if (likely != label[i] && most_probable(p, n_classes, label[i], SLACK) != label[i]) {
        confident->suggested[i] = likely;
        confident->n_issues++;
      }
    }
  }
  for (size_t c = 0; c < n_classes && status == NONET_OK; c++) {
    uint64_t *own = &confident->joint[c * n_classes + c];
    *own = *own == 0 ? 1 : *own; /* 2 */
  }
  if (status != NONET_OK) {
    confident_clear(confident);
  }
  return status;
}

void confident_clear(struct confident *confident) {
  memory_free(confident->threshold);
  memory_free(confident->joint);
  memory_free(confident->suggested);
  *confident = (struct confident){0};
}
