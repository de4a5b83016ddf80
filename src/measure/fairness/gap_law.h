/*
 * Laws of gaps between the groups of a column: what the records of gap_records.c share.
 * record->function is one of gap_law_function; each stands for the measures of correctness whose
 * values in the groups are compared.
 */
#ifndef FAIRNESS_GAP_LAW_H
#define FAIRNESS_GAP_LAW_H

#include "measure/law.h"
#include "stats/gap.h"

enum gap_law_function {
  GAP_SELECTION_DIFFERENCE,
  GAP_SELECTION_RATIO,
  GAP_TPR,
  GAP_ODDS,
  GAP_FPR,
  GAP_FNR,
  GAP_PPV,
  GAP_FDR,
  GAP_FOR,
  GAP_ACCURACY,
  GAP_AUC,
  GAP_BIAS,
  GAP_MAE,
  GAP_WORST,
  GAP_SCORE,
  GAP_CALIBRATION,
  GAP_DIFFERENTIAL,
  GAP_N_FUNCTIONS
};

nonet_status gap_law_estimate(const struct measure *measure, const struct measure_variant *variant,
                              struct view *view, int stream, struct inference *out,
                              nonet_error *error);
/* gap_law_change.c: the difference of the two models' gaps, of any measure with `estimate`. */
nonet_status gap_law_compare(const struct measure *measure, const struct measure_variant *variant,
                             struct view *view, struct inference *out, nonet_error *error);

/* What the law of a gap rests on, in the view's arena. */
struct gap_law_parts {
  enum gap_kind kind;
  size_t n_families;
  const struct measure *base[2]; /* of each family: what is compared between groups */
  struct gap_groups groups[2];
  size_t *place[2];      /* where in the column each judged group stands */
  bool is_open;          /* groups are missing */
  bool has_no_reference; /* the reference group is not among the judged ones */
};
/* "class=3": one class against the rest, multiclass; a parse_variant (measure.h). */
bool gap_law_parse_class(const char *suffix, struct measure_variant *variant);
/* The view of group k that a variant reads: the group's own, or of one class in it, made in `own`.
 * gap_law_close clears it. A class that does not occur: NONET_E_DATA with near names; in another
 * task: NONET_E_USAGE. */
nonet_status gap_law_open(struct view *view, size_t k, const struct measure_variant *variant,
                          struct view *own, struct view **group,
                          nonet_error *error) NONET_NODISCARD;
void gap_law_close(const struct measure_variant *variant, struct view *own);
/* NULL: the law is none of gap_law_estimate's own. */
const struct gap_law_parts *gap_law_parts(const struct inference *law);
/* The variant of the base that goes with a gap's: @macro with @macro. */
const struct measure_variant *gap_law_base_variant(const struct measure *base,
                                                   const struct measure_variant *variant);

/* A group of view->column as people write it, "sex=Female", in the view's arena. */
const char *gap_law_group_name(struct view *view, size_t k);
/* *why: why group k cannot be judged by this law of it, with the number it would need; NULL: it
 * can. */
nonet_status gap_law_too_small(struct view *view, size_t k, const struct inference *law,
                               const char **why, nonet_error *error) NONET_NODISCARD;

/* The groups left out as one sentence: the names that fit, and how many more there are. */
const char *gap_law_left_out(const char *const *why, size_t n, struct view *view);

/* gap_score.c: means in a group that are no measures of their own. */
extern const struct measure gap_score_refusal, gap_score_mean, gap_score_excess;

/* A gap_family (stats/gap.h) over an array of laws. */
struct interval gap_law_family(const void *laws, size_t group, double tail);

#endif
