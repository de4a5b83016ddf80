/*
 * The bias scan: the subset of rows, a conjunction over at most three columns with any set of bins
 * each, whose outcomes depart most from the model's probabilities (of numbers: whose mean departs
 * most from the mean prediction); found on one half of the rows, measured on the other, once for
 * more and once for less than expected.
 *
 *   value = observed rate − mean probability, in the second half (numbers: mean of label −
 * predicted) p     = of "no more (no fewer) than expected", one-sided, from Binomial(n, mean p): by
 *           Hoeffding (1956) its tails hold those of the sum of unequal coins;
 *           Benjamini–Hochberg over all that is measured
 *
 * Cases:
 *  1. Multiclass: each class against the rest, its probability the expected; one family. Numbers:
 *     one scan of the residuals, by the expectation-based Gaussian ratio (learn/subsetscan.h).
 *  2. Plain rows: Wilson's interval of the rate, less the mean probability, which is known.
 * Weights, clusters or numbers: t over rows or clusters, for p as well; the search weighs rows but
 * knows no clusters.
 *  3. A model that is off everywhere is told of as "all rows".
 *  4. Nothing departs in a direction: nothing is measured of it.
 *  5. Only what is proven at (1 − level)/2, one-sided as an interval's end is, is a finding; all
 * that was measured is an estimate.
 *  6. The subset is the candidate's; what a baseline misses on the same rows stands beside it,
 *     untested.
 */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "learn/subsetscan.h"
#include "measure/halves.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/distribution.h"
#include "stats/interval.h"
#include "stats/multiple.h"

#define BIAS_RESTARTS 20

/* What the law of a plain rate less its expectation reads. */
struct rate_law {
  double k, n, expected;
};

static void rate_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct rate_law *rate = law->context;
  const struct interval wilson = interval_wilson(rate->k, rate->n, level);
  *low = wilson.low - rate->expected;
  *high = wilson.high - rate->expected;
}

static double rate_p(const struct inference *law, double null, bool upper) {
  const struct rate_law *rate = law->context;
  return interval_wilson_p(rate->k, rate->n, null + rate->expected,
                           upper ? INTERVAL_GREATER : INTERVAL_LESS);
}

/* One subset that was measured. */
struct departure {
  bool is_fewer;
  size_t class_index;
  struct halves_mean mean;             /* of outcome − expected */
  double observed, expected, baseline; /* baseline: its observed − expected */
};

struct bias {
  const struct measure *measure;
  struct view *view;
  struct halves halves;
  bool is_number; /* regression */
  bool *outcome, *in;
  double *p, *excess, *baseline; /* baseline: its excess; NULL without one */
  size_t n;
  struct departure *departure; /* [2 n_classes] */
  struct measure_story *story; /* likewise */
  double *p_value, *adjusted;
};

static double score_of(const struct bias *bias, int stream, size_t i, size_t class_index) {
  const struct frame *frame = bias->halves.frame;
  const size_t at = frame->n_scores == 1 ? i : i * frame->n_scores + class_index;
  return frame->score[stream][bias->is_number ? i * frame->n_scores : at];
}

static void read_class(struct bias *bias, size_t class_index) {
  const struct frame *frame = bias->halves.frame;
  for (size_t i = 0; i < bias->halves.n; i++) {
    bias->outcome[i] = !bias->is_number && frame->label[i] == class_index;
    const double happened = bias->is_number ? frame->target[i] : bias->outcome[i] ? 1 : 0;
    bias->p[i] = score_of(bias, STREAM_A, i, class_index);
    bias->excess[i] = happened - bias->p[i];
    if (bias->baseline != NULL) {
      bias->baseline[i] = happened - score_of(bias, STREAM_B, i, class_index);
    }
  }
}

/* Case 2. */
static nonet_status make_law(struct bias *bias, const struct departure *departure,
                             struct inference *law, double *p, nonet_error *error) {
  const struct frame *frame = bias->halves.frame;
  const struct halves_mean *mean = &departure->mean;
  const enum interval_side side = departure->is_fewer ? INTERVAL_LESS : INTERVAL_GREATER;
  if (!bias->is_number && frame->weight == NULL && frame->cluster == NULL) {
    const double k = round(departure->observed * mean->n);
    struct rate_law *rate = view_arena(bias->view, 1, sizeof *rate);
    if (rate == NULL) {
      return error_memory(error, sizeof *rate, "the law of a rate");
    }
    *rate = (struct rate_law){k, mean->n, departure->expected};
    *law = law_start(bias->measure, INFERENCE_LIMITS, "wilson", false);
    law->bounds = rate_bounds;
    law->p = rate_p;
    law->context = rate;
    law->value = mean->value;
    *p = departure->is_fewer ? distribution_binomial_cdf(k, mean->n, departure->expected)
                             : distribution_binomial_sf(k - 1, mean->n, departure->expected);
  } else if (mean->variance > 0) {
    *law = law_start(bias->measure, INFERENCE_T, "t", false);
    law->value = mean->value;
    law->se = sqrt(mean->variance);
    law->df = mean->df;
    *p = interval_t_p(mean->value, law->se, law->df, 0, side);
  } else {
    law_no_interval(bias->view, bias->measure, mean->value, law,
                    "too few rows or clusters for an interval");
    *p = 1;
  }
  if (!bias->is_number) {
    law->null_low = -1;
    law->null_high = 1;
  }
  *p = isnan(*p) ? 1 : *p;
  return NONET_OK;
}

static const char *name_subset(const struct bias *bias, const struct subset *subset,
                               size_t class_index) {
  struct text words = {0};
  subsetscan_words(&bias->halves.bins, subset, &words);
  if (bias->view->task == TASK_MULTICLASS) {
    text_printf(&words, " (class %s)", bias->view->set->roles.classes[class_index]);
  }
  return halves_keep(bias->view, &words);
}

static nonet_status measure_subset(struct bias *bias, const struct subset *subset,
                                   size_t class_index, bool is_fewer, nonet_error *error) {
  struct departure *departure = &bias->departure[bias->n];
  struct measure_story *story = &bias->story[bias->n];
  struct halves_mean expected, baseline = {0};
  *departure = (struct departure){.is_fewer = is_fewer, .class_index = class_index};
  for (size_t i = 0; i < bias->halves.n; i++) {
    bias->in[i] = bias->halves.second[i] && subsetscan_holds(&bias->halves.bins, subset, i);
  }
  nonet_status status =
      halves_mean(&bias->halves, bias->excess, bias->in, NULL, &departure->mean, error);
  if (status == NONET_OK) {
    status = halves_mean(&bias->halves, bias->p, bias->in, NULL, &expected, error);
  }
  if (status == NONET_OK && bias->baseline != NULL) { /* 6 */
    status = halves_mean(&bias->halves, bias->baseline, bias->in, NULL, &baseline, error);
  }
  if (status == NONET_OK && departure->mean.n > 0) {
    story->where = name_subset(bias, subset, class_index);
    departure->expected = expected.value;
    departure->baseline = baseline.value;
    departure->observed = departure->mean.value + expected.value;
    story->n = departure->mean.n;
    story->n_effective = departure->mean.n_effective;
    status = make_law(bias, departure, &story->law, &bias->p_value[bias->n], error);
    bias->n += status == NONET_OK;
  }
  return status;
}

static nonet_status scan_class(struct bias *bias, size_t class_index, nonet_error *error) {
  const struct halves *halves = &bias->halves;
  nonet_status status = NONET_OK;
  read_class(bias, class_index);
  for (int is_fewer = 0; is_fewer < 2 && status == NONET_OK; is_fewer++) {
    struct subset subset;
    const struct subsetscan_request request = {.bins = &halves->bins,
                                               .in = halves->first,
                                               .outcome = bias->outcome,
                                               .expected = bias->p,
                                               .residual = bias->is_number ? bias->excess : NULL,
                                               .weight = halves->frame->weight,
                                               .is_fewer = is_fewer == 1,
                                               .least_rows = halves->least_rows,
                                               .n_restarts = BIAS_RESTARTS,
                                               .seed = bias->view->options->seed,
                                               .n_threads = bias->view->options->n_threads};
    status = subsetscan_find(&request, &subset, error);
    if (status == NONET_OK && subset.is_found) { /* 4 */
      status = measure_subset(bias, &subset, class_index, is_fewer == 1, error);
    }
  }
  return status;
}

/* ---- words ---- */

static void say_finding(struct bias *bias, size_t k, const char *found, const char *numbers) {
  const struct departure *departure = &bias->departure[k];
  struct measure_story *story = &bias->story[k];
  double low, high;
  inference_bounds(&story->law, bias->view->options->level, &low, &high);
  story->severity = "warning";
  struct text title = {0};
  if (bias->is_number) {
    text_printf(&title, "%s: %.4g on average where the model predicts %.4g (%+.4g [%.4g, %.4g])",
                story->where, departure->observed, departure->expected, story->law.value, low,
                high);
  } else {
    text_printf(&title,
                "%s: %.3g %% happened where the model expects %.3g %% (%+.3g points [%.3g, %.3g])",
                story->where, 100 * departure->observed, 100 * departure->expected,
                100 * story->law.value, 100 * low, 100 * high);
  }
  story->title = halves_keep(bias->view, &title);
  story->text = view_sentence(bias->view, "%s; %s", found, numbers);
  story->remedy = "Calibrate the model within this subset, or give it the columns that tell these "
                  "rows apart; then measure again on rows that neither has seen.";
  story->hurts[0] = "fairness";
  story->hurts[1] = "correctness";
}

/* Case 5. */
static nonet_status say_all(struct bias *bias, nonet_error *error) {
  const double alpha = (1 - bias->view->options->level) / 2;
  nonet_status status =
      multiple_benjamini_hochberg(bias->p_value, bias->n, 0, bias->adjusted, error);
  for (size_t k = 0; k < bias->n && status == NONET_OK; k++) {
    const struct departure *departure = &bias->departure[k];
    const bool is_proven = bias->adjusted[k] <= alpha;
    const char *found = halves_words(bias->view, &bias->halves, &departure->mean);
    char ratio[48] = ""; /* of numbers it means nothing */
    if (!bias->is_number) {
      snprintf(ratio, sizeof ratio, ", ratio %.3g", departure->observed / departure->expected);
    }
    const char *baseline =
        bias->baseline == NULL
            ? ""
            : view_sentence(bias->view, "; the baseline's expected on the same rows: %.4g",
                            departure->observed - departure->baseline);
    const char *numbers = view_sentence(
        bias->view, "%s: observed %.4g, expected %.4g%s; %s, p = %.2g over %zu measured%s",
        departure->is_fewer ? "sought as over-predicted" : "sought as under-predicted",
        departure->observed, departure->expected, ratio, is_proven ? "proven" : "not proven",
        bias->adjusted[k], bias->n, baseline);
    bias->story[k].note = view_sentence(bias->view, "%s; %s", found, numbers);
    if (is_proven) {
      say_finding(bias, k, found, numbers);
    }
  }
  return status;
}

static size_t n_scans(const struct bias *bias) {
  return bias->is_number ? 1 : bias->view->n_classes;
}

static bool make_room(struct bias *bias) {
  const size_t n = bias->halves.n, n_most = 2 * n_scans(bias);
  bias->outcome = memory_new(n, sizeof *bias->outcome);
  bias->in = memory_new(n, sizeof *bias->in);
  bias->p = memory_new(n, sizeof *bias->p);
  bias->excess = memory_new(n, sizeof *bias->excess);
  const bool has_baseline = bias->halves.frame->score[STREAM_B] != NULL;
  bias->baseline = has_baseline ? memory_new(n, sizeof *bias->baseline) : NULL;
  bias->departure = memory_zeroed(n_most, sizeof *bias->departure);
  bias->p_value = memory_zeroed(2 * n_most, sizeof *bias->p_value);
  bias->adjusted = bias->p_value == NULL ? NULL : bias->p_value + n_most;
  bias->story = view_arena(bias->view, n_most, sizeof *bias->story);
  return bias->outcome != NULL && bias->in != NULL && bias->p != NULL && bias->excess != NULL &&
         (!has_baseline || bias->baseline != NULL) && bias->departure != NULL &&
         bias->p_value != NULL && bias->story != NULL;
}

static nonet_status bias_tell(const struct measure *measure, struct view *view,
                              struct measure_stories *out, nonet_error *error) {
  struct bias bias = {.measure = measure, .view = view, .is_number = view->task == TASK_REGRESSION};
  nonet_status status = halves_make(view, &bias.halves, error);
  if (status != NONET_OK) {
    return status;
  }
  out->reason = bias.halves.reason;
  if (out->reason != NULL) {
    goto done;
  }
  if (!make_room(&bias)) {
    status = error_memory(error, bias.halves.n * sizeof *bias.p, "a bias scan");
    goto done;
  }
  for (size_t c = view->task == TASK_BINARY ? 1 : 0; c < n_scans(&bias) && status == NONET_OK;
       c++) {
    status = scan_class(&bias, c, error); /* 1 */
  }
  if (status == NONET_OK) {
    status = say_all(&bias, error);
  }
  *out = (struct measure_stories){
      .n = bias.n, .story = bias.story, .reason = "no subset departs from what was expected"};
done:
  memory_free(bias.outcome);
  memory_free(bias.in);
  memory_free(bias.p);
  memory_free(bias.excess);
  memory_free(bias.baseline);
  memory_free(bias.departure);
  memory_free(bias.p_value);
  halves_clear(&bias.halves);
  return status;
}

const struct measure fairness_bias_scan = {
    .id = "fairness.bias_scan",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Bias scan",
    .definition = "The subset of rows, over groups and features, whose outcomes are most above "
                  "(and most below) the model's probabilities, or whose labels its predictions: "
                  "found on one half of the rows, measured on the other.",
    .formula = "observed rate − mean probability of the subset with the largest "
               "max_q Σ [y ln q − ln(1 − p + q p)] on the first half; regression: mean of "
               "label − prediction, max_θ Σ [θ r/σ − θ²/2], r = label − prediction",
    .source =
        "Zhang & Neill 2016, Identifying significant predictive bias in classifiers; Speakman, "
        "Somanchi, McFowland & Neill 2016; regression: Neill 2009, Expectation-based scan "
        "statistics for monitoring spatial time series data",
    .unit = "",
    .direction = DIRECTION_NONE,
    .range = {-INFINITY, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .needs = NEEDS_FEATURES | NEEDS_PROBABILITY,
    .scopes = IN_ALL,
    .cost = COST_BOOTSTRAP,
    .interval = "wilson, less the mean probability (regression: t)",
    .interval_weighted = "linearised, t over clusters",
    .never_gated = true,
    .tell = bias_tell,
};
