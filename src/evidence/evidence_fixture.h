/* A small finished document for the tests: two groups and a class, one timed row, one of everything
 * else. */
#ifndef EVIDENCE_EVIDENCE_FIXTURE_H
#define EVIDENCE_EVIDENCE_FIXTURE_H

#include <math.h>

#include "evidence/evidence.h"

#define FIXTURE_ESTIMATES 8

static inline void fixture_estimate(struct evidence *evidence, size_t which) {
  static const char *const sex[] = {"sex"}, *const both[] = {"sex", "race"},
                           *const race[] = {"race"};
  static const char *const female[] = {"Female"}, *const unknown[] = {NULL},
                           *const crossed[] = {"Female", "Black, other"},
                           *const white[] = {"White"};
  static const char *const notes[] = {"no positives here"};
  const struct evidence_scope all = {.kind = SCOPE_ALL};
  const struct evidence_estimate rows[FIXTURE_ESTIMATES] = {
      {"correctness.auc", "correctness", ROLE_CANDIDATE, all, 0.9, 0.875, 0.925, 0.95, "delong",
       1000, 1000, 0, NULL},
      {"correctness.auc", "correctness", ROLE_BASELINE, all, 0.8, 0.75, 0.85, 0.95, "delong", 1000,
       812.5, 0, NULL},
      {"correctness.auc",
       "correctness",
       ROLE_CANDIDATE,
       {.kind = SCOPE_GROUP, .n_by = 1, .by_column = sex, .by_value = unknown},
       NAN,
       NAN,
       INFINITY,
       0.95,
       "delong",
       3,
       3,
       1,
       notes},
      {"correctness.auc",
       "correctness",
       ROLE_CANDIDATE,
       {.kind = SCOPE_GROUP, .n_by = 1, .by_column = sex, .by_value = female},
       0.5,
       0.25,
       0.75,
       0.95,
       "delong",
       400,
       400,
       0,
       NULL},
      {"correctness.auc",
       "correctness",
       ROLE_CANDIDATE,
       {.kind = SCOPE_GROUP, .n_by = 2, .by_column = both, .by_value = crossed},
       0.5,
       0.25,
       0.75,
       0.95,
       "delong",
       40,
       40,
       0,
       NULL},
      {"correctness.auc",
       "correctness",
       ROLE_CANDIDATE,
       {.kind = SCOPE_GROUP, .n_by = 1, .by_column = race, .by_value = white},
       0.5,
       0.25,
       0.75,
       0.95,
       "delong",
       500,
       500,
       0,
       NULL},
      {"efficiency.latency_p99", "efficiency", ROLE_CANDIDATE, all, 1.25, 1.0, 1.5, 0.95,
       "order_statistic", 100, 100, 0, NULL},
      {"correctness.accuracy",
       "correctness",
       ROLE_CANDIDATE,
       {.kind = SCOPE_CLASS, .class_name = "3"},
       0.5,
       0.25,
       0.75,
       0.95,
       "wilson",
       10,
       10,
       0,
       NULL}};
  evidence_add_estimate(evidence, &rows[which]);
}

static inline void fixture_rest(struct evidence *evidence) {
  static const double x[] = {0.0, 0.5, 1.0}, y[] = {0.0, 0.75, 1.0};
  static const char *const hurts[] = {"correctness"};
  const struct evidence_curve curve = {"correctness.roc",
                                       ROLE_CANDIDATE,
                                       {.kind = SCOPE_ALL},
                                       3,
                                       x,
                                       y,
                                       NULL,
                                       NULL,
                                       NULL,
                                       0.95,
                                       NULL,
                                       10,
                                       0,
                                       NULL};
  const struct evidence_judgement gate = {.measure = "correctness.auc",
                                          .scope = {.kind = SCOPE_ALL},
                                          .kind = "non_inferiority",
                                          .difference = 0.1,
                                          .low = 0.05,
                                          .high = 0.15,
                                          .level = 0.9,
                                          .method = "delong",
                                          .threshold = NAN,
                                          .threshold_high = NAN,
                                          .margin = 0.01,
                                          .margin_stated = "0.01",
                                          .scale = "difference",
                                          .p_safe = 0.001,
                                          .p_harmed = 1.0,
                                          .p_harmed_adjusted = 1.0,
                                          .state = "SAFE",
                                          .tier = 1,
                                          .is_primary = true,
                                          .alpha_used = 0.05,
                                          .limit = NAN,
                                          .gain = "IMPROVED",
                                          .p_gain = 0.002,
                                          .look = 1,
                                          .n_needed = NAN,
                                          .n_fail = NAN};
  const struct evidence_finding finding = {.id = "data.tomek_links",
                                           .attribute = "data",
                                           .severity = "warning",
                                           .title = "Overlap",
                                           .text = "12 pairs",
                                           .hurts = hurts,
                                           .n_hurts = 1};
  evidence_set_run(evidence, "started", json_string("2026-01-02T03:04:05Z"));
  evidence_set_run(evidence, "seconds", json_real(0.25));
  evidence_set_run(evidence, "seed", json_integer(1));
  evidence_set_run(evidence, "threads", json_integer(2));
  evidence_set_config(evidence, "task", json_string("binary"));
  evidence_set_machine(evidence, "architecture", json_string("x86_64"));
  evidence_add_data(evidence, "test", "rows.parquet", 1002, 1000, NULL,
                    json_pack("{s:i, s:i}", "label_null", 2, "invalid", 0));
  evidence_add_model(evidence, "candidate", "columns", json_pack("{s:s}", "path", "score"));
  evidence_add_measure(evidence, "correctness.auc", "Area under the ROC curve",
                       "P(positive above negative)", "", "higher", "Hanley and McNeil 1982");
  evidence_add_measure(evidence, "correctness.auc", "told once", "", "", "higher", "");
  evidence_add_measure(evidence, "correctness.roc", "ROC curve", "At every threshold", "", "none",
                       "Fawcett 2006");
  evidence_add_axes(evidence, "correctness.roc", "false positive rate", "true positive rate");
  evidence_add_curve(evidence, &curve);
  evidence_add_judgement(evidence, &gate);
  evidence_add_finding(evidence, &finding);
  evidence_add_action(evidence, "Label more rows", "undecided", "a verdict", NULL);
  evidence_add_action(evidence, "Look at the overlap", "12 pairs", "less noise",
                      "nonet data rows.parquet");
  evidence_add_skipped(evidence, "correctness.ece", "not applicable: needs probabilities");
  evidence_add_timing(evidence, "read", 0.125);
}

/* All of it; `order` names the estimates by their place in the table above. */
static inline nonet_status fixture_make(const size_t *order, size_t n, struct evidence **evidence,
                                        nonet_error *error) {
  nonet_status status = evidence_new("compare", evidence, error);
  if (status == NONET_OK) {
    for (size_t i = 0; i < n; i++) {
      fixture_estimate(*evidence, order[i]);
    }
    fixture_rest(*evidence);
    status = evidence_finish(*evidence, error);
  }
  return status;
}

#endif
