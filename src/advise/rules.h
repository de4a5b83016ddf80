/* The rules of the advice: each looks at a document and says what it would do, or nothing. */
#ifndef ADVISE_RULES_H
#define ADVISE_RULES_H

#include <stdbool.h>

#include <jansson.h>

#include "base/text.h"

/* What a rule fills; zeroed before. */
struct advice {
  struct text title, why, command; /* command untouched: there is none */
};

/* True: it applies, and title and why are filled. */
typedef bool (*rule_find)(const json_t *root, struct advice *advice);

/* rules_verdict.c: what stands between this run and its verdict */
bool rule_equal_models(const json_t *root, struct advice *advice);
bool rule_not_running(const json_t *root, struct advice *advice);
bool rule_determinism(const json_t *root, struct advice *advice);
bool rule_slower(const json_t *root, struct advice *advice);
bool rule_larger(const json_t *root, struct advice *advice);
bool rule_harmed(const json_t *root, struct advice *advice);
bool rule_violated(const json_t *root, struct advice *advice);
bool rule_look_used(const json_t *root, struct advice *advice);
bool rule_clusters_few(const json_t *root, struct advice *advice);
bool rule_label_more(const json_t *root, struct advice *advice);
bool rule_launch_more(const json_t *root, struct advice *advice);
bool rule_undecided(const json_t *root, struct advice *advice);
bool rule_not_measured(const json_t *root, struct advice *advice);

/* rules_deploy.c: how to ask it where it will live, and what that place needs */
bool rule_batch(const json_t *root, struct advice *advice);
bool rule_deadline(const json_t *root, struct advice *advice);
bool rule_threads(const json_t *root, struct advice *advice);
bool rule_newer_runtime(const json_t *root, struct advice *advice);

/* rules_fairness.c: what groups need, and the data behind them */
bool rule_gap_violated(const json_t *root, struct advice *advice);
bool rule_group_worse(const json_t *root, struct advice *advice);
bool rule_gap_undecided(const json_t *root, struct advice *advice);
bool rule_too_small(const json_t *root, struct advice *advice);
bool rule_gap_proven(const json_t *root, struct advice *advice);
bool rule_rebalance(const json_t *root, struct advice *advice);

/* rules_model.c: what would make the model, or what is known of it, better */
/* What to do about one finding: its remedy, else a look at it. */
void rule_finding(const json_t *finding, struct advice *advice);
bool rule_rare_class(const json_t *root, struct advice *advice);
bool rule_imbalance(const json_t *root, struct advice *advice);
bool rule_one_answer(const json_t *root, struct advice *advice);
bool rule_threshold(const json_t *root, struct advice *advice);
bool rule_calibration(const json_t *root, struct advice *advice);
bool rule_overfitted(const json_t *root, struct advice *advice);
bool rule_broken_rows(const json_t *root, struct advice *advice);
bool rule_not_built(const json_t *root, struct advice *advice);

#endif
