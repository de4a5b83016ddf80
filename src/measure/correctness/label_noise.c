/*
 * Label noise: rows whose label the model's probabilities contradict, by confident learning
 * (learn/confident.h). A count, not an estimate of a rate: no interval.
 *
 * Cases:
 *  1. The probabilities are taken as out of sample, as those of a test set are; of rows that the
 *     model was trained on too few are found.
 *  2. Binary: the score is the probability of class 1.
 *  3. Rows count alike: weights and clusters are not used.
 *  4. A class that no row has is told of with a share of null.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "learn/confident.h"
#include "measure/law.h"
#include "measure/records.h"

#define NOTABLE_SHARE 0.01 /* from here a finding is a warning */

static nonet_status find_issues(const struct view *view, struct confident *confident,
                                nonet_error *error) {
  const struct frame *frame = view->frame;
  const size_t n = frame->n_rows, k = view->n_classes;
  double *p = memory_new(n * k, sizeof *p);
  if (p == NULL) {
    return error_memory(error, n * k * sizeof *p, "probabilities of classes");
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t c = 0; c < k; c++) {
      const double *score = frame->score[STREAM_A];
      p[i * k + c] = frame->n_scores == 1 ? (c == 1 ? score[i] : 1 - score[i]) : score[i * k + c];
    }
  }
  nonet_status status = confident_find(frame->label, p, n, k, confident, error);
  memory_free(p);
  return status;
}

static void tell_share(const struct measure *measure, struct view *view, double n_issues, double n,
                       struct measure_story *story) {
  law_no_interval(view, measure, n > 0 ? n_issues / n : NAN, &story->law,
                  "%s of %s labels; a count, no interval", view_count(view, n_issues),
                  view_count(view, n));
  story->n = story->n_effective = n;
}

static void say_finding(struct view *view, const struct confident *confident, const double *issues,
                        const double *rows, struct measure_story *story) {
  const struct roles *roles = &view->set->roles;
  const double share = story->law.value;
  struct text by_class = {0};
  for (size_t c = 0; c < confident->n_classes && by_class.length < 160; c++) {
    text_printf(&by_class, "%s%.0f of %.0f labelled %s", c > 0 ? ", " : "", issues[c], rows[c],
                roles->classes[c]);
  }
  story->severity = share >= NOTABLE_SHARE ? "warning" : "info";
  story->title = view_sentence(view, "%s of %s labels are in doubt (%.2g %%)",
                               view_count(view, (double)confident->n_issues),
                               view_count(view, story->n), 100 * share);
  story->text = view_sentence(
      view,
      "%s; the scores are taken as of rows the model has not learned from, and a weak model doubts "
      "right labels too",
      by_class.failed ? "" : by_class.data);
  story->remedy = "Have these labels looked at again, those of the rarer class first; until then "
                  "no measure on these rows is surer than they are.";
  story->hurts[0] = "correctness";
  text_clear(&by_class);
}

static nonet_status noise_tell(const struct measure *measure, struct view *view,
                               struct measure_stories *out, nonet_error *error) {
  const struct frame *frame = view->frame;
  const struct roles *roles = &view->set->roles;
  struct confident confident = {0};
  const size_t k = view->n_classes;
  double *issues = memory_zeroed(2 * k, sizeof *issues);
  struct measure_story *story = view_arena(view, 1 + k, sizeof *story);
  nonet_status status = issues == NULL || story == NULL
                            ? error_memory(error, k * sizeof *story, "labels in doubt")
                            : find_issues(view, &confident, error);
  if (status != NONET_OK) {
    goto done;
  }
  double *rows = issues + k;
  for (size_t i = 0; i < frame->n_rows; i++) {
    rows[frame->label[i]]++;
    issues[frame->label[i]] += confident.suggested[i] != CONFIDENT_NONE;
  }
  tell_share(measure, view, (double)confident.n_issues, (double)frame->n_rows, &story[0]);
  if (confident.n_issues > 0) {
    say_finding(view, &confident, issues, rows, &story[0]);
  }
  for (size_t c = 0; c < k; c++) {
    tell_share(measure, view, issues[c], rows[c], &story[1 + c]); /* 4 */
    story[1 + c].class_name = roles->classes[c];
  }
  if (frame->n_rows == 0) {
    out->reason = "no rows";
  } else {
    *out = (struct measure_stories){.n = 1 + k, .story = story};
  }
done:
  confident_clear(&confident);
  memory_free(issues);
  return status;
}

const struct measure correctness_label_noise = {
    .id = "correctness.label_noise",
    .attribute = ATTRIBUTE_CORRECTNESS,
    .title = "Labels in doubt",
    .definition = "The share of rows that are counted off the diagonal of the confident joint and "
                  "whose most probable class is not their label.",
    .formula = "t_k = mean of p_k over rows labelled k; a row counts at (label, k) for the k with "
               "p_k >= t_k, the most probable one when there are several",
    .source = "Northcutt, Jiang & Chuang 2021, Confident Learning; cleanlab's filter "
              "'confident_learning'",
    .unit = "",
    .direction = DIRECTION_LOWER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_FEATURES | NEEDS_PROBABILITY,
    .scopes = IN_ALL,
    .cost = COST_SCAN,
    .interval = "none: a count",
    .interval_weighted = "none: a count; weights are not used",
    .never_gated = true,
    .tell = noise_tell,
};
