/*
 * Consistency: are rows that lie near each other decided alike? (Zemel et al. 2013)
 *
 *   s_i = share of the k nearest other rows of i with i's own decision     θ = Σ w_i s_i / Σ w_i
 *   which for two classes is 1 − |ŷ_i − mean of the neighbours' ŷ|
 *
 * The interval is the jackknife's: without row i, each row that had i among its k nearest takes its
 * next one, so that with k + 1 neighbours of each row every θ_(−i) is known exactly in O(n k).
 *   variance = (n − 1)/n Σ (θ_(−i) − mean)², which is biased upwards if at all (Efron & Stein 1981)
 * The bootstrap is no use here: rows drawn twice would be their own nearest (Abadie & Imbens 2008).
 *
 * The cases:
 *  1. A row is never its own neighbour; AIF360 counts it among its k. Theirs of 5 is 1 − 4/5 (1 −
 * θ) with the k = 4 of here.
 *  2. Fewer than k + 2 rows, or no feature to compare: missing, with the reason.
 *  3. Columns that name rows (hood_rows.h) are left out of the distance, and named in a note.
 *  4. Clusters: deleting one takes several neighbours of a row at once: no interval.
 *  5. All alike: nothing varies, no interval.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/hood_rows.h"
#include "measure/law.h"
#include "measure/records.h"

#define CONSISTENCY_K 5
#define CONSISTENCY_MOST_K 100

struct hood {
  const struct frame *frame;
  size_t n, k;
  uint32_t *near; /* [n][k + 1] */
};

/* "k=4" */
static bool parse_k(const char *suffix, struct measure_variant *variant) {
  char *end;
  if (strncmp(suffix, "k=", 2) != 0 || !(suffix[2] >= '1' && suffix[2] <= '9')) {
    return false;
  }
  const long k = strtol(suffix + 2, &end, 10);
  *variant = (struct measure_variant){.suffix = suffix, .number = {(double)k}};
  return *end == '\0' && k <= CONSISTENCY_MOST_K;
}

/* Case 3. */
static nonet_status skip_names(struct view *view, bool *skip, nonet_error *error) {
  const struct frame *frame = view->frame;
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < frame->n_columns && status == NONET_OK; c++) {
    const bool is_id = hood_rows_is_id(frame, c, &status, error);
    skip[c] = is_id || frame->columns[c].is_beside;
    if (is_id) {
      view_note(view, "%.80s names rows and is left out of the distance", frame->columns[c].name);
    }
  }
  return status;
}

/* hood->near stays NULL when there is nothing to compare (2). */
static nonet_status hood_find(struct view *view, const struct measure_variant *variant,
                              struct hood *hood, nonet_error *error) {
  struct neighbours_rows rows = {0};
  *hood = (struct hood){view->frame, view->frame->n_rows, (size_t)variant->number[0], NULL};
  bool *skip = memory_zeroed(hood->frame->n_columns + 1, sizeof *skip);
  nonet_status status = skip == NULL ? error_memory(error, hood->frame->n_columns, "the features")
                                     : skip_names(view, skip, error);
  if (status == NONET_OK) {
    status = hood_rows_make(hood->frame, skip, &rows, error);
  }
  if (status != NONET_OK || hood->n < hood->k + 2 || rows.n_numbers + rows.n_categories == 0) {
    goto done;
  }
  hood->near = memory_new(hood->n * (hood->k + 1), sizeof *hood->near);
  status = hood->near == NULL
               ? error_memory(error, hood->n * hood->k * sizeof *hood->near, "near rows")
               : neighbours_of_all(&rows, hood->k + 1, view->options->n_threads, hood->near, NULL,
                                   NULL, error);
done:
  hood_rows_clear(&rows);
  memory_free(skip);
  return status;
}

static double weight_of(const struct hood *hood, size_t i) {
  return hood->frame->weight == NULL ? 1 : hood->frame->weight[i];
}

static int agrees(const uint32_t *prediction, size_t i, uint32_t j) {
  return prediction[i] == prediction[j];
}

/* Adds `sign` times θ to *value, and times each θ_(−i) to without[i]; n(k + 1) looks. */
static void add_stream(const struct hood *hood, int stream, double sign, double *change,
                       double *value, double *without) {
  const uint32_t *prediction = hood->frame->prediction[stream];
  const double k = (double)hood->k;
  double sum = 0, total = 0;
  memset(change, 0, hood->n * sizeof *change);
  for (size_t i = 0; i < hood->n; i++) {
    const uint32_t *near = hood->near + i * (hood->k + 1);
    const double w = weight_of(hood, i);
    int n_alike = 0;
    for (size_t l = 0; l < hood->k; l++) {
      const int is_alike = agrees(prediction, i, near[l]);
      n_alike += is_alike;
      change[near[l]] += w * (agrees(prediction, i, near[hood->k]) - is_alike) / k;
    }
    change[i] -= w * n_alike / k;
    sum += w * n_alike / k;
    total += w;
  }
  *value += sign * sum / total;
  for (size_t i = 0; i < hood->n; i++) {
    without[i] += sign * (sum + change[i]) / (total - weight_of(hood, i));
  }
}

/* The jackknife's variance; *largest_share of one row, *n_units that differ from the mean. */
static double jackknife(const double *without, size_t n, double *largest_share) {
  double mean = 0, squares = 0, largest = 0;
  for (size_t i = 0; i < n; i++) {
    mean += without[i];
  }
  mean /= (double)n;
  for (size_t i = 0; i < n; i++) {
    const double square = (without[i] - mean) * (without[i] - mean);
    squares += square;
    largest = fmax(largest, square);
  }
  *largest_share = squares > 0 ? largest / squares : 0;
  return squares * ((double)n - 1) / (double)n;
}

static void say_size(struct view *view, const struct hood *hood) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < hood->n; i++) {
    sum += weight_of(hood, i);
    squares += weight_of(hood, i) * weight_of(hood, i);
  }
  view->n = (double)hood->n;
  view->n_effective = squares > 0 ? sum * sum / squares : 0;
  if (hood->n < hood->frame->n_source) {
    view_note(view, "%s of %s rows", view_count(view, (double)hood->n),
              view_count(view, (double)hood->frame->n_source));
  }
}

/* Rows that the two models treat differently: too few decide nothing. */
static size_t count_differing(const struct frame *frame) {
  size_t n = 0;
  for (size_t i = 0; i < frame->n_rows; i++) {
    n += frame->prediction[STREAM_A][i] != frame->prediction[STREAM_B][i];
  }
  return n;
}

static void make_law(const struct measure *measure, struct view *view, const struct hood *hood,
                     double value, const double *without, bool is_pair, struct inference *out) {
  double largest_share;
  const double variance = jackknife(without, hood->n, &largest_share);
  if (hood->frame->cluster != NULL) {
    law_no_interval(view, measure, value, out,
                    "rows of one cluster are near each other: no law is known"); /* 4 */
    return;
  }
  if (!(variance > 0)) {
    law_no_interval(view, measure, value, out, "all %.0f rows are alike in it", view->n); /* 5 */
    return;
  }
  const bool is_open = !is_pair && value > 0 && value < 1;
  *out = law_start(measure, INFERENCE_T, "jackknife", is_pair);
  out->value = value;
  out->scale = is_open ? SCALE_LOGIT : SCALE_IDENTITY;
  out->se = sqrt(variance) / (is_open ? value * (1 - value) : 1);
  out->df = (double)hood->n - 1;
  const size_t n_differing = is_pair ? count_differing(hood->frame) : VIEW_FEW_UNITS;
  if (n_differing < VIEW_FEW_UNITS) {
    out->undecided = view_sentence(view, "the decisions differ in %zu rows and it takes %d",
                                   n_differing, VIEW_FEW_UNITS);
  } else if (is_pair && largest_share > VIEW_LARGEST_SHARE) {
    out->undecided =
        view_sentence(view, "one row holds %.0f %% of the variance", 100 * largest_share);
  }
}

static nonet_status consistency(const struct measure *measure,
                                const struct measure_variant *variant, struct view *view,
                                const double sign[N_STREAMS], bool is_pair, struct inference *out,
                                nonet_error *error) {
  struct hood hood = {0};
  double value = 0, *without = NULL, *change = NULL;
  if (view->frame == NULL) {
    law_missing(view, measure, out, "it needs the columns of features");
    return NONET_OK;
  }
  nonet_status status = hood_find(view, variant, &hood, error);
  if (status != NONET_OK) {
    goto done;
  }
  if (hood.near == NULL) { /* 2 */
    law_missing(view, measure, out,
                hood.n < hood.k + 2 ? "%zu rows, and %zu neighbours take %zu"
                                    : "no feature can be compared (%zu rows, %zu neighbours)",
                hood.n, hood.k, hood.k + 2);
    goto done;
  }
  without = memory_zeroed(hood.n, sizeof *without);
  change = memory_new(hood.n, sizeof *change);
  if (without == NULL || change == NULL) {
    status = error_memory(error, hood.n * sizeof *without, "the jackknife");
    goto done;
  }
  for (int s = 0; s < N_STREAMS; s++) {
    if (sign[s] != 0) {
      add_stream(&hood, s, sign[s], change, &value, without);
    }
  }
  say_size(view, &hood);
  make_law(measure, view, &hood, value, without, is_pair, out);
done:
  memory_free(without);
  memory_free(change);
  memory_free(hood.near);
  return status;
}

static nonet_status consistency_estimate(const struct measure *measure,
                                         const struct measure_variant *variant, struct view *view,
                                         int stream, struct inference *out, nonet_error *error) {
  const double sign[N_STREAMS] = {stream == STREAM_A, stream == STREAM_B};
  return consistency(measure, variant, view, sign, false, out, error);
}

static nonet_status consistency_compare(const struct measure *measure,
                                        const struct measure_variant *variant, struct view *view,
                                        struct inference *out, nonet_error *error) {
  const double sign[N_STREAMS] = {1, -1};
  return consistency(measure, variant, view, sign, true, out, error);
}

static const struct measure_variant variants[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS, .number = {CONSISTENCY_K}}, {NULL}};

const struct measure fairness_consistency = {
    .id = "fairness.consistency",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Consistency",
    .definition = "The mean share of a row's 5 nearest other rows, in the features, that have its "
                  "own decision (k=4 and the like: another number of neighbours).",
    .formula = "mean of 1 − |ŷ − mean ŷ of the k nearest other rows|",
    .source = "Zemel, Wu, Swersky, Pitassi & Dwork 2013; jackknife Efron & Stein 1981",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_PREDICTION | NEEDS_FEATURES,
    .scopes = IN_ALL,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SORT,
    .interval = "jackknife",
    .interval_weighted = "jackknife; none with clusters",
    .variants = variants,
    .parse_variant = parse_k,
    .estimate = consistency_estimate,
    .compare = consistency_compare,
};
