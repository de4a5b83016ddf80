/*
 * Advice: the table of rules in the order in which a team should act.
 *
 * What concerns the verdict comes first: a comparison that is none, answers that do not repeat,
 * proven harm, then what would decide an open verdict; after it what would make the model better,
 * and last what nobody has measured. A rule speaks at most once, so an action never repeats; the
 * first ADVISE_MOST that apply are written.
 *
 * Findings are a rule each at the place of their severity: their remedy is what to do. They give
 * way to rules that know the model (a rare class) or speak of several of them at once (broken
 * rows).
 */
#include "advise/advise.h"

#include <string.h>

#include "advise/facts.h"
#include "advise/findings_data.h"
#include "advise/rules.h"
#include "base/error.h"

struct rule {
  const char *id;
  const char *when;   /* for a reader of this table */
  const char *effect; /* what acting on it is expected to change */
  rule_find find;     /* NULL: the findings of `severity` */
  const char *severity;
};

static const struct rule rules[] = {
    {"equal_models", "candidate and baseline are the same file",
     "a judgement of two models instead of one with itself", rule_equal_models, NULL},
    {"not_running", "a model does not open, does not answer, or hangs",
     "everything else that is judged can be measured", rule_not_running, NULL},
    {"determinism", "some rows answer differently when asked again",
     "the same rows give the same numbers, so that two runs can be compared", rule_determinism,
     NULL},
    {"slower", "FAIL: a time or a throughput is beyond its margin or its requirement",
     "a shorter request; candidate and baseline are timed again side by side", rule_slower, NULL},
    {"larger", "FAIL: the file is beyond its margin", "a file that fits where it will live",
     rule_larger, NULL},
    {"one_answer", "every row, or none, is called positive",
     "decisions that part rows, and numbers of them that mean something", rule_one_answer, NULL},
    {"group_worse", "FAIL: a group is served worse than by the baseline",
     "no group pays for the others' gain", rule_group_worse, NULL},
    {"gap_violated", "FAIL: a gap between groups is proven beyond its requirement",
     "a smaller gap, at some cost in accuracy; every gate judges the new model again",
     rule_gap_violated, NULL},
    {"harmed", "FAIL: another gate is beyond its margin",
     "the groups and classes that lose most stand out", rule_harmed, NULL},
    {"violated", "FAIL: a requirement is not met",
     "PASS becomes possible; a requirement holds whatever the gates say", rule_violated, NULL},
    {"look_used", "INCONCLUSIVE: these data were judged before and have grown",
     "a new question with the whole alpha", rule_look_used, NULL},
    {"clusters_few", "INCONCLUSIVE: few clusters, or one that outweighs the others",
     "the gate can be decided: rows of one cluster count for little more than one row",
     rule_clusters_few, NULL},
    {"gap_undecided", "a requirement on a gap is open", "a gap that is known well enough to judge",
     rule_gap_undecided, NULL},
    {"label_more", "INCONCLUSIVE: more rows of the same kind would decide",
     "PASS in 80 % of cases if the models are equal", rule_label_more, NULL},
    {"launch_more", "INCONCLUSIVE: more launches would decide a time",
     "PASS in 80 % of cases if the models are equally fast", rule_launch_more, NULL},
    {"undecided", "INCONCLUSIVE: a gate that must not be decided on these rows",
     "the gate can be decided; how many rows that takes cannot be computed from these",
     rule_undecided, NULL},
    {"not_measured", "a gate or requirement was not measured and could be",
     "one gate less that stands between this run and PASS", rule_not_measured, NULL},
    {"critical", "a finding that is critical", "less harm to what it hurts", NULL, "critical"},
    {"error", "a finding that is an error", "less harm to what it hurts", NULL, "error"},
    {"newer_runtime", "the model is newer than the runtime of this machine",
     "it opens where it will live", rule_newer_runtime, NULL},
    {"rebalance", "a rare class of which less than half is found, and training rows are known",
     "more of the rare class found and more false alarms; the test rows say how many",
     rule_rebalance, NULL},
    {"threshold", "the scores rank well and yet most positives are missed",
     "more positives found and more false alarms; auc stays as it is", rule_threshold, NULL},
    {"rare_class", "recall is known to worse than 5 points", "recall known to ±0.05 or better",
     rule_rare_class, NULL},
    {"gap_proven", "a gap of a point or more is proven and nobody judged any",
     "the next run says PASS or FAIL instead of a number", rule_gap_proven, NULL},
    {"too_small", "a group has too few rows to be judged", "gaps that speak of everybody",
     rule_too_small, NULL},
    {"imbalance", "accuracy, far above balanced accuracy, is what one looks at or judges by",
     "numbers that fall when the rare class is missed", rule_imbalance, NULL},
    {"calibration", "slope or intercept is off",
     "slope 1 and intercept 0; the order of the rows, and so auc, stays as it is", rule_calibration,
     NULL},
    {"overfitted", "better on the rows it was trained on",
     "test and training rows come nearer to each other", rule_overfitted, NULL},
    {"broken_rows",
     "rows that break the contract of the inputs get an answer, or an error that says nothing",
     "a clear error, or a value of your choice, where a row is broken", rule_broken_rows, NULL},
    {"batch", "a batch costs at most two thirds for each row, within the deadline if there is one",
     "more rows answered by the same machine", rule_batch, NULL},
    {"deadline", "a latency is judged, and no requirement says what is fast enough",
     "the report says how many requests come in time", rule_deadline, NULL},
    {"threads", "two threads inside the model are slower than one, or clearly faster",
     "the same machine answers more, or stops paying for nothing", rule_threads, NULL},
    {"warning", "a finding that is a warning", "less harm to what it hurts", NULL, "warning"},
    {"not_built", "attributes that this build does not measure",
     "no surprise from what no number here speaks of", rule_not_built, NULL},
};

static void advice_clear(struct advice *advice) {
  text_clear(&advice->title);
  text_clear(&advice->why);
  text_clear(&advice->command);
}

/* Takes the advice. */
static nonet_status write_action(struct evidence *evidence, const char *effect,
                                 struct advice *advice, nonet_error *error) {
  const bool failed = advice->title.failed || advice->why.failed || advice->command.failed;
  if (!failed) {
    evidence_add_action(evidence, advice->title.data, advice->why.data, effect,
                        advice->command.data);
  }
  advice_clear(advice);
  return failed ? error_memory(error, 0, "the advice") : NONET_OK;
}

/* Rules that say more than a finding does, or the same of several of them at once. */
static const struct {
  const char *finding;
  rule_find better[4];
} said_better[] = {
    {"data.class_imbalance", {rule_rare_class, rule_rebalance, rule_imbalance, NULL}},
    {"data.few_rows", {rule_rare_class, rule_rebalance, rule_imbalance, NULL}},
    {"deployability.loads", {rule_not_running, NULL}},
    {"deployability.schema_contract", {rule_broken_rows, NULL}},
    {"deployability.opset_range", {rule_newer_runtime, NULL}},
};

static bool is_said_better(const json_t *root, const json_t *finding) {
  const char *id = facts_text(finding, "id");
  const bool is_breach = strcmp(id, "deployability.schema_contract") == 0 &&
                         strcmp(facts_text(finding, "severity"), "warning") != 0;
  bool is_better = false;
  for (size_t i = 0; !is_breach && i < sizeof said_better / sizeof *said_better; i++) {
    const rule_find *better = said_better[i].better;
    for (size_t k = 0; strcmp(said_better[i].finding, id) == 0 && better[k] != NULL && !is_better;
         k++) {
      struct advice advice = {0};
      is_better = better[k](root, &advice);
      advice_clear(&advice);
    }
  }
  return is_better;
}

static bool is_alike(const json_t *finding, const json_t *other) {
  static const char *const keys[] = {"severity", "remedy", "command"};
  bool is_same = facts_text(finding, "remedy")[0] != '\0';
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    is_same = is_same && strcmp(facts_text(finding, keys[k]), facts_text(other, keys[k])) == 0;
  }
  return is_same || finding == other;
}

/* How many findings ask for the same, this one among them. */
static size_t n_alike(const json_t *root, const json_t *finding) {
  const json_t *rows = json_object_get(root, "findings");
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    n += is_alike(finding, json_array_get(rows, i));
  }
  return n;
}

static bool is_said_before(const json_t *rows, size_t i) {
  bool found = false;
  for (size_t k = 0; k < i && !found; k++) {
    found = is_alike(json_array_get(rows, i), json_array_get(rows, k));
  }
  return found;
}

static nonet_status write_finding(struct evidence *evidence, const json_t *finding,
                                  nonet_error *error) {
  const json_t *hurts = json_object_get(finding, "hurts");
  const char *known = findings_data_effect(facts_text(finding, "id"));
  struct advice advice = {0};
  struct text effect = {0};
  rule_finding(finding, &advice);
  const size_t n_more = n_alike(evidence->root, finding) - 1;
  if (n_more > 0) {
    text_printf(&advice.why, "; and %zu more like it", n_more);
  }
  text_append(&effect, known != NULL                 ? known
                       : json_array_size(hurts) == 0 ? "less harm"
                                                     : "less harm to");
  for (size_t i = 0; i < json_array_size(hurts) && known == NULL; i++) {
    const char *name = json_string_value(json_array_get(hurts, i));
    text_printf(&effect, "%s %s", i == 0 ? "" : ",", name == NULL ? "" : name);
  }
  advice.title.failed |= effect.failed;
  nonet_status status = write_action(evidence, effect.data, &advice, error);
  text_clear(&effect);
  return status;
}

static nonet_status write_findings(struct evidence *evidence, const char *severity,
                                   size_t *n_written, nonet_error *error) {
  const json_t *rows = json_object_get(evidence->root, "findings");
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < json_array_size(rows) && *n_written < ADVISE_MOST && status == NONET_OK;
       i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "severity"), severity) == 0 && !is_said_before(rows, i) &&
        !is_said_better(evidence->root, row)) {
      status = write_finding(evidence, row, error);
      (*n_written)++;
    }
  }
  return status;
}

nonet_status advise_actions(struct evidence *evidence, nonet_error *error) {
  nonet_status status = NONET_OK;
  size_t n_written = 0;
  for (size_t i = 0;
       i < sizeof rules / sizeof *rules && n_written < ADVISE_MOST && status == NONET_OK; i++) {
    struct advice advice = {0};
    if (rules[i].find == NULL) {
      status = write_findings(evidence, rules[i].severity, &n_written, error);
    } else if (rules[i].find(evidence->root, &advice)) {
      status = write_action(evidence, rules[i].effect, &advice, error);
      n_written++;
    }
    advice_clear(&advice);
  }
  return status;
}
