/*
 * The records of the measures that are functions of the table of label against prediction. What is
 * computed, and how, stands in table_law.c.
 *
 * Ids without '@' mean the positive class in binary tasks; in multiclass, per-class measures
 * without '@' exist in the scope of a class, and the averages @macro, @micro and @weighted over all
 * rows and groups (contract.md §3).
 */
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "measure/correctness/table_law.h"
#include "measure/records.h"

#define AVERAGES(default_average_tasks)                                                            \
  {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS, .scopes_multiclass = IN_CLASS},             \
      {.suffix = "macro",                                                                          \
       .tasks = FOR_MULTICLASS,                                                                    \
       .word = "macro",                                                                            \
       .scopes_multiclass = IN_ALL | IN_GROUP},                                                    \
      {.suffix = "micro",                                                                          \
       .tasks = (default_average_tasks),                                                           \
       .word = "micro",                                                                            \
       .scopes_multiclass = IN_ALL | IN_GROUP},                                                    \
      {.suffix = "weighted",                                                                       \
       .tasks = (default_average_tasks),                                                           \
       .word = "weighted",                                                                         \
       .scopes_multiclass = IN_ALL | IN_GROUP},                                                    \
  {                                                                                                \
    .suffix = NULL                                                                                 \
  }

static const struct measure_variant rate_variants[] = {AVERAGES(0)};
static const struct measure_variant f1_variants[] = {AVERAGES(FOR_MULTICLASS)};
static const struct measure_variant class_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS, .scopes_multiclass = IN_CLASS},
    {.suffix = NULL}};
static const struct measure_variant kappa_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS},
    {.suffix = "linear", .word = "linear"},
    {.suffix = "quadratic", .word = "quadratic"},
    {.suffix = NULL}};
static const struct measure_variant f_beta_variants[] = {
    {.suffix = "0.5", .tasks = FOR_BINARY, .number = {0.5}, .scopes_multiclass = IN_CLASS},
    {.suffix = "2", .tasks = FOR_BINARY, .number = {2}, .scopes_multiclass = IN_CLASS},
    {.suffix = NULL}};

static const char *const averages[] = {"macro", "micro", "weighted"};

/* A number and nothing after it but `end`; 0 when it is none. */
static double parse_beta(const char *text, char end, const char **rest) {
  char *stop;
  if (!(*text >= '0' && *text <= '9')) {
    return 0;
  }
  void *previous = c_locale_enter();
  double beta = strtod(text, &stop);
  c_locale_leave(previous);
  *rest = stop;
  return (*stop == end || *stop == '\0') && beta > 0 && beta < 1e6 ? beta : 0;
}

/* "3" or "beta=3;average=macro", in either order. */
static bool parse_f_beta(const char *suffix, struct measure_variant *variant) {
  const char *rest = suffix;
  *variant = (struct measure_variant){.suffix = suffix, .scopes_multiclass = IN_CLASS};
  variant->number[0] = parse_beta(suffix, '\0', &rest);
  if (variant->number[0] > 0 && *rest == '\0') {
    return true;
  }
  while (*rest != '\0') {
    if (strncmp(rest, "beta=", 5) == 0) {
      variant->number[0] = parse_beta(rest + 5, ';', &rest);
    } else if (strncmp(rest, "average=", 8) == 0) {
      size_t length = strcspn(rest + 8, ";");
      for (size_t i = 0; i < 3; i++) {
        if (strlen(averages[i]) == length && strncmp(rest + 8, averages[i], length) == 0) {
          variant->word = averages[i];
          variant->scopes_multiclass = IN_ALL | IN_GROUP;
        }
      }
      if (variant->word == NULL) {
        return false;
      }
      rest += 8 + length;
    } else {
      return false;
    }
    rest += *rest == ';';
  }
  return variant->number[0] > 0;
}

#define LINEARISED_SHARE                                                                           \
  "linearised over clusters; Wilson with n_effective / deff (Korn & Graubard 1998)"
#define LINEARISED_T "linearised over clusters, t(G - 1)"

/* What all of them share. */
#define TABLE_RECORD                                                                               \
  .attribute = ATTRIBUTE_CORRECTNESS, .unit = "", .tasks = FOR_BINARY | FOR_MULTICLASS,            \
  .needs = NEEDS_PREDICTION, .kinds = SUMMARY_COUNT_TABLE, .cost = COST_SCAN,                      \
  .estimate = table_law_estimate

const struct measure correctness_accuracy = {
    TABLE_RECORD,
    .id = "correctness.accuracy",
    .title = "Accuracy",
    .definition = "Share of rows whose predicted class is the label.",
    .formula = "(TP + TN) / n; multiclass: sum of the diagonal / n",
    .source = "interval: Wilson 1927; paired difference: Tango 1998, below 20 discordant rows the "
              "exact unconditional test",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .shortfall = "simulated coverage of 95 %: n 200 at 96 % right: .940; 40 clusters of 10: .944",
    .function = TABLE2_ACCURACY,
    .compare = table_law_compare,
};

const struct measure correctness_error_rate = {
    TABLE_RECORD,
    .id = "correctness.error_rate",
    .title = "Error rate",
    .definition = "Share of rows whose predicted class is not the label.",
    .formula = "(FP + FN) / n = 1 - accuracy",
    .source = "interval: Wilson 1927; paired difference: Tango 1998",
    .direction = DIRECTION_LOWER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_ERROR_RATE,
    .compare = table_law_compare,
};

const struct measure correctness_balanced_accuracy = {
    TABLE_RECORD,
    .id = "correctness.balanced_accuracy",
    .title = "Balanced accuracy",
    .definition = "Mean of the recalls of all classes that occur, so that a rare class counts as "
                  "much as a frequent one.",
    .formula = "(1/K) sum over classes c of n[c][c] / n[c][.]; binary: (TPR + TNR) / 2",
    .source = "Brodersen et al. 2010; interval: MOVER of Wilson limits, Zou & Donner 2008",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "mover-wilson",
    .interval_weighted = LINEARISED_T,
    .shortfall = "simulated coverage of 95 %: n 200-300: .944; 40 clusters of 10: .923",
    .function = TABLE2_BALANCED_ACCURACY,
    .compare = table_law_compare,
};

const struct measure correctness_precision = {
    TABLE_RECORD,
    .id = "correctness.precision",
    .title = "Precision",
    .definition =
        "Share of the rows predicted positive that are positive (positive predictive value).",
    .formula = "TP / (TP + FP)",
    .source = "interval: Wilson 1927; paired difference: delta with +1 in each discordant cell",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .shortfall = "simulated coverage of 95 %: 40 clusters of 10: .933",
    .function = TABLE2_PRECISION,
    .compare = table_law_compare,
    .variants = rate_variants,
};

const struct measure correctness_recall = {
    TABLE_RECORD,
    .id = "correctness.recall",
    .title = "Recall",
    .definition =
        "Share of the positive rows that are predicted positive (sensitivity, true positive rate).",
    .formula = "TP / (TP + FN)",
    .source = "interval: Wilson 1927; paired difference: Tango 1998 on the positives",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .shortfall = "simulated coverage of 95 %: 40 clusters of 10: .925",
    .function = TABLE2_RECALL,
    .compare = table_law_compare,
    .variants = rate_variants,
};

const struct measure correctness_specificity = {
    TABLE_RECORD,
    .id = "correctness.specificity",
    .title = "Specificity",
    .definition = "Share of the negative rows that are predicted negative (true negative rate).",
    .formula = "TN / (TN + FP)",
    .source = "interval: Wilson 1927; paired difference: Tango 1998 on the negatives",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_SPECIFICITY,
    .compare = table_law_compare,
    .variants = class_variants,
};

const struct measure correctness_npv = {
    TABLE_RECORD,
    .id = "correctness.npv",
    .title = "Negative predictive value",
    .definition = "Share of the rows predicted negative that are negative.",
    .formula = "TN / (TN + FN)",
    .source = "interval: Wilson 1927; paired difference: delta with +1 in each discordant cell",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .shortfall = "simulated coverage of 95 %: n 300: .944",
    .function = TABLE2_NPV,
    .compare = table_law_compare,
    .variants = class_variants,
};

const struct measure correctness_fpr = {
    TABLE_RECORD,
    .id = "correctness.fpr",
    .title = "False positive rate",
    .definition = "Share of the negative rows that are predicted positive (false alarms).",
    .formula = "FP / (FP + TN) = 1 - specificity",
    .source = "interval: Wilson 1927; paired difference: Tango 1998 on the negatives",
    .direction = DIRECTION_LOWER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_FPR,
    .compare = table_law_compare,
    .variants = class_variants,
};

const struct measure correctness_fnr = {
    TABLE_RECORD,
    .id = "correctness.fnr",
    .title = "False negative rate",
    .definition = "Share of the positive rows that are predicted negative (misses).",
    .formula = "FN / (FN + TP) = 1 - recall",
    .source = "interval: Wilson 1927; paired difference: Tango 1998 on the positives",
    .direction = DIRECTION_LOWER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_FNR,
    .compare = table_law_compare,
    .variants = class_variants,
};

const struct measure correctness_prevalence = {
    TABLE_RECORD,
    .id = "correctness.prevalence",
    .title = "Prevalence",
    .definition =
        "Share of rows that are positive: a property of the data, the same for every model.",
    .formula = "(TP + FN) / n",
    .source = "interval: Wilson 1927",
    .direction = DIRECTION_NONE,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_PREVALENCE,
    .variants = class_variants,
    .never_gated = true,
};

const struct measure correctness_f1 = {
    TABLE_RECORD,
    .id = "correctness.f1",
    .title = "F1",
    .definition = "Harmonic mean of precision and recall; the macro average gives every class the "
                  "same weight, the weighted one its share of rows.",
    .formula = "2 TP / (2 TP + FP + FN) = 2J / (1 + J) with J = TP / (TP + FP + FN)",
    .source = "van Rijsbergen 1979; interval: Wilson on J, mapped; averages: delta; paired "
              "difference: delta with +1 in each discordant cell",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .shortfall = "simulated coverage of 95 %: macro average of four classes at n 300: .945",
    .function = TABLE2_F_BETA,
    .compare = table_law_compare,
    .variants = f1_variants,
};

const struct measure correctness_f_beta = {
    TABLE_RECORD,
    .id = "correctness.f_beta",
    .title = "F-beta",
    .definition = "Precision and recall in one number that takes recall as beta times as important "
                  "as precision.",
    .formula = "(1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP); @0.5, @2, any @beta, in multiclass "
               "@beta=2;average=macro",
    .source =
        "van Rijsbergen 1979; interval: Wilson with the trials that the delta variance implies",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "delta-wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_F_BETA,
    .compare = table_law_compare,
    .variants = f_beta_variants,
    .parse_variant = parse_f_beta,
};

const struct measure correctness_jaccard = {
    TABLE_RECORD,
    .id = "correctness.jaccard",
    .title = "Jaccard index",
    .definition = "Of the rows that are positive or predicted positive, the share that is both "
                  "(intersection over union, critical success index).",
    .formula = "TP / (TP + FP + FN)",
    .source = "Jaccard 1901; interval: Wilson 1927",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "wilson",
    .interval_weighted = LINEARISED_SHARE,
    .function = TABLE2_JACCARD,
    .compare = table_law_compare,
    .variants = rate_variants,
};

const struct measure correctness_mcc = {
    TABLE_RECORD,
    .id = "correctness.mcc",
    .title = "Matthews correlation",
    .definition = "Correlation of label and prediction: 1 for a perfect, 0 for a random, -1 for an "
                  "inverted classifier; fair to both classes.",
    .formula = "(TP TN - FP FN) / sqrt((TP+FP)(TP+FN)(TN+FP)(TN+FN)); multiclass: Gorodkin's R_K",
    .source = "Matthews 1975; Gorodkin 2004; Chicco & Jurman 2020; interval: delta on Fisher's z",
    .direction = DIRECTION_HIGHER,
    .range = {-1, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "delta-fisher-z",
    .interval_weighted = LINEARISED_T,
    .function = TABLE2_MCC,
    .compare = table_law_compare,
};

const struct measure correctness_kappa = {
    TABLE_RECORD,
    .id = "correctness.kappa",
    .title = "Cohen's kappa",
    .definition = "Agreement of label and prediction beyond what their margins give by chance; "
                  "depends on prevalence, so never compare it across groups.",
    .formula = "(p_o - p_e) / (1 - p_e); @linear and @quadratic weigh a disagreement by |i - j| "
               "and (i - j)^2",
    .source =
        "Cohen 1960, 1968; standard error: Fleiss, Cohen & Everitt 1969; interval: on Fisher's z",
    .direction = DIRECTION_HIGHER,
    .range = {-1, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "delta-fisher-z",
    .interval_weighted = LINEARISED_T,
    .function = TABLE2_KAPPA,
    .compare = table_law_compare,
    .variants = kappa_variants,
};

const struct measure correctness_informedness = {
    TABLE_RECORD,
    .id = "correctness.informedness",
    .title = "Informedness",
    .definition = "Recall plus specificity minus 1 (Youden's J): how much better than a guess the "
                  "decision is informed, for either class.",
    .formula = "TP / (TP + FN) + TN / (TN + FP) - 1",
    .source = "Youden 1950; Powers 2011; interval: MOVER of Wilson limits",
    .direction = DIRECTION_HIGHER,
    .range = {-1, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "mover-wilson",
    .interval_weighted = LINEARISED_T,
    .shortfall = "simulated coverage of 95 %: n 300: .944",
    .function = TABLE2_INFORMEDNESS,
    .compare = table_law_compare,
    .variants = class_variants,
};

const struct measure correctness_markedness = {
    TABLE_RECORD,
    .id = "correctness.markedness",
    .title = "Markedness",
    .definition =
        "Precision plus negative predictive value minus 1: how far a decision marks the truth.",
    .formula = "TP / (TP + FP) + TN / (TN + FN) - 1",
    .source = "Powers 2011; interval: MOVER of Wilson limits",
    .direction = DIRECTION_HIGHER,
    .range = {-1, 1},
    .scopes = IN_ALL | IN_GROUP | IN_CLASS,
    .interval = "mover-wilson",
    .interval_weighted = LINEARISED_T,
    .function = TABLE2_MARKEDNESS,
    .compare = table_law_compare,
    .variants = class_variants,
};
