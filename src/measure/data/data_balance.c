/*
 * How the rows are divided among the classes, and how well that lets each be known.
 *
 *   class_counts        n_c, rows of each class
 *   imbalance_ratio     IR = max n_c / min n_c; log IR ± z·sqrt(1/max + 1/min) (5)
 *   evenness            H/ln K, H = −Σ p_c ln p_c (Pielou 1966); delta method:
 *                       var H = (Σ p_c ln² p_c − H²)/n
 *   effective_number    E_c = (1 − β^n_c)/(1 − β), β = 0.999 (Cui et al. 2019, eq. 2)
 *   no_information_rate max n_c / n: how often always answering the commonest class is right;
 * Wilson group_by_class      half the width of Wilson's 95 % interval of a share of n_c rows at the
 * worst case, a share of 1/2: how well recall of this class can be known here
 *
 * Cases:
 *  1. Rows are counted, not weighted: a weight says whom a row stands for, not how much was seen.
 *  2. A class without rows in a scope: its count is 0, its half-width is 1/2 (nothing is known:
 * from 0 to 1), the imbalance ratio has no value.
 *  3. All classes equal: the delta method has no spread left, and evenness has no interval.
 *  4. The largest class is chosen by the same rows: Wilson's interval of its share is a little too
 *     high when two classes are nearly equal.
 *  5. So are the largest and the smallest of the ratio: its lower limit is that of one of K(K −
 * 1)/2 pairs, each at 1 − (1 − level)/that (Bonferroni), and at least 1. The upper one needs no
 * such care: the two largest-apart classes' own limit is no higher than that of the two found.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/distribution.h"
#include "stats/interval.h"

#define CLASSES (FOR_BINARY | FOR_MULTICLASS)
#define EFFECTIVE_BETA 0.999 /* of the four in the paper, the one for some 1,000 rows */
#define KNOWN_LEVEL 0.95

/* Rows of each class in the view's scope, in its arena; *n their sum. */
static nonet_status class_rows(struct view *view, const double **rows, double *n,
                               nonet_error *error) {
  const size_t k = view->set->roles.n_classes;
  double *counted = view_arena(view, k + 1, sizeof *counted);
  size_t n_entries = 0;
  *n = 0;
  if (counted == NULL) {
    return error_memory(error, k * sizeof *counted, "the rows of classes");
  }
  const struct count_entry *entry =
      count_table_entries_in(view->set->table, view->in_scope, &n_entries);
  for (size_t i = 0; i < n_entries; i++) {
    if (view->in_scope[entry[i].cell] && entry[i].label < k) {
      counted[entry[i].label] += (double)entry[i].count;
      *n += (double)entry[i].count;
    }
  }
  *rows = counted;
  return NONET_OK;
}

static void say_exact(const struct measure *measure, struct view *view, double value, double n,
                      struct inference *law) {
  *law = law_start(measure, INFERENCE_EXACT, "exact", false);
  law->value = value;
  view->n = view->n_effective = n;
}

/* ---- one number for each class ---- */

enum balance { BALANCE_COUNT, BALANCE_EFFECTIVE, BALANCE_KNOWN };

static double balance_value(int function, double n) {
  if (function == BALANCE_COUNT) {
    return n;
  }
  if (function == BALANCE_EFFECTIVE) {
    return -expm1(n * log(EFFECTIVE_BETA)) / (1 - EFFECTIVE_BETA);
  }
  if (n == 0) { /* 2 */
    return 0.5;
  }
  const struct interval worst = interval_wilson(0.5 * n, n, KNOWN_LEVEL);
  return 0.5 * (worst.high - worst.low);
}

static nonet_status balance_each(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 measure_sink sink, void *context, nonet_error *error) {
  const double *rows;
  double n;
  struct inference law;
  (void)variant;
  nonet_status status = class_rows(view, &rows, &n, error);
  for (size_t c = 0; c < view->set->roles.n_classes && status == NONET_OK; c++) {
    view->n_notes = 0;
    say_exact(measure, view, balance_value(measure->function, rows[c]), rows[c], &law);
    status = sink(context, (int)c, NULL, &law, error);
  }
  return status;
}

/* ---- one number for all ---- */

static void extremes(const double *rows, size_t k, double *least, double *most) {
  *least = INFINITY;
  *most = 0;
  for (size_t c = 0; c < k; c++) {
    *least = fmin(*least, rows[c]);
    *most = fmax(*most, rows[c]);
  }
}

struct ratio { /* of a law's context */
  double value, se, n_pairs;
};

/* Case 5. */
static void ratio_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct ratio *ratio = law->context;
  const double z = distribution_normal_z(level);
  const double z_low = distribution_normal_z(1 - (1 - level) / ratio->n_pairs);
  *low = fmax(1, ratio->value * exp(-z_low * ratio->se));
  *high = ratio->value * exp(z * ratio->se);
}

static nonet_status ratio_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  const double *rows;
  double n, least, most;
  const double k = (double)view->set->roles.n_classes;
  (void)variant;
  (void)stream;
  nonet_status status = class_rows(view, &rows, &n, error);
  if (status != NONET_OK) {
    return status;
  }
  extremes(rows, view->set->roles.n_classes, &least, &most);
  if (!(least > 0)) { /* 2 */
    law_missing(view, measure, out, "a class has no rows here");
    return NONET_OK;
  }
  struct ratio *ratio = view_arena(view, 1, sizeof *ratio);
  if (ratio == NULL) {
    return error_memory(error, sizeof *ratio, "the imbalance ratio");
  }
  *ratio = (struct ratio){most / least, sqrt(1 / most + 1 / least), fmax(1, k * (k - 1) / 2)};
  *out = law_start(measure, INFERENCE_LIMITS, "log-normal", false);
  out->value = ratio->value;
  out->bounds = ratio_bounds;
  out->context = ratio;
  view->n = view->n_effective = n;
  return NONET_OK;
}

static nonet_status evenness_estimate(const struct measure *measure,
                                      const struct measure_variant *variant, struct view *view,
                                      int stream, struct inference *out, nonet_error *error) {
  const double *rows;
  double n, entropy = 0, square = 0;
  const size_t k = view->set->roles.n_classes;
  (void)variant;
  (void)stream;
  nonet_status status = class_rows(view, &rows, &n, error);
  if (status != NONET_OK) {
    return status;
  }
  if (!(n > 0)) {
    law_missing(view, measure, out, "no rows");
    return NONET_OK;
  }
  for (size_t c = 0; c < k; c++) {
    const double p = rows[c] / n, log_p = p > 0 ? log(p) : 0;
    entropy -= p * log_p;
    square += p * log_p * log_p;
  }
  const double scale = log((double)k), variance = fmax(square - entropy * entropy, 0) / n;
  view->n = view->n_effective = n;
  if (!(variance > 1e-15)) { /* 3 */
    law_no_interval(view, measure, entropy / scale, out,
                    "no interval: the classes are equal, or there is only one");
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_T, "delta", false);
  out->value = entropy / scale;
  out->se = sqrt(variance) / scale;
  return NONET_OK;
}

static nonet_status rate_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  const double *rows;
  double n, least, most;
  (void)variant;
  (void)stream;
  nonet_status status = class_rows(view, &rows, &n, error);
  if (status == NONET_OK) {
    extremes(rows, view->set->roles.n_classes, &least, &most);
    law_wilson(measure, view, most, n, out); /* 4 */
  }
  return status;
}

#define BALANCE(name)                                                                              \
  .id = "data." #name, .attribute = ATTRIBUTE_DATA, .direction = DIRECTION_NONE, .tasks = CLASSES, \
  .needs = NEEDS_LABEL, .kinds = SUMMARY_COUNT_TABLE, .cost = COST_SCAN, .never_gated = true

const struct measure data_class_counts = {
    BALANCE(class_counts),
    .title = "Rows of each class",
    .definition = "How many rows have this class as their label.",
    .formula = "n_c",
    .source = "a count",
    .unit = "rows",
    .range = {0, INFINITY},
    .scopes = IN_ALL,
    .interval = "exact",
    .interval_weighted = "exact; rows are counted, not weighted",
    .function = BALANCE_COUNT,
    .each = balance_each,
};

const struct measure data_group_by_class = {
    BALANCE(group_by_class),
    .title = "How well recall of a class can be known",
    .definition = "Half the width of the 95 % interval that the recall of a class would have on "
                  "its rows in this scope if it were one half: the worst case.",
    .formula = "half the width of Wilson's interval of n_c/2 out of n_c: z·sqrt(n_c + z²)/(2(n_c + "
               "z²)), z = 1.96; 1/2 where there are no rows",
    .source = "Wilson 1927",
    .unit = "",
    .range = {0, 0.5},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "exact",
    .interval_weighted = "exact; rows are counted, not weighted",
    .function = BALANCE_KNOWN,
    .each = balance_each,
};

const struct measure data_effective_number = {
    BALANCE(effective_number),
    .title = "Effective number of rows of each class",
    .definition = "How many rows of a class count when each further one is likelier to repeat what "
                  "the others show: the reciprocals are class weights.",
    .formula = "(1 − β^n_c)/(1 − β), β = 0.999",
    .source = "Cui et al. 2019, eq. 2",
    .unit = "rows",
    .range = {0, INFINITY},
    .scopes = IN_ALL,
    .interval = "exact",
    .interval_weighted = "exact; rows are counted, not weighted",
    .function = BALANCE_EFFECTIVE,
    .each = balance_each,
};

const struct measure data_imbalance_ratio = {
    BALANCE(imbalance_ratio),
    .title = "Imbalance ratio",
    .definition = "Rows of the commonest class for each row of the rarest.",
    .formula = "max n_c / min n_c",
    .source = "Orriols-Puig & Bernado-Mansilla 2009",
    .unit = "",
    .range = {1, INFINITY},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "log-normal, its lower limit for the farthest of all pairs of classes",
    .interval_weighted = "the same; rows are counted, not weighted",
    .estimate = ratio_estimate,
};

const struct measure data_evenness = {
    BALANCE(evenness),
    .title = "Evenness of the classes",
    .definition = "Entropy of the classes as a share of the largest possible: 1 when all are "
                  "equally common, near 0 when one has nearly all rows.",
    .formula = "−Σ p_c ln p_c / ln K",
    .source = "Pielou 1966",
    .unit = "",
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "delta",
    .interval_weighted = "delta; rows are counted, not weighted",
    .estimate = evenness_estimate,
};

const struct measure data_no_information_rate = {
    BALANCE(no_information_rate),
    .title = "No-information rate",
    .definition = "How often always answering the commonest class is right: an accuracy has to be "
                  "above it to say anything.",
    .formula = "max n_c / n",
    .source = "Kuhn 2008",
    .unit = "",
    .range = {0, 1},
    .scopes = IN_ALL | IN_GROUP,
    .interval = "wilson",
    .interval_weighted = "wilson; rows are counted, not weighted",
    .estimate = rate_estimate,
};
