/*
 * Steps of a score's curve, the numbers read off them, and their bootstrap replicates: rows are
 * sorted once; a replicate is one pass over its weights, and every number is read off its steps.
 *
 * Precision tp / (tp + fp) is not monotone along the steps; tp, fp and so recall and false positive
 * rate are. Hence the cases of a number:
 *  1. a condition on what only grows: the step where it begins or ends to hold, by bisection;
 *  2. the largest ratio over a range of steps: four running maxima, so that divisions overlap;
 *  3. the last step with enough precision: from the end, as recall is largest there.
 *  4. A replicate without positives or negatives is missing. McClish's correction of a replicate
 *     below the diagonal is taken as it is.
 *  5. Rows are drawn in the order of their scores, which needs no row's place; the second order of
 *     a pair names places of the first. Weights of rows, and that second order, go by doubles.
 *  6. Average precision alone, of rows without weights: the kernel that stores no weight
 *     (stats/resample.h), the same bits.
 */
#include "measure/correctness/rank_steps.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/sortkey.h"

/* ---- orders and steps ---- */

void rank_order_clear(struct rank_order *order) {
  memory_free(order->row);
  memory_free(order->positive);
  memory_free(order->closes);
  *order = (struct rank_order){0};
}

nonet_status rank_order_rows(const struct row_set *rows, int stream, size_t n_threads,
                             struct rank_order *order, nonet_error *error) {
  size_t n = rows->n;
  if (n > UINT32_MAX || rows->label == NULL || rows->score[stream] == NULL) {
    return error_set(error, NONET_E_INTERNAL,
                     "a curve was asked of %zu rows without labels or scores, or too many", n);
  }
  uint64_t *keys = memory_new(n, sizeof *keys);
  uint32_t *ascending = memory_new(n, sizeof *ascending);
  *order =
      (struct rank_order){memory_new(n, sizeof(uint32_t)), memory_new(n, 1), memory_new(n, 1), n};
  nonet_status status = NONET_OK;
  if (keys == NULL || ascending == NULL || order->row == NULL || order->positive == NULL ||
      order->closes == NULL) {
    status = error_memory(error, n * 18, "the order of scores");
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    keys[i] = sortkey_f64(rows->score[stream][i * rows->n_scores]);
    ascending[i] = (uint32_t)i;
  }
  status = sortkey_argsort_u64(keys, ascending, n, n_threads, error);
  for (size_t p = 0; p < n && status == NONET_OK; p++) {
    size_t from = n - 1 - p;
    order->row[p] = ascending[from];
    order->positive[p] = rows->label[ascending[from]] == 1;
    order->closes[p] = from == 0 || keys[from - 1] != keys[from];
  }
done:
  memory_free(keys);
  memory_free(ascending);
  return status;
}

struct rank_steps rank_steps_new(size_t n) {
  struct rank_steps steps = {.tp = memory_new(2 * n + 2, sizeof *steps.tp)};
  steps.fp = steps.tp != NULL ? steps.tp + n + 1 : NULL;
  return steps;
}

void rank_steps_free(struct rank_steps *steps) {
  memory_free(steps->tp);
  *steps = (struct rank_steps){0};
}

void rank_steps_fill(const struct rank_order *order, const double *weights,
                     struct rank_steps *steps) {
  double sum[2] = {0, 0}, before = 0;
  steps->n = 0;
  for (size_t p = 0; p < order->n; p++) {
    sum[order->positive[p]] += weights[order->row == NULL ? p : order->row[p]];
    if (order->closes[p] && sum[0] + sum[1] > before) {
      before = sum[0] + sum[1];
      steps->fp[steps->n] = sum[0];
      steps->tp[steps->n++] = sum[1];
    }
  }
}

/* The same of whole weights in their own order, without a branch: a third of the rows draw 0. */
static void fill_drawn(const struct rank_order *order, const uint32_t *weights,
                       struct rank_steps *steps) {
  uint64_t tp = 0, fp = 0, before = 0;
  size_t n = 0;
  for (size_t p = 0; p < order->n; p++) {
    const uint64_t w = weights[p], won = w & -(uint64_t)order->positive[p];
    tp += won;
    fp += w - won;
    steps->tp[n] = (double)(int64_t)tp;
    steps->fp[n] = (double)(int64_t)fp;
    const bool is_step = (order->closes[p] != 0) & (tp + fp != before);
    before = is_step ? tp + fp : before;
    n += is_step;
  }
  steps->n = n;
}

/* ---- numbers ---- */

/* How many steps come before `values`/total passes `most` (1); values only grow. */
static size_t steps_up_to(const double *values, size_t n, double total, double most) {
  size_t low = 0, high = n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (values[middle] / total <= most) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static double auc_partial(const struct rank_steps *steps, double p, double n, double most,
                          bool is_corrected) {
  double area = 0, x0 = 0, y0 = 0;
  for (size_t k = 0; k < steps->n && x0 < most; k++) {
    double x1 = steps->fp[k] / n, y1 = steps->tp[k] / p, end = fmin(x1, most);
    if (end > x0) {
      area += (end - x0) * (y0 + (y1 - y0) / (x1 - x0) * 0.5 * (end - x0));
    }
    x0 = x1;
    y0 = y1;
  }
  double least = most * most / 2;
  return is_corrected ? 0.5 * (1 + (area - least) / (most - least)) : area; /* 4 */
}

static double average_precision(const struct rank_steps *steps, double p) {
  double sum = 0, before = 0;
  for (size_t k = 0; k < steps->n; k++) {
    sum += (steps->tp[k] - before) * (steps->tp[k] / (steps->tp[k] + steps->fp[k]));
    before = steps->tp[k];
  }
  return sum / p;
}

static double gain_at(const struct rank_steps *steps, double p, double n, double share) {
  double wanted = share * (p + n), tp = 0, fp = 0;
  for (size_t k = 0; k < steps->n; k++) {
    double before = tp + fp, after = steps->tp[k] + steps->fp[k];
    if (after >= wanted) {
      return (tp + (steps->tp[k] - tp) * ((wanted - before) / (after - before))) / p;
    }
    tp = steps->tp[k];
    fp = steps->fp[k];
  }
  return 1;
}

/* The largest scale·tp / (tp + fp + more) of the steps from `first` on (2). */
static double largest_ratio(const struct rank_steps *steps, size_t first, double scale,
                            double more) {
  double best[4] = {0, 0, 0, 0};
  size_t k = first;
  for (; k + 4 <= steps->n; k += 4) {
    for (size_t j = 0; j < 4; j++) {
      const double tp = steps->tp[k + j], ratio = scale * tp / (tp + steps->fp[k + j] + more);
      best[j] = ratio > best[j] ? ratio : best[j];
    }
  }
  for (; k < steps->n; k++) {
    const double tp = steps->tp[k];
    best[0] = fmax(best[0], scale * tp / (tp + steps->fp[k] + more));
  }
  return fmax(fmax(best[0], best[1]), fmax(best[2], best[3]));
}

static double recall_at_precision(const struct rank_steps *steps, double p, double least) {
  for (size_t k = steps->n; k-- > 0;) { /* 3 */
    if (steps->tp[k] / (steps->tp[k] + steps->fp[k]) >= least) {
      return steps->tp[k] / p;
    }
  }
  return 0;
}

static double precision_at_recall(const struct rank_steps *steps, double p, double least) {
  /* recall >= least: not recall <= the number before it */
  return largest_ratio(steps, steps_up_to(steps->tp, steps->n, p, nextafter(least, 0)), 1, 0);
}

static double tpr_at_fpr(const struct rank_steps *steps, double p, double n, double most) {
  const size_t k = steps_up_to(steps->fp, steps->n, n, most);
  return k > 0 ? steps->tp[k - 1] / p : 0;
}

double rank_steps_value(const struct rank_steps *steps, struct rank_spec spec) {
  double p = steps->n > 0 ? steps->tp[steps->n - 1] : 0,
         n = steps->n > 0 ? steps->fp[steps->n - 1] : 0;
  if (!(p > 0) || !(n > 0)) {
    return NAN; /* 4 */
  }
  switch (spec.function) {
  case RANK_AUC_PARTIAL:
    return auc_partial(steps, p, n, spec.number, spec.is_corrected);
  case RANK_AVERAGE_PRECISION:
    return average_precision(steps, p);
  case RANK_RECALL_AT_PRECISION:
    return recall_at_precision(steps, p, spec.number);
  case RANK_PRECISION_AT_RECALL:
    return precision_at_recall(steps, p, spec.number);
  case RANK_TPR_AT_FPR:
    return tpr_at_fpr(steps, p, n, spec.number);
  case RANK_F1_BEST:
    return largest_ratio(steps, 0, 2, p);
  case RANK_LIFT_AT:
    return gain_at(steps, p, n, spec.number) / spec.number;
  case RANK_GAIN:
    return gain_at(steps, p, n, spec.number);
  }
  return NAN;
}

/* ---- replicates ---- */

struct drawing {
  const struct rank_draw *draw;
  struct rank_steps *steps; /* [n_threads] */
  double *weights;          /* [n_threads][n] NULL: not needed */
};

static void drawing_free(struct drawing *drawing, size_t n_threads) {
  for (size_t t = 0; t < n_threads && drawing->steps != NULL; t++) {
    rank_steps_free(&drawing->steps[t]);
  }
  memory_free(drawing->steps);
  memory_free(drawing->weights);
}

static nonet_status drawing_init(struct drawing *drawing, size_t n_threads, nonet_error *error) {
  const struct rank_draw *draw = drawing->draw;
  const size_t n = draw->order[0].n;
  const bool by_weight = draw->weight != NULL || draw->is_pair;
  bool fits = true;
  drawing->steps = memory_zeroed(n_threads, sizeof *drawing->steps);
  drawing->weights = by_weight ? memory_new(n_threads * n, sizeof(double)) : NULL;
  for (size_t t = 0; t < n_threads && drawing->steps != NULL && fits; t++) {
    drawing->steps[t] = rank_steps_new(n);
    fits = drawing->steps[t].tp != NULL;
  }
  return fits && drawing->steps != NULL && (!by_weight || drawing->weights != NULL)
             ? NONET_OK
             : error_memory(error, n_threads * n * 3 * sizeof(double), "steps of a curve");
}

static void read_replicate(void *context, size_t worker, const uint32_t *drawn, double *out) {
  const struct drawing *drawing = context;
  const struct rank_draw *draw = drawing->draw;
  struct rank_steps *steps = &drawing->steps[worker];
  const size_t n = draw->order[0].n;
  double *weights = drawing->weights + (drawing->weights != NULL ? worker * n : 0);
  for (size_t i = 0; i < n && drawing->weights != NULL; i++) { /* 5 */
    weights[i] = draw->weight != NULL ? (double)drawn[i] * draw->weight[i] : (double)drawn[i];
  }
  for (int s = 0; s < (draw->is_pair ? 2 : 1); s++) {
    if (drawing->weights != NULL) {
      rank_steps_fill(&draw->order[s], weights, steps);
    } else {
      fill_drawn(&draw->order[s], drawn, steps);
    }
    for (size_t k = 0; k < draw->n_specs; k++) {
      const double value = rank_steps_value(steps, draw->spec[k]);
      out[k] = s == 0 ? value : out[k] - value;
    }
  }
}

static bool is_fused(const struct rank_draw *draw, const struct resample_rows *rows) {
  return draw->n_specs == 1 && draw->spec[0].function == RANK_AVERAGE_PRECISION &&
         draw->weight == NULL && resample_fits_curve(rows); /* 6 */
}

nonet_status rank_steps_draw(const struct rank_draw *draw, const struct resample_rows *rows,
                             size_t n_replicates, size_t n_threads, double *out,
                             nonet_error *error) {
  struct drawing drawing = {.draw = draw};
  if (!draw->is_pair && is_fused(draw, rows)) {
    return resample_average_precision(rows, draw->order[0].closes, draw->order[0].positive,
                                      n_replicates, n_threads, out, error);
  }
  nonet_status status = drawing_init(&drawing, n_threads, error);
  if (status == NONET_OK) {
    status = resample_run(rows, read_replicate, &drawing, draw->n_specs, n_replicates, n_threads,
                          NULL, out, error);
  }
  drawing_free(&drawing, n_threads);
  return status;
}

/* Rows put in an order; `of` owns what it points to. */
struct sorted_rows {
  struct resample_rows of;
  uint64_t *keys, *count;
};

static void sorted_clear(struct sorted_rows *sorted) {
  memory_free(sorted->keys);
  memory_free(sorted->count);
}

static nonet_status sort_rows(const struct resample_rows *rows, const struct rank_order *order,
                              struct sorted_rows *sorted, nonet_error *error) {
  const size_t n = rows->n;
  *sorted = (struct sorted_rows){.of = *rows, .keys = memory_new(n + 1, sizeof(uint64_t))};
  sorted->count = rows->count != NULL ? memory_new(n + 1, sizeof(uint64_t)) : NULL;
  if (sorted->keys == NULL || (rows->count != NULL && sorted->count == NULL)) {
    return error_memory(error, n * 16, "rows in the order of scores");
  }
  for (size_t p = 0; p < n; p++) {
    sorted->keys[p] = rows->keys[order->row[p]];
    if (sorted->count != NULL) {
      sorted->count[p] = rows->count[order->row[p]];
    }
  }
  sorted->of.keys = sorted->keys;
  sorted->of.count = sorted->count;
  return NONET_OK;
}

/* 6, for both orders of a pair: the weights are those of the rows, in any order. */
static nonet_status draw_precisions(const struct rank_draw *draw, const struct resample_rows *rows,
                                    size_t n_replicates, size_t n_threads, double *out,
                                    nonet_error *error) {
  double *other = memory_new(n_replicates + 1, sizeof *other);
  nonet_status status =
      other != NULL ? NONET_OK : error_memory(error, n_replicates * sizeof *other, "replicates");
  for (int s = 0; s < (draw->is_pair ? 2 : 1) && status == NONET_OK; s++) {
    struct sorted_rows sorted;
    status = sort_rows(rows, &draw->order[s], &sorted, error);
    if (status == NONET_OK) {
      status =
          resample_average_precision(&sorted.of, draw->order[s].closes, draw->order[s].positive,
                                     n_replicates, n_threads, s == 0 ? out : other, error);
    }
    sorted_clear(&sorted);
  }
  for (size_t r = 0; r < n_replicates && draw->is_pair && status == NONET_OK; r++) {
    out[r] -= other[r];
  }
  memory_free(other);
  return status;
}

/* 5: the first order becomes the rows' own, the second places among them. */
struct placed {
  struct rank_draw draw; /* borrows marks from the draw it was made of */
  uint32_t *row;
  double *weight;
};

static nonet_status place(const struct rank_draw *draw, struct placed *placed, nonet_error *error) {
  const struct rank_order *first = &draw->order[0], *second = &draw->order[1];
  const size_t n = first->n;
  uint32_t *place_of = memory_new(n + 1, sizeof *place_of);
  *placed = (struct placed){.draw = *draw, .row = memory_new(n + 1, sizeof(uint32_t))};
  placed->weight = draw->weight != NULL ? memory_new(n + 1, sizeof(double)) : NULL;
  const bool fits =
      place_of != NULL && placed->row != NULL && (draw->weight == NULL || placed->weight != NULL);
  for (size_t p = 0; p < n && fits; p++) {
    place_of[first->row[p]] = (uint32_t)p;
    if (draw->weight != NULL) {
      placed->weight[p] = draw->weight[first->row[p]];
    }
  }
  for (size_t p = 0; p < n && fits && draw->is_pair; p++) {
    placed->row[p] = place_of[second->row[p]];
  }
  placed->draw.order[0].row = NULL;
  placed->draw.order[1].row = placed->row;
  placed->draw.weight = placed->weight;
  memory_free(place_of);
  return fits ? NONET_OK : error_memory(error, n * 16, "rows in the order of scores");
}

nonet_status rank_steps_draw_rows(const struct rank_draw *draw, const struct resample_rows *rows,
                                  size_t n_replicates, size_t n_threads, double *out,
                                  nonet_error *error) {
  if (is_fused(draw, rows)) {
    return draw_precisions(draw, rows, n_replicates, n_threads, out, error);
  }
  struct sorted_rows sorted = {.keys = NULL};
  struct placed placed;
  nonet_status status = place(draw, &placed, error);
  if (status == NONET_OK) {
    status = sort_rows(rows, &draw->order[0], &sorted, error);
  }
  if (status == NONET_OK) {
    status = rank_steps_draw(&placed.draw, &sorted.of, n_replicates, n_threads, out, error);
  }
  sorted_clear(&sorted);
  memory_free(placed.row);
  memory_free(placed.weight);
  return status;
}
