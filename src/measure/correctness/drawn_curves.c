/*
 * Curves to look at: roc, pr (precision over recall), reliability (what happened over what was
 * said).
 *
 * A step of roc and pr is all rows of one score, the highest first, with tp and fp entered so far,
 * of P positives and N negatives; at most POINTS_MOST steps are drawn, chosen by stats/curve.h. A
 * point of reliability is one group of equal mass, those of `ece`.
 *
 * The cases:
 *  1. roc of plain rows: a band that holds the whole curve at once. With n rows of a class, its
 * empirical distribution is nowhere further than e(n) = √(ln(2/a)/(2n)) from the true one with
 * probability 1 − a (Massart 1990), for any distribution and any n; the two classes are
 * independent, so 1 − a = √level for each. Then at FPR x the true TPR is at least the least TPR of
 * the steps with FPR >= x − e(N), less e(P); and at most the most of those with FPR <= x + e(N),
 * plus e(P) (Campbell 1994).
 *  2. pr of plain rows: Wilson on tp of tp + fp, for one threshold at a time.
 *  3. reliability of plain rows: Wilson on the positives of a group, one group at a time.
 *  4. With weights or clusters the bound of 1 does not hold: all three are Wilson with effective
 * rows, one threshold or group at a time. roc: of the TPR, the FPR taken as known.
 *  5. pr starts at recall 0 with the first step's precision; nothing is known above the highest
 * score. The TPR above it is 0 exactly.
 *  6. One class only: no roc and no pr. No rows: nothing. An empty group (ties) is no point.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/correctness/calibration.h"
#include "measure/records.h"
#include "stats/curve.h"
#include "stats/mathfn.h"
#include "stats/sortkey.h"

#define POINTS_MOST 200

enum drawn_function { DRAWN_ROC, DRAWN_PR, DRAWN_RELIABILITY };

/* The points as they are filled; `x` and the others are one block of the arena. */
struct canvas {
  double *x, *y, *low, *high;
};

static nonet_status canvas_init(struct view *view, size_t n_most, struct canvas *canvas,
                                struct measure_curve *out, nonet_error *error) {
  double *block = view_arena(view, 4 * n_most, sizeof *block);
  if (block == NULL) {
    return error_memory(error, 4 * n_most * sizeof *block, "the points of a curve");
  }
  *canvas = (struct canvas){block, block + n_most, block + 2 * n_most, block + 3 * n_most};
  *out = (struct measure_curve){
      .x = canvas->x, .y = canvas->y, .low = canvas->low, .high = canvas->high};
  return NONET_OK;
}

/* ---- steps ---- */

struct steps {
  struct curve_source source;
  size_t n;
  double fp[POINTS_MOST], tp[POINTS_MOST];
  uint64_t key[POINTS_MOST];
  const struct row_set *rows; /* NULL on plain rows, like the rest */
  uint64_t *row_key;          /* [rows->n] */
  uint64_t *sorted_key;
  uint8_t *sorted_label;
  double *sorted_weight;
  double *mark; /* [rows->n] what one threshold makes of each row */
};

static void steps_clear(struct steps *steps) {
  memory_free(steps->row_key);
  memory_free(steps->sorted_key);
  memory_free(steps->sorted_label);
  memory_free(steps->sorted_weight);
  memory_free(steps->mark);
}

static nonet_status steps_of_keys(struct view *view, int stream, struct steps *steps,
                                  nonet_error *error) {
  const struct score_keys *keys;
  nonet_status status = view_keys(view, stream, 0, &keys, error);
  for (int c = 0; c < 2 && status == NONET_OK; c++) {
    steps->source.rows[c] = (struct curve_rows){.keys32 = keys->is_32 ? keys->keys32[c] : NULL,
                                                .keys64 = keys->is_32 ? NULL : keys->keys64[c],
                                                .n = (size_t)keys->n[c]};
  }
  if (status == NONET_OK) {
    steps->source.n_negatives = (double)keys->n[0];
    steps->source.n_positives = (double)keys->n[1];
  }
  return status;
}

static nonet_status steps_of_rows(struct view *view, int stream, struct steps *steps,
                                  nonet_error *error) {
  nonet_status status = view_rows(view, &steps->rows, error);
  if (status != NONET_OK) {
    return status;
  }
  const struct row_set *rows = steps->rows;
  size_t n = rows->n;
  uint32_t *order = memory_new(n + 1, sizeof *order);
  steps->row_key = memory_new(n + 1, sizeof *steps->row_key);
  steps->sorted_key = memory_new(n + 1, sizeof *steps->sorted_key);
  steps->sorted_label = memory_new(n + 1, sizeof *steps->sorted_label);
  steps->sorted_weight = memory_new(n + 1, sizeof *steps->sorted_weight);
  steps->mark = memory_new(n + 1, sizeof *steps->mark);
  if (order == NULL || steps->row_key == NULL || steps->sorted_key == NULL ||
      steps->sorted_label == NULL || steps->sorted_weight == NULL || steps->mark == NULL) {
    status = error_memory(error, n * 40, "the order of scores");
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    steps->row_key[i] = steps->sorted_key[i] = sortkey_f64(rows->score[stream][i * rows->n_scores]);
    order[i] = (uint32_t)i;
  }
  status = sortkey_argsort_u64(steps->sorted_key, order, n, view->options->n_threads, error);
  for (size_t k = 0; k < n && status == NONET_OK; k++) {
    size_t i = order[k];
    steps->sorted_label[k] = rows->label[i] == 1;
    steps->sorted_weight[k] = (rows->count == NULL ? 1 : (double)rows->count[i]) *
                              (rows->weight == NULL ? 1 : rows->weight[i]);
  }
  steps->source = (struct curve_source){.is_joint = true,
                                        .rows = {{.keys64 = steps->sorted_key,
                                                  .labels = steps->sorted_label,
                                                  .weights = steps->sorted_weight,
                                                  .n = n}}};
  curve_totals(&steps->source);
done:
  memory_free(order);
  return status;
}

/* ---- bands ---- */

static void law_band(const struct view *view, const struct inference *law, double *low,
                     double *high) {
  inference_bounds(law, view->options->level, low, high);
}

/* 4: the share of the marked rows that are marked 1. */
static nonet_status marked_band(const struct measure *measure, struct view *view,
                                const double *mark, double *low, double *high, const char **method,
                                nonet_error *error) {
  struct inference law = inference_none(measure->interval_weighted);
  nonet_status status = law_share_rows(measure, view, mark, &law, error);
  if (status == NONET_OK) {
    law_band(view, &law, low, high);
    *method = law.method;
  }
  return status;
}

static nonet_status threshold_band(const struct measure *measure, struct view *view,
                                   const struct steps *steps, size_t k, double *low, double *high,
                                   const char **method, nonet_error *error) {
  for (size_t i = 0; i < steps->rows->n; i++) {
    bool is_above = steps->row_key[i] >= steps->key[k], is_positive = steps->rows->label[i] == 1;
    steps->mark[i] = measure->function == DRAWN_ROC ? (is_positive ? is_above : NAN)
                                                    : (is_above ? is_positive : NAN);
  }
  return marked_band(measure, view, steps->mark, low, high, method, error);
}

/* 1 */
static void whole_band(const struct view *view, const struct steps *steps,
                       const struct canvas *canvas) {
  const struct curve_source *source = &steps->source;
  double outside = -mathfn_log((1 - sqrt(view->options->level)) / 2) / 2;
  double reach = sqrt(outside / source->n_negatives), slack = sqrt(outside / source->n_positives);
  curve_near(source, steps->fp, steps->n, reach * source->n_negatives, canvas->low, canvas->high);
  for (size_t k = 0; k < steps->n; k++) {
    canvas->low[k] = fmax(0, canvas->low[k] / source->n_positives - slack);
    canvas->high[k] = fmin(1, canvas->high[k] / source->n_positives + slack);
  }
}

static nonet_status draw_roc(const struct measure *measure, struct view *view,
                             const struct steps *steps, const struct canvas *canvas,
                             struct measure_curve *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < steps->n; k++) {
    canvas->x[k] = steps->fp[k] / steps->source.n_negatives;
    canvas->y[k] = steps->tp[k] / steps->source.n_positives;
  }
  if (view->is_plain) {
    whole_band(view, steps, canvas);
    out->method = "simultaneous-dkw";
  }
  canvas->low[0] = view->is_plain ? canvas->low[0] : 0; /* 5 */
  for (size_t k = 1; k < steps->n && !view->is_plain && status == NONET_OK; k++) {
    status = threshold_band(measure, view, steps, k, &canvas->low[k], &canvas->high[k],
                            &out->method, error);
  }
  return status;
}

static nonet_status draw_pr(const struct measure *measure, struct view *view,
                            const struct steps *steps, const struct canvas *canvas,
                            struct measure_curve *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  struct inference law;
  for (size_t k = 1; k < steps->n && status == NONET_OK; k++) {
    double entered = steps->tp[k] + steps->fp[k];
    canvas->x[k] = steps->tp[k] / steps->source.n_positives;
    canvas->y[k] = steps->tp[k] / entered;
    if (view->is_plain) {
      law_wilson(measure, view, steps->tp[k], entered, &law); /* 2 */
      law_band(view, &law, &canvas->low[k], &canvas->high[k]);
      out->method = law.method;
    } else {
      status = threshold_band(measure, view, steps, k, &canvas->low[k], &canvas->high[k],
                              &out->method, error);
    }
  }
  canvas->y[0] = canvas->y[1]; /* 5 */
  canvas->low[0] = canvas->low[1];
  canvas->high[0] = canvas->high[1];
  return status;
}

static nonet_status steps_draw(const struct measure *measure, struct view *view, int stream,
                               struct measure_curve *out, nonet_error *error) {
  struct steps *steps = memory_zeroed(1, sizeof *steps);
  struct canvas canvas;
  if (steps == NULL) {
    return error_memory(error, sizeof *steps, "the steps of a curve");
  }
  nonet_status status = view->is_plain ? steps_of_keys(view, stream, steps, error)
                                       : steps_of_rows(view, stream, steps, error);
  if (status != NONET_OK) {
    goto done;
  }
  steps->n = curve_points(&steps->source, POINTS_MOST, steps->fp, steps->tp, steps->key);
  if (steps->n == 0) {
    const char *missing = steps->source.n_positives > 0   ? "negatives"
                          : steps->source.n_negatives > 0 ? "positives"
                                                          : "rows";
    out->reason = view_sentence(view, "no %s", missing); /* 6 */
    view->n = view->n_effective = steps->source.n_positives + steps->source.n_negatives;
    goto done;
  }
  status = canvas_init(view, steps->n, &canvas, out, error);
  if (status == NONET_OK) {
    status = measure->function == DRAWN_ROC ? draw_roc(measure, view, steps, &canvas, out, error)
                                            : draw_pr(measure, view, steps, &canvas, out, error);
    out->n_points = steps->n;
    view->n = view->n_effective = steps->source.n_negatives + steps->source.n_positives;
  }
done:
  steps_clear(steps);
  memory_free(steps);
  return status;
}

/* ---- reliability ---- */

static nonet_status group_band(const struct measure *measure, struct view *view, int stream,
                               const uint8_t *group_of_row, size_t g, double *low, double *high,
                               const char **method, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  double *mark = status == NONET_OK ? memory_new(rows->n + 1, sizeof *mark) : NULL;
  if (mark == NULL) {
    return status != NONET_OK ? status
                              : error_memory(error, rows->n * sizeof *mark, "a group of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    mark[i] = group_of_row[i] == g ? calibration_row(view, rows, stream, i).is_positive : NAN;
  }
  status = marked_band(measure, view, mark, low, high, method, error);
  memory_free(mark);
  return status;
}

static nonet_status groups_draw(const struct measure *measure, struct view *view, int stream,
                                struct measure_curve *out, nonet_error *error) {
  struct calibration_group groups[CALIBRATION_GROUPS];
  const uint8_t *group_of_row;
  struct canvas canvas;
  struct inference law;
  size_t n = 0;
  double n_rows = 0;
  nonet_status status = calibration_groups(view, stream, groups, &group_of_row, error);
  if (status == NONET_OK) {
    status = canvas_init(view, CALIBRATION_GROUPS, &canvas, out, error);
  }
  for (size_t g = 0; g < CALIBRATION_GROUPS && status == NONET_OK; g++) {
    if (!(groups[g].weight > 0)) {
      continue; /* 6 */
    }
    canvas.x[n] = groups[g].sum_p / groups[g].weight;
    canvas.y[n] = groups[g].positive / groups[g].weight;
    if (group_of_row == NULL) {
      law_wilson(measure, view, groups[g].positive, groups[g].weight, &law); /* 3 */
      law_band(view, &law, &canvas.low[n], &canvas.high[n]);
      out->method = law.method;
    } else {
      status = group_band(measure, view, stream, group_of_row, g, &canvas.low[n], &canvas.high[n],
                          &out->method, error);
    }
    n_rows += groups[g].weight;
    n++;
  }
  out->n_points = n;
  out->reason = n == 0 ? "no rows" : NULL;
  view->n = view->n_effective = n_rows;
  return status;
}

static nonet_status drawn_curve(const struct measure *measure, struct view *view, int stream,
                                struct measure_curve *out, nonet_error *error) {
  *out = (struct measure_curve){0};
  nonet_status status = measure->function == DRAWN_RELIABILITY
                            ? groups_draw(measure, view, stream, out, error)
                            : steps_draw(measure, view, stream, out, error);
  return status == NONET_OK && !view->is_plain
             ? view_size(view, &view->n, &view->n_effective, error)
             : status;
}

/* ---- records ---- */

#define CURVE_RECORD                                                                               \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .direction = DIRECTION_NONE, .range = {0, 1},    \
  .scopes = IN_ALL | IN_GROUP, .cost = COST_SORT, .never_gated = true, .draw = drawn_curve

#define DRAWN_POINTS                                                                               \
  " At most 200 points: all thresholds, or those at which (TPR + FPR)/2 crosses the next "         \
  "multiple of 1/198."

const struct measure correctness_roc = {
    CURVE_RECORD,
    .id = "correctness.roc",
    .title = "ROC curve",
    .definition = "Share of the positives found over share of the negatives wrongly taken for "
                  "positive, at every threshold on the score.",
    .formula = "x = FP/N, y = TP/P." DRAWN_POINTS,
    .source = "Fawcett 2006; band: Massart 1990 for both classes, as fixed-width band in Campbell "
              "1994",
    .tasks = FOR_BINARY,
    .needs = NEEDS_SCORE,
    .kinds = SUMMARY_MULTISET,
    .interval = "simultaneous-dkw",
    .interval_weighted = "pointwise: Wilson of the true positive rate with n_effective / deff, the "
                         "false positive rate taken as known",
    .axis_x = "false positive rate",
    .axis_y = "true positive rate",
    .function = DRAWN_ROC,
    .shortfall = "wider than it need be: the 95 % band held the whole curve in .999 of simulated "
                 "samples (n 200 and 1,000)",
};

const struct measure correctness_pr = {
    CURVE_RECORD,
    .id = "correctness.pr",
    .title = "Precision-recall curve",
    .definition = "Share of the rows taken for positive that are, over share of the positives "
                  "found, at every threshold on the score.",
    .formula = "x = TP/P, y = TP/(TP + FP)." DRAWN_POINTS,
    .source = "Davis & Goadrich 2006; band: Wilson 1927, one threshold at a time",
    .tasks = FOR_BINARY,
    .needs = NEEDS_SCORE,
    .kinds = SUMMARY_MULTISET,
    .interval = "wilson",
    .interval_weighted = "pointwise: Wilson with n_effective / deff",
    .axis_x = "recall",
    .axis_y = "precision",
    .function = DRAWN_PR,
};

const struct measure correctness_reliability = {
    CURVE_RECORD,
    .id = "correctness.reliability",
    .title = "Reliability curve",
    .definition = "What happened over what was said: share of positives over mean probability in "
                  "15 groups of equal mass; multiclass: of the top label.",
    .formula = "x = mean p, y = mean y of a group; the groups of correctness.ece",
    .source = "Murphy & Winkler 1977; Niculescu-Mizil & Caruana 2005; band: Wilson 1927, one group "
              "at a time",
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_PROBABILITY,
    .kinds = SUMMARY_MICROBINS,
    .interval = "wilson",
    .interval_weighted = "pointwise: Wilson with n_effective / deff",
    .axis_x = "mean probability",
    .axis_y = "share of positives",
    .function = DRAWN_RELIABILITY,
};
