/*
 * What is wrong with single columns.
 *
 *   missingness      share of rows where the column has no value; Wilson
 *   missingness@by_class  its largest share in a class less its smallest; Newcombe
 *   constant_columns columns of one value (or of none); of all rows
 *   id_columns       columns that look like names of rows: whole numbers or texts, none twice
 *   leaking_columns  how much the column alone tells of the label (data_tells.h)
 *   outliers         share of the values beyond the outer fences, q1 − 3·IQR and q3 + 3·IQR (Tukey
 *                    1977); Wilson
 *   drift            how much the column tells of whether a row is of the earlier or later half of
 *                    the time (data_tells.h)
 *
 * Cases:
 *  1. Missing values are counted in all rows, as are constants; the others are of the frame, and a
 *     note says so when it holds fewer rows than there are.
 *  2. IQR 0: more than half of the values are one, and every other one would be an outlier: no
 *     value.
 *  3. A column that looks like a name tells the label of the rows it was seen with, and nothing of
 *     others: it has no leak to measure.
 *  4. Times that are missing do not count; the later half is what lies above the median. The time
 *     itself names no row, though none may stand twice.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/data/data_facts.h"
#include "measure/data/data_tells.h"
#include "measure/hood_rows.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/difference.h"
#include "stats/interval.h"

#define ALL_TASKS (FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION)
#define FENCE 3.0

static bool is_time(const struct view *view, size_t c) {
  return view->facts->time != NULL && strcmp(view->frame->columns[c].name, view->facts->time) == 0;
}

/* ---- missing values ---- */

struct gap { /* of the classes where most and least is missing */
  double most, n_most, least, n_least;
};

static void gap_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct gap *gap = law->context;
  const struct interval found =
      difference_newcombe(gap->most, gap->n_most, gap->least, gap->n_least, level);
  *low = found.low;
  *high = found.high;
}

static void gap_of(const struct measure *measure, struct view *view,
                   const struct profile_column *column, struct inference *law) {
  const struct data_profile *profile = &view->facts->profile;
  struct gap *gap = view_arena(view, 1, sizeof *gap);
  size_t most = 0, least = 0, n = 0;
  double share[2] = {-1, 2};
  for (size_t c = 0; c < profile->n_classes; c++) {
    if (profile->class_rows[c] > 0) {
      const double x = (double)column->null_of[c] / (double)profile->class_rows[c];
      n++;
      most = x > share[0] ? c : most;
      least = x < share[1] ? c : least;
      share[0] = fmax(share[0], x);
      share[1] = fmin(share[1], x);
    }
  }
  if (gap == NULL || n < 2) {
    law_missing(view, measure, law, "fewer than two classes with rows");
    return;
  }
  *gap = (struct gap){(double)column->null_of[most], (double)profile->class_rows[most],
                      (double)column->null_of[least], (double)profile->class_rows[least]};
  *law = law_start(measure, INFERENCE_LIMITS, "newcombe", false);
  law->value = share[0] - share[1];
  law->bounds = gap_bounds;
  law->context = gap;
  view->n = view->n_effective = gap->n_most + gap->n_least;
  view_note(view, "most in %s (%.3g %%), least in %s (%.3g %%)", view->set->roles.classes[most],
            100 * share[0], view->set->roles.classes[least], 100 * share[1]);
}

static nonet_status missing_each(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 measure_sink sink, void *context, nonet_error *error) {
  const struct data_profile *profile = &view->facts->profile;
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < profile->n_columns && status == NONET_OK; c++) {
    const struct profile_column *column = &profile->columns[c];
    struct inference law;
    view->n_notes = 0;
    if (variant->number[0] != 0) {
      if (column->n_null == 0) { /* nothing to compare */
        continue;
      }
      gap_of(measure, view, column, &law);
    } else {
      law_wilson(measure, view, (double)column->n_null, (double)profile->n_rows, &law);
    }
    status = sink(context, -1, column->name, &law, error);
  }
  return status;
}

static const struct measure_variant missing_variants[] = {
    {.suffix = "", .tasks = ALL_TASKS, .number = {0}},
    {.suffix = "by_class", .tasks = FOR_BINARY | FOR_MULTICLASS, .number = {1}},
    {.suffix = NULL}};

/* ---- columns of a kind, counted ---- */

enum counted { COUNTED_CONSTANTS, COUNTED_IDS };

static nonet_status count_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  const struct data_profile *profile = &view->facts->profile;
  const bool is_id = measure->function == COUNTED_IDS;
  const size_t n = is_id ? view->frame->n_columns : profile->n_columns;
  struct text names = {0};
  size_t n_found = 0, n_beside = 0;
  nonet_status status = NONET_OK;
  (void)variant;
  (void)stream;
  for (size_t c = 0; c < n && status == NONET_OK; c++) {
    n_beside += is_id && view->frame->columns[c].is_beside;
    const bool is_it = is_id ? hood_rows_is_id(view->frame, c, &status, error) && !is_time(view, c)
                             : profile->columns[c].is_constant;
    if (is_it) {
      text_printf(&names, "%s%s", n_found++ == 0 ? "" : ", ",
                  is_id ? view->frame->columns[c].name : profile->columns[c].name);
    }
  }
  *out = law_start(measure, INFERENCE_EXACT, "exact", false);
  out->value = (double)n_found;
  view->n = view->n_effective = (double)(n - n_beside);
  if (names.failed && status == NONET_OK) {
    status = error_memory(error, names.length, "the columns' names");
  } else if (n_found > 0 && status == NONET_OK) {
    view_note(view, "%s", names.data);
  }
  if (is_id) {
    view_note_sample(view, view->frame->n_rows); /* 1 */
  }
  text_clear(&names);
  return status;
}

/* ---- outliers ---- */

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void outliers_of(const struct measure *measure, struct view *view, double *value, size_t n,
                        struct inference *law) {
  double n_beyond = 0;
  qsort(value, n, sizeof *value, compare_double);
  const double q1 = interval_quantile7(value, n, 0.25), q3 = interval_quantile7(value, n, 0.75);
  if (!(q3 > q1)) { /* 2 */
    law_missing(view, measure, law, "half of the values are one: there is no spread to measure by");
    return;
  }
  for (size_t i = 0; i < n; i++) {
    n_beyond += value[i] < q1 - FENCE * (q3 - q1) || value[i] > q3 + FENCE * (q3 - q1);
  }
  law_wilson(measure, view, n_beyond, (double)n, law);
  view_note(view, "fences %.6g and %.6g", q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1));
}

static nonet_status outliers_each(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  measure_sink sink, void *context, nonet_error *error) {
  const struct frame *frame = view->frame;
  double *value = memory_new(frame->n_rows + 1, sizeof *value);
  nonet_status status =
      value != NULL ? NONET_OK : error_memory(error, frame->n_rows * sizeof *value, "a column");
  (void)variant;
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK; c++) {
    const struct frame_column *column = &frame->columns[c];
    struct inference law;
    size_t n = 0;
    if (column->kind != FRAME_NUMBER || is_time(view, c)) {
      continue;
    }
    for (size_t i = 0; i < frame->n_rows; i++) {
      if (isfinite(column->number[i])) {
        value[n++] = column->number[i];
      }
    }
    if (n == 0) {
      continue;
    }
    view->n_notes = 0;
    outliers_of(measure, view, value, n, &law);
    view_note_sample(view, view->frame->n_rows); /* 1 */
    status = sink(context, -1, column->name, &law, error);
  }
  memory_free(value);
  return status;
}

/* ---- what a column tells ---- */

static void tells_bounds(const struct inference *law, double level, double *low, double *high) {
  data_tells_limits(law->context, level, low, high);
}

static nonet_status write_tells(const struct measure *measure, struct view *view, size_t c,
                                const struct tells *found, measure_sink sink, void *context,
                                nonet_error *error) {
  struct tells *kept = view_arena(view, 1, sizeof *kept);
  struct inference law = law_start(measure, INFERENCE_LIMITS, data_tells_method(found), false);
  if (kept == NULL) {
    return error_memory(error, sizeof *kept, "what a column tells");
  }
  *kept = *found;
  law.value = found->value;
  law.bounds = tells_bounds;
  law.context = kept;
  view->n_notes = 0;
  view->n = view->n_effective = found->n;
  if (found->kind == TELLS_AUC) {
    view_note(view, "AUC of the column alone %.4g", found->auc);
  }
  view_note_sample(view, view->frame->n_rows); /* 1 */
  return sink(context, -1, view->frame->columns[c].name, &law, error);
}

static nonet_status leaks_each(const struct measure *measure, const struct measure_variant *variant,
                               struct view *view, measure_sink sink, void *context,
                               nonet_error *error) {
  const struct frame *frame = view->frame;
  const size_t n_threads = view->options->n_threads;
  nonet_status status = NONET_OK;
  (void)variant;
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK; c++) {
    struct tells found = {.kind = TELLS_NOTHING};
    if (hood_rows_is_id(frame, c, &status, error) || is_time(view, c)) { /* 3 */
      continue;
    }
    if (status == NONET_OK && frame->label != NULL) {
      status = data_tells_class(&frame->columns[c], frame->label, frame->n_rows,
                                view->set->roles.n_classes, n_threads, &found, error);
    } else if (status == NONET_OK && frame->target != NULL &&
               frame->columns[c].kind == FRAME_NUMBER) {
      status = data_tells_number(&frame->columns[c], frame->target, frame->n_rows, n_threads,
                                 &found, error);
    }
    if (status == NONET_OK && found.kind != TELLS_NOTHING) {
      status = write_tells(measure, view, c, &found, sink, context, error);
    }
  }
  return status;
}

/* NaN: missing. A text's code is its place among the sorted texts (run/time_column.h). */
static double time_of(const struct frame_column *time, size_t i) {
  if (time->kind == FRAME_NUMBER) {
    return time->number[i];
  }
  return time->code[i] == FRAME_NULL ? NAN : (double)time->code[i];
}

/* Case 4: 1 for rows of the later half, 0 for the earlier one. */
static nonet_status halves_of(const struct frame_column *time, size_t n, uint32_t *half,
                              nonet_error *error) {
  double *at = memory_new(n + 1, sizeof *at);
  size_t k = 0;
  if (at == NULL) {
    return error_memory(error, n * sizeof *at, "the times of rows");
  }
  for (size_t i = 0; i < n; i++) {
    const double t = time_of(time, i);
    if (isfinite(t)) {
      at[k++] = t;
    }
  }
  qsort(at, k, sizeof *at, compare_double);
  const double median = k > 0 ? interval_quantile7(at, k, 0.5) : NAN;
  for (size_t i = 0; i < n; i++) {
    const double t = time_of(time, i);
    half[i] = isfinite(t) ? t > median : TELLS_NO_CLASS;
  }
  memory_free(at);
  return NONET_OK;
}

static nonet_status drift_each(const struct measure *measure, const struct measure_variant *variant,
                               struct view *view, measure_sink sink, void *context,
                               nonet_error *error) {
  const struct frame *frame = view->frame;
  const struct frame_column *time = frame_find(frame, view->facts->time);
  uint32_t *half = memory_new(frame->n_rows + 1, sizeof *half);
  nonet_status status =
      half != NULL ? NONET_OK : error_memory(error, frame->n_rows * sizeof *half, "the times");
  (void)variant;
  if (status == NONET_OK && time != NULL) {
    status = halves_of(time, frame->n_rows, half, error);
  }
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK && time != NULL; c++) {
    struct tells found;
    if (hood_rows_is_id(frame, c, &status, error) || is_time(view, c) || status != NONET_OK) {
      continue;
    }
    status = data_tells_class(&frame->columns[c], half, frame->n_rows, 2, view->options->n_threads,
                              &found, error);
    if (status == NONET_OK && found.kind != TELLS_NOTHING) {
      status = write_tells(measure, view, c, &found, sink, context, error);
    }
  }
  memory_free(half);
  return status;
}

#define COLUMNS(name)                                                                              \
  .id = "data." #name, .attribute = ATTRIBUTE_DATA, .tasks = ALL_TASKS, .scopes = IN_ALL,          \
  .kinds = SUMMARY_COUNT_TABLE, .direction = DIRECTION_LOWER, .never_gated = true

const struct measure data_missingness = {
    COLUMNS(missingness),
    .title = "Missing values",
    .definition =
        "Share of rows where the column has no value; by_class: its largest share in a class "
        "less its smallest.",
    .formula = "nulls / n",
    .source = "a count",
    .unit = "",
    .range = {0, 1},
    .needs = NEEDS_FEATURES,
    .cost = COST_SCAN,
    .interval = "wilson; between classes newcombe",
    .interval_weighted = "the same; rows are counted, not weighted",
    .variants = missing_variants,
    .each = missing_each,
};

const struct measure data_constant_columns = {
    COLUMNS(constant_columns),
    .title = "Columns of one value",
    .definition = "How many columns have the same value in every row where they have one.",
    .formula = "a count",
    .source = "a count",
    .unit = "columns",
    .range = {0, INFINITY},
    .needs = NEEDS_FEATURES,
    .cost = COST_SCAN,
    .interval = "exact",
    .interval_weighted = "exact",
    .function = COUNTED_CONSTANTS,
    .estimate = count_estimate,
};

const struct measure data_id_columns = {
    COLUMNS(id_columns),
    .title = "Columns that look like names of rows",
    .definition = "How many columns of whole numbers or texts hold no value twice.",
    .formula = "a count, from 100 values on",
    .source = "a count",
    .unit = "columns",
    .range = {0, INFINITY},
    .needs = NEEDS_FEATURES,
    .cost = COST_SORT,
    .interval = "exact",
    .interval_weighted = "exact",
    .function = COUNTED_IDS,
    .estimate = count_estimate,
};

const struct measure data_leaking_columns = {
    COLUMNS(leaking_columns),
    .title = "What a column alone tells of the label",
    .definition = "From 0, nothing, to 1, everything: |2·AUC − 1| for numbers, Cramer's V without "
                  "its bias for categories, |Spearman's rho| where the label is a number.",
    .formula = "of several classes, the one that the column tells best",
    .source = "DeLong 1988; Bergsma 2013; Kaufman et al. 2012",
    .unit = "",
    .range = {0, 1},
    .needs = NEEDS_FEATURES | NEEDS_LABEL,
    .cost = COST_SORT,
    .interval = "delong, chi-square or fisher-z",
    .interval_weighted = "the same; rows are counted, not weighted",
    .each = leaks_each,
};

const struct measure data_outliers = {
    COLUMNS(outliers),
    .title = "Values far outside",
    .definition = "Share of the values of a column beyond Tukey's outer fences.",
    .formula = "x < q1 − 3·IQR or x > q3 + 3·IQR",
    .source = "Tukey 1977",
    .unit = "",
    .range = {0, 1},
    .needs = NEEDS_FEATURES,
    .cost = COST_SORT,
    .interval = "wilson",
    .interval_weighted = "wilson; rows are counted, not weighted",
    .each = outliers_each,
};

const struct measure data_drift = {
    COLUMNS(drift),
    .title = "Drift over time",
    .definition = "How much a column tells of whether a row is of the earlier or the later half of "
                  "the time: from 0, nothing, to 1, everything.",
    .formula = "as leaking_columns, with the half of the time for the label",
    .source = "Lopez-Paz & Oquab 2017, with one column for the classifier",
    .unit = "",
    .range = {0, 1},
    .needs = NEEDS_FEATURES | NEEDS_TIME,
    .cost = COST_SORT,
    .interval = "delong, chi-square or fisher-z",
    .interval_weighted = "the same; rows are counted, not weighted",
    .each = drift_each,
};
