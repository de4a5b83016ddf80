/*
 * Where the classes lie: measures of the neighbourhood (data_hood.h), of the rows of a frame.
 *
 *   overlap@…       share of the rows of a class that are safe, borderline, rare or outliers: of
 *                   their 5 nearest rows 4–5, 2–3, 1 or 0 have their class (Napierala & Stefanowski
 *                   2016, section 3.1)
 *   tomek_links     share of rows that are one end of a Tomek link
 *   separability@…  fisher: F1 = 1/(1 + r), r the largest Fisher ratio of a column; n1: share of
 *                   rows that a minimum spanning tree joins to another class; n3: share of rows
 *                   whose nearest other row has another class (Lorena et al. 2019)
 *   small_disjuncts share of the rows of a class in parts of at most 10 rows
 *
 * Cases:
 *  1. Rows of a sample: the rows looked at and those there are stand in a note.
 *  2. Rows share neighbours, so Wilson's interval of these shares would be too narrow. The variance
 *     is the jackknife's: without row j each row that had j among its nearest takes its next one,
 * so that with one neighbour more than is looked at every θ_(−j) is known exactly. variance = (n −
 * 1)/n Σ (θ_(−j) − mean)², biased upwards if at all (Efron & Stein 1981) The share then is Wilson's
 * of share·(1 − share)/variance rows.
 *  3. A class without rows in the frame has no value.
 *  4. Fisher's ratio is of columns of numbers; without one it has no value. It has no interval.
 *  5. What hangs together changes far off when a row goes: no interval of n1 and small_disjuncts is
 *     known to hold, and none is given.
 *  6. Rows of one cluster are near each other: no interval.
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "learn/neighbours.h"
#include "measure/data/data_facts.h"
#include "measure/law.h"
#include "measure/records.h"

#define CLASSES (FOR_BINARY | FOR_MULTICLASS)
#define SMALL_PART_ROWS 10 /* Weiss 2010 counts disjuncts of up to 10 rows as small */
#define OF_PARTS 1
#define OF_JACKKNIFE "wilson with the jackknife's effective number of rows"

enum overlap { OVERLAP_SAFE, OVERLAP_BORDERLINE, OVERLAP_RARE, OVERLAP_OUTLIER };
enum separability { SEPARABLE_N1, SEPARABLE_N3, SEPARABLE_FISHER };

static const struct data_hood *hood_of(const struct measure *measure, struct view *view,
                                       struct inference *law) {
  if (view->facts == NULL || view->frame == NULL || view->facts->hood.n_rows == 0) {
    law_missing(view, measure, law,
                "no features to compare rows by: there are none, or each has one value, or nearly "
                "every row has its own");
    return NULL;
  }
  return &view->facts->hood;
}

/* The row's kind when the neighbour at place `gone` is taken away (HOOD_K: none is). */
static int category_of(const struct data_hood *hood, const uint32_t *label, size_t row,
                       size_t gone) {
  size_t same = 0, n = 0;
  for (size_t k = 0; k < HOOD_NEAR; k++) {
    const uint32_t near = hood->near[row * HOOD_NEAR + k];
    if (k != gone && near != NEIGHBOURS_NONE) {
      n += 1;
      same += label[near] == label[row];
    }
  }
  return same >= 4 || same == n ? OVERLAP_SAFE
         : same >= 2            ? OVERLAP_BORDERLINE
         : same == 1            ? OVERLAP_RARE
                                : OVERLAP_OUTLIER;
}

/* ---- shares without a row (2) ---- */

/* A count of rows, of how many, and what taking a row of the frame away does to both; most rows do
 * nothing to the share of a class. */
struct tally {
  double count, n;
  size_t n_touched;
  uint32_t *touched; /* [n_rows] the rows that change something */
  double *change;    /* [n_rows] of the count */
  bool *is_touched;  /* [n_rows] */
  bool *is_member;   /* [n_rows] of the n */
};

static void tally_clear(struct tally *tally) {
  memory_free(tally->touched);
  memory_free(tally->change);
  memory_free(tally->is_touched);
  memory_free(tally->is_member);
}

/* tally_clear by the caller, also on failure. */
static nonet_status tally_init(struct tally *tally, size_t n_rows, nonet_error *error) {
  *tally = (struct tally){.touched = memory_new(n_rows, sizeof *tally->touched),
                          .change = memory_zeroed(n_rows, sizeof *tally->change),
                          .is_touched = memory_zeroed(n_rows, sizeof *tally->is_touched),
                          .is_member = memory_zeroed(n_rows, sizeof *tally->is_member)};
  return tally->touched != NULL && tally->change != NULL && tally->is_touched != NULL &&
                 tally->is_member != NULL
             ? NONET_OK
             : error_memory(error, n_rows * sizeof *tally->change, "the jackknife of a share");
}

static void tally_restart(struct tally *tally) {
  for (size_t k = 0; k < tally->n_touched; k++) {
    const uint32_t row = tally->touched[k];
    tally->change[row] = 0;
    tally->is_touched[row] = tally->is_member[row] = false;
  }
  tally->count = tally->n = 0;
  tally->n_touched = 0;
}

static void tally_touch(struct tally *tally, uint32_t row, double change) {
  if (!tally->is_touched[row]) {
    tally->is_touched[row] = true;
    tally->touched[tally->n_touched++] = row;
  }
  tally->change[row] += change;
}

static void tally_member(struct tally *tally, uint32_t row, double counted) {
  tally->is_member[row] = true;
  tally->n += 1;
  tally_touch(tally, row, -counted);
}

static void share_law(const struct measure *measure, struct view *view,
                      const struct data_hood *hood, const struct tally *tally,
                      struct inference *law) {
  const double n_rows = (double)hood->n_rows, share = tally->count / tally->n;
  double sum = 0, squares = 0;
  view->n = view->n_effective = tally->n;
  if (tally->n > 0 && view->frame->cluster != NULL) { /* 6 */
    law_no_interval(view, measure, share, law,
                    "no interval: rows of one cluster are near each other");
    return;
  }
  for (size_t k = 0; k < tally->n_touched && tally->n > 1; k++) {
    const uint32_t row = tally->touched[k];
    const double n = tally->n - tally->is_member[row];
    const double d = (tally->count + tally->change[row]) / n - share;
    sum += d;
    squares += d * d;
  }
  const double variance = (n_rows - 1) / n_rows * (squares - sum * sum / n_rows);
  law_wilson_effective(measure, view, tally->n > 0 ? share : NAN, variance, n_rows - 1, tally->n,
                       tally->n, law); /* 3 */
  view->n_effective = law->kind == INFERENCE_WILSON ? law->trials : view->n;
}

static void tally_category(const struct data_hood *hood, const uint32_t *label, uint32_t row,
                           int category, struct tally *tally) {
  const uint32_t *near = hood->near + (size_t)row * HOOD_NEAR;
  const int is_in = category_of(hood, label, row, HOOD_K) == category;
  tally->count += is_in;
  tally_member(tally, row, is_in);
  for (size_t k = 0; k < HOOD_K && near[k] != NEIGHBOURS_NONE; k++) {
    const int is_in_then = category_of(hood, label, row, k) == category;
    if (is_in_then != is_in) {
      tally_touch(tally, near[k], is_in_then - is_in);
    }
  }
}

static bool differs(const uint32_t *label, size_t row, uint32_t near) {
  return near != NEIGHBOURS_NONE && label[near] != label[row];
}

static void tally_nearest(const struct data_hood *hood, const uint32_t *label,
                          struct tally *tally) {
  for (uint32_t i = 0; i < hood->n_rows; i++) {
    const uint32_t *near = hood->near + (size_t)i * HOOD_NEAR;
    const int is_in = differs(label, i, near[0]);
    tally->count += is_in;
    tally_member(tally, i, is_in);
    if (near[0] != NEIGHBOURS_NONE) {
      tally_touch(tally, near[0], differs(label, i, near[1]) - is_in);
    }
  }
}

/* Without row j = the nearest of i, i's nearest is its second: a link when that one's nearest is i
 * then. Neither was in another link: of i's, only one with j is possible, and of the other's one
 * with its own nearest, which is j or i. */
static void tally_links(const struct data_hood *hood, const uint32_t *label, struct tally *tally) {
  for (uint32_t i = 0; i < hood->n_rows; i++) {
    const uint32_t gone = hood->near[(size_t)i * HOOD_NEAR];
    const uint32_t other = hood->near[(size_t)i * HOOD_NEAR + 1];
    const bool is_linked = hood->partner[i] != NEIGHBOURS_NONE;
    tally->count += is_linked;
    tally_member(tally, i, is_linked ? 2 : 0);
    if (differs(label, i, other)) {
      const uint32_t *back = hood->near + (size_t)other * HOOD_NEAR;
      const bool is_other_left = back[0] == gone; /* such a pair is met from both sides */
      if (back[is_other_left ? 1 : 0] == i && (!is_other_left || i < other)) {
        tally_touch(tally, gone, 2);
      }
    }
  }
}

/* ---- records ---- */

/* The frame's rows class by class: class c has order[start[c] … start[c + 1] − 1]. */
static void sort_by_class(const uint32_t *label, size_t n_rows, size_t n_classes, size_t *start,
                          uint32_t *order) {
  for (size_t i = 0; i < n_rows; i++) {
    start[label[i] + 2]++;
  }
  for (size_t c = 2; c < n_classes + 2; c++) {
    start[c] += start[c - 1];
  }
  for (uint32_t i = 0; i < n_rows; i++) {
    order[start[label[i] + 1]++] = i;
  }
}

static nonet_status none_each(const struct measure *measure, struct view *view, measure_sink sink,
                              void *context, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < view->set->roles.n_classes && status == NONET_OK; c++) {
    struct inference law;
    view->n_notes = 0;
    (void)hood_of(measure, view, &law);
    status = sink(context, (int)c, NULL, &law, error);
  }
  return status;
}

/* What a record of a class counts: its rows of a category; or those in small parts (5). */
static void class_law(const struct measure *measure, const struct measure_variant *variant,
                      struct view *view, const struct data_hood *hood, const uint32_t *row,
                      size_t n, struct tally *tally, struct inference *law) {
  double counted = 0;
  for (size_t i = 0; i < n; i++) {
    if (measure->function == OF_PARTS) {
      counted += hood->part_rows[row[i]] <= SMALL_PART_ROWS;
    } else {
      tally_category(hood, view->frame->label, row[i], (int)variant->number[0], tally);
    }
  }
  if (n == 0) { /* 3 */
    law_missing(view, measure, law, "no rows");
  } else if (measure->function == OF_PARTS) {
    view->n = view->n_effective = (double)n;
    law_no_interval(view, measure, counted / (double)n, law,
                    "no interval: what hangs together hangs on all rows between");
  } else {
    share_law(measure, view, hood, tally, law);
  }
  view_note_sample(view, hood->n_rows);
}

static nonet_status overlap_each(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 measure_sink sink, void *context, nonet_error *error) {
  struct inference law;
  struct tally tally = {0};
  const size_t n_classes = view->set->roles.n_classes;
  const struct data_hood *hood = hood_of(measure, view, &law);
  if (hood == NULL) {
    return none_each(measure, view, sink, context, error);
  }
  size_t *start = memory_zeroed(n_classes + 2, sizeof *start);
  uint32_t *order = memory_new(hood->n_rows, sizeof *order);
  nonet_status status = start == NULL || order == NULL
                            ? error_memory(error, hood->n_rows * sizeof *order, "rows by class")
                            : tally_init(&tally, hood->n_rows, error);
  if (status == NONET_OK) {
    sort_by_class(view->frame->label, hood->n_rows, n_classes, start, order);
  }
  for (size_t c = 0; c < n_classes && status == NONET_OK; c++) {
    view->n_notes = 0;
    tally_restart(&tally);
    class_law(measure, variant, view, hood, order + start[c], start[c + 1] - start[c], &tally,
              &law);
    status = sink(context, (int)c, NULL, &law, error);
  }
  tally_clear(&tally);
  memory_free(order);
  memory_free(start);
  return status;
}

/* A share of all rows of the frame. */
static nonet_status all_law(const struct measure *measure, struct view *view,
                            const struct data_hood *hood,
                            void (*add)(const struct data_hood *, const uint32_t *, struct tally *),
                            struct inference *out, nonet_error *error) {
  struct tally tally;
  nonet_status status = tally_init(&tally, hood->n_rows, error);
  if (status == NONET_OK) {
    add(hood, view->frame->label, &tally);
    share_law(measure, view, hood, &tally, out);
  }
  tally_clear(&tally);
  return status;
}

static nonet_status tomek_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  (void)variant;
  (void)stream;
  const struct data_hood *hood = hood_of(measure, view, out);
  if (hood != NULL) {
    status = all_law(measure, view, hood, tally_links, out, error);
    view_note(view, "%s links", view_count(view, (double)hood->n_links));
    view_note_sample(view, hood->n_rows);
  }
  return status;
}

static nonet_status separability_estimate(const struct measure *measure,
                                          const struct measure_variant *variant, struct view *view,
                                          int stream, struct inference *out, nonet_error *error) {
  nonet_status status = NONET_OK;
  (void)stream;
  const struct data_hood *hood = hood_of(measure, view, out);
  if (hood == NULL) {
    return NONET_OK;
  }
  switch ((enum separability)variant->number[0]) {
  case SEPARABLE_FISHER:
    if (isnan(hood->fisher)) { /* 4 */
      law_missing(view, measure, out, "no column of numbers");
    } else {
      view->n = view->n_effective = (double)hood->n_rows;
      law_no_interval(view, measure, 1 / (1 + hood->fisher), out,
                      "no interval: the largest of several ratios");
    }
    break;
  case SEPARABLE_N1: {
    double n = 0;
    for (size_t i = 0; i < hood->n_tree; i++) {
      n += hood->is_border[i];
    }
    view->n = view->n_effective = (double)hood->n_tree;
    law_no_interval(view, measure, n / (double)hood->n_tree, out,
                    "no interval: an edge of the tree hangs on all rows"); /* 5 */
    view_note_sample(view, hood->n_tree);
    return NONET_OK;
  }
  case SEPARABLE_N3:
    status = all_law(measure, view, hood, tally_nearest, out, error);
    break;
  }
  view_note_sample(view, hood->n_rows);
  return status;
}

#define HOOD(name)                                                                                 \
  .id = "data." #name, .attribute = ATTRIBUTE_DATA, .tasks = CLASSES,                              \
  .needs = NEEDS_LABEL | NEEDS_FEATURES, .scopes = IN_ALL, .kinds = SUMMARY_COUNT_TABLE,           \
  .cost = COST_SORT, .unit = "", .range = {0, 1}, .never_gated = true,                             \
  .interval_weighted = "rows are counted, not weighted; clusters: none"

static const struct measure_variant overlap_variants[] = {
    {.suffix = "safe", .tasks = CLASSES, .number = {OVERLAP_SAFE}},
    {.suffix = "borderline", .tasks = CLASSES, .number = {OVERLAP_BORDERLINE}},
    {.suffix = "rare", .tasks = CLASSES, .number = {OVERLAP_RARE}},
    {.suffix = "outlier", .tasks = CLASSES, .number = {OVERLAP_OUTLIER}},
    {.suffix = NULL}};

const struct measure data_overlap = {
    HOOD(overlap),
    .interval = OF_JACKKNIFE,
    .title = "Rows of a class by their neighbours",
    .definition = "Share of the rows of a class that are safe (4 or 5 of their 5 nearest rows have "
                  "their class), borderline (2 or 3), rare (1) or outliers (none).",
    .formula = "rows of class c with such neighbours / n_c; numbers standardised, a category that "
               "differs adds 1 to the squared distance",
    .source = "Napierala & Stefanowski 2016; interval: Efron & Stein 1981",
    .direction = DIRECTION_NONE,
    .variants = overlap_variants,
    .each = overlap_each,
};

const struct measure data_small_disjuncts = {
    HOOD(small_disjuncts),
    .interval = "none",
    .title = "Rows of a class in small parts",
    .definition = "Share of the rows of a class in parts of at most 10 rows; a part is what hangs "
                  "together when a row is joined to those of its class among its 5 nearest.",
    .formula = "rows of class c in parts of <= 10 rows / n_c",
    .source = "Weiss 2010; Jo & Japkowicz 2004",
    .direction = DIRECTION_LOWER,
    .function = OF_PARTS,
    .each = overlap_each,
};

const struct measure data_tomek_links = {
    HOOD(tomek_links),
    .interval = OF_JACKKNIFE,
    .title = "Rows in Tomek links",
    .definition = "Share of rows whose nearest row has another class and has them for its nearest.",
    .formula = "2·links / n",
    .source = "Tomek 1976; interval: Efron & Stein 1981",
    .direction = DIRECTION_LOWER,
    .estimate = tomek_estimate,
};

static const struct measure_variant separability_variants[] = {
    {.suffix = "n3", .tasks = CLASSES, .number = {SEPARABLE_N3}},
    {.suffix = "n1", .tasks = CLASSES, .number = {SEPARABLE_N1}},
    {.suffix = "fisher", .tasks = CLASSES, .number = {SEPARABLE_FISHER}},
    {.suffix = NULL}};

const struct measure data_separability = {
    HOOD(separability),
    .interval = OF_JACKKNIFE " (n1, fisher: none)",
    .title = "How entangled the classes are",
    .definition =
        "0 when the classes lie apart: the error of the nearest other row (n3), the share "
        "of rows that a minimum spanning tree joins to another class (n1), 1/(1 + the "
        "largest Fisher ratio of a column) (fisher).",
    .formula = "N3, N1 and F1 of the paper; the tree is of at most 5,000 rows",
    .source = "Lorena et al. 2019; interval: Efron & Stein 1981",
    .direction = DIRECTION_LOWER,
    .variants = separability_variants,
    .estimate = separability_estimate,
};
