/*
 * NearMiss. Of a class that is too large the wanted number stays:
 *   1  those whose mean distance to their k nearest rows of the smallest class is least,
 *   2  to their k farthest rows of it,
 *   3  first the 3 nearest of each row of the smallest class are gathered; of them those whose mean
 *      distance to their k nearest is largest.
 *
 * Cases: 1. Equal means: the row that comes first. 2. NearMiss-3 may gather fewer than wanted: all
 * of them stay. 3. The smallest class has fewer than k rows, a large one fewer than 3: told.
 */
#include "remedy/nearmiss.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "learn/part.h"

#define GATHERED 3 /* NearMiss-3: nearest rows of each row of the smallest class */

struct miss {
  const struct rebalance_input *input;
  size_t k;
  struct part small, large;
  struct neighbours *small_index;
  double *far;  /* [n_workers][k] */
  double *mean; /* [large] the sum of k distances */
};

static void miss_clear(struct miss *miss) {
  part_clear(&miss->small);
  part_clear(&miss->large);
  neighbours_free(miss->small_index);
  memory_free(miss->far);
  memory_free(miss->mean);
}

static nonet_status sum_nearest(struct miss *miss, nonet_error *error) {
  size_t n = miss->large.rows.n_rows, k = miss->k;
  uint32_t *name = memory_new(n * k, sizeof *name);
  double *distance2 = memory_new(n * k, sizeof *distance2);
  nonet_status status = NONET_OK;
  if (name == NULL || distance2 == NULL) {
    status = error_memory(error, n * k * sizeof *distance2, "distances");
    goto done;
  }
  struct neighbours_query query = {
      .rows = &miss->large.rows, .k = k, .n_threads = miss->input->n_threads};
  status =
      neighbours_find(miss->small_index, &query, name, distance2, miss->input->progress, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    miss->mean[i] = 0;
    for (size_t j = 0; j < k; j++) {
      miss->mean[i] += sqrt(distance2[i * k + j]);
    }
  }
done:
  memory_free(name);
  memory_free(distance2);
  return status;
}

/* `far` holds the k farthest so far, ascending: the least of them makes room. */
static nonet_status sum_farthest_of(void *context, size_t item, size_t worker, nonet_error *error) {
  struct miss *miss = context;
  size_t k = miss->k;
  double *far = miss->far + worker * k;
  nonet_status status = progress_check(miss->input->progress, error);
  for (size_t j = 0; j < k; j++) {
    far[j] = -1;
  }
  for (size_t i = 0; i < miss->small.rows.n_rows && status == NONET_OK; i++) {
    double distance2 = neighbours_distance2(&miss->large.rows, item, &miss->small.rows, i);
    if (distance2 > far[0]) {
      size_t at = 0;
      for (; at + 1 < k && far[at + 1] < distance2; at++) {
        far[at] = far[at + 1];
      }
      far[at] = distance2;
    }
  }
  miss->mean[item] = 0;
  for (size_t j = 0; j < k; j++) {
    miss->mean[item] += sqrt(far[j]);
  }
  return status;
}

static nonet_status sum_farthest(struct miss *miss, nonet_error *error) {
  size_t n_workers = miss->input->n_threads > 1 ? miss->input->n_threads : 1;
  miss->far = memory_new(n_workers * miss->k, sizeof *miss->far);
  if (miss->far == NULL) {
    return error_memory(error, n_workers * miss->k * sizeof *miss->far, "distances");
  }
  return parallel_for(n_workers, miss->large.rows.n_rows, sum_farthest_of, miss, error);
}

/* NearMiss-3's first step: `large` becomes what is gathered of it. */
static nonet_status gather(struct miss *miss, nonet_error *error) {
  const struct rebalance_input *input = miss->input;
  size_t n = miss->small.rows.n_rows, n_which = 0, n_all = input->rows.n_rows;
  struct neighbours *index = NULL;
  uint32_t *near = memory_new(n * GATHERED, sizeof *near);
  uint32_t *which = memory_new(miss->large.rows.n_rows, sizeof *which);
  bool *is_near = memory_zeroed(n_all, sizeof *is_near);
  nonet_status status = NONET_OK;
  if (near == NULL || which == NULL || is_near == NULL) {
    status = error_memory(error, n * GATHERED * sizeof *near, "neighbours");
    goto done;
  }
  struct neighbours_query query = {
      .rows = &miss->small.rows, .k = GATHERED, .n_threads = input->n_threads};
  status = neighbours_new(&miss->large.rows, input->n_threads, &index, error);
  if (status == NONET_OK) {
    status = neighbours_find(index, &query, near, NULL, input->progress, error);
  }
  for (size_t i = 0; i < n * GATHERED && status == NONET_OK; i++) {
    is_near[near[i]] = true;
  }
  for (size_t i = 0; i < n_all && status == NONET_OK; i++) {
    if (is_near[i]) {
      which[n_which++] = (uint32_t)i;
    }
  }
  part_clear(&miss->large);
  if (status == NONET_OK) {
    status = part_take(&input->rows, which, n_which, &miss->large, error);
  }
done:
  neighbours_free(index);
  memory_free(near);
  memory_free(which);
  memory_free(is_near);
  return status;
}

struct rank {
  double mean;
  uint32_t row;
};

static int compare_ranks(const void *a, const void *b) {
  const struct rank *x = a, *y = b;
  if (x->mean != y->mean) {
    return x->mean < y->mean ? -1 : 1;
  }
  return x->row < y->row ? -1 : x->row > y->row; /* 1 */
}

/* Of the class's rows only the best `wanted` of `large` stay. */
static nonet_status keep_best(const struct miss *miss, uint32_t code, size_t wanted,
                              uint32_t *copies, nonet_error *error) {
  size_t n = miss->large.rows.n_rows;
  bool is_farthest = miss->input->method == REBALANCE_NEARMISS_3;
  struct rank *ranks = memory_new(n, sizeof *ranks);
  if (ranks == NULL) {
    return error_memory(error, n * sizeof *ranks, "rows in order");
  }
  for (size_t i = 0; i < n; i++) {
    ranks[i].mean = is_farthest ? -miss->mean[i] : miss->mean[i];
    ranks[i].row = miss->large.name[i];
  }
  qsort(ranks, n, sizeof *ranks, compare_ranks);
  for (size_t i = 0; i < miss->input->rows.n_rows; i++) {
    copies[i] = miss->input->label[i] == code ? 0 : copies[i];
  }
  for (size_t i = 0; i < n && i < wanted; i++) { /* 2 */
    copies[ranks[i].row] = 1;
  }
  memory_free(ranks);
  return NONET_OK;
}

static nonet_status keep_class(const struct rebalance_input *input, const struct classes *classes,
                               uint32_t code, uint32_t *copies, nonet_error *error) {
  struct miss miss = {.input = input,
                      .k = input->k > 0 ? input->k : rebalance_info(input->method)->k};
  nonet_status status =
      part_of_class(&input->rows, input->label, classes->smallest, false, &miss.small, error);
  if (status == NONET_OK) {
    status = part_of_class(&input->rows, input->label, code, false, &miss.large, error);
  }
  if (status == NONET_OK && input->method == REBALANCE_NEARMISS_3) {
    status = gather(&miss, error);
  }
  if (status == NONET_OK) {
    miss.mean = memory_new(miss.large.rows.n_rows, sizeof *miss.mean);
    status = miss.mean != NULL
                 ? neighbours_new(&miss.small.rows, input->n_threads, &miss.small_index, error)
                 : error_memory(error, miss.large.rows.n_rows * sizeof *miss.mean, "distances");
  }
  if (status == NONET_OK) {
    bool is_far = input->method == REBALANCE_NEARMISS_2;
    status = is_far ? sum_farthest(&miss, error) : sum_nearest(&miss, error);
  }
  if (status == NONET_OK) {
    status = keep_best(&miss, code, classes->wanted[code], copies, error);
  }
  miss_clear(&miss);
  return status;
}

nonet_status nearmiss_keep(const struct rebalance_input *input, const struct classes *classes,
                           uint32_t *copies, nonet_error *error) {
  const struct rebalance_info *info = rebalance_info(input->method);
  size_t k = input->k > 0 ? input->k : info->k, n = classes->count[classes->smallest];
  nonet_status status = NONET_OK;
  if (n < k) { /* 3 */
    return error_set(error, NONET_E_DATA,
                     "%s with k = %zu needs as many rows of the smallest class, and '%s' has %zu; "
                     "choose --k %zu or less, or use random-under",
                     info->name, k, input->class_name[classes->smallest], n, n);
  }
  for (size_t c = 0; c < classes->n && status == NONET_OK; c++) {
    bool is_lowered = classes->wanted[c] < classes->count[c];
    if (is_lowered && input->method == REBALANCE_NEARMISS_3 && classes->count[c] < GATHERED) {
      status = error_set(error, NONET_E_DATA, "%s needs %d rows of class '%s', which has %zu",
                         info->name, GATHERED, input->class_name[c], classes->count[c]);
    } else if (is_lowered) {
      status = keep_class(input, classes, (uint32_t)c, copies, error);
    }
  }
  return status;
}
