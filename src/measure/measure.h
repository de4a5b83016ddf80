/*
 * A measure is one const record. Adding one = one file with its record, one row in catalogue.c, one
 * test.
 *
 * The record says what it is (for help, docs, bindings and reports), what it reads (for the plan),
 * and holds two functions: estimate  value and law of one stream in one scope compare   law of the
 * paired difference A − B in one scope (same rows), in the measure's unit and not oriented They
 * read the view (view.h), never the source. State lives in the view's arena; records are immutable.
 *
 * A record whose answer is a line (ROC) has axes and `draw` in place of the two; it is picked,
 * listed, documented and skipped like the others, and is never gated. So is one whose answer is
 * what a search found (worst_slice): it has `tell`.
 */
#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include <stdbool.h>

#include "measure/inference.h"
#include "table/roles.h"

struct view;

enum measure_attribute {
  ATTRIBUTE_CORRECTNESS,
  ATTRIBUTE_ROBUSTNESS,
  ATTRIBUTE_EFFICIENCY,
  ATTRIBUTE_SCALABILITY,
  ATTRIBUTE_DEPLOYABILITY,
  ATTRIBUTE_FAIRNESS,
  ATTRIBUTE_INTERPRETABILITY,
  ATTRIBUTE_PRIVACY,
  ATTRIBUTE_SECURITY,
  ATTRIBUTE_DATA,
  N_ATTRIBUTES
};

enum measure_direction { DIRECTION_HIGHER, DIRECTION_LOWER, DIRECTION_NONE };

enum { FOR_BINARY = 1 << 0, FOR_MULTICLASS = 1 << 1, FOR_REGRESSION = 1 << 2 };

enum {
  NEEDS_PREDICTION = 1 << 0,  /* class decisions */
  NEEDS_SCORE = 1 << 1,       /* any real score */
  NEEDS_PROBABILITY = 1 << 2, /* scores in [0, 1] */
  NEEDS_BASELINE = 1 << 3, /* a second stream: the measure itself is about the pair (flip_rate) */
  NEEDS_GROUPS = 1 << 4,   /* group columns */
  NEEDS_FEATURES = 1 << 5, /* the features of rows: reads view->frame */
  NEEDS_CONTROLS = 1 << 6, /* control columns */
  NEEDS_LABEL = 1 << 7,    /* a label; only data can be without one */
  NEEDS_TRAIN = 1 << 8,    /* training rows beside the test: reads view->facts->train */
  NEEDS_TIME = 1 << 9      /* the column that says when */
};

enum {
  IN_ALL = 1 << 0,
  IN_GROUP = 1 << 1,
  IN_CLASS = 1 << 2, /* multiclass: one class against the rest; also inside a group */
  IN_COLUMN = 1 << 3 /* one number over the groups of a column: reads view->column */
};

enum measure_cost { COST_SCAN, COST_SORT, COST_BOOTSTRAP };

/* One way to call a measure: the part of the id after '@' and what it means. The list ends with
 * NULL suffix; the first is the default. */
struct measure_variant {
  const char *suffix; /* "" for the plain id, "macro", "0.01", "bins=2;width=equal" */
  unsigned tasks;     /* where this variant is shown by default; 0: only when --only names it */
  double number[2];   /* the parameters, as the functions read them */
  const char *word;
  unsigned scopes_multiclass; /* multiclass: the scopes this variant exists in; 0: the measure's
                                 own. precision: "" IN_CLASS, "macro" IN_ALL | IN_GROUP */
};

#define MEASURE_SMALL_ROWS 20000

/* What `draw` gives: points in order of x with a band around y, in the view's arena. */
struct measure_curve {
  size_t n_points;
  const double *x, *y, *low, *high;
  const char *method;        /* of the band; NULL: there is none, and low and high are NULL */
  const char *reason;        /* why there are no points; NULL: there are */
  const char *const *labels; /* names of the points, which then are bars; NULL: a line */
};

/* What a search has to tell: an estimate of a slice of the rows, and the finding that it is. In the
 * view's arena. */
#define MEASURE_HURTS 2
struct measure_story {
  const char *where;      /* the slice in words; NULL: all rows, or those of class_name */
  const char *class_name; /* NULL: none */
  struct inference law;
  double n, n_effective;
  const char *note;     /* NULL: none */
  const char *severity; /* of the finding: info, warning, error; NULL: an estimate alone */
  const char *title;    /* one sentence that stands by itself */
  const char *text;     /* the numbers behind it */
  const char *remedy;   /* the next step */
  const char *hurts[MEASURE_HURTS]; /* attributes; NULL ends them */
};
struct measure_stories {
  size_t n;
  struct measure_story *story;
  const char *reason; /* why there is none; NULL: there are, or nothing was found */
};

/* One number of a measure that gives several in a scope: of a class, of a column of features; its
 * n and notes are the view's. */
typedef nonet_status (*measure_sink)(void *context, int class_index, const char *column,
                                     const struct inference *law, nonet_error *error);

struct measure {
  const char *id; /* "correctness.auc" */
  enum measure_attribute attribute;
  const char *title;      /* "Area under the ROC curve" */
  const char *definition; /* one sentence */
  const char *formula;    /* plain text */
  const char *source;     /* the paper or standard */
  const char *unit; /* "" for a share or a pure number; "label" for the label's unit; "%" never */
  enum measure_direction direction;
  double range[2]; /* smallest and largest possible value */
  unsigned tasks, needs, scopes;
  unsigned kinds;       /* enum summary_kind it reads on plain rows */
  unsigned kinds_small; /* what it also reads when the whole table has at most MEASURE_SMALL_ROWS
                           rows (bootstrap-t of log_loss) */
  unsigned probes;      /* PROBE_BIT (probe/answers.h): what the model must be asked beyond the rows
                           of the test; 0: nothing */
  unsigned primary_of;  /* tasks whose primary of the attribute it is */
  enum measure_cost cost;
  const char *interval;          /* method name on plain rows, e.g. "wilson" */
  const char *interval_weighted; /* with weights or clusters, e.g. "linearised, Wilson with
                                    n_effective / deff" */
  const char *shortfall;         /* what the simulations showed; NULL: nominal */
  int function; /* by what a family's shared functions tell their members apart (a table2_function,
                   a moment_term) */
  bool never_gated;                       /* test statistics and the like (judgement.md §1) */
  const struct measure_variant *variants; /* NULL: the plain id alone */
  /* Parses a suffix that is not in `variants` (any FPR, any beta); false: not a parameter of this
   * measure. NULL: none. */
  bool (*parse_variant)(const char *suffix, struct measure_variant *variant);
  nonet_status (*estimate)(const struct measure *measure, const struct measure_variant *variant,
                           struct view *view, int stream, struct inference *out,
                           nonet_error *error);
  nonet_status (*compare)(const struct measure *measure, const struct measure_variant *variant,
                          struct view *view, struct inference *out,
                          nonet_error *error); /* NULL: no paired form */
  /* IN_COLUMN: the difference of each group of view->column by itself, oriented (positive is
   * better), as the parts of one gate: laws and rows [n_groups]. A group that is too small to judge
   * has `undecided`, or is MISSING. NULL: `compare` is the gate. */
  nonet_status (*compare_groups)(const struct measure *measure, struct view *view,
                                 struct inference *laws, double *n, nonet_error *error);
  /* In place of `estimate`: a number per class (class_index >= 0) or per column (its name). The
   * measure clears view->n_notes before each. */
  nonet_status (*each)(const struct measure *measure, const struct measure_variant *variant,
                       struct view *view, measure_sink sink, void *context, nonet_error *error);
  const char *axis_x, *axis_y; /* a curve's; NULL: the record gives a number */
  nonet_status (*draw)(const struct measure *measure, struct view *view, int stream,
                       struct measure_curve *out, nonet_error *error); /* NULL: a number */
  /* What a search found of the candidate, in place of `estimate`, all rows' scope; never gated.
   * NULL: no search. */
  nonet_status (*tell)(const struct measure *measure, struct view *view,
                       struct measure_stories *out, nonet_error *error);
};

#endif
