/*
 * Rules of the verdict: what stands between this run and a decision.
 *
 * Cases:
 *  1. A comparison of a file with itself decides nothing. Models that are columns carry the hash of
 *     their data, so there the same column is the same model.
 *  2. FAIL: the harm in the most critical tier, one rule for times, one for the size of the file
 *     (what to do differs) and one for the rest; a requirement that is not met stands beside it.
 *  3. INCONCLUSIVE has four reasons, and the number of labels is of use for one: alpha is spent
 *     (only rows never judged help), too few clusters (rows of the same clusters do not), noise (n
 *     labels or launches), a law that must not decide.
 *  4. Not measured: what was not asked for or failed can be had; what is not built or does not
 *     apply cannot, except that a requirement on it will never be met. Times of too few requests
 *     say which budget would do, "--budget 12s": that is the action.
 *  5. A model that does not run comes before all: the gate on it and what failed for want of its
 *     answers are the same story.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advise/facts.h"
#include "advise/rules.h"

/* An oriented log ratio as the change of the measure, in per cent of the baseline's value. */
static double change(const json_t *root, const json_t *row, const char *key) {
  const json_t *measure =
      json_object_get(json_object_get(root, "measures"), facts_text(row, "measure"));
  const double d = facts_number(row, key);
  return 100.0 * expm1(strcmp(facts_text(measure, "direction"), "lower") == 0 ? -d : d);
}

/* A judgement's difference in words: in the measure's unit, or as a share of the baseline. */
static void append_interval(struct text *text, const json_t *root, const json_t *row) {
  double value = facts_number(row, "difference"), low = facts_number(row, "low"),
         high = facts_number(row, "high");
  if (strcmp(facts_text(row, "scale"), "log_ratio") == 0) {
    const double a = change(root, row, "low"), b = change(root, row, "high");
    text_printf(text, "%+.3g %% (%+.3g to %+.3g %%)", change(root, row, "difference"), fmin(a, b),
                fmax(a, b));
  } else {
    text_printf(text, "%.4g (%.4g to %.4g)", value, low, high);
  }
}

/* ---- what is no comparison ---- */

static const json_t *model_of(const json_t *root, const char *role) {
  const json_t *models = json_object_get(json_object_get(root, "inputs"), "models");
  for (size_t i = 0; i < json_array_size(models); i++) {
    if (strcmp(facts_text(json_array_get(models, i), "role"), role) == 0) {
      return json_array_get(models, i);
    }
  }
  return NULL;
}

/* Case 1. */
bool rule_equal_models(const json_t *root, struct advice *advice) {
  const json_t *candidate = model_of(root, "candidate"), *baseline = model_of(root, "baseline");
  bool is_columns = strcmp(facts_text(candidate, "kind"), "columns") == 0;
  const char *key = is_columns ? "path" : "sha256";
  const char *what = facts_text(candidate, key);
  if (what[0] == '\0' || strcmp(what, facts_text(baseline, key)) != 0 ||
      strcmp(facts_text(candidate, "kind"), facts_text(baseline, "kind")) != 0) {
    return false;
  }
  text_append(&advice->title, "Name the model that is to be judged: candidate and baseline are the "
                              "same");
  text_printf(&advice->why, "both are %s %.16s, so every difference is exactly 0",
              is_columns ? "the column" : "the file with the SHA-256", what);
  return true;
}

/* What was found of a model that does not run; of two the candidate, which stands first. */
static const json_t *not_running(const json_t *root) {
  const json_t *rows = json_object_get(root, "findings"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows) && found == NULL; i++) {
    const json_t *row = json_array_get(rows, i);
    found = strcmp(facts_text(row, "id"), "deployability.loads") == 0 ? row : NULL;
  }
  return found;
}

/* Case 5. */
bool rule_not_running(const json_t *root, struct advice *advice) {
  const json_t *found = not_running(root);
  const bool is_baseline = strstr(facts_text(found, "title"), "baseline") != NULL;
  if (found == NULL) {
    return false;
  }
  text_append(&advice->title, is_baseline ? "Make the baseline run, or name another: without one "
                                            "nothing is compared"
                                          : "Make the candidate run: nothing else is known of it");
  text_append(&advice->why, facts_text(found, "evidence"));
  facts_command(root, "measure", "--only deployability.loads", &advice->command);
  return true;
}

bool rule_determinism(const json_t *root, struct advice *advice) {
  double share =
      facts_number(facts_estimate(root, "deployability.determinism", "candidate"), "value");
  if (!(share < 1.0)) {
    return false;
  }
  text_printf(&advice->title,
              "Make the candidate's answers repeat: %.3g %% of the rows answer differently when "
              "asked again",
              100.0 * (1.0 - share));
  text_append(&advice->why,
              "answers change with the batch size, the threads or the time, and every "
              "number here moves with them; look for dropout left on, a seed that is "
              "not fixed, a batch that is normalised");
  facts_command(root, "measure", "--only deployability.determinism", &advice->command);
  return true;
}

/* ---- FAIL: case 2 ---- */

static bool is_time(const json_t *row) {
  const char *measure = facts_text(row, "measure");
  return strncmp(measure, "efficiency.latency", 18) == 0 ||
         strncmp(measure, "efficiency.throughput", 21) == 0;
}

static const json_t *time_that_fails(const json_t *root) {
  static const char *const states[] = {"HARMED", "VIOLATED"}, *const begins[] = {
                                                                  "efficiency.latency",
                                                                  "efficiency.throughput"};
  const json_t *found = NULL;
  for (int k = 0; k < 4 && found == NULL; k++) {
    found = facts_judgement(root, states[k / 2], begins[k % 2]);
  }
  return found;
}

bool rule_slower(const json_t *root, struct advice *advice) {
  const json_t *row = time_that_fails(root);
  if (row == NULL) {
    return false;
  }
  text_append(&advice->title, "Quantise or shrink the candidate, or give it other batches or "
                              "threads: it is too slow");
  facts_id(row, &advice->why);
  text_append(&advice->why, ": ");
  if (strncmp(facts_text(row, "measure"), "efficiency.latency", 18) == 0 &&
      strcmp(facts_text(row, "scale"), "log_ratio") == 0) { /* oriented: the time is exp(-d) */
    text_printf(&advice->why, "%.3g %% longer than the baseline's (%.3g to %.3g %%)",
                100.0 * expm1(-facts_number(row, "difference")),
                100.0 * expm1(-facts_number(row, "high")),
                100.0 * expm1(-facts_number(row, "low")));
  } else {
    append_interval(&advice->why, root, row);
  }
  text_printf(&advice->why, ", allowed %s", facts_text(row, "margin_stated"));
  facts_command(root, "measure", "--only efficiency", &advice->command);
  return true;
}

static bool is_size(const json_t *row) {
  return strcmp(facts_text(row, "measure"), "efficiency.artifact_bytes") == 0;
}

bool rule_larger(const json_t *root, struct advice *advice) {
  const json_t *row = facts_judgement(root, "HARMED", "efficiency.artifact_bytes");
  const double ours =
      facts_number(facts_estimate(root, "efficiency.artifact_bytes", "candidate"), "value");
  const double theirs =
      facts_number(facts_estimate(root, "efficiency.artifact_bytes", "baseline"), "value");
  if (row == NULL || !isfinite(ours) || !isfinite(theirs)) {
    return false;
  }
  text_append(&advice->title, "Say what the place can hold, or make the file smaller (fewer trees, "
                              "fewer units, quantised weights)");
  text_append(&advice->why, "the candidate has ");
  text_grouped(&advice->why, (unsigned long long)ours);
  text_append(&advice->why, " bytes, the baseline ");
  text_grouped(&advice->why, (unsigned long long)theirs);
  text_printf(&advice->why,
              ", allowed %s more; where bytes are counted, `margins: {efficiency.artifact_bytes: "
              "BYTES}` in the configuration is that place's own room",
              facts_text(row, "margin_stated"));
  return true;
}

static bool is_of_groups(const json_t *row) {
  return facts_is_gap(row) || strcmp(facts_text(row, "measure"), "fairness.no_group_worse") == 0;
}

/* The first of a state that is no time, no size and not about groups: those have their own rules.
 */
static const json_t *failing_otherwise(const json_t *root, const char *state) {
  const json_t *rows = json_object_get(root, "judgements"), *first = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const bool is_said =
        not_running(root) != NULL && strcmp(facts_text(row, "measure"), "deployability.loads") == 0;
    if (strcmp(facts_text(row, "state"), state) == 0 && !is_time(row) && !is_size(row) &&
        !is_of_groups(row) && !is_said &&
        (first == NULL || facts_number(row, "tier") < facts_number(first, "tier"))) {
      first = row;
    }
  }
  return first;
}

bool rule_harmed(const json_t *root, struct advice *advice) {
  const json_t *row = failing_otherwise(root, "HARMED");
  if (row == NULL || !facts_is_verdict(root, "FAIL")) {
    return false;
  }
  text_append(&advice->title, "Keep the baseline; find what ");
  facts_id(row, &advice->title);
  text_append(&advice->title, " loses");
  text_printf(&advice->why, "worse than its margin %s: ", facts_text(row, "margin_stated"));
  append_interval(&advice->why, root, row);
  if (facts_text(row, "why")[0] != '\0') {
    text_printf(&advice->why, "; %.200s", facts_text(row, "why"));
  }
  if (!facts_is_check(root)) {
    facts_command(root, "compare", "--group COL[,COL]", &advice->command);
  }
  return true;
}

bool rule_violated(const json_t *root, struct advice *advice) {
  const json_t *row = failing_otherwise(root, "VIOLATED");
  if (row == NULL) {
    return false;
  }
  text_append(&advice->title, "Bring the candidate to the requirement ");
  text_append(&advice->title, facts_text(row, "margin_stated"));
  facts_id(row, &advice->why);
  text_append(&advice->why, " is ");
  append_interval(&advice->why, root, row);
  text_append(&advice->why, ", which proves that it is not met");
  return true;
}

/* ---- INCONCLUSIVE: case 3 ---- */

static bool is_late(const json_t *root) {
  return json_is_true(json_object_get(facts_verdict(root), "late"));
}

bool rule_look_used(const json_t *root, struct advice *advice) {
  if (!facts_is_verdict(root, "INCONCLUSIVE") || !is_late(root)) {
    return false;
  }
  const json_t *first = json_array_get(json_object_get(root, "judgements"), 0);
  text_append(&advice->title,
              "Judge on rows that were never judged, in a file of their own; or set "
              "looks: grow before the first look at the next question");
  text_printf(&advice->why,
              "this is look %.0f at the question and the first had the whole alpha: judging grown "
              "data again and again passes falsely more often than promised",
              facts_number(first, "look"));
  return true;
}

static const json_t *undecided_by(const json_t *root, const char *word) {
  const json_t *rows = json_object_get(root, "judgements");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "state"), "UNDECIDED") == 0 &&
        facts_text(row, "reason")[0] != '\0' && strstr(facts_text(row, "reason"), word) != NULL) {
      return row;
    }
  }
  return NULL;
}

bool rule_clusters_few(const json_t *root, struct advice *advice) {
  const json_t *row = undecided_by(root, "clusters");
  const char *cluster = facts_text(facts_config(root), "cluster");
  if (row == NULL || !facts_is_verdict(root, "INCONCLUSIVE") || is_late(root)) {
    return false;
  }
  text_printf(&advice->title, "Collect rows of more clusters%s%s%s, not more rows of these",
              cluster[0] == '\0' ? "" : " (", cluster, cluster[0] == '\0' ? "" : ")");
  facts_id(row, &advice->why);
  text_printf(&advice->why, " must not be decided on these: %s", facts_text(row, "reason"));
  return true;
}

/* "; about 80 of them dead = 1" when the class is rare. */
static void append_positives(const json_t *root, double rows, struct text *text) {
  double share = facts_number(facts_estimate(root, "correctness.prevalence", "candidate"), "value");
  if (share > 0.0 && share < 0.2) {
    text_append(text, " (about ");
    text_grouped(text, (unsigned long long)ceil(rows * share));
    text_append(text, " of them ");
    facts_positive(root, text);
    text_append(text, ")");
  }
}

bool rule_label_more(const json_t *root, struct advice *advice) {
  double more = facts_number(facts_verdict(root), "n_needed") - facts_rows(root);
  if (!facts_is_verdict(root, "INCONCLUSIVE") || !isfinite(more) || more > 1e15 || is_late(root)) {
    return false;
  }
  text_append(&advice->title, "Label about ");
  more = fmax(more, 1.0);
  text_grouped(&advice->title, (unsigned long long)more);
  text_append(&advice->title, " more rows, drawn as these were");
  append_positives(root, more, &advice->title);
  text_append(&advice->title, facts_is_check(root)
                                  ? ", and check again on all of them as a new question"
                                  : ", and compare again on all of them as a new question");
  text_append(&advice->why,
              "the data cannot tell an equal candidate from one that is worse than its margin");
  facts_command(root, "compare", "", &advice->command);
  return true;
}

bool rule_launch_more(const json_t *root, struct advice *advice) {
  double needed = facts_number(facts_verdict(root), "n_launches_needed");
  if (!facts_is_verdict(root, "INCONCLUSIVE") || !(needed > 0.0) || needed > 1e15) {
    return false;
  }
  text_append(&advice->title, "Give the timing a larger budget: about ");
  text_grouped(&advice->title, (unsigned long long)needed);
  text_append(&advice->title, " launches of each model in all");
  text_append(&advice->why, "times differ from launch to launch, and more requests within one do "
                            "not show it");
  facts_command(root, "compare", "--budget 10m", &advice->command);
  return true;
}

bool rule_undecided(const json_t *root, struct advice *advice) {
  const json_t *row = undecided_by(root, "");
  bool has_number = isfinite(facts_number(facts_verdict(root), "n_needed"));
  if (!facts_is_verdict(root, "INCONCLUSIVE") || has_number || row == NULL || is_late(root) ||
      strstr(facts_text(row, "reason"), "clusters") != NULL) {
    return false;
  }
  text_append(&advice->title, "Collect rows that can decide ");
  facts_id(row, &advice->title);
  text_printf(&advice->why, "it must not be decided on these: %s", facts_text(row, "reason"));
  return true;
}

/* ---- not measured: case 4 ---- */

/* Times of too few requests: the budget that the reason names is the action. */
static bool say_budget(const json_t *root, const json_t *row, const char *reason,
                       struct advice *advice) {
  static const char option[] = "--budget ";
  const char *at = strstr(reason, option);
  char budget[48];
  if (at == NULL) {
    return false;
  }
  snprintf(budget, sizeof budget, "%.*s", (int)(strlen(option) + strcspn(at + strlen(option), " ")),
           at);
  text_printf(&advice->title, "Give the timing more time, %s: ", budget);
  facts_id(row, &advice->title);
  text_append(&advice->title, " had too few requests");
  text_append(&advice->why, reason);
  facts_command(root, "compare", budget, &advice->command);
  return true;
}

static const json_t *not_measured(const json_t *root, const char *reason, bool is_required) {
  const json_t *rows = json_object_get(root, "judgements");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    bool is_requirement = strcmp(facts_text(row, "kind"), "requirement") == 0;
    if (strcmp(facts_text(row, "state"), "NOT_MEASURED") == 0 &&
        strcmp(facts_text(row, "reason"), reason) == 0 && (is_requirement || !is_required)) {
      return row;
    }
  }
  return NULL;
}

bool rule_not_measured(const json_t *root, struct advice *advice) {
  static const struct {
    const char *reason, *begin, *end, *why;
    bool is_required;
  } cases[] = {
      {"failed", "Find out why ", " could not be measured", "it failed", false},
      {"not_asked", "Measure ", " as well: the context judges it",
       "--only or the budget left it "
       "out",
       false},
      {"not_applicable", "Give what ",
       " needs, or take the requirement out: unmeasured it is never "
       "met",
       "it does not apply to these inputs", true},
      {"not_built", "Take the requirement on ",
       " out: this build cannot measure it, and unmeasured "
       "it is never met",
       "it is not built yet", true},
  };
  if (facts_is_verdict(root, "PASS")) {
    return false; /* coverage: partial: nothing stands in the way */
  }
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const json_t *row = not_measured(root, cases[i].reason, cases[i].is_required);
    const bool is_said = i == 0 && not_running(root) != NULL;
    if (row == NULL || is_said) {
      continue;
    }
    const char *said = facts_skipped(root, facts_text(row, "measure"));
    if (say_budget(root, row, said, advice)) {
      return true;
    }
    text_append(&advice->title, cases[i].begin);
    facts_id(row, &advice->title);
    text_append(&advice->title, cases[i].end);
    text_append(&advice->why, said[0] == '\0' ? cases[i].why : said);
    if (strcmp(cases[i].reason, "failed") == 0) {
      struct text more = {0};
      text_printf(&more, "--only %s --log-level debug", facts_text(row, "measure"));
      facts_command(root, "measure", more.data == NULL ? "" : more.data, &advice->command);
      text_clear(&more);
    } else if (!cases[i].is_required) {
      facts_command(root, "compare", "", &advice->command);
    }
    return true;
  }
  return false;
}
