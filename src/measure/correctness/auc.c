/*
 * The area under the ROC curve of two classes, of one class against the rest, its averages over
 * classes, and Hand & Till's M.
 *
 *   AUC = P(S⁺ > S⁻) + ½ P(S⁺ = S⁻),   Var by DeLong, DeLong & Clarke-Pearson 1988 from the
 * placements (Sun & Xu 2014) u_i = (V_i − AUC)/W of the row's class, V_i its placement: with
 * weights or clusters AUC^ − AUC ≈ Σ w_i u_i, linearised over clusters
 *   @macro = Σ_c AUC_c/K over the K classes that occur;  @weighted = Σ_c π_c AUC_c, u_i = Σ_c π_c
 * u_ci + (AUC_{y_i} − θ)/W M = 2/(K(K − 1)) Σ_{i<j} ½ (A(i|j) + A(j|i)),  A(i|j) with the scores of
 * class i on the rows of i and j alone (Hand & Till 2001)
 *
 * The cases:
 *  1. One stream of plain rows needs the two sorted arrays of scores alone: no row set is made.
 * DeLong's limits are not cut to [0, 1].
 *  2. A class without rows: missing, with which. One row of a class: a value, no variance.
 *  3. Every pair won or lost: the variance is 0 and says nothing, so there is a value and no
 * interval. With fewer than one pair-equivalent of wrongly ordered rows, (1 − AUC)·min(n₊, n₋) < 1,
 * a law must not decide (judgement.md §1).
 *  4. A plain pair: DeLong's covariance on the same rows; two streams that order alike give exactly
 * 0.
 *  5. Averages leave classes out that have no rows, and say so; with fewer than two classes they
 * are missing.
 *  6. A row of weight 0 has no influence.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/ranking.h"
#include "stats/sortkey.h"

enum auc_function { AUC_BINARY, AUC_OVR, AUC_HAND_TILL };

/* ---- plain rows, one stream ---- */

static bool too_close(double auc, double n_negatives, double n_positives) {
  return (1 - auc) * fmin(n_negatives, n_positives) < 1;
}

static const char *close_sentence(struct view *view, double auc, double n_negatives,
                                  double n_positives) {
  return view_sentence(view,
                       "the rarer class has %s row%s, too few beside an AUC of %.3g: its order "
                       "is right too often to tell how right",
                       view_count(view, fmin(n_negatives, n_positives)),
                       fmin(n_negatives, n_positives) == 1 ? "" : "s", auc);
}

static bool class_is_empty(struct view *view, const struct measure *measure, double n_negatives,
                           double n_positives, struct inference *out) {
  if (n_negatives > 0 && n_positives > 0) {
    return false;
  }
  law_missing(view, measure, out, "no %s rows",
              n_negatives > 0   ? "positive"
              : n_positives > 0 ? "negative"
                                : ""); /* 2 */
  if (!(n_negatives > 0) && !(n_positives > 0)) {
    law_missing(view, measure, out, "no rows");
  }
  return true;
}

static nonet_status estimate_plain(const struct measure *measure, struct view *view, int stream,
                                   struct inference *out, nonet_error *error) {
  const struct score_keys *keys;
  nonet_status status = view_keys(view, stream, 0, &keys, error);
  if (status != NONET_OK) {
    return status;
  }
  double n_negatives = (double)keys->n[0], n_positives = (double)keys->n[1];
  if (class_is_empty(view, measure, n_negatives, n_positives, out)) {
    return NONET_OK;
  }
  struct ranking_class side[2];
  for (int c = 0; c < 2; c++) {
    side[c] = (struct ranking_class){.keys32 = keys->is_32 ? keys->keys32[c] : NULL,
                                     .keys64 = keys->is_32 ? NULL : keys->keys64[c],
                                     .n = (size_t)keys->n[c]};
  }
  struct ranking_auc result;
  status = ranking_auc_sorted(&side[0], &side[1], view->options->n_threads, &result, error); /* 1 */
  if (status != NONET_OK) {
    return status;
  }
  view->n = view->n_effective = n_negatives + n_positives;
  if (!(result.variance > 0)) {
    law_no_interval(
        view, measure, result.auc, out,
        isnan(result.variance)
            ? "one row of a class is too few for a variance"
            : "DeLong's variance is 0: the rows do not show how uncertain the AUC is"); /* 2, 3 */
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_T, "delong", false);
  out->null_low = -INFINITY; /* 1 */
  out->null_high = INFINITY;
  out->value = result.auc;
  out->se = sqrt(result.variance);
  if (too_close(result.auc, n_negatives, n_positives)) {
    out->undecided = close_sentence(view, result.auc, n_negatives, n_positives);
  }
  return NONET_OK;
}

/* ---- values and influences on rows ---- */

/* Scratch of [rows->n] for one binary problem. */
struct auc_scratch {
  uint64_t *keys, *count;
  uint8_t *labels;
  double *weight, *u;
  uint32_t *row; /* which row of the set a place of the subset is */
};

static void scratch_clear(struct auc_scratch *scratch) {
  memory_free(scratch->keys);
  memory_free(scratch->count);
  memory_free(scratch->labels);
  memory_free(scratch->weight);
  memory_free(scratch->u);
  memory_free(scratch->row);
}

static nonet_status scratch_init(struct auc_scratch *scratch, size_t n, nonet_error *error) {
  *scratch = (struct auc_scratch){.keys = memory_new(n, sizeof(uint64_t)),
                                  .count = memory_new(n, sizeof(uint64_t)),
                                  .labels = memory_new(n, sizeof(uint8_t)),
                                  .weight = memory_new(n, sizeof(double)),
                                  .u = memory_new(n, sizeof(double)),
                                  .row = memory_new(n, sizeof(uint32_t))};
  if (scratch->keys == NULL || scratch->count == NULL || scratch->labels == NULL ||
      scratch->weight == NULL || scratch->u == NULL || scratch->row == NULL) {
    scratch_clear(scratch);
    return error_memory(error, n * 37, "placements of rows");
  }
  return NONET_OK;
}

/* AUC of score column k on the first n places of scratch->row and its labels; adds share·u to
 * `influence` of the rows. */
static nonet_status auc_of_places(const struct view *view, const struct row_set *rows, int stream,
                                  size_t k, size_t n, struct auc_scratch *scratch, double *auc,
                                  nonet_error *error) {
  for (size_t p = 0; p < n; p++) {
    size_t i = scratch->row[p];
    scratch->keys[p] = sortkey_f64(rows->score[stream][i * rows->n_scores + k]);
    scratch->count[p] = rows->count == NULL ? 1 : rows->count[i];
    scratch->weight[p] = rows->weight == NULL ? 1 : rows->weight[i];
  }
  return ranking_weighted(scratch->keys, scratch->labels,
                          rows->weight == NULL ? NULL : scratch->weight, scratch->count, n,
                          view->options->n_threads, auc, scratch->u, error);
}

static void add_influence(const struct auc_scratch *scratch, size_t n, double share,
                          double *influence) {
  for (size_t p = 0; p < n; p++) {
    if (scratch->weight[p] > 0) { /* 6 */
      influence[scratch->row[p]] += share * scratch->u[p] / scratch->weight[p];
    }
  }
}

static nonet_status value_binary(struct view *view, const struct row_set *rows, int stream,
                                 double *value, double *influence, nonet_error *error) {
  struct auc_scratch scratch;
  nonet_status status = scratch_init(&scratch, rows->n, error);
  if (status != NONET_OK) {
    return status;
  }
  for (size_t i = 0; i < rows->n; i++) {
    scratch.row[i] = (uint32_t)i;
    scratch.labels[i] = rows->label[i] == 1;
  }
  status = auc_of_places(view, rows, stream, 0, rows->n, &scratch, value, error);
  if (status == NONET_OK && !isnan(*value)) {
    add_influence(&scratch, rows->n, 1, influence);
  }
  scratch_clear(&scratch);
  return status;
}

/* Weight of each class and of all. */
static double class_weights(const struct row_set *rows, size_t n_classes, double *weight) {
  double total = 0;
  memset(weight, 0, n_classes * sizeof *weight);
  for (size_t i = 0; i < rows->n; i++) {
    double w = (rows->count == NULL ? 1 : (double)rows->count[i]) *
               (rows->weight == NULL ? 1 : rows->weight[i]);
    weight[rows->label[i]] += w;
    total += w;
  }
  return total;
}

static size_t n_occurring(const double *weight, size_t n_classes) {
  size_t n = 0;
  for (size_t c = 0; c < n_classes; c++) {
    n += weight[c] > 0;
  }
  return n;
}

/* @macro, @weighted: `class_auc` and `weight` are [n_classes]. */
static nonet_status value_ovr(struct view *view, const struct row_set *rows, int stream,
                              bool by_weight, double *weight, double *class_auc, double *value,
                              double *influence, nonet_error *error) {
  size_t n_classes = view->n_classes;
  struct auc_scratch scratch;
  double total = class_weights(rows, n_classes, weight), k = (double)n_occurring(weight, n_classes);
  *value = NAN;
  if (k < 2) {
    return NONET_OK; /* 5 */
  }
  nonet_status status = scratch_init(&scratch, rows->n, error);
  if (status != NONET_OK) {
    return status;
  }
  double sum = 0;
  for (size_t c = 0; c < n_classes && status == NONET_OK; c++) {
    if (!(weight[c] > 0)) {
      continue;
    }
    for (size_t i = 0; i < rows->n; i++) {
      scratch.row[i] = (uint32_t)i;
      scratch.labels[i] = rows->label[i] == c;
    }
    double share = by_weight ? weight[c] / total : 1 / k;
    status = auc_of_places(view, rows, stream, c, rows->n, &scratch, &class_auc[c], error);
    if (status == NONET_OK) {
      add_influence(&scratch, rows->n, share, influence);
      sum += by_weight ? weight[c] * class_auc[c] : class_auc[c];
    }
  }
  *value = sum / (by_weight ? total : k);
  for (size_t i = 0; by_weight && status == NONET_OK && i < rows->n; i++) {
    influence[i] += (class_auc[rows->label[i]] - *value) / total;
  }
  scratch_clear(&scratch);
  return status;
}

/* `place` [rows->n] rows by class, `first` [n_classes + 1]. */
static void rows_by_class(const struct row_set *rows, size_t n_classes, size_t *first,
                          uint32_t *place) {
  memset(first, 0, (n_classes + 1) * sizeof *first);
  for (size_t i = 0; i < rows->n; i++) {
    first[rows->label[i] + 1]++;
  }
  for (size_t c = 0; c < n_classes; c++) {
    first[c + 1] += first[c];
  }
  for (size_t i = 0; i < rows->n; i++) {
    place[first[rows->label[i]]++] = (uint32_t)i;
  }
  for (size_t c = n_classes; c > 0; c--) {
    first[c] = first[c - 1];
  }
  first[0] = 0;
}

static nonet_status value_hand_till(struct view *view, const struct row_set *rows, int stream,
                                    double *weight, double *value, double *influence,
                                    nonet_error *error) {
  size_t n_classes = view->n_classes;
  struct auc_scratch scratch = {0};
  (void)class_weights(rows, n_classes, weight);
  double k = (double)n_occurring(weight, n_classes), sum = 0;
  *value = NAN;
  if (k < 2) {
    return NONET_OK; /* 5 */
  }
  size_t *first = memory_new(n_classes + 1, sizeof *first);
  uint32_t *place = memory_new(rows->n, sizeof *place);
  nonet_status status = NONET_OK;
  if (first == NULL || place == NULL) {
    status = error_memory(error, rows->n * 4 + n_classes * 8, "rows by class");
    goto done;
  }
  status = scratch_init(&scratch, rows->n, error);
  if (status != NONET_OK) {
    goto done;
  }
  rows_by_class(rows, n_classes, first, place);
  for (size_t i = 0; i < n_classes; i++) {
    for (size_t j = 0; j < n_classes && weight[i] > 0; j++) {
      if (i == j || !(weight[j] > 0)) {
        continue;
      }
      size_t n_i = first[i + 1] - first[i], n_j = first[j + 1] - first[j];
      memcpy(scratch.row, place + first[i], n_i * sizeof *place);
      memcpy(scratch.row + n_i, place + first[j], n_j * sizeof *place);
      memset(scratch.labels, 1, n_i);
      memset(scratch.labels + n_i, 0, n_j);
      double auc;
      status = auc_of_places(view, rows, stream, i, n_i + n_j, &scratch, &auc, error);
      if (status != NONET_OK) {
        goto done;
      }
      add_influence(&scratch, n_i + n_j, 1 / (k * (k - 1)), influence);
      sum += auc;
    }
  }
  *value = sum / (k * (k - 1));
done:
  scratch_clear(&scratch);
  memory_free(first);
  memory_free(place);
  return status;
}

/* The value of a stream and its influences, added to zeroed [rows->n]. */
static nonet_status value_on_rows(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  const struct row_set *rows, int stream, double *value,
                                  double *influence, nonet_error *error) {
  if (rows->n > UINT32_MAX) {
    return error_set(
        error, NONET_E_DATA,
        "%zu distinct rows are more than the AUC with weights, clusters or classes can hold",
        rows->n);
  }
  if (rows->label == NULL || rows->score[stream] == NULL) {
    return error_set(error, NONET_E_INTERNAL, "an AUC was asked of rows without labels or scores");
  }
  if (view->task == TASK_BINARY) {
    return value_binary(view, rows, stream, value, influence, error);
  }
  size_t k = view->n_classes;
  double *weight = memory_zeroed(2 * k, sizeof *weight);
  if (weight == NULL) {
    return error_memory(error, 2 * k * sizeof *weight, "weights of classes");
  }
  bool by_weight =
      variant != NULL && variant->word != NULL && strcmp(variant->word, "weighted") == 0;
  nonet_status status =
      measure->function == AUC_HAND_TILL
          ? value_hand_till(view, rows, stream, weight, value, influence, error)
          : value_ovr(view, rows, stream, by_weight, weight, weight + k, value, influence, error);
  size_t n = n_occurring(weight, k);
  if (status == NONET_OK && n >= 2 && n < k) {
    view_note(view, "%zu of %zu classes have no rows and are left out of the average", k - n,
              k); /* 5 */
  }
  memory_free(weight);
  return status;
}

/* Rows of both sides of a binary problem. */
static void count_sides(const struct row_set *rows, double n[2]) {
  n[0] = n[1] = 0;
  for (size_t i = 0; i < rows->n; i++) {
    n[rows->label[i] == 1] += rows->count == NULL ? 1 : (double)rows->count[i];
  }
}

static nonet_status rows_law(const struct measure *measure, struct view *view,
                             const struct row_set *rows, double value, const double *influence,
                             bool is_pair, struct inference *out, nonet_error *error) {
  if (isnan(value)) {
    if (view->task != TASK_BINARY) {
      law_missing(view, measure, out, "fewer than two classes have rows");
    } else {
      law_missing(view, measure, out,
                  rows->n == 0 ? "no rows" : "no rows of one class, or their weights are 0");
    }
    return NONET_OK;
  }
  nonet_status status =
      law_linear(measure, view, value, influence, SCALE_IDENTITY, is_pair, out, error);
  if (status == NONET_OK && view->is_plain && out->kind == INFERENCE_T) {
    out->method = "influence";
  }
  return status;
}

static nonet_status estimate_rows(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  double *influence = memory_zeroed(rows->n, sizeof *influence);
  if (influence == NULL) {
    return error_memory(error, rows->n * sizeof *influence, "influences of rows");
  }
  double value = NAN, n[2];
  status = value_on_rows(measure, variant, view, rows, stream, &value, influence, error);
  if (status == NONET_OK) {
    status = rows_law(measure, view, rows, value, influence, false, out, error);
  }
  if (status == NONET_OK && view->task == TASK_BINARY && !isnan(value)) {
    count_sides(rows, n);
    if (too_close(value, n[0], n[1])) {
      out->undecided = close_sentence(view, value, n[0], n[1]); /* 3 */
    }
  }
  memory_free(influence);
  return status;
}

static nonet_status auc_estimate(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 int stream, struct inference *out, nonet_error *error) {
  return view->is_plain && view->task == TASK_BINARY
             ? estimate_plain(measure, view, stream, out, error)
             : estimate_rows(measure, variant, view, stream, out, error);
}

/* ---- pairs ---- */

static nonet_status pair_of_rows(struct view *view, const struct row_set *rows,
                                 struct ranking_pair *pair, nonet_error *error) {
  uint64_t *keys = memory_new(rows->n, sizeof *keys);
  uint64_t *twice[N_STREAMS] = {memory_new(rows->n, sizeof **twice),
                                memory_new(rows->n, sizeof **twice)};
  uint8_t *labels = memory_new(rows->n, sizeof *labels);
  nonet_status status = NONET_OK;
  if (keys == NULL || twice[0] == NULL || twice[1] == NULL || labels == NULL) {
    status = error_memory(error, rows->n * 25, "placements of rows");
  }
  for (size_t i = 0; i < rows->n && status == NONET_OK; i++) {
    labels[i] = rows->label[i] == 1;
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    for (size_t i = 0; i < rows->n; i++) {
      keys[i] = sortkey_f64(rows->score[s][i * rows->n_scores]);
    }
    status = ranking_placements(keys, labels, rows->count, rows->n, view->options->n_threads,
                                twice[s], error);
  }
  if (status == NONET_OK) {
    ranking_pair(twice[0], twice[1], labels, rows->count, rows->n, pair);
  }
  memory_free(keys);
  memory_free(twice[0]);
  memory_free(twice[1]);
  memory_free(labels);
  return status;
}

static nonet_status compare_plain(const struct measure *measure, struct view *view,
                                  const struct row_set *rows, struct inference *out,
                                  nonet_error *error) {
  double n[2];
  count_sides(rows, n);
  if (class_is_empty(view, measure, n[0], n[1], out)) {
    return NONET_OK;
  }
  struct ranking_pair pair;
  nonet_status status = pair_of_rows(view, rows, &pair, error);
  if (status != NONET_OK) {
    return status;
  }
  view->n = view->n_effective = n[0] + n[1];
  double value = pair.auc[0] - pair.auc[1], largest = fmax(pair.auc[0], pair.auc[1]);
  if (isnan(pair.variance_difference)) {
    law_no_interval(view, measure, value, out, "one row of a class is too few for a variance");
  } else {
    *out = law_start(measure, INFERENCE_AUC_PAIR, "delong", true);
    out->null_low = -INFINITY; /* 1 */
    out->null_high = INFINITY;
    out->value = value;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    out->pair_value[s] = pair.auc[s];
    out->pair_variance[s] = pair.variance[s];
  }
  out->pair_covariance = pair.variance_difference == 0 ? pair.variance[0] : pair.covariance; /* 4 */
  if (too_close(largest, n[0], n[1])) {
    out->undecided = close_sentence(view, largest, n[0], n[1]);
  }
  return NONET_OK;
}

/* Fills out->pair_*: both variances and the covariance by polarisation. */
static nonet_status linear_parts(struct view *view, double *const influence[N_STREAMS],
                                 const double *difference, const double value[N_STREAMS],
                                 struct inference *out, nonet_error *error) {
  struct view_linear linear[3];
  const double *u[3] = {influence[0], influence[1], difference};
  for (int s = 0; s < 3; s++) {
    nonet_status status = view_linearised(view, u[s], &linear[s], error);
    if (status != NONET_OK) {
      return status;
    }
  }
  for (int s = 0; s < N_STREAMS; s++) {
    out->pair_value[s] = value[s];
    out->pair_variance[s] = linear[s].variance;
  }
  double between = isnan(linear[2].variance) ? 0 : linear[2].variance;
  out->pair_covariance = (linear[0].variance + linear[1].variance - between) / 2;
  return NONET_OK;
}

static nonet_status compare_linear(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   const struct row_set *rows, struct inference *out,
                                   nonet_error *error) {
  double *influence[N_STREAMS] = {memory_zeroed(rows->n, sizeof(double)),
                                  memory_zeroed(rows->n, sizeof(double))};
  double *difference = memory_new(rows->n, sizeof *difference);
  double value[N_STREAMS] = {NAN, NAN}, n[2];
  nonet_status status = NONET_OK;
  if (influence[0] == NULL || influence[1] == NULL || difference == NULL) {
    status = error_memory(error, rows->n * 3 * sizeof *difference, "influences of rows");
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = value_on_rows(measure, variant, view, rows, s, &value[s], influence[s], error);
  }
  if (status != NONET_OK) {
    goto done;
  }
  for (size_t i = 0; i < rows->n; i++) {
    difference[i] = influence[0][i] - influence[1][i];
  }
  status = rows_law(measure, view, rows, value[0] - value[1], difference, true, out, error);
  if (status != NONET_OK || isnan(value[0]) || isnan(value[1])) {
    goto done;
  }
  status = linear_parts(view, influence, difference, value, out, error);
  if (status == NONET_OK && view->task == TASK_BINARY) {
    count_sides(rows, n);
    if (too_close(fmax(value[0], value[1]), n[0], n[1])) {
      out->undecided = close_sentence(view, fmax(value[0], value[1]), n[0], n[1]); /* 3 */
    }
  }
done:
  memory_free(influence[0]);
  memory_free(influence[1]);
  memory_free(difference);
  return status;
}

static nonet_status auc_compare(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                struct inference *out, nonet_error *error) {
  const struct row_set *rows;
  nonet_status status = view_rows(view, &rows, error);
  if (status != NONET_OK) {
    return status;
  }
  if (rows->label == NULL || rows->score[STREAM_A] == NULL || rows->score[STREAM_B] == NULL) {
    return error_set(error, NONET_E_INTERNAL,
                     "a difference of AUCs was asked of rows without labels or scores");
  }
  return view->is_plain && view->task == TASK_BINARY
             ? compare_plain(measure, view, rows, out, error)
             : compare_linear(measure, variant, view, rows, out, error);
}

/* ---- records ---- */

#define AUC_RECORD                                                                                 \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .direction = DIRECTION_HIGHER, .range = {0, 1},  \
  .needs = NEEDS_SCORE, .kinds = SUMMARY_MULTISET, .cost = COST_SORT,                              \
  .interval_weighted = "linearised over clusters, t(G - 1)", .estimate = auc_estimate,             \
  .compare = auc_compare

const struct measure correctness_auc = {
    AUC_RECORD,
    .id = "correctness.auc",
    .title = "Area under the ROC curve",
    .definition = "Probability that a random positive row has a higher score than a random "
                  "negative one, a tie counting one half.",
    .formula = "(pairs won + pairs tied / 2) / (positives * negatives)",
    .source = "DeLong, DeLong & Clarke-Pearson 1988; Sun & Xu 2014; paired: also MOVER of logit "
              "limits, Zou & Donner 2008",
    .tasks = FOR_BINARY,
    .scopes = IN_ALL | IN_GROUP,
    .primary_of = FOR_BINARY,
    .interval = "delong",
    .function = AUC_BINARY,
};

static const struct measure_variant ovr_variants[] = {
    {.suffix = "", .tasks = FOR_MULTICLASS, .scopes_multiclass = IN_CLASS},
    {.suffix = "macro",
     .tasks = FOR_MULTICLASS,
     .word = "macro",
     .scopes_multiclass = IN_ALL | IN_GROUP},
    {.suffix = "weighted",
     .tasks = FOR_MULTICLASS,
     .word = "weighted",
     .scopes_multiclass = IN_ALL | IN_GROUP},
    {.suffix = NULL}};

const struct measure correctness_auc_ovr = {
    AUC_RECORD,
    .id = "correctness.auc_ovr",
    .title = "AUC, one class against the rest",
    .definition = "Area under the ROC curve of one class's score with the rows of that class as "
                  "positives; @macro and @weighted average over "
                  "the classes that occur.",
    .formula = "AUC[c] of score c, y = c against y != c; macro: mean over c; weighted: sum of "
               "AUC[c] * share of rows of c",
    .source =
        "Provost & Domingos 2000; interval: DeLong; averages: influence of the placements, normal",
    .tasks = FOR_MULTICLASS,
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "delong",
    .function = AUC_OVR,
    .variants = ovr_variants,
};

const struct measure correctness_auc_hand_till = {
    AUC_RECORD,
    .id = "correctness.auc_hand_till",
    .title = "Hand and Till's M",
    .definition = "Mean over all pairs of classes of the AUC between the two, so that it does not "
                  "depend on how frequent the classes are.",
    .formula = "M = 2 / (K (K - 1)) sum over i < j of (A(i|j) + A(j|i)) / 2",
    .source = "Hand & Till 2001; interval: influence of the placements, normal",
    .tasks = FOR_MULTICLASS,
    .scopes = IN_ALL | IN_GROUP,
    .interval = "influence",
    .function = AUC_HAND_TILL,
};
