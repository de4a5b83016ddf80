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
 *  2. Neighbours depend on each other, so that Wilson's interval of their shares is somewhat too
 *     narrow: the records say so.
 *  3. A class without rows in the frame has no value.
 *  4. Fisher's ratio is of columns of numbers; without one it has no value. It has no interval.
 */
#include <math.h>

#include "learn/neighbours.h"
#include "measure/data/data_facts.h"
#include "measure/law.h"
#include "measure/records.h"

#define CLASSES (FOR_BINARY | FOR_MULTICLASS)
#define SMALL_PART_ROWS 10 /* Weiss 2010 counts disjuncts of up to 10 rows as small */
#define SHORT_OF_NOMINAL                                                                           \
  "rows share neighbours: a 95 % interval held the expected share in 82 % to 98 % of 400 data "    \
  "sets of two overlapping normals (300 and 1,000 rows, 2 to 8 numbers); the variance was up to "  \
  "2.3 times the binomial's"

enum overlap { OVERLAP_SAFE, OVERLAP_BORDERLINE, OVERLAP_RARE, OVERLAP_OUTLIER };
enum separability { SEPARABLE_N1, SEPARABLE_N3, SEPARABLE_FISHER };

static const struct data_hood *hood_of(const struct measure *measure, struct view *view,
                                       struct inference *law) {
  if (view->facts == NULL || view->frame == NULL || view->facts->hood.n_rows == 0) {
    law_missing(view, measure, law, "no features to compare rows by");
    return NULL;
  }
  return &view->facts->hood;
}

static void note_sample(struct view *view, size_t n_rows) {
  if (n_rows < view->frame->n_source) { /* 1 */
    view_note(view, "%zu of %llu rows, chosen by their content", n_rows,
              (unsigned long long)view->frame->n_source);
  }
}

static int category_of(const struct data_hood *hood, const uint32_t *label, size_t row) {
  size_t same = 0, n = 0;
  for (size_t k = 0; k < HOOD_K; k++) {
    const uint32_t near = hood->near[row * HOOD_K + k];
    n += near != NEIGHBOURS_NONE;
    same += near != NEIGHBOURS_NONE && label[near] == label[row];
  }
  return same >= 4 || same == n ? OVERLAP_SAFE
         : same >= 2            ? OVERLAP_BORDERLINE
         : same == 1            ? OVERLAP_RARE
                                : OVERLAP_OUTLIER;
}

/* Is the row one that the measure counts? */
static bool is_counted(const struct measure *measure, const struct measure_variant *variant,
                       const struct data_hood *hood, const uint32_t *label, size_t row) {
  return measure->function != 0 ? hood->part_rows[row] <= SMALL_PART_ROWS
                                : category_of(hood, label, row) == (int)variant->number[0];
}

static nonet_status overlap_each(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 measure_sink sink, void *context, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < view->set->roles.n_classes && status == NONET_OK; c++) {
    struct inference law;
    view->n_notes = 0;
    const struct data_hood *hood = hood_of(measure, view, &law);
    double n = 0, counted = 0;
    for (size_t i = 0; hood != NULL && i < hood->n_rows; i++) {
      if (view->frame->label[i] == c) {
        n += 1;
        counted += is_counted(measure, variant, hood, view->frame->label, i);
      }
    }
    if (hood != NULL) {
      law_wilson(measure, view, counted, n, &law); /* 3 */
      note_sample(view, hood->n_rows);
    }
    status = sink(context, (int)c, NULL, &law, error);
  }
  return status;
}

static nonet_status tomek_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)stream;
  (void)error;
  const struct data_hood *hood = hood_of(measure, view, out);
  if (hood != NULL) {
    law_wilson(measure, view, 2.0 * (double)hood->n_links, (double)hood->n_rows, out);
    view_note(view, "%zu links", hood->n_links);
    note_sample(view, hood->n_rows);
  }
  return NONET_OK;
}

static double count_nearest(const struct data_hood *hood, const uint32_t *label) {
  double n = 0;
  for (size_t i = 0; i < hood->n_rows; i++) {
    const uint32_t near = hood->near[i * HOOD_K];
    n += near != NEIGHBOURS_NONE && label[near] != label[i];
  }
  return n;
}

static nonet_status separability_estimate(const struct measure *measure,
                                          const struct measure_variant *variant, struct view *view,
                                          int stream, struct inference *out, nonet_error *error) {
  (void)stream;
  (void)error;
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
    law_wilson(measure, view, n, (double)hood->n_tree, out);
    note_sample(view, hood->n_tree);
    return NONET_OK;
  }
  case SEPARABLE_N3:
    law_wilson(measure, view, count_nearest(hood, view->frame->label), (double)hood->n_rows, out);
    break;
  }
  note_sample(view, hood->n_rows);
  return NONET_OK;
}

#define HOOD(name)                                                                                 \
  .id = "data." #name, .attribute = ATTRIBUTE_DATA, .tasks = CLASSES,                              \
  .needs = NEEDS_LABEL | NEEDS_FEATURES, .scopes = IN_ALL, .kinds = SUMMARY_COUNT_TABLE,           \
  .cost = COST_SORT, .unit = "", .range = {0, 1}, .never_gated = true, .interval = "wilson",       \
  .interval_weighted = "wilson; rows are counted, not weighted", .shortfall = SHORT_OF_NOMINAL

static const struct measure_variant overlap_variants[] = {
    {.suffix = "safe", .tasks = CLASSES, .number = {OVERLAP_SAFE}},
    {.suffix = "borderline", .tasks = CLASSES, .number = {OVERLAP_BORDERLINE}},
    {.suffix = "rare", .tasks = CLASSES, .number = {OVERLAP_RARE}},
    {.suffix = "outlier", .tasks = CLASSES, .number = {OVERLAP_OUTLIER}},
    {.suffix = NULL}};

const struct measure data_overlap = {
    HOOD(overlap),
    .title = "Rows of a class by their neighbours",
    .definition = "Share of the rows of a class that are safe (4 or 5 of their 5 nearest rows have "
                  "their class), borderline (2 or 3), rare (1) or outliers (none).",
    .formula = "rows of class c with such neighbours / n_c; numbers standardised, a category that "
               "differs adds 1 to the squared distance",
    .source = "Napierala & Stefanowski 2016",
    .direction = DIRECTION_NONE,
    .variants = overlap_variants,
    .each = overlap_each,
};

const struct measure data_small_disjuncts = {
    HOOD(small_disjuncts),
    .title = "Rows of a class in small parts",
    .definition = "Share of the rows of a class in parts of at most 10 rows; a part is what hangs "
                  "together when a row is joined to those of its class among its 5 nearest.",
    .formula = "rows of class c in parts of <= 10 rows / n_c",
    .source = "Weiss 2010; Jo & Japkowicz 2004",
    .direction = DIRECTION_LOWER,
    .function = 1,
    .each = overlap_each,
};

const struct measure data_tomek_links = {
    HOOD(tomek_links),
    .title = "Rows in Tomek links",
    .definition = "Share of rows whose nearest row has another class and has them for its nearest.",
    .formula = "2·links / n",
    .source = "Tomek 1976",
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
    .title = "How entangled the classes are",
    .definition =
        "0 when the classes lie apart: the error of the nearest other row (n3), the share "
        "of rows that a minimum spanning tree joins to another class (n1), 1/(1 + the "
        "largest Fisher ratio of a column) (fisher).",
    .formula = "N3, N1 and F1 of the paper; the tree is of at most 5,000 rows",
    .source = "Lorena et al. 2019",
    .direction = DIRECTION_LOWER,
    .variants = separability_variants,
    .estimate = separability_estimate,
};
