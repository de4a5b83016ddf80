/*
 * The records of gaps between groups; how their laws are made stands in gap_law.c.
 *
 * Group fairness of decisions about the rows of a column's groups: who is chosen (parity), who of
 * those who should be (opportunity), who wrongly is or is not (odds, error rates), how far a
 * decision can be relied on (predictive values), how often it is right. In multiclass the rates are
 * macro averages over the classes, each against the rest (@macro), or of one class (@class=3).
 */
#include <math.h>

#include "measure/fairness/gap_cross_auc.h"
#include "measure/fairness/gap_law.h"
#include "measure/records.h"
#include "stats/table2.h"

static const struct measure_variant rate_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY},
    {.suffix = "macro", .tasks = FOR_MULTICLASS, .word = "macro"},
    {.suffix = NULL}};

#define PAIRS_SOURCE                                                                               \
  "; bounds: pairs of groups by the skewness-corrected score (Laud 2017), with weights, clusters " \
  "or more than 32 groups by MOVER (Newcombe 1998; Zou & Donner 2008), unadjusted above and "      \
  "simultaneous by the studentised range below (Tukey)"

#define GAP_RECORD                                                                                 \
  .attribute = ATTRIBUTE_FAIRNESS, .unit = "", .direction = DIRECTION_LOWER, .range = {0, 1},      \
  .scopes = IN_COLUMN, .kinds = SUMMARY_COUNT_TABLE, .cost = COST_SCAN, .interval = "gap-pairs",   \
  .interval_weighted = "the same of each group's linearised limits; groups taken as independent",  \
  .estimate = gap_law_estimate, .compare = gap_law_compare,                                        \
  .shortfall =                                                                                     \
      "the upper bound is conservative with many groups, the difference of two gaps "              \
      "pays for every pair and, with more than 20 groups, is Bonferroni's over both models"

#define DECISION_GAP GAP_RECORD, .tasks = FOR_BINARY, .needs = NEEDS_PREDICTION | NEEDS_GROUPS

#define RATE_GAP                                                                                   \
  GAP_RECORD, .tasks = FOR_BINARY | FOR_MULTICLASS, .needs = NEEDS_PREDICTION | NEEDS_GROUPS,      \
      .variants = rate_variants, .parse_variant = gap_law_parse_class

/* A share of the table like the records of correctness: theirs are the laws. */
static nonet_status selection_estimate(const struct measure *measure,
                                       const struct measure_variant *variant, struct view *view,
                                       int stream, struct inference *out, nonet_error *error) {
  return correctness_prevalence.estimate(measure, variant, view, stream, out, error);
}

static nonet_status selection_compare(const struct measure *measure,
                                      const struct measure_variant *variant, struct view *view,
                                      struct inference *out, nonet_error *error) {
  return correctness_accuracy.compare(measure, variant, view, out, error);
}

const struct measure fairness_selection_rate = {
    .id = "fairness.selection_rate",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Selection rate",
    .definition = "Share of rows that are predicted positive.",
    .formula = "(TP + FP) / n",
    .source = "interval: Wilson 1927; paired difference: Tango 1998",
    .unit = "",
    .direction = DIRECTION_NONE,
    .range = {0, 1},
    .tasks = FOR_BINARY,
    .needs = NEEDS_PREDICTION | NEEDS_GROUPS,
    .scopes = IN_ALL | IN_GROUP,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SCAN,
    .interval = "wilson",
    .interval_weighted =
        "linearised over clusters; Wilson with n_effective / deff (Korn & Graubard 1998)",
    .function = TABLE2_PREDICTED_RATE,
    .estimate = selection_estimate,
    .compare = selection_compare,
};

const struct measure fairness_demographic_parity_difference = {
    DECISION_GAP,
    .id = "fairness.demographic_parity_difference",
    .title = "Demographic parity difference",
    .definition = "Largest difference between two groups' shares of rows predicted positive.",
    .formula = "max over groups of P(predicted 1 | group) - min over groups of the same",
    .source = "Dwork et al. 2012; Feldman et al. 2015" PAIRS_SOURCE,
    .function = GAP_SELECTION_DIFFERENCE,
};

const struct measure fairness_demographic_parity_ratio = {
    .id = "fairness.demographic_parity_ratio",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Demographic parity ratio",
    .definition = "Smallest ratio of two groups' shares of rows predicted positive; below 0.8 it "
                  "breaks the four-fifths rule.",
    .formula = "min over groups of P(predicted 1 | group) / max over groups of the same",
    .source =
        "29 CFR 1607.4(D); Feldman et al. 2015; bounds: pairs of groups by the skewness-corrected "
        "score of their ratio (Gart & Nam 1988; Laud 2017), with weights, clusters or more than 32 "
        "groups by MOVER on log Wilson limits (Zou & Donner 2008), unadjusted below and "
        "simultaneous by the studentised range above (Tukey)",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_BINARY,
    .needs = NEEDS_PREDICTION | NEEDS_GROUPS,
    .scopes = IN_COLUMN,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SCAN,
    .interval = "ratio-pairs",
    .interval_weighted = "the same of each group's linearised limits; groups taken as independent",
    .shortfall = "the lower bound is conservative with many groups",
    .function = GAP_SELECTION_RATIO,
    .estimate = gap_law_estimate,
    .compare = gap_law_compare,
};

const struct measure fairness_equal_opportunity_difference = {
    RATE_GAP,
    .id = "fairness.equal_opportunity_difference",
    .title = "Equal opportunity difference",
    .definition = "Largest difference between two groups' true positive rates.",
    .formula = "max over groups of TP / (TP + FN) - min over groups of the same",
    .source = "Hardt, Price & Srebro 2016" PAIRS_SOURCE,
    .function = GAP_TPR,
};

const struct measure fairness_equalized_odds_difference = {
    RATE_GAP,
    .id = "fairness.equalized_odds_difference",
    .title = "Equalised odds difference",
    .definition = "The larger of the gaps between groups in the true and in the false positive "
                  "rate.",
    .formula = "max(gap of TP / (TP + FN), gap of FP / (FP + TN))",
    .source = "Hardt, Price & Srebro 2016" PAIRS_SOURCE ", Bonferroni over the two rates",
    .function = GAP_ODDS,
};

const struct measure fairness_fpr_gap = {
    RATE_GAP,
    .id = "fairness.fpr_gap",
    .title = "Gap in the false positive rate",
    .definition = "Largest difference between two groups' false positive rates.",
    .formula = "max over groups of FP / (FP + TN) - min over groups of the same",
    .source = "Chouldechova 2017" PAIRS_SOURCE,
    .function = GAP_FPR,
};

const struct measure fairness_fnr_gap = {
    RATE_GAP,
    .id = "fairness.fnr_gap",
    .title = "Gap in the false negative rate",
    .definition = "Largest difference between two groups' false negative rates; the same number as "
                  "the equal opportunity difference.",
    .formula = "max over groups of FN / (TP + FN) - min over groups of the same",
    .source = "Chouldechova 2017" PAIRS_SOURCE,
    .function = GAP_FNR,
};

const struct measure fairness_predictive_parity = {
    RATE_GAP,
    .id = "fairness.predictive_parity",
    .title = "Predictive parity difference",
    .definition = "Largest difference between two groups' positive predictive values.",
    .formula = "max over groups of TP / (TP + FP) - min over groups of the same",
    .source = "Chouldechova 2017" PAIRS_SOURCE,
    .function = GAP_PPV,
};

const struct measure fairness_fdr_gap = {
    RATE_GAP,
    .id = "fairness.fdr_gap",
    .title = "Gap in the false discovery rate",
    .definition = "Largest difference between two groups' false discovery rates; the same number "
                  "as the predictive parity difference.",
    .formula = "max over groups of FP / (TP + FP) - min over groups of the same",
    .source = "Chouldechova 2017" PAIRS_SOURCE,
    .function = GAP_FDR,
};

const struct measure fairness_for_gap = {
    RATE_GAP,
    .id = "fairness.for_gap",
    .title = "Gap in the false omission rate",
    .definition = "Largest difference between two groups' false omission rates.",
    .formula = "max over groups of FN / (FN + TN) - min over groups of the same",
    .source = "Chouldechova 2017" PAIRS_SOURCE,
    .function = GAP_FOR,
};

const struct measure fairness_accuracy_gap = {
    GAP_RECORD,
    .id = "fairness.accuracy_gap",
    .title = "Accuracy gap",
    .definition = "Largest difference between two groups' shares of rows that are predicted right.",
    .formula = "max over groups of accuracy - min over groups of accuracy",
    .source = "Buolamwini & Gebru 2018" PAIRS_SOURCE,
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_PREDICTION | NEEDS_GROUPS,
    .function = GAP_ACCURACY,
};

#define SCORE_GAP(name)                                                                            \
  .attribute = ATTRIBUTE_FAIRNESS, .direction = DIRECTION_LOWER, .scopes = IN_COLUMN,              \
  .needs = NEEDS_SCORE | NEEDS_GROUPS, .interval = "gap-pairs",                                    \
  .interval_weighted = "the same of each group's linearised limits; groups taken as independent",  \
  .estimate = gap_law_estimate, .compare = gap_law_compare, .function = (name)

static const struct measure_variant auc_variants[] = {{.suffix = "", .tasks = FOR_BINARY},
                                                      {.suffix = "bpsn", .word = "bpsn"},
                                                      {.suffix = "bnsp", .word = "bnsp"},
                                                      {.suffix = NULL}};

static nonet_status auc_gap_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  return variant->word == NULL
             ? gap_law_estimate(measure, variant, view, stream, out, error)
             : gap_cross_auc(measure, variant->word[1] == 'n', view, stream, out, error);
}

const struct measure fairness_auc_gap = {
    .attribute = ATTRIBUTE_FAIRNESS,
    .direction = DIRECTION_LOWER,
    .scopes = IN_COLUMN,
    .needs = NEEDS_SCORE | NEEDS_GROUPS,
    .interval = "gap-pairs",
    .interval_weighted =
        "the same of each group's linearised limits; groups taken as independent, with @bpsn and "
        "@bnsp however they depend",
    .estimate = auc_gap_estimate,
    .compare = gap_law_compare,
    .function = GAP_AUC,
    .variants = auc_variants,
    .id = "fairness.auc_gap",
    .title = "AUC gap",
    .definition = "Largest difference between two groups' areas under the ROC curve, each within "
                  "the group. @bpsn: each group's negatives against the positives of all others; "
                  "@bnsp: its positives against their negatives.",
    .formula = "max over groups of AUC - min over groups of AUC",
    .source = "Borkan et al. 2019 (subgroup AUC, BPSN, BNSP); DeLong limits, pairs by MOVER; cross "
              "groups: logit limits, Bonferroni",
    .unit = "",
    .range = {0, 1},
    .tasks = FOR_BINARY,
    .kinds = SUMMARY_MULTISET,
    .cost = COST_SORT,
};

const struct measure fairness_residual_gap = {
    SCORE_GAP(GAP_BIAS),
    .id = "fairness.residual_gap",
    .title = "Residual gap",
    .definition = "Largest difference between two groups' mean errors, prediction minus label: one "
                  "group is given too much or the other too little.",
    .formula = "max over groups of mean(prediction - label) - min over groups of the same",
    .source = "Agarwal, Dudik & Wu 2019; limits of means by t(n - 1), pairs by MOVER",
    .unit = "label",
    .range = {0, INFINITY},
    .tasks = FOR_REGRESSION,
    .kinds = SUMMARY_MOMENTS,
    .cost = COST_SCAN,
};

const struct measure fairness_mae_gap = {
    SCORE_GAP(GAP_MAE),
    .id = "fairness.mae_gap",
    .title = "Gap in the mean absolute error",
    .definition = "Largest difference between two groups' mean absolute errors.",
    .formula = "max over groups of mean |prediction - label| - min over groups of the same",
    .source = "Agarwal, Dudik & Wu 2019; limits of means by t(n - 1), pairs by MOVER",
    .unit = "label",
    .range = {0, INFINITY},
    .tasks = FOR_REGRESSION,
    .kinds = SUMMARY_MOMENTS,
    .cost = COST_SCAN,
};

const struct measure fairness_worst_group = {
    .id = "fairness.worst_group",
    .attribute = ATTRIBUTE_FAIRNESS,
    .title = "Worst group",
    .definition = "The task's primary measure of correctness in the group that is served worst; "
                  "without scores, balanced accuracy.",
    .formula = "min over groups of the primary; max where lower is better",
    .source = "Sagawa et al. 2020; lower bound unadjusted, upper bound Sidak 1967",
    .unit = "",
    .direction = DIRECTION_NONE,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .needs = NEEDS_GROUPS,
    .scopes = IN_COLUMN,
    .kinds = SUMMARY_COUNT_TABLE | SUMMARY_MULTISET,
    .cost = COST_SORT,
    .interval = "worst-group",
    .interval_weighted = "the same of each group's linearised limits; groups taken as independent",
    .function = GAP_WORST,
    .estimate = gap_law_estimate,
    .compare = gap_law_compare,
};
