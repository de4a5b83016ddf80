/*
 * Findings of the data.
 *
 * Each rule reads estimates by their measure and decides by the end of the interval that is nearer
 * to "nothing is wrong": a finding is proven, not seen by chance. Its text is the evidence with
 * numbers; beside it stand the remedy and, where one runs, the command that begins it.
 *
 * Cases:
 *  1. How well recall of n rows can be known at the worst, a recall of 1/2: ±z/(2·sqrt(n + z²)), z
 * = 1.96 (Wilson). ±0.1 takes 93 rows, ±0.05 takes 381.
 *  2. Several columns with one defect are one finding, which names the first NAMES_MOST.
 *  3. A null, a scope or a measure that is not there: the rule is silent.
 *  4. Columns of the data are hardly wrong one by one: which of the nine a defect hurts is said of
 *     the rule.
 *  5. Few rows of a class that is not proven rarer than the others are few rows, not imbalance.
 *  6. Small parts have no interval: how rows hang together is of the table, not of a population.
 *     By the value alone one round heap of 15 to 200 rare rows, two standard deviations from the
 *     middle of 2,000 others, was told to fall apart in every one of 40 tables. So most of the
 *     class must be proven to lie among its own (rows are safe, by the lower end), and be more than
 *     one small part can hold: none of the same heaps then; twelve islands of 6 rows each are told.
 *  7. A label of many whole numbers with a handful of rows each is hardly a name of classes: that
 *     is said first, and of its classes nothing.
 */
#include "advise/findings_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advise/facts.h"
#include "advise/remedy_line.h"
#include "base/error.h"

/* Each threshold beside its reason. */
#define RATIO_HIGH 9.0   /* "highly imbalanced" from here on: Fernandez et al. 2018, chapter 2 */
#define RATIO_SOME 1.5   /* "imbalanced" from here on, likewise */
#define KNOWN_BADLY 0.10 /* a recall of 0.5 may as well be 0.4 or 0.6 */
#define KNOWN_WELL 0.05  /* the difference that models are compared by in practice */
#define UNSAFE_MOST 0.5  /* fewer are safe: "unsafe data", Napierala 2016, table 2 */
#define DISJUNCTS_MANY 0.3
#define PART_ROWS 10 /* a part of up to so many rows is small: measure/data/data_overlap.c */
#define LINKS_MANY 0.02
#define SHIFT_LARGE 0.02  /* two points of prevalence: precision and calibration follow it */
#define COPIES_SOME 0.01  /* 1 row in 100 counted twice: intervals are 0.5 % too narrow */
#define COPIES_MANY 0.10  /* 5 % too narrow */
#define COPIES_CHANCE 2.0 /* no more than among each other, twice over: chance may do it */
#define MISSING_MANY 0.2
#define MISSING_GAP 0.05
#define TELLS_ALL REMEDY_TELLS_ALL
#define OUTLIERS_MANY 0.01
#define DRIFT_LARGE 0.2 /* AUC 0.6 between the halves of the time */
#define CLASSES_MANY 50 /* whole numbers with so many values are hardly names of classes, */
#define CLASS_ROWS 20   /* the less so with fewer rows of each */
#define NAMES_MOST 5
#define CELLS_MOST 2

#define Z 1.959963984540054

struct finding {
  const char *severity; /* NULL: nothing was found */
  struct text title, text;
  struct text remedy; /* empty: that of the rule */
};

struct rule {
  const char *id;
  const char *hurts[4];
  void (*find)(const json_t *root, struct finding *finding);
  const char *remedy, *effect;
  void (*command)(const json_t *root, struct text *text); /* NULL: none */
};

/* ---- looking up ---- */

static const json_t *scope_of(const json_t *row) {
  return json_object_get(row, "scope");
}

static bool is_measure(const json_t *row, const char *measure) {
  return strcmp(facts_text(row, "measure"), measure) == 0;
}

static bool is_kind(const json_t *row, const char *kind) {
  return strcmp(facts_text(scope_of(row), "kind"), kind) == 0;
}

static const json_t *of_class(const json_t *root, const char *measure, const char *name) {
  const json_t *rows = json_object_get(root, "estimates");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_measure(row, measure) && is_kind(row, "class") &&
        strcmp(facts_text(scope_of(row), "class"), name) == 0) {
      return row;
    }
  }
  return NULL;
}

/* The class with the fewest rows over all, or with the most. */
static const json_t *extreme_class(const json_t *root, bool is_least) {
  const json_t *rows = json_object_get(root, "estimates"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (!is_measure(row, "data.class_counts") || !is_kind(row, "class")) {
      continue;
    }
    const double n = facts_number(row, "value"), best = facts_number(found, "value");
    found = found == NULL || (is_least ? n < best : n > best) ? row : found;
  }
  return found;
}

static double known_to(double n) {
  return Z / (2 * sqrt(n + Z * Z)); /* case 1 */
}

static double rows_for(double half) {
  return ceil(Z * Z / (4 * half * half) - Z * Z);
}

/* To three decimals, so that what is beyond a limit is not shown as the limit. */
static double shown_half(double half) {
  return rint(1000 * half) / 1000;
}

static void count_text(char out[32], double n) {
  char digits[32];
  size_t length = (size_t)snprintf(digits, sizeof digits, "%.0f", n), k = 0;
  for (size_t i = 0; i < length && k < 30; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      out[k++] = ',';
    }
    out[k++] = digits[i];
  }
  out[k] = '\0';
}

/* Names with numbers, the first few. */
struct list {
  struct text *text;
  size_t n;
};

static void list_add(struct list *list, const char *name, double value, bool is_share) {
  list->n++;
  if (list->n <= NAMES_MOST) {
    text_printf(list->text, "%s%s", list->n == 1 ? "" : ", ", name);
    if (isfinite(value)) {
      text_printf(list->text, is_share ? " (%.3g %%)" : " (%.3g)", is_share ? 100 * value : value);
    }
  }
}

static void list_end(struct list *list) {
  if (list->n > NAMES_MOST) {
    text_printf(list->text, " and %zu more", list->n - NAMES_MOST);
  }
}

/* ---- classes ---- */

static bool is_number(const char *text) {
  return text != NULL && text[0] != '\0' && strspn(text, "+-.0123456789") == strlen(text);
}

/* Case 7. */
static bool is_label_of_numbers(const json_t *root) {
  const json_t *classes = json_object_get(facts_config(root), "classes");
  const size_t n = json_array_size(classes);
  bool found = facts_is_data(root) && n > CLASSES_MANY && facts_rows(root) < (double)n * CLASS_ROWS;
  for (size_t i = 0; i < n && found; i++) {
    found = is_number(json_string_value(json_array_get(classes, i)));
  }
  return found;
}

static void find_numbers(const json_t *root, struct finding *finding) {
  const char *label = facts_text(facts_config(root), "label");
  if (is_label_of_numbers(root)) {
    finding->severity = "warning";
    text_printf(&finding->title, "%s looks like a number to predict, not a class", label);
    text_printf(&finding->text, "%zu different values in ",
                json_array_size(json_object_get(facts_config(root), "classes")));
    text_grouped(&finding->text, (unsigned long long)facts_rows(root));
    text_append(&finding->text, " rows, all of them numbers, and each was taken for a class");
  }
}

static void find_imbalance(const json_t *root, struct finding *finding) {
  const json_t *least = extreme_class(root, true), *most = extreme_class(root, false),
               *ratio = facts_estimate(root, "data.imbalance_ratio", "candidate"),
               *rate = facts_estimate(root, "data.no_information_rate", "candidate");
  const double n = facts_number(least, "value"), all = facts_number(rate, "n"),
               low = facts_number(ratio, "low");
  const char *rare = facts_text(scope_of(least), "class"),
             *label = facts_text(facts_config(root), "label");
  char some[32], rows[32];
  if (!(all > 0) || !(low >= RATIO_SOME) || is_label_of_numbers(root)) {
    return;
  }
  count_text(some, n);
  count_text(rows, all);
  finding->severity = known_to(n) > KNOWN_BADLY ? "error" : low >= RATIO_HIGH ? "warning" : "info";
  text_printf(&finding->title, "class imbalance: %s of %s rows %s %s = %s (%.3g %%)", some, rows,
              n == 1 ? "is" : "are", label, rare, 100 * n / all);
  text_printf(&finding->text,
              "1 for every %.3g of %s (95 %% interval %.3g to %.3g); always answering %s is right "
              "in %.1f %%; recall of %s is known to ±%.3g at the worst",
              facts_number(ratio, "value"), facts_text(scope_of(most), "class"), low,
              facts_number(ratio, "high"), facts_text(scope_of(most), "class"),
              100 * facts_number(rate, "value"), rare, shown_half(known_to(n)));
  if (known_to(n) > KNOWN_WELL) {
    text_printf(&finding->text, ": ±%.2g takes %.0f rows", KNOWN_WELL, rows_for(KNOWN_WELL));
  }
}

/* Case 5. */
static void find_few(const json_t *root, struct finding *finding) {
  const json_t *least = extreme_class(root, true),
               *ratio = facts_estimate(root, "data.imbalance_ratio", "candidate");
  const double n = facts_number(least, "value");
  char count[32];
  if (!(known_to(n) > KNOWN_BADLY) || facts_number(ratio, "low") >= RATIO_SOME ||
      is_label_of_numbers(root)) {
    return;
  }
  count_text(count, n);
  finding->severity = "warning";
  text_printf(&finding->title, "few rows: %s of %s = %s", count,
              facts_text(facts_config(root), "label"), facts_text(scope_of(least), "class"));
  text_printf(&finding->text, "recall there is known to ±%.3g at the worst: ±%.2g takes %.0f rows",
              shown_half(known_to(n)), KNOWN_WELL, rows_for(KNOWN_WELL));
}

/* "race=Other, income=1" */
static void group_name(const json_t *root, const json_t *row, struct text *text) {
  const char *key, *comma = "";
  json_t *value;
  json_object_foreach(json_object_get(scope_of(row), "by"), key, value) {
    text_printf(text, "%s%s=%s", comma, key,
                json_is_string(value) ? json_string_value(value) : "null");
    comma = ", ";
  }
  text_printf(text, "%s%s=%s", comma, facts_text(facts_config(root), "label"),
              facts_text(scope_of(row), "class"));
}

/* What a number was counted on, when not on all rows. */
static void add_sample(struct text *text, const json_t *row) {
  const json_t *notes = json_object_get(row, "notes");
  for (size_t i = 0; i < json_array_size(notes); i++) {
    const char *note = json_string_value(json_array_get(notes, i));
    if (strstr(note, "chosen by their content") != NULL) {
      text_printf(text, "; %s", note);
    }
  }
}

/* The cells of group and class, those with few rows, and the smallest of these, fewest first. */
struct cells {
  size_t n_all, n_badly, n_least;
  const json_t *least[CELLS_MOST];
};

static struct cells small_cells(const json_t *root) {
  const json_t *rows = json_object_get(root, "estimates");
  struct cells cells = {0};
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (!is_measure(row, "data.group_by_class") || !is_kind(row, "group")) {
      continue;
    }
    cells.n_all++;
    if (facts_number(row, "value") > KNOWN_BADLY) {
      const double n = facts_number(row, "n");
      size_t at = cells.n_least;
      cells.n_badly++;
      while (at > 0 && facts_number(cells.least[at - 1], "n") > n) {
        at--;
      }
      cells.n_least += cells.n_least < CELLS_MOST;
      for (size_t k = cells.n_least; k-- > at;) {
        cells.least[k] = k > at ? cells.least[k - 1] : row;
      }
    }
  }
  return cells;
}

/* What each of the smallest lacks; the rest by their number. */
static void say_cells(const json_t *root, const struct cells *cells, struct text *text) {
  const size_t n = cells->n_badly;
  text_append(text, "label ");
  for (size_t i = 0; i < cells->n_least; i++) {
    text_printf(text, "%s%.0f more rows of ",
                i == 0      ? ""
                : i + 1 < n ? ", "
                            : " and ",
                rows_for(KNOWN_BADLY) - facts_number(cells->least[i], "n"));
    group_name(root, cells->least[i], text);
  }
  if (n > cells->n_least) {
    text_append(text, " and more of ");
    text_grouped(text, n - cells->n_least);
    text_append(text, n - cells->n_least == 1 ? " other" : " others");
  }
  text_append(text, ", or join groups; until then say 'not known' of them");
}

static void find_groups(const json_t *root, struct finding *finding) {
  const struct cells cells = small_cells(root);
  const json_t *worst = cells.least[0];
  char count[32];
  if (cells.n_badly > 0 && !is_label_of_numbers(root)) {
    finding->severity = "warning";
    text_append(&finding->title, "too few rows to judge recall in ");
    text_grouped(&finding->title, cells.n_badly);
    text_append(&finding->title, " of ");
    text_grouped(&finding->title, cells.n_all);
    text_append(&finding->title, " cells of group × class");
    count_text(count, facts_number(worst, "n"));
    text_append(&finding->text, "fewest in ");
    group_name(root, worst, &finding->text);
    text_printf(&finding->text,
                ": %s, where recall is known to ±%.3g at the worst; ±%.2g takes %.0f rows", count,
                shown_half(facts_number(worst, "value")), KNOWN_BADLY, rows_for(KNOWN_BADLY));
    say_cells(root, &cells, &finding->remedy);
  }
}

/* Names of rows and constants tell nothing of how near two rows are: is there any other feature,
 * and are there classes that rows could lie among (case 7)? */
static bool has_distances(const json_t *root) {
  const json_t *features = json_object_get(facts_config(root), "features");
  const double ids = facts_number(facts_estimate(root, "data.id_columns", "candidate"), "value"),
               constants = facts_number(facts_estimate(root, "data.constant_columns", "candidate"),
                                        "value");
  return !is_label_of_numbers(root) &&
         !(json_array_size(features) > 0 && ids + constants >= (double)json_array_size(features));
}

static void find_overlap(const json_t *root, struct finding *finding) {
  const char *rare = facts_text(scope_of(extreme_class(root, true)), "class");
  const json_t *safe = of_class(root, "data.overlap@safe", rare),
               *border = of_class(root, "data.overlap@borderline", rare),
               *alone = of_class(root, "data.overlap@rare", rare),
               *outlier = of_class(root, "data.overlap@outlier", rare);
  if (!(facts_number(safe, "high") < UNSAFE_MOST) || !has_distances(root)) {
    return;
  }
  char count[32];
  count_text(count, facts_number(safe, "n"));
  finding->severity = "warning";
  text_printf(&finding->title, "rows of %s = %s lie among other classes",
              facts_text(facts_config(root), "label"), rare);
  text_printf(&finding->text,
              "of %s, %.3g %% [%.3g, %.3g] have 4 or 5 of their 5 nearest rows in their own class, "
              "%.3g %% 2 or 3, %.3g %% 1, %.3g %% none",
              count, 100 * facts_number(safe, "value"), 100 * facts_number(safe, "low"),
              100 * facts_number(safe, "high"), 100 * facts_number(border, "value"),
              100 * facts_number(alone, "value"), 100 * facts_number(outlier, "value"));
  add_sample(&finding->text, safe);
}

static void find_disjuncts(const json_t *root, struct finding *finding) {
  const char *rare = facts_text(scope_of(extreme_class(root, true)), "class");
  const json_t *row = of_class(root, "data.small_disjuncts", rare),
               *safe = of_class(root, "data.overlap@safe", rare);
  if (!(facts_number(row, "value") > DISJUNCTS_MANY) || !(facts_number(row, "n") > PART_ROWS) ||
      !(facts_number(safe, "low") > UNSAFE_MOST) || !has_distances(root)) { /* 6 */
    return;
  }
  finding->severity = "info";
  text_printf(&finding->title, "%s = %s falls apart into small parts",
              facts_text(facts_config(root), "label"), rare);
  text_printf(
      &finding->text,
      "%.3g %% of its rows in the table hang together with fewer than %d others of it; %.3g %% "
      "[%.3g, %.3g] lie among their own",
      100 * facts_number(row, "value"), PART_ROWS, 100 * facts_number(safe, "value"),
      100 * facts_number(safe, "low"), 100 * facts_number(safe, "high"));
  add_sample(&finding->text, row);
}

static void find_links(const json_t *root, struct finding *finding) {
  const json_t *row = facts_estimate(root, "data.tomek_links", "candidate");
  if (!(facts_number(row, "low") > LINKS_MANY) || !has_distances(root)) {
    return;
  }
  finding->severity = "info";
  text_append(&finding->title, "rows of different classes stand nearest to each other");
  text_printf(&finding->text, "%.3g %% [%.3g, %.3g] of the rows are in Tomek links",
              100 * facts_number(row, "value"), 100 * facts_number(row, "low"),
              100 * facts_number(row, "high"));
  add_sample(&finding->text, row);
}

/* Of two classes, which mirror each other, the one that is looked for. */
static bool is_positive(const json_t *root, const json_t *row) {
  return strcmp(facts_text(facts_config(root), "positive"), facts_text(scope_of(row), "class")) ==
         0;
}

static void find_shift(const json_t *root, struct finding *finding) {
  const json_t *rows = json_object_get(root, "estimates"), *worst = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const double low = facts_number(row, "low"), high = facts_number(row, "high");
    if (is_measure(row, "data.label_shift") && (low > 0 || high < 0) &&
        fabs(facts_number(row, "value")) >= SHIFT_LARGE &&
        (!(fabs(facts_number(worst, "value")) >= fabs(facts_number(row, "value"))) ||
         is_positive(root, row))) {
      worst = row;
    }
  }
  if (worst != NULL) {
    finding->severity = "warning";
    text_append(&finding->title, "classes are not as common as in training");
    text_printf(
        &finding->text,
        "the share of %s = %s is %+.3g points [%+.3g, %+.3g] from that of the training rows",
        facts_text(facts_config(root), "label"), facts_text(scope_of(worst), "class"),
        100 * facts_number(worst, "value"), 100 * facts_number(worst, "low"),
        100 * facts_number(worst, "high"));
  }
}

/* ---- rows ---- */

static void find_copies(const json_t *root, struct finding *finding) {
  const json_t *row = facts_estimate(root, "data.duplicates", "candidate"),
               *notes = json_object_get(row, "notes");
  const double share = facts_number(row, "value");
  if (!(share >= COPIES_SOME)) {
    return;
  }
  finding->severity = "info"; /* few coarse columns give equal rows by chance */
  text_append(&finding->title, "rows stand more than once");
  text_printf(&finding->text, "%.3g %% of the rows have the features of an earlier one",
              100 * share);
  for (size_t i = 0; i < json_array_size(notes); i++) {
    text_printf(&finding->text, "; %s", json_string_value(json_array_get(notes, i)));
  }
}

static void find_seen(const json_t *root, struct finding *finding) {
  const double share = facts_number(facts_estimate(root, "data.train_duplicates", "candidate"),
                                    "value"),
               within = facts_number(facts_estimate(root, "data.duplicates", "candidate"), "value");
  if (share >= COPIES_SOME) {
    const bool is_by_chance = share < COPIES_CHANCE * within;
    finding->severity = is_by_chance ? "info" : share >= COPIES_MANY ? "error" : "warning";
    text_append(&finding->title, "rows of the test stand in the training rows");
    text_printf(&finding->text,
                is_by_chance ? "%.3g %% of them, as among each other: the features may be too "
                               "coarse to tell rows apart"
                             : "%.3g %% of them: what is measured there is memory",
                100 * share);
  }
}

/* ---- columns: case 2 ---- */

/* Columns whose `end` is at least `least`; how many there are. */
static size_t columns_at(const json_t *root, const char *measure, const char *end, double least,
                         bool is_share, struct text *text) {
  const json_t *rows = json_object_get(root, "estimates");
  struct list list = {text, 0};
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_measure(row, measure) && facts_number(row, end) >= least) {
      list_add(&list, facts_text(scope_of(row), "column"), facts_number(row, "value"), is_share);
    }
  }
  list_end(&list);
  return list.n;
}

static const char *plural(size_t n) {
  return n == 1 ? "" : "s";
}

/* What to ask of each column that tells the label, by name. */
static void append_names(const json_t *root, struct text *text) {
  const json_t *rows = json_object_get(root, "estimates");
  struct list list = {text, 0};
  text_append(text, "ask of ");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_measure(row, "data.leaking_columns") && facts_number(row, "low") >= TELLS_ALL) {
      list_add(&list, facts_text(scope_of(row), "column"), NAN, false);
    }
  }
  list_end(&list);
  text_printf(text, " whether %s known before the label is; what is not, leave out of the features",
              list.n == 1 ? "it is" : "they are");
}

static void find_leaks(const json_t *root, struct finding *finding) {
  struct text names = {0};
  const size_t n = columns_at(root, "data.leaking_columns", "low", TELLS_ALL, false, &names);
  if (n > 0) { /* a number may honestly follow another one, and one class stand out of many */
    const char *task = facts_text(facts_config(root), "task");
    finding->severity =
        strcmp(task, "multiclass") == 0 || strcmp(task, "regression") == 0 ? "warning" : "error";
    text_printf(&finding->title, "%zu column%s alone tell%s %s", n, plural(n), n == 1 ? "s" : "",
                strcmp(task, "multiclass") == 0 ? "a class from the others" : "the label");
    text_printf(&finding->text,
                "%s, where 0 is nothing and 1 everything; proven at least %.2g: it gives the label "
                "away, or is honestly so good",
                names.data, TELLS_ALL);
    append_names(root, &finding->remedy);
  }
  finding->text.failed |= names.failed;
  text_clear(&names);
}

static void find_missing(const json_t *root, struct finding *finding) {
  size_t n = columns_at(root, "data.missingness", "low", MISSING_MANY, true, &finding->text);
  if (n > 0) {
    finding->severity = "info";
    text_printf(&finding->title, "%zu column%s often without a value", n, n == 1 ? " is" : "s are");
  }
}

static void find_missing_gap(const json_t *root, struct finding *finding) {
  size_t n =
      columns_at(root, "data.missingness@by_class", "low", MISSING_GAP, true, &finding->text);
  if (n > 0) {
    finding->severity = "warning";
    text_printf(&finding->title, "values are missing more often in some classes than in others");
    text_append(&finding->text, ": points between the classes");
  }
}

static void find_counted(const json_t *root, const char *measure, const char *one, const char *many,
                         const char *severity, struct finding *finding) {
  const json_t *row = facts_estimate(root, measure, "candidate"),
               *notes = json_object_get(row, "notes");
  const double n = facts_number(row, "value");
  if (n > 0) {
    finding->severity = severity;
    text_printf(&finding->title, "%.0f column%s %s", n, n > 1 ? "s" : "", n > 1 ? many : one);
    text_append(&finding->text,
                json_array_size(notes) > 0 ? json_string_value(json_array_get(notes, 0)) : "");
  }
}

static void find_constant(const json_t *root, struct finding *finding) {
  find_counted(root, "data.constant_columns", "holds one value", "hold one value", "info", finding);
  text_printf(&finding->remedy, "leave %s out of the features: one value tells nothing",
              finding->text.data == NULL ? "" : finding->text.data);
}

static void find_ids(const json_t *root, struct finding *finding) {
  const bool is_one =
      facts_number(facts_estimate(root, "data.id_columns", "candidate"), "value") <= 1;
  find_counted(root, "data.id_columns", "has another value in every row",
               "have another value in every row", "warning", finding);
  text_printf(&finding->remedy, "leave %s out of the features; %s rows, give %s as --id",
              finding->text.data == NULL ? "" : finding->text.data,
              is_one ? "if it names" : "where one names", is_one ? "it" : "that");
  text_append(&finding->text, ": a name of rows, or free text, tells nothing of how alike two "
                              "rows are");
}

static void find_outliers(const json_t *root, struct finding *finding) {
  size_t n = columns_at(root, "data.outliers", "low", OUTLIERS_MANY, true, &finding->text);
  if (n > 0) {
    finding->severity = "info";
    text_printf(&finding->title, "%zu column%s with values far outside", n, plural(n));
  }
}

/* Predictions kept beside the rows, mostly; else what a model will miss where it lives. */
static void find_only_here(const json_t *root, struct finding *finding) {
  const json_t *names = json_object_get(facts_config(root), "only_in_test");
  const size_t n = json_array_size(names);
  struct list list = {&finding->text, 0};
  for (size_t i = 0; i < n; i++) {
    const char *name = json_string_value(json_array_get(names, i));
    list_add(&list, name == NULL ? "" : name, NAN, false);
  }
  list_end(&list);
  if (n > 0) {
    finding->severity = "info";
    text_printf(&finding->title, "%zu column%s not in the training rows", n,
                n == 1 ? " is" : "s are");
    text_append(&finding->text, "; left out of the rest of this report");
  }
}

static void find_drift(const json_t *root, struct finding *finding) {
  text_append(&finding->text,
              "how well it tells late rows from early ones, 0 not at all, 1 wholly: ");
  size_t n = columns_at(root, "data.drift", "low", DRIFT_LARGE, false, &finding->text);
  if (n > 0) {
    finding->severity = "warning";
    text_printf(&finding->title, "%zu column%s drift%s over time", n, plural(n), n == 1 ? "s" : "");
    text_append(&finding->text, ", where 0 tells nothing of late from early rows and 1 everything");
  }
}

/* In the order of what bites first. */
static const struct rule rules[] = {
    {"data.label_numbers",
     {"correctness", "robustness"},
     find_numbers,
     "if it is a number to predict, say --task regression; nothing below is of use then",
     "a report about a number, not about hundreds of classes",
     remedy_line_regression},
    {"data.class_imbalance",
     {"correctness", "robustness", "fairness"},
     find_imbalance,
     "judge by recall, average precision and balanced accuracy instead of accuracy; train with "
     "class weights or balanced rows (training rows alone); label more rows of the rare class",
     "a model that finds more of the rare class, and numbers that show it",
     remedy_line_weigh},
    {"data.few_rows",
     {"correctness", "robustness"},
     find_few,
     "label more rows of the smallest class; until then only large differences show",
     "recall known to ±0.05 or better",
     NULL},
    {"data.group_by_class",
     {"fairness", "correctness"},
     find_groups,
     "", /* said with the names of the groups */
     "recall of every group known to ±0.1 or better",
     NULL},
    {"data.leaking_columns",
     {"correctness", "robustness"},
     find_leaks,
     "", /* said with their names */
     "numbers that hold where the label is not known yet",
     remedy_line_without_leaks},
    {"data.train_duplicates",
     {"correctness", "privacy"},
     find_seen,
     "take these rows out of the test, or split by what they share",
     "numbers that speak of new rows, not of memory",
     NULL},
    {"data.overlap",
     {"correctness", "robustness"},
     find_overlap,
     "find features that tell the classes apart, or clean their borders in training (Tomek links, "
     "edited neighbours); oversampling alone adds rows where the classes are mixed",
     "fewer common rows beside the rare ones in training; the test rows say what it brings",
     remedy_line_clean},
    {"data.label_shift",
     {"correctness", "robustness"},
     find_shift,
     "calibrate and choose the threshold on rows like those of use",
     "probabilities and decisions that fit the rows of use",
     NULL},
    {"data.missingness_by_class",
     {"robustness", "fairness"},
     find_missing_gap,
     "find out why: a model learns the gap instead of the value",
     "numbers that hold once the gap is mended",
     NULL},
    {"data.drift",
     {"robustness", "correctness"},
     find_drift,
     "test on the latest rows; train on recent ones",
     "numbers that speak of the rows to come",
     NULL},
    {"data.id_columns",
     {"robustness", "privacy"},
     find_ids,
     "", /* said with their names */
     "nothing learnt by heart",
     remedy_line_without_id},
    {"data.duplicates",
     {"correctness", "privacy"},
     find_copies,
     "where they are one case told twice, keep it once, or give what copies share as --cluster: "
     "intervals are too narrow otherwise; few coarse features give equal rows by chance",
     "intervals as wide as they should be",
     NULL},
    {"data.constant_columns",
     {"efficiency", "robustness"},
     find_constant,
     "", /* said with their names */
     "a smaller model with the same answers",
     remedy_line_without_constant},
    {"data.small_disjuncts",
     {"correctness", "robustness"},
     find_disjuncts,
     "collect rows of the small parts; a measure over all hides errors there",
     "errors in the small parts become visible",
     NULL},
    {"data.tomek_links",
     {"correctness"},
     find_links,
     "look at labels there first; removing links cleans the border in training",
     "fewer wrong labels, a cleaner border",
     NULL},
    {"data.only_here",
     {"robustness"},
     find_only_here,
     "nothing where it holds predictions; else find out why training does not have it",
     "the columns a model learnt from are those it will be given",
     NULL},
    {"data.missingness",
     {"robustness"},
     find_missing,
     "say how the model treats a missing value, and test it on rows where it is missing",
     "an answer that is meant where a value is missing",
     NULL},
    {"data.outliers",
     {"robustness"},
     find_outliers,
     "look whether they are errors of units or entry",
     "no answer that hangs on a slip of entry",
     NULL},
};

static void write_finding(struct evidence *evidence, const struct rule *rule,
                          struct finding *found) {
  size_t n_hurts = 0;
  while (n_hurts < 4 && rule->hurts[n_hurts] != NULL) {
    n_hurts++;
  }
  struct text command = {0};
  if (rule->command != NULL) {
    rule->command(evidence->root, &command);
  }
  const struct evidence_finding row = {.id = rule->id,
                                       .attribute = "data",
                                       .severity = found->severity,
                                       .title = found->title.data,
                                       .text = found->text.data,
                                       .hurts = rule->hurts,
                                       .n_hurts = n_hurts,
                                       .remedy = found->remedy.length > 0 ? found->remedy.data
                                                                          : rule->remedy,
                                       .command = command.data};
  found->text.failed |= command.failed || found->remedy.failed;
  if (!found->title.failed && !found->text.failed) {
    evidence_add_finding(evidence, &row);
  }
  text_clear(&command);
}

const char *findings_data_effect(const char *id) {
  const char *effect = NULL;
  for (size_t i = 0; i < sizeof rules / sizeof *rules && effect == NULL; i++) {
    effect = strcmp(rules[i].id, id) == 0 ? rules[i].effect : NULL;
  }
  return effect;
}

nonet_status findings_data(struct evidence *evidence, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < sizeof rules / sizeof *rules && status == NONET_OK; i++) {
    struct finding found = {0};
    rules[i].find(evidence->root, &found);
    if (found.severity != NULL) {
      write_finding(evidence, &rules[i], &found);
    }
    if (found.title.failed || found.text.failed) {
      status = error_memory(error, 0, "the findings of the data");
    }
    text_clear(&found.title);
    text_clear(&found.text);
    text_clear(&found.remedy);
  }
  return status;
}
