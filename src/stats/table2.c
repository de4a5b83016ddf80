/*
 * Functions of a label-by-prediction table, each with its gradient.
 *
 * N total, r_i row sums (labels), q_j column sums (predictions), T trace. Three shapes:
 *   ratio   v = Σ a c / Σ b c, cell coefficients a, b by (is the label the class, is the
 * prediction): g = (a - v b)/Σ b c; R_K     v = (T N - Σ q r) / √((N² - Σ q²)(N² - Σ r²)) (Gorodkin
 * 2004; for K = 2 the phi coefficient, mcc); kappa   v = 1 - N Σ w c / Σ w r q with disagreement
 * weights w: 1 off the diagonal, |i - j|, (i - j)². All are of degree 0 in c, hence Σ c g = 0.
 *
 * 1. A zero denominator is NaN, but counts 0 in macro and weighted averages (scikit-learn's
 * zero_division). 2. Macro averages run over the classes that occur as label or prediction,
 * balanced accuracy over those that occur as label.
 */
#include "stats/table2.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { TP, FN, FP, TN };

struct ratio {
  double top[4], bottom[4]; /* by TP, FN, FP, TN */
};

static const struct ratio ratios[TABLE2_N_FUNCTIONS] = {
    [TABLE2_PRECISION] = {{1, 0, 0, 0}, {1, 0, 1, 0}},
    [TABLE2_RECALL] = {{1, 0, 0, 0}, {1, 1, 0, 0}},
    [TABLE2_SPECIFICITY] = {{0, 0, 0, 1}, {0, 0, 1, 1}},
    [TABLE2_NPV] = {{0, 0, 0, 1}, {0, 1, 0, 1}},
    [TABLE2_FPR] = {{0, 0, 1, 0}, {0, 0, 1, 1}},
    [TABLE2_FNR] = {{0, 1, 0, 0}, {1, 1, 0, 0}},
    [TABLE2_PREVALENCE] = {{1, 1, 0, 0}, {1, 1, 1, 1}},
    [TABLE2_PREDICTED_RATE] = {{1, 0, 1, 0}, {1, 1, 1, 1}},
    [TABLE2_JACCARD] = {{1, 0, 0, 0}, {1, 1, 1, 0}},
};

static struct ratio ratio_of(enum table2_function function, double beta) {
  if (function == TABLE2_F_BETA) {
    double square = beta == 0 ? 1 : beta * beta;
    return (struct ratio){{1 + square, 0, 0, 0}, {1 + square, square, 1, 0}};
  }
  return ratios[function];
}

static int cell_kind(size_t label, size_t prediction, size_t class) {
  return label == class ? (prediction == class ? TP : FN) : (prediction == class ? FP : TN);
}

static void gradient_fill(double *gradient, size_t n_cells, double value) {
  for (size_t c = 0; gradient != NULL && c < n_cells; c++) {
    gradient[c] = value;
  }
}

/* Adds share·v of one class to *sum and share·g to the gradient; false when v is 0/0. */
static bool ratio_add(const struct ratio *ratio, const double *counts, size_t n_classes,
                      size_t class, double share, double *sum, double *gradient) {
  double cells[4] = {0, 0, 0, 0}, top = 0, bottom = 0;
  for (size_t i = 0; i < n_classes; i++) {
    for (size_t j = 0; j < n_classes; j++) {
      cells[cell_kind(i, j, class)] += counts[i * n_classes + j];
    }
  }
  for (int c = 0; c < 4; c++) {
    top += ratio->top[c] * cells[c];
    bottom += ratio->bottom[c] * cells[c];
  }
  if (!(bottom > 0)) {
    return false;
  }
  double value = top / bottom;
  *sum += share * value;
  for (size_t i = 0; gradient != NULL && i < n_classes; i++) {
    for (size_t j = 0; j < n_classes; j++) {
      int kind = cell_kind(i, j, class);
      gradient[i * n_classes + j] +=
          share * (ratio->top[kind] - value * ratio->bottom[kind]) / bottom;
    }
  }
  return true;
}

static void margins_of(const double *counts, size_t n_classes, size_t class, double *row,
                       double *column) {
  *row = *column = 0;
  for (size_t i = 0; i < n_classes; i++) {
    *row += counts[class * n_classes + i];
    *column += counts[i * n_classes + class];
  }
}

static double total_of(const double *counts, size_t n_cells) {
  double total = 0;
  for (size_t c = 0; c < n_cells; c++) {
    total += counts[c];
  }
  return total;
}

static double undefined(double *gradient, size_t n_cells) {
  gradient_fill(gradient, n_cells, NAN);
  return NAN;
}

static double one_class_value(const struct table2_spec *spec, const double *counts,
                              size_t n_classes, double *gradient) {
  struct ratio ratio = ratio_of(spec->function, spec->beta);
  double value = 0;
  gradient_fill(gradient, n_classes * n_classes, 0);
  if (!ratio_add(&ratio, counts, n_classes, spec->positive, 1, &value, gradient)) {
    return undefined(gradient, n_classes * n_classes);
  }
  return value;
}

/* Macro: over classes that occur (2); `as_label` narrows that to labels and makes it balanced
 * accuracy. */
static double macro_value(const struct ratio *ratio, const double *counts, size_t n_classes,
                          bool as_label, double *gradient) {
  size_t n_occur = 0;
  double row, column, value = 0;
  gradient_fill(gradient, n_classes * n_classes, 0);
  for (int pass = 0; pass < 2; pass++) {
    for (size_t k = 0; k < n_classes; k++) {
      margins_of(counts, n_classes, k, &row, &column);
      bool occurs = row > 0 || (!as_label && column > 0);
      if (occurs && pass == 0) {
        n_occur++;
      } else if (occurs) {
        (void)ratio_add(ratio, counts, n_classes, k, 1 / (double)n_occur, &value, gradient); /* 1 */
      }
    }
  }
  return n_occur > 0 ? value : undefined(gradient, n_classes * n_classes);
}

static double weighted_value(const struct ratio *ratio, const double *counts, size_t n_classes,
                             double *gradient) {
  size_t n_cells = n_classes * n_classes;
  double total = total_of(counts, n_cells), row, column, value = 0;
  if (!(total > 0)) {
    return undefined(gradient, n_cells);
  }
  gradient_fill(gradient, n_cells, 0);
  for (size_t k = 0; k < n_classes; k++) {
    double here = 0;
    margins_of(counts, n_classes, k, &row, &column);
    (void)ratio_add(ratio, counts, n_classes, k, 1, &here, NULL);
    (void)ratio_add(ratio, counts, n_classes, k, row / total, &value, gradient);
    for (size_t c = 0; gradient != NULL && c < n_cells; c++) {
      gradient[c] += here * ((double)(c / n_classes == k) - row / total) / total;
    }
  }
  return value;
}

static double micro_value(const struct ratio *ratio, const double *counts, size_t n_classes,
                          double *gradient) {
  /* Summed over the classes, a cell is TP of one and TN of K - 1 on the diagonal, else FN and FP of
   * one and TN of K - 2. */
  double rest = (double)n_classes - 1;
  const double *a = ratio->top, *b = ratio->bottom;
  double top_hit = a[TP] + rest * a[TN], bottom_hit = b[TP] + rest * b[TN];
  double top_miss = a[FN] + a[FP] + (rest - 1) * a[TN];
  double bottom_miss = b[FN] + b[FP] + (rest - 1) * b[TN];
  size_t n_cells = n_classes * n_classes;
  double top = 0, bottom = 0;
  for (size_t c = 0; c < n_cells; c++) {
    bool hit = c / n_classes == c % n_classes;
    top += (hit ? top_hit : top_miss) * counts[c];
    bottom += (hit ? bottom_hit : bottom_miss) * counts[c];
  }
  if (!(bottom > 0)) {
    return undefined(gradient, n_cells);
  }
  for (size_t c = 0; gradient != NULL && c < n_cells; c++) {
    bool hit = c / n_classes == c % n_classes;
    double value = top / bottom;
    gradient[c] =
        hit ? (top_hit - value * bottom_hit) / bottom : (top_miss - value * bottom_miss) / bottom;
  }
  return top / bottom;
}

static double accuracy_value(const double *counts, size_t n_classes, bool errors,
                             double *gradient) {
  size_t n_cells = n_classes * n_classes;
  double total = total_of(counts, n_cells), right = 0;
  for (size_t k = 0; k < n_classes; k++) {
    right += counts[k * n_classes + k];
  }
  if (!(total > 0)) {
    return undefined(gradient, n_cells);
  }
  double value = errors ? (total - right) / total : right / total;
  for (size_t c = 0; gradient != NULL && c < n_cells; c++) {
    bool hit = c / n_classes == c % n_classes;
    gradient[c] = ((double)(hit != errors) - value) / total;
  }
  return value;
}

/* informedness and markedness: two ratios of one class, minus 1 */
static double pair_value(enum table2_function first, enum table2_function second, size_t positive,
                         const double *counts, size_t n_classes, double *gradient) {
  double value = -1;
  gradient_fill(gradient, n_classes * n_classes, 0);
  if (!ratio_add(&ratios[first], counts, n_classes, positive, 1, &value, gradient) ||
      !ratio_add(&ratios[second], counts, n_classes, positive, 1, &value, gradient)) {
    return undefined(gradient, n_classes * n_classes);
  }
  return value;
}

static double mcc_value(const double *counts, size_t n_classes, double *gradient) {
  size_t n_cells = n_classes * n_classes;
  double total = total_of(counts, n_cells), trace = 0, cross = 0, rows = 0, columns = 0;
  for (size_t k = 0; k < n_classes; k++) {
    double row, column;
    margins_of(counts, n_classes, k, &row, &column);
    trace += counts[k * n_classes + k];
    cross += row * column;
    rows += row * (total - row); /* N² - Σ r² without its cancellation */
    columns += column * (total - column);
  }
  if (!(rows > 0) || !(columns > 0)) {
    return undefined(gradient, n_cells);
  }
  double scale = sqrt(rows) * sqrt(columns), value = (trace * total - cross) / scale;
  for (size_t i = 0; gradient != NULL && i < n_classes; i++) {
    for (size_t j = 0; j < n_classes; j++) {
      double row_i, column_i, row_j, column_j;
      margins_of(counts, n_classes, i, &row_i, &column_i);
      margins_of(counts, n_classes, j, &row_j, &column_j);
      double numerator = (i == j ? total : 0) + trace - column_i - row_j;
      double spread = (total - row_i) / rows + (total - column_j) / columns;
      gradient[i * n_classes + j] = numerator / scale - value * spread;
    }
  }
  return value;
}

static double kappa_weight(enum table2_function function, size_t i, size_t j) {
  double distance = i > j ? (double)(i - j) : (double)(j - i);
  return function == TABLE2_KAPPA_QUADRATIC ? distance * distance
         : function == TABLE2_KAPPA_LINEAR  ? distance
                                            : (double)(i != j);
}

static double kappa_value(enum table2_function function, const double *counts, size_t n_classes,
                          double *gradient) {
  size_t n_cells = n_classes * n_classes;
  double total = total_of(counts, n_cells), seen = 0, chance = 0, row, column, unused;
  for (size_t i = 0; i < n_classes; i++) {
    margins_of(counts, n_classes, i, &row, &unused);
    for (size_t j = 0; j < n_classes; j++) {
      double weight = kappa_weight(function, i, j);
      margins_of(counts, n_classes, j, &unused, &column);
      seen += weight * counts[i * n_classes + j];
      chance += weight * row * column;
    }
  }
  if (!(chance > 0)) {
    return undefined(gradient, n_cells);
  }
  double ratio = total * seen / chance;
  for (size_t i = 0; gradient != NULL && i < n_classes; i++) {
    for (size_t j = 0; j < n_classes; j++) {
      double slope = 0;
      for (size_t k = 0; k < n_classes; k++) {
        margins_of(counts, n_classes, k, &row, &column);
        slope += kappa_weight(function, i, k) * column + kappa_weight(function, k, j) * row;
      }
      double weight = kappa_weight(function, i, j);
      gradient[i * n_classes + j] = -(seen + total * weight - ratio * slope) / chance;
    }
  }
  return 1 - ratio;
}

static double averaged_value(const struct table2_spec *spec, const double *counts, size_t n_classes,
                             double *gradient) {
  struct ratio ratio = ratio_of(spec->function, spec->beta);
  switch (spec->average) {
  case TABLE2_MACRO:
    return macro_value(&ratio, counts, n_classes, false, gradient);
  case TABLE2_WEIGHTED:
    return weighted_value(&ratio, counts, n_classes, gradient);
  case TABLE2_MICRO:
    return micro_value(&ratio, counts, n_classes, gradient);
  case TABLE2_ONE_CLASS:
    break;
  }
  return one_class_value(spec, counts, n_classes, gradient);
}

double table2_value(const struct table2_spec *spec, const double *counts, size_t n_classes,
                    double *gradient) {
  if (n_classes < 2 || spec->positive >= n_classes) {
    return undefined(gradient, n_classes * n_classes);
  }
  switch (spec->function) {
  case TABLE2_ACCURACY:
  case TABLE2_ERROR_RATE:
    return accuracy_value(counts, n_classes, spec->function == TABLE2_ERROR_RATE, gradient);
  case TABLE2_BALANCED_ACCURACY:
    return macro_value(&ratios[TABLE2_RECALL], counts, n_classes, true, gradient);
  case TABLE2_INFORMEDNESS:
    return pair_value(TABLE2_RECALL, TABLE2_SPECIFICITY, spec->positive, counts, n_classes,
                      gradient);
  case TABLE2_MARKEDNESS:
    return pair_value(TABLE2_PRECISION, TABLE2_NPV, spec->positive, counts, n_classes, gradient);
  case TABLE2_MCC:
    return mcc_value(counts, n_classes, gradient);
  case TABLE2_KAPPA:
  case TABLE2_KAPPA_LINEAR:
  case TABLE2_KAPPA_QUADRATIC:
    return kappa_value(spec->function, counts, n_classes, gradient);
  case TABLE2_PREVALENCE:
  case TABLE2_PREDICTED_RATE:
    return one_class_value(spec, counts, n_classes, gradient);
  default:
    return averaged_value(spec, counts, n_classes, gradient);
  }
}

double table2_se(const double *counts, const double *gradient, size_t n_classes) {
  double variance = 0;
  for (size_t c = 0; c < n_classes * n_classes; c++) {
    variance += counts[c] * gradient[c] * gradient[c];
  }
  return sqrt(variance);
}

nonet_status table2_estimate(const struct table2_spec *spec, const double *counts, size_t n_classes,
                             double *value, double *se, nonet_error *error) {
  size_t n_cells = n_classes * n_classes;
  double *gradient = memory_new(n_cells, sizeof *gradient);
  if (gradient == NULL) {
    return error_memory(error, n_cells * sizeof *gradient, "the gradient of a table");
  }
  *value = table2_value(spec, counts, n_classes, gradient);
  if (se != NULL) {
    *se = table2_se(counts, gradient, n_classes);
  }
  memory_free(gradient);
  return NONET_OK;
}
