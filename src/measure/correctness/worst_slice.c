/*
 * The worst slice: conjunctions of at most three conditions on features in which the model does
 * worst, found on one half of the rows and measured on the other.
 *
 *   loss of a row: classes 1 when the decision is wrong, else 0; regression |prediction − target|
 *   first half:  the slice with the largest standardised difference (learn/slices.h)
 *   second half: its mean loss with interval; p of "not worse than the rest", one-sided;
 *                Benjamini–Hochberg over the slices measured
 * (Chung et al. 2019; the split makes value and p honest.)
 *
 * Cases:
 *  1. Overlapping slices are one story: the rows of a slice are taken out before the next is
 *     searched, in both halves, and the next says so when it would have had some of them.
 *  2. The search ends when what is left is no more than so many slices give by chance (score <= 0);
 *     the first is measured anyway, at most WORST_MOST are.
 *  3. Plain rows and classes: Wilson, and Miettinen–Nurminen's score test. Else a mean with t over
 *     rows or clusters, df of the smaller side; the search itself weighs rows but knows no
 * clusters.
 *  4. Only what is proven at (1 − level)/2, one-sided as an interval's end is, is a finding; all
 * that was measured is an estimate.
 *  5. Fewer than 60 rows, no feature that varies: null, with the reason.
 *  6. The slice is the candidate's; a baseline's loss on the same rows stands beside it, untested.
 */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "learn/slices.h"
#include "measure/halves.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/difference.h"
#include "stats/multiple.h"

#define WORST_MOST 5

struct worst {
  const struct measure *measure;
  struct view *view;
  struct halves halves;
  bool is_share; /* losses are 0 and 1 */
  bool *taken;   /* [n] rows of the slices before */
  bool *in, *out;
  double *loss, *baseline_loss; /* baseline_loss: NULL without one */
  size_t n;
  struct measure_story *story; /* [WORST_MOST] */
  struct halves_mean inside[WORST_MOST];
  double elsewhere[WORST_MOST], baseline[WORST_MOST], p[WORST_MOST], adjusted[WORST_MOST];
};

static bool has_stream(const struct worst *worst, int stream) {
  const struct frame *frame = worst->halves.frame;
  return worst->is_share ? frame->prediction[stream] != NULL : frame->score[stream] != NULL;
}

static void fill_losses(const struct worst *worst, int stream, double *loss) {
  const struct frame *frame = worst->halves.frame;
  for (size_t i = 0; i < worst->halves.n; i++) {
    loss[i] = worst->is_share ? frame->prediction[stream][i] != frame->label[i]
                              : fabs(frame->score[stream][i * frame->n_scores] - frame->target[i]);
  }
}

static bool is_plain(const struct worst *worst) {
  return worst->halves.frame->weight == NULL && worst->halves.frame->cluster == NULL;
}

/* Case 3: the slice's own law. */
static void law_of(const struct worst *worst, const struct halves_mean *mean,
                   struct inference *law) {
  const struct measure *measure = worst->measure;
  if (worst->is_share && is_plain(worst)) {
    law_wilson(measure, worst->view, round(mean->value * mean->n), mean->n, law);
  } else if (worst->is_share) {
    law_wilson_effective(measure, worst->view, mean->value, mean->variance, mean->df,
                         mean->n_effective, mean->n_effective, law);
  } else if (!(mean->variance > 0)) {
    law_no_interval(worst->view, measure, mean->value, law,
                    "too few rows or clusters for an "
                    "interval");
  } else {
    *law = law_start(measure, INFERENCE_T, "t", false);
    law->value = mean->value;
    law->se = sqrt(mean->variance);
    law->df = mean->df;
  }
}

static nonet_status test_slice(struct worst *worst, double *elsewhere, double *p,
                               nonet_error *error) {
  struct halves_mean rest, difference;
  const struct halves_mean *inside = &worst->inside[worst->n];
  nonet_status status = halves_mean(&worst->halves, worst->loss, worst->out, NULL, &rest, error);
  if (status == NONET_OK) {
    status = halves_mean(&worst->halves, worst->loss, worst->in, worst->out, &difference, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  *elsewhere = rest.value;
  if (worst->is_share && is_plain(worst)) {
    *p = difference_miettinen_nurminen_p(round(inside->value * inside->n), inside->n,
                                         round(rest.value * rest.n), rest.n, 0, INTERVAL_GREATER);
  } else {
    *p = interval_t_p(difference.value, sqrt(difference.variance), difference.df, 0,
                      INTERVAL_GREATER);
  }
  *p = isnan(*p) ? 1 : *p;
  return NONET_OK;
}

/* Marks the slice's rows in the second half and the rest of it (case 1); did it overlap? */
static bool mark_rows(struct worst *worst, const struct slice *slice) {
  const struct halves *halves = &worst->halves;
  bool overlaps = false;
  for (size_t i = 0; i < halves->n; i++) {
    const bool holds = slices_holds(&halves->bins, slice, i);
    overlaps = overlaps || (holds && worst->taken[i]);
    worst->in[i] = halves->second[i] && holds && !worst->taken[i];
    worst->out[i] = halves->second[i] && !holds && !worst->taken[i];
    worst->taken[i] = worst->taken[i] || holds;
  }
  return overlaps;
}

static nonet_status measure_slice(struct worst *worst, const struct slice *slice,
                                  nonet_error *error) {
  struct measure_story *story = &worst->story[worst->n];
  struct halves_mean *inside = &worst->inside[worst->n];
  struct text words = {0};
  const bool overlaps = mark_rows(worst, slice);
  slices_words(&worst->halves.bins, slice, &words);
  text_append(&words, overlaps ? ", outside the slices above" : "");
  story->where = halves_keep(worst->view, &words);
  nonet_status status = halves_mean(&worst->halves, worst->loss, worst->in, NULL, inside, error);
  if (status == NONET_OK) {
    law_of(worst, inside, &story->law);
    story->n = inside->n;
    story->n_effective = inside->n_effective;
    status = test_slice(worst, &worst->elsewhere[worst->n], &worst->p[worst->n], error);
  }
  if (status == NONET_OK && worst->baseline_loss != NULL) { /* 6 */
    struct halves_mean baseline;
    status = halves_mean(&worst->halves, worst->baseline_loss, worst->in, NULL, &baseline, error);
    worst->baseline[worst->n] = baseline.value;
  }
  worst->n += status == NONET_OK;
  return status;
}

/* Cases 1 and 2. */
static nonet_status search_slices(struct worst *worst, nonet_error *error) {
  const struct halves *halves = &worst->halves;
  nonet_status status = NONET_OK;
  while (worst->n < WORST_MOST) {
    struct slice slice;
    for (size_t i = 0; i < halves->n; i++) {
      worst->in[i] = halves->first[i] && !worst->taken[i];
    }
    const struct slices_request request = {.bins = &halves->bins,
                                           .in = worst->in,
                                           .loss = worst->loss,
                                           .weight = halves->frame->weight,
                                           .least_rows = halves->least_rows,
                                           .n_threads = worst->view->options->n_threads};
    status = slices_worst(&request, &slice, error);
    if (status != NONET_OK || slice.n_terms == 0 || (worst->n > 0 && slice.score <= 0)) {
      return status;
    }
    status = measure_slice(worst, &slice, error);
    if (status != NONET_OK) {
      return status;
    }
  }
  return status;
}

/* ---- words ---- */

static void say_finding(struct worst *worst, size_t k, const char *found, const char *numbers) {
  struct measure_story *story = &worst->story[k];
  double low, high;
  inference_bounds(&story->law, worst->view->options->level, &low, &high);
  const double value = story->law.value, elsewhere = worst->elsewhere[k];
  story->severity = "warning";
  struct text title = {0};
  if (worst->is_share) {
    text_printf(&title, "%s: error %.3g %% [%.3g, %.3g] against %.3g %% elsewhere", story->where,
                100 * value, 100 * low, 100 * high, 100 * elsewhere);
  } else {
    text_printf(&title, "%s: mean absolute error %.4g [%.4g, %.4g] against %.4g elsewhere",
                story->where, value, low, high, elsewhere);
  }
  story->title = halves_keep(worst->view, &title);
  story->text = view_sentence(worst->view, "%s; %s", found, numbers);
  story->remedy = "Look at these rows: labels, missing values, too few of them in training; judge "
                  "the slice by itself (a column of it as --group) before the model serves it.";
  story->hurts[0] = "correctness";
  story->hurts[1] = "robustness";
}

/* Case 4. */
static nonet_status say_all(struct worst *worst, nonet_error *error) {
  const double alpha = (1 - worst->view->options->level) / 2;
  nonet_status status = multiple_benjamini_hochberg(worst->p, worst->n, 0, worst->adjusted, error);
  for (size_t k = 0; k < worst->n && status == NONET_OK; k++) {
    const bool is_proven = worst->adjusted[k] <= alpha;
    const char *found = halves_words(worst->view, &worst->halves, &worst->inside[k]);
    const char *baseline = worst->baseline_loss == NULL
                               ? ""
                               : view_sentence(worst->view, "; the baseline on the same rows: %.4g",
                                               worst->baseline[k]);
    const char *numbers =
        view_sentence(worst->view, "%s than the rest (%.4g), p = %.2g over %zu measured%s",
                      is_proven ? "proven worse" : "not proven worse", worst->elsewhere[k],
                      worst->adjusted[k], worst->n, baseline);
    worst->story[k].note = view_sentence(worst->view, "%s; %s", found, numbers);
    if (is_proven) {
      say_finding(worst, k, found, numbers);
    }
  }
  return status;
}

static nonet_status make_room(struct worst *worst, nonet_error *error) {
  const size_t n = worst->halves.n;
  const bool has_baseline = has_stream(worst, STREAM_B);
  worst->taken = memory_zeroed(n, sizeof *worst->taken);
  worst->in = memory_new(n, sizeof *worst->in);
  worst->out = memory_new(n, sizeof *worst->out);
  worst->loss = memory_new(n, sizeof *worst->loss);
  worst->baseline_loss = has_baseline ? memory_new(n, sizeof *worst->loss) : NULL;
  worst->story = view_arena(worst->view, WORST_MOST, sizeof *worst->story);
  if (worst->taken == NULL || worst->in == NULL || worst->out == NULL || worst->loss == NULL ||
      (has_baseline && worst->baseline_loss == NULL) || worst->story == NULL) {
    return error_memory(error, n * sizeof *worst->loss, "a search of slices");
  }
  fill_losses(worst, STREAM_A, worst->loss);
  if (has_baseline) {
    fill_losses(worst, STREAM_B, worst->baseline_loss);
  }
  return NONET_OK;
}

static nonet_status worst_tell(const struct measure *measure, struct view *view,
                               struct measure_stories *out, nonet_error *error) {
  struct worst worst = {
      .measure = measure, .view = view, .is_share = view->task != TASK_REGRESSION};
  nonet_status status = halves_make(view, &worst.halves, error);
  if (status != NONET_OK) {
    return status;
  }
  out->reason = worst.halves.reason; /* 5 */
  if (out->reason != NULL) {
    goto done;
  }
  status = make_room(&worst, error);
  if (status == NONET_OK) {
    status = search_slices(&worst, error);
  }
  if (status == NONET_OK) {
    status = say_all(&worst, error);
  }
  *out = (struct measure_stories){
      .n = worst.n, .story = worst.story, .reason = "no slice does worse than the rest"};
done:
  memory_free(worst.taken);
  memory_free(worst.in);
  memory_free(worst.out);
  memory_free(worst.loss);
  memory_free(worst.baseline_loss);
  halves_clear(&worst.halves);
  return status;
}

const struct measure correctness_worst_slice = {
    .id = "correctness.worst_slice",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Worst slice",
    .definition = "The slices of the features, conjunctions of at most three conditions, in which "
                  "the model is wrong most: found on one half of the rows, measured on the other; "
                  "Benjamini–Hochberg over the slices measured.",
    .formula = "error rate (regression: mean |prediction − label|) of the slice with the largest "
               "(m_in − m_out)/(σ √(1/n_in + 1/n_out)) on the first half",
    .source = "Chung, Kraska, Polyzotis, Tae & Whang 2019, Slice Finder; Benjamini & Hochberg 1995",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .needs = NEEDS_FEATURES,
    .scopes = IN_ALL,
    .cost = COST_BOOTSTRAP,
    .interval = "wilson (regression: t)",
    .interval_weighted = "linearised, Wilson with n_effective / deff (regression: t over clusters)",
    .never_gated = true,
    .tell = worst_tell,
};
