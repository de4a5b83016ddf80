/*
 * Rows, keys and bins of a view, and variances by linearisation over clusters.
 *
 *   T_g = Σ_{i in g} w_i u_i,   Var(θ̂) = G/(G − 1) Σ_g (T_g − T̄)²,   df = G − 1   (Binder 1983;
 * Korn & Graubard 1998)
 *
 * The cases:
 *  1. Rows of a class view are turned in place into a binary problem; their keys stay those of the
 * whole row, so that every view of a scope draws the same bootstrap weights.
 *  2. A distinct row with count c and no cluster is c units. With a cluster, its c copies are in
 * one unit.
 *  3. Clusters are numbered by their keys, and sums run in the canonical order of the rows: the
 * same bits for any order of reading.
 *  4. Units with u = 0 in all their rows stand outside the measure's denominator: the recall of 5
 * clusters with positives has 4 degrees of freedom, however many clusters there are.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/view_cache.h"
#include "stats/binning.h"
#include "stats/sortkey.h"

static void rows_to_class(struct row_set *rows, uint32_t class_code) {
  for (size_t i = 0; rows->label != NULL && i < rows->n; i++) {
    rows->label[i] = rows->label[i] == class_code;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t i = 0; rows->prediction[s] != NULL && i < rows->n; i++) {
      rows->prediction[s][i] = rows->prediction[s][i] == class_code;
    }
    for (size_t i = 0; rows->score[s] != NULL && i < rows->n; i++) {
      rows->score[s][i] = rows->score[s][i * rows->n_scores + class_code];
    }
  }
  rows->n_scores = rows->n_scores > 0 ? 1 : 0;
}

nonet_status view_rows(struct view *view, const struct row_set **rows, nonet_error *error) {
  struct view_cache *cache = view->cache;
  if (!cache->has_rows) {
    if (view->set->rows == NULL) {
      return error_set(error, NONET_E_INTERNAL, "rows were asked of a summary set that keeps none");
    }
    nonet_status status = row_set_read(view->set->rows, &view->set->roles, view->in_scope, true,
                                       view_n_threads(view), &cache->rows, error);
    if (status != NONET_OK) {
      return status;
    }
    cache->has_rows = true;
    if (view->class_index >= 0) {
      rows_to_class(&cache->rows, (uint32_t)view->class_index); /* 1 */
    }
  }
  *rows = &cache->rows;
  return NONET_OK;
}

nonet_status view_bins(struct view *view, int stream, const struct microbin **bins,
                       nonet_error *error) {
  if (view->cache->bins[stream] == NULL) {
    struct microbin *out = view_arena(view, MICROBINS, sizeof *out);
    if (out == NULL) {
      return error_memory(error, MICROBINS * sizeof *out, "micro-bins");
    }
    if (view->class_index < 0 && view->set->bins != NULL) {
      microbins_read(view->set->bins, view->in_scope, stream, out);
    } else {
      const struct row_set *rows;
      nonet_status status = view_rows(view, &rows, error);
      if (status != NONET_OK) {
        return status;
      }
      for (size_t i = 0; i < rows->n; i++) {
        uint64_t count = rows->count == NULL ? 1 : rows->count[i];
        double p = rows->score[stream][i * rows->n_scores];
        struct microbin *bin = &out[binning_index(p)];
        bin->n += count;
        bin->n_positive += rows->label[i] == 1 ? count : 0;
        bin->sum_p += (double)count * p;
      }
    }
    view->cache->bins[stream] = out;
  }
  *bins = view->cache->bins[stream];
  return NONET_OK;
}

nonet_status view_keys(struct view *view, int stream, size_t k, const struct score_keys **keys,
                       nonet_error *error) {
  if (view->class_index >= 0) {
    k = (size_t)view->class_index;
  }
  for (struct view_keyset *kept = view->cache->keys; kept != NULL; kept = kept->next) {
    if (kept->stream == stream && kept->k == k) {
      *keys = &kept->keys;
      return NONET_OK;
    }
  }
  if (view->set->rows == NULL) {
    return error_set(error, NONET_E_INTERNAL,
                     "sorted scores were asked of a summary set that keeps no rows");
  }
  struct view_keyset *kept = memory_zeroed(1, sizeof *kept);
  if (kept == NULL) {
    return error_memory(error, sizeof *kept, "sorted scores");
  }
  nonet_status status = score_keys_read(view->set->rows, &view->set->roles, view->in_scope, stream,
                                        k, view_n_threads(view), &kept->keys, error);
  if (status != NONET_OK) {
    memory_free(kept);
    return status;
  }
  kept->stream = stream;
  kept->k = k;
  kept->next = view->cache->keys;
  view->cache->keys = kept;
  *keys = &kept->keys;
  return NONET_OK;
}

/* Numbers the clusters once. */
static nonet_status number_clusters(struct view *view, const struct row_set *rows,
                                    nonet_error *error) {
  struct view_cache *cache = view->cache;
  if (cache->cluster_index != NULL || rows->cluster == NULL || rows->n == 0) {
    return NONET_OK;
  }
  if (rows->n > UINT32_MAX) {
    return error_set(error, NONET_E_DATA,
                     "%zu distinct rows with clusters are more than this build can number",
                     rows->n);
  }
  uint64_t *keys = memory_new(rows->n, sizeof *keys);
  uint32_t *order = memory_new(rows->n, sizeof *order);
  uint32_t *index = view_arena(view, rows->n, sizeof *index);
  nonet_status status = NONET_OK;
  if (keys == NULL || order == NULL || index == NULL) {
    status = error_memory(error, rows->n * 16, "the numbering of clusters");
    goto done;
  }
  memcpy(keys, rows->cluster, rows->n * sizeof *keys);
  for (size_t i = 0; i < rows->n; i++) {
    order[i] = (uint32_t)i;
  }
  status = sortkey_argsort_u64(keys, order, rows->n, view_n_threads(view), error);
  if (status != NONET_OK) {
    goto done;
  }
  uint32_t number = 0;
  for (size_t i = 0; i < rows->n; i++) {
    number += i > 0 && keys[i] != keys[i - 1];
    index[order[i]] = number; /* 3 */
  }
  cache->cluster_index = index;
  cache->n_clusters = (size_t)number + 1;
done:
  memory_free(keys);
  memory_free(order);
  return status;
}

nonet_status view_clusters(struct view *view, size_t *n_clusters, nonet_error *error) {
  *n_clusters = 0;
  if (!view->set->roles.has_cluster) {
    return NONET_OK;
  }
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status == NONET_OK) {
    status = number_clusters(view, rows, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  *n_clusters = rows->n == 0 ? 0 : view->cache->n_clusters;
  if (*n_clusters < VIEW_FEW_CLUSTERS) {
    view_note(view,
              "%zu clusters: fewer than %d, so the interval is rough and no gate is decided by it",
              *n_clusters, VIEW_FEW_CLUSTERS);
  } else if (*n_clusters < VIEW_SOME_CLUSTERS) {
    view_note(view, "%zu clusters: with fewer than %d the interval is somewhat too narrow",
              *n_clusters, VIEW_SOME_CLUSTERS);
  }
  return NONET_OK;
}

/* Totals by cluster; active[g] tells whether any row of g has u ≠ 0. */
static nonet_status cluster_totals(struct view *view, const struct row_set *rows,
                                   const double *influence, double **totals, bool **active,
                                   nonet_error *error) {
  nonet_status status = number_clusters(view, rows, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n = view->cache->n_clusters > 0 ? view->cache->n_clusters : 1;
  *totals = memory_zeroed(n, sizeof **totals);
  *active = memory_zeroed(n, sizeof **active);
  if (*totals == NULL || *active == NULL) {
    return error_memory(error, n * 9, "totals of clusters");
  }
  for (size_t i = 0; i < rows->n; i++) {
    double count = rows->count == NULL ? 1 : (double)rows->count[i];
    double weight = rows->weight == NULL ? 1 : rows->weight[i];
    uint32_t g = view->cache->cluster_index[i];
    (*totals)[g] += count * weight * influence[i];
    (*active)[g] = (*active)[g] || influence[i] != 0;
  }
  return NONET_OK;
}

struct unit_sums {
  double n, sum, squares, largest;
};

static void unit_add(struct unit_sums *sums, double total, double copies, double mean) {
  double deviation = (total - mean) * (total - mean);
  sums->n += copies;
  sums->sum += copies * total;
  sums->squares += copies * deviation;
  sums->largest = deviation > sums->largest ? deviation : sums->largest;
}

/* One sweep over the units with the mean of the totals given (0 in the first sweep, which finds
 * it). */
static struct unit_sums unit_sweep(const struct view *view, const struct row_set *rows,
                                   const double *influence, const double *totals,
                                   const bool *active, double mean) {
  struct unit_sums sums = {0};
  if (totals != NULL) {
    for (size_t g = 0; g < view->cache->n_clusters; g++) {
      if (active[g]) {
        unit_add(&sums, totals[g], 1, mean);
      }
    }
    return sums;
  }
  for (size_t i = 0; i < rows->n; i++) {
    if (influence[i] != 0) {
      double weight = rows->weight == NULL ? 1 : rows->weight[i];
      unit_add(&sums, weight * influence[i], rows->count == NULL ? 1 : (double)rows->count[i],
               mean); /* 2 */
    }
  }
  return sums;
}

nonet_status view_linearised(struct view *view, const double *influence, struct view_linear *linear,
                             nonet_error *error) {
  *linear = (struct view_linear){NAN, NAN, 0, 0};
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *totals = NULL;
  bool *active = NULL;
  if (rows->cluster != NULL && rows->n > 0) {
    status = cluster_totals(view, rows, influence, &totals, &active, error);
    if (status != NONET_OK) {
      goto done;
    }
  }
  struct unit_sums first = unit_sweep(view, rows, influence, totals, active, 0);
  double g = first.n;
  linear->n_units = g;
  if (g >= 2) {
    struct unit_sums second = unit_sweep(view, rows, influence, totals, active, first.sum / g);
    linear->variance = g / (g - 1) * second.squares;
    linear->df = g - 1;
    linear->largest_share = second.squares > 0 ? second.largest / second.squares : 0;
  }
done:
  memory_free(totals);
  memory_free(active);
  return status;
}

nonet_status view_marked_units(struct view *view, const bool *mark, double *n_units,
                               nonet_error *error) {
  *n_units = 0;
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *totals = NULL, *ones = NULL;
  bool *active = NULL;
  if (rows->cluster == NULL || rows->n == 0) {
    for (size_t i = 0; i < rows->n; i++) {
      *n_units += !mark[i] ? 0 : rows->count == NULL ? 1 : (double)rows->count[i];
    }
    return NONET_OK;
  }
  ones = memory_new(rows->n, sizeof *ones);
  if (ones == NULL) {
    return error_memory(error, rows->n * sizeof *ones, "marks of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    ones[i] = mark[i] ? 1 : 0;
  }
  status = cluster_totals(view, rows, ones, &totals, &active, error);
  for (size_t g = 0; status == NONET_OK && g < view->cache->n_clusters; g++) {
    *n_units += active[g] ? 1 : 0;
  }
  memory_free(ones);
  memory_free(totals);
  memory_free(active);
  return status;
}
