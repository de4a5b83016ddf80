/*
 * Advice: the table of rules in the order in which a team should act.
 *
 * What concerns the verdict comes first: a comparison that is none, answers that do not repeat,
 * proven harm, then what would decide an open verdict; after it what would make the model better,
 * and last what nobody has measured. A rule speaks at most once, so an action never repeats; the
 * first ADVISE_MOST that apply are written.
 */
#include "advise/advise.h"

#include "advise/rules.h"
#include "base/error.h"

struct rule {
  const char *id;
  const char *when;   /* for a reader of this table */
  const char *effect; /* what acting on it is expected to change */
  rule_find find;
};

static const struct rule rules[] = {
    {"equal_models", "candidate and baseline are the same file",
     "a judgement of two models instead of one with itself", rule_equal_models},
    {"determinism", "some rows answer differently when asked again",
     "the same rows give the same numbers, so that two runs can be compared", rule_determinism},
    {"slower", "FAIL: a time or a throughput is beyond its margin or its requirement",
     "a shorter request; candidate and baseline are timed again side by side", rule_slower},
    {"larger", "FAIL: the file is beyond its margin", "a file that fits where it will live",
     rule_larger},
    {"one_answer", "every row, or none, is called positive",
     "numbers of decisions that mean something", rule_one_answer},
    {"group_worse", "FAIL: a group is served worse than by the baseline",
     "no group pays for the others' gain", rule_group_worse},
    {"gap_violated", "FAIL: a gap between groups is proven beyond its requirement",
     "a smaller gap, at some cost in accuracy; every gate judges the new model again",
     rule_gap_violated},
    {"harmed", "FAIL: another gate is beyond its margin",
     "the groups and classes that lose most stand out", rule_harmed},
    {"violated", "FAIL: a requirement is not met",
     "PASS becomes possible; a requirement holds whatever the gates say", rule_violated},
    {"look_used", "INCONCLUSIVE: these data were judged before and have grown",
     "a new question with the whole alpha", rule_look_used},
    {"clusters_few", "INCONCLUSIVE: few clusters, or one that outweighs the others",
     "a law that may decide: rows of one cluster count for little more than one",
     rule_clusters_few},
    {"gap_undecided", "a requirement on a gap is open", "a gap that is known well enough to judge",
     rule_gap_undecided},
    {"label_more", "INCONCLUSIVE: more rows of the same kind would decide",
     "PASS in 80 % of cases if the models are equal", rule_label_more},
    {"launch_more", "INCONCLUSIVE: more launches would decide a time",
     "PASS in 80 % of cases if the models are equally fast", rule_launch_more},
    {"undecided", "INCONCLUSIVE: a gate that must not be decided on these rows",
     "a law that may decide; how many rows that takes cannot be computed from these",
     rule_undecided},
    {"not_measured", "a gate or requirement was not measured and could be",
     "one gate less that stands between this run and PASS", rule_not_measured},
    {"finding", "a finding that is an error or critical", "the defect no longer hurts what it does",
     rule_finding},
    {"newer_runtime", "the model is newer than the runtime of this machine",
     "it opens where it will live", rule_newer_runtime},
    {"gap_proven", "a gap is proven and nobody judged any",
     "the next run says PASS or FAIL instead of a number", rule_gap_proven},
    {"too_small", "a group has too few rows to be judged", "gaps that speak of everybody",
     rule_too_small},
    {"rebalance", "a rare class of which less than half is found, and training rows are known",
     "more of the rare class found and more false alarms; the test rows say how many",
     rule_rebalance},
    {"rare_class", "recall is known to worse than 5 points", "recall known to ±0.05 or better",
     rule_rare_class},
    {"imbalance", "accuracy is far above balanced accuracy",
     "numbers that fall when the rare class is missed", rule_imbalance},
    {"threshold", "the scores rank well and yet most positives are missed",
     "more positives found and more false alarms; auc stays as it is", rule_threshold},
    {"calibration", "slope or intercept is off",
     "slope 1 and intercept 0; the order of the rows, and so auc, stays as it is",
     rule_calibration},
    {"overfitted", "better on the rows it was trained on",
     "test and training rows come nearer to each other", rule_overfitted},
    {"broken_rows",
     "rows that break the contract of the inputs are answered as if nothing were wrong",
     "an error, or a value of your choice, in place of an answer to a broken row",
     rule_broken_rows},
    {"batch", "a batch costs at most two thirds for each row, within the deadline if there is one",
     "more rows answered by the same machine", rule_batch},
    {"not_built", "attributes that this build does not measure",
     "no surprise from what no number here speaks of", rule_not_built},
};

static nonet_status write_action(struct evidence *evidence, const struct rule *rule,
                                 const struct advice *advice, nonet_error *error) {
  if (advice->title.failed || advice->why.failed || advice->command.failed) {
    return error_memory(error, 0, "the advice");
  }
  evidence_add_action(evidence, advice->title.data, advice->why.data, rule->effect,
                      advice->command.data);
  return NONET_OK;
}

nonet_status advise_actions(struct evidence *evidence, nonet_error *error) {
  nonet_status status = NONET_OK;
  size_t n_written = 0;
  for (size_t i = 0;
       i < sizeof rules / sizeof *rules && n_written < ADVISE_MOST && status == NONET_OK; i++) {
    struct advice advice = {0};
    if (rules[i].find(evidence->root, &advice)) {
      status = write_action(evidence, &rules[i], &advice, error);
      n_written++;
    }
    text_clear(&advice.title);
    text_clear(&advice.why);
    text_clear(&advice.command);
  }
  return status;
}
