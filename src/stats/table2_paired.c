/*
 * The difference of a table function between two predictions of the same rows, with its standard
 * error.
 *
 * The raw delta method takes its variance from the discordant cells alone; where these hold a
 * handful of rows it calls harms safe. Four pseudo-rows, one in each discordant cell of the binary
 * 2x2x2 table, repair that (Agresti & Min 2005 do the same for proportions); with more classes the
 * same four rows are spread evenly. The estimate stays that of the raw table.
 *
 * 1. An undefined value or gradient gives NaN. 2. A relative margin is the contrast θ_A -
 * ratio·θ_B.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/table2.h"

void table2_paired_margins(const double *joint, size_t n_classes, double *table_a,
                           double *table_b) {
  size_t k = n_classes;
  for (size_t c = 0; c < k * k; c++) {
    double sum_a = 0, sum_b = 0;
    for (size_t other = 0; other < k; other++) {
      sum_a += joint[c * k + other];
      sum_b += joint[(c / k * k + other) * k + c % k];
    }
    if (table_a != NULL) {
      table_a[c] = sum_a;
    }
    if (table_b != NULL) {
      table_b[c] = sum_b;
    }
  }
}

struct paired_work {
  double *table_a, *table_b, *gradient_a, *gradient_b;
};

/* √Σ joint'·(gA - ratio·gB)², joint' with `raise` more in every discordant cell; gradients at its
 * margins */
static double contrast_se(const struct table2_spec *spec, const double *joint, size_t k,
                          double ratio, double raise, const struct paired_work *work) {
  table2_paired_margins(joint, k, work->table_a, work->table_b);
  for (size_t c = 0; c < k * k; c++) {
    work->table_a[c] += raise * (double)(k - 1);
    work->table_b[c] += raise * (double)(k - 1);
  }
  (void)table2_value(spec, work->table_a, k, work->gradient_a);
  (void)table2_value(spec, work->table_b, k, work->gradient_b);
  double variance = 0;
  for (size_t c = 0; c < k * k * k; c++) {
    size_t label = c / (k * k), a = c / k % k, b = c % k;
    double influence = work->gradient_a[label * k + a] - ratio * work->gradient_b[label * k + b];
    variance += (joint[c] + (a == b ? 0 : raise)) * influence * influence;
  }
  return sqrt(variance);
}

nonet_status table2_paired_contrast(const struct table2_spec *spec, const double *joint,
                                    size_t n_classes, double ratio,
                                    struct table2_difference *difference, nonet_error *error) {
  size_t k = n_classes, n_cells = k * k;
  double *block = memory_new(4 * n_cells, sizeof *block);
  if (block == NULL || k < 2) {
    nonet_status status =
        block == NULL
            ? error_memory(error, 4 * n_cells * sizeof *block, "a paired table")
            : error_set(error, NONET_E_INTERNAL, "a paired table needs two classes or more");
    memory_free(block);
    return status;
  }
  struct paired_work work = {block, block + n_cells, block + 2 * n_cells, block + 3 * n_cells};
  double raise = 4 / ((double)k * (double)k * (double)(k - 1));
  difference->se = contrast_se(spec, joint, k, ratio, raise, &work);
  difference->se_raw = contrast_se(spec, joint, k, ratio, 0, &work);
  table2_paired_margins(joint, k, work.table_a, work.table_b);
  difference->value_a = table2_value(spec, work.table_a, k, NULL);
  difference->value_b = table2_value(spec, work.table_b, k, NULL);
  difference->difference = difference->value_a - ratio * difference->value_b;
  if (isnan(difference->difference)) {
    difference->se = difference->se_raw = NAN; /* 1 */
  }
  memory_free(block);
  return NONET_OK;
}

nonet_status table2_paired_difference(const struct table2_spec *spec, const double *joint,
                                      size_t n_classes, struct table2_difference *difference,
                                      nonet_error *error) {
  return table2_paired_contrast(spec, joint, n_classes, 1, difference, error);
}
