/*
 * Rows that stand more than once, and classes that are as common elsewhere or not: measures of the
 * profile (data_profile.h), of all rows.
 *
 *   duplicates        rows whose features are those of an earlier row / rows
 *   train_duplicates  rows whose features stand in the training rows too / rows
 *   label_shift       share of a class here − its share in the training rows; Newcombe
 *
 * Cases:
 *  1. More contents than memory holds: the shares are of a sample of contents, and a note says so.
 *  2. Equal features with different labels cannot be told apart by any model: counted in a note.
 *  3. No features were named: there is no content to compare.
 */
#include <math.h>

#include "measure/data/data_facts.h"
#include "measure/law.h"
#include "measure/records.h"
#include "stats/difference.h"

static const struct data_profile *profile_of(const struct measure *measure, struct view *view,
                                             struct inference *law) {
  if (view->facts == NULL || view->facts->profile.n_rows == 0) {
    law_missing(view, measure, law, "no rows");
    return NULL;
  }
  return &view->facts->profile;
}

static void say_share(const struct measure *measure, struct view *view, double part, double whole,
                      const struct profile_copies *copies, struct inference *law) {
  if (!(whole > 0)) { /* 3 */
    law_missing(view, measure, law, "no features to compare rows by");
    return;
  }
  if (copies->shift > 0) { /* 1 */
    view->n = view->n_effective = whole;
    law_no_interval(view, measure, part / whole, law,
                    "no interval: of one in %llu contents, with all their rows, for memory",
                    1ULL << copies->shift);
    return;
  }
  *law = law_start(measure, INFERENCE_EXACT, "exact", false);
  law->value = part / whole;
  view->n = view->n_effective = whole;
}

static nonet_status copies_estimate(const struct measure *measure,
                                    const struct measure_variant *variant, struct view *view,
                                    int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)stream;
  (void)error;
  const struct data_profile *profile = profile_of(measure, view, out);
  if (profile == NULL) {
    return NONET_OK;
  }
  if (measure->function != 0) {
    say_share(measure, view, (double)profile->n_found, (double)profile->n_looked_up,
              &view->facts->train.copies, out);
    return NONET_OK;
  }
  const struct profile_copies *copies = &profile->copies;
  say_share(measure, view, (double)(copies->n_seen - copies->n_distinct), (double)copies->n_seen,
            copies, out);
  if (copies->n_disagree > 0) { /* 2 */
    view_note(view, "%s rows have the features of a row with another label",
              view_count(view, (double)copies->n_disagree));
  }
  return NONET_OK;
}

struct shift { /* of a law's context */
  double here, n_here, there, n_there;
};

static void shift_bounds(const struct inference *law, double level, double *low, double *high) {
  const struct shift *shift = law->context;
  const struct interval found =
      difference_newcombe(shift->here, shift->n_here, shift->there, shift->n_there, level);
  *low = found.low;
  *high = found.high;
}

static double total(const struct data_profile *profile) {
  double n = 0;
  for (size_t c = 0; c < profile->n_classes; c++) {
    n += (double)profile->class_rows[c];
  }
  return n;
}

static nonet_status shift_each(const struct measure *measure, const struct measure_variant *variant,
                               struct view *view, measure_sink sink, void *context,
                               nonet_error *error) {
  const struct data_profile *here = &view->facts->profile, *there = &view->facts->train;
  nonet_status status = NONET_OK;
  (void)variant;
  for (size_t c = 0; c < here->n_classes && status == NONET_OK; c++) {
    struct inference law;
    struct shift *shift = view_arena(view, 1, sizeof *shift);
    view->n_notes = 0;
    if (shift == NULL || !(total(here) > 0) || !(total(there) > 0)) {
      law_missing(view, measure, &law, "no rows of these classes on one side");
    } else {
      *shift = (struct shift){(double)here->class_rows[c], total(here),
                              (double)there->class_rows[c], total(there)};
      law = law_start(measure, INFERENCE_LIMITS, "newcombe", false);
      law.value = shift->here / shift->n_here - shift->there / shift->n_there;
      law.bounds = shift_bounds;
      law.context = shift;
      view->n = view->n_effective = shift->n_here;
      view_note(view, "%s training rows", view_count(view, shift->n_there));
    }
    status = sink(context, (int)c, NULL, &law, error);
  }
  return status;
}

#define COPIES(name)                                                                               \
  .id = "data." #name, .attribute = ATTRIBUTE_DATA, .source = "a count", .unit = "",               \
  .direction = DIRECTION_LOWER, .range = {0, 1},                                                   \
  .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION, .scopes = IN_ALL,                         \
  .kinds = SUMMARY_COUNT_TABLE, .cost = COST_SCAN, .interval = "exact",                            \
  .interval_weighted = "exact; rows are counted, not weighted", .never_gated = true,               \
  .estimate = copies_estimate

const struct measure data_duplicates = {
    COPIES(duplicates),
    .title = "Rows that stand more than once",
    .definition = "Share of rows whose features are those of an earlier row.",
    .formula = "(n − different contents)/n",
    .needs = NEEDS_FEATURES,
};

const struct measure data_train_duplicates = {
    COPIES(train_duplicates),
    .title = "Rows that the training had seen",
    .definition = "Share of rows whose features stand in the training rows as well.",
    .formula = "rows found there / n",
    .needs = NEEDS_FEATURES | NEEDS_TRAIN,
    .function = 1,
};

const struct measure data_label_shift = {
    .id = "data.label_shift",
    .attribute = ATTRIBUTE_DATA,
    .title = "How much commoner a class is than in training",
    .definition = "Share of the class among these rows minus its share among the training rows.",
    .formula = "n_c/n − n_c(train)/n(train)",
    .source = "Newcombe 1998; Lipton et al. 2018",
    .unit = "",
    .direction = DIRECTION_NONE,
    .range = {-1, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_LABEL | NEEDS_FEATURES | NEEDS_TRAIN,
    .scopes = IN_ALL,
    .kinds = SUMMARY_COUNT_TABLE,
    .cost = COST_SCAN,
    .interval = "newcombe",
    .interval_weighted = "newcombe; rows are counted, not weighted",
    .never_gated = true,
    .each = shift_each,
};
