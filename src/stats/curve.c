/*
 * One walk over the thresholds, from the highest score down, and the numbers read off it.
 *
 * A step is all rows of one score: dp positives and dn negatives enter together. With P positives
 * and N negatives in all and tp, fp entered so far: TPR = tp/P, FPR = fp/N, precision = tp/(tp +
 * fp).
 *
 * Cases: 1 an empty class: NaN; 2 ties are one step, a diagonal in ROC; 3 rows of weight 0 make no
 * step; 4 partial area with limits inside a step: interpolated on the segment, as pROC; 5 McClish's
 * correction below the diagonal: NaN, as pROC; 6 a share that cuts a tie: in proportion; 7 the last
 * step is the one that has everything entered: later rows can only have weight 0.
 */
#include "stats/curve.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

struct step {
  uint64_t key;
  double tp, fp; /* entered, this step included */
  double tp_before, fp_before;
};

struct cursor {
  const struct curve_source *source;
  size_t left[2]; /* rows not yet entered */
  double tp, fp;
};

INLINE uint64_t row_key(const struct curve_rows *rows, size_t i) {
  return rows->keys32 != NULL ? rows->keys32[i] : rows->keys64[i];
}

INLINE double row_weight(const struct curve_rows *rows, size_t i) {
  return rows->count32 != NULL   ? rows->count32[i]
         : rows->count64 != NULL ? (double)rows->count64[i]
         : rows->weights != NULL ? rows->weights[i]
                                 : 1;
}

static struct cursor cursor_start(const struct curve_source *source) {
  return (struct cursor){
      source, {source->rows[0].n, source->is_joint ? 0 : source->rows[1].n}, 0, 0};
}

/* The next step; false at the end. 2, 3 */
static bool cursor_next(struct cursor *cursor, struct step *step) {
  const struct curve_rows *rows = cursor->source->rows;
  double tp = cursor->tp, fp = cursor->fp;
  while (cursor->left[0] > 0 || cursor->left[1] > 0) {
    uint64_t key = cursor->left[0] > 0 ? row_key(&rows[0], cursor->left[0] - 1) : 0;
    if (cursor->left[1] > 0 &&
        (cursor->left[0] == 0 || row_key(&rows[1], cursor->left[1] - 1) > key)) {
      key = row_key(&rows[1], cursor->left[1] - 1);
    }
    for (size_t *i = &cursor->left[0]; *i > 0 && row_key(&rows[0], *i - 1) == key; --*i) {
      bool is_positive = cursor->source->is_joint && rows[0].labels[*i - 1] != 0;
      *(is_positive ? &tp : &fp) += row_weight(&rows[0], *i - 1);
    }
    for (size_t *i = &cursor->left[1]; *i > 0 && row_key(&rows[1], *i - 1) == key; --*i) {
      tp += row_weight(&rows[1], *i - 1);
    }
    if (tp != cursor->tp || fp != cursor->fp) {
      *step = (struct step){key, tp, fp, cursor->tp, cursor->fp};
      cursor->tp = tp;
      cursor->fp = fp;
      return true;
    }
  }
  return false;
}

void curve_totals(struct curve_source *source) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  while (cursor_next(&cursor, &step)) {
  }
  source->n_positives = cursor.tp;
  source->n_negatives = cursor.fp;
}

static bool is_empty(const struct curve_source *source) {
  return !(source->n_positives > 0 && source->n_negatives > 0);
} /* 1 */

double curve_auc(const struct curve_source *source) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double twice = 0;
  while (cursor_next(&cursor, &step)) {
    twice += (step.fp - step.fp_before) * (step.tp + step.tp_before);
  }
  return is_empty(source) ? NAN : twice / (2 * source->n_positives * source->n_negatives);
}

/* Area of a segment (x0, y0)–(x1, y1), cut to from ≤ x ≤ to. 4 */
static double segment_area(double x0, double y0, double x1, double y1, double from, double to) {
  double a = x0 > from ? x0 : from, b = x1 < to ? x1 : to;
  if (!(b > a)) {
    return 0;
  }
  double slope = (y1 - y0) / (x1 - x0);
  return (b - a) * (y0 + slope * (0.5 * (a + b) - x0));
}

double curve_auc_partial(const struct curve_source *source, enum curve_axis axis, double from,
                         double to, bool corrected) {
  double lower = from < to ? from : to, upper = from < to ? to : from;
  if (is_empty(source) || !(lower >= 0 && upper <= 1 && lower < upper)) {
    return NAN;
  }
  struct cursor cursor = cursor_start(source);
  struct step step;
  double area = 0, p = source->n_positives, n = source->n_negatives;
  while (cursor_next(&cursor, &step)) {
    if (axis == CURVE_SPECIFICITY) {
      area += segment_area(step.fp_before / n, step.tp_before / p, step.fp / n, step.tp / p,
                           1 - upper, 1 - lower);
    } else { /* specificity over sensitivity */
      area += segment_area(step.tp_before / p, 1 - step.fp_before / n, step.tp / p, 1 - step.fp / n,
                           lower, upper);
    }
  }
  if (!corrected) {
    return area;
  }
  double least = axis == CURVE_SPECIFICITY
                     ? ((1 - lower) * (1 - lower) - (1 - upper) * (1 - upper)) / 2
                     : (upper - lower) - (upper * upper - lower * lower) / 2;
  double most = upper - lower;
  return area < least ? NAN : 0.5 * (1 + (area - least) / (most - least)); /* 5 */
}

double curve_average_precision(const struct curve_source *source) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double sum = 0;
  while (cursor_next(&cursor, &step)) {
    sum += (step.tp - step.tp_before) * (step.tp / (step.tp + step.fp));
  }
  return source->n_positives > 0 ? sum / source->n_positives : NAN;
}

double curve_recall_at_precision(const struct curve_source *source, double precision) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double best = 0;
  while (cursor_next(&cursor, &step)) {
    if (step.tp / (step.tp + step.fp) >= precision) {
      best = step.tp;
    }
  }
  return source->n_positives > 0 ? best / source->n_positives : NAN;
}

double curve_precision_at_recall(const struct curve_source *source, double recall) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double best = 0;
  while (cursor_next(&cursor, &step)) {
    double precision = step.tp / (step.tp + step.fp);
    if (step.tp / source->n_positives >= recall && precision > best) {
      best = precision;
    }
  }
  return source->n_positives > 0 ? best : NAN;
}

double curve_tpr_at_fpr(const struct curve_source *source, double fpr) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double best = 0;
  while (cursor_next(&cursor, &step) && step.fp / source->n_negatives <= fpr) {
    best = step.tp;
  }
  return is_empty(source) ? NAN : best / source->n_positives;
}

double curve_best_f1(const struct curve_source *source, uint64_t *threshold_key) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double best = -1;
  while (cursor_next(&cursor, &step)) {
    double f1 = 2 * step.tp / (step.tp + step.fp + source->n_positives);
    if (f1 > best) {
      best = f1;
      if (threshold_key != NULL) {
        *threshold_key = step.key;
      }
    }
  }
  return source->n_positives > 0 ? best : NAN;
}

double curve_gain(const struct curve_source *source, double share) {
  double wanted = share * (source->n_positives + source->n_negatives);
  if (!(source->n_positives > 0) || !(share >= 0 && share <= 1)) {
    return NAN;
  }
  struct cursor cursor = cursor_start(source);
  struct step step;
  while (cursor_next(&cursor, &step)) {
    double before = step.tp_before + step.fp_before, after = step.tp + step.fp;
    if (after >= wanted) { /* 6 */
      return (step.tp_before +
              (step.tp - step.tp_before) * ((wanted - before) / (after - before))) /
             source->n_positives;
    }
  }
  return 1;
}

double curve_lift_at(const struct curve_source *source, double share) {
  return share > 0 ? curve_gain(source, share) / share : NAN;
}

double curve_ks(const struct curve_source *source) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  double largest = 0;
  while (cursor_next(&cursor, &step)) {
    double distance = fabs(step.tp * source->n_negatives - step.fp * source->n_positives);
    largest = distance > largest ? distance : largest;
  }
  return is_empty(source) ? NAN : largest / (source->n_positives * source->n_negatives);
}

/* Whether there are more than n_most steps, without walking further than that. */
static bool has_more_steps(const struct curve_source *source, size_t n_most) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  size_t n_steps = 0;
  while (n_steps <= n_most && cursor_next(&cursor, &step)) {
    n_steps++;
  }
  return n_steps > n_most;
}

size_t curve_points(const struct curve_source *source, size_t n_most, double *fp, double *tp,
                    uint64_t *key) {
  struct cursor cursor = cursor_start(source);
  struct step step;
  size_t n_points = 0;
  if (is_empty(source) || n_most < 3) {
    return 0;
  }
  bool is_thinned = has_more_steps(source, n_most - 1);
  double p = source->n_positives, n = source->n_negatives;
  double n_passed = 0; /* multiples of 1/(n_most − 2) on the way */
  fp[n_points] = tp[n_points] = 0;
  if (key != NULL) {
    key[n_points] = 0;
  }
  n_points++;
  while (cursor_next(&cursor, &step)) {
    bool is_last = step.tp == p && step.fp == n; /* 7 */
    /* one division: where the products are exact, so is a multiple that is met exactly */
    double n_reached = floor((double)(n_most - 2) * (step.tp * n + step.fp * p) / (2 * p * n));
    if (is_last || !is_thinned || n_reached > n_passed) {
      fp[n_points] = step.fp;
      tp[n_points] = step.tp;
      if (key != NULL) {
        key[n_points] = step.key;
      }
      n_points++;
      n_passed = n_reached;
    }
  }
  return n_points;
}

void curve_near(const struct curve_source *source, const double *fp, size_t n_points, double reach,
                double *tp_least, double *tp_most) {
  struct cursor cursor = cursor_start(source);
  struct step step = {0, 0, 0, 0, 0};
  size_t i_least = 0, i_most = 0;
  do {
    while (i_least < n_points && step.fp >= fp[i_least] - reach) {
      tp_least[i_least++] = step.tp;
    }
    while (i_most < n_points && step.fp > fp[i_most] + reach) {
      tp_most[i_most++] = step.tp_before;
    }
  } while (cursor_next(&cursor, &step));
  for (; i_least < n_points; i_least++) {
    tp_least[i_least] = step.tp;
  }
  for (; i_most < n_points; i_most++) {
    tp_most[i_most] = step.tp;
  }
}
