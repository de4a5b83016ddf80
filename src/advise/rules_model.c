/*
 * Rules of the model: what would make it, or what is known of it, better.
 *
 * Formulas:
 *  1. Positives for recall to ±h: n = z² p(1 − p)/h² with z of the estimate's own level, 1.96 at
 *     .95, and p the end of the interval that is nearest ½, so that the number is rather too large.
 *  2. Accuracy speaks of the common class when it exceeds balanced accuracy by .1: always
 *     answering the common class of 80 : 20 already does by .3.
 *  3. A threshold at the prevalence calls about as many rows positive as there are, when the model
 *     is calibrated; a better one needs the costs.
 *  4. Slope below 1: probabilities too extreme, above: too timid. Intercept above 0: too low on
 *     average (Van Calster et al. 2019, BMC Medicine 17:230).
 *  5. The generalisation gap is test − train of the primary: auc is worse below 0, losses above;
 * its interval takes the training value as a constant. Below .01 of auc it is left alone.
 *  6. A share of counts that is exactly 0 or 1: the threshold parts nothing.
 */
#include <math.h>
#include <string.h>

#include "advise/facts.h"
#include "advise/rules.h"

#define RECALL_HALF_WIDTH 0.05
#define IMBALANCE 0.1
#define GOOD_AUC 0.8
#define GAP_LEAST 0.01

static const json_t *candidate(const json_t *root, const char *measure) {
  return facts_estimate(root, measure, "candidate");
}

static void append_estimate(struct text *text, const char *name, const json_t *row) {
  text_printf(text, "%s %.3g [%.3g, %.3g]", name, facts_number(row, "value"),
              facts_number(row, "low"), facts_number(row, "high"));
}

void rule_finding(const json_t *finding, struct advice *advice) {
  const char *remedy = facts_text(finding, "remedy"), *command = facts_text(finding, "command");
  if (remedy[0] >= 'a' && remedy[0] <= 'z') {
    text_printf(&advice->title, "%c%s", remedy[0] - 'a' + 'A', remedy + 1);
  } else if (remedy[0] != '\0') {
    text_append(&advice->title, remedy);
  } else {
    text_printf(&advice->title, "Look into: %s", facts_text(finding, "title"));
  }
  if (advice->title.length > 1 && advice->title.data[advice->title.length - 1] == '.') {
    advice->title.data[--advice->title.length] = '\0';
  }
  text_append(&advice->why, facts_text(finding, remedy[0] == '\0' ? "evidence" : "title"));
  if (command[0] != '\0') {
    text_append(&advice->command, command);
  }
}

bool rule_broken_rows(const json_t *root, struct advice *advice) {
  const json_t *share = candidate(root, "deployability.schema_contract");
  const json_t *rows = json_object_get(root, "findings");
  size_t n = 0;
  if (!(facts_number(share, "value") < 1)) {
    return false;
  }
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "id"), "deployability.schema_contract") == 0 && n++ == 0) {
      text_append(&advice->why, facts_text(row, "evidence"));
    }
  }
  if (n > 1) {
    text_printf(&advice->why, "; and %zu more like it", n - 1);
  }
  text_printf(&advice->title,
              "Stop broken rows before they reach the candidate: of %.0f ways to break one, %.0f "
              "get no error that says what is wrong",
              facts_number(share, "n"),
              facts_number(share, "n") * (1 - facts_number(share, "value")));
  facts_command(root, "measure", "--only deployability.schema_contract", &advice->command);
  return n > 0;
}

/* Formula 1; z from the half width of a normal interval is not known, so from the level. */
static double z_of(double level) {
  return level > 0.985 ? 2.576 : level > 0.925 ? 1.96 : 1.645;
}

bool rule_rare_class(const json_t *root, struct advice *advice) {
  const json_t *recall = candidate(root, "correctness.recall");
  double low = facts_number(recall, "low"), high = facts_number(recall, "high"),
         n = facts_number(recall, "n"), half = 0.5 * (high - low);
  double p = low > 0.5 ? low : (high < 0.5 ? high : 0.5);
  double z = z_of(facts_number(recall, "level"));
  double needed = ceil(z * z * p * (1.0 - p) / (RECALL_HALF_WIDTH * RECALL_HALF_WIDTH));
  if (!(half > RECALL_HALF_WIDTH) || !(needed > n)) {
    return false;
  }
  text_append(&advice->title, "Label about ");
  text_grouped(&advice->title, (unsigned long long)(needed - n));
  text_append(&advice->title, " more rows that are ");
  facts_positive(root, &advice->title);
  text_append_n(&advice->why, "", 0);
  text_grouped(&advice->why, (unsigned long long)n);
  text_append(&advice->why, n == 1.0 ? " such row leaves " : " such rows leave ");
  append_estimate(&advice->why, "recall at", recall);
  return true;
}

/* Who judges by other measures needs no advice to do so. */
static bool is_accuracy_judged(const json_t *root) {
  const json_t *rows = json_object_get(root, "judgements");
  bool found = false;
  for (size_t i = 0; i < json_array_size(rows) && !found; i++) {
    const char *id = facts_text(json_array_get(rows, i), "measure");
    found = strcmp(id, "correctness.accuracy") == 0 || strcmp(id, "correctness.error_rate") == 0;
  }
  return found;
}

bool rule_imbalance(const json_t *root, struct advice *advice) {
  const json_t *accuracy = candidate(root, "correctness.accuracy"),
               *balanced = candidate(root, "correctness.balanced_accuracy");
  double gap = facts_number(accuracy, "value") - facts_number(balanced, "value");
  if (!(gap > IMBALANCE) || (facts_is_check(root) && !is_accuracy_judged(root))) { /* formula 2 */
    return false;
  }
  text_append(&advice->title,
              "Judge by average precision, recall or balanced accuracy, not by accuracy");
  text_printf(&advice->why,
              "accuracy is %.3g and balanced accuracy %.3g: the common class hides "
              "the rare one",
              facts_number(accuracy, "value"), facts_number(balanced, "value"));
  facts_command(root, "measure",
                "--only correctness.average_precision,correctness.recall,"
                "correctness.balanced_accuracy",
                &advice->command);
  return true;
}

/* Formula 3: a title, and a line to copy. */
static void say_threshold(const json_t *root, double prevalence, struct advice *advice) {
  struct text more = {0};
  text_printf(&advice->title,
              "Choose the threshold by what a miss and a false alarm cost; %s%.2g%s, "
              "the share of positives, is a start",
              facts_is_check(root) ? "`threshold: " : "", prevalence,
              facts_is_check(root) ? "` in nonet.yaml" : "");
  text_printf(&more, "--threshold %.2g", prevalence);
  if (!facts_is_check(root)) {
    facts_command(root, "measure", more.data == NULL ? "" : more.data, &advice->command);
  }
  advice->title.failed |= more.failed;
  text_clear(&more);
}

/* Formula 6. */
bool rule_one_answer(const json_t *root, struct advice *advice) {
  const double rate = facts_number(facts_estimate(root, "fairness.selection_rate", "candidate"),
                                   "value"),
               threshold = facts_number(facts_config(root), "threshold");
  if (!(rate == 0.0 || rate == 1.0) || !isfinite(threshold) ||
      json_object_get(facts_config(root), "score") == NULL) {
    return false;
  }
  const double prevalence = facts_number(candidate(root, "correctness.prevalence"), "value");
  const bool is_timid = rate == 0.0 && prevalence > 0.0 && prevalence < threshold &&
                        isfinite(facts_number(candidate(root, "correctness.brier"), "value"));
  if (is_timid) { /* formula 3: probabilities, of which none is so large */
    say_threshold(root, prevalence, advice);
  } else {
    text_printf(&advice->title, "Give --threshold on the scale of the scores: %.3g is not",
                threshold);
  }
  text_printf(&advice->why, "at %.3g %s row is called positive", threshold,
              rate == 1.0 ? "every" : "no");
  return true;
}

bool rule_threshold(const json_t *root, struct advice *advice) {
  const json_t *recall = candidate(root, "correctness.recall"),
               *auc = candidate(root, "correctness.auc");
  double threshold = facts_number(facts_config(root), "threshold"),
         prevalence = facts_number(candidate(root, "correctness.prevalence"), "value");
  if (!(facts_number(recall, "high") < 0.5) || !(facts_number(auc, "low") > GOOD_AUC) ||
      !(prevalence > 0.0 && prevalence < threshold)) {
    return false;
  }
  say_threshold(root, prevalence, advice);
  text_printf(&advice->why, "at %.3g ", threshold);
  append_estimate(&advice->why, "recall is", recall);
  append_estimate(&advice->why, " while auc is", auc);
  return true;
}

static bool excludes(const json_t *row, double value) {
  return facts_number(row, "low") > value || facts_number(row, "high") < value;
}

bool rule_calibration(const json_t *root, struct advice *advice) {
  const json_t *slope = candidate(root, "correctness.calibration_slope"),
               *intercept = candidate(root, "correctness.calibration_intercept");
  bool is_slope_off = excludes(slope, 1.0), is_intercept_off = excludes(intercept, 0.0);
  if (!is_slope_off && !is_intercept_off) {
    return false;
  }
  text_append(&advice->title,
              "Recalibrate the candidate (Platt's or isotonic scaling) on rows that "
              "are not the test rows");
  if (is_slope_off) { /* formula 4 */
    append_estimate(&advice->why, "calibration slope", slope);
    text_append(&advice->why, facts_number(slope, "value") < 1.0
                                  ? ", below 1: the probabilities are too extreme"
                                  : ", above 1: the probabilities are too timid");
  }
  if (is_intercept_off) {
    text_append(&advice->why, is_slope_off ? "; " : "");
    append_estimate(&advice->why, "calibration intercept", intercept);
    text_append(&advice->why, facts_number(intercept, "value") > 0.0
                                  ? ", above 0: they are too low on average"
                                  : ", below 0: they are too high on average");
  }
  facts_command(root, "measure",
                "--only correctness.calibration_slope,correctness.calibration_intercept,"
                "correctness.ece",
                &advice->command);
  return true;
}

bool rule_overfitted(const json_t *root, struct advice *advice) {
  const json_t *gap = candidate(root, "correctness.generalisation_gap");
  bool is_binary = strcmp(facts_text(facts_config(root), "task"), "binary") == 0;
  bool is_worse = is_binary ? facts_number(gap, "high") < -GAP_LEAST
                            : facts_number(gap, "low") > 0.0; /* formula 5 */
  if (!is_worse) {
    return false;
  }
  text_append(&advice->title, "Regularise the candidate, or give it more training rows: it knows "
                              "its training rows better than new ones");
  append_estimate(&advice->why, "generalisation gap (test minus training rows)", gap);
  facts_command(root, "measure", "--only correctness.generalisation_gap", &advice->command);
  return true;
}

bool rule_not_built(const json_t *root, struct advice *advice) {
  json_t *coverage = json_object_get(facts_verdict(root), "coverage"), *value;
  const char *name, *comma = "";
  size_t n = 0;
  struct text names = {0};
  json_object_foreach(coverage, name, value) {
    if (json_is_string(value) && strcmp(json_string_value(value), "not_built") == 0) {
      text_printf(&names, "%s%s", comma, name);
      comma = ", ";
      n++;
    }
  }
  if (n > 0 && !facts_is_verdict(root, "NONE")) {
    text_printf(&advice->title, "Look after %s by other means",
                names.data == NULL ? "" : names.data);
    text_printf(&advice->why,
                "this build does not measure %s, so the verdict says nothing about %s",
                n == 1 ? "it" : "them", n == 1 ? "it" : "them");
  }
  advice->title.failed |= names.failed;
  text_clear(&names);
  return n > 0 && !facts_is_verdict(root, "NONE");
}
