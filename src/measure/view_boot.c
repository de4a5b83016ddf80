/*
 * The shared bootstrap of a view: Poisson weights by row key (or cluster key) from stats/resample,
 * turned into weights of rows, handed to the measures' statistics.
 *
 * The cases:
 *  1. A weight is a function of (seed, key, replicate) alone, so every statistic of the scope, both
 * streams and all class views see the same draws.
 *  2. A replicate where a statistic is NaN or infinite is missing: left out of the sorted column,
 * and counted by its absence.
 *  3. A family's columns are kept under (function, tag), so that its second measure does not draw
 * again. A single statistic is not kept: its context may live on a caller's stack.
 *  4. On micro-bins a cell is (bin, label) with its own key; bins without rows have none, and a
 * cell without rows draws nothing.
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "measure/view_cache.h"
#include "stats/resample.h"

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static size_t boot_b(const struct view *view) {
  return view->options->n_replicates > 0 ? view->options->n_replicates : 1000;
}

static struct view_boot *boot_find(struct view *view, view_any_function function, int stream,
                                   size_t tag) {
  for (struct view_boot *boot = view->cache->boots; boot != NULL; boot = boot->next) {
    if (boot->function == function && boot->stream == stream && boot->tag == tag) {
      return boot;
    }
  }
  return NULL;
}

/* Sorts the columns of `raw` [B][n_outputs] into the arena. */
static nonet_status boot_keep(struct view *view, struct view_boot key, const double *raw,
                              struct view_boot **kept, nonet_error *error) {
  size_t b = boot_b(view);
  struct view_boot *boot = view_arena(view, 1, sizeof *boot);
  double *columns = view_arena(view, key.n_outputs * b, sizeof *columns);
  key.replicates = view_arena(view, key.n_outputs, sizeof *key.replicates);
  key.n_replicates = view_arena(view, key.n_outputs, sizeof *key.n_replicates);
  if (boot == NULL || columns == NULL || key.replicates == NULL || key.n_replicates == NULL) {
    return error_memory(error, key.n_outputs * b * sizeof *columns, "bootstrap replicates");
  }
  for (size_t k = 0; k < key.n_outputs; k++) {
    double *column = columns + k * b;
    size_t n = 0;
    for (size_t r = 0; r < b; r++) {
      double value = raw[r * key.n_outputs + k];
      if (isfinite(value)) {
        column[n++] = value; /* 2 */
      }
    }
    qsort(column, n, sizeof *column, ascending);
    key.replicates[k] = column;
    key.n_replicates[k] = n;
  }
  *boot = key;
  if (!key.is_single) {
    boot->next = view->cache->boots; /* 3 */
    view->cache->boots = boot;
  }
  *kept = boot;
  return NONET_OK;
}

/* ---- on rows ---- */

struct boot_rows {
  const struct view *view;
  const struct row_set *rows;
  view_statistic one; /* one of these three */
  view_statistics many;
  view_draw draw;
  const void *context;
  double *weights; /* [n_threads][rows->n] */
};

static void boot_row_statistic(void *context, size_t worker, const uint32_t *drawn, double *out) {
  const struct boot_rows *boot = context;
  double *weights = boot->weights + worker * boot->rows->n;
  for (size_t i = 0; i < boot->rows->n; i++) {
    weights[i] =
        boot->rows->weight == NULL ? (double)drawn[i] : (double)drawn[i] * boot->rows->weight[i];
  }
  if (boot->one != NULL) {
    *out = boot->one(boot->context, boot->view, weights);
  } else {
    boot->many(boot->context, boot->view, weights, out);
  }
}

/* No replicates. */
static nonet_status boot_none(struct view *view, size_t n_outputs, struct view_boot **kept,
                              nonet_error *error) {
  struct view_boot *none = view_arena(view, 1, sizeof *none);
  if (none != NULL) {
    none->replicates = view_arena(view, n_outputs, sizeof *none->replicates);
    none->n_replicates = view_arena(view, n_outputs, sizeof *none->n_replicates);
  }
  *kept = none;
  return none == NULL || none->replicates == NULL || none->n_replicates == NULL
             ? error_memory(error, n_outputs * sizeof *none, "bootstrap replicates")
             : NONET_OK;
}

/* What the replicates are made of: rows, with what the caller makes of their weights. */
static nonet_status boot_draw(struct boot_rows *boot, size_t n_outputs, double *raw,
                              nonet_error *error) {
  const struct row_set *rows = boot->rows;
  const bool by_cluster = rows->cluster != NULL;
  const size_t b = boot_b(boot->view), n_threads = view_n_threads(boot->view);
  const struct resample_rows drawn = {.seed = boot->view->options->seed,
                                      .stream = by_cluster ? PHILOX_CLUSTER : PHILOX_BOOTSTRAP,
                                      .keys = by_cluster ? rows->cluster : rows->key,
                                      .count = rows->count,
                                      .is_cluster = by_cluster,
                                      .n = rows->n};
  if (boot->draw != NULL) {
    return boot->draw(boot->context, &drawn, b, n_threads, raw, error);
  }
  boot->weights = memory_new(n_threads * rows->n, sizeof *boot->weights);
  nonet_status status =
      boot->weights == NULL
          ? error_memory(error, n_threads * rows->n * sizeof *raw, "bootstrap weights")
          : resample_run(&drawn, boot_row_statistic, boot, n_outputs, b, n_threads, NULL, raw,
                         error);
  memory_free(boot->weights);
  return status;
}

static nonet_status boot_run(struct view *view, struct boot_rows boot, size_t tag, size_t n_outputs,
                             struct view_boot **kept, nonet_error *error) {
  if (view->is_small) {
    return boot_none(view, n_outputs, kept, error);
  }
  const view_any_function function = boot.one != NULL    ? (view_any_function)boot.one
                                     : boot.many != NULL ? (view_any_function)boot.many
                                                         : (view_any_function)boot.draw;
  *kept = boot.one != NULL ? NULL : boot_find(view, function, -1, tag);
  if (*kept != NULL) {
    return NONET_OK; /* 3 */
  }
  double *raw = memory_new(boot_b(view) * n_outputs, sizeof *raw);
  nonet_status status = raw != NULL ? view_rows(view, &boot.rows, error)
                                    : error_memory(error, boot_b(view) * n_outputs * sizeof *raw,
                                                   "bootstrap replicates");
  boot.view = view;
  if (status == NONET_OK) {
    status = boot_draw(&boot, n_outputs, raw, error);
  }
  if (status == NONET_OK) {
    struct view_boot key = {.function = function,
                            .is_single = boot.one != NULL,
                            .stream = -1,
                            .tag = tag,
                            .n_outputs = n_outputs};
    status = boot_keep(view, key, raw, kept, error);
  }
  memory_free(raw);
  return status;
}

nonet_status view_bootstrap(struct view *view, view_statistic statistic, const void *context,
                            const double **sorted_replicates, size_t *n_replicates,
                            nonet_error *error) {
  struct view_boot *kept;
  nonet_status status =
      boot_run(view, (struct boot_rows){.one = statistic, .context = context}, 0, 1, &kept, error);
  if (status == NONET_OK) {
    *sorted_replicates = kept->replicates[0];
    *n_replicates = kept->n_replicates[0];
  }
  return status;
}

static nonet_status boot_many(struct view *view, struct boot_rows boot, size_t tag,
                              size_t n_outputs, const double *const **replicates,
                              const size_t **n_replicates, nonet_error *error) {
  struct view_boot *kept;
  nonet_status status = boot_run(view, boot, tag, n_outputs, &kept, error);
  if (status == NONET_OK) {
    *replicates = kept->replicates;
    *n_replicates = kept->n_replicates;
  }
  return status;
}

nonet_status view_bootstrap_many(struct view *view, view_statistics statistics, const void *context,
                                 size_t tag, size_t n_outputs, const double *const **replicates,
                                 const size_t **n_replicates, nonet_error *error) {
  const struct boot_rows boot = {.many = statistics, .context = context};
  return boot_many(view, boot, tag, n_outputs, replicates, n_replicates, error);
}

nonet_status view_bootstrap_drawn(struct view *view, view_draw draw, const void *context,
                                  size_t tag, size_t n_outputs, const double *const **replicates,
                                  const size_t **n_replicates, nonet_error *error) {
  const struct boot_rows boot = {.draw = draw, .context = context};
  return boot_many(view, boot, tag, n_outputs, replicates, n_replicates, error);
}

/* ---- on micro-bins ---- */

struct boot_bins {
  view_bin_statistics statistics;
  const void *context;
  size_t n_bins;   /* with rows */
  uint64_t *keys;  /* [2][n_bins] negatives, then positives */
  uint64_t *count; /* [2][n_bins] */
};

static void boot_bin_statistic(void *context, size_t worker, const uint32_t *drawn, double *out) {
  const struct boot_bins *boot = context;
  (void)worker;
  boot->statistics(boot->context, drawn, drawn + boot->n_bins, out);
}

static nonet_status boot_bin_cells(struct boot_bins *boot, const struct microbin *bins,
                                   nonet_error *error) {
  boot->n_bins = 0;
  for (uint32_t bin = 0; bin < MICROBINS; bin++) {
    boot->n_bins += bins[bin].n > 0;
  }
  boot->keys = memory_new(2 * boot->n_bins + 1, sizeof *boot->keys);
  boot->count = memory_new(2 * boot->n_bins + 1, sizeof *boot->count);
  if (boot->keys == NULL || boot->count == NULL) {
    return error_memory(error, boot->n_bins * 32, "the bootstrap of micro-bins");
  }
  for (uint32_t bin = 0, at = 0; bin < MICROBINS; bin++) {
    for (uint32_t label = 0; label < 2 && bins[bin].n > 0; label++) {
      const size_t cell = label * boot->n_bins + at;
      boot->keys[cell] = hash_mix(hash_mix(0x6d6963726f62696eULL, label), bin); /* 4 */
      boot->count[cell] = label == 1 ? bins[bin].n_positive : bins[bin].n - bins[bin].n_positive;
    }
    at += bins[bin].n > 0;
  }
  return NONET_OK;
}

static nonet_status boot_bin_run(struct view *view, int stream, struct boot_bins *boot, size_t tag,
                                 size_t n_outputs, struct view_boot **kept, nonet_error *error) {
  const struct microbin *bins;
  const size_t b = boot_b(view);
  double *raw = memory_new(b * n_outputs, sizeof *raw);
  nonet_status status =
      raw != NULL ? view_bins(view, stream, &bins, error)
                  : error_memory(error, b * n_outputs * sizeof *raw, "bootstrap replicates");
  if (status == NONET_OK) {
    status = boot_bin_cells(boot, bins, error);
  }
  if (status == NONET_OK) {
    const struct resample_rows drawn = {.seed = view->options->seed,
                                        .stream = PHILOX_BOOTSTRAP,
                                        .keys = boot->keys,
                                        .count = boot->count,
                                        .n = 2 * boot->n_bins};
    status = resample_run(&drawn, boot_bin_statistic, boot, n_outputs, b, view_n_threads(view),
                          NULL, raw, error);
  }
  if (status == NONET_OK) {
    const struct view_boot key = {.function = (view_any_function)boot->statistics,
                                  .stream = stream,
                                  .tag = tag,
                                  .n_outputs = n_outputs};
    status = boot_keep(view, key, raw, kept, error);
  }
  memory_free(boot->keys);
  memory_free(boot->count);
  memory_free(raw);
  return status;
}

nonet_status view_bootstrap_bins(struct view *view, int stream, view_bin_statistics statistics,
                                 const void *context, size_t tag, size_t n_outputs,
                                 const double *const **replicates, const size_t **n_replicates,
                                 nonet_error *error) {
  struct view_boot *kept = boot_find(view, (view_any_function)statistics, stream, tag);
  struct boot_bins boot = {.statistics = statistics, .context = context};
  nonet_status status = NONET_OK;
  if (view->is_small) {
    status = boot_none(view, n_outputs, &kept, error);
  } else if (kept == NULL) {
    status = boot_bin_run(view, stream, &boot, tag, n_outputs, &kept, error);
  }
  if (status == NONET_OK) {
    *replicates = kept->replicates;
    *n_replicates = kept->n_replicates;
  }
  return status;
}
