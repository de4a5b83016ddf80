/*
 * Numbers read off the ROC, precision-recall and gain curves: partial AUC, average precision, the
 * best point under a condition, lift and gain.
 *
 * Values of plain rows come from sorted scores (stats/curve.h); replicates from the steps of the
 * curve (rank_steps.h), all numbers with their default parameters off the same steps.
 *
 * The cases:
 *  1. The value on plain rows comes from sorted scores alone; with weights or clusters from the
 * rows.
 *  2. More than VIEW_MOST_ROWS plain rows, one stream: rows are gathered into at most 8,192 score
 * groups before they are drawn. A group ends where ½(TPR + FPR) crosses the next multiple of
 * 1/8,192, so that rare positives keep a group each and no scale of scores matters; ties are never
 *     parted. The group's positives and negatives are drawn as Poisson(count): the same law as
 * drawing rows. What the gathering itself moves (below 1/8,192) is taken off: replicates are
 * shifted by the value on rows less the value on groups. Beyond PAIR_MOST_ROWS rows a pair has a
 * difference and no interval, as its two orders cannot be gathered together.
 *  3. Average precision: logit limits with the bootstrap's standard error, a difference without
 * logit; with fewer than 50 positives no interval (judgement.md §8). All others: percentile.
 *  4. Paired: the difference within each replicate. It must not decide when fewer than 10 rows have
 * two scores, or with few clusters.
 *  5. The best over thresholds is too good on the rows that chose it, and twice so in a replicate:
 *     the replicates of f1_best and recall_at_precision are shifted by twice their mean excess. A
 *     difference does not need it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "measure/correctness/rank_steps.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/curve.h"
#include "stats/resample.h"
#include "stats/sortkey.h"

#define GROUPS_MOST 8192
#define PAIR_MOST_ROWS 1000000
#define FEW_POSITIVES 50

static const struct rank_spec defaults[] = {{RANK_AUC_PARTIAL, 0.1, false},
                                            {RANK_RECALL_AT_PRECISION, 0.9, false},
                                            {RANK_PRECISION_AT_RECALL, 0.9, false},
                                            {RANK_TPR_AT_FPR, 0.01, false},
                                            {RANK_F1_BEST, 0, false},
                                            {RANK_LIFT_AT, 0.1, false},
                                            {RANK_GAIN, 0.1, false}};
#define N_DEFAULTS (sizeof defaults / sizeof *defaults)

static struct rank_spec spec_of(const struct measure *measure,
                                const struct measure_variant *variant) {
  return (struct rank_spec){(enum rank_function)measure->function, variant->number[0],
                            variant->word != NULL && strcmp(variant->word, "mcclish") == 0};
}

static bool same_spec(struct rank_spec a, struct rank_spec b) {
  return a.function == b.function && a.number == b.number && a.is_corrected == b.is_corrected;
}

static double source_value(const struct curve_source *source, struct rank_spec spec) {
  switch (spec.function) {
  case RANK_AUC_PARTIAL:
    return curve_auc_partial(source, CURVE_SPECIFICITY, 1, 1 - spec.number, spec.is_corrected);
  case RANK_AVERAGE_PRECISION:
    return curve_average_precision(source);
  case RANK_RECALL_AT_PRECISION:
    return curve_recall_at_precision(source, spec.number);
  case RANK_PRECISION_AT_RECALL:
    return curve_precision_at_recall(source, spec.number);
  case RANK_TPR_AT_FPR:
    return curve_tpr_at_fpr(source, spec.number);
  case RANK_F1_BEST:
    return curve_best_f1(source, NULL);
  case RANK_LIFT_AT:
    return curve_lift_at(source, spec.number);
  case RANK_GAIN:
    return curve_gain(source, spec.number);
  }
  return NAN;
}

/* ---- replicates ---- */

/* The defaults go through the curve together, average precision and all others alone. `stream` 2:
 * the pair. */
static size_t choose_specs(const struct rank_spec *asked, int stream,
                           const struct rank_spec **specs, size_t *n_specs, size_t *tag) {
  for (size_t k = 0; k < N_DEFAULTS; k++) {
    if (same_spec(defaults[k], *asked)) {
      *specs = defaults;
      *n_specs = N_DEFAULTS;
      *tag = (size_t)stream;
      return k;
    }
  }
  *specs = asked;
  *n_specs = 1;
  uint64_t which =
      (uint64_t)asked->function * 16 + (asked->is_corrected ? 8 : 0) + (uint64_t)stream;
  *tag = (size_t)hash_mix(hash_64(&asked->number, sizeof asked->number, 1), which) | 16;
  return 0;
}

struct rank_kept { /* case 2: in the arena, found from view->rank_curve */
  struct rank_kept *next;
  size_t tag;
  double *columns; /* [n_specs][B], each sorted */
  size_t n[N_DEFAULTS];
  double value[N_DEFAULTS]; /* on the groups as they are */
};

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static uint64_t key_at(const struct score_keys *keys, int c, uint64_t i) {
  return keys->is_32 ? keys->keys32[c][i] : keys->keys64[c][i];
}

/* One score, the highest that is left: how many of each class. */
static bool next_score(const struct score_keys *keys, uint64_t left[2], uint64_t entered[2]) {
  if (left[0] == 0 && left[1] == 0) {
    return false;
  }
  int top =
      left[0] == 0 || (left[1] > 0 && key_at(keys, 1, left[1] - 1) > key_at(keys, 0, left[0] - 1));
  uint64_t key = key_at(keys, top, left[top] - 1);
  for (int c = 0; c < 2; c++) {
    uint64_t before = left[c];
    while (left[c] > 0 && key_at(keys, c, left[c] - 1) == key) {
      left[c]--;
    }
    entered[c] = before - left[c];
  }
  return true;
}

/* Cells (group, class) with a row, at most 2·(GROUPS_MOST + 1); `order`, `keys` and `count` have
 * that many places. 2 */
static void gather_cells(const struct score_keys *keys, struct rank_order *order,
                         uint64_t *cell_key, uint64_t *count) {
  uint64_t left[2] = {keys->n[0], keys->n[1]}, entered[2], group[2] = {0, 0};
  double next = 1.0 / GROUPS_MOST;
  uint64_t number = 0;
  order->n = 0;
  while (next_score(keys, left, entered)) {
    group[0] += entered[0];
    group[1] += entered[1];
    double way = 0.5 * ((double)(keys->n[0] - left[0]) / (double)keys->n[0] +
                        (double)(keys->n[1] - left[1]) / (double)keys->n[1]);
    if (way < next && left[0] + left[1] > 0) {
      continue;
    }
    for (uint8_t c = 0; c < 2; c++) {
      if (group[c] > 0) {
        order->positive[order->n] = c;
        order->closes[order->n] = 0;
        cell_key[order->n] = hash_mix(hash_mix(0x72616e6b67726f75ULL, c), number);
        count[order->n++] = group[c];
      }
    }
    order->closes[order->n - 1] = 1;
    group[0] = group[1] = 0;
    number++;
    next = (floor(way * GROUPS_MOST) + 1) / GROUPS_MOST;
  }
}

static size_t n_asked(const struct view *view) {
  return view->options->n_replicates > 0 ? view->options->n_replicates : 1000;
}

static nonet_status keep_columns(struct view *view, const double *raw, size_t n_specs, size_t tag,
                                 struct rank_kept **kept, nonet_error *error) {
  size_t b = n_asked(view);
  *kept = view_arena(view, 1, sizeof **kept);
  double *columns = view_arena(view, n_specs * b, sizeof *columns);
  if (*kept == NULL || columns == NULL) {
    return error_memory(error, n_specs * b * sizeof *columns, "bootstrap replicates");
  }
  **kept = (struct rank_kept){.next = view->rank_curve, .tag = tag, .columns = columns};
  for (size_t k = 0; k < n_specs; k++) {
    for (size_t r = 0; r < b; r++) {
      if (isfinite(raw[r * n_specs + k])) {
        columns[k * b + (*kept)->n[k]++] = raw[r * n_specs + k];
      }
    }
    qsort(columns + k * b, (*kept)->n[k], sizeof *columns, ascending);
  }
  view->rank_curve = *kept;
  return NONET_OK;
}

static nonet_status draw_cells(struct view *view, const struct score_keys *keys,
                               const struct rank_spec *specs, size_t n_specs, size_t tag,
                               struct rank_kept **kept, nonet_error *error) {
  const size_t most = 2 * (GROUPS_MOST + 1);
  struct rank_draw draw = {.spec = specs, .n_specs = n_specs};
  struct rank_order *order = &draw.order[0];
  order->positive = memory_new(most, 1);
  order->closes = memory_new(most, 1);
  uint64_t *cell_key = memory_new(most, sizeof *cell_key), *count = memory_new(most, sizeof *count);
  double *weights = memory_new(most, sizeof *weights);
  double *raw = memory_new(n_asked(view) * n_specs, sizeof *raw);
  struct rank_steps steps = rank_steps_new(most);
  nonet_status status = NONET_OK;
  if (order->positive == NULL || order->closes == NULL || cell_key == NULL || count == NULL ||
      weights == NULL || raw == NULL || steps.tp == NULL) {
    status = error_memory(error, most * 5 * sizeof(double), "the bootstrap of score groups");
    goto done;
  }
  gather_cells(keys, order, cell_key, count);
  const struct resample_rows drawn = {.seed = view->options->seed,
                                      .stream = PHILOX_BOOTSTRAP,
                                      .keys = cell_key,
                                      .count = count,
                                      .n = order->n};
  const size_t n_threads = view->options->n_threads > 0 ? view->options->n_threads : 1;
  status = rank_steps_draw(&draw, &drawn, n_asked(view), n_threads, raw, error);
  if (status == NONET_OK) {
    status = keep_columns(view, raw, n_specs, tag, kept, error);
  }
  if (status == NONET_OK) {
    for (size_t i = 0; i < order->n; i++) {
      weights[i] = (double)count[i];
    }
    rank_steps_fill(order, weights, &steps);
    for (size_t k = 0; k < n_specs; k++) {
      (*kept)->value[k] = rank_steps_value(&steps, specs[k]);
    }
  }
done:
  rank_order_clear(order);
  rank_steps_free(&steps);
  memory_free(cell_key);
  memory_free(count);
  memory_free(weights);
  memory_free(raw);
  return status;
}

static nonet_status replicates_of_cells(struct view *view, const struct score_keys *keys,
                                        int stream, struct rank_spec asked, double value,
                                        const double **replicates, size_t *n_replicates,
                                        nonet_error *error) {
  const struct rank_spec *specs;
  size_t n_specs, tag, k = choose_specs(&asked, stream, &specs, &n_specs, &tag);
  struct rank_kept *kept = view->rank_curve;
  while (kept != NULL && kept->tag != tag) {
    kept = kept->next;
  }
  if (kept == NULL) {
    nonet_status status = draw_cells(view, keys, specs, n_specs, tag, &kept, error);
    if (status != NONET_OK) {
      return status;
    }
  }
  double *shifted = view_arena(view, kept->n[k], sizeof *shifted);
  if (shifted == NULL) {
    return error_memory(error, kept->n[k] * sizeof *shifted, "bootstrap replicates");
  }
  for (size_t r = 0; r < kept->n[k]; r++) {
    shifted[r] = kept->columns[k * n_asked(view) + r] + (value - kept->value[k]); /* 2 */
  }
  *replicates = shifted;
  *n_replicates = kept->n[k];
  return NONET_OK;
}

static nonet_status draw_rows(const void *context, const struct resample_rows *rows,
                              size_t n_replicates, size_t n_threads, double *raw,
                              nonet_error *error) {
  return rank_steps_draw_rows(context, rows, n_replicates, n_threads, raw, error);
}

/* `stream` 2: the pair. The values of the streams on the rows come with it when asked for. */
static nonet_status replicates_of_rows(struct view *view, int stream, struct rank_spec asked,
                                       double *values, const double **replicates,
                                       size_t *n_replicates, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t tag, k;
  struct rank_draw draw = {.is_pair = stream == 2, .weight = rows->weight};
  k = choose_specs(&asked, stream, &draw.spec, &draw.n_specs, &tag);
  double *weights = memory_new(rows->n, sizeof *weights);
  struct rank_steps steps = rank_steps_new(rows->n);
  if (weights == NULL || steps.tp == NULL) {
    status = error_memory(error, rows->n * 24, "steps of a curve");
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    weights[i] = (rows->count == NULL ? 1 : (double)rows->count[i]) *
                 (rows->weight == NULL ? 1 : rows->weight[i]);
  }
  for (int s = 0; s < (draw.is_pair ? 2 : 1) && status == NONET_OK; s++) {
    status = rank_order_rows(rows, draw.is_pair ? s : stream, view->options->n_threads,
                             &draw.order[s], error);
    if (status == NONET_OK) {
      rank_steps_fill(&draw.order[s], weights, &steps);
      values[s] = rank_steps_value(&steps, asked);
    }
  }
  const double *const *columns;
  const size_t *n;
  *n_replicates = 0;
  if (status == NONET_OK && !isnan(values[0]) &&
      (!draw.is_pair || (!isnan(values[1]) && rows->n <= PAIR_MOST_ROWS))) {
    status = view_bootstrap_drawn(view, draw_rows, &draw, tag, draw.n_specs, &columns, &n, error);
    *replicates = status == NONET_OK ? columns[k] : NULL;
    *n_replicates = status == NONET_OK ? n[k] : 0;
  }
done:
  rank_order_clear(&draw.order[0]);
  rank_order_clear(&draw.order[1]);
  memory_free(weights);
  rank_steps_free(&steps);
  return status;
}

/* ---- the two functions of the records ---- */

/* The best over thresholds chosen on the same rows. */
static bool is_best(const struct measure *measure) {
  return measure->function == RANK_F1_BEST || measure->function == RANK_RECALL_AT_PRECISION;
}

/* 5 */
static nonet_status unbias(struct view *view, double value, const double **replicates, size_t n,
                           nonet_error *error) {
  double *shifted = view_arena(view, n, sizeof *shifted), bias = 0;
  if (shifted == NULL) {
    return error_memory(error, n * sizeof *shifted, "bootstrap replicates");
  }
  for (size_t r = 0; r < n; r++) {
    bias += ((*replicates)[r] - value) / (double)n;
  }
  for (size_t r = 0; r < n; r++) {
    shifted[r] = (*replicates)[r] - 2 * bias;
  }
  *replicates = shifted;
  return NONET_OK;
}

static nonet_status rank_law(const struct measure *measure, struct view *view, double value,
                             double n_positives, const double *replicates, size_t n_replicates,
                             bool is_pair, struct inference *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  if (measure->function != RANK_AVERAGE_PRECISION) {
    if (!is_pair && is_best(measure)) {
      status = unbias(view, value, &replicates, n_replicates, error);
    }
    if (status == NONET_OK) {
      law_replicates(measure, view, value, replicates, n_replicates, NAN, is_pair, out);
    }
  } else if (n_positives < FEW_POSITIVES) {
    law_no_interval(view, measure, value, out,
                    "%.0f positive rows are fewer than %d: the bootstrap of the average precision "
                    "does not hold",
                    n_positives, FEW_POSITIVES); /* 3 */
  } else {
    law_replicates_se(measure, view, value, replicates, n_replicates,
                      is_pair ? SCALE_IDENTITY : SCALE_LOGIT, is_pair, out);
  }
  return status;
}

static void one_class(const struct measure *measure, struct view *view, double n_negatives,
                      double n_positives, struct inference *out) {
  law_missing(view, measure, out,
              n_negatives + n_positives == 0 ? "no rows"
              : n_positives > 0              ? "no negative rows"
                                             : "no positive rows");
}

static nonet_status rank_plain(const struct measure *measure, struct rank_spec spec,
                               struct view *view, int stream, struct inference *out,
                               nonet_error *error) {
  const struct score_keys *keys;
  nonet_status status = view_keys(view, stream, 0, &keys, error);
  if (status != NONET_OK) {
    return status;
  }
  double n = (double)(keys->n[0] + keys->n[1]);
  if (keys->n[0] == 0 || keys->n[1] == 0) {
    one_class(measure, view, (double)keys->n[0], (double)keys->n[1], out);
    return NONET_OK;
  }
  struct curve_source source = {.is_joint = false};
  for (int c = 0; c < 2; c++) {
    source.rows[c] = (struct curve_rows){.keys32 = keys->is_32 ? keys->keys32[c] : NULL,
                                         .keys64 = keys->is_32 ? NULL : keys->keys64[c],
                                         .n = (size_t)keys->n[c]};
  }
  source.n_negatives = (double)keys->n[0];
  source.n_positives = (double)keys->n[1];
  double value = source_value(&source, spec), again[2];
  view->n = view->n_effective = n;
  if (isnan(value)) {
    law_missing(view, measure, out,
                "the partial area is below that of a random order, where McClish's correction is "
                "not defined");
    return NONET_OK;
  }
  const double *replicates = NULL;
  size_t n_replicates = 0;
  bool by_cells = n > VIEW_MOST_ROWS; /* 2 */
  if (measure->function != RANK_AVERAGE_PRECISION || keys->n[1] >= FEW_POSITIVES) {
    status = by_cells
                 ? replicates_of_cells(view, keys, stream, spec, value, &replicates, &n_replicates,
                                       error)
                 : replicates_of_rows(view, stream, spec, again, &replicates, &n_replicates, error);
  }
  if (status == NONET_OK) {
    status = rank_law(measure, view, value, (double)keys->n[1], replicates, n_replicates, false,
                      out, error);
    if (status == NONET_OK && by_cells && out->kind != INFERENCE_MISSING) {
      out->method = view_sentence(view, "%s on %d score groups", out->method, GROUPS_MOST);
    }
  }
  return status;
}

static double count_rows(const struct row_set *rows, uint32_t label) {
  double n = 0;
  for (size_t i = 0; rows->label != NULL && i < rows->n; i++) {
    n += rows->label[i] != label ? 0 : rows->count == NULL ? 1 : (double)rows->count[i];
  }
  return n;
}

static nonet_status rank_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  struct rank_spec spec = spec_of(measure, variant);
  if (view->is_plain) {
    return rank_plain(measure, spec, view, stream, out, error); /* 1 */
  }
  const struct row_set *rows;
  const double *replicates = NULL;
  size_t n_replicates = 0, n_clusters;
  double values[2] = {NAN, NAN};
  nonet_status status = view_rows(view, &rows, error);
  if (status == NONET_OK) {
    status = replicates_of_rows(view, stream, spec, values, &replicates, &n_replicates, error);
  }
  if (status == NONET_OK) {
    status = view_size(view, &view->n, &view->n_effective, error);
  }
  if (status == NONET_OK) {
    status = view_clusters(view, &n_clusters, error);
  }
  if (status == NONET_OK && isnan(values[0])) {
    law_missing(view, measure, out,
                rows->n == 0 ? "no rows" : "no rows of one class, or their weights are 0");
  } else if (status == NONET_OK) {
    status = rank_law(measure, view, values[0], count_rows(rows, 1), replicates, n_replicates,
                      false, out, error);
  }
  return status;
}

/* 4 */
static nonet_status rank_undecided(struct view *view, const struct row_set *rows,
                                   struct inference *out, nonet_error *error) {
  bool *differs = memory_new(rows->n, sizeof *differs);
  if (differs == NULL) {
    return error_memory(error, rows->n, "marks of rows");
  }
  for (size_t i = 0; i < rows->n; i++) {
    differs[i] =
        rows->score[STREAM_A][i * rows->n_scores] != rows->score[STREAM_B][i * rows->n_scores];
  }
  struct view_linear linear = {NAN, NAN, 0, 0};
  nonet_status status = law_undecided(view, differs, &linear, out, error);
  memory_free(differs);
  return status;
}

static nonet_status rank_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  const double *replicates = NULL;
  size_t n_replicates = 0;
  double values[2] = {NAN, NAN};
  nonet_status status = view_rows(view, &rows, error);
  if (status == NONET_OK) {
    status = replicates_of_rows(view, 2, spec_of(measure, variant), values, &replicates,
                                &n_replicates, error);
  }
  if (status == NONET_OK) {
    status = view_size(view, &view->n, &view->n_effective, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  if (isnan(values[0]) || isnan(values[1])) {
    one_class(measure, view, count_rows(rows, 0), count_rows(rows, 1), out);
    return NONET_OK;
  }
  double difference = values[0] - values[1];
  if (rows->n > PAIR_MOST_ROWS) {
    law_no_interval(view, measure, difference, out,
                    "%zu distinct rows are more than the %d of the paired bootstrap", rows->n,
                    PAIR_MOST_ROWS); /* 2 */
  } else {
    status = rank_law(measure, view, difference, count_rows(rows, 1), replicates, n_replicates,
                      true, out, error);
  }
  out->pair_value[0] = values[0];
  out->pair_value[1] = values[1];
  return status == NONET_OK ? rank_undecided(view, rows, out, error) : status;
}

/* ---- variants and records ---- */

static bool parse_share(const char *text, bool may_correct, struct measure_variant *variant) {
  char *rest;
  if (!(*text >= '0' && *text <= '9')) {
    return false;
  }
  void *previous = c_locale_enter();
  double number = strtod(text, &rest);
  c_locale_leave(previous);
  *variant = (struct measure_variant){.suffix = text, .number = {number}};
  if (may_correct && strcmp(rest, ";mcclish") == 0) {
    variant->word = "mcclish";
    rest += strlen(rest);
  }
  return *rest == '\0' && number > 0 && number < 1;
}

static bool parse_number(const char *suffix, struct measure_variant *variant) {
  return parse_share(suffix, false, variant);
}

static bool parse_partial(const char *suffix, struct measure_variant *variant) {
  return parse_share(suffix, true, variant);
}

static const struct measure_variant partial_variants[] = {
    {.suffix = "0.1", .tasks = FOR_BINARY, .number = {0.1}},
    {.suffix = "0.1;mcclish", .number = {0.1}, .word = "mcclish"},
    {.suffix = NULL}};
static const struct measure_variant at_tenth[] = {
    {.suffix = "0.1", .tasks = FOR_BINARY, .number = {0.1}}, {.suffix = NULL}};
static const struct measure_variant at_nine_tenths[] = {
    {.suffix = "0.9", .tasks = FOR_BINARY, .number = {0.9}}, {.suffix = NULL}};
static const struct measure_variant at_hundredth[] = {
    {.suffix = "0.01", .tasks = FOR_BINARY, .number = {0.01}}, {.suffix = NULL}};

#define RANK_RECORD                                                                                \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .direction = DIRECTION_HIGHER,                   \
  .tasks = FOR_BINARY, .needs = NEEDS_SCORE, .scopes = IN_ALL | IN_GROUP,                          \
  .kinds = SUMMARY_MULTISET, .cost = COST_BOOTSTRAP, .estimate = rank_estimate,                    \
  .compare = rank_compare

#define PERCENTILE                                                                                 \
  .interval = "bootstrap-percentile", .interval_weighted = "bootstrap by cluster, percentile"

const struct measure correctness_auc_partial = {
    RANK_RECORD,
    PERCENTILE,
    .id = "correctness.auc_partial",
    .title = "Partial AUC",
    .definition = "Area under the ROC curve from false positive rate 0 to the given one; "
                  "@0.1;mcclish maps it so that a random order has 0.5 and a "
                  "perfect one 1.",
    .formula = "integral of TPR over FPR from 0 to f; mcclish: (1 + (A - f^2/2) / (f - f^2/2)) / 2",
    .source = "McClish 1989; Robin et al. 2011 (pROC); interval: bootstrap percentile",
    .range = {0, 1},
    .function = RANK_AUC_PARTIAL,
    .variants = partial_variants,
    .parse_variant = parse_partial,
};

const struct measure correctness_average_precision = {
    RANK_RECORD,
    .interval = "bootstrap-logit",
    .interval_weighted = "bootstrap by cluster, standard error on the logit scale",
    .id = "correctness.average_precision",
    .title = "Average precision",
    .definition = "Precision averaged over the recall that each threshold adds, the rows of one "
                  "score entering together, without interpolation.",
    .formula = "sum over thresholds k of (R[k] - R[k-1]) P[k]",
    .source = "Davis & Goadrich 2006; Boyd, Eng & Page 2013; interval: logit with the bootstrap's "
              "standard error; null under 50 positives",
    .range = {0, 1},
    .function = RANK_AVERAGE_PRECISION,
};

const struct measure correctness_recall_at_precision = {
    RANK_RECORD,
    .interval = "bootstrap-bias-corrected",
    .interval_weighted = "bootstrap by cluster, bias-corrected percentile",
    .id = "correctness.recall_at_precision",
    .title = "Recall at a precision",
    .definition = "Largest recall over the thresholds at which the precision is at least the given "
                  "one; 0 when there is none.",
    .formula = "max of R[k] over k with P[k] >= p",
    .source = "Davis & Goadrich 2006; interval: bias-corrected bootstrap percentile",
    .range = {0, 1},
    .function = RANK_RECALL_AT_PRECISION,
    .variants = at_nine_tenths,
    .parse_variant = parse_number,
    .shortfall = "0.94 at n = 300 and 1,000 where the wanted precision is common; 0.87 where only "
                 "the highest scores reach it",
};

const struct measure correctness_precision_at_recall = {
    RANK_RECORD,
    PERCENTILE,
    .id = "correctness.precision_at_recall",
    .title = "Precision at a recall",
    .definition =
        "Largest precision over the thresholds at which the recall is at least the given one.",
    .formula = "max of P[k] over k with R[k] >= r",
    .source = "Davis & Goadrich 2006; interval: bootstrap percentile",
    .range = {0, 1},
    .function = RANK_PRECISION_AT_RECALL,
    .variants = at_nine_tenths,
    .parse_variant = parse_number,
};

const struct measure correctness_tpr_at_fpr = {
    RANK_RECORD,
    PERCENTILE,
    .id = "correctness.tpr_at_fpr",
    .title = "True positive rate at a false positive rate",
    .definition = "Largest true positive rate over the thresholds whose false positive rate is at "
                  "most the given one: a point of operation, not "
                  "interpolated.",
    .formula = "max of TPR[k] over k with FPR[k] <= f",
    .source = "Fawcett 2006; interval: bootstrap percentile",
    .range = {0, 1},
    .function = RANK_TPR_AT_FPR,
    .variants = at_hundredth,
    .parse_variant = parse_number,
    .shortfall = "0.79 where 100 negatives have few distinct scores; 0.94 with continuous scores",
};

const struct measure correctness_f1_best = {
    RANK_RECORD,
    .interval = "bootstrap-bias-corrected",
    .interval_weighted = "bootstrap by cluster, bias-corrected percentile",
    .id = "correctness.f1_best",
    .title = "Best F1",
    .definition = "Largest F1 over all thresholds; the threshold is chosen on the same rows, so "
                  "the value is somewhat too good.",
    .formula = "max over k of 2 TP[k] / (TP[k] + FP[k] + P)",
    .source = "Lipton, Elkan & Naryanaswamy 2014; interval: bias-corrected bootstrap percentile",
    .range = {0, 1},
    .function = RANK_F1_BEST,
};

const struct measure correctness_lift_at = {
    RANK_RECORD,
    PERCENTILE,
    .id = "correctness.lift_at",
    .title = "Lift",
    .definition = "How many times as many positives the given share of rows with the highest "
                  "scores holds as a random choice of as many would; a tie "
                  "at the cut counts in proportion.",
    .formula = "gain(s) / s = precision in the top s / prevalence",
    .source = "Piatetsky-Shapiro & Masand 1999; interval: bootstrap percentile",
    .range = {0, INFINITY},
    .function = RANK_LIFT_AT,
    .variants = at_tenth,
    .parse_variant = parse_number,
};

const struct measure correctness_gain = {
    RANK_RECORD,
    PERCENTILE,
    .id = "correctness.gain",
    .title = "Gain",
    .definition = "Share of the positives among the given share of rows with the highest scores; a "
                  "tie at the cut counts in proportion.",
    .formula = "TP in the top s / P",
    .source = "Piatetsky-Shapiro & Masand 1999; interval: bootstrap percentile",
    .range = {0, 1},
    .function = RANK_GAIN,
    .variants = at_tenth,
    .parse_variant = parse_number,
    .shortfall = "paired: 22 % false HARMED at n = 200 with 10 distinct scores; at most 3 % with "
                 "continuous scores",
};
