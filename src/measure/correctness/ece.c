/*
 * Calibration by bins: ece, ece_sweep, mce, hosmer_lemeshow, and Murphy's split of the Brier score.
 *
 * A point is all rows of one p (or of one micro-bin); it is never split. Group g of G holds the
 * points with equal mass   floor(G (before + w/2) / W) = g     equal width   floor(G p̄) = g and in
 * group b, with share of weight w_b, mean p p̄_b and share of positives ȳ_b: L1 form      Σ w_b |p̄_b
 * − ȳ_b|            largest gap   max |p̄_b − ȳ_b| squared form Σ w_b [(p̄_b − ȳ_b)² − ȳ_b(1 −
 * ȳ_b)/(n_b − 1)]    (Kumar, Liang & Ma 2019), n_b = (Σw)²/Σw²; its root is `ece`
 *
 * The cases:
 *  1. Plain rows: `ece` reads micro-bins always; the others read distinct p up to
 * MEASURE_SMALL_ROWS rows of the table (so that no p falls on the wrong side of an edge) and
 * micro-bins above. ece@exact reads distinct p where rows are kept.
 *  2. Weights or clusters: distinct p, weighted; bootstrap by cluster.
 *  3. The debiased square may be negative: the estimate is then 0, and so is the lower bound
 * (estimate ± z · bootstrap SE, cut at 0).
 *  4. A group of one row has no variance and is left out of the squared form.
 *  5. The L1 form and the largest gap are biased upwards by noise, and replicates twice so: value ±
 * z · bootstrap SE.
 *  6. ece_sweep: its number of groups is found once and stays in the replicates.
 *  7. Hosmer–Lemeshow is a test statistic: no interval; its p is in the reason. With weights or
 * clusters its law is not chi-squared.
 *  8. A group's expected count of 0 or n that was not met exactly: no Hosmer–Lemeshow statistic.
 *  9. Replicates of micro-bins: whole weights, all of whose sums are exact.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/correctness/calibration.h"
#include "measure/records.h"
#include "stats/binning.h"
#include "stats/distribution.h"
#include "stats/sortkey.h"

#define GROUPS_HOSMER 10
#define GROUPS_MOST 65536
#define SWEEP_MOST 1000

enum { OUT_SQUARED, OUT_L1, OUT_LARGEST, N_OUTS };

struct calibration_row calibration_row(const struct view *view, const struct row_set *rows,
                                       int stream, size_t i) {
  const double *score = rows->score[stream] + i * rows->n_scores;
  if (view->task == TASK_BINARY) {
    return (struct calibration_row){score[0], rows->label[i] == 1};
  }
  size_t top = 0;
  for (size_t k = 1; k < rows->n_scores; k++) {
    top = score[k] > score[top] ? k : top;
  }
  return (struct calibration_row){score[top], rows->label[i] == top};
}

/* ---- points ---- */

/* Sums of one point or group: Σw, Σw of positives, Σw p, Σw². */
struct bin {
  double weight, positive, sum_p, squares;
  double p; /* of a point: what its equal-width group goes by */
};

struct points {
  size_t n, n_rows;
  struct bin *bin;
  uint32_t *of_row;         /* [n_rows] NULL: micro-bins */
  bool *positive;           /* [n_rows] */
  double *p;                /* [n_rows], of micro-bins [n]: their means */
  const double *row_weight; /* NULL: 1 */
  double total;             /* rows */
};

static void points_clear(struct points *points) {
  memory_free(points->bin);
  memory_free(points->of_row);
  memory_free(points->positive);
  memory_free(points->p);
}

static void bin_add(struct bin *into, const struct bin *from) {
  into->weight += from->weight;
  into->positive += from->positive;
  into->sum_p += from->sum_p;
  into->squares += from->squares;
}

/* Sums of the points with a weight per row. */
static void points_fill(const struct points *points, const double *weights, struct bin *bin) {
  memset(bin, 0, points->n * sizeof *bin);
  for (size_t i = 0; i < points->n_rows; i++) {
    double w = weights[i];
    bin[points->of_row[i]].p = points->p[i];
    bin_add(&bin[points->of_row[i]],
            &(struct bin){w, points->positive[i] ? w : 0, w * points->p[i],
                          points->row_weight == NULL ? w : w * points->row_weight[i], 0});
  }
}

static nonet_status points_of_rows(struct view *view, int stream, struct points *points,
                                   nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t n = rows->n;
  uint64_t *keys = memory_new(n + 1, sizeof *keys);
  uint32_t *order = memory_new(n + 1, sizeof *order);
  double *weights = memory_new(n + 1, sizeof *weights);
  points->of_row = memory_new(n + 1, sizeof *points->of_row);
  points->positive = memory_new(n + 1, sizeof *points->positive);
  points->p = memory_new(n + 1, sizeof *points->p);
  if (keys == NULL || order == NULL || weights == NULL || points->of_row == NULL ||
      points->positive == NULL || points->p == NULL) {
    status = error_memory(error, n * 40, "points of calibration");
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    struct calibration_row row = calibration_row(view, rows, stream, i);
    double count = rows->count == NULL ? 1 : (double)rows->count[i];
    points->p[i] = row.p;
    points->positive[i] = row.is_positive;
    points->total += count;
    weights[i] = rows->weight == NULL ? count : count * rows->weight[i];
    keys[i] = sortkey_f64(row.p == 0 ? 0 : row.p);
    order[i] = (uint32_t)i;
  }
  status = sortkey_argsort_u64(keys, order, n, 1, error);
  for (size_t k = 0; k < n && status == NONET_OK; k++) {
    points->n += k == 0 || keys[k] != keys[k - 1];
    points->of_row[order[k]] = (uint32_t)(points->n - 1);
  }
  points->n_rows = n;
  points->row_weight = rows->weight;
  points->bin = status == NONET_OK ? memory_new(points->n + 1, sizeof *points->bin) : NULL;
  if (points->bin != NULL) {
    points_fill(points, weights, points->bin);
  } else if (status == NONET_OK) {
    status = error_memory(error, points->n * sizeof *points->bin, "points of calibration");
  }
done:
  memory_free(keys);
  memory_free(order);
  memory_free(weights);
  return status;
}

static nonet_status points_init(struct view *view, int stream, bool is_exact, struct points *points,
                                nonet_error *error) {
  *points = (struct points){0};
  if (!view->is_plain || is_exact) { /* 1, 2 */
    return points_of_rows(view, stream, points, error);
  }
  const struct microbin *bins;
  nonet_status status = view_bins(view, stream, &bins, error);
  if (status != NONET_OK) {
    return status;
  }
  for (size_t i = 0; i < MICROBINS; i++) {
    points->n += bins[i].n > 0;
  }
  points->bin = memory_new(points->n + 1, sizeof *points->bin);
  points->p = memory_new(points->n + 1, sizeof *points->p);
  if (points->bin == NULL || points->p == NULL) {
    return error_memory(error, points->n * sizeof *points->bin, "points of calibration");
  }
  for (size_t i = 0, at = 0; i < MICROBINS; i++) {
    double n = (double)bins[i].n;
    if (n > 0) {
      points->p[at] = bins[i].sum_p / n;
      points->bin[at] =
          (struct bin){n, (double)bins[i].n_positive, bins[i].sum_p, n, points->p[at]};
      at++;
      points->total += n;
    }
  }
  return NONET_OK;
}

/* ---- groups ---- */

struct grouping {
  size_t n_groups;
  bool is_width;
};

static double total_weight(const struct bin *bin, size_t n) {
  double total = 0;
  for (size_t i = 0; i < n; i++) {
    total += bin[i].weight;
  }
  return total;
}

/* The group of a point with `before` of `total` below it. */
static size_t group_of(const struct bin *bin, const struct grouping *how, double before,
                       double total) {
  double g = (double)how->n_groups;
  double place = how->is_width ? g * bin->p : g * (2 * before + bin->weight) / (2 * total);
  return place < g ? (size_t)place : how->n_groups - 1;
}

static void group(const struct bin *bin, size_t n, const struct grouping *how, struct bin *groups) {
  double total = how->is_width ? 0 : total_weight(bin, n), before = 0;
  memset(groups, 0, how->n_groups * sizeof *groups);
  for (size_t i = 0; i < n; i++) {
    if (bin[i].weight > 0) {
      bin_add(&groups[group_of(&bin[i], how, before, total)], &bin[i]);
      before += bin[i].weight;
    }
  }
}

nonet_status calibration_groups(struct view *view, int stream,
                                struct calibration_group groups[CALIBRATION_GROUPS],
                                const uint8_t **group_of_row, nonet_error *error) {
  const struct grouping how = {CALIBRATION_GROUPS, false};
  struct points points;
  uint8_t *of_point = NULL, *of_row = NULL;
  *group_of_row = NULL;
  memset(groups, 0, CALIBRATION_GROUPS * sizeof *groups);
  nonet_status status = points_init(view, stream, false, &points, error);
  if (status != NONET_OK) {
    goto done;
  }
  of_point = memory_zeroed(points.n + 1, sizeof *of_point);
  of_row = points.of_row == NULL ? NULL : view_arena(view, points.n_rows + 1, sizeof *of_row);
  if (of_point == NULL || (points.of_row != NULL && of_row == NULL)) {
    status = error_memory(error, points.n + points.n_rows, "groups of calibration");
    goto done;
  }
  double total = total_weight(points.bin, points.n), before = 0;
  for (size_t i = 0; i < points.n; i++) {
    if (points.bin[i].weight > 0) {
      of_point[i] = (uint8_t)group_of(&points.bin[i], &how, before, total);
      struct calibration_group *into = &groups[of_point[i]];
      into->weight += points.bin[i].weight;
      into->positive += points.bin[i].positive;
      into->sum_p += points.bin[i].sum_p;
      before += points.bin[i].weight;
    }
  }
  for (size_t i = 0; i < points.n_rows; i++) {
    of_row[i] = of_point[points.of_row[i]];
  }
  *group_of_row = of_row;
done:
  memory_free(of_point);
  points_clear(&points);
  return status;
}

static void group_numbers(const struct bin *groups, size_t n_groups, double out[N_OUTS]) {
  double total = 0;
  out[OUT_SQUARED] = out[OUT_L1] = out[OUT_LARGEST] = NAN;
  for (size_t b = 0; b < n_groups; b++) {
    total += groups[b].weight;
  }
  if (!(total > 0)) {
    return;
  }
  out[OUT_SQUARED] = out[OUT_L1] = out[OUT_LARGEST] = 0;
  for (size_t b = 0; b < n_groups; b++) {
    if (groups[b].weight > 0) {
      double w = groups[b].weight, share = groups[b].positive / w,
             gap = fabs(groups[b].sum_p - groups[b].positive) / w;
      double n = w * w / groups[b].squares;
      out[OUT_L1] += w / total * gap;
      out[OUT_LARGEST] = fmax(out[OUT_LARGEST], gap);
      out[OUT_SQUARED] +=
          n > 1 + 1e-9 ? w / total * (gap * gap - share * (1 - share) / (n - 1)) : 0; /* 4 */
    }
  }
}

/* ---- bootstrap ---- */

struct ece_boot {
  const struct points *points;
  struct grouping how;
};

static void undefined(double out[N_OUTS]) {
  for (size_t k = 0; k < N_OUTS; k++) {
    out[k] = NAN;
  }
}

static void ece_of_rows(const void *context, const struct view *view, const double *weights,
                        double *out) {
  (void)view;
  const struct ece_boot *boot = context;
  struct bin *bin = memory_new(boot->points->n + boot->how.n_groups, sizeof *bin),
             *groups = bin + boot->points->n;
  if (bin == NULL) {
    undefined(out);
    return;
  }
  points_fill(boot->points, weights, bin);
  group(bin, boot->points->n, &boot->how, groups);
  group_numbers(groups, boot->how.n_groups, out);
  memory_free(bin);
}

/* w rows are drawn of point i, `positive` of them positives (9). */
static inline void drawn_add(struct bin *group, const struct points *points, size_t i, uint64_t w,
                             uint32_t positive) {
  group->weight += (double)w;
  group->positive += positive;
  group->sum_p += (double)w * points->p[i];
  group->squares += (double)w;
}

/* The bin of equal mass ends before the first point with G (2 before + w) >= (b + 1) 2 W: the same
 * quotient as group_of's, without dividing. */
static void group_drawn_by_mass(const struct points *points, const uint32_t *negatives,
                                const uint32_t *positives, size_t n_groups, struct bin *groups) {
  uint64_t twice_total = 0, before = 0, end;
  for (size_t i = 0; i < points->n; i++) {
    twice_total += 2 * ((uint64_t)negatives[i] + positives[i]);
  }
  struct bin group = {0};
  size_t b = 0;
  end = twice_total;
  for (size_t i = 0; i < points->n; i++) {
    const uint64_t w = (uint64_t)negatives[i] + positives[i], place = n_groups * (2 * before + w);
    while (place >= end && b + 1 < n_groups) {
      groups[b++] = group;
      group = (struct bin){0};
      end += twice_total;
    }
    drawn_add(&group, points, i, w, positives[i]);
    before += w;
  }
  groups[b] = group;
}

static void ece_of_bins(const void *context, const uint32_t *negatives, const uint32_t *positives,
                        double *out) {
  const struct ece_boot *boot = context;
  const struct points *points = boot->points;
  struct bin *groups = memory_zeroed(boot->how.n_groups, sizeof *groups);
  if (groups == NULL) {
    undefined(out);
    return;
  }
  if (!boot->how.is_width) {
    group_drawn_by_mass(points, negatives, positives, boot->how.n_groups, groups);
  }
  for (size_t i = 0; i < points->n && boot->how.is_width; i++) {
    drawn_add(&groups[group_of(&points->bin[i], &boot->how, 0, 0)], points, i,
              (uint64_t)negatives[i] + positives[i], positives[i]);
  }
  group_numbers(groups, boot->how.n_groups, out);
  memory_free(groups);
}

static nonet_status ece_bootstrap(struct view *view, int stream, const struct ece_boot *boot,
                                  const double *const **replicates, const size_t **n_replicates,
                                  nonet_error *error) {
  size_t tag = boot->how.n_groups * 2 + boot->how.is_width;
  if (boot->points->of_row == NULL) {
    return view_bootstrap_bins(view, stream, ece_of_bins, boot, tag, N_OUTS, replicates,
                               n_replicates, error);
  }
  return view_bootstrap_many(view, ece_of_rows, boot, tag * 2 + (stream == STREAM_B), N_OUTS,
                             replicates, n_replicates, error);
}

/* ---- laws ---- */

struct squared_law {
  double estimate, se;
};

static void squared_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct squared_law *squared = law->context;
  binning_ece_limits(squared->estimate, squared->se, distribution_normal_z(level), low,
                     high); /* 3 */
}

static double deviation(const double *x, size_t n) {
  double mean = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    mean += x[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  return n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

static nonet_status squared_inference(const struct measure *measure, struct view *view,
                                      double squared, const double *replicates, size_t n_replicates,
                                      struct inference *out, nonet_error *error) {
  double value = sqrt(fmax(0, squared));
  law_replicates_se(measure, view, value, replicates, n_replicates, SCALE_IDENTITY, false,
                    out); /* refuses what has no law */
  if (out->kind != INFERENCE_T) {
    return NONET_OK;
  }
  struct squared_law *law = view_arena(view, 1, sizeof *law);
  if (law == NULL) {
    return error_memory(error, sizeof *law, "a law");
  }
  *law = (struct squared_law){squared, deviation(replicates, n_replicates)};
  *out = law_start(measure, INFERENCE_LIMITS, NULL, false);
  out->value = value;
  out->bounds = squared_bounds;
  out->context = law;
  return NONET_OK;
}

enum ece_function { ECE_DEBIASED, ECE_L1, ECE_LARGEST, ECE_SWEEP, ECE_HOSMER };

static bool is_monotone(const struct bin *groups, size_t n) {
  double before = -1;
  for (size_t b = 0; b < n; b++) {
    if (groups[b].weight > 0) {
      double share = groups[b].positive / groups[b].weight;
      if (share < before) {
        return false;
      }
      before = share;
    }
  }
  return true;
}

/* The largest number of equal-mass groups, counting up, before ȳ is not monotone (Roelofs et al.
 * 2022). */
static size_t sweep_groups(const struct points *points, struct bin *room) {
  size_t found = 1, most = points->total < SWEEP_MOST ? (size_t)points->total : SWEEP_MOST;
  for (size_t g = 2; g <= most; g++) {
    group(points->bin, points->n, &(struct grouping){g, false}, room);
    if (!is_monotone(room, g)) {
      break;
    }
    found = g;
  }
  return found;
}

static void hosmer_lemeshow(const struct measure *measure, struct view *view,
                            const struct bin *groups, size_t n_groups, struct inference *out) {
  double statistic = 0;
  size_t n_used = 0;
  for (size_t b = 0; b < n_groups; b++) {
    double n = groups[b].weight, expected = groups[b].sum_p, d = groups[b].positive - expected;
    if (n > 0) {
      double variance = expected * (1 - expected / n);
      n_used++;
      statistic += d == 0 ? 0 : variance > 0 ? d * d / variance : NAN; /* 8 */
    }
  }
  if (n_used < 3 || isnan(statistic)) {
    law_missing(view, measure, out,
                n_used < 3 ? "%.0f groups: fewer than 3"
                           : "a group expects no positives, or only positives, and has others",
                (double)n_used);
    return;
  }
  law_no_interval(
      view, measure, statistic, out,
      "a test statistic has no interval; chi-squared with %zu degrees of freedom: p = %.3g",
      n_used - 2, distribution_chi_square_sf(statistic, (double)n_used - 2)); /* 7 */
}

/* How the variant groups, and what it takes of it. */
struct plan {
  enum ece_function function;
  struct grouping how;
  bool is_exact;
};

static struct plan plan_of(const struct measure *measure, const struct measure_variant *variant,
                           const struct view *view) {
  bool is_small = view->set->n_rows <= MEASURE_SMALL_ROWS && view_has_rows(view);
  struct plan plan = {(enum ece_function)measure->function, {CALIBRATION_GROUPS, false}, is_small};
  plan.how.n_groups = measure->function == ECE_HOSMER ? GROUPS_HOSMER : CALIBRATION_GROUPS;
  if (variant->number[0] > 0) {
    plan.how = (struct grouping){(size_t)variant->number[0],
                                 variant->word != NULL && strcmp(variant->word, "equal") == 0};
    plan.function = plan.function == ECE_DEBIASED ? ECE_L1 : plan.function;
  } else if (plan.function == ECE_DEBIASED) {
    plan.is_exact = variant->word != NULL;
  }
  return plan;
}

static nonet_status ece_law(const struct measure *measure, struct view *view, int stream,
                            const struct plan *plan, const struct points *points,
                            struct inference *out, nonet_error *error) {
  size_t n_room = plan->function == ECE_SWEEP ? SWEEP_MOST : plan->how.n_groups;
  struct bin *groups = memory_new(n_room, sizeof *groups);
  if (groups == NULL) {
    return error_memory(error, n_room * sizeof *groups, "groups of calibration");
  }
  struct ece_boot boot = {points, plan->how};
  nonet_status status = NONET_OK;
  double number[N_OUTS];
  if (plan->function == ECE_SWEEP) {
    boot.how.n_groups = sweep_groups(points, groups); /* 6 */
    view_note(view, "%s groups of equal mass", view_count(view, (double)boot.how.n_groups));
  }
  group(points->bin, points->n, &boot.how, groups);
  group_numbers(groups, boot.how.n_groups, number);
  if (plan->function == ECE_HOSMER) {
    hosmer_lemeshow(measure, view, groups, boot.how.n_groups, out);
    goto done;
  }
  const double *const *replicates;
  const size_t *n_replicates;
  status = ece_bootstrap(view, stream, &boot, &replicates, &n_replicates, error);
  if (status != NONET_OK) {
    goto done;
  }
  if (plan->function == ECE_DEBIASED) {
    status = squared_inference(measure, view, number[OUT_SQUARED], replicates[OUT_SQUARED],
                               n_replicates[OUT_SQUARED], out, error);
  } else {
    size_t k = plan->function == ECE_LARGEST ? OUT_LARGEST : OUT_L1;
    law_replicates_se(measure, view, number[k], replicates[k], n_replicates[k], SCALE_IDENTITY,
                      false, out); /* 5 */
  }
done:
  memory_free(groups);
  return status;
}

static nonet_status ece_estimate(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 int stream, struct inference *out, nonet_error *error) {
  struct plan plan = plan_of(measure, variant, view);
  struct points points = {0};
  size_t n_clusters;
  if (plan.function == ECE_HOSMER && !view->is_plain) {
    law_missing(view, measure, out, "with weights or clusters its law is not chi-squared"); /* 7 */
    return NONET_OK;
  }
  if (plan.is_exact && !view_has_rows(view)) {
    law_missing(view, measure, out, "more rows than %d, of which single scores are not kept",
                MEASURE_SMALL_ROWS);
    return NONET_OK;
  }
  nonet_status status = points_init(view, stream, plan.is_exact, &points, error);
  if (status == NONET_OK && !(points.total > 0)) {
    law_missing(view, measure, out, "no rows");
    goto done;
  }
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status == NONET_OK && view->is_plain) {
    view->n = view->n_effective = points.total;
  } else if (status == NONET_OK) {
    status = view_size(view, &view->n, &view->n_effective, error);
  }
  if (status == NONET_OK) {
    status = ece_law(measure, view, stream, &plan, &points, out, error);
  }
done:
  points_clear(&points);
  return status;
}

/* ---- Murphy ---- */

enum { MURPHY_RELIABILITY, MURPHY_RESOLUTION, MURPHY_UNCERTAINTY, N_MURPHY };
static const char *const murphy_words[N_MURPHY] = {"reliability", "resolution", "uncertainty"};

static void murphy_numbers(const struct bin *bin, size_t n, double out[N_MURPHY]) {
  double total = 0, positive = 0;
  for (size_t i = 0; i < n; i++) {
    total += bin[i].weight;
    positive += bin[i].positive;
  }
  double mean = positive / total;
  out[MURPHY_RELIABILITY] = out[MURPHY_RESOLUTION] = 0;
  out[MURPHY_UNCERTAINTY] = total > 0 ? mean * (1 - mean) : NAN;
  for (size_t i = 0; i < n; i++) {
    if (bin[i].weight > 0) {
      double share = bin[i].positive / bin[i].weight,
             gap = (bin[i].sum_p - bin[i].positive) / bin[i].weight;
      out[MURPHY_RELIABILITY] += bin[i].weight / total * gap * gap;
      out[MURPHY_RESOLUTION] += bin[i].weight / total * (share - mean) * (share - mean);
    }
  }
}

static void murphy_of_rows(const void *context, const struct view *view, const double *weights,
                           double *out) {
  (void)view;
  const struct points *points = context;
  struct bin *bin = memory_new(points->n + 1, sizeof *bin);
  if (bin == NULL) {
    undefined(out);
    return;
  }
  points_fill(points, weights, bin);
  murphy_numbers(bin, points->n, out);
  memory_free(bin);
}

static void murphy_of_bins(const void *context, const uint32_t *negatives,
                           const uint32_t *positives, double *out) {
  const struct points *points = context;
  struct bin *bin = memory_new(points->n + 1, sizeof *bin);
  if (bin == NULL) {
    undefined(out);
    return;
  }
  for (size_t i = 0; i < points->n; i++) {
    bin[i] = (struct bin){0};
    drawn_add(&bin[i], points, i, (uint64_t)negatives[i] + positives[i], positives[i]);
  }
  murphy_numbers(bin, points->n, out);
  memory_free(bin);
}

nonet_status calibration_murphy(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                int stream, struct inference *out, nonet_error *error) {
  struct points points = {0};
  double number[N_MURPHY];
  const double *const *replicates;
  const size_t *n_replicates;
  size_t part = 0, n_clusters;
  while (part + 1 < N_MURPHY && strcmp(variant->word, murphy_words[part]) != 0) {
    part++;
  }
  bool is_exact = view->set->n_rows <= MEASURE_SMALL_ROWS && view_has_rows(view);
  nonet_status status = points_init(view, stream, is_exact, &points, error);
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status != NONET_OK || !(points.total > 0)) {
    if (status == NONET_OK) {
      law_missing(view, measure, out, "no rows");
    }
    goto done;
  }
  murphy_numbers(points.bin, points.n, number);
  if (points.of_row == NULL) {
    status = view_bootstrap_bins(view, stream, murphy_of_bins, &points, 0, N_MURPHY, &replicates,
                                 &n_replicates, error);
    view->n = view->n_effective = points.total;
  } else {
    status = view_bootstrap_many(view, murphy_of_rows, &points, stream == STREAM_B, N_MURPHY,
                                 &replicates, &n_replicates, error);
    status = status == NONET_OK ? view_size(view, &view->n, &view->n_effective, error) : status;
  }
  if (status == NONET_OK) {
    law_replicates_se(measure, view, number[part], replicates[part], n_replicates[part],
                      SCALE_IDENTITY, false, out);
    out->method = "bootstrap-se";
  }
done:
  points_clear(&points);
  return status;
}

/* ---- variants and records ---- */

/* "bins=10;width=equal", "width=mass;bins=10"; width left out: mass. */
static bool parse_bins(const char *suffix, struct measure_variant *variant) {
  *variant = (struct measure_variant){.suffix = suffix, .word = "mass"};
  for (const char *rest = suffix; *rest != '\0'; rest += *rest == ';') {
    if (strncmp(rest, "bins=", 5) == 0 && rest[5] >= '1' && rest[5] <= '9') {
      char *stop;
      unsigned long n = strtoul(rest + 5, &stop, 10);
      if (n > GROUPS_MOST || !(*stop == ';' || *stop == '\0')) {
        return false;
      }
      variant->number[0] = (double)n;
      rest = stop;
    } else if (strncmp(rest, "width=", 6) == 0) {
      size_t length = strcspn(rest + 6, ";");
      bool is_equal = length == 5 && strncmp(rest + 6, "equal", 5) == 0;
      if (!is_equal && !(length == 4 && strncmp(rest + 6, "mass", 4) == 0)) {
        return false;
      }
      variant->word = is_equal ? "equal" : "mass";
      rest += 6 + length;
    } else {
      return false;
    }
  }
  return variant->number[0] > 0;
}

static const struct measure_variant ece_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS},
    {.suffix = "exact", .word = "exact"},
    {.suffix = NULL}};

#define ECE_RECORD                                                                                 \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .tasks = FOR_BINARY | FOR_MULTICLASS,            \
  .needs = NEEDS_PROBABILITY, .direction = DIRECTION_LOWER, .scopes = IN_ALL | IN_GROUP,           \
  .kinds = SUMMARY_MICROBINS, .kinds_small = SUMMARY_MULTISET, .cost = COST_BOOTSTRAP,             \
  .never_gated = true, .estimate = ece_estimate

#define BOOT_WEIGHTED "cluster bootstrap"

const struct measure correctness_ece = {
    ECE_RECORD,
    .id = "correctness.ece",
    .title = "Expected calibration error",
    .definition = "How far stated probabilities are from what happens: root of the debiased mean "
                  "squared gap over 15 groups of equal mass; multiclass: of the top label.",
    .formula = "sqrt(max(0, sum over groups of n_b/n [(mean p - mean y)^2 - mean y (1 - mean "
               "y)/(n_b - 1)])); @bins=10;width=equal and "
               "@bins=10;width=mass: sum of n_b/n |mean p - mean y|, not debiased",
    .source = "Kumar, Liang & Ma 2019; Guo et al. 2017; interval: squared estimate +- z bootstrap "
              "SE, cut at 0",
    .range = {0, 1},
    .interval = "bootstrap-se",
    .interval_weighted = BOOT_WEIGHTED,
    .shortfall =
        "simulated coverage of 95 %: .998 where scores are calibrated or nearly so, wide at "
        "small n (.994 at n 200, .968 at n 1,000, truth .117); 40 clusters of 10: .951",
    .function = ECE_DEBIASED,
    .variants = ece_variants,
    .parse_variant = parse_bins,
};

const struct measure correctness_ece_sweep = {
    ECE_RECORD,
    .id = "correctness.ece_sweep",
    .title = "Expected calibration error, monotone sweep",
    .definition = "Mean gap between stated probability and what happens, over the largest number "
                  "of equal-mass groups in which the share of positives still rises.",
    .formula = "sum over groups of n_b/n |mean p - mean y|",
    .source = "Roelofs et al. 2022; interval: bootstrap SE with the number of groups as found",
    .range = {0, 1},
    .interval = "bootstrap-se",
    .interval_weighted = BOOT_WEIGHTED,
    .shortfall =
        "biased upwards by noise, and the choice of the number of groups is not in the interval",
    .function = ECE_SWEEP,
};

const struct measure correctness_mce = {
    ECE_RECORD,
    .id = "correctness.mce",
    .title = "Maximum calibration error",
    .definition = "Largest gap between stated probability and what happens over 15 groups of equal "
                  "mass; multiclass: of the top label.",
    .formula = "max over groups of |mean p - mean y|; @bins=10;width=equal for others' groups",
    .source = "Naeini, Cooper & Hauskrecht 2015; interval: bootstrap SE",
    .range = {0, 1},
    .interval = "bootstrap-se",
    .interval_weighted = BOOT_WEIGHTED,
    .shortfall = "a maximum is biased upwards by noise",
    .function = ECE_LARGEST,
    .parse_variant = parse_bins,
};

const struct measure correctness_hosmer_lemeshow = {
    ECE_RECORD,
    .id = "correctness.hosmer_lemeshow",
    .title = "Hosmer-Lemeshow statistic",
    .definition = "Chi-squared statistic of observed against expected positives in 10 groups of "
                  "equal mass: a test statistic, large where calibration is off or n is large.",
    .formula = "sum over groups of (O - E)^2 / (E (1 - E/n_b)), 8 degrees of freedom",
    .source = "Hosmer & Lemeshow 1980",
    .range = {0, INFINITY},
    .interval = "none",
    .interval_weighted = "none",
    .function = ECE_HOSMER,
};
